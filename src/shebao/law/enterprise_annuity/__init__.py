"""Enterprise annuities: limits, fairness, vesting, the account, paying out, and tax on the way in."""

from shebao.engine import Room

ROOM = Room(
    label="企业年金",
    borrow={
        "retirement": ["statutory_retirement_month"],
        "employee_pension": ["annuity_months"],
    },
    modules=["contribution", "vesting", "account", "payout", "tax"],
)
