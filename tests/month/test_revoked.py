"""An award taken back, moved or made anew: who then pays in, who draws, and which months can be collected again."""

from __future__ import annotations

import datetime as dt

import pytest
from small_province import Province, month
from stdnum.cn import ric

from shebao.books import Books
from shebao.books.registry import Registrar, add_officer, add_offices
from shebao.intake.store import import_payroll
from shebao.intake.verdicts import BooksReason
from shebao.law import rulebook
from shebao.month.adjust import adjust
from shebao.month.award import award
from shebao.month.collect import collect
from shebao.month.context import Context
from shebao.month.pay import pay
from shebao.month.run import STEPS, run_step

Row = tuple[str, str, dt.date, dt.date | None]


def takes_part(province: Province, person: int) -> list[Row]:
    """Scheme, kind, from, until, of what is known now."""
    return province.books.rows(
        """SELECT scheme::text, kind::text, lower(valid), upper(valid) FROM participation_now
           WHERE person_id = %(p)s ORDER BY scheme, valid""",
        p=person,
    )


@pytest.fixture
def awarded(books: Books) -> tuple[Province, int]:
    """Sheet P02, awarded in February 2026, a pension from March; the books then stand in March."""
    province = Province(books, 34, "2026-02", rulebook())
    person = province.sheet_p02()
    province.bank(person)
    province.run(award)
    province.run(adjust)
    province.turn()
    return province, person


def test_who_proves_too_young_pays_in_again_from_where_the_pension_had_begun(awarded: tuple[Province, int]) -> None:
    province, person = awarded
    province.correct(person, 1, birth="1966-01-20")  # four months' delay: May 2026
    province.run(adjust)
    assert takes_part(province, person) == [
        ("employee_pension", "flexible", month("2020-01"), month("2026-03")),
        ("employee_pension", "flexible", month("2026-03"), None),
    ]
    booked = "SELECT booked FROM participation_now WHERE lower(valid) = %(m)s"
    assert province.books.value(booked, m=month("2026-03")) == month("2026-04")  # March has been collected
    province.run(adjust)
    assert len(takes_part(province, person)) == 2
    for _ in range(2):
        province.turn()
        province.run(award)
    assert takes_part(province, person)[1:] == [
        ("employee_pension", "flexible", month("2026-03"), month("2026-06")),
        ("employee_pension", "retired", month("2026-06"), None),
    ]


def test_the_months_in_between_are_collected(books: Books) -> None:
    province = Province(books, 44, "2025-02", rulebook())
    person = province.person(birth="1965-01-10")  # the age is reached in February 2025
    province.participates(person, "2020-01", kind="flexible", chosen_base=800_000)
    province.career(person, 300, facts={"paid_months_before_1998_07": 0})
    province.account(person, 5_000_000)
    for step in (collect, award, adjust):
        province.run(step)
    assert province.due(person)[0][0] == month("2025-03")
    province.turn()
    for step in (collect, award):
        province.run(step)
    province.correct(person, 1, birth="1965-11-10")
    province.run(adjust)
    assert province.due(person) == []
    province.turn()
    province.run(collect)
    paid = "SELECT month, sum(base)::bigint FROM contribution WHERE person_id = %(p)s GROUP BY 1 ORDER BY 1"
    months = ("2025-02", "2025-03", "2025-04")
    assert province.books.rows(paid, p=person) == [(month(m), 800_000) for m in months]


def employment(province: Province, person: int, since: str, until: str | None, version: int) -> None:
    employer = province.region * 100 + version
    province.put("employer", id=employer, credit_code=f"9{employer:017d}")
    for scheme in ("employee_pension", "unemployment", "work_injury"):
        valid = f"[{month(since)},{month(until) if until else ''})"
        province.participates(
            *(person, since, scheme), version=version, kind="employee", employer_id=employer, valid=valid
        )


