"""Awards made anew: on facts now known otherwise, on a base published since, under a law changed for their month.

The law is always that of the month of the award. A new version of the award says what it comes to, and what is due is
replaced from its first month on; paying finds the difference.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from shebao.engine.errors import Refused
from shebao.engine.rulebook import Law
from shebao.month.award import Case, Decided, decide_pensions, decide_refunds, decide_residents, write
from shebao.month.careers import Known, died, groups, known, month_text, state
from shebao.month.context import Context
from shebao.month.entitlements import Change, Decision, Due
from shebao.month.laws import Watch
from shebao.month.participation import unretire
from shebao.month.pensions import (
    ADJUSTMENT,
    AGE,
    DEAD_BEFORE,
    DRAWN,
    PENSION,
    PENSIONS,
    RESIDENT,
    Made,
    Pension,
    completed,
    made,
    month_at,
    until_death,
    why,
)

_CORRECTED = "corrected facts 事实更正"
_PUBLISHED = "base published 公布计发基数后重算"
_LAW_CHANGED = "law changed 政策调整后重算"
_BEFORE_ANY = dt.date(1950, 1, 1)  # no pension of the books began earlier


@dataclass(frozen=True)
class Awarded:
    """The latest award of a person: its month, its facts, whether a claim or the age alone brought it about.

    It is in force, or was taken back: because of a death before its month, of other facts or another law.
    """

    person_id: int
    area: int
    month: dt.date
    claim: int | None
    facts: Mapping[str, Any]
    granted: bool
    provisional: bool
    amount: int
    bank_account_id: int | None


_LATEST = f"""SELECT DISTINCT ON (a.person_id) a.person_id, a.area, a.month, a.claim, a.facts, a.granted, a.provisional,
                    a.amount, a.reason
             FROM award a WHERE a.region = %(r)s AND a.benefit = %(b)s AND a.reason <> '{DRAWN}'
             ORDER BY a.person_id, a.version DESC"""
_FIELDS = """person_id, area, month, claim, facts, granted, provisional, amount,
             (SELECT c.bank_account_id FROM claim c WHERE c.region = %(r)s AND c.number = latest.claim)"""


@dataclass
class Anew:
    """What becomes of awards: decisions with the pensions they grant, and who turns out to have no right to one."""

    context: Context
    pension: Pension
    awarded: Mapping[int, Awarded]
    decided: Decided = field(default_factory=Decided)
    granted: dict[int, Made] = field(default_factory=dict)

    def grant(self, old: Awarded, new: Made, reason: str) -> None:
        """A pension on the facts there were. Its tree is not kept: the facts and the law of its month give it again."""
        tree = {"name": self.pension.amount, "recomputed_from": "facts"}
        self.decide(Decision(*self._about(old), old.month, new.amount, reason, old.facts, tree), old, new)

    def decide(self, decision: Decision, old: Awarded, new: Made) -> None:
        self.decided.decisions.append(replace(decision, provisional=not new.final, claim=old.claim))
        self.granted[old.person_id] = new

    def revoke(self, old: Awarded, facts: Mapping[str, Any], tree: Mapping[str, Any], reason: str) -> None:
        """Nothing is due by the award, and nothing was; who was not granted any loses none."""
        if old.granted:
            about = self._about(old)
            decision = Decision(*about, old.month, 0, reason, facts, tree, granted=False, claim=old.claim)
            self.decided.decisions.append(decision)
            self.decided.changes.append(Change(*about, _BEFORE_ANY, (), reason=reason))

    def write(self) -> int:
        """Books all of it; returns how many people's dues differ."""
        revoked = [d.person_id for d in self.decided.decisions if not d.granted]
        unretire(self.context, self.pension.benefit, revoked)
        if self.granted:
            _rebuild(self)
        return write(self.context, self.decided)

    def _about(self, old: Awarded) -> tuple[int, int, str]:
        return old.person_id, old.area, self.pension.benefit


# -- corrected facts -------------------------------------------------------------------------------


def correct(context: Context, waiting: Counter[str]) -> int:
    """Awards whose facts are now known otherwise, recomputed under the law of their month.

    A death before the month of the award takes it back; when that death proves wrong, or later, it is made anew.
    """
    return sum(_correct(context, pension, waiting) for pension in PENSIONS.values())


