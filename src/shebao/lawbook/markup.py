"""The frame of every page, and the few pieces of HTML that pages share. Everything that comes in as text is escaped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from string import Template
from urllib.parse import quote

from shebao.engine.book import Fact, Node, Rule
from shebao.lawbook.gaps import STATUSES
from shebao.lawbook.shelf import Shelf
from shebao.lawbook.words import listed, semicolon, word

NAVIGATION = (
    ("index.html", "schemes"),
    ("changes.html", "changes"),
    ("assumed.html", "assumed values"),
    ("gaps.html", "gaps"),
)
REFORM, CLIFFS = "reform.html", "cliffs.html"


def navigation(shelf: Shelf) -> list[tuple[str, str]]:
    """The pages of the head of every page, and what they are called."""
    found = list(NAVIGATION)
    if shelf.library.cliffs:
        found.append((CLIFFS, "cliffs"))
    if shelf.library.base is not None:
        found.insert(1, (REFORM, "reform"))
    return found


@dataclass(frozen=True)
class Page:
    """One page: its file name, its title and the other language's, what leads to it, its body and its contents."""

    name: str
    title: str
    other: str
    body: str
    contents: str = ""
    script: str = ""


def asset(name: str) -> str:
    """A file of the book's own furniture."""
    return files(__package__).joinpath("assets", name).read_text("utf-8")


def framed(shelf: Shelf, page: Page) -> str:
    """The whole file of a page."""
    lang = shelf.lang
    return Template(asset("page.html")).substitute(
        lang="zh-CN" if lang == "zh" else "en",
        title=escape(page.title),
        book=escape(word("book", lang)),
        short=escape(word("short", lang)),
        skip=escape(word("skip", lang)),
        search=escape(word("search", lang)),
        search_all=escape(word("search all", lang)),
        navigation="".join(_leads(name, text, page, lang) for name, text in navigation(shelf)),
        switch=_switch(shelf, page),
        other=bilingual_part(page.other, lang),
        contents=_contents(page.contents, lang),
        wide="" if page.contents else ' class="wide"',
        body=_reformed(shelf) + page.body,
        footer=f"{escape(word('printed from', lang))} · {escape(word('fingerprint', lang))} "
        f"<code>{shelf.book.fingerprint[:12]}</code>",
        script=page.script,
    )


def _reformed(shelf: Shelf) -> str:
    """On every page of a reformed law: that it is not the law in force."""
    if shelf.library.base is None:
        return ""
    names = escape(semicolon(shelf.lang).join(shelf.book.reforms))
    return f'<p class="reformed">{escape(word("reformed", shelf.lang))}<a href="{REFORM}">{names}</a></p>'


def _leads(name: str, text: str, page: Page, lang: str) -> str:
    here = ' aria-current="page"' if name == page.name else ""
    return f'<a href="{name}"{here}>{escape(word(text, lang))}</a>'


def _switch(shelf: Shelf, page: Page) -> str:
    """The same page in the other language, at the same place."""
    other = "en" if shelf.lang == "zh" else "zh"
    if other not in shelf.langs:
        return ""
    tongue = "en" if other == "en" else "zh-CN"
    text = escape(word("other", shelf.lang))
    return f'<a id="switch" href="../{other}/{page.name}" hreflang="{tongue}" lang="{tongue}">{text}</a>'


def _contents(inner: str, lang: str) -> str:
    title = escape(word("contents", lang))
    return f'<nav class="toc" aria-label="{title}"><h2>{title}</h2>{inner}</nav>' if inner else ""


def bilingual_part(text: str, lang: str) -> str:
    """A term in the language the page is not in."""
    return f'<span class="other" lang="{"en" if lang == "zh" else "zh-CN"}">{escape(text)}</span>' if text else ""


def link(shelf: Shelf, full_name: str) -> str:
    """A node by its title, leading to where it stands."""
    node = shelf.book.nodes[full_name]
    return f'<a href="{escape(shelf.address(full_name))}" title="{escape(full_name)}">{escape(shelf.title(node))}</a>'


