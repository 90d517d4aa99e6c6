"""The month on the command line: run, approve, import, look, explain, export, try."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import psycopg
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from shebao.bank.simulate import Bank
from shebao.books import BooksError, connect, server
from shebao.cli import bank, importing, ledger, month, registry
from shebao.engine import BookError

NUMBER = "440100195001010012"
HEIR = "440100196001010017"
APPS = {"month": month.app, "ledger": ledger.app, "bank": bank.app, "import": importing.app}
APPS |= {"person": registry.person, "officer": registry.officer}

# One pensioner of Guangdong, with what is due and what is in the account.
PEOPLE = f"""
    INSERT INTO person (id, number) VALUES (1, '{NUMBER}');
    INSERT INTO person_record (person_id, region, area, valid, booked, name, sex, birth_date, category, source)
        VALUES (1, 44, 440100000000, '[1950-01-01,)', '2025-03-01', '王一', 'male', '1950-01-01', 'men60', 'test');
    INSERT INTO bank_account (person_id, region, area, valid, holder, bank_code, number)
        VALUES (1, 44, 440100000000, '[2000-01-01,)', '王一', '102581000013', '6222000000000001');
    INSERT INTO entitlement (person_id, benefit, version, region, area, valid, booked, amount, components, reason)
        VALUES (1, 'employee_pension', 0, 44, 440100000000, '[2020-01-01,)', '2025-03-01', 300000,
            '{{"basic": 300000}}', 'test')"""


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="shebao-cli-") as folder, pytest.MonkeyPatch.context() as patch:
        Path(folder).chmod(0o711)  # the server's account passes through
        patch.setenv("SHEBAO_HOME", f"{folder}/home")
        patch.delenv("SHEBAO_DATABASE_URL", raising=False)
        code = "from shebao.books import migrate; migrate()"
        subprocess.run([sys.executable, "-c", code], env=dict(os.environ), check=True)
        with connect("owner") as owner:
            owner.execute("INSERT INTO office (area, level, name) VALUES (440000000000, 1, '广东省')")
            for officer, duties in (("A", "{look,run,register}"), ("B", "{approve,reopen}")):
                owner.execute(
                    """INSERT INTO officer (id, name, area, duties, key_hash) VALUES (%(o)s, %(o)s, 440000000000,
                        %(d)s, %(k)s)""",
                    o=officer,
                    d=duties,
                    k=hashlib.sha256(officer.encode()).digest(),
                )
        yield Path(folder)
        server.stop()


@pytest.fixture
def shebao(home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """``shebao("month", "status")``: the command in this process, in English."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def call(room: str, *args: object, code: int = 0) -> Result:
        found = CliRunner().invoke(APPS[room], [*map(str, args), "--lang", "en"])
        if found.exception and not isinstance(found.exception, SystemExit):
            raise found.exception
        assert found.exit_code == code, found.output
        return found

    return call


