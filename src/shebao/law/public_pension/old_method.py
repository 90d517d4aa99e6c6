"""The old method, kept for comparison until September 2024: (A × M + B + C) × Π(1 + G) (人社部发〔2015〕28号)."""

from shebao.engine import Ratio, YuanPerMonth, fact, rule, to_fen

final_base_pay = fact(YuanPerMonth, 0, 1_000_000, label="2014年9月标准的退休时基本工资（A）")
retirement_subsidy = fact(YuanPerMonth, 0, 1_000_000, label="2014年9月标准的退休补贴（B）")
# By rank; 国办发〔2015〕3号 lists them, the list was not read.
pension_rise_of_2014 = fact(YuanPerMonth, 0, 100_000, label="国办发〔2015〕3号规定增加的退休费（C）")


@rule(
    cite="国人部发〔2006〕60号；人社部发〔2015〕28号",
    label="老办法计发比例（M）",
    since="2014-10",
    until="2024-09",
)
def old_replacement_rate(service_months, replacement_rate) -> Ratio:
    """By full years of service: 90 % from 35, 85 % from 30, 80 % from 20, 70 % from 10; below ten it has no rate."""
    if service_months >= 420:
        return replacement_rate[35]
    if service_months >= 360:
        return replacement_rate[30]
    if service_months >= 240:
        return replacement_rate[20]
    return replacement_rate[10 if service_months >= 120 else 0]


@rule(cite="人社部发〔2015〕28号", label="老办法待遇累计增长系数（Π(1+G)）", since="2014-10", until="2024-09")
def old_method_growth(published_old_method_growth, retirement_month) -> Ratio:
    """Wage growth from 2014 to the year before retirement, all years multiplied."""
    return published_old_method_growth[retirement_month // 12]


@rule(cite="人社部发〔2015〕28号", label="老办法待遇", since="2014-10", until="2024-09")
def old_method_total(
    final_base_pay, old_replacement_rate, retirement_subsidy, pension_rise_of_2014, old_method_growth
) -> YuanPerMonth:
    """What the law of before October 2014 would give, grown with wages."""
    return to_fen(
        (final_base_pay * old_replacement_rate + retirement_subsidy + pension_rise_of_2014) * old_method_growth
    )
