"""Paying: once, the difference only, from the account as far as it reaches, and never silently not at all."""

from __future__ import annotations

import datetime as dt

import psycopg
import pytest
from smallbooks import MARCH, Province, province

from shebao.books import Books, BooksError
from shebao.month.pay import pay
from shebao.month.recover import agree

APRIL = dt.date(2025, 4, 1)


@pytest.fixture
def guangdong(books: Books) -> Province:
    return province(books)


def paid(books: Books) -> list[tuple[object, ...]]:
    return books.rows(
        """SELECT to_char(month, 'YYYY-MM'), person_id, version, amount, account_part, withheld, batch IS NOT NULL
           FROM payment ORDER BY month, person_id, benefit, version"""
    )


def test_a_pension_is_paid_once_and_the_account_bears_its_part(guangdong: Province) -> None:
    person = guangdong.person(balance=120_000)
    guangdong.entitle(person, 300_000, account_part=50_000)
    summary = guangdong.step("pay", pay)
    assert paid(guangdong.books) == [("2025-03", person, 0, 300_000, 50_000, 0, True)]
    assert (summary.numbers["amount_fen"], summary.numbers["account_part_fen"]) == (300_000, 50_000)
    assert guangdong.balance("benefits") == 250_000
    assert guangdong.balance("individual_accounts") == -70_000
    assert guangdong.balance("benefits_payable") == -300_000
    with guangdong.books.transaction():
        again = pay(guangdong.context())
    assert (again.numbers["payments"], again.numbers["batches"]) == (0, 0)
    with pytest.raises(psycopg.errors.UniqueViolation):
        guangdong.books.execute(
            """INSERT INTO payment (month, person_id, benefit, version, scheme, region, area, booked, amount)
               SELECT month, person_id, benefit, version, scheme, region, area, booked, amount FROM payment"""
        )


def test_a_used_up_account_leaves_the_rest_to_the_fund(guangdong: Province) -> None:
    person = guangdong.person(balance=80_000)
    guangdong.entitle(person, 300_000, account_part=50_000)
    guangdong.step("pay", pay)
    guangdong.close(MARCH)
    guangdong.step("pay", pay, APRIL)
    guangdong.close(APRIL)
    guangdong.step("pay", pay, dt.date(2025, 5, 1))
    assert [row[4] for row in paid(guangdong.books)] == [50_000, 30_000, 0]
    assert guangdong.balance("individual_accounts") == 0


def test_arrears_are_paid_month_by_month_and_share_the_account(guangdong: Province) -> None:
    person = guangdong.person(balance=120_000)
    guangdong.entitle(person, 300_000, account_part=50_000, valid="[2025-01-01,)", award_version=0)
    guangdong.step("pay", pay)
    assert [(row[0], row[3], row[4]) for row in paid(guangdong.books)] == [
        ("2025-01", 300_000, 50_000),
        ("2025-02", 300_000, 50_000),
        ("2025-03", 300_000, 20_000),
    ]


def test_what_was_taken_over_is_not_paid_again_but_its_correction_is(guangdong: Province) -> None:
    person = guangdong.person()
    guangdong.entitle(person, 300_000, valid="[2015-01-01,)")
    guangdong.step("pay", pay)
    assert len(paid(guangdong.books)) == 1
    guangdong.close(MARCH)
    guangdong.supersede(person, APRIL)
    guangdong.entitle(person, 300_000, valid="[2015-01-01,2025-01-01)", booked=APRIL)
    guangdong.entitle(person, 310_000, valid="[2025-01-01,)", award_version=0, booked=APRIL)
    guangdong.step("pay", pay, APRIL)
    assert [(row[0], row[2], row[3]) for row in paid(guangdong.books)] == [
        ("2025-01", 0, 10_000),
        ("2025-02", 0, 10_000),
        ("2025-03", 0, 300_000),
        ("2025-03", 1, 10_000),
        ("2025-04", 0, 310_000),
    ]


