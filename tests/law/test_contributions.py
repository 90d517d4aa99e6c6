"""Contributions: the base between floor and cap, rates by date and province, relief, rounding, and what is missing."""

from fractions import Fraction

import pytest

from shebao.engine import Refused
from shebao.engine.parameters import Parameter
from shebao.law import rulebook
from shebao.law.regions import ALL, BEIJING, GUANGDONG, HUBEI, HUNAN, SHANGHAI, SICHUAN, ZHEJIANG

SCHEMES = ("employee_pension", "unemployment", "work_injury", "medical", "maternity")


def ask(rule, month, **facts):
    return rulebook().at(month).explain(rule, facts)


def yuan(rule, month, **facts):
    return ask(rule, month, **facts).exact


@pytest.mark.parametrize(
    ("wage", "base"), [("3000", 7460), ("7460", 7460), ("7460.01", Fraction("7460.01")), ("37302.01", 37302)]
)
def test_base_lies_between_floor_and_cap(wage, base):
    assert yuan("contribution_base", "2025-07", region=SHANGHAI, average_monthly_wage=wage) == base


@pytest.mark.parametrize(("month", "cap"), [("2025-06", 36921), ("2025-07", 37302), ("2026-06", 37302)])
def test_shanghais_year_begins_in_july(month, cap):
    assert yuan("contribution_base_cap", month, region=SHANGHAI) == cap


@pytest.mark.parametrize(
    ("region", "month", "year"),
    [(BEIJING, "2025-06", 2024), (BEIJING, "2025-07", 2025), (SICHUAN, "2025-01", 2025), (SICHUAN, "2024-12", 2024)],
)
def test_contribution_year(region, month, year):
    assert yuan("contribution_year", month, region=region) == year


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_scheme_shares_the_base(scheme):
    facts = {"region": GUANGDONG, "average_monthly_wage": "3000"}
    assert yuan(f"{scheme}.contribution_base", "2025-01", **facts) == 4492


def test_a_given_base_overrides_the_wage():
    given = ask("employee_pension.employee_contribution", "2025-01", contribution_base="5000", region=GUANGDONG)
    assert given.exact == 400
    assert given.find("contribution_base").given


@pytest.mark.parametrize(
    ("region", "month", "rate"),
    [
        *((34, "2010-01", "0.2"), (34, "2016-04", "0.2"), (34, "2016-05", "0.19"), (34, "2019-04", "0.19")),
        *((34, "2019-05", "0.16"), (34, "2030-01", "0.16"), (22, "2018-01", "0.2"), (37, "2018-01", "0.18")),
        *((GUANGDONG, "2022-12", "0.14"), (GUANGDONG, "2024-12", "0.15"), (GUANGDONG, "2025-01", "0.16")),
        *((ZHEJIANG, "2021-12", "0.14"), (ZHEJIANG, "2022-01", "0.15"), (ZHEJIANG, "2023-01", "0.16")),
    ],
)
def test_pension_rate_of_the_employer(region, month, rate):
    assert yuan("employee_pension.employer_rate", month, region=region) == Fraction(rate)


@pytest.mark.parametrize(("region", "month"), [(GUANGDONG, "2020-01"), (ZHEJIANG, "2018-01"), (SHANGHAI, "2010-01")])
def test_a_province_whose_pension_rate_is_unknown_is_refused(region, month):
    with pytest.raises(Refused, match=rf"missing parameter: .*published_employer_rate.*region={region}"):
        ask("employee_pension.employer_rate", month, region=region)


@pytest.mark.parametrize("region", ALL)
def test_every_province_has_pension_and_unemployment_rates_in_2025(region):
    assert yuan("employee_pension.employer_rate", "2025-01", region=region) == Fraction(16, 100)
    both = [yuan(f"unemployment.{who}_rate", "2025-01", region=region) for who in ("employer", "employee")]
    assert sum(both) == Fraction(1, 100)


