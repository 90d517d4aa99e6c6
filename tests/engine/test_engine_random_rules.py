"""Laws drawn at random: what compiles means the same in every reading, and nothing overflows unseen."""

from __future__ import annotations

import textwrap
from typing import Any

import pyarrow as pa
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from lawmaking import MakeLaw
from readings import explain_row, refusals, run_compiled, run_plain

from shebao.engine import BookError

FACTS = """\
region = fact(Region, label='地区')
x = fact(Yuan, -100, 1000, label='额')
n = fact(Months, 0, 20, label='月数')
k = fact(Months, 1, 12, label='月数二')
i = fact(Index, 0, 5, label='指数')
yes = fact(YesNo, label='是否')
grade = choice('low', 'mid', 'high', label='档次')
when = fact(Month, ym(2010, 1), ym(2029, 12), label='月')
h = fact(Yuan, 0, 100, label='记', over='hs')
"""
TABLES = """\
t:
  label: 表
  unit: Months
  keys: [age]
  values:
    - {source: 令, certainty: official, value: {0: 5, 1: 7.5, 3: 2, 40: 9}}
    - {from: 2020-01, source: 令, certainty: official, value: {1: -3}}
g:
  label: 档表
  unit: Yuan
  keys: [grade]
  values: [{source: 令, certainty: official, value: {high: 1/3, low: 20.5}}]
w:
  label: 省表
  unit: Yuan
  keys: [region]
  values:
    - {source: 令, certainty: official, value: {11: 5, 12: 7, 44: 1/4, 65: 2}}
    - {from: 2015-01, source: 令, certainty: official, value: {12: 8}}
v:
  label: 省年表
  unit: Yuan
  keys: [region, year]
  values:
    - {source: 令, certainty: official, value: {11: {2020: 3}, 12: {2010: 4, 2011: 5, 2020: 6}, 44: {2011: 9, 2020: 8}}}
p:
  label: 率
  unit: Ratio
  values:
    - {from: 2012-01, to: 2018-12, source: 令, certainty: official, value: 8%}
    - {from: 2020-01, source: 令, certainty: official, value: 1/12}
"""
ARGUMENTS = ("x", "n", "k", "i", "yes", "grade", "when", "region", "t", "g", "w", "v", "p")
ROUNDINGS = ("to_fen({})", "up_to_jiao({})", "truncate({}, 1)", "half_up({}, 0)", "round_up({}, 3)")


def numbers(earlier: tuple[str, ...], depth: int) -> st.SearchStrategy[str]:
    """Expressions that are numbers."""
    leaves = st.sampled_from(
        [
            "x",
            "n",
            "k",
            "i",
            "p",
            "g[grade]",
            "t[n]",
            "w[region]",
            "v[region, when // 12]",
            *earlier,
            *earlier,
            "0",
            "1",
            "2.5",
            "0.01",
            "7",
            "-3",
        ]
    )
    if depth == 0:
        return leaves
    inner = numbers(earlier, depth - 1)
    test = conditions(earlier, depth - 1)
    forms = [
        st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda e: f"({e[0]} {e[1]} {e[2]})"),
        st.tuples(inner, st.sampled_from(["3", "0.7", "k", "(n + 1)", "-4", "max(i, 0.5)"])).map(
            lambda e: f"{e[0]} / {e[1]}"
        ),
        st.tuples(inner, st.sampled_from(["//", "%"]), st.sampled_from(["3", "0.7", "k", "-4"])).map(
            lambda e: f"({e[0]}) {e[1]} {e[2]}"
        ),
        st.tuples(st.sampled_from(["min", "max"]), inner, inner).map(lambda e: f"{e[0]}({e[1]}, {e[2]})"),
        st.tuples(st.sampled_from(ROUNDINGS), inner).map(lambda e: e[0].format(e[1])),
        st.tuples(inner, test, inner).map(lambda e: f"({e[0]} if {e[1]} else {e[2]})"),
        inner.map(lambda e: f"({e} / n if n > 0 else 0)"),
        inner.map(lambda e: f"-({e})"),
    ]
    return st.one_of(leaves, *forms)


def conditions(earlier: tuple[str, ...], depth: int) -> st.SearchStrategy[str]:
    """Expressions that are yes or no."""
    inner = numbers(earlier, max(depth - 1, 0))
    compared = st.tuples(inner, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), inner).map(" ".join)
    leaves = st.one_of(
        st.sampled_from(["yes", "grade == 'low'", "grade != 'high'", "when >= ym(2020, 1)", "region == 12"]), compared
    )
    if depth == 0:
        return leaves
    again = conditions(earlier, depth - 1)
    return st.one_of(
        leaves,
        st.tuples(again, st.sampled_from(["and", "or"]), again).map(lambda e: f"({' '.join(e)})"),
        again.map(lambda e: f"(not {e})"),
        st.tuples(inner, inner, inner).map(" < ".join),
    )


