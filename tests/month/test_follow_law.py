"""A law changed for months gone by: what was refused, granted or first paid under the old one follows the new."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_province import Province, month

from shebao.books import Books
from shebao.law import rulebook
from shebao.month.adjust import adjust
from shebao.month.award import award
from shebao.month.context import Summary
from shebao.month.pay import pay

RESIDENT = "resident_pension"
START = {"scheme_start_month": "2010-01"}


def stored(province: Province) -> Summary:
    """Award and adjust, the adjust step with its row, as a run writes it."""
    province.run(award)
    summary = province.run(adjust)
    here = {"region": province.region, "month": province.now, "round": 0, "step": "adjust"}
    province.put("run_step", **here, officer="A", law="test", summary=summary.json())
    return summary


def reform(province: Province, folder: Path, *values: str, rule: str = "") -> None:
    """Parameters as ``name: values``, or a rule in Python."""
    lines = "".join(
        f"  {name}:\n    - {{{held}, source: test, certainty: assumed}}\n"
        for name, _, held in (value.partition(": ") for value in values)
    )
    file = folder / ("reform.py" if rule else "reform.yaml")
    file.write_text(rule or f"parameters:\n{lines}", encoding="utf-8")
    province.law = rulebook().with_reform(file)


# -- employees -------------------------------------------------------------------------------------


@pytest.fixture
def short(books: Books) -> tuple[Province, int]:
    """Anhui: five months short of the minimum of fifteen years, refused in February 2026 on a claim."""
    province = Province(books, 34, "2026-02", rulebook())
    person = province.person(birth="1965-11-20")
    province.career(person, 175, index=10_000)
    province.account(person, 5_000_000)
    province.claims(person, "employee_pension", bank=province.bank(person, "self"))
    stored(province)
    assert province.awards(person) == [(month("2026-02"), 0, False, False)]
    province.turn()
    return province, person


MINIMUM = "retirement.minimum_months: from: 2011-07, to: 2029-12, value: 170"


def test_a_claim_refused_under_the_old_law_is_granted_under_the_new(
    short: tuple[Province, int], tmp_path: Path
) -> None:
    province, person = short
    assert stored(province).numbers["law_changed"] == 0
    province.turn()
    reform(province, tmp_path, MINIMUM)
    assert stored(province).numbers["law_changed"] == 1
    _, (about, amount, granted, _) = province.awards(person)
    assert (about, granted) == (month("2026-02"), True)
    assert province.due(person) == [(month("2026-03"), None, amount)]
    claim, reason = province.books.one("SELECT claim, reason FROM award WHERE version = 1")
    assert (claim, "law changed" in reason) == (1, True)
    province.run(pay)  # March and April, to the account that the claim named
    paid = "SELECT month, amount, bank_account_id IS NOT NULL FROM payment ORDER BY month"
    assert province.books.rows(paid) == [(month(m), amount, True) for m in ("2026-03", "2026-04")]
    province.turn()
    assert stored(province).numbers["law_changed"] == 0
    assert len(province.awards(person)) == 2


def test_a_claim_still_short_under_the_new_law_is_not_refused_again(
    short: tuple[Province, int], tmp_path: Path
) -> None:
    province, person = short
    reform(province, tmp_path, MINIMUM.replace("170", "178"))
    assert stored(province).numbers["law_changed"] == 0
    assert len(province.awards(person)) == 1
    province.turn()
    reform(province, tmp_path, MINIMUM)
    assert stored(province).numbers["law_changed"] == 1


def test_who_claimed_and_died_since_is_owed_the_months_to_the_death(
    short: tuple[Province, int], tmp_path: Path
) -> None:
    province, person = short
    province.dies(person, "2026-04-10")
    stored(province)
    province.turn()
    reform(province, tmp_path, MINIMUM)
    stored(province)
    amount = province.awards(person)[-1][1]
    assert province.due(person) == [(month("2026-03"), month("2026-05"), amount)]


def test_what_the_new_law_lacks_is_tried_again(short: tuple[Province, int], tmp_path: Path) -> None:
    province, person = short
    province.paid(person, "2026-02", 718_500, 57_480)  # the average wage of 2025 is not in the law
    reform(province, tmp_path, MINIMUM)
    summary = stored(province)
    assert (summary.numbers["law_changed"], summary.numbers["waiting"]) == (0, 1)
    province.turn()
    reform(province, tmp_path, MINIMUM, "average_wage: value: {34: {2025: 90000}}")
    assert stored(province).numbers["law_changed"] == 1
    assert province.awards(person)[-1][2]


@pytest.fixture
def awarded(books: Books) -> tuple[Province, int]:
    """Sheet P02, awarded in February 2026 and paid from March."""
    province = Province(books, 34, "2026-02", rulebook())
    person = province.sheet_p02()
    province.bank(person, "self")
    stored(province)
    province.turn()
    stored(province)
    province.run(pay)
    province.turn()
    return province, person


def test_a_right_that_the_new_law_does_not_give_is_taken_back_and_given_again(
    awarded: tuple[Province, int], tmp_path: Path
) -> None:
    province, person = awarded
    reform(province, tmp_path, "retirement.minimum_months: from: 2011-07, to: 2029-12, value: 520")
    assert stored(province).numbers["law_changed"] == 1
    assert province.due(person) == []
    assert province.awards(person)[-1][1:3] == (0, False)
    kinds = "SELECT kind::text, lower(valid), upper(valid) FROM participation_now ORDER BY valid"
    assert province.books.rows(kinds)[-1] == ("flexible", month("2026-03"), None)
    province.run(pay)
    assert province.books.value("SELECT amount FROM receivable") == 506_944
    province.turn()
    province.law = rulebook()
    stored(province)
    assert province.due(person)[0][2] == 506_944


LATER = """
from shebao.engine import Month, rule
ROOM = "employee_pension"
@rule(cite="test", label="基本养老金起发月")
def first_payment_month(retirement_month) -> Month:
    return retirement_month + %s
