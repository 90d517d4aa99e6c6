"""Awards: who is found, what a real award sheet says to the fen, who is refused and why, what a claim changes."""

from __future__ import annotations

import pytest
from small_province import Province, month

from shebao.books import Books
from shebao.law import rulebook
from shebao.month.award import award
from shebao.month.careers import known
from shebao.month.context import Context


def anhui(books: Books, opened: str = "2026-02") -> Province:
    return Province(books, 34, opened, rulebook())


def test_the_award_equals_the_sheet_to_the_fen(books: Books) -> None:
    province = anhui(books)
    person = province.sheet_p02()
    summary = province.run(award)
    assert province.awards(person) == [(month("2026-02"), 506_944, True, True)]
    assert province.due(person) == [(month("2026-03"), None, 506_944)]
    components, part = books.one("SELECT components, account_part FROM entitlement")
    assert components == {
        "basic_pension": 314_427,
        "account_pension": 83_824,
        "transitional_pension": 108_693,
        "local_supplement": 0,
    }
    assert part == 83_824
    assert summary.numbers["granted"] == 1
    assert summary.numbers["pensions_fen"] == 506_944
    tree, facts = books.one("SELECT tree, facts FROM award")
    assert (tree["name"], tree["value"]) == ("employee_pension.monthly_pension", "5069.44")
    assert (facts["contribution_months"], facts["average_index"]) == (509, "0.8498")


def test_who_was_awarded_draws_and_no_longer_pays_in_and_is_not_awarded_again(books: Books) -> None:
    province = anhui(books)
    person = province.sheet_p02()
    province.run(award)
    rows = books.rows("SELECT kind::text, lower(valid), upper(valid) FROM participation_now ORDER BY valid")
    assert rows == [("flexible", month("2020-01"), month("2026-03")), ("retired", month("2026-03"), None)]
    assert province.run(award).numbers["granted"] == 0
    province.turn()
    assert province.run(award).numbers["granted"] == 0
    assert len(province.awards(person)) == 1


def test_who_has_not_reached_the_month_is_left_alone(books: Books) -> None:
    province = anhui(books, "2026-01")
    person = province.sheet_p02()
    province.run(award)
    assert province.awards(person) == []
    province.turn()
    province.run(award)
    assert province.awards(person)[0][0] == month("2026-02")


def test_short_of_the_minimum_is_refused_once_with_the_reason_and_awarded_when_the_months_are_there(
    books: Books,
) -> None:
    province = anhui(books)
    person = province.person(birth="1965-11-20")
    province.participates(person, "2020-01")
    province.career(person, 179, index=10_000, until="2025-12")
    province.account(person, 5_000_000)
    province.run(award)
    assert province.awards(person) == [(month("2026-02"), 0, False, False)]
    reason = books.value("SELECT reason FROM award")
    assert "179" in reason
    assert "180" in reason
    province.turn()
    assert province.run(award).numbers["refused"] == 0
    province.paid(person, "2025-12", 500_000, 40_000)
    province.turn()
    assert province.run(award).numbers["granted"] == 1
    assert books.one("SELECT facts ->> 'contribution_months', month FROM award WHERE granted") == (
        "180",
        month("2026-02"),
    )


def test_months_paid_in_the_books_count_with_their_index_and_interest(books: Books) -> None:
    province = anhui(books, "2025-11")
    person = province.person(birth="1965-11-20")
    province.participates(person, "2020-01")
    province.career(person, 200, index=10_000)
    province.account(person, 4_000_000)
    province.paid(person, "2025-11", 718_500, 57_480)
    province.turn()
    province.paid(person, "2025-12", 718_500, 57_480)
    for _ in range(2):
        province.turn()
    province.run(award)
    facts = books.value("SELECT facts FROM award")
    # The base of both months is the reference wage of 2024, 7185.00: index 1.
    assert facts["index_years"] == [{"own_base": "7185.00", "reference_wage_of_year": "7185.00", "months_paid": 2}]
    assert (facts["average_index"], facts["contribution_months"]) == ("1.0000", 202)
    # Two months' interest on 41 149.60 at the rate of 2025, which stands in while that of 2026 is unpublished.
    tree = province.law.at("2026-02").explain(
        "employee_pension.account_balance_in_year",
        {
            "region": 34,
            "opening_balance": "41149.60",
            "account_months": [
                {"account_month": "2026-01", "month_credits": 0},
                {"account_month": "2026-02", "month_credits": 0},
            ],
        },
    )
    assert facts["account_balance"] == tree.value
    assert facts["opening_balance"] == "41149.60"
    assert float(tree.value) > 41149.60


def test_early_retirement_is_claimed_and_later_retirement_by_agreement_waits_for_its_month(books: Books) -> None:
    province = anhui(books, "2026-02")
    early = province.person(birth="1966-01-05")
    late = province.sheet_p02()
    for person in (early,):
        province.participates(person, "2020-01")
        province.career(person, 300, index=10_000)
        province.account(person, 8_000_000)
    province.claims(early, "employee_pension", {"retirement_month": "2026-02"})
    province.claims(late, "employee_pension", {"retirement_month": "2026-04", "late_retirement_agreed": True})
    province.run(award)
    assert province.awards(early)[0][2] is True
    assert province.awards(late) == []
    province.turn()
    province.run(award)
    assert province.awards(late) == []
    province.turn()
    province.run(award)
    assert province.awards(late)[0][0] == month("2026-04")


