"""An explanation: the tree of steps, and how it is written for people and programs, in Chinese and English."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
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
        "true": "是",
        "false": "否",
    },
    "en": {
        "given": "given",
        "presumed": "presumed",
        "holds": "holds",
        "fails": "fails",
        "short": "short by",
        "true": "yes",
        "false": "no",
    },
}
_DOUBTFUL = {"zh": "（待核）", "en": " (assumed)"}
_BARE = ("Index", "Ratio", "Count", "Year")  # units that a number goes without: its label says what it is
_FORMULA_WORDS = {
    "zh": {"if": "若", "elif": "否则若", "else": "否则", "return": "得", "and": "且", "or": "或", "not": "非"}
    | {"min": "较小者", "max": "较大者", "before": "此前", "True": "是", "False": "否"}
    | ROUNDING_LABELS
}
_SIGNS = {"*": "×", "/": "÷", "//": "整除", "%": "余", "-": "−"}


def label(node: Explanation, lang: str) -> str:
    """The official Chinese term, or the English name; with its key, or the number of its record."""
    _, bracket, key = node.name.partition("[")
    if bracket and node.formula:
        number = int(key.rstrip("]")) + 1
        return f"{node.label}（第{number}条）" if lang == "zh" else f"{english(node.name)} (record {number})"
    return f"{node.label if lang == 'zh' else english(node.name)}{bracket}{key}"


def english(name: str) -> str:
    """``employee_pension.basic_pension`` as ``Basic pension``; a key is left out."""
    last = name.partition("[")[0].rpartition(".")[2].replace("_", " ")
    return last[:1].upper() + last[1:]


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
    return f"{sign}{int(whole):,}{dot}{rest} {_unit(text, node.unit, lang)}".rstrip()


def _unit(number: str, unit: Unit | None, lang: str) -> str:
    """A number's unit, in English in the singular for one; empty where the label says what it is."""
    if unit is None or unit.name in _BARE:
        return ""
    one = lang == "en" and number == "1"
    return unit.zh if lang == "zh" else re.sub(r"s\b", "", unit.en, count=1) if one else unit.en


def line_text(node: Explanation, lang: str) -> str:
    """One step in a line: label, value, whether it was given or presumed, and a parameter's document."""
    text = f"{label(node, lang)} = {value_text(node, lang)}"
    if node.given or node.presumed:
        word = _WORDS[lang]["given" if node.given else "presumed"]
        text += f"（{word}）" if lang == "zh" else f" ({word})"
    document = node.source if not node.formula else node.cite if is_constant(node) else ""
    text += f"  〔{document}〕" if document and not node.given else ""
    return text + (_DOUBTFUL[lang] if node.certainty == "assumed" else "")


def formula_line(node: Explanation, lang: str, law_of: str = "") -> str:
    """The formula with its article, and the month of its law where that is not ``law_of``; empty for a constant."""
    if not node.formula or is_constant(node):
        return ""
    month = node.law_of if node.law_of != law_of else ""
    in_force = (f"，适用 {month}" if lang == "zh" else f", law of {month}") if month else ""
    first, *rest = formula_text(node, lang).splitlines()
    return "\n".join([f"{first}  〔{node.cite}{in_force}〕" if node.cite else first, *rest])


def is_constant(node: Explanation) -> bool:
    """The rule's formula is a mere number, which its value says already."""
    return bool(node.formula) and not re.search(r"[^\W\d]", node.formula)


def formula_text(node: Explanation, lang: str) -> str:
    """The formula as written; in Chinese with official terms for names, words and signs."""
    if lang != "zh":
        return node.formula
    text = re.sub(r"\bym\((\d+), (\d+)\)", lambda m: f"{m[1]}-{int(m[2]):02d}", node.formula)
    text = re.sub(r"^(.*[^:\s]) if (.+) else (.+)$", r"\1，if \2；else \3", text, flags=re.MULTILINE)
    names = {each.name.partition("[")[0].rpartition(".")[2]: each.label for each in _near(node)}
    names |= _FORMULA_WORDS[lang]
    text = re.sub(r"[A-Za-z_][A-Za-z_0-9]*", lambda m: names.get(m[0], m[0]), text)
    text = re.sub(r"(?<= )([-*/%]|//)(?= )", lambda m: _SIGNS[m[1]], text)
    return re.sub(r":$", "：", text, flags=re.MULTILINE)


def _near(node: Explanation) -> Iterator[Explanation]:
    """The steps a formula can name: its inputs, and for a history the inputs of its records."""
    yield node
    for child in node.inputs:
        yield child
        if child.name.partition("[")[0] == node.name:
            yield from child.inputs


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


def _lines(node: Explanation, lang: str, depth: int, seen: set[int], law_of: str = "") -> Iterator[tuple[int, str]]:
    yield depth, line_text(node, lang)
    if id(node) in seen and node.inputs:
        yield depth + 1, as_above(lang)
        return
    seen.add(id(node))
    for i, line in enumerate(formula_line(node, lang, law_of).splitlines()):
        yield depth + 1, ("= " if i == 0 else "  ") + line
    for condition in node.conditions:
        yield depth + 1, condition_text(condition, node, lang)
    for child in node.inputs:
        yield from _lines(child, lang, depth + 1, seen, node.law_of or law_of)


def as_above(lang: str) -> str:
    """What stands in place of a step that was shown before."""
    return "（同上）" if lang == "zh" else "(as above)"


def condition_text(condition: Condition, node: Explanation, lang: str) -> str:
    """One condition of ``node``: whether it holds, the two sides, and by how much it fails."""
    words = _WORDS[lang]
    text = formula_text(replace(node, formula=condition.text), lang)
    if condition.left:
        text += f": {_plain(condition.left, lang)} / {_plain(condition.right, lang)}"
    text += f" – {words['holds' if condition.holds else 'fails']}"
    if condition.short_by:
        text += f", {words['short']} {condition.short_by} {_unit(condition.short_by, UNITS.get(condition.unit), lang)}"
    return f"{'✓' if condition.holds else '✗'} {text.rstrip()}"


def _plain(side: str, lang: str) -> str:
    words = {"True": "true", "False": "false", "yes": "true", "no": "false"}
    return _WORDS[lang][words[side]] if side in words else side


def to_text(node: Explanation, lang: str = "zh") -> str:
    """An indented outline for a terminal."""
    return "\n".join("  " * depth + text for depth, text in _lines(node, lang, 0, set()))


def to_markdown(node: Explanation, lang: str = "zh") -> str:
    """A nested list."""
    return "\n".join(f"{'  ' * depth}- {_escape(text)}" for depth, text in _lines(node, lang, 0, set()))


def _escape(text: str) -> str:
    return re.sub(r"([*_`|])", r"\\\1", text)
