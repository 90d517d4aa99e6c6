"""What contributions of a month should be, what is booked, and the rows that were missing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shebao.books import BooksError
from shebao.month import bills as billing
from shebao.month.bills import Bills
from shebao.month.context import Context
from shebao.month.facts import compute, compute_published, constant, integers, last_day, next_month, partition

#: The law's rules for the columns of a contribution, by scheme; the bit by which a row's schemes are told.
RULES = {
    "employee_pension": {
        "base": "employee_pension.contribution_base",
        "employee": "employee_pension.employee_contribution",
        "employer": "employee_pension.employer_contribution",
        "account_credit": "employee_pension.account_credit",
    },
    "unemployment": {
        "base": "contribution_base",
        "employee": "unemployment.employee_contribution",
        "employer": "unemployment.employer_contribution",
    },
    "work_injury": {
        "base": "contribution_base",
        "employee": "work_injury.employee_contribution",
        "employer": "work_injury.employer_contribution",
    },
}
BITS = {scheme: 1 << place for place, scheme in enumerate(RULES)}
RESIDENT = "resident_pension"
RESIDENT_RULES = {
    "employee": "resident_pension.resident_contribution",
    "account_credit": "resident_pension.account_credit",
}
_PLACES = {scheme: place for place, scheme in enumerate((*RULES, RESIDENT))}

_MONEY = ("base", "employee", "employer", "account_credit")
_KEY = ("person_id", "scheme", "employer_id")


@dataclass
class Found:
    """What collecting met besides bills: how many rows it wrote, and what a reader should know."""

    people: int = 0
    rows: int = 0
    without: dict[str, int] = field(default_factory=dict)
    twice: int = 0
    waiting: dict[str, int] = field(default_factory=dict)


# -- employees and flexible workers: by months ----------------------------------------------------------


def collect_month(context: Context, month: dt.date, bills: Bills, found: Found) -> None:
    """Books what the contributions of a month lack, for everybody (the month itself) or those touched (earlier)."""
    declared = context.books.copy_out(_declared(context, month), **_values(context, month))
    employers = Employers(context, month)
    expected = _expected(context, month, declared, employers, found) if declared.num_rows else None
    missing = _difference(expected, _booked(context, month, list(RULES)))
    if missing is None or not missing.num_rows:
        return
    payers = missing["employer_id"].is_null()
    due = employers.due_on(context)
    numbers = _issue(context, month, bills, missing, employers, due, payers)
    _write(context, month, missing, numbers)
    found.rows += missing.num_rows
    found.people += len(pc.unique(missing["person_id"]))


def _values(context: Context, month: dt.date) -> dict[str, Any]:
    return {"r": context.region, "booked": context.month, "m": month, "next": next_month(month)}


def _touched(context: Context, month: dt.date, column: str = "person_id") -> str:
    """Of an earlier month only the people touched count; of the month itself everybody does."""
    if month == context.month:
        return ""
    return f"AND {column} IN (SELECT t.person_id FROM touched t WHERE t.month = %(m)s)"


def _declared(context: Context, month: dt.date) -> str:
    """Everybody declared or paying alone: wage or chosen base, the bits of the schemes, since when taking part."""
    bits = " ".join(f"WHEN '{scheme}' THEN {bit}" for scheme, bit in BITS.items())
    # Materialized: made once, where each parallel worker would make it for itself.
    return f"""
        WITH taking_part AS MATERIALIZED (
            SELECT person_id, employer_id, bit_or(CASE scheme {bits} ELSE 0 END) AS schemes, max(lower(valid)) AS since
            FROM participation
            WHERE region = %(r)s AND kind = 'employee' AND upper_inf(known)
              AND valid && daterange(%(m)s, %(next)s) {_touched(context, month)}
            GROUP BY person_id, employer_id)
        SELECT d.person_id, d.employer_id, d.area, d.wage, coalesce(p.schemes, 0) AS schemes, p.since
        FROM declaration d
        LEFT JOIN (SELECT person_id, employer_id, max(version) AS version FROM declaration
                   WHERE month = %(m)s AND region = %(r)s AND booked <= %(booked)s AND version > 0
                   GROUP BY person_id, employer_id) c ON c.person_id = d.person_id AND c.employer_id = d.employer_id
        LEFT JOIN taking_part p ON p.person_id = d.person_id AND p.employer_id = d.employer_id
        WHERE d.month = %(m)s AND d.region = %(r)s AND d.booked <= %(booked)s AND d.version = coalesce(c.version, 0)
          AND NOT d.withdrawn {_touched(context, month, "d.person_id")}
        UNION ALL
        SELECT person_id, NULL, area, chosen_base, {BITS["employee_pension"]}, lower(valid)
        FROM participation
        WHERE region = %(r)s AND kind = 'flexible' AND scheme = 'employee_pension' AND upper_inf(known)
          AND valid && daterange(%(m)s, %(next)s) {_touched(context, month)}"""


def _expected(
    context: Context, month: dt.date, declared: pa.Table, employers: Employers, found: Found
) -> pa.Table | None:
    alone = declared["employer_id"].is_null().to_numpy()
    person, employer = integers(declared["person_id"]), integers(declared["employer_id"], -1)
    given = integers(declared["schemes"])
    if month == context.month:
        _count_missing(given[~alone], found)
    schemes = _one_payer_each(person, employer, given, integers(declared["since"].cast(pa.int32()), -1))
    found.twice += int(np.count_nonzero(schemes != given))
    facts = employers.facts(declared, alone)
    parts = []
    for mask in np.unique(schemes[schemes > 0]):
        rows = np.flatnonzero(schemes == mask)
        parts += _contributions(context, month, facts if len(rows) == len(schemes) else facts.take(rows), int(mask))
    return pa.concat_tables(parts) if parts else None


def _count_missing(schemes: np.ndarray[Any, Any], found: Found) -> None:
    for scheme, bit in BITS.items():
        if absent := int(np.count_nonzero(schemes & bit == 0)):
            found.without[scheme] = found.without.get(scheme, 0) + absent


def _one_payer_each(
    person: np.ndarray[Any, Any],
    employer: np.ndarray[Any, Any],
    schemes: np.ndarray[Any, Any],
    since: np.ndarray[Any, Any],
) -> np.ndarray[Any, Any]:
    """A month counts once in a scheme: who changed payers within it pays through the later one."""
    if len(np.unique(person)) == len(person):
        return schemes
    kept = schemes.copy()
    for bit in BITS.values():
        has = np.flatnonzero(schemes & bit)
        has = has[np.lexsort((employer[has], since[has], person[has]))]
        earlier = has[:-1][person[has][:-1] == person[has][1:]]
        kept[earlier] &= ~bit
    return kept


def _contributions(context: Context, month: dt.date, facts: pa.Table, mask: int) -> list[pa.Table]:
    schemes = [scheme for scheme, bit in BITS.items() if mask & bit]
    rules = list(dict.fromkeys(rule for scheme in schemes for rule in RULES[scheme].values()))
    amounts = compute(context, month, rules, facts)
    none = pa.array(np.zeros(facts.num_rows, dtype=np.int64))
    return [_rows(facts, scheme, {m: amounts[rule] for m, rule in RULES[scheme].items()}, none) for scheme in schemes]


def _rows(facts: pa.Table, scheme: str, amounts: dict[str, Any], none: pa.Array) -> pa.Table:
    who = {name: facts[name] for name in ("person_id", "employer_id", "area")}
    place = constant(_PLACES[scheme], pa.int8(), facts.num_rows)
    return pa.table({**who, "scheme": place, **{name: amounts.get(name, none) for name in _MONEY}})


class Employers:
    """The employers of a region in a month: what the law asks of them, their area and when they must pay."""

    def __init__(self, context: Context, month: dt.date) -> None:
        # A change within the month holds for all of it.
        self.rows = context.books.copy_out(
            """SELECT DISTINCT ON (employer_id) employer_id, area, size, deferral_granted, industry_class, float_ratio
               FROM employer_record
               WHERE region = %(r)s AND upper_inf(known) AND valid && daterange(%(m)s, %(next)s)
               ORDER BY employer_id, lower(valid) DESC""",
            **_values(context, month),
        )
        self.ids = integers(self.rows["employer_id"])
        self.month, self.region = month, context.region

    def at(self, employers: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Where each employer stands; ``BooksError`` if one has no record in the month."""
        at = np.searchsorted(self.ids, employers)
        lost = np.flatnonzero(self.ids[np.minimum(at, len(self.ids) - 1)] != employers) if len(self.ids) else [0]
        if len(employers) and len(lost):
            raise BooksError(
                f"{self.month:%Y-%m}: employer {employers[lost[0]]} is declared for and has no record in that month "
                f"该单位当月无登记（{len(lost)}）"
            )
        return at

    def facts(self, declared: pa.Table, alone: np.ndarray[Any, Any]) -> pa.Table:
        """The law's columns for those declared; nothing of an employer for who pays alone."""
        ids = integers(declared["employer_id"], -1)
        at = np.zeros(len(ids), dtype=np.int64)
        at[~alone] = self.at(ids[~alone])
        where = pa.array(at, mask=alone)
        size = self.rows["size"].combine_chunks().dictionary_encode()
        of = {name: self.rows[name].combine_chunks().take(where) for name in ("deferral_granted", "industry_class")}
        return pa.table(
            {
                **{name: declared[name] for name in ("person_id", "employer_id", "area")},
                "average_monthly_wage": pc.if_else(pa.array(alone), None, declared["wage"]),
                "chosen_base": pc.if_else(pa.array(alone), declared["wage"], None),
                "flexible_worker": pa.array(alone),
                "employer_size": size.take(where),
                "float_ratio": self.rows["float_ratio"].combine_chunks().take(where),
                "region": constant(self.region, pa.int16(), declared.num_rows),
                **of,
            }
        )

    def due_on(self, context: Context) -> pa.Array:
        """The last day of the month in which the law wants each employer's contributions of this month."""
        if not self.rows.num_rows:
            return pa.array([], pa.date32())
        rule = "employee_pension.employer_due_month"
        months = compute(context, self.month, [rule], self.rows.select(["deferral_granted"]), None)[rule]
        return _last_days(integers(months))


