"""The outpatient pool of the reform of 2021: a yearly deductible, a ratio by hospital, a yearly cap."""

from shebao.engine import Ratio, YesNo, Yuan, fact, rule, to_fen

outpatient_cost_before = fact(Yuan, 0, 10_000_000, label="年内此前符合范围的门诊费用", presumed=0)
outpatient_paid_before = fact(Yuan, 0, 10_000_000, label="年内此前统筹基金已支付门诊费用", presumed=0)


@rule(cite="国办发〔2021〕14号 三；统筹地区规定", label="普通门诊年度起付标准", since="2021-04")
def outpatient_deductible(medical_area, published_outpatient_deductible) -> Yuan:
    """What the year's covered outpatient costs must reach before the pool pays; give it where it is not in the book."""
    return published_outpatient_deductible[medical_area]


@rule(cite="国办发〔2021〕14号 三；统筹地区规定", label="普通门诊支付比例（在职）", since="2021-04")
def outpatient_ratio_of_employees(medical_area, hospital_level, published_outpatient_ratio) -> Ratio:
    """The area's ratio by level of the hospital."""
    return published_outpatient_ratio[medical_area, hospital_level]


@rule(cite="国办发〔2021〕14号 三；统筹地区规定", label="退休人员普通门诊支付比例提高幅度", since="2021-04")
def outpatient_bonus_of_retirees(medical_area, published_outpatient_bonus) -> Ratio:
    """Retirees get more by as much as the area says."""
    return published_outpatient_bonus[medical_area]


@rule(cite="国办发〔2021〕14号 三", label="普通门诊支付比例", since="2021-04")
def outpatient_ratio(
    outpatient_ratio_of_employees, outpatient_bonus_of_retirees, medical_retiree, ratio_reduction
) -> Ratio:
    """The area's ratio, more for retirees, less for care elsewhere; half at least at home (a rule for areas)."""
    ratio = outpatient_ratio_of_employees + (outpatient_bonus_of_retirees if medical_retiree else 0)
    return min(max(ratio - ratio_reduction, 0), 1)


@rule(cite="国办发〔2021〕14号 三", label="普通门诊支付比例达到国家下限", since="2021-04")
def outpatient_ratio_is_lawful(outpatient_ratio_of_employees, lowest_outpatient_ratio) -> YesNo:
    """The pool pays from half of the cost upwards."""
    return outpatient_ratio_of_employees >= lowest_outpatient_ratio


@rule(cite="国办发〔2021〕14号 三；统筹地区规定", label="普通门诊年度支付限额", since="2021-04")
def outpatient_cap(medical_area, outpatient_cap_of_employees, outpatient_cap_of_retirees, medical_retiree) -> Yuan:
    """What the pool pays at most in a year."""
    return outpatient_cap_of_retirees[medical_area] if medical_retiree else outpatient_cap_of_employees[medical_area]


@rule(cite="国办发〔2021〕14号 三", label="本次普通门诊统筹支付", since="2021-04")
def outpatient_payment(
    settled_cost,
    outpatient_cost_before,
    outpatient_deductible,
    outpatient_ratio,
    outpatient_cap,
    outpatient_paid_before,
) -> Yuan:
    """The ratio of what lies above the rest of the year's deductible, within the rest of the year's cap."""
    open_deductible = max(outpatient_deductible - outpatient_cost_before, 0)
    payable = max(settled_cost - open_deductible, 0)
    return min(to_fen(payable * outpatient_ratio), max(outpatient_cap - outpatient_paid_before, 0))


@rule(cite="国办发〔2021〕14号 三、四", label="本次普通门诊个人负担", since="2021-04")
def outpatient_out_of_pocket(total_cost, outpatient_payment) -> Yuan:
    """The rest of the bill, which the account of the person or of the family may pay as far as it is covered."""
    return total_cost - outpatient_payment
