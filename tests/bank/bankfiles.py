"""Payment files to start from, and the texts that may stand in one."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime

import pyarrow as pa
from hypothesis import strategies as st

from shebao.bank.pain001 import LINES, Batch, Transfer, write_transfers

SENDABLE = st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff", min_codepoint=0x20)


def texts(limit: int) -> st.SearchStrategy[str]:
    """What may stand in a field of a message: no blank at either end."""
    return st.text(SENDABLE, min_size=1, max_size=limit).filter(lambda text: text == text.strip(" "))


def transfer(number: int = 1, **other: object) -> Transfer:
    """A sound line; ``other`` replaces its fields."""
    line = {
        "end_to_end_id": f"2025-03-44-{number:06d}",
        "amount": 312_345 + number,
        "name": "欧阳建国",
        "bank_code": "102100099996",
        "account": f"6222021234567{number:06d}",
        "purpose": "PENS",
        "remittance": "2025年3月 养老金",
    }
    return Transfer(**{**line, **other})  # type: ignore[arg-type]


def batch_of(transfers: Sequence[Transfer], **other: object) -> Batch:
    """The batch that announces these lines."""
    fields = {
        "message_id": "44-2025-03-1",
        "payment_id": "44-2025-03-1-1",
        "created": datetime(2025, 3, 10, 9, 30),
        "execution": date(2025, 3, 15),
        "count": len(transfers),
        "fen": sum(line.amount for line in transfers),
        "initiator": "广东省社会保险基金管理局",
        "debtor": "企业职工基本养老保险基金支出户",
        "debtor_account": "4400000000000001",
        "debtor_bank_code": "102581000013",
        "category_purpose": "PENS",
    }
    return Batch(**{**fields, **other})  # type: ignore[arg-type]


def columns_of(transfers: Sequence[Transfer]) -> pa.RecordBatch:
    """The lines as Arrow columns."""
    rows = [{name: getattr(line, name) for name in LINES.names} for line in transfers]
    return pa.RecordBatch.from_pylist(rows, schema=LINES)


def payment_file(transfers: Sequence[Transfer], **other: object) -> bytes:
    """The bytes of a payment file."""
    stream = io.BytesIO()
    write_transfers(stream, batch_of(transfers, **other), [columns_of(transfers)])
    return stream.getvalue()
