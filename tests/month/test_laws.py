"""Months whose law changed after they were collected: their contributions are computed again, and theirs alone.

Guangdong, 2025: floor 4,492 yuan; employee pension 8 % and 16 %, unemployment 0.2 % and 0.8 %, work injury 0.4 %.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from payers import Payers

from shebao.books import Books
from shebao.law import rulebook
from shebao.month.collect import collect
from shebao.month.context import Summary
from shebao.month.contributions import RULES
from shebao.month.laws import deciding

PENSION = tuple(RULES["employee_pension"].values())


@pytest.fixture
def province(books: Books) -> Payers:
    return Payers(books)


def reform(folder: Path, parameter: str, values: str) -> Path:
    file = folder / f"{parameter}.yaml"
    file.write_text(
        f"name: {parameter}\nparameters:\n  {parameter}:\n    - {{{values}, source: test, certainty: assumed}}\n",
        encoding="utf-8",
    )
    return file


def higher_floor(folder: Path, region: int = 44, since: str = "2025-01", until: str = "2025-01") -> Path:
    return reform(folder, "published_base_floor", f"from: {since}, to: {until}, value: {{{region}: 5000}}")


def at_the_floor(province: Payers) -> int:
    """An employee below the floor, collected for January; the books then stand in February, declared."""
    employer = province.employer()
    person = province.employee(employer)
    province.declare(employer, person, 100_000)
    province.run(collect)
    province.turn()
    province.declare(employer, person, 100_000)
    return person


def looked_at_again(summary: Summary) -> list[str]:
    return [english.partition(": ")[2] for _, english in summary.notes if "law changed" in english]


def test_a_month_whose_law_changed_is_corrected_by_the_difference(province: Payers, tmp_path: Path) -> None:
    person = at_the_floor(province)
    province.law = rulebook().with_reform(higher_floor(tmp_path))
    summary = province.run(collect)
    assert looked_at_again(summary) == ["2025-01"]
    # 5,000 instead of 4,492 yuan: 508 × 8 % and 16 %; 1 %; 0.4 %, each rounded as the bills of January were
    assert [row for row in province.contributions(person) if row[1] == "employee_pension"] == [
        ("2025-01", "employee_pension", 0, 449_200, 35_936, 71_872, 35_936),
        ("2025-01", "employee_pension", 1, 50_800, 4_064, 8_128, 4_064),
        ("2025-02", "employee_pension", 0, 449_200, 35_936, 71_872, 35_936),
    ]
    about = [bill[1:] for bill in province.bills() if bill[2] != "late_fee"]
    assert about == [
        ("2025-01", "regular", 114_097),
        ("2025-01", "correction", 12_903),
        ("2025-02", "regular", 114_097),
    ]


def test_a_law_that_changed_once_is_booked_once_and_taken_back_with_it(province: Payers, tmp_path: Path) -> None:
    person = at_the_floor(province)
    province.law = rulebook().with_reform(higher_floor(tmp_path))
    province.run(collect)
    before = province.contributions(person)
    province.turn()
    again = province.run(collect)
    assert (looked_at_again(again), province.contributions(person)) == ([], before)
    province.reopen()
    assert looked_at_again(province.run(collect)) == []
    assert province.contributions(person) == before
    province.books.execute(
        "INSERT INTO period_event (region, month, round, event, officer) VALUES (44, '2025-03-01', 1, 'closed', 'A')"
    )
    province.now, province.law = dt.date(2025, 4, 1), rulebook()
    province.put("period_event", region=44, month=province.now, round=0, event="opened", officer="A")
    assert looked_at_again(province.run(collect)) == ["2025-01"]
    january = [row for row in province.contributions(person) if row[:2] == ("2025-01", "employee_pension")]
    assert [row[2:4] for row in january] == [(0, 449_200), (1, 50_800), (2, -50_800)]


def test_a_change_that_concerns_no_month_collected_touches_nothing(province: Payers, tmp_path: Path) -> None:
    person = at_the_floor(province)
    for law in (
        higher_floor(tmp_path, region=11),  # another province
        higher_floor(tmp_path, since="2025-02", until="2025-12"),  # the month itself and later ones
        higher_floor(tmp_path, since="2024-01", until="2024-12"),  # before the books opened
        reform(
            tmp_path, "resident_pension.national_minimum_basic_pension", "from: 2025-01, value: 300"
        ),  # another room
    ):
        province.law = rulebook().with_reform(law)
        with province.books.connection.transaction(force_rollback=True):
            summary = province.run(collect)
            assert looked_at_again(summary) == []
            assert [bill[1] for bill in province.bills() if bill[2] == "correction"] == []
    assert len(province.contributions(person)) == 3


def test_who_pays_alone_is_looked_at_too(province: Payers, tmp_path: Path) -> None:
    person = province.flexible(449_200)
    province.run(collect)
    province.turn()
    province.law = rulebook().with_reform(higher_floor(tmp_path))
    province.run(collect)
    assert [row[:4] for row in province.contributions(person)] == [
        ("2025-01", "employee_pension", 0, 449_200),
        ("2025-01", "employee_pension", 1, 50_800),
        ("2025-02", "employee_pension", 0, 449_200),
    ]


def test_residents_are_looked_at_when_the_law_of_their_year_changed(books: Books, tmp_path: Path) -> None:
    province = Payers(books, region=31)
    person = province.resident(800)
    province.run(collect)
    province.turn()
    values = "from: 2025-01, value: {31: {800: 300}}"
    province.law = rulebook().with_reform(reform(tmp_path, "resident_pension.provincial_subsidy", values))
    assert looked_at_again(province.run(collect)) == ["2025"]
    # 270 yuan of subsidy became 300: nothing to pay, thirty more to the account
    rows = [row[2:] for row in province.contributions(person)]
    assert rows == [(0, 0, 80_000, 0, 107_000), (1, 0, 0, 0, 3_000)]
    province.turn()
    assert looked_at_again(province.run(collect)) == []


def test_the_hashes_are_kept_with_the_step_and_read_back(province: Payers) -> None:
    at_the_floor(province)
    summary = province.run(collect)
    stored = province.books.value("SELECT summary FROM run_step WHERE month = '2025-02-01'")
    assert sorted(stored["laws"]) == ["2025", "2025-01", "2025-02"]
    assert Summary.of(stored) == summary
    assert Summary.of({"numbers": {}, "notes": []}).laws == {}
    assert "laws" not in json.dumps(Summary().json())


def test_what_decides_differs_by_month_and_province_only_where_the_law_does(tmp_path: Path) -> None:
    law = rulebook()
    january, june, july = (deciding(law.at(f"2025-{month}"), 44, PENSION) for month in ("01", "06", "07"))
    assert january == june != july  # Guangdong's floor and cap change in July
    assert january != deciding(law.at("2025-01"), 11, PENSION)
    reformed = law.with_reform(higher_floor(tmp_path)).at("2025-01")
    assert deciding(reformed, 44, PENSION) != january
    assert deciding(reformed, 11, PENSION) == deciding(law.at("2025-01"), 11, PENSION)
