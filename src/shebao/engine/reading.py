"""What the rules asked for read: nodes, variants, histories, columns; and the reasons a row may stop for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from shebao.engine.book import MONTH, Book, Rule, Variant, is_state
from shebao.engine.errors import Refused
from shebao.engine.graph import Parts, Use
from shebao.engine.history import inner_states, states_of
from shebao.engine.lower import Names
from shebao.engine.parameters import FOREVER, Parameter
from shebao.engine.tables import Arrays


@dataclass(frozen=True)
class Column:
    """A column of the input: the node it gives, its integer type, storage scale, and texts if enumerated."""

    node: str
    dtype: str
    scale: int = 1
    values: tuple[str, ...] = ()


class Reading:
    """What the rules asked for read, and what has been printed of it so far.

    ``columns`` maps full names to the input's columns; ``histories`` a history's full name to the
    columns of its records. While ``assumed`` is set, only these provinces are thought of.
    """

    def __init__(
        self,
        book: Book,
        month: int,
        rules: tuple[str, ...],
        columns: Mapping[str, Column],
        histories: Mapping[str, Mapping[str, Column]] | None = None,
    ) -> None:
        self.book, self.month, self.rules, self.columns = book, month, rules, columns
        self.histories = histories or {}
        self.arrays, self.fresh = Arrays(), Names()
        self.reasons: list[tuple[str, str]] = [("ok", "")]
        self._statuses: dict[tuple[str, str], int] = {}  # reason -> its place in ``reasons``
        self.used_columns: list[str] = []
        self.used_histories: list[str] = []
        self.used_records: list[tuple[str, str]] = []
        self.prologue: dict[str, str] = {}
        self.missing: list[str] = []  # facts that every row needs and no column gives
        self._parts: dict[tuple[str, frozenset[int] | None], Parts] = {}
        self.assumed: frozenset[int] | None = None  # the provinces a specialised body is printed for
        self.folds = self._components()

    # -- reasons ---------------------------------------------------------------------------------
    def reason(self, kind: str, name: str) -> str:
        """The status number of a reason."""
        assert kind in Refused.KINDS
        status = self._statuses.setdefault((kind, name), len(self.reasons))
        if status == len(self.reasons):
            self.reasons.append((kind, name))
        return str(status)

    @cached_property
    def always(self) -> frozenset[str]:
        """The nodes that every row needs, whichever variants it falls under."""
        known: dict[str, frozenset[str]] = {}

        def needs(name: str) -> frozenset[str]:
            if name not in known:
                parts = self.parts(name)
                found = {name}.union(*(needs(use.name) for use in parts.direct if use.sure))
                branches = [set[str]().union(*(needs(u.name) for u in b if u.sure)) for b in parts.branches]
                known[name] = frozenset(found | set.intersection(*branches) if branches else found)
            return known[name]

        return frozenset().union(*(needs(rule) for rule in self.rules))

    # -- what a node reads -----------------------------------------------------------------------
    def is_given(self, name: str) -> bool:
        return name in self.columns

    def parts(self, name: str) -> Parts:
        known = self._parts.get((name, self.assumed))
        if known is None:
            known = self._parts[name, self.assumed] = self._parts_of(name)
        return known

    def _parts_of(self, name: str) -> Parts:
        node = self.book.nodes.get(name)
        if name.startswith("fold:"):
            return Parts(self._fold_parts(name))
        if self.is_given(name) or not isinstance(node, Rule):
            return Parts()
        if node.kind != "rule":
            return Parts((Use(self.folds[name]),))
        return self.rule_parts(node)

    def variants(self, rule: Rule) -> tuple[Variant, ...]:
        """The variants that may hold: of the run's month, if that dates the rule, and of the assumed provinces."""
        month = self.month if self.static_date(rule) else None
        provinces: Iterable[int | None] = self.assumed or (None,)
        return tuple(v for v in rule.variants if any(v.covers(month, code) for code in provinces))

    def static_date(self, rule: Rule) -> bool:
        return self.book.dated_by(rule) == MONTH and not self.is_given(MONTH)

    def by_date(self, rule: Rule) -> bool:
        bounded = any(v.since > -FOREVER or v.until < FOREVER for v in self.variants(rule))
        return bounded and not self.static_date(rule)

    def anywhere(self, variant: Variant) -> bool:
        """Whether a variant holds in every province there may be."""
        return variant.region is None or (self.assumed is not None and self.assumed <= variant.region)

    def single(self, rule: Rule) -> bool:
        """Whether there is one variant for everybody; before or after its time nobody is covered."""
        variants = self.variants(rule)
        return len(variants) == 1 and self.anywhere(variants[0])

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
        wanted = [s for s, f in self.folds.items() if f == fold and s in self.needed]
        order: list[Rule] = []
        for name in wanted:
            order += [s for s in states_of(self.book, self.book.rule(name)) if s not in order]
        return order

    @cached_property
    def needed(self) -> set[str]:
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
