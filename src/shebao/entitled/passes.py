"""Several benefits judged in one compiled pass over people, each by itself: what refuses one does not stop another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from shebao.engine.book import Fact
from shebao.engine.columns import Inputs
from shebao.engine.compute import Kernel
from shebao.engine.emit import Emitter
from shebao.engine.graph import Graph
from shebao.engine.integers import Flag
from shebao.engine.lower import Block, Exit
from shebao.engine.plan import Plan
from shebao.engine.rulebook import Law
from shebao.entitled.catalogue import Benefit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shebao.engine.integers import Value
    from shebao.engine.reading import Column

NOT_DUE, DUE = 0, 1
#: the verdict of a benefit that is due while its amount is refused: this and the number of the reason;
#: not judged: the number of the reason below zero
UNKNOWN = 1


class Verdicts(Plan):
    """The text of a loop that writes, for each row and benefit, a verdict and the amount of what is due.

    A benefit is asked only of rows that give one of its ``when``. One condition that fails decides, whatever else is
    refused; an amount that is refused leaves the benefit due.
    """

    def __init__(self, law: Law, benefits: Sequence[Benefit], inputs: Inputs) -> None:
        self.benefits = tuple(benefits)
        self.scales: dict[str, int] = {}  # of each benefit with an amount: what its stored numbers count in a yuan
        rules = tuple(dict.fromkeys(rule for benefit in benefits for rule in benefit.rules))
        super().__init__(law.book, law.month, rules, inputs.columns, inputs.histories)

    def _body(self) -> Block:
        graph = Graph(self.rules, self.parts)
        graph.certain = dict.fromkeys(graph.certain, False)  # nothing is needed by all, so no failure ends a row
        made = Presuming(self, graph, Exit())
        body = made.block(None)
        for k, benefit in enumerate(self.benefits):
            verdict = self.fresh("verdict")
            body.emit(f"{verdict} = {NOT_DUE}")
            body.branch(self._asked(benefit), self._judged(benefit, verdict, made))
            body.emit(f"status[{k} * stop + i] = {verdict}")
        return body

    def _asked(self, benefit: Benefit) -> str:
        """Whether a row gives the facts and histories that make a benefit a question."""
        asked = self._any_given(benefit.when)
        return f"({asked}) and ({self._any_given(benefit.besides)})" if benefit.besides else asked

    def _any_given(self, names: Sequence[str]) -> str:
        tests = []
        for name in names:
            if name in self.columns:
                null = np.iinfo(self.columns[name].dtype).min
                tests.append(f"c{_place(self.used_columns, name)}[i] != {null}")
            elif name in self.histories:
                tests.append(f"hv{_place(self.used_histories, name)}[i] != 0")
        return " or ".join(tests)

    def _judged(self, benefit: Benefit, verdict: str, made: Emitter) -> Block:
        block = Block()
        block.emit(f"{verdict} = {DUE}")
        for rule in benefit.entitled:
            if refused := made.soft.get(rule):
                block.branch(f"{verdict} == {DUE} and {refused} != 0", _set(verdict, f"-{refused}"))
        for rule in benefit.entitled:
            fails = f"not ({_code(made.values[rule])})"
            known = f"{made.soft[rule]} == 0 and {fails}" if rule in made.soft else fails
            block.branch(known, _set(verdict, str(NOT_DUE)))
        if benefit.amount:
            block.branch(f"{verdict} == {DUE}", self._paid(benefit, verdict, made))
        return block

    def _paid(self, benefit: Benefit, verdict: str, made: Emitter) -> Block:
        """The amount of what is due, if it is known and not 0."""
        rule, block, some = benefit.amount, Block(), Block()
        output = self._output(rule, made.values[rule])
        self.scales[benefit.id] = output.scale
        stored = self._stored(output, made.values[rule])
        some.emit(f"o{self.rules.index(rule)}[i] = {stored}")
        block.branch(f"({stored}) > 0", some, _set(verdict, str(NOT_DUE)))
        refused = made.soft.get(rule)
        if not refused:
            return block
        without, outer = f"{refused} + {UNKNOWN}" if benefit.entitled else f"-{refused}", Block()
        outer.branch(f"{refused} != 0", _set(verdict, without), block)
        return outer


class Presuming(Emitter):
    """Takes an empty cell of a fact that the law presumes as one that was not given."""

    def load(self, name: str, block: Block, cell: str, column: Column) -> None:
        node = self.book.nodes[name]
        if isinstance(node, Fact) and node.presumed is not None:
            stored = _presumed(node, column)
            if stored is not None:
                cell = f"({stored} if {cell} == {np.iinfo(column.dtype).min} else {cell})"
        super().load(name, block, cell, column)

    def of_records(self, graph: Graph, leave: Exit, history: str, j: str) -> Presuming:
        inner = Presuming(self.plan, graph, leave, self)
        inner.record = (history, j)
        return inner


def _presumed(fact: Fact, column: Column) -> int | None:
    """What is presumed as a column would store it; None where its texts lack it: then an empty cell is refused."""
    if fact.unit.kind == "choice":
        text = str(fact.presumed)
        return column.values.index(text) if text in column.values else None
    return int(fact.presumed) if fact.unit.kind == "yes_no" else int(fact.presumed * column.scale)  # type: ignore[arg-type,operator]


def _place(used: list[str], name: str) -> int:
    if name not in used:
        used.append(name)
    return used.index(name)


def _set(name: str, value: str) -> Block:
    block = Block()
    block.emit(f"{name} = {value}")
    return block


def _code(value: Value) -> str:
    assert isinstance(value, Flag)
    return value.code


class Pass(Kernel):
    """The compiled loop that judges some benefits for tables of one schema."""

    def __init__(self, law: Law, benefits: Sequence[Benefit], inputs: Inputs) -> None:
        self.book, self.month, self.inputs = law.book, law.month, inputs
        self.plan: Verdicts = Verdicts(law, benefits, inputs)
        self.rules, self.benefits = self.plan.rules, self.plan.benefits
        inputs.check_used(self.plan)
        self.params = np.array(self.plan.arrays.numbers or [0], dtype=np.int64)

    @property
    def reasons(self) -> list[str]:
        """The texts of the reasons by number; the first stands for none."""
        return [f"{kind}: {name}" if name else kind for kind, name in self.plan.reasons]

    def judge(self, batch: pa.RecordBatch, first_row: int) -> tuple[NDArray[np.int16], dict[str, NDArray[np.int64]]]:
        """A verdict for each benefit (first axis) and row; of each benefit with an amount, the amounts in fen.

        An amount stands only where the verdict is ``DUE``. Pure; safe to call from several threads.
        """
        rows = batch.num_rows
        outs = [np.empty(rows, dtype=np.int64) for _ in self.rules]
        verdicts = np.empty(len(self.benefits) * rows, dtype=np.int16)
        self._run_compiled(self._arrays(batch, first_row), outs, verdicts)
        amounts = {
            benefit.id: _fen(outs[self.rules.index(benefit.amount)], self.plan.scales[benefit.id])
            for benefit in self.benefits
            if benefit.amount
        }
        return verdicts.reshape(len(self.benefits), rows), amounts


def _fen(stored: NDArray[np.int64], scale: int) -> NDArray[np.int64]:
    """Amounts in whole fen; a part of a fen is not paid."""
    return stored if scale == 100 else stored * 100 // scale
