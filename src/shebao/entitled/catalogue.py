"""The catalogue of benefits: which rules say that one is due and how much, whom it is for, where it is claimed.

It holds names of rules and labels only; every condition and number stays in the law. Names that the rulebook does not
have are refused with file and line.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from shebao.engine.book import Book, Fact, Rule, uses
from shebao.engine.errors import BookError
from shebao.engine.history import history_names

HERE = Path(__file__).parent
FOR = ("person", "household", "survivors", "employer")
KEEP = ("first", "higher", "choose")
_PAID = {"YuanPerMonth": "monthly", "YuanPerYear": "yearly", "Yuan": "once"}
_WORDS = {"zh", "en", "entitled", "amount", "to", "agency", "when", "besides", "claimed_in", "drawn", "lasts", "near"}
_TEXTS = ("zh", "en", "amount", "to", "agency", "claimed_in", "drawn", "lasts")


@dataclass(frozen=True)
class Benefit:
    """One benefit, subsidy or service.

    ``entitled`` are yes-or-no rules that must all hold; without any, an amount above 0 is a claim. ``amount`` is empty
    for a service. ``when`` names facts, rules and histories: one of them must be given before the benefit is a question
    at all, and one of ``besides``, if there are any. ``claimed_in`` is the fact that stands for the month of the claim:
    a month that lies ahead, or is not given, means the month of the run. ``drawn`` is a fact that says, or an amount
    that shows, that it is drawn already. ``lasts`` is a rule that gives its last month, or how many months it is paid.
    """

    id: str
    zh: str
    en: str
    entitled: tuple[str, ...]
    amount: str
    to: str
    agency: str
    when: tuple[str, ...]
    besides: tuple[str, ...] = ()
    claimed_in: str = ""
    drawn: str = ""
    lasts: str = ""
    near: bool = True  # whether it is worth telling who nearly qualifies
    paid: str = "service"  # monthly, yearly, once, service
    where: str = ""

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules to be computed, eligibility first."""
        return (*self.entitled, *((self.amount,) if self.amount else ()))

    def is_asked(self, given: Container[str]) -> bool:
        """Whether what is given makes it a question."""
        return any(n in given for n in self.when) and (not self.besides or any(n in given for n in self.besides))

    @property
    def room(self) -> str:
        """The scheme that pays, as the room of its rules."""
        return (self.amount or self.entitled[0]).rpartition(".")[0]


@dataclass(frozen=True)
class Exclusion:
    """Benefits that cannot be held together, which of them is kept, and the article.

    ``unless`` is a fact that says how much of the others is drawn and was deducted: where it is more than 0 all stand.
    """

    benefits: tuple[str, ...]
    keep: str
    cite: str
    unless: str = ""


@dataclass(frozen=True)
class Catalogue:
    """All benefits by id, what excludes what, where to claim, and facts that several schemes share."""

    benefits: Mapping[str, Benefit]
    exclusions: tuple[Exclusion, ...]
    agencies: Mapping[str, Mapping[str, str]]
    same: tuple[tuple[str, ...], ...]

    @property
    def rights(self) -> set[str]:
        """The rules that say whether somebody is entitled, of every benefit."""
        return {name for benefit in self.benefits.values() for name in benefit.entitled}


def load_catalogue(book: Book, folder: Path = HERE) -> Catalogue:
    """The catalogue, checked against a rulebook; ``BookError`` names file and line of what is wrong."""
    agencies: dict[str, Any] = {key: value for _, key, value in _entries(folder / "agencies.yaml")}
    benefits: dict[str, Benefit] = {}
    for file in sorted((folder / "catalogue").glob("*.yaml")):
        for at, key, value in _entries(file):
            if key in benefits:
                raise BookError(f"benefit {key} stands at {benefits[key].where} already", at)
            benefits[key] = _benefit(book, key, value, agencies, at)
    exclusions = tuple(_exclusion(book, value, benefits, at) for at, _, value in _entries(folder / "exclusions.yaml"))
    same = tuple(_same(book, value, at) for at, _, value in _entries(folder / "same.yaml"))
    return Catalogue(benefits, exclusions, agencies, same)


def unlisted(book: Book, catalogue: Catalogue, folder: Path = HERE) -> list[str]:
    """Rules of a person about money or a right that no benefit reads and that are not listed as no claim of their own.

    A room that adds a benefit turns up here until the catalogue has it.
    """
    patterns = [p for _, _, names in _entries(folder / "not_claims.yaml") for p in names]
    read: set[str] = set()
    for benefit in catalogue.benefits.values():
        for name in benefit.rules:
            _read(book, name, read)
    return [rule.full_name for rule in book.rules() if _may_be_claimed(book, rule, read, patterns)]


def _may_be_claimed(book: Book, rule: Rule, read: set[str], patterns: list[str]) -> bool:
    right = rule.unit.kind == "yes_no" and rule.name.startswith("may_")
    if book.level(rule.full_name) or rule.full_name in read or not (right or rule.unit.kind == "money"):
        return False
    return not any(fnmatchcase(rule.full_name, pattern) for pattern in patterns)


