"""The award once more, person by person in exact fractions: what every engine is held against.

Slow on purpose and written apart from all of them. A sample of its answers is compared with ``explain``, so that
the reference itself is not one more reading of the law.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from bench.case import BANDS, RULES, Tables, law
from bench.data import Columns


def half_up(value: Fraction, places: int = 2) -> Fraction:
    """Nearest; a half goes up. Nothing here is negative."""
    scaled = value * 10**places
    return Fraction((2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator), 10**places)


def years(months: int, digits: int) -> Fraction:
    exact = Fraction(months, 12)
    return half_up(exact, digits) if digits else exact


def months_of_payment(t: Tables, region: int, retired: int, born: int) -> Fraction:
    age, beyond = divmod(retired - born, 12)
    if beyond == 0 or retired < t.interpolated_from[region]:
        return Fraction(t.annuity_months[age])
    mean = Fraction(t.annuity_months[age] * (12 - beyond) + t.annuity_months[age + 1] * beyond, 12)
    return half_up(mean, 1)


def person(t: Tables, p: dict[str, int]) -> list[Fraction]:
    """The results in the order of the rules, in yuan."""
    region, retired = p["region"], p["retirement_month"]
    year, digits, latest = retired // 12, t.year_digits[region], t.latest_base_year[region]
    base = t.base_wage[region, latest if year == latest + 1 else year]
    indexed = half_up(base * Fraction(p["average_index"], 10_000))
    basic = half_up((base + indexed) / 2 * years(p["contribution_months"], digits) / 100)
    divisor = months_of_payment(t, region, retired, p["birth_month"])
    account = half_up(Fraction(p["account_balance"], 100) / divisor)
    transitional = half_up(indexed * years(p["deemed_months"], digits) * t.transition_rate[region])
    pension = basic + account + transitional
    rise = Fraction(0)
    if year < t.adjustment_year:
        age = t.adjustment_year - 1 - p["birth_month"] // 12
        reached = [band for band in BANDS if age >= band]
        rise = t.fixed_amount[region] + t.amount_per_year[region] * -(-p["contribution_months"] // 12)
        rise += half_up(pension * t.percent_of_pension[region])
        rise += t.age_tilt[region, reached[-1]] if reached else 0
        rise += t.hardship_tilt[region] if p["hardship_area"] else 0
    return [basic, account, transitional, pension, rise, pension + rise]


def exact(tables: Tables, people: Columns) -> Columns:
    """Every person in fen."""
    names = list(people)
    rows = zip(*(people[name].tolist() for name in names), strict=True)
    found = [[int(100 * v) for v in person(tables, dict(zip(names, row, strict=True)))] for row in rows]
    return {name: np.array([row[k] for row in found], dtype=np.int64) for k, name in enumerate(RULES)}


def wrong(results: Mapping[str, Any], truth: Columns, unit: int = 1) -> int:
    """How many people have any amount that differs by a fen or more. Results are in units of ``unit`` fen."""
    count = len(next(iter(truth.values())))
    off = np.zeros(count, dtype=bool)
    for name in RULES:
        fen = np.asarray(results[name][:count])
        off |= (np.rint(fen.astype(np.float64) * unit) if unit > 1 else fen) != truth[name]
    return int(off.sum())


def check_against_explain(tables: Tables, people: Columns, count: int = 100) -> None:
    """``AssertionError`` if the reference and the law's own functions disagree on the first people."""
    for k in range(count):
        row = {name: int(values[k]) for name, values in people.items()}
        facts = {
            **row,
            "average_index": Fraction(row["average_index"], 10_000),
            "account_balance": Fraction(row["account_balance"], 100),
            "hardship_area": bool(row["hardship_area"]),
        }
        for rule, value in zip(RULES, person(tables, row), strict=True):
            told = law().explain(f"employee_pension.{rule}", facts).exact
            assert told == value, f"person {k}, {rule}: explain {told}, reference {value}"
