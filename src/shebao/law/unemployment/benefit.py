"""Unemployment benefit: who may claim it, for how many months, how much a month."""

from shebao.engine import Months, YesNo, YuanPerMonth, fact, rule, to_fen
from shebao.law.regions import CHONGQING, GUANGDONG

unemployment_months_paid = fact(Months, 0, 720, label="失业保险累计缴费月数（未领取过待遇的）")
involuntary = fact(YesNo, label="非因本人意愿中断就业", presumed=False)
registered_and_seeking = fact(YesNo, label="已办理失业登记并有求职要求", presumed=False)


@rule(cite="社会保险法 四十五；失业保险条例 十四", label="可领取失业保险金")
def may_claim(unemployment_months_paid, qualifying_months, involuntary, registered_and_seeking) -> YesNo:
    """A year was paid, the job was not given up, and the person is registered and seeks work."""
    return unemployment_months_paid >= qualifying_months and involuntary and registered_and_seeking


@rule(cite="社会保险法 四十六", label="失业保险金最长领取月数", since="1999-01")
def longest_benefit_months(unemployment_months_paid) -> Months:
    """What no province may exceed: 12, 18 or 24 months after 1, 5 or 10 years paid."""
    if unemployment_months_paid < 12:
        return 0
    if unemployment_months_paid < 60:
        return 12
    return 18 if unemployment_months_paid < 120 else 24


@rule(cite="广东省失业保险条例（2022） 十七", label="失业保险金领取月数", since="2022-06", region=GUANGDONG)
def benefit_months(unemployment_months_paid, benefit_limit) -> Months:
    """A month for each of the first four years, then one for each further half-year, at most 24."""
    if unemployment_months_paid < 48:
        return unemployment_months_paid // 12
    return min(4 + (unemployment_months_paid - 48) // 6, benefit_limit)


@rule(cite="重庆市失业保险条例（2011）", label="失业保险金领取月数", since="2011-07", region=CHONGQING)
def benefit_months(unemployment_months_paid, benefit_limit) -> Months:
    """Three months for each of the first five years, 16 after seven, then one for each further year, at most 24."""
    years = unemployment_months_paid // 12
    if years < 7:
        return min(years * 3, 15)
    return min(9 + years, benefit_limit)


@rule(cite="广东省失业保险条例（2022） 十九", label="月失业保险金", since="2022-06", region=GUANGDONG)
def monthly_benefit(minimum_wage, benefit_share_of_minimum_wage) -> YuanPerMonth:
    """A share of the minimum wage of the place that pays."""
    return to_fen(minimum_wage * benefit_share_of_minimum_wage)
