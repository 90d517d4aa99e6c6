"""A file on its way into the books: in one transaction, whatever the number of rows in as many statements.

A file enters whole or not at all. Its identity is its bytes and what the sender stated beside them (region, month,
employer, completeness): the same once more changes nothing and is answered with the stored report.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pyarrow as pa

from shebao.books import Books, BooksError
from shebao.intake.outcome import IntakeFile, Outcome
from shebao.intake.verdicts import Told, reason_of, told, told_of

#: Advisory locks that serialise the imports of one region.
IMPORT_LOCK = 5_802
_LONGEST_CELL = 32_767  # characters, as in a workbook
_KEPT_AT_ONCE = 16_384  # rows written out while the next ones are put into words
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # characters that PostgreSQL cannot hold
_json = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True)
class ImportReport:
    """What became of a file. ``accepted + adjusted + rejected == rows``.

    ``changes``: what the books took up, by name (declared, corrected, unchanged, withdrawn, hired, left; registered,
    accounts). ``findings``: why rows were adjusted or rejected,
        one or more for each. ``repeated``: the file had entered
    before and nothing was done; ``dry_run``: nothing was kept.
    """

    file_id: str
    name: str
    region: int
    booked: dt.date
    rows: int
    accepted: int
    adjusted: int
    rejected: int
    findings: tuple[Told, ...]
    changes: Mapping[str, int] = field(default_factory=dict)
    repeated: bool = False
    dry_run: bool = False
    file: IntakeFile | None = field(default=None, repr=False)

    @property
    def reasons(self) -> Counter[str]:
        """How often each reason was met, by code."""
        return Counter(finding.code for finding in self.findings)


@dataclass(frozen=True)
class Office:
    """The office an officer works at: a range of division codes."""

    area: int
    end: int


@dataclass
class Desk:
    """A file on its way into the books of a region."""

    books: Books
    file: IntakeFile
    kind: str
    region: int
    officer: str
    stated: Mapping[str, Any]
    office: Office = field(init=False)
    booked: dt.date = field(init=False)

    @property
    def id(self) -> str:
        """SHA-256 of the bytes and of what was stated beside them."""
        said = json.dumps([self.kind, self.region, self.file.sha256, dict(self.stated)], default=str, sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()

    @property
    def source(self) -> str:
        return f"file {self.id}"

    def take(
        self, step: str, judge: Callable[[Desk], tuple[list[Told], dict[str, int]]], dry_run: bool
    ) -> ImportReport:
        """Everything or nothing: ``judge`` stores the rows and says what it found and changed."""
        report = None
        with self.books.transaction():
            self.office = office_of(self.books, self.officer, self.region)
            self.books.share_region(self.region)
            self.books.execute("SELECT pg_advisory_xact_lock(%(c)s, %(r)s)", c=IMPORT_LOCK, r=self.region)
            if (report := self._stored()) is None:
                self.booked = self.books.booking_month(self.region, step)
                found, changes = judge(self)
                report = self._report([*map(told, self.file.rejected), *found], changes, dry_run)
                self._keep(report)
            if dry_run:
                raise psycopg.Rollback
        return report

    def _report(self, found: Iterable[Told], changes: Mapping[str, int], dry_run: bool) -> ImportReport:
        findings = tuple(sorted(found, key=lambda one: one.row_number))
        rejected = {one.row_number for one in findings if one.reason.outcome is Outcome.REJECTED}
        adjusted = {one.row_number for one in findings} - rejected
        rows = self.file.rows_in_file
        counts = (rows - len(rejected) - len(adjusted), len(adjusted), len(rejected))
        return ImportReport(
            self.id,
            self.file.name,
            self.region,
            self.booked,
            rows,
            *counts,
            findings,
            changes,
            dry_run=dry_run,
            file=self.file,
        )

    def _keep(self, report: ImportReport) -> None:
        """The report in the books; the table checks that the counts add up."""
        self.books.execute(
            """INSERT INTO import_file (id, kind, name, region, area, booked, rows, accepted, adjusted, rejected,
                                        officer)
               VALUES (%(id)s, %(kind)s, %(name)s, %(r)s, %(area)s, %(booked)s, %(rows)s, %(accepted)s,
                   %(adjusted)s, %(rejected)s,
                       %(officer)s)""",
            id=self.id,
            kind=self.kind,
            name=_storable(self.file.name) or "-",
            r=self.region,
            area=self.office.area,
            booked=self.booked,
            rows=report.rows,
            accepted=report.accepted,
            adjusted=report.adjusted,
            rejected=report.rejected,
            officer=self.officer,
        )
        self.books.copy_in("import_row", self._kept_rows(report.findings))

    def _kept_rows(self, findings: Sequence[Told]) -> Iterator[pa.RecordBatch]:
        """The rows at fault with their cells and reasons; one batch at least."""
        by_row: dict[int, list[Told]] = {}
        for one in findings:
            by_row.setdefault(one.row_number, []).append(one)
        width = max((len(self.file.raw[row - 1]) for row in by_row), default=0)
        names = _cell_names(self.file.headings, max(width, len(self.file.headings)))
        rows = list(by_row.items())
        for start in range(0, max(len(rows), 1), _KEPT_AT_ONCE):
            yield self._kept(dict(rows[start : start + _KEPT_AT_ONCE]), names)

    def _kept(self, by_row: Mapping[int, list[Told]], names: list[str]) -> pa.RecordBatch:
        kept = [_worst(found) for found in by_row.values()]
        size = len(by_row)
        return pa.record_batch(
            {
                "file_id": pa.array([self.id] * size, pa.string()),
                "row_number": pa.array(list(by_row), pa.int32()),
                "region": pa.array([self.region] * size, pa.int16()),
                "area": pa.array([self.office.area] * size, pa.int64()),
                "outcome": pa.array([one.reason.outcome.en for one in kept], pa.string()),
                "reason": pa.array([one.code for one in kept], pa.string()),
                "detail": pa.array([_lines(found) for found in by_row.values()], pa.string()),
                "raw": pa.array([_raw(names, self.file.cells(row)) for row in by_row], pa.string()),
            }
        )

    def _stored(self) -> ImportReport | None:
        """The report of the same file, if it has entered before."""
        found = self.books.rows(
            "SELECT booked, rows, accepted, adjusted, rejected FROM import_file WHERE id = %(id)s", id=self.id
        )
        if not found:
            return None
        lines = self.books.rows(
            "SELECT row_number, detail FROM import_row WHERE file_id = %(id)s ORDER BY row_number", id=self.id
        )
        findings = tuple(one for row, detail in lines for one in _told_lines(row, detail))
        booked, rows, accepted, adjusted, rejected = found[0]
        counts = (rows, accepted, adjusted, rejected)
        return ImportReport(
            self.id, self.file.name, self.region, booked, *counts, findings, repeated=True, file=self.file
        )


def office_of(books: Books, officer: str, region: int) -> Office:
    """The office of an officer who may register in a region; ``BooksError`` if there is none."""
    found = books.rows(
        "SELECT o.area, o.level, f.duties::text[] FROM officer f JOIN office o ON o.area = f.area WHERE f.id = %(id)s",
        id=officer,
    )
    if not found:
        raise BooksError(f"officer {officer} is not known 无此经办人")
    area, level, duties = found[0]
    if "register" not in duties:
        raise BooksError(f"officer {officer} has no duty to register 无此权限")
    if area // 10**10 != region:
        raise BooksError(f"officer {officer} works at {area}, not in region {region} 非本地区经办人")
    return Office(area, area + 10 ** (10, 8, 6, 3, 0)[level - 1])


# ---- rows as they are kept -----------------------------------------------------------------------


def _worst(found: Sequence[Told]) -> Told:
    """What decides the row: the first reason that rejects it, else the first."""
    return next((one for one in found if one.reason.outcome is Outcome.REJECTED), found[0])


def _lines(found: Sequence[Told]) -> str:
    return "\n".join(f"{one.code}\t{one.zh}\t{one.en}" for one in found)


def _told_lines(row: int, detail: str) -> Iterable[Told]:
    for line in detail.split("\n"):
        code, zh, en = line.split("\t")
        yield Told(row, reason_of(code), zh, en)


def _cell_names(headings: Sequence[str], width: int) -> list[str]:
    """What the cells of a row are called: by their headings; where there is none, or it came before, by number too."""
    names: dict[str, None] = {}
    for at in range(width):
        name = _storable(headings[at]) if at < len(headings) else ""
        while not name or name in names:
            name += f"#{at + 1}"
        names[name] = None
    return list(names)


def _raw(names: list[str], cells: Sequence[str]) -> str:
    """The cells of a row by name, as JSON."""
    return _json(dict(zip(names, map(_storable, cells), strict=False)))


def _storable(text: str) -> str:
    """Text that PostgreSQL can hold."""
    return _UNSTORABLE.sub("�", text[:_LONGEST_CELL])


# ---- judging -------------------------------------------------------------------------------------


def load(books: Books, table: str, columns: str, data: pa.Table) -> None:
    """The rows of a file in a table of this transaction alone."""
    books.execute(f"CREATE TEMPORARY TABLE {table} ({columns}) ON COMMIT DROP")
    books.copy_in(table, data)
    books.execute(f"ANALYZE {table}")


def findings(books: Books, file: IntakeFile, query: str, **values: Any) -> list[Told]:
    """Every row of the answer, told in words."""
    return tell(file, *answer(books, query, **values))


def answer(books: Books, query: str, **values: Any) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The names of an answer's columns, and its rows."""
    cursor = books.execute(query, **values)
    return [column.name for column in cursor.description or ()], cursor.fetchall()


def tell(file: IntakeFile, names: list[str], rows: list[tuple[Any, ...]]) -> list[Told]:
    """Rows of an answer in words."""
    return [told_of(dict(zip(names, row, strict=True)), file.columns) for row in rows]
