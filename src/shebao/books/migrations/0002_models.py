"""What the models say of the tables, for Django's own books; it changes nothing in the database."""

from typing import ClassVar

import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
from django.db import migrations, models

import shebao.books.models


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("books", "0001_initial"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="AccountEntry",
            fields=[
                ("region", models.SmallIntegerField(verbose_name="省级区划")),
                ("area", models.BigIntegerField(verbose_name="经办区划")),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "month",
                        "person_id",
                        "scheme",
                        "kind",
                        "version",
                        "region",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("month", shebao.books.models.Month(verbose_name="所属期")),
                ("scheme", shebao.books.models.Word(verbose_name="险种")),
                ("kind", shebao.books.models.Word(verbose_name="种类")),
                ("version", models.SmallIntegerField(verbose_name="版本")),
                ("amount", shebao.books.models.Fen(verbose_name="金额")),
                ("booked", shebao.books.models.Month(verbose_name="入账月")),
            ],
            options={
                "db_table": "account_entry",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Award",
            fields=[
                ("region", models.SmallIntegerField(verbose_name="省级区划")),
                ("area", models.BigIntegerField(verbose_name="经办区划")),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "person_id", "benefit", "version", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("benefit", shebao.books.models.Word(verbose_name="待遇")),
                ("version", models.SmallIntegerField(verbose_name="版本")),
                ("month", shebao.books.models.Month(verbose_name="法律适用月")),
                ("booked", shebao.books.models.Month(verbose_name="入账月")),
                ("amount", shebao.books.models.Fen(verbose_name="金额")),
                ("provisional", models.BooleanField(verbose_name="预发")),
                ("granted", models.BooleanField(verbose_name="准予")),
                ("reason", models.TextField(verbose_name="事由")),
                ("claim", models.BigIntegerField(null=True, verbose_name="申领号")),
                ("facts", models.JSONField(verbose_name="事实")),
                ("tree", models.JSONField(verbose_name="计算过程")),
                ("law", models.TextField(verbose_name="法规版本")),
            ],
            options={
                "db_table": "award",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="BankAccount",
            fields=[
                ("region", models.SmallIntegerField(verbose_name="省级区划")),
                ("area", models.BigIntegerField(verbose_name="经办区划")),
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("valid", django.contrib.postgres.fields.ranges.DateRangeField(verbose_name="有效期")),
                ("known", django.contrib.postgres.fields.ranges.DateTimeRangeField(verbose_name="获知时段")),
                ("holder", models.TextField(verbose_name="户名")),
                ("bank_code", models.TextField(verbose_name="联行号")),
                ("number", models.TextField(verbose_name="账号")),
            ],
            options={
                "verbose_name": "银行账户 bank accounts",
                "verbose_name_plural": "银行账户 bank accounts",
                "db_table": "bank_account",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Bill",
            fields=[
                ("region", models.SmallIntegerField(verbose_name="省级区划")),
                ("area", models.BigIntegerField(verbose_name="经办区划")),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "region", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.BigIntegerField(verbose_name="缴费单号")),
                ("month", shebao.books.models.Month(verbose_name="所属期")),
                ("booked", shebao.books.models.Month(verbose_name="入账月")),
                ("kind", shebao.books.models.Word(verbose_name="种类")),
                ("reference", models.TextField(unique=True, verbose_name="缴款参考号")),
                ("due_on", models.DateField(verbose_name="缴款期限")),
                ("amount", shebao.books.models.Fen(verbose_name="应缴额")),
                ("about", models.BigIntegerField(null=True, verbose_name="所涉缴费单")),
            ],
            options={
                "db_table": "bill",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Career",
            fields=[
                ("region", models.SmallIntegerField(verbose_name="省级区划")),
                ("area", models.BigIntegerField(verbose_name="经办区划")),
                ("version", models.SmallIntegerField(verbose_name="版本")),
                ("known", django.contrib.postgres.fields.ranges.DateTimeRangeField(verbose_name="获知时段")),
                ("booked", shebao.books.models.Month(verbose_name="入账月")),
                ("superseded_in", shebao.books.models.Month(null=True, verbose_name="被更正于")),
                ("source", models.TextField(verbose_name="来源")),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "person_id", "scheme", "version", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("scheme", shebao.books.models.Word(verbose_name="险种")),
                ("until", shebao.books.models.Month(verbose_name="截至月")),
                ("contribution_months", models.SmallIntegerField(verbose_name="累计缴费月数")),
                ("deemed_months", models.SmallIntegerField(verbose_name="视同缴费月数")),
                ("average_index", models.IntegerField(verbose_name="平均缴费工资指数")),
                ("transition_index", models.IntegerField(verbose_name="过渡性养老金指数")),
                ("facts", models.JSONField(verbose_name="其他事实")),
            ],
            options={
                "db_table": "career",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Claim",
            fields=[
                ("region", models.SmallIntegerField(verbose_name="省级区划")),
                ("area", models.BigIntegerField(verbose_name="经办区划")),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "region", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.BigIntegerField(verbose_name="申领号")),
                ("benefit", shebao.books.models.Word(verbose_name="待遇")),
                ("claimed_on", models.DateField(verbose_name="申领日期")),
                ("booked", shebao.books.models.Month(verbose_name="入账月")),
                ("facts", models.JSONField(verbose_name="事实")),
                ("source", models.TextField(verbose_name="来源")),
            ],
            options={
                "db_table": "claim",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Contribution",
            fields=[
                ("region", models.SmallIntegerField(verbose_name="省级区划")),
                ("area", models.BigIntegerField(verbose_name="经办区划")),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "month",
                        "person_id",
                        "scheme",
                        "version",
                        "region",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("month", shebao.books.models.Month(verbose_name="所属期")),
                ("scheme", shebao.books.models.Word(verbose_name="险种")),
                ("version", models.SmallIntegerField(verbose_name="版本")),
                ("bill", models.BigIntegerField(verbose_name="缴费单号")),
                ("base", shebao.books.models.Fen(verbose_name="缴费基数")),
                ("employee", shebao.books.models.Fen(verbose_name="个人缴费")),
                ("employer_part", shebao.books.models.Fen(db_column="employer", verbose_name="单位缴费")),
                ("account_credit", shebao.books.models.Fen(verbose_name="记入个人账户")),
                ("booked", shebao.books.models.Month(verbose_name="入账月")),
            ],
            options={
                "db_table": "contribution",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Employer",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("credit_code", models.TextField(unique=True, verbose_name="统一社会信用代码")),
            ],
            options={
                "verbose_name": "单位 employers",
                "verbose_name_plural": "单位 employers",
                "db_table": "employer",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="EmployerRecord",
            fields=[
                ("region", models.SmallIntegerField(verbose_name="省级区划")),
                ("area", models.BigIntegerField(verbose_name="经办区划")),
                ("version", models.SmallIntegerField(verbose_name="版本")),
                ("known", django.contrib.postgres.fields.ranges.DateTimeRangeField(verbose_name="获知时段")),
                ("booked", shebao.books.models.Month(verbose_name="入账月")),
                ("superseded_in", shebao.books.models.Month(null=True, verbose_name="被更正于")),
                ("source", models.TextField(verbose_name="来源")),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "employer_id", "version", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("valid", django.contrib.postgres.fields.ranges.DateRangeField(verbose_name="有效期")),
                ("name", models.TextField(verbose_name="名称")),
                ("size", shebao.books.models.Word(verbose_name="单位类型")),
                ("industry_class", models.SmallIntegerField(verbose_name="行业风险类别")),
                ("float_ratio", models.IntegerField(verbose_name="费率浮动系数")),
                ("deferral_granted", models.BooleanField(verbose_name="获批缓缴")),
            ],
            options={
                "db_table": "employer_record",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Entitlement",
            fields=[
                ("region", models.SmallIntegerField(verbose_name="省级区划")),
                ("area", models.BigIntegerField(verbose_name="经办区划")),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "person_id", "benefit", "version", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("benefit", shebao.books.models.Word(verbose_name="待遇")),
                ("version", models.SmallIntegerField(verbose_name="版本")),
                ("valid", django.contrib.postgres.fields.ranges.DateRangeField(verbose_name="发放时段")),
                ("known", django.contrib.postgres.fields.ranges.DateTimeRangeField(verbose_name="获知时段")),
                ("booked", shebao.books.models.Month(verbose_name="入账月")),
                ("superseded_in", shebao.books.models.Month(null=True, verbose_name="被更正于")),
                ("amount", shebao.books.models.Fen(verbose_name="月金额")),
                ("account_part", shebao.books.models.Fen(verbose_name="其中个人账户")),
                ("components", models.JSONField(verbose_name="组成")),
                ("award_version", models.SmallIntegerField(null=True, verbose_name="核定版本")),
                ("scheme", shebao.books.models.Word(null=True, verbose_name="支付险种")),
                ("reason", models.TextField(verbose_name="事由")),
            ],
            options={
                "db_table": "entitlement",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Household",
            fields=[
                ("region", models.SmallIntegerField(verbose_name="省级区划")),
                ("area", models.BigIntegerField(verbose_name="经办区划")),
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("number", models.TextField(unique=True, verbose_name="户号")),
            ],
            options={
                "verbose_name": "家庭户 households",
                "verbose_name_plural": "家庭户 households",
                "db_table": "household",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="HouseholdMember",
            fields=[
                ("region", models.SmallIntegerField(verbose_name="省级区划")),
                ("area", models.BigIntegerField(verbose_name="经办区划")),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "person_id",
                        "household_id",
                        "version",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("version", models.SmallIntegerField(verbose_name="版本")),
                ("relation", models.TextField(verbose_name="与户主关系")),
                ("valid", django.contrib.postgres.fields.ranges.DateRangeField(verbose_name="有效期")),
                ("known", django.contrib.postgres.fields.ranges.DateTimeRangeField(verbose_name="获知时段")),
            ],
            options={
                "db_table": "household_member",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="ImportFile",
            fields=[
                ("region", models.SmallIntegerField(verbose_name="省级区划")),
                ("area", models.BigIntegerField(verbose_name="经办区划")),
                ("id", models.TextField(primary_key=True, serialize=False, verbose_name="文件摘要")),
                ("kind", shebao.books.models.Word(verbose_name="种类")),
                ("name", models.TextField(verbose_name="文件名")),
                ("booked", shebao.books.models.Month(verbose_name="入账月")),
                ("rows", models.IntegerField(verbose_name="行数")),
                ("accepted", models.IntegerField(verbose_name="接受")),
                ("adjusted", models.IntegerField(verbose_name="调整")),
                ("rejected", models.IntegerField(verbose_name="拒绝")),
                ("officer", models.TextField(verbose_name="经办人员")),
                ("recorded_at", models.DateTimeField(verbose_name="时间")),
            ],
            options={
                "verbose_name": "导入文件 files",
                "verbose_name_plural": "导入文件 files",
                "db_table": "import_file",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="ImportRow",
            fields=[
                ("region", models.SmallIntegerField(verbose_name="省级区划")),
                ("area", models.BigIntegerField(verbose_name="经办区划")),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "file_id", "row_number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("row_number", models.IntegerField(verbose_name="行号")),
                ("outcome", shebao.books.models.Word(verbose_name="结果")),
                ("reason", models.TextField(verbose_name="原因")),
                ("detail", models.TextField(verbose_name="说明")),
                ("raw", models.JSONField(verbose_name="原始内容")),
            ],
            options={
                "db_table": "import_row",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="JournalEntry",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "region", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("region", models.SmallIntegerField(verbose_name="省级区划")),
                ("number", models.BigIntegerField(verbose_name="凭证号")),
                ("booked", shebao.books.models.Month(verbose_name="入账月")),
                ("key", models.TextField(unique=True, verbose_name="事件")),
                ("step", models.TextField(verbose_name="步骤")),
                ("text", models.TextField(verbose_name="摘要")),
                ("recorded_at", models.DateTimeField(verbose_name="时间")),
            ],
            options={
                "db_table": "journal_entry",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="LedgerAccount",
            fields=[
                ("code", models.TextField(primary_key=True, serialize=False, verbose_name="科目代码")),
                ("region", models.SmallIntegerField(verbose_name="省级区划")),
                ("scheme", shebao.books.models.Word(verbose_name="险种")),
                ("name", models.TextField(verbose_name="科目")),
                ("kind", shebao.books.models.Word(verbose_name="类别")),
            ],
            options={
                "verbose_name": "会计科目 accounts",
                "verbose_name_plural": "会计科目 accounts",
                "db_table": "ledger_account",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="LifeEvent",
            fields=[
                ("region", models.SmallIntegerField(verbose_name="省级区划")),
                ("area", models.BigIntegerField(verbose_name="经办区划")),
                ("version", models.SmallIntegerField(verbose_name="版本")),
                ("known", django.contrib.postgres.fields.ranges.DateTimeRangeField(verbose_name="获知时段")),
                ("booked", shebao.books.models.Month(verbose_name="入账月")),
                ("superseded_in", shebao.books.models.Month(null=True, verbose_name="被更正于")),
                ("source", models.TextField(verbose_name="来源")),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "person_id", "kind", "version", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", shebao.books.models.Word(verbose_name="事件")),
                ("happened_on", models.DateField(verbose_name="发生日期")),
                ("facts", models.JSONField(verbose_name="事实")),
            ],
            options={
                "db_table": "life_event",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Look",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("purpose", models.TextField(verbose_name="事由")),
                ("looked_at", models.DateTimeField(verbose_name="时间")),
            ],
            options={
                "verbose_name": "查询记录 looks",
                "verbose_name_plural": "查询记录 looks",
                "db_table": "look",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Office",
            fields=[
                ("area", models.BigIntegerField(primary_key=True, serialize=False, verbose_name="区划代码")),
                ("level", models.SmallIntegerField(verbose_name="层级")),
                ("name", models.TextField(verbose_name="名称")),
            ],
            options={
                "verbose_name": "经办机构 offices",
                "verbose_name_plural": "经办机构 offices",
                "db_table": "office",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Officer",
            fields=[
                ("id", models.TextField(primary_key=True, serialize=False, verbose_name="工号")),
                ("name", models.TextField(verbose_name="姓名")),
                (
                    "duties",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), size=None, verbose_name="权限"
                    ),
                ),
            ],
            options={
                "verbose_name": "经办人员 officers",
                "verbose_name_plural": "经办人员 officers",
                "db_table": "officer",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Participation",
            fields=[
                ("region", models.SmallIntegerField(verbose_name="省级区划")),
                ("area", models.BigIntegerField(verbose_name="经办区划")),
                ("version", models.SmallIntegerField(verbose_name="版本")),
                ("known", django.contrib.postgres.fields.ranges.DateTimeRangeField(verbose_name="获知时段")),
                ("booked", shebao.books.models.Month(verbose_name="入账月")),
                ("superseded_in", shebao.books.models.Month(null=True, verbose_name="被更正于")),
                ("source", models.TextField(verbose_name="来源")),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "person_id", "scheme", "version", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("scheme", shebao.books.models.Word(verbose_name="险种")),
                ("valid", django.contrib.postgres.fields.ranges.DateRangeField(verbose_name="参保时段")),
                ("kind", shebao.books.models.Word(verbose_name="参保身份")),
                ("chosen_base", shebao.books.models.Fen(null=True, verbose_name="自选基数")),
                ("grade", models.IntegerField(null=True, verbose_name="缴费档次")),
            ],
            options={
                "db_table": "participation",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Payment",
            fields=[
                ("region", models.SmallIntegerField(verbose_name="省级区划")),
                ("area", models.BigIntegerField(verbose_name="经办区划")),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "month",
                        "person_id",
                        "benefit",
                        "version",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("month", shebao.books.models.Month(verbose_name="所属期")),
                ("benefit", shebao.books.models.Word(verbose_name="待遇")),
                ("version", models.SmallIntegerField(verbose_name="版本")),
                ("scheme", shebao.books.models.Word(verbose_name="支付险种")),
                ("booked", shebao.books.models.Month(verbose_name="入账月")),
                ("amount", shebao.books.models.Fen(verbose_name="金额")),
                ("account_part", shebao.books.models.Fen(verbose_name="其中个人账户")),
                ("withheld", shebao.books.models.Fen(verbose_name="抵扣")),
                ("batch", models.BigIntegerField(null=True, verbose_name="批次")),
            ],
            options={
                "db_table": "payment",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("number", models.TextField(unique=True, verbose_name="公民身份号码")),
            ],
            options={
                "verbose_name": "人员 persons",
                "verbose_name_plural": "人员 persons",
                "db_table": "person",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="PersonRecord",
            fields=[
                ("region", models.SmallIntegerField(verbose_name="省级区划")),
                ("area", models.BigIntegerField(verbose_name="经办区划")),
                ("version", models.SmallIntegerField(verbose_name="版本")),
                ("known", django.contrib.postgres.fields.ranges.DateTimeRangeField(verbose_name="获知时段")),
                ("booked", shebao.books.models.Month(verbose_name="入账月")),
                ("superseded_in", shebao.books.models.Month(null=True, verbose_name="被更正于")),
                ("source", models.TextField(verbose_name="来源")),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "person_id", "version", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("valid", django.contrib.postgres.fields.ranges.DateRangeField(verbose_name="有效期")),
                ("name", models.TextField(verbose_name="姓名")),
                ("sex", shebao.books.models.Word(verbose_name="性别")),
                ("birth_date", models.DateField(verbose_name="出生日期")),
                ("category", shebao.books.models.Word(verbose_name="原法定退休年龄类别")),
                ("hukou_region", models.SmallIntegerField(null=True, verbose_name="户籍省")),
                ("phone", models.TextField(null=True, verbose_name="电话")),
            ],
            options={
                "db_table": "person_record",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="RunStep",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "region",
                        "month",
                        "round",
                        "step",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("region", models.SmallIntegerField(verbose_name="省级区划")),
                ("month", shebao.books.models.Month(verbose_name="月份")),
                ("round", models.SmallIntegerField(verbose_name="轮次")),
                ("step", shebao.books.models.Word(verbose_name="步骤")),
                ("officer", models.TextField(verbose_name="经办人员")),
                ("law", models.TextField(verbose_name="法规版本")),
                ("summary", models.JSONField(verbose_name="摘要")),
                ("recorded_at", models.DateTimeField(verbose_name="时间")),
            ],
            options={
                "db_table": "run_step",
                "managed": False,
            },
        ),
    ]
