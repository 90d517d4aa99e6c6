"""The facts of a person that the law asks: the registry's, the career's, and what the books have credited since.

A career row tells what was earned before its month `until`; from there on a month counts when its bill is settled.
Facts are kept as people write them (``12345.67``, ``2025-03``), so that they can be stored, shown and computed again.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from shebao.engine.book import Fact
from shebao.engine.errors import BookError, Refused
from shebao.engine.explanation import Explanation
from shebao.engine.facts import parse_value
from shebao.month.context import Context

#: A stated fact that is not what the law asks: the case waits for a readable one.
UNREADABLE = "unreadable fact 无法识别"
#: What a row of an account's history and of an index's history holds, as the kernel reads it.
_ACCOUNT_MONTHS = pa.list_(
    pa.struct([("account_month", pa.int32()), ("month_credits", pa.int64()), ("month_withdrawals", pa.int64())])
)
_INDEX_YEARS = pa.list_(
    pa.struct([("own_base", pa.int64()), ("reference_wage_of_year", pa.int64()), ("months_paid", pa.int64())])
)


@dataclass
class Known:
    """What is known of one person up to a month.

    ``paid`` has base and own share in fen of the months that count beside the career, ``corrected`` by how much the
    base of a month differs that went to another province with the relation, and came back in the record.
    ``facts`` bear the law's names. ``problem`` says what the law lacked, if it refused to compute one of them.
    ``balance`` is the account by its entries in fen, ``interest`` what this year has earned on top of it.
    ``refunded`` is the month in which an account was paid out whole: what came before it counts no more.
    """

    person_id: int
    area: int
    until: dt.date
    facts: dict[str, Any] = field(default_factory=dict)
    career: dict[str, Any] = field(default_factory=dict)
    paid: dict[dt.date, tuple[int, int]] = field(default_factory=dict)
    corrected: dict[dt.date, int] = field(default_factory=dict)
    temporary: bool = False
    refunded: dt.date | None = None
    balance: int = 0
    interest: int = 0
    problem: str = ""


def month_text(month: dt.date) -> str:
    return f"{month:%Y-%m}"


def month_number(month: dt.date) -> int:
    """A month as the law counts it."""
    return month.year * 12 + month.month - 1


def month_date(text: str) -> dt.date:
    """A month as the law writes it, as the books keep it; ``ValueError`` if it is none."""
    return dt.datetime.strptime(text, "%Y-%m").date()


def after(month: dt.date, months: int = 1) -> dt.date:
    """So many months later."""
    number = month_number(month) + months
    return dt.date(number // 12, number % 12 + 1, 1)


def yuan(fen: int) -> str:
    """Fen as the law's facts are written: ``2438.11``."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def known(context: Context, scheme: str, people: Mapping[int, dt.date], *, closing: bool = False) -> dict[int, Known]:
    """What is known of these people in a pension scheme, each up to and including the month given.

    ``closing``: the account as it stands now, to be paid out or sent on, rather than as it stood in that
    month. Those without a registry record are left out. The number of statements does not depend on that of people.
    """
    if not people:
        return {}
    found = _registry(context, scheme, people)
    paid, sent = paid_months(context, scheme, people), sent_months(context, scheme, people)
    for person_id, person in found.items():
        _count(person, paid.get(person_id, {}), sent.get(person_id, {}))
    _accounts(context, scheme, found, closing)
    if scheme == "employee_pension":
        _employee_facts(context, found)
    else:
        _resident_facts(found)
    return found


def _count(person: Known, paid: Mapping[dt.date, tuple[int, int]], sent: Mapping[dt.date, int]) -> None:
    """The months paid that the record does not tell of; and what it tells of months that are paid otherwise by now."""
    since = _counted_from(person)
    person.paid = {month: value for month, value in paid.items() if month >= since and month not in sent}
    now = {month: paid[month][0] if month in paid else 0 for month, base in sent.items() if base}
    person.corrected = {month: base - sent[month] for month, base in now.items() if base != sent[month]}
    if "contribution_months" in person.career:
        person.career["contribution_months"] -= sum(not now[month] for month in person.corrected)


