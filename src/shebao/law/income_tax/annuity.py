"""Tax on what an enterprise or occupational annuity pays out, apart from other income.

财税〔2013〕103号 三 to December 2018, 财税〔2018〕164号 四 since.
Nothing is deducted first. Contributions of before 2014 were taxed when they were made; their share is free.
"""

from shebao.engine import Count, Ratio, Yuan, choice, fact, rule, to_fen

annuity_payment = fact(Yuan, 0, 100_000_000, label="本次领取的年金")
annuity_payment_kind = choice(
    "monthly", "quarterly", "yearly", "lump_emigration_or_death", "lump_other", label="年金领取方式（计税）"
)
previously_taxed_share = fact(Ratio, 0, 1, label="2014年以前已纳税缴费占全部缴费的比例", presumed=0)


@rule(cite="财税〔2013〕103号 三（二）；财税〔2018〕164号 四", label="年金应纳税所得额", since="2014-01")
def taxable_annuity(annuity_payment, previously_taxed_share) -> Yuan:
    """The whole payment, less the share that was taxed when it was paid in."""
    return to_fen(annuity_payment * (1 - previously_taxed_share))


@rule(cite="财税〔2013〕103号 三", label="年金分摊月数", since="2014-01", until="2018-12")
def annuity_tax_months(annuity_payment_kind) -> Count:
    """Until 2018 a year's payment, and all at once on emigration or to heirs, were spread over twelve months."""
    if annuity_payment_kind == "quarterly":
        return 3
    return 12 if annuity_payment_kind == "yearly" or annuity_payment_kind == "lump_emigration_or_death" else 1


@rule(cite="财税〔2018〕164号 四", label="年金分摊月数", since="2019-01")
def annuity_tax_months(annuity_payment_kind) -> Count:
    """The months the payment is spread over to read the monthly table: three for a quarter, else one."""
    return 3 if annuity_payment_kind == "quarterly" else 1


@rule(cite="财税〔2013〕103号 三；财税〔2018〕164号 四", label="年金月度税率级数", since="2014-01")
def annuity_monthly_bracket(taxable_annuity, annuity_tax_months, monthly_bracket_top) -> Count:
    """The bracket of the monthly table that a month's part of the payment falls in."""
    if taxable_annuity <= monthly_bracket_top[1] * annuity_tax_months:
        return 1
    if taxable_annuity <= monthly_bracket_top[2] * annuity_tax_months:
        return 2
    if taxable_annuity <= monthly_bracket_top[3] * annuity_tax_months:
        return 3
    if taxable_annuity <= monthly_bracket_top[4] * annuity_tax_months:
        return 4
    if taxable_annuity <= monthly_bracket_top[5] * annuity_tax_months:
        return 5
    return 6 if taxable_annuity <= monthly_bracket_top[6] * annuity_tax_months else 7


@rule(cite="财税〔2013〕103号 三；财税〔2018〕164号 四", label="年金按月度税率表计算的税额", since="2014-01")
def annuity_tax_by_month(
    taxable_annuity, annuity_tax_months, annuity_monthly_bracket, bracket_rate, monthly_quick_deduction
) -> Yuan:
    """Tax by the monthly table: the quick deduction counts once for each month spread over."""
    return to_fen(
        taxable_annuity * bracket_rate[annuity_monthly_bracket]
        - monthly_quick_deduction[annuity_monthly_bracket] * annuity_tax_months
    )


@rule(cite="财税〔2018〕164号 四、个人所得税法 附 税率表一", label="年金年度税率级数", since="2019-01")
def annuity_annual_bracket(taxable_annuity, annual_bracket_top) -> Count:
    """The bracket of the annual table."""
    if taxable_annuity <= annual_bracket_top[1]:
        return 1
    if taxable_annuity <= annual_bracket_top[2]:
        return 2
    if taxable_annuity <= annual_bracket_top[3]:
        return 3
    if taxable_annuity <= annual_bracket_top[4]:
        return 4
    if taxable_annuity <= annual_bracket_top[5]:
        return 5
    return 6 if taxable_annuity <= annual_bracket_top[6] else 7


@rule(cite="财税〔2018〕164号 四", label="年金按年度税率表计算的税额", since="2019-01")
def annuity_tax_by_year(taxable_annuity, annuity_annual_bracket, bracket_rate, annual_quick_deduction) -> Yuan:
    """Tax by the annual table, without any deduction."""
    return to_fen(
        taxable_annuity * bracket_rate[annuity_annual_bracket] - annual_quick_deduction[annuity_annual_bracket]
    )


@rule(cite="财税〔2013〕103号 三", label="年金领取应纳税额", since="2014-01", until="2018-12")
def annuity_payment_tax(annuity_tax_by_month) -> Yuan:
    """Until 2018 every payment was taxed by the monthly table."""
    return annuity_tax_by_month


@rule(cite="财税〔2018〕164号 四", label="年金领取应纳税额", since="2019-01")
def annuity_payment_tax(annuity_payment_kind, annuity_tax_by_month, annuity_tax_by_year) -> Yuan:
    """Monthly, quarterly or any other lump by the monthly table; yearly, on emigration or to heirs the annual one."""
    if annuity_payment_kind == "yearly" or annuity_payment_kind == "lump_emigration_or_death":
        return annuity_tax_by_year
    return annuity_tax_by_month


@rule(cite="财税〔2013〕103号 三；财税〔2018〕164号 四", label="年金税后领取额", since="2014-01")
def annuity_payment_after_tax(annuity_payment, annuity_payment_tax) -> Yuan:
    """What reaches the person."""
    return annuity_payment - annuity_payment_tax
