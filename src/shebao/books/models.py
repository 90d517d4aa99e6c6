"""The books as Django models, for the services, the admin and the web.

The tables are made by the SQL of ``schema/``, so no model is managed by Django; a test holds the two together. Bulk
work goes through ``Books`` and SQL. Facts are recorded through ``registry.Registrar``, never by ``save()``.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField, DateRangeField, DateTimeRangeField
from django.db import models


class Fen(models.BigIntegerField):
    """An amount in fen (分), an integer."""


class Month(models.DateField):
    """A month, as its first day."""


class Word(models.TextField):
    """A word of one of the database's enumerations."""


def person(**options: Any) -> models.ForeignKey[Any, Any]:
    return models.ForeignKey("Person", models.DO_NOTHING, verbose_name="人员", **options)


def employer(**options: Any) -> models.ForeignKey[Any, Any]:
    return models.ForeignKey("Employer", models.DO_NOTHING, verbose_name="单位", **options)


class Placed(models.Model):
    """A row that an office manages: its province and the 12-digit division code that row-level security reads."""

    region = models.SmallIntegerField("省级区划")
    area = models.BigIntegerField("经办区划")

    class Meta:
        abstract = True


class Fact(Placed):
    """A fact with the period it holds for, and when it was known; ``known`` is open while nothing supersedes it."""

    version = models.SmallIntegerField("版本")
    known = DateTimeRangeField("获知时段")
    booked = Month("入账月")
    superseded_in = Month("被更正于", null=True)
    source = models.TextField("来源")

    class Meta:
        abstract = True


# -- registry --------------------------------------------------------------------------------------------


class Office(models.Model):
    """An office of one of the five levels: province, city, county, town, village."""

    area = models.BigIntegerField("区划代码", primary_key=True)
    level = models.SmallIntegerField("层级")
    name = models.TextField("名称")
    parent = models.ForeignKey("self", models.DO_NOTHING, db_column="parent", null=True, verbose_name="上级")

    class Meta:
        managed = False
        db_table = "office"
        verbose_name = verbose_name_plural = "经办机构 offices"

    def __str__(self) -> str:
        return self.name


class Officer(models.Model):
    """Who works at an office, with which duties. The hash of the key is not readable."""

    id = models.TextField("工号", primary_key=True)
    name = models.TextField("姓名")
    area = models.ForeignKey(Office, models.DO_NOTHING, db_column="area", verbose_name="机构")
    duties = ArrayField(models.TextField(), verbose_name="权限")

    class Meta:
        managed = False
        db_table = "officer"
        verbose_name = verbose_name_plural = "经办人员 officers"

    def __str__(self) -> str:
        return f"{self.name} ({self.id})"


class Person(models.Model):
    """An insured person: nothing but the citizen number, which is the social security number (社会保险法 五十八)."""

    id = models.BigAutoField(primary_key=True)
    number = models.TextField("公民身份号码", unique=True)

    class Meta:
        managed = False
        db_table = "person"
        verbose_name = verbose_name_plural = "人员 persons"

    def __str__(self) -> str:
        return self.number


class PersonRecord(Fact):
    """What is known of a person."""

    pk = models.CompositePrimaryKey("person_id", "version")
    person = person(related_name="records")
    valid = DateRangeField("有效期")
    name = models.TextField("姓名")
    sex = Word("性别")
    birth_date = models.DateField("出生日期")
    category = Word("原法定退休年龄类别")
    hukou_region = models.SmallIntegerField("户籍省", null=True)
    phone = models.TextField("电话", null=True)

    class Meta:
        managed = False
        db_table = "person_record"


class Household(Placed):
    """A household, by its register number."""

    id = models.BigAutoField(primary_key=True)
    number = models.TextField("户号", unique=True)

    class Meta:
        managed = False
        db_table = "household"
        verbose_name = verbose_name_plural = "家庭户 households"


class HouseholdMember(Placed):
    """Who belongs to a household, from when to when."""

    pk = models.CompositePrimaryKey("person_id", "household_id", "version")
    household = models.ForeignKey(Household, models.DO_NOTHING, related_name="members")
    person = person(related_name="households")
    version = models.SmallIntegerField("版本")
    relation = models.TextField("与户主关系")
    valid = DateRangeField("有效期")
    known = DateTimeRangeField("获知时段")

    class Meta:
        managed = False
        db_table = "household_member"


class Employer(models.Model):
    """An employer, by its unified social credit code."""

    id = models.BigAutoField(primary_key=True)
    credit_code = models.TextField("统一社会信用代码", unique=True)

    class Meta:
        managed = False
        db_table = "employer"
        verbose_name = verbose_name_plural = "单位 employers"

    def __str__(self) -> str:
        return self.credit_code


class EmployerRecord(Fact):
    """What is known of an employer. ``float_ratio`` is in millionths."""

    pk = models.CompositePrimaryKey("employer_id", "version")
    employer = employer(related_name="records")
    valid = DateRangeField("有效期")
    name = models.TextField("名称")
    size = Word("单位类型")
    industry_class = models.SmallIntegerField("行业风险类别")
    float_ratio = models.IntegerField("费率浮动系数")
    deferral_granted = models.BooleanField("获批缓缴")

    class Meta:
        managed = False
        db_table = "employer_record"


