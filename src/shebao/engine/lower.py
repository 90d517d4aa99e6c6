"""Lowering one rule's body to integer statements.

The tree that a lawyer wrote becomes nested blocks of assignments. A table read that may miss, and a case nobody covers,
become failures: a number that names the reason. How a failure leaves the loop is the caller's :class:`Exit`.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from shebao.engine.errors import BookError
from shebao.engine.integers import (
    I64,
    MISSING,
    ONE,
    Flag,
    Int,
    Q,
    Text,
    Value,
    add,
    aligned,
    common_coef,
    constant,
    floordiv,
    least,
    number,
    q_add,
    q_div,
    q_mul,
    q_sub,
    quotient,
    rounded,
    times,
    whole,
)
from shebao.engine.rounding import ROUNDINGS
from shebao.engine.source import index_keys
from shebao.engine.tables import TableLayout
from shebao.engine.units import month_index

MAX_RETURNS = 400  # a body whose paths multiply beyond this is refused


@dataclass
class Block:
    """Statements in order; a branch is ``(condition, then, otherwise)``."""

    lines: list[Any] = field(default_factory=list)

    def emit(self, line: str) -> None:
        self.lines.append(line)

    def branch(self, condition: str, then: Block, otherwise: Block | None = None) -> None:
        self.lines.append((condition, then, otherwise))

    def render(self, depth: int) -> list[str]:
        pad, out = "    " * depth, []
        for line in self.flat():
            if isinstance(line, str):
                out.append(pad + line)
                continue
            condition, then, otherwise = line
            out.append(f"{pad}if {condition}:")
            out += then.render(depth + 1) or [pad + "    pass"]
            if otherwise is not None and otherwise.lines:
                out.append(f"{pad}else:")
                out += otherwise.render(depth + 1)
        return out

    def flat(self) -> list[Any]:
        """The statements, with a branch between two harmless values of one variable as a conditional expression.

        People differ, so such a branch is often guessed wrong; to work out both values costs less.
        """
        return [line if isinstance(line, str) else _chosen(*line) for line in self.lines]

    def harmless(self) -> tuple[str, str] | None:
        """The variable and the value, if all that happens here is one assignment that cannot fail."""
        lines = self.flat()
        found = re.fullmatch(r"(\w+) = (.+)", lines[0]) if len(lines) == 1 and isinstance(lines[0], str) else None
        return (found[1], found[2]) if found and _is_harmless(found[2]) else None


def _chosen(condition: str, then: Block, otherwise: Block | None) -> Any:
    a, b = then.harmless(), otherwise.harmless() if otherwise is not None else None
    if a and b and a[0] == b[0] and _is_harmless(condition):
        return f"{a[0]} = (({a[1]}) if {condition} else ({b[1]}))"
    return condition, then, otherwise


def _is_harmless(code: str) -> bool:
    """No cell is read, nothing is divided but by a constant, and it is short."""
    return "[" not in code and len(code) < 400 and not re.search(r"//(?! u[48]\(\d+\))", code)


@dataclass(frozen=True)
class Exit:
    """How a failure leaves: ``hard`` ends the row (or the record) at once; else ``flag`` keeps the first reason."""

    flag: str = ""
    leave: tuple[str, ...] = ()

    @property
    def hard(self) -> bool:
        return bool(self.leave)

    def fail(self, block: Block, code: str) -> None:
        if self.hard:
            for line in self.leave:
                block.emit(line.format(code=code))
        else:
            first = Block()
            first.emit(f"{self.flag} = {code}")
            block.branch(f"{self.flag} == 0", first)


@dataclass(frozen=True)
class TableRef:
    """A keyed or dated parameter as a body meets it, with the segment code of its date."""

    layout: TableLayout
    segment: Int
    missing: str  # the failure's number
    region: str = ""  # the variable of the person's province, where only whole columns of it can be met
    inside: TableLayout | None = None  # the layout as those provinces meet it


class Names:
    """Fresh names for temporaries of one kernel."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, stem: str) -> str:
        self.count += 1
        return f"{stem}_{self.count}"


