"""Months paid twice: what counts once, what is given back.

A record of ``ended_relation`` is one month of the relation that is given up; a record of ``resident_overlaps`` is one
calendar year in which the resident's and the employee's scheme were paid side by side.
"""

from shebao.engine import Months, YesNo, Yuan, YuanPerMonth, fact, rule, to_fen, total

own_contribution = fact(YuanPerMonth, 0, 100_000, label="当月个人缴费", over="ended_relation")
paid_in_kept_relation = fact(YesNo, label="当月在保留的关系中也已缴费", over="ended_relation")
overlap_own_payment = fact(Yuan, 0, 50_000, label="重复年度居民养老保险个人缴费", over="resident_overlaps")
overlap_collective_subsidy = fact(Yuan, 0, 50_000, label="重复年度集体补助", presumed=0, over="resident_overlaps")
overlap_months_of_year = fact(Months, 0, 12, label="当年重复缴费月数", over="resident_overlaps")


@total(over="ended_relation", high=100_000_000, cite="人社部规〔2016〕5号", label="重复缴费退还个人缴费")
def overlap_refund(own_contribution, paid_in_kept_relation) -> Yuan:
    """One's own share of the months that the kept relation has too goes back to the person."""
    return own_contribution if paid_in_kept_relation else 0


@total(over="ended_relation", high=2_000, cite="人社部规〔2016〕5号", label="并入保留关系的缴费月数")
def months_added(paid_in_kept_relation) -> Months:
    """Months that the kept relation lacks: they move over and count once."""
    return 0 if paid_in_kept_relation else 1


@rule(cite="人社部发〔2014〕17号 七", label="当年重复缴费退还额", since="2014-07")
def resident_refund_of_year(overlap_own_payment, overlap_collective_subsidy, overlap_months_of_year) -> Yuan:
    """The doubled months' share of what the resident and the collective paid; not the government's subsidy."""
    return to_fen((overlap_own_payment + overlap_collective_subsidy) * overlap_months_of_year / 12)


@total(over="resident_overlaps", high=10_000_000, cite="人社部发〔2014〕17号 七", label="居民养老保险重复缴费退还额")
def resident_overlap_refund(resident_refund_of_year) -> Yuan:
    """Where both were paid the employee's months count and the resident's payments go back to the person."""
    return resident_refund_of_year


@total(over="resident_overlaps", high=1_200, cite="人社部发〔2014〕17号 七", label="两制度重复缴费月数")
def overlap_months(overlap_months_of_year) -> Months:
    """Months paid in both schemes."""
    return overlap_months_of_year
