"""Collect 核定征收: what contributions should be, by the law of their month, less what is booked: bills.

The same rows are written for the month itself and for the corrections of earlier ones. Employers that declared
nothing are assessed, and those that pay late owe a late fee (see :mod:`shebao.month.arrears`).
"""

from __future__ import annotations

import datetime as dt

from shebao.month.arrears import assess, late_fees, reverse_assessed
from shebao.month.bills import Bills
from shebao.month.context import Context, Summary
from shebao.month.contributions import Found, collect_month, collect_residents
from shebao.month.laws import Laws, laws_since_opening

# Bulk steps join whole months. The planner knows little of ranges, and a nested loop where it is wrong never ends.
BULK = "SET LOCAL enable_nestloop = off"
_NAMES = {"employee_pension": "职工养老保险", "unemployment": "失业保险", "work_injury": "工伤保险"}


def collect(context: Context) -> Summary:
    """Books the contributions and bills of the month, and the differences of earlier months touched in it.

    Raises ``BooksError`` if the law refuses a single row (it names how many, why and an example).
    """
    bills, found, books = Bills(context), Found(), context.books
    books.execute(BULK)
    laws = laws_since_opening(context)
    for month in _touch(context, laws):
        collect_month(context, month, bills, found)
    for year in _resident_years(context, laws):
        collect_residents(context, year, bills, found)
    reverse_assessed(context, bills)
    notes = assess(context, bills)
    late_fees(context, bills)
    summary = Summary(
        {"people": found.people, "contribution_rows": found.rows, **bills.write("collect")}, notes, laws.hashes
    )
    _tell(found, summary)
    _tell_laws(laws, summary)
    return summary


def _tell_laws(laws: Laws, summary: Summary) -> None:
    if changed := [*(f"{year:%Y}" for year in laws.years), *(f"{month:%Y-%m}" for month in laws.months)]:
        listed = ", ".join(changed)
        summary.notes.append(
            (
                f"征缴后法规已变，已按新规重算各期缴费：{listed}",
                f"the law changed since these were collected, so their contributions were computed again: {listed}",
            )
        )


def _tell(found: Found, summary: Summary) -> None:
    for scheme, count in sorted(found.without.items()):
        summary.notes.append(
            (
                f"{count} 名已申报人员当月未参加{_NAMES[scheme]}，不计该险种缴费",
                f"{count} people declared do not take part in {scheme} in the month: no contribution there",
            )
        )
    for name, count in sorted(found.waiting.items()):
        summary.numbers["residents_waiting"] = summary.numbers.get("residents_waiting", 0) + count
        summary.notes.append(
            (
                f"{count} 名居民待参数 {name} 公布后出单",
                f"{count} residents are billed once {name} is known to the law",
            )
        )
    if found.twice:
        summary.notes.append(
            (
                f"{found.twice} 行：当月在两处参保，只计后一处",
                f"{found.twice} rows of people with two payers in a month: the later one counts",
            )
        )


