"""The month in sums: people, wages, contributions by scheme and side, what is held and drawn, fund in and out.

Every amount is an exact int64 sum of fen over a column; only the amount per head is rounded (half up, to the fen).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from rich import box
from rich.table import Table

from shebao.batch.fresh import fresh_file
from shebao.engine import half_up
from shebao.engine.units import UNITS, show
from shebao.population.participation import PARTICIPATION
from shebao.report.month import Done, pensioners

PEOPLE = {
    "none": ("未参加养老保险", "in no pension scheme"),
    "employee": ("职工", "employees"),
    "flexible": ("灵活就业人员", "flexible workers"),
    "employee_retiree": ("职工养老保险退休人员", "employees' pensioners"),
    "resident": ("城乡居民（缴费期）", "residents, paying"),
    "resident_pensioner": ("城乡居民（领取期）", "residents' pensioners"),
}
SECTIONS = {
    "people": ("参保", "People"),
    "wages": ("工资", "Wages"),
    "contributions": ("缴费", "Contributions"),
    "accounts": ("个人账户", "Held in accounts"),
    "benefits": ("待遇", "Benefits"),
    "fund": ("基金", "Fund in and out"),
}
SCHEMES = {
    "employee_pension": ("职工养老保险", "employees' pension"),
    "medical": ("职工医疗保险", "medical"),
    "unemployment": ("失业保险", "unemployment"),
    "work_injury": ("工伤保险", "work injury"),
    "maternity": ("生育保险", "maternity"),
    "resident_pension": ("城乡居民养老保险", "residents' pension"),
}


@dataclass(frozen=True)
class Line:
    """One sum: how many people it covers and, in fen, what they pay, hold or draw in ``period``.

    ``fen`` is None where there is no amount, as where all were refused; ``refused`` counts those without one.
    ``estimate`` marks amounts of a rule that is an estimate by its own name.
    """

    section: str
    scheme: str
    item: str
    zh: str
    en: str
    people: int
    fen: int | None = None
    period: str = "month"
    estimate: bool = False
    refused: int = 0

    @property
    def per_head(self) -> int | None:
        """Fen per person, half up."""
        return None if self.fen is None or not self.people else int(half_up(Fraction(self.fen, self.people), 0))


def yuan(fen: int | None) -> str:
    """Fen as yuan with two decimals, empty for none."""
    return "" if fen is None else show(Fraction(fen, 100), UNITS["Yuan"])


def grouped(fen: int | None) -> str:
    """Fen as yuan with thousands separators."""
    whole, dot, rest = yuan(fen).partition(".")
    return f"{int(whole):,}{dot}{rest}" if whole else ""


def summary(people: pa.Table, done: dict[str, Done]) -> list[Line]:
    """Every line of the summary, in order."""
    paid = list(_contributions(done))
    drawn = list(_benefits(people, done))
    return [*_people(people), _wages(done), *paid, *_accounts(people), *drawn, *_fund([*paid, *drawn])]


def _people(people: pa.Table) -> Iterator[Line]:
    yield Line("people", "", "all", "全部人口", "everybody", len(people))
    for code, name in enumerate(PARTICIPATION):
        zh, en = PEOPLE[name]
        yield Line("people", "", name, zh, en, pc.sum(pc.equal(people["participation"], code)).as_py() or 0)


def _sum(column: pa.ChunkedArray) -> tuple[int, int | None]:
    """How many amounts there are, and their sum in fen; no sum where every amount is missing."""
    assert column.type == pa.int64(), column.type
    none = len(column) > 0 and column.null_count == len(column)
    return len(column) - column.null_count, None if none else pc.sum(column, min_count=0).as_py()


def _wages(done: dict[str, Done]) -> Line:
    zh, en = "职工上年度月平均工资", "employees' monthly wage of the year before"
    return Line("wages", "", "average_monthly_wage", zh, en, *_sum(done["employees"]["average_monthly_wage"]))


_SIDES = (  # run, rule, what to call it
    ("employees", "employee_pension.employee_contribution", "职工养老 · 个人", "pension, employees"),
    ("employees", "employee_pension.employer_contribution", "职工养老 · 单位", "pension, employers"),
    ("flexible", "employee_pension.employee_contribution", "职工养老 · 灵活就业", "pension, flexible workers"),
    ("employees", "medical.employee_contribution", "职工医保 · 个人", "medical, employees"),
    ("medical_employers", "medical.employer_contribution", "职工医保 · 单位", "medical, employers"),
    ("employees", "unemployment.employee_contribution", "失业 · 个人", "unemployment, employees"),
    ("employees", "unemployment.employer_contribution", "失业 · 单位", "unemployment, employers"),
    ("employees", "work_injury.employer_contribution", "工伤 · 单位", "work injury, employers"),
    ("employees", "maternity.employer_contribution", "生育 · 单位（单独）", "maternity, employers (apart)"),
    ("residents", "resident_pension.resident_contribution", "居民养老 · 个人（年）", "residents' pension, a year"),
    ("subsidies", "resident_pension.government_subsidy", "居民养老 · 政府补贴（年）", "residents' subsidy, a year"),
)
_ESTIMATES = {
    "medical_employers": ("职工医保 · 单位（国家控制水平测算）", "medical, employers (at national guideline)"),
    "subsidies": ("居民养老 · 政府补贴（国家最低标准，年）", "residents' subsidy, a year (national minimum)"),
}


def _contributions(done: dict[str, Done]) -> Iterator[Line]:
    for run, rule, zh, en in _SIDES:
        found, scheme = done[run], rule.partition(".")[0]
        period = "year" if scheme == "resident_pension" else "month"
        item = f"flexible:{rule}" if run == "flexible" else rule
        yield Line("contributions", scheme, item, zh, en, *_sum(found[rule]), period, refused=found[rule].null_count)
        if found.estimated:
            guess = found.run.estimate
            yield Line("contributions", scheme, guess, *_ESTIMATES[run], *_sum(found[guess]), period, estimate=True)


def _accounts(people: pa.Table) -> Iterator[Line]:
    for column, zh, en in (
        ("account_balance", "职工养老个人账户", "employees' pension accounts"),
        ("resident_account_balance", "居民养老个人账户", "residents' pension accounts"),
    ):
        scheme = "employee_pension" if column == "account_balance" else "resident_pension"
        held = people.filter(pc.greater(people[column], 0))[column]
        yield Line("accounts", scheme, column, zh, en, *_sum(held), "now")


_DRAWN = (
    ("employee_retiree", "employee_pension", "职工养老金（在发）", "employees' pensions in payment"),
    ("resident_pensioner", "resident_pension", "居民养老金（在发）", "residents' pensions in payment"),
)
_AWARDED = (  # run, the rule that says who may draw, and what to call those who may and those who may not yet
    ("awards", "employee_pension.may_claim_pension", "新核定职工养老金（次月起发）", "employees' new awards"),
    ("resident_awards", "resident_pension.may_draw", "新核定居民养老金（次月起发）", "residents' new awards"),
)
_NOT_YET = ("到龄但缴费年限不足", "of age, but with too few months or years paid")


def _benefits(people: pa.Table, done: dict[str, Done]) -> Iterator[Line]:
    drawing = pensioners(people)
    for name, scheme, zh, en in _DRAWN:
        mine = drawing.filter(pc.equal(drawing["participation"], PARTICIPATION.index(name)))
        yield Line("benefits", scheme, f"in_payment:{name}", zh, en, *_sum(mine["pension_in_payment"]))
    for run, may, zh, en in _AWARDED:
        scheme, found = may.partition(".")[0], done[run]
        refused = found[may].null_count
        amounts = granted(found, may)[f"{scheme}.monthly_pension"]
        yield Line("benefits", scheme, f"new:{run}", zh, en, *_sum(amounts), "next", refused=refused)
        short = len(found.table) - refused - len(amounts)
        yield Line("benefits", scheme, f"not_yet:{run}", *_NOT_YET, short, None, "next")


def granted(found: Done, may: str) -> pa.Table:
    """The people of an award run who may draw what was computed for them."""
    return found.table.filter(pc.fill_null(found[may], False))


def _fund(lines: list[Line]) -> Iterator[Line]:
    """What comes in and goes out, by scheme; in minus out where both are of the month, without next month's awards."""
    for scheme, (zh, en) in SCHEMES.items():
        come = [x for x in lines if x.section == "contributions" and x.scheme == scheme]
        gone = [x for x in lines if x.section == "benefits" and x.scheme == scheme and x.period == "month"]
        into, missing, period = _known(come), _uncovered(come), come[0].period
        names = (f"{zh} · 收（全年）", f"{en}, in (a year)") if period == "year" else (f"{zh} · 收", f"{en}, in")
        guess = any(x.estimate for x in come)
        yield Line("fund", scheme, "in", *names, _payers(come), into, period, guess, missing)
        if not gone:
            continue
        out = _known(gone)
        yield Line("fund", scheme, "out", f"{zh} · 支", f"{en}, out", sum(x.people for x in gone), out)
        if period == "month":
            left = None if into is None or out is None or missing else into - out
            yield Line("fund", scheme, "in_minus_out", f"{zh} · 收减支", f"{en}, in minus out", 0, left)


