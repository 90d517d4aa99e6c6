"""Files of people as streams of Arrow record batches, in and out, in bounded memory.

Parquet and Arrow IPC carry integers with their unit in the field's metadata; CSV carries what people write: yuan with
decimals, months ``YYYY-MM``, enumerated texts. CSV is read as text throughout, so no binary float arises.
"""

from __future__ import annotations

import contextlib
import csv
import errno
import io
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
import pyarrow.ipc as ipc
import pyarrow.parquet as pq

from shebao.batch.written import written
from shebao.engine import BookError

ROWS = 524_288  # rows read, computed and written at a time; a row group of the output
VALUES = 16 << 20  # the most cells of a batch: of many columns fewer rows are read at a time
ROWS_WITH_HISTORY = 8_192  # where each person brings a list of records
CSV_BLOCK = 4 << 20  # bytes of a CSV file parsed at a time


class Source(Protocol):
    """A file of people: its schema, its number of rows if the file says so, and its batches."""

    schema: pa.Schema
    rows: int | None

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Every row once, in order, these columns in this order."""


class Writer(Protocol):
    """One format's writer. ``close`` completes the file; until then it is worth nothing."""

    def write(self, batch: pa.RecordBatch) -> None: ...

    def close(self) -> None: ...


class Sink:
    """A file being written; what goes wrong names the place it is for."""

    def __init__(self, place: Path, writer: Writer) -> None:
        self.place, self.writer = place, writer

    def write(self, batch: pa.RecordBatch) -> None:
        with writable(self.place):
            self.writer.write(batch)

    def close(self) -> None:
        with writable(self.place):
            self.writer.close()


def source(path: Path) -> Source:
    """The reader for a file, by its suffix; ``BookError`` if it is absent, foreign or cut short."""
    kind = _by_suffix(_SOURCES, path)
    if not path.is_file():
        raise BookError("no such file", str(path))
    with readable(path):
        return kind(path)


@contextlib.contextmanager
def sink(path: Path, place: Path, schema: pa.Schema, indexed: Sequence[str] = ()) -> Iterator[Sink]:
    """The writer for a file that will stand at ``place``, by its suffix, and is written at ``path`` meanwhile.

    ``indexed`` are the columns worth minima and maxima.
    """
    with writable(place):
        out = Sink(place, _by_suffix(_WRITERS, place)(path, schema, indexed))
    try:
        yield out
    except BaseException:
        with contextlib.suppress(Exception):  # the file is thrown away: its end need not be well
            out.writer.close()
        raise
    out.close()


def check_suffix(place: Path) -> None:
    """``BookError`` if no file of this name can be written."""
    _by_suffix(_WRITERS, place)


def _by_suffix(kinds: Mapping[str, Any], path: Path) -> Any:
    kind = kinds.get(path.suffix.lower())
    if kind is None:
        raise BookError(f"a file of people ends in {', '.join(_WRITERS)}, not {path.suffix or 'nothing'!r}", str(path))
    return kind


@contextlib.contextmanager
def readable(path: Path) -> Iterator[None]:
    """Arrow's complaint about a file's content as one line that names the file."""
    try:
        yield
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise _unreadable(path, error) from None
    except OSError as error:
        if error.errno is not None:  # the disk, not the content
            raise
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: Exception) -> BookError:
    kind = _KINDS[path.suffix.lower()]
    return BookError(f"is no readable {kind} file, or is cut short: {str(error).strip().splitlines()[0]}", str(path))


@contextlib.contextmanager
def writable(place: Path) -> Iterator[None]:
    """A write that failed, under the name it was for; the disk being full is the usual reason."""
    try:
        yield
    except OSError as error:
        number = error.errno or errno.EIO
        raise OSError(number, os.strerror(number), str(place)) from error


# -- Parquet ---------------------------------------------------------------------------------------


class _ParquetSource:
    def __init__(self, path: Path) -> None:
        self.path = path
        # A buffer instead of whole column chunks: memory does not grow with the writer's row groups.
        self.file = pq.ParquetFile(path, pre_buffer=False, buffer_size=1 << 20)
        self.schema: pa.Schema = self.file.schema_arrow
        self.rows: int | None = self.file.metadata.num_rows

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        with readable(self.path):
            for batch in self.file.iter_batches(rows_at_once(self.schema, columns), columns=list(columns)):
                yield batch.select(list(columns))


