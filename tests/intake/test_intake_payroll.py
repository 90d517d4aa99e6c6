"""Payroll declarations in the forms employers send them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pytest
from sentfiles import CODE, HEADINGS, OTHER_CODE, citizen, person, text, xls, xlsx

from shebao.intake import IntakeError, PayrollFile, Reason, payroll_template, read_payroll, write_rejects

MARCH = dt.date(2025, 3, 1)


def read(data: bytes, **options: object) -> PayrollFile:
    file = read_payroll(data, name="test", **options)  # type: ignore[arg-type]
    assert file.accepted + file.rejected_rows + len(file.ignored) == file.rows_in_sheet
    return file


def reasons(file: PayrollFile) -> dict[int, set[Reason]]:
    found: dict[int, set[Reason]] = {}
    for finding in file.rejected:
        assert finding.zh
        assert finding.en
        found.setdefault(finding.row_number, set()).add(finding.reason)
    return found


def verdict(cell: object, column: int = 4, **options: object) -> object:
    """What becomes of one cell in an otherwise good row of a workbook: the value, or the reason."""
    row = person(11)
    row[column] = cell
    file = read(xlsx([HEADINGS, row], **options))
    if file.rejected:
        (finding,) = file.rejected
        return finding.reason
    return file.rows[("name", "citizen_number", "credit_code", "month", "wage_fen")[column]][0].as_py()


# ---- whole files ------------------------------------------------------------------------------


def test_a_plain_workbook() -> None:
    file = read(xlsx([HEADINGS, person(1, 8123.45), person(2, "12,000.50")]))
    assert file.rows.to_pylist()[1] == {
        "row_number": 3,
        "citizen_number": citizen(2),
        "name": "张三",
        "credit_code": CODE,
        "month": MARCH,
        "wage_fen": 1_200_050,
        "hired_on": None,
        "left_on": None,
        "schemes": None,
        "hukou": None,
        "sex": "female",
        "born_on": dt.date(1990, 3, 7),
    }
    assert file.rows.schema.field("wage_fen").type == pa.int64()
    assert file.rows.schema.field("month").type == pa.date32()
    assert (file.months, file.credit_codes) == ([MARCH], [CODE])


def test_the_old_binary_format() -> None:
    file = read(xls([["申报表"], HEADINGS, person(1, 8123.45), person(2, 1, 45717.0), person(3, 1.001)]))
    assert (file.sheet, file.rows["wage_fen"].to_pylist()) == ("表1", [812_345])
    assert reasons(file) == {4: {Reason.DATE_SYSTEM}, 5: {Reason.AMOUNT_DECIMALS}}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_text_in_every_encoding_and_delimiter(encoding: str, delimiter: str) -> None:
    file = read(text([HEADINGS, person(1, "8,123.45"), person(2)], delimiter, encoding))
    assert file.rows["wage_fen"].to_pylist() == [812_345, 800_000]


def test_the_same_content_has_the_same_hash_in_every_format() -> None:
    rows = [HEADINGS, person(1), person(2, "x")]
    book, plain = read(xlsx([["申报表"], [], *rows])), read(text(rows))
    assert book.sha256 != plain.sha256
    assert book.content_sha256 == plain.content_sha256
    assert book.content_sha256 != read(text([HEADINGS, person(1), person(2, "y")])).content_sha256
    assert book.content_sha256 != read(text([HEADINGS, person(1, 8001), person(2, "x")])).content_sha256


def test_titles_blanks_totals_and_notes_are_listed_not_lost() -> None:
    rows = [
        ["2025年3月社会保险缴费工资申报表"],
        ["单位名称：某某公司", "", "", "所属期", "2025-03"],
        [],
        HEADINGS,
        person(1),
        [],
        ["  ", "", "　"],
        person(2),
        HEADINGS,
        ["合　计", "", "", "", 16000],
        ["小计：2人"],
        ["注：以上数据真实。"],
        ["制表人：李四", "", "审核：王五"],
    ]
    file = read(xlsx(rows))
    assert file.rows["row_number"].to_pylist() == [5, 8]
    assert [(i.row_number, i.why) for i in file.ignored] == [
        *((1, "title"), (2, "title"), (3, "blank"), (4, "header"), (6, "blank"), (7, "blank"), (9, "header")),
        *((10, "total"), (11, "total"), (12, "note"), (13, "note")),
    ]


def test_a_row_that_only_lacks_something_is_rejected_not_ignored() -> None:
    lacks = [
        ["张三"],
        ["", citizen(1)],
        ["", "", "", "", 8000],
        ["合计", *person(3)[1:]],
        ["单位", "", CODE, "2025-03", 8],
    ]
    file = read(xlsx([HEADINGS, *lacks]))
    assert sorted(reasons(file)) == [2, 3, 4, 6]
    assert file.rows["name"].to_pylist() == ["合计"]  # all that is asked is there: it is a person's row


def test_rows_numbered_in_advance_declare_nobody() -> None:
    file = read(xlsx([["序号", *HEADINGS], [1, *person(1)], [2], [3, "", "-"]]))
    assert (file.accepted, file.rejected_rows) == (1, 0)
    assert [(i.row_number, i.why, i.text) for i in file.ignored[1:]] == [(3, "note", "2"), (4, "note", "3 -")]


def test_headings_in_two_rows_of_merged_cells() -> None:
    upper = ["人员信息", "", "统一社会信用代码", "申报信息", ""]
    lower = ["姓 名", "证件号码", "", "申报月份", "缴费工资（元）*"]
    file = read(xlsx([["申报表"], upper, lower, person(1)]))
    assert file.accepted == 1
    assert file.columns["wage_fen"] == "缴费工资（元）*"
    assert file.headings[2] == "统一社会信用代码"


@pytest.mark.parametrize(
    "headings",
    [
        ["职工姓名", "公民身份号码", "社会信用代码", "所属期", "工资"],
        ["姓　名", "社会保障号", "单位编号", "申报月份", "缴费基数(元)"],
        ["Name", "ID Number", "Credit Code", "Month", "Monthly wage"],
        ["姓名 Name", "身份证号码 ID number", "信用代码", "费款所属年月", "申报工资：元"],
    ],
)
def test_headings_vary(headings: list[object]) -> None:
    headings = [str(h).replace("：元", "") for h in headings]
    assert read(text([headings, person(1)])).accepted == 1


def test_a_fallback_heading_gives_way() -> None:
    file = read(text([["单位编号", *HEADINGS], ["0001", *person(1)]]))
    assert file.rows["credit_code"].to_pylist() == [CODE]
    assert file.unknown_columns == ("单位编号",)


def test_unknown_columns_are_reported() -> None:
    file = read(xlsx([[*HEADINGS, "备注", ""], [*person(1), "", ""], [*person(2), "", "旁注"]]))
    assert file.unknown_columns == ("备注", "(G)")
    assert file.accepted == 2


def test_a_missing_column_names_what_was_looked_for_and_found() -> None:
    with pytest.raises(IntakeError, match=r"缴费工资/.*表中有：姓名、身份证号、统一社会信用代码、费款所属期、薪水"):
        read(text([[*HEADINGS[:4], "薪水"], person(1)]))


def test_two_columns_of_one_meaning_are_refused() -> None:
    with pytest.raises(IntakeError, match=r"E“缴费工资”、F“缴费基数”"):
        read(text([[*HEADINGS, "缴费基数"], [*person(1), 1]]))


def test_no_header_at_all() -> None:
    with pytest.raises(IntakeError, match=r"没有找到表头"):
        read(text([person(1), person(2)]))


def test_the_sheet_that_holds_the_table_is_found() -> None:
    file = read(xlsx([["说明"]], [HEADINGS, person(1)], names=("说明", "三月")))
    assert (file.sheet, file.accepted) == ("三月", 1)


def test_of_several_tables_one_must_be_named() -> None:
    data = xlsx([HEADINGS, person(1)], [HEADINGS, person(2)], names=("三月", "四月"))
    with pytest.raises(IntakeError, match=r"三月、四月"):
        read(data)
    assert read(data, sheet="四月").rows["citizen_number"].to_pylist() == [citizen(2)]
    with pytest.raises(IntakeError, match=r"没有工作表“五月”"):
        read(data, sheet="五月")


def test_month_and_employer_of_the_whole_file() -> None:
    data = text([["姓名", "身份证号", "工资"], ["张三", citizen(1), "8000"]])
    file = read(data, month="2025-03", credit_code=CODE)
    assert file.rows.select(["month", "credit_code"]).to_pylist() == [{"month": MARCH, "credit_code": CODE}]
    with pytest.raises(IntakeError, match=r"费款所属期"):
        read(data, credit_code=CODE)
    with pytest.raises(IntakeError, match=r"month.*2025-13"):
        read(data, month="2025-13", credit_code=CODE)


def test_a_row_must_agree_with_what_holds_for_the_file() -> None:
    rows = [HEADINGS, person(1), [*person(2)[:2], "", "", 1], [*person(3)[:2], OTHER_CODE, "2025-04", 1]]
    file = read(text(rows), month="2025-03", credit_code=CODE)
    assert file.accepted == 2
    assert reasons(file)[4] >= {Reason.OTHER_MONTH}


def test_the_second_of_two_equal_rows_is_rejected_and_names_the_first() -> None:
    file = read(xlsx([HEADINGS, person(1, "bad"), person(1), person(1, 9000), person(1, 1, "2025-04")]))
    assert file.rows["row_number"].to_pylist() == [3, 5]
    finding = file.rejected[-1]
    assert (finding.row_number, finding.reason, finding.other) == (4, Reason.DUPLICATE, "3")


def test_rows_of_different_schemes_do_not_repeat() -> None:
    rows = [
        [*person(1), "养老、失业"],
        [*person(1), "工伤"],
        [*person(1), "失业保险"],
        [*person(1), ""],
        [*person(2), "寿险"],
    ]
    file = read(xlsx([[*HEADINGS, "险种"], *rows]))
    assert file.rows["schemes"].to_pylist() == [["employee_pension", "unemployment"], ["work_injury"]]
    assert [f.reason for f in file.rejected] == [Reason.DUPLICATE, Reason.DUPLICATE, Reason.NOT_CHOICE]


def test_a_comma_that_splits_an_amount_does_not_shift_the_row_unseen() -> None:
    file = read(f"{','.join(HEADINGS)}\n张三,{citizen(1)},{CODE},2025-03,8,123.45\n".encode())
    assert reasons(file) == {2: {Reason.EXTRA_CELLS}}


def test_a_stray_quote_does_not_swallow_rows() -> None:
    lines = [",".join(map(str, row)) for row in (HEADINGS, person(1), person(2), person(3))]
    lines[2] = '"' + lines[2]
    with pytest.raises(IntakeError, match=r"line \d"):
        read("\n".join(lines).encode())


def test_derived_facts_must_agree_with_the_number() -> None:
    rows = [[*person(1), "女", "1990-03-07"], [*person(2), "女", "1990-03-08"], [*person(4), "2", "19900307"]]
    file = read(xlsx([[*HEADINGS, "性别", "出生日期"], *rows]))
    assert reasons(file) == {2: {Reason.SEX_DIFFERS}, 3: {Reason.BIRTH_DIFFERS}}


def test_dates_must_follow_each_other() -> None:
    rows = [[*person(1), "2025-03-02", "2025-03-01"], [*person(2, 1, "1990-03"), "", ""]]
    file = read(xlsx([[*HEADINGS, "入职日期", "离职日期"], *rows]))
    assert reasons(file) == {2: {Reason.LEFT_BEFORE_HIRED}, 3: {Reason.NOT_YET_BORN}}


# ---- cells ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        *((8123.45, 812_345), (8123.4500000001, Reason.AMOUNT_DECIMALS)),
        *((0, 0), (-0.0, 0), (-1, Reason.AMOUNT_NEGATIVE)),
        *((1e8, Reason.AMOUNT_TOO_LARGE), (1e-9, Reason.AMOUNT_DECIMALS)),
        *(("８，１２３．４５", 812_345), ("￥8,123.45 元", 812_345), ("8123.450", 812_345)),
        (" 8 000", Reason.AMOUNT_FORM),
        *(("1,23", Reason.AMOUNT_FORM), ("8千", Reason.AMOUNT_FORM), ("1e3", Reason.AMOUNT_FORM), ("'8000", 800_000)),
        *((True, Reason.NOT_TEXT), ("", Reason.MISSING), ("-", Reason.MISSING), ("#REF!", Reason.FORMULA_ERROR)),
        *((dt.date(2025, 3, 1), Reason.NOT_TEXT), ("=1+1", Reason.AMOUNT_FORM), ("99999999.99", 9_999_999_999)),
    ],
)  # fmt: skip
def test_amounts(cell: object, value: object) -> None:
    assert verdict(cell) == value


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "2025-03",
            "2025/3",
            "2025年3月",
            "2025年 3 月份",
            "202503",
            "2025.3",
            "２０２５．０３",
            "2025-03-31",
            "20250317",
        ),
        *(202503, 20250301, 2025.3, 2025.03, 45717, 45747.5, dt.date(2025, 3, 9), dt.datetime(2025, 3, 9, 8, 30)),
    ],
)
def test_months(cell: object) -> None:
    assert verdict(cell, 3) == MARCH


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        *((2025.1, Reason.MONTH_AMBIGUOUS), ("2025.1.32", Reason.DATE_FORM), ("2025-13", Reason.MONTH_FORM)),
        *((2025, Reason.MONTH_FORM), ("3月", Reason.MONTH_FORM), ("25-03", Reason.MONTH_FORM), ("", Reason.MISSING)),
        *(("202503-202504", Reason.MONTH_FORM), ("1899-12", Reason.DATE_OUT_OF_RANGE), (True, Reason.NOT_TEXT)),
    ],
)
def test_what_is_no_month(cell: object, reason: Reason) -> None:
    assert verdict(cell, 3) == reason


def test_serial_numbers_of_both_calendars() -> None:
    assert verdict(45717, 3) == dt.date(2025, 3, 1)
    assert verdict(45717 - 1462, 3, date_1904=True) == dt.date(2025, 3, 1)
    file = read(text([HEADINGS, person(1, 1, "45717")]))
    assert reasons(file) == {2: {Reason.DATE_SYSTEM}}  # text does not tell the calendar


def test_dates_need_their_day_and_errors_in_optional_cells_count() -> None:
    cells = ["2025-03-01", "20250301", 45717, "2025-03", "202503", "2025-02-29", "#N/A", "/", "3/1/2025"]
    rows = [[*person(at + 1), cell] for at, cell in enumerate(cells)]
    file = read(xlsx([[*HEADINGS, "入职日期"], *rows]))
    assert file.rows["hired_on"].to_pylist() == [MARCH, MARCH, MARCH, None]
    assert [f.reason.code for f in file.rejected] == [
        *("date_without_day", "date_without_day", "date_form", "formula_error", "date_form"),
    ]


X = next(number for number in map(citizen, range(1, 99)) if number.endswith("X"))


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        *((X.lower(), X), ("'" + X, X), (f'="{X}"', X), (X[:6] + " " + X[6:14] + "　" + X[14:], X)),
        (X.translate({ord("0") + d: ord("０") + d for d in range(10)}).replace("X", "ｘ"), X),
        *((4.40106199003070e17, Reason.LOST_PRECISION), ("4.40106E+17", Reason.LOST_PRECISION)),
        *(("440106900307001", Reason.OLD_NUMBER), (440106900307001, Reason.OLD_NUMBER)),
        *((X[:17] + "1", Reason.CITIZEN_NUMBER_CHECK), (X[:17], Reason.CITIZEN_NUMBER_FORM)),
        (citizen(1, "19900231"), Reason.CITIZEN_NUMBER_BIRTH),
        (citizen(1, place="000000"), Reason.CITIZEN_NUMBER_PLACE),
        *(("=cmd|' /C calc'!A0", Reason.CITIZEN_NUMBER_FORM), ("٠" * 17 + "0", Reason.CITIZEN_NUMBER_FORM)),
        ("1_0106199003070010", Reason.CITIZEN_NUMBER_FORM),
        (citizen(1, place="810000"), citizen(1, place="810000")),
    ],
)  # fmt: skip
def test_citizen_numbers(cell: object, value: object) -> None:
    assert verdict(cell, 1) == value


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        *(("张　三", "张三"), ("买买提•吐尔逊", "买买提·吐尔逊"), (" John  Smith ", "John Smith")),
        ("欧阳\u200b娜娜", "欧阳娜娜"),
        *(("张3", Reason.NAME_FORM), ("=1+1", Reason.NAME_FORM), ("张\u202e三", "张三"), ("张" * 51, Reason.NAME_FORM)),
        *((12, Reason.NOT_TEXT), ("\U00020000明", "\U00020000明"), ("张\n三", "张三"), ("···", Reason.NAME_FORM)),
    ],
)  # fmt: skip
def test_names(cell: object, value: object) -> None:
    assert verdict(cell, 0) == value


def test_credit_codes() -> None:
    assert verdict(CODE.lower(), 2) == CODE
    assert verdict(CODE[:17] + "M", 2) == Reason.CREDIT_CODE_CHECK
    assert verdict("0001", 2) == Reason.CREDIT_CODE_FORM


# ---- answers ----------------------------------------------------------------------------------


def test_the_rejects_come_back_with_reasons_and_can_be_read_again(tmp_path: Path) -> None:
    path = tmp_path / "rejects.xlsx"
    rows = [[*HEADINGS, "备注"], [*person(1), ""], [*person(2, "-5"), "=cmd|'x'!A1"], ["张3", *person(3)[1:], "+1"]]
    file = read(xlsx([["申报表"], *rows]))
    assert write_rejects(path, file, file.rejected) == 2
    again = read(path.read_bytes())
    assert [f.reason for f in again.rejected] == [f.reason for f in file.rejected]
    assert again.headings == ("行号 row", "结果 outcome", "原因", "reason", *file.headings)
    first = again.cells(2)
    assert first[:3] == ("4", "拒绝 rejected", file.rejected[0].zh)
    assert first[-1] == "=cmd|'x'!A1"  # the text, not a formula


def test_a_number_that_lost_digits_does_not_come_back_as_text_that_fits(tmp_path: Path) -> None:
    path, row = tmp_path / "rejects.xlsx", person(1)
    row[1] = float(citizen(2))
    file = read(xlsx([HEADINGS, row]))
    write_rejects(path, file, file.rejected)
    assert [f.reason for f in read(path.read_bytes()).rejected] == [Reason.LOST_PRECISION]


def test_an_adjusted_row_can_be_left_out(tmp_path: Path) -> None:
    from shebao.intake import Finding

    file = read(xlsx([HEADINGS, person(1), person(2, -1)]))
    found = [Finding(2, Reason.BASE_BELOW_FLOOR, "缴费工资", "8000", "8200"), *file.rejected]
    assert write_rejects(tmp_path / "all.xlsx", file, found) == 2
    assert write_rejects(tmp_path / "rejected.xlsx", file, found, adjusted=False) == 1


def test_the_findings_as_a_table() -> None:
    table = read(xlsx([HEADINGS, person(1, -1)])).rejected_table()
    (row,) = table.to_pylist()
    assert (row["row_number"], row["code"], row["cells"][-1]) == (2, "amount_negative", "-1")


def test_the_template_is_a_declaration_of_nobody(tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    payroll_template(path)
    file = read_payroll(path, name="template.xlsx")
    assert (file.rows_in_file, file.unknown_columns) == (0, ())
    assert len(file.columns) == 9


@pytest.mark.parametrize("reason", list(Reason), ids=lambda reason: reason.code)
def test_every_reason_speaks_both_languages(reason: Reason) -> None:
    from shebao.intake import Finding

    finding = Finding(1, reason, "列", "{值}", "另")
    assert "{column}" not in finding.zh + finding.en
    assert finding.zh != finding.en
    assert finding.en.isascii() == all(ord(c) < 128 for c in finding.en)


@pytest.mark.parametrize("amount", [0.1 + 0.2, 8123.4500000001, 8119.999999999999, float("nan"), float("inf"), 1e300])
def test_a_binary_number_is_its_shortest_decimal_or_a_fault(amount: float) -> None:
    from shebao.intake.cells import Fault, fen

    with pytest.raises(Fault):
        fen(amount)
    assert fen(8123.4500000000001) == 812_345  # the nearest double to 8123.45, and shown as that
