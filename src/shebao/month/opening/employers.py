"""Employers: many small, few large, and together exactly the employees there are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shebao.month.opening import names, numbers
from shebao.month.opening.places import Places
from shebao.month.opening.sources import assumed

SIZES = ("micro_small_medium", "large", "public_body")  # in the order of the population's codes


@dataclass(frozen=True)
class Employers:
    """Employers numbered from 0 in the province, and for each employee the employer's number."""

    codes: list[str]
    names: list[str]
    size: list[str]
    industry_class: np.ndarray
    area: np.ndarray
    of_employee: np.ndarray

    def __len__(self) -> int:
        return len(self.codes)


def employers(
    region: int, size: np.ndarray, industry_class: np.ndarray, place: Places, draws: np.random.Generator
) -> Employers:
    """Employers for employees of these sizes (codes of ``SIZES``) and risk classes; employees of one share both."""
    of_employee = np.zeros(len(size), np.int64)
    sizes: list[str] = []
    classes: list[int] = []
    for code, name in enumerate(SIZES):
        for risk in range(1, 9):
            who = np.flatnonzero((size == code) & (industry_class == risk))
            heads = headcounts(len(who), name, draws)
            of_employee[draws.permutation(who)] = np.repeat(np.arange(len(heads)), heads) + len(sizes)
            sizes += [name] * len(heads)
            classes += [risk] * len(heads)
    area = draws.choice(place.towns, len(sizes))
    titles = names.employers([place.county_of(a) for a in area.tolist()], sizes, classes, draws)
    codes = [numbers.credit_code(region, n, s == "public_body") for n, s in enumerate(sizes, 1)]
    return Employers(codes, titles, sizes, np.array(classes, np.int64), area, of_employee)


def headcounts(employees: int, size: str, draws: np.random.Generator) -> np.ndarray:
    """Headcounts of employers of a size class that add up to ``employees``; the last takes what is left."""
    if employees == 0:
        return np.zeros(0, np.int64)
    shape = assumed("employer_headcount")[size]
    low, high, power = shape["low"], shape["high"], shape["exponent"]
    level = draws.random(employees // low + 1)
    heads = low * (1 - level * (1 - (low / high) ** power)) ** (-1 / power)
    ends = np.cumsum(heads.astype(np.int64))
    kept = ends[ends < employees]
    if len(kept) > 1 and employees - kept[-1] < low:  # too few for one more: they join the last
        kept = kept[:-1]
    return np.diff(kept, prepend=0, append=employees)
