"""Whole people from expected ones, margin by margin, with nothing left to chance.

Provinces get their share by largest remainder; within a province each category and month of birth gets whole
people by rounding the running total; within those, participations are served in turn, each carrying what it
is still owed, so that both margins stay within about one person.
"""

from __future__ import annotations

import numpy as np


def largest_remainder(people: int, sizes: np.ndarray) -> np.ndarray:
    """``people`` shared out in proportion to ``sizes``; ties go to the first."""
    quota = people * (sizes / sizes.sum())
    share = np.floor(quota).astype(np.int64)
    first = np.argsort(share - quota, kind="stable")[: people - int(share.sum())]
    share[first] += 1
    return share


def allot(expected: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Whole people ``[provinces, rows, kinds]`` close to ``expected``, each province having exactly ``people``.

    A kind that is not expected in a row gets nobody there.
    """
    total = expected.sum(axis=(1, 2))
    scaled = expected * (people / total)[:, None, None]
    counts = np.zeros(expected.shape, np.int64)
    owed = np.zeros((expected.shape[0], expected.shape[2]))
    for row, size in enumerate(_row_sizes(scaled, people).T):
        owed += scaled[:, row]
        counts[:, row] = _serve(owed, size, expected[:, row] > 0)
        owed -= counts[:, row]
    return counts


def _row_sizes(scaled: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Whole people by row; each line rounds at a point of its own, so that errors do not add up over the lines."""
    point = (np.arange(1, len(people) + 1) * 0.6180339887) % 1
    running = np.floor(np.cumsum(scaled.sum(axis=2), axis=1) + point[:, None]).astype(np.int64)
    running[:, -1] = people
    return np.diff(np.minimum(running, people[:, None]), axis=1, prepend=0)


def _serve(owed: np.ndarray, size: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """``size`` people of each line given to the allowed kinds that are owed most: whole parts first, then the rest."""
    given = np.where(allowed, np.maximum(np.floor(owed), 0), 0).astype(np.int64)
    while (short := size - given.sum(axis=1)).any():
        want = owed - given
        most = np.where(allowed, want, -np.inf).argmax(axis=1)
        least = np.where(given > 0, want, np.inf).argmin(axis=1)
        lines = np.arange(len(size))
        given[lines, most] += short > 0
        given[lines, least] -= short < 0
    return given
