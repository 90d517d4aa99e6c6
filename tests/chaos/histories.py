"""Histories made up at random: lived through, computed anew person by person, and told once more in another order."""

from __future__ import annotations

import datetime as dt
import random
import shutil
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import psycopg
from tests.chaos import recount, world
from tests.chaos.month import law
from tests.chaos.server import Server, migrated, named, own_server
from tests.chaos.world import OPENED, QUIET, History, later

from shebao.books import connect
from shebao.month.context import Tell, silent

#: What must be equal however the same facts came in.
SUMS = {
    "contributions": """SELECT person_id, scheme::text, month, sum(base)::bigint, sum(employee)::bigint,
                               sum(employer)::bigint, sum(account_credit)::bigint FROM contribution
                        GROUP BY 1, 2, 3 HAVING sum(base) <> 0 OR sum(employee) <> 0""",
    "payments": """SELECT person_id, benefit::text, month, sum(amount)::bigint, sum(account_part)::bigint FROM payment
                   GROUP BY 1, 2, 3 HAVING sum(amount) <> 0""",
    "accounts": "SELECT person_id, scheme::text, sum(amount)::bigint FROM account_entry GROUP BY 1, 2",
    "bills": """SELECT coalesce(employer_id, -person_id), month, sum(amount)::bigint FROM bill
                GROUP BY 1, 2 HAVING sum(amount) <> 0""",
    "rejected": "SELECT file_id, reason FROM import_row WHERE outcome = 'rejected'",
}
#: Of facts that came late: what does not depend on when money came, nor on what was assessed or charged meanwhile.
LATE = ("contributions",)
#: Whose paying in a transfer has ended, where, and before which month: that after it was carried out. Until then
#: contributions are owed, so a transfer that is told of later leaves more months.
ENDED = """SELECT DISTINCT person_id, region, upper(valid) FROM participation
           WHERE source = 'transfer 转出' AND scheme = 'employee_pension' AND upper_inf(known)"""
Sums = dict[str, set[tuple[Any, ...]]]


@dataclass
class Told:
    """What became of some histories: the findings of each that has any, deeds by kind, how many were refused."""

    count: int = 0
    seconds: float = 0.0
    deeds: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    findings: dict[int, tuple[History | None, list[str]]] = field(default_factory=dict)

    @property
    def lines(self) -> list[str]:
        lines = [
            f"histories {self.count}, with findings {len(self.findings)}, {self.seconds:.0f} s",
            "deeds     "
            + ", ".join(f"{what} {n}" for what, n in sorted(self.deeds.items()))
            + f"; refused {self.refused}",
        ]
        for seed, (history, found) in self.findings.items():
            lines += [f"--- seed {seed}", *found, str(history or "")]
        return lines


def begin(server: Server) -> None:
    """The database ``people`` from which every history starts."""
    migrated(server, "people")
    with named(server.url("people")):
        world.found()


def check(server: Server, seed: int, months: int, *, again: bool = False) -> tuple[History | None, list[str]]:
    """Lives through one history and computes it anew; ``again``: tells it in another order and late, too."""
    history, found, sums = _live(server, seed, months)
    if again and history is not None and not found:
        for name, told, which in (
            ("another order", shuffled(history, seed), tuple(SUMS)),
            ("late", delayed(history, seed), LATE),
        ):
            other, wrong, theirs = _live(server, seed, months, told)
            found += [f"{name}: {text}" for text in wrong]
            if other and _taken(history, sums) and _taken(other, theirs):
                ours, theirs = _but_for_transfers(sums, theirs) if name == "late" else (sums, theirs)
                found += [f"{name}: {text}" for text in _unequal(ours, theirs, which)]
    return history, found


def told(server: Server, history: History) -> tuple[History | None, list[str], Sums]:
    """A history told beforehand: what was done, what a recount finds, and the sums."""
    return _live(server, history.seed, history.months, history)


