"""One person's whole record: what was known and when, what was declared, owed, paid, credited, awarded and why.

Two round trips whatever the number of months: the months the books are kept in, then everything at once. The tables
kept by months are entered month by month through their primary keys, so the size of the books does not matter.
"""

from __future__ import annotations

from typing import Any

from shebao.books.connect import Books, BooksError

#: Facts of a table with all their versions, the one that holds last.
_FACTS = "SELECT {} FROM {} WHERE f.person_id = p.id ORDER BY {}"
_HISTORY = "upper_inf(f.known) AS stands, f.valid::text AS valid, f.known::text AS known"
_EMPLOYER = "LEFT JOIN employer_now e ON e.employer_id = f.employer_id AND upper_inf(e.valid)"
_BY_MONTH = (
    "unnest(%(months)s::date[]) AS m (month)"
    " JOIN LATERAL (SELECT * FROM {} x WHERE x.month = m.month AND x.person_id = p.id) f ON true"
)

#: section: the query of its rows; ``p`` is the person.
SECTIONS = {
    "facts": _FACTS.format(
        f"f.version, f.name, f.sex, f.birth_date, f.category, f.area, f.hukou_region, f.phone, f.source, {_HISTORY}",
        "person_record f",
        "f.version",
    ),
    "households": _FACTS.format(
        f"h.number, f.relation, {_HISTORY}",
        "household_member f JOIN household h ON h.id = f.household_id",
        "f.version",
    ),
    "participations": _FACTS.format(
        f"f.scheme, f.kind, e.credit_code, e.name AS employer, f.chosen_base, f.grade, f.source, {_HISTORY}",
        f"participation f {_EMPLOYER}",
        "f.scheme, f.version",
    ),
    "careers": _FACTS.format(
        "f.scheme, f.until, f.contribution_months, f.deemed_months, f.average_index,"
        " f.transition_index, f.facts, f.source,"
        " upper_inf(f.known) AS stands, f.known::text AS known",
        "career f",
        "f.scheme, f.version",
    ),
    "events": _FACTS.format(
        "f.kind, f.happened_on, f.facts, f.source, upper_inf(f.known) AS stands, f.known::text AS known",
        "life_event f",
        "f.happened_on, f.kind, f.version",
    ),
    "bank_accounts": _FACTS.format(f"f.holder, f.bank_code, f.number, {_HISTORY}", "bank_account f", "f.id"),
    "declarations": "SELECT f.month, e.name AS employer, f.version, f.wage, f.withdrawn, f.booked FROM "
    f"{_BY_MONTH.format('declaration')} {_EMPLOYER} ORDER BY f.month, f.employer_id, f.version",
    "contributions": "SELECT f.month, f.scheme, sum(f.base) AS base, sum(f.employee) AS employee,"
    " sum(f.employer) AS employer,"
    " sum(f.account_credit) AS account_credit, max(f.version) AS version, bool_and(s.number IS NOT"
    " NULL) AS settled FROM "
    f"{_BY_MONTH.format('contribution')} LEFT JOIN bill_settlement s ON s.region = f.region AND s.number = f.bill"
    " GROUP BY f.month, f.scheme ORDER BY f.month, f.scheme",
    "account": "SELECT f.scheme, f.month, f.kind, sum(f.amount) AS amount, sum(sum(f.amount)) OVER"
    " (PARTITION BY f.scheme ORDER BY"
    f" f.month, f.kind) AS balance FROM {_BY_MONTH.format('account_entry')} GROUP BY f.scheme, f.month, f.kind"
    " ORDER BY f.scheme, f.month, f.kind",
    "account_years": "SELECT DISTINCT ON (f.scheme, f.year) f.scheme, f.year, f.opening, f.credits,"
    " f.withdrawals, f.interest,"
    " f.closing, f.provisional FROM generate_series(%(first)s::int, %(last)s::int) AS y (year) JOIN"
    " LATERAL (SELECT * FROM account_year x"
    " WHERE x.year = y.year AND x.person_id = p.id) f ON true ORDER BY f.scheme, f.year, f.version DESC",
    "claims": _FACTS.format("f.number, f.benefit, f.claimed_on, f.booked, f.facts, f.source", "claim f", "f.number"),
    "awards": _FACTS.format(
        "f.benefit, f.version, f.month, f.booked, f.amount, f.provisional, f.granted, f.reason, f.facts, f.tree, f.law",
        "award f",
        "f.benefit, f.version",
    ),
    "entitlements": _FACTS.format(
        f"f.benefit, f.version, f.amount, f.account_part, f.components, f.award_version, f.reason,"
        f" f.booked, {_HISTORY}",
        "entitlement f",
        "f.benefit, f.version",
    ),
    "payments": "SELECT f.month, f.benefit, f.version, f.amount, f.account_part, f.withheld,"
    " f.booked, f.batch, b.number AS bank_account FROM "
    f"{_BY_MONTH.format('payment')} LEFT JOIN bank_account b ON b.id = f.bank_account_id ORDER BY"
    f" f.month, f.benefit, f.version",
    "returns": "SELECT f.month, f.benefit, f.version, f.attempt, f.kind, f.amount, f.reason, f.booked FROM "
    f"{_BY_MONTH.format('payment_return')} ORDER BY f.month, f.benefit, f.version, f.attempt",
    "receivables": _FACTS.format(
        "f.number, f.benefit, f.amount, f.reason, f.booked, (SELECT i.instalment FROM instalment_plan i"
        " WHERE i.region = f.region AND i.number = f.number ORDER BY i.version DESC LIMIT 1) AS"
        " instalment, (SELECT coalesce(sum(v.amount), 0) FROM recovery v"
        " WHERE v.region = f.region AND v.number = f.number) AS recovered",
        "receivable f",
        "f.region, f.number",
    ),
    "transfers": _FACTS.format(
        "f.id, f.from_region, f.to_region, f.from_scheme, f.to_scheme, f.requested_on, o.booked AS sent,"
        " i.booked AS taken, o.months, o.account, o.pooled, f.source",
        "transfer f LEFT JOIN transfer_leg o ON o.transfer = f.id AND o.side = 'out'"
        " LEFT JOIN transfer_leg i ON i.transfer = f.id AND i.side = 'in'",
        "f.requested_on, f.id",
    ),
    "looks": _FACTS.format("f.officer, f.purpose, f.looked_at", "look f", "f.looked_at, f.id"),
}

