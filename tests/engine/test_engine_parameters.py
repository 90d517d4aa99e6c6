"""Every value of the law has a document and a certainty; what is wrongly written names its file."""

from __future__ import annotations

from fractions import Fraction

import pytest
from lawmaking import MakeLaw

from shebao.engine import BookError, Refused, ym
from shebao.engine.parameters import Parameter

OK = "source: 令, certainty: official"


def parameter(values: str, unit: str = "Yuan", extra: str = "") -> str:
    return f"p:\n  label: 值\n  unit: {unit}\n{extra}  values:\n" + "".join(f"    - {v}\n" for v in values.splitlines())


def read(make_law: MakeLaw, text: str, csv: str | None = None) -> Parameter:
    node = make_law("", text, {"p.csv": csv} if csv is not None else None).node("p")
    assert isinstance(node, Parameter)
    return node


def from_csv(make_law: MakeLaw, csv: str, column: str = "value", keys: str = "[age]") -> Parameter:
    return read(make_law, f"p:\n  label: 值\n  unit: Yuan\n  keys: {keys}\n  csv: p.csv\n  column: {column}\n", csv)


# -- which value is in force ----------------------------------------------------------------------
def test_a_value_holds_from_its_month_until_the_next_or_its_end(make_law: MakeLaw) -> None:
    p = read(
        make_law,
        parameter(
            f"{{from: 2020-01, value: 3, {OK}}}\n"
            f"{{from: 2010-01, to: 2012-06, value: 1, {OK}}}\n"
            f"{{from: 2015-01, value: 2, {OK}}}"
        ),
    )
    held = {m: p.lookup((), ym(*m)).value for m in [(2010, 1), (2012, 6), (2015, 1), (2019, 12), (2020, 1), (2099, 1)]}
    assert list(held.values()) == [1, 1, 2, 2, 3, 3]
    for gap in [(2009, 12), (2012, 7), (2014, 12)]:
        with pytest.raises(
            Refused, match=r"no value in .* \(known 2010-01 to 2012-06, 2015-01 to 2019-12, 2020-01 to …\)"
        ):
            p.lookup((), ym(*gap))


def test_each_key_has_its_own_dates(make_law: MakeLaw) -> None:
    p = read(
        make_law,
        parameter(
            f"{{value: {{1: 10, 2: 20}}, {OK}}}\n{{from: 2020-01, value: {{1: 11}}, {OK}}}", extra="  keys: [age]\n"
        ),
    )
    assert [p.lookup((k,), ym(2021, 1)).value for k in (1, 2)] == [11, 20]
    with pytest.raises(Refused) as refusal:
        p.lookup((3,), ym(2021, 1))
    assert (refusal.value.status, refusal.value.detail) == ("missing parameter: p", "值, no value for age=3")


@pytest.mark.parametrize(
    ("text", "value"), [("8%", "2/25"), ("1/12", "1/12"), ("12049", "12049"), ("0.1", "1/10"), ("1e-3", "1/1000")]
)
def test_numbers_are_exact_and_no_float_arises(make_law: MakeLaw, text: str, value: str) -> None:
    assert read(make_law, parameter(f"{{value: {text}, {OK}}}", "Ratio")).lookup((), 0).value == Fraction(value)


def test_a_month_is_a_value_too(make_law: MakeLaw) -> None:
    assert read(make_law, parameter(f"{{value: 2014-10, {OK}}}", "Month")).lookup((), 0).value == ym(2014, 10)


def test_csv_beside_yaml(make_law: MakeLaw) -> None:
    head = "region,year,floor,value,source,certainty,from,to,note\n"
    rows = head + "44,2020,1,2.5,公报,reported,2020-07,2021-06,估\n44,2021,,3,公报,official,,,\n"
    p = from_csv(make_law, rows, keys="[region, year]")
    entry = p.lookup((44, 2020), ym(2020, 7))
    assert (entry.value, entry.source, entry.certainty, entry.note) == (Fraction(5, 2), "公报", "reported", "估")
    assert entry.where == "p.csv:2"
    floor = from_csv(make_law, rows, column="floor", keys="[region, year]")
    assert [e.key for e in floor.entries] == [(44, 2020)]


