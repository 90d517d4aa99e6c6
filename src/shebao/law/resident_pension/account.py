"""The resident's account, year by year, and the years that were paid.

A record of ``resident_years`` is one calendar year, years without payment included: the balance
earns interest in them too. Years before the records begin may be carried over as a balance and a number of years.
"""

from shebao.engine import Months, Year, Years, Yuan, YuanPerMonth, accrual, fact, rule, to_fen, total

opening_resident_balance = fact(Yuan, 0, 10_000_000, label="期初居民个人账户储存额", presumed=0)
opening_resident_years = fact(Years, 0, 60, label="期初缴费年限", presumed=0)
resident_year = fact(Year, 2009, 2150, label="年度", over="resident_years")
own_payment = fact(Yuan, 0, 50_000, label="当年个人缴费", over="resident_years")
added_payment = fact(Yuan, 0, 100_000, label="当年政府补贴和集体补助", over="resident_years")
interest_months = fact(Months, 0, 12, label="当年缴费计息月数", over="resident_years")
year_withdrawals = fact(Yuan, 0, 1_000_000, label="当年从个人账户支付的养老金", presumed=0, over="resident_years")
withdrawal_months = fact(Months, 0, 12, label="当年已支付养老金不计息月数", presumed=0, over="resident_years")
balance_left = fact(Yuan, 0, 10_000_000, label="个人账户余额")
pension_due = fact(YuanPerMonth, 0, 1_000_000, label="当月应发居民养老金")
account_pension_due = fact(YuanPerMonth, 0, 1_000_000, label="当月应发个人账户养老金")


@rule(cite="国发〔2014〕8号 五", label="当年利息")
def interest(own_payment, added_payment, interest_months, published_account_rate, region, resident_year) -> Yuan:
    """Interest that the year's own payments earn, for the months they lay in the account."""
    rate = published_account_rate[region, resident_year]
    return to_fen((own_payment + added_payment) * rate * interest_months / 12)


@rule(cite="国发〔2014〕8号 五", label="当年已支付养老金少计的利息")
def interest_on_withdrawals(year_withdrawals, withdrawal_months, published_account_rate, region, resident_year) -> Yuan:
    """Interest that what the pension drew in the year no longer earns, for the months (on average) it was gone."""
    return to_fen(year_withdrawals * published_account_rate[region, resident_year] * withdrawal_months / 12)


@accrual(
    over="resident_years",
    initial="opening_resident_balance",
    high=100_000_000,
    cite="国发〔2014〕8号 五",
    label="个人账户储存额",
)
def resident_account_balance(
    before,
    own_payment,
    added_payment,
    interest,
    year_withdrawals,
    interest_on_withdrawals,
    published_account_rate,
    region,
    resident_year,
) -> Yuan:
    """The balance at the year's end: a year's interest on what was there, the year's payments, less what was drawn."""
    grown = to_fen(before * (1 + published_account_rate[region, resident_year]))
    return grown + own_payment + added_payment + interest - year_withdrawals - interest_on_withdrawals


@total(
    over="resident_years", high=200_000_000, cite="国发〔2014〕8号 五", label="各年记账额减支付额合计", low=-100_000_000
)
def net_payments_of_years(own_payment, added_payment, year_withdrawals) -> Yuan:
    """What was paid in less what the pension drew, in the years given."""
    return own_payment + added_payment - year_withdrawals


@rule(cite="国发〔2014〕8号 五", label="个人账户利息")
def account_interest(resident_account_balance, opening_resident_balance, net_payments_of_years) -> Yuan:
    """What the account earned over the years given; give one year for that year's interest."""
    return resident_account_balance - opening_resident_balance - net_payments_of_years


@total(over="resident_years", high=100, cite="国发〔2014〕8号 七", label="分年记录的缴费年限")
def recorded_resident_years(own_payment) -> Years:
    """Years with a payment of one's own."""
    return 1 if own_payment > 0 else 0


@rule(cite="国发〔2014〕8号 七", label="缴费年限")
def resident_contribution_years(opening_resident_years, recorded_resident_years) -> Years:
    """Years paid, carried over and recorded."""
    return opening_resident_years + recorded_resident_years


# -- paying out -----------------------------------------------------------------------------------


@rule(cite="国发〔2014〕8号 六（二）", label="当月养老金由个人账户支付部分")
def account_part_of_payment(account_pension_due, balance_left, pension_due) -> YuanPerMonth:
    """The account pension of the month, as far as the account still holds it; never more than the month pays."""
    return min(account_pension_due, balance_left, pension_due)


@rule(cite="国发〔2014〕8号 六", label="当月养老金由财政支付部分")
def pooled_part_of_payment(pension_due, account_part_of_payment) -> YuanPerMonth:
    """Everything else: the basic pension, and once the account is used up the account pension, paid for life."""
    return pension_due - account_part_of_payment


@rule(cite="国发〔2014〕8号 六（二）", label="个人账户余额继承额", since="2014-02")
def inheritable_balance(balance_left) -> Yuan:
    """What is left of the account at death goes to the heirs, the government's subsidies included."""
    return balance_left
