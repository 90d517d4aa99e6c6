"""The people of a province as columns for the registry and the books, from the synthetic population."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from shebao import population
from shebao.population.participation import PARTICIPATION
from shebao.population.statutory import categories

EPOCH = np.datetime64("1970-01-01", "M").astype(int) + 1970 * 12


@dataclass(frozen=True)
class People:
    """The population's columns at the start of ``month``, with ids from ``first`` on."""

    table: pa.Table
    month: dt.date
    first: int

    def __len__(self) -> int:
        return len(self.table)

    @cached_property
    def ids(self) -> np.ndarray:
        return self.first + np.arange(len(self), dtype=np.int64)

    def of(self, column: str) -> np.ndarray:
        """A column as NumPy."""
        return self.table[column].to_numpy()

    def who(self, *parts: str) -> np.ndarray:
        """Positions of the people with one of these participations."""
        codes = [PARTICIPATION.index(part) for part in parts]
        return np.flatnonzero(np.isin(self.of("participation"), codes))

    @cached_property
    def birth_date(self) -> pa.Array:
        """The day of birth that the citizen number tells."""
        digits = pc.utf8_slice_codeunits(self.table["citizen_number"], 6, 14)
        return pc.cast(pc.strptime(digits, "%Y%m%d", "s"), pa.date32()).combine_chunks()

    @cached_property
    def sex(self) -> pa.Array:
        return pa.array(["male", "female"]).take(pa.array(self.of("sex")))

    @cached_property
    def category(self) -> pa.Array:
        return pa.array(list(categories())).take(pa.array(self.of("category")))

    @cached_property
    def number_of_month(self) -> int:
        return self.month.year * 12 + self.month.month - 1


def make_people(
    people: int, region: int, month: dt.date, seed: int, first: int, tell: Callable[[int, int], None]
) -> People:
    """The synthetic population of a province at the start of a month; ``PopulationError`` where it cannot be made."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.parquet"
        population.make(path, people, region, f"{month:%Y-%m}", seed, progress=tell)
        return People(pq.read_table(path, memory_map=False), month, first)


def dates(months: np.ndarray) -> pa.Array:
    """Months, counted from the year 0, as their first days."""
    return pa.array((months - EPOCH).astype("datetime64[M]").astype("datetime64[D]"))


def since(start: pa.Array) -> pa.Array:
    """From a day on: the text of a half-open range without an end."""
    return pc.binary_join_element_wise("[", pc.strftime(start.cast(pa.timestamp("s")), "%Y-%m-%d"), ",)", "")


def always(start: dt.date, count: int) -> pa.Array:
    """The same range from a day on for everybody."""
    return pa.repeat(f"[{start},)", count)


def yuan(fen: np.ndarray) -> pa.Array:
    """Fen, none negative, as the law's facts are written: ``2438.11``."""
    cents = pc.utf8_lpad(pa.array(fen % 100).cast(pa.string()), 2, "0")
    return pc.binary_join_element_wise(pa.array(fen // 100).cast(pa.string()), cents, ".")
