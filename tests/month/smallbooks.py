"""A province of a few people, made by hand: those who pay and those who are paid."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, field

from shebao.books import Books, connect
from shebao.books.ledger import Entry, Posting, post
from shebao.law import rulebook
from shebao.month.context import Context, Summary
from shebao.month.orders import set_fund_account
from shebao.month.run import open_month, run_step

MARCH = dt.date(2025, 3, 1)
REGION = 44


@dataclass
class Province:
    """Guangdong with an office, two officers and the funds' own accounts; people are added one by one."""

    books: Books
    month: dt.date = MARCH
    region: int = REGION
    people: int = 0
    numbers: list[str] = field(default_factory=list)

    @property
    def area(self) -> int:
        return self.region * 10_000_000_000

    def person(self, *, account: bool = True, balance: int = 0, scheme: str = "employee_pension") -> int:
        """A person with, if wanted, a bank account and an individual account of ``balance`` fen."""
        self.people += 1
        number = f"{self.region}010019500101{self.people:03d}X"
        person: int = self.books.value("INSERT INTO person (number) VALUES (%(n)s) RETURNING id", n=number)
        self.numbers.append(number)
        self.books.execute(
            """INSERT INTO person_record (person_id, region, area, valid, booked, name, sex, birth_date, category,
                source)
               VALUES (%(p)s, %(r)s, %(a)s, '[1950-01-01,)', %(m)s, %(name)s, 'male', '1950-01-01', 'men60', 'test')""",
            p=person,
            r=self.region,
            a=self.area,
            m=self.month,
            name=f"王{self.people}",
        )
        if account:
            self.bank_account(person)
        if balance:
            self.opening(person, balance, scheme)
        return person

    def bank_account(self, person: int, number: str | None = None) -> int:
        found: int = self.books.value(
            """INSERT INTO bank_account (person_id, region, area, valid, holder, bank_code, number)
               SELECT %(p)s, %(r)s, %(a)s, '[1950-01-01,)', name, '102581000013', %(n)s FROM person_now
                   WHERE person_id = %(p)s
               RETURNING id""",
            p=person,
            r=self.region,
            a=self.area,
            n=number or f"62220000{person:08d}",
        )
        return found

    def close_bank_account(self, account: int) -> None:
        self.books.execute("UPDATE bank_account SET known = tstzrange(lower(known), now()) WHERE id = %(i)s", i=account)

    def opening(self, person: int, fen: int, scheme: str = "employee_pension") -> None:
        """What was in the account when the books began, with its entry in the journal."""
        with self.books.transaction():
            self.books.ensure_months([dt.date(2024, 12, 1)])
            self.books.execute(
                """INSERT INTO account_movement (month, person_id, scheme, kind, version, region, area, amount, booked)
                   VALUES ('2024-12-01', %(p)s, %(s)s, 'opening', 0, %(r)s, %(a)s, %(fen)s, %(m)s)""",
                p=person,
                s=scheme,
                r=self.region,
                a=self.area,
                fen=fen,
                m=self.month,
            )
            self.post(
                f"opening {person} {scheme}",
                Posting(scheme, "individual_accounts", -fen),
                Posting(scheme, "fund_balance", fen),
            )

    def post(self, key: str, *postings: Posting) -> None:
        with self.books.transaction():
            post(self.books, self.region, self.month, [Entry(key, "test", key, postings)])

    def entitle(
        self,
        person: int,
        amount: int,
        *,
        benefit: str = "employee_pension",
        valid: str = "[2020-01-01,)",
        account_part: int = 0,
        award_version: int | None = None,
        booked: dt.date | None = None,
    ) -> None:
        """What is due to a person a month, in fen."""
        self.books.execute(
            """INSERT INTO entitlement (person_id, benefit, version, region, area, valid, booked, amount,
                account_part, components,
                                        award_version, reason)
               SELECT %(p)s, %(b)s::benefit, count(*), %(r)s, %(a)s, %(v)s, %(m)s, %(fen)s, %(part)s, '{}', %(w)s,
                   'test'
               FROM entitlement WHERE person_id = %(p)s AND benefit = %(b)s::benefit""",
            p=person,
            b=benefit,
            r=self.region,
            a=self.area,
            v=valid,
            m=booked or self.month,
            fen=amount,
            part=account_part,
            w=award_version,
        )

    def supersede(self, person: int, month: dt.date, benefit: str = "employee_pension") -> None:
        self.books.execute(
            """UPDATE entitlement SET known = tstzrange(lower(known), clock_timestamp()), superseded_in = %(m)s
               WHERE person_id = %(p)s AND benefit = %(b)s::benefit AND upper_inf(known)""",
            p=person,
            b=benefit,
            m=month,
        )

    def step(self, name: str, step: object, month: dt.date | None = None, officer: str = "A") -> Summary:
        """One step of a month, as a run does it."""
        return run_step(self.context(month, officer), name, step)  # type: ignore[arg-type]

    def context(self, month: dt.date | None = None, officer: str = "A") -> Context:
        return Context(self.books, self.region, month or self.month, rulebook(), officer)

    def open(self, month: dt.date) -> None:
        open_month(self.books, self.region, month, "A")

    def close(self, month: dt.date) -> None:
        """Marks a month closed and opens the next, without any check."""
        self.books.execute(
            "INSERT INTO period_event (region, month, round, event, officer) VALUES (%(r)s, %(m)s, 0, 'closed', 'A')",
            r=self.region,
            m=month,
        )
        self.month = (month + dt.timedelta(days=31)).replace(day=1)
        self.open(self.month)

    def balance(self, account: str, scheme: str = "employee_pension") -> int:
        from shebao.books.ledger import balance

        return balance(self.books, self.region, account, scheme)


def province(books: Books, month: dt.date = MARCH, region: int = REGION) -> Province:
    """A province whose books begin with ``month``."""
    made = Province(books, month, region)
    with connect("owner") as owner:
        for area, level, name in ((0, 1, "全国"), (made.area, 1, "广东省")):
            owner.execute(
                "INSERT INTO office (area, level, name) VALUES (%(a)s, %(l)s, %(n)s) ON CONFLICT DO NOTHING",
                a=area,
                l=level,
                n=name,
            )
        for officer, duties in (("A", ["run", "register"]), ("B", ["approve"]), ("C", ["look"])):
            owner.execute(
                """INSERT INTO officer (id, name, area, duties, key_hash) VALUES (%(i)s, %(i)s, %(a)s,
                    %(d)s::duty[], %(k)s)
                   ON CONFLICT DO NOTHING""",
                i=officer,
                a=made.area,
                d=duties,
                k=hashlib.sha256(officer.encode()).digest(),
            )
    open_month(books, region, month, "A")
    for scheme in ("employee_pension", "resident_pension"):
        set_fund_account(
            books, region, scheme, "expenditure", "广东省社会保险基金管理局", "102581000013", "4400000000001"
        )
    return made
