"""Residents: a claim, a correction, a death before and after the award, and what the heirs have of the account."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_province import Province, month

from shebao.books import Books
from shebao.law import rulebook
from shebao.month.adjust import adjust
from shebao.month.award import award
from shebao.month.credit import credit
from shebao.month.pay import pay

RESIDENT = "resident_pension"
INHERITANCE, OF_EMPLOYEES = "resident_account_inheritance", "account_inheritance"
START = {"scheme_start_month": "2010-01"}
# What the rulebook lacks for Jiangsu, where the survivors' base of 2022 is known.
JIANGSU = """
parameters:
  resident_pension.provincial_basic_pension:
    - {value: {32: 187}, source: test, certainty: assumed}
  resident_pension.supplement_per_year:
    - {value: {32: 2}, source: test, certainty: assumed}
"""
RATE = """
  resident_pension.published_account_rate:
    - {value: {%s}, source: test, certainty: assumed}
"""


def reform(province: Province, folder: Path, text: str) -> None:
    file = folder / "reform.yaml"
    file.write_text(text, encoding="utf-8")
    province.law = rulebook().with_reform(file)


@pytest.fixture
def guangdong(books: Books) -> Province:
    return Province(books, 44, "2025-03", rulebook())


def resident(province: Province, *, birth: str = "1965-02-01", account: int = 1_390_000) -> int:
    """A resident who pays 15 years; 220 + 13 900 / 139 = 320 yuan a month in Guangdong."""
    person = province.person(birth=birth)
    province.career(person, 15 * 12, scheme=RESIDENT, facts=START)
    province.account(person, account, scheme=RESIDENT)
    province.participates(person, "2010-01", RESIDENT, kind="resident", grade=360)
    province.bank(person, "self", f"62220000{person}")
    return person


def awarded(province: Province, **values: str) -> int:
    person = resident(province, **values)
    province.claims(person, RESIDENT)
    for step in (award, adjust, pay):
        province.run(step)
    province.turn()
    return person


def takes_part(province: Province, person: int) -> list[tuple[object, ...]]:
    query = "SELECT kind::text, lower(valid), upper(valid) FROM participation_now WHERE person_id = %(p)s ORDER BY 2"
    return province.books.rows(query, p=person)


# -- the award -------------------------------------------------------------------------------------


def test_who_draws_pays_in_no_more(guangdong: Province) -> None:
    person = awarded(guangdong)
    assert takes_part(guangdong, person) == [
        ("resident", month("2010-01"), month("2025-04")),
        ("retired", month("2025-04"), None),
    ]


def test_who_claims_late_has_paid_in_until_then(guangdong: Province) -> None:
    person = awarded(guangdong, birth="1964-11-01")
    assert guangdong.due(person, RESIDENT)[0][0] == month("2024-12")
    assert takes_part(guangdong, person)[0] == ("resident", month("2010-01"), month("2025-04"))


def test_a_corrected_birth_date_takes_the_award_back_and_he_pays_in_again(guangdong: Province) -> None:
    person = awarded(guangdong)
    guangdong.correct(person, 1, birth="1965-08-01")
    assert guangdong.run(adjust).numbers["corrected"] == 1
    assert guangdong.awards(person, RESIDENT)[-1][1:3] == (0, False)
    assert guangdong.due(person, RESIDENT) == []
    assert takes_part(guangdong, person) == [
        ("resident", month("2010-01"), month("2025-04")),
        ("resident", month("2025-04"), None),
    ]
    guangdong.run(pay)
    assert guangdong.books.value("SELECT sum(amount)::bigint FROM receivable") == 32_000
    assert guangdong.account_balance(person, RESIDENT) == 1_390_000


def test_a_corrected_record_makes_the_award_anew_with_the_standards_since(guangdong: Province, tmp_path: Path) -> None:
    person = awarded(guangdong)
    higher = "  resident_pension.provincial_basic_pension:\n    - {from: 2025-04, value: {44: 230}, source: test, "
    reform(guangdong, tmp_path, f"parameters:\n{higher}certainty: assumed}}\n")
    guangdong.run(adjust)
    guangdong.supersede("career", person)
    guangdong.career(person, 18 * 12, scheme=RESIDENT, facts=START, version=1, until="2025-03")
    assert guangdong.run(adjust).numbers["corrected"] == 1
    # three years beyond fifteen at 3 yuan each
    assert guangdong.awards(person, RESIDENT)[-1][1] == 32_900
    assert guangdong.due(person, RESIDENT) == [
        (month("2025-03"), month("2025-04"), 32_900),
        (month("2025-04"), None, 33_900),
    ]
    again = guangdong.run(adjust).numbers
    assert (again["corrected"], again["residents_adjusted"]) == (0, 0)


def test_what_was_drawn_does_not_lessen_an_award_made_anew(guangdong: Province) -> None:
    person = awarded(guangdong, birth="1964-11-01")  # December to March were paid in March
    assert guangdong.account_balance(person, RESIDENT) < 1_390_000
    guangdong.supersede("career", person)
    guangdong.career(person, 16 * 12, scheme=RESIDENT, facts=START, version=1, until="2025-03")
    guangdong.run(adjust)
    assert guangdong.awards(person, RESIDENT)[-1][1] == 32_300


def test_a_standard_raised_for_a_year_gone_by_is_paid_for_its_months(guangdong: Province, tmp_path: Path) -> None:
    person = awarded(guangdong)
    for _ in range(10):
        guangdong.turn()
    text = """
