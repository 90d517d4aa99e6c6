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
from tests.chaos.month import CLERK, CONTROLLER, REGION, draw, law

from shebao.books import Books, BooksError, connect, server
from shebao.books.ledger import Entry as JournalEntry
from shebao.books.ledger import Posting, post
from shebao.books.registry import EMPLOYEE_SCHEMES, Registrar, add_officer, add_offices
from shebao.engine.rulebook import Rulebook
from shebao.intake.store import declare
from shebao.month.answers import import_bank_file
from shebao.month.opening.numbers import credit_code
from shebao.month.orders import approve, set_fund_account
from shebao.month.run import run_month

OPENED = dt.date(2024, 12, 1)
BEFORE = dt.date(2024, 11, 1)
AREA = REGION * 10**10


def later(month: dt.date, months: int = 1) -> dt.date:
    """So many months later (or, negative, earlier)."""
    number = month.year * 12 + month.month - 1 + months
    return dt.date(number // 12, number % 12 + 1, 1)


@cache
def law_before() -> Rulebook:
    """The same law while the base of 2025 is not published."""
    return law().with_reform(Path(__file__).with_name("late_base.yaml"))


class Person(NamedTuple):
    """Who there is at first: kind of participation, born, sex and category, career, account and pension in fen."""

    kind: str
    born: str
    category: str = "men60"
    months: int = 120
    account: int = 3_000_000
    pension: int = 0


PEOPLE = (
    *(Person("employee", f"19{70 + n}-0{1 + n}-1{n}", "men60" if n % 2 else "women50", 60 + 30 * n) for n in range(5)),
    Person("employee", "1964-12-05", months=300, account=9_000_000),  # reaches the age when the books open
    Person("employee", "1965-01-20", months=400, account=12_000_000),
    Person("employee", "1974-11-11", "women50", 320, 8_000_000),
    Person("flexible", "1980-05-05", months=90),
    Person("flexible", "1965-02-14", months=280, account=7_000_000),
    Person("resident", "1978-03-03", months=48, account=400_000),
    Person("resident", "1985-08-08", months=24, account=150_000),
    Person("retired", "1950-06-06", months=400, account=2_000_000, pension=420_000),
    Person("retired", "1958-01-01", months=360, account=6_000_000, pension=510_000),
    Person("retired", "1962-09-09", "women50", 300, 5_000_000, 380_000),
    Person("none", "1990-10-10", months=12, account=250_000),
    Person("none", "1988-02-02", "women50", 36, 500_000),
)


def found(people: tuple[Person, ...] = PEOPLE) -> None:
    """Puts them into empty books: offices, officers, three employers, everybody with a bank account; ids from 1 on."""
    with Books(psycopg.connect(server.url(), options="-c timezone=UTC", autocommit=True)) as books, books.transaction():
        books.ensure_months([BEFORE, OPENED])
        add_offices(books, [(AREA, 1, "北京市", None)])
        add_officer(books, CLERK, "经办", AREA, ("look", "register", "run"))
        add_officer(books, CONTROLLER, "复核", AREA, ("look", "approve", "reopen"))
        for n, scheme in enumerate(("employee_pension", "resident_pension")):
            set_fund_account(
                books,
                REGION,
                scheme,
                "expenditure",
                "北京市社会保险基金支出户",
                "102100000004",
                f"11029999000000{n:04d}",
            )
        books.execute("INSERT INTO period_event VALUES (%(r)s, %(m)s, 0, 'opened', %(o)s)", r=REGION, m=OPENED, o=CLERK)
        registrar = Registrar(books, REGION, "founding")
        firms = [
            registrar.register_employer(
                credit_code(REGION, n, False), f"单位{n}", size, 2 + n, since=dt.date(2000, 1, 1)
            )
            for n, size in enumerate(("large", "micro_small_medium", "micro_small_medium"))
        ]
        for n, person in enumerate(people):
            _settle(books, registrar, n, person, firms)


def _settle(books: Books, registrar: Registrar, n: int, one: Person, firms: list[int]) -> None:
    person = registrar.register_person(_number(n, one), f"人{'甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未'[n]}", one.category)
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
    here: dict[str, Any] = {"p": person, "r": REGION, "a": AREA, "b": BEFORE, "s": scheme}
    books.execute(
        """INSERT INTO career (person_id, scheme, region, area, booked, until, contribution_months, deemed_months,
                               average_index, transition_index, facts, source)
           VALUES (%(p)s, %(s)s, %(r)s, %(a)s, %(b)s, %(o)s, %(n)s, 0, 10000, 10000, %(f)s, 'founding')""",
        **here,
        o=OPENED,
        n=one.months,
        f=json.dumps(
            {"scheme_start_month": "2009-09"} if scheme == "resident_pension" else {"paid_months_before_1998_07": 0}
        ),
    )
    books.execute(
        """INSERT INTO account_entry (month, person_id, scheme, kind, version, region, area, amount, booked)
           VALUES (%(b)s, %(p)s, %(s)s, 'opening', 0, %(r)s, %(a)s, %(fen)s, %(b)s)""",
        **here,
        fen=one.account,
    )
    lines = [Posting(scheme, "individual_accounts", -one.account), Posting(scheme, "fund_balance", one.account)]
    post(books, REGION, BEFORE, [JournalEntry(f"founding {person}", "opening", "founding", lines)])
    if one.pension:
        books.execute(
            """INSERT INTO entitlement (person_id, benefit, version, region, area, valid, booked, amount, account_part,
                                        components, reason)
               VALUES (%(p)s, 'employee_pension', 0, %(r)s, %(a)s, '[2018-01-01,)', %(b)s, %(fen)s, 60000,
                       %(c)s, 'founding')""",
            **{name: value for name, value in here.items() if name != "s"},
            fen=one.pension,
            c=json.dumps({"pension_taken_over": one.pension - 60_000, "account_pension": 60_000}),
        )
    account(books, person, 0)


def _number(n: int, one: Person) -> str:
    digits = f"110101{one.born.replace('-', '')}{2 * n + 10 + (one.category == 'men60'):03d}"
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
            f"  {month:%Y-%m} {point}: {deed.what} {deed.given}"
            for (month, point), deeds in self.deeds.items()
            for deed in deeds
        ]
        return "\n".join([*lines, *(f"  refused: {text}" for text in self.refused)])


