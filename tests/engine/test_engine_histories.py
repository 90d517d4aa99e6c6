"""Accruals and totals are plain folds over the records of a history."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lawmaking import MakeLaw
from readings import run_compiled, run_explained, run_plain

from shebao.engine import BookError, Refused, Rulebook, half_up, to_fen, ym
from shebao.engine.compute import Kernel
from shebao.engine.rulebook import Law

RATES = {2010: "0.0225", 2011: "0.035", 2012: "0.035", 2013: "0.03", 2014: "0.0262", 2016: "0.0831"}
FOLDS = ["scheme.saved", "scheme.product", "scheme.interest_sum", "scheme.years_counted", "scheme.household_income"]
PAYMENTS = ["extra.contributed", "extra.full_months"]

years = st.lists(
    st.fixed_dictionaries({"year": st.sampled_from(sorted(RATES)), "paid_in": st.integers(0, 100_000_000)}), max_size=5
)
members = st.lists(st.fixed_dictionaries({"member_income": st.integers(0, 100_000_000)}), max_size=3)
payments = st.lists(
    st.fixed_dictionaries(
        {
            "paid_month": st.integers(ym(1995, 1), ym(2012, 12)),
            "base": st.integers(0, 10_000_000),
            "kind": st.sampled_from(["worker", "flexible"]),
        }
    ),
    max_size=4,
)
person = st.fixed_dictionaries({"debt": st.integers(0, 10_000_000), "years": years, "household": members})


def expected(row: dict[str, Any]) -> tuple[Fraction | int, ...]:
    """The same folds in plain Python."""
    saved, product, interest = Fraction(0), Fraction(row["debt"], 100), Fraction(0)
    for record in row["years"]:
        rate, paid = Fraction(RATES[record["year"]]), Fraction(record["paid_in"], 100)
        saved = to_fen(saved * (1 + rate) + paid)
        product += saved
        interest += to_fen(paid * rate / 2)
    household = sum(Fraction(m["member_income"], 100) for m in row["household"])
    return saved, product, interest, len(row["years"]), household


SCHEMA = pa.schema(
    [
        ("debt", pa.int64()),
        ("years", pa.list_(pa.struct([("year", pa.int64()), ("paid_in", pa.int64())]))),
        ("household", pa.list_(pa.struct([("member_income", pa.int64())]))),
    ]
)
PAYMENT = pa.struct([("paid_month", pa.int64()), ("base", pa.int64()), ("kind", pa.string())])
PAYMENTS_SCHEMA = pa.schema([("wage", pa.int64()), ("payments", pa.list_(PAYMENT))])


@pytest.fixture(scope="module")
def folds(law: Law) -> Kernel:
    return law.kernel(FOLDS, SCHEMA)


@pytest.fixture(scope="module")
def paying(law: Law) -> Kernel:
    return law.kernel(PAYMENTS, PAYMENTS_SCHEMA)


@given(rows=st.lists(person, min_size=1, max_size=3))
def test_accruals_and_totals_are_plain_folds(law: Law, folds: Kernel, rows: list[dict[str, Any]]) -> None:
    table = pa.Table.from_pylist(rows, SCHEMA)
    wanted = [(expected(row), "ok") for row in rows]
    assert run_plain(folds, table) == wanted
    assert run_compiled(folds, table) == wanted
    assert run_explained(law, FOLDS, table) == wanted


@given(
    rows=st.lists(
        st.fixed_dictionaries({"wage": st.integers(0, 10_000_000), "payments": payments}), min_size=1, max_size=3
    )
)
def test_each_record_has_the_law_of_its_own_month(law: Law, paying: Kernel, rows: list[dict[str, Any]]) -> None:
    """3 % until 1997; then 8 % or 20 %; from 2006 to 2010 a worker's 11 %."""

    def rate(month: int, kind: str) -> Fraction:
        if month < ym(1998, 1):
            return Fraction(3, 100)
        if kind == "flexible":
            return Fraction(20, 100)
        return Fraction(11 if ym(2006, 1) <= month <= ym(2010, 12) else 8, 100)

    wanted = []
    for row in rows:
        months = row["payments"]
        gap = any(r["kind"] == "worker" and r["paid_month"] > ym(2010, 12) for r in months)
        paid = sum(to_fen(Fraction(r["base"], 100) * rate(r["paid_month"], r["kind"])) for r in months)
        full = sum(r["base"] >= Fraction(row["wage"]) * Fraction(6, 10) for r in months)
        wanted.append(((None, None), "missing parameter: extra.late_rate") if gap else ((paid, full), "ok"))
    table = pa.Table.from_pylist(rows, PAYMENTS_SCHEMA)
    assert run_explained(law, PAYMENTS, table) == wanted
    assert run_plain(paying, table) == wanted
    assert run_compiled(paying, table) == wanted


def test_an_empty_history_leaves_the_initial_state(folds: Kernel) -> None:
    table = pa.Table.from_pylist([{"debt": 705, "years": [], "household": []}], SCHEMA)
    assert run_compiled(folds, table) == [((0, Fraction("7.05"), 0, 0, 0), "ok")]


