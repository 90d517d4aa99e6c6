"""The machine code of a plan: read a batch, fill arrays; and what is done with a row may be something else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from lawmaking import MakeLaw

from shebao.engine import BookError
from shebao.engine.columns import Inputs
from shebao.engine.emit import Emitter
from shebao.engine.graph import Graph
from shebao.engine.loop import Loop
from shebao.engine.lower import Block, Exit
from shebao.engine.plan import Plan
from shebao.engine.rulebook import Law

RULES = """\
money = fact(Yuan, 0, 10_000, label='额')
age = fact(Age, 0, 120, label='龄')

@rule(cite='一', label='双倍')
def twice(money) -> Yuan:
    return money * 2

@rule(cite='一', label='成年')
def adult(age) -> YesNo:
    return age >= 18
"""
BATCH = pa.record_batch({"money": [100, 10**7, 300, 400], "age": [17, 18, 19, 200]})  # two rows out of range
UNTOUCHED = -9


@pytest.fixture(scope="module")
def law(make_law: MakeLaw) -> Law:
    return make_law(RULES).at("2025-03")


def filled(loop: Loop, statuses: int = 1, some: range | None = None) -> tuple[list[Any], list[int]]:
    outs = [np.full(len(BATCH), UNTOUCHED, dtype=np.int64) for _ in loop.rules]
    status = np.full(len(BATCH) * statuses, UNTOUCHED, dtype=np.int16)
    loop.fill(loop.read(BATCH), outs, status, some)
    return [out.tolist() for out in outs], status.tolist()


def loop_of(law: Law, **how: Any) -> Loop:
    inputs = Inputs(law.book, ("twice", "adult"), BATCH.schema)
    return Loop(Plan(law.book, law.month, ("twice", "adult"), inputs.columns, inputs.histories, **how), inputs)


def test_a_refused_row_gets_a_reason_and_nothing_else(law: Law) -> None:
    loop = loop_of(law)
    (twice, adult), status = filled(loop)
    assert twice == [200, UNTOUCHED, 600, UNTOUCHED]
    assert adult == [0, UNTOUCHED, 1, UNTOUCHED]
    assert [loop.plan.reasons[s] if s > 0 else "" for s in status] == [
        *("", ("out of range", "money")),
        *("", ("out of range", "age")),
    ]


def test_only_the_rows_asked_for_are_run(law: Law) -> None:
    (twice, adult), status = filled(loop_of(law), some=range(1, 3))
    assert (twice, adult) == ([UNTOUCHED, UNTOUCHED, 600, UNTOUCHED], [UNTOUCHED, UNTOUCHED, 1, UNTOUCHED])
    assert status[0] == status[3] == UNTOUCHED


def test_a_kernel_is_a_loop_whose_numbers_it_makes_a_table_of(law: Law) -> None:
    kernel = law.kernel(("twice", "adult"), BATCH.schema)
    assert kernel.plan.source == loop_of(law).plan.source
    assert filled(kernel) == filled(loop_of(law))
    assert kernel.run(BATCH, 1).table.column("twice").to_pylist() == [200, None, 600, None]


def each_by_itself(plan: Plan) -> Block:
    """A body: a status for each rule, so that what refuses one does not stop another."""
    graph = Graph(plan.rules, plan.parts)
    graph.certain = dict.fromkeys(graph.certain, False)
    made = Emitter(plan, graph, Exit())
    body = made.block(None)
    for k, rule in enumerate(plan.rules):
        plan.outputs.append(plan.output(rule, made.values[rule]))
        body.emit(f"o{k}[i] = {plan.stored(plan.outputs[k], made.values[rule])}")
        body.emit(f"status[{k} * stop + i] = {made.soft.get(rule, '0')}")
    return body


def test_a_body_says_what_is_done_with_a_row(law: Law) -> None:
    loop = loop_of(law, body=each_by_itself)
    (twice, adult), status = filled(loop, statuses=2)
    assert [loop.plan.reasons[s][1] for s in status] == ["", "money", "", "", "", "", "", "age"]
    assert (twice[3], adult[1]) == (800, 1)  # each stands where the other is refused
    assert [output.scale for output in loop.plan.outputs] == [100, 1]


def test_a_column_of_a_wrong_type_is_refused_before_anything_runs(law: Law) -> None:
    inputs = Inputs(law.book, ("twice",), pa.schema([("money", pa.float64())]))
    with pytest.raises(BookError, match="money"):
        Loop(Plan(law.book, law.month, ("twice",), inputs.columns, inputs.histories), inputs)
