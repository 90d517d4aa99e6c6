"""What the survivors of the dead are owed: the grants, and what is left of the individual accounts of both pensions.

Nothing goes to the dead person's own account: what is due waits for an heir's. Whatever still moves an account of the
dead is the heirs' gain or loss: what they inherit is reckoned anew, and paying finds the difference. A death that
proves wrong withdraws all of it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shebao.engine.errors import Refused
from shebao.month.award import close_accounts
from shebao.month.careers import Known, after, known, month_text, yuan
from shebao.month.context import Context, Summary
from shebao.month.entitlements import Change, Decision, Due, record, replace
from shebao.month.inheritance import left_in_account, resident_interest
from shebao.month.laws import Watch
from shebao.month.pensions import PENSION, PENSIONS, RESIDENT, fen

#: What is left of an account of each scheme, and all that survivors are owed.
INHERITED = {PENSION: "account_inheritance", RESIDENT: "resident_account_inheritance"}
BENEFITS = ("funeral_grant", "survivor_grant", *INHERITED.values())
#: Whose fund pays, where it is not the employees'.
FUNDS = {INHERITED[RESIDENT]: RESIDENT}
#: What decides on all of it.
_RULES = (
    "employee_pension.funeral_grant",
    "employee_pension.survivor_grant",
    *(f"{scheme}.inheritable_balance" for scheme in PENSIONS),
)
_REASON = "death 死亡"
_REVERSED = "no death 撤销死亡登记"


def survivors(context: Context, alive: Sequence[int], laws: Watch, summary: Summary, waiting: Counter[str]) -> None:
    """Decides on survivors' benefits, makes them due to heirs known by their claims, and takes back the living's."""
    withdrawn = _withdraw(context, alive)
    decided = _decide(context, laws, waiting)
    due, heirless = _make_due(context)
    summary.numbers |= {
        "grants_withdrawn": withdrawn,
        "survivors_decided": decided,
        "survivors_due": due,
        "survivors_without_account": heirless,
    }
    if heirless:
        summary.notes.append(
            (
                f"{heirless} 项遗属待遇待登记继承人账户",
                f"{heirless} survivors' benefits wait for an heir's bank account",
            )
        )


# -- what is decided ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Dead:
    """A death to be decided on.

    ``first``: since when a pension was drawn at death, if one was. ``had``: the latest decision on each benefit, as
    fen and whether it was granted.
    """

    person_id: int
    month: dt.date
    stated: Mapping[str, Any]
    first: dt.date | None
    had: Mapping[str, tuple[int, bool]]


def _decide(context: Context, laws: Watch, waiting: Counter[str]) -> int:
    """Decides on deaths with a benefit undecided, or whose facts or law changed; returns how many decisions are new."""
    changed, waited = _law_changed(context, laws), waiting.total()
    dead = _undecided(context, changed)
    months = {one.person_id: one.month for one in dead}
    people = known(context, PENSION, months, closing=True)
    residents = {p: k for p, k in known(context, RESIDENT, months, closing=True).items() if p in people}
    left = {scheme: left_in_account(context, scheme, people) for scheme in PENSIONS}
    granted = {
        scheme: {one.person_id for one in dead if one.had.get(benefit, (0, False))[1]}
        for scheme, benefit in INHERITED.items()
    }
    years = resident_interest(context, residents, left[RESIDENT], granted[RESIDENT], waiting, INHERITED[RESIDENT])
    decisions: list[Decision] = []
    for one in dead:
        person = people.get(one.person_id)
        if person is None:
            waiting["person record 参保登记"] += 1
            continue
        if one.person_id in granted[PENSION]:
            person.interest = 0  # credited when it was first decided
        balances = {
            scheme: left[scheme][one.person_id] + account[one.person_id].interest
            for scheme, account in ((PENSION, people), (RESIDENT, residents))
            if one.person_id in left[scheme]
        }
        decisions += _decisions(context, waiting, person, one, _facts(context, person, one, balances), balances)
    record(context, decisions)
    laws.changed("survivors", {d.month for d in decisions}, _RULES)  # from now on, of the months decided on first
    if waiting.total() > waited:
        laws.again("survivors", changed)
    closed = {s: [d.person_id for d in decisions if d.benefit == benefit] for s, benefit in INHERITED.items()}
    close_accounts(context, PENSION, [people[p] for p in closed[PENSION]], "adjust", "death")
    for year in sorted(set(years.values())):
        of_year = [residents[p] for p in closed[RESIDENT] if years.get(p) == year]
        month = min(context.month, dt.date(year, 12, 1))
        close_accounts(context, RESIDENT, of_year, "adjust", f"death:{year}", month)
    return len(decisions)


def _law_changed(context: Context, laws: Watch) -> list[dt.date]:
    """The months of death decided on whose law is another than it was."""
    rows = context.books.rows(
        "SELECT DISTINCT month FROM award WHERE region = %(r)s AND benefit::text = ANY (%(b)s) ORDER BY month",
        r=context.region,
        b=list(BENEFITS),
    )
    return laws.changed("survivors", (month for (month,) in rows), _RULES)


def _undecided(context: Context, months: Sequence[dt.date]) -> list[Dead]:
    """Deaths with a benefit not decided on, and those whose facts may have changed since, or in one of these months.

    An account may have moved by this month's credits, or by last month's payments, which came after this step. A
    resident's account that was paid out before the rate of its last year was published still earns that.
    """
    rows = context.books.rows(
        """WITH dead AS (
               SELECT * FROM life_event
               WHERE region = %(r)s AND kind = 'death' AND upper_inf(known) AND booked <= %(m)s),
           moved AS (
               SELECT a.person_id FROM dead d JOIN account_entry a USING (person_id, region)
               WHERE a.scheme::text = ANY (%(pensions)s) AND a.kind <> 'inheritance'
                 AND a.booked >= %(m)s::date - interval '1 month'
               UNION SELECT e.person_id FROM entitlement e
               WHERE e.region = %(r)s AND e.benefit = 'resident_account_inheritance' AND upper_inf(e.known)
                 AND NOT EXISTS (SELECT FROM account_entry i
                                 WHERE i.person_id = e.person_id AND i.scheme = e.scheme AND i.kind = 'interest'
                                   AND extract(year FROM i.month) = extract(year FROM lower(e.valid)))
               UNION SELECT person_id FROM entitlement
               WHERE region = %(r)s AND benefit::text = ANY (%(pensions)s)
                 AND (booked = %(m)s OR superseded_in = %(m)s))
           SELECT l.person_id, date_trunc('month', l.happened_on)::date, l.facts,
                  CASE WHEN bool_or(e.valid @> l.happened_on) THEN min(lower(e.valid)) END,
                  array(SELECT DISTINCT ON (a.benefit) a.benefit::text || ' ' || a.amount || ' ' || a.granted
                        FROM award a
                        WHERE a.person_id = l.person_id AND a.benefit::text = ANY (%(benefits)s)
                        ORDER BY a.benefit, a.version DESC)
           FROM dead l
           LEFT JOIN entitlement e ON e.person_id = l.person_id AND e.benefit = 'employee_pension'
                AND upper_inf(e.known)
           WHERE l.booked = %(m)s OR l.person_id IN (SELECT person_id FROM moved)
              OR date_trunc('month', l.happened_on)::date = ANY (%(months)s::date[])
              OR (SELECT count(DISTINCT a.benefit) FROM award a
                  WHERE a.person_id = l.person_id AND a.reason <> %(withdrawn)s
                    AND a.benefit::text = ANY (%(benefits)s))
                 < CASE WHEN EXISTS (SELECT FROM account_movement v
                                     WHERE v.person_id = l.person_id AND v.region = l.region
                                       AND v.scheme = 'resident_pension') THEN 4 ELSE 3 END
           GROUP BY l.person_id, l.happened_on, l.facts ORDER BY l.person_id""",
        r=context.region,
        m=context.month,
        pensions=list(PENSIONS),
        months=list(months),
        benefits=list(BENEFITS),
        withdrawn=_REVERSED,
    )
    found = []
    for person_id, month, stated, first, had in rows:
        parts = (text.split() for text in had)
        before = {name: (int(amount), granted == "true") for name, amount, granted in parts}
        found.append(Dead(person_id, month, stated, first, before))
    return found


def _facts(context: Context, person: Known, dead: Dead, balances: Mapping[str, int]) -> dict[str, Any]:
    month, first = dead.month, dead.first
    drawn = 0 if first is None else (month.year - first.year) * 12 + month.month - first.month + 1
    facts: dict[str, Any] = {
        "region": context.region,
        "death_month": month_text(month),
        "contribution_months": person.facts["contribution_months"],
        "drawing_pension": first is not None,
        "pension_months_drawn": drawn,
        "account_balance": yuan(max(balances.get(PENSION, 0), 0)),
    }
    if RESIDENT in balances:
        facts["balance_left"] = yuan(max(balances[RESIDENT], 0))
    if isinstance(dead.stated.get("work_related_death"), bool):
        facts["work_related_death"] = dead.stated["work_related_death"]
    return facts


def _decisions(
    context: Context,
    waiting: Counter[str],
    person: Known,
    dead: Dead,
    facts: Mapping[str, Any],
    balances: Mapping[str, int],
) -> list[Decision]:
    """What is decided anew: not what waits for a parameter, and not what was decided the same way before."""
    made = []
    rules = {name: f"{PENSION}.{name}" for name in ("funeral_grant", "survivor_grant")}
    rules |= {INHERITED[scheme]: f"{scheme}.inheritable_balance" for scheme in dict.fromkeys((PENSION, *balances))}
    for benefit, rule in rules.items():
        try:
            tree = context.law.explain(rule, facts)
        except Refused as refusal:
            waiting[f"{benefit}: {refusal.status} {refusal.detail}"] += 1
            continue
        amount = fen(tree)
        if dead.had.get(benefit) != (amount, amount > 0):
            about = (person.person_id, person.area, benefit, dead.month)
            made.append(Decision(*about, amount, _REASON, facts, tree.as_dict(), granted=amount > 0))
    return made


# -- what is due ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Granted:
    """A survivors' benefit: what is awarded by its latest award, and what is due in the books, in fen.

    ``month``: in which it is due, or ever was.
    """

    person_id: int
    area: int
    benefit: str
    version: int
    wanted: int
    held: int
    month: dt.date | None


def _granted(context: Context, people: Iterable[int] | None = None) -> list[Granted]:
    """Of these people, what is awarded or still due; of everybody, what is due otherwise than it is awarded."""
    rows = context.books.rows(
        """SELECT a.person_id, a.area, a.benefit::text, a.version, a.amount, coalesce(h.held, 0), h.month
           FROM (SELECT DISTINCT ON (person_id, benefit) * FROM award
                 WHERE region = %(r)s AND benefit::text = ANY (%(benefits)s)
                 ORDER BY person_id, benefit, version DESC) a
           LEFT JOIN LATERAL (
               SELECT sum(e.amount) FILTER (WHERE upper_inf(e.known))::bigint AS held, min(lower(e.valid)) AS month
               FROM entitlement e WHERE e.person_id = a.person_id AND e.benefit = a.benefit) h ON true
           WHERE CASE WHEN %(people)s::bigint[] IS NULL THEN a.amount <> coalesce(h.held, 0)
                      ELSE a.person_id = ANY (%(people)s) AND (a.amount > 0 OR h.held > 0) END
           ORDER BY a.person_id, a.benefit""",
        r=context.region,
        benefits=list(BENEFITS),
        people=None if people is None else list(people),
    )
    return [Granted(*row) for row in rows]


def _withdraw(context: Context, people: Sequence[int]) -> int:
    """The survivors' benefits of a death that was none are no longer due."""
    rows = _granted(context, people)
    tree = {"name": "life_event", "value": "superseded"}
    decisions = [
        Decision(row.person_id, row.area, row.benefit, context.month, 0, _REVERSED, {}, tree, granted=False)
        for row in rows
    ]
    record(context, decisions)
    return replace(context, [_nothing(context, row, _REVERSED) for row in rows if row.held])


