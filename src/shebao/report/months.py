"""The demo: a province's books on an embedded database of their own, run for three months, and a page to read.

Beijing, because the rulebook holds all that its months need: bases, every rate, the residents' subsidy by grade,
awards.
January to March 2025, because the subsidies are known for 2025, January opens a year of residents' payments, and
retirement is by the new ages. Shanghai, small, is the province people move to: it is the only other one complete.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from shebao.batch.fresh import fresh_file
from shebao.books import Books, BooksError, connect, migrate, month_of, server
from shebao.books.export import export
from shebao.law import rulebook
from shebao.law.regions import NAMES
from shebao.month.facts import next_month
from shebao.month.opening import Opened, open_province
from shebao.month.run import STEPS, open_month, run_month
from shebao.report.sheets import Sheet, award_sheets, count_line, sheet_table
from shebao.report.standing import Person, Standing, one_person, standing
from shebao.report.story import Story

PROVINCE, OTHER, MONTH, MONTHS, PEOPLE, SEED = 11, 31, "2025-01", 3, 200_000, 1
WHY = (
    "选北京，是因为法规库中该市所需参数齐全：缴费基数、各险种费率、居民缴费分档补贴、养老金核定；选2025年1月至3月，是因为"
    "补贴标准为2025年度，1月起收居民当年缴费，退休已按延迟后的年龄。另一参数齐全的上海（小规模）为跨省转移的对方。",
    "Beijing, because the rulebook holds all its months need: bases, rates, the residents' subsidy by grade, awards; "
    "January to March 2025, because the subsidies known are of that year, January opens the year of residents' "
    "payments, and retirement is by the new ages. Shanghai, small, is where people move to: the only other complete.",
)
_STEP_NAMES = {
    "collect": ("征收", "collect", "contribution_rows"),
    "credit": ("记账", "credit", "contribution_entries"),
    "award": ("核定", "award", "granted"),
    "adjust": ("调整", "adjust", "corrected"),
    "pay": ("发放", "pay", "payments"),
    "pool": ("统筹", "pool", ""),
    "close": ("结账", "close", ""),
}


@dataclass(frozen=True)
class Took:
    """One piece of work: which month (none: before the first), its names, rows, seconds."""

    month: dt.date | None
    zh: str
    en: str
    rows: int
    seconds: float


@dataclass
class Demo:
    """What the demo made: where, the books' standing, one person, what happened, and how long everything took."""

    out: Path
    opened: Opened
    other: Opened
    months: list[dt.date]
    sheets: list[Sheet] = field(default_factory=list)
    story: Story | None = None
    standing: Standing | None = None
    person: Person | None = None
    took: list[Took] = field(default_factory=list)
    outside: str = ""  # what hledger says of the journal, if it is installed

    @property
    def report(self) -> Path:
        """The page to open in a browser."""
        return self.out / "report.html"

    @property
    def journal(self) -> Path:
        """The journal for other programs."""
        return self.out / "files" / "journal.journal"


def demo(
    out: str | Path, people: int = PEOPLE, console: Console | None = None, *, months: int = MONTHS, seed: int = SEED
) -> Demo:
    """Runs ``months`` months of ``people`` people and writes the page into ``out``.

    The books are made anew in ``database_home(out)``, by an embedded server that is stopped at the end; whatever
    ``SHEBAO_DATABASE_URL`` and ``SHEBAO_HOME`` name is not touched. Raises ``BooksError`` and ``ServerError`` in
    words for
    the person who asked, ``OSError`` if ``out`` cannot be written.
    """
    out, console = Path(out), console or Console()
    with own_database(out), _Teller(console, months) as teller:
        made = _run(out, people, months, seed, teller)
    from shebao.report.province import write_page

    write_page(made, people, seed)
    console.print(f"Open 打开 [bold]{made.report}[/]", highlight=False, soft_wrap=True)
    return made


@contextmanager
def own_database(out: Path) -> Iterator[None]:
    """An embedded server with empty books for as long as the block runs: in ``database_home(out)``.

    What an earlier demo left there and in ``out`` goes; what no demo made in ``out`` is refused.
    """
    home, files, mark = database_home(out), out / "files", out / ".shebao-demo"
    if not mark.exists() and ((out / "database").exists() or files.exists()):
        raise BooksError(f"{out} holds files that no demo made: name another folder 该文件夹已有其他文件")
    kept = {name: os.environ.pop(name, None) for name in ("SHEBAO_DATABASE_URL", "SHEBAO_HOME")}
    os.environ["SHEBAO_HOME"] = str(home)
    out.mkdir(parents=True, exist_ok=True)
    mark.touch()
    try:
        server.stop()
        for old in (home, files):
            shutil.rmtree(old, ignore_errors=True)
        server.start()
        migrate()
        yield
    finally:
        server.stop()
        del os.environ["SHEBAO_HOME"]
        os.environ.update({name: value for name, value in kept.items() if value is not None})


def database_home(out: Path) -> Path:
    """Where the demo's database lives: in ``out``; for root, if others may not pass to ``out``, in /var/lib."""
    home = (out / "database").resolve()
    others_pass = all(parent.stat().st_mode & 0o001 for parent in home.parents if parent.exists())
    return home if os.geteuid() != 0 or others_pass else Path("/var/lib/shebao-demo")


