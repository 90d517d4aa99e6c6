"""A reform is a dated overlay: it changes what it says, from its date, and nothing else."""

from __future__ import annotations

import textwrap
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from shebao.engine import BookError, Rulebook

PERSON: dict[str, Any] = {
    "region": 11,
    "birth_month": "1962-01",
    "months_paid": 180,
    "index": "1",
    "balance": 13_900,
    "certificate": True,
    "local_years": 12,
    "grade": "low",
}


@pytest.fixture
def write(tmp_path: Path):
    """Writes a reform file and returns its path."""

    def writer(text: str, name: str = "reform.yaml") -> Path:
        path = tmp_path / name
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    return writer


def value(book: Rulebook, rule: str, award: str = "2022-01", **facts: Any) -> Fraction:
    return book.at("2025-03").explain(rule, {**PERSON, "award_month": award, **facts}).exact


RAISE = "parameters:\n  scheme.raise_ratio:\n    - {from: 2022-05, value: 10%, source: 改, certainty: assumed}\n"
LOCAL = """
from shebao.engine import YuanPerMonth, rule
ROOM = "scheme"
@rule(cite="改", label="地方补贴", since="2022-01", region=11)
def local(wage) -> YuanPerMonth:
    return 7
"""


# -- parameters -----------------------------------------------------------------------------------
def test_a_parameter_changes_from_its_date(tiny: Rulebook, write) -> None:
    reformed = tiny.with_reform(write(RAISE))
    for award, ratio in [("2019-06", Fraction(1, 12)), ("2022-04", Fraction("0.07")), ("2022-05", Fraction("0.1"))]:
        step = reformed.at("2025-03").explain("scheme.wage", {"region": 11, "award_month": award})
        assert step.find("raise_ratio").exact == ratio
    assert step.find("raise_ratio").source == "改"


def test_the_book_it_is_laid_over_is_unchanged(tiny: Rulebook, write) -> None:
    before = value(tiny, "scheme.wage", "2022-05")
    reformed = tiny.with_reform(write(RAISE))
    assert value(tiny, "scheme.wage", "2022-05") == before == 8560
    assert value(reformed, "scheme.wage", "2022-05") == 8800


def test_a_change_with_an_end_gives_way_again(tiny: Rulebook, write) -> None:
    text = (
        "parameters:\n  raise_ratio:\n    - {from: 2019-01, to: 2019-06, value: 1%, source: 改, certainty: assumed}\n"
    )
    reformed = tiny.with_reform(write(text))
    ratios = [
        reformed.at("2025-03").explain("scheme.wage", {"region": 11, "award_month": m}).find("raise_ratio").exact
        for m in ("2019-01", "2019-06", "2019-07")
    ]
    assert ratios == [Fraction(1, 100), Fraction(1, 100), Fraction(1, 12)]
    assert tiny.diff(reformed) == ["scheme.raise_ratio 2019-01 to 2019-06: 1/12 → 1/100"]


def test_one_key_of_a_table_changes_and_a_new_one_is_added(tiny: Rulebook, write) -> None:
    entry = "{value: {60: 100, 62: 50}, source: 改, certainty: assumed}"
    text = f"parameters:\n  scheme.divisor:\n    values:\n      - {entry}\n"
    reformed = tiny.with_reform(write(text))
    born = {age: f"{2022 - age}-01" for age in (60, 61, 62)}
    assert [value(reformed, "scheme.account", birth_month=born[a]) for a in (60, 61, 62)] == [
        139,
        Fraction(round(Fraction(13_900, 132) * 100), 100),
        278,
    ]
    assert tiny.diff(reformed) == ["scheme.divisor[60] … to …: 139 → 100", "scheme.divisor[62] … to …: — → 50"]


def test_the_order_in_which_changes_are_written_does_not_matter(tiny: Rulebook, write) -> None:
    first = "    - {from: 2023-01, value: 1%, source: 改, certainty: assumed}\n"
    second = "    - {from: 2024-01, value: 2%, source: 改, certainty: assumed}\n"
    head = "parameters:\n  scheme.raise_ratio:\n"
    forward, backward = (
        tiny.with_reform(write(head + a + b, f"{i}.yaml"))
        for i, (a, b) in enumerate([(first, second), (second, first)])
    )
    assert forward.diff(backward) == []
    assert len(tiny.diff(forward)) >= 2


def test_a_reform_of_the_compiled_law_needs_no_other_kernel(tiny: Rulebook, write) -> None:
    table = pa.table({"region": [11], "award_month": ["2022-05"]})
    text = "parameters:\n  raise_ratio:\n    - {from: 2022-01, value: 8%, source: 改, certainty: assumed}\n"
    law, reformed = tiny.at("2025-03"), tiny.at("2025-03").with_reform(write(text))
    kernels = [x.kernel(["scheme.wage"], table.schema) for x in (law, reformed)]
    assert kernels[0].plan.source == kernels[1].plan.source
    assert [k.run(table).table.column(0).to_pylist() for k in kernels] == [[856_000], [864_000]]


