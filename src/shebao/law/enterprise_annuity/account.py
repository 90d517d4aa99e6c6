"""The annuity account, year by year: own part and employer's part, with what the fund earned."""

from shebao.engine import Ratio, Yuan, accrual, fact, rule, to_fen

own_credits = fact(Yuan, 0, 10_000_000, label="当年个人缴费", over="annuity_years")
employer_credits = fact(Yuan, 0, 10_000_000, label="当年企业缴费", over="annuity_years")
# Real returns of the fund, losses included; earned on what was there when the year began.
year_return = fact(Ratio, -1, 10, label="当年投资收益率", over="annuity_years")


@accrual(over="annuity_years", initial=0, high=1_000_000_000, cite="企业年金办法 十七", label="个人缴费账户余额")
def own_account(before, own_credits, year_return) -> Yuan:
    """The employee's own part; it is the employee's from the start."""
    return to_fen(before * (1 + year_return)) + own_credits


@accrual(over="annuity_years", initial=0, high=1_000_000_000, cite="企业年金办法 十七", label="企业缴费账户余额")
def employer_account(before, employer_credits, year_return) -> Yuan:
    """The employer's part; how much of it is the employee's is for vesting to say."""
    return to_fen(before * (1 + year_return)) + employer_credits


@rule(cite="企业年金办法 十九", label="已归属的企业缴费", since="2018-02")
def vested_employer_account(employer_account, vested_share) -> Yuan:
    """The employee's share of the employer's part, to the fen."""
    return to_fen(employer_account * vested_share)


@rule(cite="企业年金办法 十九", label="职工企业年金余额", since="2018-02")
def annuity_balance(own_account, vested_employer_account) -> Yuan:
    """What the employee owns: takes along to a new employer, draws, or leaves to heirs."""
    return own_account + vested_employer_account


@rule(cite="企业年金办法 十九", label="未归属而退回企业账户的部分", since="2018-02")
def unvested_employer_account(employer_account, vested_employer_account) -> Yuan:
    """What returns to the employer's common account when the employee leaves."""
    return employer_account - vested_employer_account
