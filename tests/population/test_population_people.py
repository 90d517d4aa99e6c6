"""The people: numbers that are valid and nobody's, and lives that hang together."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from shebao.population import data, statutory
from shebao.population.identity import PER_DAY, Numbers
from shebao.population.participation import (
    EMPLOYEE,
    EMPLOYEE_RETIREE,
    FLEXIBLE,
    NONE,
    RESIDENT,
    RESIDENT_PENSIONER,
)

JANUARY = 2025 * 12
MONTHS = np.arange(data.FIRST_BIRTH, JANUARY)


# -- citizen numbers -------------------------------------------------------------------------------


def test_numbers_are_unique_and_pass_an_outside_check(people):
    numbers = people["citizen_number"].tolist()
    assert len(set(numbers)) == len(numbers)
    assert all(ric.is_valid(number) for number in numbers[::23])


def test_numbers_tell_birth_and_sex(people):
    text = np.array(people["citizen_number"].tolist(), "U18")
    born = np.array([int(n[6:10]) * 12 + int(n[10:12]) - 1 for n in text])
    odd = np.array([int(n[16]) % 2 for n in text])
    assert (born == people["birth_month"]).all()
    assert (odd == (people["sex"] == 0)).all()


def test_no_number_has_the_code_of_a_county(people):
    """A real number names a county; these name a province or a prefecture."""
    assert {number[4:6] for number in people["citizen_number"]} == {"00"}
    with (Path(data.FOLDER) / "place_codes.csv").open(encoding="utf-8") as file:
        codes = {row["code"] for row in csv.DictReader(file)}
    assert {number[:6] for number in people["citizen_number"]} <= codes
    cities_without_districts = {"441900", "442000", "460200", "460300", "460400", "620200"}
    assert not codes & cities_without_districts


@given(
    region=st.sampled_from(data.REGIONS),
    month=st.integers(data.FIRST_BIRTH, JANUARY - 1),
    female=st.booleans(),
    share=st.floats(0, 1, exclude_max=True),
)
def test_every_number_of_a_month_is_valid(region, month, female, share):
    numbers = Numbers(region, MONTHS)
    months = np.array([month])
    last = int(numbers.room(months)[0] * share)
    text = numbers.characters(months, np.array([int(female)]), np.array([last])).tobytes().decode()
    assert ric.is_valid(text), text


def test_numbers_of_a_month_are_all_different():
    numbers = Numbers(50, MONTHS)  # Chongqing has the fewest codes
    month = np.array([1996 * 12])
    room = int(numbers.room(month)[0])
    text = numbers.characters(np.repeat(month, room), np.zeros(room, int), np.arange(room))
    codes = [c for c in data.place_codes()[50] if c[1] <= 1996 <= c[2]]
    assert len(np.unique(text, axis=0)) == room == len(codes) * 31 * PER_DAY


# -- lives -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def of(people):
    """Columns of the people of some participations."""

    def select(*kinds: int) -> dict:
        here = np.isin(people["participation"], kinds)
        return {name: values[here] for name, values in people.items()}

    return select


def test_category_follows_sex(people):
    men = people["sex"] == 0
    assert set(people["category"][men]) == {statutory.categories().index("men60")}
    assert set(people["category"][~men]) == {1, 2}


def test_contributors_are_before_retirement_and_retirees_past_it(of):
    months = statutory.statutory_months(JANUARY)
    for kinds, retired in (((EMPLOYEE, FLEXIBLE), False), ((EMPLOYEE_RETIREE,), True)):
        some = of(*kinds)
        statutory_month = months[some["category"], some["birth_month"] - data.FIRST_BIRTH]
        assert ((statutory_month < JANUARY) == retired).all()
        assert (some["retirement_month"] == statutory_month).all()
    assert (of(RESIDENT)["retirement_month"] >= JANUARY).all()
    assert (of(RESIDENT_PENSIONER)["retirement_month"] < JANUARY).all()


def test_children_are_in_no_scheme(people):
    children = (JANUARY - people["birth_month"]) // 12 < 16
    assert (people["participation"][children] == NONE).all()


def test_months_fit_the_working_life(of):
    some = of(EMPLOYEE, FLEXIBLE, EMPLOYEE_RETIREE)
    end = np.minimum(some["retirement_month"], JANUARY)
    assert (some["contribution_months"] <= end - some["birth_month"] - 16 * 12).all()
    assert (some["deemed_months"] <= some["contribution_months"]).all()
    assert (some["deemed_months"][some["birth_month"] > 1985 * 12] == 0).all()
    minimum = statutory.minimum_contribution_months(JANUARY)
    assert (of(EMPLOYEE_RETIREE)["contribution_months"] >= minimum).all()


def test_index_is_about_nine_tenths(of):
    index = of(EMPLOYEE, EMPLOYEE_RETIREE)["average_index"]
    assert 4_000 <= index.min() <= index.max() <= 30_000
    assert index.mean() == pytest.approx(9_000, rel=0.005)


def test_account_fits_months_index_and_wage(of):
    """No account without months, none beyond all months at today's base, and more of each makes more."""
    some = of(EMPLOYEE)
    wage = data.average_wage(2024)[np.searchsorted(data.REGIONS, some["region"])]
    paid = some["contribution_months"] - some["deemed_months"]
    most = wage * some["average_index"] / 10_000 * paid * 0.08
    assert (some["account_balance"] <= most + 1).all()
    assert (some["account_balance"] > most * 0.4 - 100).all()


def test_pension_grows_with_months_and_index_within_a_province(of):
    some = of(EMPLOYEE_RETIREE)
    for region in (31, 44, 54):
        here = some["region"] == region
        weight = some["contribution_months"][here] * (10_000 + some["average_index"][here])
        order = np.argsort(weight)
        assert (np.diff(some["pension_in_payment"][here][order]) >= 0).all()


def test_amounts_only_where_they_belong(people):
    kind = people["participation"]
    zero = {
        "pension_in_payment": ~np.isin(kind, (EMPLOYEE_RETIREE, RESIDENT_PENSIONER)),
        "average_monthly_wage": ~np.isin(kind, (EMPLOYEE, FLEXIBLE)),
        "contribution_months": ~np.isin(kind, (EMPLOYEE, FLEXIBLE, EMPLOYEE_RETIREE)),
        "resident_account_balance": ~np.isin(kind, (RESIDENT, RESIDENT_PENSIONER)),
    }
    for name, elsewhere in zero.items():
        assert not people[name][elsewhere].any(), name
        assert people[name][~elsewhere].any(), name
    assert (people["flexible_worker"] == (kind == FLEXIBLE)).all()
    assert (people["pension_in_payment"][np.isin(kind, (EMPLOYEE_RETIREE, RESIDENT_PENSIONER))] > 0).all()


def test_the_uninsured_are_on_the_books_where_they_live(of):
    nobody = of(NONE)
    assert (nobody["region"] == nobody["residence"]).all()


def test_order_has_no_meaning(people):
    """The first tenth of a province looks like the whole of it."""
    here = people["region"] == 44
    kind = people["participation"][here]
    first = kind[: len(kind) // 10]
    for code in (NONE, EMPLOYEE, RESIDENT):
        assert (first == code).mean() == pytest.approx((kind == code).mean(), abs=0.05)
