"""What the generator asks of the law: who is past which age. Nothing here knows an age itself."""

from __future__ import annotations

import functools
from fractions import Fraction

import numpy as np

from shebao.law import rulebook
from shebao.population.data import FIRST_BIRTH, month_text


@functools.cache
def categories() -> tuple[str, ...]:
    """The retirement categories in the rulebook's order."""
    return tuple(rulebook().node("category").values)  # type: ignore[union-attr]


@functools.cache
def statutory_months(month: int) -> np.ndarray:
    """Statutory retirement month by category and month of birth: ``[3, births]``, as the law of ``month`` sees it."""
    return np.array([
        [_month("retirement.statutory_retirement_month", month, birth, category) for birth in range(FIRST_BIRTH, month)]
        for category in categories()
    ])


@functools.cache
def resident_pension_months(month: int) -> np.ndarray:
    """Month in which a resident reaches pension age, by month of birth: ``[births]``."""
    return np.array([_month("resident_pension.pension_age_month", month, birth) for birth in range(FIRST_BIRTH, month)])


@functools.cache
def minimum_contribution_months(month: int) -> int:
    """Months of contribution that a pension awarded in ``month`` needs."""
    facts = {"retirement_month": month_text(month), "statutory_retirement_month": month_text(month)}
    return int(rulebook().at(month).explain("retirement.minimum_contribution_months", facts).exact)


@functools.cache
def account_credit(month: int) -> Fraction:
    """Part of the contribution base that the law of ``month`` credits to the individual account."""
    facts = {"contribution_base": "10000"}
    return Fraction(rulebook().at(month).explain("employee_pension.account_credit", facts).exact) / 10_000


def _month(rule: str, month: int, birth: int, category: str | None = None) -> int:
    facts = {"birth_month": month_text(birth)} | ({"category": category} if category else {})
    return int(rulebook().at(month).explain(rule, facts).exact)


def earliest_retirement() -> int:
    """The earliest retirement month the rulebook knows; longer ago nobody can be put on its books."""
    return int(rulebook().node("retirement_month").low)  # type: ignore[union-attr]
