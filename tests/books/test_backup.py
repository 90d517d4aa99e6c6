"""Backup and restore: complete or absent, checked first, swapped in whole."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from shebao.batch.fresh import MANIFEST
from shebao.books import server
from shebao.books.backup import BackupError, backup, restore
from shebao.books.server import Embedded
from shebao.cli import db
from shebao.engine import BookError

CONTENT = """
CREATE TABLE payment (id bigint PRIMARY KEY, fen bigint NOT NULL CHECK (fen > 0), name text, month date);
CREATE EXTENSION btree_gist;
CREATE TABLE participation (person bigint, valid daterange, EXCLUDE USING gist (person WITH =, valid WITH &&));
CREATE TABLE django_migrations (app text, name text);
INSERT INTO django_migrations VALUES ('books', '0001_initial'), ('books', '0002_more');
INSERT INTO payment SELECT n, n * 194032, '养老' || n, date '2025-03-01' FROM generate_series(1, 5000) n;
INSERT INTO participation VALUES (1, '[2020-01-01,2021-01-01)');
ALTER TABLE payment OWNER TO shebao_owner; GRANT SELECT, INSERT ON payment TO shebao_app;
ALTER TABLE payment ENABLE ROW LEVEL SECURITY;
CREATE POLICY office ON payment TO shebao_app USING (id < 100)"""
LOOK = """
SELECT (SELECT md5(string_agg(p::text, '|' ORDER BY id)) FROM payment p), (SELECT count(*) FROM participation),
       (SELECT string_agg(relacl::text || pg_get_userbyid(relowner), '') FROM pg_class WHERE relname = 'payment'),
       (SELECT count(*) FROM pg_policy)"""


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="shebao-test-")).resolve()
    folder.chmod(0o711)  # root's server passes through
    yield folder
    Embedded(folder).stop()
    shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def books(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database with the same small content for every test."""
    monkeypatch.setenv("SHEBAO_HOME", str(home))
    monkeypatch.delenv("SHEBAO_DATABASE_URL", raising=False)
    empty()
    with psycopg.connect(server.url(), autocommit=True) as connection:
        server.create_roles(connection)
        connection.execute(CONTENT.encode())


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("saved") / "backup"


@pytest.fixture
def made(saved: Path, books: None, tmp_path: Path) -> Path:
    """A backup of the content, to spoil at will."""
    if not saved.exists():
        backup(saved)
    return Path(shutil.copytree(saved, tmp_path / "backup"))


def empty() -> None:
    maintenance = server.url().replace("/shebao?", "/postgres?")
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute("DROP DATABASE shebao WITH (FORCE)")
    server.url()


def look() -> tuple[object, ...]:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        return connection.execute(LOOK.encode()).fetchone() or ()


def do(statement: str) -> None:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(statement.encode())


def databases() -> set[str]:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        return {name for (name,) in connection.execute("SELECT datname FROM pg_database WHERE datname ~ '^shebao'")}


def test_destroyed_and_restored_the_content_is_the_same(home: Path, tmp_path: Path) -> None:
    before, steps = look(), []
    told = backup(tmp_path / "b", progress=lambda done, total: steps.append((done, total)))
    assert told.migrations == {"books": "0002_more"}
    assert steps[-1] == (3, 3)
    server.stop()
    shutil.rmtree(home / "postgres")  # the roles are gone too
    steps.clear()
    assert restore(tmp_path / "b", progress=lambda done, total: steps.append((done, total))) == told
    assert look() == before
    assert steps == sorted(steps)
    assert databases() == {"shebao"}
    with pytest.raises(psycopg.errors.ExclusionViolation):
        do("INSERT INTO participation VALUES (1, '[2020-06-01,2020-07-01)')")


