"""The words of the book's own furniture in Chinese and English, and values as people read them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from fractions import Fraction

from shebao.engine.parameters import FOREVER, Entry, Parameter
from shebao.engine.units import Unit, decimal_text, show, show_month
from shebao.law.regions import ALL, NAMES

LANGS = ("zh", "en")
Say = Callable[[str, "int | str"], str]  # a key and its value as words
PLACES = ("region", "place", "area")  # keys that say where

WORDS: dict[str, tuple[str, str]] = {
    "book": ("中国社会保障法规全书", "The law of social security in China, as a book"),
    "short": ("社保法规全书", "Shebao law book"),
    "schemes": ("制度", "Schemes"),
    "gaps": ("待补数据", "Gaps"),
    "assumed values": ("待核数值", "Assumed values"),
    "changes": ("变更年表", "What changed when"),
    "search": ("搜索", "Search"),
    "search all": ("搜索规则、参数、文号、案例", "Search rules, parameters, documents, examples"),
    "skip": ("跳到正文", "Skip to the text"),
    "contents": ("本页目录", "On this page"),
    "other": ("English", "中文"),
    "introduction": ("导读", "Introduction"),
    "rule": ("规则", "rule"),
    "accrual": ("累计", "accrual"),
    "total": ("合计", "total"),
    "fact": ("事实", "fact"),
    "parameter": ("参数", "parameter"),
    "case": ("案例", "worked example"),
    "room": ("制度", "scheme"),
    "page": ("页面", "page"),
    "rules": ("规则", "Rules"),
    "facts": ("事实", "Facts"),
    "parameters": ("参数", "Parameters"),
    "cases": ("案例", "Worked examples"),
    "values": ("取值", "Values"),
    "official": ("官方", "official"),
    "reported": ("据报道", "reported"),
    "assumed": ("待核", "assumed"),
    "missing": ("缺失", "missing"),
    "certainty": ("确定性", "Certainty"),
    "reads": ("取用", "Reads"),
    "used by": ("用于", "Used by"),
    "dated by": ("适用日期按", "dated by"),
    "record of": ("逐条记录", "each record of"),
    "nation": ("全国", "Whole nation"),
    "all but": ("全国，除", "all but"),
    "rest on": ("连同所依据的全部规则", "With all it rests on"),
    "differs": ("与首列规定不同之处以底色标出", "What differs from the first reading is marked"),
    "same formula": ("算式相同，依据或适用范围不同", "Same formula; another document or reach"),
    "other readings": ("种其他规定（按地区或时期）", "other readings, by province or period"),
    "unit": ("单位", "Unit"),
    "name": ("名称", "Name"),
    "range": ("范围", "Range"),
    "presumed": ("推定", "presumed"),
    "key": ("键", "Key"),
    "in force": ("适用时间", "In force"),
    "value": ("值", "Value"),
    "source": ("依据", "Document"),
    "always": ("不限", "always"),
    "newest": ("各省最新值；色条为其确定性", "The newest value of each province; the bar says how certain it is"),
    "all values": ("全部取值与依据", "All values with their documents"),
    "region": ("地区", "Province"),
    "year": ("年度", "Year"),
    "month of law": ("法规月份", "Law of"),
    "given": ("已知", "Given"),
    "expected": ("应为", "Expected"),
    "computed": ("计算", "Computed"),
    "agrees": ("相符", "agrees"),
    "known": ("已说明的差额", "difference explained"),
    "wrong": ("不符", "does not agree"),
    "refused": ("不予计算", "Refused"),
    "step by step": ("逐步计算", "Step by step"),
    "none": ("无", "none"),
    "what": ("项目", "What"),
    "begins": ("开始适用", "begins"),
    "ends": ("停止适用", "ends"),
    "year values": ("年度数值", "Values of the year"),
    "builds on": ("取用", "builds on"),
    "everything": ("全部", "All"),
    "holds": ("各制度的内容", "What each scheme holds"),
    "years": ("年份", "Years"),
    "gap": ("待补", "gaps"),
    "printed from": ("由法规库直接生成", "Made from the rulebook itself"),
    "fingerprint": ("法规指纹", "fingerprint of the law"),
    "no script": ("搜索需要启用脚本。", "Search needs scripts to be on."),
    "nothing": ("没有找到", "Nothing found"),
    "reform": ("改革方案", "The reform"),
    "reformed": ("本书为改革方案之下的法规，不是现行法规：", "The law as reformed, not the law in force: "),
    "what changes": ("改革方案改变的内容", "What the reform changes"),
    "by reform": ("改革", "reform"),
    "new by reform": ("改革新增", "new by the reform"),
    "affected": ("受改革影响", "affected by the reform"),
    "affected rules": ("受影响的规则", "Rules that rest on it"),
    "before reform": ("改革前", "Before the reform"),
    "before": ("改革前", "Before"),
    "after": ("改革后", "After"),
    "changed cases": ("结果改变的案例", "Worked examples that come out otherwise"),
    "reform changes nothing": (
        "改革方案没有改变任何规则、参数或事实。",
        "The reform changes no rule, parameter or fact.",
    ),
    "changed rules": ("改变的规则", "Rules it changes"),
    "changed parameters": ("改变的参数", "Parameters it changes"),
    "changed facts": ("新增或改变的事实", "Facts it adds or changes"),
    "cliffs": ("断点", "Cliffs"),
    "null": ("信息为空", "null"),
    "missing fact": ("缺少信息", "missing fact"),
    "out of range": ("超出范围", "out of range"),
    "missing parameter": ("缺少法规参数", "missing parameter"),
    "not covered": ("没有适用的规则", "not covered"),
    "needed by": ("用于", "needed by"),
    "found": ("条结果", "found"),
}


def word(text: str, lang: str) -> str:
    """A word of the furniture in one language."""
    return WORDS[text][0 if lang == "zh" else 1]


def colon(lang: str) -> str:
    return "：" if lang == "zh" else ": "


def listed(parts: Iterable[str], lang: str) -> str:
    """Things in a row."""
    return ("、" if lang == "zh" else ", ").join(parts)


def semicolon(lang: str) -> str:
    return "；" if lang == "zh" else "; "


def is_place(name: str) -> bool:
    """Whether a fact or a key says where."""
    return name.rpartition(".")[2].endswith(PLACES)


def place(code: int, lang: str) -> str:
    """A province by name; its code where the name is not known."""
    return NAMES[code][0 if lang == "zh" else 1] if code in NAMES else str(code)


def places(region: Iterable[int] | None, lang: str) -> str:
    """Provinces by name; those left out where they are fewer."""
    if region is None:
        return word("nation", lang)
    codes, others = sorted(region), sorted(set(ALL) - set(region))
    if not others:
        return word("nation", lang)
    if len(others) < len(codes):
        return f"{word('all but', lang)} {places(others, lang)}"
    return listed((place(code, lang) for code in codes), lang)


def span(since: int, until: int, lang: str) -> str:
    """A span of months as people write it, whole years as years; empty where it has no ends."""
    if abs(since) < FOREVER and abs(until) < FOREVER and (since % 12, until % 12) == (0, 11):
        return year_runs(range(since // 12, until // 12 + 1))
    first = show_month(since) if since > -FOREVER else ""
    last = show_month(until) if until < FOREVER else ""
    if not (first or last):
        return ""
    if first == last:
        return first
    if not last:
        return f"{first} 起" if lang == "zh" else f"from {first}"
    if not first:
        return f"至 {last}" if lang == "zh" else f"until {last}"
    return f"{first} 至 {last}" if lang == "zh" else f"{first} to {last}"


def amount(value: Fraction, unit: Unit) -> str:
    """A parameter's value as people write it; a fraction that does not end stays a fraction."""
    if unit.kind == "number" and decimal_text(value) != decimal_text(value, 40):
        return str(value)
    if unit.name == "Ratio" and (value * 10_000).denominator == 1:
        return f"{decimal_text(value * 100)}%"
    return show(value, unit)


