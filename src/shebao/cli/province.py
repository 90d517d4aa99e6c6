"""``shebao province``: the books of a province of synthetic people, to try them; its employers and its bank."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shebao.cli.acting import Province
from shebao.cli.say import Bar, Lang, LangOption, complain, console, help_if_bare, language, say, table

if TYPE_CHECKING:
    from shebao.books import Books
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


@app.command(short_help="The employers declare a month.")
def declare(
    month: Annotated[str, typer.Argument(metavar="YYYY-MM", help="The month declared.")],
    province: Province,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed raises the same wages.")] = 1,
    lang: LangOption = language(),
) -> None:
    """Let every employer of a synthetic province declare a month's wages, last month's raised for some. Only to try."""
    from shebao.books import connect, month_of
    from shebao.month.opening import declare_month

    with connect("run") as books:
        _check_synthetic(books, province)
        declared = declare_month(books, province, month_of(month), seed)
    say(lang, f"{province} {month}：申报 {declared:,} 行", f"{province} {month}: {declared:,} declarations")


@app.command(short_help="Play the bank.")
def bank(
    month: Annotated[str, typer.Argument(metavar="YYYY-MM", help="The month.")],
    province: Province,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where month approve wrote its files.")] = Path(),
    wrong: Annotated[int, typer.Option("--wrong", min=0, help="So many payers quote a wrong reference.")] = 0,
    rejected: Annotated[int, typer.Option("--rejected", min=0, help="Of 10,000 payments so many are rejected.")] = 0,
    lang: LangOption = language(),
) -> None:
    """Write into DIR what a bank would send: a statement in which every open bill is paid, and the answers to the
    payment files of the month that lie there. The books are only read: `bank import` enters the files. Only to try.
    """
    from shebao.books import connect, month_of

    with connect("run") as books:
        _check_synthetic(books, province)
        written = [*_receipts(books, province, month_of(month), out, wrong)]
        written += _answers(books, province, month_of(month), out, rejected)
    for file in written:
        say(lang, *(str(file),) * 2)
    if not written:
        complain("没有未缴账单，也没有付款文件" if lang is Lang.zh else "there are no open bills and no payment files")


def _check_synthetic(books: Books, province: int) -> None:
    from shebao.books import BooksError

    if not books.rows("SELECT FROM officer WHERE id = %(o)s", o=f"clerk-{province}"):
        raise BooksError(f"region {province} was not opened by shebao province open 不是模拟省份")


def _receipts(books: Books, province: int, month: dt.date, out: Path, wrong: int) -> Iterator[Path]:
    """A statement of the collection's account: what is open of each bill comes in."""
    from shebao.bank.simulate import Bank
    from shebao.month.orders import fund_account

    bills = books.rows(
        """SELECT b.number, b.reference, b.amount - coalesce(a.amount, 0) FROM bill b
           LEFT JOIN (SELECT number, sum(amount)::bigint AS amount FROM allocation WHERE region = %(r)s GROUP BY 1) a
               USING (number)
           WHERE b.region = %(r)s AND b.amount > coalesce(a.amount, 0) ORDER BY b.number""",
        r=province,
    )
    if not bills:
        return
    teller = Bank(fund_account(books, province, "collection", "income")[2], 0)
    teller.messages = month.year * 12 + month.month
    for nth, (number, reference, fen) in enumerate(bills):
        teller.booked = teller.messages * 10_000_000 + number  # paid again in the month it is the same entry
        teller.receive(month.replace(day=20), fen, f"{reference[:-1]}X" if nth < wrong else reference)
    at = dt.datetime.combine(month.replace(day=20), dt.time(18))
    yield _written(out / f"receipts-{province:02d}-{month:%Y-%m}.xml", teller.statement(at))


def _answers(books: Books, province: int, month: dt.date, out: Path, rejected: int) -> Iterator[Path]:
    """To each payment file of the month in ``out`` a status report and a statement."""
    from shebao.bank.simulate import Bank, by_seed
    from shebao.month.orders import fund_account

    batches = books.rows(
        "SELECT message_id, scheme::text, amount FROM payment_batch WHERE region = %(r)s AND booked = %(m)s ORDER BY 1",
        r=province,
        m=month,
    )
    for message, scheme, fen in batches:
        if (sent := out / f"{message}.xml").is_file():
            teller = Bank(fund_account(books, province, scheme, "expenditure")[2], fen, by_seed(1, rejected))
            teller.messages = teller.booked = month.year * 12 + month.month
            at = dt.datetime.combine(month.replace(day=25), dt.time(12))
            yield _written(out / f"status-{message}.xml", teller.pay(sent.read_bytes(), at))
            yield _written(out / f"statement-{message}.xml", teller.statement(at))


def _written(place: Path, data: bytes) -> Path:
    from shebao.batch.fresh import fresh_file

    with fresh_file(place, overwrite=True) as part:
        part.write_bytes(data)
    return place


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
