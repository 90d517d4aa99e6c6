"""Reading a rule's own source: its syntax tree, the constructs it may use, and its exact form.

The same text is read twice: ``exact`` makes the function that explains (every literal and quotient
a rational, line numbers kept so that a debugger stops in the law file); the compiler lowers the tree.
"""

from __future__ import annotations

import ast
import builtins
import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from shebao.engine import rounding
from shebao.engine.errors import BookError, Refused
from shebao.engine.rounding import ROUNDINGS
from shebao.engine.units import month_index

CALLS = {"min", "max", "ym", *ROUNDINGS}
_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod)
_COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)


def _functions(path: str) -> dict[int, ast.FunctionDef]:
    info = Path(path).stat()
    return _functions_of(path, info.st_mtime_ns, info.st_size)


@functools.cache
def _functions_of(path: str, _changed: int, _size: int) -> dict[int, ast.FunctionDef]:
    """Every top-level function of a file by the line its decorators start on."""
    tree = ast.parse(Path(path).read_text(encoding="utf-8"), path)
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return {min([node.lineno, *(d.lineno for d in node.decorator_list)]): node for node in found}


def function_tree(fn: Callable[..., Any]) -> ast.FunctionDef:
    """The syntax tree of a rule as its file stood when the rule was first read, whatever becomes of the file later.

    ``BookError`` where no source text exists (a lambda, a REPL).
    """
    code, held = fn.__code__, fn.__dict__
    if "__tree__" not in held:
        try:
            held["__tree__"] = _functions(code.co_filename)[code.co_firstlineno]
        except (OSError, KeyError):
            text = f"rule {fn.__name__}: its source cannot be read; rules are top-level functions in a file"
            raise BookError(text) from None
    tree: ast.FunctionDef = held["__tree__"]
    return tree


def where(fn: Callable[..., Any], node: ast.AST | None = None) -> str:
    """``file:line`` of a rule or of one construct in it."""
    line = getattr(node, "lineno", None) or fn.__code__.co_firstlineno
    return f"{_short(fn.__code__.co_filename)}:{line}"


@functools.cache
def _short(path: str) -> str:
    parts = Path(path).parts
    return "/".join(parts[parts.index("shebao") :]) if "shebao" in parts[:-1] else path


@dataclass(frozen=True)
class Read:
    """A place in a rule that reads an argument: as a value, or as a table by so many ``keys``."""

    name: str
    node: ast.expr
    keys: int | None = None


