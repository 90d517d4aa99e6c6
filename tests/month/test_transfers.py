"""Transfers: the money arrives as it left, months are neither lost nor doubled, both books agree."""

from __future__ import annotations

from typing import Any

import pytest
from small_province import PENSION, Province, month

from shebao.books import Books
from shebao.law import rulebook
from shebao.month.adjust import adjust
from shebao.month.careers import index_found
from shebao.month.pay import pay

RECORD: dict[str, Any] = {
    "first_contribution_month": "2015-03",
    "contributed_years": [{"contributed_year": 2024, "contributed_wages": "72000"}],
}


@pytest.fixture
def both(books: Books) -> tuple[Province, Province]:
    return Province(books, 34, "2025-03", rulebook()), Province(books, 42, "2025-03", rulebook())


def career(books: Books, person: int, scheme: str = PENSION) -> tuple[Any, ...]:
    return books.one(
        """SELECT region, contribution_months, until, facts FROM career
           WHERE person_id = %(p)s AND scheme = %(s)s::scheme AND upper_inf(known)""",
        p=person,
        s=scheme,
    )


def average_index(books: Books, person: int) -> int:
    """In ten thousandths, as the record tells it."""
    return int(books.value("SELECT average_index FROM career WHERE person_id = %(p)s AND upper_inf(known)", p=person))


def test_account_and_pooled_part_arrive_as_they_left(both: tuple[Province, Province]) -> None:
    anhui, hubei = both
    person = anhui.person(birth="1980-01-01")
    anhui.career(person, 120, facts=RECORD, index=9_000)
    anhui.account(person, 4_567_890)
    anhui.transfers(person, 42)
    assert hubei.run(adjust).numbers["transfers_in"] == 0  # nothing was sent yet
    out = anhui.run(adjust).numbers
    # the whole account, and 12 % of 72 000
    assert out["transfers_out_fen"] == 4_567_890 + 864_000
    assert anhui.account_balance(person) == 0
    assert (anhui.balance("individual_accounts"), anhui.balance("transfers_out")) == (4_567_890, 864_000)
    assert anhui.balance("bank_fiscal") == -5_431_890
    assert hubei.run(adjust).numbers["transfers_in_fen"] == 5_431_890
    assert hubei.account_balance(person) == 4_567_890
    assert (hubei.balance("individual_accounts"), hubei.balance("transfers_in")) == (-4_567_890, -864_000)
    assert hubei.balance("bank_fiscal") == 5_431_890
    region, months, _, facts = career(anhui.books, person)
    assert (region, months) == (42, 120)
    assert facts["stays"] == [{"stay_region": 34, "stay_months": 120, "stay_last_month": "2025-02"}]
    assert anhui.run(adjust).numbers["transfers_out"] == 0
    assert hubei.run(adjust).numbers["transfers_in"] == 0


def test_a_month_paid_in_both_places_counts_once_and_goes_back_to_the_person(both: tuple[Province, Province]) -> None:
    anhui, hubei = both
    person = anhui.person(birth="1980-01-01")
    anhui.participates(person, "2025-01")
    anhui.career(person, 100, facts=RECORD, until="2025-01")
    anhui.account(person, 4_000_000)
    for about in ("2025-01", "2025-02", "2025-03"):
        anhui.paid(person, about, 500_000, 40_000)
    hubei.paid(person, "2025-03", 600_000, 48_000)
    anhui.transfers(person, 42)
    anhui.run(adjust)
    account, pooled, months = anhui.books.one("SELECT account, pooled, months FROM transfer_leg")
    # February and January are added; March is Hubei's. 40 000 + 2 × 400; 12 % of 72 000 + 2 × 5000
    assert (account, pooled, months) == (4_080_000, 984_000, 102)
    assert anhui.due(person, "contribution_refund") == [(month("2025-03"), month("2025-04"), 40_000)]
    assert anhui.account_balance(person) == 40_000  # drawn when the refund is paid
    assert anhui.books.value("SELECT upper(valid) FROM participation_now WHERE region = 34") == month("2025-04")
    hubei.run(adjust)
    assert career(anhui.books, person)[1] == 102


