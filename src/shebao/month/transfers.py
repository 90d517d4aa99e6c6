"""Transfers: a person's relation moves to another province, or at retirement age to another scheme.

Two legs, each in the books of its own region: the old one sends the account, the pooled part and the record; the new
one takes them in once they were sent. Months count once: those paid in both places are kept in the new one and given
back in the old (人社部规〔2016〕5号).
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from shebao.books.ledger import Entry, Posting, post
from shebao.engine.errors import Refused
from shebao.month.award import PENSION, RESIDENT, account_entries, close_accounts, end_participation, fen, key, lump_sum
from shebao.month.careers import Known, after, known, month_text, paid_months, yuan
from shebao.month.context import Context, Summary
from shebao.month.entitlements import Change, Decision, record, replace


@dataclass(frozen=True)
class Move:
    """A transfer to be carried out."""

    id: str
    person_id: int
    from_region: int
    to_region: int
    from_scheme: str
    to_scheme: str


@dataclass(frozen=True)
class Leg:
    """What leaves: fen of the account and of the pooled fund, months, and the record that goes along."""

    move: Move
    area: int
    account: int
    pooled: int
    months: int
    career: Mapping[str, Any]
    refund: int = 0


def transfers(context: Context, summary: Summary, waiting: Counter[str]) -> None:
    """Sends what is asked of this region, then takes in what was sent to it."""
    out = _send(context, waiting)
    taken = _take(context)
    summary.numbers |= {
        "transfers_out": len(out),
        "transfers_out_fen": sum(leg.account + leg.pooled for leg in out),
        "transfers_in": len(taken),
        "transfers_in_fen": sum(leg.account + leg.pooled for leg in taken),
    }


# -- out -------------------------------------------------------------------------------------------


def _send(context: Context, waiting: Counter[str]) -> list[Leg]:
    moves = [
        Move(*row)
        for row in context.books.rows(
            """SELECT DISTINCT ON (t.person_id) t.id, t.person_id, t.from_region, t.to_region, t.from_scheme::text,
            t.to_scheme::text
               FROM transfer t WHERE t.from_region = %(r)s AND t.requested_on < %(next)s
                 AND NOT EXISTS (SELECT FROM transfer_leg l WHERE l.transfer = t.id AND l.side = 'out')
               ORDER BY t.person_id, t.requested_on, t.id""",
            r=context.region,
            next=after(context.month),
        )
    ]
    legs: list[Leg] = []
    for scheme in (PENSION, RESIDENT):
        legs += _send_scheme(context, waiting, scheme, [move for move in moves if move.from_scheme == scheme])
    if unknown := [move for move in moves if move.from_scheme not in (PENSION, RESIDENT)]:
        waiting["transfer between other schemes 其他制度间转移"] += len(unknown)
    _write_legs(context, "out", legs)
    return legs


def _send_scheme(context: Context, waiting: Counter[str], scheme: str, moves: Sequence[Move]) -> list[Leg]:
    people = known(context, scheme, {move.person_id: context.month for move in moves}, closing=True)
    elsewhere = _paid_elsewhere(context, scheme, moves)
    converting = {move.person_id: context.month for move in moves if move.to_scheme != scheme}
    others = known(context, RESIDENT if scheme == PENSION else PENSION, converting, closing=True)
    legs = []
    for move in moves:
        person = people.get(move.person_id)
        if person is None:
            waiting["person record 参保登记"] += 1
            continue
        try:
            if person.problem:
                raise Refused("missing parameter", person.problem.partition(": ")[2])
            if move.to_scheme == scheme:
                legs.append(_leg(context, move, person, elsewhere.get(move.person_id, frozenset())))
            else:
                legs.append(_conversion(context, move, person, others.get(move.person_id)))
        except Refused as refusal:
            waiting[f"transfer 转移: {refusal.status}"] += 1
    sent = {leg.move.person_id: leg for leg in legs}
    close_accounts(context, scheme, [people[p] for p in sent], "adjust", "transfer")
    _book_out(context, scheme, legs)
    _give_back(context, [(people[p], leg.refund) for p, leg in sent.items() if leg.refund])
    if sent:
        end_participation(context, dict.fromkeys(sent, after(context.month)), "transfer 转出", schemes=(scheme,))
    return legs


def _paid_elsewhere(context: Context, scheme: str, moves: Sequence[Move]) -> dict[int, frozenset[dt.date]]:
    """The months that the relation the person keeps has, too; one statement for each region people move to."""
    by_region: dict[int, dict[int, dt.date]] = defaultdict(dict)
    for move in moves:
        if move.to_region != context.region and move.to_scheme == scheme:
            by_region[move.to_region][move.person_id] = context.month
    found: dict[int, frozenset[dt.date]] = {}
    for region, people in sorted(by_region.items()):
        found |= {p: frozenset(paid) for p, paid in paid_months(context, scheme, people, region).items()}
    return found


def _leg(context: Context, move: Move, person: Known, elsewhere: frozenset[dt.date]) -> Leg:
    relation = [
        {"own_contribution": yuan(own), "paid_in_kept_relation": month in elsewhere}
        for month, (_, own) in person.paid.items()
    ]
    law, carried = context.law, person.career.get("contribution_months", 0)
    refund = fen(law.explain("transfer.overlap_refund", {"ended_relation": relation}))
    added = int(law.explain("transfer.months_added", {"ended_relation": relation}).exact)
    facts = {
        "account_balance": yuan(person.balance + person.interest - refund),
        "first_contribution_month": _first_month(person),
        "contributed_years": _contributed_years(person, elsewhere),
    }
    stated = person.career["facts"]
    facts |= {name: stated[name] for name in ("own_balance_before_1998", "balance_since_1998") if name in stated}
    account = fen(law.explain("transfer.account_transfer", facts))
    pooled = fen(law.explain("transfer.pooled_transfer", facts))
    career = _record(context, person, carried + added, facts, elsewhere)
    return Leg(move, person.area, account, pooled, carried + added, career, refund)


def _first_month(person: Known) -> str:
    stated = person.career["facts"].get("first_contribution_month")
    if stated is not None:
        return str(stated)
    if person.career.get("contribution_months") or not person.paid:
        raise Refused("missing fact", "transfer.first_contribution_month")
    return month_text(min(person.paid))


def _contributed_years(person: Known, elsewhere: frozenset[dt.date]) -> list[dict[str, Any]]:
    """Wages contributions were paid on, by calendar year: the record's and the books'; what is given back is not
    sent."""
    stated = person.career["facts"].get("contributed_years")
    if stated is None and person.career.get("contribution_months", 0) > person.career.get("deemed_months", 0):
        raise Refused("missing fact", "transfer.contributed_years")
    wages: dict[int, int] = defaultdict(int)
    for month, (base, _) in person.paid.items():
        if month not in elsewhere:
            wages[month.year] += base
    return [
        *(stated or ()),
        *({"contributed_year": year, "contributed_wages": yuan(sum_)} for year, sum_ in sorted(wages.items())),
    ]


def _record(
    context: Context, person: Known, months: int, facts: Mapping[str, Any], elsewhere: frozenset[dt.date]
) -> dict[str, Any]:
    """The career as it moves: what the new place enters as earned before it."""
    stated = dict(person.career["facts"])
    stays = {int(stay["stay_region"]): dict(stay) for stay in stated.get("stays", ())}
    here = stays.get(
        context.region,
        {"stay_region": context.region, "stay_months": 0 if stays else person.career.get("contribution_months", 0)},
    )
    paid = [month for month in person.paid if month not in elsewhere]
    last = max(paid) if paid else after(person.career["until"], -1) if "until" in person.career else context.month
    stays[context.region] = here | {
        "stay_months": int(here["stay_months"]) + len(paid),
        "stay_last_month": month_text(last),
    }
    stated |= {
        "stays": [stays[region] for region in sorted(stays)],
        "first_contribution_month": facts["first_contribution_month"],
        "contributed_years": facts["contributed_years"],
    }
    return {
        "contribution_months": months,
        "deemed_months": person.career.get("deemed_months", 0),
        "average_index": person.facts.get("average_index", "0.0000"),
        "transition_index": person.career.get("transition_index", "0.0000"),
        "facts": stated,
    }


def _conversion(context: Context, move: Move, person: Known, other: Known | None) -> Leg:
    """Between the employee's and the resident's scheme: one account joins the other, the pooled part stays."""
    law = context.law
    employee, resident = (person, other) if move.from_scheme == PENSION else (other, person)
    if employee is None or resident is None or {move.from_scheme, move.to_scheme} != {PENSION, RESIDENT}:
        raise Refused("missing fact", "transfer.account_balance")
    facts = {
        n: v
        for n, v in employee.facts.items()
        if n in ("region", "sex", "category", "birth_month", "contribution_months")
    }
    facts |= {
        "retirement_month": month_text(context.month),
        "account_balance": yuan(employee.balance + employee.interest),
        "resident_account_balance": yuan(resident.balance),
        "resident_contribution_years": resident.facts["resident_contribution_years"],
        "resident_overlaps": [],
    }
    if not law.explain("transfer.may_convert", facts).exact:
        raise Refused("not covered", "transfer.may_convert", "statutory age not reached 未达法定退休年龄")
    rule = "balance_joining_resident_account" if move.to_scheme == RESIDENT else "balance_joining_employee_account"
    account = fen(law.explain(f"transfer.{rule}", facts))
    pays = law.explain("transfer.employee_scheme_pays", facts).exact
    if bool(pays) != (move.to_scheme == PENSION):
        raise Refused("not covered", "transfer.employee_scheme_pays", "the other scheme pays 应由另一制度计发")
    months = int(law.explain("transfer.months_counted", facts).exact)
    career = {
        "contribution_months": months,
        "deemed_months": 0,
        "average_index": "0.0000",
        "transition_index": "0.0000",
        "facts": {},
    }
    if move.to_scheme == PENSION:
        career |= {
            n: employee.career[n]
            for n in ("deemed_months", "average_index", "transition_index")
            if n in employee.career
        }
        career |= {"average_index": employee.facts.get("average_index", "0.0000")}
    career["facts"] = (employee if move.to_scheme == PENSION else resident).career["facts"]
    return Leg(move, person.area, account, 0, months, career)


def _book_out(context: Context, scheme: str, legs: Sequence[Leg]) -> None:
    sent = [leg for leg in legs if leg.account]
    if sent:
        account_entries(context, [_entry(context, leg, scheme, "transfer_out", -leg.account) for leg in sent])
    account, pooled = sum(leg.account for leg in legs), sum(leg.pooled for leg in legs)
    entry = Entry(
        *(key(context, "adjust", f"transfers-out-{scheme}"), "adjust", "转出 transfers out"),
        [
            Posting(scheme, "individual_accounts", account),
            Posting(scheme, "transfers_out", pooled),
            Posting(scheme, "bank_fiscal", -account - pooled),
        ],
    )
    post(context.books, context.region, context.month, [entry])


def _entry(context: Context, leg: Leg, scheme: str, kind: str, amount: int) -> dict[str, Any]:
    person_id = leg.move.person_id
    return {
        "month": context.month,
        "person_id": person_id,
        "scheme": scheme,
        "kind": kind,
        "amount": amount,
        "area": leg.area,
    }


def _give_back(context: Context, refunds: Sequence[tuple[Known, int]]) -> None:
    """One's own share of months paid twice is due to the person, out of the account it went into."""
    benefit, reason = "contribution_refund", "months paid twice 重复缴费退还"
    record(
        context,
        [
            Decision(
                *(
                    p.person_id,
                    p.area,
                    benefit,
                    context.month,
                    amount,
                    reason,
                    {},
                    {"name": "transfer.overlap_refund", "value": yuan(amount)},
                )
            )
            for p, amount in refunds
        ],
    )
    changes: list[Change] = [lump_sum(context, p, benefit, amount, None, reason, amount) for p, amount in refunds]
    replace(context, changes)


