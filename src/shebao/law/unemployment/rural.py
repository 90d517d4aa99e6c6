"""The one-off living subsidy of workers from the countryside on a labour contract (失业保险条例 二十一)."""

from shebao.engine import Months, YesNo, Yuan, YuanPerMonth, fact, rule, to_fen

contract_months_worked = fact(Months, 0, 720, label="农民合同制工人连续工作月数")
contract_not_renewed = fact(YesNo, label="劳动合同期满未续订或者提前解除", presumed=False)


@rule(cite="失业保险条例 二十一", label="可领取一次性生活补助", since="1999-01")
def may_claim_living_subsidy(
    rural_contract_worker, contract_months_worked, qualifying_contract_months, contract_not_renewed
) -> YesNo:
    """A year's work without a break for one employer that paid, and a contract that ended."""
    return rural_contract_worker and contract_months_worked >= qualifying_contract_months and contract_not_renewed


@rule(cite="失业保险条例 二十一；各省标准", label="一次性生活补助月数", since="1999-01")
def living_subsidy_months(contract_months_worked, region, living_subsidy_limit) -> Months:
    """A month for each whole year worked, up to the province's limit."""
    return min(contract_months_worked // 12, living_subsidy_limit[region])


@rule(cite="失业保险条例 二十一；各省标准", label="一次性生活补助月标准", since="1999-01")
def living_subsidy_per_month(minimum_wage, region, living_subsidy_share) -> YuanPerMonth:
    """The province's share of the minimum wage."""
    return to_fen(minimum_wage * living_subsidy_share[region])


@rule(cite="失业保险条例 二十一；各省标准", label="农民合同制工人一次性生活补助", since="1999-01")
def living_subsidy(may_claim_living_subsidy, living_subsidy_months, living_subsidy_per_month) -> Yuan:
    """Paid once, in place of the monthly benefit, to who paid no contribution himself."""
    return living_subsidy_months * living_subsidy_per_month if may_claim_living_subsidy else 0
