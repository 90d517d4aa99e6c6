"""Arrow columns as the integers a kernel reads.

Null and out-of-range values travel as numbers outside the declared range, so that the kernel's own check finds them
for just the rows that need the fact. A column of a wrong type or unit is refused as a whole.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shebao.engine.book import Book, Fact, Node
from shebao.engine.errors import BookError, Refused
from shebao.engine.facts import bounds, parse_value, resolve_given
from shebao.engine.history import find_history, history_names
from shebao.engine.parameters import Parameter
from shebao.engine.plan import Column, Plan
from shebao.engine.units import show

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class HistoryArrays:
    """One history of a batch: record offsets, which rows have one, and the records' columns."""

    offsets: NDArray[np.int64]
    valid: NDArray[np.int8]
    records: dict[str, _Source]


@dataclass(frozen=True)
class _Source:
    """An array that gives a node; ``first_row`` and, for a history's records, ``offsets`` say whose a value is."""

    node: Node
    array: pa.Array
    name: str
    first_row: int = 0
    offsets: NDArray[np.int64] | None = None

    def row(self, at: int) -> int:
        """The number, from 1, of the table's row that holds a value."""
        person = at if self.offsets is None else int(np.searchsorted(self.offsets, at, "right")) - 1
        return self.first_row + person + 1


