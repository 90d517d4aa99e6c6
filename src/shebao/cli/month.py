"""``shebao month``: run a month, look where it stands, approve its payments, explain a person, correct."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shebao.cli.acting import Looker, Officer, Province, Purpose, check_duty, day_of, fen_of, look, prove
from shebao.cli.say import Lang, LangOption, complain, console, help_if_bare, language, say, table
from shebao.cli.view import reasons, rows_of

if TYPE_CHECKING:
    from shebao.books import Books
    from shebao.engine.rulebook import Rulebook
    from shebao.month.context import Summary
    from shebao.month.rehearse import Rehearsed

app = typer.Typer(rich_markup_mode=None, help="The month: collect, credit, award, adjust, pay, pool, close.")
app.callback(invoke_without_command=True)(help_if_bare)

Month = Annotated[str, typer.Argument(metavar="YYYY-MM", help="The month.")]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder for files.")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]

#: Names of steps and states in Chinese.
STEPS = {
    "collect": "征缴",
    "credit": "记账",
    "award": "核定",
    "adjust": "调整",
    "pay": "支付",
    "pool": "统筹",
    "close": "结账",
}
EVENTS = {
    "started": "开始",
    "done": "完成",
    "failed": "失败",
    "waiting": "等待",
    "to do": "未做",
    "approved": "已复核",
    "refused": "已退回",
    "sent": "已发送",
    "accepted": "已受理",
    "settled": "已支付",
}


#: Figures of the steps' summaries in Chinese, in the order they are shown; those that end in ``_fen`` are money.
FIGURES = {
    "people": "人数",
    "contribution_rows": "缴费明细",
    "bills": "账单",
    "bills_regular": "正常账单",
    "bills_correction": "更正账单",
    "bills_assessed": "核定账单",
    "bills_assessed_reversal": "核定冲回账单",
    "bills_late_fee": "滞纳金账单",
    "residents_waiting": "待出单居民",
    "allocations": "到账核销",
    "bills_settled": "已缴清账单",
    "contribution_entries": "缴费记账",
    "account_years": "年度对账",
    "interest": "计息",
    "granted": "准予",
    "granted_provisionally": "暂予",
    "double_pensions": "重复领取",
    "double_to_repay": "重复领取应退",
    "resident_accounts_returned": "退还居民账户",
    "resident_pensions_resumed": "恢复居民养老金",
    "refused": "不予",
    "pensions": "养老金",
    "lump_sums": "一次性待遇",
    "corrected": "更正",
    "recalculated": "重算",
    "law_changed": "依新规重算",
    "deaths": "死亡",
    "pensions_ended": "停发养老金",
    "pensions_restored": "恢复养老金",
    "refunds_changed": "重算一次性支付",
    "grants_withdrawn": "撤销待遇",
    "survivors_decided": "遗属待遇核定",
    "survivors_due": "遗属待遇应发",
    "survivors_without_account": "无继承人账户",
    "contributions_after_death": "死亡后申报",
    "adjusted": "养老金调整",
    "residents_adjusted": "城乡居民调整",
    "transfers_out": "转出",
    "transfers_in": "转入",
    "payments": "支付",
    "amount": "应付",
    "account_part": "其中个人账户",
    "corrections": "补发扣回",
    "withheld": "抵扣",
    "receivables": "应收多发",
    "retried": "重发",
    "set_off": "抵销",
    "batches": "批次",
    "waiting": "待处理",
    "without_account": "无发放账户",
    "swept": "归集",
    "pooling": "统筹调剂",
    **{
        f"{scheme}_{what}": f"{of}{word}"
        for scheme, of in (
            ("employee_pension", "职工养老"),
            ("resident_pension", "居民养老"),
            ("unemployment", "失业"),
            ("work_injury", "工伤"),
        )
        for what, word in (("income", "收入"), ("expenditure", "支出"), ("balance", "结余"))
    },
    "checks": "核对",
    "last_month": "上月",
    "begun": "新增",
    "ended": "终止",
    "changed": "变动",
    "this_month": "本月",
    "unsettled_batches": "未支付批次",
    "unsettled": "未支付",
}  # fmt: skip
_OF_YEAR = re.compile("(account_years|interest|adjusted)_(?:([a-z_]+)_)?([0-9]{4})")
_SHA256 = re.compile(" [0-9a-f]{64}$")
_FEN = {"zh": "（元）", "en": " (yuan)"}

#: A batch's events in the order they happen.
_BATCH_EVENTS = ("approved", "refused", "sent", "accepted", "settled")


class Bars:
    """Progress bars on a terminal's standard error: one line for the step, a bar for what it is at."""

    def __init__(self, lang: Lang) -> None:
        from rich import progress as rp

        self.zh = lang is Lang.zh
        out = console(stderr=True)
        columns = (rp.TextColumn("{task.description}"), rp.BarColumn(), rp.MofNCompleteColumn(), rp.TimeElapsedColumn())
        self.bars = rp.Progress(*columns, console=out, transient=True, disable=not out.is_terminal)
        self.task = self.bars.add_task("", total=None)

    def __enter__(self) -> Bars:
        self.bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bars.stop()

    def __call__(self, what: str, done: int, total: int) -> None:
        self.bars.update(self.task, description=what, completed=done, total=total)


