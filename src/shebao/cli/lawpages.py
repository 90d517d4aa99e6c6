"""The law as tables and pages for a terminal."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from fractions import Fraction
from textwrap import indent
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from shebao.cli.say import table
from shebao.engine import BookError, Rulebook
from shebao.engine.book import Fact, Node, Rule, Variant, uses
from shebao.engine.parameters import CERTAINTIES, Entry, Parameter, span_text
from shebao.engine.units import Unit, decimal_text, show

if TYPE_CHECKING:
    from shebao.lawbook.chinese import Chinese

_ZH = {
    "room": "法规室",
    "label": "名称",
    "rules": "规则",
    "facts": "事实",
    "parameters": "参数",
    "name": "标识",
    "kind": "种类",
    "unit": "单位",
    "rule": "规则",
    "fact": "事实",
    "parameter": "参数",
    "accrual": "累计",
    "total": "合计",
    "keys": "键",
    "values": "取值",
    "official": "官方",
    "reported": "据报道",
    "assumed": "待核",
    "key": "键",
    "in force": "适用时间",
    "value": "值",
    "certainty": "确定性",
    "source": "依据",
    "reads": "取用",
    "used by": "用于",
    "dated by": "适用日期",
    "range": "范围",
    "choices": "选项",
    "presumed": "推定",
    "of each record of": "逐条记录：",
    "whole nation": "全国",
    "all but": "全国，除",
    "stored": "存储",
}


def _word(text: str, lang: str) -> str:
    return _ZH.get(text, text) if lang == "zh" else text


def _unit(unit: Unit, lang: str) -> str:
    return unit.zh if lang == "zh" else unit.en


def _kind(node: Node) -> str:
    return node.kind if isinstance(node, Rule) else type(node).__name__.lower()


# -- lists -----------------------------------------------------------------------------------------


def rooms(book: Rulebook, lang: str) -> Table:
    """Every room with how much it holds."""
    made = table(*(_word(w, lang) for w in ("room", "label", "rules", "facts", "parameters")), right=(2, 3, 4))
    for path, scope in book.scopes.items():
        held = Counter(type(node) for node in scope.names.values())
        made.add_row(path or "(law)", scope.room.label, *(str(held[kind]) for kind in (Rule, Fact, Parameter)))
    return made


def room(book: Rulebook, path: str, lang: str) -> Table:
    """Everything one room declares: rules first, then facts and parameters."""
    path = "" if path in ("(law)", "law") else path
    if path not in book.scopes:
        known = ", ".join(sorted(p for p in book.scopes if p))
        raise BookError(f"no room {path!r}; there are {known}")
    made = table(*(_word(w, lang) for w in ("name", "label", "kind", "unit")))
    nodes = book.scopes[path].names.values()
    for kind in (Rule, Fact, Parameter):
        for node in nodes:
            if isinstance(node, kind):
                made.add_row(node.name, node.label, _word(_kind(node), lang), _unit(node.unit, lang))
    return made


# -- one name --------------------------------------------------------------------------------------


def page(book: Rulebook, name: str, lang: str) -> RenderableType:
    """All there is to say about one rule, fact or parameter."""
    node = book.node(name)
    title = Text.assemble((node.full_name, "bold"), f"  {node.label}  ", (_unit(node.unit, lang), "cyan"))
    if isinstance(node, Rule):
        parts = _rule(book, node, lang)
    elif isinstance(node, Fact):
        parts = _fact(node, lang)
    else:
        parts = iter([Text(node.where, "dim"), values(book, [node], False, None, lang)])
    return Group(title, *parts, *_users(book, node, lang))


def chinese(book: Rulebook, lang: str) -> Chinese | None:
    """The law's English prose in Chinese, where that is the language."""
    if lang != "zh":
        return None
    from shebao.lawbook.chinese import Chinese

    return Chinese.read(book)


def _rule(book: Rulebook, rule: Rule, lang: str) -> Iterator[RenderableType]:
    said = chinese(book, lang)
    if rule.over:
        yield Text(f"{_word(rule.kind, lang)} {_word('of each record of', lang)} {rule.over}")
    if book.needs_date(rule):
        yield Text(f"{_word('dated by', lang)}: {book.dated_by(rule)}")
    for variant in rule.variants:
        yield Text("")
        yield Text.assemble(
            (f"{_scope(rule, variant, lang)}", "bold"), f"  〔{variant.cite}〕", (f"  {variant.where}", "dim")
        )
        if text := (variant.fn.__doc__ or "").strip():
            yield Text(indent((said and said.text(rule.room, text)) or " ".join(text.split()), "  "), "italic")
        yield Text(indent(variant.formula, "  "))
    yield Text("")
    yield Text(_word("reads", lang), "bold")
    yield _nodes(book, uses(book, rule), lang)


def _scope(rule: Rule, variant: Variant, lang: str) -> str:
    spans = span_text(variant.since, variant.until) if rule.by_date else ""
    place = places(variant.region, lang) if rule.by_region else ""
    return ", ".join(filter(None, (place, spans))) or _word("whole nation", lang)


