"""Paying: what is due by the entitlements, month by month, less what was booked, is booked and proposed to the bank.

The month itself is compared for everybody; earlier months only where an entitlement was recorded or superseded in this
month. Too much paid becomes a receivable. What the individual account bears of a payment is the law's to say. A payee
without a bank account is booked as payable and waits; so does a line that the bank gave back.
"""

from __future__ import annotations

import datetime as dt
from contextlib import closing
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from shebao.books import BooksError
from shebao.books.ahead import ahead
from shebao.books.ledger import Entry, Posting, post
from shebao.month import recover
from shebao.month.columns import columns
from shebao.month.context import Context, Summary
from shebao.month.orders import BENEFITS, propose
from shebao.month.retry import Retried, retry

Ints = NDArray[np.int64]

#: Pensions drawn month by month from an account, and the law's rule on how much of a month the account bears.
DRAWN = {
    "employee_pension": "employee_pension.account_part_of_payment",
    "resident_pension": "resident_pension.account_part_of_payment",
}


def pay(context: Context) -> Summary:
    """Books the payments of the month and proposes one batch per scheme; see the module.

    Raises ``BooksError`` where the law cannot say what an account bears, naming the person's number.
    """
    context.tell("due", 0, 4)
    due = _due(context)
    context.tell("account", 1, 4)
    lines = _differences(due, account_parts(context, due))
    lines = recover.withhold(context, lines)
    owed = recover.claim(context, lines)  # first: what a debtor of this very step has open is set off, not sent
    lines = recover.set_off(context, lines)
    again = retry(context)
    lines, batches = propose(context, lines, again)
    context.tell("book", 2, 4)
    _write(context, lines)
    again.write(context)
    _post(context, lines, again)
    context.tell("done", 4, 4)
    return _summary(context, lines, again, owed, batches)


# ---- what is due ---------------------------------------------------------------------------------------------------


def _due(context: Context) -> pa.Table:
    """One row per person × benefit × month looked at, by month and person; amounts in fen.

    ``due`` and ``account_due`` by the entitlements known now; ``booked`` and ``account_booked`` by the books,
    ``version`` the last one there (-1: none); ``balance`` of the individual account, 0 where it is not touched.
    """
    books = context.books
    last = books.value("SELECT coalesce(max(year), 0) FROM account_year WHERE region = %(r)s", r=context.region)
    first = books.value("SELECT min(month) FROM period_event WHERE region = %(r)s", r=context.region)
    after = dt.date(max(last, 1900) + 1, 1, 1)
    places: dict[str, Any] = {"r": context.region, "m": context.month, "first": first, "year": last, "after": after}
    books.execute("DROP TABLE IF EXISTS pay_touched")
    books.execute(_TOUCHED, **places)
    books.execute("ANALYZE pay_touched")
    # Joined here, where whole columns are sorted and searched at once. The month itself is read apart from what needs
    # the temporary table, since PostgreSQL's workers cannot see that.
    touched = columns(books, _TOUCHED_DUE, by=_FEW, **places).select(_LOOKED)
    paid = books.value("SELECT EXISTS (SELECT FROM payment WHERE region = %(r)s AND month = %(m)s)", **places)
    queries = (_NOW, _FEW if paid else (*_FEW, *_BOOKED)), (_OWN, ()), (_STATED, ("scheme",)), (_MOVED, ("scheme",))
    # The next is read while one is put in order: nothing else is asked of the connection until all are there.
    with closing(ahead(columns(books, query, by=by, **places) for query, by in queries)) as found:
        looked = _in_order(pa.concat_tables([next(found).select(_LOOKED), touched]))
        own = _single(next(found))
        stated, moved = found
    accounts = pc.coalesce(looked["bank_account_id"], _own_accounts(context, looked, *own))
    looked = looked.set_column(looked.schema.get_field_index("bank_account_id"), "bank_account_id", accounts)
    return looked.append_column("balance", pa.array(_balances(context, looked, stated, moved, places)))


