"""One source, two readings: the compiled loop, the same text as plain Python, and the explanation agree."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lawmaking import HERE, tiny_book
from readings import explain_row, refusals, run_compiled, run_plain

from shebao.engine import Rulebook, ym
from shebao.engine.book import MONTH, Fact
from shebao.engine.compute import Kernel
from shebao.engine.errors import Unstorable
from shebao.engine.facts import bounds
from shebao.engine.history import history_names
from shebao.engine.rulebook import Law

RULES = sorted(r.full_name for r in tiny_book().rules() if not tiny_book().level(r.full_name))
UNSTORED = {"extra.share"}

# Where the small law has values, so that enough people are computed.
LIKELY: dict[str, list[int]] = {
    "region": [11, 12, 44, 31],
    "scheme.award_month": [ym(y, m) for y in (2010, 2013, 2014, 2019, 2022) for m in (1, 6, 7, 12)],
    "birth_month": [ym(y, 1) for y in (1953, 1959, 1963, 1964, 1969)],
    "scheme.year": [2010, 2011, 2012, 2013, 2014, 2016],
    "extra.paid_month": [ym(1997, 12), ym(1998, 1), ym(2005, 12), ym(2006, 1), ym(2010, 12)],
}


def values(fact: Fact, bad: int) -> st.SearchStrategy[int | None]:
    """A stored value: likely, at an end of its range, anywhere in it, and now and then null or out of range."""
    low, high, scale = bounds(fact)
    lo, hi = int(low * scale), int(high * scale)
    ends = st.sampled_from([lo, hi, min(lo + 1, hi), max(hi - 1, lo), min(max(lo, scale), hi)])
    likely = [st.sampled_from(LIKELY[fact.full_name])] * 6 if fact.full_name in LIKELY else []
    good = [st.integers(lo, hi), ends, *likely]
    wrong = st.sampled_from([None, lo - 1, hi + 1, -(10**15), 10**15])
    return st.integers(0, bad).flatmap(lambda n: wrong if n == bad else st.one_of(good))


def people(book: Rulebook) -> st.SearchStrategy[dict[str, Any]]:
    """A person with every fact of the law, and every history."""
    columns = {f.full_name: values(f, 30) for f in book.facts() if not f.over and f.full_name != MONTH}
    for history, facts in history_names(book).items():
        records = st.fixed_dictionaries({f.name: values(f, 60) for f in facts})
        columns[history] = st.one_of(*[st.lists(records, max_size=4)] * 9, st.none())
    return st.fixed_dictionaries(columns)


def schema(book: Rulebook) -> pa.Schema:
    fields = [(f.full_name, pa.int64()) for f in book.facts() if not f.over and f.full_name != MONTH]
    for history, facts in history_names(book).items():
        fields.append((history, pa.list_(pa.struct([(f.name, pa.int64()) for f in facts]))))
    return pa.schema(fields)


@pytest.fixture(scope="module")
def kernels(law: Law) -> dict[str, Kernel]:
    return {rule: law.kernel([rule], schema(law.book)) for rule in RULES if rule not in UNSTORED}


@given(data=st.data())
def test_the_readings_agree_on_every_rule(law: Law, kernels: dict[str, Kernel], data: st.DataObject) -> None:
    rows = data.draw(st.lists(people(law.book), min_size=1, max_size=2))
    table = pa.Table.from_pylist(rows, schema(law.book))
    for rule, kernel in kernels.items():
        plain = run_plain(kernel, table)
        assert run_compiled(kernel, table) == plain, rule
        for row, found in zip(rows, plain, strict=True):
            expected = explain_row(law, [rule], row)
            if expected[1] != "ok" and found[1] != "ok":  # the loop may meet another reason first
                assert found[1] == expected[1] or found[1] in refusals(law, row), rule
            else:
                assert found == expected, rule


def test_only_an_unrounded_quotient_cannot_be_stored(law: Law) -> None:
    for rule in UNSTORED:
        with pytest.raises(Unstorable):
            law.kernel([rule], schema(law.book))


def test_several_rules_in_one_loop_answer_as_each_alone(law: Law, kernels: dict[str, Kernel]) -> None:
    rules = ["scheme.pension", "scheme.net", "scheme.may_draw", "extra.owed"]
    rows = [good_person(region, date) for region in (11, 44) for date in (ym(2013, 12), ym(2019, 7))]
    table = pa.Table.from_pylist(rows, schema(law.book))
    together = run_compiled(law.kernel(rules, schema(law.book)), table)
    alone = [run_compiled(kernels[rule], table) for rule in rules]
    assert [status for _, status in together] == ["ok"] * 4
    assert [amounts for amounts, _ in together] == [
        tuple(row[0][0] for row in column) for column in zip(*alone, strict=True)
    ]


def good_person(region: int, date: int) -> dict[str, Any]:
    return {
        "region": region,
        "sex": 1,
        "birth_month": date - 12 * 60,
        "scheme.award_month": date,
        "scheme.months_paid": 185,
        "scheme.index": 8_125,
        "scheme.balance": 4_567_890,
        "scheme.certificate": 1,
        "scheme.local_years": 123_456,
        "scheme.debt": 10_001,
        "scheme.grade": 1,
        "extra.children": 2,
        "extra.winter_days": 100,
        "scheme.years": [{"year": 2010, "paid_in": 123_456}, {"year": 2011, "paid_in": 7}],
        "scheme.household": [{"member_income": 5}],
        "extra.payments": [{"paid_month": ym(2006, 1), "base": 300_000, "kind": 0}],
    }


# -- without the compiler -------------------------------------------------------------------------
def test_without_the_compiler_the_table_is_the_same(law: Law, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = ["scheme.pension", "scheme.net", "scheme.may_draw", "scheme.difference", "extra.season"]
    rows = [good_person(region, date) for region in (11, 44, 31) for date in (ym(2013, 12), ym(2016, 1), ym(2019, 7))]
    rows += [{**rows[0], "scheme.index": None}, {**rows[0], "scheme.years": None}, {**rows[0], "scheme.index": -1}]
    table = pa.Table.from_pylist(rows, schema(law.book))
    compiled = law.compute(rules, table)
    monkeypatch.setenv("SHEBAO_NOJIT", "1")
    plain = law.compute(rules, table)
    assert plain.table.to_pylist() == compiled.table.to_pylist()
    assert plain.table.schema == compiled.table.schema
    assert plain.report.reasons == compiled.report.reasons
    assert compiled.report.computed == 4


def test_a_debugger_stops_in_the_law_s_own_file(law: Law, monkeypatch: pytest.MonkeyPatch) -> None:
    """The functions that run without the compiler carry the file and the lines of the law's text."""
    file = Path(HERE) / "tinylaw" / "scheme" / "rules.py"
    stops: set[int] = set()

    def trace(frame: Any, event: str, _: object) -> Any:
        if frame.f_code.co_filename != str(file):
            return None
        if event == "line":
            stops.add(frame.f_lineno)
        return trace

    kernel = law.kernel(["scheme.local"], schema(law.book))
    table = pa.Table.from_pylist([good_person(44, ym(2019, 7))], schema(law.book))
    monkeypatch.setenv("SHEBAO_NOJIT", "1")
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        kernel.run(table)
    finally:
        sys.settrace(before)
    lines = file.read_text(encoding="utf-8").splitlines()
    assert [lines[n - 1].strip() for n in sorted(stops)] == [
        "if index < 1 and local_years > 10:",
        "bonus = 100 + 4 * truncate(local_years, 0)",
        "return to_fen(bonus)",
    ]


def test_the_exact_function_has_the_lines_of_the_written_one(tiny: Rulebook) -> None:
    def lines(code: Any) -> Iterator[int]:
        return (line for _, _, line in code.co_lines() if line)

    for rule in tiny.rules():
        for variant in rule.variants:
            written, exact = variant.fn.__code__, variant.exact.__code__
            assert exact.co_filename == written.co_filename
            assert exact.co_name == written.co_name
            assert set(lines(exact)) - {exact.co_firstlineno} <= set(lines(written))
