"""Worked examples: what is given, what is expected, and every step as the rulebook computes it now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any
from urllib.parse import quote

from shebao.engine import BookError, LawError
from shebao.engine.explanation import (
    Explanation,
    as_above,
    condition_text,
    formula_text,
    is_constant,
    label,
    value_text,
)
from shebao.law.cases import Case
from shebao.lawbook.markup import Page, badge, folded, link, table
from shebao.lawbook.shelf import Library, Shelf, case_anchor
from shebao.lawbook.words import area, unit_text, word

Outcome = Explanation | LawError


def work_out(library: Library, case: Case) -> dict[str, Outcome]:
    """Every rule of an example, explained, or the refusal it meets."""
    law = library.book.at(case.month)
    made: dict[str, Outcome] = {}
    for name in dict.fromkeys((*case.expect, *case.refused)):
        full = case.full_name(name)
        try:
            made[name] = law.explain(full, case.facts)
        except LawError as refusal:
            made[name] = refusal
    return made


def cases_page(shelf: Shelf, path: str, outcomes: Mapping[str, Mapping[str, Outcome]]) -> Page:
    """Every example of one scheme; ``outcomes`` by anchor."""
    lang = shelf.lang
    cases = shelf.library.cases_of[path]
    back = f'<p class="beside"><a href="{shelf.room_page(path)}">← {escape(shelf.room_title(path))}</a></p>'
    body = back + "".join(case_article(shelf, case, outcomes[case_anchor(case)]) for case in cases)
    items = "".join(
        f'<li><a href="#{quote(case_anchor(case))}">{escape(case.id)} {escape(case.title)}</a></li>' for case in cases
    )
    title = f"{shelf.room_title(path)}{'：' if lang == 'zh' else ': '}{word('cases', lang)}"
    other = f"{shelf.other_room_title(path)} – {word('cases', 'en' if lang == 'zh' else 'zh')}"
    return Page(shelf.cases_page(path), title, other, body, f"<ul>{items}</ul>")


def case_article(shelf: Shelf, case: Case, outcome: Mapping[str, Outcome]) -> str:
    """One example: facts, results beside what was expected, steps."""
    lang = shelf.lang
    month = f"{escape(word('month of law', lang))} {escape(case.month)}"
    meta = f"{month} · {escape(case.source)} {badge(case.certainty, lang)}"
    given = table(word("given", lang), [word("what", lang), word("value", lang)], _facts(shelf, case))
    results = table(word("expected", lang), _head(lang), list(_results(shelf, case, outcome)), [1, 2])
    return (
        f'<article class="node case" id="{escape(case_anchor(case))}"><h2>'
        f'<a class="self" href="#{quote(case_anchor(case))}">{escape(case.id)}</a> {escape(case.title)}</h2>'
        f'<p class="meta">{meta}</p><div class="two">{given}{results}</div>{"".join(_trees(shelf, outcome))}</article>'
    )


def _head(lang: str) -> list[str]:
    return [word("rule", lang), word("expected", lang), word("computed", lang), word("agrees", lang)]


def _facts(shelf: Shelf, case: Case) -> Iterator[tuple[str, str]]:
    for name, value in case.facts.items():
        try:
            full = shelf.book.find(name if "." in name else case.full_name(name))
        except BookError:  # a history: a list of records
            yield escape(name), _value(shelf, case, value)
            continue
        said = (
            escape(area(value, shelf.lang))
            if name in ("region", "place", "pooling_area")
            else _value(shelf, case, value)
        )
        yield link(shelf, full), said


def _value(shelf: Shelf, case: Case, value: Any) -> str:
    if isinstance(value, list):
        return folded(str(len(value)), "".join(f"<div>{_value(shelf, case, each)}</div>" for each in value))
    if isinstance(value, Mapping):
        return escape(", ".join(f"{name} {part}" for name, part in value.items()))
    return escape(str(value))


def _results(shelf: Shelf, case: Case, outcome: Mapping[str, Outcome]) -> Iterator[tuple[str, ...]]:
    lang = shelf.lang
    for name, found in outcome.items():
        rule = link(shelf, shelf.book.find(case.full_name(name)))
        if name in case.refused:
            held = isinstance(found, LawError)
            yield rule, escape(word("refused", lang)), "", _verdict(held, str(found) if held else "", lang)
        elif isinstance(found, LawError):
            yield rule, escape(case.expect[name]), escape(word("refused", lang)), _verdict(False, str(found), lang)
        else:
            line = case.line(shelf.book, name, found.exact)
            printed = escape(line.printed)
            unit = f" <small>{escape(unit_text(found.unit, lang))}</small>" if found.unit.kind == "money" else ""
            yield rule + unit, printed, escape(line.computed), _verdict(line.holds, line.why, lang, bool(line.stated))


def _verdict(holds: bool, why: str, lang: str, stated: bool = False) -> str:
    """Whether the rulebook gives what was expected; ``stated``: but for a difference the example admits."""
    if not holds:
        mark = f'<b class="wrong">✗ {escape(word("wrong", lang))}</b>'
    elif stated:
        mark = f'<span class="known">≈ {escape(word("known", lang))}</span>'
    else:
        mark = f'<span class="ok" title="{escape(word("agrees", lang))}">✓</span>'
    return f"{mark} <small>{escape(why)}</small>" if why else mark


# -- steps -------------------------------------------------------------------------------------------


def _trees(shelf: Shelf, outcome: Mapping[str, Outcome]) -> Iterator[str]:
    """A tree for each result that is not a step of another one's."""
    explained = {found.name: found for found in outcome.values() if isinstance(found, Explanation)}
    inside = {step.name for found in explained.values() for child in found.inputs for step in child.walk()}
    for found in explained.values():
        if found.name not in inside and (found.inputs or found.formula):
            head = f"{escape(word('step by step', shelf.lang))}: {escape(label(found, shelf.lang))}"
            yield folded(head, f'<div class="tree">{step(shelf, found, 0, set())}</div>')


