"""The special additional deductions (专项附加扣除) of a year, each for the months it was due.

Who knows only the sum gives ``special_additional_deductions``.
"""

from shebao.engine import Count, Months, Ratio, YesNo, Yuan, YuanPerMonth, choice, fact, rule, to_fen

child_months = fact(Count, 0, 240, label="子女教育扣除月数（各子女合计）", presumed=0)
infant_months = fact(Count, 0, 240, label="3岁以下婴幼儿照护扣除月数（各子女合计）", presumed=0)
parent_share = fact(Ratio, 0, 1, label="本人扣除子女教育和婴幼儿照护的比例", presumed=1)
elder_months = fact(Months, 0, 12, label="赡养老人扣除月数", presumed=0)
only_child = fact(YesNo, label="独生子女（赡养老人扣除）")
agreed_elder_share = fact(YuanPerMonth, 0, 10_000, label="兄弟姐妹分摊后本人每月赡养老人扣除额")
mortgage_months = fact(Months, 0, 12, label="首套住房贷款利息扣除月数", presumed=0)
rent_months = fact(Months, 0, 12, label="住房租金扣除月数", presumed=0)
rent_city = choice("large", "middle", "small", label="租房所在城市（直辖市省会等、户籍百万以上、其他）")
degree_months = fact(Months, 0, 12, label="学历（学位）继续教育扣除月数", presumed=0)
certificates = fact(Count, 0, 1, label="本年取得职业资格证书", presumed=0)
illness_cost = fact(Yuan, 0, 10_000_000, label="全年医保目录内个人自付医药费", presumed=0)


@rule(cite="国发〔2018〕41号 五；国发〔2023〕13号", label="子女教育扣除", since="2019-01")
def child_deduction(child_months, parent_share, monthly_special_deduction) -> Yuan:
    """For each child from three to the end of full-time education; parents may split it."""
    return to_fen(child_months * monthly_special_deduction["child"] * parent_share) if child_months > 0 else 0


@rule(cite="国发〔2022〕8号；国发〔2023〕13号", label="3岁以下婴幼儿照护扣除", since="2019-01")
def infant_deduction(infant_months, parent_share, monthly_special_deduction) -> Yuan:
    """For each child under three, since 2022; parents may split it."""
    return to_fen(infant_months * monthly_special_deduction["infant"] * parent_share) if infant_months > 0 else 0


@rule(cite="国发〔2018〕41号 二十二；国发〔2023〕13号", label="赡养老人扣除", since="2019-01")
def elder_deduction(elder_months, only_child, agreed_elder_share, monthly_special_deduction) -> Yuan:
    """For parents of 60 and over: an only child all of it, brothers and sisters at most half each."""
    if elder_months == 0:
        return 0
    if only_child:
        return monthly_special_deduction["elder"] * elder_months
    return min(agreed_elder_share, monthly_special_deduction["elder"] / 2) * elder_months


@rule(cite="国发〔2018〕41号 十四、十七、二十", label="住房贷款利息或住房租金扣除", since="2019-01")
def housing_deduction(
    mortgage_months, rent_months, rent_city, monthly_special_deduction, monthly_rent_deduction
) -> Yuan:
    """Interest on a first home or rent, not both in one year: the one that is more."""
    interest = monthly_special_deduction["mortgage"] * mortgage_months if mortgage_months > 0 else 0
    rent = monthly_rent_deduction[rent_city] * rent_months if rent_months > 0 else 0
    return max(interest, rent)


@rule(cite="国发〔2018〕41号 八", label="继续教育扣除", since="2019-01")
def study_deduction(degree_months, certificates, monthly_special_deduction, certificate_deduction) -> Yuan:
    """For months of study for a degree (48 at most), and once for a certificate of the year."""
    return monthly_special_deduction["degree"] * degree_months + certificate_deduction * certificates


@rule(cite="国发〔2018〕41号 十一", label="大病医疗扣除", since="2019-01")
def illness_deduction(illness_cost, illness_threshold, illness_cap) -> Yuan:
    """Own cost inside the catalogue beyond the threshold, up to the cap; at the annual settlement only."""
    return min(max(illness_cost - illness_threshold, 0), illness_cap)


@rule(cite="个人所得税法 六；国发〔2018〕41号", label="全年专项附加扣除", since="2019-01")
def special_additional_deductions(
    child_deduction, infant_deduction, elder_deduction, housing_deduction, study_deduction, illness_deduction
) -> Yuan:
    """All of them together."""
    return (
        child_deduction + infant_deduction + elder_deduction + housing_deduction + study_deduction + illness_deduction
    )
