"""A resident's stay in hospital: deductible, ratio by level, yearly cap of the fund. All three are the area's."""

from shebao.engine import Ratio, Yuan, rule, to_fen


@rule(cite="国发〔2016〕3号；统筹地区规定", label="居民住院起付标准")
def inpatient_deductible(medical_area, hospital_level, published_inpatient_deductible) -> Yuan:
    """The area's, by level of the hospital; where an area waives or lowers it (repeat stays, children) give that."""
    return published_inpatient_deductible[medical_area, hospital_level]


@rule(cite="国发〔2016〕3号；医保发〔2022〕22号；统筹地区规定", label="居民住院支付比例")
def inpatient_ratio(medical_area, hospital_level, published_inpatient_ratio, ratio_reduction) -> Ratio:
    """The area's ratio by level of the hospital, less for care elsewhere; as the nation saw it about 70 %."""
    return min(max(published_inpatient_ratio[medical_area, hospital_level] - ratio_reduction, 0), 1)


@rule(cite="国发〔2016〕3号；统筹地区规定", label="居民医保基金年度最高支付限额")
def inpatient_cap(medical_area, published_inpatient_cap) -> Yuan:
    """What the fund pays at most in a year."""
    return published_inpatient_cap[medical_area]


@rule(cite="国发〔2016〕3号；社会保险法 二十八", label="本次住院居民医保基金支付")
def inpatient_payment(settled_cost, inpatient_deductible, inpatient_ratio, inpatient_cap, pooled_paid_before) -> Yuan:
    """The ratio of what lies above the deductible, within what is left of the year's cap."""
    share = to_fen(max(settled_cost - inpatient_deductible, 0) * inpatient_ratio)
    return min(share, max(inpatient_cap - pooled_paid_before, 0))


@rule(cite="国办发〔2015〕57号 二", label="本次住院合规自付费用")
def covered_burden(settled_cost, inpatient_payment) -> Yuan:
    """What the fund leaves of the costs it looks at: deductible, own share, everything above the cap."""
    return settled_cost - inpatient_payment


@rule(cite="社会保险法 二十八；国办发〔2015〕57号", label="本次住院个人负担（医疗救助前）")
def out_of_pocket(total_cost, inpatient_payment, serious_illness_payment) -> Yuan:
    """The bill less what the fund and the insurance for serious illness pay; medical assistance comes after."""
    return total_cost - inpatient_payment - serious_illness_payment
