"""What one person, household or employer may claim: amounts, near misses, missing facts, exclusions; in words."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from typer.testing import CliRunner

from shebao.cli.entitled import entitled as command
from shebao.cli.facts import read_facts
from shebao.engine import BookError, Rulebook
from shebao.entitled import Catalogue, Claims, entitled, load_catalogue
from shebao.entitled.say import claims_as_dict, how_text, reason_text

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
MONTH = "2025-07"

JOBLESS = {
    "region": 44,
    "sex": "male",
    "birth_month": "1980-03",
    "category": "men60",
    "unemployment_months_paid": 130,
    "involuntary": True,
    "registered_and_seeking": True,
    "registration_month": "2025-06",
    "base_before_unemployment": 8000,
}
NEAR_RETIREMENT = {
    "region": 44,
    "birth_month": "1966-05",
    "category": "men60",
    "contribution_months": 166,
    "average_index": "0.8",
    "account_balance": 60000,
    "deemed_months": 0,
}
INJURED = {
    "region": 44,
    "injury_circumstance": "at_work",
    "employer_insured": True,
    "work_injury.disability_grade": 3,
    "wage_before_injury": 6000,
    "pool_average_wage": 8000,
    "care_level": 1,
}
WIDOW = {
    "region": 44,
    "survivor_base": 4800,
    "death_month": "2025-05",
    "contribution_months": 200,
    "drawing_pension": False,
    "account_balance": 50000,
    "died_while_drawing": True,
    "dependants_supported": True,
    "local_average_wage": 9000,
}


@pytest.fixture(scope="module")
def catalogue(book: Rulebook) -> Catalogue:
    return load_catalogue(book)


def claims(book: Rulebook, catalogue: Catalogue, facts: dict[str, Any], month: str = MONTH) -> Claims:
    return entitled(book.at(month), facts, catalogue)


def reasons(found: Claims, benefit: str, lang: str) -> list[str]:
    return [reason_text(found.book, failing, lang) for failing in found.finding(benefit).failing]


def test_a_worker_who_lost_the_job(book: Rulebook, catalogue: Catalogue) -> None:
    found = claims(book, catalogue, JOBLESS)
    benefit = found.finding("unemployment_benefit")
    assert (benefit.state, benefit.amount, benefit.benefit.paid) == ("entitled", 2250, "monthly")
    assert "失业保险条例 十六；社会保险法 四十七" in benefit.cites
    assert found.finding("job_seeking_subsidy").amount == 8000 * Fraction(15, 100)
    medical = found.finding("unemployment_medical")
    assert (medical.state, medical.amount, medical.missing) == ("entitled", None, ("unemployment.medical_rate_total",))
    assert found.finding("injury_lump_sum").state == "not_asked"


def test_every_amount_is_the_laws_own(book: Rulebook, catalogue: Catalogue) -> None:
    law = book.at(MONTH)
    for facts in (JOBLESS, INJURED, WIDOW):
        for finding in claims(book, catalogue, facts).of("entitled", "excluded"):
            if finding.amount is not None:
                assert finding.amount == law.explain(finding.benefit.amount, facts).exact


def test_what_only_has_to_be_shown_and_what_is_short(book: Rulebook, catalogue: Catalogue) -> None:
    facts = {"region": 44, "birth_month": "1980-03", "category": "men60", "unemployment_months_paid": 7}
    found = claims(book, catalogue, facts | {"registration_month": "2025-07"})
    assert found.finding("unemployment_benefit").state == "near"
    assert reasons(found, "unemployment_benefit", "zh") == [
        "须具备其一：相差 5 个月（失业保险累计缴费月数（未领取过待遇的） 7，须 ≥ 12（领取失业保险金最低缴费月数））"
        " / 须证明：前次失业应领取而尚未领取的月数 > 0（未提供）",
        "须证明：非因本人意愿中断就业",
        "须证明：已办理失业登记并有求职要求",
    ], "that the last month lies in the past only follows from the months that are short"
    assert reasons(found, "unemployment_benefit", "en")[1] == "to be shown: Involuntary"


def test_near_retirement_and_short_of_months(book: Rulebook, catalogue: Catalogue) -> None:
    found = claims(book, catalogue, NEAR_RETIREMENT)
    assert found.finding("employee_pension").state == "near"
    assert reasons(found, "employee_pension", "zh") == [
        "须待 2026-05（最早可领取养老金年月，还有 10 个月）",
        "相差 14 个月（累计缴费月数（含视同缴费） 166，须 ≥ 180（最低缴费月数））",
    ]
    later = claims(book, catalogue, NEAR_RETIREMENT | {"contribution_months": 180}, "2026-05")
    assert later.finding("employee_pension").state == "entitled", "it is due when both are put right"


def test_what_is_short_is_told_for_the_month_that_is_waited_for(book: Rulebook, catalogue: Catalogue) -> None:
    """From 2030 more months are needed: who reaches the age then is not told what would be enough today."""
    facts = {"region": 44, "sex": "female", "category": "women50", "birth_month": "1980-02", "contribution_months": 170}
    found = claims(book, catalogue, facts | {"account_balance": 52_000, "average_index": "0.7", "deemed_months": 0})
    assert reasons(found, "employee_pension", "en") == [
        "from 2030-02 (Earliest claim month, 55 months ahead)",
        "16 months off (Contribution months 170, needed ≥ 186, the minimum contribution months)",
    ]


def test_a_courier_who_lives_is_not_told_of_death_benefits(book: Rulebook, catalogue: Catalogue) -> None:
    facts = {"region": 44, "hurt_on_an_order": True, "platform_in_pilot": True, "cost_in_catalogues": 18_000}
    facts |= {"platform_industry": "instant_delivery", "days_unable_to_work": 45, "living_allowance_per_day": 120}
    found = claims(book, catalogue, facts)
    assert [f.benefit.id for f in found.of("entitled")] == ["platform_treatment", "platform_living_allowance"]
    assert found.finding("platform_death").state == "not_asked"
    dead = claims(book, catalogue, facts | {"work_injury.death_year": 2025, "pool_average_wage": 9_000})
    assert dead.finding("platform_death").amount == 20 * 54_188 + 6 * 9_000


def test_a_planned_retirement_month_is_no_claim_today(book: Rulebook, catalogue: Catalogue) -> None:
    facts = NEAR_RETIREMENT | {"contribution_months": 300, "retirement_month": "2026-10"}
    assert claims(book, catalogue, facts).finding("employee_pension").state == "near"


def test_age_says_from_when(book: Rulebook, catalogue: Catalogue) -> None:
    facts = {"region": 32, "birth_month": "1946-02", "old_age_from": 80, "local_old_age_allowance": 50}
    found = claims(book, catalogue, facts)
    assert found.finding("old_age_allowance").failing[0].month == "2026-02"
    assert claims(book, catalogue, facts, "2026-02").finding("old_age_allowance").state == "entitled"
    assert claims(book, catalogue, facts, "2026-01").finding("old_age_allowance").state == "near"


def test_an_injured_worker(book: Rulebook, catalogue: Catalogue) -> None:
    found = claims(book, catalogue, INJURED)
    assert found.finding("injury_lump_sum").amount == 23 * 6000
    assert found.finding("injury_allowance").amount == Fraction(80, 100) * 6000
    assert found.finding("injury_care").state == "entitled"
    assert found.finding("injury_uninsured").state == "not_entitled"
    uninsured = claims(book, catalogue, INJURED | {"employer_insured": False})
    assert uninsured.finding("injury_lump_sum").state == "near"
    assert uninsured.finding("injury_uninsured").state == "entitled"
    assert uninsured.finding("injury_uninsured").amount is None


def test_the_pension_stops_the_injury_allowance(book: Rulebook, catalogue: Catalogue) -> None:
    pensioner = INJURED | NEAR_RETIREMENT | {"birth_month": "1962-01", "contribution_months": 240}
    allowance = claims(book, catalogue, pensioner).finding("injury_allowance")
    assert (allowance.state, allowance.gives_way_to) == ("excluded", "employee_pension")
    assert allowance.exclusion is not None
    assert (allowance.exclusion.keep, allowance.exclusion.cite[:7]) == ("first", "社会保险法 四")


def test_a_widow_chooses_one_funeral_grant(book: Rulebook, catalogue: Catalogue) -> None:
    found = claims(book, catalogue, WIDOW)
    pension, unemployment = (found.finding(f"{scheme}_funeral_grant") for scheme in ("pension", "unemployment"))
    assert pension.amount is not None
    assert unemployment.amount is not None
    lower, higher = sorted((pension, unemployment), key=lambda finding: finding.amount or 0)
    assert (higher.state, lower.state, lower.gives_way_to) == ("entitled", "excluded", higher.benefit.id)
    assert lower.exclusion is not None
    assert lower.exclusion.cite == "社会保险法 四十九"
    assert found.finding("pension_survivor_grant").state == "entitled"
    assert found.finding("employee_account_inheritance").amount == 50000


def test_amounts_that_are_not_known_are_not_compared(book: Rulebook, catalogue: Catalogue) -> None:
    found = claims(book, catalogue, {name: value for name, value in WIDOW.items() if name != "survivor_base"})
    pension = found.finding("pension_funeral_grant")
    assert (pension.state, pension.amount) == ("excluded", None)
    assert how_text(found, pension, "zh").startswith("只能领取其一，金额未全知：另一项为 丧葬补助金（失业保险）")
    known = claims(book, catalogue, WIDOW)
    lower = next(f for f in known.of("excluded"))
    assert how_text(known, lower, "en").startswith("only one may be chosen; proposed is Funeral grant")


def test_two_basic_pensions_are_not_paid(book: Rulebook, catalogue: Catalogue) -> None:
    both = NEAR_RETIREMENT | {
        "birth_month": "1962-01",
        "contribution_months": 240,
        "resident_contribution_years": 15,
        "resident_account_balance": 10000,
        "scheme_start_month": "2012-01",
    }
    found = claims(book, catalogue, both)
    assert found.finding("employee_pension").state == "entitled"
    assert found.finding("resident_pension").gives_way_to == "employee_pension"


def test_a_small_employer(book: Rulebook, catalogue: Catalogue) -> None:
    found = claims(book, catalogue, read_facts(str(EXAMPLES / "entitled_employer.yaml")))
    assert found.finding("job_retention_refund").amount == 21600 * Fraction(60, 100)
    assert found.finding("expansion_subsidy").amount == 3 * 1500
    assert {f.benefit.to for f in found.of("entitled")} == {"employer"}


def test_a_child_in_poverty(book: Rulebook, catalogue: Catalogue) -> None:
    found = claims(book, catalogue, read_facts(str(EXAMPLES / "entitled_household.yaml")))
    assert found.finding("orphan_allowance").amount == 1500
    assert found.finding("dibao").amount == 2 * 800 - 300
    living = found.finding("disability_living")
    assert (living.state, living.gives_way_to) == ("excluded", "orphan_allowance")
    assert found.finding("disability_nursing").state == "entitled", "which may be held beside it"
    assert found.finding("unattended_child_allowance").state == "not_entitled", "an orphan is not nearly unattended"


def test_missing_facts_are_asked_once(book: Rulebook, catalogue: Catalogue) -> None:
    found = claims(book, catalogue, {"work_injury.disability_grade": 3, "region": 44})
    missing = found.missing()
    assert missing["work_injury.injury_circumstance"] == (
        "injury_lump_sum",
        "injury_allowance",
        "injury_allowance_by_employer",
    )
    assert {"work_injury.wage_before_injury", "work_injury.pool_average_wage"} <= set(missing)
    given = {name: INJURED[name.rpartition(".")[2]] for name in missing}
    again = claims(book, catalogue, given | {"work_injury.disability_grade": 3, "region": 44})
    assert again.missing() == {}, "what was asked for is all that is needed"


def test_a_fact_of_several_schemes_is_given_once(book: Rulebook, catalogue: Catalogue) -> None:
    facts = {"on_dibao": True, "personal_pension.payout_mode": "lump_sum", "social_assistance.disability_grade": 2}
    found = claims(book, catalogue, facts, "2025-10")
    assert found.finding("personal_pension").state == "entitled", "hardship lets it be drawn"
    assert found.finding("disability_living").state == "entitled"
    with pytest.raises(BookError, match="is given as"):
        claims(book, catalogue, facts | {"personal_pension.on_dibao": False})


def test_a_policy_that_is_over_has_no_rule(book: Rulebook, catalogue: Catalogue) -> None:
    relief = claims(book, catalogue, JOBLESS).finding("unemployment_relief")
    assert (relief.state, relief.refusal and relief.refusal.kind) == ("no_rule", "not covered")
    facts = JOBLESS | {"involuntary": False, "registration_month": "2021-06"}
    assert claims(book, catalogue, facts, "2021-07").finding("unemployment_relief").state == "entitled"


def test_an_ambiguous_name_is_refused(book: Rulebook, catalogue: Catalogue) -> None:
    with pytest.raises(BookError, match=r"disability_grade.*write the full name"):
        claims(book, catalogue, {"disability_grade": 3})


# -- the command -----------------------------------------------------------------------------------


@pytest.fixture
def run() -> Any:
    app = typer.Typer()
    app.command()(command)
    return lambda *args: CliRunner().invoke(app, args)


def test_the_command_speaks_both_languages(run: Any) -> None:
    worker = str(EXAMPLES / "entitled_worker.yaml")
    zh = run("--facts", worker, "--month", MONTH, "--lang", "zh").output
    assert "可申领 3 项" in zh
    assert "2,250.00 元/月，至 2026-10" in zh, "17 months from June 2025"
    assert "须待 2040-03（最早可领取养老金年月，还有 176 个月）" in zh
    en = run("--facts", worker, "--month", MONTH, "--lang", "en").output
    assert "Unemployment benefit" in en
    assert "2,250.00 yuan/month, until 2026-10" in en
    assert "from 2040-03 (Earliest claim month, 176 months ahead)" in en
    assert "Not asked" not in en
    assert "Not asked" in run("--facts", worker, "--month", MONTH, "--lang", "en", "--all").output


def test_json_says_all_of_it(run: Any, book: Rulebook, catalogue: Catalogue) -> None:
    household = str(EXAMPLES / "entitled_household.yaml")
    said = json.loads(run("--facts", household, "--month", MONTH, "--lang", "zh", "--json").output)
    assert said == claims_as_dict(claims(book, catalogue, read_facts(household)), "zh")
    dibao = next(entry for entry in said["entitled"] if entry["id"] == "dibao")
    assert (dibao["amount"], dibao["paid"], dibao["to"]) == ("1300.00", "monthly", "household")
    assert said["excluded"][0]["exclusion"]["keep"] == "first"


def test_the_command_over_people(run: Any, tmp_path: Path) -> None:
    src, out = tmp_path / "people.csv", tmp_path / "claims.csv"
    src.write_text(
        "region,birth_month,resident_contribution_years,resident_account_balance,scheme_start_month\n"
        "34,1960-01,15,13900,2012-01\n",
        encoding="utf-8",
    )
    told = run("--people", str(src), str(out), "--month", MONTH, "--lang", "zh")
    assert told.exit_code == 0, told.output
    assert "安徽" not in told.output
    by_place = run("--people", str(src), str(out), "--month", MONTH, "--lang", "zh", "--all", "--overwrite")
    assert "安徽" in by_place.output
    assert "城乡居民基本养老金" in told.output
    assert out.read_text().count("resident_pension") == 1


@pytest.mark.parametrize("args", [(), ("--facts", "-", "--people", "x.csv"), ("--people", "x.csv")])
def test_wrong_usage_is_told(run: Any, args: tuple[str, ...]) -> None:
    assert run(*args).exit_code == 2


# -- what cannot be held together --------------------------------------------------------------------

EXCLUDED = yaml.safe_load((Path(__file__).parent / "exclusive_people.yaml").read_text(encoding="utf-8"))


def test_each_exclusion_is_shown_by_a_person(book: Rulebook, catalogue: Catalogue) -> None:
    shown = []
    for person in EXCLUDED:
        found = claims(book, catalogue, person["facts"], str(person.get("month", MONTH)))
        loser = found.finding(person["gives_way"])
        assert (loser.state, loser.gives_way_to) == ("excluded", person["to"]), person
        assert found.finding(person["to"]).state == "entitled", person
        shown.append(loser.exclusion)
    assert shown == list(catalogue.exclusions)


def test_what_was_deducted_stands_beside_it(book: Rulebook, catalogue: Catalogue) -> None:
    """民发〔2019〕62号 二: who draws the disability allowance already is paid what is short of the standard."""
    facts = next(p["facts"] for p in EXCLUDED if p["to"] == "unattended_child_allowance" and "on_dibao" in p["facts"])
    facts = facts | {"region": 44, "local_child_standard": 1500, "child_care_form": "family"}
    assert claims(book, catalogue, facts).finding("unattended_child_allowance").amount == 1500
    drawn = claims(book, catalogue, facts | {"other_basic_allowances": 195})
    assert drawn.finding("unattended_child_allowance").amount == 1305
    assert drawn.finding("disability_living").state == "entitled"
