"""Columns as people write them: stored integers turned into the text a CSV file holds."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import pyarrow as pa
import pyarrow.compute as pc

from shebao.engine import BookError
from shebao.engine.units import UNITS, show_month


def written(column: pa.Array, field: pa.Field) -> pa.Array:
    """A column as text, by the unit, scale and texts that its field's metadata states; null is empty.

    Money becomes yuan with two decimals, a month ``YYYY-MM``, a code its text. ``BookError`` for a list of records.
    """
    notes = {k.decode(): v.decode() for k, v in (field.metadata or {}).items()}
    if pa.types.is_nested(field.type):
        raise BookError(f"column {field.name!r} is a list of records, which CSV cannot hold; write Parquet or Arrow")
    if not pa.types.is_integer(column.type):
        return pc.cast(column, pa.string())
    unit, scale = notes.get("shebao.unit"), int(notes.get("shebao.scale", "1"))
    if unit == "Month":
        return _each(column, show_month)
    if notes.get("shebao.values"):
        return _each(column, dict(enumerate(notes["shebao.values"].split(","))).__getitem__)
    if scale == 1:
        return pc.cast(column, pa.string())
    texts = _decimals(column, scale)
    return texts if unit and UNITS[unit].kind == "money" else _trimmed(texts)


def _each(column: pa.Array, text: Callable[[int], str]) -> pa.Array:
    """Each distinct value is written once."""
    coded = column.dictionary_encode()
    texts = pa.array([text(value) for value in coded.dictionary.to_pylist()], pa.string())
    return texts.take(coded.indices)


def _decimals(column: pa.Array, scale: int) -> pa.Array:
    places = len(str(scale)) - 1
    if scale != 10**places:
        return _each(column, lambda value: str(Fraction(value, scale)))
    whole = pc.cast(pc.cast(column, pa.int64()), pa.decimal128(19, 0))
    return pc.cast(pc.multiply(whole, pa.scalar(Decimal((0, (1,), -places)))), pa.string())


def _trimmed(texts: pa.Array) -> pa.Array:
    """``0.080000`` as ``0.08``; a whole number or a fraction as it is."""
    short = pc.utf8_rtrim(pc.utf8_rtrim(texts, "0"), ".")
    return pc.if_else(pc.match_substring(texts, "."), short, texts)
