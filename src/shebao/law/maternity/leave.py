"""How many days of leave: the nation's, what each province adds, and what an employer may add."""

from shebao.engine import Count, Days, YesNo, fact, rule
from shebao.law.regions import ALL, BEIJING, FUJIAN, GUANGDONG, SHAANXI, SICHUAN

WITH_OWN_RULE = (FUJIAN, GUANGDONG, SHAANXI)
WITH_AGREED_DAYS = (BEIJING, SICHUAN)

difficult_birth = fact(YesNo, label="难产", presumed=False)
babies = fact(Count, 1, 9, label="生育婴儿数")
birth_order = fact(Count, 1, 20, label="孩次（第几个子女）")
pregnancy_months = fact(Count, 0, 10, label="流产时怀孕满月数")
examined_before_pregnancy = fact(YesNo, label="持有孕前检查证明（陕西）", presumed=False)
leave_set_by_employer = fact(Days, 158, 180, label="用人单位规定的产假总天数（福建）")
months_agreed_by_employer = fact(Count, 0, 3, label="用人单位同意增加的假期月数（北京）", presumed=0)
agreed_for_third_child = fact(YesNo, label="用人单位同意延长三孩生育假（四川）", presumed=False)
breastfeeding_certificate = fact(YesNo, label="持有纯母乳喂养产假证明（四川）", presumed=False)


@rule(cite="女职工劳动保护特别规定 七", label="国家规定产假天数", since="2012-05")
def statutory_leave_days(basic_leave_days, extra_leave_days, difficult_birth, babies) -> Days:
    """98 days, 15 more for a difficult birth and for each further baby."""
    return basic_leave_days + extra_leave_days * ((1 if difficult_birth else 0) + babies - 1)


@rule(cite="女职工劳动保护特别规定 七", label="流产假天数", since="2012-05")
def miscarriage_leave_days(pregnancy_months, early_miscarriage_days, late_miscarriage_days) -> Days:
    """15 days before the fourth month of pregnancy is complete, 42 after."""
    return early_miscarriage_days if pregnancy_months < 4 else late_miscarriage_days


@rule(
    cite="人口与计划生育法 二十五；省级人口与计划生育条例",
    label="省级规定增加的产假天数",
    since="2012-05",
    region=[code for code in ALL if code not in WITH_OWN_RULE],
)
def provincial_leave_days(region, birth_order, added_leave_days) -> Days:
    """What the province adds for the first, second or a later child; give it where it is not in the book."""
    return added_leave_days[region, min(birth_order, 3)]


@rule(
    cite="广东省人口与计划生育条例；广东省实施《女职工劳动保护特别规定》办法 十一；粤人社规〔2023〕17号",
    label="省级规定增加的产假天数",
    since="2012-05",
    region=GUANGDONG,
)
def provincial_leave_days(region, birth_order, added_leave_days, difficult_birth, added_for_difficulty) -> Days:
    """Guangdong: 80 days, and 30 instead of 15 for a difficult birth."""
    return added_leave_days[region, min(birth_order, 3)] + (added_for_difficulty if difficult_birth else 0)


@rule(
    cite="陕西省人口与计划生育条例 四十五",
    label="省级规定增加的产假天数",
    since="2012-05",
    region=SHAANXI,
)
def provincial_leave_days(region, birth_order, added_leave_days, examined_before_pregnancy, added_for_exam) -> Days:
    """Shaanxi: 60 days, 15 more for a third child, 10 more for an examination before the pregnancy."""
    return added_leave_days[region, min(birth_order, 3)] + (added_for_exam if examined_before_pregnancy else 0)


@rule(
    cite="福建省人口与计划生育条例 二十四；福建省女职工劳动保护条例 十三",
    label="省级规定增加的产假天数",
    since="2012-05",
    region=FUJIAN,
)
def provincial_leave_days(leave_set_by_employer, statutory_leave_days) -> Days:
    """Fujian: the employer sets 158 to 180 days in all, a difficult birth included; never below the nation's days."""
    return max(leave_set_by_employer - statutory_leave_days, 0)


@rule(
    cite="省级人口与计划生育条例",
    label="不计发生育津贴的增加假期",
    since="2012-05",
    region=[code for code in ALL if code not in WITH_AGREED_DAYS],
)
def agreed_leave_days() -> Days:
    """None that is known."""
    return 0


@rule(cite="北京市人口与计划生育条例 十九", label="不计发生育津贴的增加假期", since="2012-05", region=BEIJING)
def agreed_leave_days(months_agreed_by_employer, days_of_a_month) -> Days:
    """Beijing: one to three months more if the employer agrees, taken as 30 days each."""
    return months_agreed_by_employer * days_of_a_month


@rule(
    cite="四川省人口与计划生育条例 二十四；四川省母婴保健法实施办法 二十四",
    label="不计发生育津贴的增加假期",
    since="2012-05",
    region=SICHUAN,
)
def agreed_leave_days(birth_order, agreed_for_third_child, breastfeeding_certificate, days_of_a_month) -> Days:
    """Sichuan: 30 days for a third child if the employer agrees, a month for breastfeeding alone."""
    third = days_of_a_month if birth_order >= 3 and agreed_for_third_child else 0
    return third + (days_of_a_month if breastfeeding_certificate else 0)


@rule(cite="女职工劳动保护特别规定 七；省级人口与计划生育条例", label="产假总天数", since="2012-05")
def leave_days(statutory_leave_days, provincial_leave_days, agreed_leave_days) -> Days:
    """All days of leave of one birth; whether public holidays are added is the province's practice."""
    return statutory_leave_days + provincial_leave_days + agreed_leave_days
