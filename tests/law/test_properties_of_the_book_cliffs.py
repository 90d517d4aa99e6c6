"""No cliff that the law does not have: those it has are listed in docs/CLIFFS.md, and these are all that are found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shebao.entitled.catalogue import load_catalogue
from shebao.law import rulebook
from shebao.law.cases import load_cases
from shebao.lawbook.clifflist import as_markdown, columns, places, rows
from shebao.lawbook.cliffs import Cliff, cliffs
from shebao.lawbook.sweep import Span, jumps

PAGE = Path(__file__).parents[2] / "docs" / "CLIFFS.md"
FAR = 10**11  # fen: a thousand million yuan


@pytest.fixture(scope="module")
def found() -> list[Cliff]:
    rights = load_catalogue(rulebook()).rights
    return cliffs(rulebook(), load_cases(), rights)


@pytest.mark.slow
def test_the_book_has_the_cliffs_that_are_listed(found: list[Cliff]) -> None:
    """A line more or less is a change of the law or a mistake: look at it, then let ``make docs`` write the page."""
    listed = set(PAGE.read_text("utf-8").splitlines())
    made = set(as_markdown(rulebook(), found).splitlines())
    assert made - listed == set(), "cliffs that the page does not have"
    assert listed - made == set(), "cliffs that the law no longer has"


def at(found: list[Cliff], rule: str, fact: str) -> set[str]:
    return {place for cliff in found if (cliff.rule, cliff.fact) == (rule, fact) for place in cliff.at}


@pytest.mark.slow
def test_the_best_known_cliffs_are_found(found: list[Cliff]) -> None:
    assert at(found, "employee_pension.may_claim_pension", "employee_pension.contribution_months") == {"180"}
    assert at(found, "work_injury.disability_allowance", "work_injury.disability_grade") == {"5", "7"}
    paid = at(found, "unemployment.whole_benefit", "unemployment.unemployment_months_paid")
    assert {"12", "60", "120"} <= paid
    assert at(found, "social_assistance.destitute_support", "social_assistance.own_counted_income")


@pytest.mark.slow
def test_taxes_and_contributions_by_bracket_have_none(found: list[Cliff]) -> None:
    assert not [cliff for cliff in found if cliff.room == "income_tax" and "income" in cliff.fact]
    assert not [c for c in found if c.rule.endswith("employee_contribution")]


# -- the search -------------------------------------------------------------------------------------------


def search(function: Callable[[Any], Any], span: Span, least: int = 200) -> list[int]:
    def evaluate(_which: Any, points: Any) -> tuple[Any, Any]:
        return np.asarray(function(points), dtype=np.int64), np.ones(len(points), dtype=bool)

    return [jump.at for jump in jumps(evaluate, [span], least)]


@given(st.integers(2, FAR - 2), st.integers(201, 10**7), st.sampled_from((1, -1)), st.integers(0, 3))
def test_a_jump_is_found_wherever_it_is(place: int, size: int, sign: int, slope: int) -> None:
    assume(size > slope * FAR // 10_000)  # less than a ten-thousandth of the value is rounding
    assert search(lambda x: slope * x + np.where(x >= place, sign * size, 0), Span(0, FAR)) == [place]


@given(st.lists(st.integers(1, FAR), min_size=1, max_size=8), st.integers(0, 100))
def test_brackets_slopes_and_roundings_are_none(brackets: list[int], rate: int) -> None:
    def tax(income: Any) -> Any:
        steps = sum((np.maximum(income - bracket, 0) for bracket in brackets), np.zeros_like(income))
        return (income * rate // 100 + steps // 50) // 100 * 100

    assert search(tax, Span(0, FAR)) == []


@given(st.integers(1, 600), st.integers(1, 5_000))
def test_months_that_count_all_alike_but_from_the_first_right_on(first: int, each: int) -> None:
    assume(first > 3)
    assert search(lambda months: np.where(months >= first, months * each + 1_000, 0), Span(0, 720)) == [first]


def test_two_like_steps_side_by_side_are_a_slope_and_one_alone_is_not() -> None:
    assert search(lambda x: np.clip(x - 4, 0, 2) * 10_000, Span(0, 10)) == []
    assert search(lambda x: np.clip(x - 4, 0, 1) * 10_000, Span(0, 10)) == [5]


def test_where_nothing_is_known_nothing_jumps() -> None:
    def evaluate(_which: Any, points: Any) -> tuple[Any, Any]:
        return np.where(points >= 50, 10_000, 0), points < 50

    assert jumps(evaluate, [Span(0, 100), Span(0, FAR)], 200) == []
    assert jumps(evaluate, [], 200) == []


# -- the list ---------------------------------------------------------------------------------------------


def cliff(**words: Any) -> Cliff:
    own = {"rule": "unemployment.whole_benefit", "fact": "unemployment.unemployment_months_paid", "at": ("12",)}
    rest = {"place": "12", "before": "0.00", "after": "5592.00", "carrier": "unemployment.paid_a_year"}
    return Cliff(**{**own, **rest, "cite": "社会保险法 四十五", "case": "unemployment.X02", **words})


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        (("12",), "12"),
        (("12", "60", "120"), "12, 60, 120"),
        (tuple(str(months) for months in range(12, 241, 12)), "12, 24 … 240"),
        (("1", "2", "3", "4", "5", "6", "7", "8", "10"), "1, 2 … 10 (9)"),
    ],
)
def test_many_places_at_one_distance_are_told_in_short(steps: tuple[str, ...], said: str) -> None:
    assert places(rulebook(), cliff(at=steps)) == said


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_line_says_what_jumps_where_from_what_to_what_and_by_which_article(lang: str) -> None:
    (row,) = rows(rulebook(), [cliff()], lang)
    assert len(row) == len(columns(lang))
    assert row[2:5] == ("12", "0.00", "5592.00")
    assert row[5].startswith("社会保险法 四十五 (")
    assert row[0] == ("失业保险金合计（不含延长）" if lang == "zh" else "unemployment.whole_benefit")
