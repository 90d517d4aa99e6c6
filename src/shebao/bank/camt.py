"""Account statement 账户对账单 and notification 到账通知: camt.053.001.02 to .14 and camt.054.001.02 to .14."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, BinaryIO

import pyarrow as pa

from shebao.bank.messages import CURRENCY, BankFileError, Leaves, fen_of, first, leaves, needed, read, yuan_text
from shebao.bank.records import Columns

VERSIONS = range(2, 15)
STATEMENT, NOTIFICATION = "camt.053.001", "camt.054.001"
_BODY = {STATEMENT: "BkToCstmrStmt/Stmt", NOTIFICATION: "BkToCstmrDbtCdtNtfctn/Ntfctn"}
_SIGN = {"CRDT": 1, "DBIT": -1}


@dataclass(frozen=True, slots=True)
class Entry:
    """One movement of the account: an entry of the statement, or one transaction of an entry that has several.

    ``entry`` and ``transaction`` count from 1 in the order of the file and are the row's identity in it. ``amount``
    is in fen, positive when the account receives. ``reversal`` says that the bank takes back an earlier entry; the
    sign is already the one of this movement. ``end_to_end_id`` is of the payer, ``payment_id`` and ``message_id``
    name our payment file where the bank says so. Several creditor references of one transaction are joined by a
    blank and so match no bill: a person has to divide the amount.
    """

    entry: int
    transaction: int
    amount: int
    booking_date: date
    value_date: date | None = None
    reversal: bool = False
    entry_reference: str | None = None
    servicer_reference: str | None = None
    message_id: str | None = None
    payment_id: str | None = None
    end_to_end_id: str | None = None
    creditor_reference: str | None = None
    remittance: str | None = None
    debtor_name: str | None = None
    debtor_account: str | None = None
    creditor_name: str | None = None
    creditor_account: str | None = None
    return_reason: str | None = None
    return_text: str | None = None


@dataclass(frozen=True)
class Statement:
    """A statement or a notification of one account.

    ``message`` is its name with version; ``opening`` and ``closing`` are booked balances in fen, signed, None where
    the bank gives none (a notification has none). ``entries`` has the columns of :class:`Entry`.
    """

    message: str
    message_id: str
    id: str
    account: str
    currency: str
    opening: int | None
    closing: int | None
    entries: pa.Table

    def records(self) -> Iterator[Entry]:
        """The entries as records."""
        for batch in self.entries.to_batches():
            for row in batch.to_pylist():
                yield Entry(**row)


def read_statement(stream: BinaryIO) -> Statement:
    """Read a camt.053 or camt.054 of one account in yuan.

    The whole file is refused with :class:`BankFileError` where the transactions of an entry do not add up to it,
    opening + entries ≠ closing, a reference comes twice, an entry is not booked, in another currency or lacks amount
    or date, and where :func:`~shebao.bank.messages.read` refuses the XML.
    """
    entries = _Entries()
    message, root = read(stream, dict.fromkeys(_BODY, VERSIONS), ["Ntry", "TxDtls"], entries.take)
    body = _BODY[message.rpartition(".")[0]]
    texts, balances = leaves(root), _balances(root, body)
    if len(_children(root, body)) != 1:
        raise BankFileError(body, "一个文件只能有一份对账单", "a file holds exactly one statement")
    _same_body(entries.paths, body)
    statement = Statement(
        message,
        needed(texts, message, f"{body.partition('/')[0]}/GrpHdr/MsgId"),
        needed(texts, body, f"{body}/Id"),
        needed(texts, f"{body}/Acct", f"{body}/Acct/Id/Othr/Id", f"{body}/Acct/Id/IBAN"),
        _currency(texts.get(f"{body}/Acct/Ccy", CURRENCY), f"{body}/Acct"),
        balances.get("OPBD", balances.get("PRCD")),
        balances.get("CLBD"),
        entries.columns.table(),
    )
    _closes(statement, entries.total)
    return statement


class _Entries:
    """The entries as they come by; an entry's transactions end before the entry does."""

    def __init__(self) -> None:
        self.columns = Columns(Entry)
        self.count = self.total = 0
        self.references: set[tuple[str, str]] = set()
        self.paths: set[str] = set()
        self.header: Entry | None = None  # of the entry whose transactions are coming by
        self.said: Leaves = {}  # what it was read from
        self.transactions = self.sum = 0
        self.unpriced: Entry | None = None  # a transaction without an amount: it must be the only one

    def take(self, path: str, found: Any) -> None:
        above, _, tag = path.partition("/Ntry")
        self.paths.add(above)
        if tag == "/NtryDtls/TxDtls":
            self._transaction(found)
        elif tag == "":
            self._entry(found)
        else:
            raise BankFileError(f"Ntry {self.count + 1}", f"位置不对：{path}", f"out of place: {path}")

    def _transaction(self, found: Any) -> None:
        if self.header is None:
            self._open(leaves(found.getparent().getparent(), but="TxDtls"))
        assert self.header is not None
        self.transactions += 1
        where = f"Ntry {self.count} TxDtls {self.transactions}"
        texts = leaves(found)
        amount = _transaction_amount(texts, 1 if self.header.amount > 0 else -1, where)
        if self.unpriced is not None or (amount is None and self.transactions > 1):
            raise BankFileError(where, "多笔明细中有一笔没有金额", "one of several transactions has no amount")
        details = _details(texts, self.header)
        if amount is None:
            self.unpriced = replace(self.header, **details)
        else:
            self._book(replace(self.header, transaction=self.transactions, amount=amount, **details))

    def _open(self, texts: Leaves) -> None:
        self.count += 1
        self.header, self.said = _header(texts, self.count), texts
        where = f"Ntry {self.count}"
        for tag, reference in (
            ("NtryRef", self.header.entry_reference),
            ("AcctSvcrRef", self.header.servicer_reference),
        ):
            if reference is not None:
                if (tag, reference) in self.references:
                    raise BankFileError(where, f"{tag} {reference} 重复", f"{tag} {reference} comes twice")
                self.references.add((tag, reference))

    def _says_otherwise(self, texts: Leaves) -> bool:
        """Whether something of the amount stood behind the transactions."""
        return any(texts.get(name) != self.said.get(name) for name in ("Amt", "Amt@Ccy", "CdtDbtInd"))

    def _book(self, entry: Entry) -> None:
        self.sum += entry.amount
        self.columns.append(entry)

    def _entry(self, found: Any) -> None:
        if self.header is None:
            self._open(leaves(found))
        assert self.header is not None
        if self.transactions == 0:
            self._book(self.header)
        elif self._says_otherwise(leaves(found, but="NtryDtls")):
            raise BankFileError(f"Ntry {self.count}", "分录金额不明确", "the amount of the entry is ambiguous")
        if self.unpriced is not None:
            self._book(self.unpriced)  # it carries the entry's own amount
        if self.sum != self.header.amount:
            said, came = _yuan(self.header.amount), _yuan(self.sum)
            raise BankFileError(
                f"Ntry {self.count} ({self.header.entry_reference or self.header.servicer_reference})",
                f"明细合计 {came} 元不等于分录金额 {said} 元",
                f"transactions add up to {came} yuan, the entry is {said} yuan",
            )
        self.total += self.sum
        self.header = self.unpriced = None
        self.transactions = self.sum = 0


