"""Who of a population may claim what: every benefit of the catalogue, beside the single-person run in a loop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench import claimants
from bench.measure import in_child, say
from bench.parts import Section, Target
from bench.settings import Settings

ALONE = 50  # people of the rival
TIMES, SPEED, MEMORY = 1_000, 50, 1_500  # times the loop, thousand people a second, MB


def run(settings: Settings) -> Section:
    section = Section("entitled", f"What may be claimed, over a population, {settings.threads} threads")
    found: dict[str, Any] = {}
    for people in settings.scale[:2]:
        for kind, make in (("as `shebao population make` writes it", _population), ("every fact a column", _claimants)):
            say(f"  {people:,} people, {kind}")
            file = make(settings, people)
            target = str(settings.work / "claims.parquet")
            found = in_child("entitled_people", source=str(file), target=target, threads=settings.threads)
            section.rows.append(_row(people, kind, found))
    say(f"  {ALONE} people one by one")
    alone = in_child("entitled_alone", source=str(_claimants(settings, settings.scale[0])), people=ALONE)
    section.rows.append({"people": f"{ALONE:,}", "file": "one by one, with what is nearly reached", **_speed(alone)})
    speed = found["people"] / found["seconds"]
    section.targets = [
        Target("people a second over the single-person run", TIMES, speed / (alone["people"] / alone["seconds"])),
        Target("thousand people/s, every benefit", SPEED, speed / 1e3),
        Target("peak memory, MB", MEMORY, found["peak_mb"], at_most=True),
    ]
    section.remarks = [
        "From Parquet to Parquet with the compiled passes loaded; a person's columns hold what the schemes know of "
        "them, most cells are empty. The single-person run also explains each condition and what would satisfy it.",
    ]
    return section


def _row(people: int, kind: str, found: dict[str, Any]) -> dict[str, Any]:
    pairs = found["people"] * found["benefits"] / found["seconds"] / 1e6
    return {
        "people": f"{people:,}",
        "file": kind,
        "columns": found["columns"],
        "benefits": found["benefits"],
        "claims": f"{found['claims']:,}",
        **_speed(found),
        "million people × benefits/s": round(pairs, 2),
        "peak memory, MB": round(found["peak_mb"]),
    }


def _speed(found: dict[str, Any]) -> dict[str, Any]:
    return {"seconds": found["seconds"], "people/s": round(found["people"] / found["seconds"])}


def _population(settings: Settings, people: int) -> Path:
    file = settings.work / f"population-{people}.parquet"
    if not file.exists():
        in_child("population", target=str(file), people=people, threads=settings.threads)
    return file


def _claimants(settings: Settings, people: int) -> Path:
    file = settings.work / f"claimants-{people}.parquet"
    if not file.exists():
        part = file.with_suffix(".part")
        claimants.write(part, people)
        part.rename(file)
    return file
