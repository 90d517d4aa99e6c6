"""The catalogue names rules that exist, covers the book, and is refused with its line where it is wrong."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from shebao.engine import BookError, Rulebook
from shebao.entitled import Exclusion, load_catalogue, unlisted
from shebao.entitled.catalogue import HERE
from shebao.entitled.exclusive import NONE, resolve


@pytest.fixture
def changed(tmp_path: Path) -> Callable[[str, str, str], Path]:
    """A copy of the catalogue in which one text is another."""

    def change(file: str, old: str, new: str) -> Path:
        folder = tmp_path / "catalogue_copy"
        shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
        return folder

    return change


def test_every_rule_of_the_catalogue_exists(book: Rulebook) -> None:
    catalogue = load_catalogue(book)
    assert len(catalogue.benefits) > 90
    for benefit in catalogue.benefits.values():
        for name in benefit.rules:
            assert book.person_rule(name).full_name == name


def test_every_rule_about_money_is_a_claim_or_listed_as_none(book: Rulebook) -> None:
    assert unlisted(book, load_catalogue(book)) == [], "add it to the catalogue, or with its reason to not_claims.yaml"


def test_a_benefit_taken_out_of_the_catalogue_is_missed(book: Rulebook, changed: Callable[..., Path]) -> None:
    folder = changed(
        "catalogue/unemployment.yaml", "amount: unemployment.skill_subsidy", "amount: unemployment.survivor_grant"
    )
    assert unlisted(book, load_catalogue(book, folder)) == ["unemployment.skill_subsidy"]


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (
            "catalogue/unemployment.yaml",
            "unemployment.benefit_of_month",
            "unemployment.benefit_of_mouth",
            "unknown name",
        ),
        ("catalogue/unemployment.yaml", "unemployment.benefit_is_due", "unemployment.monthly_benefit", "no yes-or-no"),
        ("catalogue/unemployment.yaml", "unemployment.benefit_of_month", "unemployment.entitled_months", "no amount"),
        ("catalogue/unemployment.yaml", "agency: employment", "agency: employmnt", "unknown agency"),
        ("catalogue/unemployment.yaml", "to: person", "to: anybody", "is for one of"),
        ("catalogue/unemployment.yaml", "unemployment.unemployment_months_paid", "unemployment.months", "is called"),
        ("exclusions.yaml", "injury_funeral_grant", "injury_funeral", "unknown benefit"),
        ("exclusions.yaml", "keep: choose\n  cite", "keep: both\n  cite", "keep is one of"),
        ("exclusions.yaml", "unless: social_assistance.other", "unless: social_assistance.another", "no fact"),
        ("same.yaml", "personal_pension.on_dibao", "personal_pension.withdrawal", "differ in unit"),
    ],
)
def test_what_is_wrong_is_refused_with_its_line(
    book: Rulebook, changed: Callable[..., Path], file: str, old: str, new: str, said: str
) -> None:
    with pytest.raises(BookError, match=re.escape(said)) as refused:
        load_catalogue(book, changed(file, old, new))
    assert re.search(rf"{Path(file).name}:\d+$", refused.value.where)


def _exclusive(keep: str, *amounts: int, held: int | None = None) -> list[int]:
    names = tuple("abc"[: len(amounts)])
    due = {name: np.array([amount >= 0]) for name, amount in zip(names, amounts, strict=True)}
    values = {name: np.array([max(amount, 0)], dtype=np.int64) for name, amount in zip(names, amounts, strict=True)}
    drawn = {} if held is None else {names[held]: np.array([True])}
    lost = resolve((Exclusion(names, keep, "cite"),), due, values, drawn)
    return [k for k, name in enumerate(names) if due[name][0] and lost[name].exclusion[0] == NONE]


def test_which_of_two_is_kept() -> None:
    assert _exclusive("first", 1, 9) == [0]
    assert _exclusive("first", -1, 9) == [1], "the first is not due"
    assert _exclusive("higher", 1, 9, 5) == [1]
    assert _exclusive("higher", 9, 9) == [0], "of equals the first"
    assert _exclusive("choose", 1, 9) == [1]
    assert _exclusive("choose", 1, 9, held=0) == [0], "what is drawn stays until the person chooses otherwise"
    assert _exclusive("higher", -1, -1) == []


def test_who_lost_to_one_that_lost_still_says_to_whom() -> None:
    names = ("low", "middle", "top")
    rules = (Exclusion(("middle", "low"), "first", "1"), Exclusion(("top", "middle"), "first", "2"))
    due, amounts = {n: np.array([True]) for n in names}, {n: np.array([1], dtype=np.int64) for n in names}
    lost = resolve(rules, due, amounts)
    assert [int(lost[n].exclusion[0]) for n in names] == [0, 1, NONE]
    assert rules[0].benefits[lost["low"].kept[0]] == "middle"
