"""The award of a pension: indexed wage, basic pension, account pension, total (国发〔2005〕38号).

The national formula, and beside each rule the provinces that read it their own way.
"""

from shebao.engine import Ratio, YuanPerMonth, fact, half_up, rule, to_fen, up_to_jiao
from shebao.law.regions import ALL, GUANGDONG, GUANGXI, HENAN, HUNAN, JIANGSU, JILIN, SHANGHAI, SHANXI, ZHEJIANG

OWN_BASIC = (JILIN, SHANGHAI, HUNAN, GUANGDONG, GUANGXI)
UP_TO_JIAO = (SHANGHAI, GUANGXI)
TOTAL_UP_TO_JIAO = (SHANXI, ZHEJIANG)
OLD_METHOD = (JIANGSU, GUANGDONG)

# The provinces' former methods are not in the rulebook; their result is given.
old_method_pension = fact(YuanPerMonth, 0, 1_000_000, label="按老办法计算的月养老金（苏、粤过渡期）")


@rule(
    cite="国发〔2005〕38号 六",
    label="本人指数化月平均缴费工资",
    since="2006-01",
    region=[code for code in ALL if code != HENAN],
)
def indexed_wage(base_wage, average_index) -> YuanPerMonth:
    """The base times the person's average index, an amount in fen as sheets print it."""
    return to_fen(base_wage * average_index)


@rule(cite="豫政〔2006〕29号", label="本人指数化月平均缴费工资", since="2006-01", region=HENAN)
def indexed_wage(city_wage, average_index) -> YuanPerMonth:
    """Henan indexes the city's base."""
    return to_fen(city_wage * average_index)


@rule(
    cite="国发〔2005〕38号 六",
    label="基础养老金",
    since="2006-01",
    region=[code for code in ALL if code not in OWN_BASIC],
)
def basic_pension(base_wage, indexed_wage, contribution_years) -> YuanPerMonth:
    """From the pooled fund: 1 % for each year of the mean of base and indexed wage."""
    return to_fen((base_wage + indexed_wage) / 2 * contribution_years * 0.01)


@rule(cite="国发〔2005〕38号 六；湖南省核定表", label="基础养老金", since="2006-01", region=HUNAN)
def basic_pension(base_wage, indexed_wage, contribution_years) -> YuanPerMonth:
    """Hunan rounds the mean of base and indexed wage to the fen first."""
    return to_fen(to_fen((base_wage + indexed_wage) / 2) * contribution_years * 0.01)


@rule(cite="国发〔2005〕38号 六；吉林省计发办法", label="基础养老金", since="2006-01", region=JILIN)
def basic_pension(city_wage, indexed_wage, contribution_years) -> YuanPerMonth:
    """Jilin takes the mean of the city's base and the wage indexed on the province's."""
    return to_fen((city_wage + indexed_wage) / 2 * contribution_years * 0.01)


@rule(cite="沪人社规〔2021〕27号；桂人社规〔2019〕26号", label="基础养老金", since="2006-01", region=UP_TO_JIAO)
def basic_pension(base_wage, indexed_wage, contribution_years) -> YuanPerMonth:
    """Shanghai and Guangxi round each component up to a jiao."""
    return up_to_jiao((base_wage + indexed_wage) / 2 * contribution_years * 0.01)


@rule(cite="粤府〔2006〕96号", label="计发基数折算系数", since="2006-01", region=GUANGDONG)
def base_wage_share(average_index) -> Ratio:
    """Guangdong: below an index of 0.6 the base itself counts in part."""
    return half_up(average_index / 0.6, 4) if average_index < 0.6 else 1


@rule(cite="粤府〔2006〕96号", label="基础养老金", since="2006-01", region=GUANGDONG)
def basic_pension(base_wage, base_wage_share, indexed_wage, contribution_years) -> YuanPerMonth:
    """Guangdong counts only a share of the base of those whose index is below 0.6."""
    return to_fen((to_fen(base_wage * base_wage_share) + indexed_wage) / 2 * contribution_years * 0.01)


@rule(
    cite="国发〔2005〕38号 六",
    label="个人账户养老金",
    since="2006-01",
    region=[code for code in ALL if code not in UP_TO_JIAO],
)
def account_pension(account_balance, months_of_payment) -> YuanPerMonth:
    """The account's balance over the months of payment."""
    return to_fen(account_balance / months_of_payment)


@rule(cite="沪人社规〔2021〕27号；桂人社规〔2019〕26号", label="个人账户养老金", since="2006-01", region=UP_TO_JIAO)
def account_pension(account_balance, months_of_payment) -> YuanPerMonth:
    """Shanghai and Guangxi round each component up to a jiao."""
    return up_to_jiao(account_balance / months_of_payment)


@rule(
    cite="国发〔2005〕38号 六",
    label="月基本养老金",
    since="2006-01",
    region=[code for code in ALL if code not in (*TOTAL_UP_TO_JIAO, *OLD_METHOD)],
)
def monthly_pension(basic_pension, account_pension, transitional_pension, local_supplement) -> YuanPerMonth:
    """What is awarded each month."""
    return basic_pension + account_pension + transitional_pension + local_supplement


@rule(cite="晋政发〔2006〕32号；浙劳社老〔2006〕142号", label="月基本养老金", since="2006-01", region=TOTAL_UP_TO_JIAO)
def monthly_pension(basic_pension, account_pension, transitional_pension, local_supplement) -> YuanPerMonth:
    """Shanxi and Zhejiang round the total up to a jiao."""
    return up_to_jiao(basic_pension + account_pension + transitional_pension + local_supplement)


@rule(cite="粤府函〔2021〕294号；江苏省新老办法过渡", label="月基本养老金", since="2006-01", region=OLD_METHOD)
def monthly_pension(
    basic_pension,
    account_pension,
    transitional_pension,
    local_supplement,
    deemed_months,
    old_method_pension,
    new_method_share,
    region,
) -> YuanPerMonth:
    """Guangdong and Jiangsu pay a growing share of what the new method gives above the old, never less than the old.

    The old method's amount is asked only of those with years before the account, and only while the share is below 1.
    """
    new = basic_pension + account_pension + transitional_pension + local_supplement
    if deemed_months == 0:
        return new
    share = new_method_share[region]
    if share == 1:
        return new
    return to_fen(old_method_pension + max(new - old_method_pension, 0) * share)
