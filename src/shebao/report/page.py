"""The report as one HTML file that needs no network and no script."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from itertools import groupby
from string import Template

from shebao.engine.explanation import Explanation, formula_text, is_constant, label, value_text
from shebao.report.charts import Chart
from shebao.report.citizen import Assumption, Citizen
from shebao.report.sheets import COMPONENTS, Sheet, with_separators
from shebao.report.tables import SECTIONS, Line, figures, grouped

FOOTER = "Shebao 社保：开放的社会保障系统。人口均为合成，不含真实个人。 All people are synthetic; none is real."
Refusals = list[tuple[str, str, str, int, str]]


@dataclass(frozen=True)
class Contents:
    """Everything the page shows. ``place`` and ``month`` as people read them; ``weight`` real people per person."""

    place: tuple[str, str]
    month: str
    people: int
    weight: float
    seed: int
    why: tuple[str, str] | None  # for choosing this province and month
    sheets: list[Sheet]
    lines: list[Line]
    charts: list[Chart]
    citizen: Citizen | None
    refusals: Refusals
    assumptions: list[Assumption]
    generator: list[tuple[str, str]]
    files: list[tuple[str, str, str]]
    seconds: list[tuple[str, float]]


def page(it: Contents) -> str:
    """The whole file."""
    parts = [
        ("month", "一个月的图景", "The month in pictures", charts_section(it)),
        ("citizen", "一笔养老金是怎样算出来的", "One pension, step by step", citizen_section(it)),
        ("sheets", "真实核定表", "Real award sheets", sheets_section(it.sheets)),
        ("sums", "汇总", "The month in sums", sums_section(it.lines)),
        ("open", "无法计算与待核实", "What was refused, what is assumed", open_section(it)),
        ("files", "文件与用时", "Files and time", files_section(it)),
    ]
    sections = [f'<section id="{i}"><h2>{bilingual(zh, en)}</h2>{body}</section>' for i, zh, en, body in parts]
    title = f"{it.place[0]} {it.month} 社保一月 · Shebao: {it.place[1]}, one month"
    return Template(files(__package__).joinpath("page.html").read_text("utf-8")).substitute(
        title=escape(title),
        heading=bilingual(f"{it.place[0]}的一个月", f"{it.place[1]}, {it.month}"),
        lead=lead(it),
        nav="".join(f'<a href="#{i}">{escape(zh)} {escape(en)}</a>' for i, zh, en, _ in parts),
        tiles="".join(tiles(it)),
        sections="\n".join(sections),
        footer=FOOTER,
    )


def bilingual(zh: str, en: str) -> str:
    return f'{escape(zh)}<span lang="en">{escape(en)}</span>'


def paragraphs(zh: str, en: str) -> str:
    return f'<p>{escape(zh)}</p><p class="en" lang="en">{escape(en)}</p>'


def table(caption: str, head: Iterable[str], body: str, numbers: int = 0) -> str:
    """A table; columns from ``numbers`` on (if any) hold numbers. ``body`` is rows, or row groups of its own."""
    cells = "".join(f'<th scope="col"{_n(k >= numbers > 0)}>{escape(h)}</th>' for k, h in enumerate(head))
    rows = body if body.startswith("<tbody") else f"<tbody>{body}</tbody>"
    return scroll(caption, f"<thead><tr>{cells}</tr></thead>{rows}")


def scroll(caption: str, inner: str) -> str:
    """A table that scrolls by itself on a narrow screen, also by keyboard."""
    name = escape(caption)
    inner = f"<table><caption>{name}</caption>{inner}</table>"
    return f'<div class="scroll" role="region" tabindex="0" aria-label="{name}">{inner}</div>'


def _n(number: bool) -> str:
    return ' class="n"' if number else ""


def row(cells: Iterable[str], numbers: int = 0) -> str:
    """A row whose first cell names it; ``cells`` are text."""
    first, *rest = (escape(c) for c in cells)
    tail = "".join(f"<td{_n(k >= numbers > 0)}>{c}</td>" for k, c in enumerate(rest, 1))
    return f'<tr><th scope="row">{first}</th>{tail}</tr>'


# -- the parts -------------------------------------------------------------------------------------


def lead(it: Contents) -> str:
    zh = (
        f"{it.people:,} 名合成居民（每人代表约 {it.weight:,.0f} 名真实居民），"
        f"按 {it.month} 的法规计算缴费、个人账户与待遇，精确到分。"
    )
    en = (
        f"{it.people:,} synthetic people, each standing for about {it.weight:,.0f} real ones, "
        f"under the law of {it.month}: what each pays, holds and draws, exact to the fen."
    )
    return f'{escape(zh)}<br><span lang="en">{escape(en)}</span>'


def tiles(it: Contents) -> Iterator[str]:
    exact = sum(s.exact for s in it.sheets)
    paid = [x for x in it.lines if x.section == "contributions" and x.period == "month"]
    drawn = [x for x in it.lines if x.section == "benefits" and x.item.startswith("in_payment")]
    held = [x for x in it.lines if x.section == "accounts"]
    payers = next(x.people for x in it.lines if x.section == "fund" and x.item == "in")
    for zh, en, value, note in (
        ("核定表精确到分", "award sheets met to the fen", f"{exact} / {len(it.sheets)}", ""),
        ("本月职工与灵活就业缴费", "paid in the month", _million(paid), _count(paid, payers)),
        ("本月在发养老金", "pensions drawn", _million(drawn), _count(drawn, sum(x.people for x in drawn))),
        ("个人账户储存额", "held in accounts", _million(held), _count(held, sum(x.people for x in held))),
    ):
        term = f'<dt>{escape(zh)} <span lang="en">{escape(en)}</span></dt>'
        yield f"<div>{term}<dd>{escape(value)} <small>{escape(note)}</small></dd></div>"


def _million(lines: list[Line]) -> str:
    """Yuan in hundreds of millions (亿), for the eye."""
    return f"{sum(x.fen or 0 for x in lines) / 1e10:,.2f} 亿元"


def _count(lines: list[Line], people: int) -> str:
    """The same in millions, for readers of English, and how many people it concerns."""
    return f"{sum(x.fen or 0 for x in lines) / 1e8:,.0f} million yuan · {people:,} 人 people"


def sheets_section(sheets: list[Sheet]) -> str:
    exact, known = sum(s.exact for s in sheets), sum(s.known for s in sheets)
    zh = f"{len(sheets)} 张真实核定表由同一套法规重算：{exact} 张逐分一致，{known} 张有差额，原因写在各表之下。"
    en = (
        f"{len(sheets)} real award sheets recomputed by the same rules: {exact} agree to the fen; "
        f"{known} differ, each for the reason given under it."
    )
    top = "".join(f'<th scope="colgroup" colspan="2" class="n">{bilingual(a, b)}</th>' for a, b in COMPONENTS.values())
    under = '<th scope="col" class="n">原表</th><th scope="col" class="n">计算</th>' * len(COMPONENTS)
    last = '<th scope="col" rowspan="2" class="n">差（分）<br>fen apart</th>'
    first = '<th scope="col" rowspan="2">核定表 sheet</th><th scope="col" rowspan="2">地区 place</th>'
    head = f"<thead><tr>{first}{top}{last}</tr><tr>{under}</tr></thead>"
    caption = "元/月，每项左为原表、右为计算结果 · yuan a month, printed at the left, computed at the right"
    return paragraphs(zh, en) + scroll(caption, f"{head}<tbody>{''.join(sheet_row(s) for s in sheets)}</tbody>")


def sheet_row(sheet: Sheet) -> str:
    cells = []
    for line in map(sheet.component, COMPONENTS):
        kind = "n known" if line and line.apart else "n"
        texts = (with_separators(line.printed), with_separators(line.computed)) if line else ("–", "–")
        cells += [f'<td class="n">{escape(texts[0])}</td>', f'<td class="{kind} soft">{escape(texts[1])}</td>']
    name = f"{escape(sheet.case.id)} <small>{escape(sheet.case.month)} {escape(sheet.grade)}</small>"
    place = f'{escape(sheet.place[0])} <small lang="en">{escape(sheet.place[1])}</small>'
    verdict = "0 ✓" if sheet.exact else f"{sheet.apart} {'已说明 known' if sheet.known else '✗'}"
    kind = "ok" if sheet.exact else "known"
    reasons = escape("; ".join(sheet.reasons))
    why = f'<tr><td></td><td colspan="10"><small lang="en">{reasons}</small></td></tr>' if reasons else ""
    amounts = f'{"".join(cells)}<td class="n {kind}">{escape(verdict)}</td>'
    return f'<tr><th scope="row">{name}</th><td>{place}</td>{amounts}</tr>{why}'


def charts_section(it: Contents) -> str:
    return (
        paragraphs(*it.why) if it.why else ""
    ) + f'<div class="charts">{"".join(figure(c) for c in it.charts)}</div>'


def figure(chart: Chart) -> str:
    """A picture with its words and legend, and its numbers to unfold."""
    items = "".join(f'<li><i style="background:{colour}"></i>{escape(text)}</li>' for colour, text in chart.legend)
    legend = f'<ul class="legend">{items}</ul>' if items else ""
    words = f'{escape(chart.alt_zh)}<br><span class="en" lang="en">{escape(chart.alt_en)}</span>'
    numbers = table(f"{chart.zh} {chart.en}", chart.header, "".join(row(cells, 1) for cells in chart.rows), 1)
    kind = ' class="wide"' if chart.wide else ""
    head = f"<figcaption><h3>{bilingual(chart.zh, chart.en)}</h3><p>{words}</p></figcaption>{legend}"
    unfold = f"<details><summary>数据 numbers</summary>{numbers}</details>"
    return f'<figure id="chart-{chart.name}"{kind}>{head}{chart.svg}{unfold}</figure>'


def citizen_section(it: Contents) -> str:
    if it.citizen is None:
        return paragraphs("本月无人新核定养老金。", "Nobody was awarded a pension in this month.")
    amount = grouped(it.citizen.computed)
    same = ("与逐步解释得出同一金额", "and this explanation give the same fen")
    if not it.citizen.agrees:
        same = ("与逐步解释不一致，须查明", "and this explanation DISAGREE, which has to be looked into")
    zh = f"合成居民 {it.citizen.number}，{it.month} 核定，次月起每月 {amount} 元。批量计算{same[0]}。各步可展开、收起。"
    en = (
        f"Synthetic citizen {it.citizen.number}, awarded in {it.month}: {amount} yuan a month from the next. "
        f"The run over everybody {same[1]}. Each step opens and closes."
    )
    trees = "".join(
        f'<div class="tree" lang="{lang}">{step(it.citizen.explanation, lang, 0, set())}</div>' for lang in ("zh", "en")
    )
    return paragraphs(zh, en) + f'<div class="trees">{trees}</div>'


_SAID = {
    "zh": {"given": "已知", "presumed": "推定", "above": "同上", "assumed": "待核实", "yes": "是", "no": "否"},
    "en": {"given": "given", "presumed": "presumed", "above": "as above", "assumed": "to be checked"},
}


def step(node: Explanation, lang: str, depth: int, seen: set[str]) -> str:
    """One step and those it came from; a step met before is not opened again."""
    words = _SAID[lang]
    note = words["given"] if node.given else words["presumed"] if node.presumed else ""
    known = node.name in seen and bool(node.inputs)
    head = f"<span>{escape(label(node, lang))}{_small(words['above'] if known else note)}{_todo(node, words)}</span>"
    head += f"<b>{escape(value_text(node, lang))}</b>"
    seen.add(node.name)
    source = f"<cite>{escape(node.source)}</cite>" if node.source and not node.formula else ""
    if known or not (node.inputs or node.formula):
        return f'<div class="leaf">{head}</div>{source}'
    formula = f"<code>= {escape(formula_text(node, lang))}</code>" if node.formula and not is_constant(node) else ""
    cite = f"<cite>〔{escape(node.cite)}〕</cite>" if node.cite else ""
    kids = "".join(step(child, lang, depth + 1, seen) for child in node.inputs)
    open_ = " open" if depth < 2 else ""
    return f'<details{open_}><summary>{head}</summary>{formula}{cite}<div class="kids">{kids}</div></details>'


def _small(text: str) -> str:
    return f" <small>{escape(text)}</small>" if text else ""


def _todo(node: Explanation, words: dict[str, str]) -> str:
    return f' <small class="todo">{escape(words["assumed"])}</small>' if node.certainty == "assumed" else ""


def sums_section(lines: list[Line]) -> str:
    parts = []
    for section, group in groupby(lines, key=lambda x: x.section):
        zh, en = SECTIONS[section]
        rows = "".join(sum_row(x) for x in group)
        head = f'<tr><th scope="rowgroup" colspan="4">{escape(zh)} <small lang="en">{escape(en)}</small></th></tr>'
        parts.append(f'<tbody class="part">{head}{rows}</tbody>')
    columns = ("", "人数 people", "金额（元） amount, yuan", "人均（元） per head")
    notes = paragraphs(
        "金额逐分相加，无近似；≈ 表示法规中名为测算的规则。居民按年缴费；新核定待遇次月起发放，不计入本月支出。"
        "灵活就业人员的医疗保险及各险种的其他待遇不在本次计算之内。",
        "Amounts are exact sums of fen; ≈ marks a rule that is an estimate by its own name. Residents pay once a year; "
        "new awards are paid from the next month and are not in this month's outgo. Medical insurance of flexible "
        "workers and benefits other than pensions are not computed here.",
    )
    return notes + table("元 yuan", columns, "".join(parts), 1)


def sum_row(line: Line) -> str:
    cells = "".join(f'<td class="n">{escape(text)}</td>' for text in figures(line))
    return f'<tr><th scope="row">{escape(line.zh)} <small lang="en">{escape(line.en)}</small></th>{cells}</tr>'


def open_section(it: Contents) -> str:
    refused = "".join(
        row((f"{zh} {en}", f"{rows:,}", reason, example)) for zh, en, reason, rows, example in it.refusals
    )
    head = ("计算 run", "人数 people", "原因 reason", "第一例 first example")
    one = paragraphs(
        "缺少参数的人不会被略过，也不会被估算顶替：其金额为空，原因如下。",
        "Nobody is dropped and nothing is guessed: where a parameter is missing the amount is empty.",
    )
    one += table("无法计算的人 refused rows", head, refused) if refused else paragraphs("没有。", "None.")
    names = "".join(row((x.label, x.name, x.value, x.source)) for x in it.assumptions)
    two = paragraphs(
        "本次计算用到、尚待核实的法规参数：在据以发放之前须核对原文。",
        "Parameters of the law this run rests on that still have to be checked against their document.",
    )
    two += table("待核实的参数 assumed parameters", ("参数 parameter", "名称 name", "值 value", "来源 source"), names)
    made = "".join(row(pair) for pair in it.generator)
    more = table("人口生成的假设 assumptions of the population", ("假设 assumption", "理由 reason"), made)
    last = f"<details><summary>合成人口的假设 Assumptions of the synthetic population</summary>{more}</details>"
    return one + two + last


def files_section(it: Contents) -> str:
    made = "".join(row(each) for each in it.files)
    took = "".join(row((name, f"{seconds:.1f}"), 1) for name, seconds in it.seconds)
    files_ = table("文件 files", ("文件 file", "内容 what", "大小 size"), made)
    return files_ + table("用时 time", ("步骤 step", "秒 seconds"), took, 1)
