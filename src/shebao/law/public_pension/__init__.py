"""The basic pension of public institutions and government since the reform of October 2014."""

from shebao.engine import Room

ROOM = Room(
    label="机关事业单位基本养老保险",
    dated_by="retirement_month",
    borrow={
        "retirement": [
            "statutory_retirement_month",
            "earliest_flexible_retirement_month",
            "minimum_contribution_months",
        ],
        "employee_pension": [
            "account_balance",
            "base_wage",
            "contribution_months",
            "death_month",
            "deemed_months",
            "months_of_payment",
            "transition_rate",
        ],
        "occupational_annuity": ["monthly_annuity"],
    },
    modules=["contribution", "eligibility", "new_method", "old_method", "award", "death"],
)
