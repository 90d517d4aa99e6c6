"""Compiling proves that no amount leaves int64 and no divisor is zero, or refuses naming rule, file and line."""

from __future__ import annotations

import textwrap

import pyarrow as pa
import pytest
from lawmaking import MakeLaw
from readings import run_compiled, run_explained, run_plain

from shebao.engine import BookError, Rulebook
from shebao.engine.integers import Unprovable

FACTS = """\
x = fact(Yuan, 0, 10_000_000, label='额')
n = fact(Months, 0, 720, label='月数')
k = fact(Months, 1, 720, label='月数二')
i = fact(Index, 0, 5, label='指数')
grade = choice('low', 'high', label='档次')
"""
PERSON = {"x": "1000.01", "n": 0, "k": 7, "i": "0.5", "grade": "low"}
EMPTY = pa.table(
    {"x": pa.array([100_001]), "n": pa.array([0]), "k": pa.array([7]), "i": pa.array([5_000]), "grade": ["low"]}
)


def book_of(make_law: MakeLaw, body: str, unit: str = "Yuan") -> Rulebook:
    lines = textwrap.indent(textwrap.dedent(body), "    ")
    return make_law(f"{FACTS}@rule(cite='一', label='规则')\ndef r(x, n, k, i, grade) -> {unit}:\n{lines}\n")


def compiles(book: Rulebook) -> None:
    book.at("2025-01").kernel(["r"], EMPTY.schema)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("a = x * x\nreturn to_fen(a * a * a)  # here", "beyond int64"),
        (
            "a = x / (n + 1) / (n + 2) / (n + 3) / (n + 4)\nreturn to_fen(a / (n + 5) / (n + 6) / (n + 7))  # here",
            "beyond int64",
        ),
        ("return n * 100_000_000_000_000_000  # here", "beyond int64"),
        ("return x + 10_000_000_000_000_000_000  # here", "beyond int64"),
        ("return to_fen(x / n)  # here", "a divisor may be zero or negative (range 0..720); guard it"),
        ("return x // n  # here", "a divisor may be zero"),
        ("return x % n  # here", "a divisor may be zero"),
        ("return to_fen(x / (k - 1))  # here", "a divisor may be zero"),
        ("return to_fen(x / (k - 2))  # here", "a divisor may be zero"),
        ("return x / 0  # here", "a divisor may be zero"),
        ("return to_fen(x / n) if k > 0 else 0  # here", "a divisor may be zero"),
        ("return to_fen(x / n) if n >= 0 else 0  # here", "a divisor may be zero"),
        ("if n > 0 or k > 3:\n    return to_fen(x / n)  # here\nreturn 0", "a divisor may be zero"),
        ("if n > 0:\n    return 1\nreturn to_fen(x / n)  # here", "a divisor may be zero"),
    ],
)
def test_what_cannot_be_proved_is_refused_where_it_stands(make_law: MakeLaw, body: str, reason: str) -> None:
    book = book_of(make_law, body)
    with pytest.raises(Unprovable) as error:
        compiles(book)
    line = 9 + next(k for k, text in enumerate(body.splitlines()) if "# here" in text)
    message = str(error.value)
    assert reason in message
    assert "rule r" in message
    assert f"rules.py:{line}: " in message


@pytest.mark.parametrize(
    "body",
    [
        "return to_fen(x / n) if n > 0 else 0",
        "return to_fen(x / n) if n != 0 else 0",
        "return to_fen(x / n) if 0 < n else 0",
        "return to_fen(x / n) if n >= 1 else 0",
        "return 0 if n == 0 else to_fen(x / n)",
        "return 0 if not n > 0 else to_fen(x / n)",
        "if n > 0:\n    return to_fen(x / n)\nreturn 0",
        "if n == 0:\n    return 0\nreturn to_fen(x / n)",
        "if n > 0 and to_fen(x / n) > 3:\n    return 1\nreturn 0",
        "if n <= 0 or to_fen(x / n) > 3:\n    return 1\nreturn 0",
        "if k > 3 and n > 0 and i < 1:\n    return to_fen(x / n)\nreturn 0",
        "return to_fen(x / (k - 3)) if k > 3 else 0",
        "return to_fen(x / (i - 0.5)) if i > 0.5 else 0",
        "return to_fen(x / max(n, 1))",
        "return to_fen(x / k)",
        "return to_fen(x / -k)",
        "m = n + 1\nreturn to_fen(x / m)",
        "return to_fen(x / 3 * i)",
    ],
)
def test_a_guarded_divisor_is_accepted_and_right(make_law: MakeLaw, body: str) -> None:
    book = book_of(make_law, body)
    people = [{"n": n, "k": k, "i": i} for n in (0, 1, 3) for k in (1, 3, 4) for i in (4_999, 5_000, 5_001)]
    assert plain(book, people) == explained(book, people)


