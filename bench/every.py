"""Every rule of the book as a loop of its own: compiled, and run over people whom it can be computed for.

People are drawn as ``shebao law check`` draws them: the facts a rule may ask, over their declared ranges and at the
points where the law bends. Of these a hundred are kept, nineteen in twenty of whom the rule computes, and repeated
in random order, so that the loop meets its branches as it would among as many different people.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bench.measure import median_of, peak_megabytes, seconds
from shebao.engine.book import Fact
from shebao.engine.check import People
from shebao.engine.compute import CHUNK, STATUS, Kernel
from shebao.engine.rulebook import Rulebook
from shebao.engine.units import parse_month
from shebao.law import rulebook

MONTH = parse_month("2025-12")
KEPT, REFUSED = 100, 5  # people of a rule whom it computes, and whom it refuses
BATCH = 120  # people drawn at a time
DRAWS = 6  # after so many batches, what was found must do
BLOCK = 8_192  # people in random order before the order repeats
PLAIN = 100  # people whom plain Python computes
EXPLAINED = 20


def rules(book: Rulebook, most: int = 1_000_000) -> list[str]:
    """At most so many rules, spread over the book, that can be asked for a person; those of a record run in these."""
    names = [rule.full_name for rule in book.rules() if not book.level(rule.full_name)]
    return names[:: -(-len(names) // most)]


# -- compiling ------------------------------------------------------------------------------------


def one_loop() -> dict[str, Any]:
    """All rules in one loop, for a table of all facts."""
    return _made(lambda book: [Kernel(book, MONTH, tuple(rules(book)), _schema(book))], 1)


def own_loops(threads: int, most: int) -> dict[str, Any]:
    """Every rule in a loop of its own, for a table of the facts it may ask."""
    return _made(lambda book: [_kernel(book, name, MONTH) for name in rules(book, most)], threads)


def _made(plan: Callable[[Rulebook], list[Kernel]], threads: int) -> dict[str, Any]:
    """The seconds to read the law, to plan loops and to have their machine code, compiled or from the cache."""
    start = time.perf_counter()
    book = rulebook()
    read = time.perf_counter()
    kernels = plan(book)
    planned = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(Kernel.compile, kernels))
    ready = time.perf_counter()
    return {
        "rules": sum(len(kernel.rules) for kernel in kernels),
        "lines": sum(len(kernel.plan.source.splitlines()) for kernel in kernels),
        "read": read - start,
        "plan": planned - read,
        "code": ready - planned,
        "peak_mb": peak_megabytes(),
    }


def _schema(book: Rulebook) -> pa.Schema:
    """A column for each fact of a person, a list for each history."""
    fields = [pa.field(fact.full_name, _kind(fact)) for fact in book.facts() if not fact.over]
    for name, facts in book.histories.items():
        fields.append(pa.field(name, pa.list_(pa.struct([pa.field(fact.name, _kind(fact)) for fact in facts]))))
    return pa.schema(fields)


def _kind(fact: Fact) -> pa.DataType:
    return pa.string() if fact.unit.kind == "choice" else pa.int64()


def _kernel(book: Rulebook, name: str, month: int) -> Kernel:
    return Kernel(book, month, (name,), People(book, name, month, random.Random(name)).table(1).schema)


# -- running --------------------------------------------------------------------------------------


def measured(people: int, threads: int, rounds: int, most: int) -> dict[str, Any]:
    """For ``most`` rules or all: seconds of ``people`` people, refused rows, bytes, and plain Python's seconds."""
    book = rulebook()
    found = [_rule(book, name, people, threads, rounds) for name in rules(book, most)]
    return {"rules": found, "copied": _copied(threads), "peak_mb": peak_megabytes()}


def _rule(book: Rulebook, name: str, people: int, threads: int, rounds: int) -> dict[str, Any]:
    kernel, drawn, computed = _drawn(book, name)
    if not computed.any():
        return {"rule": name}
    kept = drawn.filter(pa.array(computed))
    table = _repeated(drawn, computed, people)
    result = kernel.run(table, threads)
    return {
        "rule": name,
        "seconds": median_of(lambda: kernel.run(table, threads), rounds),
        "refused": result.report.rows - result.report.computed,
        "bytes": table.select(sorted(kernel.reads)).nbytes + result.table.nbytes,
        "plain": _plain(kernel, kept.slice(0, PLAIN)),
        "explain": _explain(kernel, kept.slice(0, EXPLAINED)),
    }


