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

    def of(self, at: NDArray[np.int64]) -> Loss:
        """The same for the people at some places."""
        return Loss(self.exclusion[at], self.kept[at])

    @staticmethod
    def none(rows: int) -> Loss:
        return Loss(np.full(rows, NONE, dtype=np.int16), np.full(rows, NONE, dtype=np.int16))


def resolve(
    exclusions: tuple[Exclusion, ...],
    due: Mapping[str, NDArray[np.bool_]],
    amounts: Mapping[str, NDArray[np.int64]],
    held: Mapping[str, NDArray[np.bool_]] | None = None,
    deducted: Mapping[str, NDArray[np.bool_]] | None = None,
) -> dict[str, Loss]:
    """What each benefit loses to another, by person.

    ``due`` says who is entitled by the benefit's own rules, ``amounts`` how much in fen (0 where it is not known, or a
    service). Where the person chooses, what is drawn already (``held``) is kept, else the higher is proposed. Of equal
    amounts the one that is listed first is kept. A benefit that gave way excludes nothing any more. ``deducted`` says
    of each ``unless`` where it is more than 0.
    """
    losses = {name: Loss.none(len(mask)) for name, mask in due.items()}
    for number, exclusion in enumerate(exclusions):
        names = [name for name in exclusion.benefits if name in due]
        if len(names) > 1:
            standing = np.stack([due[name] & (losses[name].exclusion == NONE) for name in names])
            several = standing.sum(axis=0) > 1
            if exclusion.unless in (deducted or {}):
                several &= ~deducted[exclusion.unless]  # type: ignore[index]
            at = np.flatnonzero(several)
            if len(at):
                best = _best(exclusion, names, standing[:, at], at, amounts, held or {})
                places = np.array([exclusion.benefits.index(name) for name in names], dtype=np.int16)
                for k, name in enumerate(names):
                    loses = standing[k, at] & (best != k)
                    losses[name].exclusion[at[loses]] = number
                    losses[name].kept[at[loses]] = places[best[loses]]
    return losses


def _best(
    exclusion: Exclusion,
    names: list[str],
    standing: NDArray[np.bool_],
    at: NDArray[np.int64],
    amounts: Mapping[str, NDArray[np.int64]],
    held: Mapping[str, NDArray[np.bool_]],
) -> NDArray[np.int64]:
    """Which of the benefits is kept, for the people at some places; ``argmax`` takes the first of equals."""
    if exclusion.keep == "first":
        return standing.argmax(axis=0)
    rank = np.stack([amounts[name][at] for name in names])
    if exclusion.keep == "choose":
        none = np.zeros(len(at), dtype=np.bool_)
        drawn = np.stack([held[name][at] if name in held else none for name in names])
        rank = np.where(drawn, np.iinfo(np.int64).max, rank)
    return np.where(standing, rank, np.iinfo(np.int64).min).argmax(axis=0)
