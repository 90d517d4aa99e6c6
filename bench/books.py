"""A month run and timed step by step in books of its own, and the same rows copied plainly."""

from __future__ import annotations

import datetime as dt
import io
import shutil
import time
from collections.abc import Callable
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from bench.measure import in_child, peak_megabytes

BEFORE, REGION, MONTH = "before", 11, dt.date(2025, 1, 1)


def opened(people: int) -> dict[str, Any]:
    """Books of their own with so many people, their wages of the month declared, and the same once more beside them."""
    from shebao.books import connect, migrate, server
    from shebao.month.opening import declare_month, open_province

    home = server.home()
    server.stop()
    shutil.rmtree(home, ignore_errors=True)
    migrate()
    with connect("run") as books:
        open_province(books, REGION, MONTH, people)
        declare_month(books, REGION, MONTH)
    _clone()
    return {"peak_mb": peak_megabytes()}


def month(out: str) -> dict[str, Any]:
    """Seconds, rows and statements of each step; of the plain COPY; of one record read; and the peak memory."""
    from shebao.books import server

    shutil.rmtree(out, ignore_errors=True)
    steps = _timed(Path(out))
    peak = peak_megabytes()  # before the rows are held for the plain COPY
    record_ms = _record_ms()
    copied = _plain_copy()
    server.stop()
    shutil.rmtree(server.home(), ignore_errors=True)
    return {
        "steps": steps,
        "ours": sum(step["seconds"] for step in steps.values()),
        "statements": sum(step["statements"] for step in steps.values()),
        "rows": sum(copied["rows"].values()),
        "copy": copied["seconds"],
        "paid": copied["rows"].get("payment", 0),
        "record_ms": record_ms,
        "peak_mb": peak,
    }


def statement(out: str) -> dict[str, Any]:
    """Writes the bank's statement of a month in which every payer pays its bills."""
    from shebao.bank.simulate import Bank
    from shebao.books import connect

    bank = Bank("0" * 16, 0)
    with connect("run") as books:
        owed = (
            "SELECT amount, reference FROM bill WHERE region = %(r)s AND booked = %(m)s AND amount > 0 ORDER BY number"
        )
        for amount, reference in books.rows(owed, r=REGION, m=MONTH):
            bank.receive(MONTH.replace(day=20), amount, reference)
    return {"bytes": Path(out).write_bytes(bank.statement(dt.datetime(2025, 1, 21, 8)))}


def _timed(out: Path) -> dict[str, dict[str, Any]]:
    from shebao.books import connect
    from shebao.law import rulebook
    from shebao.month.orders import approve
    from shebao.month.receipts import import_statement
    from shebao.month.run import run_month

    clerk, controller = f"clerk-{REGION}", f"controller-{REGION}"
    steps: dict[str, dict[str, Any]] = {}
    began: dict[str, tuple[float, int]] = {}
    with connect("run") as books:

        def log(step: str | None, event: str, _detail: dict[str, str]) -> None:
            if event == "started":
                began[str(step)] = (time.perf_counter(), books.statements)
            elif event == "done":
                _put(steps, str(step), *began[str(step)], books)

        def measured(name: str, work: Callable[[], Any]) -> Any:
            start = (time.perf_counter(), books.statements)
            done = work()
            _put(steps, name, *start, books)
            return done

        book = rulebook()
        run_month(MONTH, REGION, book, clerk, until="collect", books=books, log=log)
        came = Path(f"{out}.xml")
        in_child("statement", out=str(came))  # the bank's work, in the bank's memory
        measured("receipts", lambda: import_statement(books, came.read_bytes(), came.name, clerk))
        came.unlink()
        run_month(MONTH, REGION, book, clerk, until="pay", books=books, log=log)
        measured("bank file", lambda: approve(books, REGION, MONTH, controller, out))
        run_month(MONTH, REGION, book, clerk, books=books, log=log)
    return steps


def _put(steps: dict[str, dict[str, Any]], name: str, start: float, before: int, books: Any) -> None:
    seconds, statements = time.perf_counter() - start, books.statements - before
    steps[name] = {
        "seconds": seconds,
        "statements": statements,
        "rows": _rows_of(books) - sum(s["rows"] for s in steps.values()),
    }


# -- the same rows, plainly ---------------------------------------------------------------------------


