"""Synthetic people for the benchmark: the same for the same count, whatever asks for them.

People come in blocks of a million, each drawn from its own counter-based stream, so that a hundred million can be
made one block at a time. Columns are named and typed as a population file's are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

BLOCK = 1_000_000
SEED = 20_25
FACTS = {
    "region": "int8",
    "birth_month": "int32",
    "retirement_month": "int32",
    "contribution_months": "int32",
    "deemed_months": "int32",
    "average_index": "int32",
    "account_balance": "int64",
    "hardship_area": "int8",
}
Columns = dict[str, NDArray[Any]]


def block(number: int, people: int = BLOCK) -> Columns:
    """The first ``people`` of one block."""
    from bench.case import FIRST, LAST, standard_provinces

    draw = np.random.Generator(np.random.Philox(key=[SEED, number]))
    retired = draw.integers(FIRST, LAST + 1, BLOCK)
    age = draw.choice([50, 55, 60, 65], BLOCK, p=[0.35, 0.2, 0.35, 0.1]) * 12 + draw.integers(0, 60, BLOCK)
    paid = draw.integers(180, 481, BLOCK)
    index = np.clip(draw.lognormal(-0.15, 0.45, BLOCK), 0.4, 3)
    made = {
        "region": draw.choice(standard_provinces(), BLOCK),
        "birth_month": retired - age,
        "retirement_month": retired,
        "contribution_months": paid,
        "deemed_months": np.where(draw.random(BLOCK) < 0.6, draw.integers(0, 180, BLOCK), 0),
        "average_index": np.rint(index * 10_000),
        "account_balance": np.rint(paid * index * 100 * draw.uniform(200, 700, BLOCK)),
        "hardship_area": draw.random(BLOCK) < 0.05,
    }
    return {name: made[name][:people].astype(kind) for name, kind in FACTS.items()}


def blocks(people: int, first: int = 0) -> Iterator[Columns]:
    """All blocks of so many people, beginning with block ``first``; the last one may be shorter."""
    for number in range(-(-people // BLOCK)):
        yield block(first + number, min(BLOCK, people - number * BLOCK))


def columns(people: int) -> Columns:
    """So many people in memory."""
    parts = list(blocks(people))
    return {name: np.concatenate([part[name] for part in parts]) for name in FACTS}


def batch(made: Columns) -> pa.RecordBatch:
    """The columns as an Arrow batch, without a copy."""
    return pa.RecordBatch.from_arrays([pa.array(values) for values in made.values()], names=list(made))