def do(books: Books, now: dt.date, deed: Deed) -> None:
    """Records what a deed says; ``BooksError`` where the registry refuses."""
    registrar, given = Registrar(books, REGION, "history"), deed.given
    match deed.what:
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
            _declare(books, *given)
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


def _declare(books: Books, employer: int, rows: tuple[tuple[int, dt.date, int], ...], replace: bool, n: int) -> None:
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
    declare(books, table, name=f"declared-{n}", region=REGION, officer=CLERK, replace=replace)


class Fate:
    """Makes up what happens, from what stands in the books at that time."""

    def __init__(self, books: Books, seed: int) -> None:
        self.books, self.draws, self.serial = books, random.Random(seed), 0

    def deeds(self, now: dt.date, point: str) -> Iterator[Deed]:
        """What happens at a point of the month: the regular declarations, and a few things out of the ordinary."""
        if point == "before":
            yield from self.declarations(now, 0.85)
        kinds: list[Callable[[dt.date], Deed | None]] = [
            *(
                self._hire,
                self._leave,
                self._join,
                self._quit,
                self._correct,
                self._correct,
                self._withdraw,
                self._late,
            ),
            *(self._death, self._reversed, self._born, self._career, self._heir, self._account),
        ]
        for _ in range(self.draws.randint(1, 4)):
            deed = self.draws.choice(kinds)(now)
            if deed is not None:
                yield deed

    def _n(self) -> int:
        self.serial += 1
        return self.serial

    def _pick(self, query: str, **values: Any) -> Any:
        rows = self.books.rows(query, **values)
        return self.draws.choice(rows) if rows else None

    def declarations(self, now: dt.date, share: float = 1.0) -> Iterator[Deed]:
        """Every employer (or a share of them) declares everybody it employs."""
        staff: dict[int, list[int]] = {}
        for employer, person in self.books.rows(_STAFF, m=now):
            staff.setdefault(employer, []).append(person)
        for employer, people in staff.items():
            if self.draws.random() < share:
                rows = tuple((person, now, self._wage()) for person in people)
                yield Deed("declare", f"e{employer}", (employer, rows, False, self._n()))

    def _wage(self) -> int:
        return self.draws.choice((300_000, 812_345, 1_000_000, 1_555_555, 5_000_000)) + self.draws.randrange(100_000)

    def _late(self, now: dt.date) -> Deed | None:
        row = self._pick(_UNDECLARED, now=now, first=OPENED)
        return row and Deed("declare", f"e{row[0]}", (row[0], ((row[1], row[2], self._wage()),), False, self._n()))

    def _correct(self, _: dt.date) -> Deed | None:
        row = self._pick("SELECT employer_id, person_id, month FROM declaration ORDER BY 1, 2, 3")
        return row and Deed("declare", f"e{row[0]}", (row[0], ((row[1], row[2], self._wage()),), False, self._n()))

    def _withdraw(self, _: dt.date) -> Deed | None:
        row = self._pick("SELECT DISTINCT employer_id, month FROM declaration ORDER BY 1, 2")
        if row is None:
            return None
        rows = self.books.rows(_LATEST, e=row[0], m=row[1])
        kept = tuple((person, row[1], wage) for person, wage in rows if self.draws.random() < 0.7)
        return Deed("declare", f"e{row[0]}", (row[0], kept, True, self._n())) if kept else None

    def _day(self, now: dt.date, back: int) -> dt.date:
        return later(now, -self.draws.randint(0, back)) + dt.timedelta(days=self.draws.randrange(28))

    def _hire(self, now: dt.date) -> Deed | None:
        row = self._pick(_FREE)
        employer = self._pick("SELECT employer_id FROM employer_now ORDER BY 1")[0]
        return row and Deed("hire", f"p{row[0]}", (row[0], employer, self._day(now, 1)))

    def _leave(self, now: dt.date) -> Deed | None:
        row = self._pick(_EMPLOYED)
        return row and Deed("leave", f"p{row[0]}", (row[0], self._day(now, 2)))

    def _join(self, now: dt.date) -> Deed | None:
        row = self._pick(_FREE)
        return row and Deed(
            "join",
            f"p{row[0]}",
            (row[0], "flexible", self._day(now, 1).replace(day=1), 700_000 + self.draws.randrange(500_000)),
        )

    def _quit(self, now: dt.date) -> Deed | None:
        row = self._pick(
            """SELECT person_id, scheme::text FROM participation_now
               WHERE kind IN ('flexible', 'resident') AND upper_inf(valid) ORDER BY 1"""
        )
        return row and Deed("quit", f"p{row[0]}", (row[0], row[1], self._day(now, 1).replace(day=1)))

    def _death(self, now: dt.date) -> Deed | None:
        row = self._pick(_ALIVE)
        return row and Deed("death", f"p{row[0]}", (row[0], min(self._day(now, 2), later(now) - dt.timedelta(days=1))))

    def _reversed(self, _: dt.date) -> Deed | None:
        row = self._pick("SELECT person_id FROM life_event WHERE kind = 'death' AND upper_inf(known) ORDER BY 1")
        return row and Deed("no death", f"p{row[0]}", (row[0],))

    def _born(self, _: dt.date) -> Deed | None:
        row = self._pick("SELECT person_id, birth_date FROM person_now ORDER BY 1")
        return Deed("born", f"p{row[0]}", (row[0], row[1] + dt.timedelta(days=self.draws.randint(-200, 200))))

    def _career(self, _: dt.date) -> Deed | None:
        row = self._pick(
            """SELECT person_id, contribution_months FROM career
               WHERE upper_inf(known) AND scheme = 'employee_pension' ORDER BY 1"""
        )
        return Deed("career", f"p{row[0]}", (row[0], max(row[1] + self.draws.randint(-6, 12), 0)))

    def _heir(self, _: dt.date) -> Deed | None:
        row = self._pick("SELECT person_id FROM life_event WHERE kind = 'death' AND upper_inf(known) ORDER BY 1")
        benefit = self.draws.choice(("funeral_grant", "survivor_grant", "account_inheritance"))
        return row and Deed("heir", f"p{row[0]}", (row[0], benefit, self._n()))

    def _account(self, _: dt.date) -> Deed | None:
        row = self._pick("SELECT DISTINCT person_id FROM payment_return ORDER BY 1")
        return row and Deed("account", f"p{row[0]}", (row[0], self._n()))


