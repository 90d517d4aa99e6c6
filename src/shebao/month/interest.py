"""Yearly interest 个人账户计息: every account's year by the law's rule, provisional until the rate is published."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shebao.books import BooksError
from shebao.books.ledger import Entry, Posting, post
from shebao.month.bills import round_of
from shebao.month.context import Context, Summary
from shebao.month.facts import compute, constant, integers, partition

PUBLISHED = "employee_pension.credited_rate_published"


@dataclass(frozen=True)
class Account:
    """How the law of a scheme names an account's year: rule, opening balance, history of years."""

    rule: str
    opening: str
    history: str
    year: str
    credits: str
    withdrawals: str


ACCOUNTS = {
    "employee_pension": Account(
        "employee_pension.account_interest",
        "opening_balance",
        "account_years",
        "account_year",
        "year_credits",
        "year_withdrawals",
    ),
    "resident_pension": Account(
        "resident_pension.account_interest",
        "opening_resident_balance",
        "resident_years",
        "resident_year",
        "own_payment",
        "year_withdrawals",
    ),
}


def credit_interest(context: Context, summary: Summary) -> None:
    """States the year before for every account, and states anew the years that were provisional and no longer are.

    Each year's interest is computed from what the account held and moved in it; the difference to what was credited
    is an entry of kind interest under the year's December.
    """
    postings: list[Posting] = []
    for scheme in ACCOUNTS:
        for year in _years(context, scheme):
            postings += _state(context, scheme, year, summary)
    text = f"个人账户记账利息 interest credited in {context.month:%Y-%m}"
    entry = Entry(f"{context.name}:interest:{round_of(context)}", "credit", text, postings)
    post(context.books, context.region, context.month, [entry])


def _years(context: Context, scheme: str) -> list[int]:
    """The years to be stated, in order: each carries its balance into the next.

    They begin after the last statement that was taken over, or with the year the books opened in.
    """
    last = context.month.year - 1
    opened = context.books.value("SELECT min(month) FROM period_event WHERE region = %(r)s", r=context.region)
    if opened is None:
        return []
    stated = context.books.rows(
        """SELECT year, bool_or(provisional) FROM (
               SELECT DISTINCT ON (year, person_id) year, provisional FROM account_year
               WHERE region = %(r)s AND scheme = %(s)s::scheme AND year <= %(last)s
               ORDER BY year, person_id, version DESC) latest
           GROUP BY year ORDER BY year""",
        r=context.region,
        s=scheme,
        last=last,
    )
    known = {year for year, _ in stated}
    first = min(opened.year, max(known, default=opened.year - 1) + 1)
    due = [year for year in range(first, last + 1) if year not in known and (context.month.month == 1 or year <= last)]
    due += [year for year, provisional in stated if provisional and published(context, scheme, year)]
    if context.month.month == 1:
        due.append(last)
    return list(range(min(due), last + 1)) if due else []


def published(context: Context, scheme: str, year: int) -> bool:
    """Whether the law as it stands has the year's final rate; a scheme without provisional rates always has it."""
    if scheme != "employee_pension":
        return True
    facts = pa.table({"interest_year": pa.array([year], pa.int16())})
    return bool(compute(context, context.month, [PUBLISHED], facts, None)[PUBLISHED][0].as_py())


def _state(context: Context, scheme: str, year: int, summary: Summary) -> list[Posting]:
    books = context.books
    first, following = dt.date(year, 1, 1), dt.date(year + 1, 1, 1)
    stated = books.copy_out(_YEARS, r=context.region, s=scheme, y=year, first=first, next=following)
    years = _in_credit(stated, year, summary)
    if not years.num_rows:
        return []
    if (waiting := _unpublished(context, scheme, years)) is not None:
        summary.notes.append(waiting)
        return []
    interest = integers(_interest(context, scheme, year, years))
    provisional = not published(context, scheme, year)
    moved = interest - integers(years["interest"])
    _write_entries(context, scheme, year, years, moved)
    rows = _write_years(context, scheme, year, years, interest, provisional)
    total = int(moved.sum())
    numbers = summary.numbers
    numbers[f"interest_{scheme}_{year}_fen"] = total
    numbers[f"account_years_{scheme}_{year}"] = rows
    if provisional and rows:
        summary.notes.append(
            (
                f"{year} 年记账利率尚未公布，利息暂按上一年度利率记",
                f"the rate of {year} is not published: its interest is provisional",
            )
        )
    return [Posting(scheme, "account_interest", total), Posting(scheme, "individual_accounts", -total)]