class BankAccount(Placed):
    """Where money goes to."""

    id = models.BigAutoField(primary_key=True)
    person = person(null=True, related_name="bank_accounts")
    employer = employer(null=True, related_name="bank_accounts")
    valid = DateRangeField("有效期")
    known = DateTimeRangeField("获知时段")
    holder = models.TextField("户名")
    bank_code = models.TextField("联行号")
    number = models.TextField("账号")

    class Meta:
        managed = False
        db_table = "bank_account"
        verbose_name = verbose_name_plural = "银行账户 bank accounts"


class Participation(Fact):
    """A person's part in a scheme. ``chosen_base`` in fen a month, ``grade`` in yuan a year."""

    pk = models.CompositePrimaryKey("person_id", "scheme", "version")
    person = person(related_name="participations")
    scheme = Word("险种")
    valid = DateRangeField("参保时段")
    kind = Word("参保身份")
    employer = employer(null=True)
    chosen_base = Fen("自选基数", null=True)
    grade = models.IntegerField("缴费档次", null=True)

    class Meta:
        managed = False
        db_table = "participation"


class LifeEvent(Fact):
    """What happened to a person and ends or changes what is due."""

    pk = models.CompositePrimaryKey("person_id", "kind", "version")
    person = person(related_name="events")
    kind = Word("事件")
    happened_on = models.DateField("发生日期")
    facts = models.JSONField("事实")

    class Meta:
        managed = False
        db_table = "life_event"


class Career(Fact):
    """What a person had earned in a scheme when the books took it over; indices in ten-thousandths."""

    pk = models.CompositePrimaryKey("person_id", "scheme", "version")
    person = person(related_name="careers")
    scheme = Word("险种")
    until = Month("截至月")
    contribution_months = models.SmallIntegerField("累计缴费月数")
    deemed_months = models.SmallIntegerField("视同缴费月数")
    average_index = models.IntegerField("平均缴费工资指数")
    transition_index = models.IntegerField("过渡性养老金指数")
    facts = models.JSONField("其他事实")

    class Meta:
        managed = False
        db_table = "career"


class Look(models.Model):
    """Who looked at whom, and what for."""

    id = models.BigAutoField(primary_key=True)
    person = person(related_name="looks")
    officer = models.ForeignKey(Officer, models.DO_NOTHING, db_column="officer", verbose_name="经办人员")
    purpose = models.TextField("事由")
    looked_at = models.DateTimeField("时间")

    class Meta:
        managed = False
        db_table = "look"
        verbose_name = verbose_name_plural = "查询记录 looks"


# -- collection --------------------------------------------------------------------------------------------


class ImportFile(Placed):
    """A file that came in, once: every row of it was accepted, adjusted or rejected."""

    id = models.TextField("文件摘要", primary_key=True)
    kind = Word("种类")
    name = models.TextField("文件名")
    booked = Month("入账月")
    rows = models.IntegerField("行数")
    accepted = models.IntegerField("接受")
    adjusted = models.IntegerField("调整")
    rejected = models.IntegerField("拒绝")
    officer = models.TextField("经办人员")
    recorded_at = models.DateTimeField("时间")

    class Meta:
        managed = False
        db_table = "import_file"
        verbose_name = verbose_name_plural = "导入文件 files"


class ImportRow(Placed):
    """A row that was adjusted or rejected, with the reason."""

    pk = models.CompositePrimaryKey("file_id", "row_number")
    file = models.ForeignKey(ImportFile, models.DO_NOTHING, related_name="findings")
    row_number = models.IntegerField("行号")
    outcome = Word("结果")
    reason = models.TextField("原因")
    detail = models.TextField("说明")
    raw = models.JSONField("原始内容")

    class Meta:
        managed = False
        db_table = "import_row"


class Contribution(Placed):
    """What is owed for a person × month × scheme: version 0, then differences."""

    pk = models.CompositePrimaryKey("month", "person_id", "scheme", "version", "region")
    month = Month("所属期")
    person = person(db_constraint=False)
    scheme = Word("险种")
    version = models.SmallIntegerField("版本")
    employer = employer(null=True, db_constraint=False)
    bill = models.BigIntegerField("缴费单号")
    base = Fen("缴费基数")
    employee = Fen("个人缴费")
    employer_part = Fen("单位缴费", db_column="employer")
    account_credit = Fen("记入个人账户")
    booked = Month("入账月")

    class Meta:
        managed = False
        db_table = "contribution"


class Bill(Placed):
    """What a payer is asked for; ``reference`` is what it quotes to the bank."""

    pk = models.CompositePrimaryKey("region", "number")
    number = models.BigIntegerField("缴费单号")
    month = Month("所属期")
    booked = Month("入账月")
    kind = Word("种类")
    employer = employer(null=True, related_name="bills")
    person = person(null=True, related_name="bills")
    reference = models.TextField("缴款参考号", unique=True)
    due_on = models.DateField("缴款期限")
    amount = Fen("应缴额")
    about = models.BigIntegerField("所涉缴费单", null=True)

    class Meta:
        managed = False
        db_table = "bill"


