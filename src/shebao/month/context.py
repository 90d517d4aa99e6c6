"""What every step is given, and what it gives back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from shebao.books import Books
from shebao.engine.rulebook import Law, Rulebook

#: What a step tells while it works: what it is at, and how many of how many rows.
Tell = Callable[[str, int, int], None]


def silent(_what: str, _done: int, _total: int) -> None:
    """Tells nobody."""


@dataclass(frozen=True)
class Context:
    """A month of a region being run: the books, the law, who runs it, and who hears of progress."""

    books: Books
    region: int
    month: dt.date
    rulebook: Rulebook
    officer: str
    tell: Tell = silent
    laws: dict[str, Law] = field(default_factory=dict)

    @cached_property
    def law(self) -> Law:
        """The law of the month itself."""
        return self.law_of(self.month)

    def law_of(self, month: dt.date) -> Law:
        """The law of another month: what is corrected is computed as the law then was."""
        key = f"{month:%Y-%m}"
        if key not in self.laws:
            self.laws[key] = self.rulebook.at(key)
        return self.laws[key]

    @property
    def area(self) -> int:
        """The division code of the province itself, for rows that no lower office manages."""
        return self.region * 10_000_000_000

    @property
    def name(self) -> str:
        """The region and month as keys and file names carry them: ``44-2025-03``."""
        return f"{self.region:02d}-{self.month:%Y-%m}"


@dataclass
class Summary:
    """What a step did: numbers by name (people, rows, fen), and notes for the reader in Chinese and English.

    Names that end in ``_fen`` are money. It is stored with the step and printed. ``laws`` is kept for later months and
    not printed: a hash of the law by which each month was collected (see :mod:`shebao.month.laws`).
    """

    numbers: dict[str, int] = field(default_factory=dict)
    notes: list[tuple[str, str]] = field(default_factory=list)
    laws: dict[str, str] = field(default_factory=dict)

    def json(self) -> dict[str, Any]:
        kept: dict[str, Any] = {"laws": self.laws} if self.laws else {}
        return {"numbers": self.numbers, "notes": [list(note) for note in self.notes], **kept}

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Summary:
        return cls(dict(stored["numbers"]), [(zh, en) for zh, en in stored["notes"]], dict(stored.get("laws", {})))


class Step(Protocol):
    """A step of the month: one transaction from what the facts and the law say to rows that were missing."""

    def __call__(self, context: Context) -> Summary: ...


class NotYet(Exception):
    """The step must wait for something outside, told in Chinese and English: another officer, the bank."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{en} {zh}")
        self.zh, self.en = zh, en
