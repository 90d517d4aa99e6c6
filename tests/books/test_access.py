"""What the database itself refuses: other offices' rows, edits of what is append-only, and movements that cannot be."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from database import copied
from psycopg import errors, sql
from psycopg.rows import tuple_row
from stdnum.cn import ric

from shebao.books import Books, BooksError, connect
from shebao.books.ledger import Entry, Posting, post
from shebao.books.registry import Registrar, add_officer, add_offices

MARCH = dt.date(2025, 3, 1)
NUMBER, OTHER = (digits + ric.calc_check_digit(digits + "0") for digits in ("44010619900307001", "44010619900307003"))
GUANGDONG, GUANGZHOU, SHENZHEN, HUNAN = 440000000000, 440100000000, 440300000000, 430000000000
PLACES = {GUANGZHOU: 44, SHENZHEN: 44, HUNAN: 43}
FACTS = (
    "person_record",
    "employer_record",
    "participation",
    "life_event",
    "career",
    "entitlement",
    "household_member",
    "bank_account",
)

#: What a column holds unless the table says otherwise; `{}` is a number of the place's own.
COLUMNS: dict[str, object] = {
    **{"month": MARCH, "booked": MARCH, "until": MARCH, "due_on": MARCH, "value_date": MARCH, "executes_on": MARCH},
    **{"birth_date": MARCH, "happened_on": MARCH, "claimed_on": MARCH, "requested_on": MARCH, "valid": "[2025-03-01,)"},
    **{"name": "某", "sex": "male", "category": "men60", "source": "t", "scheme": "employee_pension"},
    **{
        "relation": "户主",
        "size": "large",
        "industry_class": 1,
        "holder": "某",
        "bank_code": "102581000013",
        "year": 2025,
    },
    **{"benefit": "employee_pension", "amount": 1, "reason": "t", "facts": "{}", "tree": "{}", "law": "t", "raw": "{}"},
    **{
        "components": "{}",
        "career": "{}",
        "officer": "A",
        "officer_id": "A",
        "proposed_by": "A",
        "outcome": "rejected",
    },
    **{
        "step": "collect",
        "row_number": 1,
        "rows": 0,
        "accepted": 0,
        "adjusted": 0,
        "rejected": 0,
        "wage": 1,
        "round": 0,
    },
    **{"provisional": False, "lines": 1, "instalment": 1, "attempt": 2, "bank_account_id": 1, "batch": 1, "months": 0},
    **dict.fromkeys(("opening", "credits", "withdrawals", "interest", "closing"), 0),
    **{"side": "out", "level": 2, "duties": ["look"], "key_hash": b"x", "purpose": "t", "text": "t", "summary": "{}"},
}
KINDS = {
    "life_event": "death", "participation": "retired", "bill": "regular", "import_file": "payroll",
    "account_movement": "opening", "payment_return": "returned", "recovery": "received", "pooling_plan": "advance",
    "batch_event": "approved", "fund_account": "income",
}  # fmt: skip
EXTRAS: dict[str, dict[str, object]] = {
    "bill": {"employer_id": 1},
    "receipt_assignment": {"employer_id": 1},
    "bank_account": {"person_id": 1, "number": "62220200000001"},
    "fund_account": {"number": "62220200000001"},
    "pooling_fact": {"name": "people", "value": "1"},
    "payment": {"withheld": 1},
    "payment_retry": {"bank_account_id": 1, "batch": 1},
    "import_row": {"reason": "t"},
}


@contextmanager
def superuser() -> Iterator[psycopg.Connection[Any]]:
    from shebao.books import server

    with psycopg.connect(server.url(), autocommit=True) as connection:
        yield connection


def tables(connection: psycopg.Connection[Any], having: str | None = None) -> list[str]:
    """The tables of the books (not their parts); those with a column ``having``."""
    found = connection.execute(
        """SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
           AND NOT c.relispartition AND c.relname !~ '^(django|auth)_'
           AND (%(having)s::text IS NULL OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid
               AND a.attname = %(having)s))
           ORDER BY 1""",
        {"having": having},
    )
    return [name for (name,) in found]


def add_row(connection: psycopg.Connection[Any], table: str, area: int, serial: int) -> None:
    """A row of a table managed at ``area``, whatever it refers to."""
    columns = connection.execute(
        """SELECT column_name, data_type FROM information_schema.columns
           WHERE table_name = %s AND table_schema = 'public'
           AND is_nullable = 'NO' AND (column_default IS NULL OR column_name = 'version') AND is_identity = 'NO'""",
        [table],
    ).fetchall()
    row = {name: _value(table, name, kind, serial) for name, kind in columns} | EXTRAS.get(table, {})
    row |= {"area": area} | ({"region": PLACES[area]} if "region" in row else {})
    if "person_id" in row:
        row["person_id"] = serial
    names = sql.SQL(", ").join(map(sql.Identifier, row))
    marks = sql.SQL(", ").join(map(sql.Placeholder, row))
    connection.execute(sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(sql.Identifier(table), names, marks), row)


def _value(table: str, name: str, kind: str, serial: int) -> object:
    if name == "kind":
        return KINDS[table]
    if name == "event":
        return "approved"
    if name in ("id", "file_id") and kind == "text":
        return f"{serial:064d}"
    if name in COLUMNS:
        return COLUMNS[name]
    return serial if kind in ("bigint", "integer", "smallint") else f"t{serial}"


@pytest.fixture(scope="module")
def filled(template: str) -> Iterator[str]:
    """Books with a row of every table at three places: Guangzhou and Shenzhen in Guangdong, and Hunan."""
    with copied(template) as address:
        with connect("run") as books:
            fill(books)
        yield address


@pytest.fixture
def places(filled: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Books]:
    """Those books; a test that adds to them takes it back."""
    monkeypatch.setenv("SHEBAO_DATABASE_URL", filled)
    with connect("run") as books:
        yield books


def fill(books: Books) -> None:
    add_offices(books, [(GUANGDONG, 1, "广东", None), (HUNAN, 1, "湖南", None)])
    add_offices(books, [(GUANGZHOU, 2, "广州", GUANGDONG), (SHENZHEN, 2, "深圳", GUANGDONG)])
    books.ensure_months([MARCH])
    with superuser() as connection:
        connection.execute("SET session_replication_role = replica")
        for serial, area in enumerate(PLACES, 1):
            connection.execute("INSERT INTO person (id, number) VALUES (%s, %s)", [serial, f"{serial:017d}X"])
            connection.execute("INSERT INTO employer (id, credit_code) VALUES (%s, %s)", [serial, f"{serial:018d}"])
            for table in placed(connection):
                add_row(connection, table, area, serial)
            connection.execute(
                "INSERT INTO transfer VALUES (%s, %s, 44, 43, 'employee_pension', 'employee_pension', %s, 't')",
                [str(serial), serial, MARCH],
            )
            connection.execute("INSERT INTO look (person_id, officer, purpose) VALUES (%s, 'A', 't')", [serial])
            connection.execute(
                "INSERT INTO journal_entry (region, number, booked, key, step, text) VALUES (%s, %s, %s, %s, 't', 't')",
                [PLACES[area], serial, MARCH, f"k{serial}"],
            )
            connection.execute("INSERT INTO posting VALUES (%s, %s, 1, 'a', 1)", [PLACES[area], serial])
        connection.execute("SELECT setval('person_id_seq', 100)")


def placed(connection: psycopg.Connection[Any]) -> list[str]:
    return [name for name in tables(connection, "area") if name not in ("office", "officer")]


_officers = itertools.count(1)


def entered(area: int | None, officer: str = "") -> Books:
    """The services' connection of an officer of an office, with nothing but the rights of a login of its own."""
    from shebao.books import server

    with superuser() as connection:
        connection.execute(
            "DO $$ BEGIN CREATE ROLE test_web LOGIN IN ROLE shebao_app; EXCEPTION WHEN"
            " duplicate_object THEN NULL; END $$"
        )
    uri = re.sub(r"//[^@/]*@", "//test_web@", server.url())
    books = Books(psycopg.connect(uri, options="-c role=shebao_app", autocommit=True, row_factory=tuple_row))
    if area is not None:
        officer = officer or f"X{next(_officers)}"
        with connect("run") as run:
            key = add_officer(run, officer, "某", area, ["look", "register"])
        books.execute("SELECT enter_session(%(o)s, %(k)s)", o=officer, k=key)
    return books


