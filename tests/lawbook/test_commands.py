"""``law book`` and ``law gaps``: written completely or not at all, told in the reader's language."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from shebao.cli import lawbook
from shebao.engine import BookError, Rulebook


@pytest.fixture
def run(evil_law: Rulebook, monkeypatch: pytest.MonkeyPatch):
    """The two commands over the small law."""
    monkeypatch.setattr("shebao.law.rulebook", lambda: evil_law)
    monkeypatch.setattr("shebao.law.cases.load_cases", list)
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    app = typer.Typer()
    app.command()(lawbook.book)
    app.command()(lawbook.gaps)

    def invoke(*args: str) -> str:
        done = CliRunner().invoke(app, args, catch_exceptions=False, standalone_mode=False)
        return done.output

    return invoke


def test_a_book_is_written_and_replaced_only_when_asked(run, tmp_path: Path) -> None:
    out = tmp_path / "book"
    assert "files" in run("book", str(out))
    assert {p.name for p in out.iterdir()} == {"index.html", "style.css", "search.js", "manifest.json", "zh", "en"}
    before = (out / "manifest.json").read_bytes()
    with pytest.raises(BookError, match="exists already"):
        run("book", str(out))
    run("book", str(out), "--overwrite")
    assert (out / "manifest.json").read_bytes() == before


def test_one_language(run, tmp_path: Path) -> None:
    run("book", str(tmp_path / "book"), "--lang", "en")
    assert not (tmp_path / "book" / "zh").exists()
    assert 'id="switch"' not in (tmp_path / "book" / "en" / "index.html").read_text("utf-8")


def test_the_book_of_a_reformed_law(run, tmp_path: Path) -> None:
    first, second = tmp_path / "a.yaml", tmp_path / "b.yaml"
    values = "    - {from: 2023-01, value: 20%, source: 甲, certainty: assumed}\n"
    first.write_text(f"name: 甲方案\nparameters:\n  rate:\n{values}", encoding="utf-8")
    second.write_text(f"name: 乙方案\nparameters:\n  rate:\n{values.replace('20%', '30%')}", encoding="utf-8")
    run("book", str(tmp_path / "book"), "--reform", str(first), "--reform", str(second))
    page = (tmp_path / "book" / "zh" / "reform.html").read_text("utf-8")
    assert "甲方案；乙方案" in page
    assert "30%" in page
    assert "20%" not in page  # the later reform stands
    assert json.loads((tmp_path / "book" / "manifest.json").read_text("utf-8"))["reforms"] == ["甲方案", "乙方案"]


def test_a_reform_that_is_not_there(run, tmp_path: Path) -> None:
    with pytest.raises(BookError, match="no such reform file"):
        run("book", str(tmp_path / "book"), "--reform", str(tmp_path / "none.yaml"))
    assert not list(tmp_path.iterdir())


def test_a_book_that_fails_leaves_nothing(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("shebao.lawbook.site.index", fail)
    with pytest.raises(OSError, match="disk full"):
        run("book", str(tmp_path / "book"))
    assert not list(tmp_path.iterdir())


def test_a_folder_of_something_else_is_not_replaced(run, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    with pytest.raises(BookError, match="no run wrote it"):
        run("book", str(tmp_path / "mine"), "--overwrite")


def test_gaps_as_text_json_markdown_and_page(run, tmp_path: Path) -> None:
    assert "local_rate" in run("gaps", "--lang", "en")
    assert "缺失" in run("gaps", "--lang", "zh")
    assert {row["parameter"] for row in json.loads(run("gaps", "--json"))} == {
        "rate",
        "local_rate",
        "spot_rate",
        "old_rate",
        "new_rate",
    }
    assert "| `local_rate` |" in run("gaps", "--markdown")
    run("gaps", str(tmp_path / "gaps.html"), "--lang", "zh")
    assert "<svg" in (tmp_path / "gaps.html").read_text("utf-8")


def test_gaps_say_what_is_wrong_with_the_question(run, tmp_path: Path) -> None:
    with pytest.raises(BookError, match="no room 'nowhere'"):
        run("gaps", "--room", "nowhere")
    with pytest.raises(BookError, match="one of"):
        run("gaps", "--json", "--markdown")
