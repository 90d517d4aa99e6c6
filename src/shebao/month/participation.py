"""Who takes part, as the month itself changes it: paying in ends with a pension or a death, and goes on without them.

This month has been collected when that is found, so all of it is booked in the next, whose collection then books the
differences of the months in between.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from shebao.month.careers import after, died
from shebao.month.context import Context
from shebao.month.facts import next_month
from shebao.month.pensions import PENSION, RESIDENT

Period = tuple[dt.date, dt.date | None]  # from a month to before another; none: for good

#: What a pension of a scheme ends.
ENDED = {PENSION: (PENSION, "unemployment", "work_injury"), RESIDENT: (RESIDENT,)}
_RETIREMENT = "retirement 退休"
_REVOKED = "no retirement 撤销退休"


def retire(context: Context, scheme: str, draws: Mapping[int, Period]) -> None:
    """In the period given, and no other, a person draws the scheme's pension, and pays in no more from its start on.

    Who draws in that period already is left alone; a period that was another one is undone first.
    """
    if not draws:
        return
    known = context.books.rows(
        """SELECT person_id, min(lower(valid)), nullif(max(coalesce(upper(valid), 'infinity')), 'infinity')
           FROM participation
           WHERE person_id = ANY (%(people)s) AND scheme = %(s)s AND region = %(r)s AND kind = 'retired'
             AND upper_inf(known) GROUP BY person_id""",
        people=list(draws),
        s=scheme,
        r=context.region,
    )
    held = {person_id: (start, end) for person_id, start, end in known}
    changed = {person_id: period for person_id, period in draws.items() if held.get(person_id) != period}
    if not changed:
        return
    unretire(context, scheme, held.keys() & changed.keys())
    starts = {person_id: start for person_id, (start, _) in changed.items()}
    end_participation(context, starts, _RETIREMENT, schemes=ENDED[scheme])
    _draw(context, scheme, changed)


def _draw(context: Context, scheme: str, draws: Mapping[int, Period]) -> None:
    context.books.execute(
        """INSERT INTO participation (person_id, scheme, version, region, area, valid, booked, kind, source)
           SELECT w.person_id, %(s)s::scheme, 1 + max(p.version), %(r)s, max(r.area), daterange(w.start, w.until),
                  %(m)s, 'retired', %(why)s
           FROM unnest(%(people)s::bigint[], %(starts)s::date[], %(ends)s::date[]) AS w (person_id, start, until)
           JOIN participation p ON p.person_id = w.person_id AND p.scheme = %(s)s::scheme
           JOIN person_record r ON r.person_id = w.person_id AND upper_inf(r.known) AND r.valid @> %(now)s::date
           WHERE NOT EXISTS (SELECT FROM participation q
                             WHERE q.person_id = w.person_id AND q.scheme = %(s)s::scheme AND upper_inf(q.known)
                               AND q.valid && daterange(w.start, w.until))
           GROUP BY w.person_id, w.start, w.until""",
        people=list(draws),
        starts=[start for start, _ in draws.values()],
        ends=[end for _, end in draws.values()],
        s=scheme,
        r=context.region,
        m=next_month(context.month),
        now=context.month,
        why=_RETIREMENT,
    )


def unretire(context: Context, scheme: str, people: Iterable[int]) -> None:
    """Who draws no pension after all pays in as before, up to a death and to what was recorded since."""
    people = sorted(people)
    if not people:
        return
    gone = context.books.rows(
        """WITH gone AS (
               UPDATE participation SET known = tstzrange(lower(known), clock_timestamp()), superseded_in = %(m)s
               WHERE person_id = ANY (%(people)s) AND scheme = %(s)s AND region = %(r)s AND kind = 'retired'
                 AND upper_inf(known)
               RETURNING person_id, lower(valid) AS start)
           SELECT person_id, min(start) FROM gone GROUP BY person_id""",
        people=people,
        s=scheme,
        r=context.region,
        m=next_month(context.month),
    )
    ended = context.books.rows(
        """SELECT DISTINCT person_id, booked FROM participation
           WHERE person_id = ANY (%(people)s) AND scheme = %(s)s AND kind = 'retired' AND source = %(why)s""",
        people=people,
        s=scheme,
        why=_RETIREMENT,
    )
    ends: dict[int, dt.date] = {person_id: after(death) for person_id, death in died(context, people).items()}
    periods = {p: (start, ends.get(p)) for p, start in gone if p not in ends or ends[p] > start}
    resume(context, periods, ended, _RETIREMENT, _REVOKED, schemes=ENDED[scheme])


def end_participation(
    context: Context,
    ends: Mapping[int, dt.date],
    source: str,
    *,
    schemes: Sequence[str] = ENDED[PENSION],
    drawing: bool = False,
) -> None:
    """Ends paying in (``drawing``: and drawing) in the region before the month given; what was known is superseded."""
    context.books.execute(
        """WITH gone AS (
               UPDATE participation p SET known = tstzrange(lower(p.known), clock_timestamp()), superseded_in = %(m)s
               FROM unnest(%(people)s::bigint[], %(ends)s::date[]) AS w (person_id, until)
               WHERE p.person_id = w.person_id AND p.scheme = ANY (%(schemes)s::scheme[]) AND p.region = %(r)s
                 AND upper_inf(p.known) AND p.valid && daterange(w.until, NULL)
                 AND (%(drawing)s OR p.kind <> 'retired')
               RETURNING p.*, w.until)
           INSERT INTO participation (person_id, scheme, version, region, area, valid, known, booked, kind,
                                      employer_id, chosen_base, grade, source)
           SELECT g.person_id, g.scheme,
                  (SELECT max(x.version) FROM participation x WHERE x.person_id = g.person_id AND x.scheme = g.scheme)
                      + row_number() OVER (PARTITION BY g.person_id, g.scheme ORDER BY g.valid),
                  g.region, g.area, g.valid * daterange(NULL, g.until), tstzrange(clock_timestamp(), NULL), %(m)s,
                  g.kind, g.employer_id, g.chosen_base, g.grade, %(why)s
           FROM gone g WHERE NOT isempty(g.valid * daterange(NULL, g.until))""",
        people=list(ends),
        ends=list(ends.values()),
        schemes=list(schemes),
        drawing=drawing,
        r=context.region,
        m=next_month(context.month),
        why=source,
    )


def resume(
    context: Context,
    periods: Mapping[int, Period],
    ended: Iterable[tuple[int, dt.date]],
    cause: str,
    source: str,
    *,
    schemes: Sequence[str],
    drawing: bool = False,
) -> None:
    """What ``end_participation`` ended for a ``cause`` goes on in the periods given, as it had been known.

    ``ended`` tells in which months of the books that was recorded, by person. What the registry has recorded instead
    since stays, and what follows in the period, such as a pension made anew, ends what is resumed.
    """
    ended = list(ended)
    context.books.execute(
        """INSERT INTO participation (person_id, scheme, version, region, area, valid, known, booked, kind, employer_id,
                                      chosen_base, grade, source)
           SELECT g.person_id, g.scheme,
                  (SELECT max(x.version) FROM participation x WHERE x.person_id = g.person_id AND x.scheme = g.scheme)
                      + row_number() OVER (PARTITION BY g.person_id, g.scheme ORDER BY g.valid),
                  g.region, g.area, g.valid * daterange(w.start, least(w.until, f.follows)),
                  tstzrange(clock_timestamp(), NULL), %(m)s, g.kind, g.employer_id, g.chosen_base, g.grade, %(why)s
           FROM unnest(%(people)s::bigint[], %(starts)s::date[], %(ends)s::date[]) AS w (person_id, start, until)
           JOIN participation g ON g.person_id = w.person_id AND g.region = %(r)s
                AND g.scheme = ANY (%(schemes)s::scheme[]) AND g.valid && daterange(w.start, w.until)
                AND (%(drawing)s OR g.kind <> 'retired') AND NOT upper_inf(g.known)
           JOIN unnest(%(who)s::bigint[], %(months)s::date[]) AS e (person_id, month)
                ON e.person_id = g.person_id AND e.month = g.superseded_in
           CROSS JOIN LATERAL (SELECT min(greatest(lower(q.valid), w.start)) AS follows FROM participation q
                               WHERE q.person_id = g.person_id AND q.scheme = g.scheme AND upper_inf(q.known)
                                 AND q.valid && g.valid * daterange(w.start, w.until)) f
           WHERE NOT EXISTS (SELECT FROM participation x
                             WHERE x.person_id = g.person_id AND x.scheme = g.scheme AND x.version > g.version
                               AND x.valid && g.valid AND x.source <> %(cause)s
                               AND (%(drawing)s OR x.kind <> 'retired'))
             AND NOT isempty(g.valid * daterange(w.start, least(w.until, f.follows)))""",
        people=list(periods),
        starts=[start for start, _ in periods.values()],
        ends=[end for _, end in periods.values()],
        who=[person_id for person_id, _ in ended],
        months=[month for _, month in ended],
        schemes=list(schemes),
        drawing=drawing,
        r=context.region,
        m=next_month(context.month),
        cause=cause,
        why=source,
    )
