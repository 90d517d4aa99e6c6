"""What the dead leave of their individual accounts: what pay has yet to draw taken off, what was earned added."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

import pyarrow as pa

from shebao.month.careers import Known
from shebao.month.context import Context
from shebao.month.pay import account_parts
from shebao.month.pensions import RESIDENT

# -- what is left of an account ----------------------------------------------------------------------


def left_in_account(context: Context, scheme: str, people: Iterable[int]) -> dict[int, int]:
    """What people's accounts hold in fen when pay has drawn, and given back, what it has to; as if no heir were paid.

    Who never had an account is left out.
    """
    rows = context.books.rows(
        """SELECT person_id, coalesce(sum(amount) FILTER (WHERE kind <> 'inheritance'), 0)::bigint, sum(amount)::bigint
           FROM account_entry WHERE person_id = ANY (%(people)s) AND scheme = %(s)s AND region = %(r)s
           GROUP BY person_id""",
        people=list(people),
        s=scheme,
        r=context.region,
    )
    left, held = {row[0]: row[1] for row in rows}, {row[0]: row[2] for row in rows}
    for person_id, drawn in _still_drawn(context, scheme, held):
        left[person_id] -= drawn
    return left


def _still_drawn(context: Context, scheme: str, held: Mapping[int, int]) -> list[tuple[int, int]]:
    """Person and fen that pay is yet to take from the account (negative: to give back), month by month, as it will."""
    first = context.books.value("SELECT min(month) FROM period_event WHERE region = %(r)s", r=context.region)
    due = context.books.copy_out(
        _STILL_DUE, people=list(held), s=scheme, r=context.region, m=context.month, first=first
    )
    if not due.num_rows:
        return []
    people = due["person_id"].to_pylist()
    due = due.append_column("balance", pa.array([held[person_id] for person_id in people], pa.int64()))
    borne, booked = account_parts(context, due).tolist(), due["account_booked"].to_pylist()
    return [(person_id, new - old) for person_id, new, old in zip(people, borne, booked, strict=True)]


# The months in which what is due is not what is booked. Those before the books were paid by what was taken over.
_STILL_DUE = """
    WITH mine AS (
        SELECT e.*, upper_inf(known) AS now FROM entitlement e
        WHERE person_id = ANY (%(people)s) AND region = %(r)s AND (upper_inf(known) OR award_version IS NULL)
          AND (benefit::text = %(s)s
               OR benefit IN ('account_refund', 'contribution_refund')
                  AND coalesce(scheme, 'employee_pension')::text = %(s)s)),
    months AS (
        SELECT e.person_id, e.benefit, at::date AS month, e.version, e.now, e.award_version, e.amount, e.account_part
        FROM mine e CROSS JOIN LATERAL generate_series(
            lower(e.valid), least(upper(e.valid) - interval '1 month', %(m)s), interval '1 month') AS at),
    taken_over AS (
        SELECT DISTINCT ON (person_id, benefit, month) * FROM months
        WHERE month < %(first)s AND award_version IS NULL ORDER BY person_id, benefit, month, version),
    both_sides AS (
        SELECT person_id, benefit, month, amount AS due, account_part AS account_due, 0 AS booked, 0 AS account_booked
        FROM months WHERE now
        UNION ALL SELECT person_id, benefit, month, 0, 0, amount, account_part FROM taken_over
        UNION ALL SELECT person_id, benefit, month, 0, 0, amount, account_part FROM payment
        WHERE person_id = ANY (%(people)s) AND region = %(r)s
          AND benefit::text IN (%(s)s, 'account_refund', 'contribution_refund') AND scheme::text = %(s)s)
    SELECT month, person_id, benefit, %(s)s AS scheme, sum(due)::bigint AS due, sum(account_due)::bigint AS account_due,
           sum(booked)::bigint AS booked, sum(account_booked)::bigint AS account_booked
    FROM both_sides GROUP BY month, person_id, benefit HAVING sum(due) <> sum(booked)
    ORDER BY month, person_id, benefit"""


# -- what a resident's account earned in its last year -------------------------------------------------


_CAME, _WENT = ("contribution", "transfer_in"), ("drawdown", "transfer_out", "refund", "inheritance")
_RESIDENT_YEARS = pa.list_(
    pa.struct(
        [
            ("resident_year", pa.int16()),
            ("own_payment", pa.int64()),  # and the subsidy: both earn alike
            ("added_payment", pa.int64()),
            ("interest_months", pa.int16()),
            ("year_withdrawals", pa.int64()),
            ("withdrawal_months", pa.int16()),
        ]
    )
)


@dataclass
class Year:
    """An account's last year in fen: what it opened with, what came and went, by months left in the year.

    ``credited``: its interest, as far as that is in the books.
    """

    year: int
    opening: int
    came: Counter[int]
    went: Counter[int]
    credited: int = 0

    def record(self) -> dict[str, int]:
        return {
            "resident_year": self.year,
            "own_payment": self.came.total(),
            "added_payment": 0,
            "interest_months": _mean(self.came),
            "year_withdrawals": self.went.total(),
            "withdrawal_months": _mean(self.went),
        }


def _mean(by_months: Counter[int]) -> int:
    """The months weighted by the amounts, to the whole month, as in the yearly statement."""
    total = by_months.total()
    mean = round(sum(months * amount for months, amount in by_months.items()) / total) if total else 0
    return min(max(mean, 0), 12)


def resident_interest(
    context: Context,
    people: Mapping[int, Known],
    left: Mapping[int, int],
    granted: Set[int],
    waiting: Counter[str],
    benefit: str,
) -> dict[int, int]:
    """Sets as ``interest`` what the accounts earn in the year they are paid out as ``benefit``; returns these years.

    Left out are those credited when that was ``granted``, and those of whose year the rate is not published:
    they are paid what there is, and get the rest when it is.
    """
    rows = context.books.rows(
        """SELECT person_id, kind::text, CASE WHEN kind = 'interest' THEN month ELSE booked END, sum(amount)::bigint
           FROM account_entry WHERE person_id = ANY (%(people)s) AND scheme = 'resident_pension' AND region = %(r)s
           GROUP BY 1, 2, 3 ORDER BY 1, 3, 2""",
        people=[person_id for person_id in people if person_id in left],
        r=context.region,
    )
    moves: dict[int, list[tuple[str, dt.date, int]]] = defaultdict(list)
    for person_id, *move in rows:
        moves[person_id].append((move[0], move[1], move[2]))
    years = {p: _last_year(context, found) for p, found in moves.items()}
    years = {p: year for p, year in years.items() if not (year.credited and p in granted)}
    table = pa.table(
        {
            "region": pa.array([context.region] * len(years), pa.int16()),
            "opening_resident_balance": pa.array([year.opening for year in years.values()], pa.int64()),
            "resident_years": pa.array([[year.record()] for year in years.values()], _RESIDENT_YEARS),
        }
    )
    found: dict[int, int] = {}
    result = context.law.compute([f"{RESIDENT}.account_interest"], table).table.to_pylist() if years else []
    for (person_id, year), row in zip(years.items(), result, strict=True):
        if row["status"] == "ok":
            people[person_id].interest, found[person_id] = row["account_interest"] - year.credited, year.year
        else:
            waiting[f"{benefit}: {row['status']}"] += 1
    return found


def _last_year(context: Context, moves: Sequence[tuple[str, dt.date, int]]) -> Year:
    """The year an account was paid out in, or is now, all of it."""
    now = context.month
    paid_out = [(at.year, amount) for kind, at, amount in moves if kind in ("inheritance", "refund")]
    year = max(year for year, _ in paid_out) if sum(amount for _, amount in paid_out) else now.year
    found = Year(year, 0, Counter(), Counter())
    for kind, at, amount in moves:
        if at.year < year or (kind == "opening" and at.year == year):
            found.opening += amount
        elif at.year == year and kind == "interest":
            found.credited += amount
        elif at.year == year:
            side, sign = (found.came, 1) if kind in _CAME else (found.went, -1)
            side[12 - at.month] += sign * amount
    if year == now.year:
        found.went[12 - now.month] += sum(amount for _, _, amount in moves) - found.credited
    return found
