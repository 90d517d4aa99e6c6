"""What a reform changes, thing by thing: for the pages of the law as reformed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from shebao.engine.book import Node, Rule, Variant
from shebao.engine.parameters import FOREVER, Entry, Key, Parameter


def differs(old: Node, new: Node) -> bool:
    """Whether two things of one name say anything else: other values, other formulas, other facts."""
    if old is new:
        return False
    if isinstance(old, Parameter) and isinstance(new, Parameter):
        return next(steps(old, new), None) is not None
    if isinstance(old, Rule) and isinstance(new, Rule):
        return bool(gone(old, new) or brought(old, new))
    return old != new


@dataclass(frozen=True)
class Step:
    """A span of months in which the value of a key is another: what it was and what it is, None for no value."""

    key: Key
    since: int
    until: int
    before: Entry | None
    now: Entry | None

    @property
    def values(self) -> tuple[Fraction | None, Fraction | None]:
        return (self.before.value if self.before else None), (self.now.value if self.now else None)


def steps(old: Parameter, new: Parameter) -> Iterator[Step]:
    """Where the values of a parameter differ, each span as long as both values last."""
    for key, (was, now) in _by_key(old, new).items():
        held = [*was, *now]
        starts = sorted({-FOREVER, *(e.since for e in held), *(e.until + 1 for e in held if e.until < FOREVER)})
        found: list[Step] = []
        for since, after in pairwise([*starts, FOREVER + 1]):
            step = Step(key, since, after - 1, _at(was, since), _at(now, since))
            if found and found[-1].values == step.values:
                found[-1] = replace(found[-1], until=step.until)
            else:
                found.append(step)
        yield from (step for step in found if step.values[0] != step.values[1])


def is_new(old: Parameter | None, entry: Entry) -> bool:
    """Whether the law in force does not say a value for all the months an entry says it; never without ``old``."""
    if old is None:
        return False
    held = (e for e in old.resolved() if e.key == entry.key and e.value == entry.value)
    return not any(e.since <= entry.since and entry.until <= e.until for e in held)


def _by_key(old: Parameter, new: Parameter) -> dict[Key, tuple[list[Entry], list[Entry]]]:
    """The values of each key whose entries are not all the same, before and now."""
    held: dict[Key, tuple[list[Entry], list[Entry]]] = defaultdict(lambda: ([], []))
    for side, parameter in enumerate((old, new)):
        for entry in parameter.resolved():
            held[entry.key][side].append(entry)
    return {key: sides for key, sides in held.items() if sides[0] != sides[1]}


def _at(entries: list[Entry], month: int) -> Entry | None:
    return next((entry for entry in entries if entry.since <= month <= entry.until), None)


def gone(old: Rule, new: Rule) -> list[Variant]:
    """Readings of the law in force that no longer stand, or for a shorter time or in fewer provinces."""
    return [v for v in old.variants if not any(_within(v, other) for other in new.variants)]


def brought(old: Rule, new: Rule) -> list[Variant]:
    """Readings that the law in force does not have; one that was only cut short is none."""
    return [v for v in new.variants if not any(_within(v, other) for other in old.variants)]


def _within(inner: Variant, outer: Variant) -> bool:
    """Whether a reading says nothing that another of the same formula does not say too."""
    if inner.formula != outer.formula or inner.since < outer.since or inner.until > outer.until:
        return False
    return outer.region is None or (inner.region is not None and inner.region <= outer.region)
