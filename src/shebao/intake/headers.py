"""Which row is the header and what its columns mean."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa

from shebao.intake.outcome import IntakeError, short, shown
from shebao.intake.sheets import Sheet

SEARCHED = 50  # rows from the top in which a header is looked for
_IN_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|<[^<>]*>|【[^【】]*】")
_DECORATION = re.compile(r"[\s*:_\-—/、#'\"。]+")

_CHINESE, _LATIN = re.compile(r"[\u4e00-\u9fff]"), re.compile(r"[a-z]+")


@dataclass(frozen=True)
class Field:
    """A meaning that a column can have."""

    name: str
    type: pa.DataType
    parse: Callable[..., object]  # cell -> value, or cells.Fault; of dates also the calendar
    headings: str  # separated by 、; the first is the usual one
    fallback: str = ""  # headings that mean it only where none of the others stands
    required: bool = False  # a blank cell is a fault, unless the caller states the value

    @property
    def usual(self) -> str:
        """The heading that messages name."""
        return self.headings.partition("、")[0]


@dataclass(frozen=True)
class Header:
    """Where the table begins and what stands where."""

    first: int  # index of the first header row
    last: int  # and of the last: a header may spread over two
    headings: tuple[str, ...]
    positions: dict[str, int]  # field -> column

    @property
    def score(self) -> int:
        return len(self.positions)


def normal(heading: str) -> str:
    """A heading without case, width, spacing, units, marks and translation: ``缴费工资（元）* Wage`` → ``缴费工资``."""
    text = unicodedata.normalize("NFKC", heading).lower()
    text = _DECORATION.sub("", _IN_BRACKETS.sub("", text))
    return _LATIN.sub("", text) if _CHINESE.search(text) else text


def known_headings(rows: Sequence[Sequence[object]], fields: Sequence[Field]) -> int:
    """How many of the fields the best header row of ``rows`` names."""
    meanings = _meanings(fields)
    return max((len({meanings.get(text) for text in _row(row)} - {None}) for row in rows), default=0)


def find_header(sheet: Sheet, fields: Sequence[Field]) -> Header | None:
    """The row (or two rows, where headings are merged) that names most fields; None if no row names two.

    ``IntakeError`` if two columns have the same meaning.
    """
    meanings = _meanings(fields)
    rows = [_row(row) for row in sheet.rows[: SEARCHED + 1]]
    best = max(_candidates(rows), key=lambda c: _known(c[2], meanings), default=None)
    if best is None or _known(best[2], meanings) < 2:
        return None
    first, last, texts = best
    original = [_joined(sheet.rows[first : last + 1], column) for column in range(len(texts))]
    return Header(first, last, tuple(original), _positions(texts, original, fields))


def missing(header: Header, required: Iterable[Field]) -> list[Field]:
    """The fields that have no column."""
    return [field for field in required if field.name not in header.positions]


def column_name(position: int) -> str:
    """The letters a table program gives a column: 0 → A, 26 → AA."""
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _meanings(fields: Sequence[Field]) -> dict[str, str]:
    return {text: f.name for f in fields for text in _wanted(f.headings) | _wanted(f.fallback)}


def _wanted(headings: str) -> set[str]:
    return {normal(heading) for heading in headings.split("、") if heading}


def _row(row: Sequence[object]) -> list[str]:
    return [normal(shown(cell)[:200]) if isinstance(cell, str) else "" for cell in row]


def _known(texts: Sequence[str], meanings: dict[str, str]) -> int:
    return len({meanings[text] for text in texts if text in meanings})


def _candidates(rows: list[list[str]]) -> Iterable[tuple[int, int, list[str]]]:
    """Each row as a header, then each row with the one below it (whose words go first)."""
    for at, row in enumerate(rows[:SEARCHED]):
        yield at, at, row
    for at in range(len(rows) - 1):
        upper, lower = rows[at], rows[at + 1]
        width = max(len(upper), len(lower))
        both = zip(upper + [""] * (width - len(upper)), lower + [""] * (width - len(lower)), strict=True)
        yield at, at + 1, [below or above for above, below in both]


def _joined(rows: Sequence[Sequence[object]], column: int) -> str:
    """The heading as it stands in the file."""
    texts = [shown(row[column]).strip() for row in rows if column < len(row)]
    texts = [text for text in texts if text]
    return texts[-1] if texts else ""


def _positions(texts: Sequence[str], original: Sequence[str], fields: Sequence[Field]) -> dict[str, int]:
    positions = {}
    for field in fields:
        for headings in (field.headings, field.fallback):
            wanted = _wanted(headings)
            found = [at for at, text in enumerate(texts) if text in wanted]
            if len(found) > 1:
                listed = "、".join(f"{column_name(at)}“{short(original[at])}”" for at in found)
                raise IntakeError(
                    f"有 {len(found)} 列都表示“{field.usual}”：{listed}。请只保留一列。",
                    f"{len(found)} columns mean {field.name}: {listed}. Keep one.",
                )
            if found:
                positions[field.name] = found[0]
                break
    return positions
