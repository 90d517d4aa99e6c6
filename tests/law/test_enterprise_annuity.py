"""Enterprise annuities: limits that bind, vesting that only grows, accounts that lose nothing."""

from fractions import Fraction
from itertools import product

import pytest

from shebao.engine import Refused
from shebao.law import rulebook

LEFT_WITHOUT_FAULT = (
    "retired",
    "disabled",
    "deceased",
    "plan_ended",
    "dismissed_without_fault",
    "employer_breach",
    "not_renewed_by_employer",
)


def ask(rule, month="2025-06", **facts):
    return rulebook().at(month).explain(f"enterprise_annuity.{rule}", facts).exact


@pytest.mark.parametrize("month", ["2010-01", "2018-01", "2018-02", "2025-06"])
def test_what_the_employer_may_pay_keeps_both_limits(month):
    for planned, employees in product((0, 70_000, 90_000, 400_000), (0, 30_000, 50_000, 300_000)):
        facts = {"payroll": 1_000_000, "planned_employer_contribution": planned, "employees_contribution": employees}
        paid = ask("employer_plan_contribution", month, **facts)
        assert 0 <= paid <= min(planned, ask("employer_contribution_limit", month, **facts))
        assert paid == 0 or paid + employees <= ask("total_contribution_limit", month, **facts)
        if ask("within_limits", month, **facts):
            assert paid == planned


def test_the_limits_fell_in_february_2018():
    assert ask("employer_contribution_limit", "2018-01", payroll=1200) == 100
    assert ask("employer_contribution_limit", "2018-02", payroll=1200) == 96
    assert ask("total_contribution_limit", "2018-01", payroll=1200) == 200
    assert ask("total_contribution_limit", "2018-02", payroll=1200) == 144


@pytest.mark.parametrize("years", range(9))
def test_vesting_grows_with_service_and_is_whole_at_the_end(years):
    shares = [
        ask("vested_share", months_with_employer=m, vesting_years=years, leaving_reason="resigned")
        for m in range(0, 121, 4)
    ]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert shares[0] == (0 if years else 1)


def test_nobody_waits_longer_than_eight_years():
    assert ask("vested_share", months_with_employer=96, vesting_years=50, leaving_reason="resigned") == 1
    assert not ask("vesting_plan_is_lawful", vesting_years=9)


@pytest.mark.parametrize("reason", LEFT_WITHOUT_FAULT)
def test_leaving_without_fault_vests_everything(reason):
    assert ask("vested_share", months_with_employer=0, vesting_years=8, leaving_reason=reason) == 1


@pytest.mark.parametrize("share", ["0", "0.125", "0.3333", "1"])
@pytest.mark.parametrize("value", ["0.01", "1000.01", "98765.43"])
def test_vested_and_unvested_make_the_whole(share, value):
    facts = {"employer_account": value, "vested_share": share}
    parts = ask("vested_employer_account", **facts), ask("unvested_employer_account", **facts)
    assert sum(parts) == Fraction(value)
    assert min(parts) >= 0


def test_an_account_without_a_year_is_empty():
    assert ask("own_account", annuity_years=[]) == 0


def test_a_longer_history_without_losses_is_never_worth_less():
    year = {"own_credits": "1234.56", "employer_credits": 2000, "year_return": "0.0412"}
    values = [ask("own_account", annuity_years=[year] * n) for n in range(6)]
    assert values == sorted(values)


def test_more_paid_in_is_never_less_in_the_account():
    def value(credits):
        bad = {"own_credits": credits, "employer_credits": 0, "year_return": "-0.2"}
        return ask("own_account", annuity_years=[bad, bad, bad])

    assert value(0) == 0
    assert value(100) <= value(101) <= value(200)


@pytest.mark.parametrize("wage", [0, 3000, 24_000, 24_001, 90_000])
def test_free_and_taxed_parts_of_the_own_contribution(wage):
    facts = {"average_monthly_wage": wage, "reference_wage": 8000, "own_annuity_contribution": 1000}
    free = ask("annuity_deduction", **facts)
    assert 0 <= free <= min(1000, Fraction(wage) * Fraction(4, 100))
    assert free <= 960
    taxed = ask("taxed_contribution", **facts, employer_annuity_credit=500, lawful_employer_credit=600)
    assert free + taxed == 1000


def test_the_average_wage_is_asked_only_of_those_who_pay():
    assert ask("annuity_deduction") == 0
    with pytest.raises(Refused, match="average_monthly_wage"):
        ask("annuity_deduction", own_annuity_contribution=1)


@pytest.mark.parametrize("months", [1, 7, 120, 600])
def test_monthly_payments_use_the_balance_up(months):
    amount = ask("payout_amount", annuity_balance="123456.78", payout_mode="monthly", payout_months=months)
    assert abs(amount * months - Fraction("123456.78")) <= Fraction(months, 200)
