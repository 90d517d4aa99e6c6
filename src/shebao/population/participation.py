"""How many people of each province, retirement category and month of birth take part in which scheme.

Published counts by province are spread over ages: first among the province's own residents, and what they
cannot fill (several provinces insure more people than live there) among the uninsured of the same age
elsewhere. All numbers are expected values; :mod:`shebao.population.allotment` makes them whole.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from shebao.population import data, demography, statutory
from shebao.population.data import REGIONS, PopulationError, assumed, by_age, scheme_table

#: How a person takes part, in the order of the codes in the file.
PARTICIPATION = ("none", "employee", "flexible", "employee_retiree", "resident", "resident_pensioner")
NONE, EMPLOYEE, FLEXIBLE, EMPLOYEE_RETIREE, RESIDENT, RESIDENT_PENSIONER = range(6)
CONTRIBUTORS = (EMPLOYEE, FLEXIBLE)

# Pensioners are placed before contributors and the narrowest group first, so that each finds people of its ages.
_ORDER = (RESIDENT_PENSIONER, EMPLOYEE_RETIREE, FLEXIBLE, EMPLOYEE, RESIDENT)


@dataclass(frozen=True)
class Expected:
    """Expected people at the start of ``month``.

    A row is one retirement category and one month of birth (``category``, ``birth_month``, ``statutory``).
    """

    month: int
    category: np.ndarray  # [rows] code
    birth_month: np.ndarray  # [rows]
    statutory: np.ndarray  # [rows] statutory retirement month
    residents: np.ndarray  # [31, rows] living in the province
    people: np.ndarray  # [31, rows, 6] on the province's books, or uninsured and living there
    at_home: np.ndarray  # [31, rows, 6] share of them who live there
    elsewhere: np.ndarray  # [6, rows, 31] where the others live (cumulative shares)

    @property
    def sex(self) -> np.ndarray:
        return (self.category > 0).astype(np.int8)

    @property
    def age(self) -> np.ndarray:
        return (self.month - self.birth_month) // 12


@functools.lru_cache(maxsize=2)
def expected(month: int) -> Expected:
    """Everybody at the start of ``month``, by province, row and participation."""
    births = demography.birth_months(month)
    alive = demography.residents(month)
    statutory_month = statutory.statutory_months(month)
    late = assumed("women55_share")
    living = np.concatenate([alive[:, 0], alive[:, 1] * late, alive[:, 1] * (1 - late)], axis=1)
    category = np.repeat(np.arange(3), len(births))
    rows = _Rows(month, category, np.tile(births, 3), statutory_month.ravel())
    home, away, lent = _place(rows, living)
    people = home + away
    with np.errstate(invalid="ignore"):
        at_home = np.where(people > 0, home / people, 1.0)
    return Expected(month, category, rows.birth_month, rows.statutory, living, people, at_home, _cumulative(lent))


@dataclass(frozen=True)
class _Rows:
    month: int
    category: np.ndarray
    birth_month: np.ndarray
    statutory: np.ndarray

    def weights(self) -> dict[int, np.ndarray]:
        """Relative chance of each participation by row; zero where age or category forbids it."""
        age = (self.month - self.birth_month) // 12
        grown = self.month - self.birth_month >= statutory.joining_age_months(self.month)
        retired = self.statutory < self.month
        pension_age = np.tile(statutory.resident_pension_months(self.month), 3) < self.month
        on_record = self.statutory >= statutory.earliest_retirement()
        curves = assumed("employed_by_age")
        employed = np.where(self.category == 0, by_age(curves["male"], age), by_age(curves["female"], age))
        employed = employed * (grown & ~retired)
        self_insured = self.category != statutory.categories().index("women50")
        return {
            EMPLOYEE: employed,
            FLEXIBLE: employed * by_age(assumed("flexible_by_age"), age) * self_insured,
            EMPLOYEE_RETIREE: by_age(assumed("retiree_by_age"), age) * (retired & on_record),
            RESIDENT: by_age(assumed("resident_by_age"), age) * (grown & ~pension_age),
            RESIDENT_PENSIONER: by_age(assumed("resident_pensioner_by_age"), age) * pension_age,
        }

    def most_insured(self) -> np.ndarray:
        return by_age(assumed("most_insured"), (self.month - self.birth_month) // 12)


def _targets() -> dict[int, np.ndarray]:
    """Published people by province for each participation."""
    employee, resident = scheme_table("employee"), scheme_table("resident")
    self_insured = employee["contributors"] * assumed("flexible_share")
    return {
        EMPLOYEE: employee["contributors"] - self_insured,
        FLEXIBLE: self_insured,
        EMPLOYEE_RETIREE: employee["pensioners"].astype(float),
        RESIDENT: resident["contributors"].astype(float),
        RESIDENT_PENSIONER: resident["pensioners"].astype(float),
    }


def _place(rows: _Rows, living: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """People insured where they live and insured away from it, ``[31, rows, 6]``, and who is lent: ``[6, rows, 31]``.

    The uninsured (participation ``none``) are among those at home.
    """
    weights, targets = rows.weights(), _targets()
    free = living * rows.most_insured()
    home, away = np.zeros((2, len(REGIONS), len(rows.category), len(PARTICIPATION)))
    lent = np.zeros((len(PARTICIPATION), len(rows.category), len(REGIONS)))
    for status in _ORDER:
        home[:, :, status] = _fill(free, weights[status], targets[status])
        free = free - home[:, :, status]
    for status in _ORDER:
        missing = targets[status] - home[:, :, status].sum(axis=1)
        taken = _lend(free, weights[status], missing.sum(), status, rows.month)
        free = free - taken
        lent[status] = taken.T
        away[:, :, status] = np.outer(missing / max(missing.sum(), 1.0), taken.sum(axis=0))
    home[:, :, NONE] = living - home.sum(axis=2) - lent.sum(axis=0).T
    return home, away, lent


def _fill(free: np.ndarray, weight: np.ndarray, target: np.ndarray) -> np.ndarray:
    """People taken from each row in proportion to ``free * weight``, none beyond ``free``, ``target`` in all.

    Works on each line of ``free``; a line that holds fewer than its target gives all it has where weight allows.
    """
    some = np.flatnonzero(weight > 0)
    chance, eligible = weight[some], free[:, some]
    low, high = np.zeros(len(free)), np.full(len(free), 1 / chance.min())  # at 1 / min everybody is taken
    for _ in range(48):
        middle = (low + high) / 2
        enough = np.einsum("ij,ij->i", eligible, np.minimum(1, middle[:, None] * chance)) >= target
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    taken = np.zeros(free.shape)
    taken[:, some] = eligible * np.minimum(1, high[:, None] * chance)
    return taken


def _lend(free: np.ndarray, weight: np.ndarray, wanted: float, status: int, month: int) -> np.ndarray:
    """People without insurance, anywhere in the nation, who are on another province's books: ``[31, rows]``."""
    taken = _fill(free.reshape(1, -1), np.tile(weight, len(free)), np.array([wanted])).reshape(free.shape)
    if taken.sum() < wanted * 0.9999 - 1:
        raise PopulationError(
            f"{PARTICIPATION[status]} in {data.month_text(month)}: the tables of {data.TABLE_YEAR} count "
            f"{wanted:,.0f} people more than live in the nation at the ages the law allows; {taken.sum():,.0f} found"
        )
    return taken


def _cumulative(lent: np.ndarray) -> np.ndarray:
    """Cumulative shares over the provinces people are lent from; 1 throughout where nobody is."""
    running = np.cumsum(lent, axis=2)
    total = running[:, :, -1:]
    return np.where(total > 0, running / np.maximum(total, 1e-300), 1.0)