@pytest.mark.parametrize(
    "stated",
    [
        {"contributed_years": [{"contributed_year": "x", "contributed_wages": "72000"}]},
        {"contributed_years": [{"contributed_year": 2024}]},
        {"contributed_years": "2024"},
        {"first_contribution_month": "March"},
        {"stays": [{"stay_region": None}]},
        {"stays": 7},
    ],
)
def test_a_record_that_cannot_be_read_waits_alone(both: tuple[Province, Province], stated: dict[str, Any]) -> None:
    anhui, _ = both
    for facts in (RECORD | stated, RECORD):
        person = anhui.person(birth="1980-01-01")
        anhui.career(person, 120, facts=facts, index=9_000)
        anhui.account(person, 4_567_890)
        anhui.transfers(person, 42)
    summary = anhui.run(adjust)
    assert (summary.numbers["transfers_out"], summary.numbers["waiting"]) == (1, 1)
    assert "unreadable" in summary.notes[-1][1]


def test_there_and_back_again_no_month_is_lost_or_doubled(both: tuple[Province, Province]) -> None:
    anhui, hubei = both
    person = anhui.person(birth="1980-01-01")
    anhui.career(person, 100, facts=RECORD, until="2025-03")
    anhui.account(person, 4_000_000)
    anhui.paid(person, "2025-03", 500_000, 40_000)
    anhui.transfers(person, 42)
    anhui.run(adjust)
    hubei.run(adjust)
    assert career(anhui.books, person)[1] == 101
    for province in both:
        province.turn()
    hubei.paid(person, "2025-04", 600_000, 48_000)
    hubei.transfers(person, 34)
    hubei.run(adjust)
    anhui.run(adjust)
    region, months, until, facts = career(anhui.books, person)
    assert (region, months, until) == (34, 102, month("2025-04"))
    assert sum(int(stay["stay_months"]) for stay in facts["stays"]) == 102
    assert anhui.account_balance(person) > 4_088_000
    assert hubei.account_balance(person) == 0


def moved(both: tuple[Province, Province], *, about: str = "2025-03") -> int:
    """Somebody with 100 months whose relation, with one month paid in the books, is in Hubei since March."""
    anhui, hubei = both
    person = anhui.person(birth="1980-01-01")
    anhui.career(person, 100, facts=RECORD, until="2025-01")
    anhui.account(person, 4_000_000)
    anhui.paid(person, about, 500_000, 40_000)
    anhui.transfers(person, 42)
    anhui.run(adjust)
    hubei.run(adjust)
    for province in both:
        province.turn()
    return person


def legs(books: Books, side: str = "out") -> list[tuple[int, int, int]]:
    """Account, pooled part and months of each leg, in order."""
    return books.rows(
        """SELECT account, pooled, months FROM transfer_leg WHERE side = %(s)s ORDER BY booked, transfer""", s=side
    )


def test_a_month_paid_after_the_relation_has_gone_follows_it(both: tuple[Province, Province]) -> None:
    anhui, hubei = both
    person = moved(both)
    anhui.paid(person, "2025-02", 600_000, 48_000)
    assert anhui.run(adjust).numbers["transfers_out"] == 1
    first, late = legs(anhui.books)
    # the account with what it earned this year, 12 % of the wage, one month
    assert (late[0] - 48_000 >= 0, late[1:]) == (True, (72_000, 1))
    assert anhui.account_balance(person) == 0
    hubei.run(adjust)
    assert career(hubei.books, person)[:2] == (42, 102)
    assert legs(anhui.books, "in") == [first, late]
    assert anhui.run(adjust).numbers["transfers_out"] == 0


