"""A province with two months of work: the first is done in peace, the second is the one that is disturbed.

Everything that comes from outside (registers, payrolls, what payers pay, what the bank answers) follows from the books
and a number, so that the same deeds are done again, byte for byte, however often the month is begun anew.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import psycopg
from stdnum.cn import ric

from shebao.bank.answers import Header, write_statement
from shebao.bank.camt import Entry
from shebao.bank.pain001 import read_transfers
from shebao.bank.simulate import Bank, by_seed
from shebao.books import Books, connect, month_of, server
from shebao.books.registry import Registrar
from shebao.engine.rulebook import Rulebook
from shebao.intake.store import import_payroll, import_persons
from shebao.law import rulebook
from shebao.month.answers import import_bank_file
from shebao.month.context import Tell, silent
from shebao.month.opening import declare_month, open_province
from shebao.month.orders import approve
from shebao.month.run import Ran, run_month

REGION = 11
CLERK, CONTROLLER = f"clerk-{REGION}", f"controller-{REGION}"
FIRST, SECOND = month_of("2024-12"), month_of("2025-01")
#: What the steps of a month are called here: the deeds of the office between them included.
STAGES = ("files", "collect", "receipts", "pay", "approve", "answers", "close")
INCOME_ACCOUNT = "110200000000000001"
GIVEN_BACK = 150  # of 10,000 payments, so many the bank rejects and so many it returns
Deed = Callable[[str], object]


@cache
def law() -> Rulebook:
    """The rulebook with figures made up where Beijing has published none."""
    return rulebook().with_reform(Path(__file__).with_name("synthetic.yaml"))


def draw(what: object, of: int) -> int:
    """A number below ``of`` that follows from ``what``."""
    return int.from_bytes(hashlib.blake2b(repr(what).encode(), digest_size=8).digest(), "big") % of


# ---- before -----------------------------------------------------------------------------------------------------


def prepare(people: int, seed: int, folder: Path, tell: Tell = silent) -> None:
    """Opens the province, works through the first month, records what has happened, and writes the second's files."""
    with Books(psycopg.connect(server.url(), options="-c timezone=UTC", autocommit=True)) as owner:
        open_province(owner, REGION, FIRST, people, seed, tell=tell)
    with connect("run") as books:
        declare_month(books, REGION, FIRST, seed)
        play(books, FIRST, seed, folder)
        happen(books, seed)
        spared = write_files(books, folder, seed)
        declare_month(books, REGION, SECOND, seed, without=spared)


def happen(books: Books, seed: int) -> None:
    """What is recorded between the months: deaths, one of them none, corrections, a claim, a change of employer."""
    registrar = Registrar(books, REGION, "chaos")
    pensioners = _some(books, seed, "SELECT person_id FROM entitlement_now WHERE benefit = 'employee_pension'", 14)
    residents = _some(books, seed, "SELECT person_id FROM entitlement_now WHERE benefit = 'resident_pension'", 2)
    workers = _some(books, seed, _WORKERS, 12)
    for person in (*pensioners[:3], *residents[:1], *workers[:2]):
        registrar.record_death(person, dt.date(2024, 11 + draw(person, 2), 1 + draw((person, "day"), 28)))
    registrar.record_death(pensioners[3], dt.date(2024, 12, 5))
    registrar.withdraw_event(pensioners[3])
    heir = _account(books, pensioners[0], "heir")
    registrar.claim(pensioners[0], "survivor_grant", SECOND, {"survivors": 1}, heir)
    for person in (*pensioners[4:6], *workers[2:4]):
        born = books.value("SELECT birth_date FROM person_now WHERE person_id = %(p)s", p=person)
        registrar.correct_person(person, birth_date=born - dt.timedelta(days=40 + draw(person, 300)))
    for person in workers[4:6]:
        registrar.correct_career(person, contribution_months=200 + draw(person, 100))
    for person in workers[6:8]:
        registrar.leave(person, dt.date(2024, 12, 20))
    employer = books.value("SELECT min(employer_id) FROM employer_now")
    registrar.hire(workers[6], employer, dt.date(2025, 1, 3))
    for (person,) in books.rows("SELECT DISTINCT person_id FROM payment_return ORDER BY 1"):
        _account(books, person, "self")


