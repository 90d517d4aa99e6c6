"""What a hospital's bill is made of, for employees and residents alike.

The slip of every settlement shows these three parts. They are judged by the catalogue of the place of care; how much
of the first the fund pays is the business of the place of insurance.
"""

from shebao.engine import Count, Yuan, choice, fact, rule

# The GB/T 2260 prefecture code of the area that pools the medical fund (3601 Nanchang); for a municipality its
# province code and 00 (1100 Beijing).
medical_area = fact(Count, 1_100, 6_599, label="医保统筹地区代码")
# 一级及以下、二级、三级
hospital_level = choice("primary", "secondary", "tertiary", label="医疗机构级别")

covered_cost = fact(Yuan, 0, 10_000_000, label="符合政策范围的医疗费用")
first_self_pay = fact(Yuan, 0, 10_000_000, label="先行自付（乙类等）")
uncovered_cost = fact(Yuan, 0, 10_000_000, label="目录外全自费及超限价费用")


@rule(cite="社会保险法 二十八", label="医疗总费用")
def total_cost(covered_cost, first_self_pay, uncovered_cost) -> Yuan:
    """The whole bill: what the rules cover, what of it must first be paid oneself, and what is not covered."""
    return covered_cost + first_self_pay + uncovered_cost
