"""Which earlier months' law has changed since they were collected or decided on, judged by what decides alone.

Of every month a hash is kept with the step: of the rules, and the values of parameters, that a contribution, or an
award, of that month is made of in this province. A change of another room, province or date leaves it as it was.
"""

from __future__ import annotations

import ast
import datetime as dt
import functools
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shebao.engine.book import Node, Rule, Variant
from shebao.engine.parameters import Entry, Parameter
from shebao.engine.reading import Reading
from shebao.engine.rulebook import Law
from shebao.engine.source import function_tree
from shebao.month.context import Context
from shebao.month.contributions import RESIDENT_RULES, RULES

_RULES = tuple(dict.fromkeys(rule for rules in RULES.values() for rule in rules.values()))
_RESIDENT = tuple(RESIDENT_RULES.values())


@dataclass(frozen=True)
class Laws:
    """The law of the months of the books: hashes by month ``2025-03`` and, of residents, by year ``2025``.

    ``months`` and ``years`` are those before the month being run (the year itself included) whose law has changed.
    """

    hashes: dict[str, str]
    months: list[dt.date]
    years: list[dt.date]


def laws_since_opening(context: Context) -> Laws:
    """Compares the law of every month since the books opened with the law by which it was last collected."""
    opened = context.books.rows(
        "SELECT DISTINCT month FROM period_event WHERE region = %(r)s AND month <= %(m)s ORDER BY month",
        r=context.region,
        m=context.month,
    )
    months = [month for (month,) in opened]
    years = sorted({month.replace(month=1) for month in months})
    kept = _kept(context, "collect")
    hashes = {f"{month:%Y-%m}": deciding(context.law_of(month), context.region, _RULES) for month in months}
    hashes |= {f"{year:%Y}": deciding(context.law_of(year), context.region, _RESIDENT) for year in years}
    return Laws(
        hashes,
        [m for m in months if m < context.month and hashes[f"{m:%Y-%m}"] != kept.get(f"{m:%Y-%m}")],
        # A year of which nothing is kept has not been collected at all.
        [y for y in years if hashes[f"{y:%Y}"] != kept.get(f"{y:%Y}", hashes[f"{y:%Y}"])],
    )


@dataclass
class Watch:
    """The law of what a step decided on by months: the hashes it kept when it last ran, and those it keeps now.

    Their names are what was decided on and the month: ``resident_pension 2025-03``.
    """

    context: Context
    kept: Mapping[str, str]
    now: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, context: Context, step: str) -> Watch:
        return cls(context, _kept(context, step))

    def changed(self, what: str, months: Iterable[dt.date], rules: Sequence[str]) -> list[dt.date]:
        """The months whose law of these rules is another than it was; a month seen for the first time is none."""
        found = []
        for month in months:
            name = f"{what} {month:%Y-%m}"
            self.now[name] = deciding(self.context.law_of(month), self.context.region, rules)
            if self.kept.get(name, self.now[name]) != self.now[name]:
                found.append(month)
        return found

    def again(self, what: str, months: Iterable[dt.date]) -> None:
        """What of these months could not be decided by the changed law is looked at again by the next run."""
        for month in months:
            name = f"{what} {month:%Y-%m}"
            self.now[name] = self.kept.get(name, "")


def _kept(context: Context, step: str) -> dict[str, str]:
    """What the step's last run kept: it looked at every month whose law had changed by then."""
    found = context.books.rows(
        """SELECT summary -> 'laws' FROM run_step WHERE region = %(r)s AND step = %(s)s
           ORDER BY month DESC, round DESC LIMIT 1""",
        r=context.region,
        s=step,
    )
    return dict(found[0][0] or {}) if found else {}


# -- what decides ------------------------------------------------------------------------------------------


def deciding(law: Law, region: int, rules: Sequence[str]) -> str:
    """A hash of all that decides these rules in the month of the law, for people of one province."""
    reading = Reading(law.book, law.month, tuple(rules), {})
    reading.assumed = frozenset({region})
    made = hashlib.sha256()
    for name in sorted(reading.needed):
        for part in _content(reading, law.book.nodes[name], region):
            made.update(f"{name}\0{part}\0".encode())
    return made.hexdigest()[:16]


def _content(reading: Reading, node: Node, region: int) -> Iterator[str]:
    if not isinstance(node, Rule):
        yield repr(node)
        return
    static = reading.static_date(node)
    yield node.dated_by
    for variant in reading.variants(node):
        # What holds in this month holds, whenever it began; what another date chooses is chosen by its bounds.
        yield f"{'' if static else (variant.since, variant.until)} {_text(variant.fn)}"
        for parameter in _parameters(reading, node, variant):
            entries = _entries(parameter, region)
            if static:
                entries = (entry for entry in entries if entry.since <= reading.month <= entry.until)
            yield f"{parameter.full_name} {sorted(_value(entry, static) for entry in entries)}"


def _parameters(reading: Reading, rule: Rule, variant: Variant) -> Iterator[Parameter]:
    for name in reading.book.wires(rule, variant):
        node = reading.book.nodes.get(name)
        if isinstance(node, Parameter):
            yield node


def _entries(parameter: Parameter, region: int) -> Iterable[Entry]:
    """The values that people of the province can meet."""
    if "region" not in parameter.keys:
        return parameter.resolved()
    at = parameter.keys.index("region")
    return (entry for entry in parameter.resolved() if entry.key[at] == region)


def _value(entry: Entry, static: bool) -> str:
    return f"{entry.key} {entry.value}" if static else f"{entry.key} {entry.since} {entry.until} {entry.value}"


@functools.cache
def _text(function: Callable[..., Any]) -> str:
    return ast.dump(function_tree(function))
