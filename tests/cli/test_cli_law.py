"""``shebao law`` and the command as a whole."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from outcome import Shebao

import shebao as package
from shebao.engine.book import Fact, Parameter, Rule

ROOT = Path(__file__).parents[2]
BONUS = '''
from shebao.engine import YuanPerMonth, rule
ROOM = "retirement"

@rule(cite="虚构文件 三", label="试点补贴", since="2025-01")
def test_bonus() -> YuanPerMonth:
    """Twenty yuan for all."""
    return 20
'''


def test_every_room_is_listed(shebao: Shebao, book) -> None:
    said = shebao("law", "list")
    assert said.code == 0
    for path, scope in book.scopes.items():
        assert path in said.out
        assert scope.room.label in said.out


def test_a_room_lists_what_it_declares(shebao: Shebao, book) -> None:
    said = shebao("law", "list", "retirement")
    for name, node in book.scopes["retirement"].names.items():
        assert name in said.out
        assert node.label in said.out
    assert shebao("law", "list", "retirment").code == 2


def test_a_rule_shows_its_variants_inputs_and_users(shebao: Shebao, book) -> None:
    said = shebao("law", "show", "employee_pension.basic_pension")
    rule = book.rule("employee_pension.basic_pension")
    assert rule.label in said.out
    for variant in rule.variants:
        assert variant.formula in said.out
        assert variant.cite in said.out
        assert variant.where in said.out
    assert "employee_pension.contribution_years" in said.out
    assert "employee_pension.monthly_pension" in said.out
    assert "44 Guangdong" in said.out
    assert "all but 22 Jilin" in said.out


def test_in_chinese_a_rule_is_told_in_chinese(shebao: Shebao) -> None:
    said = shebao("law", "show", "employee_pension.transitional_pension", "--lang", "zh")
    assert "  建立个人账户以前的年限：计发工资 × 年限 × 系数；没有此类年限的为0。\n" in said.out
    assert "wage × years × coefficient" not in said.out
    assert "wage × years × coefficient" in shebao("law", "show", "employee_pension.transitional_pension").out


def test_in_chinese_every_text_of_every_rule_is_chinese(book) -> None:
    from rich.console import Console

    from shebao.cli.lawpages import page

    out = Console(quiet=False, width=2000, record=True, file=io.StringIO())
    english = []
    for rule in book.rules():
        out.print(page(book, rule.full_name, "zh"))
        told = out.export_text()
        english += [v.where for v in rule.variants if v.fn.__doc__ and " ".join(v.fn.__doc__.split()) in told]
    assert not english


def test_the_locale_chooses_the_language() -> None:
    environment = {k: v for k, v in os.environ.items() if k not in ("LC_ALL", "LC_MESSAGES")} | {"LANG": "zh_CN.UTF-8"}
    command = [sys.executable, "-m", "shebao", "law", "show", "retirement.statutory_retirement_month"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, encoding="utf-8", check=True)
    assert re.search("^  [一-鿿].*。$", done.stdout, re.M)


def test_sources_and_notes_are_told_in_chinese(shebao: Shebao) -> None:
    shown = ("law", "show", "average_wage"), ("law", "params", "average_wage", "--region", "11")
    for words in shown:
        assert "社区整理的全口径平均工资表" in shebao(*words, "--lang", "zh").out
        assert "community tables" not in shebao(*words, "--lang", "zh").out
        assert "community tables" in shebao(*words).out


def test_a_rule_of_a_reform_without_chinese_keeps_its_language(shebao: Shebao, tmp_path: Path) -> None:
    (tmp_path / "rules.py").write_text(BONUS, encoding="utf-8")
    (tmp_path / "reform.yaml").write_text("name: 试验\nrules: rules.py\n", encoding="utf-8")
    said = shebao("law", "show", "retirement.test_bonus", "--lang", "zh", "--reform", tmp_path / "reform.yaml")
    assert said.code == 0
    assert "  Twenty yuan for all.\n" in said.out


def test_a_fact_shows_its_range(shebao: Shebao) -> None:
    said = shebao("law", "show", "average_index")
    assert "0 – 20" in said.out
    assert "employee_pension.indexed_wage" in said.out
    assert "men60, women55, women50" in shebao("law", "show", "category").out


def test_a_parameter_shows_every_value(shebao: Shebao, book) -> None:
    said = shebao("law", "show", "retirement.original_age")
    for entry in book.node("retirement.original_age").entries:
        assert entry.source in said.out
    assert "category=women50" in said.out


@pytest.mark.parametrize("kind", [Rule, Fact, Parameter])
def test_everything_in_the_book_can_be_shown(book, kind: type) -> None:
    from rich.console import Console

    from shebao.cli.lawpages import page

    out = Console(quiet=True, width=200)
    for node in book.nodes.values():
        if isinstance(node, kind):
            for lang in ("zh", "en"):
                out.print(page(book, node.full_name, lang))


def test_parameters_in_overview(shebao: Shebao, book) -> None:
    said = shebao("law", "params")
    for parameter in book.parameters():
        assert parameter.full_name in said.out


def test_assumed_values_are_all_listed_and_nothing_else(shebao: Shebao, book) -> None:
    page = shebao("law", "params", "--assumed", "--markdown").out
    assumed = [e for p in book.parameters() for e in p.resolved() if e.certainty == "assumed"]
    assert page.startswith("# Assumed values\n")
    assert sum(int(n) for n in re.findall(r"^.*, (\d+) values?$", page, re.M)) == len(assumed)


def test_the_page_of_parameters_says_each_value_under_its_document(shebao: Shebao, book) -> None:
    page = shebao("law", "params", "employee_pension.published_base_wage", "--markdown", "--region", "34").out
    held = [e for e in book.node("employee_pension.published_base_wage").resolved() if e.key[0] == 34]
    for entry in held:
        assert f"{entry.key[1]} **{int(entry.value)}.00**" in page
    assert page.count("34 Anhui: ") == len({(e.source, e.note, e.certainty) for e in held})


def test_values_of_one_province(shebao: Shebao) -> None:
    said = shebao("law", "params", "employee_pension.published_base_wage", "--region", "44")
    assert "region=44, year=2023" in said.out
    assert "region=34" not in said.out


def test_a_parameter_that_is_none(shebao: Shebao) -> None:
    assert "is a fact, not a parameter" in shebao("law", "params", "average_index").err
    assert "did you mean" in shebao("law", "params", "original_ago").err


@pytest.fixture
def reform(tmp_path: Path):
    def write(name: str, value: str) -> Path:
        file = tmp_path / f"{name}.yaml"
        lines = ["parameters:", "  retirement.flexible_span:"]
        lines += [f"    - {{from: 2030-01, value: {value}, source: 提案, certainty: assumed}}"]
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return file

    return write


def test_diff_against_the_law_in_force_and_between_reforms(shebao: Shebao, reform) -> None:
    a, b = reform("a", "48"), reform("b", "60")
    said = shebao("law", "diff", a)
    assert said.code == 0
    assert "retirement.flexible_span 2030-01 to …" in said.out
    assert "→ 48" in said.out
    assert shebao("law", "diff", "--reform", a).out == said.out
    assert "48 → 60" in shebao("law", "diff", a, b).out
    assert shebao("law", "diff", a, a).out == "no change\n"
    assert shebao("law", "diff").code == 2


def test_a_reform_that_is_wrong_is_named(shebao: Shebao, tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text("parameter: {}\n", encoding="utf-8")
    assert (
        "r.yaml: a reform is a map of name, label, parameters, rules" in shebao("law", "diff", tmp_path / "r.yaml").err
    )


def test_check_compares_both_readings(shebao: Shebao, monkeypatch: pytest.MonkeyPatch) -> None:
    from shebao.engine import check

    def compare(book, months, people, seed, progress):
        assert (months, people, seed) == ([2025 * 12], 7, 3)
        return check.CheckReport(rules=2, people=14, differences=differences)

    monkeypatch.setattr(check, "check", compare)
    differences: list[str] = []
    assert shebao("law", "check", "--people", 7, "--seed", 3, "--month", "2025-01").code == 0
    differences.append("x: explain 1.00, compute 1.01")
    said = shebao("law", "check", "--people", 7, "--seed", 3, "--month", "2025-01")
    assert said.code == 1
    assert "explain 1.00, compute 1.01" in said.out
    assert "1 differences in 2 rules" in said.err


# ---- the command as a whole ---------------------------------------------------------------------


def test_version(shebao: Shebao) -> None:
    assert shebao("--version").out == f"shebao {package.__version__}\n"


COMMANDS = ["explain", "compute", "demo"]
COMMANDS += [f"law {word}" for word in ("list", "show", "params", "check", "diff")]
COMMANDS += [f"population {word}" for word in ("make", "report")]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example(shebao: Shebao, command: str) -> None:
    said = shebao(*command.split(), "--help")
    assert said.code == 0
    assert f"shebao {command}" in said.out.split("Example")[1]


def test_help_lists_the_exit_codes_that_the_page_explains(shebao: Shebao) -> None:
    from shebao.cli.app import Exit

    page = (ROOT / "docs/CLI.md").read_text(encoding="utf-8")
    assert "Exit codes" in shebao("--help").out
    for code in Exit:
        assert f"| {code.value} |" in page


@pytest.mark.parametrize("args", [(), ("law",), ("population",)])
def test_without_a_command_help_is_shown(shebao: Shebao, args: tuple[str, ...]) -> None:
    assert "Commands" in shebao(*args).out


def test_an_unknown_command_is_one_line(shebao: Shebao) -> None:
    said = shebao("lwa")
    assert said.code == 2
    assert said.err.startswith("shebao: No such command 'lwa'")
    assert said.err.count("\n") == 1


def test_a_defect_is_called_one(shebao: Shebao, monkeypatch: pytest.MonkeyPatch) -> None:
    from shebao.cli import lawpages

    monkeypatch.setattr(lawpages, "rooms", lambda *_: 1 / 0)
    said = shebao("law", "list")
    assert said.code == 70
    assert "a defect, please report it" in said.err
    assert "Traceback" not in said.err


def test_messages_follow_the_locale() -> None:
    command = [sys.executable, "-m", "shebao", "law", "list"]
    said = {
        locale: subprocess.run(command, env={**os.environ, "LC_ALL": locale}, capture_output=True, text=True).stdout
        for locale in ("zh_CN.UTF-8", "en_US.UTF-8")
    }
    assert "法规室" in said["zh_CN.UTF-8"]
    assert "parameters" in said["en_US.UTF-8"]


def test_a_reader_that_leaves_is_no_error() -> None:
    command = f"{sys.executable} -m shebao law params | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    assert done.stderr == ""


# ---- people --------------------------------------------------------------------------------------


def test_a_population_is_made_and_compared(shebao: Shebao, tmp_path: Path) -> None:
    file = tmp_path / "people.parquet"
    said = shebao("population", "make", "--people", 2000, "--province", 44, "--seed", 5, file)
    assert said.code == 0, said.err
    assert "2,000 people" in said.out
    again = shebao("population", "make", "--people", 2000, "--province", 44, file)
    assert again.code == 2
    assert "exists already; --overwrite replaces it" in again.err
    report = shebao("population", "report", file)
    assert report.code == 0
    assert "target" in report.out
    assert shebao("population", "report", file, "--json").out.startswith("{")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--people", "10", "--province", "99"], "99"),
        (["--people", "10", "--province", "44", "--nation"], "choose one of --province and --nation"),
        (["--people", "0"], "--people"),
        (["--people", "10", "--month", "2025-1x"], "2025-1x"),
    ],
)
def test_people_that_cannot_be_made(shebao: Shebao, tmp_path: Path, args: list[str], message: str) -> None:
    said = shebao("population", "make", *args, tmp_path / "people.parquet")
    assert said.code == 2
    assert message in said.err
    assert not list(tmp_path.iterdir())


def test_a_report_of_no_population(shebao: Shebao, tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_bytes(b"not one")
    said = shebao("population", "report", tmp_path / "x.parquet")
    assert said.code == 2
    assert "x.parquet" in said.err


def test_a_difference_of_rates_is_written_in_percent(shebao: Shebao, tmp_path: Path) -> None:
    value = "{from: 2025-07, value: 7%, source: proposal, certainty: assumed}"
    text = f"name: less\nparameters:\n  employee_pension.employee_rate:\n    - {value}\n"
    (tmp_path / "reform.yaml").write_text(text, encoding="utf-8")
    assert shebao("law", "diff", tmp_path / "reform.yaml").out.endswith("8% → 7%\n")
