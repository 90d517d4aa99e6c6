"""Histories: the records attached to a person, and the states that are stepped through them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shebao.engine.book import Book, Fact, Rule


def history_names(book: Book) -> dict[str, list[Fact]]:
    """Every history of the book with the facts of its records; the key is ``room.history``."""
    return dict(book.histories)


def history_name(book: Book, node: Fact | Rule) -> str:
    """Full name of the history a record fact, an accrual or a total belongs to: its room's or one around it."""
    room, name = node.room, f"{node.room}.{node.over}"
    while room and name not in book.histories:
        room = room.rpartition(".")[0]
        name = f"{room}.{node.over}"
    return name if room else str(node.over)


def find_history(name: str, rooms: tuple[str, ...], histories: Mapping[str, Any]) -> str | None:
    """Full name of the history a name stands for, seen from the rooms of the rules asked for."""
    if name in histories:
        return name
    for room in (*rooms, ""):
        while True:
            full = f"{room}.{name}" if room else name
            if full in histories:
                return full
            if not room:
                break
            room = room.rpartition(".")[0]
    return None


def states_of(book: Book, target: Rule) -> list[Rule]:
    """The accruals and totals a state needs within the same history, in the order they step."""
    order: list[Rule] = []

    def visit(rule: Rule) -> None:
        if rule in order:
            return
        for name in inner_states(book, rule, str(target.over)):
            node = book.nodes[name]
            if isinstance(node, Rule) and node.kind != "rule":
                visit(node)
        order.append(rule)

    visit(target)
    return order


def inner_states(book: Book, rule: Rule, over: str) -> list[str]:
    """States a rule reads, directly or through rules of the same record."""
    found: list[str] = []
    for variant in rule.variants:
        for used in book.wires(rule, variant):
            node = book.nodes.get(used)
            if isinstance(node, Rule) and node.over == over and node.kind != "rule":
                found.append(used)
            elif isinstance(node, Rule) and book.level(used) == over:
                found += inner_states(book, node, over)
    return found
