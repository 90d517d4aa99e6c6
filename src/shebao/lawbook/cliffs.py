"""Where one step of a fact changes an amount by more than the steps around it explain.

Every amount of the law is computed over the whole range of every number it asks, all else as in its worked examples:
each month, day, grade and age, and of money and shares as closely as it takes; of a history in its last record. What
is found is a property of the law as it is written; a list of it is accepted knowingly (docs/CLIFFS.md), so that a new
one is noticed.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, TypeGuard

import numpy as np
import pyarrow as pa

from shebao.engine.book import Node, Rule
from shebao.engine.compute import STATUS, Kernel
from shebao.engine.errors import LawError
from shebao.engine.explain import Person
from shebao.engine.explanation import Explanation
from shebao.engine.facts import bounds
from shebao.engine.integers import Unprovable
from shebao.engine.parameters import Parameter
from shebao.engine.rulebook import Rulebook
from shebao.engine.source import function_tree
from shebao.engine.units import show
from shebao.law.cases import Case
from shebao.lawbook.samples import (
    Sample,
    alike,
    amounts,
    asked,
    beneath,
    columns,
    filled,
    held_fast,
    moved,
    samples,
    stored,
    unit,
    value,
)
from shebao.lawbook.shelf import case_anchor
from shebao.lawbook.sweep import Jump, Span, jumps
from shebao.lawbook.words import PLACES

LEAST = 200  # fen: up to that it is rounding, to a yuan and doubled in a month of two
YES = 10_000  # what a yes counts for beside a no
SAMPLES = 6  # examples of one amount that are looked at
STEPPED = ("Months", "Age", "Days", "Years", "Count")  # where a place means the same in every example
COUNTED = (*STEPPED, "Index", "Ratio")

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Cliff:
    """One jump of one amount.

    ``at`` are the values of ``fact`` that begin a step, ``before`` and ``after`` the amounts of the largest one, which
    begins at ``place`` in the example ``case``. ``carrier`` is the rule whose text makes the step, ``cite`` its
    article, ``also`` the amounts that rest on ``rule`` and jump with it.
    """

    rule: str
    fact: str
    at: tuple[str, ...]
    place: str
    before: str
    after: str
    carrier: str
    cite: str
    case: str
    also: tuple[str, ...] = ()

    @property
    def room(self) -> str:
        """The scheme of the amount."""
        return self.rule.rpartition(".")[0]


@dataclass(frozen=True)
class _Step:
    """One jump as found: the amount asked, the innermost amount that jumps and its two sides, and what makes it."""

    asked: str
    rule: str
    fact: str
    at: Fraction
    before: Any
    after: Any
    carrier: str
    cite: str
    case: Case


def cliffs(
    book: Rulebook, cases: Iterable[Case], rights: Iterable[str] = (), progress: Progress | None = None
) -> list[Cliff]:
    """Every cliff of every amount, in the order of the book, and of every yes-or-no rule named in ``rights``.

    An amount is often reckoned whoever asks; ``rights`` are the rules that say whether it is due at all.
    """
    examples = samples(book, cases, {*amounts(book), *rights}, SAMPLES)
    found: list[_Step] = []
    for done, (name, held) in enumerate(examples.items()):
        found += _of(book, name, held)
        if progress:
            progress(done + 1, len(examples))
    return list(_gathered(book, found))


# -- one amount ---------------------------------------------------------------------------------------


def _of(book: Rulebook, name: str, samples: list[Sample]) -> Iterator[_Step]:
    for (month, rules), held in alike(book, samples).items():
        with suppress(Unprovable):  # rules that are given may be anything of their unit: more than a column can hold
            yield from _Sweep(book, name, month, rules, held).steps()


def _constants(book: Rulebook, name: str) -> set[Fraction]:
    """The numbers that a rule and all it reads write down, and those of their parameters but of provinces and years."""
    found = set[Fraction]()
    for at in beneath(book, name):
        node = book.nodes[at]
        if isinstance(node, Parameter) and not {"region", "year"} & set(node.keys):
            found |= {entry.value for entry in node.entries}
            found |= {Fraction(part) for entry in node.entries for part in entry.key if isinstance(part, int)}
        elif isinstance(node, Rule):
            trees = (function_tree(variant.fn) for variant in node.variants)
            found |= {Fraction(str(n.value)) for tree in trees for n in ast.walk(tree) if _is_literal(n)}
    return found


def _is_literal(node: ast.AST) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool)


def _may_be_swept(node: Node) -> bool:
    """Numbers of which one more or less makes sense: no codes of places, no calendar but that of an age."""
    counted = node.unit.name in COUNTED and not node.name.endswith(PLACES)
    return node.unit.kind == "money" or counted or node.name.endswith("birth_month")


class _Sweep:
    """One amount under the law of one month, over every number its examples were given."""

    def __init__(self, book: Rulebook, name: str, month: int, rules: Collection[str], held: list[Sample]) -> None:
        self.book, self.name, self.month, self.samples = book, name, month, held
        self.money = book.rule(name).unit.kind == "money"
        self.base = columns(book, asked(book, name) | set(rules), held)
        self.kernel = Kernel(book, month, (name,), self.base.schema)
        behind = held_fast(book, rules)
        used = [*self.kernel.plan.used_columns, *(fact for _, fact in self.kernel.plan.used_records)]
        free = [c for c in used if c not in behind and _may_be_swept(book.nodes[c])]
        self.swept = [(k, c) for k, s in enumerate(held) for c in free if value(book, s, c) is not None]
        self.units = np.array([unit(book.nodes[c]) for _, c in self.swept], dtype=np.int64)

    def steps(self) -> Iterator[_Step]:
        constants = _constants(self.book, self.name)
        spans = [self._span(k, column, constants) for k, column in self.swept]
        least = LEAST * self.kernel.plan.outputs[0].scale // 100 if self.money else 0
        for jump in jumps(self._evaluate, spans, least):
            step = self._step(jump)
            if step:
                yield step

    def _span(self, k: int, name: str, constants: set[Fraction]) -> Span:
        node = self.book.nodes[name]
        low, high, scale = bounds(node)
        now, one = stored(node, value(self.book, self.samples[k], name)), unit(node)
        points = [now * part // 12 for part in range(1, 30)] + [int(number * scale) for number in constants]
        return Span(int(low * scale) // one, int(high * scale) // one, tuple(point // one for point in points))

    # -- values ----------------------------------------------------------------------------------------
    def _evaluate(self, which: Any, at: Any) -> tuple[Any, Any]:
        rows = np.array([k for k, _ in self.swept], dtype=np.int64)[which]
        table = self.base.take(pa.array(rows))
        for name in {column for _, column in self.swept}:
            mine = np.nonzero(np.array([column == name for _, column in self.swept])[which])[0]
            table = filled(self.book, table, name, mine, at[mine] * self.units[which][mine])
        result = self.kernel.run(table, 1).table
        found = result.column(0).combine_chunks().cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
        return found if self.money else found * YES, result.column(STATUS).combine_chunks().indices.to_numpy() == 0

    # -- a step, explained -----------------------------------------------------------------------------
    def _step(self, jump: Jump) -> _Step | None:
        k, column = self.swept[jump.which]
        sample, node = self.samples[k], self.book.nodes[column]
        scale = bounds(node)[2] // unit(node)
        sides = tuple(self._explained(sample, column, Fraction(jump.at + d, scale)) for d in (-2, -1, 0, 1))
        path = _path(sides)
        carrier = path[-1][1]
        before, after = next((pair for pair in reversed(path) if self._is_amount(pair[1].name)), path[0])
        if (
            self.money and abs(after.exact - before.exact) * 100 <= LEAST
        ):  # rounded, and multiplied by a number of people
            return None
        return _Step(
            *(self.name, after.name, column, Fraction(jump.at, scale), before.exact, after.exact),
            *(carrier.name.partition("[")[0], carrier.cite, sample.case),
        )

    def _is_amount(self, name: str) -> bool:
        node = self.book.nodes.get(name)
        return node is not None and node.unit.kind == "money" and not self.book.level(name)

    def _explained(self, sample: Sample, column: str, value: Fraction) -> Explanation | None:
        low, high, _ = bounds(self.book.nodes[column])
        try:
            given = moved(self.book, sample, column, value)
            return Person(self.book, self.month, given).explain(self.name) if low <= value <= high else None
        except LawError:
            return None


def _unit(node: Node) -> int:
    """How many storage units a step is: a rule in whole months is given in tenths."""
    return node.unit.given_scale // node.unit.scale if isinstance(node, Rule) else 1


Sides = tuple[Explanation | None, ...]  # two steps before, one before, behind, and one further


def _path(sides: Sides) -> list[tuple[Explanation, Explanation]]:
    """From an amount that jumps down to the rule whose text makes it jump: each rule before and after the step."""
    path: list[tuple[Explanation, Explanation]] = []
    while True:
        _, before, after, _ = sides
        assert before is not None
        assert after is not None
        path.append((before, after))
        steps = [tuple(_input(side, child.name) for side in sides) for child in after.inputs if child.formula]
        decided = [step for step in steps if _decides(step)]
        jumping = [step for step in steps if _jumps(step)] if isinstance(after.exact, Fraction) else []
        if not (decided or jumping):
            return path
        sides = (decided or jumping)[0]


def _input(outer: Explanation | None, name: str) -> Explanation | None:
    return next((step for step in outer.inputs if step.name == name), None) if outer else None


def _decides(sides: Sides) -> bool:
    """Whether a yes or no, or a choice, changes."""
    before, after = sides[1:3]
    return before is not None and after is not None and before.exact != after.exact and not _is_number(after.exact)


def _jumps(sides: Sides) -> bool:
    """Whether a number changes by more than twice what the steps before and after do; a count of one more does not."""
    values = [Fraction(side.exact) if side and _is_number(side.exact) else None for side in sides]
    steps = [None if None in pair else abs(pair[1] - pair[0]) for pair in pairwise(values)]  # type: ignore[operator]
    size, unit = steps[1], sides[2].unit if sides[2] else None
    if not size or (unit and unit.name in STEPPED and size <= 1):
        return False
    return size > 2 * max((step for step in steps[::2] if step is not None), default=Fraction(0))


def _is_number(value: Any) -> bool:
    return isinstance(value, Fraction)


# -- the list -----------------------------------------------------------------------------------------


def _gathered(book: Rulebook, steps: Iterable[_Step]) -> Iterator[Cliff]:
    """Steps of one amount, fact and article as one cliff; a place in money or shares differs by example: the first."""
    held: dict[tuple[str, str, str, str], list[_Step]] = defaultdict(list)
    for step in steps:
        held[step.rule, step.fact, step.carrier, step.cite].append(step)
    order = {name: k for k, name in enumerate(book.nodes)}
    for key in sorted(held, key=lambda key: (order[key[0]], order[key[1]], key[2:])):
        yield _cliff(book, held[key])


def _cliff(book: Rulebook, steps: list[_Step]) -> Cliff:
    fact, rule = book.nodes[steps[0].fact], book.rule(steps[0].rule)
    own = [step for step in steps if step.asked == step.rule] or steps
    if fact.unit.name not in STEPPED:
        own = [step for step in own if step.case is own[0].case]
    largest = max(own, key=lambda step: abs(Fraction(step.after) - Fraction(step.before)))
    return Cliff(
        rule=rule.full_name,
        fact=fact.full_name,
        at=tuple(show(at, fact.unit) for at in sorted({step.at for step in own})),
        place=show(largest.at, fact.unit),
        before=show(largest.before, rule.unit),
        after=show(largest.after, rule.unit),
        carrier=largest.carrier,
        cite=largest.cite,
        case=case_anchor(largest.case),
        also=tuple(sorted({step.asked for step in steps} - {rule.full_name})),
    )
