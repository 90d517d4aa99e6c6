"""Worked examples: what is given, what is expected, and every step as the rulebook computes it now."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from html import escape
from typing import Any
from urllib.parse import quote

from shebao.engine import LawError, Refused
from shebao.engine.explanation import (
    Explanation,
    as_above,
    condition_text,
    formula_text,
    is_constant,
    value_text,
)
from shebao.engine.units import Unit
from shebao.law.cases import Case
from shebao.lawbook.markup import Page, badge, folded, link, table
from shebao.lawbook.shelf import Library, Shelf, case_anchor
from shebao.lawbook.words import area, colon, is_place, unit_text, word

Outcome = Explanation | LawError
_SIGNS = {"==": "=", "!=": "≠", "<=": "≤", ">=": "≥"}


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
    titles = ((quote(case_anchor(case)), escape(f"{case.id} {case.titled(lang)}")) for case in cases)
    items = "".join(f'<li><a href="#{anchor}">{title}</a></li>' for anchor, title in titles)
    title = f"{shelf.room_title(path)}{'：' if lang == 'zh' else ': '}{word('cases', lang)}"
    other = f"{shelf.other_room_title(path)} – {word('cases', 'en' if lang == 'zh' else 'zh')}"
    return Page(shelf.cases_page(path), title, other, body, f"<ul>{items}</ul>")


def case_article(shelf: Shelf, case: Case, outcome: Mapping[str, Outcome]) -> str:
    """One example: facts, results beside what was expected, steps."""
    lang = shelf.lang
    month = f"{escape(word('month of law', lang))} {escape(case.month)}"
    meta = f"{month} · {escape(shelf.source(case.source))} {badge(case.certainty, lang)}"
    given = table(word("given", lang), [word("what", lang), word("value", lang)], _facts(shelf, case))
    rows = [_row(shelf, result) for result in results(shelf, case, outcome)]
    caption = word("after" if shelf.library.base is not None else "expected", lang)
    compared = table(caption, _head(shelf), rows, [1, 2])
    return (
        f'<article class="node case" id="{escape(case_anchor(case))}"><h2>'
        f'<a class="self" href="#{quote(case_anchor(case))}">{escape(case.id)}</a> {escape(case.titled(lang))}</h2>'
        f'<p class="meta">{meta}</p><div class="two">{given}{compared}</div>{"".join(_trees(shelf, outcome))}</article>'
    )


def _head(shelf: Shelf) -> list[str]:
    """The heads of the results; in a reformed law what was expected is what the law in force gives."""
    sides = ("before", "after") if shelf.library.base is not None else ("expected", "computed")
    return [word(w, shelf.lang) for w in ("rule", *sides, "agrees")]


def _facts(shelf: Shelf, case: Case) -> Iterator[tuple[str, str]]:
    for name, value in case.facts.items():
        full = shelf.library.find(name, case.room)
        if full is None:  # a history: a list of records
            yield escape(shelf.name(name, case.room)), _value(shelf, case, value)
        elif _says_where(shelf.book.nodes[full].unit, name):
            yield link(shelf, full), escape(area(value, shelf.lang))
        else:
            yield link(shelf, full), _value(shelf, case, value)


def _value(shelf: Shelf, case: Case, value: Any) -> str:
    if isinstance(value, list):
        return folded(str(len(value)), "".join(f"<div>{_value(shelf, case, each)}</div>" for each in value))
    if isinstance(value, Mapping):
        parts = (f"{shelf.name(name, case.room)} {_part(shelf, case, name, str(part))}" for name, part in value.items())
        return escape(("，" if shelf.lang == "zh" else ", ").join(parts))
    return escape(worded(shelf, str(value)))


def _says_where(unit: Unit, name: str) -> bool:
    """Whether a value is the code of a province or of an area in one."""
    return unit.kind == "region" or (unit.name == "Count" and is_place(name))


def _part(shelf: Shelf, case: Case, name: str, text: str) -> str:
    full = shelf.library.find(name, case.room)
    where = full is not None and _says_where(shelf.book.nodes[full].unit, name)
    return area(text, shelf.lang) if where else worded(shelf, text)


def worded(shelf: Shelf, text: str) -> str:
    """A yes or no, or a choice, in words; a number as it is."""
    said = {"true": "是", "yes": "是", "false": "否", "no": "否"}.get(text) if shelf.lang == "zh" else None
    return said or shelf.choice(text)


@dataclass(frozen=True)
class Result:
    """One rule of an example as HTML: what was expected, what is computed, whether they agree, and why not."""

    rule: str
    expected: str
    computed: str
    holds: bool
    why: str = ""
    stated: bool = False


def results(shelf: Shelf, case: Case, outcome: Mapping[str, Outcome]) -> Iterator[Result]:
    """Every result of an example beside what was expected."""
    lang = shelf.lang
    refused = escape(word("refused", lang))
    for name, found in outcome.items():
        rule = link(shelf, shelf.book.find(case.full_name(name)))
        if isinstance(found, LawError):
            expected = refused if name in case.refused else escape(_expected(shelf, case, name))
            computed = "" if name in case.refused else refused
            yield Result(rule, expected, computed, name in case.refused, refusal(shelf, found))
        elif name in case.refused:
            yield Result(rule, refused, escape(value_text(found, lang)), False)
        else:
            line = case.line(shelf.book, name, found.exact)
            unit = f" <small>{escape(unit_text(found.unit, lang))}</small>" if found.unit.kind == "money" else ""
            printed, computed = (escape(_said(shelf, found.unit, text)) for text in (line.printed, line.computed))
            yield Result(rule + unit, printed, computed, line.holds, shelf.source(line.why), bool(line.stated))


def _expected(shelf: Shelf, case: Case, name: str) -> str:
    return _said(shelf, shelf.book.rule(case.full_name(name)).unit, case.expect[name])


def _said(shelf: Shelf, unit: Unit, text: str) -> str:
    """A result as it is read: yes or no, a choice and a province in words."""
    if unit.kind == "region":
        return area(text, shelf.lang)
    return worded(shelf, text) if unit.kind in ("yes_no", "choice") else text


def refusal(shelf: Shelf, error: LawError) -> str:
    """Why a person cannot be computed; in Chinese what is missing by its term, and what needs it."""
    if shelf.lang == "en" or not isinstance(error, Refused):
        return str(error)
    needed = " ← ".join(_term(shelf, name) for name in error.path)
    said = f"{word(error.kind, 'zh')}：{_term(shelf, error.name)}"
    return f"{said}（{word('needed by', 'zh')} {needed}）" if needed else said


def _term(shelf: Shelf, name: str) -> str:
    node = shelf.book.nodes.get(name.partition("[")[0])
    return shelf.title(node) if node else name


def _row(shelf: Shelf, result: Result) -> tuple[str, ...]:
    return result.rule, result.expected, result.computed, _verdict(shelf, result)


def _verdict(shelf: Shelf, result: Result) -> str:
    """Whether the rulebook gives what was expected, maybe but for a difference the example admits."""
    lang = shelf.lang
    if not result.holds and shelf.library.base is not None:
        mark = f'<b class="reform">{escape(word("by reform", lang))}</b>'
    elif not result.holds:
        mark = f'<b class="wrong">✗ {escape(word("wrong", lang))}</b>'
    elif result.stated:
        mark = f'<span class="known">≈ {escape(word("known", lang))}</span>'
    else:
        mark = f'<span class="ok" title="{escape(word("agrees", lang))}">✓</span>'
    return f"{mark} <small>{escape(result.why)}</small>" if result.why else mark


# -- steps -------------------------------------------------------------------------------------------


def _trees(shelf: Shelf, outcome: Mapping[str, Outcome]) -> Iterator[str]:
    """A tree for each result that is not a step of another one's."""
    explained = {found.name: found for found in outcome.values() if isinstance(found, Explanation)}
    inside = {step.name for found in explained.values() for child in found.inputs for step in child.walk()}
    for found in explained.values():
        if found.name not in inside and (found.inputs or found.formula):
            head = f"{escape(word('step by step', shelf.lang))}{colon(shelf.lang)}{escape(shelf.label(found))}"
            yield folded(head, f'<div class="tree">{step(shelf, found, 0, set())}</div>')


