"""Employment support: ceilings, windows, and that more of what earns a subsidy never brings less."""

from fractions import Fraction

import pytest

from shebao.engine import Refused
from shebao.law import rulebook
from shebao.law.regions import GUANGDONG

FLEXIBLE = {"recognised_hardship": True, "works_flexibly": True, "category": "women50", "birth_month": "1984-06"}


def value(rule, month="2025-08", **facts):
    return rulebook().at(month).explain(f"employment_support.{rule}", facts).exact


@pytest.mark.parametrize("paid", ["0", "0.01", "100", "999.99", "100000"])
@pytest.mark.parametrize("rule", ["hardship_flexible_subsidy", "graduate_flexible_subsidy"])
def test_a_flexible_worker_is_never_paid_more_than_two_thirds(rule, paid):
    facts = {**FLEXIBLE, "first_subsidy_month": "2025-01", "graduation_month": "2024-06", "own_payment": paid}
    assert abs(value(rule, **facts) - Fraction(paid) * 2 / 3) <= Fraction(1, 200)


def test_the_subsidy_lasts_thirty_six_months_and_no_more():
    months = range(40)
    drawn = [
        value(
            "hardship_flexible_subsidy",
            f"{2024 + n // 12}-{n % 12 + 1:02}",
            **FLEXIBLE,
            first_subsidy_month="2024-01",
            months_subsidised=n,
            own_payment="900",
        )
        for n in months
    ]
    assert drawn == [600] * 36 + [0] * 4


def test_near_retirement_it_lasts_to_the_month_before():
    # a man of 1970-01 reaches his age in 2031-05
    facts = {"recognised_hardship": True, "works_flexibly": True, "category": "men60", "birth_month": "1970-01"}
    facts |= {"first_subsidy_month": "2026-06", "own_payment": "900", "months_subsidised": 58}
    assert value("hardship_flexible_subsidy", "2031-04", **facts) == 600
    assert value("hardship_flexible_subsidy", "2031-05", **facts) == 0


@pytest.mark.parametrize(
    "reason",
    [
        {"months_unemployed": 12},
        {"has_disability_certificate": True},
        {"on_dibao": True},
        {"zero_employment_family": True},
        {"lost_land": True},
        {"birth_month": "1985-08"},
    ],
)
def test_any_reason_makes_a_hardship_person_but_only_a_registered_one(reason):
    person = {"sex": "female", "category": "women50", "birth_month": "1995-01", "registered_and_seeking": True}
    assert not value("may_be_recognised", **person)
    assert value("may_be_recognised", **{**person, **reason})
    assert not value("may_be_recognised", **{**person, **reason, "registered_and_seeking": False})


@pytest.mark.parametrize(
    ("rule", "month", "facts"),
    [
        ("hiring_subsidy", "2022-04", {"graduates_hired": 1}),
        ("hiring_subsidy", "2024-01", {"graduates_hired": 1, "young_unemployed_hired": 0}),
        ("key_sector_subsidy", "2025-06", {"own_payment": "100"}),
        ("key_sector_subsidy", "2026-01", {"own_payment": "100"}),
        ("own_credit", "2018-12", {"taxes_of_year": "100"}),
        ("own_credit", "2031-01", {"taxes_of_year": "100"}),
        ("employer_credit", "2028-01", {"taxes_of_year": "100"}),
        ("disability_levy", "2028-01", {"headcount_last_year": 100}),
    ],
)
def test_outside_its_window_a_policy_is_refused_by_name(rule, month, facts):
    with pytest.raises(Refused, match=r"not covered: employment_support\."):
        value(rule, month, **facts)


@pytest.mark.parametrize("loaned", ["2021-01", "2023-12", "2024-01", "2026-06"])
def test_government_never_pays_more_interest_than_there_is(loaned):
    facts = {"loan_month": loaned, "borrower": "individual", "in_loan_group": True, "loan_term": 12}
    for rate in ("0", "0.01", "0.03", "0.06", "0.2"):
        got = value("interest_subsidy", **facts, loan_principal="100000", loan_rate=rate, one_year_lpr="0.031")
        assert 0 <= got <= 100000 * Fraction(rate)


