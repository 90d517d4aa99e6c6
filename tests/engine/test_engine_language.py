"""What leaves the law language is refused when the law is loaded, with file, line, rule and reason."""

from __future__ import annotations

import textwrap

import pytest
from lawmaking import MakeLaw

from shebao.engine import BookError

FACTS = """\
x = fact(Yuan, 0, 10_000, label='额')
n = fact(Months, 0, 720, label='月数')
yes = fact(YesNo, label='是否')
grade = choice('low', 'high', label='档次')
"""
TABLE = """\
amounts:
  label: 表
  unit: Yuan
  keys: [grade, year]
  values:
    - {source: 附件, certainty: official, value: {low: {2020: 1}, high: {2020: 2}}}
"""


def rule(body: str, arguments: str = "x, n", unit: str = "Yuan") -> str:
    lines = textwrap.indent(textwrap.dedent(body), "    ")
    return f"@rule(cite='一', label='规则')\ndef r({arguments}) -> {unit}:\n{lines}\n"


def refusal(make_law: MakeLaw, rules: str, parameters: str = "") -> str:
    """The message of a law that does not load; ``# here`` in its text marks the line that must be named."""
    text = FACTS + rules
    with pytest.raises(BookError) as error:
        make_law(text, parameters)
    message = str(error.value)
    lines = [i for i, line in enumerate(text.splitlines(), 2) if "# here" in line]
    if lines:
        assert f"rules.py:{lines[0]}: " in message
    return message


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("for i in n:  # here\n    x\nreturn x", "for is not allowed"),
        ("while n > 0:  # here\n    return x\nreturn x", "while is not allowed"),
        ("f = lambda: x  # here\nreturn f()", "Lambda (lambda: x) is not allowed"),
        ("return sum([x for _ in n])  # here", "call of sum"),
        ("return max([x for k in n], x)  # here", "ListComp"),
        ("return n.real  # here", "Attribute (n.real) is not allowed"),
        ("return f'{x}'  # here", "JoinedStr"),
        ("return (y := x)  # here", "NamedExpr"),
        ("try:  # here\n    return x\nexcept ValueError:\n    return n", "try is not allowed"),
        ("with x:  # here\n    return n", "with is not allowed"),
        ("import math  # here\nreturn x", "import is not allowed"),
        ("x += 1  # here\nreturn x", "augassign is not allowed"),
        ("y: int = 1  # here\nreturn y", "annassign is not allowed"),
        ("assert x  # here\nreturn x", "assert is not allowed"),
        ("raise ValueError  # here", "raise is not allowed"),
        ("del x  # here\nreturn n", "delete is not allowed"),
        ("pass  # here\nreturn n", "pass is not allowed"),
        ("def inner():  # here\n    return 1\nreturn x", "functiondef is not allowed"),
        ("match n:  # here\n    case 1:\n        return x\nreturn n", "match is not allowed"),
        ("return x ** 2  # here", "operator Pow"),
        ("return x if n is x else 2  # here", "comparison Is"),
        ("return x if n in (1, 2) else 2  # here", "comparison In"),
        ("return +x  # here", "operator UAdd"),
        ("return ~x  # here", "operator Invert"),
        ("return [x, n]  # here", "List"),
        ("return {'a': x}['a']  # here", "table that is an argument"),
        ("return x[1:2]  # here", "Slice"),
        ("a = (x, n)  # here\nreturn x", "Tuple"),
        ("return x, n  # here", "Tuple"),
        ("a, b = x, n  # here\nreturn a", "one local name"),
        ("a = b = x  # here\nreturn a", "one local name"),
        ("return round(x, 2)  # here", "call of round; allowed are"),
        ("return x.half_up(2)  # here", "call of x.half_up"),
        ("return to_fen(x=x)  # here", "call of to_fen"),
        ("return to_fen(x, 2)  # here", "to_fen takes 1 argument"),
        ("return half_up(x)  # here", "half_up takes 2 argument"),
        ("return half_up(x, n)  # here", "number of decimals as a literal"),
        ("return max(x)  # here", "max needs two or more"),
        ("return max(*x)  # here", "needs two or more"),
        ("return max(n, *x)  # here", "Starred"),
        ("return n - ym(n, 1)  # here", "ym takes a literal"),
        ("return n - ym(2025, 13)  # here", "month 13 is not in 1..12"),
        ("return None  # here", "None is not allowed"),
        ("return b'1'  # here", "not allowed"),
        ("return x + 1j  # here", "not allowed"),
        ("return x + 1e999  # here", "not allowed"),
        ("return  # here", "return needs a value"),
        ("x  # here\nreturn x", "expr is not allowed"),
        ("3  # here\nreturn x", "a value that nobody uses"),
        ("return yes  # here", "unknown name yes"),
        ("return days  # here", "unknown name days"),
        ("if n > 1:\n    y = 1\nreturn y  # here", "unknown name y"),
        ("x = 1  # here\nreturn x", "x is an argument and cannot be reassigned"),
        ("max = x  # here\nreturn max", "max is a word of the law language"),
        ("to_fen = x  # here\nreturn to_fen", "to_fen is a word of the law language"),
    ],
)
def test_a_construct_outside_the_language(make_law: MakeLaw, body: str, reason: str) -> None:
    message = refusal(make_law, rule(body))
    assert reason in message
    assert "rule r" in message


