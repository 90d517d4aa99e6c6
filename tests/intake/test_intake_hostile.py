"""Whatever arrives: a clear error or a result whose counts add up; never another exception."""

from __future__ import annotations

import io
import random
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sentfiles import CODE, HEADINGS, citizen, person, text, xls, xlsx

from shebao.intake import IntakeError, read_payroll, read_persons, sheets

BOOK = xlsx([["申报表"], HEADINGS, person(1), person(2, 8000.5), ["合计", "", "", "", 16000.5]])
OLD_BOOK = xls([["申报表"], HEADINGS, person(1), person(2, 8000.5)])
LINES = text([HEADINGS, person(1), person(2, "8,000.50"), person(3)])


def take(data: bytes) -> None:
    for read in (read_payroll, read_persons):
        try:
            file = read(data, name="hostile")
        except IntakeError:
            pass
        else:
            assert file.accepted + file.rejected_rows + len(file.ignored) == file.rows_in_sheet
            assert file.rejected_table().num_rows == len(file.rejected)


CELLS = st.one_of(
    st.text(max_size=30),
    st.floats(),
    st.integers(),
    st.booleans(),
    st.none(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
    st.sampled_from(["", " ", "合计", "注：", "#REF!", "=cmd|'/C calc'!A0", "-", "２０２５年３月", "1e999"]),
    st.sampled_from(["张三", citizen(1), CODE, "8,000.00"]),
)  # fmt: skip


@given(st.lists(st.lists(CELLS, max_size=8), max_size=8))
def test_any_cells_under_a_header(rows: list[list[object]]) -> None:
    from shebao.intake import payroll, table

    sheet = sheets.Sheet("s", [list(HEADINGS), *rows], 1900)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table, "sheets", lambda *_: [sheet])
        file = payroll.read_payroll(b"", name="cells")
    assert file.accepted + file.rejected_rows + len(file.ignored) == 1 + len(rows)
    for row in file.rows.to_pylist():
        assert 0 <= row["wage_fen"] < 10**10
        assert len(row["citizen_number"]) == 18


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    take(data)


@given(st.text(max_size=300))
def test_any_text_below_a_header(lines: str) -> None:
    take((",".join(HEADINGS) + "\n" + lines).encode("utf-8", "replace"))


@given(st.data())
def test_mutated_text(data: st.DataObject) -> None:
    take(mutated(LINES, data))


@settings(max_examples=25)
@given(st.data())
def test_mutated_workbook(data: st.DataObject) -> None:
    take(mutated(data.draw(st.sampled_from([BOOK, OLD_BOOK])), data))


@settings(max_examples=25)
@given(st.data())
def test_mutated_parts_of_a_workbook(data: st.DataObject) -> None:
    parts = unpacked(BOOK)
    name = data.draw(
        st.sampled_from(["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml"])
    )
    take(packed(parts | {name: mutated(parts[name], data)}))  # fmt: skip


def mutated(content: bytes, data: st.DataObject) -> bytes:
    chance = random.Random(data.draw(st.integers(0, 2**32)))
    changed = bytearray(content)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(changed))
        match chance.randrange(4):
            case 0:
                changed[at] = chance.randrange(256)
            case 1:
                del changed[at : at + chance.randint(1, 40)]
            case 2:
                changed[at:at] = changed[at : at + chance.randint(1, 40)]
            case _:
                changed[at:at] = chance.randbytes(4)
        if not changed:
            break
    return bytes(changed)


def unpacked(book: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def changed_sheet(old: bytes, new: bytes) -> bytes:
    parts = unpacked(BOOK)
    sheet = "xl/worksheets/sheet1.xml"
    assert old in parts[sheet]
    return packed(parts | {sheet: parts[sheet].replace(old, new, 1)})


def refused(data: bytes) -> str:
    with pytest.raises(IntakeError) as caught:
        read_payroll(data, name="hostile")
    return str(caught.value)


def test_a_cell_at_the_far_corner_does_not_take_the_memory() -> None:
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    assert "memory" in refused(changed_sheet(b"</sheetData>", far))


def test_a_zip_bomb_is_refused_by_its_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MAX_UNPACKED", 1 << 20)
    assert "unpacks to" in refused(packed(unpacked(BOOK) | {"xl/bomb.xml": bytes(2 << 20)}))


def test_entities_are_not_expanded() -> None:
    entities = b'<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa">' + b"".join(
        b'<!ENTITY %c "&%c;&%c;&%c;&%c;&%c;&%c;&%c;&%c;&%c;&%c;">' % (c, *[c - 1] * 10) for c in b"bcdefghij"
    )
    parts = unpacked(BOOK)
    for name in ("xl/workbook.xml", "xl/worksheets/sheet1.xml"):
        head, _, body = parts[name].partition(b"?>")
        take(packed(parts | {name: head + b"?>" + entities + b"]>" + body.replace(b"</row>", b"&j;</row>")}))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        *((b"", "empty"), (b"\r\n \0", "empty"), (b"%PDF-1.7", "PDF"), (b"\xef\xbb\xbf<html>", "web page")),
        *((b"PK\x03\x04", "broken"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "broken")),
        (b"\xff\xff\x81", "Neither"),
        (packed({"content.xml": b"<x/>"}), "no XLSX workbook"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_named(data: bytes, says: str) -> None:
    assert says in refused(data)


@pytest.mark.parametrize(
    "cell",
    ["¥" + " " * 30_000 + "x", "(" * 30_000, "2025 - 3 - 1" + " " * 30_000 + "x", "9" * 30_000],
    ids=["amount", "brackets", "date", "digits"],
)
def test_a_long_cell_takes_no_time(cell: str) -> None:
    for column in range(len(HEADINGS)):
        row = person(1)
        row[column] = cell
        file = read_payroll(text([HEADINGS, row]), name="long")
        assert {finding.row_number for finding in file.rejected} == {2}


def test_limits_have_clear_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MAX_ROWS", 2)
    assert "at most 2" in refused(LINES)
    monkeypatch.setattr(sheets, "MAX_BYTES", 10)
    assert "larger than" in refused(LINES)