def test_a_month_from_opening_to_the_journal(
    shebao: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = ("--province", 44, "--officer")
    shebao("month", "open", "2025-03", *at, "A")
    with connect("owner") as owner:
        owner.execute(PEOPLE)
    shebao("bank", "account", "4400000000001", *at, "A", "--scheme", "employee_pension", "--kind", "expenditure",
           "--holder", "广东社保", "--bank", "102581000013")  # fmt: skip

    tried = shebao("month", "run", "2025-03", *at, "A", "--dry-run", "--out", tmp_path).output
    assert "1 people" in tried
    changes = pq.read_table(tmp_path / "dry-run-44-2025-03.parquet").to_pylist()
    assert [(row["number"], row["table"], row["fen"]) for row in changes] == [(NUMBER, "payment", 300_000)]
    with connect() as books:
        assert books.value("SELECT count(*) FROM payment") == 0
        assert books.value("SELECT (summary -> 'people')::int FROM dry_run") == 1

    assert "1 people" in shebao("month", "run", "2025-03", *at, "A", "--dry-run", "--out", tmp_path).output

    told = shebao("month", "run", "2025-03", *at, "A", code=3).output
    assert "waiting" in told
    assert "shebao month approve 2025-03 --province 44 --officer ID" in told
    with pytest.raises(BooksError, match="no duty to approve"):
        shebao("month", "approve", "2025-03", *at, "A", "--out", tmp_path)
    with pytest.raises(BooksError, match="the key of B is needed"):
        shebao("month", "approve", "2025-03", *at, "B", "--out", tmp_path)
    monkeypatch.setenv("SHEBAO_OFFICER_KEY", "a guess")
    with pytest.raises(BooksError, match="not the key of B"):
        shebao("month", "approve", "2025-03", *at, "B", "--out", tmp_path)
    monkeypatch.setenv("SHEBAO_OFFICER_KEY", "B")
    shebao("month", "approve", "2025-03", *at, "B", "--out", tmp_path)
    teller, noon = Bank("4400000000001", 10**9), datetime(2025, 3, 15, 12)
    (tmp_path / "status.xml").write_bytes(teller.pay((tmp_path / "SB44-202503-000001.xml").read_bytes(), noon))
    (tmp_path / "statement.xml").write_bytes(teller.statement(noon))
    told = shebao("bank", "import", tmp_path / "status.xml", tmp_path / "statement.xml", "--officer", "A").output
    assert told.count("1 rows, 1 accepted") == 2
    told = shebao("bank", "import", tmp_path / "status.xml", "--officer", "A").output
    assert "entered before, nothing changed: 1 rows" in told
    (tmp_path / "cut.xml").write_bytes((tmp_path / "status.xml").read_bytes()[:-9])
    with pytest.raises(BooksError, match=r"cut\.xml: line .* the XML is broken"):
        shebao("bank", "import", tmp_path / "cut.xml", "--officer", "A")
    shebao("month", "run", "2025-03", *at, "A")

    (state,) = json.loads(shebao("month", "status", "2025-03", "--json").output)
    assert [step["step"] for step in state["steps"]] == list(month.STEPS)
    assert state["now"] is None
    assert all(check["passed"] for check in state["checks"])
    assert set(state["batches"][0]["events"]) == {"approved", "sent", "accepted", "settled"}
    stands = shebao("month", "status", "2025-03").output
    assert "SB44-202503-000001 employee_pension 1, 3,000.00: approved B, sent B, accepted A, settled A\n" in stands
    assert "amount (yuan) 3,000.00" in stands

    look = ("--person", NUMBER, "--officer", "A")
    assert "3,000.00" in shebao("month", "explain", "2025-03", *look).output
    statement = shebao("month", "statement", "2025-03", *look, "--csv").output
    assert "payments,2025-03,employee_pension,0,2025-03,3000.00" in statement
    shebao("ledger", "export", tmp_path / "books.journal", "--province", 44)
    assert "3000.00 CNY" in (tmp_path / "books.journal").read_text(encoding="utf-8")
    assert "total" in shebao("ledger", "balance").output
    with pytest.raises(BooksError, match="no duty to reopen"):
        shebao("month", "reopen", "2025-03", *at, "A", "--reason", "x")
    with pytest.raises(BooksError, match="does not work at the provincial office of 11"):
        shebao("month", "reopen", "2025-03", "--province", 11, "--officer", "B", "--reason", "x")
    shebao("month", "reopen", "2025-03", *at, "B", "--reason", "a late file")
    shebao("month", "run", "2025-03", *at, "A")


def test_who_is_looked_at_is_noted_and_only_at_home(shebao: Callable[..., Result]) -> None:
    before = _looks()
    for call in (
        ("person", "show", NUMBER),
        ("person", "search", "王一"),
        ("month", "explain", "2025-03", "--person", NUMBER),
        ("month", "statement", "2025-03", "--person", NUMBER),
    ):
        assert NUMBER in shebao(*call, "--officer", "A").output
        assert _looks() == (before := before + 1)
        with pytest.raises(BooksError, match="B has no duty to look"):
            shebao(*call, "--officer", "B")
    with connect("owner") as owner:
        owner.execute("INSERT INTO office VALUES (440300000000, 2, '深圳市', 440000000000)")
    shebao("officer", "add", "S", "--name", "深", "--area", 440300000000, "--duty", "look", "--duty", "register")
    with pytest.raises(BooksError, match="where S works"):
        shebao("person", "show", NUMBER, "--officer", "S")
    assert NUMBER not in shebao("person", "search", "王一", "--officer", "S").output
    with pytest.raises(BooksError, match="where S works"):
        shebao("person", "death", NUMBER, "--on", "2025-03-02", "--province", 44, "--officer", "S")
    assert _looks() == before


def _looks() -> int:
    with connect() as books:
        return int(books.value("SELECT count(*) FROM look"))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"--duty": "fly"}, "fly: the duties are look, register, run, approve, reopen"),
        ({"--area": 110000000000}, "no office 110000000000"),
        ({}, "officer A exists already"),
    ],
)
def test_an_officer_that_cannot_be(shebao: Callable[..., Result], changed: dict[str, object], said: str) -> None:
    asked = {"--name": "王", "--area": 440000000000, "--duty": "look"} | changed
    with pytest.raises(BooksError, match=said):
        shebao("officer", "add", "A", *(word for pair in asked.items() for word in pair))


