"""The demo's page: a province's months as one HTML file that needs no network and no script."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template

import altair as alt

from shebao.batch.fresh import fresh_file
from shebao.engine.explanation import Explanation
from shebao.law import rulebook
from shebao.law.regions import NAMES
from shebao.month.opening.sources import assumptions
from shebao.population.data import assumptions as generator_assumptions
from shebao.report.charts import Chart, draw
from shebao.report.months import WHY, Demo, Took
from shebao.report.page import FOOTER, bilingual, figure, paragraphs, row, sheets_section, step, table
from shebao.report.sankey import Canvas, Flow, Node, sankey
from shebao.report.standing import BENEFITS, SCHEMES, Person, Standing
from shebao.report.tables import grouped

_KINDS = {
    "employee": ("在职职工", "employees"),
    "flexible": ("灵活就业", "flexible workers"),
    "resident": ("居民（缴费）", "residents, paying"),
    "retired": ("领取养老金", "drawing a pension"),
    "temporary": ("临时账户", "temporary accounts"),
}
_BANKS = {
    "bank_income": ("收入户", "income account", "var(--c1)"),
    "bank_fiscal": ("财政专户", "fiscal account", "var(--c4)"),
    "bank_expenditure": ("支出户", "expenditure account", "var(--c3)"),
}
_ENTRIES = {
    "opening": ("期初", "opening"),
    "contribution": ("缴费记入", "contribution"),
    "interest": ("利息", "interest"),
    "drawdown": ("养老金支付", "drawn by the pension"),
}
_STEPS = {
    "collect": ("征收", "collect"),
    "credit": ("记账", "credit"),
    "award": ("核定", "award"),
    "adjust": ("调整", "adjust"),
    "pay": ("发放", "pay"),
    "pool": ("统筹", "pool"),
    "close": ("结账", "close"),
}


def write_page(made: Demo, people: int, seed: int) -> None:
    """Writes ``report.html``; complete or absent."""
    assert made.standing
    place, span = NAMES[made.opened.region], f"{made.months[0]:%Y-%m} … {made.months[-1]:%Y-%m}"
    parts = [
        ("flow", "钱从哪里来、到哪里去", "Where the money comes from and goes", flow_section(made.standing)),
        ("story", "这几个月里发生的事", "What happened in these months", story_section(made)),
        ("months", "逐月变化", "Month by month", months_section(made.standing)),
        ("person", "一个人的档案与养老金", "One person's record and pension", person_section(made.person, place)),
        ("checks", "结账核对", "Checks before closing", checks_section(made.standing)),
        ("bank", "银行与申报文件", "Files of the bank and of employers", files_section(made)),
        ("open", "待办与缺少的参数", "What waits, and what the law's tables lack", notes_section(made.standing)),
        ("sheets", "真实核定表", "Real award sheets", sheets_section(made.sheets)),
        ("time", "用时", "Time", time_section(made.took)),
        ("assumed", "假设", "Assumptions", assumed_section()),
    ]
    sections = "\n".join(f'<section id="{i}"><h2>{bilingual(zh, en)}</h2>{body}</section>' for i, zh, en, body in parts)
    text = Template(files(__package__).joinpath("page.html").read_text("utf-8")).substitute(
        title=escape(f"{place[0]} {span} 社保账 · Shebao: {place[1]}, {len(made.months)} months"),
        heading=bilingual(f"{place[0]}的{len(made.months)}个月", f"{place[1]}, {span}"),
        lead=_lead(made, people, seed),
        nav="".join(f'<a href="#{i}">{escape(zh)} {escape(en)}</a>' for i, zh, en, _ in parts),
        tiles="".join(_tiles(made)),
        sections=sections,
        footer=FOOTER,
    )
    with fresh_file(made.report, overwrite=True) as part:
        part.write_text(text, encoding="utf-8")


def _lead(made: Demo, people: int, seed: int) -> str:
    zh = (
        f"{people:,} 名合成居民、{made.opened.employers:,} 家合成单位，账建在真实的 PostgreSQL 上："
        f"申报、征收、到账、记账、核定、发放、银行、统筹、结账，每一分钱都有凭证。（种子 {seed}）"
    )
    en = (
        f"{people:,} synthetic people and {made.opened.employers:,} synthetic employers on a real PostgreSQL: "
        "declared, billed, received, credited, awarded, paid, pooled and closed, every fen with an entry."
    )
    return f'{escape(zh)}<br><span lang="en">{escape(en)}</span>'


def _tiles(made: Demo) -> Iterator[str]:
    books = made.standing
    assert books
    paid_in = sum(own + employer for *_, own, employer, _ in books.contributions)
    paid_out = sum(fen for *_, fen, _ in books.payments)
    held = sum(fen for *_, fen in books.accounts)
    passed = sum(1 for check in books.checks if check[2])
    seconds = sum(took.seconds for took in made.took)
    rows = sum(took.rows for took in made.took)
    for zh, en, value, note in (
        ("收到缴费", "contributions received", _yi(paid_in), _million(paid_in)),
        ("发放待遇", "benefits paid", _yi(paid_out), _million(paid_out)),
        (
            "个人账户",
            "held in accounts",
            _yi(held),
            f"{_million(held)} · {sum(n for _, n, _ in books.accounts):,} 人 people",
        ),
        (
            "结账核对",
            "checks passed",
            f"{passed} / {len(books.checks)}",
            f"{len(books.closed)} 个月已结账 months closed",
        ),
        ("凭证", "journal entries", f"{books.entries:,}", f"差额 difference {sum(t[3] for t in books.trial)} 分 fen"),
        ("全部用时", "all in", f"{seconds:,.0f} s", f"{rows:,} 行 rows"),
    ):
        term = f'<dt>{escape(zh)} <span lang="en">{escape(en)}</span></dt>'
        yield f"<div>{term}<dd>{escape(value)} <small>{escape(note)}</small></dd></div>"


def _yi(fen: int) -> str:
    return f"{fen / 1e10:,.2f} 亿元"


def _million(fen: int) -> str:
    return f"{fen / 1e8:,.1f} million yuan"


def _both(names: tuple[str, str]) -> str:
    return f"{names[0]} {names[1]}"


# -- the flow of money ------------------------------------------------------------------------------------

_PAYERS = {
    "employer": ("用人单位", "employers", "var(--c2)"),
    "employee": ("职工本人", "employees", "var(--c1)"),
    "flexible": ("灵活就业人员", "flexible workers", "var(--c5)"),
    "resident": ("城乡居民", "residents", "var(--c4)"),
    "treasury": ("政府补贴", "subsidies", "var(--c0)"),
    "reserve": ("历年结余与财政", "reserves, budget", "var(--c0)"),
}
_PLACES = {
    "account": ("个人账户", "individual accounts", "var(--c1)"),
    "pool": ("统筹基金", "pooled funds", "var(--c2)"),
}
_LEFT = {
    "account_left": ("留在个人账户", "stays in accounts", "var(--c1)"),
    "pool_left": ("统筹结余", "kept in the funds", "var(--c0)"),
}


def flow_section(books: Standing) -> str:
    flows = _flows(books)
    nodes = _nodes(flows)
    zh = (
        f"{len(books.months)} 个月合计：缴费到账后进入各险种，"
        "一部分记入个人账户，其余进入统筹基金；待遇由两者支付。单位：百万元"
    )
    en = (
        f"{len(books.months)} months together: what is paid goes to the schemes, part of it to the accounts, "
        "the rest to the pooled funds; benefits are paid from both. Million yuan"
    )
    rows = tuple((nodes[a].name, nodes[b].name, f"{v:,.2f}") for a, b, v in flows)
    svg = sankey(nodes, flows, f"{zh} {en}", Canvas(860, 560, 4))
    head = ("从 from", "到 to", "百万元 million yuan")
    moved = f'<div class="scroll pan" role="region" tabindex="0" aria-label="资金流向 flow of money">{svg}</div>'
    chart = Chart("flow", "资金流向", "Flow of money", zh, en, moved, (), head, rows, wide=True)
    return paragraphs(*WHY) + figure(chart)


def _flows(books: Standing) -> list[Flow]:
    """Million yuan: payers → schemes → accounts and pool → benefits and what is left."""
    flows: dict[tuple[str, str], int] = {}

    def add(a: str, b: str, fen: int) -> None:
        if fen > 0:
            flows[a, b] = flows.get((a, b), 0) + fen

    come = {"account": 0, "pool": 0}
    for scheme, payer, own, employer, account in books.contributions:
        add("employee" if payer == "employer" else payer, scheme, own)
        add("employer", scheme, employer)
        add("treasury", scheme, account - own if payer == "resident" else 0)
        whole = max(own + employer, account)
        for place, fen in (("account", account), ("pool", whole - account)):
            add(scheme, place, fen)
            come[place] += fen
    gone = {"account": 0, "pool": 0}
    for _, benefit, _, fen, part in books.payments:
        for place, amount in (("account", part), ("pool", fen - part)):
            add(place, f"paid_{benefit}", amount)
            gone[place] += max(amount, 0)
    for place in come:
        add(place, f"{place}_left", come[place] - gone[place])
        add("reserve", place, gone[place] - come[place])
    return [(a, b, fen / 1e8) for (a, b), fen in flows.items()]


def _nodes(flows: list[Flow]) -> dict[str, Node]:
    used = {name for a, b, _ in flows for name in (a, b)}
    schemes = {name: (*names, "var(--ink)") for name, names in SCHEMES.items()}
    benefits = {f"paid_{name}": (*names, "var(--c3)") for name, names in BENEFITS.items()}
    columns = enumerate((_PAYERS, schemes, _PLACES, benefits | _LEFT))
    return {n: Node(*names, column) for column, known in columns for n, names in known.items() if n in used}


# -- what happened, month by month ------------------------------------------------------------------------


def story_section(made: Demo) -> str:
    assert made.story
    rows = "".join(
        row((f"{each.month:%Y-%m}", f"{each.zh} {each.en}", f"{each.count:,}"), 2) for each in made.story.happenings
    )
    return table("事件 events", ("月份 month", "事件 event", "数 count"), rows, 2)


def months_section(books: Standing) -> str:
    charts = [_bridge_chart(books), _bank_chart(books), _people_chart(books)]
    return f'<div class="charts">{"".join(figure(chart) for chart in charts)}</div>{_collected(books)}'


def _bridge_chart(books: Standing) -> Chart:
    """How each month's payments come out of the last month's."""
    kinds = (
        ("new", "新增", "new", "var(--c4)"),
        ("ended", "终止", "ended", "var(--c3)"),
        ("changed", "变动", "changed", "var(--c2)"),
        ("earlier", "补发与追回", "for earlier months", "var(--c5)"),
    )
    data = [
        {
            "month": f"{b.month:%Y-%m}",
            "kind": kind,
            "yuan": getattr(b, kind) / 1e6,
            "tip": f"{zh} {en}: {grouped(getattr(b, kind))}",
        }
        for b in books.bridges
        for kind, zh, en, _ in kinds
    ]
    chart = (
        alt.Chart(alt.Data(values=data))
        .mark_bar()
        .encode(
            x=alt.X("month:O", title=None, axis=alt.Axis(labelAngle=0)),
            xOffset=alt.XOffset("kind:N", sort=[k[0] for k in kinds]),
            y=alt.Y("yuan:Q", title="万元 ten thousand yuan"),
            color=alt.Color(
                "kind:N", scale=alt.Scale(domain=[k[0] for k in kinds], range=[k[3] for k in kinds]), legend=None
            ),
            description="tip:N",
        )
    )
    zh, en = (
        "上月发放 + 新增 − 终止 ± 变动 = 本月发放；补发与追回另列",
        "Last month + new − ended ± changed = this month; arrears and claims back apart",
    )
    rows = tuple(
        (
            f"{b.month:%Y-%m}",
            *(grouped(fen) for fen in (b.before, b.new, b.ended, b.changed, b.regular, b.earlier)),
            f"+{b.people['new']:,} −{b.people['ended']:,} ±{b.people['changed']:,} ={b.people['same']:,}",
        )
        for b in books.bridges
    )
    head = (
        "月份 month",
        "上月 last",
        "新增 new",
        "终止 ended",
        "变动 changed",
        "本月 this",
        "以前月份 earlier",
        "人数 people",
    )
    legend = tuple((colour, f"{zh_} {en_}") for _, zh_, en_, colour in kinds)
    return Chart(
        "bridge",
        "发放额的逐月变化",
        "Payments from month to month",
        zh,
        en,
        draw(chart, "bridge", en),
        legend,
        head,
        rows,
    )


def _bank_chart(books: Standing) -> Chart:
    """What lies in the banks at each month's end."""
    data, rows = [], []
    for month in dict.fromkeys(each[0] for each in books.banks):
        when = f"{month:%Y-%m}" if month else "期初 opening"
        for name, (zh, en, _) in _BANKS.items():
            fen = sum(each[3] for each in books.banks if each[0] == month and each[2] == name)
            data.append({"month": when, "name": name, "yi": fen / 1e10, "tip": f"{when} {zh} {en}: {grouped(fen)}"})
            rows.append((when, f"{zh} {en}", grouped(fen)))
    chart = (
        alt.Chart(alt.Data(values=data))
        .mark_bar()
        .encode(
            x=alt.X("month:O", title=None, sort=None, axis=alt.Axis(labelAngle=0)),
            y=alt.Y("yi:Q", title="亿元 hundred million yuan"),
            color=alt.Color(
                "name:N", scale=alt.Scale(domain=list(_BANKS), range=[b[2] for b in _BANKS.values()]), legend=None
            ),
            description="tip:N",
        )
    )
    zh, en = "各基金银行存款的月末余额", "What the funds hold in the banks at each month's end"
    legend = tuple((colour, f"{a} {b}") for a, b, colour in _BANKS.values())
    head = ("月末 end of", "账户 account", "余额（元） balance, yuan")
    return Chart("banks", "银行存款", "In the banks", zh, en, draw(chart, "banks", en), legend, head, tuple(rows))


