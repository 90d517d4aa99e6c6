"""The two monthly pensions as the law names them, and what of a decision is the same for both."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from shebao.engine.errors import BookError
from shebao.engine.explanation import Explanation, condition_text
from shebao.engine.rulebook import Law
from shebao.month.careers import Known, after, month_text
from shebao.month.entitlements import Decision, Due

PENSION = "employee_pension"
RESIDENT = "resident_pension"
#: Why a pension is refused or taken back: who died before the month of retirement never retired.
DEAD_BEFORE = "death before retirement 退休前死亡"
#: Why a claim is refused without touching the award in force.
DRAWN = "drawn already 已领取该待遇"
#: What a component that a year's adjustment added is called, before the year.
ADJUSTMENT = "adjustment_"
AGE = ("region", "sex", "category", "birth_month")
RETIRE = (*AGE, "retirement_month", "contribution_months", "special_work", "late_retirement_agreed")


@dataclass(frozen=True)
class Pension:
    """A pension by its scheme's name: the rule of the right to it, the facts that asks, the parts of the amount.

    ``asked`` empty: all facts. ``published``: the rule that tells a final award from a provisional one, if there are
    such. ``standard``: the part that is set for everybody and follows the months, not the award.
    """

    benefit: str
    parts: tuple[str, ...]
    right: str
    asked: tuple[str, ...] = ()
    published: str = ""
    standard: str = ""

    @property
    def amount(self) -> str:
        return f"{self.benefit}.monthly_pension"

    @property
    def first(self) -> str:
        return f"{self.benefit}.first_payment_month"

    @property
    def rules(self) -> tuple[str, ...]:
        """All that an award says: right, amount, parts, first month, whether it is final."""
        parts = (f"{self.benefit}.{name}" for name in self.parts)
        return (self.right, self.amount, *parts, self.first, *filter(None, [self.published]))

    def may(self, law: Law, facts: Mapping[str, Any]) -> Explanation:
        """Whether the person has the right to it, and why."""
        return law.explain(self.right, {n: v for n, v in single(facts).items() if not self.asked or n in self.asked})


PENSIONS = {
    PENSION: Pension(
        PENSION,
        ("basic_pension", "account_pension", "transitional_pension", "local_supplement"),
        "retirement.may_retire",
        asked=RETIRE,
        published="employee_pension.base_wage_published",
    ),
    RESIDENT: Pension(
        RESIDENT,
        ("basic_pension_standard", "long_contribution_supplement", "account_pension"),
        "resident_pension.may_draw",
        standard="basic_pension_standard",
    ),
}


@dataclass(frozen=True)
class Made:
    """A pension as the law makes it: fen a month, its components, the first month due, whether that is final."""

    amount: int
    components: Mapping[str, int]
    start: dt.date
    final: bool = True


def made(law: Law, pension: Pension, facts: Mapping[str, Any]) -> tuple[Made, Explanation]:
    """A person's pension on these facts, and its tree; ``Refused`` where the law cannot say."""
    named = single(facts)
    tree = law.explain(pension.amount, named)
    components = {name: fen(tree.find(name)) for name in pension.parts}
    final = not pension.published or bool(law.explain(pension.published, named).exact)
    start = month_at(int(law.explain(pension.first, named).exact))
    return Made(fen(tree), completed(fen(tree), components), start, final), tree


def completed(amount: int, components: Mapping[str, int]) -> dict[str, int]:
    """Components that add up: the rounding of a total, or a province's phase-in, is the `difference`."""
    rest = amount - sum(components.values())
    return {**components, **({"difference": rest} if rest else {})}


def single(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts without the histories they were reckoned from."""
    return {name: value for name, value in facts.items() if not isinstance(value, list)}


def month_at(number: int) -> dt.date:
    """A month as the law counts it, as the books keep it."""
    return dt.date(number // 12, number % 12 + 1, 1)


def fen(node: Explanation) -> int:
    """An amount of the law in fen; it is one, or the law is wrong."""
    scaled = node.exact * 100
    if scaled.denominator != 1:
        raise BookError(f"{node.name}: {node.value} is no amount in fen")
    return int(scaled)


def why(tree: Explanation) -> str:
    """The value found, if it is more than a no, and the conditions that do not hold, in words."""
    failing = [condition_text(c, node, "zh") for node in tree.walk() for c in node.conditions if not c.holds]
    found = [] if tree.unit.kind == "yes_no" else [f"{tree.label} = {tree.value}"]
    return "；".join(dict.fromkeys(found + failing)) or f"{tree.label} = {tree.value}"


def dead_before(person: Known, benefit: str, month: dt.date, death: dt.date, claim: int | None) -> Decision:
    """No pension for who died before the month it would be awarded for."""
    tree = {"name": "life_event", "value": month_text(death)}
    about = (person.person_id, person.area, benefit, month)
    return Decision(*about, 0, DEAD_BEFORE, person.facts, tree, granted=False, claim=claim)


def until_death(rows: Iterable[Due], death: dt.date | None) -> list[Due]:
    """What is due, ended with the month of death; rows of which nothing is left are left out."""
    end = None if death is None else after(death)
    cut = [due if end is None or (due.end and due.end <= end) else replace(due, end=end) for due in rows]
    return [due for due in cut if due.end is None or due.end > due.start]