@app.command(short_help="Run the month's steps.")
def run(
    month: Month,
    officer: Officer,
    province: Annotated[
        list[int] | None, typer.Option("--province", metavar="CODE", help="A province; several times; all if left out.")
    ] = None,
    until: Annotated[str, typer.Option("--until", metavar="STEP", help="The last step to run.")] = "close",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would change.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for another run of the province.")] = False,
    reform: Annotated[
        list[Path] | None, typer.Option("--reform", metavar="FILE", help="Lay a reform over the law.")
    ] = None,
    out: Out = Path(),
    lang: LangOption = language(),
) -> None:
    """Run the steps of a month that are still to be done. It stops where another must act, and goes on when run again.
    A month that is closed is left as it is, and said to be.

    With --dry-run nothing is booked: the changes are counted, and every person's change is written to
    OUT/dry-run-PROVINCE-MONTH.parquet. Exit code 3 if a province waits.

    \b
    Examples:
      shebao month run 2025-03 --province 44 --officer A
      shebao month run 2025-03 --province 44 --officer A --until pay --dry-run
    """
    from shebao.books import BooksError, connect, month_of
    from shebao.month.run import STEPS as KNOWN
    from shebao.month.run import run_month

    if until not in KNOWN:
        raise typer.BadParameter(f"{until}: the steps are {', '.join(KNOWN)}", param_hint="--until")
    day, book = month_of(month), _law(reform or ())
    if reform and not dry_run:
        raise BooksError("a reform is only tried: with --dry-run 改革方案只能试运行")
    with connect("run") as books:
        check_duty(books, officer, "run")
        regions = province or _opened_regions(books, day)
        for region in regions:
            check_duty(books, officer, "run", region)
        closed = [region for region in regions if not (dry_run and province) and _is_closed(books, region, day)]
    for region in closed:
        say(lang, f"{region} {month} 已结账，未作改动", f"{region} {month}: closed already, nothing was written")
    waits = False
    for region in (region for region in regions if region not in closed):
        with Bars(lang) as bars:
            if dry_run:
                from shebao.month.rehearse import rehearse

                file = out / f"dry-run-{region:02d}-{month}.parquet"
                tried = rehearse(day, region, book, officer, file, until=until, tell=bars)
                ran, waiting = tried.summaries, tried.waiting
            else:
                result = run_month(day, region, book, officer, until=until, wait=wait, tell=bars)
                ran, waiting = result.summaries, result.waiting
        _tell_steps(lang, region, month, ran)
        if dry_run:
            _tell_changes(lang, tried, file)
        if waiting:
            _tell_waiting(lang, region, month, waiting.zh, waiting.en)
            waits = waits or not dry_run
    if waits:
        raise typer.Exit(3)


def _law(reforms: Sequence[Path]) -> Rulebook:
    from shebao.law import rulebook

    book = rulebook()
    for file in reforms:
        book = book.with_reform(file)
    return book


