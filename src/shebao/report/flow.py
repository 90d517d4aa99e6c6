"""The picture of the fund: a flow from who pays, through the schemes, to what it is spent on."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from shebao.report.tables import SCHEMES, Line

WIDTH, HEIGHT, NODE, GAP, LABEL = 560, 500, 12, 12, 34  # of the picture, a node, the room between nodes, a label

_PAYERS = {
    "employer": ("用人单位", "employers", "var(--c2)"),
    "employee": ("职工", "employees", "var(--c1)"),
    "flexible": ("灵活就业人员", "flexible workers", "var(--c5)"),
    "resident": ("城乡居民", "residents", "var(--c4)"),
    "budget": ("财政与历年结余", "budget and reserves", "var(--c0)"),
    "unknown": ("无法计算", "refused, unknown", "var(--c0)"),
}
_USES = {
    "pension": ("养老金", "pensions paid", "var(--c3)"),
    "left": ("养老当月结余", "left over for pensions", "var(--c4)"),
    "other": ("其他待遇（未模拟）", "other benefits (not simulated)", "var(--c0)"),
}


@dataclass
class _Node:
    zh: str
    en: str
    colour: str
    column: int
    total: float = 0.0
    top: float = 0.0
    come: float = 0.0  # how far its left and right sides are used up
    gone: float = 0.0


def links(lines: list[Line]) -> list[tuple[str, str, float]]:
    """From, to, million yuan in the month; a scheme's two sides are made equal by what is left or has to be added."""
    found: list[tuple[str, str, float]] = []
    for scheme in SCHEMES:
        into: dict[str, float] = {}
        for x in _of(lines, "contributions", scheme):
            into[_payer(x)] = into.get(_payer(x), 0.0) + _monthly(x)
        out = sum(_monthly(x) for x in _of(lines, "benefits", scheme) if x.period == "month")
        short = out - sum(into.values())
        if out and short > 0:
            filler = "unknown" if any(x.refused for x in _of(lines, "fund", scheme)) else "budget"
            into[filler] = into.get(filler, 0.0) + short
        found += [(who, scheme, v) for who, v in into.items() if v > 0]
        found += [(scheme, "pension", out)] if out else []
        found += [(scheme, "left" if out else "other", -short)] if short < 0 else []
    return found


def _of(lines: list[Line], section: str, scheme: str) -> list[Line]:
    return [x for x in lines if x.section == section and x.scheme == scheme]


def _monthly(line: Line) -> float:
    """Million yuan in a month; a twelfth of what is paid once a year."""
    return (line.fen or 0) / 1e8 / (12 if line.period == "year" else 1)


def _payer(line: Line) -> str:
    if line.scheme == "resident_pension":
        return "budget" if "subsidy" in line.item else "resident"
    if line.item.startswith("flexible:"):
        return "flexible"
    return "employer" if ".employer_" in line.item else "employee"


def flow_svg(lines: list[Line], title: str) -> tuple[str, list[tuple[str, str, float]]]:
    """The picture and its numbers (from, to, million yuan)."""
    flows = links(lines)
    nodes = _nodes(flows)
    scale = _place(nodes)
    bands = [_band(nodes[a], nodes[b], value, scale) for a, b, value in _in_order(flows, nodes)]
    boxes = [_box(node, scale) for node in nodes.values()]
    head = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="t-flow">'
    body = f'<title id="t-flow">{escape(title)}</title>{"".join(bands)}{"".join(boxes)}'
    rows = [(_name(nodes[a]), _name(nodes[b]), value) for a, b, value in flows]
    return f"{head}{body}</svg>", rows


def _name(node: _Node) -> str:
    return f"{node.zh} {node.en}"


def _nodes(flows: list[tuple[str, str, float]]) -> dict[str, _Node]:
    """Nodes that something flows through, column by column."""
    used = {name for a, b, _ in flows for name in (a, b)}
    funds = {name: (*labels, "var(--ink)") for name, labels in SCHEMES.items()}
    columns = enumerate((_PAYERS, funds, _USES))
    nodes = {n: _Node(*labels, column) for column, names in columns for n, labels in names.items() if n in used}
    for name, node in nodes.items():
        node.total = max(sum(v for a, _, v in flows if a == name), sum(v for _, b, v in flows if b == name))
    return nodes


def _place(nodes: dict[str, _Node]) -> float:
    """Gives every node its place; returns pixels per million yuan."""
    columns = [[n for n in nodes.values() if n.column == k] for k in range(3)]
    most = max((len(c) for c in columns), default=1)
    fullest = max((sum(n.total for n in c) for c in columns), default=0.0)
    scale = (HEIGHT - most * (GAP + LABEL)) / fullest if fullest else 0.0
    for column in columns:
        top = float(LABEL)
        for node in column:
            node.top = top
            top += max(node.total * scale, 2) + GAP + LABEL
    return scale


def _in_order(flows: list[tuple[str, str, float]], nodes: dict[str, _Node]) -> list[tuple[str, str, float]]:
    """From the top, so that bands cross as little as they can."""
    order = list(nodes)
    return sorted(flows, key=lambda f: (order.index(f[0]), order.index(f[1])))


def _x(node: _Node) -> float:
    return (0, (WIDTH - NODE) / 2, WIDTH - NODE)[node.column]


def _band(a: _Node, b: _Node, value: float, scale: float) -> str:
    height = max(value * scale, 0.75)
    x0, x1, y0, y1 = _x(a) + NODE, _x(b), a.top + a.gone, b.top + b.come
    a.gone, b.come, middle = a.gone + value * scale, b.come + value * scale, (x0 + x1) / 2
    curve = f"M{x0:.1f},{y0:.1f}C{middle:.1f},{y0:.1f} {middle:.1f},{y1:.1f} {x1:.1f},{y1:.1f}"
    back = f"v{height:.1f}C{middle:.1f},{y1 + height:.1f} {middle:.1f},{y0 + height:.1f} {x0:.1f},{y0 + height:.1f}Z"
    colour = a.colour if a.column == 0 else b.colour
    title = escape(f"{_name(a)} → {_name(b)}: {value:,.1f} million yuan")
    return f'<path d="{curve}{back}" fill="{colour}" fill-opacity=".38"><title>{title}</title></path>'


def _box(node: _Node, scale: float) -> str:
    x, height = _x(node), max(node.total * scale, 2)
    anchor, at = (("start", x), ("middle", x + NODE / 2), ("end", x + NODE))[node.column]
    box = f'<rect x="{x:.1f}" y="{node.top:.1f}" width="{NODE}" height="{height:.1f}" fill="{node.colour}" rx="1.5"/>'
    place = f'x="{at:.1f}" text-anchor="{anchor}"'
    first = f'<text {place} y="{node.top - 19:.1f}" class="flow">{escape(node.zh)} {node.total:,.1f}</text>'
    return f'{box}{first}<text {place} y="{node.top - 5:.1f}" class="flow en">{escape(node.en)}</text>'