def _correct(context: Context, pension: Pension, waiting: Counter[str]) -> int:
    rows = context.books.rows(
        f"""WITH latest AS ({_LATEST}),
        touched AS (
            SELECT person_id FROM person_record WHERE region = %(r)s AND (booked = %(m)s OR superseded_in = %(m)s)
            UNION SELECT person_id FROM career WHERE scheme = %(s)s AND region = %(r)s
                                               AND (booked = %(m)s OR superseded_in = %(m)s)
            UNION SELECT person_id FROM life_event WHERE kind = 'death' AND region = %(r)s
                                                     AND (booked = %(m)s OR superseded_in = %(m)s)
            UNION SELECT c.person_id FROM bill_settlement b
                  JOIN contribution c ON c.region = b.region AND c.bill = b.number AND c.scheme = %(s)s
                  JOIN latest l ON l.person_id = c.person_id AND c.month <= l.month
                  WHERE b.region = %(r)s AND b.booked = %(m)s)
        SELECT {_FIELDS} FROM latest JOIN touched USING (person_id)
        WHERE granted OR reason ^@ ANY (%(taken_back)s) ORDER BY person_id""",
        r=context.region,
        m=context.month,
        b=pension.benefit,
        s=pension.benefit,
        taken_back=[DEAD_BEFORE, _CORRECTED, _LAW_CHANGED],
    )
    awarded = {row[0]: Awarded(*row) for row in rows}
    if not awarded:
        return 0
    people = known(context, pension.benefit, _months_now(context, pension, awarded))
    deaths = died(context, people)
    anew = Anew(context, pension, awarded)
    for person_id, person in people.items():
        old, death = awarded[person_id], deaths.get(person_id)
        _keep_stated(context, pension, person, old)
        if death is not None and death < person.until:
            anew.revoke(old, person.facts, {"name": "life_event", "value": month_text(death)}, DEAD_BEFORE)
        elif person.facts != old.facts or not old.granted:
            try:
                _decide_again(anew, old, person, waiting)
            except Refused as refusal:
                waiting[refusal.status] += 1
    return anew.write()


def _keep_stated(context: Context, pension: Pension, person: Known, old: Awarded) -> None:
    """What the claim stated, or was found when it was decided, nobody else knows."""
    if pension.benefit == PENSION:
        state(context, person, old.facts)
    else:
        person.facts["drawing_employee_pension"] = old.facts["drawing_employee_pension"]


def _months_now(context: Context, pension: Pension, awarded: Mapping[int, Awarded]) -> dict[int, dt.date]:
    """The month of retirement by the facts as now known: who retired on reaching the age follows a corrected age."""
    months = {p: a.month for p, a in awarded.items()}
    own = {p: a.month for p, a in awarded.items() if a.claim is None}
    if pension.benefit == PENSION and own:
        before = _statutory(context, {p: awarded[p].facts for p in own})
        now = _statutory(context, {p: k.facts for p, k in known(context, PENSION, own).items()})
        for p in own:
            months[p] = now[p] if before[p] == months[p] else max(months[p], now[p])
    return months


def _statutory(context: Context, facts: Mapping[int, Mapping[str, Any]]) -> dict[int, dt.date]:
    found: dict[int, dt.date] = {}
    for people, table in groups({p: {n: f[n] for n in AGE} for p, f in facts.items()}):
        months = context.law.compute(["retirement.statutory_retirement_month"], table).table[0].to_pylist()
        found |= {p: month_at(n) for p, n in zip(people, months, strict=True)}
    return found


def _decide_again(anew: Anew, old: Awarded, person: Known, waiting: Counter[str]) -> None:
    """A new award on the facts as now known; or none, if by these the person could not have retired."""
    context, pension, facts = anew.context, anew.pension, person.facts
    law = context.law_of(min(person.until, context.month))
    may = pension.may(law, facts)
    if not may.exact or person.until > context.month:
        told = why(may) if not may.exact else f"法定退休年龄 {month_text(person.until)} 才达到"
        anew.revoke(old, facts, may.as_dict(), f"{_CORRECTED}：{told}")
    elif person.problem:
        waiting[person.problem] += 1
    else:
        new, tree = made(law, pension, facts)
        about = (person.person_id, person.area, pension.benefit, person.until)
        anew.decide(Decision(*about, new.amount, _CORRECTED, facts, tree.as_dict()), old, new)


# -- the base published since ----------------------------------------------------------------------


