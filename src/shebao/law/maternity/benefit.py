"""Maternity leave and the allowance that replaces the wage in it."""

from shebao.engine import Count, Days, YesNo, Yuan, YuanPerMonth, fact, rule, to_fen

difficult_birth = fact(YesNo, label="难产", presumed=False)
babies = fact(Count, 1, 9, label="生育婴儿数")
pregnancy_months = fact(Count, 0, 10, label="流产时怀孕满月数")
provincial_leave_days = fact(Days, 0, 365, label="省级规定增加的产假天数")
employer_average_wage = fact(YuanPerMonth, 0, 1_000_000, label="用人单位上年度职工月平均工资")


@rule(cite="女职工劳动保护特别规定 七", label="国家规定产假天数", since="2012-05")
def statutory_leave_days(basic_leave_days, extra_leave_days, difficult_birth, babies) -> Days:
    """98 days, 15 more for a difficult birth and for each further baby."""
    return basic_leave_days + extra_leave_days * ((1 if difficult_birth else 0) + babies - 1)


@rule(cite="女职工劳动保护特别规定 七", label="流产假天数", since="2012-05")
def miscarriage_leave_days(pregnancy_months) -> Days:
    """15 days before the fourth month of pregnancy is complete, 42 after."""
    return 15 if pregnancy_months < 4 else 42


@rule(cite="社会保险法 五十六；省级人口与计划生育条例", label="享受生育津贴天数")
def allowance_days(statutory_leave_days, provincial_leave_days) -> Days:
    """The national leave and what the province adds."""
    return statutory_leave_days + provincial_leave_days


@rule(cite="社会保险法 五十六；女职工劳动保护特别规定 八", label="生育津贴")
def maternity_allowance(employer_average_wage, allowance_days) -> Yuan:
    """The employer's average wage of the year before, by the day of a 30-day month."""
    return to_fen(employer_average_wage / 30 * allowance_days)
