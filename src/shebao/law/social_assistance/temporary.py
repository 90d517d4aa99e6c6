"""Temporary assistance (临时救助): once, for a household in sudden need; the county sets how much."""

from shebao.engine import Count, Months, YesNo, Yuan, choice, fact, rule, to_fen

# 无、意外事件、突发重大疾病、必需支出突增、其他特殊困难
sudden_need = choice(
    "none",
    "accident",
    "illness",
    "necessary_spending",
    "other",
    label="临时困难情形",
)
living_seriously_hard = fact(YesNo, label="基本生活暂时出现严重困难")
on_dibao = fact(YesNo, label="最低生活保障家庭成员", presumed=False)
persons_in_need = fact(Count, 1, 50, label="受助人数")
months_granted = fact(Months, 0, 12, label="县级核定的临时救助月数")


@rule(cite="社会救助暂行办法 四十七", label="符合临时救助条件", since="2014-05")
def may_claim_temporary_assistance(sudden_need, living_seriously_hard, on_dibao) -> YesNo:
    """Sudden need that makes living seriously hard; a jump in necessary spending only for households on dibao."""
    if sudden_need == "none" or not living_seriously_hard:
        return False
    return on_dibao if sudden_need == "necessary_spending" else True


@rule(cite="社会救助暂行办法 四十九；国发〔2014〕47号；县级规定", label="一次性临时救助金", since="2014-10")
def temporary_assistance(may_claim_temporary_assistance, dibao_standard, persons_in_need, months_granted) -> Yuan:
    """As most places reckon it: the dibao standard for each person in need and each month that the county grants."""
    return to_fen(dibao_standard * persons_in_need * months_granted) if may_claim_temporary_assistance else 0