@pytest.mark.parametrize(
    ("region", "size", "month", "share"),
    [
        *((37, "micro_small_medium", "2020-02", 1), (37, "micro_small_medium", "2020-12", 1)),
        *(
            (37, "large", "2020-02", Fraction(1, 2)),
            (37, "large", "2020-06", Fraction(1, 2)),
            (37, "large", "2020-07", 0),
        ),
        *((HUBEI, "large", "2020-02", 1), (HUBEI, "large", "2020-06", 1), (HUBEI, "large", "2020-07", 0)),
        *((HUBEI, "micro_small_medium", "2020-12", 1), (37, "public_body", "2020-03", 0)),
        *((37, "micro_small_medium", "2020-01", 0), (37, "micro_small_medium", "2021-01", 0)),
    ],
)
def test_relief_of_2020(region, size, month, share):
    assert yuan("relief_share", month, region=region, employer_size=size) == share


@pytest.mark.parametrize("scheme", ["employee_pension", "unemployment", "work_injury"])
def test_relief_spares_the_employer_and_never_the_employee(scheme):
    facts = {"region": 34, "contribution_base": "5000", "industry_class": 3, "employer_size": "micro_small_medium"}
    before, during = (
        [yuan(f"{scheme}.{who}_contribution", month, **facts) for who in ("employer", "employee")]
        for month in ("2020-01", "2020-03")
    )
    assert before[0] > 0
    assert during == [0, before[1]]


def test_relief_needs_the_size_only_in_2020():
    facts = {"region": 34, "contribution_base": "5000"}
    assert yuan("employee_pension.employer_contribution", "2021-01", **facts) == 800
    with pytest.raises(Refused, match="missing fact: employer_size"):
        ask("employee_pension.employer_contribution", "2020-03", **facts)


def test_a_chosen_base_is_a_flexible_workers_only():
    facts = {"region": GUANGDONG, "average_monthly_wage": "9000", "chosen_base": "6000"}
    assert yuan("employee_pension.contribution_base", "2025-01", **facts) == 9000
    assert yuan("employee_pension.contribution_base", "2025-01", **facts, flexible_worker=True) == 6000
    del facts["chosen_base"]
    assert yuan("employee_pension.contribution_base", "2025-01", **facts, flexible_worker=True) == 9000


def test_a_flexible_worker_pays_it_all():
    facts = {"region": GUANGDONG, "flexible_worker": True, "chosen_base": "6000.55"}
    names = ("employee_contribution", "employer_contribution", "account_credit", "pooled_contribution")
    got = [yuan(f"employee_pension.{name}", "2025-01", **facts) for name in names]
    assert got == [Fraction("1200.11"), 0, Fraction("480.04"), Fraction("720.07")]


@pytest.mark.parametrize(("base", "paid"), [("5000.99", "25.00"), ("5001", "25.01"), ("5002.99", "25.01")])
def test_contributions_are_rounded_half_up_to_the_fen(base, paid):
    # 0.5 % of 5001 is 25.005
    got = yuan("unemployment.employee_contribution", "2025-01", region=SHANGHAI, contribution_base=base)
    assert got == Fraction(paid)


@pytest.mark.parametrize(
    ("month", "employer", "employee"),
    [
        ("1999-01", "0.02", "0.01"),
        ("2015-02", "0.02", "0.01"),
        ("2017-01", "0.008", "0.002"),
        ("2025-12", "0.008", "0.002"),
    ],
)
def test_unemployment_rates_by_date(month, employer, employee):
    got = [yuan(f"unemployment.{who}_rate", month, region=GUANGDONG) for who in ("employer", "employee")]
    assert got == [Fraction(employer), Fraction(employee)]


@pytest.mark.parametrize("month", ["2015-03", "2016-12", "2026-01"])
def test_unemployment_rates_nobody_published_are_missing(month):
    with pytest.raises(Refused, match=r"missing parameter: unemployment\.local_employee_rate"):
        ask("unemployment.employee_contribution", month, region=GUANGDONG, contribution_base="5000")


