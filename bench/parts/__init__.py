"""The parts of the benchmark, each a module with ``run(settings) -> Section``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Target:
    """What was promised, what was measured."""

    text: str
    promised: float
    measured: float
    at_most: bool = False  # else at least

    @property
    def met(self) -> bool:
        return self.measured <= self.promised if self.at_most else self.measured >= self.promised


@dataclass
class Section:
    """One part's outcome: rows of one table, what they were promised to be, and remarks."""

    name: str
    title: str
    rows: list[dict[str, Any]] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    details: list[dict[str, Any]] = field(default_factory=list)  # more than a page can hold: only among the data


ORDER = ("kernel", "compile", "rulebook", "explain", "io", "scale", "population", "entitled", "intake", "month")
