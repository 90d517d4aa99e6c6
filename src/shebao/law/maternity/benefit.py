"""The allowance that replaces the wage in maternity leave, and who pays it."""

from shebao.engine import Days, Months, YesNo, Yuan, YuanPerMonth, fact, rule, to_fen
from shebao.law.regions import ALL, TIANJIN

employer_average_wage = fact(YuanPerMonth, 0, 1_000_000, label="用人单位上年度职工月平均工资")
own_wage_before_leave = fact(YuanPerMonth, 0, 1_000_000, label="本人产假前月工资")
employer_insured_her = fact(YesNo, label="用人单位已为其缴纳生育保险费")
maternity_months_paid = fact(Months, 0, 720, label="生育保险连续缴费月数")
required_maternity_months = fact(Months, 0, 12, label="统筹地区要求的生育保险连续缴费月数")

OUTSIDE_TIANJIN = tuple(code for code in ALL if code != TIANJIN)


@rule(cite="社会保险法 五十六；省级人口与计划生育条例", label="享受生育津贴天数")
def allowance_days(statutory_leave_days, provincial_leave_days) -> Days:
    """The national leave and what the province adds."""
    return statutory_leave_days + provincial_leave_days


@rule(
    cite="社会保险法 五十六；女职工劳动保护特别规定 八",
    label="生育津贴",
    region=OUTSIDE_TIANJIN,
)
def maternity_allowance(employer_average_wage, allowance_days) -> Yuan:
    """The employer's average wage of the year before, by the day of a 30-day month."""
    return to_fen(employer_average_wage / 30 * allowance_days)


@rule(
    cite="社会保险法 五十六；天津市生育津贴计发口径",
    label="生育津贴",
    region=TIANJIN,
)
def maternity_allowance(employer_average_wage, allowance_days, days_of_tianjins_month) -> Yuan:
    """Tianjin divides the month's wage by 30.4 days."""
    return to_fen(employer_average_wage / days_of_tianjins_month * allowance_days)


@rule(cite="社会保险法 五十六；女职工劳动保护特别规定 七、八", label="流产的生育津贴")
def miscarriage_allowance(employer_average_wage, miscarriage_leave_days) -> Yuan:
    """The same for the days after a miscarriage."""
    return to_fen(employer_average_wage / 30 * miscarriage_leave_days)


@rule(cite="社会保险法 五十四；统筹地区规定", label="可享受生育津贴")
def may_claim_allowance(employer_insured_her, maternity_months_paid, required_maternity_months) -> YesNo:
    """The employer has paid for her, for as many months as the area asks (none by national law)."""
    return employer_insured_her and maternity_months_paid >= required_maternity_months


@rule(cite="社会保险法 五十四、五十六", label="生育保险应付生育津贴")
def allowance_from_fund(may_claim_allowance, maternity_allowance) -> Yuan:
    """What the fund pays; nothing where the employer has not insured her."""
    return maternity_allowance if may_claim_allowance else 0


@rule(cite="女职工劳动保护特别规定 五、八；妇女权益保障法 四十八", label="产假期间本人工资", since="2012-05")
def own_wage_in_leave(own_wage_before_leave, allowance_days) -> Yuan:
    """Her own wage for the same days, which maternity must not lower."""
    return to_fen(own_wage_before_leave / 30 * allowance_days)


@rule(cite="女职工劳动保护特别规定 五、八；妇女权益保障法 四十八", label="用人单位补足或支付额", since="2012-05")
def employer_top_up(own_wage_in_leave, allowance_from_fund) -> Yuan:
    """What her employer adds up to her own wage; all of it where it has not insured her."""
    return max(own_wage_in_leave - allowance_from_fund, 0)
