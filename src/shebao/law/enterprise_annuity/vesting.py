"""What of the employer's part belongs to the employee.

The plan says how fast: at once, or step by step with years of service, all of it after eight years at the latest.
Here a plan vests in equal steps for each full year; of a plan with other steps, give ``vested_share``.
"""

from typing import Annotated

from shebao.engine import Months, Years, YesNo, choice, fact, half_up, rule
from shebao.engine.units import Exact, Unit

#: A share of the whole, to four decimals.
Share = Annotated[Exact, Unit("Ratio", "比例", "ratio", 10_000, 0, 1)]

months_with_employer = fact(Months, 0, 720, label="在本企业工作月数")
vesting_years = fact(Years, 0, 50, scale=1, label="方案规定的完全归属年限（0为缴费即归属）")
leaving_reason = choice(
    "not_leaving",
    "resigned",
    "dismissed_for_fault",
    "retired",
    "disabled",
    "deceased",
    "plan_ended",
    "dismissed_without_fault",
    "employer_breach",
    "not_renewed_by_employer",
    label="离开企业年金计划的原因",
)


@rule(cite="企业年金办法 十九", label="归属方案合法", since="2018-02")
def vesting_plan_is_lawful(vesting_years, longest_vesting) -> YesNo:
    """The plan vests everything within eight years."""
    return vesting_years <= longest_vesting


@rule(cite="企业年金办法 二十", label="企业缴费一次完全归属", since="2018-02")
def vests_at_once(leaving_reason) -> YesNo:
    """Age, incapacity, death, the plan's end, and leaving through no fault of one's own vest everything."""
    return not (
        leaving_reason == "not_leaving" or leaving_reason == "resigned" or leaving_reason == "dismissed_for_fault"
    )


@rule(cite="企业年金办法 十九、二十", label="企业缴费归属比例", since="2018-02")
def vested_share(vests_at_once, months_with_employer, vesting_years, longest_vesting) -> Share:
    """All, or the full years of service over the plan's, to four decimals; a plan beyond eight counts as eight."""
    if vests_at_once:
        return 1
    needed = min(vesting_years, longest_vesting)
    return half_up(min(months_with_employer // 12, needed) / needed, 4) if needed > 0 else 1
