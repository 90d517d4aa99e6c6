"""One person of a run, explained; and which values not yet checked against their document a run rests on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from shebao.engine import Refused
from shebao.engine.compute import STATUS
from shebao.engine.explanation import Explanation, value_text
from shebao.engine.rulebook import Law
from shebao.engine.units import decimal_text, show_month
from shebao.report.month import Done, Run, people_of

FEW = 20  # a column with at most so many values is taken for a key of the law's tables


@dataclass(frozen=True)
class Citizen:
    """One new pensioner: the row in the awards, the facts given, the amount computed and the same explained."""

    row: int
    number: str
    facts: dict[str, str]
    computed: int
    explanation: Explanation

    @property
    def agrees(self) -> bool:
        """The compiled run and the explanation give the same fen."""
        return self.explanation.exact * 100 == self.computed


def one_citizen(awards: Done, law: Law) -> Citizen | None:
    """The new pension in the middle of all that have every part, explained; None if nobody was awarded one."""
    rule, table = "employee_pension.monthly_pension", awards.table
    parts = pc.and_(pc.equal(table[STATUS], "ok"), table["employee_pension.may_claim_pension"])
    whole = pc.and_(parts, pc.greater(table["employee_pension.transitional_pension"], 0))
    rows = pc.indices_nonzero(pc.fill_null(whole if pc.any(whole).as_py() else parts, False)).to_numpy()
    if not len(rows):
        return None
    amounts = table[rule].take(rows).to_pylist()
    row = int(rows[sorted(range(len(rows)), key=amounts.__getitem__)[len(rows) // 2]])
    facts = facts_of(table, row, used_facts(awards.run, law, table))
    number = table["citizen_number"][row].as_py()
    return Citizen(row, number, facts, table[rule][row].as_py(), law.explain(rule, facts))


def used_facts(run: Run, law: Law, table: pa.Table, rules: tuple[str, ...] = ()) -> list[str]:
    """The columns of a table that a run's rules read."""
    plain = table.select([name for name in table.column_names if "." not in name and name != STATUS])
    return [name.rpartition(".")[2] for name in law.kernel(rules or run.rules, plain.schema).plan.used_columns]


def facts_of(table: pa.Table, row: int, names: list[str]) -> dict[str, str]:
    """Facts of one row as people write them."""
    return {name: _written(table.schema.field(name), table[name][row].as_py()) for name in names}


def _written(field: pa.Field, stored: Any) -> str:
    notes = {key.decode(): value.decode() for key, value in (field.metadata or {}).items()}
    if isinstance(stored, bool):
        return "yes" if stored else "no"
    if "shebao.values" in notes:
        return notes["shebao.values"].split(",")[stored]
    if notes["shebao.unit"] == "Month":
        return show_month(stored)
    return decimal_text(Fraction(stored, int(notes["shebao.scale"])))


# -- what is assumed -------------------------------------------------------------------------------


@dataclass(frozen=True, order=True)
class Assumption:
    """A parameter some amount rests on whose value still has to be checked, and the value met."""

    name: str
    label: str
    value: str
    source: str


def assumptions(law: Law, people: pa.Table, runs: tuple[Run, ...]) -> list[Assumption]:
    """Every assumed value met when explaining one person of each kind in each run."""
    found: dict[str, Assumption] = {}
    for run in runs:
        for step in _steps(law, run, people_of(run, people, law.month)):
            if step.certainty == "assumed":
                found[step.name] = Assumption(step.name, step.label, value_text(step, "zh"), step.source)
    return sorted(found.values())


def _steps(law: Law, run: Run, table: pa.Table) -> Iterator[Explanation]:
    for rule in (*run.rules, *([run.estimate] if run.estimate else [])):
        names = used_facts(run, law, table, (rule,))
        for row in sorted(_kinds(table, names)):
            try:
                yield from law.explain(rule, facts_of(table, row, names)).walk()
            except Refused:
                continue  # stands among the refused rows


def _kinds(table: pa.Table, names: list[str]) -> set[int]:
    """A row for each value of every column that may be a key."""
    rows = {0} if len(table) else set()
    for name in names:
        column = table[name].combine_chunks()
        values = pc.unique(column)
        if len(values) <= FEW:
            rows |= {pc.index(column, value).as_py() for value in values}
    return rows
