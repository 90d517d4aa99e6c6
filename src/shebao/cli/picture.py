"""The picture of real output that the README shows: ``python -m shebao.cli.picture docs/img/demo.svg``."""

from __future__ import annotations

import io
import re
import sys
from html import escape, unescape
from itertools import groupby
from pathlib import Path

from rich.cells import cell_len
from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

from shebao.cli.explain import branch
from shebao.law import rulebook
from shebao.report.sheets import Sheet, award_sheets, count_line, sheet_table

RULE, COLUMNS = "employee_pension.monthly_pension", 112
CELL = 12.2  # width of one column in rich's picture
SHOWN = "P01"  # the sheet that the README explains
FONTS = 'SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace'


def picture() -> str:
    """One real sheet explained in both languages, and some sheets beside their prints, as SVG without web fonts."""
    sheets = award_sheets(rulebook())
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    shown = next(sheet for sheet in sheets if sheet.case.id == SHOWN)
    explanation = rulebook().at(shown.case.month).explain(RULE, shown.case.facts)
    for lang, depth in (("en", 2), ("zh", 1)):
        asked = f"shebao explain {RULE} --facts citizen.json --month {shown.case.month} --lang {lang}"
        console.print(Text(f"$ {asked}", style="bold green"))
        console.print(branch(explanation, lang, depth))
        console.print()
    console.print(Text("$ shebao demo", style="bold green"))
    console.print(sheet_table(_some(sheets)))
    console.print(count_line(sheets), style="bold", highlight=False)
    return _local_fonts(console.export_svg(title="Shebao 社保", theme=DIMMED_MONOKAI))


def _some(sheets: list[Sheet]) -> list[Sheet]:
    """Every fifth sheet and the first that differs."""
    known = next(sheet for sheet in sheets if sheet.known)
    return [sheet for k, sheet in enumerate(sheets) if k % 5 == 0 or sheet is known]


def _local_fonts(svg: str) -> str:
    """The same picture with fonts of the reader's machine instead of a web font, Chinese in columns of its own."""
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r'<text ([^>]*?) x="([\d.]+)" ([^>]*?)textLength="[\d.]+"([^>]*)>([^<]*)</text>', _in_columns, svg)
    return re.sub(r"font-family: ?(Fira Code, monospace|arial)", f"font-family: {FONTS}", svg)


def _in_columns(found: re.Match[str]) -> str:
    """One text as runs of narrow and of wide letters, each set to the columns a terminal gives it."""
    first, at, middle, last, text = found[1], float(found[2]), found[3], found[4], unescape(found[5])
    parts = []
    for _, run in groupby(text, key=cell_len):
        letters = "".join(run)
        width = cell_len(letters) * CELL
        shown = escape(letters).replace("\xa0", "&#160;")
        parts.append(f'<text {first} x="{at:.1f}" {middle}textLength="{width:.1f}"{last}>{shown}</text>')
        at += width
    return "".join(parts)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(picture(), encoding="utf-8")
