"""What stands in the books after some months, read by a few statements: for the report's page and the terminal."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from shebao.books import Books

SCHEMES = {
    "employee_pension": ("职工养老保险", "employees' pension"),
    "resident_pension": ("居民养老保险", "residents' pension"),
    "unemployment": ("失业保险", "unemployment"),
    "work_injury": ("工伤保险", "work injury"),
    "collection": ("征收过渡", "collection"),
}
BENEFITS = {
    "employee_pension": ("职工养老金", "employees' pensions"),
    "resident_pension": ("居民养老金", "residents' pensions"),
    "funeral_grant": ("丧葬补助金", "funeral grants"),
    "survivor_grant": ("抚恤金", "survivors' grants"),
    "account_inheritance": ("个人账户继承", "inherited accounts"),
    "account_refund": ("个人账户退还", "refunded accounts"),
    "contribution_refund": ("缴费退还", "refunded contributions"),
    "resident_account_inheritance": ("居民个人账户继承", "residents' accounts inherited"),
    "resident_account_refund": ("居民个人账户退还", "residents' accounts returned"),
}


@dataclass(frozen=True)
class Bridge:
    """One month's payments out of the last month's: fen, and people by the kind of change."""

    month: dt.date
    before: int
    new: int
    ended: int
    changed: int
    earlier: int  # booked now for earlier months
    people: dict[str, int]

    @property
    def regular(self) -> int:
        return self.before + self.new + self.ended + self.changed

    @property
    def total(self) -> int:
        return self.regular + self.earlier


@dataclass
class Standing:
    """The books of a region at the end of some months; amounts in fen."""

    region: int
    months: list[dt.date]
    contributions: list[tuple[str, str, int, int, int]] = field(default_factory=list)
    payments: list[tuple[str, str, int, int, int]] = field(
        default_factory=list
    )  # scheme, benefit, people, fen, account
    bridges: list[Bridge] = field(default_factory=list)
    headcounts: list[tuple[dt.date, str, int]] = field(default_factory=list)
    banks: list[tuple[dt.date, str, str, int]] = field(default_factory=list)
    accounts: list[tuple[str, int, int]] = field(default_factory=list)
    interest: list[tuple[str, int]] = field(default_factory=list)
    checks: list[tuple[dt.date, str, bool, int | None, int | None, str]] = field(default_factory=list)
    notes: list[tuple[dt.date, str, str, str]] = field(default_factory=list)
    summaries: dict[tuple[dt.date, str], dict[str, int]] = field(default_factory=dict)
    closed: list[dt.date] = field(default_factory=list)
    trial: list[tuple[str, str, str, int]] = field(default_factory=list)
    entries: int = 0
    prepaid: int = 0
    receivable: int = 0


def standing(books: Books, region: int, months: list[dt.date]) -> Standing:
    """Reads everything the page shows; a dozen statements whatever the number of people."""
    found = Standing(region, months)
    span = {"r": region, "a": months[0], "b": months[-1]}
    found.contributions = books.rows(_CONTRIBUTIONS, **span)
    found.payments = books.rows(_PAYMENTS, **span)
    found.bridges = [_bridge(books, region, month) for month in months]
    found.headcounts = [(month, *row) for month in months for row in books.rows(_HEADCOUNT, r=region, m=month)]
    found.banks = [(month, *row) for month in (None, *months) for row in _banks(books, region, months[0], month)]
    found.accounts = books.rows(_ACCOUNTS, r=region)
    found.interest = books.rows(_INTEREST, **span)
    found.checks = books.rows(_CHECKS, r=region)
    found.closed = [
        row[0]
        for row in books.rows(
            "SELECT month FROM period_event WHERE region = %(r)s AND event = 'closed' ORDER BY 1", r=region
        )
    ]
    _steps(books, found)
    found.trial = books.rows(_TRIAL, r=region)
    found.entries = books.value("SELECT count(*) FROM journal_entry WHERE region = %(r)s", r=region)
    found.prepaid = -books.value(_BALANCE, a=f"{region}.collection.prepayments")
    found.receivable = books.value(
        "SELECT coalesce(sum(p.amount), 0)::bigint FROM posting p WHERE p.account LIKE %(a)s",
        a=f"{region}.%.contributions_receivable",
    )
    return found


def _steps(books: Books, found: Standing) -> None:
    rows = books.rows(
        "SELECT month, step::text, summary FROM run_step WHERE region = %(r)s ORDER BY month, step", r=found.region
    )
    for month, step, summary in rows:
        found.summaries[month, step] = summary["numbers"]
        found.notes += [(month, step, zh, en) for zh, en in summary["notes"]]


def _banks(books: Books, region: int, first: dt.date, month: dt.date | None) -> list[tuple[Any, ...]]:
    """Balances at the end of a month, or (None) before the first."""
    return [
        (month or None, *row)[1:]
        for row in books.rows(
            """SELECT a.scheme::text, a.name, sum(p.amount)::bigint FROM posting p JOIN journal_entry e USING (region,
                number)
               JOIN ledger_account a ON a.code = p.account
               WHERE p.region = %(r)s AND a.name LIKE 'bank\\_%%' AND (CASE WHEN %(m)s::date IS NULL THEN e.booked <
                   %(f)s ELSE e.booked <= %(m)s END)
               GROUP BY 1, 2 ORDER BY 1, 2""",
            r=region,
            m=month,
            f=first,
        )
    ]


def _bridge(books: Books, region: int, month: dt.date) -> Bridge:
    before, new, ended, changed, n_new, n_ended, n_changed, n_same, earlier = books.one(
        _BRIDGE, r=region, m=month, last=(month - dt.timedelta(days=1)).replace(day=1)
    )
    people = {"new": n_new, "ended": n_ended, "changed": n_changed, "same": n_same}
    return Bridge(month, before, new, ended, changed, earlier, people)


# Who paid what into which scheme and what went to the accounts: bills fully paid, by kind of payer.
_CONTRIBUTIONS = """
    SELECT l.scheme::text, CASE WHEN b.employer_id IS NOT NULL THEN 'employer' WHEN l.scheme = 'resident_pension' THEN
        'resident' ELSE 'flexible' END,
           sum(l.employee)::bigint, sum(l.employer + l.late_fee)::bigint, sum(l.account_credit)::bigint
    FROM bill_settlement s JOIN bill b USING (region, number) JOIN bill_line l USING (region, number)
    WHERE s.region = %(r)s AND s.booked BETWEEN %(a)s AND %(b)s GROUP BY 1, 2 ORDER BY 1, 2"""

_PAYMENTS = """
    SELECT coalesce(p.scheme, CASE p.benefit WHEN 'resident_pension' THEN 'resident_pension'::scheme ELSE
        'employee_pension' END)::text,
           p.benefit::text, count(DISTINCT p.person_id), sum(p.amount)::bigint, sum(p.account_part)::bigint
    FROM payment p WHERE p.region = %(r)s AND p.booked BETWEEN %(a)s AND %(b)s GROUP BY 1, 2 ORDER BY 1, 2"""

# What the month's own payments are out of the last month's. Before the books: what the entitlements taken over paid.
_BRIDGE = """
    WITH now AS (SELECT person_id, benefit, sum(amount)::bigint AS fen FROM payment WHERE region = %(r)s AND month =
        %(m)s AND booked = %(m)s GROUP BY 1, 2),
    last AS (
        SELECT person_id, benefit, sum(amount)::bigint AS fen FROM payment WHERE region = %(r)s AND month = %(last)s
            AND booked = %(last)s GROUP BY 1, 2
        UNION ALL
        SELECT person_id, benefit, amount FROM entitlement WHERE region = %(r)s AND version = 0 AND award_version IS
            NULL AND booked = %(last)s
            AND valid @> %(last)s::date),
    pairs AS (SELECT n.fen AS now, l.fen AS last FROM now n FULL JOIN last l USING (person_id, benefit))
    SELECT coalesce(sum(last), 0)::bigint, coalesce(sum(now) FILTER (WHERE last IS NULL), 0)::bigint,
           coalesce(-sum(last) FILTER (WHERE now IS NULL), 0)::bigint,
           coalesce(sum(now - last) FILTER (WHERE now <> last), 0)::bigint,
           count(*) FILTER (WHERE last IS NULL), count(*) FILTER (WHERE now IS NULL), count(*) FILTER (WHERE now <>
               last),
           count(*) FILTER (WHERE now = last),
           (SELECT coalesce(sum(amount), 0)::bigint FROM payment WHERE region = %(r)s AND booked = %(m)s AND month <
               %(m)s)
    FROM pairs"""

_HEADCOUNT = """
    SELECT kind::text, count(DISTINCT person_id) FROM participation
    WHERE region = %(r)s AND upper_inf(known) AND valid @> %(m)s::date AND scheme IN ('employee_pension',
        'resident_pension') GROUP BY 1 ORDER BY 1"""

_ACCOUNTS = """
    SELECT scheme::text, count(DISTINCT person_id), sum(amount)::bigint FROM account_entry WHERE region = %(r)s GROUP
        BY 1 ORDER BY 1"""

_INTEREST = """
    SELECT scheme::text, sum(amount)::bigint FROM account_entry WHERE region = %(r)s AND kind = 'interest'
    AND booked BETWEEN %(a)s AND %(b)s GROUP BY 1 ORDER BY 1"""

_CHECKS = (
    "SELECT month, name, passed, ours, theirs, detail FROM close_check WHERE region = %(r)s ORDER BY month, round, name"
)

_TRIAL = """
    SELECT a.scheme::text, a.name, a.kind::text, sum(p.amount)::bigint FROM posting p JOIN ledger_account a ON a.code
        = p.account
    WHERE p.region = %(r)s GROUP BY 1, 2, 3 HAVING sum(p.amount) <> 0 ORDER BY 1, 3, 2"""

_BALANCE = "SELECT coalesce(sum(amount), 0)::bigint FROM posting WHERE account = %(a)s"


# -- one person -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Person:
    """One new pensioner: what the registry knows, the account's history, what was paid, the award."""

    number: str
    name: str
    born: dt.date
    facts: dict[str, Any]
    awarded: dt.date
    amount: int
    participation: list[tuple[str, str, str, str]]
    account: list[tuple[dt.date, dt.date, str, int]]
    payments: list[tuple[dt.date, dt.date, int, int]]


