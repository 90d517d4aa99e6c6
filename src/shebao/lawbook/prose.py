"""READMEs and docstrings as HTML: Markdown through a well-kept reader, raw HTML never passed on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from html import escape

from markdown_it import MarkdownIt
from markdown_it.token import Token

from shebao.lawbook.shelf import Shelf

_UNDER = {"h1": "h2", "h2": "h3", "h3": "h4", "h4": "h5"}  # a README's headings stand below the page's own

_WIDE = re.compile(r"[\u2014-\u201d\u3000-\u9fff\uff00-\uffef]")  # Chinese characters and marks


@cache
def _reader() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def markdown(shelf: Shelf, room: str, text: str) -> str:
    """A text about one room: names of the law in code become links, and so do other rooms' READMEs."""
    tokens = _reader().parse(re.sub(r"\A# .+\n", "", text))
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = _UNDER.get(token.tag, token.tag)
        if token.children:
            token.children = _linked(shelf, room, _joined(token.children))
    html: str = _reader().renderer.render(tokens, _reader().options, {})
    name = escape(shelf.room_title(room))
    opening = f'<div class="scroll" role="region" tabindex="0" aria-label="{name}"><table>'
    return html.replace("<table>", opening).replace("</table>", "</table></div>")


def _joined(tokens: Sequence[Token]) -> list[Token]:
    """Without the breaks of lines inside Chinese, which would be read as spaces."""
    made: list[Token] = []
    for k, token in enumerate(tokens):
        inside = token.type == "softbreak" and 0 < k < len(tokens) - 1
        if not (inside and _WIDE.match(tokens[k - 1].content[-1:]) and _WIDE.match(tokens[k + 1].content[:1])):
            made.append(token)
    return made


def _linked(shelf: Shelf, room: str, tokens: Sequence[Token]) -> list[Token]:
    made: list[Token] = []
    inside = 0
    dropped = 0
    for token in tokens:
        if token.type == "link_open":
            address = _address(shelf, room, str(token.attrGet("href")))
            dropped += address is None
            inside += 1
            if address is None:
                continue
            token.attrSet("href", address)
        elif token.type == "link_close":
            inside -= 1
            if dropped:
                dropped -= 1
                continue
        elif token.type == "code_inline" and not inside:
            made += _code(shelf, room, token)
            continue
        made.append(token)
    return made


def _code(shelf: Shelf, room: str, token: Token) -> list[Token]:
    """``base_wage`` as a link, where the room knows such a name; in Chinese by its term."""
    full = _known(shelf, room, token.content)
    if full is None:
        return [token]
    opening, closing = Token("link_open", "a", 1), Token("link_close", "a", -1)
    opening.attrSet("href", shelf.address(full))
    if shelf.lang == "en":
        return [opening, token, closing]
    opening.attrSet("title", full)
    return [opening, Token("text", "", 0, content=shelf.title(shelf.book.nodes[full])), closing]


def _known(shelf: Shelf, room: str, text: str) -> str | None:
    return shelf.library.find(text, room) if re.fullmatch(r"[a-z_][a-z_0-9.]*", text) else None


def _address(shelf: Shelf, room: str, href: str) -> str | None:
    """An outside address as it is; another room's README by its page; any other file of the source by nothing."""
    if re.match(r"https?://", href):
        return href
    if re.fullmatch(r"(\./)?README(\.zh)?\.md", href):
        return shelf.room_page(room)
    found = re.fullmatch(r"(?:\.\./)?([a-z_]+)(?:/(?:README(?:\.zh)?\.md)?)?", href)
    return shelf.room_page(found[1]) if found and found[1] in shelf.book.scopes else None
