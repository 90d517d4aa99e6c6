"""The benchmark tells the truth: rivals compute the same law, wrong fen are counted, missed promises show."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from bench import case, data, every, reference, report
from bench.parts import ORDER, Section, Target, kernel
from bench.rivals import Absent, c, numpy_

PEOPLE = 1_000


@pytest.fixture(scope="module")
def people() -> data.Columns:
    return data.block(0, PEOPLE)


@pytest.fixture(scope="module")
def truth(people: data.Columns) -> data.Columns:
    return reference.exact(case.tables(), people)


def test_the_reference_is_what_explain_says(people: data.Columns) -> None:
    reference.check_against_explain(case.tables(), people, 50)


def test_shebao_is_exact(people: data.Columns, truth: data.Columns) -> None:
    result = case.law().compute(case.full_names(), data.batch(people), threads=1)
    assert not result.report.reasons
    computed = {name: result.table.column(name).to_numpy() for name in case.RULES}
    assert reference.wrong(computed, truth) == 0


def test_the_loop_alone_is_exact(people: data.Columns, truth: data.Columns) -> None:
    assert reference.wrong(kernel.shebao_loop(people, 1)(), truth) == 0


@pytest.mark.parametrize("checked", [False, True])
def test_c_computes_the_same_law(people: data.Columns, truth: data.Columns, checked: bool) -> None:
    try:
        run = c.prepare(case.tables(), people, 1, checked)
    except Absent as reason:
        pytest.skip(str(reason))
    assert reference.wrong(run(), truth) == 0


def test_numpy_computes_the_same_law(people: data.Columns, truth: data.Columns) -> None:
    assert reference.wrong(numpy_.prepare(case.tables(), people, 2)(), truth) == 0


def test_a_wrong_fen_is_counted(truth: data.Columns) -> None:
    off = {name: values.copy() for name, values in truth.items()}
    off["basic_pension"][3] += 1
    off["adjustment"][3] -= 1
    off["adjusted_pension"][7] += 100
    assert reference.wrong(off, truth) == 2


def test_people_are_the_same_however_many_are_asked_for() -> None:
    few, more = data.block(2, 5), data.block(2, 50)
    assert all((few[name] == more[name][:5]).all() for name in data.FACTS)


def test_every_part_can_be_run() -> None:
    from importlib import import_module

    assert all(callable(import_module(f"bench.parts.{name}").run) for name in ORDER)


def test_a_missed_promise_is_told(tmp_path: Path) -> None:
    section = Section("scale", "Streamed", [{"people": "1,000", "seconds": 0.5}])
    section.targets = [Target("peak memory, MB", 2_000, 3_000.0, at_most=True), Target("million people/s", 10, 12.0)]
    machine = {"processor": "p", "cores": 2, "memory_gb": 8, "system": "s", "python": "3", "gcc": "", "load_before": 0}
    paths = report.write(tmp_path, [section], {**machine, "packages": {}})
    page = paths[0].read_text(encoding="utf-8")
    assert "at most 2,000 | 3,000 | **missed**" in page
    assert "at least 10 | 12 | met" in page
    told = json.loads(paths[1].read_text(encoding="utf-8"))["sections"][0]["targets"]
    assert [target["met"] for target in told] == [False, True]


MACHINE = {
    **{"processor": "p", "cores": 2, "memory_gb": 8, "system": "s", "python": "3", "gcc": "", "load_before": 0},
    "packages": {},
}


def test_one_part_has_files_of_its_own_and_several_are_partial(tmp_path: Path) -> None:
    sections = [Section("scale", "Streamed"), Section("explain", "One citizen")]
    assert report.write(tmp_path, sections[:1], MACHINE)[0].name == "scale.md"
    assert report.write(tmp_path, sections, MACHINE)[0].name == "partial.md"
    assert report.write(tmp_path, sections[:1], {**MACHINE, "trial": True})[0].name == "partial.md"


def test_the_steps_of_a_month_are_drawn_beside_the_plain_copy(tmp_path: Path) -> None:
    pytest.importorskip("vl_convert")
    steps = [("collect", 19.7), ("pay", 3.6), ("the month", 23.3), ("plain COPY", 9.4)]
    section = Section("month", "A month", [{"people": "1,000", "step": s, "seconds": t} for s, t in steps])
    page, _, picture = report.write(tmp_path, [section], MACHINE)
    assert "![A month](month.svg)" in page.read_text(encoding="utf-8")
    drawn = picture.read_text(encoding="utf-8")
    for text in ("1,000 people, plain COPY", "collect", ">23<", ">9<"):
        assert text in drawn
    assert "the month" not in drawn


def test_every_rule_is_measured_for_people_whom_it_computes() -> None:
    found = every.measured(people=2_000, threads=2, rounds=1, most=6)
    assert len(found["rules"]) == 6
    for rule in found["rules"]:
        assert 0 <= rule["refused"] < 200
        assert rule["bytes"] >= 2_000 * 8
        assert min(rule["seconds"], rule["plain"], rule["explain"]) > 0


def test_rules_are_spread_over_the_whole_book() -> None:
    book = case.rulebook()
    names = every.rules(book)
    assert len(every.rules(book, 40)) <= 40
    assert {name.partition(".")[0] for name in every.rules(book, 100)} >= {"employee_pension", "work_injury", "medical"}
    assert set(every.rules(book, 40)) <= set(names)
