"""Payment orders: batches proposed by the pay step, approved by a second officer, written for the bank.

A batch is one scheme's lines of a month. Its file is made from the books alone, so it can be written again, and is then
the same bytes; the books remember their SHA-256.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from shebao.bank import Batch, Written, write_transfers
from shebao.bank.pain001 import PENSION, SOCIAL_SECURITY_BENEFIT
from shebao.batch.fresh import fresh_file
from shebao.books import Books, BooksError
from shebao.books.ledger import Entry, Posting, post
from shebao.month.alone import alone
from shebao.month.columns import parts
from shebao.month.context import Context
from shebao.month.retry import OPEN, Retried

#: The day of the month on which payments are proposed to be executed; who approves them may name another day.
PAY_DAY = 15

#: Benefit: its two letters in the end-to-end id, the bank's purpose code, and the words the payee reads.
BENEFITS = {
    "employee_pension": ("EP", PENSION, "职工基本养老金"),
    "resident_pension": ("RP", PENSION, "城乡居民养老金"),
    "funeral_grant": ("FG", SOCIAL_SECURITY_BENEFIT, "丧葬补助金"),
    "survivor_grant": ("SG", SOCIAL_SECURITY_BENEFIT, "遗属抚恤金"),
    "account_inheritance": ("AI", SOCIAL_SECURITY_BENEFIT, "个人账户继承额"),
    "account_refund": ("AR", SOCIAL_SECURITY_BENEFIT, "个人账户一次性支付"),
    "contribution_refund": ("CR", SOCIAL_SECURITY_BENEFIT, "社会保险费退费"),
    "resident_account_inheritance": ("RI", SOCIAL_SECURITY_BENEFIT, "居民个人账户继承额"),
    "resident_account_refund": ("RR", SOCIAL_SECURITY_BENEFIT, "居民个人账户退还"),
}
LETTERS = {letters: benefit for benefit, (letters, _, _) in BENEFITS.items()}


# ---- proposing -----------------------------------------------------------------------------------------------------


def propose(context: Context, lines: pa.Table, again: Retried) -> tuple[pa.Table, int]:
    """Puts lines with something to pay and an account into one new batch per scheme; returns them and how many batches.

    Lines get the column ``batch``; those that go to no bank lose their account.
    """
    payable = pc.greater(lines["amount"], lines["withheld"])
    sent = pc.and_(payable, pc.is_valid(lines["bank_account_id"]))
    retried = pc.is_valid(again.lines["bank_account_id"])
    totals = _totals(lines.filter(sent), again.lines.filter(retried))
    last = context.books.value(
        "SELECT coalesce(max(number), 0) FROM payment_batch WHERE region = %(r)s", r=context.region
    )
    numbers = {scheme: last + i for i, scheme in enumerate(sorted(totals), 1)}
    if numbers:
        context.books.copy_in("payment_batch", _batches(context, numbers, totals))
    lines = lines.append_column("batch", _numbered(lines["scheme"], sent, numbers))
    accounts = pc.if_else(sent, lines["bank_account_id"], pa.scalar(None, pa.int64()))
    lines = lines.set_column(lines.schema.get_field_index("bank_account_id"), "bank_account_id", accounts)
    again.lines = again.lines.append_column("batch", _numbered(again.lines["scheme"], retried, numbers))
    return lines, len(numbers)


def _totals(lines: pa.Table, again: pa.Table) -> dict[str, tuple[int, int]]:
    """Lines and fen to pay by scheme."""
    net = pa.table({"scheme": lines["scheme"], "fen": pc.subtract(lines["amount"], lines["withheld"])})
    both = pa.concat_tables([net, pa.table({"scheme": again["scheme"], "fen": again["amount"]})])
    found = both.group_by("scheme").aggregate([("fen", "count"), ("fen", "sum")])
    return {row["scheme"]: (row["fen_count"], row["fen_sum"]) for row in found.to_pylist()}


def _batches(context: Context, numbers: dict[str, int], totals: dict[str, tuple[int, int]]) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "region": context.region,
                "number": number,
                "area": context.area,
                "booked": context.month,
                "scheme": scheme,
                "message_id": f"SB{context.region:02d}-{context.month:%Y%m}-{number:06d}",
                "executes_on": context.month.replace(day=PAY_DAY),
                "lines": totals[scheme][0],
                "amount": totals[scheme][1],
                "proposed_by": context.officer,
            }
            for scheme, number in numbers.items()
        ]
    )


def _numbered(schemes: pa.ChunkedArray, which: pa.ChunkedArray, numbers: dict[str, int]) -> pa.ChunkedArray:
    places = pc.index_in(schemes, pa.array(list(numbers), pa.string()))
    found = pc.take(pa.array(list(numbers.values()), pa.int64()), places)
    return pc.if_else(which, found, pa.scalar(None, pa.int64()))


# ---- approving and sending -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Order:
    """A batch and where it stands.

    ``executes_on`` is the day named with the approval, else the one proposed.
    """

    number: int
    month: dt.date
    scheme: str
    message_id: str
    executes_on: dt.date
    lines: int
    amount: int
    proposed_by: str
    events: dict[str, str]  # event: who, and behind a blank the day named or, of a file sent, its SHA-256

    @property
    def file_name(self) -> str:
        return f"{self.message_id}.xml"


def orders(books: Books, region: int, month: dt.date) -> list[Order]:
    """The batches of a month, in order."""
    found = books.rows(
        """SELECT b.number, b.booked, b.scheme::text, b.message_id,
                  coalesce(nullif(max(e.detail) FILTER (WHERE e.event = 'approved'), '')::date, b.executes_on),
                  b.lines, b.amount, b.proposed_by,
                  coalesce(jsonb_object_agg(e.event, trim(e.officer || ' ' || e.detail)) FILTER (WHERE e.event
                      IS NOT NULL), '{}')
           FROM payment_batch b LEFT JOIN batch_event e USING (region, number)
           WHERE b.region = %(r)s AND b.booked = %(m)s GROUP BY b.region, b.number ORDER BY b.number""",
        r=region,
        m=month,
    )
    return [Order(*row) for row in found]


def approve(
    books: Books, region: int, month: dt.date, officer: str, out: Path, execute_on: dt.date | None = None
) -> list[tuple[Path, Written]]:
    """Approves the month's open batches as a second officer and writes their files into ``out``, made if missing.

    ``execute_on`` is the day on which the bank executes them, from the month's first day to a year later; without it
    the day proposed. It is kept with the approval, so that a file is the same whenever it is written. A file already
    written is left as it is; one that is missing is written again. ``BooksError`` if the officer may not, if another
    day was approved, if totals and ledger disagree, if the fund's own account is unknown, or if there is nothing to
    approve.
    """
    if execute_on and not month <= execute_on < month.replace(year=month.year + 1):
        raise BooksError(f"{execute_on} is no day to pay {month:%Y-%m}: a day of it or of the year after 付款日期有误")
    with alone(books, region):
        waiting = [order for order in orders(books, region, month) if "refused" not in order.events]
        if not waiting:
            raise BooksError(f"{month:%Y-%m} of region {region} has no batch to approve 没有待复核的支付批次")
        out.mkdir(parents=True, exist_ok=True)
        return [_send(books, region, month, _on(order, execute_on), officer, out) for order in waiting]


def _on(order: Order, day: dt.date | None) -> Order:
    """The batch executed on a day, where one is named; ``BooksError`` if it is approved for another."""
    if day and "approved" in order.events and day != order.executes_on:
        raise BooksError(
            f"{order.message_id} is approved for {order.executes_on}, not {day} 已按另一日期复核，不能改期"
        )
    return replace(order, executes_on=day or order.executes_on)


def refuse(books: Books, region: int, month: dt.date, officer: str, reason: str) -> int:
    """Refuses the month's batches not yet approved; the next pay step pays their lines. Returns how many."""
    if not reason.strip():
        raise BooksError("a batch is refused for a reason 退回须说明理由")
    with alone(books, region), books.transaction():
        waiting = [order for order in orders(books, region, month) if not order.events]
        if not waiting:
            raise BooksError(f"{month:%Y-%m} of region {region} has no batch to refuse 没有可退回的支付批次")
        for order in waiting:
            _event(books, region, month, order, "refused", officer, reason)
    return len(waiting)