class _Allowed(ast.NodeVisitor):
    """Refuses every construct that is not part of the law language, and notes what is read."""

    def __init__(self, fn: Callable[..., Any]) -> None:
        self.fn, self.args = fn, set(fn.__code__.co_varnames[: fn.__code__.co_argcount])
        self.locals: set[str] = set()
        self.reads: list[Read] = []

    def refuse(self, node: ast.AST, what: str) -> None:
        raise BookError(f"rule {self.fn.__name__}: {what}", where(self.fn, node))

    def body(self, statements: list[ast.stmt]) -> bool:
        """Checks a block; True when every path through it returns."""
        for statement in statements:
            if isinstance(statement, ast.Return):
                if statement.value is None:
                    self.refuse(statement, "return needs a value")
                self.visit(statement)
                return True
            if isinstance(statement, ast.If):
                self.visit(statement.test)
                before = set(self.locals)
                then = self.body(statement.body)
                after_then, self.locals = self.locals, set(before)
                other = self.body(statement.orelse)
                self.locals = self.locals if then else after_then if other else self.locals & after_then
                if then and other:
                    return True
            elif isinstance(statement, ast.Assign):
                self.assign(statement)
            elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                if not isinstance(statement.value.value, str):
                    self.refuse(statement, "a value that nobody uses")
            else:
                self.refuse(statement, f"{type(statement).__name__.lower()} is not allowed in a rule")
        return False

    def assign(self, node: ast.Assign) -> None:
        if len(node.targets) != 1 or not isinstance(node.targets[0], ast.Name):
            self.refuse(node, "assign to one local name")
        self.visit(node.value)
        assert isinstance(node.targets[0], ast.Name)
        if node.targets[0].id in self.args:
            self.refuse(node, f"{node.targets[0].id} is an argument and cannot be reassigned")
        if node.targets[0].id in CALLS:
            self.refuse(node, f"{node.targets[0].id} is a word of the law language")
        self.locals.add(node.targets[0].id)

    def generic_visit(self, node: ast.AST) -> None:
        if isinstance(node, (ast.expr_context, ast.operator, ast.unaryop, ast.cmpop, ast.boolop)):
            return
        if not isinstance(node, (ast.Return, ast.IfExp, ast.BoolOp)):
            self.refuse(node, f"{type(node).__name__} ({ast.unparse(node)}) is not allowed in a rule")
        super().generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        if node.id not in self.args | self.locals:
            self.refuse(node, f"unknown name {node.id}; a rule sees its arguments and its own locals only")
        self.reads.append(Read(node.id, node))

    def visit_Constant(self, node: ast.Constant) -> None:
        known = isinstance(node.value, (bool, int, float, str))
        if not known or (isinstance(node.value, float) and not math.isfinite(node.value)):
            self.refuse(node, f"{node.value!r} is not allowed in a rule")

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if not isinstance(node.op, _OPERATORS):
            self.refuse(node, f"operator {type(node.op).__name__} is not allowed in a rule")
        self.visit(node.left)
        self.visit(node.right)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if not isinstance(node.op, (ast.USub, ast.Not)):
            self.refuse(node, f"operator {type(node.op).__name__} is not allowed in a rule")
        self.visit(node.operand)

    def visit_Compare(self, node: ast.Compare) -> None:
        for op in node.ops:
            if not isinstance(op, _COMPARISONS):
                self.refuse(node, f"comparison {type(op).__name__} is not allowed in a rule")
        for part in (node.left, *node.comparators):
            self.visit(part)

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.id if isinstance(node.func, ast.Name) else ast.unparse(node.func)
        if name not in CALLS or node.keywords:
            self.refuse(node, f"call of {name}; allowed are {', '.join(sorted(CALLS))}")
        count = len(node.args)
        if name in ROUNDINGS:
            places = ROUNDINGS[name][1]
            if count != (2 if places is None else 1):
                self.refuse(node, f"{name} takes {2 if places is None else 1} argument(s)")
            last = node.args[-1]
            if places is None and not (isinstance(last, ast.Constant) and isinstance(last.value, int)):
                self.refuse(node, f"{name} needs its number of decimals as a literal")
        if name == "ym":
            literal = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, int)]
            if len(literal) != 2 or count != 2:
                self.refuse(node, "ym takes a literal year and month")
            if not 1 <= literal[1] <= 12:
                self.refuse(node, f"month {literal[1]} is not in 1..12")
        if self.fn.__globals__.get(name, getattr(builtins, name, None)) is not _meaning(name):
            self.refuse(node, f"{name} is not the law language's own here; import it from shebao.engine")
        if name in ("min", "max") and count < 2:
            self.refuse(node, f"{name} needs two or more values")
        for arg in node.args:
            self.visit(arg)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if not (isinstance(node.value, ast.Name) and node.value.id in self.args):
            self.refuse(node, "only a table that is an argument can be indexed")
        assert isinstance(node.value, ast.Name)
        keys = index_keys(node)
        self.reads.append(Read(node.value.id, node, len(keys)))
        for key in keys:
            self.visit(key)


def _meaning(name: str) -> Any:
    """What a call in a rule must mean, in the explanation as in the loop."""
    if name in ("min", "max"):
        return getattr(builtins, name)
    return month_index if name == "ym" else getattr(rounding, name)


def index_keys(node: ast.Subscript) -> list[ast.expr]:
    """The keys of ``table[key, …]``."""
    return list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]


def check_tables(fn: Callable[..., Any], reads: tuple[Read, ...], keys: dict[str, tuple[str, ...]]) -> None:
    """``BookError`` where a table is read without its keys, or what is no table is indexed.

    ``keys`` gives the keys of those arguments that are tables.
    """
    for read in reads:
        named = keys.get(read.name)
        if named is None and read.keys is None:
            continue
        if named is None:
            raise BookError(f"rule {fn.__name__}: {read.name} is not a table", where(fn, read.node))
        if read.keys is None:
            raise BookError(f"rule {fn.__name__}: {read.name} is a table; index it", where(fn, read.node))
        if read.keys != len(named):
            text = f"rule {fn.__name__}: {read.name} is indexed by {', '.join(named)}"
            raise BookError(text, where(fn, read.node))


def check_language(fn: Callable[..., Any]) -> tuple[Read, ...]:
    """What the body reads, in its order; ``BookError`` with file, line, rule and reason if it leaves the language."""
    tree, code = function_tree(fn), fn.__code__
    args = tree.args
    if args.vararg or args.kwarg or args.kwonlyargs or args.defaults or code.co_flags & 0x20:
        raise BookError(f"rule {fn.__name__}: arguments are plain names without defaults", where(fn))
    allowed = _Allowed(fn)
    if not allowed.body(tree.body):
        raise BookError(f"rule {fn.__name__}: a path ends without return", where(fn))
    return tuple(allowed.reads)


