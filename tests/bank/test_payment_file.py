"""pain.001: what we send to the bank."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable

import pyarrow as pa
import pytest
from bankfiles import batch_of, columns_of, payment_file, texts, transfer
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from shebao.bank import BankFileError, Transfer, pain001, read_transfers, records, write_transfers
from shebao.bank.pain001 import LIMITS

NS = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}

TRANSFERS = st.builds(
    Transfer,
    end_to_end_id=texts(35),
    amount=st.integers(1, 10**13),
    name=texts(140),
    bank_code=st.text("0123456789", min_size=12, max_size=12),
    account=texts(34),
    purpose=st.none() | st.sampled_from(["PENS", "SSBE", "BENE"]),
    remittance=st.none() | texts(140),
)


def test_a_payment_file_is_valid_by_the_official_schema(valid: Callable[[bytes], bytes]) -> None:
    valid(payment_file([transfer(1), transfer(2, purpose=None, remittance=None), transfer(3, amount=1)]))
    valid(payment_file([transfer()], category_purpose=None, batch_booking=False))


def test_totals_are_those_of_the_lines() -> None:
    document = etree.fromstring(payment_file([transfer(1, amount=1), transfer(2, amount=1_000_000_05)]))
    for above in ("p:GrpHdr", "p:PmtInf"):
        assert document.xpath(f"string(//{above}/p:NbOfTxs)", namespaces=NS) == "2"
        assert document.xpath(f"string(//{above}/p:CtrlSum)", namespaces=NS) == "1000000.06"
    assert document.xpath("//p:InstdAmt/text()", namespaces=NS) == ["0.01", "1000000.05"]


def test_what_was_written_is_reported() -> None:
    stream, lines = io.BytesIO(), [transfer(1), transfer(2)]
    written = write_transfers(stream, batch_of(lines), [columns_of(lines)])
    data = stream.getvalue()
    assert (written.count, written.fen) == (2, 624_693)
    assert (written.size, written.sha256) == (len(data), hashlib.sha256(data).hexdigest())


def test_the_bytes_do_not_depend_on_how_lines_are_cut() -> None:
    lines = [transfer(number) for number in range(1, 8)]
    whole, stream = payment_file(lines), io.BytesIO()
    write_transfers(stream, batch_of(lines), [columns_of(lines[:3]), columns_of([]), columns_of(lines).slice(3)])
    assert stream.getvalue() == whole


def test_long_files_are_worked_in_pieces_and_stay_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [transfer(number, remittance=None if number % 3 else "养老 & 丧葬") for number in range(1, 12)]
    whole = payment_file(lines)
    monkeypatch.setattr(pain001, "ROWS", 2)
    monkeypatch.setattr(records, "CHUNK_ROWS", 3)
    assert payment_file(lines) == whole
    assert [Transfer(**row) for row in read_transfers(io.BytesIO(whole))[1].to_pylist()] == lines


def test_lines_may_come_as_large_or_dictionary_strings() -> None:
    lines = [transfer(1), transfer(2)]
    arrow, stream = columns_of(lines), io.BytesIO()
    names = arrow["name"].dictionary_encode()
    ids = arrow["end_to_end_id"].cast(pa.large_string())
    other = arrow.drop_columns(["name", "end_to_end_id"])
    write_transfers(stream, batch_of(lines), [other.append_column("name", names).append_column("end_to_end_id", ids)])
    assert stream.getvalue() == payment_file(lines)


@pytest.mark.parametrize(("count", "fen"), [(3, 0), (1, 0), (2, 1), (2, -1)])
def test_other_totals_than_announced_are_refused(count: int, fen: int) -> None:
    lines = [transfer(1), transfer(2)]
    batch = batch_of(lines, count=count, fen=batch_of(lines).fen + fen)
    with pytest.raises(BankFileError, match="CtrlSum"):
        write_transfers(io.BytesIO(), batch, [columns_of(lines)])


def test_nothing_to_pay_is_refused() -> None:
    with pytest.raises(BankFileError, match="nothing to pay"):
        payment_file([])


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("name", "欧阳\x07建国", r"U\+0007"),
        ("name", "欧阳\n建国", r"U\+000A"),
        ("remittance", "养老\uffff金", r"U\+FFFF"),
        ("remittance", "养老\ufffe金", r"U\+FFFE"),
        ("name", "张 ", "blank"),
        ("name", " 张", "blank"),
        ("name", "", "empty"),
        ("name", "张" * 141, "longer than 140"),
        ("end_to_end_id", "x" * 36, "longer than 35"),
        ("account", "6" * 35, "longer than 34"),
        ("purpose", "PENSION", "longer than 4"),
        ("purpose", "", "empty"),
        ("account", None, "empty"),
        ("end_to_end_id", None, "empty"),
        ("bank_code", None, "empty"),
        ("bank_code", "10210009999", "12 digits"),
        ("bank_code", "10210009999X", "12 digits"),
        ("bank_code", "１０２１０００９９９９６", "12 digits"),
        ("amount", 0, "amount to pay"),
        ("amount", -1, "amount to pay"),
        ("amount", None, "amount to pay"),
        ("amount", 2**63 - 1, "amount to pay"),
    ],
)
def test_a_line_that_cannot_be_sent_is_named(field: str, value: object, reason: str) -> None:
    sound, bad = [transfer(1), transfer(2)], [transfer(3), transfer(4, **{field: value}), transfer(5)]
    batch = batch_of(sound, count=5)
    with pytest.raises(BankFileError, match=rf"(?s)第 4 笔 line 4.*{reason}"):
        write_transfers(io.BytesIO(), batch, [columns_of(sound), columns_of(bad)])


def test_a_missing_column_is_named() -> None:
    with pytest.raises(BankFileError, match="bank_code"):
        write_transfers(io.BytesIO(), batch_of([transfer()]), [columns_of([transfer()]).drop_columns(["bank_code"])])


@pytest.mark.parametrize("field", ["message_id", "payment_id", "initiator", "debtor", "debtor_account"])
def test_the_header_is_checked_like_the_lines(field: str) -> None:
    for value in ("", "x\x00", "x" * 141):
        with pytest.raises(BankFileError):
            payment_file([transfer()], **{field: value})


def test_the_longest_texts_are_valid(valid: Callable[[bytes], bytes]) -> None:
    longest = {name: "&" * limit for name, limit in LIMITS.items() if name != "bank_code"}
    valid(payment_file([transfer(1, **longest)]))


@given(st.lists(TRANSFERS, min_size=1, max_size=20))
def test_what_is_written_is_read_back(valid: Callable[[bytes], bytes], transfers: list[Transfer]) -> None:
    batch, table = read_transfers(io.BytesIO(valid(payment_file(transfers))))
    assert batch == batch_of(transfers)
    assert [Transfer(**row) for row in table.to_pylist()] == transfers


@given(st.text(), st.sampled_from(["end_to_end_id", "name", "account", "remittance"]))
def test_any_text_is_either_sent_as_it_is_or_refused(valid: Callable[[bytes], bytes], text: str, field: str) -> None:
    line = transfer(**{field: text})
    try:
        data = payment_file([line])
    except BankFileError:
        return
    assert Transfer(**read_transfers(io.BytesIO(valid(data)))[1].to_pylist()[0]) == line
