"""The answer to the sender: the rows that were not taken as they stood, with the reason beside each."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

import xlsxwriter

from shebao.intake.outcome import Finding, IntakeFile, Outcome

HEADINGS = ("行号 row", "结果 outcome", "原因", "reason")
_WIDTHS = (8, 16, 48, 48)
_ADDED = "处理结果"


def write_rejects(path: str | Path, file: IntakeFile, findings: Iterable[Finding], *, adjusted: bool = True) -> int:
    """Write an XLSX of the rows that ``findings`` are about, in the order of the file; returns how many.

    A row with any rejecting reason is rejected, else adjusted (left out unless ``adjusted``). The cells are text as
    in the file, never formulas; the sender can correct them here and send this workbook back. For the faults found
    by reading alone pass ``file.rejected``; later findings may be added to them.
    """
    by_row = groupby(sorted(findings, key=lambda f: f.row_number), key=lambda f: f.row_number)
    rows = [(number, list(found)) for number, found in by_row]
    rows = [(number, found) for number, found in rows if adjusted or _outcome(found) is Outcome.REJECTED]
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"created": dt.datetime(2025, 1, 1)})
        sheet = book.add_worksheet(_ADDED)
        bold = book.add_format({"bold": True, "bg_color": "#DDE7F0", "border": 1, "text_wrap": True})
        text = book.add_format({"num_format": "@", "valign": "top"})
        wrap = book.add_format({"num_format": "@", "valign": "top", "text_wrap": True})
        width = len(HEADINGS) + len(file.headings)
        for at, heading in enumerate((*HEADINGS, *file.headings)):
            sheet.write_string(0, at, _storable(heading), bold)
        columns = [_WIDTHS[at] if at < 4 else _width(file, rows, at - 4) for at in range(width)]
        for at, size in enumerate(columns):
            sheet.set_column(at, at, size)
        for line, (number, found) in enumerate(rows, start=1):
            outcome = _outcome(found)
            sheet.write_number(line, 0, number)
            sheet.write_string(line, 1, f"{outcome.zh} {outcome.en}", text)
            sheet.write_string(line, 2, _storable("\n".join(f.zh for f in found)), wrap)
            sheet.write_string(line, 3, _storable("\n".join(f.en for f in found)), wrap)
            for at, cell in enumerate(file.cells(number)[: width - 4], start=4):
                sheet.write_string(line, at, _storable(cell), text)
        sheet.freeze_panes(1, len(HEADINGS))
        sheet.autofilter(0, 0, max(len(rows), 1), width - 1)
    return len(rows)


def _outcome(found: list[Finding]) -> Outcome:
    return Outcome.REJECTED if any(f.reason.outcome is Outcome.REJECTED for f in found) else Outcome.ADJUSTED


def _width(file: IntakeFile, rows: list[tuple[int, list[Finding]]], column: int) -> int:
    texts = [file.headings[column], *(file.cells(number)[column] for number, _ in rows[:200])]
    return min(max(max(_columns(text) for text in texts) + 2, 10), 40)


def _columns(text: str) -> int:
    """The width of a text in a table program: Chinese characters take two columns."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text[:60])


def _storable(text: str) -> str:
    """Text that a workbook can hold: no characters that XML forbids, at most a cell's length."""
    if text.isprintable() and len(text) <= 32_000:
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else "�" for c in text[:32_000])
