"""Receipts 到账: what a bank statement says came in, matched to payers by the reference of the bill they quoted.

Every row of a statement ends in one of three ways: accepted (a bill's reference), adjusted (held in suspense, its
reference is no bill of ours) or rejected (no receipt, or booked before), with the reason stored beside it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import pyarrow as pa

from shebao.bank import Entry as BankEntry
from shebao.bank import read_statement
from shebao.books import Books, BooksError
from shebao.books.ledger import Entry, Posting, post
from shebao.month.allocation import allocate
from shebao.month.bills import read_reference

SUSPENSE = "no bill has this reference: held in suspense 无此账单，列待查收款"
DEBIT = "a debit, not a receipt 支出，非收款"
REVERSAL = "the bank takes back an earlier entry: a person must decide 银行冲正，须人工处理"
KNOWN = "booked from another statement 已由其他对账单入账"
CHANGED = "booked from another statement with another amount or day 与已入账的金额或日期不符"
NO_BOOKS = "no open month in the books of the region 该地区无开账月份"

_REFERENCE = re.compile(r"RF[0-9]{2}(?: ?[0-9]){12}", re.IGNORECASE)


@dataclass(frozen=True)
class ReceiptReport:
    """What became of a statement: rows and fen accepted, in suspense and rejected; why rows were not accepted."""

    file_id: str
    rows: int
    accepted: int
    accepted_fen: int
    suspense: int
    suspense_fen: int
    rejected: int
    reasons: dict[str, int] = field(default_factory=dict)


@dataclass
class _Row:
    """One row of the statement on its way into the books."""

    number: int
    entry: BankEntry
    id: str
    reference: str
    region: int = 0
    bill: int | None = None
    area: int = 0
    employer_id: int | None = None
    person_id: int | None = None
    reason: str = ""

    @property
    def booked(self) -> bool:
        """Whether the row is money that came in now, recognised or not."""
        return self.reason in ("", SUSPENSE)


def import_statement(books: Books, file_bytes: bytes, name: str, officer: str) -> ReceiptReport:
    """Books the receipts of a camt.053 or camt.054 and sets them against bills; the same file twice changes nothing.

    The region comes from the bill a payer quotes; a receipt nobody can place is held in suspense in the officer's
    region. Raises ``BankFileError`` if the file cannot be read whole, and ``BooksError`` for an unknown officer.
    """
    file_id = hashlib.sha256(file_bytes).hexdigest()
    home, area = _home(books, officer)
    with books.transaction():
        books.execute("SELECT pg_advisory_xact_lock(hashtext(%(f)s))", f=file_id)
        if not books.value("SELECT EXISTS (SELECT FROM import_file WHERE id = %(f)s)", f=file_id):
            rows = _read(file_bytes, home, area)
            _recognise(books, rows)
            months = _months(books, rows, home)
            _known(books, rows)
            _store(books, rows, file_id, name, officer, months, home)
    return _report(books, file_id)


def _home(books: Books, officer: str) -> tuple[int, int]:
    found = books.rows("SELECT area FROM officer WHERE id = %(o)s", o=officer)
    if not found:
        raise BooksError(f"officer {officer} is not known 无此经办人")
    area = int(found[0][0])
    return area // 10_000_000_000, area // 10_000_000_000 * 10_000_000_000


def _read(file_bytes: bytes, home: int, area: int) -> list[_Row]:
    statement = read_statement(io.BytesIO(file_bytes))
    rows = []
    for number, entry in enumerate(statement.records(), 1):
        bank = entry.servicer_reference or entry.entry_reference or f"{statement.id}:{entry.entry}"
        row = _Row(number, entry, f"{statement.account}:{bank}/{entry.transaction}", _quoted(entry), home, area=area)
        if entry.reversal:
            row.reason = REVERSAL
        elif entry.amount <= 0:
            row.reason = DEBIT
        rows.append(row)
    return rows


def _quoted(entry: BankEntry) -> str:
    """The reference a payer gave: in its own field, or alone in the text of the payment."""
    if entry.creditor_reference:
        return entry.creditor_reference
    found = _REFERENCE.findall(entry.remittance or "")
    return found[0] if len(found) == 1 else (entry.remittance or "")


def _recognise(books: Books, rows: Iterable[_Row]) -> None:
    """Finds the bill each row quotes, and by it the payer."""
    quoted = {row.number: found for row in rows if (found := read_reference(row.reference))}
    keys = sorted(set(quoted.values()))
    bills = {
        (region, number): (area, employer, person)
        for region, number, area, employer, person in books.rows(
            """SELECT b.region, b.number, b.area, b.employer_id, b.person_id FROM bill b
               JOIN unnest(%(r)s::smallint[], %(n)s::bigint[]) AS q (region, number) USING (region, number)""",
            r=[region for region, _ in keys],
            n=[number for _, number in keys],
        )
    }
    for row in rows:
        key = quoted.get(row.number)
        if key in bills:
            row.region, row.bill = key
            row.area, row.employer_id, row.person_id = bills[key]
        elif not row.reason:
            row.reason = SUSPENSE


def _months(books: Books, rows: Iterable[_Row], home: int) -> dict[int, dt.date]:
    """The month each region books its receipts in; while it is found no run of the region may start."""
    months = {}
    for region in sorted({row.region for row in rows if row.booked} | {home}):
        books.share_region(region)
        months[region] = books.booking_month(region, "credit")
    return months


def _known(books: Books, rows: list[_Row]) -> None:
    """Rows that the books have already, from an overlapping statement."""
    found = {
        (region, id_): (amount, date)
        for region, id_, amount, date in books.rows(
            """SELECT x.region, x.id, x.amount, x.value_date FROM receipt x
               WHERE x.id = ANY (%(i)s)""",
            i=[row.id for row in rows],
        )
    }
    by_id = {id_: value for (_, id_), value in found.items()}
    for row in rows:
        if row.booked and row.id in by_id:
            row.reason = KNOWN if by_id[row.id] == (row.entry.amount, _value_date(row.entry)) else CHANGED


def _value_date(entry: BankEntry) -> dt.date:
    return entry.value_date or entry.booking_date


def _store(
    books: Books, rows: list[_Row], file_id: str, name: str, officer: str, months: dict[int, dt.date], home: int
) -> None:
    regions = {row.region for row in rows if row.booked} or {home}
    region = regions.pop() if len(regions) == 1 else home
    accepted = [row for row in rows if not row.reason]
    suspense = [row for row in rows if row.reason == SUSPENSE]
    books.execute(
        """INSERT INTO import_file (id, kind, name, region, area, booked, rows, accepted, adjusted, rejected, officer)
           VALUES (%(id)s, 'bank_statement', %(name)s, %(r)s, %(a)s, %(b)s, %(n)s, %(ok)s, %(held)s, %(no)s, %(o)s)""",
        id=file_id,
        name=name,
        r=region,
        a=region * 10_000_000_000,
        b=months[region],
        n=len(rows),
        ok=len(accepted),
        held=len(suspense),
        no=len(rows) - len(accepted) - len(suspense),
        o=officer,
    )
    _store_receipts(books, [*accepted, *suspense], file_id, months)
    _store_rest(books, [row for row in rows if row.reason], file_id)
    for region in sorted({row.region for row in rows if row.booked}):
        _book(books, region, months[region], [row for row in rows if row.booked and row.region == region], file_id)


def _store_receipts(books: Books, rows: list[_Row], file_id: str, months: dict[int, dt.date]) -> None:
    if not rows:
        return
    books.copy_in(
        "receipt",
        pa.table(
            {
                "region": pa.array([row.region for row in rows], pa.int16()),
                "id": [row.id for row in rows],
                "area": pa.array([row.area for row in rows], pa.int64()),
                "booked": pa.array([months[row.region] for row in rows], pa.date32()),
                "value_date": pa.array([_value_date(row.entry) for row in rows], pa.date32()),
                "amount": pa.array([row.entry.amount for row in rows], pa.int64()),
                "reference": [row.reference for row in rows],
                "employer_id": pa.array([row.employer_id for row in rows], pa.int64()),
                "person_id": pa.array([row.person_id for row in rows], pa.int64()),
                "file_id": [file_id] * len(rows),
            }
        ),
    )


def _store_rest(books: Books, rows: list[_Row], file_id: str) -> None:
    if not rows:
        return
    books.copy_in(
        "import_row",
        pa.table(
            {
                "file_id": [file_id] * len(rows),
                "row_number": pa.array([row.number for row in rows], pa.int32()),
                "region": pa.array([row.region for row in rows], pa.int16()),
                "area": pa.array([row.area for row in rows], pa.int64()),
                "outcome": ["adjusted" if row.reason == SUSPENSE else "rejected" for row in rows],
                "reason": [row.reason for row in rows],
                "detail": [row.id for row in rows],
                "raw": [_raw(row) for row in rows],
            }
        ),
    )


def _raw(row: _Row) -> str:
    entry = row.entry
    told = {
        "amount_fen": entry.amount,
        "reference": row.reference,
        "debtor": entry.debtor_name,
        "debtor_account": entry.debtor_account,
        "value_date": str(_value_date(entry)),
    }
    return json.dumps(told, ensure_ascii=False)


def _book(books: Books, region: int, month: dt.date, rows: list[_Row], file_id: str) -> None:
    known = sum(row.entry.amount for row in rows if not row.reason)
    unknown = sum(row.entry.amount for row in rows if row.reason)
    postings = [
        Posting("collection", "bank_income", known + unknown),
        Posting("collection", "prepayments", -known),
        Posting("collection", "unidentified_receipts", -unknown),
    ]
    text = f"缴费到账 receipts of statement {file_id[:12]}"
    # Other statements of the region may be booked at this moment: the numbers of its entries have no gap.
    books.execute("SELECT pg_advisory_xact_lock(hashtext('journal'), %(r)s)", r=region)
    post(books, region, month, [Entry(f"{region:02d}:receipts:{file_id}", "receipts", text, postings)])
    recognised = [row for row in rows if not row.reason]
    payers = [row.employer_id if row.employer_id is not None else -(row.person_id or 0) for row in recognised]
    allocate(books, region, month, payers=payers, quoted=[row.bill for row in recognised if row.bill is not None])


def _report(books: Books, file_id: str) -> ReceiptReport:
    rows, accepted, suspense, rejected = books.one(
        "SELECT rows, accepted, adjusted, rejected FROM import_file WHERE id = %(f)s", f=file_id
    )
    known, held = books.one(
        """SELECT coalesce(sum(amount) FILTER (WHERE num_nonnulls(employer_id, person_id) = 1), 0)::bigint,
                  coalesce(sum(amount) FILTER (WHERE num_nonnulls(employer_id, person_id) = 0), 0)::bigint
           FROM receipt WHERE file_id = %(f)s""",
        f=file_id,
    )
    reasons = books.rows(
        "SELECT reason, count(*) FROM import_row WHERE file_id = %(f)s GROUP BY reason ORDER BY reason", f=file_id
    )
    return ReceiptReport(file_id, rows, accepted, known, suspense, held, rejected, dict(reasons))
