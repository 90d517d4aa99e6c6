"""Treatment, rehabilitation and aids, paid leave, and what a third party has to bear."""

from shebao.engine import Days, Months, YesNo, Yuan, YuanPerMonth, fact, rule, to_fen

cost_in_catalogues = fact(Yuan, 0, 10_000_000, label="符合工伤保险目录和住院服务标准的医疗费用")
rehabilitation_cost = fact(Yuan, 0, 10_000_000, label="符合规定的工伤康复费用", presumed=0)
hospital_days = fact(Days, 0, 10_000, label="住院天数", presumed=0)
hospital_food_per_day = fact(Yuan, 0, 1_000, label="住院伙食补助费当地标准（每天）")
travel_cost_allowed = fact(Yuan, 0, 1_000_000, label="经同意到统筹地区以外就医的交通食宿费（当地标准内）", presumed=0)
paid_by_third_party = fact(Yuan, 0, 10_000_000, label="第三人已支付的工伤医疗费用", presumed=0)
third_party_liable = fact(YesNo, label="工伤由第三人造成", presumed=False)

aid_price = fact(Yuan, 0, 10_000_000, label="辅助器具价格")
aid_price_limit = fact(Yuan, 0, 10_000_000, label="辅助器具最高支付限额（国家、省规定）")
aid_confirmed = fact(YesNo, label="劳动能力鉴定委员会确认配置辅助器具", presumed=False)

wage_and_welfare = fact(YuanPerMonth, 0, 1_000_000, label="原工资福利待遇（每月）")
leave_months = fact(Months, 0, 24, label="停工留薪月数")
leave_extension_confirmed = fact(YesNo, label="劳动能力鉴定委员会确认延长停工留薪期", presumed=False)


# -- treatment ------------------------------------------------------------------------------------


@rule(cite="工伤保险条例 三十", label="住院伙食补助费", since="2011-01")
def hospital_food(hospital_days, hospital_food_per_day) -> Yuan:
    """The area's amount for each day in hospital."""
    return hospital_days * hospital_food_per_day if hospital_days > 0 else 0


@rule(cite="工伤保险条例 三十；社会保险法 四十二；法释〔2014〕9号 八", label="基金支付的工伤医疗费", since="2011-07")
def medical_cost_by_fund(cost_in_catalogues, paid_by_third_party) -> Yuan:
    """The whole cost within the catalogues, without deductible or share; what a third party paid is not paid twice."""
    return max(cost_in_catalogues - paid_by_third_party, 0)


@rule(cite="社会保险法 四十二；社会保险基金先行支付暂行办法", label="基金先行支付后向第三人追偿额", since="2011-07")
def recovered_from_third_party(third_party_liable, medical_cost_by_fund) -> Yuan:
    """Who caused the injury bears the medical cost: the fund pays first and has it back from him."""
    return medical_cost_by_fund if third_party_liable else 0


@rule(cite="工伤保险条例 三十", label="工伤医疗待遇合计", since="2011-07")
def treatment_by_fund(medical_cost_by_fund, rehabilitation_cost, hospital_food, travel_cost_allowed) -> Yuan:
    """Medical cost, rehabilitation, food in hospital, and approved travel out of the area."""
    return medical_cost_by_fund + rehabilitation_cost + hospital_food + travel_cost_allowed


@rule(cite="工伤保险条例 三十二", label="基金支付的辅助器具费", since="2004-01")
def aid_cost_by_fund(aid_confirmed, aid_price, aid_price_limit) -> Yuan:
    """A confirmed aid up to the limit for its kind."""
    return min(aid_price, aid_price_limit) if aid_confirmed else 0


# -- paid leave -----------------------------------------------------------------------------------


@rule(cite="工伤保险条例 三十三", label="停工留薪期上限", since="2004-01")
def longest_paid_leave(leave_limit, leave_extension_confirmed, leave_extension_limit) -> Months:
    """Twelve months, and as many again if the committee confirms it."""
    return leave_limit + leave_extension_limit if leave_extension_confirmed else leave_limit


@rule(cite="工伤保险条例 三十三", label="停工留薪期内工资福利（单位支付）", since="2004-01")
def paid_leave_wages(wage_and_welfare, leave_months, longest_paid_leave) -> Yuan:
    """The employer goes on paying wages and welfare unchanged, up to the limit."""
    return to_fen(wage_and_welfare * min(leave_months, longest_paid_leave))
