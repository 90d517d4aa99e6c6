"""The levy on employers that employ too few disabled people (残疾人就业保障金)."""

from shebao.engine import Count, Days, Ratio, YesNo, Yuan, YuanPerYear, fact, rule, to_fen

headcount_last_year = fact(Count, 0, 10_000_000, label="上年在职职工人数")
disabled_employed = fact(Count, 0, 10_000_000, label="上年实际安排残疾人就业人数")
average_wage_of_employer = fact(YuanPerYear, 0, 10_000_000, label="本单位上年在职职工年平均工资")
local_average_wage_of_year = fact(YuanPerYear, 1, 10_000_000, label="当地上年社会平均工资（年）")
is_enterprise = fact(YesNo, label="缴费单位为企业")
levy_unpaid = fact(Yuan, 0, 1_000_000_000, label="欠缴残疾人就业保障金")
levy_days_overdue = fact(Days, 0, 36_500, label="残疾人就业保障金欠缴天数")


@rule(cite="残疾人就业条例 八", label="应安排残疾人比例", since="2007-05")
def disability_quota(provincial_quota, region) -> Ratio:
    """What the province asks, never below 1.5 % of the staff."""
    return provincial_quota[region]


@rule(cite="残疾人就业条例 八、九；财税〔2015〕72号 八", label="差额人数应缴额", since="2018-04", until="2027-12")
def levy_in_full(
    headcount_last_year,
    disability_quota,
    disabled_employed,
    average_wage_of_employer,
    local_average_wage_of_year,
    wage_cap,
) -> Yuan:
    """A year's average wage (at most twice the local one) for every person missing, parts of a person included."""
    missing = max(headcount_last_year * disability_quota - disabled_employed, 0)
    return to_fen(missing * min(average_wage_of_employer, local_average_wage_of_year * wage_cap))


@rule(cite="财政部公告2019年第98号；财政部公告2023年第8号", label="分档征收比例", since="2020-01", until="2027-12")
def levy_share(
    is_enterprise, headcount_last_year, exempt_headcount, disabled_employed, upper_share, share_above, share_below
) -> Ratio:
    """Nothing from enterprises of up to 30; half where one per cent are disabled, nine tenths below."""
    if is_enterprise and headcount_last_year <= exempt_headcount:
        return 0
    return share_above if disabled_employed >= headcount_last_year * upper_share else share_below


@rule(
    cite="残疾人就业条例 九；财政部公告2019年第98号；财政部公告2023年第8号",
    label="应缴残疾人就业保障金",
    since="2020-01",
    until="2027-12",
)
def disability_levy(levy_in_full, levy_share) -> Yuan:
    """What the year costs an employer that is short of the quota."""
    return to_fen(levy_in_full * levy_share)


@rule(cite="残疾人就业条例 二十七", label="残疾人就业保障金滞纳金", since="2007-05")
def levy_late_fee(levy_unpaid, levy_days_overdue, levy_late_fee_per_day) -> Yuan:
    """Five in a thousand a day, ten times that on social-insurance contributions."""
    return to_fen(levy_unpaid * levy_days_overdue * levy_late_fee_per_day)
