"""Double pensions 重复领取: beside an employee's pension no resident's is drawn (人社部发〔2014〕17号 八).

The resident's pension ends with the first month in which both are due. Of the months in which both were drawn the
account's part stays the person's, and the basic part is owed back: paying finds the difference. The resident's
relation ends; the account, less the government's subsidy, is returned in one sum, against which paying first sets what
is owed. Should the employee's pension prove not due after all, the resident's goes on, and the account is restored.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shebao.engine.errors import BookError, Refused
from shebao.engine.explanation import Explanation
from shebao.engine.facts import parse_value
from shebao.month.award import close_accounts
from shebao.month.careers import UNREADABLE, Known, after, died, known, month_date, month_text, yuan
from shebao.month.context import Context, Summary
from shebao.month.entitlements import Change, Decision, Due, record, replace
from shebao.month.inheritance import left_in_account, resident_interest
from shebao.month.participation import end_participation, resume
from shebao.month.pay import first_numbers
from shebao.month.pensions import DRAWN, RESIDENT, fen, until_death

#: The benefit by which the account is returned; its awards are the decisions on double pensions.
RETURN = "resident_account_refund"
_REASON = "double pension 重复领取"
_AGAIN = "one pension again 不再重复领取"
_TO_REPAY = "transfer.double_benefit_to_repay"
_SETTLED = "transfer.double_benefit_from_pension"
_SUBSIDY = "government_subsidy_credited"


@dataclass
class Double:
    """Whose resident's pension ends: from ``since`` on, drawn up to before ``until``.

    ``owed``: the basic part in fen of each month in which both were drawn.
    """

    person_id: int
    area: int
    since: dt.date
    until: dt.date
    owed: dict[dt.date, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Standing:
    """The latest decision on a person, none yet if without facts.

    ``start``: the month in which the account is due, if it is; ``month``: in which it is or was, the latest.
    """

    person_id: int
    area: int
    granted: bool = False
    amount: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)
    start: dt.date | None = None
    month: dt.date | None = None


def end_doubles(context: Context, summary: Summary, waiting: Counter[str]) -> None:
    """Ends the resident's pension of who draws both, returns what is left of the account, and undoes what was none."""
    if not _forbidden(context):
        return
    resumed = _resume(context)
    found = _found(context)
    _end(context, found)
    returned, unknown = _settle(context, found, waiting)
    summary.numbers |= {
        "double_pensions": len(found),
        "double_to_repay_fen": sum(sum(double.owed.values()) for double in found.values()),
        "resident_accounts_returned_fen": returned,
        "resident_pensions_resumed": len(resumed),
    }
    _tell(context, summary, found, "人重复领取职工与居民养老金，居民养老金已终止", _ENDED)
    _tell(context, summary, resumed, "人不再重复领取，居民养老金已恢复", _RESUMED)
    _tell(context, summary, unknown, "人居民个人账户中的政府补贴未登记，暂不退还余额", _UNKNOWN)


def _forbidden(context: Context) -> bool:
    """Whether the law of the month knows of it: since July 2014."""
    nothing = {"resident_payments": [], "resident_account_balance": 0, "government_subsidy_in_account": 0}
    try:
        context.law.explain(_SETTLED, nothing)
    except Refused:
        return False
    return True


_ENDED = "drew an employee's and a resident's pension; the resident's has been ended"
_RESUMED = "draw one pension after all; the resident's goes on"
_UNKNOWN = "whose resident's account waits to be returned until its government subsidy is recorded"


def _tell(context: Context, summary: Summary, people: Iterable[int], zh: str, en: str) -> None:
    """A note with how many, and the first of them by their numbers."""
    if who := sorted(people):
        named = first_numbers(context, who[:5])
        summary.notes.append((f"{len(who)} {zh}：{named}", f"{len(who)} {en}: {named}"))


# -- the resident's pension ends -------------------------------------------------------------------


