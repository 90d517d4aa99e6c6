"""The rulebook: rooms of facts, parameters and rules, wired by name and checked as a whole.

A :class:`Book` is immutable; :class:`shebao.engine.rulebook.Rulebook` is the face it is used through.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

from shebao.engine.errors import BookError
from shebao.engine.language import FactNote, Room, RuleNote
from shebao.engine.parameters import FOREVER, Parameter
from shebao.engine.source import Read, check_tables, exact, formula, function_tree, sure_arguments, where
from shebao.engine.units import Unit

MONTH = "month"  # the built-in fact: the month of the run


@dataclass(frozen=True)
class Fact:
    """A fact of a person, or of a record of the history ``over``."""

    name: str
    room: str
    note: FactNote

    def __getattr__(self, word: str) -> Any:  # unit, low, high, label, scale, presumed, over, values
        if word == "note":
            raise AttributeError(word)
        return getattr(self.note, word)

    @property
    def full_name(self) -> str:
        return f"{self.room}.{self.name}" if self.room else self.name


@dataclass(frozen=True)
class Variant:
    """One function of a rule, with the time and the provinces it holds in."""

    fn: Callable[..., Any]
    note: RuleNote
    args: tuple[str, ...]
    reads: tuple[Read, ...]
    since: int
    until: int

    @property
    def cite(self) -> str:
        return self.note.cite

    @property
    def region(self) -> frozenset[int] | None:
        return self.note.region

    @property
    def where(self) -> str:
        return where(self.fn)

    @property
    def end(self) -> str:
        """``file:line`` of its last statement."""
        return where(self.fn, function_tree(self.fn).body[-1])

    @cached_property
    def exact(self) -> Callable[..., Any]:
        return exact(self.fn)

    @cached_property
    def formula(self) -> str:
        return formula(self.fn)

    @cached_property
    def sure(self) -> frozenset[str]:
        """The arguments read on every path."""
        return sure_arguments(self.fn)

    def covers(self, month: int | None, region: int | None) -> bool:
        in_time = month is None or self.since <= month <= self.until
        return in_time and (self.region is None or region is None or region in self.region)

    def overlaps(self, other: Variant) -> bool:
        in_time = self.since <= other.until and other.since <= self.until
        return in_time and (self.region is None or other.region is None or bool(self.region & other.region))


@dataclass(frozen=True)
class Rule:
    """A rule with its variants; ``kind`` is ``rule``, ``accrual`` or ``total``."""

    name: str
    room: str
    unit: Unit
    kind: str
    variants: tuple[Variant, ...]
    dated_by: str  # as written; resolved in the rule's room

    @property
    def full_name(self) -> str:
        return f"{self.room}.{self.name}" if self.room else self.name

    @property
    def label(self) -> str:
        return self.variants[0].note.label

    @property
    def over(self) -> str | None:
        return self.variants[0].note.over

    @property
    def note(self) -> RuleNote:
        return self.variants[0].note

    @property
    def least(self) -> Fraction:
        """The least a state may be between records: a total starts at 0, whatever it must come to."""
        return min(self.note.low, Fraction(0)) if self.kind == "total" else self.note.low

    @property
    def by_date(self) -> bool:
        return any(v.since > -FOREVER or v.until < FOREVER for v in self.variants)

    @property
    def by_region(self) -> bool:
        return any(v.region is not None for v in self.variants)


Node = Fact | Rule | Parameter


@dataclass(frozen=True)
class Scope:
    """A room as the book holds it."""

    path: str
    room: Room
    names: Mapping[str, Node]
    folder: Path | None = None


@dataclass(frozen=True, repr=False)
class Book:
    """All rooms of a law, by path; ``""`` is the outermost room."""

    scopes: Mapping[str, Scope]
    label: str = ""
    reforms: tuple[str, ...] = ()
    nodes: Mapping[str, Node] = field(default_factory=dict)
    _resolved: dict[tuple[str, str], str] = field(default_factory=dict, compare=False, repr=False)
    _wired: dict[tuple[str, tuple[str, ...]], tuple[str, ...]] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        nodes = {node.full_name: node for scope in self.scopes.values() for node in scope.names.values()}
        object.__setattr__(self, "nodes", nodes)
        _check(self)

    def __repr__(self) -> str:
        rules = sum(1 for _ in self.rules())
        return f"<{type(self).__name__} {self.label or 'of'} {rules} rules{''.join(f', {r}' for r in self.reforms)}>"

    # -- names ---------------------------------------------------------------------------------
    def resolve(self, name: str, room: str = "") -> str:
        """The full name a name stands for in a room; ``BookError`` with near names otherwise."""
        found = self._resolved.get((name, room))
        if found is None:
            found = self._resolved[name, room] = self._search(name, room)
        return found

    def find(self, name: str) -> str:
        """The full name of what a person asks for: also a bare name that only one room has."""
        return self._search(name, "", asked=True)

    def _search(self, name: str, room: str, asked: bool = False) -> str:
        """``asked``: from outside the law, where a bare name may stand for the only node so called."""
        if "." in name:  # SCHEME.RULE, where SCHEME may take the rule from outside
            head, _, last = name.rpartition(".")
            if head not in self.scopes:
                raise BookError(f"no room {head!r}{self._near(head, self.scopes)}")
            return self._search(last, head)
        found = self._inside(name, room) or self._borrowed(name, room)
        if found:
            return found
        elsewhere = sorted({f for f, node in self.nodes.items() if node.name == name})
        if asked and room == "" and len(elsewhere) == 1:
            return elsewhere[0]
        if elsewhere:
            hint = "name the room" if asked and room == "" else f"borrow it in room {room or 'law'}"
            raise BookError(f"{name!r} stands for {' or '.join(elsewhere)}; {hint}")
        raise BookError(f"unknown name {name!r}{self._near(name, (n.name for n in self.nodes.values()))}")

    def _inside(self, name: str, room: str) -> str | None:
        """The name in a room or in the rooms around it."""
        scope: str | None = room
        while scope is not None:
            if name in self.scopes[scope].names:
                return self.scopes[scope].names[name].full_name
            scope = None if scope == "" else scope.rpartition(".")[0]
        return None

    def _borrowed(self, name: str, room: str) -> str | None:
        lender = next((lender for lender, names in self.scopes[room].room.borrow.items() if name in names), None)
        return self._inside(name, lender) if lender is not None else None

    @staticmethod
    def _near(name: str, known: Iterable[str]) -> str:
        near = difflib.get_close_matches(name, sorted(set(known)), n=1, cutoff=0.6)
        return f"; did you mean {near[0]!r}?" if near else ""

    def node(self, name: str) -> Node:
        """The fact, rule or parameter of a full or unambiguous name."""
        return self.nodes[self.find(name)]

    def rule(self, name: str) -> Rule:
        """The rule of a name; ``BookError`` if the name is a fact or a parameter."""
        node = self.node(name)
        if not isinstance(node, Rule):
            raise BookError(f"{name!r} is a {type(node).__name__.lower()}, not a rule")
        return node

    def rules(self) -> Iterator[Rule]:
        return (n for n in self.nodes.values() if isinstance(n, Rule))

    def facts(self) -> Iterator[Fact]:
        return (n for n in self.nodes.values() if isinstance(n, Fact))

    def parameters(self) -> Iterator[Parameter]:
        return (n for n in self.nodes.values() if isinstance(n, Parameter))

    def dated_by(self, rule: Rule) -> str:
        """Full name of the month a rule is dated by."""
        return self.resolve(rule.dated_by, rule.room)

    def wires(self, rule: Rule, variant: Variant) -> tuple[str, ...]:
        """Full names of a variant's arguments, in order; ``before`` stays itself."""
        known = self._wired.get((rule.room, variant.args))
        if known is None:
            known = tuple("before" if a == "before" else self.resolve(a, rule.room) for a in variant.args)
            self._wired[rule.room, variant.args] = known
        return known

    def level(self, full_name: str) -> str | None:
        """The history a node belongs to record by record, or None for a fact of the person."""
        return self._levels[full_name]

    def person_rule(self, name: str) -> Rule:
        """The rule of a name, if it is a rule of the person; ``BookError`` for a rule of each record."""
        rule = self.rule(name)
        over = self.level(rule.full_name)
        if over:
            raise BookError(f"{rule.full_name} is a rule of each record of {over}; ask for a total or accrual over it")
        return rule

    @cached_property
    def histories(self) -> dict[str, list[Fact]]:
        """Every history with the facts of its records; the key is ``room.history``."""
        found: dict[str, list[Fact]] = {}
        for fact in self.facts():
            if fact.over:
                found.setdefault(f"{fact.room}.{fact.over}" if fact.room else str(fact.over), []).append(fact)
        return found

    @cached_property
    def _levels(self) -> dict[str, str | None]:
        levels: dict[str, str | None] = {}

        def of(name: str) -> str | None:
            if name in levels:
                return levels[name]
            node = self.nodes[name]
            levels[name] = found = node.over if isinstance(node, Fact) else None
            if isinstance(node, Rule):
                uses = {u for v in node.variants for u in self.wires(node, v)} - {"before"}
                uses |= {self.dated_by(node)} if self.needs_date(node) else set()
                overs = {of(u) for u in uses if not is_state(self.nodes[u])} - {None}
                overs |= {node.over} if is_state(node) else set()
                if len(overs) > 1:
                    raise BookError(
                        f"rule {name} mixes the histories {sorted(map(str, overs))}", node.variants[0].where
                    )
                found = overs.pop() if overs and node.kind == "rule" else None
            levels[name] = found
            return found

        for name in self.nodes:
            of(name)
        return levels

    def needs_date(self, rule: Rule) -> bool:
        """Whether a rule depends on its date: by its variants or by a dated parameter."""
        return rule.by_date or any(
            isinstance(self.nodes[u], Parameter) and self.nodes[u].dated  # type: ignore[union-attr]
            for v in rule.variants
            for u in self.wires(rule, v)
            if u != "before"
        )


