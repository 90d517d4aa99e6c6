"""The individual account before and after the reform of 2021.

Until an area reforms, the fund credits part of the employer's contribution by age. Afterwards an employee's account
holds the own 2 % alone, and a retiree's a fixed sum of about 2 % of the area's average pension in the year of reform.
"""

from shebao.engine import Age, Count, Month, YesNo, YuanPerMonth, fact, rule, to_fen, ym
from shebao.law.regions import ALL, BEIJING

medical_retiree = fact(YesNo, label="已享受退休人员医保待遇", presumed=False)
account_reform_month = fact(Month, ym(2021, 4), ym(2024, 12), label="统筹地区职工医保个人账户改革实施年月")
average_pension_in_reform_year = fact(YuanPerMonth, 0, 100_000, label="改革当年统筹地区月基本养老金平均水平")

OUTSIDE_BEIJING = tuple(code for code in ALL if code != BEIJING)


@rule(cite="国办发〔2021〕14号 四、十四", label="个人账户已改革", until="2021-03")
def account_reformed() -> YesNo:
    """No area had reformed before the State Council's notice of April 2021."""
    return False


@rule(cite="国办发〔2021〕14号 四、十四", label="个人账户已改革", since="2021-04", until="2024-12")
def account_reformed(month, account_reform_month) -> YesNo:
    """Each area chose its month within about three years."""
    return month >= account_reform_month


@rule(cite="国办发〔2021〕14号 四、十四", label="个人账户已改革", since="2025-01")
def account_reformed() -> YesNo:
    """The transition is over everywhere."""
    return True


@rule(cite="国发〔1998〕44号 三", label="计算月的周岁年龄")
def age_in_month(month, birth_month) -> Age:
    """Whole years of age, counted by months."""
    return max((month - birth_month) // 12, 0)


@rule(cite="国发〔1998〕44号 三；统筹地区规定", label="改革前划入个人账户的年龄档（起点年龄）")
def account_age_band(age_in_month, medical_retiree) -> Count:
    """The lowest age of the band: employees from 0, 35 and 45, retirees from 60 (all below 70) and 70."""
    if medical_retiree:
        return 70 if age_in_month >= 70 else 60
    return 45 if age_in_month >= 45 else 35 if age_in_month >= 35 else 0


@rule(cite="国发〔1998〕44号 三；统筹地区规定", label="改革前由单位缴费划入个人账户部分")
def credit_from_employer(contribution_base, account_age_band, region, employer_share_to_account) -> YuanPerMonth:
    """What the fund adds to an employee's own 2 %: a share of the base that rises with age, set by the area."""
    return to_fen(contribution_base * employer_share_to_account[region, account_age_band])


@rule(cite="国发〔1998〕44号 三；统筹地区规定", label="改革前退休人员个人账户划入额")
def retiree_credit_before_reform(account_age_band, region, fixed_retiree_credit) -> YuanPerMonth:
    """What the area credited a retiree each month out of the employers' contributions."""
    return fixed_retiree_credit[region, account_age_band]


@rule(cite="国办发〔2021〕14号 四", label="改革后退休人员个人账户定额", since="2021-04", region=OUTSIDE_BEIJING)
def retiree_credit_after_reform(average_pension_in_reform_year, retiree_credit_share) -> YuanPerMonth:
    """About 2 % of the area's average pension in the year of reform, a sum that stays; the area's own may be given."""
    return to_fen(average_pension_in_reform_year * retiree_credit_share)


@rule(
    cite="国办发〔2021〕14号 四；北京市职工医保个人账户划入标准",
    label="改革后退休人员个人账户定额",
    since="2021-04",
    region=BEIJING,
)
def retiree_credit_after_reform(account_age_band, region, fixed_retiree_credit) -> YuanPerMonth:
    """Beijing kept its fixed sums."""
    return fixed_retiree_credit[region, account_age_band]


@rule(cite="国发〔1998〕44号 三；国办发〔2021〕14号 四", label="每月划入个人账户额", until="2021-03")
def account_credit(
    medical_retiree, employee_contribution, credit_from_employer, retiree_credit_before_reform
) -> YuanPerMonth:
    """Retirees the area's sum; employees the own contribution and the part of the employer's."""
    return retiree_credit_before_reform if medical_retiree else employee_contribution + credit_from_employer


@rule(cite="国发〔1998〕44号 三；国办发〔2021〕14号 四", label="每月划入个人账户额", since="2021-04")
def account_credit(
    medical_retiree,
    account_reformed,
    employee_contribution,
    credit_from_employer,
    retiree_credit_before_reform,
    retiree_credit_after_reform,
) -> YuanPerMonth:
    """After the area's reform employees get the own contribution alone, retirees the fixed sum."""
    if medical_retiree:
        return retiree_credit_after_reform if account_reformed else retiree_credit_before_reform
    return employee_contribution if account_reformed else employee_contribution + credit_from_employer


@rule(cite="国发〔1998〕44号 三；国办发〔2021〕14号 四", label="每月进入统筹基金额（在职）")
def pooled_contribution(employee_contribution, employer_contribution, account_credit) -> YuanPerMonth:
    """What an employee's month leaves the pooled fund: everything paid less what the account is credited."""
    return max(employee_contribution + employer_contribution - account_credit, 0)
