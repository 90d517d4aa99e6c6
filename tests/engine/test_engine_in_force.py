"""Each person under the law of their own date and province, in one table; those the law refuses say why."""

from __future__ import annotations

from fractions import Fraction

import pyarrow as pa
import pytest
from lawmaking import MakeLaw
from readings import run_compiled, run_explained

from shebao.engine import BookError, Rulebook, ym
from shebao.engine.compute import Kernel, Report, Result

PEOPLE = [
    # region, award month, index, local years, certificate
    (11, ym(2013, 12), 8_125, None, 1),
    (11, ym(2014, 1), 8_125, None, 0),
    (11, ym(2019, 6), 8_125, None, 1),
    (44, ym(2022, 1), 9_000, 123_456, None),
    (44, ym(2022, 1), 9_000, None, 1),
    (44, ym(2013, 1), None, 10_000, 1),
    (31, ym(2022, 1), 9_000, 10_000, 1),
    (12, ym(2016, 1), 9_000, 10_000, 1),
    (44, ym(2022, 1), 60_000, 10_000, 1),
    (None, ym(2022, 1), 9_000, 10_000, 1),
    (66, ym(2022, 1), 9_000, 10_000, 1),
    (44, None, 12_000, None, None),
    (11, None, None, None, 0),
]
AMOUNTS = [Fraction("240.1"), 0, Fraction("379.2"), 148]  # by the law of 2013, 2014, 2019, and of Guangdong
STATUSES = [
    "ok",
    "ok",
    "ok",
    "ok",
    "null: scheme.local_years",
    "null: scheme.index",
    "not covered: scheme.local",
    "missing parameter: scheme.published_wage",
    "out of range: scheme.index",
    "null: region",
    "out of range: region",
    "ok",
    "ok",
]


@pytest.fixture(scope="module")
def people() -> pa.Table:
    names = ["region", "award_month", "index", "local_years", "certificate"]
    return pa.table({name: pa.array(column) for name, column in zip(names, zip(*PEOPLE, strict=True), strict=True)})


@pytest.fixture(scope="module")
def kernel(tiny: Rulebook, people: pa.Table) -> Kernel:
    return tiny.at("2025-03").kernel(["scheme.local"], people.schema)


@pytest.fixture(scope="module")
def result(kernel: Kernel, people: pa.Table) -> Result:
    return kernel.run(people)


def test_each_row_has_the_law_of_its_own_date_and_province(tiny: Rulebook, kernel: Kernel, people: pa.Table) -> None:
    rows = run_compiled(kernel, people)
    assert rows == run_explained(tiny.at("2025-03"), ["scheme.local"], people)
    assert [row[0][0] for row in rows[:4]] == AMOUNTS


def test_the_status_names_the_reason_and_the_amount_is_null(result: Result) -> None:
    assert result.table.column("status").to_pylist() == STATUSES
    amounts = result.table.column("local").to_pylist()
    assert [amount is None for amount in amounts] == [status != "ok" for status in STATUSES]


def test_only_the_people_a_variant_covers_are_asked_for_its_facts(result: Result) -> None:
    """Beijing's rows have no local years and Guangdong's fourth no certificate; neither variant asks for it."""
    assert result.table.column("status").to_pylist()[:4] == ["ok"] * 4


def test_only_the_people_whose_path_needs_a_fact_are_asked_for_it(result: Result) -> None:
    """An index of 1.2 makes the local years of Guangdong idle, no certificate makes the wage of Beijing idle."""
    rows = result.table.slice(11).to_pylist()
    assert [(r["local"], r["status"]) for r in rows] == [(5_000, "ok"), (0, "ok")]


def test_the_report_counts_and_gives_an_example_of_each_reason(result: Result) -> None:
    report = result.report
    assert (report.rows, report.computed) == (13, 6)
    assert report.reasons == {status: 1 for status in STATUSES if status != "ok"}
    assert set(report.examples) == set(report.reasons)
    for status, (row, text) in report.examples.items():
        assert STATUSES[row] == status
        assert text.startswith(status)
    assert "region=12, year=2016" in report.examples["missing parameter: scheme.published_wage"][1]
    assert "region 31" in report.examples["not covered: scheme.local"][1]


def test_reports_add_up_and_rows_count_on() -> None:
    first = Report(3, {"null: a": 1}, {"null: a": (2, "first")})
    second = Report(5, {"null: a": 2, "null: b": 1}, {"null: a": (0, "later"), "null: b": (4, "new")})
    both = first.plus(second)
    assert (both.rows, both.computed, both.reasons) == (8, 4, {"null: a": 3, "null: b": 1})
    assert both.examples == {"null: a": (2, "first"), "null: b": (7, "new")}


def test_the_month_of_the_run_dates_what_nothing_else_dates(tiny: Rulebook) -> None:
    table = pa.table({"winter_days": [100, 100], "region": [11, 44], "children": [2, 0]})
    answers = {}
    for month in ("2010-10", "2019-12", "2020-01"):
        answers[month] = tiny.at(month).compute(["extra.heating"], table).table.to_pylist()
    assert [r["status"] for r in answers["2010-10"]] == ["missing parameter: extra.heating_rate"] * 2
    assert [r["heating"] for r in answers["2019-12"]] == [43_500, 43_500]
    assert [r["heating"] for r in answers["2020-01"]] == [55_400, None]
    assert answers["2020-01"][1]["status"] == "not covered: extra.heating"