def test_a_null_history_is_refused_not_empty(folds: Kernel) -> None:
    table = pa.Table.from_pylist(
        [{"debt": 0, "years": None, "household": []}, {"debt": 0, "years": [], "household": None}], SCHEMA
    )
    assert [status for _, status in run_compiled(folds, table)] == ["null: scheme.years", "null: scheme.household"]


@pytest.mark.parametrize(
    ("record", "status"),
    [
        ({"year": 2015, "paid_in": 1}, "missing parameter: scheme.interest"),
        ({"year": 1989, "paid_in": 1}, "out of range: scheme.year"),
        ({"year": 2010, "paid_in": None}, "null: scheme.paid_in"),
        ({"year": None, "paid_in": 1}, "null: scheme.year"),
        ({"year": 2010, "paid_in": -1}, "out of range: scheme.paid_in"),
    ],
)
def test_one_bad_record_refuses_the_person_and_no_other(
    law: Law, folds: Kernel, record: dict[str, Any], status: str
) -> None:
    good = {"year": 2010, "paid_in": 100}
    rows = [{"debt": 0, "years": y, "household": []} for y in ([good], [good, record, good], [good])]
    table = pa.Table.from_pylist(rows, SCHEMA)
    assert [s for _, s in run_compiled(folds, table)] == ["ok", status, "ok"]
    assert [s for _, s in run_explained(law, FOLDS, table)] == ["ok", status, "ok"]


def test_a_household_is_summed_over_its_members(law: Law) -> None:
    step = law.explain("scheme.household_income", {"household": [{"member_income": "1.50"}, {"member_income": 2}]})
    assert step.value == "3.50"
    assert [child.name for child in step.inputs] == ["scheme.household_income[0]", "scheme.household_income[1]"]
    assert [child.value for child in step.inputs] == ["1.50", "3.50"]


def test_a_rule_of_the_person_combines_histories(law: Law) -> None:
    facts = {"years": [{"year": 2010, "paid_in": 100}], "household": [{"member_income": "40.5"}]}
    assert law.explain("scheme.difference", facts).value == "60.50"


# -- the range of a state -------------------------------------------------------------------------
FACTS = "x = fact(Yuan, 0, 10_000, label='额')\nh = fact(Yuan, 0, 1000, label='记', over='hs')\n"
ROWS = pa.list_(pa.struct([("h", pa.int64())]))


def statuses(book: Rulebook, rule: str, table: pa.Table) -> list[list[object]]:
    """What the three readings say, row by row."""
    law = book.at("2025-01")
    kernel = law.kernel([rule], table.schema)
    three = [run_plain(kernel, table), run_compiled(kernel, table), run_explained(law, [rule], table)]
    return [[value if status == "ok" else status for (value,), status in rows] for rows in three]


def all_say(book: Rulebook, rule: str, table: pa.Table, wanted: list[object]) -> None:
    assert statuses(book, rule, table) == [wanted] * 3


def history(*lists: list[int]) -> pa.Array:
    return pa.array([[{"h": h} for h in entries] for entries in lists], ROWS)


@pytest.mark.parametrize("step", ["before + h", "before - h"])
def test_a_state_is_kept_in_its_range_at_every_step(make_law: MakeLaw, step: str) -> None:
    book = make_law(
        FACTS
        + "@accrual(over='hs', initial=3, low=1, high=5, cite='一', label='态')\n"
        + f"def s(before, h) -> Yuan:\n    return {step}\n"
    )
    table = pa.table({"hs": history([200], [201], [100, 100], [100, 101], [201, 0], [])})
    out = "out of range: s"
    all_say(book, "s", table, [5 if "+" in step else 1, out, 5 if "+" in step else 1, out, out, 3])


def test_a_total_is_kept_in_its_range(make_law: MakeLaw) -> None:
    book = make_law(FACTS + "@total(over='hs', high=5, cite='一', label='和')\ndef s(h) -> Yuan:\n    return h\n")
    all_say(book, "s", pa.table({"hs": history([500], [300, 201], [])}), [5, "out of range: s", 0])


def test_a_state_that_starts_outside_its_range_is_refused(make_law: MakeLaw) -> None:
    book = make_law(
        FACTS + "@rule(cite='一', label='起')\ndef start(x) -> Yuan:\n    return 5 - x\n"
        "@accrual(over='hs', initial='start', high=100, cite='一', label='态')\n"
        "def s(before, h) -> Yuan:\n    return to_fen(before / 3)\n"
    )
    table = pa.table({"x": [500, 501, 200, 501], "hs": history([0], [0], [0], [])})
    all_say(book, "s", table, [0, "out of range: s", 1, "out of range: s"])


