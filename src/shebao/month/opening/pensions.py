"""Pensions in payment and account balances as a province hands them over.

What a resident draws follows from the law. An employee's pension is taken over as it was paid: its award lies before
the books. The part of either that comes out of the account is the balance over the months that are left of the law's
months of payment.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shebao.engine import Refused
from shebao.engine.rulebook import Law
from shebao.month.opening.people import People
from shebao.month.opening.sources import assumed

#: What the law gives a resident besides the account's part.
RESIDENT_PARTS = ("basic_pension_standard", "long_contribution_supplement")


@dataclass(frozen=True)
class TakenOver:
    """One scheme: positions of its people, and by person in fen the account, the pension's components and its account
    part.

    ``start`` is the first month paid, for those who draw.
    """

    who: np.ndarray
    drawing: np.ndarray
    start: np.ndarray
    balance: np.ndarray
    parts: dict[str, np.ndarray]
    monthly_credit: np.ndarray

    @property
    def account_part(self) -> np.ndarray:
        return self.parts["account_pension"]

    @property
    def amount(self) -> np.ndarray:
        """The pension, for those who draw."""
        return sum(self.parts.values(), start=np.zeros(len(self.who), np.int64))

    def components(self, some: np.ndarray) -> pa.Array:
        """Name → fen, adding up to the amount; nothing is said of components of 0."""
        texts = [
            pc.if_else(
                pa.array(values[some] != 0),
                pc.binary_join_element_wise(f'"{name}": ', pa.array(values[some]).cast(pa.string()), ""),
                pa.scalar(None, pa.string()),
            )
            for name, values in self.parts.items()
        ]
        inner = pc.binary_join_element_wise(*texts, ", ", null_handling="skip")
        return pc.binary_join_element_wise("{", inner, "}", "")


def taken_over(law: Law, people: People) -> dict[str, TakenOver]:
    """Both pension schemes; an amount the law lacks for a person is the population's."""
    return {"employee_pension": _employees(law, people), "resident_pension": _residents(law, people)}


def _employees(law: Law, people: People) -> TakenOver:
    who = people.who("employee", "flexible", "employee_retiree")
    table = people.table.take(pa.array(who))
    balance, paid = people.of("account_balance")[who], people.of("pension_in_payment")[who]
    drawing, start = paid > 0, people.of("retirement_month")[who] + 1
    months = _column(law, "employee_pension.months_of_payment", table) // 10  # stored in tenths
    account = np.minimum(_spread(balance, months - (people.number_of_month - start)), paid) * drawing
    credit = _column(law, "employee_pension.account_credit", table) * ~drawing
    parts = {"pension_taken_over": paid - account, "account_pension": account}
    return TakenOver(who, drawing, start, balance, parts, credit)


def _residents(law: Law, people: People) -> TakenOver:
    who = people.who("resident", "resident_pensioner")
    table = people.table.take(pa.array(who))
    balance, paid = people.of("resident_account_balance")[who], people.of("pension_in_payment")[who]
    drawing, start = paid > 0, people.of("retirement_month")[who] + 1
    account = _spread(balance, _resident_months(law) - (people.number_of_month - start)) * drawing
    rules = [f"resident_pension.{name}" for name in RESIDENT_PARTS]
    by_law = {name: _column(law, rule, table) * drawing for name, rule in zip(RESIDENT_PARTS, rules, strict=True)}
    unknown = drawing & (by_law["basic_pension_standard"] == 0)
    by_law["pension_taken_over"] = np.maximum(paid - account, 0) * unknown
    return TakenOver(who, drawing, start, balance, {**by_law, "account_pension": account}, np.zeros(len(who), np.int64))


def _spread(balance: np.ndarray, months_left: np.ndarray) -> np.ndarray:
    """A balance in equal parts over the months it must still last, rounded up so that it does not outlast them."""
    return -(-balance // np.maximum(months_left, assumed("shortest_drawdown")))


def _column(law: Law, rule: str, table: pa.Table) -> np.ndarray:
    """A rule for everybody as stored units, 0 where the law refuses."""
    return pc.fill_null(law.compute([rule], table).table[0], 0).to_numpy().astype(np.int64)


def _resident_months(law: Law) -> int:
    """The months over which the law spreads a resident's account, read from the explanation of a pension."""
    try:
        steps: Iterator = law.explain("resident_pension.account_pension", {"resident_account_balance": "100"}).walk()
        return next(int(step.exact) for step in steps if step.name.endswith("payment_months"))
    except (Refused, StopIteration) as error:
        raise ValueError(f"the law of the month has no months of payment for residents: {error}") from error
