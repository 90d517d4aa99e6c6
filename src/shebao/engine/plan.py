"""From the rules asked for to the text of one fused loop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import gcd

from shebao.engine.book import Book, Rule
from shebao.engine.emit import Emitter, recoded, region_test
from shebao.engine.errors import Unstorable
from shebao.engine.graph import Graph
from shebao.engine.integers import Flag, Text, Unprovable, Value, times
from shebao.engine.lower import Block, Exit
from shebao.engine.reading import Column, Reading

__all__ = ["Body", "Column", "Output", "Plan", "results"]


@dataclass(frozen=True)
class Output:
    """A column of the result: ``stored / scale`` in the rule's unit."""

    rule: str
    scale: int
    values: tuple[str, ...] = ()


Body = Callable[["Plan"], Block]


class Plan(Reading):
    """The text of a loop (``source``) with everything needed to call it.

    ``body`` writes what is done with row ``i``, after which the columns ``o0``, ``o1``, … of the rules, in their order,
    and ``status`` hold what is known of it, and lists in ``outputs`` how it is stored; by default :func:`results`.
    """

    def __init__(
        self,
        book: Book,
        month: int,
        rules: tuple[str, ...],
        columns: Mapping[str, Column],
        histories: Mapping[str, Mapping[str, Column]] | None = None,
        body: Body | None = None,
    ) -> None:
        super().__init__(book, month, rules, columns, histories)
        self.outputs: list[Output] = []
        self.source = self._source((body or results)(self))

    def _source(self, body: Block) -> str:
        head = ["start", "stop", "P", "month", *(f"c{k}" for k in range(len(self.used_columns)))]
        for k in range(len(self.used_histories)):
            head += [f"h{k}", f"hv{k}"]
        head += [f"r{k}" for k in range(len(self.used_records))]
        head += [*(f"o{k}" for k in range(len(self.rules))), "status"]
        lines = ["import numpy as np", "", "i8, u8, u4 = np.int64, np.uint64, np.uint32", "", ""]
        lines += [f"def kernel({', '.join(head)}):"]
        lines += [f"    {name} = {code}" for name, code in self.prologue.items()]
        lines += ["    for i in range(start, stop):", *body.render(2)]
        return "\n".join(lines) + "\n"

    def output(self, rule: str, value: Value) -> Output:
        """How the value of a rule is stored; ``Unstorable`` if it has no fixed denominator."""
        if isinstance(value, Flag):
            return Output(rule, 1)
        if isinstance(value, Text):
            return Output(rule, 1, value.values)
        if value.den.const != 1:
            raise Unstorable(
                f"{rule} is a quotient of no fixed denominator; it can be explained but not stored, round it"
            )
        scale = self.book.rule(rule).unit.scale
        if (value.coef * scale).denominator != 1:
            scale = scale * value.coef.denominator // gcd(scale, value.coef.denominator)
        return Output(rule, scale)

    def stored(self, output: Output, value: Value) -> str:
        """What is written into the column of an output."""
        if isinstance(value, Flag):
            return f"1 if {value.code} else 0"
        if isinstance(value, Text):
            return recoded(value, output.values)
        try:
            return times(int(value.coef * output.scale), value.num).code
        except Unprovable as error:
            end = self.book.rule(output.rule).variants[-1].end
            raise Unprovable(f"rule {output.rule}: {error}", end) from None


# -- what every rule comes to -------------------------------------------------------------------------


def results(plan: Plan) -> Block:
    """One row: first the provinces that share one set of variants, straight on; then everybody else.

    A row that one rule refuses gets the reason as its status and nothing else.
    """
    general = _row(plan, None)
    values = general.values
    plan.outputs = [plan.output(rule, values[rule]) for rule in plan.rules]
    body, region = Block(), plan.book.resolve("region") if "region" in plan.book.nodes else ""
    shared = _commonest_class(plan)
    if shared and general.graph.certain.get(region) and general.graph.place.get(region) is None:
        first = Emitter(plan, general.graph, general.leave)
        first.node(region, body)
        plan.assumed = shared
        own = _row(plan, first.values[region])
        same = Block(own.rows.lines)
        for k, output in enumerate(plan.outputs):
            same.emit(f"o{k}[i] = {plan.stored(output, own.values[output.rule])}")
        same.emit("continue")
        plan.assumed = None
        body.branch(region_test(first.integer(region).code, shared), same)
    body.lines += general.rows.lines
    for k, output in enumerate(plan.outputs):
        body.emit(f"o{k}[i] = {plan.stored(output, values[output.rule])}")
    return body


def _row(plan: Plan, region: Value | None) -> Emitter:
    """The statements of a row, for everybody or for the assumed provinces (whose code is already read)."""
    graph = Graph(plan.rules, plan.parts)
    emitter = Emitter(plan, graph, Exit(leave=("status[i] = {code}", "continue")))
    if region is not None:
        emitter.values[plan.book.resolve("region")] = region
    emitter.rows = emitter.block(None)
    return emitter


def _commonest_class(plan: Plan) -> frozenset[int] | None:
    """The most provinces that fall under the same variants of every rule needed."""
    rules = [n for n in map(plan.book.nodes.get, sorted(plan.needed)) if isinstance(n, Rule) and n.by_region]
    classes: dict[tuple[int, ...], set[int]] = {}
    for code in sorted({c for r in rules for v in plan.variants(r) for c in v.region or ()}):
        own = tuple(k for r in rules for k, v in enumerate(plan.variants(r)) if v.covers(None, code))
        classes.setdefault(own, set()).add(code)
    largest = max(classes.values(), key=len, default=set())
    return frozenset(largest) if len(largest) > 1 else None
