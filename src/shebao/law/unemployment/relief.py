"""The temporary widening of 2020 to 2022: relief for the insured whom the benefit does not reach."""

from shebao.engine import Months, YesNo, YuanPerMonth, fact, rule, to_fen

benefit_exhausted = fact(YesNo, label="领取失业保险金期满仍未就业", presumed=False)


@rule(
    cite="人社部发〔2020〕40号；人社部发〔2021〕29号；人社部发〔2022〕23号",
    label="可领取失业补助金",
    since="2020-03",
    until="2022-12",
)
def may_claim_relief(unemployment_months_paid, registered_and_seeking, benefit_exhausted, may_claim) -> YesNo:
    """Insured and unemployed, but the months are used up or the conditions of the benefit are not met."""
    return unemployment_months_paid > 0 and registered_and_seeking and (benefit_exhausted or not may_claim)


@rule(
    cite="人社部发〔2020〕40号；人社部发〔2021〕29号；人社部发〔2022〕23号",
    label="失业补助金最长月数",
    since="2020-03",
    until="2022-12",
)
def relief_months(may_claim_relief, longest_relief) -> Months:
    """At most six months."""
    return longest_relief if may_claim_relief else 0


@rule(
    cite="人社部发〔2020〕40号；人社部发〔2021〕29号；人社部发〔2022〕23号",
    label="失业补助金月标准上限",
    since="2020-03",
    until="2022-12",
)
def highest_relief(may_claim_relief, monthly_benefit, relief_share_of_benefit) -> YuanPerMonth:
    """A ceiling, four fifths of the local benefit; a province may pay less."""
    return to_fen(monthly_benefit * relief_share_of_benefit) if may_claim_relief else 0


@rule(
    cite="人社部发〔2020〕40号 三",
    label="失业农民工临时生活补助",
    since="2020-05",
    until="2020-12",
)
def temporary_living_subsidy(
    rural_contract_worker,
    registered_and_seeking,
    unemployment_months_paid,
    qualifying_months,
    urban_dibao_standard,
) -> YuanPerMonth:
    """The city's dibao standard, for at most three months, to rural workers insured for less than a year."""
    if rural_contract_worker and registered_and_seeking:
        return urban_dibao_standard if 0 < unemployment_months_paid < qualifying_months else 0
    return 0
