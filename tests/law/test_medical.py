"""Employees' medical insurance: what must hold for everybody, whatever the numbers are."""

import pytest

from shebao.engine import Refused, ym
from shebao.engine.check import check
from shebao.law import rulebook
from shebao.law.regions import BEIJING, GUANGDONG, JIANGXI

NANCHANG = {"region": JIANGXI, "medical_area": 3601}
CAPITAL = {"region": BEIJING, "medical_area": 1100, "admission_of_year": 1}
LEVELS = ("primary", "secondary", "tertiary")
PLACES = ("home", "living_elsewhere", "referred", "emergency", "unreferred")
COSTS = ("0", "0.01", "199.99", "800", "1300", "30000", "40000.01", "117000", "300000", "9999999.99")


def value(rule, month="2025-09", **facts):
    return rulebook().at(month).explain(f"medical.{rule}", facts).exact


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("place", PLACES)
def test_nobody_pays_more_than_the_bill_and_the_fund_never_less_than_nothing(level, place):
    for cost in COSTS:
        facts = {**NANCHANG, "hospital_level": level, "care_place": place, "covered_cost": cost}
        bill = {"first_self_pay": "12.34", "uncovered_cost": 500}
        own = value("out_of_pocket", **facts, **bill)
        assert 0 <= own <= value("total_cost", covered_cost=cost, **bill)
        assert own >= 500, "what is not covered is paid oneself"


@pytest.mark.parametrize("place", [NANCHANG, CAPITAL])
@pytest.mark.parametrize("level", LEVELS)
def test_a_dearer_stay_is_never_paid_less_and_leaves_no_one_better_off(place, level):
    facts = {**place, "hospital_level": level, "care_place": "home"}
    paid = [value("inpatient_payment", **facts, covered_cost=cost) for cost in COSTS]
    left = [value("covered_burden", **facts, covered_cost=cost) for cost in COSTS]
    assert paid == sorted(paid)
    assert left == sorted(left)
    assert paid[-1] == value("inpatient_cap", **place)


@pytest.mark.parametrize("place", [NANCHANG, CAPITAL])
@pytest.mark.parametrize("level", LEVELS)
def test_retirees_are_never_paid_less(place, level):
    for cost in COSTS:
        facts = {**place, "hospital_level": level, "care_place": "home", "covered_cost": cost}
        assert value("inpatient_payment", **facts, medical_retiree=True) >= value("inpatient_payment", **facts)


@pytest.mark.parametrize("region", [JIANGXI, GUANGDONG, BEIJING])
def test_the_farther_from_the_rules_one_goes_the_less_is_paid(region):
    terms = {"inpatient_deductible": 1000, "inpatient_cap": 300000, "inpatient_ratio_of_employees": "0.85"}
    local = {"inpatient_bonus_of_retirees": 0, "local_ratio_reduction": "0.15", "hospital_level": "tertiary"}
    facts = {"region": region, "covered_cost": 50000, **terms, **local}
    paid = [value("inpatient_payment", **facts, care_place=place) for place in PLACES]
    home, living_elsewhere, referred, emergency, unreferred = paid
    assert home == living_elsewhere >= referred == emergency >= unreferred > 0
    assert home > unreferred


@pytest.mark.parametrize("cut", ["0", "0.05", "0.1", "0.2", "0.5", "1"])
def test_no_area_cuts_more_than_the_nation_allows(cut):
    facts = {"region": GUANGDONG, "local_ratio_reduction": cut}
    assert value("ratio_reduction", **facts, care_place="referred") <= value(
        "ratio_reduction", **facts, care_place="unreferred"
    )
    assert value("ratio_reduction", **facts, care_place="emergency") * 10 <= 1
    assert value("ratio_reduction", **facts, care_place="unreferred") * 5 <= 1


def test_the_outpatient_year_is_the_same_in_one_visit_or_many():
    facts = {**NANCHANG, "hospital_level": "tertiary", "care_place": "home"}
    cost = paid = 0
    for _ in range(60):
        paid += value(
            "outpatient_payment", **facts, covered_cost=100, outpatient_cost_before=cost, outpatient_paid_before=paid
        )
        cost += 100
    assert paid == value("outpatient_payment", **facts, covered_cost=cost) == value("outpatient_cap", medical_area=3601)


def test_serious_illness_is_the_same_in_one_stay_or_two():
    facts = {"medical_area": 3601}
    whole = value("serious_illness_payment", **facts, covered_burden=260000)
    first = value("serious_illness_payment", **facts, covered_burden=120000)
    second = value(
        "serious_illness_payment",
        **facts,
        covered_burden=140000,
        burden_before=120000,
        serious_illness_paid_before=str(first),
    )
    assert first + second == whole > 0


def test_the_reform_takes_from_the_account_exactly_what_it_gives_the_pool():
    facts = {
        "region": BEIJING,
        "contribution_base": "12345.67",
        "birth_month": "1970-01",
        "account_reform_month": "2022-12",
    }
    before, after = ({"month": m} for m in ("2022-11", "2022-12"))
    lost = value("account_credit", **before, **facts) - value("account_credit", **after, **facts)
    gained = value("pooled_contribution", **after, **facts) - value("pooled_contribution", **before, **facts)
    assert lost == gained > 0


@pytest.mark.parametrize("rule", ["inpatient_payment", "outpatient_payment", "serious_illness_payment"])
def test_an_area_nobody_has_entered_is_refused_by_name(rule):
    facts = {
        "region": GUANGDONG,
        "medical_area": 4401,
        "hospital_level": "tertiary",
        "care_place": "home",
        "covered_cost": 1,
    }
    with pytest.raises(Refused, match=r"missing parameter: medical\.published_.*medical_area=4401"):
        value(rule, **facts, inpatient_cap=1 if rule == "serious_illness_payment" else 300000)


@pytest.mark.parametrize("month", ["2021-04", "2022-06", "2024-12"])
def test_in_the_transition_the_month_of_reform_must_be_given(month):
    with pytest.raises(Refused, match=r"missing fact: medical\.account_reform_month"):
        value("account_credit", month, region=BEIJING, contribution_base=10000, birth_month="1980-01")


@pytest.mark.parametrize(
    ("region", "area", "rules"),
    [
        (
            JIANGXI,
            3601,
            ["medical.out_of_pocket", "medical.outpatient_out_of_pocket", "resident_medical.out_of_pocket"],
        ),
        (BEIJING, 1100, ["medical.inpatient_payment"]),
    ],
)
def test_where_the_numbers_are_known_both_readings_settle_alike(region, area, rules):
    """People of areas in the book, so that amounts and not only refusals are compared."""
    fixed = {"region": region, "medical.medical_area": area}
    for rule in rules:
        report = check(rulebook(), months=[ym(2025, 9)], people=200, seed=area, rules=[rule], fixed=fixed)
        assert report.differences == []
        assert report.computed > report.people / 2
