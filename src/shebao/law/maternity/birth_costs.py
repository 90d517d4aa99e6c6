"""The medical costs of birth: for insured employees, for an employee's wife without work, for insured residents."""

from shebao.engine import Ratio, YesNo, Yuan, choice, fact, rule, to_fen

# 职工本人、职工未就业配偶、居民医保、无
birth_scheme = choice(
    "employee",
    "spouse_of_employee",
    "resident",
    "none",
    label="生育医疗费用保障来源",
)
birth_covered_cost = fact(Yuan, 0, 1_000_000, label="符合规定的生育医疗费用")


@rule(cite="社会保险法 五十四、五十五；国办发〔2019〕10号", label="可报销生育医疗费用", since="2011-07")
def may_claim_birth_costs(birth_scheme) -> YesNo:
    """Every scheme pays the costs of birth; the allowance is for insured employees alone."""
    return birth_scheme != "none"


@rule(cite="社会保险法 五十五；统筹地区规定", label="住院分娩费用支付比例", since="2011-07")
def birth_cost_ratio(medical_area, birth_scheme, hospital_level, published_birth_ratio) -> Ratio:
    """The area's, by scheme and level of the hospital; give it, or the fixed amount, where it is not in the book."""
    return published_birth_ratio[medical_area, birth_scheme, hospital_level]


@rule(cite="社会保险法 五十五；国办发〔2019〕10号", label="生育医疗费用支付额", since="2011-07")
def birth_cost_payment(may_claim_birth_costs, birth_covered_cost, birth_cost_ratio) -> Yuan:
    """What the fund of the scheme pays of the covered costs of birth."""
    return to_fen(birth_covered_cost * birth_cost_ratio) if may_claim_birth_costs else 0


@rule(cite="女职工劳动保护特别规定 八；社会保险法 五十四", label="用人单位负担的生育医疗费用", since="2012-05")
def birth_cost_of_employer(
    employer_insured_her, birth_covered_cost, medical_area, hospital_level, published_birth_ratio
) -> Yuan:
    """An employer that has not insured her pays what the fund would have paid for an employee."""
    if employer_insured_her:
        return 0
    return to_fen(birth_covered_cost * published_birth_ratio[medical_area, "employee", hospital_level])
