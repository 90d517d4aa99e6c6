"""Under which conditions a rule reads a table: what its own text says of the table's keys.

``if account_year < 2016: return old_rate[region, account_year]`` asks nothing of years from 2016 on. Only comparisons
of a key with a number are judged; any other condition may hold or not.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shebao.engine.book import Variant
from shebao.engine.source import function_tree, index_keys

Guard = tuple[ast.expr, bool]  # a condition, and whether it must hold

_COMPARED: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


@dataclass(frozen=True)
class Reading:
    """One place where a rule reads a table: the names its keys are given by, and what must hold to get there."""

    keys: tuple[str | None, ...]
    guards: tuple[Guard, ...]

    def reached(self, known: Mapping[int, int]) -> bool:
        """Whether it may be read with some keys known: position → value."""
        names = {name: known[k] for k, name in enumerate(self.keys) if name is not None and k in known}
        return all(_holds(test, names) in (None, wanted) for test, wanted in self.guards)


def readings(variant: Variant, table: str) -> list[Reading]:
    """Every place where a reading of a rule indexes the argument ``table``."""
    found = []
    for node, guards in _block(function_tree(variant.fn).body, ()):
        for each, under in _expressions(node, guards):
            if isinstance(each, ast.Subscript) and isinstance(each.value, ast.Name) and each.value.id == table:
                names = tuple(key.id if isinstance(key, ast.Name) else None for key in index_keys(each))
                found.append(Reading(names, under))
    return found


def _block(statements: list[ast.stmt], guards: tuple[Guard, ...]) -> Iterator[tuple[ast.expr, tuple[Guard, ...]]]:
    """Every expression of a block with what must hold before it is evaluated."""
    for statement in statements:
        if isinstance(statement, ast.If):
            yield statement.test, guards
            yield from _block(statement.body, (*guards, (statement.test, True)))
            yield from _block(statement.orelse, (*guards, (statement.test, False)))
            if _returns(statement.body):
                guards = (*guards, (statement.test, False))
            if statement.orelse and _returns(statement.orelse):
                guards = (*guards, (statement.test, True))
        elif isinstance(statement, (ast.Assign, ast.Return)) and statement.value is not None:
            yield statement.value, guards


def _returns(statements: list[ast.stmt]) -> bool:
    last = statements[-1]
    if isinstance(last, ast.If):
        return bool(last.orelse) and _returns(last.body) and _returns(last.orelse)
    return isinstance(last, ast.Return)


def _expressions(node: ast.AST, guards: tuple[Guard, ...]) -> Iterator[tuple[ast.AST, tuple[Guard, ...]]]:
    """An expression and its parts; those of a conditional one under its condition."""
    yield node, guards
    if isinstance(node, ast.IfExp):
        yield from _expressions(node.test, guards)
        yield from _expressions(node.body, (*guards, (node.test, True)))
        yield from _expressions(node.orelse, (*guards, (node.test, False)))
        return
    for child in ast.iter_child_nodes(node):
        yield from _expressions(child, guards)


def _holds(test: ast.expr, names: Mapping[str, int]) -> bool | None:
    """Whether a condition holds; None where the known names do not say."""
    if isinstance(test, ast.BoolOp):
        parts = [_holds(value, names) for value in test.values]
        decisive = isinstance(test.op, ast.Or)  # one such part decides
        return decisive if decisive in parts else None if None in parts else not decisive
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = _holds(test.operand, names)
        return None if inner is None else not inner
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        sides = [_number(side, names) for side in (test.left, test.comparators[0])]
        return None if None in sides else _COMPARED[type(test.ops[0])](*sides)
    return None


def _number(node: ast.expr, names: Mapping[str, int]) -> int | None:
    if isinstance(node, ast.Name):
        return names.get(node.id)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, int) else None
