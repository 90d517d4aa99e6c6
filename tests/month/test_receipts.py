"""Receipts: who paid, found by the reference of the bill; nothing is lost, nothing booked twice."""

from __future__ import annotations

import pytest
from payers import Payers, camt

from shebao.bank import BankFileError
from shebao.books import Books, BooksError
from shebao.month.bills import read_reference, reference
from shebao.month.collect import collect
from shebao.month.credit import credit
from shebao.month.receipts import DEBIT, KNOWN, SUSPENSE, import_statement


@pytest.fixture
def province(books: Books) -> Payers:
    return Payers(books)


def billed(province: Payers) -> None:
    employer = province.employer()
    province.declare(employer, province.employee(employer), 800_000)
    province.run(collect)


def test_a_reference_is_read_back_and_a_mistyped_one_is_not() -> None:
    assert reference(44, 1) == "RF" + f"{98 - int('440000000001271500') % 97:02d}" + "440000000001"
    assert read_reference(reference(44, 12_345)) == (44, 12_345)
    assert read_reference(reference(44, 12_345).lower().replace("44", "44 ", 1)) == (44, 12_345)
    good = reference(44, 12_345)
    for at in range(2, len(good)):
        assert read_reference(good[:at] + str((int(good[at]) + 1) % 10) + good[at + 1 :]) is None
    for wrong in ("", "RF", "RF４４440000000001", good + "0", good[:-1]):
        assert read_reference(wrong) is None


def test_a_payment_finds_its_bill(province: Payers) -> None:
    billed(province)
    report = province.pay((1, 203_200, "2025-01-20"))
    assert (report.rows, report.accepted, report.accepted_fen, report.suspense, report.rejected) == (
        1,
        1,
        203_200,
        0,
        0,
    )
    assert province.books.rows("SELECT number, value_date::text, amount FROM allocation") == [
        (1, "2025-01-20", 203_200)
    ]
    assert province.balance("bank_income", "collection") == 203_200


def test_an_unknown_reference_is_kept_in_suspense_and_reported(province: Payers) -> None:
    billed(province)
    report = province.pay(("电费", 100, "2025-01-20"), (province.reference(9), 200, "2025-01-20"))
    assert (report.accepted, report.suspense, report.suspense_fen) == (0, 2, 300)
    assert report.reasons == {SUSPENSE: 2}
    assert province.balance("unidentified_receipts", "collection") == -300
    assert province.books.value("SELECT count(*) FROM allocation") == 0
    raw = province.books.rows("SELECT outcome::text, raw->>'reference' FROM import_row ORDER BY row_number")
    assert raw == [("adjusted", "电费"), ("adjusted", province.reference(9))]


def test_the_same_file_twice_gives_the_same_report_and_books_nothing(province: Payers) -> None:
    billed(province)
    once = province.pay((1, 203_200, "2025-01-20"), ("?", 5, "2025-01-21"))
    counts = "SELECT (SELECT count(*) FROM receipt), (SELECT count(*) FROM posting), (SELECT count(*) FROM allocation)"
    before = province.books.rows(counts)
    assert province.pay((1, 203_200, "2025-01-20"), ("?", 5, "2025-01-21")) == once
    assert province.books.rows(counts) == before


def test_an_entry_known_from_another_statement_is_not_booked_again(province: Payers) -> None:
    billed(province)
    data = camt((province.reference(1), 203_200, "2025-01-20"))
    import_statement(province.books, data, "one.xml", "A44")
    again = import_statement(province.books, data.replace(b"<MsgId>M1<", b"<MsgId>M2<"), "two.xml", "A44")
    assert (again.accepted, again.rejected, again.reasons) == (0, 1, {KNOWN: 1})
    province.check()
    assert province.books.value("SELECT count(*) FROM receipt") == 1


def test_a_debit_is_no_receipt_and_is_reported(province: Payers) -> None:
    billed(province)
    report = province.pay((1, 203_200, "2025-01-20"), ("sweep", -100, "2025-01-21"))
    assert (report.accepted, report.rejected, report.reasons) == (1, 1, {DEBIT: 1})


def test_money_goes_to_the_bill_quoted_first_and_then_to_the_oldest(province: Payers) -> None:
    employer = province.employer()
    person = province.employee(employer)
    for _ in range(2):
        province.declare(employer, person, 800_000)
        province.run(collect)
        province.turn()
    province.pay((2, 203_200 + 100, "2025-03-05"))
    allocated = province.books.rows("SELECT number, amount FROM allocation ORDER BY number")
    assert allocated == [(1, 100), (2, 203_200)]
    province.run(credit)
    assert province.settled() == [2]


def test_several_provinces_in_one_file(books: Books) -> None:
    here, there = Payers(books), Payers(books, region=31)
    there.made = 500
    for province in (here, there):
        billed(province)
    report = here.pay(
        (here.reference(1), 100, "2025-01-20"), (there.reference(1), 200, "2025-01-20"), ("?", 3, "2025-01-20")
    )
    assert (report.accepted, report.accepted_fen, report.suspense) == (2, 300, 1)
    assert (here.balance("prepayments", "collection"), there.balance("prepayments", "collection")) == (-100, -200)
    assert here.balance("unidentified_receipts", "collection") == -3
    there.check()


def test_a_receipt_after_the_credit_step_is_booked_in_the_next_month(province: Payers) -> None:
    billed(province)
    province.run(credit)
    province.pay((1, 203_200, "2025-01-31"))
    assert province.books.value("SELECT booked::text FROM receipt") == "2025-02-01"


def test_a_broken_file_and_an_unknown_officer_book_nothing(province: Payers) -> None:
    billed(province)
    with pytest.raises(BankFileError):
        import_statement(province.books, b"<Document/>", "x.xml", "A44")
    with pytest.raises(BooksError, match="not known"):
        import_statement(province.books, camt(("x", 1, "2025-01-20")), "x.xml", "nobody")
    assert province.books.value("SELECT count(*) FROM import_file") == 0
