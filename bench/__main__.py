"""``python -m bench [PART …]``: see ``bench/README.md``."""

from __future__ import annotations

import argparse
import importlib
import time
from pathlib import Path

from bench import report
from bench.measure import machine, say
from bench.parts import ORDER
from bench.settings import RESULTS, Settings


def main(words: list[str] | None = None) -> int:
    """Runs the parts asked for (default: all), writes their results; 1 if ``--strict`` and a promise was missed."""
    asked = _parser().parse_args(words)
    settings = Settings.small(asked.people or 20_000, asked.threads) if asked.small else Settings(threads=asked.threads)
    if asked.people and not asked.small:
        settings = Settings(people=asked.people, threads=asked.threads)
    found, sections = machine() | {"trial": asked.small}, []
    for name in [part for part in ORDER if part in (asked.parts or ORDER)]:
        say(f"{name} …")
        start = time.perf_counter()
        sections.append(importlib.import_module(f"bench.parts.{name}").run(settings))
        say(f"{name}: {time.perf_counter() - start:.0f} s")
    paths = report.write(Path(asked.results), sections, found)
    say("\n" + report.page(sections, found))
    say("written: " + ", ".join(str(path) for path in paths))
    return int(asked.strict and any(not target.met for section in sections for target in section.targets))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m bench", description="Speed beside other engines, in one run.")
    parser.add_argument(
        "parts", nargs="*", choices=[*ORDER, []], metavar="PART", help=f"of {', '.join(ORDER)}; all if none"
    )
    parser.add_argument("--people", type=int, help="people of the kernel part (10 million)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--small", action="store_true", help="a quick try of every part; its figures mean nothing")
    parser.add_argument("--strict", action="store_true", help="fail if a promise was missed")
    parser.add_argument("--results", default=RESULTS, help="folder for the table and the chart")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
