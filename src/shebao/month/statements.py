"""Statements 对账单: what an employer owes and paid, and what stands in the books about a person. Text or CSV.

Every query goes by an index of the employer or the person, so a statement takes no longer in a larger province.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shebao.books import Books, BooksError, words
from shebao.books.export import yuan

_YES_NO = {"zh": ("否", "是"), "en": ("no", "yes")}

#: What is due: from a month through another, made up of ``components``.
_DUE = ("benefit", "from", "through", "amount", "account_part", "components", "booked", "reason")


@dataclass(frozen=True)
class Part:
    """A table of a statement: titles in Chinese and English, headings, rows; ``fen`` names the columns of money."""

    zh: str
    en: str
    headings: Sequence[str]
    rows: Sequence[tuple[Any, ...]]
    fen: frozenset[str]

    def texts(self, lang: str = "") -> list[list[str]]:
        """The rows as text, money in yuan; in a language, or in the books' own words."""
        rows = [dict(zip(self.headings, row, strict=True)) for row in self.rows]
        return [[self._text(row, heading, lang) for heading in self.headings] for row in rows]

    def _text(self, row: dict[str, Any], heading: str, lang: str) -> str:
        value = row[heading]
        if value is None:
            return ""
        if heading in self.fen:
            return yuan(value)
        if lang and isinstance(value, bool):
            return _YES_NO[lang][value]
        if heading == "components":
            named = {words.part(row["benefit"], name, lang) if lang else name: fen for name, fen in value.items()}
            return "; ".join(f"{name} {yuan(fen)}" for name, fen in named.items())
        return words.word(heading, str(value), lang) if lang else str(value)


