"""Tax credits for key groups (重点群体) and veterans: off the taxes due of a year, up to a limit, for three years.

Worked out in the month the year is settled (December, or the last month in business). What the taxes
of the year do not use up lapses.
"""

from shebao.engine import Count, Month, Months, YesNo, Yuan, YuanPerYear, choice, fact, rule, to_fen, ym

tax_group = choice(
    "none",
    "out_of_poverty",
    "unemployed_half_year",
    "zero_employment_or_dibao",
    "graduate_of_the_year",
    "veteran",
    label="创业就业税收优惠人员类别",
)
business_month = fact(Month, ym(2016, 1), ym(2150, 12), label="办理个体工商户登记年月")
taxes_of_year = fact(Yuan, 0, 1_000_000_000, label="当年实际应缴可扣减税费（增值税、城建税、附加、所得税）")
key_hire_months = fact(Count, 0, 1_000_000, label="当年招用重点群体人员各人工作月数之和（三年期内）", presumed=0)
veteran_hire_months = fact(
    Count, 0, 1_000_000, label="当年招用自主就业退役士兵各人工作月数之和（三年期内）", presumed=0
)


@rule(
    cite="财税〔2019〕21号；财税〔2019〕22号；公告2023年第14号；公告2023年第15号",
    label="本年可扣减月数",
    since="2019-01",
    until="2030-12",
)
def credit_months(month, business_month, credit_years_months) -> Months:
    """Months of the calendar year, to this month, that lie in the three years from registration."""
    first = max(business_month, month // 12 * 12)
    last = min(month, business_month + credit_years_months - 1)
    return max(last - first + 1, 0)


@rule(
    cite="财税〔2019〕21号；财税〔2019〕22号；公告2023年第14号；公告2023年第15号",
    label="符合个体经营税收优惠",
    since="2019-01",
    until="2030-12",
)
def may_claim_own_credit(tax_group, business_month, last_entry) -> YesNo:
    """One of the groups, registered while the policy was open; three years begun then run to their end."""
    return tax_group != "none" and business_month <= last_entry


@rule(
    cite="财税〔2019〕22号；公告2023年第15号",
    label="个体经营扣减限额",
    since="2019-01",
    until="2030-12",
)
def own_credit_limit(own_credit_standard, own_credit_raise, region) -> YuanPerYear:
    """The national standard and what the province adds, up to a fifth."""
    return own_credit_standard * (1 + own_credit_raise[region])


@rule(
    cite="财税〔2019〕21号；财税〔2019〕22号；公告2023年第14号；公告2023年第15号",
    label="个体经营税收扣减额",
    since="2019-01",
    until="2030-12",
)
def own_credit(may_claim_own_credit, taxes_of_year, own_credit_limit, credit_months) -> Yuan:
    """The taxes of the year, up to a twelfth of the limit for each month."""
    return min(taxes_of_year, to_fen(own_credit_limit * credit_months / 12)) if may_claim_own_credit else 0


@rule(
    cite="财税〔2019〕22号；公告2023年第15号",
    label="招用重点群体定额标准",
    since="2019-01",
    until="2027-12",
)
def key_hire_standard(hire_credit_standard, hire_credit_raise, region) -> YuanPerYear:
    """For each hire and year: the national standard and what the province adds, up to three tenths."""
    return hire_credit_standard * (1 + hire_credit_raise[region])


@rule(
    cite="财税〔2019〕21号；公告2023年第14号",
    label="招用退役士兵定额标准",
    since="2019-01",
    until="2027-12",
)
def veteran_hire_standard(hire_credit_standard, veteran_credit_raise, region) -> YuanPerYear:
    """For veterans a province may add half."""
    return hire_credit_standard * (1 + veteran_credit_raise[region])


@rule(
    cite="财税〔2019〕21号；财税〔2019〕22号；公告2023年第14号；公告2023年第15号",
    label="企业招用税收扣减额",
    since="2019-01",
    until="2027-12",
)
def employer_credit(
    taxes_of_year, key_hire_months, key_hire_standard, veteran_hire_months, veteran_hire_standard
) -> Yuan:
    """A twelfth of the standard for each month of each hire, up to the taxes of the year; one hire counts once."""
    key = key_hire_months * key_hire_standard / 12 if key_hire_months > 0 else 0
    veterans = veteran_hire_months * veteran_hire_standard / 12 if veteran_hire_months > 0 else 0
    return min(taxes_of_year, to_fen(key + veterans))
