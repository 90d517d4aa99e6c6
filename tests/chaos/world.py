"""A handful of people whose months are few and eventful: what may happen to them, as deeds that can be done again.

A deed is data, so a history can be told, and done once more in another order or at another time.
"""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pyarrow as pa
from stdnum.cn import ric
from tests.chaos import month as office
from tests.chaos.month import REGION, draw, law

from shebao.books import Books, BooksError, connect, server
from shebao.books.ledger import Entry as JournalEntry
from shebao.books.ledger import Posting, post
from shebao.books.registry import EMPLOYEE_SCHEMES, Registrar, add_officer, add_offices
from shebao.engine.rulebook import Rulebook
from shebao.intake.store import declare
from shebao.month.answers import import_bank_file
from shebao.month.opening.numbers import credit_code
from shebao.month.orders import approve, set_fund_account
from shebao.month.run import reopen_month, run_month
from shebao.month.suspense import assign, suspended, unassign

OPENED = dt.date(2024, 12, 1)
BEFORE = dt.date(2024, 11, 1)
OTHER = 31  # where people move to, and come back from
REGIONS = (REGION, OTHER)


def clerk(region: int) -> str:
    return f"clerk-{region}"


def controller(region: int) -> str:
    return f"controller-{region}"


def later(month: dt.date, months: int = 1) -> dt.date:
    """So many months later (or, negative, earlier)."""
    number = month.year * 12 + month.month - 1 + months
    return dt.date(number // 12, number % 12 + 1, 1)


@cache
def law_before() -> Rulebook:
    """The same law while the base of 2025 is not published."""
    return law().with_reform(Path(__file__).with_name("late_base.yaml"))


class Person(NamedTuple):
    """Who there is at first: kind of participation, born, sex and category, career, account and pension in fen.

    ``resident``: the fen of a resident's account beside it, paid into for fifteen years.
    """

    kind: str
    born: str
    category: str = "men60"
    months: int = 120
    account: int = 3_000_000
    pension: int = 0
    region: int = REGION
    resident: int = 0


PEOPLE = (
    *(Person("employee", f"19{70 + n}-0{1 + n}-1{n}", "men60" if n % 2 else "women50", 60 + 30 * n) for n in range(5)),
    # reaches the age when the books open
    Person("employee", "1964-12-05", months=300, account=9_000_000, resident=1_390_000),
    Person("employee", "1965-01-20", months=400, account=12_000_000),
    Person("employee", "1974-11-11", "women50", 320, 8_000_000),
    Person("flexible", "1980-05-05", months=90),
    Person("flexible", "1965-02-14", months=280, account=7_000_000, resident=250_000),
    Person("resident", "1978-03-03", months=48, account=400_000),
    Person("resident", "1985-08-08", months=24, account=150_000),
    Person("retired", "1950-06-06", months=400, account=2_000_000, pension=420_000),
    Person("retired", "1958-01-01", months=360, account=6_000_000, pension=510_000),
    Person("retired", "1962-09-09", "women50", 300, 5_000_000, 380_000),
    Person("none", "1990-10-10", months=12, account=250_000),
    Person("none", "1988-02-02", "women50", 36, 500_000),
    Person("employee", "1983-04-04", months=150, account=4_000_000, region=OTHER),
    Person("employee", "1964-11-20", months=130, account=3_500_000, region=OTHER),  # of age, and short of the minimum
    Person("flexible", "1976-07-07", "women50", 200, 5_000_000, region=OTHER),
    Person("none", "1979-09-09", months=80, account=2_000_000, region=OTHER),
)
_NAMES = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"


def found(people: tuple[Person, ...] = PEOPLE) -> None:
    """Puts them into empty books: offices, officers, employers, everybody with a bank account; ids from 1 on."""
    with Books(psycopg.connect(server.url(), options="-c timezone=UTC", autocommit=True)) as books, books.transaction():
        books.ensure_months([BEFORE, OPENED])
        firms = {region: _province(books, region) for region in REGIONS}
        for n, person in enumerate(people):
            registrar = Registrar(books, person.region, "founding")
            _settle(books, registrar, n, person, firms[person.region])


def _province(books: Books, region: int) -> list[int]:
    """Offices, officers, fund accounts, an open month; three employers in the one province, two in the other."""
    area = region * 10**10
    add_offices(books, [(area, 1, "北京市" if region == REGION else "上海市", None)])
    add_officer(books, clerk(region), "经办", area, ("look", "register", "run"))
    add_officer(books, controller(region), "复核", area, ("look", "approve", "reopen"))
    for n, scheme in enumerate(("employee_pension", "resident_pension")):
        number = f"{region}029999000000{n:04d}"
        set_fund_account(books, region, scheme, "expenditure", "社会保险基金支出户", "102100000004", number)
    books.execute(
        "INSERT INTO period_event VALUES (%(r)s, %(m)s, 0, 'opened', %(o)s)", r=region, m=OPENED, o=clerk(region)
    )
    registrar = Registrar(books, region, "founding")
    sizes = ("large", "micro_small_medium", "micro_small_medium")[: 3 if region == REGION else 2]
    return [
        registrar.register_employer(
            credit_code(region, n, False), f"单位{region}-{n}", size, 2 + n, since=dt.date(2000, 1, 1)
        )
        for n, size in enumerate(sizes)
    ]


def _settle(books: Books, registrar: Registrar, n: int, one: Person, firms: list[int]) -> None:
    hukou = (None, REGION, OTHER)[n % 3] if one.kind != "resident" else None
    person = registrar.register_person(_number(n, one), f"人{_NAMES[n]}", one.category, hukou_region=hukou)
    since = dt.date(2018, 1, 1)
    if one.kind == "employee":
        registrar.join(person, EMPLOYEE_SCHEMES, "employee", since, employer=firms[n % len(firms)])
    elif one.kind == "flexible":
        registrar.join(person, ["employee_pension"], "flexible", since, chosen_base=900_000)
    elif one.kind == "resident":
        registrar.join(person, ["resident_pension"], "resident", since, grade=2000)
    elif one.kind == "retired":
        registrar.join(person, ["employee_pension"], "retired", since)
    scheme = "resident_pension" if one.kind == "resident" else "employee_pension"
    _bring(books, person, one.region, scheme, one.months, one.account)
    if one.resident:
        _bring(books, person, one.region, "resident_pension", 180, one.resident)
    if one.pension:
        books.execute(
            """INSERT INTO entitlement (person_id, benefit, version, region, area, valid, booked, amount, account_part,
                                        components, reason)
               VALUES (%(p)s, 'employee_pension', 0, %(r)s, %(a)s, '[2018-01-01,)', %(b)s, %(fen)s, 60000,
                       %(c)s, 'founding')""",
            p=person,
            r=one.region,
            a=one.region * 10**10,
            b=BEFORE,
            fen=one.pension,
            c=json.dumps({"pension_taken_over": one.pension - 60_000, "account_pension": 60_000}),
        )
    account(books, person, 0)


def _bring(books: Books, person: int, region: int, scheme: str, months: int, fen: int) -> None:
    """The record and the account that the books take over."""
    here: dict[str, Any] = {"p": person, "r": region, "a": region * 10**10, "b": BEFORE, "s": scheme}
    books.execute(
        """INSERT INTO career (person_id, scheme, region, area, booked, until, contribution_months, deemed_months,
                               average_index, transition_index, facts, source)
           VALUES (%(p)s, %(s)s, %(r)s, %(a)s, %(b)s, %(o)s, %(n)s, 0, 10000, 10000, %(f)s, 'founding')""",
        **here,
        o=OPENED,
        n=months,
        f=json.dumps(_papers(scheme, months)),
    )
    books.execute(
        """INSERT INTO account_movement (month, person_id, scheme, kind, version, region, area, amount, booked)
           VALUES (%(b)s, %(p)s, %(s)s, 'opening', 0, %(r)s, %(a)s, %(fen)s, %(b)s)""",
        **here,
        fen=fen,
    )
    lines = [Posting(scheme, "individual_accounts", -fen), Posting(scheme, "fund_balance", fen)]
    post(books, region, BEFORE, [JournalEntry(f"founding {person} {scheme}", "opening", "founding", lines)])


def _papers(scheme: str, months: int) -> dict[str, Any]:
    """What the person's own papers tell of the years before the books: the last year's wages are 72 000 yuan."""
    if scheme == "resident_pension":
        return {"scheme_start_month": "2009-09", "government_subsidy_credited": "450.00"}
    return {
        "paid_months_before_1998_07": 0,
        "first_contribution_month": f"{later(OPENED, -months):%Y-%m}",
        "contributed_years": [{"contributed_year": 2023, "contributed_wages": "72000.00"}],
    }


def _number(n: int, one: Person) -> str:
    digits = f"{one.region}0101{one.born.replace('-', '')}{2 * n + 10 + (one.category == 'men60'):03d}"
    return digits + ric.calc_check_digit(digits + "0")


def account(books: Books, person: int, n: int) -> int:
    """A bank account of a person."""
    return int(
        books.value(
            """INSERT INTO bank_account (person_id, region, area, valid, holder, bank_code, number)
               SELECT person_id, region, area, '(,)', name, '102100000001', %(n)s
               FROM person_now WHERE person_id = %(p)s RETURNING id""",
            p=person,
            n=f"6222{person:06d}{n:06d}",
        )
    )


# ---- deeds -------------------------------------------------------------------------------------------------------


class Deed(NamedTuple):
    """Something recorded: what, about whom (deeds about the same keep their order), and the particulars."""

    what: str
    who: str
    given: tuple[Any, ...]
    region: int = REGION


@dataclass
class History:
    """What happened, month by month and at which point of it: before collecting, or between collecting and awarding."""

    seed: int
    months: int
    deeds: dict[tuple[dt.date, str], list[Deed]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [f"seed {self.seed}, {self.months} months"]
        lines += [
            f"  {month:%Y-%m} {point}: {deed.region} {deed.what} {deed.given}"
            for (month, point), deeds in self.deeds.items()
            for deed in deeds
        ]
        return "\n".join([*lines, *(f"  refused: {text}" for text in self.refused)])


def do(books: Books, now: dt.date, deed: Deed) -> None:
    """Records what a deed says; ``BooksError`` where the registry refuses."""
    registrar, given = Registrar(books, deed.region, "history"), deed.given
    match deed.what:
        case "reopen":
            reopen_month(books, deed.region, now, controller(deed.region), "something was wrong")
        case "assign":
            receipt, payer = given
            assign(books, deed.region, receipt, payer, clerk(deed.region), "found out")
        case "unassign":
            unassign(books, deed.region, *given, clerk(deed.region), "it was another's")
        case "move":
            _move(books, deed.region, *given)
        case "transfer":
            _transfer(books, *given)
        case "refund":
            person, ended, n = given
            registrar.claim(
                person, "account_refund", now, {"relation_ended_in_writing": ended}, account(books, person, n)
            )
        case "both":
            registrar.claim(given[0], "resident_pension", now)
        case "hire":
            registrar.hire(*given)
        case "leave":
            registrar.leave(*given)
        case "join":
            person, kind, since, base = given
            scheme, how = (
                ("resident_pension", {"grade": base})
                if kind == "resident"
                else ("employee_pension", {"chosen_base": base})
            )
            registrar.join(person, [scheme], kind, since, **how)
        case "quit":
            registrar.leave(given[0], given[2], [given[1]])
        case "declare":
            _declare(books, deed.region, *given)
        case "death":
            registrar.record_death(*given)
        case "no death":
            registrar.withdraw_event(*given)
        case "born":
            registrar.correct_person(given[0], birth_date=given[1])
        case "career":
            registrar.correct_career(given[0], contribution_months=given[1])
        case "heir":
            person, benefit, n = given
            registrar.claim(person, benefit, now, {}, account(books, person, n))
        case "account":
            account(books, *given)
        case other:
            raise AssertionError(other)


def _move(books: Books, home: int, person: int, away: int, employer: int, on: dt.date, last: dt.date) -> None:
    """Leaves, begins elsewhere, and asks for the relation to follow."""
    if books.rows(_TAKES_PART, p=person, r=home):
        Registrar(books, home, "history").leave(person, last, [s for (s,) in books.rows(_TAKES_PART, p=person, r=home)])
    Registrar(books, away, "history").hire(person, employer, on)
    _transfer(books, person, home, away, on)


def _transfer(books: Books, person: int, home: int, away: int, on: dt.date) -> None:
    books.execute(
        """INSERT INTO transfer (id, person_id, from_region, to_region, from_scheme, to_scheme, requested_on, source)
           VALUES (%(id)s, %(p)s, %(a)s, %(b)s, 'employee_pension', 'employee_pension', %(d)s, 'history')""",
        id=f"{person}-{on}-{home}-{away}-{books.value('SELECT count(*) FROM transfer')}",
        p=person,
        a=home,
        b=away,
        d=on,
    )


def _declare(
    books: Books, region: int, employer: int, rows: tuple[tuple[int, dt.date, int], ...], replace: bool, n: int
) -> None:
    code = books.value("SELECT credit_code FROM employer WHERE id = %(e)s", e=employer)
    who = {p: (number, name) for p, number, name in books.rows("SELECT person_id, number, name FROM person_now")}
    table = pa.table(
        {
            "citizen_number": [who[person][0] for person, _, _ in rows],
            "name": [who[person][1] for person, _, _ in rows],
            "credit_code": [code] * len(rows),
            "month": pa.array([month for _, month, _ in rows], pa.date32()),
            "wage_fen": pa.array([fen for _, _, fen in rows], pa.int64()),
        }
    )
    declare(books, table, name=f"declared-{n}", region=region, officer=clerk(region), replace=replace)


class Fate:
    """Makes up what happens, from what stands in the books at that time."""

    def __init__(self, books: Books, seed: int) -> None:
        self.books, self.draws, self.serial = books, random.Random(seed), 0
        self.luck = random.Random(-seed - 1)  # apart, so that a seed still tells what it told before
        self.regret = random.Random(f"regret {seed}")
        self.both = random.Random(f"both {seed}")

    def deeds(self, now: dt.date, point: str) -> Iterator[Deed]:
        """What happens at a point of the month: the regular declarations, and a few things out of the ordinary.

        After the close a province may find that something was wrong, and reopens the month for it.
        """
        if point == "before":
            yield from self.declarations(now, 0.85)
        if point == "after":
            if self.draws.random() > 0.3:
                return
            yield Deed("reopen", "", (), self.draws.choice(REGIONS))
        kinds: list[Callable[[dt.date], Deed | None]] = [
            *(self._hire, self._leave, self._join, self._quit, self._correct, self._correct, self._withdraw),
            *(self._late, self._death, self._reversed, self._born, self._career, self._heir, self._account),
            *(self._move, self._move, self._transfer, self._refund),
        ]
        for _ in range(self.draws.randint(1, 4)):
            deed = self.draws.choice(kinds)(now)
            if deed is not None:
                yield deed
        if self.luck.random() < 0.2 and (found := self._assign()) is not None:
            yield found
        if self.regret.random() < 0.3 and (found := self._unassign()) is not None:
            yield found
        if self.both.random() < 0.2:
            yield self._both()

    def _n(self) -> int:
        self.serial += 1
        return self.serial

    def _pick(self, query: str, **values: Any) -> Any:
        rows = self.books.rows(query, **values)
        return self.draws.choice(rows) if rows else None

    def declarations(self, now: dt.date, share: float = 1.0) -> Iterator[Deed]:
        """Every employer (or a share of them) declares everybody it employs."""
        staff: dict[tuple[int, int], list[int]] = {}
        for region, employer, person in self.books.rows(_STAFF, m=now):
            staff.setdefault((region, employer), []).append(person)
        for (region, employer), people in staff.items():
            if self.draws.random() < share:
                rows = tuple((person, now, self._wage()) for person in people)
                yield Deed("declare", f"e{employer}", (employer, rows, False, self._n()), region)

    def _wage(self) -> int:
        return self.draws.choice((300_000, 812_345, 1_000_000, 1_555_555, 5_000_000)) + self.draws.randrange(100_000)

    def _declared(self, row: tuple[int, int, int, dt.date]) -> Deed:
        region, employer, person, month = row
        return Deed("declare", f"e{employer}", (employer, ((person, month, self._wage()),), False, self._n()), region)

    def _late(self, now: dt.date) -> Deed | None:
        row = self._pick(_UNDECLARED, now=now, first=OPENED)
        return row and self._declared(row)

    def _correct(self, _: dt.date) -> Deed | None:
        row = self._pick("SELECT region, employer_id, person_id, month FROM declaration ORDER BY 1, 2, 3, 4")
        return row and self._declared(row)

    def _withdraw(self, _: dt.date) -> Deed | None:
        row = self._pick("SELECT DISTINCT region, employer_id, month FROM declaration ORDER BY 1, 2, 3")
        if row is None:
            return None
        region, employer, month = row
        rows = self.books.rows(_LATEST, e=employer, m=month)
        kept = tuple((person, month, wage) for person, wage in rows if self.draws.random() < 0.7)
        return Deed("declare", f"e{employer}", (employer, kept, True, self._n()), region) if kept else None

    def _day(self, now: dt.date, back: int) -> dt.date:
        return later(now, -self.draws.randint(0, back)) + dt.timedelta(days=self.draws.randrange(28))

    def _employer(self, region: int | None = None) -> tuple[int, int]:
        """An employer, and its province."""
        found: tuple[int, int] = self._pick(
            "SELECT employer_id, region FROM employer_now WHERE region = coalesce(%(r)s, region) ORDER BY 1", r=region
        )
        return found

    def _hire(self, now: dt.date) -> Deed | None:
        row = self._pick(_FREE)
        employer, region = self._employer()
        return row and Deed("hire", f"p{row[0]}", (row[0], employer, self._day(now, 1)), region)

    def _leave(self, now: dt.date) -> Deed | None:
        row = self._pick(_EMPLOYED)
        return row and Deed("leave", f"p{row[0]}", (row[0], self._day(now, 2)), row[1])

    def _join(self, now: dt.date) -> Deed | None:
        row = self._pick(_FREE)
        return row and Deed(
            "join",
            f"p{row[0]}",
            (row[0], "flexible", self._day(now, 1).replace(day=1), 700_000 + self.draws.randrange(500_000)),
            self.draws.choice(REGIONS),
        )

    def _quit(self, now: dt.date) -> Deed | None:
        row = self._pick(
            """SELECT person_id, scheme::text, region FROM participation_now
               WHERE kind IN ('flexible', 'resident') AND upper_inf(valid) ORDER BY 1"""
        )
        return row and Deed("quit", f"p{row[0]}", (row[0], row[1], self._day(now, 1).replace(day=1)), row[2])

    def _move(self, now: dt.date) -> Deed | None:
        """Whose relation is in one province begins in the other; in the month of the move both may be paid."""
        row = self._pick(_MOVABLE)
        if row is None:
            return None
        person, home = row
        away = OTHER if home == REGION else REGION
        on = self._day(now, 1)
        last = on if self.draws.random() < 0.6 else on.replace(day=1)
        given = (person, away, self._employer(away)[0], on, last)
        return Deed("move", f"p{person}", given, home)

    def _transfer(self, now: dt.date) -> Deed | None:
        """Who has paid in a province and is there no more, or keeps the relation elsewhere, has it follow."""
        row = self._pick(_LEFT_BEHIND)
        return row and Deed("transfer", f"p{row[0]}", (row[0], row[1], row[2], now), row[1])

    def _refund(self, _: dt.date) -> Deed | None:
        row = self._pick(_ACCOUNTS)
        return row and Deed("refund", f"p{row[0]}", (row[0], self.draws.random() < 0.8, self._n()), row[1])

    def _assign(self) -> Deed | None:
        """Money in suspense proves to be an employer's."""
        region = self.luck.choice(REGIONS)
        held = suspended(self.books, region)
        codes = self.books.rows("SELECT credit_code FROM employer_now WHERE region = %(r)s ORDER BY 1", r=region)
        given = (self.luck.choice(held).id, self.luck.choice(codes)[0]) if held else None
        return given and Deed("assign", "", given, region)

    def _unassign(self) -> Deed | None:
        """Money that was given to an employer proves another's."""
        rows = self.books.rows("SELECT receipt, region FROM receipt_assignment_now ORDER BY 2, 1")
        receipt, region = self.regret.choice(rows) if rows else (None, REGION)
        return receipt and Deed("unassign", "", (receipt,), region)

    def _both(self) -> Deed:
        """Who has paid into both schemes asks for a resident's pension, whatever comes of the employee's."""
        rows = self.books.rows(
            """SELECT person_id, region FROM career WHERE scheme = 'resident_pension' AND upper_inf(known)
               AND contribution_months = 180 ORDER BY 1"""
        )
        person, region = self.both.choice(rows)
        return Deed("both", f"p{person}", (person,), region)

    def _death(self, now: dt.date) -> Deed | None:
        row = self._pick(_ALIVE)
        on = min(self._day(now, 2), later(now) - dt.timedelta(days=1))
        return row and Deed("death", f"p{row[0]}", (row[0], on), row[1])

    def _reversed(self, _: dt.date) -> Deed | None:
        row = self._pick(_DEAD)
        return row and Deed("no death", f"p{row[0]}", (row[0],), row[1])

    def _born(self, _: dt.date) -> Deed | None:
        row = self._pick("SELECT person_id, birth_date, region FROM person_now ORDER BY 1")
        on = row[1] + dt.timedelta(days=self.draws.randint(-200, 200))
        return Deed("born", f"p{row[0]}", (row[0], on), row[2])

    def _career(self, _: dt.date) -> Deed | None:
        row = self._pick(
            """SELECT person_id, contribution_months, region FROM career
               WHERE upper_inf(known) AND scheme = 'employee_pension' ORDER BY 1"""
        )
        return Deed("career", f"p{row[0]}", (row[0], max(row[1] + self.draws.randint(-6, 12), 0)), row[2])

    def _heir(self, _: dt.date) -> Deed | None:
        row = self._pick(_DEAD)
        benefit = self.draws.choice(("funeral_grant", "survivor_grant", "account_inheritance"))  # any names the account
        return row and Deed("heir", f"p{row[0]}", (row[0], benefit, self._n()), row[1])

    def _account(self, _: dt.date) -> Deed | None:
        row = self._pick("SELECT DISTINCT person_id, region FROM payment_return ORDER BY 1, 2")
        return row and Deed("account", f"p{row[0]}", (row[0], self._n()), row[1])


_STAFF = """SELECT DISTINCT region, employer_id, person_id FROM participation_now
            WHERE kind = 'employee' AND valid && daterange(%(m)s, (%(m)s::date + interval '1 month')::date)
            ORDER BY 1, 2, 3"""
_UNDECLARED = """
    SELECT p.region, p.employer_id, p.person_id, m::date FROM participation_now p,
           generate_series(%(first)s::date, %(now)s::date, interval '1 month') AS m
    WHERE p.kind = 'employee' AND p.scheme = 'employee_pension'
      AND p.valid && daterange(m::date, (m + interval '1 month')::date)
      AND NOT EXISTS (SELECT FROM declaration d WHERE d.person_id = p.person_id AND d.employer_id = p.employer_id
                      AND d.month = m::date)
    ORDER BY 1, 2, 3, 4"""
_LATEST = """SELECT person_id, wage FROM (
                 SELECT DISTINCT ON (person_id) * FROM declaration WHERE employer_id = %(e)s AND month = %(m)s
             ORDER BY person_id, version DESC) d WHERE NOT withdrawn ORDER BY 1"""
# Who lives, and the province that keeps the record.
_ALIVE = """SELECT r.person_id, r.region FROM person_now r WHERE NOT EXISTS (
                SELECT FROM life_event l WHERE l.person_id = r.person_id AND upper_inf(l.known)) ORDER BY 1"""
_DEAD = "SELECT person_id, region FROM life_event WHERE kind = 'death' AND upper_inf(known) ORDER BY 1"
_FREE = f"""SELECT person_id FROM ({_ALIVE}) AS alive WHERE NOT EXISTS (
            SELECT FROM participation_now p WHERE p.person_id = alive.person_id AND upper_inf(p.valid)) ORDER BY 1"""
_EMPLOYED = """SELECT DISTINCT person_id, region FROM participation_now WHERE kind = 'employee'
               AND scheme = 'employee_pension' AND upper_inf(valid) ORDER BY 1"""
# Whose relation with the employees' scheme is where, of those who draw nothing yet.
_MOVABLE = f"""SELECT c.person_id, c.region FROM career c JOIN ({_ALIVE}) AS alive USING (person_id)
    WHERE c.scheme = 'employee_pension' AND upper_inf(c.known)
      AND NOT EXISTS (SELECT FROM participation_now p WHERE p.person_id = c.person_id AND p.kind = 'retired')
    ORDER BY 1"""
_TAKES_PART = """SELECT scheme::text FROM participation_now WHERE person_id = %(p)s AND region = %(r)s
                 AND kind <> 'retired' AND scheme <> 'resident_pension' AND upper_inf(valid) ORDER BY 1"""
# Who has paid in a province and keeps the relation in another: it goes there, or follows the person here.
_LEFT_BEHIND = """
    SELECT DISTINCT d.person_id, d.region, c.region FROM contribution d JOIN career c USING (person_id)
    WHERE d.scheme = 'employee_pension' AND c.scheme = d.scheme AND upper_inf(c.known) AND c.region <> d.region
    UNION SELECT DISTINCT d.person_id, c.region, d.region FROM contribution d JOIN career c USING (person_id)
    WHERE d.scheme = 'employee_pension' AND c.scheme = d.scheme AND upper_inf(c.known) AND c.region <> d.region
    ORDER BY 1, 2, 3"""
# Accounts that somebody of about the age may ask for.
_ACCOUNTS = """SELECT DISTINCT a.person_id, a.region FROM account_entry a JOIN person_now r USING (person_id)
               WHERE a.scheme = 'employee_pension' AND r.birth_date < '1976-01-01' ORDER BY 1, 2"""


# ---- the months ----------------------------------------------------------------------------------------------------

POINTS = ("before", "between", "after")


def live(seed: int, months: int, out: Path, told: History | None = None) -> History:
    """Lives through so many months and a quiet one; the deeds are made up as they come, or are those of ``told``."""
    with connect("run") as books:
        life = _Life(books, History(seed, months), out)
        fate, now = Fate(books, seed), OPENED
        for n in range(months + QUIET):
            for point in POINTS:
                if told is not None:
                    deeds: Iterator[Deed] = iter(told.deeds.get((now, point), ()))
                else:
                    deeds = fate.deeds(now, point) if n < months else iter(())
                reopened = [deed.region for deed in life.do(now, point, deeds) if deed.what == "reopen"]
                for region in life.order(now) if point != "after" else reopened:
                    life.work(now, n, point, region)
            now = later(now)
    return life.history


QUIET = 2  # months in which nothing happens: what was sent at the end arrives


def rulebook_in(n: int, months: int) -> Rulebook:
    """The base of 2025 is published before the last two months."""
    return law_before() if n < months - 1 else law()


@dataclass
class _Life:
    """The offices at work in a history that unfolds."""

    books: Books
    history: History
    out: Path

    def do(self, now: dt.date, point: str, deeds: Iterator[Deed]) -> Iterator[Deed]:
        """Does them one by one, and notes what was refused; gives back those that were not."""
        done = []
        for deed in deeds:
            self.history.deeds.setdefault((now, point), []).append(deed)
            try:
                do(self.books, now, deed)
                done.append(deed)
            except BooksError as error:
                self.history.refused.append(f"{deed.region} {deed.what} {deed.given}: {error}")
        return iter(done)

    def order(self, now: dt.date) -> tuple[int, ...]:
        """Which province is first differs from month to month."""
        return REGIONS if draw((self.history.seed, now), 2) else REGIONS[::-1]

    def work(self, now: dt.date, n: int, point: str, region: int) -> None:
        """What a province does at a point of the month; after a reopening all of it."""
        if point != "between":
            self._run(now, n, region, "collect")
            statement = _paid(self.books, region, now, point, self.history.seed)
            import_bank_file(self.books, statement, f"in-{now}-{point}.xml", clerk(region))
        if point != "before":
            self._pay(now, n, point, region)

    def _run(self, now: dt.date, n: int, region: int, until: str) -> None:
        rules = rulebook_in(n, self.history.months)
        ran = run_month(now, region, rules, clerk(region), until=until, books=self.books, log=lambda *_: None)
        if ran.waiting:
            raise AssertionError(f"{now:%Y-%m} of {region} waits: {ran.waiting}")

    def _pay(self, now: dt.date, n: int, point: str, region: int) -> None:
        """From crediting to the close, with a bank that rejects and returns a lot."""
        self._run(now, n, region, "pay")
        folder = self.out / f"{now:%Y-%m}-{region}-{point}"
        folder.mkdir(parents=True, exist_ok=True)
        if self.books.value(_TO_APPROVE, r=region, m=now):
            approve(self.books, region, now, controller(region), folder)
        for name, answer in office.answers(self.history.seed, now, folder, of_ten_thousand=1_500):
            import_bank_file(self.books, answer, name, clerk(region))
        self._run(now, n, region, "close")


_TO_APPROVE = """SELECT count(*) FROM payment_batch b WHERE b.region = %(r)s AND b.booked = %(m)s AND NOT EXISTS (
                     SELECT FROM batch_event e WHERE e.region = b.region AND e.number = b.number)"""


def _paid(books: Books, region: int, now: dt.date, point: str, seed: int) -> bytes:
    """What payers pay: on bills new and old, drawn by payer and month, so that numbers do not matter."""
    bills = books.rows(
        """SELECT b.reference, coalesce(b.employer_id, -b.person_id), b.month, b.kind::text, b.amount FROM bill b
           WHERE b.region = %(r)s AND b.amount > 0 AND NOT EXISTS (
               SELECT FROM bill_settlement s WHERE s.region = b.region AND s.number = b.number) ORDER BY b.number""",
        r=region,
    )
    paid = [
        (reference, _share(amount, draw((seed, point, payer, month, kind, now), 12)))
        for reference, payer, month, kind, amount in bills
    ]
    stray = ("谢谢", 4_321 + draw((seed, point, now), 1_000_000))
    return office.receipts(now, [stray, *((reference, fen) for reference, fen in paid if fen)], f"{region}-{point}-")


def _share(amount: int, drawn: int) -> int:
    return (0, 0, amount // 3, amount + 7_777)[drawn] if drawn < 4 else amount
