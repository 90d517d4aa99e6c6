"""Deferrals of 2020 and 2022: the amount stays, the month it is due moves, and no late fee runs meanwhile.

The employer's pension part of 2022 stands in ``employee_pension.employer_due_month``.
"""

from shebao.engine import Month, YesNo, fact, rule, ym

deferral_end_month = fact(Month, ym(2020, 1), ym(2030, 12), label="获批的缓缴期满年月")
payment_month = fact(Month, ym(2020, 1), ym(2150, 12), label="补缴年月")


@rule(cite="社会保险法 六十", label="失业、工伤保险单位缴费最迟缴纳月", until="2022-03")
def deferred_due_month(month) -> Month:
    """The month's contribution is due in the month."""
    return month


@rule(
    cite="人社厅发〔2022〕16号 二；人社部发〔2022〕31号；人社厅发〔2022〕50号",
    label="失业、工伤保险单位缴费最迟缴纳月",
    since="2022-04",
    until="2023-03",
)
def deferred_due_month(month, deferral_granted, deferral_end_month, longest_deferral) -> Month:
    """Granted: the month after the deferral ends, which it does within a year; else the month itself."""
    if not deferral_granted:
        return month
    return max(min(deferral_end_month, month + longest_deferral) + 1, month)


@rule(cite="社会保险法 六十", label="失业、工伤保险单位缴费最迟缴纳月", since="2023-04")
def deferred_due_month(month) -> Month:
    """The month's contribution is due in the month."""
    return month


@rule(cite="人社厅发〔2022〕50号", label="缓缴费款分期补缴最迟月", since="2022-04", until="2023-03")
def last_instalment_month(deferral_granted, month, instalments_until) -> Month:
    """All that was deferred in 2022 may be paid in instalments, without late fee, to the end of 2023."""
    return instalments_until if deferral_granted else month


# -- flexible workers could leave months of 2020 and 2022 unpaid ---------------------------------


@rule(cite="人社部发〔2020〕49号 三", label="灵活就业未缴月份最迟补缴月", since="2020-01", until="2020-12")
def flexible_makeup_month(flexible_worker, month, makeup_until) -> Month:
    """Months of 2020 until the end of 2021, on a base of the year of payment."""
    return makeup_until if flexible_worker else month


@rule(cite="人社厅发〔2022〕16号 一", label="灵活就业未缴月份最迟补缴月", since="2022-01", until="2022-12")
def flexible_makeup_month(flexible_worker, month, makeup_until) -> Month:
    """Months of 2022 until the end of 2023, on a base of the year of payment."""
    return makeup_until if flexible_worker else month


@rule(cite="人社部发〔2020〕49号 三；人社厅发〔2022〕16号 一", label="仍可补缴该月", since="2020-01", until="2020-12")
def may_still_make_up(payment_month, flexible_makeup_month) -> YesNo:
    """Paid no later than that."""
    return payment_month <= flexible_makeup_month


@rule(cite="人社部发〔2020〕49号 三；人社厅发〔2022〕16号 一", label="仍可补缴该月", since="2022-01", until="2022-12")
def may_still_make_up(payment_month, flexible_makeup_month) -> YesNo:
    """Paid no later than that."""
    return payment_month <= flexible_makeup_month