# -- rules ----------------------------------------------------------------------------------------
def test_a_rule_is_replaced_from_its_date(tiny: Rulebook, write) -> None:
    text = """
    from shebao.engine import YuanPerMonth, rule
    ROOM = "scheme"
    @rule(cite="改", label="基础", since="2022-05")
    def basic(wage) -> YuanPerMonth:
        return wage
    """
    reformed = tiny.with_reform(write(text, "reform.py"))
    for award in ("2019-06", "2022-04"):
        assert value(reformed, "scheme.basic", award) == value(tiny, "scheme.basic", award)
    assert value(reformed, "scheme.basic", "2022-05") == value(tiny, "scheme.wage", "2022-05")
    assert reformed.at("2025-03").explain("scheme.basic", {**PERSON, "award_month": "2022-05"}).cite == "改"


def test_a_rule_is_added(tiny: Rulebook, write) -> None:
    text = """
    from shebao.engine import Count, YuanPerMonth, fact, rule, to_fen
    ROOM = "scheme"
    bonus_points = fact(Count, 0, 10, label="点")
    @rule(cite="改", label="奖")
    def bonus(bonus_points, wage) -> YuanPerMonth:
        return to_fen(bonus_points * wage * 0.01)
    """
    reformed = tiny.with_reform(write(text, "reform.py"))
    assert value(reformed, "scheme.bonus", bonus_points=2) == value(tiny, "scheme.wage") * 2 / 100
    assert tiny.diff(reformed) == ["scheme.bonus: added", "scheme.bonus_points: added"]
    assert reformed.diff(tiny) == ["scheme.bonus: removed", "scheme.bonus_points: removed"]


def test_a_province_s_variant_is_overlaid_for_that_province_alone(tiny: Rulebook, write) -> None:
    """One of two provinces that share a variant; the other keeps it, and so do both before the date."""
    reformed = tiny.with_reform(write(LOCAL, "reform.py"))
    assert value(reformed, "scheme.local", "2022-01") == 7
    assert value(reformed, "scheme.local", "2019-01") == value(tiny, "scheme.local", "2019-01")
    assert value(reformed, "scheme.local", "2019-01", region=12) == value(tiny, "scheme.local", "2019-01", region=12)
    assert value(reformed, "scheme.local", "2022-01", region=44) == value(tiny, "scheme.local", "2022-01", region=44)


def test_a_file_that_changed_is_read_again(tiny: Rulebook, write) -> None:
    path = write(LOCAL, "reform.py")
    assert value(tiny.with_reform(path), "scheme.local") == 7
    path = write(LOCAL.replace("return 7", "return 8"), "reform.py")
    assert value(tiny.with_reform(path), "scheme.local") == 8


def test_yaml_and_python_in_one_reform(tiny: Rulebook, write) -> None:
    write(LOCAL, "local.py")
    reformed = tiny.with_reform(write("name: 两改\nrules: local.py\n" + RAISE))
    assert value(reformed, "scheme.wage", "2022-05") == 8800
    assert value(reformed, "scheme.local", "2022-05") == 7
    assert reformed.reforms == ("两改",)


def test_reforms_stack_and_the_law_of_a_month_says_which(tiny: Rulebook, write) -> None:
    law = tiny.at("2025-03").with_reform(write("name: 一\n" + RAISE)).with_reform(write(LOCAL, "two.py"))
    assert law.book.reforms == ("一", "two")
    assert repr(law) == "<law of 2025-03, 一, two>"
    assert law.month == tiny.at("2025-03").month
    assert law.explain("scheme.local", {**PERSON, "award_month": "2022-05"}).exact == 7


# -- differences ----------------------------------------------------------------------------------
def test_a_reform_that_changes_nothing_changes_nothing(tiny: Rulebook, write) -> None:
    assert tiny.diff(tiny) == []
    assert tiny.diff(tiny.with_reform(write("name: 空\n"))) == []
    same = "parameters:\n  raise_ratio:\n    - {from: 2022-01, value: 0.07, source: 小令三, certainty: assumed}\n"
    reformed = tiny.with_reform(write(same))
    assert tiny.diff(reformed) == []
    assert value(reformed, "scheme.pension", birth_month="1962-01") == value(
        tiny, "scheme.pension", birth_month="1962-01"
    )


def test_a_value_said_again_from_a_later_date_is_no_difference(tiny: Rulebook, write) -> None:
    again = "parameters:\n  raise_ratio:\n    - {from: 2024-01, value: 7%, source: 小令三, certainty: assumed}\n"
    assert tiny.diff(tiny.with_reform(write(again))) == []


def test_the_difference_is_exactly_the_change(tiny: Rulebook, write) -> None:
    assert tiny.diff(tiny.with_reform(write(RAISE))) == ["scheme.raise_ratio 2022-05 to …: 7/100 → 1/10"]


