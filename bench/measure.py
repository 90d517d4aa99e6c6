"""Timing: engines take turns, so that a machine that drifts drifts for all of them."""

from __future__ import annotations

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

Seconds = dict[str, float]


def say(text: str) -> None:
    """Progress, at once."""
    print(text, flush=True)


def seconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def median_of(work: Callable[[], Any], rounds: int) -> float:
    return statistics.median(seconds(work) for _ in range(rounds))


def taking_turns(runs: Mapping[str, Callable[[], Any]], rounds: int) -> Seconds:
    """Median seconds of each, every round in another order. Each must have run once before."""
    names, took = list(runs), {name: [] for name in runs}  # type: tuple[list[str], dict[str, list[float]]]
    for k in range(rounds):
        say(f"  round {k + 1} of {rounds}")
        turn = k * len(names) // rounds
        for name in names[turn:] + names[:turn]:
            took[name].append(seconds(runs[name]))
    return {name: statistics.median(found) for name, found in took.items()}


# -- processes of their own ------------------------------------------------------------------------


def in_child(task: str, env: Mapping[str, str] | None = None, **words: Any) -> dict[str, Any]:
    """What ``bench.child`` tells of a task, with ``wall``: seconds from start to end of the process."""
    command = [sys.executable, "-m", "bench.child", task, json.dumps(words)]
    start = time.perf_counter()
    done = subprocess.run(command, env={**os.environ, **(env or {})}, capture_output=True, text=True, check=False)
    wall = time.perf_counter() - start
    if done.returncode:
        raise RuntimeError(f"{task} failed: {done.stderr.strip().splitlines()[-3:]}")
    return {**json.loads(done.stdout.splitlines()[-1]), "wall": wall}


def peak_megabytes() -> float:
    """The most memory this process ever held, in 10⁶ bytes.

    Linux counts it for the program that runs (VmHWM); getrusage would include the parent it was forked from.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(text for text in status.read_text().splitlines() if text.startswith("VmHWM"))
        return int(line.split()[1]) * 1024 / 1e6
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def free_gigabytes(folder: Path) -> float:
    return shutil.disk_usage(folder).free / 1e9


# -- the machine -----------------------------------------------------------------------------------

PACKAGES = ("numpy", "llvmlite", "pyarrow", "openfisca-core", "ttsim-backend", "jax")


def machine() -> dict[str, Any]:
    """What the figures belong to."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(memory, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "gcc": _gcc(),
        "load_before": round(os.getloadavg()[0], 2),
        "packages": {name: found for name in PACKAGES if (found := _version(name))},
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _gcc() -> str:
    if not shutil.which("gcc"):
        return ""
    return subprocess.run(["gcc", "-dumpfullversion"], capture_output=True, text=True, check=False).stdout.strip()


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
