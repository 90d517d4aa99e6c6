"""``python -m tests.chaos``; see the package."""

from __future__ import annotations

import argparse
import sys
import time

from tests.chaos import histories
from tests.chaos.kill import Broken, storm


class Bar:
    """A line that is written over and over."""

    def __init__(self) -> None:
        self.last = 0.0

    def __call__(self, what: str, done: int, of: int) -> None:
        if sys.stderr.isatty() and (time.monotonic() - self.last > 0.1 or done == of):
            self.last = time.monotonic()
            filled = 30 * done // of if of else 0
            print(f"\r{what[:24]:24} [{'#' * filled:30}] {done}/{of or '?'}   ", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        if sys.stderr.isatty():
            print("\r" + " " * 80 + "\r", end="", file=sys.stderr)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description="Kill a month, and compare.")
    parser.add_argument("what", nargs="?", choices=("kills", "histories"), default="kills")
    parser.add_argument("--seed", type=int, default=1)
    kills = parser.add_argument_group("kills")
    kills.add_argument("--kills", type=int, default=100, help="how many in all (100)")
    kills.add_argument("--people", type=int, default=2000, help="people of the province (2000)")
    kills.add_argument("--server", action=argparse.BooleanOptionalAction, default=True, help="half hit PostgreSQL")
    lives = parser.add_argument_group("histories")
    lives.add_argument("--count", type=int, default=100, help="how many histories (100)")
    lives.add_argument("--months", type=int, default=4, help="eventful months of each (4)")
    given = parser.parse_args()
    bar = Bar()
    lines, failed = _histories(given, bar) if given.what == "histories" else _kills(given, bar)
    bar.end()
    print("\n".join(lines))
    return int(failed)


def _kills(given: argparse.Namespace, bar: Bar) -> tuple[list[str], bool]:
    try:
        report = storm(given.kills, given.people, given.seed, server=given.server, tell=bar)
    except Broken as broken:
        return [str(broken)], True
    return report.lines, bool(report.differences)


def _histories(given: argparse.Namespace, bar: Bar) -> tuple[list[str], bool]:
    told = histories.run(given.count, given.months, given.seed, tell=bar)
    return told.lines, bool(told.findings)


if __name__ == "__main__":
    sys.exit(main())
