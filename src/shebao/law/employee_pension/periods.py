"""Years counted and months of payment: how each province turns months into the numbers of the formula."""

from typing import Annotated

from shebao.engine import Years, half_up, round_up, rule, truncate
from shebao.engine.units import Exact, Unit
from shebao.law.regions import ALL, ANHUI, GANSU, GUANGXI, SHANGHAI

OWN_YEARS = (SHANGHAI, ANHUI, GANSU, GUANGXI)
#: The divisor of the account. Given instead of computed it must be at least a month: no account is divided by nothing.
MonthsOfPayment = Annotated[Exact, Unit("Months", "个月", "months", 1, 1, 300)]

NEAREST = [code for code in ALL if code not in OWN_YEARS]


@rule(cite="国发〔2005〕38号 六；各省核定表", label="缴费年限", region=NEAREST)
def contribution_years(contribution_months, region, year_digits) -> Years:
    """Months as years, to the decimals the province's sheets show (0: exact twelfths)."""
    years = contribution_months / 12
    digits = year_digits[region]
    if digits == 2:
        return half_up(years, 2)
    if digits == 4:
        return half_up(years, 4)
    return years


@rule(cite="皖政〔2006〕59号；核定表", label="缴费年限", region=ANHUI)
def contribution_years(contribution_months) -> Years:
    """Anhui rounds up to a tenth of a year."""
    return round_up(contribution_months / 12, 1)


@rule(cite="甘肃省核定表", label="缴费年限", region=GANSU)
def contribution_years(contribution_months) -> Years:
    """Gansu cuts off after two decimals."""
    return truncate(contribution_months / 12, 2)


@rule(cite="桂人社规〔2019〕26号", label="缴费年限", region=GUANGXI)
def contribution_years(contribution_months) -> Years:
    """Guangxi rounds up to two decimals."""
    return round_up(contribution_months / 12, 2)


@rule(cite="沪人社规〔2021〕27号", label="缴费年限", region=SHANGHAI)
def contribution_years(contribution_months) -> Years:
    """Shanghai counts a full year as 1 and each month left over as 0.083."""
    return contribution_months // 12 + contribution_months % 12 * 0.083


@rule(cite="国发〔2005〕38号 六；各省核定表", label="过渡性养老金计算年限", region=NEAREST)
def transition_years(deemed_months, region, year_digits) -> Years:
    """Months before the account opened, as years, to the decimals the province's sheets show."""
    years = deemed_months / 12
    digits = year_digits[region]
    if digits == 2:
        return half_up(years, 2)
    if digits == 4:
        return half_up(years, 4)
    return years


@rule(cite="皖政〔2006〕59号；核定表", label="过渡性养老金计算年限", region=ANHUI)
def transition_years(deemed_months) -> Years:
    """Anhui rounds up to a tenth of a year."""
    return round_up(deemed_months / 12, 1)


@rule(cite="甘肃省核定表", label="过渡性养老金计算年限", region=GANSU)
def transition_years(deemed_months) -> Years:
    """Gansu cuts off after two decimals."""
    return truncate(deemed_months / 12, 2)


@rule(cite="桂人社规〔2019〕26号", label="过渡性养老金计算年限", region=GUANGXI)
def transition_years(deemed_months) -> Years:
    """Guangxi rounds up to two decimals."""
    return round_up(deemed_months / 12, 2)


@rule(cite="沪人社规〔2021〕27号", label="过渡性养老金计算年限", region=SHANGHAI)
def transition_years(deemed_months) -> Years:
    """Shanghai counts the months to December 1992 as exact twelfths."""
    return deemed_months / 12


@rule(cite="国发〔2005〕38号 附件", label="计发月数", since="2006-01", until="2024-12")
def months_of_payment(retirement_month, birth_month, annuity_months) -> MonthsOfPayment:
    """Months over which the account is paid out, by whole years of age at retirement."""
    return annuity_months[(retirement_month - birth_month) // 12]


@rule(cite="国发〔2005〕38号 附件；2025年以来核定表的按月插值", label="计发月数", since="2025-01")
def months_of_payment(retirement_month, birth_month, region, annuity_months, interpolated_from) -> MonthsOfPayment:
    """Between two birthdays the table is interpolated by months and rounded to a tenth."""
    age = (retirement_month - birth_month) // 12
    beyond = (retirement_month - birth_month) % 12
    if beyond == 0 or retirement_month < interpolated_from[region]:
        return annuity_months[age]
    return half_up((annuity_months[age] * (12 - beyond) + annuity_months[age + 1] * beyond) / 12, 1)
