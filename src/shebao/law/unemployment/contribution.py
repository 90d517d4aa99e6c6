"""Monthly contributions to unemployment insurance."""

from shebao.engine import Ratio, YesNo, YuanPerMonth, fact, rule, to_fen

rural_contract_worker = fact(YesNo, label="农民合同制工人", presumed=False)


@rule(cite="失业保险条例 六", label="单位缴费比例", since="1999-01", until="2015-02")
def employer_rate(statutory_employer_rate) -> Ratio:
    """The employer's rate of the Regulation."""
    return statutory_employer_rate


@rule(cite="人社部发〔2017〕14号；人社部发〔2024〕40号", label="单位缴费比例", since="2015-03")
def employer_rate(local_employer_rate, region) -> Ratio:
    """The employer's share of the reduced total, which each province divides."""
    return local_employer_rate[region]


@rule(cite="失业保险条例 六", label="个人缴费比例", since="1999-01", until="2015-02")
def employee_rate(statutory_employee_rate) -> Ratio:
    """The employee's rate of the Regulation."""
    return statutory_employee_rate


@rule(cite="人社部发〔2017〕14号；人社部发〔2024〕40号", label="个人缴费比例", since="2015-03")
def employee_rate(local_employee_rate, region) -> Ratio:
    """The employee's share of the reduced total, which each province divides."""
    return local_employee_rate[region]


@rule(cite="失业保险条例 六", label="个人月缴费额", until="2011-06")
def employee_contribution(contribution_base, employee_rate, rural_contract_worker) -> YuanPerMonth:
    """The employee's part; workers from the countryside on a labour contract paid none."""
    return 0 if rural_contract_worker else to_fen(contribution_base * employee_rate)


@rule(cite="社会保险法 四十四", label="个人月缴费额", since="2011-07")
def employee_contribution(contribution_base, employee_rate) -> YuanPerMonth:
    """The employee's part."""
    return to_fen(contribution_base * employee_rate)


@rule(cite="社会保险法 四十四；失业保险条例 六", label="单位月缴费额")
def employer_contribution(contribution_base, employer_rate, relief_share) -> YuanPerMonth:
    """The employer's part, less any relief in force."""
    return to_fen(contribution_base * employer_rate * (1 - relief_share))
