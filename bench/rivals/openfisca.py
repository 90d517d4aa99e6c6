"""OpenFisca-Core, twice: as its users write a country package, and widened by hand to whole numbers.

``floats`` follows OpenFisca's documentation: amounts in the default float32, parameters in a tree with a child per
province, picked by an Enum vector ("fancy indexing"), a loop over the years of retirement because ``parameters``
takes one date. ``integers`` keeps OpenFisca's variables and cache but computes in int64 fen over NumPy tables.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np

from bench.case import BANDS, FIRST, LAST, MONTH, RULES, Tables
from bench.data import Columns
from bench.rivals import Absent, Run
from bench.rivals.numpy_ import RATE_SCALE, Numbers, years_30000

try:
    from openfisca_core.entities import Entity
    from openfisca_core.indexed_enums import Enum, EnumArray
    from openfisca_core.parameters import ParameterNode
    from openfisca_core.periods import DateUnit
    from openfisca_core.simulations import SimulationBuilder
    from openfisca_core.taxbenefitsystems import TaxBenefitSystem
    from openfisca_core.variables import Variable
except ImportError:
    Entity = None

Formula = Callable[..., Any]
START = date(1900, 1, 1).isoformat()


def prepare(tables: Tables, people: Columns, style: str) -> Run:
    if Entity is None:
        raise Absent("openfisca-core is not installed")
    system, given = (floats if style == "floats" else integers)(tables, people)
    count = len(people["region"])

    def run() -> Columns:
        simulation = SimulationBuilder().build_default_simulation(system, count)
        for name, values in given.items():
            simulation.set_input(name, MONTH, values)
        return {name: simulation.calculate(name, MONTH) for name in RULES}

    return run


def _system(facts: Mapping[str, type], rules: Mapping[str, tuple[type, Formula]], kinds: Any = None) -> Any:
    """A tax-benefit system of one entity."""
    person = Entity("person", "persons", "", "")
    system = TaxBenefitSystem([person])

    def add(name: str, kind: type, **words: Any) -> None:
        period = DateUnit.MONTH if "formula" in words else DateUnit.ETERNITY
        body = {"value_type": kind, "entity": person, "definition_period": period, "label": name, **words}
        system.add_variable(type(name, (Variable,), body))

    for name, kind in facts.items():
        if kind is Enum:
            add(name, Enum, possible_values=kinds, default_value=next(iter(kinds)))
        else:
            add(name, kind)
    for name, (kind, formula) in rules.items():
        add(name, kind, formula=formula)
    return system


# -- as its users write it -----------------------------------------------------------------------


def to_fen(amount: Any) -> Any:
    return np.floor(amount * 100 + 0.5) / 100


def parameter_tree(t: Tables) -> Any:
    """The rulebook's numbers as OpenFisca's parameter tree."""

    def always(value: Fraction | int) -> dict[str, Any]:
        return {"values": {START: {"value": float(value)}}}

    def by_region(values: Mapping[int, Fraction | int]) -> dict[str, Any]:
        return {f"p{region}": always(value) for region, value in values.items()}

    years = range(FIRST // 12, LAST // 12 + 1)
    wages = {f"p{r}": {"values": {f"{y}-01-01": {"value": float(t.base_wage[r, y])} for y in years}} for r in t.regions}
    ages = [{"threshold": always(a)["values"], "amount": always(m)["values"]} for a, m in t.annuity_months.items()]
    spec = {
        "base_wage": wages,
        "annuity_months": {"metadata": {"type": "single_amount"}, "brackets": ages},
        "age_tilt": {f"from_{b}": by_region({r: t.age_tilt[r, b] for r in t.regions}) for b in BANDS},
    }
    for name in ("latest_base_year", "year_digits", "interpolated_from", "transition_rate", "fixed_amount"):
        spec[name] = by_region(getattr(t, name))
    for name in ("amount_per_year", "percent_of_pension", "hardship_tilt"):
        spec[name] = by_region(getattr(t, name))
    return ParameterNode("", data=spec)


def floats(t: Tables, people: Columns) -> tuple[Any, Columns]:
    regions = Enum("Province", {f"p{r}": str(r) for r in t.regions})
    facts = dict.fromkeys(people, int) | {"average_index": float, "account_balance": float, "region": Enum}
    facts["hardship_area"] = bool

    def base_wage(person: Any, period: Any, parameters: Any) -> Any:
        region, year = person("region", period), person("retirement_month", period) // 12
        latest = parameters(period).latest_base_year[region]
        year = np.where(year == latest + 1, latest, year)
        found = np.zeros(len(year))
        for each in range(FIRST // 12, LAST // 12 + 1):
            found = np.where(year == each, parameters(f"{each}-12").base_wage[region], found)
        return found

    def years(person: Any, period: Any, parameters: Any, months: str) -> Any:
        digits = parameters(period).year_digits[person("region", period)]
        exact = person(months, period) / 12
        return np.where(digits == 2, np.round(exact, 2), np.where(digits == 4, np.round(exact, 4), exact))

    def months_of_payment(person: Any, period: Any, parameters: Any) -> Any:
        retired = person("retirement_month", period)
        lived = retired - person("birth_month", period)
        age, beyond = lived // 12, lived % 12
        table = parameters(period).annuity_months
        whole, following = table.calc(age), table.calc(age + 1)
        between = np.floor((whole * (12 - beyond) + following * beyond) / 12 * 10 + 0.5) / 10
        begins = parameters(period).interpolated_from[person("region", period)]
        return np.where((beyond == 0) | (retired < begins), whole, between)

    def basic_pension(person: Any, period: Any) -> Any:
        mean = (person("base_wage", period) + person("indexed_wage", period)) / 2
        return to_fen(mean * person("contribution_years", period) * 0.01)

    def transitional_pension(person: Any, period: Any, parameters: Any) -> Any:
        rate = parameters(period).transition_rate[person("region", period)]
        return to_fen(person("indexed_wage", period) * person("transition_years", period) * rate)

    def monthly_pension(person: Any, period: Any) -> Any:
        return sum(person(name, period) for name in RULES[:3])

    def adjustment(person: Any, period: Any, parameters: Any) -> Any:
        region, p = person("region", period), parameters(period)
        age = t.adjustment_year - 1 - person("birth_month", period) // 12
        tilt = np.select(
            [age >= 80, age >= 75, age >= 70],
            [p.age_tilt.from_80[region], p.age_tilt.from_75[region], p.age_tilt.from_70[region]],
            0,
        )
        linked = p.amount_per_year[region] * np.ceil(person("contribution_months", period) / 12)
        linked = linked + to_fen(person("monthly_pension", period) * p.percent_of_pension[region])
        rise = p.fixed_amount[region] + linked + tilt + p.hardship_tilt[region] * person("hardship_area", period)
        return np.where(person("retirement_month", period) // 12 < t.adjustment_year, rise, 0)

    rules: dict[str, Formula] = {
        "base_wage": base_wage,
        "indexed_wage": lambda person, period: to_fen(person("base_wage", period) * person("average_index", period)),
        "contribution_years": lambda person, period, parameters: years(
            person, period, parameters, "contribution_months"
        ),
        "transition_years": lambda person, period, parameters: years(person, period, parameters, "deemed_months"),
        "months_of_payment": months_of_payment,
        "basic_pension": basic_pension,
        "account_pension": lambda person, period: to_fen(
            person("account_balance", period) / person("months_of_payment", period)
        ),
        "transitional_pension": transitional_pension,
        "monthly_pension": monthly_pension,
        "adjustment": adjustment,
        "adjusted_pension": lambda person, period: person("monthly_pension", period) + person("adjustment", period),
    }
    system = _system(facts, {name: (float, formula) for name, formula in rules.items()}, regions)
    system.parameters = parameter_tree(t)
    given = dict(people)
    place = {r: k for k, r in enumerate(t.regions)}
    codes = np.array([place.get(r, 0) for r in range(66)], dtype=np.uint8)
    given["region"] = EnumArray(codes[people["region"]], regions)
    given["average_index"] = (people["average_index"] / 10_000).astype(np.float32)
    given["account_balance"] = (people["account_balance"] / 100).astype(np.float32)
    given["hardship_area"] = people["hardship_area"].astype(bool)
    return system, given


# -- widened by hand -----------------------------------------------------------------------------


def integers(t: Tables, people: Columns) -> tuple[Any, Columns]:
    n = Numbers(t)

    def of(formula: Callable[..., Any], *names: str) -> tuple[type, Formula]:
        """A variable whose formula sees other variables as int64."""
        return int, lambda person, period: formula(*(person(name, period).astype(np.int64) for name in names))

    def base_wage(region: Any, retired: Any) -> Any:
        year, latest = retired // 12, n.latest_base_year[region]
        return n.base_wage[region, np.where(year == latest + 1, latest, year) - n.first_year]

    def months_of_payment(region: Any, retired: Any, born: Any) -> Any:
        age, beyond = (retired - born) // 12, (retired - born) % 12
        whole, following = n.annuity_months[age], n.annuity_months[age + 1]
        between = ((whole * (12 - beyond) + following * beyond) * 10 + 6) // 12
        return np.where((beyond == 0) | (retired < n.interpolated_from[region]), 10 * whole, between)

    def transitional(indexed: Any, years: Any, region: Any) -> Any:
        return (indexed * years * n.transition_rate[region] + 15_000 * RATE_SCALE) // (30_000 * RATE_SCALE)

    def adjustment(region: Any, retired: Any, born: Any, months: Any, hardship: Any, pension: Any) -> Any:
        old = np.searchsorted(BANDS, n.adjustment_year - 1 - born // 12, side="right")
        linked = (
            n.per_year[region] * ((months + 11) // 12) + (pension * n.percent[region] + RATE_SCALE // 2) // RATE_SCALE
        )
        rise = n.fixed[region] + linked + n.age_tilt[region, old] + n.hardship[region] * hardship
        return np.where(retired // 12 < n.adjustment_year, rise, 0)

    def years(months: Any, region: Any) -> Any:
        return years_30000(months, n.year_digits[region])

    rules = {
        "base_wage": of(base_wage, "region", "retirement_month"),
        "indexed_wage": of(lambda base, index: (base * index + 5000) // 10_000, "base_wage", "average_index"),
        "contribution_years": of(years, "contribution_months", "region"),
        "transition_years": of(years, "deemed_months", "region"),
        "months_of_payment": of(months_of_payment, "region", "retirement_month", "birth_month"),
        "basic_pension": of(
            lambda base, indexed, y: ((base + indexed) * y + 3_000_000) // 6_000_000,
            *("base_wage", "indexed_wage", "contribution_years"),
        ),
        "account_pension": of(
            lambda balance, divisor: (20 * balance + divisor) // (2 * divisor), "account_balance", "months_of_payment"
        ),
        "transitional_pension": of(transitional, "indexed_wage", "transition_years", "region"),
        "monthly_pension": of(lambda a, b, c: a + b + c, *RULES[:3]),
        "adjustment": of(
            adjustment,
            *("region", "retirement_month", "birth_month", "contribution_months", "hardship_area", "monthly_pension"),
        ),
        "adjusted_pension": of(lambda pension, rise: pension + rise, "monthly_pension", "adjustment"),
    }
    return _system(dict.fromkeys(people, int), rules), dict(people)
