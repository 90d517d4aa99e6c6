"""The rulebook: rooms of facts, parameters and rules, wired by name and checked as a whole.

A :class:`Rulebook` is immutable. ``at`` gives the law of a month, ``with_reform`` a new rulebook
under a reform, ``diff`` what changed between two.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from shebao.engine import language
from shebao.engine.errors import BookError
from shebao.engine.language import FactNote, Room, RuleNote
from shebao.engine.parameters import FOREVER, Parameter, load_parameters, parse_entries, read_yaml
from shebao.engine.source import check_language, exact, formula, where
from shebao.engine.units import UNITS, Unit, parse_month, show_month, unit_of

if TYPE_CHECKING:
    from shebao.engine.law import Law

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

    @cached_property
    def exact(self) -> Callable[..., Any]:
        return exact(self.fn)

    @cached_property
    def formula(self) -> str:
        return formula(self.fn)

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


@dataclass(frozen=True)
class Rulebook:
    """All rooms of a law, by path; ``""`` is the outermost room."""

    scopes: Mapping[str, Scope]
    label: str = ""
    reforms: tuple[str, ...] = ()
    nodes: Mapping[str, Node] = field(default_factory=dict)
    _resolved: dict[tuple[str, str], str] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        nodes = {node.full_name: node for scope in self.scopes.values() for node in scope.names.values()}
        object.__setattr__(self, "nodes", nodes)
        _check(self)

    # -- names ---------------------------------------------------------------------------------
    def resolve(self, name: str, room: str = "") -> str:
        """The full name a name stands for in a room; ``BookError`` with near names otherwise."""
        found = self._resolved.get((name, room))
        if found is None:
            found = self._resolved[name, room] = self._search(name, room)
        return found

    def _search(self, name: str, room: str) -> str:
        if name in self.nodes and "." in name:
            return name
        if "." in name:  # SCHEME.RULE, where SCHEME may take the rule from outside
            head, _, last = name.rpartition(".")
            if head in self.scopes:
                return self._search(last, head)
            raise BookError(f"no room {head!r}{self._near(head, self.scopes)}")
        scope: str | None = room
        while scope is not None:
            if name in self.scopes[scope].names:
                return self.scopes[scope].names[name].full_name
            scope = None if scope == "" else scope.rpartition(".")[0]
        for lender, names in self.scopes[room].room.borrow.items():
            if name in names:
                return self._search(name, lender)
        elsewhere = sorted({f for f, node in self.nodes.items() if node.name == name})
        if room == "" and len(elsewhere) == 1:
            return elsewhere[0]
        if elsewhere:
            hint = "name the room" if room == "" else f"borrow it in room {room}"
            raise BookError(f"{name!r} stands for {' or '.join(elsewhere)}; {hint}")
        raise BookError(f"unknown name {name!r}{self._near(name, (n.name for n in self.nodes.values()))}")

    @staticmethod
    def _near(name: str, known: Iterable[str]) -> str:
        near = difflib.get_close_matches(name, sorted(set(known)), n=1, cutoff=0.6)
        return f"; did you mean {near[0]!r}?" if near else ""

    def node(self, name: str) -> Node:
        """The fact, rule or parameter of a full or unambiguous name."""
        return self.nodes[self.resolve(name)]

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
        return tuple("before" if a == "before" else self.resolve(a, rule.room) for a in variant.args)

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
    def _levels(self) -> dict[str, str | None]:
        levels: dict[str, str | None] = {}

        def of(name: str) -> str | None:
            if name in levels:
                return levels[name]
            node = self.nodes[name]
            levels[name] = found = node.over if isinstance(node, Fact) else None
            if isinstance(node, Rule) and node.kind == "rule":
                uses = {u for v in node.variants for u in self.wires(node, v)}
                uses |= {self.dated_by(node)} if self._needs_date(node) else set()
                overs = {of(u) for u in uses if not _is_state(self.nodes[u])} - {None}
                if len(overs) > 1:
                    raise BookError(f"rule {name} mixes the histories {sorted(map(str, overs))}", node.variants[0].where)
                found = overs.pop() if overs else None
            levels[name] = found
            return found

        for name in self.nodes:
            of(name)
        return levels

    def _needs_date(self, rule: Rule) -> bool:
        return rule.by_date or any(
            isinstance(self.nodes[u], Parameter) and self.nodes[u].dated  # type: ignore[union-attr]
            for v in rule.variants
            for u in self.wires(rule, v)
            if u != "before"
        )

    # -- the law of a month, reforms -------------------------------------------------------------
    def at(self, month: str | int) -> Law:
        """The law of a month (``"2025-03"``); ``BookError`` outside the coverage of the book."""
        from shebao.engine.law import Law

        return Law(self, parse_month(month))

    def with_reform(self, file: str | Path) -> Rulebook:
        """A new rulebook with a reform laid over it; see docs/ARCHITECTURE.md §2.8."""
        return _reformed(self, Path(file))

    def diff(self, other: Rulebook) -> list[str]:
        """What ``other`` changes against this book, one line per change."""
        return list(_diff(self, other))


def _is_state(node: Node) -> bool:
    return isinstance(node, Rule) and node.kind in ("accrual", "total")


# -- checks ---------------------------------------------------------------------------------------


def _check(book: Rulebook) -> None:
    for rule in book.rules():
        _check_variants(rule)
        for variant in rule.variants:
            try:
                uses = [book.nodes[u] for u in book.wires(rule, variant) if u != "before"]
            except BookError as error:
                raise BookError(f"rule {rule.full_name}: {error}", variant.where) from None
            if "before" in variant.args and rule.kind != "accrual":
                raise BookError(f"rule {rule.full_name}: only an accrual has `before`", variant.where)
            if isinstance(rule.note.initial, str):
                book.resolve(rule.note.initial, rule.room)
            del uses
        dated = book.nodes[book.dated_by(rule)]
        if isinstance(dated, Parameter) or dated.unit.kind != "month":
            raise BookError(f"rule {rule.full_name} is dated by {rule.dated_by}, which is no month")
    _check_cycles(book)
    _ = book._levels


def _check_variants(rule: Rule) -> None:
    for i, variant in enumerate(rule.variants):
        for other in rule.variants[:i]:
            if variant.overlaps(other):
                raise BookError(f"rule {rule.full_name}: overlaps the variant at {other.where}", variant.where)
            if other.note.kind != variant.note.kind or other.note.over != variant.note.over:
                raise BookError(f"rule {rule.full_name}: its variants differ in kind", variant.where)


def uses(book: Rulebook, rule: Rule) -> set[str]:
    """Full names of every node any variant of a rule may read, its date and region included."""
    found = {u for v in rule.variants for u in book.wires(rule, v)} - {"before"}
    if book._needs_date(rule):
        found.add(book.dated_by(rule))
    if rule.by_region:
        found.add(book.resolve("region", rule.room))
    if isinstance(rule.note.initial, str):
        found.add(book.resolve(rule.note.initial, rule.room))
    return found


def _check_cycles(book: Rulebook) -> None:
    done: set[str] = set()

    def walk(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            ring = " → ".join([*path[path.index(name) :], name])
            raise BookError(f"circular: {ring}")
        node = book.nodes[name]
        if name in done or not isinstance(node, Rule):
            return
        for used in sorted(uses(book, node)):
            walk(used, (*path, name))
        done.add(name)

    for name in book.nodes:
        walk(name, ())


# -- loading --------------------------------------------------------------------------------------


def load(package: str, label: str = "") -> Rulebook:
    """Read a package of rooms: ``ROOM`` in each ``__init__``, its modules, YAML and CSV files."""
    scopes: dict[str, Scope] = {}
    for path, module in _rooms(package):
        room: Room = module.ROOM
        names: dict[str, Node] = {}
        assert module.__file__
        folder = Path(module.__file__).parent
        for file in sorted(folder.glob("*.yaml")):
            if not file.name.startswith("cases"):
                for parameter in load_parameters(file, path):
                    _add(names, parameter, parameter.where)
        for part in room.modules:
            _read_module(importlib.import_module(f"{module.__name__}.{part}"), path, room, names, scopes)
        if path == "":
            month = FactNote(UNITS["Month"], *map(Fraction, (1949 * 12, 2150 * 12)), "计算月份", 1)  # type: ignore[arg-type]
            names[MONTH] = Fact(MONTH, "", month)
        scopes[path] = Scope(path, room, names, folder)
    return Rulebook(scopes, label)


def _rooms(package: str) -> Iterator[tuple[str, ModuleType]]:
    """Every package below (and with) ``package`` that has a ``ROOM``, outer rooms first."""
    root = importlib.import_module(package)
    if not isinstance(getattr(root, "ROOM", None), Room):
        raise BookError(f"package {package} has no ROOM")
    yield "", root
    found = pkgutil.walk_packages(root.__path__, package + ".")
    for info in sorted(found, key=lambda i: i.name):
        if info.ispkg:
            module = importlib.import_module(info.name)
            if isinstance(getattr(module, "ROOM", None), Room):
                yield info.name[len(package) + 1 :], module


def _add(names: dict[str, Node], node: Node, at: str) -> None:
    if node.name in names:
        raise BookError(f"{node.name} is declared twice in room {node.room or 'law'}", at)
    if node.name in ("before", *language_words()):
        raise BookError(f"{node.name} is a word of the law language", at)
    names[node.name] = node


def language_words() -> tuple[str, ...]:
    """Names a node cannot have."""
    from shebao.engine.source import CALLS

    return tuple(CALLS)


def _read_module(
    module: ModuleType, path: str, room: Room, names: dict[str, Node], scopes: Mapping[str, Scope]
) -> None:
    for name, value in vars(module).items():
        if isinstance(value, FactNote):
            _add(names, Fact(name, path, value), module.__name__)
    for rule in rules_of(language.declared(module.__name__), path, room, scopes):
        _add(names, rule, rule.variants[0].where)


def rules_of(
    functions: Iterable[Callable[..., Any]], path: str, room: Room, scopes: Mapping[str, Scope]
) -> list[Rule]:
    """Group a module's functions into rules, each checked against the language."""
    grouped: dict[str, list[Variant]] = {}
    units: dict[str, Unit] = {}
    for fn in functions:
        check_language(fn)
        note: RuleNote = fn.__shebao__  # type: ignore[attr-defined]
        unit = _return_unit(fn)
        if units.setdefault(fn.__name__, unit) != unit:
            raise BookError(f"rule {fn.__name__}: its variants differ in unit", where(fn))
        grouped.setdefault(fn.__name__, []).append(_variant(fn, note))
    outer = _outer_date(path, room, scopes)
    return [
        Rule(name, path, units[name], variants[0].note.kind, tuple(variants), _date_of(name, variants, outer))
        for name, variants in grouped.items()
    ]


