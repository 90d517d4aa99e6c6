"""National pooling (国办发〔2021〕48号), from January 2022: advances during the year, settled when it is closed.

How the nation sets each province's amount from its balance is not published: the amount is given, never derived.
"""

from shebao.engine import Ratio, Yuan, fact, rule, to_fen

fund_income = fact(Yuan, 0, 2_000_000_000_000, label="当期基金收入（不含全国统筹调剂资金）")
fund_expenditure = fact(Yuan, 0, 2_000_000_000_000, label="当期基金支出（不含全国统筹调剂资金）")
final_pooling_amount = fact(
    Yuan, -2_000_000_000_000, 2_000_000_000_000, label="国家核定的全年全国统筹调剂资金（正为下拨，负为上解）"
)
pooling_advances = fact(
    Yuan, -2_000_000_000_000, 2_000_000_000_000, label="当年已预拨（正）或预缴（负）的全国统筹调剂资金"
)
local_gap_share = fact(Ratio, 0, 1, scale=10_000, label="地方财政对基金缺口的分担比例")


@rule(cite="国办发〔2021〕48号", label="基金当期收支结余", since="2022-01")
def current_year_balance(fund_income, fund_expenditure) -> Yuan:
    """What the province's own contributions leave after its own pensions; negative where they do not suffice."""
    return fund_income - fund_expenditure


@rule(cite="国办发〔2021〕48号", label="全国统筹调剂资金清算额（正为补拨，负为补缴或收回）", since="2022-01")
def pooling_clearing(final_pooling_amount, pooling_advances) -> Yuan:
    """At the year's end: the amount the nation has set less the advances already moved."""
    return final_pooling_amount - pooling_advances


@rule(cite="国办发〔2021〕48号", label="统筹调剂后的基金当期缺口", since="2022-01")
def funding_gap(current_year_balance, final_pooling_amount) -> Yuan:
    """What is still missing for the year's pensions after pooling; 0 where nothing is."""
    return max(-(current_year_balance + final_pooling_amount), 0)


@rule(cite="国办发〔2021〕48号", label="地方财政应补缺口", since="2022-01")
def local_subsidy(funding_gap, local_gap_share) -> Yuan:
    """The province's own budget bears its share of the gap; the share is asked only where there is one."""
    return to_fen(funding_gap * local_gap_share) if funding_gap > 0 else 0


@rule(cite="国办发〔2021〕48号", label="其余缺口（由中央财政补助或历年结余弥补）", since="2022-01")
def remaining_gap(funding_gap, local_subsidy) -> Yuan:
    """Left to the central subsidy and to reserves of earlier years."""
    return funding_gap - local_subsidy
