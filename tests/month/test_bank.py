"""Orders and the bank's answers: a second officer, one file, every answer found by its key and booked once."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from pathlib import Path

import pytest
from smallbooks import MARCH, Province, province

from shebao.bank.simulate import REJECTED, RETURNED, SETTLED, Bank, Outcome
from shebao.books import Books, BooksError, connect
from shebao.month.answers import AnswerReport, import_bank_file
from shebao.month.orders import approve, orders, refuse
from shebao.month.pay import pay

APRIL = dt.date(2025, 4, 1)
NOON = dt.datetime(2025, 3, 15, 12)
ACCOUNT = "4400000000001"


@pytest.fixture
def guangdong(books: Books) -> Province:
    made = province(books)
    for amount in (300_000, 200_000, 100_000):
        made.entitle(made.person(), amount)
    made.step("pay", pay)
    return made


def send(guangdong: Province, out: Path, month: dt.date = MARCH) -> bytes:
    ((file, _),) = approve(guangdong.books, 44, month, "B", out)
    return file.read_bytes()


def forgotten(guangdong: Province, out: Path) -> bytes:
    """The file of an approval that the books then know nothing of."""
    with guangdong.books.connection.transaction(force_rollback=True):
        return send(guangdong, out)


def bank(*outcomes: Outcome) -> Bank:
    left = list(outcomes)
    return Bank(ACCOUNT, 10**9, lambda _: left.pop(0) if left else SETTLED)


def read(guangdong: Province, data: bytes) -> AnswerReport:
    found = import_bank_file(guangdong.books, data, "answer.xml", "A")
    assert isinstance(found, AnswerReport)
    return found


def test_the_proposer_may_not_approve_nor_one_without_the_duty(guangdong: Province, tmp_path: Path) -> None:
    for officer in ("A", "C"):
        with pytest.raises(BooksError, match=r"batch 1|no duty"):
            approve(guangdong.books, 44, MARCH, officer, tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert guangdong.books.value("SELECT count(*) FROM batch_event") == 0


def test_the_file_is_known_by_its_hash_and_can_be_written_again(guangdong: Province, tmp_path: Path) -> None:
    data = send(guangdong, tmp_path)
    (order,) = orders(guangdong.books, 44, MARCH)
    assert order.message_id == "SB44-202503-000001"
    assert order.events["sent"].endswith(hashlib.sha256(data).hexdigest())
    assert b"<EndToEndId>202503-000000000001-EP-00-1</EndToEndId>" in data
    assert guangdong.balance("bank_expenditure") == 600_000
    (tmp_path / "SB44-202503-000001.xml").unlink()
    assert send(guangdong, tmp_path) == data
    assert send(guangdong, tmp_path) == data
    assert guangdong.balance("bank_expenditure") == 600_000
    (tmp_path / "SB44-202503-000001.xml").write_bytes(data + b" ")
    with pytest.raises(BooksError, match="not the file of batch"):
        approve(guangdong.books, 44, MARCH, "B", tmp_path)


def test_who_approves_names_the_day_on_which_the_bank_pays(guangdong: Province, tmp_path: Path) -> None:
    def send_on(day: dt.date | None) -> bytes:
        ((file, _),) = approve(guangdong.books, 44, MARCH, "B", tmp_path, day)
        return file.read_bytes()

    friday = dt.date(2025, 4, 11)
    data = send_on(friday)
    assert b"<ReqdExctnDt><Dt>2025-04-11</Dt></ReqdExctnDt>" in data
    assert b"<CreDtTm>2025-03-01" in data
    (order,) = orders(guangdong.books, 44, MARCH)
    assert (order.executes_on, order.events["approved"]) == (friday, "B 2025-04-11")
    (tmp_path / order.file_name).unlink()
    assert send_on(None) == data  # written again, with no day named: the day approved
    assert send_on(friday) == data
    with pytest.raises(BooksError, match="is approved for 2025-04-11, not 2025-03-15"):
        send_on(dt.date(2025, 3, 15))


def test_without_a_day_the_bank_pays_on_the_fifteenth(guangdong: Province, tmp_path: Path) -> None:
    assert b"<ReqdExctnDt><Dt>2025-03-15</Dt></ReqdExctnDt>" in send(guangdong, tmp_path)
    assert orders(guangdong.books, 44, MARCH)[0].events["approved"] == "B 2025-03-15"


@pytest.mark.parametrize("day", [dt.date(2025, 2, 28), dt.date(2026, 3, 1)])
def test_a_day_before_the_month_or_more_than_a_year_on_is_refused(
    guangdong: Province, tmp_path: Path, day: dt.date
) -> None:
    with pytest.raises(BooksError, match=f"{day} is no day to pay 2025-03"):
        approve(guangdong.books, 44, MARCH, "B", tmp_path, day)
    assert list(tmp_path.iterdir()) == []
    assert not orders(guangdong.books, 44, MARCH)[0].events


def test_a_file_of_a_time_the_books_have_forgotten_is_taken_if_it_is_the_same(
    guangdong: Province, tmp_path: Path
) -> None:
    """Books restored from before the approval find the file that was made after it."""
    file = tmp_path / "SB44-202503-000001.xml"
    file.write_bytes(b"<Document/>")
    with pytest.raises(BooksError, match="made before a restore"):
        send(guangdong, tmp_path)
    assert (file.read_bytes(), guangdong.balance("bank_expenditure")) == (b"<Document/>", 0)
    data = forgotten(guangdong, tmp_path / "elsewhere")
    file.write_bytes(data)
    assert (guangdong.balance("bank_expenditure"), send(guangdong, tmp_path)) == (0, data)
    assert guangdong.balance("bank_expenditure") == 600_000


def test_the_folder_for_the_files_is_made(guangdong: Province, tmp_path: Path) -> None:
    data = send(guangdong, tmp_path / "bank" / "2025-03")
    assert (tmp_path / "bank" / "2025-03" / "SB44-202503-000001.xml").read_bytes() == data


def test_the_lines_stand_in_order_however_many_blocks_they_are_read_in(books: Books, tmp_path: Path) -> None:
    made = province(books)
    with connect("owner") as owner:
        owner.execute("SELECT setval('person_id_seq', 131070)")  # a block is 131,072 people
    people = [made.person() for _ in range(4)]
    for person in reversed(people):
        made.entitle(person, 100_000 + person)
    made.step("pay", pay)
    keys = re.findall(rb"<EndToEndId>202503-0*([0-9]+)-EP-00-1</EndToEndId>", send(made, tmp_path))
    assert [int(key) for key in keys] == people == [131_071, 131_072, 131_073, 131_074]


def test_without_the_fund_s_own_account_nothing_is_approved(books: Books, tmp_path: Path) -> None:
    jiangsu = province(books, region=32)
    with pytest.raises(BooksError, match="no batch to approve"):
        approve(books, 32, MARCH, "B", tmp_path)
    person = jiangsu.person()
    books.execute(
        """INSERT INTO entitlement (person_id, benefit, version, region, area, valid, booked, amount, components,
            scheme, reason)
           VALUES (%(p)s, 'survivor_grant', 0, 32, 320000000000, '[2025-03-01,2025-04-01)', '2025-03-01', 500,
               '{}', 'work_injury', 't')""",
        p=person,
    )
    jiangsu.step("pay", pay)
    with pytest.raises(BooksError, match="no expenditure account of work_injury"):
        approve(books, 32, MARCH, "B", tmp_path)
    assert books.value("SELECT count(*) FROM batch_event") == 0


def test_rejected_and_returned_lines_are_paid_anew_to_another_account(guangdong: Province, tmp_path: Path) -> None:
    teller = bank(REJECTED, RETURNED)
    status = teller.pay(send(guangdong, tmp_path), NOON)
    assert read(guangdong, status).fen == {"rejected_fen": 300_000}
    report = read(guangdong, teller.statement(NOON))
    assert report.fen == {"settled_fen": 300_000, "returned_fen": 200_000}
    assert (report.rows, report.accepted) == (3, 3)
    assert guangdong.balance("benefits_payable") == 0
    assert guangdong.balance("returned_payments") == -500_000
    assert guangdong.balance("bank_expenditure") == 200_000
    guangdong.close(MARCH)
    assert guangdong.step("pay", pay, APRIL).numbers["retried"] == 0  # the accounts are still the old ones
    guangdong.close(APRIL)
    for person in (1, 2):
        guangdong.bank_account(person, f"621700000000000{person}")
    may = dt.date(2025, 5, 1)
    assert guangdong.step("pay", pay, may).numbers["retried"] == 2
    data = send(guangdong, tmp_path, may)
    assert b"202503-000000000001-EP-00-2" in data
    assert guangdong.balance("returned_payments") == 0


def test_the_same_answer_twice_changes_nothing(guangdong: Province, tmp_path: Path) -> None:
    teller = bank(REJECTED, RETURNED)
    status, statement = teller.pay(send(guangdong, tmp_path), NOON), teller.statement(NOON)
    first = [read(guangdong, data) for data in (status, statement)]
    entries = guangdong.books.rows("SELECT * FROM posting ORDER BY 1, 2, 3")
    again = [read(guangdong, data) for data in (status, statement)]
    assert [(r.rows, r.accepted, r.rejected) for r in again] == [(r.rows, r.accepted, r.rejected) for r in first]
    other = read(guangdong, statement.replace(b"<MsgId>S", b"<MsgId>T", 1))  # another file that tells the same
    assert (other.accepted, other.adjusted, other.rejected) == (0, 3, 0)
    assert guangdong.books.rows("SELECT * FROM posting ORDER BY 1, 2, 3") == entries


def test_a_debit_before_its_status_report_is_not_guessed_at(guangdong: Province, tmp_path: Path) -> None:
    teller = bank(REJECTED)
    status = teller.pay(send(guangdong, tmp_path), NOON)
    statement = teller.statement(NOON)
    with pytest.raises(BooksError, match="status report"):
        read(guangdong, statement)
    assert guangdong.books.value("SELECT count(*) FROM import_file") == 0
    read(guangdong, status)
    assert read(guangdong, statement).fen["settled_fen"] == 300_000


def test_unknown_keys_and_other_amounts_are_kept_with_the_reason(guangdong: Province, tmp_path: Path) -> None:
    teller = bank(SETTLED, RETURNED)
    read(guangdong, teller.pay(send(guangdong, tmp_path), NOON))
    teller.receive(NOON.date(), 777)
    statement = teller.statement(NOON).replace(b"202503-000000000003-EP-00-1", b"202503-000000000099-EP-00-1")
    report = read(guangdong, statement)
    assert report.rows == report.accepted + report.adjusted + report.rejected == 5
    assert sum(report.reasons.values()) == 4  # the unknown one, its batch's other lines, and a credit of nobody
    assert any("no payment" in reason for reason in report.reasons)
    assert report.fen == {"settled_fen": 0, "returned_fen": 200_000}


def test_a_file_refused_whole_gives_every_line_back(guangdong: Province, tmp_path: Path) -> None:
    poor = Bank(ACCOUNT, 0)
    report = read(guangdong, poor.pay(send(guangdong, tmp_path), NOON))
    assert (report.rows, report.fen) == (3, {"rejected_fen": 600_000})
    assert guangdong.balance("benefits_payable") == 0
    assert guangdong.balance("bank_expenditure") == 0


def test_lines_of_a_refused_batch_are_paid_by_the_next_month(guangdong: Province, tmp_path: Path) -> None:
    with pytest.raises(BooksError, match="for a reason"):
        refuse(guangdong.books, 44, MARCH, "B", " ")
    assert refuse(guangdong.books, 44, MARCH, "B", "名单有误") == 1
    with pytest.raises(BooksError, match="no batch to approve"):
        approve(guangdong.books, 44, MARCH, "B", tmp_path)
    guangdong.close(MARCH)
    assert guangdong.step("pay", pay, APRIL).numbers["retried"] == 3
    assert guangdong.books.value("SELECT amount FROM payment_batch WHERE number = 2") == 1_200_000
    send(guangdong, tmp_path, APRIL)


def test_a_refused_line_of_who_turns_debtor_in_the_same_step_is_set_off(guangdong: Province, tmp_path: Path) -> None:
    refuse(guangdong.books, 44, MARCH, "B", "名单有误")
    guangdong.close(MARCH)
    guangdong.supersede(1, APRIL)
    guangdong.entitle(1, 300_000, valid="[2020-01-01,2025-03-01)", booked=APRIL)
    numbers = guangdong.step("pay", pay, APRIL).numbers
    assert (numbers["set_off"], numbers["retried"]) == (1, 2)
    assert guangdong.balance("benefits_receivable") == 0
    assert guangdong.books.value("SELECT count(*) FROM payment_retry WHERE person_id = 1 AND batch IS NOT NULL") == 0


def test_money_that_came_back_is_set_against_what_the_person_owes(guangdong: Province, tmp_path: Path) -> None:
    teller = bank(RETURNED)
    read(guangdong, teller.pay(send(guangdong, tmp_path), NOON))
    read(guangdong, teller.statement(NOON))
    guangdong.close(MARCH)
    guangdong.supersede(1, APRIL)
    guangdong.entitle(1, 300_000, valid="[2020-01-01,2025-03-01)", booked=APRIL)
    assert guangdong.step("pay", pay, APRIL).numbers["set_off"] == 1
    assert guangdong.balance("benefits_receivable") == guangdong.balance("returned_payments") == 0
