"""Cliffs in the records of a history: the numbers of the last record are moved, all others stay."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from shebao.engine import Rulebook
from shebao.law import rulebook
from shebao.law.cases import Case, load_cases
from shebao.lawbook.cliffs import Cliff, cliffs
from shebao.lawbook.samples import Sample, columns, filled, moved, samples, value

HOUSEHOLD = "social_assistance.household_members"
INCOME = "social_assistance.member_income"
DIBAO = "social_assistance.dibao"


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return rulebook()


@pytest.fixture(scope="module")
def households() -> list[Case]:
    return [case for case in load_cases() if case.room == "social_assistance" and "household_members" in case.facts]


@pytest.fixture(scope="module")
def sample(book: Rulebook, households: list[Case]) -> Sample:
    """A household of more than one member."""
    held = samples(book, households, [DIBAO], 6)[DIBAO]
    return next(sample for sample in held if len(sample.given[HOUSEHOLD]) > 1)


def test_the_last_record_is_moved_and_no_other(book: Rulebook, sample: Sample) -> None:
    to = Fraction("1234.56")
    given = moved(book, sample, INCOME, to)
    assert given[HOUSEHOLD][:-1] == sample.given[HOUSEHOLD][:-1]
    assert given[HOUSEHOLD][-1] == sample.given[HOUSEHOLD][-1] | {INCOME: to}
    assert {name: held for name, held in given.items() if name != HOUSEHOLD} == {
        name: held for name, held in sample.given.items() if name != HOUSEHOLD
    }
    assert value(book, Sample(sample.case, given), INCOME) == to
    assert moved(book, sample, "region", 11) == sample.given | {"region": 11}


def test_a_column_of_records_is_filled_as_the_sample_is_moved(book: Rulebook, sample: Sample) -> None:
    names = (HOUSEHOLD, "region")
    nobody = Sample(sample.case, {name: held for name, held in sample.given.items() if name != HOUSEHOLD})
    before = columns(book, names, [sample, nobody, sample])
    after = filled(book, before, INCOME, np.array([2]), np.array([123_456]))
    other = Sample(sample.case, moved(book, sample, INCOME, Fraction("1234.56")))
    assert after.to_pylist() == columns(book, names, [sample, nobody, other]).to_pylist()
    assert filled(book, before, "region", np.array([1]), np.array([11])).column("region").to_pylist()[1] == 11


def found(book: Rulebook, cases: list[Case]) -> list[Cliff]:
    return cliffs(book, cases, ["social_assistance.may_claim_dibao"])


def test_a_yuan_more_of_one_member_ends_the_allowance(book: Rulebook, households: list[Case]) -> None:
    held = {(cliff.rule, cliff.fact): cliff for cliff in found(book, households)}
    right = held["social_assistance.may_claim_dibao", INCOME]
    assert (right.before, right.after) == ("yes", "no")
    extra = held["social_assistance.dibao_extra", INCOME]
    assert extra.after == "0.00"
    assert extra.carrier == "social_assistance.may_claim_dibao"
    assert (DIBAO, INCOME) not in held  # the difference to the line itself goes to nothing by steps of a fen
