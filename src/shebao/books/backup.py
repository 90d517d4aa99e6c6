"""Backup and restore of the books: a folder that is complete or absent, and a database that is swapped in whole.

A backup is a folder: ``dump/`` (pg_dump's directory format, so that dumping and restoring use several cores) and
``manifest.json`` (when, which server, which migrations, the SHA-256 of every file). A restore checks the files first,
fills a new database beside the old one and exchanges the names in one transaction; whatever fails before that leaves
the old database as it was.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from shebao import __version__
from shebao.batch.fresh import MANIFEST, fresh_folder
from shebao.books.server import (
    ServerError,
    connected,
    create_roles,
    major_of,
    one_line,
    parts_of,
    place_of,
    programs,
    url,
    version_text,
    without_password,
)

FORMAT = 1  # of the manifest
DUMP = "dump"
RESTORE_LOCK = 5_218_001  # advisory lock: one restore at a time on a server
USER_TABLES = """
SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')"""

Progress = Callable[[int, int | None], None]  # done, total


class BackupError(ServerError):
    """A backup cannot be made, or what is given is not a whole backup, or it does not fit the server."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says about itself."""

    format: int
    made: str  # UTC, ISO 8601
    shebao: str
    server: str  # version of PostgreSQL, e.g. "18.6"
    database_bytes: int
    migrations: dict[str, str]  # the last migration of each Django app
    files: dict[str, str]  # SHA-256 by name, under dump/


def backup(target: Path, overwrite: bool = False, progress: Progress | None = None, jobs: int = 2) -> Manifest:
    """Write a backup of the books as they are now into the folder ``target``; others go on working meanwhile.

    ``BookError`` if ``target`` exists (unless it is a backup and ``overwrite``) or lies nowhere; ``BackupError`` if
    pg_dump fails. Nothing stands under the name before all of it is on disk.
    """
    uri = url()
    with fresh_folder(target, overwrite) as part, connected(uri) as connection, connection.transaction():
        # One snapshot for pg_dump and for what the manifest says.
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        snapshot = _one(connection, "SELECT pg_export_snapshot()")
        tables = _one(connection, "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND oid >= 16384")
        options = ("--format=directory", f"--jobs={jobs}", "--compress=gzip:1", f"--snapshot={snapshot}")
        number = connection.info.server_version
        command: list[str | Path] = [
            _program("pg_dump", number // 10_000),
            *options,
            "--verbose",
            "--no-password",
            "--file",
            part / DUMP,
        ]
        _run(command, uri, "dumping contents of table", tables, progress)
        manifest = Manifest(
            format=FORMAT,
            made=f"{datetime.datetime.now(datetime.UTC):%Y-%m-%dT%H:%M:%SZ}",
            shebao=__version__,
            server=version_text(number),
            database_bytes=_one(connection, "SELECT pg_database_size(current_database())"),
            migrations=_migrations(connection),
            files=_sums(part / DUMP),
        )
        text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1) + "\n"
        with (part / MANIFEST).open("w", encoding="utf-8") as file:  # pg_dump has synced its own files
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    return manifest


