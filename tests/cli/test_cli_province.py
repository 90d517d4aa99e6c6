"""A province to try the books with: opened once, with two officers, and nothing else left to do but to run it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from tests.database import copied, made_template
from typer.testing import CliRunner, Result

from shebao.books import BooksError, connect
from shebao.cli import province


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
