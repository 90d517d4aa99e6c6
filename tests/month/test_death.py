"""Death: the pension ends, heirs are owed what the law says, and a death that was none leaves only history."""

from __future__ import annotations

import pytest
from payers import Payers
from small_province import Province, month

from shebao.books import Books
from shebao.law import rulebook
from shebao.month.adjust import adjust
from shebao.month.award import award
from shebao.month.collect import collect
from shebao.month.pay import pay

HEIRS = ("funeral_grant", "survivor_grant", "account_inheritance")


@pytest.fixture
def jiangsu(books: Books) -> tuple[Province, int]:
    """Jiangsu, where the income of 2022 is known: a pensioner since 2015, 30 years paid, 20 000 yuan in the account."""
    province = Province(books, 32, "2023-03", rulebook())
    person = province.person(birth="1955-01-05")
    province.career(person, 360)
    province.account(person, 2_000_000)
    province.draws(person, "2015-02", 300_000)
    province.participates(person, "2015-02", kind="retired")
    return province, person


def test_the_pension_ends_with_the_month_and_the_heirs_are_owed(jiangsu: tuple[Province, int]) -> None:
    province, person = jiangsu
    province.dies(person, "2023-03-17")
    heir = province.bank(person)
    province.claims(person, "survivor_grant", bank=heir)
    summary = province.run(adjust)
    assert province.due(person) == [(month("2015-02"), month("2023-04"), 300_000)]
    # 5015 × 2; 9 + 15 years = 24 months less 8 years drawn = 16 months; the account in full
    due = {benefit: province.due(person, benefit) for benefit in HEIRS}
    now = (month("2023-03"), month("2023-04"))
    assert due == {
        "funeral_grant": [(*now, 1_003_000)],
        "survivor_grant": [(*now, 8_024_000)],
        "account_inheritance": [(*now, 2_000_000)],
    }
    parts = dict(
        province.books.rows("SELECT benefit::text, account_part FROM entitlement_now WHERE bank_account_id IS NOT NULL")
    )
    assert parts == {"funeral_grant": 0, "survivor_grant": 0, "account_inheritance": 2_000_000}
    assert summary.numbers["survivors_due"] == 3
    assert province.books.rows("SELECT upper(valid) FROM participation_now") == [(month("2023-04"),)]
    assert sum(n for name, n in province.run(adjust).numbers.items() if name != "deaths") == 0


def test_without_an_heirs_account_it_waits_for_one(jiangsu: tuple[Province, int]) -> None:
    province, person = jiangsu
    province.dies(person, "2023-03-17")
    assert province.run(adjust).numbers["survivors_without_account"] == 3
    assert province.due(person, "funeral_grant") == []
    province.turn()
    province.claims(person, "funeral_grant", bank=province.bank(person))
    assert province.run(adjust).numbers["survivors_due"] == 3
    assert province.due(person, "funeral_grant") == [(month("2023-04"), month("2023-05"), 1_003_000)]


def test_without_the_incomes_figure_nothing_is_invented_and_the_case_stays_open(books: Books) -> None:
    province = Province(books, 34, "2025-03", rulebook())
    person = province.person(birth="1955-01-05")
    province.career(person, 360)
    province.draws(person, "2015-02", 300_000)
    province.dies(person, "2025-03-01")
    for _ in range(2):
        summary = province.run(adjust)
        assert summary.numbers["waiting"] == 2
        assert any("urban_income" in en for _, en in summary.notes)
        province.turn()
    assert province.awards(person, "funeral_grant") == []
    assert province.due(person)[0][1] == month("2025-04")


def test_a_death_that_was_none_restores_everything(jiangsu: tuple[Province, int]) -> None:
    province, person = jiangsu
    province.dies(person, "2023-03-17")
    province.claims(person, "survivor_grant", bank=province.bank(person))
    province.run(adjust)
    province.turn()
    province.supersede("life_event", person)
    summary = province.run(adjust)
    assert (summary.numbers["pensions_restored"], summary.numbers["grants_withdrawn"]) == (1, 3)
    assert province.due(person) == [
        (month("2015-02"), month("2023-04"), 300_000),
        (month("2023-04"), None, 300_000),
    ]
    assert [province.due(person, benefit) for benefit in HEIRS] == [[], [], []]
    assert [province.awards(person, benefit)[-1][2] for benefit in HEIRS] == [False, False, False]
    assert province.books.value("SELECT count(*) FROM participation_now WHERE upper_inf(valid)") == 1
    province.turn()
    assert province.run(adjust).numbers["survivors_decided"] == 0


