"""Arrivals 转入: what was sent to this province is taken in, money and record, and the person's file with it."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from shebao.books.ledger import Entry, Posting, post
from shebao.month.award import account_entries, key
from shebao.month.careers import after, index_found, index_text, month_text, yuan
from shebao.month.context import Context
from shebao.month.facts import next_month
from shebao.month.relations import Leg, Move, fen_of, movement, write_legs, years_of


def take(context: Context) -> list[Leg]:
    """What was sent here and not taken in yet."""
    rows = context.books.rows(
        """SELECT t.id, t.person_id, t.from_region, t.to_region, t.from_scheme::text, t.to_scheme::text,
                  coalesce(r.area, %(area)s), l.account, l.pooled, l.months, l.career
           FROM transfer t JOIN transfer_leg l ON l.transfer = t.id AND l.side = 'out'
           LEFT JOIN person_record r ON r.person_id = t.person_id AND upper_inf(r.known)
                AND r.valid @> %(m)s::date AND r.region = %(r)s
           WHERE t.to_region = %(r)s
             AND NOT EXISTS (SELECT FROM transfer_leg i WHERE i.transfer = t.id AND i.side = 'in')
           ORDER BY t.requested_on, t.id""",
        r=context.region,
        m=context.month,
        area=context.area,
    )
    legs = [Leg(Move(*row[:6]), *row[6:]) for row in rows]
    write_legs(context, "in", legs)
    for scheme in sorted({leg.move.to_scheme for leg in legs}):
        own = [leg for leg in legs if leg.move.to_scheme == scheme]
        held = [leg for leg in own if leg.account]
        if held:
            account_entries(context, [movement(context, leg, scheme, "transfer_in", leg.account) for leg in held])
        for batch in _one_of_each(own):
            _extend_careers(context, scheme, batch)
        account, pooled = sum(leg.account for leg in own), sum(leg.pooled for leg in own)
        entry = Entry(
            *(key(context, "adjust", f"transfers-in-{scheme}"), "adjust", "转入 transfers in"),
            [
                Posting(scheme, "bank_fiscal", account + pooled),
                Posting(scheme, "individual_accounts", -account),
                Posting(scheme, "transfers_in", -pooled),
            ],
        )
        post(context.books, context.region, context.month, [entry])
    _take_files(context, [leg.move.person_id for leg in legs if leg.move.from_region != context.region])
    return legs


def _one_of_each(legs: Sequence[Leg]) -> list[list[Leg]]:
    """In their order, but no two of a person together: what came from several provinces is entered one by one."""
    batches: list[list[Leg]] = []
    count: Counter[int] = Counter()
    for leg in legs:
        at = count[leg.move.person_id]
        count[leg.move.person_id] += 1
        batches[at:] = batches[at:] or [[]]
        batches[at].append(leg)
    return batches


def _extend_careers(context: Context, scheme: str, legs: Sequence[Leg]) -> None:
    """The record that came takes the place of the one known; or, where the relation was kept here, is added to it.

    Of who joined here all months of these books count, but those that had gone with the relation. The month's own
    corrections are done, so this is booked where the next find it.
    """
    kept = _kept_here(context, scheme, [leg for leg in legs if leg.move.from_scheme == scheme])
    records = [
        (leg, _merged(context, kept[leg.move.person_id], leg)) if leg.move.person_id in kept else (leg, leg.career)
        for leg in legs
    ]
    people = [leg.move.person_id for leg in legs]
    context.books.execute(
        """UPDATE career SET known = tstzrange(lower(known), clock_timestamp()), superseded_in = %(m)s
           WHERE person_id = ANY (%(people)s) AND scheme = %(s)s AND upper_inf(known)""",
        people=people,
        s=scheme,
        m=next_month(context.month),
    )
    context.books.execute(
        """INSERT INTO career (person_id, scheme, version, region, area, known, booked, until, contribution_months,
                               deemed_months, average_index, transition_index, facts, source)
           SELECT w.person_id, %(s)s,
                  coalesce((SELECT max(c.version) FROM career c
                            WHERE c.person_id = w.person_id AND c.scheme = %(s)s), -1) + 1,
                  %(r)s, w.area, tstzrange(clock_timestamp(), NULL), %(next)s,
                  coalesce((w.record ->> 'until')::date, (
                      SELECT greatest(min(date_trunc('month', lower(p.valid)))::date,
                                      (SELECT min(month) FROM period_event WHERE region = %(r)s))
                      FROM participation p
                      WHERE p.person_id = w.person_id AND p.scheme = %(s)s AND p.region = %(r)s
                        AND upper_inf(p.known) AND p.kind <> 'retired' HAVING count(*) > 0), %(m)s),
                  (w.record ->> 'contribution_months')::smallint, (w.record ->> 'deemed_months')::smallint,
                  ((w.record ->> 'average_index')::numeric * 10000)::integer,
                  ((w.record ->> 'transition_index')::numeric * 10000)::integer,
                  w.record -> 'facts', 'transfer 转入'
           FROM unnest(%(people)s::bigint[], %(areas)s::bigint[], %(records)s::jsonb[])
                AS w (person_id, area, record)""",
        people=people,
        areas=[leg.area for leg in legs],
        records=[json.dumps(career, ensure_ascii=False) for _, career in records],
        s=scheme,
        r=context.region,
        m=context.month,
        next=next_month(context.month),
    )


def _kept_here(context: Context, scheme: str, legs: Sequence[Leg]) -> dict[int, dict[str, Any]]:
    """The records of those whose relation is here already."""
    rows = context.books.rows(
        """SELECT person_id, until, contribution_months, deemed_months, average_index, transition_index, facts
           FROM career WHERE person_id = ANY (%(people)s) AND scheme = %(s)s AND region = %(r)s AND upper_inf(known)""",
        people=[leg.move.person_id for leg in legs],
        s=scheme,
        r=context.region,
    )
    names = ("until", "contribution_months", "deemed_months", "average_index", "transition_index", "facts")
    return {person_id: dict(zip(names, row, strict=True)) for person_id, *row in rows}


def _merged(context: Context, held: Mapping[str, Any], leg: Leg) -> dict[str, Any]:
    """A record with the months, the wages and the stays of another beside its own."""
    came, months = leg.career, held["contribution_months"]
    wages: dict[int, int] = defaultdict(int)
    for year in held["facts"].get("contributed_years", ()):
        wages[int(year["contributed_year"])] += fen_of(year["contributed_wages"])
    for year, sum_ in came["wages"].items():
        wages[int(year)] += sum_
    first = [t for facts in (held["facts"], came["facts"]) if (t := facts.get("first_contribution_month"))]
    facts = held["facts"] | {"contributed_years": years_of(wages), "stays": _joined_stays(context, held, came["facts"])}
    facts |= {"first_contribution_month": min(first)} if first else {}
    return {
        "until": str(held["until"]),
        "contribution_months": months + leg.months,
        "deemed_months": held["deemed_months"] + came["deemed_months"],
        "average_index": _joined_index(context, held, leg),
        "transition_index": index_text(held["transition_index"]),
        "facts": facts,
    }


def _joined_stays(context: Context, held: Mapping[str, Any], came: Mapping[str, Any]) -> list[dict[str, Any]]:
    stays = {int(stay["stay_region"]): dict(stay) for stay in held["facts"].get("stays", ())}
    if not stays and held["contribution_months"]:
        last = month_text(after(held["until"], -1))
        stays[context.region] = {
            "stay_region": context.region,
            "stay_months": held["contribution_months"],
            "stay_last_month": last,
        }
    for stay in came.get("stays", ()):
        own = stays.setdefault(int(stay["stay_region"]), dict(stay) | {"stay_months": 0})
        own["stay_months"] = int(own["stay_months"]) + int(stay["stay_months"])
        own["stay_last_month"] = max(str(x.get("stay_last_month", "")) for x in (own, stay))
    return [stays[region] for region in sorted(stays)]


def _joined_index(context: Context, held: Mapping[str, Any], leg: Leg) -> str:
    """The average of both by their months; the law's own rule on a history whose later part had the other's index.

    Where months are only taken back the average stays as it was.
    """
    if leg.months <= 0:
        return index_text(held["average_index"])
    base = yuan(int(Fraction(leg.career["average_index"]) * 10_000))
    facts = {
        "opening_average_index": index_text(held["average_index"]),
        "opening_index_months": held["contribution_months"],
        "index_years": [  # a record of the law is of a year at most
            {"own_base": base, "reference_wage_of_year": "100.00", "months_paid": min(12, leg.months - done)}
            for done in range(0, leg.months, 12)
        ],
    }
    return index_found(context.law.explain("employee_pension.average_index_of_history", facts))


def _take_files(context: Context, people: Sequence[int]) -> None:
    """What is known of a person is kept, and corrected, where the relation is: the record, and a death."""
    values = {"people": people, "r": context.region, "area": context.area, "m": next_month(context.month)}
    for table, columns, key_ in (
        ("person_record", "person_id, valid, name, sex, birth_date, category, hukou_region, phone", "person_id"),
        ("life_event", "person_id, kind, happened_on, facts", "person_id, kind"),
    ):
        context.books.execute(
            f"""WITH gone AS (
                    UPDATE {table} SET known = tstzrange(lower(known), clock_timestamp()), superseded_in = %(m)s
                    WHERE person_id = ANY (%(people)s) AND upper_inf(known) AND region <> %(r)s RETURNING *)
                INSERT INTO {table} ({columns}, version, region, area, known, booked, source)
                SELECT {columns}, (SELECT max(x.version) FROM {table} x WHERE x.person_id = g.person_id)
                           + row_number() OVER (PARTITION BY {key_} ORDER BY version),
                       %(r)s, %(area)s, tstzrange(clock_timestamp(), NULL), %(m)s, 'transfer 转入'
                FROM gone g""",
            **values,
        )
