"""Closing: books and ledger must agree in everything before the month is locked and the next one opened.

Each check is one statement that returns ours (what the ledger says) and theirs (what the rows add up to), in fen, or
how many rows are wrong and 0. All are recorded; one that fails closes nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from shebao.books import BooksError, connect
from shebao.month.context import Context, Summary
from shebao.month.orders import PAYABLE
from shebao.month.recover import OPEN as OWED
from shebao.month.retry import OPEN
from shebao.month.suspense import IN_SUSPENSE

_CONTROL = """SELECT coalesce(sum(p.amount), 0)::bigint FROM posting p JOIN ledger_account a ON a.code = p.account
              WHERE a.region = %(r)s AND a.name = '{name}'"""


def _equal(account: str, theirs: str) -> str:
    """The balance of a control account over all schemes against what its subledger adds up to."""
    return f"SELECT ({_CONTROL.format(name=account)}), ({theirs})"


@dataclass(frozen=True)
class Check:
    """A check that a month must pass: its name, what it compares in Chinese and English, and the statement."""

    name: str
    zh: str
    en: str
    sql: str


@dataclass(frozen=True)
class Checked:
    """What a check found, in fen or rows: equal is passed."""

    check: Check
    ours: int
    theirs: int
    detail: str = ""

    @property
    def passed(self) -> bool:
        return self.ours == self.theirs


CHECKS = (
    Check(
        "trial_balance",
        "试算平衡",
        "debits equal credits",
        "SELECT coalesce(sum(amount), 0)::bigint, 0::bigint FROM posting WHERE region = %(r)s",
    ),
    Check(
        "entries_balance",
        "逐笔平衡",
        "entries that do not balance",
        """SELECT count(*), 0::bigint FROM (SELECT number FROM posting WHERE region = %(r)s GROUP BY number
            HAVING sum(amount) <> 0) x""",
    ),
    Check(
        "journal_numbers",
        "凭证编号连续",
        "journal numbers without a gap",
        "SELECT count(*), coalesce(max(number), 0) FROM journal_entry WHERE region = %(r)s",
    ),
    Check(
        "individual_accounts",
        "个人账户",
        "account entries = control account",
        _equal(
            "individual_accounts", "SELECT -coalesce(sum(amount), 0)::bigint FROM account_entry WHERE region = %(r)s"
        ),
    ),
    Check(
        "contributions_receivable",
        "应收缴费",
        "open bills = control account",
        _equal(
            "contributions_receivable",
            """SELECT coalesce(sum(b.amount), 0)::bigint FROM bill b LEFT JOIN bill_settlement s USING (region, number)
                    WHERE b.region = %(r)s AND s.number IS NULL""",
        ),
    ),
    Check(
        "bill_lines",
        "账单明细",
        "bills = their lines",
        """SELECT (SELECT coalesce(sum(amount), 0)::bigint FROM bill WHERE region = %(r)s),
                    (SELECT coalesce(sum(employee + employer + late_fee), 0)::bigint FROM bill_line
                        WHERE region = %(r)s)""",
    ),
    Check(
        "declared_billed",
        "应缴核对",
        "contributions of the month = bill lines of the month",
        """SELECT (SELECT coalesce(sum(l.employee + l.employer), 0)::bigint FROM bill_line l JOIN bill b
            USING (region, number)
                     WHERE l.region = %(r)s AND l.booked = %(m)s AND b.kind IN ('regular', 'correction')),
                    (SELECT coalesce(sum(c.employee + c.employer), 0)::bigint FROM contribution c JOIN bill b
                        ON b.region = c.region AND b.number = c.bill
                     WHERE c.region = %(r)s AND c.booked = %(m)s AND b.kind IN ('regular', 'correction'))""",
    ),
    Check(
        "receipts",
        "到账资金",
        "receipts less settled bills = prepayments + unidentified",
        f"""SELECT ({_CONTROL.format(name="prepayments")}) + ({_CONTROL.format(name="unidentified_receipts")}),
                     (SELECT coalesce(sum(b.amount), 0)::bigint FROM bill b JOIN bill_settlement s USING (region,
                         number) WHERE b.region = %(r)s)
                     - (SELECT coalesce(sum(amount), 0)::bigint FROM receipt WHERE region = %(r)s)""",
    ),
    Check(
        "unidentified_receipts",
        "待查收款",
        "receipts in suspense = control account",
        _equal(
            "unidentified_receipts",
            "SELECT -coalesce(sum(x.amount), 0)::bigint FROM receipt x WHERE x.region = %(r)s AND "
            + IN_SUSPENSE.format("x"),
        ),
    ),
    Check(
        "benefits_receivable",
        "应收多发待遇",
        "receivables less recoveries = control account",
        _equal("benefits_receivable", f"SELECT coalesce(sum(outstanding), 0)::bigint FROM ({OWED}) AS o"),
    ),
    Check(
        "returned_payments",
        "退回待遇",
        "lines given back and not paid anew = control account",
        _equal(
            "returned_payments",
            f"SELECT -coalesce(sum(amount), 0)::bigint FROM ({OPEN}) AS o WHERE held_in = 'returned_payments'",
        ),
    ),
    Check(
        "benefits",
        "待遇支出",
        "what payments take from the fund = control account",
        _equal("benefits", "SELECT coalesce(sum(amount - account_part), 0)::bigint FROM payment WHERE region = %(r)s"),
    ),
    Check(
        "batches",
        "支付批次",
        "batches of the month = their lines",
        """SELECT (SELECT coalesce(sum(amount), 0)::bigint FROM payment_batch WHERE region = %(r)s AND booked = %(m)s),
                    (SELECT coalesce(sum(amount - withheld), 0)::bigint FROM payment WHERE region = %(r)s
                        AND booked = %(m)s AND batch IS NOT NULL)
                    + (SELECT coalesce(sum(amount), 0)::bigint FROM payment_retry WHERE region = %(r)s
                        AND booked = %(m)s AND batch IS NOT NULL)""",
    ),
    Check(
        "bank_files",
        "银行文件",
        "files sent = what the ledger funded",
        """SELECT (SELECT coalesce(sum(p.amount), 0)::bigint FROM posting p JOIN journal_entry e USING (region, number)
                     JOIN ledger_account a ON a.code = p.account
                     WHERE p.region = %(r)s AND e.booked = %(m)s AND e.key LIKE 'sent %%'
                         AND a.name = 'bank_expenditure'),
                    (SELECT coalesce(sum(b.amount), 0)::bigint FROM payment_batch b JOIN batch_event v
                        USING (region, number)
                     WHERE b.region = %(r)s AND v.booked = %(m)s AND v.event = 'sent')""",
    ),
    # What is booked about the month must be what is due for it, person by person: nobody is paid twice or forgotten.
    Check(
        "due_paid",
        "应发已发",
        "people whose payments of the month are not what is due",
        """SELECT count(*), 0::bigint FROM (
                 SELECT 1 FROM (
                     SELECT person_id, benefit, amount FROM entitlement_now WHERE region = %(r)s
                         AND valid @> %(m)s::date
                     UNION ALL
                     SELECT person_id, benefit, -amount FROM payment WHERE region = %(r)s AND month = %(m)s) AS x
                 GROUP BY person_id, benefit HAVING sum(amount) <> 0) AS y""",
    ),
    # Who gets another amount than last month must have an entitlement recorded or superseded, or that begins or ends.
    Check(
        "change_explained",
        "变动有因",
        "people whose pension changed without an event",
        """SELECT count(*), 0::bigint FROM (
                 SELECT person_id, benefit FROM (
                     SELECT person_id, benefit, amount FROM payment WHERE region = %(r)s AND month = %(m)s
                         AND booked = %(m)s
                     UNION ALL
                     SELECT person_id, benefit, -amount FROM payment
                     WHERE region = %(r)s AND month = (%(m)s::date - interval '1 month')::date AND booked < %(m)s) AS x
                 WHERE (%(m)s::date - interval '1 month')::date IN (SELECT month FROM period_event WHERE region = %(r)s)
                 GROUP BY person_id, benefit HAVING sum(amount) <> 0) AS changed
             WHERE NOT EXISTS (
                 SELECT FROM entitlement e WHERE e.person_id = changed.person_id AND e.benefit = changed.benefit
                 AND %(m)s IN (e.booked, e.superseded_in, lower(e.valid), upper(e.valid)))""",
    ),
)


def close(context: Context) -> Summary:
    """Runs the checks, closes the month and opens the next. ``BooksError`` names every check that failed, with figures.

    What the checks found stays recorded although the step is undone: on a connection of its own, in the run log.
    """
    found = examine(context)
    failed = [one for one in found if not one.passed]
    if failed:
        _log(context, found)
        told = "; ".join(
            f"{one.check.name} {one.ours} ≠ {one.theirs} ({one.check.en} {one.check.zh})" for one in failed
        )
        raise BooksError(f"{context.month:%Y-%m} of region {context.region} cannot be closed 不能结账: {told}")
    _record(context, found)
    bridge = _bridge(context)
    waiting = _unsettled(context)
    _close(context)
    summary = Summary({"checks": len(found), **bridge, **waiting})
    if waiting["without_account"]:
        summary.notes.append(
            (
                f"{waiting['without_account']} 笔待遇无发放账户",
                f"{waiting['without_account']} payments wait for an account",
            )
        )
    return summary


def examine(context: Context) -> list[Checked]:
    """What every check finds now; changes nothing."""
    places = {"r": context.region, "m": context.month}
    found = []
    for number, check in enumerate(CHECKS):
        context.tell(check.name, number, len(CHECKS))
        ours, theirs = context.books.one(check.sql, **places)
        found.append(Checked(check, ours, theirs))
    return [*found, *_payable(context)]


def _payable(context: Context) -> list[Checked]:
    """Per scheme: what is payable in the ledger against lines that are not settled."""
    schemes = context.books.rows(
        """SELECT DISTINCT scheme::text FROM ledger_account WHERE region = %(r)s AND name = 'benefits_payable'
            ORDER BY 1""",
        r=context.region,
    )
    return [
        Checked(
            Check(f"benefits_payable {scheme}", "应付待遇", "lines not settled = control account", PAYABLE),
            *context.books.one(PAYABLE, r=context.region, s=scheme),
        )
        for (scheme,) in schemes
    ]


def _record(context: Context, found: list[Checked]) -> None:
    context.books.execute(
        """INSERT INTO close_check (region, month, round, name, passed, ours, theirs, detail)
           SELECT %(r)s, %(m)s, period_round(%(r)s::smallint, %(m)s::date), name, passed, ours, theirs, detail
           FROM unnest(%(names)s::text[], %(passed)s::boolean[], %(ours)s::bigint[], %(theirs)s::bigint[],
               %(details)s::text[])
                AS c (name, passed, ours, theirs, detail)""",
        r=context.region,
        m=context.month,
        names=[one.check.name for one in found],
        passed=[one.passed for one in found],
        ours=[one.ours for one in found],
        theirs=[one.theirs for one in found],
        details=[one.check.en for one in found],
    )


def _log(context: Context, found: list[Checked]) -> None:
    detail = {one.check.name: {"passed": one.passed, "ours": one.ours, "theirs": one.theirs} for one in found}
    with connect("run") as own:
        own.execute(
            "INSERT INTO run_log (region, month, step, event, detail) VALUES (%(r)s, %(m)s, 'close', 'checked', %(d)s)",
            r=context.region,
            m=context.month,
            d=json.dumps(detail),
        )


#: From last month's payments to this month's: last + begun + ended + changed = this; corrections stand beside.
_BRIDGE = """
    WITH last AS (SELECT person_id, benefit, sum(amount) AS fen FROM payment
                  WHERE region = %(r)s AND month = (%(m)s::date - interval '1 month')::date AND booked < %(m)s
                      GROUP BY 1, 2),
    this AS (SELECT person_id, benefit, sum(amount) AS fen FROM payment
             WHERE region = %(r)s AND month = %(m)s AND booked = %(m)s GROUP BY 1, 2),
    pairs AS (SELECT last.fen AS a, this.fen AS b FROM last FULL JOIN this USING (person_id, benefit))
    SELECT coalesce(sum(a), 0)::bigint, count(a), coalesce(sum(b) FILTER (WHERE a IS NULL), 0)::bigint, count(*)
        FILTER (WHERE a IS NULL),
           coalesce(-sum(a) FILTER (WHERE b IS NULL), 0)::bigint, count(*) FILTER (WHERE b IS NULL),
           coalesce(sum(b - a), 0)::bigint, count(*) FILTER (WHERE b <> a), coalesce(sum(b), 0)::bigint, count(b)
    FROM pairs"""


def _bridge(context: Context) -> dict[str, int]:
    names = [
        f"{what}{unit}" for what in ("last_month", "begun", "ended", "changed", "this_month") for unit in ("_fen", "")
    ]
    found = context.books.one(_BRIDGE, r=context.region, m=context.month)
    bridge = dict(zip(names, found, strict=True))
    if (
        bridge["last_month_fen"] + bridge["begun_fen"] + bridge["ended_fen"] + bridge["changed_fen"]
        != bridge["this_month_fen"]
    ):
        raise AssertionError(f"the bridge does not add up: {bridge}")
    return bridge


def _unsettled(context: Context) -> dict[str, int]:
    """What closes as payable: sent and not settled, and waiting for an account."""
    unsettled, fen = context.books.one(
        """SELECT count(*), coalesce(sum(b.amount), 0)::bigint FROM payment_batch b WHERE b.region = %(r)s AND NOT
            EXISTS (
               SELECT FROM batch_event e WHERE e.region = b.region AND e.number = b.number AND e.event
                   IN ('settled', 'refused'))""",
        r=context.region,
    )
    waiting, held = context.books.one(
        f"""SELECT count(*), coalesce(sum(amount), 0)::bigint FROM ({OPEN}) AS o
            WHERE held_in = 'benefits_payable' AND bank_account_id IS NULL""",
        r=context.region,
    )
    return {
        "unsettled_batches": unsettled,
        "unsettled_fen": fen,
        "without_account": waiting,
        "without_account_fen": held,
    }


def _close(context: Context) -> None:
    books, region, month = context.books, context.region, context.month
    books.execute(
        """INSERT INTO period_event (region, month, round, event, officer)
           VALUES (%(r)s, %(m)s, period_round(%(r)s::smallint, %(m)s::date), 'closed', %(o)s)""",
        r=region,
        m=month,
        o=context.officer,
    )
    following = books.value("SELECT (%(m)s::date + interval '1 month')::date", m=month)
    books.ensure_months([following])
    books.execute(
        """INSERT INTO period_event (region, month, round, event, officer) VALUES (%(r)s, %(m)s, 0, 'opened', %(o)s)
           ON CONFLICT DO NOTHING""",
        r=region,
        m=following,
        o=context.officer,
    )