class Body:
    """Lowers one variant. ``returns`` collects where each path ends and with what value."""

    def __init__(self, tree: ast.FunctionDef, names: Mapping[str, Any], exit_: Exit, fresh: Names) -> None:
        self.tree, self.names, self.exit, self.fresh = tree, dict(names), exit_, fresh
        self.known: dict[str, tuple[int, int]] = {}
        self.pending: dict[str, str] = {}  # arguments that may have failed, with the number that says why
        self.block = Block()
        self.returns: list[tuple[Block, Value]] = []
        self.at: ast.AST = tree

    def lower(self) -> tuple[Block, list[tuple[Block, Value]]]:
        self.statements(self.tree.body, {})
        return self.block, self.returns

    # -- statements ------------------------------------------------------------------------------
    def statements(self, body: list[ast.stmt], env: dict[str, Value]) -> None:
        statement, rest = body[0], body[1:]
        self.at = statement
        if isinstance(statement, ast.Return):
            assert statement.value is not None
            self.returns.append((self.block, self.value(statement.value, env)))
            if len(self.returns) > MAX_RETURNS:
                raise BookError("too many paths; split the rule")
        elif isinstance(statement, ast.Assign):
            target = statement.targets[0]
            assert isinstance(target, ast.Name)
            self.statements(rest, {**env, target.id: self.bound(target.id, self.value(statement.value, env))})
        elif isinstance(statement, ast.If):
            test = self.condition(statement.test, env)
            then = self.within(test.if_true, lambda: self.statements([*statement.body, *rest], env))
            other = self.within(test.if_false, lambda: self.statements([*statement.orelse, *rest], env))
            self.block.branch(test.code, then, other)
        else:
            self.statements(rest, env)

    def within(self, facts: tuple[tuple[str, int, int], ...], work: Callable[[], None]) -> Block:
        """Runs ``work`` in a block of its own, where ``facts`` are known."""
        outer, known = self.block, self.known
        self.block, self.known = Block(), dict(known)
        for code, lo, hi in facts:
            old = self.known.get(code, (-I64, I64))
            self.known[code] = max(lo, old[0]), min(hi, old[1])
        work()
        inner, self.block, self.known = self.block, outer, known
        return inner

    def bound(self, stem: str, value: Value) -> Value:
        """The value in a variable of its own, unless it already is one."""
        if isinstance(value, Flag):
            name = self.fresh(stem)
            self.block.emit(f"{name} = 1 if {value.code} else 0")
            return Flag(f"{name} != 0", value.if_true, value.if_false)
        if isinstance(value, Text):
            return Text(self.variable(stem, value.num), value.values)
        return Q(value.coef, self.variable(stem, value.num), self.variable(stem, value.den))

    def variable(self, stem: str, value: Int) -> Int:
        if value.const is not None or value.code.isidentifier():
            return value
        name = self.fresh(stem)
        self.block.emit(f"{name} = {value.code}")
        return Int(name, value.lo, value.hi)

    # -- expressions -----------------------------------------------------------------------------
    def narrow(self, value: Int) -> Int:
        lo, hi = self.known.get(value.code, (value.lo, value.hi))
        lo, hi = max(lo, value.lo), min(hi, value.hi)
        return Int(value.code, lo, hi) if lo <= hi else value

    def value(self, node: ast.expr, env: dict[str, Value]) -> Value:
        self.at = node
        if isinstance(node, ast.Constant):
            return _constant(node.value)
        if isinstance(node, ast.Name):
            return self.name(node.id, env)
        if isinstance(node, (ast.Compare, ast.BoolOp)) or (
            isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
        ):
            return self.condition(node, env)
        if isinstance(node, ast.UnaryOp):
            return q_sub(number(0), self.number(node.operand, env))
        if isinstance(node, ast.BinOp):
            return self.arithmetic(node, env)
        if isinstance(node, ast.IfExp):
            return self.choose(node, env)
        if isinstance(node, ast.Subscript):
            return self.subscript(node, env)
        assert isinstance(node, ast.Call)
        assert isinstance(node.func, ast.Name)
        return self.call(node.func.id, node, env)

    def name(self, name: str, env: dict[str, Value]) -> Value:
        value = env[name] if name in env else self.names[name]
        if name in self.pending:
            failed = Block()
            self.exit.fail(failed, self.pending[name])
            self.block.branch(f"{self.pending[name]} != 0", failed)
        if isinstance(value, TableRef):
            if value.layout.keys:
                raise BookError(f"{name} is a table; index it")
            return self.read(value, value.layout, constant(0))
        if isinstance(value, Q):
            return Q(value.coef, self.narrow(value.num), self.narrow(value.den))
        assert isinstance(value, (Flag, Text))
        return value

    def number(self, node: ast.expr, env: dict[str, Value]) -> Q:
        value = self.value(node, env)
        if isinstance(value, Text):
            raise BookError(f"{ast.unparse(node)} is a text, not a number")
        if isinstance(value, Flag):
            return Q(Fraction(1), Int(f"(1 if {value.code} else 0)", 0, 1), ONE)
        return value

    def arithmetic(self, node: ast.BinOp, env: dict[str, Value]) -> Q:
        a, b = self.number(node.left, env), self.number(node.right, env)
        self.at = node
        if isinstance(node.op, ast.Add):
            found = q_add(a, b)
        elif isinstance(node.op, ast.Sub):
            found = q_sub(a, b)
        elif isinstance(node.op, ast.Mult):
            found = q_mul(a, b)
        elif isinstance(node.op, ast.Div):
            found = q_div(a, b)
        else:
            found = self.floor(a, b)
            if isinstance(node.op, ast.Mod):
                found = self.remainder(a, b, found)
        return Q(found.coef, self.narrow(found.num), self.narrow(found.den))

    def floor(self, a: Q, b: Q) -> Q:
        n, d = quotient(q_div(a, b))
        return Q(Fraction(1), floordiv(n, d), ONE)

    @staticmethod
    def remainder(a: Q, b: Q, floor: Q) -> Q:
        found = q_sub(a, q_mul(b, floor))
        coef, _, y, den = aligned(a, b)
        if den.const == 1 and found.coef == coef and y.hi > 0:
            return Q(coef, Int(found.num.code, 0, min(y.hi - 1, max(found.num.hi, 0))), ONE)
        return found

    def choose(self, node: ast.IfExp, env: dict[str, Value]) -> Value:
        test = self.condition(node.test, env)
        ends: list[tuple[Block, Value]] = []

        def side(part: ast.expr) -> Callable[[], None]:
            return lambda: ends.append((self.block, self.value(part, env)))

        then = self.within(test.if_true, side(node.body))
        other = self.within(test.if_false, side(node.orelse))
        merged = merge(ends, self.fresh("pick"))
        self.block.branch(test.code, then, other)
        return merged

    def call(self, name: str, node: ast.Call, env: dict[str, Value]) -> Value:
        if name == "ym":
            year, month = (arg.value for arg in node.args if isinstance(arg, ast.Constant))
            return number(month_index(int(year), int(month)))  # type: ignore[arg-type]
        if name in ROUNDINGS:
            mode, places = ROUNDINGS[name]
            if places is None:
                last = node.args[1]
                assert isinstance(last, ast.Constant)
                places = int(last.value)  # type: ignore[arg-type]
            value = self.number(node.args[0], env)
            if value.num.lo < 0 < value.num.hi:
                value = Q(value.coef, self.variable("x", value.num), self.variable("y", value.den))
            return rounded(value, mode, places)
        found = self.number(node.args[0], env)
        for arg in node.args[1:]:
            coef, x, y, den = aligned(found, self.number(arg, env))
            found = Q(coef, least(x, y, name if coef > 0 else "max" if name == "min" else "min"), den)
        return found

    # -- conditions ------------------------------------------------------------------------------
    def condition(self, node: ast.expr, env: dict[str, Value]) -> Flag:
        if isinstance(node, ast.BoolOp):
            parts = [functools.partial(self.part, value, env) for value in node.values]
            return self.joined(parts, isinstance(node.op, ast.And))  # type: ignore[arg-type]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            inner = self.condition(node.operand, env)
            return Flag(f"(not {inner.code})", inner.if_false, inner.if_true)
        if isinstance(node, ast.Compare):
            return self.compared(node, env)
        value = self.value(node, env)
        if isinstance(value, Flag):
            return value
        if isinstance(value, Q):
            return Flag(f"({value.num.code} != 0)")
        raise BookError(f"{ast.unparse(node)} is no condition")

    def joined(self, parts: list[Callable[[], Flag]], is_and: bool) -> Flag:
        """``and``/``or``; what needs statements of its own is only run where Python would run it."""
        first = parts[0]()
        if len(parts) == 1:
            return first
        later: list[Flag] = []
        facts = first.if_true if is_and else first.if_false
        block = self.within(facts, lambda: later.append(self.joined(parts[1:], is_and)))
        rest, word = later[0], "and" if is_and else "or"
        if not block.lines:
            both = Flag(f"({first.code} {word} {rest.code})")
        else:
            name = self.fresh("cond")
            block.emit(f"{name} = 1 if {rest.code} else 0")
            short = Block([f"{name} = {0 if is_and else 1}"])
            self.block.branch(first.code, block if is_and else short, short if is_and else block)
            both = Flag(f"{name} != 0")
        if is_and:
            return Flag(both.code, (*first.if_true, *rest.if_true), ())
        return Flag(both.code, (), (*first.if_false, *rest.if_false))

    def part(self, node: ast.expr, env: dict[str, Value]) -> Flag:
        """One side of ``and``/``or``, which must itself be a condition: Python would return a number as it is."""
        value = self.value(node, env)
        if not isinstance(value, Flag):
            raise BookError(f"{ast.unparse(node)} is a number or a text; and/or join conditions")
        return value

    def compared(self, node: ast.Compare, env: dict[str, Value]) -> Flag:
        """A comparison, or a chain of them that stops at the first that fails."""
        sides = [node.left, *node.comparators]
        values: list[Value] = [self.value(sides[0], env)]

        def link(k: int) -> Callable[[], Flag]:
            def compare() -> Flag:
                right = self.value(sides[k + 1], env)
                values.append(self.bound("mid", right) if k + 2 < len(sides) else right)
                return _compare(node.ops[k], values[k], values[k + 1])

            return compare

        return self.joined([link(k) for k in range(len(node.ops))], True)

    # -- tables ----------------------------------------------------------------------------------
    def subscript(self, node: ast.Subscript, env: dict[str, Value]) -> Value:
        assert isinstance(node.value, ast.Name)
        table = self.names[node.value.id]
        if not isinstance(table, TableRef):
            raise BookError(f"{node.value.id} is not a table")
        parts = index_keys(node)
        if len(parts) != len(table.layout.keys):
            raise BookError(f"{node.value.id} is indexed by {', '.join(table.layout.keys)}")
        layout, at, checks = table.layout, constant(0), []
        for name, axis, part in zip(layout.keys, layout.axes, parts, strict=True):
            key = self.value(part, env)
            if isinstance(key, Flag):
                raise BookError("a condition cannot be a key")
            raw = self.variable("k", key.num if isinstance(key, Text) else whole(key, f"key {ast.unparse(part)}"))
            place, check = axis.place(self.narrow(raw), key.values if isinstance(key, Text) else None)
            if name == "region" and table.inside and raw.code == table.region:
                layout = table.inside
            elif check:
                checks.append(check)
            at = add(times(axis.size, at), place)
        return self.read(table, layout, at, " or ".join(checks))

    def read(self, table: TableRef, layout: TableLayout, at: Int, outside: str = "") -> Q:
        """One cell; a key outside the table or a hole in it is a failure."""
        name = self.fresh("t")
        cell = layout.cell(table.segment, at)
        load = Block([f"{name} = {cell}"])
        if layout.holes:
            hole = Block()
            self.stand_in(hole, table, name)
            load.branch(f"{name} == {MISSING}", hole)
        if not outside:
            self.block.lines += load.lines
        else:
            fail = Block()
            self.stand_in(fail, table, name)
            self.block.branch(outside, fail, load)
        return Q(Fraction(1, layout.scale), Int(name, layout.low, layout.high), ONE)

    def stand_in(self, block: Block, table: TableRef, name: str) -> None:
        """A missing cell: the row leaves, or goes on with a harmless number that is never stored."""
        self.exit.fail(block, table.missing)
        if not self.exit.hard:
            block.emit(f"{name} = {table.layout.low}")


