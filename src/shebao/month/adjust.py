"""Adjust: what is due follows the facts and the law as they are now known.

Corrected facts and late contributions, a base published after the award, a law changed for months gone by, deaths and
deaths that were none, the yearly adjustment, transfers. Nothing is paid here: what is due is superseded and replaced,
and paying finds the difference.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from shebao.engine.errors import Refused
from shebao.engine.rulebook import Law
from shebao.month.award import (
    AGE,
    DEAD_BEFORE,
    PARTS,
    PENSION,
    RESIDENT,
    RETIRE,
    Decided,
    completed,
    dead_before,
    fen,
    parts,
    single,
    until_death,
    waiting_notes,
    why,
    write,
)
from shebao.month.careers import Known, died, groups, known, month_text, state
from shebao.month.context import Context, Summary
from shebao.month.death import deaths
from shebao.month.entitlements import Change, Decision, Due, set_component
from shebao.month.laws import deciding
from shebao.month.transfers import transfers


def adjust(context: Context) -> Summary:
    """Everything that changed what is due: each part finds what differs from the books, and changes only that."""
    summary = Summary()
    waiting: Counter[str] = Counter()
    summary.numbers["corrected"] = _correct(context, waiting)
    summary.numbers["recalculated"] = _recalculate(context, waiting)
    summary.numbers["law_changed"] = _follow_law(context, summary, waiting)
    deaths(context, summary, waiting)
    _adjust_years(context, summary)
    _adjust_residents(context, summary)
    transfers(context, summary, waiting)
    summary.numbers["waiting"] = sum(waiting.values())
    summary.notes += waiting_notes(waiting)
    return summary


Parts = tuple[int, dict[str, int]]  # a pension in fen, and its components

# -- awards made anew ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Awarded:
    """The latest award of a person: its month, its facts, whether a claim or the age alone brought it about.

    It is in force, or was taken back because of a death before its month.
    """

    person_id: int
    area: int
    month: dt.date
    claim: int | None
    facts: dict[str, Any]
    granted: bool = True


_LATEST = """SELECT DISTINCT ON (a.person_id) a.person_id, a.area, a.month, a.claim, a.facts, a.granted, a.provisional,
                    a.reason
             FROM award a WHERE a.region = %(r)s AND a.benefit = 'employee_pension'
             ORDER BY a.person_id, a.version DESC"""


def _correct(context: Context, waiting: Counter[str]) -> int:
    """Awards whose facts are now known otherwise, recomputed under the law of their month.

    A death before the month of the award takes it back; when that death proves wrong, or later, it is made anew.
    """
    rows = context.books.rows(
        f"""WITH latest AS ({_LATEST}),
        touched AS (
            SELECT person_id FROM person_record WHERE region = %(r)s AND (booked = %(m)s OR superseded_in = %(m)s)
            UNION SELECT person_id FROM career WHERE scheme = 'employee_pension' AND region = %(r)s
                                               AND (booked = %(m)s OR superseded_in = %(m)s)
            UNION SELECT person_id FROM life_event WHERE kind = 'death' AND region = %(r)s
                                                     AND (booked = %(m)s OR superseded_in = %(m)s)
            UNION SELECT c.person_id FROM bill_settlement b
                  JOIN contribution c ON c.region = b.region AND c.bill = b.number AND c.scheme = 'employee_pension'
                  JOIN latest l ON l.person_id = c.person_id AND c.month <= l.month
                  WHERE b.region = %(r)s AND b.booked = %(m)s)
        SELECT l.person_id, l.area, l.month, l.claim, l.facts, l.granted FROM latest l JOIN touched USING (person_id)
        WHERE l.granted OR l.reason = %(dead)s ORDER BY l.person_id""",
        r=context.region,
        m=context.month,
        dead=DEAD_BEFORE,
    )
    awarded = {row[0]: Awarded(*row) for row in rows}
    if not awarded:
        return 0
    people = known(context, PENSION, _months_now(context, awarded))
    for person_id, person in people.items():
        state(context, person, awarded[person_id].facts)
    deaths = died(context, people)
    decided = Decided()
    anew: dict[int, Parts] = {}
    for person_id, person in people.items():
        old, death = awarded[person_id], deaths.get(person_id)
        if death is not None and death < person.until:
            _take_back(decided, old, person, death)
        elif person.facts != old.facts or not old.granted:
            try:
                _decide_again(context, decided, anew, old, person)
            except Refused as refusal:
                waiting[refusal.status] += 1
    _rebuild(context, decided, anew, awarded)
    return write(context, decided)


def _take_back(decided: Decided, old: Awarded, person: Known, death: dt.date) -> None:
    """Who died before the month of retirement never retired: nothing was due."""
    if old.granted:
        decided.decisions.append(dead_before(person, PENSION, old.month, death, old.claim))
        about = (person.person_id, person.area, PENSION)
        decided.changes.append(Change(*about, _BEFORE_ANY, (), reason=DEAD_BEFORE))


def _months_now(context: Context, awarded: Mapping[int, Awarded]) -> dict[int, dt.date]:
    """The month of retirement by the facts as now known: who retired on reaching the age follows a corrected age."""
    own = [p for p, a in awarded.items() if a.claim is None]
    before = _statutory(context, {p: awarded[p].facts for p in own})
    now = _statutory(
        context, {p: k.facts for p, k in known(context, PENSION, {p: awarded[p].month for p in own}).items()}
    )
    months = {p: a.month for p, a in awarded.items()}
    for p in own:
        months[p] = now[p] if before[p] == months[p] else max(months[p], now[p])
    return months


def _statutory(context: Context, facts: Mapping[int, Mapping[str, Any]]) -> dict[int, dt.date]:
    found: dict[int, dt.date] = {}
    for people, table in groups({p: {n: f[n] for n in AGE} for p, f in facts.items()}):
        months = context.law.compute(["retirement.statutory_retirement_month"], table).table[0].to_pylist()
        found |= {p: dt.date(n // 12, n % 12 + 1, 1) for p, n in zip(people, months, strict=True)}
    return found


def _decide_again(
    context: Context,
    decided: Decided,
    anew: dict[int, Parts],
    old: Awarded,
    person: Known,
) -> None:
    """A new award on the facts as now known; or none, if by these the person could not have retired."""
    law, facts = context.law, person.facts
    may = law.explain("retirement.may_retire", {n: facts[n] for n in RETIRE if n in facts})
    if not may.exact or person.until > context.month:
        told = why(may) if not may.exact else f"法定退休年龄 {month_text(person.until)} 才达到"
        reason = f"{_CORRECTED}：{told}"
        decided.decisions.append(
            Decision(
                *(person.person_id, person.area, PENSION, old.month, 0, reason, facts, may.as_dict()), granted=False
            )
        )
        decided.changes.append(Change(person.person_id, person.area, PENSION, _BEFORE_ANY, (), reason=reason))
        return
    if person.problem:
        kind, _, name = person.problem.partition(": ")
        raise Refused(kind, name)
    tree = law.explain("employee_pension.monthly_pension", single(facts))
    final = law.explain("employee_pension.base_wage_published", _dated(facts)).exact
    anew[person.person_id] = parts(tree, PENSION)
    decided.decisions.append(
        Decision(
            *(person.person_id, person.area, PENSION, person.until, fen(tree), _CORRECTED, facts, tree.as_dict()),
            provisional=not final,
            claim=old.claim,
        )
    )


_CORRECTED = "corrected facts 事实更正"
_BEFORE_ANY = dt.date(1950, 1, 1)  # no pension of the books began earlier


def _dated(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {"region": facts["region"], "retirement_month": facts["retirement_month"]}


def _recalculate(context: Context, waiting: Counter[str]) -> int:
    """Provisional awards whose base is published now, on the facts they were made with."""
    rows = context.books.rows(
        f"""SELECT person_id, area, month, claim, facts FROM ({_LATEST}) AS latest WHERE granted AND provisional""",
        r=context.region,
    )
    awarded = {row[0]: Awarded(*row) for row in rows}
    published: dict[str, bool] = {}
    for old in awarded.values():
        month = old.facts["retirement_month"]
        if month not in published:
            published[month] = bool(
                context.law.explain("employee_pension.base_wage_published", _dated(old.facts)).exact
            )
    ready = {p: a for p, a in awarded.items() if published[a.facts["retirement_month"]]}
    anew = _computed(context.law, ready, waiting)
    decided = Decided(
        [_again(ready[p], amount, "base published 公布计发基数后重算") for p, (amount, _) in anew.items()]
    )
    _rebuild(context, decided, anew, ready)
    return write(context, decided)


def _computed(law: Law, awarded: Mapping[int, Awarded], waiting: Counter[str]) -> dict[int, Parts]:
    """The pensions by a law on the facts of the awards; who cannot be computed waits."""
    anew: dict[int, Parts] = {}
    for people, table in groups({p: a.facts for p, a in awarded.items()}):
        for p, row in zip(people, law.compute(list(_PENSION_RULES), table).table.to_pylist(), strict=True):
            if row["status"] != "ok":
                waiting[row["status"]] += 1
                continue
            anew[p] = completed(row["monthly_pension"], {name: row[name] for name in PARTS[PENSION]})
    return anew


_PENSION_RULES = tuple(f"{PENSION}.{name}" for name in ("monthly_pension", *PARTS[PENSION]))


def _again(old: Awarded, amount: int, reason: str, *, provisional: bool = False) -> Decision:
    """An award on the facts there were. Its tree is not kept: the facts and the law of its month give it again."""
    about = (old.person_id, old.area, PENSION, old.month)
    tree = {"name": "employee_pension.monthly_pension", "recomputed_from": "facts"}
    return Decision(*about, amount, reason, old.facts, tree, provisional=provisional, claim=old.claim)


def _follow_law(context: Context, summary: Summary, waiting: Counter[str]) -> int:
    """Awards of months whose law has changed since the last adjust step, recomputed by it on the facts there were.

    Changed is only what decides these pensions; a new version is made where an amount or a component differs.
    """
    rows = context.books.rows(
        f"SELECT DISTINCT month FROM ({_LATEST}) AS latest WHERE granted ORDER BY month", r=context.region
    )
    kept = _kept(context)
    for (month,) in rows:
        summary.laws[month_text(month)] = deciding(context.law_of(month), context.region, _PENSION_RULES)
    count = 0
    for month in (month for (month,) in rows if month_text(month) in kept):
        name, waited = month_text(month), waiting.total()
        if kept[name] == summary.laws[name]:
            continue
        found = context.books.rows(
            f"""SELECT person_id, area, month, claim, facts, provisional FROM ({_LATEST}) AS latest
                WHERE granted AND month = %(month)s""",
            r=context.region,
            month=month,
        )
        count += _recompute(context, month, found, waiting)
        if waiting.total() > waited:
            summary.laws[name] = kept[name]  # tried again the next month
    return count


def _kept(context: Context) -> dict[str, str]:
    """The hashes by month that the last adjust step kept."""
    found = context.books.rows(
        """SELECT summary -> 'laws' FROM run_step WHERE region = %(r)s AND step = 'adjust'
           ORDER BY month DESC, round DESC LIMIT 1""",
        r=context.region,
    )
    return dict(found[0][0] or {}) if found else {}


def _recompute(context: Context, month: dt.date, found: Sequence[Sequence[Any]], waiting: Counter[str]) -> int:
    awarded = {row[0]: Awarded(*row[:5]) for row in found}
    provisional = {row[0]: row[5] for row in found}
    anew = _computed(context.law_of(month), awarded, waiting)
    held = _held(context, anew)
    anew = {p: made for p, made in anew.items() if any(_own(due) != made[1] for due in held.get(p, ()))}
    reason = "law changed 政策调整后重算"
    decided = Decided(
        [_again(awarded[p], amount, reason, provisional=provisional[p]) for p, (amount, _) in anew.items()]
    )
    _rebuild(context, decided, anew, awarded)
    return write(context, decided)


def _own(due: Due) -> dict[str, int]:
    """The components of a pension as it was awarded, without the adjustments since."""
    return {name: fen for name, fen in due.components.items() if not name.startswith("adjustment_")}


def _rebuild(context: Context, decided: Decided, anew: Mapping[int, Parts], awarded: Mapping[int, Awarded]) -> None:
    """What is due by new awards: from their first month, over the same periods, with the adjustments there were.

    Of whom nothing is due any more nothing becomes due anew, but what a death took away: until the death as now known.
    """
    made = {d.person_id: d for d in decided.decisions if d.person_id in anew}
    held, deaths = _held(context, made), died(context, made)
    for person_id, decision in made.items():
        start, death = _first_month(context, decision.facts), deaths.get(person_id)
        periods = held.get(person_id, [])
        if not periods and (death is not None or not awarded[person_id].granted):
            periods = [Due(start, None, 0, {})]
        rows = [_period(n, due, start, anew[person_id], decision.reason) for n, due in enumerate(periods)]
        change = Change(
            *(person_id, decision.area, PENSION, min([start, *(due.start for due in periods)])),
            until_death(rows, death),
        )
        decided.changes.append(change)


def _period(n: int, old: Due, start: dt.date, anew: Parts, reason: str) -> Due:
    amount, components = anew
    adjustments = {name: value for name, value in old.components.items() if name.startswith("adjustment_")}
    begin = start if n == 0 else max(old.start, start)
    total = amount + sum(adjustments.values())
    return Due(
        begin, old.end, total, {**components, **adjustments}, components["account_pension"], old.bank_account_id, reason
    )


def _held(context: Context, people: Iterable[int]) -> dict[int, list[Due]]:
    rows = context.books.rows(
        """SELECT person_id, lower(valid), upper(valid), amount, components, account_part, bank_account_id, reason
        FROM entitlement
           WHERE person_id = ANY (%(people)s) AND benefit = 'employee_pension'
           AND upper_inf(known) ORDER BY person_id, valid""",
        people=list(people),
    )
    found: dict[int, list[Due]] = defaultdict(list)
    for person_id, *row in rows:
        found[person_id].append(Due(*row))
    return found


def _first_month(context: Context, facts: Mapping[str, Any]) -> dt.date:
    number = int(context.law.explain("employee_pension.first_payment_month", _dated(facts)).exact)
    return dt.date(number // 12, number % 12 + 1, 1)


# -- the yearly adjustment -------------------------------------------------------------------------


def _adjust_years(context: Context, summary: Summary) -> None:
    """Every year of the books once more, in order: what is right already is left alone."""
    first = (
        context.books.value("SELECT min(month) FROM period_event WHERE region = %(r)s", r=context.region)
        or context.month
    )
    for year in range(first.year, context.month.year + 1):
        law_month = min(context.month, dt.date(year, 12, 1))
        try:
            context.law_of(law_month).explain("employee_pension.fixed_adjustment", {"region": context.region})
        except Refused:
            if year == context.month.year:
                zh, en = f"{year} 年基本养老金调整标准未公布，未作调整", f"the adjustment of {year} is not published"
                summary.notes.append((zh, f"{en}: nothing was changed"))
            continue
        summary.numbers[f"adjusted_{year}"] = _adjust_year(context, summary, year, law_month)


def _adjust_year(context: Context, summary: Summary, year: int, law_month: dt.date) -> int:
    name, january = f"adjustment_{year}", dt.date(year, 1, 1)
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
    """The residents' basic pension at this year's standards, each for the months it is in force."""
    standards: list[tuple[dt.date, int]] = []
    for month in (dt.date(context.month.year, n, 1) for n in range(1, context.month.month + 1)):
        try:
            facts = {"region": context.region}
            standard = fen(context.law_of(month).explain(f"{RESIDENT}.basic_pension_standard", facts))
        except Refused as refusal:
            if month == context.month:
                why_zh, why_en = "居民基础养老金标准未公布", "residents' standard not published"
                summary.notes.append((f"{why_zh}：{refusal.status}", f"{why_en}: {refusal.status}"))
            continue
        if not standards or standards[-1][1] != standard:
            standards.append((month, standard))
    ends = [*(month for month, _ in standards[1:]), None]
    summary.numbers["residents_adjusted"] = sum(
        _set_standard(context, start, end, standard) for (start, standard), end in zip(standards, ends, strict=False)
    )


def _set_standard(context: Context, start: dt.date, end: dt.date | None, standard: int) -> int:
    people = context.books.copy_out(
        """SELECT DISTINCT person_id, %(standard)s::bigint AS amount FROM entitlement
           WHERE region = %(r)s AND benefit = 'resident_pension' AND upper_inf(known)
             AND valid && daterange(%(start)s::date, %(end)s::date)
             AND (components ->> 'basic_pension_standard')::bigint <> %(standard)s""",
        r=context.region,
        start=start,
        end=end,
        standard=standard,
    )
    if not people.num_rows:
        return 0
    reason = "new standard 基础养老金标准调整"
    return set_component(context, RESIDENT, "basic_pension_standard", people, start, end, reason)