def _opened_regions(books: Books, month: dt.date) -> list[int]:
    """The provinces that have opened the month, whether it is closed by now or not."""
    from shebao.books import BooksError

    found = books.rows(
        "SELECT DISTINCT region FROM period_event WHERE month = %(m)s AND region <> 0 ORDER BY 1", m=month
    )
    if not found:
        raise BooksError(f"no province has opened {month:%Y-%m} 没有省份开账")
    return [region for (region,) in found]


def _is_closed(books: Books, region: int, month: dt.date) -> bool:
    return bool(books.value("SELECT period_closed(%(r)s::smallint, %(m)s::date)", r=region, m=month))


def _tell_waiting(lang: Lang, region: int, month: str, zh: str, en: str) -> None:
    """What a run waits for, and the command with which the second officer goes on."""
    say(lang, f"等待：{zh}", f"waiting: {en}")
    say(lang, *(f"  shebao month approve {month} --province {region} --officer ID --out DIR",) * 2)


def _figures(numbers: dict[str, int], lang: Lang) -> list[tuple[str, str]]:
    """Label and figure of what is not zero, in the order of ``FIGURES``; what that does not list comes last."""
    order = list(FIGURES)

    def place(what: str) -> tuple[int, str, bool]:
        plain = _parted(what.removesuffix("_fen"))[0]
        return order.index(plain) if plain in FIGURES else len(order), what.removesuffix("_fen"), what.endswith("_fen")

    return [(_label(what, lang), _figure(what, numbers[what])) for what in sorted(numbers, key=place) if numbers[what]]


def _label(what: str, lang: Lang) -> str:
    from shebao.books.words import WORDS

    plain, unit = what.removesuffix("_fen"), _FEN[lang.value] if what.endswith("_fen") else ""
    name, scheme, year = _parted(plain)
    if lang is not Lang.zh:
        return plain.replace("_", " ") + unit
    return (f"{year} 年{WORDS.get(scheme, scheme)}" if year else "") + FIGURES.get(name, name) + unit


def _parted(plain: str) -> tuple[str, str, str]:
    """A figure's name, and the scheme and year it ends with where it is of one: ``interest_employee_pension_2024``."""
    found = _OF_YEAR.fullmatch(plain)
    return (found[1], found[2] or "", found[3]) if found else (plain, "", "")


def _tell_steps(lang: Lang, region: int, month: str, ran: dict[str, Summary]) -> None:
    zh = lang is Lang.zh
    listed = table(
        *(("步骤", "项目", "数值") if zh else ("step", "what", "figure")), right=(2,), title=f"{region} {month}"
    )
    for name, summary in ran.items():
        for n, (what, figure) in enumerate(_figures(summary.numbers, lang) or [("–", "")]):
            listed.add_row((STEPS[name] if zh else name) if n == 0 else "", what, figure)
    console().print(listed)
    for summary in ran.values():
        for chinese, english in summary.notes:
            say(lang, f"注意：{chinese}", f"note: {english}")


def _figure(what: str, number: int) -> str:
    from shebao.books.words import yuan

    return yuan(number) if what.endswith("_fen") else f"{number:,}"


#: The tables that a dry run counts, in Chinese.
_TABLES = {
    "contribution": "缴费",
    "bill": "账单",
    "account_entry": "个人账户",
    "award": "核定",
    "entitlement": "待遇",
    "payment": "支付",
    "payment_retry": "重发",
    "receivable": "应收多发",
    "recovery": "收回",
}


def _tell_changes(lang: Lang, tried: Rehearsed, file: Path) -> None:
    zh = lang is Lang.zh
    say(lang, "试运行：将有的变更（未入账）", "dry run: what would change (nothing is booked)")
    listed = table(*(("表", "行数", "金额") if zh else ("table", "rows", "yuan")), right=(1, 2))
    for name, rows in tried.rows.items():
        listed.add_row(_TABLES[name] if zh else name.replace("_", " "), f"{rows:,}", _figure("_fen", tried.fen[name]))
    console().print(listed)
    say(lang, f"涉及 {tried.people:,} 人，明细：{file}", f"{tried.people:,} people, each in {file}")