def _counted_from(person: Known) -> dt.date:
    until: dt.date = person.career.get("until", dt.date.min)
    return max(until, after(person.refunded)) if person.refunded else until


def _registry(context: Context, scheme: str, people: Mapping[int, dt.date]) -> dict[int, Known]:
    rows = context.books.rows(
        """SELECT r.person_id, CASE WHEN r.region = %(r)s THEN r.area ELSE %(place)s END, r.sex::text, r.category::text,
                  to_char(r.birth_date, 'YYYY-MM'), r.hukou_region,
                  c.until, c.contribution_months, c.deemed_months, c.average_index, c.transition_index, c.facts,
                  coalesce(p.kind = 'temporary', false), f.refunded
           FROM unnest(%(people)s::bigint[], %(until)s::date[]) AS w (person_id, until)
           JOIN LATERAL (SELECT * FROM person_record r WHERE r.person_id = w.person_id AND upper_inf(r.known)
                         AND lower(r.valid) <= %(m)s ORDER BY r.valid DESC LIMIT 1) r ON true
           LEFT JOIN LATERAL (SELECT * FROM career c WHERE c.person_id = w.person_id AND c.scheme = %(s)s
                              AND upper_inf(c.known) LIMIT 1) c ON c.region = %(r)s
           LEFT JOIN LATERAL (SELECT * FROM participation p WHERE p.person_id = w.person_id AND p.scheme = %(s)s
                              AND upper_inf(p.known) AND p.valid @> w.until LIMIT 1) p ON p.region = %(r)s
           CROSS JOIN LATERAL (SELECT max(lower(e.valid)) AS refunded FROM entitlement e
                               WHERE e.person_id = w.person_id AND e.benefit = 'account_refund' AND e.region = %(r)s
                                 AND coalesce(e.scheme, 'employee_pension') = %(s)s
                                 AND upper_inf(e.known) AND lower(e.valid) < w.until) f""",
        people=list(people),
        until=list(people.values()),
        s=scheme,
        r=context.region,
        place=context.area,
        m=context.month,
    )
    found = {}
    for (
        person_id,
        area,
        sex,
        category,
        birth,
        hukou,
        until,
        months,
        deemed,
        index,
        transition,
        facts,
        temporary,
        refunded,
    ) in rows:
        person = Known(person_id, area, people[person_id], temporary=temporary, refunded=refunded)
        person.facts = {"region": context.region, "sex": sex, "category": category, "birth_month": birth}
        if until is not None and (refunded is None or until > refunded):
            person.career = {"until": until, "contribution_months": months, "deemed_months": deemed}
            person.career |= {
                "average_index": index_text(index),
                "transition_index": index_text(transition),
                "facts": facts,
            }
        person.career.setdefault("facts", {})
        person.career["hukou_region"] = hukou
        found[person_id] = person
    return found


def index_text(ten_thousandths: int) -> str:
    """An average index as the law is given it: ``"0.9940"``."""
    return f"{ten_thousandths // 10_000}.{ten_thousandths % 10_000:04d}"


def index_found(tree: Explanation) -> str:
    """The average index that the law found, in the same form; ``BookError`` if it has more than four decimals."""
    scaled = tree.exact * 10_000
    if scaled.denominator != 1:
        raise BookError(f"{tree.name}: {tree.value} is no index of four decimals")
    return index_text(int(scaled))


def paid_months(
    context: Context, scheme: str, people: Mapping[int, dt.date], region: int | None = None
) -> dict[int, dict[dt.date, tuple[int, int]]]:
    """Of each person the months paid in a region, with base and own share in fen, by settled bills up to the month."""
    rows = context.books.rows(
        """SELECT c.person_id, c.month, sum(c.base)::bigint, sum(c.employee)::bigint
           FROM unnest(%(people)s::bigint[], %(until)s::date[]) AS w (person_id, until)
           JOIN contribution c ON c.person_id = w.person_id AND c.scheme = %(s)s AND c.month <= w.until
           AND c.region = %(r)s
           JOIN bill_settlement b ON b.region = c.region AND b.number = c.bill AND b.booked <= %(m)s
           GROUP BY 1, 2 HAVING sum(c.base) > 0 ORDER BY 1, 2""",
        people=list(people),
        until=list(people.values()),
        s=scheme,
        r=context.region if region is None else region,
        m=context.month,
    )
    found: dict[int, dict[dt.date, tuple[int, int]]] = defaultdict(dict)
    for person_id, month, base, own in rows:
        found[person_id][month] = (base, own)
    return found


