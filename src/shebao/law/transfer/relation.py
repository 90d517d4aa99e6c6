"""Where the relation is kept and which province pays the pension (国办发〔2009〕66号 五、六).

A record of ``stays`` is one province: the months paid there into the normal account (a temporary account does not
count), deemed months with the province they arose in, and the last month paid. The order does not matter.
"""

from shebao.engine import Days, Month, Months, Region, YesNo, accrual, fact, rule, total, ym

hukou_region = fact(Region, 11, 65, label="户籍所在地（省级）")
joining_month = fact(Month, ym(1978, 1), ym(2150, 12), label="在新参保地首次参保年月")
approved_transfer = fact(YesNo, label="经县级以上组织、人社部门批准调动", presumed=False)
application_month = fact(Month, ym(2010, 1), ym(2150, 12), label="申请转移年月")
stay_region = fact(Region, 11, 65, label="参保省份", over="stays")
stay_months = fact(Months, 0, 720, label="在该省一般账户缴费月数（含在该省形成的视同缴费）", over="stays")
stay_last_month = fact(Month, ym(1978, 1), ym(2150, 12), label="在该省最后缴费年月", over="stays")


@rule(cite="国办发〔2009〕66号 五", label="应建立临时基本养老保险缴费账户", since="2010-01", dated_by="joining_month")
def temporary_account(
    region, hukou_region, joining_month, birth_month, sex, temporary_account_age, approved_transfer
) -> YesNo:
    """Men from 50 and women from 40 who first join outside the province of their hukou, unless moved by an authority.

    The relation stays where it was; what the temporary account gathers goes there later, in full.
    """
    return (
        region != hukou_region
        and joining_month - birth_month >= temporary_account_age[sex] * 12
        and not approved_transfer
    )


@total(over="stays", high=2_000, cite="国办发〔2009〕66号 六", label="在基本养老保险关系所在地的缴费月数")
def months_in_region(stay_region, stay_months, region) -> Months:
    """Months in the province where the relation is now."""
    return stay_months if stay_region == region else 0


@rule(cite="国办发〔2009〕66号 六", label="在该省缴费满10年", since="2010-01")
def ten_years_stayed(stay_months, place_of_benefit_months) -> YesNo:
    """Whether one province's months are enough for it to be the place that pays."""
    return stay_months >= place_of_benefit_months


@accrual(over="stays", initial=0, high=ym(2150, 12), cite="国办发〔2009〕66号 六", label="缴费满10年省份的最后缴费年月")
def latest_ten_year_month(before, ten_years_stayed, stay_last_month) -> Month:
    """The last month paid in any province with ten years; 0 while there is none."""
    return max(before, stay_last_month) if ten_years_stayed else before


@accrual(over="stays", initial=0, high=65, cite="国办发〔2009〕66号 六", label="最近一个缴费满10年的省份")
def latest_ten_year_region(before, ten_years_stayed, stay_last_month, latest_ten_year_month, stay_region) -> Region:
    """The province of that month; 0 while there is none."""
    return stay_region if ten_years_stayed and stay_last_month >= latest_ten_year_month else before


@rule(cite="国办发〔2009〕66号 六", label="待遇领取地", since="2010-01")
def place_of_benefit(region, hukou_region, months_in_region, place_of_benefit_months, latest_ten_year_region) -> Region:
    """Where the relation is, if home or ten years were paid there; else the last place of ten years; else home."""
    if region == hukou_region or months_in_region >= place_of_benefit_months:
        return region
    return latest_ten_year_region if latest_ten_year_region > 0 else hukou_region


@rule(cite="国办发〔2009〕66号 八", label="转移接续办理时限（工作日）", since="2010-01", dated_by="application_month")
def transfer_days(transfer_days_per_step, transfer_steps) -> Days:
    """Working days from the application: the new place reviews, the old place hands over, the new place takes over."""
    return transfer_days_per_step * transfer_steps
