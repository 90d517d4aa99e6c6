"""Who needs not contribute any more after retirement: the years that an area asks for."""

from shebao.engine import Months, YesNo, fact, rule

medical_months_paid = fact(Months, 0, 720, label="职工医保累计缴费月数（含视同缴费）")


@rule(cite="社会保险法 二十七；统筹地区规定", label="退休后免缴医保费所需缴费月数", since="2011-07")
def required_medical_months(region, sex, required_medical_years) -> Months:
    """The years that the place of insurance asks of men and women, in months."""
    return required_medical_years[region, sex] * 12


@rule(cite="社会保险法 二十七", label="距退休免缴年限相差月数", since="2011-07")
def medical_months_short(required_medical_months, medical_months_paid) -> Months:
    """What is missing at retirement and may be paid up to the required years."""
    return max(required_medical_months - medical_months_paid, 0)


@rule(cite="社会保险法 二十七", label="退休后不再缴费享受职工医保", since="2011-07")
def insured_for_life(medical_months_short, month, retirement_month) -> YesNo:
    """Retired, and nothing is missing."""
    return month >= retirement_month and medical_months_short == 0