@pytest.mark.parametrize(
    ("industry", "rate"),
    [(1, "0.2"), (2, "0.4"), (3, "0.7"), (4, "0.9"), (5, "1.1"), (6, "1.3"), (7, "1.6"), (8, "1.9")],
)
def test_injury_rates_by_class(industry, rate):
    got = yuan("work_injury.employer_rate", "2025-01", industry_class=industry)
    assert got == Fraction(rate) / 100


@pytest.mark.parametrize(
    ("reserve", "month", "rate"),
    [(17, "2025-01", "0.9"), (18, "2025-01", "0.72"), (24, "2025-01", "0.45"), (24, "2018-04", "0.9")],
)
def test_injury_rate_is_cut_where_the_reserve_is_long(reserve, month, rate):
    got = yuan("work_injury.employer_rate", month, industry_class=4, fund_reserve_months=reserve)
    assert got == Fraction(rate) / 100


def test_injury_float_beyond_the_law_is_refused():
    with pytest.raises(Refused, match=r"out of range: work_injury\.float_ratio"):
        ask("work_injury.employer_rate", "2025-01", industry_class=4, float_ratio="1.6")


def test_medical_rate_of_an_unknown_area_is_an_error_and_can_be_given():
    facts = {"region": GUANGDONG, "average_monthly_wage": "10000"}
    with pytest.raises(Refused, match=r"missing parameter: medical.local_employer_rate.*region=44"):
        ask("medical.employer_contribution", "2025-01", **facts)
    assert yuan("medical.employer_contribution", "2025-01", **facts, employer_rate="5.5%") == 550


@pytest.mark.parametrize("rule", ["work_injury.employee_contribution", "maternity.employee_contribution"])
def test_insurances_the_employer_pays_alone(rule):
    assert yuan(rule, "2025-01") == 0


@pytest.mark.parametrize(("month", "amount"), [("2011-06", 62), ("2011-07", "15.5")])
def test_late_fee_changed_with_the_law_of_2011(month, amount):
    assert yuan("late_fee", month, arrears="1000", days_overdue=31) == Fraction(amount)


@pytest.mark.parametrize("region", [HUNAN, 54])
def test_bases_in_dispute_are_missing(region):
    with pytest.raises(Refused, match=rf"missing parameter: published_base_floor.*region={region}"):
        ask("contribution_base", "2025-02", region=region, average_monthly_wage="8000")


def test_floor_and_cap_are_dated_and_in_order():
    book = rulebook()
    floor, cap = (book.nodes[f"published_base_{end}"] for end in ("floor", "cap"))
    assert isinstance(floor, Parameter)
    assert isinstance(cap, Parameter)
    for entry in floor.resolved():
        assert entry.until - entry.since == 11, entry.where  # a contribution year, then silence
        assert 3 * entry.value < cap.lookup(entry.key, entry.since).value, entry.where


def test_derived_bases_are_marked_assumed():
    for end in ("floor", "cap"):
        for entry in rulebook().nodes[f"published_base_{end}"].resolved():
            assert (entry.certainty == "assumed") == entry.source.startswith("own calculation"), entry.where


@pytest.mark.parametrize(("month", "amount"), [("1999-01", "1100.01"), ("2011-06", "1100.01"), ("2025-12", "1100.01")])
def test_an_undeclared_month_is_assessed_at_last_months_and_a_tenth(month, amount):
    # 1000.01 × 1.1 = 1100.011
    assert yuan("undeclared_assessment", month, last_month_contribution="1000.01") == Fraction(amount)


def test_an_undeclared_first_month_cannot_be_assessed():
    with pytest.raises(Refused, match="missing fact: last_month_contribution"):
        ask("undeclared_assessment", "2025-01")
