"""The pictures of the report, as SVG that needs no script and no network.

Colours are the page's own variables, so that a picture follows light and dark; every mark carries its values as a
title, which browsers show when pointed at. Numbers here are for the eye: binary floats, never amounts to pay.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from html import escape
from typing import Any

import altair as alt
import pyarrow as pa
import pyarrow.compute as pc
import vl_convert

from shebao.population.participation import PARTICIPATION
from shebao.report.flow import flow_svg
from shebao.report.month import Done, pensioners
from shebao.report.tables import PEOPLE, Line, granted

WIDTH, HEIGHT = 400, 290
STEP = 5  # years of age in a group of a picture
SEXES = (("male", "男", "men", "var(--c1)"), ("female", "女", "women", "var(--c3)"))
_ORDER = ("employee", "flexible", "employee_retiree", "resident", "resident_pensioner", "none")
SHADES = dict(zip(PARTICIPATION, ("--c0", "--c1", "--c5", "--c3", "--c4", "--c2"), strict=True))


@dataclass(frozen=True)
class Chart:
    """A picture with its title, what it shows in words (also for those who cannot see it), its legend and numbers."""

    name: str
    zh: str
    en: str
    alt_zh: str
    alt_en: str
    svg: str
    legend: tuple[tuple[str, str], ...] = ()  # colour, text
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    wide: bool = False


def charts(people: pa.Table, done: dict[str, Done], lines: list[Line], month: int) -> list[Chart]:
    """Every picture of the report."""
    return [
        flow(lines),
        pyramid(people, month),
        by_base(done["employees"], done["medical_employers"]),
        pension_by_age(people, month),
        account_by_age(people, month),
        replacement(done["awards"]),
        parts(done["awards"]),
    ]


# -- drawing ---------------------------------------------------------------------------------------


def draw(chart: Any, name: str, title: str) -> str:
    """An Altair chart as an inline SVG with a title for screen readers and for pointing."""
    lines = dict.fromkeys(("gridColor", "domainColor", "tickColor"), "var(--line)")
    fonts = {"labelFontSize": 14, "titleFontSize": 14, "titleFontWeight": "normal"}
    above = {"titleAngle": 0, "titleAlign": "left", "titleBaseline": "bottom", "titleX": -45, "titleY": -14}
    ready = chart.properties(width=WIDTH, height=HEIGHT, background="transparent").configure(font="sans-serif")
    ready = ready.configure_axis(labelColor="var(--ink)", titleColor="var(--soft)", **lines, **fonts)
    ready = ready.configure_axisY(**above).configure_view(stroke=None)
    return _inline(vl_convert.vegalite_to_svg(ready.to_dict()), name, title)


def _inline(svg: str, name: str, title: str) -> str:
    svg = re.sub(r'<(path|line|circle) aria-label="([^"]*)"([^>]*)/>', r"<\1\3><title>\2</title></\1>", svg)
    svg = re.sub(r' (role|aria-[a-z]+|font-family)="[^"]*"', "", svg)
    head = rf'<svg viewBox="\1" role="img" aria-labelledby="t-{name}">'
    svg = re.sub(r'<svg [^>]*?viewBox="([^"]*)">', head, svg, count=1)
    return svg.replace(">", f'><title id="t-{name}">{escape(title)}</title>', 1)


def _colour(field: str, colours: dict[str, str]) -> alt.Color:
    """Fixed colours by value; the legend stands in the page, where it wraps."""
    return alt.Color(f"{field}:N", scale=alt.Scale(domain=list(colours), range=list(colours.values())), legend=None)


def _data(rows: list[dict[str, Any]]) -> alt.Data:
    return alt.Data(values=rows)


def _ages(table: pa.Table, month: int) -> pa.Array:
    """The first year of everybody's age group."""
    months = pc.subtract(pa.scalar(month, pa.int32()), table["birth_month"].cast(pa.int32()))
    return pc.multiply(pc.divide(months, 12 * STEP), STEP)


def _groups(table: pa.Table, keys: list[str], aggregates: list[tuple[str, str]]) -> list[dict[str, Any]]:
    return table.group_by(keys).aggregate(aggregates).sort_by([(k, "ascending") for k in keys]).to_pylist()


# -- population ------------------------------------------------------------------------------------


