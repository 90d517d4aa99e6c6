"""What a province needs beyond its people: divisions, surnames, and the assumptions that are ours."""

from __future__ import annotations

import csv
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import yaml

FOLDER = Path(__file__).with_name("data")


class Division(NamedTuple):
    """A province, city or county: GB/T 2260 code, name, level 1 to 3, code of the division above (0: none)."""

    code: int
    name: str
    level: int
    parent: int


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def divisions(region: int) -> list[Division]:
    """The divisions of a province, itself first."""
    rows = (Division(int(r["code"]), r["name"], int(r["level"]), int(r["parent"] or 0)) for r in _rows("divisions.csv"))
    return [row for row in rows if row.code // 10_000 == region]


@functools.cache
def surnames() -> tuple[list[str], np.ndarray]:
    """Surnames and the running total of the people who bear them."""
    rows = list(_rows("surnames.csv"))
    return [r["surname"] for r in rows], np.cumsum([int(r["people"]) for r in rows])


@functools.cache
def _assumptions() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load((FOLDER / "assumptions.yaml").read_text(encoding="utf-8"))
    return found


def assumed(name: str) -> Any:
    """The value of one assumption."""
    return _assumptions()[name]["value"]


def assumptions() -> list[tuple[str, str]]:
    """Label and reason of every assumption."""
    return [(str(each["label"]), str(each["source"])) for each in _assumptions().values()]
