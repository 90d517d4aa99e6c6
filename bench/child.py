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


def _kind(fact: Any) -> Any:
    import pyarrow as pa

    return pa.string() if fact.unit.kind == "choice" else pa.int64()


def whole_rulebook() -> dict[str, Any]:
    """Every rule of every room in one kernel: the seconds to plan it and to have its machine code."""
    import pyarrow as pa

    from shebao.engine.history import history_names
    from shebao.law import rulebook

    start = time.perf_counter()
    book = rulebook()
    law = book.at("2025-12")
    rules = [rule.full_name for rule in book.rules() if not book.level(rule.full_name)]
    fields = [pa.field(f.full_name, _kind(f)) for f in book.facts() if not f.over]
    for name, facts in history_names(book).items():
        fields.append(pa.field(name, pa.list_(pa.struct([pa.field(f.name, _kind(f)) for f in facts]))))
    read = time.perf_counter()
    kernel = law.kernel(rules, pa.schema(fields))
    planned = time.perf_counter()
    kernel.run(pa.table({f.name: pa.nulls(1, f.type) for f in fields}), 1)
    ready = time.perf_counter()
    return {
        "rules": len(rules),
        "lines": len(kernel.plan.source.splitlines()),
        "read": read - start,
        "plan": planned - read,
        "code": ready - planned,
    }


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


def month(people: int, out: str) -> dict[str, Any]:
    """A month of a province in books of its own."""
    from bench import books

    return books.month(people, out)


TASKS: dict[str, Callable[..., dict[str, Any]]] = {
    task.__name__: task for task in (peak, whole_rulebook, streamed, folder, population, month)
}

if __name__ == "__main__":
    print(json.dumps(TASKS[sys.argv[1]](**json.loads(sys.argv[2]))))