def _people_chart(books: Standing) -> Chart:
    """Who takes part, and who draws."""
    shown = [(month, kind, count) for month, kind, count in books.headcounts if kind in _KINDS]
    colours = dict(zip(_KINDS, ("var(--c1)", "var(--c5)", "var(--c4)", "var(--c3)", "var(--c0)"), strict=True))
    data = [
        {"month": f"{m:%Y-%m}", "kind": k, "people": n, "tip": f"{m:%Y-%m} {_both(_KINDS[k])}: {n:,}"}
        for m, k, n in shown
    ]
    chart = (
        alt.Chart(alt.Data(values=data))
        .mark_bar()
        .encode(
            x=alt.X("month:O", title=None, axis=alt.Axis(labelAngle=0)),
            y=alt.Y("people:Q", title="人 people"),
            color=alt.Color("kind:N", scale=alt.Scale(domain=list(colours), range=list(colours.values())), legend=None),
            description="tip:N",
        )
    )
    zh, en = "两项养老保险的参保与领取人数", "People in the two pension schemes, paying and drawing"
    used = dict.fromkeys(kind for _, kind, _ in shown)
    legend = tuple((colours[kind], _both(_KINDS[kind])) for kind in used)
    rows = tuple((f"{m:%Y-%m}", _both(_KINDS[k]), f"{n:,}") for m, k, n in shown)
    return Chart(
        "people",
        "人数",
        "Headcounts",
        zh,
        en,
        draw(chart, "people", en),
        legend,
        ("月份 month", "身份 kind", "人数 people"),
        rows,
    )