# ---- rows of other offices --------------------------------------------------------------------

SEEN = {GUANGDONG: {GUANGZHOU, SHENZHEN}, GUANGZHOU: {GUANGZHOU}, SHENZHEN: {SHENZHEN}, HUNAN: {HUNAN}, None: set()}


@pytest.mark.parametrize("office", SEEN, ids=["province", "city", "other city", "other province", "nobody"])
def test_an_officer_sees_only_what_the_office_manages(places: Books, office: int | None) -> None:
    with superuser() as connection:
        names = placed(connection)
        assert len(names) >= 25
        for table in names:
            rows = connection.execute(
                sql.SQL("SELECT count(DISTINCT area) FROM {}").format(sql.Identifier(table))
            ).fetchone()
            assert rows == (3,), f"{table} has no rows to hide"
    with entered(office) as app:
        for table in names:
            seen = {area for (area,) in app.rows(f"SELECT area FROM {table}")}
            assert seen == SEEN[office], table
        people = {n for n, area in enumerate(PLACES, 1) if area in SEEN[office]}
        assert {n for (n,) in app.rows("SELECT id FROM person")} == people
        assert {n for (n,) in app.rows("SELECT id FROM employer")} == people
        assert {n for (n,) in app.rows("SELECT person_id FROM transfer")} == people
        assert {n for (n,) in app.rows("SELECT person_id FROM look")} == people
        assert {n for (n,) in app.rows("SELECT person_id FROM person_now")} == people


