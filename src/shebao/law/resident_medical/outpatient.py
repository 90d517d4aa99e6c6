"""A visit of a resident to the doctor: a ratio of the covered cost, often within a small yearly cap."""

from shebao.engine import Ratio, YesNo, Yuan, fact, rule, to_fen

outpatient_paid_before = fact(Yuan, 0, 1_000_000, label="年内此前居民医保已支付普通门诊费用", presumed=0)
family_doctor = fact(YesNo, label="已签约家庭医生", presumed=False)


@rule(cite="国发〔2016〕3号；统筹地区规定", label="居民普通门诊支付比例")
def outpatient_ratio(
    medical_area, hospital_level, published_outpatient_ratio, family_doctor, family_doctor_bonus, ratio_reduction
) -> Ratio:
    """The area's ratio by level of the hospital, more with a family doctor, less for care elsewhere."""
    bonus = family_doctor_bonus[medical_area] if family_doctor else 0
    return min(max(published_outpatient_ratio[medical_area, hospital_level] + bonus - ratio_reduction, 0), 1)


@rule(cite="国发〔2016〕3号；统筹地区规定", label="居民普通门诊年度有支付限额")
def outpatient_is_capped(medical_area, outpatient_capped) -> YesNo:
    """Whether the area limits what it pays in a year."""
    return outpatient_capped[medical_area] > 0


@rule(cite="国发〔2016〕3号；统筹地区规定", label="居民普通门诊年度支付限额")
def outpatient_cap(medical_area, published_outpatient_cap) -> Yuan:
    """What the fund pays at most in a year, where there is a limit."""
    return published_outpatient_cap[medical_area]


@rule(cite="国发〔2016〕3号；统筹地区规定", label="本次居民普通门诊支付")
def outpatient_payment(
    settled_cost, outpatient_ratio, outpatient_is_capped, outpatient_cap, outpatient_paid_before
) -> Yuan:
    """The ratio of the covered cost, within what is left of the year's limit if there is one."""
    share = to_fen(settled_cost * outpatient_ratio)
    return min(share, max(outpatient_cap - outpatient_paid_before, 0)) if outpatient_is_capped else share
