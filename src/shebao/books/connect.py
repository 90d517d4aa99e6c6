"""One connection to the books: SQL and COPY on Arrow, in one role, its statements counted.

Everything goes through one PostgreSQL connection so that a step is one transaction, bulk rows included.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

import psycopg
import pyarrow as pa
import pyarrow.csv as pcsv
from psycopg import sql

from shebao.books import server
from shebao.books.ahead import ahead
from shebao.books.rows import HEAD, TAIL, encoder

Role = Literal["owner", "run", "app"]

#: The class of advisory locks that serialise the runs of one region.
REGION_LOCK = 5_801

#: What is said of a server without the schema.
NO_BOOKS = "the books are not there yet: shebao db migrate 尚未建库"

_CHUNK = 32 << 20  # bytes of CSV turned into one record batch
_ROWS = 32_768  # rows written to a COPY at a time
_ARROW = {
    "bool": pa.bool_(),
    "int2": pa.int16(),
    "int4": pa.int32(),
    "int8": pa.int64(),
    "date": pa.date32(),
}


class BooksError(ValueError):
    """What the books refuse, in words for the person who asked."""


class Unreachable(BooksError):
    """The server does not answer: it is down, starting again, or not where it is looked for."""


def month_of(text: str | dt.date) -> dt.date:
    """The first day of a month written ``YYYY-MM``, which is how the books keep months."""
    if isinstance(text, dt.date):
        return text.replace(day=1)
    try:
        return dt.datetime.strptime(text, "%Y-%m").date()
    except ValueError:
        raise BooksError(f"not a month: {text!r} (YYYY-MM) 不是月份") from None


def connect(role: Role = "run") -> Books:
    """A connection in a role; starts the embedded server when no other is named. Close it, or use it in ``with``.

    ``BooksError`` if the server cannot be reached, or holds no books yet.
    """
    url = server.url()
    try:
        made = psycopg.connect(url, options=f"-c role=shebao_{role} -c timezone=UTC", autocommit=True)
    except psycopg.OperationalError as error:
        raise _refused(url, role, str(error)) from None
    if made.execute("SELECT to_regclass('officer') IS NULL").fetchone() == (True,):
        made.close()
        raise BooksError(NO_BOOKS)
    return Books(made)


def _refused(url: str, role: Role, told: str) -> BooksError:
    """Why there is no connection, in one line without the password."""
    if f'role "shebao_{role}" does not exist' in told:
        return BooksError(NO_BOOKS)
    return Unreachable(f"the database cannot be used 无法使用数据库: {server.place_of(url)}: {server.one_line(told)}")


def migrate() -> None:
    """Creates what the database lacks of the present schema."""
    from django.core.management import call_command
    from django.db import connections

    ready_django()
    call_command("migrate", verbosity=0)
    connections.close_all()


def ready_django() -> None:
    """Sets Django up for the books as they are named now: it reads its settings once a process, they may change."""
    import os

    import django
    from django.db import connections

    from shebao.books.settings import database

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shebao.books.settings")
    django.setup()
    connections.settings["default"] = connections.configure_settings({"default": database()})["default"]
    if hasattr(connections._connections, "default"):
        del connections["default"]


class Books:
    """One connection. Outside ``transaction()`` each statement stands alone.

    ``statements`` counts what was sent, so that a test can hold a run to a number that does not grow with people.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self.statements = 0

    def __enter__(self) -> Books:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; nested, a savepoint."""
        with self.connection.transaction():
            yield

    def execute(self, query: str, /, **values: Any) -> psycopg.Cursor[Any]:
        """One statement with ``%(name)s`` places; the cursor holds its rows."""
        self.statements += 1
        return self.connection.execute(query, values or None)  # type: ignore[call-overload]

    def rows(self, query: str, /, **values: Any) -> list[tuple[Any, ...]]:
        return self.execute(query, **values).fetchall()

    def one(self, query: str, /, **values: Any) -> tuple[Any, ...]:
        """The only row; ``LookupError`` if there is none or more than one."""
        found = self.rows(query, **values)
        if len(found) != 1:
            raise LookupError(f"{len(found)} rows where one was expected")
        return found[0]

    def value(self, query: str, /, **values: Any) -> Any:
        """The first column of the only row."""
        return self.one(query, **values)[0]

    # -- bulk ------------------------------------------------------------------------------------------

    def copy_out(self, query: str, /, **values: Any) -> pa.Table:
        """The rows of a query as Arrow: integers, dates and booleans as such, all else (enumerations, JSON) as text."""
        schema = self._schema(query, values)
        batches = list(self._batches(query, values, schema))
        return pa.Table.from_batches(batches, schema)

    def _schema(self, query: str, values: Mapping[str, Any]) -> pa.Schema:
        cursor = self.execute(f"SELECT * FROM ({query}) AS described LIMIT 0", **values)
        types = self.connection.adapters.types
        fields = []
        for column in cursor.description or ():
            known = types.get(column.type_code)
            name = known.name if known else ""
            if name in ("numeric", "float4", "float8"):
                raise BooksError(f"column {column.name} is {name}: an amount is bigint fen")
            fields.append(pa.field(column.name, _ARROW.get(name, pa.string())))
        return pa.schema(fields)

    def _batches(self, query: str, values: Mapping[str, Any], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        self.statements += 1
        with self.connection.cursor() as cursor:
            copy = sql.SQL("COPY ({}) TO STDOUT (FORMAT csv)").format(sql.SQL(query))  # type: ignore[arg-type]
            with cursor.copy(copy, values or None) as lines:
                held, size = [], 0
                for line in lines:
                    held.append(line)
                    size += len(line)
                    if size >= _CHUNK:
                        yield from _read(held, schema)
                        held, size = [], 0
                yield from _read(held, schema)

    def copy_in(self, table: str, data: pa.Table | pa.RecordBatch | Iterable[pa.RecordBatch]) -> int:
        """Adds Arrow rows to the columns of ``table`` that bear their names; returns how many."""
        if isinstance(data, pa.RecordBatch):
            data = [data]
        if isinstance(data, pa.Table):
            schema, batches = data.schema, iter(data.to_batches(_ROWS))
        else:
            batches = iter(data)
            first = next(batches, None)
            if first is None:
                return 0
            schema, batches = first.schema, _chain(first, batches)
        kinds = self._kinds(table)
        binary = encoder([kinds.get(name, "missing") for name in schema.names])
        written, head, tail = (binary, HEAD, TAIL) if binary else (_written, b"", b"")
        self.statements += 1
        rows = 0
        into = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT {})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, schema.names)),
            sql.SQL("binary" if binary else "csv"),
        )
        with self.connection.cursor() as cursor, cursor.copy(into) as lines:
            lines.write(head)
            for count, made in ahead((batch.num_rows, written(batch)) for batch in batches):
                lines.write(made)
                rows += count
            lines.write(tail)
        return rows

    def _kinds(self, table: str) -> dict[str, str]:
        """The type of each column of a table: the base type of a domain, ``enum`` for any enumeration."""
        return dict(
            self.rows(
                """SELECT a.attname::text, CASE b.typtype WHEN 'e' THEN 'enum' ELSE b.typname::text END
                   FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
                        JOIN pg_type b ON b.oid = CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END
                   WHERE a.attrelid = to_regclass(%(t)s) AND a.attnum > 0 AND NOT a.attisdropped""",
                t=sql.Identifier(table).as_string(),
            )
        )

    # -- regions ---------------------------------------------------------------------------------------

    def lock_region(self, region: int, *, wait: bool = False) -> bool:
        """Takes the region for this connection alone; false if another holds it and ``wait`` is not wanted."""
        if wait:
            self.execute("SELECT pg_advisory_lock(%(c)s, %(r)s)", c=REGION_LOCK, r=region)
            return True
        return bool(self.value("SELECT pg_try_advisory_lock(%(c)s, %(r)s)", c=REGION_LOCK, r=region))

    def unlock_region(self, region: int) -> None:
        self.execute("SELECT pg_advisory_unlock(%(c)s, %(r)s)", c=REGION_LOCK, r=region)

    def share_region(self, region: int) -> None:
        """Inside a transaction: facts may be recorded, but no run of the region may start until it ends.

        What is recorded is then booked in a month whose step has surely not been done.
        """
        self.execute("SELECT pg_advisory_xact_lock_shared(%(c)s, %(r)s)", c=REGION_LOCK, r=region)

    def booking_month(self, region: int, step: str) -> dt.date:
        """The month whose books deal with a fact recorded now; ``BooksError`` if the region has no open month."""
        month = self.value("SELECT booking_month(%(r)s::smallint, %(s)s::step)", r=region, s=step)
        if month is None:
            raise BooksError(f"the books of region {region} have not been opened 该地区尚未建账")
        return month  # type: ignore[no-any-return]

    def ensure_months(self, months: Iterable[dt.date]) -> None:
        """Makes room for rows about these months, in one statement."""
        self.execute("SELECT ensure_month(m::month) FROM unnest(%(m)s::date[]) AS m ORDER BY m", m=sorted(set(months)))


def _chain(first: pa.RecordBatch, rest: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    yield first
    yield from rest


def _read(lines: list[Any], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    if not lines:
        return
    convert = pcsv.ConvertOptions(
        column_types=schema,
        null_values=[""],
        true_values=["t"],
        false_values=["f"],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )
    read = pcsv.ReadOptions(column_names=schema.names)
    parse = pcsv.ParseOptions(newlines_in_values=True)
    yield from pcsv.read_csv(pa.py_buffer(b"".join(lines)), read, parse, convert).combine_chunks().to_batches()


def _written(batch: pa.RecordBatch) -> Any:
    # Text is quoted always, so that an empty text is told from a missing one.
    out = pa.BufferOutputStream()
    pcsv.write_csv(batch, out, pcsv.WriteOptions(include_header=False, quoting_style="needed"))
    return out.getvalue()