@app.command("open", short_help="Open a month.")
def open_(month: Month, province: Province, officer: Officer, lang: LangOption = language()) -> None:
    """Open a province's first month, or the one after its last. Closing a month opens the next by itself."""
    from shebao.books import connect, month_of
    from shebao.month.run import open_month

    with connect("run") as books:
        check_duty(books, officer, "run", province)
        open_month(books, province, month_of(month), officer)
    say(lang, f"{province} {month} 已开账", f"{province} {month} is open")


@app.command(short_help="Reopen the last closed month.")
def reopen(
    month: Month,
    province: Province,
    officer: Officer,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept.")],
    lang: LangOption = language(),
) -> None:
    """Reopen the last closed month, for a reason. Its steps run again and book only what has changed."""
    from shebao.books import connect, month_of
    from shebao.month.run import reopen_month

    with connect("run") as books:
        check_duty(books, officer, "reopen", province)
        prove(books, officer)
        reopen_month(books, province, month_of(month), officer, reason)
    say(lang, f"{province} {month} 已重开：{reason}", f"{province} {month} is reopened: {reason}")


@app.command(short_help="Approve the month's payments and write the bank's files.")
def approve(
    month: Month,
    province: Province,
    officer: Officer,
    out: Out = Path(),
    execute_on: Annotated[
        dt.datetime | None,
        typer.Option("--execute-on", formats=["%Y-%m-%d"], metavar="DATE", help="The bank's day.", show_default="15th"),
    ] = None,
    lang: LangOption = language(),
) -> None:
    """Approve the batches that the pay step proposed, as a second officer, and write a pain.001 file for each into OUT.

    The bank executes them on the day named with --execute-on, the 15th of the month if none is. The day is kept with
    the approval: a file that is there already, and is the one the books know, stays; one that was lost is written
    again as it was.

    \b
    Examples:
      shebao month approve 2025-03 --province 44 --officer B --out /srv/bank
      shebao month approve 2025-03 --province 44 --officer B --out /srv/bank --execute-on 2025-03-20
    """
    from shebao.books import connect, month_of
    from shebao.month.orders import approve as approve_orders

    with connect("run") as books:
        check_duty(books, officer, "approve", province)
        prove(books, officer)
        day = execute_on.date() if execute_on else None
        written = approve_orders(books, province, month_of(month), officer, out, day)
    for place, file in written:
        amount = _figure("_fen", file.fen)
        say(lang, f"{place}：{file.count:,} 笔，{amount} 元，SHA-256 {file.sha256}",
            f"{place}: {file.count:,} payments, {amount} yuan, SHA-256 {file.sha256}")  # fmt: skip


@app.command(short_help="Refuse the month's payments.")
def refuse(
    month: Month,
    province: Province,
    officer: Officer,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept.")],
    lang: LangOption = language(),
) -> None:
    """Refuse batches that are not approved. Their lines stay payable and are paid by the next month's pay step."""
    from shebao.books import connect, month_of
    from shebao.month.orders import refuse as refuse_orders

    with connect("run") as books:
        check_duty(books, officer, "approve", province)
        prove(books, officer)
        count = refuse_orders(books, province, month_of(month), officer, reason)
    say(lang, f"已退回 {count} 个批次", f"{count} batches refused")


@app.command(short_help="Agree what is withheld towards money paid too much.")
def recover(
    number: Annotated[int, typer.Argument(metavar="RECEIVABLE", help="The number of the receivable.")],
    monthly: Annotated[str, typer.Option("--monthly", metavar="YUAN", help="At most this a month, e.g. 200.00.")],
    province: Province,
    officer: Officer,
    source: Annotated[str, typer.Option("--source", help="The agreement.")],
    lang: LangOption = language(),
) -> None:
    """Record what was agreed to be withheld a month from a person's pension; 0 withholds nothing."""
    from shebao.books import connect
    from shebao.month.recover import agree

    with connect("run") as books:
        check_duty(books, officer, "run", province)
        agree(books, province, number, fen_of(monthly), officer, source)
    say(lang, f"应收款 {number}：每月扣 {monthly} 元", f"receivable {number}: {monthly} yuan a month")


