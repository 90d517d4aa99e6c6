"""Between the employee's and the resident's pension, at the statutory age (人社部发〔2014〕17号, from July 2014)."""

from shebao.engine import Months, YesNo, Yuan, YuanPerMonth, fact, rule, to_fen, total

credited_to_resident_account = fact(Yuan, 0, 400_000, label="历年记入居民个人账户的缴费和补贴合计")
government_subsidy_credited = fact(Yuan, 0, 400_000, label="其中历年政府补贴")
resident_basic_pension_paid = fact(YuanPerMonth, 0, 10_000, label="当月已领居民基础养老金", over="resident_payments")
employee_pension_paid = fact(YesNo, label="当月同时领取职工基本养老金", over="resident_payments")


@rule(cite="人社部发〔2014〕17号 三", label="可办理城乡养老保险衔接", since="2014-07")
def may_convert(month, statutory_retirement_month) -> YesNo:
    """The schemes are joined when the statutory age of the employee's scheme is reached."""
    return month >= statutory_retirement_month


@rule(cite="人社部发〔2014〕17号 三；社会保险法 十六", label="按职工养老保险计发待遇", since="2014-07")
def employee_scheme_pays(contribution_months, minimum_contribution_months) -> YesNo:
    """With the minimum contribution the employee's scheme pays; short of it the resident's.

    The measure says fifteen years; that the minimum rising from 2030 takes their place is a reading.
    """
    return contribution_months >= minimum_contribution_months


@rule(cite="人社部发〔2014〕17号 五", label="并入职工个人账户的居民个人账户储存额", since="2014-07")
def balance_joining_employee_account(employee_scheme_pays, resident_account_balance) -> Yuan:
    """The whole of the resident's account joins the employee's."""
    return resident_account_balance if employee_scheme_pays else 0


@rule(cite="人社部发〔2014〕17号 六", label="并入居民个人账户的职工个人账户储存额", since="2014-07")
def balance_joining_resident_account(employee_scheme_pays, account_balance) -> Yuan:
    """The whole of the employee's account joins the resident's; the pooled part stays."""
    return 0 if employee_scheme_pays else account_balance


@rule(cite="人社部发〔2014〕17号 五、六、七", label="衔接后的缴费月数", since="2014-07")
def months_counted(employee_scheme_pays, contribution_months, resident_contribution_years, overlap_months) -> Months:
    """The employee's months alone; or, in the resident's scheme, both, months paid twice counted once.

    Resident years never become employee's years.
    """
    if employee_scheme_pays:
        return contribution_months
    return contribution_months + max(resident_contribution_years // 1 * 12 - overlap_months, 0)


@total(
    over="resident_payments", high=10_000_000, cite="人社部发〔2014〕17号 八", label="重复领取应退还的居民基础养老金"
)
def double_benefit_to_repay(resident_basic_pension_paid, employee_pension_paid) -> Yuan:
    """The resident's basic pension of the months in which the employee's was drawn too."""
    return resident_basic_pension_paid if employee_pension_paid else 0


@rule(cite="人社部发〔2014〕17号 八", label="居民个人账户余额中的政府补贴", since="2014-07")
def government_subsidy_in_account(
    resident_account_balance, government_subsidy_credited, credited_to_resident_account
) -> Yuan:
    """The subsidy's share of all that was ever credited.

    The measure does not say how much of what is left is the subsidy; that interest and the pension fall on all parts
    alike is a reading.
    """
    credited = max(credited_to_resident_account, 0.01)  # where nothing was, there is no subsidy either
    return min(to_fen(resident_account_balance * government_subsidy_credited / credited), resident_account_balance)


@rule(cite="人社部发〔2014〕17号 八", label="终止居民关系应退还本人的个人账户余额", since="2014-07")
def resident_account_returned(resident_account_balance, government_subsidy_in_account) -> Yuan:
    """The resident's relation ends; what is left of the account, without the government's subsidy, is the person's."""
    return max(resident_account_balance - government_subsidy_in_account, 0)


@rule(cite="人社部发〔2014〕17号 八", label="从居民个人账户余额抵扣额", since="2014-07")
def double_benefit_set_off(double_benefit_to_repay, resident_account_returned) -> Yuan:
    """What is not paid back is taken from that balance first …"""
    return min(double_benefit_to_repay, resident_account_returned)


@rule(cite="人社部发〔2014〕17号 八", label="从职工基本养老金抵扣额", since="2014-07")
def double_benefit_from_pension(double_benefit_to_repay, double_benefit_set_off) -> Yuan:
    """… and the rest from the employee's pension."""
    return double_benefit_to_repay - double_benefit_set_off
