"""The three readings of the law, each as rows of exact values and a status."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import pyarrow as pa

from shebao.engine import Refused
from shebao.engine.book import Node
from shebao.engine.compute import Kernel
from shebao.engine.facts import bounds
from shebao.engine.history import history_names
from shebao.engine.plan import Output
from shebao.engine.rulebook import Law

Row = tuple[tuple[Any, ...], str]
LIMIT = 2**63


class Checked(int):
    """An integer that raises where machine arithmetic would wrap; the null of an int64 column alone may pass."""


def _checked(name: str) -> Any:
    plain = getattr(int, name)

    def operation(self: int, other: int) -> Any:
        value = plain(int(self), int(other))
        if value is NotImplemented:
            return value
        if not -LIMIT <= value < LIMIT and -LIMIT not in (int(self), int(other)):
            raise OverflowError(f"{self} {name} {other} leaves int64")
        return Checked(value)

    return operation


for _name in ("add", "sub", "mul", "floordiv", "mod"):
    setattr(Checked, f"__{_name}__", _checked(f"__{_name}__"))
    setattr(Checked, f"__r{_name}__", _checked(f"__r{_name}__"))
Checked.__neg__ = lambda self: Checked(-int(self))  # type: ignore[method-assign]


def run_plain(kernel: Kernel, table: pa.Table) -> list[Row]:
    """The generated text run by Python itself, on integers that cannot wrap unseen."""
    names: dict[str, Any] = {}
    exec(compile(kernel.plan.source, "<kernel>", "exec"), names)
    names.update(i8=Checked, u8=lambda x: Checked(int(x) % 2**63 if 0 <= x < LIMIT else LIMIT - 1), u4=_unsigned_32)
    rows: list[Row] = []
    for batch in table.to_batches():
        held = kernel.read(batch)
        inputs: list[Any] = [[Checked(v) for v in a.tolist()] for a in held.columns.values()]
        for history in held.histories.values():
            inputs += [history.offsets.tolist(), history.valid.tolist()]
        inputs += [[Checked(v) for v in a.tolist()] for a in held.records.values()]
        outs = [[0] * batch.num_rows for _ in kernel.rules]
        status = [0] * batch.num_rows
        params = [Checked(v) for v in kernel.params.tolist()]
        names["kernel"](0, batch.num_rows, params, Checked(kernel.month), *inputs, *outs, status)
        rows += [_row(kernel, [out[i] for out in outs], status[i]) for i in range(batch.num_rows)]
    return rows


def _unsigned_32(value: int) -> Checked:
    assert 0 <= value < 2**32, value
    return Checked(value)


def _row(kernel: Kernel, stored: list[int], status: int) -> Row:
    kind, name = kernel.plan.reasons[status]
    if status:
        return (None,) * len(stored), f"{kind}: {name}"
    return tuple(_exact(kernel, o, int(v)) for o, v in zip(kernel.plan.outputs, stored, strict=True)), "ok"


def _exact(kernel: Kernel, output: Output, stored: int) -> Any:
    if output.values:
        return output.values[stored]
    if kernel.book.rule(output.rule).unit.kind == "yes_no":
        return bool(stored)
    return Fraction(stored, output.scale)


def run_compiled(kernel: Kernel, table: pa.Table, threads: int = 1) -> list[Row]:
    """What ``compute`` answers, with amounts as exact values again."""
    result = kernel.run(table, threads).table
    columns = [result.column(k).cast(pa.int64()).to_pylist() for k in range(len(kernel.rules))]
    rows: list[Row] = []
    for *stored, status in zip(*columns, result.column("status").to_pylist(), strict=True):
        if status != "ok":
            assert stored == [None] * len(stored), "a refused row has null amounts"
            rows.append(((None,) * len(stored), status))
        else:
            rows.append((tuple(_exact(kernel, o, v) for o, v in zip(kernel.plan.outputs, stored, strict=True)), "ok"))
    return rows


def run_explained(law: Law, rules: Sequence[str], table: pa.Table) -> list[Row]:
    """Each row explained. A stored value that is null or out of range is left out, and a rule that asks for it is
    refused for that reason."""
    return [explain_row(law, rules, row) for row in table.to_pylist()]


def explain_row(law: Law, rules: Sequence[str], row: Mapping[str, Any]) -> Row:
    facts, bad = person_of(law, row)
    try:
        steps = [law.explain(rule, facts) for rule in rules]
    except Refused as refusal:
        return (None,) * len(rules), bad.get(refusal.name, [refusal.status])[0]
    for step in (inner for outer in steps for inner in outer.walk()):
        if step.presumed and step.name in bad:  # what is wrongly shown is not presumed
            return (None,) * len(rules), bad[step.name][0]
    return tuple(step.exact for step in steps), "ok"


def refusals(law: Law, row: Mapping[str, Any]) -> set[str]:
    """Every reason for which some rule of the law refuses this row."""
    rules = (rule.full_name for rule in law.book.rules() if not law.book.level(rule.full_name))
    bad = person_of(law, row)[1]
    return {explain_row(law, [rule], row)[1] for rule in rules}.union(*bad.values()) - {"ok"}


def person_of(law: Law, row: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """A row's good facts as exact values, and for each bad one its status (of a record's fact, perhaps several)."""
    histories = history_names(law.book)
    facts: dict[str, Any] = {}
    bad: dict[str, list[str]] = {}
    for name, stored in row.items():
        full = next((h for h in histories if name in (h, h.rpartition(".")[2])), None)
        if full is None:
            facts.update(_good(law, "", {name: stored}, bad))
        elif stored is None:
            bad[full] = [f"null: {full}"]
        else:
            room = full.removesuffix(full.rpartition(".")[2])
            facts[full] = [dict(_good(law, room, record, bad)) for record in stored]
    return facts, bad


def _good(law: Law, room: str, record: Mapping[str, Any], bad: dict[str, list[str]]) -> Iterator[tuple[str, Any]]:
    for name, stored in record.items():
        node = law.book.node(room + name)
        low, high, scale = bounds(node)
        if stored is None:
            bad.setdefault(node.full_name, []).append(f"null: {node.full_name}")
        elif not isinstance(stored, str) and not low * scale <= stored <= high * scale:
            bad.setdefault(node.full_name, []).append(f"out of range: {node.full_name}")
        else:
            yield name if room else node.full_name, _value(node, stored, scale)


def _value(node: Node, stored: Any, scale: int) -> Any:
    if node.unit.kind == "choice":
        return stored if isinstance(stored, str) else node.values[stored]
    if node.unit.kind == "yes_no":
        return bool(stored)
    return int(stored) if node.unit.kind == "month" else Fraction(stored, scale)
