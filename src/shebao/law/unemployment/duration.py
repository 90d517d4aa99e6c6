"""For how many months the benefit is paid: the nation's limit and the provinces' ladders below it."""

from shebao.engine import Count, Month, Months, fact, rule, ym

registration_month = fact(Month, ym(1999, 1), ym(2150, 12), label="失业登记年月（失业保险金起算）")


@rule(cite="社会保险法 四十六；失业保险条例 十七", label="失业保险金最长领取月数", since="1999-01")
def longest_benefit_months(unemployment_months_paid) -> Months:
    """What no province may exceed: 12, 18 or 24 months after 1, 5 or 10 years paid."""
    if unemployment_months_paid < 12:
        return 0
    if unemployment_months_paid < 60:
        return 12
    return 18 if unemployment_months_paid < 120 else 24


@rule(cite="社会保险法 四十六；各省失业保险规定", label="缴费满半年数（20年以上按20年）")
def half_years_paid(unemployment_months_paid) -> Count:
    """Whole half-years paid since the last claim: the finest step of any province's ladder."""
    return min(unemployment_months_paid // 6, 40)


@rule(cite="社会保险法 四十六；各省失业保险规定", label="失业保险金领取月数", since="1999-01")
def benefit_months(paid_a_year, half_years_paid, region, months_by_half_years, longest_benefit_months) -> Months:
    """The step of the province's ladder, never above the nation's limit; none before a year is paid."""
    return min(months_by_half_years[region, half_years_paid], longest_benefit_months) if paid_a_year else 0


@rule(cite="社会保险法 四十六；失业保险条例 十七", label="本次可领取月数（含前次未领）")
def entitled_months(benefit_months, unused_benefit_months, benefit_limit) -> Months:
    """The months of this claim and those unused of the one before, together at most 24."""
    return min(benefit_months + unused_benefit_months, benefit_limit)


@rule(cite="失业保险条例 十六", label="不延长时的最后领取月")
def ordinary_last_month(registration_month, entitled_months) -> Month:
    """Counted from the month of registration, which is the first."""
    return registration_month + entitled_months - 1