def _header(texts: Leaves, number: int) -> Entry:
    where = f"Ntry {number} ({first(texts, 'NtryRef', 'AcctSvcrRef')})"
    status = needed(texts, where, "Sts", "Sts/Cd", "Sts/Prtry")
    if status != "BOOK":
        raise BankFileError(where, f"未入账（{status}）", f"the entry is not booked ({status})")
    _currency(needed(texts, where, "Amt@Ccy"), where)
    booked = _date(first(texts, "BookgDt/Dt", "BookgDt/DtTm"), where)
    if booked is None:
        raise BankFileError(where, "缺少入账日期 BookgDt", "BookgDt is missing")
    return Entry(
        entry=number,
        transaction=1,
        amount=_sign(needed(texts, where, "CdtDbtInd"), where) * fen_of(texts.get("Amt"), where),
        booking_date=booked,
        value_date=_date(first(texts, "ValDt/Dt", "ValDt/DtTm"), where),
        reversal=_flag(texts.get("RvslInd", "false"), where),
        entry_reference=texts.get("NtryRef"),
        servicer_reference=texts.get("AcctSvcrRef"),
        message_id=texts.get("NtryDtls/Btch/MsgId"),
        payment_id=texts.get("NtryDtls/Btch/PmtInfId"),
    )


