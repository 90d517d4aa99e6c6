"""Big tables are run in chunks and texts are read many at a time; neither can be seen in the result."""

from __future__ import annotations

import re

import pyarrow as pa
import pytest
from lawmaking import MakeLaw

from shebao.engine import BookError, Refused, compute
from shebao.engine.book import Node
from shebao.engine.compute import Kernel
from shebao.engine.facts import parse_value
from shebao.engine.rulebook import Law

RULES = """\
money = fact(Yuan, 0, 10_000, label='额')
signed = fact(Yuan, -100, 100, label='差')
share = fact(Ratio, 0, 1, label='率')
age = fact(Age, 0, 120, label='龄')
when = fact(Month, ym(1990, 1), ym(2060, 12), label='月')
paid = fact(Yuan, 0, 1000, label='缴', over='years')

@rule(cite='一', label='同')
def same_money(money) -> Yuan:
    return money

@rule(cite='一', label='同')
def same_signed(signed) -> Yuan:
    return signed

@rule(cite='一', label='同')
def same_share(share) -> Ratio:
    return share

@rule(cite='一', label='同')
def same_age(age) -> Age:
    return age

@rule(cite='一', label='同')
def same_when(when) -> Month:
    return when

@rule(cite='一', label='成年')
def adult(age, money) -> Yuan:
    return money if age >= 18 else 0

@total(over='years', high=100_000, cite='二', label='和')
def same_years(paid) -> Yuan:
    return paid
"""

NUMBERS = [
    "0",
    "7",
    "007",
    "12.3",
    "12.34",
    "12.340",
    "12.345",
    "100.01",
    "0.000001",
    "0.0000001",
    "+5",
    "-5",
    "-0",
    "--1",
    "-",
    "",
    "  ",
    " 3 ",
    "3 4",
    "１",
    "0x1",
    "1_0",
]
NUMBERS += ["1e2", "1E-1", ".5", "5.", "-.5", "1,234.5", "1,23", "8%", "1/4", "1/0", "nan", "inf"]
NUMBERS += [sign + "9" * digits for sign in ("", "-") for digits in (12, 13, 14, 15, 16, 17, 18, 19, 40)]
MONTHS = [
    "2025-03",
    "2025-3",
    "2025-00",
    "2025-13",
    "1989-12",
    "2061-01",
    "0000-01",
    "9999-12",
    " 2025-03",
    "25-03",
    "2025",
]
CASES = [(f"same_{name}", text) for name in ("money", "signed", "share", "age") for text in NUMBERS]
CASES += [("same_when", text) for text in MONTHS]


@pytest.fixture(scope="module")
def law(make_law: MakeLaw) -> Law:
    return make_law(RULES).at("2025-01")


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compute, "CHUNK", 4)


# -- texts ----------------------------------------------------------------------------------------
def one_person(node: Node, text: str) -> tuple[int | None, str] | BookError:
    """The stored amount and the status of a person with this text, or why there can be none."""
    try:
        return int(parse_value(node, text) * node.unit.scale), "ok"
    except Refused as refusal:
        return None, refusal.status
    except BookError as error:
        return error


@pytest.mark.parametrize(("rule", "text"), CASES)
@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int8(), pa.string())], ids=str)
def test_a_text_means_in_a_column_what_it_means_for_one_person(
    law: Law, rule: str, text: str, kind: pa.DataType
) -> None:
    name = rule.removeprefix("same_")
    table = pa.table({name: pa.array([text, None, text]).cast(kind)})
    expected = one_person(law.book.nodes[name], text)
    if isinstance(expected, BookError):
        with pytest.raises(BookError, match=re.escape(f"row 1: {expected}") + "$"):
            law.compute([rule], table)
        return
    result = law.compute([rule], table).table
    assert [tuple(row.values()) for row in result.to_pylist()] == [expected, (None, f"null: {name}"), expected]


def test_plain_texts_and_others_mix_in_a_column(law: Law) -> None:
    texts = ["1.00", "1,234.50", "", "2%", "3.1", "-1", None, "99999"]
    result = law.compute(["same_money"], pa.table({"money": texts})).table
    assert result.column(0).to_pylist() == [100, 123_450, None, 2, 310, None, None, None]


