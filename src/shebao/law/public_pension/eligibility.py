"""Who may draw the pension, and who may retire early as a civil servant."""

from shebao.engine import Months, YesNo, fact, rule

civil_servant = fact(YesNo, label="公务员（含参照管理人员）")
service_months = fact(Months, 0, 720, label="工作年限（月）")
early_retirement_approved = fact(YesNo, label="本人自愿提前退休并经任免机关批准", presumed=False)


@rule(cite="公务员法 九十三", label="公务员可提前退休", since="2014-10")
def may_retire_early_as_civil_servant(
    civil_servant,
    early_retirement_approved,
    service_months,
    retirement_month,
    statutory_retirement_month,
    early_service_years,
    early_near_age,
) -> YesNo:
    """Thirty years of service, or twenty within five years of the age; on application, with approval."""
    long_service = service_months >= early_service_years["service_alone"] * 12
    near_age = statutory_retirement_month - retirement_month < early_near_age
    enough = long_service or (near_age and service_months >= early_service_years["near_age"] * 12)
    return civil_servant and early_retirement_approved and enough


@rule(
    cite="国发〔2015〕2号 四；公务员法 九十三；渐进式延迟法定退休年龄办法 三",
    label="可按月领取基本养老金",
    since="2014-10",
)
def may_claim_pension(
    contribution_months,
    minimum_contribution_months,
    retirement_month,
    earliest_flexible_retirement_month,
    may_retire_early_as_civil_servant,
) -> YesNo:
    """Old enough or retired early, with the minimum of contributions, deemed ones included."""
    return contribution_months >= minimum_contribution_months and (
        retirement_month >= earliest_flexible_retirement_month or may_retire_early_as_civil_servant
    )
