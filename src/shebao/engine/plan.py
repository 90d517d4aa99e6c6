"""From the rules asked for to the text of one fused loop.

Nodes are ordered as an explanation would visit them. Each is placed in the innermost branch that contains all its uses, so a
rule that only one province's variant needs is run, and can fail, only for that province's people. A node that is surely
needed where it stands leaves the row at its first failure; one that only may be needed remembers the reason for its users.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import gcd
from typing import Any

from shebao.engine.errors import BookError, Refused
from shebao.engine.facts import bounds, history_name
from shebao.engine.integers import ONE, Flag, Int, Q, Text, Value, add, constant, times, whole
from shebao.engine.lower import Block, Body, Exit, Names, TableRef, merge, number
from shebao.engine.parameters import FOREVER, Parameter
from shebao.engine.rulebook import MONTH, Fact, Rule, Rulebook, Variant, _is_state
from shebao.engine.source import function_tree
from shebao.engine.tables import Arrays

Place = tuple[str, int] | None  # a branch (rule, variant), or the outermost block


@dataclass(frozen=True)
class Column:
    """A column of the input: the node it gives, its integer type, storage scale, and texts if enumerated."""

    node: str
    dtype: str
    scale: int = 1
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Output:
    """A column of the result: ``stored / scale`` in the rule's unit."""

    rule: str
    scale: int
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Parts:
    """What a node reads: always, and in each of its branches."""

    direct: tuple[str, ...] = ()
    branches: tuple[tuple[str, ...], ...] = ()


