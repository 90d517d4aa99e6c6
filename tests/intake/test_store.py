"""A file enters the books whole, once, and every row of it is accounted for."""

from __future__ import annotations

import datetime as dt
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sentfiles import CODE, HEADINGS, citizen, text, xlsx
from stdnum.cn import uscc

from shebao.books import Books, BooksError, connect
from shebao.books.registry import Registrar, add_officer, add_offices
from shebao.intake import IntakeError, write_rejects
from shebao.intake.store import ImportReport, declare, import_payroll, import_persons

OTHER_CODE = "91440101231312112" + uscc.calc_check_digit("91440101231312112")
PROVINCE, CITY = 440000000000, 440100000000
JANUARY, MARCH = dt.date(2025, 1, 1), dt.date(2025, 3, 1)
WIDE = [*HEADINGS, "入职日期", "离职日期", "险种"]


def row(
    serial: int,
    wage: object = 8000,
    month: str = "2025-03",
    hired: str = "",
    left: str = "",
    schemes: str = "",
    **other: str,
) -> list[object]:
    """A row of a declaration; `name` and `code` differ from the usual where given."""
    return [other.get("name", "张三"), citizen(serial), other.get("code", CODE), month, wage, hired, left, schemes]


def sheet(*rows: list[object]) -> bytes:
    return text([WIDE, *rows])


def send(books: Books, data: bytes, **options: object) -> ImportReport:
    return import_payroll(books, data, name="工资.csv", region=44, officer="A", **options)  # type: ignore[arg-type]


@pytest.fixture
def people(books: Books) -> dict[int, int]:
    """Books of Guangdong open from January to March 2025; ten men, 1 to 5 hired by CODE in February. Serial -> id."""
    add_offices(books, [(PROVINCE, 1, "广东", None), (CITY, 2, "广州", PROVINCE), (430000000000, 1, "湖南", None)])
    add_officer(books, "A", "甲", PROVINCE, ["register"])
    add_officer(books, "B", "乙", 430000000000, ["register"])
    add_officer(books, "C", "丙", PROVINCE, ["look"])
    months = [JANUARY, dt.date(2025, 2, 1), MARCH]
    books.ensure_months(months)
    for month in months:
        books.execute("INSERT INTO period_event VALUES (44, %(m)s, 0, 'opened', 'A')", m=month)
    for month in months[:2]:
        books.execute("INSERT INTO period_event VALUES (44, %(m)s, 0, 'closed', 'A')", m=month)
    registrar = Registrar(books, 44, "test")
    firm = registrar.register_employer(CODE, "第一公司", "large", 1, area=CITY)
    registrar.register_employer(OTHER_CODE, "第二公司", "large", 1, area=CITY)
    found = {n: registrar.register_person(citizen(n), "张三", "men60", area=CITY) for n in range(1, 20, 2)}
    for n in (1, 3, 5, 7, 9):
        registrar.hire(found[n], firm, dt.date(2025, 2, 1))
    return found


def declared(books: Books, month: dt.date = MARCH) -> dict[int, tuple[int, bool, int]]:
    """Person -> wage, whether withdrawn, and version, as the latest version says."""
    rows = books.rows(
        "SELECT DISTINCT ON (person_id) person_id, wage, withdrawn, version FROM declaration WHERE month = %(m)s "
        "ORDER BY person_id, version DESC",
        m=month,
    )
    return {person: (wage, withdrawn, version) for person, wage, withdrawn, version in rows}


def adds_up(books: Books, report: ImportReport) -> None:
    assert report.accepted + report.adjusted + report.rejected == report.rows
    kept = books.rows(
        "SELECT outcome::text, count(*) FROM import_row WHERE file_id = %(f)s GROUP BY 1", f=report.file_id
    )
    assert dict(kept) == {k: v for k, v in (("adjusted", report.adjusted), ("rejected", report.rejected)) if v}


# ---- what stands ------------------------------------------------------------------------------


def test_a_declaration_is_stored_as_declared(books: Books, people: dict[int, int]) -> None:
    report = send(books, sheet(row(1), row(3, "1,234.56"), row(5, 99_999)))
    assert (report.accepted, report.adjusted, report.rejected) == (1, 2, 0)
    assert declared(books) == {
        people[1]: (800_000, False, 0),
        people[3]: (123_456, False, 0),
        people[5]: (9_999_900, False, 0),
    }
    assert report.reasons == {"base_below_floor": 1, "base_above_cap": 1}
    adds_up(books, report)