#: section of the record: its heading in Chinese and English, and the columns shown.
SHOWN: dict[str, tuple[str, str, str]] = {
    "facts": ("登记事项", "facts", "stands name sex birth_date category area phone valid known source"),
    "events": ("事件", "events", "stands kind happened_on known source"),
    "households": ("家庭户", "households", "stands number relation valid"),
    "participations": ("参保关系", "participations", "stands scheme kind employer chosen_base grade valid source"),
    "careers": ("此前缴费", "career before", "stands scheme until contribution_months deemed_months average_index"),
    "bank_accounts": ("银行账户", "bank accounts", "stands holder bank_code number"),
    "declarations": ("申报工资", "declared wages", "month employer version wage withdrawn booked"),
    "contributions": ("缴费", "contributions", "month scheme base employee employer account_credit settled"),
    "account": ("个人账户", "individual account", "scheme month kind amount balance"),
    "account_years": ("年度对账", "account by year", "scheme year opening credits withdrawals interest closing"),
    "claims": ("申领", "claims", "number benefit claimed_on booked source"),
    "entitlements": ("待遇", "entitlements", "stands benefit amount components valid award_version reason"),
    "payments": ("支付", "payments", "month benefit amount withheld bank_account booked"),
    "returns": ("退回", "returned payments", "month benefit kind amount reason"),
    "receivables": ("应收多发", "receivables", "number benefit amount recovered reason"),
    "transfers": (
        "关系转移",
        "transfers",
        "from_region to_region from_scheme to_scheme requested_on sent taken months account pooled",
    ),
    "looks": ("查询记录", "looks", "looked_at officer purpose"),
}  # fmt: skip

_PARTS = ", ".join(
    f"'{name}', (SELECT coalesce(json_agg(s), '[]') FROM ({query}) s)" for name, query in SECTIONS.items()
)
_RECORD = f"SELECT json_build_object('number', p.number, {_PARTS}) FROM person p WHERE p.number = %(number)s"

# The tables kept by months have the same months.
_MONTHS = """
SELECT to_date(right(c.relname, 7), 'YYYY_MM') FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'contribution'::regclass ORDER BY 1"""


def whole_record(books: Books, number: str) -> dict[str, Any]:
    """Everything the books hold about a person, by citizen number, in the sections of ``SECTIONS``; amounts in fen.

    Contributions are the sums of a month's movements; account entries carry the running ``balance`` of their scheme.
    ``BooksError`` if nobody of that number is known to whoever asks.
    """
    months = [month for (month,) in books.rows(_MONTHS)]
    years = [month.year for month in months] or [0]
    found = books.rows(_RECORD, number=number.strip().upper(), months=months, first=min(years) - 1, last=max(years))
    if not found:
        raise BooksError(f"nobody is registered as {number} 未登记该公民身份号码")
    return found[0][0]  # type: ignore[no-any-return]


def balances(record: dict[str, Any]) -> dict[str, int]:
    """The balance of the individual account in each scheme, in fen."""
    return {entry["scheme"]: entry["balance"] for entry in record["account"]}


def log_look(books: Books, number: str, officer: str, purpose: str) -> None:
    """Notes who looks at a person, and what for; ``BooksError`` for an unknown officer or person, or no purpose."""
    if not purpose.strip():
        raise BooksError("a look has a purpose 须说明查询事由")
    noted = books.execute(
        """INSERT INTO look (person_id, officer, purpose)
           SELECT p.id, o.id, %(purpose)s FROM person p, officer o WHERE p.number = %(n)s AND o.id = %(o)s""",
        n=number.strip().upper(),
        o=officer,
        purpose=purpose,
    ).rowcount
    if not noted:
        raise BooksError(f"no person {number} or no officer {officer} 人员或经办人员不存在")


def name_of(record: dict[str, Any]) -> str:
    """The name as known now."""
    return str(next(fact["name"] for fact in reversed(record["facts"]) if fact["stands"]))
