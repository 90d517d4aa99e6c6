"""The results as a page, as data and as a chart."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.parts import ORDER, Section


def write(folder: Path, sections: Sequence[Section], machine: dict[str, Any]) -> list[Path]:
    """Writes ``bench.md``, ``bench.json`` and ``bench.svg``; of a trial or of some parts only ``partial.*``."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = {s.name for s in sections} == set(ORDER) and not machine.get("trial")
    stem = "bench" if whole else "partial"
    paths = [folder / f"{stem}.{kind}" for kind in ("md", "json", "svg")]
    said = {"machine": machine, "sections": [asdict(s) | {"targets": _targets(s)} for s in sections]}
    paths[1].write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    drawn = chart(sections)
    if drawn is None:
        paths.pop()
    else:
        drawn.save(str(paths[2]))
    paths[0].write_text(page(sections, machine, paths[2].name if drawn is not None else ""), encoding="utf-8")
    return paths


def _targets(section: Section) -> list[dict[str, Any]]:
    return [{**asdict(t), "met": t.met} for t in section.targets]


# -- the page -------------------------------------------------------------------------------------


def page(sections: Sequence[Section], machine: dict[str, Any], picture: str = "") -> str:
    lines = ["# Speed", "", _machine(machine), ""]
    if machine.get("trial"):
        lines += ["**A small trial: whether everything runs. The figures mean nothing.**", ""]
    lines += ["| promised | measured | |", "|---|---|---|", *(line for s in sections for line in _promises(s)), ""]
    if picture:
        lines += [f"![Speed of each engine, and cost per person by number of people]({picture})", ""]
    for section in sections:
        lines += [f"## {section.title}", "", *_table(section.rows), "", *(f"- {r}" for r in section.remarks), ""]
    return "\n".join(lines).replace("\n\n\n", "\n\n")


def _machine(machine: dict[str, Any]) -> str:
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    gcc = f", gcc {machine['gcc']}" if machine["gcc"] else ""
    return (
        f"One run on {machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']}, "
        f"Python {machine['python']}{gcc}, {packages}. Load before the run: {machine['load_before']}."
    )


def _promises(section: Section) -> list[str]:
    """One line each."""
    return [
        f"| {section.name}: {t.text} – at {'most' if t.at_most else 'least'} {number(t.promised)} "
        f"| {number(t.measured)} | {'met' if t.met else '**missed**'} |"
        for t in section.targets
    ]


def _table(rows: Sequence[dict[str, Any]]) -> list[str]:
    if not rows:
        return []
    heads = list(dict.fromkeys(key for row in rows for key in row))
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return lines + ["| " + " | ".join(number(row.get(head)) for head in heads) + " |" for row in rows]


def number(value: Any) -> str:
    """Three figures are enough to read."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


# -- the chart ------------------------------------------------------------------------------------


def chart(sections: Sequence[Section]) -> Any:
    """Bars of the engines' speeds and, below, the cost of a person; None if there is nothing to draw."""
    import altair as alt

    by_name = {section.name: section for section in sections}
    drawn = [part for name, draw in (("kernel", _bars), ("scale", _line)) if (part := _drawn(by_name.get(name), draw))]
    return alt.vconcat(*drawn).resolve_scale(color="independent") if drawn else None


def _drawn(section: Section | None, draw: Any) -> Any:
    return draw(section) if section and section.rows else None


def _bars(section: Section) -> Any:
    import altair as alt

    rows = [
        {
            "engine": row["engine"],
            "speed": row["million people/s"],
            "label": f"{row['million people/s']:.3g}" + _errors(row),
            "kind": "Shebao" if row["engine"].startswith("Shebao") else "others",
        }
        for row in section.rows
        if row.get("million people/s")
    ]
    order = sorted((row["engine"] for row in rows), key=lambda e: -next(r["speed"] for r in rows if r["engine"] == e))
    base = alt.Chart(alt.Data(values=rows), title=section.title).encode(
        y=alt.Y("engine:N", sort=order, title=None, axis=alt.Axis(labelLimit=260)),
        x=alt.X("speed:Q", title="million people a second (logarithmic)", scale=alt.Scale(type="log", domainMin=0.05)),
    )
    colour = alt.Color(
        "kind:N", scale=alt.Scale(domain=["Shebao", "others"], range=["#b3261e", "#9aa5b1"]), legend=None
    )
    # A bar of a logarithmic axis has no natural beginning: it starts where the axis does.
    bars = base.mark_bar().encode(x2=alt.datum(0.05), color=colour)
    return (bars + base.mark_text(align="left", dx=4).encode(text="label:N")).properties(
        width=560, height=26 * len(rows)
    )


def _errors(row: dict[str, Any]) -> str:
    wrong = row.get("wrong by a fen, per million")
    return f" · {wrong:,} people in a million wrong" if wrong else ""


def _line(section: Section) -> Any:
    import altair as alt

    rows = [
        {"people": int(row["people"].replace(",", "")), "cost": row["processor time a person, ns"]}
        for row in section.rows
        if "processor time a person, ns" in row
    ]
    base = alt.Chart(alt.Data(values=rows), title=section.title).encode(
        x=alt.X("people:Q", scale=alt.Scale(type="log"), title="people (logarithmic)", axis=alt.Axis(format="~s")),
        y=alt.Y("cost:Q", title="processor time a person, ns", scale=alt.Scale(domainMin=0)),
    )
    labels = base.mark_text(dy=-10).encode(text=alt.Text("cost:Q", format=".0f"))
    return (base.mark_line(point=True, color="#b3261e") + labels).properties(width=560, height=180)