def test_a_corrected_day_of_death_moves_the_end_and_the_grants(jiangsu: tuple[Province, int]) -> None:
    province, person = jiangsu
    province.dies(person, "2023-01-30")
    province.claims(person, "survivor_grant", bank=province.bank(person))
    province.run(adjust)
    assert province.due(person)[0][1] == month("2023-02")
    before = province.due(person, "survivor_grant")
    province.turn()
    province.supersede("life_event", person)
    province.dies(person, "2023-02-02", version=1)
    province.run(adjust)
    assert province.due(person)[-1][1] == month("2023-03")
    # eight full years of pension in January as in February: the grants stay as they were
    assert province.due(person, "survivor_grant") == before


def test_months_declared_after_death_are_told(books: Books) -> None:
    province = Province(books, 32, "2023-03", rulebook())
    person = province.person(birth="1975-01-05")
    province.participates(person, "2015-02")
    province.career(person, 100)
    province.paid(person, "2023-03", 500_000, 40_000)
    province.dies(person, "2023-02-10")
    summary = province.run(adjust)
    assert summary.numbers["contributions_after_death"] == 1
    assert any("withdrawn" in en for _, en in summary.notes)


def test_an_award_after_a_death_is_not_made(books: Books) -> None:
    province = Province(books, 34, "2026-02", rulebook())
    person = province.sheet_p02()
    province.dies(person, "2026-02-01")
    assert province.run(award).numbers["granted"] == 0


def test_interest_of_the_year_is_credited_before_the_account_is_inherited(books: Books) -> None:
    province = Province(books, 32, "2022-12", rulebook())
    person = province.person(birth="1975-01-05")
    province.career(person, 100)
    province.account(person, 1_200_000)
    for _ in range(3):
        province.turn()
    province.dies(person, "2023-03-10")
    province.claims(person, "account_inheritance", bank=province.bank(person))
    province.run(adjust)
    amount = province.due(person, "account_inheritance")[0][2]
    assert amount > 1_200_000
    assert province.account_balance(person) == amount
    assert province.balance("account_interest") == amount - 1_200_000
    assert province.balance("individual_accounts") == 1_200_000 - amount


# -- the account goes on moving --------------------------------------------------------------------


@pytest.fixture
def drawing(books: Books) -> tuple[Province, int]:
    """Jiangsu: a pensioner with 20 000 yuan in the account, who draws 600 of it a month; an heir with an account."""
    province = Province(books, 32, "2023-03", rulebook())
    person = province.person(birth="1955-01-05")
    province.career(person, 360)
    province.account(person, 2_000_000)
    province.draws(person, "2015-02", 300_000, account_part=60_000)
    province.participates(person, "2015-02", kind="retired")
    province.claims(person, "account_inheritance", bank=province.bank(person))
    return province, person


def inherited(province: Province, person: int) -> int:
    return sum(amount for _, _, amount in province.due(person, "account_inheritance"))


def step(province: Province) -> None:
    province.run(adjust)
    province.run(pay)


def settled(province: Province, person: int) -> None:
    """The account is empty, all of it is paid, and looking once more changes nothing."""
    assert province.account_balance(person) == 0
    count = "SELECT (SELECT count(*) FROM award), (SELECT count(*) FROM entitlement), (SELECT count(*) FROM payment)"
    before = province.books.one(count)
    for turned in (False, True):
        if turned:
            province.turn()
        step(province)
        assert province.books.one(count) == before


def test_the_month_of_death_is_still_drawn_from_the_account(drawing: tuple[Province, int]) -> None:
    province, person = drawing
    step(province)
    province.turn()
    province.dies(person, "2023-04-11")
    step(province)
    # March and April are the pensioner's, the rest is the heirs'
    assert inherited(province, person) == 2_000_000 - 2 * 60_000 + province.balance("account_interest")
    settled(province, person)


