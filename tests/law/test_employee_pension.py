"""The employee pension: what holds beyond the worked examples."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from shebao.engine import BookError, Refused
from shebao.law import employee_pension, rulebook
from shebao.law.cases import load_cases
from shebao.law.regions import (
    ALL,
    ANHUI,
    BEIJING,
    GANSU,
    GUANGDONG,
    GUANGXI,
    HAINAN,
    HENAN,
    HUNAN,
    JIANGSU,
    JILIN,
    LIAONING,
    NAMES,
    QINGHAI,
    SHANGHAI,
    TIANJIN,
    TIBET,
)

ROOM = "employee_pension"
AWARD = {
    "region": HUNAN,
    "sex": "male",
    "category": "men60",
    "birth_month": "1965-06",
    "retirement_month": "2025-09",
    "contribution_months": 400,
    "deemed_months": 60,
    "average_index": "0.9",
    "transition_index": "1",
    "account_balance": "100000",
}


def value(rule: str, month: str = "2025-12", **facts: object) -> Fraction:
    return rulebook().at(month).explain(f"{ROOM}.{rule}", facts).exact


def refusal(rule: str, month: str = "2025-12", **facts: object) -> Refused:
    with pytest.raises(Refused) as caught:
        value(rule, month, **facts)
    return caught.value


# -- the award --------------------------------------------------------------------------------------


@pytest.mark.parametrize("region", [code for code in ALL if code not in (BEIJING, SHANGHAI, JIANGSU, TIBET)])
def test_the_standard_facts_are_enough_for_an_award(region: int) -> None:
    facts = {**AWARD, "region": region}
    parts = [value(part, **facts) for part in ("basic_pension", "account_pension", "transitional_pension")]
    assert all(part > 0 for part in parts)
    total = value("monthly_pension", **facts)
    rounding = total - sum(parts) - value("local_supplement", **facts)
    assert 0 <= rounding < Fraction(1, 10)


@pytest.mark.parametrize(
    ("region", "kind", "name"),
    [
        (BEIJING, "missing fact", "paid_months_before_1998_07"),
        (SHANGHAI, "missing fact", "notional_account"),
        (TIBET, "missing fact", "plateau_months"),
        (JIANGSU, "missing fact", "old_method_pension"),
    ],
)
def test_provinces_whose_rule_needs_more_say_what(region: int, kind: str, name: str) -> None:
    problem = refusal("monthly_pension", **{**AWARD, "region": region})
    assert (problem.kind, problem.name) == (kind, f"{ROOM}.{name}")


@pytest.mark.parametrize(("region", "month"), [(GUANGDONG, "2025-02"), (JIANGSU, "2026-03")])
def test_the_old_method_is_not_asked_once_the_new_one_stands_alone(region: int, month: str) -> None:
    facts = {**AWARD, "region": region, "retirement_month": month}
    assert value("monthly_pension", **facts) > 0
    given = value("monthly_pension", **facts, old_method_pension=900_000)
    assert given == value("monthly_pension", **facts)


@pytest.mark.parametrize("divisor", ["0", "0.9", "301"])
def test_an_account_is_not_paid_out_over_less_than_a_month(divisor: str) -> None:
    assert refusal("account_pension", **AWARD, months_of_payment=divisor).kind == "out of range"


@pytest.mark.parametrize("region", [GUANGDONG, JIANGSU])
def test_a_new_entrant_is_not_compared_with_the_old_method(region: int) -> None:
    facts = {**AWARD, "region": region, "retirement_month": "2024-07", "deemed_months": 0}
    parts = ("basic_pension", "account_pension", "local_supplement")
    assert value("monthly_pension", **facts) == sum(value(part, **facts) for part in parts)


def test_the_transition_index_is_asked_only_where_the_province_uses_a_second_index() -> None:
    facts = {k: v for k, v in AWARD.items() if k != "transition_index"}
    assert value("transitional_pension", **facts) > 0
    assert refusal("transitional_pension", **{**facts, "region": TIANJIN}).name == f"{ROOM}.transition_index"


@pytest.mark.parametrize("region", [TIANJIN, HENAN, GUANGDONG])
def test_a_new_entrant_is_not_asked_for_a_second_index(region: int) -> None:
    facts = {k: v for k, v in AWARD.items() if k != "transition_index"}
    facts = {**facts, "region": region, "deemed_months": 0}
    assert value("transitional_pension", **facts) == 0
    assert value("monthly_pension", **facts) > 0


def test_beijing_asks_the_second_index_of_those_who_paid_before_1998_07() -> None:
    facts = {k: v for k, v in AWARD.items() if k != "transition_index"}
    facts = {**facts, "region": BEIJING}
    assert value("transitional_pension", **facts, paid_months_before_1998_07=0) > 0
    assert refusal("transitional_pension", **facts, paid_months_before_1998_07=1).name == f"{ROOM}.transition_index"


def test_any_step_can_be_given_and_overrides_its_rule() -> None:
    assert value("basic_pension", **AWARD, base_wage=8000) == Fraction("2533.08")  # (8000 + 7200) / 2 × 33.33 %
    tree = rulebook().at("2025-12").explain(f"{ROOM}.account_pension", {**AWARD, "months_of_payment": "137.8"})
    assert tree.value == "725.69"
    assert tree.find("months_of_payment").given


@pytest.mark.parametrize("region", ALL)
def test_every_province_has_the_parameters_of_an_award(region: int) -> None:
    for year in (2024, 2025):
        facts = {"region": region, "retirement_month": f"{year}-06"}
        assert 6000 < value("base_wage", **facts) < 13000
        assert value("transition_coefficient", **facts, contribution_months=200, deemed_months=0) >= Fraction(1, 100)
        assert value("contribution_years", **facts, contribution_months=360) == 30


def test_the_latest_base_year_is_the_last_row_of_the_table() -> None:
    nodes = rulebook().nodes
    latest = {entry.key[0]: int(entry.value) for entry in nodes[f"{ROOM}.latest_base_year"].entries}
    last: dict[object, int] = {}
    for entry in nodes[f"{ROOM}.published_base_wage"].entries:
        last[entry.key[0]] = max(last.get(entry.key[0], 0), int(entry.key[1]))
    assert latest == last


@pytest.mark.parametrize(
    ("region", "area", "base"),
    [
        (LIAONING, 0, 7346),
        (LIAONING, 2101, 8390),
        (LIAONING, 2103, 7346),
        (GUANGDONG, 4403, 11293),
        (GUANGDONG, 4401, 9493),
        (HENAN, 4101, 6738),
    ],
)
def test_cities_with_a_base_of_their_own(region: int, area: int, base: int) -> None:
    assert value("base_wage", region=region, retirement_month="2025-06", pooling_area=area) == base


@pytest.mark.parametrize(("region", "area", "base"), [(HENAN, 0, 6738), (HENAN, 4101, 7933), (JILIN, 2201, "7978.25")])
def test_henan_and_jilin_use_the_citys_base_beside_the_provinces(region: int, area: int, base: object) -> None:
    found = value("city_wage", region=region, retirement_month="2025-06", pooling_area=area)
    assert found == Fraction(str(base))


# -- years and months -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("region", "months", "years"),
    [
        (HUNAN, 368, "30.67"),
        (HAINAN, 503, "41.9167"),
        (ANHUI, 361, "30.1"),
        (GANSU, 368, "30.66"),
        (GUANGXI, 361, "30.09"),
        (SHANGHAI, 287, "23.913"),
        (GUANGDONG, 208, "52/3"),
    ],
)
def test_how_provinces_count_years(region: int, months: int, years: str) -> None:
    facts = {"region": region, "retirement_month": "2025-06", "contribution_months": months}
    assert value("contribution_years", **facts) == Fraction(years)


@pytest.mark.parametrize(
    ("age", "divisor"),
    [
        ((45, 0), "216"),
        ((45, 1), "215.7"),
        ((50, 1), "194.6"),
        ((50, 3), "193.8"),
        ((50, 5), "192.9"),
        ((51, 2), "189.2"),
        ((51, 11), "185.4"),
        ((55, 1), "169.5"),
        ((55, 2), "169"),
        ((55, 3), "168.5"),
        ((55, 4), "168"),
        ((60, 0), "139"),
        ((60, 1), "138.4"),
        ((60, 2), "137.8"),
        ((60, 3), "137.3"),
        ((70, 0), "56"),
    ],
)
def test_months_of_payment_since_2025(age: tuple[int, int], divisor: str) -> None:
    retired = 2026 * 12
    facts = {"region": HUNAN, "retirement_month": retired, "birth_month": retired - age[0] * 12 - age[1]}
    assert value("months_of_payment", **facts) == Fraction(divisor)


def test_months_of_payment_by_whole_years_before_2025_and_a_little_longer_in_tianjin() -> None:
    assert value("months_of_payment", retirement_month="2024-12", birth_month="1964-11") == 139
    facts = {"retirement_month": "2025-02", "birth_month": "1965-01"}
    assert value("months_of_payment", region=TIANJIN, **facts) == 139
    assert value("months_of_payment", region=HUNAN, **facts) == Fraction("138.4")


@pytest.mark.parametrize("age", [39, 71])
def test_ages_outside_the_annex_have_no_months_of_payment(age: int) -> None:
    problem = refusal("months_of_payment", retirement_month="2024-12", birth_month=2024 * 12 + 11 - age * 12)
    assert problem.kind == "missing parameter"
    assert f"age={age}" in str(problem)


# -- provisional awards -----------------------------------------------------------------------------


def test_an_award_on_an_unpublished_base_is_provisional_for_one_year_only() -> None:
    assert value("base_wage_year", region=HUNAN, retirement_month="2026-03") == 2025
    assert value("base_wage_published", region=HUNAN, retirement_month="2026-03") is False
    problem = refusal("base_wage", region=HUNAN, retirement_month="2027-03")
    assert "region=43, year=2027" in str(problem)


def test_recalculation_after_publication_settles_every_month_paid() -> None:
    award = {**AWARD, "region": ANHUI}
    provisional = value("monthly_pension", **award, base_wage_year=2024)
    facts = {**award, "provisional_pension": provisional}
    final = value("monthly_pension", **award)
    assert final > provisional
    assert value("recalculated_pension", **facts) == final
    assert value("recalculation_arrears", month="2026-01", **facts) == 3 * (final - provisional)  # October to December


# -- the yearly adjustment --------------------------------------------------------------------------

AMOUNTS = """
parameters:
  employee_pension.fixed_amount:
    - {value: {44: {2026: 20}}, source: test, certainty: assumed}
  employee_pension.amount_per_year:
    - {value: {44: {2026: 1}}, source: test, certainty: assumed}
  employee_pension.percent_of_pension:
    - {value: {44: {2026: 1%}}, source: test, certainty: assumed}
  employee_pension.age_tilt_amount:
    - {value: {44: {2026: {70: 15, 75: 25, 80: 35}}}, source: test, certainty: assumed}