def _nothing(context: Context, row: Granted, reason: str) -> Change:
    return Change(row.person_id, row.area, row.benefit, row.month or context.month, (), row.version, reason)


def _make_due(context: Context) -> tuple[int, int]:
    """Grants become due to the heir whose account a claim names, and follow their amounts when these change.

    Returns how many did, and how many have no account yet.
    """
    open_ = _granted(context)
    heirs = dict(
        context.books.rows(
            """SELECT DISTINCT ON (person_id) person_id, bank_account_id FROM claim
               WHERE region = %(r)s AND person_id = ANY (%(people)s) AND bank_account_id IS NOT NULL AND booked <= %(m)s
                 AND benefit::text = ANY (%(benefits)s) ORDER BY person_id, number DESC""",
            r=context.region,
            benefits=list(BENEFITS),
            m=context.month,
            people=[row.person_id for row in open_],
        )
    )
    changes = [
        _due(context, row, heirs[row.person_id]) if row.wanted else _nothing(context, row, _REASON)
        for row in open_
        if not row.wanted or row.person_id in heirs
    ]
    return replace(context, changes), len(open_) - len(changes)


def _due(context: Context, row: Granted, account: int) -> Change:
    """One sum, in the month in which it is first due."""
    month, scheme = row.month or context.month, FUNDS.get(row.benefit)
    due = Due(
        *(month, after(month), row.wanted, {row.benefit: row.wanted}),
        account_part=row.wanted if row.benefit in INHERITED.values() else 0,
        bank_account_id=account,
        reason=_REASON,
        scheme=scheme,
    )
    return Change(row.person_id, row.area, row.benefit, month, [due], row.version)