def test_the_base_of_the_law_is_told_beside_the_declared(books: Books, people: dict[int, int]) -> None:
    (finding,) = send(books, sheet(row(1, 99_999))).findings
    assert "99999.00" in finding.zh
    assert "27501.00" in finding.en, "the cap of Guangdong in March 2025"


def test_what_is_rejected_is_not_stored_and_says_why(books: Books, people: dict[int, int]) -> None:
    Registrar(books, 44, "test").record_death(people[9], dt.date(2025, 2, 20))
    cases = {
        "name_differs": row(1, name="李四"),
        "unknown_person": row(21),
        "unknown_employer": row(3, code="91440101231312113" + uscc.calc_check_digit("91440101231312113")),
        "no_participation": row(11),
        "month_closed": row(5, month="2025-04"),
        "citizen_number_check": [
            "张三",
            citizen(7)[:-1] + ("1" if citizen(7)[-1] != "1" else "2"),
            CODE,
            "2025-03",
            1,
            "",
            "",
            "",
        ],
        "dead": row(9),
        "left_before_month": row(7, left="2025-02-10"),
        "law_refuses": row(3, 99_000_000),
        "scheme_elsewhere": row(5, schemes="医疗"),
    }
    for reason, one in cases.items():
        report = send(books, sheet(one))
        assert report.reasons == {reason: 1}, reason
        assert report.rejected == 1
        adds_up(books, report)
    assert not declared(books)


def test_the_wrong_person_is_named_by_both_names(books: Books, people: dict[int, int]) -> None:
    (finding,) = send(books, sheet(row(1, name="李四"))).findings
    assert "李四" in finding.zh
    assert "张三" in finding.zh
    assert books.value("SELECT count(*) FROM person_record WHERE name = '李四'") == 0


def test_the_retired_are_not_declared(books: Books, people: dict[int, int]) -> None:
    books.execute(
        "INSERT INTO entitlement (person_id, benefit, version, region, area, valid, booked,"
        " amount, components, reason) "
        "VALUES (%(p)s, 'employee_pension', 0, 44, %(a)s, '[2025-01-01,)', '2025-03-01', 100, '{}', 'age')",
        p=people[1],
        a=CITY,
    )
    assert send(books, sheet(row(1))).reasons == {"retired": 1}


def test_months_before_the_books_are_refused(books: Books, people: dict[int, int]) -> None:
    assert send(books, sheet(row(1, month="2024-12"), row(3, month="1995-01"))).reasons == {"month_closed": 2}


def test_an_officer_registers_only_where_the_office_is(books: Books, people: dict[int, int]) -> None:
    for officer in ("B", "C", "nobody"):
        with pytest.raises(BooksError):
            import_payroll(books, sheet(row(1)), name="x", region=44, officer=officer)
    assert books.value("SELECT count(*) FROM import_file") == 0


def test_an_office_of_a_city_registers_only_its_own(books: Books, people: dict[int, int]) -> None:
    add_offices(books, [(440300000000, 2, "深圳", PROVINCE)])
    add_officer(books, "S", "丁", 440300000000, ["register"])
    report = import_payroll(books, sheet(row(1)), name="x", region=44, officer="S")
    assert report.reasons == {"other_office": 1}


# ---- hires and leavers ------------------------------------------------------------------------


def spans(books: Books, person: int, scheme: str = "employee_pension") -> list[str]:
    found = books.rows(
        "SELECT valid::text FROM participation_now WHERE person_id = %(p)s AND scheme = %(s)s::scheme ORDER BY valid",
        p=person,
        s=scheme,
    )
    return [valid for (valid,) in found]


def test_a_hire_date_begins_a_participation(books: Books, people: dict[int, int]) -> None:
    report = send(books, sheet(row(11, hired="2025-03-10")))
    assert (report.accepted, report.changes["hired"]) == (1, 3)
    assert spans(books, people[11]) == spans(books, people[11], "work_injury") == ["[2025-03-10,)"]


def test_one_hire_serves_all_months_of_the_file(books: Books, people: dict[int, int]) -> None:
    rows = [row(11, month=f"2025-0{m}", hired="2025-01-15") for m in (1, 2, 3)]
    report = send(books, sheet(*rows))
    assert (report.accepted, report.adjusted) == (2, 1)  # the hire of January is told late
    assert spans(books, people[11]) == ["[2025-01-15,)"]


