"""Judging the rows of a payroll declaration against the books, and storing those that stand.

The rows lie in a temporary table; ``verdict`` finds for each what the books know and why it cannot be taken, if so.
Leavers go before hires, so that one file can end an employment and begin the next.
"""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pyarrow.compute as pc

from shebao.books.registry import EMPLOYEE_SCHEMES, ENDED
from shebao.engine import Rulebook
from shebao.intake import numbers
from shebao.intake.cells import Fault
from shebao.intake.desk import Desk, answer, load, tell
from shebao.intake.outcome import IntakeFile
from shebao.intake.verdicts import Told
from shebao.law import rulebook as law_of_china

_SENT = """row_number integer PRIMARY KEY, number text, name text, credit_code text, month date, wage bigint,
    hired_on date, left_on date, schemes text[], base bigint, law text, late boolean"""
_NAMES = {"citizen_number": "number", "wage_fen": "wage"}
_READ = ("row_number", "citizen_number", "name", "credit_code", "month", "wage_fen", "hired_on", "left_on")


class Declaring:
    """How the rows of one payroll file are stored; ``replace``: it is all that its employers declare."""

    def __init__(self, rulebook: Rulebook | None, replace: bool) -> None:
        self.rulebook, self.replace = rulebook, replace

    def judge(self, desk: Desk) -> tuple[list[Told], dict[str, int]]:
        """Stores what stands; returns why the others do not (and bases that the law sets), and what changed."""
        books, first = desk.books, _first_month(desk)
        months = [m for m in pc.unique(desk.file.rows["month"]).to_pylist() if first <= m <= desk.booked]
        if months:
            books.ensure_months(months)
        load(books, "sent_wages", _SENT, self._sent(desk, months))
        values = {
            "r": desk.region,
            "first": first,
            "booked": desk.booked,
            "months": months,
            "all": list(EMPLOYEE_SCHEMES),
            "low": desk.office.area,
            "high": desk.office.end,
        }
        books.execute(_VERDICT, **values)
        books.execute("ANALYZE verdict")
        changes = {"left": books.execute(_LEAVE, booked=desk.booked, source=desk.source).rowcount}
        books.execute(_CLASH, all=list(EMPLOYEE_SCHEMES))
        found = answer(books, _FINDINGS, first=first, booked=desk.booked, office=str(desk.office.area))
        with ThreadPoolExecutor(1) as pool:  # the words are found while the database stores
            findings = pool.submit(tell, desk.file, *found)
            changes["hired"] = books.execute(_HIRE, r=desk.region, booked=desk.booked, source=desk.source).rowcount
            changes |= self._declare(desk, months)
        return findings.result(), changes

    def _sent(self, desk: Desk, months: list[dt.date]) -> pa.Table:
        rows = desk.file.rows
        table = pa.table({_NAMES.get(name, name): rows[name] for name in _READ})
        lists = pa.array(
            [None if s is None else "{" + ",".join(s) + "}" for s in rows["schemes"].to_pylist()], pa.string()
        )
        bases, states = self._bases(rows, desk.region, months)
        table = table.append_column("schemes", lists).append_column("base", bases).append_column("law", states)
        return table.append_column("late", self._late(rows["hired_on"].combine_chunks(), desk))

    def _late(self, hired: pa.Array, desk: Desk) -> pa.Array:
        """Whether a hire is told after the days that the law leaves. Books of past months are told by their end."""
        after = (desk.booked + dt.timedelta(days=31)).replace(day=1)
        told = min(dt.date.today(), after - dt.timedelta(days=1))
        days = pc.subtract(pa.scalar((told - dt.date(1970, 1, 1)).days, pa.int32()), hired.cast(pa.int32()))
        passed = pc.greater_equal(days, 0)
        facts = pa.table(
            {
                "registered_event": pa.repeat("worker_hired", len(hired)),
                "days_to_registration": pc.if_else(passed, days, 0).fill_null(0),
            }
        )
        book = self.rulebook or law_of_china()
        in_time = book.at(f"{desk.booked:%Y-%m}").compute(["administration.registered_in_time"], facts).table.column(0)
        return pc.and_(passed, pc.equal(in_time.combine_chunks().cast(pa.int64()), 0)).fill_null(False)

    def _bases(self, rows: pa.Table, region: int, months: list[dt.date]) -> tuple[pa.Array, pa.Array]:
        """The contribution base of each row by the law of its month, and what the law says where it sets none."""
        book = self.rulebook or law_of_china()
        parts = []
        for month in months:
            part = rows.filter(pc.equal(rows["month"], pa.scalar(month)))
            facts = pa.table(
                {
                    "region": pa.array([region] * part.num_rows, pa.int16()),
                    "average_monthly_wage": part["wage_fen"],
                }
            )
            done = book.at(f"{month:%Y-%m}").compute(["contribution_base"], facts).table
            status = done["status"].cast(pa.string())
            parts.append(
                pa.table([part["row_number"], done["contribution_base"], status], ["row_number", "base", "law"])
            )
        if not parts:
            return pa.nulls(rows.num_rows, pa.int64()), pa.nulls(rows.num_rows, pa.string())
        joined = pa.concat_tables(parts)
        at = pc.index_in(rows["row_number"], joined["row_number"].combine_chunks())
        return joined["base"].combine_chunks().take(at), joined["law"].combine_chunks().take(at)

    def _declare(self, desk: Desk, months: list[dt.date]) -> dict[str, int]:
        """Next versions where the wage differs or the declaration had been withdrawn."""
        books = desk.books
        query = {"r": desk.region, "booked": desk.booked, "file": desk.id}
        total, declared, corrected = books.one(_DECLARE, **query)
        changes = {
            "declared": declared,
            "corrected": corrected,
            "unchanged": total - declared - corrected,
            "withdrawn": 0,
        }
        if self.replace:
            present = rejected_numbers(desk.file)
            if None in present:
                changes["not_withdrawn"] = 1
            else:
                query |= {"months": months, "present": sorted(filter(None, present))}
                changes["withdrawn"] = books.execute(_WITHDRAW, **query).rowcount
        return changes


