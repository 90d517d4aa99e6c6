"""A folder of partitions: complete or absent, and the same bytes whatever ran it."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from smalllaw import RULES, MakePeople

from shebao.batch import LawSpec, compute_directory, compute_file, files
from shebao.batch.spark import map_in_arrow
from shebao.engine import BookError


@pytest.fixture
def partitions(make_people: MakePeople, tmp_path: Path) -> Path:
    """Six partitions by province; the province stands only in the path."""
    for i in range(6):
        folder = tmp_path / "people" / f"region={11 + i % 2}"
        folder.mkdir(parents=True, exist_ok=True)
        people = make_people(100 + i, seed=i, regions=(11 + i % 2,))
        pq.write_table(people.drop_columns(["region"]), folder / f"part-{i}.parquet")
    (tmp_path / "people" / "_SUCCESS").touch()
    (tmp_path / "people" / "_old.parquet").write_bytes(b"")
    return tmp_path / "people"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_every_partition_is_computed(spec: LawSpec, partitions: Path, make_people: MakePeople, tmp_path: Path) -> None:
    report = compute_directory(spec, RULES, partitions, tmp_path / "out", ["citizen_number"])
    assert sorted(contents(tmp_path / "out")) == sorted(
        ["manifest.json", *(f"region={11 + i % 2}/part-{i}.parquet" for i in range(6))]
    )
    for i in range(6):
        people = make_people(100 + i, seed=i, regions=(11 + i % 2,))
        out = pq.read_table(tmp_path / "out" / f"region={11 + i % 2}" / f"part-{i}.parquet", partitioning=None)
        assert out.drop_columns(["citizen_number"]).equals(spec.law().compute(RULES, people).table)
        assert out.column("citizen_number").equals(people.column("citizen_number"))
    assert report.total.rows == sum(range(100, 106))


def test_the_manifest_says_what_was_run(spec: LawSpec, partitions: Path, tmp_path: Path) -> None:
    total = compute_directory(spec, RULES, partitions, tmp_path / "out").total
    said = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert said["rules"] == list(RULES)
    assert (said["month"], said["rows"], said["computed"]) == ("2015-01", total.rows, total.computed)
    assert said["reasons"] == total.reasons
    assert len(said["rulebook_sha256"]) == 64
    assert [p["rows"] for p in said["partitions"]] == [100, 102, 104, 101, 103, 105]


def test_a_reform_has_another_fingerprint(spec: LawSpec, tmp_path: Path) -> None:
    text = "parameters:\n  scheme.minimum_months:\n    - {from: 2015-01, value: %s, source: 提案, certainty: assumed}\n"
    prints = {spec.book().fingerprint}
    for months in (240, 300):
        reform = tmp_path / f"reform_{months}.yaml"
        reform.write_text(text % months, encoding="utf-8")
        prints.add(replace(spec, reforms=(str(reform),)).book().fingerprint)
    assert len(prints) == 3


def test_examples_name_the_partition(spec: LawSpec, partitions: Path, make_people: MakePeople, tmp_path: Path) -> None:
    pq.write_table(make_people(5, regions=(31,)), partitions / "shanghai.parquet")
    report = compute_directory(spec, ["scheme.basic"], partitions, tmp_path / "out").total
    assert report.reasons == {"missing parameter: scheme.published_wage": 5}
    row, message = report.examples["missing parameter: scheme.published_wage"]
    assert row == 0
    assert message.startswith("shanghai.parquet: ")
    assert "region=31, year=2013" in message


@pytest.mark.parametrize("threads", [1, 2, 12])
def test_threads_leave_no_trace(spec: LawSpec, partitions: Path, tmp_path: Path, threads: int) -> None:
    compute_directory(spec, RULES, partitions, tmp_path / "out", threads=threads)
    compute_directory(spec, RULES, partitions, tmp_path / "again", threads=2)
    assert contents(tmp_path / "out") == contents(tmp_path / "again")


# ---- failures ------------------------------------------------------------------------------------


def test_a_bad_partition_is_named_the_others_go_on_and_nothing_is_written(
    spec: LawSpec, partitions: Path, tmp_path: Path
) -> None:
    bad = partitions / "region=12" / "part-3.parquet"
    people = pq.read_table(bad, partitioning=None)
    pq.write_table(people.set_column(people.schema.get_field_index("balance"), "balance", [["x"] * 103]), bad)
    told: list[int] = []
    with pytest.raises(BookError) as error:
        compute_directory(spec, RULES, partitions, tmp_path / "out", progress=lambda done, _: told.append(done))
    assert "1 of 6 partitions failed, so nothing was written" in str(error.value)
    assert "region=12/part-3.parquet: " in str(error.value)
    assert max(told) == 615 - 103
    assert sorted(p.name for p in tmp_path.iterdir()) == ["people"]


def test_a_disk_that_fails_once_is_tried_again(
    spec: LawSpec, partitions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compute_directory(spec, RULES, partitions, tmp_path / "expected")
    batches, failures = files._ParquetSource.batches, iter([OSError(5, "Input/output error")] * 2)

    def failing(self, columns):  # type: ignore[no-untyped-def]
        if self.path.name == "part-3.parquet" and (error := next(failures, None)):
            raise error
        return batches(self, columns)

    monkeypatch.setattr(files._ParquetSource, "batches", failing)
    compute_directory(spec, RULES, partitions, tmp_path / "out")
    assert contents(tmp_path / "out") == contents(tmp_path / "expected")
    assert next(failures, None) is None


def test_a_full_disk_leaves_no_folder(spec: LawSpec, partitions: Path, small_disk: Path) -> None:
    if not small_disk.is_mount():
        pytest.skip("no disk can be mounted here")
    with pytest.raises((BookError, OSError), match=r"No space left on device|File too large"):
        compute_directory(spec, RULES, _many(partitions), small_disk / "out", ["citizen_number"])
    assert not list(small_disk.iterdir())


def _many(partitions: Path) -> Path:
    for i in range(30):
        os.link(partitions / "region=11" / "part-0.parquet", partitions / "region=11" / f"copy-{i}.parquet")
    return partitions


def test_an_interrupted_run_leaves_nothing(spec: LawSpec, partitions: Path, tmp_path: Path) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compute_directory(spec, RULES, partitions, tmp_path / "out", progress=interrupt)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["people"]


def test_only_a_folder_that_a_run_wrote_is_replaced(spec: LawSpec, partitions: Path, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "one.jpg").touch()
    with pytest.raises(BookError, match="exists already"):
        compute_directory(spec, RULES, partitions, tmp_path / "photos")
    with pytest.raises(BookError, match=r"holds no manifest.json, so no run wrote it and none may replace it"):
        compute_directory(spec, RULES, partitions, tmp_path / "photos", overwrite=True)
    assert [p.name for p in (tmp_path / "photos").iterdir()] == ["one.jpg"]
    compute_directory(spec, RULES, partitions, tmp_path / "out")
    compute_directory(spec, ["scheme.basic"], partitions, tmp_path / "out", overwrite=True)
    assert pq.read_schema(tmp_path / "out" / "region=11" / "part-0.parquet").names == ["basic", "status"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out", "people", "photos"]


@pytest.mark.parametrize(
    ("src", "dst", "message"),
    [
        ("absent", "out", "absent: no such folder"),
        ("empty", "out", "empty: holds no"),
        ("people", "people/out", "the output lies within the input"),
    ],
)
def test_folders_that_cannot_be(
    spec: LawSpec, partitions: Path, tmp_path: Path, src: str, dst: str, message: str
) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(BookError, match=message):
        compute_directory(spec, RULES, tmp_path / src, tmp_path / dst)


def test_a_mistake_is_told_once_not_by_every_partition(spec: LawSpec, partitions: Path, tmp_path: Path) -> None:
    with pytest.raises(BookError, match=r"part-0.parquet: the table lacks scheme.debt"):
        compute_directory(spec, ["scheme.net"], partitions, tmp_path / "out")
    with pytest.raises(BookError, match="engine is local or ray, not 'dask'"):
        compute_directory(spec, RULES, partitions, tmp_path / "out", engine="dask")
    with pytest.raises(BookError, match="no rulebook at 'nowhere:rulebook'"):
        compute_directory(replace(spec, loader="nowhere:rulebook"), RULES, partitions, tmp_path / "out")


# ---- Ray and Spark -------------------------------------------------------------------------------


@pytest.mark.filterwarnings("default")  # Ray's own
def test_ray_with_a_worker_killed_gives_the_same_bytes(
    spec: LawSpec, partitions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("ray")
    compute_directory(spec, RULES, partitions, tmp_path / "expected")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))  # the workers', to find the loader
    monkeypatch.setenv("DRIVER", str(os.getpid()))
    monkeypatch.setenv("MARK", str(tmp_path / "killed"))
    deadly = replace(spec, loader="smalllaw:deadly_rulebook")
    compute_directory(deadly, RULES, partitions, tmp_path / "out", threads=2, engine="ray")
    assert (tmp_path / "killed").exists()
    assert contents(tmp_path / "out") == contents(tmp_path / "expected")


def test_spark_maps_batches_to_batches(spec: LawSpec, people: pa.Table, tmp_path: Path) -> None:
    run = map_in_arrow(spec, RULES, ["citizen_number"])
    batches = list(run(iter(people.to_batches(max_chunksize=150))))
    pq.write_table(people, tmp_path / "in.parquet")
    compute_file(spec.law(), RULES, tmp_path / "in.parquet", tmp_path / "out.parquet", ["citizen_number"])
    expected = pq.read_table(tmp_path / "out.parquet")
    found = pa.Table.from_batches(batches)
    assert found.schema.equals(run.schema(people.schema))
    assert found.to_pylist() == expected.to_pylist()
    assert run.ddl(people.schema) == "`citizen_number` string, `basic` bigint, `account` bigint, `status` string"
