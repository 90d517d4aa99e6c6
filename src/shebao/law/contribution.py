"""What the five insurances share: the contribution base, the minimum wage, the relief of 2020, arrears.

Every rate is applied to ``contribution_base``: the person's own wage, held between the province's
floor and cap. A scheme room overrides a rule here only where that scheme differs.
"""

from shebao.engine import Days, Ratio, Year, Yuan, YuanPerMonth, choice, fact, rule, to_fen
from shebao.law.regions import ALL, HUBEI

# For who was hired this year the first month's wage stands for the average of the year before.
average_monthly_wage = fact(YuanPerMonth, 0, 1_000_000, label="本人上年度月平均工资（新参保者为首月工资）")
employer_size = choice("micro_small_medium", "large", "public_body", label="参保单位类型")
arrears = fact(Yuan, 0, 1_000_000_000, label="欠缴社会保险费")
days_overdue = fact(Days, 0, 36_500, label="欠缴天数")
last_month_contribution = fact(Yuan, 0, 1_000_000_000, label="上月缴费额")

OUTSIDE_HUBEI = tuple(code for code in ALL if code != HUBEI)


@rule(cite="国办发〔2019〕13号 三", label="社保缴费年度")
def contribution_year(month, base_year_start, region) -> Year:
    """The calendar year in which the province's contribution year of the month began."""
    return (month - base_year_start[region] + 1) // 12


@rule(cite="国办发〔2019〕13号 三", label="缴费基数参考工资（上年度全口径城镇单位就业人员月平均工资）")
def reference_wage(average_wage, region, contribution_year) -> YuanPerMonth:
    """The provincial average monthly wage of the year before, of which floor and cap are 60 % and 300 %."""
    return average_wage[region, contribution_year - 1]


@rule(cite="国办发〔2019〕13号 三", label="月缴费基数下限")
def contribution_base_floor(published_base_floor, region) -> YuanPerMonth:
    """The published floor: 60 % of the reference wage, less where a province rises to it in steps."""
    return published_base_floor[region]


@rule(cite="国办发〔2019〕13号 三", label="月缴费基数上限")
def contribution_base_cap(published_base_cap, region) -> YuanPerMonth:
    """The published cap: 300 % of the reference wage."""
    return published_base_cap[region]


@rule(cite="社会保险法 十二；劳社险中心函〔2006〕60号", label="月缴费基数")
def contribution_base(average_monthly_wage, contribution_base_floor, contribution_base_cap) -> YuanPerMonth:
    """The wage, held between floor and cap."""
    return min(max(average_monthly_wage, contribution_base_floor), contribution_base_cap)


@rule(cite="社会保险法 六十", label="单位缴费减免比例", until="2020-01")
def relief_share() -> Ratio:
    """Share of the employer's pension, unemployment and injury contribution that is waived: none."""
    return 0


@rule(cite="人社部发〔2020〕11号 一", label="单位缴费减免比例", since="2020-02", until="2020-06", region=HUBEI)
def relief_share(relief_in_hubei, employer_size) -> Ratio:
    """Hubei waived the whole employer part for every enterprise, large ones included."""
    return relief_in_hubei[employer_size]


@rule(
    cite="人社部发〔2020〕11号 一；人社部发〔2020〕49号 一",
    label="单位缴费减免比例",
    since="2020-02",
    until="2020-06",
    region=OUTSIDE_HUBEI,
)
def relief_share(relief_by_size, employer_size) -> Ratio:
    """Small and medium enterprises pay nothing, large ones half."""
    return relief_by_size[employer_size]


@rule(cite="人社部发〔2020〕49号 一", label="单位缴费减免比例", since="2020-07", until="2020-12")
def relief_share(relief_by_size, employer_size) -> Ratio:
    """The waiver for small and medium enterprises ran to the end of 2020, in Hubei as elsewhere."""
    return relief_by_size[employer_size]


@rule(cite="社会保险法 六十", label="单位缴费减免比例", since="2021-01")
def relief_share() -> Ratio:
    """No waiver is in force."""
    return 0


@rule(cite="最低工资规定 七", label="月最低工资标准")
def minimum_wage(first_tier_minimum_wage, region) -> YuanPerMonth:
    """The minimum wage of the province's first tier; for a place in a lower tier give its own."""
    return first_tier_minimum_wage[region]


@rule(cite="社会保险费征缴暂行条例 十三", label="滞纳金", since="1999-01", until="2011-06")
def late_fee(arrears, days_overdue, late_fee_per_day) -> Yuan:
    """Fee on arrears for each day of default."""
    return to_fen(arrears * late_fee_per_day * days_overdue)


@rule(cite="社会保险法 八十六", label="滞纳金", since="2011-07")
def late_fee(arrears, days_overdue, late_fee_per_day) -> Yuan:
    """Fee on arrears for each day of default; an employer that still does not pay is fined besides."""
    return to_fen(arrears * late_fee_per_day * days_overdue)


@rule(cite="社会保险费征缴暂行条例 十", label="未按规定申报时暂定的应缴费额", since="1999-01", until="2011-06")
def undeclared_assessment(last_month_contribution, undeclared_share) -> Yuan:
    """Due for a month the employer did not declare: last month's contribution and a tenth; settled once it declares.

    Without a last month the agency sets the amount by the employer's size and business: it is then given.
    """
    return to_fen(last_month_contribution * undeclared_share)


@rule(cite="社会保险法 六十二", label="未按规定申报时确定的应缴费额", since="2011-07")
def undeclared_assessment(last_month_contribution, undeclared_share) -> Yuan:
    """Due for a month the employer did not declare: last month's contribution and a tenth; settled once it declares."""
    return to_fen(last_month_contribution * undeclared_share)
