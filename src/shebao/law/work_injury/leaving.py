"""Leaving the job with grade 5 to 10: a medical lump sum from the fund, an employment lump sum from the employer.

Each province sets both. Most count months of the area's average wage, Guangdong and Hunan months of the
own wage, Jiangsu amounts in yuan. Some pay less the nearer retirement is.
"""

from shebao.engine import Count, Ratio, Years, YesNo, Yuan, YuanPerMonth, fact, rule, to_fen
from shebao.law.regions import ALL, GUANGDONG, HUNAN, JIANGSU

BY_OWN_WAGE = (HUNAN, GUANGDONG)
BY_AVERAGE_WAGE = tuple(code for code in ALL if code not in (*BY_OWN_WAGE, JIANGSU))

years_to_retirement = fact(Years, 0, 60, label="距法定退休年龄年数（0为已达到）")
occupational_disease = fact(YesNo, label="患职业病", presumed=False)
city_float = fact(Ratio, "0.8", "1.2", label="设区市浮动系数（江苏）", presumed=1)


@rule(cite="人社部发〔2016〕29号 十", label="计发离职补助的伤残等级")
def grade_on_leaving(disability_grade, grade_after_repeat_injury) -> Count:
    """After several injuries with one employer the gravest grade counts."""
    return min(disability_grade, grade_after_repeat_injury) if grade_after_repeat_injury > 0 else disability_grade


@rule(cite="各省工伤保险实施办法", label="一次性工伤医疗补助金支付比例")
def medical_share_on_leaving(region, years_to_retirement, medical_share_near_retirement) -> Ratio:
    """By whole years still to go; five and more are paid in full, nothing once the age is reached."""
    return medical_share_near_retirement[region, min(years_to_retirement // 1, 5)] if years_to_retirement > 0 else 0


@rule(cite="各省工伤保险实施办法", label="一次性伤残就业补助金支付比例")
def employment_share_on_leaving(region, years_to_retirement, employment_share_near_retirement) -> Ratio:
    """By whole years still to go; five and more are paid in full, nothing once the age is reached."""
    return employment_share_near_retirement[region, min(years_to_retirement // 1, 5)] if years_to_retirement > 0 else 0


@rule(cite="各省工伤保险实施办法", label="职业病增发系数")
def disease_factor(region, occupational_disease, occupational_disease_factor) -> Ratio:
    """Some provinces add to the medical lump sum for an occupational disease."""
    return occupational_disease_factor[region] if occupational_disease else 1


# -- the wage or amount a month stands for --------------------------------------------------------


@rule(cite="广东省工伤保险条例 三十四；湖南省实施办法", label="离职补助计发工资", region=BY_OWN_WAGE)
def leaving_wage(own_wage) -> YuanPerMonth:
    """Guangdong and Hunan count months of the own wage."""
    return own_wage


@rule(cite="各省工伤保险实施办法", label="离职补助计发工资", region=BY_AVERAGE_WAGE)
def leaving_wage(pool_average_wage) -> YuanPerMonth:
    """Months of the area's average wage; in Zhejiang that is the province's."""
    return pool_average_wage


# -- medical lump sum -----------------------------------------------------------------------------


@rule(
    cite="工伤保险条例 三十六、三十七；各省工伤保险实施办法",
    label="一次性工伤医疗补助金",
    since="2011-01",
    region=[code for code in ALL if code != JIANGSU],
)
def medical_lump_sum_on_leaving(
    leaving_wage, region, grade_on_leaving, medical_lump_months, medical_share_on_leaving, disease_factor
) -> Yuan:
    """Months of the wage by grade, paid by the fund when the contract of a person with grade 5 to 10 ends."""
    if grade_on_leaving < 5:
        return 0
    return to_fen(
        leaving_wage * medical_lump_months[region, grade_on_leaving] * medical_share_on_leaving * disease_factor
    )


@rule(
    cite="江苏省实施《工伤保险条例》办法 二十七、二十八",
    label="一次性工伤医疗补助金",
    since="2015-06",
    region=JIANGSU,
)
def medical_lump_sum_on_leaving(
    grade_on_leaving, medical_lump_amount, city_float, medical_share_on_leaving, disease_factor
) -> Yuan:
    """Jiangsu: an amount by grade, which a city may move by a fifth."""
    if grade_on_leaving < 5:
        return 0
    return to_fen(medical_lump_amount[grade_on_leaving] * city_float * medical_share_on_leaving * disease_factor)


# -- employment lump sum --------------------------------------------------------------------------


@rule(
    cite="工伤保险条例 三十六、三十七；各省工伤保险实施办法",
    label="一次性伤残就业补助金",
    since="2011-01",
    region=[code for code in ALL if code != JIANGSU],
)
def employment_lump_sum_on_leaving(
    leaving_wage, region, grade_on_leaving, employment_lump_months, employment_share_on_leaving
) -> Yuan:
    """Months of the wage by grade, paid by the employer."""
    if grade_on_leaving < 5:
        return 0
    return to_fen(leaving_wage * employment_lump_months[region, grade_on_leaving] * employment_share_on_leaving)


@rule(
    cite="江苏省实施《工伤保险条例》办法 二十七、二十八",
    label="一次性伤残就业补助金",
    since="2015-06",
    region=JIANGSU,
)
def employment_lump_sum_on_leaving(
    grade_on_leaving, employment_lump_amount, city_float, employment_share_on_leaving
) -> Yuan:
    """Jiangsu: an amount by grade, which a city may move by a fifth."""
    if grade_on_leaving < 5:
        return 0
    return to_fen(employment_lump_amount[grade_on_leaving] * city_float * employment_share_on_leaving)


@rule(cite="工伤保险条例 三十六、三十七", label="离职两项补助金合计")
def lump_sums_on_leaving(medical_lump_sum_on_leaving, employment_lump_sum_on_leaving) -> Yuan:
    """What the fund and the employer pay together when the contract ends."""
    return medical_lump_sum_on_leaving + employment_lump_sum_on_leaving
