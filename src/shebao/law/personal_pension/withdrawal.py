"""When the account may be drawn on. It is closed otherwise."""

from shebao.engine import Month, Months, YesNo, Yuan, YuanPerYear, fact, rule, to_fen

# Own, spouse's or minor child's; inside the catalogue, after insurance, in the twelve months before the application.
medical_burden = fact(YuanPerYear, 0, 10_000_000, label="申请前12个月医保目录内个人负担医药费", presumed=0)
unemployment_months_drawn = fact(Months, 0, 24, label="申请前2年内领取失业保险金月数", presumed=0)
on_dibao = fact(YesNo, label="正在领取城乡最低生活保障金", presumed=False)
withdrawal = fact(Yuan, 0, 100_000_000, label="本次领取金额（税前）")


@rule(cite="国办发〔2022〕7号 二（五）", label="领取基本养老金年龄到达年月", since="2022-11")
def pension_age_reached_in(insured_scheme, statutory_retirement_month, pension_age_month) -> Month:
    """The month of the statutory age of employees, of 60 for residents."""
    return pension_age_month if insured_scheme == "resident" else statutory_retirement_month


@rule(cite="国办发〔2022〕7号 二（五）", label="达到领取基本养老金年龄", since="2022-11")
def pension_age_reached(drawing_basic_pension, month, pension_age_reached_in) -> YesNo:
    """The age is reached, or a basic pension is drawn already, as after flexible early retirement."""
    return drawing_basic_pension or month >= pension_age_reached_in


@rule(cite="国办发〔2022〕7号 二（五）；人社部发〔2022〕70号", label="符合2022年起的领取条件", since="2022-11")
def basic_condition_met(pension_age_reached, incapacity_certified, emigrated, deceased) -> YesNo:
    """Age, total incapacity, emigration; after death the heirs."""
    return incapacity_certified or emigrated or deceased or pension_age_reached


@rule(cite="关于领取个人养老金有关问题的通知（2025）", label="医药费负担超过人均可支配收入", since="2025-09")
def medical_burden_too_heavy(month, region, medical_burden, disposable_income) -> YesNo:
    """More than the province's disposable income per head of the year before."""
    return medical_burden > disposable_income[region, month // 12 - 1] if medical_burden > 0 else False


@rule(cite="关于领取个人养老金有关问题的通知（2025）", label="领取失业保险金累计达到12个月", since="2025-09")
def long_unemployed(unemployment_months_drawn, unemployment_months_needed) -> YesNo:
    """Twelve months of unemployment benefit within the last two years."""
    return unemployment_months_drawn >= unemployment_months_needed


@rule(cite="国办发〔2022〕7号 二（五）", label="可领取个人养老金", since="2022-11", until="2025-08")
def may_withdraw(basic_condition_met) -> YesNo:
    """Age, incapacity, emigration or death."""
    return basic_condition_met


@rule(
    cite="国办发〔2022〕7号 二（五）；关于领取个人养老金有关问题的通知（2025）",
    label="可领取个人养老金",
    since="2025-09",
)
def may_withdraw(on_dibao, long_unemployed, medical_burden_too_heavy, basic_condition_met) -> YesNo:
    """Since September 2025 also in hardship: minimum living allowance, long unemployment, heavy medical cost."""
    return on_dibao or long_unemployed or medical_burden_too_heavy or basic_condition_met


@rule(cite="财政部 税务总局公告2022年第34号 一；公告2024年第21号 一", label="领取应纳税额", since="2022-11")
def withdrawal_tax(withdrawal, withdrawal_rate) -> Yuan:
    """3 % of the whole withdrawal, gains included, apart from other income."""
    return to_fen(withdrawal * withdrawal_rate)


@rule(cite="财政部 税务总局公告2024年第21号 一", label="税后领取额", since="2022-11")
def withdrawal_after_tax(withdrawal, withdrawal_tax) -> Yuan:
    """What reaches the social-security card."""
    return withdrawal - withdrawal_tax
