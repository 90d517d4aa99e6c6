"""What a resident pays in a year, what the government adds, and what the account is credited."""

from shebao.engine import Count, Month, YuanPerYear, fact, rule

resident_grade = fact(Count, 0, 50_000, label="缴费档次（元/年）")
collective_subsidy = fact(YuanPerYear, 0, 50_000, label="集体补助", presumed=0)


@rule(cite="国发〔2014〕8号 三", label="可参保起始年月")
def joining_month(birth_month, joining_age) -> Month:
    """The month from which one may join: the age is that from which the Labour Law lets one work, too."""
    return birth_month + joining_age * 12


@rule(cite="国发〔2014〕8号 四（一）", label="个人年缴费额")
def resident_contribution(resident_grade) -> YuanPerYear:
    """The grade the person chose is the amount paid for the year."""
    return resident_grade


@rule(cite="国发〔2014〕8号 四（三）", label="政府年补贴国家最低标准", since="2014-02")
def minimum_government_subsidy(minimum_subsidy, resident_grade) -> YuanPerYear:
    """The national minimum for a grade of the national list: 30 yuan, from the 500 grade on 60."""
    return minimum_subsidy[resident_grade]


@rule(cite="国发〔2014〕8号 四（三）；省级实施办法", label="政府年补贴")
def government_subsidy(provincial_subsidy, region, resident_grade) -> YuanPerYear:
    """What the province adds at the grade; a grade that is not in its list is refused."""
    return provincial_subsidy[region, resident_grade]


@rule(cite="国发〔2014〕8号 五", label="当年记入个人账户额")
def account_credit(resident_contribution, government_subsidy, collective_subsidy) -> YuanPerYear:
    """Everything paid for the year goes into the person's account."""
    return resident_contribution + government_subsidy + collective_subsidy
