"""Person registers (人员登记表): who people are, where they are registered and how to reach and pay them."""

from __future__ import annotations

from pathlib import Path

from shebao.intake import numbers
from shebao.intake.checks import argument, check_identity, fill, reject_repeated
from shebao.intake.fields import PERSONS
from shebao.intake.outcome import IntakeFile
from shebao.intake.table import finish, read_table


class PersonFile(IntakeFile):
    """A person register as read by :func:`read_persons`.

    Columns of ``rows``: ``row_number`` int32, ``citizen_number``, ``name``, ``sex`` (``male``/``female``) string,
    ``born_on`` date32, ``area`` int64 (12-digit division code), and, where known, ``hukou_area`` int64, ``hukou``
    (``urban``/``rural``), ``phone``, ``bank_account``, ``bank_name`` string.
    """


def read_persons(
    source: str | Path | bytes, *, name: str, area: str | int | None = None, sheet: str | None = None
) -> PersonFile:
    """Read and validate a person register, XLSX, XLS or delimited text.

    ``name`` is the name of the file, for messages; ``area`` the division of people whose row gives none; ``sheet``
    chooses one of several. A person may stand in the file once: of well-formed rows that repeat, the first counts.

    ``IntakeError`` as :func:`shebao.intake.payroll.read_payroll`.
    """
    for_area = argument(numbers.area, area, "area")
    table = read_table(source, name, PERSONS, sheet, {"area": for_area})
    fill(table, "area", for_area)
    check_identity(table)
    reject_repeated(table, ("citizen_number",))
    return PersonFile(**finish(table))
