"""When and how the annuity is drawn (企业年金办法 二十四). Until then nothing can be taken out."""

from shebao.engine import Age, Count, Months, YesNo, Yuan, choice, fact, rule, to_fen

drawing_basic_pension = fact(YesNo, label="已领取基本养老金", presumed=False)
incapacity_certified = fact(YesNo, label="经认定完全丧失劳动能力", presumed=False)
emigrated = fact(YesNo, label="出国（境）定居", presumed=False)
deceased = fact(YesNo, label="已死亡（由继承人申领）", presumed=False)
payout_mode = choice("monthly", "instalments", "lump_sum", "insurance", label="企业年金领取方式")
payout_months = fact(Months, 1, 600, label="按月领取月数")
payout_instalments = fact(Count, 1, 100, label="分次领取次数")
age_at_first_payout = fact(Age, 40, 70, label="开始领取时的年龄")
insurance_premium = fact(Yuan, 0, 100_000_000, label="用于购买商业养老保险的金额")


@rule(cite="企业年金办法 二十四", label="可领取企业年金", since="2018-02")
def may_claim_annuity(
    incapacity_certified, emigrated, deceased, drawing_basic_pension, month, statutory_retirement_month
) -> YesNo:
    """Age or actual retirement, total incapacity, emigration; after death the heirs."""
    return incapacity_certified or emigrated or deceased or drawing_basic_pension or month >= statutory_retirement_month


@rule(cite="企业年金办法 二十四", label="每次领取额", since="2018-02")
def payout_amount(annuity_balance, payout_mode, payout_months, payout_instalments, insurance_premium) -> Yuan:
    """One payment before tax; of what buys insurance, the rest is paid at once."""
    if payout_mode == "monthly":
        return to_fen(annuity_balance / payout_months)
    if payout_mode == "instalments":
        return to_fen(annuity_balance / payout_instalments)
    if payout_mode == "insurance":
        return max(annuity_balance - insurance_premium, 0)
    return annuity_balance


@rule(cite="国发〔2005〕38号 附件", label="按计发月数测算的每月领取额", since="2018-02")
def payout_by_table(annuity_balance, annuity_months, age_at_first_payout) -> Yuan:
    """For comparison: the balance over the months of the basic pension's table; the law leaves the months open."""
    return to_fen(annuity_balance / annuity_months[age_at_first_payout])
