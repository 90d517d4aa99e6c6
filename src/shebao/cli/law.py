"""``shebao law``: what the law says, where each number comes from, and what a reform changes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shebao.cli import lawbook
from shebao.cli.say import Bar, Lang, LangOption, complain, console, help_if_bare, language, table
from shebao.engine.errors import BookError

if TYPE_CHECKING:
    from shebao.engine import Rulebook

app = typer.Typer(rich_markup_mode=None, help="Read the law, check it, see what a reform changes.")
app.callback(invoke_without_command=True)(help_if_bare)

Reform = Annotated[list[Path] | None, typer.Option("--reform", metavar="FILE", help="Lay a reform over the law.")]


def book_under(reforms: list[Path] | None) -> Rulebook:
    """The rulebook under some reforms."""
    from shebao.law import rulebook

    book = rulebook()
    for file in reforms or ():
        book = book.with_reform(file)
    return book


@app.command("list", short_help="Rooms, or all that one room holds.")
def list_(
    room: Annotated[str | None, typer.Argument(help="A room, e.g. employee_pension.")] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="All rules and facts as a Markdown page.")] = False,
    lang: LangOption = language(),
) -> None:
    """List the rooms of the law, or the rules, facts and parameters of one room.

    \b
    Examples:
      shebao law list
      shebao law list employee_pension
    """
    from shebao.cli import lawpages

    book = book_under(None)
    if markdown:
        from shebao.cli.markdown import glossary

        typer.echo(glossary(book), nl=False)
        return
    console().print(lawpages.rooms(book, lang.value) if room is None else lawpages.room(book, room, lang.value))


@app.command(short_help="A rule, a fact or a parameter.")
def show(
    name: Annotated[str, typer.Argument(help="A rule, a fact or a parameter.")],
    lang: LangOption = language(),
    reform: Reform = None,
) -> None:
    """Show one rule with its variants, formulas and articles; or one fact; or one parameter with its values.

    \b
    Examples:
      shebao law show employee_pension.basic_pension
      shebao law show average_index
    """
    from shebao.cli import lawpages

    console().print(lawpages.page(book_under(reform), name, lang.value), soft_wrap=True)


@app.command(short_help="Parameters, their values and documents.")
def params(
    name: Annotated[str | None, typer.Argument(help="A parameter, or a room.")] = None,
    assumed: Annotated[bool, typer.Option("--assumed", help="Only values that must still be checked.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="As a Markdown page.")] = False,
    region: Annotated[int | None, typer.Option("--region", metavar="CODE", help="Only one province.")] = None,
    lang: LangOption = language(),
    reform: Reform = None,
) -> None:
    """List parameters; with NAME, --assumed or --region every value with its dates, document and certainty.

    \b
    Examples:
      shebao law params
      shebao law params employee_pension.annuity_months
      shebao law params --region 44
      shebao law params --assumed --markdown > docs/ASSUMED.md
    """
    from shebao.cli import lawpages

    book = book_under(reform)
    chosen = lawpages.chosen(book, name)
    if markdown:
        from shebao.cli.markdown import markdown as page

        typer.echo(page(chosen, assumed, region), nl=False)
    elif name is None and not assumed and region is None:
        console().print(lawpages.overview(chosen, lang.value))
    else:
        console().print(lawpages.values(book, chosen, assumed, region, lang.value))


@app.command(short_help="Compiled loop and explanation agree.")
def check(
    people: Annotated[int, typer.Option("--people", min=1, help="Random people per rule.")] = 200,
    seed: Annotated[int, typer.Option("--seed", help="Other people.")] = 1,
    month: Annotated[list[str] | None, typer.Option("--month", metavar="YYYY-MM", help="Months of the run.")] = None,
    reform: Reform = None,
) -> None:
    """Check that the compiled loop and the explanation agree to the fen, for every rule, on random people.

    The exit code is 1 if they do not.

    \b
    Examples:
      shebao law check
      shebao law check --people 2000 --seed 7
    """
    from shebao.engine.check import check as compare
    from shebao.engine.units import parse_month

    months = [parse_month(text) for text in month] if month else None
    with Bar("核对" if language() is Lang.zh else "checking") as bar:
        found = compare(book_under(reform), months=months, people=people, seed=seed, progress=bar)
    for line in found.differences:
        typer.echo(line)
    if found.differences:
        complain(f"{len(found.differences)} differences in {found.rules} rules")
        raise typer.Exit(1)
    console().print(f"{found.rules} rules, {found.people:,} random people: no difference ({bar.seconds:.0f} s)")


@app.command(short_help="Where one step changes an amount at once.")
def cliffs(
    room: Annotated[str | None, typer.Argument(help="A room, e.g. work_injury.")] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="All of them as a Markdown page.")] = False,
    lang: LangOption = language(),
) -> None:
    """List where one step of one fact changes an amount by more than the steps around it explain.

    \b
    Examples:
      shebao law cliffs
      shebao law cliffs unemployment
    """
    from shebao.entitled.catalogue import load_catalogue
    from shebao.law.cases import load_cases
    from shebao.lawbook import clifflist
    from shebao.lawbook.cliffs import cliffs as find

    book = book_under(None)
    if room is not None and room not in book.scopes:
        raise BookError(f"no room {room!r}; there are {', '.join(sorted(path for path in book.scopes if path))}")
    with Bar("查找" if lang is Lang.zh else "searching") as bar:
        every = find(book, load_cases(), load_catalogue(book).rights, bar)
    found = [cliff for cliff in every if room in (None, cliff.room)]
    if markdown:
        typer.echo(clifflist.as_markdown(book, found), nl=False)
        return
    made = table(*clifflist.columns(lang.value), right=(3, 4))
    for row in clifflist.rows(book, found, lang.value):
        made.add_row(*(cell.replace("[", r"\[") for cell in row))
    console().print(made)


@app.command(short_help="What a reform changes.")
def diff(
    files: Annotated[list[Path] | None, typer.Argument(metavar="[A] [B]", help="Reforms to compare.")] = None,
    reform: Reform = None,
) -> None:
    """Show what a reform changes against the law in force, or reform B against reform A.

    \b
    Examples:
      shebao law diff reform.yaml
      shebao law diff reform-a.yaml reform-b.yaml
    """
    from rich.text import Text

    from shebao.cli.lawpages import written

    given = [*(files or ()), *(reform or ())]
    if not 1 <= len(given) <= 2:
        raise BookError("name one reform, to compare with the law in force, or two, to compare with each other")
    before, after = book_under(given[:-1]), book_under(given[-1:])
    out, changes = console(), before.diff(after)
    for line in (written(after, change) for change in changes):
        name, mark, rest = line.partition(":")
        out.print(Text.assemble((name, "bold"), mark, rest), soft_wrap=True)
    if not changes:
        out.print("没有变化" if language() is Lang.zh else "no change", style="dim")


app.command(short_help="The law as a book, a static site.")(lawbook.book)
app.command(short_help="What is missing or assumed, and where.")(lawbook.gaps)