def unit_text(unit: Unit, lang: str) -> str:
    return unit.zh if lang == "zh" else unit.en


def spaced(key: str, part: int | str) -> str:
    """A key and its value as they are written."""
    return f"{key.replace('_', ' ')} {part}"


def keyed(parameter: Parameter, entry: Entry, lang: str, say: Say = spaced) -> str:
    """A value's key as words: ``北京, 2024``; other keys with their name: ``age 50``."""
    return ", ".join(filter(None, (where(parameter, entry, lang), about(parameter, entry, say))))


def where(parameter: Parameter, entry: Entry, lang: str) -> str:
    """The part of a value's key that says where."""
    keys = zip(parameter.keys, entry.key, strict=True)
    return ", ".join(area(part, lang) for key, part in keys if key in PLACES)


def about(parameter: Parameter, entry: Entry, say: Say = spaced) -> str:
    """The part of a value's key that does not; ``say`` names a key and its value."""
    keys = [(key, part) for key, part in zip(parameter.keys, entry.key, strict=True) if key not in PLACES]
    return ", ".join(str(part) if key == "year" else say(key, part) for key, part in keys)


def area(part: int | str, lang: str) -> str:
    """A province by name; a city by its province's name and its own code."""
    code = int(part) if re.fullmatch(r"\d{2}|\d{4}|\d{6}", str(part)) else 0
    if code in NAMES:
        return place(code, lang)
    above = int(str(part)[:2]) if code else 0
    return f"{place(above, lang)} {part}" if above in NAMES else str(part)


def year_runs(years: Iterable[int]) -> str:
    """Years as runs: ``2019–2021, 2024``."""
    runs: list[list[int]] = []
    for year in sorted(set(years)):
        if runs and runs[-1][1] == year - 1:
            runs[-1][1] = year
        else:
            runs.append([year, year])
    return ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in runs)
