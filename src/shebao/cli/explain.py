"""``shebao explain``: one person's amount, step by step."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shebao.cli.say import LangOption, MonthOption, console, language, this_month
from shebao.engine.errors import Refused

if TYPE_CHECKING:
    from rich.text import Text
    from rich.tree import Tree

    from shebao.engine.explanation import Condition, Explanation


def explain(
    rule: Annotated[
        str, typer.Argument(metavar="SCHEME.RULE", help="The rule; SCHEME may be left out where it is clear.")
    ],
    facts: Annotated[str, typer.Option("--facts", metavar="FILE|-", help="One person's facts, JSON or YAML.")],
    month: MonthOption = "",
    lang: LangOption = language(),
    as_json: Annotated[bool, typer.Option("--json", help="The tree as JSON.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="The tree as a Markdown list.")] = False,
    reform: Annotated[list[Path] | None, typer.Option("--reform", help="Lay a reform over the law.")] = None,
) -> None:
    """Explain one person's amount: every step with its formula, article and document.

    A person who cannot be computed is told what is missing, and where it was needed; the exit code is then 1.

    [bold]Examples[/bold]

    \b
    shebao explain employee_pension.monthly_pension --facts citizen.json --month 2025-07
    shebao explain employee_pension.monthly_pension --facts citizen.yaml --lang zh
    echo '{"region": 44, "months_unpaid": 3}' | shebao explain SCHEME.RULE --facts - --json
    """
    from shebao.cli.facts import read_facts
    from shebao.law import rulebook

    if as_json and markdown:
        raise typer.BadParameter("choose one of --json and --markdown")
    person = read_facts(facts)
    book = rulebook()
    for file in reform or ():
        book = book.with_reform(file)
    try:
        tree = book.at(month or this_month()).explain(rule, person)
    except Refused as refusal:
        _refused(refusal, as_json)
        raise typer.Exit(1) from None
    if as_json:
        typer.echo(tree.to_json(lang.value))
    elif markdown:
        typer.echo(tree.to_markdown(lang.value))
    else:
        _print(tree, lang.value)


def _refused(refusal: Refused, as_json: bool) -> None:
    if as_json:
        said = {"kind": refusal.kind, "name": refusal.name, "detail": refusal.detail, "path": refusal.path}
        typer.echo(json.dumps({"refused": said}, ensure_ascii=False, indent=2))
        return
    out = console(stderr=True)
    out.print(f"[bold red]{refusal.kind}[/]: {refusal.name}", soft_wrap=True)
    out.print(f"  {refusal.detail}", markup=False, soft_wrap=True)
    for depth, name in enumerate(refusal.path):
        out.print(f"  {'  ' * depth}← {name}", style="dim", markup=False, soft_wrap=True)


def _print(tree: Explanation, lang: str) -> None:
    out = console()
    out.print(_branch(tree, lang, set()), soft_wrap=not out.is_terminal)
    failed = list(_failed(tree))
    if tree.exact is False and failed:
        out.print("为何不符合：" if lang == "zh" else "Why not:", style="bold red")
        for node, condition in failed:
            out.print(f"  {_condition(condition, node, lang)}  〔{node.cite}〕", markup=False, soft_wrap=True)


def _failed(tree: Explanation) -> Iterator[tuple[Explanation, Condition]]:
    """The conditions that failed, each with the rule it stands in, deepest reason last."""
    seen = set()
    for node in tree.walk():
        if node.exact is False and node.name not in seen:
            seen.add(node.name)
            yield from ((node, condition) for condition in node.conditions if not condition.holds)


def _branch(node: Explanation, lang: str, seen: set[str]) -> Tree:
    from rich.text import Text
    from rich.tree import Tree

    tree = Tree(_line(node, lang), guide_style="dim")
    if node.inputs and node.name in seen:
        tree.add("[dim](同上)[/]" if lang == "zh" else "[dim](as above)[/]")
        return tree
    seen.add(node.name)
    if node.formula:
        tree.add(_formula(node, lang))
    for condition in node.conditions:
        tree.add(Text(_condition(condition, node, lang), "green" if condition.holds else "red"))
    for child in node.inputs:
        tree.children.append(_branch(child, lang, seen))
    return tree


def _line(node: Explanation, lang: str) -> Text:
    from rich.text import Text

    from shebao.engine.explanation import label, value_text

    text = Text.assemble((label(node, lang), "bold" if node.formula else ""), " = ", (value_text(node, lang), "cyan"))
    if node.given or node.presumed:
        words = {"zh": ("已知", "推定"), "en": ("given", "presumed")}[lang]
        text.append(f" ({words[0 if node.given else 1]})", "dim")
    if node.source and not node.formula:
        text.append(f"  〔{node.source}〕", "dim")
    if node.certainty == "assumed":
        text.append(" (待核)" if lang == "zh" else " (assumed)", "yellow")
    return text


def _formula(node: Explanation, lang: str) -> Text:
    from rich.text import Text

    from shebao.engine.explanation import formula_text

    text = Text(formula_text(node, lang), "italic")
    in_force = f"，适用 {node.law_of}" if lang == "zh" else f", law of {node.law_of}"
    text.append(f"  〔{node.cite}{in_force if node.law_of else ''}〕", "not italic dim")
    return text


def _condition(condition: Condition, node: Explanation, lang: str) -> str:
    from dataclasses import replace

    from shebao.engine.explanation import formula_text
    from shebao.engine.units import UNITS

    text = formula_text(replace(node, formula=condition.text), lang)
    numbers = f": {condition.left} / {condition.right}" if condition.left else ""
    unit = UNITS.get(condition.unit)
    apart = [condition.short_by, (unit.zh if lang == "zh" else unit.en) if unit else ""]
    short = ("，相差 " if lang == "zh" else ", short by ") + " ".join(apart).strip() if condition.short_by else ""
    return f"{'✓' if condition.holds else '✗'} {text}{numbers}{short}"
