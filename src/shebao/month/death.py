"""Death: pensions end with the month of death; the survivors' benefits and the account's balance are due to the heirs.

A death that proves wrong restores everything; months paid after a death, or a grant after a death that was none, come
back as differences when paying. Nothing goes to the dead person's own account: what is due waits for an heir's.
Whatever still moves the account of the dead is the heirs' gain or loss: what they inherit is reckoned anew.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from shebao.engine.errors import Refused
from shebao.month.award import PENSION, RESIDENT, close_accounts, end_participation, fen
from shebao.month.careers import Known, after, known, month_text, yuan
from shebao.month.context import Context, Summary
from shebao.month.entitlements import Change, Decision, Due, record, replace
from shebao.month.facts import next_month
from shebao.month.pay import account_parts

GRANTS = ("funeral_grant", "survivor_grant")
INHERITANCE = "account_inheritance"
SURVIVORS = (*GRANTS, INHERITANCE)
_SCHEMES = (PENSION, "unemployment", "work_injury", RESIDENT)
_REASON = "death 死亡"
_REVERSED = "no death 撤销死亡登记"


@dataclass(frozen=True)
class Touched:
    """A person whose death was recorded or withdrawn now: the month of death as known, and as it was known before."""

    person_id: int
    month: dt.date | None
    before: dt.date | None


def deaths(context: Context, summary: Summary, waiting: Counter[str]) -> None:
    """Ends and restores what is due, decides on survivors' benefits, pays them to heirs known by their claims."""
    touched = _touched(context)
    dead = {t.person_id: t.month for t in touched if t.month is not None}
    restored = _restore(context, [t for t in touched if t.before and (t.month is None or t.month > t.before)])
    ended = _end(context, dead)
    withdrawn = _withdraw(context, [t.person_id for t in touched if t.month is None])
    decided = _decide(context, waiting)
    due, heirless = _make_due(context)
    summary.numbers |= {
        "deaths": len(dead),
        "pensions_ended": ended,
        "pensions_restored": restored,
        "grants_withdrawn": withdrawn,
        "survivors_decided": decided,
        "survivors_due": due,
        "survivors_without_account": heirless,
        "contributions_after_death": _declared_after(context, dead),
    }
    if heirless:
        summary.notes.append(
            (
                f"{heirless} 项遗属待遇待登记继承人账户",
                f"{heirless} survivors' benefits wait for an heir's bank account",
            )
        )
    if count := summary.numbers["contributions_after_death"]:
        summary.notes.append(
            (
                f"{count} 笔死亡后月份的缴费须由单位撤销申报",
                f"{count} contributions declared for months after death: to be withdrawn",
            )
        )


def _touched(context: Context) -> list[Touched]:
    rows = context.books.rows(
        """SELECT person_id, date_trunc('month', max(happened_on) FILTER (WHERE upper_inf(known)))::date,
                  date_trunc('month', max(happened_on) FILTER (WHERE superseded_in = %(m)s))::date
           FROM life_event WHERE region = %(r)s AND kind = 'death' AND booked <= %(m)s
           GROUP BY person_id HAVING bool_or(booked = %(m)s OR superseded_in = %(m)s) ORDER BY person_id""",
        r=context.region,
        m=context.month,
    )
    return [Touched(*row) for row in rows]


# -- pensions end, or go on ------------------------------------------------------------------------


def _end(context: Context, dead: Mapping[int, dt.date]) -> int:
    """No pension is due after the month of death, and nobody takes part any more."""
    changes = [
        Change(person_id, context.area, benefit, after(month), (), reason=_REASON)
        for person_id, month in dead.items()
        for benefit in (PENSION, RESIDENT)
    ]
    if dead:
        ends = {person_id: after(month) for person_id, month in dead.items()}
        end_participation(context, ends, _REASON, schemes=_SCHEMES, drawing=True)
    return replace(context, changes)


