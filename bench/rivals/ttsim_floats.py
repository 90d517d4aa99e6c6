"""The award as a user of ttsim writes it: float64, amounts in yuan, rounding declared beside the rule."""

from ttsim.tt import ConsecutiveIntLookupTableParamValue, RoundingSpec, TTSIMUnit, policy_function

FEN = RoundingSpec(base=0.01, direction="nearest")
ONE = TTSIMUnit.DIMENSIONLESS


@policy_function(unit=ONE)
def base_year(region: int, retirement_month: int, latest_year: ConsecutiveIntLookupTableParamValue) -> int:
    year = retirement_month // 12
    latest = latest_year.look_up(region)
    return latest if year == latest + 1 else year


@policy_function(unit=ONE)
def base_wage(region: int, base_year: int, wages: ConsecutiveIntLookupTableParamValue) -> float:
    return wages.look_up(region, base_year)


@policy_function(unit=ONE, rounding_spec=FEN)
def indexed_wage(base_wage: float, average_index: float) -> float:
    return base_wage * average_index


@policy_function(unit=ONE, rounding_spec=RoundingSpec(base=0.01, direction="nearest"))
def years_in_hundredths(contribution_months: int) -> float:
    return contribution_months / 12


@policy_function(unit=ONE, rounding_spec=RoundingSpec(base=0.0001, direction="nearest"))
def years_in_ten_thousandths(contribution_months: int) -> float:
    return contribution_months / 12


@policy_function(unit=ONE)
def contribution_years(
    contribution_months: int,
    years_in_hundredths: float,
    years_in_ten_thousandths: float,
    region: int,
    digits: ConsecutiveIntLookupTableParamValue,
) -> float:
    kept = digits.look_up(region)
    return years_in_hundredths if kept == 2 else years_in_ten_thousandths if kept == 4 else contribution_months / 12


@policy_function(unit=ONE, rounding_spec=RoundingSpec(base=0.01, direction="nearest"))
def deemed_in_hundredths(deemed_months: int) -> float:
    return deemed_months / 12


@policy_function(unit=ONE, rounding_spec=RoundingSpec(base=0.0001, direction="nearest"))
def deemed_in_ten_thousandths(deemed_months: int) -> float:
    return deemed_months / 12


@policy_function(unit=ONE)
def transition_years(
    deemed_months: int,
    deemed_in_hundredths: float,
    deemed_in_ten_thousandths: float,
    region: int,
    digits: ConsecutiveIntLookupTableParamValue,
) -> float:
    kept = digits.look_up(region)
    return deemed_in_hundredths if kept == 2 else deemed_in_ten_thousandths if kept == 4 else deemed_months / 12


@policy_function(unit=ONE, rounding_spec=FEN)
def basic_pension(base_wage: float, indexed_wage: float, contribution_years: float) -> float:
    return (base_wage + indexed_wage) / 2 * contribution_years * 0.01


@policy_function(unit=ONE, rounding_spec=RoundingSpec(base=0.1, direction="nearest"))
def months_of_payment(
    region: int,
    retirement_month: int,
    birth_month: int,
    annuity: ConsecutiveIntLookupTableParamValue,
    interpolated: ConsecutiveIntLookupTableParamValue,
) -> float:
    age = (retirement_month - birth_month) // 12
    beyond = (retirement_month - birth_month) % 12
    whole = annuity.look_up(age)
    between = (whole * (12 - beyond) + annuity.look_up(age + 1) * beyond) / 12
    return whole * 1.0 if beyond == 0 or retirement_month < interpolated.look_up(region) else between


@policy_function(unit=ONE, rounding_spec=FEN)
def account_pension(account_balance: float, months_of_payment: float) -> float:
    return account_balance / months_of_payment


@policy_function(unit=ONE, rounding_spec=FEN)
def transitional_pension(
    indexed_wage: float, transition_years: float, region: int, rate: ConsecutiveIntLookupTableParamValue
) -> float:
    return indexed_wage * transition_years * rate.look_up(region)


@policy_function(unit=ONE)
def monthly_pension(basic_pension: float, account_pension: float, transitional_pension: float) -> float:
    return basic_pension + account_pension + transitional_pension


@policy_function(unit=ONE)
def age_tilt(birth_month: int, region: int, run_year: int, tilt: ConsecutiveIntLookupTableParamValue) -> float:
    age = run_year - 1 - birth_month // 12
    band = 3 if age >= 80 else 2 if age >= 75 else 1
    return tilt.look_up(region, band) if age >= 70 else 0.0


@policy_function(unit=ONE, rounding_spec=FEN)
def share_of_pension(monthly_pension: float, region: int, percent: ConsecutiveIntLookupTableParamValue) -> float:
    return monthly_pension * percent.look_up(region)


@policy_function(unit=ONE)
def adjustment(
    region: int,
    retirement_month: int,
    contribution_months: int,
    share_of_pension: float,
    age_tilt: float,
    hardship_area: bool,
    run_year: int,
    fixed: ConsecutiveIntLookupTableParamValue,
    per_year: ConsecutiveIntLookupTableParamValue,
    hardship: ConsecutiveIntLookupTableParamValue,
) -> float:
    linked = per_year.look_up(region) * ((contribution_months + 11) // 12) + share_of_pension
    extra = hardship.look_up(region) if hardship_area else 0.0
    return fixed.look_up(region) + linked + age_tilt + extra if retirement_month // 12 < run_year else 0.0


@policy_function(unit=ONE)
def adjusted_pension(monthly_pension: float, adjustment: float) -> float:
    return monthly_pension + adjustment
