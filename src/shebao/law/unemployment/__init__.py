"""Unemployment insurance (失业保险): contributions, the benefit and its length, and what the fund pays employers."""

from shebao.engine import Room

ROOM = Room(
    label="失业保险",
    borrow={"retirement": ["statutory_retirement_month"], "employee_pension": ["flexible_rate"]},
    modules=[
        "contribution",
        "eligibility",
        "duration",
        "benefit",
        "near_retirement",
        "guangdong",
        "rural",
        "relief",
        "death",
        "employer",
        "skills",
    ],
)
