"""A rule's body as a reader sees it: terms for names, the signs of arithmetic, conditions as steps.

The text of the law's own functions is typeset; nothing is written a second time. Every name is a link to what it
stands for. A formula is a list of lines, a line a depth and a list of tokens, so that two readings can be compared
token by token.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

from shebao.engine.book import Rule, Variant
from shebao.engine.rounding import ROUNDING_LABELS
from shebao.engine.source import function_tree
from shebao.lawbook.shelf import Shelf
from shebao.lawbook.words import place

Tokens = list["Token"]
Line = tuple[int, Tokens]

_SIGNS = {ast.Add: "+", ast.Sub: "−", ast.Mult: "×", ast.Div: "÷", ast.FloorDiv: "整除", ast.Mod: "余"}
_SIGNS_EN = {ast.FloorDiv: "div", ast.Mod: "mod"}
_COMPARED = {ast.Lt: "<", ast.LtE: "≤", ast.Gt: ">", ast.GtE: "≥", ast.Eq: "=", ast.NotEq: "≠"}
_BINDS = {ast.Or: 1, ast.And: 2, ast.Not: 3, ast.Add: 5, ast.Sub: 5, ast.USub: 7}  # other operators 6
_SAID = {
    "zh": {
        "if": "若",
        "elif": "否则若",
        "else": "否则",
        "then": "：",
        "give": "得",
        "and": "且",
        "or": "或",
        "not": "非",
    }
    | {"min": "较小者", "max": "较大者", "true": "是", "false": "否", "before": "此前", "otherwise": "，否则"}
    | ROUNDING_LABELS,
    "en": {"if": "if", "elif": "else if", "else": "otherwise", "then": ":", "give": "the result is", "and": "and"}
    | {"or": "or", "not": "not", "min": "the smaller of", "max": "the larger of", "true": "yes", "false": "no"}
    | {"before": "before", "otherwise": ", otherwise", "half_up": "round", "round_up": "round up"}
    | {"truncate": "cut off", "to_fen": "round to the fen", "to_jiao": "round to the jiao"}
    | {"to_yuan": "round to the yuan", "up_to_fen": "round up to the fen", "up_to_jiao": "round up to the jiao"}
    | {"up_to_yuan": "round up to the yuan"},
}


@dataclass(frozen=True)
class Token:
    """One word or sign of a formula: its plain text, and how it is marked up."""

    text: str
    html: str
    tight: bool = False  # no space before it


def _sign(text: str, tight: bool = False) -> Token:
    return Token(text, escape(text), tight or text[0] in ")],:：，[")


def _kind(text: str, kind: str) -> Token:
    return Token(text, f'<span class="{kind}">{escape(text)}</span>')


class Typesetter:
    """One variant's body in one language."""

    def __init__(self, shelf: Shelf, rule: Rule, variant: Variant) -> None:
        self.shelf, self.lang = shelf, shelf.lang
        self.names = dict(zip(variant.args, shelf.book.wires(rule, variant), strict=True))
        self.said = _SAID[self.lang]

    def lines(self, statements: list[ast.stmt], depth: int = 0) -> Iterator[Line]:
        """Every step of a block."""
        for statement in statements:
            if isinstance(statement, ast.Assign):
                target = statement.targets[0]
                assert isinstance(target, ast.Name)
                yield depth, [self._local(target.id), _sign("="), *self.expr(statement.value)]
            elif isinstance(statement, ast.If):
                yield from self._if(statement, depth, "if")
            elif isinstance(statement, ast.Return):
                assert statement.value is not None
                yield from self._result(statement.value, depth)

    def _if(self, node: ast.If, depth: int, opening: str) -> Iterator[Line]:
        yield depth, [self._word(opening), *self.expr(node.test), _sign(self.said["then"])]
        yield from self.lines(node.body, depth + 1)
        if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
            yield from self._if(node.orelse[0], depth, "elif")
        elif node.orelse:
            yield depth, [self._word("else"), _sign(self.said["then"])]
            yield from self.lines(node.orelse, depth + 1)

    def _result(self, node: ast.expr, depth: int, opening: str = "if") -> Iterator[Line]:
        """A result; a conditional one as the steps of an ``if``."""
        if not isinstance(node, ast.IfExp):
            yield depth, [self._word("give"), *self.expr(node)]
            return
        yield depth, [self._word(opening), *self.expr(node.test), _sign(self.said["then"])]
        yield from self._result(node.body, depth + 1)
        if isinstance(node.orelse, ast.IfExp):
            yield from self._result(node.orelse, depth, "elif")
        else:
            yield depth, [self._word("else"), _sign(self.said["then"])]
            yield from self._result(node.orelse, depth + 1)

    def expr(self, node: ast.expr, around: int = 0) -> Tokens:
        """An expression, in brackets where what stands around binds more tightly."""
        write: Callable[[Any, int], Tokens] = getattr(self, f"_{type(node).__name__.lower()}")
        return write(node, around)

    # -- kinds of expressions ------------------------------------------------------------------------
    def _name(self, node: ast.Name, _around: int) -> Tokens:
        if node.id == "before":
            return [self._word("before")]
        full = self.names.get(node.id)
        if full is None:
            return [self._local(node.id)]
        title = self.shelf.title(self.shelf.book.nodes[full])
        return [Token(title, f'<a href="{escape(self.shelf.address(full))}">{escape(title)}</a>')]

    def _constant(self, node: ast.Constant, _around: int) -> Tokens:
        if isinstance(node.value, bool):
            return [self._word("true" if node.value else "false")]
        if isinstance(node.value, str):
            return [_kind(self.shelf.choice(node.value), "text")]
        return [_kind(str(node.value), "number")]

    def _binop(self, node: ast.BinOp, around: int) -> Tokens:
        kind = type(node.op)
        binds = _BINDS.get(kind, 6)
        sign = _SIGNS_EN.get(kind, _SIGNS[kind]) if self.lang == "en" else _SIGNS[kind]
        made = [*self.expr(node.left, binds), _sign(sign), *self.expr(node.right, binds + 1)]
        return _bracketed(made) if binds < around else made

    def _unaryop(self, node: ast.UnaryOp, around: int) -> Tokens:
        binds = _BINDS[type(node.op)]
        opening = self._word("not") if isinstance(node.op, ast.Not) else _sign("−")
        made = [opening, *self.expr(node.operand, binds)]
        return _bracketed(made) if binds < around else made

    def _boolop(self, node: ast.BoolOp, around: int) -> Tokens:
        binds = _BINDS[type(node.op)]
        joint = self._word("and" if isinstance(node.op, ast.And) else "or")
        made = _joined([self.expr(value, binds + 1) for value in node.values], joint)
        return _bracketed(made) if binds < around else made

    def _compare(self, node: ast.Compare, around: int) -> Tokens:
        sides = [node.left, *node.comparators]
        province = any(self._is_region(side) for side in sides)
        made = self._side(node.left, province)
        for op, side in zip(node.ops, node.comparators, strict=True):
            made += [_sign(_COMPARED[type(op)]), *self._side(side, province)]
        return _bracketed(made) if around > 4 else made

    def _side(self, node: ast.expr, province: bool) -> Tokens:
        """A side of a comparison; a province's code by its name."""
        if province and isinstance(node, ast.Constant) and isinstance(node.value, int):
            return [_kind(place(node.value, self.lang), "text")]
        return self.expr(node, 5)

    def _is_region(self, node: ast.expr) -> bool:
        full = self.names.get(node.id) if isinstance(node, ast.Name) else None
        return full is not None and full != "before" and self.shelf.book.nodes[full].unit.kind == "region"

    def _ifexp(self, node: ast.IfExp, _around: int) -> Tokens:
        condition = [self._word("if"), *self.expr(node.test, 1), _sign(self.said["then"])]
        made = [*condition, *self.expr(node.body, 1), _sign(self.said["otherwise"]), *self.expr(node.orelse, 1)]
        return _bracketed(made)

    def _call(self, node: ast.Call, _around: int) -> Tokens:
        assert isinstance(node.func, ast.Name)
        if node.func.id == "ym":
            year, month = (int(ast.literal_eval(arg)) for arg in node.args)
            return [_kind(f"{year}-{month:02}", "number")]
        inner = _joined([self.expr(arg) for arg in node.args], _sign(","))
        return [self._word(node.func.id), _sign("(", tight=True), *inner, _sign(")")]

    def _subscript(self, node: ast.Subscript, _around: int) -> Tokens:
        keys = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        inner = _joined([self.expr(key) for key in keys], _sign(","))
        return [*self.expr(node.value), _sign("["), *inner, _sign("]")]

    # -- words ---------------------------------------------------------------------------------------
    def _word(self, text: str) -> Token:
        return _kind(self.said[text], "word")

    def _local(self, name: str) -> Token:
        return Token(name, f"<var>{escape(self.shelf.local(name))}</var>")


