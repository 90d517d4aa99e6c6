"""Person registers."""

from __future__ import annotations

import datetime as dt

import pytest
from sentfiles import citizen, text, xlsx

from shebao.intake import IntakeError, PersonFile, read_persons

HEADINGS = [
    "姓名",
    "公民身份号码",
    "性别",
    "出生日期",
    "行政区划代码",
    "户口所在地",
    "户籍",
    "手机号",
    "银行账号",
    "开户行",
]
GOOD = [
    "李四",
    citizen(2),
    "女",
    "1990年3月7日",
    "440106",
    "36",
    "农业",
    "138 0013 8000",
    "6222 0000 1234 5678 901",
    "某银行",
]


def read(data: bytes, **options: object) -> PersonFile:
    file = read_persons(data, name="test", **options)  # type: ignore[arg-type]
    assert file.accepted + file.rejected_rows + len(file.ignored) == file.rows_in_sheet
    return file


def test_a_whole_row() -> None:
    (row,) = read(text([HEADINGS, GOOD])).rows.to_pylist()
    assert row == {
        "row_number": 2,
        "citizen_number": citizen(2),
        "name": "李四",
        "sex": "female",
        "born_on": dt.date(1990, 3, 7),
        "area": 440_106_000_000,
        "hukou_area": 360_000_000_000,
        "hukou": "rural",
        "phone": "13800138000",
        "bank_account": "6222000012345678901",
        "bank_name": "某银行",
    }


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        *((2, "男", "sex_differs"), (2, "x", "not_choice"), (3, "1990-03-08", "birth_differs")),
        (3, "1990-03", "date_without_day"),
        *((4, "99", "area_form"), (4, "44010", "area_form"), (4, "", "missing"), (7, "12345", "phone_form")),
        *((8, 6.222000012345678e18, "lost_precision"), (8, "62-22", "bank_account_form")),
        *((9, "某\n行", "text_form"), (9, "某行\n", None)),
    ],
)  # fmt: skip
def test_a_faulty_cell(column: int, cell: object, code: str | None) -> None:
    row: list[object] = list(GOOD)
    row[column] = cell
    assert [f.reason.code for f in read(xlsx([HEADINGS, row])).rejected] == ([code] if code else [])


def test_numbers_of_a_workbook_keep_what_fits() -> None:
    row: list[object] = [*GOOD[:4], 440106001, "", "", 13800138000, 622200001234567, ""]
    (got,) = read(xlsx([HEADINGS, row])).rows.to_pylist()
    assert (got["area"], got["phone"], got["bank_account"]) == (440_106_001_000, "13800138000", "622200001234567")


def test_a_person_stands_in_the_file_once() -> None:
    file = read(text([HEADINGS, GOOD, GOOD]))
    assert [(f.row_number, f.reason.code, f.other) for f in file.rejected] == [(3, "duplicate", "2")]


def test_the_area_may_hold_for_the_whole_file() -> None:
    data = text([HEADINGS[:2], GOOD[:2]])
    assert read(data, area="4401").rows["area"].to_pylist() == [440_100_000_000]
    with pytest.raises(IntakeError, match=r"行政区划代码"):
        read(data)