def test_the_difference_of_rules_tells_time_place_and_text(tiny: Rulebook, write) -> None:
    lines = tiny.diff(tiny.with_reform(write(LOCAL, "reform.py")))
    assert "scheme.local + 2022-01 to … [11]: 7" in lines
    assert any(line.startswith("scheme.local - … to … [11, 12]: if certificate:") for line in lines)
    assert any(line.startswith("scheme.local + … to … [12]: if certificate:") for line in lines)
    assert any(line.startswith("scheme.local + … to 2021-12 [11]: if certificate:") for line in lines)
    assert len(lines) == 4
    assert all(line.startswith("scheme.local ") for line in lines)


# -- refusals -------------------------------------------------------------------------------------
ENTRY = "{value: 1, source: 改, certainty: assumed}"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            f"parameters:\n  scheme.raise_rati:\n    - {ENTRY}\n",
            "unknown name 'raise_rati'; did you mean 'raise_ratio'?",
        ),
        (f"parameters:\n  schem.raise_ratio:\n    - {ENTRY}\n", "no room 'schem'; did you mean 'scheme'?"),
        (
            f"parameters:\n  scheme.basic:\n    - {ENTRY}\n",
            "scheme.basic is no parameter; a rule is replaced in a Python file",
        ),
        (f"parameters:\n  scheme.index:\n    - {ENTRY}\n", "scheme.index is no parameter"),
        (f"parameters:\n  scheme.raise_ratio:\n    unit: Yuan\n    values: [{ENTRY}]\n", "unit"),
        (f"parameters:\n  scheme.raise_ratio:\n    keys: [age]\n    values: [{ENTRY}]\n", "keys"),
        (f"parameters:\n  scheme.divisor:\n    - {ENTRY}\n", "keys are ['age'], so value is a map"),
        (
            "parameters:\n  scheme.raise_ratio:\n    - {value: {60: 1}, source: 改, certainty: assumed}\n",
            "is not a number",
        ),
        ("parameters:\n  scheme.raise_ratio:\n    - {value: 1, certainty: assumed}\n", "a value without source"),
        ("parameters:\n  scheme.raise_ratio:\n    - {value: 1, source: 改}\n", "a value without certainty"),
        (f"parameters:\n  scheme.raise_ratio:\n    - {ENTRY}\n    - {ENTRY}\n", "two values from one date"),
        ("parameters:\n  scheme.raise_ratio: 8%\n", "values is a list"),
        ("parameters: 3\n", "a reform is a map"),
        ("parameter: {}\n", "a reform is a map of name, label, parameters, rules"),
        ("- 3\n", "a reform is a map"),
        ("rules: absent.py\n", "absent.py"),
        ("parameters: {\n", "not readable as YAML"),
    ],
)
def test_a_reform_wrongly_written_is_refused(tiny: Rulebook, write, text: str, reason: str) -> None:
    with pytest.raises(BookError) as error:
        tiny.with_reform(write(text))
    assert reason in str(error.value)


HEAD = 'from shebao.engine import *\nROOM = "scheme"\n@rule(cite="改", label="改")\n'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (HEAD + "def basic(wage) -> Yuan:\n    return wage\n", "rule basic: the reform changes its unit"),
        (HEAD + "def index() -> Index:\n    return 1\n", "index is a fact; a rule cannot replace it"),
        (HEAD + "def divisor() -> Months:\n    return 1\n", "divisor is a parameter; a rule cannot replace it"),
        (HEAD + "def basic(wages) -> YuanPerMonth:\n    return wages\n", "unknown name 'wages'; did you mean 'wage'?"),
        (HEAD + "def basic(pension) -> YuanPerMonth:\n    return pension\n", "circular"),
        (HEAD + "def basic(wage) -> YuanPerMonth:\n    return wage ** 2\n", "operator Pow"),
        (
            HEAD.replace("scheme", "schem") + "def basic() -> YuanPerMonth:\n    return 1\n",
            "say which room the rules are of",
        ),
        (
            HEAD.replace('label="改"', 'label="改", region=11') + "def basic() -> YuanPerMonth:\n    return 1\n",
            "a provincial reform of a national rule",
        ),
        ('from shebao.engine import *\nROOM = "scheme"\nbasic = fact(Yuan, label="改")\n', "basic"),
    ],
)
def test_reformed_rules_wrongly_written_are_refused(tiny: Rulebook, write, text: str, reason: str) -> None:
    with pytest.raises(BookError) as error:
        tiny.with_reform(write(text, "reform.py"))
    assert reason in str(error.value)


def test_a_reform_that_is_not_there_is_refused(tiny: Rulebook, tmp_path: Path) -> None:
    with pytest.raises(BookError, match="no such reform file"):
        tiny.with_reform(tmp_path / "absent.yaml")