def test_a_month_taken_back_after_the_relation_has_gone_is_asked_back(both: tuple[Province, Province]) -> None:
    anhui, hubei = both
    person = moved(both)
    anhui.paid(person, "2025-03", -500_000, -40_000)
    anhui.run(adjust)
    _, back = legs(anhui.books)
    assert back == (-40_000, -60_000, -1)
    before = hubei.account_balance(person)
    hubei.run(adjust)
    assert hubei.account_balance(person) == before - 40_000
    assert (anhui.account_balance(person), career(hubei.books, person)[1]) == (0, 100)
    assert anhui.balance("transfers_out") + hubei.balance("transfers_in") == 0


def test_a_month_paid_in_the_new_place_too_once_it_has_gone_is_given_back(both: tuple[Province, Province]) -> None:
    """Hubei's bill of the month of the move is settled after Anhui has sent its own."""
    anhui, hubei = both
    person = moved(both)
    hubei.paid(person, "2025-03", 700_000, 56_000)
    anhui.run(adjust)
    assert anhui.due(person, "contribution_refund") == [(month("2025-04"), month("2025-05"), 40_000)]
    _, back = legs(anhui.books)
    assert back == (-40_000, -60_000, -1)
    assert anhui.account_balance(person) == 40_000  # what came back, drawn when the refund is paid
    hubei.run(adjust)
    assert career(hubei.books, person)[1] == 100  # and March by Hubei's own books


def test_a_month_given_back_counts_again_when_the_new_place_takes_its_own_back(both: tuple[Province, Province]) -> None:
    """Hubei withdraws March: Anhui's March follows the relation, and the person owes what was given back for it."""
    anhui, hubei = both
    person = moved(both)
    hubei.paid(person, "2025-03", 700_000, 56_000)
    for step in (adjust, pay):
        anhui.run(step)
    hubei.run(adjust)
    for province in both:
        province.turn()
    assert (anhui.account_balance(person), anhui.run(adjust).numbers["transfers_out"]) == (0, 0)
    hubei.paid(person, "2025-03", -700_000, -56_000)
    anhui.run(adjust)
    assert legs(anhui.books)[-1] == (40_000, 60_000, 1)
    assert anhui.due(person, "contribution_refund") == []
    anhui.run(pay)
    assert anhui.books.rows("SELECT benefit::text, amount FROM receivable") == [("contribution_refund", 40_000)]
    assert anhui.account_balance(person) == 0
    hubei.run(adjust)
    assert career(hubei.books, person)[1] == 101
    assert average_index(hubei.books, person) > 9_900  # a month at 0 would leave less
    for province in both:
        province.turn()
    assert anhui.run(adjust).numbers["transfers_out"] == 0
    hubei.paid(person, "2025-03", 700_000, 56_000)  # and once more
    for step in (adjust, pay):
        anhui.run(step)
    assert legs(anhui.books)[-1] == (-40_000, -60_000, -1)
    assert sum(amount for *_, amount in anhui.due(person, "contribution_refund")) == 40_000
    assert anhui.account_balance(person) == 0


def test_of_two_months_given_back_the_other_stays_with_the_person(both: tuple[Province, Province]) -> None:
    anhui, hubei = both
    person = anhui.person(birth="1980-01-01")
    anhui.career(person, 100, facts=RECORD, until="2025-01")
    anhui.account(person, 4_000_000)
    for about in ("2025-02", "2025-03"):
        anhui.paid(person, about, 500_000, 40_000)
        hubei.paid(person, about, 700_000, 56_000)
    anhui.transfers(person, 42)
    for step in (adjust, pay):
        anhui.run(step)
    hubei.run(adjust)
    assert anhui.due(person, "contribution_refund") == [(month("2025-03"), month("2025-04"), 80_000)]
    for province in both:
        province.turn()
    hubei.paid(person, "2025-02", -700_000, -56_000)
    for step in (adjust, pay):
        anhui.run(step)
    assert anhui.due(person, "contribution_refund") == [(month("2025-03"), month("2025-04"), 40_000)]
    assert legs(anhui.books)[-1] == (40_000, 60_000, 1)
    assert anhui.account_balance(person) == 0


