"""A whole province put into empty books: people, employers, careers, accounts, pensions in payment, money in the bank.

The people are synthetic (``shebao.population``). What the books take over is booked in the month before the first, so
that the first run finds it standing. All of it goes in by COPY in one transaction.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shebao.books import Books, BooksError, month_of
from shebao.books.ledger import Entry, Posting, post
from shebao.books.registry import EMPLOYEE_SCHEMES, add_officer, add_offices
from shebao.law import rulebook
from shebao.law.regions import NAMES
from shebao.month.context import Tell, silent
from shebao.month.opening import names, numbers, pensions
from shebao.month.opening.employers import Employers, employers
from shebao.month.opening.load import bulk
from shebao.month.opening.people import People, always, dates, make_people, since, yuan
from shebao.month.opening.places import Places, places
from shebao.month.opening.sources import assumed
from shebao.month.orders import set_fund_account

SOURCE = "opening 建账"
TABLES = (
    *("person", "person_record", "employer", "employer_record", "bank_account", "participation", "career"),
    *("entitlement", "account_year"),
)
#: Who is in which pension scheme of the books.
EMPLOYEE_SCHEME = ("employee", "flexible", "employee_retiree")
RESIDENT_SCHEME = ("resident", "resident_pensioner")
#: Facts of a career that one province alone asks.
PROVINCIAL = ("paid_months_before_1998_07", "notional_account", "plateau_months")
_FUND = {"income": "收入户", "fiscal": "财政专户", "expenditure": "支出户"}
_DUTIES = {"clerk": ("look", "register", "run"), "controller": ("look", "approve", "reopen")}


@dataclass
class Opened:
    """What was put into the books: rows by table, the officers' keys by id, the money by scheme in fen."""

    region: int
    month: dt.date
    people: int
    employers: int
    officers: dict[str, str] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    reserves: dict[str, int] = field(default_factory=dict)

    @property
    def clerk(self) -> str:
        """The officer who registers and runs."""
        return f"clerk-{self.region}"

    @property
    def controller(self) -> str:
        """The second officer, who approves."""
        return f"controller-{self.region}"


def open_province(
    books: Books, region: int, month: str | dt.date, people: int, seed: int = 1, *, tell: Tell = silent
) -> Opened:
    """Opens the books of a province at ``month`` with ``people`` synthetic people; fen and rows are told back.

    The same arguments give the same rows in empty books, whatever the machine. ``BooksError`` if the region is open
    already, ``PopulationError`` if such people cannot be made; nothing is left of a failed opening. The connection
    must be allowed to act as the tables' owner.
    """
    month = month_of(month)
    if books.rows("SELECT FROM period_event WHERE region = %(r)s LIMIT 1", r=region):
        raise BooksError(f"the books of region {region} are open already 该地区已建账")
    opening = _Opening(books, region, month, seed, tell, places(region))
    first = books.value("SELECT coalesce(max(id), 0) + 1 FROM person")
    opening.people = make_people(people, region, month, seed, first, lambda n, of: tell("people 人口", n, of))
    with bulk(books, TABLES):
        opening.write()
    return opening.opened


