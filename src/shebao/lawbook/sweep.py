"""Where a function of whole numbers jumps: by more than what it does on either side explains.

Many functions are searched at once, because they are computed in batches. Between two points that a straight line
joins nothing is looked for; elsewhere the search closes in until it stands between two neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Of each point (which function, where): its value, and whether it has one.
Evaluate = Callable[["NDArray[np.int64]", "NDArray[np.int64]"], tuple["NDArray[np.int64]", "NDArray[np.bool_]"]]

ALL = 2048  # a range no longer than this is walked step by step
PARTS = 16  # into how many parts an interval is cut
ROUNDED = 10_000  # a jump of less than this part of the value is rounding
MOST = 400_000  # intervals at a time; a law that bends everywhere is cut short here rather than never ending


@dataclass(frozen=True)
class Span:
    """The whole numbers a function is looked at on, and points to look at in any case."""

    low: int
    high: int
    points: tuple[int, ...] = field(default=())

    def grid(self) -> NDArray[np.int64]:
        if self.high - self.low <= ALL:
            return np.arange(self.low, self.high + 1, dtype=np.int64)
        powers = [s * int(10 ** (k / 4)) for k in range(65) for s in (1, -1)]
        found = {p + d for p in (*self.points, *powers) for d in (-1, 0, 1)} | {self.low, self.high}
        return np.array(sorted(p for p in found if self.low <= p <= self.high), dtype=np.int64)


@dataclass(frozen=True)
class Jump:
    """Function ``which`` goes from one value at ``at - 1`` to another at ``at``."""

    which: int
    at: int


def jumps(evaluate: Evaluate, spans: list[Span], least: int) -> list[Jump]:
    """Every jump of more than ``least`` of each function on its span, in order."""
    if not spans:
        return []
    left, right, which = _start(spans)
    found: list[Jump] = []
    at = [(which, left, right)]
    while at:
        which, left, right = at.pop()
        near = right - left == 1
        found += _real(evaluate, spans, which[near], right[near], least)
        if (~near).any():
            inner = _cut(evaluate, which[~near], left[~near], right[~near], least)
            at += [inner] if len(inner[0]) else []
    return sorted(found, key=lambda jump: (jump.which, jump.at))


def _start(spans: list[Span]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    grids = [span.grid() for span in spans]
    which = np.repeat(np.arange(len(grids)), [len(grid) - 1 for grid in grids])
    left, right = (np.concatenate([grid[cut] for grid in grids]) for cut in (np.s_[:-1], np.s_[1:]))
    return left, right, which


def _cut(evaluate: Evaluate, which: Any, left: Any, right: Any, least: int) -> tuple[Any, Any, Any]:
    """The parts of intervals that differ from the rest of theirs."""
    step = -(-(right - left) // PARTS)
    points = np.minimum(left[:, None] + step[:, None] * np.arange(PARTS + 1), right[:, None])
    values, known = evaluate(np.repeat(which, PARTS + 1), points.ravel())
    values, known = values.reshape(points.shape), known.reshape(points.shape)
    wide, change = np.diff(points), np.diff(values)
    whole = known[:, :-1] & known[:, 1:] & (wide > 0)
    # Binary fractions serve the search alone: they choose where to look next, and are no amounts.
    rate = np.ma.median(np.ma.masked_array(change / np.maximum(wide, 1), ~whole), axis=1).filled(0.0)
    limit = np.maximum(least, np.abs(values).max(axis=1) // ROUNDED)
    odd = whole & (np.abs(change - rate[:, None] * wide) > limit[:, None] / 2)
    odd |= (known[:, :-1] != known[:, 1:]) & (wide > 1)  # where an answer begins or ends, it may jump at once
    kept = np.nonzero(odd)
    if len(kept[0]) > MOST:
        kept = kept[0][:MOST], kept[1][:MOST]
    return which[kept[0]], points[:, :-1][kept], points[:, 1:][kept]


def _real(evaluate: Evaluate, spans: list[Span], which: Any, at: Any, least: int) -> Iterator[Jump]:
    """Of single steps those larger than ``least`` and than twice the step before and after; thrice where one is none.

    Two jumps of like size side by side explain each other: they are a slope.
    """
    ends, known = (half.reshape(2, -1) for half in evaluate(np.tile(which, 2), np.concatenate([at - 1, at])))
    large = known.all(axis=0) & (np.abs(ends[1] - ends[0]) > np.maximum(least, np.abs(ends).max(axis=0) // ROUNDED))
    which, at = which[large], at[large]
    if not len(at):
        return
    around = at[:, None] + np.arange(-2, 2)  # the step in question leads from the second to the third
    low, high = (np.array([getattr(span, end) for span in spans])[which][:, None] for end in ("low", "high"))
    values, known = evaluate(np.repeat(which, 4), np.clip(around, low, high).ravel())
    known = known.reshape(around.shape) & (around >= low) & (around <= high)
    sizes, whole = np.abs(np.diff(values.reshape(around.shape))), known[:, :-1] & known[:, 1:]
    beside = np.where(whole, sizes, -1)[:, ::2]
    times = np.where((beside < 0).any(axis=1), 3, 2)
    real = (beside >= 0).any(axis=1) & (sizes[:, 1] // times > beside.max(axis=1))
    for k in np.nonzero(real)[0]:
        yield Jump(int(which[k]), int(at[k]))
