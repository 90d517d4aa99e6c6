"""The temporary price allowance (价格临时补贴): paid for a month in which prices rose past a threshold."""

from shebao.engine import Ratio, YesNo, YuanPerMonth, choice, fact, rule, to_yuan

price_group = choice(
    "dibao",
    "destitute",
    "special_care",
    "unemployment_benefit",
    "orphan",
    "unattended_child",
    "unemployment_relief",
    "dibao_margin",
    "none",
    label="价格补贴联动机制保障对象类别",
)
cpi_rise = fact(Ratio, "-0.2", 1, label="当月居民消费价格指数同比涨幅")
food_price_rise = fact(Ratio, "-0.5", 2, label="当月食品价格同比涨幅")


@rule(cite="发改价格规〔2016〕1835号；发改价格〔2021〕1553号", label="居民消费价格达到启动条件", since="2016-08")
def cpi_triggers(cpi_rise, cpi_trigger) -> YesNo:
    """Against the same month of the year before."""
    return cpi_rise >= cpi_trigger


@rule(cite="发改价格规〔2016〕1835号；发改价格〔2021〕1553号", label="食品价格达到启动条件", since="2016-08")
def food_triggers(food_price_rise, food_trigger) -> YesNo:
    """Against the same month of the year before."""
    return food_price_rise >= food_trigger


@rule(cite="发改价格规〔2016〕1835号；发改价格〔2021〕1553号", label="据以计算的涨幅", since="2016-08")
def price_rise_counted(cpi_triggers, cpi_rise, food_triggers, food_price_rise) -> Ratio:
    """The rise of the index that passed its threshold; the larger where both did."""
    return max(cpi_rise if cpi_triggers else 0, food_price_rise if food_triggers else 0)


@rule(cite="发改价格规〔2016〕1835号；发改价格〔2021〕1553号", label="属于保障对象", since="2016-08")
def price_allowance_covers(price_group, group_covered) -> YesNo:
    """Whether the group is among those covered in the month."""
    return group_covered[price_group] == 1


@rule(cite="发改价格规〔2016〕1835号；发改价格〔2021〕1553号", label="价格临时补贴", since="2016-08")
def price_allowance(price_allowance_covers, dibao_standard, price_rise_counted, allowance_times) -> YuanPerMonth:
    """Dibao standard times the rise, to the yuan, for each person covered; doubled in the spring of 2020."""
    return to_yuan(dibao_standard * price_rise_counted) * allowance_times if price_allowance_covers else 0
