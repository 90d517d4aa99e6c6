"""Rules over a folder of Parquet partitions, by a local pool or by Ray; the output folder is complete or absent.

The unit of work is ``compute_partition``, a pure function of plain data. Whatever runs it, and however often it had
to be run, the same bytes come out.
"""

from __future__ import annotations

import json
import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from pathlib import Path

import shebao
from shebao.batch import files
from shebao.batch.compute import Progress, prepare, run_file
from shebao.batch.fresh import MANIFEST, fresh_folder
from shebao.batch.spec import LawSpec
from shebao.engine import BookError, LawError
from shebao.engine.compute import Report

RETRIES = 2  # further attempts at a partition whose worker or disk failed


@dataclass(frozen=True)
class Job:
    """One partition: which law and rules, from which file to which; ``given`` holds for all its rows."""

    spec: LawSpec
    rules: tuple[str, ...]
    keep: tuple[str, ...]
    src: str
    dst: str
    given: tuple[tuple[str, str], ...] = ()
    threads: int = 1


@dataclass(frozen=True)
class PartitionReport:
    """What came of one partition, named by its path within the folder."""

    path: str
    report: Report
    bytes: int


@dataclass(frozen=True)
class DirectoryReport:
    """What came of every partition, in the order of their paths."""

    partitions: tuple[PartitionReport, ...]

    @property
    def total(self) -> Report:
        """All partitions as one report; each example says which partition its row is of."""
        reasons: Counter[str] = Counter()
        examples: dict[str, tuple[int, str]] = {}
        for part in self.partitions:
            reasons.update(part.report.reasons)
            for reason, (row, text) in part.report.examples.items():
                examples.setdefault(reason, (row, f"{part.path}: {text}"))
        rows = sum(part.report.rows for part in self.partitions)
        ignored = self.partitions[0].report.ignored if self.partitions else ()
        return Report(rows, dict(sorted(reasons.items())), examples, ignored)


class Cancelled(Exception):
    """The run was stopped while this partition was worked on."""


def compute_partition(job: Job, progress: Progress | None = None) -> PartitionReport:
    """The unit of work: reads ``job.src``, writes ``job.dst`` completely or not at all. Depends on nothing else."""
    src, dst = Path(job.src), Path(job.dst)
    dst.parent.mkdir(parents=True, exist_ok=True)
    report = run_file(
        job.spec.kernel, job.rules, src, dst, job.keep, job.threads, True, progress, given=dict(job.given)
    )
    return PartitionReport(dst.name, report, dst.stat().st_size)


def compute_directory(
    spec: LawSpec,
    rules: Sequence[str],
    src: str | Path,
    dst: str | Path,
    keep: Sequence[str] = (),
    threads: int | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
    engine: str = "local",
) -> DirectoryReport:
    """Compute ``rules`` for every partition (``*.parquet``, at any depth) of ``src`` into the folder ``dst``.

    A path such as ``region=44/part-0.parquet`` gives the fact ``region`` to a file that lacks the column. ``engine`` is
    ``local`` or ``ray``. A partition whose worker or disk fails is tried again alone, twice; one whose content is wrong
    is not. The others go on, and in the end every failure is told in one ``BookError``. ``dst`` gets ``manifest.json``
    with rows and reasons by partition, the rules, the month, the version and the hash of the rulebook's sources.
    """
    src, dst, threads = Path(src), Path(dst), threads or os.cpu_count() or 1
    names = _partitions(src, dst)
    run = _runner(engine)
    full = tuple(spec.book().rule(rule).full_name for rule in rules)
    with fresh_folder(dst, overwrite) as part:
        jobs = [Job(spec, tuple(rules), tuple(keep), str(src / n), str(part / n), _given(n)) for n in names]
        _warm_up(jobs[0])
        counter = _Counter(progress, sum(files.source(Path(job.src)).rows or 0 for job in jobs) if progress else 0)
        reports = _collect(names, run(jobs, threads, counter))
        report = DirectoryReport(tuple(reports))
        _write_manifest(part / MANIFEST, spec, full, tuple(keep), report)
    return report


def _partitions(src: Path, dst: Path) -> list[str]:
    """The partitions' paths within ``src``; names that begin with ``_`` or ``.`` are no data."""
    if not src.is_dir():
        raise BookError("no such folder", str(src))
    if dst.resolve() == src.resolve() or src.resolve() in dst.resolve().parents:
        raise BookError("the output lies within the input", str(dst))
    paths = sorted(path.relative_to(src) for path in src.rglob("*.parquet") if path.is_file())
    names = [path.as_posix() for path in paths if not any(p.startswith(("_", ".")) for p in path.parts)]
    if not names:
        raise BookError("holds no *.parquet", str(src))
    return names


