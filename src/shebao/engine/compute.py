"""Running the law over tables of people: Arrow in, Arrow out.

A row that cannot be computed has null amounts and a ``status`` that names the reason; all others are ``ok``.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import starmap
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pyarrow as pa

from shebao.engine.columns import Inputs
from shebao.engine.errors import BookError, Refused
from shebao.engine.explain import Person
from shebao.engine.loop import Loop, Rows
from shebao.engine.parameters import Parameter
from shebao.engine.plan import Output, Plan

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shebao.engine.book import Book


CHUNK = 262_144  # rows a thread takes at a time: enough that what a call costs is nothing beside them
STATUS = "status"
Done = TypeVar("Done")


@dataclass(frozen=True)
class Report:
    """How many rows were computed, and how many were not, by reason.

    ``examples`` holds, for each reason met, the first row's number and the full message.
    """

    rows: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    examples: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()

    @property
    def computed(self) -> int:
        return self.rows - sum(self.reasons.values())

    def plus(self, other: Report) -> Report:
        """The two reports as one; row numbers of ``other`` count on from here."""
        moved = {k: (self.rows + row, text) for k, (row, text) in other.examples.items()}
        reasons = dict(Counter(self.reasons) + Counter(other.reasons))
        return Report(self.rows + other.rows, reasons, {**moved, **self.examples}, self.ignored or other.ignored)


@dataclass(frozen=True)
class Result:
    """The computed table (a column per rule, then ``status``) and its report."""

    table: pa.Table
    report: Report


class Kernel(Loop):
    """The compiled loop of some rules for tables of one schema: Arrow in, Arrow out, and a report.

    With ``SHEBAO_NOJIT=1`` every row is run through the law's own functions instead, so that a debugger stops in them.
    """

    def __init__(self, book: Book, month: int, rules: tuple[str, ...], schema: pa.Schema) -> None:
        if not rules:
            raise BookError("name at least one rule")
        full = tuple(book.person_rule(r).full_name for r in rules)
        if len(set(full)) < len(full):
            raise BookError(f"a rule is asked for twice: {', '.join(rules)}")
        inputs = Inputs(book, rules, schema)
        super().__init__(Plan(book, month, full, inputs.columns, inputs.histories), inputs)
        if self.plan.missing:
            raise BookError(self._missing_text(self.plan.missing))
        named = Counter(rule.rpartition(".")[2] for rule in self.rules)
        self.fields = tuple(self._field(o, named) for o in self.plan.outputs)
        self._named = pa.array([], pa.string())

    def _missing_text(self, names: list[str]) -> str:
        from difflib import get_close_matches

        parts = []
        for name in dict.fromkeys(names):
            near = get_close_matches(name.rpartition(".")[2], self.inputs.ignored, n=1, cutoff=0.6)
            parts.append(name + (f" (is it the column {near[0]!r}?)" if near else ""))
        return f"the table lacks {', '.join(parts)}"

    def compile(self) -> None:
        """Compiles now, or reads from the cache, rather than at the first batch."""
        if not _plain():
            super().compile()

    @cached_property
    def schema(self) -> pa.Schema:
        """The schema of the result."""
        return pa.schema([*self.fields, pa.field(STATUS, pa.dictionary(pa.int16(), pa.string()), nullable=False)])

    def _field(self, output: Output, named: Mapping[str, int]) -> pa.Field:
        """The column of a result, under its bare name if no other rule asked for is called so."""
        rule = self.book.rule(output.rule)
        name = rule.name if named[rule.name] == 1 else rule.full_name
        kinds = {"yes_no": pa.bool_(), "month": pa.int32(), "choice": pa.int8(), "region": pa.int8()}
        notes = {"shebao.unit": rule.unit.name, "shebao.scale": str(output.scale), "shebao.rule": rule.full_name}
        if output.values:
            notes["shebao.values"] = ",".join(output.values)
        return pa.field(name, kinds.get(rule.unit.kind, pa.int64()), metadata=notes)

    # -- running ---------------------------------------------------------------------------------
    def run(self, table: pa.Table | pa.RecordBatch, threads: int | None = None) -> Result:
        """Every row of a table in memory, in as many chunks as the threads take turns at."""
        batches = table.to_batches() if isinstance(table, pa.Table) else [table]
        self.compile()
        pieces = list(_chunks(batches))
        done, report = [], Report(ignored=tuple(self.inputs.ignored))
        # A debugger wants the law's functions in its own thread.
        results = _in_order(self._computed, pieces, 1 if _plain() else threads or os.cpu_count() or 1)
        for (piece, _), (out, refused) in zip(pieces, results, strict=True):
            done.append(out)
            report = report.plus(self._report(piece, refused, report.examples))
        return Result(pa.Table.from_batches(done, self.schema), report)

    def run_batch(self, batch: pa.RecordBatch, first_row: int = 0) -> tuple[pa.RecordBatch, Report]:
        """One batch in this thread: the result's batch and its report. Pure; safe to call from several threads.

        Columns are found by name. The report counts rows from the batch's start; a ``BookError`` about a row counts
        from ``first_row`` before it.
        """
        out, refused = self._computed(batch, first_row)
        return out, self._report(batch, refused)

    def _computed(self, batch: pa.RecordBatch, first_row: int) -> tuple[pa.RecordBatch, dict[int, tuple[int, int]]]:
        """The result's batch and, for each status but ok, how many rows have it and the first of them."""
        rows = self.read(batch, first_row)
        outs = [_room(batch.num_rows) for _ in self.rules]
        status = np.zeros(batch.num_rows, dtype=np.int16)
        if _plain():
            self._run_plain(rows, outs, status)
        else:
            self.fill(rows, outs, status)
        counts = enumerate(np.bincount(status)) if status.any() else ()
        refused = {code: (int(n), int(np.argmax(status == code))) for code, n in counts if code and n}
        return self._batch(outs, status), refused

    def _run_plain(self, rows: Rows, outs: list[NDArray[Any]], status: NDArray[np.int16]) -> None:
        codes = {reason: k for k, reason in enumerate(self.plan.reasons)}
        for i in range(rows.count):
            try:
                for out, output, value in zip(outs, self.plan.outputs, self._row(rows, i), strict=True):
                    out[i] = _stored(value, output)
            except Refused as refusal:
                reason = (refusal.kind, refusal.name)
                if reason not in codes:
                    self.plan.reason(*reason)
                    codes[reason] = len(codes)
                status[i] = codes[reason]

    def person(self, rows: Rows, i: int) -> Person:
        """One row as a person that the law's own functions can explain."""
        given = {c: self.inputs.value(self.plan.columns[c], c, a[i]) for c, a in rows.columns.items()}
        return Person(self.book, self.month, _Late(given, self._histories(rows, i)))

    def _row(self, rows: Rows, i: int) -> Iterator[Any]:
        person = self.person(rows, i)
        return (person.explain(rule).exact for rule in self.rules)

    def _histories(self, rows: Rows, i: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, history in rows.histories.items():
            if not history.valid[i]:
                found[name] = Refused("null", name, "the history is empty")
                continue
            facts = [(f, a) for (h, f), a in rows.records.items() if h == name]
            span = range(int(history.offsets[i]), int(history.offsets[i + 1]))
            found[name] = [
                _Late({f: self.inputs.value(self.plan.histories[name][f], f, a[j]) for f, a in facts}, {}) for j in span
            ]
        return found

    # -- results ---------------------------------------------------------------------------------
    def _batch(self, outs: list[NDArray[Any]], status: NDArray[np.int16]) -> pa.RecordBatch:
        bad, valid = status != 0, None
        if bad.any():
            valid = pa.py_buffer(np.packbits(~bad, bitorder="little"))
            for out in outs:
                out[bad] = 0  # nothing of other uses of the memory may show under a null
        columns = []
        for out, field_ in zip(outs, self.fields, strict=True):
            column = pa.Array.from_buffers(pa.int64(), len(out), [valid, pa.py_buffer(out)])
            columns.append(column if field_.type == pa.int64() else column.cast(field_.type))
        columns.append(pa.DictionaryArray.from_arrays(pa.array(status), self._statuses(), safe=False))
        return pa.RecordBatch.from_arrays(columns, schema=self.schema)

    def _statuses(self) -> pa.Array:
        """The texts of the reasons. Only plain runs meet reasons that the plan did not foresee."""
        if len(self._named) < len(self.plan.reasons):
            self._named = pa.array([f"{k}: {n}" if n else k for k, n in self.plan.reasons])
        return self._named

    def _report(
        self, batch: pa.RecordBatch, refused: Mapping[int, tuple[int, int]], told: Container[str] = ()
    ) -> Report:
        """The report of a batch, with an example of each reason that was not ``told`` before: an example takes longer
        to explain than many rows to compute."""
        reasons: dict[str, int] = {}
        examples: dict[str, tuple[int, str]] = {}
        for code, (count, row) in refused.items():
            text = self._statuses()[code].as_py()
            reasons[text] = count
            if text not in told:
                examples[text] = row, self._message(batch.slice(row, 1), *self.plan.reasons[code])
        return Report(batch.num_rows, reasons, examples)

    def _message(self, one: pa.RecordBatch, kind: str, name: str) -> str:
        """The full text of a row's refusal. A row may have several; the loop meets one, the explanation another."""
        person = self.person(self.read(one), 0)
        known = name in self.book.nodes and not isinstance(self.book.nodes[name], Parameter)
        for node in (*self.rules, *([name] if known and not self.book.level(name) else [])):
            try:
                person.explain(node)
            except Refused as refusal:
                if (refusal.kind, refusal.name) == (kind, name):
                    return str(refusal)
        return f"{kind}: {name}"


class _Late(dict[str, Any]):
    """Given values of which a bad one refuses only when it is asked for."""

    def __init__(self, given: Mapping[str, Any], histories: Mapping[str, Any]) -> None:
        super().__init__({**given, **histories})

    def __getitem__(self, name: str) -> Any:
        value = super().__getitem__(name)
        if isinstance(value, Refused):
            raise Refused(value.kind, value.name, value.detail)
        return value


def _plain() -> bool:
    return os.environ.get("SHEBAO_NOJIT", "0") not in ("", "0")


def _room(rows: int) -> NDArray[np.int64]:
    """Numbers yet to be written, in Arrow's memory: it gives again what a former batch has left, already mapped."""
    return np.frombuffer(pa.allocate_buffer(8 * rows), dtype=np.int64)


def _chunks(batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[pa.RecordBatch, int]]:
    """Pieces of at most ``CHUNK`` rows, each with the number of rows before it."""
    first = 0
    for batch in batches:
        for start in range(0, batch.num_rows, CHUNK):
            yield batch.slice(start, CHUNK), first + start
        first += batch.num_rows


def _in_order(work: Callable[..., Done], items: Iterable[tuple[Any, ...]], threads: int) -> Iterator[Done]:
    items = list(items)
    if threads == 1 or len(items) < 2:
        yield from starmap(work, items)
        return
    with ThreadPoolExecutor(threads) as pool:
        yield from pool.map(work, *zip(*items, strict=True))


def _stored(value: Any, output: Output) -> int:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str):
        return output.values.index(value)
    scaled = Fraction(value) * output.scale
    if scaled.denominator != 1:
        raise BookError(f"{output.rule}: {value} does not fit 1/{output.scale}")
    return int(scaled)