@pytest.mark.parametrize(
    "body",
    [
        "if n > 1:\n    return x",
        "y = x",
        "if n > 1:\n    return x\nelif n > 0:\n    y = 1\nelse:\n    return n",
        "'text'",
    ],
)
def test_a_path_without_return(make_law: MakeLaw, body: str) -> None:
    assert "rule r: a path ends without return" in refusal(make_law, rule(body))


@pytest.mark.parametrize("arguments", ["x, n=1", "*x", "**x", "x, *, n"])
def test_arguments_are_plain_names(make_law: MakeLaw, arguments: str) -> None:
    message = refusal(make_law, rule("return 1", arguments).replace("'规则')", "'规则')  # here"))
    assert "rule r: arguments are plain names without defaults" in message


@pytest.mark.parametrize(
    "rules",
    [
        "r = rule(cite='一', label='规则')(lambda x: x)\n",
        "if True:\n    @rule(cite='一', label='规则')\n    def r(x) -> Yuan:\n        return x\n",
        "@rule(cite='一', label='规则')\nasync def r(x) -> Yuan:\n    return x\n",
    ],
)
def test_a_rule_is_a_top_level_function(make_law: MakeLaw, rules: str) -> None:
    assert "rules are top-level functions in a file" in refusal(make_law, rules)


def test_a_generator_is_no_rule(make_law: MakeLaw) -> None:
    refusal(make_law, rule("yield x"))


@pytest.mark.parametrize(
    ("declaration", "reason"),
    [
        ("@rule(cite='', label='规则')  # here\ndef r(x) -> Yuan:\n    return x\n", "rule r has no cite"),
        ("@rule(cite='一', label='')  # here\ndef r(x) -> Yuan:\n    return x\n", "rule r has no label"),
        ("@rule(cite='一', label='规则')  # here\ndef r(x):\n    return x\n", "rule r has no unit"),
        (
            "@rule(cite='一', label='规则')  # here\ndef r(x) -> int:\n    return x\n",
            "rule r: <class 'int'> is not a unit",
        ),
        (
            "@rule(cite='一', label='规则')  # here\ndef r(x) -> 'Yuans':\n    return x\n",
            "rule r: 'Yuans' is not a unit",
        ),
        (
            "@rule(cite='一', label='规则')  # here\ndef r(before, x) -> Yuan:\n    return x\n",
            "only an accrual has `before`",
        ),
        (
            "@total(over='h', high=1, cite='一', label='规则')  # here\ndef r(before, x) -> Yuan:\n    return x\n",
            "only an accrual",
        ),
        ("@rule(cite='一', label='规则', since='2020-13')  # here\ndef r(x) -> Yuan:\n    return x\n", "month 13"),
        (
            "@rule(cite='一', label='规则', since='2020-02', until='2020-01')  # here\n"
            "def r(x) -> Yuan:\n    return x\n",
            "is after until",
        ),
        (
            "@rule(cite='一', label='规则', dated_by='x')  # here\ndef r(x) -> Yuan:\n    return x\n",
            "rule r is dated by x, which is no month",
        ),
        (
            "@rule(cite='一', label='规则', dated_by='award')  # here\ndef r(x) -> Yuan:\n    return x\n",
            "rule r: unknown name 'award'",
        ),
        (
            "@rule(cite='一', label='规则', region=11)  # here\ndef r(x) -> Yuan:\n    return x\n",
            "rule r: unknown name 'region'",
        ),
        (
            "@accrual(over='h', initial='z', high=1, cite='一', label='规则')  # here\n"
            "def r(before) -> Yuan:\n    return before\n",
            "rule r: unknown name 'z'",
        ),
    ],
)
def test_a_declaration_that_lacks_something(make_law: MakeLaw, declaration: str, reason: str) -> None:
    assert reason in refusal(make_law, declaration)


