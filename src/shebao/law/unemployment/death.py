"""After a death while the benefit is drawn: funeral and survivors' grants as for employees of the place."""

from shebao.engine import YesNo, Yuan, YuanPerMonth, fact, rule, to_fen

died_while_drawing = fact(YesNo, label="领取失业保险金期间死亡", presumed=False)
dependants_supported = fact(YesNo, label="有供养的配偶或者直系亲属", presumed=False)
local_average_wage = fact(YuanPerMonth, 0, 100_000, label="领取地上年度职工月平均工资")
pension_funeral_grant = fact(Yuan, 0, 1_000_000, label="基本养老保险丧葬补助金", presumed=0)
injury_funeral_grant = fact(Yuan, 0, 1_000_000, label="工伤保险丧葬补助金", presumed=0)


@rule(cite="社会保险法 四十九；失业保险条例 二十", label="丧葬补助金", since="1999-01")
def funeral_grant(died_while_drawing, local_average_wage, region, funeral_months) -> Yuan:
    """So many months of the local average wage."""
    return to_fen(local_average_wage * funeral_months[region]) if died_while_drawing else 0


@rule(cite="社会保险法 四十九；失业保险条例 二十；广东省失业保险条例 二十五", label="抚恤金", since="1999-01")
def survivor_grant(died_while_drawing, dependants_supported, local_average_wage, region, survivor_months) -> Yuan:
    """So many months of the local average wage, paid once to those the dead person supported."""
    return to_fen(local_average_wage * survivor_months[region]) if died_while_drawing and dependants_supported else 0


@rule(cite="社会保险法 四十九", label="遗属选择领取的丧葬补助金", since="2011-07")
def chosen_funeral_grant(funeral_grant, pension_funeral_grant, injury_funeral_grant) -> Yuan:
    """Of the funeral grants of three schemes only one may be taken: the largest."""
    return max(funeral_grant, pension_funeral_grant, injury_funeral_grant)
