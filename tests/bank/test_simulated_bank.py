"""The bank that answers as a rule says."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime

import pytest
from bankfiles import payment_file, transfer

from shebao.bank import read_statement, read_status
from shebao.bank.simulate import REJECTED, RETURNED, SETTLED, Bank, Outcome, by_seed

ACCOUNT, AT = "4400000000000001", datetime(2025, 3, 15, 18)
LINES = [transfer(1, amount=100_00), transfer(2, amount=200_00), transfer(3, amount=300_00)]


def second_rejected_third_returned(line: object) -> Outcome:
    return {"2025-03-44-000002": REJECTED, "2025-03-44-000003": RETURNED}.get(line.end_to_end_id, SETTLED)  # type: ignore[attr-defined]


def test_a_payment_file_is_answered_line_by_line(valid: Callable[[bytes], bytes]) -> None:
    bank = Bank(ACCOUNT, 1_000_00, second_rejected_third_returned)
    report = read_status(io.BytesIO(valid(bank.pay(payment_file(LINES), AT))))
    assert report.original_message_id == "44-2025-03-1"
    assert [(row.status, row.reason) for row in report.records()] == [("ACSC", None), ("RJCT", "AC01"), ("ACSC", None)]
    assert report.group_status == "PART"

    (back,) = read_statement(io.BytesIO(valid(bank.notification(AT)))).records()
    assert (back.end_to_end_id, back.amount, back.return_reason) == ("2025-03-44-000003", 300_00, "AC04")

    day = read_statement(io.BytesIO(valid(bank.statement(AT))))
    assert [(row.entry, row.amount) for row in day.records()] == [(1, -100_00), (1, -300_00), (2, 300_00)]
    assert (day.opening, day.closing) == (1_000_00, 900_00) == (1_000_00, bank.balance)
    assert back.servicer_reference == list(day.records())[2].servicer_reference


def test_a_statement_goes_on_where_the_last_one_closed(valid: Callable[[bytes], bytes]) -> None:
    bank = Bank(ACCOUNT, 1_000_00)
    bank.receive(date(2025, 3, 10), 55, "44-BILL-1", debtor_name="某某公司")
    first = read_statement(io.BytesIO(valid(bank.statement(AT))))
    second = read_statement(io.BytesIO(valid(bank.statement(AT))))
    assert (first.closing, second.opening, second.closing, len(second.entries)) == (1_000_55, 1_000_55, 1_000_55, 0)
    assert next(first.records()).creditor_reference == "44-BILL-1"
    assert first.id != second.id


def test_the_same_file_is_not_paid_twice() -> None:
    bank, file = Bank(ACCOUNT, 10_000_00), payment_file(LINES)
    bank.pay(file, AT)
    balance = bank.balance
    report = read_status(io.BytesIO(bank.pay(file, AT)))
    assert (report.group_status, report.group_reason, bank.balance) == ("RJCT", "DU01", balance)


@pytest.mark.parametrize(("account", "balance", "reason"), [("9", 10**9, "AC02"), (ACCOUNT, 599_99, "AM04")])
def test_a_file_on_another_account_or_without_cover_is_rejected_whole(account: str, balance: int, reason: str) -> None:
    bank = Bank(account, balance)
    report = read_status(io.BytesIO(bank.pay(payment_file(LINES), AT)))
    assert (report.group_status, report.group_reason, bank.balance) == ("RJCT", reason, balance)


def test_single_booking_gives_an_entry_per_transfer() -> None:
    bank = Bank(ACCOUNT, 10_000_00)
    bank.pay(payment_file(LINES, batch_booking=False), AT)
    assert [row.entry for row in read_statement(io.BytesIO(bank.statement(AT))).records()] == [1, 2, 3]


def test_the_seeded_rule_takes_about_its_share_and_always_the_same_lines() -> None:
    lines = [transfer(number) for number in range(5_000)]
    rule = by_seed(7, rejected=100, returned=200)
    kinds = [rule(line).kind for line in lines]
    assert kinds == [by_seed(7, rejected=100, returned=200)(line).kind for line in lines]
    assert 20 < kinds.count("rejected") < 90
    assert 60 < kinds.count("returned") < 150
    assert kinds != [by_seed(8, rejected=100, returned=200)(line).kind for line in lines]
