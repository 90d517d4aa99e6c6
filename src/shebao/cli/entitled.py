"""``shebao entitled``: what a person, household or employer may claim; and who of a population may."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shebao.cli.say import Bar, Lang, LangOption, MonthOption, console, language, table, this_month

if TYPE_CHECKING:
    from rich.console import Console

    from shebao.entitled.catalogue import Catalogue
    from shebao.entitled.people import PeopleReport
    from shebao.entitled.person import Claims, Finding


def entitled(
    out: Annotated[
        Path | None,
        typer.Argument(metavar="[OUT]", help="With --people: where the claims go; .parquet, .csv, .arrow."),
    ] = None,
    facts: Annotated[
        str, typer.Option("--facts", metavar="FILE|-", help="Facts of one person, household or employer, JSON or YAML.")
    ] = "",
    people: Annotated[
        Path | None, typer.Option("--people", metavar="FILE", help="A population: .parquet, .csv, .arrow.")
    ] = None,
    month: MonthOption = "",
    region: Annotated[int | None, typer.Option("--region", metavar="CODE", help="Only people of a province.")] = None,
    keep: Annotated[list[str] | None, typer.Option("--keep", metavar="COL", help="Pass a column through.")] = None,
    threads: Annotated[int | None, typer.Option("--threads", min=1, show_default="all cores")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace OUT when all is done.")] = False,
    lang: LangOption = language(),
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what is not due and not asked; of many, by province.")
    ] = False,
) -> None:
    """What may be claimed: every benefit, subsidy and service, with amount, article and agency.

    Of what is nearly reached it tells which condition fails and what would satisfy it; of what cannot be judged, which
    facts to give. Benefits that exclude each other are resolved as the law says.

    With --people the same for every row of a file: who is entitled, and who has not claimed.

    \b
    Examples:
      shebao entitled --facts worker.yaml --month 2025-07
      echo '{"region": 44, "unemployment_months_paid": 7, "registration_month": "2025-06"}' |
        shebao entitled --facts - --lang zh
      shebao entitled --people people.parquet claims.parquet --month 2025-07 --keep citizen_number
    """
    if bool(facts) == bool(people):
        raise typer.BadParameter("give --facts of one person, or --people of many")
    if people is None:
        if out is not None or region is not None or keep:
            raise typer.BadParameter("OUT, --region and --keep go with --people")
        _one(facts, month or this_month(), lang.value, as_json, everything)
    elif out is None:
        raise typer.BadParameter("--people needs OUT, the file for the claims")
    else:
        kept = [name for names in keep or () for name in names.split(",")]
        _many(people, out, month or this_month(), region, kept, threads, overwrite, lang, as_json, everything)


# -- one person ------------------------------------------------------------------------------------


def _one(facts: str, month: str, lang: str, as_json: bool, everything: bool) -> None:
    from shebao.cli.facts import read_facts
    from shebao.entitled import entitled as find
    from shebao.entitled.say import claims_as_dict
    from shebao.law import rulebook

    claims = find(rulebook().at(month), read_facts(facts))
    if as_json:
        typer.echo(json.dumps(claims_as_dict(claims, lang, everything), ensure_ascii=False, indent=2))
        return
    screen = console()
    _print_entitled(screen, claims, lang)
    _print_excluded(screen, claims, lang)
    _print_failing(screen, claims, claims.of("near"), "还差条件" if lang == "zh" else "Nearly", lang)
    _print_missing(screen, claims, lang)
    _print_no_rule(screen, claims, everything, lang)
    if everything:
        _print_failing(screen, claims, claims.of("not_entitled"), "不符合" if lang == "zh" else "Not entitled", lang)
        _print_not_asked(screen, claims, lang)


def _print_entitled(screen: Console, claims: Claims, lang: str) -> None:
    from shebao.engine.units import show_month
    from shebao.entitled.say import TO, amount_text, benefit_text, cites_text

    zh, found = lang == "zh", claims.of("entitled")
    heading = f"{show_month(claims.month)} " + (f"可申领 {len(found)} 项" if zh else f"may be claimed: {len(found)}")
    screen.print(heading, style="bold green")
    words = ("待遇", "金额", "申领人", "经办机构", "依据") if zh else ("benefit", "amount", "for", "agency", "article")
    shown = table(*words, right=(1,))
    for f in found:
        label = benefit_text(f.benefit, lang) + (_drawn_mark(zh) if f.drawn else "")
        agency = claims.catalogue.agencies[f.benefit.agency][lang]
        shown.add_row(label, amount_text(f, lang), TO[f.benefit.to][lang], agency, cites_text(f))
    if found:
        screen.print(shown)
    for f in found:
        if f.refusal is not None:
            screen.print(
                f"  {benefit_text(f.benefit, lang)}: {_refused(claims, f, lang)}", markup=False, soft_wrap=True
            )


def _drawn_mark(zh: bool) -> str:
    return "（已领取）" if zh else " (drawn already)"


def _refused(claims: Claims, finding: Finding, lang: str) -> str:
    from shebao.entitled.say import KINDS, name_text

    assert finding.refusal is not None
    names = finding.missing or (finding.refusal.name,)
    return f"{KINDS[finding.refusal.kind][lang]}: " + "; ".join(name_text(claims.book, name, lang) for name in names)


def _print_excluded(screen: Console, claims: Claims, lang: str) -> None:
    from shebao.entitled.say import amount_text, benefit_text, how_text

    found = claims.of("excluded")
    if found:
        screen.print("不可同时享受：" if lang == "zh" else "Not to be held together:", style="bold yellow")
    for f in found:
        text = f"  {benefit_text(f.benefit, lang)} {amount_text(f, lang)} → {how_text(claims, f, lang)}"
        screen.print(text, markup=False, soft_wrap=True)


def _print_failing(screen: Console, claims: Claims, found: list[Finding], heading: str, lang: str) -> None:
    from shebao.entitled.say import benefit_text, reason_text

    if found:
        screen.print(f"{heading}{'：' if lang == 'zh' else ':'}", style="bold")
    alike: dict[tuple[str, ...], list[str]] = {}  # benefits that want the same
    for f in found:
        why = tuple(f"{reason_text(claims.book, each, lang)}  〔{each.step.cite}〕" for each in f.failing)
        alike.setdefault(why, []).append(benefit_text(f.benefit, lang))
    for why, labels in alike.items():
        screen.print(f"  {('、' if lang == 'zh' else '; ').join(labels)}", markup=False, soft_wrap=True)
        for text in why:
            screen.print(f"    ✗ {text}", style="dim", markup=False, soft_wrap=True)


def _print_missing(screen: Console, claims: Claims, lang: str) -> None:
    """The facts to be given, by scheme, each once with the benefits that wait for it."""
    from shebao.engine.explanation import english
    from shebao.entitled.say import benefit_text, choices, name_text

    zh, by_room = lang == "zh", dict[str, list[str]]()
    missing = claims.missing()
    for name in missing:
        by_room.setdefault(name.rpartition(".")[0], []).append(name)
    if missing:
        screen.print("尚缺信息，补充后可判断：" if zh else "To be judged when these facts are given:", style="bold")
    for room, names in by_room.items():
        label = claims.book.scopes[room].room.label if zh else english(room or "of every scheme")
        screen.print(f"  {label}", style="bold dim")
        for name in names:
            left, right, comma = "（", "）", "、"
            if not zh:
                left, right, comma = " (", ")", "; "
            what = f"{name_text(claims.book, name, lang)}{left}{choices(claims.book, name, lang)}{right}"
            asking = comma.join(benefit_text(claims.catalogue.benefits[b], lang) for b in missing[name])
            screen.print(f"    {name}: {what} ← {asking}", markup=False, soft_wrap=True)


def _print_no_rule(screen: Console, claims: Claims, everything: bool, lang: str) -> None:
    """What the law's data do not answer; and, with --all, what the law does not know in this month or place."""
    from shebao.entitled.say import benefit_text

    found = [f for f in claims.of("no_rule") if everything or (f.refusal and f.refusal.kind != "not covered")]
    if found:
        screen.print("本月本地无法判断：" if lang == "zh" else "No answer for this month and place:", style="bold")
    for f in found:
        text = f"  {benefit_text(f.benefit, lang)}: {_refused(claims, f, lang)}"
        screen.print(text, markup=False, soft_wrap=True)