@st.composite
def rules(draw: st.DrawFn, name: str, earlier: tuple[str, ...], last: bool) -> str:
    """A rule of one to three variants."""
    split = draw(
        st.sampled_from(
            [[""], ["until='2019-12'", "since='2020-01'"], ["region=11", "region=(12, 44)"], ["since='2012-01'"]]
        )
    )
    text = ""
    for words in split:
        body = draw(bodies(earlier, last))
        used = [a for a in (*ARGUMENTS, *earlier) if a in body]
        text += f"@rule(cite='一', label='规', dated_by='when'{', ' * bool(words)}{words})\n"
        text += f"def {name}({', '.join(used)}) -> Yuan:\n{textwrap.indent(body, '    ')}\n"
    return text


@st.composite
def bodies(draw: st.DrawFn, earlier: tuple[str, ...], last: bool) -> str:
    value = numbers(earlier, 2).map(lambda e: f"to_fen({e})" if last else e)
    if draw(st.booleans()):
        return f"return {draw(value)}"
    first = f"y = {draw(numbers(earlier, 1))}\n" if draw(st.booleans()) else ""
    seen = (*earlier, "y") if first else earlier
    value = numbers(seen, 2).map(lambda e: f"to_fen({e})" if last else e)
    branch = f"if {draw(conditions(seen, 1))}:\n    return {draw(value)}\n"
    return f"{first}{branch}return {draw(value)}"


@st.composite
def laws(draw: st.DrawFn) -> str:
    """Two rules that may take on one another's quotients, an accrual, and the rule that is asked for."""
    text = draw(rules("a", (), False)) + draw(rules("b", ("a",), False))
    step = draw(numbers(("a", "before", "h"), 1))
    used = [name for name in (*ARGUMENTS, "a", "before", "h") if name in step] or ["h"]
    text += "@accrual(over='hs', initial=0, low=-100_000, high=100_000, cite='二', label='态', dated_by='when')\n"
    text += f"def s({', '.join(used)}) -> Yuan:\n    return to_fen({step})\n"
    words = draw(st.lists(st.sampled_from(["one", "two", "three"]), min_size=4, max_size=4))
    for k, place in enumerate(["region=(12, 44)", draw(st.sampled_from(["region=11", "region=(11, 31)"]))]):
        text += f"@rule(cite='三', label='词', dated_by='when', {place})\n"
        text += f"def c(n) -> Choice:\n    return {words[2 * k]!r} if n > 1 else {words[2 * k + 1]!r}\n"
    return text + draw(rules("r", ("a", "b", "s"), True))


def stored(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


person = st.fixed_dictionaries(
    {
        "region": stored(11, 12, 12, 44, 44, 31, 65, None),
        "x": stored(-10_000, -1, 0, 1, 12_345, 99_999, 100_000, 100_001, None),
        "n": stored(0, 0, 1, 3, 20, None),
        "k": stored(1, 7, 12, 0),
        "i": stored(0, 1, 9_999, 10_000, 50_000, None),
        "yes": stored(0, 1, 2),
        "grade": stored(0, 1, 2, None),
        "when": stored(24_120, 24_143, 24_144, 24_227, 24_239, 24_240, 24_300),
        "hs": st.lists(st.fixed_dictionaries({"h": stored(0, 1, 9_999, 10_000, None)}), max_size=3),
    }
)
SCHEMA = pa.schema(
    [(name, pa.int64()) for name in ("region", "x", "n", "k", "i", "yes", "grade", "when")]
    + [("hs", pa.list_(pa.struct([("h", pa.int64())])))]
)


@given(text=laws(), people=st.lists(person, min_size=3, max_size=8))
@settings(max_examples=settings().max_examples // 2, suppress_health_check=list(HealthCheck))
def test_whatever_compiles_means_the_same_in_every_reading(
    make_law: MakeLaw, text: str, people: list[dict[str, Any]]
) -> None:
    law, asked = make_law(FACTS + text, TABLES).at("2025-01"), ["r", "c"] if people[0]["n"] == 0 else ["r"]
    table = pa.Table.from_pylist(people, SCHEMA)
    try:
        kernel = law.kernel(asked, SCHEMA)
    except BookError:
        assume(False)
        raise
    found = run_plain(kernel, table)
    assert run_compiled(kernel, table) == found
    for row, seen in zip(people, found, strict=True):
        wanted = explain_row(law, asked, row)
        if "ok" in (wanted[1], seen[1]):
            assert seen == wanted
        else:
            assert seen[1] == wanted[1] or seen[1] in refusals(law, row)
