"""The embedded server: it starts by itself, once, survives being killed, and lets nobody else in."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from shebao.books import server
from shebao.books.server import Embedded, ServerError

REACH_IT = "from shebao.books import server; print(server.url())"


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home of its own, for tests that stop, kill or damage the server."""
    with made_home() as folder:
        monkeypatch.setenv("SHEBAO_HOME", str(folder))
        monkeypatch.delenv("SHEBAO_DATABASE_URL", raising=False)
        yield folder


@pytest.fixture(scope="module")
def shared_home() -> Iterator[Path]:
    with made_home() as folder:
        yield folder


@pytest.fixture
def running(shared_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of a running server, for tests that only look or add."""
    monkeypatch.setenv("SHEBAO_HOME", str(shared_home))
    monkeypatch.delenv("SHEBAO_DATABASE_URL", raising=False)
    server.url()
    return shared_home


@contextlib.contextmanager
def made_home() -> Iterator[Path]:
    """A folder where root's server may pass too (pytest's are closed to it), and that leaves no server behind."""
    folder = Path(tempfile.mkdtemp(prefix="shebao-test-")).resolve()
    folder.chmod(0o711)
    yield folder
    Embedded(folder).stop()
    shutil.rmtree(folder)


def ask(query: str, uri: str = "") -> object:
    with psycopg.connect(uri or server.url(), autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
    return row and row[0]


def do(statement: str) -> None:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(statement.encode())


def postmaster(home: Path) -> int:
    return int((home / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def kill(home: Path) -> None:
    """Kill the server outright, as a power cut would, and wait until it is gone."""
    os.kill(postmaster(home), signal.SIGKILL)
    until = time.monotonic() + 10
    while Embedded(home).answers() and time.monotonic() < until:
        time.sleep(0.05)


# ---- starting and stopping --------------------------------------------------------------------


def test_it_starts_by_itself_and_runs_until_it_is_stopped(home: Path) -> None:
    before = server.status()
    assert (before.running, before.version, before.size) == (False, None, None)
    uri = server.url()
    assert ask("SELECT current_database()", uri) == "shebao"
    first = postmaster(home)
    now = server.start()
    assert postmaster(home) == first, "a second start leaves the running server alone"
    assert (now.running, now.embedded, now.data, now.url) == (True, True, home / "postgres", uri)
    assert now.version
    assert now.version.startswith("18.")
    assert now.size
    assert now.uptime
    assert now.socket
    assert now.socket.is_socket()
    do("CREATE TABLE kept AS SELECT 7 AS seven")
    assert server.stop()
    assert not server.stop()
    assert not server.status().running
    assert ask("SELECT seven FROM kept") == 7


def test_the_settings_are_those_of_books(running: Path) -> None:
    wanted = {
        "fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "data_checksums": "on", "jit": "off",
        "server_encoding": "UTF8", "TimeZone": "UTC", "wal_level": "replica", "listen_addresses": "",
        "work_mem": "64MB",
    }  # fmt: skip
    assert {name: ask(f"SHOW {name}") for name in wanted} == wanted
    assert 1 <= int(ask("SHOW max_wal_size").removesuffix("GB")) <= 16
    assert ask("SELECT 'B' < 'a' COLLATE \"default\" AND '甲' ~ '\\w' AND upper('é') = 'É'")


def test_a_configuration_file_cannot_make_it_forget(home: Path) -> None:
    server.url()
    do("ALTER SYSTEM SET fsync = off")
    do("ALTER SYSTEM SET listen_addresses = '*'")
    server.stop()
    assert (ask("SHOW fsync"), ask("SHOW listen_addresses")) == ("on", "")


def test_only_the_owner_of_the_folder_gets_in(running: Path) -> None:
    for folder in (running / "postgres", running / "run"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    rules = [
        line.split()[3] for line in (running / "postgres" / "pg_hba.conf").read_text().splitlines() if line[0] != "#"
    ]
    assert set(rules) == {"peer"}


def test_a_long_path_gets_a_short_private_socket(home: Path) -> None:
    embedded = Embedded(home / ("很长" * 20))
    try:
        embedded.start()
        assert embedded.answers()
        assert embedded.sockets.parent == Path("/tmp")
        assert stat.S_IMODE(embedded.sockets.stat().st_mode) == 0o700
    finally:
        embedded.stop()
        shutil.rmtree(embedded.sockets, ignore_errors=True)


def test_a_socket_folder_that_somebody_else_laid_out_is_refused(home: Path) -> None:
    (home / "elsewhere").mkdir()
    (home / "run").symlink_to(home / "elsewhere")
    with pytest.raises(ServerError, match="must be a folder of mode 0700"):
        server.url()


def test_a_home_that_others_may_write_is_refused(home: Path) -> None:
    home.chmod(0o777)
    with pytest.raises(ServerError, match="nobody else may write"):
        server.url()


def test_strange_names_of_folders_are_no_shell(home: Path) -> None:
    embedded = Embedded(home / "b'; touch x %41")
    embedded.start()
    assert embedded.answers()
    assert embedded.stop()
    assert Embedded(home / "a, b").sockets.parent == Path("/tmp"), "a comma parts hosts in a URI"
    with pytest.raises(ServerError, match="must not contain"):
        Embedded(home / "$(touch x)").start()


# ---- crashes and races ------------------------------------------------------------------------


def test_processes_at_once_get_one_server_even_over_a_half_made_one(home: Path) -> None:
    (home / "postgres.part").mkdir()
    (home / "postgres.part" / "base").touch()
    runs = [subprocess.Popen([sys.executable, "-c", REACH_IT], stdout=subprocess.PIPE, text=True) for _ in range(3)]
    told = {run.communicate(timeout=60)[0] for run in runs}
    assert [run.returncode for run in runs] == [0, 0, 0]
    assert told == {server.url() + "\n"}


def test_killed_outright_it_starts_again_and_has_what_was_committed(home: Path) -> None:
    server.url()
    do("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
    kill(home)
    assert ask("SELECT sum(n) FROM kept") == 500500


def test_killed_in_the_middle_of_a_long_statement_it_starts_again_without_it(home: Path) -> None:
    do_it = "CREATE TABLE lost AS SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 10000) b"
    with contextlib.closing(psycopg.connect(server.url(), autocommit=True)) as session:
        session.execute("SET max_parallel_workers_per_gather = 0")
        session.pgconn.send_query(do_it.encode())
        time.sleep(0.3)
        kill(home)
        assert ask("SELECT to_regclass('lost') IS NULL")


def test_a_stale_pid_of_a_living_stranger_does_not_stop_it(home: Path) -> None:
    """After a reboot another process may have the number; as the same account PostgreSQL alone would refuse."""
    server.url()
    first = postmaster(home)
    kill(home)
    account = Embedded(home).account
    user = {"user": account.pw_uid} if account else {}
    with subprocess.Popen(["sleep", "60"], cwd="/", **user) as stranger:  # type: ignore[call-overload]
        for lock in (home / "postgres" / "postmaster.pid", home / "run" / ".s.PGSQL.5432.lock"):
            lock.write_text(lock.read_text().replace(str(first), str(stranger.pid), 1))
        assert not server.status().running
        assert not server.stop(), "a stranger is never stopped"
        assert stranger.poll() is None
        assert ask("SELECT 1") == 1
        stranger.kill()
    server.stop()
    (home / "postgres" / "postmaster.pid").touch()  # cut off by a power cut
    assert ask("SELECT 1") == 1


def test_a_folder_that_holds_no_database_is_left_alone(home: Path) -> None:
    (home / "postgres").mkdir()
    (home / "postgres" / "thesis.txt").write_text("mine")
    with pytest.raises(ServerError, match="holds no database"):
        server.url()
    assert (home / "postgres" / "thesis.txt").read_text() == "mine"


def test_data_of_another_major_version_is_named(home: Path) -> None:
    (home / "postgres").mkdir(mode=0o700)
    (home / "postgres" / "PG_VERSION").write_text("17\n")
    with pytest.raises(ServerError, match="was made by PostgreSQL 17"):
        server.url()


def test_a_broken_configuration_is_told_with_its_reason(home: Path) -> None:
    server.url()
    server.stop()
    with (home / "postgres" / "postgresql.conf").open("a") as file:
        file.write("shared_buffers = plenty\n")
    with pytest.raises(ServerError, match=r"does not start: .*shared_buffers"):
        server.url()


def test_a_machine_without_the_programs_is_told_what_to_do(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server.importlib.util, "find_spec", lambda _: None)
    server.programs.cache_clear()
    with pytest.raises(ServerError, match="SHEBAO_DATABASE_URL"):
        server.url()
    server.programs.cache_clear()


# ---- a server that is named -------------------------------------------------------------------


@pytest.mark.parametrize(
    "uri",
    [
        "postgresql://user:hunter2@127.0.0.1:1/books",
        "postgresql://user:hunter2@127.0.0.1:port/books",
        "postgresql://user:hunter2@127.0.0.1",
        "postgresql://user:hunter2@nowhere.invalid/books?connect_timeout=2",
        "postgresql://user:hunter2@[::1/books",
        "postgresql://user:hunter2@127.0.0.1:1/books?sslmode=hunter2",
        "mysql://user:hunter2@host/books",
        "host=127.0.0.1 password=hunter2",
    ],
)
def test_a_wrong_url_is_told_without_its_password(home: Path, monkeypatch: pytest.MonkeyPatch, uri: str) -> None:
    monkeypatch.setenv("SHEBAO_DATABASE_URL", uri)
    for ask_it in (server.url, server.status, server.start):
        with pytest.raises(ServerError) as caught:
            ask_it()
        assert "hunter2" not in str(caught.value)
        assert "\n" not in str(caught.value)


def test_a_named_server_is_used_and_not_stopped(running: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    uri = server.url()
    monkeypatch.setenv("SHEBAO_DATABASE_URL", uri)
    assert server.url() == uri
    found = server.status()
    assert (found.embedded, found.running, found.data) == (False, True, None)
    with pytest.raises(ServerError, match="only its administrator"):
        server.stop()


def test_a_named_database_of_another_encoding_is_refused(running: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    do("CREATE DATABASE latin TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C'")
    monkeypatch.setenv("SHEBAO_DATABASE_URL", server.url().replace("/shebao?", "/latin?"))
    with pytest.raises(ServerError, match="UTF8"):
        server.url()


@pytest.mark.parametrize(("number", "text"), [(150012, "15.12"), (90624, "9.6.24"), (100023, "10.23")])
def test_an_old_server_is_refused(number: int, text: str) -> None:
    with pytest.raises(ServerError, match=f"PostgreSQL 16 or newer is needed, this is {text}"):
        server.check_version(number, "host")


@pytest.mark.parametrize("number", [160000, 180006])
def test_a_new_server_is_accepted(number: int) -> None:
    server.check_version(number, "host")


def test_the_roles_are_made_once(running: Path) -> None:
    for _ in range(2):
        with psycopg.connect(server.url(), autocommit=True) as connection:
            server.create_roles(connection)
    query = "SELECT string_agg(rolname, ' ' ORDER BY rolname) FROM pg_roles WHERE rolname ~ '^shebao' AND "
    assert ask(query + "NOT rolcanlogin") == "shebao_app shebao_owner shebao_run"
    assert ask(query + "rolbypassrls") == "shebao_run"
    assert ask("SELECT pg_has_role('shebao_owner', 'pg_read_all_stats', 'usage')")
