"""The disability allowance (病残津贴, 人社部发〔2024〕72号) of those who lost all capacity to work before old age.

``retirement_month`` stands for the month the allowance begins; ``contribution_months`` for what is paid by then.
"""

from shebao.engine import Months, YesNo, YuanPerMonth, fact, round_up, rule

total_incapacity = fact(YesNo, label="经鉴定因病或非因工致残完全丧失劳动能力")


@rule(cite="人社部发〔2024〕72号 一", label="可领取病残津贴", since="2025-01")
def may_claim_disability_allowance(total_incapacity, retirement_month, statutory_retirement_month) -> YesNo:
    """Total loss of working capacity, certified, below the statutory age."""
    return total_incapacity and retirement_month < statutory_retirement_month


@rule(cite="人社部发〔2024〕72号 二", label="距法定退休年龄月数", since="2025-01")
def months_to_statutory_age(statutory_retirement_month, retirement_month) -> Months:
    """Months still to go; 0 at or past the age."""
    return max(statutory_retirement_month - retirement_month, 0)


@rule(cite="人社部发〔2024〕72号 二", label="按基本养老金全额计发", since="2025-01")
def full_allowance_applies(
    may_claim_disability_allowance,
    contribution_months,
    minimum_contribution_months,
    months_to_statutory_age,
    full_allowance_span,
) -> YesNo:
    """The minimum contribution is met and the statutory age is at most five years away."""
    return (
        may_claim_disability_allowance
        and contribution_months >= minimum_contribution_months
        and months_to_statutory_age <= full_allowance_span
    )


@rule(cite="人社部发〔2024〕72号 二、三、四", label="病残津贴", since="2025-01")
def disability_allowance(
    may_claim_disability_allowance, full_allowance_applies, monthly_pension, basic_pension
) -> YuanPerMonth:
    """The whole pension within five years of the statutory age; else, or short of the minimum, its basic part.

    The whole pension is not recalculated at the statutory age.
    """
    if not may_claim_disability_allowance:
        return 0
    return monthly_pension if full_allowance_applies else basic_pension


@rule(cite="人社部发〔2024〕72号 四", label="病残津贴计发月数", since="2025-01")
def disability_allowance_months(
    may_claim_disability_allowance, contribution_months, minimum_contribution_months, months_to_statutory_age
) -> Months:
    """How long it is paid: to the statutory age, or by contribution years where these fall short of the minimum.

    Then 12 months, and 3 more for each year beyond five, a year begun counting as one.
    """
    if not may_claim_disability_allowance:
        return 0
    if contribution_months >= minimum_contribution_months:
        return months_to_statutory_age
    return 12 + 3 * round_up(max(contribution_months - 60, 0) / 12, 0)
