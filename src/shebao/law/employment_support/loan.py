"""Start-up guaranteed loans (创业担保贷款) and the interest government pays; a loan keeps the law of its own month."""

from shebao.engine import Count, Month, Months, Ratio, YesNo, Yuan, YuanPerYear, choice, fact, rule, to_fen, ym

loan_month = fact(Month, ym(2013, 1), ym(2150, 12), label="贷款发放年月")
borrower = choice("individual", "partners", "small_firm", label="创业担保贷款借款人")
partner_count = fact(Count, 1, 100, label="符合条件的合伙创业人数")
in_loan_group = fact(YesNo, label="属于创业担保贷款支持对象（失业、困难、毕业生、退役军人、返乡等）", presumed=False)
has_other_business_loan = fact(YesNo, label="本人及配偶有不予排除的其他贷款", presumed=False)
loans_had = fact(Count, 0, 100, label="已获得创业担保贷款次数", presumed=0)
loan_principal = fact(Yuan, 0, 100_000_000, label="贷款本金")
loan_term = fact(Months, 0, 600, label="贷款期限（月）")
loan_rate = fact(Ratio, 0, "0.2", label="贷款实际年利率")
one_year_lpr = fact(Ratio, 0, "0.2", label="一年期贷款市场报价利率（LPR）")
firm_headcount = fact(Count, 1, 100_000, label="企业现有在职职工人数")
firm_new_hires = fact(Count, 0, 100_000, label="一年内新招用符合条件并签订一年以上合同人数", presumed=0)


@rule(cite="财金〔2020〕21号；财金〔2023〕75号", label="新招用人数比例要求", since="2020-04", dated_by="loan_month")
def hires_needed(firm_headcount, larger_firm, hire_share_small, hire_share_larger) -> Ratio:
    """Share of the staff that has to be new; less for firms of more than a hundred."""
    return hire_share_larger if firm_headcount > larger_firm else hire_share_small


@rule(cite="财金〔2020〕21号；财金〔2023〕75号", label="新招用人数达到比例", since="2020-04", dated_by="loan_month")
def firm_hired_enough(firm_new_hires, firm_headcount, hires_needed) -> YesNo:
    """The share is reached."""
    return firm_new_hires >= firm_headcount * hires_needed


@rule(cite="财金〔2020〕21号；财金〔2023〕75号", label="可申请创业担保贷款", since="2020-04", dated_by="loan_month")
def may_borrow(borrower, in_loan_group, has_other_business_loan, firm_hired_enough, loans_had, most_loans) -> YesNo:
    """A person of the groups without other loans, or a small firm that took on enough of them; three times at most."""
    if loans_had >= most_loans:
        return False
    return firm_hired_enough if borrower == "small_firm" else in_loan_group and not has_other_business_loan


@rule(cite="财金〔2020〕21号 一", label="贷款额度上限", since="2020-04", until="2023-12", dated_by="loan_month")
def loan_limit(borrower, partner_count, individual_limit, firm_limit, partner_bonus) -> Yuan:
    """By borrower; partners together a tenth more than each alone."""
    if borrower == "small_firm":
        return firm_limit
    return individual_limit * partner_count * (1 + partner_bonus) if borrower == "partners" else individual_limit


@rule(cite="财金〔2023〕75号", label="贷款额度上限", since="2024-01", dated_by="loan_month")
def loan_limit(borrower, partner_count, individual_limit, firm_limit, partner_bonus) -> Yuan:
    """By borrower; partners together a tenth more than each alone, and never more than a small firm."""
    if borrower == "small_firm":
        return firm_limit
    if borrower == "partners":
        return min(individual_limit * partner_count * (1 + partner_bonus), firm_limit)
    return individual_limit


@rule(cite="财金〔2020〕21号；财金〔2023〕75号", label="最长贷款期限", since="2020-04", dated_by="loan_month")
def longest_term(borrower, individual_term, firm_term) -> Months:
    """Three years for a person, two for a firm."""
    return firm_term if borrower == "small_firm" else individual_term


@rule(cite="财金〔2020〕21号；财金〔2023〕75号", label="享受贴息的本金", since="2020-04", dated_by="loan_month")
def subsidised_principal(may_borrow, loan_term, longest_term, loan_principal, loan_limit) -> Yuan:
    """The loan, up to the limit; nothing where borrower or term do not qualify."""
    return min(loan_principal, loan_limit) if may_borrow and loan_term <= longest_term else 0


@rule(cite="财金〔2020〕21号 二", label="财政贴息利率", since="2021-01", until="2023-12", dated_by="loan_month")
def subsidised_rate(loan_rate, one_year_lpr, borrower_below_lpr) -> Ratio:
    """The borrower bears the one-year LPR less 1.5 points, government what is above."""
    return max(loan_rate - max(one_year_lpr - borrower_below_lpr, 0), 0)


@rule(cite="财金〔2023〕75号", label="财政贴息利率", since="2024-01", dated_by="loan_month")
def subsidised_rate(loan_rate, subsidised_half) -> Ratio:
    """Half of the rate that the bank in fact charges."""
    return loan_rate * subsidised_half


@rule(cite="财金〔2020〕21号 二；财金〔2023〕75号", label="一年财政贴息额", since="2021-01", dated_by="loan_month")
def interest_subsidy(subsidised_principal, subsidised_rate) -> YuanPerYear:
    """What government pays of a year's interest on the principal outstanding."""
    return to_fen(subsidised_principal * subsidised_rate)
