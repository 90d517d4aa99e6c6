"""The transitional pension of those who worked before accounts existed: one formula, eight readings.

``transition_wage`` holds what the provinces disagree on; years and coefficient are the same everywhere.
"""

from shebao.engine import Months, Ratio, YesNo, Yuan, YuanPerMonth, fact, half_up, rule, to_fen, up_to_jiao
from shebao.law.regions import (
    ALL,
    BEIJING,
    GUANGDONG,
    GUANGXI,
    HENAN,
    INNER_MONGOLIA,
    JIANGSU,
    JILIN,
    LIAONING,
    NINGXIA,
    QINGHAI,
    SHANGHAI,
    SHANXI,
    SICHUAN,
    TIANJIN,
    ZHEJIANG,
)

TWO_INDICES = (TIANJIN, SHANXI, JIANGSU, ZHEJIANG, GUANGDONG)
WEIGHTED = (LIAONING, QINGHAI, SICHUAN)
OWN_WAGE = (BEIJING, SHANGHAI, INNER_MONGOLIA, HENAN, *TWO_INDICES, *WEIGHTED)
OWN_RATE = (JILIN, NINGXIA)
OWN_FORMULA = (BEIJING, SHANGHAI, GUANGXI)

paid_months_before_1998_07 = fact(Months, 0, 69, label="1992年10月至1998年6月实际缴费月数（北京）")
notional_account = fact(Yuan, 0, 10_000_000, label="1993年至1997年虚账实记储存额（上海）")
professional_title = fact(YesNo, label="具有专业技术职称的知识分子（宁夏）", presumed=False)


# -- the wage the coefficient applies to ----------------------------------------------------------


@rule(
    cite="国发〔2005〕38号 六",
    label="过渡性养老金计算工资",
    since="2006-01",
    region=[code for code in ALL if code not in OWN_WAGE],
)
def transition_wage(indexed_wage) -> YuanPerMonth:
    """The indexed wage of the basic pension."""
    return indexed_wage


@rule(
    cite="晋政发〔2006〕32号；浙劳社老〔2006〕142号；粤府函〔2021〕294号；津、苏计发办法",
    label="过渡性养老金计算工资",
    since="2006-01",
    region=TWO_INDICES,
)
def transition_wage(deemed_months, base_wage, transition_index) -> YuanPerMonth:
    """The base times a second index, that of the years before the account; a new entrant has neither."""
    return to_fen(base_wage * transition_index) if deemed_months > 0 else 0


@rule(cite="豫政〔2006〕29号", label="过渡性养老金计算工资", since="2006-01", region=HENAN)
def transition_wage(deemed_months, city_wage, transition_index) -> YuanPerMonth:
    """Henan applies the second index to the city's base."""
    return to_fen(city_wage * transition_index) if deemed_months > 0 else 0


@rule(
    cite="辽劳社发〔2006〕81号；川劳社发〔2006〕17号；青海省计发办法",
    label="过渡性养老金计算工资",
    since="2006-01",
    region=WEIGHTED,
)
def transition_wage(base_wage, indexed_wage) -> YuanPerMonth:
    """The mean of base and indexed wage, as in the basic pension."""
    return (base_wage + indexed_wage) / 2


@rule(cite="内蒙古自治区计发办法", label="过渡性养老金计算工资", since="2006-01", region=INNER_MONGOLIA)
def transition_wage(base_wage, average_index) -> YuanPerMonth:
    """Inner Mongolia counts an index below 1 as 1, here only."""
    return to_fen(base_wage * max(average_index, 1))


# -- the coefficient ------------------------------------------------------------------------------


@rule(
    cite="国发〔2005〕38号 六；各省计发办法",
    label="过渡系数",
    since="2006-01",
    region=[code for code in ALL if code not in OWN_RATE],
)
def transition_coefficient(region, transition_rate) -> Ratio:
    """The province's coefficient for each year before the account."""
    return transition_rate[region]


@rule(cite="吉林省计发办法", label="过渡系数", since="2006-01", region=JILIN)
def transition_coefficient(
    region, contribution_months, deemed_months, transition_rate, long_service_transition_rate
) -> Ratio:
    """Jilin: more for those who actually paid for over 20 years."""
    return long_service_transition_rate if contribution_months - deemed_months > 240 else transition_rate[region]


@rule(cite="宁夏回族自治区计发办法", label="过渡系数", since="2006-01", region=NINGXIA)
def transition_coefficient(region, professional_title, transition_rate, professional_transition_rate) -> Ratio:
    """Ningxia: a tenth more for holders of a professional title."""
    return professional_transition_rate if professional_title else transition_rate[region]


# -- the pension ----------------------------------------------------------------------------------


@rule(
    cite="国发〔2005〕38号 六",
    label="过渡性养老金",
    since="2006-01",
    region=[code for code in ALL if code not in OWN_FORMULA],
)
def transitional_pension(transition_wage, transition_years, transition_coefficient) -> YuanPerMonth:
    """For the years before the account opened: wage × years × coefficient; 0 without such years."""
    return to_fen(transition_wage * transition_years * transition_coefficient)


@rule(cite="桂人社规〔2019〕26号", label="过渡性养老金", since="2006-01", region=GUANGXI)
def transitional_pension(transition_wage, transition_years, transition_coefficient) -> YuanPerMonth:
    """Guangxi rounds each component up to a jiao."""
    return up_to_jiao(transition_wage * transition_years * transition_coefficient)


@rule(cite="北京市基本养老保险规定", label="过渡性养老金", since="2006-01", region=BEIJING)
def transitional_pension(
    base_wage, transition_years, transition_index, paid_months_before_1998_07, transition_coefficient
) -> YuanPerMonth:
    """Beijing: deemed years count with index 1 (G同), years paid from 1992-10 to 1998-06 with their own index (G实)."""
    deemed = to_fen(base_wage * transition_years * transition_coefficient)
    if paid_months_before_1998_07 == 0:
        return deemed
    paid_years = half_up(paid_months_before_1998_07 / 12, 2)
    return deemed + to_fen(to_fen(base_wage * transition_index) * paid_years * transition_coefficient)


@rule(cite="沪人社规〔2021〕27号；沪人社规〔2021〕32号", label="过渡性养老金", since="2006-01", region=SHANGHAI)
def transitional_pension(base_wage, transition_years, transition_coefficient, notional_account) -> YuanPerMonth:
    """Shanghai: years to 1992 with index 1, and a 120th of the notional account, rounded up to a jiao."""
    return up_to_jiao(base_wage * transition_years * transition_coefficient + notional_account / 120)
