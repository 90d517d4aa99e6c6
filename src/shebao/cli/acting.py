"""Who acts: an officer known to the books, with the duty, at the right office, and, to decide, with the key."""

from __future__ import annotations

import datetime as dt
import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from shebao.books import Books

Province = Annotated[int, typer.Option("--province", metavar="CODE", help="The province, e.g. 44.")]
Officer = Annotated[str, typer.Option("--officer", envvar="SHEBAO_OFFICER", metavar="ID", help="Who acts.")]
Looker = Annotated[
    str,
    typer.Option(
        "--officer", envvar="SHEBAO_OFFICER", metavar="ID", help="Who looks: it is noted, and the person can ask."
    ),
]
Purpose = Annotated[str, typer.Option("--purpose", help="What for: noted too.")]

#: Where the key of an officer who decides is looked for; on a terminal it is asked for.
KEY = "SHEBAO_OFFICER_KEY"


def day_of(text: str) -> dt.date:
    """A day written ``YYYY-MM-DD``, not after today; ``BooksError`` otherwise."""
    from shebao.books import BooksError

    try:
        day = dt.datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise BooksError(f"not a day: {text!r} (YYYY-MM-DD) 不是日期") from None
    if day > dt.date.today():
        raise BooksError(f"{text} is yet to come 日期尚未到来")
    return day


def fen_of(text: str) -> int:
    """An amount in yuan as fen; ``BooksError`` unless it has at most two decimals and no sign."""
    from shebao.bank.messages import BankFileError
    from shebao.bank.messages import fen_of as read
    from shebao.books import BooksError

    try:
        return read(text, "")
    except BankFileError:
        raise BooksError(f"not an amount in yuan: {text!r} (1234.56) 金额有误") from None


def check_duty(books: Books, officer: str, duty: str, region: int | None = None) -> None:
    """``BooksError`` unless the officer is known, has the duty and, for a region, works at its provincial office."""
    from shebao.books import BooksError

    found = books.rows(
        """SELECT %(d)s::duty = ANY (f.duties), o.level = 1, f.area / 10000000000
           FROM officer f JOIN office o USING (area) WHERE f.id = %(o)s""",
        d=duty,
        o=officer,
    )
    if not found:
        raise BooksError(f"officer {officer} is not known 无此经办人")
    has_duty, provincial, home = found[0]
    if not has_duty:
        raise BooksError(f"officer {officer} has no duty to {duty} 无此权限")
    if region is not None and not (provincial and home == region):
        raise BooksError(f"officer {officer} does not work at the provincial office of {region} 非该省级机构经办人")


def prove(books: Books, officer: str) -> None:
    """``BooksError`` unless the officer's key is given: ``SHEBAO_OFFICER_KEY``, else asked for on the terminal."""
    import psycopg

    from shebao.books import BooksError

    key = os.environ.get(KEY) or (typer.prompt(f"key of {officer} 密钥", hide_input=True) if sys.stdin.isatty() else "")
    if not key:
        raise BooksError(f"the key of {officer} is needed: {KEY} 须提供密钥")
    try:
        books.execute("SELECT enter_session(%(o)s, %(k)s)", o=officer, k=key)
    except psycopg.errors.InvalidPassword:
        raise BooksError(f"this is not the key of {officer} 密钥不符") from None


def check_covered(books: Books, officer: str, number: str) -> str:
    """The citizen number as the books keep it; ``BooksError`` unless the officer's office manages the person."""
    from shebao.books import BooksError
    from shebao.books.registry import areas_of

    kept = number.strip().upper()
    first, end = areas_of(books, officer)
    if not books.rows(
        """SELECT FROM person p JOIN person_record r ON r.person_id = p.id AND upper_inf(r.known)
           WHERE p.number = %(n)s AND r.area >= %(first)s AND r.area < %(end)s""",
        n=kept,
        first=first,
        end=end,
    ):
        raise BooksError(f"nobody is registered as {number} where {officer} works 本机构辖区内未登记该人员")
    return kept


def look(books: Books, officer: str, number: str, purpose: str) -> str:
    """Notes a look that the officer's duty and office allow, and returns the number; ``BooksError`` otherwise."""
    from shebao.books.record import log_look

    check_duty(books, officer, "look")
    kept = check_covered(books, officer, number)
    log_look(books, kept, officer, purpose)
    return kept
