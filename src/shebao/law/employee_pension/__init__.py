"""The enterprise employees' pension: account, index, award, adjustment, death and disability benefits."""

from shebao.engine import Room

ROOM = Room(
    label="企业职工基本养老保险",
    dated_by="retirement_month",
    borrow={
        "retirement": [
            "statutory_retirement_month",
            "earliest_flexible_retirement_month",
            "special_work",
            "special_work_retirement_month",
            "minimum_contribution_months",
        ],
    },
    modules=[
        "contribution",
        "facts",
        "account",
        "index",
        "eligibility",
        "base_wage",
        "periods",
        "award",
        "transition",
        "supplement",
        "adjustment",
        "death",
        "disability",
        "refund",
    ],
)
