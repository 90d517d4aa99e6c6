"""Writing the whole book into a folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from html import escape
from pathlib import Path

from shebao.engine.rulebook import Rulebook
from shebao.law.cases import Case
from shebao.lawbook.cases import Outcome, cases_page, work_out
from shebao.lawbook.changes import changes_page
from shebao.lawbook.cliffs import Cliff
from shebao.lawbook.cliffspage import cliffs_page
from shebao.lawbook.front import front_page
from shebao.lawbook.gaps import Cell, gaps
from shebao.lawbook.gapspage import gaps_page
from shebao.lawbook.markup import Page, asset, framed
from shebao.lawbook.parameters import assumed_page, parameters_page
from shebao.lawbook.reformpage import reform_page
from shebao.lawbook.rooms import room_page
from shebao.lawbook.search import index, search_page
from shebao.lawbook.shelf import Library, Shelf, case_anchor
from shebao.lawbook.words import LANGS, word

Progress = Callable[[int, int], None]
MANIFEST = "manifest.json"


def write(
    book: Rulebook,
    cases: Sequence[Case],
    folder: Path,
    langs: Sequence[str] = LANGS,
    progress: Progress | None = None,
    base: Rulebook | None = None,
    cliffs: Sequence[Cliff] = (),
) -> dict[str, int]:
    """The law as a static site in an empty folder; file name → bytes.

    ``folder/index.html`` is the door, ``folder/zh`` and ``folder/en`` the book in each of ``langs``. Nothing needs a
    network or a server. The same rulebook and examples give the same bytes. ``progress`` is told examples worked out
    and pages written, of how many. With ``base``, the law in force, the book is of the law as reformed: it marks what
    the reforms change and lists it. ``cliffs`` are shown on a page of their own.
    """
    tell = progress or _silent
    library = Library(book, list(cases), base, cliffs)
    rooms = len(book.scopes)
    total = len(library.cases) + len(langs) * 3 * rooms
    outcomes = {}
    for case in library.cases:
        outcomes[case_anchor(case)] = work_out(library, case)
        tell(len(outcomes), total)
    cells = gaps(book)
    sizes = dict(_furniture(langs))
    for name, text in sizes.items():
        _write(folder / name, text)
    made = {name: len(text.encode()) for name, text in sizes.items()}
    for lang in langs:
        (folder / lang).mkdir()
        shelf = Shelf(library, lang, tuple(langs))
        for name, text in _files(shelf, outcomes, cells):
            _write(folder / lang / name, text)
            made[f"{lang}/{name}"] = len(text.encode())
            tell(min(total, len(outcomes) + len(made)), total)
    _write(folder / MANIFEST, _manifest(book, folder, sorted(made)))
    tell(total, total)
    return made


def _silent(_done: int, _total: int) -> None:
    """Progress that nobody watches."""


def _files(shelf: Shelf, outcomes: dict[str, dict[str, Outcome]], cells: list[Cell]) -> Iterator[tuple[str, str]]:
    for page in pages(shelf, outcomes, cells):
        yield page.name, framed(shelf, page)
    yield "search-index.js", index(shelf)


def pages(shelf: Shelf, outcomes: dict[str, dict[str, Outcome]], cells: list[Cell]) -> Iterator[Page]:
    """Every page in one language."""
    yield front_page(shelf)
    for path in shelf.book.scopes:
        yield room_page(shelf, path)
        if shelf.held(path)[2]:
            yield parameters_page(shelf, path)
        if shelf.library.cases_of.get(path):
            yield cases_page(shelf, path, outcomes)
    if shelf.library.base is not None:
        yield reform_page(shelf, outcomes)
    yield changes_page(shelf)
    yield assumed_page(shelf)
    yield gaps_page(shelf, cells)
    if shelf.library.cliffs:
        yield cliffs_page(shelf)
    yield search_page(shelf)


def _furniture(langs: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What both languages share, and the door."""
    yield "style.css", asset("style.css")
    yield "search.js", asset("search.js")
    tongues = {"zh": "zh-CN", "en": "en"}
    doors = "".join(
        f'<p><a href="{lang}/index.html" lang="{tongues[lang]}">{escape(word("book", lang))}</a></p>' for lang in langs
    )
    yield "index.html", asset("door.html").replace("$doors", doors).replace("$first", langs[0])


def _write(file: Path, text: str) -> None:
    with file.open("x", encoding="utf-8", newline="\n") as out:  # two pages of one name are a mistake
        out.write(text)


def _manifest(book: Rulebook, folder: Path, names: list[str]) -> str:
    """What lies in the folder, and by which law it was made."""
    files = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}
    return json.dumps({"law": book.fingerprint, "reforms": list(book.reforms), "files": files}, indent=1) + "\n"
