"""The file: the same bytes for the same question, complete or absent, and readable for what it is."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shebao import population
from shebao.population import stream
from shebao.population.columns import columns


def made(out: Path, **how) -> bytes:
    how = {"people": 20_000, "province": 63, "seed": 3} | how
    population.make(out, how.pop("people"), **how)
    return out.read_bytes()


@pytest.mark.parametrize("how", [{"threads": 1}, {"threads": 3}, {"batch": 777}, {"threads": 5, "batch": 4096}])
def test_bytes_do_not_depend_on_threads_or_batches(tmp_path, monkeypatch, how):
    monkeypatch.setattr(stream, "ROW_GROUP", 6_000)  # several row groups, and batches that straddle them
    assert made(tmp_path / "a.parquet") == made(tmp_path / "b.parquet", **how)
    assert pq.ParquetFile(tmp_path / "a.parquet").num_row_groups == 4


def test_nation_does_not_depend_on_batches(tmp_path):
    one = made(tmp_path / "a.parquet", province=None, people=5_000)
    assert one == made(tmp_path / "b.parquet", province=None, people=5_000, threads=4, batch=101)


@pytest.mark.parametrize("other", [{"seed": 4}, {"province": 64}, {"people": 20_001}, {"month": "2024-06"}])
def test_another_question_gives_another_file(tmp_path, other):
    assert made(tmp_path / "a.parquet") != made(tmp_path / "b.parquet", **other)


def test_progress_ends_with_everybody(tmp_path, monkeypatch):
    monkeypatch.setattr(stream, "ROW_GROUP", 1_000)
    seen = []
    population.make(tmp_path / "a.parquet", 2_500, province=54, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1_000, 2_500), (2_000, 2_500), (2_500, 2_500)]


def test_interrupt_leaves_nothing_and_keeps_the_old_file(tmp_path, monkeypatch):
    monkeypatch.setattr(stream, "ROW_GROUP", 1_000)
    out = tmp_path / "a.parquet"
    out.write_bytes(b"what was there")

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        population.make(out, 5_000, province=54, progress=stop)
    assert out.read_bytes() == b"what was there"
    assert list(tmp_path.iterdir()) == [out]


def test_full_disk_leaves_nothing(tmp_path):
    """A file may not grow beyond 64 kB here, as on a disk that fills up."""
    program = (
        "import resource, sys; from shebao import population\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))\n"
        "try: population.make(sys.argv[1], 20_000, province=63)\n"
        "except OSError as error: sys.exit(f'{type(error).__name__}')\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "a.parquet")]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert run.stderr.strip().endswith("Error")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"province": 66}, "province 66 is unknown"),
        ({"people": 0}, "at least 1, not 0"),
        ({"month": "2020-10"}, "the census is of 2020-11"),
        ({"month": "2020-12"}, "no average wage of 2019"),
        ({"month": "2026-06"}, "known to the start of 2026-01"),
        ({"month": "January"}, "YYYY-MM, not 'January'"),
        ({"threads": 0}, "threads and batch must be at least 1"),
        ({"people": 400_000_000}, "synthetic citizen numbers; ask for fewer people"),
    ],
)
def test_what_cannot_be_made_is_said(tmp_path, how, says):
    with pytest.raises(population.PopulationError, match=says):
        made(tmp_path / "a.parquet", **how)
    assert list(tmp_path.iterdir()) == []


def test_a_directory_is_not_a_file(tmp_path):
    with pytest.raises(population.PopulationError, match="is a directory"):
        population.make(tmp_path, 10)
    with pytest.raises(population.PopulationError, match=r"nowhere is no directory to write a\.parquet in"):
        population.make(tmp_path / "nowhere" / "a.parquet", 10)


def test_file_says_what_it_is(guangdong):
    schema = pq.read_schema(guangdong)
    notes = json.loads(schema.metadata[b"shebao.population"])
    assert (notes["people"], notes["province"], notes["month"], notes["seed"]) == (60_000, 44, "2025-01", 1)
    assert float(notes["weight"]) * 60_000 == pytest.approx(float(notes["real_people"]), rel=1e-6)
    assert schema.names == [column.name for column in columns()]
    participation = schema.field("participation")
    assert not any(field.nullable for field in schema)
    assert participation.metadata[b"shebao.values"].split(b",")[1] == b"employee"
    assert schema.field("account_balance").metadata[b"shebao.scale"] == b"100"


def test_columns_fit_the_facts_of_the_law(book, people):
    """Where the rulebook has a fact of that name: same unit, scale and values, and every value in its range."""
    known = {column.name: column for column in columns()}
    shared = [fact for fact in book.facts() if fact.name in known and fact.over is None]
    assert {"region", "average_index", "account_balance", "resident_grade"} <= {f.name for f in shared}
    for fact in shared:
        column, values = known[fact.name], people[fact.name]
        assert (column.unit, column.scale) == (fact.unit.name, fact.scale), fact.full_name
        if fact.values:
            assert column.values == fact.values
            assert 0 <= values.min() <= values.max() < len(fact.values)
        else:
            assert fact.low * fact.scale <= int(values.min()), fact.full_name
            assert int(values.max()) <= fact.high * fact.scale, fact.full_name


def test_only_two_columns_stand_for_rules_of_the_law(book):
    """Any other column of a rule's name would silently replace what the law computes."""
    rules = {rule.name for rule in book.rules()}
    assert rules & {column.name for column in columns()} == {"resident_contribution_years", "resident_account_balance"}


def test_report_refuses_foreign_and_broken_files(tmp_path, guangdong):
    foreign, broken = tmp_path / "foreign.parquet", tmp_path / "broken.parquet"
    pq.write_table(pa.table({"a": [1]}), foreign)
    broken.write_bytes(guangdong.read_bytes()[:5_000])
    with pytest.raises(population.PopulationError, match="was not made by"):
        population.report(foreign)
    with pytest.raises(population.PopulationError, match="not a complete Parquet file"):
        population.report(broken)
