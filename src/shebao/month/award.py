"""Award: who has reached the age and the years, or claims, gets a decision with its reasons, and what is due by it.

A pension is found automatically in the month of the statutory age; earlier, later or for another benefit a person
claims. Who falls short is refused with the law's reason. What the law cannot decide for want of a parameter waits, is
told, and is tried again the next month.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shebao.books.ledger import Entry, Posting, post
from shebao.engine.errors import BookError, Refused
from shebao.engine.explanation import Explanation
from shebao.engine.facts import parse_value
from shebao.month.bills import round_of
from shebao.month.careers import UNREADABLE, Known, after, died, groups, known, month_text, state
from shebao.month.context import Context, Summary
from shebao.month.entitlements import Change, Decision, Due, record, replace
from shebao.month.of_age import of_age
from shebao.month.participation import Period, end_participation, retire
from shebao.month.pensions import (
    DRAWN,
    PENSION,
    PENSIONS,
    RESIDENT,
    RETIRE,
    Made,
    dead_before,
    fen,
    made,
    month_at,
    until_death,
    why,
)


@dataclass(frozen=True)
class Case:
    """A person to be decided on, with the month of retirement and what the claim states."""

    person_id: int
    month: dt.date
    reason: str
    stated: Mapping[str, Any] = field(default_factory=dict)
    claim: int | None = None
    bank_account_id: int | None = None
    told: bool = False  # a refusal was told before and is not told again
    drawn: bool = False  # what is claimed is drawn, or was up to a death


@dataclass
class Decided:
    """Decisions with what is due by them, and the cases that wait, by what the law lacks."""

    decisions: list[Decision] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    waiting: Counter[str] = field(default_factory=Counter)


def award(context: Context) -> Summary:
    """Decides on everybody who has reached the age, and on every claim not decided yet."""
    decided = Decided()
    claims = _claims(context, decided)
    decide_pensions(context, decided, [case for benefit, case in claims if benefit == PENSION])
    _find(context, decided)
    decide_residents(context, decided, [case for benefit, case in claims if benefit == RESIDENT])
    decide_refunds(context, decided, [case for benefit, case in claims if benefit == "account_refund"])
    write(context, decided)
    return _summary(decided)


def write(context: Context, decided: Decided) -> int:
    """Adds the awards, replaces what is due, and ends paying in where a pension begins."""
    versions = record(context, decided.decisions)
    changes = [
        Change(c.person_id, c.area, c.benefit, c.start, c.rows, versions.get((c.person_id, c.benefit)), c.reason)
        for c in decided.changes
    ]
    for scheme in PENSIONS:
        retire(context, scheme, _draws(decided, scheme))
    return replace(context, changes)


def _draws(decided: Decided, scheme: str) -> dict[int, Period]:
    """From when to when people draw a pension instead of paying in: who claims it late has paid in until then."""
    months = {d.person_id: d.month for d in decided.decisions if d.benefit == scheme}
    rows = {c.person_id: c.rows for c in decided.changes if c.benefit == scheme and c.rows}
    draws = {p: (max(due[0].start, after(months[p])), due[-1].end) for p, due in rows.items()}
    return {p: (start, end) for p, (start, end) in draws.items() if end is None or start < end}


def _summary(decided: Decided) -> Summary:
    granted = [d for d in decided.decisions if d.granted]
    summary = Summary(
        {
            "granted": len(granted),
            "granted_provisionally": sum(d.provisional for d in granted),
            "refused": len(decided.decisions) - len(granted),
            "waiting": sum(decided.waiting.values()),
            "pensions_fen": sum(d.amount for d in granted if d.benefit in PENSIONS),
            "lump_sums_fen": sum(d.amount for d in granted if d.benefit not in PENSIONS),
        }
    )
    summary.notes += waiting_notes(decided.waiting)
    return summary


def waiting_notes(waiting: Mapping[str, int]) -> list[tuple[str, str]]:
    """One note for each thing the law lacks, with how many wait for it."""
    return [(f"{n} 件待办：{why}", f"{n} waiting: {why}") for why, n in sorted(waiting.items())]


# -- who is to be decided on -----------------------------------------------------------------------


def _claims(context: Context, decided: Decided) -> list[tuple[str, Case]]:
    """Claims not decided yet whose month of retirement has come; one whose month cannot be read waits."""
    rows = context.books.rows(
        """SELECT c.benefit::text, c.number, c.person_id, c.facts, c.bank_account_id,
                  EXISTS (SELECT FROM entitlement e WHERE e.person_id = c.person_id AND e.benefit = c.benefit
                          AND e.benefit <> 'account_refund' AND upper_inf(e.known))
           FROM claim c
           WHERE c.region = %(r)s AND c.booked <= %(m)s
             AND c.benefit IN ('employee_pension', 'resident_pension', 'account_refund')
             AND NOT EXISTS (SELECT FROM award a
                             WHERE a.region = c.region AND a.person_id = c.person_id AND a.claim = c.number)
           ORDER BY c.number""",
        r=context.region,
        m=context.month,
    )
    cases = []
    for benefit, number, person_id, facts, bank, drawn in rows:
        month = _stated_month(context, facts.get("retirement_month"))
        if month is None:
            decided.waiting[f"{UNREADABLE}: {_RETIREMENT_MONTH}"] += 1
        elif month <= context.month:
            cases.append((benefit, Case(person_id, month, "claim 申请", facts, number, bank, drawn=drawn)))
    return _first_of_each(cases)


def _first_of_each(cases: Iterable[tuple[str, Case]]) -> list[tuple[str, Case]]:
    """One case of a person and benefit at a time; a second claim is decided in the month after."""
    seen: dict[tuple[str, int], tuple[str, Case]] = {}
    for benefit, case in cases:
        seen.setdefault((benefit, case.person_id), (benefit, case))
    return list(seen.values())


def _stated_month(context: Context, text: Any) -> dt.date | None:
    """The month of retirement a claim states, this one if it states none; none if that is no month the law knows."""
    if text is None:
        return context.month
    try:
        return month_at(int(parse_value(context.rulebook.nodes[_RETIREMENT_MONTH], text)))
    except (BookError, Refused):
        return None


_RETIREMENT_MONTH = "retirement_month"


def _find(context: Context, decided: Decided) -> None:
    """Everybody paying in who has reached the statutory age and was not awarded yet, if the years suffice."""
    found = of_age(context)
    first = context.books.value("SELECT min(month) FROM period_event WHERE region = %(r)s", r=context.region)
    taken = {d.person_id for d in decided.decisions if d.benefit == PENSION}
    reached, later = [], {}
    for person_id, statutory, told in found:
        if person_id not in taken:
            told = told or statutory < context.month
            month = statutory if first is not None and statutory >= first else context.month
            case = Case(person_id, month, "statutory age 达到法定退休年龄", told=told)
            reached.append(case)
            if month < context.month:
                later[person_id] = Case(
                    person_id, context.month, "minimum contribution reached 缴满最低年限", told=True
                )
    decide_pensions(context, decided, reached)
    short = later.keys() - {d.person_id for d in decided.decisions}
    decide_pensions(context, decided, [later[person_id] for person_id in sorted(short)])


# -- the employee's pension ------------------------------------------------------------------------


def decide_pensions(context: Context, decided: Decided, cases: Sequence[Case]) -> None:
    """Grants or refuses a pension for each case; what the law lacks lets it wait."""
    people = known(context, PENSION, {case.person_id: case.month for case in cases})
    deaths = died(context, people)
    for case in cases:
        if case.person_id not in people:
            decided.waiting["person record 参保登记"] += 1
        elif unreadable := state(context, people[case.person_id], case.stated):
            decided.waiting[unreadable] += 1
            del people[case.person_id]
    may = _may_retire(context, people)
    for n, case in enumerate(cases):
        context.tell("award", n, len(cases))
        if case.person_id in people:
            try:
                person, death = people[case.person_id], deaths.get(case.person_id)
                if not _settled(decided, case, person, PENSION, death):
                    _decide_pension(context, decided, case, person, may.get(case.person_id), death)
            except Refused as refusal:
                decided.waiting[refusal.status] += 1


def _may_retire(context: Context, people: Mapping[int, Known]) -> dict[int, bool]:
    """Whether each may retire in the month meant; who cannot be computed is left out."""
    facts = {p: {n: v for n, v in k.facts.items() if n in RETIRE} for p, k in people.items() if not k.problem}
    found: dict[int, bool] = {}
    for ids, table in groups(facts):
        answers = context.law.compute(["retirement.may_retire"], table).table["may_retire"].to_pylist()
        found |= {p: answer for p, answer in zip(ids, answers, strict=True) if answer is not None}
    return found


def _settled(decided: Decided, case: Case, person: Known, benefit: str, death: dt.date | None) -> bool:
    """Refuses what the law need not be asked about: a pension drawn already, or of who died before it."""
    if case.drawn:
        about = (person.person_id, person.area, benefit, case.month)
        tree = {"name": "entitlement", "value": benefit}
        decided.decisions.append(Decision(*about, 0, DRAWN, person.facts, tree, granted=False, claim=case.claim))
    elif death is not None and death < case.month:
        decided.decisions.append(dead_before(person, benefit, case.month, death, case.claim))
    else:
        return False
    return True


def _decide_pension(
    context: Context, decided: Decided, case: Case, person: Known, may: bool | None, death: dt.date | None
) -> None:
    if may is not True and not (tree := PENSIONS[PENSION].may(context.law, person.facts)).exact:
        return _refuse(decided, case, person, PENSION, tree)
    if person.problem:
        decided.waiting[person.problem] += 1
        return None
    place = place_of_benefit(context, person)
    if place is not None and int(place.exact) != context.region:
        return _refuse(decided, case, person, PENSION, place)
    return _grant(decided, case, person, PENSION, made(context.law, PENSIONS[PENSION], person.facts), death)


def _grant(
    decided: Decided,
    case: Case,
    person: Known,
    benefit: str,
    found: tuple[Made, Explanation],
    death: dt.date | None,
) -> None:
    """The award with its reasons, and what is due by it until a death."""
    new, tree = found
    about = (person.person_id, person.area, benefit)
    decided.decisions.append(
        Decision(
            *(*about, case.month, new.amount, case.reason, person.facts, tree.as_dict()),
            provisional=not new.final,
            claim=case.claim,
        )
    )
    account = new.components["account_pension"]
    due = Due(new.start, None, new.amount, new.components, account, case.bank_account_id, case.reason)
    decided.changes.append(Change(*about, new.start, until_death([due], death)))


def _refuse(decided: Decided, case: Case, person: Known, benefit: str, tree: Explanation) -> None:
    if case.told:
        return
    decided.decisions.append(
        Decision(
            *(person.person_id, person.area, benefit, case.month, 0, f"{case.reason}：{why(tree)}", person.facts),
            tree.as_dict(),
            granted=False,
            claim=case.claim,
        )
    )


def place_of_benefit(context: Context, person: Known) -> Explanation | None:
    """The province that pays, where that is in question: outside the province of the hukou (国办发〔2009〕66号 六)."""
    hukou = person.career["hukou_region"]
    if hukou is None or hukou == context.region:
        return None
    facts = {"region": context.region, "hukou_region": hukou, "stays": _stays(context, person)}
    return context.law.explain("transfer.place_of_benefit", facts)


def _stays(context: Context, person: Known) -> list[dict[str, Any]]:
    """Months paid by province; those of a temporary account count where the relation is kept, not here."""
    stays = {int(stay["stay_region"]): dict(stay) for stay in person.career["facts"].get("stays", ())}
    if not stays and person.career.get("contribution_months"):
        last = month_text(after(person.career["until"], -1))
        months = person.career["contribution_months"]
        stays[context.region] = {"stay_region": context.region, "stay_months": months, "stay_last_month": last}
    if person.paid:
        here = stays.setdefault(context.region, {"stay_region": context.region, "stay_months": 0})
        here["stay_months"] = int(here["stay_months"]) + len(person.paid)
        here["stay_last_month"] = month_text(max(person.paid))
    if person.temporary:
        stays.pop(context.region, None)
    return [stays[region] for region in sorted(stays)]


# -- the resident's pension ------------------------------------------------------------------------


def decide_residents(context: Context, decided: Decided, cases: Sequence[Case]) -> None:
    """Claims of residents, by the law of the month of the claim's decision."""
    people = known(context, RESIDENT, {case.person_id: case.month for case in cases})
    deaths = died(context, people)
    drawing = {
        row[0]
        for row in context.books.rows(
            """SELECT DISTINCT person_id FROM entitlement WHERE person_id = ANY (%(people)s)
            AND benefit = 'employee_pension'
               AND upper_inf(known) AND valid && daterange(%(m)s, NULL)""",
            people=list(people),
            m=context.month,
        )
    }
    for case in cases:
        person = people.get(case.person_id)
        try:
            if person is None:
                decided.waiting["person record 参保登记"] += 1
            else:
                person.facts["drawing_employee_pension"] = person.person_id in drawing
                _decide_resident(context, decided, case, person, deaths.get(case.person_id))
        except Refused as refusal:
            decided.waiting[refusal.status] += 1


