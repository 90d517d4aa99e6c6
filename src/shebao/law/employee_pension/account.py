"""The individual account: what a year or a month of credits becomes with the credited rate.

Two methods, both of 劳办发〔1997〕116号: by years for the yearly statement, by monthly products (月积数法)
for the part of a year before retirement or a transfer. What the pension draws is, in both, a
credit with the sign turned.
"""

from shebao.engine import Month, Ratio, Year, YesNo, Yuan, YuanPerMonth, accrual, fact, rule, to_fen, total, ym

opening_balance = fact(Yuan, 0, 10_000_000, label="期初个人账户储存额", presumed=0)
account_year = fact(Year, 1986, 2150, label="记账年度", over="account_years")
year_credits = fact(Yuan, 0, 1_000_000, label="当年记账额", over="account_years")
year_withdrawals = fact(Yuan, 0, 10_000_000, label="当年从个人账户支付的养老金", presumed=0, over="account_years")
account_month = fact(Month, ym(1986, 1), ym(2150, 12), label="记账月", over="account_months")
month_credits = fact(YuanPerMonth, 0, 100_000, label="当月记账额", over="account_months")
month_withdrawals = fact(
    YuanPerMonth, 0, 1_000_000, label="当月从个人账户支付的养老金", presumed=0, over="account_months"
)
interest_year = fact(Year, 1986, 2150, label="计息年度")


@rule(cite="人社部发〔2017〕31号", label="当年记账利率", dated_by="month")
def year_credited_rate(account_year, region, latest_rate_year, credited_rate, provincial_credited_rate) -> Ratio:
    """The national rate since 2016, the province's own before; the last published one while a year's is unpublished."""
    if account_year < 2016:
        return provincial_credited_rate[region, account_year]
    return credited_rate[latest_rate_year if account_year == latest_rate_year + 1 else account_year]


@accrual(
    over="account_years",
    initial="opening_balance",
    high=100_000_000,
    cite="劳办发〔1997〕116号；人社部发〔2017〕31号",
    label="个人账户年末储存额",
    dated_by="month",
)
def account_balance_end(before, year_credits, year_withdrawals, year_credited_rate) -> Yuan:
    """By years: the balance earns a year's interest, the year's credits as if paid in for six and a half months.

    What the pension drew in the year is missing for as long: it costs the interest that a credit would earn.
    """
    moved = year_credits - year_withdrawals
    return to_fen(before * (1 + year_credited_rate) + moved * (1 + year_credited_rate * 1.083 / 2))


@total(over="account_years", high=100_000_000, cite="国发〔2005〕38号 六", label="各年记账额合计")
def credits_of_years(year_credits) -> Yuan:
    """Everything credited in the years given."""
    return year_credits


@total(over="account_years", high=1_000_000_000, cite="国发〔2005〕38号 六", label="各年从个人账户支付的养老金合计")
def withdrawals_of_years(year_withdrawals) -> Yuan:
    """Everything the pension drew in the years given."""
    return year_withdrawals


@rule(cite="劳办发〔1997〕116号；社会保险法 十四", label="个人账户利息", dated_by="month")
def account_interest(account_balance_end, opening_balance, credits_of_years, withdrawals_of_years) -> Yuan:
    """What the account earned over the years given; give one year for that year's interest."""
    return account_balance_end - opening_balance - credits_of_years + withdrawals_of_years


@rule(cite="人社部发〔2017〕31号", label="当年记账利率已公布", dated_by="month")
def credited_rate_published(interest_year, latest_rate_year) -> YesNo:
    """Whether a year's interest is final; otherwise it is credited at the last published rate and provisional."""
    return interest_year <= latest_rate_year


@accrual(
    over="account_months",
    initial="opening_balance",
    high=100_000_000,
    cite="劳办发〔1997〕116号",
    label="个人账户月末本金",
    dated_by="month",
)
def account_principal(before, month_credits, month_withdrawals) -> Yuan:
    """The balance at a month's end without the interest of the current year."""
    return before + month_credits - month_withdrawals


@accrual(
    over="account_months",
    initial=0,
    high=1_000_000_000,
    cite="劳办发〔1997〕116号",
    label="月积数",
    dated_by="month",
)
def monthly_products(before, account_principal, month_credits, month_withdrawals) -> Yuan:
    """The sum of the balances at the end of the month before each month: what interest runs on.

    The records are months of one calendar year; interest joins the principal at the year's end.
    """
    return before + account_principal - month_credits + month_withdrawals


@accrual(
    over="account_months", initial=0, high=2_199, cite="劳办发〔1997〕116号", label="月积数所属年度", dated_by="month"
)
def products_year(account_month) -> Year:
    """The year the months lie in."""
    return account_month // 12


@rule(cite="劳办发〔1997〕116号；人社部发〔2017〕31号", label="月积数法利息", dated_by="month")
def monthly_product_interest(
    monthly_products, products_year, region, latest_rate_year, credited_rate, provincial_credited_rate
) -> Yuan:
    """A twelfth of the year's rate on the monthly products."""
    if products_year < 2016:
        return to_fen(monthly_products * provincial_credited_rate[region, products_year] / 12)
    rate = credited_rate[latest_rate_year if products_year == latest_rate_year + 1 else products_year]
    return to_fen(monthly_products * rate / 12)


@rule(cite="劳办发〔1997〕116号", label="年中退休或转移时个人账户储存额", dated_by="month")
def account_balance_in_year(account_principal, monthly_product_interest) -> Yuan:
    """Principal and this year's interest up to the last month given."""
    return account_principal + monthly_product_interest
