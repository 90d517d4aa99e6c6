"""Unemployment insurance: what must hold for everybody, whatever the numbers are."""

from fractions import Fraction

import pytest

from shebao.engine import Refused
from shebao.law import rulebook
from shebao.law.regions import ALL, BEIJING, CHONGQING, GUANGDONG, JIANGSU, SICHUAN, ZHEJIANG

WITH_LADDER = (BEIJING, GUANGDONG, CHONGQING, SICHUAN)
WITH_STANDARD = (ZHEJIANG, 37, 42, GUANGDONG, SICHUAN)
CLAIM = {"involuntary": True, "registered_and_seeking": True}
SIZES = ("micro_small_medium", "large", "public_body")


def value(rule, month="2025-04", **facts):
    return rulebook().at(month).explain(f"unemployment.{rule}", facts).exact


@pytest.mark.parametrize("region", WITH_LADDER)
def test_more_months_paid_never_shorten_the_benefit(region):
    months = [value("benefit_months", region=region, unemployment_months_paid=n) for n in range(0, 300, 3)]
    assert months == sorted(months)
    assert months[0] == 0
    assert months[-1] == 24


@pytest.mark.parametrize("region", WITH_LADDER)
def test_no_ladder_goes_beyond_the_nations_limit(region):
    for paid in (*range(0, 132), 239, 240, 241, 720):
        own = value("benefit_months", region=region, unemployment_months_paid=paid)
        assert 0 <= own <= value("longest_benefit_months", unemployment_months_paid=paid)


@pytest.mark.parametrize("paid", [*range(12, 240, 5), 240, 300, 720])
def test_the_ladders_are_those_of_the_articles(paid):
    years = paid // 12
    guangdong = paid // 12 if paid < 48 else min(4 + (paid - 48) // 6, 24)  # article 17 of its regulation
    chongqing = min(3 * years, 15) if years < 7 else min(16 + years - 7, 24)
    beijing = min(3 * years, 12) if years < 5 else min(12 + years - 5, 24)
    got = [value("benefit_months", region=r, unemployment_months_paid=paid) for r in (GUANGDONG, CHONGQING, BEIJING)]
    assert got == [guangdong, chongqing, beijing]


@pytest.mark.parametrize("base", [1000, 4000, 9000])
def test_in_jiangsu_longer_payment_never_lowers_the_benefit_and_its_bounds_hold(base):
    facts = {"region": JIANGSU, "base_before_unemployment": base, "urban_dibao_standard": 1000}
    got = [value("monthly_benefit", **facts, unemployment_months_paid=n) for n in (12, 119, 120, 239, 240, 600)]
    assert got == sorted(got)
    assert 1500 <= got[0] <= got[-1] <= value("minimum_wage", region=JIANGSU)


def test_months_unused_are_never_lost_below_the_limit_and_never_pass_it():
    for unused in range(0, 25, 4):
        got = value("entitled_months", region=CHONGQING, unemployment_months_paid=84, unused_benefit_months=unused)
        assert got == min(16 + unused, 24)


@pytest.mark.parametrize("region", WITH_STANDARD)
def test_the_benefit_stays_below_the_minimum_wage(region):
    for month in ("2024-06", "2025-04", "2025-11"):
        assert 0 < value("monthly_benefit", month, region=region) < value("minimum_wage", month, region=region)


@pytest.mark.parametrize("missing", ["involuntary", "registered_and_seeking", "unemployment_months_paid"])
def test_every_condition_is_needed(missing):
    met = {**CLAIM, "unemployment_months_paid": 12}
    assert value("may_claim", **met)
    assert not value("may_claim", **{**met, missing: 11 if missing == "unemployment_months_paid" else False})


@pytest.mark.parametrize(
    "reason",
    ["re_employed", "enlisted", "moved_abroad", "receives_basic_pension", "imprisoned", "refused_work_or_training"],
)
def test_any_reason_ends_the_benefit(reason):
    facts = {
        "may_claim": True,
        "registration_month": "2025-01",
        "last_benefit_month": "2025-12",
        "monthly_benefit": 2000,
    }
    assert value("benefit_of_month", **facts) == 2000
    assert value("benefit_of_month", **facts, **{reason: True}) == 0