@pytest.mark.parametrize("office", SEEN, ids=["province", "city", "other city", "other province", "nobody"])
def test_the_journal_is_seen_by_the_offices_of_the_province(places: Books, office: int | None) -> None:
    wanted = {GUANGDONG: {1, 2}, HUNAN: {3}}.get(office or 0, set())
    with entered(office) as app:
        assert {n for (n,) in app.rows("SELECT number FROM journal_entry")} == wanted
        assert {n for (n,) in app.rows("SELECT number FROM posting")} == wanted


def test_the_parts_of_a_table_hide_their_rows_too(places: Books) -> None:
    with entered(HUNAN) as app:
        for table in ("declaration", "contribution", "account_movement", "payment"):
            try:
                seen = app.rows(f"SELECT area FROM {table}_2025_03")
            except errors.InsufficientPrivilege:
                continue
            assert not [area for (area,) in seen if area != HUNAN], table


def test_nothing_is_recorded_for_another_office(places: Books) -> None:
    with entered(GUANGZHOU, "W") as app:
        for table in (
            "person_record",
            "participation",
            "life_event",
            "claim",
            "household",
            "employer_record",
            "bank_account",
        ):
            for area in (SHENZHEN, HUNAN):
                with pytest.raises(errors.InsufficientPrivilege):
                    add_row(app.connection, table, area, 9)
        with pytest.raises(errors.InsufficientPrivilege):
            app.execute("INSERT INTO look (person_id, officer, purpose) VALUES (1, 'A', 'in the name of another')")
        with pytest.raises(errors.InsufficientPrivilege):
            app.execute("INSERT INTO look (person_id, officer, purpose) VALUES (3, 'W', 'of another province')")
        app.execute("INSERT INTO look (person_id, officer, purpose) VALUES (1, 'W', 'own')")


