"""A reform laid over a rulebook, and what changed between two rulebooks."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from shebao.engine import language
from shebao.engine.book import Book, Fact, Node, Rule, Variant
from shebao.engine.errors import BookError
from shebao.engine.language import FactNote
from shebao.engine.loading import rules_of
from shebao.engine.parameters import FOREVER, Key, Parameter, parse_entries, read_yaml, span_text

B = TypeVar("B", bound=Book)


def reformed(book: B, file: Path) -> B:
    """The rulebook with a reform file (YAML, or Python for rules alone) laid over it."""
    if not file.is_file():
        raise BookError("no such reform file", str(file))
    spec: Any = {"rules": file.name} if file.suffix == ".py" else read_yaml(file)
    if not isinstance(spec, Mapping) or set(spec) - {"name", "label", "parameters", "rules"}:
        raise BookError("a reform is a map of name, label, parameters, rules", str(file))
    names = {path: dict(scope.names) for path, scope in book.scopes.items()}
    changes = spec.get("parameters") or {}
    if not isinstance(changes, Mapping):
        raise BookError("a reform is a map; its parameters are a map of names", str(file))
    for name, values in changes.items():
        node = _changed(book, name, values, file)
        names[node.room][node.name] = node
    if spec.get("rules"):
        _overlay_rules(book, file.parent / spec["rules"], names)
    scopes = {path: replace(scope, names=names[path]) for path, scope in book.scopes.items()}
    return type(book)(scopes, book.label, (*book.reforms, str(spec.get("name") or file.stem)))


def _changed(book: Book, name: str, values: Any, file: Path) -> Parameter:
    """A parameter with a reform's values laid over its own."""
    node, at = book.node(name), f"{file.name}: {name}"
    if not isinstance(node, Parameter):
        raise BookError(f"{name} is no parameter; a rule is replaced in a Python file", str(file))
    if isinstance(values, Mapping):
        if set(values) != {"values"}:
            raise BookError(f"a reform changes values only, not {', '.join(sorted(set(values) - {'values'}))}", at)
        values = values["values"]
    entries = parse_entries(values, node.keys, node.unit, at)
    return node.overlaid(replace(node, entries=tuple(entries), _index={}).resolved())


def _overlay_rules(book: Book, file: Path, names: dict[str, dict[str, Node]]) -> None:
    module = _import_file(file)
    path = getattr(module, "ROOM", None)
    if not isinstance(path, str) or path not in book.scopes:
        raise BookError(f'say which room the rules are of: ROOM = "…", one of {sorted(book.scopes)}', str(file))
    for name, value in vars(module).items():
        if isinstance(value, FactNote):
            if isinstance(names[path].get(name), (Rule, Parameter)):
                raise BookError(f"{name} is not a fact; a fact cannot replace it", str(file))
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
                        f"rule {piece.fn.__name__}: a provincial reform of a national rule; list the provinces",
                        taker.where,
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
    if not file.is_file():
        raise BookError("no such file", str(file))
    name = f"shebao_reform_{file.stem}_{hashlib.sha256(file.read_bytes()).hexdigest()[:16]}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise BookError("not a Python file", str(file))
    language.forget(name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def differences(old: Book, new: Book) -> Iterator[str]:
    """What changed, one line per change, by name."""
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


def _diff_parameter(old: Parameter, new: Parameter) -> Iterator[str]:
    keys = sorted({e.key for p in (old, new) for e in p.resolved()}, key=str)
    for key in keys:
        text = f"[{', '.join(map(str, key))}]" if key else ""
        for since, until, was, now in _steps(old, new, key):
            yield f"{old.full_name}{text} {span_text(since, until)}: {was} → {now}"


def _steps(old: Parameter, new: Parameter, key: Key) -> Iterator[tuple[int, int, str, str]]:
    """The spans in which a value differs, each as long as both values last."""
    held = [e for p in (old, new) for e in p.resolved() if e.key == key]
    starts = sorted({-FOREVER, *(e.since for e in held), *(e.until + 1 for e in held if e.until < FOREVER)})
    spans: list[tuple[int, int, str, str]] = []
    for since, after in zip(starts, [*starts[1:], FOREVER + 1], strict=True):
        was, now = _at(old, key, since), _at(new, key, since)
        if spans and spans[-1][2:] == (was, now):
            spans[-1] = (spans[-1][0], after - 1, was, now)
        else:
            spans.append((since, after - 1, was, now))
    return (span for span in spans if span[2] != span[3])


def _at(parameter: Parameter, key: Key, month: int) -> str:
    return next((str(e.value) for e in parameter.resolved() if e.key == key and e.since <= month <= e.until), "—")


def _diff_rule(old: Rule, new: Rule) -> Iterator[str]:
    def spot(v: Variant) -> tuple[int, int, tuple[int, ...], str]:
        return v.since, v.until, tuple(sorted(v.region or ())), v.formula

    was, now = {spot(v) for v in old.variants}, {spot(v) for v in new.variants}
    for mark, spots in (("-", was - now), ("+", now - was)):
        for since, until, region, text in sorted(spots):
            yield f"{old.full_name} {mark} {span_text(since, until)} {list(region) or 'nation'}: {text}"
