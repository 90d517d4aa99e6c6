"""Contributions to maternity insurance: the employer's alone, until they merged with medical insurance."""

from shebao.engine import Ratio, YuanPerMonth, fact, rule, to_fen

maternity_rate = fact(Ratio, 0, "1%", label="统筹地区生育保险单位缴费比例")


@rule(cite="社会保险法 五十三", label="个人月缴费额")
def employee_contribution() -> YuanPerMonth:
    """The employee pays nothing."""
    return 0


@rule(cite="劳部发〔1994〕504号 四；社会保险法 五十三", label="单位月缴费额", until="2019-12")
def employer_contribution(contribution_base, maternity_rate) -> YuanPerMonth:
    """At the rate of the area, at most 1 % of payroll."""
    return to_fen(contribution_base * maternity_rate)


@rule(cite="国办发〔2019〕10号 二；社会保险法 六十四", label="单位月缴费额", since="2020-01")
def employer_contribution() -> YuanPerMonth:
    """Nothing apart: the part for maternity is within the employer's rate of medical insurance."""
    return 0