def _restore(context: Context, touched: Sequence[Touched]) -> int:
    """Pensions that ended with a death that was none, or was later, go on as they were."""
    if not touched:
        return 0
    resumes = {t.person_id: (after(t.before), after(t.month) if t.month else None) for t in touched if t.before}
    rows = context.books.rows(
        """SELECT e.person_id, e.benefit::text, e.area, e.amount, e.components, e.account_part, e.bank_account_id,
        e.award_version
           FROM unnest(%(people)s::bigint[], %(ends)s::date[]) AS w (person_id, ended)
           JOIN entitlement e ON e.person_id = w.person_id AND e.benefit IN ('employee_pension', 'resident_pension')
                AND upper_inf(e.known) AND upper(e.valid) = w.ended ORDER BY 1, 2""",
        people=list(resumes),
        ends=[start for start, _ in resumes.values()],
    )
    changes = []
    for person_id, benefit, area, amount, components, part, bank, version in rows:
        start, end = resumes[person_id]
        due = Due(start, end, amount, components, part, bank, _REVERSED)
        changes.append(Change(person_id, area, benefit, start, [due], version))
    _resume_participation(context, {p: (start, end) for p, (start, end) in resumes.items()})
    return replace(context, changes)


def _resume_participation(context: Context, resumes: Mapping[int, tuple[dt.date, dt.date | None]]) -> None:
    """What was cut off at the death goes on up to what is known to follow, such as a pension made anew.

    Booked where the next collection finds it.
    """
    context.books.execute(
        """INSERT INTO participation (person_id, scheme, version, region, area, valid, booked, kind, employer_id,
                                      chosen_base, grade, source)
           SELECT p.person_id, p.scheme,
                  (SELECT max(x.version) + 1 FROM participation x
                   WHERE x.person_id = p.person_id AND x.scheme = p.scheme),
                  p.region, p.area, daterange(w.start, least(w.until, f.follows)), %(m)s, p.kind, p.employer_id,
                  p.chosen_base,
                  p.grade, %(why)s
           FROM unnest(%(people)s::bigint[], %(starts)s::date[], %(ends)s::date[]) AS w (person_id, start, until)
           JOIN participation p ON p.person_id = w.person_id AND p.region = %(r)s AND upper_inf(p.known)
                AND upper(p.valid) = w.start AND p.source = %(death)s
           CROSS JOIN LATERAL (SELECT min(coalesce(lower(q.valid), '-infinity')) AS follows FROM participation q
                               WHERE q.person_id = p.person_id AND q.scheme = p.scheme AND upper_inf(q.known)
                                 AND q.valid && daterange(w.start, w.until)) f
           WHERE f.follows IS NULL OR f.follows > w.start""",
        people=list(resumes),
        starts=[start for start, _ in resumes.values()],
        ends=[end for _, end in resumes.values()],
        r=context.region,
        m=next_month(context.month),
        why=_REVERSED,
        death=_REASON,
    )


def _withdraw(context: Context, people: Sequence[int]) -> int:
    """The survivors' benefits of a death that was none are no longer due."""
    rows = [row for row in _granted(context, people) if row.due is not None]
    record(
        context,
        [
            Decision(
                *(
                    row.person_id,
                    row.area,
                    row.benefit,
                    context.month,
                    0,
                    _REVERSED,
                    {},
                    {"name": "life_event", "value": "superseded"},
                ),
                granted=False,
            )
            for row in _granted(context, people)
        ],
    )
    return replace(
        context,
        [Change(r.person_id, r.area, r.benefit, r.due[0], (), reason=_REVERSED) for r in rows if r.due is not None],
    )


# -- survivors' benefits ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Granted:
    """A survivors' benefit by its latest award (0 fen: none), and what is due in the books: first month and amount."""

    person_id: int
    area: int
    benefit: str
    version: int
    amount: int
    due: tuple[dt.date, int] | None


def _granted(context: Context, people: Iterable[int] | None = None) -> list[Granted]:
    """Of these people, or of everybody, what is awarded or still due; refused ones of which nothing is are left out."""
    rows = context.books.rows(
        """SELECT a.person_id, a.area, a.benefit::text, a.version, a.amount, lower(e.valid), e.amount
           FROM (SELECT DISTINCT ON (person_id, benefit) * FROM award WHERE region = %(r)s
                 AND benefit IN ('funeral_grant', 'survivor_grant', 'account_inheritance')
                 ORDER BY person_id, benefit, version DESC) a
           LEFT JOIN entitlement e ON e.person_id = a.person_id AND e.benefit = a.benefit AND upper_inf(e.known)
           WHERE (a.granted AND a.amount > 0 OR e.amount > 0)
             AND (%(people)s::bigint[] IS NULL OR a.person_id = ANY (%(people)s))
           ORDER BY a.person_id, a.benefit""",
        r=context.region,
        people=None if people is None else list(people),
    )
    return [
        Granted(person_id, area, benefit, version, amount, None if start is None else (start, due))
        for person_id, area, benefit, version, amount, start, due in rows
    ]


