"""Rounding, by the law's names.

Negative amounts round by magnitude: ``half_up(-x) == -half_up(x)``. A claw-back is then the exact
mirror of the payment it takes back. Every function takes and returns exact rationals.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from shebao.engine.errors import LawError


def _scaled(x: Any, places: int) -> tuple[int, Fraction]:
    if isinstance(x, float):
        raise LawError("a binary float reached a rounding function")
    value = x * Fraction(10**places)
    return (-1 if value < 0 else 1), abs(value)


def half_up(x: Any, places: int) -> Fraction:
    """四舍五入: to ``places`` decimals, halves away from zero."""
    sign, value = _scaled(x, places)
    return Fraction(sign * ((2 * value.numerator + value.denominator) // (2 * value.denominator)), 10**places)


def round_up(x: Any, places: int) -> Fraction:
    """进位: to ``places`` decimals, away from zero."""
    sign, value = _scaled(x, places)
    return Fraction(sign * -(-value.numerator // value.denominator), 10**places)


def truncate(x: Any, places: int) -> Fraction:
    """舍去: to ``places`` decimals, toward zero."""
    sign, value = _scaled(x, places)
    return Fraction(sign * (value.numerator // value.denominator), 10**places)


def to_fen(x: Any) -> Fraction:
    """四舍五入到分."""
    return half_up(x, 2)


def to_jiao(x: Any) -> Fraction:
    """四舍五入到角."""
    return half_up(x, 1)


def to_yuan(x: Any) -> Fraction:
    """四舍五入到元."""
    return half_up(x, 0)


def up_to_fen(x: Any) -> Fraction:
    """见厘进分."""
    return round_up(x, 2)


def up_to_jiao(x: Any) -> Fraction:
    """见分进角."""
    return round_up(x, 1)


def up_to_yuan(x: Any) -> Fraction:
    """见角进元."""
    return round_up(x, 0)


#: name -> (mode, fixed places or None when the second argument says); the compiler reads this table.
ROUNDINGS: dict[str, tuple[str, int | None]] = {
    "half_up": ("half_up", None),
    "round_up": ("round_up", None),
    "truncate": ("truncate", None),
    "to_fen": ("half_up", 2),
    "to_jiao": ("half_up", 1),
    "to_yuan": ("half_up", 0),
    "up_to_fen": ("round_up", 2),
    "up_to_jiao": ("round_up", 1),
    "up_to_yuan": ("round_up", 0),
}

#: 四舍五入到分 and the like, for formulas shown in Chinese.
ROUNDING_LABELS = {
    "half_up": "四舍五入",
    "round_up": "进位",
    "truncate": "舍去",
    "to_fen": "四舍五入到分",
    "to_jiao": "四舍五入到角",
    "to_yuan": "四舍五入到元",
    "up_to_fen": "见厘进分",
    "up_to_jiao": "见分进角",
    "up_to_yuan": "见角进元",
}