def is_state(node: Node) -> bool:
    """Whether a node is stepped or summed over a history."""
    return isinstance(node, Rule) and node.kind in ("accrual", "total")


# -- checks ---------------------------------------------------------------------------------------


def _check(book: Book) -> None:
    for scope in book.scopes.values():
        _check_loans(book, scope)
    for rule in book.rules():
        _check_variants(rule)
        for variant in rule.variants:
            try:
                _check_wires(book, rule, variant)
            except BookError as error:
                if error.where:
                    raise
                raise BookError(f"rule {rule.full_name}: {error}", variant.where) from None
    _check_cycles(book)
    _ = book._levels


def _check_loans(book: Book, scope: Scope) -> None:
    """What a room borrows exists where it is borrowed, and has one lender."""
    lenders: dict[str, str] = {}
    here = f"room {scope.path or 'law'}"
    for lender, names in scope.room.borrow.items():
        if lender not in book.scopes:
            raise BookError(f"{here} borrows from no room {lender!r}")
        if isinstance(names, str):
            raise BookError(f"{here} borrows from {lender} the text {names!r}; write a list of names")
        for name in names:
            if book._inside(name, lender) is None:
                raise BookError(f"{here} borrows {name!r}, which {lender} does not have")
            if name in lenders:
                raise BookError(f"{here} borrows {name!r} from both {lenders[name]} and {lender}")
            lenders[name] = lender


