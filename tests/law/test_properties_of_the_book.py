"""What holds of every amount in the book, tried on people like those of the worked examples, in every province.

No amount is negative; who pays in more is paid no less; the graver the disability, the more is paid; a reform that
changes nothing changes no fen.
"""

from __future__ import annotations

import random
import re
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import yaml
from crowd import amounts_of, crowd, person
from hypothesis import given, settings
from hypothesis import strategies as st

from shebao.engine import Rulebook
from shebao.engine.book import Rule, uses
from shebao.engine.compute import Kernel
from shebao.engine.facts import bounds
from shebao.engine.history import history_names
from shebao.engine.integers import Unprovable
from shebao.engine.parameters import FOREVER, Parameter
from shebao.engine.units import show_month
from shebao.entitled.catalogue import load_catalogue
from shebao.law import rulebook
from shebao.law.cases import load_cases
from shebao.lawbook.samples import Sample, alike, amounts, asked, columns, samples

BOOK = rulebook()
AMOUNTS = amounts(BOOK)
ROOMS = sorted({name.rpartition(".")[0] for name in AMOUNTS})
FEW = settings(max_examples=max(settings().max_examples // 33, 3))  # an example is a crowd for every rule of a room
SEEDS = st.integers(0, 9_999)
MONTHS = st.sampled_from((0, 0, -12, 12))  # the law of the example's month, of a year before, of a year later

# Differences and balances: below 0 by their nature, and by what their labels say.
SIGNED = {
    "employee_pension.recalculation_difference",
    "employee_pension.recalculation_arrears",
    "income_tax.settlement_difference",
    "income_tax.cumulative_net_income",
    "personal_pension.account_gain",
    "personal_pension.net_tax_gain",
    "pooling.current_year_balance",
    "pooling.net_central_adjustment",
    "pooling.pooling_clearing",
    "public_pension.transition_correction",
    "resident_pension.net_payments_of_years",
    "employee_pension.monthly_products",
    "employee_pension.monthly_product_interest",
}


@cache
def examples() -> dict[str, list[Sample]]:
    """Worked examples of every rule that is an amount or that nothing else reads."""
    names = {rule.full_name for rule in BOOK.rules() if not BOOK.level(rule.full_name)}
    return samples(BOOK, load_cases(), names, 12)


@cache
def groups(name: str) -> list[tuple[int, frozenset[str], list[Sample]]]:
    """Examples of one month that are given the same rules; what these could be at most has to fit a column."""
    found = []
    for (month, rules), held in alike(BOOK, examples()[name]).items():
        with suppress(Unprovable):
            Kernel(BOOK, month, (name,), columns(BOOK, asked(BOOK, name) | rules, held).schema)
            found.append((month, rules, held))
    return found


def people(name: str, seed: int, later: int = 0, count: int = 62) -> tuple[int, frozenset[str], pa.Table] | None:
    """A month, the rules that are given, and a crowd for one rule; None where no example computes it."""
    if not groups(name):
        return None
    month, rules, held = groups(name)[seed % len(groups(name))]
    return month + later, rules, crowd(BOOK, name, rules, held, count, f"{seed}/{name}")


# -- never negative -------------------------------------------------------------------------------------


@pytest.mark.parametrize("room", ROOMS)
@FEW
@given(seed=SEEDS, later=MONTHS)
def test_no_amount_is_negative(room: str, seed: int, later: int) -> None:
    for name in AMOUNTS:
        found = people(name, seed, later) if name.rpartition(".")[0] == room and name not in SIGNED else None
        if found:
            month, _, table = found
            values = amounts_of(BOOK, month, name, table)
            least = int(values.argmin()) if values.count() else 0
            negative = values.count() and values[least] < 0
            assert not negative, f"{name} {show_month(month)}: {values[least]} for {person(table, least)}"


def test_what_may_be_negative_is_an_amount_of_the_book() -> None:
    assert set(AMOUNTS) >= SIGNED


# -- more paid in, no less paid out ---------------------------------------------------------------------

PENSIONS = ("employee_pension", "public_pension", "resident_pension")
ANNUITIES = ("enterprise_annuity", "occupational_annuity", "personal_pension")
PAID_IN = re.compile("缴费|储存额|余额|指数|记账额|缴入|补贴")
# How long money has been in, how it is divided, or what has been paid out already: not what was paid in.
NOT_PAID_IN = {
    "employee_pension.deemed_months",
    "enterprise_annuity.vesting_years",
    "public_pension.retirement_subsidy",
}
# Beside the payments: what stands in the accounts that they are paid from.
BALANCES = {
    "employee_pension.account_balance_end",
    "employee_pension.account_balance_in_year",
    "public_pension.total_award",
    "resident_pension.account_balance_end",
    "enterprise_annuity.annuity_balance",
    "occupational_annuity.annuity_balance",
    "occupational_annuity.monthly_annuity",
}
TAX = {"personal_pension.tax_saved"}  # less income to tax saves less tax
# Fifteen years of contributions give a pension for life instead of the account at once.
INSTEAD = {("employee_pension.account_refund", "employee_pension.contribution_months")}


def payments() -> list[str]:
    """What the pensions and annuities pay, by the catalogue, and the balances."""
    listed = {benefit.amount for benefit in load_catalogue(BOOK).benefits.values() if benefit.to != "employer"}
    paid = {name for name in listed if name.startswith((*PENSIONS, *ANNUITIES)) and name not in TAX}
    return sorted(paid | {name for name in BALANCES if name in BOOK.nodes})


def paid_in(table: pa.Table, rules: frozenset[str]) -> list[tuple[str, str]]:
    """The columns that say what was paid in; of a history also the fact of its records."""
    histories = history_names(BOOK)
    found = []
    for column in table.column_names:
        facts: list[Any] = histories.get(column) or [BOOK.nodes[column]]
        for fact in facts:
            counts = fact.unit.kind == "money" or fact.unit.name in ("Months", "Years", "Index", "Count")
            own = fact.full_name not in NOT_PAID_IN and column not in rules
            if counts and own and PAID_IN.search(fact.label) and "月数" not in (fact.label if fact.over else ""):
                found.append((column, fact.name))
    return found


def raised(table: pa.Table, column: str, fact: str, rng: random.Random) -> pa.Table:
    """Everybody with more of one fact, in every record of a history, up to the end of its range."""
    histories = history_names(BOOK)
    node: Any = next((f for f in histories.get(column, ()) if f.name == fact), BOOK.nodes.get(column))
    scale, most = bounds(node)[2], int(bounds(node)[1] * bounds(node)[2])

    def more(value: int | None) -> int | None:
        return None if value is None else min(most, value + rng.choice((1, scale, 12 * scale, value // 3, value)))

    place, old = table.column_names.index(column), table.column(column).to_pylist()
    if column in histories:
        new = [held and [{**record, fact: more(record[fact])} for record in held] for held in old]
    else:
        new = [more(value) for value in old]
    return table.set_column(place, column, pa.array(new, table.schema.field(place).type))


@pytest.mark.parametrize("name", payments())
@FEW
@given(seed=SEEDS, later=MONTHS)
def test_who_pays_in_more_is_paid_no_less(name: str, seed: int, later: int) -> None:
    found = people(name, seed, later, count=200)
    assert found, f"no example computes {name}"
    month, rules, table = found
    before, rng = amounts_of(BOOK, month, name, table), random.Random(seed)
    for column, fact in paid_in(table, rules):
        if (name, column) not in INSTEAD:
            other = raised(table, column, fact, rng)
            less = np.ma.filled(amounts_of(BOOK, month, name, other) < before, fill_value=False)
            row = int(np.argmax(less))
            assert not less.any(), f"{name}, more {fact}: {person(table, row)} then {person(other, row)}"


def test_every_pension_says_what_is_paid_in() -> None:
    """The property above would hold of a payment that asks nothing of the kind."""
    asked = {name: people(name, 0) for name in payments()}
    silent = {name for name, found in asked.items() if found and not paid_in(found[2], found[1])}
    assert silent <= {"personal_pension.payout_amount", "public_pension.death_grant"}, silent


# -- the graver the disability, the more is paid -----------------------------------------------------------

GRADE = "disability_grade"
# Grades 5 to 10 leave their job with lump sums; grades 1 to 4 keep the relation and draw an allowance instead. Grades 5
# and 6 are paid by the employer, 1 to 4 by the fund. Grades 3 and 4 of mental and intellectual disability may claim
# where the place says so: that is asked by itself.
FROM_GRADE = {
    "work_injury.employment_lump_sum_on_leaving": 5,
    "work_injury.medical_lump_sum_on_leaving": 5,
    "work_injury.lump_sums_on_leaving": 5,
    "work_injury.allowance_by_employer": 5,
}


# Severely disabled people draw the nursing allowance of disability in its place: of the two one may be held.
INSTEAD_OF = {"social_assistance.elderly_nursing_allowance"}


def graded() -> list[tuple[str, str]]:
    """Every amount with the fact that is its grade of disability."""
    found = []
    for name in AMOUNTS:
        grades = [fact for fact in asked(BOOK, name) if fact.endswith(GRADE)]
        found += [(name, fact) for fact in grades if groups(name) and name not in INSTEAD_OF]
    return sorted(set(found))


def at_grade(table: pa.Table, column: str, grade: int) -> pa.Table:
    place = table.column_names.index(column)
    return table.set_column(place, column, pa.array([grade] * len(table), pa.int64()))


@pytest.mark.parametrize(("name", "column"), graded())
@FEW
@given(seed=SEEDS, later=MONTHS)
def test_a_lighter_disability_never_pays_more(name: str, column: str, seed: int, later: int) -> None:
    found = people(name, seed, later, count=124)
    assert found
    month, _, table = found
    first = FROM_GRADE.get(name, 1)
    before = amounts_of(BOOK, month, name, at_grade(table, column, first))
    for grade in range(first + 1, int(BOOK.nodes[column].high) + 1):  # type: ignore[union-attr]
        after = amounts_of(BOOK, month, name, at_grade(table, column, grade))
        more = np.ma.filled(after > before, fill_value=False)
        row = int(np.argmax(more))
        assert not more.any(), f"{name}: grade {grade} is paid more than {grade - 1}: {person(table, row)}"
        before = after


# -- a reform that changes nothing -------------------------------------------------------------------------


def restated(book: Rulebook) -> dict[str, Any]:
    """Every value of every parameter as the book has it, as a reform would write it."""
    return {
        parameter.full_name: [_entry(parameter, entry) for entry in parameter.resolved()]
        for parameter in book.parameters()
        if parameter.entries
    }


def _entry(parameter: Parameter, entry: Any) -> dict[str, Any]:
    value: Any = _text(parameter, entry.value)
    for key in reversed(entry.key):
        value = {str(key): value}
    span = {"from": entry.since, "to": entry.until}
    dates = {word: show_month(month) for word, month in span.items() if abs(month) < FOREVER}
    return {**dates, "value": value, "source": entry.source, "certainty": entry.certainty}


def _text(parameter: Parameter, value: Any) -> str:
    return show_month(value) if parameter.unit.kind == "month" else str(value)


@pytest.fixture(scope="module")
def same_laws(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rulebook]:
    """The law under a reform that says nothing, and under one that says again what it says."""
    folder = tmp_path_factory.mktemp("reforms")
    (folder / "nothing.yaml").write_text("name: nothing\n", encoding="utf-8")
    again = yaml.safe_dump({"name": "again", "parameters": restated(BOOK)}, allow_unicode=True)
    (folder / "again.yaml").write_text(again, encoding="utf-8")
    return {file.stem: BOOK.with_reform(file) for file in sorted(folder.glob("*.yaml"))}


def test_a_reform_that_changes_nothing_differs_in_nothing(same_laws: dict[str, Rulebook]) -> None:
    for law in same_laws.values():
        assert BOOK.diff(law) == []


@pytest.mark.parametrize("room", ROOMS)
def test_a_reform_that_changes_nothing_changes_no_fen(room: str, same_laws: dict[str, Rulebook]) -> None:
    read = {used for rule in BOOK.rules() for used in uses(BOOK, rule)}
    for name in examples():
        found = people(name, 1) if name.rpartition(".")[0] == room and name not in read else None
        if found and BOOK.rule(name).unit.kind != "choice":
            month, _, table = found
            before = amounts_of(BOOK, month, name, table)
            for law in same_laws.values():
                assert (amounts_of(law, month, name, table) == before).all(), name


MODULES = sorted(Path(str(scope.folder)) / f"{m}.py" for scope in BOOK.scopes.values() for m in scope.room.modules)


@FEW
@given(file=st.sampled_from(MODULES))
def test_rules_laid_over_themselves_change_nothing(file: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    room = next(path for path, scope in BOOK.scopes.items() if scope.folder == file.parent)
    copy = tmp_path_factory.mktemp("again") / file.name
    copy.write_text(f"{file.read_text('utf-8')}\nROOM = {room!r}\n", encoding="utf-8")
    law = BOOK.with_reform(copy)
    assert BOOK.diff(law) == []
    for rule in (node for node in BOOK.scopes[room].names.values() if isinstance(node, Rule)):
        found = people(rule.full_name, 2) if rule.full_name in examples() and rule.unit.kind != "choice" else None
        if found:
            month, _, table = found
            before = amounts_of(BOOK, month, rule.full_name, table)
            assert (amounts_of(law, month, rule.full_name, table) == before).all(), rule.full_name
