"""The same rules inside a Spark that an institute already owns (or Sail, which speaks its protocol).

```python
run = map_in_arrow(LawSpec("2025-01"), ["employee_pension.monthly_pension"], keep=["citizen_number"])
pensions = people.mapInArrow(run, run.ddl(people.limit(0).toArrow().schema))
```

No type of Spark appears here: the adapter maps an iterator of Arrow record batches to another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from shebao.batch.compute import prepare
from shebao.batch.spec import LawSpec

_SQL = {"int8": "tinyint", "int16": "smallint", "int32": "int", "int64": "bigint", "bool": "boolean"}


@dataclass(frozen=True)
class MapInArrow:
    """A function for ``DataFrame.mapInArrow``; plain data, so that it travels to the workers."""

    spec: LawSpec
    rules: tuple[str, ...]
    keep: tuple[str, ...] = ()

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Each batch's kept columns, computed rules and status."""
        for batch in batches:
            work = prepare(self.spec.kernel, self.rules, batch.schema, self.keep, {})
            result, _ = work(batch.select(list(work.columns)))
            yield _plain(result)

    def schema(self, people: pa.Schema) -> pa.Schema:
        """The Arrow schema that comes out for people of a schema."""
        work = prepare(self.spec.kernel, self.rules, people, self.keep, {})
        return pa.schema([pa.field(f.name, _plain_type(f.type)) for f in work.schema])

    def ddl(self, people: pa.Schema) -> str:
        """The same as Spark SQL writes it: ``monthly_pension bigint, status string``."""
        return ", ".join(f"`{f.name}` {_SQL.get(str(f.type), str(f.type))}" for f in self.schema(people))


def map_in_arrow(spec: LawSpec, rules: Sequence[str], keep: Sequence[str] = ()) -> MapInArrow:
    """The adapter for these rules; ``keep`` names the columns that pass through."""
    return MapInArrow(spec, tuple(rules), tuple(keep))


def _plain(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Spark takes no dictionaries."""
    columns = [c.cast(_plain_type(c.type)) for c in batch.columns]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _plain_type(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind
