"""``shebao compute``: rules over a file or a folder of people."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shebao.cli.say import Bar, Lang, MonthOption, console, language, this_month

if TYPE_CHECKING:
    from shebao.engine.compute import Report

NOT_ALL = 3


class Engine(StrEnum):
    """What runs the partitions of a folder."""

    local = "local"
    ray = "ray"


def compute(
    rules: Annotated[list[str], typer.Argument(metavar="RULE…", help="The rules, each a column of the output.")],
    src: Annotated[Path, typer.Argument(metavar="IN", help="People: .parquet, .csv, .arrow, or a folder of .parquet.")],
    dst: Annotated[
        Path, typer.Argument(metavar="OUT", help="Output, of the format its name says; a folder for a folder.")
    ],
    month: MonthOption = "",
    keep: Annotated[list[str] | None, typer.Option("--keep", metavar="COL", help="Pass a column through.")] = None,
    threads: Annotated[int | None, typer.Option("--threads", min=1, show_default="all cores")] = None,
    engine: Annotated[Engine, typer.Option("--engine", help="What runs the partitions of a folder.")] = Engine.local,
    reform: Annotated[
        list[Path] | None, typer.Option("--reform", metavar="FILE", help="Lay a reform over the law.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace OUT when all is done.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Leave with 3 if some rows are not computed.")] = False,
) -> None:
    """Compute rules for every person of a file, or of a folder of partitions.

    Money columns are whole fen in Parquet and Arrow, yuan in CSV. A row that cannot be computed has no amounts and a
    status that says why. OUT appears when it is complete, or not at all.

    \b
    Examples:
      shebao compute retirement.statutory_retirement_month people.parquet months.parquet --keep citizen_number
      shebao compute employee_pension.employee_contribution payroll.csv bill.csv --month 2025-07 --keep name
      shebao compute retirement.statutory_retirement_month partitions/ results/ --engine ray --threads 2
    """
    from shebao.batch import LawSpec, compute_directory, compute_file

    spec = LawSpec(month or this_month(), tuple(str(file) for file in reform or ()))
    kept = [name for names in keep or () for name in names.split(",")]
    with Bar("计算" if language() is Lang.zh else "computing") as bar:
        if src.is_dir():
            found = compute_directory(spec, rules, src, dst, kept, threads, overwrite, bar, engine.value)
            report = found.total
        elif engine is Engine.ray:
            raise typer.BadParameter("Ray runs a folder of partitions; IN is a file")
        else:
            report = compute_file(spec.law(), rules, src, dst, kept, threads, overwrite, bar)
    _print(report, dst, bar.seconds)
    if strict and report.reasons:
        raise typer.Exit(NOT_ALL)


def _print(report: Report, dst: Path, seconds: float) -> None:
    zh, out = language() is Lang.zh, console()
    speed = f"{seconds:.1f} s, {report.rows / seconds:,.0f}/s" if seconds >= 1 else f"{seconds:.1f} s"
    computed = (
        f"{report.rows:,} 人，已计算 {report.computed:,} 人"
        if zh
        else f"{report.rows:,} people, {report.computed:,} computed"
    )
    out.print(f"{computed} ({speed}) → {dst}", markup=False, soft_wrap=True)
    if not report.reasons:
        return
    out.print("未计算：" if zh else "not computed:", style="bold")
    for reason, count in sorted(report.reasons.items(), key=lambda item: -item[1]):
        out.print(f"{count:>13,}  {reason}", markup=False, soft_wrap=True)
        if reason in report.examples:
            row, text = report.examples[reason]
            place = f"例：第 {row + 1:,} 行" if zh else f"e.g. row {row + 1:,}"
            message = text.replace(f"{reason}: ", "", 1)
            out.print(f"{'':15}{place}: {message}", style="dim", markup=False, soft_wrap=True)
