"""A sheet and its fields → columns of values, the faults of each row, and the rows that declare nobody."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as member
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from shebao.intake import headers
from shebao.intake.cells import Fault, is_blank, is_error, plain
from shebao.intake.headers import Field, Header
from shebao.intake.outcome import Finding, Ignored, IntakeError, Reason, short, shown
from shebao.intake.sheets import Sheet, content, sheets

_TOTAL = re.compile(r"(本页|本月|本表|累计|单位)?(合计|总计|小计|共计)|(sub)?total\b", re.IGNORECASE)
_NOTE = re.compile(
    r"[\W_]*(注|备注|说明|填表|填报|填写|制表|经办|审核|复核|负责人|单位|联系|打印|日期|第\d+页|共\d+[页人]|"
    r"notes?\b|remarks?\b|prepared\b|checked\b)",
    re.IGNORECASE,
)


@dataclass
class Table:
    """The table of a file: the data rows by column, and what was found so far.

    ``values[field][i]`` is the value of data row ``numbers[i]`` (None where blank or at fault).
    """

    name: str
    data: bytes
    sheet: Sheet
    header: Header
    fields: tuple[Field, ...]
    given: Mapping[str, object]
    numbers: list[int] = member(default_factory=list)
    values: dict[str, list] = member(default_factory=dict)
    findings: dict[int, list[Finding]] = member(default_factory=dict)  # by data row, from 0
    ignored: list[Ignored] = member(default_factory=list)

    def heading(self, field: str) -> str:
        """The heading of a field in this file, or its usual one."""
        at = self.header.positions.get(field)
        if at is not None:
            return self.header.headings[at]
        return next(f.usual for f in self.fields if f.name == field)

    @property
    def required(self) -> list[Field]:
        """The fields whose blank cells are faults."""
        return _required(self.fields, self.given)

    def fault(self, row: int, reason: Reason, field: str = "", value: object = "", other: object = "") -> None:
        """Note that data row ``row`` (from 0) cannot be taken."""
        column = self.heading(field) if field else ""
        finding = Finding(self.numbers[row], reason, column, shown(value), shown(other))
        self.findings.setdefault(row, []).append(finding)

    def good(self) -> list[int]:
        """The data rows without a fault, from 0."""
        return [row for row in range(len(self.numbers)) if row not in self.findings]


def _required(fields: tuple[Field, ...], given: Mapping[str, object]) -> list[Field]:
    return [field for field in fields if field.required and given.get(field.name) is None]


def read_table(
    source: str | Path | bytes, name: str, fields: tuple[Field, ...], sheet: str | None, given: Mapping[str, object]
) -> Table:
    """The one table of a file, every cell parsed; rules between cells and rows are the caller's.

    ``given``: what the caller states for the whole file, by field (None if nothing); it makes the column optional.

    ``IntakeError``: unreadable, no table, several tables (name one by ``sheet``), a required column missing, two
    columns of one meaning.
    """
    data = content(source)
    found = sheets(data, partial(headers.known_headings, fields=fields))
    chosen, header = _choose(found, fields, _required(fields, given), sheet)
    table = Table(name, data, chosen, header, fields, given)
    rows = _data_rows(table)
    for field in fields:
        _parse_column(table, field, rows)
    _check_width(table, rows)
    return table


def _choose(
    found: list[Sheet], fields: tuple[Field, ...], required: list[Field], wanted: str | None
) -> tuple[Sheet, Header]:
    if wanted is not None:
        names = "、".join(short(s.name) for s in found)
        found = [s for s in found if s.name == wanted]
        if not found:
            raise IntakeError(
                f"没有工作表“{short(wanted)}”，只有：{names}。", f"No sheet {short(wanted)!r}; there are: {names}."
            )
    tables = [(s, h) for s in found if (h := headers.find_header(s, fields)) is not None]
    whole = [(s, h) for s, h in tables if not headers.missing(h, required)]
    if len(whole) == 1:
        return whole[0]
    if whole:
        names = "、".join(short(s.name) for s, _ in whole)
        raise IntakeError(
            f"有 {len(whole)} 张工作表都像申报表：{names}。请指定一张。",
            f"{len(whole)} sheets hold such a table: {names}. Name the one to read.",
        )
    raise _no_table(tables, required)


def _no_table(tables: list[tuple[Sheet, Header]], required: list[Field]) -> IntakeError:
    if not tables:
        looked = "、".join(field.usual for field in required)
        return IntakeError(
            f"前 {headers.SEARCHED} 行中没有找到表头（应有：{looked}）。",
            f"No header in the first {headers.SEARCHED} rows; it should name: {looked}.",
        )
    sheet, header = max(tables, key=lambda pair: pair[1].score)
    looked = "；".join("/".join(f.headings.split("、")[:4]) for f in headers.missing(header, required))
    found = "、".join(short(h, 20) for h in header.headings if h)
    where = f"“{short(sheet.name)}”第 {header.last + 1} 行" if sheet.name else f"第 {header.last + 1} 行"
    return IntakeError(
        f"表头（{where}）缺少必需的列：{looked}。表中有：{short(found, 300)}。",
        f"The header (row {header.last + 1}) lacks required columns: {looked}. It has: {short(found, 300)}.",
    )


# ---- rows -------------------------------------------------------------------------------------


def _data_rows(table: Table) -> list[list[object]]:
    """The rows that declare somebody; the others are noted as ignored."""
    first, last = table.header.first, table.header.last
    rows = []
    for number, row in enumerate(table.sheet.rows, start=1):
        why = ("title" if number <= first else "header") if number <= last + 1 else _why_ignored(table, row)
        if why is None:
            rows.append(row)
            table.numbers.append(number)
        else:
            text = " ".join(filter(None, map(shown, row)))
            table.ignored.append(Ignored(number, why if text.strip() else "blank", short(text, 200)))
    return rows


def _why_ignored(table: Table, row: list[object]) -> str | None:
    """Why a row below the header declares nobody; None if it is a data row, however incomplete.

    A total or a note says so in its first words, a total has no citizen number, and a note nothing that is required;
    or nothing stands in any column that is read. A row that merely lacks something is rejected, not ignored.
    """
    cells = {field.name: row[at] for field in table.required if (at := table.header.positions[field.name]) < len(row)}
    number = cells.get("citizen_number", "")
    if isinstance(number, str) and len(number) == 18:
        return None
    if all(shown(cell).strip() == table.heading(name) for name, cell in cells.items()) and cells:
        return "header"
    text = next((text for cell in row if (text := plain(cell))), "")
    if all(at >= len(row) or is_blank(row[at]) for at in table.header.positions.values()):
        return "note" if text else "blank"  # at most a serial number printed in advance, or a remark
    compact = "".join(text[:200].split())
    if _TOTAL.match(compact) and not _reads(table, "citizen_number", number):
        return "total"
    said = [name for name, cell in cells.items() if plain(cell) != text and _reads(table, name, cell)]
    return "note" if _NOTE.match(compact) and not said else None


def _reads(table: Table, name: str, cell: object) -> bool:
    """The cell holds a value of the field ``name``."""
    field = next(field for field in table.fields if field.name == name)
    return not isinstance(_value(True, _parser(table, field), cell), Fault)


def _check_width(table: Table, rows: list[list[object]]) -> None:
    """In delimited text a cell beyond the header means that all cells before it may be shifted."""
    if table.sheet.delimited:
        width = len(table.header.headings)
        for at, row in enumerate(rows):
            if len(row) > width and any(map(_filled, row[width:])):
                table.fault(at, Reason.EXTRA_CELLS, value=" ".join(map(shown, row[width:])))


def _filled(cell: object) -> bool:
    return cell is not None and shown(cell).strip() != ""


# ---- columns ----------------------------------------------------------------------------------


def _parse_column(table: Table, field: Field, rows: list[list[object]]) -> None:
    """Parse a column, each distinct cell once; faults go to their rows."""
    at = table.header.positions.get(field.name)
    if at is None:
        table.values[field.name] = [None] * len(rows)
        return
    parse = _parser(table, field)
    required = field in table.required
    known: dict[tuple[type, object], object] = {}
    values = table.values[field.name] = []
    for row, cells in enumerate(rows):
        cell = cells[at] if at < len(cells) else ""
        key = (type(cell), cell)  # True == 1 == 1.0, but they are not the same cell
        if key in known:
            value = known[key]
        else:
            value = known[key] = _value(required, parse, cell)
        if type(value) is Fault:
            shown_value = cell if value.value is None else value.value
            table.fault(row, value.reason, field.name, shown_value, value.other)
            value = None
        values.append(value)


def _parser(table: Table, field: Field) -> Callable[[object], object]:
    return partial(field.parse, epoch=table.sheet.epoch) if field.type == pa.date32() else field.parse


def _value(required: bool, parse: Callable[[object], object], cell: object) -> object:
    if is_error(cell):
        return Fault(Reason.FORMULA_ERROR)
    if is_blank(cell):
        return Fault(Reason.MISSING) if required else None
    try:
        return parse(cell)
    except Fault as fault:
        return fault


# ---- the result -------------------------------------------------------------------------------


def finish(table: Table) -> dict[str, Any]:
    """The arguments of an ``IntakeFile``: the columns of the fields without the rows at fault, and what was found."""
    good = table.good()
    picked = {"row_number": pa.array([table.numbers[row] for row in good], pa.int32())}
    for field in table.fields:
        values = table.values[field.name]
        picked[field.name] = pa.array([values[row] for row in good] if table.findings else values, field.type)
    rows = pa.table(picked)
    headings = table.header.headings
    used = set(table.header.positions.values())
    return {
        "name": table.name,
        "sheet": table.sheet.name,
        "sha256": hashlib.sha256(table.data).hexdigest(),
        "content_sha256": _content_hash(table, rows),
        "headings": headings,
        "columns": {field: headings[at] for field, at in table.header.positions.items()},
        "unknown_columns": tuple(_unknown(table, used)),
        "rows_in_sheet": len(table.sheet.rows),
        "rows": rows,
        "rejected": tuple(finding for row in sorted(table.findings) for finding in table.findings[row]),
        "ignored": tuple(table.ignored),
        "raw": table.sheet.rows,
    }


def _unknown(table: Table, used: set[int]) -> Iterator[str]:
    """Columns that were not read: those with an unknown heading, and those without one that hold something."""
    width = max(map(len, table.sheet.rows), default=0)
    for at in range(width):
        heading = table.header.headings[at] if at < len(table.header.headings) else ""
        below = table.sheet.rows[table.header.last + 1 :]
        if at not in used and (heading or any(at < len(row) and _filled(row[at]) for row in below)):
            yield heading or f"({headers.column_name(at)})"


def _content_hash(table: Table, rows: pa.Table) -> str:
    """Of the values of good rows and the text of bad ones, in order; not of row numbers, layout or file format."""
    digest = hashlib.sha256()
    given = [[name, shown(value)] for name, value in sorted(table.given.items())]
    digest.update(json.dumps([[field.name for field in table.fields], given]).encode())
    for name in rows.column_names[1:]:
        digest.update(json.dumps([name, rows[name].to_pylist()], default=str).encode())
    positions = table.header.positions
    for row in sorted(table.findings):
        cells = table.sheet.rows[table.numbers[row] - 1]
        texts = [[name, plain(cells[at]) if at < len(cells) else ""] for name, at in sorted(positions.items())]
        digest.update(json.dumps(texts).encode())
    return digest.hexdigest()
