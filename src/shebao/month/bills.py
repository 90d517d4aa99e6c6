"""Bills: what a payer owes for a month, scheme by scheme, under the reference it quotes to the bank.

A bill's reference is an ISO 11649 creditor reference: RF, two check digits, region (2) and number (10).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from shebao.books.ledger import Entry, Posting, post
from shebao.month.context import Context
from shebao.month.facts import constant

#: The parts of a line, in fen.
PARTS = ("employee", "employer", "account_credit", "late_fee")

_LINES = pa.schema([("number", pa.int64()), ("scheme", pa.string()), *((part, pa.int64()) for part in PARTS)])


def reference(region: int, number: int) -> str:
    """The creditor reference of a bill."""
    body = f"{region:02d}{number:010d}"
    return f"RF{98 - int(f'{body}271500') % 97:02d}{body}"  # R = 27, F = 15, and 00 where the check digits go


def read_reference(text: str) -> tuple[int, int] | None:
    """Region and number of the bill a reference names; None if it is none of ours, or mistyped."""
    plain = "".join(text.split()).upper()
    if len(plain) != 16 or not plain.startswith("RF") or not (plain[2:].isascii() and plain[2:].isdigit()):
        return None
    region, number = int(plain[4:6]), int(plain[6:])
    return (region, number) if reference(region, number) == plain else None


class Bills:
    """The bills that a step issues: gapless numbers at once, rows and the journal entry by ``write``."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.next = int(
            context.books.value(
                "SELECT coalesce(max(number), 0) + 1 FROM bill WHERE region = %(r)s",
                r=context.region,
            )
        )
        self.bills: list[pa.Table] = []
        self.lines: list[pa.Table] = []

    def issue(self, bills: pa.Table, lines: pa.Table) -> np.ndarray[Any, Any]:
        """Takes bills into the step and returns their numbers, one after the other.

        ``bills``: month, kind, employer_id, person_id, area, due_on, about. ``lines``: ``bill`` (the row of ``bills``
        it belongs to), scheme, and any of :data:`PARTS`; several of one bill and scheme are added up.
        """
        numbers = np.arange(self.next, self.next + bills.num_rows, dtype=np.int64)
        self.next += bills.num_rows
        self.bills.append(bills.append_column("number", pa.array(numbers)))
        columns = {part: lines[part] if part in lines.column_names else _none(lines) for part in PARTS}
        number = numbers[lines["bill"].to_numpy()]
        self.lines.append(pa.table({"number": number, "scheme": lines["scheme"].cast(pa.string()), **columns}))
        return numbers

    def write(self, step: str) -> dict[str, int]:
        """Writes bills, lines and the entry that books them; how many bills of each kind, and their fen."""
        if not self.bills:
            return {}
        bills = pa.concat_tables(self.bills)
        lines = pa.concat_tables([part.cast(_LINES) for part in self.lines])
        lines = lines.group_by(["number", "scheme"]).aggregate([(part, "sum") for part in PARTS])
        lines = lines.rename_columns(["number", "scheme", *PARTS]).sort_by([("number", "ascending")])
        amounts = _amounts(bills, lines)
        context, rows = self.context, bills.num_rows
        numbers = bills["number"].to_pylist()
        bills = bills.append_column("amount", pa.array(amounts))
        bills = bills.append_column("reference", pa.array([reference(context.region, n) for n in numbers]))
        context.books.copy_in("bill", _placed(context, bills, rows))
        area = bills["area"].take(pa.array(lines["number"].to_numpy() - numbers[0]))
        context.books.copy_in(
            "bill_line", _placed(context, lines.append_column("area", area.combine_chunks()), lines.num_rows)
        )
        self._post(step, lines)
        return _counts(bills)

    def _post(self, step: str, lines: pa.Table) -> None:
        totals: dict[str, int] = {}
        for row in lines.group_by("scheme").aggregate([(part, "sum") for part in PARTS]).to_pylist():
            totals[row["scheme"]] = row["employee_sum"] + row["employer_sum"] + row["late_fee_sum"]
        context = self.context
        postings = [
            Posting(scheme, account, sign * amount)
            for scheme, amount in sorted(totals.items())
            for account, sign in (("contributions_receivable", 1), ("contributions_uncollected", -1))
        ]
        text = f"应收社会保险费 contributions billed in {context.month:%Y-%m}"
        post(
            context.books,
            context.region,
            context.month,
            [Entry(f"{context.name}:{step}:{round_of(context)}", step, text, postings)],
        )


def round_of(context: Context) -> int:
    """Which opening of the month this is: 0 the first."""
    return int(
        context.books.value(
            "SELECT period_round(%(r)s::smallint, %(m)s::date)",
            r=context.region,
            m=context.month,
        )
    )


def table(
    rows: int,
    month: dt.date,
    kind: str | Sequence[str],
    due_on: Any,
    *,
    area: Any,
    employer_id: Any = None,
    person_id: Any = None,
    about: Any = None,
) -> pa.Table:
    """Bills as :meth:`Bills.issue` takes them; a single value stands for all rows."""

    def column(value: Any, type_: pa.DataType) -> pa.Array:
        if value is None or isinstance(value, int | str | dt.date):
            return constant(value, type_, rows)
        return value.cast(type_) if isinstance(value, pa.Array | pa.ChunkedArray) else pa.array(value, type_)

    return pa.table(
        {
            "month": column(month, pa.date32()),
            "kind": column(kind, pa.string()),
            "employer_id": column(employer_id, pa.int64()),
            "person_id": column(person_id, pa.int64()),
            "area": column(area, pa.int64()),
            "due_on": column(due_on, pa.date32()),
            "about": column(about, pa.int64()),
        }
    )


def _none(lines: pa.Table) -> pa.Array:
    return pa.array(np.zeros(lines.num_rows, dtype=np.int64))


def _amounts(bills: pa.Table, lines: pa.Table) -> np.ndarray[Any, Any]:
    at = lines["number"].to_numpy() - bills["number"][0].as_py()
    amounts = np.zeros(bills.num_rows, dtype=np.int64)
    for part in ("employee", "employer", "late_fee"):
        np.add.at(amounts, at, lines[part].to_numpy())
    return amounts


def _placed(context: Context, rows: pa.Table, count: int) -> pa.Table:
    rows = rows.append_column("region", constant(context.region, pa.int16(), count))
    return rows.append_column("booked", constant(context.month, pa.date32(), count))


def _counts(bills: pa.Table) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in bills.group_by("kind").aggregate([("amount", "sum"), ("amount", "count")]).to_pylist():
        found[f"bills_{row['kind']}"] = row["amount_count"]
        found[f"bills_{row['kind']}_fen"] = row["amount_sum"]
    return dict(sorted(found.items()))
