"""Running a month: its steps in order, each once, each in one transaction, one run of a region at a time."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import psycopg

from shebao.books import Books, BooksError, Unreachable, connect
from shebao.engine.rulebook import Rulebook
from shebao.month.adjust import adjust
from shebao.month.alone import alone
from shebao.month.award import award
from shebao.month.close import close
from shebao.month.collect import collect
from shebao.month.context import Context, NotYet, Step, Summary, Tell, silent
from shebao.month.credit import credit
from shebao.month.pay import pay
from shebao.month.pool import pool

STEPS: dict[str, Step] = {
    "collect": collect,
    "credit": credit,
    "award": award,
    "adjust": adjust,
    "pay": pay,
    "pool": pool,
    "close": close,
}


@dataclass
class Ran:
    """What a run did: each step's summary (those done before included), and what it waits for, if anything."""

    region: int
    month: dt.date
    summaries: dict[str, Summary] = field(default_factory=dict)
    fresh: list[str] = field(default_factory=list)
    waiting: NotYet | None = None


def run_month(
    month: dt.date,
    region: int,
    rulebook: Rulebook,
    officer: str,
    *,
    until: str = "close",
    wait: bool = False,
    tell: Tell = silent,
    books: Books | None = None,
    log: Callable[[str | None, str, dict[str, str]], None] | None = None,
) -> Ran:
    """Runs the steps that are still to be done, up to ``until``; what is done stays done.

    Raises ``BooksError`` if the month is not the region's open one, if another run holds the region (unless ``wait``),
    or if a step refuses; the step's transaction is then rolled back and nothing of it remains.
    """
    own = books is None
    books = books or connect("run")
    try:
        with alone(books, region, wait=wait):
            context = Context(books, region, month, rulebook, officer, tell)
            may_run(context)
            _ = rulebook.fingerprint  # made now, of the law that is loaded, whatever becomes of its files meanwhile
            return _run(context, until, log or _logger(region, month))
    finally:
        if own:
            books.close()


def _run(context: Context, until: str, log: Callable[[str | None, str, dict[str, str]], None]) -> Ran:
    ran = Ran(context.region, context.month, done_steps(context))
    for name, step in STEPS.items():
        if name not in ran.summaries:
            log(name, "started", {})
            try:
                ran.summaries[name] = run_step(context, name, step)
            except NotYet as waiting:
                log(name, "waiting", {"zh": waiting.zh, "en": waiting.en})
                ran.waiting = waiting
                break
            except BaseException as error:
                with suppress(Unreachable, psycopg.Error):  # what broke the step matters more than that it was noted
                    log(name, "failed", {"error": f"{type(error).__name__}: {error}"})
                raise
            context.books.execute("SELECT refresh_statistics(%(m)s::date)", m=context.month)
            log(name, "done", {})
            ran.fresh.append(name)
        if name == until:
            break
    return ran


def run_step(context: Context, name: str, step: Step) -> Summary:
    """One step and the note that it is done, in one transaction."""
    books = context.books
    with books.transaction():
        summary = step(context)
        books.execute(
            """INSERT INTO run_step (region, month, round, step, officer, law, summary)
               VALUES (%(r)s, %(m)s, period_round(%(r)s::smallint, %(m)s::date), %(step)s, %(officer)s, %(law)s,
                       %(summary)s)""",
            r=context.region,
            m=context.month,
            step=name,
            officer=context.officer,
            law=context.rulebook.fingerprint,
            summary=json.dumps(summary.json(), ensure_ascii=False),
        )
    return summary


def done_steps(context: Context) -> dict[str, Summary]:
    """The summaries of the steps already done in the month's present round, in order."""
    found = dict(
        context.books.rows(
            """SELECT step::text, summary FROM run_step
               WHERE region = %(r)s AND month = %(m)s AND round = period_round(%(r)s::smallint, %(m)s::date)""",
            r=context.region,
            m=context.month,
        )
    )
    return {name: Summary.of(found[name]) for name in STEPS if name in found}


def may_run(context: Context) -> None:
    """Raises ``BooksError`` unless the month is open and every month before it closed."""
    books, region, month = context.books, context.region, context.month
    events = books.rows(
        """SELECT month, period_closed(region, month) FROM period_event WHERE region = %(r)s AND month <= %(m)s
           GROUP BY region, month ORDER BY month""",
        r=region,
        m=month,
    )
    if not events or events[-1][0] != month:
        raise BooksError(f"{month:%Y-%m} of region {region} has not been opened 该月尚未开账")
    if events[-1][1]:
        raise BooksError(f"{month:%Y-%m} of region {region} is closed; reopen it for a reason 已结账，须说明理由重开")
    if still := [f"{m:%Y-%m}" for m, closed in events[:-1] if not closed]:
        raise BooksError(f"close {', '.join(still)} of region {region} first 须先结清前月")


def open_month(books: Books, region: int, month: dt.date, officer: str) -> None:
    """Opens a month, if it is not open yet; the first of a region, or the one after its last."""
    last = books.value("SELECT max(month) FROM period_event WHERE region = %(r)s", r=region)
    if last is not None and month > _next(last):
        raise BooksError(f"{_next(last):%Y-%m} comes before {month:%Y-%m} 不得跳月开账")
    if last is not None and month <= last:
        return
    with books.transaction():
        books.ensure_months([month])
        books.execute(
            "INSERT INTO period_event (region, month, round, event, officer) VALUES (%(r)s, %(m)s, 0, 'opened', %(o)s)",
            r=region,
            m=month,
            o=officer,
        )


def reopen_month(books: Books, region: int, month: dt.date, officer: str, reason: str) -> None:
    """Reopens the last closed month, for a reason; its steps are run again and book what has changed.

    ``BooksError`` if it is not closed, a later month has been run, or a run of the region is under way.
    """
    if not reason.strip():
        raise BooksError("a closed month is reopened only for a reason 重开须说明理由")
    with alone(books, region), books.transaction():
        later = books.value("SELECT count(*) FROM run_step WHERE region = %(r)s AND month > %(m)s", r=region, m=month)
        if later:
            raise BooksError(
                f"a later month of region {region} has been run: correct there 后续月份已运行，应在其中更正"
            )
        if not books.value("SELECT period_closed(%(r)s::smallint, %(m)s::date)", r=region, m=month):
            raise BooksError(f"{month:%Y-%m} of region {region} is not closed 该月未结账")
        books.execute(
            """INSERT INTO period_event (region, month, round, event, officer, reason)
               VALUES (%(r)s, %(m)s, period_round(%(r)s::smallint, %(m)s::date) + 1, 'reopened', %(o)s, %(why)s)""",
            r=region,
            m=month,
            o=officer,
            why=reason,
        )


def _next(month: dt.date) -> dt.date:
    return (month + dt.timedelta(days=31)).replace(day=1)


def _logger(region: int, month: dt.date) -> Callable[[str | None, str, dict[str, str]], None]:
    """Writes the run log on a connection of its own, so that it tells of what was rolled back too."""

    def log(step: str | None, event: str, detail: dict[str, str]) -> None:
        with connect("run") as books:
            books.execute(
                """INSERT INTO run_log (region, month, step, event, detail)
                   VALUES (%(r)s, %(m)s, %(step)s::step, %(event)s, %(detail)s)""",
                r=region,
                m=month,
                step=step,
                event=event,
                detail=json.dumps(detail, ensure_ascii=False),
            )

    return log