def pyramid(people: pa.Table, month: int) -> Chart:
    """People by age, sex and participation."""
    table = pa.table({"age": _ages(people, month), "sex": people["sex"], "part": people["participation"]})
    rows = [
        {
            "age": r["age"],
            "people": r["sex_count"] * (-1 if r["sex"] == 0 else 1),
            "who": PARTICIPATION[r["part"]],
            "tip": f"{r['age']}–{r['age'] + STEP - 1} {SEXES[r['sex']][1]} {SEXES[r['sex']][2]}, "
            f"{' '.join(PEOPLE[PARTICIPATION[r['part']]])}: {r['sex_count']:,}",
            "order": _ORDER.index(PARTICIPATION[r["part"]]),
        }
        for r in _groups(table, ["age", "sex", "part"], [("sex", "count")])
    ]
    ages = sorted({r["age"] for r in rows}, reverse=True)
    across = alt.Axis(tickCount=6, labelExpr="format(abs(datum.value), '~s')")
    tens = [age for age in ages if age % 10 == 0]
    chart = (
        alt.Chart(_data(rows))
        .mark_bar(stroke="var(--paper)", strokeWidth=0.5)
        .encode(
            y=alt.Y("age:O", sort=ages, title="年龄 age", axis=alt.Axis(ticks=False, values=tens)),
            x=alt.X("people:Q", title="← 男 men　　人 people　　女 women →", axis=across),
            color=_colour("who", {name: f"var({shade})" for name, shade in SHADES.items()}),
            order="order:O",
            description="tip:N",
        )
    )
    legend = tuple((f"var({SHADES[name]})", " ".join(PEOPLE[name])) for name in _ORDER)
    table_rows = tuple(_pyramid_rows(rows, ages))
    words = "按年龄、性别和参保身份的人口", "People by age, sex and participation"
    return Chart(
        *("pyramid", "人口与参保", "Population and participation", *words, draw(chart, "pyramid", " ".join(words))),
        *(legend, ("年龄 age", *(" ".join(PEOPLE[name]) for name in _ORDER)), table_rows),
    )


def _pyramid_rows(rows: list[dict[str, Any]], ages: list[int]) -> Any:
    for age in reversed(ages):
        counts = [sum(abs(r["people"]) for r in rows if r["age"] == age and r["who"] == name) for name in _ORDER]
        yield (f"{age}–{age + STEP - 1}", *(f"{n:,}" for n in counts))


# -- contributions ---------------------------------------------------------------------------------

_PAID_BY = {
    "employee": (
        "employee_pension.employee_contribution",
        "medical.employee_contribution",
        "unemployment.employee_contribution",
    ),
    "employer": (
        "employee_pension.employer_contribution",
        "unemployment.employer_contribution",
        "work_injury.employer_contribution",
    ),
}


def by_base(employees: Done, medical: Done) -> Chart:
    """What employees and their employers pay in a month, by the contribution base."""
    base, employers = employees["employee_pension.contribution_base"], medical["medical.employer_contribution"]
    if medical.estimated:
        employers = pc.coalesce(employers, medical[medical.run.estimate])
    columns = {"base": pc.divide(base, 100_000)}  # thousands of yuan
    for side, rules in _PAID_BY.items():
        columns[side] = functools.reduce(pc.add, (employees[rule] for rule in rules))
    columns["employer"] = pc.add(columns["employer"], employers)
    sums = [(side, "sum") for side in _PAID_BY]
    found = [r for r in _groups(pa.table(columns), ["base"], [*sums, ("base", "count")]) if r["base"] is not None]
    names = {"employee": "个人 employees", "employer": "单位 employers"}
    rows = [
        {"base": r["base"], "million": r[f"{side}_sum"] / 1e8, "side": side, "tip": _base_tip(r, side, names[side])}
        for r in found
        for side in _PAID_BY
    ]
    fives = alt.Axis(labelAngle=0, values=[r["base"] for r in found if r["base"] % 5 == 0])
    chart = (
        alt.Chart(_data(rows))
        .mark_bar()
        .encode(
            x=alt.X("base:O", title="月缴费基数（千元） monthly base, thousand yuan", axis=fives),
            y=alt.Y("million:Q", title="百万元/月 million yuan a month"),
            color=_colour("side", {"employee": "var(--c1)", "employer": "var(--c2)"}),
            description="tip:N",
        )
    )
    low, high = (f"{end / 100:,.0f}" if end is not None else "–" for end in pc.min_max(base).as_py().values())
    words = (
        f"职工五险缴费按缴费基数分布；最低基数 {low} 元，最高 {high} 元",
        f"Contributions of employees and employers by base; lowest base {low}, highest {high} yuan",
    )
    return Chart(
        *("base", "缴费与基数", "Contributions by base", *words, draw(chart, "base", " ".join(words))),
        (("var(--c1)", names["employee"]), ("var(--c2)", names["employer"])),
        ("基数（千元） base", "人数 people", "个人（元） employees", "单位（元） employers"),
        tuple(
            (f"{r['base']}–{r['base'] + 1}", f"{r['base_count']:,}", *(f"{r[f'{s}_sum'] / 100:,.2f}" for s in _PAID_BY))
            for r in found
        ),
    )


