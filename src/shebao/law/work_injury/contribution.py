"""Monthly contributions to work-injury insurance: the employer's alone."""

from shebao.engine import Count, Months, Ratio, YesNo, Yuan, YuanPerMonth, fact, rule, to_fen
from shebao.law.regions import ALL, HUBEI

industry_class = fact(Count, 1, 8, label="行业风险类别")
former_industry_class = fact(Count, 1, 3, label="行业风险类别（2015年9月以前的三类）")
float_ratio = fact(Ratio, "0.5", "1.5", label="费率浮动系数", presumed=1)
project_cost = fact(Yuan, 0, 100_000_000_000, label="建设项目合同总造价")
fund_reserve_months = fact(Months, 0, 600, label="统筹地区工伤保险基金可支付月数", presumed=0)


@rule(cite="劳社部发〔2003〕29号", label="行业基准费率", since="2004-01", until="2015-09")
def base_rate(former_base_rate, former_industry_class) -> Ratio:
    """Until September 2015 there were three classes."""
    return former_base_rate[former_industry_class]


@rule(cite="人社部发〔2015〕71号 附件", label="行业基准费率", since="2015-10")
def base_rate(base_rate_by_class, industry_class) -> Ratio:
    """The base rate of the employer's industry, by its class of risk."""
    return base_rate_by_class[industry_class]


@rule(cite="人社部发〔2015〕71号 三", label="浮动系数属于法定档次", since="2015-10")
def float_is_a_step(industry_class, float_ratio) -> YesNo:
    """Class 1 moves up only, to 120 or 150 per cent; the others also down, to 80 or 50."""
    if industry_class == 1:
        return float_ratio == 1 or float_ratio == 1.2 or float_ratio == 1.5
    return float_ratio == 0.5 or float_ratio == 0.8 or float_ratio == 1 or float_ratio == 1.2 or float_ratio == 1.5


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


# -- building sites pay by project, once, for everybody who works there ---------------------------


@rule(
    cite="工伤保险条例 十；人社部发〔2014〕103号 二",
    label="按项目参保应缴工伤保险费（降费前）",
    since="2015-01",
    region=[code for code in ALL if code != HUBEI],
)
def full_project_contribution(project_cost, region, project_rate) -> Yuan:
    """A share of the cost of the project."""
    return to_fen(project_cost * project_rate[region])


@rule(
    cite="工伤保险条例 十；湖北省2023年按项目参保费率",
    label="按项目参保应缴工伤保险费（降费前）",
    since="2023-01",
    region=HUBEI,
)
def full_project_contribution(project_cost, project_middle_from, project_top_from, project_band_rate) -> Yuan:
    """Hubei: three bands, each at its own rate, the dearer the project the lower."""
    low = min(project_cost, project_middle_from)
    middle = min(max(project_cost - project_middle_from, 0), project_top_from - project_middle_from)
    top = max(project_cost - project_top_from, 0)
    return to_fen(low * project_band_rate[1] + middle * project_band_rate[2] + top * project_band_rate[3])


@rule(cite="工伤保险条例 十；人社部发〔2018〕25号 二", label="按项目参保应缴工伤保险费", since="2015-01")
def project_contribution(full_project_contribution, stage_reduction) -> Yuan:
    """Less any cut in force."""
    return to_fen(full_project_contribution * (1 - stage_reduction))
