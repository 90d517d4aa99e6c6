"""``shebao bank``: the bank's messages in, and the funds' own accounts."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shebao.cli.acting import Officer, Province, check_duty
from shebao.cli.say import Lang, LangOption, console, help_if_bare, language, say
from shebao.cli.view import rows_of

if TYPE_CHECKING:
    from shebao.month.answers import AnswerReport
    from shebao.month.receipts import ReceiptReport

app = typer.Typer(rich_markup_mode=None, help="The bank: import its messages, record the funds' accounts.")
app.callback(invoke_without_command=True)(help_if_bare)


@app.command("import", short_help="Import the bank's messages.")
def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="pain.002, camt.053, camt.054.")],
    officer: Officer,
    lang: LangOption = language(),
) -> None:
    """Import status reports and statements: receipts are matched to bills, answers to payments. Twice changes nothing.

    Each file enters whole or not at all. Exit code 3 if rows of a file were rejected; they are kept with the reason.

    \b
    Example:
      shebao bank import status.xml statement.xml --officer A
    """
    from hashlib import sha256

    from shebao.books import BooksError, connect
    from shebao.month.answers import BankFileError, import_bank_file

    rejected = 0
    with connect("run") as books:
        check_duty(books, officer, "register")
        for file in files:
            data = file.read_bytes()
            known = books.value("SELECT EXISTS (SELECT FROM import_file WHERE id = %(f)s)", f=sha256(data).hexdigest())
            try:
                report = import_bank_file(books, data, file.name, officer)
            except BankFileError as error:
                zh, _, en = str(error).removeprefix(f"{error.where}: ").partition(" / ")
                raise BooksError(f"{file}: {error.where}: {zh if lang is Lang.zh else en}") from None
            except BooksError as error:
                raise BooksError(f"{file}: {error}") from None
            _tell(lang, file, report, known)
            rejected += report.rejected
    if rejected:
        raise typer.Exit(3)


def _tell(lang: Lang, file: Path, report: ReceiptReport | AnswerReport, known: bool) -> None:
    """What became of a file: receipts may be held in suspense, answers may say what is booked already."""
    from shebao.books import words
    from shebao.month.receipts import ReceiptReport

    if isinstance(report, ReceiptReport):
        zh, en = f"挂账 {report.suspense}", f"{report.suspense} held in suspense"
    else:
        zh, en = f"已入账 {report.adjusted}", f"{report.adjusted} booked already"
    say(
        lang,
        f"{file}：{'先前已导入，未作改动：' if known else ''}"
        f"{report.rows} 行，入账 {report.accepted}，{zh}，拒绝 {report.rejected}",
        f"{file}: {'entered before, nothing changed: ' if known else ''}"
        f"{report.rows} rows, {report.accepted} accepted, {en}, {report.rejected} rejected",
    )
    for reason, count in report.reasons.items():
        say(lang, *(f"  {count} × {words.in_one(reason, lang.value)}",) * 2)


@app.command(short_help="Money that quoted no bill.")
def suspense(
    province: Province,
    officer: Officer,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON; amounts in fen.")] = False,
    lang: LangOption = language(),
) -> None:
    """List what came in, quoted no bill and is held in suspense, oldest first, with what the bank says of the payer."""
    from shebao.books import connect
    from shebao.month.suspense import suspended

    with connect("run") as books:
        check_duty(books, officer, "run", province)
        found = [asdict(one) for one in suspended(books, province)]
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2, default=str))
        return
    columns = ("id", "value_date", "amount", "reference", "debtor", "debtor_account")
    console().print(rows_of("", columns, found, lang))


@app.command(short_help="Say whose the money is.")
def assign(
    receipt: Annotated[str, typer.Argument(metavar="RECEIPT", help="Its id, as bank suspense lists it.")],
    payer: Annotated[str, typer.Option("--to", metavar="PAYER", help="Credit code, citizen number, or a bill's RF….")],
    reason: Annotated[str, typer.Option("--reason", help="How it was found out; it is kept.")],
    province: Province,
    officer: Officer,
    lang: LangOption = language(),
) -> None:
    """Take a receipt out of suspense and give it to its payer: it covers the oldest open bills at once. Twice changes
    nothing.

    \b
    Example:
      shebao bank assign 11050163…:2025-01-15-7/1 --to 91110000000000019B --reason 电话核实 --province 11 --officer A
    """
    from shebao.books import connect
    from shebao.books.words import yuan
    from shebao.month.suspense import assign as give

    with connect("run") as books:
        check_duty(books, officer, "run", province)
        done = give(books, province, receipt, payer, officer, reason)
    amount, covered = yuan(done.amount), yuan(done.covered)
    if done.known:
        say(lang, f"{receipt}：先前已由 {payer} 认领，未作改动",
            f"{receipt}: given to {payer} before, nothing changed")  # fmt: skip
    else:
        say(lang, f"{receipt}：{amount} 元由 {payer} 认领，核销账单 {covered} 元（入账月 {done.booked:%Y-%m}）",
            f"{receipt}: {amount} yuan given to {payer}, {covered} covers bills (books of {done.booked:%Y-%m})"
        )  # fmt: skip


@app.command(short_help="Take it back from the wrong one.")
def unassign(
    receipt: Annotated[str, typer.Argument(metavar="RECEIPT", help="Its id, as bank assign was given it.")],
    reason: Annotated[str, typer.Option("--reason", help="Why it is another's; it is kept.")],
    province: Province,
    officer: Officer,
    lang: LangOption = language(),
) -> None:
    """Take a receipt from the payer it was given to wrongly: it is in suspense again, and what it had covered is owed.
    A bill that was settled is reversed and billed anew. Twice changes nothing.

    \b
    Example:
      shebao bank unassign 11050163…:2025-01-15-7/1 --reason 另一单位来函 --province 11 --officer A
    """
    from shebao.books import connect
    from shebao.books.words import yuan
    from shebao.month.suspense import unassign as take_back

    with connect("run") as books:
        check_duty(books, officer, "run", province)
        done = take_back(books, province, receipt, officer, reason)
    if done.known or done.booked is None:
        say(lang, f"{receipt}：仍为待查收款，未作改动", f"{receipt}: is in suspense, nothing changed")
        return
    amount, lacking = yuan(done.amount), yuan(done.lacking)
    say(lang, f"{receipt}：{amount} 元自 {done.payer} 收回，重列待查；"
        f"其账单欠 {lacking} 元（入账月 {done.booked:%Y-%m}）",
        f"{receipt}: {amount} yuan taken back from {done.payer}, in suspense again; its bills lack {lacking} "
        f"(books of {done.booked:%Y-%m})")  # fmt: skip
    for settled, anew in done.anew.items():
        say(lang, f"  账单 {settled} 冲回，重开为 {anew}", f"  bill {settled} reversed, billed anew as {anew}")


def check_account(bank: str, number: str) -> None:
    """``BooksError`` unless these can be a bank's number (联行号) and an account's."""
    from shebao.books import BooksError

    if not (bank.isascii() and bank.isdigit() and len(bank) == 12):
        raise BooksError(f"{bank}: a bank's number has 12 digits 行号须为 12 位数字")
    if not (number.isascii() and number.isdigit() and 8 <= len(number) <= 30):
        raise BooksError(f"{number}: an account's number has 8 to 30 digits 账号须为 8 至 30 位数字")


@app.command(short_help="Record a fund's own account.")
def account(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="The account's number.")],
    province: Province,
    scheme: Annotated[str, typer.Option("--scheme", help="Whose fund, e.g. employee_pension.")],
    kind: Annotated[str, typer.Option("--kind", help="income, fiscal or expenditure.")],
    holder: Annotated[str, typer.Option("--holder", help="In whose name.")],
    bank: Annotated[str, typer.Option("--bank", metavar="CNAPS", help="The bank's 12-digit number.")],
    officer: Officer,
    lang: LangOption = language(),
) -> None:
    """Record the account that a fund pays from (expenditure), collects on (income) or keeps its money on (fiscal)."""
    from shebao.books import BooksError, connect
    from shebao.books.ledger import CHART
    from shebao.month.orders import set_fund_account

    if f"bank_{kind}" not in CHART:
        raise BooksError(f"{kind}: income, fiscal or expenditure 账户类别有误")
    check_account(bank, number)
    with connect("run") as books:
        check_duty(books, officer, "run", province)
        set_fund_account(books, province, scheme, kind, holder, bank, number)
    say(lang, f"{province} {scheme} {kind}：{number}", f"{province} {scheme} {kind}: {number}")
