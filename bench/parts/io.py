"""From Parquet to Parquet: one file, and a folder of partitions such as a nation's pensions are."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench import files
from bench.measure import in_child, median_of, say
from bench.parts import Section, Target
from bench.settings import Settings

NATION = 150_000_000  # employee pensions in payment, about


def run(settings: Settings) -> Section:
    people = settings.partitions * settings.partition
    section = Section("io", f"Parquet to Parquet, {settings.threads} threads")
    if lack := files.lacks_room(settings, people + settings.distinct * settings.partition):
        section.remarks = [f"left out: {lack}"]
        return section
    folder = files.partitions(settings)
    target, result = settings.work / "computed", settings.work / "computed.parquet"
    one = folder / "part-00.parquet"
    warm = files.people_file(settings.work, 1_000)
    say("  one file")
    single = in_child(
        "streamed", source=str(one), target=str(result), threads=settings.threads, rounds=3, warm=str(warm)
    )
    say(f"  {settings.partitions} partitions")
    whole = in_child("folder", source=str(folder), target=str(target), threads=settings.threads)
    say("  the same bytes without computing")
    bound = median_of(lambda: rewrite(folder, target, settings), 1)
    shutil.rmtree(target)
    result.unlink()
    size = sum(file.stat().st_size for file in folder.iterdir())
    for name, count, found in (("one file", settings.partition, single), ("partitions", people, whole)):
        section.rows.append(
            {
                "what": name,
                "people": f"{count:,}",
                "seconds": found["seconds"],
                "million people/s": count / found["seconds"] / 1e6,
                "peak memory, MB": round(found["peak_mb"]),
            }
        )
    section.rows.append(
        {
            "what": "bytes of the partitions read and as many as the results have written",
            "people": f"{people:,}",
            "seconds": bound,
            "million people/s": people / bound / 1e6,
        }
    )
    section.targets = [
        Target("one file, million people/s", 10, settings.partition / single["seconds"] / 1e6),
        Target(
            f"{NATION:,} pensions from existing partitions, seconds",
            60,
            whole["seconds"] * NATION / people,
            at_most=True,
        ),
    ]
    section.remarks = [
        f"{settings.partitions} partitions of {settings.partition:,} people; {settings.distinct} of them have people "
        "of their own, the others are further names of the same files. Input comes from the system's file cache.",
        f"{size / people:.0f} bytes a person in, {whole['bytes'] / people:.0f} out. The time of the folder has "
        "everything in it: planning, loading the kernel, bringing every file safely to the disk.",
        f"Rows refused: {single['refused'] + whole['refused']}.",
    ]
    return section


def rewrite(folder: Path, target: Path, settings: Settings) -> None:
    """Reads every input byte and writes every output byte again."""

    def one(name: str) -> None:
        (folder / name).read_bytes()
        content = (target / name).read_bytes()
        (target / name).write_bytes(content)

    with ThreadPoolExecutor(settings.threads) as pool:
        list(pool.map(one, sorted(file.name for file in folder.iterdir())))
