"""Benefits that cannot be held together: which of them is kept, for one person as for many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shebao.entitled.catalogue import Exclusion

if TYPE_CHECKING:
    from numpy.typing import NDArray

NONE = -1  # no exclusion applies


@dataclass(frozen=True)
class Loss:
    """By person: the number of the exclusion by which a benefit gives way, and whose place in its list is kept.

    Both are ``NONE`` where it does not give way.
    """

    exclusion: NDArray[np.int16]
    kept: NDArray[np.int16]

    @staticmethod
    def none(rows: int) -> Loss:
        return Loss(np.full(rows, NONE, dtype=np.int16), np.full(rows, NONE, dtype=np.int16))


def resolve(
    exclusions: tuple[Exclusion, ...],
    due: Mapping[str, NDArray[np.bool_]],
    amounts: Mapping[str, NDArray[np.int64]],
    held: Mapping[str, NDArray[np.bool_]] | None = None,
) -> dict[str, Loss]:
    """What each benefit loses to another, by person.

    ``due`` says who is entitled by the benefit's own rules, ``amounts`` how much in fen (0 where it is not known, or a
    service). Where the person chooses, what is drawn already (``held``) is kept, else the higher is proposed. Of equal
    amounts the one that is listed first is kept. A benefit that gave way excludes nothing any more.
    """
    losses = {name: Loss.none(len(mask)) for name, mask in due.items()}
    for number, exclusion in enumerate(exclusions):
        names = [name for name in exclusion.benefits if name in due]
        if len(names) < 2:
            continue
        standing = np.stack([due[name] & (losses[name].exclusion == NONE) for name in names])
        best = np.where(standing, _rank(exclusion, names, amounts, held or {}), np.iinfo(np.int64).min).argmax(axis=0)
        several = standing.sum(axis=0) > 1
        places = np.array([exclusion.benefits.index(name) for name in names], dtype=np.int16)
        for k, name in enumerate(names):
            loses = standing[k] & (best != k) & several
            losses[name].exclusion[loses] = number
            losses[name].kept[loses] = places[best[loses]]
    return losses


def _rank(
    exclusion: Exclusion,
    names: list[str],
    amounts: Mapping[str, NDArray[np.int64]],
    held: Mapping[str, NDArray[np.bool_]],
) -> NDArray[np.int64]:
    """How strongly each benefit is kept, by person; ``argmax`` takes the first of equals."""
    if exclusion.keep == "first":
        return np.zeros((len(names), len(amounts[names[0]])), dtype=np.int64)
    rank = np.stack([amounts[name] for name in names])
    if exclusion.keep == "choose" and any(name in held for name in names):
        none = np.zeros(rank.shape[1], dtype=np.bool_)
        drawn = np.stack([held.get(name, none) for name in names])
        rank = np.where(drawn, np.iinfo(np.int64).max, rank)
    return rank
