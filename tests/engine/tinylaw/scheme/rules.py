from shebao.engine import (
    Age,
    Count,
    Index,
    Month,
    Months,
    Ratio,
    Year,
    Years,
    YesNo,
    Yuan,
    YuanPerMonth,
    accrual,
    choice,
    fact,
    half_up,
    round_up,
    rule,
    to_fen,
    total,
    truncate,
    up_to_jiao,
    ym,
)

award_month = fact(Month, ym(1990, 1), ym(2060, 12), label="待遇月份")
months_paid = fact(Months, 0, 720, label="缴费月数")
index = fact(Index, 0, 5, label="指数")
balance = fact(Yuan, 0, 10_000_000, label="储存额")
certificate = fact(YesNo, label="证明", presumed=False)
local_years = fact(Years, 0, 50, label="当地年限")
debt = fact(Yuan, 0, 100_000, label="应追回")
grade = choice("low", "high", label="档次")

year = fact(Year, 1990, 2100, label="年度", over="years")
paid_in = fact(Yuan, 0, 1_000_000, label="当年记账", over="years")
member_income = fact(Yuan, 0, 1_000_000, label="成员收入", over="household")


@rule(cite="一", label="年限")
def years_paid(months_paid) -> Years:
    return months_paid / 12


@rule(cite="一", label="年龄")
def age(birth_month, award_month) -> Age:
    return max((award_month - birth_month) // 12, 0)


@rule(cite="二", label="工资", until="2013-12")
def wage(published_wage, region, award_month) -> YuanPerMonth:
    return published_wage[region, award_month // 12]


@rule(cite="二", label="工资", since="2014-01")
def wage(published_wage, region, award_month, raise_ratio) -> YuanPerMonth:
    return to_fen(published_wage[region, award_month // 12] * (1 + raise_ratio))


@rule(cite="三", label="基础")
def basic(wage, index, years_paid) -> YuanPerMonth:
    """Half the wage, half the indexed wage."""
    return to_fen((wage + wage * index) / 2 * years_paid * 0.01)


@rule(cite="四", label="账户")
def account(balance, divisor, age) -> YuanPerMonth:
    return to_fen(balance / divisor[age])


@rule(cite="五", label="地方补贴", region=(11, 12))
def local(certificate, wage) -> YuanPerMonth:
    if certificate:
        return up_to_jiao(wage * 0.05)
    return 0


@rule(cite="五之二", label="地方补贴", region=44)
def local(local_years, index) -> YuanPerMonth:
    if index < 1 and local_years > 10:
        bonus = 100 + 4 * truncate(local_years, 0)
    elif index < 2:
        bonus = 50
    else:
        bonus = min(index, 3) * 10
    return to_fen(bonus)


@rule(cite="六", label="合计")
def pension(basic, account, local) -> YuanPerMonth:
    return basic + account + local


@rule(cite="七", label="可领")
def may_draw(months_paid, minimum_months, age, sex) -> YesNo:
    return months_paid >= minimum_months and (age >= 60 or sex == "female" and age >= 50)


@rule(cite="八", label="净额")
def net(pension, debt) -> YuanPerMonth:
    return half_up((pension - debt) / 3, 1)


@rule(cite="八", label="负舍")
def cut(pension, debt) -> YuanPerMonth:
    return truncate((pension - debt) / 7, 1) + round_up((pension - debt) / 7, 0)


@rule(cite="九", label="均值")
def average(balance, months_paid) -> Yuan:
    """A guarded quotient."""
    return to_fen(balance / months_paid) if months_paid > 0 else 0


@rule(cite="十", label="档次额")
def grade_amount(grade, grade_amounts) -> YuanPerMonth:
    return grade_amounts[grade]


@rule(cite="十", label="高档")
def is_high(grade) -> YesNo:
    return grade == "high" or not grade != "high"


@accrual(over="years", initial=0, high=100_000_000, cite="十一", label="余额")
def saved(before, paid_in, interest, year) -> Yuan:
    """The balance after one year."""
    return to_fen(before * (1 + interest[year]) + paid_in)


@accrual(over="years", initial="debt", high=1_000_000_000, cite="十一", label="积数")
def product(before, saved) -> Yuan:
    return before + saved


@rule(cite="十一", label="当年利息")
def year_interest(paid_in, interest, year) -> Yuan:
    return to_fen(paid_in * interest[year] / 2)


@total(over="years", high=100_000_000, cite="十一", label="利息合计")
def interest_sum(year_interest) -> Yuan:
    return year_interest


@total(over="years", high=200, cite="十一", label="年数")
def years_counted(year) -> Count:
    return 1


@total(over="household", high=100_000_000, cite="十二", label="家庭收入")
def household_income(member_income) -> Yuan:
    return member_income


@rule(cite="十二", label="差额")
def difference(household_income, years_counted, saved) -> Yuan:
    return max(0, saved - household_income) + years_counted


@rule(cite="十三", label="比例")
def ratio(index) -> Ratio:
    return half_up(index / 3, 4)
