"""The residents' pension: contributions, account, award, and who may draw it."""

from fractions import Fraction

import pytest

from shebao.engine import Refused
from shebao.law import rulebook
from shebao.law.regions import ALL, BEIJING, GUANGDONG, HENAN, SHANGHAI


def ask(rule, month="2025-06", **facts):
    return rulebook().at(month).explain(f"resident_pension.{rule}", facts)


@pytest.mark.parametrize(
    ("region", "grade", "subsidy"),
    [(BEIJING, 1000, 60), (BEIJING, 9000, 150), (SHANGHAI, 800, 270), (SHANGHAI, 7300, 730)],
)
def test_provincial_subsidy(region, grade, subsidy):
    assert ask("government_subsidy", region=region, resident_grade=grade).exact == subsidy


@pytest.mark.parametrize("grade", [100, 200, 300, 400, 500, 600, 700, 800, 900, 1000, 1500, 2000])
def test_national_grades_and_their_minimum_subsidy(grade):
    expected = 30 if grade < 500 else 60
    assert ask("minimum_government_subsidy", "2014-02", resident_grade=grade).exact == expected


def test_a_grade_outside_the_list_is_refused_by_name():
    with pytest.raises(Refused, match=r"missing parameter: resident_pension\.provincial_subsidy.*region=31, grade=900"):
        ask("government_subsidy", region=SHANGHAI, resident_grade=900)


def test_subsidy_of_another_province_can_be_given():
    facts = {"region": HENAN, "resident_grade": 1000}
    with pytest.raises(Refused, match="missing parameter"):
        ask("account_credit", **facts)
    assert ask("account_credit", **facts, government_subsidy="80", collective_subsidy="20").exact == 1100


@pytest.mark.parametrize("region", ALL)
def test_no_province_pays_less_than_the_national_minimum(region):
    standard = ask("basic_pension_standard", region=region).exact
    assert standard >= ask("national_minimum").exact == 143


@pytest.mark.parametrize(
    ("month", "amount"),
    [
        ("2009-09", 55),
        ("2014-06", 55),
        ("2014-07", 70),
        ("2018-01", 88),
        ("2020-07", 93),
        ("2024-07", 123),
        ("2025-01", 143),
    ],
)
def test_national_minimum_by_date(month, amount):
    assert ask("national_minimum", month).exact == amount


@pytest.mark.parametrize("month", ["2009-08", "2026-01"])
def test_national_minimum_outside_the_book(month):
    with pytest.raises(Refused):
        ask("national_minimum", month)


@pytest.mark.parametrize(("balance", "pension"), [("13900", 100), ("20000", "143.88"), ("0", 0), ("69.50", "0.50")])
def test_account_pension_is_a_139th(balance, pension):
    assert ask("account_pension", resident_account_balance=balance).exact == Fraction(pension)


@pytest.mark.parametrize(("years", "supplement"), [(15, 0), ("15.9", 0), (16, 3), (18, 9), (10, 0)])
def test_supplement_for_years_beyond_fifteen(years, supplement):
    got = ask("long_contribution_supplement", region=GUANGDONG, resident_contribution_years=years)
    assert got.exact == supplement


def test_unknown_supplement_is_asked_only_of_those_it_concerns():
    facts = {"region": HENAN, "resident_account_balance": "13900"}
    assert ask("monthly_pension", **facts, resident_contribution_years=15).exact == 248
    with pytest.raises(Refused, match=r"missing parameter: resident_pension\.supplement_per_year"):
        ask("monthly_pension", **facts, resident_contribution_years=16)


def year(number, paid="1000", added="60", months=6):
    return {"resident_year": number, "own_payment": paid, "added_payment": added, "interest_months": months}


def test_account_grows_by_payments_and_interest():
    # 1060 + 1060 × 2.49 % × 6/12 = 1060 + 13.197
    grown = ask("resident_account_balance", region=GUANGDONG, resident_years=[year(2025)])
    assert grown.exact == Fraction("1073.20")


def test_a_year_without_payment_is_no_year_paid():
    history = [year(2025), year(2025, paid="0", added="0")]
    facts = {"region": GUANGDONG, "resident_years": history}
    assert ask("resident_contribution_years", **facts).exact == 1
    # the balance of the first record still earns a whole year: 1073.20 × 1.0249 = 1099.92268
    assert ask("resident_account_balance", **facts).exact == Fraction("1099.92")


def test_a_year_without_a_published_rate_is_refused():
    with pytest.raises(Refused, match=r"published_account_rate.*region=44, year=2024"):
        ask("resident_account_balance", region=GUANGDONG, resident_years=[year(2024)])


@pytest.mark.parametrize(
    ("birth_month", "needed"),
    [("1950-01", 0), ("1951-07", 0), ("1952-07", 1), ("1960-08", 9), ("1966-06", 14), ("1966-07", 15), ("1990-01", 15)],
)
def test_years_needed_by_age_at_the_start(birth_month, needed):
    got = ask("required_contribution_years", birth_month=birth_month, scheme_start_month="2011-07")
    assert got.exact == needed


@pytest.mark.parametrize(
    ("month", "years", "other", "drawn"),
    [
        ("2030-05", 15, False, False),
        ("2030-06", 15, False, True),
        ("2030-06", 14, False, False),
        ("2030-06", 20, True, False),
    ],
)
def test_who_may_draw(month, years, other, drawn):
    got = ask(
        "may_draw",
        month,
        birth_month="1970-06",
        scheme_start_month="2011-07",
        resident_contribution_years=years,
        drawing_employee_pension=other,
    )
    assert got.exact is drawn


def test_the_decision_of_2024_left_the_residents_age_alone():
    assert ask("pension_age_month", birth_month="1990-03").value == "2050-03"
    assert ask("first_payment_month", birth_month="1990-03").value == "2050-04"


def test_years_carried_over_are_years_paid():
    facts = {"region": GUANGDONG, "resident_years": [year(2025), year(2025, paid="0")]}
    assert ask("resident_contribution_years", **facts, opening_resident_years=14).exact == 15


def test_interest_is_what_the_balance_grew_beyond_what_was_moved():
    drawn = {**year(2025, paid="0", added="0"), "year_withdrawals": "600", "withdrawal_months": 6}
    facts = {"region": GUANGDONG, "opening_resident_balance": "8000", "resident_years": [drawn]}
    # 8000 × 2.49 % - 600 × 2.49 % × 6/12 = 199.20 - 7.47
    assert ask("account_interest", **facts).exact == Fraction("191.73")
    assert ask("resident_account_balance", **facts).exact == Fraction("7591.73")


def test_the_public_purse_pays_on_when_the_account_is_used_up():
    facts = {"pension_due": "350", "account_pension_due": "120", "balance_left": "0"}
    assert [ask(f"{part}_part_of_payment", **facts).exact for part in ("account", "pooled")] == [0, 350]
