"""Suspense: money nobody recognised is given to its payer by an officer, on both sides, and but once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from payers import Payers, day

from shebao.books import Books, BooksError, connect
from shebao.month.close import CHECKS
from shebao.month.collect import collect
from shebao.month.credit import credit
from shebao.month.suspense import Assigned, assign, suspended

WHY = "the bank told us who paid"
RULES = {check.name: check for check in CHECKS if check.name in ("receipts", "unidentified_receipts", "trial_balance")}


@pytest.fixture
def province(books: Books) -> Payers:
    return Payers(books)


@pytest.fixture
def employer(province: Payers) -> int:
    """An employer with a bill of 2,032.00 yuan, number 1."""
    made = province.employer()
    province.declare(made, province.employee(made), 800_000)
    province.run(collect)
    return made


def code(province: Payers, employer: int) -> str:
    return str(province.books.value("SELECT credit_code FROM employer WHERE id = %(e)s", e=employer))


def held(province: Payers) -> str:
    """The id of the only receipt in suspense."""
    (one,) = suspended(province.books, province.region)
    return one.id


def give(province: Payers, receipt: str, payer: str, officer: str = "A44", reason: str = WHY) -> Assigned:
    found = assign(province.books, province.region, receipt, payer, officer, reason)
    agree(province)
    return found


def agree(province: Payers) -> None:
    """What closing compares of receipts, and the ledger as a whole."""
    province.check()
    for check in RULES.values():
        ours, theirs = province.books.one(check.sql, r=province.region, m=province.now)
        assert ours == theirs, check.name


def test_what_is_held_is_listed_with_what_the_bank_said(province: Payers, employer: int) -> None:
    province.pay(("电费", 100, "2025-01-21"), ("谢谢", 200, "2025-01-20"), (1, 203_200, "2025-01-20"))
    found = suspended(province.books, 44)
    assert [(one.amount, one.reference, one.value_date) for one in found] == [
        (200, "谢谢", day("2025-01-20")),
        (100, "电费", day("2025-01-21")),
    ]
    agree(province)


def test_the_payers_bill_is_covered_from_the_day_the_bank_had_the_money(province: Payers, employer: int) -> None:
    province.pay(("谢谢", 203_200 + 500, "2025-01-20"))
    found = give(province, held(province), code(province, employer))
    assert (found.amount, found.covered, found.known) == (203_700, 203_200, False)
    assert province.books.rows("SELECT number, value_date::text, amount FROM allocation") == [
        (1, "2025-01-20", 203_200)
    ]
    assert province.balance("unidentified_receipts", "collection") == 0
    assert province.balance("prepayments", "collection") == -203_700
    province.run(credit)
    agree(province)
    assert province.settled() == [1]
    assert suspended(province.books, 44) == []


def test_the_bill_that_is_named_comes_first(province: Payers, employer: int) -> None:
    person = province.books.value("SELECT person_id FROM contribution LIMIT 1")
    province.turn()
    province.declare(employer, person, 800_000)
    province.run(collect)
    province.pay(("谢谢", 1_000, "2025-02-20"))
    give(province, held(province), province.reference(2).lower())
    assert province.books.rows("SELECT number, amount FROM allocation") == [(2, 1_000)]


def test_what_no_bill_takes_waits_for_the_next(province: Payers, employer: int) -> None:
    province.pay((1, 203_200, "2025-01-20"), ("谢谢", 5_000, "2025-01-21"))
    assert give(province, held(province), code(province, employer)).covered == 0
    province.run(credit)
    province.turn()
    person = province.books.value("SELECT person_id FROM contribution LIMIT 1")
    province.declare(employer, person, 800_000)
    province.run(collect)
    province.run(credit)
    assert province.books.rows("SELECT amount FROM allocation WHERE number = 2") == [(5_000,)]


def test_somebody_who_pays_alone(province: Payers) -> None:
    person = province.flexible(800_000)
    province.run(collect)
    province.pay(("谢谢", 160_000, "2025-01-20"))
    number = province.books.value("SELECT number FROM person WHERE id = %(p)s", p=person)
    assert give(province, held(province), number).covered == 160_000


def test_done_twice_it_changes_nothing(province: Payers, employer: int) -> None:
    province.pay(("谢谢", 1_000, "2025-01-20"))
    receipt, payer = held(province), code(province, employer)
    once = give(province, receipt, payer)
    counts = "SELECT (SELECT count(*) FROM posting), (SELECT count(*) FROM allocation)"
    before = province.books.rows(counts)
    again = give(province, receipt, province.reference(1), reason="the same payer, by its bill")
    assert (again.known, again.amount, again.booked) == (True, once.amount, once.booked)
    assert province.books.rows(counts) == before
    other = province.employer()
    with pytest.raises(BooksError, match="another payer"):
        give(province, receipt, code(province, other))


def test_after_the_credit_step_it_belongs_to_the_next_month(province: Payers, employer: int) -> None:
    province.pay(("谢谢", 203_200, "2025-01-20"))
    province.run(credit)
    assert give(province, held(province), code(province, employer)).booked == day("2025-02")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda given: given | {"payer": "91110000000000000X"}, "no payer"),
        (lambda given: given | {"payer": "RF00440000000001"}, "no payer"),
        (lambda given: given | {"receipt": "nothing"}, "no receipt"),
        (lambda given: given | {"officer": "nobody"}, "no duty"),
        (lambda given: given | {"officer": "looks"}, "no duty"),
        (lambda given: given | {"officer": "A31"}, "no duty"),
        (lambda given: given | {"reason": "  "}, "reason"),
    ],
)
def test_what_cannot_be_is_refused_and_books_nothing(
    province: Payers, employer: int, change: Callable[[dict[str, str]], dict[str, str]], told: str
) -> None:
    Payers(province.books, region=31)
    province.put("officer", id="looks", name="乙", area=province.area, duties="{look,register,approve}", key_hash=b"k")
    province.pay(("谢谢", 1_000, "2025-01-20"))
    given = {"receipt": held(province), "payer": code(province, employer), "officer": "A44", "reason": WHY}
    with pytest.raises(BooksError, match=told):
        give(province, **change(given))
    assert province.books.value("SELECT count(*) FROM receipt_assignment") == 0


def test_a_payer_of_another_region_is_refused(province: Payers, employer: int) -> None:
    there = Payers(province.books, region=31)
    there.made = 500
    province.pay(("谢谢", 1_000, "2025-01-20"))
    with pytest.raises(BooksError, match="no payer"):
        give(province, held(province), code(province, there.employer()))


def test_a_receipt_with_a_bill_is_not_in_suspense(province: Payers, employer: int) -> None:
    province.pay((1, 1_000, "2025-01-20"))
    receipt = province.books.value("SELECT id FROM receipt")
    with pytest.raises(BooksError, match="not in suspense"):
        give(province, receipt, code(province, employer))


def test_who_it_was_is_never_edited(province: Payers, employer: int) -> None:
    """Not even by the owner of the tables; and no second row can take the place of the first."""
    province.pay(("谢谢", 1_000, "2025-01-20"))
    give(province, held(province), code(province, employer))
    with connect("owner") as owner:
        for statement in ("UPDATE receipt_assignment SET reason = 'x'", "DELETE FROM receipt_assignment"):
            with pytest.raises(Exception, match="append-only"):
                owner.execute(statement)
