"""The journal: balanced entries on the funds' accounts, each booked once.

Chart of accounts after 财会〔2017〕28号 (社会保险基金会计制度), which keeps contributions and benefits on a cash basis:
a bill is a receivable against `contributions_uncollected` and becomes income when it is paid.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from shebao.books.connect import Books, BooksError

#: name: (kind, 中文). Every scheme of every region has these accounts; scheme `collection` uses those of clearing.
CHART: dict[str, tuple[str, str]] = {
    "bank_income": ("asset", "收入户存款"),
    "bank_fiscal": ("asset", "财政专户存款"),
    "bank_expenditure": ("asset", "支出户存款"),
    "contributions_receivable": ("asset", "应收社会保险费"),
    "contributions_uncollected": ("liability", "待收社会保险费"),
    "prepayments": ("liability", "预收及未分配缴费"),
    "unidentified_receipts": ("liability", "待查收款"),
    "individual_accounts": ("liability", "个人账户"),
    "benefits_payable": ("liability", "应付待遇"),
    "returned_payments": ("liability", "退回待重发待遇"),
    "benefits_receivable": ("asset", "应收多发待遇"),
    "pooled_contributions": ("income", "统筹缴费收入"),
    "late_fees": ("income", "滞纳金收入"),
    "transfers_in": ("income", "转移收入"),
    "pooling_received": ("income", "下级上解及上级补助收入"),
    "benefits": ("expense", "待遇支出"),
    "account_interest": ("expense", "个人账户记账利息"),
    "transfers_out": ("expense", "转移支出"),
    "pooling_paid": ("expense", "上解及补助下级支出"),
    "fund_balance": ("fund", "基金结余"),
}


class Posting(NamedTuple):
    """One line: fen, debit positive, credit negative."""

    scheme: str
    account: str
    amount: int


@dataclass(frozen=True)
class Entry:
    """A balanced entry. ``key`` names the event, so that it cannot be booked twice; lines of 0 fen are left out."""

    key: str
    step: str
    text: str
    postings: Sequence[Posting]

    @property
    def lines(self) -> list[Posting]:
        return [posting for posting in self.postings if posting.amount]

    def check(self) -> None:
        """Raises ``BooksError`` unless debits equal credits and every account is in the chart."""
        unknown = {line.account for line in self.lines} - CHART.keys()
        if unknown:
            raise BooksError(f"entry {self.key}: no such account: {', '.join(sorted(unknown))}")
        if difference := sum(line.amount for line in self.lines):
            raise BooksError(f"entry {self.key} does not balance: {difference} fen")


def post(books: Books, region: int, booked: dt.date, entries: Iterable[Entry]) -> int:
    """Books the entries of a region under gapless numbers; returns how many. An entry without amounts is left out.

    Four statements whatever the number of entries. The caller holds the region's lock and a transaction.
    """
    kept = [entry for entry in entries if entry.lines]
    for entry in kept:
        entry.check()
    if not kept:
        return 0
    _open_accounts(books, region, kept)
    first = books.value("SELECT coalesce(max(number), 0) + 1 FROM journal_entry WHERE region = %(r)s", r=region)
    books.execute(
        """INSERT INTO journal_entry (region, number, booked, key, step, text)
           SELECT %(r)s, %(first)s + n - 1, %(booked)s, key, step, text
           FROM unnest(%(keys)s::text[], %(steps)s::text[], %(texts)s::text[])
                WITH ORDINALITY AS e (key, step, text, n)""",
        r=region,
        first=first,
        booked=booked,
        keys=[e.key for e in kept],
        steps=[e.step for e in kept],
        texts=[e.text for e in kept],
    )
    lines = [(first + i, n, line) for i, e in enumerate(kept) for n, line in enumerate(e.lines, 1)]
    books.execute(
        """INSERT INTO posting (region, number, line, account, amount)
           SELECT %(r)s, number, line, account, amount
           FROM unnest(%(numbers)s::bigint[], %(lines)s::smallint[], %(accounts)s::text[], %(amounts)s::bigint[])
                AS p (number, line, account, amount)""",
        r=region,
        numbers=[number for number, _, _ in lines],
        lines=[n for _, n, _ in lines],
        accounts=[code(region, line.scheme, line.account) for _, _, line in lines],
        amounts=[line.amount for _, _, line in lines],
    )
    return len(kept)


def code(region: int, scheme: str, account: str) -> str:
    """The code of an account: ``44.employee_pension.bank_income``."""
    return f"{region}.{scheme}.{account}"


def _open_accounts(books: Books, region: int, entries: Iterable[Entry]) -> None:
    used = sorted({(line.scheme, line.account) for entry in entries for line in entry.lines})
    books.execute(
        """INSERT INTO ledger_account (code, region, scheme, name, kind)
           SELECT concat_ws('.', %(r)s::text, scheme, name), %(r)s, scheme::scheme, name, kind::account_kind
           FROM unnest(%(schemes)s::text[], %(names)s::text[], %(kinds)s::text[]) AS a (scheme, name, kind)
           ON CONFLICT DO NOTHING""",
        r=region,
        schemes=[scheme for scheme, _ in used],
        names=[name for _, name in used],
        kinds=[CHART[name][0] for _, name in used],
    )


def balance(books: Books, region: int, account: str, scheme: str | None = None) -> int:
    """The balance of an account (of one scheme, or of all) in fen, debit positive."""
    found = books.value(
        """SELECT coalesce(sum(p.amount), 0)::bigint FROM posting p JOIN ledger_account a ON a.code = p.account
           WHERE a.region = %(r)s AND a.name = %(n)s AND (%(s)s::text IS NULL OR a.scheme::text = %(s)s)""",
        r=region,
        n=account,
        s=scheme,
    )
    return int(found)
