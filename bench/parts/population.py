"""Making a population."""

from __future__ import annotations

from bench.measure import in_child, say
from bench.parts import Section, Target
from bench.settings import Settings


def run(settings: Settings) -> Section:
    section = Section("population", f"Synthetic people of the nation, {settings.threads} threads")
    file = settings.work / "population.parquet"
    speeds = []
    for people in (settings.population // 4, settings.population):
        say(f"  {people:,} people")
        found = in_child("population", target=str(file), people=people, threads=settings.threads)
        speeds.append(people / found["seconds"])
        section.rows.append(
            {
                "people": f"{people:,}",
                "seconds": found["seconds"],
                "thousand people/s": speeds[-1] / 1e3,
                "peak memory, MB": round(found["peak_mb"]),
                "bytes a person": round(found["bytes"] / people),
            }
        )
    file.unlink(missing_ok=True)
    section.targets = [Target("thousand people/s", 300, speeds[-1] / 1e3)]
    return section
