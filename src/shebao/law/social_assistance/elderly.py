"""Allowances for the old (老年人福利补贴): for great age, for services, for nursing. Amounts are the place's own."""

from shebao.engine import Age, YesNo, YuanPerMonth, fact, rule

old_age_from = fact(Age, 60, 120, label="当地高龄津贴起发年龄")
local_old_age_allowance = fact(YuanPerMonth, 0, 10_000, label="当地该年龄段高龄津贴标准")
economically_hard = fact(YesNo, label="经济困难老年人（低保、特困、低保边缘等）")
unable_to_care_for_self = fact(YesNo, label="失能（生活不能自理）")
local_service_allowance = fact(YuanPerMonth, 0, 10_000, label="当地养老服务补贴标准")
local_nursing_allowance = fact(YuanPerMonth, 0, 10_000, label="当地老年人护理补贴标准")


@rule(cite="老年人权益保障法 三十三；当地规定", label="月高龄津贴", since="2013-07")
def old_age_allowance(age_in_month, old_age_from, local_old_age_allowance) -> YuanPerMonth:
    """From the age the place sets (mostly 80), whatever the income."""
    return local_old_age_allowance if age_in_month >= old_age_from else 0


@rule(cite="老年人权益保障法 三十七；财社〔2014〕113号", label="月养老服务补贴", since="2014-09")
def elderly_service_allowance(age_in_month, economically_hard, local_service_allowance) -> YuanPerMonth:
    """For poor people from 60; usually spent on services."""
    return local_service_allowance if age_in_month >= 60 and economically_hard else 0


@rule(cite="老年人权益保障法 三十七；财社〔2014〕113号", label="符合老年人护理补贴条件", since="2014-09")
def may_claim_elderly_nursing(
    age_in_month, economically_hard, unable_to_care_for_self, draws_destitute_support
) -> YesNo:
    """Poor, from 60, unable to care for oneself; destitute support already holds its own part for care."""
    return age_in_month >= 60 and economically_hard and unable_to_care_for_self and not draws_destitute_support


@rule(cite="财社〔2014〕113号；国发〔2015〕52号 三（四）", label="月老年人护理补贴", since="2016-01")
def elderly_nursing_allowance(
    may_claim_elderly_nursing, local_nursing_allowance, may_claim_disability_nursing, disability_nursing_standard
) -> YuanPerMonth:
    """Not beside the disability allowance for care: the higher of the two is paid, and that one if they are equal."""
    if not may_claim_elderly_nursing:
        return 0
    if may_claim_disability_nursing and disability_nursing_standard >= local_nursing_allowance:
        return 0
    return local_nursing_allowance
