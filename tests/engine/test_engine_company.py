"""A rule has the same value whether it is asked alone or together with others."""

from __future__ import annotations

import pyarrow as pa
from lawmaking import MakeLaw

from shebao.engine.check import check

LAW = """
days = fact(Count, 0, 100, label="天数")
excused = fact(YesNo, label="有正当理由")

@rule(cite="一", label="期限")
def limit(excused) -> Count:
    return 60 if excused else 30

@rule(cite="二", label="按期")
def in_time(days, limit, excused) -> YesNo:
    if excused:
        return True
    return days <= limit

@rule(cite="三", label="剩余")
def left(days, limit) -> Count:
    return max(limit - days, 0)
"""


def test_a_condition_chosen_between_two_branches_keeps_its_value(make_law: MakeLaw) -> None:
    law = make_law(LAW).at("2025-01")
    table = pa.table({"days": [0, 31, 61, 99], "excused": [False, False, True, False]})
    alone = law.compute(["in_time"], table).table.column(0).to_pylist()
    for company in (["left"], ["limit"], ["left", "limit"]):
        assert law.compute(["in_time", *company], table).table.column(0).to_pylist() == alone


def test_the_check_asks_rules_in_company(make_law: MakeLaw) -> None:
    assert check(make_law(LAW), people=100).ok
