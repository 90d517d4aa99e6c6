"""A reform laid over a rulebook, and what changed between two rulebooks."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from shebao.engine import language
from shebao.engine.errors import BookError
from shebao.engine.language import FactNote
from shebao.engine.loading import rules_of
from shebao.engine.parameters import Parameter, parse_entries, read_yaml, span_text
from shebao.engine.rulebook import Fact, Node, Rule, Rulebook, Variant


def reformed(book: Rulebook, file: Path) -> Rulebook:
    if not file.is_file():
        raise BookError("no such reform file", str(file))
    spec: Any = {"rules": file.name} if file.suffix == ".py" else read_yaml(file)
    if not isinstance(spec, Mapping) or set(spec) - {"name", "label", "parameters", "rules"}:
        raise BookError("a reform is a map of name, label, parameters, rules", str(file))
    names = {path: dict(scope.names) for path, scope in book.scopes.items()}
    for name, values in (spec.get("parameters") or {}).items():
        node = book.node(name)
        if not isinstance(node, Parameter):
            raise BookError(f"{name} is no parameter; a rule is replaced in a Python file", str(file))
        values = values.get("values") if isinstance(values, Mapping) else values
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
    name = f"shebao_reform_{file.stem}_{abs(hash((str(file), file.stat().st_mtime_ns)))}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise BookError("not a Python file", str(file))
    language.forget(name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def differences(old: Rulebook, new: Rulebook) -> Iterator[str]:
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
    was, now = ({(e.key, e.since, e.until): e.value for e in p.resolved()} for p in (old, new))
    for spot in sorted({*was, *now}, key=str):
        if was.get(spot) != now.get(spot):
            key = f"[{', '.join(map(str, spot[0]))}]" if spot[0] else ""
            yield f"{old.full_name}{key} {span_text(spot[1], spot[2])}: {was.get(spot, '—')} → {now.get(spot, '—')}"


def _diff_rule(old: Rule, new: Rule) -> Iterator[str]:
    def spot(v: Variant) -> tuple[int, int, tuple[int, ...], str]:
        return v.since, v.until, tuple(sorted(v.region or ())), v.formula

    was, now = {spot(v) for v in old.variants}, {spot(v) for v in new.variants}
    for mark, spots in (("-", was - now), ("+", now - was)):
        for since, until, region, text in sorted(spots):
            yield f"{old.full_name} {mark} {span_text(since, until)} {list(region) or 'nation'}: {text}"
