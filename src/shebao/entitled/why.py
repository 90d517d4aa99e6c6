"""Why a person is not entitled: the conditions that fail, by how much, and what would satisfy them.

Nothing here knows a benefit. A yes-or-no rule of one expression tells its parts by itself (engine ``conditions``); in
any other rule the conditions are found by trying: a value is changed to what it would have to be, and the law is asked
again.
"""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any

from shebao.engine.book import MONTH, Book, Rule, Variant
from shebao.engine.errors import LawError, Refused
from shebao.engine.explain import Person
from shebao.engine.explanation import Condition, Explanation
from shebao.engine.parameters import Parameter
from shebao.engine.source import exact_expression, function_tree
from shebao.engine.units import Unit, decimal_text, parse_month, show, show_month

_STRICT = {ast.Lt: -1, ast.Gt: 1, ast.LtE: 0, ast.GtE: 0, ast.Eq: 0}
_SIGN = {ast.Lt: "<", ast.Gt: ">", ast.LtE: "≤", ast.GtE: "≥", ast.Eq: "=", ast.NotEq: "≠"}
_LONGEST = 80 * 12  # months looked ahead
_TRIED, _AT_ONCE = 8, 3  # changes tried, and how many of them together


@dataclass(frozen=True)
class Failing:
    """One condition that fails.

    ``step`` is the rule it stands in, ``condition`` as the engine states it. ``name`` is the fact or rule that would
    have to be different, ``given`` what it is, ``operator`` and ``wanted`` what it has to be (``value``: exactly); they
    are empty where no single value would do, and ``against`` names the fact, rule or parameter it is compared with.
    ``month`` is when time alone satisfies it (``YYYY-MM``). ``presumed``: the
    law takes it as absent until it is shown. Of an ``or``, ``any_of`` lists the alternatives.
    """

    step: Explanation
    condition: Condition
    name: str = ""
    wanted: str = ""
    month: str = ""
    given: str = ""
    operator: str = ""
    value: Any = None
    presumed: bool = False
    any_of: tuple[Failing, ...] = ()
    against: str = ""


class Claimant(Person):
    """A person who remembers what was refused, so that everything missing can be asked at once."""

    def __init__(self, book: Book, month: int, given: Mapping[str, Any], claimed_in: str = "") -> None:
        facts = dict(given)
        if claimed_in and facts.get(claimed_in, month + 1) > month:
            facts[claimed_in] = Fraction(month)
        super().__init__(book, month, facts)
        self.own, self.claimed_in = dict(given), claimed_in
        self.refused: dict[str, Refused] = {}

    def explain(self, name: str) -> Explanation:
        before = self.refused.get(name)
        if before is not None:
            raise Refused(before.kind, before.name, before.detail)
        try:
            return super().explain(name)
        except Refused as refusal:
            self.refused[name] = refusal
            raise

    def changed(self, values: Mapping[str, Any]) -> Claimant:
        """The same person with some values otherwise."""
        claimed_in = "" if self.claimed_in in values else self.claimed_in
        return Claimant(self.book, self.month, {**self.own, **values}, claimed_in)

    def later(self, month: int) -> Claimant:
        """The same person in another month."""
        return Claimant(self.book, month, self.own, self.claimed_in)

    def missing(self, name: str) -> frozenset[str]:
        """The facts that were not given and that a refused rule needs, or may need."""
        refusal = self.refused.get(name)
        node = self.book.nodes.get(name)
        if refusal is None:
            return frozenset()
        if not isinstance(node, Rule) or refusal.name == name or node.kind != "rule":
            return frozenset({refusal.name}) if refusal.kind == "missing fact" else frozenset()
        try:
            variant = self.variant(node, self.date_of(node))
        except Refused as why:
            return self.missing(self.book.dated_by(node)) | (
                frozenset({why.name}) if why.kind == "missing fact" else frozenset()
            )
        found: set[str] = set()
        for used in self.book.wires(node, variant):
            if used != "before" and not isinstance(self.book.nodes[used], Parameter):
                self.attempt(used)
                found |= self.missing(used)
        return frozenset(found)

    def attempt(self, name: str) -> None:
        """Computes a value, or remembers why it is refused."""
        with contextlib.suppress(Refused):
            self.explain(name)


def failing(person: Claimant, rule: str) -> list[Failing]:
    """The conditions by which a rule is not fulfilled (no, or 0), each once."""
    found = {_key(each): each for each in _failing(person, rule)}
    coming = [each for each in found.values() if each.month]
    if coming and len(coming) < len(found):  # what is wanted besides is what will be wanted then
        return [*coming, *_still(person.later(max(parse_month(each.month) for each in coming)), rule)]
    changes = {each.name: each.value for each in map(_first_way, found.values()) if each.value is not None}
    changes = {name: value for name, value in changes.items() if person.book.nodes[name].unit.kind != "month"}
    if not changes or len(found) == 1:
        return list(found.values())
    left = {_key(each) for each in _still(person.changed(changes), rule)}
    return [each for key, each in found.items() if key in left or _first_way(each).name in changes]


def _key(failing: Failing) -> tuple[str, str]:
    return failing.step.name, failing.condition.text


