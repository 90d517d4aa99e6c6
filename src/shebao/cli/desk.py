"""``shebao person death``, ``claim``, ``account``, ``transfer``: what no file brings, recorded at a desk."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shebao.cli.acting import Looker, Officer, Province, Purpose, check_covered, check_duty, day_of, look
from shebao.cli.bank import check_account
from shebao.cli.registry import AsJson, words_of
from shebao.cli.say import Lang, LangOption, console, language, say
from shebao.cli.view import rows_of

if TYPE_CHECKING:
    from shebao.books.registry import Registrar

app = typer.Typer(rich_markup_mode=None)

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


def _is_dead(desk: Registrar, who: int) -> bool:
    return bool(
        desk.books.rows("SELECT FROM life_event WHERE person_id = %(p)s AND kind = 'death' AND upper_inf(known)", p=who)
    )


@app.command(short_help="Record a death.")
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

    day = day_of(on)
    with _desk(province, officer_id, number, source) as (desk, who):
        if _is_dead(desk, who):
            raise BooksError(f"{number}: a death is recorded already; person undo-death takes it back 已登记死亡")
        desk.record_death(who, day)
    say(lang, f"{number} 已登记死亡：{on}", f"{number}: death on {on} recorded")


@app.command("undo-death", short_help="Take back a death recorded in error.")
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


@app.command(short_help="Hand in a claim.")
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

    day = day_of(on)
    with _desk(province, officer_id, number, source) as (desk, who):
        known = words_of(desk.books, "benefit")
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


@app.command(short_help="Record where benefits are paid to.")
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


@app.command(short_help="Ask for a relation to move.")
def transfer(
    number: Number,
    to: Annotated[int, typer.Option("--to", metavar="CODE", help="The province it moves to; for a scheme, the same.")],
    on: Day,
    province: Province,
    officer_id: Officer,
    scheme: Annotated[str, typer.Option("--scheme", help="Which relation moves.")] = "employee_pension",
    to_scheme: Annotated[
        str | None, typer.Option("--to-scheme", help="Into which scheme, where it is another one.")
    ] = None,
    record: Annotated[
        Path | None, typer.Option("--record", metavar="FILE", help="The paper record's facts, JSON or YAML.")
    ] = None,
    source: Source = "shebao person transfer",
    lang: LangOption = language(),
) -> None:
    """Ask for a person's relation to move to another province, or to another scheme of this one.

    The next adjust step here sends the account, the pooled part and the record, the other province's takes them in.
    What was paid before the books must be known: first_contribution_month and contributed_years, by --record, are kept
    with the person's career. A transfer that lacks them waits; person transfers shows where each stands.

    \b
    Example:
      shebao person transfer 110101199003070019 --to 32 --on 2025-02-03 --province 11 --officer A --record career.yaml
    """
    from shebao.books import BooksError
    from shebao.law.regions import NAMES

    day, stated = day_of(on), _record_of(record)
    if to not in NAMES:
        raise BooksError(f"{to}: no province 无此省份")
    with _desk(province, officer_id, number, source) as (desk, who), desk.books.transaction():
        for name in (scheme, to_scheme or scheme):
            if name not in words_of(desk.books, "scheme"):
                raise BooksError(f"{name}: no scheme 无此险种")
        if stated:
            facts = _career_facts(desk, who, scheme) | stated
            _check_record(facts, day)
            desk.correct_career(who, scheme, facts=facts)
        made = desk.request_transfer(who, to, day, scheme, to_scheme or scheme)
    say(lang, f"{number} 的转移申请已受理：{made}", f"{number}: the transfer is asked for: {made}")


#: What the record that comes from before the books may tell for a transfer.
_RECORD = ("first_contribution_month", "contributed_years", "own_balance_before_1998", "balance_since_1998")


def _record_of(file: Path | None) -> dict[str, Any]:
    from shebao.books import BooksError
    from shebao.cli.facts import read_facts

    if file is None:
        return {}
    facts = read_facts(str(file))
    if unknown := facts.keys() - set(_RECORD):
        raise BooksError(f"{file}: {', '.join(sorted(unknown))}: the record tells {', '.join(_RECORD)} 无此项目")
    return facts


def _check_record(facts: Mapping[str, Any], day: dt.date) -> None:
    """``BooksError`` unless the law can reckon a transfer by these facts: the month's run must not stop at them."""
    from shebao.books import BooksError
    from shebao.engine.errors import LawError
    from shebao.law import rulebook

    told = {name: facts[name] for name in _RECORD if name in facts}
    try:
        rulebook().at(f"{day:%Y-%m}").explain("transfer.transfer_total", told | {"account_balance": "0"})
    except LawError as error:
        raise BooksError(f"the record cannot be taken: {error}") from None


def _career_facts(desk: Registrar, who: int, scheme: str) -> dict[str, Any]:
    from shebao.books import BooksError

    found = desk.books.rows(
        "SELECT facts FROM career WHERE person_id = %(p)s AND scheme::text = %(s)s AND upper_inf(known)",
        p=who,
        s=scheme,
    )
    if not found:
        raise BooksError(f"nothing was paid in {scheme} before the books: no record is needed 账前无缴费记录，无须填报")
    return dict(found[0][0])


@app.command(short_help="Where a person's transfers stand.")
def transfers(
    number: Number,
    officer_id: Looker,
    purpose: Purpose = "shebao person transfers",
    as_json: AsJson = False,
    lang: LangOption = language(),
) -> None:
    """Show a person's transfers: asked for, sent (with the month, account, pooled part and months), taken in.

    One that stays asked for after an adjust step lacks something: the notes of month run say what.
    """
    from shebao.books import connect
    from shebao.books.record import SHOWN, whole_record

    with connect("run") as books:
        found = whole_record(books, look(books, officer_id, number, purpose))["transfers"]
    for row in found:
        row["state"] = _STATES[bool(row["sent"]) + bool(row["taken"])][as_json or lang is not Lang.zh]
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    zh, en, columns = SHOWN["transfers"]
    console().print(rows_of(zh if lang is Lang.zh else en, ["state", *columns.split()], found, lang))


#: Where a transfer stands, by how many of its two legs are booked.
_STATES = (("已申请", "asked for"), ("已转出", "sent"), ("已转入", "taken in"))
