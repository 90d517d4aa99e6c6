"""The resident's account, year by year, and the years that were paid.

A record of ``resident_years`` is one calendar year, years without payment included: the balance
earns interest in them too.
"""

from shebao.engine import Months, Year, Years, Yuan, accrual, fact, rule, to_fen, total

resident_year = fact(Year, 2009, 2150, label="年度", over="resident_years")
own_payment = fact(Yuan, 0, 50_000, label="当年个人缴费", over="resident_years")
added_payment = fact(Yuan, 0, 100_000, label="当年政府补贴和集体补助", over="resident_years")
interest_months = fact(Months, 0, 12, label="当年缴费计息月数", over="resident_years")


@rule(cite="国发〔2014〕8号 五", label="当年利息")
def interest(own_payment, added_payment, interest_months, published_account_rate, region, resident_year) -> Yuan:
    """Interest that the year's own payments earn, for the months they lay in the account."""
    rate = published_account_rate[region, resident_year]
    return to_fen((own_payment + added_payment) * rate * interest_months / 12)


@accrual(over="resident_years", initial=0, high=100_000_000, cite="国发〔2014〕8号 五", label="个人账户储存额")
def resident_account_balance(
    before, own_payment, added_payment, interest, published_account_rate, region, resident_year
) -> Yuan:
    """The balance at the end of the year: a year's interest on what was there, and the year's payments."""
    rate = published_account_rate[region, resident_year]
    return to_fen(before * (1 + rate)) + own_payment + added_payment + interest


@total(over="resident_years", high=100, cite="国发〔2014〕8号 七", label="缴费年限")
def resident_contribution_years(own_payment) -> Years:
    """Years with a payment of one's own."""
    return 1 if own_payment > 0 else 0
