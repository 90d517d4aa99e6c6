"""The minimum living guarantee (最低生活保障): the household is brought up to the standard of its place.

The household is a history of its members; each has an income, of which the law leaves some uncounted.
"""

from shebao.engine import Count, Ratio, YesNo, YuanPerMonth, fact, rule, to_fen, total

member_income = fact(YuanPerMonth, 0, 1_000_000, label="成员月收入（全部）", over="household_members")
# Childcare subsidy, the two disability allowances, old-age allowances, compensation to those who served the state.
member_uncounted_income = fact(
    YuanPerMonth, 0, 1_000_000, label="其中依规定不计入家庭收入", presumed=0, over="household_members"
)
# Destitute people, who have their own support; prisoners; who has lived apart as a monk or nun for three years.
member_not_counted = fact(YesNo, label="不计入共同生活的成员", presumed=False, over="household_members")
# For the old, minors, severely disabled and seriously ill.
member_extra_share = fact(
    Ratio,
    0,
    1,
    label="按当地标准增发比例",
    presumed=0,
    over="household_members",
)
property_within_limits = fact(YesNo, label="家庭财产符合当地规定")
refused_suitable_work_three_times = fact(YesNo, label="有劳动能力成员连续三次无故拒绝适当工作", presumed=False)
seriously_ill = fact(YesNo, label="患重特大疾病", presumed=False)
share_stopped_for_refusal = fact(Ratio, 0, 1, label="因拒绝工作减发的本人份额比例（县级决定）")


@rule(cite="社会救助暂行办法 十", label="最低生活保障标准", since="2014-05")
def dibao_standard(region, published_dibao_standard) -> YuanPerMonth:
    """The standard per head of the place of hukou; give it where it is not in the book."""
    return published_dibao_standard[region]


@total(over="household_members", high=100, cite="社会救助暂行办法 九", label="共同生活的家庭成员人数")
def household_size(member_not_counted) -> Count:
    """Who lives together, as the rules on income count them."""
    return 0 if member_not_counted else 1


@total(
    over="household_members",
    high=100_000_000,
    cite="社会救助暂行办法 九；民发〔2021〕57号",
    label="共同生活家庭月收入（计入部分）",
)
def household_income(member_income, member_uncounted_income, member_not_counted) -> YuanPerMonth:
    """Everybody's income but what the law does not count."""
    return 0 if member_not_counted else max(member_income - member_uncounted_income, 0)


@rule(cite="社会救助暂行办法 九", label="家庭月人均收入", since="2014-05")
def income_per_head(household_income, household_size) -> YuanPerMonth:
    """For the notice, to the fen; what decides is the income of the household as a whole, unrounded."""
    return to_fen(household_income / household_size) if household_size > 0 else 0


@rule(cite="社会救助暂行办法 九", label="符合最低生活保障条件", since="2014-05")
def may_claim_dibao(household_size, household_income, dibao_standard, property_within_limits) -> YesNo:
    """Income below the standard for each member, and property within the local limits."""
    return household_income < dibao_standard * household_size and property_within_limits


@rule(cite="社会救助暂行办法 十二", label="家庭月最低生活保障金（差额）", since="2014-05")
def dibao_by_difference(may_claim_dibao, dibao_standard, household_size, household_income) -> YuanPerMonth:
    """What the household lacks to the standard for each of its members."""
    return to_fen(max(dibao_standard * household_size - household_income, 0)) if may_claim_dibao else 0


@total(
    over="household_members",
    high=100,
    cite="社会救助暂行办法 十二；当地分类施保规定",
    label="分类施保增发比例合计",
)
def extra_shares(member_extra_share, member_not_counted) -> Ratio:
    """The local extra of the old, the young, the severely disabled and ill, all members together."""
    return 0 if member_not_counted else member_extra_share


@rule(cite="社会救助暂行办法 十二；当地分类施保规定", label="家庭月增发保障金", since="2014-05")
def dibao_extra(may_claim_dibao, dibao_standard, extra_shares) -> YuanPerMonth:
    """Shares of the standard on top."""
    return to_fen(dibao_standard * extra_shares) if may_claim_dibao else 0


@rule(cite="社会救助暂行办法 四十五", label="因拒绝就业减发额", since="2014-05")
def dibao_stopped(
    refused_suitable_work_three_times,
    share_stopped_for_refusal,
    dibao_by_difference,
    household_size,
) -> YuanPerMonth:
    """Who refuses suitable work three times running loses part or all of the own share."""
    return (
        to_fen(dibao_by_difference / household_size * share_stopped_for_refusal)
        if refused_suitable_work_three_times and household_size > 0
        else 0
    )


@rule(cite="社会救助暂行办法 十二、四十五", label="家庭月领最低生活保障金", since="2014-05")
def dibao(dibao_by_difference, dibao_extra, dibao_stopped) -> YuanPerMonth:
    """What the household is paid each month."""
    return max(dibao_by_difference + dibao_extra - dibao_stopped, 0)


@rule(cite="中办发〔2020〕18号；民发〔2021〕57号", label="低保边缘家庭", since="2020-08")
def is_dibao_edge(
    may_claim_dibao, household_size, household_income, dibao_standard, edge_multiple, property_within_limits
) -> YesNo:
    """Not on dibao, income below one and a half times the standard for each member, property within the limits."""
    near = household_income < dibao_standard * household_size * edge_multiple
    return near and property_within_limits and not may_claim_dibao


@rule(cite="中办发〔2020〕18号；民发〔2021〕57号", label="可单独申请低保（单人保）", since="2020-08")
def may_claim_dibao_alone(is_dibao_edge, severely_disabled, disability_grade, disability_kind, seriously_ill) -> YesNo:
    """In a household near dibao: disability of grade 1 or 2, of mind also 3, or a serious illness."""
    mind = disability_kind == "intellectual" or disability_kind == "mental"
    return is_dibao_edge and (severely_disabled or (mind and disability_grade == 3) or seriously_ill)


@rule(cite="中办发〔2020〕18号；民发〔2021〕57号", label="单独申请的月最低生活保障金", since="2020-08")
def dibao_alone(may_claim_dibao_alone, dibao_standard, own_counted_income) -> YuanPerMonth:
    """The difference for that person alone; places that pay a share of the standard instead give their amount."""
    return max(dibao_standard - own_counted_income, 0) if may_claim_dibao_alone else 0
