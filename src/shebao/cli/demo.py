"""``shebao demo``: the whole house at work, from award sheets to a province's month."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer


def demo(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where tables and report go.")] = Path("out"),
    people: Annotated[int | None, typer.Option("--people", min=1, help="How many people the province has.")] = None,
    province: Annotated[int | None, typer.Option("--province", metavar="CODE", help="Which province.")] = None,
    month: Annotated[str | None, typer.Option("--month", metavar="YYYY-MM", help="Which month.")] = None,
) -> None:
    """Recompute real award sheets, make a province, run its month, and write tables and a report.

    \b
    Example:
      shebao demo --people 100000 --out demo
    """
    from shebao.report import demo as run

    asked: dict[str, Any] = {"people": people, "province": province, "month": month}
    run(out, **{name: value for name, value in asked.items() if value is not None})
