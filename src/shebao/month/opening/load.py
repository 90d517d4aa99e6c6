"""Bulk loading: while a table is empty, its indexes and the checks against other tables are made after the rows, not
with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from shebao.books import Books

_CONSTRAINTS = """
    SELECT c.conname, pg_get_constraintdef(c.oid) FROM pg_constraint c
    WHERE c.conrelid = %(t)s::regclass AND c.contype IN ('u', 'x', 'f') AND c.coninhcount = 0 AND c.conparentid = 0
        ORDER BY c.contype, c.conname"""
_INDEXES = """
    SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
    WHERE i.indrelid = %(t)s::regclass AND NOT i.indisprimary
      AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid) ORDER BY 1"""


@contextmanager
def bulk(books: Books, tables: Sequence[str]) -> Iterator[None]:
    """One transaction as the tables' owner; the tables that are empty get constraints and indexes at its end.

    What the rows break is told then, and nothing remains. Other connections wait for these tables meanwhile.
    """
    with books.transaction():
        books.execute("SET LOCAL ROLE shebao_owner")
        later = []
        for table in tables:
            if not books.value(f"SELECT EXISTS (SELECT FROM {table})"):
                later += _put_aside(books, table)
        yield
        books.execute("SET LOCAL maintenance_work_mem = '512MB'")
        for statement in later:
            books.execute(statement)
        for table in tables:
            books.execute(f"ANALYZE {table}")


def _put_aside(books: Books, table: str) -> list[str]:
    """Drops what is slow to keep up row by row; returns the statements that make it again."""
    statements = []
    for name, definition in books.rows(_INDEXES, t=table):
        books.execute(f"DROP INDEX {name}")
        statements.append(definition)
    for name, definition in books.rows(_CONSTRAINTS, t=table):
        books.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        statements.append(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
    return statements
