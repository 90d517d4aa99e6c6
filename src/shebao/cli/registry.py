"""``shebao person``, ``shebao office``, ``shebao officer``: who is in the books, and who works with them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shebao.cli.bank import check_account
from shebao.cli.month import Looker, Officer, Province, Purpose, check_covered, check_duty, covered, look, say
from shebao.cli.say import Lang, LangOption, console, help_if_bare, language, table

if TYPE_CHECKING:
    from rich.tree import Tree

    from shebao.books import Books
    from shebao.books.registry import Registrar

person = typer.Typer(rich_markup_mode=None, help="People in the books: the whole record of one, or a search.")
office = typer.Typer(rich_markup_mode=None, help="The offices that manage the books.")
officer = typer.Typer(rich_markup_mode=None, help="Who works at an office.")
for group in (person, office, officer):
    group.callback(invoke_without_command=True)(help_if_bare)

#: How many are searched for, before those of other offices are left out.
MOST = 1000

AsJson = Annotated[bool, typer.Option("--json", help="As JSON; amounts in fen.")]

#: section of the record: heading in Chinese and English, and the columns shown; those in MONEY are fen.
SHOWN: dict[str, tuple[str, str, str]] = {
    "facts": ("登记事项", "facts", "stands name sex birth_date category area phone valid known source"),
    "events": ("事件", "events", "stands kind happened_on known source"),
    "households": ("家庭户", "households", "stands number relation valid"),
    "participations": ("参保关系", "participations", "stands scheme kind employer chosen_base grade valid source"),
    "careers": ("此前缴费", "career before", "stands scheme until contribution_months deemed_months average_index"),
    "bank_accounts": ("银行账户", "bank accounts", "stands holder bank_code number"),
    "declarations": ("申报工资", "declared wages", "month employer version wage withdrawn booked"),
    "contributions": ("缴费", "contributions", "month scheme base employee employer account_credit settled"),
    "account": ("个人账户", "individual account", "scheme month kind amount balance"),
    "account_years": ("年度对账", "account by year", "scheme year opening credits withdrawals interest closing"),
    "claims": ("申领", "claims", "number benefit claimed_on booked source"),
    "entitlements": ("待遇", "entitlements", "stands benefit amount valid award_version reason"),
    "payments": ("支付", "payments", "month benefit amount withheld bank_account booked"),
    "returns": ("退回", "returned payments", "month benefit kind amount reason"),
    "receivables": ("应收多发", "receivables", "number benefit amount recovered reason"),
    "transfers": ("关系转移", "transfers", "id from_region to_region from_scheme to_scheme requested_on"),
    "looks": ("查询记录", "looks", "looked_at officer purpose"),
}  # fmt: skip
MONEY = frozenset(
    ("wage", "base", "employee", "employer", "account_credit", "amount", "balance", "opening", "credits", "closing")
) | {"withdrawals", "interest", "withheld", "recovered", "chosen_base"}
INDEX = frozenset(("average_index", "transition_index"))  # × 10 000
MONTHS = frozenset(("month", "booked", "until"))
PERIODS = frozenset(("known", "valid"))
WORDS = {
    **{
        "stands": "现行",
        "name": "姓名",
        "sex": "性别",
        "birth_date": "出生日期",
        "category": "类别",
        "area": "经办区划",
    },
    **{
        "phone": "电话",
        "valid": "有效期",
        "known": "获知时段",
        "source": "来源",
        "kind": "种类",
        "happened_on": "发生日期",
    },
    **{
        "number": "号码",
        "relation": "关系",
        "scheme": "险种",
        "employer": "单位",
        "chosen_base": "自选基数",
        "grade": "档次",
    },
    **{"until": "截至", "contribution_months": "缴费月数", "deemed_months": "视同月数", "average_index": "平均指数"},
    **{
        "holder": "户名",
        "bank_code": "联行号",
        "month": "月份",
        "version": "版本",
        "wage": "工资",
        "withdrawn": "撤回",
    },
    **{
        "booked": "入账月",
        "base": "基数",
        "employee": "个人",
        "account_credit": "记账",
        "settled": "到账",
        "amount": "金额",
    },
    **{
        "balance": "余额",
        "year": "年度",
        "opening": "年初",
        "credits": "记入",
        "withdrawals": "支出",
        "interest": "利息",
    },
    **{"closing": "年末", "benefit": "待遇", "claimed_on": "申领日期", "award_version": "核定版本", "reason": "事由"},
    **{"withheld": "抵扣", "bank_account": "账号", "recovered": "已收回", "id": "编号", "from_region": "转出地"},
    **{"to_region": "转入地", "from_scheme": "转出险种", "to_scheme": "转入险种", "requested_on": "申请日期"},
    **{"looked_at": "时间", "officer": "经办人员", "purpose": "事由"},
}


@person.command("show", short_help="The whole record of one person.")
def show(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="The citizen number.")],
    officer_id: Looker,
    purpose: Purpose = "shebao person show",
    as_json: AsJson = False,
    lang: LangOption = language(),
) -> None:
    """Show what the books hold about a person, with the history of every fact and the reasons of every award.

    \b
    Example:
      shebao person show 440106199003070019 --officer A
    """
    from shebao.books import connect
    from shebao.books.record import name_of, whole_record

    with connect("run") as books:
        record = whole_record(books, look(books, officer_id, number, purpose))
    if as_json:
        typer.echo(json.dumps(record, ensure_ascii=False, indent=2))
        return
    out = console()
    out.print(f"{name_of(record)} {record['number']}", style="bold", markup=False)
    for section, (zh, en, columns) in SHOWN.items():
        if record[section]:
            out.print(_section(zh if lang is Lang.zh else en, columns.split(), record[section], lang))
    for award in record["awards"]:
        out.print(_award(award, lang), soft_wrap=not out.is_terminal)


@person.command("search", short_help="People by number, name or employer.")
def search(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="Beginning of a number or name, or an employer's name.")],
    officer_id: Looker,
    purpose: Purpose = "shebao person search",
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000)] = 50,
    as_json: AsJson = False,
    lang: LangOption = language(),
) -> None:
    """Find people by the beginning of their number or name, or by the name of their employer or a part of it.

    Only those whom the officer's office manages are shown, and each is noted as looked at.
    """
    from dataclasses import asdict

    from shebao.books import connect
    from shebao.books import registry as books_registry
    from shebao.books.record import log_look

    with connect("run") as books:
        check_duty(books, officer_id, "look")
        met = books_registry.search(books, text, MOST)
        mine = covered(books, officer_id, [one.number for one in met])
        found = [asdict(one) for one in met if one.number in mine][:limit]
        with books.transaction():
            for one in found:
                log_look(books, one["number"], officer_id, purpose)
    _list(found, ("number", "name", "birth_date", "area", "employer"), as_json, lang)


@office.command("list", short_help="All offices.")
def list_offices(as_json: AsJson = False, lang: LangOption = language()) -> None:
    """List the offices, by division code, with their level (1 province … 5 village) and officers."""
    from shebao.books import connect

    with connect("run") as books:
        rows = books.rows(
            """SELECT o.area, o.level, o.name, coalesce(string_agg(f.id, ', ' ORDER BY f.id), '') FROM office o
               LEFT JOIN officer f ON f.area = o.area GROUP BY o.area ORDER BY o.area"""
        )
    names = ("area", "level", "name", "officers")
    _list([dict(zip(names, row, strict=True)) for row in rows], names, as_json, lang)


@officer.command("add", short_help="A new officer; prints the key.")
def add(
    officer_id: Annotated[str, typer.Argument(metavar="ID")],
    name: Annotated[str, typer.Option("--name", help="The officer's name.")],
    area: Annotated[int, typer.Option("--area", metavar="CODE", help="Division code of the office, 12 digits.")],
    duties: Annotated[
        list[str], typer.Option("--duty", help="look, register, run, approve or reopen; several by repeating.")
    ],
    lang: LangOption = language(),
) -> None:
    """Add an officer of an office. The key printed is how the officer enters; it is stored nowhere, so keep it.

    \b
    Example:
      shebao officer add A --name 王芳 --area 440000000000 --duty register --duty run
    """
    from shebao.books import connect
    from shebao.books.registry import add_officer

    with connect("run") as books:
        _check_new(books, officer_id, area, duties)
        key = add_officer(books, officer_id, name, area, duties)
    console(stderr=True).print(
        "密钥（只显示这一次）：" if lang is Lang.zh else "the key, shown only once:", markup=False
    )
    typer.echo(key)


def _check_new(books: Books, officer_id: str, area: int, duties: Sequence[str]) -> None:
    from shebao.books import BooksError

    known = _words_of(books, "duty")
    if unknown := set(duties) - set(known):
        raise BooksError(f"{', '.join(sorted(unknown))}: the duties are {', '.join(known)} 无此权限")
    if not books.rows("SELECT FROM office WHERE area = %(a)s", a=area):
        raise BooksError(f"no office {area}: see shebao office list 无此机构")
    if books.rows("SELECT FROM officer WHERE id = %(o)s", o=officer_id):
        raise BooksError(f"officer {officer_id} exists already 经办人已存在")


def _words_of(books: Books, kind: str) -> list[str]:
    """What an enumeration of the books may be."""
    return [word for (word,) in books.rows("SELECT unnest(enum_range(NULL::" + kind + "))::text")]


# ---- what no file brings -------------------------------------------------------------------------------------------

Number = Annotated[str, typer.Argument(metavar="NUMBER", help="The citizen number.")]
Day = Annotated[str, typer.Option("--on", metavar="DATE", help="The day, YYYY-MM-DD.")]
Source = Annotated[str, typer.Option("--source", help="The document it is known from: kept with the fact.")]


@contextmanager
def _desk(province: int, officer_id: str, number: str, source: str) -> Iterator[tuple[Registrar, int]]:
    """A registrar of the province and the person's id, if the officer may register the person."""
    from shebao.books import BooksError, connect
    from shebao.books.registry import Registrar

    with connect("run") as books:
        check_duty(books, officer_id, "register")
        if not books.rows(
            "SELECT FROM officer WHERE id = %(o)s AND area / 10000000000 = %(r)s", o=officer_id, r=province
        ):
            raise BooksError(f"officer {officer_id} does not work in region {province} 非本地区经办人")
        desk = Registrar(books, province, f"{officer_id}: {source}")
        yield desk, desk.person_id(check_covered(books, officer_id, number))


