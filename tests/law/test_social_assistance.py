"""Social assistance: what must hold for every household, whatever the numbers are."""

from fractions import Fraction

import pytest

from shebao.engine import Refused
from shebao.engine.parameters import Parameter
from shebao.law import rulebook
from shebao.law.regions import GUANGDONG, SICHUAN

STANDARD = 800
INCOMES = ("0", "0.01", "799.99", "800", "1599.99", "1600", "1600.01", "2400", "50000")
CHOSEN = {"region": GUANGDONG, "property_within_limits": True, "dibao_standard": STANDARD}
TABLE = rulebook().nodes["social_assistance.published_living_allowance"]
assert isinstance(TABLE, Parameter)
WITH_ALLOWANCES = sorted({int(entry.key[0]) for entry in TABLE.entries})


def value(rule, month="2026-05", **facts):
    return rulebook().at(month).explain(f"social_assistance.{rule}", facts).exact


def household(*incomes):
    return {**CHOSEN, "household_members": [{"member_income": income} for income in incomes]}


def test_more_income_never_gives_more_dibao_and_every_yuan_earned_leaves_one_not_poorer():
    paid = [value("dibao", **household(income, "0")) for income in INCOMES]
    after = [Fraction(income) + amount for income, amount in zip(INCOMES, paid, strict=True)]
    assert paid == sorted(paid, reverse=True)
    assert after == sorted(after)
    assert all(amount >= 0 for amount in paid)


def test_dibao_brings_every_household_to_the_standard_and_not_above():
    for size in range(1, 6):
        for income in INCOMES:
            facts = household(income, *["0"] * (size - 1))
            together = Fraction(income) + value("dibao", **facts)
            assert together == max(Fraction(income), STANDARD * size)


def test_a_household_without_members_gets_nothing():
    assert value("dibao", **{**CHOSEN, "household_members": []}) == 0


def test_uncounted_income_never_changes_dibao():
    plain = value("dibao", **household("500", "0"))
    record = {"member_income": "800", "member_uncounted_income": "300"}
    assert value("dibao", **{**CHOSEN, "household_members": [record, {"member_income": 0}]}) == plain == 1100


@pytest.mark.parametrize("income", INCOMES)
def test_nobody_is_on_dibao_and_near_it_at_once(income):
    facts = household(income)
    assert not (value("may_claim_dibao", **facts) and value("is_dibao_edge", **facts))


@pytest.mark.parametrize("burden", ["0", "0.01", "3400", "12000", "1000000"])
@pytest.mark.parametrize("category", ["none", "destitute", "orphan", "dibao", "poverty_monitored", "dibao_edge"])
def test_medical_assistance_stays_within_the_burden_and_the_limit(burden, category):
    facts = {"assistance_category": category, "covered_burden_after_insurance": burden}
    local = {"local_assistance_ratio": "0.5", "assistance_cap": 50000, "disposable_income_last_year": 34000}
    assert 0 <= value("medical_assistance", **facts, **local) <= min(Fraction(burden), 50000)


@pytest.mark.parametrize("month", ["2025-09", "2026-05"])
def test_less_able_to_care_for_oneself_never_brings_less(month):
    standards = [
        value("destitute_care_standard", month, minimum_wage=2000, care_class=kind)
        for kind in ("self_caring", "partly_dependent", "dependent")
    ]
    assert standards == sorted(standards)


@pytest.mark.parametrize("region", WITH_ALLOWANCES)
def test_a_graver_disability_never_brings_less(region):
    facts = {"region": region, "on_dibao": True, "needs_long_term_care": True}
    amounts = [value("disability_allowances", **facts, disability_grade=grade) for grade in (4, 3, 2, 1)]
    assert amounts == sorted(amounts)
    assert amounts[0] > 0


@pytest.mark.parametrize("other", ["0", "79.99", "80", "110", "110.01", "500"])
def test_of_two_allowances_for_care_exactly_the_higher_is_paid(other):
    person = {"region": SICHUAN, "birth_month": "1950-05", "disability_grade": 1, "needs_long_term_care": True}
    poor = {"economically_hard": True, "unable_to_care_for_self": True, "local_nursing_allowance": other}
    disabled = value("disability_nursing_allowance", **person, other_nursing_allowance=other)
    elderly = value("elderly_nursing_allowance", **person, **poor)
    assert disabled * elderly == 0
    assert disabled + elderly == max(Fraction(other), 110)


def test_destitute_support_excludes_the_disability_allowances():
    facts = {"region": GUANGDONG, "disability_grade": 1, "on_dibao": True, "needs_long_term_care": True}
    assert value("disability_allowances", **facts) > 0
    assert value("disability_allowances", **facts, draws_destitute_support=True) == 0


ABLE = ("able", "dead", "declared_missing", "out_of_contact", "severely_disabled", "imprisoned")


@pytest.mark.parametrize("father", ABLE)
@pytest.mark.parametrize("mother", ABLE)
def test_a_child_is_an_orphan_or_unattended_or_raised_by_a_parent(father, mother):
    facts = {"birth_month": "2016-05", "father_is": father, "mother_is": mother}
    orphan, unattended = value("is_orphan", **facts), value("is_de_facto_unattended", **facts)
    assert orphan + unattended + ("able" in (father, mother)) == 1


def test_every_month_born_later_brings_a_month_more_up_to_three_years():
    born = [f"{2021 + n // 12}-{n % 12 + 1:02}" for n in range(72)]
    months = [value("childcare_months", child_birth_month=month) for month in born]
    assert months == [*[0] * 12, *range(1, 37), *[36] * 24]


@pytest.mark.parametrize("born", ["2022-01", "2023-12", "2024-07", "2024-12", "2025-01", "2025-12", "2030-06"])
def test_the_years_of_the_childcare_subsidy_add_up_to_the_whole(born):
    facts = {"child_birth_month": born, "born_lawfully": True, "chinese_nationality": True}
    years = [value("childcare_subsidy_of_year", **facts, subsidy_year=year) for year in range(2025, 2036)]
    assert sum(years) == value("childcare_subsidy_total", **facts)
    assert all(0 <= amount <= 3600 for amount in years)


def test_a_place_nobody_has_entered_is_refused_by_name():
    facts = {"region": GUANGDONG, "property_within_limits": True, "household_members": [{"member_income": 0}]}
    with pytest.raises(Refused, match=r"missing parameter: social_assistance\.published_dibao_standard.*region=44"):
        value("dibao", **facts)
