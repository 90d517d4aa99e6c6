"""Rows made for the binary COPY arrive as they were, whatever they hold."""

from __future__ import annotations

import datetime as dt
from typing import Any

import psycopg
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shebao.books import Books
from shebao.books.rows import encoder

TABLE = """CREATE TEMPORARY TABLE kept (
    at serial, small smallint, middle integer, large bigint, month month, day date, yes boolean, words text,
    sex sex, fen fen, region region)"""
TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
DAYS = st.dates(dt.date(1, 1, 1))
KINDS: dict[str, tuple[pa.DataType, st.SearchStrategy[Any]]] = {
    "small": (pa.int64(), st.integers(-(2**15), 2**15 - 1)),
    "middle": (pa.int32(), st.integers(-(2**31), 2**31 - 1)),
    "large": (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    "month": (pa.date32(), DAYS.map(lambda day: day.replace(day=1))),
    "day": (pa.date32(), DAYS),
    "yes": (pa.bool_(), st.booleans()),
    "words": (pa.string(), TEXTS),
    "sex": (pa.string(), st.sampled_from(["male", "female"])),
    "fen": (pa.int64(), st.integers(-(10**15), 10**15)),
    "region": (pa.int16(), st.integers(11, 65)),
}
ROWS = st.lists(st.fixed_dictionaries({name: st.none() | values for name, (_, values) in KINDS.items()}), max_size=8)


@pytest.fixture
def kept(books: Books) -> Books:
    books.execute(TABLE)
    return books


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS)
def test_what_is_copied_in_is_what_was_given(kept: Books, rows: list[dict[str, Any]]) -> None:
    kept.execute("TRUNCATE kept")
    data = pa.table({name: pa.array([row[name] for row in rows], kind) for name, (kind, _) in KINDS.items()})
    assert kept.copy_in("kept", data) == len(rows)
    found = kept.rows(f"SELECT {', '.join(KINDS)} FROM kept ORDER BY at")
    assert [dict(zip(KINDS, row, strict=True)) for row in found] == rows


def test_rows_of_a_slice_and_of_a_dictionary_are_its_own(kept: Books) -> None:
    whole = pa.table({"large": [1, 2, None, 4], "words": pa.array(["a", None, "c", "d"]).dictionary_encode()})
    assert kept.copy_in("kept", whole.slice(1, 2)) == 2
    assert kept.rows("SELECT large, words FROM kept ORDER BY at") == [(2, None), (None, "c")]


def test_a_number_too_large_for_its_column_is_refused(kept: Books) -> None:
    with pytest.raises(pa.ArrowInvalid, match="32768 not in range"):
        kept.copy_in("kept", pa.table({"small": [32_768]}))
    assert kept.value("SELECT count(*) FROM kept") == 0


@pytest.mark.parametrize(
    "row", [{"month": dt.date(2025, 1, 2)}, {"region": 10}, {"sex": "unknown"}, {"words": "a\x00b"}, {"nothing": 1}]
)
def test_what_the_table_forbids_is_refused(kept: Books, row: dict[str, Any]) -> None:
    with pytest.raises(psycopg.Error):
        kept.copy_in("kept", pa.Table.from_pylist([row]))
    assert kept.value("SELECT count(*) FROM kept") == 0


def test_other_types_go_in_as_text(kept: Books) -> None:
    assert encoder(["int8", "daterange"]) is None
    kept.execute("CREATE TEMPORARY TABLE ranges (valid daterange, facts jsonb)")
    kept.copy_in("ranges", pa.table({"valid": ["[2025-01-01,2025-02-01)"], "facts": ['{"a": "x, y"}']}))
    assert kept.one("SELECT upper(valid), facts FROM ranges") == (dt.date(2025, 2, 1), {"a": "x, y"})