def _read(book: Book, name: str, found: set[str]) -> None:
    """Every node that a rule reads, itself included."""
    if name not in found:
        found.add(name)
        node = book.nodes[name]
        for used in uses(book, node) if isinstance(node, Rule) else ():
            _read(book, used, found)


def _benefit(book: Book, key: str, raw: Any, agencies: Mapping[str, Any], at: str) -> Benefit:
    if not isinstance(raw, dict) or set(raw) - _WORDS:
        raise BookError(f"benefit {key} knows {', '.join(sorted(_WORDS))}", at)
    entitled, when, besides = (_names(raw.get(word, [])) for word in ("entitled", "when", "besides"))
    amount = raw.get("amount", "")
    _check(raw.get("zh") and raw.get("en"), f"benefit {key} needs its labels zh and en", at)
    _check(entitled or amount, f"benefit {key} has neither a rule `entitled` nor an `amount`", at)
    _check(raw.get("to") in FOR, f"benefit {key} is for one of {', '.join(FOR)}", at)
    _check(raw.get("agency") in agencies, f"benefit {key}: unknown agency {raw.get('agency')!r}", at)
    _check(raw.get("near", "no") == "no", f"benefit {key}: near is no, or left out", at)
    _check(when, f"benefit {key} does not say `when` it is a question", at)
    for name in entitled:
        _check(_unit(book, name, at).kind == "yes_no", f"benefit {key}: {name} is no yes-or-no rule", at)
    paid = _PAID.get(_unit(book, amount, at).name, "") if amount else "service"
    _check(paid, f"benefit {key}: {amount} is no amount of money", at)
    if lasts := raw.get("lasts"):
        unit = _unit(book, lasts, at)
        _check(unit.kind == "month" or unit.name == "Months", f"benefit {key}: {lasts} is no month, and not months", at)
    histories = history_names(book)
    for name in (*when, *besides, *_names(raw.get("drawn", [])), *_names(raw.get("claimed_in", []))):
        _check(name in histories or name in book.nodes, f"benefit {key}: nothing is called {name!r}", at)
    words = {word: raw.get(word, "") for word in _TEXTS}
    made = Benefit(id=key, entitled=entitled, when=when, besides=besides, paid=paid, where=at, **words)
    return replace(made, near="near" not in raw)


def _unit(book: Book, name: str, at: str) -> Any:
    """The unit of a person's rule of this full name."""
    try:
        rule = book.person_rule(name)
    except BookError as error:
        raise BookError(str(error), at) from None
    _check(rule.full_name == name, f"write {rule.full_name}, not {name}", at)
    return rule.unit


def _exclusion(book: Book, raw: Any, benefits: Mapping[str, Benefit], at: str) -> Exclusion:
    words = set(raw) - {"unless"} if isinstance(raw, dict) else set()
    _check(words == {"benefits", "keep", "cite"}, "benefits, keep and cite, and maybe unless", at)
    unknown = [name for name in raw["benefits"] if name not in benefits]
    _check(not unknown, f"unknown benefit {unknown[:1]}", at)
    _check(raw["keep"] in KEEP, f"keep is one of {', '.join(KEEP)}", at)
    _check(raw["cite"], "an exclusion needs its article", at)
    unless = raw.get("unless", "")
    _check(not unless or isinstance(book.nodes.get(unless), Fact), f"no fact {unless!r}", at)
    return Exclusion(tuple(raw["benefits"]), raw["keep"], raw["cite"], unless)


def _same(book: Book, raw: Any, at: str) -> tuple[str, ...]:
    for name in raw:
        _check(isinstance(book.nodes.get(name), Fact), f"no fact {name!r}", at)
    units = {book.nodes[name].unit.name for name in raw}
    _check(len(units) == 1, f"{', '.join(raw)} differ in unit", at)
    return tuple(raw)


def _check(holds: Any, said: str, at: str) -> None:
    if not holds:
        raise BookError(said, at)


def _names(raw: Any) -> tuple[str, ...]:
    return tuple(raw) if isinstance(raw, list) else (raw,) if raw else ()


def _entries(file: Path) -> Iterator[tuple[str, str, Any]]:
    """Each entry of a file: ``file:line``, its key (empty in a list), its value. A key that comes twice is refused."""
    tree: Any = yaml.compose(file.read_text(encoding="utf-8"), yaml.BaseLoader)
    pairs = tree.value if isinstance(tree, yaml.MappingNode) else [(None, item) for item in tree.value]
    seen: set[str] = set()
    for key, value in pairs:
        at = f"shebao/entitled/{file.relative_to(HERE) if file.is_relative_to(HERE) else file}:"
        at += str((key or value).start_mark.line + 1)
        name = key.value if key is not None else ""
        if name and name in seen:
            raise BookError(f"{name} stands here twice", at)
        seen.add(name)
        yield at, name, _plain(value)


def _plain(node: Any) -> Any:
    if isinstance(node, yaml.MappingNode):
        return {key.value: _plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(value) for value in node.value]
    return node.value