def _decide_resident(context: Context, decided: Decided, case: Case, person: Known, death: dt.date | None) -> None:
    pension, law, facts = PENSIONS[RESIDENT], context.law_of(case.month), person.facts
    if _settled(decided, case, person, RESIDENT, death):
        return
    if not (may := pension.may(law, facts)).exact:
        _refuse(decided, case, person, RESIDENT, may)
    else:
        _grant(decided, case, person, RESIDENT, made(law, pension, facts), death)


# -- the account paid out in one sum ---------------------------------------------------------------


def decide_refunds(context: Context, decided: Decided, cases: Sequence[Case]) -> None:
    """Claims to the account of those short of the minimum at the statutory age, who end the relation."""
    people = known(context, PENSION, {case.person_id: case.month for case in cases}, closing=True)
    closed = []
    for case in cases:
        person = people.get(case.person_id)
        if person is None or person.problem:
            decided.waiting[person.problem if person else "person record 参保登记"] += 1
            continue
        if unreadable := state(context, person, case.stated):
            decided.waiting[unreadable] += 1
            continue
        try:
            tree = context.law.explain("employee_pension.account_refund", person.facts)
        except Refused as refusal:
            decided.waiting[refusal.status] += 1
            continue
        if not fen(tree):
            _refuse(decided, case, person, "account_refund", tree)
            continue
        closed.append(person)
        decided.decisions.append(
            Decision(
                *(
                    person.person_id,
                    person.area,
                    "account_refund",
                    case.month,
                    fen(tree),
                    case.reason,
                    person.facts,
                    tree.as_dict(),
                ),
                claim=case.claim,
            )
        )
        decided.changes.append(
            lump_sum(context, person, "account_refund", fen(tree), case.bank_account_id, case.reason, fen(tree))
        )
    close_accounts(context, PENSION, closed, "award", "refund")
    if closed:
        end_participation(context, {p.person_id: after(context.month) for p in closed}, "account refunded 一次性支付")