@dataclass(frozen=True)
class Statement:
    """Of whom, about which months, and its tables."""

    whom: str
    name: str
    parts: Sequence[Part]

    def text(self, lang: str = "zh") -> str:
        """For reading, columns aligned; tables without rows are left out."""
        lines = [f"{self.name} {self.whom}"]
        for part in (part for part in self.parts if part.rows):
            lines += ["", part.zh if lang == "zh" else part.en]
            table = [[words.column(heading, lang) for heading in part.headings], *part.texts(lang)]
            widths = [max(map(_width, column)) for column in zip(*table, strict=True)]
            lines += [
                "  ".join(t + " " * (w - _width(t)) for t, w in zip(row, widths, strict=True)).rstrip() for row in table
            ]
        return "\n".join(lines) + "\n"

    def csv(self) -> str:
        """One line per row, the table's name first; money in yuan."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        for part in self.parts:
            writer.writerow(["table", *part.headings])
            writer.writerows([part.en, *row] for row in part.texts())
        return out.getvalue()


def employer_statement(books: Books, credit_code: str, month: dt.date) -> Statement:
    """An employer's bills booked in a month, what was paid on them, and each person's line.

    ``BooksError`` if no employer has the credit code.
    """
    found = books.rows(
        "SELECT employer_id, name FROM employer_now WHERE credit_code = %(c)s AND valid @> %(m)s::date",
        c=credit_code,
        m=month,
    )
    if not found:
        raise BooksError(f"no employer {credit_code} in {month:%Y-%m} 无此单位")
    employer, name = found[0]
    bills = books.rows(
        """SELECT b.number, to_char(b.month, 'YYYY-MM'), b.kind::text, b.reference, b.due_on, b.amount,
            coalesce(a.amount, 0)::bigint,
                  to_char(s.booked, 'YYYY-MM')
           FROM bill b LEFT JOIN LATERAL (SELECT sum(amount) AS amount FROM allocation a WHERE a.region = b.region
               AND a.number = b.number) a ON true
                LEFT JOIN bill_settlement s USING (region, number)
           WHERE b.employer_id = %(e)s AND b.booked = %(m)s ORDER BY b.number""",
        e=employer,
        m=month,
    )
    people = books.rows(
        """SELECT p.number, n.name, to_char(c.month, 'YYYY-MM'), c.scheme::text, c.base, c.employee, c.employer
           FROM bill b JOIN contribution c ON c.bill = b.number AND c.region = b.region
                JOIN person p ON p.id = c.person_id LEFT JOIN LATERAL (
                    SELECT name FROM person_now n WHERE n.person_id = c.person_id ORDER BY lower(n.valid) DESC
                        LIMIT 1) n ON true
           WHERE b.employer_id = %(e)s AND b.booked = %(m)s ORDER BY p.number, c.month, c.scheme""",
        e=employer,
        m=month,
    )
    paid_for = ("number", "month", "kind", "reference", "due_on", "amount", "paid", "settled")
    per_person = ("person", "name", "month", "scheme", "base", "employee", "employer")
    return Statement(
        credit_code,
        name,
        [
            Part("账单", "bills", paid_for, bills, frozenset({"amount", "paid"})),
            Part("人员明细", "people", per_person, people, frozenset({"base", "employee", "employer"})),
        ],
    )


def person_statement(books: Books, number: str, first: dt.date, last: dt.date) -> Statement:
    """What was contributed, credited, awarded and paid for a person, about the months ``first`` to ``last``.

    ``BooksError`` if nobody has the number.
    """
    found = books.rows(
        "SELECT person_id, name FROM person_now WHERE number = %(n)s ORDER BY upper(valid) DESC NULLS FIRST LIMIT 1",
        n=number,
    )
    if not found:
        raise BooksError(f"nobody has the number {number} 无此人")
    person, name = found[0]
    places = {"p": person, "a": first, "b": last}

    def ask(query: str) -> list[tuple[Any, ...]]:
        return books.rows(query, **places)

    span = "person_id = %(p)s AND month BETWEEN %(a)s AND %(b)s"
    contributions = ask(
        f"""SELECT to_char(month, 'YYYY-MM'), scheme::text, version, to_char(booked, 'YYYY-MM'), base, employee,
            employer, account_credit
            FROM contribution WHERE {span} ORDER BY month, scheme, version"""
    )
    account = ask(
        f"""SELECT to_char(month, 'YYYY-MM'), scheme::text, kind::text, version, to_char(booked, 'YYYY-MM'), amount
            FROM account_entry WHERE {span} ORDER BY month, scheme, kind, version"""
    )
    years = ask(
        """SELECT year, scheme::text, version, opening, credits, withdrawals, interest, closing, provisional
            FROM account_year
           WHERE person_id = %(p)s AND year BETWEEN extract(year FROM %(a)s::date) AND extract(year FROM %(b)s::date)
           ORDER BY year, scheme, version"""
    )
    due = ask(
        """SELECT benefit::text, to_char(lower(valid), 'YYYY-MM'), to_char(upper(valid) - 1, 'YYYY-MM'), amount,
            account_part, components, to_char(booked, 'YYYY-MM'), reason
            FROM entitlement_now
           WHERE person_id = %(p)s AND valid && daterange(%(a)s, %(b)s, '[]') ORDER BY benefit, lower(valid)"""
    )
    payments = ask(
        f"""SELECT to_char(month, 'YYYY-MM'), benefit::text, version, to_char(booked, 'YYYY-MM'), amount,
            account_part, withheld, batch
            FROM payment WHERE {span} ORDER BY month, benefit, version"""
    )
    fen = frozenset(
        {
            "base",
            "employee",
            "employer",
            "credit",
            "amount",
            "account_part",
            "withheld",
            "opening",
            "credits",
            "withdrawals",
            "interest",
            "closing",
        }
    )
    return Statement(
        number,
        name,
        [
            Part(
                "缴费",
                "contributions",
                ("month", "scheme", "version", "booked", "base", "employee", "employer", "credit"),
                contributions,
                fen,
            ),
            Part("个人账户", "account", ("month", "scheme", "kind", "version", "booked", "amount"), account, fen),
            Part(
                "年度对账",
                "years",
                (
                    "year",
                    "scheme",
                    "version",
                    "opening",
                    "credits",
                    "withdrawals",
                    "interest",
                    "closing",
                    "provisional",
                ),
                years,
                fen,
            ),
            Part("应发待遇", "due", _DUE, due, fen),
            Part(
                "支付",
                "payments",
                ("month", "benefit", "version", "booked", "amount", "account_part", "withheld", "batch"),
                payments,
                fen,
            ),
        ],
    )


def _width(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if ord(c) > 0x2E7F else 1 for c in text)
