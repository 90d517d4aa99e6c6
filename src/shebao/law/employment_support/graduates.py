"""Work trials (就业见习) of graduates and young unemployed, and one-off grants to graduates and founders.

The rates of all of these are local: without one entered for the province, the local standard is a fact.
"""

from shebao.engine import Months, Ratio, YesNo, Yuan, YuanPerMonth, choice, fact, rule, to_fen
from shebao.law.regions import ALL, HAINAN, HUBEI, SHANXI, TIANJIN

SHARE_OF_MINIMUM_WAGE = (SHANXI, HUBEI, HAINAN)

graduated = fact(YesNo, label="高校或者中职毕业生", presumed=False)
internship_months = fact(Months, 0, 24, label="约定见习月数")
months_served = fact(Months, 0, 24, label="已见习月数")
hired_before_end = fact(YesNo, label="见习期未满与见习人员签订劳动合同", presumed=False)
retention_rate = fact(Ratio, 0, 1, label="见习期满留用率")
local_internship_standard = fact(YuanPerMonth, 0, 100_000, label="当地就业见习补贴标准")
raised_internship_standard = fact(YuanPerMonth, 0, 100_000, label="当地留用率达标的就业见习补贴标准")

graduate_hardship = choice(
    "none",
    "dibao_family",
    "zero_employment_family",
    "disabled_family",
    "out_of_poverty_family",
    "destitute",
    "disabled",
    "student_loan",
    label="毕业生困难情形（求职补贴）",
)
local_job_seeking_grant = fact(Yuan, 0, 100_000, label="当地求职补贴（原求职创业补贴）标准")
job_seeking_grant_received = fact(YesNo, label="已领取过求职补贴", presumed=False)

founded_first_time = fact(YesNo, label="首次创办小微企业或者从事个体经营", presumed=False)
months_in_business = fact(Months, 0, 1200, label="正常经营月数", presumed=0)
local_start_up_grant = fact(Yuan, 0, 1_000_000, label="当地一次性创业补贴标准")
start_up_grant_received = fact(YesNo, label="已领取过一次性创业补贴", presumed=False)


@rule(cite="财社〔2017〕164号；财社〔2023〕181号", label="可参加就业见习", since="2018-01")
def may_intern(age_in_month, registered_and_seeking, graduate_unemployed, youngest_intern, oldest_intern) -> YesNo:
    """Unemployed graduates within two years of leaving school, and registered unemployed of 16 to 24."""
    young = youngest_intern <= age_in_month and age_in_month <= oldest_intern
    return graduate_unemployed or (young and registered_and_seeking)


@rule(cite="财社〔2017〕164号；财社〔2023〕181号", label="离校两年内未就业毕业生", since="2018-01")
def graduate_unemployed(graduated, is_recent_graduate, registered_and_seeking) -> YesNo:
    """A graduate of at most two years ago who has no work."""
    return graduated and is_recent_graduate and registered_and_seeking


@rule(cite="财社〔2017〕164号；财社〔2023〕181号", label="见习期限合规", since="2018-01")
def internship_length_is_lawful(internship_months, shortest_internship, longest_internship) -> YesNo:
    """Three to twelve months."""
    return shortest_internship <= internship_months and internship_months <= longest_internship


@rule(cite="国办发〔2020〕6号；国办发〔2023〕11号", label="可补贴的见习月数", since="2018-01", until="2019-12")
def subsidised_internship_months(internship_length_is_lawful, months_served, internship_months) -> Months:
    """The months served."""
    return min(months_served, internship_months) if internship_length_is_lawful else 0


@rule(cite="国办发〔2020〕6号；国办发〔2023〕11号", label="可补贴的见习月数", since="2020-01", until="2025-12")
def subsidised_internship_months(
    internship_length_is_lawful, months_served, internship_months, hired_before_end
) -> Months:
    """The months served; all that were agreed when the host took the intern on before they ended."""
    if not internship_length_is_lawful:
        return 0
    return internship_months if hired_before_end else min(months_served, internship_months)


@rule(cite="财社〔2023〕181号", label="可补贴的见习月数", since="2026-01")
def subsidised_internship_months(internship_length_is_lawful, months_served, internship_months) -> Months:
    """The months served; whether the window for early contracts was prolonged is not known."""
    return min(months_served, internship_months) if internship_length_is_lawful else 0


@rule(
    cite="财社〔2017〕164号；财社〔2023〕181号",
    label="就业见习补贴月标准",
    since="2018-01",
    region=[code for code in ALL if code not in (TIANJIN, *SHARE_OF_MINIMUM_WAGE)],
)
def internship_standard(
    retention_rate, retention_for_more, raised_internship_standard, local_internship_standard
) -> YuanPerMonth:
    """The local standard, the higher one where at least half of the interns were kept on."""
    return raised_internship_standard if retention_rate >= retention_for_more else local_internship_standard


@rule(
    cite="晋人社厅发〔2023〕24号；鄂政办〔2021〕44号；海南省就业见习补贴办法",
    label="就业见习补贴月标准",
    since="2018-01",
    region=SHARE_OF_MINIMUM_WAGE,
)
def internship_standard(minimum_wage, internship_share, region) -> YuanPerMonth:
    """Shanxi, Hubei, Hainan: a share of the minimum wage of the place."""
    return to_fen(minimum_wage * internship_share[region])


@rule(cite="天津市就业见习补贴办法", label="就业见习补贴月标准", since="2018-01", region=TIANJIN)
def internship_standard(
    minimum_wage, internship_share, region, internship_guidance, internship_insurance
) -> YuanPerMonth:
    """Tianjin: a share of the minimum wage for living, and sums for guidance and accident insurance."""
    return to_fen(minimum_wage * internship_share[region]) + internship_guidance + internship_insurance


@rule(cite="财社〔2017〕164号；财社〔2023〕181号", label="就业见习补贴合计", since="2018-01")
def internship_subsidy(may_intern, subsidised_internship_months, internship_standard) -> Yuan:
    """To the host, for each intern: months times standard."""
    return subsidised_internship_months * internship_standard if may_intern else 0


@rule(cite="财社〔2017〕164号；财社〔2023〕181号", label="求职补贴", since="2018-01")
def job_seeking_grant(graduate_hardship, job_seeking_grant_received, local_job_seeking_grant) -> Yuan:
    """Once, in the year of graduation, to graduates in need who look for work; the amount is local."""
    if graduate_hardship == "none" or job_seeking_grant_received:
        return 0
    return local_job_seeking_grant


@rule(cite="财社〔2017〕164号；财社〔2023〕181号", label="一次性创业补贴", since="2018-01")
def start_up_grant(
    founded_first_time,
    months_in_business,
    shortest_business,
    recognised_hardship,
    graduated,
    is_recent_graduate,
    start_up_grant_received,
    local_start_up_grant,
) -> Yuan:
    """Once, after a year in business, to recent graduates and hardship groups that founded for the first time."""
    if not founded_first_time or months_in_business < shortest_business or start_up_grant_received:
        return 0
    return local_start_up_grant if recognised_hardship or (graduated and is_recent_graduate) else 0