# -- what is refused ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (parameter("{value: 1, certainty: official}"), "a value without source"),
        (parameter("{value: 1, source: 令}"), "a value without certainty"),
        (
            parameter("{value: 1, source: 令, certainty: sure}"),
            "certainty 'sure' is none of official, reported, assumed",
        ),
        (parameter(f"{{value: 1, {OK}}}", "Yuans"), "'Yuans' is not a unit"),
        (f"p:\n  unit: Yuan\n  values: [{{value: 1, {OK}}}]\n", "no label"),
        (f"p:\n  label: 值\n  values: [{{value: 1, {OK}}}]\n", "no unit"),
        (
            parameter(f"{{from: 2020-01, value: 1, {OK}}}\n{{from: 2020-01, value: 2, {OK}}}"),
            "two values from one date",
        ),
        (parameter(f"{{value: 1, {OK}}}\n{{value: 2, {OK}}}"), "two values from one date"),
        (parameter(f"{{value: abc, {OK}}}"), "'abc' is not a number"),
        (parameter(f"{{value: {'9' * 5_000}, {OK}}}"), "has 5000 characters"),
        (parameter(f"{{value: , {OK}}}"), "'' is not a number"),
        (parameter(f"{{from: 2020-13, value: 1, {OK}}}"), "month 13"),
        (parameter(f"{{from: 2020, value: 1, {OK}}}"), "written YYYY-MM"),
        (parameter(f"{{from: 2020-03, to: 2020-01, value: 1, {OK}}}"), "from 2020-03 is after to 2020-01"),
        (parameter(f"{{form: 2020-03, value: 1, {OK}}}"), "unknown word 'form'"),
        (parameter(f"{{value: 1, {OK}}}", extra="  key: [age]\n"), "unknown word 'key'"),
        (parameter(f"{{value: {{1: {{2: 3}}}}, {OK}}}", extra="  keys: [age]\n"), "is not a number"),
        (parameter(f"{{value: {{1: 3}}, {OK}}}", extra="  keys: [age, year]\n"), "does not fit keys ['age', 'year']"),
        (parameter(f"{{value: 3, {OK}}}", extra="  keys: [age]\n"), "keys are ['age'], so value is a map"),
        (parameter(f"{{value: {{1: 3}}, {OK}}}", extra="  keys: age\n"), "keys"),
        (parameter(f"{{value: {{1: 2, 1: 3}}, {OK}}}", extra="  keys: [age]\n"), "twice"),
        (parameter(f"{{value: {{1: 2, x: 3}}, {OK}}}", extra="  keys: [age]\n"), "key"),
        (parameter(f"{{value: 1, {OK}}}") + parameter(f"{{value: 2, {OK}}}"), "twice"),
        ("p: 3\n", "a map with label, unit and values"),
        ("- 3\n", "a map of parameters"),
        ("p: {\n", "not readable as YAML"),
        ("p: &a\n  label: *a\n", "alias 'a' of nothing that stands before it"),
        ("p: " + "[" * 100_000, "more than 50 maps and lists in one another"),
        ("p: 1\n---\np: 2\n", "more than one document"),
        ("p: {[label]: 值}\n", "a key is one word or number"),
        ("p:\n  label: 值\n  unit: Yuan\n  keys: [age]\n  csv: absent.csv\n", "no such file"),
    ],
)
def test_a_parameter_wrongly_written_names_its_file(make_law: MakeLaw, text: str, reason: str) -> None:
    with pytest.raises(BookError) as error:
        read(make_law, text)
    assert reason in str(error.value)
    assert "p.yaml" in str(error.value) or "absent.csv" in str(error.value)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ("age,value,source\n1,2,令\n", "p.csv: no column certainty"),
        ("value,source,certainty\n2,令,official\n", "p.csv: no column age"),
        ("age,value,source,certainty\n1,2,令,official\n2,x,令,official\n", "p.csv:3: 'x' is not a number"),
        ("age,value,source,certainty\n1,2,,official\n", "p.csv:2: a value without source"),
        ("age,value,source,certainty\n1,2\n", "p.csv:2: a value without source"),
        ("age,value,source,certainty\n1,2,令,official\n1,3,令,official\n", "two values from one date"),
        ("age,value,source,certainty,from\n1,2,令,official,2020-99\n", "p.csv:2: month 99"),
        ("age,value,source,certainty\n1,4,800,令,official\n", "p.csv:2"),
        ("age,value,source,certainty\n1,2,令,official,more\n", "p.csv:2"),
        ("age,value,source,certainty\n--5,2,令,official\n", "p.csv:2"),
        ("age,value,source,certainty\n,2,令,official\n", "p.csv:2"),
        ("age,value,source,certainty\n1.5,2,令,official\n2,2,令,official\n", "p.csv"),
    ],
)
def test_a_bad_csv_names_its_line(make_law: MakeLaw, rows: str, reason: str) -> None:
    with pytest.raises(BookError) as error:
        from_csv(make_law, rows)
    assert reason in str(error.value)


def test_a_binary_float_never_becomes_a_parameter() -> None:
    from shebao.engine.parameters import parse_entries
    from shebao.engine.units import UNITS

    with pytest.raises(BookError, match="binary float"):
        parse_entries([{"value": 0.1, "source": "令", "certainty": "official"}], (), UNITS["Yuan"], "here")