# -- chunks ---------------------------------------------------------------------------------------
@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("threads", [1, 3])
def test_chunks_leave_no_trace(law: Law, threads: int) -> None:
    money = [5, None, 1_000_001, 7, 8, 9, 10, None, 12, 13, 14]
    table = pa.concat_tables([pa.table({"money": money[:6]}), pa.table({"money": money[6:]})])
    result = law.compute(["same_money"], table, threads=threads)
    assert result.table.column(0).to_pylist() == [5, None, None, *money[3:7], None, *money[8:]]
    assert result.report.reasons == {"null: money": 2, "out of range: money": 1}
    assert {reason: row for reason, (row, _) in result.report.examples.items()} == {
        "null: money": 1,
        "out of range: money": 2,
    }
    status = result.table.column("status")
    assert status.num_chunks == 4
    assert {str(chunk.dictionary) for chunk in status.chunks} == {str(status.chunk(0).dictionary)}


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("threads", [1, 3])
def test_a_reason_is_told_once_by_the_first_row_that_has_it(
    law: Law, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(
        Kernel, "_message", lambda _, row, kind, _name: told.append(kind) or f"{kind}: {row.to_pylist()}"
    )
    report = law.compute(["same_money"], pa.table({"money": [5, 6, 7, None, 9, 1_000_001, None, None]}), threads).report
    assert report.reasons == {"null: money": 3, "out of range: money": 1}
    assert report.examples == {
        "null: money": (3, "null: [{'money': None}]"),
        "out of range: money": (5, "out of range: [{'money': 1000001}]"),
    }
    assert told == ["null", "out of range"]


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("threads", [1, 3])
def test_a_bad_text_is_named_by_its_row_in_the_table(law: Law, threads: int) -> None:
    texts = ["1"] * 11
    texts[9] = "ten"
    table = pa.concat_tables([pa.table({"money": texts[:3]}), pa.table({"money": texts[3:]})])
    with pytest.raises(BookError, match=r"row 10: money .*'ten'"):
        law.compute(["same_money"], table, threads=threads)


@pytest.mark.usefixtures("small_chunks")
def test_a_bad_text_in_a_record_is_named_by_its_person(law: Law) -> None:
    records: list[list[dict[str, str]]] = [[{"paid": "1"}] * 3 for _ in range(11)]
    records[6] = []
    records[9] = [{"paid": "1"}, {"paid": "ten"}]
    with pytest.raises(BookError, match=r"row 10: paid .*'ten'"):
        law.compute(["same_years"], pa.table({"years": records}))


@pytest.mark.usefixtures("small_chunks")
def test_histories_in_chunks(law: Law) -> None:
    records = [[{"paid": k}] * (k % 4) if k != 5 else None for k in range(11)]
    result = law.compute(["same_years"], pa.table({"years": records}), threads=2)
    assert result.table.column(0).to_pylist() == [k * (k % 4) if k != 5 else None for k in range(11)]


@pytest.mark.usefixtures("small_chunks")
def test_no_rows_at_all(law: Law) -> None:
    table = pa.table({"money": pa.array([], pa.int64())})
    for empty in (table, table.to_batches()[0] if table.to_batches() else pa.RecordBatch.from_pylist([], table.schema)):
        result = law.compute(["same_money"], empty)
        assert result.table.column_names == ["same_money", "status"]
        assert (result.table.num_rows, result.report.rows) == (0, 0)


@pytest.mark.usefixtures("small_chunks")
def test_plain_runs_go_through_chunks_too(law: Law, monkeypatch: pytest.MonkeyPatch) -> None:
    table = pa.table({"money": [5, None, 7, 8, 9, -1]})
    compiled = law.compute(["same_money"], table)
    monkeypatch.setenv("SHEBAO_NOJIT", "1")
    plain = law.compute(["same_money"], table, threads=2)
    assert plain.table.to_pylist() == compiled.table.to_pylist()
    assert plain.report == compiled.report


# -- one batch ------------------------------------------------------------------------------------
def test_a_batch_needs_only_the_columns_that_are_read_in_any_order(law: Law) -> None:
    schema = pa.schema([("note", pa.string()), ("money", pa.int64()), ("signed", pa.int64()), ("age", pa.int32())])
    kernel = Kernel(law.book, law.month, ("adult",), schema)
    assert kernel.reads == {"money", "age"}
    out, _ = kernel.run_batch(pa.RecordBatch.from_pydict({"age": [17, 18], "money": [5, 6]}))
    assert out.column(0).to_pylist() == [0, 6]


def test_nothing_lies_under_a_null(law: Law) -> None:
    """Whoever reads the buffers of a refused row finds zero, not what the memory held before."""
    table = pa.table({"money": [5, None, 7] * 50})
    for _ in range(3):
        column = law.compute(["same_money"], table).table.column(0).chunk(0)
        assert list(memoryview(column.buffers()[1]).cast("q"))[:3] == [5, 0, 7]


@pytest.mark.parametrize("offsets", [[0, 2, 1, 3], [0, 9, 9, 3], [0, -1, 2, 3]])
def test_lists_with_damaged_offsets_are_never_read(law: Law, offsets: list[int]) -> None:
    records = pa.StructArray.from_arrays([pa.array([1, 2, 3])], names=["paid"])
    buffers = [None, pa.array(offsets, pa.int32()).buffers()[1]]
    lists = pa.Array.from_buffers(pa.list_(records.type), 3, buffers, children=[records])
    with pytest.raises(BookError, match="column 'years': the offsets of its lists are damaged"):
        law.compute(["same_years"], pa.table({"years": lists}))


@pytest.mark.parametrize("kind", [pa.int8(), pa.int16(), pa.int32(), pa.int64()], ids=str)
def test_integers_of_a_type_wide_enough_are_read_where_they_lie(law: Law, kind: pa.DataType) -> None:
    batch = pa.record_batch({"age": pa.array([0, 7, 120], kind)})
    kernel = Kernel(law.book, law.month, ("same_age",), batch.schema)
    read = kernel.inputs.read(batch, "age")
    assert read.__array_interface__["data"][0] == batch.column(0).buffers()[1].address
    least = -(2 ** (kind.bit_width - 1))
    out, report = kernel.run_batch(pa.record_batch({"age": pa.array([least, 7, least + 1], kind)}))
    assert out.column(0).to_pylist() == [None, 7, None]
    assert report.reasons == {"out of range: age": 2}
