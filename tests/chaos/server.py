"""A database server of its own to be killed, databases that are copies of others, and a child that works in one."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg
from psycopg import sql

from shebao.books.server import Embedded


@dataclass
class Server:
    """An embedded server in a folder that is removed at the end."""

    embedded: Embedded
    home: Path

    def url(self, database: str) -> str:
        return urlsplit(self.embedded.url)._replace(path=f"/{database}").geturl()

    def start(self) -> None:
        self.embedded.start()

    def run(self, statement: str, *names: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))  # type: ignore[arg-type]

    def copy(self, source: str, name: str) -> str:
        """A database that is a copy of another; its address."""
        self.run("CREATE DATABASE {} TEMPLATE {}", name, source)
        # A copied sequence goes on from numbers that its WAL does not know to be given out, unless a checkpoint lies
        # between: after a crash PostgreSQL would give them out again.
        self.run("CHECKPOINT")
        return self.url(name)

    def drop(self, name: str) -> None:
        self.run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def quiet(self, database: str) -> None:
        """Waits until nobody is in a database: a killed client's last statement may still run."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            until = time.monotonic() + 60
            query = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
            while (connection.execute(query, [database]).fetchone() or (0,))[0]:
                if time.monotonic() > until:
                    raise TimeoutError(f"somebody is still in {database}")
                time.sleep(0.01)

    # -- killing ----------------------------------------------------------------------------------------

    def postmaster(self) -> psutil.Process:
        """The server's first process; it works in the data folder of this server and no other."""
        process = psutil.Process(int((self.embedded.data / "postmaster.pid").read_text().splitlines()[0]))
        assert Path(process.cwd()) == self.embedded.data
        return process

    def kill_server(self) -> None:
        """SIGKILL to the postmaster: the power is cut for all but the sessions, which notice by themselves."""
        self.postmaster().send_signal(signal.SIGKILL)

    def kill_session(self, database: str) -> bool:
        """SIGKILL to a session of the database: the server throws out all others and recovers. False: none there."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            row = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = %s ORDER BY pid LIMIT 1", [database]
            ).fetchone()
        if row is None:
            return False
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(row[0])
            if process.ppid() == self.postmaster().pid:
                process.send_signal(signal.SIGKILL)
                return True
        return False


@contextlib.contextmanager
def own_server(name: str = "shebao-chaos-") -> Iterator[Server]:
    """A server that lives in a folder of its own."""
    home = Path(tempfile.mkdtemp(prefix=name)).resolve()
    home.chmod(0o711)  # the account of root's server passes through
    server = Server(Embedded(home / "home"), home)
    try:
        server.start()
        yield server
    finally:
        with contextlib.suppress(Exception):
            server.start()  # so that it can be stopped in order, however it was left
        server.embedded.stop()
        shutil.rmtree(home)


@contextlib.contextmanager
def named(url: str) -> Iterator[None]:
    """``connect`` leads to this address meanwhile."""
    before = os.environ.get("SHEBAO_DATABASE_URL")
    os.environ["SHEBAO_DATABASE_URL"] = url
    try:
        yield
    finally:
        os.environ.pop("SHEBAO_DATABASE_URL", None)
        if before is not None:
            os.environ["SHEBAO_DATABASE_URL"] = before


def migrated(server: Server, name: str) -> None:
    """Makes a database with the schema, in a process of its own: Django reads its settings once."""
    server.run("CREATE DATABASE {}", name)
    code = "from shebao.books import migrate; migrate()"
    subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "SHEBAO_DATABASE_URL": server.url(name)}, check=True
    )
