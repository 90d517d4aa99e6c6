"""Full-text search without a server: words of English, pairs of characters of Chinese, in one file the page loads.

The index is a script that sets a variable, because a page opened from a disk may load scripts but not data. Both
languages lead to a page in either language.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from shebao.engine.book import Fact, Rule
from shebao.engine.parameters import Parameter
from shebao.lawbook.markup import Page, kind_of, navigation
from shebao.lawbook.shelf import Shelf, readme
from shebao.lawbook.words import place, word

TITLE, NAME, TEXT = 9, 6, 2  # what a word counts where it stands
EXTRACT = 110  # characters shown under a result


@dataclass(frozen=True)
class Entry:
    """One thing to be found."""

    kind: str
    title: str
    other: str
    address: str
    name: str
    text: str
    shown: str


def tokens(text: str) -> Iterator[str]:
    """English words in small letters, and every two neighbouring Chinese characters (one that stands alone)."""
    for found in re.finditer(r"[a-z0-9]+|[㐀-鿿]+", text.lower()):
        run = found[0]
        if ord(run[0]) < 0x3400 or len(run) == 1:
            yield run
        else:
            yield from (run[k : k + 2] for k in range(len(run) - 1))


def index(shelf: Shelf) -> str:
    """The index as a script."""
    found = list(entries(shelf))
    words: dict[str, list[int]] = {}
    for k, entry in enumerate(found):
        weights: Counter[str] = Counter()
        for text, weight in ((f"{entry.title} {entry.other}", TITLE), (entry.name, NAME), (entry.text, TEXT)):
            for token in set(tokens(text.replace("_", " "))):
                weights[token] += weight
        for token in sorted(weights):
            words.setdefault(token, []).extend((k, weights[token]))
    things = [[entry.kind, entry.title, entry.other, entry.address, entry.shown] for entry in found]
    data = {"things": things, "words": dict(sorted(words.items()))}
    return f"const INDEX = {json.dumps(data, ensure_ascii=False, separators=(',', ':'))};\n"


def entries(shelf: Shelf) -> Iterator[Entry]:
    """Everything that can be found."""
    for path, scope in shelf.book.scopes.items():
        text = readme(scope, shelf.lang)[0]
        title, other = shelf.room_title(path), shelf.other_room_title(path)
        yield Entry("room", title, other, shelf.room_page(path), path, text, "")
    for node in shelf.book.nodes.values():
        text = _rule_text(shelf, node) if isinstance(node, Rule) else _plain_text(shelf, node)
        title, other, name = shelf.title(node), shelf.other_title(node), node.full_name
        shown = f"{shelf.room_title(node.room)} · {name} {text}"
        yield Entry(kind_of(node), title, other, shelf.address(name), name, f"{text} {node.unit.zh}", _cut(shown))
    for case in shelf.library.cases:
        text = f"{case.source} {' '.join(case.expect)}"
        shown = f"{shelf.room_title(case.room)} · {case.month} {shelf.source(case.source)}"
        other = case.titled("en" if shelf.lang == "zh" else "zh")
        title, address = f"{case.id} {case.titled(shelf.lang)}", shelf.case_address(case)
        yield Entry("case", title, other, address, case.room, text, _cut(shown))
    other_lang = "en" if shelf.lang == "zh" else "zh"
    for page, text in navigation(shelf)[1:]:
        yield Entry("page", word(text, shelf.lang), word(text, other_lang), page, "", "", "")


def _rule_text(shelf: Shelf, rule: Rule) -> str:
    """Documents, meaning and provinces of a rule."""
    cites = "；".join(dict.fromkeys(v.cite for v in rule.variants))
    docs = " ".join(dict.fromkeys(" ".join(shelf.text(rule, v)[0].split()) for v in rule.variants))
    codes = sorted({code for v in rule.variants for code in v.region or () if len(v.region or ()) < 16})
    where = " ".join(place(code, lang) for code in codes for lang in ("zh", "en"))
    return f"{cites} {docs} {where}"


def _plain_text(shelf: Shelf, node: Fact | Parameter) -> str:
    if isinstance(node, Fact):
        return " ".join(dict.fromkeys(said for value in node.values for said in (shelf.choice(value), value)))
    sources = dict.fromkeys((e.source, e.note) for e in node.entries)
    return "；".join(f"{shelf.source(source)} {shelf.source(note)}".strip() for source, note in sources)


def _cut(text: str) -> str:
    return text if len(text) <= EXTRACT else f"{text[:EXTRACT]}…"


def search_page(shelf: Shelf) -> Page:
    """The page that searches."""
    lang = shelf.lang
    kinds = {
        kind: word(kind, lang) for kind in ("room", "rule", "accrual", "total", "fact", "parameter", "case", "page")
    }
    said = {"nothing": word("nothing", lang), "found": word("found", lang), "kinds": kinds}
    body = (
        '<div id="results" role="status" aria-live="polite"></div><ol id="list" class="results"></ol>'
        f"<noscript><p>{escape(word('no script', lang))}</p></noscript>"
    )
    words_ = json.dumps(said, ensure_ascii=False).replace("</", "<\\/")
    files = "".join(f'<script src="{file}"></script>' for file in ("search-index.js", "../search.js"))
    script = f"<script>const SAID = {words_};</script>{files}"
    return Page("search.html", word("search", lang), word("search", "en" if lang == "zh" else "zh"), body, "", script)
