"""The registry: recording, changing and correcting what is known of persons, employers and their participation.

A fact holds for a period (``valid``) and is known from when it was recorded until it is superseded (``known``). Nothing
is edited: ``Registrar`` supersedes the row that stands and records new ones, each in one transaction.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.range import DateRange
from stdnum.cn import ric, uscc
from stdnum.exceptions import InvalidChecksum, ValidationError

from shebao.books.connect import Books, BooksError

#: How a known period ends: where the row that takes over begins, which is when the transaction did; a row of the same
#: transaction was known for a moment.
ENDED = "tstzrange(lower(known), CASE WHEN lower(known) < now() THEN now() ELSE clock_timestamp() END)"

_CITIZEN_NUMBER = re.compile(r"[0-9]{17}[0-9X]")

#: The schemes an employment brings with it.
EMPLOYEE_SCHEMES = ("employee_pension", "unemployment", "work_injury")


@dataclass(frozen=True)
class FactTable:
    """A table of facts: the key that its versions share, and the step of the month that takes up what is new.

    A table without a step has no bearing on the months, and says neither when its rows were booked nor where from.
    """

    name: str
    key: tuple[str, ...]
    step: str | None
    versioned: bool = True


PERSON = FactTable("person_record", ("person_id",), "adjust")
EMPLOYER = FactTable("employer_record", ("employer_id",), "collect")
PARTICIPATION = FactTable("participation", ("person_id", "scheme"), "collect")
LIFE_EVENT = FactTable("life_event", ("person_id", "kind"), "adjust")
CAREER = FactTable("career", ("person_id", "scheme"), "adjust")
BANK_ACCOUNT = FactTable("bank_account", ("person_id", "number"), None, versioned=False)
HOUSEHOLD_MEMBER = FactTable("household_member", ("person_id", "household_id"), None)

#: What the database refuses, in words; the database's own follow.
_REFUSALS: dict[type[psycopg.Error], str] = {
    psycopg.errors.ExclusionViolation: "overlaps what is known 与已登记时段重叠",
    psycopg.errors.UniqueViolation: "recorded already 已登记",
    psycopg.errors.ForeignKeyViolation: "refers to what is not registered 所引用的对象未登记",
    psycopg.errors.CheckViolation: "not possible 不符合登记要求",
    psycopg.errors.NotNullViolation: "incomplete 登记项不全",
    psycopg.errors.InsufficientPrivilege: "not for this office to do 超出本机构权限",
    psycopg.errors.DataError: "not in the form it must have 格式有误",
}


#: A transfer that was not sent yet, or sent and not taken in where these books take it in.
_TRANSFERRING = """SELECT t.id FROM transfer t WHERE t.person_id = %(p)s AND (
    NOT EXISTS (SELECT FROM transfer_leg l WHERE l.transfer = t.id AND l.side = 'out')
    OR NOT EXISTS (SELECT FROM transfer_leg l WHERE l.transfer = t.id AND l.side = 'in')
       AND EXISTS (SELECT FROM period_event e WHERE e.region = t.to_region)) ORDER BY t.requested_on LIMIT 1"""

_DIED = "SELECT FROM life_event WHERE person_id = %(p)s AND kind = 'death' AND upper_inf(known)"

_DRAWS = """SELECT FROM entitlement WHERE person_id = %(p)s AND benefit::text = %(f)s AND region = %(r)s
    AND upper_inf(known) AND upper_inf(valid)"""

_RELATION = """SELECT FROM participation WHERE person_id = %(p)s AND scheme::text = %(f)s AND region = %(r)s
    AND upper_inf(known)
    UNION ALL SELECT FROM career WHERE person_id = %(p)s AND scheme::text = %(f)s AND region = %(r)s
    AND upper_inf(known)"""


class Registrar:
    """Records facts for one region. ``source`` says where they come from: a file, an officer, a form.

    Every method is one transaction and raises ``BooksError`` in words for the person who asked.
    """

    def __init__(self, books: Books, region: int, source: str) -> None:
        self.books, self.region, self.source = books, region, source

    # -- persons ---------------------------------------------------------------------------------------

    def register_person(
        self,
        number: str,
        name: str,
        category: str,
        *,
        area: int | None = None,
        hukou_region: int | None = None,
        phone: str | None = None,
        since: dt.date | None = None,
    ) -> int:
        """A person not yet known, by citizen number (GB 11643), which tells sex and date of birth; returns the id."""
        number, sex, born = read_citizen_number(number)
        if (category == "men60") != (sex == "male"):
            raise BooksError(f"{category} is not a category of a {sex} person 类别与性别不符")
        with self._recording():
            if self.books.rows("SELECT FROM person WHERE number = %(n)s", n=number):
                raise BooksError(f"{number} is registered already 该公民身份号码已登记")
            (person,) = self.books.one("SELECT nextval('person_id_seq')")
            self.books.execute("INSERT INTO person (id, number) VALUES (%(id)s, %(n)s)", id=person, n=number)
            facts = {"name": name, "sex": sex, "birth_date": born, "category": category, "phone": phone}
            facts |= {"hukou_region": hukou_region, "valid": DateRange(since or born, None)}
            self._insert(PERSON, {"person_id": person, **facts}, area)
        return int(person)

    def correct_person(self, person: int, **changes: Any) -> None:
        """Replaces what is known of a person by what should have been recorded all along."""
        self._correct(PERSON, (person,), changes)

    def person_id(self, number: str) -> int:
        """The id of a citizen number."""
        found = self.books.rows("SELECT id FROM person WHERE number = %(n)s", n=number.strip().upper())
        if not found:
            raise BooksError(f"nobody is registered as {number} 未登记该公民身份号码")
        return int(found[0][0])

    def record_death(self, person: int, on: dt.date) -> None:
        """The death of a person: payments after the month end, survivors may claim (see month/death.py)."""
        self._event(person, "death", on)

    def record_emigration(self, person: int, on: dt.date) -> None:
        """A person settles abroad; what that ends or leaves open the law says when the person claims."""
        self._event(person, "emigration", on)

    def withdraw_event(self, person: int, kind: str = "death") -> None:
        """What was recorded did not happen: the event is superseded, and the next run restores what it ended."""
        with self._recording():
            self._supersede(LIFE_EVENT, (person, kind))

    def _event(self, person: int, kind: str, on: dt.date, facts: Mapping[str, Any] | None = None) -> None:
        with self._recording():
            if self.books.rows(
                "SELECT FROM person_now WHERE person_id = %(p)s AND birth_date > %(on)s", p=person, on=on
            ):
                raise BooksError(f"{on} is before the person was born 早于出生日期")
            values = {"person_id": person, "kind": kind, "happened_on": on, "facts": json.dumps(facts or {})}
            self._insert(LIFE_EVENT, values, self._area_of(person))

    def set_bank_account(self, person: int, bank_code: str, number: str, holder: str) -> int:
        """The account benefits are paid to from now on; returns its id. The one in use until now is superseded."""
        with self._recording():
            self.books.execute(
                f"UPDATE bank_account SET known = {ENDED} WHERE person_id = %(p)s AND upper_inf(known)",
                p=person,
            )
            values = {"person_id": person, "bank_code": bank_code, "number": number, "holder": holder}
            found = self._insert(BANK_ACCOUNT, values | {"valid": DateRange(None, None)}, self._area_of(person), "id")
        return int(found)

    # -- households --------------------------------------------------------------------------------------

    def register_household(self, number: str, area: int | None = None) -> int:
        """A household not yet known, by the number of its register (户口簿); returns the id."""
        with self._recording():
            place = self.region * 10**10 if area is None else area
            if place // 10**10 != self.region:
                raise BooksError(f"{place} is not in region {self.region} 不属本地区")
            return int(
                self.books.value(
                    "INSERT INTO household (number, region, area) VALUES (%(n)s, %(r)s, %(a)s) RETURNING id",
                    n=number.strip(),
                    r=self.region,
                    a=place,
                )
            )

    def join_household(self, person: int, household: int, relation: str, since: dt.date) -> None:
        """A person belongs to a household from a day on; ``relation`` to its head. In one household at a time."""
        with self._recording():
            values = {"person_id": person, "household_id": household, "relation": relation}
            self._insert(HOUSEHOLD_MEMBER, values | {"valid": DateRange(since, None)}, self._area_of(person))

    def leave_household(self, person: int, household: int, until: dt.date) -> None:
        """A person no longer belongs to a household from the day ``until`` on."""
        with self._recording():
            row = self._supersede(HOUSEHOLD_MEMBER, (person, household), on=until - dt.timedelta(days=1))
            self._insert(HOUSEHOLD_MEMBER, row | {"valid": DateRange(row["valid"].lower, until)}, row["area"])

    # -- employers -------------------------------------------------------------------------------------

    def register_employer(
        self,
        credit_code: str,
        name: str,
        size: str,
        industry_class: int,
        *,
        area: int | None = None,
        since: dt.date | None = None,
    ) -> int:
        """An employer not yet known, by unified social credit code (GB 32100); returns the id."""
        try:
            code = uscc.validate(credit_code)
        except ValidationError:
            raise BooksError(f"not a unified social credit code: {credit_code!r} 统一社会信用代码有误") from None
        with self._recording():
            if self.books.rows("SELECT FROM employer WHERE credit_code = %(c)s", c=code):
                raise BooksError(f"{code} is registered already 该单位已登记")
            (employer,) = self.books.one("SELECT nextval('employer_id_seq')")
            self.books.execute("INSERT INTO employer (id, credit_code) VALUES (%(id)s, %(c)s)", id=employer, c=code)
            facts = {"name": name, "size": size, "industry_class": industry_class, "valid": DateRange(since, None)}
            self._insert(EMPLOYER, {"employer_id": employer, **facts}, area)
        return int(employer)

    def change_employer(self, employer: int, since: dt.date, **changes: Any) -> None:
        """What is different of an employer from a day on."""
        self._change(EMPLOYER, (employer,), since, changes)

    # -- participation -----------------------------------------------------------------------------------

    def join(
        self,
        person: int,
        schemes: Sequence[str],
        kind: str,
        since: dt.date,
        *,
        employer: int | None = None,
        chosen_base: int | None = None,
        grade: int | None = None,
        area: int | None = None,
    ) -> None:
        """Takes part in schemes from a day on; ``chosen_base`` in fen a month, ``grade`` in yuan a year.

        Refused where the person already takes part in one of them at that time.
        """
        with self._recording():
            for scheme in schemes:
                if overlap := self._overlap(person, scheme, since):
                    raise BooksError(f"already in {scheme} from {overlap} 同一险种参保时段重叠")
                values = {"person_id": person, "scheme": scheme, "kind": kind, "valid": DateRange(since, None)}
                values |= {"employer_id": employer, "chosen_base": chosen_base, "grade": grade}
                self._insert(PARTICIPATION, values, area if area is not None else self._area_of(person))

    def hire(self, person: int, employer: int, since: dt.date) -> None:
        """An employment begins: the person takes part in all schemes of employees."""
        self.join(person, EMPLOYEE_SCHEMES, "employee", since, employer=employer)

    def leave(self, person: int, until: dt.date, schemes: Sequence[str] = EMPLOYEE_SCHEMES) -> None:
        """Participation ends before the day ``until``."""
        with self._recording():
            for scheme in schemes:
                row = self._supersede(PARTICIPATION, (person, scheme), on=until - dt.timedelta(days=1))
                self._insert(PARTICIPATION, row | {"valid": DateRange(row["valid"].lower, until)}, row["area"])

    def _overlap(self, person: int, scheme: str, since: dt.date) -> str:
        found = self.books.rows(
            """SELECT valid::text FROM participation WHERE person_id = %(p)s AND scheme = %(s)s::scheme
               AND upper_inf(known)
               AND valid && daterange(%(d)s, NULL) LIMIT 1""",
            p=person,
            s=scheme,
            d=since,
        )
        return str(found[0][0]) if found else ""

    # -- careers and claims ------------------------------------------------------------------------------

    def correct_career(self, person: int, scheme: str = "employee_pension", **changes: Any) -> None:
        """What was taken over of a person's career, corrected."""
        self._correct(CAREER, (person, scheme), changes)

    def claim(
        self,
        person: int,
        benefit: str,
        on: dt.date,
        facts: Mapping[str, Any] | None = None,
        bank_account: int | None = None,
    ) -> int:
        """A claim handed in; the next award step decides it. Returns its number in the region."""
        with self._recording():
            self.books.execute("SELECT pg_advisory_xact_lock(hashtext('claim'), %(r)s)", r=self.region)
            return int(
                self.books.value(
                    """INSERT INTO claim (region, number, area, person_id, benefit, claimed_on, booked, facts,
                                          bank_account_id, source)
                       SELECT %(r)s, coalesce((SELECT max(number) FROM claim WHERE region = %(r)s), 0) + 1,
                           %(area)s, %(p)s,
                              %(b)s::benefit, %(on)s, booking_month(%(r)s::smallint, 'award'), %(facts)s,
                                  %(account)s, %(source)s
                       RETURNING number""",
                    r=self.region,
                    area=self._area_of(person),
                    p=person,
                    b=benefit,
                    on=on,
                    facts=json.dumps(facts or {}, ensure_ascii=False),
                    account=bank_account,
                    source=self.source,
                )
            )

    # -- transfers ---------------------------------------------------------------------------------------

    def request_transfer(
        self,
        person: int,
        to_region: int,
        on: dt.date,
        from_scheme: str = "employee_pension",
        to_scheme: str = "employee_pension",
    ) -> str:
        """Asks for a person's relation to move from this region to another, or between two schemes; returns its id.

        The next adjust step of this region sends account, pooled part and record; the other's takes them in. Refused
        while another request of the person is under way, and of who draws a pension of the scheme already.
        """
        with self._recording():
            where = {"p": person, "f": from_scheme, "r": self.region}
            self.books.execute("SELECT pg_advisory_xact_lock(hashtext('transfer'), %(p)s::integer)", p=person % 2**31)
            if (self.region, from_scheme) == (to_region, to_scheme):
                raise BooksError(f"already in {from_scheme} of region {to_region} 转出与转入相同")
            if open_ := self.books.rows(_TRANSFERRING, p=person):
                raise BooksError(f"transfer {open_[0][0]} is under way 已有转移在办理中")
            if self.books.rows(_DIED, p=person):
                raise BooksError("has died: there is nothing to move 已死亡，不再转移")
            if self.books.rows(_DRAWS, **where):
                raise BooksError(f"draws {from_scheme} already: it is paid where it was awarded 已领取待遇，不再转移")
            if not self.books.rows(_RELATION, **where):
                raise BooksError(f"has no {from_scheme} in region {self.region} 在本地区无该险种的参保关系")
            made = f"{person}-{self.region}-{to_region}-{on}-{from_scheme}"
            self.books.execute(
                """INSERT INTO transfer (id, person_id, from_region, to_region, from_scheme, to_scheme, requested_on,
                                         source)
                   VALUES (%(id)s, %(p)s, %(r)s, %(to)s, %(f)s::scheme, %(t)s::scheme, %(on)s, %(source)s)""",
                id=made,
                to=to_region,
                t=to_scheme,
                on=on,
                source=self.source,
                **where,
            )
        return made

    # -- rows ----------------------------------------------------------------------------------------------

    @contextmanager
    def _recording(self) -> Iterator[None]:
        """One transaction, while no run of the region begins; what the database refuses is a ``BooksError``."""
        with _in_words(), self.books.transaction():
            self.books.share_region(self.region)
            yield

    def _area_of(self, person: int) -> int:
        """Where the person is managed; the province itself for someone another one manages."""
        found = self.books.rows(
            "SELECT area FROM person_record WHERE person_id = %(p)s AND upper_inf(known) ORDER BY valid DESC LIMIT 1",
            p=person,
        )
        if not found:
            raise BooksError(f"person {person} is not known here 未找到该人员")
        area = int(found[0][0])
        return area if area // 10**10 == self.region else self.region * 10**10

    def _booked(self, fact: FactTable) -> dt.date | None:
        return self.books.booking_month(self.region, fact.step) if fact.step else None

    def _insert(self, fact: FactTable, values: Mapping[str, Any], area: int | None, returning: str = "region") -> Any:
        booked = self._booked(fact)
        row = {**values, "region": self.region, "area": area if area is not None else self.region * 10**10}
        if row["area"] // 10**10 != self.region:
            raise BooksError(f"{row['area']} is not in region {self.region} 不属本地区")
        if fact.versioned:
            row["version"] = self._next_version(fact, values)
        if booked:
            row |= {"booked": booked, "source": self.source}
        names = sql.SQL(", ").join(map(sql.Identifier, row))
        places = sql.SQL(", ").join(map(sql.Placeholder, row))
        query = sql.SQL("INSERT INTO {} ({}) VALUES ({}) RETURNING {}").format(
            sql.Identifier(fact.name), names, places, sql.Identifier(returning)
        )
        return self.books.value(query.as_string(self.books.connection), **row)

    def _next_version(self, fact: FactTable, values: Mapping[str, Any]) -> int:
        query = f"SELECT coalesce(max(version) + 1, 0) FROM {fact.name} WHERE {_match(fact)}"
        return int(self.books.value(query, **{k: values[k] for k in fact.key}))

    def _supersede(self, fact: FactTable, key: Sequence[Any], on: dt.date | None = None) -> dict[str, Any]:
        """Ends what is known of a fact (the one valid ``on`` a day); returns it without what recording made."""
        at = "AND valid @> %(on)s::date" if on else ""
        until = ", superseded_in = %(m)s" if fact.step else ""
        cursor = self.books.execute(
            f"""UPDATE {fact.name} SET known = {ENDED}{until}
                WHERE {_match(fact)} AND upper_inf(known) AND region = %(r)s {at} RETURNING *""",
            **dict(zip(fact.key, key, strict=True)),
            m=self._booked(fact),
            on=on,
            r=self.region,
        )
        rows = cursor.fetchall()
        if len(rows) != 1:
            raise BooksError(
                f"{fact.name} of {key} in region {self.region}: {len(rows)} rows stand where one was expected "
                "记录不唯一或不存在"
            )
        names = [column.name for column in cursor.description or ()]
        made = {"version", "known", "booked", "superseded_in", "source", "region"}
        return {name: value for name, value in zip(names, rows[0], strict=True) if name not in made}

    def _correct(self, fact: FactTable, key: Sequence[Any], changes: Mapping[str, Any]) -> None:
        with self._recording():
            row = self._supersede(fact, key)
            self._insert(fact, _plain(row) | _known(row, changes), row["area"])

    def _change(self, fact: FactTable, key: Sequence[Any], since: dt.date, changes: Mapping[str, Any]) -> None:
        with self._recording():
            row = self._supersede(fact, key, on=since)
            held: DateRange = row["valid"]
            if held.lower is None or held.lower < since:
                self._insert(fact, _plain(row) | {"valid": DateRange(held.lower, since)}, row["area"])
            self._insert(
                fact, _plain(row) | _known(row, changes) | {"valid": DateRange(since, held.upper)}, row["area"]
            )


