"""A payroll workbook imported into books of its own: people who are employed already, and people hired by the file."""

from __future__ import annotations

import datetime as dt
import io
import shutil
import time
from typing import Any

from bench.measure import peak_megabytes

REGION, CITY, OPEN = 44, 440_100_000_000, dt.date(2025, 3, 1)
EMPLOYEES = 200  # people of one employer


def imported(rows: int, hires: bool) -> dict[str, Any]:
    """Seconds and statements of a first import of a workbook of so many rows, and what became of them."""
    from shebao.books import connect, migrate, server
    from shebao.intake.store import import_payroll

    home = server.home()
    server.stop()
    shutil.rmtree(home, ignore_errors=True)
    migrate()
    numbers, codes = _numbers(rows), _codes(-(-rows // EMPLOYEES))
    data = _workbook(numbers, codes, hires)
    with connect("run") as books:
        _register(books, numbers, codes, employed=not hires)
    with connect("run") as books:
        start = time.perf_counter()
        report = import_payroll(books, data, name="payroll.xlsx", region=REGION, officer="A")
        took, statements = time.perf_counter() - start, books.statements
    server.stop()
    shutil.rmtree(home, ignore_errors=True)
    return {
        "seconds": took,
        "statements": statements,
        "bytes": len(data),
        "accepted": report.accepted + report.adjusted,
        "rejected": report.rejected,
        "hired": report.changes["hired"],
        "peak_mb": peak_megabytes(),
    }


def _numbers(people: int) -> list[str]:
    """Citizen numbers of men born from 1970 on."""
    from stdnum.cn import ric

    first, found = dt.date(1970, 1, 1), []
    for k in range(people):
        day, serial = divmod(k, 500)
        digits = f"440106{first + dt.timedelta(days=day):%Y%m%d}{2 * serial + 1:03d}"
        found.append(digits + ric.calc_check_digit(digits + "0"))
    return found


def _codes(count: int) -> list[str]:
    from stdnum.cn import uscc

    stems = (f"91440100{100_000_000 + k}" for k in range(count))
    return [stem + uscc.calc_check_digit(stem) for stem in stems]


def _workbook(numbers: list[str], codes: list[str], hires: bool) -> bytes:
    """The file as employers have it: numbers of people as text, wages as numbers, days as dates."""
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "constant_memory": False}) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        headings = ["姓名", "身份证号", "统一社会信用代码", "费款所属期", "缴费工资", *(["入职日期"] if hires else [])]
        sheet.write_row(0, 0, headings)
        for k, number in enumerate(numbers):
            sheet.write_row(k + 1, 0, ["张三", number, codes[k // EMPLOYEES], "2025-03", 5_000 + k % 15_000])
            if hires:
                sheet.write_datetime(k + 1, 5, dt.datetime(2025, 2, 1 + k % 28), day)
    return out.getvalue()


def _register(books: Any, numbers: list[str], codes: list[str], employed: bool) -> None:
    """Offices, an officer, the employers and the people of the file; ``employed`` since February."""
    from shebao.books.registry import add_officer, add_offices

    add_offices(books, [(440_000_000_000, 1, "广东", None), (CITY, 2, "广州", 440_000_000_000)])
    add_officer(books, "A", "甲", 440_000_000_000, ["register"])
    books.ensure_months([OPEN])
    books.execute("INSERT INTO period_event VALUES (44, %(m)s, 0, 'opened', 'A')", m=OPEN)
    books.execute("INSERT INTO employer (credit_code) SELECT unnest(%(c)s::text[])", c=codes)
    values = {"r": REGION, "area": CITY, "m": OPEN}
    books.execute(
        """INSERT INTO employer_record (employer_id, region, area, valid, booked, name, size, industry_class, source)
           SELECT id, %(r)s, %(area)s, daterange('2000-01-01', NULL), %(m)s, '公司' || id, 'large', 1, 'bench'
           FROM employer""",
        **values,
    )
    books.execute("INSERT INTO person (number) SELECT unnest(%(n)s::text[])", n=numbers)
    books.execute(
        """INSERT INTO person_record (person_id, region, area, valid, booked, name, sex, birth_date, category, source)
           SELECT id, %(r)s, %(area)s, daterange(substr(number, 7, 8)::date, NULL), %(m)s, '张三', 'male',
               substr(number, 7, 8)::date, 'men60', 'bench' FROM person""",
        **values,
    )
    if employed:
        books.execute(
            """INSERT INTO participation (person_id, scheme, region, area, valid, booked, kind, employer_id, source)
               SELECT p.id, s::scheme, %(r)s, %(area)s, daterange('2025-02-01', NULL), %(m)s, 'employee',
                   e.id, 'bench'
               FROM (SELECT id, row_number() OVER (ORDER BY id) - 1 AS k FROM person) p
               JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS k FROM employer) e ON e.k = p.k / %(size)s,
                    unnest(ARRAY['employee_pension', 'unemployment', 'work_injury']) s""",
            size=EMPLOYEES,
            **values,
        )
    books.execute("ANALYZE")