def _in_order(looked: pa.Table) -> pa.Table:
    """By month, person and benefit."""
    which = pc.index_in(looked["benefit"], pa.array(list(BENEFITS))).combine_chunks().to_numpy(zero_copy_only=False)
    people, months = _ints(looked, "person_id") * len(BENEFITS) + which, _ints(looked, "month")
    several = len(months) and (months != months[0]).any()
    return looked.take(pa.array(np.lexsort((people, months)) if several else np.argsort(people, kind="stable")))


def _single(own: pa.Table) -> tuple[Ints, Ints]:
    """People with one bank account here, sorted, and its id."""
    order = np.argsort(_ints(own, "person_id"), kind="stable")
    people, ids = _ints(own, "person_id")[order], _ints(own, "id")[order]
    same = people[1:] == people[:-1]
    single = ~(np.append(same, False) | np.append(False, same)) if len(people) else np.zeros(0, bool)
    return people[single], ids[single]


def _own_accounts(context: Context, looked: pa.Table, people: Ints, ids: Ints) -> pa.Array:
    """The bank account of each row's person, null without one; of several the one in the person's own name.

    Who has none in this region is looked up everywhere: an account stays a person's own after a move.
    """
    at, there = _places(people, _ints(looked, "person_id"))
    unsure = np.unique(_ints(looked, "person_id")[~there])
    found = ids[at] if len(ids) else np.zeros(looked.num_rows, np.int64)
    if len(unsure):
        chosen = columns(context.books, _OWN_OF_UNSURE, p=unsure.tolist(), m=context.month)
        other, known = _places(_ints(chosen, "person_id"), _ints(looked, "person_id"))
        if chosen.num_rows:
            found = np.where(known, _ints(chosen, "id")[other], found)
        there = there | known
    return pa.array(found, mask=~there)


def _balances(context: Context, looked: pa.Table, stated: pa.Table, moved: pa.Table, places: dict[str, Any]) -> Ints:
    """What each row's person has in the account of the row's scheme; 0 where the row touches no account."""
    touched = (_ints(looked, "account_due") != 0) | (_ints(looked, "account_booked") != 0)
    balances = np.zeros(looked.num_rows, np.int64)
    for scheme in sorted(pc.unique(looked["scheme"].filter(pa.array(touched))).to_pylist()):
        rows = np.flatnonzero(touched & _is(looked, "scheme", scheme))
        people, at = np.unique(_ints(looked, "person_id")[rows], return_inverse=True)
        mine = pc.equal(pc.field("scheme"), scheme)
        held, known = _held(people, stated.filter(mine), moved.filter(mine))
        if places["year"] and not known.all():
            before = columns(context.books, _BEFORE, p=people[~known].tolist(), s=scheme, **places)
            np.add.at(held, np.searchsorted(people, _ints(before, "person_id")), _ints(before, "amount"))
        balances[rows] = held[at]
    return balances


def _held(people: Ints, stated: pa.Table, moved: pa.Table) -> tuple[Ints, Any]:
    """Of each person the closing of the last stated year and what was booked since; and who has such a statement.

    The year's interest is in the closing whenever it was booked. Of who has no statement every entry counts.
    """
    held, known = np.zeros(len(people), np.int64), np.zeros(len(people), bool)
    stated = stated.take(pc.sort_indices(stated["version"]))
    at, there = _places(people, _ints(stated, "person_id"))
    held[at[there]] = _ints(stated, "closing")[there]  # the last version is the one that stays
    known[at[there]] = True
    at, there = _places(people, _ints(moved, "person_id"))
    there &= (_ints(moved, "late") == 0) | known[at]
    np.add.at(held, at[there], _ints(moved, "amount")[there])
    return held, known


def _places(known: Ints, wanted: Ints) -> tuple[Ints, Any]:
    """Where each wanted number stands among the known, which are sorted; and which are there at all."""
    at = np.minimum(np.searchsorted(known, wanted), max(len(known) - 1, 0))
    return at, known[at] == wanted if len(known) else np.zeros(len(wanted), bool)


