"""Explaining one person: the law's own functions, run on exact rationals, with every step recorded."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from shebao.engine.book import MONTH, Book, Fact, Rule, Variant
from shebao.engine.errors import BookError, LawError, Refused
from shebao.engine.explanation import Condition, Explanation
from shebao.engine.history import history_name, states_of
from shebao.engine.parameters import Entry, Parameter
from shebao.engine.source import Unavailable, exact_expression, function_tree, had
from shebao.engine.units import UNITS, Unit, decimal_text, show, show_month


class _Table:
    """A keyed parameter as a rule sees it: ``table[key, …]``, remembering what was read."""

    def __init__(self, parameter: Parameter, month: int, reads: list[tuple[Parameter, Entry]]) -> None:
        self.parameter, self.month, self.reads = parameter, month, reads

    def __getitem__(self, key: Any) -> Fraction:
        parts = key if isinstance(key, tuple) else (key,)
        if len(parts) != len(self.parameter.keys):
            raise BookError(f"{self.parameter.full_name} is indexed by {', '.join(self.parameter.keys)}")
        entry = self.parameter.lookup(tuple(self._whole(p) for p in parts), self.month)
        self.reads.append((self.parameter, entry))
        return entry.value

    def _whole(self, part: Any) -> int | str:
        had(part)
        if isinstance(part, str):
            return part
        if Fraction(part).denominator != 1:
            raise BookError(f"{self.parameter.full_name}: key {part} is not a whole number")
        return int(part)


class Person:
    """One person under the law of a month; values are computed when asked and remembered."""

    def __init__(
        self, book: Book, month: int, given: Mapping[str, Any], outer: Person | None = None, over: str = ""
    ) -> None:
        self.book, self.month, self.given = book, month, given
        self.done: dict[str, Explanation] = {}
        self.outer, self.over = outer, over  # for a record: the person, and the history it belongs to

    # -- one node --------------------------------------------------------------------------------
    def explain(self, name: str) -> Explanation:
        found = self.done.get(name)
        if found is None:
            found = self.done[name] = self._explain(name)
        return found

    def _explain(self, name: str) -> Explanation:
        node = self.book.nodes[name]
        if name in self.given:
            return self._given(node)
        if self.outer is not None and self.book.level(name) != self.over:
            return self.outer.explain(name)
        if isinstance(node, Fact):
            return self._absent(node)
        if isinstance(node, Parameter):
            raise BookError(f"{name} is a parameter; ask for a rule")
        try:
            return self._fold(node) if node.kind != "rule" else self._rule(node)
        except Refused as refusal:
            refusal.path.append(name)
            raise

    def _given(self, node: Any) -> Explanation:
        cite = node.variants[0].cite if isinstance(node, Rule) else ""
        return Explanation(node.full_name, node.label, self.given[node.full_name], node.unit, cite=cite, given=True)

    def _absent(self, node: Fact) -> Explanation:
        if node.full_name == MONTH:
            return Explanation(MONTH, node.label, Fraction(self.month), node.unit, given=True)
        if node.presumed is None:
            raise Refused("missing fact", node.full_name, f"{node.label} ({node.unit.name}) was not given")
        value = node.presumed if isinstance(node.presumed, (bool, str)) else Fraction(node.presumed)
        return Explanation(node.full_name, node.label, value, node.unit, presumed=True)

    # -- a rule ----------------------------------------------------------------------------------
    def date_of(self, rule: Rule) -> int:
        if not self.book.needs_date(rule):
            return self.month
        return int(self.explain(self.book.dated_by(rule)).exact)

    def variant(self, rule: Rule, date: int) -> Variant:
        """The variant in force at the rule's date in the person's province."""
        region = int(self.explain(self.book.resolve("region", rule.room)).exact) if rule.by_region else None
        for variant in rule.variants:
            if variant.covers(date, region):
                return variant
        place = f", region {region}" if region is not None else ""
        raise Refused("not covered", rule.full_name, f"{rule.label} has no rule for {show_month(date)}{place}")

    def _rule(self, rule: Rule, before: Fraction | None = None) -> Explanation:
        date = self.date_of(rule)
        variant = self.variant(rule, date)
        steps: dict[str, Explanation] = {}
        reads: list[tuple[Parameter, Entry]] = []
        values: list[Any] = []
        for arg, used in zip(variant.args, self.book.wires(rule, variant), strict=True):
            try:
                values.append(before if used == "before" else self._argument(arg, used, date, steps, reads))
            except Refused as refusal:
                if arg in variant.sure:
                    raise
                values.append(Unavailable(refusal))
        value = self._call(rule, variant, values)
        read = [_read_step(p, e) for p, e in reads]
        conditions = self._conditions(rule, variant, values) if rule.unit.kind == "yes_no" else ()
        if not conditions:
            self._drop_unread(rule, variant, values, steps)
        return Explanation(
            *(rule.full_name, rule.label, value, rule.unit, variant.formula, variant.cite),
            source="; ".join(dict.fromkeys(step.source for step in read)),
            law_of=show_month(date) if self.book.needs_date(rule) else "",
            inputs=(*steps.values(), *read),
            conditions=conditions,
        )

    def _drop_unread(self, rule: Rule, variant: Variant, values: list[Any], steps: dict[str, Explanation]) -> None:
        """Leaves out what this person's path did not read: the rule says the same without it."""
        for k, arg in enumerate(variant.args):
            if arg in steps and arg not in variant.sure:
                without = Unavailable(Refused("missing fact", steps[arg].name))
                try:
                    self._call(rule, variant, [*values[:k], without, *values[k + 1 :]])
                except Refused:
                    continue
                del steps[arg]

    def _conditions(self, rule: Rule, variant: Variant, values: list[Any]) -> tuple[Condition, ...]:
        wires = zip(variant.args, self.book.wires(rule, variant), strict=True)
        return conditions_of(variant, values, {a: self.book.nodes[w].unit for a, w in wires if w != "before"})

    def _argument(self, arg: str, name: str, date: int, steps: dict[str, Explanation], reads: list[Any]) -> Any:
        """The value of an argument; the step it is goes into ``steps``, a table notes what is read of it."""
        node = self.book.nodes[name]
        if not isinstance(node, Parameter) or name in self.given:
            steps[arg] = self.explain(name)
            return steps[arg].exact
        if node.keys:
            return _Table(node, date, reads)
        entry = node.lookup((), date)
        steps[arg] = _read_step(node, entry)
        return entry.value

    @staticmethod
    def _call(rule: Rule, variant: Variant, values: list[Any]) -> Any:
        try:
            value = variant.exact(*values)
        except (ZeroDivisionError, TypeError) as error:
            raise BookError(f"rule {rule.full_name}: {error}", variant.where) from None
        if isinstance(value, float):
            raise BookError(f"rule {rule.full_name} returned a binary float", variant.where)
        had(value)
        if rule.unit.kind == "yes_no" and not isinstance(value, str):
            return bool(value)
        return value if isinstance(value, str) else Fraction(value)

    # -- a history -------------------------------------------------------------------------------
    def _fold(self, target: Rule) -> Explanation:
        """Runs a history through once and returns the final state of one accrual or total."""
        history = history_name(self.book, target)
        if history not in self.given:
            raise Refused("missing fact", history, f"the history {target.over} was not given")
        states = states_of(self.book, target)
        now = {s.full_name: self._initial(s) for s in states}
        steps: list[Explanation] = []
        for i, record in enumerate(self.given[history]):
            inner = Person(self.book, self.month, record, self, str(target.over))
            for state in states:
                step = inner._step(state, now[state.full_name])
                now[state.full_name] = step.exact
                inner.done[state.full_name] = step
            own = inner.done[target.full_name]
            steps.append(Explanation(f"{target.full_name}[{i}]", *_rest(own)))
        self._in_range(target, now[target.full_name], ended=True)
        return Explanation(
            *(target.full_name, target.label, now[target.full_name], target.unit),
            formula=target.variants[0].formula,
            cite=target.variants[0].cite,
            inputs=tuple(steps),
        )

    def _initial(self, state: Rule) -> Fraction:
        initial = state.note.initial
        if not isinstance(initial, str):
            return Fraction(initial)
        value = Fraction(self.explain(self.book.resolve(initial, state.room)).exact)
        self._in_range(state, value)
        return value

    @staticmethod
    def _in_range(state: Rule, value: Fraction, ended: bool = False) -> None:
        if not (state.note.low if ended else state.least) <= value <= state.note.high:
            low, high = show(state.note.low, state.unit), show(state.note.high, state.unit)
            raise Refused("out of range", state.full_name, f"{show(value, state.unit)} is outside {low}..{high}")

    def _step(self, state: Rule, before: Fraction) -> Explanation:
        step = self._rule(state, before)
        if state.kind == "total":
            step = Explanation(*_first(step), exact=before + step.exact, **_tail(step))
        self._in_range(state, step.exact)
        return step


