"""The machine code of a plan, run over batches of one schema: numbers in, numbers out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from shebao.engine.columns import Inputs, read_column
from shebao.engine.kernel import compiled
from shebao.engine.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True)
class Rows:
    """The rows of a batch as the loop takes them: columns, histories and columns of their records, by full name."""

    count: int
    columns: dict[str, NDArray[Any]]
    histories: dict[str, Any]
    records: dict[tuple[str, str], NDArray[Any]]


class Loop:
    """The compiled loop of a plan: :meth:`read` a batch, then :meth:`fill` arrays with what its rows come to.

    ``BookError`` if a column that the plan reads has a wrong type or unit.
    """

    def __init__(self, plan: Plan, inputs: Inputs) -> None:
        self.plan, self.inputs, self.rules = plan, inputs, plan.rules
        self.book, self.month = plan.book, plan.month
        inputs.check_used(plan)
        self.params = np.array(plan.arrays.numbers or [0], dtype=np.int64)

    @cached_property
    def code(self) -> Any:
        """The machine code; compiled or read from the cache when first used."""
        plan = self.plan
        types = ["int", "int", "int64", "int", *(plan.columns[c].dtype for c in plan.used_columns)]
        types += ["int64", "int8"] * len(plan.used_histories)
        types += [plan.histories[h][f].dtype for h, f in plan.used_records]
        return compiled(plan.source, (*types, *["int64!"] * len(plan.rules), "int16!"))

    def compile(self) -> None:
        """Compiles now, or reads from the cache, rather than at the first batch."""
        _ = self.code

    @property
    def reads(self) -> frozenset[str]:
        """The names of the columns that a batch must have; others of the schema may be left out."""
        return frozenset(self.inputs.headings[name] for name in (*self.plan.used_columns, *self.plan.used_histories))

    def read(self, batch: pa.RecordBatch, first_row: int = 0) -> Rows:
        """The columns of a batch, found by name. A ``BookError`` about a row counts from ``first_row`` before it."""
        plan = self.plan
        columns = {c: self.inputs.read(batch, c, first_row) for c in plan.used_columns}
        histories = {h: self.inputs.read_history(batch, h, first_row) for h in plan.used_histories}
        records = {(h, f): read_column(histories[h].records[f], plan.histories[h][f]) for h, f in plan.used_records}
        return Rows(batch.num_rows, columns, histories, records)

    def fill(
        self, rows: Rows, outs: Sequence[NDArray[np.int64]], status: NDArray[np.int16], some: range | None = None
    ) -> None:
        """Runs over all rows, or ``some``: an array of ``outs`` for each rule, and ``status``, as the plan's body says.

        Pure; safe to call from several threads. What the body does not write stays as it was.
        """
        rest: list[Any] = [self.params, self.month, *rows.columns.values()]
        for history in rows.histories.values():
            rest += [history.offsets, history.valid]
        some = range(rows.count) if some is None else some
        self.code(some.start, some.stop, *rest, *rows.records.values(), *outs, status)