class _Opening:
    """One province being opened; ``write`` works inside one transaction."""

    people: People

    def __init__(self, books: Books, region: int, month: dt.date, seed: int, tell: Tell, place: Places) -> None:
        self.books, self.region, self.month, self.place, self.tell = books, region, month, place, tell
        self.before = (month - dt.timedelta(days=1)).replace(day=1)  # the month everything is booked in
        self.draws = np.random.Generator(np.random.PCG64([seed, region]))
        self.opened = Opened(region, month, 0, 0)

    def write(self) -> None:
        self.books.ensure_months([self.year_end, self.before, self.month])
        self._offices()
        self.home = self.draws.choice(self.place.villages, len(self.people))
        self.firms = self._employers()
        self.opened.people, self.opened.employers = len(self.people), len(self.firms)
        self._persons()
        self._participation()
        self._careers()
        self._pensions()
        self._money()
        self.books.execute(
            "INSERT INTO period_event (region, month, round, event, officer) VALUES (%(r)s, %(m)s, 0, 'opened', %(o)s)",
            r=self.region,
            m=self.month,
            o=self.opened.clerk,
        )
        for table in ("person", "employer"):
            self.books.execute(f"SELECT setval('{table}_id_seq', max(id)) FROM {table}")

    @property
    def year_end(self) -> dt.date:
        """The last December before the month everything is booked in: the accounts' last yearly statement."""
        return dt.date(self.before.year - 1, 12, 1)

    def _copy(self, table: str, **columns: pa.Array | pa.ChunkedArray | object) -> None:
        """COPY; what is no column holds for every row."""
        arrays = (pa.Array, pa.ChunkedArray, np.ndarray)
        count = next(len(value) for value in columns.values() if isinstance(value, arrays))
        data = {
            name: value if isinstance(value, arrays) else pa.repeat(value, count) for name, value in columns.items()
        }
        self.books.copy_in(table, pa.table(data))
        self.opened.rows[table] = self.opened.rows.get(table, 0) + count
        self.tell(table, self.opened.rows[table], 0)

    def _fact(self, table: str, **columns: object) -> None:
        """Facts, as taken over."""
        self._copy(table, **columns, region=self.region, booked=self.before, source=SOURCE)

    # -- who ------------------------------------------------------------------------------------------

    def _offices(self) -> None:
        add_offices(self.books, self.place.offices)
        self.opened.rows["office"] = len(self.place.offices)
        for role, duties in _DUTIES.items():
            officer = f"{role}-{self.region}"
            title = "经办" if role == "clerk" else "复核"
            self.opened.officers[officer] = add_officer(self.books, officer, title, self.region * 10**10, duties)

    def _employers(self) -> Employers:
        who, people = self.people.who("employee"), self.people
        made = employers(
            self.region, people.of("employer_size")[who], people.of("industry_class")[who], self.place, self.draws
        )
        first = self.books.value("SELECT coalesce(max(id), 0) + 1 FROM employer")
        self.firm_ids = first + np.arange(len(made), dtype=np.int64)
        self._copy("employer", id=self.firm_ids, credit_code=pa.array(made.codes))
        self._fact(
            "employer_record",
            employer_id=self.firm_ids,
            area=made.area,
            valid=always(dt.date(2000, 1, 1), len(made)),
            name=pa.array(made.names),
            size=pa.array(made.size),
            industry_class=made.industry_class,
        )
        self._bank_accounts("employer_id", self.firm_ids, pa.array(made.names), made.area, 0)
        return made

    def _bank_accounts(self, owner: str, ids: np.ndarray, holders: pa.Array, area: np.ndarray, first: int) -> None:
        self._copy(
            "bank_account",
            **{owner: ids},
            region=self.region,
            area=area,
            valid=pa.repeat("(,)", len(ids)),
            holder=holders,
            bank_code=numbers.bank_codes(self.region, self.draws.integers(0, 1 << 20, len(ids))),
            number=numbers.accounts(first, self.region, len(ids)),
        )

    def _persons(self) -> None:
        people = self.people
        name = names.people(people.of("sex") == 1, self.draws)
        self._copy("person", id=people.ids, number=people.table["citizen_number"])
        self._fact(
            "person_record",
            person_id=people.ids,
            area=self.home,
            valid=since(people.birth_date),
            name=name,
            sex=people.sex,
            birth_date=people.birth_date,
            category=people.category,
            hukou_region=people.of("residence"),
        )
        insured = people.who(*EMPLOYEE_SCHEME, *RESIDENT_SCHEME)
        holders = name.take(pa.array(insured))
        self._bank_accounts("person_id", people.ids[insured], holders, self.home[insured], 10**8)

    def _participation(self) -> None:
        people, now = self.people, self.people.number_of_month
        who = people.who("employee")
        longest = np.maximum(np.minimum(people.of("contribution_months")[who], assumed("longest_employment")), 1)
        start = since(dates(now - 1 - (self.draws.random(len(who)) * longest).astype(np.int64)))
        firm = self.firms.of_employee
        for scheme in EMPLOYEE_SCHEMES:
            self._take_part(who, scheme, "employee", start, area=self.firms.area[firm], employer_id=self.firm_ids[firm])
        for kind, scheme, part in (
            ("flexible", "employee_pension", {"chosen_base": "average_monthly_wage"}),
            ("resident", "resident_pension", {"grade": "resident_grade"}),
        ):
            who = people.who(kind)
            months = people.of("contribution_months" if kind == "flexible" else "resident_contribution_years")[who]
            months = months if kind == "flexible" else months // 10_000 * 12
            start = since(dates(now - 1 - months))
            self._take_part(who, scheme, kind, start, **{to: people.of(column)[who] for to, column in part.items()})
        for kind, scheme in (("employee_retiree", "employee_pension"), ("resident_pensioner", "resident_pension")):
            who = people.who(kind)
            start = since(dates(np.minimum(people.of("retirement_month")[who], now - 1)))
            self._take_part(who, scheme, "retired", start)

    def _take_part(self, who: np.ndarray, scheme: str, kind: str, valid: pa.Array, **columns: np.ndarray) -> None:
        columns.setdefault("area", self.home[who])
        self._fact("participation", person_id=self.people.ids[who], scheme=scheme, kind=kind, valid=valid, **columns)

    # -- what they earned and own ------------------------------------------------------------------------

    def _careers(self) -> None:
        people = self.people
        who = people.who(*EMPLOYEE_SCHEME)
        self._career(who, "employee_pension", people.of("contribution_months")[who], self._facts(who))
        who = people.who(*RESIDENT_SCHEME)
        start = pc.strftime(dates(people.of("scheme_start_month")[who]).cast(pa.timestamp("s")), "%Y-%m")
        facts = pc.binary_join_element_wise('{"scheme_start_month": "', start, '"}', "")
        self._career(who, "resident_pension", people.of("resident_contribution_years")[who] // 10_000 * 12, facts)

    def _career(self, who: np.ndarray, scheme: str, months: np.ndarray, facts: pa.Array) -> None:
        people = self.people
        own = scheme == "employee_pension"
        zero = np.zeros(len(who), np.int64)
        self._fact(
            "career",
            person_id=people.ids[who],
            scheme=scheme,
            area=self.home[who],
            until=pa.repeat(self.month, len(who)),
            contribution_months=months,
            deemed_months=people.of("deemed_months")[who] if own else zero,
            average_index=people.of("average_index")[who] if own else zero,
            transition_index=people.of("transition_index")[who] if own else zero,
            facts=facts,
        )

    def _facts(self, who: np.ndarray) -> pa.Array:
        """What this province alone asks, by the law's names, and for those who draw a pension since when."""
        people = self.people
        month = pc.strftime(dates(people.of("retirement_month")[who]).cast(pa.timestamp("s")), "%Y-%m")
        retired = pa.array(np.isin(who, people.who("employee_retiree")))
        parts = [pc.if_else(retired, pc.binary_join_element_wise('"retirement_month": "', month, '"', ""), "")]
        for name in PROVINCIAL:
            values = people.of(name)[who]
            if values.any():
                text = yuan(values) if name == "notional_account" else pa.array(values).cast(pa.string())
                parts.append(pc.binary_join_element_wise(f'"{name}": "', text, '"', ""))
        inner = pc.utf8_trim(pc.binary_join_element_wise(*parts, ", "), ", ")
        return pc.binary_join_element_wise("{", inner, "}", "")

    def _pensions(self) -> None:
        """Pensions in payment and the accounts, with a statement of the last whole year."""
        law, people = rulebook().at(f"{self.month:%Y-%m}"), self.people
        self.balances: dict[str, int] = {}
        self.outgo: dict[str, int] = {}
        for scheme, part in pensions.taken_over(law, people).items():
            self._accounts(scheme, part)
            amount = part.amount
            self.outgo[scheme] = int(amount.sum())
            drawing = np.flatnonzero(part.drawing)
            start = dates(np.minimum(part.start[drawing], people.number_of_month))
            ids, area = people.ids[part.who[drawing]], self.home[part.who[drawing]]
            self._copy(
                "entitlement",
                person_id=ids,
                benefit=scheme,
                version=0,
                region=self.region,
                area=area,
                valid=since(start),
                booked=self.before,
                amount=amount[drawing],
                account_part=part.account_part[drawing],
                components=part.components(drawing),
                reason=SOURCE,
            )

    def _accounts(self, scheme: str, part: pensions.TakenOver) -> None:
        """The balance at the last year's end, and what came in since in one line; what was drawn is not in it any
        more."""
        ids, area = self.people.ids[part.who], self.home[part.who]
        credits = np.minimum(part.monthly_credit * self.before.month, part.balance)
        opening = part.balance - credits
        for kind, month, amount in (("opening", self.year_end, opening), ("contribution", self.before, credits)):
            some = np.flatnonzero(amount)
            if len(some):
                self._copy(
                    "account_movement",
                    month=pa.repeat(month, len(some)),
                    person_id=ids[some],
                    scheme=scheme,
                    kind=kind,
                    version=0,
                    region=self.region,
                    area=area[some],
                    amount=amount[some],
                    booked=month,
                )
        some = np.flatnonzero(opening)
        zero = np.zeros(len(some), np.int64)
        self._copy(
            "account_year",
            year=self.year_end.year,
            person_id=ids[some],
            scheme=scheme,
            version=0,
            region=self.region,
            area=area[some],
            opening=opening[some],
            credits=zero,
            withdrawals=zero,
            interest=zero,
            closing=opening[some],
            provisional=False,
            booked=self.year_end,
        )
        self.balances[scheme] = int(part.balance.sum())

    # -- the funds ---------------------------------------------------------------------------------------

    def _money(self) -> None:
        """The funds' bank accounts, and the journal's first entries: money there, owed to the accounts, the rest."""
        kinds = [(scheme, kind) for scheme in assumed("reserves") for kind in ("fiscal", "expenditure")]
        kinds.append(("collection", "income"))
        codes = numbers.bank_codes(self.region, np.zeros(len(kinds), np.int64)).to_pylist()
        accounts = numbers.accounts(9 * 10**8, self.region, len(kinds)).to_pylist()
        for (scheme, kind), code, number in zip(kinds, codes, accounts, strict=True):
            holder = f"{NAMES[self.region][0]}社会保险基金{_FUND[kind]}"
            set_fund_account(self.books, self.region, scheme, kind, holder, code, number)
        post(self.books, self.region, self.before, self._opening_entries())

    def _opening_entries(self) -> Iterator[Entry]:
        for scheme, text in assumed("reserves").items():
            count, unit = text.split()
            held = int(count) * (self.outgo[scheme] if unit == "months" else 100 * len(self.people.who("employee")))
            owed = self.balances.get(scheme, 0)
            self.opened.reserves[scheme] = held
            postings = [
                Posting(scheme, "bank_fiscal", held),
                Posting(scheme, "individual_accounts", -owed),
                Posting(scheme, "fund_balance", owed - held),
            ]
            yield Entry(f"opening:{self.region}:{scheme}", "opening", f"{SOURCE} {scheme}", postings)
