"""Dated parameters and tables, each value with its document and how sure we are.

Read from YAML and CSV beside the rules. Every scalar is read as text and turned into an exact
number; a value without source or certainty is refused.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

import yaml

from shebao.engine.errors import BookError, Refused
from shebao.engine.units import Unit, parse_month, parse_number, show_month, unit_of

CERTAINTIES = ("official", "reported", "assumed")
FOREVER = 10**6  # a month index beyond every date

T = TypeVar("T")
Key = tuple["int | str", ...]


@dataclass(frozen=True)
class Entry:
    """One value of a parameter: its key, the months it holds (both inclusive), its document."""

    key: Key
    value: Fraction
    source: str
    certainty: str
    since: int = -FOREVER
    until: int = FOREVER
    note: str = ""
    where: str = ""


@dataclass(frozen=True)
class Parameter:
    """A dated value, or a table of dated values by key.

    ``lookup`` is the only way to a value: it answers or refuses, naming parameter, key and month.
    """

    name: str
    room: str
    label: str
    unit: Unit
    keys: tuple[str, ...]
    entries: tuple[Entry, ...]
    where: str = ""
    _index: dict[Key, list[Entry]] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        for entry in sorted(self.entries, key=lambda e: e.since):
            self._index.setdefault(entry.key, []).append(entry)
        for key, entries in self._index.items():
            for i in range(len(entries) - 1):
                if entries[i].since == entries[i + 1].since:
                    raise BookError(f"{self.full_name}{_key_text(key)} has two values from one date", entries[i].where)
                if entries[i].until >= entries[i + 1].since:
                    entries[i] = replace(entries[i], until=entries[i + 1].since - 1)

    @property
    def full_name(self) -> str:
        return f"{self.room}.{self.name}" if self.room else self.name

    @property
    def dated(self) -> bool:
        """Whether the value depends on the month at all."""
        return any(e.since > -FOREVER or e.until < FOREVER for e in self.entries)

    def resolved(self) -> Iterator[Entry]:
        """Every entry with the end that the next one gives it."""
        for entries in self._index.values():
            yield from entries

    def lookup(self, key: Key, month: int) -> Entry:
        """The entry in force; ``Refused('missing parameter')`` otherwise."""
        for entry in self._index.get(key, ()):
            if entry.since <= month <= entry.until:
                return entry
        raise Refused("missing parameter", self.full_name, f"{self.label}, {self._missing(key, month)}")

    def _missing(self, key: Key, month: int) -> str:
        named = ", ".join(f"{k}={v}" for k, v in zip(self.keys, key, strict=False))
        held = self._index.get(key)
        if not held:
            return f"no value for {named or 'any date'}" if self.dated or named else "no value"
        spans = ", ".join(span_text(e.since, e.until) for e in held)
        return f"{named + ': ' if named else ''}no value in {show_month(month)} (known {spans})"

    def overlaid(self, entries: Iterable[Entry]) -> Parameter:
        """The parameter under a reform: each new entry ends what stood for its key from its date on."""
        old = list(self.resolved())
        for new in entries:
            kept = []
            for entry in old:
                if entry.key != new.key or entry.until < new.since or entry.since > new.until:
                    kept.append(entry)
                    continue
                if entry.since < new.since:
                    kept.append(replace(entry, until=new.since - 1))
                if entry.until > new.until:
                    kept.append(replace(entry, since=new.until + 1))
            old = [*kept, new]
        return replace(self, entries=tuple(old), _index={})


def span_text(since: int, until: int) -> str:
    """A span of months as ``2014-01 to …``."""
    start = show_month(since) if since > -FOREVER else "…"
    return f"{start} to {show_month(until) if until < FOREVER else '…'}"


def _key_text(key: Key) -> str:
    return f"[{', '.join(map(str, key))}]" if key else ""


def _key(raw: Any, unit_names: Sequence[str], where: str) -> Key:
    parts = raw if isinstance(raw, (list, tuple)) else [raw] if unit_names else []
    if len(parts) != len(unit_names):
        raise BookError(f"key {raw!r} does not fit keys {list(unit_names)}", where)
    texts = [str(p).strip() for p in parts]
    if "" in texts:
        raise BookError(f"key {unit_names[texts.index('')]} is empty", where)
    return tuple(int(t) if re.fullmatch(r"-?\d+", t) else _word(t, where) for t in texts)


def _word(text: str, where: str) -> str:
    if not re.fullmatch(r"\w+", text) or text[0].isdigit():
        raise BookError(f"key {text!r} is neither a whole number nor a word", where)
    return text


def read_yaml(path: Path) -> Any:
    """A YAML file with every scalar as text, so that no binary float arises; a key that stands twice is refused."""
    try:
        with path.open(encoding="utf-8") as file:
            return _document(yaml.parse(file, getattr(yaml, "CBaseLoader", yaml.BaseLoader)))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BookError(f"not readable as YAML: {error}", str(path)) from None
    except BookError as error:
        raise BookError(str(error), str(path)) from None


_DEEPEST = 50  # maps and lists in one another: libyaml's own composer would run out of stack, and end the process


def _document(events: Iterator[Any]) -> Any:
    """The one document of a stream, or None if it is empty."""
    found = None
    for number, event in enumerate(e for e in events if not isinstance(e, _FRAME)):
        if number:
            raise BookError("more than one document", _line(event))
        found = _value(event, events, {}, 0)
    return found


def _value(event: Any, events: Iterator[Any], named: dict[str, Any], depth: int) -> Any:
    """What begins with an event, as texts, lists and maps; ``named`` holds what an alias may stand for."""
    if isinstance(event, yaml.AliasEvent):
        if event.anchor not in named:
            raise BookError(f"alias {event.anchor!r} of nothing that stands before it", _line(event))
        return named[event.anchor]
    if depth > _DEEPEST:
        raise BookError(f"more than {_DEEPEST} maps and lists in one another", _line(event))
    value: Any
    if isinstance(event, yaml.ScalarEvent):
        value = event.value
    elif isinstance(event, yaml.SequenceStartEvent):
        value = [_value(inner, events, named, depth + 1) for inner in _until(yaml.SequenceEndEvent, events)]
    else:
        value = {}
        for key in _until(yaml.MappingEndEvent, events):
            if not isinstance(key, yaml.ScalarEvent):
                raise BookError("a key is one word or number", _line(key))
            if key.value in value:
                raise BookError(f"{key.value!r} stands twice", _line(key))
            value[key.value] = _value(next(events), events, named, depth + 1)
    if event.anchor:
        named[event.anchor] = value
    return value


_FRAME = (yaml.StreamStartEvent, yaml.StreamEndEvent, yaml.DocumentStartEvent, yaml.DocumentEndEvent)


def _until(end: type, events: Iterator[Any]) -> Iterator[Any]:
    for event in events:
        if isinstance(event, end):
            return
        yield event


def _line(event: Any) -> str:
    return f"line {event.start_mark.line + 1}"


def load_parameters(path: Path, room: str) -> list[Parameter]:
    """Every parameter of one YAML file."""
    spec = read_yaml(path) or {}
    if not isinstance(spec, Mapping):
        raise BookError("a parameter file is a map of parameters", path.name)
    return [_parameter(path, room, name, body) for name, body in spec.items()]


def _parameter(path: Path, room: str, name: str, body: Any) -> Parameter:
    where = f"{path.parent.name}/{path.name}: {name}"
    if not isinstance(body, Mapping):
        raise BookError("a parameter is a map with label, unit and values", where)
    unknown = set(body) - {"label", "unit", "keys", "values", "csv", "column", "note"}
    if unknown:
        raise BookError(f"unknown word {sorted(unknown)[0]!r}", where)
    for word in ("label", "unit"):
        if not body.get(word):
            raise BookError(f"no {word}", where)
    if not isinstance(body.get("keys") or [], list):
        raise BookError(f"keys is a list of names, not {body['keys']!r}", where)
    unit, keys = placed(where, unit_of, body["unit"]), tuple(body.get("keys") or ())
    if "csv" in body:
        entries = list(_csv_entries(path.parent / body["csv"], keys, body.get("column", "value"), unit))
    else:
        entries = parse_entries(body.get("values") or [], keys, unit, where)
    return parameter_of(name, room, body["label"], unit, keys, entries, where)


def parameter_of(
    name: str, room: str, label: str, unit: Unit, keys: tuple[str, ...], entries: list[Entry], where: str
) -> Parameter:
    """A parameter whose keys are of one kind each."""
    for i, key in enumerate(keys):
        kinds = {type(entry.key[i]) for entry in entries}
        if len(kinds) > 1:
            raise BookError(f"key {key} is a whole number in some entries and a text in others", where)
    return Parameter(name, room, label, unit, keys, tuple(entries), where)


def placed(where: str, read: Callable[..., T], *args: Any) -> T:
    """What ``read`` makes of its arguments; a refusal is told with its place."""
    try:
        return read(*args)
    except BookError as error:
        raise BookError(str(error), where) from None


def parse_entries(values: Any, keys: tuple[str, ...], unit: Unit, where: str) -> list[Entry]:
    """The ``values:`` list of a parameter, in a room or in a reform."""
    if not isinstance(values, list):
        raise BookError("values is a list of {from, value, source, certainty}", where)
    entries: list[Entry] = []
    for item in values:
        if not isinstance(item, Mapping) or "value" not in item:
            raise BookError(f"{item!r} has no value", where)
        unknown = set(item) - {"from", "to", "value", "source", "certainty", "note", "key"}
        if unknown:
            raise BookError(f"unknown word {sorted(unknown)[0]!r}", where)
        value = item["value"]
        if keys and not isinstance(value, Mapping):
            if "key" not in item:
                raise BookError(f"keys are {list(keys)}, so value is a map", where)
            value = {tuple(item["key"]) if isinstance(item["key"], list) else item["key"]: value}
        pairs = _flat(value, len(keys)) if keys else [((), value)]
        entries += [_entry(key, raw, item, keys, unit, where) for key, raw in pairs]
    return entries


def _flat(value: Any, depth: int) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """``{44: {2025: 1}}`` as ``((44, 2025), 1)``; a key that is already a tuple stays whole."""
    for key, inner in value.items():
        parts = key if isinstance(key, tuple) else (key,)
        if isinstance(inner, Mapping) and len(parts) < depth:
            for rest, raw in _flat(inner, depth - len(parts)):
                yield (*parts, *rest), raw
        else:
            yield parts, inner


def _csv_entries(path: Path, keys: tuple[str, ...], column: str, unit: Unit) -> Iterator[Entry]:
    if not path.is_file():
        raise BookError("no such file", str(path))
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        needed = {*keys, column, "source", "certainty"} - set(rows.fieldnames or ())
        if needed:
            raise BookError(f"no column {', '.join(sorted(needed))}", path.name)
        for row in rows:
            if None in row:
                raise BookError("a row has more fields than the header", f"{path.name}:{rows.line_num}")
            if (row[column] or "").strip():
                yield _entry([row[k] for k in keys], row[column], row, keys, unit, f"{path.name}:{rows.line_num}")


def _entry(key: Any, raw: Any, item: Mapping[str, Any], keys: tuple[str, ...], unit: Unit, where: str) -> Entry:
    for word in ("source", "certainty"):
        if not item.get(word):
            raise BookError(f"a value without {word}", where)
    if item["certainty"] not in CERTAINTIES:
        raise BookError(f"certainty {item['certainty']!r} is none of {', '.join(CERTAINTIES)}", where)
    since = placed(where, parse_month, item["from"]) if item.get("from") else -FOREVER
    until = placed(where, parse_month, item["to"]) if item.get("to") else FOREVER
    if since > until:
        raise BookError(f"from {item['from']} is after to {item['to']}", where)
    read: Callable[[Any], Any] = parse_month if unit.kind == "month" else parse_number
    value = Fraction(placed(where, read, raw))
    certainty, note = item["certainty"], item.get("note") or ""
    return Entry(_key(key, keys, where), value, item["source"], certainty, since, until, note, where)
