"""Moving between provinces and schemes: the money that moves, the place that pays, the months that count."""

from shebao.engine import Room

ROOM = Room(
    label="养老保险关系转移接续",
    borrow={
        "employee_pension": ["contribution_months", "account_balance"],
        "resident_pension": ["resident_contribution_years", "resident_account_balance"],
        "retirement": ["minimum_contribution_months", "statutory_retirement_month"],
    },
    modules=["relation", "funds", "overlap", "conversion"],
)
