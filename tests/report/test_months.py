"""The demo on a small province: three months closed, every check passed, and a page that stands alone."""

from __future__ import annotations

import io
import os
import re
import tempfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from rich.console import Console

from shebao.books import BooksError
from shebao.report.months import Demo, demo, own_database

PEOPLE = 3_000


@pytest.fixture(scope="module")
def made() -> Iterator[tuple[Demo, str]]:
    """The demo and what the console said; the user's own books are named by settings that must not be used."""
    said = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory(prefix="shebao-demo-") as folder:
        Path(folder).chmod(0o711)  # the server's account passes through
        patch.setenv("SHEBAO_DATABASE_URL", "postgresql://nobody@nowhere.invalid/theirs")
        patch.setenv("SHEBAO_HOME", "/nonexistent/theirs")
        found = demo(Path(folder) / "out", PEOPLE, Console(file=said, width=140))
        assert os.environ["SHEBAO_DATABASE_URL"].endswith("/theirs")
        assert os.environ["SHEBAO_HOME"] == "/nonexistent/theirs"
        yield found, said.getvalue()


def test_three_months_are_closed_and_every_check_passed(made: tuple[Demo, str]) -> None:
    books = made[0].standing
    assert books
    assert [f"{month:%Y-%m}" for month in books.closed] == ["2025-01", "2025-02", "2025-03"]
    assert {month for month, *_ in books.checks} == set(books.months)
    assert [check for check in books.checks if not check[2]] == []
    assert sum(line[3] for line in books.trial) == 0


def test_the_bridge_leads_from_month_to_month(made: tuple[Demo, str]) -> None:
    books = made[0].standing
    assert books
    first, second, third = books.bridges
    assert second.before == first.regular > 0
    assert third.before == second.regular
    assert sum(fen for *_, fen, _ in books.payments) == sum(bridge.total for bridge in books.bridges)


def test_what_was_to_happen_happened(made: tuple[Demo, str]) -> None:
    story = made[0].story
    assert story
    told = {each.en for each in story.happenings}
    for part in ("hired", "died", "withdrawn", "claimed back", "heir", "another province", "too much", "does not pay"):
        assert any(part in text for text in told), part
    kinds = {kind for _, _, kind, _, _ in story.files}
    assert {"付款指令 pain.001", "付款回执 pain.002", "收款对账单 camt.053", "申报表 declaration"} <= kinds
    assert all(path.stat().st_size > 0 for _, path, *_ in story.files)


class _Outline(HTMLParser):
    """Tags in order, and everything the page would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if tag in ("script", "iframe", "link") or given.get("src"):
            self.fetched.append(tag)


def test_the_page_stands_alone(made: tuple[Demo, str]) -> None:
    text = made[0].report.read_text(encoding="utf-8")
    outline = _Outline()
    outline.feed(text)
    assert outline.fetched == []
    assert len(outline.ids) == len(set(outline.ids))
    assert {"flow", "story", "months", "person", "checks", "bank", "sheets", "time", "chart-flow"} <= set(outline.ids)
    assert not re.search(r"https?://(?!www\.w3\.org)", text)
    assert "prefers-color-scheme: dark" in text


def test_the_stored_award_is_explained_to_the_same_fen(made: tuple[Demo, str]) -> None:
    text = made[0].report.read_text(encoding="utf-8")
    assert made[0].person is not None
    assert "Computed again from the stored facts: the same" in text


def test_the_server_is_stopped_and_the_terminal_says_where_the_page_is(made: tuple[Demo, str]) -> None:
    assert not (made[0].out / "database" / "postgres" / "postmaster.pid").exists()
    assert "report.html" in made[1]
    assert "✓ 2025-03" in made[1]


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "database").mkdir()
    (tmp_path / "database" / "precious").touch()
    with pytest.raises(BooksError, match="no demo made"), own_database(tmp_path):
        pass
    assert (tmp_path / "database" / "precious").exists()
