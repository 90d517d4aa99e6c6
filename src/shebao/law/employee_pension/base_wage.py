"""The base of the award (计发基数): the province's or the city's, final or provisional, and its recalculation.

A base is published in the middle of the year or later. Until then awards are pre-issued on the year
before (预发) and settled afterwards (多退少补).
"""

from shebao.engine import Count, Month, Months, Year, YesNo, Yuan, YuanPerMonth, fact, rule
from shebao.law.regions import ALL, GUANGDONG, HENAN, HUBEI, JILIN, LIAONING

CITY_BASE = (LIAONING, HUBEI, GUANGDONG)
DUAL_BASE = (JILIN, HENAN)

provisional_pension = fact(YuanPerMonth, 0, 1_000_000, label="预发的月基本养老金")


@rule(cite="国发〔2005〕38号 六", label="计发基数所属年度")
def base_wage_year(retirement_month, region, latest_base_year) -> Year:
    """Year whose base the award uses: the year of retirement or, while that is unpublished, the year before.

    A sheet drawn up before publication states the year it used. No base is guessed further ahead.
    """
    year = retirement_month // 12
    latest = latest_base_year[region]
    return latest if year == latest + 1 else year


@rule(cite="国发〔2005〕38号 六", label="是否按退休当年计发基数核定")
def base_wage_published(base_wage_year, retirement_month) -> YesNo:
    """Whether the award is final; otherwise it is pre-issued on an earlier base and will be recalculated."""
    return base_wage_year == retirement_month // 12


@rule(cite="辽人社〔2025〕17号", label="适用计发基数的统筹区", region=LIAONING)
def base_wage_area(pooling_area) -> Count:
    """Shenyang and Dalian have their own base; elsewhere in Liaoning the province's applies (0)."""
    return pooling_area if pooling_area == 2101 or pooling_area == 2102 else 0


@rule(cite="吉林省企业职工基本养老保险计发办法", label="适用计发基数的统筹区", region=JILIN)
def base_wage_area(pooling_area) -> Count:
    """Changchun has its own base; elsewhere in Jilin the province's applies (0)."""
    return pooling_area if pooling_area == 2201 else 0


@rule(cite="粤人社发〔2025〕32号", label="适用计发基数的统筹区", region=GUANGDONG)
def base_wage_area(pooling_area) -> Count:
    """Shenzhen has its own base; elsewhere in Guangdong the province's applies (0)."""
    return pooling_area if pooling_area == 4403 else 0


@rule(cite="鄂政发〔2006〕42号；豫政〔2006〕29号", label="适用计发基数的统筹区", region=(HUBEI, HENAN))
def base_wage_area(pooling_area) -> Count:
    """Every city has its own base; the province's own tier (0) is that of its capital in Hubei."""
    return pooling_area


@rule(cite="国发〔2005〕38号 六", label="计发基数", region=[code for code in ALL if code not in CITY_BASE])
def base_wage(region, base_wage_year, published_base_wage) -> YuanPerMonth:
    """The province's base."""
    return published_base_wage[region, base_wage_year]


@rule(cite="国发〔2005〕38号 六；省内分档", label="计发基数", region=CITY_BASE)
def base_wage(region, base_wage_area, base_wage_year, published_base_wage, city_base_wage) -> YuanPerMonth:
    """The base of the city where it has one, else the province's."""
    if base_wage_area > 0:
        return city_base_wage[base_wage_area, base_wage_year]
    return published_base_wage[region, base_wage_year]


@rule(cite="豫政〔2006〕29号；吉林省计发办法", label="市级计发基数", region=DUAL_BASE)
def city_wage(base_wage, base_wage_area, base_wage_year, city_base_wage) -> YuanPerMonth:
    """The city's base, which Henan and Jilin use beside the province's."""
    return city_base_wage[base_wage_area, base_wage_year] if base_wage_area > 0 else base_wage


# -- recalculation once the base is published -----------------------------------------------------


@rule(cite="社会保险法 十六", label="基本养老金起发月")
def first_payment_month(retirement_month) -> Month:
    """A pension is paid from the month after retirement."""
    return retirement_month + 1


@rule(cite="国发〔2005〕38号 六", label="重算后的月基本养老金")
def recalculated_pension(monthly_pension, base_wage_published, provisional_pension) -> YuanPerMonth:
    """The award on the published base; the provisional one until there is a published base."""
    return monthly_pension if base_wage_published else provisional_pension


@rule(cite="国发〔2005〕38号 六", label="重算每月差额（正为补发，负为退回）")
def recalculation_difference(recalculated_pension, provisional_pension) -> YuanPerMonth:
    """What each month already paid was short of the award; negative if it was too much."""
    return recalculated_pension - provisional_pension


@rule(cite="国发〔2005〕38号 六", label="已预发月数", dated_by="month")
def provisional_months(month, first_payment_month) -> Months:
    """Months paid provisionally before the month of the recalculation."""
    return max(month - first_payment_month, 0)


@rule(cite="国发〔2005〕38号 六", label="重算一次性结算额", dated_by="month")
def recalculation_arrears(recalculation_difference, provisional_months) -> Yuan:
    """Paid out (or, if negative, taken back) once for all months already paid."""
    return recalculation_difference * provisional_months