def _tables(connection: psycopg.Connection[Any]) -> list[str]:
    """Tables with a booked month, those that others refer to first."""
    names = connection.execute(
        """SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'booked'
           WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace
           ORDER BY c.relname"""
    ).fetchall()
    refers = connection.execute(
        """SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint
           WHERE contype = 'f' AND conrelid <> confrelid"""
    ).fetchall()
    kept = {name for (name,) in names}
    order = TopologicalSorter({name: [to for of, to in refers if of == name] for name in sorted(kept)}).static_order()
    return [name for name in order if name in kept]


def _rows_of(books: Any) -> int:
    """Rows the month has booked so far."""
    counted = books.connection.execute(
        sql.SQL(" UNION ALL ").join(
            sql.SQL("SELECT count(*) FROM {} WHERE booked = %(m)s").format(sql.Identifier(name))
            for name in _tables(books.connection)
            if name != "declaration"
        ),
        {"m": MONTH},
    )
    return sum(count for (count,) in counted.fetchall())


def _plain_copy() -> dict[str, Any]:
    """The month's rows out of the books into memory, then into the database as it was before; only that is timed."""
    rows, seconds = {}, 0.0
    with _direct("shebao") as source, _direct(BEFORE) as target:
        target.execute("SET ROLE shebao_run")
        target.execute("SELECT ensure_month(%s)", [MONTH])
        accounts = source.execute("SELECT code, region, scheme::text, name, kind::text FROM ledger_account").fetchall()
        with target.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO ledger_account VALUES (%s, %s, %s::scheme, %s, %s::account_kind) ON CONFLICT DO NOTHING",
                accounts,
            )
        target.commit()
        for name in (*_tables(source), "posting"):
            if name == "declaration":
                continue
            held = io.BytesIO()
            with source.cursor() as cursor, cursor.copy(_new_rows(name)) as lines:
                for line in lines:
                    held.write(line)
            start = time.perf_counter()
            into = sql.SQL("COPY {} {} FROM STDIN (FORMAT csv)").format(
                sql.Identifier(name), sql.SQL(_COLUMNS.get(name, ""))
            )
            with target.cursor() as cursor:
                with cursor.copy(into) as lines:
                    lines.write(held.getbuffer())
                rows[name] = cursor.rowcount
            seconds += time.perf_counter() - start
        start = time.perf_counter()
        target.commit()
        seconds += time.perf_counter() - start
    return {"rows": rows, "seconds": seconds}


_COLUMNS = {"journal_entry": "(region, number, booked, key, step, text)"}  # the rest is the transaction's


def _new_rows(name: str) -> str:
    """What the month added to a table. Payroll files were there before; postings are sealed with their transaction."""
    month = f"booked = DATE '{MONTH}'"
    query = {
        "posting": f"SELECT p.* FROM posting p JOIN journal_entry e USING (region, number) WHERE e.{month}",
        "journal_entry": f"SELECT region, number, booked, key, step, text FROM journal_entry WHERE {month}",
        "import_file": f"SELECT * FROM import_file WHERE {month} AND kind <> 'payroll'",
    }.get(name, f"SELECT * FROM {name} WHERE {month}")
    return f"COPY ({query}) TO STDOUT (FORMAT csv)"


def _direct(database: str) -> psycopg.Connection[Any]:
    from shebao.books import server

    return psycopg.connect(make_conninfo(server.url(), dbname=database))


def _clone() -> None:
    """The database as it is now, once more, beside it."""
    with _direct("postgres") as connection:
        connection.autocommit = True
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE shebao STRATEGY file_copy").format(sql.Identifier(BEFORE))
        )


def _record_ms() -> float:
    """Milliseconds for one pensioner's whole record: the middle of twenty, each another person."""
    from statistics import median

    from shebao.books import connect
    from shebao.books.record import whole_record

    with connect("run") as books:
        numbers = books.rows(
            """SELECT p.number FROM entitlement e JOIN person p ON p.id = e.person_id
               WHERE e.benefit = 'employee_pension' ORDER BY hashint8(p.id) LIMIT 21"""
        )
        took = []
        for (number,) in numbers:
            start = time.perf_counter()
            whole_record(books, number)
            took.append(time.perf_counter() - start)
    return median(took[1:]) * 1000
