"""What Guangdong pays beside the benefit (its regulation of 2022, articles 20 to 23)."""

from shebao.engine import Months, YesNo, Yuan, YuanPerMonth, fact, rule, to_fen
from shebao.law.regions import GUANGDONG

benefit_months_drawn = fact(Months, 0, 24, label="已领取失业保险金月数", presumed=0)
gave_birth_while_drawing = fact(YesNo, label="领取期间生育", presumed=False)
new_contract_months = fact(Months, 0, 1_200, label="重新就业劳动合同期限（月）", presumed=0)
new_insured_months = fact(Months, 0, 1_200, label="重新就业后参保缴费月数", presumed=0)
started_business = fact(YesNo, label="领取期间创业（领取营业执照）", presumed=False)


@rule(cite="广东省失业保险条例（2022）", label="尚未领取的月数", since="2022-06", region=GUANGDONG)
def months_left(entitled_months, benefit_months_drawn) -> Months:
    """Months of the claim not yet drawn."""
    return max(entitled_months - benefit_months_drawn, 0)


@rule(cite="广东省失业保险条例（2022） 二十", label="求职补贴", since="2022-06", region=GUANGDONG)
def job_seeking_subsidy(
    may_claim,
    benefit_stops,
    months_left,
    benefit_months_drawn,
    job_seeking_months,
    base_before_unemployment,
    job_seeking_share,
) -> YuanPerMonth:
    """Beside the benefit in its first six months: 15 % of the own base of the year before."""
    if may_claim and not benefit_stops and months_left > 0 and benefit_months_drawn < job_seeking_months:
        return to_fen(base_before_unemployment * job_seeking_share)
    return 0


@rule(cite="广东省失业保险条例（2022） 二十一", label="加发生育补助", since="2022-06", region=GUANGDONG)
def birth_supplement(gave_birth_while_drawing, may_claim, monthly_benefit, birth_supplement_months) -> Yuan:
    """Three months' benefit once, for a birth while the benefit is drawn."""
    return monthly_benefit * birth_supplement_months if may_claim and gave_birth_while_drawing else 0


@rule(cite="广东省失业保险条例（2022） 二十二", label="提前就业一次性补助", since="2022-06", region=GUANGDONG)
def early_job_bonus(
    new_contract_months,
    shortest_new_contract,
    new_insured_months,
    shortest_new_insurance,
    months_left,
    monthly_benefit,
    early_job_share,
) -> Yuan:
    """Half the unused months at once, for a contract of a year after three months insured in the new job."""
    if new_contract_months >= shortest_new_contract and new_insured_months >= shortest_new_insurance:
        return to_fen(months_left * monthly_benefit * early_job_share)
    return 0


@rule(cite="广东省失业保险条例（2022） 二十三", label="创业一次性领取失业保险金", since="2022-06", region=GUANGDONG)
def start_up_lump_sum(may_claim, started_business, months_left, monthly_benefit) -> Yuan:
    """All unused months at once for who starts a business."""
    return months_left * monthly_benefit if may_claim and started_business else 0
