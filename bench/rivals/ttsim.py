"""ttsim (the engine of GETTSIM) compiled by JAX in 64 bits, twice: as its users write it, and in whole fen.

The rules of ``ttsim_floats`` and ``ttsim_integers`` are scalar functions as ttsim wants them; its own vectoriser and
JAX make one program of them. What is timed is that program alone, already built and compiled; a call of ttsim's
``main`` builds it anew and takes some tenths of a second more each time.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np

from bench.case import BANDS, FIRST, LAST, MONTH, RULES, Tables
from bench.data import Columns
from bench.rivals import Absent, Run
from bench.rivals.numpy_ import RATE_SCALE

os.environ.setdefault("JAX_ENABLE_X64", "1")
os.environ.setdefault("JAX_PLATFORMS", "cpu")
try:
    import jax
    import ttsim
    from ttsim.tt import Currency, TTSIMUnit, UnitSystem, policy_input
    from ttsim.tt.param_objects import (
        ConsecutiveIntLookupTableParam,
        ScalarParam,
        get_consecutive_int_lookup_table_param_value,
    )
except ImportError:
    ttsim = None

_DATE = ("year", "month", "day")


def prepare(tables: Tables, people: Columns, style: str) -> Run:
    if ttsim is None:
        raise Absent("ttsim-backend or jax is not installed")
    rules, scale = _style(style)
    environment = _environment(tables, people, rules, scale)
    columns = {"p_id": np.arange(len(people["region"]))} | _typed(people, scale)
    program, data = _built(environment, people, columns)

    def run() -> Columns:
        found = program(data)
        jax.block_until_ready(found)
        return found

    return run


def _style(style: str) -> tuple[ModuleType, int]:
    from bench.rivals import ttsim_floats, ttsim_integers

    return (ttsim_floats, 1) if style == "floats" else (ttsim_integers, 100)


def _typed(people: Columns, scale: int) -> Columns:
    """The columns as ttsim stores them: int64, float64 and bool."""
    found = {name: values.astype(np.int64) for name, values in people.items()}
    if scale == 1:
        found["average_index"] = people["average_index"] / 10_000
        found["account_balance"] = people["account_balance"] / 100
    found["hardship_area"] = people["hardship_area"].astype(bool)
    return found


def _built(environment: dict[str, Any], people: Columns, columns: Columns) -> tuple[Any, Any]:
    """The compiled program and its input, both made by ttsim."""
    targets = ttsim.TTTargets.tree(dict.fromkeys(RULES))
    words = {
        "policy_date_str": f"{MONTH}-01",
        "policy_environment": environment,
        "input_data": ttsim.InputData.qname(columns),
        "tt_targets": targets,
        "backend": "jax",
        "unit_system": UnitSystem(currencies={"CNY": Currency(statutory_from="1949-10-01")}),
        "data_currency": "CNY",
        "include_fail_nodes": False,
        "include_warn_nodes": False,
    }
    made = ttsim.main(main_targets=["tt_function", "processed_data"], **words)
    return made["tt_function"], {name: made["processed_data"][name] for name in people}


def _environment(t: Tables, people: Columns, rules: ModuleType, scale: int) -> dict[str, Any]:
    """Rules, inputs and the rulebook's numbers as ttsim's policy environment."""
    import jax.numpy as xnp

    share = RATE_SCALE if scale == 100 else 1

    def number(value: Fraction | int, unit: int) -> int | float:
        return int(value * unit) if scale == 100 else float(value)

    def scalar(value: int) -> Any:
        return ScalarParam(value=value, unit=TTSIMUnit.DIMENSIONLESS)

    def table(values: Mapping[Any, Any]) -> Any:
        value = get_consecutive_int_lookup_table_param_value(raw=values, xnp=xnp)
        return ConsecutiveIntLookupTableParam(
            value=value, input_unit=TTSIMUnit.DIMENSIONLESS, output_unit=TTSIMUnit.DIMENSIONLESS
        )

    def by_region(values: Mapping[int, Fraction | int], unit: int = 1) -> Any:
        return table({r: number(values.get(r, 0), unit) for r in range(min(t.regions), max(t.regions) + 1)})

    def whole(values: Mapping[int, int]) -> Any:
        return table({r: values.get(r, 0) for r in range(min(t.regions), max(t.regions) + 1)})

    def nested(values: Mapping[tuple[int, int], Fraction], seconds: Any, unit: int) -> Any:
        rows = range(min(t.regions), max(t.regions) + 1)
        return table({r: {k: number(values.get((r, s), 0), unit) for k, s in seconds} for r in rows})

    years = [(y, y) for y in range(FIRST // 12, LAST // 12 + 1)]
    ages = range(min(t.annuity_months), max(t.annuity_months) + 2)
    environment: dict[str, Any] = {
        "wages": nested(t.base_wage, years, 100),
        "latest_year": whole(t.latest_base_year),
        "digits": whole(t.year_digits),
        "annuity": table({a: t.annuity_months.get(a, 0) for a in ages}),
        "interpolated": whole(t.interpolated_from),
        "rate": by_region(t.transition_rate, share),
        "fixed": by_region(t.fixed_amount, 100),
        "per_year": by_region(t.amount_per_year, 100),
        "percent": by_region(t.percent_of_pension, share),
        "tilt": nested(t.age_tilt, list(enumerate(BANDS, 1)), 100),
        "hardship": by_region(t.hardship_tilt, 100),
        "run_year": scalar(t.adjustment_year),
        **{f"policy_{part}": scalar(int(n)) for part, n in zip(_DATE, f"{MONTH}-01".split("-"), strict=True)},
        **{f"evaluation_{part}": _input(f"evaluation_{part}", int) for part in _DATE},
    }
    for name, values in _typed({k: v[:1] for k, v in people.items()}, scale).items():
        environment[name] = _input(name, {"f": float, "b": bool}.get(values.dtype.kind, int))
    environment["p_id"] = _input("p_id", int)
    for name, rule in vars(rules).items():
        if hasattr(rule, "leaf_name"):
            environment[name] = rule
    return environment


def _input(name: str, kind: type) -> Any:
    def column() -> Any:
        return None

    column.__name__, column.__annotations__ = name, {"return": kind}
    return policy_input(unit=TTSIMUnit.DIMENSIONLESS)(column)
