"""Interest: a year of an account by the law's rule, worked by hand, provisional and then trued up."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from payers import Payers

from shebao.books import Books
from shebao.books.ledger import Entry, Posting, post
from shebao.law import rulebook
from shebao.month.credit import credit


def opening(province: Payers, person: int, fen: int, scheme: str = "employee_pension") -> None:
    """What was in the account when the books began."""
    with province.books.transaction():
        province.books.execute(
            """INSERT INTO account_movement (month, person_id, scheme, kind, version, region, area, amount, booked)
               VALUES (%(m)s, %(p)s, %(s)s, 'opening', 0, %(r)s, %(a)s, %(fen)s, %(m)s)""",
            m=province.now,
            p=person,
            s=scheme,
            r=province.region,
            a=province.area,
            fen=fen,
        )
        post(
            province.books,
            province.region,
            province.now,
            [
                Entry(
                    f"opening {person}",
                    "opening",
                    "opening",
                    [Posting(scheme, "individual_accounts", -fen), Posting(scheme, "fund_balance", fen)],
                )
            ],
        )


def to_january(province: Payers) -> None:
    while province.now.month != 12:
        province.turn()
    province.turn()


def years(province: Payers, person: int) -> list[tuple[object, ...]]:
    return province.books.rows(
        """SELECT year, version, opening, credits, withdrawals, interest, closing, provisional FROM account_year
           WHERE person_id = %(p)s ORDER BY year, version""",
        p=person,
    )


def half_up(value: Fraction) -> int:
    return int(value + Fraction(1, 2))


def test_a_year_earns_the_published_rate(books: Books) -> None:
    province = Payers(books)
    person = province.flexible(500_000)
    opening(province, person, 1_000_000)
    to_january(province)
    province.run(credit)
    # 2025: 1.50 % of 10,000.00
    assert years(province, person) == [(2025, 0, 1_000_000, 0, 0, 15_000, 1_015_000, False)]
    assert province.account(person)[-1] == ("2025-12", "interest", 0, 15_000)
    assert province.balance("account_interest", "employee_pension") == 15_000
    province.turn()
    summary = province.run(credit)
    assert not any(summary.numbers.values())


def test_contributions_of_the_year_earn_for_six_and_a_half_months(books: Books) -> None:
    from shebao.month.collect import collect

    province = Payers(books)
    person = province.flexible(500_000)
    opening(province, person, 1_000_000)
    for number in (1, 2):
        province.run(collect)
        province.pay((number, 100_000, f"2025-0{number}-20"))
        province.run(credit)
        province.turn()
    to_january(province)
    province.run(credit)
    rate = Fraction(15, 1000)
    closing = half_up(1_000_000 * (1 + rate) + 80_000 * (1 + rate * Fraction(1083, 1000) / 2))
    assert years(province, person) == [(2025, 0, 1_000_000, 80_000, 0, closing - 1_080_000, closing, False)]


def test_an_unpublished_rate_is_provisional_and_trued_up_when_it_comes(books: Books, tmp_path: Path) -> None:
    province = Payers(books, opened="2026-01")
    person = province.flexible(500_000)
    opening(province, person, 1_000_000)
    to_january(province)
    summary = province.run(credit)
    # 2026 has no rate yet: that of 2025
    assert years(province, person) == [(2026, 0, 1_000_000, 0, 0, 15_000, 1_015_000, True)]
    assert any("provisional" in english for _, english in summary.notes)
    province.turn()
    assert not any(province.run(credit).numbers.values())
    province.turn()
    reform = tmp_path / "rate.yaml"
    reform.write_text(
        """name: rate of 2026
parameters:
  employee_pension.credited_rate:
    - {value: {2026: 2.00%}, source: test, certainty: assumed}
  employee_pension.latest_rate_year:
    - {value: 2026, source: test, certainty: assumed}
""",
        encoding="utf-8",
    )
    province.law = rulebook().with_reform(reform)
    province.run(credit)
    assert years(province, person)[1:] == [(2026, 1, 1_000_000, 0, 0, 20_000, 1_020_000, False)]
    assert province.account(person)[-2:] == [
        ("2026-12", "interest", 0, 15_000),
        ("2026-12", "interest", 1, 5_000),
    ]


def test_a_residents_year_earns_the_provinces_rate(books: Books) -> None:
    province = Payers(books)
    person = province.person()
    opening(province, person, 1_000_000, "resident_pension")
    to_january(province)
    province.run(credit)
    # Guangdong, 2025: 2.49 %
    assert years(province, person) == [(2025, 0, 1_000_000, 0, 0, 24_900, 1_024_900, False)]


def test_a_residents_year_without_a_rate_waits_and_is_told_of(books: Books) -> None:
    province = Payers(books, region=31)
    person = province.person()
    opening(province, person, 1_000_000, "resident_pension")
    to_january(province)
    summary = province.run(credit)
    assert years(province, person) == []
    assert any("1 accounts wait" in english for _, english in summary.notes)


def test_nothing_is_stated_for_years_before_the_books(books: Books) -> None:
    province = Payers(books)
    opening(province, province.person(), 1_000_000)
    assert not any(province.run(credit).numbers.values())


def test_a_reopened_january_states_nothing_again(books: Books) -> None:
    province = Payers(books)
    person = province.person()
    opening(province, person, 1_000_000)
    to_january(province)
    province.run(credit)
    province.reopen()
    assert not any(province.run(credit).numbers.values())
    assert len(years(province, person)) == 1


def test_contributions_taken_back_beyond_those_of_the_year_count_as_withdrawn(books: Books) -> None:
    province = Payers(books)
    person = province.person()
    opening(province, person, 1_000_000)
    province.turn()
    with books.transaction():
        books.execute(
            """INSERT INTO account_movement (month, person_id, scheme, kind, version, region, area, amount, booked)
               VALUES ('2025-01-01', %(p)s, 'employee_pension', 'contribution', 0, 44, %(a)s, -40000, %(m)s)""",
            p=person,
            a=province.area,
            m=province.now,
        )
        lines = [Posting("employee_pension", "individual_accounts", 40_000)]
        lines.append(Posting("employee_pension", "pooled_contributions", -40_000))
        post(books, 44, province.now, [Entry("back", "credit", "back", lines)])
    to_january(province)
    province.run(credit)
    rate = Fraction(15, 1000)
    closing = half_up(1_000_000 * (1 + rate) - 40_000 * (1 + rate * Fraction(1083, 1000) / 2))
    assert years(province, person) == [(2025, 0, 1_000_000, 0, 40_000, closing - 960_000, closing, False)]
