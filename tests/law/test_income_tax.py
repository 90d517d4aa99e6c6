"""Income tax: monotone, continuous, the same whichever way the year is cut."""

from fractions import Fraction
from itertools import pairwise

import pytest

from shebao.engine import Refused
from shebao.law import rulebook

TOPS = [36_000, 144_000, 300_000, 420_000, 660_000, 960_000]
FEN = Fraction(1, 100)


def ask(rule, month="2025-12", **facts):
    return rulebook().at(month).explain(f"income_tax.{rule}", facts).exact


def tax(taxable):
    return ask("annual_tax", taxable_income=taxable)


def test_tax_rises_with_income_and_never_faster_than_the_top_rate():
    amounts = [0, 1, 35_999, 36_001, 100_000, 143_999, 144_001, 299_999, 300_001, 500_000, 700_000, 2_000_000]
    for low, high in pairwise(amounts):
        rise = tax(high) - tax(low)
        assert 0 <= rise <= (high - low) * Fraction(45, 100) + FEN


@pytest.mark.parametrize("top", TOPS)
def test_no_cliff_at_the_top_of_a_bracket(top):
    assert 0 <= tax(str(top + FEN)) - tax(top) <= FEN
    assert ask("tax_bracket", taxable_income=str(top + FEN)) == ask("tax_bracket", taxable_income=top) + 1


@pytest.mark.parametrize("month", ["2016-06", "2018-11", "2025-06"])
@pytest.mark.parametrize("top", [1500, 3000, 4500, 9000, 12_000, 25_000, 35_000, 55_000, 80_000])
def test_no_cliff_in_the_monthly_tables(month, top):
    facts = {"annuity_payment_kind": "monthly"}
    before = ask("annuity_payment_tax", month, annuity_payment=top, **facts)
    after = ask("annuity_payment_tax", month, annuity_payment=str(top + FEN), **facts)
    assert 0 <= after - before <= FEN


def test_quick_deductions_follow_from_brackets_and_rates():
    rates = [Fraction(r, 100) for r in (3, 10, 20, 25, 30, 35, 45)]
    for taxable in (20_000, 90_000, 200_000, 400_000, 500_000, 900_000, 3_000_000):
        bounds = [0, *TOPS, 10**9]
        slices = (max(min(taxable, b) - a, 0) for a, b in pairwise(bounds))
        assert tax(taxable) == sum(part * rate for part, rate in zip(slices, rates, strict=True))


@pytest.mark.parametrize("wage", [4000, 8000, 30_000, 90_000])
def test_twelve_equal_months_withhold_the_tax_of_the_year(wage):
    month = {
        "month_wage": wage,
        "month_own_insurance": 500,
        "month_special_additional": 1000,
        "month_other_deductions": 0,
    }
    withheld = ask("withheld_to_date", wage_months=[month] * 12)
    assert withheld == ask(
        "annual_tax",
        wages_of_year=wage * 12,
        own_insurance_contributions=6000,
        special_additional_deductions=12_000,
    )


def test_withholding_never_falls_and_the_settlement_gives_back_what_was_too_much():
    months = [
        {"month_wage": w, "month_own_insurance": 0, "month_special_additional": 0, "month_other_deductions": 0}
        for w in (40_000, 0, 0, 0, 0, 0)
    ]
    totals = [ask("withheld_to_date", wage_months=months[:n]) for n in range(len(months) + 1)]
    assert totals == sorted(totals)
    assert totals[0] == 0
    facts = {"wages_of_year": 40_000, "own_insurance_contributions": 0, "withheld_of_year": str(totals[-1])}
    assert ask("settlement_difference", **facts) == -totals[-1]


@pytest.mark.parametrize(
    "deduction", ["own_insurance_contributions", "special_additional_deductions", "other_deductions"]
)
def test_a_deduction_never_raises_the_tax(deduction):
    facts = {"wages_of_year": 200_000, "own_insurance_contributions": 10_000}
    taxes = [ask("annual_tax", **{**facts, deduction: d}) for d in (10_000, 20_000, 150_000, 500_000)]
    assert taxes == sorted(taxes, reverse=True)
    assert taxes[-1] == 0


def test_what_the_tax_is_worked_out_from_is_asked_for():
    with pytest.raises(Refused, match=r"missing fact: income_tax\.own_insurance_contributions"):
        ask("annual_tax", wages_of_year=100_000)


def test_the_waiver_is_a_cliff_of_one_fen():
    facts = {"wages_of_year": 200_000, "own_insurance_contributions": 20_000}
    assert ask("settlement_waived", withheld_of_year=9080, **facts)
    assert not ask("settlement_waived", withheld_of_year="9079.99", **facts)
    assert not ask("settlement_waived", withheld_of_year=9480, **facts)


@pytest.mark.parametrize("payment", [100, 5000, 20_000, 90_000])
def test_a_quarter_and_a_year_are_taxed_as_their_months(payment):
    monthly = ask("annuity_payment_tax", annuity_payment=payment, annuity_payment_kind="monthly")
    quarterly = ask("annuity_payment_tax", annuity_payment=payment * 3, annuity_payment_kind="quarterly")
    yearly = ask("annuity_payment_tax", annuity_payment=payment * 12, annuity_payment_kind="yearly")
    assert quarterly == monthly * 3
    assert yearly == monthly * 12


@pytest.mark.parametrize("kind", ["monthly", "quarterly", "yearly", "lump_emigration_or_death", "lump_other"])
@pytest.mark.parametrize("month", ["2015-03", "2018-12", "2019-01", "2025-12"])
def test_tax_on_an_annuity_leaves_more_than_half(kind, month):
    for payment in (0, "0.01", 1499, 60_000, 5_000_000):
        after = ask("annuity_payment_after_tax", month, annuity_payment=payment, annuity_payment_kind=kind)
        assert after >= Fraction(payment) * Fraction(55, 100)
        assert after <= Fraction(payment)


def test_what_was_taxed_on_the_way_in_is_not_taxed_again():
    facts = {"annuity_payment": 5000, "annuity_payment_kind": "monthly"}
    assert ask("annuity_payment_tax", **facts, previously_taxed_share=1) == 0
    assert ask("annuity_payment_tax", **facts, previously_taxed_share="0.5") < ask("annuity_payment_tax", **facts)
