"""The margins: published tables are met, the census is carried faithfully, and whole people add up."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from shebao import population
from shebao.population import allotment, data, demography, participation, plan, statutory

JANUARY = 2025 * 12


@pytest.mark.parametrize("file", ["guangdong", "nation"])
def test_published_counts_are_met_to_a_few_people(file, request):
    report = population.report(request.getfixturevalue(file))
    weight = float(report.notes["weight"])
    for name in ("employee contributors", "employee retirees", "resident contributors", "resident pensioners"):
        for margin in report.select(name):
            people = 31 if margin.where == "nation" else 3
            assert abs(margin.value - margin.target) <= people * weight, margin


def test_average_pensions_are_met_within_half_a_percent(guangdong, nation):
    for report in map(population.report, (guangdong, nation)):
        for name in ("average employee pension", "average resident pension"):
            for margin in report.select(name):
                assert abs(margin.error) < 0.005, margin


@pytest.mark.parametrize("seed", [1, 2])
def test_large_groups_have_the_mean_they_are_scaled_by(seed):
    """The mean of a large group is taken over a part of it; the part stands for the whole."""
    (province,) = plan.plan(3_000_000, 44, JANUARY, seed).provinces()
    people = province.counts[:, participation.EMPLOYEE_RETIREE]
    number, row = np.arange(people.sum()), np.repeat(np.arange(len(people)), people)
    assert len(number) > plan.RUNS * plan.RUN
    group = province._group(participation.EMPLOYEE_RETIREE, number, row)
    careers = province.careers.columns(group, participation.EMPLOYEE_RETIREE, 44, province.wage)
    mean = province.careers.pension_weight(participation.EMPLOYEE_RETIREE, careers).mean()
    assert province.pensions[participation.EMPLOYEE_RETIREE][1] == pytest.approx(mean, rel=0.0025)


def test_average_wage_is_met(guangdong):
    (wage,) = population.report(guangdong).select("average wage")
    assert abs(wage.error) < 0.005


def test_ages_are_met(guangdong, nation):
    """Within five people of the file, or half a percent, of each sex and five-year group."""
    for report in map(population.report, (guangdong, nation)):
        weight = float(report.notes["weight"])
        for margin in report.select("age and sex"):
            assert abs(margin.value - margin.target) <= max(5 * weight, 0.005 * margin.target), margin


def test_residents_of_every_province_are_met(nation):
    report = population.report(nation)
    for margin in report.select("residents"):
        assert abs(margin.value - margin.target) <= 60 * float(report.notes["weight"]), margin


def test_report_speaks_three_ways(guangdong):
    report = population.report(guangdong)
    plain = json.loads(report.json())
    assert plain["people"] == 60_000
    assert plain["margins"][0]["target"] == report.margins[0].target
    assert len(report.rows()) == len(report.margins)
    assert "| employee retirees | 广东 | 9,094,000 |" in report.markdown()
    assert report.worst()["employee retirees"].where == "广东"


# -- the census carried ----------------------------------------------------------------------------


def test_on_the_census_day_the_census_stands():
    assert demography.residents(data.CENSUS_MONTH).sum() == pytest.approx(1_409_778_724)


def test_carried_census_agrees_with_the_statistics_of_end_2024():
    """Published for the end of 2024: 310.31 million of 60 and over, 220.23 million of 65 and over."""
    people, ages = demography.residents(JANUARY), demography.ages(JANUARY)
    assert people[:, :, ages >= 60].sum() == pytest.approx(310.31e6, rel=0.003)
    assert people[:, :, ages >= 65].sum() == pytest.approx(220.23e6, rel=0.003)
    assert people.sum() == pytest.approx(1_408.28e6, rel=0.002)


def test_cohorts_only_shrink():
    before, after = demography.residents(JANUARY - 12), demography.residents(JANUARY)
    assert (after[:, :, : before.shape[2]] <= before).all()


def test_everybody_is_counted_once():
    model = participation.expected(JANUARY)
    assert model.people.sum() == pytest.approx(model.residents.sum())
    assert model.people.min() >= -1e-6
    here = (model.people * model.at_home).sum(axis=2)
    shares = np.diff(model.elsewhere, axis=2, prepend=0)
    away = np.einsum("prk,krq->qr", model.people * (1 - model.at_home), shares)
    assert here + away == pytest.approx(model.residents, rel=1e-6, abs=1e-3)


def test_law_is_asked_for_every_month_of_birth(book):
    """The shortcut between months of birth of the same retirement age gives what the law gives."""
    found = statutory.statutory_months(JANUARY)
    for place, category in enumerate(statutory.categories()):
        for birth in range(data.FIRST_BIRTH + place, JANUARY, 29):
            facts = {"category": category, "birth_month": data.month_text(birth)}
            law = book.at(JANUARY).explain("retirement.statutory_retirement_month", facts).exact
            assert found[place, birth - data.FIRST_BIRTH] == law


def test_more_pensioners_than_old_people_is_an_error(monkeypatch):
    table = participation.scheme_table("resident") | {"pensioners": np.full(31, 20_000_000)}
    monkeypatch.setattr(participation, "scheme_table", {"employee": table, "resident": table}.get)
    with pytest.raises(population.PopulationError, match="resident_pensioner in 2024-03: the tables of 2024 count"):
        participation.expected(2024 * 12 + 2)


# -- whole people ----------------------------------------------------------------------------------


sizes_of_places = hnp.arrays(float, st.integers(1, 40), elements=st.floats(0, 1e6)).filter(lambda a: a.sum() > 1)


@given(st.integers(0, 10_000), sizes_of_places)
def test_largest_remainder_shares_everybody_fairly(people, sizes):
    share = allotment.largest_remainder(people, sizes)
    assert share.sum() == people
    assert np.abs(share - people * sizes / sizes.sum()).max() < 1 + 1e-6


@given(st.integers(1, 5_000), st.integers(1, 4), st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_allotment_is_exact_and_keeps_out_who_is_not_expected(people, lines, rows, seed):
    random = np.random.default_rng(seed)
    expected = random.gamma(0.5, 10, (lines, rows, 6)) * (random.random((lines, rows, 6)) < 0.6)
    expected[:, :, 0] += 0.1  # as in life, anybody may be in no scheme
    counts = allotment.allot(expected, np.full(lines, people))
    assert (counts.sum(axis=(1, 2)) == people).all()
    assert counts.min() >= 0
    assert not counts[expected == 0].any()
    per_row = expected.sum(axis=2) * (people / expected.sum(axis=(1, 2)))[:, None]
    assert np.abs(counts.sum(axis=2) - per_row).max() <= 1 + 1e-6


def test_every_assumption_says_where_it_comes_from():
    for name, entry in data.assumptions().items():
        assert set(entry) == {"label", "value", "source", "certainty"}, name
        assert entry["certainty"] in ("official", "reported", "assumed"), name
