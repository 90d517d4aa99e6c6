"""What a waiver is worth to an employer (阶段性减免), whatever month and law granted it.

The share itself is ``relief_share`` of the general law: 2020 wrote it, a reform file writes the next.
"""

from shebao.engine import YuanPerMonth, fact, rule, to_fen

full_employer_contribution = fact(
    YuanPerMonth, 0, 1_000_000_000, label="减免前单位应缴养老、失业、工伤保险费（当月合计）"
)


@rule(cite="人社部发〔2020〕11号 一；人社部发〔2020〕49号 一；社会保险法 六十", label="当月减免额")
def waived_amount(full_employer_contribution, relief_share) -> YuanPerMonth:
    """Waived of the employer's pension, unemployment and injury part; 0 in a month without relief."""
    return to_fen(full_employer_contribution * relief_share)


@rule(cite="人社部发〔2020〕11号 一；人社部发〔2020〕49号 一；社会保险法 六十", label="减免后单位应缴额")
def contribution_after_relief(full_employer_contribution, waived_amount) -> YuanPerMonth:
    """What is left to pay."""
    return full_employer_contribution - waived_amount
