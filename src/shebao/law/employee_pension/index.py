"""The contribution index: each year's own base against the reference wage, and its average."""

from shebao.engine import Count, Index, Months, YuanPerMonth, fact, half_up, rule, total

own_base = fact(YuanPerMonth, 0, 1_000_000, label="当年月平均缴费工资", over="index_years")
reference_wage_of_year = fact(YuanPerMonth, 1, 1_000_000, label="当年对应的参考月平均工资", over="index_years")
months_paid = fact(Months, 0, 12, label="当年缴费月数", over="index_years")
due_months = fact(Months, 1, 720, label="应缴费月数")


@rule(cite="国发〔2005〕38号 六", label="当年缴费工资指数", dated_by="month")
def yearly_index(own_base, reference_wage_of_year) -> Index:
    """Own base over the reference wage, to four decimals; most provinces take the reference of the year before."""
    return half_up(own_base / reference_wage_of_year, 4)


@total(over="index_years", high=100_000, cite="国发〔2005〕38号 六", label="按月加权的指数之和")
def index_months(yearly_index, months_paid) -> Index:
    """A year's index counted once for each month paid."""
    return yearly_index * months_paid


@total(over="index_years", low=1, high=1_200, cite="国发〔2005〕38号 六", label="指数计算月数")
def indexed_months(months_paid) -> Count:
    """Months that carry an index."""
    return months_paid


@rule(cite="国发〔2005〕38号 六", label="历年平均缴费工资指数")
def average_index_of_history(index_months, indexed_months) -> Index:
    """The average over the months paid, to four decimals."""
    return half_up(index_months / indexed_months, 4)


@rule(cite="天津等地计发办法", label="按应缴年限平均的缴费工资指数")
def average_index_over_due_months(index_months, due_months) -> Index:
    """The average over the months that should have been paid, where gaps dilute the index."""
    return half_up(index_months / due_months, 4)
