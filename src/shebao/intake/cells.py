"""One cell → one value: amounts, dates, months, names and choices, in every form people write them.

A parser takes a cell that is not blank and returns its value or raises :class:`Fault`; it never guesses.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable

from shebao.intake.outcome import Reason, shown

MAX_NAME, MAX_TEXT = 50, 200
MAX_YUAN_DIGITS = 9  # of the whole yuan; the reason says 100 million
_FIRST, _LAST = dt.date(1900, 1, 1), dt.date(2099, 12, 31)
_INVISIBLE = dict.fromkeys([*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF])
_BLANKS = frozenset(("", "-", "--", "—", "——", "/", "\\", "无", "null", "NULL"))
_ERRORS = frozenset(
    ("#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#GETTING_DATA", "#ERROR")
)
_AMOUNT = re.compile(
    # possessive: runs of spaces must not be tried in every division
    r"(?:¥|RMB|CNY|人民币)?\s*+([+-]?)\s*+(?:¥)?\s*+([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.([0-9]*))?\s*+(?:元|圆)?",
    re.IGNORECASE,
)
_TIME = r"(?:[ T]\s*\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?" + _TIME, re.ASCII)
_MONTH = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*(?:月份?)?", re.ASCII)
_DIGITS = re.compile(r"\d{4,8}", re.ASCII)
_SERIAL = re.compile(r"([1-9]\d{4})(?:\.\d+)?", re.ASCII)  # from 1927 on; shorter ones may be years
_DOTS = str.maketrans("•‧∙・⋅．", "······")


class Fault(Exception):
    """Why a cell has no value; ``value`` replaces the cell in the message."""

    def __init__(self, reason: Reason, other: str = "", value: str | None = None) -> None:
        self.reason, self.other, self.value = reason, other, value
        super().__init__(reason, other, value)


def plain(cell: object) -> str:
    """The text of a cell for reading: half-width, trimmed, without invisible and text marks (``'1``, ``="1"``)."""
    text = cell if isinstance(cell, str) else shown(cell)
    if text.isascii() and text.isalnum():
        return text  # the usual case, and nothing to do
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(_INVISIBLE))
    text = text.strip()
    if text.startswith("'"):
        text = text[1:].strip()
    if text.startswith('="') and text.endswith('"') and len(text) > 2:
        text = text[2:-1].strip()
    return text


def is_blank(cell: object) -> bool:
    """Nothing was entered: no text, spaces, or a mark for nothing (``-``, ``/``, ``无``)."""
    if not isinstance(cell, str):
        return cell is None
    return cell in _BLANKS or (not cell[:1].isalnum() and plain(cell) in _BLANKS)


def is_error(cell: object) -> bool:
    """The cell holds a formula error such as ``#REF!``."""
    return isinstance(cell, str) and "#" in cell and cell.strip().upper() in _ERRORS


def is_number(cell: object) -> bool:
    """A numeric cell (a boolean is none)."""
    return isinstance(cell, (int, float)) and not isinstance(cell, bool)


def _text(cell: object) -> str:
    """The text of a cell that must be text or a number, and short."""
    if not isinstance(cell, str) and not is_number(cell):
        raise Fault(Reason.NOT_TEXT)
    text = plain(cell)
    if len(text) > MAX_TEXT and isinstance(cell, str):
        raise Fault(Reason.TEXT_FORM)
    return text


# ---- amounts ----------------------------------------------------------------------------------


def fen(cell: object) -> int:
    """An amount in yuan as whole fen: exact, at least 0, below 100 million yuan (10¹⁰ fen).

    A number of a workbook counts as its shortest decimal form, which is what was typed; more than two decimals
    are refused rather than rounded.
    """
    match = _AMOUNT.fullmatch(_text(cell))
    if match is None:
        raise Fault(Reason.AMOUNT_FORM)
    sign, whole, part = match[1], match[2].replace(",", "").lstrip("0"), (match[3] or "").rstrip("0")
    if sign == "-" and (whole or part):
        raise Fault(Reason.AMOUNT_NEGATIVE)
    if len(part) > 2:
        raise Fault(Reason.AMOUNT_DECIMALS)
    if len(whole) >= MAX_YUAN_DIGITS:
        raise Fault(Reason.AMOUNT_TOO_LARGE)
    return int(whole + part.ljust(2, "0"))


# ---- dates ------------------------------------------------------------------------------------


def day(cell: object, epoch: int | None = None) -> dt.date:
    """A date: a date cell, text with year first, eight digits, or a serial number of the calendar ``epoch``."""
    text, date = _day(cell, epoch)
    if date is None:
        only_month = _MONTH.fullmatch(text) or (len(text) == 6 and _DIGITS.fullmatch(text))
        raise Fault(Reason.DATE_WITHOUT_DAY if only_month else Reason.DATE_FORM)
    return _in_range(date)


