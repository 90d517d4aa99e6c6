"""``shebao explain``: one person's amount, step by step."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shebao.cli.say import Lang, LangOption, MonthOption, console, language, this_month
from shebao.engine.errors import Refused

if TYPE_CHECKING:
    from rich.text import Text
    from rich.tree import Tree

    from shebao.engine import Rulebook
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
    reform: Annotated[
        list[Path] | None, typer.Option("--reform", metavar="FILE", help="Lay a reform over the law.")
    ] = None,
) -> None:
    """Explain one person's amount: every step with its formula, article and document.

    A person who cannot be computed is told what is missing, and where it was needed; the exit code is then 1.

    \b
    Examples:
      shebao explain employee_pension.monthly_pension --facts citizen.json --month 2025-07
      shebao explain employee_pension.monthly_pension --facts citizen.json --lang zh --markdown
      echo '{"birth_month": "1975-07", "category": "women50"}' |
        shebao explain retirement.statutory_retirement_month --facts - --json
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
        _refused(book, refusal, as_json, lang.value)
        raise typer.Exit(1) from None
    if as_json:
        typer.echo(tree.to_json(lang.value))
        return
    said = _in_chinese(book, tree) if lang is Lang.zh else tree
    if markdown:
        typer.echo(said.to_markdown(lang.value))
    else:
        _print(said, lang.value)


def _in_chinese(book: Rulebook, tree: Explanation) -> Explanation:
    from shebao.lawbook.chinese import Chinese

    return Chinese.read(book).explained(tree)


_KINDS = {
    "missing fact": "缺少信息",
    "out of range": "超出范围",
    "missing parameter": "缺少法规参数",
    "not covered": "没有适用的规则",
    "null": "信息为空",
}


def _refused(book: Rulebook, refusal: Refused, as_json: bool, lang: str) -> None:
    if as_json:
        said = {"kind": refusal.kind, "name": refusal.name, "detail": refusal.detail, "path": refusal.path}
        typer.echo(json.dumps({"refused": said}, ensure_ascii=False, indent=2))
        return
    out, zh = console(stderr=True), lang == "zh"
    kind = _KINDS.get(refusal.kind, refusal.kind) if zh else refusal.kind
    out.print(f"[bold red]{kind}[/]{'：' if zh else ': '}{_named(book, refusal.name, zh)}", soft_wrap=True)
    out.print(f"  {refusal.detail}", markup=False, soft_wrap=True)
    for depth, name in enumerate(refusal.path):
        text = f"  {'  ' * depth}← {_named(book, name, zh)}"
        out.print(text, style="dim", markup=False, soft_wrap=True)


def _named(book: Rulebook, name: str, zh: bool) -> str:
    """A name, in Chinese with its official term."""
    node = book.nodes.get(name.partition("[")[0])
    return f"{node.label} {name}" if zh and node else name


def _print(tree: Explanation, lang: str) -> None:
    from shebao.engine.explanation import condition_text

    out = console()
    out.print(branch(tree, lang), soft_wrap=not out.is_terminal)
    failed = list(_failed(tree))
    if tree.exact is False and failed:
        out.print("为何不符合：" if lang == "zh" else "Why not:", style="bold red")
        for node, condition in failed:
            text = f"  {condition_text(condition, node, lang)}  〔{node.cite}〕"
            out.print(text, markup=False, soft_wrap=True)


def _failed(tree: Explanation) -> Iterator[tuple[Explanation, Condition]]:
    """The conditions that failed, each with the rule it stands in, deepest reason last."""
    seen = set()
    for node in tree.walk():
        if node.exact is False and node.name not in seen:
            seen.add(node.name)
            yield from ((node, condition) for condition in node.conditions if not condition.holds)


def branch(node: Explanation, lang: str, depth: int = 99, law_of: str = "", seen: set[str] | None = None) -> Tree:
    """A step and, down to ``depth``, the steps it came from, as a tree for the terminal."""
    from rich.text import Text
    from rich.tree import Tree

    from shebao.engine.explanation import as_above, condition_text, formula_line

    seen = set() if seen is None else seen
    tree = Tree(_line(node, lang), guide_style="dim")
    if not depth:
        return tree
    if node.inputs and node.name in seen:
        tree.add(Text(as_above(lang), "dim"))
        return tree
    seen.add(node.name)
    if formula := formula_line(node, lang, law_of):
        tree.add(_dim_documents(Text(formula, "italic")))
    for condition in node.conditions:
        tree.add(Text(condition_text(condition, node, lang), "green" if condition.holds else "red"))
    for child in node.inputs:
        if child.unit.kind == "region" and child.name in seen:
            continue  # the same for every rule
        if child.unit.kind == "region":
            seen.add(child.name)
        tree.children.append(branch(child, lang, depth - 1, node.law_of or law_of, seen))
    return tree


def _line(node: Explanation, lang: str) -> Text:
    from rich.text import Text

    from shebao.engine.explanation import label, line_text, value_text
    from shebao.law.regions import NAMES

    name, value = label(node, lang), value_text(node, lang)
    rest = line_text(node, lang).removeprefix(f"{name} = {value}")
    if node.unit.kind == "region" and int(node.exact) in NAMES:
        value += f" {NAMES[int(node.exact)][0 if lang == 'zh' else 1]}"
    return _dim_documents(Text.assemble((name, "bold" if node.formula else ""), " = ", (value, "cyan"), rest))


def _dim_documents(text: Text) -> Text:
    """Articles, documents and remarks step back behind the values."""
    text.highlight_regex(r"〔.*〕", "not italic dim")
    text.highlight_regex(r"（(已知|推定)）|\((given|presumed)\)", "dim")
    text.highlight_regex(r"（待核）|\(assumed\)", "yellow")
    return text
