"""Worked examples as starting points: people who can be computed, as columns, so that their facts can be moved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from shebao.engine.book import MONTH, Fact, Node, Rule, uses
from shebao.engine.explain import Person
from shebao.engine.facts import bounds, read_person
from shebao.engine.history import history_name, history_names
from shebao.engine.rulebook import Rulebook
from shebao.engine.units import parse_month
from shebao.law.cases import Case

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Sample:
    """A worked example in which a rule is computed: what was given, exact and by full name."""

    case: Case
    given: Mapping[str, Any]


def amounts(book: Rulebook) -> list[str]:
    """Full names of the rules of a person that are money."""
    return [r.full_name for r in book.rules() if r.unit.kind == "money" and not book.level(r.full_name)]


def samples(book: Rulebook, cases: Iterable[Case], names: Collection[str], most: int) -> dict[str, list[Sample]]:
    """Examples in which each rule is computed: ``most`` of other provinces, readings and facts, those first in which
    something is due, and whichever else gives a fact that none of these does.
    """
    found: dict[str, dict[tuple[Any, ...], Sample]] = {name: {} for name in sorted(names)}
    for case in cases:
        for wanted in case.expect:
            name = book.find(case.full_name(wanted))
            sample = Sample(case, read_person(book, (name,), case.facts))
            for node in Person(book, parse_month(case.month), sample.given).explain(name).walk():
                if node.name in found and not node.given:
                    key = (bool(node.exact), case.facts.get("region"), node.formula, node.cite, frozenset(sample.given))
                    found[node.name].setdefault(key, sample)
    ordered = {name: [held[key] for key in sorted(held, key=lambda key: not key[0])] for name, held in found.items()}
    return {name: list(_chosen(book, held, most)) for name, held in ordered.items()}


def _chosen(book: Rulebook, held: Iterable[Sample], most: int) -> Iterator[Sample]:
    seen: set[str] = set()
    for k, sample in enumerate(held):
        free = set(sample.given) - held_fast(book, sample.given)
        if k < most or free - seen:
            seen |= free
            yield sample


def held_fast(book: Rulebook, given: Iterable[str]) -> set[str]:
    """What lies behind the rules among what is given: it can move none of them."""
    rules = [name for name in given if isinstance(book.nodes.get(name), Rule)]
    return {name for rule in rules for name in beneath(book, rule) - {rule}}


def alike(book: Rulebook, held: Iterable[Sample]) -> dict[tuple[int, frozenset[str]], list[Sample]]:
    """Examples of one month that are given the same rules: they fit one table."""
    groups: dict[tuple[int, frozenset[str]], list[Sample]] = defaultdict(list)
    for sample in held:
        rules = frozenset(name for name in sample.given if isinstance(book.nodes.get(name), Rule))
        groups[parse_month(sample.case.month), rules].append(sample)
    return groups


def asked(book: Rulebook, name: str) -> set[str]:
    """Facts and histories that a rule and all it reads may ask."""
    found = set[str]()
    for at in beneath(book, name):
        node = book.nodes[at]
        if isinstance(node, Rule):
            found |= {history_name(book, node)} if node.kind != "rule" else set()
        elif isinstance(node, Fact) and at != MONTH:
            found.add(history_name(book, node) if node.over else at)
    return found


def beneath(book: Rulebook, name: str) -> set[str]:
    """Everything a rule rests on, itself included."""
    seen, stack = set[str](), [name]
    while stack:
        at = stack.pop()
        if at not in seen:
            seen.add(at)
            node = book.nodes[at]
            stack += uses(book, node) if isinstance(node, Rule) else ()
    return seen


def columns(book: Rulebook, names: Iterable[str], held: Sequence[Sample]) -> pa.Table:
    """What examples give of some facts, rules and histories, in units of storage; null where nothing is given."""
    made = {name: _column(book, name, held) for name in sorted(names)}
    return pa.table(made or {"_nobody": [0] * len(held)})


def value(book: Rulebook, sample: Sample, name: str) -> Any:
    """What an example gives, of a history in its last record, or the law presumes; None where neither."""
    node, given = book.nodes.get(name), sample.given
    if isinstance(node, Fact) and node.over:
        records = sample.given.get(history_name(book, node))
        if not records:
            return None
        given = records[-1]
    return given.get(name, node.presumed if isinstance(node, Fact) else None)


def moved(book: Rulebook, sample: Sample, name: str, to: Any) -> Mapping[str, Any]:
    """What an example gives with another value of one fact, of a history in its last record."""
    node = book.nodes[name]
    if not (isinstance(node, Fact) and node.over):
        return {**sample.given, name: to}
    history = history_name(book, node)
    records = sample.given[history]
    return {**sample.given, history: [*records[:-1], {**records[-1], name: to}]}


def filled(book: Rulebook, table: pa.Table, name: str, rows: NDArray[np.int64], to: NDArray[np.int64]) -> pa.Table:
    """A table of examples with other stored values of one number in some rows, of a history in its last record."""
    node = book.nodes[name]
    history = history_name(book, node) if isinstance(node, Fact) and node.over else ""
    place = table.column_names.index(history or name)
    old = table.column(place).combine_chunks()
    new = _last_filled(old, node.name, rows, to) if history else _filled(old, rows, to)
    return table.set_column(place, history or name, new)


def _filled(old: pa.Array, places: NDArray[np.int64], to: NDArray[np.int64]) -> pa.Array:
    absent, numbers = (part.to_numpy(zero_copy_only=False).copy() for part in (old.is_null(), old.fill_null(0)))
    numbers[places], absent[places] = to, False
    return pa.array(numbers, pa.int64(), mask=absent)


def _last_filled(old: pa.ListArray, name: str, rows: NDArray[np.int64], to: NDArray[np.int64]) -> pa.ListArray:
    records, last = old.values, old.offsets.to_numpy()[rows + 1] - 1
    fields = list(records.type)
    columns = [_filled(records.field(f.name), last, to) if f.name == name else records.field(f.name) for f in fields]
    made = pa.StructArray.from_arrays(columns, fields=fields)
    return pa.ListArray.from_arrays(old.offsets, made, old.type, mask=old.is_null())


def stored(node: Node, exact: Any) -> Any:
    """An exact value in units of storage; a choice as its text."""
    return exact if exact is None or isinstance(exact, str) else int(exact * bounds(node)[2])


def unit(node: Node) -> int:
    """How many storage units one step is: a rule in whole months is given in tenths."""
    return node.unit.given_scale // node.unit.scale if isinstance(node, Rule) else 1


def _column(book: Rulebook, name: str, held: Sequence[Sample]) -> pa.Array:
    facts = history_names(book).get(name)
    if facts is not None:
        kind = pa.list_(pa.struct([(fact.name, _kind(fact)) for fact in facts]))
        return pa.array([_records(sample.given.get(name), facts) for sample in held], kind)
    node = book.nodes[name]
    return pa.array([stored(node, value(book, sample, name)) for sample in held], _kind(node))


def _records(held: Any, facts: list[Fact]) -> Any:
    if held is None:
        return None
    return [{f.name: stored(f, record.get(f.full_name, f.presumed)) for f in facts} for record in held]


def _kind(node: Node) -> pa.DataType:
    return pa.string() if node.unit.kind == "choice" else pa.int64()
