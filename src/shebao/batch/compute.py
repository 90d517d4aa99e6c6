"""Rules over one file of people: reading, computing and writing overlap, memory stays bounded."""

from __future__ import annotations

import contextlib
import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import starmap
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa

from shebao.batch import files
from shebao.batch.fresh import fresh_file
from shebao.engine import BookError
from shebao.engine.compute import STATUS, Kernel, Report
from shebao.engine.rulebook import Law

Progress = Callable[[int, "int | None"], None]
KernelFor = Callable[[tuple[str, ...], pa.Schema], Kernel]
CODED = pa.dictionary(pa.int8(), pa.string())
Item = TypeVar("Item")
Done = TypeVar("Done")


def compute_file(
    law: Law,
    rules: Sequence[str],
    src: str | Path,
    dst: str | Path,
    keep: Sequence[str] = (),
    threads: int | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Compute ``rules`` for every person of ``src`` into ``dst``, each Parquet, CSV or Arrow by its suffix.

    The output holds the input's columns named in ``keep``, a column per rule, and ``status``. ``progress(done, total)``
    counts people; the total is None where the file does not say it. Raises ``BookError`` for a request that is wrong
    and ``OSError`` for a disk that fails; in either case nothing stands under ``dst`` that did not before.
    """
    for rule in rules:
        law.book.rule(rule)
    return run_file(law.kernel, tuple(rules), Path(src), Path(dst), tuple(keep), threads, overwrite, progress)


def run_file(
    kernel_for: KernelFor,
    rules: tuple[str, ...],
    src: Path,
    dst: Path,
    keep: tuple[str, ...] = (),
    threads: int | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
    given: Mapping[str, str] | None = None,
) -> Report:
    """``compute_file`` with kernels from ``kernel_for``, and ``given``: values that hold for every row of the file."""
    if dst.exists() and src.exists() and src.samefile(dst):
        raise BookError("is both input and output", str(src))
    files.check_suffix(dst)
    people = files.source(src)
    work = located(prepare, src)(kernel_for, rules, people.schema, keep, given or {})
    with fresh_file(dst, overwrite) as part, files.sink(part, dst, work.schema, keep) as out:
        return _run(work, people, out, src, threads or os.cpu_count() or 1, progress)


def _run(
    work: Work, people: files.Source, out: files.Sink, src: Path, threads: int, progress: Progress | None
) -> Report:
    report = Report(ignored=work.ignored)
    work.kernel.compile()  # once, before the threads would each
    results = in_order(work, _numbered(people.batches(work.columns)), threads)
    with contextlib.closing(results):
        while True:
            done = located(next, src)(results, None)
            if done is None:
                return report
            out.write(done[0])
            report = report.plus(done[1])
            if progress:
                progress(report.rows, people.rows)


def _numbered(batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[pa.RecordBatch, int]]:
    """Each batch with the number of rows before it."""
    first = 0
    for batch in batches:
        yield batch, first
        first += batch.num_rows


# -- one batch -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Work:
    """What is done with each batch: ``columns`` are read, ``kept`` pass through.

    ``given`` are columns of one value that the file itself lacks; ``schema`` is what comes out.
    """

    kernel: Kernel
    columns: tuple[str, ...]
    kept: tuple[str, ...]
    given: Mapping[str, str]
    schema: pa.Schema
    ignored: tuple[str, ...]

    def __call__(self, batch: pa.RecordBatch, first_row: int = 0) -> tuple[pa.RecordBatch, Report]:
        """The output of one batch, and its report; complaints count rows from ``first_row``."""
        batch = with_given(batch, self.given)
        result, report = self.kernel.run_batch(batch, first_row)
        kept = [batch.column(name) for name in self.kept]
        return pa.RecordBatch.from_arrays([*kept, *result.columns], schema=self.schema), report


def prepare(
    kernel_for: KernelFor, rules: tuple[str, ...], schema: pa.Schema, keep: tuple[str, ...], given: Mapping[str, str]
) -> Work:
    """The work for files of a schema: only columns that are used or kept are read at all."""
    given = {name: text for name, text in given.items() if name not in schema.names}
    whole = pa.schema([*schema, *(pa.field(name, CODED) for name in given)])
    kernel = kernel_for(rules, whole)
    _check_kept(kernel, whole, keep)
    columns = tuple(c for c in schema.names if c in kernel.reads or c in keep) or tuple(schema.names[:1])
    giving = {heading: node for node, heading in kernel.inputs.headings.items()}
    kept = [_with_unit(kernel, whole.field(name), giving.get(name)) for name in keep]
    out = pa.schema([*kept, *kernel.schema])
    return Work(kernel, columns, keep, given, out, tuple(kernel.inputs.ignored))


def with_given(batch: pa.RecordBatch, given: Mapping[str, str]) -> pa.RecordBatch:
    """The batch with a column of one text for each of ``given``."""
    for name, text in given.items():
        codes = pa.repeat(pa.scalar(0, pa.int8()), batch.num_rows)
        batch = batch.append_column(name, pa.DictionaryArray.from_arrays(codes, pa.array([text])))
    return batch


def _check_kept(kernel: Kernel, schema: pa.Schema, keep: tuple[str, ...]) -> None:
    computed = {*(f.name for f in kernel.fields), STATUS}
    for name in keep:
        if name not in schema.names:
            raise BookError(f"no column {name!r} to keep; there are {', '.join(schema.names)}")
        if name in computed or keep.count(name) > 1:
            raise BookError(f"the output would have two columns {name!r}")


def _with_unit(kernel: Kernel, field: pa.Field, node: str | None) -> pa.Field:
    """A kept column of integers that gives a node says its unit, whether or not the input did."""
    column = kernel.inputs.columns.get(node or "")
    if column is None or not pa.types.is_integer(field.type) or field.metadata:
        return field
    notes = {"shebao.unit": kernel.book.nodes[column.node].unit.name, "shebao.scale": str(column.scale)}
    if any(column.values):
        notes["shebao.values"] = ",".join(column.values)
    return field.with_metadata(notes)


def located(call: Callable[..., Done], src: Path) -> Callable[..., Done]:
    """``call`` with complaints that name the file."""

    def named(*args: Any) -> Done:
        try:
            return call(*args)
        except BookError as error:
            if error.where == str(src):
                raise
            raise BookError(str(error), str(src)) from None

    return named


# -- overlapping -----------------------------------------------------------------------------------


def in_order(work: Callable[..., Done], items: Iterable[tuple[Any, ...]], threads: int) -> Generator[Done, None, None]:
    """``starmap`` in which the next item is read, and ``threads`` are worked on, while the caller uses a result."""
    if threads == 1:
        yield from starmap(work, items)
        return
    pool = ThreadPoolExecutor(threads + 1, "shebao")
    try:
        waiting: deque[Any] = deque()
        for item in _ahead(pool, iter(items)):
            waiting.append(pool.submit(work, *item))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _ahead(pool: ThreadPoolExecutor, items: Iterator[Item]) -> Iterator[Item]:
    end: Any = object()
    coming = pool.submit(next, items, end)
    while (item := coming.result()) is not end:
        coming = pool.submit(next, items, end)
        yield item