def test_every_employment_that_a_pension_ended_goes_on_as_it_was_known(books: Books) -> None:
    province = Province(books, 34, "2026-02", rulebook())
    person = province.person(birth="1965-11-20")
    province.career(person, 509, deemed=147, index=8498)
    province.account(person, 11_509_038)
    employment(province, person, "2020-01", "2026-05", 0)
    employment(province, person, "2026-05", None, 1)  # the next employer has registered already
    before = takes_part(province, person)
    province.run(award)
    assert [row for row in takes_part(province, person) if row[1] == "employee" and row[3] != month("2026-03")] == []
    province.turn()
    province.correct(person, 1, birth="1966-06-20")
    province.run(adjust)
    rows = takes_part(province, person)
    assert "retired" not in {row[1] for row in rows}
    merged = [row for row in rows if row[2] != month("2026-03")]
    assert [(*row[:3], month("2026-05") if row[3] == month("2026-03") else row[3]) for row in merged] == before
    resumed = [row for row in rows if row[2] == month("2026-03")]
    assert [row[3] for row in resumed] == [month("2026-05")] * 3


def test_an_employer_who_reported_the_leaving_meanwhile_is_believed(awarded: tuple[Province, int]) -> None:
    province, person = awarded
    province.supersede("participation", person)
    known = {"kind": "flexible", "chosen_base": 500_000, "valid": f"[{month('2020-01')},{month('2026-02')})"}
    province.participates(person, "2020-01", version=9, **known)
    province.correct(person, 1, birth="1966-01-20")
    province.run(adjust)
    assert takes_part(province, person) == [("employee_pension", "flexible", month("2020-01"), month("2026-02"))]


def test_who_retired_later_than_thought_pays_in_until_then(awarded: tuple[Province, int]) -> None:
    province, person = awarded
    province.run(pay)
    for _ in range(3):
        province.turn()
        province.run(pay)
    province.correct(person, 1, birth="1966-01-20")  # May 2026: a pension from June on, not from March
    province.run(adjust)
    assert [row[:2] for row in province.awards(person)] == [
        (month("2026-02"), 506_944),
        (month("2026-05"), province.awards(person)[1][1]),
    ]
    assert province.due(person) == [(month("2026-06"), None, province.awards(person)[1][1])]
    assert takes_part(province, person) == [
        ("employee_pension", "flexible", month("2020-01"), month("2026-03")),
        ("employee_pension", "flexible", month("2026-03"), month("2026-06")),
        ("employee_pension", "retired", month("2026-06"), None),
    ]
    # what was drawn since March comes back: the new pension is reckoned on the account as if it had not been
    balance = "SELECT (facts ->> 'account_balance')::numeric FROM award WHERE version = 1"
    assert province.books.value(balance) > 115_090


def test_who_retired_earlier_than_thought_draws_from_then(awarded: tuple[Province, int]) -> None:
    province, person = awarded
    province.correct(person, 1, birth="1965-09-20")  # December 2025
    province.run(adjust)
    assert takes_part(province, person) == [
        ("employee_pension", "flexible", month("2020-01"), month("2026-01")),
        ("employee_pension", "retired", month("2026-01"), None),
    ]


def test_a_correction_that_was_none_grants_the_pension_again(awarded: tuple[Province, int]) -> None:
    province, person = awarded
    before, due = takes_part(province, person), province.due(person)
    province.correct(person, 1, birth="1966-01-20")
    province.run(adjust)
    assert province.due(person) == []
    province.turn()
    province.correct(person, 2, birth="1965-11-20")
    province.run(adjust)
    assert province.due(person) == due
    assert takes_part(province, person)[-1] == before[-1]
    assert [row[2] for row in province.awards(person)] == [True, False, True]


def test_a_death_before_the_corrected_age_ends_what_goes_on(awarded: tuple[Province, int]) -> None:
    province, person = awarded
    province.dies(person, "2026-03-05")
    province.run(adjust)
    province.turn()
    province.correct(person, 1, birth="1966-06-20")  # the age would have been reached in October
    province.run(adjust)
    assert province.due(person) == []
    assert takes_part(province, person) == [
        ("employee_pension", "flexible", month("2020-01"), month("2026-03")),
        ("employee_pension", "flexible", month("2026-03"), month("2026-04")),
    ]


def test_an_employment_with_an_end_resumes_to_that_end_after_a_death_that_was_none(books: Books) -> None:
    province = Province(books, 32, "2023-03", rulebook())
    person = province.person(birth="1985-01-05")
    employment(province, person, "2015-02", "2023-06", 0)
    employment(province, person, "2023-06", None, 1)
    before = takes_part(province, person)
    province.dies(person, "2023-03-10")
    province.run(adjust)
    assert {row[3] for row in takes_part(province, person)} == {month("2023-04")}
    province.turn()
    province.supersede("life_event", person)
    province.run(adjust)
    rows = takes_part(province, person)
    assert [row for row in rows if row[3] is None] == [row for row in before if row[3] is None]
    assert [row[2:] for row in rows if row[0] == "unemployment"] == [
        (month("2015-02"), month("2023-04")),
        (month("2023-04"), month("2023-06")),
        (month("2023-06"), None),
    ]