def test_what_no_file_brings(shebao: Callable[..., Result]) -> None:
    at = ("--province", 44, "--officer", "A")
    with connect("owner") as owner:
        owner.execute(
            f"""INSERT INTO person (id, number) VALUES (2, '{HEIR}');
                INSERT INTO person_record (person_id, region, area, valid, booked, name, sex, birth_date, category,
                        source)
                    VALUES (2, 44, 440100000000, '[1960-01-01,)', booking_month(44::smallint, 'adjust'), '王二', 'male',
                            '1960-01-01', 'men60', 'test')"""
        )
    claim = ("person", "claim", NUMBER, "funeral_grant", "--heir", HEIR, "--on", "2025-03-03", *at)
    shebao("person", "death", NUMBER, "--on", "2025-03-02", *at, "--source", "死亡证明")
    with pytest.raises(BooksError, match="recorded already"):
        shebao("person", "death", NUMBER, "--on", "2025-03-02", *at)
    with pytest.raises(BooksError, match="no one bank account"):
        shebao(*claim)
    to = ("--bank", "102581000013", "--account", "6222000000000002", "--holder", "王二")
    shebao("person", "account", HEIR, *to, *at)
    assert "claim 1" in shebao(*claim).output
    with pytest.raises(BooksError, match="the benefits are employee_pension"):
        shebao("person", "claim", NUMBER, "gold", "--on", "2025-03-03", *at)
    with connect() as books:
        assert books.one(
            """SELECT c.benefit::text, b.number, e.happened_on::text, e.source FROM claim c
               JOIN bank_account b ON b.id = c.bank_account_id JOIN life_event e ON e.person_id = c.person_id"""
        ) == ("funeral_grant", "6222000000000002", "2025-03-02", "A: 死亡证明")
    shebao("person", "undo-death", NUMBER, *at)
    with pytest.raises(BooksError, match="no death is recorded"):
        shebao("person", "undo-death", NUMBER, *at)


def test_a_form_replaces_nothing_unasked(shebao: Callable[..., Result], tmp_path: Path) -> None:
    form = tmp_path / "form.xlsx"
    shebao("import", "template", form)
    with pytest.raises(BookError, match="exists already"):
        shebao("import", "template", form)
    shebao("import", "template", form, "--overwrite")


def test_rejected_rows_leave_code_3(shebao: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("公民身份号码,姓名\n123,王三\n", encoding="utf-8")
    asked = ("import", "persons", tmp_path / "people.csv", "--province", 44, "--officer", "A")
    back = ("--area", 440100000000, "--rejects", tmp_path / "back.xlsx")
    assert "rejected" in shebao(*asked, *back, code=3).output
    with pytest.raises(BooksError, match="exists already"):
        shebao(*asked, *back)
    assert "entered before" in shebao(*asked, *back, "--overwrite", code=3).output


def test_books_that_are_not_there(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with psycopg.connect(server.url(), autocommit=True) as raw:
        raw.execute("CREATE DATABASE bare")
    monkeypatch.setenv("SHEBAO_DATABASE_URL", server.url().replace("/shebao?", "/bare?"))
    with pytest.raises(BooksError, match="not there yet: shebao db migrate"):
        connect()
    monkeypatch.setenv("SHEBAO_DATABASE_URL", "postgresql://someone:secret@127.0.0.1:1/books")
    with pytest.raises(server.ServerError, match=r"127\.0\.0\.1:1/books: connection failed") as told:
        connect()
    assert "secret" not in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    "args",
    [("month", "status", "2031-01"), ("month", "status", "--province", 31), ("ledger", "balance", "--province", 31)],
)
def test_what_was_never_opened_is_told(shebao: Callable[..., Result], args: tuple[object, ...]) -> None:
    with pytest.raises(BooksError, match="not been opened"):
        shebao(*args)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("run", "2025-13", "--officer", "A"), "not a month"),
        (("run", "2031-01", "--officer", "A"), "open"),
        (("run", "2025-03", "--officer", "nobody"), "not known"),
        (("run", "2025-03", "--officer", "B"), "no duty to run"),
        (("explain", "2025-03", "--person", "123", "--officer", "A"), "nobody"),
        (("statement", "2025-03", "--employer", "X"), "no employer"),
        (
            ("recover", "7", "--monthly", "10.00", "--province", "44", "--officer", "A", "--source", "x"),
            "not been opened|no receivable",
        ),
    ],
)
def test_a_mistake_is_told(shebao: Callable[..., Result], args: tuple[str, ...], said: str) -> None:
    with pytest.raises(BooksError, match=said):
        shebao("month", *args)