def rejected_numbers(file: IntakeFile) -> set[str | None]:
    """Whom the rows are about that reading rejected; None among them: one does not tell."""
    at = file.headings.index(file.columns["citizen_number"])
    return {_number(file.cells(row)[at]) for row in {finding.row_number for finding in file.rejected}}


def _number(cell: str) -> str | None:
    try:
        return numbers.citizen_number(cell)
    except Fault:
        return None


def _first_month(desk: Desk) -> dt.date:
    """The month the region's books begin with: what was earned before stands in the careers that were taken over."""
    return desk.books.value("SELECT min(month) FROM period_event WHERE region = %(r)s", r=desk.region)  # type: ignore[no-any-return]


# What the books know of each row (known), whether it stands by itself (alone), and beside the file's other rows.
_VERDICT = """
CREATE TEMPORARY TABLE verdict ON COMMIT DROP AS
WITH known AS (
    SELECT s.*, (s.month + interval '1 month')::date AS next, p.id AS person_id, r.name AS known_name, e.id
        AS employer_id,
           coalesce(pt.area, CASE WHEN r.region = %(r)s THEN r.area ELSE er.area END) AS area, er.area AS employer_area,
           d.happened_on AS died_on, pt.since, pt.until, pt.covered, old.version, old.wage AS old_wage, old.withdrawn
    FROM sent_wages s
    LEFT JOIN person p ON p.number = s.number
    LEFT JOIN person_record r ON r.person_id = p.id AND upper_inf(r.known) AND upper_inf(r.valid)
    LEFT JOIN employer e ON e.credit_code = s.credit_code
    LEFT JOIN employer_record er ON er.employer_id = e.id AND upper_inf(er.known) AND upper_inf(er.valid)
        AND er.region = %(r)s
    LEFT JOIN life_event d ON d.person_id = p.id AND d.kind = 'death' AND upper_inf(d.known)
    LEFT JOIN LATERAL (
        SELECT min(lower(t.valid)) AS since, max(upper(t.valid)) FILTER (WHERE NOT upper_inf(t.valid)) AS until,
               min(t.area) AS area, true AS covered
        FROM participation t
        WHERE t.person_id = p.id AND t.employer_id = e.id AND t.region = %(r)s AND upper_inf(t.known)
          AND t.valid && daterange(s.month, (s.month + interval '1 month')::date)
        HAVING count(*) > 0) pt ON true
    LEFT JOIN LATERAL (
        SELECT o.version, o.wage, o.withdrawn FROM declaration o
        WHERE o.month = s.month AND o.month = ANY (%(months)s::date[]) AND o.person_id = p.id AND o.employer_id = e.id
        ORDER BY o.version DESC LIMIT 1) old ON true),
alone AS (
    SELECT k.*, retired.since AS retired_on, covered IS NULL AND coalesce(hired_on < next, false) AS hire,
        CASE WHEN month < %(first)s OR month > %(booked)s THEN 'month_closed'
             WHEN employer_area IS NULL THEN 'unknown_employer'
             WHEN employer_area < %(low)s OR employer_area >= %(high)s THEN 'other_office'
             WHEN known_name IS NULL THEN 'unknown_person'
             WHEN name <> known_name AND NOT EXISTS (SELECT FROM person_record x WHERE x.person_id = k.person_id
                 AND x.name = k.name
                                                     AND upper_inf(x.known)) THEN 'name_differs'
             WHEN NOT coalesce(schemes, %(all)s) && %(all)s THEN 'scheme_elsewhere'
             WHEN died_on < month THEN 'dead'
             WHEN retired.since IS NOT NULL THEN 'retired'
             WHEN left_on < month THEN 'left_before_month'
             WHEN covered IS NULL AND (hired_on >= next OR hired_on IS NULL) THEN 'no_participation'
             WHEN left_on < k.since THEN 'left_before_hired'
             WHEN left_on >= until AND EXISTS (SELECT FROM participation x WHERE x.person_id = k.person_id
                 AND upper_inf(x.known)
                 AND x.scheme::text = ANY (%(all)s) AND x.valid && daterange(until, left_on + 1))
                     THEN 'already_elsewhere'
             WHEN law <> 'ok' THEN 'law_refuses' END AS reason
    FROM known k LEFT JOIN LATERAL (
        SELECT lower(x.valid) AS since FROM entitlement x
        WHERE x.person_id = k.person_id AND x.benefit = 'employee_pension' AND upper_inf(x.known) AND x.valid @> k.month
        UNION ALL
        SELECT lower(x.valid) FROM participation x
        WHERE x.person_id = k.person_id AND x.scheme = 'employee_pension' AND x.kind = 'retired'
            AND upper_inf(x.known) AND x.valid @> k.month
        LIMIT 1) retired ON true),
beside AS (
    SELECT a.*, first_value(wage) OVER same AS first_wage, first_value(row_number) OVER same AS first_row,
           first_value(left_on) OVER (PARTITION BY reason, person_id, employer_id ORDER BY left_on IS NULL,
               row_number) AS ends,
           first_value(row_number) OVER hires AS hire_row, first_value(employer_id) OVER hires AS hire_employer,
           first_value(hired_on) OVER hires AS hire_day
    FROM alone a
    WINDOW same AS (PARTITION BY reason, person_id, employer_id, month ORDER BY row_number),
           hires AS (PARTITION BY reason, person_id, hire ORDER BY row_number))
SELECT b.*, hire AND hire_row = row_number AND reason IS NULL AS first_hire,
    CASE WHEN reason = 'already_elsewhere' THEN 'since ' || until END AS elsewhere,
    coalesce(reason, CASE WHEN wage <> first_wage THEN 'other_wage'
                          WHEN left_on <> ends THEN 'other_leaving'
                          WHEN ends < month THEN 'left_before_month'
                          WHEN hire AND (employer_id <> hire_employer OR hire_day >= next)
                              THEN 'already_elsewhere' END) AS verdict
FROM beside b"""