def _touch(context: Context, laws: Laws) -> list[dt.date]:
    """Finds the people of earlier months to be looked at again; returns those months, and the month itself last.

    Touched is who was declared for in this month of the books, whose participation or employer was recorded or
    superseded in it, and everybody in the months whose law has changed. What lies before the first month of the books
    was settled elsewhere and is left alone.
    """
    books, values = context.books, {"r": context.region, "m": context.month}
    books.execute("DROP TABLE IF EXISTS touched")
    books.execute("CREATE TEMPORARY TABLE touched (month date, person_id bigint) ON COMMIT DROP")
    books.execute(
        """INSERT INTO touched
           WITH opened AS (SELECT min(month) AS month FROM period_event WHERE region = %(r)s),
           changed AS (
               SELECT person_id, valid, kind FROM participation
               WHERE region = %(r)s AND (booked = %(m)s OR superseded_in = %(m)s) AND lower(valid) < %(m)s),
           changed_employer AS (
               SELECT employer_id, valid FROM employer_record
               WHERE region = %(r)s AND (booked = %(m)s OR superseded_in = %(m)s) AND lower(valid) < %(m)s)
           SELECT month, person_id FROM declaration WHERE region = %(r)s AND booked = %(m)s AND month < %(m)s
           UNION
           SELECT d.month, d.person_id FROM opened o, changed c JOIN declaration d ON d.person_id = c.person_id
           WHERE d.region = %(r)s AND d.month < %(m)s AND d.month >= o.month
             AND c.valid && daterange(d.month, (d.month + interval '1 month')::date)
           UNION
           SELECT d.month, d.person_id
           FROM opened o, changed_employer c JOIN declaration d ON d.employer_id = c.employer_id
           WHERE d.region = %(r)s AND d.month < %(m)s AND d.month >= o.month
             AND c.valid && daterange(d.month, (d.month + interval '1 month')::date)
           UNION
           SELECT g.month::date, c.person_id FROM changed c, opened o,
                  generate_series(greatest(date_trunc('month', lower(c.valid)), o.month),
                                  least(%(m)s::date - 1, upper(c.valid) - 1), interval '1 month') AS g (month)
           WHERE c.kind = 'flexible'""",
        **values,
    )
    if laws.months:
        books.execute(_EVERYBODY, months=laws.months, **values)
    books.execute("ANALYZE touched")
    return [row[0] for row in books.rows("SELECT DISTINCT month FROM touched ORDER BY month")] + [context.month]


_EVERYBODY = """
    INSERT INTO touched
    SELECT month, person_id FROM declaration
    WHERE region = %(r)s AND month = ANY (%(months)s::date[]) AND booked <= %(m)s
    UNION
    SELECT g.month, p.person_id FROM participation p, unnest(%(months)s::date[]) AS g (month)
    WHERE p.region = %(r)s AND p.kind = 'flexible' AND upper_inf(p.known)
      AND p.valid && daterange(g.month, (g.month + interval '1 month')::date)"""


def _resident_years(context: Context, laws: Laws) -> list[int]:
    """Finds the residents whose year is to be looked at: not billed yet, changed, or under a law that has changed.

    Returns the years.
    """
    books = context.books
    books.execute("DROP TABLE IF EXISTS touched_resident")
    books.execute("CREATE TEMPORARY TABLE touched_resident (month date, person_id bigint) ON COMMIT DROP")
    books.execute(
        """INSERT INTO touched_resident
           WITH opened AS (SELECT date_trunc('year', min(month)) AS year FROM period_event WHERE region = %(r)s)
           SELECT y.month::date, p.person_id
           FROM participation p, opened o,
                generate_series(greatest(date_trunc('year', lower(p.valid)), o.year),
                                least(%(m)s::date, upper(p.valid) - 1), interval '1 year') AS y (month)
           WHERE p.region = %(r)s AND p.scheme = 'resident_pension' AND p.kind = 'resident'
             AND (p.booked = %(m)s OR p.superseded_in = %(m)s)
           UNION
           SELECT %(year)s, p.person_id
           FROM participation p
           WHERE p.region = %(r)s AND p.scheme = 'resident_pension' AND p.kind = 'resident' AND upper_inf(p.known)
             AND p.valid && daterange(%(year)s, %(m)s, '[]')
             AND NOT EXISTS (SELECT FROM contribution c WHERE c.month = %(year)s AND c.person_id = p.person_id
                             AND c.scheme = 'resident_pension' AND c.region = %(r)s)""",
        r=context.region,
        m=context.month,
        year=context.month.replace(month=1),
    )
    if laws.years:
        books.execute(_EVERY_RESIDENT, years=laws.years, r=context.region, m=context.month)
    books.execute("ANALYZE touched_resident")
    return [row[0].year for row in books.rows("SELECT DISTINCT month FROM touched_resident ORDER BY month")]


_EVERY_RESIDENT = """
    INSERT INTO touched_resident
    SELECT y.month, p.person_id FROM participation p, unnest(%(years)s::date[]) AS y (month)
    WHERE p.region = %(r)s AND p.scheme = 'resident_pension' AND p.kind = 'resident' AND upper_inf(p.known)
      AND p.valid && daterange(y.month, least((y.month + interval '1 year')::date, %(m)s::date + 1))"""