class Inputs:
    """Which node each column of a schema gives, and how to read it."""

    def __init__(self, book: Book, rules: tuple[str, ...], schema: pa.Schema) -> None:
        self.book = book
        self.columns: dict[str, Column] = {}
        self.histories: dict[str, dict[str, Column]] = {}
        self.headings: dict[str, str] = {}  # of each node and history: the name of its column
        self.ignored: list[str] = []
        self._records: dict[str, dict[str, int]] = {}
        self._problems: dict[str, BookError] = {}
        names = [f.name for f in schema]
        twice = {n for n in names if names.count(n) > 1}
        if twice:
            raise BookError(f"the table has two columns {sorted(twice)[0]!r}")
        full = tuple(r if "." in r else book.find(r) for r in rules)
        rooms = tuple(dict.fromkeys(r.rpartition(".")[0] for r in full))
        histories = history_names(book)
        for field in schema:
            history = find_history(field.name, rooms, histories)
            if history and pa.types.is_nested(field.type):
                self._history(history, histories[history], field)
            else:
                self._column(field, rooms)

    def _column(self, field: pa.Field, rooms: tuple[str, ...]) -> None:
        try:
            name = resolve_given(self.book, field.name, rooms)
        except BookError:
            self.ignored.append(field.name)
            return
        node = self.book.nodes[name]
        if (isinstance(node, Parameter) and node.keys) or (isinstance(node, Fact) and node.over):
            self.ignored.append(field.name)
            return
        if name in self.columns:
            raise BookError(f"two columns give {name}")
        self.columns[name], problem = _spec(node, field)
        if problem:
            self._problems[name] = problem
        self.headings[name] = field.name

    def _history(self, history: str, facts: list[Fact], field: pa.Field) -> None:
        kind = field.type
        if not (pa.types.is_list(kind) or pa.types.is_large_list(kind)) or not pa.types.is_struct(kind.value_type):
            raise BookError(f"{history} must be a list of structs, not {kind}")
        names = {f.name: f for f in facts}
        self.histories[history], self._records[history] = {}, {}
        self.headings[history] = field.name
        for j in range(kind.value_type.num_fields):
            inner = kind.value_type.field(j)
            if inner.name not in names:
                raise BookError(f"{history}: unknown fact {inner.name!r}; it has {', '.join(sorted(names))}")
            fact = names[inner.name]
            if fact.full_name in self.histories[history]:
                raise BookError(f"{history}: its records have two fields {inner.name!r}")
            self.histories[history][fact.full_name], problem = _spec(fact, inner)
            if problem:
                self._problems[fact.full_name] = problem
            self._records[history][fact.full_name] = j

    def check_used(self, plan: Plan) -> None:
        """``BookError`` if a column the plan reads has a wrong type or unit, or one it wants is misspelt."""
        wanted = sorted(
            {self.book.nodes[n].name for n in plan.needed if n in self.book.nodes and n not in self.columns}
        )
        for name in self.ignored:
            near = difflib.get_close_matches(name, wanted, n=1, cutoff=0.85)
            if near:
                raise BookError(f"unknown column {name!r}; did you mean {near[0]!r}?")
        for name in (*plan.used_columns, *(f for _, f in plan.used_records)):
            if name in self._problems:
                raise self._problems[name]

    # -- reading ---------------------------------------------------------------------------------
    def read(self, batch: pa.RecordBatch, name: str, first_row: int = 0) -> NDArray[Any]:
        """One column of a batch as integers of its declared type; complaints count rows from ``first_row``."""
        source = _Source(self.book.nodes[name], batch.column(self.headings[name]), name, first_row)
        return read_column(source, self.columns[name])

    def read_history(self, batch: pa.RecordBatch, history: str, first_row: int = 0) -> HistoryArrays:
        """The records of a history of a batch, and of no other batch that shares their memory."""
        array = batch.column(self.headings[history])
        array.validate()  # of the offsets, the first and the last
        offsets = array.offsets.to_numpy().astype(np.int64)
        if (np.diff(offsets) < 0).any():
            raise BookError(f"column {self.headings[history]!r}: the offsets of its lists are damaged")
        start, stop = int(offsets[0]), int(offsets[-1])
        offsets -= start
        valid = (
            np.ones(len(array), dtype=np.int8) if not array.null_count else array.is_valid().cast(pa.int8()).to_numpy()
        )
        fields = array.values.slice(start, stop - start).flatten()  # flatten: a null record has null fields
        records = {}
        for name, at in self._records[history].items():
            fields[at].validate(full=True)
            records[name] = _Source(self.book.nodes[name], fields[at], f"{history}.{name}", first_row, offsets)
        return HistoryArrays(offsets, valid, records)

    def value(self, column: Column, name: str, stored: Any) -> Any:
        """A stored integer as the exact value it stands for, or the refusal it means."""
        node, number = self.book.nodes[name], int(stored)
        low, high, _ = bounds(node)
        if number == np.iinfo(column.dtype).min:
            return Refused("null", name, "the value is empty")
        if node.unit.kind == "choice":
            return column.values[number] if 0 <= number < len(column.values) else _outside(node, number)
        if node.unit.kind == "yes_no":
            return bool(number) if number in (0, 1) else _outside(node, number)
        exact = Fraction(number, column.scale)
        if not low <= exact <= high:
            detail = f"{show(exact, node.unit)} is outside {show(low, node.unit)}..{show(high, node.unit)}"
            return Refused("out of range", name, detail)
        return exact


def _outside(node: Node, number: int) -> Refused:
    return Refused("out of range", node.full_name, f"code {number} is unknown")


_SIGNED = ("int8", "int16", "int32", "int64")


def _spec(node: Node, field: pa.Field) -> tuple[Column, BookError | None]:
    """The kernel's type for a column, and why it cannot be used, if so."""
    notes = {k.decode(): v.decode() for k, v in (field.metadata or {}).items()}
    low, high, scale = bounds(node)
    values = node.values if isinstance(node, Fact) else ()
    problem = _wrong_type(node, field)
    unit = notes.get("shebao.unit")
    if unit and unit != node.unit.name:
        problem = BookError(f"column {field.name!r} is in {unit}, {node.full_name} is in {node.unit.name}")
    if node.unit.kind == "choice" and notes.get("shebao.values"):
        values = tuple(notes["shebao.values"].split(","))
        if isinstance(node, Fact) and set(values) - set(node.values):
            problem = BookError(f"column {field.name!r} has the texts {values}, {node.full_name} has {node.values}")
    if node.unit.kind == "choice" and not values:
        problem = BookError(f"column {field.name!r} gives the texts of {node.full_name} without saying which")
        values = ("",)
    if notes.get("shebao.scale") and pa.types.is_integer(_plain_type(field.type)):
        scale, wrong = _noted_scale(notes["shebao.scale"], field.name)
        problem = wrong or problem
    ends = (0, len(values)) if values else (low * scale, high * scale)
    own = str(_plain_type(field.type))  # a type that is wide enough needs no conversion
    dtype = next((t for t in (own, *_SIGNED) if t in _SIGNED and _holds(t, *ends)), None)
    if dtype is None:
        problem = BookError(f"column {field.name!r}: a scale of {scale} leads beyond int64")
    return Column(node.full_name, dtype or "int64", scale, values), problem