def test_a_pension_awarded_after_a_death_that_was_none_goes_on_as_participation(books: Books) -> None:
    province = Province(books, 34, "2026-02", rulebook())
    person = province.sheet_p02()
    province.dies(person, "2026-03-05")
    province.turn()
    province.claims(person, "employee_pension", {"retirement_month": "2026-02"})
    province.run(award)
    province.run(adjust)
    assert province.due(person) == [(month("2026-03"), month("2026-04"), 506_944)]
    province.turn()
    province.supersede("life_event", person)
    province.run(adjust)
    assert province.due(person)[-1][:2] == (month("2026-04"), None)
    assert takes_part(province, person)[-1][1:] == ("retired", month("2026-03"), None)


def test_who_draws_already_claims_in_vain_and_keeps_the_award(awarded: tuple[Province, int]) -> None:
    province, person = awarded
    taken_over = province.person(birth="1950-03-01")
    province.career(taken_over, 301)
    province.draws(taken_over, "2010-04", 300_000)
    for who in (person, taken_over):
        province.claims(who, "employee_pension")
    assert province.run(award).numbers["refused"] == 2
    assert province.due(person) == [(month("2026-03"), None, 506_944)]
    assert province.due(taken_over) == [(month("2010-04"), None, 300_000)]
    province.turn()
    assert province.run(award).numbers["refused"] == 0
    province.correct(person, 1, birth="1965-09-20")
    assert province.run(adjust).numbers["corrected"] == 1
    assert province.due(person)[0][0] == month("2026-01")


def payroll(books: Books, number: str, code: str, *months: str) -> dict[str, int]:
    """Sends a payroll with a row for each month; why rows were not taken as they stood."""
    head = "姓名,身份证号,统一社会信用代码,费款所属期,缴费工资"
    text = "\r\n".join([head, *(f"张三,{number},{code},{about},8000" for about in months)])
    report = import_payroll(books, text.encode(), name="工资.csv", region=44, officer="A")
    assert report.rows == len(months)
    return dict(report.reasons)


def test_a_payroll_is_taken_again_from_the_month_after_the_correction(books: Books) -> None:
    add_offices(books, [(440_000_000_000, 1, "广东", None)])
    add_officer(books, "A", "甲", 440_000_000_000, ["register"])
    province = Province(books, 44, "2025-02", rulebook())
    registrar = Registrar(books, 44, "test")
    code, born = "91110000600037341L", "44010619650110001"
    number = born + ric.calc_check_digit(born + "0")
    person = registrar.register_person(number, "张三", "men60")
    registrar.hire(person, registrar.register_employer(code, "单位", "large", 1), month("2020-01"))
    province.career(person, 300, facts={"paid_months_before_1998_07": 0})
    province.account(person, 5_000_000)
    assert payroll(books, number, code, "2025-02") == {}

    def run(*names: str) -> None:
        for name in names:
            run_step(Context(books, 44, province.now, province.law, "A"), name, STEPS[name])

    run("collect", "credit", "award", "adjust")
    province.turn()
    registrar.correct_person(person, birth_date=dt.date(1965, 11, 10))
    assert payroll(books, number, code, "2025-03") == {"retired": 1}  # the award stands until adjust has seen it
    run("collect", "credit", "award", "adjust")
    assert province.due(person) == []
    province.turn()
    assert payroll(books, number, code, "2025-03", "2025-04") == {}
    run("collect")
    paid = "SELECT month, sum(base)::bigint FROM contribution WHERE scheme = 'employee_pension' GROUP BY 1 ORDER BY 1"
    months = ("2025-02", "2025-03", "2025-04")
    assert books.rows(paid) == [(month(m), 800_000) for m in months]


def test_a_row_rejected_as_retired_says_what_to_do() -> None:
    assert "下月在新文件中重新申报" in BooksReason.RETIRED.zh
    assert "again next month in a new file" in BooksReason.RETIRED.en
