"""Whether a person costs the same among a hundred thousand and among a hundred million, and in how much memory."""

from __future__ import annotations

from bench import files
from bench.measure import in_child, say
from bench.parts import Section, Target
from bench.settings import Settings

MEMORY = 2_000  # MB


def run(settings: Settings) -> Section:
    section = Section("scale", f"Streamed from Parquet to Parquet, {settings.threads} threads")
    warm = files.people_file(settings.work, 1_000)
    result = settings.work / "streamed.parquet"
    costs, peaks = [], []
    for people in settings.scale:
        if lack := files.lacks_room(settings, people):
            section.rows.append({"people": f"{people:,}", "note": f"left out: {lack}"})
            continue
        source = files.people_file(settings.work, people)
        say(f"  {people:,} people")
        rounds = settings.rounds if people <= 10_000_000 else 1
        found = in_child(
            "streamed", source=str(source), target=str(result), threads=settings.threads, rounds=rounds, warm=str(warm)
        )
        costs.append(found["busy"] / people * 1e9)
        peaks.append(found["peak_mb"])
        section.rows.append(
            {
                "people": f"{people:,}",
                "seconds": found["seconds"],
                "million people/s": people / found["seconds"] / 1e6,
                "processor time a person, ns": round(costs[-1], 1),
                "peak memory, MB": round(found["peak_mb"]),
            }
        )
    result.unlink(missing_ok=True)
    if costs:
        section.targets = [
            Target("dearest person over the cheapest", 2, max(costs) / min(costs), at_most=True),
            Target("peak memory, MB", MEMORY, max(peaks), at_most=True),
        ]
    section.remarks = [
        "Cost is the processor time of all threads: a file of a hundred thousand is one batch and keeps one thread "
        "busy, so its seconds are no measure. It also bears alone what a run costs once (opening, closing)."
    ]
    return section
