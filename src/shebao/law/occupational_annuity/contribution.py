"""What the month brings the annuity: 4 % from the person, 8 % from the unit, in money or only on the books."""

from shebao.engine import YesNo, YuanPerMonth, fact, rule, to_fen

fully_state_funded = fact(YesNo, label="财政全额供款单位")


@rule(cite="国办发〔2015〕18号 四", label="职业年金个人月缴费额", since="2014-10")
def employee_contribution(contribution_base, employee_rate) -> YuanPerMonth:
    """4 % of the base of the basic pension; always money."""
    return to_fen(contribution_base * employee_rate)


@rule(cite="国办发〔2015〕18号 四", label="职业年金单位月缴费额", since="2014-10")
def employer_contribution(contribution_base, employer_rate) -> YuanPerMonth:
    """8 % of the base, in money or on the books."""
    return to_fen(contribution_base * employer_rate)


@rule(cite="国办发〔2015〕18号 六", label="单位缴费记账额", since="2014-10")
def notional_credit(fully_state_funded, employer_contribution) -> YuanPerMonth:
    """The unit's part that is only entered on the books: all of it where the state funds the unit wholly."""
    return employer_contribution if fully_state_funded else 0


@rule(cite="国办发〔2015〕18号 六", label="单位缴费实缴额", since="2014-10")
def paid_by_employer(employer_contribution, notional_credit) -> YuanPerMonth:
    """The unit's part that is paid in money."""
    return employer_contribution - notional_credit
