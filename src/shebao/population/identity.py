"""Synthetic citizen numbers (GB 11643): valid to every check, and nobody's.

A real number begins with the code of a county, city without districts, banner or district; a synthetic one
begins with the code of the province itself (``440000``), or of a prefecture (``440100``) where a province needs
more numbers. No person is registered at such a place, so the two cannot meet. What follows is regular: date of
birth, a sequence number that is odd for men, and the check character.

Within one province, sex and month of birth people are numbered 0, 1, 2 …; that number gives day, sequence and
place code, so no two are alike. 499 people of a sex per place code and day is the room there is.
"""

from __future__ import annotations

import calendar

import numpy as np

from shebao.population import data
from shebao.population.data import PopulationError, month_text

PER_DAY = 499  # odd or even sequence numbers 001..998 of one place and day
_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_CHECK = np.frombuffer(b"10X98765432", np.uint8)


def _digits(numbers: np.ndarray, width: int, first: int) -> tuple[np.ndarray, np.ndarray]:
    """Numbers as ASCII digits at character ``first`` of a citizen number, and their part of the check sum."""
    powers = 10 ** np.arange(width - 1, -1, -1)
    digits = np.asarray(numbers)[:, None] // powers % 10
    return (digits + ord("0")).astype(np.uint8), digits @ _WEIGHTS[first : first + width]


_DAYS = _digits(np.arange(32), 2, 12)
_SEQUENCES = _digits(np.arange(1000), 3, 14)


class Numbers:
    """The citizen numbers of one province."""

    def __init__(self, region: int, months: np.ndarray) -> None:
        """Prepare for the months of birth ``months`` (consecutive)."""
        self.region, self.first = region, int(months[0])
        self._months = _digits(months // 12 * 100 + months % 12 + 1, 6, 6)
        self._days = np.array([calendar.monthrange(m // 12, m % 12 + 1)[1] for m in months.tolist()])
        self._codes, self._from = _code_lists(region, months)

    def room(self, months: np.ndarray) -> np.ndarray:
        """How many people of one sex each month of birth has numbers for."""
        at = months - self.first
        return np.diff(self._from)[at] * self._days[at] * PER_DAY

    def check_room(self, months: np.ndarray, people: np.ndarray) -> None:
        """``PopulationError`` if a month of birth has more people of one sex than numbers."""
        over = np.flatnonzero(people > self.room(months))
        if len(over):
            month, asked = int(months[over[0]]), int(people[over[0]])
            raise PopulationError(
                f"{data.region_name(self.region)}: {asked:,} people of one sex born in {month_text(month)}, but only "
                f"{int(self.room(months[over[:1]])[0]):,} synthetic citizen numbers; ask for fewer people"
            )

    def characters(self, months: np.ndarray, female: np.ndarray, number: np.ndarray) -> np.ndarray:
        """Citizen numbers as ASCII, ``[people, 18]``; ``number`` counts people of a sex and month of birth from 0."""
        at = months - self.first
        round_, day = np.divmod(number, self._days[at])
        place, order = np.divmod(round_, PER_DAY)
        sequence = 2 * order + 1 + female
        parts = (
            (self._codes, self._from[at] + place, slice(0, 6)),
            (self._months, at, slice(6, 12)),
            (_DAYS, day + 1, slice(12, 14)),
            (_SEQUENCES, sequence, slice(14, 17)),
        )
        text = np.empty((len(months), 18), np.uint8)
        total = np.zeros(len(months), np.int64)
        for (digits, sums), pick, where in parts:
            text[:, where] = digits[pick]
            total += sums[pick]
        text[:, 17] = _CHECK[total % 11]
        return text


def _code_lists(region: int, months: np.ndarray) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
    """Place codes usable in each month of birth, one list after another, and where each list begins."""
    lists = {
        year: [int(code) for code, first, last in data.place_codes()[region] if first <= year <= last]
        for year in set((months // 12).tolist())
    }
    per_month = [lists[year] for year in (months // 12).tolist()]
    begins = np.concatenate([[0], np.cumsum([len(codes) for codes in per_month])])
    return _digits(np.array([c for codes in per_month for c in codes]), 6, 0), begins
