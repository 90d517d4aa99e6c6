"""Income tax on comprehensive income and on annuities, as far as pensions and contributions need it."""

from shebao.engine import Room

ROOM = Room(
    label="个人所得税（综合所得、年金）",
    borrow={
        "personal_pension": ["personal_pension_deduction"],
        "enterprise_annuity": ["annuity_deduction_of_year"],
    },
    modules=["special", "comprehensive", "withholding", "annuity"],
)
