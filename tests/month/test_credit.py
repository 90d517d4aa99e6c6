"""Credit: bills are settled when they are covered, the accounts credited then and not before."""

from __future__ import annotations

import random

import pytest
from payers import Payers

from shebao.books import Books
from shebao.month.collect import collect
from shebao.month.credit import credit


@pytest.fixture
def province(books: Books) -> Payers:
    return Payers(books)


def employed(province: Payers, wage: int = 800_000) -> tuple[int, int]:
    employer = province.employer()
    person = province.employee(employer)
    province.declare(employer, person, wage)
    return employer, person


def test_a_bill_that_is_paid_credits_the_account_and_the_funds(province: Payers) -> None:
    _, person = employed(province)
    province.run(collect)
    province.pay((1, 203_200, "2025-01-20"))
    assert province.account(person) == []
    summary = province.run(credit)
    assert province.account(person) == [("2025-01", "contribution", 0, 64_000)]
    assert summary.numbers["bills_settled_fen"] == 203_200
    assert province.balance("individual_accounts", "employee_pension") == -64_000
    assert province.balance("pooled_contributions", "employee_pension") == -128_000
    assert province.balance("pooled_contributions", "unemployment") == -8_000
    assert province.balance("pooled_contributions", "work_injury") == -3_200
    assert province.balance("bank_income", "employee_pension") == 192_000
    assert province.balance("prepayments", "collection") == 0


def test_a_bill_paid_in_part_credits_nobody_until_the_rest_comes(province: Payers) -> None:
    _, person = employed(province)
    province.run(collect)
    province.pay((1, 203_199, "2025-01-20"))
    province.run(credit)
    assert (province.settled(), province.account(person)) == ([], [])
    assert province.balance("prepayments", "collection") == -203_199
    province.turn()
    province.pay((1, 1, "2025-02-01"))
    province.run(credit)
    assert (province.settled(), province.account(person)) == ([1], [("2025-01", "contribution", 0, 64_000)])


def test_what_was_paid_too_much_is_used_on_the_next_bill(province: Payers) -> None:
    employer, person = employed(province)
    province.run(collect)
    province.pay((1, 300_000, "2025-01-20"))
    province.run(credit)
    assert province.balance("prepayments", "collection") == -96_800
    province.turn()
    province.declare(employer, person, 800_000)
    province.run(collect)
    province.pay((2, 106_400, "2025-02-20"))
    province.run(credit)
    assert province.settled() == [1, 2]
    assert province.balance("prepayments", "collection") == 0


def test_a_negative_bill_pays_the_next_one_and_takes_back_from_the_account(province: Payers) -> None:
    employer, person = employed(province)
    province.run(collect)
    province.pay((1, 203_200, "2025-01-20"))
    province.run(credit)
    province.turn()
    province.declare(employer, person, 600_000)
    province.declare(employer, person, 600_000, "2025-01")
    province.run(collect)
    # 2,032.00 × 6 / 8 = 1,524.00 for February; 508.00 back for January
    assert [bill[3] for bill in province.bills()] == [203_200, -50_800, 152_400]
    province.pay((3, 152_400 - 50_800, "2025-02-20"))
    province.run(credit)
    assert province.settled() == [1, 2, 3]
    assert province.account(person) == [
        ("2025-01", "contribution", 0, 64_000),
        ("2025-01", "contribution", 1, -16_000),
        ("2025-02", "contribution", 0, 48_000),
    ]
    assert province.balance("prepayments", "collection") == 0


def test_a_correction_is_not_settled_before_what_it_corrects(province: Payers) -> None:
    employer, person = employed(province)
    province.run(collect)
    province.run(credit)
    province.turn()
    province.declare(employer, person, 600_000, "2025-01")
    province.declare(employer, person, 600_000)
    province.run(collect)
    # 2,032.00 for January is unpaid, less 508.00; 1,524.00 for February
    province.pay((3, 152_399, "2025-02-20"))
    province.run(credit)
    assert (province.settled(), province.account(person)) == ([], [])
    province.turn()
    province.declare(employer, person, 600_000)
    province.run(collect)
    province.pay((1, 152_400, "2025-03-05"))
    province.run(credit)
    assert province.account(person)[:2] == [
        ("2025-01", "contribution", 0, 64_000),
        ("2025-01", "contribution", 1, -16_000),
    ]
    assert province.balance("prepayments", "collection") == -152_399


