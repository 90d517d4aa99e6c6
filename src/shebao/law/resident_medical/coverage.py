"""From which month a resident is covered: the collection period, the waiting period, newborns."""

from shebao.engine import Count, Days, Month, Months, Year, YesNo, fact, rule, ym

enrolment_month = fact(Month, ym(2016, 1), ym(2150, 12), label="参保缴费年月")
insured_year = fact(Year, 2016, 2150, label="参保年度")
enrolled_in_window = fact(YesNo, label="在集中参保期内缴费")
missed_years = fact(Count, 0, 100, label="断保年数")
years_made_up = fact(Count, 0, 100, label="补缴年数（修复变动等待期）", presumed=0)
exempt_from_waiting = fact(YesNo, label="不设等待期的人员（新生儿等特殊群体）", presumed=False)
days_from_birth = fact(Days, 0, 36_500, label="出生至参保缴费的天数")


@rule(cite="国办发〔2024〕38号 三", label="固定待遇等待期", since="2025-01")
def fixed_waiting_months(enrolled_in_window, missed_years, exempt_from_waiting, waiting_months_fixed) -> Months:
    """Three months for who joins outside the collection period or was not insured without a break."""
    if exempt_from_waiting or (enrolled_in_window and missed_years == 0):
        return 0
    return waiting_months_fixed


@rule(cite="国办发〔2024〕38号 三", label="变动待遇等待期", since="2025-01")
def variable_waiting_months(
    missed_years, years_made_up, exempt_from_waiting, missed_years_not_counted, waiting_months_per_year
) -> Months:
    """A month more for each further year missed; each year paid up takes one away."""
    if exempt_from_waiting:
        return 0
    counted = max(missed_years - missed_years_not_counted, 0)
    return max(counted * waiting_months_per_year - years_made_up, 0)


@rule(cite="国办发〔2024〕38号 三", label="待遇等待期", since="2025-01")
def waiting_months(
    fixed_waiting_months,
    variable_waiting_months,
    missed_years,
    exempt_from_waiting,
    long_break_years,
    long_break_least_months,
) -> Months:
    """Both together; after a break of four years or more at least six months, whatever was paid up."""
    both = fixed_waiting_months + variable_waiting_months
    if exempt_from_waiting or missed_years < long_break_years:
        return both
    return max(both, long_break_least_months)


@rule(cite="国办发〔2024〕38号 三", label="待遇开始年月", since="2025-01")
def cover_begins(enrolment_month, insured_year, enrolled_in_window, waiting_months) -> Month:
    """Paid in the collection period, even if it runs into the year: January; else after the waiting period."""
    january = insured_year * 12
    in_time = enrolled_in_window and waiting_months == 0
    return january if in_time else max(january, enrolment_month + waiting_months)


@rule(cite="国办发〔2024〕38号 三；各地居民医保办法", label="新生儿自出生之日起享受待遇")
def newborn_covered_from_birth(days_from_birth, newborn_days) -> YesNo:
    """Enrolled within ninety days of birth."""
    return days_from_birth <= newborn_days
