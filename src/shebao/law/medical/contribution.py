"""What employees and employers pay, by the month.

The State Council set the order of magnitude (about 6 % and 2 %); the employer's rate is set by each
pooling area, often a city, and since 2019/2020 includes maternity.
"""

from shebao.engine import Ratio, YesNo, YuanPerMonth, fact, rule, to_fen

relief_granted_here = fact(YesNo, label="统筹地区已决定减半征收职工医保单位缴费")


@rule(cite="国发〔1998〕44号 二", label="单位缴费比例")
def employer_rate(local_employer_rate, region) -> Ratio:
    """The rate of the person's pooling area, known here only where a province has one; else give it."""
    return local_employer_rate[region]


@rule(cite="社会保险法 二十三；国发〔1998〕44号 二", label="个人月缴费额")
def employee_contribution(contribution_base, employee_rate) -> YuanPerMonth:
    """The employee's part."""
    return to_fen(contribution_base * employee_rate)


@rule(cite="社会保险法 二十三", label="单位月缴费额", until="2020-01")
def employer_contribution(contribution_base, employer_rate) -> YuanPerMonth:
    """The employer's part."""
    return to_fen(contribution_base * employer_rate)


@rule(cite="医保发〔2020〕6号 一", label="单位月缴费额", since="2020-02", until="2020-06")
def employer_contribution(contribution_base, employer_rate, relief_granted_here, halving) -> YuanPerMonth:
    """Half the employer's part where the area so decided, for up to five months."""
    return to_fen(contribution_base * employer_rate * (1 - (halving if relief_granted_here else 0)))


@rule(cite="社会保险法 二十三", label="单位月缴费额", since="2020-07")
def employer_contribution(contribution_base, employer_rate) -> YuanPerMonth:
    """The employer's part."""
    return to_fen(contribution_base * employer_rate)


@rule(cite="国发〔1998〕44号 二", label="按国家控制水平测算的单位月缴费额")
def employer_contribution_at_guideline(contribution_base, guideline_employer_rate) -> YuanPerMonth:
    """An estimate at the national guideline (about 6 %), for totals over areas whose rate is unknown."""
    return to_fen(contribution_base * guideline_employer_rate)