def _send(books: Books, region: int, month: dt.date, order: Order, officer: str, out: Path) -> tuple[Path, Written]:
    place = out / order.file_name
    left = _sha256(place) if place.exists() else None
    known = order.events["sent"].rpartition(" ")[2] if "sent" in order.events else None
    if left and left == known:
        return place, Written(order.lines, order.amount, place.stat().st_size, left)
    # The file appears when the books have it: one that nobody knows of could be paid.
    with fresh_file(place, overwrite=True) as part, books.transaction():
        if "approved" not in order.events:
            _event(books, region, month, order, "approved", officer, order.executes_on.isoformat())
        with part.open("wb") as stream:
            written = write_order(books, region, order, stream)
        for other in filter(None, (left, known)):
            if other != written.sha256:
                raise _other_file(order, place)
        if not known:
            _agrees(books, region, order)
            _event(books, region, month, order, "sent", officer, written.sha256)
            post(books, region, month, [_funding(order)])
    return place, written


def _sha256(place: Path) -> str:
    with place.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _other_file(order: Order, place: Path) -> BooksError:
    return BooksError(
        f"{place}: not the file of batch {order.message_id} that the books know; one made before a restore may be at "
        "the bank already: ask there, then name another folder 与账内批次的付款文件不符，可能为恢复前所生成："
        "请先向银行核实，再指定其他目录"
    )


