"""One month of a population: who falls under which rules, and what the law says for each.

A *run* is a group of people under the same rules. Each run keeps its own status, so that a parameter a province
lacks stops only the amounts that need it; where the law offers an estimate under its own name, it stands beside.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from shebao.batch.fresh import fresh_file
from shebao.engine.compute import STATUS, Report
from shebao.engine.rulebook import Law
from shebao.population.participation import PARTICIPATION


@dataclass(frozen=True)
class Run:
    """People of some participations under the same rules.

    ``retiring`` keeps only those whose month it is; ``estimate`` is the rule asked, under its own name, for people
    whom the one rule of the run refuses.
    """

    name: str
    zh: str
    en: str
    who: tuple[str, ...]
    rules: tuple[str, ...]
    retiring: bool = False
    estimate: str = ""


RUNS = (
    Run(
        "employees",
        "职工五险",
        "five insurances of employees",
        ("employee",),
        (
            "employee_pension.contribution_base",
            "employee_pension.employee_contribution",
            "employee_pension.employer_contribution",
            "employee_pension.account_credit",
            "medical.employee_contribution",
            "unemployment.employee_contribution",
            "unemployment.employer_contribution",
            "work_injury.employer_contribution",
            "maternity.employer_contribution",
        ),
    ),
    Run(
        "medical_employers",
        "职工医保单位缴费",
        "employers' part of medical insurance",
        ("employee",),
        ("medical.employer_contribution",),
        estimate="medical.employer_contribution_at_guideline",
    ),
    Run(
        "flexible",
        "灵活就业人员养老保险",
        "pension insurance of flexible workers",
        ("flexible",),
        (
            "employee_pension.contribution_base",
            "employee_pension.employee_contribution",
            "employee_pension.account_credit",
        ),
    ),
    Run(
        "residents",
        "居民年缴费",
        "residents' yearly payment",
        ("resident",),
        ("resident_pension.resident_contribution",),
    ),
    Run(
        "subsidies",
        "居民缴费政府补贴",
        "government's subsidy to residents' payments",
        ("resident",),
        ("resident_pension.government_subsidy",),
        estimate="resident_pension.minimum_government_subsidy",
    ),
    Run(
        "awards",
        "职工新核定养老金",
        "new awards, employee scheme",
        ("employee", "flexible"),
        (
            "employee_pension.may_claim_pension",
            "employee_pension.base_wage",
            "employee_pension.basic_pension",
            "employee_pension.account_pension",
            "employee_pension.transitional_pension",
            "employee_pension.local_supplement",
            "employee_pension.monthly_pension",
        ),
        retiring=True,
    ),
    Run(
        "resident_awards",
        "居民新核定养老金",
        "new awards, resident scheme",
        ("resident",),
        (
            "resident_pension.may_draw",
            "resident_pension.basic_pension",
            "resident_pension.account_pension",
            "resident_pension.monthly_pension",
        ),
        retiring=True,
    ),
)


@dataclass(frozen=True)
class Done:
    """A run's people with a column per rule (named in full) and ``status``; who was refused, and why."""

    run: Run
    table: pa.Table
    report: Report
    estimated: Report | None = None

    def __getitem__(self, rule: str) -> pa.ChunkedArray:
        return self.table[rule]


def people_of(run: Run, people: pa.Table, month: int) -> pa.Table:
    """The people a run is about."""
    codes = pa.array([PARTICIPATION.index(name) for name in run.who], people["participation"].type)
    mask = pc.is_in(people["participation"], codes)
    if run.retiring:
        mask = pc.and_(mask, pc.equal(people["retirement_month"], month))
    return people.filter(mask)


def compute(run: Run, law: Law, people: pa.Table, threads: int | None = None) -> Done:
    """The run's rules for its people; nobody is dropped, a refused row says why in ``status``."""
    table = people_of(run, people, law.month).combine_chunks()
    result = law.compute(run.rules, table, threads)
    names = [law.book.rule(rule).full_name for rule in run.rules]
    for name, column, field in zip(names, result.table.columns, result.table.schema, strict=False):
        table = table.append_column(field.with_name(name), column)
    estimated = None
    if run.estimate and result.report.reasons:
        guess = law.compute([run.estimate], table.drop_columns(names), threads)
        kept = pc.if_else(pc.is_null(result.table.column(0)), guess.table.column(0), None)
        table = table.append_column(guess.table.schema.field(0).with_name(run.estimate), kept)
        estimated = guess.report
    status = result.table[STATUS].cast(pa.string())
    return Done(run, table.append_column(STATUS, status), result.report, estimated)


# -- files -----------------------------------------------------------------------------------------

_WHO = ("citizen_number", "region", "sex", "birth_month", "participation")
_FILES = {  # file, the people's own columns it carries, and the runs whose results stand in it
    "contributions": (("average_monthly_wage", "contribution_months", "account_balance"), ("employees", "flexible")),
    "resident_contributions": (("resident_grade", "resident_account_balance"), ("residents",)),
    "new_awards": (
        ("retirement_month", "contribution_months", "deemed_months", "average_index", "account_balance"),
        ("awards", "resident_awards"),
    ),
}
_BESIDE = {"employees": "medical_employers", "residents": "subsidies"}  # runs of the same people, side by side


def write_results(done: dict[str, Done], people: pa.Table, out: Path) -> dict[str, Path]:
    """The results as Parquet in ``out``: contributions, resident contributions, new awards, pensions in payment."""
    files = {}
    for name, (own, runs) in _FILES.items():
        tables = [_result(done, run, (*_WHO, *own)) for run in runs]
        files[name] = _write(pa.concat_tables(tables, promote_options="default"), out / f"{name}.parquet")
    paid = [*_WHO, "retirement_month", "account_balance", "resident_account_balance", "pension_in_payment"]
    files["pensions"] = _write(pensioners(people).select(paid), out / "pensions.parquet")
    return files


def pensioners(people: pa.Table) -> pa.Table:
    """Everybody who draws a pension in the month."""
    codes = [code for code, name in enumerate(PARTICIPATION) if name in ("employee_retiree", "resident_pensioner")]
    return people.filter(pc.is_in(people["participation"], pa.array(codes, people["participation"].type)))


def _result(done: dict[str, Done], run: str, own: tuple[str, ...]) -> pa.Table:
    """A run's results, and those of the run about the same people, whose status keeps its name apart."""
    found = done[run]
    table = found.table.select([*own, *_made(found), STATUS])
    if run in _BESIDE:
        other = done[_BESIDE[run]]
        for name in _made(other):
            table = table.append_column(other.table.schema.field(name), other[name])
        table = table.append_column(f"{other.run.name}_{STATUS}", other[STATUS])
    return table


def _made(found: Done) -> list[str]:
    return [*found.run.rules, *([found.run.estimate] if found.estimated else [])]


def _write(table: pa.Table, path: Path) -> Path:
    with fresh_file(path, overwrite=True) as part:
        pq.write_table(table, part, compression="zstd", column_encoding=_encodings(table.schema), use_dictionary=False)
    return path


def _encodings(schema: pa.Schema) -> dict[str, str]:
    return {field.name: "DELTA_BINARY_PACKED" for field in schema if field.type in (pa.int32(), pa.int64())}
