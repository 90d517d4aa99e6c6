"""When a person reaches retirement age.

Everything is counted in calendar months; the day of birth plays no part. A month is an integer, so a
birth month plus an age in months is the month in which that age is reached.
"""

from shebao.engine import Month, Months, round_up, rule


@rule(cite="国发〔1978〕104号 一；国发〔1978〕104号附 四", label="原法定退休年月", dated_by="month")
def original_retirement_month(birth_month, original_age, category) -> Month:
    """The month the original age is reached: 60 for men, 55 or 50 for women."""
    return birth_month + original_age[category] * 12


@rule(cite="国发〔1978〕104号 一", label="延迟退休月数", until="2024-12", dated_by="original_retirement_month")
def retirement_delay() -> Months:
    """No delay for those who reached the original age before 2025."""
    return 0


@rule(
    cite="渐进式延迟法定退休年龄办法 一、附件",
    label="延迟退休月数",
    since="2025-01",
    dated_by="original_retirement_month",
)
def retirement_delay(category, original_retirement_month, first_affected_month, delay_pace, longest_delay) -> Months:
    """One month for every four months begun since January 2025 (two for women of 50), up to the limit."""
    months_since = original_retirement_month - first_affected_month + 1
    return min(round_up(months_since * delay_pace[category], 0), longest_delay[category])


@rule(cite="渐进式延迟法定退休年龄办法 一", label="法定退休年月", dated_by="original_retirement_month")
def statutory_retirement_month(original_retirement_month, retirement_delay) -> Month:
    """The month the statutory age is reached."""
    return original_retirement_month + retirement_delay


@rule(cite="国发〔1978〕104号 一", label="最早可退休年月", until="2024-12")
def earliest_flexible_retirement_month(statutory_retirement_month) -> Month:
    """Before 2025 nobody could choose to retire earlier."""
    return statutory_retirement_month


@rule(
    cite="渐进式延迟法定退休年龄办法 三；人社部发〔2024〕94号",
    label="最早可弹性提前退休年月",
    since="2025-01",
)
def earliest_flexible_retirement_month(statutory_retirement_month, original_retirement_month, flexible_span) -> Month:
    """Up to three years before the statutory month, never before the original age."""
    return max(statutory_retirement_month - flexible_span, original_retirement_month)


@rule(cite="国发〔1978〕104号 一", label="最迟可退休年月", until="2024-12")
def latest_flexible_retirement_month(statutory_retirement_month) -> Month:
    """Before 2025 nobody could choose to retire later."""
    return statutory_retirement_month


@rule(
    cite="渐进式延迟法定退休年龄办法 三；人社部发〔2024〕94号",
    label="最迟可弹性延迟退休年月",
    since="2025-01",
)
def latest_flexible_retirement_month(statutory_retirement_month, flexible_span) -> Month:
    """Up to three years after the statutory month, if the employer agrees."""
    return statutory_retirement_month + flexible_span


@rule(
    cite="国发〔1978〕104号 一（二）；渐进式延迟法定退休年龄办法 八",
    label="特殊工种最早退休年月",
    dated_by="month",
)
def special_work_retirement_month(birth_month, special_work_age, sex) -> Month:
    """The month from which certified hazardous or high-altitude work lets one retire: 55 for men, 45 for women."""
    return birth_month + special_work_age[sex] * 12
