"""What an employer and its employees may pay in a year, and how unequally it may be shared out."""

from shebao.engine import YesNo, Yuan, fact, rule, to_fen

payroll = fact(Yuan, 0, 1_000_000_000, label="本企业年度职工工资总额")
planned_employer_contribution = fact(Yuan, 0, 1_000_000_000, label="企业拟年缴费额")
employees_contribution = fact(Yuan, 0, 1_000_000_000, label="全体职工个人年缴费额")
highest_allocation = fact(Yuan, 0, 100_000_000, label="企业缴费计入个人账户的最高额")
average_allocation = fact(Yuan, 0, 100_000_000, label="企业缴费计入个人账户的平均额")


@rule(cite="企业年金办法 十五", label="企业年缴费上限", since="2004-05")
def employer_contribution_limit(payroll, employer_limit) -> Yuan:
    """The employer's own limit: 8 % of the payroll (a twelfth before February 2018)."""
    return to_fen(payroll * employer_limit)


@rule(cite="企业年金办法 十五", label="企业和职工年缴费合计上限", since="2004-05")
def total_contribution_limit(payroll, total_limit) -> Yuan:
    """The limit of employer and employees together: 12 % of the payroll (a sixth before)."""
    return to_fen(payroll * total_limit)


@rule(cite="企业年金办法 十五", label="企业可缴费额", since="2004-05")
def employer_plan_contribution(
    planned_employer_contribution, employer_contribution_limit, total_contribution_limit, employees_contribution
) -> Yuan:
    """What the employer plans, within its own limit and what the employees leave of the common one."""
    return min(
        planned_employer_contribution,
        employer_contribution_limit,
        max(total_contribution_limit - employees_contribution, 0),
    )


@rule(cite="企业年金办法 十五", label="缴费未超过上限", since="2004-05")
def within_limits(
    planned_employer_contribution, employees_contribution, employer_contribution_limit, total_contribution_limit
) -> YesNo:
    """Both limits are kept."""
    return (
        planned_employer_contribution <= employer_contribution_limit
        and planned_employer_contribution + employees_contribution <= total_contribution_limit
    )


@rule(cite="企业年金办法 十八", label="企业缴费计入个人账户最高限额", since="2018-02")
def allocation_cap(average_allocation, fairness_multiple) -> Yuan:
    """The most one person's account may be given: five times the average."""
    return average_allocation * fairness_multiple


@rule(cite="企业年金办法 十八", label="企业缴费分配未超过5倍", since="2018-02")
def allocation_is_fair(highest_allocation, allocation_cap) -> YesNo:
    """Nobody is given more than five times the average."""
    return highest_allocation <= allocation_cap


@rule(cite="财税〔2009〕27号", label="企业所得税前可扣除的企业缴费", since="2008-01")
def deductible_for_employer(employer_plan_contribution, payroll, corporate_deduction_share) -> Yuan:
    """What corporate income tax accepts: up to 5 % of the payroll."""
    return min(employer_plan_contribution, to_fen(payroll * corporate_deduction_share))
