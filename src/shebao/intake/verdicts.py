"""What the books say of a row that is well-formed in itself: reasons beside :class:`shebao.intake.outcome.Reason`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, unique
from typing import Any

from shebao.intake.outcome import Finding, Outcome, Reason, shown

_ADJUSTED, _REJECTED = Outcome.ADJUSTED, Outcome.REJECTED


@unique
class BooksReason(Enum):
    """Why the books did not take a row as it stood; the same shape as ``Reason``, and read with it."""

    DEAD = (_REJECTED, "{value} 已于 {other} 死亡", "{value} died on {other}")
    RETIRED = (
        _REJECTED,
        "{value} 自 {other} 起领取养老金；如该待遇在本月更正中撤销，请于下月在新文件中重新申报本行",
        "{value} draws a pension since {other}; if corrected this month, send the row again next month in a new file",
    )
    ALREADY_ELSEWHERE = (
        _REJECTED,
        "{value} 该时段已在别处参保：{other}",
        "{value} takes part elsewhere at that time: {other}",
    )
    LEFT_BEFORE_MONTH = (
        _REJECTED,
        "{value} 已于 {other} 离职，早于所属期",
        "{value} left on {other}, before the month declared",
    )
    OTHER_WAGE = (
        _REJECTED,
        "同一人同月在第 {other} 行的工资不同：{value}",
        "{value} differs from the wage of the same person and month in row {other}",
    )
    OTHER_LEAVING = (
        _REJECTED,
        "离职日期 {value} 与前面行的 {other} 不一致",
        "left on {value}, but on {other} in a row before",
    )
    SCHEME_ELSEWHERE = (
        _REJECTED,
        "险种不由本机构征缴：{value}",
        "schemes that are not collected here: {value}",
    )
    LAW_REFUSES = (_REJECTED, "无法按规定核定缴费基数：{other}", "the law cannot set the base: {other}")
    OTHER_OFFICE = (
        _REJECTED,
        "{value} 不属本机构管理（{other}）",
        "{value} is not managed by this office ({other})",
    )
    CATEGORY_MISSING = (
        _REJECTED,
        "{value} 为新登记女性，须说明原法定退休年龄类别（women55 或 women50）",
        "{value} is a woman not registered before: say her category, women55 or women50",
    )
    LATE_REGISTRATION = (
        _ADJUSTED,
        "{value} 用工，未在法定期限内办理社会保险登记",
        "hired on {value}, and not registered within the days that the law leaves",
    )
    BANK_CODE_MISSING = (
        _ADJUSTED,
        "银行账号 {value} 未登记：开户行须填12位联行号（CNAPS），账号8至30位",
        "bank account {value} not recorded: the bank must be its 12-digit CNAPS code, the account 8 to 30 digits",
    )

    def __init__(self, outcome: Outcome, zh: str, en: str) -> None:
        self.outcome, self.zh, self.en = outcome, zh, en

    @property
    def code(self) -> str:
        """The stored name: ``already_elsewhere``."""
        return self.name.lower()


def reason_of(code: str) -> Any:
    """The reason a code stands for."""
    name = code.upper()
    return Reason[name] if name in Reason.__members__ else BooksReason[name]


@dataclass(frozen=True, slots=True)
class Told:
    """A finding as it was told when the file was stored."""

    row_number: int
    reason: Any
    zh: str
    en: str

    @property
    def code(self) -> str:
        return str(self.reason.code)


def told(finding: Finding) -> Told:
    return Told(finding.row_number, finding.reason, finding.zh, finding.en)


#: reason: (field of the column, what `value` is, what `other` is), as columns of the answer.
_PARTS = {
    "unknown_person": ("citizen_number", "number", None),
    "unknown_employer": ("credit_code", "credit_code", None),
    "name_differs": ("name", "name", "known_name"),
    "no_participation": ("month", "number", None),
    "month_closed": ("month", "month", "open_months"),
    "base_below_floor": ("wage_fen", "wage", "base"),
    "base_above_cap": ("wage_fen", "wage", "base"),
    "left_before_hired": ("left_on", "left_on", "since"),
    "dead": ("citizen_number", "number", "died_on"),
    "retired": ("citizen_number", "number", "retired_on"),
    "already_elsewhere": ("hired_on", "number", "elsewhere"),
    "left_before_month": ("month", "number", "ends"),
    "other_wage": ("wage_fen", "wage", "first_row"),
    "other_leaving": ("left_on", "left_on", "ends"),
    "scheme_elsewhere": ("schemes", "schemes", None),
    "law_refuses": ("wage_fen", "wage", "law"),
    "other_office": ("area", "place", "office"),
    "category_missing": ("citizen_number", "number", None),
    "late_registration": ("hired_on", "hired_on", None),
    "bank_code_missing": ("bank_account", "bank_account", None),
}
_MONEY = ("wage", "base")
_MONTHS = ("month",)


def told_of(row: Mapping[str, Any], headings: Mapping[str, str]) -> Told:
    """The finding of a row of the answer; ``headings``: field -> heading in the file."""
    field, value, other = _PARTS[row["reason"]]
    column = headings.get(field, field)
    finding = Finding(row["row_number"], reason_of(row["reason"]), column, _text(row, value), _text(row, other))
    return told(finding)


def _text(row: Mapping[str, Any], name: str | None) -> str:
    if name is None or row[name] is None:
        return ""
    if name in _MONEY:
        return f"{row[name] // 100}.{row[name] % 100:02d}"
    return f"{row[name]:%Y-%m}" if name in _MONTHS else shown(row[name])
