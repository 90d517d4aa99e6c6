"""Retirement age: every row of an independent month-by-month table, published vectors, who may retire and why not."""

import csv
from pathlib import Path

import pytest

from shebao.engine import Refused
from shebao.law import rulebook

TABLE = Path(__file__).parents[1] / "data" / "retirement_age_table.csv"
CATEGORY = {"M60": "men60", "F55": "women55", "F50": "women50"}
REFORM = "2025-01"


def rows():
    """The table, generated from the Decision of 2024-09-13 by other means."""
    with TABLE.open(encoding="utf-8") as file:
        file.readline()  # the line that names its source
        yield from csv.DictReader(file)


def ask(rule, month="2025-06", **facts):
    return rulebook().at(month).explain(f"retirement.{rule}", facts)


def facts_of(row):
    birth = f"{row['birth_year']}-{int(row['birth_month']):02d}"
    return {"category": CATEGORY[row["category"]], "birth_month": birth}


def test_the_table_is_whole():
    assert len(list(rows())) == 480


@pytest.mark.parametrize("category", CATEGORY)
def test_statutory_month_and_delay_of_every_birth_month(category):
    for row in (r for r in rows() if r["category"] == category):
        month = ask("statutory_retirement_month", **facts_of(row))
        assert month.value == f"{row['retire_year']}-{int(row['retire_month']):02d}", row
        assert month.find("retirement_delay").value == row["delay_months"], row
        birth_month = month.find("birth_month").exact
        assert month.exact - birth_month == int(row["age_years"]) * 12 + int(row["age_months"]), row


@pytest.mark.parametrize("category", CATEGORY)
def test_flexible_bounds_of_every_birth_month(category):
    for row in (r for r in rows() if r["category"] == category):
        statutory = f"{row['retire_year']}-{int(row['retire_month']):02d}"
        earliest = ask("earliest_flexible_retirement_month", **facts_of(row)).value
        latest = ask("latest_flexible_retirement_month", **facts_of(row)).value
        if statutory < REFORM:  # there was no choice yet; the table shows what the new bounds would have been
            assert (earliest, latest) == (statutory, statutory), row
        else:
            assert (earliest, latest) == (row["earliest_flexible(year-month)"], row["latest_flexible(year-month)"]), row


@pytest.mark.parametrize(
    ("category", "birth_month", "statutory", "delay"),
    [
        ("women55", "1971-04", "2026-08", 4),
        ("women50", "1995-12", "2050-12", 60),
        ("men60", "1995-12", "2058-12", 36),
        ("women55", "2000-12", "2058-12", 36),
        ("men60", "2000-12", "2063-12", 36),
        ("men60", "1965-12", "2026-03", 3),
        ("men60", "1963-12", "2023-12", 0),
        ("women55", "1963-04", "2018-04", 0),
        ("men60", "1964-02", "2024-02", 0),
        ("men60", "1965-01", "2025-02", 1),
    ],
)
def test_published_vectors(category, birth_month, statutory, delay):
    got = ask("statutory_retirement_month", category=category, birth_month=birth_month)
    assert (got.value, got.find("retirement_delay").exact) == (statutory, delay)


@pytest.mark.parametrize(
    ("month", "needed"),
    [
        *(("2011-07", 180), ("2029-12", 180), ("2030-01", 186), ("2031-06", 192), ("2032-06", 198), ("2033-06", 204)),
        *(("2034-06", 210), ("2035-06", 216), ("2036-06", 222), ("2037-06", 228), ("2038-12", 234), ("2039-01", 240)),
        ("2060-01", 240),
    ],
)
def test_minimum_contribution_by_year(month, needed):
    assert ask("minimum_contribution_months", minimum_contribution_reference_month=month).exact == needed


@pytest.mark.parametrize(
    ("retirement_month", "needed"),
    [("2029-12", 180), ("2030-01", 186), ("2030-09", 186), ("2033-09", 186)],
    ids=["early: the year chosen", "early: the year chosen, next year", "at the age", "late: the year of the age"],
)
def test_which_year_sets_the_minimum(retirement_month, needed):
    # born 1969-07: statutory month 2030-09
    got = ask("minimum_contribution_months", category="men60", birth_month="1969-07", retirement_month=retirement_month)
    assert got.exact == needed


def candidate(**changes):
    return {
        "category": "women50",
        "sex": "female",
        "birth_month": "1975-06",  # statutory month 2025-09, earliest 2025-06
        "retirement_month": "2025-09",
        "contribution_months": 200,
        **changes,
    }


@pytest.mark.parametrize(
    ("changes", "normally", "early", "late", "at_all"),
    [
        ({}, True, False, False, True),
        ({"contribution_months": 179}, False, False, False, False),
        ({"retirement_month": "2025-08"}, False, True, False, True),
        ({"retirement_month": "2025-05"}, False, False, False, False),
        ({"retirement_month": "2025-10", "late_retirement_agreed": True}, True, False, True, True),
        ({"retirement_month": "2025-10"}, True, False, False, True),
        ({"retirement_month": "2028-10", "late_retirement_agreed": True}, True, False, False, True),
        ({"birth_month": "1974-12", "retirement_month": "2024-12"}, True, False, False, True),
        ({"retirement_month": "2020-06", "special_work": True}, False, False, False, True),
        ({"retirement_month": "2020-05", "special_work": True}, False, False, False, False),
    ],
)
def test_who_may_retire(changes, normally, early, late, at_all):
    ways = ("may_retire_normally", "may_retire_early", "may_retire_late", "may_retire")
    got = tuple(ask(way, **candidate(**changes)).exact for way in ways)
    assert got == (normally, early, late, at_all)


def test_why_not_names_the_condition_and_the_shortfall():
    refusal = ask("may_retire_normally", **candidate(contribution_months=150))
    failed = [c for c in refusal.conditions if not c.holds]
    assert [(c.text, c.short_by) for c in failed] == [("contribution_months >= minimum_contribution_months", "30")]
    assert refusal.cite == "社会保险法 十六"


def test_uncertified_work_is_presumed_absent_and_marked():
    answer = ask("may_retire_for_special_work", **candidate())
    assert answer.exact is False
    assert answer.find("special_work").presumed


@pytest.mark.parametrize("absent", ["category", "birth_month"])
def test_a_missing_fact_is_named(absent):
    facts = {"category": "men60", "birth_month": "1970-01"}
    del facts[absent]
    with pytest.raises(Refused, match=f"missing fact: {absent}"):
        ask("statutory_retirement_month", **facts)


def test_the_minimum_before_the_scheme_is_missing_not_guessed():
    with pytest.raises(Refused, match=r"missing parameter: retirement\.minimum_months"):
        ask("minimum_contribution_months", minimum_contribution_reference_month="1990-01")