@app.command(short_help="Record what was paid back.")
def received(
    number: Annotated[int, typer.Argument(metavar="RECEIVABLE", help="The number of the receivable.")],
    amount: Annotated[str, typer.Option("--amount", metavar="YUAN", help="What came back, e.g. 200.00.")],
    on: Annotated[str, typer.Option("--on", metavar="DATE", help="The bank's day, YYYY-MM-DD.")],
    reference: Annotated[str, typer.Option("--reference", metavar="TEXT", help="The bank's own number of the entry.")],
    province: Province,
    officer: Officer,
    lang: LangOption = language(),
) -> None:
    """Record what a debtor sent back to the fund's expenditure account towards a receivable. Twice changes nothing.

    The bank's statement of that account rejects such an entry, as no payment of ours is named; this is how it enters.

    \b
    Example:
      shebao month received 7 --amount 1200.00 --on 2025-03-10 --reference 20250310-0042 --province 44 --officer A
    """
    from shebao.books import connect
    from shebao.books.words import yuan
    from shebao.month.repaid import repay

    fen, day = fen_of(amount), day_of(on)
    with connect("run") as books:
        check_duty(books, officer, "run", province)
        done = repay(books, province, number, fen, day, reference, officer)
    zh, en = ("，先前已入账，未作改动", " before, nothing changed") if done.known else ("", "")
    back, left, booked = yuan(done.amount), yuan(done.outstanding), f"{done.booked:%Y-%m}"
    say(lang, f"应收款 {number}：退款 {back} 元{zh}，尚欠 {left} 元（入账月 {booked}）",
        f"receivable {number}: {back} yuan came back{en}; {left} still owed (books of {booked})")  # fmt: skip


# ---- looking -------------------------------------------------------------------------------------------------------


@app.command(short_help="Where a month stands.")
def status(
    month: Annotated[str | None, typer.Argument(metavar="YYYY-MM", help="The month; the open one if left out.")] = None,
    province: Annotated[int | None, typer.Option("--province", metavar="CODE", help="One province.")] = None,
    as_json: AsJson = False,
    lang: LangOption = language(),
) -> None:
    """Show each step of a month: by whom and when, its figures; payment batches, checks, and where a run broke off.

    \b
    Examples:
      shebao month status
      shebao month status 2025-03 --province 44 --json
    """
    from shebao.books import connect, month_of

    with connect("run") as books:
        found = [
            _state(books, region, day) for region, day in _asked(books, month_of(month) if month else None, province)
        ]
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2, default=str))
        return
    for state in found:
        _tell_state(lang, state)


def _asked(books: Books, month: dt.date | None, province: int | None) -> list[tuple[int, dt.date]]:
    """Province and month of each state to tell; ``BooksError`` if there is none."""
    from shebao.books import BooksError

    found: list[tuple[int, dt.date]] = books.rows(
        """SELECT region, coalesce(max(month) FILTER (WHERE NOT period_closed(region, month)), max(month))
           FROM period_event WHERE region <> 0 AND (%(r)s::smallint IS NULL OR region = %(r)s)
               AND (%(m)s::date IS NULL OR month = %(m)s) GROUP BY region ORDER BY region""",
        m=month,
        r=province,
    )
    if not found:
        what, where = (
            f"{month:%Y-%m}" if month else "a month",
            "any region" if province is None else f"region {province}",
        )
        raise BooksError(f"{what} of {where} has not been opened 尚未开账")
    return found


