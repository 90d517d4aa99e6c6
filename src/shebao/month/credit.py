"""Credit 记账: bills fully paid are settled, and what they bring goes to the accounts of people and funds.

Contributions count when they are paid (财会〔2017〕28号): a bill covered in part stays open and credits nobody.
"""

from __future__ import annotations

import datetime as dt

from shebao.books import BooksError
from shebao.books.ledger import Entry, Posting, post
from shebao.month.allocation import allocate
from shebao.month.bills import round_of
from shebao.month.collect import BULK
from shebao.month.context import Context, Summary
from shebao.month.contributions import RESIDENT
from shebao.month.facts import partition
from shebao.month.interest import credit_interest


def credit(context: Context) -> Summary:
    """Sets prepayments against bills, settles what is covered, credits the accounts, and the yearly interest."""
    books = context.books
    books.execute(BULK)
    allocations = allocate(books, context.region, context.month)
    bills = _settle(context)
    entries, credited = _credit_accounts(context)
    settled = _post(context, credited)
    summary = Summary({"allocations": allocations, "bills_settled": bills, "bills_settled_fen": settled})
    summary.numbers["contribution_entries"] = entries
    credit_interest(context, summary)
    return summary


def _settle(context: Context) -> int:
    """Finds the bills that are covered, ``settled``, and books them; a correction not before what it corrects."""
    books = context.books
    books.execute("DROP TABLE IF EXISTS settled")
    books.execute("CREATE TEMPORARY TABLE settled (number bigint PRIMARY KEY, month date) ON COMMIT DROP")
    books.execute(
        """INSERT INTO settled
           WITH unsettled AS (
               SELECT b.number, b.month, b.kind, coalesce(b.employer_id, -b.person_id) AS payer,
                      b.amount = coalesce(a.amount, 0) AS covered
               FROM bill b
               LEFT JOIN bill_settlement s ON s.region = b.region AND s.number = b.number
               LEFT JOIN (SELECT number, sum(amount) AS amount FROM allocation WHERE region = %(r)s GROUP BY number) a
                   ON a.number = b.number
               WHERE b.region = %(r)s AND s.number IS NULL),
           waiting AS (
               SELECT payer, month, min(number) AS number FROM unsettled
               WHERE NOT covered AND kind IN ('regular', 'correction') GROUP BY payer, month)
           SELECT u.number, u.month FROM unsettled u LEFT JOIN waiting w ON w.payer = u.payer AND w.month = u.month
           WHERE u.covered AND NOT (u.kind = 'correction' AND w.number IS NOT NULL AND w.number < u.number)""",
        r=context.region,
    )
    books.execute("ANALYZE settled")
    return books.execute(
        """INSERT INTO bill_settlement (region, number, area, booked)
           SELECT b.region, b.number, b.area, %(m)s FROM bill b JOIN settled s ON s.number = b.number
           WHERE b.region = %(r)s""",
        r=context.region,
        m=context.month,
    ).rowcount


def _credit_accounts(context: Context) -> tuple[int, dict[str, int]]:
    """An entry for every contribution of the settled bills, under its own version; how many, and the fen by scheme."""
    books = context.books
    months = [row[0] for row in books.rows("SELECT DISTINCT month FROM settled ORDER BY month")]
    books.ensure_months(months)
    entries, credited = 0, dict[str, int]()
    for month in months:
        for scheme, rows, fen in books.rows(_entries(month), r=context.region, b=context.month, m=month):
            entries += rows
            credited[scheme] = credited.get(scheme, 0) + fen
    return entries, credited


def _entries(month: dt.date) -> str:
    return f"""
        WITH added AS (
            INSERT INTO {partition("account_movement", month)}
                (month, person_id, scheme, kind, version, region, area, amount, booked)
            SELECT c.month, c.person_id, c.scheme, 'contribution', c.version, c.region, c.area, c.account_credit, %(b)s
            FROM contribution c JOIN settled s ON s.number = c.bill
            WHERE c.region = %(r)s AND c.month = %(m)s AND s.month = %(m)s AND c.account_credit <> 0
            RETURNING scheme, amount)
        SELECT scheme::text, count(*), sum(amount)::bigint FROM added GROUP BY scheme"""


def _post(context: Context, credited: dict[str, int]) -> int:
    """Books the settled bills; returns what they come to. What was credited to people must equal the bills' lines."""
    lines = context.books.rows(
        """SELECT l.scheme::text, sum(l.employee + l.employer)::bigint, sum(l.account_credit)::bigint,
                  sum(l.late_fee)::bigint
           FROM bill_line l JOIN settled s ON s.number = l.number WHERE l.region = %(r)s
           GROUP BY l.scheme ORDER BY l.scheme""",
        r=context.region,
    )
    postings, total = [], 0
    for scheme, paid, account, fee in lines:
        if credited.get(scheme, 0) != account:
            raise BooksError(
                f"{scheme}: settled bills credit {account} fen, their contributions {credited.get(scheme, 0)}"
            )
        postings += _postings(scheme, paid, account, fee)
        total += paid + fee
    postings += [Posting("collection", "prepayments", total), Posting("collection", "bank_income", -total)]
    text = f"缴费到账记账 contributions paid and credited in {context.month:%Y-%m}"
    entry = Entry(f"{context.name}:credit:{round_of(context)}", "credit", text, postings)
    post(context.books, context.region, context.month, [entry])
    return total


def _postings(scheme: str, paid: int, account: int, fee: int) -> list[Posting]:
    rest = paid - account
    # What a resident's account is credited beyond the payment is the government's subsidy, paid by the treasury.
    other = ("bank_fiscal", -rest) if scheme == RESIDENT else ("pooled_contributions", -rest)
    return [
        Posting(scheme, "bank_income", paid + fee),
        Posting(scheme, "individual_accounts", -account),
        Posting(scheme, *other),
        Posting(scheme, "late_fees", -fee),
        Posting(scheme, "contributions_uncollected", paid + fee),
        Posting(scheme, "contributions_receivable", -paid - fee),
    ]
