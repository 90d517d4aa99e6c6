"""What a reform changes, on one page: parameters, rules, facts, all that rests on them, and whose amount it moves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from html import escape

from shebao.engine.book import Fact, Node, Rule
from shebao.engine.parameters import Parameter
from shebao.lawbook.cases import Outcome, results
from shebao.lawbook.markup import REFORM, Page, link, links, section, table
from shebao.lawbook.parameters import change
from shebao.lawbook.rooms import changed_readings
from shebao.lawbook.shelf import Shelf, case_anchor
from shebao.lawbook.words import unit_text, word

Outcomes = Mapping[str, Mapping[str, Outcome]]


def reform_page(shelf: Shelf, outcomes: Outcomes) -> Page:
    """The list of changes of the reforms laid over the law; ``outcomes`` of the examples by anchor."""
    lang = shelf.lang
    parts = [(name, word(title, lang), inner) for name, title, inner in _parts(shelf, outcomes) if inner]
    body = "".join(section(name, title, inner) for name, title, inner in parts)
    contents = "".join(f'<li><a href="#_{name}">{escape(title)}</a></li>' for name, title, _ in parts)
    none = f'<p class="lead">{escape(word("reform changes nothing", lang))}</p>'
    other = word("what changes", "en" if lang == "zh" else "zh")
    return Page(REFORM, word("what changes", lang), other, body or none, f"<ul>{contents}</ul>" if parts else "")


def _parts(shelf: Shelf, outcomes: Outcomes) -> Iterator[tuple[str, str, str]]:
    nodes = [shelf.book.nodes[name] for name in shelf.library.changed]
    yield "parameters", "changed parameters", "".join(_parameter(shelf, p) for p in nodes if isinstance(p, Parameter))
    yield "rules", "changed rules", "".join(_rule(shelf, rule) for rule in nodes if isinstance(rule, Rule))
    yield "facts", "changed facts", "".join(_fact(shelf, fact) for fact in nodes if isinstance(fact, Fact))
    yield "affected", "affected rules", _affected(shelf)
    yield "cases", "changed cases", _cases(shelf, outcomes)


def _parameter(shelf: Shelf, parameter: Parameter) -> str:
    return f'<article class="node">{_head(shelf, parameter)}{change(shelf, parameter)}</article>'


def _rule(shelf: Shelf, rule: Rule) -> str:
    return f'<article class="node">{_head(shelf, rule)}{changed_readings(shelf, rule)}</article>'


def _fact(shelf: Shelf, fact: Fact) -> str:
    users = links(shelf, shelf.library.users.get(fact.full_name, []))
    said = f"{escape(unit_text(fact.unit, shelf.lang))} · {escape(word('used by', shelf.lang))} {users}"
    return f'<article class="node">{_head(shelf, fact)}<p class="meta">{said}</p></article>'


def _head(shelf: Shelf, node: Node) -> str:
    room = escape(shelf.room_title(node.room))
    return f'<h3 id="_{escape(node.full_name)}">{room} · {link(shelf, node.full_name)}</h3>'


def _affected(shelf: Shelf) -> str:
    """The rules that rest on a change, by scheme."""
    by: dict[str, list[str]] = defaultdict(list)
    for rule in shelf.book.rules():
        if rule.full_name in shelf.library.affected:
            by[rule.room].append(rule.full_name)
    rows = (
        f"<div><dt>{escape(shelf.room_title(room))} {len(names)}</dt><dd>{links(shelf, names)}</dd></div>"
        for room, names in by.items()
    )
    return f'<dl class="wires">{"".join(rows)}</dl>' if by else ""


def _cases(shelf: Shelf, outcomes: Outcomes) -> str:
    """Every example that no longer gives what it gives under the law in force."""
    lang = shelf.lang
    rows = []
    for case in shelf.library.cases:
        for result in results(shelf, case, outcomes[case_anchor(case)]):
            if not result.holds:
                title = f"{case.id} {case.titled(lang)}"
                named = f'<a href="{escape(shelf.case_address(case))}">{escape(title)}</a>'
                rows.append((named, result.rule, result.expected, result.computed))
    head = [word(w, lang) for w in ("case", "rule", "before", "after")]
    return table(word("changed cases", lang), head, rows, [2, 3]) if rows else ""
