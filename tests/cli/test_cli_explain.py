"""``shebao explain``: one person's amount, or why there is none."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from outcome import Shebao

Citizen = Callable[..., Path]
RULE = "employee_pension.account_pension"
MODULES = {"numpy", "numba", "pyarrow", "llvmlite", "altair"}


def test_the_tree_shows_every_step(shebao: Shebao, citizen: Citizen) -> None:
    said = shebao("explain", RULE, "--facts", citizen(), "--month", "2025-07")
    assert said.code == 0
    assert said.out.startswith("Account pension = ")
    for part in (
        "84,000.00 yuan (given)",
        "to_fen(account_balance / months_of_payment)",
        "国发〔2005〕38号",
        "1975-06",
    ):
        assert part in said.out


def test_chinese_where_it_is_asked_for(shebao: Shebao, citizen: Citizen) -> None:
    said = shebao("explain", RULE, "--facts", citizen(), "--month", "2025-07", "--lang", "zh")
    assert said.out.startswith("个人账户养老金 = ")
    assert "个人账户储存额 ÷ 计发月数" in said.out
    assert "（已知）" in said.out or "(已知)" in said.out


def test_in_chinese_the_steps_of_a_formula_are_named_in_chinese(shebao: Shebao, citizen: Citizen) -> None:
    words = ("explain", "employee_pension.monthly_pension", "--facts", citizen(deemed_months=0), "--month", "2025-07")
    for form in ([], ["--markdown"]):
        chinese, english = (shebao(*words, "--lang", lang, *form).out for lang in ("zh", "en"))
        assert "年龄 = (退休年月 − 出生年月) 整除 12" in chinese
        assert "age = (retirement_month - birth_month) // 12" in english.replace("\\", "")


def test_in_chinese_a_source_is_told_in_chinese(shebao: Shebao, tmp_path: Path) -> None:
    (tmp_path / "facts.json").write_text('{"region": 44, "average_monthly_wage": "8123.45"}')
    words = ("explain", "employee_pension.contribution_base", "--facts", tmp_path / "facts.json", "--month", "2025-01")
    english = shebao(*words).out
    assert "community table of 2024 bases" in english
    for form in ([], ["--markdown"]):
        said = shebao(*words, "--lang", "zh", *form).out
        assert "community" not in said
        assert said.count("〔") == english.count("〔")
    assert "community table of 2024 bases" in shebao(*words, "--lang", "zh", "--json").out  # for programs, as written


def test_json_is_the_whole_tree_with_exact_decimals(shebao: Shebao, citizen: Citizen) -> None:
    said = shebao("explain", RULE, "--facts", citizen(), "--month", "2025-07", "--json")
    tree = json.loads(said.out)
    keys = {"name", "label", "value", "unit", "formula", "cite", "source", "given", "inputs"}
    assert keys <= set(tree)
    assert tree["name"] == RULE
    by_name = {node["name"]: node for node in tree["inputs"]}
    assert by_name["employee_pension.account_balance"]["value"] == "84000.00"
    assert by_name["employee_pension.account_balance"]["given"] is True
    assert round(84000 / float(by_name["employee_pension.months_of_payment"]["value"]), 2) == float(tree["value"])


def test_markdown_is_a_list(shebao: Shebao, citizen: Citizen) -> None:
    said = shebao("explain", RULE, "--facts", citizen(), "--month", "2025-07", "--markdown")
    assert said.out.startswith("- ")
    assert shebao("explain", RULE, "--facts", citizen(), "--json", "--markdown").code == 2


def test_any_step_can_be_given(shebao: Shebao, citizen: Citizen) -> None:
    facts = citizen(months_of_payment=100, birth_month=...)
    said = shebao("explain", RULE, "--facts", facts, "--month", "2025-07", "--json")
    assert json.loads(said.out)["value"] == "840.00"


@pytest.mark.parametrize("amount", ['"84000.29"', "84000.29", "84000.290"])
def test_a_decimal_in_json_is_the_decimal_that_stands_there(shebao: Shebao, tmp_path: Path, amount: str) -> None:
    rest = '"months_of_payment": 100, "region": 34, "retirement_month": "2025-07"'
    (tmp_path / "facts.json").write_text(f'{{"account_balance": {amount}, {rest}}}', encoding="utf-8")
    said = shebao("explain", RULE, "--facts", tmp_path / "facts.json", "--json")
    assert '"value": "84000.29"' in said.out


def test_yaml_says_the_same_as_json(shebao: Shebao, citizen: Citizen, tmp_path: Path) -> None:
    facts = json.loads(citizen().read_text())
    (tmp_path / "citizen.yaml").write_text("".join(f"{k}: {v}\n" for k, v in facts.items()), encoding="utf-8")
    outs = {
        shebao("explain", RULE, "--facts", file, "--month", "2025-07").out
        for file in (citizen(), tmp_path / "citizen.yaml")
    }
    assert len(outs) == 1


def test_facts_from_standard_input(citizen: Citizen) -> None:
    command = [sys.executable, "-m", "shebao", "explain", RULE, "--facts", "-", "--month", "2025-07"]
    with citizen().open() as facts:
        done = subprocess.run(command, stdin=facts, capture_output=True, text=True, check=True)
    assert "84,000.00" in done.stdout


# ---- refusals and bad input ---------------------------------------------------------------------


def test_a_refusal_says_what_is_missing_and_where_it_was_needed(shebao: Shebao, citizen: Citizen) -> None:
    said = shebao("explain", RULE, "--facts", citizen(birth_month=...), "--month", "2025-07")
    assert (said.code, said.out) == (1, "")
    assert "missing fact: birth_month" in said.err
    assert "← employee_pension.months_of_payment" in said.err
    assert "← employee_pension.account_pension" in said.err


def test_a_refusal_in_chinese(shebao: Shebao, citizen: Citizen) -> None:
    said = shebao("explain", RULE, "--facts", citizen(birth_month=...), "--month", "2025-07", "--lang", "zh")
    assert said.code == 1
    assert said.err.startswith("缺少信息：出生年月 birth_month")
    assert "← 计发月数 employee_pension.months_of_payment" in said.err


def test_a_refusal_as_json(shebao: Shebao, citizen: Citizen) -> None:
    said = shebao("explain", RULE, "--facts", citizen(account_balance="-1"), "--json")
    refused = json.loads(said.out)["refused"]
    assert said.code == 1
    assert (refused["kind"], refused["name"]) == ("out of range", "employee_pension.account_balance")


def test_why_not(shebao: Shebao, citizen: Citizen) -> None:
    facts = citizen(contribution_months=156)
    said = shebao("explain", "retirement.may_retire_normally", "--facts", facts, "--month", "2025-07")
    assert said.code == 0
    _, why = said.out.split("Why not:")
    assert "✗ contribution_months >= minimum_contribution_months: 156 / 180 – fails, short by 24 months" in why
    assert "社会保险法" in why


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"acount_balance": 1}, 2, "did you mean 'account_balance'?"),
        ({"account_balance": "much"}, 2, "'much' is not a number"),
        ({"account_balance": "0.001"}, 2, "0.001 has more decimals than 1/100 of yuan"),
        ({"retirement_month": "2025-13"}, 2, "month 13 is not in 1..12"),
        ({"retirement_month": 2025.5}, 2, "a month is written YYYY-MM, not '2025.5'"),
        ({"account_balance": None}, 1, "null"),
        ({"region": 99}, 1, "out of range"),
        ({"region": [34]}, 2, "region"),
    ],
)
def test_a_bad_fact(shebao: Shebao, citizen: Citizen, changes: dict[str, object], code: int, message: str) -> None:
    said = shebao("explain", RULE, "--facts", citizen(**changes), "--month", "2025-07")
    assert (said.code, said.out) == (code, "")
    assert message in said.err
    assert "Traceback" not in said.err


def test_a_province_without_the_parameter_is_named(shebao: Shebao, citizen: Citizen) -> None:
    said = shebao("explain", "employee_pension.base_wage", "--facts", citizen(retirement_month="2006-05"))
    assert said.code == 1
    assert "missing parameter: employee_pension.published_base_wage" in said.err
    assert "region=34, year=2006" in said.err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"region": 34, "region": 31}', "gives 'region' twice"),
        ('{"region": 34', "is no JSON"),
        ('[{"region": 34}]', "holds a list; one person is an object of facts"),
        ("", "holds nothing"),
    ],
)
def test_facts_that_are_no_person(shebao: Shebao, tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "facts.json").write_text(text, encoding="utf-8")
    (tmp_path / "facts.yaml").write_text(text, encoding="utf-8")
    said = shebao("explain", RULE, "--facts", tmp_path / ("facts.json" if text else "facts.yaml"))
    assert said.code == 2
    assert message in said.err
    assert "facts." in said.err


def test_a_yaml_fact_twice(shebao: Shebao, tmp_path: Path) -> None:
    (tmp_path / "facts.yaml").write_text("region: 34\nregion: 31\n", encoding="utf-8")
    assert "gives 'region' twice" in shebao("explain", RULE, "--facts", tmp_path / "facts.yaml").err


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["employee_pension.acount_pension"], "unknown name 'acount_pension'; did you mean 'account_pension'?"),
        (["pension.x"], "no room 'pension'"),
        (["employee_contribution"], "name the room"),
        (["average_index"], "'average_index' is a fact, not a rule"),
        ([RULE, "--month", "2200-01"], "2200-01 is outside the law's coverage"),
        ([RULE, "--month", "07/2025"], "a month is written YYYY-MM, not '07/2025'"),
        ([RULE, "--reform", "absent.yaml"], "absent.yaml: no such reform file"),
        ([RULE, "--lang", "fr"], "--lang"),
    ],
)
def test_bad_words(shebao: Shebao, citizen: Citizen, args: list[str], message: str) -> None:
    said = shebao("explain", *args, "--facts", citizen())
    assert said.code == 2
    assert message in said.err
    assert said.err.startswith("shebao: ")


def test_a_file_that_is_not_there(shebao: Shebao, tmp_path: Path) -> None:
    said = shebao("explain", RULE, "--facts", tmp_path / "absent.json")
    assert said.code == 2
    assert "absent.json: No such file or directory" in said.err


# ---- what it needs -------------------------------------------------------------------------------


def test_it_starts_without_the_compiler(citizen: Citizen) -> None:
    program = (
        "import sys; from shebao.cli.app import run; code = run(sys.argv[1:]);"
        "print(sorted({m.partition('.')[0] for m in sys.modules}), file=sys.stderr); sys.exit(code)"
    )
    command = [sys.executable, "-c", program, "explain", "employee_pension.account_pension", "--facts", str(citizen())]
    done = subprocess.run([*command, "--month", "2025-07"], capture_output=True, text=True, check=True)
    loaded = set(done.stderr.strip("[]\n").replace("'", "").split(", "))
    assert not loaded & MODULES
