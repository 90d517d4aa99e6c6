"""Printing a history: one pass over its records that steps every state of a fold."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from shebao.engine.book import Rule
from shebao.engine.graph import Graph, Parts
from shebao.engine.history import history_name
from shebao.engine.integers import ONE, Int, Q, Value, add, number, whole
from shebao.engine.lower import Block, Exit

if TYPE_CHECKING:
    from shebao.engine.emit import Emitter


class Fold:
    """One pass over the records of a history, stepping every state of a fold."""

    def __init__(self, outer: Emitter, name: str) -> None:
        self.outer, self.name, self.plan = outer, name, outer.plan
        self.states = self.plan.fold_states(name)
        self.over = str(self.states[0].over)
        self.history = history_name(self.plan.book, self.states[0])

    def emit(self, block: Block) -> None:
        plan, outer = self.plan, self.outer
        exit_ = outer.exit_for(self.name, block)
        outer.inherit((use.name for use in plan.parts(self.name).direct if use.sure), exit_, block)
        if self.history not in plan.histories:
            if not plan.assumed and self.name in plan.always:
                plan.missing.append(self.history)
            exit_.fail(block, plan.reason("missing fact", self.history))
            for state in self.states:
                self.finish(state, number(0))
            return
        if self.history not in plan.used_histories:
            plan.used_histories.append(self.history)
        k = plan.used_histories.index(self.history)
        null = Block()
        exit_.fail(null, plan.reason("null", self.history))
        block.branch(f"hv{k}[i] == 0", null)
        why, j = plan.fresh("why"), plan.fresh("j")
        block.emit(f"{why} = 0")
        names = {s.full_name: self.start(s, block, exit_) for s in self.states}
        body = self.records(names, why, j)
        block.emit(f"for {j} in range(h{k}[i], h{k}[i + 1]):")
        block.lines += _indented(body)
        failed = Block()
        exit_.fail(failed, why)
        block.branch(f"{why} != 0", failed)
        for state in self.states:
            self.finish(state, self.ended(state, names[state.full_name], block, exit_))

    def finish(self, state: Rule, value: Value) -> None:
        self.outer.values[state.full_name] = value
        if self.name in self.outer.soft:
            self.outer.soft[state.full_name] = self.outer.soft[self.name]

    @staticmethod
    def held(state: Rule, var: str) -> Q:
        """The state between records."""
        scale = state.unit.scale
        return Q(Fraction(1, scale), Int(var, int(state.least * scale), int(state.note.high * scale)), ONE)

    def ended(self, state: Rule, var: str, block: Block, exit_: Exit) -> Q:
        """The state after the last record, when a total must have reached its least."""
        held, low = self.held(state, var), int(state.note.low * state.unit.scale)
        if held.num.lo < low:
            short = Block()
            exit_.fail(short, self.plan.reason("out of range", state.full_name))
            if not exit_.hard:
                short.emit(f"{var} = {low}")
            block.branch(f"{var} < {low}", short)
        return Q(held.coef, Int(var, low, held.num.hi), ONE)

    def start(self, state: Rule, block: Block, exit_: Exit) -> str:
        var, initial = self.plan.fresh(state.name), state.note.initial
        if isinstance(initial, str):
            value = self.outer.values[self.plan.book.resolve(initial, state.room)]
            assert isinstance(value, Q)
            scaled = Q(value.coef * state.unit.scale, value.num, value.den)
            block.emit(f"{var} = {whole(scaled, f'the initial value of {state.full_name}').code}")
            self.in_range(state, var, block, exit_)
        else:
            block.emit(f"{var} = {int(Fraction(initial) * state.unit.scale)}")
        return var

    def in_range(self, state: Rule, var: str, block: Block, exit_: Exit) -> None:
        held, out = self.held(state, var).num, Block()
        exit_.fail(out, self.plan.reason("out of range", state.full_name))
        block.branch(f"{var} < {held.lo} or {var} > {held.hi}", out)

    def records(self, names: Mapping[str, str], why: str, j: str) -> Block:
        """The body of the inner loop: record facts, record rules, then each state's step."""
        plan, over = self.plan, self.over
        states = {s.full_name: s for s in self.states}

        def parts(name: str) -> Parts:
            if name in states:
                return plan.rule_parts(states[name]).only(inside)
            node = plan.book.nodes[name]
            return plan.rule_parts(node).only(inside) if isinstance(node, Rule) and node.kind == "rule" else Parts()

        def inside(name: str) -> bool:
            return plan.inside(name, over)

        graph = Graph(tuple(states), parts)
        inner = self.outer.of_records(graph, Exit(leave=(f"{why} = {{code}}", "break")), self.history, j)
        block = Block()
        for name in graph.at(None):
            if name in states:
                self.step(inner, states[name], names[name], block)
            else:
                inner.node(name, block)
        return block

    def step(self, inner: Emitter, state: Rule, var: str, block: Block) -> None:
        held, scale = self.held(state, var), state.unit.scale
        inner.rule(state, block, inner.leave, held if state.kind == "accrual" else None, scale)
        value = inner.values[state.full_name]
        assert isinstance(value, Q)
        after = value.num if state.kind == "accrual" else add(held.num, value.num)
        block.emit(f"{var} = {after.code}")
        if after.lo < held.num.lo or after.hi > held.num.hi:
            self.in_range(state, var, block, inner.leave)
        inner.values[state.full_name] = held


def _indented(block: Block) -> list[Any]:
    return [f"    {line}" for line in block.render(0)] or ["    pass"]