@contextmanager
def _in_words() -> Iterator[None]:
    """What the database refuses as a ``BooksError``."""
    try:
        yield
    except tuple(_REFUSALS) as refused:
        words = next(text for kind, text in _REFUSALS.items() if isinstance(refused, kind))
        raise BooksError(f"{words}: {refused.diag.message_primary or refused}") from None


def _match(fact: FactTable) -> str:
    return " AND ".join(f"{column} = %({column})s" for column in fact.key)


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: json.dumps(value) if isinstance(value, dict) else value for name, value in row.items()}


def _known(row: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    if unknown := changes.keys() - row.keys():
        raise BooksError(f"no such fact: {', '.join(sorted(unknown))} 无此登记项")
    return _plain(changes)


def read_citizen_number(number: str) -> tuple[str, str, dt.date]:
    """The number as the books keep it, the sex and the date of birth it tells; ``BooksError`` if it is not one.

    The place is not held against a list: divisions are renamed and abolished, numbers stay.
    """
    clean = ric.compact(number).upper()
    try:
        if not _CITIZEN_NUMBER.fullmatch(clean) or ric.calc_check_digit(clean) != clean[-1]:
            raise InvalidChecksum
        return clean, "female" if int(clean[16]) % 2 == 0 else "male", ric.get_birth_date(clean)
    except ValidationError:
        raise BooksError(f"not a citizen number: {number!r} 公民身份号码有误") from None


# -- offices and officers --------------------------------------------------------------------------------


def add_offices(books: Books, offices: Iterable[tuple[int, int, str, int | None]]) -> None:
    """Offices as (area, level 1–5, name, parent's area); those that exist stay as they are."""
    rows = list(offices)
    with _in_words():
        books.execute(
            """INSERT INTO office (area, level, name, parent)
               SELECT * FROM unnest(%(a)s::bigint[], %(l)s::smallint[], %(n)s::text[], %(p)s::bigint[])
               ON CONFLICT DO NOTHING""",
            a=[r[0] for r in rows],
            l=[r[1] for r in rows],
            n=[r[2] for r in rows],
            p=[r[3] for r in rows],
        )


def add_officer(books: Books, officer: str, name: str, area: int, duties: Sequence[str]) -> str:
    """An officer of an office; returns the key with which the officer enters, which is stored nowhere."""
    key = secrets.token_urlsafe(24)
    with _in_words():
        books.execute(
            """INSERT INTO officer (id, name, area, duties, key_hash)
               VALUES (%(id)s, %(n)s, %(a)s, %(d)s::duty[], %(h)s)""",
            id=officer,
            n=name,
            a=area,
            d=list(duties),
            h=hashlib.sha256(key.encode()).digest(),
        )
    return key


# -- looking somebody up -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """A person found: by number or name, or by working for the employer that was named."""

    person_id: int
    number: str
    name: str
    birth_date: dt.date
    area: int
    employer: str | None


def search(books: Books, text: str, limit: int = 50, areas: tuple[int, int] | None = None) -> list[Found]:
    """People by the beginning of the citizen number or of the name, or by the name of their employer or a part of it.

    Those whom the text names come before those whose employer it names. Digits are looked for in numbers alone. What
    more than ``EMPLOYERS`` employers are called finds only people so named; where there are none, it is refused.
    ``areas``: only people whom an office of these division codes manages, from the first to before the second.
    """
    text = text.strip().upper() if text.strip()[:1].isdigit() else text.strip()
    if len(text) < 2:
        raise BooksError("give two characters or more 请至少输入两个字符")
    low, high = areas or (0, 10**12)
    like = re.sub(r"([\\%_])", r"\\\1", text)
    places = {"first": low, "end": high, "n": limit, "begin": like + "%", "part": f"%{like}%"}
    if text[0].isdigit():
        rows = books.rows(_BY_NUMBER, low=text.ljust(18, "0"), high=text.ljust(18, "X"), **places)
    else:
        rows = books.rows(_BY_NAME, most=EMPLOYERS, **places)
        if not rows and len(books.rows(_EMPLOYERS, most=EMPLOYERS, part=places["part"])) > EMPLOYERS:
            raise BooksError(f"more than {EMPLOYERS} employers are called so: give more of it 名称过泛，请补全单位名称")
    return [Found(*row) for row in rows]


def areas_of(books: Books, officer: str) -> tuple[int, int]:
    """The division codes that an officer's office manages, from the first to before the second."""
    found = books.rows(
        """SELECT o.area, o.area + (ARRAY[10000000000, 100000000, 1000000, 1000, 1])[o.level]
           FROM officer f JOIN office o USING (area) WHERE f.id = %(o)s""",
        o=officer,
    )
    if not found:
        raise BooksError(f"officer {officer} is not known 无此经办人")
    return int(found[0][0]), int(found[0][1])


#: As many employers of a name are looked through for the people who work there.
EMPLOYERS = 200

_EMPLOYERS = """SELECT employer_id FROM employer_record WHERE name ILIKE %(part)s AND upper_inf(known)
    LIMIT %(most)s + 1"""

#: A person as known now, within the areas asked for.
_HERE = "upper_inf(r.known) AND upper_inf(r.valid) AND r.area >= %(first)s AND r.area < %(end)s"

_FOUND = """
SELECT p.id, p.number, p.name, p.birth_date, p.area,
       (SELECT e.name FROM participation t JOIN employer_record e ON e.employer_id = t.employer_id
           AND upper_inf(e.known) AND upper_inf(e.valid)
        WHERE t.person_id = p.id AND upper_inf(t.known) AND t.employer_id IS NOT NULL ORDER BY t.valid DESC LIMIT 1)
            AS employer
FROM ({}) p"""

_BY_NUMBER = (
    _FOUND.format(
        f"""SELECT p.id, p.number, r.name, r.birth_date, r.area
    FROM person p JOIN person_record r ON r.person_id = p.id AND {_HERE}
    WHERE p.number >= %(low)s AND p.number <= %(high)s ORDER BY p.number LIMIT %(n)s"""
    )
    + " ORDER BY p.number"
)

_BY_NAME = (
    f"""
WITH named AS MATERIALIZED (
    SELECT DISTINCT person_id FROM (
        SELECT r.person_id FROM person_record r WHERE r.name LIKE %(begin)s AND {_HERE}
        ORDER BY r.name, r.person_id LIMIT %(n)s) f),
employers AS MATERIALIZED ({_EMPLOYERS}),
staff AS MATERIALIZED (
    SELECT DISTINCT person_id FROM (
        SELECT t.person_id FROM employers JOIN participation t USING (employer_id)
            JOIN person_record r ON r.person_id = t.person_id AND {_HERE}
        WHERE upper_inf(t.known) AND (SELECT count(*) FROM employers) <= %(most)s
        ORDER BY employers.employer_id, t.person_id LIMIT 3 * %(n)s) f)"""
    + _FOUND.format(
        f"""SELECT p.id, p.number, r.name, r.birth_date, r.area, w.rank FROM (
    SELECT person_id, 0 AS rank FROM named
    UNION ALL SELECT person_id, 1 FROM staff WHERE person_id NOT IN (TABLE named)) w
    JOIN person p ON p.id = w.person_id JOIN person_record r ON r.person_id = p.id AND {_HERE}"""
    )
    + " ORDER BY p.rank, p.name, p.number LIMIT %(n)s"
)
