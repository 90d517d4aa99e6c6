"""Pooling: it waits for the second officer, sweeps, and books every movement on both sides."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from smallbooks import MARCH, Province, province

from shebao.books import Books, BooksError
from shebao.books.ledger import Posting, balance
from shebao.month.context import NotYet
from shebao.month.orders import approve, refuse
from shebao.month.pay import pay
from shebao.month.pool import pool


@pytest.fixture
def guangdong(books: Books) -> Province:
    return province(books)


def plan(guangdong: Province, kind: str, amount: int) -> None:
    guangdong.books.execute(
        """INSERT INTO pooling_plan (region, month, kind, area, booked, amount, source)
           VALUES (44, %(m)s, %(k)s, 440000000000, %(m)s, %(fen)s, 't')""",
        m=guangdong.month,
        k=kind,
        fen=amount,
    )


def test_it_waits_until_every_batch_is_sent_or_refused(guangdong: Province, tmp_path: Path) -> None:
    guangdong.entitle(guangdong.person(), 300_000)
    guangdong.step("pay", pay)
    with pytest.raises(NotYet, match="SB44-202503-000001"):
        guangdong.step("pool", pool)
    approve(guangdong.books, 44, MARCH, "B", tmp_path)
    guangdong.step("pool", pool)


def test_a_refused_batch_is_not_waited_for(guangdong: Province) -> None:
    guangdong.entitle(guangdong.person(), 300_000)
    guangdong.step("pay", pay)
    refuse(guangdong.books, 44, MARCH, "B", "名单有误")
    guangdong.step("pool", pool)


def test_the_income_account_is_swept_and_the_position_told(guangdong: Province) -> None:
    scheme = "employee_pension"
    guangdong.post("paid in", Posting(scheme, "bank_income", 900), Posting(scheme, "pooled_contributions", -900))
    guangdong.post("spent", Posting(scheme, "benefits", 400), Posting(scheme, "bank_fiscal", -400))
    numbers = guangdong.step("pool", pool).numbers
    assert (guangdong.balance("bank_income"), guangdong.balance("bank_fiscal")) == (0, 500)
    assert numbers["swept_fen"] == 900
    told = [numbers[f"{scheme}_{what}_fen"] for what in ("income", "expenditure", "balance")]
    assert told == [900, 400, 500]


@pytest.mark.parametrize(("kind", "amount"), [("advance", 7_000), ("clearing", -5_000)])
def test_what_the_nation_lays_down_is_booked_on_both_sides(guangdong: Province, kind: str, amount: int) -> None:
    plan(guangdong, kind, amount)
    assert guangdong.step("pool", pool).numbers["pooling_fen"] == amount
    assert guangdong.balance("bank_fiscal") == amount
    assert balance(guangdong.books, 0, "bank_fiscal") == -amount
    received = "pooling_received" if amount > 0 else "pooling_paid"
    assert guangdong.balance(received) == -amount


def test_the_central_adjustment_of_a_year_is_the_law_s(books: Books) -> None:
    december = dt.date(2021, 12, 1)
    guangdong = province(books, december)
    with pytest.raises(BooksError, match="region 44 2021"):
        guangdong.step("pool", pool)
    facts = {
        (44, "provincial_average_wage"): "100000",
        (44, "active_contributors"): "1000000",
        (44, "enterprise_employment"): "1000000",
        (44, "approved_retirees"): "500000",
        (0, "national_collected"): "600000000000",
        (0, "national_retirees"): "100000000",
    }
    for (region, name), value in facts.items():
        books.execute(
            """INSERT INTO pooling_fact (region, year, name, area, value, source)
               VALUES (%(r)s, 2021, %(n)s, %(r)s * 10000000000::bigint, %(v)s, 't')""",
            r=region,
            n=name,
            v=value,
        )
    # 90 000 × 1 000 000 × 4.5 % = 40.5 亿 paid, 6 000 × 500 000 = 30 亿 received
    assert guangdong.step("pool", pool).numbers["pooling_fen"] == -1_050_000_000_00
    assert balance(books, 0, "bank_fiscal") == 1_050_000_000_00