def _found(context: Context) -> dict[int, Double]:
    """Who has more than the account's part due beside an employee's pension, in whatever province that is drawn."""
    rows = context.books.rows(
        """SELECT r.person_id, max(r.area), min(greatest(lower(r.valid), lower(e.valid)))
           FROM entitlement r JOIN entitlement e ON e.person_id = r.person_id AND e.benefit = 'employee_pension'
                AND upper_inf(e.known) AND e.valid && r.valid
           WHERE r.region = %(r)s AND r.benefit = 'resident_pension' AND upper_inf(r.known)
             AND (r.amount > r.account_part OR upper_inf(r.valid))
             AND r.valid * e.valid && daterange(NULL, %(next)s)
           GROUP BY r.person_id ORDER BY r.person_id""",
        r=context.region,
        next=after(context.month),
    )
    found = {person_id: Double(person_id, area, since, since) for person_id, area, since in rows}
    for person_id, month, basic in _drawn(context, found):
        double = found[person_id]
        double.until = max(double.until, after(month))
        if basic > 0:
            double.owed[month] = basic
    for person_id, facts in _owed_before(context, found):
        double = found[person_id]
        owed = {month: fen_ for month, fen_ in _owed(facts).items() if month >= double.since}
        double.owed = owed | double.owed
    return found


def _owed_before(context: Context, found: Iterable[int]) -> list[tuple[int, dict[str, Any]]]:
    """The facts of the latest decision there was on these people: what they owe by it has been booked already."""
    return context.books.rows(
        """SELECT DISTINCT ON (person_id) person_id, facts FROM award
           WHERE person_id = ANY (%(people)s) AND region = %(r)s AND benefit = 'resident_account_refund'
             AND facts ? 'double_since' ORDER BY person_id, version DESC""",
        people=list(found),
        r=context.region,
    )


def _owed(facts: Mapping[str, Any]) -> dict[dt.date, int]:
    """The months drawn twice by a decision's facts, with the fen owed of each."""
    basics = (_fen(row["resident_basic_pension_paid"]) for row in facts["resident_payments"])
    return dict(zip(map(month_date, facts["double_months"]), basics, strict=True))


def _fen(text: str) -> int:
    return int(text.replace(".", ""))


def _drawn(context: Context, found: Mapping[int, Double]) -> list[tuple[int, dt.date, int]]:
    """Person, month and fen beyond the account's part, of each month drawn; before the books by what was taken over."""
    if not found:
        return []
    return context.books.rows(
        """WITH doubled AS (SELECT * FROM unnest(%(people)s::bigint[], %(since)s::date[]) AS w (person_id, since)),
        opened AS (SELECT min(month) AS month FROM period_event WHERE region = %(r)s),
        taken_over AS (
            SELECT DISTINCT ON (e.person_id, at) e.person_id, at::date AS month, e.amount
            FROM doubled w JOIN entitlement e ON e.person_id = w.person_id AND e.benefit = 'resident_pension'
                 AND e.region = %(r)s AND e.award_version IS NULL
            CROSS JOIN opened o CROSS JOIN LATERAL generate_series(
                greatest(lower(e.valid), w.since), least(upper(e.valid), o.month) - interval '1 month',
                interval '1 month') AS at
            ORDER BY e.person_id, at, e.version),
        drawn AS (
            SELECT person_id, month, sum(amount)::bigint AS fen FROM (
                SELECT * FROM taken_over
                UNION ALL
                SELECT p.person_id, p.month, p.amount FROM doubled w JOIN payment p USING (person_id)
                WHERE p.region = %(r)s AND p.benefit = 'resident_pension' AND p.month >= w.since) AS rows
            GROUP BY person_id, month HAVING sum(amount) > 0)
        SELECT d.person_id, d.month, d.fen - e.account_part
        FROM drawn d JOIN entitlement e ON e.person_id = d.person_id AND e.benefit = 'resident_pension'
             AND upper_inf(e.known) AND e.valid @> d.month
        ORDER BY d.person_id, d.month""",
        people=list(found),
        since=[double.since for double in found.values()],
        r=context.region,
    )


