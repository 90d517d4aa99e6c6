"""Files of people for the parts that read and write: made once, kept in the work folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from bench import data
from bench.measure import free_gigabytes, say
from bench.settings import Settings

BYTES_A_PERSON = 60  # in and out together, with room to spare


def people_file(work: Path, people: int, first_block: int = 0) -> Path:
    """A Parquet file of so many people, packed as Shebao itself packs: delta and zstd, half a million to a group."""
    file = work / f"people-{people}-from-{first_block}.parquet"
    if file.exists():
        return file
    say(f"  making {file.name}")
    part = file.with_suffix(".part")
    schema, packed = data.batch(data.block(0, 1)).schema, dict.fromkeys(data.FACTS, "DELTA_BINARY_PACKED")
    with pq.ParquetWriter(part, schema, compression="zstd", use_dictionary=False, column_encoding=packed) as out:
        for made in data.blocks(people, first_block):
            out.write_table(pa.Table.from_batches([data.batch(made)]), row_group_size=524_288)
    part.replace(file)
    return file


def partitions(settings: Settings) -> Path:
    """A folder of partitions; ``distinct`` of them have people of their own, the rest are links to the same files."""
    folder = settings.work / f"partitions-{settings.partitions}-of-{settings.partition}-{settings.distinct}"
    if folder.exists():
        return folder
    blocks = -(-settings.partition // data.BLOCK)
    own = [people_file(settings.work, settings.partition, k * blocks) for k in range(settings.distinct)]
    part = folder.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    for k in range(settings.partitions):
        (part / f"part-{k:02d}.parquet").hardlink_to(own[k % len(own)])
    part.replace(folder)
    return folder


def lacks_room(settings: Settings, people: int) -> str:
    """Why so many people cannot be written to the work folder; empty if they can."""
    need, free = people * BYTES_A_PERSON / 1e9 + 1, free_gigabytes(settings.work)
    return f"needs {need:.0f} GB of free disk, {free:.0f} GB are free" if free < need else ""
