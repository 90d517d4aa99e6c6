"""Real award sheets (养老金核定表) recomputed: what each printed beside what the rulebook says."""

from __future__ import annotations

from dataclasses import dataclass

from rich import box
from rich.table import Table
from rich.text import Text

from shebao.engine import Rulebook
from shebao.law.cases import Case, Line, load_cases
from shebao.law.regions import NAMES

SHEET = "award sheet P"  # how the source of a case that is a real sheet begins
COMPONENTS = {
    "basic_pension": ("基础", "basic"),
    "account_pension": ("个人账户", "account"),
    "transitional_pension": ("过渡性", "transition"),
    "monthly_pension": ("合计", "total"),
}


@dataclass(frozen=True)
class Sheet:
    """One sheet: the case and, for every rule it prints, the printed and the computed value."""

    case: Case
    lines: tuple[Line, ...]

    @property
    def place(self) -> tuple[str, str]:
        """The province, Chinese and English."""
        return NAMES[int(self.case.facts["region"])]

    @property
    def grade(self) -> str:
        """How well the sheet is verified: S1 (sheet checked line by line) or S2."""
        return self.case.source.rpartition("grade ")[2]

    @property
    def exact(self) -> bool:
        """Every printed amount is met to the fen."""
        return not any(line.apart for line in self.lines)

    @property
    def known(self) -> bool:
        """The differences are exactly those the case states and explains."""
        return not self.exact and all(line.holds for line in self.lines)

    @property
    def apart(self) -> str:
        """The differences in fen, computed minus printed, in the order of the sheet."""
        return " ".join(f"{int(line.apart):+d}" for line in self.lines if line.apart) or "0"

    def component(self, name: str) -> Line | None:
        """The line of a component, None if the sheet does not print it."""
        return next((line for line in self.lines if line.name == name), None)

    @property
    def reasons(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(line.why for line in self.lines if line.why))


def award_sheets(book: Rulebook) -> list[Sheet]:
    """Every real award sheet among the cases, explained anew."""
    return [Sheet(case, tuple(case.compare(book))) for case in load_cases() if case.source.startswith(SHEET)]


def sheet_table(sheets: list[Sheet]) -> Table:
    """Two lines a sheet, printed over computed, and the difference in fen."""
    title = "核定表：原表与计算（元/月） Award sheets: printed, computed"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("原表\nsheet", no_wrap=True)
    table.add_column("地区\nplace", overflow="fold")  # the one that gives way on a narrow terminal
    table.add_column("", no_wrap=True)
    for zh, en in COMPONENTS.values():
        table.add_column(f"{zh}\n{en}", justify="right", no_wrap=True)
    table.add_column("差（分）\nfen apart", justify="right", no_wrap=True)
    for sheet in sheets:
        name = f"{sheet.case.id} {sheet.grade}\n{sheet.case.month}"
        table.add_row(name, "\n".join(sheet.place), "[dim]原表\n计算[/]", *_cells(sheet), _verdict(sheet))
    return table


def _cells(sheet: Sheet) -> list[Text]:
    return [_cell(sheet.component(name)) for name in COMPONENTS]


def _cell(line: Line | None) -> Text:
    if line is None:
        return Text("–", style="dim")
    return Text(
        f"{with_separators(line.printed)}\n{with_separators(line.computed)}", style="yellow" if line.apart else ""
    )


def with_separators(amount: str) -> str:
    """An amount with thousands separators: ``1,940.32``."""
    whole, dot, rest = amount.partition(".")
    return f"{int(whole):,}{dot}{rest}"


def _verdict(sheet: Sheet) -> Text:
    if sheet.exact:
        return Text("0 ✓", style="green")
    if sheet.known:
        return Text(f"{sheet.apart}\nknown", style="yellow")
    return Text(f"{sheet.apart} ✗", style="bold red")


def count_line(sheets: list[Sheet]) -> str:
    """How many sheets are met, in one sentence."""
    exact, known = sum(s.exact for s in sheets), sum(s.known for s in sheets)
    failed = len(sheets) - exact - known
    text = f"{exact} of {len(sheets)} sheets reproduced to the fen; {known} differ as stated (known discrepancies)"
    return text + (f"; {failed} DIFFER UNEXPECTEDLY" if failed else "")