def test_a_fact_of_another_office_is_not_superseded(places: Books) -> None:
    with entered(GUANGZHOU) as app:
        for table in ("person_record", "employer_record", "participation", "life_event"):
            ended = app.execute(
                f"UPDATE {table} SET known = tstzrange(lower(known), clock_timestamp()) WHERE area <> {GUANGZHOU}"
            )
            assert ended.rowcount == 0, table


def test_the_services_register_in_their_own_place(places: Books) -> None:
    places.execute("INSERT INTO period_event VALUES (44, '2025-03-01', 0, 'opened', 'A') ON CONFLICT DO NOTHING")
    with entered(GUANGZHOU) as app, app.transaction():
        registrar = Registrar(app, 44, "counter")
        person = registrar.register_person(NUMBER, "张三", "men60", area=GUANGZHOU)
        registrar.record_death(person, dt.date(2025, 3, 2))
        with pytest.raises(BooksError, match="权限"):
            registrar.register_person(OTHER, "张三", "men60", area=SHENZHEN)
        raise psycopg.Rollback


@pytest.mark.parametrize(
    "trick",
    [
        "SET ROLE shebao_run",
        "SET ROLE shebao_owner",
        "SET SESSION AUTHORIZATION postgres",
        "SET session_replication_role = replica",
        "INSERT INTO entered_session SELECT pg_backend_pid(), now(), 'Y'",
        "UPDATE entered_session SET officer = 'Y'",
        "SELECT key_hash FROM officer",
        "UPDATE officer SET area = 430000000000",
        "UPDATE office SET level = 1",
        "ALTER TABLE person_record DISABLE ROW LEVEL SECURITY",
        "DROP POLICY own_area ON person_record",
        "CREATE OR REPLACE FUNCTION my_areas() RETURNS int8range LANGUAGE sql AS $$ SELECT int8range(0, NULL) $$",
        "CREATE TABLE public.mine (a int)",
        "SELECT ensure_month('2025-04-01')",
    ],
)
def test_no_trick_widens_what_an_officer_may(places: Books, trick: str) -> None:
    with entered(GUANGZHOU) as app, pytest.raises((errors.InsufficientPrivilege, errors.InvalidPassword)):
        app.execute(trick)


def test_settings_and_wrong_keys_widen_nothing(places: Books) -> None:
    with entered(GUANGZHOU) as app, entered(HUNAN, "Y"):
        with pytest.raises(errors.InvalidPassword):
            app.execute("SELECT enter_session('Y', 'guessed')")
        app.execute("RESET ROLE")
        for setting in ("shebao.officer", "shebao.area", "role_area"):
            if "." in setting:
                app.execute(f"SELECT set_config('{setting}', 'Y', false)")
        app.execute("SET row_security = off")
        with pytest.raises(errors.InsufficientPrivilege):
            app.rows("SELECT area FROM person_record")
        app.execute("SET row_security = on")
        app.execute("CREATE TEMPORARY TABLE officer AS SELECT 'X'::text AS id, 430000000000 AS area, 1 AS level")
        assert {area for (area,) in app.rows("SELECT area FROM public.person_record")} == {GUANGZHOU}


# ---- what is append-only ----------------------------------------------------------------------


def may_supersede(table: str) -> bool:
    return table in FACTS


@pytest.mark.parametrize("role", ["run", "app", "owner"])
def test_nothing_append_only_is_edited_or_deleted(places: Books, role: Any) -> None:
    refused = (
        (errors.RestrictViolation,) if role == "owner" else (errors.InsufficientPrivilege, errors.RestrictViolation)
    )
    with superuser() as connection:
        names = [
            name
            for name in tables(connection)
            if name not in ("office", "officer", "entered_session", "ledger_account")
        ]
    with entered(GUANGZHOU) if role == "app" else connect(role) as found:
        for table in names:
            column = "area" if table in FACTS else _any_column(found, table)
            for statement in (
                f"UPDATE {table} SET {column} = {column}",
                f"DELETE FROM {table}",
                f"TRUNCATE {table} CASCADE",
            ):
                if statement[0] != "T" and role == "owner" and not found.value(f"SELECT count(*) FROM {table}"):
                    continue  # nothing there to edit
                with pytest.raises(refused):
                    found.execute(statement)


