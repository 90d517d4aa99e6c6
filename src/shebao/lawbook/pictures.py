"""Pictures as SVG of our own drawing: steps over time, bars by key, the 31 provinces as tiles, the map of schemes.

Colours are the page's variables, so that a picture follows light and dark. Numbers here are for the eye: binary
floats, never amounts to pay.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from shebao.lawbook.words import place

Scale = Callable[[float], float]
WIDTH, HEIGHT = 560, 190
LEFT, RIGHT, TOP, BOTTOM = 62, 14, 14, 26

#: province code -> (column, row) of its tile, roughly where it lies
TILES = {
    **{23: (7, 0), 65: (0, 1), 62: (2, 1), 15: (4, 1), 22: (7, 1), 63: (1, 2), 64: (3, 2), 14: (4, 2), 11: (5, 2)},
    **{12: (6, 2), 21: (7, 2), 54: (0, 3), 61: (3, 3), 41: (4, 3), 13: (5, 3), 37: (6, 3), 51: (1, 4), 50: (2, 4)},
    **{42: (3, 4), 34: (4, 4), 32: (5, 4), 31: (6, 4), 53: (1, 5), 52: (2, 5), 43: (3, 5), 36: (4, 5), 33: (5, 5)},
    **{45: (2, 6), 44: (3, 6), 35: (4, 6), 46: (3, 7)},
}
TILE = 64
ACROSS = 7  # cards of a row of the map
LINE, LINES = 12.6, 3  # Chinese characters of a line of a card, lines


@dataclass(frozen=True)
class Tile:
    """One province's tile: a line under its name, what pointing at it says, how strongly it is tinted (0 to 1)."""

    text: str
    title: str
    tint: float = 0.0
    shares: tuple[tuple[str, int], ...] = ()  # status, count: a bar at the tile's foot


def svg(width: float, height: float, title: str, inner: str, kind: str = "chart") -> str:
    name = escape(title)
    return (
        f'<svg class="{kind}" viewBox="0 0 {_x(width)} {_x(height)}" role="img" aria-label="{name}">'
        f"<title>{name}</title>{inner}</svg>"
    )


