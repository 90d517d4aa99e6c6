"""The books computed anew, person by person, from the facts as they are known now: slowly, and by explanations.

It shares nothing with the steps but the law: loops in place of joins, `law.explain` in place of the compiled kernels.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from psycopg.types.range import DateRange
from tests.chaos.month import REGION
from tests.chaos.world import OPENED, later

from shebao.books import Books
from shebao.engine.rulebook import Rulebook

SCHEMES = ("employee_pension", "unemployment", "work_injury")
CREDITED = ("employee_pension", "resident_pension")
_EVER = dt.date(9999, 1, 1)


def findings(books: Books, book: Rulebook, last: dt.date) -> list[str]:
    """Everything in which the books up to the month ``last`` are not what the facts and the law say."""
    recount = Recount(books, book, last)
    parts = (
        recount.contributions,
        recount.bills,
        recount.payments,
        recount.awards,
        recount.deaths,
        recount.accounts,
        recount.money,
    )
    return [f"{part.__name__}: {text}" for part in parts for text in part()]


def _fen(node: Any) -> int:
    scaled = node.exact * 100
    assert scaled.denominator == 1
    return int(scaled)


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def _meets(valid: DateRange, month: dt.date) -> bool:
    return (valid.lower or dt.date.min) < later(month) and (valid.upper or _EVER) > month


def _months(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    while first <= last:
        yield first
        first = later(first)


class Recount:
    """The facts known now, in plain dictionaries, and what they make."""

    def __init__(self, books: Books, book: Rulebook, last: dt.date) -> None:
        self.books, self.book, self.last = books, book, last
        self.participation: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for row in self._dicts("SELECT * FROM participation WHERE upper_inf(known) ORDER BY person_id, scheme, valid"):
            self.participation[row["person_id"]].append(row)
        self.declared: dict[tuple[int, dt.date], dict[int, int | None]] = defaultdict(dict)
        for row in self._dicts("SELECT * FROM declaration ORDER BY version"):
            self.declared[row["person_id"], row["month"]][row["employer_id"]] = (
                None if row["withdrawn"] else row["wage"]
            )
        self.employers = {
            r["employer_id"]: r for r in self._dicts("SELECT * FROM employer_record WHERE upper_inf(known)")
        }
        self.settled = {number for (number,) in books.rows("SELECT number FROM bill_settlement")}
        self.deceased = dict(
            books.rows("SELECT person_id, happened_on FROM life_event WHERE kind = 'death' AND upper_inf(known)")
        )
        self.explained: dict[tuple[Any, ...], dict[str, int]] = {}

    def _dicts(self, query: str, **values: Any) -> list[dict[str, Any]]:
        cursor = self.books.execute(query, **values)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    # -- contributions ----------------------------------------------------------------------------------

    def contributions(self) -> Iterator[str]:
        """Σ of all versions is what the law asks on the latest declaration, of who takes part as is known now."""
        booked: dict[tuple[int, str, dt.date], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        for row in self._dicts("SELECT * FROM contribution WHERE booked <= %(m)s", m=self.last):
            sums = booked[row["person_id"], row["scheme"], row["month"]]
            for n, name in enumerate(("base", "employee", "employer", "account_credit")):
                sums[n] += row[name]
        expected = {key: value for key, value in self._expected() if any(value)}
        for key in sorted(expected.keys() | booked.keys(), key=str):
            ours, theirs = expected.get(key, [0, 0, 0, 0]), booked.get(key, [0, 0, 0, 0])
            if ours != theirs:
                yield f"{key[0]} {key[1]} {key[2]:%Y-%m}: the law asks {ours}, booked {theirs}"

    def _expected(self) -> Iterator[tuple[tuple[int, str, dt.date], list[int]]]:
        for person, rows in self.participation.items():
            for month in _months(OPENED, self.last):
                for scheme in SCHEMES:
                    if found := self._of_month(person, rows, scheme, month):
                        yield (person, scheme, month), found
            for year in {month.year for month in _months(OPENED, self.last)}:
                if found := self._of_year(rows, dt.date(year, 1, 1)):
                    yield (person, "resident_pension", dt.date(year, 1, 1)), found

    def _of_month(self, person: int, rows: list[dict[str, Any]], scheme: str, month: dt.date) -> list[int] | None:
        """Of several payers in a month the one who came last pays."""
        payers = []
        declared = self.declared.get((person, month), {})
        for row in rows:
            if row["scheme"] != scheme or not _meets(row["valid"], month):
                continue
            if row["kind"] == "flexible":
                payers.append((row["valid"].lower, -1, row["chosen_base"]))
            elif row["kind"] == "employee" and declared.get(row["employer_id"]) is not None:
                since = max(
                    r["valid"].lower
                    for r in rows
                    if r["employer_id"] == row["employer_id"] and _meets(r["valid"], month)
                )
                payers.append((since, row["employer_id"], declared[row["employer_id"]]))
        if not payers:
            return None
        _, employer, amount = max(payers)
        return self._amounts(scheme, month, employer, amount)

    def _amounts(self, scheme: str, month: dt.date, employer: int, amount: int) -> list[int]:
        facts: dict[str, Any] = {"region": REGION, "flexible_worker": employer < 0}
        if employer < 0:
            facts["chosen_base"] = _yuan(amount)
        else:
            of = self.employers[employer]
            facts |= {name: of[name] for name in ("industry_class", "deferral_granted")}
            facts |= {
                "employer_size": of["size"],
                "float_ratio": str(of["float_ratio"] // 10**6),
                "average_monthly_wage": _yuan(amount),
            }
        base = "employee_pension.contribution_base" if scheme == "employee_pension" else "contribution_base"
        rules = [base, f"{scheme}.employee_contribution", f"{scheme}.employer_contribution"]
        rules += ["employee_pension.account_credit"] if scheme == "employee_pension" else []
        found = [self._explain(rule, month, facts) for rule in rules]
        return found + [0] * (4 - len(found))

    def _of_year(self, rows: list[dict[str, Any]], january: dt.date) -> list[int] | None:
        """A resident pays once a year, by the last grade chosen for it."""
        until = min(later(january, 12), later(self.last))
        chosen = [
            (row["valid"].lower, row["grade"])
            for row in rows
            if row["kind"] == "resident" and row["valid"].lower < until and (row["valid"].upper or _EVER) > january
        ]
        if not chosen:
            return None
        facts = {"region": REGION, "resident_grade": str(max(chosen)[1])}
        rules = ("resident_pension.resident_contribution", "resident_pension.account_credit")
        own, credit = (self._explain(rule, january, facts) for rule in rules)
        return [0, own, 0, credit]

    def _explain(self, rule: str, month: dt.date, facts: dict[str, Any]) -> int:
        key = (rule, month, *sorted(facts.items()))
        if key not in self.explained:
            self.explained[key] = {"fen": _fen(self.book.at(f"{month:%Y-%m}").explain(rule, facts))}
        return self.explained[key]["fen"]

    def bills(self) -> Iterator[str]:
        """A bill is what its lines and its contributions add up to; settled if, and only if, it is covered."""
        lines = dict(
            self.books.rows("SELECT number, sum(employee + employer + late_fee)::bigint FROM bill_line GROUP BY 1")
        )
        people = dict(self.books.rows("SELECT bill, sum(employee + employer)::bigint FROM contribution GROUP BY 1"))
        covered = dict(self.books.rows("SELECT number, sum(amount)::bigint FROM allocation GROUP BY 1"))
        for bill in self._dicts("SELECT number, kind::text, amount FROM bill"):
            number, amount = bill["number"], bill["amount"]
            if lines.get(number, 0) != amount:
                yield f"bill {number}: {amount} fen, its lines {lines.get(number, 0)}"
            if bill["kind"] in ("regular", "correction") and people.get(number, 0) != amount:
                yield f"bill {number}: {amount} fen, its people's contributions {people.get(number, 0)}"
            if (covered.get(number, 0) == amount) < (number in self.settled):
                yield f"bill {number}: settled with {covered.get(number, 0)} of {amount} fen"

    # -- benefits -----------------------------------------------------------------------------------------

    def payments(self) -> Iterator[str]:
        """Σ payments of a month is what is known to be due for it; of months before the books, the change since."""
        paid: dict[tuple[int, str, dt.date], int] = defaultdict(int)
        for row in self._dicts("SELECT * FROM payment WHERE booked <= %(m)s", m=self.last):
            paid[row["person_id"], row["benefit"], row["month"]] += row["amount"]
        due: dict[tuple[int, str, dt.date], int] = defaultdict(int)
        for row in self._dicts("SELECT * FROM entitlement WHERE upper_inf(known)"):
            for month in _months(max(row["valid"].lower, dt.date(2017, 1, 1)), self.last):
                if _meets(row["valid"], month):
                    due[row["person_id"], row["benefit"], month] += row["amount"]
        for row in self._dicts("SELECT * FROM entitlement WHERE version = 0 AND booked < %(m)s", m=OPENED):
            for month in _months(row["valid"].lower, later(OPENED, -1)):
                due[row["person_id"], row["benefit"], month] -= row["amount"]
        for key in sorted(due.keys() | paid.keys(), key=str):
            if due.get(key, 0) != paid.get(key, 0):
                yield f"{key[0]} {key[1]} {key[2]:%Y-%m}: due {due.get(key, 0)}, booked {paid.get(key, 0)}"

    def awards(self) -> Iterator[str]:
        """The award in force is the law's on its facts, its facts are those known, and what is due follows from it."""
        latest: dict[int, dict[str, Any]] = {}
        for row in self._dicts("SELECT * FROM award WHERE benefit = 'employee_pension' ORDER BY version"):
            latest[row["person_id"]] = row
        records = {r["person_id"]: r for r in self._dicts("SELECT * FROM person_record WHERE upper_inf(known)")}
        careers = {
            r["person_id"]: r
            for r in self._dicts("SELECT * FROM career WHERE upper_inf(known) AND scheme = 'employee_pension'")
        }
        law = self.book.at(f"{self.last:%Y-%m}")
        for person, award in latest.items():
            due = self._dicts(
                """SELECT * FROM entitlement
                   WHERE person_id = %(p)s AND benefit = 'employee_pension' AND upper_inf(known) ORDER BY valid""",
                p=person,
            )
            if not award["granted"]:
                if due:
                    yield f"{person}: refused, and {due[0]['amount']} fen are due in {due[0]['valid']}"
                continue
            facts = award["facts"]
            amount = _fen(law.explain("employee_pension.monthly_pension", facts))
            if amount != award["amount"] or award["provisional"]:
                yield f"{person}: awarded {award['amount']} (provisional {award['provisional']}), the law says {amount}"
            known = self._known_facts(person, award, records[person], careers[person])
            for name, value in known.items():
                if str(facts.get(name)) != str(value):
                    yield f"{person}: the award rests on {name} {facts.get(name)}, known is {value}"
            yield from self._due_by(person, law, facts, amount, due)

    def _known_facts(
        self, person: int, award: dict[str, Any], record: dict[str, Any], career: dict[str, Any]
    ) -> dict[str, Any]:
        until = dt.date.fromisoformat(f"{award['facts']['retirement_month']}-01")
        paid: dict[dt.date, int] = defaultdict(int)
        for row in self._dicts(
            "SELECT * FROM contribution WHERE person_id = %(p)s AND scheme = 'employee_pension'", p=person
        ):
            if row["bill"] in self.settled and career["until"] <= row["month"] <= until:
                paid[row["month"]] += row["base"]
        return {
            "birth_month": f"{record['birth_date']:%Y-%m}",
            "sex": record["sex"],
            "category": record["category"],
            "contribution_months": career["contribution_months"] + sum(base > 0 for base in paid.values()),
            "deemed_months": career["deemed_months"],
        }

    def _due_by(
        self, person: int, law: Any, facts: dict[str, Any], amount: int, due: list[dict[str, Any]]
    ) -> Iterator[str]:
        number = int(
            law.explain(
                "employee_pension.first_payment_month", {n: facts[n] for n in ("region", "retirement_month")}
            ).exact
        )
        first = dt.date(number // 12, number % 12 + 1, 1)
        died = self.deceased.get(person)
        end = later(died.replace(day=1)) if died else None
        if end is not None and end <= first:
            if due:
                yield f"{person}: died {died}, and a pension is due from {first:%Y-%m}"
            return
        if not due or due[0]["valid"].lower != first or due[-1]["valid"].upper != end:
            yield f"{person}: due {[str(d['valid']) for d in due]}, expected from {first:%Y-%m} to {end}"
        for row in due:
            added = sum(fen for name, fen in row["components"].items() if name.startswith("adjustment_"))
            if row["amount"] != amount + added:
                yield f"{person}: due {row['amount']} in {row['valid']}, awarded {amount} and adjusted by {added}"
            if sum(row["components"].values()) != row["amount"]:
                yield f"{person}: the components of {row['valid']} do not add up"

    def deaths(self) -> Iterator[str]:
        """Nothing monthly is due after a death; who lives is owed no survivors' benefit."""
        for row in self._dicts("SELECT * FROM entitlement WHERE upper_inf(known)"):
            died = self.deceased.get(row["person_id"])
            if row["benefit"] in ("employee_pension", "resident_pension"):
                if died and (row["valid"].upper or _EVER) > later(died.replace(day=1)):
                    yield f"{row['person_id']}: died {died}, {row['benefit']} due in {row['valid']}"
            elif (
                row["benefit"] in ("funeral_grant", "survivor_grant", "account_inheritance")
                and not died
                and row["amount"]
            ):
                yield f"{row['person_id']}: alive, and {row['benefit']} of {row['amount']} fen is due"

    # -- accounts and the journal -----------------------------------------------------------------------------

    def accounts(self) -> Iterator[str]:
        """Σ entries = credits of settled bills − what payments took; no account is overdrawn once all is paid."""
        credits: dict[tuple[int, str, dt.date], int] = defaultdict(int)
        balance: dict[tuple[int, str], int] = defaultdict(int)
        for row in self._dicts("SELECT * FROM contribution"):
            if row["bill"] not in self.settled:
                balance[row["person_id"], row["scheme"]] += row["account_credit"]
            elif row["scheme"] in CREDITED:
                credits[row["person_id"], row["scheme"], row["month"]] += row["account_credit"]
        parts: dict[tuple[int, str], int] = defaultdict(int)
        for row in self._dicts("SELECT * FROM payment"):
            parts[row["person_id"], row["benefit"]] -= row["account_part"]
        entries: dict[tuple[int, str, dt.date], int] = defaultdict(int)
        drawn: dict[tuple[int, str], int] = defaultdict(int)
        kinds = {"inheritance": "account_inheritance", "refund": "account_refund"}
        for row in self._dicts("SELECT * FROM account_entry"):
            balance[row["person_id"], row["scheme"]] += row["amount"]
            if row["kind"] == "contribution":
                entries[row["person_id"], row["scheme"], row["month"]] += row["amount"]
            elif row["kind"] in ("drawdown", *kinds):
                drawn[row["person_id"], kinds.get(row["kind"], row["scheme"])] += row["amount"]
        yield from _unequal("credits", credits, entries)
        yield from _unequal("account parts", parts, drawn)
        for (person, scheme), fen in balance.items():
            if fen < 0:
                yield f"{person} {scheme}: overdrawn by {-fen} fen"

    def money(self) -> Iterator[str]:
        """The journal balances, and each control account is what its subledger adds up to."""
        one = self.books.value
        control = """SELECT coalesce(sum(p.amount), 0)::bigint
                     FROM posting p JOIN ledger_account a ON a.code = p.account
                     WHERE a.region = %(r)s AND a.name = ANY (%(n)s)"""
        pairs = {
            "trial balance": ("SELECT coalesce(sum(amount), 0)::bigint FROM posting", None),
            "individual accounts": (
                "SELECT -coalesce(sum(amount), 0)::bigint FROM account_entry",
                ["individual_accounts"],
            ),
            "receipts": (
                """SELECT ((SELECT coalesce(sum(amount), 0) FROM bill JOIN bill_settlement USING (region, number))
                           - (SELECT coalesce(sum(amount), 0) FROM receipt))::bigint""",
                ["prepayments", "unidentified_receipts"],
            ),
            "open bills": (
                """SELECT coalesce(sum(amount), 0)::bigint FROM bill b WHERE NOT EXISTS (
                   SELECT FROM bill_settlement s WHERE s.region = b.region AND s.number = b.number)""",
                ["contributions_receivable"],
            ),
            "paid too much": (
                """SELECT ((SELECT coalesce(sum(amount), 0) FROM receivable)
                           - (SELECT coalesce(sum(amount), 0) FROM recovery))::bigint""",
                ["benefits_receivable"],
            ),
        }
        for name, (query, accounts) in pairs.items():
            ours, theirs = one(query), one(control, r=REGION, n=accounts) if accounts else 0
            if ours != theirs:
                yield f"{name}: {ours} fen, the journal has {theirs}"


def _unequal(what: str, ours: dict[Any, int], theirs: dict[Any, int]) -> Iterator[str]:
    for key in sorted(ours.keys() | theirs.keys(), key=str):
        if ours.get(key, 0) != theirs.get(key, 0):
            yield f"{what} of {' '.join(map(str, key))}: expected {ours.get(key, 0)}, booked {theirs.get(key, 0)}"
