"""A scheme's page: its introduction, its rules in the order of their wiring, the facts it asks for."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

from shebao.engine.book import Fact, Rule, Variant, uses
from shebao.engine.units import show
from shebao.lawbook import formula
from shebao.lawbook.markup import (
    Page,
    bilingual_part,
    entry_of,
    folded,
    heading,
    link,
    links,
    reform_mark,
    section,
    shares,
    table,
)
from shebao.lawbook.prose import markdown
from shebao.lawbook.reforms import brought, gone
from shebao.lawbook.shelf import Shelf, readme
from shebao.lawbook.words import colon, listed, places, span, unit_text, word

MANY = 3  # readings of a rule beyond which the others are folded
FEW = 12  # examples named at a rule


def room_page(shelf: Shelf, path: str) -> Page:
    """Everything one scheme says, its parameters and examples on pages beside it."""
    rules, facts, parameters = shelf.held(path)
    lang = shelf.lang
    cases = shelf.library.cases_of.get(path, [])
    beside = _beside(shelf, path, len(parameters), len(cases))
    text, written = readme(shelf.book.scopes[path], lang)
    told = f'<div class="prose" lang="{"zh-CN" if written == "zh" else "en"}">{markdown(shelf, path, text)}</div>'
    body = (
        beside
        + section("introduction", word("introduction", lang), told if text else "")
        + section("rules", word("rules", lang), "".join(rule_article(shelf, rule) for rule in rules))
        + section("facts", word("facts", lang), facts_table(shelf, facts))
    )
    return Page(
        shelf.room_page(path),
        shelf.room_title(path),
        shelf.other_room_title(path),
        body,
        _contents(shelf, rules, facts),
    )


def _beside(shelf: Shelf, path: str, parameters: int, cases: int) -> str:
    """The pages beside this one, and the other schemes this one builds on."""
    lang = shelf.lang
    parts = []
    if parameters:
        parts.append(f'<a href="{shelf.parameters_page(path)}">{escape(word("parameters", lang))} {parameters}</a>')
    if cases:
        parts.append(f'<a href="{shelf.cases_page(path)}">{escape(word("cases", lang))} {cases}</a>')
    if loans := shelf.library.loans[path]:
        others = listed((f'<a href="{shelf.room_page(p)}">{escape(shelf.room_title(p))}</a>' for p in loans), lang)
        parts.append(f"{escape(word('builds on', lang))} {others}")
    return f'<p class="beside">{" · ".join(parts)}</p>' if parts else ""


def _contents(shelf: Shelf, rules: list[Rule], facts: list[Fact]) -> str:
    lang = shelf.lang
    inner = "".join(entry_of(shelf, rule) for rule in rules)
    first = f'<li><a href="#_introduction">{escape(word("introduction", lang))}</a></li>'
    last = f'<li><a href="#_facts">{escape(word("facts", lang))} {len(facts)}</a></li>' if facts else ""
    return f"<ul>{first}{inner}{last}</ul>"


# -- a rule ----------------------------------------------------------------------------------------


def rule_article(shelf: Shelf, rule: Rule) -> str:
    """A rule with all its readings, what it reads and who uses it."""
    meta = escape(" · ".join(_meta(shelf, rule)))
    readings = changed_readings(shelf, rule) + _readings(shelf, rule)
    return (
        f'<article class="node" id="{escape(rule.full_name)}">{heading(shelf, rule)}<p class="meta">{meta}</p>'
        f'{readings}<dl class="wires">{"".join(_wires(shelf, rule))}</dl></article>'
    )


def _meta(shelf: Shelf, rule: Rule) -> Iterator[str]:
    lang = shelf.lang
    yield unit_text(rule.unit, lang)
    if rule.kind != "rule":
        yield f"{word(rule.kind, lang)} · {word('record of', lang)} {shelf.name(rule.over or '', rule.room)}"
    if shelf.book.needs_date(rule):
        yield f"{word('dated by', lang)} {shelf.title(shelf.book.nodes[shelf.book.dated_by(rule)])}"
    file, _, line = rule.variants[0].where.rpartition(":")
    yield f"{rule.room}/{Path(file).name}:{line}".lstrip("/")


def ordered(rule: Rule) -> list[Variant]:
    """The readings, the widest and newest first."""
    return sorted(rule.variants, key=lambda v: (v.region is not None, -len(v.region or ()), -v.since))


def changed_readings(shelf: Shelf, rule: Rule) -> str:
    """The readings that a reform brings, what differs from the law in force marked, and those that it replaces."""
    if rule.full_name not in shelf.library.changed:
        return ""
    old = shelf.library.old_rule(rule)
    lost = [(each, formula.typeset(shelf.old, old, each)) for each in gone(old, rule)] if old else []
    against = lost[0][1] if lost else None
    new = "".join(
        _reading(shelf, rule, each, formula.typeset(shelf, rule, each), against) for each in _brought(shelf, rule)
    )
    before = "".join(_reading(shelf.old, old, each, lines, None) for each, lines in lost) if old else ""
    folds = folded(escape(word("before reform", shelf.lang)), before, opened=True) if before else ""
    return f'<div class="change">{new}{folds}</div>'


def _brought(shelf: Shelf, rule: Rule) -> list[Variant]:
    """The readings of a rule that only the reform has."""
    if rule.full_name not in shelf.library.changed:
        return []
    old = shelf.library.old_rule(rule)
    return brought(old, rule) if old else list(rule.variants)


def _readings(shelf: Shelf, rule: Rule) -> str:
    new = _brought(shelf, rule)
    kept = [each for each in ordered(rule) if each not in new]
    if not kept:
        return ""
    main, *others = kept
    lines = formula.typeset(shelf, rule, main)
    made = _reading(shelf, rule, main, lines, None)
    if not others:
        return made
    rest = "".join(_reading(shelf, rule, each, formula.typeset(shelf, rule, each), lines) for each in others)
    note = f'<p class="note">{escape(word("differs", shelf.lang))}</p>'
    if len(others) <= MANY:
        return f"{made}{note}{rest}"
    summary = f"{len(others)} {escape(word('other readings', shelf.lang))}"
    return made + folded(summary, note + rest)


def scope_text(rule: Rule, variant: Variant, lang: str) -> str:
    """Where and when a reading holds; empty for a rule that has but one for all."""
    parts = [places(variant.region, lang)] if rule.by_region else []
    if rule.by_date and (when := span(variant.since, variant.until, lang)):
        parts.append(when)
    return ("，" if lang == "zh" else ", ").join(parts)


def _reading(
    shelf: Shelf, rule: Rule, variant: Variant, lines: list[formula.Line], against: list[formula.Line] | None
) -> str:
    scope = scope_text(rule, variant, shelf.lang)
    text, written = shelf.text(rule, variant)
    doc = markdown(shelf, rule.room, text)
    same = against is not None and formula.plain(lines) == formula.plain(against)
    body = f'<p class="note">{escape(word("same formula", shelf.lang))}</p>' if same else formula.html(lines, against)
    new = f' <span class="badge reform">{escape(word("by reform", shelf.lang))}</span>'
    head = escape(scope) + (new if variant in _brought(shelf, rule) else "")
    return (
        f'<div class="reading">{f"<h4>{head}</h4>" if head else ""}<div class="doc" lang="{written}">{doc}</div>'
        f"{body}<cite>{escape(variant.cite)}</cite></div>"
    )


def _wires(shelf: Shelf, rule: Rule) -> Iterator[str]:
    lang, library = shelf.lang, shelf.library
    used = uses(shelf.book, rule)
    order = list(dict.fromkeys(name for v in rule.variants for name in shelf.book.wires(rule, v) if name != "before"))
    yield _pair(word("reads", lang), links(shelf, [*order, *sorted(used - set(order))]) if used else "")
    users = library.users.get(rule.full_name, [])
    yield _pair(word("used by", lang), links(shelf, users) if users else "")
    yield _pair(word("certainty", lang), _certainty(shelf, rule, used))
    examples = library.examples.get(rule.full_name, [])
    named = ", ".join(
        f'<a href="{escape(shelf.case_address(case))}" title="{escape(case.titled(shelf.lang))}">{escape(case.id)}</a>'
        for case in examples[:FEW]
    )
    more = f" … {len(examples)}" if len(examples) > FEW else ""
    yield _pair(word("cases", lang), named + more)


def _certainty(shelf: Shelf, rule: Rule, used: set[str]) -> str:
    """Of the parameters it reads itself; and of all it rests on."""
    direct = shelf.library.certainty(iter(sorted(used)))
    below = shelf.library.certainty(iter(sorted(shelf.library.beneath[rule.full_name])))
    parts = [shares(direct, shelf.lang)] if direct else []
    if below and below != direct:
        parts.append(f"{escape(word('rest on', shelf.lang))}{colon(shelf.lang)}{shares(below, shelf.lang)}")
    return "<br>".join(parts)


def _pair(term: str, inner: str) -> str:
    return f"<div><dt>{escape(term)}</dt><dd>{inner}</dd></div>" if inner else ""


# -- facts -----------------------------------------------------------------------------------------


def facts_table(shelf: Shelf, facts: list[Fact]) -> str:
    """What is asked of a person, with its range and who asks."""
    if not facts:
        return ""
    lang = shelf.lang
    head = [word(w, lang) for w in ("name", "unit", "range", "used by")]
    return table(word("facts", lang), head, (_fact(shelf, fact) for fact in facts))


def _fact(shelf: Shelf, fact: Fact) -> tuple[str, ...]:
    lang = shelf.lang
    title = escape(shelf.title(fact))
    other = bilingual_part(shelf.other_title(fact), shelf.lang)
    name = f'<span class="target" id="{escape(fact.full_name)}"><b>{title}</b></span> {other}{reform_mark(shelf, fact)}'
    of = f"{word('record of', lang)} {shelf.name(fact.over, fact.room)}" if fact.over else ""
    over = f"<br><small>{escape(of)}</small>" if of else ""
    users = shelf.library.users.get(fact.full_name, [])
    said = listed((link(shelf, user) for user in users[:FEW]), lang) + (f" … {len(users)}" if len(users) > FEW else "")
    return (
        f"{name}<br><code>{escape(fact.name)}</code>{over}",
        f'<span class="when">{escape(unit_text(fact.unit, lang))}</span>',
        _range(shelf, fact),
        said,
    )


def _range(shelf: Shelf, fact: Fact) -> str:
    lang = shelf.lang
    if fact.values:
        said = "<br>".join(_choice(shelf, value) for value in fact.values)
    elif fact.unit.kind == "yes_no":
        said = ""
    else:
        said = f"{escape(show(fact.low, fact.unit))} – {escape(show(fact.high, fact.unit))}"
    if fact.presumed is None:
        return said
    presumed = (
        f"<small>{escape(word('presumed', lang))}{colon(lang)}{escape(shelf.choice(_presumed(fact, lang)))}</small>"
    )
    return f"{said}<br>{presumed}" if said else presumed


def _choice(shelf: Shelf, value: str) -> str:
    """A value to choose from as it is written, and what it means."""
    said = shelf.choice(value)
    code = f"<code>{escape(value)}</code>"
    return code if said == value else f"{escape(said)} {code}"


def _presumed(fact: Fact, lang: str) -> str:
    if isinstance(fact.presumed, bool):
        return ("是" if fact.presumed else "否") if lang == "zh" else ("yes" if fact.presumed else "no")
    return str(fact.presumed)
