"""Care in another province: catalogue of the place of care, policy of the place of insurance, and the reductions."""

from shebao.engine import Ratio, Region, YesNo, Yuan, choice, fact, rule, to_fen
from shebao.law.regions import ALL, JIANGXI

# 参保地、异地长期居住备案、转诊、异地急诊、非急诊未转诊
care_place = choice(
    "home",
    "living_elsewhere",
    "referred",
    "emergency",
    "unreferred",
    label="就医情形",
)
care_region = fact(Region, 11, 65, label="就医地（省级）")
settled_directly = fact(YesNo, label="跨省直接结算")
local_ratio_reduction = fact(Ratio, 0, 1, label="参保地规定的异地就医支付比例下调幅度")

OUTSIDE_JIANGXI = tuple(code for code in ALL if code != JIANGXI)


@rule(cite="医保发〔2022〕22号", label="适用支付范围（目录）的地区", since="2023-01")
def catalogue_region(region, care_region, settled_directly) -> Region:
    """Drugs, treatments and materials are those of the place of care, if it settles directly; else of insurance."""
    return care_region if settled_directly else region


@rule(cite="医保发〔2022〕22号", label="与参保地同等待遇", since="2023-01")
def treated_as_home(care_place) -> YesNo:
    """At home, or where one lives for half a year and more and has registered."""
    return care_place == "home" or care_place == "living_elsewhere"


@rule(cite="医保发〔2022〕22号", label="异地就医支付比例下调幅度", since="2023-01", region=OUTSIDE_JIANGXI)
def ratio_reduction(treated_as_home, care_place, local_ratio_reduction, largest_reduction) -> Ratio:
    """None as at home; else what the place of insurance set, within the nation's limit."""
    return 0 if treated_as_home else min(local_ratio_reduction, largest_reduction[care_place])


@rule(
    cite="江西省跨省异地就医直接结算报销政策明白卡（2025年11月）",
    label="异地就医支付比例下调幅度",
    since="2023-01",
    region=JIANGXI,
)
def ratio_reduction() -> Ratio:
    """Jiangxi reduces by a part paid first, not by the ratio."""
    return 0


@rule(cite="医保发〔2022〕22号", label="异地就医先行自付", since="2023-01", region=OUTSIDE_JIANGXI)
def elsewhere_first_pay() -> Yuan:
    """Nothing but what the bill itself shows."""
    return 0


@rule(
    cite="江西省跨省异地就医直接结算报销政策明白卡（2025年11月）",
    label="异地就医先行自付",
    since="2023-01",
    region=JIANGXI,
)
def elsewhere_first_pay(treated_as_home, covered_cost, care_place, first_pay_share) -> Yuan:
    """Jiangxi: a tenth when referred or in an emergency, a fifth otherwise, before anything is settled."""
    return 0 if treated_as_home else to_fen(covered_cost * first_pay_share[care_place])


@rule(cite="医保发〔2022〕22号；社会保险法 二十八", label="可纳入统筹支付的费用", since="2023-01")
def settled_cost(covered_cost, elsewhere_first_pay) -> Yuan:
    """What deductible and ratio of the place of insurance are applied to."""
    return max(covered_cost - elsewhere_first_pay, 0)


@rule(cite="社会保险法 二十八", label="可纳入统筹支付的费用", until="2022-12")
def settled_cost(covered_cost) -> Yuan:
    """Before the unified rules of 2023: the covered cost; give the ratio that the area applied to care elsewhere."""
    return covered_cost


@rule(cite="社会保险法 二十八", label="异地就医支付比例下调幅度", until="2022-12")
def ratio_reduction(care_place, local_ratio_reduction) -> Ratio:
    """Before 2023 each area cut as it saw fit."""
    return 0 if care_place == "home" else local_ratio_reduction
