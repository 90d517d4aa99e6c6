"""Adjustments: what is due follows corrected facts, a base published later and the yearly adjustment."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_province import Province, month

from shebao.books import Books
from shebao.law import rulebook
from shebao.month.adjust import adjust
from shebao.month.award import award
from shebao.month.context import Summary

BASE_2026 = """
parameters:
  employee_pension.published_base_wage:
    - {value: {34: {2026: 8200}}, source: test, certainty: assumed}
  employee_pension.latest_base_year:
    - {value: {34: 2026}, source: test, certainty: assumed}
"""
AMOUNTS = """
parameters:
  employee_pension.fixed_amount:
    - {value: {34: {%(year)s: %(fixed)s}}, source: test, certainty: assumed}
  employee_pension.amount_per_year:
    - {value: {34: {%(year)s: 1.5}}, source: test, certainty: assumed}
  employee_pension.percent_of_pension:
    - {value: {34: {%(year)s: 1%%}}, source: test, certainty: assumed}
  employee_pension.age_tilt_amount:
    - {value: {34: {%(year)s: {70: 20, 75: 30, 80: 40}}}, source: test, certainty: assumed}
"""


@pytest.fixture
def awarded(books: Books) -> tuple[Province, int]:
    """Sheet P02, awarded in February 2026 on the base of 2025."""
    province = Province(books, 34, "2026-02", rulebook())
    person = province.sheet_p02()
    province.run(award)
    province.run(adjust)
    province.turn()
    return province, person


def reform(province: Province, folder: Path, text: str) -> None:
    file = folder / "reform.yaml"
    file.write_text(text, encoding="utf-8")
    province.law = rulebook().with_reform(file)


def test_nothing_changed_books_nothing(awarded: tuple[Province, int]) -> None:
    province, person = awarded
    summary = province.run(adjust)
    assert {name: n for name, n in summary.numbers.items() if n} == {}
    assert any("not published" in en for _, en in summary.notes)
    assert province.books.value("SELECT count(*) FROM entitlement") == 1
    assert len(province.awards(person)) == 1


def test_the_base_published_later_makes_the_award_final(awarded: tuple[Province, int], tmp_path: Path) -> None:
    province, person = awarded
    reform(province, tmp_path, BASE_2026)
    assert province.run(adjust).numbers["recalculated"] == 1
    expected = province.law.at("2026-02").explain(
        "employee_pension.monthly_pension",
        {"region": 34, "birth_month": "1965-11", "retirement_month": "2026-02", "contribution_months": 509}
        | {"deemed_months": 147, "average_index": "0.8498", "account_balance": "115090.38", "category": "men60"},
    )
    amount = int(expected.exact * 100)
    assert amount > 506_944
    assert province.due(person) == [(month("2026-03"), None, amount)]
    assert province.awards(person)[1] == (month("2026-02"), amount, True, False)
    old = province.books.one("SELECT amount, superseded_in FROM entitlement WHERE NOT upper_inf(known)")
    assert old == (506_944, month("2026-03"))
    assert province.run(adjust).numbers["recalculated"] == 0


BASE_2025 = """
parameters:
  employee_pension.published_base_wage:
    - {value: {%s: {2025: 8000}}, source: test, certainty: assumed}
