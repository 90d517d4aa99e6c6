"""The journal as an outside program reads it: hledger balances it and finds the same totals."""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from smallbooks import Province, province

from shebao.books import Books
from shebao.books.export import balances, export, yuan
from shebao.books.ledger import Posting
from shebao.month.orders import approve
from shebao.month.pay import pay


@pytest.fixture
def guangdong(books: Books, tmp_path: Path) -> Province:
    made = province(books)
    for amount in (300_001, 200_007, 5):
        made.entitle(made.person(balance=100_003), amount, account_part=amount // 3)
    made.step("pay", pay)
    approve(books, 44, made.month, "B", tmp_path)
    made.post("odd; 文字", Posting("unemployment", "benefits", 12), Posting("unemployment", "bank_fiscal", -12))
    return made


@pytest.fixture
def hledger() -> str:
    found = shutil.which("hledger")
    if found is None:
        needed = os.environ.get("SHEBAO_REQUIRE_HLEDGER") == "1"  # where the outside check must not be left out
        (pytest.fail if needed else pytest.skip)("hledger is not installed: the journal is not checked from outside")
    return str(found)


def written(guangdong: Province, folder: Path) -> Path:
    file = folder / "books.journal"
    with file.open("w", encoding="utf-8") as stream:
        export(guangdong.books, stream, 44)
    return file


def run(*command: object) -> str:
    made = subprocess.run(
        list(map(str, command)),
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    assert made.returncode == 0, made.stderr
    return made.stdout


def test_hledger_balances_it_and_agrees_in_every_account(guangdong: Province, tmp_path: Path, hledger: str) -> None:
    file = written(guangdong, tmp_path)
    run(hledger, "-f", file, "check", "accounts", "commodities", "balanced")
    told = csv.DictReader(
        io.StringIO(run(hledger, "-f", file, "balance", "--flat", "--no-total", "--empty", "-O", "csv"))
    )
    theirs = {row["account"]: row["balance"] for row in told}
    ours = {a.outside: "0" if a.amount == 0 else f"{yuan(a.amount)}" for a in balances(guangdong.books, 44)}
    assert {name: text.replace("CNY", "").strip() for name, text in theirs.items()} == ours
    assert len(ours) > 6


def test_hledger_finds_a_changed_fen(guangdong: Province, tmp_path: Path, hledger: str) -> None:
    file = written(guangdong, tmp_path)
    text = file.read_text(encoding="utf-8")
    assert "0.12 CNY" in text
    file.write_text(text.replace(" 0.12 CNY", " 0.13 CNY", 1), encoding="utf-8")
    with pytest.raises(AssertionError, match=r"(?i)balance"):
        run(hledger, "-f", file, "check")


def test_the_same_books_give_the_same_text(guangdong: Province, tmp_path: Path) -> None:
    first = written(guangdong, tmp_path).read_bytes()
    assert written(guangdong, tmp_path).read_bytes() == first


def test_only_the_region_asked_for_is_written(guangdong: Province, tmp_path: Path) -> None:
    text = written(guangdong, tmp_path).read_text(encoding="utf-8")
    assert "assets:44:" in text
    with (tmp_path / "none.journal").open("w", encoding="utf-8") as stream:
        assert export(guangdong.books, stream, 32) == 0
