"""Monthly contributions to the enterprise employees' pension, by the law of the month they are due for."""

from shebao.engine import Month, Ratio, YesNo, YuanPerMonth, fact, rule, to_fen, ym

flexible_worker = fact(YesNo, label="灵活就业人员参保", presumed=False)
deferral_granted = fact(YesNo, label="已获批缓缴单位缴费", presumed=False)


@rule(cite="国发〔2005〕38号 三；国办发〔2019〕13号 三", label="灵活就业人员自选缴费基数", dated_by="month")
def chosen_base(average_monthly_wage) -> YuanPerMonth:
    """What a flexible worker chose to pay on, when it is given; else his own average income of the year before."""
    return average_monthly_wage


@rule(cite="国发〔2005〕38号 三；国办发〔2019〕13号 三", label="月缴费基数", dated_by="month")
def contribution_base(
    flexible_worker, chosen_base, average_monthly_wage, contribution_base_floor, contribution_base_cap
) -> YuanPerMonth:
    """An employee's wage, or what a flexible worker chose, held between floor and cap."""
    wage = chosen_base if flexible_worker else average_monthly_wage
    return min(max(wage, contribution_base_floor), contribution_base_cap)


@rule(cite="国发〔2005〕38号 三；国办发〔2019〕13号 一", label="单位缴费比例", dated_by="month")
def employer_rate(published_employer_rate, region) -> Ratio:
    """The employer's rate in the province."""
    return published_employer_rate[region]


@rule(cite="社会保险法 十；国发〔2005〕38号 三、六", label="个人月缴费额", dated_by="month")
def employee_contribution(contribution_base, flexible_worker, employee_rate, flexible_rate) -> YuanPerMonth:
    """What the person pays: an employee the employee's rate, a flexible worker the whole contribution."""
    return to_fen(contribution_base * (flexible_rate if flexible_worker else employee_rate))


@rule(cite="社会保险法 十、十二", label="单位月缴费额", dated_by="month")
def employer_contribution(contribution_base, flexible_worker, employer_rate, relief_share) -> YuanPerMonth:
    """What the employer pays into the pooled fund, less any relief in force; nothing for a flexible worker."""
    return 0 if flexible_worker else to_fen(contribution_base * employer_rate * (1 - relief_share))


@rule(cite="国发〔2005〕38号 六；社会保险法 十二", label="记入个人账户额", dated_by="month")
def account_credit(contribution_base, account_credit_rate) -> YuanPerMonth:
    """What is credited to the individual account for the month."""
    return to_fen(contribution_base * account_credit_rate)


@rule(cite="社会保险法 十二", label="记入统筹基金额", dated_by="month")
def pooled_contribution(employee_contribution, employer_contribution, account_credit) -> YuanPerMonth:
    """What the month brings the pooled fund: everything paid less what the account is credited."""
    return employee_contribution + employer_contribution - account_credit


@rule(
    cite="人社部发〔2022〕16号 一；人社部发〔2022〕31号 一",
    label="单位缴费最迟缴纳月",
    since="2022-04",
    until="2022-12",
    dated_by="month",
)
def employer_due_month(month, deferral_granted) -> Month:
    """Employers of hardship sectors that were granted deferral pay the pension part by the end of 2022."""
    return ym(2022, 12) if deferral_granted else month


@rule(cite="社会保险法 六十", label="单位缴费最迟缴纳月", until="2022-03", dated_by="month")
def employer_due_month(month) -> Month:
    """The month's contribution is due in the month."""
    return month


@rule(cite="社会保险法 六十", label="单位缴费最迟缴纳月", since="2023-01", dated_by="month")
def employer_due_month(month) -> Month:
    """The month's contribution is due in the month."""
    return month
