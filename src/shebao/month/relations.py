"""What goes from one province's books to another's with a relation: its legs, the months in them, the wages."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from shebao.month.careers import paid_months, sent_months, yuan
from shebao.month.context import Context


@dataclass(frozen=True)
class Move:
    """A transfer to be carried out."""

    id: str
    person_id: int
    from_region: int
    to_region: int
    from_scheme: str
    to_scheme: str


@dataclass(frozen=True)
class Leg:
    """What leaves: fen of the account and of the pooled fund, months, and the record that goes along.

    The record has ``paid`` (the base in fen of each month of these books that goes, a difference in a supplement),
    ``given_back`` (the months that do not) and ``wages`` (fen by calendar year), besides what a career row holds.
    """

    move: Move
    area: int
    account: int
    pooled: int
    months: int
    career: Mapping[str, Any]
    refund: int = 0


#: Something of the person of ``{0}`` is on its way to a province of these books; what there is to send is not known.
ON_ITS_WAY = """EXISTS (
    SELECT FROM transfer f JOIN transfer_leg o ON o.transfer = f.id AND o.side = 'out'
    WHERE f.person_id = {0}.person_id AND EXISTS (SELECT FROM period_event e WHERE e.region = f.to_region)
      AND NOT EXISTS (SELECT FROM transfer_leg i WHERE i.transfer = f.id AND i.side = 'in'))"""


def paid_elsewhere(context: Context, scheme: str, moves: Sequence[Move]) -> dict[int, frozenset[dt.date]]:
    """The months that the relation the person keeps has, too; two statements for each region people move to."""
    by_region: dict[int, dict[int, dt.date]] = defaultdict(dict)
    for move in moves:
        if move.to_region != context.region and move.to_scheme == scheme:
            by_region[move.to_region][move.person_id] = context.month
    found: dict[int, frozenset[dt.date]] = {}
    for region, people in sorted(by_region.items()):
        sent = sent_months(context, scheme, people, region)
        for person_id, paid in paid_months(context, scheme, people, region).items():
            given_back = {month for month, base in sent.get(person_id, {}).items() if not base}
            found[person_id] = frozenset(paid) - given_back
    return found


def fen_of(text: Any) -> int:
    whole, _, part = str(text).partition(".")
    return int(whole) * 100 + int(part.ljust(2, "0"))


def years_of(wages: Mapping[int, int]) -> list[dict[str, Any]]:
    """As the law asks for them, what is given back left out."""
    return [{"contributed_year": year, "contributed_wages": yuan(sum_)} for year, sum_ in sorted(wages.items()) if sum_]


def movement(context: Context, leg: Leg, scheme: str, kind: str, amount: int) -> dict[str, Any]:
    person_id = leg.move.person_id
    return {
        "month": context.month,
        "person_id": person_id,
        "scheme": scheme,
        "kind": kind,
        "amount": amount,
        "area": leg.area,
    }


_LEG = pa.schema(
    [
        ("transfer", pa.string()),
        ("side", pa.string()),
        ("region", pa.int16()),
        ("area", pa.int64()),
        ("booked", pa.date32()),
        ("account", pa.int64()),
        ("pooled", pa.int64()),
        ("months", pa.int16()),
        ("career", pa.string()),
    ]
)


def write_legs(context: Context, side: str, legs: Sequence[Leg]) -> None:
    rows = [
        {
            "transfer": leg.move.id,
            "side": side,
            "region": context.region,
            "area": leg.area,
            "booked": context.month,
            "account": leg.account,
            "pooled": leg.pooled,
            "months": leg.months,
            "career": json.dumps(leg.career, ensure_ascii=False),
        }
        for leg in legs
    ]
    if rows:
        context.books.copy_in("transfer_leg", pa.Table.from_pylist(rows, _LEG))