def test_a_correction_takes_back_what_is_unpaid_and_pays_no_other_bill(province: Payers) -> None:
    employer, person = employed(province)
    province.run(collect)
    province.run(credit)
    province.turn()
    province.declare(employer, person, 800_000)
    province.declare(employer, person, 0, "2025-01", withdrawn=True)
    province.run(collect)
    province.run(credit)
    assert province.settled() == [1, 2]
    assert sum(entry[3] for entry in province.account(person)) == 0
    assert province.balance("prepayments", "collection") == 0


def test_a_bill_that_nets_to_nothing_is_settled_and_moves_between_accounts(province: Payers) -> None:
    employer, person = employed(province)
    other = province.employee(employer)
    province.declare(employer, other, 800_000)
    province.run(collect)
    province.pay((1, 406_400, "2025-01-20"))
    province.run(credit)
    province.turn()
    province.declare(employer, person, 700_000, "2025-01")
    province.declare(employer, other, 900_000, "2025-01")
    province.run(collect)
    assert (2, "2025-01", "correction", 0) in province.bills()
    province.run(credit)
    assert province.account(person)[1] == ("2025-01", "contribution", 1, -8_000)
    assert province.account(other)[1] == ("2025-01", "contribution", 1, 8_000)


def test_a_late_fee_is_income_of_the_fund(province: Payers) -> None:
    employer, person = employed(province)
    province.run(collect)
    province.run(credit)
    province.turn()
    province.declare(employer, person, 800_000)
    province.run(collect)
    province.run(credit)
    province.turn()
    province.declare(employer, person, 800_000)
    province.run(collect)
    # January, February, March and the fee of 28.45 for February
    province.pay((1, 3 * 203_200 + 2_845, "2025-03-10"))
    province.run(credit)
    assert province.settled() == [1, 2, 3, 4]
    assert province.balance("late_fees") == -2_845
    assert province.balance("contributions_receivable") == 0


def test_a_residents_account_is_credited_with_payment_and_subsidy(books: Books) -> None:
    province = Payers(books, region=31)
    person = province.resident(800)
    province.run(collect)
    province.pay((1, 80_000, "2025-01-20"))
    province.run(credit)
    assert province.account(person) == [("2025-01", "contribution", 0, 107_000)]
    assert province.balance("bank_income", "resident_pension") == 80_000
    assert province.balance("bank_fiscal", "resident_pension") == 27_000


def test_a_flexible_worker_pays_alone(province: Payers) -> None:
    person = province.flexible(500_000)
    province.run(collect)
    province.pay((1, 100_000, "2025-01-20"))
    province.run(credit)
    assert province.account(person) == [("2025-01", "contribution", 0, 40_000)]
    assert province.balance("pooled_contributions", "employee_pension") == -60_000


def test_crediting_again_in_a_reopened_month_books_nothing(province: Payers) -> None:
    _, person = employed(province)
    province.run(collect)
    province.pay((1, 250_000, "2025-01-20"))
    province.run(credit)
    entries = province.books.value("SELECT count(*) FROM journal_entry")
    province.reopen()
    province.run(collect)
    summary = province.run(credit)
    assert not any(summary.numbers.values())
    assert province.books.value("SELECT count(*) FROM journal_entry") == entries
    assert province.account(person) == [("2025-01", "contribution", 0, 64_000)]


# -- corrections of what is not paid yet ---------------------------------------------------------------------


def two_unpaid_one_withdrawn(province: Payers) -> tuple[int, int, int]:
    """January's bill for two people is unpaid when, in February, one of them is withdrawn."""
    employer, stays = employed(province)
    gone = province.employee(employer)
    province.declare(employer, gone, 800_000)
    province.run(collect)
    province.run(credit)
    province.turn()
    province.ends(gone, "employee_pension", "2025-01")
    province.declare(employer, gone, 800_000, "2025-01", withdrawn=True)
    province.declare(employer, stays, 800_000)
    province.run(collect)
    return employer, stays, gone


