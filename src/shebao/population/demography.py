"""People by province, sex and month of birth at the start of a month.

The 2020 census is carried forward: each month of birth is a cohort that loses its dead in the UN's pattern by
age and sex, and new cohorts are born; the nation's births and deaths are the published ones. Migration between
provinces after the census is not modelled.
"""

from __future__ import annotations

import numpy as np

from shebao.population import data
from shebao.population.data import CENSUS_MONTH, FIRST_BIRTH, OLDEST, PopulationError


def birth_months(month: int) -> np.ndarray:
    """Every month of birth of the people alive at the start of ``month``."""
    return np.arange(FIRST_BIRTH, month)


def ages(month: int) -> np.ndarray:
    """Age in whole years reached in ``month``, for each of :func:`birth_months`."""
    return (month - birth_months(month)) // 12


def residents(month: int) -> np.ndarray:
    """People by province, sex and month of birth at the start of ``month``: ``[31, 2, births]``, fractional.

    ``PopulationError`` for a month before the census or beyond the years whose births and deaths are known.
    """
    last = (max(data.vital_totals()) + 1) * 12
    if not CENSUS_MONTH <= month <= last:
        raise PopulationError(
            f"no population for {data.month_text(month)}: the census is of {data.month_text(CENSUS_MONTH)}, "
            f"births and deaths are known to the start of {data.month_text(last)}"
        )
    people = np.zeros((len(data.REGIONS), 2, month - FIRST_BIRTH))
    known = CENSUS_MONTH - FIRST_BIRTH
    # Age a on the census day was born in twelve months; the earliest month of birth comes first, the oldest age last.
    people[:, :, :known] = np.repeat(data.census()[:, :, ::-1], 12, axis=2) / 12
    for now in range(CENSUS_MONTH, month):
        alive = people[:, :, : now - FIRST_BIRTH]
        alive -= _deaths(alive, now)
        people[:, :, now - FIRST_BIRTH] = _newborn(now)
    return people


def _deaths(alive: np.ndarray, month: int) -> np.ndarray:
    """Deaths of a month: the UN's pattern by age and sex, the level of the nation's published deaths."""
    first, q = data.death_probability()
    # A probability leads from 1 July to 1 July, so for age a it is about exact ages a + 1/2 to a + 3/2.
    age = np.clip((month - 6 - birth_months(month)) // 12, 0, OLDEST)
    year = max((month - 6) // 12, first)
    pattern = alive * (1 - (1 - q[year - first][:, age]) ** (1 / 12))
    return pattern * (data.vital_totals()[month // 12].deaths / 12 / pattern.sum())


def _newborn(month: int) -> np.ndarray:
    """Boys and girls born in a month by province, shared out as the census's infants: ``[31, 2]``."""
    infants = data.census()[:, :, 0]
    return np.array(data.vital_totals()[month // 12].births) / 12 * infants / infants.sum(axis=0)
