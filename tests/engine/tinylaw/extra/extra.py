from shebao.engine import (
    Choice,
    Count,
    Days,
    Month,
    Ratio,
    Years,
    YesNo,
    Yuan,
    YuanPerMonth,
    YuanPerYear,
    accrual,
    choice,
    fact,
    rule,
    to_fen,
    to_jiao,
    to_yuan,
    total,
    truncate,
    up_to_fen,
    up_to_yuan,
    ym,
)

children = fact(Count, 0, 20, label="子女数")
winter_days = fact(Days, 0, 366, label="取暖天数", presumed=120)

paid_month = fact(Month, ym(1990, 1), ym(2060, 12), label="缴费年月", over="payments")
base = fact(YuanPerMonth, 0, 100_000, label="基数", over="payments")
kind = choice("worker", "flexible", label="身份", over="payments")


@rule(cite="一", label="份额")
def share(months_paid, children) -> Ratio:
    """A quotient that other rules take on unrounded."""
    return months_paid / (children + 1)


@rule(cite="一", label="每份")
def per_share(balance, share) -> Yuan:
    return to_yuan(balance / (share + 1))


@rule(cite="二", label="半年")
def season(award_month) -> Choice:
    if award_month % 12 < 6:
        return "first_half"
    return "second_half"


@rule(cite="二", label="半年额")
def season_amount(season, season_amounts, award_month) -> YuanPerYear:
    if season == "second_half" and award_month >= ym(2015, 7):
        return season_amounts[season] * 1.5
    return season_amounts[season]


@rule(cite="三", label="档")
def band(index, local_years) -> Count:
    if 0.6 <= index < 1 < local_years:
        return 1
    elif not index < 2 or local_years == 0:
        return 2
    return 3


@rule(cite="四", label="取暖费", until="2019-12")
def heating(winter_days, heating_rate) -> Yuan:
    return up_to_yuan(winter_days * heating_rate)


@rule(cite="四之二", label="取暖费", since="2020-01", region=(11, 12))
def heating(winter_days, heating_rate, children) -> Yuan:
    return up_to_yuan(winter_days * heating_rate) + 10 * children


@rule(cite="五", label="应退")
def owed(debt, balance, share) -> Yuan:
    """Negative: what a person pays back."""
    back = -debt / 3
    extra = to_jiao(balance % 7) if share > 1 else 0
    return up_to_fen(back) + to_fen(min(extra, 5.5, share + 1 if share < 3 else 2))


@rule(cite="六", label="余年")
def years_left(local_years) -> Years:
    return max(truncate(50 - local_years, 1), 0.5)


@rule(cite="七", label="人均")
def even_share(balance, months_paid) -> Yuan:
    """The guard stands in another sum than the quotient."""
    part = balance / months_paid if months_paid > 0 else 0
    return to_fen(part + 1)


@accrual(over="payments", initial=0, high=10_000_000, cite="八", label="缴费", until="1997-12", dated_by="paid_month")
def contributed(before, base, early_rate) -> Yuan:
    return before + to_fen(base * early_rate)


@accrual(
    over="payments", initial=0, high=10_000_000, cite="八之二", label="缴费", since="1998-01", dated_by="paid_month"
)
def contributed(before, base, kind, late_rate) -> Yuan:
    return before + to_fen(base * late_rate[kind])


@rule(cite="九", label="足额")
def full(base, wage) -> YesNo:
    return base >= wage * 0.6


@total(over="payments", high=10_000, cite="九", label="足额月数")
def full_months(full) -> Count:
    return 1 if full else 0
