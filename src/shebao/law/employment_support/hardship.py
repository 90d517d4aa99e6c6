"""Who counts as a hardship group (就业困难人员). Each province draws the range; here it is as most draw it."""

from shebao.engine import Months, YesNo, fact, rule

months_unemployed = fact(Months, 0, 720, label="连续登记失业月数", presumed=0)
has_disability_certificate = fact(YesNo, label="持有残疾人证", presumed=False)
zero_employment_family = fact(YesNo, label="零就业家庭成员", presumed=False)
lost_land = fact(YesNo, label="失去土地的农民", presumed=False)


@rule(cite="就业促进法 五十二；各省就业困难人员认定办法", label="大龄失业人员", since="2008-01")
def is_older_unemployed(age_in_month, sex, older_age) -> YesNo:
    """Women from 40, men from 50 (the "4050" of the field)."""
    return age_in_month >= older_age[sex]


@rule(cite="就业促进法 五十二；各省就业困难人员认定办法", label="长期失业人员", since="2008-01")
def is_long_unemployed(months_unemployed, long_unemployed_months) -> YesNo:
    """A year without work; some provinces say half a year."""
    return months_unemployed >= long_unemployed_months


@rule(cite="就业促进法 五十二、五十六；各省就业困难人员认定办法", label="难以实现就业的情形", since="2008-01")
def has_hardship(
    is_older_unemployed,
    is_long_unemployed,
    has_disability_certificate,
    on_dibao,
    zero_employment_family,
    lost_land,
) -> YesNo:
    """Any one reason will do."""
    return (
        is_older_unemployed
        or is_long_unemployed
        or has_disability_certificate
        or on_dibao
        or zero_employment_family
        or lost_land
    )


@rule(cite="就业促进法 二、五十二", label="可认定为就业困难人员", since="2008-01")
def may_be_recognised(has_hardship, registered_and_seeking, month, statutory_retirement_month) -> YesNo:
    """Registered as unemployed, seeking work, below the statutory age, and one of the reasons."""
    return registered_and_seeking and month < statutory_retirement_month and has_hardship