def places(region: Iterable[int] | None, lang: str) -> str:
    """Provinces by code and name; those left out where they are fewer."""
    from shebao.law.regions import ALL, NAMES

    if region is None:
        return _word("whole nation", lang)
    codes, others = sorted(region), sorted(set(ALL) - set(region))
    if len(others) < len(codes):
        return f"{_word('all but', lang)} {places(others, lang)}" if others else _word("whole nation", lang)
    return ", ".join(
        f"{code} {NAMES[code][0 if lang == 'zh' else 1]}" if code in NAMES else str(code) for code in codes
    )


def _fact(fact: Fact, lang: str) -> Iterator[RenderableType]:
    if fact.values:
        yield Text(f"{_word('choices', lang)}: {', '.join(fact.values)}")
    elif fact.unit.kind != "yes_no":
        yield Text(f"{_word('range', lang)}: {show(fact.low, fact.unit)} – {show(fact.high, fact.unit)}")
    if fact.scale > 1:
        yield Text(f"{_word('stored', lang)}: 1/{fact.scale}")
    if fact.presumed is not None:
        yield Text(f"{_word('presumed', lang)}: {fact.presumed}")
    if fact.over:
        yield Text(f"{_word('of each record of', lang)} {fact.over}")


def _users(book: Rulebook, node: Node, lang: str) -> Iterator[RenderableType]:
    found = [rule.full_name for rule in book.rules() if node.full_name in uses(book, rule)]
    if found:
        yield Text("")
        yield Text(_word("used by", lang), "bold")
        yield _nodes(book, found, lang)


def _nodes(book: Rulebook, names: Iterable[str], lang: str) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    for name in sorted(names, key=lambda n: (_kind(book.nodes[n]), n)):
        node = book.nodes[name]
        grid.add_row(f"  {name}", node.label, f"[dim]{_word(_kind(node), lang)}[/]")
    return grid


# -- parameters ------------------------------------------------------------------------------------


def chosen(book: Rulebook, name: str | None) -> list[Parameter]:
    """All parameters, those of a room, or the one of a name."""
    if name is None or name in book.scopes:
        return [p for p in book.parameters() if name is None or p.room == name or p.room.startswith(f"{name}.")]
    node = book.node(name)
    if not isinstance(node, Parameter):
        raise BookError(f"{name!r} is a {_kind(node)}, not a parameter")
    return [node]


def overview(parameters: Iterable[Parameter], lang: str) -> Table:
    """One line per parameter."""
    heads = ("name", "label", "unit", "keys", "values", *CERTAINTIES)
    made = table(*(_word(w, lang) for w in heads), right=(4, 5, 6, 7))
    for p in parameters:
        sure = Counter(entry.certainty for entry in p.entries)
        counts = (str(sure[word] or "") for word in CERTAINTIES)
        made.add_row(p.full_name, p.label, _unit(p.unit, lang), ", ".join(p.keys), str(len(p.entries)), *counts)
    return made


def entries(parameter: Parameter, assumed: bool, region: int | None) -> list[Entry]:
    """A parameter's values, narrowed to the assumed ones and to one province."""
    at = parameter.keys.index("region") if "region" in parameter.keys else None
    return [
        entry
        for entry in parameter.resolved()
        if (not assumed or entry.certainty == "assumed")
        and (region is None or (at is not None and entry.key[at] == region))
    ]


def values(book: Rulebook, parameters: Iterable[Parameter], assumed: bool, region: int | None, lang: str) -> Table:
    """Every value with its key, time, certainty and document."""
    said = chinese(book, lang)
    heads = ("name", "key", "in force", "value", "certainty", "source")
    made = table(*(_word(w, lang) for w in heads), right=(3,))
    for p in parameters:
        for e in entries(p, assumed, region):
            row = (
                p.full_name,
                _key(p, e),
                span_text(e.since, e.until),
                amount(e.value, p.unit),
                _word(e.certainty, lang),
            )
            made.add_row(*row, _document(e, said).replace("[", r"\["))
    return made


def _key(parameter: Parameter, entry: Entry) -> str:
    return ", ".join(f"{k}={v}" for k, v in zip(parameter.keys, entry.key, strict=True))


def _document(entry: Entry, said: Chinese | None) -> str:
    texts = [text for text in (entry.source, entry.note) if text]
    return " – ".join(said.source(text) if said else text for text in texts)


def written(book: Rulebook, change: str) -> str:
    """A line of a difference with the fractions of a parameter as its unit writes them: ``8% → 7%``."""
    node = book.nodes.get(re.split(r"[\[ :]", change, maxsplit=1)[0])
    if not isinstance(node, Parameter):
        return change
    return re.sub(r"(?<![\w/])\d+/\d+(?![\w/])", lambda found: amount(Fraction(found[0]), node.unit), change)


def amount(value: Fraction, unit: Unit) -> str:
    """A parameter's value as people write it; a fraction that does not end stays a fraction."""
    if unit.kind == "number" and decimal_text(value) != decimal_text(value, 40):
        return str(value)
    if unit.name == "Ratio" and (value * 10_000).denominator == 1:
        return f"{decimal_text(value * 100)}%"
    return show(value, unit)
