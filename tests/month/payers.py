"""A province of a few payers: employers and their people, flexible workers, residents; bank statements in camt.053."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Any

from shebao.books import Books
from shebao.books.ledger import balance
from shebao.engine.rulebook import Rulebook
from shebao.law import rulebook
from shebao.month.bills import reference
from shebao.month.context import Context, Step, Summary
from shebao.month.receipts import ReceiptReport, import_statement

FUNDS = ("employee_pension", "unemployment", "work_injury")


def day(text: str) -> dt.date:
    """``2025-03`` or ``2025-03-15`` as a date."""
    return dt.date.fromisoformat(text if len(text) == 10 else f"{text}-01")


def next_month(month: dt.date) -> dt.date:
    return (month + dt.timedelta(days=31)).replace(day=1)


class Payers:
    """One region's books from the month they open; facts are recorded by short methods, amounts in fen."""

    def __init__(self, books: Books, region: int = 44, opened: str = "2025-01", law: Rulebook | None = None) -> None:
        self.books, self.region, self.now = books, region, day(opened)
        self.law = law or rulebook()
        self.area = region * 10**10
        self.made = 0
        self.put("office", area=self.area, level=1, name="省")
        self.put("officer", id=f"A{region}", name="甲", area=self.area, duties="{run}", key_hash=b"k")
        self.put("period_event", region=region, month=self.now, round=0, event="opened", officer="A")
        books.ensure_months([self.now])

    def put(self, table: str, **values: Any) -> None:
        columns, places = ", ".join(values), ", ".join(f"%({name})s" for name in values)
        self.books.execute(f"INSERT INTO {table} ({columns}) VALUES ({places})", **values)

    def place(self, **values: Any) -> dict[str, Any]:
        return {"region": self.region, "area": self.area, "booked": self.now, "source": "test", **values}

    # -- facts ----------------------------------------------------------------------------------------

    def employer(self, *, risk: int = 2, size: str = "large", deferral: bool = False) -> int:
        self.made += 1
        employer: int = self.books.value(
            "INSERT INTO employer (credit_code) VALUES (%(c)s) RETURNING id", c=f"9{self.region}{self.made:015d}"
        )
        facts = {"size": size, "industry_class": risk, "deferral_granted": deferral}
        self.put("employer_record", employer_id=employer, valid="[2000-01-01,)", name="单位", **self.place(**facts))
        return employer

    def person(self) -> int:
        self.made += 1
        number = f"{self.region}0100198001{self.made:05d}X"
        found: int = self.books.value("INSERT INTO person (number) VALUES (%(n)s) RETURNING id", n=number)
        return found

    def takes_part(self, person: int, scheme: str, kind: str, since: str = "2024-01", **facts: Any) -> None:
        valid = f"[{day(since)},)"
        version = self.books.value(
            "SELECT count(*) FROM participation WHERE person_id = %(p)s AND scheme = %(s)s", p=person, s=scheme
        )
        self.put(
            "participation",
            person_id=person,
            scheme=scheme,
            version=version,
            valid=valid,
            kind=kind,
            **self.place(**facts),
        )

    def ends(self, person: int, scheme: str, on: str) -> None:
        """Supersedes the participation by one that ends on a day."""
        old = self.books.one(
            """SELECT kind, employer_id, chosen_base, grade, lower(valid)::text, version FROM participation
               WHERE person_id = %(p)s AND scheme = %(s)s AND upper_inf(known)""",
            p=person,
            s=scheme,
        )
        self.books.execute(
            """UPDATE participation SET known = tstzrange(lower(known), now()), superseded_in = %(m)s
               WHERE person_id = %(p)s AND scheme = %(s)s AND upper_inf(known)""",
            p=person,
            s=scheme,
            m=self.now,
        )
        kind, employer, chosen, grade, since, version = old
        facts = {"employer_id": employer, "chosen_base": chosen, "grade": grade}
        self.put(
            "participation",
            person_id=person,
            scheme=scheme,
            version=version + 1,
            valid=f"[{since},{day(on)})",
            kind=kind,
            **self.place(**facts),
        )

    def employee(self, employer: int, schemes: tuple[str, ...] = FUNDS, since: str = "2024-01") -> int:
        person = self.person()
        for scheme in schemes:
            self.takes_part(person, scheme, "employee", since, employer_id=employer)
        return person

    def flexible(self, base: int, since: str = "2024-01") -> int:
        person = self.person()
        self.takes_part(person, "employee_pension", "flexible", since, chosen_base=base)
        return person

    def resident(self, grade: int, since: str = "2024-01") -> int:
        person = self.person()
        self.takes_part(person, "resident_pension", "resident", since, grade=grade)
        return person

    def declare(
        self, employer: int, person: int, wage: int, month: str | None = None, *, withdrawn: bool = False
    ) -> None:
        about = day(month) if month else self.now
        self.books.ensure_months([about])
        version = self.books.value(
            "SELECT count(*) FROM declaration WHERE month = %(m)s AND person_id = %(p)s AND employer_id = %(e)s",
            m=about,
            p=person,
            e=employer,
        )
        values = self.place(month=about, person_id=person, employer_id=employer, version=version, wage=wage)
        values.pop("source")
        self.put("declaration", **values, withdrawn=withdrawn, file_id="f", row_number=1)

    # -- the month --------------------------------------------------------------------------------------

    def run(self, step: Step) -> Summary:
        with self.books.transaction():
            summary = step(Context(self.books, self.region, self.now, self.law, "A"))
            self.put(
                "run_step",
                region=self.region,
                month=self.now,
                round=self.books.value("SELECT period_round(%(r)s::smallint, %(m)s::date)", r=self.region, m=self.now),
                step=step.__name__,
                officer="A",
                law="l",
                summary=json.dumps(summary.json()),
            )
        self.check()
        return summary

    def turn(self) -> None:
        """Closes the month and opens the next."""
        round_ = self.books.value("SELECT period_round(%(r)s::smallint, %(m)s::date)", r=self.region, m=self.now)
        self.put("period_event", region=self.region, month=self.now, round=round_, event="closed", officer="A")
        self.now = next_month(self.now)
        self.put("period_event", region=self.region, month=self.now, round=0, event="opened", officer="A")
        self.books.ensure_months([self.now])

    def reopen(self) -> None:
        """Closes the month and opens it again."""
        self.put("period_event", region=self.region, month=self.now, round=0, event="closed", officer="A")
        self.put(
            "period_event", region=self.region, month=self.now, round=1, event="reopened", officer="A", reason="why"
        )

    # -- what stands in the books ------------------------------------------------------------------------

    def bills(self) -> list[tuple[Any, ...]]:
        """Number, month, kind and fen of every bill."""
        return self.books.rows(
            """SELECT number, to_char(month, 'YYYY-MM'), kind::text, amount FROM bill WHERE region = %(r)s
               ORDER BY number""",
            r=self.region,
        )

    def contributions(self, person: int) -> list[tuple[Any, ...]]:
        """Month, scheme, version and the four amounts of every row."""
        return self.books.rows(
            """SELECT to_char(month, 'YYYY-MM'), scheme::text, version, base, employee, employer, account_credit
               FROM contribution WHERE person_id = %(p)s ORDER BY month, scheme, version""",
            p=person,
        )

    def account(self, person: int) -> list[tuple[Any, ...]]:
        """Month, kind, version and fen of every account entry."""
        return self.books.rows(
            """SELECT to_char(month, 'YYYY-MM'), kind::text, version, amount FROM account_entry WHERE person_id = %(p)s
               ORDER BY month, kind, version""",
            p=person,
        )

    def settled(self) -> list[int]:
        return [
            number
            for (number,) in self.books.rows(
                "SELECT number FROM bill_settlement WHERE region = %(r)s ORDER BY number", r=self.region
            )
        ]

    def open_fen(self) -> int:
        return int(
            self.books.value(
                """SELECT coalesce(sum(amount), 0)::bigint FROM bill b WHERE region = %(r)s AND NOT EXISTS
                   (SELECT FROM bill_settlement s WHERE s.region = b.region AND s.number = b.number)""",
                r=self.region,
            )
        )

    def balance(self, account: str, scheme: str | None = None) -> int:
        return balance(self.books, self.region, account, scheme)

    def check(self) -> None:
        """What must hold after every step: subledgers equal their control accounts, bills their contributions."""
        books, r = self.books, self.region
        for scheme in ("employee_pension", "resident_pension"):
            entries = books.value(
                "SELECT coalesce(sum(amount), 0)::bigint FROM account_entry WHERE region = %(r)s AND scheme = %(s)s",
                r=r,
                s=scheme,
            )
            assert entries == -self.balance("individual_accounts", scheme)
        assert self.open_fen() == self.balance("contributions_receivable") == -self.balance("contributions_uncollected")
        receipts = "SELECT coalesce(sum(amount), 0)::bigint FROM receipt WHERE region = %(r)s"
        settled = """SELECT coalesce(sum(amount), 0)::bigint FROM bill JOIN bill_settlement USING (region, number)
                     WHERE region = %(r)s"""
        held = self.balance("prepayments", "collection") + self.balance("unidentified_receipts", "collection")
        assert books.value(receipts, r=r) - books.value(settled, r=r) == -held
        assert books.value("SELECT coalesce(sum(amount), 0)::bigint FROM posting WHERE region = %(r)s", r=r) == 0
        billed = """SELECT coalesce(sum(employee + employer), 0)::bigint FROM {} WHERE region = %(r)s"""
        people = books.value(billed.format("contribution"), r=r)
        assessed = """SELECT coalesce(sum(amount), 0)::bigint FROM bill WHERE region = %(r)s
                      AND kind IN ('assessed', 'assessed_reversal')"""
        assert people + books.value(assessed, r=r) == books.value(billed.format("bill_line"), r=r)

    # -- the bank -------------------------------------------------------------------------------------------

    def reference(self, number: int) -> str:
        return reference(self.region, number)

    def pay(self, *payments: tuple[int | str, int, str]) -> ReceiptReport:
        """Imports a statement of payments: bill number (or any reference), fen, day."""
        rows = [(self.reference(what) if isinstance(what, int) else what, fen, on) for what, fen, on in payments]
        report = import_statement(self.books, camt(*rows), "statement.xml", f"A{self.region}")
        self.check()
        return report