def _end(context: Context, found: Mapping[int, Double]) -> None:
    """Of the months drawn the account's part stays due, of later ones nothing; nor does the person take part."""
    if not found:
        return
    rows = context.books.rows(
        """SELECT person_id, lower(valid), upper(valid), account_part, bank_account_id, award_version
           FROM entitlement WHERE person_id = ANY (%(people)s) AND region = %(r)s AND benefit = 'resident_pension'
             AND upper_inf(known) ORDER BY person_id, valid""",
        people=list(found),
        r=context.region,
    )
    kept: dict[int, list[Due]] = defaultdict(list)
    versions: dict[int, int | None] = {}
    for person_id, start, end, part, bank, version in rows:
        double = found[person_id]
        start, end = max(start, double.since), min(end or double.until, double.until)
        versions[person_id] = version
        if start < end and part:
            kept[person_id].append(Due(start, end, part, {"account_pension": part}, part, bank, _REASON))
    changes = [
        Change(p, double.area, RESIDENT, double.since, kept[p], versions.get(p), _REASON) for p, double in found.items()
    ]
    replace(context, changes)
    since = {p: double.since for p, double in found.items()}
    end_participation(context, since, _REASON, schemes=(RESIDENT,), drawing=True)


# -- the account is returned ---------------------------------------------------------------------------


def _settle(context: Context, found: Mapping[int, Double], waiting: Counter[str]) -> tuple[int, list[int]]:
    """Decides on who is found, and on whose account has moved since; returns the fen newly returned, and who waits.

    The account of who had died by then is the heirs'. It waits while nobody has told how much of it was subsidy.
    """
    standing = _standing(context, found)
    deaths = died(context, standing)
    standing = {p: one for p, one in standing.items() if p not in deaths or _lost(one, deaths[p], p in found)}
    if not standing:
        return 0, []
    living = {p: context.month for p in standing if p not in deaths}
    people = known(context, RESIDENT, living, closing=True)
    if len(people) < len(living):
        waiting["person record 参保登记"] += len(living) - len(people)
    accounts, years = _accounts(context, standing, people, waiting)
    decisions, unknown = [], []
    for p, one in standing.items():
        facts = _payments(one, found.get(p))
        payments = {"resident_payments": facts["resident_payments"]}
        tree = context.law.explain(_TO_REPAY, payments)
        if p in accounts:
            try:
                tree = context.law.explain(_SETTLED, payments | accounts[p])
                facts |= accounts[p]
            except Refused as refusal:
                waiting[f"{RETURN}: {refusal.status}"] += 1
                unknown.append(p)
        decision = _decision(context, one, facts, tree)
        if (decision.amount, decision.granted, facts) != (one.amount, one.granted, one.facts):
            decisions.append(decision)
    _credit_interest(context, people, years, decisions)
    versions = record(context, decisions)
    replace(context, [_change(context, standing[d.person_id], d, versions[d.person_id, RETURN]) for d in decisions])
    return sum(d.amount - standing[d.person_id].amount for d in decisions), unknown


def _lost(one: Standing, death: dt.date, found: bool) -> bool:
    """Whether a death leaves anything to decide: an account returned in life stays so, later gains are the heirs'."""
    return found if one.start is None else death < one.start


def _payments(one: Standing, double: Double | None) -> dict[str, Any]:
    """Since when, and the months drawn twice as the law asks for them."""
    if double is None:
        return {name: one.facts[name] for name in ("double_since", "double_months", "resident_payments")}
    months = sorted(double.owed)
    paid = [{"resident_basic_pension_paid": yuan(double.owed[m]), "employee_pension_paid": True} for m in months]
    return {
        "double_since": month_text(double.since),
        "double_months": [month_text(month) for month in months],
        "resident_payments": paid,
    }


