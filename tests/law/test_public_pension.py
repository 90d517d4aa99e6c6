"""The public servants' pension: the ten years between the old law and the new, and what holds beyond."""

from fractions import Fraction

import pytest

from shebao.engine import Refused
from shebao.engine.check import check
from shebao.law import rulebook

SHARES = {2014: 10, 2015: 10, 2016: 20, 2017: 30, 2018: 40, 2019: 50, 2020: 60, 2021: 70, 2022: 80, 2023: 90, 2024: 100}
AWARD = {
    "region": 43,
    "base_wage": 7000,
    "birth_month": "1962-06",
    "retirement_month": "2022-06",
    "contribution_months": 400,
    "deemed_months": 308,
    "deemed_index": "1.4",
    "paid_index": "1.2",
    "account_balance": 60_000,
    "monthly_annuity": 500,
    "final_base_pay": 2500,
    "service_months": 400,
    "retirement_subsidy": 2000,
    "pension_rise_of_2014": 300,
    "old_method_growth": "1.9",
}


def ask(rule, month="2025-12", **facts):
    return rulebook().at(month).explain(f"public_pension.{rule}", facts).exact


def total(new, old, retired, deemed=240):
    facts = {"retirement_month": retired, "deemed_months": deemed, "monthly_annuity": 0}
    return ask("total_award", new_method_total=new, old_method_total=old, **facts)


@pytest.mark.parametrize(("year", "share"), SHARES.items())
def test_each_year_pays_its_share_of_the_surplus(year, share):
    for month in ("10", "12") if year == 2014 else ("01", "09") if year == 2024 else ("01", "12"):
        assert total(9000, 8000, f"{year}-{month}") == 8000 + 10 * share


@pytest.mark.parametrize("year", SHARES)
@pytest.mark.parametrize(("new", "old"), [(0, 5000), (4999, 5000), (5000, 5000), (5001, 5000), (50_000, 5000)])
def test_never_below_the_old_nor_above_the_better_of_both(year, new, old):
    month = f"{year}-10" if year == 2014 else f"{year}-05"
    assert old <= total(new, old, month) <= max(new, old)


@pytest.mark.parametrize("month", ["2014-10", "2019-05", "2024-09", "2024-10", "2026-01"])
def test_entrants_after_the_reform_have_the_new_method_alone(month):
    assert total(6000, 9000, month, deemed=0) == 6000


def test_the_ten_years_end_with_a_cliff_for_those_whose_old_pension_was_higher():
    assert total(6000, 9000, "2024-09") == 9000
    assert total(6000, 9000, "2024-10") == 6000


def test_and_with_none_for_the_others():
    assert total(9000, 6000, "2024-09") == total(9000, 6000, "2024-10") == 9000


def test_after_the_ten_years_the_old_method_is_not_asked_for():
    old = ("final_base_pay", "service_months", "retirement_subsidy", "pension_rise_of_2014", "old_method_growth")
    facts = {k: v for k, v in AWARD.items() if k not in old}
    assert ask("monthly_pension", **{**facts, "retirement_month": "2024-10", "birth_month": "1964-10"}) > 0
    with pytest.raises(Refused, match=r"missing fact: public_pension\.\w+"):
        ask("monthly_pension", **facts)


@pytest.mark.parametrize("retired", ["2014-10", "2018-06", "2022-06", "2024-09", "2024-10", "2026-03"])
@pytest.mark.parametrize(
    ("fact", "values"),
    [
        ("contribution_months", (308, 309, 400, 480)),
        ("deemed_index", ("0.6", "1", "1.4", "3")),
        ("paid_index", ("0.6", "1", "1.4", "3")),
        ("account_balance", (0, 1, 60_000, 900_000)),
        ("monthly_annuity", (0, 1, 500, 3000)),
        ("final_base_pay", (0, 1000, 2500, 9000)),
        ("service_months", (120, 239, 240, 359, 360, 419, 420)),
    ],
)
def test_more_of_anything_is_never_a_lower_award(retired, fact, values):
    birth = f"{int(retired[:4]) - 60}{retired[4:]}"
    facts = {**AWARD, "retirement_month": retired, "birth_month": birth}
    awards = [ask("total_award", **{**facts, fact: v}) for v in values]
    assert awards == sorted(awards)
    assert min(awards) >= 0


def test_the_fund_and_the_annuity_make_the_whole():
    assert ask("monthly_pension", **AWARD) + 500 == ask("total_award", **AWARD)


@pytest.mark.parametrize("year", [2016, 2019, 2023])
def test_growth_that_nobody_entered_is_refused_by_name(year):
    with pytest.raises(Refused, match=rf"published_old_method_growth.*year={year}"):
        ask("old_method_growth", retirement_month=f"{year}-06")


def test_contributions_fell_for_the_unit_only():
    for month, rate in (("2019-04", 20), ("2019-05", 16)):
        assert ask("employer_contribution", month, contribution_base=10_000) == rate * 100
        assert ask("employee_contribution", month, contribution_base=10_000) == 800


@pytest.mark.parametrize(("kind", "least"), [("illness", 2), ("on_duty", 20), ("martyr", 20)])
def test_the_death_grant_rests_on_the_income_of_the_year_before(kind, least):
    facts = {"death_kind": kind, "last_base_pay": 0}
    assert ask("death_grant", death_month="2025-01", **facts) == least * Fraction(54_188)
    assert ask("death_grant", death_month="2024-12", **facts) == least * Fraction(51_821)


def test_the_compiled_loop_agrees_on_whole_awards():
    """People who retire from October 2024, over the ranges of everything else."""
    retired = 2024 * 12 + 10
    fixed = {"region": 43, "birth_month": retired - 720, "retirement_month": retired}
    names = ["public_pension.monthly_pension", "public_pension.transition_correction"]
    report = check(rulebook(), months=[2025 * 12], people=80, rules=names, fixed=fixed)
    assert report.differences == []
    assert report.computed > report.people / 2
