"""Parameters as arrays: where each value lies, so that a changed number needs no recompilation.

All parameters of a kernel travel in one int64 array. A layout knows the offset, the axes, the breakpoints in
time, and a widened interval of the values; only these are in the kernel's text, never a value.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import gcd, prod

from shebao.engine.errors import BookError
from shebao.engine.integers import MISSING, Int, add, constant, times
from shebao.engine.parameters import FOREVER, Parameter


@dataclass(frozen=True)
class Axis:
    """One key of a table: dense whole numbers, whole numbers by a map, or enumerated texts."""

    size: int
    base: int = 0
    words: tuple[str, ...] = ()
    map_at: int = -1  # offset of the map from ``base + i`` to a position, for sparse keys
    span: int = 0

    def place(self, key: Int, values: tuple[str, ...] | None) -> tuple[Int, str]:
        """Position of a key on the axis, and the condition under which it lies outside."""
        if bool(self.words) != (values is not None):
            raise BookError("a key is a text where the table has numbers, or the reverse")
        if values is not None:
            return self._text_place(key, values)
        low, high = self.base, self.base + self.span - 1
        at = add(key, constant(-low))
        check = "" if key.lo >= low and key.hi <= high else f"u8({at.code}) >= {self.span}"
        inside = Int(at.code, 0, self.span - 1)
        if self.map_at < 0:
            return inside, check
        cell = f"P[{self.map_at} + {inside.code}]"
        return Int(cell, 0, self.size - 1), f"{check} or {cell} < 0" if check else f"{cell} < 0"

    def _text_place(self, key: Int, values: tuple[str, ...]) -> tuple[Int, str]:
        if values == self.words[: len(values)]:
            return key, ""
        known = [v for v in values if v in self.words]
        chain = "-1"
        for word in known:
            chain = f"({self.words.index(word)} if {key.code} == {values.index(word)} else {chain})"
        place = Int(chain, 0, self.size - 1)
        return place, "" if len(known) == len(values) else f"{chain} < 0"


@dataclass(frozen=True)
class TableLayout:
    """Where a parameter lies in the array and what its numbers may be."""

    name: str
    keys: tuple[str, ...]
    axes: tuple[Axis, ...]
    breaks_at: int
    breaks: int
    cells_at: int
    scale: int
    low: int
    high: int
    holes: bool

    @property
    def cells(self) -> int:
        return prod(axis.size for axis in self.axes)

    def segment_code(self, date: str) -> str:
        """Which span of time a month lies in: how many breakpoints are not after it."""
        terms = [f"i8({date} >= P[{self.breaks_at + j}])" for j in range(self.breaks)]
        return " + ".join(terms) or "0"

    def cell(self, segment: Int, at: Int) -> str:
        place = add(times(self.cells, segment), at) if self.breaks else at
        return f"P[{self.cells_at}]" if place.const == 0 else f"P[{self.cells_at} + {place.code}]"


class Arrays:
    """Builds the one array of a kernel's parameters."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.layouts: dict[str, TableLayout] = {}

    def layout(self, parameter: Parameter) -> TableLayout:
        found = self.layouts.get(parameter.full_name)
        if found is None:
            found = self.layouts[parameter.full_name] = self._lay(parameter)
        return found

    def within(self, layout: TableLayout, regions: frozenset[int]) -> TableLayout | None:
        """The layout as these provinces meet it, which have no hole in it; None if they may meet one or lie outside."""
        at = layout.keys.index("region")
        axis, inner = layout.axes[at], prod(a.size for a in layout.axes[at + 1 :])
        if axis.map_at >= 0 or any(not axis.base <= code < axis.base + axis.span for code in regions):
            return None
        cells = self.numbers[layout.cells_at : layout.cells_at + layout.cells * (layout.breaks + 1)]
        own = [cell for i, cell in enumerate(cells) if i // inner % axis.size + axis.base in regions]
        return replace(layout, holes=MISSING in own)

    def _lay(self, parameter: Parameter) -> TableLayout:
        entries = list(parameter.resolved())
        axes = tuple(self._axis([e.key[i] for e in entries]) for i in range(len(parameter.keys)))
        edges = {e.since for e in entries} | {e.until + 1 for e in entries}
        breaks = sorted(edge for edge in edges if -FOREVER < edge < FOREVER)
        breaks_at = len(self.numbers)
        self.numbers += breaks
        scale = _scale([e.value for e in entries])
        size = 1
        for axis in axes:
            size *= axis.size
        cells = [MISSING] * (size * (len(breaks) + 1))
        starts = [-FOREVER, *breaks]
        for entry in entries:
            at = 0
            for axis, part in zip(axes, entry.key, strict=True):
                at = at * axis.size + self._position(axis, part)
            for j, start in enumerate(starts):
                if entry.since <= start <= entry.until:
                    cells[j * size + at] = int(entry.value * scale)
        cells_at = len(self.numbers)
        self.numbers += cells
        low, high = _widened([c for c in cells if c != MISSING])
        holes = MISSING in cells
        return TableLayout(
            *(parameter.full_name, parameter.keys, axes, breaks_at, len(breaks), cells_at, scale, low, high, holes)
        )

    def _axis(self, keys: list[int | str]) -> Axis:
        if any(isinstance(k, str) for k in keys):
            words = tuple(dict.fromkeys(str(k) for k in keys))
            return Axis(len(words), words=words, span=len(words))
        found = sorted({int(k) for k in keys}) or [0]
        span = found[-1] - found[0] + 1
        if span <= 4 * len(found) + 64:
            return Axis(span, found[0], span=span)
        at, places = len(self.numbers), [-1] * span
        for i, key in enumerate(found):
            places[key - found[0]] = i
        self.numbers += places
        return Axis(len(found), found[0], map_at=at, span=span)

    def _position(self, axis: Axis, part: int | str) -> int:
        if axis.words:
            return axis.words.index(str(part))
        return int(part) - axis.base if axis.map_at < 0 else self.numbers[axis.map_at + int(part) - axis.base]


def _scale(values: list[Fraction]) -> int:
    """The least power of ten that makes every value whole, or the least common denominator."""
    need = 1
    for value in values:
        need = need * value.denominator // gcd(need, value.denominator)
    for power in range(13):
        if 10**power % need == 0:
            return int(10**power)
    if need > 10**12:
        raise BookError("a parameter needs more than twelve decimals")
    return need


def _widened(cells: list[int]) -> tuple[int, int]:
    """Bounds at powers of two around the values, so that a moderate change keeps the kernel's text."""
    if not cells:
        return 0, 0
    low, high = min(cells), max(cells)
    down = 1 << (low.bit_length() - 1) if low > 0 else 0 if low == 0 else -(1 << (-low).bit_length())
    up = (1 << high.bit_length()) - 1 if high > 0 else 0 if high == 0 else -(1 << ((-high).bit_length() - 1))
    return down, up