def _check_wires(book: Book, rule: Rule, variant: Variant) -> None:
    """Every name of a variant stands for something of the right kind."""
    wires = dict(zip(variant.args, book.wires(rule, variant), strict=True))
    if "before" in variant.args and rule.kind != "accrual":
        raise BookError("only an accrual has `before`")
    tables = {a: node.keys for a, w in wires.items() if isinstance(node := book.nodes.get(w), Parameter) and node.keys}
    check_tables(variant.fn, variant.reads, tables)
    dated = book.nodes[book.dated_by(rule)]
    if isinstance(dated, Parameter) or dated.unit.kind != "month":
        raise BookError(f"rule {rule.full_name} is dated by {rule.dated_by}, which is no month", variant.where)
    if rule.by_region:
        book.resolve("region", rule.room)
    if rule.kind != "rule":
        _check_state(book, rule)


def _check_state(book: Book, rule: Rule) -> None:
    note = rule.note
    if isinstance(note.initial, str):
        book.resolve(note.initial, rule.room)
    if not any(facts[0].over == rule.over and _around(rule.room, facts[0].room) for facts in book.histories.values()):
        raise BookError(f"no fact is declared over {rule.over!r}")
    if not isinstance(note.initial, str) and not rule.least <= Fraction(note.initial) <= note.high:
        raise BookError(f"its initial value {note.initial} is outside {note.low}..{note.high}")


def _around(room: str, outer: str) -> bool:
    """Whether a room lies in another or is it."""
    return outer in ("", room) or room.startswith(f"{outer}.")


def _check_variants(rule: Rule) -> None:
    for i, variant in enumerate(rule.variants):
        for other in rule.variants[:i]:
            if variant.overlaps(other):
                raise BookError(f"rule {rule.full_name}: overlaps the variant at {other.where}", variant.where)
            if other.note.kind != variant.note.kind or other.note.over != variant.note.over:
                raise BookError(f"rule {rule.full_name}: its variants differ in kind", variant.where)


def uses(book: Book, rule: Rule) -> set[str]:
    """Full names of every node any variant of a rule may read, its date and region included."""
    found = {u for v in rule.variants for u in book.wires(rule, v)} - {"before"}
    if book.needs_date(rule):
        found.add(book.dated_by(rule))
    if rule.by_region:
        found.add(book.resolve("region", rule.room))
    if isinstance(rule.note.initial, str):
        found.add(book.resolve(rule.note.initial, rule.room))
    return found


def _check_cycles(book: Book) -> None:
    done: set[str] = set()

    def walk(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            ring = [*path[path.index(name) :], name]
            first = book.nodes[ring[0]]
            assert isinstance(first, Rule)
            raise BookError(f"circular: {' → '.join(ring)}", first.variants[0].where)
        node = book.nodes[name]
        if name in done or not isinstance(node, Rule):
            return
        for used in sorted(uses(book, node)):
            walk(used, (*path, name))
        done.add(name)

    for name in book.nodes:
        walk(name, ())