def _last_days(months: np.ndarray[Any, Any]) -> pa.Array:
    """The last day of each of the engine's months (year × 12 + month − 1)."""
    found, at = np.unique(months, return_inverse=True)
    days = [last_day(dt.date(int(index) // 12, int(index) % 12 + 1, 1)) for index in found]
    return pa.array(days, pa.date32()).take(pa.array(at))


# -- residents: by years ---------------------------------------------------------------------------------


def collect_residents(context: Context, year: int, bills: Bills, found: Found) -> None:
    """Books what the yearly contributions lack. A resident pays once for the calendar year, any time in it.

    The contribution stands under January, by January's law; of several grades in a year the last counts.
    """
    january = dt.date(year, 1, 1)
    chosen = context.books.copy_out(
        """SELECT DISTINCT ON (person_id) person_id, NULL::bigint AS employer_id, area, grade AS resident_grade, region
           FROM participation
           WHERE region = %(r)s AND kind = 'resident' AND scheme = 'resident_pension' AND upper_inf(known)
             AND valid && daterange(%(m)s, least(%(m)s + interval '1 year', %(booked)s + interval '1 month')::date)
             AND person_id IN (SELECT t.person_id FROM touched_resident t WHERE t.month = %(m)s)
           ORDER BY person_id, lower(valid) DESC""",
        m=january,
        r=context.region,
        booked=context.month,
    )
    expected = _resident_rows(context, january, chosen, found) if chosen.num_rows else None
    missing = _difference(expected, _booked(context, january, [RESIDENT]))
    if missing is None or not missing.num_rows:
        return
    numbers = _issue_alone(context, january, bills, missing, dt.date(year, 12, 31), "regular")
    _write(context, january, missing, numbers)
    found.rows += missing.num_rows
    found.people += len(pc.unique(missing["person_id"]))


def _resident_rows(context: Context, january: dt.date, chosen: pa.Table, found: Found) -> pa.Table:
    """Who waits for the province's subsidy to be published is not billed yet: the year is still open to them."""
    chosen, amounts, waiting = compute_published(context, january, list(RESIDENT_RULES.values()), chosen)
    for name, count in waiting.items():
        found.waiting[name] = found.waiting.get(name, 0) + count
    none = pa.array(np.zeros(chosen.num_rows, dtype=np.int64))
    return _rows(chosen, RESIDENT, {name: amounts[rule] for name, rule in RESIDENT_RULES.items()}, none)


# -- expected less booked ----------------------------------------------------------------------------------


def _booked(context: Context, month: dt.date, schemes: list[str]) -> pa.Table | None:
    """What is booked of a month, by person, scheme and payer; none if the region has no bill about the month."""
    books, values = context.books, _values(context, month)
    if not books.value("SELECT EXISTS (SELECT FROM bill WHERE region = %(r)s AND month = %(m)s)", **values):
        return None
    touched = "touched_resident" if schemes == [RESIDENT] else "touched"
    only = (
        f"AND person_id IN (SELECT t.person_id FROM {touched} t WHERE t.month = %(m)s)"
        if (schemes == [RESIDENT] or month != context.month)
        else ""
    )
    places = " ".join(f"WHEN '{scheme}' THEN {place}" for scheme, place in _PLACES.items())
    sums = ", ".join(f"sum({name})::bigint AS {name}" for name in _MONEY)
    return books.copy_out(
        f"""SELECT person_id, employer_id, max(area)::bigint AS area, (CASE scheme {places} END)::smallint AS scheme,
                   {sums}, max(version) AS version
            FROM contribution
            WHERE month = %(m)s AND region = %(r)s AND scheme = ANY (%(schemes)s::scheme[]) {only}
            GROUP BY person_id, scheme, employer_id""",
        schemes=schemes,
        **values,
    )


def _difference(expected: pa.Table | None, booked: pa.Table | None) -> pa.Table | None:
    """The rows that bring what is booked to what is expected, with their versions; nothing where they agree."""
    if booked is None or not booked.num_rows:
        if expected is None:
            return None
        return expected.append_column("version", constant(0, pa.int16(), expected.num_rows))
    booked = booked.set_column(3, "scheme", booked["scheme"].cast(pa.int8()))
    parts = [_signed(booked, -1)]
    if expected is not None:
        parts.append(_signed(expected.append_column("version", constant(-1, pa.int16(), expected.num_rows)), 1))
    sums = [(name, "sum") for name in _MONEY]
    found = pa.concat_tables(parts).group_by(_KEY).aggregate([*sums, ("area", "max"), ("version", "max")])
    found = found.rename_columns([*_KEY, *_MONEY, "area", "version"])
    found = found.sort_by([(name, "ascending") for name in _KEY])
    versions, differs = _versions(found)
    kept = np.flatnonzero(differs)
    return found.drop_columns("version").append_column("version", pa.array(versions)).take(kept)


def _signed(rows: pa.Table, sign: int) -> pa.Table:
    columns = {name: rows[name] for name in (*_KEY, "area")}
    columns |= {name: pc.multiply(rows[name].cast(pa.int64()), sign) for name in _MONEY}
    return pa.table({**columns, "version": rows["version"].cast(pa.int16())})


def _versions(rows: pa.Table) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """The next version of each row that differs, counted over the person and scheme; and which do differ."""
    differs = np.zeros(rows.num_rows, dtype=bool)
    for name in _MONEY:
        differs |= integers(rows[name]) != 0
    key = integers(rows["person_id"]) * len(_PLACES) + integers(rows["scheme"])
    starts = np.flatnonzero(np.append(True, key[1:] != key[:-1]))
    group = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(key))))
    last = np.maximum.reduceat(integers(rows["version"]), starts)[group]
    order = np.cumsum(differs)
    before = (order - differs)[starts][group]
    return (last + order - before).astype(np.int16), differs


