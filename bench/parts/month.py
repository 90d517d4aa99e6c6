"""A month of a province in PostgreSQL, beside the plain COPY of the same rows into the same tables."""

from __future__ import annotations

from typing import Any

from bench.measure import in_child, say
from bench.parts import Section, Target
from bench.settings import Settings

OPENIMIS = 17.8  # benefits a second on two cores, measured with its service layer (10,000 benefits, 82 statements each)
MEMORY = 3_000  # MB


def run(settings: Settings) -> Section:
    section = Section("month", "A month of a province, from declarations to closed books and bank file")
    found = {}
    for people in settings.provinces:
        say(f"  a province of {people:,} people")
        home = {"SHEBAO_HOME": str(settings.work / f"books-{people}")}
        in_child("opened", env=home, people=people)
        found[people] = in_child("month", env=home, out=str(settings.work / "bank"))
        section.rows += _rows(people, found[people])
    first, last = settings.provinces[0], settings.provinces[-1]
    small, large = found[first], found[last]
    steps, paid = small["steps"], small["paid"]
    with_file = paid / (steps["pay"]["seconds"] + steps["bank file"]["seconds"])
    section.targets = [
        Target(
            f"a month of {first:,} people over plain COPY of its rows", 4, small["ours"] / small["copy"], at_most=True
        ),
        Target("pay step over openIMIS, benefits a second", 5_000, paid / steps["pay"]["seconds"] / OPENIMIS),
        Target("peak memory, MB", MEMORY, max(f["peak_mb"] for f in found.values()), at_most=True),
        Target("one person's whole record, ms", 50, small["record_ms"], at_most=True),
    ]
    if last > first:
        times = large["ours"] / small["ours"] * (5 * first / last)
        section.targets += [
            Target("5 times the people, times the seconds", 5.5, times, at_most=True),
            Target("statements more for more people", 0, large["statements"] - small["statements"], at_most=True),
        ]
    section.remarks = [
        "All steps with their receipts, the approval and the bank file; the month's declarations stand in the books. "
        "Plain COPY is the month's new rows from memory into a copy of the database as it was before the run: the same "
        "indexes, foreign keys, triggers and partitions.",
        "openIMIS pays 17.8 benefits a second on two cores (10,000 benefits in 562 s, 82 statements each, one "
        f"transaction, no bank file). With the approval and the pain.001 file it is {with_file:,.0f} a second here, "
        f"{with_file / OPENIMIS:,.0f} times as many.",
    ]
    return section


def _rows(people: int, found: dict[str, Any]) -> list[dict[str, Any]]:
    total = found["ours"]
    rows = [
        {
            "people": f"{people:,}",
            "step": name,
            "seconds": step["seconds"],
            "share, %": round(step["seconds"] / total * 100),
            "rows": f"{step['rows']:,}",
            "rows/s": round(step["rows"] / step["seconds"]),
            "statements": step["statements"],
        }
        for name, step in found["steps"].items()
    ]
    whole = {"people": f"{people:,}", "step": "the month", "seconds": total, "rows": f"{found['rows']:,}"}
    whole |= {"rows/s": round(found["rows"] / total), "statements": found["statements"]}
    copied = {"people": f"{people:,}", "step": "plain COPY", "seconds": found["copy"], "rows": f"{found['rows']:,}"}
    return [*rows, whole, copied | {"rows/s": round(found["rows"] / found["copy"])}]
