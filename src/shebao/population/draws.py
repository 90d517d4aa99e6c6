"""Random levels that belong to a person's number, so that nothing depends on who computes whom first.

A level is a whole number 0..65535 and picks an entry of a quantile table. Two kinds: ``spread`` fills a group
evenly (an additive recurrence, so that means come out right in small groups too), ``scattered`` is a hash.
Everything is integer arithmetic: the same seed gives the same people on any processor.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import NormalDist
from typing import Any

import numpy as np

LEVELS = 1 << 16
_MASK = (1 << 64) - 1
_SPREAD = 6  # how many evenly spread draws one person has


def _root(dimensions: int) -> float:
    """The positive root of x^(d+1) = x + 1, whose powers spread points evenly in d dimensions (after M. Roberts)."""
    x = 1.5
    for _ in range(64):
        x = (1 + x) ** (1 / (dimensions + 1))
    return x


_STEPS = tuple(int(_root(_SPREAD) ** -(d + 1) * 2**53) * 2**11 | 1 for d in range(_SPREAD))


def key(*parts: int) -> int:
    """One 64-bit number from a seed and whatever else tells a stream of draws apart."""
    state = 0
    for part in parts:
        state = _mixed((state + part + 0x9E3779B97F4A7C15) & _MASK)
    return state


def _mixed(x: int) -> int:
    """The finaliser of SplitMix64."""
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK
    return x ^ (x >> 31)


def spread(number: np.ndarray, dimension: int, stream: int) -> np.ndarray:
    """Levels that cover 0..65535 evenly as ``number`` runs on; ``dimension`` 0..5 tells a person's draws apart."""
    start = np.uint64(key(stream, dimension))
    return ((number.astype(np.uint64) * np.uint64(_STEPS[dimension]) + start) >> np.uint64(48)).astype(np.int64)


def scattered(number: np.ndarray, dimension: int, stream: int) -> np.ndarray:
    """Levels without any order."""
    x = number.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(key(stream, dimension))
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((x ^ (x >> np.uint64(31))) >> np.uint64(48)).astype(np.int64)


def _midpoints() -> np.ndarray:
    return (np.arange(LEVELS) + 0.5) / LEVELS


def power_table(exponent: float, low: float, high: float, scale: int) -> np.ndarray:
    """``low + (high - low) * u ** exponent`` at every level, in ``scale``-ths."""
    return np.rint((low + (high - low) * _midpoints() ** exponent) * scale).astype(np.int64)


def lognormal_table(shape: Mapping[str, float], scale: int) -> np.ndarray:
    """A log-normal held between ``low`` and ``high`` whose mean is ``mean``, at every level, in ``scale``-ths."""
    normal = NormalDist()
    z = np.array([normal.inv_cdf(u) for u in _midpoints()[:: LEVELS // 4096]])
    z = np.interp(_midpoints(), _midpoints()[:: LEVELS // 4096], z)
    bottom, top = math.log(shape["low"]), math.log(shape["high"])
    while top - bottom > 1e-9:
        middle = (bottom + top) / 2
        values = np.clip(np.exp(middle + shape["sigma"] * z), shape["low"], shape["high"])
        bottom, top = (middle, top) if values.mean() < shape["mean"] else (bottom, middle)
    return np.rint(values * scale).astype(np.int64)


def share_table(shares: Mapping[Any, int]) -> np.ndarray:
    """Position of the entry each level picks, by shares in per mille; ``ValueError`` unless they make 1000."""
    if sum(shares.values()) != 1000:
        raise ValueError(f"shares {dict(shares)} make {sum(shares.values())}, not 1000 per mille")
    ends = np.cumsum(list(shares.values())) * LEVELS // 1000
    return np.searchsorted(ends, np.arange(LEVELS), side="right").astype(np.int64)
