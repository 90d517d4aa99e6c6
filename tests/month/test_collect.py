"""Collect: what is billed, corrected, assessed and charged for being late; worked by hand for Guangdong, 2025.

Employee pension: 8 % and 16 %, of which the account is credited 8 %; flexible workers 20 %. Unemployment: employee
0.2 %, employer 0.8 %. Work injury, class 2 without a cut of the rate: 0.4 %. The base lies between 4,492 and 27,501
yuan until June 2025. Late fee: 0.05 % a day.
"""

from __future__ import annotations

import pytest
from payers import Payers

from shebao.books import Books, BooksError
from shebao.month.collect import collect
from shebao.month.context import Context, Summary
from shebao.month.credit import credit


@pytest.fixture
def province(books: Books) -> Payers:
    return Payers(books)


# 8,000 yuan: 640 + 1,280; 16 + 64; 32 = 2,032.00
EIGHT = 203_200


def test_a_declared_wage_becomes_three_contributions_and_one_bill(province: Payers) -> None:
    employer = province.employer()
    person = province.employee(employer)
    province.declare(employer, person, 800_000)
    summary = province.run(collect)
    assert province.contributions(person) == [
        ("2025-01", "employee_pension", 0, 800_000, 64_000, 128_000, 64_000),
        ("2025-01", "unemployment", 0, 800_000, 1_600, 6_400, 0),
        ("2025-01", "work_injury", 0, 800_000, 0, 3_200, 0),
    ]
    assert province.bills() == [(1, "2025-01", "regular", EIGHT)]
    assert summary.numbers["bills_regular_fen"] == EIGHT
    assert summary.notes == []
    due, reference = province.books.one("SELECT due_on::text, reference FROM bill")
    assert (due, reference) == ("2025-01-31", province.reference(1))


def test_a_wage_below_the_floor_and_above_the_cap_is_held_between_them(province: Payers) -> None:
    employer = province.employer()
    low, high = province.employee(employer, ("employee_pension",)), province.employee(employer, ("employee_pension",))
    province.declare(employer, low, 100_000)
    province.declare(employer, high, 5_000_000)
    province.run(collect)
    assert [row[3] for person in (low, high) for row in province.contributions(person)] == [449_200, 2_750_100]


def test_each_scheme_is_paid_only_where_one_takes_part(province: Payers) -> None:
    employer = province.employer()
    person = province.employee(employer, ("employee_pension", "unemployment"))
    province.declare(employer, person, 800_000)
    summary = province.run(collect)
    assert [row[1] for row in province.contributions(person)] == ["employee_pension", "unemployment"]
    assert ["work_injury" in english and english.startswith("1 ") for _, english in summary.notes] == [True]


def test_a_flexible_worker_pays_the_whole_on_the_chosen_base(province: Payers) -> None:
    person = province.flexible(500_000)
    province.run(collect)
    # 20 % of 5,000 yuan, 8 % of it to the account
    assert province.contributions(person) == [("2025-01", "employee_pension", 0, 500_000, 100_000, 0, 40_000)]
    province.turn()
    province.run(collect)
    assert province.bills() == [(1, "2025-01", "regular", 100_000), (2, "2025-02", "regular", 100_000)]


def test_who_changes_from_flexible_to_employed_within_a_month_pays_once(province: Payers) -> None:
    employer, person = province.employer(), province.flexible(500_000)
    province.ends(person, "employee_pension", "2025-01-15")
    province.takes_part(person, "employee_pension", "employee", "2025-01-15", employer_id=employer)
    province.declare(employer, person, 800_000)
    province.run(collect)
    assert province.contributions(person) == [
        ("2025-01", "employee_pension", 0, 800_000, 64_000, 128_000, 64_000),
    ]


def test_a_resident_pays_once_a_year_and_the_subsidy_goes_to_the_account(books: Books) -> None:
    province = Payers(books, region=31)
    person = province.resident(800)
    for _ in range(3):
        province.run(collect)
        province.turn()
    # 800 yuan of one's own, 270 of the city's
    assert province.contributions(person) == [("2025-01", "resident_pension", 0, 0, 80_000, 0, 107_000)]
    assert province.bills() == [(1, "2025-01", "regular", 80_000)]
    assert books.value("SELECT due_on::text FROM bill") == "2025-12-31"


