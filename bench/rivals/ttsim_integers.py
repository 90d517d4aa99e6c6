"""The award for ttsim in whole fen: what it takes to make ttsim exact. Shares are ten-thousandths, years 1/30000."""

from ttsim.tt import ConsecutiveIntLookupTableParamValue, TTSIMUnit, policy_function

ONE = TTSIMUnit.DIMENSIONLESS


@policy_function(unit=ONE)
def base_year(region: int, retirement_month: int, latest_year: ConsecutiveIntLookupTableParamValue) -> int:
    year = retirement_month // 12
    latest = latest_year.look_up(region)
    return latest if year == latest + 1 else year


@policy_function(unit=ONE)
def base_wage(region: int, base_year: int, wages: ConsecutiveIntLookupTableParamValue) -> int:
    return wages.look_up(region, base_year)


@policy_function(unit=ONE)
def indexed_wage(base_wage: int, average_index: int) -> int:
    return (base_wage * average_index + 5000) // 10_000


@policy_function(unit=ONE)
def contribution_years(contribution_months: int, region: int, digits: ConsecutiveIntLookupTableParamValue) -> int:
    kept = digits.look_up(region)
    hundredths = 300 * ((25 * contribution_months + 1) // 3)
    fine = 3 * ((2500 * contribution_months + 1) // 3)
    return hundredths if kept == 2 else fine if kept == 4 else 2500 * contribution_months


@policy_function(unit=ONE)
def transition_years(deemed_months: int, region: int, digits: ConsecutiveIntLookupTableParamValue) -> int:
    kept = digits.look_up(region)
    hundredths = 300 * ((25 * deemed_months + 1) // 3)
    fine = 3 * ((2500 * deemed_months + 1) // 3)
    return hundredths if kept == 2 else fine if kept == 4 else 2500 * deemed_months


@policy_function(unit=ONE)
def basic_pension(base_wage: int, indexed_wage: int, contribution_years: int) -> int:
    return ((base_wage + indexed_wage) * contribution_years + 3_000_000) // 6_000_000


@policy_function(unit=ONE)
def tenths_of_payment(
    region: int,
    retirement_month: int,
    birth_month: int,
    annuity: ConsecutiveIntLookupTableParamValue,
    interpolated: ConsecutiveIntLookupTableParamValue,
) -> int:
    age = (retirement_month - birth_month) // 12
    beyond = (retirement_month - birth_month) % 12
    whole = annuity.look_up(age)
    between = ((whole * (12 - beyond) + annuity.look_up(age + 1) * beyond) * 10 + 6) // 12
    return 10 * whole if beyond == 0 or retirement_month < interpolated.look_up(region) else between


@policy_function(unit=ONE)
def account_pension(account_balance: int, tenths_of_payment: int) -> int:
    return (20 * account_balance + tenths_of_payment) // (2 * tenths_of_payment)


@policy_function(unit=ONE)
def transitional_pension(
    indexed_wage: int, transition_years: int, region: int, rate: ConsecutiveIntLookupTableParamValue
) -> int:
    return (indexed_wage * transition_years * rate.look_up(region) + 150_000_000) // 300_000_000


@policy_function(unit=ONE)
def monthly_pension(basic_pension: int, account_pension: int, transitional_pension: int) -> int:
    return basic_pension + account_pension + transitional_pension


@policy_function(unit=ONE)
def age_tilt(birth_month: int, region: int, run_year: int, tilt: ConsecutiveIntLookupTableParamValue) -> int:
    age = run_year - 1 - birth_month // 12
    band = 3 if age >= 80 else 2 if age >= 75 else 1
    return tilt.look_up(region, band) if age >= 70 else 0


@policy_function(unit=ONE)
def adjustment(
    region: int,
    retirement_month: int,
    contribution_months: int,
    monthly_pension: int,
    age_tilt: int,
    hardship_area: bool,
    run_year: int,
    fixed: ConsecutiveIntLookupTableParamValue,
    per_year: ConsecutiveIntLookupTableParamValue,
    percent: ConsecutiveIntLookupTableParamValue,
    hardship: ConsecutiveIntLookupTableParamValue,
) -> int:
    share = (monthly_pension * percent.look_up(region) + 5000) // 10_000
    linked = per_year.look_up(region) * ((contribution_months + 11) // 12) + share
    extra = hardship.look_up(region) if hardship_area else 0
    return fixed.look_up(region) + linked + age_tilt + extra if retirement_month // 12 < run_year else 0


@policy_function(unit=ONE)
def adjusted_pension(monthly_pension: int, adjustment: int) -> int:
    return monthly_pension + adjustment