_WORKERS = """SELECT person_id FROM participation_now
              WHERE kind = 'employee' AND scheme = 'employee_pension' AND upper_inf(valid)"""


def _some(books: Books, seed: int, query: str, count: int) -> list[int]:
    found = [person for (person,) in books.rows(f"SELECT person_id FROM ({query}) AS q ORDER BY 1")]
    return sorted(found, key=lambda person: draw((seed, person), 1 << 30))[:count]


def _account(books: Books, person: int, whose: str) -> int:
    """A new bank account of a person, or of the heir in the person's file."""
    return int(
        books.value(
            """INSERT INTO bank_account (person_id, region, area, valid, holder, bank_code, number)
               SELECT person_id, region, area, '(,)', CASE WHEN %(w)s = 'self' THEN name ELSE '继承人' END,
                      '102100000001', %(n)s
               FROM person_now WHERE person_id = %(p)s RETURNING id""",
            p=person,
            w=whose,
            n=f"62{draw((person, whose), 10**15):015d}",
        )
    )


# ---- the second month's files -----------------------------------------------------------------------------------

_HEAD = "公民身份号码,姓名,统一社会信用代码,费款所属期,缴费工资,入职日期\n"
FRESH = 4


def write_files(books: Books, folder: Path, seed: int) -> list[int]:
    """A register of new people, and payrolls of some employers: new hires, and last month's wages corrected.

    Returns the employers that declare by file.
    """
    employers = [e for (e,) in books.rows(_BY_FILE)]
    first = books.value("SELECT credit_code FROM employer WHERE id = %(e)s", e=employers[0])
    area = books.value("SELECT area FROM employer_now WHERE employer_id = %(e)s", e=employers[0])
    fresh = [(f"新人{'甲乙丙丁'[n]}", _number(seed, n)) for n in range(FRESH)]
    register = "公民身份号码,姓名,性别,出生日期,行政区划\n" + "".join(
        f"{number},{name},男,{number[6:14]},{area}\n" for name, number in fresh
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "1-persons.csv").write_text(register, encoding="utf-8")
    hired = "".join(f"{n},{name},{first},2025-01,{9000 + i}.00,2025-01-02\n" for i, (name, n) in enumerate(fresh))
    for at, employer in enumerate(employers):
        rows = books.rows(_ROWS, e=employer, m=FIRST, s=SECOND)
        lines = [
            f"{n},{name},{code},2025-01,{_yuan(wage + 100 * draw((n, 'now'), 90000))}," for n, name, code, wage in rows
        ]
        lines += [
            f"{n},{name},{code},2024-12,{_yuan(wage + 100 * draw((n, 'then'), 90000))},"
            for n, name, code, wage in rows
            if draw((seed, n), 5) == 0
        ]
        text = _HEAD + ("" if at else hired) + "".join(line + "\n" for line in lines)
        (folder / f"2-payroll-{at}.csv").write_text(text, encoding="utf-8")
    return employers


_BY_FILE = """SELECT employer_id FROM participation_now WHERE kind = 'employee' AND scheme = 'employee_pension'
              GROUP BY 1 HAVING count(*) BETWEEN 3 AND 60 ORDER BY 1 LIMIT 4"""
_ROWS = """SELECT p.number, r.name, f.credit_code, d.wage FROM declaration d JOIN person p ON p.id = d.person_id
           JOIN person_now r ON r.person_id = p.id JOIN employer f ON f.id = d.employer_id
           WHERE d.employer_id = %(e)s AND d.month = %(m)s AND EXISTS (
               SELECT FROM participation_now t WHERE t.person_id = d.person_id AND t.employer_id = d.employer_id
                   AND t.valid @> %(s)s::date)
           ORDER BY 1"""


def _number(seed: int, n: int) -> str:
    digits = f"1101011995{1 + n:02d}15{101 + 2 * draw((seed, n), 400):03d}"
    return digits + ric.calc_check_digit(digits + "0")


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


