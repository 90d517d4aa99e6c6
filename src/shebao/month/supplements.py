"""Supplements 补转: what the old province's books learn after a relation has gone follows it, month by month."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from shebao.month.careers import Known, known, month_text, paid_months, sent_months, yuan
from shebao.month.context import Context
from shebao.month.pensions import PENSION, fen
from shebao.month.relations import ON_ITS_WAY, Leg, Move, paid_elsewhere, years_of


def supplements(context: Context, going: Collection[int]) -> tuple[list[Leg], dict[int, Known]]:
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
    changed = {
        person_id: context.month
        for person_id, held in _balances(context, gone).items()
        if held or _differs(paid.get(person_id, {}), sent.get(person_id, {}), elsewhere.get(person_id, frozenset()))
    }
    people = known(context, PENSION, changed, closing=True)
    legs, wages = [], _sent_wages(context, people)
    for person_id, person in people.items():
        kept, before = elsewhere.get(person_id, frozenset()), wages.get(person_id, {})
        here, went = paid.get(person_id, {}), sent.get(person_id, {})
        leg = _supplement(context, moves[person_id], person, kept, here, went, before)
        if leg.account or leg.pooled or leg.months or leg.refund:
            legs.append(leg)
    _request(context, [(leg.move, gone[leg.move.person_id][2]) for leg in legs])
    return legs, people


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
           SELECT id, person_id, %(r)s, there, 'employee_pension', 'employee_pension', requested, 'supplement 补转'
           FROM unnest(%(ids)s::text[], %(people)s::bigint[], %(to)s::smallint[], %(on)s::date[])
                AS w (id, person_id, there, requested)""",
        r=context.region,
        ids=[move.id for move, _ in moves],
        people=[move.person_id for move, _ in moves],
        to=[move.to_region for move, _ in moves],
        on=[on for _, on in moves],
    )