def _base_tip(row: dict[str, Any], side: str, name: str) -> str:
    amount = row[f"{side}_sum"] / 1e8
    return f"{row['base']},000–{row['base'] + 1},000: {name} {amount:,.1f} million yuan; {row['base_count']:,} people"


# -- pensions and accounts -------------------------------------------------------------------------


def pension_by_age(people: pa.Table, month: int) -> Chart:
    """Pensions of the employee scheme in payment by age and sex: the middle, and the middle half."""
    drawing = pensioners(people)
    mine = drawing.filter(pc.equal(drawing["participation"], PARTICIPATION.index("employee_retiree")))
    words = (
        "在发职工养老金的中位数，按年龄和性别；色带为中间一半的人",
        "Median pension in payment in the employee scheme by age and sex; the band holds the middle half",
    )
    title = ("养老金、年龄与性别", "Pension by age and sex")
    return _by_age(mine, month, "pension_in_payment", "pension", title, words, "元/月 yuan a month")


def account_by_age(people: pa.Table, month: int) -> Chart:
    """Balances of the employee scheme's accounts by age and sex."""
    mine = people.filter(pc.greater(people["account_balance"], 0))
    words = (
        "职工养老个人账户储存额的中位数，按年龄和性别；色带为中间一半的人",
        "Median balance of employees' pension accounts by age and sex; the band holds the middle half",
    )
    return _by_age(mine, month, "account_balance", "account", ("个人账户与年龄", "Accounts by age"), words, "元 yuan")


def _by_age(
    table: pa.Table, month: int, column: str, name: str, title: tuple[str, str], words: tuple[str, str], unit: str
) -> Chart:
    rows = _quartiles(table, month, column)
    colour = _colour("sex", {s[0]: s[3] for s in SEXES})
    x = alt.X("age:Q", title="年龄 age", scale=alt.Scale(zero=False), axis=alt.Axis(grid=False, tickMinStep=10))
    base = alt.Chart(_data(rows))
    band = base.mark_area(opacity=0.18).encode(x=x, y=alt.Y("low:Q", title=unit), y2="high:Q", color=colour)
    line = base.mark_line(strokeWidth=2).encode(x=x, y="middle:Q", color=colour)
    dots = base.mark_point(filled=True, size=45, opacity=1).encode(x=x, y="middle:Q", color=colour, description="tip:N")
    return Chart(
        *(name, *title, *words, draw(band + line + dots, name, " ".join(words))),
        tuple((s[3], f"{s[1]} {s[2]}") for s in SEXES),
        ("年龄 age", "性别 sex", "人数 people", "下四分位 lower quarter", "中位 median", "上四分位 upper quarter"),
        tuple(
            (r["group"], r["who"], f"{r['people']:,}", f"{r['low']:,.2f}", f"{r['middle']:,.2f}", f"{r['high']:,.2f}")
            for r in rows
        ),
    )


def _quartiles(table: pa.Table, month: int, column: str) -> list[dict[str, Any]]:
    """Quartiles of a column (yuan) by sex and age group, groups of fewer than ten people left out."""
    table = pa.table({"age": _ages(table, month), "sex": table["sex"], "value": table[column]})
    rows = []
    for group in _groups(table, ["sex", "age"], [("value", "list")]):
        if len(values := group["value_list"]) >= 10:
            low, middle, high = (q / 100 for q in pc.quantile(pa.array(values), [0.25, 0.5, 0.75]).to_pylist())
            sex, who = SEXES[group["sex"]][0], " ".join(SEXES[group["sex"]][1:3])
            ages = f"{group['age']}–{group['age'] + STEP - 1}"
            tip = f"{ages} {who}: {middle:,.2f} ({low:,.2f}–{high:,.2f})"
            rows.append({"age": group["age"] + STEP / 2, "group": ages, "sex": sex, "who": who, "people": len(values)})
            rows[-1] |= {"low": low, "middle": middle, "high": high, "tip": tip}
    return rows


