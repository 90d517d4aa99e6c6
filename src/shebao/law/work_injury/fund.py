"""What the fund may spend on prevention, and the shares of prevention and rehabilitation in its spending."""

from shebao.engine import Ratio, YesNo, Yuan, fact, half_up, rule, to_fen

injury_contributions_last_year = fact(Yuan, 0, 1_000_000_000_000, label="统筹地区上年度工伤保险基金征缴收入")
prevention_spending = fact(Yuan, 0, 10_000_000_000, label="本年度工伤预防费")
rehabilitation_spending = fact(Yuan, 0, 10_000_000_000, label="本年度工伤康复费")
injury_fund_spending = fact(Yuan, 0, 1_000_000_000_000, label="本年度工伤保险基金支出")


@rule(cite="工伤保险条例 十二；人社部规〔2017〕13号 五", label="工伤预防费上限", since="2017-09")
def prevention_limit(injury_contributions_last_year, prevention_share_limit) -> Yuan:
    """In principle at most 3 % of the contributions of the year before; a province may agree to more."""
    return to_fen(injury_contributions_last_year * prevention_share_limit)


@rule(cite="人社部规〔2017〕13号 五", label="工伤预防费在上限内", since="2017-09")
def prevention_is_within_limit(prevention_spending, prevention_limit) -> YesNo:
    """Whether this year's spending keeps to the limit."""
    return prevention_spending <= prevention_limit


@rule(cite="工伤保险条例 十二", label="工伤预防费占基金支出比例")
def prevention_share(prevention_spending, injury_fund_spending) -> Ratio:
    """Of all that the fund spends, to four decimals; 0 for a fund that spends nothing."""
    return half_up(prevention_spending / injury_fund_spending, 4) if injury_fund_spending > 0 else 0


@rule(cite="工伤保险条例 三十", label="工伤康复费占基金支出比例")
def rehabilitation_share(rehabilitation_spending, injury_fund_spending) -> Ratio:
    """Of all that the fund spends, to four decimals; 0 for a fund that spends nothing."""
    return half_up(rehabilitation_spending / injury_fund_spending, 4) if injury_fund_spending > 0 else 0
