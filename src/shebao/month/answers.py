"""What the bank answers about payments: status reports, debits and returns, each line found by the key it carries.

Every row of a file ends as accepted, adjusted (it says what is booked already) or rejected with a reason. A batch is
settled whole: the debit must be what was sent less what was rejected.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from shebao.bank import read_statement, read_status
from shebao.bank.messages import BankFileError
from shebao.bank.pain002 import FAILED
from shebao.books import Books, BooksError
from shebao.books.ledger import Entry, Posting, post
from shebao.month.orders import LETTERS
from shebao.month.receipts import ReceiptReport, import_statement

UNKNOWN = "no payment has this key 无此笔付款"
AMOUNT = "the amount is not the payment's 金额与付款不符"
NOT_SENT = "its batch was not sent 该批次未发送"
NOT_OURS = "the line is of another batch 不属于该批次"
KNOWN = "booked already 已入账"
NO_RETURN = "a credit that names no payment of ours 无对应付款的入账"
DIFFERENT = "the batch's debits are not what was sent less what was rejected 批次扣款与应付不符"


@dataclass(frozen=True)
class AnswerReport:
    """What became of a bank's answer: rows by outcome, why rows were not accepted, fen rejected, returned, settled."""

    file_id: str
    rows: int
    accepted: int
    adjusted: int
    rejected: int
    fen: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)


def import_bank_file(books: Books, data: bytes, name: str, officer: str) -> ReceiptReport | AnswerReport:
    """Imports a bank's message, whichever it is: a status report, or a statement of an income or expenditure account.

    An account recorded as a fund's expenditure account has its statements read as answers to payments, all others as
    receipts. Raises ``BankFileError`` or ``BooksError`` where nothing of the file may enter.
    """
    if b"pain.002.001" in data[:4096]:
        return import_status(books, data, name, officer)
    account = read_statement(io.BytesIO(data)).account
    if books.rows("SELECT 1 FROM fund_account WHERE number = %(a)s AND kind = 'expenditure' LIMIT 1", a=account):
        return import_debits(books, data, name, officer)
    return import_statement(books, data, name, officer)


def import_status(books: Books, data: bytes, name: str, officer: str) -> AnswerReport:
    """Books a pain.002: rejected lines can be paid anew; the same file twice changes nothing.

    ``BooksError`` if the payment file it answers is not ours or was not sent.
    """
    report = read_status(io.BytesIO(data))
    found = books.rows(
        """SELECT b.region, b.number, EXISTS (SELECT FROM batch_event e WHERE e.region = b.region
            AND e.number = b.number AND e.event = 'sent')
           FROM payment_batch b WHERE b.message_id = %(m)s""",
        m=report.original_message_id,
    )
    if not found or not found[0][2]:
        raise BooksError(f"no payment file {report.original_message_id} was sent 未发送过该付款文件")
    region, number, _ = found[0]
    answers = report.transactions
    whole = {report.group_status, report.payment_status} & FAILED and not answers.num_rows
    told = {"key": answers["end_to_end_id"], "status": answers["status"], "reason": _why(answers)}
    with books.transaction():
        file = _begin(books, data, name, "bank_status", region, officer)
        if file.known:
            return _report(books, file.id)
        if whole:
            told = _all_of(books, region, number, report.group_reason or report.group_status or "", report.group_text)
        _stage(books, told)
        _find(books, region)
        books.execute(
            """UPDATE answer SET outcome = 'rejected', why = %(w)s WHERE outcome = 'accepted' AND batch <> %(n)s""",
            w=NOT_OURS,
            n=number,
        )
        books.execute("UPDATE answer SET kind = 'rejected' WHERE status = ANY (%(f)s)", f=sorted(FAILED))
        _mark_known(books)
        _store(books, file)
        fen = _give_back(books, file, "rejected")
        _batch_event(books, file, [number] if not whole else [], "accepted")
    return _report(books, file.id, fen)