def _state(books: Books, region: int, month: dt.date) -> dict[str, Any]:
    """All that is known of a month, as plain data."""
    from shebao.month.orders import orders

    places = {"r": region, "m": month}
    periods = books.rows(
        """SELECT event::text, officer, reason, recorded_at FROM period_event WHERE region = %(r)s AND month = %(m)s
            ORDER BY round, event""",
        **places,
    )
    steps = books.rows(
        """SELECT step::text, officer, recorded_at, law, summary FROM run_step
           WHERE region = %(r)s AND month = %(m)s AND round = period_round(%(r)s::smallint, %(m)s::date)
               ORDER BY run_step.step""",
        **places,
    )
    log = books.rows(
        """SELECT step::text, event, detail, recorded_at FROM run_log WHERE region = %(r)s AND month = %(m)s
            ORDER BY id DESC LIMIT 20""",
        **places,
    )
    checks = books.rows(
        """SELECT name, passed, ours, theirs FROM close_check
           WHERE region = %(r)s AND month = %(m)s AND round = period_round(%(r)s::smallint, %(m)s::date)
               ORDER BY name""",
        **places,
    )
    tried: dict[str, Any] = next((detail for _, event, detail, _ in log if event == "checked"), {})
    return {
        "province": region,
        "month": f"{month:%Y-%m}",
        "periods": [dict(zip(("event", "officer", "reason", "at"), row, strict=True)) for row in periods],
        "steps": [dict(zip(("step", "officer", "at", "law", "summary"), row, strict=True)) for row in steps],
        "now": _now(log),
        "batches": [
            {
                "message_id": o.message_id,
                "scheme": o.scheme,
                "lines": o.lines,
                "amount_fen": o.amount,
                "events": o.events,
            }
            for o in orders(books, region, month)
        ],
        "checks": [dict(zip(("name", "passed", "ours", "theirs"), row, strict=True)) for row in checks]
        or [{"name": name, **found} for name, found in tried.items()],
        "log": [dict(zip(("step", "event", "detail", "at"), row, strict=True)) for row in reversed(log)],
    }


def _now(log: list[tuple[Any, ...]]) -> dict[str, Any] | None:
    """The last word of the run log, unless a step was done; ``started`` is a run at work or one that died."""
    last = next((row for row in log if row[1] != "checked"), None)
    if last is None or last[1] == "done":
        return None
    return {"step": last[0], "event": last[1], "detail": last[2], "at": last[3]}


def _tell_state(lang: Lang, state: dict[str, Any]) -> None:
    from shebao.books.words import WORDS, in_one

    zh = lang is Lang.zh
    title = f"{state['province']} {state['month']}"
    heads = ("步骤", "状态", "经办", "时间", "数值") if zh else ("step", "state", "officer", "at", "figures")
    listed, done = table(*heads, title=title), {step["step"]: step for step in state["steps"]}
    now = state["now"] or {}
    for name in STEPS:
        step = done.get(name)
        stands = "done" if step else now["event"] if now.get("step") == name else "to do"
        figures = _figures(step["summary"]["numbers"], lang) if step else []
        told = ", ".join(f"{what} {figure}" for what, figure in figures[:4])
        listed.add_row(
            STEPS[name] if zh else name,
            EVENTS.get(stands, stands) if zh else stands,
            step["officer"] if step else "",
            f"{step['at']:%Y-%m-%d %H:%M}" if step else "",
            told,
        )
    console().print(listed)
    if now.get("event") == "failed":
        told = in_one(re.sub(r"^\w+: ", "", str(now["detail"].get("error"))), lang.value)
        say(lang, f"失败：{told}", f"failed: {told}")
    elif now.get("event") == "waiting":
        _tell_waiting(lang, state["province"], state["month"], now["detail"].get("zh"), now["detail"].get("en"))
    elif now.get("event") == "started":
        say(
            lang,
            f"{now['at']:%H:%M:%S} 起正在运行，或已中断：再次运行即可",
            f"running since {now['at']:%H:%M:%S}, or broken off: run it again",
        )
    for batch in state["batches"]:
        happened = [
            f"{EVENTS[e] if zh else e} {_SHA256.sub('', batch['events'][e])}"
            for e in _BATCH_EVENTS
            if e in batch["events"]
        ]
        events = ", ".join(happened) or ("待复核" if zh else "to approve")
        amount = f"{batch['lines']:,}, {_figure('_fen', batch['amount_fen'])}"
        scheme = WORDS.get(batch["scheme"], batch["scheme"]) if zh else batch["scheme"]
        told = f"{batch['message_id']} {scheme} {amount}: {events}"
        say(lang, told, told)
    for check in state["checks"]:
        if not check["passed"]:
            say(
                lang,
                f"核对不符 {check['name']}：{check['ours']} ≠ {check['theirs']}",
                f"check failed {check['name']}: {check['ours']} ≠ {check['theirs']}",
            )