def _first_way(failing: Failing) -> Failing:
    """Itself, or the first of several ways out."""
    return failing.any_of[0] if failing.any_of else failing


def _still(person: Claimant, rule: str) -> list[Failing]:
    """What fails yet once the rest is put right: what fails only in consequence is not told."""
    try:
        return [] if _is_fulfilled(person.explain(rule).exact) else list(_failing(person, rule))
    except LawError:
        return []


def _failing(person: Claimant, name: str) -> Iterator[Failing]:
    step = person.explain(name)
    node = person.book.nodes[name]
    if not isinstance(node, Rule) or step.given or node.kind != "rule":
        yield _to_change(step, Condition(step.name.rpartition(".")[2], False), step)
        return
    variant = person.variant(node, person.date_of(node))
    wires = dict(zip(variant.args, person.book.wires(node, variant), strict=True))
    found = list(_of_parts(person, step, wires) if step.conditions else _by_trying(person, node, variant, step, wires))
    yield from found or [Failing(step, Condition(node.name, False))]


def _of_parts(person: Claimant, step: Explanation, wires: Mapping[str, str]) -> Iterator[Failing]:
    """The parts of an ``and``; a part that is another rule is followed into it."""
    for condition in step.conditions:
        if not condition.holds and not _unknown(person, condition.text, wires):
            yield from _of_part(person, step, condition, ast.parse(condition.text, mode="eval").body, wires)


def _of_part(
    person: Claimant, step: Explanation, condition: Condition, tree: ast.expr, wires: Mapping[str, str]
) -> Iterator[Failing]:
    if isinstance(tree, ast.Name) and isinstance(person.book.nodes[wires[tree.id]], Rule):
        yield from _failing(person, wires[tree.id])
    elif isinstance(tree, ast.Name):
        yield _to_change(step, condition, person.explain(wires[tree.id]))
    elif isinstance(tree, ast.UnaryOp) and isinstance(tree.operand, ast.Name):
        yield _to_change(step, condition, person.explain(wires[tree.operand.id]))
    elif isinstance(tree, ast.Compare):
        yield _compared(person, step, condition, tree, wires)
    elif isinstance(tree, ast.BoolOp):
        yield Failing(step, condition, any_of=tuple(_alternatives(person, step, tree, wires)))
    else:
        yield Failing(step, condition)


def _alternatives(person: Claimant, step: Explanation, tree: ast.BoolOp, wires: Mapping[str, str]) -> Iterator[Failing]:
    """What an ``or`` of rules, facts and comparisons offers, those nearest by time or number first."""
    found: list[Failing] = []
    for part in tree.values:
        if isinstance(part, ast.Name) and wires[part.id] in person.done:
            found += _failing(person, wires[part.id])
        elif isinstance(part, ast.Compare):
            found.append(_compared(person, step, _stated(person, step, part, wires), part, wires))
    yield from sorted(found, key=lambda failing: not failing.condition.short_by)


def _unknown(person: Claimant, text: str, wires: Mapping[str, str]) -> bool:
    """Whether a condition reads what was not given: it is not known to fail."""
    names = {n.id for n in ast.walk(ast.parse(text, mode="eval")) if isinstance(n, ast.Name)}
    return any(wires[name] in person.refused for name in names if name in wires)


def _to_change(step: Explanation, condition: Condition, value: Explanation) -> Failing:
    """A yes that would have to be a no, or the other way round."""
    if value.unit.kind != "yes_no":
        return Failing(step, condition, value.name)
    wanted = "no" if value.exact else "yes"
    return Failing(step, condition, value.name, wanted, "", value.value, "", not value.exact, value.presumed)


def _by_trying(
    person: Claimant, rule: Rule, variant: Variant, step: Explanation, wires: Mapping[str, str]
) -> list[Failing]:
    """The fewest changes that make the rule's value a yes, or more than 0; of single ones that each do it, all."""
    changes = [*_flips(person, step, wires), *_reached(person, variant, step, wires)][:_TRIED]
    for count in range(1, min(len(changes), _AT_ONCE) + 1):
        enough = [some for some in combinations(changes, count) if _enough(person, rule, some)]
        if count == 1 and len(enough) > 1:
            text = " or ".join(each.condition.text for (each,) in enough)
            return [Failing(step, Condition(text, False), any_of=tuple(each for (each,) in enough))]
        if enough:
            return [deeper for each in enough[0] for deeper in _deeper(person, each)]
    return []


def _enough(person: Claimant, rule: Rule, changes: tuple[Failing, ...]) -> bool:
    return _fulfilled(person.changed({each.name: each.value for each in changes}), rule.full_name)


def _deeper(person: Claimant, change: Failing) -> list[Failing]:
    """Why a rule that would have to be a yes is a no."""
    rule = isinstance(person.book.nodes[change.name], Rule)
    return list(_failing(person, change.name)) if rule and change.value is True else [change]