parameters:
  resident_pension.provincial_basic_pension:
    - {from: 2025-07, to: 2025-12, value: {44: 230}, source: test, certainty: assumed}
    - {from: 2026-01, value: {44: 240}, source: test, certainty: assumed}
"""
    reform(guangdong, tmp_path, text)
    guangdong.run(adjust)
    assert guangdong.due(person, RESIDENT) == [
        (month("2025-03"), month("2025-07"), 32_000),
        (month("2025-07"), month("2026-01"), 33_000),
        (month("2026-01"), None, 34_000),
    ]


# -- death -----------------------------------------------------------------------------------------


def test_a_death_before_the_award_recorded_later_takes_it_back(guangdong: Province) -> None:
    person = awarded(guangdong)
    guangdong.dies(person, "2025-02-10")
    guangdong.run(adjust)
    assert guangdong.awards(person, RESIDENT)[-1] == (month("2025-03"), 0, False, False)
    assert guangdong.due(person, RESIDENT) == []
    assert takes_part(guangdong, person) == [("resident", month("2010-01"), month("2025-03"))]
    guangdong.turn()
    guangdong.supersede("life_event", person)
    guangdong.run(adjust)
    assert guangdong.due(person, RESIDENT) == [(month("2025-03"), None, 32_000)]
    assert takes_part(guangdong, person)[-1] == ("retired", month("2025-04"), None)


def inherited(province: Province, person: int) -> int:
    return sum(amount for _, _, amount in province.due(person, INHERITANCE))


def step(province: Province) -> None:
    province.run(adjust)
    province.run(pay)


def empty_for_good(province: Province, person: int) -> None:
    """The account is empty, all of it is paid, and looking once more changes nothing."""
    assert province.account_balance(person, RESIDENT) == 0
    count = "SELECT (SELECT count(*) FROM award), (SELECT count(*) FROM entitlement), (SELECT count(*) FROM payment)"
    before = province.books.one(count)
    for _ in range(2):
        province.turn()
        step(province)
        assert province.books.one(count) == before
    moved = """SELECT sum(amount)::bigint FROM account_entry
               WHERE scheme = 'resident_pension' AND kind NOT IN ('opening', 'contribution')"""
    assert province.balance("individual_accounts", RESIDENT) == -province.books.value(moved)


def test_what_a_pensioner_leaves_of_the_account_goes_to_the_heirs(guangdong: Province) -> None:
    """After March and April: 13 900 − 200, and 2.49 % on it until the payment in April."""
    person = awarded(guangdong)
    guangdong.dies(person, "2025-04-20")
    guangdong.claims(person, INHERITANCE, bank=guangdong.bank(person))
    step(guangdong)
    assert guangdong.due(person, RESIDENT) == [(month("2025-03"), month("2025-05"), 32_000)]
    interest = guangdong.balance("account_interest", RESIDENT)
    assert inherited(guangdong, person) == 1_390_000 - 2 * 10_000 + interest
    # of four months: 13 900 × 2.49 % × 4 / 12 = 115.37, less what the 200 drawn no longer earned
    assert 11_000 < interest < 11_600
    row = guangdong.books.one(
        "SELECT scheme::text, account_part, amount FROM payment WHERE benefit = 'resident_account_inheritance'"
    )
    assert row == (RESIDENT, inherited(guangdong, person), inherited(guangdong, person))
    empty_for_good(guangdong, person)


def test_who_still_paid_in_leaves_the_account_too(guangdong: Province) -> None:
    person = resident(guangdong, birth="1985-02-01")
    guangdong.dies(person, "2025-03-20")
    assert guangdong.run(adjust).numbers["survivors_without_account"] == 1
    guangdong.turn()
    guangdong.claims(person, INHERITANCE, bank=guangdong.bank(person))
    step(guangdong)
    tree = guangdong.books.value("SELECT tree FROM award WHERE benefit = 'resident_account_inheritance'")
    assert tree["name"] == "resident_pension.inheritable_balance"
    assert inherited(guangdong, person) == 1_390_000 + guangdong.balance("account_interest", RESIDENT)
    empty_for_good(guangdong, person)


def test_a_rate_published_later_brings_the_heirs_the_rest(books: Books, tmp_path: Path) -> None:
    province = Province(books, 32, "2023-03", rulebook())
    reform(province, tmp_path, JIANGSU)
    person = resident(province, birth="1985-02-01")
    province.dies(person, "2023-03-20")
    province.claims(person, INHERITANCE, bank=province.bank(person))
    summary = province.run(adjust)
    province.run(pay)
    assert any("published_account_rate" in en for _, en in summary.notes)
    assert inherited(province, person) == 1_390_000
    for _ in range(11):
        province.turn()
    reform(province, tmp_path, JIANGSU + RATE % "32: {2023: 3.6%}")
    step(province)
    # 13 900 × 3.6 % for three months
    assert inherited(province, person) == 1_390_000 + 12_510
    assert province.books.value("SELECT month FROM account_entry WHERE kind = 'interest'") == month("2023-12")
    assert [row[0] for row in province.due(person, INHERITANCE)] == [month("2023-03")]
    empty_for_good(province, person)


def test_a_payment_for_the_year_that_comes_later_goes_to_the_heirs(guangdong: Province) -> None:
    person = resident(guangdong, birth="1985-02-01")
    guangdong.dies(person, "2025-03-20")
    guangdong.claims(person, INHERITANCE, bank=guangdong.bank(person))
    step(guangdong)
    before = inherited(guangdong, person)
    guangdong.turn()
    guangdong.paid(person, "2025-01", 0, 42_000, scheme=RESIDENT)
    step(guangdong)
    assert inherited(guangdong, person) == before + 42_000
    empty_for_good(guangdong, person)


@pytest.fixture
def both(books: Books, tmp_path: Path) -> tuple[Province, int]:
    """Jiangsu: 30 years in the employees' scheme, and an account in the residents' from before."""
    province = Province(books, 32, "2023-03", rulebook())
    reform(province, tmp_path, JIANGSU + RATE % "32: {2023: 3.6%}")
    person = resident(province, birth="1975-01-05", account=500_000)
    province.career(person, 360)
    province.account(person, 2_000_000)
    province.dies(person, "2023-03-17")
    province.claims(person, INHERITANCE, bank=province.bank(person))
    return province, person


def test_of_two_accounts_the_heirs_have_both(both: tuple[Province, int]) -> None:
    province, person = both
    step(province)
    earned = {scheme: province.balance("account_interest", scheme) for scheme in ("employee_pension", RESIDENT)}
    amounts = {"employee_pension": 2_000_000 + earned["employee_pension"], RESIDENT: 500_000 + earned[RESIDENT]}
    assert earned[RESIDENT] == 4_500  # 5 000 × 3.6 % × 3 / 12
    now = (month("2023-03"), month("2023-04"))
    assert province.due(person, OF_EMPLOYEES) == [(*now, amounts["employee_pension"])]
    assert province.due(person, INHERITANCE) == [(*now, amounts[RESIDENT])]
    paid = (
        "SELECT scheme::text, sum(amount)::bigint FROM payment WHERE benefit::text ~ 'account_inheritance' GROUP BY 1"
    )
    assert dict(province.books.rows(paid)) == amounts
    assert province.account_balance(person) == 0
    empty_for_good(province, person)


def test_each_account_is_reckoned_anew_by_itself(both: tuple[Province, int]) -> None:
    province, person = both
    step(province)
    province.turn()
    step(province)
    before, own = province.due(person, OF_EMPLOYEES), province.due(person, INHERITANCE)
    province.turn()
    province.paid(person, "2023-02", 800_000, 64_000)
    step(province)
    assert province.due(person, OF_EMPLOYEES) == [(*before[0][:2], before[0][2] + 64_000)]
    assert province.due(person, INHERITANCE) == own
    assert (province.account_balance(person), province.account_balance(person, RESIDENT)) == (0, 0)


def test_a_death_that_was_none_gives_both_accounts_back(both: tuple[Province, int]) -> None:
    province, person = both
    step(province)
    province.turn()
    step(province)
    province.turn()
    province.supersede("life_event", person)
    assert province.run(adjust).numbers["grants_withdrawn"] == 4
    province.run(pay)
    assert province.due(person, INHERITANCE) == province.due(person, OF_EMPLOYEES) == []
    interest = {scheme: province.balance("account_interest", scheme) for scheme in ("employee_pension", RESIDENT)}
    assert province.account_balance(person) == 2_000_000 + interest["employee_pension"]
    assert province.account_balance(person, RESIDENT) == 500_000 + interest[RESIDENT]


def test_statements_do_not_grow_with_residents(guangdong: Province) -> None:
    counts = []
    for more in (1, 4):
        for _ in range(more):
            person = resident(guangdong)
            guangdong.claims(person, RESIDENT)
            other = resident(guangdong, birth="1985-02-01")
            guangdong.dies(other, f"{guangdong.now:%Y-%m}-20")
            guangdong.claims(other, INHERITANCE, bank=guangdong.bank(other, number=f"62229999{other}"))
        before = guangdong.books.statements
        guangdong.run(award)
        guangdong.run(adjust)
        counts.append(guangdong.books.statements - before)
        guangdong.turn()
    assert counts[1] <= counts[0]


def test_januarys_interest_adds_nothing_to_an_account_paid_out(guangdong: Province) -> None:
    paid_out, waiting = (resident(guangdong, birth="1985-02-01") for _ in range(2))
    for person in (paid_out, waiting):
        guangdong.dies(person, "2025-03-20")
    guangdong.claims(paid_out, INHERITANCE, bank=guangdong.bank(paid_out))
    for _ in range(10):
        step(guangdong)
        guangdong.turn()
    guangdong.run(credit)
    step(guangdong)
    assert guangdong.account_balance(paid_out, RESIDENT) == 0
    # who had no heir's account yet has earned the whole of the year by now: 13 900 × 2.49 % for nine months after March
    # and the months before, March's being credited when it was first decided
    assert guangdong.account_balance(waiting, RESIDENT) > 1_390_000 + 25_000
    guangdong.claims(waiting, INHERITANCE, bank=guangdong.bank(waiting, number="6222000011113333"))
    left = guangdong.account_balance(waiting, RESIDENT)
    step(guangdong)
    assert inherited(guangdong, waiting) == left


def test_who_dies_after_a_death_that_was_none_leaves_the_interest_of_the_year_once(guangdong: Province) -> None:
    person = resident(guangdong, birth="1985-02-01")
    guangdong.claims(person, INHERITANCE, bank=guangdong.bank(person))
    guangdong.dies(person, "2025-03-20")
    step(guangdong)
    guangdong.turn()
    guangdong.supersede("life_event", person)
    step(guangdong)
    guangdong.turn()
    guangdong.dies(person, "2025-05-20", version=1)
    step(guangdong)
    # 13 900 × 2.49 % for five months less the one in which it was paid out
    assert inherited(guangdong, person) == 1_390_000 + 11_537
    empty_for_good(guangdong, person)