class _ParquetWriter:
    """Delta-packed integers under zstd: of what Parquet offers, the fastest to write and the smallest."""

    def __init__(self, path: Path, schema: pa.Schema, indexed: Sequence[str]) -> None:
        self.waiting: list[pa.RecordBatch] = []
        whole = [f.name for f in schema if pa.types.is_integer(f.type)]
        self.file = pa.OSFile(str(path), "wb")
        self.writer = pq.ParquetWriter(
            self.file,
            schema,
            compression="zstd",
            compression_level=-1,  # 7 % faster than 1 and no larger: packed integers hold little more to gain
            use_dictionary=[f.name for f in schema if pa.types.is_dictionary(f.type)],
            column_encoding=dict.fromkeys(whole, "DELTA_BINARY_PACKED"),
            write_statistics=list(indexed),
            write_batch_size=65_536,
            store_schema=True,
        )

    def write(self, batch: pa.RecordBatch) -> None:
        self.waiting.append(batch)
        if sum(b.num_rows for b in self.waiting) >= ROWS:
            self._flush()

    def _flush(self) -> None:
        if self.waiting:
            self.writer.write_table(pa.Table.from_batches(self.waiting), row_group_size=ROWS)
            self.waiting = []

    def close(self) -> None:
        try:
            self._flush()
            self.writer.close()
        finally:
            self.file.close()


def rows_at_once(schema: pa.Schema, columns: Sequence[str]) -> int:
    """How many rows a batch may have so that some of them fit into memory."""
    nested = any(pa.types.is_nested(schema.field(c).type) for c in columns)
    return ROWS_WITH_HISTORY if nested else min(ROWS, max(VALUES // max(len(columns), 1), ROWS_WITH_HISTORY))


# -- Arrow IPC -------------------------------------------------------------------------------------


class _ArrowSource:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.file = ipc.open_file(pa.memory_map(str(path)))
        self.schema: pa.Schema = self.file.schema
        self.rows: int | None = sum(self.file.get_batch(i).num_rows for i in range(self.file.num_record_batches))

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        most = rows_at_once(self.schema, columns)
        with readable(self.path):
            for i in range(self.file.num_record_batches):
                batch = self.file.get_batch(i).select(list(columns))
                batch.validate()
                for start in range(0, batch.num_rows, most):
                    yield batch.slice(start, most)


class _ArrowWriter:
    def __init__(self, path: Path, schema: pa.Schema, _indexed: Sequence[str]) -> None:
        options = ipc.IpcWriteOptions(emit_dictionary_deltas=True)
        self.file = pa.OSFile(str(path), "wb")
        self.writer = ipc.new_file(self.file, schema, options=options)

    def write(self, batch: pa.RecordBatch) -> None:
        self.writer.write_batch(batch)

    def close(self) -> None:
        try:
            self.writer.close()
        finally:
            self.file.close()


# -- CSV -------------------------------------------------------------------------------------------


class _CsvSource:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: int | None = None
        with path.open(encoding="utf-8-sig", newline="") as file:
            names = next(csv.reader(file), [])
        if not names:
            raise BookError("is empty; its first line names the columns", str(path))
        self.schema = pa.schema([pa.field(name.strip(), pa.string()) for name in names])

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        names = self.schema.names
        at = [names.index(c) for c in columns]
        text = pcsv.ConvertOptions(column_types=self.schema, strings_can_be_null=False)
        read = pcsv.ReadOptions(column_names=names, skip_rows=1, block_size=CSV_BLOCK, use_threads=False)
        with readable(self.path), pcsv.open_csv(self.path, read, convert_options=text) as file:
            for batch in file:
                yield batch.select(at)


class _CsvWriter:
    def __init__(self, path: Path, schema: pa.Schema, _indexed: Sequence[str]) -> None:
        self.schema = pa.schema([pa.field(f.name, pa.string()) for f in schema])
        self.file = pa.OSFile(str(path), "wb")
        heading = io.StringIO(newline="")
        csv.writer(heading, lineterminator="\n").writerow(schema.names)
        self.file.write(heading.getvalue().encode())

    def write(self, batch: pa.RecordBatch) -> None:
        columns = [written(column, field) for column, field in zip(batch.columns, batch.schema, strict=True)]
        # Arrow quotes every text or none; amounts are easier to read, and to sum, without.
        quoted = any(pc.any(pc.match_substring_regex(column, '[",\r\n]')).as_py() for column in columns)
        options = pcsv.WriteOptions(include_header=False, quoting_style="needed" if quoted else "none")
        pcsv.write_csv(pa.RecordBatch.from_arrays(columns, schema=self.schema), self.file, options)

    def close(self) -> None:
        self.file.close()


_SOURCES = {".parquet": _ParquetSource, ".csv": _CsvSource, ".arrow": _ArrowSource}
_WRITERS = {".parquet": _ParquetWriter, ".csv": _CsvWriter, ".arrow": _ArrowWriter}
_KINDS = {".parquet": "Parquet", ".csv": "CSV", ".arrow": "Arrow"}
