"""Monthly contributions, by the law of the month they are due for.

The base is the one all schemes share: own wage of the year before, between 60 % and 300 % of the province's.
"""

from shebao.engine import YuanPerMonth, rule, to_fen


@rule(cite="国发〔2015〕2号 三", label="个人月缴费额", since="2014-10", dated_by="month")
def employee_contribution(contribution_base, employee_rate) -> YuanPerMonth:
    """8 % of the base."""
    return to_fen(contribution_base * employee_rate)


@rule(cite="国发〔2015〕2号 三；国办发〔2019〕13号 一", label="单位月缴费额", since="2014-10", dated_by="month")
def employer_contribution(contribution_base, employer_rate) -> YuanPerMonth:
    """20 % of the base, since May 2019 16 %."""
    return to_fen(contribution_base * employer_rate)


@rule(cite="国发〔2015〕2号 三", label="记入个人账户额", since="2014-10", dated_by="month")
def account_credit(contribution_base, account_credit_rate) -> YuanPerMonth:
    """The own contribution goes into the account in full."""
    return to_fen(contribution_base * account_credit_rate)
