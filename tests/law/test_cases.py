"""Every worked example of every room: explained one by one, and computed in batches, to the fen.

A stated discrepancy has to be exactly as stated, so that whatever mends it turns the test red.
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

import pyarrow as pa
import pytest

from shebao.engine import Rulebook
from shebao.engine.book import Fact
from shebao.engine.facts import history_names, resolve_given
from shebao.law import rulebook
from shebao.law.cases import Case, load_cases

CASES = load_cases()
IDS = [f"{case.file}:{case.id}" for case in CASES]


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_explained(case: Case) -> None:
    for line in case.compare(rulebook()):
        assert line.holds, f"{line.label} {line.name}: printed {line.printed}, computed {line.computed}"
    assert case.refusals(rulebook()) == dict(case.refused)


def test_every_award_sheet_is_there() -> None:
    sheets = [case for case in CASES if case.source.startswith("award sheet P")]
    assert len(sheets) == 37
    differing = {case.id for case in sheets if case.known}
    assert differing == {"P25", "P52", "P55", "P64"}, "these four sheets disagree with their own arithmetic"


def test_a_discrepancy_is_of_a_rule_that_is_expected_and_says_why() -> None:
    for case in CASES:
        for name, (apart, why) in case.known.items():
            assert name in case.expect, case.id
            assert apart != 0, case.id
            assert len(why) > 10, case.id


# -- the same through the compiled loop -----------------------------------------------------------------


def families() -> dict[str, list[Case]]:
    """Cases that one kernel can compute: same room, rules asked for, histories and overridden rules."""
    book, found = rulebook(), defaultdict(list)
    for case in CASES:
        if not set(case.refused.values()) & {"missing fact", "null"}:  # no column, or nothing in it, to compute from
            found[_signature(book, case)].append(case)
    return {f"{cases[0].file}:{cases[0].id}+{len(cases) - 1}": cases for cases in found.values()}


def _signature(book: Rulebook, case: Case) -> tuple[object, ...]:
    histories = history_names(book)
    special = [
        name
        for name in case.facts
        if case.full_name(name) in histories
        or not isinstance(book.nodes[resolve_given(book, name, (case.room,))], Fact)
    ]
    return case.room, tuple(sorted(special)), tuple(sorted([*case.expect, *case.refused]))


def _table(book: Rulebook, names: list[str], cases: list[Case]) -> pa.Table:
    """What each case gives, as people write it; a case without any fact still needs a row."""
    columns = {name: _column(book, name, cases) for name in names}
    return pa.table(columns or {"row": [0] * len(cases)})


def _column(book: Rulebook, name: str, cases: list[Case]) -> pa.Array:
    """Where a case gives nothing: what the law presumes, else null."""
    room = cases[0].room
    if f"{room}.{name}" in history_names(book):
        return pa.array([case.facts[name] for case in cases])
    node = book.nodes[resolve_given(book, name, (room,))]
    presumed = node.presumed if isinstance(node, Fact) else None
    given = [case.facts.get(name, None if presumed is None else str(presumed)) for case in cases]
    return pa.array(given, pa.string())


FAMILIES = families()


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_computed(family: list[Case]) -> None:
    names = list(dict.fromkeys(name for case in family for name in case.facts))
    for month in sorted({case.month for case in family}):
        check_batch([case for case in family if case.month == month], names)


def check_batch(cases: list[Case], names: list[str]) -> None:
    """Cases of one month in one table: amounts to the fen, refusals by their kind."""
    book, first = rulebook(), cases[0]
    asked = sorted([*first.expect, *first.refused])
    rules = [first.full_name(name) for name in asked]
    result = book.at(first.month).compute(rules, _table(book, names, cases), threads=1)
    scales = [int(result.table.schema.field(i).metadata[b"shebao.scale"]) for i in range(len(asked))]
    for case, row in zip(cases, result.table.to_pylist(), strict=True):
        *values, status = row.values()
        if case.refused:
            assert status.partition(":")[0] in case.refused.values(), case.id
            continue
        assert status == "ok", f"{case.id}: {status}"
        for name, value, scale in zip(asked, values, scales, strict=True):
            line = case.line(book, name, value if isinstance(value, bool) else Fraction(value, scale))
            assert line.holds, f"{case.id} {name}: printed {line.printed}, computed {line.computed}"
