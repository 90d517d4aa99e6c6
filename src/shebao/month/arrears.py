"""Employers that did not declare, and employers that did not pay."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shebao.month import bills as billing
from shebao.month.bills import Bills
from shebao.month.context import Context
from shebao.month.contributions import Employers
from shebao.month.facts import compute, constant, integers, last_day, month_before, next_month

ASSESSMENT = "undeclared_assessment"
LATE_FEE = "late_fee"


def assess(context: Context, bills: Bills) -> list[tuple[str, str]]:
    """Bills employers with participants and no declaration for the month on what was due for the month before.

    Without a month before there is nothing to go by: they are only told of.
    """
    silent = context.books.copy_out(_UNDECLARED, **_values(context))
    basis = silent.filter(silent["scheme"].is_valid())
    unknown = silent.filter(silent["scheme"].is_null())["employer_id"].to_pylist()
    if basis.num_rows:
        _assess(context, bills, basis)
    if not unknown:
        return []
    code = context.books.value("SELECT credit_code FROM employer WHERE id = %(e)s", e=min(unknown))
    return [
        (
            f"{len(unknown)} 家单位当月未申报且无上月缴费额可依，未核定，例如 {code}",
            f"{len(unknown)} employers did not declare and have no contribution of last month to go by, e.g. {code}",
        )
    ]


def _values(context: Context) -> dict[str, object]:
    return {
        "r": context.region,
        "m": context.month,
        "next": next_month(context.month),
        "last": month_before(context.month),
    }


_UNDECLARED = """
    WITH silent AS (
        SELECT employer_id FROM employer_record WHERE region = %(r)s AND upper_inf(known)
        EXCEPT SELECT employer_id FROM declaration WHERE region = %(r)s AND month = %(m)s AND booked <= %(m)s
        EXCEPT SELECT employer_id FROM bill
               WHERE region = %(r)s AND month = %(m)s AND kind = 'assessed' AND employer_id IS NOT NULL),
    with_people AS (
        SELECT s.employer_id FROM silent s WHERE EXISTS (
            SELECT FROM participation p WHERE p.employer_id = s.employer_id AND p.region = %(r)s AND p.kind = 'employee'
                AND upper_inf(p.known) AND p.valid && daterange(%(m)s, %(next)s)))
    SELECT s.employer_id, l.scheme, l.last_month_contribution
    FROM with_people s LEFT JOIN (
        SELECT b.employer_id, l.scheme, sum(l.employee + l.employer)::bigint AS last_month_contribution
        FROM bill b JOIN bill_line l ON l.region = b.region AND l.number = b.number
        WHERE b.region = %(r)s AND b.month = %(last)s AND b.kind <> 'late_fee' AND b.employer_id IS NOT NULL
        GROUP BY b.employer_id, l.scheme HAVING sum(l.employee + l.employer) > 0) l ON l.employer_id = s.employer_id
    ORDER BY s.employer_id, l.scheme"""


def _assess(context: Context, bills: Bills, basis: pa.Table) -> None:
    due = compute(context, context.month, [ASSESSMENT], basis.select(["last_month_contribution"]), None)[ASSESSMENT]
    ids, at = np.unique(integers(basis["employer_id"]), return_inverse=True)
    employers = Employers(context, context.month)
    where = pa.array(employers.at(ids))
    issued = billing.table(
        len(ids),
        context.month,
        "assessed",
        employers.due_on(context).take(where),
        area=employers.rows["area"].take(where),
        employer_id=ids,
    )
    bills.issue(issued, pa.table({"bill": at, "scheme": basis["scheme"], "employer": due}))


def reverse_assessed(context: Context, bills: Bills) -> None:
    """Takes back what was assessed for a month that the employer has declared since."""
    lines = context.books.copy_out(
        """SELECT b.number, b.month, b.employer_id, b.area, b.due_on, l.scheme, -l.employer AS employer
           FROM bill b JOIN bill_line l ON l.region = b.region AND l.number = b.number
           WHERE b.region = %(r)s AND b.kind = 'assessed'
             AND NOT EXISTS (SELECT FROM bill x
                             WHERE x.region = b.region AND x.about = b.number AND x.kind = 'assessed_reversal')
             AND (b.employer_id, b.month) IN (SELECT employer_id, month FROM declaration
                                              WHERE region = %(r)s AND booked = %(m)s AND month <= %(m)s)
           ORDER BY b.number, l.scheme""",
        r=context.region,
        m=context.month,
    )
    _issue_about(bills, lines, "assessed_reversal", "employer")


def late_fees(context: Context, bills: Bills) -> None:
    """Bills the late fee for every day up to the month before on which a bill was due and not covered.

    What should have been charged by now is computed anew from the days and amounts, and the difference to what was
    charged is billed: a payment that became known late, or a bill corrected since, gives some of it back.
    """
    values = {"r": context.region, "m": context.month, "last": month_before(context.month)}
    spans, charged = (context.books.copy_out(query, **values) for query in (_ARREARS, _CHARGED))
    parts = [_fees(context, month, spans) for month in pc.unique(spans["month"]).sort().to_pylist()]
    sums = pa.concat_tables([*parts, charged]).group_by(charged.column_names[:-1]).aggregate([("late_fee", "sum")])
    fees = sums.rename_columns(charged.column_names)
    fees = fees.filter(pc.not_equal(fees["late_fee"], 0)).sort_by([("number", "ascending"), ("scheme", "ascending")])
    fees = fees.append_column("month", constant(values["last"], pa.date32(), fees.num_rows))
    fees = fees.append_column("due_on", constant(last_day(context.month), pa.date32(), fees.num_rows))
    _issue_about(bills, fees, "late_fee", "late_fee")


def _fees(context: Context, month: dt.date, spans: pa.Table) -> pa.Table:
    """The fee for each span of days within a month, by the law of that month."""
    rows = spans.filter(pc.equal(spans["month"], pa.scalar(month, pa.date32())))
    fee = compute(context, month, [LATE_FEE], rows.select(["arrears", "days_overdue"]), None)[LATE_FEE]
    return rows.select(["number", "employer_id", "area", "scheme"]).append_column("late_fee", fee)


# Settled bills are looked at once more, in the month after: a day of theirs may still have to be charged.
_OVERDUE = """
    WITH overdue AS (
        SELECT b.number, b.employer_id, b.area, b.amount, b.due_on
        FROM bill b LEFT JOIN bill_settlement s ON s.region = b.region AND s.number = b.number
        WHERE b.region = %(r)s AND b.employer_id IS NOT NULL AND b.kind IN ('regular', 'correction', 'assessed')
          AND b.amount > 0 AND b.due_on + 1 < %(m)s AND (s.booked IS NULL OR s.booked >= %(last)s))"""

_CHARGED = f"""{_OVERDUE}
    SELECT o.number, o.employer_id, o.area, l.scheme, -sum(l.late_fee)::bigint AS late_fee
    FROM overdue o JOIN bill b ON b.region = %(r)s AND b.kind = 'late_fee' AND b.about = o.number
    JOIN bill_line l ON l.region = b.region AND l.number = b.number
    GROUP BY o.number, o.employer_id, o.area, l.scheme"""

# A bill is covered scheme by scheme in the order of the schemes, so each line lies between two sums; what lies above
# the covered amount is in arrears. The day on which money is paid is still a day of default, the next is not.
_ARREARS = f"""{_OVERDUE},
    lines AS (
        SELECT o.number, l.scheme, least(o.amount, l.until) AS until, least(o.amount, l.until - l.part) AS since
        FROM overdue o JOIN LATERAL (
            SELECT l.scheme, l.employee + l.employer AS part,
                   (sum(l.employee + l.employer) OVER (ORDER BY l.scheme))::bigint AS until
            FROM bill_line l WHERE l.region = %(r)s AND l.number = o.number AND l.employee + l.employer > 0) l ON true),
    money AS (
        SELECT number, due_on + 1 AS since, 0::bigint AS amount FROM overdue
        UNION ALL
        SELECT o.number, greatest(a.value_date, o.due_on) + 1, a.amount
        FROM overdue o JOIN allocation a ON a.region = %(r)s AND a.number = o.number),
    covered AS (
        SELECT number, since, (sum(sum(amount)) OVER (PARTITION BY number ORDER BY since))::bigint AS amount,
               lead(since, 1, %(m)s) OVER (PARTITION BY number ORDER BY since) AS until
        FROM money GROUP BY number, since)
    SELECT o.number, o.employer_id, o.area, l.scheme, g.month::date AS month,
           l.until - greatest(l.since, c.amount) AS arrears,
           least(c.until, (g.month + interval '1 month')::date, %(m)s) - greatest(c.since, g.month::date)
               AS days_overdue
    FROM overdue o JOIN covered c ON c.number = o.number JOIN lines l ON l.number = o.number,
         generate_series(date_trunc('month', c.since), least(c.until, %(m)s) - 1, interval '1 month') AS g (month)
    WHERE c.amount < l.until AND c.since < least(c.until, %(m)s)
    ORDER BY o.number, l.scheme, c.since, g.month"""


def _issue_about(bills: Bills, lines: pa.Table, kind: str, part: str) -> None:
    """A bill about each of the bills that the lines name, in their order."""
    if not lines.num_rows:
        return
    numbers, first, at = np.unique(integers(lines["number"]), return_index=True, return_inverse=True)
    heads = lines.take(pa.array(first))
    issued = billing.table(
        len(numbers),
        heads["month"],
        kind,
        heads["due_on"],
        area=heads["area"],
        employer_id=heads["employer_id"],
        about=numbers,
    )
    bills.issue(issued, pa.table({"bill": at, "scheme": lines["scheme"], part: lines[part]}))
