"""Work-injury insurance: what must hold for every grade, province and wage."""

from fractions import Fraction

import pytest

from shebao.engine import Refused
from shebao.law import rulebook
from shebao.law.regions import ALL, BEIJING, GUANGDONG, HENAN, HUBEI, HUNAN, JIANGSU, SHANGHAI, TIANJIN, ZHEJIANG

KNOWN = (BEIJING, SHANGHAI, JIANGSU, ZHEJIANG, 37, HENAN, HUBEI, HUNAN, GUANGDONG)
GRADES = range(1, 11)


def value(rule, month="2025-06", **facts):
    return rulebook().at(month).explain(f"work_injury.{rule}", facts).exact


def leaving(region, grade, years=10, **facts):
    wages = {"pool_average_wage": 7000, "own_wage": 6000}
    return [
        value(
            f"{which}_lump_sum_on_leaving",
            region=region,
            disability_grade=grade,
            years_to_retirement=years,
            **wages,
            **facts,
        )
        for which in ("medical", "employment")
    ]


@pytest.mark.parametrize("month", ["2010-06", "2011-01", "2025-06"])
def test_a_lighter_grade_never_brings_a_larger_lump_sum(month):
    sums = [value("disability_lump_sum", month, own_wage=6000, disability_grade=g) for g in GRADES]
    assert sums == sorted(sums, reverse=True)
    assert sums[-1] > 0


@pytest.mark.parametrize("wage", [500, 3000, 6000, 30000])
def test_a_lighter_grade_never_brings_a_larger_allowance(wage):
    allowances = [value("disability_allowance", region=43, own_wage=wage, disability_grade=g) for g in GRADES]
    assert allowances == sorted(allowances, reverse=True)
    assert all(a >= value("minimum_wage", region=43) for a in allowances[:6])
    assert allowances[6:] == [0] * 4


@pytest.mark.parametrize("region", KNOWN)
def test_a_lighter_grade_never_brings_more_on_leaving(region):
    for kind in (0, 1):
        sums = [leaving(region, grade)[kind] for grade in range(5, 11)]
        assert sums == sorted(sums, reverse=True)
        assert sums[-1] > 0
    assert all(leaving(region, grade) == [0, 0] for grade in range(1, 5))


@pytest.mark.parametrize("region", [SHANGHAI, JIANGSU, ZHEJIANG, HUBEI, HUNAN, GUANGDONG])
def test_nearer_to_retirement_never_brings_more_on_leaving(region):
    for kind in (0, 1):
        sums = [leaving(region, 8, years)[kind] for years in (0, "0.5", 1, 2, "3.9", 4, "4.99", 5, 30)]
        assert sums == sorted(sums)
        assert sums[0] == 0
        assert sums[-1] == sums[-2]


@pytest.mark.parametrize("region", KNOWN)
def test_at_retirement_age_nothing_is_paid_on_leaving(region):
    assert leaving(region, 5, 0) == [0, 0]


@pytest.mark.parametrize("region", [37, JIANGSU])
def test_an_occupational_disease_adds_to_the_medical_lump_sum_only(region):
    plain, disease = leaving(region, 7), leaving(region, 7, occupational_disease=True)
    assert disease[0] > plain[0]
    assert disease[1] == plain[1]


@pytest.mark.parametrize("region", [code for code in ALL if code not in (*KNOWN, TIANJIN)])
def test_a_province_that_nobody_entered_is_refused_by_name(region):
    with pytest.raises(Refused, match=rf"missing parameter: work_injury\.medical_lump_months.*region={region}"):
        leaving(region, 8)


def test_the_gravest_of_several_injuries_counts_on_leaving_and_the_newest_for_the_allowance():
    facts = {"disability_grade": 6, "grade_after_repeat_injury": 8}
    assert value("grade_on_leaving", **facts) == 6
    assert value("grade_in_force", **facts) == 8


@pytest.mark.parametrize("pension", ["0", "2000", "6924.59", "6924.60", "9000"])
def test_pension_with_top_up_is_never_less_than_the_allowance_before(pension):
    facts = {"region": 43, "own_wage": 7694, "disability_grade": 1}
    before = value("allowance_by_fund", **facts)
    retired = {**facts, "retired_on_pension": True, "pension_received": pension}
    assert value("allowance_by_fund", **retired) == 0
    assert value("pension_top_up", **retired) + Fraction(pension) == max(before, Fraction(pension))


@pytest.mark.parametrize("grade", GRADES)
def test_each_allowance_has_one_payer(grade):
    facts = {"region": 43, "own_wage": 7694, "disability_grade": grade}
    fund, employer = value("allowance_by_fund", **facts), value("allowance_by_employer", **facts)
    assert fund + employer == value("disability_allowance", **facts)
    assert fund == 0 or employer == 0


def test_care_grows_with_need_and_own_wage_keeps_its_bounds():
    care = [value("care_allowance", pool_average_wage=7001, care_level=level) for level in range(4)]
    assert care == sorted(care)
    assert care[0] == 0
    for wage in (0, 4200, 6000, 21000, 90000):
        assert 4200 <= value("own_wage", wage_before_injury=wage, pool_average_wage=7000) <= 21000


@pytest.mark.parametrize("spouse", [True, False])
def test_dependants_never_draw_more_than_the_wage_and_one_more_never_lowers_it(spouse):
    draws = [
        value(
            "dependants_allowance",
            own_wage="6000.01",
            surviving_spouse=spouse,
            other_dependants=n,
            lone_dependants=min(n, 1),
        )
        for n in range(6)
    ]
    assert draws == sorted(draws)
    assert draws[-1] == Fraction("6000.01")


@pytest.mark.parametrize("paid", [0, 1, 29999, 30000, 40000])
def test_treatment_is_paid_once_and_recovery_never_exceeds_it(paid):
    facts = {"cost_in_catalogues": 30000, "paid_by_third_party": paid}
    fund = value("medical_cost_by_fund", **facts)
    assert fund == max(30000 - paid, 0)
    assert value("recovered_from_third_party", **facts, third_party_liable=True) == fund
    assert value("recovered_from_third_party", **facts) == 0


@pytest.mark.parametrize("cost", [1, 999_999_999, 1_000_000_000, 5_000_000_000, 5_000_000_001, 90_000_000_000])
def test_a_dearer_project_never_pays_less_and_no_band_has_a_cliff(cost):
    facts = {"region": HUBEI, "stage_reduction": 0}
    less, more = (value("project_contribution", project_cost=c, **facts) for c in (cost, cost + 1000))
    assert 0 < more - less <= 2


@pytest.mark.parametrize("excluded", ["intentional_crime", "drunk_or_on_drugs", "self_harm"])
@pytest.mark.parametrize("circumstance", ["at_work", "commute_not_mainly_at_fault", "rescue"])
def test_an_exclusion_beats_every_circumstance(circumstance, excluded):
    assert value("is_work_injury", injury_circumstance=circumstance)
    assert not value("is_work_injury", injury_circumstance=circumstance, **{excluded: True})


def test_death_lump_sum_of_a_year_without_a_published_income_is_refused():
    with pytest.raises(Refused, match=r"missing parameter: work_injury\.national_disposable_income"):
        value("death_lump_sum", "2027-06", death_year=2027)