class AccountEntry(Placed):
    """A movement of an individual account."""

    pk = models.CompositePrimaryKey("month", "person_id", "scheme", "kind", "version", "region")
    month = Month("所属期")
    person = person(db_constraint=False)
    scheme = Word("险种")
    kind = Word("种类")
    version = models.SmallIntegerField("版本")
    amount = Fen("金额")
    booked = Month("入账月")

    class Meta:
        managed = False
        db_table = "account_entry"


# -- benefits ----------------------------------------------------------------------------------------------


class Claim(Placed):
    """What a person asks for."""

    pk = models.CompositePrimaryKey("region", "number")
    number = models.BigIntegerField("申领号")
    person = person(related_name="claims")
    benefit = Word("待遇")
    claimed_on = models.DateField("申领日期")
    booked = Month("入账月")
    facts = models.JSONField("事实")
    bank_account = models.ForeignKey(BankAccount, models.DO_NOTHING, null=True, verbose_name="收款账户")
    source = models.TextField("来源")

    class Meta:
        managed = False
        db_table = "claim"


class Award(Placed):
    """A decision with its facts and the law's tree of reasons."""

    pk = models.CompositePrimaryKey("person_id", "benefit", "version")
    person = person(related_name="awards")
    benefit = Word("待遇")
    version = models.SmallIntegerField("版本")
    month = Month("法律适用月")
    booked = Month("入账月")
    amount = Fen("金额")
    provisional = models.BooleanField("预发")
    granted = models.BooleanField("准予")
    reason = models.TextField("事由")
    claim = models.BigIntegerField("申领号", null=True)
    facts = models.JSONField("事实")
    tree = models.JSONField("计算过程")
    law = models.TextField("法规版本")

    class Meta:
        managed = False
        db_table = "award"


class Entitlement(Placed):
    """What is due month by month, in components that add up to the amount."""

    pk = models.CompositePrimaryKey("person_id", "benefit", "version")
    person = person(related_name="entitlements")
    benefit = Word("待遇")
    version = models.SmallIntegerField("版本")
    valid = DateRangeField("发放时段")
    known = DateTimeRangeField("获知时段")
    booked = Month("入账月")
    superseded_in = Month("被更正于", null=True)
    amount = Fen("月金额")
    account_part = Fen("其中个人账户")
    components = models.JSONField("组成")
    award_version = models.SmallIntegerField("核定版本", null=True)
    bank_account = models.ForeignKey(BankAccount, models.DO_NOTHING, null=True, verbose_name="收款账户")
    scheme = Word("支付险种", null=True)
    reason = models.TextField("事由")

    class Meta:
        managed = False
        db_table = "entitlement"


class Payment(Placed):
    """What was paid for a person × benefit × month: version 0, then differences."""

    pk = models.CompositePrimaryKey("month", "person_id", "benefit", "version")
    month = Month("所属期")
    person = person(db_constraint=False)
    benefit = Word("待遇")
    version = models.SmallIntegerField("版本")
    scheme = Word("支付险种")
    booked = Month("入账月")
    amount = Fen("金额")
    account_part = Fen("其中个人账户")
    withheld = Fen("抵扣")
    bank_account = models.ForeignKey(
        BankAccount, models.DO_NOTHING, null=True, db_constraint=False, verbose_name="收款账户"
    )
    batch = models.BigIntegerField("批次", null=True)

    class Meta:
        managed = False
        db_table = "payment"


# -- journal -----------------------------------------------------------------------------------------------


class LedgerAccount(models.Model):
    """An account of a fund: region × scheme × name."""

    code = models.TextField("科目代码", primary_key=True)
    region = models.SmallIntegerField("省级区划")
    scheme = Word("险种")
    name = models.TextField("科目")
    kind = Word("类别")

    class Meta:
        managed = False
        db_table = "ledger_account"
        verbose_name = verbose_name_plural = "会计科目 accounts"

    def __str__(self) -> str:
        return self.code


class JournalEntry(models.Model):
    """A balanced entry; ``key`` names the event, so that it is booked once."""

    pk = models.CompositePrimaryKey("region", "number")
    region = models.SmallIntegerField("省级区划")
    number = models.BigIntegerField("凭证号")
    booked = Month("入账月")
    key = models.TextField("事件", unique=True)
    step = models.TextField("步骤")
    text = models.TextField("摘要")
    recorded_at = models.DateTimeField("时间")

    class Meta:
        managed = False
        db_table = "journal_entry"


class RunStep(models.Model):
    """A step of a month that was done."""

    pk = models.CompositePrimaryKey("region", "month", "round", "step")
    region = models.SmallIntegerField("省级区划")
    month = Month("月份")
    round = models.SmallIntegerField("轮次")
    step = Word("步骤")
    officer = models.TextField("经办人员")
    law = models.TextField("法规版本")
    summary = models.JSONField("摘要")
    recorded_at = models.DateTimeField("时间")

    class Meta:
        managed = False
        db_table = "run_step"