def camt(*rows: tuple[str, int, str], account: str = "4400000001") -> bytes:
    """A camt.053 of payments that came in: reference, fen (negative: a debit), day."""
    entries = []
    for number, (quoted, fen, on) in enumerate(rows, 1):
        made = hashlib.sha256(f"{account}{rows}{number}".encode()).hexdigest()[:16]
        entries.append(
            f"""<Ntry><Amt Ccy="CNY">{abs(fen) // 100}.{abs(fen) % 100:02d}</Amt>
            <CdtDbtInd>{"CRDT" if fen > 0 else "DBIT"}</CdtDbtInd><Sts>BOOK</Sts>
            <BookgDt><Dt>{on}</Dt></BookgDt><ValDt><Dt>{on}</Dt></ValDt><AcctSvcrRef>{made}</AcctSvcrRef>
            <NtryDtls><TxDtls><RmtInf><Strd><CdtrRefInf><Ref>{quoted}</Ref></CdtrRefInf></Strd></RmtInf></TxDtls></NtryDtls>
            </Ntry>"""
        )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>
<GrpHdr><MsgId>M1</MsgId><CreDtTm>2025-01-31T00:00:00</CreDtTm></GrpHdr>
<Stmt><Id>S1</Id><CreDtTm>2025-01-31T00:00:00</CreDtTm><Acct><Id><Othr><Id>{account}</Id></Othr></Id></Acct>
{"".join(entries)}</Stmt></BkToCstmrStmt></Document>""".encode()
