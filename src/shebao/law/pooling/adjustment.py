"""The central adjustment fund (国发〔2018〕18号), July 2018 to December 2021.

Every province pays in by its wages and is paid out by its retirees, for a year.
"""

from shebao.engine import Count, Yuan, YuanPerYear, fact, half_up, rule, to_fen, to_yuan

provincial_average_wage = fact(YuanPerYear, 0, 500_000, label="全省城镇单位就业人员年平均工资（非私营与私营加权）")
active_contributors = fact(Count, 0, 100_000_000, label="在职参保人数")
enterprise_employment = fact(Count, 0, 100_000_000, label="企业就业人数（国家统计局）")
approved_retirees = fact(Count, 0, 100_000_000, label="核定的全省离退休人数")
national_collected = fact(Yuan, 0, 10_000_000_000_000, label="全国筹集的中央调剂基金")
national_retirees = fact(Count, 1_000_000, 1_000_000_000, label="核定的全国离退休人数")


@rule(cite="国发〔2018〕18号 二（一）", label="在职应参保人数", since="2018-07", until="2021-12")
def insured_on_post(active_contributors, enterprise_employment) -> Count:
    """For the time being the mean of those who contribute and those the statistics count at enterprises."""
    return half_up((active_contributors + enterprise_employment) / 2, 0)


@rule(cite="国发〔2018〕18号 二（一）", label="上解工资基数（年）", since="2018-07", until="2021-12")
def adjustment_wage_base(provincial_average_wage, wage_share, levied_months) -> YuanPerYear:
    """Ninety per cent of the average wage, for the months of the year in which the levy was in force."""
    return to_fen(provincial_average_wage * wage_share * levied_months / 12)


@rule(cite="国发〔2018〕18号 二（一）", label="上解工资总额", since="2018-07", until="2021-12")
def adjustment_wages(adjustment_wage_base, insured_on_post) -> Yuan:
    """The wages the levy is taken of, in whole yuan."""
    return to_yuan(adjustment_wage_base * insured_on_post)


@rule(cite="国发〔2018〕18号 二（一）", label="上解中央调剂基金", since="2018-07", until="2021-12")
def contribution_to_central_fund(adjustment_wages, levy_rate) -> Yuan:
    """What the province pays into the central fund for the year."""
    return to_fen(adjustment_wages * levy_rate)


@rule(cite="国发〔2018〕18号 二（二）", label="人均中央调剂拨付额", since="2018-07", until="2021-12")
def central_allocation_per_retiree(national_collected, national_retirees) -> YuanPerYear:
    """Everything collected over all retirees: one amount for the whole nation."""
    return to_fen(national_collected / national_retirees)


@rule(cite="国发〔2018〕18号 二（二）", label="中央调剂基金拨付额", since="2018-07", until="2021-12")
def allocation_from_central_fund(central_allocation_per_retiree, approved_retirees) -> Yuan:
    """What the province is paid for its retirees for the year."""
    return central_allocation_per_retiree * approved_retirees


@rule(cite="国发〔2018〕18号 二", label="中央调剂净额（正为净受益，负为净贡献）", since="2018-07", until="2021-12")
def net_central_adjustment(allocation_from_central_fund, contribution_to_central_fund) -> Yuan:
    """Positive where the province gains, negative where it gives."""
    return allocation_from_central_fund - contribution_to_central_fund
