"""How much a month: a share of the minimum wage, between the dibao standard and that wage; and medical insurance."""

from shebao.engine import Ratio, YesNo, Yuan, YuanPerMonth, fact, rule, to_fen
from shebao.law.regions import ALL, JIANGSU

urban_dibao_standard = fact(YuanPerMonth, 0, 10_000, label="当地城市居民最低生活保障标准")
base_before_unemployment = fact(YuanPerMonth, 0, 1_000_000, label="失业前12个月本人月平均缴费基数")
medical_rate_total = fact(Ratio, 0, "0.2", label="统筹地区职工医保缴费率（单位与个人合计）")


@rule(
    cite="社会保险法 四十七；失业保险条例 十八",
    label="月失业保险金",
    since="1999-01",
    region=[code for code in ALL if code != JIANGSU],
)
def monthly_benefit(minimum_wage, region, benefit_share_of_minimum_wage) -> YuanPerMonth:
    """The province's share of the minimum wage of the place that pays."""
    return to_fen(minimum_wage * benefit_share_of_minimum_wage[region])


@rule(cite="江苏省失业保险规定", label="占本人缴费基数比例（江苏）", since="2021-08", region=JIANGSU)
def own_base_share(unemployment_months_paid, share_of_own_base) -> Ratio:
    """More after ten and after twenty years paid."""
    return share_of_own_base[20 if unemployment_months_paid >= 240 else 10 if unemployment_months_paid >= 120 else 0]


@rule(cite="江苏省失业保险规定", label="月失业保险金", since="2021-08", region=JIANGSU)
def monthly_benefit(
    base_before_unemployment, own_base_share, urban_dibao_standard, lowest_times_dibao, minimum_wage
) -> YuanPerMonth:
    """Jiangsu: a share of the own base of the year before, at least so many times dibao, at most the minimum wage."""
    own = to_fen(base_before_unemployment * own_base_share)
    return min(max(own, to_fen(urban_dibao_standard * lowest_times_dibao)), minimum_wage)


@rule(cite="失业保险条例 十八；社会保险法 四十七", label="失业保险金标准在法定上下限之间")
def standard_is_lawful(monthly_benefit, minimum_wage, urban_dibao_standard) -> YesNo:
    """Above the dibao standard and no more than the minimum wage, which some places let it reach."""
    return urban_dibao_standard < monthly_benefit and monthly_benefit <= minimum_wage


@rule(cite="失业保险条例 十五、十六；社会保险法 五十一", label="当月应发放失业保险金")
def benefit_is_due(may_claim, benefit_stops, registration_month, last_benefit_month, month) -> YesNo:
    """From the month of registration to the last month, whole months, unless something ended it."""
    return may_claim and not benefit_stops and registration_month <= month and month <= last_benefit_month


@rule(cite="失业保险条例 十六；社会保险法 四十七", label="当月失业保险金")
def benefit_of_month(benefit_is_due, monthly_benefit) -> YuanPerMonth:
    """A whole month's benefit while it is due; else 0."""
    return monthly_benefit if benefit_is_due else 0


@rule(cite="社会保险法 四十六、四十七", label="失业保险金合计（不含延长）")
def whole_benefit(may_claim, entitled_months, monthly_benefit) -> Yuan:
    """What the whole claim comes to at this month's rate, if nothing ends it; 0 for who may not claim."""
    return entitled_months * monthly_benefit if may_claim else 0


@rule(cite="社会保险法 四十八；人社部发〔2011〕77号", label="失业保险基金代缴职工医保费", since="2011-07")
def medical_contribution_by_fund(
    benefit_is_due, reference_wage, medical_base_share, medical_rate_total
) -> YuanPerMonth:
    """While the benefit is drawn the fund pays both parts of the medical contribution, the person nothing."""
    return to_fen(reference_wage * medical_base_share * medical_rate_total) if benefit_is_due else 0
