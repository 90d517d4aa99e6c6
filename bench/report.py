"""The results as a page, as data and as a chart."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.parts import ORDER, Section


def write(folder: Path, sections: Sequence[Section], machine: dict[str, Any]) -> list[Path]:
    """Writes ``bench.md``, ``.json`` and ``.svg``; of one part ``PART.md`` …, of several or a trial ``partial.md`` …"""
    folder.mkdir(parents=True, exist_ok=True)
    stem = _stem([s.name for s in sections], bool(machine.get("trial")))
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


def _stem(parts: Sequence[str], trial: bool) -> str:
    if trial:
        return "partial"
    return "bench" if set(parts) == set(ORDER) else parts[0] if len(parts) == 1 else "partial"


def _targets(section: Section) -> list[dict[str, Any]]:
    return [{**asdict(t), "met": t.met} for t in section.targets]


# -- the page -------------------------------------------------------------------------------------


def page(sections: Sequence[Section], machine: dict[str, Any], picture: str = "") -> str:
    lines = ["# Speed", "", _machine(machine), ""]
    if machine.get("trial"):
        lines += ["**A small trial: whether everything runs. The figures mean nothing.**", ""]
    lines += ["| promised | measured | |", "|---|---|---|", *(line for s in sections for line in _promises(s)), ""]
    if picture:
        lines += [f"![{'; '.join(s.title for s in sections if s.name in CHARTS)}]({picture})", ""]
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
    """The charts of the parts, one below the other; None if there is nothing to draw."""
    import altair as alt

    drawn = [CHARTS[section.name](section) for section in sections if section.name in CHARTS and section.rows]
    return alt.vconcat(*drawn).resolve_scale(color="independent") if drawn else None


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


def _ticks(section: Section) -> Any:
    """Every rule as a tick at its speed, a line of them for each room."""
    import altair as alt

    rows = [
        {"room": name.rpartition(".")[0] or "(all)", "rule": name, "speed": rule["million people/s"]}
        for rule in section.details
        for name in [rule["what"].strip("`")]
    ]
    median = next(row["million people/s"] for row in section.rows if row["what"].startswith("the median"))
    base = alt.Chart(alt.Data(values=rows), title=section.title)
    ticks = base.mark_tick(color="#b3261e", opacity=0.55, thickness=1.5).encode(
        x=alt.X("speed:Q", title="million people a second (logarithmic)", scale=alt.Scale(type="log")),
        y=alt.Y("room:N", title=None, axis=alt.Axis(labelLimit=260)),
    )
    middle = alt.Chart(alt.Data(values=[{"speed": median, "label": f"median {median:.3g}"}]))
    line = middle.mark_rule(color="#5f6b76", strokeDash=[4, 3]).encode(x="speed:Q")
    label = middle.mark_text(align="left", dx=4, dy=-6, color="#5f6b76").encode(
        x="speed:Q", y=alt.value(0), text="label:N"
    )
    return (ticks + line + label).properties(width=560, height=20 * len({row["room"] for row in rows}))


COPY, MONTH = "plain COPY", "the month"
STEPS = ("#b3261e", "#e07a5f", "#f2a65a", "#f2cc8f", "#81b29a", "#3d8c7d", "#457b9d", "#33507a", "#6d597a")


def _steps(section: Section) -> Any:
    """Where a month's seconds go: its steps side by side and, below, the plain COPY of the same rows."""
    import altair as alt

    rows: list[dict[str, Any]] = []
    for row in section.rows:
        if row["step"] != MONTH:
            bar = f"{row['people']} people" + (f", {COPY}" if row["step"] == COPY else "")
            start = sum(before["seconds"] for before in rows if before["bar"] == bar)
            rows.append({"bar": bar, "step": row["step"], "start": start, "seconds": row["seconds"]})
            rows[-1]["end"] = start + row["seconds"]
    names, bars = (list(dict.fromkeys(row[key] for row in rows)) for key in ("step", "bar"))
    steps = [name for name in names if name != COPY]
    colours = [*(STEPS[k % len(STEPS)] for k in range(len(steps))), "#9aa5b1"]
    whole = [{"bar": bar, "end": max(row["end"] for row in rows if row["bar"] == bar)} for bar in bars]
    base = alt.Chart(alt.Data(values=rows), title=section.title).encode(
        y=alt.Y("bar:N", sort=bars, title=None, axis=alt.Axis(labelLimit=260))
    )
    colour = alt.Color(
        "step:N",
        scale=alt.Scale(domain=[*steps, COPY], range=colours),
        legend=alt.Legend(title=None, orient="bottom", columns=5),
    )
    drawn = base.mark_bar().encode(x=alt.X("start:Q", title="seconds"), x2="end:Q", color=colour)
    totals = alt.Chart(alt.Data(values=whole)).mark_text(align="left", dx=4)
    return (
        drawn + totals.encode(x="end:Q", y=alt.Y("bar:N", sort=bars), text=alt.Text("end:Q", format=".0f"))
    ).properties(width=560, height=34 * len(bars))


CHARTS = {"kernel": _bars, "rulebook": _ticks, "scale": _line, "month": _steps}