# -- bills and rows ------------------------------------------------------------------------------------------


def _issue(
    context: Context,
    month: dt.date,
    bills: Bills,
    missing: pa.Table,
    employers: Employers,
    due: pa.Array,
    alone: pa.ChunkedArray,
) -> np.ndarray[Any, Any]:
    """A bill for every payer of the missing rows; the number of the bill of each row."""
    numbers = np.zeros(missing.num_rows, dtype=np.int64)
    kind = "regular" if month == context.month else "correction"
    own = np.flatnonzero(alone.to_numpy())
    if len(own):
        numbers[own] = _issue_alone(context, month, bills, missing.take(own), last_day(month), kind)
    theirs = np.flatnonzero(~alone.to_numpy())
    if len(theirs):
        rows = missing.take(theirs)
        ids, at = np.unique(integers(rows["employer_id"]), return_inverse=True)
        where = pa.array(employers.at(ids))
        kinds = _kinds(context, month, kind, "employer_id", ids)
        issued = billing.table(
            len(ids), month, kinds, due.take(where), area=employers.rows["area"].take(where), employer_id=ids
        )
        numbers[theirs] = bills.issue(issued, _lines(rows, at))[at]
    return numbers


def _issue_alone(
    context: Context, month: dt.date, bills: Bills, rows: pa.Table, due: dt.date, kind: str
) -> np.ndarray[Any, Any]:
    ids, first, at = np.unique(integers(rows["person_id"]), return_index=True, return_inverse=True)
    kinds = _kinds(context, month, kind, "person_id", ids)
    issued = billing.table(len(ids), month, kinds, due, area=rows["area"].take(pa.array(first)), person_id=ids)
    numbers: np.ndarray[Any, Any] = bills.issue(issued, _lines(rows, at))[at]
    return numbers


