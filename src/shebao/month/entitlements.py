"""Decisions and what is due by them: awards are added, entitlements superseded and replaced from a month on.

What is due is never edited. A change from a month on supersedes the rows known until now, records their part before
that month again as it was, and then the new rows; what is due already as the change wants it is left alone.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from shebao.month.context import Context


@dataclass(frozen=True)
class Decision:
    """One award, to be added as the next version of its person and benefit; ``amount`` in fen."""

    person_id: int
    area: int
    benefit: str
    month: dt.date
    amount: int
    reason: str
    facts: Mapping[str, Any]
    tree: Mapping[str, Any]
    provisional: bool = False
    granted: bool = True
    claim: int | None = None


@dataclass(frozen=True)
class Due:
    """What is due to a person a month, from ``start`` to before ``end`` (``None``: for life), in fen."""

    start: dt.date
    end: dt.date | None
    amount: int
    components: Mapping[str, int]
    account_part: int = 0
    bank_account_id: int | None = None
    reason: str = ""
    scheme: str | None = None  # whose fund pays; none: the one the benefit is of by itself


@dataclass(frozen=True)
class Change:
    """From the month ``start`` on, ``rows`` are due and nothing else; the award they rest on, if any, by version."""

    person_id: int
    area: int
    benefit: str
    start: dt.date
    rows: Sequence[Due] = ()
    award_version: int | None = None
    reason: str = field(default="")


def record(context: Context, decisions: Sequence[Decision]) -> dict[tuple[int, str], int]:
    """Adds the awards; returns the version each person and benefit got. One decision of each at a time."""
    if not decisions:
        return {}
    found = context.books.rows(
        """SELECT w.person_id, w.benefit, max(a.version) FROM unnest(%(people)s::bigint[], %(benefits)s::text[]) AS w
        (person_id, benefit)
           JOIN award a ON a.person_id = w.person_id AND a.benefit = w.benefit::benefit GROUP BY 1, 2""",
        people=[d.person_id for d in decisions],
        benefits=[d.benefit for d in decisions],
    )
    last = {(person, benefit): version for person, benefit, version in found}
    versions = {(d.person_id, d.benefit): last.get((d.person_id, d.benefit), -1) + 1 for d in decisions}
    rows = [_award_row(context, d, versions[d.person_id, d.benefit]) for d in decisions]
    context.books.copy_in("award", pa.Table.from_pylist(rows, _AWARD))
    return versions


_AWARD = pa.schema(
    [
        ("region", pa.int16()),
        ("person_id", pa.int64()),
        ("benefit", pa.string()),
        ("version", pa.int16()),
        ("area", pa.int64()),
        ("month", pa.date32()),
        ("booked", pa.date32()),
        ("amount", pa.int64()),
        ("provisional", pa.bool_()),
        ("granted", pa.bool_()),
        ("reason", pa.string()),
        ("claim", pa.int64()),
        ("facts", pa.string()),
        ("tree", pa.string()),
        ("law", pa.string()),
    ]
)


def _award_row(context: Context, d: Decision, version: int) -> dict[str, Any]:
    return {
        "region": context.region,
        "person_id": d.person_id,
        "benefit": d.benefit,
        "version": version,
        "area": d.area,
        "month": d.month,
        "booked": context.month,
        "amount": d.amount,
        "provisional": d.provisional,
        "granted": d.granted,
        "reason": d.reason,
        "claim": d.claim,
        "facts": json.dumps(d.facts, ensure_ascii=False),
        "tree": json.dumps(d.tree, ensure_ascii=False),
        "law": context.rulebook.fingerprint,
    }


def replace(context: Context, changes: Iterable[Change]) -> int:
    """Makes what is due as the changes say, one for each person and benefit; returns how many differed from the books.

    Seven statements, whatever the number of people.
    """
    changes = list(changes)
    if not changes:
        return 0
    books = context.books
    _room(context)
    cuts = [{"person_id": c.person_id, "benefit": c.benefit, "start": c.start} for c in changes]
    books.copy_in("due_cut", pa.Table.from_pylist(cuts, _CUT))
    books.copy_in("due_row", pa.Table.from_pylist([row for c in changes for row in _due_rows(c)], _DUE))
    books.execute(_LEAVE_EQUAL)
    books.execute(_SUPERSEDE, m=context.month)
    books.execute(_ADD, m=context.month, r=context.region)
    return int(books.value("SELECT count(*) FROM due_cut"))


_CUT = pa.schema([("person_id", pa.int64()), ("benefit", pa.string()), ("start", pa.date32())])
_DUE = pa.schema(
    [
        ("person_id", pa.int64()),
        ("area", pa.int64()),
        ("benefit", pa.string()),
        ("valid", pa.string()),
        ("amount", pa.int64()),
        ("account_part", pa.int64()),
        ("components", pa.string()),
        ("award_version", pa.int16()),
        ("bank_account_id", pa.int64()),
        ("reason", pa.string()),
        ("scheme", pa.string()),
    ]
)


def _due_rows(change: Change) -> list[dict[str, Any]]:
    return [
        {
            "person_id": change.person_id,
            "area": change.area,
            "benefit": change.benefit,
            "valid": f"[{due.start},{due.end or ''})",
            "amount": due.amount,
            "account_part": due.account_part,
            "components": json.dumps(due.components),
            "award_version": change.award_version,
            "bank_account_id": due.bank_account_id,
            "reason": due.reason or change.reason,
            "scheme": due.scheme,
        }
        for due in change.rows
    ]


def _room(context: Context) -> None:
    """Empty tables for one change, gone with the transaction."""
    context.books.execute(
        """DROP TABLE IF EXISTS due_cut, due_row;
           CREATE TEMPORARY TABLE due_cut (person_id bigint, benefit benefit, start date,
               PRIMARY KEY (person_id, benefit)) ON COMMIT DROP;
           CREATE TEMPORARY TABLE due_row (person_id bigint, area bigint, benefit benefit, valid daterange,
               amount bigint, account_part bigint, components jsonb, award_version smallint, bank_account_id bigint,
               reason text, scheme scheme) ON COMMIT DROP"""
    )


_LEAVE_EQUAL = """
    WITH wanted AS (
        SELECT person_id, benefit,
               array_agg((valid, amount, account_part, components, bank_account_id, scheme)::text
                         ORDER BY valid) AS rows
        FROM due_row GROUP BY 1, 2),
    held AS (
        SELECT c.person_id, c.benefit,
               array_agg((e.valid * daterange(c.start, NULL), e.amount, e.account_part, e.components,
                          e.bank_account_id, e.scheme)::text ORDER BY e.valid) AS rows
        FROM due_cut c
        JOIN entitlement e ON e.person_id = c.person_id AND e.benefit = c.benefit AND upper_inf(e.known)
             AND e.valid && daterange(c.start, NULL)
        GROUP BY 1, 2),
    equal AS (
        SELECT c.person_id, c.benefit FROM due_cut c
        LEFT JOIN wanted w USING (person_id, benefit) LEFT JOIN held h USING (person_id, benefit)
        WHERE w.rows IS NOT DISTINCT FROM h.rows),
    gone AS (DELETE FROM due_cut c USING equal q WHERE c.person_id = q.person_id AND c.benefit = q.benefit)
    DELETE FROM due_row d USING equal q WHERE d.person_id = q.person_id AND d.benefit = q.benefit"""

# The clock, not the transaction's start: what one step has recorded, a later part of the same step may supersede.
_SUPERSEDE = """
    WITH gone AS (
        UPDATE entitlement e SET known = tstzrange(lower(e.known), clock_timestamp()), superseded_in = %(m)s
        FROM due_cut c
        WHERE e.person_id = c.person_id AND e.benefit = c.benefit AND upper_inf(e.known)
          AND e.valid && daterange(c.start, NULL)
        RETURNING e.*, c.start)
    INSERT INTO due_row
    SELECT person_id, area, benefit, valid * daterange(NULL, start), amount, account_part, components, award_version,
           bank_account_id, reason, scheme
    FROM gone WHERE NOT isempty(valid * daterange(NULL, start))"""

_ADD = """
    INSERT INTO entitlement (person_id, benefit, version, region, area, scheme, valid, known, booked, amount,
                             account_part, components, award_version, bank_account_id, reason)
    SELECT d.person_id, d.benefit,
           coalesce((SELECT max(x.version) FROM entitlement x
                     WHERE x.person_id = d.person_id AND x.benefit = d.benefit), -1)
               + row_number() OVER (PARTITION BY d.person_id, d.benefit ORDER BY d.valid),
           %(r)s, d.area, d.scheme, d.valid, tstzrange(clock_timestamp(), NULL), %(m)s, d.amount, d.account_part,
           d.components, d.award_version, d.bank_account_id, d.reason
    FROM due_row d ORDER BY d.person_id, d.benefit, d.valid"""


def set_component(
    context: Context,
    benefit: str,
    name: str,
    amounts: pa.Table,
    start: dt.date,
    end: dt.date | None = None,
    reason: str = "",
) -> int:
    """Sets one component of everybody's benefit from a month to before another (``None``: for good).

    ``amounts`` has the columns ``person_id`` and ``amount`` (fen); 0 takes the component away. Rows that have it so
    already are left alone. Returns the number of people changed. Three statements, whatever their number.
    """
    context.books.execute(
        """DROP TABLE IF EXISTS due_component;
           CREATE TEMPORARY TABLE due_component (person_id bigint PRIMARY KEY, amount bigint NOT NULL) ON COMMIT DROP"""
    )
    context.books.copy_in("due_component", amounts.select(["person_id", "amount"]))
    places = {"b": benefit, "n": name, "start": start, "end": end, "m": context.month, "why": reason}
    return int(context.books.value(_SET_COMPONENT, **places))


_SET_COMPONENT = """
    WITH span AS (SELECT daterange(%(start)s::date, %(end)s::date) AS months, %(n)s::text AS name),
    gone AS (
        UPDATE entitlement e SET known = tstzrange(lower(e.known), clock_timestamp()), superseded_in = %(m)s
        FROM due_component a, span s
        WHERE e.person_id = a.person_id AND e.benefit = %(b)s::benefit AND upper_inf(e.known) AND e.valid && s.months
          AND coalesce((e.components ->> s.name)::bigint, 0) <> a.amount
        RETURNING e.*, a.amount AS wanted, s.months, s.name, coalesce((e.components ->> s.name)::bigint, 0) AS had),
    pieces AS (
        SELECT person_id, benefit, region, area, scheme, award_version, bank_account_id, account_part,
               valid * daterange(NULL, lower(months)) AS valid, amount, components, reason FROM gone
        UNION ALL
        SELECT person_id, benefit, region, area, scheme, award_version, bank_account_id, account_part,
               valid * months, amount - had + wanted,
               CASE WHEN wanted = 0 THEN components - name ELSE components || jsonb_build_object(name, wanted) END,
               %(why)s FROM gone
        UNION ALL
        SELECT person_id, benefit, region, area, scheme, award_version, bank_account_id, account_part,
               valid * daterange(upper(months), NULL), amount, components, reason
        FROM gone WHERE NOT upper_inf(months)),
    added AS (
        INSERT INTO entitlement (person_id, benefit, version, region, area, scheme, valid, known, booked, amount,
                                 account_part, components, award_version, bank_account_id, reason)
        SELECT p.person_id, p.benefit,
               (SELECT max(x.version) FROM entitlement x WHERE x.person_id = p.person_id AND x.benefit = p.benefit)
                   + row_number() OVER (PARTITION BY p.person_id, p.benefit ORDER BY p.valid),
               p.region, p.area, p.scheme, p.valid, tstzrange(clock_timestamp(), NULL), %(m)s, p.amount,
               p.account_part, p.components, p.award_version, p.bank_account_id, p.reason
        FROM pieces p WHERE NOT isempty(p.valid) ORDER BY p.person_id, p.valid RETURNING person_id)
    SELECT count(DISTINCT person_id) FROM added"""
