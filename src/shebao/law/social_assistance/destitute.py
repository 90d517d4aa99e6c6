"""Support of the destitute (特困人员救助供养): no capacity to work, no income, nobody able to support them."""

from shebao.engine import Count, YesNo, YuanPerMonth, choice, fact, rule, to_fen

# 0: no certificate. Kinds as in the certificate; a multiple disability counts by its gravest.
disability_grade = fact(Count, 0, 4, label="残疾等级")
# 无、视力、听力、言语、肢体、智力、精神
disability_kind = choice(
    "none",
    "visual",
    "hearing",
    "speech",
    "physical",
    "intellectual",
    "mental",
    label="残疾类别",
)
own_counted_income = fact(YuanPerMonth, 0, 1_000_000, label="本人月收入（计入部分）")
no_capable_supporter = fact(YesNo, label="无法定赡养、抚养、扶养义务人或其无履行能力")
# 全自理、部分丧失、完全丧失
care_class = choice("self_caring", "partly_dependent", "dependent", label="生活自理能力")


@rule(cite="社会救助暂行办法 十四；民发〔2021〕43号 五", label="无劳动能力", since="2021-07")
def no_capacity_to_work(age_in_month, disability_grade, disability_kind) -> YesNo:
    """From 60, below 16, or severely disabled: intellectual and mental grades 1 to 3, physical 1 and 2, visual 1."""
    mind = disability_kind == "intellectual" or disability_kind == "mental"
    severe = (
        (mind and disability_grade <= 3)
        or (disability_kind == "physical" and disability_grade <= 2)
        or (disability_kind == "visual" and disability_grade <= 1)
    )
    return age_in_month >= 60 or age_in_month < 16 or (disability_grade > 0 and severe)


@rule(cite="社会救助暂行办法 十四；民发〔2021〕43号 六", label="无生活来源", since="2021-07")
def no_source_of_living(own_counted_income, dibao_standard, property_within_limits) -> YesNo:
    """Own income below the dibao standard, property within the limits."""
    return own_counted_income < dibao_standard and property_within_limits


@rule(cite="社会救助暂行办法 十四；民发〔2021〕43号 四", label="符合特困人员条件", since="2021-07")
def may_claim_destitute_support(no_capacity_to_work, no_source_of_living, no_capable_supporter) -> YesNo:
    """All three."""
    return no_capacity_to_work and no_source_of_living and no_capable_supporter


@rule(cite="国发〔2016〕14号", label="特困人员基本生活标准", since="2016-02")
def destitute_living_standard(dibao_standard, destitute_multiple) -> YuanPerMonth:
    """At least 1.3 times the local dibao standard; the place's own may be given."""
    return to_fen(dibao_standard * destitute_multiple)


@rule(cite="国发〔2016〕14号", label="特困人员照料护理标准", since="2016-02")
def destitute_care_standard(minimum_wage, care_class, care_share_of_minimum_wage) -> YuanPerMonth:
    """A share of the minimum wage by what the person can still do; the place's own may be given."""
    return to_fen(minimum_wage * care_share_of_minimum_wage[care_class])


@rule(cite="社会救助暂行办法 十五；国发〔2016〕14号", label="特困人员月供养标准合计", since="2021-07")
def destitute_support(may_claim_destitute_support, destitute_living_standard, destitute_care_standard) -> YuanPerMonth:
    """Living and care together; illness is treated and the funeral held besides."""
    return destitute_living_standard + destitute_care_standard if may_claim_destitute_support else 0
