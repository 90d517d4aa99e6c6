"""One person's amount with every step: exact values, articles, documents, and why not."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from lawmaking import MakeLaw

from shebao.engine import Rulebook
from shebao.engine.errors import Refused
from shebao.engine.explanation import Explanation

PERSON = {
    "region": 11,
    "sex": "female",
    "birth_month": "1963-03",
    "award_month": "2013-12",
    "months_paid": 185,
    "index": "0.8125",
    "balance": "45,678.90",
    "certificate": True,
    "debt": "17.05",
    "grade": "high",
}
KEYS = ["name", "label", "value", "unit", "formula", "cite", "source", "given", "inputs"]


@pytest.fixture(scope="module")
def pension(tiny: Rulebook) -> Explanation:
    return tiny.at("2025-03").explain("scheme.pension", PERSON)


def explain(tiny: Rulebook, rule: str, **facts: object) -> Explanation:
    return tiny.at("2025-03").explain(rule, {**PERSON, **facts})


# -- values ---------------------------------------------------------------------------------------
def test_every_step_is_exact(pension: Explanation) -> None:
    wage, years = Fraction("4800.55"), Fraction(185, 12)
    assert pension.find("years_paid").exact == years
    assert pension.find("basic").exact == Fraction(round((wage + wage * Fraction("0.8125")) / 2 * years), 100)
    assert pension.find("account").value == "234.25"
    assert pension.find("local").exact == Fraction("240.1")
    assert pension.exact == sum(pension.find(n).exact for n in ("basic", "account", "local"))
    assert isinstance(pension.exact, Fraction)


def test_a_step_is_found_by_bare_or_full_name_and_an_unneeded_one_is_not(pension: Explanation) -> None:
    assert pension.find("scheme.wage") is pension.find("wage")
    with pytest.raises(KeyError):
        pension.find("local_years")


def test_a_step_carries_its_article_and_the_law_it_is_of(pension: Explanation) -> None:
    wage = pension.find("wage")
    assert (wage.label, wage.cite, wage.law_of, wage.unit.name) == ("工资", "二", "2013-12", "YuanPerMonth")
    assert wage.formula == "published_wage[region, award_month // 12]"


def test_a_parameter_read_is_a_step_with_key_document_and_certainty(pension: Explanation) -> None:
    read = pension.find("scheme.published_wage[11, 2013]")
    assert (read.value, read.source, read.certainty) == ("4800.55", "统计公报", "official")


def test_a_dated_parameter_is_that_of_the_rule_s_date(tiny: Rulebook) -> None:
    for month, ratio, certainty in [
        ("2014-05", "1/20", "official"),
        ("2019-06", "1/12", "reported"),
        ("2022-01", "7/100", "assumed"),
    ]:
        step = explain(tiny, "scheme.wage", award_month=month).find("raise_ratio")
        assert (step.exact, step.certainty) == (Fraction(ratio), certainty)


# -- as data --------------------------------------------------------------------------------------
def test_a_node_as_data_has_the_promised_keys_in_order(pension: Explanation) -> None:
    def walk(node: dict) -> None:
        assert list(node)[: len(KEYS)] == KEYS
        assert isinstance(node["value"], str)
        assert isinstance(node["given"], bool)
        for child in node["inputs"]:
            walk(child)

    walk(pension.as_dict())
    assert json.loads(pension.to_json()) == pension.as_dict()


def test_data_in_two_languages(pension: Explanation) -> None:
    zh, en = pension.as_dict("zh"), pension.as_dict("en")
    assert (zh["label"], zh["unit"]) == ("合计", "元/月")
    assert (en["label"], en["unit"]) == ("Pension", "yuan/month")
    assert zh["value"] == en["value"] == pension.value


def test_a_value_that_does_not_end_is_kept_exactly(pension: Explanation) -> None:
    years = pension.find("years_paid").as_dict()
    assert (years["value"], years["exact"]) == ("15.4166666667", "185/12")
    assert "exact" not in pension.as_dict()


def test_a_document_is_in_the_data(pension: Explanation) -> None:
    data = json.dumps(pension.as_dict(), ensure_ascii=False)
    assert '"source": "统计公报"' in data
    assert '"certainty": "official"' in data


# -- as text --------------------------------------------------------------------------------------
def test_text_is_an_outline_in_either_language(pension: Explanation) -> None:
    zh, en = pension.to_text("zh"), pension.to_text("en")
    assert zh.splitlines()[0].startswith(f"合计 = {pension.exact.numerator / pension.exact.denominator:,.2f} 元/月")
    assert en.splitlines()[0].startswith("Pension = ")
    assert "yuan/month" in en.splitlines()[0]
    assert "四舍五入到分" in zh
    assert "to_fen" in en
    assert "〔统计公报〕" in zh


def test_markdown_is_one_nested_list(pension: Explanation) -> None:
    lines = pension.to_markdown("en").splitlines()
    assert all(line.lstrip().startswith("- ") for line in lines)
    assert len(lines) == len(pension.to_text("en").splitlines())
    assert lines[1].startswith("  - ")
    assert not any("_" in line.replace("\\_", "") for line in lines)


def test_amounts_have_thousands_separators_and_months_do_not(tiny: Rulebook) -> None:
    text = explain(tiny, "scheme.average").to_text("en")
    assert "45,678.90 yuan" in text
    assert "Award month = 2013-12" in explain(tiny, "scheme.age").to_text("en")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_given_fact_and_a_presumed_one_are_marked(tiny: Rulebook, lang: str) -> None:
    person = {k: v for k, v in PERSON.items() if k != "certificate"}
    step = tiny.at("2025-03").explain("scheme.pension", person)
    certificate, region = step.find("certificate"), step.find("wage").find("region")
    assert (certificate.presumed, certificate.given, region.given) == (True, False, True)
    assert certificate.as_dict()["presumed"] is True
    assert ("推定" if lang == "zh" else "(presumed)") in step.to_text(lang)
    assert ("已知" if lang == "zh" else "(given)") in step.to_text(lang)
    assert step.find("local").value == "0.00"


def test_what_the_path_did_not_read_is_left_out(tiny: Rulebook) -> None:
    """Without the certificate the wage does not matter to the local part, and is not told."""
    person = {k: v for k, v in PERSON.items() if k != "certificate"}
    law = tiny.at("2025-03")
    assert [step.name for step in law.explain("scheme.local", person).inputs] == ["scheme.certificate"]
    shown = law.explain("scheme.local", {**person, "certificate": "yes"})
    assert [step.name for step in shown.inputs] == ["scheme.certificate", "scheme.wage"]


def test_what_was_shown_is_not_presumed(pension: Explanation) -> None:
    assert pension.find("certificate").given
    assert not pension.find("certificate").presumed


def test_a_step_used_twice_is_told_once(tiny: Rulebook) -> None:
    text = explain(tiny, "scheme.pension").to_text("en")
    assert text.count("published_wage[region, award_month // 12]") == 1
    assert text.count("(as above)") == 1


def test_steps_of_different_records_are_not_the_same_step(tiny: Rulebook) -> None:
    """A rule of each record has a value of its own in each; none may stand in for another."""
    years = [{"year": 2010, "paid_in": 100}, {"year": 2011, "paid_in": 200}]
    text = tiny.at("2025-03").explain("scheme.interest_sum", {"years": years}).to_text("en")
    assert "Paid in = 100.00" in text
    assert "Paid in = 200.00" in text


# -- given nodes ----------------------------------------------------------------------------------
def test_any_rule_can_be_given_and_is_marked(tiny: Rulebook) -> None:
    step = explain(tiny, "scheme.pension", wage="5000")
    wage = step.find("wage")
    assert (wage.value, wage.given, wage.formula, wage.inputs) == ("5000.00", True, "", ())
    assert wage.cite == "二"
    assert "given" in step.to_text("en")


def test_the_rule_asked_for_may_itself_be_given(tiny: Rulebook) -> None:
    assert explain(tiny, "scheme.pension", pension="1").exact == 1


def test_what_only_an_overridden_rule_needed_is_not_asked(tiny: Rulebook) -> None:
    few = {"wage": 5000, "index": 1, "months_paid": 120}
    assert tiny.at("2025-03").explain("scheme.basic", few).value == "500.00"


def test_a_parameter_and_the_month_of_the_run_can_be_given(tiny: Rulebook) -> None:
    assert explain(tiny, "scheme.may_draw", minimum_months=186).exact is False
    assert explain(tiny, "extra.heating", month="2015-01", winter_days=100).value == "435.00"


def test_an_accrual_can_be_given(tiny: Rulebook) -> None:
    facts = {"saved": "100", "years": [], "household": [{"member_income": "40.5"}]}
    assert tiny.at("2025-03").explain("scheme.difference", facts).value == "59.50"


def test_a_table_cannot_be_given(tiny: Rulebook) -> None:
    from shebao.engine import BookError

    with pytest.raises(BookError, match="divisor is a table; change it with a reform"):
        explain(tiny, "scheme.account", divisor=139)


# -- why not --------------------------------------------------------------------------------------
def test_why_not_names_the_condition_that_fails_and_by_how_much(tiny: Rulebook) -> None:
    step = explain(tiny, "scheme.may_draw", months_paid=179)
    short, age = step.conditions
    assert (step.exact, short.holds, short.left, short.right, short.short_by) == (False, False, "179", "180", "1")
    assert age.holds
    assert "✗ 缴费月数 >= 最低月数: 179 / 180 – 不符合, 相差 1" in step.to_text("zh")
    assert "✗ months_paid >= minimum_months: 179 / 180 – fails, short by 1" in step.to_text("en")
    assert step.cite == "七"


def test_conditions_that_hold_are_told_too(tiny: Rulebook) -> None:
    step = explain(tiny, "scheme.may_draw")
    assert [c.holds for c in step.conditions] == [True, True]
    assert "✓" in step.to_text("zh")
    assert "✗" not in step.to_text("zh")


def test_why_not_stands_in_the_data(tiny: Rulebook) -> None:
    data = explain(tiny, "scheme.may_draw", months_paid=0).as_dict()
    assert data["value"] == "no"
    assert data["conditions"][0] == {
        "text": "months_paid >= minimum_months",
        "holds": False,
        "left": "0",
        "right": "180",
        "short_by": "180",
        "unit": "Months",
    }


def test_why_not_of_a_guarded_quotient(make_law: MakeLaw) -> None:
    """A condition that an earlier one shields is not run where that one fails."""
    book = make_law(
        "n = fact(Months, 0, 720, label='月数')\nx = fact(Yuan, label='额')\n"
        "@rule(cite='一', label='够')\ndef enough(x, n) -> YesNo:\n    return n > 0 and x / n > 0.5\n"
    )
    law = book.at("2025-01")
    none, little = (law.explain("enough", {"x": 1, "n": n}) for n in (0, 4))
    assert (none.exact, none.conditions[0].holds) == (False, False)
    assert [(c.holds, c.short_by) for c in little.conditions] == [(True, ""), (False, "0.25")]


# -- refusals -------------------------------------------------------------------------------------
def test_a_refusal_names_what_where_when_and_who_needed_it(tiny: Rulebook) -> None:
    with pytest.raises(Refused) as refusal:
        explain(tiny, "scheme.pension", award_month="2016-05")
    error = refusal.value
    assert (error.kind, error.name) == ("missing parameter", "scheme.published_wage")
    assert error.detail == "公布工资, no value for region=11, year=2016"
    assert str(error).endswith("(needed by scheme.wage ← scheme.basic ← scheme.pension)")


@pytest.mark.parametrize(
    ("facts", "status", "detail"),
    [
        ({"region": 44, "index": None}, "null: scheme.index", "empty"),
        ({"region": 44, "index": "5.1"}, "out of range: scheme.index", "5.1 is outside 0..5"),
        ({"region": 31}, "not covered: scheme.local", "region 31"),
        ({"region": 12, "award_month": "2014-01"}, "missing parameter: scheme.published_wage", "region=12, year=2014"),
    ],
)
def test_the_kinds_of_refusal(tiny: Rulebook, facts: dict, status: str, detail: str) -> None:
    with pytest.raises(Refused) as refusal:
        explain(tiny, "scheme.local", **facts)
    assert refusal.value.status == status
    assert detail in str(refusal.value)


def test_a_fact_is_only_asked_of_those_whose_path_needs_it(tiny: Rulebook) -> None:
    person = {"region": 44, "index": "1.2"}
    assert tiny.at("2025-03").explain("scheme.local", person).value == "50.00"
    with pytest.raises(Refused, match=r"missing fact: scheme\.local_years"):
        tiny.at("2025-03").explain("scheme.local", {**person, "index": "0.9"})


def test_a_missing_fact_is_named_with_label_and_unit(tiny: Rulebook) -> None:
    with pytest.raises(Refused, match=r"missing fact: scheme\.months_paid: 缴费月数 \(Months\) was not given"):
        tiny.at("2025-03").explain("scheme.years_paid", {})


def test_a_gap_in_a_dated_parameter_says_what_is_known(make_law: MakeLaw) -> None:
    entry = "{from: 2010-01, to: 2012-12, value: 1, source: 令, certainty: official}"
    text = f"p:\n  label: 值\n  unit: Yuan\n  values: [{entry}]\n"
    book = make_law("@rule(cite='一', label='规')\ndef r(p) -> Yuan:\n    return p\n", text)
    with pytest.raises(Refused, match=r"missing parameter: p: 值, no value in 2013-01 \(known 2010-01 to 2012-12\)"):
        book.at("2013-01").explain("r", {})
