"""The face through which a law is used: a rulebook, and the law of a month."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shebao.engine.book import MONTH, Book, Node, Rule
from shebao.engine.errors import BookError
from shebao.engine.explain import Person
from shebao.engine.explanation import Explanation
from shebao.engine.facts import read_person
from shebao.engine.loading import read_rooms
from shebao.engine.parameters import Parameter
from shebao.engine.reform import differences, reformed
from shebao.engine.source import function_tree
from shebao.engine.units import parse_month, show_month

if TYPE_CHECKING:
    import pyarrow as pa

    from shebao.engine.compute import Kernel, Result


class Rulebook(Book):
    """All rooms of a law, wired by name and checked as a whole. Immutable."""

    def at(self, month: str | int) -> Law:
        """The law of a month (``"2025-03"``); ``BookError`` outside the coverage of the book."""
        return Law(self, parse_month(month))

    def with_reform(self, file: str | Path) -> Rulebook:
        """A new rulebook with a reform laid over it; see docs/ARCHITECTURE.md §2.8."""
        return reformed(self, Path(file))

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over every rule, parameter and fact, reforms included: which law an amount was made by."""
        made = hashlib.sha256()
        for name in sorted(self.nodes):
            made.update("\0".join((name, *_content(self.nodes[name]))).encode())
        return made.hexdigest()

    def diff(self, other: Book) -> list[str]:
        """What ``other`` changes against this book, one line per change."""
        return list(differences(self, other))


def _content(node: Node) -> Iterator[str]:
    if isinstance(node, Rule):
        for variant in node.variants:
            region = sorted(variant.region) if variant.region is not None else "all"
            yield f"{variant.since} {variant.until} {region}\n{ast.dump(function_tree(variant.fn))}"
    elif isinstance(node, Parameter):
        for entry in node.resolved():
            yield f"{entry.key} {entry.since} {entry.until} {entry.value}"
    else:
        yield repr(node)


def load(package: str, label: str = "") -> Rulebook:
    """The rulebook of a package of rooms; ``BookError`` names file, line and reason if it is wrong."""
    return Rulebook(read_rooms(package), label)


class Law:
    """A rulebook at a month.

    ``explain`` one person, ``compute`` a table of people, or lay a reform over it.
    """

    def __init__(self, book: Rulebook, month: int) -> None:
        held = book.nodes[MONTH]
        if not held.low <= month <= held.high:  # type: ignore[union-attr]
            low, high = show_month(held.low), show_month(held.high)  # type: ignore[union-attr]
            raise BookError(f"{show_month(month)} is outside the law's coverage {low} to {high}")
        self.book, self.month = book, month

    def __repr__(self) -> str:
        return f"<law of {show_month(self.month)}{', '.join(['', *self.book.reforms])}>"

    def explain(self, rule: str, facts: Mapping[str, Any]) -> Explanation:
        """The value of ``rule`` for one person, with every step.

        ``facts`` maps names to values as people write them (money as text or int, months ``YYYY-MM``).
        Raises ``BookError`` for unknown names and wrong types, ``Refused`` where the person cannot be computed.
        """
        name = self.book.person_rule(rule).full_name
        given = read_person(self.book, (name if "." not in rule else rule,), facts)
        return Person(self.book, self.month, given).explain(name)

    def with_reform(self, file: str | Path) -> Law:
        """The law of the same month under a reform."""
        return Law(self.book.with_reform(file), self.month)

    def kernel(self, rules: Sequence[str], schema: pa.Schema) -> Kernel:
        """The compiled loop of these rules for tables of this schema."""
        from shebao.engine.compute import Kernel

        return Kernel(self.book, self.month, tuple(rules), schema)

    def compute(self, rules: Sequence[str], table: pa.Table | pa.RecordBatch, threads: int | None = None) -> Result:
        """These rules for every row of an Arrow table; see :class:`shebao.engine.compute.Result`."""
        return self.kernel(rules, table.schema).run(table, threads)