def _collected(books: Standing) -> str:
    """What each month billed, received and paid, out of the steps' own summaries."""
    names = (
        ("collect", "bills_regular", "账单 bills", False),
        ("collect", "bills_regular_fen", "应收 billed", True),
        ("credit", "bills_settled_fen", "到账记账 settled", True),
        ("award", "granted", "新核定 awards", False),
        ("adjust", "deaths", "死亡 deaths", False),
        ("pay", "payments", "发放笔数 payments", False),
        ("pay", "amount_fen", "发放额 paid", True),
    )
    lines = [
        row((f"{m:%Y-%m}", *(_number(books.summaries.get((m, s), {}).get(n), money) for s, n, _, money in names)), 1)
        for m in books.months
    ]
    return table("各月 each month（元 yuan）", ("月份 month", *(name for *_, name, _ in names)), "".join(lines), 1)


def _number(value: int | None, money: bool) -> str:
    return "–" if value is None else grouped(value) if money else f"{value:,}"


# -- one person -------------------------------------------------------------------------------------------


def person_section(person: Person | None, place: tuple[str, str]) -> str:
    if person is None:
        return paragraphs("这几个月无人新核定养老金。", "Nobody was awarded a pension in these months.")
    law = rulebook().at(f"{person.awarded:%Y-%m}")
    tree = law.explain("employee_pension.monthly_pension", person.facts)
    agrees = tree.exact * 100 == person.amount
    zh = (
        f"{person.name}（合成，{person.number}），{place[0]}，{person.born:%Y-%m-%d} 出生，"
        f"{person.awarded:%Y-%m} 核定，每月 {grouped(person.amount)} 元。"
        f"按库中事实重算{'一致' if agrees else '不一致，须查明'}。"
    )
    same = "the same" if agrees else "DIFFERENT, which has to be looked into"
    en = (
        f"Synthetic citizen {person.number} of {place[1]}, awarded in {person.awarded:%Y-%m}: "
        f"{grouped(person.amount)} yuan a month. Computed again from the stored facts: {same}."
    )
    return paragraphs(zh, en) + _record(person) + _trees(tree)


