"""``shebao population``: synthetic people, and how they compare with the statistics they are made from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from shebao.cli.say import Bar, Lang, console, help_if_bare, language, table
from shebao.engine.errors import BookError

app = typer.Typer(rich_markup_mode=None, help="Synthetic people, calibrated to the census.")
app.callback(invoke_without_command=True)(help_if_bare)


@app.command(short_help="Make synthetic people.")
def make(
    out: Annotated[Path, typer.Argument(metavar="OUT.parquet", help="The file to write.")],
    people: Annotated[int, typer.Option("--people", min=1, help="How many people.")],
    province: Annotated[int | None, typer.Option("--province", metavar="CODE", help="One province, e.g. 44.")] = None,
    nation: Annotated[bool, typer.Option("--nation", help="All provinces (the default).")] = False,
    month: Annotated[str, typer.Option("--month", metavar="YYYY-MM", help="The people of this month.")] = "2025-01",
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same file.")] = 1,
    threads: Annotated[int, typer.Option("--threads", min=1, help="Does not change the file.")] = 2,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace OUT when all is done.")] = False,
) -> None:
    """Make synthetic people by age, sex and province, with careers, wages, accounts and pensions.

    \b
    Examples:
      shebao population make --people 1000000 --province 44 --month 2025-01 people.parquet
      shebao population make --people 10000000 --nation nation.parquet
    """
    if nation and province is not None:
        raise typer.BadParameter("choose one of --province and --nation")
    if out.exists() and not overwrite:
        raise BookError("exists already; --overwrite replaces it", str(out))
    from shebao.population import make as make_people

    with Bar("人口" if language() is Lang.zh else "people") as bar:
        make_people(out, people, province=province, month=month, seed=seed, threads=threads, progress=bar)
    speed = f"{bar.seconds:.1f} s, {people / bar.seconds:,.0f}/s"
    console().print(f"{people:,} people ({speed}) → {out}", markup=False, soft_wrap=True)


@app.command(short_help="A population beside the statistics.")
def report(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that population make wrote.")],
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show each margin of a population beside its target, and the error.

    \b
    Example:
      shebao population report people.parquet
    """
    from shebao.population import report as compare

    found = compare(file)
    if as_json:
        typer.echo(found.json())
        return
    zh = language() is Lang.zh
    heads = (
        ("边际", "地区或组", "目标", "文件×权重", "误差", "依据")
        if zh
        else ("margin", "where", "target", "file × weight", "error", "from")
    )
    listed = table(*heads, right=(2, 3, 4))
    for row in found.rows():
        listed.add_row(*row)
    console().print(listed)
