"""Occupational-injury cover of platform workers: where, what an order costs, and benefits like those of work injury."""

from fractions import Fraction

import pytest

from shebao.engine import Refused
from shebao.law import rulebook
from shebao.law.regions import ALL

INDUSTRIES = ("ride_hailing", "food_delivery", "instant_delivery", "city_freight")


def value(rule, month="2025-08", **facts):
    return rulebook().at(month).explain(f"occupational_injury.{rule}", facts).exact


@pytest.mark.parametrize(
    ("month", "provinces"),
    [("2022-06", 0), ("2022-07", 7), ("2025-06", 7), ("2025-07", 17), ("2026-06", 17), ("2026-07", 31)],
)
def test_provinces_by_date(month, provinces):
    assert sum(value("scheme_in_force", month, region=region) for region in ALL) == provinces


@pytest.mark.parametrize("month", ["2022-07", "2025-06", "2025-07", "2026-12", "2027-06"])
@pytest.mark.parametrize("industry", INDUSTRIES)
def test_an_order_more_costs_its_amount_and_the_worker_nothing(industry, month):
    facts = {"is_covered": True, "platform_industry": industry}
    amount = value("amount_per_order", month, **facts)
    hundred, next_one = (value("platform_contribution", month, orders=n, **facts) for n in (100, 101))
    assert next_one - hundred == amount > 0
    assert value("worker_contribution", month) == 0


def test_food_delivery_became_instant_delivery():
    before, after = (
        [value("amount_per_order", month, platform_industry=industry) for industry in INDUSTRIES[1:3]]
        for month in ("2025-06", "2025-07")
    )
    assert before == [Fraction("0.06")] * 2
    assert after == [Fraction("0.07")] * 2
    assert value("amount_per_order", platform_industry="ride_hailing", higher_delivery_band=True) == Fraction("0.01")


def test_cover_is_by_the_day():
    days = [{"day_orders": n} for n in (0, 3, 0, 1, 7)]
    assert value("worker_orders", order_days=days) == 11
    assert value("covered_days", order_days=days) == 3
    assert value("covered_days", order_days=[]) == 0


def test_a_lighter_grade_never_brings_more():
    facts = {"may_claim": True, "compensation_base": 5400}
    for rule in ("disability_lump_sum", "disability_allowance"):
        got = [value(rule, **facts, disability_grade=grade) for grade in range(1, 11)]
        assert got == sorted(got, reverse=True)
        assert got[-1] >= 0


def test_as_many_months_as_for_a_work_injury():
    for grade in range(1, 11):
        own = value("disability_lump_sum", may_claim=True, compensation_base=5400, disability_grade=grade)
        law = rulebook().at("2025-08")
        injury = law.explain("work_injury.disability_lump_sum", {"own_wage": 5400, "disability_grade": grade})
        assert own == injury.exact


@pytest.mark.parametrize("rule", ["disability_lump_sum", "dependants_allowance"])
def test_the_base_is_in_no_source_and_has_to_be_given(rule):
    facts = {"may_claim": True, "disability_grade": 3, "surviving_spouse": True, "other_dependants": 0}
    with pytest.raises(Refused, match=r"missing fact: .*compensation_base"):
        value(rule, **facts)


@pytest.mark.parametrize(
    "rule", ["medical_cost_by_fund", "living_allowance", "disability_lump_sum", "death_benefits_at_once"]
)
def test_without_a_claim_every_benefit_is_nothing_and_asks_nothing(rule):
    assert value(rule, may_claim=False) == 0