@pytest.mark.parametrize(("died", "months"), [("2023-03-20", 1), ("2023-01-20", -1), ("2023-02-20", 0)])
def test_months_drawn_after_a_death_come_back_to_the_heirs(
    drawing: tuple[Province, int], died: str, months: int
) -> None:
    province, person = drawing
    step(province)
    province.turn()
    province.dies(person, died)
    step(province)
    # what was drawn for February before the books is given back like what they drew for March
    assert inherited(province, person) == 2_000_000 - months * 60_000 + province.balance("account_interest")
    settled(province, person)


def test_an_account_used_up_gives_what_it_has(books: Books) -> None:
    province = Province(books, 32, "2023-03", rulebook())
    person = province.person(birth="1955-01-05")
    province.career(person, 360)
    province.account(person, 40_000)
    province.draws(person, "2015-02", 300_000, account_part=60_000)
    province.dies(person, "2023-03-11")
    province.claims(person, "account_inheritance", bank=province.bank(person))
    step(province)
    interest = province.balance("account_interest")
    assert (inherited(province, person), province.account_balance(person)) == (interest, 0)


def test_a_contribution_paid_after_the_inheritance_goes_to_the_heirs_too(drawing: tuple[Province, int]) -> None:
    province, person = drawing
    province.dies(person, "2023-03-11")
    step(province)
    before = inherited(province, person)
    province.turn()
    province.paid(person, "2023-02", 800_000, 64_000)
    step(province)
    assert province.due(person, "account_inheritance") == [(month("2023-03"), month("2023-04"), before + 64_000)]
    paid = "SELECT sum(amount)::bigint FROM payment WHERE benefit = 'account_inheritance' AND booked = %(m)s"
    assert province.books.value(paid, m=month("2023-04")) == 64_000
    settled(province, person)


def test_a_contribution_taken_back_after_the_inheritance_is_owed_by_the_heirs(drawing: tuple[Province, int]) -> None:
    province, person = drawing
    province.paid(person, "2023-02", 800_000, 66_504)
    province.dies(person, "2023-03-11")
    step(province)
    before = inherited(province, person)
    province.turn()
    province.paid(person, "2023-02", -800_000, -66_504)
    step(province)
    assert inherited(province, person) == before - 66_504
    assert province.account_balance(person) == 0
    owed = province.books.rows("SELECT benefit::text, amount FROM receivable")
    assert owed == [("account_inheritance", 66_504)]
    settled(province, person)


def test_an_inheritance_of_which_nothing_remains_is_owed_in_full(books: Books) -> None:
    province = Province(books, 32, "2023-03", rulebook())
    person = province.person(birth="1975-01-05")
    province.career(person, 100)
    province.paid(person, "2023-02", 800_000, 64_000)
    province.dies(person, "2023-03-10")
    province.claims(person, "account_inheritance", bank=province.bank(person))
    step(province)
    assert inherited(province, person) >= 64_000
    interest = inherited(province, person) - 64_000
    province.turn()
    province.paid(person, "2023-02", -800_000, -64_000 - interest)
    step(province)
    assert province.due(person, "account_inheritance") == []
    assert province.account_balance(person) == 0
    assert province.awards(person, "account_inheritance")[-1][1:3] == (0, False)
    assert province.books.value("SELECT sum(amount)::bigint FROM receivable") == 64_000 + interest


def test_the_statements_of_inheriting_do_not_grow_with_the_dead(books: Books) -> None:
    province = Province(books, 32, "2023-03", rulebook())
    counts = []
    for more in (1, 4):
        for _ in range(more):
            person = province.person(birth="1955-01-05")
            province.career(person, 360)
            province.account(person, 2_000_000)
            province.draws(person, "2015-02", 300_000, account_part=60_000)
            province.dies(person, "2023-03-11")
            province.claims(person, "account_inheritance", bank=province.bank(person, number=f"62220000{person}"))
        before = books.statements
        province.run(adjust)
        counts.append(books.statements - before)
    assert counts[1] <= counts[0]