_STAFF = """SELECT DISTINCT employer_id, person_id FROM participation_now
            WHERE kind = 'employee' AND valid && daterange(%(m)s, (%(m)s::date + interval '1 month')::date)
            ORDER BY 1, 2"""
_UNDECLARED = """
    SELECT p.employer_id, p.person_id, m::date FROM participation_now p,
           generate_series(%(first)s::date, %(now)s::date, interval '1 month') AS m
    WHERE p.kind = 'employee' AND p.scheme = 'employee_pension'
      AND p.valid && daterange(m::date, (m + interval '1 month')::date)
      AND NOT EXISTS (SELECT FROM declaration d WHERE d.person_id = p.person_id AND d.month = m::date)
    ORDER BY 1, 2, 3"""
_LATEST = """SELECT person_id, wage FROM (
                 SELECT DISTINCT ON (person_id) * FROM declaration WHERE employer_id = %(e)s AND month = %(m)s
             ORDER BY person_id, version DESC) d WHERE NOT withdrawn ORDER BY 1"""
_ALIVE = """SELECT id FROM person WHERE NOT EXISTS (
                SELECT FROM life_event l WHERE l.person_id = id AND upper_inf(l.known)) ORDER BY 1"""
_FREE = f"""SELECT id FROM ({_ALIVE}) AS alive WHERE NOT EXISTS (
            SELECT FROM participation_now p WHERE p.person_id = id AND upper_inf(p.valid)) ORDER BY 1"""
