"""Public-welfare posts (公益性岗位): work that government pays for, for who finds no other."""

from shebao.engine import Count, YesNo, YuanPerMonth, fact, rule

post_pay = fact(YuanPerMonth, 0, 100_000, label="公益性岗位月工资（全日制，正常劳动）")
times_placed = fact(Count, 0, 100, label="已通过公益性岗位安置次数", presumed=0)
still_hard_to_place = fact(YesNo, label="期满仍难就业的大龄、零就业家庭、重度残疾等特殊困难人员", presumed=False)


@rule(cite="就业促进法 五十三；人社部发〔2019〕124号", label="可通过公益性岗位安置", since="2019-12", dated_by="month")
def may_be_placed(may_be_recognised, times_placed, still_hard_to_place, most_placements) -> YesNo:
    """Hardship groups, once; again only who is still hard to place, twice in all."""
    if times_placed > 0 and not still_hard_to_place:
        return False
    return may_be_recognised and times_placed < most_placements


@rule(cite="最低工资规定 三；人社部发〔2019〕124号", label="岗位工资不低于最低工资", since="2019-12")
def post_pay_is_lawful(post_pay, minimum_wage) -> YesNo:
    """Full-time pay reaches the minimum wage of the place."""
    return post_pay >= minimum_wage


@rule(cite="就业促进法 五十三；财社〔2017〕164号；财社〔2023〕181号", label="公益性岗位补贴", since="2018-01")
def post_subsidy(recognised_hardship, within_hardship_limit, minimum_wage) -> YuanPerMonth:
    """To the employer, by the local minimum wage, as long as the insurance subsidy that is paid beside it."""
    return minimum_wage if recognised_hardship and within_hardship_limit else 0


@rule(cite="就业促进法 五十三；财社〔2017〕164号；财社〔2023〕181号", label="公益性岗位当月补贴合计", since="2018-01")
def post_support(post_subsidy, hardship_hire_subsidy) -> YuanPerMonth:
    """Post subsidy and the employer's part of the contributions."""
    return post_subsidy + hardship_hire_subsidy