def _print_not_asked(screen: Console, claims: Claims, lang: str) -> None:
    from shebao.entitled.say import benefit_text

    zh = lang == "zh"
    if found := claims.of("not_asked"):
        screen.print(
            "未涉及（给出其中任一信息即予判断）：" if zh else "Not asked (give one of these facts):", style="bold"
        )
        for f in found:
            text = f"  {benefit_text(f.benefit, lang)}: {', '.join(f.benefit.when)}"
            if f.benefit.besides:
                text += f" + {', '.join(f.benefit.besides)}"
            screen.print(text, style="dim", markup=False, soft_wrap=True)


# -- a population ----------------------------------------------------------------------------------


def _many(
    src: Path,
    dst: Path,
    month: str,
    region: int | None,
    keep: list[str],
    threads: int | None,
    overwrite: bool,
    lang: Lang,
    as_json: bool,
    everything: bool,
) -> None:
    from shebao.entitled import load_catalogue
    from shebao.entitled.people import entitled_people
    from shebao.law import rulebook

    book = rulebook()
    catalogue = load_catalogue(book)
    with Bar("计算" if lang is Lang.zh else "computing") as bar:
        report = entitled_people(book.at(month), src, dst, region, keep, threads, overwrite, bar, catalogue)
    if as_json:
        typer.echo(json.dumps(_report_as_dict(report), ensure_ascii=False, indent=2))
    else:
        _print_report(report, catalogue, dst, bar.seconds, lang.value, everything)