def _known(lines: list[Line]) -> int | None:
    """The sum of the amounts there are; none where there is none."""
    amounts = [x.fen for x in lines if x.fen is not None]
    return sum(amounts) if amounts else None


def _uncovered(lines: list[Line]) -> int:
    """People of whom some amount is missing and no estimate stands for it."""
    return max(0, _each_once(lines, "refused") - sum(x.people for x in lines if x.estimate))


def _payers(lines: list[Line]) -> int:
    """People who pay or are paid for."""
    return _each_once(lines, "people")


def _each_once(lines: list[Line], count: str) -> int:
    """Employees once for both sides, flexible workers besides."""
    flexible = [getattr(x, count) for x in lines if x.item.startswith("flexible:")]
    others = [getattr(x, count) for x in lines if not x.item.startswith("flexible:")]
    return max(others, default=0) + sum(flexible)


# -- out of the program ----------------------------------------------------------------------------

HEADER = (
    "section",
    "scheme",
    "item",
    "period",
    "people",
    "refused",
    "amount_fen",
    "per_head_fen",
    "estimate",
    "zh",
    "en",
)


def write_summary(lines: list[Line], path: Path) -> Path:
    """The summary as CSV (UTF-8), amounts in fen."""
    with fresh_file(path, overwrite=True) as part, part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        for x in lines:
            numbers, estimate = (x.people, x.refused, x.fen, x.per_head), "yes" if x.estimate else "no"
            writer.writerow((x.section, x.scheme, x.item, x.period, *numbers, estimate, x.zh, x.en))
    return path


