"""What changed when: rules that begin and end, values that take effect, newest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from html import escape

from shebao.engine.book import Rule
from shebao.engine.parameters import FOREVER, Entry, Parameter
from shebao.engine.units import show_month
from shebao.lawbook.markup import Page, badge, link
from shebao.lawbook.shelf import Shelf
from shebao.lawbook.words import amount, keyed, places, semicolon, unit_text, word

Event = tuple[int, str]  # month, what happened as HTML
FEW = 4  # values of one table written out


def changes_page(shelf: Shelf) -> Page:
    """Every dated change of the rulebook by year and month."""
    lang = shelf.lang
    by_month: dict[int, list[str]] = defaultdict(list)
    for month, said in [*_rules(shelf), *_parameters(shelf)]:
        by_month[month].append(said)
    of_year = _year_values(shelf)
    years = sorted({*(month // 12 for month in by_month), *of_year}, reverse=True)
    parts = []
    for year in years:
        months = sorted((m for m in by_month if m // 12 == year), reverse=True)
        inner = "".join(_listed(show_month(month), by_month[month]) for month in months)
        if of_year.get(year):
            inner += _listed(word("year values", lang), of_year[year])
        parts.append(f'<section id="_{year}"><h2>{year}</h2>{inner}</section>')
    contents = "".join(f'<li><a href="#_{year}">{year}</a></li>' for year in years)
    other = word("changes", "en" if lang == "zh" else "zh")
    body = "".join(parts)
    return Page("changes.html", word("changes", lang), other, body, f'<ul class="years">{contents}</ul>')


def _listed(title: str, said: list[str]) -> str:
    return f"<h3>{escape(title)}</h3><ul>{''.join(f'<li>{each}</li>' for each in said)}</ul>"


def _rules(shelf: Shelf) -> Iterator[Event]:
    for rule in shelf.book.rules():
        for month, what, cites, regions in _turns(rule):
            where = f" · {escape(places(regions, shelf.lang))}" if rule.by_region else ""
            said = f"{link(shelf, rule.full_name)} {escape(word(what, shelf.lang))}{where}"
            yield month, f"{said} <cite>{escape('；'.join(cites))}</cite>"


def _turns(rule: Rule) -> Iterator[tuple[int, str, list[str], frozenset[int] | None]]:
    """The months readings begin and end; those of one month together."""
    starts: dict[int, list[int]] = defaultdict(list)
    stops: dict[int, list[int]] = defaultdict(list)
    for k, variant in enumerate(rule.variants):
        if variant.since > -FOREVER:
            starts[variant.since].append(k)
        if variant.until < FOREVER and not any(v.since == variant.until + 1 for v in rule.variants):
            stops[variant.until].append(k)
    for what, turns in (("begins", starts), ("ends", stops)):
        for month, which in turns.items():
            variants = [rule.variants[k] for k in which]
            regions = [v.region for v in variants]
            joined = None if None in regions else frozenset().union(*(r for r in regions if r is not None))
            yield month, what, list(dict.fromkeys(v.cite for v in variants)), joined


def _parameters(shelf: Shelf) -> Iterator[Event]:
    for parameter in shelf.book.parameters():
        by: dict[int, list[Entry]] = defaultdict(list)
        for entry in parameter.resolved():
            if entry.since > -FOREVER:
                by[entry.since].append(entry)
        for month, entries in by.items():
            yield month, f"{link(shelf, parameter.full_name)} {_entries(shelf, parameter, entries)}"


def _entries(shelf: Shelf, parameter: Parameter, entries: list[Entry]) -> str:
    """A few values written out, many counted."""
    lang = shelf.lang
    if len(entries) > FEW:
        doubtful = sum(entry.certainty == "assumed" for entry in entries)
        note = f" {badge('assumed', lang)} {doubtful}" if doubtful else ""
        return f"{len(entries)} {escape(word('values', lang).lower())}{note}"
    said = []
    for entry in entries:
        value = f"<b>{escape(amount(entry.value, parameter.unit))}</b> {escape(unit_text(parameter.unit, lang))}"
        of = escape(keyed(parameter, entry, lang, shelf.key(parameter)))
        doubt = f" {badge('assumed', lang)}" if entry.certainty == "assumed" else ""
        said.append(f"{of} {value}{doubt}".strip())
    sources = "；".join(dict.fromkeys(shelf.source(entry.source) for entry in entries))
    return f"{semicolon(lang).join(said)} <cite>{escape(sources)}</cite>"


def _year_values(shelf: Shelf) -> dict[int, list[str]]:
    """Tables keyed by year: what is known of each year."""
    found: dict[int, list[str]] = defaultdict(list)
    for parameter in shelf.book.parameters():
        if "year" not in parameter.keys:
            continue
        at = parameter.keys.index("year")
        by: dict[int, list[Entry]] = defaultdict(list)
        for entry in parameter.entries:
            by[int(entry.key[at])].append(entry)
        for year, entries in by.items():
            found[year].append(f"{link(shelf, parameter.full_name)} {_entries(shelf, parameter, entries)}")
    return found