def test_who_dies_after_a_death_that_was_none_leaves_the_interest_of_the_year_once(books: Books) -> None:
    totals = []
    for undone in (False, True):
        province = Province(books, 32 + undone, "2022-12", rulebook())
        person = province.person(birth="1975-01-05")
        province.career(person, 100)
        province.account(person, 1_200_000)
        province.claims(person, "account_inheritance", bank=province.bank(person, number=f"6222{person}"))
        for _ in range(3):
            province.turn()
        if undone:
            province.dies(person, "2023-03-10")
            step(province)
        province.turn()
        province.supersede("life_event", person)
        step(province)
        province.turn()
        province.dies(person, "2023-05-10", version=1)
        step(province)
        totals.append(inherited(province, person))
        assert province.account_balance(person) == 0
    # paid out and taken back, the account earned nothing on 12 000 yuan for two months or so
    assert totals[0] - 1_200_000 > 10_000
    assert totals[0] - 20_000 < totals[1] <= totals[0]


# -- a death before the pension --------------------------------------------------------------------


@pytest.fixture
def awarded(books: Books) -> tuple[Province, int]:
    """Sheet P02, awarded in February 2026: 5069.44 from March; the bill of December 2025 is not paid yet."""
    province = Province(books, 34, "2026-02", rulebook())
    person = province.sheet_p02(until="2025-12")
    province.bank(person)
    province.run(award)
    step(province)
    province.turn()
    return province, person


def test_who_died_before_retiring_never_retired(awarded: tuple[Province, int]) -> None:
    province, person = awarded
    province.run(pay)
    province.turn()
    province.dies(person, "2026-01-20")
    step(province)
    assert province.awards(person)[-1] == (month("2026-02"), 0, False, False)
    assert province.due(person) == []
    owed = "SELECT amount FROM receivable WHERE benefit = 'employee_pension'"
    assert province.books.value(owed) == 506_944
    province.turn()
    province.paid(person, "2025-12", 718_500, 57_480)
    step(province)
    assert (len(province.awards(person)), province.due(person)) == (2, [])
    assert province.run(award).numbers["granted"] == 0


def test_a_late_contribution_gives_the_dead_no_pension(awarded: tuple[Province, int]) -> None:
    province, person = awarded
    province.dies(person, "2026-02-20")  # after retiring, before the first payment
    step(province)
    assert province.due(person) == []
    province.turn()
    province.paid(person, "2025-12", 718_500, 57_480)
    province.run(adjust)
    (_, before, _, _), (_, amount, granted, _) = province.awards(person)
    assert granted
    assert amount > before
    assert province.due(person) == []


def test_a_late_contribution_raises_the_pension_up_to_the_death_only(awarded: tuple[Province, int]) -> None:
    province, person = awarded
    province.dies(person, "2026-03-20")
    step(province)
    province.turn()
    province.paid(person, "2025-12", 718_500, 57_480)
    province.run(adjust)
    amount = province.awards(person)[-1][1]
    assert amount > 506_944
    assert province.due(person) == [(month("2026-03"), month("2026-04"), amount)]


def test_a_pension_taken_back_for_a_death_that_was_none_is_made_anew(awarded: tuple[Province, int]) -> None:
    province, person = awarded
    province.dies(person, "2026-01-20")
    step(province)
    province.turn()
    province.supersede("life_event", person)
    province.run(adjust)
    assert province.awards(person)[-1][1:3] == (506_944, True)
    assert province.due(person) == [(month("2026-03"), None, 506_944)]
    takes_part = "SELECT kind::text, lower(valid), upper(valid) FROM participation_now ORDER BY valid"
    assert province.books.rows(takes_part) == [
        ("flexible", month("2020-01"), month("2026-02")),
        ("flexible", month("2026-02"), month("2026-03")),
        ("retired", month("2026-03"), None),
    ]
    versions = len(province.awards(person))
    province.run(adjust)
    assert len(province.awards(person)) == versions


def test_a_pension_claimed_after_the_death_ends_with_it(books: Books) -> None:
    province = Province(books, 34, "2026-02", rulebook())
    person, other = province.sheet_p02(), province.sheet_p02()
    province.dies(person, "2026-03-05")
    province.dies(other, "2026-01-05")
    province.turn()
    province.turn()
    for who in (person, other):
        province.claims(who, "employee_pension", {"retirement_month": "2026-02"})
    province.run(award)
    province.run(adjust)
    assert province.due(person) == [(month("2026-03"), month("2026-04"), 506_944)]
    assert province.awards(other) == [(month("2026-02"), 0, False, False)]
    assert province.due(other) == []


