"""After a death at work, and while a person is missing."""

from shebao.engine import Count, Months, Year, YesNo, Yuan, YuanPerMonth, fact, rule, to_fen

death_year = fact(Year, 2011, 2150, label="工亡年度")
died_after_paid_leave = fact(YesNo, label="一级至四级伤残职工在停工留薪期满后死亡", presumed=False)
surviving_spouse = fact(YesNo, label="有符合条件的供养配偶")
other_dependants = fact(Count, 0, 20, label="其他供养亲属人数")
lone_dependants = fact(Count, 0, 21, label="其中孤寡老人或者孤儿人数", presumed=0)
months_missing = fact(Months, 0, 600, label="下落不明月数（事故发生当月为第一个月）", presumed=0)
family_in_need = fact(YesNo, label="供养亲属生活有困难", presumed=False)


@rule(cite="工伤保险条例 三十九（一）", label="丧葬补助金")
def funeral_grant(pool_average_wage, funeral_months) -> Yuan:
    """Six months of the area's average wage."""
    return to_fen(pool_average_wage * funeral_months)


@rule(cite="工伤保险条例 三十九（三）", label="一次性工亡补助金", since="2011-01")
def death_lump_sum(died_after_paid_leave, national_disposable_income, death_year, death_lump_years) -> Yuan:
    """Twenty times the national urban income per head of the year before; none for a death after the paid leave."""
    return 0 if died_after_paid_leave else national_disposable_income[death_year - 1] * death_lump_years


@rule(cite="工伤保险条例 三十九（二）", label="供养亲属抚恤金")
def dependants_allowance(
    own_wage, surviving_spouse, other_dependants, lone_dependants, spouse_share, dependant_share, lone_addition
) -> YuanPerMonth:
    """40 % of the own wage for a spouse, 30 % for each other, 10 points more for the lone; at most all of it."""
    share = spouse_share if surviving_spouse else 0
    share = share + other_dependants * dependant_share + lone_dependants * lone_addition
    return to_fen(own_wage * min(share, 1))


@rule(cite="工伤保险条例 三十九", label="工亡一次性待遇合计")
def death_benefits_at_once(funeral_grant, death_lump_sum) -> Yuan:
    """Funeral grant and lump sum together."""
    return funeral_grant + death_lump_sum


@rule(cite="工伤保险条例 四十一", label="下落不明期间单位照发工资（当月）")
def wage_while_missing(months_missing, months_of_wages, wage_and_welfare) -> YuanPerMonth:
    """The employer pays on for three months."""
    return wage_and_welfare if 1 <= months_missing and months_missing <= months_of_wages else 0


@rule(cite="工伤保险条例 四十一", label="下落不明期间供养亲属抚恤金（当月）")
def allowance_while_missing(months_missing, months_of_wages, dependants_allowance) -> YuanPerMonth:
    """From the fourth month the fund pays the dependants."""
    return dependants_allowance if months_missing > months_of_wages else 0


@rule(cite="工伤保险条例 四十一", label="预支一次性工亡补助金", since="2011-01")
def advance_while_missing(months_missing, family_in_need, death_lump_sum, advance_share) -> Yuan:
    """Half the lump sum for a family in need; it is set off when the person is declared dead."""
    return to_fen(death_lump_sum * advance_share) if months_missing > 0 and family_in_need else 0