def _variant(fn: Callable[..., Any], note: RuleNote) -> Variant:
    since = parse_month(note.since) if note.since else -FOREVER
    until = parse_month(note.until) if note.until else FOREVER
    if since > until:
        raise BookError(f"rule {fn.__name__}: since {note.since} is after until {note.until}", where(fn))
    return Variant(fn, note, fn.__code__.co_varnames[: fn.__code__.co_argcount], since, until)


def _return_unit(fn: Callable[..., Any]) -> Unit:
    annotation = fn.__annotations__.get("return")
    if isinstance(annotation, str):
        annotation = fn.__globals__.get(annotation, annotation)
    if annotation is None:
        raise BookError(f"rule {fn.__name__} has no unit; write it as `-> YuanPerMonth`", where(fn))
    try:
        return unit_of(annotation)
    except BookError as error:
        raise BookError(f"rule {fn.__name__}: {error}", where(fn)) from None


def _outer_date(path: str, room: Room, scopes: Mapping[str, Scope]) -> str:
    while room.dated_by is None and path:
        path = path.rpartition(".")[0]
        if path in scopes:
            room = scopes[path].room
    return room.dated_by or MONTH


def _date_of(name: str, variants: list[Variant], outer: str) -> str:
    dates = {v.note.dated_by or outer for v in variants}
    if len(dates) > 1:
        raise BookError(f"rule {name}: its variants are dated by {' and '.join(sorted(dates))}", variants[-1].where)
    return dates.pop()