# The months in which what is due has changed: entitlements as events on the line of months, summed up along it. An
# entitlement taken over with the books is what was paid before they began, so by itself it changes nothing there. Rows
# recorded and superseded in one and the same month leave no trace, unless an earlier round of it has paid by them.
_TOUCHED = """
    CREATE TEMPORARY TABLE pay_touched ON COMMIT DROP AS
    WITH rows AS (
        SELECT e.*, %(m)s::date = %(first)s::date AND award_version IS NULL AND NOT EXISTS (
                   SELECT FROM entitlement o WHERE o.person_id = e.person_id AND o.benefit = e.benefit
                       AND o.version < e.version
                   AND o.valid && e.valid) AS taken_over
        FROM entitlement e
        WHERE region = %(r)s AND (booked = %(m)s OR superseded_in = %(m)s)
          AND (%(m)s::date <> %(first)s::date OR award_version IS NOT NULL
               OR person_id IN (SELECT person_id FROM entitlement WHERE region = %(r)s AND superseded_in = %(m)s))),
    changed AS (
        SELECT person_id, benefit, scheme, area, valid, amount, account_part,
               CASE WHEN superseded_in = %(m)s THEN CASE WHEN taken_over OR booked < %(m)s THEN -1 ELSE 0 END
                    WHEN taken_over THEN 0 ELSE 1 END AS sign,
               CASE WHEN booked = superseded_in AND period_round(%(r)s::smallint, %(m)s::date) > 0 THEN 1 ELSE 0 END
                   AS redone
        FROM rows),
    events AS (
        SELECT person_id, benefit, scheme, area, lower(valid) AS at, sign * amount AS amount, sign * account_part
            AS account_part, redone
        FROM changed
        UNION ALL
        SELECT person_id, benefit, scheme, area, upper(valid), -sign * amount, -sign * account_part, -redone
        FROM changed WHERE NOT upper_inf(valid)),
    sums AS (
        SELECT person_id, benefit, max(scheme) AS scheme, max(area) AS area, at, sum(amount) AS amount,
               sum(account_part) AS account_part, sum(redone) AS redone
        FROM events WHERE at <= %(m)s GROUP BY person_id, benefit, at),
    pieces AS (
        SELECT person_id, benefit, scheme, area, at, lead(at, 1, (%(m)s::date + interval '1 month')::date) OVER line
            AS until,
               sum(amount) OVER line AS amount, sum(account_part) OVER line AS account_part, sum(redone) OVER line
                   AS redone
        FROM sums WINDOW line AS (PARTITION BY person_id, benefit ORDER BY at))
    SELECT person_id, benefit, max(scheme) AS scheme, max(area) AS area, month::date AS month
    FROM pieces, generate_series(at, until - interval '1 day', interval '1 month') AS month
    WHERE amount <> 0 OR account_part <> 0 OR redone <> 0
    GROUP BY person_id, benefit, month"""

_FEW = ("month", "benefit", "scheme")
_BOOKED = ("booked", "account_booked", "version")  # the same for everybody until somebody is paid
_LOOKED = [*_FEW, "person_id", "area", "due", "account_due", *_BOOKED, "bank_account_id"]
_OWN_FUND = "CASE {0}.benefit WHEN 'resident_pension' THEN 'resident_pension'::scheme ELSE 'employee_pension' END"

# What is due in the month itself. The bounds are asked for one by one: as one range PostgreSQL would walk the index of
# ranges, which it cannot share among workers.
_NOW = f"""
    SELECT %(m)s::date AS month, e.person_id, e.benefit, coalesce(e.scheme, {_OWN_FUND.format("e")}) AS scheme, e.area,
           e.amount AS due, e.account_part AS account_due, coalesce(b.amount, 0) AS booked,
           coalesce(b.account_part, 0) AS account_booked, coalesce(b.version, -1) AS version, e.bank_account_id
    FROM entitlement e LEFT JOIN (
        SELECT person_id, benefit, sum(amount)::bigint AS amount, sum(account_part)::bigint AS account_part,
               max(version) AS version
        FROM payment WHERE month = %(m)s GROUP BY person_id, benefit) b USING (person_id, benefit)
    WHERE e.region = %(r)s AND upper_inf(e.known) AND (lower_inf(e.valid) OR lower(e.valid) <= %(m)s)
      AND (upper_inf(e.valid) OR upper(e.valid) > %(m)s)"""