def _decision(context: Context, one: Standing, facts: Mapping[str, Any], tree: Explanation) -> Decision:
    """Granted if there is an account to return, or nothing but subsidy to take back into the fund."""
    part = _fen(facts.get("resident_account_balance", "0.00"))
    amount = fen(tree.find("resident_account_returned")) if part else 0
    about = (one.person_id, one.area, RETURN, context.month)
    return Decision(*about, amount, _REASON, facts, tree.as_dict(), granted=part > 0)


def _change(context: Context, one: Standing, decision: Decision, version: int) -> Change:
    """The whole account is emptied, in the month in which it first was; what is not the person's is the fund's."""
    start = one.month or context.month
    rows = []
    if decision.granted:
        part, amount = _fen(decision.facts["resident_account_balance"]), decision.amount
        rows = [Due(start, after(start), amount, {RETURN: amount}, part, None, _REASON, RESIDENT)]
    return Change(one.person_id, one.area, RETURN, start, rows, version, _REASON)


def _standing(context: Context, found: Mapping[int, Double]) -> dict[int, Standing]:
    """The decisions on who is found, and on whose account is not what was returned, or has yet to earn its last year.

    What payments of the return took is given back to the sum: it is the return itself that is reckoned.
    """
    rows = context.books.rows(
        """WITH latest AS (
            SELECT DISTINCT ON (person_id) * FROM award
            WHERE region = %(r)s AND benefit = 'resident_account_refund' ORDER BY person_id, version DESC),
        due AS (
            SELECT person_id, max(lower(valid)) FILTER (WHERE upper_inf(known)) AS start, max(lower(valid)) AS month,
                   sum(account_part) FILTER (WHERE upper_inf(known))::bigint AS part
            FROM entitlement WHERE region = %(r)s AND benefit = 'resident_account_refund' GROUP BY person_id),
        held AS (
            SELECT l.person_id, (
                coalesce((SELECT sum(a.amount) FROM account_entry a
                          WHERE a.person_id = l.person_id AND a.scheme = 'resident_pension' AND a.region = %(r)s), 0)
                + coalesce((SELECT sum(p.account_part) FROM payment p
                            WHERE p.person_id = l.person_id AND p.benefit = 'resident_account_refund'
                              AND p.region = %(r)s), 0))::bigint AS fen
            FROM latest l)
        SELECT l.person_id, l.area, l.granted, l.amount, l.facts, d.start, d.month
        FROM latest l JOIN held h USING (person_id) LEFT JOIN due d USING (person_id)
        WHERE l.person_id = ANY (%(found)s) OR l.facts ? 'double_since' AND (
            h.fen <> coalesce(d.part, 0)
            OR EXISTS (SELECT FROM life_event v
                       WHERE v.person_id = l.person_id AND v.kind = 'death' AND upper_inf(v.known)
                         AND date_trunc('month', v.happened_on) < d.start)
            OR d.start IS NOT NULL AND NOT EXISTS (
                SELECT FROM account_entry i
                WHERE i.person_id = l.person_id AND i.scheme = 'resident_pension' AND i.kind = 'interest'
                  AND i.region = %(r)s AND extract(year FROM i.month) = extract(year FROM d.start)))
        ORDER BY l.person_id""",
        r=context.region,
        found=list(found),
    )
    standing = {row[0]: Standing(*row) for row in rows}
    return {p: Standing(p, double.area) for p, double in found.items()} | standing


# -- what is left of the account -----------------------------------------------------------------------


def _accounts(
    context: Context, standing: Mapping[int, Standing], people: Mapping[int, Known], waiting: Counter[str]
) -> tuple[dict[int, dict[str, str]], dict[int, int]]:
    """The law's facts on each account, its last year's interest included, and the years that is of."""
    left = left_in_account(context, RESIDENT, people)
    for person_id, taken in _taken(context, people):
        left[person_id] += taken
    credited = _credited(context, people, waiting)
    ready = {p: person for p, person in people.items() if _SUBSIDY in credited[p]}
    granted = {p for p, one in standing.items() if one.granted}
    years = resident_interest(context, ready, left, granted, waiting, RETURN)
    facts = {}
    for p, person in people.items():
        balance = max(left.get(p, 0) + person.interest, 0)
        facts[p] = credited[p] | {"resident_account_balance": yuan(balance)}
        if not balance:
            facts[p]["government_subsidy_in_account"] = yuan(0)
    return facts, years


