"""The account in two parts: real money with what it earned, and the unit's part kept on the books (记账).

A record of ``annuity_years`` is one calendar year, or the part of it before a unit's way of funding changed.
"""

from shebao.engine import Ratio, Year, YesNo, Yuan, accrual, fact, rule, to_fen

annuity_year = fact(Year, 2014, 2150, label="年度", over="annuity_years")
own_credits = fact(Yuan, 0, 1_000_000, label="当年个人缴费", over="annuity_years")
employer_credits = fact(Yuan, 0, 1_000_000, label="当年单位缴费", over="annuity_years")
on_the_books = fact(YesNo, label="单位缴费为记账", over="annuity_years")
year_return = fact(Ratio, -1, 10, label="当年投资收益率（实账部分）", over="annuity_years")
# Published each year by the two ministries; no notice was read, so the statement's rate is given.
notional_rate = fact(Ratio, 0, 1, label="当年公布的记账利率", over="annuity_years")


@accrual(over="annuity_years", initial=0, high=1_000_000_000, cite="国办发〔2015〕18号 六", label="实账余额")
def real_balance(before, own_credits, employer_credits, on_the_books, year_return) -> Yuan:
    """Own contributions and those the unit paid in money; the fund's return is on what the year began with."""
    return to_fen(before * (1 + year_return)) + own_credits + (0 if on_the_books else employer_credits)


@accrual(over="annuity_years", initial=0, high=1_000_000_000, cite="国办发〔2015〕18号 六", label="记账余额")
def notional_balance(before, employer_credits, on_the_books, notional_rate) -> Yuan:
    """What the unit owes on the books, with the year's notional rate on what the year began with."""
    return to_fen(before * (1 + notional_rate)) + (employer_credits if on_the_books else 0)


@rule(cite="国办发〔2015〕18号 六；人社部发〔2016〕92号", label="退休或转移时应由财政记实的金额", since="2014-10")
def amount_to_make_real(notional_balance) -> Yuan:
    """What the treasury pays in before the first payout, or before the account moves."""
    return notional_balance


@rule(cite="国办发〔2015〕18号 六", label="职业年金个人账户储存额", since="2014-10")
def annuity_balance(real_balance, amount_to_make_real) -> Yuan:
    """Real and made-real money together."""
    return real_balance + amount_to_make_real
