"""The books computed anew, person by person, from the facts as they are known now: slowly, and by explanations.

It shares nothing with the steps but the law: loops in place of joins, `law.explain` in place of the compiled kernels.
Of who has moved it asks what the steps know (`careers.known`), and holds that against its own count of the months.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from psycopg.types.range import DateRange
from tests.chaos.world import OPENED, REGIONS, later

from shebao.books import Books
from shebao.engine.rulebook import Rulebook
from shebao.month.careers import known
from shebao.month.context import Context

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
        recount.doubles,
        recount.accounts,
        recount.refunds,
        recount.transfers,
        recount.months_moved,
        recount.places,
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
        self.settled = set(books.rows("SELECT region, number FROM bill_settlement"))
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
        booked: dict[tuple[int, int, str, dt.date], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        for row in self._dicts("SELECT * FROM contribution WHERE booked <= %(m)s", m=self.last):
            sums = booked[row["region"], row["person_id"], row["scheme"], row["month"]]
            for n, name in enumerate(("base", "employee", "employer", "account_credit")):
                sums[n] += row[name]
        expected = {key: value for key, value in self._expected() if any(value)}
        for key in sorted(expected.keys() | booked.keys(), key=str):
            ours, theirs = expected.get(key, [0, 0, 0, 0]), booked.get(key, [0, 0, 0, 0])
            if ours != theirs:
                yield f"{key[1]} in {key[0]} {key[2]} {key[3]:%Y-%m}: the law asks {ours}, booked {theirs}"

    def _expected(self) -> Iterator[tuple[tuple[int, int, str, dt.date], list[int]]]:
        """Each province collects by itself what was paid there."""
        for person, everywhere in self.participation.items():
            for region in REGIONS:
                rows = [row for row in everywhere if row["region"] == region]
                for month in _months(OPENED, self.last):
                    for scheme in SCHEMES:
                        if found := self._of_month(person, rows, scheme, month):
                            yield (region, person, scheme, month), found
                for year in {month.year for month in _months(OPENED, self.last)}:
                    january = dt.date(year, 1, 1)
                    if found := self._of_year(rows, january):
                        yield (region, person, "resident_pension", january), found

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
        return self._amounts(rows[0]["region"], scheme, month, employer, amount)

    def _amounts(self, region: int, scheme: str, month: dt.date, employer: int, amount: int) -> list[int]:
        facts: dict[str, Any] = {"region": region, "flexible_worker": employer < 0}
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
        facts = {"region": rows[0]["region"], "resident_grade": str(max(chosen)[1])}
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
        sums = """SELECT region, {0}, sum({1})::bigint FROM {2} GROUP BY 1, 2"""
        lines, people, covered = (
            {(region, number): fen for region, number, fen in self.books.rows(sums.format(*given))}
            for given in (
                ("number", "employee + employer + late_fee", "bill_line"),
                ("bill", "employee + employer", "contribution"),
                ("number", "amount", "allocation"),
            )
        )
        for bill in self._dicts("SELECT region, number, kind::text, amount FROM bill"):
            number, amount = (bill["region"], bill["number"]), bill["amount"]
            if lines.get(number, 0) != amount:
                yield f"bill {number}: {amount} fen, its lines {lines.get(number, 0)}"
            if bill["kind"] in ("regular", "correction", "reversal") and people.get(number, 0) != amount:
                yield f"bill {number}: {amount} fen, its people's contributions {people.get(number, 0)}"
            if (covered.get(number, 0) == amount) < (number in self.settled):
                yield f"bill {number}: settled with {covered.get(number, 0)} of {amount} fen"
        yield from self._covered_by_what_was_paid(covered)

    def _covered_by_what_was_paid(self, covered: dict[tuple[int, int], int]) -> Iterator[str]:
        """Nobody's bills are covered with money of others."""
        left: dict[tuple[int, int], int] = defaultdict(int)
        assigned = {}
        for row in self._dicts("SELECT * FROM receipt_assignment ORDER BY version"):
            assigned[row["region"], row["receipt"]] = row
        for row in self._dicts("SELECT * FROM receipt"):
            payer = assigned.get((row["region"], row["id"]), row)
            left[row["region"], payer["employer_id"] or -(payer["person_id"] or 0)] += row["amount"]
        for bill in self._dicts("SELECT region, number, amount, employer_id, person_id FROM bill"):
            payer = bill["employer_id"] or -bill["person_id"]
            left[bill["region"], payer] -= min(bill["amount"], 0)
            left[bill["region"], payer] -= max(covered.get((bill["region"], bill["number"]), 0), 0)
        for (region, payer), fen in left.items():
            if fen < 0:
                yield f"payer {payer} of {region}: its bills are covered with {-fen} fen more than it paid"

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
            for name, value in self._known_facts(person, award, records[person], careers.get(person)).items():
                if str(facts.get(name)) != str(value):
                    yield f"{person}: the award rests on {name} {facts.get(name)}, known is {value}"
            yield from self._due_by(person, law, facts, amount, due)

    def _known_facts(
        self, person: int, award: dict[str, Any], record: dict[str, Any], career: dict[str, Any] | None
    ) -> dict[str, Any]:
        """Of a relation kept in another province its months are not known here."""
        if career is None or career["region"] != award["region"]:
            career = {"until": dt.date.min, "contribution_months": 0, "deemed_months": 0}
        until = dt.date.fromisoformat(f"{award['facts']['retirement_month']}-01")
        paid: dict[dt.date, int] = defaultdict(int)
        for row in self._dicts(
            "SELECT * FROM contribution WHERE person_id = %(p)s AND scheme = 'employee_pension'", p=person
        ):
            if row["region"] == award["region"] and career["until"] <= row["month"] <= until and self._counts(row):
                paid[row["month"]] += row["base"]
        months = sum(base > 0 for base in paid.values())
        there_and_back = any(
            leg["person_id"] == person and leg["region"] == award["region"] for leg in self._legs("out")
        )
        return {
            "birth_month": f"{record['birth_date']:%Y-%m}",
            "sex": record["sex"],
            "category": record["category"],
            "deemed_months": career["deemed_months"],
            **({} if there_and_back else {"contribution_months": career["contribution_months"] + months}),
        }

    def _counts(self, contribution: dict[str, Any]) -> bool:
        return (contribution["region"], contribution["bill"]) in self.settled

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
        """Nobody takes part, and nothing monthly is due, after a death; who lives is owed no survivors' benefit."""
        for person, rows in self.participation.items():
            died = self.deceased.get(person)
            for row in rows:
                if died and (row["valid"].upper or _EVER) > later(died.replace(day=1)):
                    yield f"{person}: died {died}, and takes part in {row['scheme']} of {row['region']} {row['valid']}"
        for row in self._dicts("SELECT * FROM entitlement WHERE upper_inf(known)"):
            died = self.deceased.get(row["person_id"])
            if row["benefit"] in ("employee_pension", "resident_pension"):
                if died and (row["valid"].upper or _EVER) > later(died.replace(day=1)):
                    yield f"{row['person_id']}: died {died}, {row['benefit']} due in {row['valid']}"
            elif (
                row["benefit"]
                in ("funeral_grant", "survivor_grant", "account_inheritance", "resident_account_inheritance")
                and not died
                and row["amount"]
            ):
                yield f"{row['person_id']}: alive, and {row['benefit']} of {row['amount']} fen is due"

    def doubles(self) -> Iterator[str]:
        """Beside an employee's pension nothing of a resident's is due but the account's part of months drawn before."""
        known_now = "SELECT * FROM entitlement WHERE benefit = %(b)s::benefit AND upper_inf(known)"
        employees: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for row in self._dicts(known_now, b="employee_pension"):
            employees[row["person_id"]].append(row)
        for row in self._dicts(known_now, b="resident_pension"):
            person, more = row["person_id"], row["amount"] > row["account_part"] or row["valid"].upper is None
            for month in _months(row["valid"].lower, self.last):
                both = any(_meets(e["valid"], month) for e in employees[person]) and _meets(row["valid"], month)
                if both and more:
                    yield f"{person}: {row['amount']} fen of a resident's pension are due in {month:%Y-%m}, too"
        for row in self._dicts(
            """SELECT DISTINCT ON (person_id) * FROM award WHERE benefit = 'resident_account_refund'
               ORDER BY person_id, version DESC"""
        ):
            yield from self._returned(row, employees[row["person_id"]])

    def _returned(self, award: dict[str, Any], employees: list[dict[str, Any]]) -> Iterator[str]:
        """Of who drew both the account is empty, but for what came in of late; of who did not it is not returned."""
        person, since = award["person_id"], award["facts"].get("double_since")
        due = self._dicts(
            """SELECT * FROM entitlement
               WHERE person_id = %(p)s AND benefit = 'resident_account_refund' AND upper_inf(known)""",
            p=person,
        )
        if sum(row["amount"] for row in due) != award["amount"]:
            yield f"{person}: {award['amount']} fen of a resident's account are returned, due {len(due)} times"
        if since and not any(_meets(e["valid"], dt.date.fromisoformat(f"{since}-01")) for e in employees):
            yield f"{person}: the resident's pension ended for an employee's in {since}, when none was due"
        held = self.books.value(
            """SELECT coalesce(sum(amount), 0)::bigint FROM account_entry
               WHERE person_id = %(p)s AND scheme = 'resident_pension' AND booked < %(m)s""",
            p=person,
            m=self.last,
        )
        if since and held and award["booked"] < self.last and person not in self.deceased:
            yield f"{person}: {held} fen are left of a resident's account that was returned"

    # -- accounts and the journal -----------------------------------------------------------------------------

    def accounts(self) -> Iterator[str]:
        """Σ entries = credits of settled bills − what payments took; no account is overdrawn once all is paid."""
        credits: dict[tuple[int, int, str, dt.date], int] = defaultdict(int)
        balance: dict[tuple[int, int, str], int] = defaultdict(int)
        for row in self._dicts("SELECT * FROM contribution"):
            if not self._counts(row):
                balance[row["region"], row["person_id"], row["scheme"]] += row["account_credit"]
            elif row["scheme"] in CREDITED:
                credits[row["region"], row["person_id"], row["scheme"], row["month"]] += row["account_credit"]
        parts: dict[tuple[int, str], int] = defaultdict(int)
        for row in self._dicts("SELECT * FROM payment"):
            parts[row["person_id"], ONE_SUM.get(row["benefit"], row["benefit"])] -= row["account_part"]
        entries: dict[tuple[int, int, str, dt.date], int] = defaultdict(int)
        drawn: dict[tuple[int, str], int] = defaultdict(int)
        kinds = {"inheritance": "account_inheritance", "refund": "refund"}
        for row in self._dicts("SELECT * FROM account_entry"):
            balance[row["region"], row["person_id"], row["scheme"]] += row["amount"]
            if row["kind"] == "contribution":
                entries[row["region"], row["person_id"], row["scheme"], row["month"]] += row["amount"]
            elif row["kind"] in ("drawdown", *kinds):
                drawn[row["person_id"], kinds.get(row["kind"], row["scheme"])] += row["amount"]
        yield from _unequal("credits", credits, entries)
        yield from _unequal("account parts", parts, drawn)
        for (region, person, scheme), fen in balance.items():
            if fen < 0:
                yield f"{person} in {region} {scheme}: overdrawn by {-fen} fen"

    def refunds(self) -> Iterator[str]:
        """Who ended the relation got the whole account; only what came in later can be in it."""
        latest: dict[tuple[int, int], dict[str, Any]] = {}
        for row in self._dicts("SELECT * FROM award WHERE benefit = 'account_refund' ORDER BY version"):
            if row["granted"]:
                latest[row["region"], row["person_id"]] = row
        for (region, person), award in latest.items():
            law = self.book.at(f"{award['month']:%Y-%m}")
            if award["amount"] != _fen(law.explain("employee_pension.account_refund", award["facts"])):
                yield f"{person}: refunded {award['amount']}, the law says otherwise"
            held, later_on = self.books.one(
                """SELECT sum(amount)::bigint, coalesce(sum(amount) FILTER (
                              WHERE booked >= %(b)s AND kind NOT IN ('refund', 'interest')
                              OR kind = 'interest' AND booked > %(b)s), 0)::bigint
                   FROM account_entry WHERE person_id = %(p)s AND region = %(r)s AND scheme = 'employee_pension'""",
                p=person,
                r=region,
                b=award["booked"],
            )
            if held and not later_on:
                yield f"{person}: {held} fen are left in {region} of an account that was refunded"

    # -- between provinces ------------------------------------------------------------------------------------

    def _legs(self, side: str) -> list[dict[str, Any]]:
        return self._dicts(
            """SELECT t.*, l.*, t.id AS move FROM transfer_leg l JOIN transfer t ON t.id = l.transfer
               WHERE l.side = %(s)s ORDER BY l.booked, t.requested_on, t.id""",
            s=side,
        )

    def transfers(self) -> Iterator[str]:
        """What left one province arrived in the other; the law's pooled part; nothing stays where the person left."""
        out, into = ({leg["move"]: leg for leg in self._legs(side)} for side in ("out", "in"))
        law = self.book.at(f"{self.last:%Y-%m}")
        for move, leg in out.items():
            names = ("account", "pooled", "months", "career")
            if move not in into:
                if leg["booked"] < self.last:
                    yield f"{move}: left in {leg['booked']:%Y-%m} and did not arrive"
            elif [leg[name] for name in names] != [into[move][name] for name in names]:
                yield f"{move}: left with {[leg[n] for n in names[:3]]}, came with {[into[move][n] for n in names[:3]]}"
        entries: dict[tuple[str, int], int] = defaultdict(int)
        for row in self._dicts("SELECT * FROM account_entry WHERE kind IN ('transfer_in', 'transfer_out')"):
            entries[row["kind"], row["person_id"]] += row["amount"]
        moved: dict[tuple[str, int], int] = defaultdict(int)
        for leg in out.values():
            moved["transfer_out", leg["person_id"]] -= leg["account"]
        for leg in into.values():
            moved["transfer_in", leg["person_id"]] += leg["account"]
        yield from _unequal("moved accounts", moved, entries)
        yield from self._pooled(law, list(out.values()))
        yield from self._left_behind(list(out.values()))

    def _pooled(self, law: Any, legs: list[dict[str, Any]]) -> Iterator[str]:
        """What a province sent of its fund for a person is the law's share of the wages paid there and before.

        Each leg rounds its years by itself. What comes and goes again is left out here; `months_moved` counts it.
        """
        sent: dict[tuple[int, int], int] = defaultdict(int)
        wages: dict[tuple[int, int], dict[str, int]] = defaultdict(lambda: defaultdict(int))
        count: dict[tuple[int, int], int] = defaultdict(int)
        for leg in legs:
            key = leg["from_region"], leg["person_id"]
            sent[key] += leg["pooled"]
            count[key] += 1
            for year, fen in leg["career"]["wages"].items():
                wages[key][year] += fen
        for key, fen in sent.items():
            years = [
                {"contributed_year": int(year), "contributed_wages": _yuan(sum_)}
                for year, sum_ in wages[key].items()
                if sum_
            ]
            share = _fen(law.explain("transfer.pooled_transfer", {"contributed_years": years}))
            if self._moves(key[1]) == 1 and abs(share - fen) > count[key] - 1:
                yield f"{key[1]}: {fen} fen of the fund of {key[0]} were sent, by the wages {share}"

    def _moves(self, person: int) -> int:
        """How many ways the person's relation has gone."""
        query = """SELECT count(DISTINCT (from_region, to_region)) FROM transfer t JOIN transfer_leg l
                   ON l.transfer = t.id AND l.side = 'out' WHERE t.person_id = %(p)s"""
        return int(self.books.value(query, p=person))

    def _moving(self) -> set[int]:
        """Whose relation moved in the last month, or waits to: what is left of it is still to follow."""
        query = """SELECT DISTINCT person_id FROM transfer t LEFT JOIN transfer_leg i ON i.transfer = t.id
                   AND i.side = 'in' WHERE i.booked IS NULL OR i.booked = %(m)s"""
        return {person for (person,) in self.books.rows(query, m=self.last)}

    def _left_behind(self, out: list[dict[str, Any]]) -> Iterator[str]:
        """Nothing stays in an account of a province that the relation has left."""
        held = {
            (region, person): fen
            for region, person, fen in self.books.rows(
                """SELECT region, person_id, sum(amount)::bigint FROM account_entry
                   WHERE scheme = 'employee_pension' GROUP BY 1, 2"""
            )
        }
        moving = self._moving()
        relations = "SELECT person_id, region FROM career WHERE scheme = 'employee_pension' AND upper_inf(known)"
        where = dict(self.books.rows(relations))
        for region, person in {(leg["from_region"], leg["person_id"]) for leg in out}:
            if person not in moving and where.get(person) != region and held.get((region, person), 0):
                yield f"{person}: {held[region, person]} fen stay in {region}, the relation is in {where.get(person)}"

    def months_moved(self) -> Iterator[str]:
        """The months known where the relation is: those before the books, and each month paid, counted once."""
        before = dict(
            self.books.rows(
                """SELECT person_id, contribution_months FROM career
                   WHERE scheme = 'employee_pension' AND source <> 'transfer 转入' ORDER BY person_id, version"""
            )
        )
        gone: dict[int, set[int]] = defaultdict(set)
        coming: dict[int, int] = defaultdict(int)
        arrived = {leg["move"] for leg in self._legs("in")}
        for leg in self._legs("out"):
            gone[leg["person_id"]].add(leg["from_region"])
            if leg["move"] not in arrived and leg["move"].endswith("+"):
                coming[leg["person_id"]] += leg["months"]
            elif leg["move"] not in arrived:
                gone.pop(leg["person_id"])
        moving = self._moving()
        careers = self._dicts("SELECT * FROM career WHERE scheme = 'employee_pension' AND upper_inf(known)")
        corrected = {
            p for (p,) in self.books.rows("SELECT person_id FROM career WHERE source = 'history' AND version > 0")
        }
        for career in careers:
            person = career["person_id"]
            if person not in gone or person in corrected or person in moving:
                continue
            paid: dict[tuple[int, dt.date], int] = defaultdict(int)
            for row in self._dicts(
                "SELECT * FROM contribution WHERE person_id = %(p)s AND scheme = 'employee_pension'", p=person
            ):
                if self._counts(row):
                    paid[row["region"], row["month"]] += row["base"]
            at, until = career["region"], career["until"]
            all_ = {m for (r, m), base in paid.items() if base and (r == at or r in gone[person])}
            context = Context(self.books, at, self.last, self.book, "")
            told = known(context, "employee_pension", {person: self.last})[person].facts["contribution_months"]
            months = told + coming[person]
            if months != before[person] + len(all_):
                yield (
                    f"{person} in {at}: {months} months known ({career['contribution_months']} until {until:%Y-%m}), "
                    f"{before[person]} before the books and {len(all_)} paid"
                )

    def places(self) -> Iterator[str]:
        """What a province books is managed by an office of its own."""
        tables = self.books.rows(
            """SELECT c.table_name FROM information_schema.columns c JOIN information_schema.columns d
               USING (table_schema, table_name) JOIN information_schema.tables t USING (table_schema, table_name)
               WHERE t.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.column_name = 'region'
                 AND d.column_name = 'area' AND table_name !~ '_[0-9]{4}_[0-9]{2}$' ORDER BY 1"""
        )
        for (table,) in tables:
            if count := self.books.value(f"SELECT count(*) FROM {table} WHERE area / 10000000000 <> region"):
                yield f"{count} rows of {table} are of one province and managed by another"

    def money(self) -> Iterator[str]:
        """Each province's journal balances, and each control account is what its subledger adds up to."""
        control = """SELECT coalesce(sum(p.amount), 0)::bigint
                     FROM posting p JOIN ledger_account a ON a.code = p.account
                     WHERE a.region = %(r)s AND a.name = ANY (%(n)s)"""
        for region in REGIONS:
            for name, (query, accounts) in SUBLEDGERS.items():
                ours = self.books.value(query, r=region)
                theirs = self.books.value(control, r=region, n=accounts) if accounts else 0
                if ours != theirs:
                    yield f"{name} of {region}: {ours} fen, the journal has {theirs}"