# Employments that end: the row known until now is superseded by one with the end.
_LEAVE = f"""
WITH leaver AS (
    SELECT person_id, employer_id, min(month) AS month, max(next) AS next, min(ends) + 1 AS stop FROM verdict
    WHERE verdict IS NULL AND covered AND ends IS NOT NULL GROUP BY 1, 2),
gone AS (
    UPDATE participation p SET known = {ENDED}, superseded_in = %(booked)s FROM leaver l
    WHERE p.person_id = l.person_id AND p.employer_id = l.employer_id AND upper_inf(p.known)
      AND p.valid && daterange(l.month, l.next) AND upper(p.valid) IS DISTINCT FROM l.stop AND lower(p.valid) < l.stop
    RETURNING p.*, l.stop)
INSERT INTO participation (person_id, scheme, version, region, area, valid, booked, kind, employer_id, source)
SELECT person_id, scheme, (SELECT max(x.version) FROM participation x WHERE x.person_id = g.person_id
    AND x.scheme = g.scheme)
           + row_number() OVER (PARTITION BY person_id, scheme ORDER BY valid),
       region, area, daterange(lower(valid), stop), %(booked)s, kind, employer_id, %(source)s
FROM gone g"""

# Hires of people who take part elsewhere at that time do not stand, and no row that rests on them does.
_CLASH = """
WITH clash AS (
    SELECT v.person_id, string_agg(DISTINCT concat_ws(' ', t.scheme, t.valid, r.name), '; ') AS elsewhere
    FROM verdict v JOIN participation t ON t.person_id = v.person_id AND t.scheme::text = ANY (coalesce(v.schemes,
        %(all)s))
        AND upper_inf(t.known) AND t.valid && daterange(v.hired_on, v.ends + 1)
    LEFT JOIN employer_record r ON r.employer_id = t.employer_id AND upper_inf(r.known) AND upper_inf(r.valid)
    WHERE v.first_hire AND v.verdict IS NULL GROUP BY 1)
UPDATE verdict v SET verdict = 'already_elsewhere', elsewhere = c.elsewhere FROM clash c
WHERE v.person_id = c.person_id AND v.hire AND v.verdict IS NULL"""