def _record(person: Person) -> str:
    schemes = "".join(
        row((_both(SCHEMES.get(scheme, (scheme, ""))), _both(_KINDS.get(kind, (kind, ""))), valid, employer))
        for scheme, kind, valid, employer in person.participation
    )
    balance, lines = 0, []
    for booked, month, kind, fen in person.account:
        balance += fen
        names = _both(_ENTRIES.get(kind, (kind, "")))
        lines.append(row((f"{booked:%Y-%m}", f"{month:%Y-%m}", names, grouped(fen), grouped(balance)), 3))
    paid = "".join(
        row((f"{booked:%Y-%m}", f"{month:%Y-%m}", grouped(fen), grouped(part)), 2)
        for booked, month, fen, part in person.payments
    )
    head = ("记账月 booked", "所属月 about", "类别 kind", "金额 amount", "余额 balance")
    return (
        table("参保 participation", ("险种 scheme", "身份 kind", "时段 period", "单位 employer"), schemes)
        + table("个人账户 individual account（元 yuan）", head, "".join(lines), 3)
        + table(
            "发放 payments（元 yuan）",
            ("发放月 booked", "所属月 about", "金额 amount", "其中个人账户 from the account"),
            paid,
            2,
        )
    )


def _trees(tree: Explanation) -> str:
    both = "".join(f'<div class="tree" lang="{lang}">{step(tree, lang, 0, set())}</div>' for lang in ("zh", "en"))
    return f'<div class="trees">{both}</div>'


