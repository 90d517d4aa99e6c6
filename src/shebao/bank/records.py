"""Records collected into columns, so that a file of a million of them fits."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Any, get_type_hints

import pyarrow as pa

CHUNK_ROWS = 1 << 16
_TYPES = {
    str: pa.string(),
    str | None: pa.string(),
    int: pa.int64(),
    bool: pa.bool_(),
    date: pa.date32(),
    date | None: pa.date32(),
}


def schema_of(kind: type) -> pa.Schema:
    """The columns of a dataclass: its fields in order."""
    hints = get_type_hints(kind)
    return pa.schema([(field.name, _TYPES[hints[field.name]]) for field in fields(kind)])


class Columns:
    """A growing table of records of one dataclass."""

    def __init__(self, kind: type) -> None:
        self.schema = schema_of(kind)
        self.rows: list[Any] = []
        self.batches: list[pa.RecordBatch] = []

    def __len__(self) -> int:
        return len(self.rows) + sum(batch.num_rows for batch in self.batches)

    def append(self, record: Any) -> None:
        """Add a record of the dataclass."""
        self.rows.append(record)
        if len(self.rows) == CHUNK_ROWS:
            self._flush()

    def _flush(self) -> None:
        arrays = [pa.array([getattr(row, f.name) for row in self.rows], f.type) for f in self.schema]
        self.batches.append(pa.RecordBatch.from_arrays(arrays, schema=self.schema))
        self.rows = []

    def table(self) -> pa.Table:
        """All records so far."""
        if self.rows:
            self._flush()
        return pa.Table.from_batches(self.batches, self.schema)
