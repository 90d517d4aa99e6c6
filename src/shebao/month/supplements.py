"""Supplements 补转: what the old province's books learn after a relation has gone follows it, month by month.

A month that was given back to the person, since another province had it too, counts again when that one takes its own
back: it follows as well, or counts here if the relation has come back by then, and the person owes the refund.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from shebao.engine.errors import Refused
from shebao.month.careers import Known, References, index_found, known, month_text, paid_months, sent_months, yuan
from shebao.month.context import Context
from shebao.month.entitlements import Change, Due, replace
from shebao.month.pensions import PENSION, fen
from shebao.month.relations import ON_ITS_WAY, Leg, Move, paid_elsewhere, years_of


def supplements(context: Context, going: Collection[int], waiting: Counter[str]) -> tuple[list[Leg], dict[int, Known]]:
    """What these books hold, or have taken back, of people whose relation has gone and arrived; it follows it.

    A province that keeps no books here has taken in what was sent to it.

    Of those ``going`` just now all goes anyway.
    """
    rows = context.books.rows(
        f"""SELECT DISTINCT ON (t.person_id) t.person_id, t.id,
                   CASE c.region WHEN %(r)s THEN t.to_region ELSE c.region END, greatest(t.requested_on, %(m)s::date)
            FROM transfer t JOIN transfer_leg l ON l.transfer = t.id AND l.side = 'out'
            JOIN career c ON c.person_id = t.person_id AND c.scheme = 'employee_pension' AND upper_inf(c.known)
            WHERE t.from_region = %(r)s AND t.from_scheme = 'employee_pension' AND t.to_scheme = t.from_scheme
              AND (c.region <> %(r)s OR NOT EXISTS (SELECT FROM period_event e WHERE e.region = t.to_region))
              AND NOT {ON_ITS_WAY.format("t")} AND t.person_id <> ALL (%(going)s)
            ORDER BY t.person_id, l.booked DESC, t.requested_on DESC, t.id DESC""",
        r=context.region,
        m=context.month,
        going=list(going),
    )
    gone = {person_id: last for person_id, *last in rows}
    paid = paid_months(context, PENSION, dict.fromkeys(gone, context.month))
    sent = sent_months(context, PENSION, gone)
    moves = {p: Move(f"{last[0]}+", p, context.region, last[1], PENSION, PENSION) for p, last in gone.items()}
    elsewhere = paid_elsewhere(context, PENSION, list(moves.values()))
    once = _once_again(context, paid, sent, waiting)
    for person_id, months in once.items():  # they are looked at as if nothing had been decided on them
        sent[person_id] = {month: base for month, base in sent[person_id].items() if month not in months}
    changed = {
        person_id: context.month
        for person_id, held in _balances(context, gone).items()
        if held or _differs(paid.get(person_id, {}), sent.get(person_id, {}), elsewhere.get(person_id, frozenset()))
    }
    people = known(context, PENSION, changed, closing=True)
    owed = _take_back(context, people, {p: months for p, months in once.items() if p in people})
    for person_id in once.keys() & people.keys():
        counts = people[person_id].paid.keys() - elsewhere.get(person_id, frozenset()) | once[person_id]
        added = {month: paid[person_id][month] for month in counts}
        people[person_id].facts["average_index"] = _average_index(context, added)
    legs, wages = [], _sent_wages(context, people)
    for person_id, person in people.items():
        kept, before = elsewhere.get(person_id, frozenset()), wages.get(person_id, {})
        here, went = paid.get(person_id, {}), sent.get(person_id, {})
        person.balance += owed.get(person_id, 0)  # paying puts it back into the account
        leg = _supplement(context, moves[person_id], person, kept, here, went, before)
        if leg.account or leg.pooled or leg.months or leg.refund:
            legs.append(leg)
    _request(context, [(leg.move, gone[leg.move.person_id][2]) for leg in legs])
    return legs, people


def counted_again(context: Context, going: Collection[int], waiting: Counter[str]) -> list[Leg]:
    """Months given back here that no other province has any more, of people whose relation has come back here.

    No money moves: each leg, sent and taken in by these books, puts the month into the record in the place of that of
    the province the relation came back from. Of those ``going`` just now nothing is decided.
    """
    back = _come_back(context, going)
    paid = paid_months(context, PENSION, dict.fromkeys(back, context.month))
    once = _once_again(context, paid, sent_months(context, PENSION, back), waiting)
    people = known(context, PENSION, dict.fromkeys(once, context.month))
    legs = []
    for person_id, person in people.items():
        (last, there), months = back[person_id], {m: paid[person_id][m] for m in once[person_id]}
        move = Move(f"{last}={month_text(min(months))}", person_id, there, context.region, PENSION, PENSION)
        person.facts["average_index"] = _average_index(context, months)
        leg = _supplement(context, move, person, frozenset(), months, {}, {})
        legs.append(dataclasses.replace(leg, account=0, pooled=0))
    _take_back(context, people, {p: months for p, months in once.items() if p in people})
    _request(context, [(leg.move, context.month) for leg in legs])
    return legs


def _come_back(context: Context, going: Collection[int]) -> dict[int, tuple[str, int]]:
    """Whose relation is here, and had months given back when it was not: their last transfer from here, and where to.

    What is on its way settles first.
    """
    rows = context.books.rows(
        f"""SELECT DISTINCT ON (t.person_id) t.person_id, t.id, t.to_region
            FROM transfer t JOIN transfer_leg l ON l.transfer = t.id AND l.side = 'out' AND l.region = %(r)s
            JOIN career c ON c.person_id = t.person_id AND c.scheme = 'employee_pension' AND upper_inf(c.known)
                 AND c.region = %(r)s
            WHERE t.from_region = %(r)s AND t.from_scheme = 'employee_pension' AND t.to_scheme = t.from_scheme
              AND NOT {ON_ITS_WAY.format("t")} AND t.person_id <> ALL (%(going)s)
              AND EXISTS (SELECT FROM transfer g JOIN transfer_leg b ON b.transfer = g.id AND b.side = 'out'
                          WHERE g.person_id = t.person_id AND b.region = %(r)s AND b.career -> 'given_back' <> '[]')
            ORDER BY t.person_id, l.booked DESC, t.requested_on DESC, t.id DESC""",
        r=context.region,
        going=list(going),
    )
    return {person_id: (last, there) for person_id, last, there in rows}


def _average_index(context: Context, paid: Mapping[dt.date, tuple[int, int]]) -> str:
    """The index of these months alone."""
    references = References(context)
    facts = {
        "opening_average_index": "0.0000",
        "opening_index_months": 0,
        "index_years": [
            {"own_base": yuan(base), "reference_wage_of_year": references.of(month)[1], "months_paid": 1}
            for month, (base, _) in sorted(paid.items())
        ],
    }
    return index_found(context.law.explain("employee_pension.average_index_of_history", facts))


def _once_again(
    context: Context,
    paid: Mapping[int, Mapping[dt.date, tuple[int, int]]],
    sent: Mapping[int, Mapping[dt.date, int]],
    waiting: Counter[str],
) -> dict[int, set[dt.date]]:
    """The months that were given back to these people and are paid here alone now: no other province has them.

    They wait while the law lacks the reference wage of a month, and so its index.
    """
    given = {p: [m for m, base in of.items() if not base and m in paid.get(p, {})] for p, of in sent.items()}
    pairs = [(person_id, month) for person_id, months in given.items() for month in months]
    rows = context.books.rows(
        """SELECT w.person_id, w.month FROM unnest(%(people)s::bigint[], %(months)s::date[]) AS w (person_id, month)
           WHERE NOT EXISTS (
               SELECT FROM contribution c JOIN bill_settlement b ON b.region = c.region AND b.number = c.bill
               WHERE c.month = w.month AND c.person_id = w.person_id AND c.scheme = 'employee_pension'
                 AND c.region <> %(r)s GROUP BY c.region HAVING sum(c.base) > 0)""",
        people=[person_id for person_id, _ in pairs],
        months=[month for _, month in pairs],
        r=context.region,
    )
    found: dict[int, set[dt.date]] = defaultdict(set)
    for person_id, month in rows:
        found[person_id].add(month)
    references = References(context)
    for person_id in [*found]:
        try:
            for month in paid[person_id]:
                references.of(month)
        except Refused as refusal:
            waiting[f"transfer 转移: {refusal.status}"] += 1
            del found[person_id]
    return dict(found)


def _take_back(context: Context, people: Mapping[int, Known], once: Mapping[int, set[dt.date]]) -> dict[int, int]:
    """What these months' refunds came to is due no more, and so is owed; returns how many fen of each person."""
    refunds: dict[int, dict[dt.date, list[int]]] = defaultdict(lambda: defaultdict(list))
    pairs = [(person_id, month) for person_id, months in once.items() for month in sorted(months)]
    places = {"people": [person_id for person_id, _ in pairs], "months": [month for _, month in pairs]}
    for person_id, due_in, own in context.books.rows(_REFUNDED, r=context.region, **places):
        refunds[person_id][due_in].append(own)
    due: dict[int, list[Due]] = defaultdict(list)
    for person_id, *row in context.books.rows(
        """SELECT person_id, lower(valid), upper(valid), amount, components, account_part, bank_account_id, reason
           FROM entitlement WHERE person_id = ANY (%(people)s) AND region = %(r)s AND benefit = %(b)s::benefit
             AND upper_inf(known) ORDER BY person_id, valid""",
        people=list(refunds),
        r=context.region,
        b=_REFUND,
    ):
        due[person_id].append(Due(*row))
    changes, owed = [], dict[int, int]()
    for person_id, months in refunds.items():
        rows, owed[person_id] = _lessened(context, due[person_id], months)
        about = (person_id, people[person_id].area, _REFUND, min(months))
        changes.append(Change(*about, [row for row in rows if row.start >= min(months)], reason=_ONCE_AGAIN))
    replace(context, changes)
    return owed