def lump_sum(
    context: Context,
    person: Known,
    benefit: str,
    amount: int,
    bank_account_id: int | None,
    reason: str,
    account_part: int = 0,
) -> Change:
    """Something due once, in the month of the run; ``account_part`` of it comes out of the individual account."""
    month = context.month
    due = Due(month, after(month), amount, {benefit: amount}, account_part, bank_account_id, reason)
    return Change(person.person_id, person.area, benefit, month, [due])


def close_accounts(
    context: Context, scheme: str, people: Sequence[Known], step: str, why: str, month: dt.date | None = None
) -> None:
    """Credits what accounts have earned this year before they are paid out or sent on: after that they earn no more.

    ``month``: that of the year in which it was earned, if it is not this one.
    """
    earned = [p for p in people if p.interest]
    if not earned:
        return
    rows = [
        {
            "month": month or context.month,
            "person_id": p.person_id,
            "scheme": scheme,
            "kind": "interest",
            "amount": p.interest,
            "area": p.area,
        }
        for p in earned
    ]
    account_entries(context, rows)
    total = sum(p.interest for p in earned)
    entry = Entry(
        *(key(context, step, f"closing-interest:{why}:{scheme}"), step, "销户计息 interest of accounts closed"),
        [Posting(scheme, "account_interest", total), Posting(scheme, "individual_accounts", -total)],
    )
    post(context.books, context.region, context.month, [entry])