def _in_credit(years: pa.Table, year: int, summary: Summary) -> pa.Table:
    """Without the accounts from which too much has gone, as with a relation that left: it is on its way back."""
    held = pc.subtract(pc.add(years["opening"], years["credits"]), years["withdrawals"])
    overdrawn = pc.or_(pc.less(years["opening"], 0), pc.less(held, 0))
    if count := pc.sum(overdrawn).as_py():
        summary.notes.append(
            (
                f"{year} 年 {count} 个账户余额为负，不计息",
                f"{count} accounts were overdrawn in {year}: they earn no interest",
            )
        )
    return years.filter(pc.invert(overdrawn))


def _interest(context: Context, scheme: str, year: int, years: pa.Table) -> pa.ChunkedArray:
    account, rows = ACCOUNTS[scheme], years.num_rows
    fields = {
        account.year: constant(year, pa.int16(), rows),
        account.credits: years["credits"].combine_chunks(),
        account.withdrawals: years["withdrawals"].combine_chunks(),
    }
    if scheme == "resident_pension":
        fields["added_payment"] = constant(0, pa.int64(), rows)  # own payment and subsidy earn alike: given together
        fields["interest_months"] = years["credit_months"].combine_chunks()
        fields["withdrawal_months"] = years["withdrawal_months"].combine_chunks()
    offsets = pa.array(np.arange(rows + 1, dtype=np.int32))
    records = pa.ListArray.from_arrays(offsets, pa.StructArray.from_arrays(list(fields.values()), list(fields)))
    facts = pa.table(
        {
            "person_id": years["person_id"],
            "region": constant(context.region, pa.int16(), rows),
            account.opening: years["opening"],
            account.history: records,
        }
    )
    return compute(context, context.month, [account.rule], facts)[account.rule]


def _unpublished(context: Context, scheme: str, years: pa.Table) -> tuple[str, str] | None:
    """The residents' law knows no provisional rate: where the year's is missing, the year waits for it."""
    if scheme != "resident_pension":
        return None
    try:
        _interest(context, scheme, int(years["year"][0].as_py()), years.slice(0, 1))
    except BooksError as error:
        if "missing parameter: resident_pension.published_account_rate" not in str(error):
            raise
        year, count = years["year"][0].as_py(), years.num_rows
        return (
            f"{year} 年居民养老保险记账利率尚未公布，{count} 个账户待公布后计息",
            f"the residents' rate of {year} is not published: {count} accounts wait for their interest",
        )
    return None


