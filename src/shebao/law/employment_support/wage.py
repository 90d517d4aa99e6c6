"""The minimum wage: what counts as pay, and what is short, by the month and by the hour."""

from shebao.engine import Count, YesNo, Yuan, YuanPerMonth, fact, rule, to_fen

wage_paid = fact(YuanPerMonth, 0, 1_000_000, label="当月支付的工资（正常劳动，全日制）")
overtime_pay = fact(YuanPerMonth, 0, 1_000_000, label="其中延长工作时间工资", presumed=0)
special_allowance = fact(YuanPerMonth, 0, 1_000_000, label="其中中夜班、高温低温、有毒有害等特殊条件津贴", presumed=0)
statutory_welfare = fact(YuanPerMonth, 0, 1_000_000, label="其中法定福利待遇", presumed=0)
hourly_pay = fact(Yuan, 0, 10_000, label="非全日制小时工资")
hours_worked = fact(Count, 0, 744, label="非全日制当月工作小时数")


@rule(cite="最低工资规定 十二", label="计入最低工资的工资", since="2004-03")
def counted_pay(wage_paid, overtime_pay, special_allowance, statutory_welfare) -> YuanPerMonth:
    """Overtime, allowances for special conditions and statutory welfare do not count towards the minimum."""
    return max(wage_paid - overtime_pay - special_allowance - statutory_welfare, 0)


@rule(cite="最低工资规定 三、十二", label="工资不低于最低工资", since="2004-03")
def wage_is_lawful(counted_pay, minimum_wage) -> YesNo:
    """For a full month of normal work."""
    return counted_pay >= minimum_wage


@rule(cite="最低工资规定 十三；劳动合同法 八十五", label="低于最低工资的差额（月）", since="2004-03")
def monthly_shortfall(counted_pay, minimum_wage) -> YuanPerMonth:
    """What the employer still owes for the month."""
    return max(minimum_wage - counted_pay, 0)


@rule(cite="最低工资规定 五、七", label="小时最低工资标准", since="2004-03")
def hourly_minimum_wage(first_tier_hourly_minimum, region) -> Yuan:
    """The published hourly minimum of the province's first tier; for a lower tier give the place's own."""
    return first_tier_hourly_minimum[region]


@rule(cite="最低工资规定 五；劳动合同法 七十二", label="小时工资不低于最低标准", since="2004-03")
def hourly_pay_is_lawful(hourly_pay, hourly_minimum_wage) -> YesNo:
    """For work that is not full time."""
    return hourly_pay >= hourly_minimum_wage


@rule(cite="最低工资规定 十三；劳动合同法 七十二、八十五", label="低于最低工资的差额（非全日制）", since="2004-03")
def hourly_shortfall(hourly_pay, hourly_minimum_wage, hours_worked) -> Yuan:
    """What the employer still owes for the hours of the month."""
    return to_fen(max(hourly_minimum_wage - hourly_pay, 0) * hours_worked)
