"""Orphans and children whom in fact nobody raises (孤儿、事实无人抚养儿童): the same monthly standard."""

from shebao.engine import YesNo, YuanPerMonth, choice, fact, rule

# 有能力、死亡、宣告失踪、失联、重残、重病、服刑、强制隔离戒毒、被限制人身自由、被撤销监护资格
father_is = choice(
    "able",
    "dead",
    "declared_missing",
    "out_of_contact",
    "severely_disabled",
    "seriously_ill",
    "imprisoned",
    "in_compulsory_treatment",
    "otherwise_detained",
    "stripped_of_custody",
    label="父亲情况",
)
mother_is = choice(
    "able",
    "dead",
    "declared_missing",
    "out_of_contact",
    "severely_disabled",
    "seriously_ill",
    "imprisoned",
    "in_compulsory_treatment",
    "otherwise_detained",
    "stripped_of_custody",
    label="母亲情况",
)
child_care_form = choice("institution", "family", label="养育方式")  # 机构、社会散居
local_child_standard = fact(YuanPerMonth, 0, 20_000, label="当地孤儿基本生活最低养育标准")
other_basic_allowances = fact(
    YuanPerMonth, 0, 20_000, label="该儿童已领低保金、特困供养金、困难残疾人生活补贴合计", presumed=0
)


@rule(cite="国办发〔2010〕54号 一", label="孤儿", since="2010-01")
def is_orphan(age_in_month, father_is, mother_is) -> YesNo:
    """Below 18, both parents dead or not to be found."""
    no_father = father_is == "dead" or father_is == "declared_missing"
    no_mother = mother_is == "dead" or mother_is == "declared_missing"
    return age_in_month < 18 and no_father and no_mother


@rule(cite="民发〔2019〕62号 一", label="事实无人抚养儿童", since="2020-01")
def is_de_facto_unattended(age_in_month, father_is, mother_is, is_orphan) -> YesNo:
    """Below 18, no orphan, and neither parent can raise the child."""
    return age_in_month < 18 and father_is != "able" and mother_is != "able" and not is_orphan


@rule(cite="国办发〔2010〕54号 二；民发〔2010〕161号", label="孤儿基本生活费标准", since="2010-01")
def child_standard(local_child_standard, child_care_form, least_child_standard) -> YuanPerMonth:
    """The place's, never below the nation's least."""
    return max(local_child_standard, least_child_standard[child_care_form])


@rule(cite="国办发〔2010〕54号；民发〔2010〕161号", label="孤儿月基本生活费", since="2010-01")
def orphan_allowance(is_orphan, child_standard) -> YuanPerMonth:
    """The whole standard."""
    return child_standard if is_orphan else 0


@rule(cite="民发〔2019〕62号 二", label="事实无人抚养儿童月基本生活补贴", since="2020-01")
def unattended_child_allowance(is_de_facto_unattended, child_standard, other_basic_allowances) -> YuanPerMonth:
    """Up to the same standard: dibao, destitute support and the disability living allowance count towards it."""
    return max(child_standard - other_basic_allowances, 0) if is_de_facto_unattended else 0
