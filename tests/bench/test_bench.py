"""The benchmark tells the truth: rivals compute the same law, wrong fen are counted, missed promises show."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from bench import case, data, reference, report
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
