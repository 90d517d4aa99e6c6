"""Rules between the cells of a row and between rows, which declarations and registers share."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeVar

from shebao.intake import numbers
from shebao.intake.cells import Fault
from shebao.intake.outcome import Finding, IntakeError, Reason
from shebao.intake.table import Table

Value = TypeVar("Value")


def argument(parse: Callable[[object], Value], value: object, name: str) -> Value | None:
    """What the caller states for the whole file, parsed like a cell; ``IntakeError`` if it is wrong."""
    if value is None:
        return None
    try:
        return parse(value)
    except Fault as fault:
        finding = Finding(0, fault.reason, name, str(value), fault.other)
        raise IntakeError(f"{finding.zh}。", f"{finding.en}.") from None


def fill(table: Table, field: str, given: object, otherwise: Reason | None = None) -> None:
    """Put what the caller states into blank cells; a cell that says something else is the fault ``otherwise``."""
    if given is None:
        return
    values = table.values[field]
    for row, value in enumerate(values):
        if value is None:
            values[row] = given
        elif otherwise is not None and value != given:
            table.fault(row, otherwise, field, value, given)


def check_identity(table: Table) -> None:
    """Derive sex and date of birth from the citizen number; what the file says of them must agree."""
    sexes, births = table.values["sex"], table.values["born_on"]
    for row, number in enumerate(table.values["citizen_number"]):
        if number is None:
            continue
        sex, born = numbers.sex_of(number), numbers.born_on(number)
        if sexes[row] not in (None, sex):
            table.fault(row, Reason.SEX_DIFFERS, "sex", sexes[row], sex)
        if births[row] not in (None, born):
            table.fault(row, Reason.BIRTH_DIFFERS, "born_on", births[row], born)
        sexes[row], births[row] = sex, born


def reject_repeated(table: Table, key: Collection[str], parts: list[frozenset[str]] | None = None) -> None:
    """Of well-formed rows with the same values in the fields ``key`` the first counts; the others are faults.

    ``parts`` (one set for each data row) divides a key: rows whose parts do not meet do not repeat each other.
    """
    columns = [table.values[name] for name in key]
    seen: dict[tuple[object, ...], list[int]] = {}
    for row in table.good():
        same = seen.setdefault(tuple(column[row] for column in columns), [])
        first = next((other for other in same if parts is None or parts[other] & parts[row]), None)
        if first is None:
            same.append(row)
        else:
            number = table.values["citizen_number"][row]
            table.fault(row, Reason.DUPLICATE, "citizen_number", number, str(table.numbers[first]))