def recalculate(context: Context, waiting: Counter[str]) -> int:
    """Provisional awards whose base is published now, on the facts they were made with."""
    pension = PENSIONS[PENSION]
    rows = context.books.rows(
        f"SELECT {_FIELDS} FROM ({_LATEST}) AS latest WHERE granted AND provisional", r=context.region, b=PENSION
    )
    awarded = {row[0]: Awarded(*row) for row in rows}
    published: dict[str, bool] = {}
    for old in awarded.values():
        month = old.facts["retirement_month"]
        if month not in published:
            facts = {"region": context.region, "retirement_month": month}
            published[month] = bool(context.law.explain(pension.published, facts).exact)
    ready = {p: a for p, a in awarded.items() if published[a.facts["retirement_month"]]}
    anew = Anew(context, pension, ready)
    for person_id, (_, new) in _computed(context.law, pension, ready, waiting).items():
        anew.grant(ready[person_id], new, _PUBLISHED)
    return anew.write()


def _computed(
    law: Law, pension: Pension, awarded: Mapping[int, Awarded], waiting: Counter[str]
) -> dict[int, tuple[bool, Made]]:
    """Whether there is a right, and the pension, by a law on the facts of the awards; who cannot be computed waits."""
    found: dict[int, tuple[bool, Made]] = {}
    names = {rule: rule.rpartition(".")[2] for rule in pension.rules}
    for people, table in groups({p: a.facts for p, a in awarded.items()}):
        for p, row in zip(people, law.compute(list(pension.rules), table).table.to_pylist(), strict=True):
            if row["status"] != "ok":
                waiting[row["status"]] += 1
                continue
            amount, start = row[names[pension.amount]], month_at(row[names[pension.first]])
            final = not pension.published or row[names[pension.published]]
            components = completed(amount, {name: row[name] for name in pension.parts})
            found[p] = row[names[pension.right]], Made(amount, components, start, final)
    return found


# -- a law changed for months gone by ----------------------------------------------------------------


def follow_law(context: Context, laws: Watch, waiting: Counter[str]) -> int:
    """Decisions of months whose law has changed since the last adjust step, made again by it.

    What was granted is recomputed on the facts there were, and taken back where no right remains; a claim that was
    refused is decided anew. Changed is only what decides; a new version is made where a decision differs.
    """
    return sum(_follow(context, benefit, laws, waiting) for benefit in _DECIDING)


#: What decides on each benefit: an award keeps what these rules were for its month.
_DECIDING = {
    PENSION: (*PENSIONS[PENSION].rules, "transfer.place_of_benefit"),
    RESIDENT: PENSIONS[RESIDENT].rules,
    "account_refund": ("employee_pension.account_refund",),
}


def _follow(context: Context, benefit: str, laws: Watch, waiting: Counter[str]) -> int:
    rows = context.books.rows(
        "SELECT DISTINCT month FROM award WHERE region = %(r)s AND benefit = %(b)s ORDER BY month",
        r=context.region,
        b=benefit,
    )
    changed = laws.changed(benefit, (month for (month,) in rows), _DECIDING[benefit])
    if not changed:
        return 0
    undecided = set[dt.date]()
    count = _granted_again(context, benefit, changed, undecided, waiting)
    count += _refused_again(context, benefit, changed, undecided, waiting)
    laws.again(benefit, undecided)
    return count


def _granted_again(
    context: Context, benefit: str, months: Sequence[dt.date], undecided: set[dt.date], waiting: Counter[str]
) -> int:
    """Pensions granted for these months, by the law as it now is of them."""
    if benefit not in PENSIONS:
        return 0  # what was paid out of an account in one sum was all of it
    pension = PENSIONS[benefit]
    rows = context.books.rows(
        f"SELECT {_FIELDS} FROM ({_LATEST}) AS latest WHERE granted AND month = ANY (%(months)s::date[])",
        r=context.region,
        b=benefit,
        months=list(months),
    )
    awarded = {row[0]: Awarded(*row) for row in rows}
    held, anew = _held(context, pension, awarded), Anew(context, pension, awarded)
    for month in months:
        of_month = {p: a for p, a in awarded.items() if a.month == month}
        waited = waiting.total()
        for p, (may, new) in _computed(context.law_of(month), pension, of_month, waiting).items():
            if not may:
                tree = pension.may(context.law_of(month), awarded[p].facts)
                anew.revoke(awarded[p], awarded[p].facts, tree.as_dict(), f"{_LAW_CHANGED}：{why(tree)}")
            elif _differs(pension, awarded[p], held.get(p, []), new):
                anew.grant(awarded[p], new, _LAW_CHANGED)
        if waiting.total() > waited:
            undecided.add(month)
    return anew.write()


