"""Suspense 待查收款: money that came in and quoted no bill of ours, until an officer finds out whose it is.

Nothing of the receipt is edited: who had paid it is a row of its own, and from then on it is that payer's money as if
the bill had been quoted, counted from the day on which the bank had it. If it proves another's it goes back into
suspense by a further row, and what it had covered is owed again (see :mod:`shebao.month.reversal`).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import NamedTuple

from shebao.books import Books, BooksError
from shebao.books.ledger import Entry, Posting, post
from shebao.month.allocation import allocate
from shebao.month.bills import read_reference, reference
from shebao.month.reversal import uncover

#: Of a row ``{0}`` of ``receipt``: nobody recognised it, and nobody has found out whose it is.
IN_SUSPENSE = """num_nonnulls({0}.employer_id, {0}.person_id) = 0 AND NOT EXISTS (
    SELECT FROM receipt_assignment_now f WHERE f.region = {0}.region AND f.receipt = {0}.id)"""


@dataclass(frozen=True)
class Suspended:
    """A receipt in suspense: its id, the day and fen, what was quoted, and whom the bank names as its payer."""

    id: str
    value_date: dt.date
    amount: int
    reference: str
    debtor: str
    debtor_account: str


@dataclass(frozen=True)
class Assigned:
    """What became of a receipt: its fen, whose it is, the month booked in, and the fen it covers of bills at once.

    ``known``: it had been assigned to this payer before, and nothing was changed. What it does not cover waits for the
    payer's next bill.
    """

    receipt: str
    amount: int
    payer: str
    booked: dt.date
    covered: int
    known: bool = False


@dataclass(frozen=True)
class Unassigned:
    """What became of a receipt given to the wrong payer: its fen, whose it was thought to be, and the month booked in.

    ``lacking``: how many fen of the payer's bills it had covered, owed again now. ``anew``: references of bills that
    were settled, each with that of the bill in its place. ``known``: it was in suspense, and nothing was changed.
    """

    receipt: str
    amount: int
    payer: str
    booked: dt.date | None = None
    lacking: int = 0
    anew: dict[str, str] = field(default_factory=dict)
    known: bool = False


def suspended(books: Books, region: int) -> list[Suspended]:
    """What is held in suspense in a region, oldest first."""
    rows = books.rows(
        f"""SELECT x.id, x.value_date, x.amount, x.reference, coalesce(i.raw ->> 'debtor', ''),
                   coalesce(i.raw ->> 'debtor_account', '')
            FROM receipt x LEFT JOIN import_row i ON i.file_id = x.file_id AND i.detail = x.id
            WHERE x.region = %(r)s AND {IN_SUSPENSE.format("x")} ORDER BY x.value_date, x.id""",
        r=region,
    )
    return [Suspended(*row) for row in rows]


def assign(books: Books, region: int, receipt: str, payer: str, officer: str, reason: str) -> Assigned:
    """Takes a receipt out of suspense and gives it to its payer, whose oldest open bills it covers at once.

    ``payer`` is a credit code, a citizen number, or the reference of a bill, which then comes first. Done again for the
    same payer it changes nothing. ``BooksError`` if the receipt is not in suspense or another's already, the payer is
    not known in the region, or the officer has no duty ``run`` at its provincial office; and without a reason.
    """
    if not reason.strip():
        raise BooksError("money is assigned only for a reason 认领须说明理由")
    with books.transaction():
        _enter(books, region, officer)
        owner, held = _owner(books, region, payer), _held(books, region, receipt)
        if held.payer is not None and held.booked is not None:
            if held.payer != owner.id:
                raise BooksError(
                    f"{receipt} was assigned to another payer; shebao bank unassign takes it back first "
                    "该到账已由其他缴费人认领，须先收回"
                )
            return Assigned(receipt, held.amount, payer, held.booked, 0, known=True)
        booked = books.booking_month(region, "credit")
        _record(books, region, receipt, booked, owner, officer, reason)
        _post(books, region, receipt, booked, held, held.amount, "认领", "assigned to its payer")
        return Assigned(receipt, held.amount, payer, booked, _cover(books, region, booked, owner))


def unassign(books: Books, region: int, receipt: str, officer: str, reason: str) -> Unassigned:
    """Takes a receipt from the payer it was given to wrongly; it is in suspense again, and may be assigned anew.

    What the payer has paid besides stays with its bills; what these lack then is owed again. Bills that were settled
    are billed anew, and the next credit step takes back what they had credited. ``BooksError`` if the receipt quoted a
    bill, the officer has no duty ``run`` at its provincial office; and without a reason.
    """
    if not reason.strip():
        raise BooksError("money is taken back only for a reason 收回须说明理由")
    with books.transaction():
        _enter(books, region, officer)
        held = _held(books, region, receipt)
        if held.payer is None:
            return Unassigned(receipt, held.amount, "", known=True)
        booked = books.booking_month(region, "credit")
        allocate(books, region, booked, payers=[held.payer])
        _record(books, region, receipt, booked, _NOBODY, officer, reason)
        _post(books, region, receipt, booked, held, -held.amount, "收回", "taken back from its payer")
        found = uncover(books, region, booked, held.payer, held.value_date)
        allocate(books, region, booked, payers=[held.payer])
        anew = {reference(region, old): reference(region, new) for old, new in found.anew.items()}
        return Unassigned(receipt, held.amount, _code(books, held.payer), booked, found.amount, anew)


class _Owner(NamedTuple):
    """An employer, or a person who pays alone; and the bill, if one was named."""

    employer_id: int | None
    person_id: int | None
    bill: int | None = None

    @property
    def id(self) -> int:
        """The payer as allocation knows it."""
        return self.employer_id if self.employer_id is not None else -(self.person_id or 0)


_NOBODY = _Owner(None, None)


class _Held(NamedTuple):
    """A receipt that quoted no bill: its fen and day; whose it is and since which month, if it was assigned.

    ``version``: how often that has been said otherwise.
    """

    amount: int
    value_date: dt.date
    payer: int | None
    booked: dt.date | None
    version: int


def _enter(books: Books, region: int, officer: str) -> None:
    """The officer may act, and no run of the region starts; of two officers the second sees what the first did."""
    _check(books, region, officer)
    books.share_region(region)
    books.execute("SELECT pg_advisory_xact_lock(hashtext('journal'), %(r)s)", r=region)


def _check(books: Books, region: int, officer: str) -> None:
    if not books.value(
        """SELECT EXISTS (SELECT FROM officer o JOIN office p USING (area)
                          WHERE o.id = %(o)s AND 'run' = ANY (o.duties) AND p.level = 1 AND p.area = %(a)s)""",
        o=officer,
        a=region * 10_000_000_000,
    ):
        raise BooksError(
            f"{officer} has no duty to run at the provincial office of {region} 非该省级机构经办人或无此权限"
        )


def _owner(books: Books, region: int, payer: str) -> _Owner:
    text = payer.strip().upper()
    quoted = read_reference(text)
    found = books.rows(
        """SELECT employer_id, person_id, number FROM bill
           WHERE region = %(r)s AND region = %(q)s AND number = %(n)s
           UNION ALL
           SELECT e.id, NULL, NULL FROM employer e WHERE e.credit_code = %(t)s AND EXISTS (
               SELECT FROM employer_record k WHERE k.employer_id = e.id AND k.region = %(r)s AND upper_inf(k.known))
           UNION ALL
           SELECT NULL, p.id, NULL FROM person p WHERE p.number = %(t)s AND EXISTS (
               SELECT FROM participation k WHERE k.person_id = p.id AND k.region = %(r)s AND upper_inf(k.known))""",
        t=text,
        r=region,
        q=quoted and quoted[0],
        n=quoted and quoted[1],
    )
    if not found:
        raise BooksError(f"{payer}: no payer or bill of region {region} 该地区无此缴费人或账单")
    return _Owner(*found[0])


def _held(books: Books, region: int, receipt: str) -> _Held:
    found = books.rows(
        """SELECT x.amount, x.value_date, coalesce(f.employer_id, -f.person_id), f.booked,
                  (SELECT count(*) FROM receipt_assignment f WHERE f.region = x.region AND f.receipt = x.id),
                  num_nonnulls(x.employer_id, x.person_id)
           FROM receipt x LEFT JOIN receipt_assignment_now f ON f.region = x.region AND f.receipt = x.id
           WHERE x.region = %(r)s AND x.id = %(i)s""",
        r=region,
        i=receipt,
    )
    if not found:
        raise BooksError(f"region {region} has no receipt {receipt} 无此到账")
    *held, recognised = found[0]
    if recognised:
        raise BooksError(f"{receipt} quoted a bill and is not in suspense 该到账已对应账单，并非待查")
    return _Held(*held)


def _record(books: Books, region: int, receipt: str, booked: dt.date, owner: _Owner, officer: str, reason: str) -> None:
    books.execute(
        """INSERT INTO receipt_assignment (region, receipt, version, area, booked, employer_id, person_id, officer,
                                           reason)
           SELECT region, id,
                  (SELECT count(*) FROM receipt_assignment f WHERE f.region = x.region AND f.receipt = x.id),
                  area, %(b)s, %(e)s, %(p)s, %(o)s, %(why)s FROM receipt x
           WHERE region = %(r)s AND id = %(i)s""",
        r=region,
        i=receipt,
        b=booked,
        e=owner.employer_id,
        p=owner.person_id,
        o=officer,
        why=reason.strip(),
    )


def _post(books: Books, region: int, receipt: str, booked: dt.date, held: _Held, fen: int, zh: str, en: str) -> None:
    """Books ``fen`` as a payer's; negative: as nobody's again."""
    postings = [Posting("collection", "unidentified_receipts", fen), Posting("collection", "prepayments", -fen)]
    key = f"{region:02d}:assigned:{receipt}:{held.version}"
    post(books, region, booked, [Entry(key, "receipts", f"待查收款{zh} receipt {receipt} {en}", postings)])


def _code(books: Books, payer: int) -> str:
    """The credit code or citizen number of a payer."""
    table, column = ("employer", "credit_code") if payer > 0 else ("person", "number")
    return str(books.value(f"SELECT {column} FROM {table} WHERE id = %(i)s", i=abs(payer)))


def _cover(books: Books, region: int, booked: dt.date, owner: _Owner) -> int:
    """Sets the payer's money against its bills; returns by how many fen more they are covered."""
    before = _allocated(books, region, owner.id)
    allocate(books, region, booked, payers=[owner.id], quoted=[] if owner.bill is None else [owner.bill])
    return _allocated(books, region, owner.id) - before


def _allocated(books: Books, region: int, payer: int) -> int:
    return int(
        books.value(
            """SELECT coalesce(sum(a.amount), 0)::bigint FROM allocation a JOIN bill b USING (region, number)
               WHERE a.region = %(r)s AND coalesce(b.employer_id, -b.person_id) = %(p)s""",
            r=region,
            p=payer,
        )
    )