# One scheme after the other: the index that forbids overlaps takes people in turn faster than one person three times.
_HIRE = f"""
INSERT INTO participation (person_id, scheme, version, region, area, valid, booked, kind, employer_id, source)
SELECT v.person_id, s.scheme,
       coalesce((SELECT max(x.version) + 1 FROM participation x WHERE x.person_id = v.person_id
           AND x.scheme = s.scheme), 0),
       %(r)s, v.area, daterange(v.hired_on, v.ends + 1), %(booked)s, 'employee', v.employer_id, %(source)s
FROM verdict v CROSS JOIN unnest('{{{",".join(EMPLOYEE_SCHEMES)}}}'::scheme[]) AS s (scheme)
WHERE v.first_hire AND v.verdict IS NULL AND (v.schemes IS NULL OR s.scheme::text = ANY (v.schemes))
ORDER BY s.scheme, v.row_number"""

# The wages that stand; a next version where the wage differs or the declaration had been withdrawn.
_DECLARE = """
WITH stand AS (
    SELECT DISTINCT ON (person_id, employer_id, month) * FROM verdict WHERE verdict IS NULL
    ORDER BY person_id, employer_id, month, row_number),
added AS (
    INSERT INTO declaration (month, person_id, employer_id, version, region, area, wage, booked, file_id, row_number)
    SELECT month, person_id, employer_id, coalesce(version + 1, 0), %(r)s, area, wage, %(booked)s, %(file)s, row_number
    FROM stand WHERE wage IS DISTINCT FROM old_wage OR withdrawn ORDER BY row_number
    RETURNING version)
SELECT (SELECT count(*) FROM stand), count(*) FILTER (WHERE version = 0), count(*) FILTER (WHERE version > 0)
FROM added"""

# Who was declared by an employer of the file for a month of the file, and is in no row of it, not even a rejected one.
_WITHDRAW = """
INSERT INTO declaration (month, person_id, employer_id, version, region, area, wage, withdrawn, booked, file_id,
    row_number)
SELECT l.month, l.person_id, l.employer_id, l.version + 1, l.region, l.area, l.wage, true, %(booked)s, %(file)s, 0
FROM (SELECT DISTINCT ON (d.month, d.person_id, d.employer_id) d.* FROM declaration d
      JOIN (SELECT DISTINCT employer_id, month FROM verdict WHERE verdict IS NULL) f
          ON f.employer_id = d.employer_id AND f.month = d.month
      WHERE d.month = ANY (%(months)s::date[]) AND d.region = %(r)s
      ORDER BY d.month, d.person_id, d.employer_id, d.version DESC) l
WHERE NOT l.withdrawn
  AND NOT EXISTS (SELECT FROM verdict v WHERE v.person_id = l.person_id AND v.employer_id = l.employer_id
      AND v.month = l.month)
  AND NOT EXISTS (SELECT FROM person p WHERE p.id = l.person_id AND p.number = ANY (%(present)s))
ORDER BY l.month, l.employer_id, l.person_id"""

_FINDINGS = """
SELECT v.row_number, f.reason, number, name, known_name, credit_code, month, wage, base, law, left_on, since, died_on,
       retired_on, ends, first_row, array_to_string(schemes, ', ') AS schemes, employer_area AS place,
       %(office)s AS office, hired_on, coalesce(elsewhere, 'row ' || hire_row) AS elsewhere,
       to_char(%(first)s::date, 'YYYY-MM') || ' – ' || to_char(%(booked)s::date, 'YYYY-MM') AS open_months
FROM verdict v CROSS JOIN LATERAL (
    SELECT verdict AS reason WHERE verdict IS NOT NULL
    UNION ALL
    SELECT CASE WHEN base > wage THEN 'base_below_floor' ELSE 'base_above_cap' END
    WHERE verdict IS NULL AND base <> wage
    UNION ALL
    SELECT 'late_registration' WHERE verdict IS NULL AND first_hire AND late) f
ORDER BY v.row_number"""
