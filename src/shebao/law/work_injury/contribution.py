"""Monthly contributions to work-injury insurance: the employer's alone."""

from shebao.engine import Count, Months, Ratio, YuanPerMonth, fact, rule, to_fen

industry_class = fact(Count, 1, 8, label="行业风险类别")
float_ratio = fact(Ratio, "0.5", "1.5", label="费率浮动系数", presumed=1)
fund_reserve_months = fact(Months, 0, 600, label="统筹地区工伤保险基金可支付月数", presumed=0)


@rule(cite="人社部发〔2015〕71号 附件", label="行业基准费率", since="2015-10")
def base_rate(base_rate_by_class, industry_class) -> Ratio:
    """The base rate of the employer's industry, by its class of risk."""
    return base_rate_by_class[industry_class]


@rule(cite="工伤保险条例 八", label="阶段性降费比例", until="2018-04")
def stage_reduction() -> Ratio:
    """No reduction in stages."""
    return 0


@rule(cite="人社部发〔2018〕25号 二；国办发〔2019〕13号 二", label="阶段性降费比例", since="2018-05", until="2025-12")
def stage_reduction(fund_reserve_months, larger_reserve, reserve, larger_reduction, reduction) -> Ratio:
    """The cut of the rate where the area's fund holds enough for many months."""
    if fund_reserve_months >= larger_reserve:
        return larger_reduction
    return reduction if fund_reserve_months >= reserve else 0


@rule(cite="工伤保险条例 八；人社部发〔2015〕71号 三", label="单位缴费比例")
def employer_rate(base_rate, float_ratio, stage_reduction) -> Ratio:
    """The base rate, moved up or down by the employer's record of injuries, less any cut in force."""
    return base_rate * float_ratio * (1 - stage_reduction)


@rule(cite="社会保险法 三十三；工伤保险条例 十", label="个人月缴费额")
def employee_contribution() -> YuanPerMonth:
    """The employee pays nothing."""
    return 0


@rule(cite="社会保险法 三十三；工伤保险条例 十", label="单位月缴费额")
def employer_contribution(contribution_base, employer_rate, relief_share) -> YuanPerMonth:
    """What the employer pays, less any relief in force."""
    return to_fen(contribution_base * employer_rate * (1 - relief_share))
