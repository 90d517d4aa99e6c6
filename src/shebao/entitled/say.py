"""Findings in words, in Chinese and English, and as plain data."""

from __future__ import annotations

import re
from typing import Any

from shebao.engine.book import MONTH, Book, Fact
from shebao.engine.explanation import condition_text, english
from shebao.engine.units import UNITS, show, show_month
from shebao.entitled.catalogue import Benefit
from shebao.entitled.person import Claims, Finding
from shebao.entitled.why import Failing

PAID = {
    "monthly": {"zh": "每月", "en": "a month"},
    "yearly": {"zh": "每年", "en": "a year"},
    "once": {"zh": "一次性", "en": "once"},
    "service": {"zh": "服务", "en": "service"},
}
TO = {
    "person": {"zh": "本人", "en": "the person"},
    "household": {"zh": "家庭", "en": "the household"},
    "survivors": {"zh": "遗属", "en": "the survivors"},
    "employer": {"zh": "单位", "en": "the employer"},
}
KEEP = {
    "first": {"zh": "依规定领取", "en": "the law pays"},
    "higher": {"zh": "从高领取", "en": "the higher is paid"},
    "choose": {"zh": "只能选择其一，建议选择", "en": "only one may be chosen; proposed is"},
}
UNCOMPARED = {
    "zh": "只能领取其一，金额未全知：另一项为",
    "en": "only one is paid, amounts are not all known; the other is",
}
KINDS = {
    "not covered": {"zh": "本月或本地没有此项规定", "en": "no rule for this month or place"},
    "missing parameter": {"zh": "法规库缺少所需标准", "en": "the law's data lack a value"},
    "out of range": {"zh": "数值超出范围", "en": "a value is out of range"},
    "missing fact": {"zh": "缺少信息", "en": "a fact is missing"},
    "null": {"zh": "信息为空", "en": "a fact is empty"},
}


def name_text(book: Book, name: str, lang: str) -> str:
    """A fact's or rule's official term, or its English name."""
    node = book.nodes.get(name.partition("[")[0])
    return node.label if lang == "zh" and node else english(name)


def benefit_text(benefit: Benefit, lang: str) -> str:
    return benefit.zh if lang == "zh" else benefit.en


def amount_text(finding: Finding, lang: str) -> str:
    """``2,250.00 元/月，至 2027-05``; of a service nothing, and where the amount is not known a question mark."""
    if finding.amount is None:
        return "?" if finding.benefit.amount else "—"
    unit = finding.steps[-1].unit
    whole, _, cents = show(finding.amount, unit).partition(".")
    return f"{int(whole):,}.{cents or '00'} {unit.zh if lang == 'zh' else unit.en}{_lasts_text(finding, lang)}"


def _lasts_text(finding: Finding, lang: str) -> str:
    """``，至 2027-05`` or ``，共 24 个月``; nothing where it is not known."""
    if finding.lasts is None:
        return ""
    shown = show(finding.lasts.exact, finding.lasts.unit)
    if finding.lasts.unit.kind == "month":
        return f"，至 {shown}" if lang == "zh" else f", until {shown}"
    return f"，共 {shown} 个月" if lang == "zh" else f", for {shown} months"


def cites_text(finding: Finding) -> str:
    """The articles of a finding, those of one document together."""
    articles: dict[str, dict[str, None]] = {}
    for piece in (piece.strip() for cite in finding.cites for piece in cite.split("；")):
        document, _, named = piece.rpartition(" ")
        known = articles.setdefault(document or piece, {})
        known |= dict.fromkeys(named.split("、") if document else ())
    return "；".join(f"{document} {'、'.join(named)}".strip() for document, named in articles.items())


def how_text(claims: Claims, finding: Finding, lang: str) -> str:
    """Which benefit is kept in place of an excluded one, and how that was decided."""
    assert finding.exclusion is not None
    other = claims.finding(finding.gives_way_to)
    known = finding.exclusion.keep == "first" or None not in (finding.amount, other.amount)
    how = KEEP[finding.exclusion.keep][lang] if known else UNCOMPARED[lang]
    return f"{how} {benefit_text(other.benefit, lang)}  〔{finding.exclusion.cite}〕"


def reason_text(book: Book, failing: Failing, lang: str) -> str:
    """One condition that fails, and what would satisfy it."""
    zh = lang == "zh"
    if failing.any_of:
        parts = (" / " if zh else " or ").join(dict.fromkeys(reason_text(book, each, lang) for each in failing.any_of))
        return f"须具备其一：{parts}" if zh else f"one of: {parts}"
    if failing.condition.short_by:
        return _number_text(book, failing, lang)
    if failing.wanted in ("yes", "no") and failing.name:
        return _yes_no_text(book, failing, lang)
    if failing.operator:
        name = name_text(book, failing.name, lang)
        needed = f"{failing.operator} {failing.wanted}"
        return f"{name} {failing.given}，须 {needed}" if zh else f"{name} {failing.given}, needed {needed}"
    if failing.condition.text == failing.step.name.rpartition(".")[2]:
        zero = failing.step.unit.kind == "money"
        words = ("：金额为 0" if zero else "：不符合") if zh else (": the amount is 0" if zero else ": not fulfilled")
        return name_text(book, failing.step.name, lang) + words
    return condition_text(failing.condition, failing.step, lang)


def _yes_no_text(book: Book, failing: Failing, lang: str) -> str:
    name = name_text(book, failing.name, lang)
    if failing.wanted == "no":
        return f"须不属于：{name}" if lang == "zh" else f"must not be: {name}"
    if failing.presumed:
        return f"须证明：{name}" if lang == "zh" else f"to be shown: {name}"
    return f"须满足：{name}" if lang == "zh" else f"must be: {name}"