def _taken(context: Context, people: Iterable[int]) -> list[tuple[int, int]]:
    return context.books.rows(
        """SELECT person_id, sum(account_part)::bigint FROM payment
           WHERE person_id = ANY (%(people)s) AND region = %(r)s AND benefit = 'resident_account_refund'
           GROUP BY person_id""",
        people=list(people),
        r=context.region,
    )


def _credited(context: Context, people: Mapping[int, Known], waiting: Counter[str]) -> dict[int, dict[str, str]]:
    """What was ever credited to the accounts, and how much of it was subsidy; of what was brought in, the record tells.

    A record tells it as ``government_subsidy_credited``. What an account is credited beyond the payment is subsidy.
    """
    rows = context.books.rows(
        """SELECT w.person_id, coalesce(b.fen, 0), coalesce(c.credit, 0), coalesce(c.subsidy, 0)
           FROM unnest(%(people)s::bigint[]) AS w (person_id)
           LEFT JOIN (SELECT person_id, sum(amount)::bigint AS fen FROM account_movement
                      WHERE person_id = ANY (%(people)s) AND scheme = 'resident_pension' AND region = %(r)s
                        AND kind IN ('opening', 'transfer_in') GROUP BY person_id) b USING (person_id)
           LEFT JOIN (SELECT c.person_id, sum(c.account_credit)::bigint AS credit,
                             sum(c.account_credit - c.employee)::bigint AS subsidy
                      FROM contribution c JOIN bill_settlement s ON s.region = c.region AND s.number = c.bill
                      WHERE c.person_id = ANY (%(people)s) AND c.scheme = 'resident_pension' AND c.region = %(r)s
                      GROUP BY c.person_id) c USING (person_id)""",
        people=list(people),
        r=context.region,
    )
    found = {}
    for person_id, brought, credit, subsidy in rows:
        found[person_id] = {"credited_to_resident_account": yuan(brought + credit)}
        told = _told(context, people[person_id], waiting) if brought else 0
        if told is not None:
            found[person_id][_SUBSIDY] = yuan(told + subsidy)
    return found


def _told(context: Context, person: Known, waiting: Counter[str]) -> int | None:
    """The fen of subsidy that the record tells of; none if it does not, or what it tells is no amount."""
    node = context.rulebook.nodes[f"transfer.{_SUBSIDY}"]
    try:
        return int(parse_value(node, person.career["facts"].get(_SUBSIDY)) * 100)
    except BookError:
        waiting[f"{UNREADABLE}: {node.full_name}"] += 1
    except Refused:
        pass  # the law asks for it, and says so
    return None


def _credit_interest(
    context: Context, people: Mapping[int, Known], years: Mapping[int, int], decisions: Sequence[Decision]
) -> None:
    granted = [d.person_id for d in decisions if d.granted]
    for year in sorted(set(years.values())):
        of_year = [people[p] for p in granted if years.get(p) == year]
        month = min(context.month, dt.date(year, 12, 1))
        close_accounts(context, RESIDENT, of_year, "adjust", f"double:{year}", month)


# -- no double pension after all -----------------------------------------------------------------------


