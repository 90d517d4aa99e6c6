"""What a bank answers, written, for tests and trials without one: pain.002.001.12, camt.053.001.08, camt.054.001.08."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import BinaryIO

from shebao.bank.camt import Entry
from shebao.bank.messages import CURRENCY, NAMESPACE, element, yuan_text
from shebao.bank.pain001 import MESSAGE
from shebao.bank.pain002 import TransactionStatus

STATUS_REPORT, STATEMENT, NOTIFICATION = "pain.002.001.12", "camt.053.001.08", "camt.054.001.08"


@dataclass(frozen=True)
class Header:
    """Who says it and when: the ids of the message and of the statement in it, and the account."""

    message_id: str
    id: str
    created: datetime
    account: str


def write_status_report(
    stream: BinaryIO,
    *,
    message_id: str,
    created: datetime,
    original_message_id: str,
    original_payment_id: str,
    group_status: str | None,
    reason: str | None = None,
    text: str | None = None,
    transactions: Iterable[TransactionStatus] = (),
) -> None:
    """Write a pain.002 on one payment file; ``reason`` and ``text`` are of the group."""
    group = "OrgnlGrpInfAndSts"
    _write(
        stream,
        _open(STATUS_REPORT, "CstmrPmtStsRpt", message_id, created),
        f"<{group}>{element('OrgnlMsgId', original_message_id, 35, group)}<OrgnlMsgNmId>{MESSAGE}</OrgnlMsgNmId>"
        f"{element('GrpSts', group_status, 4, group)}{_reason('StsRsnInf', reason, text, group)}</{group}>\n"
        f"<OrgnlPmtInfAndSts>{element('OrgnlPmtInfId', original_payment_id, 35, 'OrgnlPmtInfId')}\n",
    )
    for status in transactions:
        where = f"TxInfAndSts {status.end_to_end_id}"
        _write(
            stream,
            f"<TxInfAndSts>{element('OrgnlEndToEndId', status.end_to_end_id, 35, where)}"
            f"{element('TxSts', status.status, 4, where)}"
            f"{_reason('StsRsnInf', status.reason, status.text, where)}</TxInfAndSts>\n",
        )
    _write(stream, "</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>\n")


def write_statement(stream: BinaryIO, header: Header, day: date, opening: int, entries: Sequence[Entry]) -> int:
    """Write a camt.053 of a day; returns the closing balance in fen.

    Rows with the same ``entry`` number, one after the other, become one entry with several transactions.
    """
    closing = opening + sum(entry.amount for entry in entries)
    _write(
        stream,
        _open(STATEMENT, "BkToCstmrStmt", header.message_id, header.created),
        f"<Stmt>{_account(header)}{_balance('OPBD', opening, day)}{_balance('CLBD', closing, day)}\n",
        *_entries(entries),
        "</Stmt></BkToCstmrStmt></Document>\n",
    )
    return closing


def write_notification(stream: BinaryIO, header: Header, entries: Iterable[Entry]) -> None:
    """Write a camt.054; rows become entries as in :func:`write_statement`."""
    _write(
        stream,
        _open(NOTIFICATION, "BkToCstmrDbtCdtNtfctn", header.message_id, header.created),
        f"<Ntfctn>{_account(header)}\n",
        *_entries(entries),
        "</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>\n",
    )


def _write(stream: BinaryIO, *parts: str) -> None:
    for part in parts:
        stream.write(part.encode())


def _open(message: str, body: str, message_id: str, created: datetime) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{NAMESPACE}{message}"><{body}>\n'
        f"<GrpHdr>{element('MsgId', message_id, 35, 'MsgId')}"
        f"<CreDtTm>{created.isoformat(timespec='seconds')}</CreDtTm></GrpHdr>\n"
    )


def _account(header: Header) -> str:
    return (
        f"{element('Id', header.id, 35, 'Id')}<CreDtTm>{header.created.isoformat(timespec='seconds')}</CreDtTm>"
        f"<Acct>{_other(header.account, 'Acct')}<Ccy>{CURRENCY}</Ccy></Acct>"
    )


def _other(account: str, where: str) -> str:
    return f"<Id><Othr>{element('Id', account, 34, where)}</Othr></Id>"


def _money(fen: int) -> str:
    sign = "CRDT" if fen >= 0 else "DBIT"
    return f'<Amt Ccy="{CURRENCY}">{yuan_text(abs(fen))}</Amt><CdtDbtInd>{sign}</CdtDbtInd>'


def _balance(code: str, fen: int, day: date) -> str:
    return f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>{_money(fen)}<Dt><Dt>{day}</Dt></Dt></Bal>"


def _reason(tag: str, reason: str | None, text: str | None, where: str) -> str:
    if reason is None and text is None:
        return ""
    code = "" if reason is None else element("Cd" if len(reason) == 4 else "Prtry", reason, 35, where)
    return f"<{tag}>{code and f'<Rsn>{code}</Rsn>'}{element('AddtlInf', text, 105, where)}</{tag}>"


def _entries(entries: Iterable[Entry]) -> Iterator[str]:
    for number, group in groupby(entries, key=lambda entry: entry.entry):
        rows = list(group)
        top, where = rows[0], f"Ntry {number}"
        fen = sum(row.amount for row in rows)
        returned = "RRTN" if any(row.return_reason for row in rows) else "DMCT"  # return, domestic credit transfer
        family = "RCDT" if fen >= 0 else "ICDT"  # received, issued credit transfers
        yield (
            f"<Ntry>{element('NtryRef', top.entry_reference, 35, where)}{_money(fen)}"
            f"<RvslInd>{str(top.reversal).lower()}</RvslInd><Sts><Cd>BOOK</Cd></Sts>"
            f"<BookgDt><Dt>{top.booking_date}</Dt></BookgDt>"
            f"{f'<ValDt><Dt>{top.value_date}</Dt></ValDt>' if top.value_date else ''}"
            f"{element('AcctSvcrRef', top.servicer_reference, 35, where)}"
            f"<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>{family}</Cd><SubFmlyCd>{returned}</SubFmlyCd></Fmly></Domn></BkTxCd>"
            "<NtryDtls>\n"
        )
        for row in rows:
            yield _transaction(row, top, f"{where} TxDtls {row.transaction}")
        yield "</NtryDtls></Ntry>\n"


def _transaction(row: Entry, top: Entry, where: str) -> str:
    own = row.servicer_reference if row.servicer_reference != top.servicer_reference else None
    references = (
        element("MsgId", row.message_id, 35, where)
        + element("AcctSvcrRef", own, 35, where)
        + element("PmtInfId", row.payment_id, 35, where)
        + element("EndToEndId", row.end_to_end_id, 35, where)
    )
    parties = _party("Dbtr", row.debtor_name, row.debtor_account, where) + _party(
        "Cdtr", row.creditor_name, row.creditor_account, where
    )
    reference = element("Ref", row.creditor_reference, 35, where)
    remittance = element("Ustrd", row.remittance, 140, where) + (
        reference and f"<Strd><CdtrRefInf>{reference}</CdtrRefInf></Strd>"
    )
    return (
        f"<TxDtls>{references and f'<Refs>{references}</Refs>'}{_money(row.amount)}"
        f"{parties and f'<RltdPties>{parties}</RltdPties>'}{remittance and f'<RmtInf>{remittance}</RmtInf>'}"
        f"{_reason('RtrInf', row.return_reason, row.return_text, where)}</TxDtls>\n"
    )


def _party(tag: str, name: str | None, account: str | None, where: str) -> str:
    party = "" if name is None else f"<{tag}><Pty>{element('Nm', name, 140, where)}</Pty></{tag}>"
    return party + ("" if account is None else f"<{tag}Acct>{_other(account, where)}</{tag}Acct>")