def test_a_larger_loan_never_brings_less_and_nothing_beyond_the_limit():
    facts = {"loan_month": "2024-06", "borrower": "individual", "in_loan_group": True, "loan_term": 36}
    got = [
        value("interest_subsidy", **facts, loan_principal=p, loan_rate="0.04")
        for p in (0, 100000, 299999, 300000, 300001, 5000000)
    ]
    assert got == sorted(got)
    assert got[-1] == got[-2] == got[3] == 6000


@pytest.mark.parametrize(("partners", "limit"), [(1, 330000), (2, 660000), (12, 3960000), (13, 4000000)])
def test_partners_are_lent_a_tenth_more_but_no_more_than_a_firm(partners, limit):
    assert value("loan_limit", loan_month="2024-06", borrower="partners", partner_count=partners) == limit


@pytest.mark.parametrize("start", ["2023-01", "2023-07", "2024-12", "2027-12"])
def test_thirty_six_months_of_tax_credit_wherever_the_years_end(start):
    years = range(int(start[:4]), int(start[:4]) + 4)
    months = [value("credit_months", f"{year}-12", business_month=start) if year <= 2030 else 0 for year in years]
    assert sum(months) == 36
    assert max(months) <= 12


def test_no_credit_beyond_the_taxes_of_the_year():
    for taxes in ("0", "1234.56", "23999.99", "24000", "99999"):
        facts = {"region": GUANGDONG, "tax_group": "veteran", "business_month": "2024-01", "taxes_of_year": taxes}
        assert value("own_credit", "2024-12", **facts) == min(Fraction(taxes), 24000)


def test_one_more_disabled_employee_never_raises_the_levy():
    facts = {"region": GUANGDONG, "is_enterprise": True, "headcount_last_year": 400}
    wages = {"average_wage_of_employer": "90000", "local_average_wage_of_year": "100000"}
    levies = [value("disability_levy", **facts, **wages, disabled_employed=n) for n in range(8)]
    assert levies == sorted(levies, reverse=True)
    assert levies[0] == 6 * 90000 * Fraction(9, 10)
    assert levies[6] == 0


@pytest.mark.parametrize(("headcount", "owed"), [(30, False), (31, True)])
def test_the_levy_jumps_at_thirty_employees_as_the_law_has_it(headcount, owed):
    facts = {"region": GUANGDONG, "is_enterprise": True, "headcount_last_year": headcount, "disabled_employed": 0}
    wages = {"average_wage_of_employer": "90000", "local_average_wage_of_year": "100000"}
    assert (value("disability_levy", **facts, **wages) > 0) is owed


def test_counted_pay_and_shortfall_make_the_minimum_wage():
    for paid in ("0", "1000", "2499.99"):
        got = value("monthly_shortfall", region=GUANGDONG, wage_paid=paid)
        assert got + Fraction(paid) == value("minimum_wage", region=GUANGDONG)
    assert value("monthly_shortfall", region=GUANGDONG, wage_paid="2500") == 0


def test_a_higher_grade_is_a_higher_step():
    grades = ("apprentice", "junior", "intermediate", "senior", "technician", "senior_technician")
    grades += ("special_technician", "chief_technician")
    assert [value("skill_step", skill_grade=g) for g in grades] == list(range(1, 9))


def test_keeping_more_interns_never_lowers_the_standard_where_the_place_raises_it():
    facts = {"region": GUANGDONG, "local_internship_standard": "1000", "raised_internship_standard": "1200"}
    got = [value("internship_standard", **facts, retention_rate=r) for r in ("0", "0.4999", "0.5", "1")]
    assert got == [1000, 1000, 1200, 1200]
