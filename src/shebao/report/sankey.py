"""Flows of money as bands between columns of boxes, drawn as SVG that follows the page's light and dark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

NODE, GAP, LABEL = 12, 12, 34  # of a box, the room between boxes, a label
Flow = tuple[str, str, float]


@dataclass
class Node:
    """A box: names, colour, column from the left; the rest is worked out."""

    zh: str
    en: str
    colour: str
    column: int
    total: float = 0.0
    top: float = 0.0
    come: float = 0.0  # how far its left and right sides are used up
    gone: float = 0.0

    @property
    def name(self) -> str:
        return f"{self.zh} {self.en}"


@dataclass(frozen=True)
class Canvas:
    """Size of the picture, its number of columns, and the unit a value is told in."""

    width: int
    height: int
    columns: int
    unit: str = "million yuan"
    id: str = "flow"

    def x(self, node: Node) -> float:
        return node.column * (self.width - NODE) / (self.columns - 1)


def sankey(nodes: dict[str, Node], flows: Sequence[Flow], title: str, canvas: Canvas) -> str:
    """The picture of ``flows`` (from, to, value) between ``nodes``, which are drawn in their order."""
    for name, node in nodes.items():
        node.total = max(sum(v for a, _, v in flows if a == name), sum(v for _, b, v in flows if b == name))
    scale = _place(nodes, canvas)
    bands = [_band(nodes[a], nodes[b], value, scale, canvas) for a, b, value in _in_order(flows, nodes)]
    boxes = [_box(node, scale, canvas) for node in nodes.values()]
    head = f'<svg viewBox="0 0 {canvas.width} {canvas.height}" role="img" aria-labelledby="t-{canvas.id}">'
    return f'{head}<title id="t-{canvas.id}">{escape(title)}</title>{"".join(bands)}{"".join(boxes)}</svg>'


def _place(nodes: dict[str, Node], canvas: Canvas) -> float:
    """Gives every box its place; returns pixels per unit."""
    columns = [[n for n in nodes.values() if n.column == k] for k in range(canvas.columns)]
    most = max((len(c) for c in columns), default=1)
    fullest = max((sum(n.total for n in c) for c in columns), default=0.0)
    scale = (canvas.height - most * (GAP + LABEL)) / fullest if fullest else 0.0
    for column in columns:
        top = float(LABEL)
        for node in column:
            node.top = top
            top += max(node.total * scale, 2) + GAP + LABEL
    return scale


def _in_order(flows: Sequence[Flow], nodes: dict[str, Node]) -> list[Flow]:
    """From the top, so that bands cross as little as they can."""
    order = list(nodes)
    return sorted(flows, key=lambda f: (order.index(f[0]), order.index(f[1])))


def _band(a: Node, b: Node, value: float, scale: float, canvas: Canvas) -> str:
    height = max(value * scale, 0.75)
    x0, x1, y0, y1 = canvas.x(a) + NODE, canvas.x(b), a.top + a.gone, b.top + b.come
    a.gone, b.come, middle = a.gone + value * scale, b.come + value * scale, (x0 + x1) / 2
    curve = f"M{x0:.1f},{y0:.1f}C{middle:.1f},{y0:.1f} {middle:.1f},{y1:.1f} {x1:.1f},{y1:.1f}"
    back = f"v{height:.1f}C{middle:.1f},{y1 + height:.1f} {middle:.1f},{y0 + height:.1f} {x0:.1f},{y0 + height:.1f}Z"
    colour = a.colour if a.column == 0 else b.colour
    title = escape(f"{a.name} → {b.name}: {value:,.1f} {canvas.unit}")
    return f'<path d="{curve}{back}" fill="{colour}" fill-opacity=".38"><title>{title}</title></path>'


def _box(node: Node, scale: float, canvas: Canvas) -> str:
    x, height = canvas.x(node), max(node.total * scale, 2)
    last = canvas.columns - 1
    anchor, at = (
        ("start", x) if node.column == 0 else ("end", x + NODE) if node.column == last else ("middle", x + NODE / 2)
    )
    box = f'<rect x="{x:.1f}" y="{node.top:.1f}" width="{NODE}" height="{height:.1f}" fill="{node.colour}" rx="1.5"/>'
    place = f'x="{at:.1f}" text-anchor="{anchor}"'
    first = f'<text {place} y="{node.top - 19:.1f}" class="flow">{escape(node.zh)} {node.total:,.1f}</text>'
    return f'{box}{first}<text {place} y="{node.top - 5:.1f}" class="flow en">{escape(node.en)}</text>'