# -- reforms --------------------------------------------------------------------------------------


def _reformed(book: Rulebook, file: Path) -> Rulebook:
    if not file.is_file():
        raise BookError("no such reform file", str(file))
    spec = {"rules": file.name} if file.suffix == ".py" else read_yaml(file)
    if not isinstance(spec, Mapping) or set(spec) - {"name", "label", "parameters", "rules"}:
        raise BookError("a reform is a map of name, label, parameters, rules", str(file))
    names = {path: dict(scope.names) for path, scope in book.scopes.items()}
    for name, values in (spec.get("parameters") or {}).items():
        node = book.node(name)
        if not isinstance(node, Parameter):
            raise BookError(f"{name} is no parameter; a rule is replaced in a Python file", str(file))
        values = values if isinstance(values, list) else values.get("values")
        entries = parse_entries(values, node.keys, node.unit, f"{file.name}: {name}")
        names[node.room][node.name] = node.overlaid(entries)
    if spec.get("rules"):
        _overlay_rules(book, file.parent / spec["rules"], names)
    scopes = {path: replace(scope, names=names[path]) for path, scope in book.scopes.items()}
    return Rulebook(scopes, book.label, (*book.reforms, str(spec.get("name") or file.stem)))


def _overlay_rules(book: Rulebook, file: Path, names: dict[str, dict[str, Node]]) -> None:
    module = _import_file(file)
    path = getattr(module, "ROOM", None)
    if not isinstance(path, str) or path not in book.scopes:
        raise BookError(f'say which room the rules are of: ROOM = "…", one of {sorted(book.scopes)}', str(file))
    for name, value in vars(module).items():
        if isinstance(value, FactNote):
            names[path][name] = Fact(name, path, value)
    room = book.scopes[path].room
    for new in rules_of(language.declared(module.__name__), path, room, book.scopes):
        old = names[path].get(new.name)
        if isinstance(old, (Fact, Parameter)):
            raise BookError(f"{new.name} is a {type(old).__name__.lower()}; a rule cannot replace it", str(file))
        if old is not None:
            kept = tuple(piece for v in old.variants for piece in _cut(v, new.variants))
            if old.unit != new.unit:
                raise BookError(f"rule {new.name}: the reform changes its unit", str(file))
            new = replace(new, variants=(*kept, *new.variants), dated_by=_kept_date(old, new))
        names[path][new.name] = new