"""


def test_the_first_adjustment_starts_from_the_award() -> None:
    facts = {**AWARD, "fixed_adjustment": 20, "adjustment_per_year": 1, "adjustment_percent": "1%"}
    awarded = value("monthly_pension", "2026-07", **facts)
    rise = value("adjustment", "2026-07", **facts)
    assert rise == 20 + 34 + round(awarded / 100, 2)  # 400 months are 34 years begun
    assert value("adjusted_pension", "2026-07", **facts) == awarded + rise
    assert value("adjustment_arrears", "2026-07", **facts) == 6 * rise


def test_later_adjustments_start_from_the_pension_in_payment() -> None:
    facts = {**AWARD, "retirement_month": "2024-09", "fixed_adjustment": 20, "adjustment_per_year": 0}
    assert refusal("adjusted_pension", "2026-07", **facts).name == f"{ROOM}.pension_in_payment"
    later = value("adjusted_pension", "2026-07", **facts, adjustment_percent="1%", pension_in_payment=3000)
    assert later == 3050


def test_amounts_of_a_province_can_be_laid_over_the_book(tmp_path: Path) -> None:
    file = tmp_path / "adjustment.yaml"
    file.write_text(AMOUNTS, encoding="utf-8")
    law = rulebook().with_reform(file).at("2026-07")
    old = {"region": 44, "birth_month": "1949-03", "retirement_month": "2009-03", "contribution_months": 360}
    tree = law.explain(f"{ROOM}.adjustment", {**old, "pension_before_adjustment": "3000"})
    assert tree.value == "105.00"  # 20 + 30 × 1 + 30 + 25 for the band from 75


# -- eligibility ------------------------------------------------------------------------------------


def test_why_not_tells_what_is_short_and_by_how_much() -> None:
    facts = {"sex": "male", "category": "men60", "birth_month": "1970-01", "retirement_month": "2026-01"}
    tree = rulebook().at("2026-01").explain(f"{ROOM}.may_claim_pension", {**facts, "contribution_months": 170})
    assert tree.exact is False
    too_young, too_short = tree.conditions
    assert (too_young.holds, too_young.short_by) == (False, "48")  # not before the original age of 60
    assert (too_short.holds, too_short.short_by) == (False, "10")


def test_certified_special_work_opens_an_earlier_month() -> None:
    facts = {"sex": "male", "category": "men60", "birth_month": "1970-01", "retirement_month": "2025-03"}
    assert value("may_claim_pension", **facts, contribution_months=300, special_work="yes") is True
    assert value("may_claim_pension", **facts, contribution_months=300) is False


# -- account and index ------------------------------------------------------------------------------


def test_the_account_grows_year_by_year_and_rounds_each_year() -> None:
    rates = {2023: Fraction(397, 10_000), 2024: Fraction(262, 10_000), 2025: Fraction(150, 10_000)}
    balance = Fraction(50_000)
    for rate in rates.values():
        balance = round(balance * (1 + rate) + 6000 * (1 + rate * Fraction(1083, 2000)), 2)
    years = [{"account_year": year, "year_credits": 6000} for year in rates]
    assert value("account_balance_end", region=HUNAN, opening_balance=50_000, account_years=years) == balance


def test_the_annual_method_credits_about_half_a_year_on_new_money() -> None:
    with_credits = value(
        "account_balance_end", region=HUNAN, account_years=[{"account_year": 2024, "year_credits": 12_000}]
    )
    months = [{"account_month": f"2024-{m:02d}", "month_credits": 1_000} for m in range(1, 13)]
    by_products = value("account_balance_in_year", region=HUNAN, account_months=months)
    assert by_products < with_credits < by_products + Fraction(30)


def test_a_gap_dilutes_the_index_only_where_due_months_count() -> None:
    years = [{"own_base": 6000, "reference_wage_of_year": 8000, "months_paid": 12}]
    assert value("average_index_of_history", index_years=years) == Fraction("0.75")
    assert value("average_index_over_due_months", index_years=years, due_months=24) == Fraction("0.375")


@pytest.mark.parametrize("cut", range(4))
def test_a_career_may_be_cut_anywhere_into_what_is_carried_over_and_what_is_recorded(cut: int) -> None:
    years = [{"own_base": base, "reference_wage_of_year": 8000, "months_paid": 12} for base in (4000, 6000, 8000)]
    whole = value("average_index_of_history", index_years=years)
    opening = {"opening_index_months": 12 * cut}
    if cut:
        opening["opening_average_index"] = value("average_index_of_history", index_years=years[:cut])
    assert value("average_index_of_history", index_years=years[cut:], **opening) == whole == Fraction("0.75")


def test_an_average_of_no_month_is_refused() -> None:
    with pytest.raises(Refused, match=r"out of range: employee_pension\.indexed_months"):
        value("average_index_of_history", index_years=[])


def test_drawing_costs_what_a_credit_would_earn() -> None:
    facts = {"region": HUNAN, "opening_balance": 10_000}

    def balance(**moved: object) -> Fraction:
        return value("account_balance_end", **facts, account_years=[{"account_year": 2024, "year_credits": 0, **moved}])

    assert balance(year_credits=1200) + balance(year_withdrawals=1200) == 2 * balance()


def test_an_account_is_drawn_to_the_last_fen_and_the_pension_never_falls() -> None:
    left, paid = Fraction("1000"), []
    while not paid or paid[-1][0]:
        facts = {"pension_due": 3000, "account_pension_due": "333.34", "balance_left": left}
        paid.append((value("account_part_of_payment", **facts), value("pooled_part_of_payment", **facts)))
        left -= paid[-1][0]
    assert [account for account, _ in paid] == [Fraction(x) for x in ("333.34", "333.34", "333.32", "0")]
    assert {sum(parts) for parts in paid} == {3000}


def test_a_month_that_pays_less_draws_no_more_than_it_pays() -> None:
    facts = {"pension_due": 200, "account_pension_due": "333.34", "balance_left": 5000}
    assert (value("account_part_of_payment", **facts), value("pooled_part_of_payment", **facts)) == (200, 0)


# -- other benefits ---------------------------------------------------------------------------------


def test_no_survivor_benefit_beside_the_work_injury_fund() -> None:
    facts = {"death_month": "2024-05", "contribution_months": 200, "survivor_base": 5000, "work_related_death": "yes"}
    assert value("survivor_benefits", **facts, drawing_pension="no", pension_months_drawn=0) == 0


def test_a_young_person_gets_the_basic_part_without_an_annuity_age() -> None:
    facts = {**AWARD, "birth_month": "1990-01", "total_incapacity": "yes"}
    assert value("disability_allowance", **facts) == value("basic_pension", **facts)


def test_the_account_is_not_refunded_to_who_may_claim_a_pension() -> None:
    facts = {**AWARD, "relation_ended_in_writing": "yes"}
    assert value("account_refund", **facts) == 0
    assert value("account_refund", **{**facts, "contribution_months": 100}) == 100_000


# -- files ------------------------------------------------------------------------------------------


def test_the_page_of_the_room_names_every_province() -> None:
    page = Path(employee_pension.__file__).with_name("README.md").read_text(encoding="utf-8")
    assert [name for name, _ in NAMES.values() if f"| {name} |" not in page] == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[{id: A, title: t, month: 2025-01, source: s, certainty: sure, facts: {}, expect: {x: 1}}]", "certainty"),
        ("[{id: A, title: t, month: 2025-01, source: s, certainty: official, facts: {}}]", "says what to expect"),
        ("[{id: A, titel: t}]", "unknown word 'titel'"),
        ("[{id: A, title: t, source: s, certainty: official, facts: {}, expect: {x: 1}}]", "month"),
    ],
)
def test_a_case_that_is_not_well_formed_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "cases.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(BookError, match=message):
        load_cases(tmp_path)


def test_a_case_written_twice_is_refused(tmp_path: Path) -> None:
    case = "{id: A, title: t, month: 2025-01, source: s, certainty: official, facts: {}, expect: {x: 1}}"
    (tmp_path / "cases.yaml").write_text(f"[{case}, {case}]", encoding="utf-8")
    with pytest.raises(BookError, match="written twice"):
        load_cases(tmp_path)


def test_qinghai_pays_a_little_less_in_xining() -> None:
    facts = {"region": QINGHAI, "retirement_month": "2025-06"}
    assert value("local_supplement", **facts, pooling_area=6301) == value("local_supplement", **facts) - 1
