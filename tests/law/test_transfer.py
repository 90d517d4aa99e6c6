"""Moving between provinces and schemes: the place that pays, the money that moves, no month lost and none twice."""

from fractions import Fraction
from itertools import permutations

import pytest

from shebao.engine import Refused
from shebao.law import rulebook
from shebao.law.regions import BEIJING, GUANGDONG, SHANGHAI, SICHUAN


def ask(rule, month="2025-06", **facts):
    return rulebook().at(month).explain(f"transfer.{rule}", facts).exact


def stay(region, months, last):
    return {"stay_region": region, "stay_months": months, "stay_last_month": last}


def test_the_order_of_stays_does_not_matter():
    stays = [stay(BEIJING, 130, "2005-06"), stay(SHANGHAI, 120, "2015-06"), stay(GUANGDONG, 119, "2025-05")]
    places = {
        ask("place_of_benefit", region=GUANGDONG, hukou_region=SICHUAN, stays=list(order))
        for order in permutations(stays)
    }
    assert places == {SHANGHAI}


@pytest.mark.parametrize(
    ("here", "elsewhere", "place"),
    [(119, 119, SICHUAN), (119, 120, BEIJING), (120, 119, GUANGDONG), (120, 400, GUANGDONG), (0, 0, SICHUAN)],
)
def test_ten_years_are_120_months(here, elsewhere, place):
    stays = [stay(GUANGDONG, here, "2025-05"), stay(BEIJING, elsewhere, "2010-05")]
    assert ask("place_of_benefit", region=GUANGDONG, hukou_region=SICHUAN, stays=stays) == place


def test_at_home_the_stays_are_not_asked():
    assert ask("place_of_benefit", region=SICHUAN, hukou_region=SICHUAN) == SICHUAN
    with pytest.raises(Refused, match=r"missing fact: transfer\.stays"):
        ask("place_of_benefit", region=GUANGDONG, hukou_region=SICHUAN)


@pytest.mark.parametrize(("year", "moved"), [(1997, 0), (1998, 1200), (2025, 1200)])
def test_the_pooled_part_begins_in_1998(year, moved):
    assert ask("pooled_transfer", contributed_years=[{"contributed_year": year, "contributed_wages": 10_000}]) == moved


def test_what_moves_is_the_account_and_the_sum_of_the_years():
    years = [{"contributed_year": year, "contributed_wages": "50000.10"} for year in range(2015, 2025)]
    moved = ask(
        "transfer_total", first_contribution_month="2015-01", account_balance="80000.01", contributed_years=years
    )
    assert moved == Fraction("80000.01") + 10 * Fraction("6000.01")


@pytest.mark.parametrize("doubled", [0, 1, 7, 24])
def test_every_month_of_an_ended_relation_moves_or_is_given_back(doubled):
    months = [{"own_contribution": 400, "paid_in_kept_relation": i < doubled} for i in range(24)]
    assert ask("overlap_refund", ended_relation=months) == 400 * doubled
    assert ask("months_added", ended_relation=months) == 24 - doubled


@pytest.mark.parametrize("months", [0, 179, 180, 400])
def test_each_account_joins_the_scheme_that_pays(months):
    facts = {"minimum_contribution_months": 180, "contribution_months": months}
    facts |= {"account_balance": 60_000, "resident_account_balance": 8_000}
    joins = [ask(f"balance_joining_{scheme}_account", **facts) for scheme in ("employee", "resident")]
    assert joins == ([8_000, 0] if months >= 180 else [0, 60_000])


def test_resident_years_are_never_employees_months():
    facts = {"minimum_contribution_months": 180, "contribution_months": 200, "resident_contribution_years": 20}
    assert ask("months_counted", **facts) == 200


def test_a_month_paid_in_both_schemes_counts_once():
    facts = {"minimum_contribution_months": 180, "contribution_months": 100, "resident_contribution_years": 2}
    year = {"overlap_own_payment": 300, "overlap_months_of_year": 12}
    counted = [ask("months_counted", **facts, resident_overlaps=[year] * n) for n in (0, 1, 2, 3)]
    assert counted == [124, 112, 100, 100]


@pytest.mark.parametrize("rule", ["employee_scheme_pays", "resident_account_returned"])
def test_the_schemes_are_joined_since_july_2014(rule):
    with pytest.raises(Refused, match="not covered"):
        ask(rule, "2014-06", minimum_contribution_months=180, contribution_months=200)


@pytest.mark.parametrize(("balance", "own"), [("1000", "200"), ("500", "0"), ("800.01", "0.01")])
def test_only_ones_own_part_of_the_residents_account_is_set_off(balance, own):
    payments = [{"resident_basic_pension_paid": 246, "employee_pension_paid": True}] * 3
    facts = {"resident_account_balance": balance, "government_subsidy_in_account": 800, "resident_payments": payments}
    assert ask("resident_account_returned", **facts) == Fraction(own)
    assert ask("double_benefit_set_off", **facts) + ask("double_benefit_from_pension", **facts) == 738