"""


@pytest.mark.parametrize(("months", "start"), [(2, "2026-04"), (0, "2026-02")])
def test_a_changed_first_month_moves_what_is_due(
    awarded: tuple[Province, int], tmp_path: Path, months: int, start: str
) -> None:
    province, person = awarded
    reform(province, tmp_path, rule=LATER % months)
    assert stored(province).numbers["law_changed"] == 1
    assert province.due(person) == [(month(start), None, 506_944)]
    assert province.awards(person)[-1] == (month("2026-02"), 506_944, True, True)
    province.run(pay)
    paid = dict(
        province.books.rows("SELECT month, sum(amount)::bigint FROM payment GROUP BY 1 HAVING sum(amount) <> 0")
    )
    first = month(start)
    assert paid == {m: 506_944 for m in map(month, ("2026-02", "2026-03", "2026-04")) if m >= first}
    province.turn()
    assert stored(province).numbers["law_changed"] == 0


def test_a_refund_refused_under_the_old_law_is_paid_under_the_new(books: Books, tmp_path: Path) -> None:
    province = Province(books, 34, "2026-02", rulebook())
    person = province.person(birth="1965-11-20")
    province.career(person, 180)
    province.account(person, 5_000_000)
    province.claims(person, "account_refund", {"relation_ended_in_writing": True}, province.bank(person))
    stored(province)
    assert province.due(person, "account_refund") == []
    province.turn()
    reform(province, tmp_path, "retirement.minimum_months: from: 2011-07, to: 2029-12, value: 200")
    stored(province)
    ((start, _, amount),) = province.due(person, "account_refund")
    assert start == month("2026-03")
    assert amount >= 5_000_000


# -- residents -------------------------------------------------------------------------------------


def resident(books: Books, years: int) -> tuple[Province, int]:
    province = Province(books, 44, "2025-03", rulebook())
    person = province.person(birth="1965-02-01")
    province.career(person, years * 12, scheme=RESIDENT, facts=START)
    province.account(person, 1_390_000, scheme=RESIDENT)
    province.claims(person, RESIDENT)
    stored(province)
    province.turn()
    return province, person


def test_a_residents_award_follows_the_law_of_its_month(books: Books, tmp_path: Path) -> None:
    province, person = resident(books, 18)
    assert province.due(person, RESIDENT) == [(month("2025-03"), None, 32_900)]
    reform(province, tmp_path, "resident_pension.supplement_per_year: value: {44: 5}")
    assert stored(province).numbers["law_changed"] == 1
    assert province.due(person, RESIDENT) == [(month("2025-03"), None, 33_500)]
    assert [row[1] for row in province.awards(person, RESIDENT)] == [32_900, 33_500]
    province.turn()
    assert stored(province).numbers["law_changed"] == 0


def test_a_standard_changed_for_the_month_of_the_award_is_in_the_award_too(books: Books, tmp_path: Path) -> None:
    province, person = resident(books, 15)
    reform(
        province, tmp_path, "resident_pension.provincial_basic_pension: from: 2025-01, to: 2025-12, value: {44: 230}"
    )
    stored(province)
    assert province.due(person, RESIDENT) == [(month("2025-03"), None, 33_000)]
    assert [row[1] for row in province.awards(person, RESIDENT)] == [32_000, 33_000]
    components = books.value("SELECT components FROM entitlement_now")
    assert components["basic_pension_standard"] == 23_000


def test_a_resident_refused_under_the_old_law_draws_under_the_new(books: Books, tmp_path: Path) -> None:
    province, person = resident(books, 13)
    assert province.awards(person, RESIDENT) == [(month("2025-03"), 0, False, False)]
    reform(province, tmp_path, "resident_pension.minimum_years: value: 13")
    assert stored(province).numbers["law_changed"] == 1
    assert province.due(person, RESIDENT) == [(month("2025-03"), None, 32_000)]


# -- all -------------------------------------------------------------------------------------------


def test_statements_do_not_grow_with_those_decided_again(books: Books, tmp_path: Path) -> None:
    counts = []
    for n, more in enumerate((1, 6)):
        province = Province(books, 34 + n, "2026-02", rulebook())
        for _ in range(more):
            person = province.person(birth="1965-11-20")
            province.career(person, 175, index=10_000, facts={"paid_months_before_1998_07": 0})
            province.account(person, 5_000_000)
            province.claims(person, "employee_pension")
            other = province.sheet_p02()
            assert other
        stored(province)
        province.turn()
        law = f"employee_pension.published_base_wage: value: {{{province.region}: {{2025: 8000}}}}"
        reform(province, tmp_path, MINIMUM, law)
        province.run(award)
        before = books.statements
        assert province.run(adjust).numbers["law_changed"] > 0
        counts.append(books.statements - before)
    assert counts[1] <= counts[0]


def test_grants_of_a_death_follow_the_law_of_its_month(books: Books, tmp_path: Path) -> None:
    province = Province(books, 32, "2023-03", rulebook())
    person = province.person(birth="1955-01-05")
    province.career(person, 360)
    province.dies(person, "2023-03-17")
    province.claims(person, "survivor_grant", bank=province.bank(person))
    stored(province)
    assert province.due(person, "funeral_grant")[0][2] == 1_003_000
    province.run(pay)
    province.turn()
    reform(province, tmp_path, "employee_pension.funeral_months: from: 2021-09, value: 3")
    assert stored(province).numbers["survivors_decided"] == 1
    assert province.due(person, "funeral_grant") == [(month("2023-03"), month("2023-04"), 1_504_500)]
    province.turn()
    assert stored(province).numbers["survivors_decided"] == 0
