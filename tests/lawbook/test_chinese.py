"""The Chinese book is Chinese: every room's introduction, example, text of a rule, source and note."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from bookpages import VOID, Site

from shebao.engine import Rulebook
from shebao.law import rulebook
from shebao.law.cases import Case, load_cases
from shebao.lawbook.chinese import Chinese, paragraphs
from shebao.lawbook.prose import markdown
from shebao.lawbook.shelf import Library, Shelf, readme

ROOMS = list(rulebook().scopes)
CHINESE = re.compile("[一-鿿]")
PROSE = re.compile(r"[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}")  # three words in a row


@pytest.fixture(scope="module")
def chinese() -> Chinese:
    return Chinese.read(rulebook())


@pytest.mark.parametrize("room", ROOMS, ids=[room or "law" for room in ROOMS])
def test_a_room_has_its_introduction_in_both_languages(room: str) -> None:
    scope = rulebook().scopes[room]
    english, written = readme(scope, "en")
    assert written == "en"
    assert len(english) > 300
    text, written = readme(scope, "zh")
    assert written == "zh"
    assert CHINESE.match(text.partition("# ")[2])
    # the same rules, facts and files are named, in whatever order
    assert names(text) <= names(english) | {"certainty"}
    assert len(names(english) - names(text)) <= len(names(english)) / 5


def names(text: str) -> set[str]:
    return set(re.findall(r"`([a-z_][a-z_0-9./]*)`", text))


def test_an_example_has_its_title_in_both_languages() -> None:
    lacking = [f"{case.file} {case.id}" for case in load_cases() if not CHINESE.search(case.title_zh)]
    assert not lacking
    same = [f"{case.file} {case.id}" for case in load_cases() if CHINESE.search(case.title)]
    assert len(same) < len(load_cases()) / 20  # English ones may name a Chinese term


def test_the_text_of_every_rule_has_its_chinese(chinese: Chinese) -> None:
    lacking = {
        (rule.full_name, paragraphs(variant.fn.__doc__ or ""))
        for rule in rulebook().rules()
        for variant in rule.variants
        if variant.fn.__doc__ and not CHINESE.search(chinese.text(rule.room, variant.fn.__doc__))
    }
    assert not lacking


def test_no_translation_is_of_a_text_that_is_gone(chinese: Chinese) -> None:
    for room, table in chinese.texts.items():
        rules = (rule for rule in rulebook().rules() if rule.room == room)
        held = {paragraphs(variant.fn.__doc__ or "") for rule in rules for variant in rule.variants}
        assert not set(table) - held, room


def test_every_source_and_note_is_chinese(chinese: Chinese) -> None:
    values = [entry for parameter in rulebook().parameters() for entry in parameter.entries]
    said = {text for entry in values for text in (entry.source, entry.note)}
    said |= {case.source for case in load_cases()} | {why for case in load_cases() for _, why in case.known.values()}
    left = {text for text in said if re.search(r"\b[a-z]{3,} [a-z]{2,}\b", chinese.source(text))}
    assert not left


def test_every_choice_has_its_chinese(chinese: Chinese) -> None:
    values = {value for fact in rulebook().facts() for value in fact.values}
    assert not values - set(chinese.choices)
    assert all(CHINESE.search(said) for said in chinese.choices.values())


@pytest.mark.parametrize(
    ("english", "said"),
    [
        ("worked by hand", "手工推算"),
        ("国发〔2018〕41号 八 (worked by hand)", "国发〔2018〕41号 八（手工推算）"),
        ("award sheet P08, grade S1", "核定表 P08，S1级"),
        ("社会保险法 五十八", "社会保险法 五十八"),
        ("nobody has translated this", "nobody has translated this"),
        ("nonesuch", "nonesuch"),
    ],
)
def test_phrases_inside_a_source(chinese: Chinese, english: str, said: str) -> None:
    assert chinese.source(english) == said


def test_a_law_without_translations_is_shown_as_written(evil_law: Rulebook) -> None:
    chinese = Chinese.read(evil_law)
    assert chinese.source("worked by hand") == "worked by hand"
    assert chinese.text("", "Only Guangdong asks for the local rate.") == ""


def test_a_title_falls_back_to_english() -> None:
    case = Case("A", "a title", "2025-01", "", "none", "official", {}, {"x": "1"}, title_zh="标题")
    assert (case.titled("zh"), case.titled("en")) == ("标题", "a title")
    bare = Case("A", "a title", "2025-01", "", "none", "official", {}, {"x": "1"})
    assert bare.titled("zh") == "a title"


def test_names_in_chinese_prose_are_terms_and_lines_join() -> None:
    shelf = Shelf(Library(rulebook(), ()), "zh")
    html = markdown(shelf, "employee_pension", "按\n基数 `base_wage`\nand so\non")
    assert '<a href="employee_pension.html#employee_pension.base_wage" title="employee_pension.base_wage">' in html
    assert "计发基数</a>" in html
    assert "按基数" in html
    assert "and so\non" in html


class Prose(HTMLParser):
    """The text of a page that is said to be Chinese."""

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[bool] = []
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            skipped = tag in ("code", "script", "style") or ("lang", "en") in attrs
            self.stack.append(skipped)

    def handle_endtag(self, _tag: str) -> None:
        self.stack.pop()

    def handle_data(self, data: str) -> None:
        if not any(self.stack):
            self.said.append(data)


def test_no_page_of_the_chinese_book_holds_english_prose(site: Site) -> None:
    found = {}
    for file in sorted(Path(site.folder / "zh").glob("*.html")):
        page = Prose()
        page.feed(file.read_text("utf-8"))
        page.close()
        english = [text for text in page.said if PROSE.search(text)]
        if english:
            found[file.name] = english[:3]
    assert not found
