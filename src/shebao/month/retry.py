"""Lines that did not reach their payee: sent anew once there is an account, or set against what the payee owes.

A line is open when it waits for an account, when the bank rejected or returned it, or when its batch was refused.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from shebao.books.ledger import Posting
from shebao.month import recover
from shebao.month.context import Context

#: Every open line of a region with the account that holds its money and the bank account it failed on.
OPEN = """
    WITH tried AS (
        SELECT p.month, p.person_id, p.benefit, p.version, 1 AS attempt, p.area, p.scheme, p.amount - p.withheld
            AS amount, p.bank_account_id, p.batch
        FROM payment p
        WHERE p.region = %(r)s AND p.batch IS NULL AND p.amount > p.withheld
        UNION ALL
        SELECT p.month, p.person_id, p.benefit, p.version, 1, p.area, p.scheme, p.amount - p.withheld,
            p.bank_account_id, p.batch
        FROM payment p
        WHERE p.batch IS NOT NULL AND p.region = %(r)s AND (
            p.batch IN (SELECT number FROM batch_event WHERE region = %(r)s AND event = 'refused')
            OR (p.month, p.person_id, p.benefit, p.version) IN (
                SELECT month, person_id, benefit, version FROM payment_return WHERE region = %(r)s AND attempt = 1))
        UNION ALL
        SELECT t.month, t.person_id, t.benefit, t.version, t.attempt, t.area, p.scheme, t.amount,
            t.bank_account_id, t.batch
        FROM payment_retry t JOIN payment p USING (month, person_id, benefit, version)
        WHERE t.region = %(r)s AND t.batch IS NOT NULL)
    SELECT t.month, t.person_id, t.benefit::text AS benefit, t.version, t.attempt, t.area, t.scheme::text
        AS scheme, t.amount,
           t.bank_account_id, CASE WHEN x.kind IS NULL THEN 'benefits_payable' ELSE 'returned_payments' END AS held_in
    FROM tried t LEFT JOIN payment_return x USING (month, person_id, benefit, version, attempt)
    WHERE NOT EXISTS (SELECT FROM payment_retry n WHERE n.month = t.month AND n.person_id = t.person_id
                      AND n.benefit = t.benefit AND n.version = t.version AND n.attempt = t.attempt + 1)
      AND (t.batch IS NULL OR x.kind IS NOT NULL OR EXISTS (
           SELECT FROM batch_event e WHERE e.region = %(r)s AND e.number = t.batch AND e.event = 'refused'))"""

# The account to try now: the entitlement's or the person's own, but not the one the money has just come back from.
_AGAIN = f"""
    SELECT o.month, o.person_id, o.benefit, o.version, o.attempt + 1 AS attempt, o.area, o.scheme, o.amount,
        o.held_in, a.id AS bank_account_id
    FROM ({OPEN}) AS o LEFT JOIN LATERAL (
        SELECT a.id FROM bank_account_now a LEFT JOIN person_now p USING (person_id)
        WHERE (a.person_id = o.person_id OR a.id IN (
                  SELECT e.bank_account_id FROM entitlement_now e WHERE e.person_id = o.person_id
                      AND e.benefit = o.benefit::benefit))
          AND a.valid @> %(m)s::date
          AND (o.held_in = 'benefits_payable' OR (a.bank_code, a.number) IS DISTINCT FROM (
               SELECT (f.bank_code, f.number) FROM bank_account f WHERE f.id = o.bank_account_id))
        ORDER BY a.person_id IS DISTINCT FROM o.person_id DESC, (a.holder = p.name) DESC NULLS LAST, a.id DESC
            LIMIT 1) AS a ON true
    ORDER BY o.month, o.person_id, o.benefit, o.version"""


@dataclass
class Retried:
    """Lines tried again by this step: sent (they get a batch) or set off."""

    lines: pa.Table

    @property
    def sent(self) -> int:
        return self.lines.num_rows - self.lines["bank_account_id"].null_count

    @property
    def set_off(self) -> int:
        return int(self.lines["bank_account_id"].null_count)

    @property
    def schemes(self) -> set[str]:
        return set(self.lines["scheme"].to_pylist())

    def postings(self, scheme: str) -> list[Posting]:
        """What came back is payable again; what is set off is owed no longer, on either side."""
        mine = self.lines.filter(pc.equal(self.lines["scheme"], scheme)).to_pylist()
        back = sum(row["amount"] for row in mine if row["held_in"] == "returned_payments")
        sent = sum(row["amount"] for row in mine if row["bank_account_id"] is not None)
        off = sum(row["amount"] for row in mine if row["bank_account_id"] is None)
        waiting = sum(row["amount"] for row in mine) - back
        return [
            Posting(scheme, "returned_payments", back),
            Posting(scheme, "benefits_payable", waiting - sent),
            Posting(scheme, "benefits_receivable", -off),
        ]

    def write(self, context: Context) -> None:
        """Adds the rows, batches given."""
        count = self.lines.num_rows
        if count:
            rows = self.lines.drop_columns(["scheme", "held_in"])
            rows = rows.append_column("region", pa.repeat(pa.scalar(context.region, pa.int16()), count))
            rows = rows.append_column("booked", pa.repeat(pa.scalar(context.month, pa.date32()), count))
            context.books.copy_in("payment_retry", rows)


def retry(context: Context) -> Retried:
    """The open lines that can be closed now."""
    found = context.books.copy_out(_AGAIN, r=context.region, m=context.month)
    off = _set_off(context, found)
    kept = [i for i, account in enumerate(found["bank_account_id"].to_pylist()) if i in off or account is not None]
    accounts = [None if i in off else found["bank_account_id"][i].as_py() for i in kept]
    lines = found.take(pa.array(kept, pa.int64()))
    place = lines.schema.get_field_index("bank_account_id")
    return Retried(lines.set_column(place, "bank_account_id", pa.array(accounts, pa.int64())))


def _set_off(context: Context, found: pa.Table) -> set[int]:
    """The open lines that a receivable of the same person and scheme swallows whole; the recoveries are booked."""
    if not found.num_rows:
        return set()
    people = pc.unique(found["person_id"]).to_pylist()
    owed = context.books.rows(
        f"SELECT * FROM ({recover.OPEN}) AS o WHERE person_id = ANY (%(p)s) ORDER BY number", r=context.region, p=people
    )
    left = {(row[1]): row[6] for row in owed}
    versions = {row[1]: row[7] for row in owed}
    closed: set[int] = set()
    taken = []
    for i, line in enumerate(found.to_pylist()):
        for region, number, person, scheme, _, area, *_rest in owed:
            if (person, scheme) == (line["person_id"], line["scheme"]) and left[number] >= line["amount"]:
                left[number] -= line["amount"]
                versions[number] += 1
                taken.append((region, number, versions[number], area, line["amount"]))
                closed.add(i)
                break
    recover.book(context, "cancelled", taken)
    return closed
