"""Credit transfer initiation 批量付款指令: pain.001.001.09, written as a stream and read back.

The schema is ISO 20022's of 2019. Payee banks are named by their 12-digit CNAPS number (行号).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shebao.bank.messages import (
    CURRENCY,
    NAMESPACE,
    BankFileError,
    Leaves,
    checked,
    element,
    fault,
    fen_of,
    leaves,
    needed,
    read,
    yuan_text,
)
from shebao.bank.records import Columns, schema_of

MESSAGE = "pain.001.001.09"
CLEARING = "CNAPS"  # China National Advanced Payment System 中国现代化支付系统
ROWS = 1 << 16  # lines made into text at once
MAX_TRANSFER = 10**13  # fen; a single benefit of a hundred billion yuan is an error of the caller

# Purposes of the external code set that fit benefits; there is none closer for funeral and survivors' grants.
PENSION = "PENS"
SOCIAL_SECURITY_BENEFIT = "SSBE"
UNEMPLOYMENT_BENEFIT = "BENE"  # unemployment and disability benefit


@dataclass(frozen=True, slots=True)
class Transfer:
    """One line: ``amount`` in fen; ``end_to_end_id`` comes back in every answer and must name the payment for good."""

    end_to_end_id: str
    amount: int
    name: str
    bank_code: str
    account: str
    purpose: str | None = None
    remittance: str | None = None


LINES = schema_of(Transfer)
OPTIONAL = frozenset({"purpose", "remittance"})
LIMITS = {"end_to_end_id": 35, "name": 140, "bank_code": 12, "account": 34, "purpose": 4, "remittance": 140}


@dataclass(frozen=True)
class Batch:
    """What a payment file says once: its ids, its payer and its totals (``count`` lines, ``fen``)."""

    message_id: str
    payment_id: str
    created: datetime
    execution: date
    count: int
    fen: int
    initiator: str
    debtor: str
    debtor_account: str
    debtor_bank_code: str
    category_purpose: str | None = None
    batch_booking: bool = True


@dataclass(frozen=True)
class Written:
    """What was written: lines, fen, bytes, and the SHA-256 of the bytes."""

    count: int
    fen: int
    size: int
    sha256: str


def write_transfers(stream: BinaryIO, batch: Batch, lines: Iterable[pa.RecordBatch]) -> Written:
    """Write a payment file; the same input gives the same bytes, and memory does not grow with the lines.

    ``stream`` is buffered (it takes all it is given); ``lines`` have the columns of :data:`LINES`, amounts in fen.
    Raises :class:`BankFileError`, naming the line, for a missing, empty or too long text, a character that XML
    forbids, an amount that is not positive, a bank code that is not 12 digits; and at the end, if lines or fen are
    not those of ``batch``. The caller then discards the file.
    """
    sink = _Sink(stream)
    sink.write(_head(batch).encode())
    count = fen = 0
    for arrow in _parts(lines):
        _check(arrow, count)
        sink.write(_transfers(arrow))
        count += arrow.num_rows
        fen += pc.sum(arrow["amount"]).as_py()
    _agree(batch, count, fen)
    sink.write(b"</PmtInf></CstmrCdtTrfInitn></Document>\n")
    return Written(count, fen, sink.size, sink.hash.hexdigest())


def read_transfers(stream: BinaryIO) -> tuple[Batch, pa.Table]:
    """The batch and the lines of a payment file of :func:`write_transfers`, totals checked.

    Raises :class:`BankFileError` for anything that function would not write.
    """
    columns = Columns(Transfer)

    def take(path: str, found: Any) -> None:
        where = f"CdtTrfTxInf {len(columns) + 1}"
        if path != "CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf":
            raise BankFileError(where, f"位置不对：{path}", f"out of place: {path}")
        columns.append(_transfer(leaves(found), where))

    _, root = read(stream, {"pain.001.001": range(9, 10)}, ["CdtTrfTxInf"], take)
    batch = _batch(leaves(root))
    table = columns.table()
    count = 0
    for part in table.to_batches():
        _check(part, count)
        count += part.num_rows
    _agree(batch, count, pc.sum(table["amount"]).as_py() or 0)
    return batch, table


class _Sink:
    def __init__(self, stream: BinaryIO) -> None:
        self.stream, self.size, self.hash = stream, 0, hashlib.sha256()

    def write(self, data: bytes | memoryview) -> None:
        self.stream.write(data)
        self.hash.update(data)
        self.size += len(data)


def _parts(lines: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for arrow in lines:
        missing = [name for name in LINES.names if name not in arrow.schema.names]
        if missing:
            raise BankFileError("columns", f"缺少列 {missing}", f"columns are missing: {missing}")
        known = pa.RecordBatch.from_arrays([arrow[f.name].cast(f.type) for f in LINES], names=LINES.names)
        for start in range(0, known.num_rows, ROWS):
            yield known.slice(start, ROWS)


def _agree(batch: Batch, count: int, fen: int) -> None:
    if (count, fen) != (batch.count, batch.fen):
        said, came = f"{batch.count} × {yuan_text(batch.fen)}", f"{count} × {yuan_text(fen)}"
        raise BankFileError("CtrlSum", f"应为 {said} 元，实为 {came} 元", f"announced {said} yuan, came {came} yuan")


def _head(batch: Batch) -> str:
    """Group header and payment information up to the first transfer."""
    if batch.count < 1 or not 0 < batch.fen < 10**18:
        raise BankFileError("GrpHdr", "没有可支付的明细或总额无效", "nothing to pay, or a total out of range")
    totals = f"<NbOfTxs>{batch.count}</NbOfTxs><CtrlSum>{yuan_text(batch.fen)}</CtrlSum>"
    category = element("Cd", batch.category_purpose, 4, "CtgyPurp")
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{NAMESPACE}{MESSAGE}"><CstmrCdtTrfInitn>\n'
        f"<GrpHdr>{element('MsgId', batch.message_id, 35, 'MsgId')}"
        f"<CreDtTm>{batch.created.isoformat(timespec='seconds')}</CreDtTm>{totals}"
        f"<InitgPty>{element('Nm', batch.initiator, 140, 'InitgPty')}</InitgPty></GrpHdr>\n"
        f"<PmtInf>{element('PmtInfId', batch.payment_id, 35, 'PmtInfId')}<PmtMtd>TRF</PmtMtd>"
        f"<BtchBookg>{str(batch.batch_booking).lower()}</BtchBookg>{totals}"
        f"{category and f'<PmtTpInf><CtgyPurp>{category}</CtgyPurp></PmtTpInf>'}"
        f"<ReqdExctnDt><Dt>{batch.execution.isoformat()}</Dt></ReqdExctnDt>"
        f"<Dbtr>{element('Nm', batch.debtor, 140, 'Dbtr')}</Dbtr>"
        f"<DbtrAcct><Id><Othr>{element('Id', batch.debtor_account, 34, 'DbtrAcct')}</Othr></Id></DbtrAcct>"
        f"<DbtrAgt>{_AGENT}{_bank_code(batch.debtor_bank_code, 'DbtrAgt')}{_AGENT_END}</DbtrAgt>"
        "<ChrgBr>DEBT</ChrgBr>\n"  # the payee receives the full amount
    )


_AGENT = f"<FinInstnId><ClrSysMmbId><ClrSysId><Cd>{CLEARING}</Cd></ClrSysId><MmbId>"
_AGENT_END = "</MmbId></ClrSysMmbId></FinInstnId>"


def _bank_code(code: str, where: str) -> str:
    if not (len(code) == 12 and code.isascii() and code.isdigit()):
        raise BankFileError(where, f"行号须为 12 位数字：{code!r}", f"a bank code has 12 digits: {code!r}")
    return checked(code, 12, where)


_CENTS = pa.array([f"{cents:02d}" for cents in range(100)])


def _yuan(fen: pa.Array) -> pa.Array:
    whole = pc.divide(fen, 100)  # of integers: exact, and the amounts are positive
    cents = pc.subtract(fen, pc.multiply(whole, 100))
    return pc.binary_join_element_wise(whole.cast(pa.string()), pc.take(_CENTS, cents), ".")


def _transfers(lines: pa.RecordBatch) -> memoryview:
    """The text of checked lines, as the one buffer in which Arrow joins them."""
    text = {name: _escaped(lines[name]) for name in LIMITS}
    pieces = [
        "<CdtTrfTxInf><PmtId><EndToEndId>",
        text["end_to_end_id"],
        f'</EndToEndId></PmtId><Amt><InstdAmt Ccy="{CURRENCY}">',
        _yuan(lines["amount"]),
        f"</InstdAmt></Amt><CdtrAgt>{_AGENT}",
        text["bank_code"],
        f"{_AGENT_END}</CdtrAgt><Cdtr><Nm>",
        text["name"],
        "</Nm></Cdtr><CdtrAcct><Id><Othr><Id>",
        text["account"],
        "</Id></Othr></Id></CdtrAcct>",
        *_optional("<Purp><Cd>", text["purpose"], "</Cd></Purp>"),
        *_optional("<RmtInf><Ustrd>", text["remittance"], "</Ustrd></RmtInf>"),
        "</CdtTrfTxInf>\n",
    ]
    joined = pc.binary_join_element_wise(*pieces, "", null_handling="replace", null_replacement="")
    return _bytes(joined)


def _optional(before: str, column: pa.Array, after: str) -> list[Any]:
    if column.null_count == 0:
        return [before, column, after]
    return [pc.binary_join_element_wise(before, column, after, "", null_handling="emit_null")]


def _bytes(column: pa.Array) -> memoryview:
    """The text of a string column, end to end."""
    _, offsets, data = column.buffers()
    if data is None or len(column) == 0:
        return memoryview(b"")
    ends = np.frombuffer(offsets, np.int32)
    return memoryview(data)[ends[column.offset] : ends[column.offset + len(column)]]


def _escaped(column: pa.Array) -> pa.Array:
    text = bytes(_bytes(column))
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        if character.encode() in text:  # one look at all lines: most columns need nothing
            column = pc.replace_substring(column, character, entity)
    return column


def _check(lines: pa.RecordBatch, before: int) -> None:
    """Refuse lines that cannot be sent, ``before`` of them gone ahead; columns are looked at first, then lines."""
    amounts = lines["amount"]
    least, most = pc.min_max(amounts).as_py().values()
    good = (
        all(column.null_count == 0 for column, name in zip(lines, LINES.names, strict=True) if name not in OPTIONAL)
        and (least is None or (least > 0 and most <= MAX_TRANSFER))
        and pc.all(pc.match_substring_regex(lines["bank_code"], "^[0-9]{12}$")).as_py() is not False
        and all(_is_sound(lines[name], limit) for name, limit in LIMITS.items())
    )
    if good:
        return
    for number, row in enumerate(lines.to_pylist(), before + 1):
        _check_line(row, f"第 {number} 笔 line {number} ({row['end_to_end_id']!r})")
    raise AssertionError("a column is unsound, but no line of it is")


def _is_sound(column: pa.Array, limit: int) -> bool:
    """Whether no text of the column has a :func:`fault`."""
    text = bytes(_bytes(column))
    lengths = pc.min_max(pc.utf8_length(column)).as_py()
    return not (
        (lengths["min"] is not None and not 0 < lengths["min"] <= lengths["max"] <= limit)
        or (np.frombuffer(text, np.uint8) < 0x20).any()
        or b"\xef\xbf\xbe" in text
        or b"\xef\xbf\xbf" in text
        or (b" " in text and pc.any(pc.or_(pc.starts_with(column, " "), pc.ends_with(column, " "))).as_py())
    )


def _check_line(row: dict[str, Any], where: str) -> None:
    for name, limit in LIMITS.items():
        if not (name in OPTIONAL and row[name] is None) and (wrong := fault(row[name], limit)):
            raise BankFileError(where, f"{name} {row[name]!r} {wrong[0]}", f"{name} {row[name]!r} {wrong[1]}")
    _bank_code(row["bank_code"], f"{where} bank_code")
    if row["amount"] is None or not 0 < row["amount"] <= MAX_TRANSFER:
        raise BankFileError(where, f"金额无效：{row['amount']} 分", f"not an amount to pay: {row['amount']} fen")


def _batch(texts: Leaves) -> Batch:
    header, payment = "CstmrCdtTrfInitn/GrpHdr", "CstmrCdtTrfInitn/PmtInf"

    def get(path: str) -> str:
        return needed(texts, path, path)

    try:
        return Batch(
            message_id=get(f"{header}/MsgId"),
            payment_id=get(f"{payment}/PmtInfId"),
            created=datetime.fromisoformat(get(f"{header}/CreDtTm")),
            execution=date.fromisoformat(get(f"{payment}/ReqdExctnDt/Dt")),
            count=int(get(f"{header}/NbOfTxs")),
            fen=fen_of(get(f"{header}/CtrlSum"), "CtrlSum"),
            initiator=get(f"{header}/InitgPty/Nm"),
            debtor=get(f"{payment}/Dbtr/Nm"),
            debtor_account=get(f"{payment}/DbtrAcct/Id/Othr/Id"),
            debtor_bank_code=get(f"{payment}/DbtrAgt/FinInstnId/ClrSysMmbId/MmbId"),
            category_purpose=texts.get(f"{payment}/PmtTpInf/CtgyPurp/Cd"),
            batch_booking=get(f"{payment}/BtchBookg") == "true",
        )
    except BankFileError:
        raise
    except ValueError as error:
        raise BankFileError("GrpHdr", f"日期或数字无效：{error}", f"not a date or number: {error}") from None


def _transfer(texts: Leaves, where: str) -> Transfer:
    if needed(texts, where, "Amt/InstdAmt@Ccy") != CURRENCY:
        raise BankFileError(where, "币种不是人民币", f"the currency is not {CURRENCY}")
    return Transfer(
        end_to_end_id=needed(texts, where, "PmtId/EndToEndId"),
        amount=fen_of(texts.get("Amt/InstdAmt"), where),
        name=needed(texts, where, "Cdtr/Nm"),
        bank_code=needed(texts, where, "CdtrAgt/FinInstnId/ClrSysMmbId/MmbId"),
        account=needed(texts, where, "CdtrAcct/Id/Othr/Id"),
        purpose=texts.get("Purp/Cd"),
        remittance=texts.get("RmtInf/Ustrd"),
    )
