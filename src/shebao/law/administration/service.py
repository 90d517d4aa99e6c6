"""How long a service may take. Working days are counted by the calendar of the agency, so their number is a fact."""

from shebao.engine import Count, Days, YesNo, choice, fact, rule

service = choice(
    "register_person",
    "change_registration",
    "claim_pension",
    "refund_medical_costs",
    "claim_maternity_allowance",
    "refund_injury_costs",
    "claim_unemployment_benefit",
    "claim_training_subsidy",
    label="经办事项",
)
working_days_elapsed = fact(Days, 0, 36_500, label="自收到申请之日起已过工作日数")
application_workday = fact(Count, 0, 1_000_000, label="收到申请当日在工作日历中的序号")
workdays_since_event = fact(Days, 0, 36_500, label="自停止享受待遇情形发生之日起至告知的工作日数")
days_for_review = fact(Days, 0, 36_500, label="自收到单位登记申请之日起已过天数")
complex_case = fact(YesNo, label="情况复杂，经批准延长调查", presumed=False)
investigation_days_elapsed = fact(Days, 0, 36_500, label="自立案之日起已过工作日数")


@rule(cite="社会保险经办条例 六、十、十八、二十、二十二、二十四", label="办理期限（工作日）", since="2023-12")
def service_limit(service, service_working_days) -> Days:
    """Working days from the day the application is received."""
    return service_working_days[service]


@rule(cite="社会保险经办条例 六、十、十八、二十、二十二、二十四", label="剩余工作日数", since="2023-12")
def working_days_left(service_limit, working_days_elapsed) -> Days:
    """What is left; negative for days late."""
    return service_limit - working_days_elapsed


@rule(cite="社会保险经办条例 六、十、十八、二十、二十二、二十四", label="已超过办理期限", since="2023-12")
def service_is_overdue(service_limit, working_days_elapsed) -> YesNo:
    """The last day of the limit is still in time."""
    return working_days_elapsed > service_limit


@rule(cite="社会保险经办条例 六、十、十八、二十、二十二、二十四", label="最迟办结日（工作日历序号）", since="2023-12")
def due_workday(application_workday, service_limit) -> Count:
    """The number, in the agency's calendar of working days, of the last day; the day of receipt is not counted."""
    return application_workday + service_limit


@rule(cite="社会保险法 五十七", label="单位登记审核已超过期限", since="2011-07")
def review_is_overdue(days_for_review, review_days) -> YesNo:
    """An employer's registration is reviewed within fifteen days."""
    return days_for_review > review_days


@rule(cite="社会保险经办条例 二十五", label="按时告知停止享受待遇情形", since="2023-12")
def loss_reported_in_time(workdays_since_event, loss_report_days) -> YesNo:
    """Death, a new job, prison: the employer, the person or the family report it within twenty working days."""
    return workdays_since_event <= loss_report_days


@rule(cite="劳动保障监察条例 十七", label="监察调查期限（工作日）", since="2004-12")
def investigation_limit(complex_case, investigation_days, investigation_extension) -> Days:
    """Sixty working days from opening the case, thirty more if it is complex."""
    return investigation_days + (investigation_extension if complex_case else 0)


@rule(cite="劳动保障监察条例 十七", label="监察调查已超过期限", since="2004-12")
def investigation_is_overdue(investigation_days_elapsed, investigation_limit) -> YesNo:
    """The last day of the limit is still in time."""
    return investigation_days_elapsed > investigation_limit