_EMPLOYED = """SELECT DISTINCT person_id FROM participation_now WHERE kind = 'employee' AND scheme = 'employee_pension'
               AND upper_inf(valid) ORDER BY 1"""


# ---- the months ----------------------------------------------------------------------------------------------------

POINTS = ("before", "between")


def live(seed: int, months: int, out: Path, told: History | None = None) -> History:
    """Lives through so many months and a quiet one; the deeds are made up as they come, or are those of ``told``."""
    history = History(seed, months)
    with connect("run") as books:
        fate = Fate(books, seed)
        now = OPENED
        for n in range(months + 1):
            for point in POINTS:
                if told is not None:
                    deeds: Iterator[Deed] = iter(told.deeds.get((now, point), ()))
                else:
                    deeds = fate.deeds(now, point) if n < months else iter(())
                for deed in deeds:
                    history.deeds.setdefault((now, point), []).append(deed)
                    try:
                        do(books, now, deed)
                    except BooksError as error:
                        history.refused.append(f"{deed.what} {deed.given}: {error}")
                if point == "before":
                    _run(books, history, now, n, "collect")
                    import_bank_file(books, _paid(books, now, seed), f"in-{now}.xml", CLERK)
            work(books, history, now, n, out)
            now = later(now)
    return history


def rulebook_in(n: int, months: int) -> Rulebook:
    """The base of 2025 is published before the last two months."""
    return law_before() if n < months - 1 else law()


def _run(books: Books, history: History, now: dt.date, n: int, until: str) -> None:
    ran = run_month(now, REGION, rulebook_in(n, history.months), CLERK, until=until, books=books, log=lambda *_: None)
    if ran.waiting:
        raise AssertionError(f"{now:%Y-%m} waits: {ran.waiting}")


def work(books: Books, history: History, now: dt.date, n: int, out: Path) -> None:
    """From crediting to the close, with a bank that rejects and returns a lot."""
    _run(books, history, now, n, "pay")
    folder = out / f"{now:%Y-%m}"
    folder.mkdir(parents=True, exist_ok=True)
    if books.value("SELECT count(*) FROM payment_batch WHERE region = %(r)s AND booked = %(m)s", r=REGION, m=now):
        approve(books, REGION, now, CONTROLLER, folder)
    for name, answer in office.answers(history.seed, now, folder, of_ten_thousand=1_500):
        import_bank_file(books, answer, name, CLERK)
    _run(books, history, now, n, "close")


def _paid(books: Books, now: dt.date, seed: int) -> bytes:
    """What payers pay: on bills new and old, drawn by payer and month, so that numbers do not matter."""
    bills = books.rows(
        """SELECT b.reference, coalesce(b.employer_id, -b.person_id), b.month, b.kind::text, b.amount FROM bill b
           WHERE b.region = %(r)s AND b.amount > 0 AND NOT EXISTS (
               SELECT FROM bill_settlement s WHERE s.region = b.region AND s.number = b.number) ORDER BY b.number""",
        r=REGION,
    )
    paid = [
        (reference, _share(amount, draw((seed, payer, month, kind, now), 12)))
        for reference, payer, month, kind, amount in bills
    ]
    return office.receipts(now, [(reference, fen) for reference, fen in paid if fen])


def _share(amount: int, drawn: int) -> int:
    return (0, 0, amount // 3, amount + 7_777)[drawn] if drawn < 4 else amount
