"""Worked examples: what a sheet or a notice printed, beside what the rulebook computes.

Every room keeps its examples in ``cases*.yaml`` (docs/ARCHITECTURE.md §2.7). They are tests and
documentation at once; ``load_cases`` reads them, ``Case.compare`` works one out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from shebao.engine import BookError, LawError, Refused, Rulebook
from shebao.engine.book import Rule
from shebao.engine.facts import parse_value
from shebao.engine.parameters import CERTAINTIES, read_yaml
from shebao.engine.units import parse_number, show

FOLDER = Path(__file__).parent
_TITLES = {"title", "title_zh"}
_WORDS = {"id", "month", "source", "certainty", "facts", "expect", "known_discrepancy", "refused", "rule"} | _TITLES


@dataclass(frozen=True)
class Line:
    """One result of a case: as printed, as computed, and how many units of storage (fen) apart.

    ``stated`` is the difference the case admits and ``why`` its reason; ``holds`` when they agree.
    """

    name: str
    label: str
    printed: str
    computed: str
    apart: Fraction
    stated: Fraction = Fraction(0)
    why: str = ""

    @property
    def holds(self) -> bool:
        return self.apart == self.stated


@dataclass(frozen=True)
class Case:
    """A worked example of one room; ``title`` is English, ``title_zh`` Chinese (empty where nobody wrote it yet).

    ``expect`` maps rules to printed values, ``known`` rules to (computed minus printed, reason), ``refused``
    rules that must not be computed to the kind of refusal.
    """

    id: str
    title: str
    month: str
    room: str
    source: str
    certainty: str
    facts: Mapping[str, Any]
    expect: Mapping[str, str] = field(default_factory=dict)
    known: Mapping[str, tuple[Fraction, str]] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    file: str = ""
    title_zh: str = ""

    def titled(self, lang: str) -> str:
        """The title in a language; the English one until there is a Chinese."""
        return (self.title_zh if lang == "zh" else "") or self.title

    def full_name(self, name: str) -> str:
        """A rule named in the case, as seen from its room."""
        return f"{self.room}.{name}" if self.room and "." not in name else name

    def compare(self, book: Rulebook) -> list[Line]:
        """Every expected value beside the explained one; ``Refused`` if the person cannot be computed."""
        law = book.at(self.month)
        return [self.line(book, name, law.explain(self.full_name(name), self.facts).exact) for name in self.expect]

    def line(self, book: Rulebook, name: str, computed: Any) -> Line:
        """One expected value beside a computed one (exact, in the rule's unit)."""
        rule = book.rule(self.full_name(name))
        printed = _printed(rule, self.expect[name])
        stated, why = self.known.get(name, (Fraction(0), ""))
        if isinstance(printed, Fraction):
            apart = (Fraction(computed) - printed) * rule.unit.scale
        else:
            apart = Fraction(computed != printed)
        return Line(name, rule.label, show(printed, rule.unit), show(computed, rule.unit), apart, stated, why)

    def refusals(self, book: Rulebook) -> dict[str, str]:
        """The kind of refusal each rule in ``refused`` meets, ``""`` where it was computed after all."""
        return {name: self._refusal(book, name) for name in self.refused}

    def _refusal(self, book: Rulebook, name: str) -> str:
        try:
            book.at(self.month).explain(self.full_name(name), self.facts)
        except Refused as error:
            return error.kind
        return ""


def _printed(rule: Rule, raw: str) -> Any:
    """An expected value, exact; unlike a given one it may be negative."""
    return parse_number(raw) if rule.unit.kind in ("number", "money", "region") else parse_value(rule, raw)


def load_cases(folder: Path = FOLDER) -> list[Case]:
    """Every case below ``folder`` in the order of files; ``BookError`` for a case that is not well formed."""
    cases = [case for file in sorted(folder.rglob("cases*.yaml")) for case in _read(file, folder)]
    seen: dict[tuple[str, str], str] = {}
    for case in cases:
        if (case.room, case.id) in seen:
            raise BookError(f"case {case.id} is written twice", case.file)
        seen[case.room, case.id] = case.file
    return cases


def _read(file: Path, folder: Path) -> Iterator[Case]:
    room = ".".join(file.parent.relative_to(folder).parts)
    where = f"{room or 'law'}/{file.name}"
    for body in read_yaml(file) or []:
        unknown = set(body) - _WORDS
        if unknown:
            raise BookError(f"case {body.get('id')}: unknown word {sorted(unknown)[0]!r}", where)
        try:
            yield _case(body, room, where)
        except (KeyError, LawError) as error:
            raise BookError(f"case {body.get('id')}: {error}", where) from None


def _case(body: Mapping[str, Any], room: str, where: str) -> Case:
    if body["certainty"] not in CERTAINTIES:
        raise BookError(f"certainty {body['certainty']!r} is none of {', '.join(CERTAINTIES)}")
    refused = body.get("refused", {})
    if isinstance(refused, str):  # one kind for every rule the case asks for
        refused = dict.fromkeys([body["rule"]] if "rule" in body else body["expect"], refused)
        body = {**body, "expect": {}}
    if not body.get("expect") and not refused:
        raise BookError("a case says what to expect or what is refused")
    return Case(
        id=body["id"],
        title=body["title"],
        month=body["month"],
        room=room,
        source=body["source"],
        certainty=body["certainty"],
        facts=body["facts"],
        expect=body.get("expect", {}),
        known={name: (Fraction(d["fen"]), d["why"]) for name, d in body.get("known_discrepancy", {}).items()},
        refused=refused,
        file=where,
        title_zh=body.get("title_zh", ""),
    )
