"""Printing the nodes of a graph as statements: facts read and checked, rules with their variants."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from shebao.engine.book import MONTH, Fact, Rule, Variant
from shebao.engine.errors import BookError
from shebao.engine.facts import bounds
from shebao.engine.fold import Fold
from shebao.engine.graph import Graph, Place
from shebao.engine.integers import ONE, Flag, Int, Q, Text, Unprovable, Value, constant, number, whole
from shebao.engine.lower import Block, Body, Exit, TableRef, merge
from shebao.engine.parameters import FOREVER, Parameter
from shebao.engine.reading import Column, Reading
from shebao.engine.source import function_tree


class Emitter:
    """Emits one graph: the rows of the table, or the records of a history."""

    def __init__(self, plan: Reading, graph: Graph, leave: Exit, outer: Emitter | None = None) -> None:
        self.plan, self.graph, self.leave, self.outer = plan, graph, leave, outer
        self.book = plan.book
        self.values: dict[str, Value] = dict(outer.values) if outer else {}
        self.soft: dict[str, str] = dict(outer.soft) if outer else {}
        self.rows = Block()
        self.record: tuple[str, str] | None = None  # inside a history: its name and the loop's variable

    def of_records(self, graph: Graph, leave: Exit, history: str, j: str) -> Emitter:
        """An emitter of a history's records, who see what the person's nodes have come to."""
        inner = Emitter(self.plan, graph, leave, self)
        inner.record = (history, j)
        return inner

    def block(self, spot: Place) -> Block:
        block = Block()
        for name in self.graph.at(spot):
            self.node(name, block)
        return block

    # -- one node --------------------------------------------------------------------------------
    def exit_for(self, name: str, block: Block) -> Exit:
        if self.graph.certain[name]:
            return self.leave
        flag = self.plan.fresh("why")
        block.emit(f"{flag} = 0")
        self.soft[name] = flag
        return Exit(flag)

    def node(self, name: str, block: Block) -> None:
        if name in self.values:
            return
        node = self.book.nodes.get(name)
        if name.startswith("fold:"):
            Fold(self, name).emit(block)
        elif self.plan.is_given(name):
            self.load_column(name, block)
        elif self.record and isinstance(node, Fact) and node.over:
            self.load_record(name, block, *self.record)
        elif isinstance(node, Fact):
            self.fact(node, block)
        else:
            assert isinstance(node, Rule)
            if node.kind != "rule":
                return  # its fold has set it
            self.rule(node, block, self.exit_for(name, block))

    def load_column(self, name: str, block: Block) -> None:
        """A column of the table."""
        used = self.plan.used_columns
        if name not in used:
            used.append(name)
        self.load(name, block, f"c{used.index(name)}[i]", self.plan.columns[name])

    def load_record(self, name: str, block: Block, history: str, j: str) -> None:
        """A column of a history's records."""
        column = self.plan.histories[history].get(name)
        node = self.book.nodes[name]
        if column is None and isinstance(node, Fact) and node.presumed is not None:
            self.values[name] = _presumed(node)
            return
        if column is None:
            raise BookError(f"the records of {history} have no column {name.rpartition('.')[2]}")
        used, spot = self.plan.used_records, (history, name)
        if spot not in used:
            used.append(spot)
        self.load(name, block, f"r{used.index(spot)}[{j}]", column)

    def load(self, name: str, block: Block, cell: str, column: Column) -> None:
        """A stored value, checked against its range."""
        plan, node = self.plan, self.book.nodes[name]
        low, high, _ = bounds(node)
        lo, hi = (
            (int(low * column.scale), int(high * column.scale)) if not column.values else (0, len(column.values) - 1)
        )
        var = plan.fresh(node.name)
        exit_ = self.exit_for(name, block)
        block.emit(f"{var} = i8({cell})")
        null = -(2 ** (8 * int(column.dtype[3:]) // 8 - 1))
        bad, isnull, isrange = Block(), Block(), Block()
        exit_.fail(isnull, plan.reason("null", name))
        exit_.fail(isrange, plan.reason("out of range", name))
        bad.branch(f"{var} == {null}", isnull, isrange)
        if not exit_.hard:
            bad.emit(f"{var} = {lo}")
        block.branch(f"{var} < {lo} or {var} > {hi}" if lo else f"u8({var}) > {hi}", bad)
        self.values[name] = self.typed(node, Int(var, lo, hi), column)

    @staticmethod
    def typed(node: Any, value: Int, column: Column) -> Value:
        if node.unit.kind == "yes_no":
            return Flag(f"{value.code} != 0")
        if node.unit.kind == "choice":
            return Text(value, column.values)
        return Q(Fraction(1, column.scale), value, ONE)

    def fact(self, node: Fact, block: Block) -> None:
        """A fact with no column: the run's month, what is presumed, or a failure where it is needed."""
        name = node.full_name
        if name == MONTH:
            self.values[name] = Q(Fraction(1), Int("month", int(node.low), int(node.high)), ONE)
        elif node.presumed is not None:
            self.values[name] = _presumed(node)
        else:
            if not self.record and not self.plan.assumed and name in self.plan.always:
                self.plan.missing.append(name)
            self.exit_for(name, block).fail(block, self.plan.reason("missing fact", name))
            self.values[name] = _safe(node)

    # -- a rule ----------------------------------------------------------------------------------
    def rule(
        self, rule: Rule, block: Block, exit_: Exit, before: Value | None = None, scale: int | None = None
    ) -> None:
        """All variants of a rule as one chain of branches that sets one variable."""
        plan, name = self.plan, rule.full_name
        self.inherit(plan.dispatch(rule), exit_, block)
        ends: list[tuple[Block, Value]] = []
        if plan.single(rule) and (exit_.hard or not plan.by_date(rule)):
            self.in_time(rule, plan.variants(rule)[0], block, exit_)
            self.variant(rule, plan.variants(rule)[0], block, exit_, ends, before)
            missed = None
        else:
            missed = self.chain(rule, block, exit_, ends, before)
        var = plan.fresh(rule.name)
        try:
            if not ends:
                value: Value = _safe(rule)
            else:
                value = merge(ends, var, scale)
        except BookError as error:
            at = rule.variants[-1].end if isinstance(error, Unprovable) else rule.variants[0].where
            raise type(error)(f"rule {name}: {error}", at) from None
        value = _of_unit(rule, value, scale)
        if missed is not None and not exit_.hard and ends:
            missed.emit(f"{var} = {value.num.lo if isinstance(value, Q) else 0}")
            if isinstance(value, Q) and value.den.const is None:
                missed.emit(f"{value.den.code} = {value.den.lo}")
        self.values[name] = value

    def inherit(self, names: Iterable[str], exit_: Exit, block: Block) -> None:
        """Passes on the failure of what a rule reads."""
        for name in dict.fromkeys(names):
            if name in self.soft:
                failed = Block()
                exit_.fail(failed, self.soft[name])
                block.branch(f"{self.soft[name]} != 0", failed)

    def chain(
        self, rule: Rule, block: Block, exit_: Exit, ends: list[tuple[Block, Value]], before: Value | None
    ) -> Block:
        """``if`` this variant covers the person ``elif`` that …; returns the block of those nobody covers."""
        at = block
        for k, variant in enumerate(self.plan.variants(rule)):
            own = self.block((rule.full_name, k))
            self.variant(rule, variant, own, exit_, ends, before)
            rest = Block()
            at.branch(self.covers(rule, variant), own, rest)
            at = rest
        exit_.fail(at, self.plan.reason("not covered", rule.full_name))
        return at

    def in_time(self, rule: Rule, variant: Variant, block: Block, exit_: Exit) -> None:
        """Lets nobody pass to whom the only variant does not apply."""
        test = self.covers(rule, variant)
        if test != "True":
            out = Block()
            exit_.fail(out, self.plan.reason("not covered", rule.full_name))
            block.branch(f"not ({test})", out)

    def covers(self, rule: Rule, variant: Variant) -> str:
        tests = []
        if self.plan.by_date(rule):
            date = self.integer(self.book.dated_by(rule))
            tests += [f"{date.code} >= {variant.since}"] if variant.since > -FOREVER else []
            tests += [f"{date.code} <= {variant.until}"] if variant.until < FOREVER else []
        if variant.region is not None and not self.plan.anywhere(variant):
            tests.append(region_test(self.integer(self.book.resolve("region", rule.room)).code, variant.region))
        return " and ".join(tests) or "True"

    def integer(self, name: str) -> Int:
        value = self.values[name]
        assert isinstance(value, Q)
        return whole(value, name)

    def variant(
        self,
        rule: Rule,
        variant: Variant,
        block: Block,
        exit_: Exit,
        ends: list[tuple[Block, Value]],
        before: Value | None,
    ) -> None:
        wires = self.book.wires(rule, variant)
        body = Body(function_tree(variant.fn), {}, exit_, self.plan.fresh)
        body.block = block
        for name, wire in zip(variant.args, wires, strict=True):  # in order, as Python evaluates a call
            if name in variant.sure:
                self.inherit([wire], exit_, block)
            elif wire in self.soft:
                body.pending[name] = self.soft[wire]
            value = self.argument(rule, wire, body, before)
            if isinstance(value, TableRef) and not value.layout.keys and name in variant.sure:
                value = body.read(value, value.layout, constant(0))
            body.names[name] = value
        try:
            ends += body.lower()[1]
        except BookError as error:
            line = getattr(body.at, "lineno", 0)
            file = variant.where.rpartition(":")[0]
            raise type(error)(f"rule {rule.full_name} ({rule.label}): {error}", f"{file}:{line}") from None

    def argument(self, rule: Rule, name: str, body: Body, before: Value | None) -> Any:
        if name == "before":
            return before
        node = self.book.nodes[name]
        if not isinstance(node, Parameter) or self.plan.is_given(name):
            return self.values[name]
        layout = self.plan.arrays.layout(node)
        segment = self.segment(rule, layout, body.block)
        missing = self.plan.reason("missing parameter", name)
        if self.plan.assumed and "region" in layout.keys:
            inside = self.plan.arrays.within(layout, self.plan.assumed)
            return TableRef(layout, segment, missing, self.integer(self.book.resolve("region")).code, inside)
        return TableRef(layout, segment, missing)

    def segment(self, rule: Rule, layout: Any, block: Block) -> Int:
        if not layout.breaks:
            return Int("0", 0, 0)
        if self.plan.static_date(rule):
            name = f"now_{layout.breaks_at}"
            self.plan.prologue[name] = layout.segment_code("month")
        else:
            name = self.plan.fresh("since")
            block.emit(f"{name} = {layout.segment_code(self.integer(self.book.dated_by(rule)).code)}")
        return Int(name, 0, layout.breaks)


def region_test(code: str, regions: frozenset[int]) -> str:
    """Whether a province code is one of some: one bit of a mask."""
    if len(regions) == 1:
        return f"{code} == {min(regions)}"
    return f"({sum(1 << (c - 11) for c in regions)} >> ({code} - 11)) & 1 == 1"


def recoded(value: Text, values: tuple[str, ...]) -> str:
    """An enumerated value by its position in another list of the same texts."""
    if value.values == values[: len(value.values)]:
        return value.num.code
    chain = "0"
    for k, word in enumerate(value.values):
        chain = f"({values.index(word)} if {value.num.code} == {k} else {chain})"
    return chain


def _of_unit(rule: Rule, value: Value, scale: int | None) -> Value:
    """A condition counted as 0 or 1 where the unit is a number, a number as a condition where it is not."""
    if isinstance(value, Flag) and rule.unit.kind != "yes_no":
        units = scale or 1
        return Q(Fraction(1, units), Int(f"({units} if {value.code} else 0)", 0, units), ONE)
    if isinstance(value, Q) and rule.unit.kind == "yes_no":
        return Flag(f"{value.num.code} != 0")
    return value


def _presumed(node: Fact) -> Value:
    if node.unit.kind == "yes_no":
        return Flag("True" if node.presumed else "False")
    if node.unit.kind == "choice":
        at = node.values.index(str(node.presumed))
        return Text(Int(str(at), at, at), node.values)
    return number(Fraction(node.presumed))


def _safe(node: Any) -> Value:
    """A stand-in value of a node that has failed; it is never stored."""
    if node.unit.kind == "yes_no":
        return Flag("False")
    if node.unit.kind == "choice":
        return Text(Int("0", 0, 0), node.values if isinstance(node, Fact) else ("",))
    return number(max(Fraction(1), Fraction(node.low))) if isinstance(node, Fact) else number(1)