def _day(text: str) -> dt.date:
    from shebao.books import BooksError

    try:
        return dt.datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise BooksError(f"not a day: {text!r} (YYYY-MM-DD) 不是日期") from None


def _is_dead(desk: Registrar, who: int) -> bool:
    return bool(
        desk.books.rows("SELECT FROM life_event WHERE person_id = %(p)s AND kind = 'death' AND upper_inf(known)", p=who)
    )


@person.command(short_help="Record a death.")
def death(
    number: Number,
    on: Day,
    province: Province,
    officer_id: Officer,
    source: Source = "shebao person death",
    lang: LangOption = language(),
) -> None:
    """Record a death. The next run ends what is paid for later months, and decides on the survivors' benefits.

    \b
    Example:
      shebao person death 440106199003070019 --on 2025-01-12 --province 44 --officer A --source 死亡证明
    """
    from shebao.books import BooksError

    day = _day(on)
    if day > dt.date.today():
        raise BooksError(f"{on} is yet to come 日期尚未到来")
    with _desk(province, officer_id, number, source) as (desk, who):
        if _is_dead(desk, who):
            raise BooksError(f"{number}: a death is recorded already; person undo-death takes it back 已登记死亡")
        desk.record_death(who, day)
    say(lang, f"{number} 已登记死亡：{on}", f"{number}: death on {on} recorded")