# What was due in the months touched, that of the month itself only where nothing is due any more. Months before the
# books began were paid by the entitlement taken over, whatever superseded it since.
_TOUCHED_DUE = f"""
    WITH booked AS (
        SELECT month, person_id, benefit, sum(amount)::bigint AS amount, sum(account_part)::bigint AS account_part,
            max(version) AS version
        FROM (SELECT p.month, p.person_id, p.benefit, p.amount, p.account_part, p.version
              FROM pay_touched t JOIN payment p USING (month, person_id, benefit)
              UNION ALL
              SELECT t.month, t.person_id, t.benefit, o.amount, o.account_part, -1
              FROM pay_touched t CROSS JOIN LATERAL (
                  SELECT amount, account_part FROM entitlement o
                  WHERE o.person_id = t.person_id AND o.benefit = t.benefit AND o.award_version IS NULL
                      AND o.valid @> t.month
                  ORDER BY o.version LIMIT 1) AS o
              WHERE t.month < %(first)s) AS rows
        GROUP BY month, person_id, benefit)
    SELECT t.month, t.person_id, t.benefit, coalesce(e.scheme, t.scheme, {_OWN_FUND.format("t")}) AS scheme,
           coalesce(e.area, t.area) AS area, coalesce(e.amount, 0) AS due, coalesce(e.account_part, 0) AS account_due,
           coalesce(b.amount, 0) AS booked, coalesce(b.account_part, 0) AS account_booked,
           coalesce(b.version, -1) AS version, e.bank_account_id
    FROM pay_touched t LEFT JOIN booked b USING (month, person_id, benefit)
         LEFT JOIN entitlement e
             ON e.person_id = t.person_id AND e.benefit = t.benefit AND upper_inf(e.known) AND e.valid @> t.month
    WHERE t.month < %(m)s OR e.person_id IS NULL"""

# A person's bank accounts; one in whose file there are several (a guardian's, an heir's), or none here, is asked about
# apart.
_OWN = """
    SELECT person_id, id FROM bank_account
    WHERE region = %(r)s AND upper_inf(known) AND (lower_inf(valid) OR lower(valid) <= %(m)s)
      AND (upper_inf(valid) OR upper(valid) > %(m)s)
      AND person_id IN (SELECT person_id FROM entitlement WHERE region = %(r)s)"""
_OWN_OF_UNSURE = """
    SELECT DISTINCT ON (a.person_id) a.person_id, a.id FROM bank_account_now a LEFT JOIN person_now p USING (person_id)
    WHERE a.person_id = ANY (%(p)s) AND a.valid @> %(m)s::date
    ORDER BY a.person_id, (a.holder = p.name) DESC NULLS LAST, a.id DESC"""

# The accounts that are drawn from: all versions of the last stated year, and what was booked since; `late`
# is what that year did not know yet.
_DRAWING = "person_id IN (SELECT person_id FROM entitlement WHERE region = %(r)s AND account_part > 0)"
_STATED = f"""
    SELECT person_id, scheme, version, closing FROM account_year
    WHERE year = %(year)s AND region = %(r)s AND {_DRAWING}"""
_MOVED = f"""
    SELECT person_id, scheme, amount, 0 AS late FROM account_entry
    WHERE region = %(r)s AND month >= %(after)s AND {_DRAWING}
    UNION ALL
    SELECT person_id, scheme, amount, 1 FROM account_entry
    WHERE region = %(r)s AND month < %(after)s AND booked >= %(after)s AND kind <> 'interest' AND {_DRAWING}"""
_BEFORE = """
    SELECT person_id, amount FROM account_entry
    WHERE region = %(r)s AND month < %(after)s AND scheme = %(s)s::scheme AND person_id = ANY (%(p)s)"""


# ---- what the account bears ----------------------------------------------------------------------------------------