def test_a_death_known_late_is_claimed_back_and_the_account_restored(guangdong: Province) -> None:
    person = guangdong.person(balance=500_000)
    guangdong.entitle(person, 300_000, account_part=50_000)
    guangdong.step("pay", pay)
    guangdong.close(MARCH)
    guangdong.supersede(person, APRIL)
    guangdong.entitle(person, 300_000, account_part=50_000, valid="[2020-01-01,2025-02-01)", booked=APRIL)
    summary = guangdong.step("pay", pay, APRIL)
    assert summary.numbers["receivables"] == 1
    assert [(row[0], row[2], row[3], row[4]) for row in paid(guangdong.books)] == [
        ("2025-02", 0, -300_000, -50_000),
        ("2025-03", 0, 300_000, 50_000),
        ("2025-03", 1, -300_000, -50_000),
    ]
    assert guangdong.balance("benefits_receivable") == 600_000
    assert guangdong.balance("individual_accounts") == -550_000


def test_the_death_of_one_taken_over_in_the_first_month_is_claimed_back(guangdong: Province) -> None:
    person = guangdong.person()
    guangdong.entitle(person, 300_000)
    guangdong.supersede(person, MARCH)
    guangdong.entitle(person, 300_000, valid="[2020-01-01,2025-02-01)")
    guangdong.step("pay", pay)
    assert [(row[0], row[3]) for row in paid(guangdong.books)] == [("2025-02", -300_000)]


def test_an_agreed_instalment_is_withheld_and_no_more(guangdong: Province) -> None:
    person = guangdong.person()
    guangdong.entitle(person, 300_000, valid="[2015-01-01,)")
    guangdong.step("pay", pay)
    guangdong.close(MARCH)
    guangdong.supersede(person, APRIL)
    guangdong.entitle(person, 300_000, valid="[2015-01-01,2025-03-01)", booked=APRIL)
    guangdong.entitle(person, 280_000, valid="[2025-03-01,)", award_version=0, booked=APRIL)
    guangdong.step("pay", pay, APRIL)
    assert guangdong.balance("benefits_receivable") == 20_000
    guangdong.close(APRIL)
    agree(guangdong.books, 44, 1, 15_000, "A", "协议 2025-1")
    for month, withheld in (("2025-05", 15_000), ("2025-06", 5_000), ("2025-07", 0)):
        day = dt.date.fromisoformat(f"{month}-01")
        assert guangdong.step("pay", pay, day).numbers["withheld_fen"] == withheld
        guangdong.close(day)
    assert guangdong.balance("benefits_receivable") == 0
    with pytest.raises(BooksError, match="no receivable 7"):
        agree(guangdong.books, 44, 7, 15_000, "A", "x")


def test_without_an_account_it_is_payable_named_and_paid_when_there_is_one(guangdong: Province) -> None:
    person = guangdong.person(account=False)
    guangdong.entitle(person, 300_000)
    summary = guangdong.step("pay", pay)
    assert (summary.numbers["without_account"], summary.numbers["without_account_fen"]) == (1, 300_000)
    assert guangdong.numbers[0] in summary.notes[0][1]
    assert guangdong.balance("benefits_payable") == -300_000
    guangdong.close(MARCH)
    guangdong.bank_account(person)
    summary = guangdong.step("pay", pay, APRIL)
    assert summary.numbers["retried"] == 1
    assert guangdong.books.value("SELECT amount FROM payment_batch WHERE booked = %(m)s", m=APRIL) == 600_000
    guangdong.close(APRIL)
    assert guangdong.step("pay", pay, dt.date(2025, 5, 1)).numbers["retried"] == 0


def test_of_two_accounts_the_one_in_the_person_s_own_name_is_paid(guangdong: Province) -> None:
    person = guangdong.person()
    own = guangdong.books.value("SELECT id FROM bank_account")
    guangdong.books.execute(
        """INSERT INTO bank_account (person_id, region, area, valid, holder, bank_code, number)
           VALUES (%(p)s, 44, 440000000000, '[2000-01-01,)', '监护人', '102581000013', '6222999900000001')""",
        p=person,
    )
    guangdong.entitle(person, 300_000)
    guangdong.step("pay", pay)
    assert guangdong.books.value("SELECT bank_account_id FROM payment") == own


