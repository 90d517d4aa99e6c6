"""``shebao compute``: files in, files out, a report, and an exit code."""

from __future__ import annotations

import csv
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from outcome import Shebao

RULE = "employee_pension.account_pension"
MONTH = ("--month", "2025-07")


def test_a_file_is_computed_and_the_report_says_who_was_not(shebao: Shebao, people: Path, tmp_path: Path) -> None:
    said = shebao("compute", RULE, people, tmp_path / "out.parquet", *MONTH, "--keep", "citizen_number")
    assert said.code == 0
    assert "100 people, 99 computed" in said.out
    assert "null: birth_month" in said.out
    out = pq.read_table(tmp_path / "out.parquet")
    assert out.schema.names == ["citizen_number", "account_pension", "status"]
    assert out.column("account_pension").null_count == 1
    assert out.column("status")[41].as_py() == "null: birth_month"


def test_the_amount_is_the_one_explained(shebao: Shebao, people: Path, citizen, tmp_path: Path) -> None:
    shebao("compute", RULE, people, tmp_path / "out.csv", *MONTH)
    explained = shebao("explain", RULE, "--facts", citizen(), *MONTH, "--lang", "en").out
    with (tmp_path / "out.csv").open() as file:
        first = next(csv.DictReader(file))
    assert f"Account pension = {first['account_pension']} yuan/month" in explained


def test_several_rules_and_kept_columns(shebao: Shebao, people: Path, tmp_path: Path) -> None:
    rules = [RULE, "employee_pension.months_of_payment"]
    said = shebao("compute", *rules, people, tmp_path / "out.csv", *MONTH, "--keep", "region,citizen_number")
    assert said.code == 0
    head = (tmp_path / "out.csv").read_text().splitlines()[0]
    assert head == "region,citizen_number,account_pension,months_of_payment,status"


def test_strict_tells_that_not_all_were_computed(shebao: Shebao, people: Path, tmp_path: Path) -> None:
    assert shebao("compute", RULE, people, tmp_path / "out.parquet", *MONTH, "--strict").code == 3
    assert pq.read_metadata(tmp_path / "out.parquet").num_rows == 100


def test_a_folder_of_partitions(shebao: Shebao, people: Path, tmp_path: Path) -> None:
    for i in range(3):
        (tmp_path / "in" / f"part={i}").mkdir(parents=True)
        shutil.copy(people, tmp_path / "in" / f"part={i}" / "data.parquet")
    said = shebao("compute", RULE, tmp_path / "in", tmp_path / "out", *MONTH)
    assert said.code == 0
    assert "300 people, 297 computed" in said.out
    assert "part=0/data.parquet" in said.out
    assert len(list((tmp_path / "out").rglob("*.parquet"))) == 3
    assert (tmp_path / "out" / "manifest.json").is_file()