@person.command("undo-death", short_help="Take back a death recorded in error.")
def undo_death(
    number: Number,
    province: Province,
    officer_id: Officer,
    lang: LangOption = language(),
) -> None:
    """Take back a death that did not happen. The next run restores what it had ended."""
    from shebao.books import BooksError

    with _desk(province, officer_id, number, "") as (desk, who):
        if not _is_dead(desk, who):
            raise BooksError(f"{number}: no death is recorded 未登记死亡")
        desk.withdraw_event(who)
    say(lang, f"{number} 的死亡登记已撤销", f"{number}: the death is taken back")


@person.command(short_help="Hand in a claim.")
def claim(
    number: Number,
    benefit: Annotated[str, typer.Argument(metavar="BENEFIT", help="E.g. employee_pension, survivor_grant.")],
    on: Day,
    province: Province,
    officer_id: Officer,
    heir: Annotated[
        str | None, typer.Option("--heir", metavar="NUMBER", help="Whose bank account a survivors' benefit goes to.")
    ] = None,
    source: Source = "shebao person claim",
    lang: LangOption = language(),
) -> None:
    """Hand in a claim; the next award step decides it. For a survivors' benefit NUMBER is the person who died.

    \b
    Examples:
      shebao person claim 440106196503070019 employee_pension --on 2025-03-01 --province 44 --officer A
      shebao person claim 440106194003070010 funeral_grant --heir 440106196503070019 --on 2025-03-01 …
    """
    from shebao.books import BooksError

    day = _day(on)
    with _desk(province, officer_id, number, source) as (desk, who):
        known = _words_of(desk.books, "benefit")
        if benefit not in known:
            raise BooksError(f"{benefit}: the benefits are {', '.join(known)} 无此待遇")
        account = None if heir is None else _account_of(desk, heir)
        made = desk.claim(who, benefit, day, bank_account=account)
    say(lang, f"{number} {benefit}：申领 {made} 号", f"{number} {benefit}: claim {made}")


