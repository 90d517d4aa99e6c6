"""A bank to try the system with: it takes payment files, rejects and returns what a rule says, and reports.

It keeps one account, is deterministic, and knows nothing of the payer but what the messages say.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from shebao.bank.answers import Header, write_notification, write_statement, write_status_report
from shebao.bank.camt import Entry
from shebao.bank.pain001 import Batch, Transfer, read_transfers
from shebao.bank.pain002 import TransactionStatus


@dataclass(frozen=True)
class Outcome:
    """What becomes of a transfer: ``settled``, ``rejected`` before or ``returned`` after the money left, and why."""

    kind: str = "settled"
    reason: str | None = None
    text: str | None = None


SETTLED = Outcome()
REJECTED = Outcome("rejected", "AC01", "账号不存在")  # incorrect account number
RETURNED = Outcome("returned", "AC04", "账户已销户")  # closed account number

Rule = Callable[[Transfer], Outcome]


def by_seed(seed: int, rejected: int = 0, returned: int = 0) -> Rule:
    """A rule that rejects and returns so many of 10,000 transfers, chosen by their end-to-end ids and the seed."""

    def rule(transfer: Transfer) -> Outcome:
        digest = hashlib.blake2b(f"{seed} {transfer.end_to_end_id}".encode(), digest_size=8).digest()
        draw = int.from_bytes(digest, "big") % 10_000
        return REJECTED if draw < rejected else RETURNED if draw < rejected + returned else SETTLED

    return rule


class Bank:
    """A bank that keeps one account; ``balance`` in fen. Reports come as bytes and number themselves."""

    def __init__(self, account: str, balance: int, rule: Rule | None = None) -> None:
        self.account, self.balance, self.rule = account, balance, rule or by_seed(0)
        self.opening = balance  # of the statement to come
        self.entries: list[Entry] = []  # since the last statement
        self.unnotified: list[Entry] = []  # credits since the last notification
        self.received: set[str] = set()
        self.messages = self.booked = 0

    def pay(self, file: bytes, at: datetime) -> bytes:
        """Take a pain.001, book it on its execution day, answer with a pain.002.

        The whole file is rejected if it came before (DU01), is not on this account (AC02) or is not covered (AM04).
        """
        batch, table = read_transfers(io.BytesIO(file))
        wrong = self._refusal(batch)
        if wrong:
            return self._report(batch, at, "RJCT", [], *wrong)
        self.received.add(batch.message_id)
        judged = [(transfer, self.rule(transfer)) for row in table.to_pylist() for transfer in [Transfer(**row)]]
        self._book_payment(batch, [transfer for transfer, outcome in judged if outcome.kind != "rejected"])
        for transfer, outcome in judged:
            if outcome.kind == "returned":
                self._book_return(batch, transfer, outcome)
        statuses = [_status(transfer, outcome) for transfer, outcome in judged]
        rejected = sum(status.status == "RJCT" for status in statuses)
        group = "ACSC" if rejected == 0 else "RJCT" if rejected == len(statuses) else "PART"
        return self._report(batch, at, group, statuses)

    def receive(self, day: date, amount: int, reference: str | None = None, **details: Any) -> None:
        """Book money that comes in: ``reference`` is the creditor reference; ``details`` are fields of an entry."""
        if amount <= 0:
            raise ValueError(f"money that comes in is positive, not {amount} fen")
        self._book([Entry(0, 1, amount, day, day, creditor_reference=reference, **details)])

    def notification(self, at: datetime) -> bytes:
        """A camt.054 of what came in since the last one, returns included."""
        stream = io.BytesIO()
        write_notification(stream, self._header(at, "N"), self.unnotified)
        self.unnotified = []
        return stream.getvalue()

    def statement(self, at: datetime) -> bytes:
        """A camt.053 of everything since the last one."""
        stream = io.BytesIO()
        self.opening = write_statement(stream, self._header(at, "S"), at.date(), self.opening, self.entries)
        self.entries = []
        return stream.getvalue()

    def _refusal(self, batch: Batch) -> tuple[str, str] | None:
        if batch.message_id in self.received:
            return "DU01", "报文重复"
        if batch.debtor_account != self.account:
            return "AC02", "付款账号无效"
        if batch.fen > self.balance:
            return "AM04", "余额不足"
        return None

    def _book_payment(self, batch: Batch, transfers: list[Transfer]) -> None:
        rows = [
            Entry(
                0,
                number,
                -transfer.amount,
                batch.execution,
                batch.execution,
                end_to_end_id=transfer.end_to_end_id,
                creditor_name=transfer.name,
                creditor_account=transfer.account,
                remittance=transfer.remittance,
                message_id=batch.message_id,
                payment_id=batch.payment_id,
            )
            for number, transfer in enumerate(transfers, 1)
        ]
        for group in [rows] if batch.batch_booking else [[replace(row, transaction=1)] for row in rows]:
            self._book(group)

    def _book_return(self, batch: Batch, transfer: Transfer, outcome: Outcome) -> None:
        returned = Entry(
            0,
            1,
            transfer.amount,
            batch.execution,
            batch.execution,
            message_id=batch.message_id,
            payment_id=batch.payment_id,
            end_to_end_id=transfer.end_to_end_id,
            creditor_name=transfer.name,
            creditor_account=transfer.account,
            return_reason=outcome.reason,
            return_text=outcome.text,
        )
        self._book([returned])

    def _book(self, rows: list[Entry]) -> None:
        """Book the rows as one entry under a reference of our own."""
        if not rows:
            return
        self.booked += 1
        reference = f"{self.account[-12:]}-{self.booked:010d}"
        entry = [replace(row, entry=self.booked, servicer_reference=reference) for row in rows]
        self.balance += sum(row.amount for row in entry)
        self.entries += entry
        self.unnotified += [row for row in entry if row.amount > 0]

    def _header(self, at: datetime, kind: str) -> Header:
        message_id = self._message_id(kind)
        return Header(message_id, message_id, at, self.account)

    def _message_id(self, kind: str) -> str:
        self.messages += 1
        return f"{kind}{self.account[-12:]}-{self.messages:08d}"

    def _report(
        self,
        batch: Batch,
        at: datetime,
        group: str,
        statuses: list[TransactionStatus],
        reason: str | None = None,
        text: str | None = None,
    ) -> bytes:
        stream = io.BytesIO()
        write_status_report(
            stream,
            message_id=self._message_id("R"),
            created=at,
            original_message_id=batch.message_id,
            original_payment_id=batch.payment_id,
            group_status=group,
            reason=reason,
            text=text,
            transactions=statuses,
        )
        return stream.getvalue()


def _status(transfer: Transfer, outcome: Outcome) -> TransactionStatus:
    if outcome.kind == "rejected":
        return TransactionStatus(transfer.end_to_end_id, "RJCT", outcome.reason, outcome.text)
    return TransactionStatus(transfer.end_to_end_id, "ACSC")