def sent_months(
    context: Context, scheme: str, people: Iterable[int], region: int | None = None
) -> dict[int, dict[dt.date, int]]:
    """Of each person the months of a region's books that went to another with the relation, with their bases in fen.

    They are in the record that came, or comes, back; one that was given back to the person has no base.
    """
    rows = context.books.rows(
        """SELECT t.person_id, p.month, sum(p.base)::bigint
           FROM transfer t JOIN transfer_leg l ON l.transfer = t.id AND l.side = 'out'
           CROSS JOIN LATERAL (
               SELECT key AS month, value::bigint AS base, false AS given FROM jsonb_each_text(l.career -> 'paid')
               UNION ALL SELECT value, 0, true FROM jsonb_array_elements_text(l.career -> 'given_back')) p
           WHERE t.person_id = ANY (%(people)s) AND t.from_scheme = %(s)s AND l.region = %(r)s
           GROUP BY t.person_id, p.month HAVING sum(p.base) <> 0 OR bool_or(p.given)""",
        people=list(people),
        s=scheme,
        r=context.region if region is None else region,
    )
    found: dict[int, dict[dt.date, int]] = defaultdict(dict)
    for person_id, month, base in rows:
        found[person_id][month_date(month)] = base
    return found


def died(context: Context, people: Iterable[int]) -> dict[int, dt.date]:
    """The month of death of those of these people who are known to have died."""
    return dict(
        context.books.rows(
            """SELECT person_id, date_trunc('month', happened_on)::date FROM life_event
               WHERE person_id = ANY (%(people)s) AND kind = 'death' AND upper_inf(known) AND booked <= %(m)s""",
            people=list(people),
            m=context.month,
        )
    )


# -- the account -----------------------------------------------------------------------------------


def _accounts(context: Context, scheme: str, found: Mapping[int, Known], closing: bool) -> None:
    """The balance by the entries, and for the employee's scheme this year's interest by monthly products.

    As it was at each person's month, before anything was drawn; or, ``closing``, as it is now, without what was drawn
    for months after it.
    """
    rows = context.books.rows(
        """SELECT w.person_id, CASE WHEN e.kind = 'interest' OR e.booked < date_trunc('year', w.at) THEN NULL
                                    ELSE least(e.booked, w.at) END AS moved, e.kind = 'opening',
                  e.kind = 'interest' AND e.month >= date_trunc('year', w.at), sum(e.amount)::bigint
           FROM unnest(%(people)s::bigint[], %(until)s::date[], %(at)s::date[]) AS w (person_id, until, at)
           JOIN account_entry e ON e.person_id = w.person_id AND e.scheme = %(s)s AND e.region = %(r)s
                AND e.booked <= %(m)s
                AND CASE WHEN e.kind = 'drawdown' THEN %(closing)s AND e.month <= w.until
                         WHEN e.kind = 'contribution' THEN e.month <= w.at
                         WHEN e.kind IN ('opening', 'transfer_in') THEN true
                         ELSE e.booked <= w.at END
           GROUP BY 1, 2, 3, 4 ORDER BY 1, 2""",
        people=list(found),
        until=[person.until for person in found.values()],
        at=[context.month if closing else person.until for person in found.values()],
        closing=closing,
        s=scheme,
        r=context.region,
        m=context.month,
    )
    moves: dict[int, list[Move]] = defaultdict(list)
    for person_id, *move in rows:
        moves[person_id].append(Move(*move))
    for person_id, person in found.items():
        _account_facts(person, moves[person_id], context.month if closing else person.until)
    if scheme == "employee_pension":
        _interest(context, found)


