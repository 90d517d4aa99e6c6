"""Maternity: what must hold for every birth in every province."""

import itertools

import pytest

from shebao.engine import Refused
from shebao.engine.parameters import Parameter
from shebao.law import rulebook
from shebao.law.regions import ALL, FUJIAN

TABLE = rulebook().nodes["maternity.added_leave_days"]
assert isinstance(TABLE, Parameter)
WITH_DAYS = sorted({int(entry.key[0]) for entry in TABLE.entries})
BIRTH = {"babies": 1, "birth_order": 1}


def value(rule, month="2026-01", **facts):
    return rulebook().at(month).explain(f"maternity.{rule}", facts).exact


@pytest.mark.parametrize("region", WITH_DAYS)
def test_a_later_child_a_harder_birth_or_more_babies_never_shorten_the_leave(region):
    by_order = [value("leave_days", region=region, babies=1, birth_order=n) for n in range(1, 6)]
    by_babies = [value("leave_days", region=region, babies=n, birth_order=1) for n in range(1, 5)]
    assert by_order == sorted(by_order)
    assert [b - a for a, b in itertools.pairwise(by_babies)] == [15, 15, 15]
    hard = value("leave_days", region=region, **BIRTH, difficult_birth=True)
    assert hard - by_order[0] >= 15
    assert by_order[0] >= 98 + 60


@pytest.mark.parametrize("region", WITH_DAYS)
def test_the_allowance_is_paid_for_no_more_days_than_the_leave(region):
    assert value("allowance_days", region=region, **BIRTH) <= value("leave_days", region=region, **BIRTH)


@pytest.mark.parametrize("days", range(158, 181, 11))
def test_fujian_takes_the_employers_days_as_the_whole(days):
    assert value("leave_days", region=FUJIAN, babies=1, leave_set_by_employer=days) == days
    assert value("leave_days", region=FUJIAN, babies=1, leave_set_by_employer=days, difficult_birth=True) == days


@pytest.mark.parametrize("region", [code for code in ALL if code not in (*WITH_DAYS, FUJIAN)])
def test_a_province_without_days_is_refused_by_name_and_can_be_given(region):
    with pytest.raises(Refused, match=rf"missing parameter: maternity\.added_leave_days.*region={region}"):
        value("leave_days", region=region, **BIRTH)
    assert value("leave_days", region=region, babies=1, provincial_leave_days=60) == 158


@pytest.mark.parametrize("insured", [True, False])
@pytest.mark.parametrize("own", ["0", "6000", "9000", "15000.01"])
def test_mother_is_never_left_below_her_own_wage(insured, own):
    facts = {"region": 11, **BIRTH, "employer_average_wage": 9000, "own_wage_before_leave": own}
    claim = {"employer_insured_her": insured, "maternity_months_paid": 12, "required_maternity_months": 0}
    together = value("allowance_from_fund", **facts, **claim) + value("employer_top_up", **facts, **claim)
    assert together >= value("own_wage_in_leave", **facts)
    assert insured or together == value("own_wage_in_leave", **facts)


@pytest.mark.parametrize("level", ["primary", "secondary", "tertiary"])
def test_a_birth_is_never_paid_beyond_its_cost(level):
    for scheme in ("employee", "resident", "none"):
        facts = {"medical_area": 3601, "birth_scheme": scheme, "hospital_level": level, "birth_covered_cost": "8123.45"}
        assert 0 <= value("birth_cost_payment", **facts) * 100 <= 812345
