"""Files as employers make them: workbooks and text with the rows and headings a test asks for."""

from __future__ import annotations

import datetime as dt
import io
import struct

import xlsxwriter
from stdnum.cn import ric

CODE, OTHER_CODE = "91110000600037341L", "91440101231312112P"
HEADINGS = ["姓名", "身份证号", "统一社会信用代码", "费款所属期", "缴费工资"]


def citizen(serial: int, born: str = "19900307", place: str = "440106") -> str:
    """A valid citizen number; odd serials are men."""
    digits = f"{place}{born}{serial:03d}"
    return digits + ric.calc_check_digit(digits + "0")


def person(serial: int, wage: object = 8000, month: object = "2025-03") -> list[object]:
    """A good row under :data:`HEADINGS`."""
    return ["张三", citizen(serial), CODE, month, wage]


def xlsx(*sheets: list[list[object]], names: tuple[str, ...] = (), **options: object) -> bytes:
    """A workbook: text as text, numbers as numbers, dates as date cells, ``#REF!`` as a formula error."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, **options}) as book:
        dates = book.add_format({"num_format": "yyyy-mm-dd"})
        for at, rows in enumerate(sheets):
            sheet = book.add_worksheet(names[at] if names else None)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, str) and cell.startswith("#") and cell.endswith(("!", "/A")):
                        sheet.write_formula(number, column, "=Z99", None, cell)
                    elif isinstance(cell, (dt.datetime, dt.date)):
                        sheet.write_datetime(number, column, cell, dates)
                    elif isinstance(cell, bool):
                        sheet.write_boolean(number, column, cell)
                    elif isinstance(cell, (int, float)):
                        sheet.write_number(number, column, cell)
                    else:
                        sheet.write_string(number, column, cell)
    return out.getvalue()


def text(rows: list[list[object]], delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """A delimited text file; cells that hold the delimiter are quoted."""
    quoted = [[f'"{cell}"' if delimiter in str(cell) else str(cell) for cell in row] for row in rows]
    return "\r\n".join(delimiter.join(row) for row in quoted).encode(encoding)


def xls(rows: list[list[object]]) -> bytes:
    """A workbook of the old binary format, with text and numbers."""

    def record(kind: int, content: bytes) -> bytes:
        return struct.pack("<HH", kind, len(content)) + content

    def cell(row: int, column: int, value: object) -> bytes:
        at = struct.pack("<HHH", row, column, 0)
        if isinstance(value, str):
            return record(0x0204, at + struct.pack("<HB", len(value), 1) + value.encode("utf-16-le"))
        return record(0x0203, at + struct.pack("<d", value))

    def begin(kind: int) -> bytes:
        return record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0, 1997, 0, 6))

    name, end = "表1", record(0x000A, b"")
    named = struct.pack("<BB", len(name), 1) + name.encode("utf-16-le")
    length = len(begin(5)) + 4 + 6 + len(named) + len(end)
    book = begin(5) + record(0x0085, struct.pack("<IH", length, 0) + named) + end
    cells = b"".join(cell(r, c, value) for r, row in enumerate(rows) for c, value in enumerate(row) if value != "")
    return _compound(book + begin(16) + cells + end)


def _compound(stream: bytes) -> bytes:
    """A compound file (MS-CFB) of one stream, ``Workbook``: sector 0 the FAT, 1 the directory, then the stream."""
    free, chain_end, fat_sector, none = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
    sectors = max(8, -(-len(stream) // 512))  # at least 4,096 bytes: smaller streams are stored otherwise
    chain = [fat_sector, chain_end, *range(3, sectors + 2), chain_end]
    fat = struct.pack("<128I", *chain, *[free] * (128 - len(chain)))

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        text = (name + "\0").encode("utf-16-le")
        left = struct.pack("<64sHBBIII", text, len(text), kind, 1, none, none, child)
        return left + bytes(36) + struct.pack("<IQ", start, size)

    directory = entry("Root Entry", 5, 1, chain_end, 0) + entry("Workbook", 2, none, 2, sectors * 512) + bytes(256)
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, chain_end, 0, chain_end, 0)
    header += struct.pack("<109I", 0, *[free] * 108)
    return header + fat + directory + stream.ljust(sectors * 512, b"\0")
