"""The law's English prose in Chinese: what a rule's text, a source or a note says.

``zh.csv`` beside a room holds the texts of its rules. For all rooms the outermost has ``phrases.zh.csv``, the set
phrases of sources and notes, ``choices.zh.csv``, the values to choose from, and ``locals.zh.csv``, names that are no
term of the law: steps of formulas, keys of tables, histories. A row is an English text and its Chinese. A text that
changes loses its translation, so none can grow stale unseen; what has no Chinese stays English.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from shebao.engine.book import Book
from shebao.engine.explanation import Explanation

TEXTS = "zh.csv"
PHRASES = "phrases.zh.csv"
CHOICES = "choices.zh.csv"
LOCALS = "locals.zh.csv"
ENGLISH = re.compile(r"[A-Za-z]{2}")
STEP = re.compile(r"^ *(\w+) = ", re.MULTILINE)


@dataclass(frozen=True)
class Chinese:
    """Chinese by English: rules' texts by room, set phrases, values to choose from, other names."""

    texts: Mapping[str, Mapping[str, str]]
    phrases: Mapping[str, str]
    choices: Mapping[str, str]
    locals: Mapping[str, str]
    _said: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def read(cls, book: Book) -> Chinese:
        """What lies beside the rooms of a rulebook; nothing for one without translations."""
        outermost = book.scopes[""].folder
        texts = {path: _table(scope.folder, TEXTS) for path, scope in book.scopes.items()}
        return cls(texts, *(_table(outermost, name) for name in (PHRASES, CHOICES, LOCALS)))

    def text(self, room: str, english: str) -> str:
        """A rule's text in Chinese; empty where there is none."""
        return self.texts.get(room, {}).get(paragraphs(english), "")

    def source(self, english: str) -> str:
        """A source or note with its set phrases in Chinese; documents and numbers stay as they are."""
        if not ENGLISH.search(english):
            return english
        if english not in self._said:
            self._said[english] = self.phrases.get(english) or self._phrased(english)
        return self._said[english]

    def explained(self, tree: Explanation) -> Explanation:
        """An explanation whose sources and steps of formulas are said in Chinese, to be written for people."""
        made: dict[int, Explanation] = {}

        def of(node: Explanation) -> Explanation:
            if id(node) not in made:  # a step that is reached twice stays one step
                source, formula = self.source(node.source), self._steps(node.formula)
                made[id(node)] = replace(node, source=source, formula=formula, inputs=tuple(map(of, node.inputs)))
            return made[id(node)]

        return of(tree)

    def _steps(self, formula: str) -> str:
        """A formula with the names it gives to its own steps in Chinese."""
        own = {name: said for name in STEP.findall(formula) if (said := self.locals.get(name))}
        return re.sub(r"\w+", lambda found: own.get(found[0], found[0]), formula) if own else formula

    def _phrased(self, english: str) -> str:
        said = self._pattern.sub(lambda found: self.phrases[found[0]], english)
        return _punctuated(said) if said != english else english

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        """Any phrase, the longest first, at the bounds of words; one that can never be for a law without phrases."""
        longest = sorted(self.phrases, key=len, reverse=True)
        return re.compile(rf"(?<![A-Za-z])(?:{'|'.join(map(re.escape, longest)) or '(?!)'})(?![A-Za-z])")


def paragraphs(text: str) -> str:
    """A docstring as its paragraphs, each on one line: the form in which it is looked up."""
    return "\n\n".join(" ".join(part.split()) for part in re.split(r"\n\s*\n", text.strip()))


def _punctuated(text: str) -> str:
    """Chinese marks where phrases met: ``号 (手工推算)`` as ``号（手工推算）``."""
    cjk = "[一-鿿]"
    text = re.sub(rf"\s*\(([^()]*{cjk}[^()]*)\)", r"（\1）", text)
    return re.sub(
        rf"(?<={cjk})\s*([,;])\s*|\s*([,;])\s+(?={cjk})", lambda m: {",": "，", ";": "；"}[m[1] or m[2]], text
    )


def _table(folder: Path | None, name: str) -> dict[str, str]:
    file = (folder or Path()) / name
    if folder is None or not file.is_file():
        return {}
    with file.open(encoding="utf-8", newline="") as rows:
        return {row["en"]: row["zh"] for row in csv.DictReader(rows)}
