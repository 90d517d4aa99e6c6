"""What the nation lays down for a province: its advances and clearings (国办发〔2021〕48号), and what the central
adjustment of 2018 to 2021 is reckoned from. Tables as XLSX or delimited text, or the same rows as YAML.
"""

from __future__ import annotations

import csv
import io
import re
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml

from shebao.books import Books, BooksError
from shebao.engine.book import Fact
from shebao.intake import cells
from shebao.intake.cells import Fault, choice, plain
from shebao.intake.desk import Desk, ImportReport, load
from shebao.intake.headers import Field
from shebao.intake.outcome import IntakeError, IntakeFile, Reason
from shebao.intake.sheets import content
from shebao.intake.table import Table, finish, read_table
from shebao.intake.verdicts import Told
from shebao.law import rulebook
from shebao.law.regions import NAMES

NATION = 0
_SIGNED = re.compile(r"([+-]?)([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.([0-9]{1,2}))?(?:元)?")
_MOST_YUAN = 13  # digits: under ten million million, as the law's own facts

_PLACES = {str(code): str(code) for code in NAMES} | {name: str(code) for code, pair in NAMES.items() for name in pair}
_PLACES |= dict.fromkeys(("0", "全国", "nation"), str(NATION))
_place = choice({name.lower(): code for name, code in _PLACES.items()})


def _region(cell: object) -> int:
    return int(_place(cell))


def _fen(cell: object) -> int:
    """Yuan as whole fen, with its sign: a clearing may be paid in."""
    found = _SIGNED.fullmatch(plain(cell).replace(" ", ""))
    if found is None:
        raise Fault(Reason.AMOUNT_FORM)
    whole, part = found[2].replace(",", ""), (found[3] or "").ljust(2, "0")
    if len(whole.lstrip("0")) > _MOST_YUAN:
        raise Fault(Reason.AMOUNT_FORM)
    return int(f"{found[1]}{whole}{part}")


def _year(cell: object) -> int:
    text = plain(cell).removesuffix("年")
    if not re.fullmatch(r"(19|20)[0-9]{2}", text, re.ASCII):
        raise Fault(Reason.DATE_OUT_OF_RANGE)
    return int(text)


def _number(cell: object) -> str:
    text = plain(cell).replace(",", "")
    if not re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,6})?", text, re.ASCII):
        raise Fault(Reason.AMOUNT_FORM)
    return text


def _facts() -> dict[str, Fact]:
    """The facts of the law's room ``pooling``, by name and by official term."""
    held = [node for node in rulebook().nodes.values() if isinstance(node, Fact) and node.room == "pooling"]
    return {word: fact for fact in held for word in (fact.name, str(fact.label))}


def _fact(cell: object) -> str:
    held = _facts()
    found = held.get(plain(cell))
    if found is None:
        raise Fault(Reason.NOT_CHOICE, "、".join(sorted({fact.name for fact in held.values()})))
    return found.name


_KINDS = {"advance": "advance", "clearing": "clearing", "预拨": "advance", "清算": "clearing"}
REGION = Field("region", pa.int16(), _region, "省份、省、地区、区划、province、region", required=True)
SOURCE = Field("source", pa.string(), cells.words, "依据、文件、文号、来源、source、document", required=True)
PLAN = (
    REGION,
    Field("month", pa.date32(), cells.month, "月份、所属月份、month", required=True),
    Field("kind", pa.string(), choice(_KINDS), "种类、类别、kind", required=True),
    Field("amount_fen", pa.int64(), _fen, "金额、金额（元）、amount", required=True),
    SOURCE,
)
FACTS = (
    REGION,
    Field("year", pa.int16(), _year, "年度、年份、year", required=True),
    Field("name", pa.string(), _fact, "项目、指标、名称、name", required=True),
    Field("value", pa.string(), _number, "数值、值、value", required=True),
    SOURCE,
)


def import_plan(
    books: Books,
    source: str | Path | bytes,
    *,
    name: str,
    region: int,
    officer: str,
    sheet: str | None = None,
    dry_run: bool = False,
) -> ImportReport:
    """Store what is advanced to or cleared with a province, by month; positive: the province receives.

    An amount that differs from the one laid down before is booked as the difference, an equal one not at all. It
    moves with the pool step of its month, or of the open one where that was before. Rows of another province are
    rejected. ``BooksError`` unless the officer has the duty to register at the provincial office; ``IntakeError`` if
    the file cannot be read. Nothing is stored then.
    """
    file = _read(source, name, PLAN, sheet, ("region", "month", "kind"), frozenset((region,)))
    return _take(books, file, region, officer, sheet, dry_run, "plan", _PLAN)


