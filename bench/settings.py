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
    each_rule: int = 1_000_000  # people of every rule of the book
    rules: int = 1_000_000  # at most so many rules, spread over the book
    provinces: tuple[int, ...] = (1_000_000, 5_000_000)
    work: Path = field(default_factory=work_folder)

    @property
    def kernels(self) -> Path:
        """The cache of the loops that are compiled here."""
        return self.work / "kernels"

    @classmethod
    def small(cls, people: int = 20_000, threads: int = 2) -> Settings:
        return cls(
            people=people,
            threads=threads,
            rounds=2,
            reference=min(people, 1_000),
            partitions=3,
            partition=people,
            distinct=1,
            scale=(people // 4, people),
            population=max(people // 4, 1_000),
            each_rule=people,
            rules=60,
            provinces=(people // 4, people),
        )
