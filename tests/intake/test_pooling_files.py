"""What the nation lays down enters once, by difference, for the officer's own province, each row accounted for."""

from __future__ import annotations

import datetime as dt

import pytest
from sentfiles import text, xlsx

from shebao.books import Books, BooksError
from shebao.books.registry import add_officer, add_offices
from shebao.intake import IntakeError
from shebao.intake.desk import ImportReport
from shebao.intake.pooling import import_facts, import_plan

PLAN = ["省份", "月份", "种类", "金额（元）", "依据"]
FACTS = ["province", "year", "name", "value", "source"]
MARCH, MAY = dt.date(2025, 3, 1), dt.date(2025, 5, 1)


@pytest.fixture
def guangdong(books: Books) -> Books:
    """Books open in March 2025; officer A of the province, C of a city."""
    add_offices(books, [(440000000000, 1, "广东", None), (440100000000, 2, "广州", 440000000000)])
    add_officer(books, "A", "甲", 440000000000, ["register"])
    add_officer(books, "C", "丙", 440100000000, ["register"])
    books.execute("INSERT INTO period_event VALUES (44, %(m)s, 0, 'opened', 'A')", m=MARCH)
    return books


def plan(books: Books, *rows: list[object], officer: str = "A") -> ImportReport:
    return import_plan(books, text([PLAN, *rows]), name="plan.csv", region=44, officer=officer)


def laid_down(books: Books) -> list[tuple[object, ...]]:
    return books.rows("SELECT month, kind, version, booked, amount FROM pooling_plan ORDER BY month, kind, version")


def test_an_amount_laid_down_anew_is_booked_as_the_difference(guangdong: Books) -> None:
    first = plan(guangdong, ["广东", "2025-03", "预拨", "1,000.50", "文1"], [44, "2025-05", "clearing", "-70", "文1"])
    assert (first.accepted, first.rejected, first.changes) == (2, 0, {"laid_down": 2})
    assert laid_down(guangdong) == [
        (MARCH, "advance", 0, MARCH, 100_050),
        (MAY, "clearing", 0, MAY, -7_000),  # moves when its month is run
    ]
    again = plan(guangdong, ["广东", "2025-03", "预拨", "900.50", "文2"], [44, "2025-05", "clearing", "-70.00", "文2"])
    assert again.changes == {"corrected": 1, "unchanged": 1}
    assert laid_down(guangdong)[1] == (MARCH, "advance", 1, MARCH, -10_000)


def test_the_same_file_twice_changes_nothing(guangdong: Books) -> None:
    row: list[object] = ["44", "2025-03", "advance", "5", "文1"]
    plan(guangdong, row)
    assert plan(guangdong, row).repeated
    assert len(laid_down(guangdong)) == 1


def test_rows_that_are_wrong_are_rejected_with_the_reason(guangdong: Books) -> None:
    report = plan(
        guangdong,
        ["44", "2025-03", "advance", "5", "文1"],
        ["44", "2025-03", "advance", "6", "文1"],
        ["湖南", "2025-03", "advance", "5", "文1"],
        ["44", "2025-03", "gift", "5", "文1"],
        ["44", "2025-03", "clearing", "1.005", "文1"],
        ["44", "2025-03", "clearing", "12345678901234", "文1"],
        ["44", "2025-13", "clearing", "5", "文1"],
        ["44", "2025-03", "clearing", "5", ""],
    )
    assert (report.rows, report.accepted, report.rejected) == (8, 1, 7)
    codes = ["duplicate", "not_choice", "not_choice", "amount_form", "amount_form", "month_form", "missing"]
    assert [finding.code for finding in report.findings] == codes
    assert guangdong.value("SELECT count(*) FROM import_row") == 7


def test_only_the_provincial_office_lays_down(guangdong: Books) -> None:
    with pytest.raises(BooksError, match="does not work at the provincial office"):
        plan(guangdong, ["44", "2025-03", "advance", "5", "文1"], officer="C")
    with pytest.raises(BooksError, match="does not work"):
        plan(guangdong, ["44", "2025-03", "advance", "5", "文1"], officer="nobody")
    assert laid_down(guangdong) == []


def test_facts_are_the_law_s_by_either_name_and_of_the_nation_too(guangdong: Books) -> None:
    rows = [
        ["44", 2021, "approved_retirees", "500000", "文"],
        ["全国", 2021, "核定的全国离退休人数", 100_000_000, "文"],
        ["44", 2021, "a_wish", "1", "文"],
        ["44", 2021, "approved_retirees", "-1", "文"],
    ]
    report = import_facts(guangdong, xlsx([FACTS, *rows]), name="facts.xlsx", region=44, officer="A")
    assert (report.accepted, report.rejected) == (2, 2)
    known = "SELECT region, year, name, version, value FROM pooling_fact ORDER BY region, version"
    assert guangdong.rows(known) == [
        (0, 2021, "national_retirees", 0, "100000000"),
        (44, 2021, "approved_retirees", 0, "500000"),
    ]
    corrected = text([FACTS, ["44", 2021, "approved_retirees", "500001", "文"]])
    import_facts(guangdong, corrected, name="facts.csv", region=44, officer="A")
    assert guangdong.rows(known)[2] == (44, 2021, "approved_retirees", 1, "500001")


def test_yaml_rows_say_the_same(guangdong: Books) -> None:
    data = "- {province: 44, month: 2025-03, kind: advance, amount: 10.10, source: '文, 1'}\n".encode()
    assert import_plan(guangdong, data, name="plan.yaml", region=44, officer="A").accepted == 1
    assert laid_down(guangdong) == [(MARCH, "advance", 0, MARCH, 1_010)]


@pytest.mark.parametrize("data", [b"- [1]", b"a: 1", b"[]", b"- {a: {b: 1}}", b"- {a: &x [*x]}", b"\xff", b"- {", b""])
def test_yaml_that_is_no_list_of_rows_is_refused(guangdong: Books, data: bytes) -> None:
    with pytest.raises(IntakeError):
        import_plan(guangdong, data, name="plan.yml", region=44, officer="A")
