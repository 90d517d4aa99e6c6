"""Hand-written C with OpenMP, compiled on the spot for this processor."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from fractions import Fraction
from pathlib import Path

import numpy as np

from bench.case import BANDS, FIRST, LAST, Tables
from bench.data import FACTS, Columns
from bench.rivals import Absent, Run, outputs

SOURCE = Path(__file__).with_name("award.c")
FLAGS = ["-O3", "-march=native", "-fopenmp", "-shared", "-fPIC", "-std=c11", "-Wall"]
RATE_SCALE = 10_000  # shares are held as whole ten-thousandths, as a programmer who has seen the tables would


def header(tables: Tables) -> str:
    """The rulebook's numbers as C constants."""
    years = range(FIRST // 12, LAST // 12 + 1)
    ages = range(max(tables.annuity_months) + 1)

    def fen(value: Fraction) -> int:
        return _whole(value * 100)

    def by_region(name: str, values: dict[int, int]) -> str:
        cells = ", ".join(f"[{r}] = {v}" for r, v in values.items())
        return f"static const int64_t {name}[66] = {{{cells}}};"

    wages = ", ".join(
        f"[{r}] = {{{', '.join(str(fen(tables.base_wage[r, y])) for y in years)}}}" for r in tables.regions
    )
    tilts = ", ".join(
        f"[{r}] = {{{', '.join(str(fen(tables.age_tilt[r, b])) for b in BANDS)}}}" for r in tables.regions
    )
    months = ", ".join(str(tables.annuity_months.get(age, 0)) for age in ages)
    limits = [(f"{name.upper()}_{side}", pair[k]) for name, pair in tables.bounds.items() for k, side in _SIDES]
    numbers = [
        *limits,
        ("FIRST_MONTH", FIRST),
        ("LAST_MONTH", LAST),
        ("FIRST_YEAR", FIRST // 12),
        ("ADJUSTMENT_YEAR", tables.adjustment_year),
        ("INTERPOLATION_BEGINS", min(tables.interpolated_from.values())),
        ("YOUNGEST", min(tables.annuity_months)),
        ("OLDEST", max(tables.annuity_months)),
        ("TRANSITION_SCALE", RATE_SCALE),
        ("PERCENT_SCALE", RATE_SCALE),
    ]
    return "\n".join(
        [
            "#include <stdint.h>",
            *(f"#define {name} ((int64_t){value})" for name, value in numbers),
            f"static const int64_t BASE_WAGE[66][{len(years)}] = {{{wages}}};",
            f"static const int64_t AGE_TILT[66][{len(BANDS)}] = {{{tilts}}};",
            f"static const int64_t ANNUITY_MONTHS[{len(ages) + 1}] = {{{months}}};",
            by_region("LATEST_BASE_YEAR", tables.latest_base_year),
            by_region("YEAR_DIGITS", tables.year_digits),
            by_region("INTERPOLATED_FROM", tables.interpolated_from),
            by_region("TRANSITION_RATE", {r: _whole(v * RATE_SCALE) for r, v in tables.transition_rate.items()}),
            by_region("PERCENT_OF_PENSION", {r: _whole(v * RATE_SCALE) for r, v in tables.percent_of_pension.items()}),
            by_region("FIXED_AMOUNT", {r: fen(v) for r, v in tables.fixed_amount.items()}),
            by_region("AMOUNT_PER_YEAR", {r: fen(v) for r, v in tables.amount_per_year.items()}),
            by_region("HARDSHIP_TILT", {r: fen(v) for r, v in tables.hardship_tilt.items()}),
            "",
        ]
    )


_SIDES = ((0, "LOW"), (1, "HIGH"))


def _whole(value: Fraction) -> int:
    if value.denominator != 1:
        raise ValueError(f"{value} is not whole at the scale the C program uses")
    return int(value)


def build(tables: Tables, checked: bool) -> ctypes.CDLL:
    """The compiled program; ``Absent`` where there is no gcc with OpenMP."""
    compiler = shutil.which("gcc")
    if compiler is None:
        raise Absent("gcc is not installed")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "tables.h").write_text(header(tables), encoding="utf-8")
        command = [
            compiler,
            *FLAGS,
            *(["-DCHECKED"] if checked else []),
            f"-I{folder}",
            str(SOURCE),
            "-o",
            f"{folder}/award.so",
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Absent(f"gcc cannot compile it: {done.stderr.strip().splitlines()[-1]}")
        return ctypes.CDLL(f"{folder}/award.so")


def prepare(tables: Tables, people: Columns, threads: int, checked: bool) -> Run:
    code = build(tables, checked).award
    count = len(people["region"])
    status = np.zeros(count if checked else 1, dtype=np.int16)
    made = outputs(count)
    arrays = [*(people[name] for name in FACTS), *made.values(), status]
    arguments = [ctypes.c_int64(count), *(ctypes.c_void_p(a.ctypes.data) for a in arrays), ctypes.c_int(threads)]

    def run() -> Columns:
        code(*arguments)
        return made

    run.keep = arrays  # type: ignore[attr-defined]
    return run