def _x(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def short(value: float, percent: bool) -> str:
    """A number for an axis."""
    if percent:
        return f"{value * 100:.4g}%"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


# -- over time and by key ---------------------------------------------------------------------------


def steps(title: str, spans: Sequence[tuple[float, float, float, str, str]], percent: bool) -> str:
    """A step for each span: from, to (years), value, what pointing says, how certain."""
    first, last = min(s[0] for s in spans), max(s[1] for s in spans)
    low, high = _bounds([s[2] for s in spans])
    across, up = _scales(first, last, low, high)
    parts = [_grid(low, high, up, percent), _years(first, last, across)]
    parts += [
        f'<path class="riser" d="M{_x(across(end))} {_x(up(value))}V{_x(up(after[2]))}"/>'
        for (_, end, value, _, _), after in itertools.pairwise(spans)
        if after[0] == end
    ]
    for start, end, value, said, status in spans:
        at = _x(up(value))
        line = f'<path class="line {status}" d="M{_x(across(start))} {at}H{_x(across(end))}"/>'
        parts.append(f"<g><title>{escape(said)}</title>{line}</g>")
    return svg(WIDTH, HEIGHT, title, "".join(parts))


def bars(title: str, items: Sequence[tuple[str, float, str, str]], percent: bool) -> str:
    """A bar for each key: its name, value, what pointing says, how certain."""
    low, high = _bounds([item[1] for item in items], zero=True)
    across, up = _scales(0, len(items), low, high)
    every = max(1, -(-len(items) // 14))
    parts = [_grid(low, high, up, percent)]
    for k, (name, value, said, status) in enumerate(items):
        x, width = across(k + 0.12), across(0.76) - across(0)
        top, foot = sorted((up(value), up(max(low, 0.0))))
        bar = f'<rect class="fill {status}" x="{_x(x)}" y="{_x(top)}" width="{_x(width)}" height="{_x(foot - top)}"/>'
        parts.append(f"<g><title>{escape(said)}</title>{bar}</g>")
        if k % every == 0:
            at = f'x="{_x(x + width / 2)}" y="{HEIGHT - 9}" text-anchor="middle"'
            parts.append(f"<text {at}>{escape(name)}</text>")
    return svg(WIDTH, HEIGHT, title, "".join(parts))


def _bounds(values: Iterable[float], zero: bool = False) -> tuple[float, float]:
    found = list(values)
    low, high = min(found), max(found)
    if zero or 0 <= low < high * 0.6:
        low = min(low, 0.0)
    room = (high - low) * 0.12 or abs(high) * 0.2 or 1.0
    return (low if low == 0 else low - room), high + room


def _scales(first: float, last: float, low: float, high: float) -> tuple[Scale, Scale]:
    """Where a year or key lies across, and a value up."""
    wide, tall = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def across(x: float) -> float:
        return LEFT + (x - first) / ((last - first) or 1) * wide

    def up(y: float) -> float:
        return TOP + (high - y) / (high - low) * tall

    return across, up


def _grid(low: float, high: float, up: Scale, percent: bool) -> str:
    parts = []
    for value in _ticks(low, high):
        at = _x(up(value))
        parts.append(f'<path class="grid" d="M{LEFT} {at}H{WIDTH - RIGHT}"/>')
        parts.append(f'<text x="{LEFT - 7}" y="{at}" dy="4" text-anchor="end">{short(value, percent)}</text>')
    return "".join(parts)


def _ticks(low: float, high: float) -> list[float]:
    """Three to six round numbers between two."""
    size = 10.0 ** math.floor(math.log10(high - low))
    each = next(step * size for step in (0.2, 0.25, 0.5, 1.0, 2.0) if (high - low) / (step * size) <= 6)
    return [k * each for k in range(math.ceil(low / each), math.floor(high / each) + 1)]


def _years(first: float, last: float, across: Scale) -> str:
    gap = next((g for g in (1, 2, 5, 10, 20) if (last - first) / g <= 9), 50)
    years = [y for y in range(int(first), int(last) + 1) if y % gap == 0 and first <= y <= last]
    return "".join(f'<text x="{_x(across(y))}" y="{HEIGHT - 9}" text-anchor="middle">{y}</text>' for y in years)


# -- provinces --------------------------------------------------------------------------------------


def tiles(title: str, made: Mapping[int, Tile], lang: str) -> str:
    """The provinces as a grid of tiles."""
    parts = []
    for code, (column, row) in sorted(TILES.items(), key=lambda item: (item[1][1], item[1][0])):
        tile = made.get(code)
        if tile is not None:
            parts.append(_tile(code, tile, column * (TILE + 4), row * (TILE + 4), lang))
        else:
            box = f'x="{column * (TILE + 4)}" y="{row * (TILE + 4)}" width="{TILE}" height="{TILE}" rx="5"'
            parts.append(f'<g class="absent"><title>{escape(place(code, lang))}</title><rect {box}/>')
            parts.append(_named(code, column * (TILE + 4), row * (TILE + 4), lang) + "</g>")
    return svg(8 * (TILE + 4) - 4, 8 * (TILE + 4) - 4, title, "".join(parts), "chart tiles")


def _named(code: int, x: float, y: float, lang: str) -> str:
    name = place(code, lang)
    size = 15.0 if lang == "zh" else min(13.0, 96.0 / len(name))
    at = f'x="{x + TILE / 2}" y="{y + 23}" text-anchor="middle"'
    return f'<text {at} style="font-size:{_x(size)}px">{escape(name)}</text>'


def _tile(code: int, tile: Tile, x: float, y: float, lang: str) -> str:
    box = f'x="{x}" y="{y}" width="{TILE}" height="{TILE}" rx="5"'
    size = min(14.0, 92.0 / max(1, len(tile.text)))
    said = escape(f"{place(code, lang)}: {tile.title}")
    text = f'<text x="{x + TILE / 2}" y="{y + 43}" text-anchor="middle" style="font-size:{_x(size)}px">'
    return (
        f'<g><title>{said}</title><rect class="back" {box}/><rect class="tint" {box} fill-opacity="{tile.tint:.2f}"/>'
        f"{_named(code, x, y, lang)}{text}{escape(tile.text)}</text>{_foot(tile, x, y)}</g>"
    )


def _foot(tile: Tile, x: float, y: float) -> str:
    total = sum(count for _, count in tile.shares)
    parts, at = [], x + 6.0
    for status, count in tile.shares:
        width = (TILE - 12) * count / total if total else 0.0
        parts.append(f'<rect class="fill {status}" x="{_x(at)}" y="{y + 51}" width="{_x(width)}" height="7"/>')
        at += width
    return "".join(parts)


# -- schemes ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Box:
    """A scheme on the map: its page, title, the line under it, and the schemes it builds on."""

    page: str
    title: str
    sub: str
    below: tuple[str, ...]


def scheme_map(title: str, boxes: Mapping[str, Box]) -> str:
    """The schemes in layers: what others build on stands at the foot."""
    levels = _levels(boxes)
    rows: list[list[str]] = [[] for _ in range(max(levels.values(), default=0) + 1)]
    for path in boxes:
        rows[levels[path]].append(path)
    wrapped = [part for row in reversed(rows) for part in _parted(row)]
    across = max(len(row) for row in wrapped)
    wide, tall, gap = 172, 80, 36
    at: dict[str, tuple[float, float]] = {}
    for j, row in enumerate(wrapped):
        offset = (across - len(row)) * (wide + 14) / 2
        for k, path in enumerate(row):
            at[path] = (offset + k * (wide + 14), j * (tall + gap))
    lines = "".join(
        _edge(at[path], at[lower], wide, tall) for path, box in boxes.items() for lower in box.below if lower in at
    )
    cards = "".join(_card(boxes[path], *at[path], wide, tall) for path in boxes)
    return svg(across * (wide + 14) - 14, len(wrapped) * (tall + gap) - gap, title, lines + cards, "chart schemes")


def _levels(boxes: Mapping[str, Box]) -> dict[str, int]:
    """How many schemes stand beneath each one; a ring of schemes counts once."""
    levels: dict[str, int] = {}

    def of(path: str, above: tuple[str, ...]) -> int:
        if path not in levels:
            under = [of(b, (*above, path)) for b in boxes[path].below if b in boxes and b not in (*above, path)]
            levels[path] = 1 + max(under) if under else 0
        return levels[path]

    for path in boxes:
        of(path, ())
    return levels


def _edge(start: tuple[float, float], end: tuple[float, float], wide: float, tall: float) -> str:
    x1, y1, x2, y2 = start[0] + wide / 2, start[1] + tall, end[0] + wide / 2, end[1]
    bend = max(30.0, abs(y2 - y1) / 2)
    points = (x1, y1, x1, y1 + bend, x2, y2 - bend, x2, y2)
    first, second, *rest = map(_x, points)
    return f'<path class="edge" d="M{first} {second}C{" ".join(rest)}"/>'


def _parted(row: list[str]) -> list[list[str]]:
    """A layer in rows of equal length, none longer than the page is wide."""
    count = -(-len(row) // ACROSS)
    each = -(-len(row) // count)
    return [row[k : k + each] for k in range(0, len(row), each)]


def _card(box: Box, x: float, y: float, wide: float, tall: float) -> str:
    lines = _broken(box.title)
    middle = f'x="{_x(x + wide / 2)}" text-anchor="middle"'
    top = y + 38 - 7.5 * len(lines)
    title = "".join(
        f'<text {middle} y="{_x(top + 15 * k)}" style="font-size:12.5px">{escape(line)}</text>'
        for k, line in enumerate(lines)
    )
    return (
        f'<a href="{escape(box.page)}"><title>{escape(box.title)}</title>'
        f'<rect class="card" x="{_x(x)}" y="{_x(y)}" width="{wide}" height="{tall}" rx="7"/>{title}'
        f'<text class="sub" {middle} y="{_x(y + tall - 9)}" style="font-size:11px">{escape(box.sub)}</text></a>'
    )


def _broken(title: str) -> list[str]:
    """A title in lines that fit a card, three at most; Chinese breaks anywhere, English between words."""
    words = title.split(" ") if " " in title else list(title)
    joint = " " if " " in title else ""
    even = _length(title) / -int(-_length(title) // LINE)  # lines of about equal length
    lines = next(found for k in range(40) if len(found := _filled(words, joint, even + k)) <= LINES or even + k > LINE)
    return [_fitting(line) for line in lines[:LINES]]


def _filled(words: list[str], joint: str, width: float) -> list[str]:
    """Words in lines as long as ``width`` allows."""
    lines = [words[0]]
    for each in words[1:]:
        longer = f"{lines[-1]}{joint}{each}"
        if _length(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(each)
    return lines


def _length(text: str) -> float:
    """Roughly how wide a text is, in Chinese characters."""
    return sum(1.0 if ord(c) > 0x2E80 else 0.56 for c in text)


def _fitting(line: str) -> str:
    while _length(line) > LINE + 0.5:
        line = f"{line[:-2]}…"
    return line
