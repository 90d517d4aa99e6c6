"""Values as people write them become exact ones, or are refused with the reason."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shebao.engine import BookError, Refused, Rulebook, Yuan, ym
from shebao.engine.facts import parse_value
from shebao.engine.units import UNITS, decimal_text, parse_month, parse_number, show, show_month, unit_of


# -- numbers and months ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("8%", Fraction(2, 25)),
        ("1/12", Fraction(1, 12)),
        ("1,234.5", Fraction(2469, 2)),
        ("12,345,678", Fraction(12_345_678)),
        ("-0.01", Fraction(-1, 100)),
        (" 7 ", Fraction(7)),
        ("0.1", Fraction(1, 10)),
        ("3.62 %", Fraction(181, 5000)),
        (12049, Fraction(12049)),
        (Fraction(1, 3), Fraction(1, 3)),
        (Decimal("0.07"), Fraction(7, 100)),
    ],
)
def test_a_number_is_read_exactly(text, value: Fraction) -> None:
    assert parse_number(text) == value


@pytest.mark.parametrize(
    "text", ["", "abc", "%", "1/0", "nan", "inf", "8%%", "1,5", "12,34.5", "1.234,5", None, True, "１２元"]
)
def test_what_is_no_number_is_refused(text) -> None:
    """``1,5`` too: read as 15 it would be ten times what a writer of decimal commas meant."""
    with pytest.raises(BookError, match="is not a number"):
        parse_number(text)


def test_a_binary_float_is_refused_with_the_way_out() -> None:
    with pytest.raises(BookError, match=r"0\.1 is a binary float; write the number as text"):
        parse_number(0.1)


@given(st.integers(1900, 2199), st.integers(1, 12))
def test_months_read_back_as_written(year: int, month: int) -> None:
    assert parse_month(f"{year}-{month:02d}") == ym(year, month) == year * 12 + month - 1
    assert show_month(ym(year, month)) == f"{year}-{month:02d}"


@pytest.mark.parametrize(
    "text", ["2025-13", "2025-00", "2025", "2025/03", "25-03", "2025-03-01", "", None, True, 2025.03]
)
def test_what_is_no_month_is_refused(text) -> None:
    with pytest.raises(BookError, match=r"month"):
        parse_month(text)


@given(st.fractions(-(10**6), 10**6, max_denominator=10**4))
def test_decimal_text_is_exact_where_it_ends_and_else_within_half_a_digit(value: Fraction) -> None:
    assert abs(Fraction(decimal_text(value)) - value) <= Fraction(1, 2 * 10**10)
    assert decimal_text(Fraction(decimal_text(value))) == decimal_text(value)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (Fraction(5, 2), "Yuan", "2.50"),
        (Fraction(-1, 100), "Yuan", "-0.01"),
        (Fraction(1, 3), "Yuan", "0.3333333333"),
        (ym(2025, 3), "Month", "2025-03"),
        (True, "YesNo", "yes"),
        ("women50", "Choice", "women50"),
        (Fraction(5, 4), "Index", "1.25"),
        (Fraction(0), "Count", "0"),
    ],
)
def test_a_value_is_shown_as_its_unit_writes_it(value, unit: str, text: str) -> None:
    assert show(value, UNITS[unit]) == text


def test_units_are_known_by_annotation_and_by_name() -> None:
    assert unit_of(Yuan) is unit_of("Yuan") is UNITS["Yuan"]
    for wrong in (int, "yuan", None):
        with pytest.raises(BookError, match="is not a unit; units are Yuan"):
            unit_of(wrong)


# -- facts of a person ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "raw", "value"),
    [
        ("scheme.balance", "1,234.50", Fraction(2469, 2)),
        ("scheme.balance", 7, Fraction(7)),
        ("scheme.balance", Decimal("0.01"), Fraction(1, 100)),
        ("scheme.index", 1.25, Fraction(5, 4)),
        ("scheme.index", "0.6000", Fraction(3, 5)),
        ("birth_month", "1965-03", Fraction(ym(1965, 3))),
        ("sex", "female", "female"),
        ("scheme.certificate", "是", True),
        ("scheme.certificate", "no", False),
        ("scheme.certificate", 1, True),
        ("region", "44", Fraction(44)),
    ],
)
def test_a_fact_is_read_exactly(tiny: Rulebook, name: str, raw, value) -> None:
    assert parse_value(tiny.node(name), raw) == value


@pytest.mark.parametrize(
    ("name", "raw", "reason"),
    [
        ("scheme.balance", 0.1, 'binary float where money is; write "0.1" as text'),
        ("scheme.balance", True, "True is not a number"),
        ("scheme.balance", "0.001", "more decimals than 1/100 of yuan"),
        ("scheme.index", "0.00001", "more decimals than 1/10000"),
        ("scheme.months_paid", "1.5", "more decimals than 1/1"),
        ("scheme.balance", [1], "is not a number"),
        ("scheme.balance", Decimal("NaN"), "is not a number"),
        ("scheme.balance", Decimal("Infinity"), "is not a number"),
        ("scheme.index", float("nan"), "is not a number"),
        ("birth_month", "1965-13", "month 13"),
        ("birth_month", "1965", "written YYYY-MM"),
        ("sex", "man", "'man' is none of male, female"),
        ("scheme.certificate", "maybe", "neither yes nor no"),
        ("scheme.certificate", 2, "neither yes nor no"),
    ],
)
def test_a_wrongly_written_fact_is_refused_by_name(tiny: Rulebook, name: str, raw, reason: str) -> None:
    with pytest.raises(BookError) as error:
        parse_value(tiny.node(name), raw)
    assert reason in str(error.value)
    assert name in str(error.value)


@pytest.mark.parametrize("raw", [None, "", "  "])
def test_an_empty_value_is_null_not_zero(tiny: Rulebook, raw) -> None:
    with pytest.raises(Refused) as refusal:
        parse_value(tiny.node("scheme.balance"), raw)
    assert refusal.value.status == "null: scheme.balance"


@pytest.mark.parametrize(
    ("name", "raw", "shown"),
    [
        ("scheme.balance", "-0.01", "-0.01 is outside 0.00..10000000.00"),
        ("scheme.balance", "10000000.01", "10000000.01 is outside 0.00..10000000.00"),
        ("birth_month", "1899-12", "1899-12 is outside 1900-01..2100-12"),
        ("birth_month", 202503, "is outside 1900-01..2100-12"),
        ("region", "10", "10 is outside 11..65"),
        ("scheme.index", "5.0001", "5.0001 is outside 0..5"),
    ],
)
def test_a_value_out_of_range_is_refused_never_clipped(tiny: Rulebook, name: str, raw, shown: str) -> None:
    with pytest.raises(Refused) as refusal:
        parse_value(tiny.node(name), raw)
    assert refusal.value.kind == "out of range"
    assert shown in str(refusal.value)


@pytest.mark.parametrize("month", ["1948-12", "2150-02", 202503])
def test_a_month_outside_the_coverage_is_refused(tiny: Rulebook, month) -> None:
    with pytest.raises(BookError, match="outside the law's coverage 1949-01 to"):
        tiny.at(month)