def test_a_leaving_date_ends_a_participation(books: Books, people: dict[int, int]) -> None:
    assert send(books, sheet(row(1, left="2025-03-20"))).changes["left"] == 3
    assert spans(books, people[1]) == ["[2025-02-01,2025-03-21)"]
    corrected = send(books, sheet(row(1, left="2025-03-25")))
    assert (corrected.accepted, corrected.changes["unchanged"]) == (1, 1)
    assert spans(books, people[1]) == ["[2025-02-01,2025-03-26)"]


def test_one_file_ends_an_employment_and_begins_the_next(books: Books, people: dict[int, int]) -> None:
    report = send(books, sheet(row(1, left="2025-03-14"), row(1, code=OTHER_CODE, hired="2025-03-15")))
    assert report.accepted == 2
    assert spans(books, people[1]) == ["[2025-02-01,2025-03-15)", "[2025-03-15,)"]


def test_nobody_is_hired_who_takes_part_elsewhere(books: Books, people: dict[int, int]) -> None:
    report = send(books, sheet(row(1, code=OTHER_CODE, hired="2025-03-15")))
    assert report.reasons == {"already_elsewhere": 1}
    assert "第一公司" in report.findings[0].zh
    assert spans(books, people[1]) == ["[2025-02-01,)"]
    assert not declared(books)


def test_two_employers_cannot_hire_the_same_person_in_one_file(books: Books, people: dict[int, int]) -> None:
    report = send(books, sheet(row(11, hired="2025-03-01"), row(11, code=OTHER_CODE, hired="2025-03-01")))
    assert (report.accepted, report.rejected) == (1, 1)
    assert len(spans(books, people[11])) == 1


def test_a_person_leaving_twice_in_one_file_is_told(books: Books, people: dict[int, int]) -> None:
    rows = [row(1, month="2025-02", left="2025-03-10"), row(1, left="2025-03-20")]
    report = send(books, sheet(*rows))
    assert report.reasons == {"other_leaving": 1}
    assert spans(books, people[1]) == ["[2025-02-01,2025-03-11)"]


def test_rows_of_different_schemes_must_agree_on_the_wage(books: Books, people: dict[int, int]) -> None:
    report = send(books, sheet(row(1, schemes="养老"), row(1, schemes="失业"), row(1, 9000, schemes="工伤")))
    assert (report.accepted, report.reasons) == (2, {"other_wage": 1})
    assert declared(books) == {people[1]: (800_000, False, 0)}


# ---- again, corrected, complete ---------------------------------------------------------------


def state(books: Books) -> list[object]:
    tables = ("declaration", "participation", "person", "person_record", "bank_account", "import_file", "import_row")
    return [books.rows(f"SELECT * FROM {t} ORDER BY {t}") for t in tables]


def test_the_same_file_again_changes_nothing(books: Books, people: dict[int, int]) -> None:
    data = sheet(row(1, 99_999), row(3, name="李四"), row(11, hired="2025-03-10"))
    first = send(books, data)
    before = state(books)
    again = send(books, data)
    assert state(books) == before
    assert again.repeated
    assert (again.file_id, again.rows, again.accepted, again.adjusted, again.rejected) == (
        first.file_id, first.rows, first.accepted, first.adjusted, first.rejected,
    )  # fmt: skip
    assert again.findings == first.findings


def test_the_same_bytes_for_another_month_are_another_file(books: Books, people: dict[int, int]) -> None:
    data = text([["姓名", "身份证号", "缴费工资"], ["张三", citizen(1), 8000]])
    first = send(books, data, month="2025-02", credit_code=CODE)
    second = send(books, data, month="2025-03", credit_code=CODE)
    assert (first.accepted, second.accepted, second.repeated) == (1, 1, False)
    assert declared(books) == declared(books, dt.date(2025, 2, 1)) == {people[1]: (800_000, False, 0)}


def test_a_corrected_file_supersedes_only_what_differs(books: Books, people: dict[int, int]) -> None:
    send(books, sheet(row(1), row(3)))
    report = send(books, sheet(row(1), row(3, 9000)))
    assert (report.changes["unchanged"], report.changes["corrected"]) == (1, 1)
    assert declared(books) == {people[1]: (800_000, False, 0), people[3]: (900_000, False, 1)}


