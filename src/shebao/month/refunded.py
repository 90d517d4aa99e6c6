"""Refunded accounts: who ended the relation got the whole account, so what still moves it changes what was due.

A bill of a month before the end that is settled afterwards, or a wage of it corrected, is gain or debt of the person.
What somebody pays who takes part again is not: it begins a new account.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shebao.month.careers import after, yuan
from shebao.month.context import Context
from shebao.month.entitlements import Change, Decision, Due, record, replace
from shebao.month.pensions import fen

BENEFIT = "account_refund"
_REASON = "account moved after its refund 账户变动后重算"


@dataclass(frozen=True)
class Refunded:
    """A refund by its latest award: its month, when it fell due, and what the account has had by then, in fen."""

    person_id: int
    area: int
    month: dt.date
    claim: int | None
    facts: Mapping[str, Any]
    bank_account_id: int | None
    start: dt.date
    held: int


def follow_refunds(context: Context) -> int:
    """Refunds whose account has moved since are due anew; returns how many."""
    moved = [Refunded(*row) for row in context.books.rows(_MOVED, r=context.region)]
    decisions = [_decision(context, one) for one in moved]
    versions = record(context, decisions)
    changes = [
        _change(one, decision.amount, versions[one.person_id, BENEFIT])
        for one, decision in zip(moved, decisions, strict=True)
    ]
    return replace(context, changes)


# What payments of the refund took is given back to the sum: it is the refund itself that is reckoned.
_MOVED = """
    WITH latest AS (
        SELECT DISTINCT ON (person_id) * FROM award WHERE region = %(r)s AND benefit = 'account_refund'
        ORDER BY person_id, version DESC),
    due AS (
        SELECT e.person_id, sum(e.account_part)::bigint AS part, max(e.bank_account_id) AS bank_account_id,
               min(lower(e.valid)) AS start
        FROM entitlement e WHERE e.region = %(r)s AND e.benefit = 'account_refund' AND upper_inf(e.known)
        GROUP BY e.person_id HAVING count(*) = 1),
    held AS (
        SELECT l.person_id, (
            coalesce((SELECT sum(a.amount) FROM account_entry a
                      WHERE a.person_id = l.person_id AND a.scheme = 'employee_pension' AND a.region = %(r)s
                        AND a.month <= d.start), 0)
            + coalesce((SELECT sum(p.account_part) FROM payment p
                        WHERE p.person_id = l.person_id AND p.region = %(r)s AND p.benefit = 'account_refund'), 0)
            )::bigint AS fen
        FROM latest l JOIN due d USING (person_id) WHERE l.granted)
    SELECT l.person_id, l.area, l.month, l.claim, l.facts, d.bank_account_id, d.start, h.fen
    FROM latest l JOIN due d USING (person_id) JOIN held h USING (person_id)
    WHERE l.granted AND d.part <> h.fen AND h.fen > 0 ORDER BY l.person_id"""


def _decision(context: Context, one: Refunded) -> Decision:
    facts = {**one.facts, "account_balance": yuan(one.held)}
    tree = context.law_of(one.month).explain(f"employee_pension.{BENEFIT}", facts)
    about = (one.person_id, one.area, BENEFIT, one.month)
    return Decision(*about, fen(tree), _REASON, facts, tree.as_dict(), claim=one.claim)


def _change(one: Refunded, amount: int, version: int) -> Change:
    due = Due(one.start, after(one.start), amount, {BENEFIT: amount}, amount, one.bank_account_id, _REASON)
    return Change(one.person_id, one.area, BENEFIT, one.start, [due], version)
