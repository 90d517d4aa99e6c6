"""Made-up example: the employer's pension part of August to October 2026 may be paid until June 2027."""

from shebao.engine import Month, rule, ym

ROOM = "employee_pension"


@rule(cite="虚构示例 二", label="单位缴费最迟缴纳月", since="2026-08", until="2026-10", dated_by="month")
def employer_due_month(month, deferral_granted) -> Month:
    """Deferred where it was granted; the amount stays."""
    return ym(2027, 6) if deferral_granted else month
