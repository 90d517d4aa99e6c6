"""Django's models and the tables of the database have the same columns."""

from __future__ import annotations

import pytest

from shebao.books import Books
from shebao.books.connect import ready_django

#: Columns that no service may read, or that only the database itself uses.
HIDDEN = {"officer": {"key_hash"}, "journal_entry": {"recorded_in"}}

#: A view, for which the database knows neither key nor what may be empty, and the table below it that has its columns.
BELOW = {"account_entry": "account_movement"}


def columns(books: Books, table: str) -> dict[str, bool]:
    """Column -> whether it may be empty."""
    found = books.rows(
        """SELECT attname, NOT attnotnull FROM pg_attribute
           WHERE attrelid = %(t)s::regclass AND attnum > 0 AND NOT attisdropped""",
        t=table,
    )
    return {name: empty for name, empty in found if name not in HIDDEN.get(table, ())}


def key(books: Books, table: str) -> list[str]:
    found = books.rows(
        """SELECT a.attname FROM pg_index i CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k (number, place)
           JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
           WHERE i.indrelid = %(t)s::regclass AND i.indisprimary ORDER BY k.place""",
        t=table,
    )
    return [name for (name,) in found]


@pytest.fixture
def models(books: Books) -> list[type]:
    from django.apps import apps

    return list(apps.get_app_config("books").get_models())


def test_each_model_has_the_columns_of_its_table(books: Books, models: list[type]) -> None:
    assert len(models) >= 20
    for model in models:
        meta = model._meta  # type: ignore[attr-defined]
        assert not meta.managed, f"{model.__name__}: its table is made by SQL"
        held = {field.column: field.null for field in meta.local_concrete_fields if field.column}
        assert held == columns(books, BELOW.get(meta.db_table, meta.db_table)), model.__name__


def test_each_model_has_the_key_of_its_table(books: Books, models: list[type]) -> None:
    for model in models:
        meta = model._meta  # type: ignore[attr-defined]
        fields = getattr(meta.pk, "fields", [meta.pk])
        assert [field.column for field in fields] == key(books, BELOW.get(meta.db_table, meta.db_table)), model.__name__


def test_the_migrations_say_what_the_models_say(models: list[type]) -> None:
    from django.core.management import call_command
    from django.db import connections

    ready_django()
    call_command("makemigrations", "books", check=True, dry_run=True, verbosity=0)  # leaves with an error if not
    connections.close_all()
