"""Local additions to the award (地方加发), which some provinces pay with every pension or to some people."""

from shebao.engine import Months, YesNo, YuanPerMonth, fact, rule, to_fen
from shebao.law.regions import (
    ALL,
    CHONGQING,
    GUANGDONG,
    GUIZHOU,
    JILIN,
    NINGXIA,
    QINGHAI,
    SICHUAN,
    TIBET,
    XINJIANG,
    YUNNAN,
    ZHEJIANG,
)

WITH_SUPPLEMENT = (
    JILIN,
    ZHEJIANG,
    GUANGDONG,
    CHONGQING,
    SICHUAN,
    GUIZHOU,
    YUNNAN,
    TIBET,
    QINGHAI,
    NINGXIA,
    XINJIANG,
)

one_child = fact(YesNo, label="独生子女父母", presumed=False)
plateau_months = fact(Months, 0, 720, label="在藏工作月数（西藏）")


@rule(
    cite="国发〔2005〕38号 六",
    label="地方加发",
    since="2006-01",
    region=[code for code in ALL if code not in WITH_SUPPLEMENT],
)
def local_supplement() -> YuanPerMonth:
    """No local addition is known."""
    return 0


@rule(cite="粤劳电〔2009〕32号；粤人社〔2014〕8号", label="地方加发", since="2006-01", region=GUANGDONG)
def local_supplement(
    region, base_wage_area, contribution_months, fixed_supplement, supplement_per_year
) -> YuanPerMonth:
    """Guangdong: a fixed amount and an amount for each full year; Shenzhen's own additions are not in the tables."""
    place = base_wage_area if base_wage_area > 0 else region
    return fixed_supplement[place] + contribution_months // 12 * supplement_per_year[place]


@rule(
    cite="渝办发〔2006〕205号；贵州省计发办法", label="独生子女父母加发", since="2006-01", region=(CHONGQING, GUIZHOU)
)
def local_supplement(
    region, one_child, one_child_rate, basic_pension, account_pension, transitional_pension
) -> YuanPerMonth:
    """Chongqing and Guizhou: parents of one child get a share of their own pension."""
    return to_fen((basic_pension + account_pension + transitional_pension) * one_child_rate[region]) if one_child else 0


@rule(cite="云劳社〔2002〕76号", label="独生子女父母加发", since="2006-01", region=YUNNAN)
def local_supplement(region, one_child, one_child_rate, base_wage_year, average_pension) -> YuanPerMonth:
    """Yunnan: parents of one child get a share of the province's average pension."""
    return to_fen(average_pension[region, base_wage_year] * one_child_rate[region]) if one_child else 0


@rule(cite="藏政发〔2006〕37号", label="高原补贴和固定待遇", since="2006-01", region=TIBET)
def local_supplement(region, indexed_wage, plateau_months, plateau_rate, fixed_supplement) -> YuanPerMonth:
    """Tibet: a share of the indexed wage by years worked on the plateau, and fixed items."""
    years = 20 if plateau_months >= 240 else 15 if plateau_months >= 180 else 10 if plateau_months >= 120 else 0
    return to_fen(indexed_wage * plateau_rate[years]) + fixed_supplement[region]


@rule(cite="新疆冬季取暖费补贴", label="取暖补贴", since="2006-01", region=XINJIANG)
def local_supplement(region, fixed_supplement) -> YuanPerMonth:
    """Xinjiang: heating."""
    return fixed_supplement[region]


@rule(cite="青劳社厅发〔2004〕27号", label="地方加发", since="2006-01", region=QINGHAI)
def local_supplement(pooling_area, xining_supplement, outside_xining_supplement) -> YuanPerMonth:
    """Qinghai: a fixed amount, less in Xining than elsewhere."""
    return xining_supplement if pooling_area == 6301 else outside_xining_supplement


@rule(cite="宁政办发〔2006〕126号", label="知识分子补贴", since="2006-01", region=NINGXIA)
def local_supplement(professional_title, professional_supplement) -> YuanPerMonth:
    """Ningxia: a fixed amount for holders of a professional title."""
    return professional_supplement if professional_title else 0


@rule(cite="川劳社发〔2006〕17号", label="增发养老金", since="2006-01", region=SICHUAN)
def local_supplement(indexed_wage, contribution_years, extra_rate) -> YuanPerMonth:
    """Sichuan: a tenth of a percent of the indexed wage for each year."""
    return to_fen(indexed_wage * extra_rate * contribution_years)


@rule(cite="浙劳社老〔2006〕142号", label="地方加发", since="2006-01", region=ZHEJIANG)
def local_supplement(
    region, average_index, contribution_years, fixed_supplement, supplement_per_index_year
) -> YuanPerMonth:
    """Zhejiang: fixed amounts, and an amount for each year weighted by the index."""
    return fixed_supplement[region] + to_fen(supplement_per_index_year * average_index * contribution_years)


@rule(cite="吉政发〔1998〕28号", label="基础养老金增发", since="2006-01", region=JILIN)
def local_supplement(
    city_wage, indexed_wage, contribution_years, contribution_months, deemed_months, long_service_rate
) -> YuanPerMonth:
    """Jilin: those who paid for over 20 years get more for each year beyond 20, 25 and 30, band by band."""
    wage = (city_wage + indexed_wage) / 2
    from_20 = to_fen(wage * min(max(contribution_years - 20, 0), 5) * long_service_rate[20])
    from_25 = to_fen(wage * min(max(contribution_years - 25, 0), 5) * long_service_rate[25])
    from_30 = to_fen(wage * max(contribution_years - 30, 0) * long_service_rate[30])
    return from_20 + from_25 + from_30 if contribution_months - deemed_months > 240 else 0