def test_a_backup_is_of_one_moment_while_others_write(tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        with psycopg.connect(server.url(), autocommit=True) as connection:
            number = 10_000
            while not stop.is_set():
                number += 1
                with connection.transaction():
                    connection.execute("INSERT INTO payment VALUES (%s, 1)", [number])
                    connection.execute("INSERT INTO participation VALUES (%s, '[2020-01-01,2021-01-01)')", [number])

    writer = threading.Thread(target=write)
    writer.start()
    try:
        backup(tmp_path / "b")
    finally:
        stop.set()
        writer.join()
    restore(tmp_path / "b", force=True)
    do("DO $$BEGIN ASSERT (SELECT count(*) FROM payment) = (SELECT count(*) + 4999 FROM participation); END$$")


def test_a_database_that_is_not_empty_is_replaced_only_by_force(made: Path) -> None:
    do("DELETE FROM payment WHERE id > 7")
    kept = look()
    with pytest.raises(BackupError, match="not empty; --force"):
        restore(made)
    assert look() == kept
    with psycopg.connect(server.url()) as idle:  # somebody is in it: his session is ended
        idle.execute("SELECT 1 FROM payment")
        restore(made, force=True)
        with pytest.raises(psycopg.OperationalError):
            idle.execute("SELECT 1")
    assert look() != kept


def spoil_by_truncating(made: Path) -> None:
    os.truncate(largest(made), 10)


def spoil_by_one_bit(made: Path) -> None:
    data = bytearray(largest(made).read_bytes())
    data[len(data) // 2] ^= 1
    largest(made).write_bytes(data)


def spoil_by_removing(made: Path) -> None:
    largest(made).unlink()


def spoil_by_adding(made: Path) -> None:
    (made / "dump" / "more.dat").touch()


def spoil_the_manifest(made: Path) -> None:
    (made / MANIFEST).write_text((made / MANIFEST).read_text()[:-20])


def spoil_by_the_future(made: Path) -> None:
    said = json.loads((made / MANIFEST).read_text())
    (made / MANIFEST).write_text(json.dumps(said | {"server": "99.1"}))


def largest(made: Path) -> Path:
    return max((made / "dump").glob("*.gz"), key=lambda file: file.stat().st_size)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (spoil_by_truncating, "not as it was written"),
        (spoil_by_one_bit, "not as it was written"),
        (spoil_by_removing, "is missing"),
        (spoil_by_adding, "does not belong"),
        (spoil_the_manifest, "missing or damaged"),
        (spoil_by_the_future, "made by PostgreSQL 99.1"),
        (shutil.rmtree, "is no backup"),
    ],
)
def test_a_spoiled_backup_is_refused(made: Path, spoil: object, told: str) -> None:
    before = look()
    spoil(made)  # type: ignore[operator]
    with pytest.raises(BackupError, match=told):
        restore(made, force=True)
    assert look() == before
    assert databases() == {"shebao"}


def test_a_restore_that_fails_half_way_leaves_the_old_data(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    do("DELETE FROM payment WHERE id > 7")
    before = look()
    os.truncate(largest(made), largest(made).stat().st_size // 2)
    monkeypatch.setattr("shebao.books.backup.check_files", lambda *_: None)
    with pytest.raises(BackupError, match="pg_restore failed"):
        restore(made, force=True)
    assert look() == before
    assert databases() == {"shebao"}


def test_what_a_killed_restore_left_is_cleared_away(made: Path) -> None:
    do("CREATE DATABASE shebao_restoring")
    restore(made, force=True)
    assert databases() == {"shebao"}


def test_a_backup_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shebao.books.backup._sums", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        backup(tmp_path / "b")
    assert list(tmp_path.iterdir()) == []


def test_a_backup_replaces_only_a_backup(made: Path, tmp_path: Path) -> None:
    with pytest.raises(BookError, match="exists already"):
        backup(made)
    backup(made, overwrite=True)
    (tmp_path / "thesis").mkdir()
    with pytest.raises(BookError, match="no run wrote it"):
        backup(tmp_path / "thesis", overwrite=True)


def test_programs_of_another_version_are_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shebao.books.backup.major_of", lambda _: 15)
    with pytest.raises(BackupError, match="no pg_dump of PostgreSQL 18"):
        backup(tmp_path / "b")


def test_a_named_server_is_saved_and_restored(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = look()
    monkeypatch.setenv("SHEBAO_DATABASE_URL", server.url())
    do("DROP TABLE participation")
    restore(made, force=True)
    assert look() == before


def test_the_command(made: Path, tmp_path: Path) -> None:
    def call(*words: object) -> str:
        result = CliRunner().invoke(db.app, [str(word) for word in words], catch_exceptions=False)
        assert result.exit_code == 0
        return result.output

    assert "PostgreSQL 18" in call("start", "--lang", "zh")
    assert json.loads(call("status", "--json"))["running"] is True
    assert "套接字" in call("status", "--lang", "zh")
    assert "saved to" in call("backup", tmp_path / "b", "--lang", "en")
    assert "restored the backup of 20" in call("restore", tmp_path / "b", "--force", "--lang", "en")
    assert "stopped" in call("stop", "--lang", "en")
    assert "not running" in call("stop", "--lang", "en")
    assert json.loads(call("status", "--json"))["uptime"] is None
