"""What an offence costs: the lowest and the highest fine. Between the two the authority decides by its own scale.

A late employer pays the arrears, the late fee (``late_fee`` of the general law) and, if it still does
not pay when ordered to, a fine besides.
"""

from shebao.engine import Count, YesNo, Yuan, choice, fact, rule, to_fen

offence = choice(
    "not_registered",
    "contributions_unpaid",
    "fund_defrauded",
    "benefit_defrauded",
    "wages_concealed",
    label="违法行为",
)
offence_amount = fact(Yuan, 0, 1_000_000_000, label="应缴、欠缴、骗取或者瞒报的金额")
ordered_and_not_corrected = fact(YesNo, label="责令限期改正（缴纳）后逾期不改", presumed=False)
refusal_persists = fact(YesNo, label="社会保险服务机构拒绝检查或者瞒报，责令改正后拒不改正", presumed=False)
obstructs_inspection = fact(YesNo, label="用人单位抗拒监察、隐瞒伪证、拒不改正或者打击报复", presumed=False)
unpaid_to_worker = fact(Yuan, 0, 1_000_000_000, label="责令支付的工资、最低工资差额或者经济补偿")
workers_overworked = fact(Count, 0, 1_000_000, label="违法延长工作时间受侵害的劳动者人数")


@rule(cite="社会保险法 八十四、八十六、八十七、八十八；劳动保障监察条例 二十七", label="应处罚款", since="2011-07")
def is_fined(offence, ordered_and_not_corrected) -> YesNo:
    """Fraud and concealed wages at once; the other two only after an order was not followed."""
    if offence == "not_registered" or offence == "contributions_unpaid":
        return ordered_and_not_corrected
    return True


@rule(cite="社会保险法 八十四、八十六、八十七、八十八；劳动保障监察条例 二十七", label="罚款最低额", since="2011-07")
def fine_low(is_fined, offence, offence_amount, fine_times_low) -> Yuan:
    """The least multiple of the amount."""
    return offence_amount * fine_times_low[offence] if is_fined else 0


@rule(cite="社会保险法 八十四、八十六、八十七、八十八；劳动保障监察条例 二十七", label="罚款最高额", since="2011-07")
def fine_high(is_fined, offence, offence_amount, fine_times_high) -> Yuan:
    """The largest multiple of the amount."""
    return offence_amount * fine_times_high[offence] if is_fined else 0


@rule(cite="社会保险法 八十四", label="直接责任人员罚款最低额", since="2011-07")
def person_fine_low(offence, is_fined, responsible_fine_low) -> Yuan:
    """The persons responsible in an employer that stays unregistered pay themselves."""
    return responsible_fine_low if offence == "not_registered" and is_fined else 0


@rule(cite="社会保险法 八十四", label="直接责任人员罚款最高额", since="2011-07")
def person_fine_high(offence, is_fined, responsible_fine_high) -> Yuan:
    """At most so much each."""
    return responsible_fine_high if offence == "not_registered" and is_fined else 0


@rule(cite="社会保险法 八十七、八十八", label="应退回的社会保险金", since="2011-07")
def to_be_returned(offence, offence_amount) -> Yuan:
    """What fraud took is paid back besides the fine."""
    return offence_amount if offence == "fund_defrauded" or offence == "benefit_defrauded" else 0


@rule(cite="社会保险法 六十三、八十六；社会保险经办条例 十", label="补缴本金与滞纳金合计", since="2011-07")
def settlement(arrears, late_fee) -> Yuan:
    """What an employer settles of its arrears, also before it may deregister; a fine comes on top."""
    return arrears + late_fee


@rule(cite="社会保险经办条例 五十七", label="服务机构拒绝检查罚款最低额", since="2023-12")
def refusal_fine_low(refusal_persists, institution_fine_low) -> Yuan:
    """Hospitals, pharmacies, trainers under agreement that go on refusing."""
    return institution_fine_low if refusal_persists else 0


@rule(cite="社会保险经办条例 五十七", label="服务机构拒绝检查罚款最高额", since="2023-12")
def refusal_fine_high(refusal_persists, institution_fine_high) -> Yuan:
    """At most so much."""
    return institution_fine_high if refusal_persists else 0


@rule(cite="劳动保障监察条例 三十", label="抗拒监察罚款最低额", since="2004-12")
def obstruction_fine_low(obstructs_inspection, obstruction_low) -> Yuan:
    """Obstruction, false evidence, refusing an order, revenge on who complained."""
    return obstruction_low if obstructs_inspection else 0


@rule(cite="劳动保障监察条例 三十", label="抗拒监察罚款最高额", since="2004-12")
def obstruction_fine_high(obstructs_inspection, obstruction_high) -> Yuan:
    """At most so much."""
    return obstruction_high if obstructs_inspection else 0


@rule(cite="劳动保障监察条例 二十六；劳动合同法 八十五", label="加付赔偿金最低额", since="2004-12")
def damages_low(unpaid_to_worker, ordered_and_not_corrected, damages_share_low) -> Yuan:
    """To the worker, when wages ordered to be paid are still not paid."""
    return to_fen(unpaid_to_worker * damages_share_low) if ordered_and_not_corrected else 0


@rule(cite="劳动保障监察条例 二十六；劳动合同法 八十五", label="加付赔偿金最高额", since="2004-12")
def damages_high(unpaid_to_worker, ordered_and_not_corrected, damages_share_high) -> Yuan:
    """As much again, at most."""
    return to_fen(unpaid_to_worker * damages_share_high) if ordered_and_not_corrected else 0


@rule(cite="劳动保障监察条例 二十五", label="违法延长工作时间罚款最低额", since="2004-12")
def overtime_fine_low(workers_overworked, overtime_fine_each_low) -> Yuan:
    """For each worker concerned."""
    return workers_overworked * overtime_fine_each_low


@rule(cite="劳动保障监察条例 二十五", label="违法延长工作时间罚款最高额", since="2004-12")
def overtime_fine_high(workers_overworked, overtime_fine_each_high) -> Yuan:
    """For each worker concerned, at most."""
    return workers_overworked * overtime_fine_each_high
