"""What employers declare for a month: everybody at once straight into the table, or files as employers send them."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection
from pathlib import Path

import numpy as np
import pyarrow as pa
import xlsxwriter

from shebao.books import Books, BooksError
from shebao.month.opening.sources import assumed
from shebao.population.careers import INDEX
from shebao.population.data import average_wage, place_of

_DECLARED = """
    SELECT p.person_id, p.employer_id, p.area, d.wage, c.average_index AS index FROM participation p
    LEFT JOIN (SELECT DISTINCT ON (person_id) person_id, wage FROM declaration
               WHERE region = %(r)s AND month = %(last)s AND NOT withdrawn ORDER BY person_id, version DESC) d USING
                   (person_id)
    LEFT JOIN career c ON c.person_id = p.person_id AND c.scheme = 'employee_pension' AND upper_inf(c.known)
    WHERE p.region = %(r)s AND p.scheme = 'employee_pension' AND p.kind = 'employee' AND upper_inf(p.known) AND
        p.valid @> %(m)s
      AND NOT p.employer_id = ANY (%(without)s) {only}
    ORDER BY p.employer_id, p.person_id"""


def declare_month(
    books: Books, region: int, month: dt.date, seed: int = 1, *, without: Collection[int] = (), officer: str = ""
) -> int:
    """Every employer declares: last month's wage, raised for some; returns the rows. One transaction.

    Whose wage nobody declared last month earns the province's average wage times the index of his or her career, or,
    without a career, what stands in the middle at the employer (else of everybody). ``without`` names employers (ids)
    that
    do not declare now. ``BooksError`` if nobody is employed.
    """
    rows = _wages(books, region, month, seed, without)
    file = hashlib.sha256(f"declarations {region} {month:%Y-%m} {seed} {sorted(without)}".encode()).hexdigest()
    booked = books.booking_month(region, "collect")
    with books.transaction():
        books.ensure_months([month])
        books.execute(
            """INSERT INTO import_file (id, kind, name, region, area, booked, rows, accepted, adjusted, rejected,
                officer)
               VALUES (%(id)s, 'payroll', %(n)s, %(r)s, %(a)s, %(b)s, %(c)s, %(c)s, 0, 0, %(o)s)""",
            id=file,
            n=f"declarations-{region}-{month:%Y-%m}",
            r=region,
            a=region * 10**10,
            b=booked,
            c=len(rows),
            o=officer or f"clerk-{region}",
        )
        count = len(rows)
        same = {"month": month, "version": 0, "region": region, "booked": booked, "file_id": file}
        for name, value in same.items():
            rows = rows.append_column(name, pa.repeat(value, count))
        rows = rows.append_column("row_number", pa.array(range(1, count + 1), pa.int32()))
        return books.copy_in("declaration", rows)


def _wages(
    books: Books, region: int, month: dt.date, seed: int, without: Collection[int], only: Collection[int] = ()
) -> pa.Table:
    """Columns ``person_id``, ``employer_id``, ``area``, ``wage``; some wages raised, by seed and person."""
    query = _DECLARED.format(only="AND p.employer_id = ANY (%(only)s)" if only else "")
    last = (month - dt.timedelta(days=1)).replace(day=1)
    values = {"r": region, "m": month, "last": last, "without": list(without)} | ({"only": list(only)} if only else {})
    found = books.copy_out(query, **values)
    if not len(found):
        raise BooksError(f"nobody is employed in region {region} in {month:%Y-%m} 该月无在职参保人员")
    wages, known = _numbers(found["wage"])
    index, worked = _numbers(found["index"])
    average = int(average_wage(month.year - 1)[place_of(region)])
    wages = np.where(known, wages, average * index // INDEX)
    missing = ~known & (~worked | (index == 0))
    if missing.any():
        wages[missing] = _middle(wages, found["employer_id"].to_numpy(), missing)
    raised = _raised(wages, found["person_id"].to_numpy(), month, seed)
    return found.drop_columns(["index"]).set_column(3, "wage", pa.array(raised))


def _numbers(column: pa.ChunkedArray) -> tuple[np.ndarray, np.ndarray]:
    """Values, 0 where there is none, and where there is one."""
    values = column.cast(pa.int64()).fill_null(0).to_numpy()
    return values, column.is_valid().to_numpy()


def _middle(wages: np.ndarray, employers: np.ndarray, missing: np.ndarray) -> np.ndarray:
    """For those without a wage the middle one of their employer, or of everybody."""
    known = ~missing
    everybody = int(np.sort(wages[known])[known.sum() // 2]) if known.any() else 0
    if not everybody:
        raise BooksError("no wage has been declared yet 尚无任何工资申报")
    found = []
    for employer in employers[missing].tolist():
        own = np.sort(wages[known & (employers == employer)])
        found.append(int(own[len(own) // 2]) if len(own) else everybody)
    return np.array(found, np.int64)


def _raised(wages: np.ndarray, people: np.ndarray, month: dt.date, seed: int) -> np.ndarray:
    raises, number = assumed("raise"), month.year * 12 + month.month
    mixed = (people.astype(np.uint64) + np.uint64(number * 7919 + seed)) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    draw = (mixed >> np.uint64(40)).astype(np.int64)
    rise = np.where(draw % 1000 < raises["share"], draw // 1000 % (raises["most"] + 1), 0)
    return wages + wages * rise // 1000


def payroll_files(
    books: Books, region: int, month: dt.date, employers: Collection[int], folder: Path, seed: int = 1
) -> list[Path]:
    """One XLSX for each employer, as payroll clerks write them: a title above the header, some columns in other
    words."""
    rows = _wages(books, region, month, seed, (), employers)
    who = books.copy_out(
        """SELECT p.id AS person_id, p.number, r.name FROM person p JOIN person_record r ON r.person_id = p.id
           WHERE p.id = ANY (%(p)s) AND upper_inf(r.known)""",
        p=rows["person_id"].to_pylist(),
    )
    people = {i: (number, name) for i, number, name in zip(*(c.to_pylist() for c in who.columns), strict=True)}
    firms = {
        i: (code, name)
        for i, code, name in books.rows(
            "SELECT employer_id, credit_code, name FROM employer_now WHERE employer_id = ANY (%(e)s)", e=list(employers)
        )
    }
    folder.mkdir(parents=True, exist_ok=True)
    lines: dict[int, list[tuple[str, str, int]]] = {employer: [] for employer in firms}
    for row in rows.to_pylist():
        number, name = people[row["person_id"]]
        lines[row["employer_id"]].append((name, number, row["wage"]))
    return [_write(folder, month, *firms[employer], lines[employer]) for employer in sorted(firms)]


def _write(folder: Path, month: dt.date, code: str, name: str, lines: list[tuple[str, str, int]]) -> Path:
    path = folder / f"{code}-{month:%Y-%m}.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"created": dt.datetime(month.year, month.month, 1)})
        sheet = book.add_worksheet("申报表")
        sheet.merge_range(0, 0, 0, 4, f"{name} {month:%Y年%m月} 社会保险费申报表")
        for column, heading in enumerate(("姓名", "身份证号码", "统一社会信用代码", "费款所属期", "缴费工资（元）")):
            sheet.write_string(1, column, heading)
        for at, (who, number, wage) in enumerate(lines, 2):
            for column, text in enumerate((who, number, code, f"{month:%Y-%m}")):
                sheet.write_string(at, column, text)
            sheet.write_string(at, 4, f"{wage // 100:,}.{wage % 100:02d}")  # text with separators, as often sent
    return path
