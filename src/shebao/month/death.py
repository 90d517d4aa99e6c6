"""Death: pensions end with the month of death, and nobody takes part any more; a death that proves wrong restores it.

Months paid after a death come back as differences when paying. What is due to the survivors is told in
:mod:`shebao.month.survivors`.
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
    """A person whose death was recorded or withdrawn now: the month of death as known, and as it was known before.

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
        """SELECT person_id, date_trunc('month', max(happened_on) FILTER (WHERE upper_inf(known)))::date,
                  date_trunc('month', max(happened_on) FILTER (WHERE superseded_in = %(m)s))::date,
                  array_agg(DISTINCT (booked + interval '1 month')::date)
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
        for benefit in PENSIONS
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
                   JOIN contribution c ON c.person_id = w.person_id AND c.month > w.died
                   GROUP BY 1, 2, 3 HAVING sum(c.base) > 0) AS after""",
            people=list(dead),
            months=list(dead.values()),
        )
    )
