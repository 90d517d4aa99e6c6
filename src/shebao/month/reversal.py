"""Bills that money taken back from a payer had covered: the payer owes them again.

A bill that is not settled is covered by less. One that is settled was credited to people and funds: all that is settled
of its payer and month is reversed, with every contribution in it, and billed anew under another number. The next credit
step settles the reversal, which takes the credits back, and whatever rests on them follows. Nothing booked is touched.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from shebao.books import Books
from shebao.month.allocation import unused
from shebao.month.bills import reference

#: What a bill is about, and the kinds of the bill that reverses one and of the bill that takes its place.
_ABOUT = {"regular": "contributions", "correction": "contributions", "reversal": "contributions"}
_ABOUT |= {"assessed": "assessed", "assessed_reversal": "assessed", "late_fee": "late_fee"}
_KINDS = {
    "contributions": ("reversal", "correction"),
    "assessed": ("assessed_reversal", "assessed"),
    "late_fee": ("late_fee", "late_fee"),
}


@dataclass(frozen=True)
class Uncovered:
    """What bills lack now, in fen, and the numbers of the bills that take the place of settled ones, by these."""

    amount: int
    anew: dict[int, int]


class _Bill(NamedTuple):
    number: int
    month: dt.date
    kind: str
    about: int | None
    amount: int
    covered: int
    settled: bool

    @property
    def group(self) -> tuple[dt.date, str, int | None]:
        """Bills that correct one another are reversed together: else a correction would take what is gone already."""
        return self.month, _ABOUT[self.kind], self.about if self.kind == "late_fee" else None


class _Cover(NamedTuple):
    """Fen that cover a bill from a day on."""

    number: int
    day: dt.date
    amount: int


def uncover(books: Books, region: int, booked: dt.date, payer: int, day: dt.date) -> Uncovered:
    """Takes from the payer's bills what covers them and is not the payer's any more: money that counted from ``day``.

    First what counts from that day, then what is newest. Settled bills are reversed whole; what the payer had paid of
    them itself is unused then.
    """
    lacking = short = max(-unused(books, region, payer), 0)
    bills = {bill.number: bill for bill in (_Bill(*row) for row in books.rows(_BILLS, r=region, p=payer))}
    taken: list[_Cover] = []
    reversed_: dict[tuple[dt.date, str, int | None], list[_Bill]] = {}
    covers = [_Cover(*row) for row in books.rows(_COVERS, r=region, p=payer)]
    covers.sort(key=lambda c: (c.day != day, bills[c.number].settled, -c.day.toordinal(), -c.number))
    for cover in covers:
        if short <= 0:
            break
        bill = bills[cover.number]
        if not bill.settled:
            taken.append(cover._replace(amount=min(short, cover.amount)))
            short -= taken[-1].amount
        elif bill.group not in reversed_:
            reversed_[bill.group] = _counting(bills.values(), bill.group)
            short -= max(_fen(reversed_[bill.group]), 0)
    _take(books, region, booked, taken)
    anew: dict[int, int] = {}
    for group in reversed_.values():
        if _fen(group) > 0:  # else corrections have passed its money on
            number = _reverse(books, region, booked, group, day)
            anew |= {bill.number: number for bill in group if bill.amount > 0}
    return Uncovered(lacking, anew)


def _fen(bills: Iterable[_Bill]) -> int:
    return sum(bill.amount for bill in bills)


_PAYER = "coalesce(b.employer_id, -b.person_id) = %(p)s"

_BILLS = f"""
    SELECT b.number, b.month, b.kind::text, b.about, b.amount, coalesce(a.amount, 0), s.number IS NOT NULL
    FROM bill b LEFT JOIN bill_settlement s ON s.region = b.region AND s.number = b.number
    LEFT JOIN LATERAL (SELECT sum(amount)::bigint AS amount FROM allocation a
                       WHERE a.region = b.region AND a.number = b.number) a ON true
    WHERE b.region = %(r)s AND {_PAYER} ORDER BY b.number"""

_COVERS = f"""
    SELECT a.number, a.value_date, sum(a.amount)::bigint FROM allocation a JOIN bill b USING (region, number)
    WHERE a.region = %(r)s AND {_PAYER} AND b.amount > 0
    GROUP BY a.number, a.value_date HAVING sum(a.amount) > 0"""


def _counting(bills: Iterable[_Bill], group: tuple[dt.date, str, int | None]) -> list[_Bill]:
    """The bills of a group that are settled, or will be by the next credit step whatever is paid."""
    own = [bill for bill in bills if bill.group == group]
    open_ = [b.number for b in own if b.kind in ("regular", "correction") and b.amount != b.covered]
    return [
        b
        for b in own
        if b.settled or (b.amount <= 0 and not (b.kind == "correction" and open_ and open_[0] < b.number))
    ]


def _take(books: Books, region: int, booked: dt.date, taken: Sequence[_Cover]) -> None:
    books.execute(
        """INSERT INTO allocation (region, number, version, area, booked, value_date, amount)
           SELECT b.region, b.number,
                  (SELECT max(a.version) FROM allocation a WHERE a.region = b.region AND a.number = b.number)
                      + row_number() OVER (PARTITION BY b.number ORDER BY w.day),
                  b.area, %(m)s, w.day, -w.amount
           FROM unnest(%(numbers)s::bigint[], %(days)s::date[], %(amounts)s::bigint[]) AS w (number, day, amount)
           JOIN bill b ON b.region = %(r)s AND b.number = w.number""",
        numbers=[cover.number for cover in taken],
        days=[cover.day for cover in taken],
        amounts=[cover.amount for cover in taken],
        r=region,
        m=booked,
    )


def _reverse(books: Books, region: int, booked: dt.date, group: Sequence[_Bill], day: dt.date) -> int:
    """Adds a bill that takes back what these come to, and one that asks for it again; returns the number of that.

    The payer had all of it covered on a day: from the next on it is late again. The reversal is money of ``day``, in
    the place of what was taken away; it is set against nothing, so it is covered at once.
    """
    back = int(books.value("SELECT max(number) + 1 FROM bill WHERE region = %(r)s", r=region))
    values = {"r": region, "m": booked, "bills": [bill.number for bill in group], "back": back, "anew": back + 1}
    first, fen = next(bill for bill in group if bill.amount > 0), _fen(group)
    kinds = _KINDS[_ABOUT[first.kind]]
    about = first.about if first.kind == "late_fee" else max(b.number for b in group if b.amount > 0)
    names = {"references": [reference(region, back), reference(region, back + 1)], "kinds": list(kinds)}
    books.execute(_BILL, about=about, day=day, fen=fen, like=first.number, **names, **values)
    books.execute(_LINES, **values)
    books.execute(_CONTRIBUTIONS, month=first.month, **values)
    books.execute(
        """INSERT INTO allocation (region, number, version, area, booked, value_date, amount)
           SELECT region, number, 0, area, booked, due_on, amount FROM bill
           WHERE region = %(r)s AND number = %(back)s""",
        **values,
    )
    return back + 1


_BILL = """
    INSERT INTO bill (region, number, area, month, booked, kind, employer_id, person_id, reference, due_on, amount,
                      about)
    SELECT b.region, n.number, b.area, b.month, %(m)s, n.kind::bill_kind, b.employer_id, b.person_id, n.reference,
           CASE n.number WHEN %(back)s THEN %(day)s ELSE covered.on END,
           CASE n.number WHEN %(back)s THEN -%(fen)s ELSE %(fen)s END, %(about)s
    FROM bill b
    CROSS JOIN unnest(ARRAY[%(back)s, %(anew)s]::bigint[], %(kinds)s::text[], %(references)s::text[])
        AS n (number, kind, reference)
    CROSS JOIN (SELECT greatest(max(x.due_on), max(a.value_date)) AS on FROM bill x
                JOIN allocation a USING (region, number)
                WHERE x.region = %(r)s AND x.number = ANY (%(bills)s) AND x.amount > 0) covered
    WHERE b.region = %(r)s AND b.number = %(like)s"""

_SIDES = "(VALUES (%(back)s::bigint, -1, 1), (%(anew)s::bigint, 1, 2)) AS n (number, sign, place)"

_LINES = f"""
    INSERT INTO bill_line (region, number, scheme, area, booked, employee, employer, account_credit, late_fee)
    SELECT l.region, n.number, l.scheme, max(l.area), %(m)s, n.sign * sum(l.employee), n.sign * sum(l.employer),
           n.sign * sum(l.account_credit), n.sign * sum(l.late_fee)
    FROM bill_line l CROSS JOIN {_SIDES}
    WHERE l.region = %(r)s AND l.number = ANY (%(bills)s) GROUP BY l.region, n.number, n.sign, l.scheme"""

_CONTRIBUTIONS = f"""
    INSERT INTO contribution (month, person_id, scheme, version, region, area, employer_id, bill, base, employee,
                              employer, account_credit, booked)
    SELECT c.month, c.person_id, c.scheme,
           (SELECT max(x.version) FROM contribution x WHERE x.month = c.month AND x.person_id = c.person_id
            AND x.scheme = c.scheme AND x.region = c.region) + n.place,
           c.region, max(c.area), c.employer_id, n.number, n.sign * sum(c.base), n.sign * sum(c.employee),
           n.sign * sum(c.employer), n.sign * sum(c.account_credit), %(m)s
    FROM contribution c CROSS JOIN {_SIDES}
    WHERE c.region = %(r)s AND c.month = %(month)s AND c.bill = ANY (%(bills)s)
    GROUP BY c.month, c.person_id, c.scheme, c.region, c.employer_id, n.number, n.sign, n.place
    HAVING num_nulls(nullif(sum(c.base), 0), nullif(sum(c.employee), 0), nullif(sum(c.employer), 0),
                     nullif(sum(c.account_credit), 0)) < 4"""
