"""Several benefits judged in one compiled pass over people, each by itself: what refuses one does not stop another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from shebao.engine.book import Fact
from shebao.engine.columns import Inputs
from shebao.engine.emit import Emitter
from shebao.engine.graph import Graph
from shebao.engine.integers import Flag
from shebao.engine.loop import Loop
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


class Verdicts:
    """What a loop does with a row: it writes, for each benefit, a verdict and the amount of what is due.

    A benefit is asked only of rows that give one of its ``when``. One condition that fails decides, whatever else is
    refused; an amount that is refused leaves the benefit due.
    """

    def __init__(self, benefits: Sequence[Benefit]) -> None:
        self.benefits = tuple(benefits)

    @property
    def rules(self) -> tuple[str, ...]:
        """All that the benefits ask, each once."""
        return tuple(dict.fromkeys(rule for benefit in self.benefits for rule in benefit.rules))

    def __call__(self, plan: Plan) -> Block:
        graph = Graph(plan.rules, plan.parts)
        graph.certain = dict.fromkeys(graph.certain, False)  # nothing is needed by all, so no failure ends a row
        made = Presuming(plan, graph, Exit())
        body = made.block(None)
        for k, benefit in enumerate(self.benefits):
            verdict = plan.fresh("verdict")
            body.emit(f"{verdict} = {NOT_DUE}")
            body.branch(_asked(plan, benefit), _judged(plan, benefit, verdict, made))
            body.emit(f"status[{k} * stop + i] = {verdict}")
        return body


def _asked(plan: Plan, benefit: Benefit) -> str:
    """Whether a row gives the facts and histories that make a benefit a question."""
    asked = _any_given(plan, benefit.when)
    return f"({asked}) and ({_any_given(plan, benefit.besides)})" if benefit.besides else asked


def _any_given(plan: Plan, names: Sequence[str]) -> str:
    tests = []
    for name in names:
        if name in plan.columns:
            null = np.iinfo(plan.columns[name].dtype).min
            tests.append(f"c{_place(plan.used_columns, name)}[i] != {null}")
        elif name in plan.histories:
            tests.append(f"hv{_place(plan.used_histories, name)}[i] != 0")
    return " or ".join(tests)


def _place(used: list[str], name: str) -> int:
    if name not in used:
        used.append(name)
    return used.index(name)


def _judged(plan: Plan, benefit: Benefit, verdict: str, made: Emitter) -> Block:
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
        block.branch(f"{verdict} == {DUE}", _paid(plan, benefit, verdict, made))
    return block


def _paid(plan: Plan, benefit: Benefit, verdict: str, made: Emitter) -> Block:
    """The amount of what is due, if it is known and not 0."""
    rule, block, some = benefit.amount, Block(), Block()
    output = plan.output(rule, made.values[rule])
    plan.outputs.append(output)
    stored = plan.stored(output, made.values[rule])
    some.emit(f"o{plan.rules.index(rule)}[i] = {stored}")
    block.branch(f"({stored}) > 0", some, _set(verdict, str(NOT_DUE)))
    refused = made.soft.get(rule)
    if not refused:
        return block
    without, outer = f"{refused} + {UNKNOWN}" if benefit.entitled else f"-{refused}", Block()
    outer.branch(f"{refused} != 0", _set(verdict, without), block)
    return outer


def _set(name: str, value: str) -> Block:
    block = Block()
    block.emit(f"{name} = {value}")
    return block


def _code(value: Value) -> str:
    assert isinstance(value, Flag)
    return value.code


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


class Pass(Loop):
    """The compiled loop that judges some benefits for tables of one schema."""

    def __init__(self, law: Law, benefits: Sequence[Benefit], inputs: Inputs) -> None:
        verdicts = Verdicts(benefits)
        plan = Plan(law.book, law.month, verdicts.rules, inputs.columns, inputs.histories, verdicts)
        super().__init__(plan, inputs)
        self.benefits = verdicts.benefits
        self.scales = {output.rule: output.scale for output in plan.outputs}  # stored numbers in a yuan

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
        self.fill(self.read(batch, first_row), outs, verdicts)
        amounts = {
            benefit.id: _fen(outs[self.rules.index(benefit.amount)], self.scales[benefit.amount])
            for benefit in self.benefits
            if benefit.amount
        }
        return verdicts.reshape(len(self.benefits), rows), amounts


def _fen(stored: NDArray[np.int64], scale: int) -> NDArray[np.int64]:
    """Amounts in whole fen; a part of a fen is not paid."""
    return stored if scale == 100 else stored * 100 // scale
