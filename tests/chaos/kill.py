"""Killing the run of a month, and PostgreSQL, at random instants, again and again until the month is done."""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

import psycopg
from tests.chaos import month as play
from tests.chaos.compare import Difference, Digest, differences, digests
from tests.chaos.server import Server, migrated, named, own_server

from shebao.month.context import Tell, silent

#: How a run is cut short: half of the kills hit PostgreSQL, its first process or a session.
WAYS = ("process", "process", "server", "session")
#: What a run may die of when the server does. Anything else that goes wrong is a defect.
LOST = (
    "OperationalError",
    "InterfaceError",
    "Unreachable",
    "AdminShutdown",
    "CrashShutdown",
    "CannotConnectNow",
    "ServerError",
    "ConnectionTimeout",
)


class Broken(Exception):
    """The disturbed month cannot be brought to its end, or ends otherwise."""


@dataclass
class Report:
    """What was done: kills by way and by the stage they hit, how often the month was begun, and what differed."""

    undisturbed: float = 0.0
    seconds: float = 0.0
    months: int = 0
    begun: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    stages: Counter[str] = field(default_factory=Counter)
    steps: Counter[str] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)

    @property
    def lines(self) -> list[str]:
        return [
            f"undisturbed month            {self.undisturbed:8.2f} s",
            f"kills                        {sum(self.kills.values()):8}    {_shown(self.kills)}",
            f"stages they hit                          {_shown(self.stages)}",
            f"steps begun and not done (run log)       {_shown(self.steps)}",
            f"months brought to their end  {self.months:8}    begun {self.begun} times",
            f"time                         {self.seconds:8.1f} s",
            "all tables equal" if not self.differences else "NOT EQUAL",
            *map(str, self.differences),
        ]


def _shown(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))


# ---- the child --------------------------------------------------------------------------------------------------


def _child(url: str, seed: int, folder: str, pipe: Connection) -> None:
    """Works through the second month in a database, telling each stage it begins; an error is told and ends it."""
    os.environ["SHEBAO_DATABASE_URL"] = url
    from shebao.books import connect

    try:
        pipe.send(("begun", ""))
        with connect("run") as books:
            if not play.closed(books, play.SECOND):  # else the last kill came after the month's last commit
                play.play(books, play.SECOND, seed, Path(folder), lambda stage: pipe.send(("stage", stage)))
        pipe.send(("done", ""))
    except Exception as error:
        pipe.send(("error", f"{type(error).__name__}\n{traceback.format_exc()}"))
        sys.exit(1)


_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.chaos.warm"])


@dataclass
class Life:
    """One attempt of a child: how far it came."""

    done: bool = False
    stage: str = "begin"
    error: str = ""
    seconds: float = 0.0
    killed: str = ""


def attempt(url: str, seed: int, folder: Path, kill: Callable[[], str] | None = None, after: float = 0.0) -> Life:
    """Lets a child work; after so many seconds ``kill`` is called, if it is still at it."""
    ours, theirs = _processes.Pipe(duplex=False)
    process = _processes.Process(target=_child, args=(url, seed, str(folder), theirs), daemon=True)
    process.start()
    theirs.close()
    life, began, strike = Life(), 0.0, None
    while True:
        left = None if strike is None or life.killed else max(strike - time.monotonic(), 0.0)
        if not ours.poll(left):
            if process.is_alive() and kill is not None:
                life.killed = kill() if strike is not None else ""
                if life.killed == "process":
                    process.kill()
            continue
        try:
            what, text = ours.recv()
        except EOFError:
            break
        began = time.monotonic() if what == "begun" else began
        if what == "begun" and kill is not None:
            strike = began + after
        life.stage = text if what == "stage" else life.stage
        life.error = text if what == "error" else life.error
        life.done = life.done or what == "done"
    process.join()
    life.seconds = time.monotonic() - began
    ours.close()
    return life


# ---- the parent -------------------------------------------------------------------------------------------------


