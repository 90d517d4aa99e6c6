"""Withholding on wages by the cumulative method (累计预扣法), month by month within one year at one employer.

A record of ``wage_months`` is one month since January, or since the month of hiring.
"""

from shebao.engine import Count, Yuan, YuanPerMonth, accrual, fact, rule, to_fen

month_wage = fact(YuanPerMonth, 0, 1_000_000, label="当月工资薪金", over="wage_months")
month_own_insurance = fact(YuanPerMonth, 0, 1_000_000, label="当月个人缴纳的社会保险费和住房公积金", over="wage_months")
month_special_additional = fact(YuanPerMonth, 0, 100_000, label="当月专项附加扣除", over="wage_months")
# Own annuity contributions and personal-pension payments whose voucher the employer has been shown.
month_other_deductions = fact(YuanPerMonth, 0, 100_000, label="当月其他扣除（年金、个人养老金等）", over="wage_months")

withheld_before = fact(Yuan, 0, 10_000_000, label="本年此前各月累计已预扣税额")


@accrual(
    over="wage_months",
    initial=0,
    low=-1_000_000_000,
    high=1_000_000_000,
    cite="税务总局公告2018年第61号 六",
    label="累计收入减累计扣除",
    since="2019-01",
)
def cumulative_net_income(
    before,
    month_wage,
    monthly_basic_deduction,
    month_own_insurance,
    month_special_additional,
    month_other_deductions,
) -> Yuan:
    """Everything earned since January less everything deducted; below nothing it is carried on."""
    return (
        before
        + month_wage
        - monthly_basic_deduction
        - month_own_insurance
        - month_special_additional
        - month_other_deductions
    )


@rule(cite="税务总局公告2018年第61号 六", label="累计预扣预缴应纳税所得额", since="2019-01")
def cumulative_taxable_income(cumulative_net_income) -> Yuan:
    """What is taxed of the year so far; never below nothing."""
    return max(cumulative_net_income, 0)


@rule(cite="税务总局公告2018年第61号 六、附 预扣率表一", label="累计预扣适用级数", since="2019-01")
def cumulative_bracket(cumulative_taxable_income, annual_bracket_top) -> Count:
    """The bracket of the year so far; the withholding table is the annual one."""
    if cumulative_taxable_income <= annual_bracket_top[1]:
        return 1
    if cumulative_taxable_income <= annual_bracket_top[2]:
        return 2
    if cumulative_taxable_income <= annual_bracket_top[3]:
        return 3
    if cumulative_taxable_income <= annual_bracket_top[4]:
        return 4
    if cumulative_taxable_income <= annual_bracket_top[5]:
        return 5
    return 6 if cumulative_taxable_income <= annual_bracket_top[6] else 7


@rule(cite="税务总局公告2018年第61号 六", label="累计应预扣税额", since="2019-01")
def cumulative_tax(cumulative_taxable_income, cumulative_bracket, bracket_rate, annual_quick_deduction) -> Yuan:
    """Tax on the year so far."""
    return to_fen(
        cumulative_taxable_income * bracket_rate[cumulative_bracket] - annual_quick_deduction[cumulative_bracket]
    )


@rule(cite="税务总局公告2018年第61号 六", label="本月应预扣税额", since="2019-01")
def month_withholding(cumulative_tax, withheld_before) -> Yuan:
    """Tax on the year so far less what earlier months withheld; what was too much waits for the settlement."""
    return max(cumulative_tax - withheld_before, 0)


@accrual(
    over="wage_months",
    initial=0,
    high=1_000_000_000,
    cite="税务总局公告2018年第61号 六",
    label="本年累计已预扣税额",
    since="2019-01",
)
def withheld_to_date(before, cumulative_net_income, annual_bracket_top, bracket_rate, annual_quick_deduction) -> Yuan:
    """What all months have withheld: each month brings it up to the tax on the year so far, and never takes back."""
    taxable = max(cumulative_net_income, 0)
    bracket = 7
    if taxable <= annual_bracket_top[1]:
        bracket = 1
    elif taxable <= annual_bracket_top[2]:
        bracket = 2
    elif taxable <= annual_bracket_top[3]:
        bracket = 3
    elif taxable <= annual_bracket_top[4]:
        bracket = 4
    elif taxable <= annual_bracket_top[5]:
        bracket = 5
    elif taxable <= annual_bracket_top[6]:
        bracket = 6
    return max(before, to_fen(taxable * bracket_rate[bracket] - annual_quick_deduction[bracket]))
