"""Every form in which a column may come means the same values; a wrong one is refused, never guessed."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from lawmaking import MakeLaw

from shebao.engine import BookError, ym
from shebao.engine.rulebook import Law

D = Decimal
RULES = (
    """\
money = fact(Yuan, 0, 10_000, label='额')
age = fact(Age, 0, 120, label='龄')
grade = choice('low', 'high', label='档')
yes = fact(YesNo, label='是否')
when = fact(Month, ym(1990, 1), ym(2060, 12), label='月')
wealth = fact(Yuan, 0, 10**15, label='财')
above = fact(Yuan, 5, 10**9, label='高')
signed = fact(Yuan, -10**9, 10**9, label='差')
paid = fact(Yuan, 0, 1000, label='缴', over='years')
"""
    + "".join(
        f"@rule(cite='一', label='同')\ndef same_{name}({name}) -> {unit}:\n    return {body or name}\n"
        for name, unit, body in [
            ("money", "Yuan", ""),
            ("age", "Age", ""),
            ("grade", "Count", "1 if grade == 'low' else 2"),
            ("yes", "Count", "1 if yes else 2"),
            ("when", "Month", ""),
            ("wealth", "Yuan", ""),
            ("above", "Yuan", ""),
            ("signed", "Yuan", ""),
        ]
    )
    + "@total(over='years', high=100_000, cite='二', label='和')\ndef same_years(paid) -> Yuan:\n    return paid\n"
)

OK, NULL, OUT = "ok", "null", "out of range"
Compute = Callable[..., list[Any]]


@pytest.fixture(scope="module")
def law(make_law: MakeLaw) -> Law:
    return make_law(RULES).at("2025-01")


@pytest.fixture(scope="module")
def answers(law: Law) -> Compute:
    """The amount of each row, or the kind of its refusal."""

    def compute(name: str, array: pa.Array | pa.ChunkedArray, **notes: str) -> list[Any]:
        field = pa.field(name, array.type, metadata={f"shebao.{k}": v for k, v in notes.items()})
        table = pa.Table.from_arrays([array], schema=pa.schema([field]))
        result = law.compute([f"same_{name}"], table, threads=1).table
        kinds = [status.partition(":")[0] for status in result.column("status").to_pylist()]
        return [a if k == OK else k for a, k in zip(result.column(0).to_pylist(), kinds, strict=True)]

    return compute


# -- one value, many forms ------------------------------------------------------------------------
@pytest.mark.parametrize(
    "array",
    [
        pa.array([1234, None, 99, -1, 1_000_001], pa.int64()),
        pa.array([1234, None, 99, -1, 1_000_001], pa.int32()),
        pa.array([D("12.34"), None, D("0.99"), D("-0.01"), D("10000.01")], pa.decimal128(10, 2)),
        pa.array([D("12.34"), None, D("0.99"), D("-0.01"), D("10000.01")], pa.decimal128(38, 4)),
        pa.array([D("12.34"), None, D("0.99"), D("-1"), D("9e40")], pa.decimal256(60, 2)),
        pa.array(["12.34", None, "0.99", "-0.01", "10,000.01"]),
        pa.array(["12.34", "", "0.99", "-0.01", "10,000.01"], pa.large_string()),
        pa.array(["12.34", None, "0.99", "-0.01", "10,000.01"]).dictionary_encode(),
        pa.array([1234, None, 99, -1, 1_000_001], pa.int64()).dictionary_encode(),
        pa.array([D("12.34"), None, D("0.99"), D("-1"), D("99999")]).dictionary_encode(),
    ],
    ids=lambda array: str(array.type),
)
def test_money_in_every_form(answers: Compute, array: pa.Array) -> None:
    """Integers are fen, decimals and texts are yuan, in a dictionary as outside one."""
    assert answers("money", array) == [1234, NULL, 99, OUT, OUT]


@pytest.mark.parametrize(
    "array",
    [
        pa.array([0, 1, None, 2, -1], pa.int8()),
        pa.array([0, 1, None, 2, -1], pa.int64()),
        pa.array([0, 1, None, 2, -1], pa.int8()).dictionary_encode(),
    ],
    ids=lambda array: str(array.type),
)
def test_a_choice_by_code(answers: Compute, array: pa.Array) -> None:
    assert answers("grade", array) == [1, 2, NULL, OUT, OUT]


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int8(), pa.string())], ids=str)
def test_a_choice_by_text(answers: Compute, kind: pa.DataType) -> None:
    assert answers("grade", pa.array(["high", "low", None, ""], pa.string()).cast(kind)) == [2, 1, NULL, NULL]


@pytest.mark.parametrize(
    "array",
    [
        pa.array([True, False, None]),
        pa.array([1, 0, None], pa.int8()),
        pa.array(["yes", "否", None]),
        pa.array([True, False, None]).dictionary_encode(),
    ],
    ids=lambda array: str(array.type),
)
def test_yes_and_no(answers: Compute, array: pa.Array) -> None:
    assert answers("yes", array) == [1, 2, NULL]


def test_a_month_is_an_index_or_a_text(answers: Compute) -> None:
    assert answers("when", pa.array([ym(2025, 3), None, ym(1989, 12), ym(2061, 1)])) == [ym(2025, 3), NULL, OUT, OUT]
    assert answers("when", pa.array(["2025-03", None, "1989-12", "2061-01"])) == [ym(2025, 3), NULL, OUT, OUT]


@pytest.mark.parametrize("kind", [pa.null(), pa.int64(), pa.string(), pa.decimal128(9, 2)], ids=str)
def test_a_column_of_nulls(answers: Compute, kind: pa.DataType) -> None:
    assert answers("money", pa.nulls(3, kind)) == [NULL] * 3


@pytest.mark.parametrize("kind", [pa.null(), pa.int64(), pa.string(), pa.decimal128(9, 2)], ids=str)
def test_no_rows(answers: Compute, kind: pa.DataType) -> None:
    assert answers("money", pa.array([], kind)) == []


# -- the edges of integers ------------------------------------------------------------------------
@pytest.mark.parametrize(
    "kind", [pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()], ids=str
)
def test_the_ends_of_every_integer_type(answers: Compute, kind: pa.DataType) -> None:
    width = kind.bit_width
    signed = not str(kind).startswith("u")
    ends = [-(2 ** (width - 1)), 2 ** (width - 1) - 1] if signed else [2**width - 1, 2 ** (width - 1)]
    assert answers("age", pa.array([120, *ends, 121, 7], kind)) == [120, OUT, OUT, OUT, 7]
    assert answers("age", pa.array([120, *ends, None, 7], kind)) == [120, OUT, OUT, NULL, 7]


def test_a_value_beyond_a_range_wider_than_a_binary_float_resolves(answers: Compute) -> None:
    most = 10**17
    assert answers("wealth", pa.array([most, most + 1, -1, -(2**63), 2**63 - 1, None])) == [
        most,
        OUT,
        OUT,
        OUT,
        OUT,
        NULL,
    ]


@pytest.mark.parametrize(("name", "low"), [("above", 500), ("signed", -(10**11))])
def test_wide_columns_whose_range_does_not_start_at_zero(answers: Compute, name: str, low: int) -> None:
    values = [low, low - 1, 10**11, 10**11 + 1, None, 2**63 - 1, -(2**63)]
    assert answers(name, pa.array(values, pa.int64())) == [low, OUT, 10**11, OUT, NULL, OUT, OUT]


# -- where the values lie -------------------------------------------------------------------------
@pytest.mark.parametrize("offset", [0, 1, 3, 8, 9])
def test_a_slice_with_nulls_in_its_bitmap(answers: Compute, offset: int) -> None:
    values = [1, None, 3, None, 5, 6, None, 8, None, 10, 11, None]
    for array in (pa.array(values), pa.array(values, pa.int8()), pa.array([v and f"{v / 100:.2f}" for v in values])):
        assert answers("money", array.slice(offset)) == [NULL if v is None else v for v in values[offset:]]


def test_slices_of_booleans_dictionaries_and_decimals(answers: Compute) -> None:
    assert answers("yes", pa.array([True, False, None, True, None]).slice(1, 3)) == [2, NULL, 1]
    words = pa.array(["low", "high", None, "low"]).dictionary_encode().slice(1, 3)
    assert answers("grade", words) == [2, NULL, 1]
    assert answers("money", pa.array([D(1), None, D(3), D(4)], pa.decimal128(9, 2)).slice(1, 2)) == [NULL, 300]


def test_chunks_keep_their_order(answers: Compute) -> None:
    chunks = pa.chunked_array([[1, 2], [], [None, 4], [5]], pa.int64())
    assert answers("money", chunks) == [1, 2, NULL, 4, 5]


def test_chunks_with_dictionaries_of_their_own(answers: Compute) -> None:
    chunks = pa.chunked_array(
        [pa.array(["low", "high"]).dictionary_encode(), pa.array(["high", "low"]).dictionary_encode()]
    )
    assert answers("grade", chunks) == [1, 2, 2, 1]


@pytest.mark.parametrize(("kind", "size"), [(pa.int8(), 128), (pa.uint8(), 256)], ids=str)
def test_a_dictionary_as_large_as_its_index_allows(answers: Compute, kind: pa.DataType, size: int) -> None:
    array = pa.DictionaryArray.from_arrays(pa.array([0, None, size - 1], kind), [str(k) for k in range(size)])
    assert answers("money", array) == [0, NULL, (size - 1) * 100]


def test_a_word_of_the_dictionary_that_no_row_uses_is_no_error(answers: Compute) -> None:
    """A slice keeps the words of the whole."""
    array = pa.DictionaryArray.from_arrays(pa.array([0, 1], pa.int8()), ["low", "high", "unknown"])
    assert answers("grade", array) == [1, 2]


def test_a_dictionary_may_hold_null_and_a_word_twice(answers: Compute) -> None:
    array = pa.DictionaryArray.from_arrays(
        pa.array([0, 1, 2, 3, None], pa.int8()), pa.array(["low", None, "low", "high"])
    )
    assert answers("grade", array) == [1, NULL, 1, 2, NULL]


# -- what is refused as a whole -------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "array", "reason"),
    [
        (
            "money",
            pa.array([1.5]),
            "'money' holds binary floats; money is Yuan (yuan): integers of 1/100, decimals or text",
        ),
        ("money", pa.array([1.5]).dictionary_encode(), "binary floats"),
        ("age", pa.array([1.0], pa.float32()), "binary floats"),
        ("money", pa.array([True]), "holds bool"),
        ("when", pa.array([0], pa.date32()), "holds date32"),
        ("when", pa.array([D(24302)], pa.decimal128(9, 0)), "holds decimal"),
        ("grade", pa.array([True]), "holds bool"),
        ("money", pa.array(["12.345"]), "more decimals than 1/100 of yuan"),
        ("money", pa.array([D("12.345")], pa.decimal128(9, 3)), "more decimals than 1/100"),
        ("money", pa.array(["1", "abc"]), "row 2: money (Yuan): 'abc' is not a number"),
        ("grade", pa.array(["low", "low", "mid"]), "row 3: grade (Choice): 'mid' is none of low, high"),
        ("when", pa.array(["2025"]), "a month is written YYYY-MM"),
        ("years", pa.array([[{"paid": 1.5}]]), "binary floats"),
        ("years", pa.array([[{"paid": 1, "pay": 2}]]), "years: unknown fact 'pay'; it has paid"),
        ("years", pa.array([[1, 2]]), "must be a list of structs"),
        ("years", pa.array([{"paid": 1}]), "must be a list of structs"),
    ],
)
def test_a_column_of_the_wrong_kind_is_refused_by_name(
    answers: Compute, name: str, array: pa.Array, reason: str
) -> None:
    with pytest.raises(BookError) as error:
        answers(name, array)
    assert reason in str(error.value)


@pytest.mark.parametrize(
    ("notes", "reason"),
    [
        ({"unit": "YuanPerMonth"}, "column 'money' is in YuanPerMonth, money is in Yuan"),
        ({"scale": "abc"}, "column 'money'"),
        ({"scale": "0"}, "column 'money'"),
        ({"scale": "-100"}, "column 'money'"),
        ({"scale": "1" + "0" * 17}, "column 'money'"),
    ],
)
def test_notes_that_do_not_fit_are_refused(answers: Compute, notes: dict[str, str], reason: str) -> None:
    with pytest.raises(BookError, match=reason):
        answers("money", pa.array([1]), **notes)


def test_notes_say_scale_and_texts(answers: Compute) -> None:
    assert answers("money", pa.array([1, 10_001]), scale="1") == [100, OUT]
    assert answers("grade", pa.array([0, 1], pa.int8()), values="high,low") == [2, 1]
    with pytest.raises(BookError, match=r"grade' has the texts \('low', 'mid'\)"):
        answers("grade", pa.array([0], pa.int8()), values="low,mid")


def test_a_column_twice_is_refused(law: Law) -> None:
    for names, reason in (
        (["money", "money"], "two columns 'money'"),
        (["same_money", "money", "same_money"], "two columns"),
    ):
        table = pa.Table.from_arrays([pa.array([1])] * len(names), names=names)
        with pytest.raises(BookError, match=reason):
            law.compute(["same_age"], table)


def test_a_wrong_column_that_nothing_reads_does_no_harm(law: Law) -> None:
    table = pa.table({"age": [3], "money": [1.5]})
    assert law.compute(["same_age"], table).table.column(0).to_pylist() == [3]


# -- histories ------------------------------------------------------------------------------------
RECORD = pa.struct([("paid", pa.int64())])
LISTS = [[{"paid": 1}, {"paid": 2}], None, [], [{"paid": None}], [{"paid": 100_001}], [{"paid": -1}], [{"paid": 7}]]
SUMS = [3, NULL, 0, NULL, OUT, OUT, 7]


@pytest.mark.parametrize("kind", [pa.list_(RECORD), pa.large_list(RECORD)], ids=["list", "large_list"])
@pytest.mark.parametrize(("offset", "length"), [(0, 7), (1, 6), (2, 3), (6, 1), (3, 0)])
def test_histories_and_their_slices(answers: Compute, kind: pa.DataType, offset: int, length: int) -> None:
    assert answers("years", pa.array(LISTS, kind).slice(offset, length)) == SUMS[offset : offset + length]


def test_a_history_in_chunks(answers: Compute) -> None:
    chunks = pa.chunked_array([pa.array(LISTS[:3], pa.list_(RECORD)), pa.array(LISTS[3:], pa.list_(RECORD))])
    assert answers("years", chunks) == SUMS


@pytest.mark.parametrize("kind", [pa.string(), pa.decimal128(9, 1), pa.int32()], ids=str)
def test_records_in_every_form(answers: Compute, kind: pa.DataType) -> None:
    values = pa.array([1, 2], pa.int32()) if kind == pa.int32() else pa.array(["1", "2"]).cast(kind)
    struct = pa.StructArray.from_arrays([values], names=["paid"])
    amount = 3 if kind == pa.int32() else 300
    assert answers("years", pa.ListArray.from_arrays(pa.array([0, 2, 2], pa.int32()), struct)) == [amount, 0]


def test_a_list_over_a_slice_of_structs(answers: Compute) -> None:
    struct = pa.StructArray.from_arrays([pa.array([1, 2, 3, 4, 5, 6])], names=["paid"])
    assert answers("years", pa.ListArray.from_arrays(pa.array([0, 2, 3], pa.int32()), struct.slice(3))) == [9, 6]


def test_a_null_list_hides_the_records_under_it(answers: Compute) -> None:
    struct = pa.StructArray.from_arrays([pa.array([1, 2, 3])], names=["paid"])
    lists = pa.ListArray.from_arrays(pa.array([0, 2, 3], pa.int32()), struct, mask=pa.array([True, False]))
    assert answers("years", lists) == [NULL, 3]


@pytest.mark.parametrize("offset", [0, 1])
def test_a_null_record_is_null_whatever_lies_under_it(answers: Compute, offset: int) -> None:
    struct = pa.StructArray.from_arrays(
        [pa.array([9, 5, 7])], names=["paid"], mask=pa.array([False, False, True])
    ).slice(offset)
    lists = pa.ListArray.from_arrays(pa.array([0, 1 - offset + 1, 3 - offset], pa.int32()), struct)
    assert answers("years", lists)[-1] == NULL
    assert answers("years", pa.array([[None], [{"paid": 4}]], pa.list_(RECORD))) == [NULL, 4]


def test_a_record_s_field_twice_is_refused(answers: Compute) -> None:
    struct = pa.StructArray.from_arrays([pa.array([1]), pa.array([2])], names=["paid", "paid"])
    with pytest.raises(BookError, match="paid"):
        answers("years", pa.ListArray.from_arrays(pa.array([0, 1], pa.int32()), struct))