def _kept_date(old: Rule, new: Rule) -> str:
    return new.dated_by if any(v.note.dated_by for v in new.variants) else old.dated_by


def _cut(old: Variant, new: Iterable[Variant]) -> list[Variant]:
    """What is left of a variant where new ones take its time and provinces."""
    pieces = [old]
    for taker in new:
        left: list[Variant] = []
        for piece in pieces:
            if not piece.overlaps(taker):
                left.append(piece)
                continue
            if taker.region is not None:
                if piece.region is None:
                    raise BookError(
                        f"rule {piece.fn.__name__}: a provincial reform of a national rule; list the provinces", taker.where
                    )
                rest = piece.region - taker.region
                if rest:
                    left.append(replace(piece, note=replace(piece.note, region=rest)))
                if piece.region & taker.region:
                    piece = replace(piece, note=replace(piece.note, region=piece.region & taker.region))
            if piece.since < taker.since:
                left.append(replace(piece, until=taker.since - 1))
            if piece.until > taker.until:
                left.append(replace(piece, since=taker.until + 1))
        pieces = left
    return pieces


def _import_file(file: Path) -> ModuleType:
    name = f"shebao_reform_{file.stem}_{abs(hash((str(file), file.stat().st_mtime_ns)))}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise BookError("not a Python file", str(file))
    language.forget(name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# -- differences ----------------------------------------------------------------------------------


def _diff(old: Rulebook, new: Rulebook) -> Iterator[str]:
    for name in sorted({*old.nodes, *new.nodes}):
        before, after = old.nodes.get(name), new.nodes.get(name)
        if before is None or after is None:
            yield f"{name}: {'added' if before is None else 'removed'}"
        elif isinstance(before, Parameter) and isinstance(after, Parameter):
            yield from _diff_parameter(before, after)
        elif isinstance(before, Rule) and isinstance(after, Rule):
            yield from _diff_rule(before, after)
        elif before != after:
            yield f"{name}: the fact changed"


def _span(since: int, until: int) -> str:
    start = show_month(since) if since > -FOREVER else "…"
    return f"{start} to {show_month(until) if until < FOREVER else '…'}"


def _diff_parameter(old: Parameter, new: Parameter) -> Iterator[str]:
    was, now = ({(e.key, e.since, e.until): e.value for e in p.resolved()} for p in (old, new))
    for spot in sorted({*was, *now}, key=str):
        if was.get(spot) != now.get(spot):
            key = f"[{', '.join(map(str, spot[0]))}]" if spot[0] else ""
            yield f"{old.full_name}{key} {_span(spot[1], spot[2])}: {was.get(spot, '—')} → {now.get(spot, '—')}"


def _diff_rule(old: Rule, new: Rule) -> Iterator[str]:
    def spot(v: Variant) -> tuple[int, int, tuple[int, ...], str]:
        return v.since, v.until, tuple(sorted(v.region or ())), v.formula

    was, now = {spot(v) for v in old.variants}, {spot(v) for v in new.variants}
    for mark, spots in (("-", was - now), ("+", now - was)):
        for since, until, region, text in sorted(spots):
            yield f"{old.full_name} {mark} {_span(since, until)} {list(region) or 'nation'}: {text}"
