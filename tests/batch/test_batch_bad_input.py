"""Bad input: one clear message, and nothing written over."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from smalllaw import RULES, MakePeople

from shebao.batch import compute_file, files
from shebao.engine import BookError
from shebao.engine.rulebook import Law

Change = Callable[[pa.Table], pa.Table]


def put(name: str, values: pa.Array | list[object], new: str = "") -> Change:
    """The people with one column changed, or renamed."""

    def change(people: pa.Table) -> pa.Table:
        array = values if isinstance(values, pa.Array) else pa.array(values * len(people))
        return people.set_column(people.schema.get_field_index(name), new or name, array)

    return change


def other_unit(people: pa.Table) -> pa.Table:
    field = people.schema.field("balance").with_metadata({"shebao.unit": "YuanPerYear", "shebao.scale": "100"})
    return people.set_column(people.schema.get_field_index("balance"), field, people.column("balance"))


def rename(old: str, new: str) -> Change:
    return lambda people: people.rename_columns([new if n == old else n for n in people.column_names])


BAD_TABLES: dict[str, tuple[Change, str]] = {
    "a misspelt fact": (rename("balance", "balanse"), "unknown column 'balanse'; did you mean 'balance'?"),
    "a fact that is absent": (lambda p: p.drop_columns(["index"]), "the table lacks scheme.index"),
    "a wrong type": (put("birth_month", [b"\x00"]), "column 'birth_month' holds binary; birth_month is Month"),
    "a wrong unit": (other_unit, "column 'balance' is in YuanPerYear, scheme.balance is in Yuan"),
    "a float where money is": (put("balance", [10.5]), "column 'balance' holds binary floats; scheme.balance is Yuan"),
    "two columns of a name": (
        lambda p: p.append_column("index", p.column("index")),
        "the table has two columns 'index'",
    ),
    "a text that is no number": (put("balance", ["10", "12,x", "9"][1:2]), "'12,x' is not a number"),
    "a text that is none of the choices": (put("sex", ["m"]), "'m' is none of male, female"),
    "tenths of a fen": (put("balance", ["0.001"]), "0.001 has more decimals than 1/100"),
}


@pytest.mark.parametrize("bad", BAD_TABLES)
@pytest.mark.parametrize("exists", [True, False])
def test_a_wrong_table_is_refused_as_a_whole(
    law: Law, people: pa.Table, tmp_path: Path, bad: str, exists: bool
) -> None:
    change, message = BAD_TABLES[bad]
    src, dst = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pq.write_table(change(people), src)
    if exists:
        dst.write_bytes(b"of an earlier run")
    rules = [*RULES, "scheme.may_draw"] if "sex" in change(people).column_names else RULES
    with pytest.raises(BookError) as error:
        compute_file(law, rules, src, dst, overwrite=exists)
    assert message in str(error.value)
    assert str(error.value).startswith(f"{src}: ")
    assert_untouched(dst, b"of an earlier run" if exists else None)


def assert_untouched(dst: Path, before: bytes | None) -> None:
    assert (dst.read_bytes() if dst.exists() else None) == before
    assert not list(dst.parent.glob(".*"))


def test_a_bad_text_is_named_by_its_row_in_the_file(
    law: Law, people: pa.Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = ["1.00"] * 500
    texts[450] = "ten"
    pq.write_table(put("balance", pa.array(texts))(people), tmp_path / "in.parquet")
    monkeypatch.setattr(files, "ROWS", 64)
    with pytest.raises(BookError, match=r"in.parquet: row 451: .*'ten' is not a number"):
        compute_file(law, RULES, tmp_path / "in.parquet", tmp_path / "out.parquet")
    assert_untouched(tmp_path / "out.parquet", None)


@pytest.mark.parametrize(
    ("column", "value", "status"),
    [
        ("index", None, "null: scheme.index"),
        ("index", 50_001, "out of range: scheme.index"),
        ("months_paid", -1, "out of range: scheme.months_paid"),
        ("region", 31, "missing parameter: scheme.published_wage"),
        ("region", 66, "out of range: region"),
        ("award_month", 2009 * 12, "missing parameter: scheme.published_wage"),
    ],
)
def test_a_person_who_cannot_be_computed_has_a_status_and_no_amount(
    law: Law, people: pa.Table, tmp_path: Path, column: str, value: int | None, status: str
) -> None:
    values = people.column(column).to_pylist()
    values[7] = value
    pq.write_table(put(column, pa.array(values, people.schema.field(column).type))(people), tmp_path / "in.parquet")
    report = compute_file(law, ["scheme.basic"], tmp_path / "in.parquet", tmp_path / "out.parquet")
    assert report.reasons == {status: 1}
    assert report.examples[status][0] == 7
    out = pq.read_table(tmp_path / "out.parquet").slice(7, 1).to_pylist()
    assert out == [{"basic": None, "status": status}]


def test_a_month_outside_the_law(law: Law) -> None:
    with pytest.raises(BookError, match="2160-01 is outside the law's coverage 1949-01 to 2150-01"):
        law.book.at("2160-01")


def test_an_unknown_rule_is_told_before_any_file_is_opened(law: Law, tmp_path: Path) -> None:
    with pytest.raises(BookError, match="unknown name 'basik'; did you mean 'basic'"):
        compute_file(law, ["scheme.basik"], tmp_path / "absent.parquet", tmp_path / "out.parquet")


@pytest.mark.parametrize(
    ("keep", "message"),
    [
        (["citizen"], "no column 'citizen' to keep; there are citizen_number, region"),
        (["region", "region"], "two columns 'region'"),
        (["status"], "two columns 'status'"),
    ],
)
def test_a_column_that_cannot_be_kept(
    law: Law, people: pa.Table, tmp_path: Path, keep: list[str], message: str
) -> None:
    pq.write_table(people.append_column("status", pa.array(["x"] * 500)), tmp_path / "in.parquet")
    with pytest.raises(BookError, match=message):
        compute_file(law, RULES, tmp_path / "in.parquet", tmp_path / "out.parquet", keep)


# ---- files that are no files of people ----------------------------------------------------------


def cut_short(good: Path, bad: Path) -> None:
    data = good.read_bytes()
    bad.write_bytes(data[: len(data) // 2])


def damaged(good: Path, bad: Path) -> None:
    data = bytearray(good.read_bytes())
    data[100:3000] = bytes(2900)
    bad.write_bytes(data)


def foreign(_: Path, bad: Path) -> None:
    bad.write_text("name,amount\nx,1\n", encoding="utf-8")


def empty(_: Path, bad: Path) -> None:
    bad.write_bytes(b"")


SPOILT = [("parquet", spoil) for spoil in (cut_short, damaged, foreign, empty)]
SPOILT += [("arrow", spoil) for spoil in (cut_short, foreign, empty)]  # damage goes unseen: no checksum


@pytest.mark.parametrize(("kind", "spoil"), SPOILT)
def test_a_foreign_or_truncated_file(
    law: Law, people: pa.Table, parquet: Path, tmp_path: Path, kind: str, spoil: Callable[[Path, Path], None]
) -> None:
    good, bad, dst = parquet, tmp_path / f"bad.{kind}", tmp_path / "out.parquet"
    if kind == "arrow":
        good = tmp_path / "good.arrow"
        with pa.OSFile(str(good), "wb") as file, pa.ipc.new_file(file, people.schema) as out:
            out.write_table(people)
    spoil(good, bad)
    dst.write_bytes(b"of an earlier run")
    with pytest.raises(BookError, match=f"bad.{kind}: is no readable {kind.capitalize()} file, or is cut short"):
        compute_file(law, RULES, bad, dst, overwrite=True)
    assert_untouched(dst, b"of an earlier run")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty; its first line names the columns"),
        (b"region,index\n11,1\n12\n", "CSV parse error: Row #3: Expected 2 columns, got 1"),
        ("region,index\n粤,1\n".encode("gb18030"), "is no readable CSV file"),
    ],
)
def test_a_csv_file_that_is_none(law: Law, tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "in.csv").write_bytes(content)
    with pytest.raises(BookError, match=message):
        compute_file(law, ["scheme.ratio"], tmp_path / "in.csv", tmp_path / "out.csv")
    assert_untouched(tmp_path / "out.csv", None)


# ---- places that cannot be written --------------------------------------------------------------


def test_an_existing_output_is_not_written_over(law: Law, parquet: Path, tmp_path: Path) -> None:
    dst = tmp_path / "out.parquet"
    dst.write_bytes(b"of an earlier run")
    with pytest.raises(BookError, match=r"out.parquet: exists already; --overwrite replaces it"):
        compute_file(law, RULES, parquet, dst)
    assert_untouched(dst, b"of an earlier run")
    compute_file(law, RULES, parquet, dst, overwrite=True)
    assert pq.read_metadata(dst).num_rows == 500


def test_an_output_that_appears_meanwhile_is_not_written_over(law: Law, parquet: Path, tmp_path: Path) -> None:
    dst = tmp_path / "out.parquet"
    with pytest.raises(BookError, match="exists already"):
        compute_file(law, RULES, parquet, dst, progress=lambda *_: dst.write_bytes(b"another's"))
    assert_untouched(dst, b"another's")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("people.parquet", "is both input and output"),
        ("absent/out.parquet", "absent: no such folder to write into"),
        ("out.xlsx", "a file of people ends in .parquet, .csv, .arrow, not '.xlsx'"),
    ],
)
def test_a_place_that_cannot_be_written(law: Law, parquet: Path, tmp_path: Path, name: str, message: str) -> None:
    before = parquet.read_bytes()
    with pytest.raises(BookError, match=message):
        compute_file(law, RULES, parquet, tmp_path / name, overwrite=True)
    assert parquet.read_bytes() == before


@pytest.fixture
def many(make_people: MakePeople, tmp_path: Path) -> Path:
    """More people than the small disk holds."""
    pq.write_table(make_people(20_000), tmp_path / "many.parquet")
    return tmp_path / "many.parquet"


@pytest.mark.parametrize("kind", ["parquet", "csv", "arrow"])
def test_a_full_disk_leaves_no_half_file(law: Law, many: Path, small_disk: Path, kind: str) -> None:
    with pytest.raises(OSError, match=r"No space left|File too large") as error:
        compute_file(law, RULES, many, small_disk / f"out.{kind}", ["citizen_number"])
    assert error.value.errno in (errno.ENOSPC, errno.EFBIG)
    assert error.value.filename == str(small_disk / f"out.{kind}")
    assert not list(small_disk.iterdir())


def test_an_interrupted_run_leaves_nothing(law: Law, parquet: Path, tmp_path: Path) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compute_file(law, RULES, parquet, tmp_path / "out.parquet", progress=interrupt)
    assert_untouched(tmp_path / "out.parquet", None)
