"""Two books, table by table: a hash of all rows, told so that it does not matter when or by whom they were written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg

#: Tables that tell how the work went, not what the books say.
TABLES_LEFT_OUT = {
    "run_log": "what was begun, failed and was done: it tells of the interruptions themselves",
    "dry_run": "numbered by a sequence, which an undone transaction advances",
    "entered_session": "which connections are open",
    "django_migrations": "when the schema was made",
}
#: Columns of any table.
COLUMNS_LEFT_OUT = {
    "recorded_at": "the clock",
    "recorded_in": "the number of the transaction",
    "looked_at": "the clock",
}
#: Numbers out of a sequence, which an undone transaction advances: the natural key is compared in their place.
IDENTITIES = {
    "person": "(SELECT x.number FROM person x WHERE x.id = {})",
    "employer": "(SELECT x.credit_code FROM employer x WHERE x.id = {})",
    "household": "(SELECT x.number FROM household x WHERE x.id = {})",
    "bank_account": """(SELECT concat_ws(' ', p.number, f.credit_code, x.bank_code, x.number)
                        FROM bank_account x                        LEFT JOIN person p ON p.id = x.person_id
                        LEFT JOIN employer f ON f.id = x.employer_id WHERE x.id = {})""",
    "look": "NULL",
}


@dataclass(frozen=True)
class Digest:
    """A table: how many rows, and the SHA-256 of them all."""

    rows: int
    sha256: str


def digests(url: str) -> dict[str, Digest]:
    """Every table of the books; partitions count as their table."""
    with psycopg.connect(url, autocommit=True) as connection:
        return {table: _digest(connection, table) for table in tables(connection)}


def tables(connection: psycopg.Connection[Any]) -> list[str]:
    found = connection.execute(
        """SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1"""
    ).fetchall()
    return [name for (name,) in found if name not in TABLES_LEFT_OUT]


def _digest(connection: psycopg.Connection[Any], table: str) -> Digest:
    row = connection.execute(
        f"""SELECT count(*),
                   encode(sha256(convert_to(coalesce(string_agg(t, E'\\n' ORDER BY t COLLATE "C"), ''), 'UTF8')), 'hex')
            FROM ({rows_of(connection, table)}) AS q (t)""".encode()
    ).fetchone()
    assert row is not None
    return Digest(*row)


def rows_of(connection: psycopg.Connection[Any], table: str) -> str:
    """The query of a table's rows as texts; what is known is told from what was, not since when."""
    columns = connection.execute(
        """SELECT column_name FROM information_schema.columns
           WHERE table_schema = 'public' AND table_name = %s ORDER BY 1""",
        [table],
    ).fetchall()
    told = [_told(table, name) for (name,) in columns if name not in COLUMNS_LEFT_OUT]
    return f"SELECT ROW({', '.join(told)})::text FROM {table} AS t"


def _told(table: str, column: str) -> str:
    if column == "known":
        return "upper_inf(t.known)"
    if column == "id" and table in IDENTITIES:
        return IDENTITIES[table].format("t.id")
    whose = column.removesuffix("_id")
    return IDENTITIES[whose].format(f"t.{column}") if whose in IDENTITIES and column != whose else f"t.{column}"


@dataclass(frozen=True)
class Difference:
    """A table that differs: rows that only one side has, at most a few of each."""

    table: str
    ours: Digest
    theirs: Digest
    only_ours: list[str]
    only_theirs: list[str]

    def __str__(self) -> str:
        lines = [f"{self.table}: {self.ours.rows} rows undisturbed, {self.theirs.rows} rows after the kills"]
        lines += [f"  undisturbed only: {row}" for row in self.only_ours]
        lines += [f"  disturbed only:   {row}" for row in self.only_theirs]
        return "\n".join(lines)


def differences(ours: str, theirs: str, known: dict[str, Digest] | None = None) -> list[Difference]:
    """The tables in which the books at two addresses differ; ``known``: the digests of the first, if taken before."""
    left, right = known or digests(ours), digests(theirs)
    names = sorted(name for name in left.keys() | right.keys() if left.get(name) != right.get(name))
    return [_difference(ours, theirs, name, left, right) for name in names]


def _difference(ours: str, theirs: str, name: str, left: dict[str, Digest], right: dict[str, Digest]) -> Difference:
    a, b = _rows(ours, name), _rows(theirs, name)
    none = Digest(0, "")
    return Difference(name, left.get(name, none), right.get(name, none), sorted(a - b)[:3], sorted(b - a)[:3])


def _rows(url: str, table: str) -> set[str]:
    with psycopg.connect(url, autocommit=True) as connection:
        if table not in tables(connection):
            return set()
        return {text for (text,) in connection.execute(rows_of(connection, table).encode())}
