"""What one person, household or employer may claim in a month, what is nearly reached, and which facts are missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from shebao.engine.book import Book
from shebao.engine.errors import BookError, Refused
from shebao.engine.explanation import Explanation
from shebao.engine.facts import read_person
from shebao.engine.rulebook import Law
from shebao.entitled.catalogue import Benefit, Catalogue, Exclusion, load_catalogue
from shebao.entitled.exclusive import NONE, Loss, resolve
from shebao.entitled.why import Claimant, Failing, failing

NEAR = 2  # with more failing conditions than this a benefit is not near
#: entitled; entitled but another is paid; nearly; not; facts missing; no rule for this month or place, or a value the
#: law does not hold; nothing given that makes it a question
STATES = ("entitled", "excluded", "near", "not_entitled", "unknown", "no_rule", "not_asked")


@dataclass(frozen=True)
class Finding:
    """One benefit for one person.

    ``amount`` is None for a service, and where it cannot be computed: ``refusal`` then says why and ``missing`` which
    facts it needs. ``cites`` are the articles. ``gives_way_to`` is the benefit that is kept, by ``exclusion``.
    ``drawn`` is None where nothing tells. ``lasts`` is the last month, or the number of months, if that is known.
    """

    benefit: Benefit
    state: str
    amount: Fraction | None = None
    steps: tuple[Explanation, ...] = ()
    failing: tuple[Failing, ...] = ()
    missing: tuple[str, ...] = ()
    refusal: Refused | None = None
    gives_way_to: str = ""
    exclusion: Exclusion | None = None
    drawn: bool | None = None
    lasts: Explanation | None = None

    @property
    def cites(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(step.cite for step in self.steps if step.cite))


@dataclass(frozen=True)
class Claims:
    """Everything found for one person in a month, in the order of the catalogue."""

    book: Book
    month: int
    catalogue: Catalogue
    findings: tuple[Finding, ...]

    def of(self, *states: str) -> list[Finding]:
        """The findings of these states."""
        return [finding for finding in self.findings if finding.state in states]

    def finding(self, benefit: str) -> Finding:
        return next(finding for finding in self.findings if finding.benefit.id == benefit)

    def missing(self) -> dict[str, tuple[str, ...]]:
        """Each fact to be given, once, with the benefits that wait for it."""
        waiting: dict[str, list[str]] = {}
        first = {name: names[0] for names in self.catalogue.same for name in names}
        for finding in self.findings:
            for name in finding.missing:
                waiting.setdefault(first.get(name, name), []).append(finding.benefit.id)
        order = sorted(waiting, key=lambda name: (-len(waiting[name]), name))
        return {name: tuple(dict.fromkeys(waiting[name])) for name in order}


def entitled(law: Law, facts: Mapping[str, Any], catalogue: Catalogue | None = None) -> Claims:
    """Every benefit of the catalogue for one person, household or employer, in the law's month.

    ``facts`` are as for ``Law.explain``; a fact that several schemes share is given once. Raises ``BookError`` for
    unknown or ambiguous names and wrong types, ``Refused`` for a value that is null or out of range.
    """
    catalogue = catalogue or load_catalogue(law.book)
    given = _read(law.book, catalogue, facts)
    people: dict[str, Claimant] = {}
    findings = []
    for benefit in catalogue.benefits.values():
        if benefit.claimed_in not in people:
            people[benefit.claimed_in] = Claimant(law.book, law.month, given, benefit.claimed_in)
        findings.append(judge(people[benefit.claimed_in], benefit))
    return Claims(law.book, law.month, catalogue, tuple(_resolved(catalogue, given, _without_rivals(findings))))


def _read(book: Book, catalogue: Catalogue, facts: Mapping[str, Any]) -> dict[str, Any]:
    rules = tuple(rule for benefit in catalogue.benefits.values() for rule in benefit.rules)
    groups = {name: group for group in catalogue.same for name in group}
    groups |= {name.rpartition(".")[2]: group for name, group in groups.items()}
    wide: dict[str, Any] = {}
    for name, value in facts.items():
        for full in groups.get(name, (name,)):
            if full in wide and wide[full] != value:
                raise BookError(f"{full} is given as {wide[full]!r} and as {value!r}")
            wide[full] = value
    return read_person(book, rules, wide)


# -- one benefit -----------------------------------------------------------------------------------


def judge(person: Claimant, benefit: Benefit) -> Finding:
    """What the law says of one benefit."""
    if not benefit.is_asked(person.own):
        return Finding(benefit, "not_asked")
    steps: list[Explanation] = []
    why: list[Failing] = []
    refusals: list[str] = []
    for rule in benefit.entitled:
        try:
            steps.append(person.explain(rule))
        except Refused:
            refusals.append(rule)
            continue
        if steps[-1].exact is False:
            why += failing(person, rule)
    if why:
        return Finding(benefit, _nearness(benefit, why), steps=tuple(steps), failing=tuple(why))
    if refusals:
        return _refused(person, benefit, refusals, steps)
    return _with_amount(person, benefit, steps)


def _with_amount(person: Claimant, benefit: Benefit, steps: list[Explanation]) -> Finding:
    found = Finding(benefit, "entitled", None, tuple(steps), drawn=_drawn(person, benefit))
    if not benefit.amount:
        return found
    try:
        amount = person.explain(benefit.amount)
    except Refused:
        refused = _refused(person, benefit, [benefit.amount], steps)
        return replace(refused, state="entitled", drawn=found.drawn) if steps else refused
    found = replace(found, amount=Fraction(amount.exact), steps=(*steps, amount))
    if amount.exact > 0:
        return replace(found, lasts=_lasts(person, benefit))
    why = tuple(failing(person, benefit.amount))
    return replace(found, state=_nearness(benefit, why), failing=why, drawn=None)


def _lasts(person: Claimant, benefit: Benefit) -> Explanation | None:
    try:
        return person.explain(benefit.lasts) if benefit.lasts else None
    except Refused:
        return None


def _nearness(benefit: Benefit, why: Sequence[Failing]) -> str:
    """Near are those of whom few conditions fail; what only has to be shown yet does not count."""
    told = any(failing.name or failing.any_of or failing.condition.left for failing in why)
    few = sum(not failing.presumed for failing in why) <= NEAR
    return "near" if benefit.near and told and few else "not_entitled"


def _refused(person: Claimant, benefit: Benefit, rules: list[str], steps: list[Explanation]) -> Finding:
    missing = sorted({name for rule in (*rules, benefit.amount) for name in _missing(person, rule)})
    state = "unknown" if missing else "no_rule"
    return Finding(benefit, state, None, tuple(steps), missing=tuple(missing), refusal=person.refused[rules[0]])


def _missing(person: Claimant, rule: str) -> frozenset[str]:
    if rule:
        person.attempt(rule)
    return person.missing(rule)


def _drawn(person: Claimant, benefit: Benefit) -> bool | None:
    if benefit.drawn not in person.own:
        return None
    value = person.own[benefit.drawn]
    return value if isinstance(value, bool) else bool(value > 0)


def _without_rivals(findings: list[Finding]) -> list[Finding]:
    """What only another benefit that is due keeps from a person is not nearly due."""
    due = {rule for f in findings if f.state == "entitled" for rule in f.benefit.entitled}
    return [
        replace(f, state="not_entitled")
        if f.state == "near" and any(each.name in due and each.wanted == "no" for each in f.failing)
        else f
        for f in findings
    ]


# -- what cannot be held together ------------------------------------------------------------------


def _resolved(catalogue: Catalogue, given: Mapping[str, Any], findings: list[Finding]) -> list[Finding]:
    """The findings with those marked that give way to another."""
    due = {f.benefit.id: np.array([f.state == "entitled"]) for f in findings}
    amounts = {f.benefit.id: np.array([int((f.amount or 0) * 100)], dtype=np.int64) for f in findings}
    held = {f.benefit.id: np.array([f.drawn is True]) for f in findings}
    deducted = {e.unless: np.array([given.get(e.unless, 0) > 0]) for e in catalogue.exclusions if e.unless}
    losses = resolve(catalogue.exclusions, due, amounts, held, deducted)
    return [_marked(catalogue, finding, losses[finding.benefit.id]) for finding in findings]


def _marked(catalogue: Catalogue, finding: Finding, loss: Loss) -> Finding:
    if loss.exclusion[0] == NONE:
        return finding
    exclusion = catalogue.exclusions[loss.exclusion[0]]
    return replace(finding, state="excluded", gives_way_to=exclusion.benefits[loss.kept[0]], exclusion=exclusion)