class _Teller:
    """Tells on the terminal what is going on, and keeps how long each piece took."""

    def __init__(self, console: Console, months: int) -> None:
        self.console, self.took = console, []  # type: ignore[var-annotated]
        self.progress = Progress(
            *(SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()),
            console=console,
            transient=True,
        )
        self.task = self.progress.add_task("…", total=4 + months * 13)

    def __enter__(self) -> _Teller:
        self.progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.progress.stop()

    @contextmanager
    def piece(self, month: dt.date | None, zh: str, en: str, *, show: bool = True) -> Iterator[Callable[[int], None]]:
        """A piece of work; what it yields is told the rows."""
        rows = [0]
        name = f"{month:%Y-%m} {zh} {en}" if month else f"{zh} {en}"
        self.progress.update(self.task, description=name)
        began = time.perf_counter()
        yield lambda count: rows.__setitem__(0, count)
        self.add(Took(month, zh, en, rows[0], time.perf_counter() - began), show)

    def add(self, took: Took, show: bool = True) -> None:
        self.took.append(took)
        self.progress.advance(self.task)
        if show:
            when = f"{took.month:%Y-%m}" if took.month else "       "
            rows = f"{took.rows:>10,} 行 rows" if took.rows else ""
            text = f"[green]✓[/] {when} {took.zh} {took.en:<14} {took.seconds:7.2f} s {rows}"
            self.progress.console.print(text, highlight=False)

    def show(self, what: object) -> None:
        self.progress.console.print(what, highlight=False)


def _run(out: Path, people: int, months: int, seed: int, teller: _Teller) -> Demo:
    rules = rulebook()
    first = month_of(MONTH)
    with teller.piece(None, "核定表重算", "award sheets") as rows:
        sheets = award_sheets(rules)
        rows(len(sheets))
    teller.show(sheet_table(sheets))
    teller.show(count_line(sheets))
    with connect("run") as books:
        opened = _open(books, PROVINCE, people, seed, teller)
        other = _open(books, OTHER, max(people // 40, 500), seed, teller)
        made = Demo(out, opened, other, [first], sheets)
        here, there = Story(books, opened, out / "files", other), Story(books, other, out / "files" / str(OTHER))
        made.story = here
        for nth in range(months):
            month = made.months[-1]
            _month(books, rules, here, nth, month, seed, teller)
            with teller.piece(month, NAMES[OTHER][0], NAMES[OTHER][1]) as rows:
                rows(_quietly(books, rules, there, nth, month, seed))
            if nth + 1 < months:
                made.months.append(next_month(month))
        with teller.piece(None, "导出凭证并由外部软件核对", "journal, checked outside") as rows:
            rows(_journal(books, made))
        made.standing = standing(books, PROVINCE, made.months)
        made.person = one_person(books, PROVINCE)
    made.took = teller.took
    return made


def _journal(books: Books, made: Demo) -> int:
    """The journal as plain text, read by hledger if there is one: it balances every entry and the closing balances."""
    with fresh_file(made.journal, overwrite=True) as part, part.open("w", encoding="utf-8") as stream:
        entries = export(books, stream, PROVINCE)
    program = shutil.which("hledger")
    if program:
        check = subprocess.run(
            [program, "check", "-f", str(made.journal)], capture_output=True, text=True, timeout=120, check=False
        )
        made.outside = "ok" if check.returncode == 0 else check.stderr.strip()[:400]
    return entries


def _open(books: Books, region: int, people: int, seed: int, teller: _Teller) -> Opened:
    zh, en = NAMES[region]
    with teller.piece(None, f"{zh}建账", f"open {en}") as rows:
        opened = open_province(books, region, MONTH, people, seed)
        rows(sum(opened.rows.values()))
    return opened


def _month(books: Books, rules: object, story: Story, nth: int, month: dt.date, seed: int, teller: _Teller) -> None:
    """A month from what is told to the books to their closing; the bank in between."""
    region, clerk = story.opened.region, story.opened.clerk
    open_month(books, region, month, clerk)
    with teller.piece(month, "登记", "register") as rows:
        rows(story.register(nth, month))
    with teller.piece(month, "申报", "declare") as rows:
        rows(story.declare(nth, month))
    _steps(books, rules, story, month, "collect", teller)
    with teller.piece(month, "到账", "receipts") as rows:
        rows(story.receive(nth, month))
    _steps(books, rules, story, month, "pay", teller)
    with teller.piece(month, "银行", "bank") as rows:
        rows(story.pay(month, seed + nth))
    _steps(books, rules, story, month, "close", teller)


def _steps(books: Books, rules: object, story: Story, month: dt.date, until: str, teller: _Teller) -> None:
    began: dict[str, float] = {}

    def log(step: str | None, event: str, _detail: dict[str, str]) -> None:
        if event == "started" and step:
            began[step] = time.perf_counter()
        elif event == "done" and step:
            began[step] = time.perf_counter() - began[step]

    ran = run_month(month, story.opened.region, rules, story.opened.clerk, until=until, books=books, log=log)  # type: ignore[arg-type]
    for step in ran.fresh:
        zh, en, rows = _STEP_NAMES[step]
        teller.add(Took(month, zh, en, ran.summaries[step].numbers.get(rows, 0), began[step]))
    if until not in ran.summaries:
        raise BooksError(f"{month:%Y-%m}: {ran.waiting} 未能完成")


def _quietly(books: Books, rules: object, story: Story, nth: int, month: dt.date, seed: int) -> int:
    """The same for the other province, told as one piece."""
    silent = _Teller(Console(quiet=True), 1)
    _month(books, rules, story, nth, month, seed, silent)
    return sum(took.rows for took in silent.took)


assert tuple(_STEP_NAMES) == tuple(STEPS)