def _details(texts: Leaves, header: Entry) -> dict[str, Any]:
    parties, reason = "RltdPties", "RtrInf/Rsn"
    return {
        "servicer_reference": texts.get("Refs/AcctSvcrRef", header.servicer_reference),
        "message_id": texts.get("Refs/MsgId", header.message_id),
        "payment_id": texts.get("Refs/PmtInfId", header.payment_id),
        "end_to_end_id": texts.get("Refs/EndToEndId"),
        "creditor_reference": texts.get("RmtInf/Strd/CdtrRefInf/Ref"),
        "remittance": texts.get("RmtInf/Ustrd"),
        "debtor_name": first(texts, f"{parties}/Dbtr/Nm", f"{parties}/Dbtr/Pty/Nm"),
        "debtor_account": first(texts, f"{parties}/DbtrAcct/Id/Othr/Id", f"{parties}/DbtrAcct/Id/IBAN"),
        "creditor_name": first(texts, f"{parties}/Cdtr/Nm", f"{parties}/Cdtr/Pty/Nm"),
        "creditor_account": first(texts, f"{parties}/CdtrAcct/Id/Othr/Id", f"{parties}/CdtrAcct/Id/IBAN"),
        "return_reason": first(texts, f"{reason}/Cd", f"{reason}/Prtry"),
        "return_text": texts.get("RtrInf/AddtlInf"),
    }


def _transaction_amount(texts: Leaves, sign: int, where: str) -> int | None:
    # Without an indicator of its own a transaction has the sign of its entry.
    # Version .02 has no amount of its own here, only the one among the amount details.
    for path in ("Amt", "AmtDtls/TxAmt/Amt"):
        if path in texts:
            _currency(needed(texts, where, f"{path}@Ccy"), where)
            if "CdtDbtInd" in texts:
                sign = _sign(texts["CdtDbtInd"], where)
            return sign * fen_of(texts[path], where)
    return None


def _children(root: Any, body: str) -> list[Any]:
    space = root.tag.removesuffix("Document")
    return list(root.findall("/".join(f"{space}{tag}" for tag in body.split("/"))))


def _same_body(paths: set[str], body: str) -> None:
    if strays := sorted(paths - {body}):
        raise BankFileError(strays[0], "分录不在对账单内", f"entries outside {body}")


def _balances(root: Any, body: str) -> dict[str, int]:
    """The signed balances by code."""
    space = root.tag.removesuffix("Document")
    balances: dict[str, int] = {}
    for statement in _children(root, body):
        for found in statement.findall(f"{space}Bal"):
            texts = leaves(found)
            code = first(texts, "Tp/CdOrPrtry/Cd", "Tp/CdOrPrtry/Prtry") or "?"
            where = f"Bal {code}"
            _currency(needed(texts, where, "Amt@Ccy"), where)
            if code in balances and code in ("OPBD", "PRCD", "CLBD"):
                raise BankFileError(where, "余额重复", "the balance comes twice")
            balances[code] = _sign(needed(texts, where, "CdtDbtInd"), where) * fen_of(texts.get("Amt"), where)
    return balances


def _closes(statement: Statement, total: int) -> None:
    opening, closing = statement.opening, statement.closing
    if opening is None or closing is None or opening + total == closing:
        return
    sums = f"{_yuan(opening)} + {_yuan(total)} ≠ {_yuan(closing)}"
    raise BankFileError(
        f"Stmt {statement.id}",
        f"期初加发生额不等于期末：{sums}",
        f"opening + entries ≠ closing balance: {sums}",
    )


def _yuan(fen: int) -> str:
    return ("-" if fen < 0 else "") + yuan_text(abs(fen))


def _currency(code: str, where: str) -> str:
    if code != CURRENCY:
        raise BankFileError(where, f"币种不是人民币：{code}", f"the currency is not {CURRENCY}: {code}")
    return code


def _sign(indicator: str, where: str) -> int:
    if indicator not in _SIGN:
        raise BankFileError(where, f"借贷标志无效：{indicator}", f"CdtDbtInd is neither CRDT nor DBIT: {indicator}")
    return _SIGN[indicator]


def _flag(text: str, where: str) -> bool:
    if text not in ("true", "false", "1", "0"):
        raise BankFileError(where, f"冲正标志无效：{text}", f"RvslInd is not true or false: {text}")
    return text in ("true", "1")


_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})([T+\-Z].*)?")


def _date(text: str | None, where: str) -> date | None:
    """The calendar day as the bank wrote it; a time or zone behind it does not move the day."""
    if text is None:
        return None
    match = _DATE.fullmatch(text)
    try:
        return date.fromisoformat(match[1] if match else text)
    except ValueError:
        raise BankFileError(where, f"日期无效：{text}", f"not a date: {text}") from None