def summary_table(lines: list[Line]) -> Table:
    """The summary for a terminal, yuan."""
    table = Table(title="本月汇总 The month in sums", title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("", overflow="fold")
    for head in ("人数\npeople", "金额（元）\namount, yuan", "人均（元）\nper head"):
        table.add_column(head, justify="right", no_wrap=True)
    section = ""
    for x in lines:
        if x.section != section and section:
            table.add_section()
        section = x.section
        table.add_row(f"{x.zh} [dim]{x.en}[/]", *figures(x))
    return table


def figures(line: Line) -> tuple[str, str, str]:
    """People, amount and amount per head as people read them; ≈ marks an estimate."""
    counts = [f"{line.people:,}"] if line.people or not (line.refused or line.item == "in_minus_out") else []
    counts += [f"{line.refused:,} 无法计算 refused"] if line.refused else []
    people = ", ".join(counts)
    return people, ("≈ " if line.estimate and line.fen is not None else "") + grouped(line.fen), grouped(line.per_head)


def refusals(done: dict[str, Done]) -> list[tuple[str, str, str, int, str]]:
    """Refused rows by reason: run (Chinese, English), reason, rows, and the message for the first of them."""
    found = []
    for each in done.values():
        for reason, rows in each.report.reasons.items():
            found.append((each.run.zh, each.run.en, reason, rows, each.report.examples[reason][1]))
        for reason, rows in each.estimated.reasons.items() if each.estimated else ():
            text = each.estimated.examples[reason][1]  # type: ignore[union-attr]
            found.append((f"{each.run.zh}（测算）", f"{each.run.en} (estimate)", reason, rows, text))
    return found