def sure_arguments(fn: Callable[..., Any]) -> frozenset[str]:
    """The arguments a rule reads on every path; another is only asked of those whose path needs it."""
    args = set(fn.__code__.co_varnames[: fn.__code__.co_argcount])
    return frozenset(_read_surely(function_tree(fn).body) & args)


def _read_surely(statements: list[ast.stmt]) -> set[str]:
    if not statements:
        return set()
    first, rest = statements[0], statements[1:]
    if isinstance(first, ast.Return) and first.value is not None:
        return _named_surely(first.value)
    if isinstance(first, ast.Assign):
        return _named_surely(first.value) | _read_surely(rest)
    if isinstance(first, ast.If):
        both = _read_surely([*first.body, *rest]) & _read_surely([*first.orelse, *rest])
        return _named_surely(first.test) | both
    return _read_surely(rest)


def _named_surely(node: ast.expr) -> set[str]:
    """Names an expression evaluates whatever its conditions turn out to be."""
    if isinstance(node, ast.Name):
        return {node.id}
    if isinstance(node, ast.IfExp):
        return _named_surely(node.test) | (_named_surely(node.body) & _named_surely(node.orelse))
    if isinstance(node, ast.BoolOp):
        return _named_surely(node.values[0])
    if isinstance(node, ast.Compare) and len(node.comparators) > 1:
        return _named_surely(node.left) | _named_surely(node.comparators[0])
    found: set[str] = set()
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            found |= _named_surely(child)
    return found


def exact_number(value: Any, divisor: int = 1) -> Fraction:
    """A number of the law as an exact rational; what the rewritten source calls."""
    had(value)
    return Fraction(value, divisor) if divisor != 1 else Fraction(value)


def had(value: Any) -> Any:
    """The value itself, unless it could not be had."""
    if isinstance(value, Unavailable):
        value.refuse()
    return value


class Unavailable:
    """An argument that could not be had. It refuses when it is used, and only then."""

    def __init__(self, refusal: Refused) -> None:
        self.refusal = refusal

    def refuse(self, *_: Any) -> Any:
        raise self.refusal

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = refuse
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __neg__ = __bool__ = __getitem__ = refuse
    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = refuse
    __hash__ = None  # type: ignore[assignment]


class _Exact(ast.NodeTransformer):
    """Decimal literals become rationals, and so does the left side of every quotient."""

    @staticmethod
    def _fraction(node: ast.expr, *args: ast.expr) -> ast.expr:
        call = ast.Call(ast.Name("__exact__", ast.Load()), list(args), [])
        return ast.fix_missing_locations(ast.copy_location(call, node))

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if not isinstance(node.value, float):
            return node
        value = Fraction(repr(node.value))
        return self._fraction(node, ast.Constant(value.numerator), ast.Constant(value.denominator))

    def visit_Assign(self, node: ast.Assign) -> ast.Assign:
        """To give a value a local name is to use it."""
        self.generic_visit(node)
        call = ast.Call(ast.Name("__had__", ast.Load()), [node.value], [])
        node.value = ast.fix_missing_locations(ast.copy_location(call, node.value))
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.op, ast.Div):
            node.left = self._fraction(node.left, node.left)
        return node


def exact(fn: Callable[..., Any]) -> Callable[..., Any]:
    """The same function over exact rationals, with the file name and lines of the law's text."""
    import copy

    tree = copy.deepcopy(function_tree(fn))
    tree.decorator_list, tree.returns = [], None
    module = ast.fix_missing_locations(ast.Module([_Exact().visit(tree)], []))
    fn.__globals__.update(__exact__=exact_number, __had__=had)
    made: dict[str, Any] = {}
    exec(compile(module, fn.__code__.co_filename, "exec"), fn.__globals__, made)
    result: Callable[..., Any] = made[fn.__name__]
    return result


def exact_expression(text: str) -> ast.expr:
    """One expression of the law language over exact rationals."""
    found: ast.expr = _Exact().visit(ast.parse(text, mode="eval").body)
    return found


def formula(fn: Callable[..., Any]) -> str:
    """The body as written, without docstring: one expression, or its statements line by line."""
    statements = [s for s in function_tree(fn).body if not isinstance(s, ast.Expr)]
    if len(statements) == 1 and isinstance(statements[0], ast.Return):
        assert statements[0].value is not None
        return ast.unparse(statements[0].value)
    return "\n".join(ast.unparse(s) for s in statements)
