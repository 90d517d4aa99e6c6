"""Retirement age (退休年龄): the statutory month, the flexible bounds, and who may retire."""

from shebao.engine import Room

ROOM = Room(
    label="退休年龄",
    dated_by="statutory_retirement_month",
    borrow={"employee_pension": ["contribution_months"]},
    modules=["age", "eligibility"],
)
