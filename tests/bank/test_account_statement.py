"""camt.053 and camt.054: what moved on the account."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

import pytest
from bankfiles import texts
from hypothesis import given
from hypothesis import strategies as st

from shebao.bank import BankFileError, Entry, read_statement
from shebao.bank.answers import Header, write_notification, write_statement

DAY = date(2025, 3, 15)
HEADER = Header("M1", "S1", datetime(2025, 3, 15, 18), "4400000000000001")
RECEIPT = Entry(1, 1, 123_45, DAY, DAY, servicer_reference="B1", creditor_reference="44-BILL-1", debtor_name="某某公司")
ENTRIES = [
    RECEIPT,
    Entry(2, 1, -300_00, DAY, servicer_reference="B2", end_to_end_id="E1"),
    Entry(2, 2, -200_01, DAY, servicer_reference="B2", end_to_end_id="E2", creditor_name="李四"),
    Entry(3, 1, 200_01, DAY, servicer_reference="B3", end_to_end_id="E2", return_reason="AC04", return_text="已销户"),
]


def statement(entries: list[Entry], opening: int = 0) -> bytes:
    stream = io.BytesIO()
    write_statement(stream, HEADER, DAY, opening, entries)
    return stream.getvalue()


def notification(entries: list[Entry]) -> bytes:
    stream = io.BytesIO()
    write_notification(stream, HEADER, entries)
    return stream.getvalue()


@st.composite
def entry_lists(draw: st.DrawFn) -> list[Entry]:
    """Entries numbered from 1 with one to three transactions of the same sign each."""
    rows = []
    for number in range(1, draw(st.integers(0, 4)) + 1):
        sign, count = draw(st.sampled_from([1, -1])), draw(st.integers(1, 3))
        top = Entry(
            entry=number,
            transaction=1,
            amount=0,
            booking_date=draw(st.dates()),
            value_date=draw(st.none() | st.dates()),
            reversal=draw(st.booleans()),
            entry_reference=draw(st.none() | st.just(f"N{number}")),
            servicer_reference=draw(st.none() | st.just(f"B{number}")),
        )
        names = Entry.__dataclass_fields__
        optional = [name for name in names if name not in top.__match_args__[:8]]
        for transaction in range(1, count + 1):
            details = {name: draw(st.none() | texts(34)) for name in optional}
            reason = details["return_reason"]
            details["return_reason"] = None if reason is not None and len(reason) == 4 else reason
            amount = sign * draw(st.integers(1, 10**12))
            rows.append(replace(top, transaction=transaction, amount=amount, **details))
    return rows


@given(entry_lists(), st.integers(-(10**14), 10**14))
def test_a_statement_is_read_back_as_written(
    valid: Callable[[bytes], bytes], entries: list[Entry], opening: int
) -> None:
    read = read_statement(io.BytesIO(valid(statement(entries, opening))))
    assert list(read.records()) == entries
    assert (read.opening, read.closing) == (opening, opening + sum(entry.amount for entry in entries))
    assert (read.id, read.message_id, read.account, read.currency) == ("S1", "M1", HEADER.account, "CNY")


@given(entry_lists().filter(bool))
def test_a_notification_is_read_back_as_written(valid: Callable[[bytes], bytes], entries: list[Entry]) -> None:
    read = read_statement(io.BytesIO(valid(notification(entries))))
    assert read.message == "camt.054.001.08"
    assert list(read.records()) == entries
    assert read.opening is read.closing is None


@pytest.mark.parametrize("version", ["08", "09", "10", "11", "12", "13", "14"])
@pytest.mark.parametrize("kind", ["camt.053", "camt.054"])
def test_later_versions_are_valid_by_their_schema_and_read(
    kind: str, version: str, valid: Callable[[bytes], bytes]
) -> None:
    data = (statement if kind == "camt.053" else notification)(ENTRIES)
    later = valid(data.replace(b".001.08", f".001.{version}".encode()))
    assert list(read_statement(io.BytesIO(later)).records()) == ENTRIES


@pytest.mark.parametrize("version", ["02", "03", "04", "05", "06", "07"])
def test_earlier_versions_are_valid_by_their_schema_and_read(version: str, valid: Callable[[bytes], bytes]) -> None:
    data = statement(ENTRIES).replace(b".001.08", f".001.{version}".encode())
    if version < "07":  # a status was a plain code, and a party had its name right away
        data = data.replace(b"<Sts><Cd>BOOK</Cd></Sts>", b"<Sts>BOOK</Sts>")
        data = data.replace(b"<Pty>", b"").replace(b"</Pty>", b"")
    if version == "02":  # a transaction's amount stood among the amount details, without a sign
        for fen in (b"123.45", b"300.00", b"200.01"):
            for sign in (b"CRDT", b"DBIT"):
                amount = b'<Amt Ccy="CNY">' + fen + b"</Amt>"
                for before in (b"<TxDtls>", b"</Refs>"):
                    data = data.replace(
                        before + amount + b"<CdtDbtInd>" + sign + b"</CdtDbtInd>",
                        before + b"<AmtDtls><TxAmt>" + amount + b"</TxAmt></AmtDtls>",
                    )
    assert list(read_statement(io.BytesIO(valid(data))).records()) == ENTRIES


def test_an_entry_without_transactions_is_one_row() -> None:
    data = notification([RECEIPT])
    start, end = data.index(b"<NtryDtls>"), data.index(b"</NtryDtls>") + len(b"</NtryDtls>")
    (row,) = read_statement(io.BytesIO(data[:start] + data[end:])).records()
    assert (row.amount, row.servicer_reference, row.creditor_reference) == (123_45, "B1", None)


def test_a_single_transaction_takes_the_amount_of_its_entry() -> None:
    details = b'<TxDtls><Amt Ccy="CNY">123.45</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
    data = notification([replace(RECEIPT, creditor_reference=None)])
    assert details in data
    (row,) = read_statement(io.BytesIO(data.replace(details, b"<TxDtls>"))).records()
    assert (row.amount, row.debtor_name) == (123_45, "某某公司")


def test_the_payment_file_of_a_batch_entry_is_kept() -> None:
    data = notification([RECEIPT]).replace(b"<NtryDtls>", b"<NtryDtls><Btch><PmtInfId>P7</PmtInfId></Btch>")
    (row,) = read_statement(io.BytesIO(data)).records()
    assert row.payment_id == "P7"


def test_several_references_of_one_transaction_match_no_bill() -> None:
    strd = b"<Strd><CdtrRefInf><Ref>44-BILL-1</Ref></CdtrRefInf></Strd>"
    data = notification([RECEIPT]).replace(strd, strd + strd.replace(b"-1", b"-2"))
    (row,) = read_statement(io.BytesIO(data)).records()
    assert row.creditor_reference == "44-BILL-1 44-BILL-2"


def test_a_reversal_keeps_the_sign_of_the_movement() -> None:
    (row,) = read_statement(io.BytesIO(notification([replace(RECEIPT, amount=-5, reversal=True)]))).records()
    assert (row.amount, row.reversal) == (-5, True)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b'"CNY">200.01</Amt><CdtDbtInd>DBIT', b'"CNY">200.02</Amt><CdtDbtInd>DBIT', "Ntry 2.*add up to -500.02"),
        (b">123.45<", b">123.46<", "opening . entries"),
        (b">123.45<", b">123.450<", "at most two decimals"),
        (b">123.45<", b">1e2<", "not an amount"),
        (b">123.45<", b">-123.45<", "not an amount"),
        (b">123.45<", b">9999999999999999.45<", "too large"),
        (b'<Amt Ccy="CNY">123.45', b'<Amt Ccy="USD">123.45', "Ntry 1.*USD"),
        (b"<Ccy>CNY</Ccy>", b"<Ccy>USD</Ccy>", "Acct.*USD"),
        (b'<Amt Ccy="CNY">123.45', b"<Amt>123.45", "Ccy is missing"),
        (b"<AcctSvcrRef>B2<", b"<AcctSvcrRef>B1<", "Ntry 2.*B1 comes twice"),
        (b"<Cd>BOOK</Cd>", b"<Cd>PDNG</Cd>", "Ntry 1.*not booked"),
        (b"<BookgDt><Dt>2025-03-15</Dt></BookgDt>", b"", "BookgDt is missing"),
        (b"<BookgDt><Dt>2025-03-15</Dt></BookgDt>", b"<BookgDt><Dt>2025-02-30</Dt></BookgDt>", "not a date"),
        (b"<CdtDbtInd>DBIT</CdtDbtInd><Rvsl", b"<CdtDbtInd>OUT</CdtDbtInd><Rvsl", "neither CRDT nor DBIT"),
        (b"<RvslInd>false", b"<RvslInd>no", "RvslInd"),
        (b"<Id>S1</Id>", b"", "Stmt/Id is missing"),
        (b"<Id><Othr><Id>4400000000000001</Id></Othr></Id>", b"<Id/>", "Acct.*is missing"),
        (b"<Cd>OPBD</Cd>", b"<Cd>CLBD</Cd>", "balance comes twice"),
        (b"</GrpHdr>", b"<Ntry/></GrpHdr>", "missing"),
        (b"</NtryDtls></Ntry>", b'</NtryDtls><Amt Ccy="CNY">1.00</Amt></Ntry>', "123.45 1.00"),
        (b"<NtryDtls>", b"<NtryDtls><Ntry/>", "out of place"),
        (b"</Stmt>", b"</Stmt><Stmt><Id>S2</Id></Stmt>", "exactly one"),
        (b"</Stmt>", b'</Stmt><Stmt xmlns="urn:other"><Ntry/></Stmt>', "missing"),
    ],
)
def test_a_statement_that_does_not_hold_is_refused(old: bytes, new: bytes, reason: str) -> None:
    data = statement(ENTRIES, opening=1_000_00)
    assert old in data
    altered = data.replace(old, new) if reason.startswith("opening") else data.replace(old, new, 1)
    with pytest.raises(BankFileError, match=reason):
        read_statement(io.BytesIO(altered))


def test_one_of_several_transactions_without_an_amount_is_refused() -> None:
    data = statement(ENTRIES)
    for amount in (b"300.00", b"200.01"):
        details = b'</Refs><Amt Ccy="CNY">' + amount + b"</Amt><CdtDbtInd>DBIT</CdtDbtInd>"
        assert details in data
        with pytest.raises(BankFileError, match="has no amount"):
            read_statement(io.BytesIO(data.replace(details, b"</Refs>", 1)))
