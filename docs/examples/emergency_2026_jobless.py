"""Made-up example: the relief for the unemployed whom the benefit does not reach, open again from August 2026."""

from shebao.engine import Months, YesNo, YuanPerMonth, rule, to_fen

ROOM = "unemployment"


@rule(cite="虚构示例 三", label="可领取失业补助金", since="2026-08", until="2027-01")
def may_claim_relief(unemployment_months_paid, registered_and_seeking, benefit_exhausted, may_claim) -> YesNo:
    """As in 2020: insured and unemployed, but the months are used up or the conditions are not met."""
    return unemployment_months_paid > 0 and registered_and_seeking and (benefit_exhausted or not may_claim)


@rule(cite="虚构示例 三", label="失业补助金最长月数", since="2026-08", until="2027-01")
def relief_months(may_claim_relief, longest_relief) -> Months:
    """As many as the reform file says."""
    return longest_relief if may_claim_relief else 0


@rule(cite="虚构示例 三", label="失业补助金月标准上限", since="2026-08", until="2027-01")
def highest_relief(may_claim_relief, monthly_benefit, relief_share_of_benefit) -> YuanPerMonth:
    """The share of the local benefit that the reform file says."""
    return to_fen(monthly_benefit * relief_share_of_benefit) if may_claim_relief else 0
