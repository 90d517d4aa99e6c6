"""Margins of a population file beside what they were made to meet, and the error of each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from shebao.population import data
from shebao.population.data import REGIONS, PopulationError, scheme_table
from shebao.population.participation import (
    EMPLOYEE,
    EMPLOYEE_RETIREE,
    FLEXIBLE,
    PARTICIPATION,
    RESIDENT,
    RESIDENT_PENSIONER,
    Expected,
    expected,
)
from shebao.population.stream import NOTES

_KINDS = len(PARTICIPATION)
_OLDEST_GROUP = 85
_COLUMNS = (
    "region",
    "residence",
    "sex",
    "birth_month",
    "participation",
    "pension_in_payment",
    "average_monthly_wage",
)


@dataclass(frozen=True)
class Margin:
    """One margin: what it counts, where, the published or modelled target, what the file stands for.

    ``where`` is a province's name, ``nation``, or a sex and age group. People are scaled to real people; amounts are
    yuan per month.
    """

    name: str
    where: str
    unit: str  # people, yuan/month
    target: float
    value: float
    source: str  # published, model

    @property
    def error(self) -> float:
        """Relative difference from the target."""
        return self.value / self.target - 1 if self.target else 0.0


@dataclass(frozen=True)
class Report:
    """What a population file says of itself and how its margins stand."""

    path: str
    notes: dict[str, Any]
    margins: tuple[Margin, ...]

    def rows(self) -> list[tuple[str, str, str, str, str, str]]:
        """Table rows ready to print: margin, where, target, value, error, source."""
        return [
            (m.name, m.where, _shown(m.target, m.unit), _shown(m.value, m.unit), f"{m.error:+.2%}", m.source)
            for m in self.margins
        ]

    def worst(self) -> dict[str, Margin]:
        """For each kind of margin the one furthest from its target."""
        found: dict[str, Margin] = {}
        for margin in self.margins:
            if margin.name not in found or abs(margin.error) > abs(found[margin.name].error):
                found[margin.name] = margin
        return found

    def select(self, name: str) -> list[Margin]:
        """The margins of one name."""
        return [m for m in self.margins if m.name == name]

    def as_dict(self) -> dict[str, Any]:
        """The report as plain data."""
        margins = [asdict(m) | {"error": m.error} for m in self.margins]
        return {"path": self.path, **self.notes, "margins": margins}

    def json(self) -> str:
        """The report as JSON."""
        return json.dumps(self.as_dict(), ensure_ascii=False, indent=1)

    def markdown(self) -> str:
        """The report as a Markdown table."""
        head = ("margin", "where", "target", "file × weight", "error", "target from")
        rule = ("---", "---", "---:", "---:", "---:", "---")
        lines = [f"| {' | '.join(row)} |" for row in (head, rule, *self.rows())]
        place = data.region_name(self.notes["province"]) if self.notes["province"] else "the nation"
        title = f"{self.notes['people']:,} synthetic people for {place}, {self.notes['month']}"
        return "\n".join([f"# {title}", "", f"Each stands for {self.notes['weight']} real people.", "", *lines, ""])


def report(path: str | Path) -> Report:
    """Read a population file once, streaming, and set its margins beside their targets.

    Raises ``PopulationError`` for a file that is no complete population file.
    """
    path = Path(path)
    notes, counted = _read(path)
    model = expected(data.month_index(notes["month"]))
    places = range(len(REGIONS)) if notes["province"] is None else [data.place_of(notes["province"])]
    weight = float(notes["weight"])
    margins = [*_people(model, counted, list(places), weight)]
    margins += _schemes(counted, list(places), weight)
    margins += _amounts(counted, list(places), model.month)
    return Report(str(path), notes, tuple(margins))


# -- counting --------------------------------------------------------------------------------------


@dataclass
class _Counted:
    """Sums over a file."""

    people: np.ndarray  # [31, kinds]
    living: np.ndarray  # [31]
    ages: np.ndarray  # [2, age groups]
    pension: np.ndarray  # [31, kinds] fen
    wage: np.ndarray  # [31, kinds] fen


def _read(path: Path) -> tuple[dict[str, Any], _Counted]:
    try:
        file = pq.ParquetFile(path)
    except pa.ArrowInvalid as error:
        raise PopulationError(f"{path} is not a complete Parquet file: {error}") from None
    with file:
        said = (file.schema_arrow.metadata or {}).get(NOTES.encode())
        if said is None:
            raise PopulationError(f"{path} was not made by `population make`: its metadata has no {NOTES!r}")
        notes = json.loads(said)
        n, month = len(REGIONS), data.month_index(notes["month"])
        counted = _Counted(
            np.zeros((n, _KINDS)), np.zeros(n), np.zeros((2, _OLDEST_GROUP // 5 + 1)), *np.zeros((2, n, _KINDS))
        )
        for batch in file.iter_batches(1 << 18, columns=list(_COLUMNS)):
            _count(batch, counted, month)
    if counted.people.sum() != notes["people"]:
        raise PopulationError(f"{path} holds {counted.people.sum():,.0f} people, not {notes['people']:,} as it says")
    return notes, counted


_PLACE = np.full(128, -1)
_PLACE[list(REGIONS)] = np.arange(len(REGIONS))


def _count(batch: pa.RecordBatch, counted: _Counted, month: int) -> None:
    column = {name: batch.column(name).to_numpy(zero_copy_only=False) for name in _COLUMNS}
    group = _PLACE[column["region"]] * _KINDS + column["participation"]
    n = len(REGIONS)
    counted.people += np.bincount(group, minlength=n * _KINDS).reshape(n, _KINDS)
    counted.living += np.bincount(_PLACE[column["residence"]], minlength=n)
    for total, name in ((counted.pension, "pension_in_payment"), (counted.wage, "average_monthly_wage")):
        total += np.bincount(group, weights=column[name], minlength=n * _KINDS).reshape(n, _KINDS)
    age = np.minimum((month - column["birth_month"]) // 12, _OLDEST_GROUP) // 5
    groups = counted.ages.shape[1]
    counted.ages += np.bincount(column["sex"] * groups + age, minlength=2 * groups).reshape(2, groups)


# -- margins ---------------------------------------------------------------------------------------


def _everywhere(
    name: str, unit: str, target: np.ndarray, value: np.ndarray, places: list[int], source: str
) -> Iterator[Margin]:
    """A margin of counts for every province of the file, and for all of them together."""
    if len(places) > 1:
        yield Margin(name, "nation", unit, float(target[places].sum()), float(value[places].sum()), source)
    for place in places:
        yield Margin(name, data.region_name(REGIONS[place]), unit, float(target[place]), float(value[place]), source)


def _people(model: Expected, counted: _Counted, places: list[int], weight: float) -> Iterator[Margin]:
    if len(places) > 1:
        year_end = data.vital_totals().get(model.month // 12 - 1)
        if model.month % 12 == 0 and year_end:
            published, people = year_end.people_year_end, counted.people.sum() * weight
            yield Margin("people (NBS, with servicemen)", "nation", "people", published, people, "published")
        living = model.residents.sum(axis=1)
        yield from _everywhere("residents", "people", living, counted.living * weight, places, "census carried")
    books = model.people.sum(axis=(1, 2))
    yield from _everywhere("on the books", "people", books, counted.people.sum(axis=1) * weight, places, "model")
    ages = np.minimum(model.age, _OLDEST_GROUP) // 5
    by_row = model.people[places].sum(axis=(0, 2))
    for sex, label in enumerate(data.SEXES):
        for group in range(counted.ages.shape[1]):
            first = group * 5
            name = f"{label} {first}-{first + 4}" if first < _OLDEST_GROUP else f"{label} {first}+"
            target = float(by_row[(model.sex == sex) & (ages == group)].sum())
            yield Margin("age and sex", name, "people", target, counted.ages[sex, group] * weight, "census carried")


def _schemes(counted: _Counted, places: list[int], weight: float) -> Iterator[Margin]:
    employee, resident = scheme_table("employee"), scheme_table("resident")
    real = counted.people * weight
    for name, target, kinds in (
        ("employee contributors", employee["contributors"], [EMPLOYEE, FLEXIBLE]),
        ("employee retirees", employee["pensioners"], [EMPLOYEE_RETIREE]),
        ("employee insured", employee["contributors"] + employee["pensioners"], [EMPLOYEE, FLEXIBLE, EMPLOYEE_RETIREE]),
        ("resident contributors", resident["contributors"], [RESIDENT]),
        ("resident pensioners", resident["pensioners"], [RESIDENT_PENSIONER]),
        ("resident insured", resident["contributors"] + resident["pensioners"], [RESIDENT, RESIDENT_PENSIONER]),
    ):
        yield from _everywhere(name, "people", target, real[:, kinds].sum(axis=1), places, "published")


def _amounts(counted: _Counted, places: list[int], month: int) -> Iterator[Margin]:
    for name, target, total, kind in (
        ("average employee pension", scheme_table("employee"), counted.pension, EMPLOYEE_RETIREE),
        ("average resident pension", scheme_table("resident"), counted.pension, RESIDENT_PENSIONER),
    ):
        fen = target["fen_per_pensioner_month"]
        yield from _average(name, fen, target["pensioners"], total, counted.people, kind, places)
    contributors = scheme_table("employee")["contributors"]
    wages = data.average_wage(month // 12 - 1)
    yield from _average("average wage", wages, contributors, counted.wage, counted.people, EMPLOYEE, places)


def _average(
    name: str, fen: np.ndarray, size: np.ndarray, total: np.ndarray, people: np.ndarray, kind: int, places: list[int]
) -> Iterator[Margin]:
    """A mean amount in yuan by province, and the nation's mean weighted by the published sizes."""
    held = people[places, kind]
    if len(places) > 1 and held.sum():
        target = float((fen * size)[places].sum() / size[places].sum()) / 100
        yield Margin(name, "nation", "yuan/month", target, total[places, kind].sum() / held.sum() / 100, "published")
    for place in places:
        if people[place, kind]:
            value = total[place, kind] / people[place, kind] / 100
            yield Margin(name, data.region_name(REGIONS[place]), "yuan/month", fen[place] / 100, value, "published")


def _shown(value: float, unit: str) -> str:
    return f"{value:,.0f}" if unit == "people" else f"{value:,.2f}"
