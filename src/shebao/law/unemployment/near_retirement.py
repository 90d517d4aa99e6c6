"""Close to retirement the benefit runs on to the statutory age, and the fund pays the pension contribution."""

from shebao.engine import Month, Months, YesNo, YuanPerMonth, fact, rule, to_fen

own_pension_payment = fact(YuanPerMonth, 0, 100_000, label="本人当月缴纳的企业职工基本养老保险费", presumed=0)


@rule(cite="失业保险条例 十七", label="延长领取月数", until="2019-11")
def extension_months() -> Months:
    """Before December 2019 the benefit ended when its months were used up."""
    return 0


@rule(
    cite="国发〔2019〕28号；渐进式延迟法定退休年龄的决定 七",
    label="期满时距法定退休年龄月数",
    since="2019-12",
)
def months_short_of_retirement(ordinary_last_month, statutory_retirement_month) -> Months:
    """From the last month of the benefit to the statutory month; negative once that is past."""
    return statutory_retirement_month - ordinary_last_month


@rule(
    cite="国发〔2019〕28号；渐进式延迟法定退休年龄的决定 七",
    label="延长领取月数",
    since="2019-12",
)
def extension_months(entitled_months, months_short_of_retirement, months_near_retirement) -> Months:
    """Who is less than a year from the statutory age when the months are used up draws on until then."""
    if entitled_months > 0 and 0 < months_short_of_retirement and months_short_of_retirement < months_near_retirement:
        return months_short_of_retirement
    return 0


@rule(cite="失业保险条例 十六、十七；渐进式延迟法定退休年龄的决定 七", label="最后领取月")
def last_benefit_month(ordinary_last_month, extension_months) -> Month:
    """The last month of the benefit with its extension; the pension begins the month after."""
    return ordinary_last_month + extension_months


@rule(
    cite="人社部等三部门关于大龄领取失业保险金人员参加企业职工基本养老保险有关问题的通知（2024）",
    label="基金可负担其养老保险费",
    since="2025-01",
    until="2039-12",
)
def fund_bears_pension_contribution(benefit_is_due, statutory_retirement_month, month, months_near_retirement) -> YesNo:
    """The benefit is due and the statutory age is less than a year away."""
    return (
        benefit_is_due
        and month <= statutory_retirement_month
        and statutory_retirement_month - month < months_near_retirement
    )


@rule(
    cite="人社部等三部门关于大龄领取失业保险金人员参加企业职工基本养老保险有关问题的通知（2024）",
    label="失业保险基金负担的养老保险费",
    since="2025-01",
    until="2039-12",
)
def pension_contribution_by_fund(
    fund_bears_pension_contribution, own_pension_payment, contribution_base_floor, flexible_rate
) -> YuanPerMonth:
    """Paid first, refunded after: of what the person paid, the part up to a flexible worker's lowest contribution."""
    if not fund_bears_pension_contribution:
        return 0
    return min(own_pension_payment, to_fen(contribution_base_floor * flexible_rate))
