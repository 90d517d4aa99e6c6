"""What platforms pay: an amount for every order; the worker pays nothing."""

from shebao.engine import Count, Ratio, YesNo, Yuan, YuanPerMonth, fact, rule, to_fen, total

orders = fact(Count, 0, 10_000_000_000, label="平台企业当月在本地区的单量")
higher_delivery_band = fact(YesNo, label="即时配送平台按较高档缴费（先行试点平台按支缴率确定）", presumed=False)
platform_float = fact(Ratio, "0.5", 2, label="缴费基准额浮动系数", presumed=1)


@total(over="order_days", high=1_000_000, cite="新就业形态就业人员职业伤害保障办法（试行）", label="本人当月单量")
def worker_orders(day_orders) -> Count:
    """One worker's orders of the month."""
    return day_orders


@total(over="order_days", high=31, cite="新就业形态就业人员职业伤害保障办法（试行）", label="本人当月参保天数")
def covered_days(day_orders) -> Count:
    """Days with at least one order: cover is by the day and needs no entry or exit."""
    return 1 if day_orders > 0 else 0


@rule(
    cite="新就业形态就业人员职业伤害保障办法（试行）",
    label="每单缴费基准额",
    since="2022-07",
    until="2025-06",
)
def amount_per_order(platform_industry, base_amount_per_order) -> Yuan:
    """By industry."""
    return base_amount_per_order[platform_industry]


@rule(cite="人社部发〔2025〕24号", label="每单缴费基准额", since="2025-07")
def amount_per_order(platform_industry, higher_delivery_band, base_amount_per_order, higher_amount_per_order) -> Yuan:
    """Food delivery became part of instant delivery, which has two amounts; who joins now pays the lower."""
    if higher_delivery_band and (platform_industry == "food_delivery" or platform_industry == "instant_delivery"):
        return higher_amount_per_order
    return base_amount_per_order[platform_industry]


@rule(
    cite="新就业形态就业人员职业伤害保障办法（试行）；人社部发〔2025〕24号",
    label="平台企业当月应缴职业伤害保障费",
    since="2022-07",
    until="2026-12",
)
def platform_contribution(is_covered, orders, amount_per_order) -> Yuan:
    """Orders times the amount; nothing where the scheme is not in force."""
    return to_fen(orders * amount_per_order) if is_covered else 0


@rule(cite="人社部发〔2025〕24号", label="平台企业当月应缴职业伤害保障费", since="2027-01")
def platform_contribution(is_covered, orders, amount_per_order, platform_float) -> Yuan:
    """From 2027 the amount moves with the platform's record; the steps are not published."""
    return to_fen(orders * amount_per_order * platform_float) if is_covered else 0


@rule(
    cite="新就业形态就业人员职业伤害保障办法（试行）；人社部发〔2025〕24号",
    label="平台企业为本人缴纳的职业伤害保障费",
    since="2022-07",
)
def contribution_for_worker(is_covered, worker_orders, amount_per_order) -> Yuan:
    """What one worker's orders cost the platform before any float."""
    return to_fen(worker_orders * amount_per_order) if is_covered else 0


@rule(cite="新就业形态就业人员职业伤害保障办法（试行）", label="个人月缴费额", since="2022-07")
def worker_contribution() -> YuanPerMonth:
    """The worker pays nothing."""
    return 0
