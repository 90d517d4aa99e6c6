"""What happens in the demo's three months, told to the books as an office would tell them: people hired and leaving,
moving, dying, corrected; employers late or not paying; a bank that takes payments, and sends some back.

Who it happens to is chosen by the books' own order, so that the same province has the same story.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from pathlib import Path

from shebao.bank.simulate import Bank, by_seed
from shebao.books import Books
from shebao.books.registry import Registrar
from shebao.intake.store import import_payroll
from shebao.month.answers import import_bank_file
from shebao.month.opening import Opened, declare_month, payroll_files
from shebao.month.orders import approve, fund_account
from shebao.month.receipts import import_statement

HIRES, LEAVERS, DEATHS, FILES = 24, 24, 20, 4
REJECTED, RETURNED = 4, 4  # of 10,000 payments
OVERPAID = 1_000_000  # fen
PAID_ON = 20  # day of the month on which contributions reach the bank


@dataclass(frozen=True)
class Happening:
    """Something that happened in a month, to how many."""

    month: dt.date
    zh: str
    en: str
    count: int = 1


@dataclass
class Story:
    """The months of one province. ``other`` is the province people move to; without one, nothing out of the way
    happens."""

    books: Books
    opened: Opened
    out: Path
    other: Opened | None = None
    happenings: list[Happening] = field(default_factory=list)
    files: list[tuple[dt.date, Path, str, int, int]] = field(default_factory=list)  # month, file, kind, lines, fen
    late: int = 0
    unpaid: int = 0
    over: int = 0
    declaring: list[int] = field(default_factory=list)
    dead: list[int] = field(default_factory=list)
    unreported: int = 0
    corrected: int = 0

    def __post_init__(self) -> None:
        self.registrar = Registrar(self.books, self.opened.region, "demo 演示")
        self.collection = self._bank("collection", "income")
        self.paying: dict[str, Bank] = {}
        if self.other:
            self.declaring = self._employers(8, 40, FILES)
            self.late, self.unpaid, self.over = self._employers(40, 400, 3)
        self.out.mkdir(parents=True, exist_ok=True)

    def tell(self, month: dt.date, zh: str, en: str, count: int = 1) -> None:
        if count:
            self.happenings.append(Happening(month, zh, en, count))

    # -- people ---------------------------------------------------------------------------------------------

    def register(self, nth: int, month: dt.date) -> int:
        """What the offices record in the ``nth`` month, before it is run; how many facts."""
        if not self.other:
            return 0
        before = len(self.happenings)
        self._hire(month)
        self._leave(month)
        (self._first, self._second, self._third)[min(nth, 2)](month)
        return sum(each.count for each in self.happenings[before:])

    def _hire(self, month: dt.date) -> None:
        free = self._people(
            """NOT EXISTS (SELECT FROM participation p WHERE p.person_id = r.person_id)
               AND r.birth_date BETWEEN %(m)s - interval '40 years' AND %(m)s - interval '20 years'""",
            month,
            HIRES,
        )
        for place, person in enumerate(free):
            self.registrar.hire(person, self.declaring[place % FILES], month)
        self.tell(month, "新参保", "hired", len(free))

    def _leave(self, month: dt.date) -> None:
        leaving = self._people(
            """EXISTS (SELECT FROM participation p WHERE p.person_id = r.person_id AND p.scheme = 'employee_pension'
                AND p.kind = 'employee'
                       AND upper_inf(p.known) AND upper_inf(p.valid) AND lower(p.valid) < %(m)s) AND r.person_id %% 97
                           = 5
               AND r.birth_date > %(m)s - interval '45 years'""",
            month,
            LEAVERS,
        )
        for person in leaving:
            self.registrar.leave(person, month)
        self.tell(month, "离职停保", "left", len(leaving))

    def _first(self, month: dt.date) -> None:
        *self.dead, self.unreported = self._pensioners(month, DEATHS + 1)
        for person in self.dead:
            self.registrar.record_death(person, month - dt.timedelta(days=7 + person % 20))
        self.tell(month, "退休人员死亡", "pensioners died", len(self.dead))

    def _second(self, month: dt.date) -> None:
        self.registrar.withdraw_event(self.dead[0])
        self.tell(month, "死亡登记有误，撤销", "a death that was none is withdrawn")
        self.registrar.record_death(self.unreported, month - dt.timedelta(days=75))
        self.tell(month, "迟报死亡，多发待遇须追回", "a death reported late: months paid too much are claimed back")
        self._claim_inheritance(month)
        self._move(month)
        self._new_accounts(month)

    def _third(self, month: dt.date) -> None:
        self._correct_birth(month)
        self._new_accounts(month)
        self._instalments(month)

    def _claim_inheritance(self, month: dt.date) -> None:
        """An heir of somebody who died in the first month hands in a claim, with an account of his or her own."""
        person = self.dead[1]
        code, number = self._account(person)
        heir = self.registrar.set_bank_account(person, code, "9" + number[1:], "继承人（合成）")
        self.registrar.claim(person, "account_inheritance", month, bank_account=heir)
        self.tell(month, "继承人申领个人账户余额", "an heir claims the balance of an account")

    def _move(self, month: dt.date) -> None:
        """Two leave for the other province and bring their papers; they are hired there from this month on."""
        moving = self._people(
            """EXISTS (SELECT FROM participation p WHERE p.person_id = r.person_id AND p.scheme = 'employee_pension'
                AND p.kind = 'employee'
                       AND upper_inf(p.known) AND upper_inf(p.valid) AND lower(p.valid) < %(m)s - interval '6 months')
               AND r.person_id %% 89 = 3 AND r.birth_date > %(m)s - interval '38 years'""",
            month,
            2,
        )
        assert self.other
        there = Registrar(self.books, self.other.region, "demo 演示")
        employer = self.books.value(
            "SELECT min(employer_id) FROM employer_record WHERE region = %(r)s", r=self.other.region
        )
        for person in moving:
            self._hand_in_career(person, month)
            self.registrar.leave(person, month)
            there.join(
                person, ("employee_pension", "unemployment", "work_injury"), "employee", month, employer=employer
            )
            self.books.execute(
                """INSERT INTO transfer (id, person_id, from_region, to_region, from_scheme, to_scheme, requested_on,
                    source)
                   VALUES (%(id)s, %(p)s, %(a)s, %(b)s, 'employee_pension', 'employee_pension', %(d)s, 'demo 演示')""",
                id=f"{person}-{month:%Y%m}-{self.opened.region}-{self.other.region}",
                p=person,
                a=self.opened.region,
                b=self.other.region,
                d=month,
            )
        self.tell(month, "跨省转移养老关系", "move to another province with their pension rights", len(moving))

    def _hand_in_career(self, person: int, month: dt.date) -> None:
        """The years paid before the books, as the person's own papers tell them: evenly on the last declared wage."""
        months, facts = self.books.one(
            """SELECT contribution_months - deemed_months, facts FROM career
               WHERE person_id = %(p)s AND scheme = 'employee_pension' AND upper_inf(known)""",
            p=person,
        )
        wage = self.books.value(
            "SELECT wage FROM declaration WHERE person_id = %(p)s ORDER BY month DESC, version DESC LIMIT 1",
            p=person,
        )
        first = month.year * 12 + month.month - 2 - months
        years: dict[int, int] = {}
        for number in range(first, first + months):
            years[number // 12] = years.get(number // 12, 0) + wage
        stated = {
            **facts,
            "first_contribution_month": f"{first // 12}-{first % 12 + 1:02d}",
            "contributed_years": [
                {"contributed_year": year, "contributed_wages": f"{fen // 100}.{fen % 100:02d}"}
                for year, fen in years.items()
            ],
        }
        self.registrar.correct_career(person, facts=json.dumps(stated))

    def _correct_birth(self, month: dt.date) -> None:
        """Somebody awarded a pension last month was born earlier than recorded, as the household register shows."""
        found = self.books.rows(
            """SELECT a.person_id, r.birth_date FROM award a JOIN person_record r ON r.person_id = a.person_id AND
                upper_inf(r.known)
               WHERE a.region = %(r)s AND a.benefit = 'employee_pension' AND a.granted AND a.booked < %(m)s
               ORDER BY a.booked DESC, a.person_id LIMIT 1""",
            r=self.opened.region,
            m=month,
        )
        for person, born in found:
            self.registrar.correct_person(person, birth_date=born - dt.timedelta(days=400))
            self.corrected = person
            self.tell(month, "更正出生日期，重算养老金", "a date of birth is corrected: the pension is computed again")

    def _new_accounts(self, month: dt.date) -> None:
        """Who was not reached by the last payment names another account."""
        people = self.books.rows(
            """SELECT DISTINCT x.person_id, p.name FROM payment_return x JOIN person_record p ON p.person_id =
                x.person_id
               AND upper_inf(p.known) WHERE x.region = %(r)s AND x.booked < %(m)s AND NOT EXISTS (
                   SELECT FROM payment_retry t WHERE (t.month, t.person_id, t.benefit, t.version) = (x.month,
                       x.person_id, x.benefit, x.version))
               ORDER BY 1""",
            r=self.opened.region,
            m=month,
        )
        for person, name in people:
            code, number = self._account(person)
            self.registrar.set_bank_account(person, code, "8" + number[1:], name)
        self.tell(month, "退票人员更换银行账户", "name another bank account after a payment came back", len(people))

    def _instalments(self, month: dt.date) -> None:
        from shebao.month.recover import agree

        owed = self.books.rows(
            """SELECT c.number, c.amount FROM receivable c WHERE c.region = %(r)s AND NOT EXISTS (
                   SELECT FROM life_event l WHERE l.person_id = c.person_id AND l.kind = 'death' AND
                       upper_inf(l.known))""",
            r=self.opened.region,
        )
        for number, fen in owed:
            agree(self.books, self.opened.region, number, -(-fen // 6), self.opened.clerk, "demo 演示")
        self.tell(month, "多发待遇约定分期扣回", "agree to pay back by instalments", len(owed))

    # -- employers ------------------------------------------------------------------------------------------

    def declare(self, nth: int, month: dt.date) -> int:
        """Declarations: most at once, some as files, and in the second month one employer not at all; rows."""
        silent = [self.late] if nth == 1 and self.late else []
        rows = declare_month(self.books, self.opened.region, month, without=[*self.declaring, *silent])
        if not self.other:
            return rows
        sent = payroll_files(self.books, self.opened.region, month, self.declaring, self.out / "declarations")
        if nth == 1:
            self.tell(month, "单位未申报，按上月核定", "an employer declares nothing: assessed by the month before")
        if nth == 2:
            earlier = self._month_before(month)
            sent += payroll_files(self.books, self.opened.region, earlier, [self.late], self.out / "declarations")
            self.tell(month, "单位补报上月", "the employer declares the month before, late")
        for path in sent:
            report = import_payroll(
                self.books, path, name=path.name, region=self.opened.region, officer=self.opened.clerk
            )
            self.files.append((month, path, "申报表 declaration", report.rows, 0))
            rows += report.rows
        return rows

    @staticmethod
    def _month_before(month: dt.date) -> dt.date:
        return (month - dt.timedelta(days=1)).replace(day=1)

    # -- the bank -------------------------------------------------------------------------------------------

    def receive(self, nth: int, month: dt.date) -> int:
        """Payers pay what they were billed: one employer late, one too much, one with a wrong reference; receipts."""
        bills = self.books.rows(
            """SELECT b.reference, b.amount - coalesce(a.amount, 0), b.employer_id FROM bill b
               LEFT JOIN (SELECT number, sum(amount)::bigint AS amount FROM allocation WHERE region = %(r)s GROUP BY
                   1) a USING (number)
               WHERE b.region = %(r)s AND b.amount > coalesce(a.amount, 0) AND b.booked <= %(m)s ORDER BY b.number""",
            r=self.opened.region,
            m=month,
        )
        day, first = month.replace(day=PAID_ON), nth == 0 and self.other is not None
        wrong = first
        for reference, fen, employer in bills:
            if first and employer == self.unpaid:
                self.tell(month, "单位未缴费", "an employer does not pay")
                continue
            if first and employer == self.over:
                self.collection.receive(day, fen + OVERPAID, reference)
                self.tell(month, "单位多缴一万元", "an employer pays 10,000 yuan too much")
            elif wrong and employer is None:
                self.collection.receive(day, fen, f"{reference[:-1]}X")
                wrong = False
                self.tell(month, "缴费人附言有误，待查", "a payer quotes a wrong reference: held in suspense")
            else:
                self.collection.receive(day, fen, reference)
        statement = self.collection.statement(dt.datetime.combine(day, dt.time(18)))
        path = self._keep(f"camt053-{month:%Y%m}-collection.xml", statement)
        report = import_statement(self.books, statement, path.name, self.opened.clerk)
        fen = report.accepted_fen + report.suspense_fen
        self.files.append((month, path, "收款对账单 camt.053", report.rows, fen))
        return report.rows

    def pay(self, month: dt.date, seed: int) -> int:
        """A second officer approves, the bank executes, rejects and returns; lines sent."""
        lines = 0
        region = self.opened.region
        for path, written in approve(self.books, region, month, self.opened.controller, self.out / "bank"):
            data = path.read_bytes()
            bank = self._payer_of(path, month, seed)
            bank.balance += written.fen  # the fiscal account has funded the file
            bank.opening += written.fen
            at = dt.datetime.combine(month.replace(day=15), dt.time(9))
            self.files.append((month, path, "付款指令 pain.001", written.count, written.fen))
            status = bank.pay(data, at)
            kept = self._keep(f"pain002-{path.name}", status)
            import_bank_file(self.books, status, kept.name, self.opened.clerk)
            self.files.append((month, kept, "付款回执 pain.002", 0, 0))
            statement = bank.statement(at)
            kept = self._keep(f"camt053-{path.name}", statement)
            import_bank_file(self.books, statement, kept.name, self.opened.clerk)
            self.files.append((month, kept, "付款对账单 camt.053", 0, 0))
            lines += written.count
        return lines

    def _payer_of(self, path: Path, month: dt.date, seed: int) -> Bank:
        scheme = self.books.value(
            "SELECT scheme::text FROM payment_batch WHERE message_id = %(i)s AND booked = %(m)s", i=path.stem, m=month
        )
        if scheme not in self.paying:
            self.paying[scheme] = self._bank(scheme, "expenditure", seed)
        return self.paying[scheme]

    def _bank(self, scheme: str, kind: str, seed: int = 0) -> Bank:
        number = fund_account(self.books, self.opened.region, scheme, kind)[2]
        return Bank(number, 0, by_seed(seed, REJECTED, RETURNED))

    def _keep(self, name: str, data: bytes) -> Path:
        path = self.out / "bank" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    # -- who ------------------------------------------------------------------------------------------------

    def _people(self, which: str, month: dt.date, count: int) -> list[int]:
        rows = self.books.rows(
            f"""SELECT r.person_id FROM person_record r WHERE r.region = %(r)s AND upper_inf(r.known) AND {which}
                ORDER BY r.person_id LIMIT %(n)s""",
            r=self.opened.region,
            m=month,
            n=count,
        )
        return [row[0] for row in rows]

    def _pensioners(self, month: dt.date, count: int) -> list[int]:
        return self._people(
            """r.birth_date < %(m)s - interval '75 years' AND r.person_id %% 7 = 2 AND EXISTS (
                   SELECT FROM entitlement e WHERE e.person_id = r.person_id AND e.benefit = 'employee_pension' AND
                       upper_inf(e.known))""",
            month,
            count,
        )

    def _employers(self, least: int, most: int, count: int) -> list[int]:
        """Employers with so many employees, in the order of their ids."""
        rows = self.books.rows(
            """SELECT employer_id FROM participation WHERE region = %(r)s AND scheme = 'employee_pension' AND kind =
                'employee'
               GROUP BY 1 HAVING count(*) BETWEEN %(least)s AND %(most)s ORDER BY 1 LIMIT %(n)s""",
            r=self.opened.region,
            least=least,
            most=most,
            n=count,
        )
        return [row[0] for row in rows]

    def _account(self, person: int) -> tuple[str, str]:
        found: tuple[str, str] = self.books.one(
            """SELECT bank_code, number FROM bank_account WHERE person_id = %(p)s AND upper_inf(known)
               ORDER BY id LIMIT 1""",
            p=person,
        )
        return found
