"""Facts are recorded, changed and corrected without anything being lost, and found again."""

from __future__ import annotations

import datetime as dt

import pytest
from stdnum.cn import ric

from shebao.books import Books, BooksError, connect
from shebao.books.record import balances, log_look, name_of, whole_record
from shebao.books.registry import Registrar, add_officer, add_offices, areas_of, read_citizen_number, search

MARCH, APRIL = dt.date(2025, 3, 1), dt.date(2025, 4, 1)
GUANGDONG, CITY = 440000000000, 440100000000
CODE = "91110000600037341L"


def citizen(serial: int, born: str = "19900307") -> str:
    digits = f"440106{born}{serial:03d}"
    return digits + ric.calc_check_digit(digits + "0")


@pytest.fixture
def registrar(books: Books) -> Registrar:
    """For Guangdong, its books open in March 2025."""
    add_offices(books, [(GUANGDONG, 1, "广东", None), (CITY, 2, "广州", GUANGDONG), (430000000000, 1, "湖南", None)])
    for region in (44, 43):
        books.execute("INSERT INTO period_event VALUES (%(r)s, %(m)s, 0, 'opened', 'A')", r=region, m=MARCH)
    return Registrar(books, 44, "counter")


def history(books: Books, table: str, columns: str) -> list[tuple[object, ...]]:
    return books.rows(f"SELECT {columns} FROM {table} ORDER BY version")


def test_a_number_tells_sex_and_birth(registrar: Registrar) -> None:
    person = registrar.register_person(citizen(2).lower(), "李梅", "women50", area=CITY)
    known = registrar.books.one(
        "SELECT sex::text, birth_date, category::text, area, lower(valid) FROM person_now WHERE person_id = %(p)s",
        p=person,
    )
    assert known == ("female", dt.date(1990, 3, 7), "women50", CITY, dt.date(1990, 3, 7))
    assert registrar.person_id(citizen(2)) == person


@pytest.mark.parametrize("number", ["", "440106199003070017", "4401061990030700", "44010619900230001X", "x" * 18])
def test_what_is_no_number_is_refused(number: str) -> None:
    with pytest.raises(BooksError):
        read_citizen_number(number)


def test_what_cannot_be_is_refused_in_words(registrar: Registrar) -> None:
    person = registrar.register_person(citizen(1), "张三", "men60")
    refused = [
        lambda: registrar.register_person(citizen(1), "张三", "men60"),
        lambda: registrar.register_person(citizen(3), "张三", "women50"),
        lambda: registrar.register_person(citizen(3), "", "men60"),
        lambda: registrar.register_person(citizen(3), "张三", "men60", area=430000000000),
        lambda: registrar.record_death(person, dt.date(1980, 1, 1)),
        lambda: registrar.set_bank_account(person, "12", "34", "张三"),
        lambda: registrar.correct_person(person, nonsense=1),
        lambda: registrar.correct_person(person, name=""),
        lambda: registrar.correct_person(person + 1, name="李四"),
        lambda: registrar.leave(person, APRIL),
        lambda: registrar.join(person, ["employee_pension"], "flexible", MARCH),
        lambda: registrar.join(person, ["no such scheme"], "flexible", MARCH, chosen_base=1),
        lambda: registrar.hire(person, 999, MARCH),
        lambda: registrar.register_employer("91110000600037341X", "公司", "large", 1),
        lambda: registrar.register_employer(CODE, "公司", "huge", 1),
        lambda: registrar.claim(person, "no such benefit", MARCH),
        lambda: registrar.withdraw_event(person),
    ]
    for call in refused:
        before = registrar.books.value("SELECT count(*) FROM person_record")
        with pytest.raises(BooksError):
            call()
        assert registrar.books.value("SELECT count(*) FROM person_record") == before


def test_a_correction_keeps_what_was_known(registrar: Registrar) -> None:
    person = registrar.register_person(citizen(1), "张三", "men60")
    registrar.correct_person(person, name="张山", birth_date=dt.date(1990, 3, 8))
    rows = history(registrar.books, "person_record", "version, name, upper_inf(known), superseded_in")
    assert rows == [(0, "张三", False, MARCH), (1, "张山", True, None)]
    assert registrar.books.value("SELECT count(*) FROM person_record WHERE known @> now()") == 1


def test_a_change_from_a_day_on_splits_the_period(registrar: Registrar) -> None:
    employer = registrar.register_employer(CODE, "公司", "large", 1)
    registrar.change_employer(employer, APRIL, industry_class=5)
    rows = registrar.books.rows("SELECT industry_class, valid::text FROM employer_now ORDER BY valid")
    assert rows == [(1, "(,2025-04-01)"), (5, "[2025-04-01,)")]


