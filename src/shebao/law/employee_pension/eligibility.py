"""Whether a pension can be claimed in the month of retirement stated."""

from shebao.engine import Month, YesNo, rule


@rule(cite="渐进式延迟法定退休年龄办法 三、八", label="最早可领取养老金年月")
def earliest_claim_month(special_work, special_work_retirement_month, earliest_flexible_retirement_month) -> Month:
    """The first month of flexible retirement, or the lower age of certified special work."""
    return special_work_retirement_month if special_work else earliest_flexible_retirement_month


@rule(cite="社会保险法 十六；渐进式延迟法定退休年龄办法 二、三", label="可按月领取基本养老金")
def may_claim_pension(
    retirement_month, earliest_claim_month, contribution_months, minimum_contribution_months
) -> YesNo:
    """Old enough in that month, and the minimum contribution is met."""
    return retirement_month >= earliest_claim_month and contribution_months >= minimum_contribution_months
