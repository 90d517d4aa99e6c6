"""From rows of the registry to the law's columns, and from the law's refusals to an error that names them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shebao.books import BooksError
from shebao.engine import BookError
from shebao.engine.compute import STATUS, Result
from shebao.month.context import Context

_UNPUBLISHED = "missing parameter: "


def next_month(month: dt.date) -> dt.date:
    """The first day of the month after."""
    return (month + dt.timedelta(days=31)).replace(day=1)


def month_before(month: dt.date) -> dt.date:
    """The first day of the month before."""
    return (month - dt.timedelta(days=1)).replace(day=1)


def last_day(month: dt.date) -> dt.date:
    """The last day of a month."""
    return next_month(month) - dt.timedelta(days=1)


def constant(value: Any, kind: pa.DataType, rows: int) -> pa.Array:
    """A column that holds one value."""
    return pa.repeat(pa.scalar(value, kind), rows)


def compute(
    context: Context, month: dt.date, rules: Sequence[str], facts: pa.Table, person: str | None = "person_id"
) -> dict[str, pa.ChunkedArray]:
    """The rules for every row, by the law of ``month``: rule → column (money in fen).

    ``facts`` has the law's columns and, under ``person``, whose row it is (None: the rows are of no person). Raises
    ``BooksError`` if a single row is refused: how many, why, and an example by the person's number.
    """
    result = _computed(context, month, rules, facts)
    if result.report.reasons:
        _refuse(context, month, facts, result.report, person)
    return dict(zip(rules, result.table.columns, strict=False))


def compute_published(
    context: Context, month: dt.date, rules: Sequence[str], facts: pa.Table
) -> tuple[pa.Table, dict[str, pa.ChunkedArray], dict[str, int]]:
    """As ``compute``, but who only waits for a parameter that is not published is left out and counted by its name.

    Returns the facts of those computed, their columns, and the counts. Any other refusal raises ``BooksError``.
    """
    result = _computed(context, month, rules, facts)
    waiting = {reason: count for reason, count in result.report.reasons.items() if reason.startswith(_UNPUBLISHED)}
    if len(waiting) < len(result.report.reasons):
        _refuse(context, month, facts, result.report, "person_id")
    known = pc.equal(result.table[STATUS].cast(pa.string()), "ok")
    table = result.table.filter(known)
    names = {reason.removeprefix(_UNPUBLISHED): count for reason, count in waiting.items()}
    return facts.filter(known), dict(zip(rules, table.columns, strict=False)), names


def _computed(context: Context, month: dt.date, rules: Sequence[str], facts: pa.Table) -> Result:
    kept = facts.drop_columns(["person_id"]) if "person_id" in facts.column_names else facts
    try:
        return context.law_of(month).compute(rules, kept)
    except BookError as error:
        raise BooksError(f"{month:%Y-%m}, region {context.region}: {error}") from None


def _refuse(context: Context, month: dt.date, facts: pa.Table, report: Any, person: str | None) -> NoReturn:
    parts = []
    for reason, count in report.reasons.items():
        row, text = report.examples[reason]
        who = ""
        if person is not None:
            number = context.books.value("SELECT number FROM person WHERE id = %(p)s", p=facts[person][row].as_py())
            who = f"；例如 e.g. {number}"
        parts.append(f"{count} × {text}{who}")
    raise BooksError(
        f"{month:%Y-%m}, region {context.region}: the law refuses {facts.num_rows - report.computed} of "
        f"{facts.num_rows} rows 无法计算: {'; '.join(parts)}"
    )


def integers(column: pa.ChunkedArray | pa.Array, missing: int = 0) -> np.ndarray[Any, Any]:
    """A column of integers as int64, null as ``missing``."""
    return column.cast(pa.int64()).fill_null(missing).to_numpy()


def partition(table: str, month: dt.date) -> str:
    """The name of a table's own part for a month: bulk rows go straight there."""
    return f"{table}_{month:%Y_%m}"
