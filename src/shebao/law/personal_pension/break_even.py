"""Whether it pays: the tax saved now against 3 % of principal and gains later."""

from shebao.engine import Ratio, YesNo, Yuan, fact, half_up, rule, to_fen

# The gain over the whole time until withdrawal, on what is paid in: 0.8 is 80 %.
expected_gain = fact(Ratio, -1, 50, label="预计至领取时的累计收益率", presumed=0)


@rule(cite="财政部 税务总局公告2024年第21号 一", label="本年少缴个人所得税", since="2022-11")
def tax_saved(tax_before_personal_pension, annual_tax) -> Yuan:
    """The year's tax without the deduction less the year's tax with it."""
    return tax_before_personal_pension - annual_tax


@rule(cite="财政部 税务总局公告2024年第21号 一", label="预计领取时应纳税额", since="2022-11")
def expected_withdrawal_tax(paid_of_year, yearly_cap, expected_gain, withdrawal_rate) -> Yuan:
    """3 % of what the year's payment will have become."""
    return to_fen(min(paid_of_year, yearly_cap) * (1 + expected_gain) * withdrawal_rate)


@rule(cite="财政部 税务总局公告2024年第21号 一", label="缴费的净税收利益", since="2022-11")
def net_tax_gain(tax_saved, expected_withdrawal_tax) -> Yuan:
    """Tax saved now less tax paid later, both in yuan of their day; negative where the payment costs tax."""
    return tax_saved - expected_withdrawal_tax


@rule(cite="财政部 税务总局公告2024年第21号 一", label="税收上划算", since="2022-11")
def worth_it(net_tax_gain) -> YesNo:
    """The tax saved is more than the tax expected."""
    return net_tax_gain > 0


@rule(cite="财政部 税务总局公告2024年第21号 一；个人所得税法 附 税率表一", label="盈亏平衡累计收益率", since="2022-11")
def break_even_gain(marginal_rate, withdrawal_rate) -> Ratio:
    """The gain at which tax later equals tax saved now, for a payment deducted wholly in one bracket.

    At 3 % there is none to spare, at 10 % the money may grow by 233 % first; nobody without tax gains anything.
    """
    return half_up(max(marginal_rate / withdrawal_rate - 1, 0), 4)