def restore(source: Path, force: bool = False, progress: Progress | None = None, jobs: int = 2) -> Manifest:
    """Put the backup ``source`` in the place of the database.

    A database that holds anything is replaced only with ``force``: its sessions are ended and it is deleted once the
    restored one stands in its place. ``BackupError`` if the backup is not whole or of a newer server, if the database
    is not empty, or if pg_restore fails; then the old database is as it was.
    """
    manifest = read_manifest(source)
    check_files(source, manifest)
    uri = url()
    name = str(parts_of(uri)["dbname"])
    fresh, old = f"{name}_restoring", f"{name}_replaced"
    with connected(uri) as connection:
        number = connection.info.server_version
        if int(manifest.server.split(".")[0]) > number // 10_000:
            raise BackupError(f"{source}: made by PostgreSQL {manifest.server}, this is {version_text(number)}")
        if not force and _one(connection, USER_TABLES):
            raise BackupError(f"{place_of(uri)}: the database is not empty; --force replaces it by the backup")
    with _telling(uri), connected(_beside(uri, "postgres")) as server:
        if not _one(server, f"SELECT pg_try_advisory_lock({RESTORE_LOCK})"):
            raise BackupError(f"{place_of(uri)}: another restore is running")
        for left in (fresh, old):  # by a restore that was killed
            _drop(server, left)
        create_roles(server)
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(fresh)))
        try:
            _fill(source, _beside(uri, fresh), number // 10_000, manifest, progress, jobs)
            _swap(server, name, fresh, old)
        except BaseException:
            _drop(server, fresh)
            raise
        _drop(server, old)
    return manifest


def read_manifest(source: Path) -> Manifest:
    """The manifest of a backup."""
    try:
        said = json.loads((source / MANIFEST).read_text(encoding="utf-8"))
        if said["format"] != FORMAT:
            raise BackupError(f"{source}: a backup of format {said['format']}; this shebao reads {FORMAT}")
        manifest = Manifest(**said)
        int(manifest.server.split(".")[0])
        if not all(isinstance(text, str) for pair in manifest.files.items() for text in pair):
            raise TypeError
    except BackupError:
        raise
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        raise BackupError(f"{source}: is no backup of shebao: {MANIFEST} is missing or damaged") from None
    return manifest


def check_files(source: Path, manifest: Manifest) -> None:
    """Raise ``BackupError`` naming the first file of a backup that is missing, altered or not of it."""
    found = _sums(source / DUMP)
    for name in sorted(found.keys() | manifest.files.keys()):
        if name not in found:
            raise BackupError(f"{source}: {DUMP}/{name} is missing; nothing was restored")
        if name not in manifest.files:
            raise BackupError(f"{source}: {DUMP}/{name} does not belong to the backup; nothing was restored")
        if found[name] != manifest.files[name]:
            raise BackupError(f"{source}: {DUMP}/{name} is not as it was written (SHA-256); nothing was restored")


def _sums(folder: Path) -> dict[str, str]:
    sums = {}
    for file in sorted(folder.iterdir()) if folder.is_dir() else ():
        with file.open("rb") as opened:
            sums[file.name] = hashlib.file_digest(opened, "sha256").hexdigest()
    return sums


def _migrations(connection: psycopg.Connection[Any]) -> dict[str, str]:
    if _one(connection, "SELECT to_regclass('django_migrations') IS NULL"):
        return {}
    return dict(connection.execute("SELECT app, max(name) FROM django_migrations GROUP BY app ORDER BY app").fetchall())


def _one(connection: psycopg.Connection[Any], query: str) -> Any:
    row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


# ---- restoring --------------------------------------------------------------------------------


def _fill(source: Path, uri: str, major: int, manifest: Manifest, progress: Progress | None, jobs: int) -> None:
    """Restore into a new database and see that it is the one that was saved."""
    program = _program("pg_restore", major)
    listed = subprocess.run(
        [program, "--list", source / DUMP],
        capture_output=True,
        text=True,
        env=os.environ | {"LC_ALL": "C"},
        check=False,
    )
    steps = sum(line[:1].isdigit() for line in listed.stdout.splitlines())
    options = ("--exit-on-error", f"--jobs={jobs}", "--verbose", "--no-password")
    _run([program, *options, source / DUMP], uri, ("creating ", "finished item"), steps, progress)
    with connected(uri) as connection:
        if _migrations(connection) != manifest.migrations:
            raise BackupError(f"{source}: the restored migrations are not those of the manifest; nothing was replaced")
        connection.execute("ANALYZE")  # a dump holds no statistics, and without them every plan is a guess


def _swap(server: psycopg.Connection[Any], name: str, fresh: str, old: str) -> None:
    """Exchange the names in one transaction, once nobody is in either database."""
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    for last in (False, False, False, True):
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        try:
            with server.transaction():
                server.execute(rename.format(sql.Identifier(name), sql.Identifier(old)))
                server.execute(rename.format(sql.Identifier(fresh), sql.Identifier(name)))
            return
        except psycopg.errors.ObjectInUse:  # somebody came in between
            if last:
                raise


def _drop(server: psycopg.Connection[Any], name: str) -> None:
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _beside(uri: str, database: str) -> str:
    """The URI of another database of the same server."""
    head, mark, query = uri.partition("?")
    scheme, _, rest = head.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}/{database}{mark}{query}"


@contextlib.contextmanager
def _telling(uri: str) -> Iterator[None]:
    """What the server refuses, told as such: a missing privilege is not a defect of ours."""
    try:
        yield
    except psycopg.Error as error:
        raise BackupError(f"{place_of(uri)}: {one_line(str(error))}; the old database is as it was") from error


# ---- pg_dump and pg_restore -------------------------------------------------------------------


def _program(name: str, major: int) -> Path:
    """pg_dump or pg_restore of a server's own major version: another one may write what that server cannot read."""
    with contextlib.suppress(ServerError):  # no wheel for this machine
        if major_of(programs() / name) == major:
            return programs() / name
    for found in (shutil.which(name), f"/usr/lib/postgresql/{major}/bin/{name}"):
        if found and Path(found).is_file() and major_of(Path(found)) == major:
            return Path(found)
    raise BackupError(f"no {name} of PostgreSQL {major} on this machine; install its client programs")


def _run(
    command: list[str | Path], uri: str, sign: str | tuple[str, ...], total: int, progress: Progress | None
) -> None:
    """Run a program that tells its steps on standard error; lines that begin with ``sign`` count as progress."""
    target, password = without_password(uri)
    said: list[str] = []
    done = 0
    with subprocess.Popen(
        [*command, "--dbname", target],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        text=True, errors="replace", env=os.environ | {"LC_ALL": "C"} | password,
    ) as process:  # fmt: skip
        try:
            for line in process.stderr or ():
                step = line.partition(": ")[2]
                done += step.startswith(sign)
                if progress and total:
                    progress(min(done, total), total)
                said = [*said[-40:], line]
        except BaseException:
            process.terminate()
            raise
    if process.returncode:
        errors = [line for line in said if ": error: " in line or ": detail: " in line] or said[-3:]
        raise BackupError(f"{Path(command[0]).name} failed: {one_line(''.join(errors)) or process.returncode}")
    if progress and total:  # several workers may write into one line, which counts once
        progress(total, total)