# ---- a month from its files to its close --------------------------------------------------------------------------


def play(books: Books, month: dt.date, seed: int, folder: Path, deed: Deed = str) -> Ran:
    """Does what is still to be done of the month; ``deed`` is told each stage begun."""
    deed("files")
    read_files(books, month, folder)
    deed("collect")
    _run(books, month, "collect")
    deed("receipts")
    import_bank_file(books, statement(books, month, seed), "income.xml", CLERK)
    deed("pay")
    _run(books, month, "pay")
    deed("approve")
    out = folder / f"out-{month:%Y-%m}"
    out.mkdir(parents=True, exist_ok=True)
    approve(books, REGION, month, CONTROLLER, out)
    deed("answers")
    for name, answer in answers(seed, month, out):
        import_bank_file(books, answer, name, CLERK)
    deed("close")
    return _run(books, month, "close")


def closed(books: Books, month: dt.date) -> bool:
    """Whether there is nothing left to do in a month."""
    return bool(books.value("SELECT period_closed(%(r)s::smallint, %(m)s::date)", r=REGION, m=month))


def read_files(books: Books, month: dt.date, folder: Path) -> None:
    if month == FIRST:
        return
    for file in sorted(folder.glob("*.csv")):
        if file.name.startswith("1-"):
            import_persons(books, file, name=file.name, region=REGION, officer=CLERK)
        else:
            import_payroll(books, file, name=file.name, region=REGION, officer=CLERK, rulebook=law())


def _run(books: Books, month: dt.date, until: str) -> Ran:
    ran = run_month(month, REGION, law(), CLERK, until=until, wait=True, books=books)
    if ran.waiting:
        raise RuntimeError(f"{month:%Y-%m} waits: {ran.waiting}")
    return ran


def statement(books: Books, month: dt.date, seed: int) -> bytes:
    """What payers pay on the month's bills: most all of it, some a half, some too much, some nothing; and a stray."""
    bills = books.rows(
        """SELECT number, reference, amount FROM bill
           WHERE region = %(r)s AND booked = %(m)s AND amount > 0 ORDER BY number""",
        r=REGION,
        m=month,
    )
    paid = [(ref, _paid(amount, draw((seed, number), 20))) for number, ref, amount in bills]
    paid = [(ref, fen) for ref, fen in paid if fen] + [("谢谢", 4321)]
    return receipts(month, paid)


def receipts(month: dt.date, paid: list[tuple[str, int]], name: str = "") -> bytes:
    """A statement of money that came in: the reference quoted, and fen; ``name`` tells statements of a month apart."""
    day = month.replace(day=25)
    entries = [
        Entry(n, 1, fen, day, day, creditor_reference=ref, servicer_reference=f"{month:%Y%m}-{name}{n:08d}")
        for n, (ref, fen) in enumerate(paid, 1)
    ]
    stream, at = io.BytesIO(), dt.datetime.combine(day, dt.time())
    write_statement(stream, Header(f"I{month:%Y%m}", f"I{month:%Y%m}", at, INCOME_ACCOUNT), day, 0, entries)
    return stream.getvalue()


def _paid(amount: int, drawn: int) -> int:
    return 0 if drawn < 2 else amount // 2 if drawn < 4 else amount + 12_345 if drawn < 6 else amount


def answers(seed: int, month: dt.date, out: Path, of_ten_thousand: int = GIVEN_BACK) -> Iterator[tuple[str, bytes]]:
    """What a bank says to the payment files that were sent: status reports, then statements of the accounts."""
    at = dt.datetime.combine(month.replace(day=16), dt.time())
    for file in sorted(out.glob("*.xml")):
        with file.open("rb") as stream:
            account = read_transfers(stream)[0].debtor_account
        bank = Bank(account, 10**13, by_seed(seed, rejected=of_ten_thousand, returned=of_ten_thousand))
        bank.messages = bank.booked = 1000 * draw((file.name, "bank"), 10**5)  # numbers of its own for each file
        yield f"status-{file.name}", bank.pay(file.read_bytes(), at)
        yield f"debits-{file.name}", bank.statement(at)
