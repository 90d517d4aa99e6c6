"""Speaking to people: language, tables, progress, complaints."""

from __future__ import annotations

import datetime
import os
import sys
import threading
import time
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress
    from rich.table import Table

WIDE = 200  # columns, where the output is no terminal and nothing should be cut


class Lang(StrEnum):
    """The language of labels and messages."""

    zh = "zh"
    en = "en"


def language() -> Lang:
    """Chinese where the locale is Chinese, else English."""
    locale = next((v for k in ("LC_ALL", "LC_MESSAGES", "LANG") if (v := os.environ.get(k))), "")
    return Lang.zh if locale.startswith("zh") else Lang.en


def this_month() -> str:
    """The current month, ``YYYY-MM``."""
    return f"{datetime.date.today():%Y-%m}"


LangOption = Annotated[Lang, typer.Option("--lang", help="Language of labels.", show_default="by locale")]
MonthOption = Annotated[
    str, typer.Option("--month", metavar="YYYY-MM", help="Month of the law.", show_default="this month")
]


def console(stderr: bool = False) -> Console:
    """Where output goes; wide where it is piped, so that no line is cut."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    return Console(file=stream, highlight=False, width=None if stream.isatty() else WIDE)


def say(lang: Lang, zh: str, en: str) -> None:
    """One line in the reader's language."""
    console().print(zh if lang is Lang.zh else en, markup=False, soft_wrap=True)


def table(*headings: str, right: tuple[int, ...] = (), title: str = "") -> Table:
    """An empty table; the columns of ``right`` hold numbers."""
    from rich import box
    from rich.table import Table

    made = Table(box=box.SIMPLE_HEAD, title=title or None, title_justify="left", pad_edge=False)
    for i, heading in enumerate(headings):
        made.add_column(heading, justify="right" if i in right else "left", overflow="fold")
    return made


def help_if_bare(context: typer.Context) -> None:
    """The help of a group of commands that is called without one."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def complain(text: str) -> None:
    """One complaint to standard error."""
    colour = sys.stderr.isatty()
    mark = "\033[1;31mshebao:\033[0m" if colour else "shebao:"
    print(f"{mark} {text}", file=sys.stderr)


class Bar:
    """A progress bar on a terminal's standard error, shown once a second has passed.

    Called as ``bar(done, total)``; ``total`` may be None.
    """

    def __init__(self, what: str) -> None:
        self.what, self.since = what, time.monotonic()
        self.shown: Progress | None = None
        self.task: Any = None
        self.timer = threading.Timer(1.0, self._show)
        self.timer.daemon = True

    def __enter__(self) -> Bar:
        if sys.stderr.isatty():
            self.timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.timer.cancel()
        if self.shown:
            self.shown.stop()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.since

    def __call__(self, done: int, total: int | None = None) -> None:
        if self.shown:
            self.shown.update(self.task, completed=done, total=total)

    def _show(self) -> None:
        from rich import progress as rp

        columns = (rp.TextColumn("{task.description}"), rp.BarColumn(), rp.TaskProgressColumn(show_speed=True))
        shown = rp.Progress(*columns, rp.TimeElapsedColumn(), console=console(stderr=True), transient=True)
        self.task = shown.add_task(self.what, total=None)
        shown.start()
        self.shown = shown