def account_parts(context: Context, due: pa.Table) -> Ints:
    """What the individual account bears of each row's month in all, in fen, earlier months first."""
    parts = _ints(due, "account_due").copy()
    months, balance = _ints(due, "month"), _ints(due, "balance") + _ints(due, "account_booked")
    touched = (parts != 0) | (_ints(due, "account_booked") != 0)
    people = _ints(due, "person_id")
    for benefit, rule in DRAWN.items():
        mine = touched & _is(due, "benefit", benefit)
        spent = _given_back(due, parts, benefit)
        runs = np.unique(months[mine])
        several = len(runs) > 1 or bool(spent)
        for day in runs:
            rows = np.flatnonzero(mine & (months == day))
            left = balance[rows]
            if several:  # what earlier months of this step take is gone, what they give back is there
                left = left - np.array([spent.get(person, 0) for person in people[rows].tolist()], np.int64)
            parts[rows] = _law_parts(context, rule, _date(int(day)), due, rows, left)
            if several:
                taken = parts[rows] - _ints(due, "account_booked")[rows]
                for person, fen in zip(people[rows].tolist(), taken.tolist(), strict=True):
                    spent[person] = spent.get(person, 0) + fen
    return parts


def _given_back(due: pa.Table, parts: Ints, benefit: str) -> dict[int, int]:
    """What sums once paid out of the account of a pension give back to it in this step: fen, negative, by person."""
    less = np.flatnonzero(parts < _ints(due, "account_booked"))
    if not len(less):
        return {}
    rows = due.take(pa.array(less))
    back = parts[less] - _ints(rows, "account_booked")
    sums: dict[int, int] = {}
    for i in np.flatnonzero(_is(rows, "scheme", benefit) & ~_is(rows, "benefit", benefit)).tolist():
        person = rows["person_id"][i].as_py()
        sums[person] = sums.get(person, 0) + int(back[i])
    return sums


def _law_parts(context: Context, rule: str, month: dt.date, due: pa.Table, rows: Ints, left: Ints) -> Ints:
    facts = pa.table(
        {
            "account_pension_due": _ints(due, "account_due")[rows],
            "balance_left": np.maximum(left, 0),  # of an overdrawn account nothing is left
            "pension_due": _ints(due, "due")[rows],
        }
    )
    result = context.law_of(month).compute([rule], facts)
    if result.report.reasons:
        row, why = next(iter(result.report.examples.values()))
        person = int(_ints(due, "person_id")[rows[row]])
        number = context.books.value("SELECT number FROM person WHERE id = %(p)s", p=person)
        raise BooksError(f"{number} {month:%Y-%m}: {why} 无法确定个人账户支付部分")
    return np.asarray(result.table.column(0).to_numpy())


def _differences(due: pa.Table, parts: Ints) -> pa.Table:
    """The payment rows: what is due less what is booked, rows without a difference left out."""
    amount, part = _ints(due, "due") - _ints(due, "booked"), parts - _ints(due, "account_booked")
    kept = pa.array(np.flatnonzero((amount != 0) | (part != 0)))
    return pa.table(
        {
            "month": due["month"],
            "person_id": due["person_id"],
            "benefit": due["benefit"],
            "version": pa.array(_ints(due, "version") + 1),
            "scheme": due["scheme"],
            "area": due["area"],
            "amount": pa.array(amount),
            "account_part": pa.array(part),
            "withheld": pa.array(np.zeros(len(amount), np.int64)),
            "bank_account_id": due["bank_account_id"],
        }
    ).take(kept)


# ---- writing -------------------------------------------------------------------------------------------------------


def _write(context: Context, lines: pa.Table) -> None:
    count = lines.num_rows
    if not count:
        return
    context.books.ensure_months(pc.unique(lines["month"]).to_pylist())
    here = {
        "region": pa.repeat(pa.scalar(context.region, pa.int16()), count),
        "booked": pa.repeat(pa.scalar(context.month, pa.date32()), count),
    }
    booked = lines.append_column("region", here["region"]).append_column("booked", here["booked"])
    # Rows of one month go straight into its part, where they are added many at a time.
    place = f"_{context.month:%Y_%m}" if pc.min(lines["month"]).as_py() == context.month else ""
    context.books.copy_in(f"payment{place}", booked)


