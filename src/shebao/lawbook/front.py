"""The first page: the schemes as a map, how to read the book, what it holds and how certain it is."""

from __future__ import annotations

from html import escape

from shebao.lawbook import pictures
from shebao.lawbook.markup import Page, bilingual_part, section, shares, table
from shebao.lawbook.parameters import certainty_of
from shebao.lawbook.shelf import Shelf
from shebao.lawbook.words import colon, word

HOW = {
    "zh": (
        "本书由法规库直接生成：规则的算式就是计算每一笔待遇所运行的算式，参数就是它所取用的参数，没有任何内容另写一遍。",
        "每个制度一页：先是导读，再按取用顺序列出规则——先读到的先列。算式中的每个名称都是链接，指向它所代表的规则、参数或事实。",
        "同一规则因地区、时期不同而有几种规定时，先列适用最广的，其余各种中不同的部分以底色标出。",
        "每个数值都有依据与确定性：官方（读过原文）、据报道（二手资料或业内常识）、待核（须与原文核对后才能据以发放）。",
        "案例逐步算出：展开即可看到每一步的算式、条文与取值。",
        "链接以规则的全名为锚，不因增删而变动，可以引用。",
    ),
    "en": (
        "This book is made from the rulebook itself: a formula shown is the one that computes every benefit, a value "
        "shown is the one it reads. Nothing is written twice.",
        "Each scheme has a page: an introduction, then its rules in the order of their wiring, what is read first. "
        "Every name in a formula leads to the rule, parameter or fact it stands for.",
        "Where provinces or periods read a rule in their own way, the widest reading comes first and what differs in "
        "the others is marked.",
        "Every value has its document and says how certain it is: official (the text was read), reported (a secondary "
        "source, or common knowledge of the field), assumed (to be checked before anyone is paid by it).",
        "Worked examples are computed step by step: unfold one to see each formula, article and value.",
        "Links go by the full name of a rule, never by a number, so they can be cited.",
    ),
}


def front_page(shelf: Shelf) -> Page:
    """The map of the system and the keys to the book."""
    lang = shelf.lang
    book = shelf.book
    held = {path: shelf.held(path) for path in book.scopes}
    sums = [
        ("schemes", len(held)),
        ("rules", sum(len(h[0]) for h in held.values())),
        ("parameters", sum(len(h[2]) for h in held.values())),
        ("values", sum(len(p.entries) for p in book.parameters())),
        ("facts", sum(len(h[1]) for h in held.values())),
        ("cases", len(shelf.library.cases)),
    ]
    tiles = "".join(f"<div><dt>{escape(word(what, lang))}</dt><dd>{count:,}</dd></div>" for what, count in sums)
    certainty = shares(certainty_of(list(book.parameters())), lang)
    how = "".join(f"<li>{escape(text)}</li>" for text in HOW[lang])
    body = (
        f'<dl class="counts">{tiles}</dl>'
        f'<p class="nation">{escape(word("certainty", lang))}{colon(lang)}{certainty}</p>'
        + section("map", word("schemes", lang), f'<figure class="pan">{_map(shelf)}</figure>{_rooms(shelf)}')
        + section("how", "怎样阅读" if lang == "zh" else "How to read this book", f'<ul class="how">{how}</ul>')
    )
    return Page("index.html", word("book", lang), word("book", "en" if lang == "zh" else "zh"), body)


def _map(shelf: Shelf) -> str:
    lang = shelf.lang
    boxes = {}
    for path, below in shelf.library.loans.items():
        rules, _, parameters = shelf.held(path)
        sub = f"{len(rules)} {word('rules', lang)} · {len(parameters)} {word('parameters', lang)}".lower()
        boxes[path] = pictures.Box(shelf.room_page(path), shelf.room_title(path), sub, tuple(below))
    return pictures.scheme_map(word("schemes", lang), boxes)


def _rooms(shelf: Shelf) -> str:
    lang = shelf.lang
    rows = []
    for path in shelf.book.scopes:
        rules, facts, parameters = shelf.held(path)
        title = f'<a href="{shelf.room_page(path)}">{escape(shelf.room_title(path))}</a>'
        title += f"<br>{bilingual_part(shelf.other_room_title(path), lang)}"
        values = f'<a href="{shelf.parameters_page(path)}">{len(parameters)}</a>' if parameters else "0"
        count = len(shelf.library.cases_of.get(path, []))
        examples = f'<a href="{shelf.cases_page(path)}">{count}</a>' if count else "0"
        rows.append([title, str(len(rules)), str(len(facts)), values, examples, shares(certainty_of(parameters), lang)])
    head = [word(w, lang) for w in ("schemes", "rules", "facts", "parameters", "cases", "certainty")]
    return table(word("holds", lang), head, rows, range(1, 5))