def test_a_resident_who_joins_later_in_the_year_is_billed_then(books: Books) -> None:
    province = Payers(books, region=31)
    person = province.resident(800, since="2025-03")
    for expected in (0, 0, 1, 1):
        province.run(collect)
        assert len(province.contributions(person)) == expected
        province.turn()


def test_a_late_declaration_is_billed_by_the_law_of_its_month(books: Books) -> None:
    province = Payers(books, region=22, opened="2024-12")
    employer = province.employer()
    person = province.employee(employer, ("employee_pension",))
    province.turn()
    province.declare(employer, person, 100_000)
    province.declare(employer, person, 100_000, "2024-12")
    province.run(collect)
    # Jilin's floor was 4,307.10 yuan in 2024 and is 4,393 in 2025
    assert [row[:4] for row in province.contributions(person)] == [
        ("2024-12", "employee_pension", 0, 430_710),
        ("2025-01", "employee_pension", 0, 439_300),
    ]
    assert [bill[1:3] for bill in province.bills()] == [("2024-12", "correction"), ("2025-01", "regular")]


def test_a_corrected_wage_is_booked_as_a_difference_up_and_down(province: Payers) -> None:
    employer = province.employer()
    person = province.employee(employer)
    province.declare(employer, person, 800_000)
    province.run(collect)
    province.turn()
    province.declare(employer, person, 800_000)
    province.declare(employer, person, 1_000_000, "2025-01")
    province.run(collect)
    province.turn()
    province.declare(employer, person, 800_000)
    province.declare(employer, person, 600_000, "2025-01")
    province.run(collect)
    january = [row for row in province.contributions(person) if row[:2] == ("2025-01", "employee_pension")]
    assert january == [
        ("2025-01", "employee_pension", 0, 800_000, 64_000, 128_000, 64_000),
        ("2025-01", "employee_pension", 1, 200_000, 16_000, 32_000, 16_000),
        ("2025-01", "employee_pension", 2, -400_000, -32_000, -64_000, -32_000),
    ]
    regular = [bill for bill in province.bills() if bill[2] in ("regular", "correction")]
    assert [bill[1:] for bill in regular] == [
        ("2025-01", "regular", EIGHT),
        ("2025-01", "correction", EIGHT // 4),
        ("2025-02", "regular", EIGHT),
        ("2025-01", "correction", -EIGHT // 2),
        ("2025-03", "regular", EIGHT),
    ]


def test_a_withdrawn_line_takes_the_contribution_back(province: Payers) -> None:
    employer = province.employer()
    one, other = province.employee(employer), province.employee(employer)
    for person in (one, other):
        province.declare(employer, person, 800_000)
    province.run(collect)
    province.turn()
    province.declare(employer, one, 800_000, "2025-01", withdrawn=True)
    province.declare(employer, other, 800_000)
    province.run(collect)
    sums = province.books.rows(
        """SELECT sum(base)::bigint, sum(employee)::bigint, sum(employer)::bigint, sum(account_credit)::bigint
           FROM contribution WHERE person_id = %(p)s""",
        p=one,
    )
    assert sums == [(0, 0, 0, 0)]
    assert (3, "2025-01", "correction", -EIGHT) in province.bills() or (2, "2025-01", "correction", -EIGHT) in (
        province.bills()
    )


def test_a_declaration_moved_to_another_employer_moves_the_bill(province: Payers) -> None:
    wrong, right = province.employer(), province.employer()
    person = province.employee(wrong, ("employee_pension",))
    province.declare(wrong, person, 800_000)
    province.run(collect)
    province.turn()
    province.books.execute(
        """UPDATE participation SET known = tstzrange(lower(known), now()), superseded_in = %(m)s
           WHERE person_id = %(p)s""",
        m=province.now,
        p=person,
    )
    province.takes_part(person, "employee_pension", "employee", employer_id=right)
    province.declare(wrong, person, 800_000, "2025-01", withdrawn=True)
    province.declare(right, person, 800_000, "2025-01")
    province.declare(right, person, 800_000)
    province.run(collect)
    january = province.books.rows(
        "SELECT version, employer_id, employee FROM contribution WHERE month = '2025-01-01' ORDER BY version"
    )
    assert january == [(0, wrong, 64_000), (1, wrong, -64_000), (2, right, 64_000)]


def test_an_employer_put_into_another_class_of_risk_is_corrected_for_the_months_since(province: Payers) -> None:
    employer = province.employer(risk=2)
    person = province.employee(employer)
    province.declare(employer, person, 800_000)
    province.run(collect)
    province.turn()
    province.books.execute(
        "UPDATE employer_record SET known = tstzrange(lower(known), now()), superseded_in = %(m)s", m=province.now
    )
    facts = {"size": "large", "industry_class": 3}
    place = province.place(**facts)
    province.put("employer_record", employer_id=employer, version=1, valid="[2000-01-01,)", name="单位", **place)
    province.declare(employer, person, 800_000)
    province.run(collect)
    injury = [row for row in province.contributions(person) if row[1] == "work_injury"]
    # class 3: 0.7 % instead of 0.4 %
    assert [(row[0], row[5]) for row in injury] == [("2025-01", 3_200), ("2025-01", 2_400), ("2025-02", 5_600)]


def test_an_unpaid_bill_costs_a_late_fee_the_month_after_it_was_due(province: Payers) -> None:
    employer = province.employer()
    person = province.employee(employer)
    for month in range(3):
        province.declare(employer, person, 800_000)
        province.run(collect)
        province.run(credit)
        if month < 2:
            province.turn()
    # In March: 28 days of February at 0.05 %: pension 1,920 → 26.88; unemployment 80 → 1.12; injury 32 → 0.448 → 0.45
    assert [bill for bill in province.bills() if bill[2] == "late_fee"] == [(4, "2025-02", "late_fee", 2_845)]
    lines = province.books.rows("SELECT scheme::text, late_fee FROM bill_line WHERE number = 4 ORDER BY scheme")
    assert lines == [("employee_pension", 2_688), ("unemployment", 112), ("work_injury", 45)]


def test_a_late_payment_is_charged_up_to_its_day(province: Payers) -> None:
    employer = province.employer()
    person = province.employee(employer, ("employee_pension",))
    province.declare(employer, person, 800_000)
    province.run(collect)
    province.run(credit)
    province.turn()
    province.declare(employer, person, 800_000)
    province.run(collect)
    province.pay((1, 192_000, "2025-02-10"))
    province.run(credit)
    province.turn()
    province.declare(employer, person, 800_000)
    province.run(collect)
    # ten days of 1,920.00 at 0.05 %; nothing yet for February's bill, due on its last day
    assert [bill[1:] for bill in province.bills() if bill[2] == "late_fee"] == [("2025-02", "late_fee", 960)]


def test_a_payment_that_became_known_late_gives_the_fee_back(province: Payers) -> None:
    employer = province.employer()
    person = province.employee(employer, ("employee_pension",))
    for _ in range(3):
        province.declare(employer, person, 800_000)
        province.run(collect)
        province.run(credit)
        province.turn()
    province.declare(employer, person, 800_000)
    province.pay((1, 192_000, "2025-01-31"))
    province.run(collect)
    fees = [bill[1:] for bill in province.bills() if bill[2] == "late_fee"]
    # charged in March for January's bill: 26.88; in April taken back, and February's bill costs 31 days: 29.76
    assert fees == [("2025-02", "late_fee", 2_688), ("2025-03", "late_fee", -2_688), ("2025-03", "late_fee", 2_976)]


def test_an_undeclared_employer_is_assessed_and_the_assessment_reversed(province: Payers) -> None:
    employer = province.employer()
    person = province.employee(employer)
    province.declare(employer, person, 800_000)
    province.run(collect)
    province.turn()
    province.run(collect)
    # 110 % of 1,920, 80 and 32 yuan
    assert province.bills()[1] == (2, "2025-02", "assessed", 211_200 + 8_800 + 3_520)
    province.turn()
    province.declare(employer, person, 800_000)
    province.declare(employer, person, 800_000, "2025-02")
    province.run(collect)
    kinds = sorted(bill[1:] for bill in province.bills() if bill[2] != "late_fee")
    assert kinds == [
        ("2025-01", "regular", EIGHT),
        ("2025-02", "assessed", 223_520),
        ("2025-02", "assessed_reversal", -223_520),
        ("2025-02", "correction", EIGHT),
        ("2025-03", "regular", EIGHT),
    ]


def test_an_undeclared_employer_without_a_month_before_is_told_of(province: Payers) -> None:
    province.employee(province.employer())
    summary = province.run(collect)
    assert province.bills() == []
    assert "1 employers did not declare" in summary.notes[0][1]


def test_collecting_again_in_a_reopened_month_books_only_what_changed(province: Payers) -> None:
    employer = province.employer()
    one, other = province.employee(employer), province.employee(employer)
    province.flexible(500_000)
    province.declare(employer, one, 800_000)
    province.run(collect)
    before = province.bills(), province.contributions(one)
    province.reopen()
    summary = province.run(collect)
    assert (province.bills(), province.contributions(one)) == before
    assert summary.numbers["contribution_rows"] == 0
    province.books.execute(
        "INSERT INTO period_event (region, month, round, event, officer) VALUES (44, '2025-01-01', 1, 'closed', 'A')"
    )
    province.books.execute(
        """INSERT INTO period_event (region, month, round, event, officer, reason)
           VALUES (44, '2025-01-01', 2, 'reopened', 'A', 'why')"""
    )
    province.declare(employer, other, 800_000)
    province.run(collect)
    assert province.bills()[2:] == [(3, "2025-01", "correction", EIGHT)]


def test_a_province_without_its_floor_stops_the_step_and_is_named(books: Books) -> None:
    province = Payers(books, region=33)
    employer = province.employer()
    person = province.employee(employer)
    province.declare(employer, person, 800_000)
    number = province.books.value("SELECT number FROM person WHERE id = %(p)s", p=person)
    with pytest.raises(BooksError, match=r"1 of 1 rows.*published_base_floor.*region=33") as refused:
        province.run(collect)
    assert number in str(refused.value)
    assert province.bills() == []


def test_residents_wait_for_a_subsidy_that_is_not_published_and_are_counted(books: Books) -> None:
    province = Payers(books, region=44)
    province.resident(200)
    summary = province.run(collect)
    assert summary.numbers["residents_waiting"] == 1
    assert any("provincial_subsidy" in en for _, en in summary.notes)
    assert province.bills() == []


def test_a_wage_out_of_range_stops_the_step(province: Payers) -> None:
    employer = province.employer()
    person, other = province.employee(employer), province.employee(employer)
    province.declare(employer, other, 800_000)
    province.declare(employer, person, 200_000_000)
    with pytest.raises(BooksError, match=r"2025-01.*1 of 2 rows.*average_monthly_wage") as refused:
        province.run(collect)
    assert province.books.value("SELECT number FROM person WHERE id = %(p)s", p=person) in str(refused.value)


def test_deferred_contributions_are_due_at_the_end_of_the_year(books: Books) -> None:
    province = Payers(books, region=31, opened="2022-05")
    deferred, ordinary = province.employer(deferral=True), province.employer()
    for employer in (deferred, ordinary):
        province.declare(employer, province.employee(employer, ("employee_pension",), since="2022-01"), 800_000)
    province.run(collect)
    due = dict(books.rows("SELECT employer_id, due_on::text FROM bill"))
    assert due == {deferred: "2022-12-31", ordinary: "2022-05-31"}


def test_statements_do_not_grow_with_people_or_employers(province: Payers) -> None:
    def statements(people: int) -> int:
        for _ in range(people):
            employer = province.employer()
            province.declare(employer, province.employee(employer), 800_000)
        counted: list[int] = []

        def step(context: Context) -> Summary:
            before = province.books.statements
            summary = collect(context)
            counted.append(province.books.statements - before)
            return summary

        step.__name__ = "collect"
        province.run(step)
        return counted[0]

    few = statements(2)
    province.turn()
    assert statements(20) <= few + 4  # one more where bills of an earlier month are looked at