def test_hired_and_left(registrar: Registrar) -> None:
    person = registrar.register_person(citizen(1), "张三", "men60")
    employer = registrar.register_employer(CODE, "公司", "large", 1)
    registrar.hire(person, employer, MARCH)
    with pytest.raises(BooksError, match="重叠"):
        registrar.hire(person, employer, APRIL)
    registrar.leave(person, APRIL)
    registrar.hire(person, employer, APRIL)
    rows = registrar.books.rows(
        "SELECT valid::text FROM participation_now WHERE scheme = 'unemployment' ORDER BY valid"
    )
    assert rows == [("[2025-03-01,2025-04-01)",), ("[2025-04-01,)",)]


def test_a_death_is_recorded_once_and_may_be_withdrawn(registrar: Registrar) -> None:
    person = registrar.register_person(citizen(1), "张三", "men60")
    registrar.record_death(person, MARCH)
    with pytest.raises(BooksError, match="已登记"):
        registrar.record_death(person, MARCH)
    registrar.withdraw_event(person)
    registrar.record_death(person, APRIL)
    assert registrar.books.rows("SELECT happened_on FROM life_event WHERE upper_inf(known)") == [(APRIL,)]


def test_emigration_is_an_event(registrar: Registrar) -> None:
    registrar.record_emigration(registrar.register_person(citizen(1), "张三", "men60"), MARCH)
    assert registrar.books.rows("SELECT kind::text FROM life_event") == [("emigration",)]


def test_a_person_is_in_one_household_at_a_time(registrar: Registrar) -> None:
    person = registrar.register_person(citizen(1), "张三", "men60")
    first, second = (registrar.register_household(number, CITY) for number in ("H1", "H2"))
    registrar.join_household(person, first, "户主", MARCH)
    with pytest.raises(BooksError, match="重叠"):
        registrar.join_household(person, second, "子", APRIL)
    registrar.leave_household(person, first, APRIL)
    registrar.join_household(person, second, "子", APRIL)
    rows = registrar.books.rows(
        "SELECT household_id, valid::text FROM household_member WHERE upper_inf(known) ORDER BY valid"
    )
    assert rows == [(first, "[2025-03-01,2025-04-01)"), (second, "[2025-04-01,)")]


def test_another_region_does_not_correct_the_registry(registrar: Registrar) -> None:
    person = registrar.register_person(citizen(1), "张三", "men60", area=CITY)
    other = Registrar(registrar.books, 43, "counter")
    with pytest.raises(BooksError):
        other.correct_person(person, name="李四")
    registrar.join(person, ["employee_pension"], "flexible", MARCH, chosen_base=500_000)
    other.join(person, ["resident_pension"], "resident", MARCH, grade=500)
    assert registrar.books.rows("SELECT region, area FROM participation ORDER BY region") == [
        (43, 430000000000),
        (44, CITY),
    ]


# ---- looking up -------------------------------------------------------------------------------


@pytest.fixture
def found(registrar: Registrar) -> dict[str, int]:
    employer = registrar.register_employer(CODE, "广州 100%_电子公司", "large", 1)
    people = {
        name: registrar.register_person(citizen(2 * n + 1), name, "men60")
        for n, name in enumerate(("张三", "张山", "李四"))
    }
    registrar.hire(people["李四"], employer, MARCH)
    return people


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (citizen(1), ["张三"]),
        ("44010619900307", ["张三", "张山", "李四"]),
        ("张", None),
        ("张三", ["张三"]),
        ("100%_电子", []),
        ("电子公司", ["李四"]),
        ("广州 100%_", ["李四"]),
        ("_三", []),
        ("%%", []),
        ("王五", []),
    ],
)
def test_people_are_found(registrar: Registrar, found: dict[str, int], text: str, names: list[str] | None) -> None:
    if names is None:
        with pytest.raises(BooksError):
            search(registrar.books, text)
        return
    assert sorted(one.name for one in search(registrar.books, text)) == sorted(names)


def test_only_people_of_the_areas_are_found_however_many_come_before(
    registrar: Registrar, found: dict[str, int]
) -> None:
    at_city = registrar.register_person(citizen(9), "张四", "men60", area=CITY)
    registrar.hire(at_city, 1, MARCH)
    city, elsewhere = (CITY, CITY + 10**8), (430000000000, 440000000000)
    for text in ("44", "张四", "电子公司"):
        assert [one.name for one in search(registrar.books, text, 1, city)] == ["张四"]
        assert search(registrar.books, text, 1, elsewhere) == []


def test_an_officer_s_areas_are_those_of_the_office(registrar: Registrar) -> None:
    add_officer(registrar.books, "C", "丙", CITY, ["look"])
    assert areas_of(registrar.books, "C") == (CITY, 440200000000)
    with pytest.raises(BooksError, match="nobody is not known"):
        areas_of(registrar.books, "nobody")


