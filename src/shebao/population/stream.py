"""A population file, written in a stream: threads make batches of people, one writer puts them in order."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from shebao.population import data
from shebao.population.columns import Column, columns
from shebao.population.data import PopulationError
from shebao.population.plan import Plan, Province, plan

GENERATOR = 2  # raised whenever the same seed gives other people
BATCH = 65_536  # people a worker makes at once
ROW_GROUP = 524_288  # people per row group, whatever the batch
NOTES = "shebao.population"  # key of the file's own notes in its metadata
SOURCES = "NBS 2020 census, vital totals, yearbook 2025 tables 24-26 and 24-27; UN WPP 2024 (CC BY 3.0 IGO)"

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Made:
    """What was written: the file, its people, and how many real people one of them stands for."""

    path: Path
    people: int
    weight: float


def make(
    out: str | Path,
    people: int,
    province: int | None = None,
    month: str = "2025-01",
    seed: int = 1,
    threads: int = 2,
    progress: Progress | None = None,
    *,
    batch: int = BATCH,
) -> Made:
    """Write ``people`` synthetic people at the start of ``month`` to the Parquet file ``out``.

    ``province`` is a GB/T 2260 code (44 for Guangdong), or None for the nation. The same people, province, month and
    seed give the same bytes, whatever ``threads`` and ``batch`` (people a thread makes at once) are. ``progress(done,
    total)`` is called as people are written. The file appears under its name when it is complete; on failure or
    Ctrl-C nothing is left and a file of that name stays as it was.

    Raises ``PopulationError`` (a ``ValueError``) for what cannot be made, ``OSError`` if the file cannot be written,
    and the rulebook's errors where the law or a wage of the month is missing.
    """
    out = Path(out)
    if threads < 1 or batch < 1:
        raise PopulationError(f"threads and batch must be at least 1, not {threads} and {batch}")
    if out.is_dir():
        raise PopulationError(f"{out} is a directory; name a file")
    if not out.parent.is_dir():
        raise PopulationError(f"{out.parent} is no directory to write {out.name} in")
    made = plan(people, province, data.month_index(month), seed)
    provinces = made.provinces()
    with _complete_or_absent(out) as part, _writer(part, made) as writer:
        done = 0
        for table in _row_groups(_batches(provinces, threads, batch)):
            writer.write_table(table, row_group_size=ROW_GROUP)
            done += len(table)
            if progress:
                progress(done, people)
    return Made(out, people, made.weight)


# -- the stream ------------------------------------------------------------------------------------


def _batches(provinces: list[Province], threads: int, batch: int) -> Iterator[pa.RecordBatch]:
    """The people in order, some batches ahead of the reader being made by threads."""
    wanted = _pieces(provinces, batch)
    ahead: deque[Future[pa.RecordBatch]] = deque()
    pool = ThreadPoolExecutor(threads, "population")
    try:
        for province, first, last in wanted:
            ahead.append(pool.submit(_batch, province, first, last))
            if len(ahead) > threads + 1:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _pieces(provinces: list[Province], batch: int) -> Iterator[tuple[Province, int, int]]:
    """Runs of at most ``batch`` people, province by province."""
    for province in provinces:
        for first in range(0, province.people, batch):
            yield province, first, min(first + batch, province.people)


def _batch(province: Province, first: int, last: int) -> pa.RecordBatch:
    values = province.make(first, last)
    return pa.record_batch(
        [_array(column, values.get(column.name), last - first) for column in columns()], schema=_schema()
    )


def _array(column: Column, values: np.ndarray | None, length: int) -> pa.Array:
    if values is None:
        values = np.full(length, column.default)
    if pa.types.is_string(column.type):
        width = values.shape[1]
        offsets = np.arange(0, (length + 1) * width, width, dtype=np.int32)
        return pa.StringArray.from_buffers(length, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(values)))
    return pa.array(values.astype(column.type.to_pandas_dtype(), copy=False))


def _row_groups(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    """The same people in tables of ``ROW_GROUP``, each in one piece, so that batches leave no trace in the file."""
    waiting: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        waiting.append(batch)
        rows += len(batch)
        while rows >= ROW_GROUP:
            table = pa.Table.from_batches(waiting)
            yield table.slice(0, ROW_GROUP).combine_chunks()
            waiting = table.slice(ROW_GROUP).to_batches()
            rows -= ROW_GROUP
    if rows:
        yield pa.Table.from_batches(waiting).combine_chunks()


# -- the file --------------------------------------------------------------------------------------


@functools.cache
def _schema() -> pa.Schema:
    return pa.schema([column.field for column in columns()])


def notes(made: Plan) -> dict[str, object]:
    """What a file says about itself."""
    return {
        "generator": GENERATOR,
        "people": made.people,
        "province": made.province,
        "month": data.month_text(made.month),
        "seed": made.seed,
        "weight": f"{made.weight:.9f}",
        "real_people": f"{made.real_people:.0f}",
        "sources": SOURCES,
    }


def _writer(part: Path, made: Plan) -> pq.ParquetWriter:
    said = {NOTES: json.dumps(notes(made), ensure_ascii=False, sort_keys=True)}
    whole = {c.name: "DELTA_BINARY_PACKED" for c in columns() if pa.types.is_integer(c.type)}
    return pq.ParquetWriter(
        part,
        _schema().with_metadata(said),
        compression="zstd",
        use_dictionary=False,
        column_encoding=whole,
        store_schema=True,
    )


@contextlib.contextmanager
def _complete_or_absent(out: Path) -> Iterator[Path]:
    """A temporary name beside ``out`` that takes its place at the end, or vanishes."""
    handle, name = tempfile.mkstemp(prefix=f".{out.name}.", suffix=".part", dir=out.parent)
    os.close(handle)
    part = Path(name)
    try:
        yield part
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.chmod(0o666 & ~_umask())
        part.replace(out)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
