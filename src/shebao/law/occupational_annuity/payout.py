"""How the annuity is drawn (国办发〔2015〕18号 九): the choice is made once and stands."""

from shebao.engine import Months, YesNo, Yuan, YuanPerMonth, choice, fact, rule, to_fen

payout_mode = choice("monthly", "insurance", label="职业年金领取方式")
months_drawn = fact(Months, 0, 600, label="已领取职业年金月数", presumed=0)


@rule(cite="国办发〔2015〕18号 九", label="按月职业年金", since="2014-10", dated_by="retirement_month")
def monthly_annuity(annuity_balance, months_of_payment) -> YuanPerMonth:
    """The balance over the months of payment of the basic pension."""
    return to_fen(annuity_balance / months_of_payment)


@rule(cite="国办发〔2015〕18号 九", label="每月领取的职业年金", since="2014-10", dated_by="retirement_month")
def annuity_paid(payout_mode, monthly_annuity, months_drawn, months_of_payment) -> YuanPerMonth:
    """Paid until the balance is used up; nothing here if it bought a commercial annuity, which the insurer pays."""
    return monthly_annuity if payout_mode == "monthly" and months_drawn < months_of_payment else 0


@rule(cite="国办发〔2015〕18号 九", label="可继承的职业年金余额", since="2014-10", dated_by="retirement_month")
def inheritable_balance(payout_mode, annuity_balance, monthly_annuity, months_drawn) -> Yuan:
    """What is not yet drawn; of a commercial annuity the contract decides."""
    return max(annuity_balance - monthly_annuity * months_drawn, 0) if payout_mode == "monthly" else 0


@rule(cite="国办发〔2015〕18号 九", label="职业年金余额可继承", since="2014-10", dated_by="retirement_month")
def may_inherit_balance(deceased, payout_mode) -> YesNo:
    """After death, of an annuity drawn month by month."""
    return deceased and payout_mode == "monthly"


@rule(cite="国办发〔2015〕18号 九", label="一次性支付的职业年金（出国（境）定居）", since="2014-10")
def lump_on_emigration(emigrated, annuity_balance) -> Yuan:
    """Who settles abroad may have the whole balance at once."""
    return annuity_balance if emigrated else 0


@rule(cite="国办发〔2015〕18号 九", label="可领取职业年金", since="2014-10", dated_by="retirement_month")
def may_claim_annuity(
    emigrated, retirement_month, earliest_flexible_retirement_month, may_retire_early_as_civil_servant
) -> YesNo:
    """On lawful retirement, early retirement included, or on settling abroad."""
    return emigrated or retirement_month >= earliest_flexible_retirement_month or may_retire_early_as_civil_servant
