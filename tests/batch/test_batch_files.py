"""A file of people in, a file of amounts out: the same amounts in every format, and nothing lost on the way."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from smalllaw import RULES, MakePeople

from shebao.batch import compute_file, files
from shebao.batch.written import written
from shebao.engine import BookError
from shebao.engine.rulebook import Law
from shebao.engine.units import ym

UNITS = {
    "birth_month": {"shebao.unit": "Month"},
    "award_month": {"shebao.unit": "Month"},
    "balance": {"shebao.unit": "Yuan", "shebao.scale": "100"},
    "index": {"shebao.unit": "Index", "shebao.scale": "10000"},
    "sex": {"shebao.unit": "Choice", "shebao.values": "male,female"},
}


def as_people_write(people: pa.Table, path: Path) -> Path:
    """The same people as a CSV file: yuan, months and texts."""
    fields = [field.with_metadata(UNITS.get(field.name, {})) for field in people.schema]
    columns = [written(people.column(f.name).combine_chunks(), f).to_pylist() for f in fields]
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(people.schema.names)
        out.writerows(zip(*columns, strict=True))
    return path


def as_arrow(people: pa.Table, path: Path) -> Path:
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, people.schema) as out:
        out.write_table(people, max_chunksize=150)
    return path


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_amounts_are_those_of_the_law(law: Law, people: pa.Table, parquet: Path, tmp_path: Path) -> None:
    report = compute_file(law, RULES, parquet, tmp_path / "out.parquet")
    expected = law.compute(RULES, people)
    assert pq.read_table(tmp_path / "out.parquet").equals(expected.table)
    assert (report.rows, report.computed, report.reasons) == (
        500,
        500 - sum(report.reasons.values()),
        expected.report.reasons,
    )
    assert set(report.ignored) == {"citizen_number"}


@pytest.mark.parametrize("kind", ["csv", "arrow"])
def test_every_format_gives_the_same_amounts(
    law: Law, people: pa.Table, parquet: Path, tmp_path: Path, kind: str
) -> None:
    write = {"csv": as_people_write, "arrow": as_arrow}[kind]
    compute_file(law, RULES, parquet, tmp_path / "a.parquet")
    compute_file(law, RULES, write(people, tmp_path / f"people.{kind}"), tmp_path / "b.parquet")
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_arrow_out_holds_the_same_table(law: Law, parquet: Path, tmp_path: Path) -> None:
    compute_file(law, RULES, parquet, tmp_path / "out.parquet")
    compute_file(law, RULES, parquet, tmp_path / "out.arrow")
    with pa.ipc.open_file(str(tmp_path / "out.arrow")) as file:
        assert file.read_all().equals(pq.read_table(tmp_path / "out.parquet"))


def test_csv_out_is_written_as_people_write(law: Law, people: pa.Table, parquet: Path, tmp_path: Path) -> None:
    keep = ("citizen_number", "birth_month", "sex", "index", "balance")
    compute_file(law, ["scheme.basic"], parquet, tmp_path / "out.csv", keep)
    rows = read_csv(tmp_path / "out.csv")
    original = read_csv(as_people_write(people, tmp_path / "people.csv"))
    fen = law.compute(["scheme.basic"], people).table.column("basic").to_pylist()
    assert len(rows) == 500
    for row, person, amount in zip(rows, original, fen, strict=True):
        assert {name: row[name] for name in keep} == {name: person[name] for name in keep}
        assert row["basic"] == ("" if amount is None else f"{amount // 100}.{amount % 100:02d}")
        assert (row["status"] == "ok") == (amount is not None)


def test_csv_amounts_are_exact(law: Law, tmp_path: Path) -> None:
    head = "region,sex,birth_month,award_month,months_paid,index,balance\n"
    rows = [f"11,male,1953-01,2013-01,0,1,{balance}\n" for balance in ("0.29", "1.15", "4503599627.37", " 1.10 ")]
    (tmp_path / "in.csv").write_text(head + "".join(rows), encoding="utf-8")
    law.book.rule("scheme.account")
    report = compute_file(law, ["scheme.account"], tmp_path / "in.csv", tmp_path / "out.csv", ["balance"])
    assert report.reasons == {"out of range: scheme.balance": 1}
    assert [row["account"] for row in read_csv(tmp_path / "out.csv")] == ["0.00", "0.01", "", "0.01"]


def test_a_kept_column_says_its_unit_even_if_the_input_did_not(law: Law, parquet: Path, tmp_path: Path) -> None:
    compute_file(law, ["scheme.basic"], parquet, tmp_path / "out.parquet", ["balance", "sex"])
    schema = pq.read_schema(tmp_path / "out.parquet")
    assert schema.field("balance").metadata == {b"shebao.unit": b"Yuan", b"shebao.scale": b"100"}
    assert schema.field("sex").metadata[b"shebao.values"] == b"male,female"
    assert schema.field("basic").metadata[b"shebao.unit"] == b"YuanPerMonth"


def test_what_one_run_writes_the_next_can_read(law: Law, parquet: Path, tmp_path: Path) -> None:
    keep = ("region", "award_month", "birth_month", "balance", "months_paid", "index")
    compute_file(law, ["scheme.basic"], parquet, tmp_path / "one.parquet", keep)
    compute_file(law, ["scheme.pension"], with_certificate(tmp_path / "one.parquet"), tmp_path / "two.parquet")
    statuses = pq.read_table(tmp_path / "two.parquet").column("status").to_pylist()
    assert "ok" in statuses


def with_certificate(path: Path) -> Path:
    table = pq.read_table(path).drop_columns(["status"])
    pq.write_table(table.append_column("local_years", pa.array([0] * len(table), pa.int32())), path)
    return path


def test_threads_and_batches_leave_no_trace(
    law: Law, parquet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "ROWS", 64)
    for threads in (1, 2, 5):
        compute_file(law, RULES, parquet, tmp_path / f"{threads}.parquet", ["region"], threads)
    assert len({(tmp_path / f"{threads}.parquet").read_bytes() for threads in (1, 2, 5)}) == 1
    monkeypatch.undo()
    compute_file(law, RULES, parquet, tmp_path / "whole.parquet", ["region"])
    assert pq.read_table(tmp_path / "whole.parquet").equals(pq.read_table(tmp_path / "1.parquet"))
    assert pq.read_metadata(tmp_path / "1.parquet").num_row_groups == 8


def test_the_report_counts_rows_over_the_whole_file(
    law: Law, people: pa.Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = people.column("index").to_pylist()
    index[321], index[400] = 60_000, None
    table = people.set_column(people.schema.get_field_index("index"), "index", pa.array(index, pa.int32()))
    pq.write_table(table, tmp_path / "in.parquet")
    monkeypatch.setattr(files, "ROWS", 64)
    report = compute_file(law, ["scheme.basic"], tmp_path / "in.parquet", tmp_path / "out.parquet", threads=2)
    assert report.reasons == {"out of range: scheme.index": 1, "null: scheme.index": 1}
    row, message = report.examples["out of range: scheme.index"]
    assert row == 321
    assert "6" in message
    assert "0..5" in message
    out = pq.read_table(tmp_path / "out.parquet")
    assert out.column("basic").null_count == 2
    assert out.column("status")[400].as_py() == "null: scheme.index"


def test_progress_is_told_in_people(law: Law, parquet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "ROWS", 200)
    told: list[tuple[int, int | None]] = []
    compute_file(law, RULES, parquet, tmp_path / "out.parquet", progress=lambda done, total: told.append((done, total)))
    assert told == [(200, 500), (400, 500), (500, 500)]


def test_a_history_is_a_list_of_records(law: Law, tmp_path: Path) -> None:
    history = pa.list_(pa.struct([("year", pa.int32()), ("paid_in", pa.int64())]))
    records = [[{"year": 2011, "paid_in": 10_000}, {"year": 2012, "paid_in": 20_000}], [], None]
    pq.write_table(pa.table({"years": pa.array(records, history)}), tmp_path / "in.parquet")
    report = compute_file(law, ["scheme.saved"], tmp_path / "in.parquet", tmp_path / "out.parquet", ["years"])
    out = pq.read_table(tmp_path / "out.parquet")
    assert out.column("saved").to_pylist() == [10_000 * 1_035 // 1_000 + 20_000, 0, None]
    assert out.column("years").to_pylist() == records
    assert report.reasons == {"null: scheme.years": 1}


def test_only_columns_that_are_used_or_kept_are_read(
    law: Law, people: pa.Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pq.write_table(people.append_column("note", pa.array([b"\xff"] * 500)), tmp_path / "in.parquet")
    read: list[str] = []
    batches = files._ParquetSource.batches

    def spy(self, columns):  # type: ignore[no-untyped-def]
        read.extend(columns)
        return batches(self, columns)

    monkeypatch.setattr(files._ParquetSource, "batches", spy)
    compute_file(law, ["scheme.years_paid"], tmp_path / "in.parquet", tmp_path / "out.parquet", ["sex"])
    assert sorted(read) == ["months_paid", "sex"]


def test_a_full_name_may_head_a_column(law: Law, people: pa.Table, parquet: Path, tmp_path: Path) -> None:
    named = people.rename_columns([f"scheme.{n}" if n in ("index", "balance") else n for n in people.column_names])
    pq.write_table(named, tmp_path / "named.parquet")
    compute_file(law, RULES, tmp_path / "named.parquet", tmp_path / "a.parquet")
    compute_file(law, RULES, parquet, tmp_path / "b.parquet")
    assert pq.read_table(tmp_path / "a.parquet").equals(pq.read_table(tmp_path / "b.parquet"))


def test_nobody_gives_an_empty_file(law: Law, make_people: MakePeople, tmp_path: Path) -> None:
    pq.write_table(make_people(0), tmp_path / "in.parquet")
    assert compute_file(law, RULES, tmp_path / "in.parquet", tmp_path / "out.csv").rows == 0
    assert (tmp_path / "out.csv").read_text() == "basic,account,status\n"


@pytest.mark.parametrize(
    ("column", "unit", "text"),
    [
        (
            pa.array([123456, -5, None], pa.int64()),
            {"shebao.unit": "Yuan", "shebao.scale": "100"},
            ["1234.56", "-0.05", None],
        ),
        (pa.array([10_000, 8_500], pa.int32()), {"shebao.unit": "Index", "shebao.scale": "10000"}, ["1", "0.85"]),
        (pa.array([80_000], pa.int64()), {"shebao.unit": "Ratio", "shebao.scale": "1000000"}, ["0.08"]),
        (pa.array([100, 36], pa.int64()), {"shebao.unit": "Years", "shebao.scale": "12"}, ["25/3", "3"]),
        (pa.array([ym(1999, 12), None], pa.int32()), {"shebao.unit": "Month"}, ["1999-12", None]),
        (pa.array([1, 0], pa.int8()), {"shebao.unit": "Choice", "shebao.values": "male,female"}, ["female", "male"]),
        (pa.array([44], pa.int8()), {"shebao.unit": "Region", "shebao.scale": "1"}, ["44"]),
        (pa.array([True, None]), {"shebao.unit": "YesNo"}, ["true", None]),
        (pa.array(["ok"]).dictionary_encode(), {}, ["ok"]),
    ],
)
def test_stored_integers_become_text(column: pa.Array, unit: dict[str, str], text: list[str | None]) -> None:
    assert written(column, pa.field("x", column.type, metadata=unit)).to_pylist() == text


def test_csv_quotes_what_must_be_quoted(law: Law, people: pa.Table, tmp_path: Path) -> None:
    names = ['a "b", c'] * 500
    pq.write_table(people.append_column("full name", pa.array(names)), tmp_path / "in.parquet")
    compute_file(law, ["scheme.basic"], tmp_path / "in.parquet", tmp_path / "out.csv", ["full name"])
    assert {row["full name"] for row in read_csv(tmp_path / "out.csv")} == {'a "b", c'}


def test_a_list_of_records_does_not_fit_into_csv(law: Law, tmp_path: Path) -> None:
    history = pa.list_(pa.struct([("year", pa.int32()), ("paid_in", pa.int64())]))
    pq.write_table(pa.table({"years": pa.array([[]], history)}), tmp_path / "in.parquet")
    with pytest.raises(BookError, match=re.escape("which CSV cannot hold")):
        compute_file(law, ["scheme.saved"], tmp_path / "in.parquet", tmp_path / "out.csv", ["years"])
    assert not (tmp_path / "out.csv").exists()