def test_months_of_a_relation_kept_elsewhere_are_added_to_it(both: tuple[Province, Province]) -> None:
    """Paid in Hubei without the relation: it stays in Anhui, and what was gathered there comes to it."""
    anhui, hubei = both
    person = anhui.person(birth="1980-01-01")
    anhui.career(person, 100, facts=RECORD, until="2025-01", index=9_000)
    anhui.account(person, 4_000_000)
    hubei.paid(person, "2025-02", 600_000, 48_000)
    hubei.transfers(person, 34)
    hubei.run(adjust)
    anhui.run(adjust)
    region, months, until, facts = career(anhui.books, person)
    assert (region, months, until) == (34, 101, month("2025-01"))
    assert {int(stay["stay_region"]): int(stay["stay_months"]) for stay in facts["stays"]} == {34: 100, 42: 1}
    assert sum(int(year["contributed_wages"].replace(".", "")) for year in facts["contributed_years"]) == 7_800_000


def test_more_than_a_year_paid_elsewhere_is_added_with_its_index(both: tuple[Province, Province]) -> None:
    anhui, hubei = both
    person = anhui.person(birth="1980-01-01")
    anhui.career(person, 100, facts=RECORD, until="2024-01", index=9_000)
    anhui.account(person, 4_000_000)
    for n in range(1, 15):
        hubei.paid(person, f"{2024 + n // 13}-{n % 13 + n // 13:02d}", 600_000, 48_000)
    hubei.transfers(person, 34)
    hubei.run(adjust)
    anhui.run(adjust)
    assert career(anhui.books, person)[:2] == (34, 114)
    assert 8_500 < average_index(anhui.books, person) < 9_500


@pytest.mark.parametrize(("base", "index"), [("100.00", "1.0000"), ("99.40", "0.9970"), ("99.00", "0.9950")])
def test_a_joined_index_keeps_its_four_decimals(base: str, index: str) -> None:
    history = [{"own_base": base, "reference_wage_of_year": "100.00", "months_paid": 12}]
    facts = {"opening_average_index": "1.0000", "opening_index_months": 12, "index_years": history}
    assert index_found(rulebook().at("2025-03").explain("employee_pension.average_index_of_history", facts)) == index


def test_who_draws_a_pension_or_has_died_stays(both: tuple[Province, Province]) -> None:
    anhui, _ = both
    drawing, dead = anhui.sheet_p02(until="2025-03"), anhui.person(birth="1980-01-01")
    anhui.draws(drawing, "2025-03", 400_000, basic_pension=400_000)
    anhui.career(dead, 120, facts=RECORD)
    anhui.dies(dead, "2025-03-02")
    for person in (drawing, dead):
        anhui.transfers(person, 42)
    summary = anhui.run(adjust)
    assert summary.numbers["transfers_out"] == 0
    assert {en for _, en in summary.notes if "transfer" in en} == {
        "1 waiting: transfer of who draws a benefit 已领取待遇者不转移",
        "1 waiting: transfer of who has died 已死亡者不转移",
    }


def test_the_record_of_the_person_moves_too(both: tuple[Province, Province]) -> None:
    """Else a birth date corrected, or a death, would be recorded where nobody looks."""
    _, hubei = both
    person = moved(both)
    assert hubei.books.rows("SELECT region, area / 10000000000 FROM person_now WHERE person_id = %(p)s", p=person) == [
        (42, 42)
    ]


def test_an_unknown_record_lets_the_transfer_wait(both: tuple[Province, Province]) -> None:
    anhui, _ = both
    person = anhui.person(birth="1980-01-01")
    anhui.career(person, 100)
    anhui.account(person, 4_000_000)
    anhui.transfers(person, 42)
    summary = anhui.run(adjust)
    assert summary.numbers["waiting"] == 1
    assert any("first_contribution_month" in en for _, en in summary.notes)
    assert anhui.account_balance(person) == 4_000_000


