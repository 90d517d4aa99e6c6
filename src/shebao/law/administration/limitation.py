"""How long a wrong may still be pursued, and how long a person may contest a decision."""

from shebao.engine import Days, Month, YesNo, fact, rule, ym

offence_ended_month = fact(Month, ym(1990, 1), ym(2150, 12), label="违法行为终了年月（连续、继续的自终了之日起）")
found_or_reported_month = fact(Month, ym(1990, 1), ym(2150, 12), label="被发现、举报或者投诉年月")
days_since_known = fact(Days, 0, 36_500, label="自知道行政行为之日起已过天数")
decision_month = fact(Month, ym(1990, 1), ym(2150, 12), label="知道或者应当知道行政行为年月")
dispute_month = fact(Month, ym(1990, 1), ym(2150, 12), label="知道或者应当知道权利被侵害年月")
wage_dispute_while_employed = fact(YesNo, label="劳动关系存续期间因拖欠劳动报酬发生的争议", presumed=False)
still_employed = fact(YesNo, label="劳动关系仍存续")
employment_ended_month = fact(Month, ym(1990, 1), ym(2150, 12), label="劳动关系终止年月")


@rule(cite="劳动保障监察条例 二十", label="监察仍可查处", since="2004-12", dated_by="found_or_reported_month")
def may_be_investigated(found_or_reported_month, offence_ended_month, inspection_months) -> YesNo:
    """Found, reported or complained of within two years of the end of the act."""
    return found_or_reported_month - offence_ended_month <= inspection_months


@rule(cite="行政复议法 二十", label="仍可申请行政复议", since="1999-10")
def may_ask_review(days_since_known, review_limit_days) -> YesNo:
    """Within sixty days of knowing of the decision."""
    return days_since_known <= review_limit_days


@rule(cite="行政诉讼法 四十六", label="仍可提起行政诉讼", since="2015-05")
def may_sue_agency(month, decision_month, lawsuit_months) -> YesNo:
    """Within six months of knowing of the decision."""
    return month - decision_month <= lawsuit_months


@rule(cite="劳动争议调解仲裁法 二十七", label="仍可申请劳动仲裁", since="2008-05")
def may_ask_arbitration(
    wage_dispute_while_employed, still_employed, month, employment_ended_month, dispute_month, arbitration_months
) -> YesNo:
    """Within a year of knowing; unpaid wages any time while employed, and within a year of its end."""
    if not wage_dispute_while_employed:
        return month - dispute_month <= arbitration_months
    return still_employed or month - employment_ended_month <= arbitration_months
