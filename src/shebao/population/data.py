"""The statistics a population is made from: read once, in the order of provinces and ages.

Every array that has a province axis is in the order of ``REGIONS``. Sources: ``data/README.md``.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from shebao.law import regions

FOLDER = Path(__file__).with_name("data")
REGIONS = regions.ALL
SEXES = ("male", "female")
CENSUS_MONTH = 2020 * 12 + 10  # 2020-11-01, 00:00
OLDEST = 100  # the census's last single age stands for 100 and over
FIRST_BIRTH = CENSUS_MONTH - 12 * (OLDEST + 1)  # the earliest birth month in a population
TABLE_YEAR = 2024  # of the scheme tables


class PopulationError(ValueError):
    """A population that cannot be made: what was asked, what is missing, and where."""


def place_of(region: int) -> int:
    """Position of a province in every array; ``PopulationError`` for an unknown code."""
    if region not in REGIONS:
        raise PopulationError(f"province {region} is unknown; codes are {', '.join(map(str, REGIONS))}")
    return REGIONS.index(region)


def region_name(region: int) -> str:
    """A province's short Chinese name."""
    return regions.NAMES[region][0]


def month_text(month: int) -> str:
    """A month index as ``YYYY-MM``."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@functools.cache
def assumptions() -> Mapping[str, Mapping[str, Any]]:
    """Every assumption with its label, value, source and certainty."""
    return yaml.safe_load((FOLDER / "assumptions.yaml").read_text(encoding="utf-8"))


def assumed(name: str) -> Any:
    """The value of one assumption."""
    return assumptions()[name]["value"]


def assumed_month(name: str) -> int:
    """An assumed calendar month as an index."""
    return month_index(assumed(name))


def month_index(text: str) -> int:
    """``YYYY-MM`` as a month index; ``PopulationError`` otherwise."""
    year, _, month = text.partition("-")
    if not (len(year) == 4 and year.isdigit() and month.isdigit() and 1 <= int(month) <= 12):
        raise PopulationError(f"a month is written YYYY-MM, not {text!r}")
    return int(year) * 12 + int(month) - 1


def by_age(knots: Mapping[int, float], ages: np.ndarray) -> np.ndarray:
    """A profile given at some ages, straight between them, flat outside."""
    return np.interp(ages, list(knots), list(knots.values()))


@functools.cache
def single_age_profile() -> np.ndarray:
    """People of the nation by sex and single age 0..100 (2020 census): ``[2, 101]``."""
    people = np.zeros((2, OLDEST + 1))
    for row in _rows("census2020_single_ages.csv"):
        people[SEXES.index(row["sex"]), int(row["age"])] = int(row["people"])
    return people


@functools.cache
def census() -> np.ndarray:
    """People by province, sex and single age 0..100 on the census day: ``[31, 2, 101]``.

    The census gives groups of five years by province; within a group the nation's single ages are followed.
    """
    profile, people = single_age_profile(), np.zeros((len(REGIONS), 2, OLDEST + 1))
    for row in _rows("census2020_age5_sex.csv"):
        sex, ages = SEXES.index(row["sex"]), slice(int(row["age_from"]), int(row["age_to"]) + 1)
        share = profile[sex, ages] / profile[sex, ages].sum()
        people[place_of(int(row["region"])), sex, ages] = int(row["people"]) * share
    return people


@functools.cache
def death_probability() -> tuple[int, np.ndarray]:
    """First year, and the probability of dying within a year: ``[year, 2, 101]`` (age at the year's start).

    The last age of the source is held for those above it.
    """
    rows = list(_rows("wpp2024_death_probability.csv"))
    first, last = int(rows[0]["year"]), int(rows[-1]["year"])
    q = np.zeros((last - first + 1, 2, OLDEST + 1))
    for row in rows:
        q[int(row["year"]) - first, SEXES.index(row["sex"]), int(row["age"])] = float(row["probability"])
    known = max(int(row["age"]) for row in rows)
    q[:, :, known + 1 :] = q[:, :, known : known + 1]
    return first, q


@dataclass(frozen=True)
class Vital:
    """The nation in one year: boys and girls born, deaths, and people at the year's end (with servicemen)."""

    births: tuple[float, float]
    deaths: int
    people_year_end: int


@functools.cache
def vital_totals() -> Mapping[int, Vital]:
    """Births and deaths of the nation by year."""
    found = {}
    for row in _rows("vital_totals.csv"):
        boys_per_girl = float(row["boys_per_girl"])
        girls = int(row["births"]) / (1 + boys_per_girl)
        births = (girls * boys_per_girl, girls)
        found[int(row["year"])] = Vital(births, int(row["deaths"]), int(row["people_year_end"]))
    return found


@functools.cache
def scheme_table(scheme: str) -> Mapping[str, np.ndarray]:
    """Contributors, pensioners, fen per pensioner and month of ``employee`` or ``resident``, end-2024, by province."""
    columns = ("contributors", "pensioners", "fen_per_pensioner_month")
    table = {column: np.zeros(len(REGIONS), np.int64) for column in columns}
    for row in _rows("pension_2024.csv"):
        if row["scheme"] == scheme:
            place = place_of(int(row["region"]))
            table["contributors"][place] = int(row["contributors"])
            table["pensioners"][place] = int(row["pensioners"])
            table["fen_per_pensioner_month"][place] = int(Fraction(row["yuan_per_pensioner_month"]) * 100)
    return table


@functools.cache
def average_wage(year: int) -> np.ndarray:
    """The average monthly wage (全口径城镇单位就业人员) of a year by province, fen.

    ``PopulationError`` for a year outside the table.
    """
    wages = {(int(row["region"]), int(row["year"])): row["yuan_per_month"] for row in _rows("average_wage.csv")}
    years = sorted({known for _, known in wages})
    if year not in years:
        raise PopulationError(f"no average wage of {year}: wages are known for {years[0]} to {years[-1]}")
    return np.array([int(Fraction(wages[code, year]) * 100) for code in REGIONS], np.int64)


@functools.cache
def place_codes() -> Mapping[int, tuple[tuple[str, int, int], ...]]:
    """Division codes for synthetic citizen numbers by province: code, first and last year of birth it serves."""
    found: dict[int, list[tuple[str, int, int]]] = {code: [] for code in REGIONS}
    for row in _rows("place_codes.csv"):
        found[int(row["region"])].append((row["code"], int(row["from_year"]), int(row["to_year"])))
    return {code: tuple(rows) for code, rows in found.items()}
