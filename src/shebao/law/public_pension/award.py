"""The award: for ten years the new method is held between the old one and a growing share of what it gives beyond."""

from shebao.engine import YesNo, YuanPerMonth, rule, to_fen


@rule(cite="人社部发〔2015〕28号", label="须与老办法比较", since="2014-10", until="2024-09")
def compared_with_old_method(deemed_months) -> YesNo:
    """Who was in service before October 2014 and retires in the ten years; later entrants have only the new method."""
    return deemed_months > 0


@rule(cite="人社部发〔2015〕28号", label="须与老办法比较", since="2024-10")
def compared_with_old_method() -> YesNo:
    """The ten years ended in September 2024."""
    return False


@rule(
    cite="国发〔2015〕2号 四；人社部发〔2015〕28号",
    label="月退休待遇合计（含职业年金）",
    since="2014-10",
    until="2024-09",
)
def total_award(new_method_total, compared_with_old_method, old_method_total, surplus_share) -> YuanPerMonth:
    """Never less than the old method (保低); of what the new gives beyond it the year's share (限高)."""
    if not compared_with_old_method:
        return new_method_total
    return to_fen(old_method_total + max(new_method_total - old_method_total, 0) * surplus_share)


@rule(cite="国发〔2015〕2号 四", label="月退休待遇合计（含职业年金）", since="2024-10")
def total_award(new_method_total) -> YuanPerMonth:
    """The new method alone."""
    return new_method_total


@rule(cite="国发〔2015〕2号 四；人社部发〔2015〕28号", label="月基本养老金", since="2014-10")
def monthly_pension(total_award, monthly_annuity) -> YuanPerMonth:
    """What the basic-pension fund pays: the whole less the occupational annuity."""
    return max(total_award - monthly_annuity, 0)


@rule(cite="人社部发〔2015〕28号", label="补差或限额（正为补足老办法，负为未发放的高出部分）", since="2014-10")
def transition_correction(total_award, new_method_total) -> YuanPerMonth:
    """What the comparison adds to the new method or holds back from it."""
    return total_award - new_method_total