def _lessened(context: Context, rows: Sequence[Due], months: Mapping[dt.date, Sequence[int]]) -> tuple[list[Due], int]:
    """The refunds without what was given back in these months of the books; and how many fen that is."""
    kept, taken = [], 0
    for row in rows:
        relation = [{"own_contribution": yuan(o), "paid_in_kept_relation": True} for o in months.get(row.start, ())]
        refund = fen(context.law.explain("transfer.overlap_refund", {"ended_relation": relation}))
        less = min(refund, row.amount)
        taken += less
        left = row.amount - less
        if left:
            kept.append(dataclasses.replace(row, amount=left, components={_REFUND: left}, account_part=left))
    return kept, taken


_REFUND, _ONCE_AGAIN = "contribution_refund", "paid once again 不再重复缴费"

# Each month's own share as it was when it was given back, last.
_REFUNDED = """
    WITH given AS (
        SELECT DISTINCT ON (w.person_id, w.month) w.person_id, w.month, l.booked
        FROM unnest(%(people)s::bigint[], %(months)s::date[]) AS w (person_id, month)
        JOIN transfer t ON t.person_id = w.person_id AND t.from_scheme = 'employee_pension'
        JOIN transfer_leg l ON l.transfer = t.id AND l.side = 'out' AND l.region = %(r)s
             AND l.career -> 'given_back' ? to_char(w.month, 'YYYY-MM')
        ORDER BY w.person_id, w.month, l.booked DESC)
    SELECT g.person_id, g.booked, sum(c.employee)::bigint
    FROM given g
    JOIN contribution c ON c.month = g.month AND c.person_id = g.person_id AND c.scheme = 'employee_pension'
         AND c.region = %(r)s
    JOIN bill_settlement b ON b.region = c.region AND b.number = c.bill AND b.booked <= g.booked
    GROUP BY g.person_id, g.month, g.booked ORDER BY g.person_id, g.month"""


