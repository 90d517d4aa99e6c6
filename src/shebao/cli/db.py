"""``shebao db``: the database of the books: start, stop, look, save, restore."""

from __future__ import annotations

import datetime
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shebao.cli.say import Bar, Lang, LangOption, console, help_if_bare, language, say, table

if TYPE_CHECKING:
    from shebao.books.server import Status

app = typer.Typer(rich_markup_mode=None, help="The database of the books: start, stop, status, backup, restore.")
app.callback(invoke_without_command=True)(help_if_bare)

AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]


@app.command(short_help="Start the embedded server.")
def start(lang: LangOption = language()) -> None:
    """Start the embedded server, or check that the one SHEBAO_DATABASE_URL names answers.

    Other commands start it by themselves when they need it.
    """
    from shebao.books.server import start as start_server

    found = start_server()
    say(lang, f"运行中：PostgreSQL {found.version}，{found.url}", f"running: PostgreSQL {found.version}, {found.url}")


@app.command(short_help="Stop the embedded server.")
def stop(lang: LangOption = language()) -> None:
    """Stop the embedded server. What is committed stays; what is under way is rolled back."""
    from shebao.books.server import stop as stop_server

    if stop_server():
        say(lang, "已停止", "stopped")
    else:
        say(lang, "原本未运行", "it was not running")


@app.command(short_help="Whether it runs, where, how big.")
def status(as_json: AsJson = False, lang: LangOption = language()) -> None:
    """Show whether the server runs, its version, folder, socket, size and uptime; never starts it.

    \b
    Examples:
      shebao db status
      shebao db status --json
    """
    from shebao.books.server import status as ask

    found = ask()
    if as_json:
        plain = asdict(found) | {"uptime": found.uptime.total_seconds() if found.uptime else None}
        typer.echo(json.dumps(plain, default=str, ensure_ascii=False, indent=2))
        return
    listed = table(*(("项目", "值") if lang is Lang.zh else ("what", "value")))
    for zh, en, value in _rows(found, lang):
        listed.add_row(zh if lang is Lang.zh else en, value)
    console().print(listed)


def _rows(found: Status, lang: Lang) -> list[tuple[str, str, str]]:
    yes, no = ("是", "否") if lang is Lang.zh else ("yes", "no")
    size = "–" if found.size is None else f"{found.size / 2**20:,.1f} MiB"
    uptime = found.uptime and str(datetime.timedelta(seconds=int(found.uptime.total_seconds())))
    return [
        ("运行", "running", yes if found.running else no),
        ("内嵌", "embedded", yes if found.embedded else no),
        ("版本", "version", found.version or "–"),
        ("数据目录", "data folder", str(found.data or "–")),
        ("套接字", "socket", str(found.socket or "–")),
        ("数据库大小", "size", size),
        ("已运行", "uptime", uptime or "–"),
        ("地址", "url", found.url),
    ]


@app.command(short_help="Save the database into a folder.")
def backup(
    target: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder to write.")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an earlier backup when all is done.")] = False,
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="Tables at once.")] = 2,
    lang: LangOption = language(),
) -> None:
    """Save the database as it is at this moment; others go on working. The folder appears when it is complete.

    \b
    Example:
      shebao db backup /srv/backup/2025-03-31
    """
    from shebao.books.backup import backup as save

    with Bar("备份" if lang is Lang.zh else "backup") as bar:
        made = save(target, overwrite, bar, jobs)
    size = f"{sum(file.stat().st_size for file in target.rglob('*') if file.is_file()) / 2**20:,.1f} MiB"
    say(
        lang,
        f"已备份到 {target}（{size}，{bar.seconds:.1f} 秒，PostgreSQL {made.server}）",
        f"saved to {target} ({size}, {bar.seconds:.1f} s, PostgreSQL {made.server})",
    )


@app.command(short_help="Put a backup in the place of the database.")
def restore(
    source: Annotated[Path, typer.Argument(metavar="FOLDER", help="What db backup wrote.")],
    force: Annotated[bool, typer.Option("--force", help="Replace a database that is not empty.")] = False,
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="Tables at once.")] = 2,
    lang: LangOption = language(),
) -> None:
    """Check a backup, restore it into a new database, then put that in the place of the old one, which is deleted.

    If anything fails, the old database stays as it was.

    \b
    Example:
      shebao db restore /srv/backup/2025-03-31
    """
    from shebao.books.backup import restore as put_back

    with Bar("恢复" if lang is Lang.zh else "restore") as bar:
        made = put_back(source, force, bar, jobs)
    say(
        lang,
        f"已恢复 {made.made} 的备份（{bar.seconds:.1f} 秒）",
        f"restored the backup of {made.made} ({bar.seconds:.1f} s)",
    )


@app.command(short_help="Bring the tables to this version.")
def migrate(lang: LangOption = language()) -> None:
    """Create or change the tables, roles and rules of the books, as this version of shebao needs them."""
    import psycopg
    from django.db import DatabaseError

    from shebao.books import BooksError
    from shebao.books import migrate as migrate_books

    try:
        with Bar("迁移" if lang is Lang.zh else "migrate") as bar:
            migrate_books()
    except DatabaseError as error:
        if isinstance(error.__cause__, psycopg.errors.InsufficientPrivilege):
            raise BooksError("this login may not migrate: the tables are another's 无权迁移，须用建库账号") from None
        raise
    say(lang, f"表已就绪（{bar.seconds:.1f} 秒）", f"the tables are ready ({bar.seconds:.1f} s)")


@app.command(short_help="Look at the books in a browser.")
def admin(
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes any that is free.")] = 8000,
    lang: LangOption = language(),
) -> None:
    """Serve the books to look at in a browser on this machine alone, until Ctrl-C.

    An officer with the duty to look signs in with the key that `officer add` printed, and sees what the office manages;
    nothing can be changed, and each person looked at is noted. Sessions end with the server.

    \b
    Example:
      shebao db admin --port 8080
    """
    from shebao.books.adminserver import serve

    def ready(address: str) -> None:
        say(lang, f"查阅地址 {address}（Ctrl-C 停止）", f"to look at: {address} (Ctrl-C stops)")
        sys.stdout.flush()

    try:
        serve(port, ready)
    except KeyboardInterrupt:
        say(lang, "已停止", "stopped")
