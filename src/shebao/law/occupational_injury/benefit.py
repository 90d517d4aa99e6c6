"""Benefits: those of work-injury insurance, on a base of the scheme's own, with a living allowance for paid leave.

No source states the base, so ``compensation_base`` and the allowance's daily amount have to be given.
"""

from shebao.engine import Days, Yuan, YuanPerMonth, fact, rule, to_fen

compensation_base = fact(YuanPerMonth, 1, 1_000_000, label="职业伤害待遇计发基数（当地规定）")
living_allowance_per_day = fact(Yuan, 0, 10_000, label="生活保障费当地标准（每天）")
days_unable_to_work = fact(Days, 0, 731, label="经确认暂停接单治疗的天数", presumed=0)


@rule(cite="新就业形态就业人员职业伤害保障办法（试行）", label="职业伤害医疗费", since="2022-07")
def medical_cost_by_fund(may_claim, cost_in_catalogues, paid_by_third_party) -> Yuan:
    """The cost within the work-injury catalogues; commercial accident cover may be claimed besides."""
    return max(cost_in_catalogues - paid_by_third_party, 0) if may_claim else 0


@rule(cite="新就业形态就业人员职业伤害保障办法（试行）", label="生活保障费", since="2022-07")
def living_allowance(may_claim, living_allowance_per_day, days_unable_to_work) -> Yuan:
    """In place of wages in paid leave, since there is no employer to pay them."""
    return living_allowance_per_day * days_unable_to_work if may_claim else 0


@rule(cite="新就业形态就业人员职业伤害保障办法（试行）", label="一次性伤残补助金", since="2022-07")
def disability_lump_sum(may_claim, compensation_base, disability_lump_months, disability_grade) -> Yuan:
    """As many months as for a work injury."""
    return to_fen(compensation_base * disability_lump_months[disability_grade]) if may_claim else 0


@rule(cite="新就业形态就业人员职业伤害保障办法（试行）", label="伤残津贴", since="2022-07")
def disability_allowance(may_claim, compensation_base, allowance_share, disability_grade) -> YuanPerMonth:
    """Grades 1 to 4, from the fund; grades 5 and 6 have no employer who would pay one."""
    if disability_grade > 4:
        return 0
    return to_fen(compensation_base * allowance_share[disability_grade]) if may_claim else 0


@rule(cite="新就业形态就业人员职业伤害保障办法（试行）", label="生活护理费", since="2022-07")
def injury_care_allowance(may_claim, care_allowance) -> YuanPerMonth:
    """As for a work injury."""
    return care_allowance if may_claim else 0


@rule(cite="新就业形态就业人员职业伤害保障办法（试行）", label="职业伤害死亡一次性待遇", since="2022-07")
def death_benefits_at_once(may_claim, funeral_grant, death_lump_sum) -> Yuan:
    """Funeral grant and lump sum, as for a work injury."""
    return funeral_grant + death_lump_sum if may_claim else 0


@rule(cite="新就业形态就业人员职业伤害保障办法（试行）", label="供养亲属抚恤金", since="2022-07")
def dependants_allowance(
    may_claim,
    compensation_base,
    surviving_spouse,
    other_dependants,
    lone_dependants,
    spouse_share,
    dependant_share,
    lone_addition,
) -> YuanPerMonth:
    """The shares of work-injury insurance, of the scheme's base; at most all of it."""
    share = spouse_share if surviving_spouse else 0
    share = share + other_dependants * dependant_share + lone_dependants * lone_addition
    return to_fen(compensation_base * min(share, 1)) if may_claim else 0