def _kinds(context: Context, month: dt.date, kind: str, payer: str, ids: np.ndarray[Any, Any]) -> pa.Array:
    """A payer's first bill about a month is regular, those that follow correct it."""
    if kind == "regular":
        billed = context.books.rows(
            f"""SELECT {payer} FROM bill
                WHERE region = %(r)s AND month = %(m)s AND kind = 'regular' AND {payer} IS NOT NULL""",
            r=context.region,
            m=month,
        )
        again = np.isin(ids, np.array([row[0] for row in billed], dtype=np.int64))
        return pa.array(np.where(again, "correction", "regular"))
    return constant(kind, pa.string(), len(ids))


def _lines(rows: pa.Table, bill: np.ndarray[Any, Any]) -> pa.Table:
    names = pa.array(list(_PLACES))
    scheme = pa.DictionaryArray.from_arrays(rows["scheme"].combine_chunks().cast(pa.int8()), names)
    lines = pa.table(
        {"bill": bill, "scheme": scheme, **{name: rows[name] for name in _MONEY if name != "base"}},
    )
    sums = lines.group_by(["bill", "scheme"]).aggregate([(name, "sum") for name in lines.column_names[2:]])
    return sums.rename_columns(lines.column_names)


def _write(context: Context, month: dt.date, missing: pa.Table, numbers: np.ndarray[Any, Any]) -> None:
    """Streams the rows into the books."""
    context.books.ensure_months([month])
    done, total = 0, missing.num_rows

    def batches() -> Any:
        nonlocal done
        # In the order of the key: the index then grows at its end only.
        order = np.lexsort((integers(missing["scheme"]), integers(missing["person_id"])))
        rows = missing.append_column("bill", pa.array(numbers)).combine_chunks().take(pa.array(order))
        for batch in rows.to_batches(1 << 17):
            yield _placed(context, month, batch)
            done += batch.num_rows
            context.tell("collect", done, total)

    context.books.copy_in(partition("contribution", month), batches())


def _placed(context: Context, month: dt.date, batch: pa.RecordBatch) -> pa.RecordBatch:
    columns = {name: batch[name] for name in batch.schema.names}
    columns["scheme"] = pa.array(list(_PLACES)).take(batch["scheme"])
    rows = batch.num_rows
    return pa.RecordBatch.from_pydict(
        {
            "month": constant(month, pa.date32(), rows),
            **columns,
            "region": constant(context.region, pa.int16(), rows),
            "booked": constant(context.month, pa.date32(), rows),
        }
    )
