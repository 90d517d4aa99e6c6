"""Arrow columns as the integers a kernel reads.

Null and out-of-range values travel as numbers outside the declared range, so that the kernel's own check finds them
for just the rows that need the fact. A column of a wrong type or unit is refused as a whole.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from shebao.engine.errors import BookError, Refused
from shebao.engine.facts import bounds, parse_value, resolve_given
from shebao.engine.history import find_history, history_names
from shebao.engine.parameters import Parameter
from shebao.engine.plan import Column, Plan
from shebao.engine.rulebook import Fact, Node, Rulebook
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
    node: Node
    array: pa.Array
    name: str


class Inputs:
    """Which node each column of a schema gives, and how to read it."""

    def __init__(self, book: Rulebook, rules: tuple[str, ...], schema: pa.Schema) -> None:
        self.book = book
        self.columns: dict[str, Column] = {}
        self.histories: dict[str, dict[str, Column]] = {}
        self.position: dict[str, int] = {}
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
        for at, field in enumerate(schema):
            history = find_history(field.name, rooms, histories)
            if history and pa.types.is_nested(field.type):
                self._history(history, histories[history], at, field)
            else:
                self._column(field, at, rooms)

    def _column(self, field: pa.Field, at: int, rooms: tuple[str, ...]) -> None:
        try:
            name = resolve_given(self.book, field.name, rooms)
        except BookError:
            known = {n.name for n in self.book.nodes.values()}
            near = difflib.get_close_matches(field.name, sorted(known), n=1, cutoff=0.85)
            if near and near[0] != field.name:
                raise BookError(f"unknown column {field.name!r}; did you mean {near[0]!r}?") from None
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
        self.position[name] = at

    def _history(self, history: str, facts: list[Fact], at: int, field: pa.Field) -> None:
        kind = field.type
        if not (pa.types.is_list(kind) or pa.types.is_large_list(kind)) or not pa.types.is_struct(kind.value_type):
            raise BookError(f"{history} must be a list of structs, not {kind}")
        names = {f.name: f for f in facts}
        self.histories[history], self._records[history] = {}, {}
        self.position[history] = at
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
        """``BookError`` if a column the plan reads has a wrong type or unit."""
        for name in (*plan.used_columns, *(f for _, f in plan.used_records)):
            if name in self._problems:
                raise self._problems[name]

    # -- reading ---------------------------------------------------------------------------------
    def read(self, batch: pa.RecordBatch, name: str) -> NDArray[Any]:
        """One column of a batch as integers of its declared type."""
        source = _Source(self.book.nodes[name], batch.column(self.position[name]), name)
        return read_column(source, self.columns[name])

    def read_history(self, batch: pa.RecordBatch, history: str) -> HistoryArrays:
        """The records of a history of a batch."""
        array = batch.column(self.position[history])
        array.validate(full=True)
        offsets = array.offsets.to_numpy().astype(np.int64)
        valid = (
            np.ones(len(array), dtype=np.int8) if not array.null_count else array.is_valid().cast(pa.int8()).to_numpy()
        )
        fields, nodes = array.values.flatten(), self.book.nodes  # flatten: a null record has null fields
        records = {f: _Source(nodes[f], fields[j], f"{history}.{f}") for f, j in self._records[history].items()}
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
    dtype = next((t for t in ("int8", "int16", "int32", "int64") if _holds(t, *ends)), None)
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
    if pa.types.is_dictionary(array.type) or _is_text(array.type):
        return _from_text(_Source(source.node, array, source.name), column)
    null = array.is_null().to_numpy(zero_copy_only=False) if array.null_count else None
    if pa.types.is_null(array.type):
        return np.full(len(array), np.iinfo(column.dtype).min, dtype=column.dtype)
    if pa.types.is_decimal(array.type):
        return _fitted(_unscaled(source.name, array, column), null, column.dtype)
    if pa.types.is_boolean(array.type):
        array = array.cast(pa.int8())
    numbers = (array.fill_null(0) if null is not None else array).to_numpy(zero_copy_only=False)
    return _fitted(numbers, null, column.dtype)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _fitted(numbers: NDArray[Any], null: NDArray[Any] | None, dtype: str) -> NDArray[Any]:
    limits, own = np.iinfo(dtype), np.iinfo(numbers.dtype)
    if own.min <= limits.min or own.max > limits.max:
        low, high = max(limits.min + 1, own.min), min(limits.max, own.max)
        if len(numbers) and (numbers.min() < low or numbers.max() > high):
            numbers = np.clip(numbers, low, high)
    numbers = np.ascontiguousarray(numbers, dtype=dtype)
    if null is not None:
        numbers = np.where(null, np.array(limits.min, dtype=dtype), numbers)
    return numbers


def _unscaled(name: str, array: pa.Array, column: Column) -> NDArray[np.int64]:
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
    return np.where(fits, limbs[:, 0], beyond)


def _from_text(source: _Source, column: Column) -> NDArray[Any]:
    """Texts as people write them; each distinct text is read once."""
    array = source.array if pa.types.is_dictionary(source.array.type) else source.array.dictionary_encode()
    limits = np.iinfo(column.dtype)
    words = array.dictionary.to_pylist()
    at = array.indices.cast(pa.int64()).fill_null(len(words)).to_numpy(zero_copy_only=False)
    codes = np.full(len(words) + 1, limits.min, dtype=column.dtype)
    for k in np.unique(at):
        if k < len(words):
            codes[k] = _text_code(source, column, words[k], at, k, limits)
    return np.ascontiguousarray(codes[at])


def _text_code(source: _Source, column: Column, raw: Any, at: Any, k: int, limits: Any) -> int:
    try:
        value = parse_value(source.node, raw)
    except Refused as refusal:
        return int(limits.min if refusal.kind == "null" else limits.max)
    except BookError as error:
        row = int(np.argmax(at == k))
        raise BookError(f"row {row + 1}: {error}") from None
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str):
        return column.values.index(value)
    scaled = value * column.scale
    if scaled.denominator != 1:
        raise BookError(f"column {source.name}: {raw} has more decimals than 1/{column.scale} of {source.node.unit.en}")
    return int(scaled)