def _event(books: Books, region: int, month: dt.date, order: Order, event: str, officer: str, detail: str) -> None:
    import psycopg

    try:
        books.execute(
            """INSERT INTO batch_event (region, number, event, area, officer, booked, detail)
               VALUES (%(r)s, %(n)s, %(e)s, %(r)s * 10000000000::bigint, %(o)s, %(m)s, %(d)s)""",
            r=region,
            n=order.number,
            e=event,
            o=officer,
            m=month,
            d=detail,
        )
    except psycopg.errors.CheckViolation as error:
        raise BooksError(f"{error.diag.message_primary} 须由另一名有复核权限的经办人复核") from None


def _funding(order: Order) -> Entry:
    return Entry(
        f"sent {order.message_id}",
        "pay",
        f"{order.message_id} 拨付支出户 funding of the file",
        [
            Posting(order.scheme, "bank_expenditure", order.amount),
            Posting(order.scheme, "bank_fiscal", -order.amount),
        ],
    )


def _agrees(books: Books, region: int, order: Order) -> None:
    """What the ledger holds as payable must be what the open lines of the scheme add up to."""
    ours, theirs = books.one(PAYABLE, r=region, s=order.scheme)
    if ours != theirs:
        raise BooksError(
            f"{order.message_id}: the ledger has {-ours} fen payable, the lines add up to {-theirs} 应付待遇与明细不符"
        )


#: Of a scheme: the balance of ``benefits_payable``, and what its unsettled lines add up to (both negative).
PAYABLE = f"""
    WITH dead AS (
        SELECT number FROM batch_event WHERE region = %(r)s AND event = 'settled'),
    unsettled AS (
        SELECT coalesce(sum(b.amount), 0) AS amount FROM payment_batch b
        WHERE b.region = %(r)s AND b.scheme = %(s)s::scheme AND b.number NOT IN (SELECT number FROM dead)
          AND NOT EXISTS (SELECT FROM batch_event e WHERE e.region = b.region AND e.number = b.number
              AND e.event = 'refused')),
    gone AS (
        SELECT coalesce(sum(x.amount), 0) AS amount
        FROM payment_return x JOIN payment p USING (month, person_id, benefit, version)
             LEFT JOIN payment_retry t USING (month, person_id, benefit, version, attempt)
        WHERE x.region = %(r)s AND x.kind = 'rejected' AND p.scheme = %(s)s::scheme
          AND CASE WHEN x.attempt = 1 THEN p.batch ELSE t.batch END NOT IN (SELECT number FROM dead)),
    waiting AS (
        SELECT coalesce(sum(o.amount), 0) AS amount FROM ({OPEN}) AS o WHERE o.scheme = %(s)s::text
            AND o.held_in = 'benefits_payable')
    SELECT (SELECT coalesce(sum(p.amount), 0)::bigint FROM posting p WHERE p.account = concat_ws('.', %(r)s::text,
        %(s)s::text, 'benefits_payable')),
           -(unsettled.amount - gone.amount + waiting.amount)::bigint
    FROM unsettled, gone, waiting"""


# ---- the file ------------------------------------------------------------------------------------------------------


def write_order(books: Books, region: int, order: Order, stream: io.BufferedWriter) -> Written:
    """Writes the pain.001 of a batch, lines by month and person; the same batch gives the same bytes."""
    payer = fund_account(books, region, order.scheme, "expenditure")
    batch = Batch(
        message_id=order.message_id,
        payment_id=order.message_id,
        created=dt.datetime.combine(order.month, dt.time()),
        execution=order.executes_on,
        count=order.lines,
        fen=order.amount,
        initiator=payer[0],
        debtor=payer[0],
        debtor_account=payer[2],
        debtor_bank_code=payer[1],
        category_purpose=SOCIAL_SECURITY_BENEFIT,
    )
    lines = parts(books, _LINES, by=("month", "block"), r=region, n=order.number)
    return write_transfers(stream, batch, (rows for part in lines for rows in _transfers(part)))


