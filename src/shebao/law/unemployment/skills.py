"""The subsidy for a skill certificate (技能提升补贴), paid to the insured and, since 2022, to who draws the benefit."""

from shebao.engine import Count, Month, YesNo, Yuan, choice, fact, rule, ym

certificate_level = choice("junior", "intermediate", "senior", label="证书等级（初级五级、中级四级、高级三级）")
certificate_month = fact(Month, ym(2017, 1), ym(2150, 12), label="取得证书年月")
same_certificate_subsidised = fact(YesNo, label="同一职业同一等级已享受过补贴", presumed=False)
skill_subsidies_this_year = fact(Count, 0, 100, label="本年度已享受技能提升补贴次数", presumed=0)


@rule(cite="人社部发〔2017〕40号", label="取得证书后在申领期限内", since="2017-05", until="2025-12")
def certificate_is_recent(month, certificate_month, skill_claim_months) -> YesNo:
    """The claim comes within twelve months of the certificate, not before it."""
    return certificate_month <= month and month - certificate_month <= skill_claim_months


@rule(cite="人社部发〔2017〕40号；国发〔2018〕39号", label="可领取技能提升补贴", since="2017-05", until="2022-03")
def may_claim_skill_subsidy(
    unemployment_months_paid, skill_qualifying_months, certificate_is_recent, same_certificate_subsidised
) -> YesNo:
    """Insured long enough, claimed in time, and not subsidised for the same certificate before."""
    return (
        unemployment_months_paid >= skill_qualifying_months
        and certificate_is_recent
        and not same_certificate_subsidised
    )


@rule(cite="人社部发〔2022〕23号；人社部发〔2024〕40号", label="可领取技能提升补贴", since="2022-04", until="2025-12")
def may_claim_skill_subsidy(
    unemployment_months_paid,
    skill_qualifying_months,
    may_claim,
    certificate_is_recent,
    same_certificate_subsidised,
    skill_subsidies_this_year,
    skill_subsidies_a_year,
) -> YesNo:
    """Recipients of the benefit too; and at most three a year."""
    return (
        (unemployment_months_paid >= skill_qualifying_months or may_claim)
        and certificate_is_recent
        and not same_certificate_subsidised
        and skill_subsidies_this_year < skill_subsidies_a_year
    )


@rule(
    cite="人社部发〔2017〕40号；人社部发〔2024〕40号", label="技能提升补贴（最高额）", since="2017-05", until="2025-12"
)
def skill_subsidy(may_claim_skill_subsidy, certificate_level, skill_amount) -> Yuan:
    """At most 1000, 1500 or 2000 yuan, by level."""
    return skill_amount[certificate_level] if may_claim_skill_subsidy else 0