def _differs(pension: Pension, old: Awarded, held: Sequence[Due], new: Made) -> bool:
    if (new.amount, not new.final) != (old.amount, old.provisional):
        return True
    own = {name: fen for name, fen in new.components.items() if name != pension.standard}
    return any(_own(pension, due) != own for due in held) or any(due.start != new.start for due in held[:1])


def _own(pension: Pension, due: Due) -> dict[str, int]:
    """The components of a pension as it was awarded, without what was adjusted for everybody."""
    return {name: fen for name, fen in due.components.items() if name not in _common(pension, due)}


def _common(pension: Pension, due: Due) -> dict[str, int]:
    """The components that are set for everybody, year by year."""
    return {n: fen for n, fen in due.components.items() if n.startswith(ADJUSTMENT) or n == pension.standard}


def _refused_again(
    context: Context, benefit: str, months: Sequence[dt.date], undecided: set[dt.date], waiting: Counter[str]
) -> int:
    """Claims refused for these months and not met otherwise since, decided by the law as it now is of them."""
    rows = context.books.rows(
        f"""SELECT l.person_id, l.month, c.facts, c.number, c.bank_account_id FROM ({_LATEST}) AS l
            JOIN claim c ON c.region = %(r)s AND c.number = l.claim
            WHERE NOT l.granted AND l.reason <> %(dead)s AND l.month = ANY (%(months)s::date[])
              AND NOT EXISTS (SELECT FROM entitlement e WHERE e.person_id = l.person_id AND upper_inf(e.known)
                              AND e.benefit = ANY (%(met)s::benefit[]))
            ORDER BY l.person_id""",
        r=context.region,
        b=benefit,
        dead=DEAD_BEFORE,
        months=list(months),
        met=[benefit] if benefit == RESIDENT else [PENSION, "account_refund"],
    )
    if not rows:
        return 0
    cases = [
        Case(person, month, _LAW_CHANGED, stated, claim, bank, told=True) for person, month, stated, claim, bank in rows
    ]
    decided = Decided()
    {PENSION: decide_pensions, RESIDENT: decide_residents, "account_refund": decide_refunds}[benefit](
        context, decided, cases
    )
    waiting.update(decided.waiting)
    if decided.waiting:
        undecided.update(case.month for case in cases)
    return write(context, decided)


# -- what is due by them -----------------------------------------------------------------------------


def _rebuild(anew: Anew) -> None:
    """What is due by new awards: from their first month, over the same periods, with the adjustments there were.

    Of whom nothing is due any more nothing becomes due anew, but what a death took away: until the death as now known.
    """
    context, pension = anew.context, anew.pension
    held, deaths = _held(context, pension, anew.granted), died(context, anew.granted)
    reasons = {d.person_id: d.reason for d in anew.decided.decisions}
    for person_id, new in anew.granted.items():
        old, death, periods = anew.awarded[person_id], deaths.get(person_id), held.get(person_id, [])
        if not periods and (death is not None or not old.granted):
            periods = [Due(new.start, None, 0, {}, 0, old.bank_account_id)]
        rows = [_period(pension, n, due, new, reasons[person_id]) for n, due in enumerate(periods)]
        start = min([new.start, *(due.start for due in periods)])
        anew.decided.changes.append(
            Change(person_id, old.area, pension.benefit, start, until_death(rows, death), reason=reasons[person_id])
        )


def _period(pension: Pension, n: int, old: Due, new: Made, reason: str) -> Due:
    """A year's adjustment is kept by who still drew in its January; who draws from earlier on is given it later."""
    kept = {
        name: value
        for name, value in _common(pension, old).items()
        if name == pension.standard or new.start <= dt.date(int(name.removeprefix(ADJUSTMENT)), 1, 1)
    }
    components = {**new.components, **kept}
    begin = new.start if n == 0 else max(old.start, new.start)
    account = new.components["account_pension"]
    return Due(begin, old.end, sum(components.values()), components, account, old.bank_account_id, reason)


def _held(context: Context, pension: Pension, people: Iterable[int]) -> dict[int, list[Due]]:
    rows = context.books.rows(
        """SELECT person_id, lower(valid), upper(valid), amount, components, account_part, bank_account_id, reason
           FROM entitlement WHERE person_id = ANY (%(people)s) AND benefit = %(b)s AND upper_inf(known)
           ORDER BY person_id, valid""",
        people=list(people),
        b=pension.benefit,
    )
    found: dict[int, list[Due]] = defaultdict(list)
    for person_id, *row in rows:
        found[person_id].append(Due(*row))
    return found