def _any_column(books: Books, table: str) -> str:
    return str(
        books.value(
            "SELECT attname FROM pg_attribute WHERE attrelid = %(t)s::regclass AND attnum > 0"
            " AND attidentity = '' ORDER BY attnum LIMIT 1",
            t=table,
        )
    )


def test_a_superseded_fact_stays_superseded(places: Books) -> None:
    close = "UPDATE person_record SET known = tstzrange(lower(known), now()) WHERE person_id = 1"
    with places.transaction():
        places.execute(close)
        for statement in (close, "UPDATE person_record SET known = tstzrange(lower(known), NULL) WHERE person_id = 1"):
            with pytest.raises(errors.RestrictViolation), places.transaction():
                places.execute(statement)
        raise psycopg.Rollback
    with pytest.raises(errors.RestrictViolation):
        places.execute("UPDATE person_record SET known = tstzrange('2020-01-01', now()) WHERE person_id = 2")


# ---- the journal ------------------------------------------------------------------------------

BALANCED = [Posting("employee_pension", "bank_income", 100), Posting("employee_pension", "prepayments", -100)]


@pytest.fixture
def opened(books: Books) -> Books:
    """March 2025 of Guangdong, open."""
    add_offices(books, [(GUANGDONG, 1, "广东", None)])
    books.ensure_months([MARCH])
    books.execute("INSERT INTO period_event VALUES (44, %(m)s, 0, 'opened', 'A')", m=MARCH)
    return books


@pytest.mark.parametrize("role", ["run", "owner"])
def test_an_entry_that_does_not_balance_is_not_committed(opened: Books, role: Any) -> None:
    with opened.transaction():
        post(opened, 44, MARCH, [Entry("first", "t", "t", BALANCED)])
    insert = (
        "INSERT INTO journal_entry (region, number, booked, key, step, text) VALUES (44,"
        " 2, '2025-03-01', 'second', 't', 't')"
    )
    with connect(role) as other:
        for amounts in ([], [5], [5, -4]):
            with pytest.raises(errors.CheckViolation, match="balance"), other.transaction():  # noqa: PT012 (at the end)
                other.execute(insert)
                for line, amount in enumerate(amounts, 1):
                    other.execute(
                        "INSERT INTO posting VALUES (44, 2, %(l)s, '44.employee_pension.bank_income', %(a)s)",
                        l=line,
                        a=amount,
                    )
    assert opened.value("SELECT count(*) FROM journal_entry") == 1


def test_the_ledger_refuses_before_the_database_does(opened: Books) -> None:
    with pytest.raises(BooksError):
        post(opened, 44, MARCH, [Entry("k", "t", "t", BALANCED[:1])])


@pytest.mark.parametrize("role", ["run", "owner"])
def test_a_sealed_entry_takes_no_more_postings(opened: Books, role: Any) -> None:
    with opened.transaction():
        post(opened, 44, MARCH, [Entry("first", "t", "t", BALANCED)])
    with connect(role) as other, pytest.raises(errors.RestrictViolation, match="sealed"):
        other.execute(
            "INSERT INTO posting VALUES (44, 1, 3, '44.employee_pension.bank_income', 5), (44,"
            " 1, 4, '44.employee_pension.bank_income', -5)"
        )


def test_the_same_event_is_booked_once(opened: Books) -> None:
    with opened.transaction():
        post(opened, 44, MARCH, [Entry("first", "t", "t", BALANCED)])
    with pytest.raises(errors.UniqueViolation), opened.transaction():
        post(opened, 44, MARCH, [Entry("first", "t", "t", BALANCED)])


# ---- movements that cannot be -----------------------------------------------------------------