# -- in --------------------------------------------------------------------------------------------


def _take(context: Context) -> list[Leg]:
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
    _write_legs(context, "in", legs)
    for scheme in sorted({leg.move.to_scheme for leg in legs}):
        own = [leg for leg in legs if leg.move.to_scheme == scheme]
        held = [leg for leg in own if leg.account]
        if held:
            account_entries(context, [_entry(context, leg, scheme, "transfer_in", leg.account) for leg in held])
        _extend_careers(context, scheme, own)
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
    return legs


def _extend_careers(context: Context, scheme: str, legs: Sequence[Leg]) -> None:
    """The record that came takes the place of the one known; the books here count from when the person joined."""
    people = [leg.move.person_id for leg in legs]
    context.books.execute(
        """UPDATE career SET known = tstzrange(lower(known), clock_timestamp()), superseded_in = %(m)s
           WHERE person_id = ANY (%(people)s) AND scheme = %(s)s AND upper_inf(known)""",
        people=people,
        s=scheme,
        m=context.month,
    )
    context.books.execute(
        """INSERT INTO career (person_id, scheme, version, region, area, known, booked, until, contribution_months,
                               deemed_months, average_index, transition_index, facts, source)
           SELECT w.person_id, %(s)s,
                  coalesce((SELECT max(c.version) FROM career c
                            WHERE c.person_id = w.person_id AND c.scheme = %(s)s), -1) + 1,
                  %(r)s, w.area, tstzrange(clock_timestamp(), NULL), %(m)s,
                  coalesce((SELECT max(date_trunc('month', lower(p.valid)))::date FROM participation p
                            WHERE p.person_id = w.person_id AND p.scheme = %(s)s AND p.region = %(r)s
                              AND upper_inf(p.known) AND p.kind <> 'retired'), %(m)s),
                  (w.record ->> 'contribution_months')::smallint, (w.record ->> 'deemed_months')::smallint,
                  replace(w.record ->> 'average_index', '.', '')::integer,
                  replace(w.record ->> 'transition_index', '.', '')::integer,
                  w.record -> 'facts', 'transfer 转入'
           FROM unnest(%(people)s::bigint[], %(areas)s::bigint[], %(records)s::jsonb[])
                AS w (person_id, area, record)""",
        people=people,
        areas=[leg.area for leg in legs],
        records=[json.dumps(leg.career, ensure_ascii=False) for leg in legs],
        s=scheme,
        r=context.region,
        m=context.month,
    )


_LEG = pa.schema(
    [
        ("transfer", pa.string()),
        ("side", pa.string()),
        ("region", pa.int16()),
        ("area", pa.int64()),
        ("booked", pa.date32()),
        ("account", pa.int64()),
        ("pooled", pa.int64()),
        ("months", pa.int16()),
        ("career", pa.string()),
    ]
)


def _write_legs(context: Context, side: str, legs: Sequence[Leg]) -> None:
    rows = [
        {
            "transfer": leg.move.id,
            "side": side,
            "region": context.region,
            "area": leg.area,
            "booked": context.month,
            "account": leg.account,
            "pooled": leg.pooled,
            "months": leg.months,
            "career": json.dumps(leg.career, ensure_ascii=False),
        }
        for leg in legs
    ]
    if rows:
        context.books.copy_in("transfer_leg", pa.Table.from_pylist(rows, _LEG))