def _post(context: Context, lines: pa.Table, again: Retried) -> None:
    """One entry per scheme: benefits against what is payable, what is withheld, and what was paid too much."""
    round_ = context.books.value("SELECT period_round(%(r)s::smallint, %(m)s::date)", r=context.region, m=context.month)
    sums = _sums(lines)
    entries = []
    for scheme in sorted(sums.keys() | again.schemes):
        amount, part, withheld, negative = sums.get(scheme, (0, 0, 0, 0))
        entries.append(
            Entry(
                f"{context.name}/{round_} pay {scheme}",
                "pay",
                f"{context.month:%Y-%m} 待遇支付 payments",
                [
                    Posting(scheme, "benefits", amount - part),
                    Posting(scheme, "individual_accounts", part),
                    Posting(scheme, "benefits_payable", -(amount - negative - withheld)),
                    Posting(scheme, "benefits_receivable", -negative - withheld),
                    *again.postings(scheme),
                ],
            )
        )
    post(context.books, context.region, context.month, entries)


def _sums(lines: pa.Table) -> dict[str, tuple[int, int, int, int]]:
    """By scheme: amount, account part, withheld, and the sum of what is negative."""
    negative = pc.if_else(pc.less(lines["amount"], 0), lines["amount"], 0)
    found = (
        lines.append_column("negative", negative)
        .group_by("scheme")
        .aggregate([(name, "sum") for name in ("amount", "account_part", "withheld", "negative")])
    )
    names = ("amount_sum", "account_part_sum", "withheld_sum", "negative_sum")
    return {row["scheme"]: tuple(row[name] for name in names) for row in found.to_pylist()}  # type: ignore[misc]


def _summary(context: Context, lines: pa.Table, again: Retried, owed: int, batches: int) -> Summary:
    net = pc.subtract(lines["amount"], lines["withheld"])
    waiting = lines.filter(pc.and_(pc.is_null(lines["batch"]), pc.greater(net, 0)))
    corrections = lines.filter(pc.less(lines["month"], pa.scalar(context.month, pa.date32())))
    summary = Summary(
        {
            "payments": lines.num_rows,
            "amount_fen": _sum(lines, "amount"),
            "account_part_fen": _sum(lines, "account_part"),
            "corrections": corrections.num_rows,
            "corrections_fen": _sum(corrections, "amount"),
            "withheld_fen": _sum(lines, "withheld"),
            "receivables": owed,
            "retried": again.sent,
            "set_off": again.set_off,
            "batches": batches,
            "without_account": waiting.num_rows,
            "without_account_fen": _sum(waiting, "amount") - _sum(waiting, "withheld"),
        }
    )
    if waiting.num_rows:
        numbers = first_numbers(context, waiting["person_id"].slice(0, 5).to_pylist())
        summary.notes.append((f"无发放账户，待发：{numbers}", f"no bank account, waiting to be paid: {numbers}"))
    return summary


def first_numbers(context: Context, people: list[int]) -> str:
    """The citizen numbers of a few people, for a note."""
    found = context.books.rows("SELECT number FROM person WHERE id = ANY (%(p)s) ORDER BY id", p=people)
    return ", ".join(number for (number,) in found)


def _sum(table: pa.Table, column: str) -> int:
    return int(pc.sum(table[column]).as_py() or 0)


def _ints(table: pa.Table, column: str) -> Ints:
    found = table[column].combine_chunks()
    if pa.types.is_date(found.type):
        found = found.cast(pa.int32())
    return np.asarray(found.to_numpy(zero_copy_only=False)).astype(np.int64, copy=False)


def _is(table: pa.Table, column: str, value: str) -> Any:
    return pc.equal(table[column], value).combine_chunks().to_numpy(zero_copy_only=False)


def _date(days: int) -> dt.date:
    return dt.date(1970, 1, 1) + dt.timedelta(days)