def _holds(dtype: str, low: Fraction, high: Fraction) -> bool:
    """Whether an integer type has room for a range, for values beyond both its ends, and for null."""
    limits = np.iinfo(dtype)
    return limits.min + 1 < low and high < limits.max


def _noted_scale(text: str, name: str) -> tuple[int, BookError | None]:
    if text.isdecimal() and int(text) > 0:
        return int(text), None
    return 1, BookError(f"column {name!r} notes the scale {text!r}, which is no positive whole number")


def _plain_type(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _wrong_type(node: Node, field: pa.Field) -> BookError | None:
    kind, unit = _plain_type(field.type), node.unit
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    fits = text or pa.types.is_integer(kind) or pa.types.is_null(kind)
    if unit.kind == "yes_no":
        fits = fits or pa.types.is_boolean(kind)
    if unit.kind not in ("yes_no", "choice", "month"):
        fits = fits or pa.types.is_decimal(kind)
    if fits:
        return None
    wanted = f"{unit.name} ({unit.en}): integers of 1/{bounds(node)[2]}, decimals or text"
    what = "binary floats" if pa.types.is_floating(kind) else str(kind)
    return BookError(f"column {field.name!r} holds {what}; {node.full_name} is {wanted}")


def read_column(source: _Source, column: Column) -> NDArray[Any]:
    """An Arrow array as contiguous integers: null is the least value, what lies beyond the ends is brought to them."""
    array = source.array
    if pa.types.is_dictionary(array.type) and not _is_text(array.type.value_type):
        array = array.dictionary_decode()
    if pa.types.is_null(array.type):
        return np.full(len(array), np.iinfo(column.dtype).min, dtype=column.dtype)
    if pa.types.is_dictionary(array.type) or _is_text(array.type):
        return _from_text(replace(source, array=array), column)
    if pa.types.is_decimal(array.type):
        array = _unscaled(source.name, array, column)
    elif pa.types.is_boolean(array.type):
        array = array.cast(pa.int8())
    return _fitted(array, column.dtype)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _fitted(array: pa.Array, dtype: str) -> NDArray[Any]:
    """Integers in a type; without null and of that type they are read where they lie.

    The least value stands for null alone: a number as small, which is out of range as any type is wider than its
    column's range, becomes the next.
    """
    limits, own = np.iinfo(dtype), np.iinfo(str(array.type))
    low, high = max(limits.min + 1, own.min), min(limits.max, own.max)
    if own.min < low or own.max > high:
        ends = pc.min_max(array).as_py()  # of what is not null
        if ends["min"] is not None and (ends["min"] < low or ends["max"] > high):
            numbers = np.clip(array.fill_null(0).to_numpy(), low, high)
            array = pa.array(numbers, mask=array.is_null().to_numpy(zero_copy_only=False))
    if str(array.type) != dtype:
        array = array.cast(dtype)
    return np.ascontiguousarray((array.fill_null(limits.min) if array.null_count else array).to_numpy())


def _unscaled(name: str, array: pa.Array, column: Column) -> pa.Array:
    """Decimals as integers of the storage scale; digits beyond it are refused."""
    places = len(str(column.scale)) - 1
    if column.scale != 10**places:
        raise BookError(f"column {name}: decimals cannot be held in 1/{column.scale}; give integers")
    try:
        wide = array.cast(pa.decimal256(76, places))
    except pa.ArrowInvalid:
        raise BookError(f"column {name}: a value has more decimals than 1/{column.scale} of its unit") from None
    limbs = np.frombuffer(wide.buffers()[1], dtype="<i8").reshape(-1, 4)[wide.offset : wide.offset + len(wide)]
    fits = (limbs[:, 1:] == (limbs[:, :1] >> 63)).all(axis=1)
    beyond = np.where(limbs[:, 3] < 0, np.iinfo(np.int64).min + 1, np.iinfo(np.int64).max)
    numbers = np.where(fits, limbs[:, 0], beyond)
    return pa.array(numbers, mask=array.is_null().to_numpy(zero_copy_only=False) if array.null_count else None)


# -- texts -----------------------------------------------------------------------------------------


def _from_text(source: _Source, column: Column) -> NDArray[Any]:
    """Texts as people write them; each distinct text is read once, plain numbers and months all together."""
    array = source.array
    if not pa.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    elif len(array.dictionary) > len(array):  # a slice keeps the words of the whole
        array = array.dictionary_decode().dictionary_encode()
    words, least = array.dictionary, np.iinfo(column.dtype).min
    at = array.indices.cast(pa.int64()).fill_null(len(words)).to_numpy(zero_copy_only=False)
    numbers, read = _plain_texts(source.node, words, column)
    codes = np.append(_fitted(numbers, column.dtype), np.array(least, dtype=column.dtype))
    used = np.zeros(len(words) + 1, dtype=bool)
    used[at] = True
    for k in np.flatnonzero(used[:-1] & ~read):
        try:
            codes[k] = _text_code(source.node, column, words[k].as_py())
        except BookError as error:
            raise BookError(f"row {source.row(int(np.argmax(at == k)))}: {error}") from None
    return np.ascontiguousarray(codes[at])


def _plain_texts(node: Node, words: pa.Array, column: Column) -> tuple[pa.Array, NDArray[np.bool_]]:
    """The texts that Arrow can be trusted to read as stored integers, and which those are; the others are null."""
    places = len(str(column.scale)) - 1
    if node.unit.kind == "month":
        pattern = r"^[0-9]{4}-(0[1-9]|1[0-2])$"
    elif node.unit.kind not in ("yes_no", "choice") and column.scale == 10**places:
        # Arrow also reads ".5", "5." and "5e1", which are refused or not exact here: hence the pattern.
        pattern = rf"^[+-]?[0-9]{{1,{18 - places}}}" + (rf"(\.[0-9]{{1,{places}}})?$" if places else "$")
    else:
        return pa.nulls(len(words), pa.int64()), np.zeros(len(words), dtype=bool)
    plain = pc.match_substring_regex(words, pattern).fill_null(False)
    texts = pc.if_else(plain, words, None)
    if node.unit.kind == "month":
        year, month = (pc.utf8_slice_codeunits(texts, *part).cast(pa.int64()) for part in ((0, 4), (5, 7)))
        numbers = pc.add(pc.multiply(year, 12), pc.subtract(month, 1))
    else:
        numbers = _unscaled(node.full_name, texts.cast(pa.decimal128(19, places)), column)
    return numbers, plain.to_numpy(zero_copy_only=False)


def _text_code(node: Node, column: Column, raw: Any) -> int:
    """One text with the care its message needs."""
    limits = np.iinfo(column.dtype)
    try:
        value = parse_value(node, raw)
    except Refused as refusal:
        return int(limits.min if refusal.kind == "null" else limits.max)
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str):
        return column.values.index(value)
    scaled = value * column.scale
    if scaled.denominator != 1:
        raise BookError(f"{node.full_name}: {raw} has more decimals than 1/{column.scale} of {node.unit.en}")
    return int(scaled)