def test_a_claim_before_the_law_allows_is_refused_and_states_no_amount_of_its_own(books: Books) -> None:
    province = anhui(books)
    person = province.person(birth="1970-01-05")
    province.participates(person, "2020-01")
    province.career(person, 300)
    province.account(person, 8_000_000)
    province.claims(person, "employee_pension", {"may_retire": True, "monthly_pension": "99999.00", "region": 11})
    assert province.run(award).numbers["refused"] == 1
    assert province.due(person) == []
    assert "monthly_pension" not in books.value("SELECT facts FROM award")


def test_a_province_that_is_not_the_place_of_benefit_refuses(books: Books) -> None:
    province = anhui(books)
    person = province.sheet_p02(hukou=51, months=100)
    books_kept = province.person(birth="1965-11-21", hukou=51)
    province.participates(books_kept, "2020-01")
    province.career(books_kept, 509, deemed=147, index=8498)
    province.account(books_kept, 11_509_038)
    province.run(award)
    assert province.awards(person)[0][2] is False
    assert "待遇领取地 = 51" in books.value("SELECT reason FROM award WHERE person_id = %(p)s", p=person)
    assert province.awards(books_kept)[0][2] is True


def test_a_missing_parameter_lets_the_case_wait(books: Books) -> None:
    province = anhui(books, "2019-02")
    person = province.person(birth="1959-02-05")
    province.participates(person, "2010-01")
    province.career(person, 300)
    province.account(person, 8_000_000)
    summary = province.run(award)
    assert summary.numbers["waiting"] == 1
    assert "missing parameter" in summary.notes[0][1]
    assert province.awards(person) == []


def refunded(province: Province) -> int:
    """Somebody short of the minimum who has ended the relation."""
    person = province.person(birth="1965-11-20")
    province.participates(person, "2020-01")
    province.career(person, 100)
    province.account(person, 5_000_000)
    province.claims(person, "account_refund", {"relation_ended_in_writing": True}, province.bank(person))
    province.run(award)
    return person


def test_the_account_is_refunded_to_who_ends_the_relation(books: Books) -> None:
    province = anhui(books)
    person = refunded(province)
    assert province.due(person, "account_refund") == [(month("2026-02"), month("2026-03"), 5_000_000)]
    assert books.value("SELECT account_part FROM entitlement WHERE benefit = 'account_refund'") == 5_000_000


def test_who_was_refunded_and_is_hired_again_begins_anew(books: Books) -> None:
    province = anhui(books)
    person = refunded(province)
    for about in ("2026-03", "2026-04"):
        province.turn()
        province.paid(person, about, 500_000, 40_000)
    context = Context(books, province.region, province.now, province.law, "A")
    found = known(context, "employee_pension", {person: month("2026-04")})[person].facts
    assert (found["contribution_months"], found["deemed_months"]) == (2, 0)
    before = known(context, "employee_pension", {person: month("2026-02")})[person].facts
    assert before["contribution_months"] == 100


def test_a_resident_claims(books: Books) -> None:
    province = Province(books, 44, "2025-03", rulebook())
    person = province.person(birth="1965-03-01")
    province.career(person, 18 * 12, scheme="resident_pension", facts={"scheme_start_month": "2010-01"})
    province.account(person, 2_000_000, scheme="resident_pension")
    province.claims(person, "resident_pension")
    province.run(award)
    # 220 + 3 × 3 + 20 000 / 139 = 372.88, as in the law's case J01
    assert province.due(person, "resident_pension") == [(month("2025-04"), None, 37_288)]


def test_statements_do_not_grow_with_people(books: Books) -> None:
    province = anhui(books)
    province.sheet_p02()
    before = books.statements
    province.run(award)
    one = books.statements - before
    province.turn()
    for _ in range(5):
        province.sheet_p02()
    before = books.statements
    assert province.run(award).numbers["granted"] == 5
    assert books.statements - before <= one


@pytest.mark.parametrize(
    "stated",
    [
        {"retirement_month": "1900-01"},
        {"retirement_month": "0001-01"},
        {"retirement_month": "2026-13"},
        {"retirement_month": 7},
        {"special_work": "yes please"},
        {"late_retirement_agreed": 5},
    ],
)
@pytest.mark.parametrize("benefit", ["employee_pension", "account_refund", "resident_pension"])
def test_a_claim_that_states_nonsense_waits_and_stops_nobody_else(
    books: Books, benefit: str, stated: dict[str, object]
) -> None:
    province = Province(books, 34, "2026-02", rulebook())
    person = province.person(birth="1966-01-05")
    province.career(person, 300)
    province.claims(person, benefit, stated)
    other = province.sheet_p02()
    summary = province.run(award)
    assert province.awards(other)[0][1:3] == (506_944, True)
    if benefit != "resident_pension" or "retirement_month" in stated:
        assert summary.numbers["waiting"] == 1
        assert any("unreadable fact" in en for _, en in summary.notes)
        assert province.awards(person, benefit) == []