def _first(step: Explanation) -> tuple[str, str]:
    return step.name, step.label


def _tail(step: Explanation) -> dict[str, Any]:
    words = ("unit", "formula", "cite", "source", "law_of", "inputs", "conditions")
    return {word: getattr(step, word) for word in words}


def _rest(step: Explanation) -> tuple[Any, ...]:
    return (
        *(step.label, step.exact, step.unit, step.formula, step.cite, step.source, step.certainty),
        *(step.given, step.presumed, step.law_of, step.inputs, step.conditions),
    )


def _read_step(parameter: Parameter, entry: Entry) -> Explanation:
    key = f"[{', '.join(map(str, entry.key))}]" if entry.key else ""
    return Explanation(
        *(parameter.full_name + key, parameter.label, entry.value, parameter.unit),
        source=entry.source,
        certainty=entry.certainty,
    )


# -- why not --------------------------------------------------------------------------------------


def conditions_of(variant: Variant, values: list[Any], units: Mapping[str, Unit]) -> tuple[Condition, ...]:
    """Each condition joined by ``and`` in an eligibility rule of one expression.

    ``values`` and ``units`` are those of the variant's arguments.
    """
    body = [s for s in function_tree(variant.fn).body if not isinstance(s, ast.Expr)]
    if len(body) != 1 or not isinstance(body[0], ast.Return) or body[0].value is None:
        return ()
    names = dict(zip(variant.args, values, strict=True))
    test = body[0].value
    parts = test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) else [test]
    return tuple(_condition(part, names, variant, units) for part in parts)