def import_debits(books: Books, data: bytes, name: str, officer: str) -> AnswerReport:
    """Books a camt.053 or camt.054 of an expenditure account: batches debited, and lines that came back.

    The same file twice changes nothing. ``BooksError`` if a batch is debited otherwise than the books expect and its
    status report has not come yet: import that first.
    """
    statement = read_statement(io.BytesIO(data))
    entries = statement.entries
    regions = books.rows(
        "SELECT DISTINCT region FROM fund_account WHERE number = %(a)s AND kind = 'expenditure'", a=statement.account
    )
    if len(regions) != 1:
        raise BooksError(f"{statement.account} is no expenditure account of one region 不是单一地区的支出户")
    told = {
        "key": pc.coalesce(entries["end_to_end_id"], ""),
        "message_id": entries["message_id"],
        "fen": entries["amount"],
        "reason": _words(entries["return_reason"], entries["return_text"]),
    }
    with books.transaction():
        file = _begin(books, data, name, "bank_statement", regions[0][0], officer)
        if file.known:
            return _report(books, file.id)
        _stage(books, told)
        _find(books, file.region)
        books.execute("UPDATE answer SET kind = 'returned' WHERE fen > 0")
        books.execute(
            "UPDATE answer SET outcome = 'rejected', why = %(w)s WHERE fen > 0 AND why = %(u)s", w=NO_RETURN, u=UNKNOWN
        )
        books.execute(
            "UPDATE answer SET outcome = 'rejected', why = %(w)s WHERE outcome = 'accepted' AND abs(fen) <> amount",
            w=AMOUNT,
        )
        _mark_known(books)
        settled = _settle(books, file)
        _store(books, file)
        fen = _give_back(books, file, "returned")
    return _report(books, file.id, {**fen, "settled_fen": settled})


# ---- reading into a table --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _File:
    id: str
    name: str
    kind: str
    region: int
    booked: dt.date
    officer: str
    known: bool


def _begin(books: Books, data: bytes, name: str, kind: str, region: int, officer: str) -> _File:
    """Waits for others who write the journal of the region; the month is the first that is not closed."""
    file_id = hashlib.sha256(data).hexdigest()
    if not books.rows("SELECT 1 FROM officer WHERE id = %(o)s", o=officer):
        raise BooksError(f"officer {officer} is not known 无此经办人")
    books.share_region(region)
    books.execute("SELECT pg_advisory_xact_lock(hashtext('journal'), %(r)s)", r=region)
    known = bool(books.value("SELECT EXISTS (SELECT FROM import_file WHERE id = %(f)s)", f=file_id))
    return _File(file_id, name, kind, region, books.booking_month(region, "close"), officer, known)


def _stage(books: Books, told: dict[str, Any]) -> None:
    """The rows as a temporary table; what a message does not tell is null."""
    books.execute(
        """DROP TABLE IF EXISTS answer;
           CREATE TEMPORARY TABLE answer (
               row_number integer PRIMARY KEY, key text NOT NULL, status text, message_id text, fen bigint, reason text,
               month date, person_id bigint, benefit benefit, version smallint, attempt smallint,
               batch bigint, scheme scheme, area bigint, amount bigint,
               kind return_kind, outcome outcome NOT NULL DEFAULT 'accepted', why text) ON COMMIT DROP"""
    )
    count = len(told["key"])
    books.copy_in("answer", pa.table({"row_number": pa.array(range(1, count + 1), pa.int32()), **told}))


# A key is month, person, benefit, version, attempt: 202503-000012345678-EP-00-1.
_KEY = "^([0-9]{4}(0[1-9]|1[0-2]))-([0-9]{12})-([A-Z]{2})-([0-9]{2,4})-([0-9]{1,4})$"


