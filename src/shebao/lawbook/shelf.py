"""What every page needs to know: the rulebook and its examples, seen from all sides and in one language."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from shebao.engine import BookError
from shebao.engine.book import Fact, Node, Rule, Scope, Variant, uses
from shebao.engine.explanation import Explanation, english, label
from shebao.engine.facts import resolve_given
from shebao.engine.parameters import CERTAINTIES, Parameter
from shebao.engine.rulebook import Rulebook
from shebao.law.cases import Case
from shebao.lawbook.chinese import Chinese
from shebao.lawbook.reforms import differs
from shebao.lawbook.words import PLACES, Say, area

if TYPE_CHECKING:
    from shebao.lawbook.cliffs import Cliff

README = "README.md"
README_ZH = "README.zh.md"
GENERAL = "General provisions"
OUTERMOST = "law"  # the page of the outermost room, which has no name of its own


@dataclass(frozen=True)
class Library:
    """The rulebook with its examples, and who uses what; the same in every language."""

    book: Rulebook
    cases: Sequence[Case]
    base: Rulebook | None = None  # the law in force, where the book is of the law as reformed
    cliffs: Sequence[Cliff] = ()
    _found: dict[tuple[str, str], str | None] = field(default_factory=dict, compare=False, repr=False)

    def find(self, name: str, room: str) -> str | None:
        """The full name of what a given fact, a name in a text or a key of a table stands for, seen from a room."""
        if (name, room) not in self._found:
            try:
                self._found[name, room] = resolve_given(self.book, name, (room,))
            except BookError:
                self._found[name, room] = None
        return self._found[name, room]

    @cached_property
    def chinese(self) -> Chinese:
        """What the law says in English, in Chinese."""
        return Chinese.read(self.book)

    @cached_property
    def changed(self) -> Mapping[str, bool]:
        """Full name of what a reform changes → whether the law in force has it at all; empty without a reform."""
        if self.base is None:
            return {}
        old = self.base.nodes
        pairs = ((name, old.get(name), node) for name, node in self.book.nodes.items())
        return {name: before is not None for name, before, node in pairs if before is None or differs(before, node)}

    def before(self, parameter: Parameter) -> Parameter | None:
        """A parameter as the law in force has it, where a reform changes it."""
        old = self.base.nodes.get(parameter.full_name) if self.base and parameter.full_name in self.changed else None
        return old if isinstance(old, Parameter) else None

    def old_rule(self, rule: Rule) -> Rule | None:
        """A rule as the law in force has it, where a reform changes it."""
        old = self.base.nodes.get(rule.full_name) if self.base and rule.full_name in self.changed else None
        return old if isinstance(old, Rule) else None

    @cached_property
    def old(self) -> Library:
        """The law in force, where the book is of the law as reformed."""
        assert self.base is not None
        return Library(self.base, ())

    @cached_property
    def affected(self) -> frozenset[str]:
        """The rules that rest on anything a reform changes."""
        changed = frozenset(self.changed)
        return frozenset(name for name, below in self.beneath.items() if changed and below & changed)

    @cached_property
    def users(self) -> Mapping[str, list[str]]:
        """Full name → the rules that may read it, in the book's order."""
        found: dict[str, list[str]] = defaultdict(list)
        for rule in self.book.rules():
            for used in sorted(uses(self.book, rule)):
                found[used].append(rule.full_name)
        return found

    @cached_property
    def examples(self) -> Mapping[str, list[Case]]:
        """Full name of a rule → the examples that say what it gives or refuses."""
        found: dict[str, list[Case]] = defaultdict(list)
        for case in self.cases:
            for name in (*case.expect, *case.refused):
                found[self.book.find(case.full_name(name))].append(case)
        return found

    @cached_property
    def cases_of(self) -> Mapping[str, list[Case]]:
        found: dict[str, list[Case]] = defaultdict(list)
        for case in self.cases:
            found[case.room].append(case)
        return found

    @cached_property
    def beneath(self) -> Mapping[str, frozenset[str]]:
        """Full name of a rule → all it rests on, however far down."""
        found: dict[str, frozenset[str]] = {}

        def of(name: str) -> frozenset[str]:
            if name not in found:
                node = self.book.nodes[name]
                direct = uses(self.book, node) if isinstance(node, Rule) else set()
                found[name] = frozenset(direct).union(*(of(each) for each in direct))
            return found[name]

        for name in self.book.nodes:
            of(name)
        return found

    def certainty(self, names: Iterator[str]) -> Counter[str]:
        """How many of the parameters among ``names`` are, at their weakest value, how certain."""
        nodes = (self.book.nodes[name] for name in names)
        return Counter(weakest(node) for node in nodes if isinstance(node, Parameter) and node.entries)

    @cached_property
    def loans(self) -> Mapping[str, list[str]]:
        """Room → the other rooms its rules read from, the outermost left out."""
        found: dict[str, set[str]] = {path: set() for path in self.book.scopes}
        for rule in self.book.rules():
            found[rule.room] |= {self.book.nodes[used].room for used in uses(self.book, rule)}
        return {path: sorted(rooms - {path, ""}) for path, rooms in found.items()}


def weakest(parameter: Parameter) -> str:
    """The certainty of a parameter's least certain value."""
    return max((entry.certainty for entry in parameter.entries), key=CERTAINTIES.index)


