"""``shebao import``: files of employers and offices into the books, and the empty form."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shebao.cli.say import Bar, Lang, LangOption, console, help_if_bare, language, table

if TYPE_CHECKING:
    from shebao.books import Books
    from shebao.intake.desk import ImportReport

app = typer.Typer(rich_markup_mode=None, help="Files into the books: payrolls, person registers, pooling.")
app.callback(invoke_without_command=True)(help_if_bare)

Files = Annotated[list[Path], typer.Argument(metavar="FILE…", help="XLSX, XLS or delimited text.")]
Province = Annotated[int, typer.Option("--province", metavar="NN", help="Province code, GB/T 2260.")]
Officer = Annotated[
    str,
    typer.Option("--officer", envvar="SHEBAO_OFFICER", metavar="ID", help="Who imports; needs the duty to register."),
]
Rejects = Annotated[
    Path | None,
    typer.Option("--rejects", metavar="OUT.xlsx", help="Write the rows not taken as they stood, with reasons."),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace OUT.xlsx when all is done.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Tell what would happen; keep nothing.")]
Sheet = Annotated[str | None, typer.Option("--sheet", help="The sheet to read, where several hold a table.")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]

COUNTS = {
    "laid_down": ("新下达", "laid down anew"),
    "declared": ("新申报", "declared anew"),
    "corrected": ("更正", "corrected"),
    "unchanged": ("未变", "unchanged"),
    "withdrawn": ("撤回", "withdrawn"),
    "hired": ("新增参保关系", "participations begun"),
    "left": ("终止参保关系", "participations ended"),
    "registered": ("新登记", "registered"),
    "accounts": ("银行账号", "bank accounts"),
}


@app.command(short_help="Payroll declarations.")
def payroll(
    files: Files,
    province: Province,
    officer: Officer,
    month: Annotated[str | None, typer.Option("--month", metavar="YYYY-MM", help="Holds for the whole file.")] = None,
    employer: Annotated[
        str | None, typer.Option("--employer", metavar="CODE", help="Credit code, for the whole file.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="The file is complete: withdraw who is missing in it.")
    ] = False,
    rejects: Rejects = None,
    overwrite: Overwrite = False,
    sheet: Sheet = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    lang: LangOption = language(),
) -> None:
    """Store payroll declarations, each file in one transaction: all its rows are dealt with, or nothing is stored.

    A file that has entered before changes nothing; a corrected one supersedes what differs. Exit code 3 if rows were
    rejected; they are kept with the reason.

    \b
    Examples:
      shebao import payroll wages.xlsx --province 44 --officer A
      shebao import payroll wages.xlsx --province 44 --officer A --month 2025-03 --rejects back.xlsx
    """
    from shebao.intake.store import import_payroll

    def store(books: Books, file: Path) -> ImportReport:
        return import_payroll(
            books, file, name=file.name, region=province, officer=officer, month=month, credit_code=employer,
            sheet=sheet, replace=replace, dry_run=dry_run,
        )  # fmt: skip

    _import(files, store, rejects, overwrite, as_json, lang)


@app.command(short_help="Person registers.")
def persons(
    files: Files,
    province: Province,
    officer: Officer,
    area: Annotated[str | None, typer.Option("--area", metavar="CODE", help="Division of rows that give none.")] = None,
    women: Annotated[
        str | None, typer.Option("--women", help="Category of women not registered before: women55 or women50.")
    ] = None,
    rejects: Rejects = None,
    overwrite: Overwrite = False,
    sheet: Sheet = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    lang: LangOption = language(),
) -> None:
    """Register people, and correct what is known of those registered already. Exit code 3 if rows were rejected.

    \b
    Example:
      shebao import persons people.xlsx --province 44 --officer A --women women50
    """
    from shebao.intake.store import import_persons

    def store(books: Books, file: Path) -> ImportReport:
        return import_persons(
            books, file, name=file.name, region=province, officer=officer, area=area, women=women, sheet=sheet,
            dry_run=dry_run,
        )  # fmt: skip

    _import(files, store, rejects, overwrite, as_json, lang)


@app.command("pooling-plan", short_help="Advances and clearings of the nation.")
def pooling_plan(
    files: Files,
    province: Province,
    officer: Officer,
    rejects: Rejects = None,
    overwrite: Overwrite = False,
    sheet: Sheet = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    lang: LangOption = language(),
) -> None:
    """Store what the nation advances to the province or clears with it: columns province, month, kind (advance or
    clearing), amount (yuan, positive if the province receives), source. XLSX, delimited text, or a YAML list of rows.

    It moves in the pool step of its month. An amount laid down anew is booked as the difference. Exit code 3 if rows
    were rejected.

    \b
    Example:
      shebao import pooling-plan 2025-03.yaml --province 44 --officer A
    """
    from shebao.intake.pooling import import_plan

    def store(books: Books, file: Path) -> ImportReport:
        return import_plan(
            books, file, name=file.name, region=province, officer=officer, sheet=sheet, dry_run=dry_run
        )  # fmt: skip

    _import(files, store, rejects, overwrite, as_json, lang)


@app.command("pooling-facts", short_help="What the central adjustment is reckoned from.")
def pooling_facts(
    files: Files,
    province: Province,
    officer: Officer,
    rejects: Rejects = None,
    overwrite: Overwrite = False,
    sheet: Sheet = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    lang: LangOption = language(),
) -> None:
    """Store facts of the province, or of the nation (province 0), for the central adjustment of 2018 to 2021: columns
    province, year, name (as `shebao law list pooling` has it), value, source. XLSX, delimited text, or YAML rows.

    Exit code 3 if rows were rejected.
    """
    from shebao.intake.pooling import import_facts

    def store(books: Books, file: Path) -> ImportReport:
        return import_facts(
            books, file, name=file.name, region=province, officer=officer, sheet=sheet, dry_run=dry_run
        )  # fmt: skip

    _import(files, store, rejects, overwrite, as_json, lang)


@app.command(short_help="An empty form for employers.")
def template(
    target: Annotated[Path, typer.Argument(metavar="OUT.xlsx", help="The workbook to write.")],
    overwrite: Overwrite = False,
    lang: LangOption = language(),
) -> None:
    """Write an empty payroll declaration that an employer can fill in."""
    from shebao.batch.fresh import fresh_file
    from shebao.intake import payroll_template

    with fresh_file(target, overwrite) as part:
        payroll_template(part)
    console().print(f"已写入 {target}" if lang is Lang.zh else f"written: {target}", markup=False, soft_wrap=True)


def _import(
    files: list[Path],
    store: Callable[[Books, Path], ImportReport],
    rejects: Path | None,
    overwrite: bool,
    as_json: bool,
    lang: Lang,
) -> None:
    """Stores the files one after another; code 3 if a row of any was rejected."""
    from shebao.books import BooksError, connect
    from shebao.intake import IntakeError

    if rejects and len(files) > 1:
        raise BooksError("--rejects takes one file at a time 每次只能为一个文件写出退回表")
    if rejects and rejects.exists() and not overwrite:  # told before anything is stored
        raise BooksError(f"{rejects}: exists already; --overwrite replaces it 文件已存在")
    rejected = 0
    with connect("run") as books:
        for file in files:
            with Bar(file.name) as bar:
                try:
                    report = store(books, file)
                except IntakeError as error:
                    raise BooksError(f"{file}: {error.zh if lang is Lang.zh else error.en}") from None
            _show(report, bar.seconds, as_json, lang)
            if rejects:
                _write_rejects(rejects, overwrite, report, lang)
            rejected += report.rejected
    if rejected:
        raise typer.Exit(3)


def _write_rejects(target: Path, overwrite: bool, report: ImportReport, lang: Lang) -> None:
    from shebao.batch.fresh import fresh_file
    from shebao.intake import write_rejects

    assert report.file is not None
    with fresh_file(target, overwrite) as part:
        rows = write_rejects(part, report.file, report.findings)  # type: ignore[arg-type]
    said = f"已写出 {rows:,} 行：{target}" if lang is Lang.zh else f"{rows:,} rows written: {target}"
    console(stderr=True).print(said, markup=False, soft_wrap=True)


def _show(report: ImportReport, seconds: float, as_json: bool, lang: Lang) -> None:
    if as_json:
        typer.echo(json.dumps(_plain(report), ensure_ascii=False, indent=2))
        return
    zh = lang is Lang.zh
    out = console()
    out.print(_title(report, seconds, lang), markup=False, soft_wrap=True)
    counts = table(*(("结果", "行数") if zh else ("outcome", "rows")), right=(1,))
    for name, number in (
        ("接受" if zh else "accepted", report.accepted),
        ("调整" if zh else "adjusted", report.adjusted),
        ("拒绝" if zh else "rejected", report.rejected),
        ("合计" if zh else "total", report.rows),
    ):
        counts.add_row(name, f"{number:,}")
    out.print(counts)
    if report.changes:
        said = [
            f"{COUNTS[name][not zh]} {number:,}" for name, number in report.changes.items() if name in COUNTS and number
        ]
        out.print(("、" if zh else ", ").join(said), markup=False, soft_wrap=True)
    if "not_withdrawn" in report.changes:
        out.print(
            "有退回的行无法辨认是谁：未撤回任何人"
            if zh
            else "a rejected row does not tell whom it is about: nobody was withdrawn",
            markup=False, soft_wrap=True,
        )  # fmt: skip
    _show_reasons(report, lang)


def _show_reasons(report: ImportReport, lang: Lang) -> None:
    if not report.findings:
        return
    zh = lang is Lang.zh
    heads = ("行数", "结果", "原因", "例") if zh else ("rows", "outcome", "reason", "example")
    listed = table(*heads, right=(0,))
    examples = {one.code: one for one in reversed(report.findings)}
    for code, number in report.reasons.most_common():
        one = examples[code]
        outcome = one.reason.outcome
        text = f"{one.row_number}: {one.zh if zh else one.en}"
        listed.add_row(f"{number:,}", outcome.zh if zh else outcome.en, code, text)
    console().print(listed)


def _title(report: ImportReport, seconds: float, lang: Lang) -> str:
    speed = f"{seconds:.1f} s"
    if lang is Lang.zh:
        state = "先前已导入，未作改动" if report.repeated else "试运行，未保存" if report.dry_run else "已入账"
        return f"{report.name}：{state}（入账月 {report.booked:%Y-%m}，{speed}）"
    state = (
        "entered before, nothing changed"
        if report.repeated
        else "dry run, nothing kept"
        if report.dry_run
        else "stored"
    )
    return f"{report.name}: {state} (books of {report.booked:%Y-%m}, {speed})"


def _plain(report: ImportReport) -> dict[str, object]:
    kept = ("file_id", "name", "region", "rows", "accepted", "adjusted", "rejected", "repeated", "dry_run")
    plain = {name: getattr(report, name) for name in kept}
    return plain | {
        "booked": f"{report.booked:%Y-%m}",
        "changes": dict(report.changes),
        "reasons": dict(report.reasons.most_common()),
    }