PAYMENT = """INSERT INTO payment (month, person_id, benefit, version, scheme, region, area, booked, amount,
                     bank_account_id, batch)
    VALUES ('2025-03-01', 1, 'employee_pension', 0, 'employee_pension', 44, 440000000000, '2025-03-01', 100, 1, 1)"""


def test_the_same_payment_is_booked_once(opened: Books) -> None:
    opened.execute(PAYMENT)
    with pytest.raises(errors.UniqueViolation):
        opened.execute(PAYMENT)


def test_a_closed_month_takes_no_rows(opened: Books) -> None:
    opened.execute("INSERT INTO period_event VALUES (44, %(m)s, 0, 'closed', 'A')", m=MARCH)
    for role in ("run", "owner"):
        with connect(role) as other:  # type: ignore[arg-type]
            for table in ("", "_2025_03"):
                with pytest.raises((errors.RestrictViolation, errors.InsufficientPrivilege)):
                    other.execute(PAYMENT.replace("INTO payment", f"INTO payment{table}"))
    with pytest.raises(errors.RestrictViolation, match="closed"), opened.transaction():
        post(opened, 44, MARCH, [Entry("late", "t", "t", BALANCED)])


def test_a_reopened_month_takes_rows_again(opened: Books) -> None:
    opened.execute("INSERT INTO period_event VALUES (44, %(m)s, 0, 'closed', 'A')", m=MARCH)
    opened.execute("INSERT INTO period_event VALUES (44, %(m)s, 1, 'reopened', 'A', 'a mistake')", m=MARCH)
    opened.execute(PAYMENT)


def test_participation_does_not_overlap(opened: Books) -> None:
    registrar = Registrar(opened, 44, "t")
    person = registrar.register_person(NUMBER, "张三", "men60")
    registrar.join(person, ["employee_pension"], "flexible", dt.date(2025, 1, 1), chosen_base=500_000)
    with pytest.raises(BooksError, match="重叠"):
        registrar.join(person, ["employee_pension"], "flexible", dt.date(2024, 1, 1), chosen_base=500_000)
    for role in ("run", "owner"):
        with connect(role) as other, pytest.raises(errors.ExclusionViolation):  # type: ignore[arg-type]
            other.execute(
                """INSERT INTO participation (person_id, scheme, version, region, area, valid, booked, kind,
                                              chosen_base, source)
                   VALUES (%(p)s, 'employee_pension', 7, 44, 440000000000, '[2024-06-01,2025-02-01)',
                           '2025-03-01', 'flexible', 1, 't')""",
                p=person,
            )


def test_a_second_officer_with_the_duty_approves(opened: Books) -> None:
    for officer, duties in (("P", ["run", "approve"]), ("L", ["look"]), ("Q", ["approve"])):
        add_officer(opened, officer, "某", GUANGDONG, duties)
    opened.execute(
        """INSERT INTO payment_batch (region, number, area, booked, scheme, message_id, executes_on, lines, amount,
                                      proposed_by)
           VALUES (44, 1, 440000000000, '2025-03-01', 'employee_pension', 'm', '2025-03-15', 1, 100, 'P')"""
    )
    event = """INSERT INTO batch_event (region, number, event, area, officer, booked)
               VALUES (44, 1, %(event)s::batch_event_kind, 440000000000, %(officer)s, '2025-03-01')"""
    for role in ("run", "owner"):
        with connect(role) as other:  # type: ignore[arg-type]
            for kind, officer in (
                ("approved", "P"),
                ("approved", "L"),
                ("approved", "nobody"),
                ("sent", "Q"),
                ("settled", "P"),
            ):
                with pytest.raises(errors.CheckViolation):
                    other.execute(event, event=kind, officer=officer)
    opened.execute(event, event="approved", officer="Q")
    opened.execute(event, event="sent", officer="P")
    with pytest.raises(errors.UniqueViolation):
        opened.execute(event, event="approved", officer="Q")
