"""Judging the rows of a person register against the books, and storing those that stand.

A number identifies and the name confirms: who is known under another name is left alone.
"""

from __future__ import annotations

import pyarrow as pa

from shebao.books import BooksError
from shebao.books.registry import ENDED
from shebao.intake.desk import Desk, findings, load
from shebao.intake.verdicts import Told

WOMEN = ("women55", "women50")

_SENT = """row_number integer PRIMARY KEY, number text, name text, sex sex, born_on date, area bigint,
    hukou_area bigint, phone text, bank_account text, bank_name text"""
_READ = (
    "row_number",
    "citizen_number",
    "name",
    "sex",
    "born_on",
    "area",
    "hukou_area",
    "phone",
    "bank_account",
    "bank_name",
)


class Registering:
    """How the rows of one person register are stored; ``women``: the category of women not registered before."""

    def __init__(self, women: str | None) -> None:
        if women not in (None, *WOMEN):
            raise BooksError(f"not a category of women: {women!r} ({', '.join(WOMEN)}) 类别有误")
        self.women = women

    def judge(self, desk: Desk) -> tuple[list[Told], dict[str, int]]:
        """Stores what stands; returns why the others do not (and accounts that could not be), and what changed."""
        books, rows = desk.books, desk.file.rows
        names = ["number" if name == "citizen_number" else name for name in _READ]
        load(books, "sent_people", _SENT, pa.table([rows[name] for name in _READ], names))
        books.execute(_VERDICT, r=desk.region, women=self.women, low=desk.office.area, high=desk.office.end)
        books.execute("ANALYZE verdict")
        values = {"r": desk.region, "booked": desk.booked, "source": desk.source}
        registered = books.execute(_REGISTER).rowcount
        books.execute(_RECORD_NEW, **values)
        corrected = books.execute(_CORRECT, **values).rowcount
        accounts = books.execute(_ACCOUNTS, r=desk.region).rowcount
        told = findings(books, desk.file, _FINDINGS, office=str(desk.office.area))
        rejected = sum(one.reason.outcome.en == "rejected" for one in told)
        unchanged = rows.num_rows - rejected - registered - corrected
        return told, {"registered": registered, "corrected": corrected, "unchanged": unchanged, "accounts": accounts}


_VERDICT = """
CREATE TEMPORARY TABLE verdict ON COMMIT DROP AS
WITH known AS (
    SELECT s.*, p.id AS person_id, r.version, r.region AS known_region, r.area AS known_area, r.name AS known_name,
        r.valid,
           r.category, r.phone AS known_phone, r.hukou_region, d.happened_on AS died_on,
               (s.hukou_area / 10000000000)::smallint AS hukou,
           s.bank_account IS NULL OR (s.bank_name ~ '^[0-9]{12}$' AND s.bank_account ~ '^[0-9]{8,30}$') IS TRUE
               AS account_stands
    FROM sent_people s
    LEFT JOIN person p ON p.number = s.number
    LEFT JOIN person_record r ON r.person_id = p.id AND upper_inf(r.known) AND upper_inf(r.valid)
    LEFT JOIN life_event d ON d.person_id = p.id AND d.kind = 'death' AND upper_inf(d.known))
SELECT k.*, coalesce(k.category, CASE WHEN sex = 'male' THEN 'men60' ELSE %(women)s END::category) AS kind,
    CASE WHEN area < %(low)s OR area >= %(high)s THEN 'other_office'
         WHEN known_name <> name THEN 'name_differs'
         WHEN known_area < %(low)s OR known_area >= %(high)s THEN 'other_office'
         WHEN died_on IS NOT NULL THEN 'dead'
         WHEN person_id IS NULL AND sex = 'female' AND %(women)s::text IS NULL THEN 'category_missing' END AS verdict
FROM known k"""

_REGISTER = """
INSERT INTO person (number)
SELECT number FROM verdict WHERE verdict IS NULL AND person_id IS NULL ORDER BY row_number"""

_RECORD_NEW = """
INSERT INTO person_record (person_id, region, area, valid, booked, name, sex, birth_date, category, hukou_region,
    phone, source)
SELECT p.id, %(r)s, v.area, daterange(v.born_on, NULL), %(booked)s, v.name, v.sex, v.born_on, v.kind, v.hukou,
    v.phone, %(source)s
FROM verdict v JOIN person p ON p.number = v.number WHERE v.verdict IS NULL AND v.person_id IS NULL ORDER BY p.id"""

_CORRECT = f"""
WITH gone AS (
    UPDATE person_record r SET known = {ENDED}, superseded_in = %(booked)s FROM verdict v
    WHERE v.verdict IS NULL AND r.person_id = v.person_id AND r.version = v.version
      AND (r.area, r.phone, r.hukou_region) IS DISTINCT FROM
          (v.area, coalesce(v.phone, r.phone), coalesce(v.hukou, r.hukou_region))
    RETURNING r.*, v.area AS new_area, coalesce(v.phone, r.phone) AS new_phone, coalesce(v.hukou, r.hukou_region)
        AS new_hukou)
INSERT INTO person_record (person_id, version, region, area, valid, booked, name, sex, birth_date, category,
    hukou_region, phone, source)
SELECT person_id, (SELECT max(x.version) + 1 FROM person_record x WHERE x.person_id = g.person_id), %(r)s, new_area,
    valid, %(booked)s,
       name, sex, birth_date, category, new_hukou, new_phone, %(source)s
FROM gone g ORDER BY person_id"""

# The account from now on, unless it is the one in use; what was in use until now is superseded.
_ACCOUNTS = f"""
WITH fresh AS (
    SELECT p.id AS person_id, v.area, v.name, v.bank_name, v.bank_account FROM verdict v JOIN person p
        ON p.number = v.number
    WHERE v.verdict IS NULL AND v.account_stands AND v.bank_account IS NOT NULL
      AND NOT EXISTS (SELECT FROM bank_account b WHERE b.person_id = p.id AND b.number = v.bank_account
          AND b.bank_code = v.bank_name
                      AND upper_inf(b.known))),
gone AS (UPDATE bank_account b SET known = {ENDED} FROM fresh f WHERE b.person_id = f.person_id
    AND upper_inf(b.known) RETURNING b.person_id)
INSERT INTO bank_account (person_id, region, area, valid, holder, bank_code, number)
SELECT person_id, %(r)s, area, daterange(NULL, NULL), name, bank_name, bank_account
FROM fresh f WHERE (SELECT count(*) FROM gone) >= 0 ORDER BY person_id"""

_FINDINGS = """
SELECT row_number, coalesce(verdict, 'bank_code_missing') AS reason, number, name, known_name, died_on, bank_account,
       CASE WHEN area = known_area OR known_area IS NULL THEN area ELSE known_area END AS place, %(office)s AS office
FROM verdict WHERE verdict IS NOT NULL OR NOT account_stands ORDER BY row_number"""