# Contributions belong to the year in whose books they were paid; interest to the year it was earned in. An account
# taken over in the course of a year opens with what it held. Months are counted from the one after a movement.
_YEARS = """
    WITH moved AS (
        SELECT person_id, area, amount, kind, 12 - date_part('month', booked)::int AS months,
               CASE WHEN kind = 'interest' THEN month ELSE booked END AS at
        FROM account_entry
        WHERE region = %(r)s AND scheme = %(s)s::scheme AND (booked < %(next)s OR kind = 'interest')),
    year AS (
        SELECT *, at < %(first)s OR kind = 'opening' AS earlier,
               at >= %(first)s AND kind IN ('contribution', 'transfer_in') AS came_now,
               at >= %(first)s AND kind IN ('drawdown', 'transfer_out', 'inheritance', 'refund') AS went_now,
               at >= %(first)s AND kind IN ('transfer_out', 'inheritance', 'refund') AS closed
        FROM moved WHERE at < %(next)s),
    sums AS (
        SELECT person_id, max(area)::bigint AS area,
               coalesce(sum(amount) FILTER (WHERE earlier), 0)::bigint AS opening,
               coalesce(sum(amount) FILTER (WHERE came_now), 0)::bigint AS came,
               coalesce(-sum(amount) FILTER (WHERE went_now), 0)::bigint AS went,
               coalesce(sum(amount) FILTER (WHERE at >= %(first)s AND kind = 'interest'), 0)::bigint AS interest,
               round(sum(amount * months) FILTER (WHERE came_now) / nullif(sum(amount) FILTER (WHERE came_now), 0))
                   AS credit_months,
               round(sum(amount * months) FILTER (WHERE went_now) / nullif(sum(amount) FILTER (WHERE went_now), 0))
                   AS withdrawal_months,
               bool_or(closed) AS closed
        FROM year GROUP BY person_id),
    years AS (                      -- what was taken back beyond what came is a withdrawal, and the other way round
        SELECT *, greatest(came, 0) + greatest(-went, 0) AS credits,
               greatest(went, 0) + greatest(-came, 0) AS withdrawals
        FROM sums)
    SELECT %(y)s::smallint AS year, s.person_id, s.area, s.opening, s.credits, s.withdrawals, s.interest,
           least(greatest(coalesce(s.credit_months, 0), 0), 12)::smallint AS credit_months,
           least(greatest(coalesce(s.withdrawal_months, 0), 0), 12)::smallint AS withdrawal_months,
           a.version, a.interest AS stated, a.provisional AS was_provisional,
           (a.opening, a.credits, a.withdrawals) IS DISTINCT FROM (s.opening, s.credits, s.withdrawals) AS moved
    FROM years s LEFT JOIN (
        SELECT DISTINCT ON (person_id) person_id, version, opening, credits, withdrawals, interest, provisional
        FROM account_year WHERE region = %(r)s AND scheme = %(s)s::scheme AND year = %(y)s
        ORDER BY person_id, version DESC) a ON a.person_id = s.person_id
    WHERE NOT (s.closed AND s.opening + s.credits - s.withdrawals + s.interest = 0)  -- paid out, interest included
      AND (s.opening <> 0 OR s.credits <> 0 OR s.withdrawals <> 0)
    ORDER BY s.person_id"""


def _write_entries(context: Context, scheme: str, year: int, years: pa.Table, moved: np.ndarray[Any, Any]) -> None:
    rows = years.append_column("amount", pa.array(moved)).take(np.flatnonzero(moved))
    if not rows.num_rows:
        return
    december = dt.date(year, 12, 1)
    context.books.ensure_months([december])
    versions = context.books.copy_out(
        """SELECT person_id, (max(version) + 1)::smallint AS version FROM account_movement
           WHERE month = %(m)s AND scheme = %(s)s::scheme AND kind = 'interest' AND region = %(r)s
           GROUP BY person_id""",
        m=december,
        s=scheme,
        r=context.region,
    )
    rows = rows.select(["person_id", "area", "amount"]).join(versions, "person_id")
    rows = rows.set_column(3, "version", rows["version"].fill_null(0)).sort_by("person_id")
    context.books.copy_in(
        partition("account_movement", december), _placed(context, rows, scheme, month=december, kind="interest")
    )


def _write_years(
    context: Context, scheme: str, year: int, years: pa.Table, interest: np.ndarray[Any, Any], provisional: bool
) -> int:
    stated = integers(years["stated"], -1)
    changed = (
        years["version"].is_null().to_numpy()
        | (stated != interest)
        | years["moved"].to_numpy()
        | (years["was_provisional"].fill_null(provisional).to_numpy() != provisional)
    )
    columns = {name: integers(years[name]) for name in ("person_id", "area", "opening", "credits", "withdrawals")}
    columns["interest"] = interest
    columns["closing"] = columns["opening"] + columns["credits"] - columns["withdrawals"] + interest
    columns["version"] = integers(years["version"], -1) + 1
    rows = pa.table({name: pa.array(values) for name, values in columns.items()}).take(np.flatnonzero(changed))
    if rows.num_rows:
        context.books.copy_in("account_year", _placed(context, rows, scheme, year=year, provisional=provisional))
    return int(rows.num_rows)


def _placed(context: Context, rows: pa.Table, scheme: str, **more: Any) -> pa.Table:
    values = {"region": context.region, "booked": context.month, "scheme": scheme, **more}
    for name, value in values.items():
        rows = rows.append_column(name, pa.repeat(pa.scalar(value), rows.num_rows))
    return rows
