"""Payroll declarations (缴费工资申报表): who earned what with which employer in which month."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import xlsxwriter

from shebao.intake import cells, numbers
from shebao.intake.checks import argument, check_identity, fill, reject_repeated
from shebao.intake.fields import PAYROLL, SCHEMES
from shebao.intake.outcome import IntakeFile, Reason
from shebao.intake.table import Table, finish, read_table

_EVERYTHING = frozenset(SCHEMES)


class PayrollFile(IntakeFile):
    """A payroll declaration as read by :func:`read_payroll`.

    Columns of ``rows``: ``row_number`` int32, ``citizen_number``, ``name``, ``credit_code`` string, ``month`` date32
    (the first of the month), ``wage_fen`` int64, ``hired_on``, ``left_on`` date32 or null, ``schemes`` list of names
    of :data:`SCHEMES` or null (all in which the person takes part), ``hukou`` ``urban``/``rural`` or null,
    ``sex`` ``male``/``female`` and ``born_on`` date32 (as the citizen number says).
    """

    @property
    def months(self) -> list[dt.date]:
        """The months declared, in order."""
        return sorted(set(self.rows["month"].to_pylist()))

    @property
    def credit_codes(self) -> list[str]:
        """The employers declaring, in order."""
        return sorted(set(self.rows["credit_code"].to_pylist()))


def read_payroll(
    source: str | Path | bytes,
    *,
    name: str,
    month: str | dt.date | None = None,
    credit_code: str | None = None,
    sheet: str | None = None,
) -> PayrollFile:
    """Read and validate a payroll declaration, XLSX, XLS or delimited text.

    ``name`` is the name of the file, for messages. ``month`` (``2025-03``) and ``credit_code`` hold for the whole
    file; a cell of the file that says otherwise is a fault. ``sheet`` chooses one of several. One person may be
    declared once by an employer in a month for a scheme: of well-formed rows that repeat, the first counts.

    ``IntakeError`` if the file as a whole cannot be taken: unreadable, too large, no table, columns missing or
    double, a wrong ``month`` or ``credit_code``.
    """
    for_month = argument(cells.month, month, "month")
    for_employer = argument(numbers.credit_code, credit_code, "credit_code")
    given = {"month": for_month, "credit_code": for_employer}
    table = read_table(source, name, PAYROLL, sheet, given)
    fill(table, "month", for_month, Reason.OTHER_MONTH)
    fill(table, "credit_code", for_employer, Reason.OTHER_EMPLOYER)
    check_identity(table)
    _check_dates(table)
    declared = [_EVERYTHING if schemes is None else frozenset(schemes) for schemes in table.values["schemes"]]
    reject_repeated(table, ("citizen_number", "credit_code", "month"), declared)
    return PayrollFile(**finish(table))


def _check_dates(table: Table) -> None:
    months, hired, left = (table.values[name] for name in ("month", "hired_on", "left_on"))
    for row, born in enumerate(table.values["born_on"]):
        if born is not None and months[row] is not None and months[row] <= born:
            table.fault(row, Reason.NOT_YET_BORN, "month", months[row], born)
        if hired[row] is not None and left[row] is not None and left[row] < hired[row]:
            table.fault(row, Reason.LEFT_BEFORE_HIRED, "left_on", left[row], hired[row])


# ---- the template -----------------------------------------------------------------------------

_TEMPLATE = (  # heading, width, cell format, note
    ("姓名", 14, "@", "必填。与身份证一致。\nRequired. As on the identity card."),
    ("公民身份号码", 22, "@", "必填。18位，文本格式。\nRequired. 18 characters; keep the column as text."),
    ("统一社会信用代码", 22, "@", "必填。18位。\nRequired. 18 characters."),
    ("费款所属期", 14, "@", "必填。如 2025-03。\nRequired. Such as 2025-03."),
    ("缴费工资", 14, "0.00", "必填。元，最多两位小数。\nRequired. Yuan, at most two decimals."),
    ("入职日期", 14, "yyyy-mm-dd", "新增人员填写，如 2025-03-01。\nFor new hires, such as 2025-03-01."),
    ("离职日期", 14, "yyyy-mm-dd", "减少人员填写，如 2025-03-31。\nFor leavers, such as 2025-03-31."),
    ("险种", 22, "@", "不填为该人参加的全部险种；多个用顿号分隔。\nBlank: all the person's schemes; several with 、."),
    ("户籍", 10, "@", "城镇或农村。\nurban or rural."),
)  # fmt: skip


def payroll_template(path: str | Path) -> None:
    """Write an empty XLSX that an employer can fill in: a column's note says what belongs in it."""
    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"created": dt.datetime(2025, 1, 1)})
        sheet, notes = book.add_worksheet("申报表"), book.add_worksheet("填写说明")
        bold = book.add_format({"bold": True, "bg_color": "#DDE7F0", "border": 1})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        notes.set_column(0, 0, 22)
        notes.set_column(1, 1, 70)
        for at, (heading, width, form, note) in enumerate(_TEMPLATE):
            sheet.set_column(at, at, width, book.add_format({"num_format": form}))
            sheet.write_string(0, at, heading, bold)
            sheet.write_comment(0, at, note, {"x_scale": 2})
            notes.write_string(at, 0, heading, bold)
            notes.write_string(at, 1, note, wrap)
        sheet.freeze_panes(1, 0)
        sheet.set_first_sheet()
