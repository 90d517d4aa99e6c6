"""How the account is drawn: month by month, in instalments, or at once (人社部发〔2022〕70号)."""

from shebao.engine import Count, Months, Yuan, YuanPerMonth, choice, fact, round_up, rule, to_fen

payout_mode = choice(
    "monthly_by_table", "monthly_by_choice", "monthly_fixed", "instalments", "lump_sum", label="个人养老金领取方式"
)
chosen_months = fact(Months, 1, 600, label="自选领取月数")
fixed_monthly_amount = fact(YuanPerMonth, 1, 1_000_000, label="自定每月领取额")
chosen_instalments = fact(Count, 1, 100, label="分次领取次数")


@rule(cite="人社部发〔2022〕70号", label="每次领取额", since="2022-11")
def payout_amount(
    account_value,
    payout_mode,
    annuity_months,
    age_at_first_payout,
    chosen_months,
    fixed_monthly_amount,
    chosen_instalments,
) -> Yuan:
    """One payment before tax: over the table's or the chosen months, the fixed amount, an instalment, or all."""
    if payout_mode == "monthly_by_table":
        return to_fen(account_value / annuity_months[age_at_first_payout])
    if payout_mode == "monthly_by_choice":
        return to_fen(account_value / chosen_months)
    if payout_mode == "monthly_fixed":
        return min(fixed_monthly_amount, account_value)
    if payout_mode == "instalments":
        return to_fen(account_value / chosen_instalments)
    return account_value


@rule(cite="人社部发〔2022〕70号", label="领取次数", since="2022-11")
def payout_count(
    account_value,
    payout_mode,
    annuity_months,
    age_at_first_payout,
    chosen_months,
    fixed_monthly_amount,
    chosen_instalments,
) -> Count:
    """How many payments until the account is empty, were it to earn nothing more."""
    if payout_mode == "monthly_by_table":
        return annuity_months[age_at_first_payout]
    if payout_mode == "monthly_by_choice":
        return chosen_months
    if payout_mode == "monthly_fixed":
        return round_up(account_value / fixed_monthly_amount, 0)
    return chosen_instalments if payout_mode == "instalments" else 1


@rule(cite="财政部 税务总局公告2024年第21号 一", label="每次领取应纳税额", since="2022-11")
def payout_tax(payout_amount, withdrawal_rate) -> Yuan:
    """3 % of each payment, whatever the mode."""
    return to_fen(payout_amount * withdrawal_rate)


@rule(cite="财政部 税务总局公告2024年第21号 一", label="每次领取税后额", since="2022-11")
def payout_after_tax(payout_amount, payout_tax) -> Yuan:
    """One payment after tax."""
    return payout_amount - payout_tax
