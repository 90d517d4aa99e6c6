"""The parameters of a scheme: each with its history as a table and a picture, and who reads it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from fractions import Fraction
from html import escape

from shebao.engine.parameters import FOREVER, Entry, Parameter
from shebao.lawbook import pictures
from shebao.lawbook.markup import Page, badge, entry_of, folded, heading, links, shares, table
from shebao.lawbook.reforms import is_new, steps
from shebao.lawbook.shelf import Shelf
from shebao.lawbook.words import about, amount, colon, keyed, place, semicolon, span, unit_text, where, word

SHORT = 12  # values shown without unfolding


def parameters_page(shelf: Shelf, path: str) -> Page:
    """Every parameter of one scheme."""
    lang = shelf.lang
    _, _, parameters = shelf.held(path)
    back = f'<p class="beside"><a href="{shelf.room_page(path)}">← {escape(shelf.room_title(path))}</a></p>'
    body = back + "".join(parameter_article(shelf, parameter) for parameter in parameters)
    contents = "".join(entry_of(shelf, parameter) for parameter in parameters)
    title = f"{shelf.room_title(path)}{'：' if lang == 'zh' else ': '}{word('parameters', lang)}"
    other = f"{shelf.other_room_title(path)} – {word('parameters', 'en' if lang == 'zh' else 'zh')}"
    return Page(shelf.parameters_page(path), title, other, body, f"<ul>{contents}</ul>")


def parameter_article(shelf: Shelf, parameter: Parameter) -> str:
    """One parameter: values, documents, picture, readers."""
    lang = shelf.lang
    meta = [unit_text(parameter.unit, lang), *(shelf.name(key, parameter.room) for key in parameter.keys)]
    meta += [parameter.where.partition(":")[0]] if parameter.where else []
    users = shelf.library.users.get(parameter.full_name, [])
    used = f'<dl class="wires"><div><dt>{escape(word("used by", lang))}</dt><dd>{links(shelf, users)}</dd></div></dl>'
    certainty = shares(Counter(entry.certainty for entry in parameter.entries), lang)
    return (
        f'<article class="node" id="{escape(parameter.full_name)}">{heading(shelf, parameter, "h2")}'
        f'<p class="meta">{escape(" · ".join(meta))} {certainty}</p>'
        f"{change(shelf, parameter)}{picture(shelf, parameter)}{_values(shelf, parameter)}{used}</article>"
    )


def change(shelf: Shelf, parameter: Parameter) -> str:
    """What a reform does to the values of a parameter; empty where it does nothing."""
    lang, old = shelf.lang, shelf.library.before(parameter)
    if parameter.full_name not in shelf.library.changed:
        return ""
    rows = []
    for step in steps(old or replace(parameter, entries=(), _index={}), parameter):
        entry = Entry(step.key, Fraction(0), "", "assumed")
        when = escape(span(step.since, step.until, lang) or word("always", lang))
        values = [escape(amount(e.value, parameter.unit)) if e else "–" for e in (step.before, step.now)]
        source = document(shelf, step.now) if step.now else ""
        rows.append([escape(keyed(parameter, entry, lang, shelf.key(parameter))), when, *values, source])
    head = [word(w, lang) for w in ("key", "in force", "before", "after", "source")]
    if not parameter.keys:
        head, rows = head[1:], [row[1:] for row in rows]
    right = [2, 3] if parameter.keys else [1, 2]
    return f'<div class="change">{table(word("what changes", lang), head, rows, right)}</div>'


# -- tables ------------------------------------------------------------------------------------------


def _values(shelf: Shelf, parameter: Parameter) -> str:
    lang = shelf.lang
    held = list(parameter.resolved())
    if not held:
        return f"<p>{badge('missing', lang)}</p>"
    full = _history(shelf, parameter, held)
    if parameter.keys == ("region", "year"):
        return _by_province(shelf, parameter) + folded(f"{escape(word('all values', lang))} ({len(held)})", full)
    if len(held) <= SHORT:
        return full
    return folded(f"{escape(word('all values', lang))} ({len(held)})", full)


def _history(shelf: Shelf, parameter: Parameter, held: list[Entry]) -> str:
    """Every value with its key, time, certainty and document."""
    lang = shelf.lang
    head = [word("in force", lang), word("value", lang), word("certainty", lang), word("source", lang)]
    if parameter.keys:
        head.insert(0, word("key", lang))
    rows = []
    for entry in held:
        when = span(entry.since, entry.until, lang) or word("always", lang)
        cells = [f'<span class="when">{escape(when)}</span>']
        cells += [_marked(shelf, parameter, entry), badge(entry.certainty, lang), document(shelf, entry)]
        rows.append([escape(keyed(parameter, entry, lang, shelf.key(parameter))), *cells] if parameter.keys else cells)
    number = 2 if parameter.keys else 1
    return table(f"{shelf.title(parameter)} · {unit_text(parameter.unit, lang)}", head, rows, [number])


def _marked(shelf: Shelf, parameter: Parameter, entry: Entry) -> str:
    """A value; marked where the law in force has another."""
    said = escape(amount(entry.value, parameter.unit))
    return f"<mark>{said}</mark>" if is_new(shelf.library.before(parameter), entry) else said


def document(shelf: Shelf, entry: Entry) -> str:
    """Where a value comes from, with its note."""
    note = f" <small>{escape(shelf.source(entry.note))}</small>" if entry.note else ""
    return f"{escape(shelf.source(entry.source))}{note}"


def _by_province(shelf: Shelf, parameter: Parameter) -> str:
    """Provinces down, years across."""
    lang = shelf.lang
    held = {entry.key: entry for entry in parameter.resolved()}
    years = sorted({int(key[1]) for key in held})
    rows = []
    for code in sorted({int(key[0]) for key in held}):
        cells = [_cell(shelf, parameter, held.get((code, year))) for year in years]
        rows.append([escape(place(code, lang)), *cells])
    head = [word("region", lang), *map(str, years)]
    return table(f"{shelf.title(parameter)} · {unit_text(parameter.unit, lang)}", head, rows, range(1, len(years) + 1))


def _cell(shelf: Shelf, parameter: Parameter, entry: Entry | None) -> str:
    lang = shelf.lang
    if entry is None:
        return f'<span class="v missing" title="{escape(word("missing", lang))}">–</span>'
    said = escape(f"{word(entry.certainty, lang)}{colon(lang)}{shelf.source(entry.source)}")
    return f'<span class="v {entry.certainty}" title="{said}">{_marked(shelf, parameter, entry)}</span>'


# -- pictures ----------------------------------------------------------------------------------------


def picture(shelf: Shelf, parameter: Parameter) -> str:
    """A picture, where one says more than the table: over time, by key, or by province."""
    held = list(parameter.resolved())
    if len(held) < 2 or parameter.unit.kind not in ("number", "money"):
        return ""
    title = shelf.title(parameter)
    percent = parameter.unit.name == "Ratio"
    if not parameter.keys:
        return _figure(pictures.steps(title, _spans(shelf, parameter, held), percent))
    if parameter.keys[0] == "region":
        several = len({entry.key[0] for entry in held}) > 2
        return _figure(_map(shelf, parameter, held), word("newest", shelf.lang)) if several else ""
    if len(parameter.keys) == 1 and all(isinstance(entry.key[0], int) for entry in held):
        return _figure(pictures.bars(title, _bars(shelf, parameter, held), percent))
    return ""


def _figure(drawn: str, caption: str = "") -> str:
    said = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    return f'<figure class="pan">{drawn}{said}</figure>'


def _spans(shelf: Shelf, parameter: Parameter, held: list[Entry]) -> list[tuple[float, float, float, str, str]]:
    """The values over time in years; an end that is open is drawn two years on."""
    ends = [m for e in held for m in (e.since, e.until) if abs(m) < FOREVER]
    first, last = min(ends, default=2010 * 12) - 12, max(ends, default=2026 * 12) + 24
    made = []
    for entry in held:
        start, end = max(entry.since, first) / 12, min(entry.until + 1, last) / 12
        made.append((start, end, float(entry.value), _said(shelf, parameter, entry), entry.certainty))
    return made


def _bars(shelf: Shelf, parameter: Parameter, held: list[Entry]) -> list[tuple[str, float, str, str]]:
    """The newest value of each key."""
    newest = {entry.key[0]: entry for entry in sorted(held, key=lambda e: e.since)}
    ordered = sorted(newest.items(), key=lambda item: int(item[0]))
    return [(shelf.choice(str(k)), float(e.value), _said(shelf, parameter, e), e.certainty) for k, e in ordered]


def _said(shelf: Shelf, parameter: Parameter, entry: Entry) -> str:
    when = span(entry.since, entry.until, shelf.lang)
    of = ", ".join(filter(None, (keyed(parameter, entry, shelf.lang, shelf.key(parameter)), when)))
    value = f"{amount(entry.value, parameter.unit)} {unit_text(parameter.unit, shelf.lang)}"
    return f"{of}{colon(shelf.lang)}{value} ({word(entry.certainty, shelf.lang)})"


def _map(shelf: Shelf, parameter: Parameter, held: list[Entry]) -> str:
    """The newest value of each province, tinted by its rank; of several keys the range."""
    by: dict[int, list[Entry]] = defaultdict(list)
    for entry in held:
        by[int(entry.key[0])].append(entry)
    newest = {code: _newest(parameter, entries) for code, entries in by.items()}
    values = sorted({max(e.value for e in entries) for entries in newest.values()})
    made = {}
    for code, entries in newest.items():
        low, high = min(e.value for e in entries), max(e.value for e in entries)
        text = amount(high, parameter.unit).removesuffix(".00")
        text = text if low == high else f"≤{text}"
        said = semicolon(shelf.lang).join(_said(shelf, parameter, e) for e in entries[:6])
        tint = 0.1 + 0.5 * values.index(high) / max(1, len(values) - 1)
        made[code] = pictures.Tile(text, said, tint, ((_worst(entries), 1),))
    return pictures.tiles(shelf.title(parameter), made, shelf.lang)


def _newest(parameter: Parameter, entries: list[Entry]) -> list[Entry]:
    """The values of a province in its newest year, or of the newest date for each other key."""
    if "year" in parameter.keys:
        at = parameter.keys.index("year")
        last = max(int(entry.key[at]) for entry in entries)
        return [entry for entry in entries if int(entry.key[at]) == last]
    return list({entry.key: entry for entry in sorted(entries, key=lambda e: e.since)}.values())


def _worst(entries: list[Entry]) -> str:
    order = ("official", "reported", "assumed")
    return max((entry.certainty for entry in entries), key=order.index)


# -- all that is assumed -----------------------------------------------------------------------------


def assumed_page(shelf: Shelf) -> Page:
    """Every value that must still be checked, by scheme, parameter and document."""
    lang = shelf.lang
    parts, contents, total = [], [], 0
    for path in shelf.book.scopes:
        found = [(p, held) for p in shelf.held(path)[2] if (held := _assumed(p))]
        if found:
            count = sum(len(held) for _, held in found)
            total += count
            title = escape(shelf.room_title(path))
            contents.append(f'<li><a href="#_{escape(path)}">{title} {count}</a></li>')
            inner = "".join(_doubts(shelf, parameter, held) for parameter, held in found)
            parts.append(f'<section id="_{escape(path)}"><h2>{title} <small>{count}</small></h2>{inner}</section>')
    lead = (
        f"{total:,} 个数值尚未与原文核对。读过原文的人请在法规库中更正并标为官方。"
        if lang == "zh"
        else f"{total:,} values have not been checked against their document. "
        "Whoever has read the original corrects the value in the rulebook and marks it official."
    )
    body = f'<p class="lead">{escape(lead)}</p>{"".join(parts)}'
    other = word("assumed values", "en" if lang == "zh" else "zh")
    return Page("assumed.html", word("assumed values", lang), other, body, f"<ul>{''.join(contents)}</ul>")


def _assumed(parameter: Parameter) -> list[Entry]:
    return [entry for entry in parameter.resolved() if entry.certainty == "assumed"]


def _doubts(shelf: Shelf, parameter: Parameter, held: list[Entry]) -> str:
    """The values of one parameter under the documents they come from."""
    by: dict[str, list[Entry]] = defaultdict(list)
    for entry in held:
        by[document(shelf, entry)].append(entry)
    items = "".join(f"<dt>{text}</dt>{_doubtful(shelf, parameter, entries)}" for text, entries in by.items())
    return f'<div class="doubts"><h3>{links(shelf, [parameter.full_name])}</h3><dl>{items}</dl></div>'


def _doubtful(shelf: Shelf, parameter: Parameter, entries: list[Entry]) -> str:
    """The values of one document: a line for each time and key, the provinces side by side."""
    by: dict[str, list[str]] = defaultdict(list)
    for entry in entries:
        when = span(entry.since, entry.until, shelf.lang)
        value = f"<b>{escape(amount(entry.value, parameter.unit))}</b>"
        place_ = escape(where(parameter, entry, shelf.lang))
        of = " ".join(filter(None, (about(parameter, entry, shelf.key(parameter)), when)))
        by[of].append(f"{place_} {value}".strip())
    heads = (f"{escape(text)}{colon(shelf.lang)}" if text else "" for text in by)
    values = (semicolon(shelf.lang).join(said) for said in by.values())
    return "".join(f"<dd>{head}{line}</dd>" for head, line in zip(heads, values, strict=True))


def certainty_of(parameters: list[Parameter]) -> Counter[str]:
    """How many values are how certain."""
    return Counter(entry.certainty for parameter in parameters for entry in parameter.entries)