"""


def stored(province: Province) -> Summary:
    """An adjust step with its row, as a run writes it."""
    summary = province.run(adjust)
    here = {"region": province.region, "month": province.now, "round": 0, "step": "adjust"}
    province.put("run_step", **here, officer="A", law="test", summary=summary.json())
    return summary


def test_a_law_changed_for_months_gone_by_makes_their_awards_anew(books: Books, tmp_path: Path) -> None:
    province = Province(books, 34, "2026-02", rulebook())
    person = province.sheet_p02()
    province.run(award)
    stored(province)
    province.turn()
    reform(province, tmp_path, BASE_2025 % 44)  # another province's base
    assert stored(province).numbers["law_changed"] == 0
    province.turn()
    reform(province, tmp_path, BASE_2025 % 34)
    assert stored(province).numbers["law_changed"] == 1
    facts = books.value("SELECT facts FROM award WHERE version = 1")
    named = {n: v for n, v in facts.items() if not isinstance(v, list)}
    expected = int(province.law.at("2026-02").explain("employee_pension.monthly_pension", named).exact * 100)
    assert province.awards(person)[1] == (month("2026-02"), expected, True, True)
    assert expected != 506_944
    assert province.due(person) == [(month("2026-03"), None, expected)]
    assert province.run(adjust).numbers["law_changed"] == 0
    province.turn()
    assert stored(province).numbers["law_changed"] == 0
    assert len(province.awards(person)) == 2


def test_a_law_changed_after_a_death_gives_no_pension_after_it(books: Books, tmp_path: Path) -> None:
    province = Province(books, 34, "2026-02", rulebook())
    person = province.sheet_p02()
    province.run(award)
    stored(province)
    province.turn()
    province.dies(person, "2026-03-10")
    stored(province)
    province.turn()
    reform(province, tmp_path, BASE_2025 % 34)
    assert stored(province).numbers["law_changed"] == 1
    ((start, end, amount),) = province.due(person)
    assert (start, end, amount) == (month("2026-03"), month("2026-04"), province.awards(person)[1][1])


def test_a_corrected_birth_date_moves_the_award(awarded: tuple[Province, int]) -> None:
    province, person = awarded
    province.correct(person, 1, birth="1965-09-20")  # three months' delay: the age was reached in December 2025
    province.run(adjust)
    assert province.awards(person)[1][0] == month("2025-12")
    assert province.due(person)[0][0] == month("2026-01")
    assert province.run(adjust).numbers["corrected"] == 0


def test_who_proves_too_young_draws_nothing_until_the_age_is_reached(awarded: tuple[Province, int]) -> None:
    province, person = awarded
    province.correct(person, 1, birth="1966-01-20")  # four months' delay: May 2026
    province.run(adjust)
    assert province.due(person) == []
    assert province.awards(person)[1][1:3] == (0, False)
    for _ in range(2):
        province.turn()
        province.run(award)
    assert province.due(person) == [(month("2026-06"), None, province.awards(person)[2][1])]


def test_a_contribution_paid_late_counts_from_the_first_month(books: Books) -> None:
    province = Province(books, 34, "2026-02", rulebook())
    person = province.sheet_p02(until="2025-12")
    province.run(award)
    assert province.due(person)[0][2] == 506_944
    province.turn()
    province.paid(person, "2025-12", 718_500, 57_480)
    assert province.run(adjust).numbers["corrected"] == 1
    facts = books.value("SELECT facts FROM award WHERE version = 1")
    assert (facts["contribution_months"], facts["account_balance"]) == (510, "115665.18")
    assert facts["average_index"] == "0.8501"  # (509 × 0.8498 + 1) / 510
    assert province.due(person) == [(month("2026-03"), None, province.awards(person)[1][1])]
    assert province.awards(person)[1][1] > 506_944


def test_what_the_law_lacks_lets_a_correction_wait_and_changes_nothing(awarded: tuple[Province, int]) -> None:
    province, person = awarded
    province.paid(person, "2026-02", 718_500, 57_480)  # the average wage of 2025 is not in the law
    assert province.run(adjust).numbers["waiting"] == 1
    assert province.due(person) == [(month("2026-03"), None, 506_944)]


def test_the_years_adjustment_counts_from_january_once_and_is_redone_as_a_difference(
    books: Books, tmp_path: Path
) -> None:
    province = Province(books, 34, "2025-01", rulebook())
    old, new = province.person(birth="1950-03-01"), province.person(birth="1964-12-01")
    for person in (old, new):
        province.career(person, 301)
    province.draws(old, "2010-04", 300_000)
    province.draws(new, "2025-01", 400_000)
    for _ in range(6):
        province.turn()
    reform(province, tmp_path, AMOUNTS % {"year": 2025, "fixed": 50})
    assert province.run(adjust).numbers["adjusted_2025"] == 2
    # 50 + 26 years × 1.5 + 1 % of 3000 + 20 for an age of 74; 50 + 39 + 40 for who retired in December
    assert province.due(old) == [(month("2010-04"), month("2025-01"), 300_000), (month("2025-01"), None, 313_900)]
    assert province.due(new) == [(month("2025-01"), None, 412_900)]
    components = books.value("SELECT components FROM entitlement_now WHERE person_id = %(p)s", p=new)
    assert components == {"pension": 400_000, "adjustment_2025": 12_900}
    assert province.run(adjust).numbers["adjusted_2025"] == 0
    reform(province, tmp_path, AMOUNTS % {"year": 2025, "fixed": 60})
    province.turn()
    assert province.run(adjust).numbers["adjusted_2025"] == 2
    assert province.due(old)[1] == (month("2025-01"), None, 314_900)


def test_who_retired_this_year_is_not_adjusted(awarded: tuple[Province, int], tmp_path: Path) -> None:
    province, person = awarded
    reform(province, tmp_path, AMOUNTS % {"year": 2026, "fixed": 50})
    province.run(adjust)
    assert province.due(person) == [(month("2026-03"), None, 506_944)]


def test_a_recalculation_keeps_and_redoes_the_adjustment(awarded: tuple[Province, int], tmp_path: Path) -> None:
    province, person = awarded
    for _ in range(12):
        province.turn()
    reform(province, tmp_path, AMOUNTS % {"year": 2027, "fixed": 50})
    province.run(adjust)
    # 50 + 43 × 1.5 + 1 % of 5069.44
    assert province.due(person)[1] == (month("2027-01"), None, 506_944 + 5_000 + 6_450 + 5_069)
    reform(province, tmp_path, (AMOUNTS % {"year": 2027, "fixed": 50}) + BASE_2026.partition("parameters:\n")[2])
    province.turn()
    province.run(adjust)
    base = province.awards(person)[1][1]
    assert province.due(person) == [
        (month("2026-03"), month("2027-01"), base),
        (month("2027-01"), None, base + 5_000 + 6_450 + (base + 50) // 100),
    ]


def test_a_new_standard_raises_every_residents_pension(books: Books, tmp_path: Path) -> None:
    province = Province(books, 44, "2025-03", rulebook())
    person = province.person(birth="1965-02-01")
    province.career(person, 15 * 12, scheme="resident_pension", facts={"scheme_start_month": "2010-01"})
    province.account(person, 1_390_000, scheme="resident_pension")
    province.claims(person, "resident_pension")
    province.run(award)
    province.run(adjust)
    assert province.due(person, "resident_pension") == [(month("2025-03"), None, 32_000)]
    province.turn()
    reform(
        province,
        tmp_path,
        """
parameters:
  resident_pension.provincial_basic_pension:
    - {from: 2025-04, value: {44: 230}, source: test, certainty: assumed}
""",
    )
    assert province.run(adjust).numbers["residents_adjusted"] == 1
    assert province.due(person, "resident_pension") == [
        (month("2025-03"), month("2025-04"), 32_000),
        (month("2025-04"), None, 33_000),
    ]
    assert province.run(adjust).numbers["residents_adjusted"] == 0


def test_statements_do_not_grow_with_people(books: Books, tmp_path: Path) -> None:
    province = Province(books, 34, "2025-01", rulebook())
    reform(province, tmp_path, AMOUNTS % {"year": 2025, "fixed": 50})
    counts = []
    for more in (1, 7):
        for _ in range(more):
            person = province.person(birth="1950-03-01")
            province.career(person, 301)
            province.draws(person, "2010-04", 300_000)
        before = books.statements
        assert province.run(adjust).numbers["adjusted_2025"] == more
        counts.append(books.statements - before)
    assert counts[1] <= counts[0]
