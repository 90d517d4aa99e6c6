"""Whether an employer registered itself, its changes and its workers in time. The law counts calendar days here."""

from shebao.engine import Days, YesNo, choice, fact, rule

registered_event = choice(
    "employer_founded",
    "worker_hired",
    "employer_changed",
    "employer_ended",
    label="应办理社会保险登记的情形",
)
days_to_registration = fact(Days, 0, 36_500, label="自成立、用工、变更或者终止之日起至申请登记的天数")
days_to_notice = fact(Days, 0, 36_500, label="自终止或者解除劳动关系之日起至告知经办机构的天数")
founded_with_licence = fact(YesNo, label="在登记管理机关办理设立登记（社保登记同步办理）", presumed=False)


@rule(cite="社会保险法 五十七、五十八", label="社会保险登记期限（天）", since="2011-07")
def registration_limit(registered_event, registration_days) -> Days:
    """Thirty days from the event."""
    return registration_days[registered_event]


@rule(cite="社会保险法 五十七、五十八", label="按时办理社会保险登记", since="2011-07", until="2023-11")
def registered_in_time(days_to_registration, registration_limit) -> YesNo:
    """Within the days of the law, the thirtieth included."""
    return days_to_registration <= registration_limit


@rule(cite="社会保险法 五十七、五十八；社会保险经办条例 六", label="按时办理社会保险登记", since="2023-12")
def registered_in_time(registered_event, founded_with_licence, days_to_registration, registration_limit) -> YesNo:
    """Within the days of the law; who is founded by registration elsewhere is registered here in the same step."""
    at_once = registered_event == "employer_founded" and founded_with_licence
    return at_once or days_to_registration <= registration_limit


@rule(cite="社会保险法 五十七、五十八", label="距登记期限剩余天数", since="2011-07")
def registration_days_left(days_to_registration, registration_limit) -> Days:
    """Days still left; negative for days late."""
    return registration_limit - days_to_registration


@rule(cite="社会保险法 五十", label="按时告知失业人员名单", since="2011-07")
def unemployed_reported_in_time(days_to_notice, notice_days) -> YesNo:
    """Within fifteen days of the end of employment."""
    return days_to_notice <= notice_days
