"""The gaps as a page: the provinces as tiles, for all and for each scheme, and what is open line by line."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape

from shebao.engine.rulebook import Rulebook
from shebao.lawbook import pictures
from shebao.lawbook.gaps import NATION, STATUSES, Cell, counts, lines
from shebao.lawbook.markup import Page, asset, badge, link, section, shares, table
from shebao.lawbook.shelf import Shelf
from shebao.lawbook.words import colon, place, places, word, year_runs

LEAD = {
    "zh": "下图每格为一个省份，数字为待补（缺失或待核）的“参数 × 年度”个数，底部色条为确定性构成，"
    "底色越深待补比例越高。全国统一的参数另计。读过原文的人可以从这里着手。",
    "en": "Each tile is a province. The number counts what is open there, missing or assumed, in parameters × years; "
    "the bar at its foot shows how certain the rest is; the darker the tile, the greater the open share. "
    "Parameters of the whole nation are counted apart. Whoever has read the documents can begin here.",
}


def gaps_page(shelf: Shelf, cells: Sequence[Cell]) -> Page:
    """The page of the book; also a page of its own."""
    lang = shelf.lang
    rooms = [path for path in shelf.book.scopes if any(c.room == path and c.open for c in cells)]
    contents = "".join(f'<li><a href="#_{escape(path)}">{escape(shelf.room_title(path))}</a></li>' for path in rooms)
    body = f'<p class="lead">{escape(LEAD[lang])}</p>{_legend(lang)}{_picture(cells, word("everything", lang), lang)}'
    body += "".join(
        section(path, shelf.room_title(path), _scheme(shelf, path, [c for c in cells if c.room == path]))
        for path in rooms
    )
    other = word("gaps", "en" if lang == "zh" else "zh")
    return Page("gaps.html", word("gaps", lang), other, body, f"<ul>{contents}</ul>")


def _legend(lang: str) -> str:
    return f'<p class="legend">{" ".join(badge(status, lang) for status in STATUSES)}</p>'


def _scheme(shelf: Shelf, path: str, cells: list[Cell]) -> str:
    drawn = _picture(cells, shelf.room_title(path), shelf.lang)
    return drawn + gaps_table(shelf, cells)


def _picture(cells: Iterable[Cell], title: str, lang: str) -> str:
    by = counts(cells)
    nation = by.pop(NATION, Counter())
    said = (
        f"{escape(word('nation', lang))}{colon(lang)}{_open(nation)} {escape(word('gap', lang))} {shares(nation, lang)}"
    )
    apart = f'<p class="nation">{said}</p>' if nation else ""
    if not by:
        return apart
    made = {code: _tile(count, lang) for code, count in by.items()}
    return f'{apart}<figure class="map">{pictures.tiles(title, made, lang)}</figure>'


def _open(count: Counter[str]) -> int:
    return count["assumed"] + count["missing"]


def _tile(count: Counter[str], lang: str) -> pictures.Tile:
    said = ", ".join(f"{word(status, lang)} {count[status]}" for status in STATUSES if count[status])
    parts = tuple((status, count[status]) for status in STATUSES if count[status])
    return pictures.Tile(str(_open(count)), said, 0.55 * _open(count) / count.total(), parts)


def gaps_table(shelf: Shelf, cells: Iterable[Cell]) -> str:
    """What is open, line by line."""
    lang = shelf.lang
    rows = []
    for name, status, regions, years in lines(cells):
        where = places(None if regions == (NATION,) else regions, lang)
        rows.append((link(shelf, name), badge(status, lang), escape(where), escape(year_runs(years))))
    head = [word("parameter", lang), word("certainty", lang), word("region", lang), word("years", lang)]
    return table(word("gaps", lang), head, rows) if rows else ""


# -- for other programs and terminals ---------------------------------------------------------------


def as_json(cells: Iterable[Cell]) -> str:
    """Open cells as a JSON list."""
    rows = [
        {"parameter": c.parameter, "room": c.room, "region": c.region or None, "year": c.year, "status": c.status}
        for c in cells
        if c.open
    ]
    return json.dumps(rows, ensure_ascii=False, indent=1)


def rows(book: Rulebook, cells: Iterable[Cell], lang: str) -> list[tuple[str, str, str, str, str]]:
    """Open cells as text: parameter, label, status, provinces, years."""
    made = []
    for name, status, regions, years in lines(cells):
        where = places(None if regions == (NATION,) else regions, lang)
        made.append((name, book.nodes[name].label, word(status, lang), where, year_runs(years)))
    return made


def as_markdown(book: Rulebook, cells: Sequence[Cell], lang: str) -> str:
    """Open cells as a Markdown page."""
    total = Counter(cell.status for cell in cells)
    said = ", ".join(f"{word(status, lang)} {total[status]:,}" for status in STATUSES)
    head = [
        word("parameter", lang),
        word("name", lang),
        word("certainty", lang),
        word("region", lang),
        word("years", lang),
    ]
    out = [f"# {word('gaps', lang)}", "", said, "", f"| {' | '.join(head)} |", "|---|---|---|---|---|"]
    for row in rows(book, cells, lang):
        name, *rest = (cell.replace("|", "/") for cell in row)
        out.append(f"| `{name}` | {' | '.join(rest)} |")
    return "\n".join(out) + "\n"


def map_of(cells: Iterable[Cell], lang: str) -> list[tuple[int, int, str, Counter[str]]]:
    """The provinces roughly where they lie: column, row, name, how many cells have each status."""
    by = counts(cells)
    return [(column, row, place(code, lang), by.get(code, Counter())) for code, (column, row) in pictures.TILES.items()]


def alone(shelf: Shelf, cells: Sequence[Cell]) -> str:
    """The page as one file of its own: no links into the book, its style within."""
    page = gaps_page(shelf, cells)
    body = re.sub(r'<a href="[^"#]*(?:#[^"]*)?" title="([^"]*)">(.*?)</a>', r"\2 <code>\1</code>", page.body)
    lang = "zh-CN" if shelf.lang == "zh" else "en"
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="color-scheme" content="light dark">\n<title>{escape(page.title)}</title>\n'
        f"<style>\n{asset('style.css')}</style>\n</head>\n<body>\n"
        f'<div id="page" class="wide"><main><h1>{escape(page.title)}</h1>\n{body}\n</main></div>\n</body>\n</html>\n'
    )
