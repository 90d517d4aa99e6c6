"""Double pensions: the resident's ends, its basic part is owed back, the account less the subsidy is returned."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from small_province import Province, month

from shebao.books import Books
from shebao.law import rulebook
from shebao.month import recover
from shebao.month.adjust import adjust
from shebao.month.award import award
from shebao.month.close import examine
from shebao.month.context import Context, Summary
from shebao.month.pay import pay

PENSION, RESIDENT, RETURN = "employee_pension", "resident_pension", "resident_account_refund"
START = {"scheme_start_month": "2010-01"}


@pytest.fixture
def guangdong(books: Books) -> Province:
    return Province(books, 44, "2025-03", rulebook())


def resident(province: Province, subsidy: str | None = "2780.00", account: int = 1_390_000) -> int:
    """A resident who draws 220 + 13 900 / 139 = 320 yuan a month; a fifth of what the account was given is subsidy."""
    person = province.person(birth="1965-02-01")
    told = {} if subsidy is None else {"government_subsidy_credited": subsidy}
    province.career(person, 15 * 12, scheme=RESIDENT, facts=START | told)
    province.account(person, account, scheme=RESIDENT)
    province.participates(person, "2010-01", RESIDENT, kind="resident", grade=360)
    province.bank(person, "self", f"62220000{person}")
    province.claims(person, RESIDENT)
    return person


def drawn(province: Province, **values: Any) -> int:
    """Drawn in March, April and May; the books then stand in June."""
    person = resident(province, **values)
    for _ in range(3):
        run(province)
        province.turn()
    return person


def employed(province: Province, person: int, since: str) -> None:
    """An employee's pension is found, from a month gone by."""
    province.draws(person, since, 300_000)


def run(province: Province) -> Summary:
    """Award, adjust and pay; returns what adjust told."""
    province.run(award)
    summary = province.run(adjust)
    province.run(pay)
    return summary


