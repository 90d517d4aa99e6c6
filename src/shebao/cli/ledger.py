"""``shebao ledger``: the journal for an outside accounting program, and the trial balance."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shebao.cli.month import AsJson
from shebao.cli.say import Lang, LangOption, console, help_if_bare, language, say, table

if TYPE_CHECKING:
    from shebao.books import Books

app = typer.Typer(rich_markup_mode=None, help="The ledger: export, balance.")
app.callback(invoke_without_command=True)(help_if_bare)

OneProvince = Annotated[int | None, typer.Option("--province", metavar="CODE", help="One province; all if left out.")]


@app.command(short_help="Write the journal as plain text.")
def export(
    out: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.")],
    province: OneProvince = None,
    form: Annotated[str, typer.Option("--format", help="hledger, the only one.")] = "hledger",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace FILE when all is done.")] = False,
    lang: LangOption = language(),
) -> None:
    """Write the journal as hledger reads it: exact yuan, the official names of accounts, a balance to check at the end.

    \b
    Example:
      shebao ledger export books.journal --province 44 && hledger -f books.journal check
    """
    from shebao.batch.fresh import fresh_file
    from shebao.books import connect
    from shebao.books.export import export as write

    if form != "hledger":
        raise typer.BadParameter(f"{form}: only hledger is known", param_hint="--format")
    with connect("run") as books:
        _check_opened(books, province)
        with fresh_file(out, overwrite) as part, part.open("w", encoding="utf-8", newline="\n") as stream:
            count = write(books, stream, province)
    say(lang, f"{count:,} 张凭证 → {out}", f"{count:,} entries → {out}")


def _check_opened(books: Books, province: int | None) -> None:
    from shebao.books import BooksError

    if not books.value(
        "SELECT EXISTS (SELECT FROM period_event WHERE %(r)s::smallint IS NULL OR region = %(r)s)", r=province
    ):
        which = "any region" if province is None else f"region {province}"
        raise BooksError(f"the books of {which} have not been opened 该地区尚未建账")


@app.command(short_help="The trial balance.")
def balance(province: OneProvince = None, as_json: AsJson = False, lang: LangOption = language()) -> None:
    """Show every account with its debits, credits and balance; both columns must add up to the same."""
    from shebao.books import connect
    from shebao.books.export import balances
    from shebao.books.words import WORDS, yuan

    with connect("run") as books:
        _check_opened(books, province)
        found = balances(books, province)
    if as_json:
        typer.echo(json.dumps([{**a._asdict(), "amount": a.amount} for a in found], ensure_ascii=False, indent=2))
        return
    zh = lang is Lang.zh
    heads = (
        ("省", "险种", "科目", "借方", "贷方", "余额")
        if zh
        else ("province", "scheme", "account", "debit", "credit", "balance")
    )
    listed = table(*heads, right=(3, 4, 5))
    for a in found:
        listed.add_row(
            str(a.region),
            WORDS[a.scheme] if zh else a.scheme,
            a.label if zh else a.name,
            *(yuan(fen) for fen in (a.debit, a.credit, a.amount)),
        )
    totals = [yuan(sum(getattr(a, side) for a in found)) for side in ("debit", "credit", "amount")]
    listed.add_row("", "", "合计" if zh else "total", *totals)
    console().print(listed)
