"""``shebao province``: the books of a province opened with synthetic people, to try them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from shebao.cli.say import Bar, Lang, LangOption, console, help_if_bare, language, table

if TYPE_CHECKING:
    from shebao.month.opening import Opened

app = typer.Typer(rich_markup_mode=None, help="A province to try the books with: synthetic people.")
app.callback(invoke_without_command=True)(help_if_bare)


@app.command("open", short_help="Open a province's books with synthetic people.")
def open_(
    province: Annotated[int, typer.Option("--province", metavar="CODE", help="Which province, e.g. 11.")],
    month: Annotated[str, typer.Option("--month", metavar="YYYY-MM", help="The first month of the books.")],
    people: Annotated[int, typer.Option("--people", min=100, help="How many people the province has.")] = 10_000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed makes the same people.")] = 1,
    declare: Annotated[bool, typer.Option("--declare", help="Employers declare the month's wages too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    lang: LangOption = language(),
) -> None:
    """Put people, employers, accounts, pensions in payment and two officers into the books, and open the first month.

    The people are synthetic, and so are their numbers. The officers' keys are printed once and stored nowhere.

    \b
    Example:
      shebao province open --province 11 --month 2025-01 --people 10000 --declare
    """
    from shebao.books import connect, month_of
    from shebao.month.opening import declare_month, open_province
    from shebao.month.run import open_month

    first = month_of(month)
    with Bar("建账" if lang is Lang.zh else "opening") as bar, connect() as books:
        opened = open_province(books, province, first, people, seed, tell=lambda _, done, total: bar(done, total))
        open_month(books, province, first, opened.clerk)
        declared = declare_month(books, province, first, seed) if declare else 0
    if as_json:
        typer.echo(json.dumps(_plain(opened, declared), ensure_ascii=False, indent=2))
        return
    _show(opened, declared, bar.seconds, lang)


def _plain(opened: Opened, declared: int) -> dict[str, object]:
    kept = {name: getattr(opened, name) for name in ("people", "employers", "officers", "rows", "reserves")}
    return {"province": opened.region, "month": f"{opened.month:%Y-%m}", **kept, "declared": declared}


def _show(opened: Opened, declared: int, seconds: float, lang: Lang) -> None:
    zh, out = lang is Lang.zh, console()
    place = f"{opened.region} {opened.month:%Y-%m}"
    if zh:
        said = f"{place} 已建账：{opened.people:,} 人，{opened.employers:,} 个单位，申报 {declared:,} 行"
    else:
        said = f"{place} is open: {opened.people:,} people, {opened.employers:,} employers, {declared:,} declarations"
    out.print(f"{said} ({seconds:.1f} s)", markup=False, soft_wrap=True)
    listed = table(*(("经办人", "密钥（只显示这一次）") if zh else ("officer", "key, shown only once")))
    for officer, key in opened.officers.items():
        listed.add_row(officer, key)
    out.print(listed)
