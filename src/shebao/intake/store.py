"""Storing what files declare: wages of a month, and who people are. See :mod:`shebao.intake.desk`."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from shebao.books import Books
from shebao.engine import Rulebook
from shebao.intake import declaring, registering
from shebao.intake.desk import Desk, ImportReport
from shebao.intake.payroll import read_payroll
from shebao.intake.persons import read_persons

__all__ = ["ImportReport", "declare", "import_payroll", "import_persons"]

#: column of a declared table -> heading of the file it is read as
_DECLARED = {
    "citizen_number": "公民身份号码",
    "name": "姓名",
    "credit_code": "统一社会信用代码",
    "month": "费款所属期",
    "wage_fen": "缴费工资",
    "hired_on": "入职日期",
    "left_on": "离职日期",
    "schemes": "险种",
}


def import_payroll(
    books: Books,
    source: str | Path | bytes,
    *,
    name: str,
    region: int,
    officer: str,
    month: str | dt.date | None = None,
    credit_code: str | None = None,
    sheet: str | None = None,
    replace: bool = False,
    dry_run: bool = False,
    rulebook: Rulebook | None = None,
) -> ImportReport:
    """Store a payroll declaration: wages, new hires (a row with a hire date) and leavers (with a leaving date).

    ``month`` and ``credit_code`` hold for the whole file. A wage that differs from the one declared before is its next
    version, an equal one none. ``replace``: the file is all that its employers declare for its months, so that people
    declared before and missing now are withdrawn; unless the file has rows whose person cannot be told.
    A base outside floor and cap is stored as declared and reported with the base that the law sets.

    ``IntakeError`` if the file cannot be read, ``BooksError`` if the officer may not register in the region or the
    books are not open. Nothing is stored then.
    """
    file = read_payroll(source, name=name, month=month, credit_code=credit_code, sheet=sheet)
    stated = {"month": str(month or ""), "credit_code": credit_code or "", "sheet": sheet or "", "replace": replace}
    desk = Desk(books, file, "payroll", region, officer, stated)
    return desk.take("collect", declaring.Declaring(rulebook, replace).judge, dry_run)


def declare(
    books: Books, table: pa.Table, *, name: str, region: int, officer: str, replace: bool = False, dry_run: bool = False
) -> ImportReport:
    """Store a payroll declaration given as a table, under the same rules as a file; row numbers count its rows from 2.

    Columns: ``citizen_number``, ``name``, ``credit_code`` text, ``month`` date, ``wage_fen`` int64, and if wanted
    ``hired_on``, ``left_on`` date, ``schemes`` list of names. ``IntakeError`` if one of the first five is missing.
    """
    columns = {heading: _text(table, field) for field, heading in _DECLARED.items() if field in table.column_names}
    lines = zip(*columns.values(), strict=True)
    text = "\n".join(",".join(map(_quoted, line)) for line in (tuple(columns), *lines))
    return import_payroll(
        books, text.encode(), name=name, region=region, officer=officer, replace=replace, dry_run=dry_run
    )


def _text(table: pa.Table, field: str) -> list[str]:
    column = table[field]
    if field == "wage_fen":
        return ["" if fen is None else _yuan(fen) for fen in column.to_pylist()]
    if pa.types.is_list(column.type):
        return ["" if names is None else "、".join(names) for names in column.to_pylist()]
    return pc.fill_null(column.cast(pa.string()), "").to_pylist()  # type: ignore[no-any-return]


def _yuan(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def import_persons(
    books: Books,
    source: str | Path | bytes,
    *,
    name: str,
    region: int,
    officer: str,
    area: str | int | None = None,
    women: str | None = None,
    sheet: str | None = None,
    dry_run: bool = False,
) -> ImportReport:
    """Store a person register: people not known yet are registered, known ones corrected by superseding.

    A blank cell leaves what is known as it is. Who is known under another name is rejected: the number may be wrong.
    ``area`` holds for rows without one; ``women`` (``women55`` or ``women50``) is the category of women not registered
    before, whom no column describes; without it they are rejected.

    ``IntakeError`` and ``BooksError`` as :func:`import_payroll`.
    """
    file = read_persons(source, name=name, area=area, sheet=sheet)
    stated = {"area": str(area or ""), "women": women or "", "sheet": sheet or ""}
    return Desk(books, file, "persons", region, officer, stated).take(
        "adjust", registering.Registering(women).judge, dry_run
    )
