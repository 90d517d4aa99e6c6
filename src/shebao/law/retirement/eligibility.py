"""Who may retire, and the shortest contribution that is needed.

``retirement_month`` is the month the person means to retire in; ``contribution_months`` what will be
paid by then, deemed months included.
"""

from shebao.engine import Month, Months, YesNo, fact, rule

special_work = fact(YesNo, label="经认定符合特殊工种（含高原地区）提前退休条件", presumed=False)
late_retirement_agreed = fact(YesNo, label="与单位书面约定弹性延迟退休", presumed=False)


@rule(
    cite="渐进式延迟法定退休年龄办法 二；人社部发〔2024〕94号",
    label="最低缴费年限适用年月",
    dated_by="month",
)
def minimum_contribution_reference_month(retirement_month, statutory_retirement_month) -> Month:
    """The month whose year sets the minimum: of the statutory age, or of retirement if that is earlier."""
    return min(retirement_month, statutory_retirement_month)


@rule(
    cite="社会保险法 十六；渐进式延迟法定退休年龄办法 二、附件",
    label="最低缴费月数",
    dated_by="minimum_contribution_reference_month",
)
def minimum_contribution_months(minimum_months) -> Months:
    """Fifteen years; from 2030 six months more each year, up to twenty years in 2039."""
    return minimum_months


@rule(cite="社会保险法 十六", label="可按月领取基本养老金（达到法定退休年龄）")
def may_retire_normally(
    retirement_month, statutory_retirement_month, contribution_months, minimum_contribution_months
) -> YesNo:
    """The statutory age is reached and the minimum contribution is met."""
    return retirement_month >= statutory_retirement_month and contribution_months >= minimum_contribution_months


@rule(cite="国发〔1978〕104号 一", label="可弹性提前退休", until="2024-12")
def may_retire_early() -> YesNo:
    """Before 2025 the law knew no flexible early retirement."""
    return False


@rule(
    cite="渐进式延迟法定退休年龄办法 三；人社部发〔2024〕94号",
    label="可弹性提前退休",
    since="2025-01",
)
def may_retire_early(
    retirement_month,
    earliest_flexible_retirement_month,
    statutory_retirement_month,
    contribution_months,
    minimum_contribution_months,
) -> YesNo:
    """The chosen month lies in the three years before the statutory one, and the minimum is met."""
    return (
        retirement_month >= earliest_flexible_retirement_month
        and retirement_month < statutory_retirement_month
        and contribution_months >= minimum_contribution_months
    )


@rule(cite="国发〔1978〕104号 一", label="可弹性延迟退休", until="2024-12")
def may_retire_late() -> YesNo:
    """Before 2025 the law knew no flexible late retirement."""
    return False


@rule(
    cite="渐进式延迟法定退休年龄办法 三；人社部发〔2024〕94号",
    label="可弹性延迟退休",
    since="2025-01",
)
def may_retire_late(
    retirement_month,
    statutory_retirement_month,
    latest_flexible_retirement_month,
    late_retirement_agreed,
    contribution_months,
    minimum_contribution_months,
) -> YesNo:
    """The chosen month lies in the three years after the statutory one, and the employer has agreed."""
    return (
        retirement_month > statutory_retirement_month
        and retirement_month <= latest_flexible_retirement_month
        and late_retirement_agreed
        and contribution_months >= minimum_contribution_months
    )


@rule(cite="国发〔1978〕104号 一（二）；渐进式延迟法定退休年龄办法 八", label="可因特殊工种提前退休")
def may_retire_for_special_work(
    special_work,
    retirement_month,
    special_work_retirement_month,
    contribution_months,
    minimum_contribution_months,
) -> YesNo:
    """The work is certified, its lower age is reached and the minimum contribution is met."""
    return (
        special_work
        and retirement_month >= special_work_retirement_month
        and contribution_months >= minimum_contribution_months
    )


@rule(cite="社会保险法 十六；渐进式延迟法定退休年龄办法 三、八", label="可以退休")
def may_retire(may_retire_normally, may_retire_early, may_retire_for_special_work) -> YesNo:
    """Any one of the ways is open; retiring late is retiring normally, later, so it adds none."""
    return may_retire_normally or may_retire_early or may_retire_for_special_work


@rule(cite="人社部发〔2024〕94号", label="弹性提前退休最迟告知年月", dated_by="month")
def early_notice_deadline(retirement_month, early_notice) -> Month:
    """The last month to tell the employer in writing of retiring early."""
    return retirement_month - early_notice


@rule(cite="人社部发〔2024〕94号", label="弹性延迟退休最迟约定年月", dated_by="month")
def late_agreement_deadline(statutory_retirement_month, late_agreement_notice) -> Month:
    """The last month to agree with the employer in writing to retire late."""
    return statutory_retirement_month - late_agreement_notice
