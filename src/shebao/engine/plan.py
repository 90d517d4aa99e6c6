"""From the rules asked for to the text of one fused loop: what is read, in which order, and what comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import gcd

from shebao.engine.emit import Emitter
from shebao.engine.errors import Refused, Unstorable
from shebao.engine.graph import Graph, Parts, Use
from shebao.engine.history import inner_states, states_of
from shebao.engine.integers import Flag, Text, Unprovable, Value, times
from shebao.engine.lower import Exit, Names
from shebao.engine.parameters import Parameter
from shebao.engine.rulebook import MONTH, Rule, Rulebook, Variant, is_state
from shebao.engine.tables import Arrays


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


class Plan:
    """The text of a kernel with everything needed to call it.

    ``columns`` maps full names to the input's columns; ``histories`` a history's full name to the
    columns of its records.
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
        scope = Emitter(self, graph, Exit(leave=("status[i] = {code}", "continue")))
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
            raise Unstorable(
                f"{rule} is a quotient of no fixed denominator; it can be explained but not stored, round it"
            )
        scale = self.book.rule(rule).unit.scale
        if (value.coef * scale).denominator != 1:
            scale = scale * value.coef.denominator // gcd(scale, value.coef.denominator)
        self.outputs.append(Output(rule, scale))
        try:
            return times(int(value.coef * scale), value.num).code
        except Unprovable as error:
            raise Unprovable(f"rule {rule}: {error}", self.book.rule(rule).variants[-1].end) from None

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
            return Parts((Use(self.folds[name]),))
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
        direct = tuple(Use(name) for name in self.dispatch(rule))
        branches = tuple(self.variant_uses(rule, v) for v in self.variants(rule))
        if self.single(rule):
            return Parts((*direct, *branches[0]))
        return Parts(direct, branches)

    def dispatch(self, rule: Rule) -> tuple[str, ...]:
        """The date and the province by which a rule's variant is chosen."""
        found = (self.book.dated_by(rule),) if self.book.needs_date(rule) else ()
        return (*found, *((self.book.resolve("region", rule.room),) if rule.by_region else ()))

    def variant_uses(self, rule: Rule, variant: Variant) -> tuple[Use, ...]:
        wires = zip(variant.args, self.book.wires(rule, variant), strict=True)
        return tuple(Use(w, a in variant.sure) for a, w in wires if w != "before" and not self.is_table(w))

    def is_table(self, name: str) -> bool:
        """Whether a name is a parameter that is read, not given."""
        return isinstance(self.book.nodes[name], Parameter) and not self.is_given(name)

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
        return inner_states(self.book, rule, str(rule.over))

    def fold_states(self, fold: str) -> list[Rule]:
        """The states of a fold that the asked rules need, in the order they step."""
        wanted = [s for s, f in self.folds.items() if f == fold and s in self._needed()]
        order: list[Rule] = []
        for name in wanted:
            order += [s for s in states_of(self.book, self.book.rule(name)) if s not in order]
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
                for use in self.rule_parts(node).everywhere():
                    visit(use.name)

        for rule in self.rules:
            visit(rule)
        return found

    def inside(self, name: str, over: str) -> bool:
        """Whether a node is evaluated record by record of a history."""
        node = self.book.nodes.get(name)
        return self.book.level(name) == over if not (node and is_state(node)) else node.over == over  # type: ignore[union-attr]

    def _fold_parts(self, fold: str) -> tuple[Use, ...]:
        """What a fold reads from outside its records: surely only where it starts, as there may be no record."""
        start: list[Use] = []
        found: list[str] = []
        for state in self.fold_states(fold):
            if isinstance(state.note.initial, str):
                start.append(Use(self.book.resolve(state.note.initial, state.room)))
            self._outside(state, str(state.over), found, set())
        return (*start, *(Use(name, False) for name in dict.fromkeys(found)))

    def _outside(self, rule: Rule, over: str, found: list[str], seen: set[str]) -> None:
        for use in self.rule_parts(rule).everywhere():
            node = self.book.nodes[use.name]
            if not self.inside(use.name, over):
                found.append(use.name)
            elif isinstance(node, Rule) and node.kind == "rule" and use.name not in seen:
                seen.add(use.name)
                self._outside(node, over, found, seen)
