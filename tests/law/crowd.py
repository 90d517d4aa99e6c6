"""People to try the law on: those of the worked examples, moved at random in every fact."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from shebao.engine.book import Fact
from shebao.engine.compute import STATUS, Kernel
from shebao.engine.facts import bounds
from shebao.engine.rulebook import Rulebook
from shebao.law.regions import ALL
from shebao.lawbook.samples import Sample, asked, columns, held_fast


def crowd(book: Rulebook, name: str, rules: frozenset[str], held: Sequence[Sample], people: int, seed: str) -> pa.Table:
    """``people`` persons with all that a rule may ask, like the examples ``held`` but for some facts of each.

    Every second one lives in the next province of the list; each other fact is another one for every fifth person,
    anywhere in its range.
    Rules that are given stay, and so do the facts behind them: not every value of theirs can come out.
    """
    rng = random.Random(seed)
    behind = held_fast(book, rules)
    base = columns(book, asked(book, name) | rules, held)
    table = base.take(pa.array([rng.randrange(len(held)) for _ in range(people)]))
    for place, column in enumerate(table.column_names):
        node = book.nodes.get(column)
        if isinstance(node, Fact) and column not in behind:
            values = [_other(node, now, row, rng) for row, now in enumerate(table.column(place).to_pylist())]
            table = table.set_column(place, column, pa.array(values, table.schema.field(place).type))
    return table


def _other(node: Fact, now: Any, row: int, rng: random.Random) -> Any:
    """Another value of a fact for some, the same for most; a value for half of those who gave none."""
    if node.name == "region":
        return ALL[row // 2 % len(ALL)] if row % 2 else now
    if rng.random() > (0.2 if now is not None else 0.5):
        return now
    if node.unit.kind == "choice":
        return rng.choice(node.values)
    low, high, scale = bounds(node)
    first, last = int(low * scale), int(high * scale)
    if node.unit.kind == "month":
        return min(max((now or 2024 * 12) + rng.randint(-180, 180), first), last)
    draws = [
        rng.randint(first, last),
        first + int((last - first) ** rng.random()),
        rng.choice((first, last)),
        (now or first) + rng.randint(-12, 12) * scale,
        int((now or first) * rng.uniform(0.3, 2)),
    ]
    return min(max(rng.choice(draws), first), last)


def amounts_of(book: Rulebook, month: int, name: str, table: pa.Table) -> Any:
    """The rule for each person, in units of storage; a masked entry where the law refuses."""
    result = Kernel(book, month, (name,), table.schema).run(table, 1).table
    refused = result.column(STATUS).combine_chunks().indices.to_numpy() != 0
    values = result.column(0).combine_chunks().cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    return np.ma.masked_array(values, refused)


def person(table: pa.Table, row: int) -> dict[str, Any]:
    """What is known of one person, for a message."""
    return {name: value for name, value in table.slice(row, 1).to_pylist()[0].items() if value is not None}