# -- checks, files, notes, time ---------------------------------------------------------------------------


def checks_section(books: Standing) -> str:
    """Every check by month: one row each, the months side by side."""
    from shebao.month.close import CHECKS

    names = {check.name: f"{check.zh} {check.en}" for check in CHECKS}
    found = {(month, name): (passed, ours, theirs) for month, name, passed, ours, theirs, _ in books.checks}
    lines = []
    for name in dict.fromkeys(each[1] for each in books.checks):
        cells = [_verdict(found.get((month, name))) for month in books.months]
        lines.append(row((_check_name(name, names), *cells), 1))
    zh = "每月结账前核对；有一项不符即不结账。金额单位为分，个数为行。"
    en = "Before a month is closed everything must agree; one difference closes nothing. Amounts in fen, others rows."
    return (
        paragraphs(zh, en)
        + table("核对 checks", ("核对 check", *(f"{m:%Y-%m}" for m in books.months)), "".join(lines), 1)
        + _trial(books)
    )


def _check_name(name: str, known: dict[str, str]) -> str:
    if name in known:
        return known[name]
    scheme = name.removeprefix("benefits_payable ")
    return f"应付待遇 lines not settled = control account: {_both(SCHEMES.get(scheme, (scheme, '')))}"


def _verdict(check: tuple[bool, int | None, int | None] | None) -> str:
    if check is None:
        return "–"
    passed, ours, theirs = check
    return f"✓ {ours:,}" if passed else f"✗ {ours:,} ≠ {theirs:,}"


