"""From the law's text to machine code, and from the cache, each in a process of its own."""

from __future__ import annotations

import statistics
import tempfile

from bench.measure import in_child, say
from bench.parts import Section, Target
from bench.settings import Settings


def run(settings: Settings) -> Section:
    section = Section("compile", "The whole rulebook as one loop")
    with tempfile.TemporaryDirectory(prefix="shebao-bench-") as cache:
        env = {"SHEBAO_CACHE_DIR": cache}
        in_child("peak", env)  # the interpreter's own files come into memory
        say("  compiling with an empty cache")
        cold = in_child("whole_rulebook", env)
        say("  loading from the cache")
        warm = [in_child("whole_rulebook", env) for _ in range(settings.rounds)]
    again = {key: statistics.median(found[key] for found in warm) for key in cold}
    for name, found in (("empty cache", cold), ("from the cache", again)):
        section.rows.append(
            {
                "start": name,
                "read the law, s": found["read"],
                "plan the loop, s": found["plan"],
                "machine code, s": found["code"],
                "whole process, s": found["wall"],
            }
        )
    section.targets = [
        Target("whole rulebook compiled, seconds of the whole process", 15, cold["wall"], at_most=True),
        Target("whole rulebook loaded from the cache, seconds of the whole process", 1, again["wall"], at_most=True),
    ]
    section.remarks = [f"{cold['rules']} rules of all rooms in one loop of {cold['lines']:,} lines, one thread."]
    return section
