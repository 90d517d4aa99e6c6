"""The cliffs as a page of the book."""

from __future__ import annotations

from html import escape
from itertools import groupby

from shebao.lawbook.cases import worded
from shebao.lawbook.clifflist import LEAD, columns, rows
from shebao.lawbook.cliffs import Cliff
from shebao.lawbook.markup import CLIFFS, Page, link, section, table
from shebao.lawbook.shelf import Shelf, case_anchor
from shebao.lawbook.words import word


def cliffs_page(shelf: Shelf) -> Page:
    """A table of every scheme's cliffs."""
    lang, found = shelf.lang, shelf.library.cliffs
    parts = {path: list(held) for path, held in groupby(found, key=lambda cliff: cliff.room)}
    body = f'<p class="lead">{escape(LEAD[lang])}</p>'
    for path, held in parts.items():
        pairs = zip(held, rows(shelf.book, held, lang), strict=True)
        lines = [_line(shelf, cliff, row) for cliff, row in pairs]
        made = table(shelf.room_title(path), columns(lang)[:-1], lines, (3, 4))
        body += section(path, shelf.room_title(path), f'<div class="cliffs">{made}</div>')
    contents = "".join(f'<li><a href="#_{escape(path)}">{escape(shelf.room_title(path))}</a></li>' for path in parts)
    other = word("cliffs", "en" if lang == "zh" else "zh")
    return Page(CLIFFS, word("cliffs", lang), other, body, f"<ul>{contents}</ul>")


def _line(shelf: Shelf, cliff: Cliff, row: tuple[str, ...]) -> tuple[str, ...]:
    """One cliff: what jumps and with what, where, from what to what, by which article, in which example."""
    at, before, after, article, example = row[2:-1]
    sides = (escape(worded(shelf, side)) for side in (before, after))
    held = (case for case in shelf.library.cases if case_anchor(case) == cliff.case)
    named = (f'<a href="{escape(shelf.case_address(case))}">{escape(case.id)}</a>' for case in held)
    where = next((escape(example).replace(escape(cliff.case), name, 1) for name in named), escape(example))
    names = link(shelf, cliff.rule), link(shelf, cliff.fact)
    return *names, escape(at), *sides, escape(article), where
