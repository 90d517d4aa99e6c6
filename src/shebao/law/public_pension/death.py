"""The death grant of civil servants and of institutions' staff, in service or retired (民发〔2011〕192号)."""

from shebao.engine import Yuan, YuanPerMonth, choice, fact, rule

death_kind = choice("illness", "on_duty", "martyr", label="死亡性质")
last_base_pay = fact(YuanPerMonth, 0, 100_000, label="生前最后一个月基本工资或基本退休费")


@rule(cite="民发〔2011〕192号；人社部发〔2008〕42号", label="一次性抚恤金", since="2011-08", dated_by="death_month")
def death_grant(
    death_month, death_kind, last_base_pay, national_urban_income, death_income_multiple, death_pay_months
) -> Yuan:
    """So many years of the nation's urban income per head of the year before, and forty months of base pay."""
    income = national_urban_income[death_month // 12 - 1] * death_income_multiple[death_kind]
    return income + last_base_pay * death_pay_months
