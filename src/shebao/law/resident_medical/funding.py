"""What residents and the treasury pay for a year, and what the treasury pays in a poor person's place."""

from shebao.engine import Ratio, Year, YuanPerYear, choice, fact, rule, to_fen

notice_year = fact(Year, 2003, 2100, label="居民医保筹资通知年度")
# 非救助对象、特困人员、孤儿、低保对象、防止返贫监测对象、低保边缘家庭成员
assistance_category = choice(
    "none",
    "destitute",
    "orphan",
    "dibao",
    "poverty_monitored",
    "dibao_edge",
    label="救助对象类别",
)


@rule(cite="国发〔2016〕3号；年度筹资通知", label="居民医保年度个人缴费")
def resident_contribution(resident_contribution_standard, notice_year) -> YuanPerYear:
    """The national standard a resident pays, by the year of the notice (collected for the year after)."""
    return resident_contribution_standard[notice_year]


@rule(cite="国发〔2016〕3号；年度筹资通知", label="居民医保年度财政补助")
def resident_subsidy(resident_subsidy_standard, notice_year) -> YuanPerYear:
    """The national standard of government subsidy for one resident, by the year of the notice."""
    return resident_subsidy_standard[notice_year]


@rule(cite="国发〔2016〕3号；年度筹资通知", label="居民医保年度人均筹资")
def resident_funding(resident_contribution, resident_subsidy) -> YuanPerYear:
    """What one resident brings the fund in a year."""
    return resident_contribution + resident_subsidy


@rule(cite="社会救助暂行办法 二十九（一）；国办发〔2021〕42号", label="资助参保比例", since="2021-10")
def premium_support_share(assistance_category, region, local_support_share) -> Ratio:
    """Destitute people and orphans are paid for in full; people on dibao and near a fall back in part, by province."""
    if assistance_category == "destitute" or assistance_category == "orphan":
        return 1
    if assistance_category == "dibao" or assistance_category == "poverty_monitored":
        return local_support_share[region]
    return 0


@rule(cite="社会救助暂行办法 二十九（一）；国办发〔2021〕42号", label="资助参保金额", since="2021-10")
def premium_support(resident_contribution, premium_support_share) -> YuanPerYear:
    """What medical assistance pays of the person's own contribution."""
    return to_fen(resident_contribution * premium_support_share)


@rule(cite="社会救助暂行办法 二十九（一）；国办发〔2021〕42号", label="资助后个人实际缴费", since="2021-10")
def own_contribution(resident_contribution, premium_support) -> YuanPerYear:
    """What is left to pay oneself."""
    return resident_contribution - premium_support
