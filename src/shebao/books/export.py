"""The journal as plain text for an outside accounting program (hledger, ledger), and as a trial balance.

An account ``44.employee_pension.bank_income`` becomes ``assets:44:employee_pension:bank_income``; amounts are exact
yuan with two decimals and the commodity CNY. Each account ends with an assertion of its balance, which the outside
program checks by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TextIO

from shebao.books.connect import Books
from shebao.books.ledger import CHART

#: The outside program's name of each kind of account.
TOPS = {"asset": "assets", "liability": "liabilities", "income": "revenues", "expense": "expenses", "fund": "equity"}


class Balance(NamedTuple):
    """An account with what was debited and credited, and the balance (debit positive), in fen."""

    region: int
    scheme: str
    name: str
    kind: str
    debit: int
    credit: int

    @property
    def amount(self) -> int:
        return self.debit - self.credit

    @property
    def label(self) -> str:
        """The account's official name 中文."""
        return CHART[self.name][1]

    @property
    def outside(self) -> str:
        """The account's name in the outside program."""
        return f"{TOPS[self.kind]}:{self.region}:{self.scheme}:{self.name}"


def balances(books: Books, region: int | None = None) -> list[Balance]:
    """The trial balance of a region, or of all: every account that was ever posted to."""
    return [
        Balance(*row)
        for row in books.rows(
            """SELECT a.region, a.scheme::text, a.name, a.kind::text, coalesce(sum(p.amount)
                FILTER (WHERE p.amount > 0), 0)::bigint,
                      coalesce(-sum(p.amount) FILTER (WHERE p.amount < 0), 0)::bigint
               FROM ledger_account a JOIN posting p ON p.account = a.code
               WHERE %(r)s::smallint IS NULL OR a.region = %(r)s
               GROUP BY a.code, a.region, a.scheme, a.name, a.kind ORDER BY a.region, a.scheme, a.kind, a.name""",
            r=region,
        )
    ]


def export(books: Books, stream: TextIO, region: int | None = None) -> int:
    """Writes the journal of a region, or of all, by month and number; returns the number of entries.

    The same books give the same text.
    """
    accounts = balances(books, region)
    outside = {f"{a.region}.{a.scheme}.{a.name}": a.outside for a in accounts}
    stream.write("; 社会保险基金凭证 journal of the social security funds\ncommodity CNY 1000.00\n\n")
    for account in accounts:
        stream.write(f"account {account.outside}  ; {account.label}\n")
    count, last = 0, ""
    for lines in _entries(books, region):
        last = _write(stream, lines, outside)
        count += 1
    if last:
        _assert(stream, accounts, last)
    return count


def _entries(books: Books, region: int | None) -> Iterator[list[tuple[object, ...]]]:
    """The postings of each entry, read from the server a part at a time."""
    books.statements += 1
    held: list[tuple[object, ...]] = []
    with books.connection.transaction(), books.connection.cursor("journal") as cursor:
        cursor.execute(
            """SELECT e.region, e.number, e.booked, e.key, e.text, p.account, p.amount
               FROM journal_entry e JOIN posting p USING (region, number)
               WHERE %(r)s::smallint IS NULL OR e.region = %(r)s ORDER BY e.booked, e.region, e.number, p.line""",
            {"r": region},
        )
        for row in cursor:
            if held and held[0][:2] != row[:2]:
                yield held
                held = []
            held.append(row)
    if held:
        yield held


def _write(stream: TextIO, lines: list[tuple[object, ...]], outside: dict[str, str]) -> str:
    region, number, booked, key, text, _, _ = lines[0]
    day = f"{booked:%Y-%m-%d}"
    stream.write(f"\n{day} ({region}-{number}) {_plain(text)}  ; key: {_plain(key)}\n")
    for *_, account, amount in lines:
        stream.write(f"    {outside[str(account)]}  {yuan(int(str(amount)))} CNY\n")
    return day


def _assert(stream: TextIO, accounts: list[Balance], day: str) -> None:
    stream.write(f"\n{day} 余额核对 balances\n")
    for account in accounts:
        stream.write(f"    {account.outside}  0 CNY = {yuan(account.amount)} CNY\n")


def yuan(fen: int) -> str:
    """Fen as exact yuan: ``-12.05``."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def _plain(text: object) -> str:
    """A text that ends no line and begins no comment."""
    return " ".join(str(text).replace(";", ",").split())