def _report_as_dict(report: PeopleReport) -> dict[str, Any]:
    places = [{"benefit": name, "region": code, **asdict(sum_)} for (name, code), sum_ in report.by_region.items()]
    return {
        "rows": report.rows,
        "benefits": [{"benefit": name, **asdict(sum_)} for name, sum_ in report.sums.items()],
        "by_region": places,
        "not_judged": {name: dict(count) for name, count in report.not_judged.items()},
        "lacking": report.lacking,
    }


def _print_report(
    report: PeopleReport, catalogue: Catalogue, dst: Path, seconds: float, lang: str, everything: bool
) -> None:
    """Who is entitled to what, and who of them has not claimed; with --all by province, and what was not judged."""
    from shebao.entitled.say import PAID, benefit_text
    from shebao.law.regions import NAMES

    zh, screen = lang == "zh", console()
    labels = {name: benefit_text(benefit, lang) for name, benefit in catalogue.benefits.items()}
    screen.print(f"{report.rows:,} {'人' if zh else 'people'} ({seconds:.1f} s) → {dst}", markup=False, soft_wrap=True)
    heads = (
        "待遇",
        "发放",
        "符合条件人数",
        "金额（元）",
        "未领取人数",
        "未领取金额（元）",
        "金额未知",
        "让位于其他待遇",
    )
    words = ("benefit", "paid", "entitled", "yuan", "not claimed", "yuan not claimed", "amount unknown", "gives way")
    found = {name: s for name, s in report.sums.items() if s.people or s.gives_way}
    shown = table(*(heads if zh else words), right=(2, 3, 4, 5, 6, 7))
    for name, s in sorted(found.items(), key=lambda item: (-item[1].fen_not_drawn, -item[1].fen)):
        shown.add_row(labels[name], PAID[catalogue.benefits[name].paid][lang], *_figures(s))
    screen.print(shown)
    if everything:
        by_place = table("省份" if zh else "province", *(heads if zh else words), right=(3, 4, 5, 6, 7, 8))
        for (name, code), s in sorted(report.by_region.items(), key=lambda item: (item[0][1], item[0][0])):
            place = NAMES.get(code, (str(code),) * 2)[0 if zh else 1]
            by_place.add_row(place, labels[name], PAID[catalogue.benefits[name].paid][lang], *_figures(s))
        screen.print(by_place)
    if report.not_judged:
        screen.print("未能判断：" if zh else "not judged:", style="bold")
    for name, reasons in report.not_judged.items():
        for reason, count in reasons.most_common(None if everything else 1):
            screen.print(f"{count:>13,}  {labels[name]}: {reason}", markup=False, soft_wrap=True)
    lacking = (
        f"{len(report.sums)} 项已判断，{len(report.lacking)} 项因缺列未判断（--json 列出所缺）"
        if zh
        else f"{len(report.sums)} benefits judged; {len(report.lacking)} not, for want of columns (--json lists them)"
    )
    screen.print(lacking, style="dim", markup=False, soft_wrap=True)
    if not everything:
        more = "--all 按省份列出，并列出全部未判断原因" if zh else "--all: by province, and every reason"
        screen.print(more, style="dim", markup=False, soft_wrap=True)


def _figures(s: Any) -> tuple[str, ...]:
    told = s.drawn + s.not_drawn > 0
    money = f"{s.fen // 100:,}.{s.fen % 100:02d}"
    open_ = f"{s.fen_not_drawn // 100:,}.{s.fen_not_drawn % 100:02d}"
    return (
        *(f"{s.people:,}", money, f"{s.not_drawn:,}" if told else "", open_ if told else ""),
        *(f"{s.amount_unknown:,}", f"{s.gives_way:,}"),
    )
