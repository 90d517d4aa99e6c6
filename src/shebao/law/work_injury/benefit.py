"""Work-injury benefits in money: lump sums, allowances, and what is paid after a death."""

from shebao.engine import Count, Year, Years, YesNo, Yuan, YuanPerMonth, fact, rule, to_fen
from shebao.law.regions import HUNAN

wage_before_injury = fact(YuanPerMonth, 0, 1_000_000, label="受伤前12个月平均月缴费工资")
pool_average_wage = fact(YuanPerMonth, 1, 1_000_000, label="统筹地区上年度职工月平均工资")
disability_grade = fact(Count, 1, 10, label="伤残等级")
care_level = fact(Count, 0, 3, label="生活自理障碍等级（1部分 2大部分 3完全）")
death_year = fact(Year, 2011, 2150, label="工亡年度")
surviving_spouse = fact(YesNo, label="有符合条件的供养配偶")
other_dependants = fact(Count, 0, 20, label="其他供养亲属人数")
lone_dependants = fact(Count, 0, 21, label="其中孤寡老人或者孤儿人数", presumed=0)
years_to_retirement = fact(Years, 0, 60, label="距法定退休年龄年数")


@rule(cite="工伤保险条例 六十四", label="本人工资")
def own_wage(wage_before_injury, pool_average_wage, own_wage_floor, own_wage_cap) -> YuanPerMonth:
    """The average contribution wage of the year before the injury, between 60 % and 300 % of the area's wage."""
    return to_fen(min(max(wage_before_injury, pool_average_wage * own_wage_floor), pool_average_wage * own_wage_cap))


@rule(cite="工伤保险条例 三十五、三十六、三十七", label="一次性伤残补助金", since="2011-01")
def disability_lump_sum(own_wage, disability_lump_months, disability_grade) -> Yuan:
    """So many months of the own wage, by grade."""
    return to_fen(own_wage * disability_lump_months[disability_grade])


@rule(cite="工伤保险条例 三十五、三十六", label="伤残津贴")
def disability_allowance(own_wage, allowance_share, disability_grade, minimum_wage) -> YuanPerMonth:
    """Grades 1 to 6 only, never below the minimum wage; for 5 and 6 the employer pays, if it has no work to offer."""
    if disability_grade > 6:
        return 0
    return max(to_fen(own_wage * allowance_share[disability_grade]), minimum_wage)


@rule(cite="工伤保险条例 三十四", label="生活护理费")
def care_allowance(pool_average_wage, care_share, care_level) -> YuanPerMonth:
    """A share of the area's average wage, by how much help daily life needs."""
    return to_fen(pool_average_wage * care_share[care_level])


@rule(cite="工伤保险条例 三十六、三十七；湖南省实施办法", label="一次性工伤医疗补助金", region=HUNAN)
def medical_lump_sum_on_leaving(
    own_wage, medical_lump_months, disability_grade, years_to_retirement, years_before_reduction, reduction_per_year
) -> Yuan:
    """Months of the own wage when the contract ends, a fifth less for each year nearer to retirement than five."""
    years_short = max(0, years_before_reduction - years_to_retirement // 1)
    return to_fen(own_wage * medical_lump_months[disability_grade] * (1 - years_short * reduction_per_year))


@rule(cite="工伤保险条例 三十九（一）", label="丧葬补助金")
def funeral_grant(pool_average_wage, funeral_months) -> Yuan:
    """Six months of the area's average wage."""
    return to_fen(pool_average_wage * funeral_months)


@rule(cite="工伤保险条例 三十九（三）", label="一次性工亡补助金", since="2011-01")
def death_lump_sum(national_disposable_income, death_year, death_lump_years) -> Yuan:
    """Twenty times the national urban disposable income per head of the year before the death."""
    return national_disposable_income[death_year - 1] * death_lump_years


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