@pytest.mark.parametrize(("valid", "paid_out"), [("(,)", True), ("[,2025-04-01)", True), ("[2025-04-01,)", False)])
def test_an_account_counts_in_the_months_it_is_valid_in(guangdong: Province, valid: str, paid_out: bool) -> None:
    person = guangdong.person(account=False)
    guangdong.books.execute(
        """INSERT INTO bank_account (person_id, region, area, valid, holder, bank_code, number)
           VALUES (%(p)s, 44, 440000000000, %(v)s, '王1', '102581000013', '6222999900000001')""",
        p=person,
        v=valid,
    )
    guangdong.entitle(person, 300_000)
    guangdong.step("pay", pay)
    assert [row[6] for row in paid(guangdong.books)] == [paid_out]


def test_an_account_recorded_where_the_person_lived_before_is_paid(guangdong: Province) -> None:
    person = guangdong.person(account=False)
    guangdong.books.execute(
        """INSERT INTO bank_account (person_id, region, area, valid, holder, bank_code, number)
           VALUES (%(p)s, 31, 310000000000, '[2000-01-01,)', '王1', '102581000013', '6222999900000001')""",
        p=person,
    )
    guangdong.entitle(person, 300_000)
    assert guangdong.step("pay", pay).numbers["without_account"] == 0


def test_what_the_account_of_another_province_holds_is_not_drawn(guangdong: Province) -> None:
    person = guangdong.person(balance=30_000)
    guangdong.books.execute(
        """INSERT INTO account_movement (month, person_id, scheme, kind, version, region, area, amount, booked)
           VALUES (%(m)s, %(p)s, 'employee_pension', 'contribution', 0, 31, 310000000000, 90000, %(m)s)""",
        p=person,
        m=MARCH,
    )
    guangdong.entitle(person, 300_000, account_part=50_000)
    assert guangdong.step("pay", pay).numbers["account_part_fen"] == 30_000


def test_a_balance_is_the_last_statement_and_what_came_since(guangdong: Province) -> None:
    """Stated is 30,000 in the end; since then 5,000 about the year stated and 4,000 about this one were booked."""
    person, other = guangdong.person(balance=70_000), guangdong.person(balance=8_000)
    guangdong.books.ensure_months([dt.date(2024, 6, 1)])
    for version, closing in ((0, 20_000), (1, 30_000)):
        guangdong.books.execute(
            """INSERT INTO account_year (year, person_id, scheme, version, region, area, opening, credits, withdrawals,
                interest, closing, provisional, booked)
               VALUES (2024, %(p)s, 'employee_pension', %(v)s, 44, 440000000000, 0, %(c)s, 0, 0, %(c)s, false,
                   '2025-01-01')""",
            p=person,
            v=version,
            c=closing,
        )
    for month, kind, booked, fen in (
        ("2024-06-01", "contribution", "2024-06-01", 1_000),  # in the statement
        ("2024-06-01", "transfer_in", MARCH, 5_000),
        ("2024-12-01", "interest", MARCH, 900),  # in the statement, whenever it was booked
        (MARCH, "contribution", MARCH, 4_000),
    ):
        guangdong.books.execute(
            """INSERT INTO account_movement (month, person_id, scheme, kind, version, region, area, amount, booked)
               VALUES (%(m)s, %(p)s, 'employee_pension', %(k)s, 0, 44, 440000000000, %(fen)s, %(b)s)""",
            m=month,
            p=person,
            k=kind,
            b=booked,
            fen=fen,
        )
    guangdong.entitle(person, 300_000, account_part=200_000)
    guangdong.entitle(other, 300_000, account_part=200_000)  # without a statement every entry counts
    guangdong.step("pay", pay)
    assert [row[4] for row in paid(guangdong.books)] == [39_000 + 70_000, 8_000]


def test_the_number_of_statements_does_not_grow_with_people(guangdong: Province) -> None:
    counts = []
    for month, more in ((MARCH, 1), (APRIL, 30)):
        for _ in range(more):
            guangdong.entitle(guangdong.person(balance=1_000_000), 300_000, account_part=50_000, booked=month)
        before = guangdong.books.statements
        guangdong.step("pay", pay, month)
        counts.append(guangdong.books.statements - before)
        guangdong.close(month)
    assert counts[0] == counts[1]
