"""People of whom an administration knows much: a column for every fact that any benefit asks, most of them empty."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

SEED, BLOCK = 20_25, 100_000
MONTH = "2025-07"
#: how many of a hundred people a scheme knows something about; of the others its columns are empty
KNOWN = {
    "": 100,
    "employee_pension": 60,
    "retirement": 60,
    "resident_pension": 40,
    "medical": 30,
    "resident_medical": 30,
}
FEW = 5  # of the schemes not named: the unemployed, the injured, the poor
USUAL = {"Months": 120, "Years": 15, "Index": 1}
EMPTY = 0.02  # cells that are empty although the scheme knows the person


def facts() -> list[Any]:
    """The facts that a benefit of the catalogue may need, whatever the province and the month."""
    from shebao.engine.book import Fact
    from shebao.engine.columns import Inputs
    from shebao.engine.reading import Reading
    from shebao.entitled import load_catalogue
    from shebao.law import rulebook

    book = rulebook()
    rules = tuple(dict.fromkeys(r for b in load_catalogue(book).benefits.values() for r in b.rules))
    given = Inputs(book, rules, pa.schema([]))
    asked = Reading(book, book.at(MONTH).month, rules, given.columns).needed
    when = {name for b in load_catalogue(book).benefits.values() for name in b.when}
    nodes = [book.nodes[name] for name in sorted(asked | when) if name in book.nodes]
    return [node for node in nodes if isinstance(node, Fact) and not node.over and node.name != "month"]


def write(file: Path, people: int) -> None:
    """A Parquet file of so many people, the same for the same count; facts by their full names."""
    asked, writer = facts(), None
    for first in range(0, people, BLOCK):
        draw = np.random.Generator(np.random.Philox(key=[SEED, first]))
        batch = _people(asked, min(BLOCK, people - first), draw)
        writer = writer or pq.ParquetWriter(file, batch.schema)
        writer.write_batch(batch)
    if writer:
        writer.close()


def _people(asked: list[Any], rows: int, draw: np.random.Generator) -> pa.RecordBatch:
    known: dict[str, Any] = {}
    columns, fields = [], []
    for fact in asked:
        if fact.room not in known:
            known[fact.room] = draw.integers(0, 100, rows) < KNOWN.get(fact.room, FEW)
        values = _values(fact, rows, draw)
        empty = ~known[fact.room] | ((draw.random(rows) < EMPTY) & bool(fact.room))
        kind = _type(fact)
        columns.append(pa.array(values.astype(kind.to_pandas_dtype()), kind, mask=empty))
        notes = {"shebao.unit": fact.unit.name, "shebao.scale": str(fact.scale)}
        if fact.values:
            notes["shebao.values"] = ",".join(fact.values)
        fields.append(pa.field(fact.full_name, kind, metadata=notes))
    return pa.RecordBatch.from_arrays(columns, schema=pa.schema(fields))


def _type(fact: Any) -> pa.DataType:
    if fact.unit.kind in ("yes_no", "choice", "region"):
        return pa.bool_() if fact.unit.kind == "yes_no" else pa.int8()
    return pa.int64() if fact.unit.kind == "money" else pa.int32()


def _values(fact: Any, rows: int, draw: np.random.Generator) -> Any:
    """Values in the fact's range as stored, where people's mostly are."""
    from shebao.law.regions import NAMES

    if fact.unit.kind == "yes_no":
        return draw.random(rows) < 0.5
    if fact.unit.kind == "choice":
        return draw.integers(0, len(fact.values), rows)
    if fact.unit.kind == "region":
        return draw.choice(list(NAMES), rows)
    low, high = int(fact.low * fact.scale), int(fact.high * fact.scale)
    if fact.unit.kind == "month":
        usual = (1950, 2008) if "birth" in fact.name and "child" not in fact.name else (2023, 2026)
        months = draw.integers(usual[0] * 12, usual[1] * 12, rows)
        return np.clip(months, low, high)
    middle = USUAL.get(fact.unit.name, 5_000 if fact.unit.kind == "money" else 20) * fact.scale
    return np.clip(np.rint(draw.lognormal(0, 1, rows) * min(middle, max(high // 4, 1))), low, high)


# -- judging them ----------------------------------------------------------------------------------


def judged(source: str, target: str, threads: int) -> dict[str, Any]:
    """Seconds to find the claims of a file's people, once the passes are loaded, and the peak memory."""
    from bench.measure import peak_megabytes, seconds
    from shebao.entitled import load_catalogue
    from shebao.entitled.people import entitled_people
    from shebao.law import rulebook

    law = rulebook().at(MONTH)
    catalogue, reports = load_catalogue(law.book), []

    def work() -> None:
        reports.append(entitled_people(law, source, target, threads=threads, overwrite=True, catalogue=catalogue))

    work()
    took, report = seconds(work), reports[-1]
    return {
        "seconds": took,
        "people": report.rows,
        "columns": len(pq.read_schema(source)),
        "benefits": len(report.sums),
        "claims": pq.read_metadata(target).num_rows,
        "peak_mb": peak_megabytes(),
    }


def one_by_one(source: str, people: int) -> dict[str, Any]:
    """Seconds to find the claims of the first people of a file by the single-person run."""
    from bench.measure import seconds
    from shebao.entitled import entitled, load_catalogue
    from shebao.law import rulebook

    law = rulebook().at(MONTH)
    catalogue = load_catalogue(law.book)
    table = pq.ParquetFile(source).iter_batches(people)
    rows = [given(row) for row in next(table).to_pylist()]
    return {"seconds": seconds(lambda: [entitled(law, row, catalogue) for row in rows]), "people": len(rows)}


def given(row: dict[str, Any]) -> dict[str, Any]:
    """A row of such a file as facts that people write; empty cells are not given."""
    from shebao.engine.units import show_month
    from shebao.law import rulebook

    facts: dict[str, Any] = {}
    for name, stored in row.items():
        fact: Any = rulebook().nodes[name]
        if stored is None:
            continue
        if fact.unit.kind == "month":
            facts[name] = show_month(stored)
        elif fact.unit.kind == "choice":
            facts[name] = fact.values[stored]
        else:
            facts[name] = stored if isinstance(stored, bool) or fact.scale == 1 else f"{stored}/{fact.scale}"
    return facts
