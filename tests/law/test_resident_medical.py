"""Residents' medical insurance: what must hold for everybody, whatever the numbers are."""

import itertools

import pytest

from shebao.engine import Refused
from shebao.law import rulebook
from shebao.law.regions import ALL, GUANGDONG, JIANGXI, SHAANXI

NANCHANG = {"region": JIANGXI, "medical_area": 3601, "care_place": "home"}
TONGCHUAN = {"region": SHAANXI, "medical_area": 6102, "care_place": "home", "ordinary_serious_cap": 300000}
POOR = ("destitute", "orphan", "dibao", "poverty_monitored")
ALL_CATEGORIES = ("none", "dibao_edge", *POOR)
COSTS = ("0", "100", "600.01", "18000", "117000", "600000", "9999999.99")


def value(rule, month="2025-09", **facts):
    return rulebook().at(month).explain(f"resident_medical.{rule}", facts).exact


@pytest.mark.parametrize("area", [NANCHANG, TONGCHUAN])
@pytest.mark.parametrize("category", ALL_CATEGORIES)
def test_nobody_pays_more_than_the_bill_nor_less_than_nothing(area, category):
    person = {"assistance_category": category, "disposable_income_last_year": 34000, "consecutive_years": 6}
    for cost in COSTS:
        for level in ("primary", "secondary", "tertiary"):
            bill = {"covered_cost": cost, "first_self_pay": 100, "uncovered_cost": 50}
            own = value("out_of_pocket", **area, **person, **bill, hospital_level=level)
            assert 150 <= own <= value("total_cost", **bill)


@pytest.mark.parametrize("burden", ["0", "8500", "17000", "17000.01", "60000", "900000"])
def test_the_poor_are_never_paid_less(burden):
    facts = {"region": GUANGDONG, "covered_burden": burden, "disposable_income_last_year": 34000}
    local = {"ordinary_serious_cap": 400000, "consecutive_years": 1}
    ordinary = value("serious_illness_payment", **facts, **local, assistance_category="none")
    for category in POOR:
        assert value("serious_illness_payment", **facts, **local, assistance_category=category) >= ordinary


def test_serious_illness_rises_without_a_jump_and_never_beyond_the_burden():
    facts = {"region": GUANGDONG, "assistance_category": "none", "disposable_income_last_year": 34000}
    local = {"ordinary_serious_cap": 400000, "consecutive_years": 1}
    paid = [value("serious_illness_payment", **facts, **local, covered_burden=16990 + n) for n in range(20)]
    steps = [after - before for before, after in itertools.pairwise(paid)]
    assert all(0 <= step < 1 for step in steps)
    assert paid[0] == 0 < paid[-1]


@pytest.mark.parametrize("made_up", [0, 1, 3, 10])
@pytest.mark.parametrize("in_window", [True, False])
def test_more_years_missed_never_shorten_the_waiting_and_paying_them_up_never_lengthens_it(made_up, in_window):
    facts = {"enrolled_in_window": in_window}
    waits = [value("waiting_months", **facts, missed_years=n, years_made_up=made_up) for n in range(12)]
    unpaid = [value("waiting_months", **facts, missed_years=n) for n in range(12)]
    assert waits == sorted(waits)
    assert all(paid <= plain for paid, plain in zip(waits, unpaid, strict=True))
    assert all(wait >= 6 for wait in waits[4:])


def test_a_newborn_never_waits():
    for missed in range(8):
        facts = {"enrolled_in_window": False, "missed_years": missed, "exempt_from_waiting": True}
        assert value("waiting_months", **facts) == 0


@pytest.mark.parametrize("region", ALL)
def test_the_bonus_stays_within_a_fifth_of_the_cap(region):
    for years in (0, 4, 5, 10, 100):
        bonus = value("cap_bonus", region=region, consecutive_years=years, ordinary_serious_cap=250000)
        assert (bonus == 0) if years <= 4 else (1000 <= bonus <= 50000)


@pytest.mark.parametrize("category", ALL_CATEGORIES)
def test_own_and_paid_contribution_are_the_whole(category):
    facts = {"region": 13, "notice_year": 2025, "assistance_category": category}
    own, paid = value("own_contribution", "2025-11", **facts), value("premium_support", "2025-11", **facts)
    assert own >= 0 <= paid
    assert own + paid == value("resident_contribution", notice_year=2025)


def test_contributions_and_subsidies_never_fell():
    years = range(2016, 2026)
    for rule in ("resident_contribution", "resident_subsidy", "resident_funding"):
        standards = [value(rule, notice_year=year) for year in years]
        assert standards == sorted(standards)


@pytest.mark.parametrize("rule", ["inpatient_payment", "outpatient_payment"])
def test_an_area_nobody_has_entered_is_refused_by_name(rule):
    facts = {
        "region": GUANGDONG,
        "medical_area": 4401,
        "hospital_level": "tertiary",
        "care_place": "home",
        "covered_cost": 1,
    }
    with pytest.raises(Refused, match=r"missing parameter: resident_medical\.published_.*medical_area=4401"):
        value(rule, **facts)
