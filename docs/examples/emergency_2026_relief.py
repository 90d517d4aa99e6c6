"""Made-up example: the waiver of ``emergency_2026.yaml`` holds for employers in the flooded places only."""

from shebao.engine import Ratio, YesNo, fact, rule

ROOM = ""

in_disaster_area = fact(YesNo, label="单位在洪灾受灾县（市、区）", presumed=False)


@rule(cite="虚构示例 一", label="单位缴费减免比例", since="2026-08", until="2026-10")
def relief_share(in_disaster_area, relief_by_size, employer_size) -> Ratio:
    """By size, as in 2020, in the flooded places; nothing elsewhere, and nobody elsewhere is asked for the size."""
    return relief_by_size[employer_size] if in_disaster_area else 0
