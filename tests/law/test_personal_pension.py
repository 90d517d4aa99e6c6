"""Personal pensions: the cap, the deduction, the products, the ways out, and whether it pays."""

from fractions import Fraction

import pytest

from shebao.engine import BookError, Refused
from shebao.law import rulebook

KINDS = ("deposit", "wealth_management", "insurance", "fund", "treasury_bond")
YOUNG = {"insured_scheme": "employee", "category": "men60", "birth_month": "1985-01"}


def ask(rule, month="2025-12", **facts):
    return rulebook().at(month).explain(f"personal_pension.{rule}", facts).exact


def record(product, period_return=0, paid_in=0, bought=0, sold=0, withdrawn=0):
    amounts = {"paid_in": paid_in, "bought": bought, "sold": sold, "withdrawn": withdrawn}
    return {"product": product, "period_return": period_return, **amounts}


# -- paying in --------------------------------------------------------------------------------------


@pytest.mark.parametrize("paid", [0, 1, 11_999, 12_000, 12_001, 500_000])
def test_deducted_and_left_make_the_cap(paid):
    assert ask("personal_pension_deduction", paid_of_year=paid) == min(paid, 12_000)
    assert ask("room_to_pay", paid_of_year=paid) + min(paid, 12_000) == 12_000


@pytest.mark.parametrize(
    ("month", "pilot", "deducted"),
    [
        ("2021-12", True, 0),
        ("2022-01", True, 500),
        ("2022-01", False, 0),
        ("2023-12", False, 0),
        ("2024-01", False, 500),
    ],
)
def test_when_and_where_the_deduction_began(month, pilot, deducted):
    assert ask("personal_pension_deduction", month, paid_of_year=500, in_pilot_city=pilot) == deducted


def test_pilot_city_is_asked_only_of_those_it_matters_for():
    assert ask("personal_pension_deduction", "2023-06", paid_of_year=0) == 0
    with pytest.raises(Refused, match="in_pilot_city"):
        ask("personal_pension_deduction", "2023-06", paid_of_year=1)


def test_month_by_month_deducts_as_much_as_the_settlement():
    facts = {"deduction_timing": "monthly", "month_payment": 1500}
    months = [ask("deducted_in_withholding", **facts, paid_earlier_in_year=1500 * n) for n in range(12)]
    assert sum(months) == ask("deducted_at_settlement", deduction_timing="annual", paid_of_year=1500 * 12) == 12_000


# -- the account ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_each_product_keeps_its_own_value(kind):
    facts = {"account_records": [record(kind, paid_in=1000, bought=1000), record(kind, "0.0123")]}
    assert ask(f"{kind}_value", **facts) == Fraction("1012.30")
    assert ask("account_gain", **facts) == Fraction("12.30")
    assert all(ask(f"{other}_value", **facts) == 0 for other in KINDS if other != kind)


@pytest.mark.parametrize("kind", KINDS)
def test_buying_and_selling_neither_makes_nor_loses_money(kind):
    records = [
        record(kind, paid_in=9000, bought=7000),
        record(kind, sold=2500),
        record(kind, bought=100, withdrawn=400),
    ]
    facts = {"account_records": records}
    assert ask("account_value", **facts) == 9000 - 400
    assert ask("account_gain", **facts) == 0


def test_a_total_loss_is_the_end_of_it_and_no_debt():
    facts = {"account_records": [record("fund", paid_in=500, bought=500), record("fund", -1), record("fund", 5)]}
    assert ask("account_value", **facts) == 0
    assert ask("account_gain", **facts) == -500


@pytest.mark.parametrize(
    "records",
    [
        [record("deposit", paid_in=100, bought=101)],
        [record("deposit", paid_in=100, bought=100), record("fund", sold=1)],
        [record("deposit", withdrawn=1)],
    ],
)
def test_nothing_is_taken_from_where_nothing_is(records):
    with pytest.raises(Refused, match="out of range"):
        ask("account_value", account_records=records)


def test_more_paid_in_is_never_less_in_the_account():
    values = [
        ask("account_value", account_records=[record("fund", paid_in=p, bought=p), record("fund", "-0.3")])
        for p in (0, 1, 5000, 12_000)
    ]
    assert values == sorted(values)


