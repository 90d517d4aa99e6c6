"""What becomes of a row, why, and the result of reading a file."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum, unique
from functools import cached_property

import pyarrow as pa


class IntakeError(Exception):
    """The file as a whole cannot be taken in; nothing of it was. ``zh`` and ``en`` say what, where and what to do."""

    def __init__(self, zh: str, en: str) -> None:
        self.zh, self.en = zh, en
        super().__init__(f"{zh} {en}")


class Outcome(Enum):
    """What becomes of a row."""

    ACCEPTED = ("接受", "accepted")
    ADJUSTED = ("调整", "adjusted")
    REJECTED = ("拒绝", "rejected")

    @property
    def zh(self) -> str:
        return self.value[0]

    @property
    def en(self) -> str:
        return self.value[1]


_ADJUSTED, _REJECTED = Outcome.ADJUSTED, Outcome.REJECTED


@unique  # two reasons of the same words would be one
class Reason(Enum):
    """Why a row was not taken as it stood: the one table of reasons.

    ``code`` is what is stored; the texts name the ``{column}`` as its heading is in the file, the ``{value}`` as it
    stood there, and ``{other}``: another row or what was expected.
    """

    # any cell
    MISSING = (_REJECTED, "“{column}”未填", "{column} is empty")
    FORMULA_ERROR = (_REJECTED, "“{column}”是公式错误 {value}", "{column} holds the formula error {value}")
    NOT_TEXT = (_REJECTED, "“{column}”不应是 {value}", "{column} cannot be {value}")
    EXTRA_CELLS = (
        _REJECTED,
        "本行的格数多于标题行（多出 {value}）：金额中的逗号须加引号",
        "more cells than the header ({value} is beyond it): an amount with a comma must be quoted",
    )
    NOT_CHOICE = (_REJECTED, "“{column}”无法识别：{value}（应为 {other}）", "{column} {value} is none of {other}")
    # identity
    LOST_PRECISION = (
        _REJECTED,
        "“{column}”被表格软件存成了数值 {value}，末位数字已丢失：请把该列设为文本后重新填写",
        "{column} was stored as the number {value}, its last digits are lost: format the column as text and enter anew",
    )
    OLD_NUMBER = (
        _REJECTED,
        "{value} 是15位旧号码：请填写现用证件上的18位号码（旧号第6位后加“19”，末尾加校验码）",
        "{value} is an old 15-digit number: give the 18 characters of the present card "
        "(the old ones with 19 after the sixth digit and the check character at the end)",
    )
    CITIZEN_NUMBER_FORM = (
        _REJECTED,
        "{value} 不是公民身份号码：应为17位数字加校验码",
        "{value} is not a citizen number: 17 digits and a check character",
    )
    CITIZEN_NUMBER_CHECK = (
        _REJECTED,
        "{value} 的校验码不符（GB 11643），号码有误",
        "the check character of {value} does not fit (GB 11643): some digit is wrong",
    )
    CITIZEN_NUMBER_BIRTH = (
        _REJECTED,
        "{value} 中的出生日期不存在",
        "the date of birth in {value} is no date",
    )
    CITIZEN_NUMBER_PLACE = (
        _REJECTED,
        "{value} 的地区码不存在",
        "the first digits of {value} are no province",
    )
    SEX_DIFFERS = (
        _REJECTED,
        "性别 {value} 与公民身份号码（{other}）不符",
        "sex {value} differs from the citizen number ({other})",
    )
    BIRTH_DIFFERS = (
        _REJECTED,
        "出生日期 {value} 与公民身份号码（{other}）不符",
        "date of birth {value} differs from the citizen number ({other})",
    )
    NAME_FORM = (
        _REJECTED,
        "{value} 不是姓名：只能有文字、间隔号、空格，最长50字",
        "{value} is not a name: letters, middle dots and spaces only, at most 50",
    )
    # employer and place
    CREDIT_CODE_FORM = (
        _REJECTED,
        "{value} 不是统一社会信用代码：应为18位数字或大写字母",
        "{value} is not a unified credit code: 18 digits or capital letters",
    )
    CREDIT_CODE_CHECK = (
        _REJECTED,
        "{value} 的校验码不符（GB 32100），代码有误",
        "the check character of {value} does not fit (GB 32100): some character is wrong",
    )
    OTHER_EMPLOYER = (
        _REJECTED,
        "“{column}”为 {value}，但本文件是 {other} 的申报",
        "{column} is {value}, but the file is declared for {other}",
    )
    AREA_FORM = (
        _REJECTED,
        "“{column}”不是行政区划代码：{value}（2、4、6、9或12位数字）",
        "{column} {value} is not a division code (2, 4, 6, 9 or 12 digits)",
    )
    PHONE_FORM = (_REJECTED, "“{column}”不是电话号码：{value}", "{column} {value} is not a telephone number")
    BANK_ACCOUNT_FORM = (
        _REJECTED,
        "“{column}”不是银行账号：{value}（8至32位数字）",
        "{column} {value} is not a bank account (8 to 32 digits)",
    )
    TEXT_FORM = (
        _REJECTED,
        "“{column}”含控制字符或超过200字：{value}",
        "{column} has control characters or more than 200 characters: {value}",
    )
    # amounts and dates
    AMOUNT_FORM = (_REJECTED, "“{column}”不是金额：{value}", "{column} {value} is not an amount")
    AMOUNT_NEGATIVE = (_REJECTED, "“{column}”为负数：{value}", "{column} {value} is negative")
    AMOUNT_DECIMALS = (
        _REJECTED,
        "“{column}”{value} 不足一分的尾数：请四舍五入到分后填写",
        "{column} {value} has a part of a fen: enter it rounded to the fen",
    )
    AMOUNT_TOO_LARGE = (
        _REJECTED,
        "“{column}”{value} 超过一亿元，不可信",
        "{column} {value} is above 100 million yuan: not credible",
    )
    DATE_FORM = (
        _REJECTED,
        "“{column}”不是日期：{value}（应如 2025-03-01）",
        "{column} {value} is not a date such as 2025-03-01",
    )
    DATE_WITHOUT_DAY = (
        _REJECTED,
        "“{column}”缺少日：{value}（应如 2025-03-01）",
        "{column} {value} lacks the day: give a date such as 2025-03-01",
    )
    DATE_SYSTEM = (
        _REJECTED,
        "“{column}”是序号 {value}，本类文件不说明序号的日期起点：请填写如 2025-03-01",
        "{column} is the serial number {value}, whose calendar this kind of file does not tell: write it as 2025-03-01",
    )
    DATE_OUT_OF_RANGE = (
        _REJECTED,
        "“{column}”超出范围：{value}（1900年至2099年）",
        "{column} {value} is outside the years 1900 to 2099",
    )
    MONTH_FORM = (
        _REJECTED,
        "“{column}”不是月份：{value}（应如 2025-03）",
        "{column} {value} is not a month such as 2025-03",
    )
    MONTH_AMBIGUOUS = (
        _REJECTED,
        "“{column}”是数值 {value}，可能是1月也可能是10月：请填写如 2025-10",
        "{column} is the number {value}, January or October: write it as 2025-10",
    )
    OTHER_MONTH = (
        _REJECTED,
        "所属期为 {value}，但本文件申报的是 {other}",
        "the month is {value}, but the file is declared for {other}",
    )
    LEFT_BEFORE_HIRED = (
        _REJECTED,
        "离职日期 {value} 早于入职日期 {other}",
        "left on {value}, before being hired on {other}",
    )
    NOT_YET_BORN = (_REJECTED, "{value} 早于出生日期 {other}", "{value} is before the date of birth {other}")
    # within the file
    DUPLICATE = (_REJECTED, "与第 {other} 行重复：{value}", "repeats row {other}: {value}")
    # against the books
    UNKNOWN_EMPLOYER = (_REJECTED, "单位未登记：{value}", "employer {value} is not registered")
    UNKNOWN_PERSON = (_REJECTED, "人员未登记：{value}", "person {value} is not registered")
    NAME_DIFFERS = (
        _REJECTED,
        "姓名 {value} 与登记的 {other} 不符",
        "name {value} differs from the registered {other}",
    )
    NO_PARTICIPATION = (
        _REJECTED,
        "{value} 该月在本单位无参保关系",
        "{value} has no participation with this employer in that month",
    )
    MONTH_CLOSED = (_REJECTED, "{value} 不接受申报：{other}", "{value} is not open to declarations: {other}")
    BASE_BELOW_FLOOR = (
        _ADJUSTED,
        "申报 {value} 低于下限，按下限 {other} 计",
        "declared {value} is below the floor: taken as {other}",
    )
    BASE_ABOVE_CAP = (
        _ADJUSTED,
        "申报 {value} 高于上限，按上限 {other} 计",
        "declared {value} is above the cap: taken as {other}",
    )

    def __init__(self, outcome: Outcome, zh: str, en: str) -> None:
        self.outcome, self.zh, self.en = outcome, zh, en

    @property
    def code(self) -> str:
        """The stored name: ``lost_precision``."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason about one row; a row may have several."""

    row_number: int  # 1-based, as the table program shows it
    reason: Reason
    column: str = ""  # the heading in the file
    value: str = ""
    other: str = ""

    @property
    def zh(self) -> str:
        return self._say(self.reason.zh)

    @property
    def en(self) -> str:
        return self._say(self.reason.en)

    def _say(self, text: str) -> str:
        return text.format(column=short(self.column), value=short(self.value), other=short(self.other))