def step(shelf: Shelf, node: Explanation, depth: int, seen: set[str]) -> str:
    """One step and those it came from; a step met before is not opened again."""
    lang = shelf.lang
    known = node.name in seen and bool(node.inputs)
    head = f"<span>{_named(shelf, node)}{_remark(node, known, lang)}</span><b>{escape(_stepped(shelf, node))}</b>"
    seen.add(node.name)
    source = f"<cite>{escape(shelf.source(node.source))}</cite>" if node.source and not node.formula else ""
    if known or not (node.inputs or node.formula):
        return f'<div class="leaf">{head}</div>{source}'
    kids = "".join(step(shelf, child, depth + 1, seen) for child in node.inputs)
    opened = " open" if depth < 2 else ""
    return f'<details{opened}><summary>{head}</summary>{_how(shelf, node)}<div class="kids">{kids}</div></details>'


def _stepped(shelf: Shelf, node: Explanation) -> str:
    """A step's value; a place by its name, a choice in words."""
    if node.unit.kind == "choice":
        return shelf.choice(str(node.exact))
    where = _says_where(node.unit, node.name.partition("[")[0])
    return area(node.value, shelf.lang) if where else value_text(node, shelf.lang)


def _how(shelf: Shelf, node: Explanation) -> str:
    lines = [f"= {formula_text(node, shelf.lang)}"] if node.formula and not is_constant(node) else []
    for each in node.conditions:
        said = replace(each, left=shelf.choice(each.left), right=shelf.choice(each.right))
        lines.append(condition_text(said, node, shelf.lang))
    shown = "".join(f"<code>{escape(_termed(shelf, node, line))}</code>" for line in lines)
    return shown + (f"<cite>〔{escape(node.cite)}〕</cite>" if node.cite else "")


def _termed(shelf: Shelf, node: Explanation, text: str) -> str:
    """A formula of an explanation in Chinese: also the names that this person's path did not read, and choices."""
    if shelf.lang == "en":
        return text
    room = node.name.partition("[")[0].rpartition(".")[0]
    text = re.sub(r"'(\w+)'", lambda found: f"“{shelf.choice(found[1])}”", text)
    text = re.sub(r"(?<![.\w])[A-Za-z_]{2}\w*(?![.\w])", lambda found: shelf.name(found[0], room), text)
    return re.sub("==|!=|<=|>=", lambda found: _SIGNS[found[0]], text)


def _named(shelf: Shelf, node: Explanation) -> str:
    full = node.name.partition("[")[0]
    text = escape(shelf.label(node))
    return f'<a href="{escape(shelf.address(full))}">{text}</a>' if full in shelf.book.nodes else text


def _remark(node: Explanation, known: bool, lang: str) -> str:
    text = as_above(lang).strip("（）()") if known else ""
    text = text or (word("given", lang).lower() if node.given else word("presumed", lang) if node.presumed else "")
    doubt = f" {badge('assumed', lang)}" if node.certainty == "assumed" else ""
    return (f" <small>{escape(text)}</small>" if text else "") + doubt
