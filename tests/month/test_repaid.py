"""Money that a debtor sends back: recorded once, up to what is owed, in the subledger and the journal alike."""

from __future__ import annotations

import datetime as dt

import pytest
from smallbooks import MARCH, Province, province

from shebao.books import Books, BooksError
from shebao.books.ledger import Posting
from shebao.month.recover import agree
from shebao.month.repaid import Repaid, repay

DAY, SCHEME = dt.date(2025, 3, 10), "employee_pension"


@pytest.fixture
def guangdong(books: Books) -> Province:
    """A pensioner owes 6,000 yuan: receivable 1."""
    made = province(books)
    person = made.person()
    books.execute(
        """INSERT INTO receivable (region, number, area, booked, person_id, benefit, scheme, amount, reason)
           VALUES (44, 1, 440000000000, %(m)s, %(p)s, 'employee_pension', 'employee_pension', 600000, 'test')""",
        m=MARCH,
        p=person,
    )
    made.post("paid too much", Posting(SCHEME, "benefits_receivable", 600_000), Posting(SCHEME, "benefits", -600_000))
    return made


def pay_back(guangdong: Province, fen: int, reference: str = "B-1", number: int = 1) -> Repaid:
    return repay(guangdong.books, 44, number, fen, DAY, reference, "A")


def test_what_came_back_is_owed_no_longer(guangdong: Province) -> None:
    assert pay_back(guangdong, 200_000) == Repaid(1, 200_000, 400_000, MARCH)
    assert guangdong.balance("benefits_receivable") == 400_000
    assert guangdong.balance("bank_expenditure") == 200_000
    agree(guangdong.books, 44, 1, 10_000, "A", "agreed")  # what is withheld follows the rest
    assert pay_back(guangdong, 400_000, "B-2").outstanding == 0
    assert guangdong.books.rows("SELECT kind::text, amount, detail FROM recovery ORDER BY version") == [
        ("received", 200_000, "2025-03-10 B-1 A"),
        ("received", 400_000, "2025-03-10 B-2 A"),
    ]


def test_the_same_entry_is_recorded_once(guangdong: Province) -> None:
    pay_back(guangdong, 200_000)
    assert pay_back(guangdong, 200_000) == Repaid(1, 200_000, 400_000, MARCH, known=True)
    with pytest.raises(BooksError, match=r"recorded with 2,000\.00 yuan"):
        pay_back(guangdong, 200_001)
    assert guangdong.balance("benefits_receivable") == 400_000


@pytest.mark.parametrize(
    ("fen", "reference", "number", "said"),
    [
        (600_001, "B-1", 1, "more than the 6,000.00 still owed"),
        (0, "B-1", 1, "more than 0"),
        (-5, "B-1", 1, "more than 0"),
        (5, " ", 1, "the bank's reference"),
        (5, "B-1", 7, "no receivable 7"),
    ],
)
def test_a_repayment_that_cannot_be(guangdong: Province, fen: int, reference: str, number: int, said: str) -> None:
    with pytest.raises(BooksError, match=said):
        pay_back(guangdong, fen, reference, number)
    assert guangdong.balance("benefits_receivable") == 600_000
    assert guangdong.books.value("SELECT count(*) FROM recovery") == 0
