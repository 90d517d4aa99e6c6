"""A database for a test: one embedded server for the whole run, one migrated template, a fresh copy for each test."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from shebao.books import Books, Role, connect, migrate
from shebao.books.server import Embedded

TEMPLATE = "shebao"
_numbers = itertools.count(1)
_running: list[str] = []  # the address of the template that stands


@contextmanager
def made_template() -> Iterator[str]:
    """The address of a migrated database on a server of its own, in a folder that root's server may pass too.

    Inside another, it is the other's: several folders of tests may ask.
    """
    if _running:
        yield _running[0]
        return
    folder = Path(tempfile.mkdtemp(prefix="shebao-test-")).resolve()
    folder.chmod(0o711)
    embedded = Embedded(folder)
    before = os.environ.get("SHEBAO_DATABASE_URL")
    try:
        embedded.start()
        os.environ["SHEBAO_DATABASE_URL"] = embedded.url
        migrate()
        from django.db import connections

        connections.close_all()  # a database in use cannot be copied
        _running.append(embedded.url)
        yield embedded.url
    finally:
        _running.clear()
        os.environ.pop("SHEBAO_DATABASE_URL", None)
        if before is not None:
            os.environ["SHEBAO_DATABASE_URL"] = before
        embedded.stop()
        shutil.rmtree(folder)


@contextmanager
def copied(template: str) -> Iterator[str]:
    """The address of a fresh copy, dropped afterwards; ``SHEBAO_DATABASE_URL`` names it meanwhile."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    address = template.replace(f"/{TEMPLATE}?", f"/{name}?")
    assert address != template
    _server(template, "CREATE DATABASE {} TEMPLATE {}", name, TEMPLATE)
    before = os.environ.get("SHEBAO_DATABASE_URL")
    os.environ["SHEBAO_DATABASE_URL"] = address
    try:
        yield address
    finally:
        os.environ.pop("SHEBAO_DATABASE_URL", None)
        if before is not None:
            os.environ["SHEBAO_DATABASE_URL"] = before
        _server(template, "DROP DATABASE {} WITH (FORCE)", name)


def _server(template: str, statement: str, *names: str) -> None:
    with psycopg.connect(template.replace(f"/{TEMPLATE}?", "/postgres?"), autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def template() -> Iterator[str]:
    with made_template() as address:
        yield address


@pytest.fixture
def address(template: str) -> Iterator[str]:
    with copied(template) as found:
        yield found


@pytest.fixture
def books(address: str) -> Iterator[Books]:
    """A connection of the run's role to empty books."""
    with connect("run") as found:
        yield found


@contextmanager
def as_role(role: Role) -> Iterator[Books]:
    with connect(role) as found:
        yield found
