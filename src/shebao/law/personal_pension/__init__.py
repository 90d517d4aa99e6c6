"""Personal pensions: paying in, deducting, the products held, drawing out, and whether it pays."""

from shebao.engine import Room

ROOM = Room(
    label="个人养老金",
    borrow={
        "retirement": ["statutory_retirement_month"],
        "resident_pension": ["pension_age_month"],
        "employee_pension": ["annuity_months"],
        "enterprise_annuity": [
            "age_at_first_payout",
            "deceased",
            "drawing_basic_pension",
            "emigrated",
            "incapacity_certified",
        ],
        "income_tax": ["tax_before_personal_pension", "annual_tax", "marginal_rate"],
    },
    modules=["contribution", "holdings", "withdrawal", "payout", "break_even"],
)