def test_the_months_paid_are_those_of_the_claim():
    facts = {"region": GUANGDONG, "unemployment_months_paid": 72, "registration_month": "2025-04", **CLAIM}
    person = {**facts, "category": "men60", "birth_month": "1990-04", "monthly_benefit": 2000}
    run = [f"{2025 + n // 12}-{n % 12 + 1:02}" for n in range(24)]
    paid = [value("benefit_of_month", month, **person) for month in run]
    assert paid == [0] * 3 + [2000] * 8 + [0] * 13
    assert sum(paid) == value("whole_benefit", "2025-04", **person)


@pytest.mark.parametrize("registered", ["2024-06", "2024-12", "2025-06", "2025-11", "2026-03"])
def test_an_extension_ends_in_the_statutory_month_and_is_shorter_than_a_year(registered):
    facts = {"region": CHONGQING, "unemployment_months_paid": 36, "registration_month": registered}
    person = {**facts, "category": "men60", "birth_month": "1966-03"}  # statutory month 2026-07
    extension = value("extension_months", "2026-04", **person)
    last = value("last_benefit_month", "2026-04", **person)
    assert 0 <= extension < 12
    assert extension == 0 or last == value("statutory_retirement_month", "2026-04", **person)
    assert last >= value("ordinary_last_month", "2026-04", **person)


def test_the_fund_never_refunds_more_pension_contribution_than_was_paid():
    facts = {
        "region": 37,
        "benefit_is_due": True,
        "statutory_retirement_month": "2025-12",
        "contribution_base_floor": 4504,
    }
    for paid in ("0", "500", "900.80", "900.81", "5000"):
        got = value("pension_contribution_by_fund", "2025-06", **facts, own_pension_payment=paid)
        assert got == min(Fraction(paid), Fraction("900.80"))


@pytest.mark.parametrize("year", [2020, 2021, 2022, 2023, 2024, 2025])
def test_a_small_employer_is_never_refunded_less_than_a_large_one_nor_more_than_was_paid(year):
    rates = [value("refund_rate", f"{year}-06", employer_size=size) for size in SIZES]
    assert 1 >= rates[0] >= rates[1] >= rates[2] == 0
    if year == 2025:
        raised = [value("refund_rate", "2025-06", employer_size=s, refund_raised_in_area=True) for s in SIZES]
        assert all(more >= less for more, less in zip(raised, rates, strict=True))


@pytest.mark.parametrize(
    ("headcount", "rate", "granted"),
    [(30, "0.2", True), (30, "0.2001", False), (31, "0.2", False), (31, "0.055", True), (31, "0.0551", False)],
)
def test_the_limit_of_layoffs_jumps_at_thirty_employees_as_the_law_has_it(headcount, rate, granted):
    facts = {"employer_months_paid": 12, "insured_headcount": headcount, "layoff_rate": rate}
    assert value("may_claim_job_retention_refund", "2024-06", **facts) is granted


def test_a_higher_certificate_never_brings_less():
    facts = {"unemployment_months_paid": 24, "certificate_month": "2025-01"}
    got = [value("skill_subsidy", certificate_level=level, **facts) for level in ("junior", "intermediate", "senior")]
    assert got == sorted(got)
    assert got[0] > 0


def test_relief_and_benefit_are_never_paid_for_the_same_reason():
    for paid in (0, 1, 11, 12, 60):
        for involuntary in (True, False):
            facts = {"unemployment_months_paid": paid, "involuntary": involuntary, "registered_and_seeking": True}
            claim = value("may_claim", "2021-06", **facts)
            assert value("may_claim_relief", "2021-06", **facts) is (paid > 0 and not claim)


@pytest.mark.parametrize("month", ["2020-02", "2023-01"])
def test_relief_has_its_window(month):
    with pytest.raises(Refused, match=r"not covered: unemployment\.may_claim_relief"):
        value("may_claim_relief", month, unemployment_months_paid=5, registered_and_seeking=True)


@pytest.mark.parametrize("region", [code for code in ALL if code not in WITH_LADDER])
def test_a_province_without_a_ladder_is_refused_by_name_and_can_be_given(region):
    with pytest.raises(Refused, match=rf"missing parameter: unemployment\.months_by_half_years.*region={region}"):
        value("benefit_months", region=region, unemployment_months_paid=60)
    assert value("entitled_months", region=region, benefit_months=14) == 14


def test_only_one_funeral_grant_is_taken_and_it_is_the_largest():
    got = value("chosen_funeral_grant", funeral_grant=24000, pension_funeral_grant=10030, injury_funeral_grant=46164)
    assert got == 46164
