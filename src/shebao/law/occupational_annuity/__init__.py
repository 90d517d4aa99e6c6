"""Occupational annuity of public institutions and government: contributions, real and notional account, payout."""

from shebao.engine import Room

ROOM = Room(
    label="机关事业单位职业年金",
    borrow={
        "employee_pension": ["months_of_payment"],
        "enterprise_annuity": ["deceased", "emigrated"],
        "public_pension": ["may_retire_early_as_civil_servant"],
        "retirement": ["earliest_flexible_retirement_month"],
    },
    modules=["contribution", "account", "payout"],
)
