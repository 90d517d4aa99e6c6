"""A province to try the books with: opened once, with two officers, and nothing else left to do but to run it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.database import copied, made_template
from typer.testing import CliRunner, Result

from shebao.books import BooksError, connect, month_of
from shebao.cli import province
from shebao.law import rulebook
from shebao.month.answers import import_bank_file
from shebao.month.run import run_month


@pytest.fixture(scope="module")
def books_of_nobody() -> Iterator[None]:
    with made_template() as template, copied(template):
        yield


@pytest.fixture
def shebao(books_of_nobody: None) -> Callable[..., Result]:
    def call(*args: object) -> Result:
        found = CliRunner().invoke(province.app, [*map(str, args), "--lang", "en"])
        if found.exception and not isinstance(found.exception, SystemExit):
            raise found.exception
        return found

    return call


def test_a_province_is_opened_with_people_wages_and_officers(shebao: Callable[..., Result]) -> None:
    asked = ("open", "--province", 11, "--month", "2025-01", "--people", 500)
    told = json.loads(shebao(*asked, "--declare", "--json").output)
    assert told["people"] == 500
    assert set(told["officers"]) == {"clerk-11", "controller-11"}
    with connect() as books:
        assert books.value("SELECT count(*) FROM person") == 500
        assert books.rows("SELECT month::text FROM period_event WHERE region = 11 AND event = 'opened'") == [
            ("2025-01-01",)
        ]
        declared = books.value("SELECT count(*) FROM declaration WHERE month = '2025-01-01'")
        assert declared == told["declared"] > 0
    with pytest.raises(BooksError, match="open already"):
        shebao(*asked)


def test_a_place_that_is_none_leaves_nothing(shebao: Callable[..., Result]) -> None:
    with pytest.raises(ValueError, match="99"):
        shebao("open", "--province", 99, "--month", "2025-01", "--people", 500)
    with connect() as books:
        assert books.value("SELECT count(*) FROM person_record WHERE region = 99") == 0


def test_the_employers_and_the_bank_are_played(shebao: Callable[..., Result], tmp_path: Path) -> None:
    at = ("2025-01", "--province", 11)
    assert "no open bills" in shebao("bank", *at, "--out", tmp_path).output
    assert list(tmp_path.iterdir()) == []
    run_month(month_of("2025-01"), 11, rulebook(), "clerk-11", until="collect")
    written = Path(shebao("bank", *at, "--out", tmp_path, "--wrong", 1).output.strip())
    assert written == tmp_path / "receipts-11-2025-01.xml"
    with connect() as books:
        report = import_bank_file(books, written.read_bytes(), written.name, "clerk-11")
        bills = books.value("SELECT count(*) FROM bill WHERE amount > 0")
        assert (report.rows, report.rejected, report.accepted) == (bills, 0, bills - 1)
        before = books.value("SELECT count(*) FROM declaration")
    shebao("bank", *at, "--out", tmp_path)  # who quoted a wrong reference pays once more: the bank's entry is known
    with connect() as books:
        again = import_bank_file(books, written.read_bytes(), written.name, "clerk-11")
        assert (again.rows, again.rejected) == (1, 1)
    assert "declarations" in shebao("declare", "2025-02", "--province", 11).output
    with connect() as books:
        assert books.value("SELECT count(*) FROM declaration") > before
    for command in ("bank", "declare"):
        with pytest.raises(BooksError, match="was not opened by"):
            shebao(command, "2025-01", "--province", 31)
