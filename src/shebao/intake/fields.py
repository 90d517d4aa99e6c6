"""The columns that files may have: their headings in the usual variants, their type and their parser."""

from __future__ import annotations

import re

import pyarrow as pa

from shebao.intake import cells, numbers
from shebao.intake.cells import Fault
from shebao.intake.headers import Field
from shebao.intake.outcome import Reason

#: scheme -> the words for it in a declaration
SCHEMES = {
    "employee_pension": [
        "养老",
        "养老保险",
        "基本养老保险",
        "企业养老",
        "职工养老",
        "企业职工基本养老保险",
        "企业职工养老保险",
    ],
    "unemployment": ["失业", "失业保险"],
    "work_injury": ["工伤", "工伤保险"],
    "medical": ["医疗", "医疗保险", "基本医疗保险", "职工医疗", "职工基本医疗保险"],
    "maternity": ["生育", "生育保险"],
}
_SCHEME_WORDS = {word: name for name, words in SCHEMES.items() for word in (name, *words)}
_BETWEEN = re.compile(r"[、,，;；+/|\s]+")


def schemes(cell: object) -> list[str]:
    """One or several schemes, as names of :data:`SCHEMES` in their order."""
    words = [word for word in _BETWEEN.split(cells.plain(cell).lower()) if word]
    if not words or any(word not in _SCHEME_WORDS for word in words):
        raise Fault(Reason.NOT_CHOICE, "、".join(words[0] for words in SCHEMES.values()))
    chosen = {_SCHEME_WORDS[word] for word in words}
    return [name for name in SCHEMES if name in chosen]


CITIZEN_NUMBER = Field(
    "citizen_number",
    pa.string(),
    numbers.citizen_number,
    "公民身份号码、身份证号、身份证号码、居民身份证号、居民身份证号码、身份证、证件号码、证件号、有效证件号码、"
    "职工身份证号、职工身份证号码、citizen number、id number、id card、id no、identity number",
    fallback="社会保障号、社会保障号码、社保号、社保号码、社会保险号",
    required=True,
)
NAME = Field(
    "name",
    pa.string(),
    cells.name,
    "姓名、职工姓名、员工姓名、人员姓名、参保人姓名、参保人员姓名、name、full name、employee name",
    required=True,
)
SEX = Field("sex", pa.string(), cells.sex, "性别、sex、gender")
BORN_ON = Field("born_on", pa.date32(), cells.day, "出生日期、出生年月日、生日、date of birth、birth date、born on")
HUKOU = Field("hukou", pa.string(), cells.hukou, "户口性质、户籍、户口、户籍性质、户口类型、户籍类型、hukou")

CREDIT_CODE = Field(
    "credit_code",
    pa.string(),
    numbers.credit_code,
    "统一社会信用代码、社会信用代码、信用代码、单位统一社会信用代码、unified social credit code、credit code、uscc",
    fallback="单位编号、单位代码、单位编码、employer number、employer code",
    required=True,
)
MONTH = Field(
    "month",
    pa.date32(),
    cells.month,
    "费款所属期、所属期、费款所属月份、费款所属年月、所属月份、所属年月、申报月份、申报年月、缴费月份、缴费年月、月份、年月、"
    "month、period",
    required=True,
)
WAGE = Field(
    "wage_fen",
    pa.int64(),
    cells.fen,
    "缴费工资、工资、月工资、申报工资、缴费基数、月缴费工资、月缴费基数、申报基数、申报缴费基数、申报缴费工资、月申报工资、"
    "wage、monthly wage、declared wage、salary、contribution base",
    fallback="月平均工资、上年度月平均工资、月工资收入、工资总额、应发工资",
    required=True,
)
HIRED_ON = Field(
    "hired_on",
    pa.date32(),
    cells.day,
    "入职日期、参保日期、增员日期、用工日期、入职时间、参保时间、增员时间、hired on、hire date",
)
LEFT_ON = Field(
    "left_on",
    pa.date32(),
    cells.day,
    "离职日期、停保日期、减员日期、离职时间、停保时间、减员时间、left on、leave date",
)
SCHEME = Field(
    "schemes", pa.list_(pa.string()), schemes, "险种、参保险种、险种名称、险种类型、scheme、schemes、insurance"
)

AREA = Field(
    "area",
    pa.int64(),
    numbers.area,
    "行政区划代码、行政区划、区划代码、参保地、参保地区划、参保地区划代码、所在地区划、area、area code、division code",
    required=True,
)
HUKOU_AREA = Field(
    "hukou_area",
    pa.int64(),
    numbers.area,
    "户籍地区划代码、户籍地、户籍所在地、户籍地区划、户籍地行政区划代码、户口所在地、户口所在地区划代码、hukou area",
)
PHONE = Field(
    "phone",
    pa.string(),
    numbers.phone,
    "手机号、手机号码、手机、移动电话、联系电话、电话、电话号码、phone、mobile、telephone",
)
BANK_ACCOUNT = Field(
    "bank_account",
    pa.string(),
    numbers.bank_account,
    "银行账号、银行帐号、银行账户、银行卡号、社保卡银行账号、账号、帐号、卡号、bank account、account number",
)
BANK_NAME = Field("bank_name", pa.string(), cells.words, "开户行、开户银行、开户行名称、银行名称、bank、bank name")

PAYROLL = (CITIZEN_NUMBER, NAME, CREDIT_CODE, MONTH, WAGE, HIRED_ON, LEFT_ON, SCHEME, HUKOU, SEX, BORN_ON)
PERSONS = (CITIZEN_NUMBER, NAME, SEX, BORN_ON, AREA, HUKOU_AREA, HUKOU, PHONE, BANK_ACCOUNT, BANK_NAME)