ONE_SUM = dict.fromkeys(("account_refund", "contribution_refund", "resident_account_refund"), "refund")
ONE_SUM["resident_account_inheritance"] = "account_inheritance"
SUBLEDGERS = {
    "trial balance": ("SELECT coalesce(sum(amount), 0)::bigint FROM posting WHERE region = %(r)s", None),
    "individual accounts": (
        "SELECT -coalesce(sum(amount), 0)::bigint FROM account_entry WHERE region = %(r)s",
        ["individual_accounts"],
    ),
    "receipts": (
        """SELECT ((SELECT coalesce(sum(amount), 0) FROM bill JOIN bill_settlement USING (region, number)
                    WHERE region = %(r)s)
                   - (SELECT coalesce(sum(amount), 0) FROM receipt WHERE region = %(r)s))::bigint""",
        ["prepayments", "unidentified_receipts"],
    ),
    "suspense": (
        """SELECT -coalesce(sum(amount), 0)::bigint FROM receipt x
           WHERE region = %(r)s AND employer_id IS NULL AND person_id IS NULL AND NOT EXISTS (
               SELECT FROM receipt_assignment f WHERE f.region = x.region AND f.receipt = x.id
               AND coalesce(f.employer_id, f.person_id) IS NOT NULL AND f.version = (
                   SELECT max(version) FROM receipt_assignment g
                   WHERE g.region = f.region AND g.receipt = f.receipt))""",
        ["unidentified_receipts"],
    ),
    "open bills": (
        """SELECT coalesce(sum(amount), 0)::bigint FROM bill b WHERE region = %(r)s AND NOT EXISTS (
           SELECT FROM bill_settlement s WHERE s.region = b.region AND s.number = b.number)""",
        ["contributions_receivable"],
    ),
    "paid too much": (
        """SELECT ((SELECT coalesce(sum(amount), 0) FROM receivable WHERE region = %(r)s)
                   - (SELECT coalesce(sum(amount), 0) FROM recovery WHERE region = %(r)s))::bigint""",
        ["benefits_receivable"],
    ),
    "transfers sent": (
        """SELECT coalesce(sum(pooled), 0)::bigint FROM transfer_leg WHERE region = %(r)s AND side = 'out'""",
        ["transfers_out"],
    ),
    "transfers taken in": (
        """SELECT -coalesce(sum(pooled), 0)::bigint FROM transfer_leg WHERE region = %(r)s AND side = 'in'""",
        ["transfers_in"],
    ),
}


def _unequal(what: str, ours: dict[Any, int], theirs: dict[Any, int]) -> Iterator[str]:
    for key in sorted(ours.keys() | theirs.keys(), key=str):
        if ours.get(key, 0) != theirs.get(key, 0):
            yield f"{what} of {' '.join(map(str, key))}: expected {ours.get(key, 0)}, booked {theirs.get(key, 0)}"
