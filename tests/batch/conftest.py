"""People of the small law (tests/engine/tinylaw), and a disk that is soon full."""

from __future__ import annotations

import os
import random
import resource
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from smalllaw import MakePeople

from shebao.batch import LawSpec
from shebao.engine.rulebook import Law
from shebao.engine.units import ym


@pytest.fixture(scope="session")
def spec() -> LawSpec:
    """The small law of a month, as plain data."""
    return LawSpec("2015-01", loader="smalllaw:rulebook")


@pytest.fixture(scope="session")
def law(spec: LawSpec) -> Law:
    return spec.law()


@pytest.fixture(scope="session")
def make_people() -> MakePeople:
    """``make_people(rows, seed, regions)``: people as a store keeps them, money in fen, indices ×10 000."""

    def make(rows: int, seed: int = 1, regions: Sequence[int] = (11, 12)) -> pa.Table:
        rng = random.Random(seed)
        column = {
            "citizen_number": pa.array([f"99{seed:03d}{i:013d}" for i in range(rows)]),
            "region": pa.array([rng.choice(regions) for _ in range(rows)], pa.int8()),
            "sex": pa.array([rng.randrange(2) for _ in range(rows)], pa.int8()),
            "birth_month": pa.array([ym(1953, rng.randint(1, 12)) for _ in range(rows)], pa.int32()),
            "award_month": pa.array([ym(2013, rng.randint(1, 12)) for _ in range(rows)], pa.int32()),
            "months_paid": pa.array([rng.randint(0, 480) for _ in range(rows)], pa.int32()),
            "index": pa.array([rng.randint(4_000, 30_000) for _ in range(rows)], pa.int32()),
            "balance": pa.array([rng.randint(0, 50_000_000) for _ in range(rows)], pa.int64()),
        }
        return pa.table(column)

    return make


@pytest.fixture
def people(make_people: MakePeople) -> pa.Table:
    return make_people(500)


@pytest.fixture
def parquet(people: pa.Table, tmp_path: Path) -> Path:
    """The people in a Parquet file of several row groups."""
    pq.write_table(people, tmp_path / "people.parquet", row_group_size=200)
    return tmp_path / "people.parquet"


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A folder whose disk holds next to nothing; where none can be mounted, files that cannot grow."""
    disk = Path(tempfile.mkdtemp(prefix="shebao-disk-"))  # not in tmp_path, which pytest could not clear if we died
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if os.geteuid() == 0 and subprocess.run(mount, capture_output=True).returncode == 0:
        yield disk
        subprocess.run(["umount", "--lazy", str(disk)], check=True)
        disk.rmdir()
        return
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 10, before[1]))
    yield disk
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    disk.rmdir()
