"""Running the law over tables of people: Arrow in, Arrow out.

A row that cannot be computed has null amounts and a ``status`` that names the reason; all others are ``ok``.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from shebao.engine.columns import Inputs, read_column
from shebao.engine.errors import BookError, Refused
from shebao.engine.explain import Person
from shebao.engine.kernel import compiled
from shebao.engine.plan import Output, Plan
from shebao.engine.units import show_month

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shebao.engine.law import Law

CHUNK = 65_536  # rows a thread takes at a time
STATUS = "status"


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


class Kernel:
    """The compiled loop of some rules for tables of one schema.

    With ``SHEBAO_NOJIT=1`` every row is run through the law's own functions instead, so that a debugger stops in them.
    """

    def __init__(self, law: Law, rules: tuple[str, ...], schema: pa.Schema) -> None:
        if not rules:
            raise BookError("name at least one rule")
        self.law, self.asked = law, rules
        self.rules = tuple(law.book.person_rule(r).full_name for r in rules)
        if len(set(self.rules)) < len(self.rules):
            raise BookError(f"a rule is asked for twice: {', '.join(rules)}")
        self.inputs = Inputs(law.book, rules, schema)
        self.plan = Plan(law.book, law.month, self.rules, self.inputs.columns, self.inputs.histories)
        if self.plan.missing:
            raise BookError(self._missing_text(self.plan.missing))
        self.inputs.check_used(self.plan)
        self.params = np.array(self.plan.arrays.numbers or [0], dtype=np.int64)
        self.fields = tuple(self._field(o) for o in self.plan.outputs)

    def _missing_text(self, names: list[str]) -> str:
        from difflib import get_close_matches

        parts = []
        for name in dict.fromkeys(names):
            near = get_close_matches(name.rpartition(".")[2], self.inputs.ignored, n=1, cutoff=0.6)
            parts.append(name + (f" (is it the column {near[0]!r}?)" if near else ""))
        return f"the table lacks {', '.join(parts)}"

    @cached_property
    def code(self) -> Any:
        """The machine code; compiled or read from the cache when first used."""
        plan = self.plan
        types = ["int", "int", "int64", "int", *(plan.columns[c].dtype for c in plan.used_columns)]
        types += ["int64", "int8"] * len(plan.used_histories)
        types += [plan.histories[h][f].dtype for h, f in plan.used_records]
        return compiled(plan.source, (*types, *["int64!"] * len(plan.rules), "int16!"))

    @property
    def schema(self) -> pa.Schema:
        """The schema of the result."""
        return pa.schema([*self.fields, pa.field(STATUS, pa.dictionary(pa.int16(), pa.string()), nullable=False)])

    def _field(self, output: Output) -> pa.Field:
        rule = self.law.book.rule(output.rule)
        bare = [r.rpartition(".")[2] for r in self.rules]
        name = rule.name if bare.count(rule.name) == 1 else rule.full_name
        kinds = {"yes_no": pa.bool_(), "month": pa.int32(), "choice": pa.int8(), "region": pa.int8()}
        notes = {"shebao.unit": rule.unit.name, "shebao.scale": str(output.scale), "shebao.rule": rule.full_name}
        if output.values:
            notes["shebao.values"] = ",".join(output.values)
        return pa.field(name, kinds.get(rule.unit.kind, pa.int64()), metadata=notes)

    # -- running ---------------------------------------------------------------------------------
    def run(self, table: pa.Table | pa.RecordBatch, threads: int | None = None) -> Result:
        """Every row of a table in memory."""
        batches = table.to_batches() if isinstance(table, pa.Table) else [table]
        done, report = [], Report(ignored=tuple(self.inputs.ignored))
        for batch in batches:
            out, part = self.run_batch(batch, threads)
            done.append(out)
            report = report.plus(part)
        return Result(pa.Table.from_batches(done, self.schema), report)

    def run_batch(self, batch: pa.RecordBatch, threads: int | None = None) -> tuple[pa.RecordBatch, Report]:
        """One batch: the result's batch and its report. Pure; safe to call from several threads."""
        arrays = self._arrays(batch)
        outs = [np.zeros(batch.num_rows, dtype=np.int64) for _ in self.rules]
        status = np.zeros(batch.num_rows, dtype=np.int16)
        if os.environ.get("SHEBAO_NOJIT", "0") not in ("", "0"):
            self._run_plain(arrays, outs, status)
        else:
            self._run_compiled(arrays, outs, status, threads or os.cpu_count() or 1)
        return self._batch(outs, status), self._report(arrays, status)

    def _arrays(self, batch: pa.RecordBatch) -> _Arrays:
        plan = self.plan
        columns = {c: self.inputs.read(batch, c) for c in plan.used_columns}
        histories = {h: self.inputs.read_history(batch, h) for h in plan.used_histories}
        records = {(h, f): read_column(histories[h].records[f], plan.histories[h][f]) for h, f in plan.used_records}
        return _Arrays(batch.num_rows, columns, histories, records)

    def _run_compiled(self, arrays: _Arrays, outs: list[NDArray[Any]], status: NDArray[np.int16], threads: int) -> None:
        rest: list[Any] = [self.params, self.law.month, *arrays.columns.values()]
        for history in arrays.histories.values():
            rest += [history.offsets, history.valid]
        rest += [*arrays.records.values(), *outs, status]
        code, rows = self.code, arrays.rows
        if threads == 1 or rows <= CHUNK:
            code(0, rows, *rest)
            return
        with ThreadPoolExecutor(threads) as pool:
            starts = range(0, rows, CHUNK)
            for done in [pool.submit(code, s, min(s + CHUNK, rows), *rest) for s in starts]:
                done.result()

    def _run_plain(self, arrays: _Arrays, outs: list[NDArray[Any]], status: NDArray[np.int16]) -> None:
        codes = {reason: k for k, reason in enumerate(self.plan.reasons)}
        for i in range(arrays.rows):
            try:
                for out, output, value in zip(outs, self.plan.outputs, self._row(arrays, i), strict=True):
                    out[i] = _stored(value, output)
            except Refused as refusal:
                reason = (refusal.kind, refusal.name)
                if reason not in codes:
                    self.plan.reason(*reason)
                    codes[reason] = len(codes)
                status[i] = codes[reason]

    def person(self, arrays: _Arrays, i: int) -> Person:
        """One row as a person that the law's own functions can explain."""
        given = {c: self.inputs.value(self.plan.columns[c], c, a[i]) for c, a in arrays.columns.items()}
        return Person(self.law.book, self.law.month, _Late(given, self._histories(arrays, i)))

    def _row(self, arrays: _Arrays, i: int) -> Iterator[Any]:
        person = self.person(arrays, i)
        return (person.explain(rule).exact for rule in self.rules)

    def _histories(self, arrays: _Arrays, i: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, history in arrays.histories.items():
            if not history.valid[i]:
                found[name] = Refused("null", name, "the history is empty")
                continue
            facts = [(f, a) for (h, f), a in arrays.records.items() if h == name]
            span = range(int(history.offsets[i]), int(history.offsets[i + 1]))
            found[name] = [
                _Late({f: self.inputs.value(self.plan.histories[name][f], f, a[j]) for f, a in facts}, {}) for j in span
            ]
        return found

    # -- results ---------------------------------------------------------------------------------
    def _batch(self, outs: list[NDArray[Any]], status: NDArray[np.int16]) -> pa.RecordBatch:
        good = status == 0
        valid = None if good.all() else pa.py_buffer(np.packbits(good, bitorder="little"))
        columns = []
        for out, field_ in zip(outs, self.fields, strict=True):
            column = pa.Array.from_buffers(pa.int64(), len(out), [valid, pa.py_buffer(out)])
            columns.append(column if field_.type == pa.int64() else column.cast(field_.type))
        names = pa.array([f"{k}: {n}" if n else k for k, n in self.plan.reasons])
        columns.append(pa.DictionaryArray.from_arrays(pa.array(status), names))
        return pa.RecordBatch.from_arrays(columns, schema=self.schema)

    def _report(self, arrays: _Arrays, status: NDArray[np.int16]) -> Report:
        reasons: dict[str, int] = {}
        examples: dict[str, tuple[int, str]] = {}
        if status.any():
            for code, count in enumerate(np.bincount(status)):
                if code and count:
                    kind, name = self.plan.reasons[code]
                    row = int(np.argmax(status == code))
                    reasons[f"{kind}: {name}"] = int(count)
                    examples[f"{kind}: {name}"] = row, self._message(arrays, row)
        return Report(len(status), reasons, examples)

    def _message(self, arrays: _Arrays, row: int) -> str:
        try:
            list(self._row(arrays, row))
        except Refused as refusal:
            return str(refusal)
        return f"the law of {show_month(self.law.month)} refuses this row"


@dataclass(frozen=True)
class _Arrays:
    rows: int
    columns: dict[str, NDArray[Any]]
    histories: dict[str, Any]
    records: dict[tuple[str, str], NDArray[Any]]


class _Late(dict[str, Any]):
    """Given values of which a bad one refuses only when it is asked for."""

    def __init__(self, given: Mapping[str, Any], histories: Mapping[str, Any]) -> None:
        super().__init__({**given, **histories})

    def __getitem__(self, name: str) -> Any:
        value = super().__getitem__(name)
        if isinstance(value, Refused):
            raise Refused(value.kind, value.name, value.detail)
        return value


def _stored(value: Any, output: Output) -> int:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str):
        return output.values.index(value)
    scaled = Fraction(value) * output.scale
    if scaled.denominator != 1:
        raise BookError(f"{output.rule}: {value} does not fit 1/{output.scale}")
    return int(scaled)
