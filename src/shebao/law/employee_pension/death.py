"""Benefits to the survivors of an insured person or retiree (人社部发〔2021〕18号), dated by the month of death."""

from shebao.engine import Month, Months, YesNo, Yuan, YuanPerMonth, fact, rule, ym

death_month = fact(Month, ym(1978, 1), ym(2150, 12), label="死亡年月")
drawing_pension = fact(YesNo, label="死亡时正在领取基本养老金")
pension_months_drawn = fact(Months, 0, 720, label="已领取基本养老金月数")
work_related_death = fact(YesNo, label="因工死亡（由工伤保险支付）", presumed=False)


@rule(cite="人社部发〔2021〕18号 二", label="可领取遗属待遇", since="2021-09", dated_by="death_month")
def may_claim_survivor_benefits(contribution_months, work_related_death) -> YesNo:
    """Insured or retired, and not a work-related death, which the work-injury fund pays for."""
    return contribution_months > 0 and not work_related_death


@rule(cite="人社部发〔2021〕18号 三、四", label="遗属待遇计发基数", since="2021-09", dated_by="death_month")
def survivor_base(region, death_month, urban_income) -> YuanPerMonth:
    """The province's urban disposable income per head of the year before, per month."""
    return urban_income[region, death_month // 12 - 1]


@rule(cite="人社部发〔2021〕18号 三", label="丧葬补助金", since="2021-09", dated_by="death_month")
def funeral_grant(may_claim_survivor_benefits, survivor_base, funeral_months) -> Yuan:
    """A fixed number of months of the base."""
    return survivor_base * funeral_months if may_claim_survivor_benefits else 0


@rule(cite="人社部发〔2021〕18号 四", label="按缴费年限的抚恤金月数", since="2021-09", dated_by="death_month")
def survivor_months_by_service(contribution_months) -> Months:
    """By whole years of contributions: 3 below five, 6 below ten, 9 to fifteen, one more for each beyond, up to 24."""
    years = contribution_months // 12
    if years < 5:
        return 3
    if years < 10:
        return 6
    return min(9 + max(years - 15, 0), 24)


@rule(cite="人社部发〔2021〕18号 四", label="抚恤金月数", since="2021-09", dated_by="death_month")
def survivor_months(survivor_months_by_service, drawing_pension, pension_months_drawn) -> Months:
    """For a retiree one month less for each year of pension drawn, but at least nine."""
    if drawing_pension:
        return max(survivor_months_by_service - pension_months_drawn // 12, 9)
    return survivor_months_by_service


@rule(cite="人社部发〔2021〕18号 四", label="抚恤金", since="2021-09", dated_by="death_month")
def survivor_grant(may_claim_survivor_benefits, survivor_base, survivor_months) -> Yuan:
    """Paid once from the pooled fund, beside the balance of the account."""
    return survivor_base * survivor_months if may_claim_survivor_benefits else 0


@rule(cite="人社部发〔2021〕18号 二", label="遗属待遇合计", since="2021-09", dated_by="death_month")
def survivor_benefits(funeral_grant, survivor_grant) -> Yuan:
    """Funeral and survivors' grants together."""
    return funeral_grant + survivor_grant
