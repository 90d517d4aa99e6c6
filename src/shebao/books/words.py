"""What the books' words are called in Chinese: columns, the enumerations of the schema, the parts of a benefit.

A part of a benefit bears the name of a rule, so its label is the law's. Texts that the books keep in both languages are
English first, then Chinese: ``death 死亡``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

#: Columns of what is shown of a person or an employer.
COLUMNS = {
    "account": "个人账户", "account_credit": "记账", "account_part": "其中个人账户", "amount": "金额",
    "area": "经办区划", "attempt": "次数", "average_index": "平均指数", "award_version": "核定版本",
    "balance": "余额", "bank_account": "账号", "bank_code": "联行号", "base": "基数", "batch": "批次",
    "benefit": "待遇", "birth_date": "出生日期", "booked": "入账月", "category": "类别", "chosen_base": "自选基数",
    "claimed_on": "申领日期", "closing": "年末", "components": "构成", "contribution_months": "缴费月数",
    "credit": "记账", "credits": "记入", "debtor": "付款人", "debtor_account": "付款账号",
    "deemed_months": "视同月数", "due_on": "应缴日", "employee": "个人", "employer": "单位", "from": "起",
    "from_region": "转出地", "from_scheme": "转出险种", "grade": "档次", "granted": "准予",
    "happened_on": "发生日期", "holder": "户名", "id": "编号", "interest": "利息", "kind": "种类",
    "known": "获知时段", "law": "法规指纹", "law_month": "适用月份", "level": "层级", "looked_at": "时间",
    "month": "月份", "months": "月数", "name": "姓名", "number": "号码", "officer": "经办人员",
    "officers": "经办人员", "opening": "年初", "paid": "已缴", "person": "人员", "phone": "电话",
    "pooled": "统筹基金", "provisional": "暂定", "purpose": "事由", "reason": "事由", "recovered": "已收回",
    "reference": "缴费参考号", "relation": "关系", "requested_on": "申请日期", "scheme": "险种", "sent": "转出月",
    "settled": "到账", "sex": "性别", "source": "来源", "stands": "现行", "state": "进展", "taken": "转入月",
    "through": "止", "to_region": "转入地", "to_scheme": "转入险种", "until": "截至", "valid": "有效期",
    "value_date": "到账日", "version": "版本", "wage": "工资", "withdrawals": "支出", "withdrawn": "撤回",
    "withheld": "抵扣", "year": "年度",
}  # fmt: skip

BENEFITS = {
    "employee_pension": "职工养老金",
    "resident_pension": "居民养老金",
    "funeral_grant": "丧葬补助金",
    "survivor_grant": "抚恤金",
    "account_inheritance": "个人账户继承",
    "account_refund": "个人账户退还",
    "contribution_refund": "重复缴费退还",
    "resident_account_refund": "居民个人账户退还",
    "resident_account_inheritance": "居民个人账户继承",
}

#: The other words of the schema's enumerations; one that stands in several means the same in each.
WORDS = {
    "employee_pension": "职工养老", "resident_pension": "居民养老", "public_pension": "机关养老",
    "unemployment": "失业", "work_injury": "工伤", "medical": "职工医疗", "maternity": "生育",
    "resident_medical": "居民医疗", "occupational_annuity": "职业年金", "enterprise_annuity": "企业年金",
    "occupational_injury": "职业伤害", "collection": "征收过渡", "male": "男", "female": "女", "men60": "男职工",
    "women55": "女职工（原55）", "women50": "女职工（原50）", "micro_small_medium": "中小微", "large": "大型",
    "public_body": "机关事业单位", "employee": "职工", "flexible": "灵活就业", "resident": "城乡居民",
    "temporary": "临时账户", "retired": "领取待遇", "death": "死亡", "emigration": "出国定居",
    "conversion": "制度衔接", "relation_ended": "终止关系", "accepted": "接受", "adjusted": "调整",
    "rejected": "拒绝", "payroll": "工资申报", "persons": "人员登记", "bank_statement": "银行对账单",
    "bank_status": "银行状态报告", "pooling_plan": "统筹计划", "regular": "正常", "correction": "更正",
    "assessed": "核定", "assessed_reversal": "核定冲回", "late_fee": "滞纳金", "reversal": "冲回", "opening": "期初",
    "contribution": "缴费", "interest": "利息", "drawdown": "支付", "transfer_in": "转入", "transfer_out": "转出",
    "inheritance": "继承", "refund": "退还", "approved": "已复核", "refused": "已退回", "sent": "已发送",
    "settled": "已支付", "returned": "退汇", "withheld": "抵扣", "received": "退款到账", "cancelled": "核销",
    "opened": "开账", "closed": "结账", "reopened": "重开", "look": "查阅", "register": "登记", "run": "办理",
    "approve": "复核", "reopen": "重开", "asset": "资产", "liability": "负债", "income": "收入", "expense": "费用",
    "fund": "基金", "collect": "征缴", "credit": "记账", "award": "核定", "adjust": "调整", "pay": "支付",
    "pool": "统筹", "close": "结账",
}  # fmt: skip

#: Columns in fen.
MONEY = frozenset(
    ("wage", "base", "employee", "employer", "account_credit", "amount", "balance", "opening", "credits", "closing")
) | {"withdrawals", "interest", "withheld", "recovered", "chosen_base", "account_part", "account", "pooled"}
INDEX = frozenset(("average_index", "transition_index"))  # × 10 000
MONTHS = frozenset(("month", "booked", "until", "sent", "taken"))
PERIODS = frozenset(("known", "valid"))

#: Parts of a benefit that are no rule: what the books took over, and what rounding leaves.
_PARTS = {"pension_taken_over": "接续发放额", "difference": "尾差"}
_ADJUSTMENT = re.compile(r"adjustment_([0-9]{4})")
# English, then Chinese from a character on after which no English word stands, then what the database said.
_BOTH = re.compile(r"(?P<en>.*?)\s+(?P<zh>[\u3400-\u9fff](?:(?![a-z]{2})[^:])*)(?P<rest>: .*)?", re.DOTALL)


def column(name: str, lang: str) -> str:
    """The heading of a column, in Chinese where ``lang`` is ``zh``."""
    plain = name.removesuffix("_id")
    return COLUMNS.get(plain, plain) if lang == "zh" else plain.replace("_", " ")


def word(name: str, value: str, lang: str) -> str:
    """A value of the column ``name`` as people read it: an enumerated word in Chinese, a text in one language."""
    if lang == "zh" and name == "benefit":
        return BENEFITS.get(value, value)
    if lang == "zh" and value in WORDS and name not in ("id", "name", "number", "officer"):
        return WORDS[value]
    return in_one(value, lang) if name == "reason" or (name == "source" and ":" not in value) else value


def cell(name: str, row: Mapping[str, Any], lang: str) -> str:
    """A value of a row as people read it: yuan, months, periods, words; parts of a benefit by the law's terms."""
    value = row.get(name)
    if value is None:
        return ""
    if isinstance(value, bool):
        return ("是" if value else "否") if lang == "zh" else ("yes" if value else "no")
    if name in MONEY and isinstance(value, int):
        return yuan(value)
    if name in INDEX:
        return f"{value // 10_000}.{value % 10_000:04d}"
    if name in MONTHS and isinstance(value, str):
        return value[:7]
    if name == "looked_at":
        return str(value)[:16].replace("T", " ")
    if name in PERIODS:
        return _period(str(value))
    if name == "components":
        parts = [f"{part(str(row['benefit']), what, lang)} {yuan(fen)}" for what, fen in value.items()]
        return ("，" if lang == "zh" else ", ").join(parts)
    return word(name, str(value), lang)


def _period(text: str) -> str:
    """A range as the books write it, ``["2025-01-01 08:00:00+00",)``, to the minute: ``2025-01-01 08:00 –``."""
    begin, _, end = text.strip("[]()").replace('"', "").partition(",")
    return f"{begin[:16]} – {end[:16]}".strip()


def yuan(fen: int) -> str:
    """Fen as yuan, with separators."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def part(benefit: str, name: str, lang: str) -> str:
    """A part of a benefit, by its name in ``components``: the law's term in Chinese, else the name in words."""
    if lang != "zh":
        return name.replace("_", " ")
    if year := _ADJUSTMENT.fullmatch(name):
        return f"{year[1]} 年调整"
    if name in _PARTS:
        return _PARTS[name]
    from shebao.law import rulebook

    rule = rulebook().nodes.get(f"{benefit}.{name}")
    return rule.label if rule else BENEFITS.get(name, name)


def in_one(text: str, lang: str) -> str:
    """A text that is kept in both languages, in one; a text in one language as it is."""
    found = _BOTH.fullmatch(text)
    if not found or not found["en"]:
        return text
    return (found["zh"].strip() if lang == "zh" else found["en"]) + (found["rest"] or "")
