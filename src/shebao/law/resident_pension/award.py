"""The resident's pension: who may draw it, and how much a month.

The age is 60 for women and men; the decision of 2024 did not change it.
"""

from shebao.engine import Month, Years, YesNo, YuanPerMonth, fact, rule, to_fen, ym

scheme_start_month = fact(Month, ym(2009, 1), ym(2014, 12), label="当地居民养老保险制度实施年月")
drawing_employee_pension = fact(YesNo, label="已领取其他国家规定的基本养老保障待遇", presumed=False)


@rule(cite="国发〔2014〕8号 七", label="满60周岁年月")
def pension_age_month(birth_month, pension_age) -> Month:
    """The month 60 is reached."""
    return birth_month + pension_age * 12


@rule(cite="国发〔2014〕8号 七", label="待遇起始年月")
def first_payment_month(pension_age_month) -> Month:
    """The month after 60 is reached."""
    return pension_age_month + 1


@rule(cite="国发〔2014〕8号 七", label="应缴费年限")
def required_contribution_years(pension_age_month, scheme_start_month, minimum_years) -> Years:
    """Fifteen years; for who was over 45 when the local scheme began, the whole years left to 60; from 60 on, none."""
    return max(0, min(minimum_years, (pension_age_month - scheme_start_month) // 12))


@rule(cite="国发〔2014〕8号 七", label="可领取居民养老金")
def may_draw(
    month, pension_age_month, resident_contribution_years, required_contribution_years, drawing_employee_pension
) -> YesNo:
    """60 is reached, the years are paid (or made up), and no other basic pension is drawn."""
    return (
        month >= pension_age_month
        and resident_contribution_years >= required_contribution_years
        and not drawing_employee_pension
    )


@rule(cite="国发〔2014〕8号 六（一）", label="基础养老金标准")
def basic_pension_standard(provincial_basic_pension, region) -> YuanPerMonth:
    """The province's standard, the national minimum and the local top-up together."""
    return provincial_basic_pension[region]


@rule(cite="国发〔2014〕8号 六（一）", label="中央确定的基础养老金最低标准", since="2009-09")
def national_minimum(national_minimum_basic_pension) -> YuanPerMonth:
    """The lowest basic pension any place may pay."""
    return national_minimum_basic_pension


@rule(cite="国发〔2014〕8号 六（一）", label="长缴增发的基础养老金")
def long_contribution_supplement(
    resident_contribution_years, supplemented_after_years, supplement_per_year, region
) -> YuanPerMonth:
    """So much a month for each whole year beyond fifteen, as the province has set."""
    extra_years = resident_contribution_years // 1 - supplemented_after_years
    return to_fen(extra_years * supplement_per_year[region]) if extra_years > 0 else 0


@rule(cite="国发〔2014〕8号 六（一）", label="基础养老金")
def basic_pension(basic_pension_standard, long_contribution_supplement) -> YuanPerMonth:
    """The standard and the supplement for long contribution."""
    return basic_pension_standard + long_contribution_supplement


@rule(cite="国发〔2014〕8号 六（二）", label="个人账户养老金")
def account_pension(resident_account_balance, payment_months) -> YuanPerMonth:
    """The balance at 60 over 139 months, paid for life."""
    return to_fen(resident_account_balance / payment_months)


@rule(cite="国发〔2014〕8号 六", label="月养老金")
def monthly_pension(basic_pension, account_pension) -> YuanPerMonth:
    """Basic and account pension together."""
    return basic_pension + account_pension