def _drawn(book: Rulebook, name: str) -> tuple[Kernel, pa.Table, NDArray[np.bool_]]:
    """People of a month in which the rule computes some, and whom it computes."""
    for month in _months(book, name):
        maker = People(book, name, month, random.Random(name))
        tables, held = [], []
        kernel = Kernel(book, month, (name,), maker.table(1).schema)
        for _ in range(DRAWS):
            tables.append(maker.table(BATCH))
            statuses = kernel.run(tables[-1], 1).table.column(STATUS).to_pylist()
            held += [status == "ok" for status in statuses]
            if sum(held) >= KEPT or (len(tables) == 2 and not any(held)):
                break
        if any(held):
            break
    return kernel, pa.concat_tables(tables).combine_chunks(), np.array(held)


def _months(book: Rulebook, name: str) -> Iterator[int]:
    """The month of the run; for a rule that computes nobody in it, months at which its law bends, latest first."""
    yield MONTH
    hints = People(book, name, MONTH, random.Random(name)).hints.get("month", ())
    yield from sorted((month for month in hints if month < MONTH), reverse=True)


def _repeated(drawn: pa.Table, computed: NDArray[np.bool_], people: int) -> pa.Table:
    """So many rows: in random order those who are computed, and among twenty one who is refused."""
    rng = np.random.default_rng(1)
    block = rng.choice(np.flatnonzero(computed)[:KEPT], BLOCK)
    if not computed.all():
        block = np.where(rng.random(BLOCK) < 1 / 20, rng.choice(np.flatnonzero(~computed)[:REFUSED], BLOCK), block)
    rows = drawn.take(pa.array(block))
    return pa.concat_tables([rows] * -(-people // BLOCK)).slice(0, people).combine_chunks()


# -- beside it ------------------------------------------------------------------------------------


def _plain(kernel: Kernel, table: pa.Table) -> float:
    """Seconds a person of the same loop's text as CPython runs it, over lists of whole numbers."""
    names: dict[str, Any] = {}
    exec(compile(kernel.plan.source, "<kernel>", "exec"), names)
    names.update(i8=int, u4=int, u8=lambda number: number if number >= 0 else 1 << 63)
    arrays = kernel.read(table.to_batches()[0])
    given: list[Any] = [column.tolist() for column in arrays.columns.values()]
    for history in arrays.histories.values():
        given += [history.offsets.tolist(), history.valid.tolist()]
    given += [column.tolist() for column in arrays.records.values()]
    outs, params = [[0] * table.num_rows for _ in (*kernel.rules, "status")], kernel.params.tolist()
    return _each(lambda: names["kernel"](0, table.num_rows, params, kernel.month, *given, *outs), table.num_rows)


def _explain(kernel: Kernel, table: pa.Table) -> float:
    """Seconds a person of ``explain``: exact fractions, with the tree."""
    arrays = kernel.read(table.to_batches()[0])

    def work() -> None:
        for i in range(table.num_rows):
            kernel.person(arrays, i).explain(kernel.rules[0])

    return _each(work, table.num_rows)


def _each(work: Callable[[], None], people: int) -> float:
    work()
    return seconds(work) / people


def _copied(threads: int, size: int = 1 << 24) -> float:
    """Bytes a second that the threads copy, in pieces as large as the loop's."""
    source, target = np.ones(size, np.int64), np.empty(size, np.int64)
    pieces = [slice(first, first + CHUNK) for first in range(0, size, CHUNK)]

    def copy(piece: slice) -> None:
        target[piece] = source[piece]

    with ThreadPoolExecutor(threads) as pool:
        took = [seconds(lambda: list(pool.map(copy, pieces))) for _ in range(6)]
    return source.nbytes / statistics.median(took[1:])