def test_a_complete_file_withdraws_who_is_missing(books: Books, people: dict[int, int]) -> None:
    send(books, sheet(row(1), row(3), row(5)))
    report = send(books, sheet(row(1), row(5, "eight thousand")), replace=True)
    assert report.changes["withdrawn"] == 1
    assert declared(books)[people[3]] == (800_000, True, 1)
    assert declared(books)[people[5]] == (800_000, False, 0), "who is rejected is not missing"
    back = send(books, sheet(row(1), row(3), row(5)), replace=True)
    assert declared(books)[people[3]] == (800_000, False, 2)
    assert back.changes["corrected"] == 1


def test_nobody_is_withdrawn_while_a_row_may_be_about_anybody(books: Books, people: dict[int, int]) -> None:
    send(books, sheet(row(1), row(3)))
    report = send(books, sheet(row(1), ["张三", "44010619900307", CODE, "2025-03", 1, "", "", ""]), replace=True)
    assert (report.changes["withdrawn"], report.changes["not_withdrawn"]) == (0, 1)
    assert not declared(books)[people[3]][1]


def test_a_dry_run_tells_and_keeps_nothing(books: Books, people: dict[int, int]) -> None:
    before = state(books)
    data = sheet(row(1, 99_999), row(11, hired="2025-03-10"))
    tried = send(books, data, dry_run=True)
    assert state(books) == before
    done = send(books, data)
    assert (tried.accepted, tried.adjusted, tried.changes) == (done.accepted, done.adjusted, done.changes)


def test_a_table_is_declared_like_a_file(books: Books, people: dict[int, int]) -> None:
    table = pa.table(
        {
            "citizen_number": [citizen(1), citizen(11), citizen(3)],
            "name": ["张三", "张三", "李四"],
            "credit_code": [CODE] * 3,
            "month": [MARCH] * 3,
            "wage_fen": [800_001, 900_000, 1],
            "hired_on": pa.array([None, dt.date(2025, 3, 3), None], pa.date32()),
        }
    )
    report = declare(books, table, name="接口", region=44, officer="A")
    assert (report.accepted, report.rejected, report.reasons) == (2, 1, {"name_differs": 1})
    assert declared(books) == {people[1]: (800_001, False, 0), people[11]: (900_000, False, 0)}
    with pytest.raises(IntakeError):
        declare(books, table.drop_columns(["wage_fen"]), name="接口", region=44, officer="A")


def test_rejects_come_back_and_can_be_sent_again(books: Books, people: dict[int, int], tmp_path: Path) -> None:
    report = send(books, sheet(row(1), row(21), row(3, 99_999)))
    target = tmp_path / "back.xlsx"
    assert report.file is not None
    assert write_rejects(target, report.file, report.findings, adjusted=False) == 1  # type: ignore[arg-type]
    Registrar(books, 44, "test").register_person(citizen(21), "张三", "men60", area=CITY)
    assert import_payroll(books, target, name="back.xlsx", region=44, officer="A").reasons == {"no_participation": 1}


def test_a_kept_row_has_every_cell_under_a_name_of_its_own(books: Books, people: dict[int, int]) -> None:
    send(books, text([[*WIDE, "备注", "备注#11", "备注"], [*row(21), "一", "二", "三"]]))
    raw = books.value("SELECT raw FROM import_row")
    assert [raw[name] for name in ("备注", "备注#11", "备注#11#11")] == ["一", "二", "三"]
    assert len(raw) == len(WIDE) + 3


def test_the_number_of_statements_does_not_grow(books: Books, people: dict[int, int]) -> None:
    send(books, sheet(row(1)))  # what a connection asks once
    sent = []
    for rows in ([row(3)], [row(n, 8000 + n, hired="2025-03-01") for n in range(1, 400, 2)]):
        before = books.statements
        send(books, sheet(*rows))
        sent.append(books.statements - before)
    assert sent[0] == sent[1] < 30


# ---- hostile ----------------------------------------------------------------------------------

