"""Paid back: what a debtor sends to the fund towards a receivable, beside what is withheld from payments."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from shebao.books import Books, BooksError
from shebao.books.ledger import Entry, Posting, post
from shebao.books.words import yuan
from shebao.month.recover import OPEN


@dataclass(frozen=True)
class Repaid:
    """What became of a repayment: fen, what is still owed after it, and the month booked in.

    ``known``: it had been recorded before, and nothing was changed.
    """

    number: int
    amount: int
    outstanding: int
    booked: dt.date
    known: bool = False


def repay(books: Books, region: int, number: int, amount: int, on: dt.date, reference: str, officer: str) -> Repaid:
    """Records what came back towards a receivable: ``amount`` fen on the expenditure account of its fund.

    ``on`` and ``reference`` are the bank's: its day and its own number of the entry, by which the same repayment is
    recorded once. Money on the collection's account quotes no bill and is held in suspense instead. ``BooksError`` if
    there is no such receivable, more is given than is owed, or the entry is known with another amount.
    """
    reference = reference.strip()
    if not reference:
        raise BooksError("a repayment has the bank's reference 须填写银行流水号")
    if amount <= 0:
        raise BooksError("a repayment is more than 0 yuan 退款金额须大于零")
    with books.transaction():
        books.share_region(region)
        # Two officers at once: the second waits, and then sees what the first did.
        books.execute("SELECT pg_advisory_xact_lock(hashtext('journal'), %(r)s)", r=region)
        key = f"{region:02d}:repaid:{number}:{reference}"
        if before := _before(books, key):
            if before[0] != amount:
                raise BooksError(f"{reference} was recorded with {yuan(before[0])} yuan 该流水已按另一金额入账")
            return Repaid(number, amount, _owed(books, region, number)[0], before[1], known=True)
        owed, scheme = _owed(books, region, number)
        if amount > owed:
            raise BooksError(
                f"{yuan(amount)} yuan are more than the {yuan(owed)} still owed of receivable {number} 退款超过尚欠金额"
            )
        booked = books.booking_month(region, "close")
        _record(books, region, number, booked, amount, f"{on} {reference} {officer}")
        text = f"多发待遇退款 receivable {number} repaid, {reference}"
        lines = [Posting(scheme, "bank_expenditure", amount), Posting(scheme, "benefits_receivable", -amount)]
        post(books, region, booked, [Entry(key, "receipts", text, lines)])
        return Repaid(number, amount, owed - amount, booked)


def _before(books: Books, key: str) -> tuple[int, dt.date] | None:
    """Fen and month of a repayment recorded under this key."""
    found = books.rows(
        """SELECT p.amount, e.booked FROM journal_entry e JOIN posting p USING (region, number)
           WHERE e.key = %(k)s AND p.amount > 0""",
        k=key,
    )
    return found[0] if found else None


def _owed(books: Books, region: int, number: int) -> tuple[int, str]:
    """What is still owed of a receivable, and whose fund it is of."""
    found = books.rows(
        f"""SELECT coalesce(o.outstanding, 0), c.scheme::text FROM receivable c LEFT JOIN ({OPEN}) AS o
            USING (region, number) WHERE c.region = %(r)s AND c.number = %(n)s""",
        r=region,
        n=number,
    )
    if not found:
        raise BooksError(f"region {region} has no receivable {number} 无此应收款")
    return int(found[0][0]), str(found[0][1])


def _record(books: Books, region: int, number: int, booked: dt.date, amount: int, detail: str) -> None:
    books.execute(
        """INSERT INTO recovery (region, number, version, area, booked, kind, amount, detail)
           SELECT c.region, c.number, (SELECT coalesce(max(v.version) + 1, 0) FROM recovery v
                  WHERE v.region = c.region AND v.number = c.number), c.area, %(m)s, 'received', %(fen)s, %(d)s
           FROM receivable c WHERE c.region = %(r)s AND c.number = %(n)s""",
        r=region,
        n=number,
        m=booked,
        fen=amount,
        d=detail,
    )
