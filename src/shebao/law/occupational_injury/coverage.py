"""Where and when the scheme holds, and which order a person was hurt on."""

from shebao.engine import Count, YesNo, choice, fact, rule

platform_industry = choice(
    "ride_hailing",
    "food_delivery",
    "instant_delivery",
    "city_freight",
    label="平台行业（出行、外卖、即时配送、同城货运）",
)
platform_in_pilot = fact(YesNo, label="平台企业已纳入试点")
hurt_on_an_order = fact(YesNo, label="在执行平台订单任务期间受到伤害", presumed=False)
has_employment_relation = fact(YesNo, label="与用人单位存在劳动关系并参加工伤保险", presumed=False)
day_orders = fact(Count, 0, 10_000, label="当日完成单量", over="order_days")


@rule(cite="人社部发〔2021〕110号；人社部发〔2025〕24号", label="本省已实施职业伤害保障")
def scheme_in_force(month, region, scheme_start) -> YesNo:
    """Seven provinces from July 2022, ten more from July 2025, all from July 2026."""
    return month >= scheme_start[region]


@rule(cite="人社部发〔2021〕110号；人社部发〔2025〕24号", label="接单即参保")
def is_covered(scheme_in_force, platform_in_pilot) -> YesNo:
    """Every order of a platform in the pilot covers whoever carries it out, from accepting to completing it."""
    return scheme_in_force and platform_in_pilot


@rule(cite="新就业形态就业人员职业伤害保障办法（试行）", label="可享受职业伤害保障待遇", since="2022-07")
def may_claim(is_covered, hurt_on_an_order, has_employment_relation, recognition_excluded) -> YesNo:
    """Hurt while on an order, not employed there under work-injury insurance, and no reason that excludes an injury."""
    return is_covered and hurt_on_an_order and not has_employment_relation and not recognition_excluded