@dataclass(frozen=True)
class Move:
    """A movement of an account in fen: its month of this year (none: before), whether it opened the account, and
    whether it is interest of this year, credited when the account was closed."""

    month: dt.date | None
    opening: bool
    credited: bool
    amount: int


def _account_facts(person: Known, moves: Sequence[Move], at: dt.date) -> None:
    """The balance interest starts from, and a record of every month after it: a month without a movement earns, too.

    An account the books took over this year is known from that month only; what was earned before is in its opening.
    Interest of this year that was credited already is in the balance, and is earned but once.
    """
    person.balance = sum(move.amount for move in moves)
    before = dt.date(at.year - 1, 12, 1)
    taken_over = max((move.month for move in moves if move.opening and move.month), default=before)
    later: dict[dt.date, int] = defaultdict(int)
    for move in moves:
        if move.month is not None and move.month > taken_over:
            later[move.month] += move.amount
    credited = sum(move.amount for move in moves if move.credited)
    person.facts["opening_balance"] = yuan(person.balance - sum(later.values()) - credited)
    person.facts["account_months"] = [
        {
            "account_month": month_text(month),
            "month_credits": yuan(max(later[month], 0)),
            "month_withdrawals": yuan(max(-later[month], 0)),
        }
        for month in (dt.date(at.year, n, 1) for n in range(1, at.month + 1))
        if month > taken_over
    ]


def _interest(context: Context, found: Mapping[int, Known]) -> None:
    for person in found.values():
        person.facts["account_balance"] = yuan(person.balance)
    people = [person for person in found.values() if person.facts["account_months"]]
    table = pa.table(
        {
            "region": pa.array([context.region] * len(people), pa.int8()),
            "opening_balance": pa.array([_fen(p.facts["opening_balance"]) for p in people], pa.int64()),
            "account_months": pa.array([_account_rows(p.facts["account_months"]) for p in people], _ACCOUNT_MONTHS),
        }
    )
    rule = "employee_pension.account_balance_in_year"
    for person, balance in zip(people, _computed(context, rule, table, people), strict=True):
        if balance is not None:
            person.interest = balance - person.balance
            person.facts["account_balance"] = yuan(balance)


def _account_rows(rows: Sequence[Mapping[str, str]]) -> list[dict[str, int]]:
    return [
        {
            "account_month": month_number(month_date(row["account_month"])),
            "month_credits": _fen(row["month_credits"]),
            "month_withdrawals": _fen(row["month_withdrawals"]),
        }
        for row in rows
    ]


def _fen(text: str) -> int:
    return int(text.replace(".", ""))


def _computed(context: Context, rule: str, table: pa.Table, people: Sequence[Known]) -> list[int | None]:
    """A rule's stored values; who is refused gets the reason as ``problem``."""
    if not people:
        return []
    result = context.law.compute([rule], table).table
    for person, status in zip(people, result["status"].to_pylist(), strict=True):
        if status != "ok":
            person.problem = person.problem or status
    return result[0].to_pylist()  # type: ignore[no-any-return]


# -- the employee's scheme -------------------------------------------------------------------------


def _employee_facts(context: Context, found: Mapping[int, Known]) -> None:
    references = References(context)
    for person in found.values():
        carried = person.career.get("contribution_months", 0)
        person.facts |= {
            "retirement_month": month_text(person.until),
            "contribution_months": carried + len(person.paid),
            "deemed_months": person.career.get("deemed_months", 0),
            "transition_index": person.career.get("transition_index", "0.0000"),
            "opening_average_index": person.career.get("average_index", "0.0000"),
            "opening_index_months": carried,
        }
        _index_years(person, references)
        person.problem = person.problem or state(context, person, person.career["facts"])
    _average_index(context, found)


