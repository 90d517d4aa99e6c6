"""Insurance for serious illness (大病保险): more of what the fund leaves, once the year's burden is high.

The nation sets limits – a threshold of half the local income per head at most, a ratio of 60 % at least, better terms
for the poor – and each area its own numbers within them.
"""

from shebao.engine import Ratio, YesNo, Yuan, YuanPerYear, fact, rule, to_fen
from shebao.law.regions import ALL, SHANDONG

disposable_income_last_year = fact(YuanPerYear, 1_000, 1_000_000, label="统筹地区上年度居民人均可支配收入")

WITHOUT_BANDS = tuple(code for code in ALL if code != SHANDONG)


@rule(cite="国办发〔2015〕57号；医保发〔2019〕30号", label="大病保险倾斜支付对象", since="2012-08")
def serious_illness_hardship(assistance_category) -> YesNo:
    """Destitute people, orphans, people on dibao and those monitored against falling back into poverty."""
    return (
        assistance_category == "destitute"
        or assistance_category == "orphan"
        or assistance_category == "dibao"
        or assistance_category == "poverty_monitored"
    )


@rule(cite="发改社会〔2012〕2605号；国办发〔2015〕57号；医保发〔2019〕30号", label="大病保险起付标准", since="2012-08")
def serious_illness_threshold(
    disposable_income_last_year, threshold_share, serious_illness_hardship, hardship_threshold_share
) -> Yuan:
    """The nation's limit, half the local income per head, halved again for the poor; the area's own may be given."""
    threshold = disposable_income_last_year * threshold_share
    return to_fen(threshold * hardship_threshold_share if serious_illness_hardship else threshold)


@rule(cite="发改社会〔2012〕2605号；医保发〔2019〕30号；国办发〔2021〕42号", label="大病保险支付比例", since="2012-08")
def serious_illness_ratio(serious_illness_hardship, lowest_serious_ratio, hardship_ratio_bonus) -> Ratio:
    """The nation's least, and five points more for the poor; the area's own may be given."""
    return lowest_serious_ratio + (hardship_ratio_bonus if serious_illness_hardship else 0)


@rule(cite="国办发〔2015〕57号；统筹地区规定", label="大病保险年度最高支付限额（激励前）", since="2012-08")
def ordinary_serious_cap(medical_area, published_serious_cap) -> Yuan:
    """The area's yearly cap."""
    return published_serious_cap[medical_area]


@rule(cite="国办发〔2015〕57号；统筹地区规定", label="大病保险年度最高支付限额", since="2012-08", until="2024-12")
def serious_illness_cap(ordinary_serious_cap) -> Yuan:
    """The area's."""
    return ordinary_serious_cap


@rule(cite="国办发〔2024〕38号 三", label="大病保险年度最高支付限额", since="2025-01")
def serious_illness_cap(ordinary_serious_cap, cap_bonus) -> Yuan:
    """The area's, and the bonus for staying insured."""
    return ordinary_serious_cap + cap_bonus


@rule(cite="医保发〔2019〕30号；国办发〔2021〕42号", label="大病保险不设封顶线", since="2012-08")
def serious_illness_uncapped(serious_illness_hardship, uncapped_for_hardship) -> YesNo:
    """Since 2019 nothing limits what the poor are paid."""
    return serious_illness_hardship and uncapped_for_hardship > 0


@rule(
    cite="国办发〔2015〕57号；统筹地区规定",
    label="按比例应支付的大病保险",
    since="2012-08",
    region=WITHOUT_BANDS,
)
def serious_illness_share(covered_burden, burden_before, serious_illness_threshold, serious_illness_ratio) -> Yuan:
    """The ratio of what this stay adds to the year's burden above the threshold."""
    above = max(burden_before + covered_burden - serious_illness_threshold, 0)
    return to_fen((above - max(burden_before - serious_illness_threshold, 0)) * serious_illness_ratio)


@rule(
    cite="山东省居民大病保险（2014年）",
    label="按比例应支付的大病保险",
    since="2014-01",
    until="2014-12",
    region=SHANDONG,
)
def serious_illness_share(covered_burden, burden_before, first_band_from, upper_band_from, ratio_of_band) -> Yuan:
    """Shandong in 2014: half of the year's burden from 10 000 to 100 000 yuan, six tenths above."""
    after = burden_before + covered_burden
    first = max(min(after, upper_band_from) - first_band_from, 0)
    first_before = max(min(burden_before, upper_band_from) - first_band_from, 0)
    upper = max(after - upper_band_from, 0) - max(burden_before - upper_band_from, 0)
    return to_fen((first - first_before) * ratio_of_band[1] + upper * ratio_of_band[2])


@rule(
    cite="国办发〔2015〕57号；统筹地区规定",
    label="按比例应支付的大病保险",
    since="2015-01",
    region=SHANDONG,
)
def serious_illness_share(covered_burden, burden_before, serious_illness_threshold, serious_illness_ratio) -> Yuan:
    """The ratio of what this stay adds to the year's burden above the threshold."""
    above = max(burden_before + covered_burden - serious_illness_threshold, 0)
    return to_fen((above - max(burden_before - serious_illness_threshold, 0)) * serious_illness_ratio)


@rule(cite="国办发〔2015〕57号；国办发〔2021〕42号", label="本次大病保险支付", since="2012-08")
def serious_illness_payment(
    serious_illness_share, serious_illness_uncapped, serious_illness_cap, serious_illness_paid_before
) -> Yuan:
    """That share, within what is left of the year's cap; the poor have none."""
    if serious_illness_uncapped:
        return serious_illness_share
    return min(serious_illness_share, max(serious_illness_cap - serious_illness_paid_before, 0))