def _given(name: str) -> tuple[tuple[str, str], ...]:
    pairs = (part.partition("=") for part in name.split("/")[:-1] if "=" in part)
    return tuple((key, value) for key, _, value in pairs)


def _warm_up(job: Job) -> None:
    """Compiles before the workers start, so that they load instead of compiling side by side; tells mistakes early."""
    schema = files.source(Path(job.src)).schema
    try:
        work = prepare(job.spec.kernel, job.rules, schema, job.keep, dict(job.given))
    except BookError as error:
        raise BookError(str(error), job.src) from None
    work.kernel.compile()


def _collect(names: list[str], done: Iterator[tuple[int, PartitionReport | Exception]]) -> list[PartitionReport]:
    reports: dict[int, PartitionReport] = {}
    failed: dict[int, Exception] = {}
    for index, result in done:
        if isinstance(result, PartitionReport):
            reports[index] = replace(result, path=names[index])
        else:
            failed[index] = result
    if failed:
        lines = "\n".join(f"  {names[i]}: {_reason(failed[i])}" for i in sorted(failed))
        raise BookError(f"{len(failed)} of {len(names)} partitions failed, so nothing was written:\n{lines}")
    return [reports[i] for i in range(len(names))]


def _reason(error: Exception) -> str:
    """What went wrong, without the temporary paths it went wrong in."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) if isinstance(error, LawError) else f"{type(error).__name__}: {error}"


def _write_manifest(
    file: Path, spec: LawSpec, rules: tuple[str, ...], keep: tuple[str, ...], report: DirectoryReport
) -> None:
    total = report.total
    said = {
        "shebao": shebao.__version__,
        "rulebook_sha256": spec.book().fingerprint,
        "month": spec.month,
        "reforms": list(spec.book().reforms),
        "rules": rules,
        "keep": keep,
        "rows": total.rows,
        "computed": total.computed,
        "reasons": total.reasons,
        "partitions": [
            {"path": p.path, "rows": p.report.rows, "bytes": p.bytes, "reasons": p.report.reasons}
            for p in report.partitions
        ],
    }
    with file.open("w", encoding="utf-8") as out:
        json.dump(said, out, ensure_ascii=False, indent=1)
        out.flush()
        os.fsync(out.fileno())


# -- progress --------------------------------------------------------------------------------------


@dataclass
class _Counter:
    """Rows done over all partitions; told from any thread."""

    progress: Progress | None
    total: int
    done: dict[str, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def tell(self, src: str, rows: int) -> None:
        if self.progress:
            with self.lock:
                self.done[src] = rows
                self.progress(sum(self.done.values()), self.total)


# -- engines ---------------------------------------------------------------------------------------

Results = Iterator[tuple[int, "PartitionReport | Exception"]]
Runner = Callable[[list[Job], int, _Counter], Results]


def _runner(engine: str) -> Runner:
    if engine == "local":
        return run_local
    if engine == "ray":
        from shebao.batch.ray import run_ray

        return run_ray
    raise BookError(f"engine is local or ray, not {engine!r}")


def run_local(jobs: list[Job], threads: int, counter: _Counter) -> Results:
    """Threads rather than processes: kernel, decoding and encoding all leave the GIL, and nothing is compiled twice."""
    stopped = threading.Event()
    inner = max(1, threads // len(jobs))

    def attempt(job: Job) -> PartitionReport | Exception:
        def tick(rows: int, _: int | None) -> None:
            if stopped.is_set():
                raise Cancelled
            counter.tell(job.src, rows)

        for _ in range(1 + RETRIES):
            try:
                return compute_partition(replace(job, threads=inner), tick)
            except (LawError, Cancelled) as error:
                return error
            except Exception as error:
                failure = error
        return failure

    pool = ThreadPoolExecutor(min(threads, len(jobs)), "partition")
    try:
        large_first = sorted(range(len(jobs)), key=lambda i: -Path(jobs[i].src).stat().st_size)
        futures = {pool.submit(attempt, jobs[i]): i for i in large_first}
        for future in as_completed(futures):
            yield futures[future], future.result()
    finally:
        stopped.set()
        pool.shutdown(cancel_futures=True)
