"""What the books hold about a person, for reading: rows as tables, the reasons of an award as a tree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from shebao.cli.say import Lang, table

if TYPE_CHECKING:
    from rich.table import Table
    from rich.tree import Tree


def rows_of(title: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]], lang: Lang) -> Table:
    """Rows as a table, headings and words in the reader's language."""
    from shebao.books import words

    right = tuple(at for at, name in enumerate(columns) if name in words.MONEY)
    listed = table(*(words.column(name, lang.value) for name in columns), title=title, right=right)
    for row in rows:
        listed.add_row(*(words.cell(name, row, lang.value) for name in columns))
    return listed


def reasons(stored: Mapping[str, Any], lang: Lang) -> Tree:
    """The tree of reasons of an award, as it was stored with it."""
    from rich.text import Text
    from rich.tree import Tree

    from shebao.engine.explanation import english, formula_text

    zh, value = lang is Lang.zh, str(stored["value"])
    label = str(stored.get("label") or stored["name"]) if zh else english(stored["name"])
    if zh:
        value = {"yes": "是", "no": "否"}.get(
            value, f"{value} {stored.get('unit', '')}" if value[:1].isdigit() else value
        )
    cite = f"  〔{stored['cite']}〕" if stored.get("cite") else ""
    tree = Tree(Text.assemble(label, " = ", (value.strip(), "cyan"), (cite, "dim")), guide_style="dim")
    if stored.get("formula"):
        tree.add(Text(formula_text(_node(stored), lang.value), "italic"))
    tree.children.extend(reasons(child, lang) for child in stored.get("inputs", ()))
    return tree


def _node(stored: Mapping[str, Any]) -> Any:
    """As much of a stored step as a formula is told by: its names, and those of what it came from."""
    return SimpleNamespace(
        name=stored["name"],
        label=stored.get("label") or stored["name"],
        formula=stored.get("formula", ""),
        inputs=[_node(child) for child in stored.get("inputs", ())],
    )
