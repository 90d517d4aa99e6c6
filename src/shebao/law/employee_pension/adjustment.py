"""The yearly adjustment: a fixed amount, a linked part, a tilt to the old and to hardship areas (dated by the run).

It takes effect on 1 January and is paid in the middle of the year with arrears. Each province sets its
amounts under the nation's ceiling; where they are not in the tables they are given for the person.
"""

from shebao.engine import Age, Count, Ratio, Year, YesNo, Yuan, YuanPerMonth, fact, round_up, rule, to_fen

pension_in_payment = fact(YuanPerMonth, 0, 1_000_000, label="调整前正在发放的月基本养老金")
hardship_area = fact(YesNo, label="艰苦边远地区退休人员", presumed=False)


@rule(cite="人社部发〔2024〕48号 一", label="调整年度", dated_by="month")
def adjustment_year(month) -> Year:
    """The calendar year of the run."""
    return month // 12


@rule(cite="人社部发〔2024〕48号 一", label="纳入调整范围", dated_by="month")
def may_be_adjusted(retirement_month, adjustment_year) -> YesNo:
    """Retired by 31 December of the year before."""
    return retirement_month // 12 < adjustment_year


@rule(cite="人社部发〔2024〕48号 二", label="全国总体调整比例上限", dated_by="month")
def national_adjustment_rate(adjustment_year, national_ceiling) -> Ratio:
    """Ceiling on the province's total rise, measured on last year's average pension; no person's own rise."""
    return national_ceiling[adjustment_year]


@rule(cite="人社部发〔2024〕48号 三", label="调整前月基本养老金", dated_by="month")
def pension_before_adjustment(monthly_pension, pension_in_payment, retirement_month, adjustment_year) -> YuanPerMonth:
    """At the first adjustment the pension as awarded; later the pension in payment, which is not derived from it."""
    return monthly_pension if adjustment_year - retirement_month // 12 <= 1 else pension_in_payment


# -- the amounts of a province and year, each of which may be given ----------------------------------


@rule(cite="省级调整方案", label="定额调整", dated_by="month")
def fixed_adjustment(region, adjustment_year, fixed_amount) -> YuanPerMonth:
    """The same for every retiree of the province."""
    return fixed_amount[region, adjustment_year]


@rule(cite="省级调整方案", label="每满一年缴费增加额", dated_by="month")
def adjustment_per_year(region, adjustment_year, amount_per_year) -> YuanPerMonth:
    """Linked part: an amount for each year of contributions."""
    return amount_per_year[region, adjustment_year]


@rule(cite="省级调整方案", label="按本人养老金增加比例", dated_by="month")
def adjustment_percent(region, adjustment_year, percent_of_pension) -> Ratio:
    """Linked part: a share of the person's own pension."""
    return percent_of_pension[region, adjustment_year]


@rule(cite="省级调整方案", label="上年末年龄", dated_by="month")
def age_for_tilt(birth_month, adjustment_year) -> Age:
    """Age reached by the end of the year before."""
    return adjustment_year - 1 - birth_month // 12


@rule(cite="省级调整方案", label="高龄倾斜", dated_by="month")
def age_tilt(region, adjustment_year, age_for_tilt, age_tilt_amount) -> YuanPerMonth:
    """More for the old, by bands that begin at 70, 75 and 80."""
    band = 80 if age_for_tilt >= 80 else 75 if age_for_tilt >= 75 else 70
    return age_tilt_amount[region, adjustment_year, band] if age_for_tilt >= 70 else 0


@rule(cite="省级调整方案", label="艰苦边远地区倾斜", dated_by="month")
def hardship_tilt(region, adjustment_year, hardship_area, hardship_tilt_amount) -> YuanPerMonth:
    """More for retirees of hardship areas."""
    return hardship_tilt_amount[region, adjustment_year] if hardship_area else 0


# -- the adjustment -----------------------------------------------------------------------------------


@rule(cite="省级调整方案", label="计算挂钩调整的缴费年限", dated_by="month")
def linked_years(contribution_months) -> Count:
    """Whole years of contributions; a year begun counts as one."""
    return round_up(contribution_months / 12, 0)


@rule(cite="人社部发〔2024〕48号 三", label="月养老金调整额", dated_by="month")
def adjustment(
    may_be_adjusted,
    pension_before_adjustment,
    fixed_adjustment,
    adjustment_per_year,
    linked_years,
    adjustment_percent,
    age_tilt,
    hardship_tilt,
) -> YuanPerMonth:
    """The rise of the monthly pension; 0 for those who retired this year."""
    linked = adjustment_per_year * linked_years + to_fen(pension_before_adjustment * adjustment_percent)
    return fixed_adjustment + linked + age_tilt + hardship_tilt if may_be_adjusted else 0


@rule(cite="人社部发〔2024〕48号 三", label="调整后月基本养老金", dated_by="month")
def adjusted_pension(pension_before_adjustment, adjustment) -> YuanPerMonth:
    """The pension after the year's adjustment."""
    return pension_before_adjustment + adjustment


@rule(cite="人社部发〔2024〕48号 一", label="调整补发额", dated_by="month")
def adjustment_arrears(adjustment, month) -> Yuan:
    """Paid with the month of the run for the months since January."""
    return adjustment * (month % 12)
