"""A stay in hospital: deductible, ratio by level, yearly cap of the pooled fund. All three are the area's."""

from shebao.engine import Count, Ratio, Yuan, fact, rule, to_fen
from shebao.law.regions import ALL, BEIJING

admission_of_year = fact(Count, 1, 200, label="年内第几次住院")
pooled_paid_before = fact(Yuan, 0, 10_000_000, label="年内此前统筹基金已支付住院费用", presumed=0)

OUTSIDE_BEIJING = tuple(code for code in ALL if code != BEIJING)


@rule(cite="国发〔1998〕44号 三；统筹地区规定", label="住院起付标准", region=OUTSIDE_BEIJING)
def inpatient_deductible(medical_area, hospital_level, published_inpatient_deductible) -> Yuan:
    """The area's, by level of the hospital; where an area lowers it for later stays give that."""
    return published_inpatient_deductible[medical_area, hospital_level]


@rule(cite="国发〔1998〕44号 三；北京市基本医疗保险规定", label="住院起付标准", region=BEIJING)
def inpatient_deductible(admission_of_year, first_deductible_of_beijing, later_deductible_of_beijing) -> Yuan:
    """Beijing: half for every stay after the year's first, at any hospital."""
    return first_deductible_of_beijing if admission_of_year == 1 else later_deductible_of_beijing


@rule(cite="国发〔1998〕44号 三；统筹地区规定", label="住院支付比例（在职）")
def inpatient_ratio_of_employees(medical_area, hospital_level, published_inpatient_ratio) -> Ratio:
    """The area's ratio by level of the hospital."""
    return published_inpatient_ratio[medical_area, hospital_level]


@rule(cite="国发〔1998〕44号 三；统筹地区规定", label="退休人员住院支付比例提高幅度")
def inpatient_bonus_of_retirees(medical_area, published_inpatient_bonus) -> Ratio:
    """Retirees get more by as much as the area says."""
    return published_inpatient_bonus[medical_area]


@rule(cite="国发〔1998〕44号 三；医保发〔2022〕22号", label="住院支付比例")
def inpatient_ratio(
    inpatient_ratio_of_employees, inpatient_bonus_of_retirees, medical_retiree, ratio_reduction
) -> Ratio:
    """The area's ratio, more for retirees, less for care elsewhere."""
    ratio = inpatient_ratio_of_employees + (inpatient_bonus_of_retirees if medical_retiree else 0)
    return min(max(ratio - ratio_reduction, 0), 1)


@rule(cite="国发〔1998〕44号 三；统筹地区规定", label="统筹基金年度最高支付限额")
def inpatient_cap(medical_area, published_inpatient_cap) -> Yuan:
    """What the pooled fund pays at most in a year; as the State Council saw it about six times the average wage."""
    return published_inpatient_cap[medical_area]


@rule(
    cite="国发〔1998〕44号 三；社会保险法 二十八",
    label="住院费用按比例应支付额",
    region=OUTSIDE_BEIJING,
)
def inpatient_share(settled_cost, inpatient_deductible, inpatient_ratio) -> Yuan:
    """The ratio of what lies above the deductible."""
    return to_fen(max(settled_cost - inpatient_deductible, 0) * inpatient_ratio)


@rule(cite="国发〔1998〕44号 三；北京市基本医疗保险规定", label="住院费用按比例应支付额", region=BEIJING)
def inpatient_share(
    settled_cost,
    inpatient_deductible,
    hospital_level,
    medical_retiree,
    ratio_reduction,
    second_band_from,
    third_band_from,
    share_of_band,
    retirees_part_of_own_share,
) -> Yuan:
    """Beijing pays more of dearer stays, in three bands; a retiree bears six tenths of what an employee would."""
    first = max(min(settled_cost, second_band_from) - inpatient_deductible, 0)
    second = max(min(settled_cost, third_band_from) - second_band_from, 0)
    third = max(settled_cost - third_band_from, 0)
    part = retirees_part_of_own_share if medical_retiree else 1
    ratio_1 = 1 - (1 - share_of_band[hospital_level, 1]) * part - ratio_reduction
    ratio_2 = 1 - (1 - share_of_band[hospital_level, 2]) * part - ratio_reduction
    ratio_3 = 1 - (1 - share_of_band[hospital_level, 3]) * part - ratio_reduction
    return to_fen(first * max(ratio_1, 0) + second * max(ratio_2, 0) + third * max(ratio_3, 0))


@rule(cite="国发〔1998〕44号 三；社会保险法 二十八", label="本次住院统筹基金支付")
def inpatient_payment(inpatient_share, inpatient_cap, pooled_paid_before) -> Yuan:
    """That share, within what is left of the year's cap."""
    return min(inpatient_share, max(inpatient_cap - pooled_paid_before, 0))


@rule(cite="社会保险法 二十八；国办发〔2021〕42号", label="本次住院合规自付费用")
def covered_burden(settled_cost, inpatient_payment) -> Yuan:
    """What the pooled fund leaves of the costs it looks at: deductible, own share, everything above the cap."""
    return settled_cost - inpatient_payment


@rule(cite="社会保险法 二十八", label="本次住院个人负担")
def out_of_pocket(total_cost, inpatient_payment, serious_illness_payment) -> Yuan:
    """The bill less what the pooled fund and the insurance for serious illness pay."""
    return total_cost - inpatient_payment - serious_illness_payment
