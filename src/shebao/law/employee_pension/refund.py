"""What is paid out of the individual account in one sum: to those short of the minimum, and to heirs."""

from shebao.engine import YesNo, Yuan, fact, rule

relation_ended_in_writing = fact(YesNo, label="书面申请终止职工养老保险关系", presumed=False)
account_paid_out = fact(Yuan, 0, 10_000_000, label="已从个人账户支付的养老金", presumed=0)


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