def replacement(awards: Done, most: int = 600) -> Chart:
    """New awards: the pension over the person's own wage of the year before, by years paid; at most ``most`` dots."""
    table = granted(awards, "employee_pension.may_claim_pension")
    table = table.filter(pc.greater(table["average_monthly_wage"], 0))
    table = table.take(pa.array(range(0, len(table), max(1, -(-len(table) // most))), pa.int64()))
    columns = ("contribution_months", "average_monthly_wage", "employee_pension.monthly_pension", "sex")
    rows = []
    for months, wage, pension, sex in zip(*(table[c].to_pylist() for c in columns), strict=True):
        tip = f"{months / 12:.1f} 年 years: {pension / 100:,.2f} / {wage / 100:,.2f} = {pension / wage:.0%}"
        rows.append({"years": months / 12, "rate": pension / wage, "sex": SEXES[sex][0], "tip": tip})
    colour = _colour("sex", {s[0]: s[3] for s in SEXES})
    fives = alt.Axis(grid=False, tickMinStep=5)
    chart = (
        alt.Chart(_data(rows))
        .mark_point(filled=True, size=28, opacity=0.65)
        .encode(
            x=alt.X("years:Q", title="缴费年限 years paid", scale=alt.Scale(zero=False), axis=fives),
            y=alt.Y("rate:Q", title="养老金 ÷ 上年月均工资 pension ÷ own wage", axis=alt.Axis(format="%")),
            color=colour,
            description="tip:N",
        )
    )
    words = (
        "本月新核定职工养老金与本人上年度月平均工资之比，按缴费年限",
        "This month's new awards over the person's own monthly wage of the year before, by years paid",
    )
    return Chart(
        *("replacement", "替代率", "Replacement rate", *words, draw(chart, "replacement", " ".join(words))),
        tuple((s[3], f"{s[1]} {s[2]}") for s in SEXES),
        ("缴费年限 years paid", "人数 people", "替代率中位数 median rate"),
        tuple(_rate_rows(rows)),
    )


def _rate_rows(rows: list[dict[str, Any]]) -> Any:
    for low in range(0, 60, STEP):
        rates = sorted(r["rate"] for r in rows if low <= r["years"] < low + STEP)
        if rates:
            yield f"{low}–{low + STEP}", str(len(rates)), f"{rates[len(rates) // 2]:.0%}"


_PARTS = (
    ("basic_pension", "基础养老金", "basic", "var(--c1)"),
    ("account_pension", "个人账户养老金", "account", "var(--c4)"),
    ("transitional_pension", "过渡性养老金", "transitional", "var(--c2)"),
    ("local_supplement", "地方加发", "local supplement", "var(--c3)"),
)


def parts(awards: Done) -> Chart:
    """What new awards are made of, on average, by years paid."""
    table = granted(awards, "employee_pension.may_claim_pension")
    years = pc.multiply(pc.divide(table["contribution_months"], 12 * STEP), STEP)
    columns = {"years": years} | {name: table[f"employee_pension.{name}"] for name, *_ in _PARTS}
    found = _groups(pa.table(columns), ["years"], [(name, "mean") for name, *_ in _PARTS] + [("years", "count")])
    rows, numbers = [], []
    for r in found:
        span, means = f"{r['years']}–{r['years'] + STEP}", [r[f"{name}_mean"] / 100 for name, *_ in _PARTS]
        numbers.append((span, f"{r['years_count']:,}", *(f"{mean:,.2f}" for mean in means)))
        for k, ((name, zh, en, _), mean) in enumerate(zip(_PARTS, means, strict=True)):
            tip = f"{span} 年 years, {zh} {en}: {mean:,.2f}"
            rows.append({"years": span, "yuan": mean, "part": name, "order": k, "tip": tip})
    chart = (
        alt.Chart(_data(rows))
        .mark_bar()
        .encode(
            x=alt.X("years:O", sort=None, title="缴费年限 years paid", axis=alt.Axis(labelAngle=0)),
            y=alt.Y("yuan:Q", title="元/月 yuan a month"),
            color=_colour("part", {p[0]: p[3] for p in _PARTS}),
            order="order:O",
            description="tip:N",
        )
    )
    words = (
        "本月新核定职工养老金的平均构成，按缴费年限",
        "What this month's new awards are made of, on average, by years paid",
    )
    return Chart(
        *("parts", "养老金的构成", "What a new pension is made of", *words, draw(chart, "parts", " ".join(words))),
        tuple((p[3], f"{p[1]} {p[2]}") for p in _PARTS),
        ("缴费年限 years paid", "人数 people", *(f"{p[1]} {p[2]}" for p in _PARTS)),
        tuple(numbers),
    )


# -- the fund --------------------------------------------------------------------------------------


def flow(lines: list[Line]) -> Chart:
    """Who pays into which fund in the month, and where it goes."""
    words = (
        "本月资金流向：谁缴费、进入哪个基金、如何使用。居民按年缴费，图中按十二分之一计。单位：百万元",
        "Where the month's money comes from and goes. Residents pay once a year: a twelfth is shown. Million yuan",
    )
    svg, rows = flow_svg(lines, " ".join(words))
    return Chart(
        *("flow", "基金收支", "Fund in and out", *words, svg),
        (),
        ("从 from", "到 to", "百万元/月 million yuan a month"),
        tuple((a, b, f"{v:,.2f}") for a, b, v in rows),
        wide=True,
    )