CELLS = st.one_of(
    st.sampled_from(
        [
            "张三",
            "李四",
            CODE,
            OTHER_CODE,
            "2025-03",
            "2025-02",
            "2025.10",
            "8000",
            "-1",
            "",
            "1e9",
            "\0",
            "\ud800",
            "合计",
        ]
    ),
    st.sampled_from([citizen(n) for n in range(1, 30, 2)]),
    st.dates(dt.date(2024, 12, 1), dt.date(2025, 5, 1)).map(str),
    st.text(max_size=6),
    st.decimals(0, 50_000, places=2).map(str),
)
ROWS = st.lists(
    st.one_of(
        st.lists(CELLS, min_size=8, max_size=8),
        st.builds(
            row,
            st.sampled_from(range(1, 24, 2)),
            st.sampled_from([8000, 9000, 99_999, 100]),
            st.sampled_from(["2025-01", "2025-02", "2025-03", "2025-04"]),
            st.sampled_from(["", "2025-01-10", "2025-03-05"]),
            st.sampled_from(["", "2025-02-20", "2025-03-20"]),
            st.sampled_from(["", "", "养老", "失业", "医疗"]),
            code=st.sampled_from([CODE, OTHER_CODE]),
        ),
    ),
    min_size=1,
    max_size=12,
)


@given(rows=ROWS, replace=st.booleans())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_sent_every_row_is_accounted_for(
    books: Books, people: dict[int, int], rows: list[list[object]], replace: bool
) -> None:
    try:
        report = send(books, xlsx([WIDE, *([str(c).replace("\ud800", "?") for c in r] for r in rows)]), replace=replace)
    except IntakeError:
        return
    adds_up(books, report)
    rejected = {one.row_number for one in report.findings if one.reason.outcome.en == "rejected"}
    stored = {n for (n,) in books.rows("SELECT row_number FROM declaration WHERE file_id = %(f)s", f=report.file_id)}
    assert not stored & rejected
    latest = books.value(
        "SELECT count(*) FROM declaration d LEFT JOIN participation p ON p.person_id ="
        " d.person_id AND p.employer_id = d.employer_id "
        "AND p.valid && daterange(d.month, (d.month + interval '1 month')::date) WHERE p.person_id IS NULL"
    )
    assert latest == 0, "nobody is declared who never took part"


def test_text_that_a_database_cannot_hold_is_kept_in_a_readable_form(books: Books, people: dict[int, int]) -> None:
    report = send(books, sheet(row(1, name="张\x01三")))
    adds_up(books, report)
    assert report.rejected == 1


STORE = """
import sys
from shebao.books import connect
from shebao.intake.store import import_payroll
with connect("run") as books:
    print("begun", flush=True)
    import_payroll(books, sys.argv[1], name="big.csv", region=44, officer="A")
"""


