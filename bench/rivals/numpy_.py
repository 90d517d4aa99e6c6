"""NumPy on 64-bit integers, in chunks that stay in the processor's cache, on several threads."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.case import BANDS, FIRST, LAST, RULES, Tables
from bench.data import Columns
from bench.rivals import Run, outputs

CHUNK = 16_384
RATE_SCALE = 10_000

Ints = NDArray[Any]


def by_region(values: Mapping[int, Fraction | int], scale: int = 1) -> Ints:
    """A dense table from province code to a whole number."""
    found = np.zeros(66, dtype=np.int64)
    for region, value in values.items():
        found[region] = value * scale
        if found[region] != value * scale:
            raise ValueError(f"{value} is not whole at the scale of the tables")
    return found


class Numbers:
    """The rulebook's numbers as dense integer arrays, money in fen, shares in ten-thousandths."""

    def __init__(self, tables: Tables) -> None:
        self.adjustment_year = tables.adjustment_year
        self.first_year = FIRST // 12
        years = range(FIRST // 12, LAST // 12 + 1)
        wages = [by_region({r: tables.base_wage[r, y] for r in tables.regions}, 100) for y in years]
        self.base_wage = np.stack(wages, axis=1)
        self.latest_base_year = by_region(tables.latest_base_year)
        self.year_digits = by_region(tables.year_digits)
        self.interpolated_from = by_region(tables.interpolated_from)
        self.annuity_months = np.zeros(max(tables.annuity_months) + 2, dtype=np.int64)
        for age, months in tables.annuity_months.items():
            self.annuity_months[age] = months
        self.transition_rate = by_region(tables.transition_rate, RATE_SCALE)
        self.percent = by_region(tables.percent_of_pension, RATE_SCALE)
        self.fixed = by_region(tables.fixed_amount, 100)
        self.per_year = by_region(tables.amount_per_year, 100)
        self.hardship = by_region(tables.hardship_tilt, 100)
        tilts = [by_region({r: tables.age_tilt[r, b] for r in tables.regions}, 100) for b in BANDS]
        self.age_tilt = np.stack([np.zeros(66, dtype=np.int64), *tilts], axis=1)


def years_30000(months: Ints, digits: Ints) -> Ints:
    """Years in 1/30000, which holds twelfths, hundredths and ten-thousandths."""
    hundredths = 300 * ((25 * months + 1) // 3)
    fine = 3 * ((2500 * months + 1) // 3)
    return np.where(digits == 2, hundredths, np.where(digits == 4, fine, 2500 * months))


def award(n: Numbers, p: Mapping[str, Ints]) -> list[Ints]:
    """The results in the order of the rules, in fen."""
    region, retired = p["region"].astype(np.intp), p["retirement_month"].astype(np.int64)
    months, deemed = p["contribution_months"].astype(np.int64), p["deemed_months"].astype(np.int64)
    year, digits = retired // 12, n.year_digits[region]
    latest = n.latest_base_year[region]
    base = n.base_wage[region, np.where(year == latest + 1, latest, year) - n.first_year]
    indexed = (base * p["average_index"] + 5000) // 10_000
    basic = ((base + indexed) * years_30000(months, digits) + 3_000_000) // 6_000_000

    lived = retired - p["birth_month"]
    age, beyond = lived // 12, lived % 12
    whole, following = n.annuity_months[age], n.annuity_months[age + 1]
    between = ((whole * (12 - beyond) + following * beyond) * 10 + 6) // 12
    divisor = np.where((beyond == 0) | (retired < n.interpolated_from[region]), 10 * whole, between)
    account = (20 * p["account_balance"] + divisor) // (2 * divisor)

    rate = n.transition_rate[region]
    transitional = (indexed * years_30000(deemed, digits) * rate + 15_000 * RATE_SCALE) // (30_000 * RATE_SCALE)
    pension = basic + account + transitional

    old = np.searchsorted(BANDS, n.adjustment_year - 1 - p["birth_month"] // 12, side="right")
    linked = n.per_year[region] * ((months + 11) // 12) + (pension * n.percent[region] + RATE_SCALE // 2) // RATE_SCALE
    rise = n.fixed[region] + linked + n.age_tilt[region, old] + n.hardship[region] * p["hardship_area"]
    rise = np.where(year < n.adjustment_year, rise, 0)
    return [basic, account, transitional, pension, rise, pension + rise]


def prepare(tables: Tables, people: Columns, threads: int) -> Run:
    numbers, made, count = Numbers(tables), outputs(len(people["region"])), len(people["region"])

    def part(start: int) -> None:
        span = slice(start, start + CHUNK)
        for name, values in zip(RULES, award(numbers, {k: v[span] for k, v in people.items()}), strict=True):
            made[name][span] = values

    def run() -> Columns:
        with ThreadPoolExecutor(threads) as pool:
            for _ in pool.map(part, range(0, count, CHUNK)):
                pass
        return made

    return run
