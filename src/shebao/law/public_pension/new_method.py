"""The new method: basic, account and transitional pension, as for enterprise employees (国发〔2015〕2号 四)."""

from shebao.engine import Index, YuanPerMonth, fact, half_up, rule, to_fen

# By post, rank and pay grade, from the province's own table.
deemed_index = fact(Index, 0, 20, label="视同缴费指数（省定表，按职务职级）")
paid_index = fact(Index, 0, 20, label="实际平均缴费指数（2014年10月以后）")


@rule(cite="人社部发〔2015〕28号", label="本人平均缴费指数", since="2014-10")
def combined_index(contribution_months, deemed_months, deemed_index, paid_index) -> Index:
    """Deemed and paid index, weighted by their months, to four decimals."""
    paid_months = max(contribution_months - deemed_months, 0)
    deemed = deemed_index * deemed_months if deemed_months > 0 else 0
    paid = paid_index * paid_months if paid_months > 0 else 0
    months = deemed_months + paid_months
    return half_up((deemed + paid) / months, 4) if months > 0 else 0


@rule(cite="国发〔2015〕2号 四；人社部发〔2015〕28号", label="本人指数化月平均缴费工资", since="2014-10")
def indexed_wage(base_wage, combined_index) -> YuanPerMonth:
    """The base times the average index."""
    return to_fen(base_wage * combined_index)


@rule(cite="国发〔2015〕2号 四", label="基础养老金", since="2014-10")
def basic_pension(base_wage, indexed_wage, contribution_months) -> YuanPerMonth:
    """1 % for each year of the mean of base and indexed wage; months count as twelfths."""
    return to_fen((base_wage + indexed_wage) / 2 * contribution_months / 12 * 0.01)


@rule(cite="国发〔2015〕2号 四", label="个人账户养老金", since="2014-10")
def account_pension(account_balance, months_of_payment) -> YuanPerMonth:
    """The account's balance over the months of payment."""
    return to_fen(account_balance / months_of_payment)


@rule(cite="国发〔2015〕2号 四；人社部发〔2015〕28号", label="过渡性养老金", since="2014-10")
def transitional_pension(base_wage, deemed_index, deemed_months, transition_rate, region) -> YuanPerMonth:
    """For the years before October 2014: base × deemed index × years × the province's coefficient."""
    if deemed_months == 0:
        return 0
    return to_fen(base_wage * deemed_index * deemed_months / 12 * transition_rate[region])


@rule(cite="国发〔2015〕2号 四", label="新办法基本养老金", since="2014-10")
def new_method_pension(basic_pension, account_pension, transitional_pension) -> YuanPerMonth:
    """The three parts that the basic-pension fund pays."""
    return basic_pension + account_pension + transitional_pension


@rule(cite="人社部发〔2015〕28号", label="新办法待遇（含职业年金）", since="2014-10")
def new_method_total(new_method_pension, monthly_annuity) -> YuanPerMonth:
    """What the transition compares: pension and occupational annuity together."""
    return new_method_pension + monthly_annuity
