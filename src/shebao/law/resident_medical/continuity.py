"""The bonus for who stays insured, and for who cost the fund nothing: a higher cap of serious illness insurance."""

from shebao.engine import Count, Yuan, fact, rule
from shebao.law.regions import ALL, JIANGXI

consecutive_years = fact(Count, 0, 100, label="居民医保连续参保年数")
unclaimed_years = fact(Count, 0, 100, label="有效的零报销年数（使用奖励额度后清零）", presumed=0)

OUTSIDE_JIANGXI = tuple(code for code in ALL if code != JIANGXI)


@rule(cite="国办发〔2024〕38号 三", label="每次提高大病保险限额", since="2025-01", region=OUTSIDE_JIANGXI)
def bonus_step(national_bonus_step) -> Yuan:
    """At least 1000 yuan; give what the area pays more."""
    return national_bonus_step


@rule(cite="赣医保发〔2024〕10号", label="每次提高大病保险限额", since="2025-01", region=JIANGXI)
def bonus_step(bonus_step_of_jiangxi) -> Yuan:
    """Jiangxi: 3000 yuan."""
    return bonus_step_of_jiangxi


@rule(cite="国办发〔2024〕38号 三", label="激励次数", since="2025-01")
def bonus_count(consecutive_years, unclaimed_years, years_before_bonus) -> Count:
    """A step for each consecutive year after the fourth, and for each year without a claim."""
    return max(consecutive_years - years_before_bonus, 0) + unclaimed_years


@rule(cite="国办发〔2024〕38号 三", label="连续参保和零报销激励额度", since="2025-01")
def cap_bonus(bonus_count, bonus_step, ordinary_serious_cap, largest_bonus_share) -> Yuan:
    """The steps together, at most a fifth of the area's cap."""
    return min(bonus_count * bonus_step, ordinary_serious_cap * largest_bonus_share)