# A block is a stretch of people: what is in memory at once does not grow with the batch.
_LINES = """
    SELECT l.month, l.person_id / 131072 AS block, l.person_id, l.benefit, l.version, l.attempt, l.amount, a.holder,
           a.bank_code, a.number
    FROM (SELECT month, person_id, benefit, version, 1 AS attempt, amount - withheld AS amount, bank_account_id
          FROM payment WHERE region = %(r)s AND batch = %(n)s AND booked = (
               SELECT booked FROM payment_batch WHERE region = %(r)s AND number = %(n)s)
          UNION ALL
          SELECT month, person_id, benefit, version, attempt, amount, bank_account_id
          FROM payment_retry WHERE region = %(r)s AND batch = %(n)s) AS l
    -- Looked up one by one (OFFSET 0): joined as tables, everybody's account would be read.
    CROSS JOIN LATERAL (SELECT holder, bank_code, number FROM bank_account WHERE id = l.bank_account_id OFFSET 0) AS a
    ORDER BY l.month, block, l.person_id, l.benefit, l.version, l.attempt"""


def _transfers(found: pa.Table) -> Iterator[pa.RecordBatch]:
    """The bank's lines of some of the rows."""
    for rows in found.to_batches(1 << 16):
        benefits = pa.array(list(BENEFITS), pa.string())
        which = pc.index_in(rows["benefit"], benefits)
        letters, purposes, words = (pa.array(texts) for texts in zip(*BENEFITS.values(), strict=True))
        months = rows["month"].dictionary_encode()
        spelled = [f"{month:%Y%m}" for month in months.dictionary.to_pylist()]
        said = [f"{month:%Y年%-m月}" for month in months.dictionary.to_pylist()]
        yield pa.record_batch(
            {
                "end_to_end_id": _keys(pc.take(pa.array(spelled), months.indices), rows, pc.take(letters, which)),
                "amount": rows["amount"],
                "name": rows["holder"],
                "bank_code": rows["bank_code"],
                "account": rows["number"],
                "purpose": pc.take(purposes, which),
                "remittance": pc.binary_join_element_wise(
                    pc.take(pa.array(said), months.indices), pc.take(words, which), ""
                ),
            }
        )


def _keys(months: pa.Array, rows: pa.RecordBatch, letters: pa.Array) -> pa.Array:
    """The payment key as the bank carries it: ``202503-000012345678-EP-00-1``."""
    person = pc.utf8_lpad(rows["person_id"].cast(pa.string()), 12, "0")
    version = pc.utf8_lpad(rows["version"].cast(pa.string()), 2, "0")
    return pc.binary_join_element_wise(months, person, letters, version, rows["attempt"].cast(pa.string()), "-")


def fund_account(books: Books, region: int, scheme: str, kind: str) -> tuple[str, str, str]:
    """Holder, bank code and number of a fund's own account; ``BooksError`` if none is recorded."""
    found = books.rows(
        """SELECT holder, bank_code, number FROM fund_account
           WHERE region = %(r)s AND scheme = %(s)s::scheme AND kind = %(k)s ORDER BY version DESC LIMIT 1""",
        r=region,
        s=scheme,
        k=kind,
    )
    if not found:
        raise BooksError(
            f"region {region} has recorded no {kind} account of {scheme} (shebao bank account) 未登记该基金的银行账户"
        )
    return found[0]  # type: ignore[return-value]


def set_fund_account(
    books: Books, region: int, scheme: str, kind: str, holder: str, bank_code: str, number: str
) -> None:
    """Records a fund's own account; the latest counts."""
    books.execute(
        """INSERT INTO fund_account (region, scheme, kind, version, area, holder, bank_code, number)
           SELECT %(r)s, %(s)s::scheme, %(k)s, count(*), %(r)s * 10000000000::bigint, %(h)s, %(b)s, %(n)s
           FROM fund_account WHERE region = %(r)s AND scheme = %(s)s::scheme AND kind = %(k)s""",
        r=region,
        s=scheme,
        k=kind,
        h=holder,
        b=bank_code,
        n=number,
    )
