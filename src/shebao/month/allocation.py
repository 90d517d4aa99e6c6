"""Money set against bills: what a payer has paid and not used goes to the bills it has not covered.

A payer's money is its receipts and its negative bills, in the order of the days they count from; its bills come
oldest first, those it quoted before all. Both laid end to end, each fen of money meets one fen of a bill. Before that
a negative bill is set against what is still open of its own month: it corrects that, and only the rest is money.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from shebao.books import Books


def allocate(
    books: Books, region: int, booked: dt.date, *, payers: Sequence[int] | None = None, quoted: Sequence[int] = ()
) -> int:
    """Sets unused money of the payers (None: of all) against their open bills; returns how many rows it wrote.

    A payer is its ``employer_id``, or ``-person_id``. ``quoted`` are numbers of bills that come first.
    """
    payers = None if payers is None else sorted(set(payers))
    values = {"r": region, "booked": booked, "payers": payers}
    corrected = books.execute(_CORRECT, **values).rowcount
    return corrected + books.execute(_ALLOCATE, quoted=sorted(set(quoted)), **values).rowcount


def unused(books: Books, region: int, payer: int) -> int:
    """What a payer has paid and no bill took, in fen; negative: its bills are covered with more than it has."""
    return int(books.value(_UNUSED, r=region, p=payer))


_PAYER = "coalesce({0}.employer_id, -{0}.person_id)"

_UNUSED = f"""
    SELECT coalesce(sum(amount), 0)::bigint FROM (
        SELECT amount FROM receipt x WHERE region = %(r)s AND {_PAYER.format("x")} = %(p)s
        UNION ALL
        SELECT x.amount FROM receipt_assignment_now f JOIN receipt x ON x.region = f.region AND x.id = f.receipt
        WHERE f.region = %(r)s AND {_PAYER.format("f")} = %(p)s
        UNION ALL
        SELECT -amount FROM bill b WHERE region = %(r)s AND {_PAYER.format("b")} = %(p)s AND amount < 0
        UNION ALL
        SELECT -a.amount FROM allocation a JOIN bill b USING (region, number)
        WHERE a.region = %(r)s AND {_PAYER.format("b")} = %(p)s AND b.amount > 0) AS money"""

_INSERT = """
    INSERT INTO allocation (region, number, version, area, booked, value_date, amount)
    SELECT %(r)s, number, rows + row_number() OVER (PARTITION BY number ORDER BY value_date) - 1, area, %(booked)s,
           value_date, amount
    FROM met"""

# Who has bills that are not settled, and all bills of theirs with what covers them.
_BILLED = f"""
    WITH payer AS (
        SELECT DISTINCT {_PAYER.format("b")} AS id FROM bill b
        LEFT JOIN bill_settlement s ON s.region = b.region AND s.number = b.number
        WHERE b.region = %(r)s AND s.number IS NULL
          AND (%(payers)s::bigint[] IS NULL OR {_PAYER.format("b")} = ANY (%(payers)s::bigint[]))),
    billed AS (
        SELECT b.number, b.area, b.month, b.amount, b.due_on, {_PAYER.format("b")} AS payer,
               b.kind = 'late_fee' AS fee, coalesce(a.amount, 0)::bigint AS covered, coalesce(a.rows, 0) AS rows
        FROM bill b LEFT JOIN (SELECT number, sum(amount) AS amount, max(version) + 1 AS rows FROM allocation
                               WHERE region = %(r)s GROUP BY number) a ON a.number = b.number
        WHERE b.region = %(r)s AND {_PAYER.format("b")} IN (SELECT id FROM payer))"""

# New negative bills are those nothing is set against yet; the statement that follows takes the whole of them.
_CORRECT = f"""{_BILLED},
    money AS (
        SELECT payer, month, fee, due_on, -sum(amount) OVER w + amount AS since, -sum(amount) OVER w AS until
        FROM billed WHERE amount < covered WINDOW w AS (PARTITION BY payer, month, fee ORDER BY number)),
    open AS (
        SELECT b.number, b.area, b.payer, b.month, b.fee, b.rows, sum(b.amount - b.covered) OVER w AS until,
               sum(b.amount - b.covered) OVER w - (b.amount - b.covered) AS since
        FROM billed b WHERE b.amount > b.covered WINDOW w AS (PARTITION BY b.payer, b.month, b.fee ORDER BY b.number)),
    met AS (
        SELECT o.number, o.area, o.rows, m.due_on AS value_date,
               sum(least(o.until, m.until) - greatest(o.since, m.since))::bigint AS amount
        FROM open o JOIN money m ON m.payer = o.payer AND m.month = o.month AND m.fee = o.fee
            AND m.since < o.until AND o.since < m.until
        GROUP BY o.number, o.area, o.rows, m.due_on)
    {_INSERT}"""

_ALLOCATE = f"""{_BILLED},
    source AS (
        SELECT {_PAYER.format("x")} AS payer, x.value_date, x.id, x.amount FROM receipt x
        WHERE x.region = %(r)s AND {_PAYER.format("x")} IN (SELECT id FROM payer)
        UNION ALL
        SELECT {_PAYER.format("f")}, x.value_date, x.id, x.amount
        FROM receipt_assignment_now f JOIN receipt x ON x.region = f.region AND x.id = f.receipt
        WHERE f.region = %(r)s AND {_PAYER.format("f")} IN (SELECT id FROM payer)
        UNION ALL
        SELECT payer, due_on, lpad(number::text, 12, '0'), -amount FROM billed WHERE amount < 0),
    money AS (
        SELECT payer, value_date, sum(amount) OVER w - amount AS since, sum(amount) OVER w AS until
        FROM source WINDOW w AS (PARTITION BY payer ORDER BY value_date, id)),
    used AS (SELECT payer, sum(covered) AS amount FROM billed WHERE amount > 0 GROUP BY payer),
    open AS (
        SELECT b.number, b.area, b.payer, b.rows, u.amount + sum(b.amount - b.covered) OVER w AS until,
               u.amount + sum(b.amount - b.covered) OVER w - (b.amount - b.covered) AS since
        FROM billed b JOIN used u ON u.payer = b.payer WHERE b.amount > b.covered
        WINDOW w AS (PARTITION BY b.payer ORDER BY b.number = ANY (%(quoted)s::bigint[]) DESC, b.due_on, b.number)),
    met AS (
        SELECT o.number, o.area, o.rows, m.value_date,
               sum(least(o.until, m.until) - greatest(o.since, m.since))::bigint AS amount
        FROM open o JOIN money m ON m.payer = o.payer AND m.since < o.until AND o.since < m.until
        GROUP BY o.number, o.area, o.rows, m.value_date
        UNION ALL
        SELECT number, area, rows, due_on, amount - covered FROM billed WHERE amount < covered)
    {_INSERT}"""
