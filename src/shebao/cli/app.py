"""The command's words, and what becomes of an error: one clear line and an exit code (docs/CLI.md)."""

from __future__ import annotations

import os
import re
import signal
import sys
import traceback
from collections.abc import Sequence
from enum import IntEnum
from typing import Annotated, Any

import typer

import shebao
from shebao.cli import (
    bank,
    compute,
    db,
    demo,
    desk,
    entitled,
    explain,
    importing,
    law,
    ledger,
    month,
    population,
    province,
    registry,
)
from shebao.cli.say import complain, help_if_bare, language
from shebao.engine.errors import LawError, Refused


class Exit(IntEnum):
    """Exit codes; ``shebao --help`` and docs/CLI.md list them."""

    OK = 0
    DIFFERENT = 1
    USAGE = 2
    NOT_ALL = 3
    INTERNAL = 70
    INTERRUPTED = 130
    PIPE = 141
    TERMINATED = 143


CODES = """\b
Exit codes:
  0    done
  1    the person is refused, or law check found a difference
  2    wrong usage, bad input, or the books refuse; nothing was written
  3    done in part: rows not computed (--strict) or rejected, or a province waits
  70   a defect of shebao
  130  interrupted; nothing was written

SHEBAO_DEBUG=1 shows the traceback of an error. SHEBAO_NOJIT=1 runs the law as plain Python."""

app = typer.Typer(
    name="shebao",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=CODES,
)
app.command("explain", short_help="One person's amount, step by step.")(explain.explain)
app.command("compute", short_help="Rules over a file or a folder of people.")(compute.compute)
app.command("entitled", short_help="What a person or employer may claim, and what is missing.")(entitled.entitled)
app.add_typer(law.app, name="law")
app.add_typer(population.app, name="population")
app.add_typer(db.app, name="db")
app.add_typer(province.app, name="province")
app.add_typer(registry.office, name="office")
app.add_typer(registry.officer, name="officer")
registry.person.add_typer(desk.app)
app.add_typer(registry.person, name="person")
app.add_typer(importing.app, name="import")
app.add_typer(bank.app, name="bank")
app.add_typer(month.app, name="month")
app.add_typer(ledger.app, name="ledger")
app.command("demo", short_help="A province's books: three months, a bank, a page.")(demo.demo)
app.command("report", short_help="Award sheets, a computed month, a page.")(demo.report)


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"shebao {shebao.__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def shebao_command(
    context: typer.Context,
    _version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="The version, and exit.")
    ] = False,
) -> None:
    """China's social security law as a program: explained for one citizen, run for millions, exact to the fen."""
    help_if_bare(context)


def main(args: Sequence[str] | None = None) -> None:
    """Run the command and leave with its exit code."""
    signal.signal(signal.SIGTERM, _terminated)
    sys.exit(run(args))


def _terminated(*_: Any) -> None:
    raise SystemExit(Exit.TERMINATED)  # unwinds, so that no temporary file stays


def run(args: Sequence[str] | None = None) -> int:
    """Run the command; its exit code."""
    try:
        code = int(app(args, standalone_mode=False) or 0)
        sys.stdout.flush()
        if code == Exit.INTERRUPTED:  # some versions of the parser turn Ctrl-C into its code
            raise KeyboardInterrupt
        return code
    except (typer.Abort, KeyboardInterrupt):
        return _failed(Exit.INTERRUPTED, "interrupted; nothing was written")
    except BrokenPipeError:  # `shebao … | head`: the reader has what it wanted
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.PIPE
    except Refused as error:
        return _failed(Exit.DIFFERENT, str(error))
    except (LawError, ValueError) as error:
        return _failed(Exit.USAGE, _spoken(error, args)) if _expected(error) else _failed(Exit.INTERNAL, str(error))
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _failed(Exit.USAGE, f"{where}{error.strerror or error}")
    except Exception as error:
        if hasattr(error, "format_message"):  # the parser's: an unknown option, a missing argument
            return _failed(Exit.USAGE, f"{error.format_message()}{_hint(error)}")
        return _failed(Exit.INTERNAL, f"{type(error).__name__}: {error}")


def _expected(error: Exception) -> bool:
    return isinstance(error, LawError) or type(error).__module__.startswith("shebao.")


def _spoken(error: Exception, args: Sequence[str] | None) -> str:
    """A message of the books in the language asked for; the Chinese is short, so the English names the case behind."""
    if isinstance(error, LawError):
        return str(error)
    from shebao.books.words import in_one

    text, asked = str(error), " ".join(sys.argv[1:] if args is None else args)
    lang = re.search(r"--lang[ =](zh|en)\b", asked)
    chosen = lang[1] if lang else language().value
    zh, en = in_one(text, "zh"), in_one(text, "en")
    return f"{zh}（{en}）" if chosen == "zh" and zh != en else en


def _hint(error: Any) -> str:
    context = getattr(error, "ctx", None)
    return f" (see {context.command_path} --help)" if context else ""


def _failed(code: Exit, text: str) -> int:
    if os.environ.get("SHEBAO_DEBUG", "0") not in ("", "0"):
        traceback.print_exc()
    if code is Exit.INTERNAL:
        text = f"a defect, please report it (SHEBAO_DEBUG=1 shows where): {text}"
    complain(text)
    return code