def test_a_killed_import_leaves_nothing(books: Books, people: dict[int, int], tmp_path: Path) -> None:
    registrar = Registrar(books, 44, "test")
    persons = text(
        [["姓名", "身份证号", "区划代码"], *(["张三", citizen(n, "19800101"), "440106"] for n in range(1, 999, 2))]
    )
    import_persons(books, persons, name="p.csv", region=44, officer="A")
    assert registrar.person_id(citizen(1, "19800101"))
    file = tmp_path / "big.csv"
    file.write_bytes(
        sheet(
            *(["张三", citizen(n, "19800101"), CODE, "2025-03", 8000, "2025-03-01", "", ""] for n in range(1, 999, 2))
        )
    )
    before = state(books)
    for wait in (0.0, random.Random(1).uniform(0.2, 0.5)):
        with subprocess.Popen(
            [sys.executable, "-c", STORE, str(file)], stdout=subprocess.PIPE, env=os.environ
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            with connect("owner") as other, other.transaction():  # holds the end of the import back until it is killed
                other.execute("LOCK TABLE import_file IN SHARE MODE")
                time.sleep(wait)
                process.kill()
                process.wait()
        _wait_until_gone(books)
        assert state(books) == before
    assert import_payroll(books, file, name="big.csv", region=44, officer="A").accepted == 499


def _wait_until_gone(books: Books) -> None:
    until = time.monotonic() + 10
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    while books.value(others) and time.monotonic() < until:
        time.sleep(0.05)


def test_two_imports_at_once_wait_for_each_other(books: Books, people: dict[int, int]) -> None:
    with connect("run") as other, other.transaction():
        import_payroll(other, sheet(row(1)), name="x", region=44, officer="A")
        books.execute("SET lock_timeout = '100ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            send(books, sheet(row(1, 9000)))
    assert send(books, sheet(row(1, 9000))).changes["corrected"] == 1


# ---- person registers -------------------------------------------------------------------------

REGISTER = ["姓名", "公民身份号码", "区划代码", "手机号", "户籍地", "银行账号", "开户行"]


def register(books: Books, *rows: list[object], **options: object) -> ImportReport:
    return import_persons(books, text([REGISTER, *rows]), name="人员.csv", region=44, officer="A", **options)  # type: ignore[arg-type]


def test_new_people_are_registered_and_known_ones_corrected(books: Books, people: dict[int, int]) -> None:
    report = register(
        books,
        ["李明", citizen(31), "440106", "", "4301", "62220200000001", "102581000013"],
        ["张三", citizen(1), "440106", "13800138000", "", "", ""],
    )
    assert (report.accepted, report.changes["registered"], report.changes["corrected"]) == (2, 1, 1)
    known = books.one("SELECT version, name, phone, area FROM person_now WHERE person_id = %(p)s", p=people[1])
    assert known == (1, "张三", "13800138000", 440106000000)
    new = books.one(
        "SELECT name, sex::text, birth_date, hukou_region, category::text FROM person_now WHERE number = %(n)s",
        n=citizen(31),
    )
    assert new == ("李明", "male", dt.date(1990, 3, 7), 43, "men60")
    assert books.value("SELECT bank_code FROM bank_account_now") == "102581000013"


def test_a_blank_cell_leaves_what_is_known(books: Books, people: dict[int, int]) -> None:
    register(books, ["张三", citizen(1), "440106", "13800138000", "", "", ""])
    report = register(books, ["张三", citizen(1), "440106", "", "", "", ""])
    assert report.changes["unchanged"] == 1
    assert books.value("SELECT phone FROM person_now WHERE person_id = %(p)s", p=people[1]) == "13800138000"


def test_another_name_never_overwrites_a_person(books: Books, people: dict[int, int]) -> None:
    report = register(books, ["李四", citizen(1), "440106", "13800138000", "", "62220200000001", "102581000013"])
    assert report.reasons == {"name_differs": 1}
    assert books.one("SELECT name, phone FROM person_now WHERE person_id = %(p)s", p=people[1]) == ("张三", None)
    assert books.value("SELECT count(*) FROM bank_account") == 0


def test_a_new_woman_needs_a_category(books: Books, people: dict[int, int]) -> None:
    one = ["李梅", citizen(32), "440106", "", "", "", ""]
    assert register(books, one).reasons == {"category_missing": 1}
    assert register(books, one, women="women50").changes["registered"] == 1
    assert books.value("SELECT category::text FROM person_now WHERE number = %(n)s", n=citizen(32)) == "women50"
    with pytest.raises(BooksError):
        register(books, one, women="men60")


def test_an_account_without_the_code_of_its_bank_is_told(books: Books, people: dict[int, int]) -> None:
    report = register(books, ["李明", citizen(31), "440106", "", "", "62220200000001", "工商银行"])
    assert (report.adjusted, report.reasons) == (1, {"bank_code_missing": 1})
    assert books.value("SELECT count(*) FROM bank_account") == 0


def test_a_new_account_supersedes_the_old(books: Books, people: dict[int, int]) -> None:
    for account in ("62220200000001", "62220200000002"):
        register(books, ["张三", citizen(1), "440106", "", "", account, "102581000013"])
    assert books.rows("SELECT number FROM bank_account_now") == [("62220200000002",)]
    assert books.value("SELECT count(*) FROM bank_account") == 2


def test_people_of_another_province_are_not_touched(books: Books, people: dict[int, int]) -> None:
    report = register(books, ["李明", citizen(31), "430102", "", "", "", ""])
    assert report.reasons == {"other_office": 1}


def test_a_hire_told_after_the_days_of_the_law_is_taken_and_said_to_be_late(
    books: Books, people: dict[int, int]
) -> None:
    """社会保险法 五十八: within thirty days of the hire; the books are at March 2025."""
    report = send(books, sheet(row(11, hired="2025-03-02"), row(13, hired="2025-02-03")))
    assert (report.accepted, report.adjusted, report.rejected) == (1, 1, 0)
    assert [(one.row_number, one.code) for one in report.findings] == [(3, "late_registration")]
