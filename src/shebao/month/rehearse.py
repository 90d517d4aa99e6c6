"""A dry run 试运行: the month's steps in one transaction that is undone, and what they would have changed.

What would be booked is counted and summed by table; every person's change goes into a Parquet file. The books keep
only a note that it was done.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pyarrow.parquet as pq

from shebao.batch.fresh import fresh_file
from shebao.books import Books, connect
from shebao.engine.rulebook import Rulebook
from shebao.month.alone import alone
from shebao.month.context import Context, NotYet, Summary, Tell, silent
from shebao.month.run import STEPS, done_steps, may_run, run_step

#: Table: what is summed of the rows booked in the month, and whether a row is about one person.
TABLES = {
    "contribution": ("employee + employer", True),
    "bill": ("amount", False),
    "account_entry": ("amount", True),
    "award": ("amount", True),
    "entitlement": ("amount", True),
    "payment": ("amount", True),
    "payment_retry": ("amount", True),
    "receivable": ("amount", True),
    "recovery": ("amount", False),
}


@dataclass
class Rehearsed:
    """What a dry run would have changed: rows and fen by table, the steps' summaries, people, what it stopped at."""

    region: int
    month: dt.date
    rows: dict[str, int] = field(default_factory=dict)
    fen: dict[str, int] = field(default_factory=dict)
    summaries: dict[str, Summary] = field(default_factory=dict)
    people: int = 0
    waiting: NotYet | None = None


def rehearse(
    month: dt.date,
    region: int,
    rulebook: Rulebook,
    officer: str,
    out: Path,
    *,
    until: str = "close",
    tell: Tell = silent,
) -> Rehearsed:
    """Runs the steps that are still to be done, undoes them, and tells what they would have changed.

    ``out`` becomes a Parquet file with a row per person, table and month that would change; an earlier trial's stays
    until this one is whole. Raises as a run does.
    """
    done = Rehearsed(region, month)
    with connect("run") as books, alone(books, region):
        context = Context(books, region, month, rulebook, officer, tell)
        may_run(context)
        with fresh_file(out, overwrite=True) as part, books.transaction():
            books.execute(f"CREATE TEMPORARY TABLE booked_before ON COMMIT DROP AS {_PEOPLE}", r=region, m=month)
            before = _sums(books, region, month)
            _steps(context, done, until)
            after = _sums(books, region, month)
            done.rows = {t: after[t][0] - before[t][0] for t in TABLES}
            done.fen = {t: after[t][1] - before[t][1] for t in TABLES}
            pq.write_table(books.copy_out(_CHANGES, r=region, m=month), part)
            done.people = books.value(f"SELECT count(DISTINCT number) FROM ({_CHANGES}) AS c", r=region, m=month)
            raise psycopg.Rollback
    _note(done, officer, out)
    return done


def _steps(context: Context, done: Rehearsed, until: str) -> None:
    known = done_steps(context)
    for name, step in STEPS.items():
        if name not in known:
            try:
                done.summaries[name] = run_step(context, name, step)
            except NotYet as waiting:
                done.waiting = waiting
                return
        if name == until:
            return


def _sums(books: Books, region: int, month: dt.date) -> dict[str, tuple[int, int]]:
    """Rows and fen booked in the month, by table."""
    each = (
        f"""SELECT '{table}', count(*), coalesce(sum({fen}), 0)::bigint FROM {table} WHERE region = %(r)s
            AND booked = %(m)s"""
        for table, (fen, _) in TABLES.items()
    )
    return {table: (rows, fen) for table, rows, fen in books.rows(" UNION ALL ".join(each), r=region, m=month)}


_PEOPLE = " UNION ALL ".join(
    f"""SELECT person_id, '{table}' AS "table", {
        "NULL::date" if table in ("entitlement", "receivable") else "month::date"
    } AS month,
           count(*) AS rows, sum({fen})::bigint AS fen
        FROM {table} WHERE region = %(r)s AND booked = %(m)s GROUP BY 1, 2, 3"""
    for table, (fen, personal) in TABLES.items()
    if personal
)
_CHANGES = f"""
    SELECT p.number, c."table", c.month, c.rows, c.fen
    FROM (SELECT person_id, "table", month, sum(rows)::bigint AS rows, sum(fen)::bigint AS fen
          FROM (SELECT * FROM ({_PEOPLE}) AS after
                UNION ALL SELECT person_id, "table", month, -rows, -fen FROM booked_before) AS x
          GROUP BY 1, 2, 3 HAVING sum(rows) <> 0 OR sum(fen) <> 0) AS c
    JOIN person p ON p.id = c.person_id ORDER BY p.number, c."table", c.month"""


def _note(done: Rehearsed, officer: str, out: Path) -> None:
    told = {
        "rows": done.rows,
        "fen": done.fen,
        "people": done.people,
        "steps": {name: summary.json() for name, summary in done.summaries.items()},
        "waiting": done.waiting and [done.waiting.zh, done.waiting.en],
    }
    with connect("run") as books:
        books.execute(
            """INSERT INTO dry_run (region, month, officer, summary, detail)
               VALUES (%(r)s, %(m)s, %(o)s, %(s)s, %(d)s)""",
            r=done.region,
            m=done.month,
            o=officer,
            s=json.dumps(told, ensure_ascii=False),
            d=out.name,
        )
