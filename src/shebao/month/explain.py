"""Why a person was paid and charged what the books say for a month, with the award's tree of reasons."""

from __future__ import annotations

import datetime as dt
from typing import Any

from shebao.books import Books, BooksError


def explain_month(books: Books, number: str, month: dt.date) -> dict[str, Any]:
    """What the month's books hold about a person, as plain data: payments, entitlements, awards, contributions.

    An award carries the facts and the tree of reasons it was made with; a contribution the declaration and the
    participation it was computed from. ``BooksError`` if nobody has the number.
    """
    found = books.rows(
        "SELECT person_id, name FROM person_now WHERE number = %(n)s ORDER BY upper(valid) DESC NULLS FIRST LIMIT 1",
        n=number,
    )
    if not found:
        raise BooksError(f"nobody has the number {number} 无此人")
    person, name = found[0]
    return {
        "number": number,
        "name": name,
        "month": f"{month:%Y-%m}",
        **{what: _dicts(books, query, p=person, m=month) for what, query in _ASKED.items()},
    }


_ASKED = {
    "payments": """SELECT to_char(month, 'YYYY-MM') AS month, benefit::text, version, amount, account_part, withheld,
                          (SELECT b.message_id FROM payment_batch b WHERE b.region = p.region
                              AND b.number = p.batch) AS batch
                   FROM payment p WHERE person_id = %(p)s AND booked = %(m)s ORDER BY p.month, benefit, version""",
    "returns": """SELECT to_char(month, 'YYYY-MM') AS month, benefit::text, version, attempt, kind::text, amount, reason
                  FROM payment_return WHERE person_id = %(p)s AND booked = %(m)s ORDER BY 1, 2, 3, 4""",
    "entitlements": """SELECT benefit::text, lower(valid) AS from, upper(valid) AS until, amount, account_part,
        components, award_version, reason
                       FROM entitlement_now WHERE person_id = %(p)s AND valid @> %(m)s::date ORDER BY benefit""",
    "awards": """SELECT a.benefit::text, a.version, a.amount, a.granted, a.provisional, a.reason, to_char(a.month,
        'YYYY-MM') AS law_month,
                        a.law, a.facts, a.tree
                 FROM award a WHERE a.person_id = %(p)s AND (a.booked = %(m)s OR (a.benefit, a.version) IN (
                     SELECT benefit, award_version FROM entitlement_now WHERE person_id = %(p)s
                         AND valid @> %(m)s::date))
                 ORDER BY a.benefit, a.version""",
    "contributions": """SELECT to_char(month, 'YYYY-MM') AS month, scheme::text, version, base, employee, employer,
        account_credit, employer_id
                        FROM contribution WHERE person_id = %(p)s AND booked = %(m)s ORDER BY 1, 2, 3""",
    "declarations": """SELECT to_char(month, 'YYYY-MM') AS month, employer_id, version, wage, withdrawn
                       FROM declaration WHERE person_id = %(p)s AND booked = %(m)s ORDER BY 1, 2, 3""",
    "participation": """SELECT scheme::text, kind::text, employer_id, chosen_base, grade, lower(valid) AS from,
        upper(valid) AS until
                        FROM participation_now WHERE person_id = %(p)s AND valid @> %(m)s::date ORDER BY 1""",
    "account": """SELECT to_char(month, 'YYYY-MM') AS month, scheme::text, kind::text, version, amount
                  FROM account_entry WHERE person_id = %(p)s AND booked = %(m)s ORDER BY 1, 2, 3, 4""",
}


def _dicts(books: Books, query: str, **places: Any) -> list[dict[str, Any]]:
    cursor = books.execute(query, **places)
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