def _resume(context: Context) -> list[int]:
    """The resident's pension goes on where no employee's is due in the month it ended for one; returns whose.

    As it was last due before that, up to a death; unless it was itself taken back meanwhile. The return of the account
    is undone.
    """
    rows = context.books.rows(
        """WITH latest AS (
            SELECT DISTINCT ON (person_id) person_id, area, (facts ->> 'double_since' || '-01')::date AS since
            FROM award WHERE region = %(r)s AND benefit = 'resident_account_refund' ORDER BY person_id, version DESC)
        SELECT * FROM latest l WHERE since IS NOT NULL AND NOT EXISTS (
            SELECT FROM entitlement e WHERE e.person_id = l.person_id AND e.benefit = 'employee_pension'
                AND upper_inf(e.known) AND e.valid @> l.since)
        ORDER BY person_id""",
        r=context.region,
    )
    if not rows:
        return []
    since = {person_id: month for person_id, _, month in rows}
    deaths = died(context, since)
    due, changes = _due_before(context, since), []
    for person_id, area, month in rows:
        rows_due, version = due.get(person_id, ([], None))
        pension = until_death(rows_due, deaths.get(person_id))
        changes.append(Change(person_id, area, RESIDENT, month, pension, version, _AGAIN))
        changes.append(Change(person_id, area, RETURN, month, (), reason=_AGAIN))
    tree = {"name": "entitlement", "value": "superseded"}
    record(
        context,
        [Decision(p, area, RETURN, context.month, 0, _AGAIN, {}, tree, granted=False) for p, area, _ in rows],
    )
    replace(context, changes)
    _take_part(context, {p: month for p, month in since.items() if p in due}, deaths)
    return list(since)


def _due_before(context: Context, since: Mapping[int, dt.date]) -> dict[int, tuple[list[Due], int | None]]:
    """What was due from these months on by the latest rows that were more than the account's part, and their award."""
    rows = context.books.rows(
        """SELECT e.person_id, e.award_version, lower(piece), upper(piece), e.amount, e.components, e.account_part,
                  e.bank_account_id
           FROM unnest(%(people)s::bigint[], %(since)s::date[]) AS w (person_id, since)
           JOIN entitlement e ON e.person_id = w.person_id AND e.benefit = 'resident_pension' AND e.region = %(r)s
                AND e.amount > e.account_part AND e.valid && daterange(w.since, NULL)
           CROSS JOIN LATERAL unnest(
               datemultirange(e.valid * daterange(w.since, NULL)) - coalesce((
                   SELECT range_agg(h.valid) FROM entitlement h
                   WHERE h.person_id = e.person_id AND h.benefit = e.benefit AND h.amount > h.account_part
                     AND h.version > e.version), '{}')) AS piece
           WHERE NOT EXISTS (SELECT FROM award a
                             WHERE a.person_id = e.person_id AND a.benefit = e.benefit AND NOT a.granted
                               AND a.version > coalesce(e.award_version, -1)
                               AND a.reason <> %(drawn)s AND NOT a.reason ^@ 'claim')
           ORDER BY e.person_id, lower(piece)""",
        people=list(since),
        since=list(since.values()),
        r=context.region,
        drawn=DRAWN,
    )
    found: dict[int, tuple[list[Due], int | None]] = {}
    for person_id, version, start, end, amount, components, part, bank in rows:
        due = found.get(person_id, ([], None))[0]
        found[person_id] = [*due, Due(start, end, amount, components, part, bank, _AGAIN)], version
    return found


def _take_part(context: Context, since: Mapping[int, dt.date], deaths: Mapping[int, dt.date]) -> None:
    """Who drew goes on drawing, or paying in, as it was known."""
    ended = context.books.rows(
        """SELECT DISTINCT person_id, (booked + interval '1 month')::date FROM award
           WHERE person_id = ANY (%(people)s) AND region = %(r)s AND benefit = 'resident_account_refund'""",
        people=list(since),
        r=context.region,
    )
    periods = {p: (month, after(deaths[p]) if p in deaths else None) for p, month in since.items()}
    periods = {p: (start, end) for p, (start, end) in periods.items() if end is None or end > start}
    resume(context, periods, ended, _REASON, _AGAIN, schemes=(RESIDENT,), drawing=True)
