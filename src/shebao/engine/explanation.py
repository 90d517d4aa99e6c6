"""An explanation: the tree of steps, and how it is written for people and programs, in Chinese and English."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from shebao.engine.rounding import ROUNDING_LABELS
from shebao.engine.units import UNITS, Unit, show


@dataclass(frozen=True)
class Condition:
    """One condition of an eligibility rule: as written, whether it holds, and by how much it fails.

    ``left`` and ``right`` are the two sides compared, as their unit writes them; ``short_by`` a plain
    number of ``unit`` (months, for two calendar months).
    """

    text: str
    holds: bool
    left: str = ""
    right: str = ""
    short_by: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Explanation:
    """One step: a value with its label, unit, formula, article, and the steps it came from.

    ``exact`` is the value itself (``Fraction``, ``bool`` or ``str``); ``value`` its decimal text. ``given`` marks
    a fact or an overridden rule, ``presumed`` what the law assumed because nothing was shown.
    """

    name: str
    label: str
    exact: Any
    unit: Unit
    formula: str = ""
    cite: str = ""
    source: str = ""
    certainty: str = ""
    given: bool = False
    presumed: bool = False
    law_of: str = ""
    inputs: tuple[Explanation, ...] = ()
    conditions: tuple[Condition, ...] = ()

    @property
    def value(self) -> str:
        return show(self.exact, self.unit)

    def find(self, name: str) -> Explanation:
        """The step of a name (bare or full) anywhere in the tree; ``KeyError`` if it was not needed."""
        for node in self.walk():
            if name in (node.name, node.name.rpartition(".")[2]):
                return node
        raise KeyError(name)

    def walk(self) -> Iterator[Explanation]:
        yield self
        for node in self.inputs:
            yield from node.walk()

    def as_dict(self, lang: str = "zh") -> dict[str, Any]:
        """The tree as plain data, ready for JSON."""
        return as_dict(self, lang)

    def to_json(self, lang: str = "zh") -> str:
        return json.dumps(self.as_dict(lang), ensure_ascii=False, indent=2)

    def to_markdown(self, lang: str = "zh") -> str:
        return to_markdown(self, lang)

    def to_text(self, lang: str = "zh") -> str:
        """The tree as plain terminal text."""
        return to_text(self, lang)


_WORDS = {
    "zh": {
        "given": "已知",
        "presumed": "推定",
        "holds": "符合",
        "fails": "不符合",
        "short": "相差",
        "law": "适用",
        "true": "是",
        "false": "否",
    },
    "en": {
        "given": "given",
        "presumed": "presumed",
        "holds": "holds",
        "fails": "fails",
        "short": "short by",
        "law": "law of",
        "true": "yes",
        "false": "no",
    },
}
_CERTAINTY = {"official": "", "reported": "（据报道）", "assumed": "（待核）"}


def label(node: Explanation, lang: str) -> str:
    """The official Chinese term, or the English name."""
    return node.label if lang == "zh" else english(node.name)


def english(name: str) -> str:
    """``employee_pension.basic_pension`` as ``Basic pension``."""
    head, bracket, key = name.partition("[")
    last = head.rpartition(".")[2].replace("_", " ")
    return last[:1].upper() + last[1:] + bracket + key


def value_text(node: Explanation, lang: str) -> str:
    """The value with its unit and thousands separators, as the language writes it."""
    kind = node.unit.kind
    if kind == "yes_no":
        return _WORDS[lang]["true" if node.exact else "false"]
    text = show(node.exact, node.unit)
    if kind in ("choice", "month", "region") or node.unit.name == "Year":
        return text
    if node.unit.name == "Ratio" and (node.exact * 100).denominator <= 100:
        return f"{show(node.exact * 100, node.unit)}%"
    whole, dot, rest = text.partition(".")
    sign, whole = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    text = f"{sign}{int(whole):,}{dot}{rest}"
    return f"{text} {node.unit.zh if lang == 'zh' else node.unit.en}".strip()


def formula_text(node: Explanation, lang: str) -> str:
    """The formula as written, with official terms for names in Chinese."""
    if lang != "zh":
        return node.formula
    names = {n.name.partition("[")[0].rpartition(".")[2]: n.label for n in node.inputs}
    names |= ROUNDING_LABELS
    text = re.sub(r"[A-Za-z_][A-Za-z_0-9]*", lambda m: names.get(m[0], m[0]), node.formula)
    return text.replace(" * ", " × ").replace(" / ", " ÷ ").replace(" - ", " − ")


def as_dict(node: Explanation, lang: str = "zh") -> dict[str, Any]:
    """One node and its inputs as plain data."""
    data: dict[str, Any] = {
        "name": node.name,
        "label": label(node, lang),
        "value": node.value,
        "unit": node.unit.zh if lang == "zh" else node.unit.en,
        "formula": node.formula,
        "cite": node.cite,
        "source": node.source,
        "given": node.given,
        "inputs": [as_dict(child, lang) for child in node.inputs],
    }
    if node.presumed:
        data["presumed"] = True
    if node.certainty:
        data["certainty"] = node.certainty
    if node.law_of:
        data["law_of"] = node.law_of
    if isinstance(node.exact, Fraction) and not _terminates(node.exact):
        data["exact"] = f"{node.exact.numerator}/{node.exact.denominator}"
    if node.conditions:
        data["conditions"] = [vars(c) for c in node.conditions]
    return data


def _terminates(value: Fraction) -> bool:
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1 and value.denominator <= 10**10


def _lines(node: Explanation, lang: str, depth: int, seen: set[int]) -> Iterator[tuple[int, str]]:
    words = _WORDS[lang]
    text = f"{label(node, lang)} = {value_text(node, lang)}"
    if node.given or node.presumed:
        text += (
            f"（{words['given' if node.given else 'presumed']}）"
            if lang == "zh"
            else f" ({words['given' if node.given else 'presumed']})"
        )
    if node.source:
        text += (
            f"  〔{node.source}〕{_CERTAINTY[node.certainty] if lang == 'zh' and node.certainty else ''}"
            if not node.formula
            else ""
        )
    yield depth, text
    if id(node) in seen and node.inputs:
        yield depth + 1, "（同上）" if lang == "zh" else "(as above)"
        return
    seen.add(id(node))
    if node.formula:
        cite = (
            f"  〔{node.cite}{'，' + words['law'] + node.law_of if node.law_of and lang == 'zh' else ''}〕"
            if node.cite
            else ""
        )
        for i, line in enumerate(formula_text(node, lang).splitlines()):
            yield depth + 1, ("= " if i == 0 else "  ") + line + (cite if i == 0 else "")
    for condition in node.conditions:
        yield depth + 1, _condition_text(condition, node, lang)
    for child in node.inputs:
        yield from _lines(child, lang, depth + 1, seen)


def _condition_text(condition: Condition, node: Explanation, lang: str) -> str:
    words = _WORDS[lang]
    text = formula_text(Explanation(node.name, "", 0, UNITS["Count"], condition.text, inputs=node.inputs), lang)
    numbers = f": {condition.left} / {condition.right}" if condition.left else ""
    unit = UNITS[condition.unit] if condition.unit else None
    short = f", {words['short']} {condition.short_by}" if condition.short_by else ""
    short += f" {unit.zh if lang == 'zh' else unit.en}" if short and unit else ""
    return (
        f"{'✓' if condition.holds else '✗'} {text}{numbers} – {words['holds' if condition.holds else 'fails']}{short}"
    )


def to_text(node: Explanation, lang: str = "zh") -> str:
    """An indented outline for a terminal."""
    return "\n".join("  " * depth + text for depth, text in _lines(node, lang, 0, set()))


def to_markdown(node: Explanation, lang: str = "zh") -> str:
    """A nested list."""
    return "\n".join(f"{'  ' * depth}- {_escape(text)}" for depth, text in _lines(node, lang, 0, set()))


def _escape(text: str) -> str:
    return re.sub(r"([*_`|])", r"\\\1", text)
