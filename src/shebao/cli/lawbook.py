"""``shebao law book`` and ``shebao law gaps``: the law to read, and where it still needs help."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shebao.cli.say import Bar, Lang, LangOption, console, language, table
from shebao.engine.errors import BookError

if TYPE_CHECKING:
    from rich.table import Table

    from shebao.engine import Rulebook
    from shebao.lawbook.cliffs import Cliff
    from shebao.lawbook.gaps import Cell

Reform = Annotated[list[Path] | None, typer.Option("--reform", metavar="FILE", help="Lay a reform over the law.")]
Room = Annotated[str | None, typer.Option("--room", metavar="ROOM", help="Only one room, e.g. work_injury.")]


def book(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A new folder for the site.")],
    lang: Annotated[Lang | None, typer.Option("--lang", help="Only one language.", show_default="both")] = None,
    reform: Reform = None,
    cliffs: Annotated[bool, typer.Option("--cliffs", help="With a page of the law's cliffs; a minute more.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a folder that a run wrote.")] = False,
) -> None:
    """Write the law as a book: a site of plain files, in Chinese and English, that opens from the disk.

    With --reform it is the book of the law as reformed, with what the reform changes marked and listed.

    \b
    Examples:
      shebao law book book/
      shebao law book book/ --lang zh --overwrite
      shebao law book reformed/ --reform reform.yaml
    """
    from shebao.batch.fresh import fresh_folder
    from shebao.cli.law import book_under
    from shebao.law import rulebook
    from shebao.law.cases import load_cases
    from shebao.lawbook.site import write
    from shebao.lawbook.words import LANGS

    zh = language() is Lang.zh
    law, base = book_under(reform), rulebook() if reform else None
    with Bar("写书" if zh else "writing") as bar, fresh_folder(out, overwrite) as folder:
        found = _cliffs(law, bar) if cliffs else ()
        made = write(law, load_cases(), folder, [lang.value] if lang else LANGS, bar, base, found)
    size = sum(made.values()) / 1e6
    said = f"{out}/index.html: {len(made)} 个文件，{size:.1f} MB（{bar.seconds:.0f} 秒）"
    console().print(said if zh else f"{out}/index.html: {len(made)} files, {size:.1f} MB ({bar.seconds:.0f} s)")


def _cliffs(law: Rulebook, bar: Bar) -> list[Cliff]:
    """The cliffs of every amount, and of every right to a benefit."""
    from shebao.entitled.catalogue import load_catalogue
    from shebao.law.cases import load_cases
    from shebao.lawbook.cliffs import cliffs

    return cliffs(law, load_cases(), load_catalogue(law).rights, bar)


def gaps(
    out: Annotated[Path | None, typer.Argument(metavar="[OUT.html]", help="A page with the map.")] = None,
    room: Room = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="As a Markdown page.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As a JSON list.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace OUT.html.")] = False,
    lang: LangOption = language(),
) -> None:
    """Show every parameter, province and year whose value is missing or assumed.

    \b
    Examples:
      shebao law gaps
      shebao law gaps --room work_injury --markdown
      shebao law gaps gaps.html
    """
    from shebao.law import rulebook
    from shebao.lawbook import gapspage
    from shebao.lawbook.gaps import gaps as find

    law = rulebook()
    if room is not None and room not in law.scopes:
        raise BookError(f"no room {room!r}; there are {', '.join(sorted(path for path in law.scopes if path))}")
    if sum((out is not None, markdown, as_json)) > 1:
        raise BookError("one of OUT.html, --markdown and --json")
    cells = [cell for cell in find(law) if room is None or cell.room == room]
    if out is not None:
        _page(out, cells, lang.value, overwrite)
    elif as_json:
        typer.echo(gapspage.as_json(cells))
    elif markdown:
        typer.echo(gapspage.as_markdown(law, cells, lang.value), nl=False)
    else:
        _terminal(cells, lang.value)


def _page(out: Path, cells: list[Cell], lang: str, overwrite: bool) -> None:
    from shebao.batch.fresh import fresh_file
    from shebao.law import rulebook
    from shebao.law.cases import load_cases
    from shebao.lawbook.gapspage import alone
    from shebao.lawbook.shelf import Library, Shelf

    shelf = Shelf(Library(rulebook(), load_cases()), lang, (lang,))
    with fresh_file(out, overwrite) as part:
        part.write_text(alone(shelf, cells), encoding="utf-8")


def _terminal(cells: list[Cell], lang: str) -> None:
    from shebao.law import rulebook
    from shebao.lawbook.gaps import STATUSES
    from shebao.lawbook.gapspage import rows
    from shebao.lawbook.words import word

    out = console()
    out.print(_map(cells, lang))
    made = table(*(word(w, lang) for w in ("parameter", "name", "certainty", "region", "years")))
    for row in rows(rulebook(), cells, lang):
        made.add_row(*row)
    out.print(made)
    total = Counter(cell.status for cell in cells)
    out.print(" · ".join(f"{word(status, lang)} {total[status]:,}" for status in STATUSES))


def _map(cells: list[Cell], lang: str) -> Table:
    """The provinces roughly where they lie, each with its number of gaps, coloured by their share."""
    from rich.table import Table
    from rich.text import Text

    from shebao.lawbook.gapspage import map_of

    grid = Table.grid(padding=(0, 1))
    tiles = {(column, row): (name, count) for column, row, name, count in map_of(cells, lang)}
    for row in range(8):
        line = []
        for column in range(8):
            name, count = tiles.get((column, row), ("", Counter()))
            gaps_ = count["assumed"] + count["missing"]
            share = gaps_ / (sum(count.values()) or 1)
            colour = "dim" if not count else "green" if share < 0.25 else "yellow" if share < 0.6 else "red"
            line.append(Text(f"{name} {gaps_}" if name else "", colour))
        grid.add_row(*line)
    return grid
