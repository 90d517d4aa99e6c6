"""The account: cash, and the products bought with it, valued record by record to the fen.

A record of ``account_records`` is one product over one period: what the product returned since its last record on
the value held then, and what was paid in, bought and sold at the period's end. A product cannot be sold beyond its
value, nor bought beyond the cash: such a record is refused.
"""

from shebao.engine import Ratio, YesNo, Yuan, accrual, choice, fact, rule, to_fen, total

PRODUCTS = ("deposit", "wealth_management", "insurance", "fund", "treasury_bond")

new_product = choice(*PRODUCTS, label="拟购买的产品类型")
product = choice(*PRODUCTS, label="产品类型", over="account_records")
# −1 is a total loss. A deposit's or bond's interest, an insurance policy's credited rate, a fund's change in value.
period_return = fact(Ratio, -1, 10, label="该产品自上一记录以来的收益率", over="account_records")
paid_in = fact(Yuan, 0, 1_000_000, label="缴入资金账户", over="account_records")
bought = fact(Yuan, 0, 10_000_000, label="购买金额", over="account_records")
sold = fact(Yuan, 0, 10_000_000, label="赎回或到期金额", over="account_records")
withdrawn = fact(Yuan, 0, 10_000_000, label="领取金额（税前）", over="account_records")


@rule(cite="国办发〔2022〕7号 二（四）；人社部发〔2024〕87号", label="该类产品可购买")
def product_may_be_bought(month, new_product, product_from) -> YesNo:
    """The kind of product is in the catalogue."""
    return month >= product_from[new_product]


@accrual(
    over="account_records", initial=0, high=1_000_000_000, cite="国办发〔2022〕7号 二（四）", label="资金账户现金余额"
)
def cash(before, paid_in, bought, sold, withdrawn) -> Yuan:
    """Money not invested."""
    return before + paid_in - bought + sold - withdrawn


@accrual(over="account_records", initial=0, high=1_000_000_000, cite="国办发〔2022〕7号 二（四）", label="储蓄存款价值")
def deposit_value(before, product, period_return, bought, sold) -> Yuan:
    """Savings deposits with their interest."""
    return to_fen(before * (1 + period_return)) + bought - sold if product == "deposit" else before


@accrual(over="account_records", initial=0, high=1_000_000_000, cite="国办发〔2022〕7号 二（四）", label="理财产品价值")
def wealth_management_value(before, product, period_return, bought, sold) -> Yuan:
    """Wealth-management products at their net value."""
    return to_fen(before * (1 + period_return)) + bought - sold if product == "wealth_management" else before


@accrual(
    over="account_records", initial=0, high=1_000_000_000, cite="国办发〔2022〕7号 二（四）", label="商业养老保险价值"
)
def insurance_value(before, product, period_return, bought, sold) -> Yuan:
    """Insurance policies at the value credited to them."""
    return to_fen(before * (1 + period_return)) + bought - sold if product == "insurance" else before


@accrual(over="account_records", initial=0, high=1_000_000_000, cite="国办发〔2022〕7号 二（四）", label="公募基金价值")
def fund_value(before, product, period_return, bought, sold) -> Yuan:
    """Funds at their net value."""
    return to_fen(before * (1 + period_return)) + bought - sold if product == "fund" else before


@accrual(over="account_records", initial=0, high=1_000_000_000, cite="人社部发〔2024〕87号", label="国债价值")
def treasury_bond_value(before, product, period_return, bought, sold) -> Yuan:
    """Treasury bonds with their interest."""
    return to_fen(before * (1 + period_return)) + bought - sold if product == "treasury_bond" else before


@total(over="account_records", high=1_000_000_000, cite="国办发〔2022〕7号 二（三）", label="累计缴费")
def paid_in_total(paid_in) -> Yuan:
    """Everything ever paid in."""
    return paid_in


@total(over="account_records", high=1_000_000_000, cite="国办发〔2022〕7号 二（五）", label="累计领取（税前）")
def withdrawn_total(withdrawn) -> Yuan:
    """Everything ever drawn, before tax."""
    return withdrawn


@rule(cite="国办发〔2022〕7号 二（四）", label="个人养老金资产总额", since="2022-11")
def account_value(
    cash, deposit_value, wealth_management_value, insurance_value, fund_value, treasury_bond_value
) -> Yuan:
    """Cash and products together; it is the person's own, and heirs inherit it."""
    return cash + deposit_value + wealth_management_value + insurance_value + fund_value + treasury_bond_value


@rule(cite="财政部 税务总局公告2024年第21号 一", label="个人养老金累计收益", since="2022-11")
def account_gain(account_value, withdrawn_total, paid_in_total) -> Yuan:
    """What the products earned so far, or lost if negative; not taxed while it stays in the account."""
    return account_value + withdrawn_total - paid_in_total
