"""Read one Excel workbook in a process of its own: bytes on standard input, sheets on standard output.

A workbook is a compressed program for allocating memory: one cell at the far corner of a sheet asks for the whole
rectangle, and the reader's library aborts the process when it cannot have it. So the reading happens here, where
memory and time are limited and a crash is only an answer. Run as a script by :mod:`shebao.intake.sheets`; imports
nothing of ours. The answer is a pickle: either ``("error", kind, text)`` or ``("sheets", [(name, rows)], epoch)``.
"""

from __future__ import annotations

import contextlib
import io
import pickle
import re
import sys
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from typing import Any

_OFFICE = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_ERROR_CELL = re.compile(rb"""\st\s*=\s*["']e["']""")
Rows = list[list[Any]]  # text, numbers, booleans, dates, times


def limit(memory: int, seconds: int) -> None:
    """Let this process have at most so many bytes and seconds of CPU (where the system can limit)."""
    with contextlib.suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def read(data: bytes, most: int) -> tuple[object, ...]:
    """All sheets, from cell A1 on, of ``most`` cells together; formula errors as their text."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        with CalamineWorkbook.from_object(io.BytesIO(data)) as book:
            names = [meta.name for meta in book.sheets_metadata if "WorkSheet" in str(meta.typ)]
            sheets: list[tuple[str, Rows]] = []
            for name in names:
                sheet = book.get_sheet_by_name(name)
                most -= (sheet.total_height + 1) * (sheet.total_width + 1)
                if most < 0:
                    return "error", "limits", ""
                sheets.append((name, sheet.to_python(skip_empty_area=False)))
    except PasswordError as error:
        return "error", "password", str(error)
    except (CalamineError, OSError, ValueError) as error:
        return "error", "broken", str(error)
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return "sheets", sheets, None  # XLS: the calendar of bare serial numbers is not told
    with zipfile.ZipFile(io.BytesIO(data)) as members:
        return "sheets", with_errors(members, sheets), epoch(members)


def epoch(members: zipfile.ZipFile) -> int:
    """The calendar of bare serial numbers: 1900 or 1904."""
    properties = next((e for e in _tree(members, "xl/workbook.xml").iter() if _local(e) == "workbookPr"), None)
    return 1904 if properties is not None and properties.get("date1904", "0").lower() in ("1", "true", "on") else 1900


def with_errors(members: zipfile.ZipFile, sheets: list[tuple[str, Rows]]) -> list[tuple[str, Rows]]:
    """The sheets with ``#REF!`` and the like, which the library reads as empty cells, put back."""
    parts = _parts(members)
    for name, rows in sheets:
        part = parts.get(name)
        if part is None or not _ERROR_CELL.search(members.read(part)):
            continue
        for row, column, text in _error_cells(members, part):
            _put(rows, row, column, text)
    return sheets


def _put(rows: Rows, row: int, column: int, text: str) -> None:
    width = max(len(rows[0]) if rows else 0, column + 1)
    rows.extend([""] * width for _ in range(row + 1 - len(rows)))
    if width > len(rows[0]):
        for other in rows:
            other.extend([""] * (width - len(other)))
    if rows[row][column] == "":
        rows[row][column] = text


def _error_cells(members: zipfile.ZipFile, part: str) -> Iterator[tuple[int, int, str]]:
    """Row and column (from 0) and text of every error cell of a sheet."""
    row, column = -1, -1
    with members.open(part) as file:
        for event, element in ET.iterparse(file, events=("start", "end")):
            kind = _local(element)
            if event == "start" and kind == "row":
                row, column = int(element.get("r", row + 2)) - 1, -1
            elif event == "start" and kind == "c":
                reference = re.fullmatch(r"([A-Z]{1,3})(\d{1,7})", element.get("r", ""))
                row, column = (int(reference[2]) - 1, _column(reference[1])) if reference else (row, column + 1)
            elif event == "end" and kind == "c" and element.get("t") == "e":
                value = next((e.text for e in element if _local(e) == "v"), None)
                yield row, column, value or "#ERROR"
            elif event == "end" and kind == "row":
                element.clear()


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _parts(members: zipfile.ZipFile) -> dict[str, str]:
    """Sheet name -> member of the archive."""
    targets = {e.get("Id"): e.get("Target", "") for e in _tree(members, "xl/_rels/workbook.xml.rels")}
    found = {}
    for sheet in (e for e in _tree(members, "xl/workbook.xml").iter() if _local(e) == "sheet"):
        target = targets.get(sheet.get(_OFFICE + "id"), "")
        path = target.lstrip("/") if target.startswith("/") else "xl/" + target
        if path in members.namelist():
            found[sheet.get("name", "")] = path
    return found


def _tree(members: zipfile.ZipFile, path: str) -> ET.Element:
    return ET.fromstring(members.read(path))


def _local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def main() -> None:
    limit(int(sys.argv[1]), int(sys.argv[2]))
    try:
        answer = read(sys.stdin.buffer.read(), int(sys.argv[3]))
    except MemoryError:
        answer = "error", "limits", ""
    except Exception as error:  # whatever a hostile file provokes is an answer about the file
        answer = "error", "broken", f"{type(error).__name__}: {error}"
    pickle.dump(answer, sys.stdout.buffer, protocol=pickle.HIGHEST_PROTOCOL)


if __name__ == "__main__":
    main()
