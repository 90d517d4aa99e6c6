"""Who has reached the statutory age while paying in: found by birth month, whatever else the registry holds."""

from __future__ import annotations

import pytest
from psycopg.types.range import DateRange
from small_province import Province, month

from shebao.books import Books
from shebao.engine.errors import BookError
from shebao.law import rulebook
from shebao.month.context import Context
from shebao.month.of_age import of_age


def found(province: Province) -> list[tuple[int, str, bool]]:
    context = Context(province.books, 34, province.now, rulebook(), "clerk-34")
    with province.books.transaction():
        return [(person, f"{at:%Y-%m}", told) for person, at, told in of_age(context)]


def test_each_by_the_month_of_birth_and_category_who_pays_in(books: Books) -> None:
    province = Province(books, 34, "2026-02", rulebook())
    of_age_now = province.person(birth="1965-11-20")  # 60 years and 3 months by the gradual delay
    too_young = province.person(birth="1965-12-01")
    pays_no_more = province.person(birth="1965-11-20")
    for person in (of_age_now, too_young):
        province.participates(person, "2020-01")
    province.participates(pays_no_more, "2020-01", valid=DateRange(month("2020-01"), month("2025-06")))
    assert found(province) == [(of_age_now, "2026-02", False)]


def test_a_birth_the_law_cannot_date_matters_only_for_who_pays_in(books: Books) -> None:
    province = Province(books, 34, "2026-02", rulebook())
    ancient = province.person(birth="1765-11-20")
    of_age_now = province.person(birth="1965-11-20")
    province.participates(of_age_now, "2020-01")
    assert [person for person, *_ in found(province)] == [of_age_now]
    province.participates(ancient, "2020-01")
    with pytest.raises(BookError, match=r"the statutory age of 1 people cannot be computed: .*birth_month"):
        found(province)
