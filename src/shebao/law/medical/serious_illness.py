"""What employees get beyond the pooled fund: the local supplement for large costs (职工大病保险、大额医疗费用补助)."""

from shebao.engine import Ratio, Yuan, fact, rule, to_fen

burden_before = fact(Yuan, 0, 10_000_000, label="年内此前累计合规自付费用", presumed=0)
serious_illness_paid_before = fact(Yuan, 0, 10_000_000, label="年内此前大病保险已支付", presumed=0)


@rule(cite="国发〔1998〕44号 三；统筹地区规定", label="职工大病保险起付标准")
def serious_illness_threshold(medical_area, published_threshold) -> Yuan:
    """What the year's covered burden must exceed; give it where it is not in the book."""
    return published_threshold[medical_area]


@rule(cite="国发〔1998〕44号 三；统筹地区规定", label="职工大病保险支付比例")
def serious_illness_ratio(medical_area, published_serious_ratio) -> Ratio:
    """The area's share of what lies above."""
    return published_serious_ratio[medical_area]


@rule(cite="国发〔1998〕44号 三；统筹地区规定", label="职工大病保险年度最高支付限额")
def serious_illness_cap(medical_area, published_serious_cap) -> Yuan:
    """The area's yearly cap."""
    return published_serious_cap[medical_area]


@rule(cite="国发〔1998〕44号 三；统筹地区规定", label="本次职工大病保险支付")
def serious_illness_payment(
    covered_burden,
    burden_before,
    serious_illness_threshold,
    serious_illness_ratio,
    serious_illness_cap,
    serious_illness_paid_before,
) -> Yuan:
    """The share of what this stay adds to the year's burden above the threshold, within the rest of the cap."""
    above = max(burden_before + covered_burden - serious_illness_threshold, 0)
    above_before = max(burden_before - serious_illness_threshold, 0)
    share = to_fen((above - above_before) * serious_illness_ratio)
    return min(share, max(serious_illness_cap - serious_illness_paid_before, 0))
