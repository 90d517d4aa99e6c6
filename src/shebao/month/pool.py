"""Pooling: the month's money is swept together, and moves between the province and the nation.

Until 2018-06 nothing moves; from 2018-07 to 2021-12 the central adjustment, by the law's formula, with the December of
each year; since 2022-01 the advances and the clearing that the nation lays down (国办发〔2021〕48号). Each movement is
booked on both sides: in the province's journal and in the nation's (region 0).
"""

from __future__ import annotations

from shebao.books import BooksError
from shebao.books.ledger import Entry, Posting, post
from shebao.engine.errors import Refused
from shebao.month.alone import until_committed
from shebao.month.context import Context, NotYet, Summary
from shebao.month.orders import orders

SCHEME = "employee_pension"
NATION = 0


def pool(context: Context) -> Summary:
    """Sweeps, moves what is to be moved, and tells the month's position per scheme.

    ``NotYet`` while a batch is neither sent nor refused: what the bank answers is booked when it comes.
    ``BooksError`` names a fact of the central adjustment that is missing.
    """
    _wait(context)
    swept = _sweep(context)
    moved = _planned(context) + _adjustment(context)
    summary = Summary({"swept_fen": sum(swept.values()), "pooling_fen": sum(fen for _, fen in moved)})
    _move(context, moved)
    for scheme, income, expenditure in _position(context):
        summary.numbers[f"{scheme}_income_fen"] = income
        summary.numbers[f"{scheme}_expenditure_fen"] = expenditure
        summary.numbers[f"{scheme}_balance_fen"] = income - expenditure
    return summary


def _wait(context: Context) -> None:
    waiting = [
        order.message_id
        for order in orders(context.books, context.region, context.month)
        if not order.events.keys() & {"sent", "refused"}
    ]
    if waiting:
        raise NotYet(
            f"支付批次 {', '.join(waiting)} 等待第二人复核",
            f"batches {', '.join(waiting)} wait for a second officer",
        )


def _round(context: Context) -> int:
    return int(
        context.books.value("SELECT period_round(%(r)s::smallint, %(m)s::date)", r=context.region, m=context.month)
    )


def _sweep(context: Context) -> dict[str, int]:
    """All that lies in a scheme's income account goes to the fiscal account."""
    found = context.books.rows(
        """SELECT a.scheme::text, sum(p.amount)::bigint FROM posting p JOIN ledger_account a ON a.code = p.account
           WHERE a.region = %(r)s AND a.name = 'bank_income' AND a.scheme <> 'collection'
           GROUP BY a.scheme HAVING sum(p.amount) <> 0 ORDER BY a.scheme""",
        r=context.region,
    )
    entries = [
        Entry(
            f"{context.name}/{_round(context)} sweep {scheme}",
            "pool",
            f"{context.month:%Y-%m} 收入户划转财政专户 sweep",
            [Posting(scheme, "bank_fiscal", fen), Posting(scheme, "bank_income", -fen)],
        )
        for scheme, fen in found
    ]
    post(context.books, context.region, context.month, entries)
    return dict(found)


def _planned(context: Context) -> list[tuple[str, int]]:
    """What the nation laid down and this month's books recorded: a name and fen, positive to the province."""
    return [
        (f"{kind} {month:%Y-%m}.{version}", fen)
        for kind, month, version, fen in context.books.rows(
            """SELECT kind, month, version, amount FROM pooling_plan
               WHERE region = %(r)s AND booked = %(m)s AND amount <> 0 ORDER BY month, kind, version""",
            r=context.region,
            m=context.month,
        )
    ]


def _adjustment(context: Context) -> list[tuple[str, int]]:
    """The year's central adjustment, less what is booked of it; only where the law of the month knows it."""
    name = f"central adjustment {context.month.year}"
    law = "pooling.net_central_adjustment"
    if context.month.month != 12 or not _in_force(context, law):
        return []
    facts = _facts(context)
    try:
        net = context.law.explain(law, facts).exact
    except Refused as refused:
        raise BooksError(f"region {context.region} {context.month.year}: {refused} 缺少中央调剂所需数据") from None
    return [(name, int(net * 100) - _moved_before(context, name))]


def _in_force(context: Context, rule: str) -> bool:
    found = context.rulebook.rule(rule)
    month = context.month.year * 12 + context.month.month - 1
    return any(v.since <= month <= v.until for v in found.variants)


def _facts(context: Context) -> dict[str, str]:
    """The province's facts of the year and the nation's sums, the latest of each."""
    return dict(
        context.books.rows(
            """SELECT DISTINCT ON (name) name, value FROM pooling_fact
               WHERE region IN (%(r)s, 0) AND year = %(y)s ORDER BY name, region DESC, version DESC""",
            r=context.region,
            y=context.month.year,
        )
    )


def _moved_before(context: Context, name: str) -> int:
    return int(
        context.books.value(
            """SELECT coalesce(sum(p.amount), 0)::bigint FROM posting p JOIN journal_entry e USING (region, number)
               JOIN ledger_account a ON a.code = p.account
               WHERE e.region = %(r)s AND e.text LIKE %(t)s AND a.name = 'bank_fiscal'""",
            r=context.region,
            t=f"%{name}%",
        )
    )


def _move(context: Context, moved: list[tuple[str, int]]) -> None:
    """Each movement in the province's journal, and mirrored in the nation's."""
    moved = [(name, fen) for name, fen in moved if fen]
    if not moved:
        return
    post(context.books, context.region, context.month, [_entry(context, "", name, fen) for name, fen in moved])
    until_committed(context.books, NATION)
    context.books.execute("SELECT pg_advisory_xact_lock(hashtext('journal'), %(r)s)", r=NATION)
    post(context.books, NATION, context.month, [_entry(context, "nation ", name, -fen) for name, fen in moved])


def _entry(context: Context, side: str, name: str, fen: int) -> Entry:
    other = Posting(SCHEME, "pooling_received", -fen) if fen > 0 else Posting(SCHEME, "pooling_paid", -fen)
    return Entry(
        f"{context.name}/{_round(context)} {side}pooling {name}",
        "pool",
        f"{side}{context.region:02d} {name} 全国统筹调剂资金",
        [Posting(SCHEME, "bank_fiscal", fen), other],
    )


def _position(context: Context) -> list[tuple[str, int, int]]:
    """Per scheme: income and expenditure booked in the month, pooling left out."""
    return context.books.rows(
        """SELECT a.scheme::text, coalesce(-sum(p.amount) FILTER (WHERE a.kind = 'income'), 0)::bigint,
                  coalesce(sum(p.amount) FILTER (WHERE a.kind = 'expense'), 0)::bigint
           FROM posting p JOIN journal_entry e USING (region, number) JOIN ledger_account a ON a.code = p.account
           WHERE e.region = %(r)s AND e.booked = %(m)s AND a.kind IN ('income', 'expense')
               AND a.name NOT LIKE 'pooling_%%'
           GROUP BY a.scheme ORDER BY a.scheme""",
        r=context.region,
        m=context.month,
    )
