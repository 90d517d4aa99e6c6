"""The year's tax on comprehensive income: wages, labour, author's fees and royalties together.

``month`` is any month of the tax year. Basic pensions are exempt and never enter here.
"""

from shebao.engine import Count, Ratio, YesNo, Yuan, fact, rule, to_fen

wages_of_year = fact(Yuan, 0, 10_000_000, label="全年工资薪金收入")
labour_income = fact(Yuan, 0, 10_000_000, label="全年劳务报酬收入", presumed=0)
author_income = fact(Yuan, 0, 10_000_000, label="全年稿酬收入", presumed=0)
royalty_income = fact(Yuan, 0, 10_000_000, label="全年特许权使用费收入", presumed=0)
own_insurance_contributions = fact(Yuan, 0, 10_000_000, label="个人缴纳的社会保险费和住房公积金（全年专项扣除）")
other_deductions = fact(Yuan, 0, 1_000_000, label="其他扣除（商业健康保险、准予扣除的捐赠等）", presumed=0)
withheld_of_year = fact(Yuan, 0, 10_000_000, label="全年已预扣预缴税额")


@rule(cite="个人所得税法 二、六；实施条例 六", label="综合所得收入额", since="2019-01")
def comprehensive_income(wages_of_year, labour_income, author_income, royalty_income, counted_share) -> Yuan:
    """Wages in full; of labour and royalties four fifths, of author's fees 56 %."""
    return to_fen(
        wages_of_year
        + labour_income * counted_share["labour"]
        + author_income * counted_share["author"]
        + royalty_income * counted_share["royalty"]
    )


@rule(cite="个人所得税法 六（一）", label="个人养老金扣除前应纳税所得额", since="2019-01")
def taxable_before_personal_pension(
    comprehensive_income,
    basic_deduction,
    own_insurance_contributions,
    special_additional_deductions,
    annuity_deduction_of_year,
    other_deductions,
) -> Yuan:
    """What would be taxed had nothing been paid into a personal pension; never below nothing."""
    return max(
        comprehensive_income
        - basic_deduction
        - own_insurance_contributions
        - special_additional_deductions
        - annuity_deduction_of_year
        - other_deductions,
        0,
    )


@rule(cite="个人所得税法 六（一）；财政部 税务总局公告2024年第21号", label="综合所得应纳税所得额", since="2019-01")
def taxable_income(taxable_before_personal_pension, personal_pension_deduction) -> Yuan:
    """Income less basic, insurance, special additional and other deductions."""
    return max(taxable_before_personal_pension - personal_pension_deduction, 0)


@rule(cite="个人所得税法 附 税率表一", label="适用税率级数", since="2019-01")
def tax_bracket(taxable_income, annual_bracket_top) -> Count:
    """Which of the seven brackets the year's taxable income ends in."""
    if taxable_income <= annual_bracket_top[1]:
        return 1
    if taxable_income <= annual_bracket_top[2]:
        return 2
    if taxable_income <= annual_bracket_top[3]:
        return 3
    if taxable_income <= annual_bracket_top[4]:
        return 4
    if taxable_income <= annual_bracket_top[5]:
        return 5
    return 6 if taxable_income <= annual_bracket_top[6] else 7


@rule(cite="个人所得税法 三（一）、附 税率表一", label="综合所得年度应纳税额", since="2019-01")
def annual_tax(taxable_income, tax_bracket, bracket_rate, annual_quick_deduction) -> Yuan:
    """Taxable income at the rate of its bracket, less the bracket's quick deduction."""
    return to_fen(taxable_income * bracket_rate[tax_bracket] - annual_quick_deduction[tax_bracket])


@rule(cite="个人所得税法 附 税率表一", label="个人养老金扣除前适用税率级数", since="2019-01")
def bracket_before_personal_pension(taxable_before_personal_pension, annual_bracket_top) -> Count:
    """The bracket had nothing been paid into a personal pension."""
    if taxable_before_personal_pension <= annual_bracket_top[1]:
        return 1
    if taxable_before_personal_pension <= annual_bracket_top[2]:
        return 2
    if taxable_before_personal_pension <= annual_bracket_top[3]:
        return 3
    if taxable_before_personal_pension <= annual_bracket_top[4]:
        return 4
    if taxable_before_personal_pension <= annual_bracket_top[5]:
        return 5
    return 6 if taxable_before_personal_pension <= annual_bracket_top[6] else 7


@rule(cite="个人所得税法 三（一）、附 税率表一", label="个人养老金扣除前应纳税额", since="2019-01")
def tax_before_personal_pension(
    taxable_before_personal_pension, bracket_before_personal_pension, bracket_rate, annual_quick_deduction
) -> Yuan:
    """The year's tax had nothing been paid into a personal pension."""
    return to_fen(
        taxable_before_personal_pension * bracket_rate[bracket_before_personal_pension]
        - annual_quick_deduction[bracket_before_personal_pension]
    )


@rule(cite="个人所得税法 附 税率表一", label="边际税率", since="2019-01")
def marginal_rate(taxable_before_personal_pension, bracket_before_personal_pension, bracket_rate) -> Ratio:
    """Tax on one yuan more; nothing for who pays no tax."""
    return bracket_rate[bracket_before_personal_pension] if taxable_before_personal_pension > 0 else 0


@rule(cite="个人所得税法 十一", label="汇算清缴应补（正）或应退（负）税额", since="2019-01")
def settlement_difference(annual_tax, withheld_of_year) -> Yuan:
    """The year's tax less what was withheld: positive is to be paid, negative is refunded."""
    return annual_tax - withheld_of_year


@rule(cite="财政部 税务总局公告2019年第94号；2023年第32号", label="免予补税", since="2019-01", until="2027-12")
def settlement_waived(
    settlement_difference, wages_of_year, labour_income, author_income, royalty_income, waiver_income, waiver_amount
) -> YesNo:
    """Nothing is collected from who earned at most 120,000 in the year or owes at most 400."""
    income = wages_of_year + labour_income + author_income + royalty_income
    return settlement_difference > 0 and (income <= waiver_income or settlement_difference <= waiver_amount)