def _find(books: Books, region: int) -> None:
    """Finds the line of each row by its key; rows without one of ours are rejected."""
    letters, benefits = list(LETTERS), list(LETTERS.values())
    books.execute(
        """UPDATE answer a SET month = to_date(k[1], 'YYYYMM'), person_id = k[3]::bigint, benefit = l.benefit::benefit,
                  version = k[5]::smallint, attempt = k[6]::smallint
           FROM (SELECT row_number, regexp_match(key, %(key)s) AS k FROM answer) AS x,
                unnest(%(letters)s::text[], %(benefits)s::text[]) AS l (letters, benefit)
           WHERE x.row_number = a.row_number AND l.letters = k[4]""",
        key=_KEY,
        letters=letters,
        benefits=benefits,
    )
    books.execute("ANALYZE answer")
    months = [row[0] for row in books.rows("SELECT DISTINCT month FROM answer WHERE month IS NOT NULL")]
    books.execute(
        """UPDATE answer a SET batch = l.batch, scheme = l.scheme, area = l.area, amount = l.amount
           FROM (SELECT p.month, p.person_id, p.benefit, p.version, 1 AS attempt, p.batch, p.scheme, p.area,
               p.amount - p.withheld AS amount
                 FROM payment p WHERE p.month = ANY (%(months)s) AND p.region = %(r)s AND p.batch IS NOT NULL
                 UNION ALL
                 SELECT t.month, t.person_id, t.benefit, t.version, t.attempt, t.batch, p.scheme, t.area, t.amount
                 FROM payment_retry t JOIN payment p USING (month, person_id, benefit, version)
                 WHERE t.month = ANY (%(months)s) AND t.region = %(r)s AND t.batch IS NOT NULL) AS l
           WHERE l.month = a.month AND l.person_id = a.person_id AND l.benefit = a.benefit AND l.version = a.version
             AND l.attempt = a.attempt""",
        r=region,
        months=months,
    )
    # A debit in one sum names only our file.
    books.execute(
        """UPDATE answer a SET batch = b.number, scheme = b.scheme, area = b.area, amount = abs(a.fen)
           FROM payment_batch b WHERE a.key = '' AND a.fen < 0 AND b.message_id = a.message_id AND b.region = %(r)s""",
        r=region,
    )
    books.execute("UPDATE answer SET outcome = 'rejected', why = %(w)s WHERE batch IS NULL", w=UNKNOWN)
    books.execute(
        """UPDATE answer SET outcome = 'rejected', why = %(w)s
           WHERE batch IS NOT NULL AND batch NOT IN (SELECT number FROM batch_event WHERE region = %(r)s
               AND event = 'sent')""",
        r=region,
        w=NOT_SENT,
    )


def _all_of(books: Books, region: int, number: int, reason: str, text: str | None) -> dict[str, Any]:
    """Every line of a batch, rejected: a bank that refuses a file need not name them."""
    lines = books.copy_out(
        """SELECT to_char(month, 'YYYYMM') || '-' || lpad(person_id::text, 12, '0') || '-' || l.letters || '-' ||
                  lpad(version::text, 2, '0') || '-' || attempt AS key
           FROM (SELECT month, person_id, benefit, version, 1 AS attempt FROM payment WHERE region = %(r)s
               AND batch = %(n)s
                 UNION ALL
                 SELECT month, person_id, benefit, version, attempt FROM payment_retry WHERE region = %(r)s
                     AND batch = %(n)s) AS p
           JOIN unnest(%(letters)s::text[], %(benefits)s::text[]) AS l (letters, benefit) ON l.benefit = p.benefit::text
           ORDER BY key""",
        r=region,
        n=number,
        letters=list(LETTERS),
        benefits=list(LETTERS.values()),
    )
    why = f"{reason} {text or ''}".strip()
    return {
        "key": lines["key"],
        "status": pa.repeat(pa.scalar("RJCT"), lines.num_rows),
        "reason": pa.repeat(pa.scalar(why), lines.num_rows),
    }


def _why(answers: pa.Table) -> pa.ChunkedArray:
    return pc.if_else(
        pc.equal(_words(answers["reason"], answers["text"]), ""),
        answers["status"],
        _words(answers["reason"], answers["text"]),
    )


