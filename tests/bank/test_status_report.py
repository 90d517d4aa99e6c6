"""pain.002: what became of a payment file."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime

import pytest
from bankfiles import texts
from hypothesis import given
from hypothesis import strategies as st

from shebao.bank import BankFileError, TransactionStatus, read_status
from shebao.bank.answers import write_status_report

STATUSES = st.builds(
    TransactionStatus,
    end_to_end_id=texts(35),
    status=st.sampled_from(["ACCP", "ACSC", "ACSP", "ACTC", "ACWC", "PDNG", "RJCT", "CANC"]),
    reason=st.none() | st.sampled_from(["AC04", "AM04"]) | texts(35).filter(lambda text: len(text) != 4),
    text=st.none() | texts(105),
)


def report(transactions: list[TransactionStatus], **other: object) -> bytes:
    stream = io.BytesIO()
    fields = {
        "message_id": "R1",
        "created": datetime(2025, 3, 15),
        "original_message_id": "44-2025-03-1",
        "original_payment_id": "44-2025-03-1-1",
        "group_status": "PART",
    }
    write_status_report(stream, **{**fields, **other}, transactions=transactions)  # type: ignore[arg-type]
    return stream.getvalue()


@given(st.lists(STATUSES, max_size=10, unique_by=lambda status: status.end_to_end_id))
def test_what_is_written_is_read_back(valid: Callable[[bytes], bytes], statuses: list[TransactionStatus]) -> None:
    read = read_status(io.BytesIO(valid(report(statuses, reason="AM04", text="余额不足"))))
    assert read.records() == statuses
    assert (read.message_id, read.original_message_id, read.group_status) == ("R1", "44-2025-03-1", "PART")
    assert (read.group_reason, read.group_text) == ("AM04", "余额不足")


@pytest.mark.parametrize("version", ["10", "11", "12", "13", "14", "15"])
def test_versions_10_to_15_are_read(version: str) -> None:
    rejected = TransactionStatus("A", "RJCT", "AC04")
    data = report([rejected]).replace(b"pain.002.001.12", f"pain.002.001.{version}".encode())
    assert read_status(io.BytesIO(data)).records() == [rejected]


@pytest.mark.parametrize("version", ["14", "15"])
def test_what_is_read_as_a_later_version_is_valid_by_its_schema(version: str, valid: Callable[[bytes], bytes]) -> None:
    data = report([TransactionStatus("A", "RJCT", "AC04", "已销户")])
    valid(data.replace(b"pain.002.001.12", f"pain.002.001.{version}".encode()))


def test_a_line_reported_twice_is_refused() -> None:
    with pytest.raises(BankFileError, match=r"A.*twice"):
        read_status(io.BytesIO(report([TransactionStatus("A", "ACSC"), TransactionStatus("A", "RJCT")])))


def test_a_report_without_any_status_is_refused() -> None:
    with pytest.raises(BankFileError, match="no status"):
        read_status(io.BytesIO(report([], group_status=None)))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"<TxSts>ACSC</TxSts>", b"", "TxSts is missing"),
        (b"<TxSts>ACSC</TxSts>", b"<TxSts>paid</TxSts>", "not a status code"),
        (b"<OrgnlEndToEndId>A</OrgnlEndToEndId>", b"", "OrgnlEndToEndId is missing"),
        (b"<OrgnlMsgId>44-2025-03-1</OrgnlMsgId>", b"", "OrgnlMsgId is missing"),
        (b"pain.001.001.09<", b"pain.008.001.02<", "not an answer to a payment file"),
        (b"</GrpHdr>", b"<TxInfAndSts/></GrpHdr>", "out of place"),
    ],
)
def test_what_is_missing_or_wrong_is_named(old: bytes, new: bytes, reason: str) -> None:
    data = report([TransactionStatus("A", "ACSC")])
    assert old in data
    with pytest.raises(BankFileError, match=reason):
        read_status(io.BytesIO(data.replace(old, new)))
