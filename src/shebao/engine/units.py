"""The units of the law, each with its label, storage scale and default range.

A rule names its unit as its return annotation (``-> YuanPerMonth``), a fact as its first argument.
``scale`` is how many storage units make one unit (100 fen to the yuan). The range is what a given
value may be where the law declares nothing narrower; the proof that no amount leaves int64 starts from it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any, get_args, get_origin

from shebao.engine.errors import BookError

Exact = Fraction | int


@dataclass(frozen=True)
class Unit:
    """One unit: its name in rules and files, labels for people, storage scale and default range."""

    name: str
    zh: str
    en: str
    scale: int = 1
    low: int = 0
    high: int = 10_000
    kind: str = "number"  # number, money, month, choice, yes_no, region

    @property
    def given_scale(self) -> int:
        """Storage scale of a rule's value given as a fact (a divisor such as 137.8 has a decimal)."""
        return 10 if self.name == "Months" else self.scale


Yuan = Annotated[Exact, Unit("Yuan", "元", "yuan", 100, 0, 1_000_000_000, "money")]
YuanPerMonth = Annotated[Exact, Unit("YuanPerMonth", "元/月", "yuan/month", 100, 0, 1_000_000, "money")]
YuanPerYear = Annotated[Exact, Unit("YuanPerYear", "元/年", "yuan/year", 100, 0, 10_000_000, "money")]
Months = Annotated[Exact, Unit("Months", "个月", "months", 1, 0, 1_200)]
Month = Annotated[Exact, Unit("Month", "年月", "month", 1, 1900 * 12, 2200 * 12 - 1, "month")]
Years = Annotated[Exact, Unit("Years", "年", "years", 10_000, 0, 100)]
Year = Annotated[Exact, Unit("Year", "年度", "year", 1, 1900, 2199)]
Age = Annotated[Exact, Unit("Age", "岁", "years of age", 1, 0, 150)]
Days = Annotated[Exact, Unit("Days", "天", "days", 1, 0, 100_000)]
Ratio = Annotated[Exact, Unit("Ratio", "比例", "ratio", 1_000_000, 0, 100)]
Index = Annotated[Exact, Unit("Index", "指数", "index", 10_000, 0, 100)]
Count = Annotated[Exact, Unit("Count", "个", "count", 1, 0, 1_000_000)]
YesNo = Annotated[bool, Unit("YesNo", "是否", "yes or no", 1, 0, 1, "yes_no")]
Choice = Annotated[str, Unit("Choice", "选项", "choice", 1, 0, 100, "choice")]
Region = Annotated[Exact, Unit("Region", "省级区划代码", "province code", 1, 11, 65, "region")]

UNITS: dict[str, Unit] = {
    unit.name: unit
    for alias in (
        *(Yuan, YuanPerMonth, YuanPerYear, Months, Month, Years, Year, Age, Days),
        *(Ratio, Index, Count, YesNo, Choice, Region),
    )
    for unit in get_args(alias)[1:]
}


def unit_of(annotation: Any) -> Unit:
    """The unit an annotation or a name stands for; ``BookError`` if it is none."""
    if isinstance(annotation, Unit):
        return annotation
    if isinstance(annotation, str) and annotation in UNITS:
        return UNITS[annotation]
    if get_origin(annotation) is Annotated:
        for extra in get_args(annotation)[1:]:
            if isinstance(extra, Unit):
                return extra
    raise BookError(f"{annotation!r} is not a unit; units are {', '.join(UNITS)}")


def month_index(year: int, month: int) -> int:
    """A calendar month as an integer: ``year * 12 + month - 1``."""
    if not 1 <= month <= 12:
        raise BookError(f"month {month} is not in 1..12")
    return year * 12 + month - 1


ym = month_index


def parse_month(text: Any) -> int:
    """``"2025-03"`` (or an integer already in month form) as a month index."""
    if isinstance(text, int) and not isinstance(text, bool):
        return text
    found = re.fullmatch(r"(\d{4})-(\d{1,2})", str(text).strip())
    if not found:
        raise BookError(f"a month is written YYYY-MM, not {text!r}")
    return month_index(int(found[1]), int(found[2]))


def show_month(index: int | Fraction) -> str:
    """A month index as ``YYYY-MM``."""
    return f"{int(index) // 12:04d}-{int(index) % 12 + 1:02d}"


def parse_number(text: Any) -> Fraction:
    """An exact number as people write it: ``12049``, ``0.08``, ``8%``, ``1/12``, ``7,842.00``."""
    if isinstance(text, float):
        raise BookError(f"{text!r} is a binary float; write the number as text")
    raw = str(text).strip()
    if len(raw) > 100:
        raise BookError(f"{raw[:20]!r}… is not a number of use: it has {len(raw)} characters")
    if raw.isascii() and raw.isdigit():  # most numbers of the law
        return Fraction(int(raw))
    found = re.fullmatch(r"([+-]?)(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?([eE][+-]?\d{1,2})?(?:/(\d+))?\s?(%?)", raw)
    if not found or (found[5] and (found[3] or found[4] or not int(found[5]))):
        raise BookError(f"{text!r} is not a number")
    sign, whole, decimals, power, divisor, percent = (part or "" for part in found.groups())
    value = Fraction(whole.replace(",", "") + decimals + power) / int(divisor or 1)
    return (-value if sign == "-" else value) / (100 if percent else 1)


def decimal_text(value: Fraction, most: int = 10) -> str:
    """A rational as decimal text: exact where it ends, else rounded half up at ``most`` places."""
    scaled = abs(value) * 10**most
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    digits = f"{whole:0{most + 1}d}"
    text = f"{digits[:-most]}.{digits[-most:]}".rstrip("0").rstrip(".")
    return f"-{text}" if value < 0 and text != "0" else text


def show(value: Any, unit: Unit) -> str:
    """A value as its unit writes it, without the unit: ``2438.11``, ``2025-03``, ``yes``."""
    if unit.kind == "month":
        return show_month(value)
    if unit.kind == "yes_no":
        return "yes" if value else "no"
    if unit.kind == "choice":
        return str(value)
    if unit.kind == "money" and (value * 100).denominator == 1:
        return f"{'-' if value < 0 else ''}{abs(int(value * 100)) // 100}.{abs(int(value * 100)) % 100:02d}"
    return decimal_text(Fraction(value))