def one_person(books: Books, region: int) -> Person | None:
    """The first granted employee's pension with most components; None if nobody was awarded one."""
    found = books.rows(
        """SELECT a.person_id, p.number, r.name, r.birth_date, a.facts, a.month, a.amount FROM award a
           JOIN person p ON p.id = a.person_id JOIN person_record r ON r.person_id = a.person_id AND upper_inf(r.known)
           WHERE a.region = %(r)s AND a.benefit = 'employee_pension' AND a.granted AND a.version = 0
           ORDER BY (a.facts ->> 'deemed_months')::int > 0 DESC, a.booked, a.amount DESC LIMIT 1""",
        r=region,
    )
    if not found:
        return None
    person, number, name, born, facts, month, amount = found[0]
    return Person(
        number=number,
        name=name,
        born=born,
        facts=facts,
        awarded=month,
        amount=amount,
        participation=books.rows(
            """SELECT scheme::text, kind::text, valid::text, coalesce((SELECT name FROM employer_now e
                WHERE e.employer_id = p.employer_id LIMIT 1), '')
               FROM participation p WHERE person_id = %(p)s AND upper_inf(known) ORDER BY lower(valid), scheme""",
            p=person,
        ),
        account=books.rows(
            """SELECT booked, month, kind::text, amount FROM account_entry WHERE person_id = %(p)s
               AND scheme = 'employee_pension' ORDER BY booked, month, kind, version""",
            p=person,
        ),
        payments=books.rows(
            """SELECT booked, month, amount, account_part FROM payment WHERE person_id = %(p)s
               ORDER BY booked, month, version""",
            p=person,
        ),
    )