def test_a_column_may_give_the_month_of_the_run(tiny: Rulebook) -> None:
    table = pa.table(
        {"month": ["2015-01", "2021-01"], "winter_days": [100, 100], "region": [11, 11], "children": [2, 2]}
    )
    assert tiny.at("2025-03").compute(["extra.heating"], table).table.column(0).to_pylist() == [43_500, 55_400]


def test_a_column_may_give_a_rule_and_then_overrides_it(tiny: Rulebook) -> None:
    table = pa.table({"wage": pa.array([500_000, None]), "index": [10_000, 10_000], "months_paid": [120, 120]})
    rows = tiny.at("2025-03").compute(["scheme.basic"], table).table.to_pylist()
    assert [(r["basic"], r["status"]) for r in rows] == [(50_000, "ok"), (None, "null: scheme.wage")]


def test_a_presumed_fact_needs_no_column(tiny: Rulebook) -> None:
    table = pa.table({"wage": [500_000], "region": [11], "award_month": ["2013-01"]})
    assert tiny.at("2025-03").compute(["scheme.local"], table).table.column(0).to_pylist() == [0]


def test_a_column_that_every_row_needs_is_missed_before_anything_runs(tiny: Rulebook) -> None:
    table = pa.table({"index": [1], "months_payed": [1], "region": [11], "award_month": ["2013-01"]})
    with pytest.raises(BookError, match="unknown column 'months_payed'; did you mean 'months_paid'"):
        tiny.at("2025-03").kernel(["scheme.basic"], table.schema)
    named = table.rename_columns(["index", "months_payments", "region", "award_month"])
    lacks = r"the table lacks scheme\.months_paid \(is it the column 'months_payments'\?\)"
    with pytest.raises(BookError, match=lacks):
        tiny.at("2025-03").kernel(["scheme.basic"], named.schema)


def test_a_history_that_every_row_needs_is_missed_before_anything_runs(tiny: Rulebook) -> None:
    with pytest.raises(BookError, match=r"the table lacks scheme\.years"):
        tiny.at("2025-03").kernel(["scheme.saved"], pa.schema([("debt", pa.int64())]))


def test_a_column_only_some_people_need_is_missed_by_them_alone(tiny: Rulebook) -> None:
    table = pa.table(
        {"region": [11, 44], "award_month": ["2013-01"] * 2, "index": [9_000] * 2, "certificate": [True] * 2}
    )
    rows = tiny.at("2025-03").compute(["scheme.local"], table).table.to_pylist()
    assert [r["status"] for r in rows] == ["ok", "missing fact: scheme.local_years"]


def test_columns_the_law_does_not_know_are_ignored_and_reported(tiny: Rulebook) -> None:
    table = pa.table({"index": [3_000], "citizen": ["x"]})
    result = tiny.at("2025-03").compute(["scheme.ratio"], table)
    assert result.report.ignored == ("citizen",)
    assert result.table.column_names == ["ratio", "status"]


def test_the_result_says_rule_unit_and_scale(result: Result) -> None:
    field = result.table.schema.field("local")
    assert field.type == pa.int64()
    assert field.metadata == {b"shebao.rule": b"scheme.local", b"shebao.unit": b"YuanPerMonth", b"shebao.scale": b"100"}
    assert not result.table.schema.field("status").nullable


def test_results_have_the_arrow_type_of_their_unit(tiny: Rulebook) -> None:
    table = pa.table({"award_month": ["2013-01", "2013-12"], "grade": ["low", "high"], "award": [1, 2]})
    result = tiny.at("2025-03").compute(["extra.season", "scheme.is_high"], table).table
    season = result.schema.field("season")
    words = season.metadata[b"shebao.values"].decode().split(",")
    assert [words[code] for code in result.column("season").to_pylist()] == ["first_half", "second_half"]
    assert (season.type, result.schema.field("is_high").type) == (pa.int8(), pa.bool_())
    assert result.column("is_high").to_pylist() == [False, True]


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ([], "at least one rule"),
        (["scheme.ratio", "ratio"], "asked for twice"),
        (["scheme.index"], "is a fact, not a rule"),
        (["scheme.year_interest"], "rule of each record of years"),
    ],
)
def test_rules_that_cannot_be_asked(tiny: Rulebook, rules: list[str], reason: str) -> None:
    with pytest.raises(BookError, match=reason):
        tiny.at("2025-03").compute(rules, pa.table({"index": [1]}))


def test_rules_of_one_name_keep_their_rooms_in_the_result(make_law: MakeLaw) -> None:
    files = {}
    for room, amount in (("a", 1), ("b", 2)):
        files[f"{room}/__init__.py"] = "from shebao.engine import Room\nROOM = Room(label='室', modules=['m'])\n"
        files[f"{room}/m.py"] = f"@rule(cite='一', label='额')\ndef amount() -> Yuan:\n    return {amount}\n"
    table = make_law(files=files).at("2025-01").compute(["a.amount", "b.amount"], pa.table({"row": [0, 1]})).table
    assert table.select([0, 1]).to_pydict() == {"a.amount": [100, 100], "b.amount": [200, 200]}
