"""Every word that the books show has its Chinese, and a text kept in both languages is told in one."""

from __future__ import annotations

import pytest

from shebao.books import Books, words
from shebao.books.record import SHOWN


def test_every_enumerated_word_has_its_chinese(books: Books) -> None:
    kinds = "SELECT t.typname, e.enumlabel FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid"
    for kind, label in books.rows(kinds):
        known = words.BENEFITS if kind == "benefit" else words.WORDS
        assert label in known, f"{kind} {label}"


def test_every_column_of_the_record_has_its_heading() -> None:
    shown = {name for _, _, columns in SHOWN.values() for name in columns.split()}
    assert shown <= words.COLUMNS.keys()


@pytest.mark.parametrize(
    ("benefit", "name", "label"),
    [
        ("employee_pension", "basic_pension", "基础养老金"),
        ("resident_pension", "basic_pension_standard", "基础养老金标准"),
        ("employee_pension", "adjustment_2024", "2024 年调整"),
        ("employee_pension", "pension_taken_over", "接续发放额"),
        ("funeral_grant", "funeral_grant", "丧葬补助金"),
    ],
)
def test_a_part_of_a_benefit_bears_the_law_s_term(benefit: str, name: str, label: str) -> None:
    assert words.part(benefit, name, "zh") == label
    assert words.part(benefit, name, "en") == name.replace("_", " ")


@pytest.mark.parametrize(
    ("text", "en", "zh"),
    [
        ("death 死亡", "death", "死亡"),
        ("officer 王芳 is not known 无此经办人", "officer 王芳 is not known", "无此经办人"),
        ("cannot be used 无法使用: host/db", "cannot be used: host/db", "无法使用: host/db"),
        ("corrected facts 事实更正：出生", "corrected facts", "事实更正：出生"),
        ("死亡证明", "死亡证明", "死亡证明"),
        ("plain", "plain", "plain"),
        ("", "", ""),
    ],
)
def test_a_text_in_both_languages_is_told_in_one(text: str, en: str, zh: str) -> None:
    assert (words.in_one(text, "en"), words.in_one(text, "zh")) == (en, zh)
