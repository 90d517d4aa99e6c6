"""The bytes of a file → its sheets: XLSX and XLS, or delimited text (UTF-8, UTF-16, GB 18030)."""

from __future__ import annotations

import csv
import io
import pickle
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from shebao.intake.outcome import IntakeError, short

MAX_BYTES = 64 << 20  # of the file
MAX_UNPACKED = 600 << 20  # of an XLSX, as its directory states
MAX_MEMBERS = 2_000
MAX_ROWS = 500_000
MAX_COLUMNS = 500
MAX_CELLS = 20_000_000  # of a workbook
MEMORY, SECONDS = 2 << 30, 60  # of the process that reads a workbook
_ZIP, _OLE = (b"PK\3\4", b"PK\5\6"), b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
DELIMITERS = (",", "\t", ";")


@dataclass(frozen=True)
class Sheet:
    """A table as it stands: row n of the file at ``rows[n - 1]``; cells are text, numbers, booleans, dates or times."""

    name: str
    rows: list[list[object]]
    epoch: int | None = None  # calendar of bare serial numbers, 1900 or 1904; None if unknown
    delimited: bool = False


def content(source: str | Path | bytes) -> bytes:
    """The bytes of a file; ``IntakeError`` if it is too large or cannot be read."""
    if isinstance(source, bytes):
        data = source
    else:
        try:
            with Path(source).open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except (OSError, ValueError) as error:
            raise IntakeError(f"无法打开文件：{error}。", f"Cannot open the file: {error}.") from None
    if len(data) > MAX_BYTES:
        most = MAX_BYTES >> 20
        raise IntakeError(f"文件超过 {most} MB，请拆分。", f"The file is larger than {most} MB; split it.")
    return data


def sheets(data: bytes, fits: Callable[[list[list[object]]], int]) -> list[Sheet]:
    """All sheets of a file. ``fits`` says how many headings it knows in rows; it chooses the delimiter of text."""
    if not data.strip(b"\0\t\r\n "):
        raise IntakeError("文件是空的。", "The file is empty.")
    if data.startswith(_ZIP):
        _check_directory(data)
    if data.startswith((*_ZIP, _OLE)):
        found = _workbook(data)
    elif data.startswith(b"%PDF") or data.lstrip(b"\xef\xbb\xbf\r\n\t ")[:1] == b"<":
        raise IntakeError(
            "这是 PDF 或网页，不是表格：请另存为 XLSX 或 CSV。", "This is a PDF or a web page: save it as XLSX or CSV."
        )
    else:
        found = [_delimited(_text(data), fits)]
    for sheet in found:
        _check_size(sheet)
    return found


def _check_size(sheet: Sheet) -> None:
    width = max(map(len, sheet.rows), default=0)
    if len(sheet.rows) > MAX_ROWS or width > MAX_COLUMNS:
        raise IntakeError(
            f"工作表“{short(sheet.name)}”有 {len(sheet.rows):,} 行 {width:,} 列，"
            f"上限为 {MAX_ROWS:,} 行 {MAX_COLUMNS} 列。",
            f"Sheet {short(sheet.name)!r} has {len(sheet.rows):,} rows and {width:,} columns; "
            f"at most {MAX_ROWS:,} and {MAX_COLUMNS}.",
        )


# ---- workbooks --------------------------------------------------------------------------------


def _check_directory(data: bytes) -> None:
    """Refuse an archive that is no XLSX or unpacks to too much, before anything is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, zipfile.LargeZipFile, ValueError, OverflowError, NotImplementedError) as error:
        raise _broken(str(error)) from None
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_UNPACKED or len(members) > MAX_MEMBERS:
        raise IntakeError(
            f"文件解压后为 {unpacked >> 20:,} MB、{len(members):,} 个部件，超过上限。",
            f"The file unpacks to {unpacked >> 20:,} MB in {len(members):,} parts, which is too much.",
        )
    if "xl/workbook.xml" not in {member.filename for member in members}:
        raise IntakeError(
            "压缩包里没有 XLSX 工作簿（XLSB、ODS、ZIP 请另存为 XLSX）。",
            "The archive holds no XLSX workbook; save XLSB, ODS and the like as XLSX.",
        )


def _workbook(data: bytes) -> list[Sheet]:
    script = str(Path(__file__).with_name("workbook.py"))
    command = [sys.executable, "-I", script, str(MEMORY), str(SECONDS), str(MAX_CELLS)]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=2 * SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise _over_limits() from None
    if done.returncode < 0:  # killed by a signal: a limit, or the library gave up
        raise _over_limits()
    if done.returncode:
        raise _broken(done.stderr.decode(errors="replace").strip().rpartition("\n")[2])
    kind, *answer = pickle.loads(done.stdout)  # written by our own process, of plain values
    if kind == "sheets":
        found, epoch = answer
        return [Sheet(name, rows, epoch) for name, rows in found]
    what, text = answer
    if what == "password":
        raise IntakeError("工作簿有密码：请去掉密码后再交。", "The workbook has a password; remove it.")
    raise _over_limits() if what == "limits" else _broken(text)


def _broken(why: str) -> IntakeError:
    return IntakeError(f"文件已损坏，无法读取（{short(why, 120)}）。", f"The file is broken ({short(why, 120)}).")


def _over_limits() -> IntakeError:
    return IntakeError(
        "读取该工作簿所需的内存或时间超过上限：请把数据复制到新表后再交。",
        "Reading the workbook takes more memory or time than allowed; copy the data into a new one.",
    )


# ---- text -------------------------------------------------------------------------------------


def _text(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise IntakeError(
        "不是文本文件，也不是 Excel 文件（文本应为 UTF-8 或 GBK 编码）。",
        "Neither a text file (UTF-8 or GBK) nor an Excel file.",
    )


def _delimited(text: str, fits: Callable[[list[list[object]]], int]) -> Sheet:
    def known(delimiter: str) -> int:
        try:
            return fits(_records(text, delimiter, 50))
        except csv.Error:
            return -1

    best = max(DELIMITERS, key=known)
    try:
        return Sheet("", _records(text, best, MAX_ROWS + 1), delimited=True)
    except csv.Error as error:
        raise IntakeError(f"文本表格有误：{error}。", f"The text table is malformed: {error}.") from None


def _records(text: str, delimiter: str, most: int) -> list[list[object]]:
    """The first ``most`` records; ``csv.Error`` names the line where quotes do not close."""
    # Strict: a stray quote must not swallow the lines after it into one cell.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records: list[list[object]] = []
    try:
        for record in reader:
            records.append(list(record))
            if len(records) >= most:
                break
    except csv.Error as error:
        raise csv.Error(f"第 {reader.line_num} 行 line {reader.line_num}: {error}") from None
    return records
