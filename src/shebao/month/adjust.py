"""Adjust: what is due follows the facts and the law as they are now known.

Corrected facts and late contributions, a base published after the award, a law changed for months gone by, deaths and
deaths that were none, double pensions, the yearly adjustment, transfers. Nothing is paid here: what is due is
superseded and replaced, and paying finds the difference.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pyarrow as pa
import pyarrow.compute as pc

from shebao.engine.errors import Refused
from shebao.month.anew import correct, follow_law, recalculate
from shebao.month.award import waiting_notes
from shebao.month.careers import after
from shebao.month.context import Context, Summary
from shebao.month.death import deaths
from shebao.month.doubles import end_doubles
from shebao.month.entitlements import set_component
from shebao.month.laws import Watch
from shebao.month.pensions import ADJUSTMENT, PENSION, PENSIONS, RESIDENT, fen
from shebao.month.refunded import follow_refunds
from shebao.month.transfers import transfers

STANDARD = PENSIONS[RESIDENT].standard


def adjust(context: Context) -> Summary:
    """Everything that changed what is due: each part finds what differs from the books, and changes only that."""
    summary, laws = Summary(), Watch.of(context, "adjust")
    waiting: Counter[str] = Counter()
    summary.numbers["corrected"] = correct(context, waiting)
    summary.numbers["recalculated"] = recalculate(context, waiting)
    summary.numbers["law_changed"] = follow_law(context, laws, waiting)
    summary.numbers["refunds_changed"] = follow_refunds(context)
    deaths(context, laws, summary, waiting)
    end_doubles(context, summary, waiting)
    _adjust_years(context, summary)
    _adjust_residents(context, summary)
    transfers(context, summary, waiting)
    summary.laws = laws.now
    summary.numbers["waiting"] = sum(waiting.values())
    summary.notes += waiting_notes(waiting)
    return summary


# -- the yearly adjustment -------------------------------------------------------------------------


def _adjust_years(context: Context, summary: Summary) -> None:
    """Every year of the books once more, in order: what is right already is left alone."""
    for year in range(_opened(context).year, context.month.year + 1):
        law_month = min(context.month, dt.date(year, 12, 1))
        try:
            context.law_of(law_month).explain("employee_pension.fixed_adjustment", {"region": context.region})
        except Refused:
            if year == context.month.year:
                zh, en = f"{year} 年基本养老金调整标准未公布，未作调整", f"the adjustment of {year} is not published"
                summary.notes.append((zh, f"{en}: nothing was changed"))
            continue
        summary.numbers[f"adjusted_{year}"] = _adjust_year(context, summary, year, law_month)


def _opened(context: Context) -> dt.date:
    """The first month of the books."""
    found = context.books.value("SELECT min(month) FROM period_event WHERE region = %(r)s", r=context.region)
    return found or context.month


def _adjust_year(context: Context, summary: Summary, year: int, law_month: dt.date) -> int:
    name, january = f"{ADJUSTMENT}{year}", dt.date(year, 1, 1)
    people = _pensioners(context, name, january)
    if not people.num_rows:
        return 0
    result = context.law_of(law_month).compute(["employee_pension.adjustment"], people.drop_columns(["person_id"]))
    for reason, count in sorted(result.report.reasons.items()):
        summary.notes.append(
            (f"{year} 年调整：{count} 人未能计算：{reason}", f"adjustment of {year}: {count} not computed: {reason}")
        )
    amounts = pa.table({"person_id": people["person_id"], "amount": result.table["adjustment"]})
    amounts = amounts.filter(pc.is_valid(amounts["amount"]))
    return set_component(context, PENSION, name, amounts, january, reason=f"adjustment {year} 养老金调整")


def _pensioners(context: Context, name: str, january: dt.date) -> pa.Table:
    """Who drew an employee's pension in January, with the facts of the adjustment; the amount is without it.

    Who drew in January had retired by December: where no award tells the month, the one before the first due will do.
    """
    return context.books.copy_out(
        """SELECT e.person_id, e.region,
                  (extract(year FROM r.birth_date) * 12 + extract(month FROM r.birth_date) - 1)::integer AS birth_month,
                  coalesce((a.facts ->> 'contribution_months')::integer, c.contribution_months) AS contribution_months,
                  coalesce(a.facts ->> 'retirement_month', to_char(lower(e.valid) - interval '1 month', 'YYYY-MM'))
                      AS retirement_month,
                  coalesce(a.facts ->> 'hardship_area', c.facts ->> 'hardship_area', 'false') = 'true' AS hardship_area,
                  e.amount - coalesce((e.components ->> %(n)s)::bigint, 0) AS pension_before_adjustment
           FROM entitlement e
           JOIN person_record r ON r.person_id = e.person_id AND upper_inf(r.known) AND r.valid @> %(m)s::date
           LEFT JOIN award a ON a.person_id = e.person_id AND a.benefit = e.benefit AND a.version = e.award_version
           LEFT JOIN career c ON c.person_id = e.person_id AND c.scheme = 'employee_pension' AND upper_inf(c.known)
           WHERE e.region = %(r)s AND e.benefit = 'employee_pension' AND upper_inf(e.known)
             AND e.valid @> %(january)s::date
           ORDER BY e.person_id""",
        r=context.region,
        m=context.month,
        n=name,
        january=january,
    )


# -- the residents' standard -----------------------------------------------------------------------


def _adjust_residents(context: Context, summary: Summary) -> None:
    """The residents' basic pension at the standards of the books' months, each for the months it is in force."""
    standards: list[tuple[dt.date, int]] = []
    month = _opened(context)
    while month <= context.month:
        try:
            standard = fen(context.law_of(month).explain(f"{RESIDENT}.{STANDARD}", {"region": context.region}))
            if not standards or standards[-1][1] != standard:
                standards.append((month, standard))
        except Refused as refusal:
            if month == context.month:
                why_zh, why_en = "居民基础养老金标准未公布", "residents' standard not published"
                summary.notes.append((f"{why_zh}：{refusal.status}", f"{why_en}: {refusal.status}"))
        month = after(month)
    ends = [*(month for month, _ in standards[1:]), None]
    summary.numbers["residents_adjusted"] = sum(
        _set_standard(context, start, end, standard) for (start, standard), end in zip(standards, ends, strict=False)
    )


def _set_standard(context: Context, start: dt.date, end: dt.date | None, standard: int) -> int:
    people = context.books.copy_out(
        """SELECT DISTINCT person_id, %(standard)s::bigint AS amount FROM entitlement
           WHERE region = %(r)s AND benefit = 'resident_pension' AND upper_inf(known)
             AND valid && daterange(%(start)s::date, %(end)s::date)
             AND (components ->> %(name)s)::bigint <> %(standard)s""",
        r=context.region,
        name=STANDARD,
        start=start,
        end=end,
        standard=standard,
    )
    if not people.num_rows:
        return 0
    reason = "new standard 基础养老金标准调整"
    return set_component(context, RESIDENT, STANDARD, people, start, end, reason)
