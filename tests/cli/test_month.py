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
from shebao.cli.app import run
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
            '{{"basic_pension": 200000, "adjustment_2024": 100000}}', 'opening 建账')"""


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

    def call(room: str, *args: object, code: int = 0, lang: str = "en") -> Result:
        found = CliRunner().invoke(APPS[room], [*map(str, args), "--lang", lang])
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
    _a_trial_that_fails_leaves_the_earlier_file(shebao, tmp_path)

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
    with pytest.raises(BooksError, match="2025-02-28 is no day to pay 2025-03"):
        shebao("month", "approve", "2025-03", *at, "B", "--out", tmp_path, "--execute-on", "2025-02-28")
    assert "does not match" in shebao("month", "approve", "2025-03", *at, "B", "--execute-on", "soon", code=2).output
    shebao("month", "approve", "2025-03", *at, "B", "--out", tmp_path, "--execute-on", "2025-03-20")
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
    assert (
        "SB44-202503-000001 employee_pension 1, 3,000.00: approved B 2025-03-20, sent B, accepted A, settled A\n"
        in stands
    )
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
    before = _steps()
    for named in (("--province", 44), ()):
        told = shebao("month", "run", "2025-03", *named, "--officer", "A").output
        assert told == "44 2025-03: closed already, nothing was written\n"
    with pytest.raises(BooksError, match="is closed"):
        shebao("month", "run", "2025-03", *at, "A", "--dry-run", "--out", tmp_path)
    assert _steps() == before


def _steps() -> int:
    with connect() as books:
        return int(books.value("SELECT count(*) FROM run_step"))


def _a_trial_that_fails_leaves_the_earlier_file(shebao: Callable[..., Result], folder: Path) -> None:
    held = (folder / "dry-run-44-2025-03.parquet").read_bytes()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("shebao.month.rehearse._steps", _fails)
        with pytest.raises(BooksError, match="in the middle"):
            shebao("month", "run", "2025-03", "--province", 44, "--officer", "A", "--dry-run", "--out", folder)
    assert [file.name for file in folder.iterdir()] == ["dry-run-44-2025-03.parquet"]
    assert (folder / "dry-run-44-2025-03.parquet").read_bytes() == held


def _fails(*_: object) -> None:
    raise BooksError("in the middle")


@pytest.mark.parametrize(
    "call",
    [
        ("person", "show", NUMBER),
        ("month", "explain", "2025-03", "--person", NUMBER),
        ("month", "statement", "2025-03", "--person", NUMBER),
    ],
)
def test_parts_of_a_pension_bear_the_law_s_terms(shebao: Callable[..., Result], call: tuple[str, ...]) -> None:
    told = shebao(*call, "--officer", "A", lang="zh").output
    for word in ("职工养老金", "基础养老金 2", "2024 年调整 1", "建账"):
        assert word in told
    for word in ("basic_pension", "opening", "employee_pension"):
        assert word not in told
    assert "adjustment 2024 1" in shebao(*call, "--officer", "A").output


def test_a_search_is_told_where_it_stops(shebao: Callable[..., Result]) -> None:
    found = shebao("person", "search", NUMBER[:6], "--officer", "A", "--limit", 1).output
    more = len(json.loads(shebao("person", "search", NUMBER[:6], "--officer", "A", "--json").output)) > 1
    assert ("there are more than these 1" in found) == more
    assert "nobody where A works fits" in shebao("person", "search", "李不在", "--officer", "A").output


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


MOVER = "440100199001010014"


def test_a_transfer_is_asked_for_and_followed(shebao: Callable[..., Result], tmp_path: Path) -> None:
    at = ("--on", "2025-03-05", "--province", 44, "--officer", "A")
    asked = ("person", "transfer", MOVER, "--to", 32, *at)
    _registered(3, MOVER)
    with pytest.raises(BooksError, match="no employee_pension in region 44"):
        shebao(*asked)
    with connect("owner") as owner:
        owner.execute(
            """INSERT INTO career (person_id, scheme, region, area, booked, until, contribution_months, deemed_months,
                       average_index, transition_index, source)
               VALUES (3, 'employee_pension', 44, 440100000000, booking_month(44::smallint, 'adjust'), '2025-01-01',
                       120, 0, 9000, 0, 'test')"""
        )
    record = tmp_path / "record.yaml"
    record.write_text("first_contribution_month: 2015-01\nwage: 1\n", encoding="utf-8")
    with pytest.raises(BooksError, match="wage: the record tells first_contribution_month"):
        shebao(*asked, "--record", record)
    for years in ("5", "[{contributed_year: abc, contributed_wages: 1}]", "[{contributed_year: 2015}]"):
        record.write_text(f"first_contribution_month: 2015-01\ncontributed_years: {years}\n", encoding="utf-8")
        with pytest.raises(BooksError, match=r"the record cannot be taken: .*contributed_"):
            shebao(*asked, "--record", record)
    record.write_text("first_contribution_month: 2015-01\ncontributed_years: []\n", encoding="utf-8")
    assert "3-44-32-2025-03-05-employee_pension" in shebao(*asked, "--record", record).output
    with connect() as books:
        stated = books.value("SELECT facts FROM career WHERE person_id = 3 AND upper_inf(known)")
        assert stated == {"first_contribution_month": "2015-01", "contributed_years": []}
        assert books.value("SELECT source FROM transfer") == "A: shebao person transfer"
    with pytest.raises(BooksError, match="is under way"):
        shebao(*asked)
    look = ("person", "transfers", MOVER, "--officer", "A")
    assert "asked for" in shebao(*look).output
    with connect("owner") as owner:
        for side, region in (("out", 44), ("in", 32)):
            owner.execute(
                """INSERT INTO transfer_leg (transfer, side, region, area, booked, account, pooled, months, career)
                   SELECT id, %(s)s, %(r)s, 440000000000, '2031-03-01', 123456, 7890, 120, '{}' FROM transfer""",
                s=side,
                r=region,
            )
            state = {"out": ("sent", "已转出"), "in": ("taken in", "已转入")}[side]
            told = shebao(*look).output
            assert state[0] in told
            assert "1,234.56" in told
            assert state[1] in shebao(*look, lang="zh").output


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"--to": 99}, "99: no province"),
        ({"--to": 44}, "already in employee_pension of region 44"),
        ({"--scheme": "gold"}, "gold: no scheme"),
        ({"--on": "2025-3"}, "not a day"),
        ({"--on": "2999-01-01"}, "yet to come"),
        ({"--province": 32}, "does not work in region 32"),
    ],
)
def test_a_transfer_that_cannot_be(shebao: Callable[..., Result], changed: dict[str, object], said: str) -> None:
    asked = {"--to": 32, "--on": "2025-03-05", "--province": 44, "--officer": "A"} | changed
    with pytest.raises(BooksError, match=said):
        shebao("person", "transfer", NUMBER, *(word for pair in asked.items() for word in pair))


def test_who_draws_a_pension_stays(shebao: Callable[..., Result]) -> None:
    with pytest.raises(BooksError, match="draws employee_pension already"):
        shebao("person", "transfer", NUMBER, "--to", 32, "--on", "2025-03-05", "--province", 44, "--officer", "A")


def _registered(person: int, number: str) -> None:
    with connect("owner") as owner:
        owner.execute(
            f"""INSERT INTO person (id, number) VALUES ({person}, '{number}');
                INSERT INTO person_record (person_id, region, area, valid, booked, name, sex, birth_date, category,
                        source)
                    VALUES ({person}, 44, 440100000000, '[1960-01-01,)', booking_month(44::smallint, 'adjust'), '王三',
                            'male', '1960-01-01', 'men60', 'test')"""
        )


def test_money_in_suspense_finds_its_payer(shebao: Callable[..., Result], tmp_path: Path) -> None:
    teller = Bank("4400000000009", 0)
    teller.receive(datetime(2025, 3, 20).date(), 12_345, "no reference")
    (tmp_path / "in.xml").write_bytes(teller.statement(datetime(2025, 3, 20, 18)))
    assert "1 held in suspense" in shebao("bank", "import", tmp_path / "in.xml", "--officer", "A").output
    told = shebao("bank", "import", tmp_path / "in.xml", "--officer", "A", lang="zh").output
    assert "列待查收款" in told
    assert "no bill" not in told
    asked = ("bank", "suspense", "--province", 44, "--officer", "A")
    (held,) = json.loads(shebao(*asked, "--json").output)
    assert (held["amount"], held["value_date"]) == (12_345, "2025-03-20")
    assert "123.45" in shebao(*asked).output
    with pytest.raises(BooksError, match="no duty to run"):
        shebao("bank", "suspense", "--province", 44, "--officer", "B")
    _registered(4, "440100199001010030")
    with connect("owner") as owner:
        owner.execute(
            """INSERT INTO participation (person_id, scheme, region, area, valid, booked, kind, chosen_base, source)
               VALUES (4, 'employee_pension', 44, 440100000000, '[2025-01-01,)', booking_month(44::smallint, 'collect'),
                       'flexible', 500000, 'test')"""
        )
    give = ("bank", "assign", held["id"], "--reason", "he called", "--province", 44, "--officer", "A", "--to")
    with pytest.raises(BooksError, match="no payer"):
        shebao(*give, "nobody")
    assert "123.45 yuan given to 440100199001010030" in shebao(*give, "440100199001010030").output
    assert "nothing changed" in shebao(*give, "440100199001010030").output
    assert json.loads(shebao(*asked, "--json").output) == []
    back = ("bank", "unassign", held["id"], "--reason", "it was his sister", "--province", 44, "--officer", "A")
    assert "123.45 yuan taken back from 440100199001010030" in shebao(*back).output
    assert "is in suspense, nothing changed" in shebao(*back).output
    assert [one["id"] for one in json.loads(shebao(*asked, "--json").output)] == [held["id"]]


def test_what_is_paid_back_is_owed_no_longer(shebao: Callable[..., Result]) -> None:
    with connect("owner") as owner:
        owner.execute(
            """INSERT INTO receivable (region, number, area, booked, person_id, benefit, scheme, amount, reason)
               VALUES (44, 1, 440100000000, booking_month(44::smallint, 'pay'), 1, 'employee_pension',
                       'employee_pension', 100000, 'test')"""
        )
    told = ("--on", "2025-03-10", "--reference", "B-1", "--province", 44, "--officer", "A")
    assert "600.00 still owed" in shebao("month", "received", 1, "--amount", "400.00", *told).output
    assert "before, nothing changed; 600.00" in shebao("month", "received", 1, "--amount", "400", *told).output
    with pytest.raises(BooksError, match="not an amount in yuan"):
        shebao("month", "received", 1, "--amount", "4e2", *told)


def test_what_the_nation_lays_down_is_imported(shebao: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "plan.csv").write_text("province,month,kind,amount,source\n44,2025-05,advance,10,x\n", encoding="utf-8")
    asked = ("--province", 44, "--officer", "A")
    assert "laid down anew 1" in shebao("import", "pooling-plan", tmp_path / "plan.csv", *asked).output
    assert "entered before" in shebao("import", "pooling-plan", tmp_path / "plan.csv", *asked).output
    (tmp_path / "facts.csv").write_text("province,year,name,value,source\n44,2021,x,1,x\n", encoding="utf-8")
    assert "not_choice" in shebao("import", "pooling-facts", tmp_path / "facts.csv", *asked, code=3).output


@pytest.mark.parametrize(
    ("lang", "said"),
    [("en", "not a month: '2025-13' (YYYY-MM)"), ("zh", "不是月份（not a month: '2025-13' (YYYY-MM)）")],
)
def test_an_error_is_one_line_in_the_language_asked_for(
    capfd: pytest.CaptureFixture[str], lang: str, said: str
) -> None:
    assert run(["month", "run", "2025-13", "--officer", "A", "--lang", lang]) == 2
    assert capfd.readouterr().err == f"shebao: {said}\n"


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
