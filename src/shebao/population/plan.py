"""Who will be in a file: whole people by cell, and how any one of them is made.

Person number *i* is the same whoever makes it and in whatever company: a province's people are laid out cell by
cell (category and month of birth, participation), a seeded stride through that list puts them in an order
without meaning, and everything drawn for a person hangs on the number within province and participation.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np

from shebao.population import allotment, data, draws, identity
from shebao.population.careers import Careers, Group
from shebao.population.columns import columns
from shebao.population.data import REGIONS, PopulationError, assumed_month
from shebao.population.participation import (
    EMPLOYEE_RETIREE,
    PARTICIPATION,
    RESIDENT_PENSIONER,
    Expected,
    expected,
)

RUNS, RUN = 256, 128  # a large group's mean is taken over so many runs of neighbours, whose draws are spread evenly


@dataclass(frozen=True)
class Plan:
    """Who will be in a file: whole people by province, row and participation, before anything is drawn."""

    month: int
    seed: int
    province: int | None
    model: Expected
    counts: np.ndarray  # [31, rows, 6]

    @property
    def people(self) -> int:
        return int(self.counts.sum())

    @property
    def real_people(self) -> float:
        """How many real people the file stands for."""
        return float(self._real().sum())

    def _real(self) -> np.ndarray:
        real = self.model.people.sum(axis=(1, 2))
        return real if self.province is None else real * (np.array(REGIONS) == self.province)

    def provinces(self) -> list[Province]:
        """The provinces that have people; ``PopulationError`` if one has more than there are citizen numbers."""
        careers = Careers(self.month)
        wages = data.average_wage(self.month // 12 - 1)
        return [
            Province(REGIONS[place], self.seed, self.model, careers, self.counts[place], int(wages[place]))
            for place in np.flatnonzero(self.counts.sum(axis=(1, 2)))
        ]

    @property
    def weight(self) -> float:
        """Real people per person of the file."""
        return self.real_people / self.people


def plan(people: int, province: int | None, month: int, seed: int) -> Plan:
    """Allot ``people`` to cells; ``PopulationError`` if they cannot be had or numbered."""
    if people < 1:
        raise PopulationError(f"people must be at least 1, not {people}")
    where = slice(None) if province is None else slice(data.place_of(province), data.place_of(province) + 1)
    model = expected(month)
    shares = np.zeros(len(REGIONS), np.int64)
    shares[where] = allotment.largest_remainder(people, model.people[where].sum(axis=(1, 2)))
    counts = np.zeros(model.people.shape, np.int64)
    some = shares > 0
    counts[some] = allotment.allot(model.people[some], shares[some])
    return Plan(month, seed, province, model, counts)


@dataclass(frozen=True)
class Province:
    """One province of a plan, ready to make any of its people."""

    region: int
    seed: int
    model: Expected
    careers: Careers
    counts: np.ndarray  # [rows, 6]
    wage: int  # average wage of the year before, fen

    def __post_init__(self) -> None:
        self.numbers.check_room(*self._by_sex_and_birth())
        _ = self.pensions  # here, not in several threads at once

    @property
    def place(self) -> int:
        return data.place_of(self.region)

    @property
    def people(self) -> int:
        return int(self.counts.sum())

    @functools.cached_property
    def numbers(self) -> identity.Numbers:
        return identity.Numbers(self.region, np.unique(self.model.birth_month))

    @functools.cached_property
    def cell_ends(self) -> np.ndarray:
        """Running total of people by cell (row and participation)."""
        return np.cumsum(self.counts.ravel())

    @functools.cached_property
    def group_starts(self) -> np.ndarray:
        """Number, within province and participation, of each cell's first person."""
        return (np.cumsum(self.counts, axis=0) - self.counts).ravel()

    @functools.cached_property
    def birth_starts(self) -> np.ndarray:
        """Number, within province, sex and month of birth, of each cell's first person."""
        births = len(self.counts) // 3
        rows = self.counts.sum(axis=1).reshape(3, births)
        before = np.zeros_like(rows)
        before[2] = rows[1]  # women of the second category follow those of the first
        return (before.reshape(-1, 1) + np.cumsum(self.counts, axis=1) - self.counts).ravel()

    def _by_sex_and_birth(self) -> tuple[np.ndarray, np.ndarray]:
        births = len(self.counts) // 3
        rows = self.counts.sum(axis=1).reshape(3, births)
        months = self.model.birth_month[:births]
        return np.tile(months, 2), np.concatenate([rows[0], rows[1] + rows[2]])

    @functools.cached_property
    def stride(self) -> tuple[int, int]:
        """Step and start of the walk through the province's people; the step shares no factor with their number."""
        step = (int(self.people * 0.6180339887) + draws.key(self.seed, self.region, 0) % 1009) % self.people
        while math.gcd(step, self.people) != 1:
            step += 1
        return step, draws.key(self.seed, self.region, 1) % self.people

    def stream(self, status: int) -> int:
        return draws.key(self.seed, self.region, 2 + status)

    @functools.cached_property
    def pensions(self) -> dict[int, tuple[int, int]]:
        """For each kind of pensioner the published mean pension, fen, and the mean weight it belongs to."""
        schemes = {EMPLOYEE_RETIREE: "employee", RESIDENT_PENSIONER: "resident"}
        return {
            status: (int(data.scheme_table(scheme)["fen_per_pensioner_month"][self.place]), self._mean_weight(status))
            for status, scheme in schemes.items()
        }

    def _group(self, status: int, number: np.ndarray, row: np.ndarray) -> Group:
        return Group(number, self.model.birth_month[row], self.model.statutory[row], self.stream(status))

    def _mean_weight(self, status: int) -> int:
        """Mean weight of the pensions of a participation, over all its people or runs of them from end to end."""
        ends = np.cumsum(self.counts[:, status])
        n = int(ends[-1])
        if n == 0:
            return 1
        number = np.arange(n)
        if n > RUNS * RUN:
            number = (np.linspace(0, n - RUN, RUNS).astype(np.int64)[:, None] + np.arange(RUN)).ravel()
        group = self._group(status, number, np.searchsorted(ends, number, side="right"))
        columns_ = self.careers.columns(group, status, self.region, self.wage)
        return max(1, int(np.rint(self.careers.pension_weight(status, columns_).mean())))

    def make(self, first: int, last: int) -> dict[str, np.ndarray]:
        """The columns of persons ``first`` to ``last`` (not included) of the province."""
        step, start = self.stride
        at = (np.arange(first, last) * step + start) % self.people
        cell = np.searchsorted(self.cell_ends, at, side="right")
        row, status = np.divmod(cell, len(PARTICIPATION))
        rank = at - (self.cell_ends[cell] - self.counts.ravel()[cell])
        sex, birth_month = self.model.sex[row], self.model.birth_month[row]
        made = {
            "citizen_number": self.numbers.characters(birth_month, sex, self.birth_starts[cell] + rank),
            "region": np.full(last - first, self.region),
            "residence": np.full(last - first, self.region),
            "sex": sex,
            "birth_month": birth_month,
            "category": self.model.category[row],
            "participation": status,
            "scheme_start_month": np.full(last - first, assumed_month("resident_start")),
        }
        defaults = {column.name: column.default for column in columns()}
        for kind in range(len(PARTICIPATION)):
            who = np.flatnonzero(status == kind)
            group = self._group(kind, self.group_starts[cell[who]] + rank[who], row[who])
            for name, values in self._attributes(kind, group, row[who]).items():
                if name not in made:
                    made[name] = np.full(last - first, defaults[name])
                made[name][who] = values
        return made

    def _attributes(self, kind: int, group: Group, row: np.ndarray) -> dict[str, np.ndarray]:
        found = self.careers.columns(group, kind, self.region, self.wage)
        if kind in self.pensions:
            mean, mean_weight = self.pensions[kind]
            found["pension_in_payment"] = (self.careers.pension_weight(kind, found) * mean) // mean_weight
        home = self.careers.at_home(group, self.model.at_home[self.place, row, kind])
        if not home.all():
            found["residence"] = np.full(len(row), self.region)
            away = np.flatnonzero(~home)
            part = Group(group.number[away], group.birth_month[away], group.statutory[away], group.stream)
            found["residence"][away] = np.array(REGIONS)[
                self.careers.lives_in(part, self.model.elsewhere[kind, row[away]])
            ]
        return found
