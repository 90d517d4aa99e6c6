"""How large a run is, and where its files go."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
RESULTS = HERE / "results"


def work_folder() -> Path:
    """Where people's files are made and kept: ``SHEBAO_BENCH_DIR``, else ``bench/.work`` (ignored by git)."""
    folder = Path(os.environ.get("SHEBAO_BENCH_DIR") or HERE / ".work")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@dataclass(frozen=True)
class Settings:
    """The sizes of a run. ``small`` is for trying the benchmark out; its figures mean nothing."""

    people: int = 10_000_000
    threads: int = 2
    rounds: int = 5
    reference: int = 200_000  # people whose every fen is compared with exact fractions
    partitions: int = 15
    partition: int = 10_000_000
    distinct: int = 3  # partitions with people of their own; the others are further names of the same files
    scale: tuple[int, ...] = (100_000, 1_000_000, 10_000_000, 100_000_000)
    population: int = 2_000_000
    provinces: tuple[int, ...] = (1_000_000, 2_000_000)
    work: Path = field(default_factory=work_folder)

    @classmethod
    def small(cls, people: int = 20_000, threads: int = 2) -> Settings:
        scale = (people // 4, people)
        return cls(
            people, threads, 2, min(people, 1_000), 3, people, 1, scale, max(people // 4, 1_000), (people // 4, people)
        )