def test_a_total_must_reach_its_least(make_law: MakeLaw) -> None:
    """An empty history is refused, so that a quotient by the sum needs no guard – also where only some need it."""
    book = make_law(
        FACTS + "@total(over='hs', low=2, high=100, cite='一', label='和')\ndef s(h) -> Count:\n    return 1\n"
        "@rule(cite='一', label='均')\ndef part(x, s) -> Yuan:\n    return to_fen(x / s)\n"
        "@rule(cite='一', label='或')\ndef some(x, part) -> Yuan:\n    return part if x > 1 else 0\n"
    )
    table = pa.table({"x": [600, 600, 600, 50], "hs": history([1], [1, 2], [], [])})
    all_say(book, "s", table, ["out of range: s", 2, "out of range: s", "out of range: s"])
    all_say(book, "part", table, ["out of range: s", 3, "out of range: s", "out of range: s"])
    all_say(book, "some", table, ["out of range: s", 3, "out of range: s", 0])


def test_a_state_must_be_rounded_to_its_storage(make_law: MakeLaw) -> None:
    book = make_law(
        FACTS
        + "@accrual(over='hs', initial=0, high=100, cite='一', label='态')\n"
        + "def s(before, h) -> Yuan:\n    return before + h / 3\n"
    )
    with pytest.raises(BookError, match=r"rules\.py:[46]: rule s: must be rounded to 1/100"):
        book.at("2025-01").kernel(["s"], pa.schema([("hs", ROWS)]))


# -- what a record may read -----------------------------------------------------------------------
def test_a_total_may_count_the_records_of_a_condition(make_law: MakeLaw) -> None:
    book = make_law(
        FACTS + "@total(over='hs', high=100, cite='一', label='数')\ndef s(h) -> Count:\n    return h > 5\n"
    )
    all_say(book, "s", pa.table({"hs": history([501, 500, 600], [])}), [2, 0])


def test_a_fact_of_the_person_is_only_asked_where_a_record_needs_it(make_law: MakeLaw) -> None:
    book = make_law(
        FACTS + "@accrual(over='hs', initial=0, high=100_000, cite='一', label='态')\n"
        "def s(before, h, x) -> Yuan:\n    return min(before + h + x, 100)\n"
    )
    table = pa.table({"x": pa.array([None, None, 200]), "hs": history([], [100], [100])})
    all_say(book, "s", table, [0, "null: x", 3])


def test_a_record_s_fact_may_be_presumed(make_law: MakeLaw) -> None:
    book = make_law(
        FACTS + "k = fact(Yuan, 0, 1000, label='推', over='hs', presumed=7)\n"
        "@total(over='hs', high=100_000, cite='一', label='和')\ndef s(h, k) -> Yuan:\n    return h + k\n"
    )
    all_say(book, "s", pa.table({"hs": history([300], [])}), [10, 0])


def test_records_that_lack_a_column_are_refused_before_anything_runs(law: Law) -> None:
    schema = pa.schema([("years", pa.list_(pa.struct([("year", pa.int64())])))])
    with pytest.raises(BookError, match=r"the records of scheme\.years have no column paid_in"):
        law.kernel(["scheme.saved"], schema)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"years": "x"}, r"scheme\.years is a list of records"),
        ({"years": [3]}, r"scheme\.years is a list of records"),
        ({"years": [{"year": 2010, "pay_in": 3}]}, r"scheme\.years\[0\]: unknown fact 'pay_in'"),
        ({"years": [{"year": 2010, "paid_in": 0.1}]}, "binary float"),
    ],
)
def test_a_history_wrongly_written_is_refused(law: Law, facts: dict[str, Any], reason: str) -> None:
    with pytest.raises(BookError, match=reason):
        law.explain("scheme.saved", facts)


def test_a_missing_fact_of_a_record_is_named(law: Law) -> None:
    with pytest.raises(Refused, match=r"missing fact: scheme\.paid_in"):
        law.explain("scheme.saved", {"years": [{"year": 2010}]})


def test_a_room_may_sum_over_the_history_of_the_room_around_it(make_law: MakeLaw) -> None:
    files = {
        "inner/__init__.py": "from shebao.engine import Room\nROOM = Room(label='内', modules=['m'])\n",
        "inner/m.py": "@total(over='hs', high=100, cite='一', label='和')\ndef s(h) -> Yuan:\n    return h\n",
    }
    book = make_law(FACTS, files=files)
    assert book.at("2025-01").explain("inner.s", {"hs": [{"h": 2}, {"h": 3}]}).value == "5.00"
    all_say(book, "inner.s", pa.table({"hs": history([200, 300])}), [5])


def test_half_a_fen_is_rounded_in_the_loop_as_outside(make_law: MakeLaw) -> None:
    book = make_law(
        FACTS
        + "@accrual(over='hs', initial=0, low=-100, high=100, cite='一', label='态')\n"
        + "def s(before, h) -> Yuan:\n    return to_fen(before / 2 - h / 8)\n"
    )
    entries = [[1, 4, 12, 20], [4], [100, 0, 0]]
    wanted = []
    for records in entries:
        state = Fraction(0)
        for h in records:
            state = half_up(state / 2 - Fraction(h, 800), 2)
        wanted.append(state)
    all_say(book, "s", pa.table({"hs": history(*entries)}), wanted)
