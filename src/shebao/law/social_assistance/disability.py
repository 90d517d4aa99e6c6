"""The two disability allowances (残疾人两项补贴): for living, if poor; for care, if severely disabled.

Both may be drawn together. Neither goes with destitute support or with the nursing allowance for a work injury; an
orphan draws the second alone; of it and another allowance for care the higher is paid.
"""

from shebao.engine import YesNo, YuanPerMonth, fact, rule
from shebao.law.regions import ALL, FUJIAN

needs_long_term_care = fact(YesNo, label="需要长期照护")
draws_destitute_support = fact(YesNo, label="已纳入特困人员供养", presumed=False)
draws_injury_nursing = fact(YesNo, label="已领取工伤保险生活护理费", presumed=False)
draws_orphan_allowance = fact(YesNo, label="已享受孤儿基本生活保障", presumed=False)
other_nursing_allowance = fact(YuanPerMonth, 0, 20_000, label="其他福利性护理补贴", presumed=0)
counts_as_hard_living = fact(YesNo, label="属生活困难对象（福建护理补贴分档）", presumed=False)

OUTSIDE_FUJIAN = tuple(code for code in ALL if code != FUJIAN)


@rule(cite="国发〔2015〕52号 二（一）", label="符合困难残疾人生活补贴条件", since="2016-01")
def may_claim_disability_living(disability_grade, on_dibao, draws_destitute_support, draws_orphan_allowance) -> YesNo:
    """A certificate, a household on dibao (provinces may go further), no destitute support, no orphan's allowance."""
    return disability_grade > 0 and on_dibao and not draws_destitute_support and not draws_orphan_allowance


@rule(cite="国发〔2015〕52号 二（一）；省级标准", label="困难残疾人生活补贴标准", since="2016-01")
def disability_living_standard(region, disability_grade, published_living_allowance) -> YuanPerMonth:
    """The province's, by grade where it makes a difference; places may pay more."""
    return published_living_allowance[region, disability_grade]


@rule(cite="国发〔2015〕52号 二（一）、三（四）", label="困难残疾人生活补贴", since="2016-01")
def disability_living_allowance(
    may_claim_disability_living, draws_injury_nursing, disability_living_standard
) -> YuanPerMonth:
    """Monthly; not beside the nursing allowance for a work injury."""
    return disability_living_standard if may_claim_disability_living and not draws_injury_nursing else 0


@rule(cite="国发〔2015〕52号 二（一）", label="重度残疾（一级、二级）", since="2016-01")
def severely_disabled(disability_grade) -> YesNo:
    """Grade 1 or 2 of the certificate."""
    return disability_grade == 1 or disability_grade == 2


@rule(cite="国发〔2015〕52号 二（一）", label="符合重度残疾人护理补贴条件", since="2016-01")
def may_claim_disability_nursing(severely_disabled, needs_long_term_care, draws_destitute_support) -> YesNo:
    """Grade 1 or 2 and in need of long-term care (provinces may go further), no destitute support."""
    return severely_disabled and needs_long_term_care and not draws_destitute_support


@rule(
    cite="国发〔2015〕52号 二（一）；省级标准", label="重度残疾人护理补贴标准", since="2016-01", region=OUTSIDE_FUJIAN
)
def disability_nursing_standard(region, disability_grade, published_nursing_allowance) -> YuanPerMonth:
    """The province's, by grade where it makes a difference; places may pay more."""
    return published_nursing_allowance[region, disability_grade]


@rule(cite="闽民规〔2023〕9号", label="重度残疾人护理补贴标准", since="2016-01", region=FUJIAN)
def disability_nursing_standard(
    region, disability_grade, published_nursing_allowance, counts_as_hard_living, nursing_of_hard_living
) -> YuanPerMonth:
    """Fujian pays more to those whose living is hard."""
    if counts_as_hard_living:
        return nursing_of_hard_living[disability_grade]
    return published_nursing_allowance[region, disability_grade]


@rule(cite="国发〔2015〕52号 三（四）", label="重度残疾人护理补贴", since="2016-01")
def disability_nursing_allowance(
    may_claim_disability_nursing, draws_injury_nursing, disability_nursing_standard, other_nursing_allowance
) -> YuanPerMonth:
    """Monthly, unless another allowance for care is higher; none beside that for a work injury."""
    return (
        disability_nursing_standard
        if may_claim_disability_nursing
        and not draws_injury_nursing
        and disability_nursing_standard >= other_nursing_allowance
        else 0
    )


@rule(cite="国发〔2015〕52号 三（四）", label="残疾人两项补贴合计", since="2016-01")
def disability_allowances(disability_living_allowance, disability_nursing_allowance) -> YuanPerMonth:
    """Both, which may be drawn together and are not counted as income for dibao."""
    return disability_living_allowance + disability_nursing_allowance
