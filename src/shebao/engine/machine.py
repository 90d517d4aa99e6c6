"""From a kernel's text to machine code, through LLVM.

The text is a small, strict part of Python: int64 variables, typed arrays, ``if``, ``for … in range``,
``continue`` and ``break``. Run as plain Python it means the same, which is how it is read and tested.
Every overflow and every division by zero was ruled out before it was printed; array indexes were
either proved or are compared first, so no access here leaves its array.

A general compiler's front end such as Numba's needs over half a minute for a hundred rules; printing LLVM's assembly
from this subset takes half a second for the whole rulebook, and LLVM itself a second or two.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

_INTS = {"int8": "i8", "int16": "i16", "int32": "i32", "int64": "i64"}
_SIGNED = {ast.Lt: "slt", ast.LtE: "sle", ast.Gt: "sgt", ast.GtE: "sge", ast.Eq: "eq", ast.NotEq: "ne"}
_UNSIGNED = {**_SIGNED, ast.Lt: "ult", ast.LtE: "ule", ast.Gt: "ugt", ast.GtE: "uge"}
_PLAIN = {ast.Add: "add nsw", ast.Sub: "sub nsw", ast.Mult: "mul nsw", ast.BitAnd: "and", ast.RShift: "ashr"}


def assembly(source: str, types: Sequence[str]) -> str:
    """LLVM assembly of the function ``kernel`` in ``source``; it takes one array of its arguments, 8 bytes each.

    ``types`` gives each argument's type: ``int`` for a number, else the element type of an array (handed over by
    its address), with ``!`` if it is written to.
    """
    tree = ast.parse(source)
    function = next(node for node in tree.body if isinstance(node, ast.FunctionDef))
    return _Function(function, types).text() + _entry(types)


def _entry(types: Sequence[str]) -> str:
    """The door to the loop: foreign calls take a thousand arguments at most, a rulebook has more columns and rules."""
    lines, passed = [], []
    for k, kind in enumerate("i64" if t == "int" else "ptr" for t in types):
        lines.append(f"  %p{k} = getelementptr inbounds i64, ptr %given, i64 {k}")
        lines.append(f"  %a{k} = load {kind}, ptr %p{k}")
        passed.append(f"{kind} %a{k}")
    call = f"  call void @loop({', '.join(passed)})"
    return "\n".join(["define void @kernel(ptr %given) nounwind {", *lines, call, "  ret void", "}", ""])


class _Function:
    """Prints one function. Variables are stack slots; LLVM turns them into registers."""

    def __init__(self, tree: ast.FunctionDef, types: Sequence[str]) -> None:
        self.tree = tree
        self.types = dict(zip((a.arg for a in tree.args.args), types, strict=True))
        self.lines: list[str] = []
        self.slots: dict[str, str] = {}
        self.count = 0
        self.loops: list[tuple[str, str]] = []  # (where continue goes, where break goes)
        self.open = True  # whether the current block still lacks its end

    def text(self) -> str:
        for name, kind in self.types.items():
            if kind == "int":
                self.emit(f"store i64 %{name}, ptr {self.slot(name)}")
        self.block(self.tree.body)
        self.emit("ret void")
        head = ", ".join(self.parameter(n, t) for n, t in self.types.items())
        slots = [f"  {slot} = alloca i64" for slot in self.slots.values()]
        start = f"define internal void @loop({head}) noinline nounwind {{"
        return "\n".join([start, "entry:", *slots, *self.lines, "}", ""])

    @staticmethod
    def parameter(name: str, kind: str) -> str:
        if kind == "int":
            return f"i64 %{name}"
        return f"ptr noalias nocapture %{name}" if kind.endswith("!") else f"ptr noalias nocapture readonly %{name}"

    # -- printing --------------------------------------------------------------------------------
    def emit(self, line: str) -> None:
        if self.open:
            self.lines.append(f"  {line}")

    def value(self, line: str) -> str:
        self.count += 1
        self.emit(f"%v{self.count} = {line}")
        return f"%v{self.count}"

    def label(self, stem: str) -> str:
        self.count += 1
        return f"{stem}{self.count}"

    def start(self, label: str) -> None:
        self.lines.append(f"{label}:")
        self.open = True

    def jump(self, label: str) -> None:
        self.emit(f"br label %{label}")
        self.open = False

    def fork(self, condition: str, yes: str, no: str) -> None:
        self.emit(f"br i1 {condition}, label %{yes}, label %{no}")
        self.open = False

    def slot(self, name: str) -> str:
        return self.slots.setdefault(name, f"%s.{name}")

    # -- statements ------------------------------------------------------------------------------
    def block(self, statements: Sequence[ast.stmt]) -> None:
        for statement in statements:
            getattr(self, f"do_{type(statement).__name__}")(statement)

    def do_Pass(self, _: ast.Pass) -> None:
        """Nothing."""

    def do_Assign(self, node: ast.Assign) -> None:
        target, value = node.targets[0], self.number(node.value)
        if isinstance(target, ast.Name):
            self.emit(f"store i64 {value}, ptr {self.slot(target.id)}")
            return
        assert isinstance(target, ast.Subscript)
        kind, place = self.place(target)
        if kind != "i64":
            value = self.value(f"trunc i64 {value} to {kind}")
        self.emit(f"store {kind} {value}, ptr {place}")

    def do_If(self, node: ast.If) -> None:
        yes, no, after = self.label("then"), self.label("else"), self.label("after")
        self.test(node.test, yes, no)
        self.start(yes)
        self.block(node.body)
        self.jump(after)
        self.start(no)
        self.block(node.orelse)
        self.jump(after)
        self.start(after)

    def do_For(self, node: ast.For) -> None:
        assert isinstance(node.target, ast.Name)
        assert isinstance(node.iter, ast.Call)
        first, last = (self.number(arg) for arg in node.iter.args)
        slot = self.slot(node.target.id)
        head, body, step, after = (self.label(s) for s in ("head", "body", "step", "after"))
        self.emit(f"store i64 {first}, ptr {slot}")
        self.jump(head)
        self.start(head)
        here = self.value(f"load i64, ptr {slot}")
        self.fork(self.value(f"icmp slt i64 {here}, {last}"), body, after)
        self.start(body)
        self.loops.append((step, after))
        self.block(node.body)
        self.loops.pop()
        self.jump(step)
        self.start(step)
        now = self.value(f"load i64, ptr {slot}")
        self.emit(f"store i64 {self.value(f'add nsw i64 {now}, 1')}, ptr {slot}")
        self.jump(head)
        self.start(after)

    def do_Continue(self, _: ast.Continue) -> None:
        self.jump(self.loops[-1][0])

    def do_Break(self, _: ast.Break) -> None:
        self.jump(self.loops[-1][1])

    # -- conditions ------------------------------------------------------------------------------
    def test(self, node: ast.expr, yes: str, no: str) -> None:
        """Goes to ``yes`` or ``no``; ``and`` and ``or`` stop as early as Python does."""
        if isinstance(node, ast.BoolOp):
            for part in node.values[:-1]:
                further = self.label("and" if isinstance(node.op, ast.And) else "or")
                if isinstance(node.op, ast.And):
                    self.test(part, further, no)
                else:
                    self.test(part, yes, further)
                self.start(further)
            self.test(node.values[-1], yes, no)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            self.test(node.operand, no, yes)
        elif isinstance(node, ast.Compare):
            self.fork(self.compared(node), yes, no)
        elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
            self.jump(yes if node.value else no)
        else:
            self.fork(self.value(f"icmp ne i64 {self.number(node)}, 0"), yes, no)

    def flag(self, node: ast.expr) -> str:
        """A harmless condition as one bit, all its parts worked out."""
        if isinstance(node, ast.BoolOp):
            word, found = "and" if isinstance(node.op, ast.And) else "or", self.flag(node.values[0])
            for part in node.values[1:]:
                found = self.value(f"{word} i1 {found}, {self.flag(part)}")
            return found
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return self.value(f"xor i1 {self.flag(node.operand)}, true")
        if isinstance(node, ast.Compare):
            return self.compared(node)
        if isinstance(node, ast.Constant) and isinstance(node.value, bool):
            return "true" if node.value else "false"
        return self.value(f"icmp ne i64 {self.number(node)}, 0")

    def compared(self, node: ast.Compare) -> str:
        table = _UNSIGNED if _cast(node.left) == "u8" else _SIGNED
        left, right = self.number(node.left), self.number(node.comparators[0])
        return self.value(f"icmp {table[type(node.ops[0])]} i64 {left}, {right}")

    # -- numbers ---------------------------------------------------------------------------------
    def number(self, node: ast.expr) -> str:
        if isinstance(node, ast.Constant):
            return str(int(node.value))  # type: ignore[arg-type]
        if isinstance(node, ast.Name):
            return self.value(f"load i64, ptr {self.slots[node.id]}")
        if isinstance(node, ast.Subscript):
            kind, place = self.place(node)
            loaded = self.value(f"load {kind}, ptr {place}")
            return loaded if kind == "i64" else self.value(f"sext {kind} {loaded} to i64")
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return self.negated(node.operand)
        if isinstance(node, ast.BinOp):
            return self.arithmetic(node)
        if isinstance(node, ast.Call):
            return self.call(node)
        return self.chosen(node)

    def negated(self, node: ast.expr) -> str:
        if isinstance(node, ast.Constant) and isinstance(node.value, int):
            return str(-node.value)
        return self.value(f"sub nsw i64 0, {self.number(node)}")

    def place(self, node: ast.Subscript) -> tuple[str, str]:
        """Element type and address of an array's cell."""
        assert isinstance(node.value, ast.Name)
        kind = _INTS[self.types[node.value.id].rstrip("!")]
        at = self.number(node.slice)
        return kind, self.value(f"getelementptr inbounds {kind}, ptr %{node.value.id}, i64 {at}")

    def arithmetic(self, node: ast.BinOp) -> str:
        if isinstance(node.op, ast.FloorDiv):
            return self.quotient(node)
        left, right = self.number(node.left), self.number(node.right)
        return self.value(f"{_PLAIN[type(node.op)]} i64 {left}, {right}")

    def quotient(self, node: ast.BinOp) -> str:
        """Floor of a quotient with a positive divisor; unsigned where both were proved non-negative."""
        width = _cast(node.left)
        left, right = self.number(node.left), self.number(node.right)
        if width == "u8":
            return self.value(f"udiv i64 {left}, {right}")
        if width == "u4":
            short = [self.value(f"trunc i64 {v} to i32") for v in (left, right)]
            return self.value(f"zext i32 {self.value(f'udiv i32 {short[0]}, {short[1]}')} to i64")
        whole = self.value(f"sdiv i64 {left}, {right}")
        rest = self.value(f"srem i64 {left}, {right}")
        below = self.value(f"ashr i64 {rest}, 63")
        return self.value(f"add nsw i64 {whole}, {below}")

    def call(self, node: ast.Call) -> str:
        assert isinstance(node.func, ast.Name)
        name = node.func.id
        if name in ("min", "max"):
            left, right = self.number(node.args[0]), self.number(node.args[1])
            first = self.value(f"icmp {'slt' if name == 'min' else 'sgt'} i64 {left}, {right}")
            return self.value(f"select i1 {first}, i64 {left}, i64 {right}")
        inner = node.args[0]
        if isinstance(inner, (ast.Compare, ast.BoolOp)):
            return self.chosen(inner)
        return self.number(inner)  # i8, u8, u4 only say how the number is compared or divided

    def chosen(self, node: ast.expr) -> str:
        """The value of a conditional expression, or a condition as 0 or 1."""
        if isinstance(node, ast.Compare):
            return self.value(f"zext i1 {self.compared(node)} to i64")
        assert isinstance(node, ast.IfExp)
        if _harmless(node):
            test, yes, no = self.flag(node.test), self.number(node.body), self.number(node.orelse)
            return self.value(f"select i1 {test}, i64 {yes}, i64 {no}")
        slot = self.slot(self.label("choice"))
        yes, no, after = self.label("then"), self.label("else"), self.label("after")
        self.test(node.test, yes, no)
        for label, side in ((yes, node.body), (no, node.orelse)):
            self.start(label)
            self.emit(f"store i64 {self.number(side)}, ptr {slot}")
            self.jump(after)
        self.start(after)
        return self.value(f"load i64, ptr {slot}")


def _harmless(node: ast.expr) -> bool:
    """Whether an expression reads no array and divides by constants only, so that it may be worked out unasked."""
    for part in ast.walk(node):
        if isinstance(part, ast.Subscript):
            return False
        if isinstance(part, ast.BinOp) and isinstance(part.op, ast.FloorDiv):
            divisor = part.right.args[0] if isinstance(part.right, ast.Call) else part.right
            if not (isinstance(divisor, ast.Constant) and divisor.value):
                return False
    return True


def _cast(node: ast.expr) -> str:
    """``u8`` or ``u4`` if the expression is marked unsigned."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("u8", "u4"):
        return node.func.id
    return ""
