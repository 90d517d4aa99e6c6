"""The compiled loop and the explanation are one law: every rule, every variant, every province."""

import pytest

from shebao.engine.check import check
from shebao.engine.parameters import Parameter
from shebao.law import rulebook
from shebao.law.regions import ALL

BOOK = rulebook()
NAMES = sorted(r.full_name for r in BOOK.rules() if not BOOK.level(r.full_name))


@pytest.fixture(scope="module")
def report():
    return check(BOOK, people=400, seed=7)


def test_no_person_is_computed_otherwise_than_explained(report):
    assert report.differences == []
    assert report.rules == len(NAMES)


def test_people_fall_under_every_variant(report):
    assert report.unmet == []
    assert report.variants_met == report.variants > 200


def test_most_people_are_computed_not_refused(report):
    assert report.computed > report.people / 2


def test_every_rule_can_be_stored(report):
    assert report.unstored == {}


@pytest.mark.parametrize("region", ALL)
def test_each_province_agrees_on_the_award(region):
    """People of one province, old and new law, through the whole award."""
    report = check(BOOK, people=200, seed=region, rules=["employee_pension.monthly_pension"], fixed={"region": region})
    assert report.differences == []
    assert report.people >= 200


def test_every_parameter_says_where_it_is_from():
    parameters = [n for n in BOOK.nodes.values() if isinstance(n, Parameter)]
    assert all(e.source and e.certainty for p in parameters for e in p.entries)