@dataclass(frozen=True, slots=True)
class Ignored:
    """A row that declares nobody: ``why`` is one of :data:`IGNORED`."""

    row_number: int
    why: str
    text: str


@dataclass(frozen=True)
class IntakeFile:
    """A file read and validated without any knowledge of the books.

    ``rows`` are the well-formed rows (columns: see the reader); ``rejected`` all findings of the others, by row;
    ``ignored`` the rows that declare nobody. ``accepted + rejected_rows + len(ignored) == rows_in_sheet``.
    """

    name: str
    sheet: str  # empty for CSV
    sha256: str  # of the bytes
    content_sha256: str  # of what the rows say, whatever the format of the file
    headings: tuple[str, ...]  # the header as it stands in the file, one for each column
    columns: dict[str, str]  # field -> heading
    unknown_columns: tuple[str, ...]  # headings that mean nothing here; their cells were not read
    rows_in_sheet: int
    rows: pa.Table
    rejected: tuple[Finding, ...]
    ignored: tuple[Ignored, ...]
    raw: list[list[object]] = field(repr=False)  # every row of the sheet as it stood; row n at n - 1

    def cells(self, row_number: int) -> tuple[str, ...]:
        """The cells of a row as text, one for each heading or more."""
        cells = tuple(map(shown, self.raw[row_number - 1]))
        return cells + ("",) * (len(self.headings) - len(cells))

    @property
    def accepted(self) -> int:
        """Number of well-formed rows."""
        return self.rows.num_rows

    @cached_property
    def rejected_rows(self) -> int:
        """Number of rows with at least one finding."""
        return len({finding.row_number for finding in self.rejected})

    @property
    def rows_in_file(self) -> int:
        """Number of rows that declare somebody: accepted and rejected."""
        return self.accepted + self.rejected_rows

    def rejected_table(self) -> pa.Table:
        """The findings as a table: row_number, code, column, zh, en, cells (list of text)."""
        found = self.rejected
        return pa.table(
            {
                "row_number": pa.array([f.row_number for f in found], pa.int32()),
                "code": pa.array([f.reason.code for f in found], pa.string()),
                "column": pa.array([f.column for f in found], pa.string()),
                "zh": pa.array([f.zh for f in found], pa.string()),
                "en": pa.array([f.en for f in found], pa.string()),
                "cells": pa.array([list(self.cells(f.row_number)) for f in found], pa.list_(pa.string())),
            }
        )


def shown(cell: object) -> str:
    """A cell as text: dates as ISO 8601, numbers in their shortest exact form.

    Numbers of 16 digits and more, which a workbook keeps only in part, have an exponent: they must not look like
    the identity or account numbers they were.
    """
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool) or cell is None:
        return "" if cell is None else str(cell).upper()
    if isinstance(cell, (int, float)):
        if -(10**15) < cell < 10**15 and cell == int(cell):
            return str(int(cell))  # the usual case
        number = Decimal(repr(cell))
        if not number.is_finite():
            return str(cell)
        return format(number.normalize(), "E") if abs(number) >= 10**15 else format(number, "f").removesuffix(".0")
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        cell = cell.date()
    return cell.isoformat(" ") if isinstance(cell, dt.datetime) else str(cell)


def short(text: str, most: int = 60) -> str:
    """Text fit for a message: one line, printable, at most ``most`` characters."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else "�" for c in text[: most + 1])
    return text if len(text) <= most else text[: most - 1] + "…"
