"""Small populations that several tests look at."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from shebao import population


@pytest.fixture(scope="session")
def guangdong(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60,000 people of Guangdong."""
    out = tmp_path_factory.mktemp("population") / "guangdong.parquet"
    population.make(out, 60_000, province=44)
    return out


@pytest.fixture(scope="session")
def nation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """100,000 people of the nation."""
    out = tmp_path_factory.mktemp("population") / "nation.parquet"
    population.make(out, 100_000, seed=7)
    return out


@pytest.fixture(scope="session")
def people(nation: Path) -> dict:
    """The nation's columns as arrays."""
    table = pq.read_table(nation)
    return {name: table[name].to_numpy() for name in table.column_names}
