"""Tasks that need a process of their own: cold starts and peak memory. ``python -m bench.child TASK WORDS``."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.measure import peak_megabytes


def peak() -> dict[str, Any]:
    """Nothing but the start of a process with everything imported."""
    import pyarrow

    import shebao.engine.compute
    import shebao.law

    return {"peak_mb": peak_megabytes(), "modules": len([pyarrow, shebao])}


def one_loop() -> dict[str, Any]:
    """All rules of the book in one loop, compiled or read from the cache."""
    from bench import every

    return every.one_loop()


def own_loops(threads: int, most: int) -> dict[str, Any]:
    """Every rule of the book in a loop of its own, compiled or read from the cache."""
    from bench import every

    return every.own_loops(threads, most)


def every_rule(people: int, threads: int, rounds: int, most: int) -> dict[str, Any]:
    """Every rule of the book over so many people."""
    from bench import every

    return every.measured(people, threads, rounds, most)


def streamed(source: str, target: str, threads: int, rounds: int, warm: str) -> dict[str, Any]:
    """Seconds to compute one file into another in a stream, once the kernel is loaded, and the peak memory."""
    from bench.measure import median_of
    from shebao.batch import compute_partition

    refused = 0

    def work() -> None:
        nonlocal refused
        done = compute_partition(_job(source, target, threads)).report
        refused = done.rows - done.computed

    compute_partition(_job(warm, target, threads))
    before = time.process_time()
    took = median_of(work, rounds)
    busy = (time.process_time() - before) / rounds
    return {"seconds": took, "busy": busy, "refused": refused, "peak_mb": peak_megabytes()}


def _job(source: str, target: str, threads: int) -> Any:
    from bench import case
    from shebao.batch import Job, LawSpec

    spec = LawSpec(case.MONTH, (str(case.REFORM),))
    return Job(spec, tuple(case.full_names()), (), source, target, threads=threads)


def folder(source: str, target: str, threads: int) -> dict[str, Any]:
    """Seconds for a folder of partitions, everything included."""
    from bench import case
    from shebao.batch import LawSpec, compute_directory

    start = time.perf_counter()
    spec = LawSpec(case.MONTH, (str(case.REFORM),))
    report = compute_directory(spec, case.full_names(), source, target, threads=threads, overwrite=True)
    took = time.perf_counter() - start
    size = sum(part.bytes for part in report.partitions)
    total = report.total
    return {
        "seconds": took,
        "people": total.rows,
        "refused": total.rows - total.computed,
        "bytes": size,
        "peak_mb": peak_megabytes(),
    }


def population(target: str, people: int, threads: int) -> dict[str, Any]:
    """Seconds to make a population of the nation."""
    from shebao import population as made

    start = time.perf_counter()
    made.make(target, people, month="2025-01", threads=threads)
    took = time.perf_counter() - start
    return {"seconds": took, "bytes": Path(target).stat().st_size, "peak_mb": peak_megabytes()}


def opened(people: int) -> dict[str, Any]:
    """A province in books of its own."""
    from bench import books

    return books.opened(people)


def statement(out: str) -> dict[str, Any]:
    """The bank's statement of its month."""
    from bench import books

    return books.statement(out)


def month(out: str) -> dict[str, Any]:
    """A month of that province."""
    from bench import books

    return books.month(out)


def entitled_people(source: str, target: str, threads: int) -> dict[str, Any]:
    """What a population may claim."""
    from bench import claimants

    return claimants.judged(source, target, threads)


def entitled_alone(source: str, people: int) -> dict[str, Any]:
    """What people may claim, one by one."""
    from bench import claimants

    return claimants.one_by_one(source, people)


def imported(rows: int, hires: bool) -> dict[str, Any]:
    """A payroll workbook into books of its own."""
    from bench import imports

    return imports.imported(rows, hires)


TASKS: dict[str, Callable[..., dict[str, Any]]] = {
    task.__name__: task
    for task in (
        peak,
        one_loop,
        own_loops,
        every_rule,
        streamed,
        folder,
        population,
        entitled_people,
        entitled_alone,
        imported,
        opened,
        statement,
        month,
    )
}

if __name__ == "__main__":
    print(json.dumps(TASKS[sys.argv[1]](**json.loads(sys.argv[2]))))
