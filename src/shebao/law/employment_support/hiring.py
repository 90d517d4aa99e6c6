"""The one-off hiring subsidy (一次性吸纳就业补贴), open in some years only."""

from shebao.engine import Count, Yuan, fact, rule

hires_with_expansion_subsidy = fact(Count, 0, 100_000, label="其中已享受一次性扩岗补助人数", presumed=0)


@rule(cite="国办发〔2022〕13号", label="可领取一次性吸纳就业补贴人数", since="2022-05", until="2022-12")
def hires_to_subsidise(graduates_hired, hires_with_expansion_subsidy) -> Count:
    """In 2022 graduates of the year; nobody counts for whom the expansion subsidy was paid."""
    return max(graduates_hired - hires_with_expansion_subsidy, 0)


@rule(cite="国办发〔2023〕11号", label="可领取一次性吸纳就业补贴人数", since="2023-01", until="2023-12")
def hires_to_subsidise(graduates_hired, young_unemployed_hired, hires_with_expansion_subsidy) -> Count:
    """In 2023 also graduates of the two years before and registered unemployed of 16 to 24."""
    return max(graduates_hired + young_unemployed_hired - hires_with_expansion_subsidy, 0)


@rule(
    cite="国办发〔2022〕13号；国办发〔2023〕11号",
    label="一次性吸纳就业补贴（最高额）",
    since="2022-05",
    until="2023-12",
)
def hiring_subsidy(hires_to_subsidise, hiring_amount) -> Yuan:
    """At most so much for each; outside the two windows there is none."""
    return hires_to_subsidise * hiring_amount
