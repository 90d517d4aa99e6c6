"""The money that moves with the relation from one province to another (国办发〔2009〕66号 四).

Inside a province pooled as one only the record moves. A record of ``contributed_years`` is a calendar year with the
sum of the wages contributions were really paid on, so that a part year counts by its months.
"""

from shebao.engine import Month, Year, Yuan, fact, rule, to_fen, total, ym

first_contribution_month = fact(Month, ym(1978, 1), ym(2150, 12), label="首次实际缴费年月")
own_balance_before_1998 = fact(Yuan, 0, 10_000_000, label="1998年1月1日前个人缴费累计本息")
balance_since_1998 = fact(Yuan, 0, 10_000_000, label="1998年1月1日后计入个人账户的全部储存额")
temporary_own_part = fact(Yuan, 0, 10_000_000, label="临时缴费账户中个人缴费本息")
temporary_employer_part = fact(Yuan, 0, 10_000_000, label="临时缴费账户中单位缴费本息")
contributed_year = fact(Year, 1986, 2150, label="缴费年度", over="contributed_years")
contributed_wages = fact(Yuan, 0, 12_000_000, label="当年实际缴费工资总额", over="contributed_years")


@rule(cite="国办发〔2009〕66号 四（二）", label="当年转移的统筹基金")
def pooled_transfer_of_year(contributed_year, contributed_wages, pooled_transfer_rate) -> Yuan:
    """The pooled fund's part of one year's contributions; nothing for years before 1998."""
    return to_fen(contributed_wages * pooled_transfer_rate) if contributed_year >= 1998 else 0


@total(
    over="contributed_years", high=100_000_000, cite="国办发〔2009〕66号 四（二）", label="转移的统筹基金（单位缴费）"
)
def pooled_transfer(pooled_transfer_of_year) -> Yuan:
    """The sum over the years, without interest."""
    return pooled_transfer_of_year


@rule(cite="国办发〔2009〕66号 四（一）", label="转移的个人账户储存额", since="2010-01")
def account_transfer(account_balance, first_contribution_month, own_balance_before_1998, balance_since_1998) -> Yuan:
    """The whole balance; of what was credited before 1998 only one's own contributions with their interest."""
    if first_contribution_month < ym(1998, 1):
        return own_balance_before_1998 + balance_since_1998
    return account_balance


@rule(cite="国办发〔2009〕66号 四", label="转移资金合计", since="2010-01")
def transfer_total(account_transfer, pooled_transfer) -> Yuan:
    """What the old province sends the new one."""
    return account_transfer + pooled_transfer


@rule(cite="国办发〔2009〕66号 五", label="临时缴费账户转移归集额", since="2010-01")
def temporary_account_transfer(temporary_own_part, temporary_employer_part) -> Yuan:
    """A temporary account goes in full, both shares with interest, to where the relation is or the pension is drawn."""
    return temporary_own_part + temporary_employer_part