def _differs(
    paid: Mapping[dt.date, tuple[int, int]], sent: Mapping[dt.date, int], elsewhere: frozenset[dt.date]
) -> bool:
    """Whether what went is not what is paid here, or has been paid in the kept relation, too."""
    went = {month: base for month, base in sent.items() if base}
    now = {month: base for month, (base, _) in paid.items() if sent.get(month) != 0}
    return now != went or not elsewhere.isdisjoint(went)


def _balances(context: Context, people: Mapping[int, Any]) -> dict[int, int]:
    """What the accounts of these people hold here in fen; 0 without any entry."""
    found = context.books.rows(
        """SELECT person_id, sum(amount)::bigint FROM account_entry
           WHERE person_id = ANY (%(people)s) AND scheme = 'employee_pension' AND region = %(r)s GROUP BY person_id""",
        people=list(people),
        r=context.region,
    )
    return {**dict.fromkeys(people, 0), **dict(found)}


def _sent_wages(context: Context, people: Iterable[int]) -> dict[int, dict[int, int]]:
    """Of each person the wages in fen by calendar year that were sent from here."""
    rows = context.books.rows(
        """SELECT t.person_id, w.key::int, sum(w.value::bigint)::bigint
           FROM transfer t JOIN transfer_leg l ON l.transfer = t.id AND l.side = 'out'
           CROSS JOIN LATERAL jsonb_each_text(l.career -> 'wages') w
           WHERE t.person_id = ANY (%(people)s) AND l.region = %(r)s GROUP BY t.person_id, w.key""",
        people=list(people),
        r=context.region,
    )
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for person_id, year, wages in rows:
        found[person_id][year] = wages
    return found