def _flips(person: Claimant, step: Explanation, wires: Mapping[str, str]) -> Iterator[Failing]:
    """Every yes and no that the rule read, otherwise."""
    for arg, name in wires.items():
        known = person.done.get(name)
        if known is not None and known.unit.kind == "yes_no":
            yield _to_change(step, Condition(f"not {arg}" if known.exact else arg, False), known)


def _reached(person: Claimant, variant: Variant, step: Explanation, wires: Mapping[str, str]) -> Iterator[Failing]:
    """Every comparison with a number that is not fulfilled, as if it just were."""
    for tree in ast.walk(function_tree(variant.fn)):
        if isinstance(tree, ast.Compare) and _value(person, tree, step, wires, variant) is False:
            made = _compared(person, step, _stated(person, step, tree, wires), tree, wires)
            if made.value is not None:
                yield made


def _stated(person: Claimant, step: Explanation, tree: ast.Compare, wires: Mapping[str, str]) -> Condition:
    """A comparison as the engine states one: both sides, and by how much it fails."""
    text, variant = ast.unparse(tree), _variant(person, step.name)
    name = wires.get(tree.left.id, "") if isinstance(tree.left, ast.Name) else ""
    left, right = (_value(person, side, step, wires, variant) for side in (tree.left, tree.comparators[0]))
    if len(tree.ops) > 1 or name not in person.done or left is None or right is None:
        return Condition(text, False)
    unit = person.book.nodes[name].unit
    if isinstance(left, (str, bool)) or isinstance(right, (str, bool)):
        return Condition(text, False, show(left, unit), show(right, unit))
    short = decimal_text(abs(left - right))
    return Condition(text, False, show(left, unit), show(right, unit), short, _counted(unit))


def _value(person: Claimant, tree: ast.expr, step: Explanation, wires: Mapping[str, str], variant: Variant) -> Any:
    """The value of one side of a comparison, or None where it cannot be had."""
    names: dict[str, Any] = {}
    steps = {node.name.partition("[")[0]: node.exact for node in step.inputs}
    for arg, name in wires.items():
        value = person.done[name].exact if name in person.done else steps.get(name)
        if value is not None:
            names[arg] = value
    try:
        code = ast.fix_missing_locations(ast.Expression(exact_expression(ast.unparse(tree))))
        value = eval(compile(code, "<condition>", "eval"), variant.exact.__globals__, names)
        return value if isinstance(value, (str, bool)) else Fraction(value)
    except (LawError, NameError, TypeError, ZeroDivisionError):
        return None


def _counted(unit: Unit) -> str:
    return "Months" if unit.kind == "month" else unit.name


def _fulfilled(person: Claimant, rule: str) -> bool:
    try:
        return _is_fulfilled(person.explain(rule).exact)
    except LawError:
        return False


def _is_fulfilled(value: Any) -> bool:
    return value is True or (not isinstance(value, (bool, str)) and value > 0)


# -- when time alone does it -----------------------------------------------------------------------


def _compared(
    person: Claimant, step: Explanation, condition: Condition, tree: ast.Compare, wires: Mapping[str, str]
) -> Failing:
    name = wires.get(tree.left.id, "") if isinstance(tree.left, ast.Name) else ""
    other = tree.comparators[0]
    against = wires.get(other.id, "") if isinstance(other, ast.Name) else ""
    operator = _SIGN[type(tree.ops[0])]
    if not condition.short_by:
        given = operator if condition.left else ""
        return Failing(step, condition, name, condition.right, "", condition.left, given, against=against)
    month = _when(person, step.name, condition, tree, wires)
    node = person.book.nodes.get(name)
    left = person.done[name].exact if name in person.done else None
    right = _value(person, tree.comparators[0], step, wires, _variant(person, step.name))
    numbers = node is not None and isinstance(left, Fraction) and isinstance(right, Fraction)
    value = right + _STRICT.get(type(tree.ops[0]), 0) if numbers else None
    later = show_month(month) if month else ""
    presumed = name in person.done and person.done[name].presumed
    return Failing(
        step, condition, name, condition.right, later, condition.left, operator, value, presumed, (), against
    )


def _variant(person: Claimant, rule: str) -> Variant:
    node = person.book.rule(rule)
    return person.variant(node, person.date_of(node))


def _when(person: Claimant, rule: str, condition: Condition, tree: ast.Compare, wires: Mapping[str, str]) -> int | None:
    """The first later month in which a condition about time holds, if it comes by itself."""
    short = Fraction(condition.short_by)
    if condition.unit == "Months":
        months = range(int(short), int(short) + 2)
    elif condition.unit == "Age":
        months = range(max(int(short - 1), 0) * 12 + 1, int(short + 1) * 12 + 1)
    else:
        return None
    for ahead in months:
        if 0 < ahead <= _LONGEST and _holds(person.later(person.month + ahead), rule, tree, wires):
            return person.month + ahead
    return None


def _holds(person: Claimant, rule: str, tree: ast.Compare, wires: Mapping[str, str]) -> bool:
    try:
        step, variant = person.explain(rule), _variant(person, rule)
    except LawError:
        return False
    for name in wires.values():
        if name == MONTH or not isinstance(person.book.nodes[name], Parameter):
            person.attempt(name)
    return _value(person, tree, step, wires, variant) is True