def month(cell: object, epoch: int | None = None) -> dt.date:
    """The first day of a month: year and month in any form, or any date within it."""
    text, date = _day(cell, epoch)
    if date is None:
        match = _MONTH.fullmatch(text)
        if match is None and len(text) == 6 and _DIGITS.fullmatch(text):
            match = re.fullmatch(r"(\d{4})(\d{2})", text)
        if match is None:
            raise Fault(Reason.MONTH_FORM)
        if is_number(cell) and match[2] == "1":
            raise Fault(Reason.MONTH_AMBIGUOUS)  # 2025.10 typed as a number is kept as 2025.1
        date = _real(match[1], match[2], "1", Reason.MONTH_FORM)
    return _in_range(date).replace(day=1)


def _day(cell: object, epoch: int | None) -> tuple[str, dt.date | None]:
    """The text of a cell and its date, None if the text is not in the form of a date."""
    if isinstance(cell, dt.datetime):
        return "", cell.date()
    if isinstance(cell, dt.date):
        return "", cell
    text = _text(cell)
    match = _DAY.fullmatch(text)
    if match is None and len(text) == 8 and _DIGITS.fullmatch(text):
        match = re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text)
    if match is not None:
        return text, _real(match[1], match[2], match[3], Reason.DATE_FORM)
    serial = _SERIAL.fullmatch(text)
    return text, None if serial is None else _from_serial(int(serial[1]), epoch)


def _from_serial(serial: int, epoch: int | None) -> dt.date:
    if epoch is None:
        raise Fault(Reason.DATE_SYSTEM)
    # Day 60 of the 1900 calendar is 29 February 1900, which never was; all serials accepted here lie after it.
    return (dt.date(1904, 1, 1) if epoch == 1904 else dt.date(1899, 12, 30)) + dt.timedelta(days=serial)


def _real(year: str, month_: str, day_: str, otherwise: Reason) -> dt.date:
    try:
        return dt.date(int(year), int(month_), int(day_))
    except ValueError:
        raise Fault(otherwise) from None


def _in_range(date: dt.date) -> dt.date:
    if not _FIRST <= date <= _LAST:
        raise Fault(Reason.DATE_OUT_OF_RANGE)
    return date


# ---- words ------------------------------------------------------------------------------------


def name(cell: object) -> str:
    """A person's name: letters of any script, middle dots and spaces. Padding between Chinese characters goes."""
    if not isinstance(cell, str):
        raise Fault(Reason.NOT_TEXT)
    text = cell
    if not text.isalpha():
        text = " ".join(text.translate(_INVISIBLE).translate(_DOTS).removeprefix("'").split())
        letters = text.replace(" ", "")
        if letters and ord(min(letters)) >= 0x2E80:
            text = letters  # 张　三 is 张三
        if not all(map(_of_a_name, text)) or not any(map(str.isalpha, text)):
            raise Fault(Reason.NAME_FORM)
    if not 0 < len(text) <= MAX_NAME:
        raise Fault(Reason.NAME_FORM)
    return text


def _of_a_name(character: str) -> bool:
    # Private-use characters stand for rare ones in names; marks belong to letters of some scripts.
    return character in " ·.'’-〇○" or unicodedata.category(character)[0] in "LM" or "\ue000" <= character <= "\uf8ff"


def words(cell: object) -> str:
    """Any short text: no control characters, at most 200."""
    text = " ".join(shown(cell).translate(_INVISIBLE).split(" ")).strip()
    if len(text) > MAX_TEXT or any(unicodedata.category(c) in ("Cc", "Cs") for c in text):
        raise Fault(Reason.TEXT_FORM)
    return text


def choice(meanings: dict[str, str]) -> Callable[[object], str]:
    """A parser of one of several words; ``meanings``: what is written (lower case) -> value."""

    def parse(cell: object) -> str:
        value = meanings.get(_text(cell).lower())
        if value is None:
            raise Fault(Reason.NOT_CHOICE, "、".join(meanings))
        return value

    return parse


sex = choice({"男": "male", "女": "female", "male": "male", "female": "female", "m": "male", "f": "female"}
             | {"男性": "male", "女性": "female", "1": "male", "2": "female"})  # fmt: skip
"""GB/T 2261.1 codes and words -> ``male`` or ``female``."""

hukou = choice({"城镇": "urban", "农村": "rural", "urban": "urban", "rural": "rural"}
               | dict.fromkeys(("非农业", "非农", "城镇户口", "非农业户口", "本地城镇", "外地城镇"), "urban")
               | dict.fromkeys(("农业", "农村户口", "农业户口", "本地农村", "外地农村"), "rural"))  # fmt: skip
"""Kind of household registration -> ``urban`` or ``rural``."""
