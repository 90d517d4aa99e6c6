"""The cliffs as a table: for a terminal, and as the page docs/CLIFFS.md."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from shebao.engine.parameters import Parameter
from shebao.engine.rulebook import Rulebook
from shebao.engine.units import parse_month, parse_number
from shebao.lawbook.cliffs import Cliff

HEAD = """# 断点 Cliffs

一项事实只变动一步（一个月、一天、一级、一分钱），金额的变动就大于前后各步所能解释的，即为断点：缴费 179 个月的人\
没有养老金，180 个月的人有。法律需要界限，多数断点是有意规定的；没有人规定而出现的，是本书的错误。因此逐一列出：新\
出现的断点须经审阅才能写入本页。

- 方法：对每一个金额规则和每一个决定待遇资格的规则，取其案例的事实，把其中每一个数（月数、年限、年龄、等级、人数、\
金额、比例）在允许的范围内逐一变动，其余不变；某一步大于前一步和后一步的两倍，且超过两元和金额的万分之一，即为断\
点。并列的两步互为解释，视为坡。逐年、逐月、逐人的记录，变动其最后一条中的数。
- “起”为断点后的第一个值；金额为其中最大一步的前后。以金额、比例、出生年月计的界限随其他事实而变，所列为案例中的\
值。
- 不在此列：历月（法律逐月的变化见“变更年表”）、是否与选项（本来就是非此即彼）、省份之间。

A cliff is where one step of one fact – a month, a day, a grade, a fen – changes an amount by more than the \
steps around it explain: whoever paid 179 months has no pension, whoever paid 180 has one. A law needs limits \
and means most of its cliffs; one that nobody laid down is a mistake of this book. So they are listed, and a new \
one is accepted knowingly or mended.

- How: for every rule that is an amount, and every rule that says whether a benefit is due, the facts of its \
worked examples are taken and each number among them (months, years, ages, grades, people, money, shares) is \
moved over its whole range, all else unchanged. A step is a cliff if it is more than twice the one before and \
the one after, more than two yuan and more than a ten-thousandth of the amount. Two like steps side by side \
explain each other: a slope. Of records – of years, months, members of a household – the numbers of the last one \
are moved.
- "At" is the first value behind the cliff; the amounts are those of its largest step. Limits in money, shares \
and months of birth move with the other facts: what stands here is the example's.
- Not here: calendar months (what the law changes from month to month is in the book under "What changed when"), \
yes-or-no facts and choices (they are one or the other by nature), the border between provinces.

`make docs` writes this page; `shebao law cliffs` prints it. 由 `make docs` 生成。
"""
LEAD = {
    "zh": "一项事实只变动一步（一个月、一天、一级、一分钱），金额的变动就大于前后各步所能解释的，即为断点。"
    "法律有意规定的逐一列出；没有人规定而出现的，是本书的错误。"
    "界限以金额、比例、出生年月计的，所列为案例中的值。",
    "en": "A cliff is where one step of one fact – a month, a day, a grade, a fen – changes an amount by more than "
    "the steps around it explain. The law means most of them; one that nobody laid down is a mistake of this book. "
    "Limits in money, shares and months of birth are the example's.",
}
_COLUMNS = {
    "zh": ("金额或资格", "事实", "起", "由", "至", "条文", "案例", "连带"),
    "en": ("amount or right", "fact", "at", "from", "to", "article", "example", "carries with it"),
}
FEW = 8


def columns(lang: str) -> tuple[str, ...]:
    return _COLUMNS[lang]


def rows(book: Rulebook, found: Sequence[Cliff], lang: str) -> Iterator[tuple[str, ...]]:
    """One line for each cliff: names, places, amounts, article, example."""
    for cliff in found:
        fact = _named(book, cliff.fact, lang)
        example = f"{cliff.case}: {cliff.place}" if len(cliff.at) > 1 else cliff.case
        made = cliff.cite if cliff.carrier == cliff.rule else f"{cliff.cite} ({_named(book, cliff.carrier, lang)})"
        also = ", ".join(_named(book, name, lang) for name in cliff.also)
        yield _named(book, cliff.rule, lang), fact, places(book, cliff), cliff.before, cliff.after, made, example, also


def _named(book: Rulebook, name: str, lang: str) -> str:
    return book.nodes[name].label if lang == "zh" else name


def places(book: Rulebook, cliff: Cliff) -> str:
    """Where the steps are; many that follow at one distance as ``12, 24 … 120``."""
    if len(cliff.at) <= FEW:
        return ", ".join(cliff.at)
    node = book.nodes[cliff.fact]
    assert not isinstance(node, Parameter)
    numbers = [parse_month(at) if node.unit.kind == "month" else parse_number(at) for at in cliff.at]
    even = len({later - earlier for earlier, later in pairwise(numbers)}) == 1
    ends = f"{cliff.at[0]}, {cliff.at[1]} … {cliff.at[-1]}"
    return ends if even else f"{ends} ({len(cliff.at)})"


def as_markdown(book: Rulebook, found: Sequence[Cliff]) -> str:
    """The page docs/CLIFFS.md: an explanation in both languages, then a table for each scheme."""
    lines = [HEAD]
    for room, held in groupby(found, key=lambda cliff: cliff.rule.rpartition(".")[0]):
        lines += [f"## {room} {book.scopes[room].room.label}", ""]
        lines += ["| 金额或资格 amount or right | 事实 fact | 起 at | 由 from | 至 to | 条文 article | 案例 example |"]
        lines += ["|---|---|---|---:|---:|---|---|"]
        lines += [_line(book, cliff) for cliff in held] + [""]
    return "\n".join(lines)


def _line(book: Rulebook, cliff: Cliff) -> str:
    room = cliff.rule.rpartition(".")[0]
    amount = "<br>".join(_both(book, name, room) for name in (cliff.rule, *cliff.also))
    article = cliff.cite if cliff.carrier == cliff.rule else f"{cliff.cite}<br>{_both(book, cliff.carrier, room)}"
    example = f"{cliff.case}<br>{cliff.place}" if len(cliff.at) > 1 else cliff.case
    cells = (amount, _both(book, cliff.fact, room), places(book, cliff), cliff.before, cliff.after, article, example)
    return f"| {' | '.join(cells)} |"


def _both(book: Rulebook, name: str, room: str) -> str:
    """``基础养老金 `basic_pension```; the name as it is called in its own room."""
    bare = name.removeprefix(f"{room}.") if name.startswith(f"{room}.") else name
    return f"{book.nodes[name].label} `{bare}`"
