"""Arrow rows in the binary format of PostgreSQL's COPY, made column by column.

The server reads numbers and dates as they are, where text would be parsed value by value: half its work, and more.
The format is the documented one: a field count for each row, a length before each field, big-endian throughout.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

HEAD = b"PGCOPY\n\xff\r\n\x00" + bytes(8)  # signature; no flags, no extension
TAIL = b"\xff\xff"

_NULL = b"\xff\xff\xff\xff"  # a length of −1
_EPOCH = 10_957  # days from 1970-01-01, Arrow's day 0, to 2000-01-01, PostgreSQL's
_FIXED = {
    "bool": (pa.uint8(), ">u1"),
    "int2": (pa.int16(), ">i2"),
    "int4": (pa.int32(), ">i4"),
    "int8": (pa.int64(), ">i8"),
    "date": (pa.int32(), ">i4"),
}
_TEXTS = {"text", "varchar", "enum"}


def encoder(kinds: list[str]) -> Callable[[pa.RecordBatch], memoryview] | None:
    """What makes rows of columns of these PostgreSQL types, given in order; None if one of them is not known here.

    Known are ``bool``, ``int2``, ``int4``, ``int8``, ``date``, ``text``, ``varchar`` and ``enum`` for any enumeration.
    A batch whose values do not fit raises ``pyarrow.ArrowInvalid``.
    """
    if not _FIXED.keys() | _TEXTS >= set(kinds):
        return None
    head = pa.scalar(len(kinds).to_bytes(2, "big"), pa.binary())

    def encode(batch: pa.RecordBatch) -> memoryview:
        pieces = [head]
        for column, kind in zip(batch.columns, kinds, strict=True):
            pieces += _text(column) if kind in _TEXTS else [_number(column, kind)]
        rows = pc.binary_join_element_wise(*pieces, b"", null_handling="replace", null_replacement=_NULL)
        _, offsets, data = rows.buffers()
        return memoryview(data)[: np.frombuffer(offsets, np.int32)[len(rows)]]

    return encode


def _number(column: pa.Array, kind: str) -> pa.Array:
    """Length and value of each number; null where it is."""
    arrow, big = _FIXED[kind]
    if kind == "date":
        column = column.cast(pa.date32())
    elif kind == "bool":
        column = column.cast(pa.bool_())
    values = column.cast(arrow)
    fields = np.empty(len(values), [("size", ">i4"), ("value", big)])
    fields["size"] = fields.dtype["value"].itemsize
    fields["value"] = values.fill_null(0).to_numpy(zero_copy_only=False)
    if kind == "date":
        fields["value"] -= _EPOCH
    return _binary(fields, pc.is_valid(column) if column.null_count else None)


def _text(column: pa.Array) -> list[pa.Array]:
    """The lengths, null where the text is, and the texts."""
    texts = column.cast(pa.string()).cast(pa.binary())
    sizes = pc.binary_length(texts)
    fields = sizes.fill_null(0).to_numpy(zero_copy_only=False).astype(">i4")
    return [_binary(fields, pc.is_valid(texts) if texts.null_count else None), texts.fill_null(b"")]


def _binary(fields: np.ndarray, valid: pa.Array | None) -> pa.Array:
    """Equally long fields as binaries."""
    width = fields.dtype.itemsize
    offsets = np.arange(0, (len(fields) + 1) * width, width, dtype=np.int32)
    validity = valid.buffers()[1] if valid is not None else None
    return pa.Array.from_buffers(pa.binary(), len(fields), [validity, pa.py_buffer(offsets), pa.py_buffer(fields)])