def _decide(context: Context, waiting: Counter[str]) -> int:
    """Decides on every death of which a benefit is undecided, or whose facts changed; returns how many new ones.

    An account may have moved by this month's credits, or by last month's payments, which came after this step.
    """
    rows = context.books.rows(
        """WITH moved AS (
               SELECT a.person_id FROM life_event d
               JOIN account_entry a ON a.person_id = d.person_id AND a.region = d.region
               WHERE d.region = %(r)s AND d.kind = 'death' AND upper_inf(d.known) AND a.scheme = 'employee_pension'
                 AND a.kind <> 'inheritance' AND a.booked >= %(m)s::date - interval '1 month'
               UNION SELECT person_id FROM entitlement
               WHERE region = %(r)s AND benefit = 'employee_pension' AND (booked = %(m)s OR superseded_in = %(m)s))
           SELECT l.person_id, date_trunc('month', l.happened_on)::date, l.facts, min(lower(e.valid)),
                  coalesce(bool_or(e.valid @> l.happened_on), false),
                  array(SELECT DISTINCT ON (a.benefit) a.benefit::text || ' ' || a.amount || ' ' || a.granted
                        FROM award a
                        WHERE a.person_id = l.person_id
                          AND a.benefit IN ('funeral_grant', 'survivor_grant', 'account_inheritance')
                        ORDER BY a.benefit, a.version DESC)
           FROM life_event l
           LEFT JOIN entitlement e ON e.person_id = l.person_id AND e.benefit = 'employee_pension'
                AND upper_inf(e.known)
           WHERE l.region = %(r)s AND l.kind = 'death' AND upper_inf(l.known) AND l.booked <= %(m)s
             AND (l.booked = %(m)s OR l.person_id IN (SELECT person_id FROM moved)
                  OR 3 > (SELECT count(DISTINCT a.benefit) FROM award a
                          WHERE a.person_id = l.person_id AND a.reason <> %(withdrawn)s
                            AND a.benefit IN ('funeral_grant', 'survivor_grant', 'account_inheritance')))
           GROUP BY l.person_id, l.happened_on, l.facts ORDER BY l.person_id""",
        r=context.region,
        m=context.month,
        withdrawn=_REVERSED,
    )
    people = known(context, PENSION, {row[0]: row[1] for row in rows}, closing=True)
    left = _left(context, people)
    decisions: list[Decision] = []
    closed = []
    for person_id, month, stated, first, drawing, had in rows:
        person = people.get(person_id)
        if person is None:
            waiting["person record 参保登记"] += 1
            continue
        before = {name: (int(amount), granted == "true") for name, amount, granted in (text.split() for text in had)}
        if before.get(INHERITANCE, (0, False))[1]:
            person.interest = 0  # credited when it was first decided
        balance = left[person_id] + person.interest
        facts = _facts(context, person, month, stated, first if drawing else None, balance)
        decisions += _decisions(context, waiting, person, month, facts, before)
        if any(d.benefit == INHERITANCE and d.person_id == person_id for d in decisions):
            closed.append(person)
    record(context, decisions)
    close_accounts(context, PENSION, closed, "adjust", "death")
    return len(decisions)


def _facts(
    context: Context, person: Known, month: dt.date, stated: Mapping[str, Any], first: dt.date | None, balance: int
) -> dict[str, Any]:
    drawn = 0 if first is None else (month.year - first.year) * 12 + month.month - first.month + 1
    facts: dict[str, Any] = {
        "region": context.region,
        "death_month": month_text(month),
        "contribution_months": person.facts["contribution_months"],
        "drawing_pension": first is not None,
        "pension_months_drawn": drawn,
        "account_balance": yuan(max(balance, 0)),
    }
    if isinstance(stated.get("work_related_death"), bool):
        facts["work_related_death"] = stated["work_related_death"]
    return facts


# -- what is left of the account ---------------------------------------------------------------------


def _left(context: Context, people: Iterable[int]) -> dict[int, int]:
    """What the accounts hold in fen when pay has drawn, and given back, what it has to; as if no heir were paid yet."""
    left, held = dict.fromkeys(people, 0), dict.fromkeys(people, 0)
    rows = context.books.rows(
        """SELECT person_id, coalesce(sum(amount) FILTER (WHERE kind <> 'inheritance'), 0)::bigint, sum(amount)::bigint
           FROM account_entry WHERE person_id = ANY (%(people)s) AND scheme = 'employee_pension' AND region = %(r)s
           GROUP BY person_id""",
        people=list(left),
        r=context.region,
    )
    for person_id, own, all_ in rows:
        left[person_id], held[person_id] = own, all_
    for person_id, drawn in _still_drawn(context, held):
        left[person_id] -= drawn
    return left


