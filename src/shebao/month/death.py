"""Death: pensions end with the month of death, and nobody takes part any more; a death that proves wrong restores it.

A death is recorded where the person's record is kept, and ends what goes on in another province too: its next run
finds who takes part, or draws, after a death. Months paid after a death come back as differences when paying. What is
due to the survivors is told in :mod:`shebao.month.survivors`.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shebao.month.careers import after
from shebao.month.context import Context, Summary
from shebao.month.entitlements import Change, Due, replace
from shebao.month.laws import Watch
from shebao.month.participation import ENDED, end_participation, resume, retire
from shebao.month.pensions import PENSIONS
from shebao.month.survivors import survivors

_SCHEMES = tuple(scheme for ended in ENDED.values() for scheme in ended)
_REASON = "death 死亡"
_REVERSED = "no death 撤销死亡登记"


@dataclass(frozen=True)
class Touched:
    """A person whose death is new here, or withdrawn: the month of death as known, and as it was known before.

    ``ended``: the months of the books in which participation was ended for it.
    """

    person_id: int
    month: dt.date | None
    before: dt.date | None
    ended: Sequence[dt.date]


def deaths(context: Context, laws: Watch, summary: Summary, waiting: Counter[str]) -> None:
    """Ends and restores what is due, decides on survivors' benefits, pays them to heirs known by their claims."""
    touched = _touched(context)
    dead = {t.person_id: t.month for t in touched if t.month is not None}
    restored = _restore(context, [t for t in touched if t.before and (t.month is None or t.month > t.before)])
    ended = _end(context, dead)
    summary.numbers |= {"deaths": len(dead), "pensions_ended": ended, "pensions_restored": restored}
    survivors(context, [t.person_id for t in touched if t.month is None], laws, summary, waiting)
    count = summary.numbers["contributions_after_death"] = _declared_after(context, dead)
    if count:
        summary.notes.append(
            (
                f"{count} 笔死亡后月份的缴费须由单位撤销申报",
                f"{count} contributions declared for months after death: to be withdrawn",
            )
        )


def _touched(context: Context) -> list[Touched]:
    rows = context.books.rows(
        _TOUCHED,
        r=context.region,
        m=context.month,
        schemes=list(_SCHEMES),
        pensions=list(PENSIONS),
        why=_REASON,
    )
    return [Touched(*row) for row in rows]


# What this province recorded is dealt with in the month it was booked in. What another recorded is not booked here: it
# is found by what goes on after the death, or by what was ended for a death that is not known so any more.
_TOUCHED = """
    WITH death AS (
        SELECT person_id, region, booked, superseded_in, known, date_trunc('month', happened_on)::date AS month,
               (date_trunc('month', happened_on) + interval '1 month')::date AS after
        FROM life_event WHERE kind = 'death'),
    own AS (
        SELECT person_id, max(month) FILTER (WHERE superseded_in = %(m)s) AS before,
               array_agg(DISTINCT (booked + interval '1 month')::date) AS ended
        FROM death WHERE region = %(r)s AND booked <= %(m)s
        GROUP BY person_id HAVING bool_or(booked = %(m)s OR superseded_in = %(m)s)),
    goes_on AS (
        SELECT d.person_id FROM death d JOIN participation p ON p.person_id = d.person_id
        WHERE d.region <> %(r)s AND upper_inf(d.known) AND p.region = %(r)s AND upper_inf(p.known)
          AND p.scheme = ANY (%(schemes)s::scheme[]) AND p.valid && daterange(d.after, NULL)
        UNION
        SELECT d.person_id FROM death d JOIN entitlement e ON e.person_id = d.person_id
        WHERE d.region <> %(r)s AND upper_inf(d.known) AND e.region = %(r)s AND upper_inf(e.known)
          AND e.benefit = ANY (%(pensions)s::benefit[]) AND e.valid && daterange(d.after, NULL)),
    ended AS (
        SELECT d.person_id, max(d.month) AS before, array_agg(DISTINCT g.superseded_in) AS ended
        FROM death d JOIN participation g ON g.person_id = d.person_id
        WHERE d.region <> %(r)s AND NOT upper_inf(d.known) AND g.region = %(r)s AND upper(g.known) >= lower(d.known)
          AND g.scheme = ANY (%(schemes)s::scheme[]) AND g.valid && daterange(d.after, NULL)
          AND NOT EXISTS (SELECT FROM participation x
                          WHERE x.person_id = g.person_id AND x.scheme = g.scheme AND x.version > g.version
                            AND x.valid && g.valid AND (x.source <> %(why)s OR x.valid && daterange(d.after, NULL)))
          AND NOT EXISTS (SELECT FROM death k
                          WHERE k.person_id = d.person_id AND upper_inf(k.known) AND k.month <= d.month)
        GROUP BY d.person_id)
    SELECT t.person_id, max(k.month), coalesce(o.before, e.before), coalesce(o.ended, e.ended, '{}')
    FROM (SELECT person_id FROM own UNION SELECT person_id FROM goes_on UNION SELECT person_id FROM ended) t
    LEFT JOIN own o USING (person_id) LEFT JOIN ended e USING (person_id)
    LEFT JOIN death k ON k.person_id = t.person_id AND upper_inf(k.known) AND (k.region <> %(r)s OR k.booked <= %(m)s)
    GROUP BY t.person_id, o.before, e.before, o.ended, e.ended ORDER BY t.person_id"""


