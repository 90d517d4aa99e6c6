"""The same award written by hand for other engines, each reading its numbers from the rulebook."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np

from bench.case import RULES
from bench.data import Columns

Run = Callable[[], Columns]


class Absent(Exception):
    """An engine that this machine does not have, and why."""


@functools.lru_cache(maxsize=2)
def outputs(people: int) -> Columns:
    """Result columns in fen, their pages already touched; engines that write into given arrays share them in turn."""
    return {name: np.full(people, -1, dtype=np.int64) for name in RULES}