def test_an_unknown_product_is_refused_by_name():
    with pytest.raises(BookError, match="none of deposit"):
        ask("account_value", account_records=[record("gold")])


# -- the ways out -----------------------------------------------------------------------------------

SINCE_2022 = ("drawing_basic_pension", "incapacity_certified", "emigrated", "deceased")


@pytest.mark.parametrize("month", ["2022-11", "2024-12", "2025-08", "2025-09", "2030-01"])
def test_closed_without_a_reason(month):
    assert not ask("may_withdraw", month, **YOUNG)


@pytest.mark.parametrize("month", ["2022-11", "2024-12", "2025-09"])
@pytest.mark.parametrize("reason", SINCE_2022)
def test_the_reasons_of_2022(month, reason):
    assert ask("may_withdraw", month, **YOUNG, **{reason: True})


@pytest.mark.parametrize(
    "reason", [{"on_dibao": True}, {"unemployment_months_drawn": 12}, {"region": 33, "medical_burden": 70_000}]
)
def test_the_reasons_of_2025_open_in_september(reason):
    assert not ask("may_withdraw", "2025-08", **YOUNG, **reason)
    assert ask("may_withdraw", "2025-09", **YOUNG, **reason)


def test_income_per_head_is_asked_only_of_those_with_medical_cost():
    assert not ask("may_withdraw", "2026-03", **YOUNG, region=62)
    with pytest.raises(Refused, match=r"missing parameter: personal_pension\.disposable_income"):
        ask("may_withdraw", "2026-03", **YOUNG, region=62, medical_burden=1)


def test_the_account_is_closed_before_the_scheme():
    with pytest.raises(Refused, match="not covered"):
        ask("may_withdraw", "2022-10", **YOUNG)


@pytest.mark.parametrize("value", ["0.01", "999.99", 12_000, "345678.90"])
@pytest.mark.parametrize(
    "mode",
    [
        {"payout_mode": "monthly_by_table", "age_at_first_payout": 63},
        {"payout_mode": "monthly_by_choice", "chosen_months": 7},
        {"payout_mode": "monthly_fixed", "fixed_monthly_amount": 800},
        {"payout_mode": "instalments", "chosen_instalments": 3},
        {"payout_mode": "lump_sum"},
    ],
)
def test_the_payments_use_the_account_up(value, mode):
    amount = ask("payout_amount", account_value=value, **mode)
    count = ask("payout_count", account_value=value, **mode)
    left = Fraction(value) - amount * count
    rounding = count * Fraction(1, 200)
    assert (-amount < left <= 0) if mode["payout_mode"] == "monthly_fixed" else abs(left) <= rounding
    assert 0 <= ask("payout_after_tax", account_value=value, **mode) <= amount


# -- does it pay ------------------------------------------------------------------------------------


def gain(wages, **facts):
    return ask("net_tax_gain", wages_of_year=wages, own_insurance_contributions=0, **facts)


def test_the_higher_the_bracket_the_more_it_pays():
    gains = [
        gain(w, paid_of_year=12_000) for w in (50_000, 90_000, 150_000, 300_000, 450_000, 600_000, 900_000, 1_200_000)
    ]
    assert gains == sorted(gains)
    assert gains[0] < 0 == gains[1] < gains[2]


def test_tax_saved_is_never_negative_nor_more_than_the_tax():
    for wages in (0, 60_000, 61_000, 97_000, 210_000):
        facts = {"wages_of_year": wages, "own_insurance_contributions": 0, "paid_of_year": 12_000}
        before = rulebook().at("2025-12").explain("income_tax.tax_before_personal_pension", facts).exact
        assert 0 <= ask("tax_saved", **facts) <= before


@pytest.mark.parametrize("wages", [150_000, 300_000, 450_000])
def test_at_the_break_even_gain_nothing_is_won_or_lost(wages):
    facts = {"wages_of_year": wages, "own_insurance_contributions": 0}
    even = ask("break_even_gain", **facts)
    assert abs(gain(wages, paid_of_year=12_000, expected_gain=str(even))) < Fraction(
        1, 10
    )  # the gain has four decimals
    assert gain(wages, paid_of_year=12_000, expected_gain=str(even + 1)) < 0
