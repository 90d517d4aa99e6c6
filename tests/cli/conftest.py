"""The command as a user meets it: its output, its complaints and its exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from outcome import Outcome, Shebao

from shebao.cli.app import run
from shebao.engine.units import ym

# A woman of 50 of Anhui, retiring in July 2025.
CITIZEN = {
    "region": 34,
    "category": "women50",
    "birth_month": "1975-06",
    "retirement_month": "2025-07",
    "contribution_months": 256,
    "account_balance": "84000.00",
    "average_index": "0.85",
}


@pytest.fixture
def shebao(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shebao:
    """``shebao("law", "list")``: the command in this process, in English."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.delenv("SHEBAO_DEBUG", raising=False)

    def call(*args: object) -> Outcome:
        code = run([str(arg) for arg in args])
        return Outcome(code, *capfd.readouterr())

    return call


@pytest.fixture
def citizen(tmp_path: Path) -> Callable[..., Path]:
    """``citizen(region=31)``: a file of one person's facts; a fact that is ``...`` is left out."""

    def write(**changes: object) -> Path:
        facts = {name: value for name, value in (CITIZEN | changes).items() if value is not ...}
        (tmp_path / "citizen.json").write_text(json.dumps(facts), encoding="utf-8")
        return tmp_path / "citizen.json"

    return write


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """A hundred people like her in a Parquet file; one has no birth month."""
    born: list[int | None] = [ym(1975, 6)] * 100
    born[41] = None
    column = {
        "citizen_number": pa.array([f"99{i:016d}" for i in range(100)]),
        "region": pa.array([34] * 100, pa.int8()),
        "birth_month": pa.array(born, pa.int32()),
        "retirement_month": pa.array([ym(2025, 7)] * 100, pa.int32()),
        "account_balance": pa.array([8_400_000 + i for i in range(100)], pa.int64()),
    }
    pq.write_table(pa.table(column), tmp_path / "people.parquet")
    return tmp_path / "people.parquet"