def _account_of(desk: Registrar, number: str) -> int:
    """The account that a person's benefits are paid to."""
    from shebao.books import BooksError

    found = desk.books.rows("SELECT id FROM bank_account_now WHERE person_id = %(p)s", p=desk.person_id(number))
    if len(found) != 1:
        raise BooksError(f"{number} has no one bank account: see shebao person account 未登记银行账户或不唯一")
    return int(found[0][0])


@person.command(short_help="Record where benefits are paid to.")
def account(
    number: Number,
    bank: Annotated[str, typer.Option("--bank", metavar="CNAPS", help="The bank's 12-digit number.")],
    account_number: Annotated[str, typer.Option("--account", metavar="NO", help="The account's number.")],
    holder: Annotated[str, typer.Option("--holder", help="In whose name.")],
    province: Province,
    officer_id: Officer,
    lang: LangOption = language(),
) -> None:
    """Record the account benefits are paid to from now on; it takes the place of the one in use until now."""
    check_account(bank, account_number)
    with _desk(province, officer_id, number, "") as (desk, who):
        desk.set_bank_account(who, bank, account_number, holder)
    say(lang, f"{number} 的账户：{account_number}", f"{number}: account {account_number}")


def _list(rows: Sequence[dict[str, Any]], columns: tuple[str, ...], as_json: bool, lang: Lang) -> None:
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2, default=str))
        return
    console().print(_section("", columns, rows, lang))


def _section(title: str, columns: Sequence[str], rows: Iterable[dict[str, Any]], lang: Lang) -> Any:
    heads = [WORDS.get(name, name) if lang is Lang.zh else name.replace("_", " ") for name in columns]
    right = tuple(at for at, name in enumerate(columns) if name in MONEY)
    listed = table(*heads, title=title, right=right)
    for row in rows:
        listed.add_row(*(_cell(name, row.get(name), lang) for name in columns))
    return listed


def _cell(name: str, value: Any, lang: Lang) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return ("是" if value else "否") if lang is Lang.zh else ("yes" if value else "no")
    if name in MONEY and isinstance(value, int):
        return _yuan(value)
    if name in INDEX:
        return f"{value // 10_000}.{value % 10_000:04d}"
    if name in MONTHS:
        return str(value)[:7]
    if name in PERIODS:
        return _period(str(value))
    return str(value)


def _period(text: str) -> str:
    """A range as the books write it, ``["2025-01-01 08:00:00+00",)``, to the minute: ``2025-01-01 08:00 –``."""
    begin, _, end = text.strip("[]()").replace('"', "").partition(",")
    return f"{begin[:16]} – {end[:16]}".strip()


def _yuan(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def _award(award: dict[str, Any], lang: Lang) -> Tree:
    """An award and its tree of reasons, as it was stored."""
    from rich.text import Text
    from rich.tree import Tree

    zh = lang is Lang.zh
    state = ("准予" if zh else "granted") if award["granted"] else ("不予" if zh else "refused")
    what = f"{'核定' if zh else 'award'} {award['benefit']} {award['month'][:7]}"
    title = f"{what} {_yuan(award['amount'])} {state}：{award['reason']}"
    tree = Tree(Text(title, "bold"), guide_style="dim")
    if award["tree"].get("inputs") is not None:
        tree.children.append(_reason(award["tree"]))
    return tree


def _reason(node: dict[str, Any]) -> Tree:
    from rich.text import Text
    from rich.tree import Tree

    cite = f"  〔{node['cite']}〕" if node.get("cite") else ""
    line = Text.assemble(str(node.get("label", node["name"])), " = ", (str(node["value"]), "cyan"), (cite, "dim"))
    tree = Tree(line, guide_style="dim")
    if node.get("formula"):
        tree.add(Text(str(node["formula"]), "italic"))
    tree.children.extend(_reason(child) for child in node.get("inputs", ()))
    return tree
