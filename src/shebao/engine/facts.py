"""A person's facts as people write them, turned into exact values, each checked against its declaration."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from shebao.engine.book import Book, Fact, Node
from shebao.engine.errors import BookError, Refused
from shebao.engine.history import find_history, history_names
from shebao.engine.parameters import Parameter
from shebao.engine.units import parse_month, parse_number, show

_TRUE, _FALSE = {"true", "yes", "1", "是"}, {"false", "no", "0", "否"}


def parse_value(node: Node, raw: Any) -> Any:
    """``raw`` as an exact value of the node's unit.

    ``BookError`` for a wrong type, ``Refused`` for null and for a value outside the declared range.
    """
    unit = node.unit
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        raise Refused("null", node.full_name, "the value is empty")
    try:
        if unit.kind == "choice":
            return _choice(node, raw)
        if unit.kind == "yes_no":
            return _yes_no(raw)
        value = Fraction(parse_month(raw)) if unit.kind == "month" else _number(node, raw)
    except BookError as error:
        raise BookError(f"{node.full_name} ({unit.name}): {error}") from None
    low, high, scale = bounds(node)
    if not low <= value <= high:
        shown = f"{show(value, unit)} is outside {show(low, unit)}..{show(high, unit)}"
        raise Refused("out of range", node.full_name, shown)
    if isinstance(node, Fact) and (value * scale).denominator != 1:
        raise BookError(f"{node.full_name}: {raw} has more decimals than 1/{scale} of {unit.en}")
    return value


def bounds(node: Node) -> tuple[Fraction, Fraction, int]:
    """Range and storage scale of a value given for a node."""
    if isinstance(node, Fact):
        return node.low, node.high, node.scale
    return Fraction(node.unit.low), Fraction(node.unit.high), node.unit.given_scale


def _number(node: Node, raw: Any) -> Fraction:
    if isinstance(raw, bool):
        raise BookError(f"{raw!r} is not a number")
    if node.unit.kind == "region" and not str(raw).strip().isdecimal():
        raise BookError(f"{raw!r} is not a province code of GB/T 2260, such as 44")
    if isinstance(raw, float):
        if node.unit.kind == "money":
            raise BookError(f'{raw!r} is a binary float where money is; write "{raw}" as text')
        return parse_number(repr(raw))
    if isinstance(raw, Decimal) and not raw.is_finite():
        raise BookError(f"{raw} is not a number")
    if isinstance(raw, (int, Fraction, Decimal)):
        return Fraction(raw)
    return parse_number(raw)


def _yes_no(raw: Any) -> bool:
    text = str(raw).strip().lower()
    if text in _TRUE | _FALSE:
        return text in _TRUE
    raise BookError(f"{raw!r} is neither yes nor no")


def _choice(node: Node, raw: Any) -> str:
    values = node.values if isinstance(node, Fact) else ()
    if values and str(raw) not in values:
        raise BookError(f"{raw!r} is none of {', '.join(values)}")
    return str(raw)


def read_person(book: Book, rules: tuple[str, ...], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Given facts by full name, with histories as lists of records by full name.

    A bare name is taken in the room of the rules asked for, then anywhere it is unambiguous.
    """
    histories = history_names(book)
    rooms = tuple(dict.fromkeys(rule.rpartition(".")[0] for rule in rules))
    person: dict[str, Any] = {}
    for name, raw in facts.items():
        history = find_history(name, rooms, histories)
        if history:
            person[history] = _records(history, histories[history], raw)
            continue
        node = book.nodes[resolve_given(book, name, rooms)]
        if isinstance(node, Parameter) and node.keys:
            raise BookError(f"{name} is a table; change it with a reform")
        person[node.full_name] = parse_value(node, raw)
    return person


def resolve_given(book: Book, name: str, rooms: tuple[str, ...]) -> str:
    """Full name of a given column or fact, seen from the rooms of the rules asked for."""
    error: BookError | None = None
    found = []
    for room in dict.fromkeys((*rooms, "")):
        try:
            found.append(book.resolve(name, room) if room else book.find(name))
        except BookError as problem:
            error = error or problem
    distinct = list(dict.fromkeys(found))
    if not distinct:
        raise BookError(f"{name!r} is no fact or rule here: {error}")
    if len(rooms) > 1 and len(distinct) > 1:
        raise BookError(f"{name!r} stands for {' and '.join(distinct)}; write the full name")
    return distinct[0]


def _records(history: str, facts: list[Fact], raw: Any) -> list[dict[str, Any]]:
    if not isinstance(raw, list) or not all(isinstance(r, Mapping) for r in raw):
        raise BookError(f"{history} is a list of records")
    names = {f.name: f for f in facts} | {f.full_name: f for f in facts}
    records = []
    for i, record in enumerate(raw):
        unknown = set(record) - set(names)
        if unknown:
            raise BookError(f"{history}[{i}]: unknown fact {sorted(unknown)[0]!r}; it has {', '.join(sorted(names))}")
        records.append({names[k].full_name: parse_value(names[k], v) for k, v in record.items()})
    return records