def test_short_of_the_minimum_the_account_joins_the_residents(both: tuple[Province, Province]) -> None:
    anhui, _ = both
    person = anhui.person(birth="1965-01-05")  # one month's delay: the age was reached in February 2025
    anhui.career(person, 100)
    anhui.account(person, 3_000_000)
    anhui.career(person, 60, scheme="resident_pension", facts={"scheme_start_month": "2010-01"})
    anhui.account(person, 500_000, scheme="resident_pension")
    anhui.transfers(person, 34, PENSION, "resident_pension")
    anhui.run(adjust)
    assert anhui.account_balance(person) == 0
    assert anhui.account_balance(person, "resident_pension") == 3_500_000
    assert career(anhui.books, person, "resident_pension")[1] == 160
    assert anhui.balance("bank_fiscal") + anhui.balance("bank_fiscal", "resident_pension") == 0


def test_statements_do_not_grow_with_people(both: tuple[Province, Province]) -> None:
    anhui, hubei = both
    counts = []
    for more in (1, 1, 6):  # the first time the columns of the tables are asked about
        for _ in range(more):
            person = anhui.person(birth="1980-01-01")
            anhui.career(person, 120, facts=RECORD)
            anhui.account(person, 4_567_890)
            anhui.transfers(person, 42)
            converting = anhui.person(birth="1965-01-05")
            for scheme, months in ((PENSION, 100), ("resident_pension", 60)):
                anhui.career(converting, months, scheme=scheme)
                anhui.account(converting, 1_000_000, scheme=scheme)
            anhui.transfers(converting, 34, PENSION, "resident_pension")
        before = anhui.books.statements
        assert anhui.run(adjust).numbers["transfers_out"] == 2 * more
        assert hubei.run(adjust).numbers["transfers_in"] == more
        counts.append(anhui.books.statements - before)
        for province in both:
            province.turn()
    assert counts[1] == counts[2]


def test_a_month_given_back_counts_again_where_the_relation_has_come_back_to(both: tuple[Province, Province]) -> None:
    """March was paid in both; the relation is in Anhui again when Hubei, whose March counted, withdraws it."""
    anhui, hubei = both
    person = moved(both)
    hubei.paid(person, "2025-03", 700_000, 56_000)
    a_month(both, anhui, hubei)
    hubei.transfers(person, 34)
    a_month(both, hubei, anhui)
    assert career(anhui.books, person)[:2] == (34, 101)
    hubei.paid(person, "2025-03", -700_000, -56_000)
    held = anhui.account_balance(person) - 56_000 + 40_000
    for _ in range(3):  # what Hubei takes back arrives, and then Anhui's own counts: once
        a_month(both, hubei, anhui)
    _, months, _, facts = career(anhui.books, person)
    assert (months, average_index(anhui.books, person) > 9_900) == (101, True)
    assert facts["stays"] == [
        {"stay_region": 34, "stay_months": 101, "stay_last_month": "2025-03"},
        {"stay_region": 42, "stay_months": 0, "stay_last_month": "2025-03"},
    ]
    assert facts["contributed_years"] == [
        {"contributed_year": 2024, "contributed_wages": "72000.00"},
        {"contributed_year": 2025, "contributed_wages": "5000.00"},
    ]
    assert anhui.due(person, "contribution_refund") == []
    assert anhui.books.rows("SELECT benefit::text, amount FROM receivable") == [("contribution_refund", 40_000)]
    assert anhui.account_balance(person) == held
    anhui.transfers(person, 42)
    anhui.paid(person, "2025-03", -500_000, -40_000)  # and Anhui withdraws it in the end
    a_month(both, anhui, hubei)
    assert career(anhui.books, person)[1] == 100


def a_month(both: tuple[Province, Province], *order: Province) -> None:
    """Both adjust and pay in this order, and the month is over."""
    for province in order:
        province.run(adjust)
        province.run(pay)
    for province in both:
        province.turn()