def _live(
    server: Server, seed: int, months: int, told: History | None = None
) -> tuple[History | None, list[str], Sums]:
    name, out = f"history_{seed}", server.home / f"history-{seed}"
    url = server.copy("people", name)
    try:
        with named(url):
            history = world.live(seed, months, out, told)
            with connect("run") as books:
                found = recount.findings(books, law(), later(OPENED, months + QUIET - 1))
        with psycopg.connect(url) as connection:
            queries = SUMS | {"ended": ENDED}
            sums = {what: set(connection.execute(query.encode()).fetchall()) for what, query in queries.items()}
        return history, found, sums
    except Exception:
        return None, [traceback.format_exc()], {}
    finally:
        shutil.rmtree(out, ignore_errors=True)
        server.drop(name)


def _taken(history: History, sums: Sums) -> bool:
    """Whether everything was taken: what registry and intake refuse depends on what they know by then."""
    return not history.refused and not sums["rejected"]


def _but_for_transfers(ours: Sums, theirs: Sums) -> tuple[Sums, Sums]:
    """Without the contributions between the ends that a transfer made in a province; all later ones if only one did."""
    differ = ours["ended"] ^ theirs["ended"]
    apart: dict[int, list[tuple[dt.date, dt.date]]] = {}
    for place in {row[:2] for row in differ}:
        ends = [row[2] for row in differ if row[:2] == place]
        both = all(place in {row[:2] for row in sums["ended"]} for sums in (ours, theirs))
        apart.setdefault(place[0], []).append((min(ends), max(ends) if both else dt.date.max))

    def kept(row: tuple[Any, ...]) -> bool:
        person, scheme, month, *_ = row
        return scheme != "employee_pension" or not any(a <= month < b for a, b in apart.get(person, ()))

    alike = [sums | {"contributions": set(filter(kept, sums["contributions"]))} for sums in (ours, theirs)]
    return alike[0], alike[1]


def shuffled(history: History, seed: int) -> History:
    """The same deeds, each point's in another order; deeds about the same keep theirs."""
    draws, told = random.Random(seed), History(history.seed, history.months)
    told.deeds = {at: _mixed(deeds, draws) for at, deeds in history.deeds.items()}
    return told


def delayed(history: History, seed: int) -> History:
    """The same deeds, all recorded in the last month before the quiet one, in another order."""
    draws, told = random.Random(seed), History(history.seed, history.months)
    everything = [deed for deeds in history.deeds.values() for deed in deeds if deed.what != "reopen"]
    told.deeds = {(later(OPENED, history.months - 1), "before"): _mixed(everything, draws)}
    return told


#: What keeps its order whomever it is about: a payroll names who is employed by then, and nothing is before reopening.
TOGETHER = ("reopen", "leave", "hire", "declare", "move", "transfer")


def _mixed(deeds: list[world.Deed], draws: random.Random) -> list[world.Deed]:
    queues: dict[str, list[world.Deed]] = {}
    for deed in deeds:
        queues.setdefault("", []).append(deed) if deed.what in TOGETHER else queues.setdefault(deed.who, []).append(
            deed
        )
    mixed = []
    while queues:
        who = draws.choice(sorted(queues))
        mixed.append(queues[who].pop(0))
        if not queues[who]:
            del queues[who]
    return mixed


def _unequal(ours: Sums, theirs: Sums, which: tuple[str, ...]) -> list[str]:
    lines = []
    for name in which:
        only, other = sorted(ours[name] - theirs[name], key=str)[:3], sorted(theirs[name] - ours[name], key=str)[:3]
        if only or other:
            lines.append(f"{name}: {_shown(only)} against {_shown(other)}")
    return lines


def _shown(rows: list[tuple[object, ...]]) -> str:
    return "; ".join(" ".join(map(str, row)) for row in rows) or "nothing"


def run(count: int, months: int, seed: int, *, again: bool = True, tell: Tell = silent) -> Told:
    """So many histories with the seeds from ``seed`` on, on a server of its own."""
    began, told = time.monotonic(), Told(count)
    with own_server() as server:
        begin(server)
        for n in range(count):
            history, found = check(server, seed + n, months, again=again)
            if history is not None:
                told.deeds.update(deed.what for deeds in history.deeds.values() for deed in deeds)
                told.refused += len(history.refused)
            if found:
                told.findings[seed + n] = (history, found)
            tell("histories", n + 1, count)
    told.seconds = time.monotonic() - began
    return told


__all__ = ["Told", "begin", "check", "delayed", "run", "shuffled"]