def _constant(value: Any) -> Value:
    if isinstance(value, bool):
        return Flag("True" if value else "False")
    if isinstance(value, str):
        return Text(constant(0), (value,))
    return number(Fraction(repr(value)) if isinstance(value, float) else value)


_CODES = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


def _compare(op: ast.cmpop, a: Value, b: Value) -> Flag:
    sign = _CODES[type(op)]
    if isinstance(a, Text) and isinstance(b, Text):
        return _compare_text(sign, a, b)
    if isinstance(a, Flag) and isinstance(b, Flag):
        return Flag(f"(({a.code}) {sign} ({b.code}))")
    if not isinstance(a, Q) or not isinstance(b, Q):
        raise BookError("a text can only be compared with a text")
    _, x, y, _ = aligned(a, b)
    code = f"({x.code} {sign} {y.code})"
    return Flag(code, _learned(sign, a, b), _learned(_OPPOSITE[sign], a, b))


def _learned(sign: str, a: Q, b: Q) -> tuple[tuple[str, int, int], ...]:
    """What a comparison of an integer with a constant says about the integer."""
    if b.num.const is None or b.den.const != 1:
        if a.num.const is not None and a.den.const == 1:
            return _learned({"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(sign, sign), b, a)
        return ()
    if a.den.const != 1 or a.num.const is not None or a.coef <= 0:
        return ()
    limit = b.coef * b.num.const / a.coef
    floor, ceil = limit.numerator // limit.denominator, -(-limit.numerator // limit.denominator)
    code = a.num.code
    spans = {
        "<": (-I64, ceil - 1),
        "<=": (-I64, floor),
        ">": (floor + 1, I64),
        ">=": (ceil, I64),
        "==": (ceil, floor) if ceil == floor else (-I64, I64),
    }
    if sign == "!=":
        return ((code, 1, I64),) if limit == 0 and a.num.lo == 0 else ()
    return ((code, *spans[sign]),)


def _compare_text(sign: str, a: Text, b: Text) -> Flag:
    if sign not in ("==", "!="):
        raise BookError("texts are compared with == and !=")
    if len(b.values) > 1 or b.num.const is None:
        a, b = b, a
    if len(b.values) == 1 and b.num.const is not None:
        wanted = b.values[0]
        if wanted not in a.values:
            raise BookError(f"{wanted!r} is none of {', '.join(a.values)}")
        return Flag(f"({a.num.code} {sign} {a.values.index(wanted)})")
    if a.values != b.values:
        raise BookError("texts of different choices are compared")
    return Flag(f"({a.num.code} {sign} {b.num.code})")


def merge(ends: list[tuple[Block, Value]], name: str, scale: int | None = None) -> Value:
    """One variable for the values in which several paths end; writes the assignment into each path.

    With ``scale`` the result is stored at exactly that many units, or refused.
    """
    values = [value for _, value in ends]
    if any(isinstance(v, Flag) for v in values):
        if not all(isinstance(v, Flag) or (isinstance(v, Q) and v.num.const in (0, 1)) for v in values):
            raise BookError("some paths end in a condition, others in a number")
        for block, value in ends:
            assert isinstance(value, (Flag, Q))
            code = value.code if isinstance(value, Flag) else f"{value.num.code} != 0"
            block.emit(f"{name} = 1 if {code} else 0")
        return Flag(f"{name} != 0")
    if any(isinstance(v, Text) for v in values):
        return _merge_text(ends, name)
    numbers = [v for v in values if isinstance(v, Q)]
    return _merge_numbers(ends, numbers, name, scale)


def _merge_text(ends: list[tuple[Block, Value]], name: str) -> Text:
    values = [v for _, v in ends]
    if not all(isinstance(v, Text) for v in values):
        raise BookError("some paths end in a text, others in a number")
    texts = [v for v in values if isinstance(v, Text)]
    longest = max((t.values for t in texts), key=len)
    words = tuple(dict.fromkeys([*longest, *(w for t in texts for w in t.values)]))
    for (block, _), text in zip(ends, texts, strict=True):
        if text.num.const is not None:
            block.emit(f"{name} = {words.index(text.values[text.num.const])}")
        elif words[: len(text.values)] == text.values:
            block.emit(f"{name} = {text.num.code}")
        else:
            raise BookError("paths end in texts of different choices")
    return Text(Int(name, 0, len(words) - 1), words)


def _merge_numbers(ends: list[tuple[Block, Value]], numbers: list[Q], name: str, scale: int | None) -> Q:
    """One numerator and, unless every path has divisor 1, one divisor, each path with its own."""
    coef = common_coef([q.coef for q in numbers if q.num.const != 0] or [Fraction(1)])
    plain = all(q.den.const == 1 for q in numbers)
    if scale is not None:
        if not plain or (coef * scale).denominator != 1:
            raise BookError(f"must be rounded to 1/{scale}")
        coef = Fraction(1, scale)
    nums = [times(int(q.coef / coef), q.num) if q.num.const != 0 else q.num for q in numbers]
    for (block, _), num, q in zip(ends, nums, numbers, strict=True):
        block.emit(f"{name} = {num.code}")
        if not plain:
            block.emit(f"{name}_d = {q.den.code}")
    top = Int(name, min(n.lo for n in nums), max(n.hi for n in nums))
    if plain:
        return Q(coef, top, ONE)
    return Q(coef, top, Int(f"{name}_d", min(q.den.lo for q in numbers), max(q.den.hi for q in numbers)))