def _number_text(book: Book, failing: Failing, lang: str) -> str:
    """``还差 14 个月（缴费月数 166，须 ≥ 180）``; of a calendar month, from when it holds or until when it did."""
    zh, condition = lang == "zh", failing.condition
    if _is_month(book, failing.name):
        return _month_text(book, failing, lang)
    unit = UNITS.get(condition.unit)
    word = "" if unit is None or unit.name in ("Index", "Ratio", "Count") else f" {unit.zh if zh else unit.en}"
    if condition.short_by == "1" and not zh:
        word = re.sub(r"s\b", "", word, count=1)
    name = name_text(book, failing.name, lang) if failing.name else condition.text
    needed = f"{failing.operator} {failing.wanted}"
    if failing.against:
        against = name_text(book, failing.against, lang)
        needed += f"（{against}）" if zh else f", the {against[:1].lower()}{against[1:]}"
    if failing.presumed:
        return f"须证明：{name} {needed}（未提供）" if zh else f"to be shown: {name} {needed} (not given)"
    if condition.short_by == "0":
        text = f"{name} {failing.given}，须 {needed}" if zh else f"{name} {failing.given}, needed {needed}"
    elif zh:
        text = f"相差 {condition.short_by}{word}（{name} {failing.given}，须 {needed}）"
    else:
        text = f"{condition.short_by}{word} off ({name} {failing.given}, needed {needed})"
    ahead = f"；{failing.month} 起符合" if zh else f"; met from {failing.month}"
    return text + (ahead if failing.month else "")


def _month_text(book: Book, failing: Failing, lang: str) -> str:
    """When a month that is waited for comes, and what it is; or that it is past."""
    zh, name = lang == "zh", name_text(book, failing.against or failing.name, lang)
    if failing.month:
        short, months = failing.condition.short_by, "month" if failing.condition.short_by == "1" else "months"
        if zh:
            return f"须待 {failing.month}（{name}，还有 {short} 个月）"
        return f"from {failing.month} ({name}, {short} {months} ahead)"
    return f"期限已过（{failing.wanted}）" if zh else f"the time is past ({failing.wanted})"


def _is_month(book: Book, name: str) -> bool:
    node = book.nodes.get(name)
    return name == MONTH or (node is not None and node.unit.kind == "month")


def choices(book: Book, name: str, lang: str) -> str:
    """What may be given for a fact: its texts, or its unit."""
    node = book.nodes.get(name)
    if node is None:
        return "记录列表" if lang == "zh" else "a list of records"
    if isinstance(node, Fact) and node.values:
        return " | ".join(node.values)
    return node.unit.zh if lang == "zh" else node.unit.en


# -- plain data ------------------------------------------------------------------------------------


def claims_as_dict(claims: Claims, lang: str, everything: bool = False) -> dict[str, Any]:
    """All that ``shebao entitled --json`` says of one person."""
    states = ["entitled", "excluded", "near"] + (["not_entitled", "no_rule"] if everything else [])
    data: dict[str, Any] = {"month": show_month(claims.month)}
    data |= {state: [finding_as_dict(claims, f, lang) for f in claims.of(state)] for state in states}
    data["missing"] = [
        {
            "fact": name,
            "label": name_text(claims.book, name, lang),
            "unit": choices(claims.book, name, lang),
            "benefits": list(benefits),
        }
        for name, benefits in claims.missing().items()
    ]
    if everything:
        data["not_asked"] = [{"id": f.benefit.id, "when": list(f.benefit.when)} for f in claims.of("not_asked")]
    return data


def finding_as_dict(claims: Claims, finding: Finding, lang: str) -> dict[str, Any]:
    """One finding as plain data; amounts are decimal text in yuan."""
    benefit, book = finding.benefit, claims.book
    data: dict[str, Any] = {
        "id": benefit.id,
        "label": benefit_text(benefit, lang),
        "scheme": book.scopes[benefit.room].room.label if lang == "zh" else english(benefit.room),
        "paid": benefit.paid,
        "to": benefit.to,
        "agency": claims.catalogue.agencies[benefit.agency][lang],
        "amount": None if finding.amount is None else show(finding.amount, UNITS["Yuan"]),
        "rules": list(benefit.rules),
        "cites": list(finding.cites),
    }
    if finding.lasts is not None:
        data["lasts"] = show(finding.lasts.exact, finding.lasts.unit)
    if finding.drawn is not None:
        data["drawn"] = finding.drawn
    if finding.failing:
        data["conditions"] = [_failing_as_dict(book, failing, lang) for failing in finding.failing]
    if finding.missing:
        data["missing"] = list(finding.missing)
    if finding.refusal is not None:
        data["refused"] = {"kind": finding.refusal.kind, "name": finding.refusal.name, "detail": finding.refusal.detail}
    if finding.exclusion is not None:
        how = {"gives_way_to": finding.gives_way_to, "keep": finding.exclusion.keep, "cite": finding.exclusion.cite}
        data["exclusion"] = how
    return data


def _failing_as_dict(book: Book, failing: Failing, lang: str) -> dict[str, Any]:
    words = {"fact": failing.name, "given": failing.given, "needed": failing.wanted, "from": failing.month}
    words |= {"short_by": failing.condition.short_by, "unit": failing.condition.unit, "against": failing.against}
    data: dict[str, Any] = {"text": reason_text(book, failing, lang), "rule": failing.step.name}
    data |= {"condition": failing.condition.text, "cite": failing.step.cite}
    data |= {key: value for key, value in words.items() if value}
    if failing.any_of:
        data["any_of"] = [_failing_as_dict(book, each, lang) for each in failing.any_of]
    return data
