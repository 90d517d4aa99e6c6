"""Suspense: money nobody recognised is given to its payer by an officer, on both sides, and but once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from payers import Payers, day

from shebao.books import Books, BooksError, connect
from shebao.month.close import CHECKS
from shebao.month.collect import collect
from shebao.month.credit import credit
from shebao.month.suspense import Assigned, Unassigned, assign, suspended, unassign

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


# -- taken back --------------------------------------------------------------------------------------


def take(province: Payers, receipt: str, officer: str = "A44", reason: str = WHY) -> Unassigned:
    found = unassign(province.books, province.region, receipt, officer, reason)
    agree(province)
    return found


def late_fees(province: Payers) -> list[int]:
    return [amount for _, _, kind, amount in province.bills() if kind == "late_fee"]


def covered(province: Payers) -> dict[int, int]:
    """What covers each bill."""
    return dict(province.books.rows("SELECT number, sum(amount)::bigint FROM allocation GROUP BY 1 ORDER BY 1"))


@pytest.fixture
def wrong(province: Payers, employer: int) -> str:
    """A receipt that covers the employer's bill, and is not the employer's."""
    province.pay(("谢谢", 203_200 + 500, "2025-01-20"))
    give(province, held(province), code(province, employer))
    return str(province.books.value("SELECT id FROM receipt"))


def test_taken_back_before_the_credit_it_leaves_the_bill_open(province: Payers, employer: int, wrong: str) -> None:
    found = take(province, wrong)
    assert (found.amount, found.lacking, found.payer, found.anew) == (203_700, 203_200, code(province, employer), {})
    assert [one.id for one in suspended(province.books, 44)] == [wrong]
    assert province.balance("unidentified_receipts", "collection") == -203_700
    assert province.balance("prepayments", "collection") == 0
    province.run(credit)
    agree(province)
    assert province.settled() == []
    province.turn()
    assert late_fees(province) == []
    province.turn()
    province.run(collect)  # 28 days of February, 5 in 10 000 of 2032.00 yuan a day
    assert sum(late_fees(province)) == 2_845


def test_the_right_payer_gets_it_afterwards(province: Payers, employer: int, wrong: str) -> None:
    right = province.employer()
    province.turn()
    province.declare(right, province.employee(right), 800_000)
    province.declare(employer, province.books.value("SELECT person_id FROM contribution LIMIT 1"), 0, withdrawn=True)
    province.run(collect)
    with pytest.raises(BooksError, match="unassign takes it back first"):
        give(province, wrong, code(province, right))
    take(province, wrong)
    found = give(province, wrong, code(province, right))
    assert (found.known, found.covered) == (False, 203_200)
    assert covered(province) == {1: 0, 2: 203_200}
    assert province.books.rows("SELECT version, employer_id FROM receipt_assignment ORDER BY 1") == [
        (0, employer),
        (1, None),
        (2, right),
    ]
    assert give(province, wrong, code(province, right)).known


def test_what_it_had_not_covered_costs_nothing(province: Payers, employer: int) -> None:
    province.pay((1, 203_200, "2025-01-20"), ("谢谢", 5_000, "2025-01-21"))
    receipt = held(province)
    give(province, receipt, code(province, employer))
    found = take(province, receipt)
    assert (found.lacking, found.anew, covered(province)) == (0, {}, {1: 203_200})


def test_a_settled_bill_is_reversed_and_owed_again(province: Payers, employer: int, wrong: str) -> None:
    (person,) = province.books.one("SELECT DISTINCT person_id FROM contribution")
    province.run(credit)
    assert (province.settled(), province.account(person)) == ([1], [("2025-01", "contribution", 0, 64_000)])
    province.turn()
    found = take(province, wrong)
    assert (found.lacking, found.anew) == (203_200, {province.reference(1): province.reference(3)})
    assert province.bills() == [
        (1, "2025-01", "regular", 203_200),
        (2, "2025-01", "reversal", -203_200),
        (3, "2025-01", "correction", 203_200),
    ]
    province.run(credit)
    agree(province)
    assert province.settled() == [1, 2]
    assert province.account(person) == [("2025-01", "contribution", 0, 64_000), ("2025-01", "contribution", 1, -64_000)]
    assert (province.open_fen(), province.balance("prepayments", "collection")) == (203_200, 0)
    assert province.balance("pooled_contributions") == 0
    province.turn()
    province.pay((3, 203_200, "2025-03-10"))
    province.run(credit)
    agree(province)
    assert sum(fen for *_, fen in province.account(person)) == 64_000
    assert province.settled() == [1, 2, 3]


def test_late_fees_run_on_from_the_day_it_was_thought_paid(province: Payers, employer: int) -> None:
    province.turn()
    province.pay(("谢谢", 203_200, "2025-02-10"))
    receipt = held(province)
    give(province, receipt, code(province, employer))
    province.run(credit)
    province.turn()
    province.run(collect)
    before = sum(late_fees(province))
    assert before > 0  # for the first ten days of February
    take(province, receipt)
    province.turn()
    province.run(collect)
    assert sum(late_fees(province)) > before
    days = "SELECT due_on::text FROM bill WHERE kind = 'correction'"
    assert province.books.rows(days) == [("2025-02-10",)]


def test_what_the_payer_had_paid_itself_stays_with_the_bill(province: Payers, employer: int) -> None:
    province.pay((1, 100_000, "2025-01-19"), ("谢谢", 103_200, "2025-01-20"))
    receipt = held(province)
    give(province, receipt, code(province, employer))
    province.run(credit)
    province.turn()
    found = take(province, receipt)
    assert found.lacking == 103_200
    assert covered(province) == {1: 203_200, 2: -203_200, 3: 100_000}
    province.pay((3, 103_200, "2025-02-20"))
    province.run(credit)
    agree(province)
    assert province.settled() == [1, 2, 3]


def test_a_wage_corrected_meanwhile_is_reversed_with_the_bill(province: Payers, employer: int, wrong: str) -> None:
    """Both together: else the correction would be taken from an account that holds nothing."""
    (person,) = province.books.one("SELECT DISTINCT person_id FROM contribution")
    province.run(credit)
    province.turn()
    province.declare(employer, person, 700_000, "2025-01")
    province.declare(employer, person, 700_000)
    province.run(collect)
    take(province, wrong)
    province.run(credit)
    agree(province)
    assert sum(fen for *_, fen in province.account(person)) == 0
    for number, _, kind, amount in province.bills():
        if kind in ("regular", "correction") and amount > 0 and number not in province.settled():
            province.pay((number, amount, "2025-02-21"))
    province.turn()
    province.run(credit)
    agree(province)
    assert province.open_fen() == 0
    assert sum(fen for *_, fen in province.account(person)) == 2 * 56_000


def test_an_assessed_bill_is_reversed_and_still_gives_way_to_a_declaration(province: Payers, employer: int) -> None:
    province.pay((1, 203_200, "2025-01-20"))
    (person,) = province.books.one("SELECT DISTINCT person_id FROM contribution")
    province.run(credit)
    province.turn()
    province.run(collect)  # nothing declared: 110 %
    province.pay(("谢谢", 223_520, "2025-02-20"))
    receipt = held(province)
    give(province, receipt, code(province, employer))
    province.run(credit)
    province.turn()
    take(province, receipt)
    assert [row[2:] for row in province.bills()[-2:]] == [("assessed_reversal", -223_520), ("assessed", 223_520)]
    province.declare(employer, person, 800_000, "2025-02")
    province.declare(employer, person, 800_000)
    province.run(collect)
    province.run(credit)
    agree(province)
    february = [amount for _, month, kind, amount in province.bills() if month == "2025-02" and kind != "late_fee"]
    assert sum(february) == 203_200


def test_given_and_taken_again_and_again_it_ends_as_it_began(province: Payers, employer: int, wrong: str) -> None:
    (person,) = province.books.one("SELECT DISTINCT person_id FROM contribution")
    for _ in range(2):
        province.run(credit)
        province.turn()
        assert take(province, wrong).lacking == 203_200
        assert take(province, wrong).known
        province.run(credit)
        agree(province)
        assert sum(fen for *_, fen in province.account(person)) == 0
        province.turn()
        assert give(province, wrong, code(province, employer)).covered == 203_200
    province.run(credit)
    assert sum(fen for *_, fen in province.account(person)) == 64_000
    assert (province.open_fen(), province.balance("prepayments", "collection")) == (0, -500)


def test_somebody_alone_owes_again_too(province: Payers) -> None:
    person = province.flexible(800_000)
    province.run(collect)
    province.pay(("谢谢", 160_000, "2025-01-20"))
    receipt = held(province)
    number = province.books.value("SELECT number FROM person WHERE id = %(p)s", p=person)
    give(province, receipt, number)
    province.run(credit)
    province.turn()
    assert take(province, receipt).payer == number
    province.run(credit)
    agree(province)
    assert (province.open_fen(), sum(fen for *_, fen in province.account(person))) == (160_000, 0)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"receipt": "nothing"}, "no receipt"),
        ({"officer": "nobody"}, "no duty"),
        ({"reason": " "}, "reason"),
    ],
)
def test_what_cannot_be_taken_back_is_refused(
    province: Payers, employer: int, wrong: str, change: dict[str, str], told: str
) -> None:
    given = {"receipt": wrong, "officer": "A44", "reason": WHY} | change
    with pytest.raises(BooksError, match=told):
        take(province, **given)
    assert province.books.value("SELECT count(*) FROM receipt_assignment") == 1


def test_money_that_quoted_a_bill_was_never_assigned(province: Payers, employer: int) -> None:
    province.pay((1, 1_000, "2025-01-20"))
    with pytest.raises(BooksError, match="not in suspense"):
        take(province, province.books.value("SELECT id FROM receipt"))