def links(shelf: Shelf, names: Iterable[str]) -> str:
    """Nodes as a list in a line, each with its kind; the room is named where it is another one."""
    return listed((link(shelf, name) for name in names), shelf.lang) or escape(word("none", shelf.lang))


def kind_of(node: Node) -> str:
    return node.kind if isinstance(node, Rule) else "fact" if isinstance(node, Fact) else "parameter"


def heading(shelf: Shelf, node: Node, level: str = "h3") -> str:
    """A node's title in both languages with its own address, and its full name."""
    title = f'<a class="self" href="#{escape(anchor(shelf, node))}">{escape(shelf.title(node))}</a>'
    other = bilingual_part(shelf.other_title(node), shelf.lang)
    return f"<{level}>{title} {other}{reform_mark(shelf, node)}</{level}><code>{escape(node.full_name)}</code>"


def reform_mark(shelf: Shelf, node: Node) -> str:
    """Whether a reform changes a node, or what it rests on; leads to the list of all it does."""
    library, name = shelf.library, node.full_name
    if name in library.changed:
        text = "by reform" if library.changed[name] else "new by reform"
    elif name in library.affected:
        text = "affected"
    else:
        return ""
    kind = "affected" if text == "affected" else "reform"
    said = escape(word(text, shelf.lang))
    return f' <a class="badge {kind}" href="{REFORM}#_{"affected" if kind == "affected" else quote(name)}">{said}</a>'


def entry_of(shelf: Shelf, node: Node) -> str:
    """A line in a page's contents; with a sign at what a reform changes."""
    sign = f' <b class="dot" title="{escape(word("by reform", shelf.lang))}">●</b>'
    changed = node.full_name in shelf.library.changed
    return f'<li><a href="#{anchor(shelf, node)}">{escape(shelf.title(node))}</a>{sign if changed else ""}</li>'


def anchor(shelf: Shelf, node: Node) -> str:
    """The part of a node's address behind the #."""
    return shelf.address(node.full_name).partition("#")[2]


def badge(certainty: str, lang: str) -> str:
    return f'<span class="badge {certainty}">{escape(word(certainty, lang))}</span>'


def shares(counts: Counter[str], lang: str) -> str:
    """How many of each certainty, as a bar and in words."""
    total = sum(counts.values())
    if not total:
        return ""
    parts = [(status, counts[status]) for status in STATUSES if counts[status]]
    bar = "".join(f'<i class="{status}" style="flex:{count}"></i>' for status, count in parts)
    said = " · ".join(f"{word(status, lang)} {count:,}" for status, count in parts)
    return f'<span class="shares"><span class="bar" aria-hidden="true">{bar}</span> <span>{escape(said)}</span></span>'


def table(caption: str, head: Iterable[str], rows: Iterable[Iterable[str]], numbers: Iterable[int] = ()) -> str:
    """A table that scrolls by itself, also by keyboard. ``head`` is text, ``rows`` are cells of ready HTML."""
    right = set(numbers)
    tops = "".join(f'<th scope="col"{_n(k in right)}>{escape(text)}</th>' for k, text in enumerate(head))
    body = "".join(_row(list(cells), right) for cells in rows)
    name = escape(caption)
    inner = f"<table><caption>{name}</caption><thead><tr>{tops}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="scroll" role="region" tabindex="0" aria-label="{name}">{inner}</div>'


def _row(cells: list[str], right: set[int]) -> str:
    tail = "".join(f"<td{_n(k in right)}>{cell}</td>" for k, cell in enumerate(cells[1:], 1))
    return f'<tr><th scope="row">{cells[0]}</th>{tail}</tr>'


def _n(number: bool) -> str:
    return ' class="n"' if number else ""


def section(name: str, title: str, inner: str) -> str:
    """A part of a page; its anchor begins with an underscore, which no name of the law does."""
    return f'<section id="_{name}"><h2>{escape(title)}</h2>{inner}</section>' if inner else ""


def folded(summary: str, inner: str, opened: bool = False) -> str:
    """What unfolds; ``summary`` is ready HTML."""
    return f"<details{' open' if opened else ''}><summary>{summary}</summary>{inner}</details>"