def state(context: Context, person: Known, stated: Mapping[str, Any]) -> str:
    """Adds what a career row or a claim states: facts of the law that nobody else knows.

    It states no history, no rule's result and nothing the books know themselves: no award is claimed ready-made.
    Returns which fact cannot be read as what the law asks, if one cannot; it is not added.
    """
    unreadable = ""
    for name, value in stated.items():
        nodes = context.rulebook.nodes
        node = nodes.get(f"employee_pension.{name}") or nodes.get(f"retirement.{name}")
        if (
            isinstance(node, Fact)
            and not node.over
            and name not in person.facts
            and not isinstance(value, (list, dict))
        ):
            try:
                parse_value(node, value)
            except Refused:
                pass  # empty, or out of range: the law says so when it is asked
            except BookError:
                unreadable = f"{UNREADABLE}: {node.full_name}"
                continue
            person.facts[name] = value
    return unreadable


class References:
    """The reference wage and the contribution year of a month, by the law of that month; asked once each."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.found: dict[dt.date, tuple[int, str]] = {}

    def of(self, month: dt.date) -> tuple[int, str]:
        """Contribution year and reference wage; ``Refused`` if the law does not have it."""
        if month not in self.found:
            law, facts = self.context.law_of(month), {"region": self.context.region}
            year = int(law.explain("contribution_year", facts).exact)
            self.found[month] = year, law.explain("reference_wage", facts).value
        return self.found[month]


def _index_years(person: Known, references: References) -> None:
    """One record for each contribution year: the mean of the bases, and the months."""
    years: dict[tuple[int, str], list[int]] = defaultdict(list)
    try:
        for month, (base, _) in person.paid.items():
            years[references.of(month)].append(base)
    except Refused as refusal:
        person.problem = person.problem or refusal.status
    person.facts["index_years"] = [
        {"own_base": yuan(_mean(bases)), "reference_wage_of_year": wage, "months_paid": len(bases)}
        for (_, wage), bases in sorted(years.items())
    ]


def _mean(amounts: Sequence[int]) -> int:
    """The mean of amounts to the fen, halves up."""
    return (2 * sum(amounts) + len(amounts)) // (2 * len(amounts))


def _average_index(context: Context, found: Mapping[int, Known]) -> None:
    people = [p for p in found.values() if not p.problem and p.facts["contribution_months"] > 0]
    table = pa.table(
        {
            "opening_average_index": pa.array([p.facts["opening_average_index"] for p in people], pa.string()),
            "opening_index_months": pa.array([p.facts["opening_index_months"] for p in people], pa.int64()),
            "index_years": pa.array([_index_rows(p.facts["index_years"]) for p in people], _INDEX_YEARS),
        }
    )
    rule = "employee_pension.average_index_of_history"
    for person, index in zip(people, _computed(context, rule, table, people), strict=True):
        if index is not None:
            person.facts["average_index"] = index_text(index)


def _index_rows(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, int]]:
    return [
        {
            "own_base": _fen(row["own_base"]),
            "reference_wage_of_year": _fen(row["reference_wage_of_year"]),
            "months_paid": row["months_paid"],
        }
        for row in rows
    ]


# -- the resident's scheme -------------------------------------------------------------------------


def _resident_facts(found: Mapping[int, Known]) -> None:
    """Years paid before the books and in them, and the account by its entries."""
    for person in found.values():
        years = {month.year for month in person.paid}
        carried = person.career.get("contribution_months", 0)
        person.facts = {
            "region": person.facts["region"],
            "birth_month": person.facts["birth_month"],
            "resident_contribution_years": carried // 12 + len(years),
            "resident_account_balance": yuan(person.balance),
        }
        if (start := person.career["facts"].get("scheme_start_month")) is not None:
            person.facts["scheme_start_month"] = start


# -- stored facts again as columns -----------------------------------------------------------------


def groups(facts: Mapping[int, Mapping[str, Any]]) -> list[tuple[list[int], pa.Table]]:
    """People whose facts bear the same names, with these facts as text columns: a missing fact is no null fact."""
    by_names: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for person_id, own in facts.items():
        by_names[tuple(sorted(name for name, value in own.items() if not isinstance(value, list)))].append(person_id)
    return [
        (people, pa.table({name: pa.array([_text(facts[p][name]) for p in people]) for name in names}))
        for names, people in by_names.items()
    ]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else json.dumps(value)