def rows(province: Province) -> tuple[int, ...]:
    tables = ("award", "entitlement", "payment", "receivable", "recovery", "participation", "account_movement")
    return tuple(province.books.one("SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in tables)))


def takes_part(province: Province, person: int) -> list[tuple[object, ...]]:
    query = """SELECT kind::text, lower(valid), upper(valid) FROM participation_now
               WHERE person_id = %(p)s AND scheme = 'resident_pension' ORDER BY 2"""
    return province.books.rows(query, p=person)


def owed(province: Province) -> int:
    return int(province.books.value(f"SELECT coalesce(sum(outstanding), 0)::bigint FROM ({recover.OPEN}) AS o", r=44))


def decision(province: Province, person: int) -> dict[str, Any]:
    names = "granted, amount, reason, facts, tree"
    found = province.books.one(
        f"""SELECT {names} FROM award WHERE person_id = %(p)s AND benefit = 'resident_account_refund'
            ORDER BY version DESC LIMIT 1""",
        p=person,
    )
    return dict(zip(names.split(", "), found, strict=True))


def agree(province: Province) -> None:
    """The closing's checks that hold in a province without banks and openings in the journal."""
    found = examine(Context(province.books, province.region, province.now, province.law, "A"))
    wanted = ("trial_balance", "benefits_receivable", "benefits", "due_paid", "change_explained")
    assert {
        one.check.name: (one.ours, one.theirs) for one in found if one.check.name in wanted and not one.passed
    } == {}


# -- what is ended, owed and returned --------------------------------------------------------------


def test_the_residents_pension_ends_with_the_first_month_of_both(guangdong: Province) -> None:
    person = drawn(guangdong)
    employed(guangdong, person, "2025-04")
    summary = run(guangdong)
    assert guangdong.due(person, RESIDENT) == [
        (month("2025-03"), month("2025-04"), 32_000),
        (month("2025-04"), month("2025-06"), 10_000),  # the account's part of April and May stays
    ]
    assert takes_part(guangdong, person) == [("resident", month("2010-01"), month("2025-04"))]
    numbers = summary.numbers
    assert (numbers["double_pensions"], numbers["double_to_repay_fen"]) == (1, 2 * 22_000)
    number = guangdong.books.value("SELECT number FROM person WHERE id = %(p)s", p=person)
    assert any(number in zh and "重复领取" in zh and number in en for zh, en in summary.notes)
    agree(guangdong)


def test_the_account_is_returned_without_the_subsidy_less_what_is_owed(guangdong: Province) -> None:
    person = drawn(guangdong)
    employed(guangdong, person, "2025-04")
    run(guangdong)
    made = decision(guangdong, person)
    interest = guangdong.balance("account_interest", RESIDENT)
    balance = 1_390_000 - 3 * 10_000 + interest
    # half a year of 2.49 % on 13 900, less what the 300 drawn no longer earned
    assert 16_900 < interest < 17_306
    assert made["facts"]["resident_account_balance"] == f"{balance // 100}.{balance % 100:02d}"
    subsidy = round(balance / 5)
    assert (made["granted"], made["amount"]) == (True, balance - subsidy)
    assert made["tree"]["name"] == "transfer.double_benefit_from_pension"
    assert made["tree"]["value"] == "0.00"
    paid = guangdong.books.one(
        "SELECT amount, account_part, withheld, scheme::text FROM payment WHERE benefit = 'resident_account_refund'"
    )
    assert paid == (balance - subsidy, balance, 44_000, RESIDENT)
    assert guangdong.account_balance(person, RESIDENT) == 0
    assert guangdong.books.rows("SELECT amount, benefit::text, scheme::text FROM receivable") == [
        (44_000, RESIDENT, RESIDENT)
    ]
    assert owed(guangdong) == 0
    # the batch carries what is left after the setting off
    assert guangdong.books.value("SELECT max(amount) FROM payment_batch WHERE booked = '2025-06-01'") > 0
    agree(guangdong)


def test_looking_again_changes_nothing(guangdong: Province) -> None:
    person = drawn(guangdong)
    employed(guangdong, person, "2025-04")
    run(guangdong)
    before = rows(guangdong)
    assert guangdong.run(adjust).numbers["double_pensions"] == 0
    assert rows(guangdong) == before
    guangdong.turn()
    guangdong.run(award)
    guangdong.run(adjust)
    assert rows(guangdong) == before
    guangdong.run(pay)
    assert rows(guangdong)[2] == before[2] + 1  # June's pension of the employee's fund, and nothing else
    agree(guangdong)


def test_what_the_account_does_not_cover_is_withheld_from_the_employees_pension(guangdong: Province) -> None:
    person = drawn(guangdong, account=41_700)  # 3 yuan a month
    employed(guangdong, person, "2025-03")
    run(guangdong)
    made = decision(guangdong, person)
    assert made["facts"]["double_months"] == ["2025-03", "2025-04", "2025-05"]
    assert owed(guangdong) == 3 * 22_000 - made["amount"]
    assert made["tree"]["value"] == f"{(66_000 - made['amount']) / 100:.2f}"
    guangdong.turn()
    number, left = guangdong.books.value("SELECT number FROM receivable"), owed(guangdong)
    guangdong.put(
        "instalment_plan",
        **{"region": 44, "number": number, "version": 0, "area": guangdong.area, "booked": guangdong.now},
        **{"instalment": 20_000, "officer": "A", "source": "agreed"},
    )
    run(guangdong)
    assert owed(guangdong) == left - 20_000
    assert guangdong.books.rows(
        "SELECT benefit::text, withheld FROM payment WHERE booked = %(m)s", m=guangdong.now
    ) == [(PENSION, 20_000)]
    # the employees' fund has passed it on
    assert guangdong.balance("benefits_receivable") == 0
    assert guangdong.balance("benefits_receivable", RESIDENT) == left - 20_000
    assert guangdong.balance("bank_fiscal", RESIDENT) == 20_000
    assert guangdong.balance("bank_fiscal") == -20_000
    agree(guangdong)


def test_a_pension_of_this_month_alone_leaves_nothing_owed(guangdong: Province) -> None:
    person = drawn(guangdong)
    employed(guangdong, person, "2025-06")
    run(guangdong)
    assert guangdong.due(person, RESIDENT) == [(month("2025-03"), month("2025-06"), 32_000)]
    assert decision(guangdong, person)["facts"]["resident_payments"] == []
    assert guangdong.books.value("SELECT count(*) FROM receivable") == 0
    assert guangdong.account_balance(person, RESIDENT) == 0


def test_a_pension_that_begins_later_ends_nothing_yet(guangdong: Province) -> None:
    person = drawn(guangdong)
    employed(guangdong, person, "2025-07")
    assert run(guangdong).numbers["double_pensions"] == 0
    guangdong.turn()
    assert run(guangdong).numbers["double_pensions"] == 1
    assert guangdong.due(person, RESIDENT)[-1][1] == month("2025-07")


def test_months_before_the_books_are_owed_too(books: Books) -> None:
    province = Province(books, 44, "2025-03", rulebook())
    person = province.person(birth="1955-01-01")
    province.draws(person, "2020-01", 300_000)
    province.put(
        "entitlement",
        **{"person_id": person, "benefit": RESIDENT, "version": 0, "region": 44, "area": province.area},
        **{"valid": "[2024-11-01,)", "booked": province.now, "amount": 32_000, "account_part": 10_000},
        **{"components": {"pension_taken_over": 22_000, "account_pension": 10_000}, "reason": "t"},
    )
    summary = run(province)
    assert summary.numbers["double_to_repay_fen"] == 4 * 22_000
    assert province.due(person, RESIDENT) == [(month("2024-11"), month("2025-03"), 10_000)]
    assert owed(province) == 4 * 22_000
    assert decision(province, person)["granted"] is False  # there never was an account
    province.turn()
    assert run(province).numbers["double_pensions"] == 0
    agree(province)


def test_an_employees_pension_awarded_retroactively(guangdong: Province) -> None:
    person = drawn(guangdong)
    guangdong.participates(person, "2000-01", kind="flexible", chosen_base=800_000)
    guangdong.career(person, 300, facts={"paid_months_before_1998_07": 0}, until="2025-03")
    guangdong.account(person, 5_000_000)
    guangdong.claims(person, PENSION, {"retirement_month": "2025-03"})
    run(guangdong)
    assert guangdong.due(person)[0][0] == month("2025-04")
    assert guangdong.due(person, RESIDENT)[-1] == (month("2025-04"), month("2025-06"), 10_000)
    assert decision(guangdong, person)["facts"]["double_since"] == "2025-04"


def test_both_granted_at_once_for_months_gone_by(guangdong: Province) -> None:
    """Of the months in which both would be due nothing was drawn: none of the resident's is paid, nothing is owed."""
    for _ in range(3):
        guangdong.turn()
    person = resident(guangdong)
    guangdong.participates(person, "2000-01", kind="flexible", chosen_base=800_000)
    guangdong.career(person, 300, facts={"paid_months_before_1998_07": 0}, until="2025-03")
    guangdong.account(person, 5_000_000)
    guangdong.claims(person, PENSION, {"retirement_month": "2025-03"})
    run(guangdong)
    assert guangdong.due(person, RESIDENT) == [(month("2025-03"), month("2025-04"), 32_000)]
    assert guangdong.due(person)[0][0] == month("2025-04")
    assert guangdong.books.value("SELECT count(*) FROM receivable") == 0
    assert guangdong.account_balance(person, RESIDENT) == 0
    agree(guangdong)


def test_an_employees_pension_of_another_province_counts(guangdong: Province) -> None:
    person = drawn(guangdong)
    there = Province(guangdong.books, 45, "2025-03", rulebook())
    there.draws(person, "2025-04", 300_000)
    summary = guangdong.run(adjust)
    assert summary.numbers["double_pensions"] == 1
    assert there.run(adjust).numbers["double_pensions"] == 0


def test_without_a_bank_account_the_return_waits_and_is_set_off_all_the_same(guangdong: Province) -> None:
    person = drawn(guangdong)
    guangdong.books.execute("UPDATE bank_account SET known = tstzrange(lower(known), clock_timestamp())")
    employed(guangdong, person, "2025-04")
    run(guangdong)
    assert owed(guangdong) == 0
    paid = guangdong.books.one("SELECT withheld, batch IS NULL FROM payment WHERE benefit = 'resident_account_refund'")
    assert paid == (44_000, True)
    agree(guangdong)


def test_a_payee_is_told_apart_in_the_banks_file() -> None:
    from shebao.books.words import BENEFITS as WORDS
    from shebao.month.orders import BENEFITS, LETTERS
    from shebao.report.standing import BENEFITS as STANDING

    assert set(WORDS) == set(BENEFITS) == set(STANDING)
    assert len(LETTERS) == len(BENEFITS)


# -- the subsidy -------------------------------------------------------------------------------------


def test_an_account_whose_subsidy_nobody_told_waits_and_is_told_by_name(guangdong: Province) -> None:
    person = drawn(guangdong, subsidy=None)
    employed(guangdong, person, "2025-04")
    summary = run(guangdong)
    number = guangdong.books.value("SELECT number FROM person WHERE id = %(p)s", p=person)
    assert any(number in zh and "政府补贴" in zh and "subsidy" in en for zh, en in summary.notes)
    assert any("transfer.government_subsidy_credited" in en for _, en in summary.notes)
    assert decision(guangdong, person)["tree"]["value"] == "440.00"
    assert guangdong.account_balance(person, RESIDENT) == 1_390_000 - 30_000
    assert owed(guangdong) == 44_000
    before = rows(guangdong)
    guangdong.turn()
    assert guangdong.run(adjust).notes
    assert rows(guangdong) == before
    guangdong.supersede("career", person)
    told = START | {"government_subsidy_credited": "2780.00"}
    guangdong.career(person, 15 * 12, scheme=RESIDENT, facts=told, version=1, until="2025-03")
    run(guangdong)
    assert decision(guangdong, person)["amount"] > 1_000_000
    assert owed(guangdong) == 0
    assert guangdong.account_balance(person, RESIDENT) == 0


@pytest.mark.parametrize("told", ["a lot", {"yuan": 3}, "-1", True, "12345678901"])
def test_a_subsidy_that_is_no_amount_waits_too(guangdong: Province, told: Any) -> None:
    person = drawn(guangdong, subsidy=told)
    employed(guangdong, person, "2025-04")
    summary = run(guangdong)
    assert summary.numbers["double_pensions"] == 1
    assert any("government_subsidy_credited" in en for _, en in summary.notes)
    assert guangdong.due(person, RETURN) == []


def test_what_the_books_credited_beyond_the_payment_is_subsidy(guangdong: Province) -> None:
    person = guangdong.person(birth="1965-02-01")
    guangdong.career(person, 15 * 12, scheme=RESIDENT, facts=START)
    guangdong.participates(person, "2010-01", RESIDENT, kind="resident", grade=360)
    guangdong.paid(person, "2025-01", 0, 36_000, scheme=RESIDENT)
    guangdong.claims(person, RESIDENT)
    for _ in range(2):
        run(guangdong)
        guangdong.turn()
    employed(guangdong, person, "2025-05")
    run(guangdong)
    facts = decision(guangdong, person)["facts"]
    assert (facts["credited_to_resident_account"], facts["government_subsidy_credited"]) == ("360.00", "0.00")
    assert decision(guangdong, person)["amount"] == guangdong.due(person, RETURN)[0][2] > 35_000


def test_a_payment_that_comes_after_the_return_is_returned_too(guangdong: Province) -> None:
    person = drawn(guangdong)
    employed(guangdong, person, "2025-06")
    run(guangdong)
    before = decision(guangdong, person)["amount"]
    guangdong.turn()
    guangdong.paid(person, "2025-01", 0, 36_000, scheme=RESIDENT)
    run(guangdong)
    assert decision(guangdong, person)["amount"] > before
    assert guangdong.account_balance(person, RESIDENT) == 0
    settled = rows(guangdong)[:2]
    guangdong.turn()
    run(guangdong)
    assert rows(guangdong)[:2] == settled


# -- death, and a pension that was none ----------------------------------------------------------------


def test_the_account_of_who_has_died_is_the_heirs(guangdong: Province) -> None:
    person = drawn(guangdong)
    employed(guangdong, person, "2025-04")
    guangdong.dies(person, "2025-05-20")
    guangdong.claims(person, "funeral_grant", bank=guangdong.bank(person))
    run(guangdong)
    assert guangdong.due(person, RESIDENT) == [
        (month("2025-03"), month("2025-04"), 32_000),
        (month("2025-04"), month("2025-06"), 10_000),
    ]
    assert guangdong.due(person, RETURN) == []
    assert owed(guangdong) == 44_000
    assert guangdong.due(person, "resident_account_inheritance")[0][2] > 1_350_000
    before = rows(guangdong)[:2]
    guangdong.turn()
    run(guangdong)
    assert rows(guangdong)[:2] == before


def test_a_death_before_the_return_learnt_after_it_gives_the_account_to_the_heirs(guangdong: Province) -> None:
    person = drawn(guangdong)
    employed(guangdong, person, "2025-04")
    run(guangdong)
    guangdong.turn()
    guangdong.dies(person, "2025-05-20")
    run(guangdong)
    assert guangdong.due(person, RETURN) == []
    assert guangdong.account_balance(person, RESIDENT) > 1_350_000
    guangdong.turn()
    guangdong.claims(person, "funeral_grant", bank=guangdong.bank(person))
    run(guangdong)
    guangdong.turn()
    run(guangdong)
    assert guangdong.account_balance(person, RESIDENT) == 0
    guangdong.turn()
    guangdong.supersede("life_event", person)
    run(guangdong)
    guangdong.turn()
    run(guangdong)
    assert guangdong.due(person, RETURN) != []
    assert guangdong.account_balance(person, RESIDENT) == 0
    assert guangdong.due(person, RESIDENT)[-1][1] == month("2025-06")


def withdrawn(province: Province, person: int) -> None:
    province.books.execute(
        """UPDATE entitlement SET known = tstzrange(lower(known), clock_timestamp()), superseded_in = %(m)s
           WHERE person_id = %(p)s AND benefit = 'employee_pension' AND upper_inf(known)""",
        p=person,
        m=province.now,
    )


def test_without_the_employees_pension_the_residents_goes_on(guangdong: Province) -> None:
    person = drawn(guangdong)
    part = takes_part(guangdong, person)
    employed(guangdong, person, "2025-04")
    run(guangdong)
    guangdong.turn()
    withdrawn(guangdong, person)
    summary = run(guangdong)
    assert summary.numbers["resident_pensions_resumed"] == 1
    assert any("恢复" in zh for zh, _ in summary.notes)
    assert guangdong.due(person, RESIDENT) == [
        (month("2025-03"), month("2025-04"), 32_000),
        (month("2025-04"), None, 32_000),
    ]
    assert guangdong.due(person, RETURN) == []
    interest = guangdong.balance("account_interest", RESIDENT)
    assert guangdong.account_balance(person, RESIDENT) == 1_390_000 + interest - 5 * 10_000
    assert [row[0] for row in takes_part(guangdong, person)] == ["resident", *["retired"] * (len(part) - 1)]
    assert takes_part(guangdong, person)[-1][2] is None
    drawn_ = "SELECT month, sum(amount)::bigint FROM payment WHERE benefit = 'resident_pension' GROUP BY 1 ORDER BY 1"
    assert [fen for _, fen in guangdong.books.rows(drawn_)] == [32_000] * 5
    before = rows(guangdong)
    guangdong.run(adjust)
    assert rows(guangdong) == before
    agree(guangdong)


def begins_instead(province: Province, person: int, since: str) -> None:
    """The employee's pension proves to begin in another month."""
    withdrawn(province, person)
    province.put(
        "entitlement",
        **{"person_id": person, "benefit": PENSION, "version": 1, "region": 44, "area": province.area},
        **{"valid": f"[{since}-01,)", "booked": province.now, "amount": 300_000, "components": {}, "reason": "t"},
    )


def test_a_pension_of_the_employees_that_proves_to_begin_later(guangdong: Province) -> None:
    person = drawn(guangdong)
    employed(guangdong, person, "2025-04")
    run(guangdong)
    guangdong.turn()
    begins_instead(guangdong, person, "2025-05")
    run(guangdong)
    assert guangdong.due(person, RESIDENT) == [
        (month("2025-03"), month("2025-04"), 32_000),
        (month("2025-04"), month("2025-05"), 32_000),
        (month("2025-05"), month("2025-06"), 10_000),
    ]
    facts = decision(guangdong, person)["facts"]
    assert (facts["double_since"], facts["double_months"]) == ("2025-05", ["2025-05"])
    assert guangdong.account_balance(person, RESIDENT) == 0
    assert [row[0] for row in guangdong.due(person, RETURN)] == [month("2025-06")]
    agree(guangdong)


def test_a_pension_of_the_employees_that_proves_to_begin_earlier(guangdong: Province) -> None:
    person = drawn(guangdong)
    employed(guangdong, person, "2025-05")
    run(guangdong)
    guangdong.turn()
    begins_instead(guangdong, person, "2025-04")
    run(guangdong)
    assert guangdong.due(person, RESIDENT) == [
        (month("2025-03"), month("2025-04"), 32_000),
        (month("2025-04"), month("2025-05"), 10_000),
        (month("2025-05"), month("2025-06"), 10_000),
    ]
    assert decision(guangdong, person)["facts"]["double_months"] == ["2025-04", "2025-05"]
    paid = "SELECT sum(amount)::bigint FROM payment WHERE benefit = 'resident_pension'"
    assert guangdong.books.value(paid) == 32_000 + 2 * 10_000
    agree(guangdong)


def test_a_corrected_record_of_the_resident_leaves_it_ended(guangdong: Province) -> None:
    person = drawn(guangdong)
    employed(guangdong, person, "2025-04")
    run(guangdong)
    guangdong.turn()
    guangdong.supersede("career", person)
    told = START | {"government_subsidy_credited": "2780.00"}
    guangdong.career(person, 18 * 12, scheme=RESIDENT, facts=told, version=1, until="2025-03")
    run(guangdong)
    assert guangdong.due(person, RESIDENT) == [
        (month("2025-03"), month("2025-04"), 32_900),
        (month("2025-04"), month("2025-06"), 10_000),
    ]
    assert takes_part(guangdong, person) == [("resident", month("2010-01"), month("2025-04"))]
    agree(guangdong)


def test_found_when_the_month_is_reopened(guangdong: Province) -> None:
    """May was paid and closed; reopened, what was drawn in it is owed with the rest."""
    person = resident(guangdong)
    run(guangdong)
    guangdong.turn()
    run(guangdong)
    guangdong.put("period_event", region=44, month=guangdong.now, round=0, event="closed", officer="A")
    guangdong.put("period_event", region=44, month=guangdong.now, round=1, event="reopened", officer="A", reason="x")
    employed(guangdong, person, "2025-04")
    assert run(guangdong).numbers["double_to_repay_fen"] == 22_000
    assert guangdong.due(person, RESIDENT) == [
        (month("2025-03"), month("2025-04"), 32_000),
        (month("2025-04"), month("2025-05"), 10_000),
    ]
    before = rows(guangdong)
    guangdong.put("period_event", region=44, month=guangdong.now, round=1, event="closed", officer="A")
    guangdong.put("period_event", region=44, month=guangdong.now, round=2, event="reopened", officer="A", reason="x")
    run(guangdong)
    assert rows(guangdong) == before
    agree(guangdong)


def test_statements_do_not_grow_with_people(guangdong: Province) -> None:
    counts = []
    for more in (1, 4):
        people = [resident(guangdong) for _ in range(more)]
        run(guangdong)
        guangdong.turn()
        for person in people:
            employed(guangdong, person, f"{guangdong.now:%Y-%m}")
        before = guangdong.books.statements
        assert guangdong.run(adjust).numbers["double_pensions"] == more
        counts.append(guangdong.books.statements - before)
        guangdong.run(pay)
        guangdong.turn()
    assert counts[1] <= counts[0]


def test_the_law_did_not_forbid_it_before_july_2014(books: Books) -> None:
    province = Province(books, 44, "2014-05", rulebook())
    person = province.person(birth="1950-01-01")
    province.draws(person, "2012-01", 300_000)
    province.put(
        "entitlement",
        **{"person_id": person, "benefit": RESIDENT, "version": 0, "region": 44, "area": province.area},
        **{"valid": "[2013-01-01,)", "booked": province.now, "amount": 6_500, "account_part": 0},
        **{"components": {"pension_taken_over": 6_500}, "reason": "t"},
    )
    assert province.run(adjust).numbers.get("double_pensions", 0) == 0
    assert province.due(person, RESIDENT) == [(dt.date(2013, 1, 1), None, 6_500)]