def prepare(server: Server, people: int, seed: int, tell: Tell = silent) -> None:
    """The database ``start``: the province after its first month; beside it the files of the second."""
    migrated(server, "start")
    with named(server.url("start")):
        play.prepare(people, seed, server.home / "files", tell)


@dataclass
class Chaos:
    """A server with the database ``start`` that the disturbed months begin with, and the digests they must end with."""

    server: Server
    seed: int
    draws: random.Random
    tell: Tell = silent
    report: Report = field(default_factory=Report)
    digests: dict[str, Digest] = field(default_factory=dict)

    @property
    def files(self) -> Path:
        return self.server.home / "files"

    def calm(self) -> None:
        """The undisturbed second month, in a copy."""
        url = self.server.copy("start", "calm")
        life = attempt(url, self.seed, self.folder("calm"))
        if not life.done:
            raise Broken(f"the undisturbed month fails at {life.stage}:\n{life.error}")
        self.report.undisturbed = life.seconds
        self.digests = digests(url)

    def folder(self, name: str) -> Path:
        """The folder of a month's files: those that came in, and those that go out."""
        return Path(shutil.copytree(self.files, self.server.home / f"files-{name}"))

    def disturb(self, kills: int, ways: tuple[str, ...]) -> None:
        """One month after the other, killed until it is done, until there have been so many kills."""
        while sum(self.report.kills.values()) < kills and not self.report.differences:
            self._month(kills, ways)

    def _month(self, kills: int, ways: tuple[str, ...]) -> None:
        report, name = self.report, f"storm_{self.report.months}"
        url, folder = self.server.copy("start", name), self.folder(name)
        while True:
            way = self.draws.choice(ways) if sum(report.kills.values()) < kills else ""
            life = attempt(url, self.seed, folder, self._killer(way, name), self.draws.uniform(0, report.undisturbed))
            report.begun += 1
            if life.killed:
                report.kills[life.killed] += 1
                report.stages["after the end" if life.done else life.stage] += 1
                self.tell("kills", sum(report.kills.values()), kills)
                self.server.start()
                self.server.quiet(name)
            if life.done:
                break
            if not life.killed or (life.error and life.error.partition("\n")[0] not in LOST):
                raise Broken(f"{life.killed or 'nobody'} was killed at {life.stage}, and the month says:\n{life.error}")
        report.months += 1
        report.differences = differences(self.server.url("calm"), url, self.digests)
        self._unfinished(url)
        if not report.differences:
            self.server.drop(name)
            shutil.rmtree(folder)

    def _killer(self, way: str, name: str) -> Callable[[], str] | None:
        def kill() -> str:
            if way == "server":
                self.server.kill_server()
            if way == "session" and not self.server.kill_session(name):
                return "process"  # nobody is connected at this instant
            return way

        return kill if way else None

    def _unfinished(self, url: str) -> None:
        """What the run log tells of the steps that were begun more often than they were done."""
        with psycopg.connect(url, autocommit=True) as connection:
            rows = connection.execute(
                """SELECT step::text, count(*) FILTER (WHERE event = 'started') - count(*) FILTER (WHERE event = 'done')
                   FROM run_log WHERE month = %s GROUP BY step""",
                [play.SECOND],
            ).fetchall()
        self.report.steps.update({step: count for step, count in rows if count})


def storm(kills: int, people: int, seed: int, *, server: bool = True, tell: Tell = silent) -> Report:
    """Kills so many times; half of the kills hit PostgreSQL if ``server``. ``Broken`` if a month cannot be ended."""
    began = time.monotonic()
    ways = WAYS if server else ("process",)
    with own_server() as home:
        prepare(home, people, seed, tell)
        chaos = Chaos(home, seed, random.Random(seed), tell)
        chaos.calm()
        try:
            chaos.disturb(kills, ways)
        except Broken as broken:
            raise Broken("\n".join([str(broken), "until then:", *chaos.report.lines[:-1]])) from None
    chaos.report.seconds = time.monotonic() - began
    return chaos.report