def _bracketed(tokens: Tokens) -> Tokens:
    return [_sign("("), *tokens, _sign(")")]


def _joined(parts: list[Tokens], joint: Token) -> Tokens:
    made: Tokens = []
    for k, part in enumerate(parts):
        made += [joint, *part] if k else part
    return made


def typeset(shelf: Shelf, rule: Rule, variant: Variant) -> list[Line]:
    """The steps of one variant; a single expression is one line without a word before it."""
    statements = [s for s in function_tree(variant.fn).body if not isinstance(s, ast.Expr)]
    lines = list(Typesetter(shelf, rule, variant).lines(statements))
    if len(lines) == 1:
        depth, tokens = lines[0]
        return [(depth, [_sign("="), *tokens[1:]])]
    return lines


def plain(lines: list[Line]) -> str:
    """The steps as text."""
    return "\n".join("  " * depth + " ".join(token.text for token in tokens) for depth, tokens in lines)


def html(lines: list[Line], against: list[Line] | None = None) -> str:
    """The steps marked up; what ``against`` does not say stands in ``<mark>``."""
    new = _new(lines, against) if against is not None else set()
    made, k = [], 0
    for depth, tokens in lines:
        marked = [position in new for position in range(k, k + len(tokens))]
        made.append(f'<div class="step" style="--depth:{depth}">{_spaced(tokens, marked)}</div>')
        k += len(tokens)
    return f'<div class="formula">{"".join(made)}</div>'


def _spaced(tokens: Tokens, marked: list[bool]) -> str:
    """Tokens with a space between them, but none inside brackets, after a function's name or before a comma."""
    made = ""
    for k, token in enumerate(tokens):
        before = k > 0 and marked[k - 1]
        space = "" if k == 0 or token.tight or tokens[k - 1].text in ("(", "[") else " "
        opening = "<mark>" if marked[k] and not before else ""
        closing = "</mark>" if before and not marked[k] else ""
        made += f"{closing}{space}{opening}{token.html}"
    return f"{made}</mark>" if marked and marked[-1] else made


def _new(lines: list[Line], against: list[Line]) -> set[int]:
    """Positions of the tokens that ``against`` does not have in the same place."""
    one = [token.text for _, tokens in against for token in tokens]
    other = [token.text for _, tokens in lines for token in tokens]
    match = difflib.SequenceMatcher(None, one, other, autojunk=False)
    return {
        k for tag, _, _, start, end in match.get_opcodes() if tag in ("insert", "replace") for k in range(start, end)
    }
