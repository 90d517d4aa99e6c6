"""``shebao person``, ``shebao office``, ``shebao officer``: who is in the books, and who works with them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shebao.cli.acting import Looker, Purpose, check_duty, look
from shebao.cli.say import Lang, LangOption, complain, console, help_if_bare, language
from shebao.cli.view import reasons, rows_of

if TYPE_CHECKING:
    from rich.tree import Tree

    from shebao.books import Books

person = typer.Typer(rich_markup_mode=None, help="People in the books: the whole record of one, or a search.")
office = typer.Typer(rich_markup_mode=None, help="The offices that manage the books.")
officer = typer.Typer(rich_markup_mode=None, help="Who works at an office.")
for group in (person, office, officer):
    group.callback(invoke_without_command=True)(help_if_bare)

AsJson = Annotated[bool, typer.Option("--json", help="As JSON; amounts in fen.")]


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
    from shebao.books.record import SHOWN, name_of, whole_record

    with connect("run") as books:
        record = whole_record(books, look(books, officer_id, number, purpose))
    if as_json:
        typer.echo(json.dumps(record, ensure_ascii=False, indent=2))
        return
    out = console()
    out.print(f"{name_of(record)} {record['number']}", style="bold", markup=False)
    for section, (zh, en, columns) in SHOWN.items():
        if record[section]:
            out.print(rows_of(zh if lang is Lang.zh else en, columns.split(), record[section], lang))
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

    Only those whom the officer's office manages are found, and each that is shown is noted as looked at. Where there
    are more than --limit, that is said.
    """
    from dataclasses import asdict

    from shebao.books import connect
    from shebao.books import registry as books_registry
    from shebao.books.record import log_look

    with connect("run") as books:
        check_duty(books, officer_id, "look")
        met = books_registry.search(books, text, limit + 1, books_registry.areas_of(books, officer_id))
        found = [asdict(one) for one in met[:limit]]
        with books.transaction():
            for one in found:
                log_look(books, one["number"], officer_id, purpose)
    _list(found, ("number", "name", "birth_date", "area", "employer"), as_json, lang)
    if len(met) > limit:
        complain(
            f"人数超过 {limit:,}，只列出一部分：请缩小范围或加大 --limit"
            if lang is Lang.zh
            else f"there are more than these {limit:,}: narrow the text, or raise --limit"
        )
    elif not met:
        complain("本机构辖区内没有符合的人员" if lang is Lang.zh else f"nobody where {officer_id} works fits")


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

    known = words_of(books, "duty")
    if unknown := set(duties) - set(known):
        raise BooksError(f"{', '.join(sorted(unknown))}: the duties are {', '.join(known)} 无此权限")
    if not books.rows("SELECT FROM office WHERE area = %(a)s", a=area):
        raise BooksError(f"no office {area}: see shebao office list 无此机构")
    if books.rows("SELECT FROM officer WHERE id = %(o)s", o=officer_id):
        raise BooksError(f"officer {officer_id} exists already 经办人已存在")


def words_of(books: Books, kind: str) -> list[str]:
    """What an enumeration of the books may be."""
    return [word for (word,) in books.rows("SELECT unnest(enum_range(NULL::" + kind + "))::text")]


def _list(rows: Sequence[dict[str, Any]], columns: tuple[str, ...], as_json: bool, lang: Lang) -> None:
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2, default=str))
        return
    console().print(rows_of("", columns, rows, lang))


def _award(award: dict[str, Any], lang: Lang) -> Tree:
    """An award and its tree of reasons, as it was stored."""
    from rich.text import Text
    from rich.tree import Tree

    from shebao.books import words

    zh = lang is Lang.zh
    state = ("准予" if zh else "granted") if award["granted"] else ("不予" if zh else "refused")
    benefit, reason = (words.word(name, award[name], lang.value) for name in ("benefit", "reason"))
    what = f"{'核定' if zh else 'award'} {benefit} {award['month'][:7]}"
    title = f"{what} {words.yuan(award['amount'])} {state}{'：' if zh else ': '}{reason}"
    tree = Tree(Text(title, "bold"), guide_style="dim")
    if award["tree"].get("inputs") is not None:
        tree.children.append(reasons(award["tree"], lang))
    return tree
