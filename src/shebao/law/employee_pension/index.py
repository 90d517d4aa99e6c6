"""The contribution index: each year's own base against the reference wage, and its average.

Years before the records begin may be carried over as a summary: their average and their months.
"""

from shebao.engine import Count, Index, Months, YuanPerMonth, fact, half_up, rule, total

own_base = fact(YuanPerMonth, 0, 1_000_000, label="当年月平均缴费工资", over="index_years")
reference_wage_of_year = fact(YuanPerMonth, 1, 1_000_000, label="当年对应的参考月平均工资", over="index_years")
months_paid = fact(Months, 0, 12, label="当年缴费月数", over="index_years")
due_months = fact(Months, 1, 720, label="应缴费月数")
opening_average_index = fact(Index, 0, 20, label="期初平均缴费工资指数")
opening_index_months = fact(Months, 0, 720, label="期初平均指数对应的缴费月数", presumed=0)


@rule(cite="国发〔2005〕38号 六", label="当年缴费工资指数", dated_by="month")
def yearly_index(own_base, reference_wage_of_year) -> Index:
    """Own base over the reference wage, to four decimals; most provinces take the reference of the year before."""
    return half_up(own_base / reference_wage_of_year, 4)


@total(over="index_years", high=100_000, cite="国发〔2005〕38号 六", label="按月加权的指数之和")
def index_months(yearly_index, months_paid) -> Index:
    """A year's index counted once for each month paid."""
    return yearly_index * months_paid


@total(over="index_years", high=1_200, cite="国发〔2005〕38号 六", label="分年记录的指数月数")
def recorded_index_months(months_paid) -> Count:
    """Months of the records that carry an index."""
    return months_paid


@total(over="index_years", low=1, high=1_200, cite="国发〔2005〕38号 六", label="指数计算月数")
def indexed_months(months_paid) -> Count:
    """The same, of which there must be at least one: an average of no months is refused by this name."""
    return months_paid


@rule(cite="国发〔2005〕38号 六", label="按月加权的指数之和（含期初）")
def career_index_months(opening_average_index, opening_index_months, index_months) -> Index:
    """The index counted once for each month, those carried over at their average."""
    return opening_average_index * opening_index_months + index_months if opening_index_months > 0 else index_months


@rule(cite="国发〔2005〕38号 六", label="历年平均缴费工资指数")
def average_index_of_history(career_index_months, opening_index_months, recorded_index_months, indexed_months) -> Index:
    """The average over the months paid, carried over and recorded, to four decimals; refused where there is none."""
    months = opening_index_months + recorded_index_months
    return half_up(career_index_months / months, 4) if months > 0 else half_up(career_index_months / indexed_months, 4)


@rule(cite="天津等地计发办法", label="按应缴年限平均的缴费工资指数")
def average_index_over_due_months(career_index_months, due_months) -> Index:
    """The average over the months that should have been paid, where gaps dilute the index."""
    return half_up(career_index_months / due_months, 4)
