"""Closing: every figure agrees, or nothing is closed and all that disagrees is named."""

from __future__ import annotations

import datetime as dt

import psycopg
import pytest
from smallbooks import MARCH, Province, province

from shebao.books import Books, BooksError, connect
from shebao.books.ledger import Posting
from shebao.month.alone import alone
from shebao.month.close import CHECKS, close, examine
from shebao.month.orders import approve
from shebao.month.pay import pay
from shebao.month.run import reopen_month

APRIL = dt.date(2025, 4, 1)


@pytest.fixture
def guangdong(books: Books) -> Province:
    made = province(books)
    for amount in (300_000, 200_000):
        made.entitle(made.person(balance=100_000), amount, account_part=40_000)
    made.entitle(made.person(account=False), 100_000)
    made.step("pay", pay)
    return made


def found(guangdong: Province) -> dict[str, tuple[int, int]]:
    return {one.check.name: (one.ours, one.theirs) for one in examine(guangdong.context())}


def test_sound_books_close_and_open_the_next_month(guangdong: Province) -> None:
    summary = guangdong.step("close", close)
    assert (summary.numbers["without_account"], summary.numbers["unsettled_fen"]) == (1, 500_000)
    books = guangdong.books
    assert books.value("SELECT period_closed(44::smallint, '2025-03-01')")
    assert books.value("SELECT max(month) FROM period_event") == APRIL
    names = {name for (name,) in books.rows("SELECT name FROM close_check WHERE passed")}
    assert names == {check.name for check in CHECKS} | {"benefits_payable employee_pension"}
    with pytest.raises(psycopg.errors.RestrictViolation, match="is closed"):
        guangdong.entitle(1, 5, benefit="funeral_grant", booked=MARCH)


def test_the_bridge_tells_who_began_ended_and_changed(guangdong: Province) -> None:
    guangdong.step("close", close)
    guangdong.supersede(1, APRIL)
    guangdong.entitle(1, 300_000, account_part=40_000, valid="[2020-01-01,2025-04-01)", booked=APRIL)
    guangdong.supersede(2, APRIL)
    guangdong.entitle(2, 200_000, account_part=40_000, valid="[2020-01-01,2025-04-01)", booked=APRIL)
    guangdong.entitle(2, 210_000, account_part=40_000, valid="[2025-04-01,)", booked=APRIL)
    guangdong.month = APRIL
    guangdong.entitle(guangdong.person(), 50_000, valid="[2025-04-01,)")
    guangdong.step("pay", pay)
    numbers = guangdong.step("close", close).numbers
    expected = {"last_month": 3, "begun": 1, "ended": 1, "changed": 1, "this_month": 3}
    assert {name: numbers[name] for name in expected} == expected
    assert (numbers["begun_fen"], numbers["ended_fen"], numbers["changed_fen"]) == (50_000, -300_000, 10_000)


@pytest.mark.parametrize(
    ("account", "check"),
    [
        ("individual_accounts", "individual_accounts"),
        ("benefits_payable", "benefits_payable employee_pension"),
        ("returned_payments", "returned_payments"),
        ("benefits_receivable", "benefits_receivable"),
        ("contributions_receivable", "contributions_receivable"),
        ("prepayments", "receipts"),
        ("benefits", "benefits"),
    ],
)
def test_a_fen_that_no_row_explains_is_found(guangdong: Province, account: str, check: str) -> None:
    guangdong.post("stray", Posting("employee_pension", account, 1), Posting("employee_pension", "fund_balance", -1))
    with pytest.raises(BooksError, match=check):
        guangdong.step("close", close)
    assert not guangdong.books.value("SELECT period_closed(44::smallint, '2025-03-01')")
    assert guangdong.books.value("SELECT count(*) FROM close_check") == 0
    logged = guangdong.books.value("SELECT detail FROM run_log WHERE event = 'checked'")
    assert not logged[check]["passed"]
    assert sum(not each["passed"] for each in logged.values()) == 1


def test_an_entitlement_that_was_not_paid_is_found(guangdong: Province) -> None:
    guangdong.entitle(guangdong.person(), 70_000)
    with pytest.raises(BooksError, match="due_paid 1 ≠ 0"):
        guangdong.step("close", close)


def test_a_missing_account_entry_is_found(guangdong: Province) -> None:
    with connect("owner") as owner:
        owner.execute("ALTER TABLE account_movement DISABLE TRIGGER USER")
        owner.execute("ALTER TABLE account_movement_2025_03 DISABLE TRIGGER USER")
        owner.execute("DELETE FROM account_movement WHERE person_id = 1")
    differing = {name for name, (ours, theirs) in found(guangdong).items() if ours != theirs}
    assert differing == {"individual_accounts"}


def test_a_reopened_month_pays_the_difference_only(guangdong: Province, tmp_path) -> None:  # type: ignore[no-untyped-def]
    approve(guangdong.books, 44, MARCH, "B", tmp_path)
    guangdong.step("close", close)
    reopen_month(guangdong.books, 44, MARCH, "A", "漏报")
    guangdong.supersede(1, MARCH)
    guangdong.entitle(1, 300_000, account_part=40_000, valid="[2020-01-01,2025-03-01)")
    guangdong.entitle(1, 310_000, account_part=40_000, valid="[2025-03-01,)", award_version=0)
    guangdong.supersede(2, MARCH)
    guangdong.entitle(2, 200_000, account_part=40_000, valid="[2020-01-01,2025-03-01)")
    summary = guangdong.step("pay", pay)
    assert summary.numbers["amount_fen"] == 10_000 - 200_000
    assert guangdong.step("close", close).numbers["this_month_fen"] == 410_000
    assert guangdong.balance("benefits_receivable") == 200_000


def test_a_month_is_not_reopened_while_a_run_is_at_work(guangdong: Province, tmp_path) -> None:  # type: ignore[no-untyped-def]
    guangdong.close(MARCH)
    with connect("run") as other, alone(other, 44), pytest.raises(BooksError, match="at work"):
        reopen_month(guangdong.books, 44, MARCH, "A", "漏报")
    reopen_month(guangdong.books, 44, MARCH, "A", "漏报")
    with pytest.raises(BooksError, match="not closed"):
        reopen_month(guangdong.books, 44, MARCH, "A", "漏报")