# -- recorded in another province ---------------------------------------------------------------------


@pytest.fixture
def elsewhere(books: Books) -> tuple[Province, Payers, int]:
    """Anhui, which keeps the record; Guangdong, where the person pays for each month; the person."""
    home, away = Province(books, 34, "2025-01", rulebook()), Payers(books)
    person = home.person(birth="1980-01-01")
    home.career(person, 100)
    away.takes_part(person, "employee_pension", "flexible", chosen_base=800_000)
    away.run(collect)
    return home, away, person


def months_paid(away: Payers, person: int) -> list[str]:
    sums: dict[str, int] = {}
    for about, _, _, _, employee, *_ in away.contributions(person):
        sums[about] = sums.get(about, 0) + employee
    return [about for about, fen in sums.items() if fen]


def test_a_death_recorded_elsewhere_ends_what_is_paid_here(elsewhere: tuple[Province, Payers, int]) -> None:
    home, away, person = elsewhere
    away.turn()
    away.run(collect)
    assert months_paid(away, person) == ["2025-01", "2025-02"]
    home.dies(person, "2025-01-20")
    home.run(adjust)
    summary = away.run(adjust)
    assert (summary.numbers["deaths"], summary.numbers["contributions_after_death"]) == (1, 1)
    assert home.books.rows("SELECT upper(valid) FROM participation_now") == [(month("2025-02"),)]
    away.turn()
    away.run(collect)
    assert months_paid(away, person) == ["2025-01"]
    assert away.run(adjust).numbers["deaths"] == 0
    assert home.books.rows("SELECT DISTINCT region FROM award") == [(34,)]  # the survivors' is where the record is


def test_a_death_elsewhere_that_was_none_lets_it_go_on(elsewhere: tuple[Province, Payers, int]) -> None:
    home, away, person = elsewhere
    home.dies(person, "2024-12-20")
    away.run(adjust)
    away.turn()
    away.run(collect)
    assert months_paid(away, person) == []
    home.supersede("life_event", person)
    away.run(adjust)
    away.turn()
    away.run(collect)
    assert months_paid(away, person) == ["2025-01", "2025-02", "2025-03"]
    rows = "SELECT valid::text, source FROM participation_now ORDER BY valid"
    known = home.books.rows(rows)
    away.run(adjust)
    assert home.books.rows(rows) == known


def test_a_death_elsewhere_moved_to_a_later_day_moves_the_end(elsewhere: tuple[Province, Payers, int]) -> None:
    home, away, person = elsewhere
    home.dies(person, "2024-06-20")
    away.run(adjust)
    home.supersede("life_event", person)
    home.dies(person, "2025-01-20", version=1)
    away.turn()
    away.run(collect)
    away.run(adjust)
    away.turn()
    away.run(collect)
    assert months_paid(away, person) == ["2025-01"]
    assert home.books.value("SELECT max(upper(valid)) FROM participation_now") == month("2025-02")


def test_who_began_here_after_a_death_that_was_none_begins_again(books: Books) -> None:
    home, away = Province(books, 34, "2025-01", rulebook()), Payers(books)
    person = home.person(birth="1980-01-01")
    away.takes_part(person, "employee_pension", "flexible", since="2025-01", chosen_base=800_000)
    home.dies(person, "2024-12-20")
    away.run(adjust)
    assert books.value("SELECT count(*) FROM participation_now") == 0
    home.supersede("life_event", person)
    away.turn()
    away.run(adjust)
    assert books.rows("SELECT lower(valid), upper(valid) FROM participation_now") == [(month("2025-01"), None)]


def test_a_pension_drawn_here_ends_too_and_stays_here(books: Books) -> None:
    home, here = Province(books, 34, "2023-03", rulebook()), Province(books, 32, "2023-03", rulebook())
    person = home.person(birth="1955-01-05")
    here.draws(person, "2015-02", 300_000)
    home.dies(person, "2023-03-17")
    home.run(adjust)
    assert here.due(person) == [(month("2015-02"), None, 300_000)]
    here.run(adjust)
    assert here.due(person) == [(month("2015-02"), month("2023-04"), 300_000)]
    assert books.rows("SELECT DISTINCT region FROM entitlement") == [(32,)]
