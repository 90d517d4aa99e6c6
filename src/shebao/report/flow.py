"""The picture of the fund: a flow from who pays, through the schemes, to what it is spent on."""

from __future__ import annotations

from shebao.report.sankey import Canvas, Flow, Node, sankey
from shebao.report.tables import SCHEMES, Line

WIDTH, HEIGHT = 560, 500

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


def links(lines: list[Line]) -> list[Flow]:
    """From, to, million yuan in the month; a scheme's two sides are made equal by what is left or has to be added."""
    found: list[Flow] = []
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


def flow_svg(lines: list[Line], title: str) -> tuple[str, list[Flow]]:
    """The picture and its numbers (from, to, million yuan)."""
    flows = links(lines)
    nodes = _nodes(flows)
    rows = [(nodes[a].name, nodes[b].name, value) for a, b, value in flows]
    return sankey(nodes, flows, title, Canvas(WIDTH, HEIGHT, 3)), rows


def _nodes(flows: list[Flow]) -> dict[str, Node]:
    """Boxes that something flows through, column by column."""
    used = {name for a, b, _ in flows for name in (a, b)}
    funds = {name: (*labels, "var(--ink)") for name, labels in SCHEMES.items()}
    columns = enumerate((_PAYERS, funds, _USES))
    return {n: Node(*labels, column) for column, names in columns for n, labels in names.items() if n in used}
