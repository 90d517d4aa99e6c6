"""Integers with a proven interval, and exact rationals over them: what lowered law is made of.

Every value of a rule becomes ``coef * num / den`` where ``coef`` is a constant rational known when the
law is compiled, ``num`` and ``den`` are int64 expressions with intervals, and ``den`` is positive. All scaling is
pushed into ``coef``, so nothing is multiplied or divided at run time that the law does not vary by.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import gcd

from shebao.engine.errors import BookError

I64 = 2**63 - 1
MISSING = -(2**63)  # a hole in a table of parameters


class Unprovable(BookError):
    """The prover cannot show that an amount stays in int64 or that a divisor is positive."""


@dataclass(frozen=True)
class Int:
    """An int64 expression and the interval it is proved to stay in."""

    code: str
    lo: int
    hi: int

    @property
    def const(self) -> int | None:
        return self.lo if self.lo == self.hi and self.code == _literal(self.lo) else None


@dataclass(frozen=True)
class Q:
    """An exact rational ``coef * num / den``."""

    coef: Fraction
    num: Int
    den: Int


@dataclass(frozen=True)
class Flag:
    """A condition, with what it proves about integers when it holds and when it fails."""

    code: str
    if_true: tuple[tuple[str, int, int], ...] = ()
    if_false: tuple[tuple[str, int, int], ...] = ()


@dataclass(frozen=True)
class Text:
    """An enumerated value: an integer position in ``values``."""

    num: Int
    values: tuple[str, ...]


Value = Q | Flag | Text


def _literal(value: int) -> str:
    return f"({value})" if value < 0 else str(value)


def constant(value: int) -> Int:
    return _make(_literal(value), value, value)


ONE = Int("1", 1, 1)


def number(value: Fraction | int) -> Q:
    """A constant of the law."""
    value = Fraction(value)
    if value == 0:
        return Q(Fraction(1), constant(0), ONE)
    return Q(value, ONE, ONE)


def _make(code: str, lo: int, hi: int) -> Int:
    if lo < -I64 or hi > I64:
        raise Unprovable(
            f"an intermediate may reach {max(-lo, hi):.2e}, beyond int64; narrow the ranges or round earlier"
        )
    return Int(code, lo, hi)


def add(a: Int, b: Int) -> Int:
    if a.const is not None and b.const is not None:
        return constant(a.const + b.const)
    if a.const == 0:
        return b
    if b.const == 0:
        return a
    return _make(f"({a.code} + {b.code})", a.lo + b.lo, a.hi + b.hi)


def sub(a: Int, b: Int) -> Int:
    if a.const is not None and b.const is not None:
        return constant(a.const - b.const)
    if b.const == 0:
        return a
    return _make(f"({a.code} - {b.code})", a.lo - b.hi, a.hi - b.lo)


def mul(a: Int, b: Int) -> Int:
    if a.const is not None and b.const is not None:
        return constant(a.const * b.const)
    if 0 in (a.const, b.const):
        return constant(0)
    if a.const == 1:
        return b
    if b.const == 1:
        return a
    ends = [x * y for x in (a.lo, a.hi) for y in (b.lo, b.hi)]
    return _make(f"({a.code} * {b.code})", min(ends), max(ends))


def times(k: int, a: Int) -> Int:
    return mul(constant(k), a)


def floordiv(a: Int, b: Int) -> Int:
    """Floor of a quotient; ``b`` must be proved positive."""
    if b.lo <= 0:
        raise Unprovable(f"a divisor may be zero or negative (range {b.lo}..{b.hi}); guard it")
    if b.const == 1:
        return a
    if a.const is not None and b.const is not None:
        return constant(a.const // b.const)
    ends = [x // y for x in (a.lo, a.hi) for y in (b.lo, b.hi)]
    lo, hi = min(ends), max(ends)
    if a.lo < 0 and b.const is not None and a.lo > -(2**48) and a.hi < 2**48:
        up = -(a.lo // b.const)  # moved into the non-negative and back, an unsigned division serves
        return Int(f"(i8(u8({a.code} + {up * b.const}) // u8({b.code})) - {up})", lo, hi)
    if a.lo < 0:
        return Int(f"({a.code} // {b.code})", lo, hi)
    width = "u4" if a.hi < 2**32 and b.hi < 2**32 and b.const is None else "u8"
    return Int(f"i8({width}({a.code}) // {width}({b.code}))", lo, hi)


def least(a: Int, b: Int, word: str) -> Int:
    """``min`` or ``max`` by ``word``."""
    pick = min if word == "min" else max
    if a.const is not None and b.const is not None:
        return constant(pick(a.const, b.const))
    return Int(f"{word}({a.code}, {b.code})", pick(a.lo, b.lo), pick(a.hi, b.hi))


# -- rationals ------------------------------------------------------------------------------------


def common_coef(coefs: list[Fraction]) -> Fraction:
    """The greatest rational that every coefficient is a whole multiple of."""
    den = 1
    for c in coefs:
        den = den * c.denominator // gcd(den, c.denominator)
    num = 0
    for c in coefs:
        num = gcd(num, abs(c.numerator) * (den // c.denominator))
    return Fraction(num or 1, den)


def aligned(a: Q, b: Q) -> tuple[Fraction, Int, Int, Int]:
    """Two rationals over one coefficient and one divisor: ``coef, num_a, num_b, den``."""
    coefs = [q.coef for q in (a, b) if q.num.const != 0] or [Fraction(1)]
    coef = common_coef(coefs)
    x, y = (times(int(q.coef / coef), q.num) if q.num.const != 0 else q.num for q in (a, b))
    if a.den.code == b.den.code:
        return coef, x, y, a.den
    return coef, mul(x, b.den), mul(y, a.den), mul(a.den, b.den)


def q_add(a: Q, b: Q) -> Q:
    coef, x, y, den = aligned(a, b)
    return Q(coef, add(x, y), den)


def q_sub(a: Q, b: Q) -> Q:
    coef, x, y, den = aligned(a, b)
    return Q(coef, sub(x, y), den)


def q_mul(a: Q, b: Q) -> Q:
    return Q(a.coef * b.coef, mul(a.num, b.num), mul(a.den, b.den))


def q_div(a: Q, b: Q) -> Q:
    num, coef = b.num, b.coef
    if num.const is not None and num.const != 0:
        return Q(a.coef / (coef * num.const), mul(a.num, b.den), a.den)
    if num.hi < 0:
        num, coef = times(-1, num), -coef
    if num.lo <= 0:
        raise Unprovable(f"a divisor may be zero or negative (range {num.lo}..{num.hi}); guard it")
    return Q(a.coef / coef, mul(a.num, b.den), mul(a.den, num))


def whole(a: Q, what: str) -> Int:
    """The integer a rational is known to be; ``BookError`` if it may have a fraction."""
    if a.den.const != 1 or a.coef.denominator != 1:
        raise BookError(f"{what} must be a whole number")
    return times(a.coef.numerator, a.num)


def quotient(a: Q) -> tuple[Int, Int]:
    """Numerator and positive denominator as integers."""
    return times(a.coef.numerator, a.num), times(a.coef.denominator, a.den)


def rounded(a: Q, mode: str, places: int) -> Q:
    """A rational rounded as :mod:`shebao.engine.rounding` rounds it."""
    n, d = quotient(Q(a.coef * 10**places, a.num, a.den))
    unit = Fraction(1, 10**places)
    if d.const == 1:
        return Q(unit, n, ONE)
    if n.lo >= 0:
        return Q(unit, _magnitude(n, d, mode), ONE)
    if n.hi <= 0:
        return Q(-unit, _magnitude(times(-1, n), d, mode), ONE)
    up = _magnitude(Int(n.code, 0, n.hi), d, mode)
    minus = times(-1, n)
    down = _magnitude(Int(minus.code, 0, minus.hi), d, mode)
    return Q(unit, Int(f"({up.code} if {n.code} >= 0 else -{down.code})", -down.hi, up.hi), ONE)


def _magnitude(n: Int, d: Int, mode: str) -> Int:
    if mode == "truncate":
        return floordiv(n, d)
    if d.const is not None:
        extra = constant(d.const // 2 if mode == "half_up" else d.const - 1)
    elif mode == "half_up":
        extra = floordiv(d, constant(2))
    else:
        extra = sub(d, ONE)
    return floordiv(add(n, extra), d)
