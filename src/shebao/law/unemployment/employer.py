"""What the fund pays employers: the refund for keeping staff, the subsidy for taking on the young."""

from shebao.engine import Count, Months, Ratio, YesNo, Yuan, fact, rule, to_fen

contributions_last_year = fact(Yuan, 0, 1_000_000_000, label="上年度单位及职工实际缴纳失业保险费")
employer_months_paid = fact(Months, 0, 720, label="单位足额缴纳失业保险费月数")
insured_headcount = fact(Count, 0, 1_000_000, label="参保职工人数")
layoff_rate = fact(Ratio, 0, 1, label="上年度裁员率")
refund_raised_in_area = fact(YesNo, label="统筹地区备付期一年以上并已提高返还比例", presumed=False)

graduates_hired = fact(Count, 0, 100_000, label="招用毕业年度及离校两年内未就业高校毕业生人数（已签合同并按规定参保）")
young_unemployed_hired = fact(Count, 0, 100_000, label="招用登记失业16—24岁青年人数（已签合同并按规定参保）")
hires_with_other_subsidy = fact(Count, 0, 100_000, label="其中已享受一次性吸纳就业补贴人数", presumed=0)


# -- the refund for keeping staff (稳岗返还) -------------------------------------------------------


@rule(cite="人社部发〔2020〕7号；人社部发〔2024〕40号", label="裁员率上限", since="2020-01", until="2025-12")
def layoff_limit(insured_headcount, small_headcount, small_employer_layoff_limit, unemployment_target) -> Ratio:
    """The control target of surveyed urban unemployment of the year before; a fifth for up to 30 employees."""
    return small_employer_layoff_limit if insured_headcount <= small_headcount else unemployment_target


@rule(cite="人社部发〔2020〕7号；人社部发〔2024〕40号", label="可申请稳岗返还", since="2019-01", until="2025-12")
def may_claim_job_retention_refund(employer_months_paid, refund_qualifying_months, layoff_rate, layoff_limit) -> YesNo:
    """Contributions paid in full for a year, and few or no layoffs in the year before."""
    return employer_months_paid >= refund_qualifying_months and layoff_rate <= layoff_limit


@rule(
    cite="国发〔2018〕39号 一；人社部发〔2020〕7号；人社部发〔2021〕29号；人社部发〔2022〕23号",
    label="稳岗返还比例",
    since="2019-01",
    until="2024-12",
)
def refund_rate(employer_size, refund_rate_by_size) -> Ratio:
    """Share of the contributions of the year before, by size; in 2020 and 2022 the highest a province may pay."""
    return refund_rate_by_size[employer_size]


@rule(
    cite="人社部发〔2024〕40号；国办发〔2025〕25号 一",
    label="稳岗返还比例",
    since="2025-01",
    until="2025-12",
)
def refund_rate(employer_size, refund_raised_in_area, refund_rate_by_size, raised_refund_rate) -> Ratio:
    """Raised where the area's reserve lasts a year and it has decided so."""
    return raised_refund_rate[employer_size] if refund_raised_in_area else refund_rate_by_size[employer_size]


@rule(cite="人社部发〔2024〕40号；国办发〔2025〕25号 一", label="稳岗返还", since="2019-01", until="2025-12")
def job_retention_refund(may_claim_job_retention_refund, contributions_last_year, refund_rate) -> Yuan:
    """What comes back of the contributions that employer and employees paid in the year before."""
    return to_fen(contributions_last_year * refund_rate) if may_claim_job_retention_refund else 0


# -- the subsidy for taking on the young (一次性扩岗补助) ------------------------------------------


@rule(cite="人社部发〔2022〕37号 一", label="可补助的新招人数", since="2022-05", until="2022-12")
def subsidised_hires(graduates_hired, hires_with_other_subsidy) -> Count:
    """In 2022 graduates only; nobody counts for whom the one-off hiring subsidy was paid."""
    return max(graduates_hired - hires_with_other_subsidy, 0)


@rule(
    cite="国办发〔2023〕11号；人社部发〔2024〕40号；国办发〔2025〕25号 四",
    label="可补助的新招人数",
    since="2023-01",
    until="2025-12",
)
def subsidised_hires(graduates_hired, young_unemployed_hired, hires_with_other_subsidy) -> Count:
    """Since 2023 registered unemployed of 16 to 24 count too."""
    return max(graduates_hired + young_unemployed_hired - hires_with_other_subsidy, 0)


@rule(
    cite="人社部发〔2022〕37号 一；国办发〔2025〕25号 四",
    label="一次性扩岗补助（最高额）",
    since="2022-05",
    until="2025-12",
)
def expansion_subsidy(subsidised_hires, expansion_amount) -> Yuan:
    """At most 1500 yuan for each of them."""
    return subsidised_hires * expansion_amount
