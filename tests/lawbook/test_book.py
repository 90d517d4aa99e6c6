"""The law as a book: everything has its place, every link leads somewhere, nothing breaks out of the page."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from bookpages import EVIL, Site, read

from shebao.engine.book import Rule
from shebao.engine.parameters import Parameter
from shebao.lawbook.cliffs import Cliff
from shebao.lawbook.formula import html, plain, typeset
from shebao.lawbook.search import tokens
from shebao.lawbook.shelf import Library, Shelf, case_anchor
from shebao.lawbook.site import write

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
TWICE = """
import sys
from pathlib import Path
from shebao.law import rulebook
from shebao.law.cases import load_cases
from shebao.lawbook.site import write
write(rulebook(), load_cases()[::40], Path(sys.argv[1]), ("zh",))
"""


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_node_and_example_has_its_anchor(site: Site, lang: str) -> None:
    shelf = Shelf(Library(site.book, site.cases), lang)
    addresses = [shelf.address(name) for name in site.book.nodes] + [shelf.case_address(case) for case in site.cases]
    missing = [
        a for a in addresses if unquote(a.partition("#")[2]) not in site.pages[f"{lang}/{a.partition('#')[0]}"].anchors
    ]
    assert not missing
    assert len(addresses) == len(set(addresses)) > 1500


def test_anchors_are_full_names_and_stand_once_on_a_page(site: Site) -> None:
    for name, page in site.pages.items():
        assert len(page.anchors) == len(set(page.anchors)), name
    names = {*site.book.nodes, *map(case_anchor, site.cases)}
    furniture = re.compile(r"_.*|text|page|switch|results|list")
    for name, page in site.pages.items():
        assert not [a for a in page.anchors if a not in names and not furniture.fullmatch(a)], name


def test_every_internal_link_leads_somewhere(site: Site) -> None:
    lost = []
    for name, page in site.pages.items():
        for href in {*page.links, *page.scripts}:
            if href.startswith(("http://", "https://")):
                continue
            path, _, anchor = href.partition("#")
            target = os.path.normpath(Path(name).parent / path) if path else name
            if target not in site.pages:
                if not (site.folder / target).is_file():
                    lost.append((name, href))
            elif anchor and unquote(anchor) not in site.pages[target].anchors:
                lost.append((name, href))
    assert not lost


def test_nothing_comes_from_the_network(site: Site) -> None:
    for name, page in site.pages.items():
        assert not [src for src in page.scripts if ":" in src or src.startswith("//")], name
    assert "url(" not in (site.folder / "style.css").read_text("utf-8")
    assert "@import" not in (site.folder / "style.css").read_text("utf-8")


def test_every_page_is_well_formed_and_has_its_landmarks(site: Site) -> None:
    for name, page in site.pages.items():
        assert not page.faults, name
        if "/" in name:
            assert {"main", "header", "nav", "footer", "h1", "title"} <= page.elements, name


def test_no_text_of_the_law_breaks_out_of_the_page(evil_site: Site) -> None:
    for name, page in evil_site.pages.items():
        assert not page.faults, name
        assert "img" not in page.elements, name
        assert not [a for a in page.attributes if a.startswith("on")], name
        assert not [href for href in page.links if "javascript" in href or "secret" in href], name
        own = [part for part in page.scripts if part not in ("search-index.js", "../search.js")]
        assert not own, name
        for script in re.findall(r"<script>(.*?)</script>", (evil_site.folder / name).read_text("utf-8"), re.DOTALL):
            assert "alert" not in script, name
    shown = "".join(evil_site.pages["zh/law.html"].text)
    assert EVIL in shown  # it is said, as text


def test_a_case_that_does_not_agree_says_so(evil_site: Site) -> None:
    shown = " ".join(evil_site.pages["en/law.cases.html"].text)
    assert "does not agree" in shown
    assert "missing parameter" in shown  # local: Guangdong's rate is not in the table


def test_every_example_of_the_law_agrees(site: Site) -> None:
    wrong = [name for name, page in site.pages.items() if "does not agree" in " ".join(page.text)]
    assert not wrong


def test_a_value_is_shown_with_its_document(site: Site) -> None:
    for parameter in site.book.parameters():
        page = site.pages[f"en/{parameter.room or 'law'}.parameters.html"]
        shown = " ".join(" ".join(page.text).split())
        for entry in parameter.entries[:3]:
            assert " ".join(entry.source.split()) in shown, parameter.full_name


def test_a_formula_says_terms_for_names_and_marks_what_differs(site: Site) -> None:
    shelf = Shelf(Library(site.book, ()), "zh")
    rule = site.book.rule("employee_pension.basic_pension")
    lines = {min(v.region or ()): typeset(shelf, rule, v) for v in rule.variants}
    nation, hunan = lines[11], lines[43]
    assert plain(nation) == "= 四舍五入到分 ( ( 计发基数 + 本人指数化月平均缴费工资 ) ÷ 2 × 缴费年限 × 0.01 )"
    assert "<mark>" not in html(nation, nation)
    assert html(hunan, nation).count("<mark>") == 2  # one more rounding: its name with a bracket, and the other bracket
    assert 'href="employee_pension.html#employee_pension.contribution_years"' in html(nation)


def test_a_place_is_said_by_its_name_and_a_number_of_months_is_not(site: Site) -> None:
    shown = " ".join(" ".join(site.pages["zh/transfer.cases.html"].text).split())
    assert "户籍所在地（省级） 四川" in shown
    assert "在基本养老保险关系所在地的缴费月数 120 个月" in shown
    assert "待遇领取地" in shown
    assert "广东 广东 ✓" in shown
    steps = " ".join(site.pages["zh/employee_pension.cases.html"].text)
    assert "省级养老金计发基数[上海, 2022]" in steps
    hubei = " ".join(" ".join(site.pages["zh/employee_pension.cases.html"].text).split())
    assert "统筹区代码 湖北 42" in hubei


def test_a_rule_comes_after_what_it_reads(site: Site) -> None:
    shelf = Shelf(Library(site.book, ()), "en")
    for path in site.book.scopes:
        seen: set[str] = set()
        own = {rule.full_name for rule in shelf.held(path)[0]}
        for rule in shelf.held(path)[0]:
            wires = {w for v in rule.variants for w in site.book.wires(rule, v)} & own
            assert wires - {rule.full_name} <= seen, rule.full_name
            seen.add(rule.full_name)
        assert seen == {n.full_name for n in site.book.scopes[path].names.values() if isinstance(n, Rule)}


def test_the_same_law_gives_the_same_bytes(tmp_path: Path) -> None:
    found = []
    for seed in ("1", "2"):  # sets come in another order
        place = tmp_path / seed
        place.mkdir()
        subprocess.run(
            [sys.executable, "-c", TWICE, str(place)], check=True, env={**os.environ, "PYTHONHASHSEED": seed}
        )
        found.append(json.loads((place / "manifest.json").read_text("utf-8"))["files"])
    assert found[0] == found[1]
    assert "zh/index.html" in found[0]
    assert not [name for name in found[0] if name.startswith("en/")]


# -- search ----------------------------------------------------------------------------------------


def test_chinese_is_cut_in_pairs_and_english_in_words() -> None:
    assert list(tokens("基本养老金 Basic pension（2025年）")) == [
        "基本",
        "本养",
        "养老",
        "老金",
        "basic",
        "pension",
        "2025",
        "年",
    ]


def index(site: Site, lang: str) -> dict[str, list]:
    text = (site.folder / lang / "search-index.js").read_text("utf-8")
    return json.loads(text.removeprefix("const INDEX = ").rstrip().removesuffix(";"))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("word", ["养老", "pension", "粤府", "guangdong"])
def test_the_index_finds_words_of_both_languages(site: Site, lang: str, word: str) -> None:
    held = index(site, lang)
    assert held["words"][word], word
    addresses = {held["things"][k][3] for k in held["words"][word][::2]}
    assert any(address.startswith("employee_pension.html") for address in addresses)


def test_everything_stands_in_the_index(site: Site) -> None:
    held = index(site, "zh")
    addresses = {thing[3] for thing in held["things"]}
    shelf = Shelf(Library(site.book, site.cases), "zh")
    assert {shelf.address(name) for name in site.book.nodes} <= addresses
    assert {shelf.case_address(case) for case in site.cases} <= addresses


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium")
@pytest.mark.parametrize(
    ("lang", "asked"), [("zh", "养老"), ("en", "basic pension"), ("en", "失业 金额"), ("zh", "<b>x")]
)
def test_a_browser_searches_from_the_disk(site: Site, lang: str, asked: str, tmp_path: Path) -> None:
    address = f"{(site.folder / lang / 'search.html').as_uri()}?q={quote(asked)}"
    options = ("--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}", "--dump-dom")
    done = subprocess.run([str(CHROMIUM), *options, address], capture_output=True, timeout=120, check=True)
    found = re.search(r'<ol id="list".*?</ol>', done.stdout.decode(), re.DOTALL)
    assert found
    links = re.findall(r'<a href="([^"]+)">', found[0])
    if asked == "<b>x":
        assert "<b>" not in found[0]
    elif asked == "basic pension":
        assert "employee_pension.html#employee_pension.basic_pension" in links[:5]
    else:
        assert links
    if asked == "养老":
        assert "employee_pension.html" in links[:3]


def test_cliffs_have_a_page_of_their_own_where_they_are_given(site: Site, tmp_path: Path) -> None:
    assert "zh/cliffs.html" not in site.pages
    cliff = Cliff(
        "retirement.may_retire_normally",
        "employee_pension.contribution_months",
        *(("180", "186"), "180", "no", "yes"),
        *("retirement.may_retire_normally", "社会保险法 十六", "retirement.R05"),
    )
    write(site.book, [case for case in site.cases if case.room == "retirement"], tmp_path, ("zh",), cliffs=[cliff])
    page = read(tmp_path / "zh" / "cliffs.html")
    shown = " ".join(page.text)
    assert not page.faults
    for text in ("180, 186", "社会保险法 十六", "否", "是", "R05"):
        assert text in shown, text
    assert {"retirement.html#retirement.may_retire_normally", "retirement.cases.html#retirement.R05"} <= set(page.links)
    assert "cliffs.html" in read(tmp_path / "zh" / "index.html").links


def test_parameters_without_a_value_say_so(site: Site) -> None:
    empty = [p for p in site.book.nodes.values() if isinstance(p, Parameter) and not p.entries]
    shown = " ".join(site.pages["en/employee_pension.parameters.html"].text)
    assert not empty or "missing" in shown