def test_a_name_of_too_many_employers_finds_only_people_so_named(
    registrar: Registrar, found: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    registrar.change_employer(1, APRIL, name="张三电子")
    monkeypatch.setattr("shebao.books.registry.EMPLOYERS", 0)
    assert [one.name for one in search(registrar.books, "张三")] == ["张三"]
    with pytest.raises(BooksError, match="give more of it"):
        search(registrar.books, "电子")


def test_who_is_named_comes_before_whose_employer_is(registrar: Registrar, found: dict[str, int]) -> None:
    registrar.change_employer(1, APRIL, name="张三电子")
    assert next(one.name for one in search(registrar.books, "张三")) == "张三"


def test_the_whole_record(registrar: Registrar, found: dict[str, int]) -> None:
    books, person = registrar.books, found["李四"]
    books.ensure_months([MARCH, APRIL])
    registrar.correct_person(person, phone="13800138000")
    registrar.set_bank_account(person, "102581000013", "62220200000001", "李四")
    for month, version, amount in ((MARCH, 0, 500), (MARCH, 1, -100), (APRIL, 0, 300)):
        books.execute(
            """INSERT INTO account_movement (month, person_id, scheme, kind, version, region, area, amount, booked)
               VALUES (%(m)s, %(p)s, 'employee_pension', 'contribution', %(v)s, 44, 440000000000, %(a)s,
                       '2025-03-01')""",
            m=month,
            p=person,
            v=version,
            a=amount,
        )
    add_officer(books, "A", "甲", GUANGDONG, ["look"])
    log_look(books, citizen(5), "A", "asked at the counter")
    statements = books.statements
    record = whole_record(books, citizen(5))
    assert books.statements - statements == 2
    assert name_of(record) == "李四"
    assert [fact["stands"] for fact in record["facts"]] == [False, True]
    assert [(e["month"], e["amount"], e["balance"]) for e in record["account"]] == [
        ("2025-03-01", 400, 400),
        ("2025-04-01", 300, 700),
    ]
    assert balances(record) == {"employee_pension": 700}
    assert record["looks"][0]["purpose"] == "asked at the counter"
    assert len(record["participations"]) == 3
    with pytest.raises(BooksError):
        whole_record(books, citizen(99))


def test_a_look_has_an_officer_and_a_purpose(registrar: Registrar, found: dict[str, int]) -> None:
    for number, officer, purpose in ((citizen(1), "nobody", "x"), (citizen(99), "A", "x"), (citizen(1), "A", " ")):
        with pytest.raises(BooksError):
            log_look(registrar.books, number, officer, purpose)


def test_an_officer_enters_with_the_key_only(registrar: Registrar) -> None:
    key = add_officer(registrar.books, "A", "甲", CITY, ["look"])
    with pytest.raises(BooksError):
        add_officer(registrar.books, "A", "乙", CITY, ["look"])
    with pytest.raises(BooksError):
        add_officer(registrar.books, "B", "乙", CITY, ["sleep"])
    assert key not in str(registrar.books.rows("SELECT * FROM officer"))
    with connect("app") as app:
        app.execute("SELECT enter_session('A', %(k)s)", k=key)
        assert app.value("SELECT my_officer()") == "A"


# ---- transfers --------------------------------------------------------------------------------


@pytest.fixture
def mover(registrar: Registrar, found: dict[str, int]) -> int:
    return found["李四"]


def test_a_transfer_is_asked_for_once(registrar: Registrar, mover: int) -> None:
    made = registrar.request_transfer(mover, 43, APRIL)
    assert made == f"{mover}-44-43-2025-04-01-employee_pension"
    with pytest.raises(BooksError, match="is under way"):
        registrar.request_transfer(mover, 43, APRIL, "unemployment", "unemployment")


def test_what_has_left_for_books_elsewhere_is_no_longer_under_way(registrar: Registrar, mover: int) -> None:
    made = registrar.request_transfer(mover, 32, APRIL)  # these books have no region 32, so nobody here takes it in
    registrar.books.execute(
        """INSERT INTO transfer_leg (transfer, side, region, area, booked, account, pooled, months, career)
           VALUES (%(t)s, 'out', 44, 440000000000, %(m)s, 1, 1, 1, '{}')""",
        t=made,
        m=APRIL,
    )
    registrar.request_transfer(mover, 43, APRIL)


def test_nothing_moves_of_who_has_no_relation_or_has_died(registrar: Registrar, found: dict[str, int]) -> None:
    with pytest.raises(BooksError, match="has no employee_pension in region 44"):
        registrar.request_transfer(found["张三"], 43, APRIL)
    with pytest.raises(BooksError, match="already in employee_pension of region 44"):
        registrar.request_transfer(found["李四"], 44, APRIL)
    registrar.record_death(found["李四"], APRIL)
    with pytest.raises(BooksError, match="has died"):
        registrar.request_transfer(found["李四"], 43, APRIL)
