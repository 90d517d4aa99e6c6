"""The book of the law as reformed: every page says so, what changes is marked, listed and linked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bookpages import Site, read

from shebao.engine import Rulebook
from shebao.engine.parameters import Parameter
from shebao.law import rulebook
from shebao.law.cases import load_cases
from shebao.lawbook.reforms import steps
from shebao.lawbook.shelf import Library
from shebao.lawbook.site import write

VALUES = """
name: 试验 <b>某改革</b>
rules: rules.py
parameters:
  employee_pension.funeral_months:
    - {from: 2023-01, value: 3, source: 虚构文件 & 一, certainty: assumed}
"""
RULES = '''
from shebao.engine import YesNo, YuanPerMonth, fact, rule, to_fen
ROOM = "retirement"
in_test = fact(YesNo, label="参加试点")

@rule(cite="虚构文件 二", label="可以退休", since="2025-01")
def may_retire(may_retire_normally, in_test) -> YesNo:
    """Only normally, and never in the test."""
    return may_retire_normally and not in_test

@rule(cite="虚构文件 三", label="试点补贴", since="2025-01")
def test_bonus(in_test) -> YuanPerMonth:
    """Twenty yuan."""
    return 20 if in_test else 0
'''


@pytest.fixture(scope="module")
def reform(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reform")
    (folder / "rules.py").write_text(RULES, encoding="utf-8")
    (folder / "reform.yaml").write_text(VALUES, encoding="utf-8")
    return folder / "reform.yaml"


@pytest.fixture(scope="module")
def reformed(reform: Path) -> Rulebook:
    return rulebook().with_reform(reform)


@pytest.fixture(scope="module")
def site(reformed: Rulebook, tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("reformed")
    cases = [case for case in load_cases() if case.room in ("employee_pension", "retirement")]
    write(reformed, cases, folder, base=rulebook())
    pages = {str(file.relative_to(folder)): read(file) for file in sorted(folder.rglob("*.html"))}
    return Site(folder, reformed, cases, pages)


def shown(site: Site, page: str) -> str:
    return " ".join(" ".join(site.pages[page].text).split())


def article(site: Site, page: str, name: str) -> str:
    """The HTML of one article."""
    html = (site.folder / page).read_text("utf-8")
    return html[html.index(f'id="{name}"') :].partition("</article>")[0]


def test_what_changes_is_found_by_content(reformed: Rulebook) -> None:
    library = Library(reformed, (), rulebook())
    assert library.changed == {
        "retirement.may_retire": True,
        "retirement.in_test": False,
        "retirement.test_bonus": False,
        "employee_pension.funeral_months": True,
    }
    assert "employee_pension.funeral_grant" in library.affected
    assert "employee_pension.basic_pension" not in library.affected


def test_a_reform_that_changes_nothing_marks_nothing(tmp_path: Path) -> None:
    parameter = next(p for p in rulebook().parameters() if p.full_name == "employee_pension.funeral_months")
    entry = next(iter(parameter.resolved()))
    file = tmp_path / "same.yaml"
    same = f"- {{from: 2025-01, value: {entry.value}, source: 同上, certainty: assumed}}"
    file.write_text(f"parameters:\n  employee_pension.funeral_months:\n    {same}\n", encoding="utf-8")
    library = Library(rulebook().with_reform(file), (), rulebook())
    assert not library.changed
    assert not library.affected


def test_the_steps_of_a_value_say_before_and_after(reformed: Rulebook) -> None:
    old = rulebook().nodes["employee_pension.funeral_months"]
    new = reformed.nodes["employee_pension.funeral_months"]
    assert isinstance(old, Parameter)
    assert isinstance(new, Parameter)
    (step,) = steps(old, new)
    assert step.since == 2023 * 12
    assert step.now
    assert step.before
    assert (step.before.value, step.now.value) == (2, 3)
    assert step.now.source == "虚构文件 & 一"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_says_that_this_is_not_the_law_in_force(site: Site, lang: str) -> None:
    said = {"zh": "不是现行法规", "en": "not the law in force"}[lang]
    for name in site.pages:
        if name.startswith(f"{lang}/"):
            assert said in shown(site, name), name
            assert "reform.html" in site.pages[name].links, name
            assert "<b>某改革" not in (site.folder / name).read_text("utf-8"), name


def test_the_list_of_changes(site: Site) -> None:
    page = shown(site, "zh/reform.html")
    assert "试验 <b>某改革</b>" in page
    for text in ("丧葬补助金", "2023-01 起", "试点补贴", "参加试点", "虚构文件 & 一"):
        assert text in page, text
    links = site.pages["zh/reform.html"].links
    assert "employee_pension.html#employee_pension.funeral_grant" in links  # rests on what changes
    assert "employee_pension.parameters.html#employee_pension.funeral_months" in links
    assert not [a for a in site.pages["zh/reform.html"].anchors if a.startswith("_retirement.original")]


def test_examples_that_come_out_otherwise_are_listed_and_say_so(site: Site) -> None:
    page = (site.folder / "zh/reform.html").read_text("utf-8")
    listed = set(re.findall(r'href="employee_pension\.cases\.html#(employee_pension\.[^"]+)"', page))
    assert "employee_pension.D1" in listed  # a death in 2023: three months' funeral grant in place of two
    assert "employee_pension.P52" not in listed
    held = article(site, "zh/employee_pension.cases.html", "employee_pension.D1")
    assert "改革前" in held
    assert '<b class="reform">改革</b>' in held
    assert "does not agree" not in shown(site, "en/employee_pension.cases.html")


def test_a_changed_rule_shows_both_readings(site: Site) -> None:
    held = article(site, "zh/retirement.html", "retirement.may_retire")
    assert "参加试点" in held
    before = held.partition("改革前")[2]
    assert before
    assert "可弹性提前退休" in before or "提前退休" in before
    assert '<span class="badge reform">' in held.partition("改革前")[0]
    untouched = article(site, "zh/retirement.html", "retirement.retirement_delay")
    assert "badge reform" not in untouched
    assert "badge affected" not in untouched


def test_a_changed_value_is_marked_in_its_history(site: Site) -> None:
    held = article(site, "en/employee_pension.parameters.html", "employee_pension.funeral_months")
    assert "<mark>3</mark>" in held
    assert "<mark>2</mark>" not in held
    assert '<th scope="col" class="n">Before</th>' in held


def test_links_of_the_reformed_book_lead_somewhere(site: Site) -> None:
    for name in ("zh/reform.html", "en/reform.html", "zh/retirement.html", "zh/employee_pension.parameters.html"):
        for href in site.pages[name].links:
            path, _, anchor = href.partition("#")
            if path.endswith(".html") and not path.startswith(".."):
                target = site.pages[f"{name[:3]}{path}"]
                assert not anchor or anchor in target.anchors, (name, href)


def test_the_law_in_force_has_no_such_page(tmp_path: Path) -> None:
    write(rulebook(), [], tmp_path, ("zh",))
    assert not (tmp_path / "zh" / "reform.html").exists()
    assert "不是现行法规" not in (tmp_path / "zh" / "index.html").read_text("utf-8")
