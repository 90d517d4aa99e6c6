"""Paid too much: receivables, what is withheld towards them by agreed plans, and the agreeing."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shebao.books import Books, BooksError
from shebao.month.context import Context

#: What is still owed of each receivable, and the latest plan for it.
OPEN = """
    SELECT c.region, c.number, c.person_id, c.scheme::text AS scheme, c.benefit::text AS benefit, c.area,
           c.amount - coalesce(r.amount, 0) AS outstanding, coalesce(r.version, -1) AS version,
               coalesce(p.instalment, 0) AS instalment
    FROM receivable c
    LEFT JOIN (SELECT region, number, sum(amount)::bigint AS amount, max(version) AS version FROM recovery
        GROUP BY 1, 2) r USING (region, number)
    LEFT JOIN LATERAL (SELECT instalment FROM instalment_plan p WHERE p.region = c.region AND p.number = c.number
                       ORDER BY version DESC LIMIT 1) p ON true
    WHERE c.region = %(r)s AND c.amount > coalesce(r.amount, 0)"""


def withhold(context: Context, lines: pa.Table) -> pa.Table:
    """The lines with what the plans withhold from this month's payments, oldest receivable first; recoveries booked."""
    owed = context.books.rows(f"SELECT * FROM ({OPEN}) AS o WHERE instalment > 0 ORDER BY number", r=context.region)
    if not owed:
        return lines
    now = pc.and_(pc.equal(lines["month"], pa.scalar(context.month)), pc.greater(lines["amount"], 0))
    withheld = np.zeros(lines.num_rows, np.int64)
    mine = pc.and_(now, pc.is_in(lines["person_id"], pa.array([row[2] for row in owed], pa.int64())))
    places: dict[tuple[int, str], list[int]] = {}
    for i in np.flatnonzero(mine.combine_chunks().to_numpy(zero_copy_only=False)).tolist():
        places.setdefault((lines["person_id"][i].as_py(), lines["scheme"][i].as_py()), []).append(i)
    taken = []
    for region, number, person, scheme, _, area, outstanding, version, instalment in owed:
        left = kept = min(outstanding, instalment)
        for i in places.get((person, scheme), []):
            fen = min(left, lines["amount"][i].as_py() - int(withheld[i]))
            withheld[i] += fen
            left -= fen
        if kept > left:
            taken.append((region, number, version + 1, area, kept - left))
    book(context, "withheld", taken)
    return lines.set_column(lines.schema.get_field_index("withheld"), "withheld", pa.array(withheld))


def book(context: Context, kind: str, taken: list[tuple[int, int, int, int, int]]) -> None:
    """Adds recoveries given as (region, number, version, area, fen)."""
    names = ("region", "number", "version", "area", "amount")
    rows = [dict(zip(names, row, strict=True), booked=context.month, kind=kind) for row in taken]
    if rows:
        context.books.copy_in("recovery", pa.Table.from_pylist(rows))


def claim(context: Context, lines: pa.Table) -> int:
    """A receivable for each person and benefit paid too much by this step; returns how many."""
    negative = lines.filter(pc.less(lines["amount"], 0))
    if not negative.num_rows:
        return 0
    grouped = negative.group_by(["person_id", "benefit", "scheme"], use_threads=False).aggregate(
        [("amount", "sum"), ("area", "max"), ("month", "min"), ("month", "max")]
    )
    last = context.books.value("SELECT coalesce(max(number), 0) FROM receivable WHERE region = %(r)s", r=context.region)
    order = [("person_id", "ascending"), ("benefit", "ascending"), ("scheme", "ascending")]
    rows = [
        {
            "region": context.region,
            "number": last + i,
            "area": row["area_max"],
            "booked": context.month,
            "person_id": row["person_id"],
            "benefit": row["benefit"],
            "scheme": row["scheme"],
            "amount": -row["amount_sum"],
            "reason": f"{row['month_min']:%Y-%m}…{row['month_max']:%Y-%m}",
        }
        for i, row in enumerate(grouped.sort_by(order).to_pylist(), 1)
    ]
    context.books.copy_in("receivable", pa.Table.from_pylist(rows))
    return len(rows)


def agree(books: Books, region: int, number: int, instalment: int, officer: str, source: str) -> None:
    """Records what is to be withheld a month (fen) towards a receivable from the next pay step on; 0: nothing.

    ``BooksError`` if there is no such receivable.
    """
    with books.transaction():
        books.share_region(region)
        booked: dt.date = books.booking_month(region, "pay")
        added = books.execute(
            """INSERT INTO instalment_plan (region, number, version, area, booked, instalment, officer, source)
               SELECT region, number, (SELECT count(*) FROM instalment_plan p WHERE p.region = c.region
                   AND p.number = c.number),
                      area, %(m)s, %(fen)s, %(o)s, %(s)s
               FROM receivable c WHERE region = %(r)s AND number = %(n)s""",
            r=region,
            n=number,
            m=booked,
            fen=instalment,
            o=officer,
            s=source,
        ).rowcount
        if not added:
            raise BooksError(f"region {region} has no receivable {number} 无此应收款")
