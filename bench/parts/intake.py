"""A payroll workbook into the books: of people employed already, and of people whom the file hires."""

from __future__ import annotations

from bench.measure import in_child, say
from bench.parts import Section, Target
from bench.settings import Settings

SECONDS = 20  # promised for a workbook of 100,000 rows


def run(settings: Settings) -> Section:
    section = Section("intake", "A payroll workbook imported into PostgreSQL")
    rows = min(settings.people, 100_000)
    found = {}
    for hires, what in ((False, "employed already"), (True, "hired by the file, each told late")):
        say(f"  {rows:,} rows, {what}")
        env = {"SHEBAO_HOME": str(settings.work / "books-intake")}
        found[hires] = in_child("imported", env=env, rows=rows, hires=hires)
        section.rows.append(
            {
                "rows": f"{rows:,}",
                "people": what,
                "seconds": found[hires]["seconds"],
                "rows/s": round(rows / found[hires]["seconds"]),
                "participations begun": f"{found[hires]['hired']:,}",
                "statements": found[hires]["statements"],
                "peak memory, MB": round(found[hires]["peak_mb"]),
            }
        )
    per_100_000 = 100_000 / rows
    section.targets = [
        Target("a payroll of 100,000 rows, seconds", SECONDS, found[False]["seconds"] * per_100_000, at_most=True),
        Target("100,000 new hires, seconds", SECONDS, found[True]["seconds"] * per_100_000, at_most=True),
    ]
    section.remarks = [
        "From the bytes of the workbook to the committed transaction, every row with its outcome; into books that hold "
        "these people and their employers. A hire begins three participations, each held against all others by the "
        "database's constraint; every row is told to be late, so every row is kept with its reason."
    ]
    return section
