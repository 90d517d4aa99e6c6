"""Occupational annuity: money and books add up, and nothing is paid twice."""

from fractions import Fraction

import pytest

from shebao.engine import Refused
from shebao.law import rulebook

RETIRED = {"region": 43, "birth_month": "1964-06", "retirement_month": "2024-06"}


def ask(rule, month="2026-12", **facts):
    return rulebook().at(month).explain(f"occupational_annuity.{rule}", facts).exact


def year(number, books, market="0.03", notional="0.04"):
    return {
        "annuity_year": number,
        "own_credits": 4000,
        "employer_credits": 8000,
        "on_the_books": books,
        "year_return": market,
        "notional_rate": notional,
    }


@pytest.mark.parametrize("base", ["0", "3333.33", "9876.54"])
@pytest.mark.parametrize("funded", [True, False])
def test_the_unit_pays_in_money_or_on_the_books_never_both(base, funded):
    facts = {"contribution_base": base, "fully_state_funded": funded}
    parts = ask("notional_credit", **facts), ask("paid_by_employer", **facts)
    assert sum(parts) == ask("employer_contribution", **facts)
    assert 0 in parts


def test_the_base_is_the_one_of_the_basic_pension():
    facts = {"region": 44, "average_monthly_wage": 1000}
    pension = rulebook().at("2025-06").explain("public_pension.employee_contribution", facts).exact
    assert ask("employee_contribution", "2025-06", **facts) * 2 == pension


def test_with_equal_rates_books_and_money_are_worth_the_same():
    booked = [year(2020 + n, True, "0.04", "0.04") for n in range(4)]
    paid = [year(2020 + n, False, "0.04", "0.04") for n in range(4)]
    difference = ask("annuity_balance", annuity_years=booked) - ask("annuity_balance", annuity_years=paid)
    assert abs(difference) <= Fraction(4, 100)


def test_the_market_does_not_touch_the_books():
    crash = [year(2020, True), year(2021, True, market="-0.9", notional="0")]
    assert ask("notional_balance", annuity_years=crash) == 16_000
    assert ask("amount_to_make_real", annuity_years=crash) == 16_000


def test_a_unit_paying_in_money_owes_nothing():
    assert ask("amount_to_make_real", annuity_years=[year(2020, False), year(2021, False)]) == 0


def test_every_year_adds_where_nothing_is_lost():
    balances = [ask("annuity_balance", annuity_years=[year(2015 + n, n < 3) for n in range(k)]) for k in range(7)]
    assert balances == sorted(balances)
    assert balances[0] == 0


@pytest.mark.parametrize("drawn", [0, 1, 60, 138, 139, 400])
def test_what_was_drawn_and_what_is_left_is_the_balance(drawn):
    facts = {**RETIRED, "annuity_balance": "200000", "payout_mode": "monthly", "months_drawn": drawn}
    monthly, left = ask("monthly_annuity", **facts), ask("inheritable_balance", **facts)
    assert left >= 0
    assert abs(monthly * min(drawn, 139) + left - 200_000) <= monthly * Fraction(1, 100) + 1
    assert ask("annuity_paid", **facts) == (monthly if drawn < 139 else 0)


def test_more_in_the_account_is_never_a_lower_annuity():
    amounts = [ask("monthly_annuity", **RETIRED, annuity_balance=b) for b in ("0", "1", "99999.99", "100000", "500000")]
    assert amounts == sorted(amounts)


def test_the_notional_rate_is_asked_for_not_guessed():
    without = {k: v for k, v in year(2020, True).items() if k != "notional_rate"}
    with pytest.raises(Refused, match=r"missing fact: occupational_annuity\.notional_rate"):
        ask("annuity_balance", annuity_years=[without])