def test_a_correction_is_settled_with_the_unpaid_bill_it_corrects(province: Payers) -> None:
    _, stays, gone = two_unpaid_one_withdrawn(province)
    assert [bill[1:] for bill in province.bills()] == [
        ("2025-01", "regular", 406_400),
        ("2025-01", "correction", -203_200),
        ("2025-02", "regular", 203_200),
    ]
    province.run(credit)
    assert (province.settled(), province.account(gone), province.account(stays)) == ([], [], [])
    province.turn()
    province.pay((1, 203_200, "2025-03-05"))
    province.run(credit)
    assert province.settled() == [1, 2]
    assert province.account(gone) == [("2025-01", "contribution", 0, 64_000), ("2025-01", "contribution", 1, -64_000)]
    assert province.account(stays) == [("2025-01", "contribution", 0, 64_000)]
    assert province.balance("prepayments", "collection") == 0


def test_a_late_fee_is_owed_on_what_is_left_of_a_bill_corrected_down(province: Payers) -> None:
    employer, stays, _ = two_unpaid_one_withdrawn(province)
    province.run(credit)
    province.turn()
    province.declare(employer, stays, 800_000)
    province.run(collect)
    # 28 days of 2,032.00 at 0.05 %, as if January had never been billed higher
    assert [bill[1:] for bill in province.bills() if bill[2] == "late_fee"] == [("2025-02", "late_fee", 2_845)]


def test_a_correction_lowers_its_own_month_and_not_an_older_debt(province: Payers) -> None:
    employer, person = employed(province)
    province.run(collect)
    province.turn()
    province.declare(employer, person, 800_000)
    province.run(collect)
    province.turn()
    province.declare(employer, person, 600_000, "2025-02")
    province.run(collect)
    down = next(bill for bill in province.bills() if bill[1:3] == ("2025-02", "correction"))
    assert down[3] == -50_800
    # Had the 508 yuan gone to January, this would settle it
    province.pay((1, 203_200 - 50_800, "2025-03-10"))
    province.run(credit)
    assert province.settled() == []
    province.pay((1, 50_800, "2025-03-11"), (2, 203_200 - 50_800, "2025-03-12"))
    province.turn()
    province.run(credit)
    assert province.settled() == [1, 2, down[0]]
    assert sum(entry[3] for entry in province.account(person)) == 64_000 + 48_000


def test_a_correction_does_not_pay_a_late_fee_while_it_waits(province: Payers) -> None:
    employer, person = employed(province)
    province.run(collect)
    province.turn()
    province.declare(employer, person, 800_000)
    province.run(collect)
    province.pay((2, 203_200, "2025-02-20"))
    province.run(credit)
    # March charges January's bill a fee for February, April corrects February up, May down again
    for wage in (None, 1_000_000, 800_000):
        province.turn()
        province.declare(employer, person, 800_000)
        if wage:
            province.declare(employer, person, wage, "2025-02")
        province.run(collect)
        province.run(credit)
        assert province.balance("prepayments", "collection") == 0
    about = {(bill[2], bill[3]): bill[0] for bill in province.bills() if bill[1] == "2025-02"}
    assert about["late_fee", 2_845] not in province.settled()
    assert {about["correction", 50_800], about["correction", -50_800]} <= set(province.settled())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_account_is_ever_overdrawn_whatever_is_corrected_and_paid(province: Payers, seed: int) -> None:
    chance = random.Random(seed)
    employer = province.employer()
    people = [province.employee(employer, ("employee_pension",)) for _ in range(3)]
    months: list[str] = []
    for _ in range(6):
        months.append(f"{province.now:%Y-%m}")
        for person in people:
            province.declare(employer, person, chance.randrange(5, 20) * 100_000)
        for month in chance.sample(months[:-1], min(2, len(months) - 1)):
            wage, withdrawn = chance.randrange(5, 20) * 100_000, chance.random() < 0.4
            province.declare(employer, chance.choice(people), wage, month, withdrawn=withdrawn)
        province.run(collect)
        open_bills = [bill for bill in province.bills() if bill[3] > 0 and bill[0] not in province.settled()]
        for bill in chance.sample(open_bills, len(open_bills) // 2):
            province.pay((bill[0], chance.choice([bill[3], bill[3] // 2 + 1]), f"{province.now:%Y-%m}-20"))
        province.run(credit)
        assert province.balance("prepayments", "collection") <= 0
        for person in people:
            for month in months:
                entries = [fen for about, _, _, fen in province.account(person) if about == month]
                assert sum(entries) >= 0, (month, entries)
        province.turn()