def _words(code: pa.ChunkedArray, text: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.utf8_trim_whitespace(pc.binary_join_element_wise(pc.coalesce(code, ""), pc.coalesce(text, ""), " "))


# ---- booking ---------------------------------------------------------------------------------------------------------


def _mark_known(books: Books) -> None:
    """Lines that were given back before, or by an earlier row of the file, are not given back again."""
    books.execute(
        """UPDATE answer a SET outcome = 'adjusted', why = %(w)s
           FROM payment_return x
           WHERE a.kind IS NOT NULL AND a.outcome = 'accepted' AND x.month = a.month AND x.person_id = a.person_id
             AND x.benefit = a.benefit AND x.version = a.version AND x.attempt = a.attempt""",
        w=KNOWN,
    )
    books.execute(
        """UPDATE answer a SET outcome = 'adjusted', why = %(w)s
           FROM (SELECT row_number, row_number() OVER (PARTITION BY key, kind ORDER BY row_number) AS nth FROM answer
                 WHERE kind IS NOT NULL AND outcome = 'accepted') AS n
           WHERE n.row_number = a.row_number AND n.nth > 1""",
        w=KNOWN,
    )


def _give_back(books: Books, file: _File, kind: str) -> dict[str, int]:
    """Lines rejected or returned: the money is held for them until they are paid anew."""
    books.execute(
        """INSERT INTO payment_return (month, person_id, benefit, version, attempt, region, area, booked, kind,
            amount, reason, file_id)
           SELECT month, person_id, benefit, version, attempt, %(r)s, area, %(m)s, kind, amount,
               coalesce(nullif(reason, ''), '-'), %(f)s
           FROM answer WHERE kind IS NOT NULL AND outcome = 'accepted' ORDER BY month, person_id, benefit, version,
               attempt""",
        r=file.region,
        m=file.booked,
        f=file.id,
    )
    sums = books.rows(
        """SELECT scheme::text, sum(amount)::bigint FROM answer WHERE kind IS NOT NULL AND outcome = 'accepted'
           GROUP BY scheme ORDER BY scheme"""
    )
    post(books, file.region, file.booked, [_returned(file, kind, scheme, fen) for scheme, fen in sums])
    return {f"{kind}_fen": sum(fen for _, fen in sums)}


def _returned(file: _File, kind: str, scheme: str, fen: int) -> Entry:
    if kind == "rejected":  # the money never left: the expenditure account hands it back
        postings = [
            ("benefits_payable", fen),
            ("returned_payments", -fen),
            ("bank_fiscal", fen),
            ("bank_expenditure", -fen),
        ]
        text = f"银行拒付 rejected by the bank, file {file.id[:12]}"
    else:
        postings = [("bank_expenditure", fen), ("returned_payments", -fen)]
        text = f"银行退回 returned by the bank, file {file.id[:12]}"
    return Entry(
        f"{file.region:02d}:{kind}:{file.id}:{scheme}", "answers", text, [Posting(scheme, *line) for line in postings]
    )


def _settle(books: Books, file: _File) -> int:
    """Batches debited by the statement: settled if the sum is what they should be; returns the fen."""
    books.execute(
        """UPDATE answer SET outcome = 'adjusted', why = %(w)s
           WHERE fen < 0 AND outcome = 'accepted' AND batch IN (
               SELECT number FROM batch_event WHERE region = %(r)s AND event = 'settled')""",
        r=file.region,
        w=KNOWN,
    )
    found = books.rows(
        """SELECT b.number, b.message_id, b.scheme::text, -d.fen AS debited, b.amount - coalesce(x.fen, 0) AS expected,
                  EXISTS (SELECT FROM batch_event e WHERE e.region = b.region AND e.number = b.number
                      AND e.event = 'accepted')
           FROM (SELECT batch, sum(fen)::bigint AS fen FROM answer WHERE fen < 0 AND outcome = 'accepted'
               GROUP BY batch) d
           JOIN payment_batch b ON b.region = %(r)s AND b.number = d.batch
           LEFT JOIN (SELECT coalesce(t.batch, p.batch) AS batch, sum(x.amount)::bigint AS fen
                      FROM payment_return x JOIN payment p USING (month, person_id, benefit, version)
                           LEFT JOIN payment_retry t USING (month, person_id, benefit, version, attempt)
                      WHERE x.region = %(r)s AND x.kind = 'rejected' GROUP BY 1) x ON x.batch = b.number
           ORDER BY b.number""",
        r=file.region,
    )
    early = [row for row in found if row[3] != row[4] and not row[5]]
    if early:
        _, message, _, debited, expected, _ = early[0]
        raise BooksError(
            f"{message}: {debited} fen debited, {expected} expected; import the bank's status report (pain.002) first "
            "扣款与批次不符，请先导入银行状态报告"
        )
    wrong = [row[0] for row in found if row[3] != row[4]]
    books.execute(
        """UPDATE answer SET outcome = 'rejected', why = %(w)s WHERE fen < 0 AND outcome = 'accepted'
            AND batch = ANY (%(b)s)""",
        w=DIFFERENT,
        b=wrong,
    )
    good = [row for row in found if row[3] == row[4]]
    _batch_event(books, file, [row[0] for row in good], "settled")
    post(books, file.region, file.booked, [_settled(row[1], row[2], row[3]) for row in good])
    return sum(row[3] for row in good)


def _settled(message: str, scheme: str, fen: int) -> Entry:
    lines = [Posting(scheme, "benefits_payable", fen), Posting(scheme, "bank_expenditure", -fen)]
    return Entry(f"settled {message}", "answers", f"{message} 银行已支付 paid by the bank", lines)


def _batch_event(books: Books, file: _File, numbers: Sequence[int], event: str) -> None:
    books.execute(
        """INSERT INTO batch_event (region, number, event, area, officer, booked, detail)
           SELECT %(r)s, n, %(e)s, %(r)s * 10000000000::bigint, %(o)s, %(m)s, %(f)s FROM unnest(%(n)s::bigint[]) AS n
           ON CONFLICT DO NOTHING""",
        r=file.region,
        n=list(numbers),
        e=event,
        o=file.officer,
        m=file.booked,
        f=file.id,
    )


def _store(books: Books, file: _File) -> None:
    """The file and the rows that were not accepted."""
    places = {"id": file.id, "r": file.region, "a": file.region * 10_000_000_000}
    books.execute(
        """INSERT INTO import_file (id, kind, name, region, area, booked, rows, accepted, adjusted, rejected, officer)
           SELECT %(id)s, %(kind)s, %(name)s, %(r)s, %(a)s, %(m)s, count(*), count(*)
               FILTER (WHERE outcome = 'accepted'),
                  count(*) FILTER (WHERE outcome = 'adjusted'), count(*) FILTER (WHERE outcome = 'rejected'), %(o)s
           FROM answer""",
        **places,
        kind=file.kind,
        name=file.name,
        m=file.booked,
        o=file.officer,
    )
    books.execute(
        """INSERT INTO import_row (file_id, row_number, region, area, outcome, reason, detail, raw)
           SELECT %(id)s, row_number, %(r)s, %(a)s, outcome, why, key,
                  jsonb_strip_nulls(jsonb_build_object(
                      'key', key, 'status', status, 'message', message_id, 'fen', fen, 'reason', reason))
           FROM answer WHERE outcome <> 'accepted'""",
        **places,
    )


def _report(books: Books, file_id: str, fen: dict[str, int] | None = None) -> AnswerReport:
    rows, accepted, adjusted, rejected = books.one(
        "SELECT rows, accepted, adjusted, rejected FROM import_file WHERE id = %(f)s", f=file_id
    )
    reasons = books.rows(
        "SELECT reason, count(*) FROM import_row WHERE file_id = %(f)s GROUP BY reason ORDER BY reason", f=file_id
    )
    return AnswerReport(file_id, rows, accepted, adjusted, rejected, fen or {}, dict(reasons))


__all__ = ["AnswerReport", "BankFileError", "import_bank_file", "import_debits", "import_status"]
