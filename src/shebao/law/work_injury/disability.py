"""Disability by grade: lump sum, monthly allowance, care, and the top-up of a pension lower than the allowance."""

from shebao.engine import Count, YesNo, Yuan, YuanPerMonth, fact, rule, to_fen

wage_before_injury = fact(YuanPerMonth, 0, 1_000_000, label="受伤前12个月平均月缴费工资")
pool_average_wage = fact(YuanPerMonth, 1, 1_000_000, label="统筹地区上年度职工月平均工资")
disability_grade = fact(Count, 1, 10, label="伤残等级")
grade_after_repeat_injury = fact(Count, 0, 10, label="再次工伤后新认定的伤残等级（0为无）", presumed=0)
suitable_work_offered = fact(YesNo, label="五级六级伤残由单位安排了适当工作", presumed=False)
care_level = fact(Count, 0, 3, label="生活自理障碍等级（1部分 2大部分 3完全）")
retired_on_pension = fact(YesNo, label="已达退休年龄并办理退休手续", presumed=False)
pension_received = fact(YuanPerMonth, 0, 1_000_000, label="本人月基本养老金")


@rule(cite="工伤保险条例 六十四", label="本人工资")
def own_wage(wage_before_injury, pool_average_wage, own_wage_floor, own_wage_cap) -> YuanPerMonth:
    """The average contribution wage of the year before the injury, between 60 % and 300 % of the area's wage."""
    return to_fen(min(max(wage_before_injury, pool_average_wage * own_wage_floor), pool_average_wage * own_wage_cap))


@rule(cite="工伤保险条例 三十五、三十六、三十七", label="一次性伤残补助金", since="2004-01")
def disability_lump_sum(own_wage, disability_lump_months, disability_grade) -> Yuan:
    """So many months of the own wage, by grade."""
    return to_fen(own_wage * disability_lump_months[disability_grade])


@rule(cite="工伤保险条例 四十五", label="适用的伤残等级")
def grade_in_force(disability_grade, grade_after_repeat_injury) -> Count:
    """After another injury the monthly allowance goes by the new grade."""
    return grade_after_repeat_injury if grade_after_repeat_injury > 0 else disability_grade


@rule(cite="工伤保险条例 三十五、三十六、四十五", label="伤残津贴")
def disability_allowance(
    own_wage, allowance_share, grade_in_force, suitable_work_offered, minimum_wage
) -> YuanPerMonth:
    """Grades 1 to 6 only, never below the minimum wage; for 5 and 6 the employer pays, if it has no work to offer."""
    if grade_in_force > 6:
        return 0
    if grade_in_force > 4 and suitable_work_offered:
        return 0
    return max(to_fen(own_wage * allowance_share[grade_in_force]), minimum_wage)


@rule(cite="工伤保险条例 三十五（二）（三）", label="基金支付的伤残津贴")
def allowance_by_fund(disability_allowance, grade_in_force, retired_on_pension) -> YuanPerMonth:
    """Grades 1 to 4, until the pension begins."""
    return disability_allowance if grade_in_force <= 4 and not retired_on_pension else 0


@rule(cite="工伤保险条例 三十六（二）", label="单位支付的伤残津贴")
def allowance_by_employer(disability_allowance, grade_in_force) -> YuanPerMonth:
    """Grades 5 and 6."""
    return disability_allowance if grade_in_force > 4 else 0


@rule(cite="社会保险法 四十；工伤保险条例 三十五（三）", label="养老金低于伤残津贴的差额（基金补足）", since="2004-01")
def pension_top_up(retired_on_pension, grade_in_force, disability_allowance, pension_received) -> YuanPerMonth:
    """The allowance stops at the pension; where the pension is lower, the injury fund pays the difference."""
    if retired_on_pension and grade_in_force <= 4:
        return max(disability_allowance - pension_received, 0)
    return 0


@rule(cite="工伤保险条例 三十四", label="生活护理费")
def care_allowance(pool_average_wage, care_share, care_level) -> YuanPerMonth:
    """A share of the area's average wage, by how much help daily life needs."""
    return to_fen(pool_average_wage * care_share[care_level])