def _evaluate(node: ast.expr, names: dict[str, Any], variant: Variant) -> Any:
    code = compile(ast.fix_missing_locations(ast.Expression(node)), variant.fn.__code__.co_filename, "eval")
    return eval(code, variant.fn.__globals__, names)


def _condition(node: ast.expr, names: dict[str, Any], variant: Variant, units: Mapping[str, Unit]) -> Condition:
    text = ast.unparse(node)
    try:
        holds = bool(_evaluate(exact_expression(text), names, variant))
        if not isinstance(node, ast.Compare) or len(node.ops) != 1:
            return Condition(text, holds)
        sides = (node.left, node.comparators[0])
        left, right = (_evaluate(exact_expression(ast.unparse(side)), names, variant) for side in sides)
    except (LawError, ZeroDivisionError):  # an earlier condition shields this one
        return Condition(text, False)
    unit = next((units[side.id] for side in sides if isinstance(side, ast.Name) and side.id in units), None)
    numbers = all(isinstance(v, (int, Fraction)) and not isinstance(v, bool) for v in (left, right))
    short = decimal_text(abs(Fraction(left) - Fraction(right))) if numbers and not holds else ""
    counted = UNITS["Months"] if unit and unit.kind == "month" else unit
    return Condition(text, holds, _side(left, unit), _side(right, unit), short, counted.name if counted else "")


def _side(value: Any, unit: Unit | None) -> str:
    if isinstance(value, (bool, str)):
        return str(value)
    return show(Fraction(value), unit) if unit and unit.kind != "yes_no" else decimal_text(Fraction(value))