def step(shelf: Shelf, node: Explanation, depth: int, seen: set[str]) -> str:
    """One step and those it came from; a step met before is not opened again."""
    lang = shelf.lang
    known = node.name in seen and bool(node.inputs)
    head = f"<span>{_named(shelf, node)}{_remark(node, known, lang)}</span><b>{escape(value_text(node, lang))}</b>"
    seen.add(node.name)
    source = f"<cite>{escape(node.source)}</cite>" if node.source and not node.formula else ""
    if known or not (node.inputs or node.formula):
        return f'<div class="leaf">{head}</div>{source}'
    kids = "".join(step(shelf, child, depth + 1, seen) for child in node.inputs)
    opened = " open" if depth < 2 else ""
    return f'<details{opened}><summary>{head}</summary>{_how(node, lang)}<div class="kids">{kids}</div></details>'


def _how(node: Explanation, lang: str) -> str:
    formula = f"<code>= {escape(formula_text(node, lang))}</code>" if node.formula and not is_constant(node) else ""
    conditions = "".join(f"<code>{escape(condition_text(each, node, lang))}</code>" for each in node.conditions)
    return formula + conditions + (f"<cite>〔{escape(node.cite)}〕</cite>" if node.cite else "")


def _named(shelf: Shelf, node: Explanation) -> str:
    full = node.name.partition("[")[0]
    text = escape(label(node, shelf.lang))
    return f'<a href="{escape(shelf.address(full))}">{text}</a>' if full in shelf.book.nodes else text


def _remark(node: Explanation, known: bool, lang: str) -> str:
    text = as_above(lang).strip("（）()") if known else ""
    text = text or (word("given", lang).lower() if node.given else word("presumed", lang) if node.presumed else "")
    doubt = f" {badge('assumed', lang)}" if node.certainty == "assumed" else ""
    return (f" <small>{escape(text)}</small>" if text else "") + doubt
