"""Payment status report 付款状态报告: what became of a payment file, line by line (pain.002.001.10 to .15)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

from shebao.bank.messages import BankFileError, Leaves, first, leaves, needed, read
from shebao.bank.records import Columns

FAILED = frozenset({"RJCT", "CANC", "BLCK"})  # no money moves, the line may be paid anew
SETTLED = frozenset({"ACSC", "ACCC"})  # settled on the payer's, on the payee's account


@dataclass(frozen=True, slots=True)
class TransactionStatus:
    """The bank's answer on one line: a status of the external code set, and why.

    ``reason`` is a code (``AC04`` closed account, ``AM04`` insufficient funds …) or the bank's own; ``text`` its words.
    """

    end_to_end_id: str
    status: str
    reason: str | None = None
    text: str | None = None


@dataclass(frozen=True)
class StatusReport:
    """A bank's report on one payment file.

    ``group_status`` and ``payment_status`` are of the whole file and of its one payment block, None where the bank
    gives none. ``transactions`` has the columns of :class:`TransactionStatus`; a bank may leave it empty where all
    lines share the fate of the group.
    """

    message_id: str
    original_message_id: str
    group_status: str | None
    group_reason: str | None
    group_text: str | None
    payment_status: str | None
    transactions: pa.Table

    def records(self) -> list[TransactionStatus]:
        """The transactions as records."""
        return [TransactionStatus(**row) for row in self.transactions.to_pylist()]


def read_status(stream: BinaryIO) -> StatusReport:
    """Read a status report. Raises :class:`BankFileError` for anything that is not one whole, unambiguous report."""
    columns = Columns(TransactionStatus)

    def take(path: str, found: Any) -> None:
        where = f"TxInfAndSts {len(columns) + 1}"
        if path != "CstmrPmtStsRpt/OrgnlPmtInfAndSts/TxInfAndSts":
            raise BankFileError(where, f"位置不对：{path}", f"out of place: {path}")
        columns.append(_transaction(leaves(found), where))

    _, root = read(stream, {"pain.002.001": range(10, 16)}, ["TxInfAndSts"], take)
    table = columns.table()
    _refuse_duplicates(table)
    return _report(leaves(root), table)


def _transaction(texts: Leaves, where: str) -> TransactionStatus:
    end_to_end_id = needed(texts, where, "OrgnlEndToEndId")
    status = _status(needed(texts, f"{where} ({end_to_end_id})", "TxSts"), where)
    assert status is not None
    return TransactionStatus(end_to_end_id, status, *_reason(texts, ""))


def _status(code: str | None, where: str) -> str | None:
    if code is not None and not (len(code) == 4 and code.isascii() and code.isupper()):
        raise BankFileError(where, f"状态代码无效：{code!r}", f"not a status code: {code!r}")
    return code


def _reason(texts: Leaves, above: str) -> tuple[str | None, str | None]:
    reason = f"{above}StsRsnInf/Rsn"
    return first(texts, f"{reason}/Cd", f"{reason}/Prtry"), texts.get(f"{above}StsRsnInf/AddtlInf")


def _refuse_duplicates(table: pa.Table) -> None:
    ids = table["end_to_end_id"]
    if pc.count_distinct(ids).as_py() != len(ids):
        twice = next(row["values"] for row in pc.value_counts(ids).to_pylist() if row["counts"] > 1)
        raise BankFileError(f"OrgnlEndToEndId {twice}", "同一笔付款重复报告", "the same line is reported twice")


def _report(texts: Leaves, table: pa.Table) -> StatusReport:
    report = "CstmrPmtStsRpt"
    group = f"{report}/OrgnlGrpInfAndSts"
    original = needed(texts, group, f"{group}/OrgnlMsgNmId")
    if not original.startswith("pain.001"):
        raise BankFileError(group, f"不是对付款指令的答复：{original}", f"not an answer to a payment file: {original}")
    status = _status(texts.get(f"{group}/GrpSts"), group)
    payment = _status(texts.get(f"{report}/OrgnlPmtInfAndSts/PmtInfSts"), "PmtInfSts")
    if status is payment is None and len(table) == 0:
        raise BankFileError(group, "报告没有任何状态", "the report states no status at all")
    return StatusReport(
        needed(texts, report, f"{report}/GrpHdr/MsgId"),
        needed(texts, group, f"{group}/OrgnlMsgId"),
        status,
        *_reason(texts, f"{group}/"),
        payment,
        table,
    )