@dataclass
class Graph:
    """Order, place and certainty of the nodes that some roots need."""

    roots: tuple[str, ...]
    parts: Callable[[str], Parts]
    order: list[str] = field(default_factory=list)
    place: dict[str, Place] = field(default_factory=dict)
    certain: dict[str, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        users: dict[str, list[tuple[str, int | None]]] = {}
        for root in self.roots:
            self._visit(root, users)
        for name in reversed(self.order):
            used = users.get(name, [])
            spots = [self.place[u] if k is None else (u, k) for u, k in used]
            if name in self.roots:
                self.place[name], self.certain[name] = None, True
            else:
                self.place[name] = self._shared(spots)
                there = [self.certain[u] for (u, _), spot in zip(used, spots, strict=True) if spot == self.place[name]]
                self.certain[name] = any(there)

    def _visit(self, name: str, users: dict[str, list[tuple[str, int | None]]]) -> None:
        if name in users and name in self.place or name in self.order:
            return
        parts = self.parts(name)
        for used in parts.direct:
            users.setdefault(used, []).append((name, None))
            self._visit(used, users)
        for k, branch in enumerate(parts.branches):
            for used in branch:
                users.setdefault(used, []).append((name, k))
                self._visit(used, users)
        self.order.append(name)

    def _shared(self, spots: list[Place]) -> Place:
        paths = [self._path(spot) for spot in spots]
        shared: Place = None
        for level in zip(*paths, strict=False):
            if len(set(level)) > 1:
                break
            shared = level[0]
        return shared

    def _path(self, spot: Place) -> list[Place]:
        path: list[Place] = []
        while spot is not None:
            path.append(spot)
            spot = self.place[spot[0]]
        return [None, *reversed(path)]

    def at(self, spot: Place) -> Iterable[str]:
        return (name for name in self.order if self.place[name] == spot)


class Plan:
    """The text of a kernel with everything needed to call it.

    ``columns`` maps full names to the input's columns; ``histories`` a history's full name to the columns of its records.
    """

    def __init__(
        self,
        book: Rulebook,
        month: int,
        rules: tuple[str, ...],
        columns: Mapping[str, Column],
        histories: Mapping[str, Mapping[str, Column]] | None = None,
    ) -> None:
        self.book, self.month, self.rules, self.columns = book, month, rules, columns
        self.histories = histories or {}
        self.arrays, self.fresh = Arrays(), Names()
        self.reasons: list[tuple[str, str]] = [("ok", "")]
        self.used_columns: list[str] = []
        self.used_histories: list[str] = []
        self.used_records: list[tuple[str, str]] = []
        self.prologue: dict[str, str] = {}
        self.outputs: list[Output] = []
        self.missing: list[str] = []  # facts that every row needs and no column gives
        self.folds = self._components()
        self.source = self._source()

    # -- reasons ---------------------------------------------------------------------------------
    def reason(self, kind: str, name: str) -> str:
        """The status number of a reason."""
        assert kind in Refused.KINDS
        if (kind, name) not in self.reasons:
            self.reasons.append((kind, name))
        return str(self.reasons.index((kind, name)))

    # -- the whole loop --------------------------------------------------------------------------
    def _source(self) -> str:
        graph = Graph(self.rules, self.parts)
        scope = _Scope(self, graph, Exit(leave=("status[i] = {code}", "continue")))
        body = scope.block(None)
        for k, rule in enumerate(self.rules):
            body.emit(f"o{k}[i] = {self._output(rule, scope.values[rule])}")
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

    def _output(self, rule: str, value: Value) -> str:
        if isinstance(value, Flag):
            self.outputs.append(Output(rule, 1))
            return f"1 if {value.code} else 0"
        if isinstance(value, Text):
            self.outputs.append(Output(rule, 1, value.values))
            return value.num.code
        if value.den.const != 1:
            raise BookError(f"{rule} is a quotient of no fixed denominator; it can be explained but not stored, round it")
        scale = self.book.rule(rule).unit.scale
        if (value.coef * scale).denominator != 1:
            scale = scale * value.coef.denominator // gcd(scale, value.coef.denominator)
        self.outputs.append(Output(rule, scale))
        return times(int(value.coef * scale), value.num).code

    # -- what a node reads -----------------------------------------------------------------------
    def is_given(self, name: str) -> bool:
        return name in self.columns

    def parts(self, name: str) -> Parts:
        node = self.book.nodes.get(name)
        if name.startswith("fold:"):
            return Parts(self._fold_parts(name))
        if self.is_given(name) or not isinstance(node, Rule):
            return Parts()
        if node.kind != "rule":
            return Parts((self.folds[name],))
        return self.rule_parts(node)

    def variants(self, rule: Rule) -> tuple[Variant, ...]:
        """The variants that may hold: for a rule dated by the run's month only those of that month."""
        if self.static_date(rule):
            return tuple(v for v in rule.variants if v.covers(self.month, None))
        return rule.variants

    def static_date(self, rule: Rule) -> bool:
        return self.book.dated_by(rule) == MONTH and not self.is_given(MONTH)

    def by_date(self, rule: Rule) -> bool:
        return not self.static_date(rule) and rule.by_date

    def single(self, rule: Rule) -> bool:
        """Whether one variant covers everybody."""
        variants = self.variants(rule)
        return len(variants) == 1 and variants[0].region is None and not self.by_date(rule)

    def rule_parts(self, rule: Rule) -> Parts:
        direct: list[str] = []
        if self.book._needs_date(rule):
            direct.append(self.book.dated_by(rule))
        if rule.by_region:
            direct.append(self.book.resolve("region", rule.room))
        branches = tuple(self.variant_uses(rule, v) for v in self.variants(rule))
        if self.single(rule):
            return Parts((*direct, *branches[0]))
        return Parts(tuple(direct), branches)

    def variant_uses(self, rule: Rule, variant: Variant) -> tuple[str, ...]:
        wires = self.book.wires(rule, variant)
        return tuple(
            u for u in wires if u != "before" and (not isinstance(self.book.nodes[u], Parameter) or self.is_given(u))
        )

    # -- histories -------------------------------------------------------------------------------
    def _components(self) -> dict[str, str]:
        """Each accrual or total to its fold: those of one history that read one another share a loop."""
        folds: dict[str, str] = {}
        for rule in self.book.rules():
            if rule.kind == "rule":
                continue
            linked = {folds[s] for s in self.inner_states(rule) if s in folds}
            name = min(linked) if linked else f"fold:{rule.full_name}"
            for other in [s for s, f in folds.items() if f in linked]:
                folds[other] = name
            for state in (rule.full_name, *self.inner_states(rule)):
                folds[state] = name
        return folds

    def inner_states(self, rule: Rule) -> list[str]:
        from shebao.engine.explain import _inner_uses

        return _inner_uses(self.book, rule, str(rule.over))

    def fold_states(self, fold: str) -> list[Rule]:
        """The states of a fold that the asked rules need, in the order they step."""
        from shebao.engine.explain import _states

        wanted = [s for s, f in self.folds.items() if f == fold and s in self._needed()]
        order: list[Rule] = []
        for name in wanted:
            order += [s for s in _states(self.book, self.book.rule(name)) if s not in order]
        return order

    def _needed(self) -> set[str]:
        """Every node reachable from the asked rules, record rules included."""
        found: set[str] = set()

        def visit(name: str) -> None:
            if name in found:
                return
            found.add(name)
            node = self.book.nodes.get(name)
            if isinstance(node, Rule) and not self.is_given(name):
                parts = self.rule_parts(node)
                for used in (*parts.direct, *(u for b in parts.branches for u in b)):
                    visit(used)

        for rule in self.rules:
            visit(rule)
        return found

    def inside(self, name: str, over: str) -> bool:
        """Whether a node is evaluated record by record of a history."""
        node = self.book.nodes.get(name)
        return self.book.level(name) == over if not (node and _is_state(node)) else node.over == over  # type: ignore[union-attr]

    def _fold_parts(self, fold: str) -> tuple[str, ...]:
        """What a fold reads from outside its records."""
        found: list[str] = []
        for state in self.fold_states(fold):
            if isinstance(state.note.initial, str):
                found.append(self.book.resolve(state.note.initial, state.room))
            self._outside(state, str(state.over), found, set())
        return tuple(dict.fromkeys(found))

    def _outside(self, rule: Rule, over: str, found: list[str], seen: set[str]) -> None:
        parts = self.rule_parts(rule)
        for used in (*parts.direct, *(u for b in parts.branches for u in b)):
            node = self.book.nodes[used]
            if not self.inside(used, over):
                found.append(used)
            elif isinstance(node, Rule) and node.kind == "rule" and used not in seen:
                seen.add(used)
                self._outside(node, over, found, seen)


class _Scope:
    """Emits one graph: the rows of the table, or the records of a history."""

    def __init__(self, plan: Plan, graph: Graph, leave: Exit, outer: _Scope | None = None) -> None:
        self.plan, self.graph, self.leave, self.outer = plan, graph, leave, outer
        self.book = plan.book
        self.values: dict[str, Value] = dict(outer.values) if outer else {}
        self.soft: dict[str, str] = dict(outer.soft) if outer else {}
        self.history = ""
        self.states: dict[str, Value] = {}

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
            _Fold(self, name).emit(block)
        elif self.plan.is_given(name):
            self.load(name, block)
        elif isinstance(node, Fact):
            self.fact(node, block)
        else:
            assert isinstance(node, Rule)
            if node.kind != "rule":
                return  # its fold has set it
            self.rule(node, block, self.exit_for(name, block))

    def load(self, name: str, block: Block, array: str = "", at: str = "i", column: Column | None = None) -> None:
        """A column's value, checked against its range."""
        plan, node = self.plan, self.book.nodes[name]
        if column is None:
            column = plan.columns[name]
            if name not in plan.used_columns:
                plan.used_columns.append(name)
            array = f"c{plan.used_columns.index(name)}"
        low, high, _ = bounds(node)
        lo, hi = (int(low * column.scale), int(high * column.scale)) if not column.values else (0, len(column.values) - 1)
        var = plan.fresh(node.name)
        exit_ = self.exit_for(name, block)
        block.emit(f"{var} = i8({array}[{at}])")
        null = -(2 ** (8 * int(column.dtype[3:]) // 8 - 1))
        bad, isnull, isrange = Block(), Block(), Block()
        exit_.fail(isnull, plan.reason("null", name))
        exit_.fail(isrange, plan.reason("out of range", name))
        bad.branch(f"{var} == {null}", isnull, isrange)
        if not exit_.hard:
            bad.emit(f"{var} = {lo}")
        block.branch(f"u8({var} - {lo}) > {hi - lo}" if lo else f"u8({var}) > {hi}", bad)
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
        elif node.over and self.history:
            raise BookError(f"{name}: the records of {self.history} have no such column")
        elif node.presumed is not None:
            self.values[name] = _presumed(node)
        else:
            if self.graph.certain[name] and self.graph.place[name] is None and not self.history:
                self.plan.missing.append(name)
            self.exit_for(name, block).fail(block, self.plan.reason("missing fact", name))
            self.values[name] = _safe(node)

    # -- a rule ----------------------------------------------------------------------------------
    def rule(self, rule: Rule, block: Block, exit_: Exit, before: Value | None = None, scale: int | None = None) -> None:
        """All variants of a rule as one chain of branches that sets one variable."""
        plan, name = self.plan, rule.full_name
        self.inherit(self.dispatch(rule), exit_, block)
        ends: list[tuple[Block, Value]] = []
        if plan.single(rule):
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
            raise BookError(f"rule {name}: {error}", rule.variants[0].where) from None
        if missed is not None and not exit_.hard and ends:
            missed.emit(f"{var} = {value.num.lo if isinstance(value, Q) else 0}")
            if isinstance(value, Q) and value.den.const is None:
                missed.emit(f"{value.den.code} = {value.den.lo}")
        self.values[name] = value

    def dispatch(self, rule: Rule) -> tuple[str, ...]:
        found = [self.book.dated_by(rule)] if self.book._needs_date(rule) else []
        return (*found, *([self.book.resolve("region", rule.room)] if rule.by_region else []))

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

    def covers(self, rule: Rule, variant: Variant) -> str:
        tests = []
        if self.plan.by_date(rule):
            date = self.integer(self.book.dated_by(rule))
            tests += [f"{date.code} >= {variant.since}"] if variant.since > -FOREVER else []
            tests += [f"{date.code} <= {variant.until}"] if variant.until < FOREVER else []
        if variant.region is not None:
            region = self.integer(self.book.resolve("region", rule.room)).code
            if len(variant.region) == 1:
                tests.append(f"{region} == {min(variant.region)}")
            else:
                mask = sum(1 << (code - 11) for code in variant.region)
                tests.append(f"({mask} >> ({region} - 11)) & 1 == 1")
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
            self.inherit([wire], exit_, block)
            body.names[name] = self.argument(rule, wire, body, before)
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
        table = TableRef(layout, segment, self.plan.reason("missing parameter", name))
        return table if layout.keys else body.read(table, constant(0), False)

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


class _Fold:
    """One pass over the records of a history, stepping every state of a fold."""

    def __init__(self, outer: _Scope, name: str) -> None:
        self.outer, self.name, self.plan = outer, name, outer.plan
        self.states = self.plan.fold_states(name)
        self.over = str(self.states[0].over)
        self.history = history_name(self.states[0])

    def emit(self, block: Block) -> None:
        plan, outer = self.plan, self.outer
        exit_ = outer.exit_for(self.name, block)
        outer.inherit(plan._fold_parts(self.name), exit_, block)
        if self.history not in plan.histories:
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
        names = {s.full_name: self.start(s, block) for s in self.states}
        body = self.records(names, why, j)
        block.emit(f"for {j} in range(h{k}[i], h{k}[i + 1]):")
        block.lines += _indented(body)
        failed = Block()
        exit_.fail(failed, why)
        block.branch(f"{why} != 0", failed)
        for state in self.states:
            self.finish(state, self.held(state, names[state.full_name]))

    def finish(self, state: Rule, value: Value) -> None:
        self.outer.values[state.full_name] = value
        if self.name in self.outer.soft:
            self.outer.soft[state.full_name] = self.outer.soft[self.name]

    @staticmethod
    def held(state: Rule, var: str) -> Q:
        scale = state.unit.scale
        return Q(Fraction(1, scale), Int(var, int(state.note.low * scale), int(state.note.high * scale)), ONE)

    def start(self, state: Rule, block: Block) -> str:
        var, initial = self.plan.fresh(state.name), state.note.initial
        if isinstance(initial, str):
            value = self.outer.values[self.plan.book.resolve(initial, state.room)]
            assert isinstance(value, Q)
            scaled = Q(value.coef * state.unit.scale, value.num, value.den)
            block.emit(f"{var} = {whole(scaled, f'the initial value of {state.full_name}').code}")
        else:
            block.emit(f"{var} = {int(Fraction(initial) * state.unit.scale)}")
        return var

    def records(self, names: Mapping[str, str], why: str, j: str) -> Block:
        """The body of the inner loop: record facts, record rules, then each state's step."""
        plan, over = self.plan, self.over
        states = {s.full_name: s for s in self.states}

        def parts(name: str) -> Parts:
            if name in states:
                return _only(plan.rule_parts(states[name]), inside)
            node = plan.book.nodes[name]
            return _only(plan.rule_parts(node), inside) if isinstance(node, Rule) and node.kind == "rule" else Parts()

        def inside(name: str) -> bool:
            return plan.inside(name, over)

        graph = Graph(tuple(states), parts)
        inner = _Scope(plan, graph, Exit(leave=(f"{why} = {{code}}", "break")), self.outer)
        inner.history = self.history
        block = Block()
        for name in graph.at(None):
            if name in states:
                self.step(inner, states[name], names[name], block, why)
            else:
                self.record_node(inner, name, block, j)
        return block

    def record_node(self, inner: _Scope, name: str, block: Block, j: str) -> None:
        node = self.plan.book.nodes[name]
        if isinstance(node, Fact):
            column = self.plan.histories[self.history].get(name)
            if column is None:
                inner.fact(node, block)
                return
            spot = (self.history, name)
            if spot not in self.plan.used_records:
                self.plan.used_records.append(spot)
            inner.load(name, block, f"r{self.plan.used_records.index(spot)}", j, column)
        else:
            assert isinstance(node, Rule)
            inner.rule(node, block, inner.exit_for(name, block))

    def step(self, inner: _Scope, state: Rule, var: str, block: Block, why: str) -> None:
        held, scale = self.held(state, var), state.unit.scale
        inner.rule(state, block, inner.leave, held if state.kind == "accrual" else None, scale)
        value = inner.values[state.full_name]
        assert isinstance(value, Q)
        after = value.num if state.kind == "accrual" else add(held.num, value.num)
        block.emit(f"{var} = {after.code}")
        low, high = held.num.lo, held.num.hi
        if after.lo < low or after.hi > high:
            out = Block()
            inner.leave.fail(out, self.plan.reason("out of range", state.full_name))
            block.branch(f"{var} < {low} or {var} > {high}", out)
        inner.values[state.full_name] = held


def _only(parts: Parts, keep: Callable[[str], bool]) -> Parts:
    branches = tuple(tuple(u for u in b if keep(u)) for b in parts.branches)
    return Parts(tuple(u for u in parts.direct if keep(u)), branches)


def _indented(block: Block) -> list[Any]:
    return [f"    {line}" for line in block.render(0)] or ["    pass"]


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
