"""Whole columns out of the database at once, for queries of hundreds of thousands of rows.

PostgreSQL gathers each column into one value (an array, or a text with separators), which is read here without looking
at single rows: several times faster than COPY, where every value becomes text and every row a message.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from psycopg import sql

from shebao.books import Books, BooksError
from shebao.books.ahead import ahead

_NONE = -(2**63)
_BETWEEN = "\x1f"  # no text of the books holds a control character; if one does, the counts differ and it is refused
_INTEGERS = {"int2", "int4", "int8"}
_HEADER = 20  # bytes before the elements of a one-dimensional array: dimensions, nulls, type, length, lower bound
_ELEMENT = np.dtype([("size", ">i4"), ("value", ">i8")])

Item = TypeVar("Item")


def columns(books: Books, query: str, /, *, by: tuple[str, ...] = (), **values: Any) -> pa.Table:
    """The rows of a query in its order: integers as int64, dates as date32, all else as text, never null.

    ``by`` names columns of few values, by which the rows then come: these are sent once a value, not once a row.
    """
    kinds = _kinds(books, query, values)
    found = list(_parts(books, query, kinds, by, values))
    return pa.concat_tables(found or [_table(kinds, by, (0, *(None for _ in kinds)))])


def parts(books: Books, query: str, /, *, by: tuple[str, ...], **values: Any) -> Iterator[pa.Table]:
    """The rows of a query as one table for each value of ``by``, in that order; the next is read while one is used.

    The query must be ordered by these columns first. Until all are taken the connection does nothing else.
    """
    return ahead(_parts(books, query, _kinds(books, query, values), by, values))


def _kinds(books: Books, query: str, values: dict[str, Any]) -> dict[str, str]:
    """The PostgreSQL type of each column."""
    described = books.execute(f"SELECT * FROM ({query}) AS described LIMIT 0", **values).description or ()
    types = books.connection.adapters.types
    return {c.name: (known.name if (known := types.get(c.type_code)) else "text") for c in described}


def _parts(
    books: Books, query: str, kinds: dict[str, str], by: tuple[str, ...], values: dict[str, Any]
) -> Iterator[pa.Table]:
    gathered = [_single(name, kind) if name in by else _gathered(name, kind) for name, kind in kinds.items()]
    whole = sql.SQL("SELECT count(*), {} FROM ({}) AS rows").format(sql.SQL(", ").join(gathered), sql.SQL(query))  # type: ignore[arg-type]
    if by:
        names = sql.SQL(", ").join(map(sql.Identifier, by))
        whole += sql.SQL(" GROUP BY {} ORDER BY {}").format(names, names)
    books.statements += 1
    with books.connection.cursor(binary=True) as cursor:
        for row in cursor.stream(whole, values or None):
            yield _table(kinds, by, row)


def _single(name: str, kind: str) -> sql.Composed:
    column = sql.Identifier(name)
    return column + sql.SQL("") if kind in _INTEGERS or kind == "date" else sql.SQL("{}::text").format(column)


def _gathered(name: str, kind: str) -> sql.Composed:
    column = sql.Identifier(name)
    if kind in _INTEGERS:
        return sql.SQL("array_send(array_agg(coalesce({}::int8, {})))").format(column, _NONE)
    if kind == "date":
        return sql.SQL("array_send(array_agg(({} - DATE '1970-01-01')::int8))").format(column)
    return sql.SQL("textsend(string_agg({}::text, {}))").format(column, _BETWEEN)


def _table(kinds: dict[str, str], by: tuple[str, ...], row: tuple[Any, ...]) -> pa.Table:
    count, *found = row
    read = zip(kinds.items(), found, strict=True)
    return pa.table(
        {n: _repeated(value, kind, count) if n in by else _column(value, kind, count) for (n, kind), value in read}
    )


def _repeated(value: int | dt.date | str | None, kind: str, count: int) -> pa.Array:
    arrow = pa.int64() if kind in _INTEGERS else pa.date32() if kind == "date" else pa.string()
    if value is None and count and arrow == pa.string():
        raise BooksError("a text is missing 文本缺失")
    return pa.repeat(pa.scalar(value, arrow), count)


def _column(raw: bytes | None, kind: str, count: int) -> pa.Array:
    if kind in _INTEGERS or kind == "date":
        found = np.frombuffer(raw or b"", _ELEMENT, count, _HEADER if raw else 0)["value"].astype(np.int64)
        if kind == "date":
            return pa.array(found.astype(np.int32)).cast(pa.date32())
        return pa.array(found, mask=found == _NONE)
    if not count:
        return pa.array([], pa.string())
    texts = pc.split_pattern(pa.array([str(raw or b"", "utf-8")]), _BETWEEN).flatten()
    if len(texts) != count:
        raise BooksError("a text is missing or holds a control character 文本缺失或含控制字符")
    return texts