def import_facts(
    books: Books,
    source: str | Path | bytes,
    *,
    name: str,
    region: int,
    officer: str,
    sheet: str | None = None,
    dry_run: bool = False,
) -> ImportReport:
    """Store facts of the law's room ``pooling`` by year, of the province or of the nation (region 0).

    A value that differs from the one known is its next version. Refuses as :func:`import_plan`.
    """
    file = _read(source, name, FACTS, sheet, ("region", "year", "name"), frozenset((region, NATION)))
    return _take(books, file, region, officer, sheet, dry_run, "facts", _FACTS)


def _take(
    books: Books, file: IntakeFile, region: int, officer: str, sheet: str | None, dry_run: bool, what: str, query: str
) -> ImportReport:
    if not books.rows("SELECT FROM officer f JOIN office o USING (area) WHERE f.id = %(o)s AND o.level = 1", o=officer):
        raise BooksError(f"officer {officer} does not work at the provincial office of {region} 非该省级机构经办人")
    desk = Desk(books, file, "pooling_plan", region, officer, {"what": what, "sheet": sheet or ""})
    return desk.take("pool", partial(_judge, query=query), dry_run)


def _judge(desk: Desk, query: str) -> tuple[list[Told], dict[str, int]]:
    rows = desk.file.rows
    columns = "row_number integer, region smallint, source text, " + (
        "month date, kind text, amount_fen bigint"
        if "month" in rows.column_names
        else "year smallint, name text, value text"
    )
    load(desk.books, "laid_down", columns, rows)
    versions = [version for (version,) in desk.books.rows(query, b=desk.booked)]
    new = sum(version == 0 for version in versions)
    counts = {"laid_down": new, "corrected": len(versions) - new, "unchanged": rows.num_rows - len(versions)}
    return [], {name: count for name, count in counts.items() if count}


_PLAN = """
    INSERT INTO pooling_plan (region, month, kind, version, area, booked, amount, source)
    SELECT n.region, n.month, n.kind, h.versions, n.region * 10000000000::bigint,
           greatest(n.month, %(b)s::date), n.amount_fen - h.amount, n.source
    FROM laid_down n CROSS JOIN LATERAL (
        SELECT count(*) AS versions, coalesce(sum(amount), 0)::bigint AS amount FROM pooling_plan p
        WHERE p.region = n.region AND p.month = n.month AND p.kind = n.kind) h
    WHERE n.amount_fen <> h.amount RETURNING version"""

_FACTS = """
    INSERT INTO pooling_fact (region, year, name, version, area, value, source)
    SELECT n.region, n.year, n.name, coalesce(h.version + 1, 0), n.region * 10000000000::bigint, n.value, n.source
    FROM laid_down n LEFT JOIN LATERAL (
        SELECT version, value FROM pooling_fact p WHERE p.region = n.region AND p.year = n.year AND p.name = n.name
        ORDER BY version DESC LIMIT 1) h ON true
    WHERE h.value IS NULL OR h.value::numeric <> n.value::numeric RETURNING version"""


# -- reading -----------------------------------------------------------------------------------------


def _read(
    source: str | Path | bytes,
    name: str,
    fields: tuple[Field, ...],
    sheet: str | None,
    key: tuple[str, ...],
    regions: frozenset[int],
) -> IntakeFile:
    """The file's rows of these regions; a row of another, or one that repeats another's key, is a fault."""
    data = content(source)
    if name.lower().endswith((".yaml", ".yml")):
        data = _rows_of_yaml(data)
    table = read_table(data, name, fields, sheet, {})
    seen: dict[tuple[Any, ...], int] = {}
    for row in table.good():
        _check(table, row, key, regions, seen)
    return IntakeFile(**finish(table))


def _check(table: Table, row: int, key: tuple[str, ...], regions: frozenset[int], seen: dict[Any, int]) -> None:
    region, *rest = (table.values[name][row] for name in key)
    if region not in regions:
        table.fault(row, Reason.NOT_CHOICE, "region", region, "、".join(map(str, sorted(regions))))
    elif (region, *rest) in seen:
        said = " ".join(map(str, (region, *rest)))
        table.fault(row, Reason.DUPLICATE, "region", said, table.numbers[seen[region, *rest]])
    else:
        seen[region, *rest] = row


def _rows_of_yaml(data: bytes) -> bytes:
    """A YAML list of rows, each a mapping of headings to plain values, as delimited text."""
    try:
        rows = yaml.load(data, yaml.BaseLoader)  # every value as the text that stands there
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        why = " ".join(str(error).split())
        raise IntakeError(f"不是 YAML：{why}", f"This is no YAML: {why}") from None
    if not (isinstance(rows, list) and rows and all(_is_row(row) for row in rows)):
        raise IntakeError(
            "YAML 应为行的列表，每行是列名与值。", "The YAML must be a list of rows, headings with values."
        )
    headings = list(dict.fromkeys(heading for row in rows for heading in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, headings)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def _is_row(row: object) -> bool:
    return isinstance(row, dict) and all(isinstance(x, str) for pair in row.items() for x in pair)