# -- pensions end, or go on ------------------------------------------------------------------------


def _end(context: Context, dead: Mapping[int, dt.date]) -> int:
    """No pension is due after the month of death, and nobody takes part any more."""
    if not dead:
        return 0
    drawn = context.books.rows(
        """SELECT DISTINCT person_id, benefit::text FROM entitlement WHERE person_id = ANY (%(people)s)
           AND region = %(r)s AND benefit = ANY (%(pensions)s::benefit[]) AND upper_inf(known) ORDER BY 1, 2""",
        people=list(dead),
        r=context.region,
        pensions=list(PENSIONS),
    )
    changes = [
        Change(person_id, context.area, benefit, after(dead[person_id]), (), reason=_REASON)
        for person_id, benefit in drawn
    ]
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
                AND e.region = %(r)s AND upper_inf(e.known) AND upper(e.valid) = w.ended ORDER BY 1, 2""",
        people=list(resumes),
        ends=[start for start, _ in resumes.values()],
        r=context.region,
    )
    changes = []
    for person_id, benefit, area, amount, components, part, bank, version in rows:
        start, end = resumes[person_id]
        due = Due(start, end, amount, components, part, bank, _REVERSED)
        changes.append(Change(person_id, area, benefit, start, [due], version))
    _resume(context, resumes, [(t.person_id, month) for t in touched for month in t.ended])
    return replace(context, changes)


def _resume(
    context: Context, resumes: Mapping[int, tuple[dt.date, dt.date | None]], ended: Sequence[tuple[int, dt.date]]
) -> None:
    """Who took part or drew up to the death goes on, and so does a pension awarded with that death already known."""
    resume(context, resumes, ended, _REASON, _REVERSED, schemes=_SCHEMES, drawing=True)
    for scheme in PENSIONS:
        rows = context.books.rows(
            """SELECT person_id, min(lower(valid)), nullif(max(coalesce(upper(valid), 'infinity')), 'infinity')
               FROM participation WHERE person_id = ANY (%(people)s) AND scheme = %(s)s AND region = %(r)s
                 AND kind = 'retired' AND upper_inf(known) GROUP BY person_id ORDER BY person_id""",
            people=list(resumes),
            s=scheme,
            r=context.region,
        )
        retire(context, scheme, {p: (start, resumes[p][1]) for p, start, end in rows if end == resumes[p][0]})


def _declared_after(context: Context, dead: Mapping[int, dt.date]) -> int:
    """How many contributions stand in the books for months after death: the employer has to withdraw them."""
    if not dead:
        return 0
    return int(
        context.books.value(
            """SELECT count(*) FROM (
                   SELECT c.person_id, c.month, c.scheme
                   FROM unnest(%(people)s::bigint[], %(months)s::date[]) AS w (person_id, died)
                   JOIN contribution c ON c.person_id = w.person_id AND c.region = %(r)s AND c.month > w.died
                   GROUP BY 1, 2, 3 HAVING sum(c.base) > 0) AS after""",
            people=list(dead),
            months=list(dead.values()),
            r=context.region,
        )
    )
