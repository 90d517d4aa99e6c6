"""A month computed without books: award sheets, a province of people, what each pays and draws, sums, pictures."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from shebao import population
from shebao.batch.fresh import fresh_file
from shebao.engine import BookError
from shebao.engine.rulebook import Law
from shebao.engine.units import parse_month, show_month
from shebao.law import rulebook
from shebao.law.regions import NAMES
from shebao.population.data import assumptions as generator_assumptions
from shebao.population.stream import GENERATOR, NOTES
from shebao.report.charts import Chart, charts
from shebao.report.citizen import Assumption, Citizen, assumptions, one_citizen
from shebao.report.month import RUNS, Done, compute, write_results
from shebao.report.page import Contents, Refusals, page
from shebao.report.sheets import Sheet, award_sheets, count_line, sheet_table
from shebao.report.tables import Line, refusals, summary, summary_table, write_summary

# Beijing, because the rulebook holds all that the month needs of its law: bases, every rate down to medical
# insurance, subsidies by grade, awards. Elsewhere cities set rates that are not in the rulebook yet; there the amounts
# are refused, beside the law's own estimates. July 2025, because a new year of bases begins in it.
PROVINCE, MONTH, PEOPLE, SEED = 11, "2025-07", 1_000_000, 1
WHY = {
    (PROVINCE, MONTH): (
        "选北京，是因为本月所需的该市法规参数在法规库中齐全：缴费基数、包括医保在内的各项费率、分档补贴和养老金核定；"
        "选2025年7月，是因为新的缴费年度自本月开始，退休已按延迟后的年龄。",
        "Beijing, because the rulebook holds all the month needs of its law: bases, every rate down to medical "
        "insurance, subsidies by grade, awards. July 2025, because a new year of bases begins in it, and retirement is "
        "by the new ages.",
    )
}

Tell = Callable[[int, int], None]


@dataclass
class Reported:
    """What was made: where, the sums, the sheets, who was refused, and the seconds each step took."""

    out: Path
    files: dict[str, Path] = field(default_factory=dict)
    sheets: list[Sheet] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    refused: Refusals = field(default_factory=list)
    citizen: Citizen | None = None
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def page(self) -> Path:
        """The page to open in a browser."""
        return self.files["report"]


def report(
    out: str | Path,
    people: int = PEOPLE,
    province: int = PROVINCE,
    month: str = MONTH,
    progress: Tell | None = None,
    console: Console | None = None,
    *,
    seed: int = SEED,
    threads: int = 2,
) -> Reported:
    """Award sheets, ``people`` of ``province`` in ``month``, what they pay, hold and draw: into the folder ``out``.

    ``progress(done, total)`` hears how many people are made; without it a bar is drawn on ``console``. The population
    is made again only if the one in ``out`` is of other people, province, month, seed or generator. Raises
    ``BookError`` for a month or province the law does not know, ``PopulationError`` for people that cannot be made,
    ``OSError`` if ``out`` cannot be written; every file is complete or absent.
    """
    console = console or Console()
    if province not in NAMES:
        raise BookError(f"province {province} is none of the 31 the law knows: {', '.join(map(str, NAMES))}")
    law = rulebook().at(show_month(parse_month(month)))
    result = Reported(Path(out))
    result.out.mkdir(parents=True, exist_ok=True)
    with _step(result, console, "award sheets 核定表"):
        result.sheets = award_sheets(law.book)
    console.print(sheet_table(result.sheets))
    console.print(count_line(result.sheets), style="bold", highlight=False)
    with _step(result, None, "population 人口"), _bar(console, progress, people) as tell:
        table, weight = _population(result, people, province, month, seed, threads, tell)
    done = _compute(result, console, law, table, threads)
    console.print(summary_table(result.lines))
    _tell_refused(console, result.refused)
    with _step(result, console, "explain and check 解释"):
        result.citizen = one_citizen(done["awards"], law)
        assumed = assumptions(law, table, RUNS)
    with _step(result, console, "pictures and page 图表与网页"):
        pictures = charts(table, done, result.lines, law.month)
        contents = _contents(result, (people, weight, seed), (province, month), pictures, assumed)
        result.files["report"] = _write_text(page(contents), result.out / "report.html")
    _tell_where(console, result)
    return result


# -- steps -----------------------------------------------------------------------------------------


@contextmanager
def _step(result: Reported, console: Console | None, name: str) -> Iterator[None]:
    """Times a step; on a terminal, if ``console`` is given, a spinner says what is going on."""
    start = time.perf_counter()
    with console.status(name) if console else nullcontext():
        yield
    result.seconds[name] = time.perf_counter() - start


@contextmanager
def _bar(console: Console, progress: Tell | None, people: int) -> Iterator[Tell]:
    if progress:
        yield progress
        return
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=console, transient=True
    ) as bar:
        task = bar.add_task("people 人口", total=people)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _population(
    result: Reported, people: int, province: int, month: str, seed: int, threads: int, tell: Tell
) -> tuple[pa.Table, float]:
    """The people and how many real ones each stands for; an identical file is used again."""
    path = result.files["population"] = result.out / "population.parquet"
    wanted = {"generator": GENERATOR, "people": people, "province": province, "month": month, "seed": seed}
    notes = _notes(path)
    if {key: notes.get(key) for key in wanted} != wanted:
        population.make(path, people, province, month, seed, threads, tell)
        notes = _notes(path)
    return pq.read_table(path), float(notes["weight"])


def _notes(path: Path) -> dict[str, str]:
    """What a population file says of itself; nothing if there is none or it cannot be read."""
    try:
        return json.loads(pq.read_schema(path).metadata[NOTES.encode()])
    except (OSError, pa.ArrowInvalid, KeyError, TypeError, ValueError):
        return {}


def _compute(result: Reported, console: Console, law: Law, people: pa.Table, threads: int) -> dict[str, Done]:
    """Every run, the sums, and both on disk."""
    done = {}
    for run in RUNS:
        with _step(result, console, f"{run.en} {run.zh}"):
            done[run.name] = compute(run, law, people, threads)
    with _step(result, console, "write 写出"):
        result.lines, result.refused = summary(people, done), refusals(done)
        result.files |= write_results(done, people, result.out)
        result.files["summary"] = write_summary(result.lines, result.out / "summary.csv")
    return done


def _contents(
    result: Reported,
    who: tuple[int, float, int],
    where: tuple[int, str],
    pictures: list[Chart],
    assumed: list[Assumption],
) -> Contents:
    """What the page shows; ``who`` is people, real people per person and seed, ``where`` province and month."""
    return Contents(
        place=NAMES[where[0]],
        month=where[1],
        people=who[0],
        weight=who[1],
        seed=who[2],
        why=WHY.get(where),
        sheets=result.sheets,
        lines=result.lines,
        charts=pictures,
        citizen=result.citizen,
        refusals=result.refused,
        assumptions=assumed,
        generator=[(str(each["label"]), str(each["source"])) for each in generator_assumptions().values()],
        files=_sizes(result),
        seconds=list(result.seconds.items()),
    )


# -- telling ---------------------------------------------------------------------------------------

_WHAT = {
    "population": "合成人口 the people",
    "contributions": "职工与灵活就业人员的基数、缴费、账户 employees, flexible workers: base, contributions, account",
    "resident_contributions": "居民的档次、年缴费、补贴 residents: grade, a year's payment, subsidy",
    "pensions": "在发养老金 pensions in payment",
    "new_awards": "本月到龄人员的核定 awards of those who reach the month",
    "summary": "汇总（分） the sums, in fen",
    "report": "网页报告 the page to open",
}


def _sizes(result: Reported) -> list[tuple[str, str, str]]:
    return [(path.name, _WHAT[name], _size(path)) for name, path in result.files.items()]


def _size(path: Path) -> str:
    size = path.stat().st_size
    return f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:,.1f} kB"


def _tell_refused(console: Console, refused: Refusals) -> None:
    for zh, en, reason, rows, _ in refused:
        console.print(f"[yellow]无法计算 refused[/] {rows:,}: {zh} {en} – {reason}", highlight=False)


def _tell_where(console: Console, result: Reported) -> None:
    console.print()
    for name, path in result.files.items():
        console.print(f"{path}  [dim]{_WHAT[name]}, {_size(path)}[/]", highlight=False, soft_wrap=True)
    console.print()
    for name, seconds in result.seconds.items():
        console.print(f"[dim]{seconds:6.1f} s  {name}[/]", highlight=False)
    console.print(f"{sum(result.seconds.values()):6.1f} s  in all 总用时", highlight=False)
    console.print(f"Open 打开 [bold]{result.page}[/]", highlight=False, soft_wrap=True)


def _write_text(text: str, path: Path) -> Path:
    with fresh_file(path, overwrite=True) as part:
        part.write_text(text, encoding="utf-8")
    return path