def account_entries(context: Context, rows: Sequence[Mapping[str, Any]]) -> None:
    """Adds movements of accounts (month, person_id, scheme, kind, amount in fen, area) as their next versions."""
    columns = {name: [row[name] for row in rows] for name in ("month", "person_id", "scheme", "kind", "amount", "area")}
    context.books.execute(
        """INSERT INTO account_movement (month, person_id, scheme, kind, version, region, area, amount, booked)
           SELECT w.month, w.person_id, w.scheme::scheme, w.kind::account_entry_kind,
                  coalesce((SELECT max(e.version) FROM account_movement e
                            WHERE e.month = w.month AND e.person_id = w.person_id AND e.scheme = w.scheme::scheme
                              AND e.kind = w.kind::account_entry_kind), -1) + 1,
                  %(r)s, w.area, w.amount, %(m)s
           FROM unnest(%(month)s::date[], %(person_id)s::bigint[], %(scheme)s::text[], %(kind)s::text[],
                       %(amount)s::bigint[], %(area)s::bigint[])
                AS w (month, person_id, scheme, kind, amount, area)""",
        r=context.region,
        m=context.month,
        **columns,
    )


def key(context: Context, step: str, what: str) -> str:
    """The name of an entry of this month, and of this round if the month was reopened."""
    return f"{context.name}:{step}:{what}:{round_of(context)}"