def test_a_reform_changes_amounts(shebao: Shebao, people: Path, tmp_path: Path) -> None:
    reform = tmp_path / "reform.yaml"
    reform.write_text(
        "name: shorter\nparameters:\n  employee_pension.annuity_months:\n"
        "    - {value: {50: 100, 51: 100}, source: 提案, certainty: assumed}\n",
        encoding="utf-8",
    )
    said = shebao("compute", RULE, people, tmp_path / "out.csv", *MONTH, "--reform", reform)
    assert said.code == 0, said.err
    assert (tmp_path / "out.csv").read_text().splitlines()[1] == "840.00,ok"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["employee_pension.acount_pension", "IN", "out.parquet"], "did you mean 'account_pension'?"),
        ([RULE, "absent.parquet", "out.parquet"], "absent.parquet: no such file"),
        ([RULE, "IN", "out.xls"], "a file of people ends in .parquet, .csv, .arrow, not '.xls'"),
        ([RULE, "IN", "absent/out.parquet"], "absent: no such folder to write into"),
        ([RULE, "IN", "out.parquet", "--month", "2500-01"], "outside the law's coverage"),
        ([RULE, "IN", "out.parquet", "--keep", "nobody"], "no column 'nobody' to keep"),
        ([RULE, "IN", "out.parquet", "--engine", "ray"], "Ray runs a folder of partitions"),
        ([RULE, "IN", "out.parquet", "--engine", "spark"], "--engine"),
        ([RULE, "IN", "out.parquet", "--threads", "0"], "--threads"),
        ([RULE, "IN"], "Missing argument"),
        (["retirement.retirement_delay", "IN", "out.parquet"], "the table lacks category"),
    ],
)
def test_bad_words(
    shebao: Shebao, people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    said = shebao("compute", *(str(people) if a == "IN" else a for a in args))
    assert said.code == 2
    assert said.out == ""
    assert message in said.err
    assert said.err.startswith("shebao: ")
    assert "Traceback" not in said.err
    assert [p.name for p in tmp_path.iterdir()] == ["people.parquet"]


def test_a_float_where_money_is(shebao: Shebao, people: Path, tmp_path: Path) -> None:
    table = pq.read_table(people)
    floats = table.set_column(table.schema.get_field_index("account_balance"), "account_balance", pa.array([1.5] * 100))
    pq.write_table(floats, tmp_path / "floats.parquet")
    (tmp_path / "out.parquet").write_bytes(b"of an earlier run")
    said = shebao("compute", RULE, tmp_path / "floats.parquet", tmp_path / "out.parquet", *MONTH, "--overwrite")
    assert said.code == 2
    assert "floats.parquet: column 'account_balance' holds binary floats" in said.err
    assert (tmp_path / "out.parquet").read_bytes() == b"of an earlier run"


def test_an_existing_output_needs_overwrite(shebao: Shebao, people: Path, tmp_path: Path) -> None:
    (tmp_path / "out.parquet").write_bytes(b"of an earlier run")
    said = shebao("compute", RULE, people, tmp_path / "out.parquet", *MONTH)
    assert said.code == 2
    assert "out.parquet: exists already; --overwrite replaces it" in said.err
    assert (tmp_path / "out.parquet").read_bytes() == b"of an earlier run"
    assert shebao("compute", RULE, people, tmp_path / "out.parquet", *MONTH, "--overwrite").code == 0
    assert pq.read_metadata(tmp_path / "out.parquet").num_rows == 100


def test_debug_shows_the_traceback(
    shebao: Shebao, people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHEBAO_DEBUG", "1")
    assert "Traceback" in shebao("compute", RULE, people, people, *MONTH).err


@pytest.mark.parametrize(("sign", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("partitioned", [False, True])
def test_an_interrupted_run_leaves_what_was_there(
    people: Path, tmp_path: Path, sign: signal.Signals, code: int, partitioned: bool
) -> None:
    """Plain Python makes the run slow enough to be caught in the middle."""
    many = pa.concat_tables([pq.read_table(people)] * 150)
    src, dst = tmp_path / "many.parquet", tmp_path / "out.parquet"
    dst.write_bytes(b"of an earlier run")
    if partitioned:
        src, dst = tmp_path / "many", tmp_path / "out"
        src.mkdir()
    pq.write_table(many, src / "part.parquet" if partitioned else src)
    command = [sys.executable, "-m", "shebao", "compute", RULE, str(src), str(dst), *MONTH, "--overwrite"]
    run = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, "SHEBAO_NOJIT": "1"})
    while not list(tmp_path.glob(".out*.part")):
        assert run.poll() is None
        time.sleep(0.02)
    run.send_signal(sign)
    _, err = run.communicate(timeout=60)
    assert run.returncode == code
    assert "Traceback" not in err
    assert ("interrupted" in err) == (code == 130)
    assert (tmp_path / "out.parquet").read_bytes() == b"of an earlier run"
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted({"out.parquet", "people.parquet", src.name})