def _trial(books: Standing) -> str:
    from shebao.books.ledger import CHART

    rows = "".join(
        row(
            (
                _both(SCHEMES[scheme]),
                f"{CHART[name][1]} {name}",
                grouped(fen) if fen > 0 else "",
                grouped(-fen) if fen < 0 else "",
            ),
            2,
        )
        for scheme, name, _, fen in books.trial
    )
    total = sum(fen for *_, fen in books.trial if fen > 0)
    rows += row(("合计 total", "", grouped(total), grouped(-sum(fen for *_, fen in books.trial if fen < 0))), 2)
    head = ("险种 scheme", "科目 account", "借方 debit", "贷方 credit")
    inner = table("试算平衡表 trial balance（元 yuan）", head, rows, 2)
    return f"<details><summary>试算平衡表 Trial balance</summary>{inner}</details>"


def files_section(made: Demo) -> str:
    assert made.story
    rows = "".join(
        row(
            (
                f"{month:%Y-%m}",
                path.name,
                kind,
                f"{lines:,}" if lines else "",
                grouped(fen) if fen else "",
                _size(path),
                _sha(path),
            ),
            3,
        )
        for month, path, kind, lines, fen in made.story.files
    )
    head = ("月份 month", "文件 file", "种类 kind", "行 lines", "金额（元） yuan", "大小 size", "SHA-256")
    zh = "支付指令经第二名经办人复核后才发出；银行回执与对账单读回账内。文件名与摘要如下。"
    en = (
        "Payment orders leave after a second officer approved them; the bank's answers and statements are read back "
        "into the books."
    )
    return paragraphs(zh, en) + table("文件 files", head, rows, 3) + _outside(made)


def _outside(made: Demo) -> str:
    """What an accounting program that is not ours says of the journal."""
    name = made.journal.name
    if not made.outside:
        return paragraphs(
            f"凭证已导出为 {name}；本机未装 hledger，未作外部核对。",
            f"Exported as {name}; no hledger here to check it.",
        )
    if made.outside != "ok":
        return paragraphs(
            f"外部软件 hledger 认为凭证有误：{made.outside}", f"hledger refuses the journal: {made.outside}"
        )
    return paragraphs(
        f"凭证导出为 {name}，由外部会计软件 hledger 核对：逐笔平衡，期末余额一致。",
        f"The journal, exported as {name}, was read by hledger, a program not ours: every entry and all balances hold.",
    )


def _size(path: Path) -> str:
    size = path.stat().st_size
    return f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:,.1f} kB"


def _sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] + "…"


def notes_section(books: Standing) -> str:
    rows = "".join(row((f"{month:%Y-%m}", _both(_STEPS[name]), zh, en)) for month, name, zh, en in books.notes)
    zh = "法规库缺少的参数不会被估算：相应事项列为待办，直到参数补齐。"
    en = "What the law's tables lack is not guessed: the matter waits until it is known."
    head = ("月份 month", "步骤 step", "说明", "note")
    return paragraphs(zh, en) + (table("待办 waiting", head, rows) if rows else paragraphs("没有。", "None."))


def time_section(took: Iterable[Took]) -> str:
    rows = "".join(
        row(
            (
                f"{each.zh} {each.en}",
                f"{each.month:%Y-%m}" if each.month else "",
                f"{each.rows:,}" if each.rows else "",
                f"{each.seconds:.2f}",
                f"{each.rows / each.seconds:,.0f}" if each.rows and each.seconds > 0.005 else "",
            ),
            1,
        )
        for each in took
    )
    return table("用时 time", ("步骤 step", "月份 month", "行 rows", "秒 seconds", "行/秒 rows per second"), rows, 1)


def assumed_section() -> str:
    population = [(str(each["label"]), str(each["source"])) for each in generator_assumptions().values()]
    rows = "".join(row(pair) for pair in (*assumptions(), *population))
    inner = table("假设 assumptions", ("假设 assumption", "理由 reason"), rows)
    summary = "合成人口与建账的假设 Assumptions of the population and of the opening"
    return f"<details><summary>{summary}</summary>{inner}</details>"
