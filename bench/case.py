"""What is measured: the award and the first yearly adjustment of an employee pension, under one month's law.

Everybody belongs to a province that follows the national formula, so that a rival can be written by hand in an
hour. Shebao's own loop is the rulebook's: it carries every province's variant all the same. The provinces'
adjustment amounts are not published as one table; ``synthetic_adjustment.yaml`` stands in for them.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from shebao.engine.book import Rule, Variant
from shebao.engine.rulebook import Law, Rulebook
from shebao.law import rulebook

MONTH = "2025-12"  # the month of the run
FIRST, LAST = (
    2024 * 12,
    2025 * 12 + 11,
)  # months of retirement; a later adjustment than the first needs the pension paid
ROOM = "employee_pension"
RULES = (
    *("basic_pension", "account_pension", "transitional_pension"),
    *("monthly_pension", "adjustment", "adjusted_pension"),
)
REFORM = Path(__file__).with_name("synthetic_adjustment.yaml")
BANDS = (70, 75, 80)  # ages from which the tilt to the old rises


@functools.cache
def law() -> Law:
    """The law of the month with the synthetic adjustment amounts."""
    return rulebook().with_reform(REFORM).at(MONTH)


def full_names() -> list[str]:
    return [f"{ROOM}.{name}" for name in RULES]


# -- who follows the national formula ------------------------------------------------------------


def national(variants: list[Variant]) -> Variant:
    """The variant of the most provinces."""
    return max(variants, key=lambda v: len(v.region) if v.region is not None else 100)


@functools.cache
def standard_provinces() -> tuple[int, ...]:
    """The provinces to which the nation's variant of every rule applies at every month of retirement."""
    book = law().book
    found = {int(code) for code in _regions(book)}
    for rule in _needed(book):
        for month in range(FIRST, LAST + 1):
            live = [v for v in rule.variants if v.since <= month <= v.until]
            chosen = national(live) if live else None
            if chosen is not None and chosen.region is not None:
                found &= chosen.region
    return tuple(sorted(found))


def _regions(book: Rulebook) -> set[int]:
    return {int(entry.key[0]) for entry in book.nodes[f"{ROOM}.published_base_wage"].entries}


def _needed(book: Rulebook) -> list[Rule]:
    """Every rule that the measured ones read, through the nation's variants."""
    found: dict[str, Rule] = {}

    def visit(name: str) -> None:
        node = book.nodes[name]
        if name in found or not isinstance(node, Rule):
            return
        found[name] = node
        last = max(v.until for v in node.variants)
        for used in book.wires(node, national([v for v in node.variants if v.until == last])):
            visit(used)

    for name in full_names():
        visit(name)
    return list(found.values())


# -- the numbers of the law, for rivals -----------------------------------------------------------


@dataclass(frozen=True)
class Tables:
    """The parameters a rival needs, exact, read out of the rulebook; amounts in yuan, shares as ratios."""

    regions: tuple[int, ...]
    base_wage: dict[tuple[int, int], Fraction]  # region, year
    latest_base_year: dict[int, int]
    year_digits: dict[int, int]
    annuity_months: dict[int, int]  # age
    interpolated_from: dict[int, int]  # region -> month
    transition_rate: dict[int, Fraction]
    fixed_amount: dict[int, Fraction]
    amount_per_year: dict[int, Fraction]
    percent_of_pension: dict[int, Fraction]
    age_tilt: dict[tuple[int, int], Fraction]  # region, band
    hardship_tilt: dict[int, Fraction]
    bounds: dict[str, tuple[int, int]]  # of each fact, in storage units

    adjustment_year: int = int(MONTH[:4])


def _value(name: str, key: tuple[int, ...]) -> Fraction:
    """A parameter that does not change over the months of retirement; ``ValueError`` if it does."""
    parameter = law().book.nodes[f"{ROOM}.{name}"]
    values = {parameter.lookup(key, month).value for month in range(FIRST, LAST + 1)}
    if len(values) > 1:
        raise ValueError(f"{name}{list(key)} changes between {FIRST} and {LAST}; the rivals take it as one number")
    return values.pop()


@functools.cache
def tables() -> Tables:
    from bench.data import FACTS

    book, regions, year = law().book, standard_provinces(), Tables.adjustment_year
    years = range(FIRST // 12, LAST // 12 + 1)
    facts = {name: book.nodes[book.resolve(name, ROOM)] for name in FACTS}
    return Tables(
        regions=regions,
        base_wage={(r, y): _value("published_base_wage", (r, y)) for r in regions for y in years},
        latest_base_year={r: int(_value("latest_base_year", (r,))) for r in regions},
        year_digits={r: int(_value("year_digits", (r,))) for r in regions},
        annuity_months={e.key[0]: int(e.value) for e in book.nodes[f"{ROOM}.annuity_months"].entries},
        interpolated_from={r: int(_value("interpolated_from", (r,))) for r in regions},
        transition_rate={r: _value("transition_rate", (r,)) for r in regions},
        fixed_amount={r: _value("fixed_amount", (r, year)) for r in regions},
        amount_per_year={r: _value("amount_per_year", (r, year)) for r in regions},
        percent_of_pension={r: _value("percent_of_pension", (r, year)) for r in regions},
        age_tilt={(r, b): _value("age_tilt_amount", (r, year, b)) for r in regions for b in BANDS},
        hardship_tilt={r: _value("hardship_tilt_amount", (r, year)) for r in regions},
        bounds={n: (int(f.low * f.scale), int(f.high * f.scale)) for n, f in facts.items()},
    )
