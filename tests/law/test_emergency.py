"""Emergencies: those of 2020 and 2022 in the law, and the next one as a reform file laid over it."""

from pathlib import Path

import pyarrow as pa
import pytest

from shebao.engine import Refused
from shebao.engine.check import check
from shebao.law import rulebook
from shebao.law.regions import GUANGDONG, HUBEI

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
EMPLOYER = {"region": HUBEI, "contribution_base": "8000", "flexible_worker": False}
JOBLESS = {"region": HUBEI, "unemployment_months_paid": 8, "registered_and_seeking": True, "monthly_benefit": "1989"}


@pytest.fixture(scope="module")
def flooded():
    """The rulebook with the whole made-up emergency laid over it."""
    book = rulebook()
    for name in ("emergency_2026.yaml", "emergency_2026_deferral.py", "emergency_2026_jobless.py"):
        book = book.with_reform(EXAMPLES / name)
    return book


def value(rule, month, book=None, **facts):
    return (book or rulebook()).at(month).explain(rule, facts).exact


# -- as the law has it ----------------------------------------------------------------------------


@pytest.mark.parametrize("month", ["2016-08", "2020-04", "2021-12", "2022-08", "2026-05"])
def test_higher_prices_never_bring_less(month):
    facts = {"price_group": "dibao", "dibao_standard": "735"}
    rises = [f"{n / 1000:.3f}" for n in range(-20, 120, 5)]
    by_cpi = [value("emergency.price_allowance", month, **facts, cpi_rise=r, food_price_rise="0") for r in rises]
    by_food = [value("emergency.price_allowance", month, **facts, cpi_rise="0", food_price_rise=r) for r in rises]
    for paid in (by_cpi, by_food):
        assert paid == sorted(paid)
        assert paid[0] == 0 < paid[-1]


@pytest.mark.parametrize(
    ("month", "cpi", "paid"),
    [
        ("2022-07", "0.0349", False),
        ("2022-07", "0.035", True),
        ("2022-08", "0.03", True),
        ("2023-02", "0.03", True),
        ("2023-03", "0.03", False),
        ("2023-03", "0.035", True),
    ],
)
def test_the_threshold_was_lower_from_august_2022_to_february_2023(month, cpi, paid):
    facts = {"price_group": "dibao", "dibao_standard": "735", "cpi_rise": cpi, "food_price_rise": "0"}
    assert (value("emergency.price_allowance", month, **facts) > 0) is paid


@pytest.mark.parametrize("size", ["micro_small_medium", "large", "public_body"])
@pytest.mark.parametrize("month", ["2020-01", "2020-02", "2020-06", "2020-07", "2020-12", "2021-01"])
def test_what_is_waived_and_what_is_left_are_the_whole(month, size):
    facts = {"region": GUANGDONG, "employer_size": size, "full_employer_contribution": "10001.01"}
    waived = value("emergency.waived_amount", month, **facts)
    assert waived + value("emergency.contribution_after_relief", month, **facts) == value(
        "emergency.contribution_after_relief", "2019-12", **facts
    )


def test_nothing_is_ever_due_before_its_month():
    for month in ("2022-04", "2022-12", "2023-03"):
        for end in ("2020-01", "2022-06", "2023-03", "2030-12"):
            facts = {"deferral_granted": True, "deferral_end_month": end}
            due = value("emergency.deferred_due_month", month, **facts)
            own = value("emergency.deferred_due_month", month, deferral_granted=False)
            assert own <= due <= own + 13


# -- the next emergency is a file -----------------------------------------------------------------


def test_the_emergencies_of_2020_and_2022_as_reform_files_change_nothing():
    assert rulebook().diff(rulebook().with_reform(EXAMPLES / "emergency_as_enacted.yaml")) == []


@pytest.mark.parametrize(
    ("month", "there", "size", "due"),
    [
        ("2026-07", True, "micro_small_medium", 1280),
        ("2026-08", True, "micro_small_medium", 0),
        ("2026-08", True, "large", 640),
        ("2026-10", True, "public_body", 1280),
        ("2026-10", False, "micro_small_medium", 1280),
        ("2026-11", True, "micro_small_medium", 1280),
    ],
)
def test_contributions_are_waived_in_the_flooded_places_and_only_then(flooded, month, there, size, due):
    facts = {**EMPLOYER, "in_disaster_area": there, "employer_size": size}
    assert value("employee_pension.employer_contribution", month, flooded, **facts) == due


def test_elsewhere_nobody_is_asked_for_the_size(flooded):
    assert value("employee_pension.employer_contribution", "2026-09", flooded, **EMPLOYER) == 1280


def test_the_pension_part_may_be_deferred_and_2022_stands_as_it_was(flooded):
    law = [("2022-05", "2022-12"), ("2026-07", "2026-07"), ("2026-09", "2027-06"), ("2026-11", "2026-11")]
    for month, due in law:
        found = flooded.at(month).explain("employee_pension.employer_due_month", {"deferral_granted": True})
        assert found.value == due


def test_relief_for_the_unemployed_opens_again_and_closes_by_itself(flooded):
    assert value("unemployment.highest_relief", "2026-09", flooded, **JOBLESS) * 100 == 179010
    assert value("unemployment.relief_months", "2026-09", flooded, **JOBLESS) == 3
    assert value("unemployment.relief_months", "2022-09", flooded, **JOBLESS) == 6
    for month in ("2026-07", "2027-02"):
        with pytest.raises(Refused, match=r"not covered: unemployment\.highest_relief"):
            value("unemployment.highest_relief", month, flooded, **JOBLESS)


def test_the_price_allowance_starts_earlier_covers_more_and_is_doubled(flooded):
    facts = {"dibao_standard": "800", "cpi_rise": "0.03", "food_price_rise": "0"}
    for group in ("dibao", "dibao_margin", "unemployment_relief"):
        paid = [
            value("emergency.price_allowance", m, flooded, price_group=group, **facts) for m in ("2026-07", "2026-08")
        ]
        assert paid == [0, 48]
        assert value("emergency.price_allowance", "2027-01", flooded, price_group=group, **facts) == 0


def test_the_reform_says_all_it_changes_and_touches_no_month_before(flooded):
    lines = rulebook().diff(flooded)
    assert any(line.startswith("relief_share + 2026-08 to 2026-10") for line in lines)
    assert any(line.startswith("in_disaster_area: added") for line in lines)
    for line in lines:
        if line.split(" ", 1)[1].startswith("20"):
            assert line.split(" ")[1] >= "2026-08", line


def test_under_the_reform_both_readings_of_the_law_still_agree(flooded):
    rules = ["relief_share", "employee_pension.employer_due_month", "unemployment.highest_relief"]
    report = check(flooded, people=60, rules=[*rules, "emergency.price_allowance"])
    assert report.ok, report.differences[:3]
    assert report.computed


def test_a_whole_table_is_computed_under_the_same_file(flooded):
    people = pa.table(
        {
            "flexible_worker": [False] * 3,
            "region": [HUBEI] * 3,
            "in_disaster_area": [True, True, False],
            "employer_size": ["large", "micro_small_medium", "large"],
            "contribution_base": pa.array([8000_00] * 3, pa.int64()),
        }
    )
    found = flooded.at("2026-08").compute(["employee_pension.employer_contribution"], people).table
    assert found.column(0).to_pylist() == [64000, 0, 128000]
