"""Rounding is the law's: by magnitude, exact, and the same for a claw-back as for a payment."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shebao.engine import (
    LawError,
    half_up,
    round_up,
    to_fen,
    to_jiao,
    to_yuan,
    truncate,
    up_to_fen,
    up_to_jiao,
    up_to_yuan,
)
from shebao.engine.rounding import ROUNDING_LABELS, ROUNDINGS

amounts = st.decimals(-(10**9), 10**9, places=6)
rationals = st.fractions(-(10**6), 10**6, max_denominator=1000)
places = st.integers(0, 5)
MODES = [(half_up, ROUND_HALF_UP), (round_up, ROUND_UP), (truncate, ROUND_DOWN)]


@pytest.mark.parametrize(("function", "mode"), MODES)
@given(amount=amounts, digits=places)
def test_rounds_as_decimal_does(function, mode, amount: Decimal, digits: int) -> None:
    expected = amount.quantize(Decimal(1).scaleb(-digits), rounding=mode)
    assert function(Fraction(amount), digits) == Fraction(expected)


@pytest.mark.parametrize("function", [half_up, round_up, truncate])
@given(amount=rationals, digits=places)
def test_a_claw_back_mirrors_the_payment(function, amount: Fraction, digits: int) -> None:
    assert function(-amount, digits) == -function(amount, digits)


@given(amount=rationals, digits=places)
def test_every_mode_stays_within_one_step_and_on_its_side(amount: Fraction, digits: int) -> None:
    step = Fraction(1, 10**digits)
    assert abs(half_up(amount, digits) - amount) <= step / 2
    assert 0 <= abs(round_up(amount, digits)) - abs(amount) < step
    assert 0 <= abs(amount) - abs(truncate(amount, digits)) < step


@pytest.mark.parametrize(
    ("function", "amount", "expected"),
    [
        (to_fen, "2.345", "2.35"),
        (to_fen, "-2.345", "-2.35"),
        (to_fen, "2.3449999", "2.34"),
        (to_jiao, "0.05", "0.1"),
        (to_yuan, "0.5", "1"),
        (to_yuan, "-0.5", "-1"),
        (up_to_fen, "1.001", "1.01"),
        (up_to_fen, "1.01", "1.01"),
        (up_to_jiao, "1.01", "1.1"),
        (up_to_yuan, "100.01", "101"),
        (up_to_yuan, "-100.01", "-101"),
        (up_to_yuan, "0", "0"),
    ],
)
def test_named_roundings(function, amount: str, expected: str) -> None:
    assert function(Fraction(amount)) == Fraction(expected)


def test_a_third_is_rounded_exactly_and_stays_rational() -> None:
    assert half_up(Fraction(2, 3), 4) == Fraction(6667, 10_000)
    assert isinstance(half_up(3, 2), Fraction)


@pytest.mark.parametrize("name", sorted(ROUNDINGS))
def test_no_rounding_takes_a_binary_float(name: str) -> None:
    import shebao.engine as engine

    arguments = (0.1, 2) if ROUNDINGS[name][1] is None else (0.1,)
    with pytest.raises(LawError, match="binary float"):
        getattr(engine, name)(*arguments)


def test_every_rounding_has_its_chinese_name() -> None:
    assert set(ROUNDING_LABELS) == set(ROUNDINGS)