@pytest.mark.parametrize(
    "body",
    [
        "return to_fen((x / n if n > 0 else 0) + 1)",
        "part = x / n if n > 0 else 0\nreturn to_fen(max(part, 2))",
        "part = x / n if n > 0 else 0\nreturn to_fen(i * part + x)",
        "if n > 0:\n    m = n + i\n    part = x / m\nelse:\n    part = 0\nreturn to_fen(part + 1)",
        "if n > 0:\n    part = x / (n + i)\nelse:\n    part = 0\nreturn 3 if part < 0.5 else 4",
        "part = x / k if n > 0 else x / (k + 1)\nreturn to_fen(part - i)",
        "part = 7 if n > 0 else x / (k + 1)\nreturn to_fen(part - i)",
    ],
)
def test_a_guarded_quotient_may_be_taken_on_unrounded(make_law: MakeLaw, body: str) -> None:
    """Where the guard holds off the division, what stands instead must count for itself."""
    book = book_of(make_law, body)
    people = [{"n": n, "k": k, "i": 5_000} for n in (0, 1, 3) for k in (1, 7)]
    assert plain(book, people) == explained(book, people)
    assert compiled(book, people) == explained(book, people)


def test_another_rule_may_take_on_a_quotient_of_one_branch(make_law: MakeLaw) -> None:
    book = make_law(
        f"{FACTS}@rule(cite='一', label='商')\ndef part(x, n, i) -> Yuan:\n"
        "    if n > 0:\n        m = n + i\n        return x / m\n    return 0\n"
        "@rule(cite='一', label='规则')\ndef r(part) -> Yuan:\n    return to_fen(part + 1)\n"
    )
    people = [{"n": n, "i": i} for n in (0, 1, 3) for i in (0, 5_000)]
    assert plain(book, people) == explained(book, people)
    assert compiled(book, people) == explained(book, people)


@pytest.mark.parametrize(
    ("body", "unit"),
    [
        ("return n or k", "Months"),
        ("return n and k", "Months"),
        ("return n < 2 < k or i", "Count"),
        ("return 1 if n < 2 and k else 2", "Count"),
        ("return 1 if grade == 'high' or not i else 2", "Count"),
        ("return i > 0.4", "YesNo"),
        ("return (n > 0) + (k > 3) + 1", "Count"),
        ("return -x // 3 + -x % 7", "Yuan"),
        ("return -k // 2 % 3", "Count"),
        ("return k % -5", "Count"),
        ("return x % 0.3", "Yuan"),
        ("return half_up(-x / 7, 1) + truncate(-x / 7, 0) + round_up(-x / 7, 2)", "Yuan"),
        ("return min(-x, x, i) * max(0.5, i, -n)", "Yuan"),
        ("return to_fen(min(x / k, x / (n + 1)))", "Yuan"),
    ],
)
def test_both_readings_agree_or_the_rule_is_refused(make_law: MakeLaw, body: str, unit: str) -> None:
    people = [{"n": n, "k": k, "i": i} for n in (0, 1, 3) for k in (1, 4, 7) for i in (0, 5_000)]
    try:
        book = book_of(make_law, body, unit)
        compiles(book)
    except BookError:
        return
    assert plain(book, people) == explained(book, people)


def test_a_chain_of_comparisons_stops_at_the_first_that_fails(make_law: MakeLaw) -> None:
    """What stands behind is not read, so that it cannot be missing."""
    table = (
        "t:\n  label: 表\n  unit: Months\n  keys: [age]\n  values: [{value: {1: 5}, source: 令, certainty: official}]\n"
    )
    book = make_law(f"{FACTS}@rule(cite='一', label='规')\ndef r(n, t) -> YesNo:\n    return n < 2 < t[n]\n", table)
    people = [{"n": n} for n in (0, 1, 2, 7)]
    assert plain(book, people) == explained(book, people) == ["missing parameter: t", True, False, False]


