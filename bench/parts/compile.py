"""From the law's text to machine code and from the cache, everything in one loop and every rule in its own."""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Sequence
from typing import Any

from bench.measure import in_child, say
from bench.parts import Section, Target
from bench.settings import Settings

Found = dict[str, Any]


def run(settings: Settings) -> Section:
    section = Section("compile", "The whole rulebook compiled")
    shutil.rmtree(settings.kernels, ignore_errors=True)
    env = {"SHEBAO_CACHE_DIR": str(settings.kernels)}
    in_child("peak", env)  # the interpreter's own files come into memory
    say("  all rules in one loop")
    one = in_child("one_loop", env)
    again = _typical([in_child("one_loop", env) for _ in range(settings.rounds)])
    say("  every rule in a loop of its own")
    words = {"threads": settings.threads, "most": settings.rules}
    own, kept = (in_child("own_loops", env, **words) for _ in range(2))
    section.rows = [
        _row("all rules in one loop", "empty cache", one),
        _row("all rules in one loop", "from the cache", again),
        _row("each in a loop of its own", "empty cache", own),
        _row("each in a loop of its own", "from the cache", kept),
    ]
    section.targets = [
        Target("all rules compiled as one loop, seconds of the whole process", 15, one["wall"], at_most=True),
        Target("all rules loaded from the cache as one loop, seconds", 1, again["wall"], at_most=True),
        Target("every rule compiled in a loop of its own, seconds", 30, own["wall"], at_most=True),
    ]
    section.remarks = [
        "A row of one loop stops at its first refusal, and nobody can be computed by the rules of different provinces "
        "and times at once: LLVM finds that out and drops much of the one loop. The loops of single rules, compiled by "
        f"{settings.threads} threads, are whole.",
    ]
    return section


def _typical(runs: Sequence[Found]) -> Found:
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]}


def _row(what: str, start: str, found: Found) -> Found:
    return {
        "what": what,
        "start": start,
        "rules": found["rules"],
        "lines": found["lines"],
        "read the law, s": found["read"],
        "plan, s": found["plan"],
        "machine code, s": found["code"],
        "whole process, s": found["wall"],
        "peak memory, MB": round(found["peak_mb"]),
    }