@pytest.mark.parametrize("words", ["label='规则'", "cite='一'"])
def test_cite_and_label_cannot_be_left_out(make_law: MakeLaw, words: str) -> None:
    with pytest.raises((BookError, TypeError), match=r"cite|label"):
        make_law(FACTS + f"@rule({words})\ndef r(x) -> Yuan:\n    return x\n")


@pytest.mark.parametrize("region", ["99", "10", "()", "(44, 7)"])
def test_a_region_is_a_province_code(make_law: MakeLaw, region: str) -> None:
    with pytest.raises(BookError, match=r"is not a province code 11\.\.65"):
        make_law(
            f"region = fact(Region, label='地区')\n@rule(cite='一', label='规', region={region})\n"
            "def r() -> Yuan:\n    return 1\n"
        )


@pytest.mark.parametrize(
    ("fact", "reason"),
    [
        ("f = fact(Yuan, 5, 1, label='额')", "its range 5..1 is empty"),
        ("f = fact(Yuan, 0, 0.5, label='额')", "0.5 is a binary float"),
        ("f = fact(int, label='额')", "is not a unit"),
        ("f = fact(Choice, label='额')", "declared with choice"),
        ("f = choice('one', label='额')", "two or more distinct values"),
        ("f = choice('one', 'one', label='额')", "two or more distinct values"),
        ("f = fact(Yuan, label='')", "no label"),
        ("f = fact(Yuan, 0, 5, label='额', presumed=9)", "presumed"),
        ("f = fact(YesNo, label='额', presumed='maybe')", "presumed"),
        ("f = choice('a', 'b', label='额', presumed='c')", "presumed"),
        ("max = fact(Yuan, label='额')", "max is a word of the law language"),
        ("before = fact(Yuan, label='额')", "before is a word of the law language"),
    ],
)
def test_a_fact_declared_wrongly(make_law: MakeLaw, fact: str, reason: str) -> None:
    assert reason in refusal(make_law, fact + "\n")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("return amounts + 1  # here", "amounts is a table; index it"),
        ("return to_fen(amounts)  # here", "amounts is a table; index it"),
        ("return amounts if n > 1 else 0  # here", "amounts is a table; index it"),
        ("return n[3]  # here", "n is not a table"),
        ("return amounts[grade]  # here", "amounts is indexed by grade, year"),
        ("return amounts[grade, 2020, 1]  # here", "amounts is indexed by grade, year"),
    ],
)
def test_a_table_is_indexed_by_its_keys(make_law: MakeLaw, body: str, reason: str) -> None:
    assert reason in refusal(make_law, rule(body, "n, amounts, grade"), TABLE)


def test_a_rounding_is_the_language_s_own(make_law: MakeLaw) -> None:
    """A module's own ``to_fen`` would be called by the explanation and not by the compiled loop."""
    message = refusal(make_law, "def to_fen(x):\n    return x + 1\n" + rule("return to_fen(x)  # here"))
    assert "to_fen" in message


def test_a_rounding_that_was_not_imported(make_law: MakeLaw) -> None:
    text = "from shebao.engine import Yuan, fact, rule\nx = fact(Yuan, label='额')\n" + rule("return to_fen(x)", "x")
    with pytest.raises(BookError, match="to_fen"):
        make_law(text)


def test_a_body_may_hold_every_word_of_the_language(make_law: MakeLaw) -> None:
    book = make_law(
        FACTS
        + rule(
            '''
            """A docstring."""
            a = -x / 2 if yes else x // 3 % 5
            if 0 < n <= 10 and not yes or grade == "high":
                b = min(a, n, 1.5)
            elif n != 7 and True:
                b = max(half_up(a, 1), round_up(a, 0), truncate(a, 2))
            else:
                return up_to_fen(a) + amounts[grade, 2020]
            return to_fen(b) + n - ym(2025, 1)
            ''',
            "x, n, yes, grade, amounts",
        ),
        TABLE,
    )
    person = {"x": 100, "n": 8, "yes": "no", "grade": "low"}
    assert book.at("2025-01").explain("r", person).value == "-24290.50"
