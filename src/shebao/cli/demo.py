"""``shebao demo`` and ``shebao report``: a province's books run for three months, and a month computed without
books."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer


def demo(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where database, files and page go.")] = Path(
        "out/demo"
    ),
    people: Annotated[int, typer.Option("--people", min=2_000, help="How many people the province has.")] = 200_000,
    months: Annotated[int, typer.Option("--months", min=1, max=12, help="How many months are run.")] = 3,
) -> None:
    """Open a province's books on a database of their own, run three months with a bank, close them, write a page.

    The database lives in the folder given and is stopped at the end; no other database is touched.

    \b
    Example:
      shebao demo --people 20000 --out demo
    """
    from shebao.report.months import demo as run

    run(out, people, months=months)


def report(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where tables and page go.")] = Path("out"),
    people: Annotated[int | None, typer.Option("--people", min=1, help="How many people the province has.")] = None,
    province: Annotated[int | None, typer.Option("--province", metavar="CODE", help="Which province.")] = None,
    month: Annotated[str | None, typer.Option("--month", metavar="YYYY-MM", help="Which month.")] = None,
) -> None:
    """Recompute real award sheets, make a province, compute its month without books, write tables and a page.

    \b
    Example:
      shebao report --people 20000 --out report
    """
    from shebao.report import report as run

    asked: dict[str, Any] = {"people": people, "province": province, "month": month}
    run(out, **{name: value for name, value in asked.items() if value is not None})