def _supplement(
    context: Context,
    move: Move,
    person: Known,
    elsewhere: frozenset[dt.date],
    paid: Mapping[dt.date, tuple[int, int]],
    sent: Mapping[dt.date, int],
    before: Mapping[int, int],
) -> Leg:
    """The difference between what is paid here as now known and what went, month by month; ``before``: wages sent."""
    law = context.law
    went = {month for month, base in sent.items() if base}
    looked_at = [month for month in paid if month not in sent or month in went & elsewhere]
    relation = [
        {"own_contribution": yuan(paid[month][1]), "paid_in_kept_relation": month in elsewhere} for month in looked_at
    ]
    refund = fen(law.explain("transfer.overlap_refund", {"ended_relation": relation}))
    added = int(law.explain("transfer.months_added", {"ended_relation": relation}).exact)
    given_back = elsewhere & {*looked_at}
    goes = {m: base for m, (base, _) in paid.items() if m not in given_back and (m in went or m not in sent)}
    differs = {m: goes.get(m, 0) - sent.get(m, 0) for m in sorted(goes.keys() | went)}
    differs = {m: base for m, base in differs.items() if base}
    months = added - len(went - goes.keys())
    wages: dict[int, int] = defaultdict(int)
    for m, base in differs.items():
        wages[m.year] += base
    now = {year: before.get(year, 0) + wages.get(year, 0) for year in before.keys() | wages.keys()}
    share, shared = (
        fen(law.explain("transfer.pooled_transfer", {"contributed_years": years_of(years)})) for years in (now, before)
    )
    career = {
        "contribution_months": months,
        "deemed_months": 0,
        "average_index": person.facts.get("average_index", "0.0000"),
        "transition_index": "0.0000",
        "facts": {
            "stays": [{"stay_region": context.region, "stay_months": months}],
            "contributed_years": years_of(now),
        },
        "paid": {month_text(m): base for m, base in differs.items()},
        "given_back": sorted(map(month_text, given_back)),
        "wages": {str(year): sum_ for year, sum_ in sorted(wages.items())},
    }
    account = person.balance + person.interest - refund
    return Leg(move, person.area, account, share - shared, months, career, refund)


def _request(context: Context, moves: Sequence[tuple[Move, dt.date]]) -> None:
    """Nobody asks for a supplement: the province that owes it does."""
    context.books.execute(
        """INSERT INTO transfer (id, person_id, from_region, to_region, from_scheme, to_scheme, requested_on, source)
           SELECT id, person_id, here, there, 'employee_pension', 'employee_pension', requested, 'supplement 补转'
           FROM unnest(%(ids)s::text[], %(people)s::bigint[], %(from)s::smallint[], %(to)s::smallint[],
                       %(on)s::date[]) AS w (id, person_id, here, there, requested)""",
        ids=[move.id for move, _ in moves],
        people=[move.person_id for move, _ in moves],
        to=[move.to_region for move, _ in moves],
        **{"from": [move.from_region for move, _ in moves]},
        on=[on for _, on in moves],
    )
