"""What the generator asks of the law: who is past which age. Nothing here knows an age itself."""

from __future__ import annotations

import functools
from collections.abc import Callable
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
    return np.array([_months("retirement.statutory_retirement_month", month, category) for category in categories()])


@functools.cache
def resident_pension_months(month: int) -> np.ndarray:
    """Month in which a resident reaches pension age, by month of birth: ``[births]``."""
    return _months("resident_pension.pension_age_month", month)


@functools.cache
def joining_age_months(month: int) -> int:
    """Months of age from which one may be insured or work."""
    return int(_months("resident_pension.joining_month", month)[0]) - FIRST_BIRTH


def _months(rule: str, month: int, category: str | None = None) -> np.ndarray:
    """The month a rule gives for every month of birth.

    Nobody born later reaches it at a lower age, so where two months of birth agree on the age, those between do too.
    """

    def age(place: int) -> int:
        facts = {"birth_month": month_text(FIRST_BIRTH + place)} | ({"category": category} if category else {})
        return int(rulebook().at(month).explain(rule, facts).exact) - FIRST_BIRTH - place

    births = np.arange(month - FIRST_BIRTH)
    return FIRST_BIRTH + births + _in_steps(age, len(births))


def _in_steps(value: Callable[[int], int], count: int) -> np.ndarray:
    """``value(0..count - 1)`` of a function that never falls, or never rises, asked only where it changes."""
    values = np.zeros(count, np.int64)

    def between(first: int, last: int) -> None:
        middle = (first + last) // 2
        if values[first] == values[last]:
            values[first:last] = values[first]
        elif middle > first:
            values[middle] = value(middle)
            between(first, middle)
            between(middle, last)

    values[0], values[-1] = value(0), value(count - 1)
    between(0, count - 1)
    return values


@functools.cache
def resident_required_years(month: int, scheme_start: int) -> np.ndarray:
    """Years of contribution a resident's pension needs where the scheme began then, by month of birth: ``[births]``."""

    def years(place: int) -> int:
        facts = {"birth_month": month_text(FIRST_BIRTH + place), "scheme_start_month": month_text(scheme_start)}
        return int(rulebook().at(month).explain("resident_pension.required_contribution_years", facts).exact)

    return _in_steps(years, month - FIRST_BIRTH)


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


def earliest_retirement() -> int:
    """The earliest retirement month the rulebook knows; longer ago nobody can be put on its books."""
    return int(rulebook().node("retirement_month").low)  # type: ignore[union-attr]