@app.command(short_help="What a person was paid and charged, and why.")
def explain(
    month: Month,
    person: Annotated[str, typer.Option("--person", metavar="NUMBER", help="The citizen number.")],
    officer: Looker,
    purpose: Purpose = "shebao month explain",
    as_json: AsJson = False,
    lang: LangOption = language(),
) -> None:
    """Show what the month's books hold about a person: payments, the award with its reasons, contributions."""
    from shebao.books import connect, month_of
    from shebao.month.explain import explain_month

    with connect("run") as books:
        found = explain_month(books, look(books, officer, person, purpose), month_of(month))
        ids = {row.get("employer_id") for rows in found.values() if isinstance(rows, list) for row in rows} - {None}
        employers = dict(
            books.rows(
                """SELECT employer_id, name FROM employer_now WHERE employer_id = ANY (%(ids)s)
                   ORDER BY lower(valid) NULLS FIRST""",
                ids=list(ids),
            )
        )
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2, default=str))
        return
    say(lang, *(f"{found['name']} {found['number']} {found['month']}",) * 2)
    for what, rows in found.items():
        if isinstance(rows, list) and rows:
            for row in rows:
                if row.get("employer_id") is not None:
                    row["employer_id"] = employers.get(row["employer_id"], row["employer_id"])
            names = [name for name in rows[0] if name not in ("facts", "tree", "law")]
            console().print(rows_of(SECTIONS.get(what, what) if lang is Lang.zh else what, names, rows, lang))
    for award in found["awards"]:
        if "inputs" in award["tree"]:
            console().print(reasons(award["tree"], lang))


#: Sections of what ``explain`` tells, in Chinese.
SECTIONS = {
    "payments": "支付",
    "returns": "退回",
    "entitlements": "待遇",
    "awards": "核定",
    "contributions": "缴费",
    "declarations": "申报工资",
    "participation": "参保关系",
    "account": "个人账户",
}


@app.command(short_help="A statement of an employer or a person.")
def statement(
    month: Month,
    employer: Annotated[str | None, typer.Option("--employer", metavar="CODE", help="The credit code.")] = None,
    person: Annotated[str | None, typer.Option("--person", metavar="NUMBER", help="The citizen number.")] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="YYYY-MM", help="The first month of a person's.")
    ] = None,
    officer: Annotated[
        str | None,
        typer.Option("--officer", envvar="SHEBAO_OFFICER", metavar="ID", help="Who looks at a person: it is noted."),
    ] = None,
    purpose: Purpose = "shebao month statement",
    as_csv: Annotated[bool, typer.Option("--csv", help="As CSV.")] = False,
    lang: LangOption = language(),
) -> None:
    """Print an employer's bills and people of a month, or all that stands in the books about a person's months."""
    from shebao.books import connect, month_of
    from shebao.month.statements import employer_statement, person_statement

    if (employer is None) == (person is None):
        raise typer.BadParameter("choose one of --employer and --person")
    if person is not None and officer is None:
        raise typer.BadParameter("who looks at a person is noted", param_hint="--officer")
    day = month_of(month)
    with connect("run") as books:
        if employer is not None:
            found = employer_statement(books, employer, day)
        else:
            number = look(books, str(officer), str(person), purpose)
            found = person_statement(books, number, month_of(since) if since else day, day)
    typer.echo(found.csv() if as_csv else found.text(lang.value), nl=False)
    if not any(part.rows for part in found.parts):
        complain("账内无此期间的记录" if lang is Lang.zh else "the books hold nothing about these months")
