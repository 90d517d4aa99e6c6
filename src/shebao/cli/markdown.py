"""The law as Markdown pages: its parameters, each document once with its values; its rules and facts in a glossary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from shebao.cli.lawpages import amount, entries
from shebao.engine import Rulebook
from shebao.engine.book import Fact, Rule
from shebao.engine.parameters import Entry, Parameter, span_text
from shebao.engine.units import show_month
from shebao.law.regions import NAMES

PLACES = ("region", "place", "area")  # keys that say where
T = TypeVar("T")
HEAD = """# Assumed values

What must be checked before anyone is paid by it: {count} values of {parameters} parameters. A value stands under the \
document or the reckoning it was taken from; whoever has read the original corrects it there and marks it `official`.

`make docs` writes this page; one parameter: `shebao law params NAME`, one province: \
`shebao law params --assumed --region 44`.
"""

GLOSSARY = """# Rules and facts of the law

Every name a rule can be asked by and every fact a person can be asked for, with its official term. `make docs` writes \
this page from the law itself; `shebao law show NAME` says all there is to one of them. The words of the field and of \
the engine are in [GLOSSARY.md](GLOSSARY.md).
"""


def glossary(book: Rulebook) -> str:
    """Every rule and fact by room: name, official term, meaning, unit, and where it stands."""
    lines = [GLOSSARY]
    for path, scope in sorted(book.scopes.items()):
        held = [node for kind in (Rule, Fact) for node in scope.names.values() if isinstance(node, kind)]
        if held:
            lines += [f"## {path or 'shared by the schemes'} {scope.room.label}", ""]
            lines += ["| name | 中文 | meaning | unit | where |", "|---|---|---|---|---|"]
            lines += [_term(node) for node in held]
            lines += [""]
    return "\n".join(lines)


def _term(node: Rule | Fact) -> str:
    if isinstance(node, Rule):
        meaning, file = _meaning(node), node.variants[0].where.partition("law/")[2].rpartition(":")[0]
    else:
        meaning = f"a fact of each record of `{node.over}`" if node.over else "a fact"
        file = f"{node.room}/" if node.room else ""
    cells = (f"`{node.name}`", node.label, meaning, node.unit.en, f"`law/{file}`")
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _meaning(rule: Rule) -> str:
    """The first sentence of the docstring of the variant in force last."""
    newest = max(rule.variants, key=lambda variant: (variant.region is None, variant.since))
    return " ".join((newest.fn.__doc__ or "").split("\n\n")[0].split()).rstrip(".")


def markdown(parameters: Iterable[Parameter], assumed: bool, region: int | None) -> str:
    """Every value, or every assumed one, of the parameters, and of one province."""
    found = [(p, held) for p in parameters if (held := entries(p, assumed, region))]
    count = sum(len(held) for _, held in found)
    lines = [HEAD.format(count=count, parameters=len(found)) if assumed else "# Parameters\n"]
    for room in sorted({p.room for p, _ in found}):
        lines += ["", f"## {room or 'shared by the schemes'}"]
        for parameter, held in found:
            if parameter.room == room:
                lines += ["", *_parameter(parameter, held)]
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"


def _parameter(parameter: Parameter, held: list[Entry]) -> Iterator[str]:
    values = f"{len(held)} value{'s' if len(held) > 1 else ''}"
    yield f"### {parameter.label} `{parameter.name}`"
    yield ""
    yield f"{parameter.unit.zh} {parameter.unit.en}, {values}"
    yield ""
    for document, about in _grouped((_document(entry), entry) for entry in held).items():
        rows = _rows(parameter, about)
        if len(rows) == 1:
            yield f"- {document}: {rows[0]}"
        else:
            yield f"- {document}:"
            yield from (f"  - {row}" for row in rows)


def _document(entry: Entry) -> str:
    text = f"{entry.source} – {entry.note}" if entry.note else entry.source
    text = text if entry.certainty == "assumed" else f"{text} ({entry.certainty})"
    return text.replace("*", r"\*").replace("_", r"\_").replace("<", r"\<")


def _rows(parameter: Parameter, held: list[Entry]) -> list[str]:
    """A row for each province, and one for all provinces that share their values."""
    where = _grouped((_where(parameter, entry), entry) for entry in held)
    alike = _grouped((", ".join(_value(parameter, e) for e in about), place) for place, about in where.items())
    return [f"{', '.join(places)}: {values}" if any(places) else values for values, places in alike.items()]


def _where(parameter: Parameter, entry: Entry) -> str:
    """``11 Beijing``; a city by its code."""
    codes = [str(part) for key, part in zip(parameter.keys, entry.key, strict=True) if key in PLACES]
    return " ".join(_place(code) for code in codes)


def _place(code: str) -> str:
    name = NAMES.get(int(code[:2]), ("", ""))[1] if code.isdigit() else ""
    return f"{code} {name}".strip()


def _value(parameter: Parameter, entry: Entry) -> str:
    """``2024: 7842.00`` – the other keys and the time in force, then the value."""
    rest = [str(part) if key == "year" else f"{key} {part}" for key, part in _others(parameter, entry)]
    bounded = span_text(entry.since, entry.until) != "… to …"
    about = " ".join([*rest, *([_span(entry)] if bounded else [])])
    value = f"**{amount(entry.value, parameter.unit)}**"
    return f"{about} {value}" if about else value


def _others(parameter: Parameter, entry: Entry) -> list[tuple[str, object]]:
    return [(key, part) for key, part in zip(parameter.keys, entry.key, strict=True) if key not in PLACES]


def _span(entry: Entry) -> str:
    """``2023`` for a calendar year, else ``2023-07 to 2024-06``."""
    text = span_text(entry.since, entry.until)
    if "…" in text or (entry.since % 12, entry.until % 12) != (0, 11):
        return text
    first, last = show_month(entry.since)[:4], show_month(entry.until)[:4]
    return first if first == last else f"{first} to {last}"


def _grouped(pairs: Iterable[tuple[str, T]]) -> dict[str, list[T]]:
    made: dict[str, list[T]] = {}
    for key, value in pairs:
        made.setdefault(key, []).append(value)
    return made
