"""A little province filled by SQL: people, careers, accounts, claims, deaths, transfers, and months that are run."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from psycopg import sql

from shebao.books import Books
from shebao.engine.rulebook import Rulebook
from shebao.month.context import Context, Step, Summary

PENSION = "employee_pension"


def month(text: str) -> dt.date:
    return dt.datetime.strptime(text, "%Y-%m").date()


def next_month(day: dt.date) -> dt.date:
    return (day.replace(day=1) + dt.timedelta(days=31)).replace(day=1)


class Province:
    """One region's books, from the month they open."""

    def __init__(self, books: Books, region: int, opened: str, law: Rulebook) -> None:
        self.books, self.region, self.law, self.now = books, region, law, month(opened)
        self.area = region * 10**10
        self.people = 0
        self.open()

    def open(self) -> None:
        self.books.ensure_months([self.now])
        self.put("period_event", region=self.region, month=self.now, round=0, event="opened", officer="A")

    def turn(self) -> None:
        """The month is over and the next one opened."""
        self.put("period_event", region=self.region, month=self.now, round=0, event="closed", officer="A")
        self.now = next_month(self.now)
        self.open()

    def run(self, step: Step) -> Summary:
        with self.books.transaction():
            return step(Context(self.books, self.region, self.now, self.law, "A"))

    # -- facts ------------------------------------------------------------------------------------------
    def put(self, table: str, **values: Any) -> None:
        names = sql.SQL(", ").join(map(sql.Identifier, values))
        marks = sql.SQL(", ").join(map(sql.Placeholder, values))
        held = {k: json.dumps(v) if isinstance(v, dict) else v for k, v in values.items()}
        self.books.connection.execute(
            sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(sql.Identifier(table), names, marks), held
        )

    def person(self, *, birth: str, sex: str = "male", category: str = "men60", hukou: int | None = None) -> int:
        self.people += 1
        person_id = self.region * 1000 + self.people
        day = dt.date.fromisoformat(birth)
        self.put("person", id=person_id, number=f"{self.region:02d}0101{day:%Y%m%d}{self.people:03d}X")
        self.record(person_id, 0, birth=birth, sex=sex, category=category, hukou=hukou)
        return person_id

    def sheet_p02(self, *, months: int = 509, hukou: int | None = None, until: str = "2026-02") -> int:
        """Award sheet P02 of the law's cases: a man of 60 years and 3 months in Anhui, retired in February 2026."""
        person_id = self.person(birth="1965-11-20", hukou=hukou)
        self.participates(person_id, "2020-01")
        facts = (
            {}
            if months == 509
            else {"stays": [{"stay_region": 34, "stay_months": months, "stay_last_month": "2026-01"}]}
        )
        self.career(person_id, 509, deemed=147, index=8498, facts=facts, until=until)
        self.account(person_id, 11_509_038)
        return person_id

    def record(
        self,
        person_id: int,
        version: int,
        *,
        birth: str,
        sex: str = "male",
        category: str = "men60",
        hukou: int | None = None,
    ) -> None:
        self.put(
            "person_record",
            **{
                "person_id": person_id,
                "version": version,
                "region": self.region,
                "area": self.area,
                "valid": "[1990-01-01,)",
            },
            **{
                "booked": self.now,
                "name": f"甲{person_id}",
                "sex": sex,
                "birth_date": birth,
                "category": category,
                "hukou_region": hukou,
                "source": "test",
            },
        )

    def supersede(self, table: str, person_id: int) -> None:
        self.books.connection.execute(
            sql.SQL(
                "UPDATE {} SET known = tstzrange(lower(known), clock_timestamp()), superseded_in = %s "
                "WHERE person_id = %s AND upper_inf(known)"
            ).format(sql.Identifier(table)),
            (self.now, person_id),
        )

    def correct(self, person_id: int, version: int, **values: Any) -> None:
        self.supersede("person_record", person_id)
        self.record(person_id, version, **values)

    def participates(self, person_id: int, since: str, scheme: str = "employee_pension", **values: Any) -> None:
        self.put(
            "participation",
            **{
                "person_id": person_id,
                "scheme": scheme,
                "version": values.pop("version", 0),
                "region": self.region,
                "area": self.area,
            },
            **{"valid": values.pop("valid", f"[{month(since)},)"), "booked": self.now, "source": "test"},
            **(values or {"kind": "flexible", "chosen_base": 500_000}),
        )

    def career(self, person_id: int, months: int, *, scheme: str = "employee_pension", **values: Any) -> None:
        self.put(
            "career",
            **{
                "person_id": person_id,
                "scheme": scheme,
                "version": values.pop("version", 0),
                "region": self.region,
                "area": self.area,
            },
            **{
                "booked": self.now,
                "until": month(values.pop("until")) if "until" in values else self.now,
                "contribution_months": months,
            },
            **{"deemed_months": values.pop("deemed", 0), "average_index": values.pop("index", 10_000)},
            **{
                "transition_index": values.pop("transition", 10_000),
                "facts": values.pop("facts", {}),
                "source": "test",
            },
        )
        assert not values, values

    def account(self, person_id: int, amount: int, *, kind: str = "opening", scheme: str = "employee_pension") -> None:
        self.put(
            "account_movement",
            **{
                "month": self.now,
                "person_id": person_id,
                "scheme": scheme,
                "kind": kind,
                "version": 0,
                "region": self.region,
            },
            **{"area": self.area, "amount": amount, "booked": self.now},
        )

    def paid(self, person_id: int, about: str, base: int, own: int, *, scheme: str = "employee_pension") -> None:
        """A month's contribution of somebody who pays alone, with its bill settled in the present month."""
        self.books.ensure_months([month(about)])
        number = 1 + self.books.value("SELECT coalesce(max(number), 0) FROM bill WHERE region = %(r)s", r=self.region)
        version = self.books.value(
            "SELECT count(*) FROM contribution WHERE month = %(m)s AND person_id = %(p)s AND scheme = %(s)s::scheme",
            m=month(about),
            p=person_id,
            s=scheme,
        )
        here = {"region": self.region, "area": self.area, "booked": self.now}
        self.put(
            "bill",
            **dict(
                here,
                number=number,
                month=month(about),
                kind="regular",
                person_id=person_id,
                reference=f"{self.region}-{number}",
            ),
            **{"due_on": month(about), "amount": own},
        )
        self.put(
            "contribution",
            **dict(
                here, month=month(about), person_id=person_id, scheme=scheme, version=version, bill=number, base=base
            ),
            **{"employee": own, "employer": 0, "account_credit": own},
        )
        self.put("bill_settlement", **here, number=number)
        self.put(
            "account_movement",
            **dict(
                here,
                month=month(about),
                person_id=person_id,
                scheme=scheme,
                kind="contribution",
                version=version,
                amount=own,
            ),
        )

    def bank(self, person_id: int, holder: str = "heir", number: str = "6222000011112222") -> int:
        self.put(
            "bank_account",
            **{
                "person_id": person_id,
                "region": self.region,
                "area": self.area,
                "valid": "[2020-01-01,)",
                "holder": holder,
            },
            **{"bank_code": "102100099996", "number": number},
        )
        return int(self.books.value("SELECT max(id) FROM bank_account"))

    def claims(
        self, person_id: int, benefit: str, facts: Mapping[str, Any] | None = None, bank: int | None = None
    ) -> int:
        number = 1 + self.books.value("SELECT coalesce(max(number), 0) FROM claim WHERE region = %(r)s", r=self.region)
        self.put(
            "claim",
            **{
                "region": self.region,
                "number": number,
                "area": self.area,
                "person_id": person_id,
                "benefit": benefit,
                "claimed_on": self.now,
            },
            **{"booked": self.now, "facts": dict(facts or {}), "bank_account_id": bank, "source": "test"},
        )
        return int(number)

    def draws(self, person_id: int, since: str, amount: int, account_part: int = 0, **components: int) -> None:
        """An employee's pension taken over from before the books; ``account_part`` of it comes from the account."""
        self.put(
            "entitlement",
            **{
                "person_id": person_id,
                "benefit": "employee_pension",
                "version": 0,
                "region": self.region,
                "area": self.area,
            },
            **{
                "valid": f"[{month(since)},)",
                "booked": self.now,
                "amount": amount,
                "account_part": account_part,
                "components": components or {"pension": amount},
            },
            **{"reason": "taken over"},
        )

    def transfers(self, person_id: int, to: int, scheme: str = PENSION, to_scheme: str = PENSION) -> None:
        self.put(
            "transfer",
            **{
                "id": f"{person_id}-{self.region}-{to}-{self.now}-{scheme}",
                "person_id": person_id,
                "from_region": self.region,
            },
            **{
                "to_region": to,
                "from_scheme": scheme,
                "to_scheme": to_scheme,
                "requested_on": self.now,
                "source": "test",
            },
        )

    def dies(self, person_id: int, on: str, version: int = 0) -> None:
        self.put(
            "life_event",
            **{
                "person_id": person_id,
                "kind": "death",
                "version": version,
                "region": self.region,
                "area": self.area,
                "happened_on": on,
            },
            **{"booked": self.now, "source": "test"},
        )

    # -- what the books say ----------------------------------------------------------------------------------
    def awards(self, person_id: int, benefit: str = "employee_pension") -> list[tuple[Any, ...]]:
        """Month, amount, granted, provisional of each version."""
        return self.books.rows(
            """SELECT month, amount, granted, provisional FROM award
               WHERE person_id = %(p)s AND benefit = %(b)s::benefit ORDER BY version""",
            p=person_id,
            b=benefit,
        )

    def due(self, person_id: int, benefit: str = "employee_pension") -> list[tuple[Any, ...]]:
        """First month, first month no more, and amount of what is known to be due."""
        return self.books.rows(
            """SELECT lower(valid), upper(valid), amount FROM entitlement_now
               WHERE person_id = %(p)s AND benefit = %(b)s::benefit ORDER BY valid""",
            p=person_id,
            b=benefit,
        )

    def balance(self, account: str, scheme: str = "employee_pension") -> int:
        from shebao.books.ledger import balance

        return balance(self.books, self.region, account, scheme)

    def account_balance(self, person_id: int, scheme: str = "employee_pension") -> int:
        return int(
            self.books.value(
                """SELECT coalesce(sum(amount), 0)::bigint FROM account_entry
                   WHERE person_id = %(p)s AND scheme = %(s)s::scheme AND region = %(r)s""",
                p=person_id,
                s=scheme,
                r=self.region,
            )
        )
