"""Transfers: a person's relation moves to another province, or at retirement age to another scheme.

Two legs, each in the books of its own region: the old one sends the account, the pooled part and the record; the new
one takes them in once they were sent. Months count once: those paid in both places are kept in the new one and given
back in the old (人社部规〔2016〕5号). What the old province's books learn after that, a bill settled late or a wage
corrected, follows as a supplement; a supplement may be negative, when too much was sent.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from shebao.books.ledger import Entry, Posting, post
from shebao.engine.errors import BookError, Refused
from shebao.month.arrivals import take
from shebao.month.award import account_entries, close_accounts, key, lump_sum
from shebao.month.careers import UNREADABLE, Known, after, known, month_text, yuan
from shebao.month.context import Context, Summary
from shebao.month.entitlements import Change, Decision, record, replace
from shebao.month.participation import end_participation
from shebao.month.pensions import PENSION, RESIDENT, fen
from shebao.month.relations import ON_ITS_WAY, Leg, Move, fen_of, movement, paid_elsewhere, write_legs, years_of
from shebao.month.supplements import counted_again, supplements


def transfers(context: Context, summary: Summary, waiting: Counter[str]) -> None:
    """Sends what is asked of this region, then takes in what was sent to it."""
    out = _send(context, waiting)
    taken = take(context)
    summary.numbers |= {
        "transfers_out": len(out),
        "transfers_out_fen": sum(leg.account + leg.pooled for leg in out),
        "transfers_in": len(taken),
        "transfers_in_fen": sum(leg.account + leg.pooled for leg in taken),
    }


def _send(context: Context, waiting: Counter[str]) -> list[Leg]:
    moves = _asked(context, waiting)
    legs: list[Leg] = []
    for scheme in (PENSION, RESIDENT):
        legs += _send_scheme(context, waiting, scheme, [move for move in moves if move.from_scheme == scheme])
    if unknown := [move for move in moves if move.from_scheme not in (PENSION, RESIDENT)]:
        waiting["transfer between other schemes 其他制度间转移"] += len(unknown)
    legs += counted_again(context, {leg.move.person_id for leg in legs}, waiting)
    write_legs(context, "out", legs)
    return legs


_STAYS = {
    "draws": "transfer of who draws a benefit 已领取待遇者不转移",
    "died": "transfer of who has died 已死亡者不转移",
    "elsewhere": "transfer while the relation is in a third province 关系在第三地",
}


def _asked(context: Context, waiting: Counter[str]) -> list[Move]:
    """What is asked of this region and may go: one of a person at a time, after what is still coming."""
    rows = context.books.rows(
        f"""SELECT DISTINCT ON (t.person_id) t.id, t.person_id, t.from_region, t.to_region, t.from_scheme::text,
                   t.to_scheme::text,
                   CASE WHEN EXISTS (SELECT FROM life_event l WHERE l.person_id = t.person_id AND l.kind = 'death'
                                     AND upper_inf(l.known)) THEN 'died'
                        WHEN t.from_region <> t.to_region AND EXISTS (
                             SELECT FROM entitlement e WHERE e.person_id = t.person_id AND upper_inf(e.known)
                                 AND e.benefit IN ('employee_pension', 'account_refund')
                                 AND (upper_inf(e.valid) OR upper(e.valid) > %(m)s)) THEN 'draws'
                        WHEN c.region NOT IN (t.from_region, t.to_region) THEN 'elsewhere' END
            FROM transfer t LEFT JOIN career c ON c.person_id = t.person_id AND c.scheme = t.from_scheme
                AND upper_inf(c.known)
            WHERE t.from_region = %(r)s AND t.requested_on < %(next)s AND NOT {ON_ITS_WAY.format("t")}
              AND NOT EXISTS (SELECT FROM transfer_leg l WHERE l.transfer = t.id AND l.side = 'out')
            ORDER BY t.person_id, t.requested_on, t.id""",
        r=context.region,
        m=context.month,
        next=after(context.month),
    )
    for stays in (row[-1] for row in rows if row[-1]):
        waiting[_STAYS[stays]] += 1
    return [Move(*move) for *move, stays in rows if not stays]


def _send_scheme(context: Context, waiting: Counter[str], scheme: str, moves: Sequence[Move]) -> list[Leg]:
    people = known(context, scheme, {move.person_id: context.month for move in moves}, closing=True)
    elsewhere = paid_elsewhere(context, scheme, moves)
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
        except BookError:  # what the record states is nothing the law knows
            waiting[f"transfer 转移: {UNREADABLE}"] += 1
    sent = {leg.move.person_id: leg for leg in legs}
    if sent:
        end_participation(context, dict.fromkeys(sent, after(context.month)), "transfer 转出", schemes=(scheme,))
    if scheme == PENSION:
        late, following = supplements(context, sent, waiting)
        legs, people = legs + late, people | following
    _book(context, scheme, legs, people)
    return legs


def _book(context: Context, scheme: str, legs: Sequence[Leg], people: Mapping[int, Known]) -> None:
    going = [(leg, people[leg.move.person_id]) for leg in legs]
    close_accounts(context, scheme, [person for _, person in going], "adjust", "transfer")
    _book_out(context, scheme, legs)
    _give_back(context, [(person, leg.refund) for leg, person in going if leg.refund])


def _leg(context: Context, move: Move, person: Known, elsewhere: frozenset[dt.date]) -> Leg:
    relation = [
        {"own_contribution": yuan(own), "paid_in_kept_relation": month in elsewhere}
        for month, (_, own) in person.paid.items()
    ]
    law, carried = context.law, person.career.get("contribution_months", 0)
    refund = fen(law.explain("transfer.overlap_refund", {"ended_relation": relation}))
    added = int(law.explain("transfer.months_added", {"ended_relation": relation}).exact)
    first, wages = _first_month(person), _carried_wages(person)
    paid = {month: base for month, (base, _) in person.paid.items() if month not in elsewhere} | person.corrected
    for month, base in paid.items():
        wages[month.year] += base
    facts = {
        "account_balance": yuan(person.balance + person.interest - refund),
        "first_contribution_month": first,
        "contributed_years": years_of(wages),
    }
    stated = person.career["facts"]
    facts |= {name: stated[name] for name in ("own_balance_before_1998", "balance_since_1998") if name in stated}
    account = fen(law.explain("transfer.account_transfer", facts))
    pooled = fen(law.explain("transfer.pooled_transfer", facts))
    career = _record(context, person, carried + added, facts, elsewhere) | {
        "paid": {month_text(month): base for month, base in paid.items()},
        "given_back": sorted(month_text(month) for month in elsewhere & person.paid.keys()),
        "wages": {str(year): sum_ for year, sum_ in sorted(wages.items())},
    }
    return Leg(move, person.area, account, pooled, carried + added, career, refund)


def _first_month(person: Known) -> str:
    stated = person.career["facts"].get("first_contribution_month")
    if stated is not None:
        return str(stated)
    if person.career.get("contribution_months") or not person.paid:
        raise Refused("missing fact", "transfer.first_contribution_month")
    return month_text(min(person.paid))


def _carried_wages(person: Known) -> defaultdict[int, int]:
    """Wages contributions were paid on before these books, in fen by calendar year, as the record tells them."""
    stated = person.career["facts"].get("contributed_years")
    if stated is None and person.career.get("contribution_months", 0) > person.career.get("deemed_months", 0):
        raise Refused("missing fact", "transfer.contributed_years")
    wages: defaultdict[int, int] = defaultdict(int)
    with _readable():
        for year in stated or ():
            wages[int(year["contributed_year"])] += fen_of(year["contributed_wages"])
    return wages


@contextmanager
def _readable() -> Iterator[None]:
    """A record from outside that is not shaped as the law asks is a ``BookError``."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BookError(f"{UNREADABLE}: {error}") from None


def _record(
    context: Context, person: Known, months: int, facts: Mapping[str, Any], elsewhere: frozenset[dt.date]
) -> dict[str, Any]:
    """The career as it moves: what the new place enters as earned before it."""
    stated = dict(person.career["facts"])
    with _readable():
        stays = {int(stay["stay_region"]): dict(stay) for stay in stated.get("stays", ())}
    here = stays.get(
        context.region,
        {"stay_region": context.region, "stay_months": 0 if stays else person.career.get("contribution_months", 0)},
    )
    paid = [month for month in person.paid if month not in elsewhere]
    last = max(paid) if paid else after(person.career["until"], -1) if "until" in person.career else context.month
    with _readable():
        stayed = int(here["stay_months"]) + len(paid)
    stays[context.region] = here | {"stay_months": stayed, "stay_last_month": month_text(last)}
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
        account_entries(context, [movement(context, leg, scheme, "transfer_out", -leg.account) for leg in sent])
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
