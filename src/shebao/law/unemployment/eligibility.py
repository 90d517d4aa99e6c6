"""Who may claim unemployment benefit, and what ends it."""

from shebao.engine import Months, YesNo, fact, rule

unemployment_months_paid = fact(Months, 0, 720, label="失业保险累计缴费月数（未领取过待遇的）")
unused_benefit_months = fact(Months, 0, 24, label="前次失业应领取而尚未领取的月数", presumed=0)
involuntary = fact(YesNo, label="非因本人意愿中断就业", presumed=False)
registered_and_seeking = fact(YesNo, label="已办理失业登记并有求职要求", presumed=False)

re_employed = fact(YesNo, label="重新就业", presumed=False)
enlisted = fact(YesNo, label="应征服兵役", presumed=False)
moved_abroad = fact(YesNo, label="移居境外", presumed=False)
receives_basic_pension = fact(YesNo, label="享受基本养老保险待遇", presumed=False)
imprisoned = fact(YesNo, label="被判刑收监执行", presumed=False)
refused_work_or_training = fact(YesNo, label="无正当理由拒不接受介绍的适当工作或者提供的培训", presumed=False)


@rule(cite="社会保险法 四十五；失业保险条例 十四（一）", label="缴费满一年")
def paid_a_year(unemployment_months_paid, qualifying_months) -> YesNo:
    """A year was paid since the last claim."""
    return unemployment_months_paid >= qualifying_months


@rule(cite="失业保险金申领发放办法；广东省失业保险条例（2022） 十五", label="前次失业有未领取的月数")
def has_unused_months(unused_benefit_months) -> YesNo:
    """Months of an earlier claim are still unused."""
    return unused_benefit_months > 0


@rule(cite="社会保险法 四十五；失业保险条例 十四（一）；失业保险金申领发放办法", label="缴费达到领取条件")
def paid_long_enough(paid_a_year, has_unused_months) -> YesNo:
    """Either will do."""
    return paid_a_year or has_unused_months


@rule(cite="社会保险法 四十五；失业保险条例 十四", label="可领取失业保险金")
def may_claim(paid_long_enough, involuntary, registered_and_seeking) -> YesNo:
    """Enough was paid, the job was not given up, and the person is registered and seeks work."""
    return paid_long_enough and involuntary and registered_and_seeking


@rule(cite="失业保险条例 十五；社会保险法 五十一", label="停止领取失业保险金")
def benefit_stops(
    re_employed, enlisted, moved_abroad, receives_basic_pension, imprisoned, refused_work_or_training
) -> YesNo:
    """Any one of these ends the benefit and everything paid beside it."""
    return re_employed or enlisted or moved_abroad or receives_basic_pension or imprisoned or refused_work_or_training
