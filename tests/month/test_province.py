"""A province put into empty books: it stands, it adds up, and it is the same every time."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from database import copied
from stdnum import luhn
from stdnum.cn import uscc

from shebao.books import Books, BooksError, connect
from shebao.intake import read_payroll
from shebao.month.opening import Opened, declare_month, open_province, payroll_files
from shebao.month.opening.employers import headcounts

REGION, MONTH, PEOPLE = 11, dt.date(2025, 1, 1), 2_000
FACTS = (
    *("person_record", "employer_record", "participation", "career", "entitlement"),
    *("account_movement", "account_year"),
)


@pytest.fixture
def other_books(books: Books, template: str) -> Iterator[Books]:
    """A second database, as empty as the first."""
    with copied(template), connect("run") as other:
        yield other


@pytest.fixture
def opened(books: Books) -> Opened:
    return open_province(books, REGION, MONTH, PEOPLE)


def test_everybody_stands_in_the_registry_and_the_insured_have_an_account(books: Books, opened: Opened) -> None:
    assert books.value("SELECT count(*) FROM person_now WHERE region = 11") == PEOPLE == opened.people
    without = """SELECT count(*) FROM participation p WHERE p.region = 11 AND NOT EXISTS (
                     SELECT FROM bank_account_now b WHERE b.person_id = p.person_id)"""
    assert books.value(without) == 0
    kinds = dict(books.rows("SELECT kind::text, count(DISTINCT person_id) FROM participation GROUP BY 1"))
    assert kinds.keys() == {"employee", "flexible", "resident", "retired"}
    assert books.value("SELECT count(*) FROM person_record WHERE area / 10000000000 <> 11") == 0


def test_numbers_pass_their_checks(books: Books, opened: Opened) -> None:
    codes = [row[0] for row in books.rows("SELECT credit_code FROM employer")]
    assert len(codes) == opened.employers > 10
    assert all(uscc.is_valid(code) for code in codes)
    assert all(luhn.is_valid(row[0]) for row in books.rows("SELECT number FROM bank_account LIMIT 500"))


def test_the_journal_holds_what_the_accounts_hold(books: Books, opened: Opened) -> None:
    assert books.value("SELECT sum(amount)::bigint FROM posting") == 0
    for scheme in ("employee_pension", "resident_pension"):
        held = books.value("SELECT sum(amount)::bigint FROM account_entry WHERE scheme = %(s)s::scheme", s=scheme)
        booked = books.value(
            "SELECT sum(amount)::bigint FROM posting WHERE account = %(a)s", a=f"11.{scheme}.individual_accounts"
        )
        assert held == -booked > 0
        bank = books.value(
            "SELECT sum(amount)::bigint FROM posting WHERE account = %(a)s", a=f"11.{scheme}.bank_fiscal"
        )
        assert bank == opened.reserves[scheme] > 0


def test_pensions_are_what_they_are_made_of_and_their_account_part_fits(books: Books, opened: Opened) -> None:
    wrong = """SELECT count(*) FROM entitlement e WHERE amount <> (SELECT sum(v::bigint) FROM
        jsonb_each_text(components) AS c (k, v))
               OR account_part <> coalesce((components ->> 'account_pension')::bigint, 0) OR account_part > amount"""
    assert books.value(wrong) == 0
    assert books.value("SELECT count(*) FROM entitlement") > 100
    overdrawn = """SELECT count(*) FROM entitlement e JOIN (SELECT person_id, scheme, sum(amount) AS held FROM
        account_entry GROUP BY 1, 2) a
                   ON a.person_id = e.person_id AND a.scheme::text = e.benefit::text WHERE e.account_part > a.held"""
    assert books.value(overdrawn) == 0


def test_indexes_and_constraints_are_back(books: Books, opened: Opened) -> None:
    found = Counter(
        row[0] for row in books.rows("SELECT conrelid::regclass::text FROM pg_constraint WHERE contype = 'x'")
    )
    assert {"person_record", "participation", "entitlement", "employer_record"} <= found.keys()
    assert books.rows("SELECT to_regclass('participation_employer'), to_regclass('person_record_name')") != [
        (None, None)
    ]
    with pytest.raises(Exception, match="participation_overlap"):
        books.execute(
            """INSERT INTO participation (person_id, scheme, version, region, area, valid, booked, kind, employer_id,
                source)
               SELECT person_id, scheme, 9, region, area, valid, booked, kind, employer_id, 'twice' FROM participation
               WHERE kind = 'employee' LIMIT 1"""
        )


def test_the_same_seed_gives_the_same_province(books: Books, other_books: Books, opened: Opened) -> None:
    open_province(other_books, REGION, MONTH, PEOPLE)
    for table in FACTS:
        digest = f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM (SELECT * FROM {table}) AS t"
        columns = [
            r[0]
            for r in books.rows("SELECT column_name FROM information_schema.columns WHERE table_name = %(t)s", t=table)
        ]
        kept = ", ".join(name for name in columns if name not in ("known", "recorded_at"))
        digest = digest.replace("*", kept)
        assert books.value(digest) == other_books.value(digest), table


def test_a_region_opens_once_and_a_failed_opening_leaves_nothing(books: Books, opened: Opened) -> None:
    with pytest.raises(BooksError, match="open already"):
        open_province(books, REGION, MONTH, 100)
    with pytest.raises(BooksError, match="not known"):
        open_province(books, 71, MONTH, 100)
    assert books.value("SELECT count(*) FROM period_event") == 1


def test_a_second_province_joins_the_first(books: Books, opened: Opened) -> None:
    other = open_province(books, 31, MONTH, 500)
    assert other.people == 500
    assert books.value("SELECT count(*) FROM person") == PEOPLE + 500
    assert books.value("SELECT count(DISTINCT region) FROM participation") == 2


def test_employers_declare_for_all_their_employees(books: Books, opened: Opened) -> None:
    rows = declare_month(books, REGION, MONTH)
    assert rows == books.value(
        "SELECT count(*) FROM participation WHERE scheme = 'employee_pension' AND kind = 'employee'"
    )
    assert books.value("SELECT min(wage) FROM declaration") > 0
    assert books.value("SELECT rows FROM import_file") == rows


def test_a_file_of_an_employer_reads_as_what_it_declares(books: Books, opened: Opened, tmp_path: Path) -> None:
    (employer, heads), *_ = books.rows(
        """SELECT employer_id, count(*) FROM participation WHERE scheme = 'employee_pension' AND kind = 'employee'
           GROUP BY 1 ORDER BY 2 DESC LIMIT 1"""
    )
    (path,) = payroll_files(books, REGION, MONTH, [employer], tmp_path)
    file = read_payroll(path, name=path.name)
    assert file.rows.num_rows == heads
    assert file.months == [MONTH]


def test_declaring_nothing_for_some_employers_leaves_them_out(books: Books, opened: Opened) -> None:
    (employer,) = books.one("SELECT min(employer_id) FROM participation")
    declare_month(books, REGION, MONTH, without=[employer])
    assert books.value("SELECT count(*) FROM declaration WHERE employer_id = %(e)s", e=employer) == 0


@pytest.mark.parametrize("size", ["micro_small_medium", "large", "public_body"])
@pytest.mark.parametrize("employees", [0, 1, 5, 299, 10_000])
def test_headcounts_add_up(size: str, employees: int) -> None:
    heads = headcounts(employees, size, np.random.Generator(np.random.PCG64(3)))
    assert heads.sum() == employees
    assert (heads > 0).all()
