"""Paid too much: receivables, what is withheld towards them by agreed plans, and the agreeing.

A resident's pension drawn beside an employee's is owed to the residents' fund: it is set off against the account that
is returned, and by a plan withheld from the employee's pension, whose fund passes it on (人社部发〔2014〕17号 八).
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shebao.books import Books, BooksError
from shebao.books.ledger import Entry, Posting, post
from shebao.month.bills import round_of
from shebao.month.careers import yuan
from shebao.month.context import Context
from shebao.month.pensions import fen as fen_of

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
    taken, passed_on = [], 0
    for region, number, person, scheme, benefit, area, outstanding, version, instalment in owed:
        left = kept = min(outstanding, instalment)
        own = places.get((person, scheme), [])
        other = places.get((person, _PENSION), []) if benefit == _RESIDENT == scheme else []
        for i in [*own, *(i for i in other if lines["benefit"][i].as_py() == _PENSION)]:
            fen = min(left, lines["amount"][i].as_py() - int(withheld[i]))
            withheld[i] += fen
            left -= fen
            passed_on += fen if i in other else 0
        if kept > left:
            taken.append((region, number, version + 1, area, kept - left))
    book(context, "withheld", taken)
    _pass_on(context, passed_on)
    return lines.set_column(lines.schema.get_field_index("withheld"), "withheld", pa.array(withheld))


def _pass_on(context: Context, fen: int) -> None:
    """What the employees' fund withheld is the residents': the one no longer holds it as recovered, the other does."""
    text = f"{context.month:%Y-%m} 职工养老金抵扣重复领取 withheld from employees' pensions for the residents' fund"
    lines = [
        Posting(_PENSION, "benefits_receivable", fen),
        Posting(_PENSION, "bank_fiscal", -fen),
        Posting(_RESIDENT, "bank_fiscal", fen),
        Posting(_RESIDENT, "benefits_receivable", -fen),
    ]
    entry = Entry(f"{context.name}/{round_of(context)} withheld for residents", "pay", text, lines)
    post(context.books, context.region, context.month, [entry])


def set_off(context: Context, lines: pa.Table) -> pa.Table:
    """The lines with what is owed of a double pension set off against the account returned; recoveries booked."""
    returned = pc.and_(pc.equal(lines["benefit"], _RETURN), pc.greater(lines["amount"], lines["withheld"]))
    places = np.flatnonzero(returned.combine_chunks().to_numpy(zero_copy_only=False)).tolist()
    if not places:
        return lines
    rows = context.books.rows(
        f"SELECT * FROM ({OPEN}) AS o WHERE benefit = ANY (%(b)s) AND person_id = ANY (%(p)s) ORDER BY number",
        r=context.region,
        b=[_RESIDENT, _RETURN],
        p=[lines["person_id"][i].as_py() for i in places],
    )
    withheld = np.array(lines["withheld"].to_numpy())
    at = {lines["person_id"][i].as_py(): i for i in places}
    taken = []
    for region, number, person, _, _, area, outstanding, version, _ in rows:
        i = at[person]
        fen = _to_set_off(context, outstanding, lines["amount"][i].as_py() - int(withheld[i]))
        withheld[i] += fen
        if fen:
            taken.append((region, number, version + 1, area, fen))
    book(context, "withheld", taken)
    return lines.set_column(lines.schema.get_field_index("withheld"), "withheld", pa.array(withheld))


def _to_set_off(context: Context, owed: int, returned: int) -> int:
    facts = {"double_benefit_to_repay": yuan(owed), "resident_account_returned": yuan(returned)}
    return fen_of(context.law.explain("transfer.double_benefit_set_off", facts))


_PENSION, _RESIDENT, _RETURN = "employee_pension", "resident_pension", "resident_account_refund"


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
