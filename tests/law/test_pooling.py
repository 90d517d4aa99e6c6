"""Between the provinces' funds: what is collected is what is paid out, and settlement leaves nothing over."""

import random
from fractions import Fraction

import pyarrow as pa
import pytest

from shebao.engine import Refused
from shebao.law import rulebook
from shebao.law.regions import ALL

ADJUSTMENT = "pooling.contribution_to_central_fund"


def ask(rule, month, **facts):
    return rulebook().at(month).explain(f"pooling.{rule}", facts).exact


def provinces(seed):
    rng = random.Random(seed)
    return [
        {
            "provincial_average_wage": rng.randint(50_000, 200_000),
            "active_contributors": rng.randint(500_000, 40_000_000),
            "enterprise_employment": rng.randint(500_000, 40_000_000),
            "approved_retirees": rng.randint(100_000, 10_000_000),
        }
        for _ in ALL
    ]


@pytest.mark.parametrize("month", ["2018-12", "2019-12", "2020-12", "2021-12"])
def test_what_is_collected_is_paid_out_in_the_same_year(month):
    people = provinces(month)
    collected = sum(ask("contribution_to_central_fund", month, **p) for p in people)
    heads = sum(p["approved_retirees"] for p in people)
    sums = {"national_collected": collected, "national_retirees": heads}
    net = sum(ask("net_central_adjustment", month, **p, **sums) for p in people)
    assert abs(net) <= Fraction(heads, 200)  # half a fen per retiree


@pytest.mark.parametrize(
    ("month", "share"), [("2018-07", "0.015"), ("2019-01", "0.035"), ("2020-12", "0.04"), ("2021-12", "0.045")]
)
def test_the_levy_of_a_year(month, share):
    facts = {"provincial_average_wage": 100_000, "active_contributors": 1_000_000, "enterprise_employment": 1_000_000}
    assert ask("contribution_to_central_fund", month, **facts) == 90_000 * 1_000_000 * Fraction(share)


def test_the_largest_province_that_can_be_given_is_computed():
    row = {"provincial_average_wage": 500_000, "active_contributors": 100_000_000, "enterprise_employment": 100_000_000}
    table = pa.table({name: [str(value)] for name, value in row.items()})
    result = rulebook().at("2021-12").compute([ADJUSTMENT], table, threads=1).table.to_pylist()[0]
    assert result[ADJUSTMENT.rpartition(".")[2]] == 45 * 10**12 * 45 // 1000 * 100
    with pytest.raises(Refused, match="out of range"):
        ask("contribution_to_central_fund", "2021-12", **{**row, "active_contributors": 100_000_001})


@pytest.mark.parametrize("advances", [-900, 0, 700, 1_000])
def test_advances_and_clearing_make_up_the_final_amount(advances):
    clearing = ask("pooling_clearing", "2023-12", final_pooling_amount=700, pooling_advances=advances)
    assert advances + clearing == 700


@pytest.mark.parametrize(("income", "expenditure", "pooled"), [(100, 190, 80), (100, 190, 90), (300, 190, -100)])
def test_a_gap_is_borne_in_full(income, expenditure, pooled):
    facts = {"fund_income": income, "fund_expenditure": expenditure, "final_pooling_amount": pooled}
    gap = ask("funding_gap", "2023-12", **facts)
    assert gap == max(expenditure - income - pooled, 0)
    parts = [ask(part, "2023-12", **facts, local_gap_share="33.33%") for part in ("local_subsidy", "remaining_gap")]
    assert sum(parts) == gap


def test_national_pooling_begins_in_2022():
    with pytest.raises(Refused, match="not covered"):
        ask("current_year_balance", "2021-12", fund_income=1, fund_expenditure=1)


def test_what_the_nation_has_not_published_is_asked_for():
    with pytest.raises(Refused, match=r"missing fact: pooling\.final_pooling_amount"):
        ask("pooling_clearing", "2022-12", pooling_advances=1)