def _still_drawn(context: Context, held: Mapping[int, int]) -> list[tuple[int, int]]:
    """Person and fen that pay is yet to take from the account (negative: to give back), month by month, as it will."""
    first = context.books.value("SELECT min(month) FROM period_event WHERE region = %(r)s", r=context.region)
    due = context.books.copy_out(_STILL_DUE, people=list(held), r=context.region, m=context.month, first=first)
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
          AND (benefit = 'employee_pension'
               OR benefit IN ('account_refund', 'contribution_refund')
                  AND coalesce(scheme, 'employee_pension') = 'employee_pension')),
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
          AND benefit IN ('employee_pension', 'account_refund', 'contribution_refund') AND scheme = 'employee_pension')
    SELECT month, person_id, benefit, sum(due)::bigint AS due, sum(account_due)::bigint AS account_due,
           sum(booked)::bigint AS booked, sum(account_booked)::bigint AS account_booked
    FROM both_sides GROUP BY month, person_id, benefit HAVING sum(due) <> sum(booked)
    ORDER BY month, person_id, benefit"""


# -- the decisions -----------------------------------------------------------------------------------


def _decisions(
    context: Context,
    waiting: Counter[str],
    person: Known,
    month: dt.date,
    facts: Mapping[str, Any],
    before: Mapping[str, tuple[int, bool]],
) -> list[Decision]:
    """What is decided anew: not what waits for a parameter, and not what was decided the same way before."""
    made = []
    rules = {"funeral_grant": "funeral_grant", "survivor_grant": "survivor_grant", INHERITANCE: "inheritable_balance"}
    for benefit, rule in rules.items():
        try:
            tree = context.law_of(context.month).explain(f"employee_pension.{rule}", facts)
        except Refused as refusal:
            waiting[f"{benefit}: {refusal.status} {refusal.detail}"] += 1
            continue
        amount = fen(tree)
        if before.get(benefit) != (amount, amount > 0):
            made.append(
                Decision(
                    *(person.person_id, person.area, benefit, month, amount, _REASON, facts, tree.as_dict()),
                    granted=amount > 0,
                )
            )
    return made


def _make_due(context: Context) -> tuple[int, int]:
    """Grants become due to the heir whose account a claim names, and follow their amounts when these change.

    Returns how many did, and how many have no account yet.
    """
    open_ = [row for row in _granted(context) if row.due is None or row.due[1] != row.amount]
    heirs = dict(
        context.books.rows(
            """SELECT DISTINCT ON (person_id) person_id, bank_account_id FROM claim
               WHERE region = %(r)s AND person_id = ANY (%(people)s) AND bank_account_id IS NOT NULL AND booked <= %(m)s
                 AND benefit IN ('funeral_grant', 'survivor_grant', 'account_inheritance')
                 ORDER BY person_id, number DESC""",
            r=context.region,
            m=context.month,
            people=[row.person_id for row in open_],
        )
    )
    changes = []
    for row in open_:
        if row.due and not row.amount:
            changes.append(Change(row.person_id, row.area, row.benefit, row.due[0], (), row.version))
        elif row.person_id in heirs:
            start = row.due[0] if row.due else context.month
            part = row.amount if row.benefit == INHERITANCE else 0
            due = Due(start, after(start), row.amount, {row.benefit: row.amount}, part, heirs[row.person_id], _REASON)
            changes.append(Change(row.person_id, row.area, row.benefit, start, [due], row.version))
    return replace(context, changes), len(open_) - len(changes)


def _declared_after(context: Context, dead: Mapping[int, dt.date]) -> int:
    """How many contributions stand in the books for months after death: the employer has to withdraw them."""
    if not dead:
        return 0
    return int(
        context.books.value(
            """SELECT count(*) FROM (SELECT c.person_id, c.month, c.scheme
            FROM unnest(%(people)s::bigint[], %(months)s::date[]) AS w (person_id, died)
               JOIN contribution c ON c.person_id = w.person_id AND c.month > w.died GROUP BY 1, 2, 3 HAVING
               sum(c.base) > 0) AS after""",
            people=list(dead),
            months=list(dead.values()),
        )
    )
