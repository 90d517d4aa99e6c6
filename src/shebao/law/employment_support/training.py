"""Training subsidies and allowances, and the scale of skill grades (新八级工)."""

from shebao.engine import Count, Days, YesNo, Yuan, choice, fact, rule, to_fen

trainee_group = choice(
    "out_of_poverty_family",
    "graduate",
    "school_leaver",
    "rural_migrant",
    "registered_unemployed",
    "employee",
    "none",
    label="培训对象类别",
)
certified = fact(YesNo, label="培训后取得证书（职业资格、职业技能等级、专项能力或者培训合格）", presumed=False)
local_training_standard = fact(Yuan, 0, 100_000, label="当地该职业（工种）该等级培训补贴标准")
training_subsidies_this_year = fact(Count, 0, 100, label="本年度已享受职业培训补贴次数", presumed=0)
same_training_subsidised = fact(YesNo, label="同一职业同一等级已享受过补贴", presumed=False)
skill_subsidy_received = fact(YesNo, label="同一证书已享受失业保险技能提升补贴", presumed=False)
assessment_fee = fact(Yuan, 0, 10_000, label="职业技能鉴定（评价）收费")
first_certificate = fact(YesNo, label="初次通过职业技能鉴定（评价）", presumed=False)
training_days = fact(Days, 0, 366, label="培训天数")
local_allowance_per_day = fact(Yuan, 0, 1000, label="当地培训期间生活费补贴日标准（元/天）")
in_need_while_training = fact(YesNo, label="脱贫家庭子女、就业困难人员、零就业家庭成员等补生活费对象", presumed=False)
skill_grade = choice(
    "apprentice",
    "junior",
    "intermediate",
    "senior",
    "technician",
    "senior_technician",
    "special_technician",
    "chief_technician",
    label="技能等级（新八级工）",
)


@rule(cite="财社〔2017〕164号；财社〔2023〕181号", label="可享受职业培训补贴", since="2018-01")
def may_claim_training(
    trainee_group, certified, same_training_subsidised, training_subsidies_this_year, trainings_a_year
) -> YesNo:
    """One of the groups, certified, not for the same grade twice, and not more often in a year than allowed."""
    if trainee_group == "none" or not certified or same_training_subsidised:
        return False
    return training_subsidies_this_year < trainings_a_year


@rule(cite="财社〔2017〕164号；财社〔2023〕181号", label="职业培训补贴", since="2018-01")
def training_subsidy(may_claim_training, skill_subsidy_received, local_training_standard) -> Yuan:
    """The local standard of the occupation and grade; the unemployment fund and this one do not both pay."""
    return local_training_standard if may_claim_training and not skill_subsidy_received else 0


@rule(cite="财社〔2017〕164号；财社〔2023〕181号", label="职业技能鉴定（评价）补贴", since="2018-01")
def assessment_subsidy(trainee_group, first_certificate, assessment_fee) -> Yuan:
    """The fee of a first certificate; employees are not among the groups."""
    if trainee_group == "none" or trainee_group == "employee" or not first_certificate:
        return 0
    return assessment_fee


@rule(cite="财社〔2017〕164号；国办发〔2019〕24号", label="培训期间生活费补贴", since="2018-01")
def training_allowance(in_need_while_training, certified, training_days, local_allowance_per_day) -> Yuan:
    """For trainees in need: a daily standard, which is local."""
    return to_fen(training_days * local_allowance_per_day) if in_need_while_training and certified else 0


@rule(cite="人社部发〔2022〕14号", label="技能等级序列", since="2022-03")
def skill_step(skill_grade, grade_steps) -> Count:
    """1 for an apprentice to 8 for a chief technician."""
    return grade_steps[skill_grade]


@rule(cite="人社部发〔2022〕14号；国家高技能人才统计口径", label="属于高技能人才", since="2022-03")
def is_highly_skilled(skill_step, first_high_step) -> YesNo:
    """From senior worker (高级工) up."""
    return skill_step >= first_high_step


@rule(cite="人社部发〔2022〕14号", label="距最高等级的级数", since="2022-03")
def steps_to_the_top(skill_step, top_step) -> Count:
    """How many grades are still above."""
    return top_step - skill_step
