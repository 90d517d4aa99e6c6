"""Who may take part, how much may be paid in, and when it is deducted."""

from shebao.engine import YesNo, Yuan, choice, fact, rule

insured_scheme = choice("employee", "resident", "none", label="参加的基本养老保险")
in_pilot_city = fact(YesNo, label="在36个先行城市（地区）参加基本养老保险")
paid_of_year = fact(Yuan, 0, 1_000_000, label="本年已缴个人养老金", presumed=0)
deduction_timing = choice("monthly", "annual", label="个人养老金扣除时点")
month_payment = fact(Yuan, 0, 1_000_000, label="本月缴纳个人养老金")
paid_earlier_in_year = fact(Yuan, 0, 1_000_000, label="本年此前各月已缴个人养老金", presumed=0)


@rule(cite="国办发〔2022〕7号 二（一）；人社部发〔2024〕87号", label="可参加个人养老金", since="2022-11")
def may_take_part(insured_scheme, month, nationwide_from, in_pilot_city) -> YesNo:
    """Insured in either basic scheme; before December 2024 in a pilot city."""
    return insured_scheme != "none" and (month >= nationwide_from or in_pilot_city)


@rule(cite="国办发〔2022〕7号 二（三）", label="本年还可缴费额", since="2022-11")
def room_to_pay(paid_of_year, yearly_cap) -> Yuan:
    """The year's cap less what is paid; nothing is carried into another year."""
    return max(yearly_cap - paid_of_year, 0)


@rule(
    cite="财政部 税务总局公告2022年第34号 一；公告2024年第21号 一",
    label="个人养老金税前扣除额",
    since="2022-01",
)
def personal_pension_deduction(paid_of_year, yearly_cap, month, deductible_nationwide_from, in_pilot_city) -> Yuan:
    """What was paid in the year, up to the cap; before 2024 in the pilot cities only."""
    if paid_of_year == 0:
        return 0
    return min(paid_of_year, yearly_cap) if month >= deductible_nationwide_from or in_pilot_city else 0


@rule(cite="个人所得税法 六", label="个人养老金税前扣除额", since="2019-01", until="2021-12")
def personal_pension_deduction() -> Yuan:
    """There was none before 2022."""
    return 0


@rule(cite="财政部 税务总局公告2024年第21号 二", label="本月预扣时扣除的个人养老金", since="2022-11")
def deducted_in_withholding(deduction_timing, month_payment, paid_earlier_in_year, yearly_cap) -> Yuan:
    """Who shows the employer the month's voucher has it deducted at once, up to what is left of the cap."""
    return min(month_payment, max(yearly_cap - paid_earlier_in_year, 0)) if deduction_timing == "monthly" else 0


@rule(cite="财政部 税务总局公告2024年第21号 二", label="汇算清缴时扣除的个人养老金", since="2022-11")
def deducted_at_settlement(deduction_timing, personal_pension_deduction) -> Yuan:
    """Who did not deduct month by month deducts the year's whole amount at the annual settlement."""
    return personal_pension_deduction if deduction_timing == "annual" else 0
