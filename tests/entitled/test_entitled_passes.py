"""A pass judges each benefit by itself: a verdict and, where it is due and known, an amount in fen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from shebao.engine import Rulebook
from shebao.engine.columns import Inputs
from shebao.engine.units import parse_month
from shebao.entitled import entitled, load_catalogue
from shebao.entitled.passes import DUE, NOT_DUE, Pass

MONTH = "2025-07"
PENSIONER = {
    "region": 44,
    "birth_month": parse_month("1960-01"),
    "category": "men60",
    "resident_contribution_years": 200_000,
    "resident_account_balance": 2_000_000,
    "scheme_start_month": parse_month("2012-01"),
    "unemployment_months_paid": None,
    "involuntary": True,
    "registered_and_seeking": True,
    "registration_month": parse_month("2025-05"),
}
JOBLESS = PENSIONER | {
    "birth_month": parse_month("1990-01"),
    "resident_contribution_years": None,
    "unemployment_months_paid": 130,
}
UNITS = {"resident_contribution_years": ("Years", 10_000), "resident_account_balance": ("Yuan", 100)}


def batch_of(*people: dict[str, Any]) -> pa.RecordBatch:
    made = pa.RecordBatch.from_pylist(list(people))
    fields = []
    for field in made.schema:
        unit, scale = UNITS.get(field.name, ("", 1))
        notes = {"shebao.unit": unit, "shebao.scale": str(scale)} if unit else None
        fields.append(field.with_type(pa.int64() if pa.types.is_null(field.type) else field.type).with_metadata(notes))
    return made.cast(pa.schema(fields))


@pytest.fixture(scope="module")
def both(book: Rulebook) -> Pass:
    """Pensions of residents, and unemployment benefits."""
    catalogue = load_catalogue(book)
    benefits = [catalogue.benefits[name] for name in ("resident_pension", "unemployment_benefit")]
    rules = tuple(rule for benefit in benefits for rule in benefit.rules)
    return Pass(book.at(MONTH), benefits, Inputs(book, rules, batch_of(PENSIONER, JOBLESS).schema))


def test_each_benefit_is_judged_by_itself(both: Pass) -> None:
    no_birth = JOBLESS | {"birth_month": None}
    left_willingly = JOBLESS | {"involuntary": False}
    untold = JOBLESS | {"registration_month": None}
    verdicts, amounts = both.judge(batch_of(PENSIONER, JOBLESS, no_birth, left_willingly, untold), 0)
    pension, benefit = verdicts.tolist()
    assert pension[:2] == [DUE, NOT_DUE]
    assert benefit[:2] == [NOT_DUE, DUE]  # the pensioner tells of no months: he is not asked
    assert amounts["resident_pension"][0] > 0
    assert amounts["unemployment_benefit"][1] > 0
    assert both.reasons[-pension[2]] == "null: birth_month"
    assert (benefit[3], both.reasons[-benefit[4]]) == (NOT_DUE, "null: unemployment.registration_month")


def test_the_amount_is_what_the_explanation_says(both: Pass, book: Rulebook) -> None:
    alone = entitled(
        book.at(MONTH),
        {
            "region": 44,
            "birth_month": "1960-01",
            "resident_contribution_years": 20,
            "resident_account_balance": 20_000,
            "scheme_start_month": "2012-01",
        },
        load_catalogue(book),
    )
    (finding,) = (f for f in alone.of("entitled") if f.benefit.id == "resident_pension")
    _, amounts = both.judge(batch_of(PENSIONER), 0)
    assert finding.amount is not None
    assert amounts["resident_pension"][0] == finding.amount * 100


def test_a_batch_is_judged_alike_in_parts(both: Pass) -> None:
    rows = [PENSIONER, JOBLESS] * 5
    whole, amounts = both.judge(batch_of(*rows), 0)
    parts = [both.judge(batch_of(*rows[k : k + 2]), k) for k in range(0, 10, 2)]
    assert np.array_equal(whole, np.concatenate([part for part, _ in parts], axis=1))
    for name, fen in amounts.items():
        due = whole[list(amounts).index(name)] == DUE
        assert np.array_equal(fen[due], np.concatenate([part[name] for _, part in parts])[due])