@pytest.mark.parametrize(
    "body",
    [
        "return x if n > 0 else 1",
        "return -x if n > 0 else 1",
        "return max(x, 1) if n > 0 else min(2, x)",
        "return to_fen(x / 3) if n > 0 else 1",
        "return half_up(x, 1) + truncate(x, 0) if n > 0 else 1",
        "return x // 3 + x % 7 if n > 0 else 1",
        "return 1 if n > 0 and x > 3 else 2",
        "return 1 if n > 0 or x > 3 else 2",
        "return 1 if not (n > 0 and x > 3) else 2",
        "return 1 if 0 < n < x else 2",
        "return (n > 0) * x",
        "part = x if n > 0 else 1\nreturn part + 1",
        "part = x\nif n > 0:\n    return part\nreturn 1",
        "if n > 0:\n    part = x\n    if k > 3:\n        return 3\n    return part\nreturn 1",
        "if n > 0:\n    return 1\nelif x > 3:\n    return 2\nreturn 3",
        "return 1 if n > 0 and grade == 'high' else 2",
        "return 1 if grade == 'high' and n > 0 else 2",
        "return n if grade == 'low' else x + i",
    ],
)
def test_a_fact_is_asked_of_the_same_people_in_both_readings(make_law: MakeLaw, body: str) -> None:
    """Of those whose path reads it, and of nobody else."""
    book = book_of(make_law, body)
    kinds = [{}, {"x": None}, {"x": -1}, {"grade": None}, {"x": None, "grade": None, "i": None}, {"n": None}]
    people = [{"n": n, "k": k, **kind} for n in (0, 1) for k in (1, 7) for kind in kinds]
    assert plain(book, people) == explained(book, people)
    assert compiled(book, people) == explained(book, people)


@pytest.mark.parametrize("body", ["return x / k", "return x / n if n > 0 else 0", "return x / (k + i)"])
def test_an_unrounded_quotient_is_explained_but_not_stored(make_law: MakeLaw, body: str) -> None:
    book = book_of(make_law, body)
    assert book.at("2025-01").explain("r", PERSON).exact is not None
    with pytest.raises(
        BookError, match="r is a quotient of no fixed denominator; it can be explained but not stored, round it"
    ):
        compiles(book)


def test_a_quotient_by_a_constant_is_stored_at_a_scale_that_holds_it(make_law: MakeLaw) -> None:
    book = book_of(make_law, "return x / 3")
    result = book.at("2025-01").compute(["r"], EMPTY)
    scale = int(result.table.schema.field("r").metadata[b"shebao.scale"])
    assert scale % 300 == 0
    assert result.table.column("r").to_pylist() == [100_001 * scale // 300]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("return x if grade == 'hihg' else 0", "'hihg' is none of low, high"),
        ("return x if grade < 'high' else 0", "texts are compared with == and !="),
        ("return x + grade", "grade is a text, not a number"),
        ("return x if grade == 1 else 0", "a text can only be compared with a text"),
        ("return x if n > 0 else grade", "some paths end in a text, others in a number"),
        ("return x if grade else 0", "is no condition"),
    ],
)
def test_texts_and_numbers_are_not_mixed(make_law: MakeLaw, body: str, reason: str) -> None:
    with pytest.raises(BookError) as error:
        compiles(book_of(make_law, body))
    assert reason in str(error.value)
    assert "rule r" in str(error.value)
    assert "rules.py:" in str(error.value)


# -- the readings ---------------------------------------------------------------------------------
def table_of(people: list[dict[str, int | None]]) -> pa.Table:
    rows = [{"x": 100_001, "n": 1, "k": 1, "i": 0, "grade": 0, **person} for person in people]
    return pa.table({name: pa.array([row[name] for row in rows]) for name in rows[0]})


def plain(book: Rulebook, people: list[dict[str, int | None]]) -> list[object]:
    """The generated loop run as plain Python on checked integers."""
    kernel = book.at("2025-01").kernel(["r"], table_of(people).schema)
    return [value if status == "ok" else status for (value,), status in run_plain(kernel, table_of(people))]


def compiled(book: Rulebook, people: list[dict[str, int | None]]) -> list[object]:
    kernel = book.at("2025-01").kernel(["r"], table_of(people).schema)
    return [value if status == "ok" else status for (value,), status in run_compiled(kernel, table_of(people))]


def explained(book: Rulebook, people: list[dict[str, int | None]]) -> list[object]:
    return [
        value if status == "ok" else status
        for (value,), status in run_explained(book.at("2025-01"), ["r"], table_of(people))
    ]