@dataclass(frozen=True)
class Shelf:
    """The library in one language: titles and addresses."""

    library: Library
    lang: str
    langs: tuple[str, ...] = ("zh", "en")
    _titles: dict[str, tuple[str, str]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def book(self) -> Rulebook:
        return self.library.book

    @property
    def old(self) -> Shelf:
        """The law in force on a shelf of its own, where the book is of the law as reformed."""
        return Shelf(self.library.old, self.lang, self.langs)

    # -- titles ------------------------------------------------------------------------------------
    def title(self, node: Node) -> str:
        """The official Chinese term, or the English name."""
        return node.label if self.lang == "zh" else english(node.full_name)

    def other_title(self, node: Node) -> str:
        """The same in the other language."""
        return english(node.full_name) if self.lang == "zh" else node.label

    def room_titles(self, path: str) -> tuple[str, str]:
        """A room's Chinese and English name; the English one heads its README."""
        if path not in self._titles:
            scope = self.book.scopes[path]
            self._titles[path] = scope.room.label, (_heading(scope) or english(path)) if path else GENERAL
        return self._titles[path]

    def room_title(self, path: str) -> str:
        return self.room_titles(path)[0 if self.lang == "zh" else 1]

    def other_room_title(self, path: str) -> str:
        return self.room_titles(path)[1 if self.lang == "zh" else 0]

    # -- prose ---------------------------------------------------------------------------------------
    def source(self, text: str) -> str:
        """A source or note in the language, as far as it is known there."""
        return self.library.chinese.source(text) if self.lang == "zh" else text

    def name(self, name: str, room: str) -> str:
        """A fact, history or key of a table by name: in Chinese its term without what stands in brackets."""
        if self.lang == "en":
            return name.replace("_", " ")
        full = self.library.find(name, room)
        return re.sub(r"（.*", "", self.book.nodes[full].label) if full else self.local(name)

    def local(self, name: str) -> str:
        """A name that is no term of the law."""
        said = self.library.chinese.locals.get(name) if self.lang == "zh" else None
        return said or name.replace("_", " ")

    def choice(self, value: str) -> str:
        """A value to choose from, in words where the language has them."""
        return self.library.chinese.choices.get(value, value) if self.lang == "zh" else value

    def key(self, parameter: Parameter) -> Say:
        """How keys of a parameter are said."""
        return lambda key, part: f"{self.name(key, parameter.room)} {self.choice(str(part))}"

    def label(self, node: Explanation) -> str:
        """A step of an explanation by its term; the key of a table in words."""
        name, bracket, key = node.name.partition("[")
        table = self.book.nodes.get(name)
        if not (bracket and isinstance(table, Parameter)):
            return label(node, self.lang)
        keys = zip(table.keys, key.rstrip("]").split(", "), strict=True)
        said = (area(part, self.lang) if key in PLACES else self.choice(part) for key, part in keys)
        return f"{self.title(table)}[{', '.join(said)}]"

    def text(self, rule: Rule, variant: Variant) -> tuple[str, str]:
        """What a reading says of itself, and the language it is written in."""
        english = _unindented(variant.fn.__doc__ or "")
        said = self.library.chinese.text(rule.room, english) if self.lang == "zh" else ""
        return (said, "zh-CN") if said else (english, "en")

    # -- addresses ---------------------------------------------------------------------------------
    def room_page(self, path: str) -> str:
        return f"{path or OUTERMOST}.html"

    def parameters_page(self, path: str) -> str:
        return f"{path or OUTERMOST}.parameters.html"

    def cases_page(self, path: str) -> str:
        return f"{path or OUTERMOST}.cases.html"

    def address(self, full_name: str) -> str:
        """Where a rule, fact or parameter stands: page and anchor."""
        node = self.book.nodes[full_name]
        page = self.parameters_page(node.room) if isinstance(node, Parameter) else self.room_page(node.room)
        return f"{page}#{quote(full_name)}"

    def case_address(self, case: Case) -> str:
        return f"{self.cases_page(case.room)}#{quote(case_anchor(case))}"

    # -- what a room holds ---------------------------------------------------------------------------
    def held(self, path: str) -> tuple[list[Rule], list[Fact], list[Parameter]]:
        """A room's rules in the order of their wiring (what is read comes first), facts, parameters."""
        nodes = list(self.book.scopes[path].names.values())
        rules = {node.full_name: node for node in nodes if isinstance(node, Rule)}
        return (
            list(_wired(self.book, rules)),
            [node for node in nodes if isinstance(node, Fact)],
            [node for node in nodes if isinstance(node, Parameter)],
        )


def case_anchor(case: Case) -> str:
    return f"{case.room}.{case.id}" if case.room else case.id


def readme(scope: Scope, lang: str) -> tuple[str, str]:
    """A room's introduction and the language it is written in; empty where there is none."""
    names = ((README_ZH, "zh"), (README, "en")) if lang == "zh" else ((README, "en"),)
    for name, written in names:
        file = (scope.folder or Path()) / name
        if scope.folder and file.is_file():
            return file.read_text("utf-8"), written
    return "", "en"


def _unindented(doc: str) -> str:
    return "\n".join(line.strip() for line in doc.splitlines())


def _heading(scope: Scope) -> str:
    """The heading of a README, without the Chinese term in brackets."""
    found = re.search(r"^# (.+)$", readme(scope, "en")[0], re.MULTILINE)
    return re.sub(r"\s*[（(][^）)]*[一-鿿][^）)]*[）)]", "", found[1]).strip() if found else ""


def _wired(book: Rulebook, rules: Mapping[str, Rule]) -> Iterator[Rule]:
    done: set[str] = set()

    def walk(name: str) -> Iterator[Rule]:
        if name in done:
            return
        done.add(name)
        used = uses(book, rules[name])
        for other in rules:  # in the order they are written
            if other in used:
                yield from walk(other)
        yield rules[name]

    for name in rules:
        yield from walk(name)
