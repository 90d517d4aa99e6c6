"""What is paid out of the individual account: monthly to retirees, at once to those short of the minimum and to heirs.

A retiree's account pension is drawn from the account while anything is left; then the pooled fund pays it, for life.
"""

from shebao.engine import YesNo, Yuan, YuanPerMonth, fact, rule

relation_ended_in_writing = fact(YesNo, label="书面申请终止职工养老保险关系", presumed=False)
account_paid_out = fact(Yuan, 0, 10_000_000, label="已从个人账户支付的养老金", presumed=0)
balance_left = fact(Yuan, 0, 10_000_000, label="个人账户余额")
pension_due = fact(YuanPerMonth, 0, 1_000_000, label="当月应发养老金")
account_pension_due = fact(YuanPerMonth, 0, 1_000_000, label="当月应发个人账户养老金")


@rule(cite="国发〔2005〕38号 六；劳办发〔1997〕116号", label="当月养老金由个人账户支付部分", dated_by="month")
def account_part_of_payment(account_pension_due, balance_left, pension_due) -> YuanPerMonth:
    """The account pension of the month, as far as the account still holds it; never more than the month pays."""
    return min(account_pension_due, balance_left, pension_due)


@rule(cite="社会保险法 十五；国发〔2005〕38号 六", label="当月养老金由统筹基金支付部分", dated_by="month")
def pooled_part_of_payment(pension_due, account_part_of_payment) -> YuanPerMonth:
    """Everything else: the basic part, and the account pension once the account is used up."""
    return pension_due - account_part_of_payment


@rule(cite="人社部令第13号 三", label="可一次性领取个人账户储存额", since="2011-07")
def may_claim_account_refund(
    retirement_month,
    statutory_retirement_month,
    contribution_months,
    minimum_contribution_months,
    relation_ended_in_writing,
) -> YesNo:
    """At the statutory age, short of the minimum contribution, and the person ends the relation in writing."""
    return (
        retirement_month >= statutory_retirement_month
        and contribution_months < minimum_contribution_months
        and relation_ended_in_writing
    )


@rule(cite="人社部令第13号 三", label="一次性支付个人账户储存额", since="2011-07")
def account_refund(may_claim_account_refund, account_balance) -> Yuan:
    """The whole balance; the pooled part is not refunded."""
    return account_balance if may_claim_account_refund else 0


@rule(cite="社会保险法 十四", label="个人账户余额继承额", since="2011-07", dated_by="death_month")
def inheritable_balance(account_balance, account_paid_out) -> Yuan:
    """What is left of the account at death goes to the heirs in full."""
    return max(account_balance - account_paid_out, 0)
