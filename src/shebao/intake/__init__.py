"""Files from outside → validated rows: payroll declarations and person registers, as employers and offices have them.

Reading is pure: no database, no clock, no chance; the same bytes give the same result. Every row of a file ends in
exactly one of three places: ``rows`` (well-formed), ``rejected`` (a :class:`Finding` for every fault) or ``ignored``
(title, header, blank, total, note), and the three add up to the rows of the sheet.
"""

from shebao.intake.fields import SCHEMES
from shebao.intake.outcome import Finding, Ignored, IntakeError, IntakeFile, Outcome, Reason
from shebao.intake.payroll import PayrollFile, payroll_template, read_payroll
from shebao.intake.persons import PersonFile, read_persons
from shebao.intake.rejects import write_rejects

__all__ = [
    "SCHEMES",
    "Finding",
    "Ignored",
    "IntakeError",
    "IntakeFile",
    "Outcome",
    "PayrollFile",
    "PersonFile",
    "Reason",
    "payroll_template",
    "read_payroll",
    "read_persons",
    "write_rejects",
]
