"""What is a work injury (工伤保险条例 十四至十六), and who pays when the employer was not insured."""

from shebao.engine import YesNo, choice, fact, rule

injury_circumstance = choice(
    "at_work",
    "before_or_after_work",
    "violence_on_duty",
    "occupational_disease",
    "business_trip",
    "commute_not_mainly_at_fault",
    "sudden_illness_fatal_within_48_hours",
    "rescue",
    "veteran_relapse",
    "other",
    label="受伤情形（条例十四、十五）",
)
intentional_crime = fact(YesNo, label="故意犯罪", presumed=False)
drunk_or_on_drugs = fact(YesNo, label="醉酒或者吸毒", presumed=False)
self_harm = fact(YesNo, label="自残或者自杀", presumed=False)
employer_insured = fact(YesNo, label="受伤时用人单位已为其参加工伤保险")
arrears_made_up = fact(YesNo, label="用人单位已补缴工伤保险费和滞纳金", presumed=False)
cost_is_new = fact(YesNo, label="补缴后新发生的费用", presumed=False)


@rule(cite="工伤保险条例 十六", label="不得认定为工伤", since="2004-01")
def recognition_excluded(intentional_crime, drunk_or_on_drugs, self_harm) -> YesNo:
    """Crime with intent, drink or drugs, self-harm: never a work injury."""
    return intentional_crime or drunk_or_on_drugs or self_harm


@rule(cite="工伤保险条例 十四、十五、十六", label="属于或者视同工伤", since="2004-01")
def is_work_injury(injury_circumstance, recognition_excluded) -> YesNo:
    """One of the seven circumstances, or of the three that count as one, and no reason against it."""
    return injury_circumstance != "other" and not recognition_excluded


@rule(cite="工伤保险条例 十五", label="享受一次性伤残补助金", since="2004-01")
def lump_sum_is_due(is_work_injury, injury_circumstance) -> YesNo:
    """A veteran's old wound that breaks open gives every benefit but this one."""
    return is_work_injury and injury_circumstance != "veteran_relapse"


@rule(cite="工伤保险条例 六十二", label="由工伤保险基金支付", since="2011-01")
def fund_pays(employer_insured, arrears_made_up, cost_is_new) -> YesNo:
    """An employer that did not insure pays all itself; after making up its arrears the fund bears what is new."""
    return employer_insured or (arrears_made_up and cost_is_new)


@rule(cite="社会保险法 四十一；工伤保险条例 六十二", label="由用人单位支付全部工伤待遇", since="2011-01")
def employer_pays(is_work_injury, fund_pays) -> YesNo:
    """A work injury for which the fund does not pay; what the employer fails to pay the fund advances."""
    return is_work_injury and not fund_pays
