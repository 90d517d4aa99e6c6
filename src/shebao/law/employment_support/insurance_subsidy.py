"""Social-insurance subsidies (社会保险补贴): part or all of a contribution, for some years, out of employment funds.

What was paid is a fact: the employer's or the person's payments of the month to pension, medical and
unemployment insurance. A national figure that says "at most" is a ceiling; a place may pay less.
"""

from shebao.engine import Month, Months, YesNo, YuanPerMonth, fact, rule, to_fen, ym

recognised_hardship = fact(YesNo, label="已认定为就业困难人员（招用或灵活就业时）", presumed=False)
first_subsidy_month = fact(Month, ym(2003, 1), ym(2150, 12), label="初次核定享受社会保险补贴年月")
months_subsidised = fact(Months, 0, 720, label="已享受社会保险补贴月数", presumed=0)
employer_payment = fact(YuanPerMonth, 0, 100_000, label="单位当月为其实缴的养老、医疗、失业保险费（单位部分）")
own_payment = fact(YuanPerMonth, 0, 100_000, label="本人当月实缴的社会保险费（个人部分或灵活就业）")
contract_months = fact(Months, 0, 720, label="劳动合同期限（月）", presumed=0)
works_flexibly = fact(YesNo, label="已办理灵活就业登记", presumed=False)
graduation_month = fact(Month, ym(1990, 1), ym(2150, 12), label="毕业（离校）年月")
small_employer = fact(YesNo, label="招用单位为小微企业", presumed=False)
key_sector_employer = fact(YesNo, label="招用单位为重点行业中小微企业", presumed=False)
key_group_hired = fact(YesNo, label="招用对象为政策规定的重点群体", presumed=False)


@rule(cite="财社〔2017〕164号；财社〔2023〕181号", label="初次核定时距法定退休年龄不足五年", since="2018-01")
def was_near_retirement(statutory_retirement_month, first_subsidy_month, near_retirement_months) -> YesNo:
    """Less than five years from the statutory month when the subsidy was first granted; the age then decides."""
    return statutory_retirement_month - first_subsidy_month < near_retirement_months


@rule(cite="财社〔2017〕164号；财社〔2023〕181号", label="就业困难人员补贴最后月", since="2018-01")
def last_subsidy_month(
    was_near_retirement, statutory_retirement_month, first_subsidy_month, months_subsidised, month, hardship_months
) -> Month:
    """Three years of subsidy, as many months as are left from now; near retirement on to the month before it."""
    if was_near_retirement:
        return statutory_retirement_month - 1
    return month + hardship_months - months_subsidised - 1


@rule(cite="财社〔2017〕164号；财社〔2023〕181号", label="仍在补贴期限内", since="2018-01")
def within_hardship_limit(month, first_subsidy_month, last_subsidy_month) -> YesNo:
    """From the month it was first granted to the last."""
    return first_subsidy_month <= month and month <= last_subsidy_month


@rule(
    cite="就业促进法 五十二；财社〔2017〕164号；财社〔2023〕181号",
    label="招用就业困难人员社会保险补贴",
    since="2018-01",
)
def hardship_hire_subsidy(
    recognised_hardship, contract_months, within_hardship_limit, employer_payment
) -> YuanPerMonth:
    """All of the employer's part, none of the employee's, for who hired a recognised person under a contract."""
    return employer_payment if recognised_hardship and contract_months > 0 and within_hardship_limit else 0


@rule(
    cite="就业促进法 五十二；财社〔2017〕164号；财社〔2023〕181号",
    label="就业困难人员灵活就业社会保险补贴（最高额）",
    since="2018-01",
)
def hardship_flexible_subsidy(
    recognised_hardship, works_flexibly, within_hardship_limit, own_payment, flexible_share
) -> YuanPerMonth:
    """At most two thirds of what the person paid."""
    if recognised_hardship and works_flexibly and within_hardship_limit:
        return to_fen(own_payment * flexible_share)
    return 0


@rule(cite="财社〔2017〕164号；财社〔2023〕181号", label="离校两年内高校毕业生", since="2018-01")
def is_recent_graduate(month, graduation_month, graduate_window) -> YesNo:
    """Left school at most two years ago."""
    return graduation_month <= month and month - graduation_month <= graduate_window


@rule(
    cite="财社〔2017〕164号；财社〔2023〕181号",
    label="离校两年内未就业毕业生灵活就业社会保险补贴（最高额）",
    since="2018-01",
)
def graduate_flexible_subsidy(
    graduation_month,
    first_subsidy_month,
    graduate_window,
    works_flexibly,
    months_subsidised,
    graduate_months,
    own_payment,
    flexible_share,
) -> YuanPerMonth:
    """At most two thirds, for at most two years, to who began within two years of leaving school."""
    in_time = graduation_month <= first_subsidy_month and first_subsidy_month - graduation_month <= graduate_window
    if in_time and works_flexibly and months_subsidised < graduate_months:
        return to_fen(own_payment * flexible_share)
    return 0


@rule(
    cite="财社〔2017〕164号；财社〔2023〕181号",
    label="小微企业招用高校毕业生社会保险补贴",
    since="2018-01",
)
def small_firm_graduate_subsidy(
    small_employer,
    graduation_month,
    first_subsidy_month,
    graduate_window,
    contract_months,
    shortest_contract,
    months_subsidised,
    small_firm_months,
    employer_payment,
) -> YuanPerMonth:
    """The employer's part for a year, for a graduate hired within two years of leaving school on a year's contract."""
    in_time = graduation_month <= first_subsidy_month and first_subsidy_month - graduation_month <= graduate_window
    if small_employer and in_time and contract_months >= shortest_contract and months_subsidised < small_firm_months:
        return employer_payment
    return 0


@rule(cite="国办发〔2025〕25号", label="中小微企业吸纳重点群体社会保险补贴", since="2025-07", until="2025-12")
def key_sector_subsidy(
    key_sector_employer, key_group_hired, contract_months, shortest_contract, own_payment, key_sector_share
) -> YuanPerMonth:
    """A quarter of the employee's own part, to smaller firms of key sectors that hire from the key groups."""
    if key_sector_employer and key_group_hired and contract_months >= shortest_contract:
        return to_fen(own_payment * key_sector_share)
    return 0
