"""The two readings of the law held against each other.

For every rule, random people over the declared ranges – and at their ends, at every date the law changed, in every
province – are run through the compiled loop and through the law's own functions. Amounts and refusals must be equal.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from shebao.engine.book import MONTH, Fact, Rule, uses
from shebao.engine.compute import STATUS, Kernel, _stored
from shebao.engine.errors import Refused, Unstorable
from shebao.engine.explain import Person
from shebao.engine.facts import bounds
from shebao.engine.history import history_name, history_names
from shebao.engine.parameters import FOREVER, Parameter
from shebao.engine.rulebook import Rulebook
from shebao.engine.units import show_month

Progress = Callable[[int, int], None]


@dataclass
class CheckReport:
    """What was compared. ``differences`` says for whom the readings disagree; ``variants_met`` counts
    the variants that some person fell under, ``unmet`` names the others;
    ``unstored`` says which rules can be explained but not stored, and why."""

    rules: int = 0
    people: int = 0
    computed: int = 0
    differences: list[str] = field(default_factory=list)
    unstored: dict[str, str] = field(default_factory=dict)
    variants: int = 0
    variants_met: int = 0
    unmet: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.differences


def check(
    book: Rulebook,
    months: Sequence[int] | None = None,
    people: int = 200,
    seed: int = 1,
    progress: Progress | None = None,
    rules: Iterable[str] | None = None,
    fixed: Mapping[str, int] | None = None,
) -> CheckReport:
    """Compare compiled loop and explanation, ``people`` persons per rule, all with the ``fixed`` stored facts.

    ``months`` defaults to months around which the law of each rule bends. ``BookError`` if a rule
    cannot be compiled.
    """
    report, met = CheckReport(), set[tuple[str, int]]()
    names = sorted(r.full_name for r in book.rules()) if rules is None else list(rules)
    for done, name in enumerate(names):
        if not book.level(name):  # a rule of each record is compared through the totals and accruals that use it
            report.rules += 1
            rng = random.Random(f"{seed}/{name}")
            spans = list(months) if months is not None else _run_months(book, name, rng)
            for month in spans:
                maker = People(book, name, month, rng, fixed)
                _check_rule(maker, max(people // len(spans), 10), report, met)
            _check_in_company(maker, max(people // 4, 10), report)
        if progress:
            progress(done + 1, len(names))
    wanted = {(n, k) for n in names if not book.level(n) for k in range(len(book.rule(n).variants))}
    report.variants, report.variants_met = len(wanted), len(wanted & met)
    report.unmet = [f"{n} at {book.rule(n).variants[k].where}" for n, k in sorted(wanted - met)]
    return report


def _run_months(book: Rulebook, name: str, rng: random.Random, most: int = 8) -> list[int]:
    """Months of the run around which the law of a rule bends; the latest law if it does not."""
    low, high = bounds(book.nodes[MONTH])[:2]
    rule = book.rule(name)
    own = {e for v in rule.variants for e in (v.since, v.until) if low <= e <= high and book.dated_by(rule) == MONTH}
    bends = sorted(d for d in People(book, name, 0, rng).hints.get(MONTH, ()) if low <= d <= high and d not in own)
    return sorted([*own, *rng.sample(bends, min(most, len(bends)))]) or [2025 * 12]


def _check_rule(maker: People, people: int, report: CheckReport, met: set[tuple[str, int]]) -> None:
    book, name = maker.book, maker.name
    table = maker.table(people)
    try:
        kernel = Kernel(book, maker.month, (name,), table.schema)
    except Unstorable as error:
        report.unstored[name] = str(error)
        return
    result = kernel.run(table, 1).table
    statuses = result.column(STATUS).to_pylist()
    stored = result.column(0).cast(pa.int64()).to_pylist()
    batch = table.to_batches()[0]
    rows = kernel.read(batch)
    output = kernel.plan.outputs[0]
    for i in range(people):
        person = kernel.person(rows, i)
        try:
            expected: tuple[str, Any] = "ok", _stored(person.explain(name).exact, output)
        except Refused as refusal:
            expected = refusal.status, None
        report.people += 1
        report.computed += expected[0] == "ok"
        met |= {(name, k) for k in _fallen_under(book.rule(name), person)}
        found = statuses[i], stored[i]
        if expected != found and not (expected[0] != "ok" and found[0] in _refusals(book, person, name)):
            row = {k: v for k, v in table.slice(i, 1).to_pylist()[0].items() if v is not None}
            report.differences.append(
                f"{name} at {show_month(maker.month)}: explained {expected}, compiled {found} for {row}"
            )


def _check_in_company(maker: People, people: int, report: CheckReport) -> None:
    """A rule asked together with others about the same facts: the loop is then another one, its value must not be."""
    book, name = maker.book, maker.name
    company = [rule for rule in _company(book, name) if rule not in report.unstored]
    if name in report.unstored or not company:
        return
    table = maker.table(people)
    given = [used for used in company if used.rpartition(".")[2] not in table.column_names]
    try:
        kernel = Kernel(book, maker.month, (name, *given), table.schema)
    except Unstorable:
        return
    result = kernel.run(table, 1).table
    statuses, found = result.column(STATUS).to_pylist(), result.column(0).cast(pa.int64()).to_pylist()
    rows = kernel.read(table.to_batches()[0])
    for i in range(people):
        if statuses[i] != "ok":
            continue
        try:
            expected: Any = _stored(kernel.person(rows, i).explain(name).exact, kernel.plan.outputs[0])
        except Refused as refusal:
            expected = refusal.status
        if expected != found[i]:
            report.differences.append(
                f"{name} with {', '.join(given)} at {show_month(maker.month)}: "
                f"explained {expected}, compiled {found[i]}"
            )


def _company(book: Rulebook, name: str, most: int = 8) -> list[str]:
    """Rules of a person that ask nothing else of it than ``name`` does: those it reads first, then others."""
    asked = _asked(book, name)
    read = [used for used in uses(book, book.rule(name)) if isinstance(book.nodes[used], Rule)]
    room = [rule.full_name for rule in book.rules() if rule.room == book.rule(name).room]
    fitting = [r for r in dict.fromkeys((*read, *room)) if r != name and not book.level(r) and _asked(book, r) <= asked]
    return fitting[:most]


def _asked(book: Rulebook, name: str) -> set[str]:
    """The facts that a rule and all it reads may ask."""
    seen, stack = set[str](), [name]
    while stack:
        at = stack.pop()
        node = book.nodes[at]
        if at not in seen:
            seen.add(at)
            stack += uses(book, node) if isinstance(node, Rule) else ()
    return {at for at in seen if isinstance(book.nodes[at], Fact)}


def _refusals(book: Rulebook, person: Person, name: str) -> set[str]:
    """Every reason for which a person may be refused; the loop may meet another one first."""
    found, seen, stack = set[str](), set[str](), [name]
    while stack:
        at = stack.pop()
        node = book.nodes[at]
        if book.level(at):  # of a record: which record stops first is the loop's choice
            found |= {f"{kind}: {at}" for kind in Refused.KINDS}
        if at in seen or isinstance(node, Parameter):
            continue
        seen.add(at)
        stack += uses(book, node) if isinstance(node, Rule) else ()
        if book.level(at) is None:
            try:
                person.explain(at)
            except Refused as refusal:
                found.add(refusal.status)
    return found


def _fallen_under(rule: Rule, person: Person) -> set[int]:
    """Which variants of a rule a person, or a record of a history, falls under, computed or refused."""
    if rule.kind != "rule":
        steps = person.done[rule.full_name].inputs if rule.full_name in person.done else ()
        met = {(step.formula, step.cite) for step in steps}
        return {k for k, v in enumerate(rule.variants) if (v.formula, v.cite) in met}
    try:
        return {rule.variants.index(person.variant(rule, person.date_of(rule)))}
    except Refused:
        return set()


class People:
    """Random people for one rule: the facts it may need, over their ranges and at the points where the law bends."""

    def __init__(
        self, book: Rulebook, name: str, month: int, rng: random.Random, fixed: Mapping[str, int] | None = None
    ) -> None:
        self.book, self.month, self.rng, self.fixed = book, month, rng, fixed or {}
        self.name = name
        self.facts: list[Fact | Rule] = []  # a rule whose table has no value yet is given instead
        self.histories: set[str] = set()
        self.hints: dict[str, set[int]] = {}
        self.anchors: list[dict[str, int]] = []  # keys of values that exist, so that enough people have one
        self.anchor: dict[str, int] = {}
        self._collect(name, set())

    def _collect(self, name: str, seen: set[str]) -> None:
        node = self.book.nodes[name]
        if name in seen:
            return
        seen.add(name)
        if isinstance(node, Fact):
            if node.over:
                self.histories.add(history_name(self.book, node))
            elif name != MONTH:
                self.facts.append(node)
        elif isinstance(node, Rule) and name != self.name and self._valueless(node):
            self.facts.append(node)
        elif isinstance(node, Rule):
            self._hint(node)
            if node.kind != "rule":
                self.histories.add(history_name(self.book, node))
            for used in sorted(uses(self.book, node)):
                self._collect(used, seen)

    def _valueless(self, rule: Rule) -> bool:
        wires = (self.book.nodes.get(w) for v in rule.variants for w in self.book.wires(rule, v))
        return (
            any(isinstance(w, Parameter) and not w.entries for w in wires) and self.book.level(rule.full_name) is None
        )

    def _hint(self, rule: Rule) -> None:
        """Dates and provinces around which a rule has variants or parameters."""
        dated, region = self.book.dated_by(rule), self.hints.setdefault("region", set())
        dates = self.hints.setdefault(dated, set())
        for variant in rule.variants:
            dates |= {d for e in (variant.since, variant.until + 1) if abs(e) < FOREVER for d in (e - 1, e)}
            region |= set(variant.region or ())
            for used in self.book.wires(rule, variant):
                node = self.book.nodes.get(used)
                if isinstance(node, Parameter):
                    self._hint_parameter(node, dates, region)

    def _hint_parameter(self, node: Parameter, dates: set[int], region: set[int]) -> None:
        for entry in node.resolved():
            self.anchors.append({k: p for k, p in zip(node.keys, entry.key, strict=True) if isinstance(p, int)})
            dates |= {entry.since} if entry.since > -FOREVER else set()
            for key, part in zip(node.keys, entry.key, strict=True):
                if key == "region" and isinstance(part, int):
                    region.add(part)
                if key == "year" and isinstance(part, int):
                    dates.add(part * 12 + part % 12)

    def table(self, people: int) -> pa.Table:
        """``people`` rows; a few values are null or out of range, so that refusals are compared too."""
        rows = [self._person() for _ in range(people)]
        columns = {f.full_name: pa.array([r[f.full_name] for r in rows], pa.int64()) for f in self.facts}
        for history in sorted(self.histories):
            facts = history_names(self.book).get(history, [])
            struct = pa.struct([(f.name, pa.int64()) for f in facts])
            lists = [self._history(facts) for _ in range(people)]
            columns[history] = pa.array(lists, pa.list_(struct))
        if not columns:
            columns["_nobody"] = pa.array([0] * people, pa.int64())
        return pa.table(columns)

    def _person(self) -> dict[str, int | None]:
        use = self.anchors and self.rng.random() < 0.7
        self.anchor = self.rng.choice(self.anchors) if use else {}
        return {f.full_name: self.fixed.get(f.full_name, self._value(f)) for f in self.facts}

    def _history(self, facts: list[Fact]) -> list[dict[str, int | None]] | None:
        if self.rng.random() < 0.01:
            return None
        length = self.rng.choice((0, 1, 2, 5, 30))
        start = self.rng.randint(1995, 2025)
        return [{f.name: self._record_value(f, start + j) for f in facts} for j in range(length)]

    def _record_value(self, fact: Fact, year: int) -> int | None:
        if fact.unit.name == "Year" and self.rng.random() < 0.9:
            return year
        if fact.unit.kind == "month" and self.rng.random() < 0.9:
            return year * 12 + self.rng.randint(0, 11)
        return self._value(fact, 0.002)

    def _value(self, fact: Fact | Rule, bad: float = 0.01) -> int | None:
        rng, (low, high, scale) = self.rng, bounds(fact)
        lo, hi = int(low * scale), int(high * scale)
        draw = rng.random()
        if draw < bad:
            return None if rng.random() < 0.5 else rng.choice((lo - 1, hi + 1, -(10**15), 10**15))
        if draw < 0.1:
            return rng.choice((lo, hi, min(lo + 1, hi), max(hi - 1, lo), min(max(lo, scale), hi)))
        key = next((k for k in self.anchor if fact.name == k or fact.name.endswith(f"_{k}")), None)
        if key and fact.unit.kind != "month" and draw < 0.9:
            return min(max(self.anchor[key] * scale, lo), hi)
        if "year" in self.anchor and fact.unit.kind == "month" and fact.full_name in self.hints and draw < 0.8:
            return self.anchor["year"] * 12 + rng.randint(0, 11)
        hints = [h for h in self._hints(fact) if lo <= h <= hi]
        if hints and draw < 0.7:
            return rng.choice(hints)
        if fact.unit.kind == "month":
            usual = rng.randint(1950 * 12, 2045 * 12)
            return min(max(usual, lo), hi)
        if draw < 0.85 and hi - lo > 1000:
            return lo + int((hi - lo) ** rng.random())
        return rng.randint(lo, hi)

    def _hints(self, fact: Fact | Rule) -> list[int]:
        found = set(self.hints.get(fact.full_name, ()))
        if fact.name == "region":
            found |= self.hints.get("region", set())
        if fact.name == "birth_month":
            dates = {d for hint in self.hints.values() for d in hint if d > 12 * 1900}
            found |= {d - 12 * age for d in dates for age in (45, 50, 55, 60, 61, 63)}
        return sorted(found)
