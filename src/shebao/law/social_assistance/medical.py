"""Medical assistance (医疗救助): a share of the covered costs that insurance leaves to poor people."""

from shebao.engine import Ratio, YesNo, Yuan, fact, rule, to_fen

covered_burden_after_insurance = fact(Yuan, 0, 10_000_000, label="基本医保、大病保险等支付后政策范围内个人自付费用")
assisted_burden_before = fact(Yuan, 0, 10_000_000, label="年内此前同口径个人自付费用", presumed=0)
assistance_paid_before = fact(Yuan, 0, 10_000_000, label="年内此前已支付医疗救助", presumed=0)
local_assistance_ratio = fact(Ratio, 0, 1, label="统筹地区医疗救助比例")
assistance_cap = fact(Yuan, 0, 10_000_000, label="统筹地区年度医疗救助限额")


@rule(cite="社会救助暂行办法 二十八；国办发〔2021〕42号", label="可申请医疗救助", since="2021-10")
def may_claim_medical_assistance(assistance_category) -> YesNo:
    """On dibao, destitute, an orphan, near dibao, or monitored against falling back; others as the county decides."""
    return assistance_category != "none"


@rule(cite="国办发〔2021〕42号", label="医疗救助年度起付标准", since="2021-10")
def assistance_deductible(assistance_category, disposable_income_last_year, edge_deductible_share) -> Yuan:
    """None for the destitute, orphans and people on dibao; about a tenth of the local income per head for others."""
    if assistance_category == "dibao_edge" or assistance_category == "poverty_monitored":
        return to_fen(disposable_income_last_year * edge_deductible_share)
    return 0


@rule(cite="国办发〔2021〕42号", label="医疗救助比例", since="2021-10")
def assistance_ratio(assistance_category, local_assistance_ratio, lowest_assistance_ratio) -> Ratio:
    """The area's; for the destitute, orphans and people on dibao 70 % at least."""
    if assistance_category == "dibao_edge" or assistance_category == "poverty_monitored":
        return local_assistance_ratio
    return max(local_assistance_ratio, lowest_assistance_ratio)


@rule(cite="社会救助暂行办法 二十九（二）；国办发〔2021〕42号", label="本次医疗救助", since="2021-10")
def medical_assistance(
    may_claim_medical_assistance,
    covered_burden_after_insurance,
    assisted_burden_before,
    assistance_deductible,
    assistance_ratio,
    assistance_cap,
    assistance_paid_before,
) -> Yuan:
    """The ratio of what this bill adds above the deductible, within what is left of the year's limit."""
    if not may_claim_medical_assistance:
        return 0
    above = max(assisted_burden_before + covered_burden_after_insurance - assistance_deductible, 0)
    above_before = max(assisted_burden_before - assistance_deductible, 0)
    return min(to_fen((above - above_before) * assistance_ratio), max(assistance_cap - assistance_paid_before, 0))
