"""Tax on the way in: what of annuity contributions is free of income tax (财税〔2013〕103号).

For enterprise and occupational annuities alike. Tax on the way out stands in the income-tax room.
"""

from shebao.engine import Months, Yuan, YuanPerMonth, fact, rule, to_fen

own_annuity_contribution = fact(YuanPerMonth, 0, 1_000_000, label="本人每月年金缴费", presumed=0)
months_contributed = fact(Months, 0, 12, label="本年年金缴费月数")
employer_annuity_credit = fact(YuanPerMonth, 0, 1_000_000, label="单位每月计入本人账户的年金缴费")
lawful_employer_credit = fact(YuanPerMonth, 0, 1_000_000, label="国家规定标准内的单位每月缴费")


@rule(cite="财税〔2013〕103号 一", label="年金个人缴费工资计税基数", since="2014-01")
def annuity_tax_base(average_monthly_wage, reference_wage, tax_base_multiple) -> YuanPerMonth:
    """Last year's own average wage, up to three times that of the place of work.

    The notice means the city with districts; the province's wage stands for it. Where the city's is known, give
    ``reference_wage``.
    """
    return min(average_monthly_wage, reference_wage * tax_base_multiple)


@rule(cite="财税〔2013〕103号 一", label="每月可扣除的年金个人缴费", since="2014-01")
def annuity_deduction(own_annuity_contribution, annuity_tax_base, own_deduction_share) -> YuanPerMonth:
    """The own contribution, up to 4 % of the base."""
    if own_annuity_contribution == 0:
        return 0
    return min(own_annuity_contribution, to_fen(annuity_tax_base * own_deduction_share))


@rule(cite="财税〔2013〕103号 一", label="全年可扣除的年金个人缴费", since="2014-01")
def annuity_deduction_of_year(own_annuity_contribution, annuity_deduction, months_contributed) -> Yuan:
    """The month's deduction for each month paid."""
    return annuity_deduction * months_contributed if own_annuity_contribution > 0 else 0


@rule(cite="财税〔2013〕103号 一", label="计入当月工资纳税的年金缴费", since="2014-01")
def taxed_contribution(
    own_annuity_contribution, annuity_deduction, employer_annuity_credit, lawful_employer_credit
) -> YuanPerMonth:
    """The own part beyond 4 % and the employer's part beyond the standard are taxed with the wage."""
    return own_annuity_contribution - annuity_deduction + max(employer_annuity_credit - lawful_employer_credit, 0)
