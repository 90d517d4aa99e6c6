"""The childcare subsidy (育儿补贴): 3600 yuan a year for each child below three, from 2025.

A child born before 2025 gets the months that were left until the third birthday; a child born since gets three years.
"""

from shebao.engine import Month, Months, Year, YesNo, Yuan, YuanPerYear, fact, rule, to_fen, ym

child_birth_month = fact(Month, ym(2000, 1), ym(2150, 12), label="婴幼儿出生年月")
born_lawfully = fact(YesNo, label="符合法律法规规定生育")
chinese_nationality = fact(YesNo, label="婴幼儿具有中国国籍")
subsidy_year = fact(Year, 2025, 2155, label="育儿补贴年度")


@rule(cite="育儿补贴制度实施方案（2025-07-28）", label="符合育儿补贴条件", since="2025-01")
def may_claim_childcare_subsidy(born_lawfully, chinese_nationality, childcare_months) -> YesNo:
    """A Chinese child, lawfully born, with months left from January 2025; any birth order."""
    return born_lawfully and chinese_nationality and childcare_months > 0


@rule(cite="育儿补贴制度实施方案（2025-07-28）", label="应补贴月数", since="2025-01")
def childcare_months(child_birth_month) -> Months:
    """From January 2025 to the month of the third birthday; three whole years for who was born since."""
    if child_birth_month >= ym(2025, 1):
        return 36
    return max(child_birth_month + 36 - ym(2025, 1) + 1, 0)


@rule(cite="育儿补贴制度实施方案（2025-07-28）", label="育儿补贴合计", since="2025-01")
def childcare_subsidy_total(may_claim_childcare_subsidy, childcare_months, childcare_per_year) -> Yuan:
    """A twelfth of the yearly sum for each month; tax-free, no income for dibao or destitute support."""
    return to_fen(childcare_per_year / 12 * childcare_months) if may_claim_childcare_subsidy else 0


@rule(cite="育儿补贴制度实施方案（2025-07-28）", label="年度应补贴月数", since="2025-01")
def childcare_months_of_year(child_birth_month, subsidy_year, childcare_months) -> Months:
    """Born since 2025: twelve in the year of birth and in the two after it. Born before: those of the calendar year."""
    birth_year = child_birth_month // 12
    if birth_year >= 2025:
        return 12 if birth_year <= subsidy_year and subsidy_year <= birth_year + 2 else 0
    return min(max(childcare_months - (subsidy_year - 2025) * 12, 0), 12)


@rule(cite="育儿补贴制度实施方案（2025-07-28）", label="年度育儿补贴", since="2025-01")
def childcare_subsidy_of_year(may_claim_childcare_subsidy, childcare_months_of_year, childcare_per_year) -> YuanPerYear:
    """What is paid for one calendar year; provinces may pay more on top."""
    return to_fen(childcare_per_year / 12 * childcare_months_of_year) if may_claim_childcare_subsidy else 0
