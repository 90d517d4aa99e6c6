"""Reading a package of rooms: their facts, parameters and rules."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

from shebao.engine import language
from shebao.engine.book import MONTH, Fact, Node, Rule, Scope, Variant
from shebao.engine.errors import BookError
from shebao.engine.language import FactNote, Room, RuleNote
from shebao.engine.parameters import FOREVER, load_parameters, placed
from shebao.engine.source import CALLS, Read, check_language, where
from shebao.engine.units import UNITS, Unit, parse_month, unit_of


def read_rooms(package: str) -> dict[str, Scope]:
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
            month = FactNote(UNITS["Month"], Fraction(1949 * 12), Fraction(2150 * 12), "计算月份", 1)
            names[MONTH] = Fact(MONTH, "", month)
        scopes[path] = Scope(path, room, names, folder)
    return scopes


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
    if node.name in ("before", *CALLS):
        raise BookError(f"{node.name} is a word of the law language", at)
    names[node.name] = node


def _read_module(
    module: ModuleType, path: str, room: Room, names: dict[str, Node], scopes: Mapping[str, Scope]
) -> None:
    for name, value in vars(module).items():
        if isinstance(value, FactNote):
            _add(names, Fact(name, path, value), module.__name__)
    for rule in rules_of(language.declared(module.__name__), path, room, scopes):
        _add(names, rule, rule.variants[0].where)


def rules_of(functions: Iterable[Callable[..., Any]], path: str, room: Room, scopes: Mapping[str, Scope]) -> list[Rule]:
    """Group a module's functions into rules, each checked against the language."""
    grouped: dict[str, list[Variant]] = {}
    units: dict[str, Unit] = {}
    for fn in functions:
        reads = check_language(fn)
        unit = _return_unit(fn)
        if units.setdefault(fn.__name__, unit) != unit:
            raise BookError(f"rule {fn.__name__}: its variants differ in unit", where(fn))
        grouped.setdefault(fn.__name__, []).append(_variant(fn, reads))
    outer = _outer_date(path, room, scopes)
    return [
        Rule(name, path, units[name], variants[0].note.kind, tuple(variants), _date_of(name, variants, outer))
        for name, variants in grouped.items()
    ]


def _variant(fn: Callable[..., Any], reads: tuple[Read, ...]) -> Variant:
    note: RuleNote = fn.__shebao__  # type: ignore[attr-defined]
    since = placed(where(fn), parse_month, note.since) if note.since else -FOREVER
    until = placed(where(fn), parse_month, note.until) if note.until else FOREVER
    if since > until:
        raise BookError(f"rule {fn.__name__}: since {note.since} is after until {note.until}", where(fn))
    return Variant(fn, note, fn.__code__.co_varnames[: fn.__code__.co_argcount], reads, since, until)


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
