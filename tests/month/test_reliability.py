"""A month is done once, whatever happens to the one who does it: killed, done twice, done by two at once."""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.chaos import kill, month
from tests.chaos.compare import differences, digests
from tests.chaos.server import Server, migrated, named, own_server

from shebao.books import Books, BooksError, connect
from shebao.month.answers import import_bank_file
from shebao.month.orders import approve
from shebao.month.run import STEPS, run_month

SEED, PEOPLE = 5, 300


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server with the database ``start``: a province after its first month; the second month's files beside it."""
    with own_server() as home:
        kill.prepare(home, PEOPLE, SEED)
        yield home


@pytest.fixture
def place(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the start that ``connect`` leads to; the folder of its files."""
    folder = shutil.copytree(server.home / "files", tmp_path / "files")
    name = f"copy_{time.monotonic_ns()}"
    monkeypatch.setenv("SHEBAO_DATABASE_URL", server.copy("start", name))
    yield Path(folder)
    server.drop(name)


@pytest.fixture
def books(place: Path) -> Iterator[Books]:
    with connect("run") as opened:
        yield opened


def address() -> str:
    return os.environ["SHEBAO_DATABASE_URL"]


# ---- killed -----------------------------------------------------------------------------------------------------


def test_a_month_killed_and_begun_again_ends_in_the_same_books(server: Server) -> None:
    """Six kills here, of the run, of PostgreSQL and of its sessions; ``python -m tests.chaos`` makes a hundred."""
    chaos = kill.Chaos(server, SEED, random.Random(SEED))
    chaos.calm()
    chaos.disturb(6, kill.WAYS)
    assert chaos.report.differences == []
    assert sum(chaos.report.kills.values()) == 6


# ---- twice ------------------------------------------------------------------------------------------------------


def test_the_same_month_done_again_adds_nothing(books: Books, place: Path) -> None:
    month.play(books, month.SECOND, SEED, place)
    once = digests(address())
    with pytest.raises(BooksError, match="is closed"):
        month.play(books, month.SECOND, SEED, place)
    assert digests(address()) == once


def test_a_month_done_up_to_the_payment_again_adds_nothing(books: Books, place: Path) -> None:
    month.read_files(books, month.SECOND, place)
    seen = []
    for _ in range(2):
        run_month(month.SECOND, month.REGION, month.law(), month.CLERK, until="pay", books=books)
        seen.append(digests(address()))
    assert seen[0] == seen[1]


def test_files_read_again_add_nothing(books: Books, place: Path) -> None:
    """Registers, payrolls, statements, payment files, and the bank's answers."""
    month.read_files(books, month.SECOND, place)
    once = digests(address())
    month.read_files(books, month.SECOND, place)
    assert digests(address()) == once
    run_month(month.SECOND, month.REGION, month.law(), month.CLERK, until="collect", books=books)
    data = month.statement(books, month.SECOND, SEED)
    reports, seen = [], []
    for name in ("once.xml", "twice.xml"):
        reports.append(import_bank_file(books, data, name, month.CLERK))
        seen.append(digests(address()))
    assert seen[0] == seen[1]
    assert reports[0] == reports[1]
    run_month(month.SECOND, month.REGION, month.law(), month.CLERK, until="pay", books=books)
    out = place / "out"
    out.mkdir()
    written = approve(books, month.REGION, month.SECOND, month.CONTROLLER, out)
    once = digests(address())
    shutil.rmtree(out)
    out.mkdir()
    assert approve(books, month.REGION, month.SECOND, month.CONTROLLER, out) == written
    assert digests(address()) == once
    for name, answer in month.answers(SEED, month.SECOND, out):
        import_bank_file(books, answer, name, month.CLERK)
        once = digests(address())
        import_bank_file(books, answer, f"again-{name}", month.CLERK)
        assert digests(address()) == once


# ---- two at once ------------------------------------------------------------------------------------------------


_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.chaos.warm"])


def _tell(work: Callable[..., object], url: str, begin: Any, told: Any, given: tuple[Any, ...]) -> None:
    with named(url), connect("run") as books:
        begin.wait()
        try:
            told.put(("ok", work(books, *given)))
        except Exception as error:
            told.put((type(error).__name__, str(error)))


def at_once(url: str, work: Callable[..., object], *given: Any, times: int = 2) -> list[tuple[str, Any]]:
    """What becomes of the same work done by several processes that begin together."""
    begin, told = _processes.Barrier(times), _processes.SimpleQueue()
    workers = [_processes.Process(target=_tell, args=(work, url, begin, told, given)) for _ in range(times)]
    for worker in workers:
        worker.start()
    found = [told.get() for _ in workers]
    for worker in workers:
        worker.join()
    return sorted(found, key=lambda one: one[0])


def _work(books: Books, wait: bool) -> list[str]:
    return run_month(month.SECOND, month.REGION, month.law(), month.CLERK, until="pay", wait=wait, books=books).fresh


def test_of_two_runs_at_once_one_refuses_or_waits(books: Books, place: Path) -> None:
    """All the steps are done once: by one, or some by the one and the rest by the other who came in between."""
    month.read_files(books, month.SECOND, place)
    found = at_once(address(), _work, False)
    assert found[0][0] == "BooksError"
    assert "another run" in found[0][1]
    assert found[1] == ("ok", ["collect", "credit", "award", "adjust", "pay"])


def test_of_two_runs_at_once_the_second_waits_and_finds_all_done(books: Books, place: Path) -> None:
    month.read_files(books, month.SECOND, place)
    found = at_once(address(), _work, True)
    assert sorted(found) == [("ok", []), ("ok", ["collect", "credit", "award", "adjust", "pay"])]


def _payroll(books: Books, folder: Path) -> bool:
    month.read_files(books, month.SECOND, folder)
    return True


def _bank(books: Books, data: bytes) -> bool:
    import_bank_file(books, data, "file.xml", month.CLERK)
    return True


def test_files_read_by_three_at_once_enter_once(server: Server, books: Books, place: Path) -> None:
    """Held against the same month done by one alone."""
    url, alone = address(), server.copy("start", "alone")
    try:
        with named(alone), connect("run") as one:
            month.play(one, month.SECOND, SEED, Path(shutil.copytree(place, place.parent / "alone")))
        assert at_once(url, _payroll, place, times=3) == [("ok", True)] * 3
        run_month(month.SECOND, month.REGION, month.law(), month.CLERK, until="collect", books=books)
        assert at_once(url, _bank, month.statement(books, month.SECOND, SEED), times=3) == [("ok", True)] * 3
        run_month(month.SECOND, month.REGION, month.law(), month.CLERK, until="pay", books=books)
        out = place / "out"
        out.mkdir()
        approve(books, month.REGION, month.SECOND, month.CONTROLLER, out)
        for _, answer in month.answers(SEED, month.SECOND, out):
            assert at_once(url, _bank, answer, times=3) == [("ok", True)] * 3
        run_month(month.SECOND, month.REGION, month.law(), month.CLERK, books=books)
        assert [str(d) for d in differences(alone, url) if d.table != "import_file"] == []
    finally:
        server.drop("alone")


# ---- statements -------------------------------------------------------------------------------------------------


def _statements(server: Server, people: int, folder: Path) -> dict[str, int]:
    """How many statements each step of the second month sends for so many people."""
    name = f"people_{people}"
    migrated(server, name)
    counts = {}
    with named(server.url(name)):
        month.prepare(people, SEED, folder)
        with connect("run") as books:
            month.read_files(books, month.SECOND, folder)
            for step in STEPS:
                before = books.statements
                run_month(month.SECOND, month.REGION, month.law(), month.CLERK, until=step, books=books)
                counts[step] = books.statements - before
                _between(books, step, folder)
    server.drop(name)
    return counts


def _between(books: Books, step: str, folder: Path) -> None:
    if step == "collect":
        import_bank_file(books, month.statement(books, month.SECOND, SEED), "income.xml", month.CLERK)
    if step == "pay":
        out = folder / "out"
        out.mkdir()
        approve(books, month.REGION, month.SECOND, month.CONTROLLER, out)
        for name, answer in month.answers(SEED, month.SECOND, out):
            import_bank_file(books, answer, name, month.CLERK)


@pytest.mark.slow
def test_the_number_of_statements_does_not_grow_with_people(server: Server, tmp_path: Path) -> None:
    """Exactly the same for 3,000 people as for 300; but award asks nothing more where nobody reaches the age."""
    few, many = _statements(server, 300, tmp_path / "few"), _statements(server, 3_000, tmp_path / "many")
    decided = many.pop("award") - few.pop("award")
    assert many == few
    assert 0 <= decided <= 8
