"""A computed month from end to end on a small province: sums, files, refusals, and the page."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
from collections.abc import Iterator
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from shebao.engine import BookError
from shebao.report import Reported, report

PEOPLE = 20_000
CHARTS = ("flow", "pyramid", "base", "pension", "account", "replacement", "parts")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Reported, str]:
    """Beijing, where the law is complete, and what the console said."""
    said = io.StringIO()
    result = report(tmp_path_factory.mktemp("demo"), people=PEOPLE, console=Console(file=said, width=120))
    return result, said.getvalue()


@pytest.fixture(scope="module")
def lacking(tmp_path_factory: pytest.TempPathFactory) -> Reported:
    """Guangdong, whose cities' medical rates and subsidies by grade are not in the rulebook."""
    out = tmp_path_factory.mktemp("lacking")
    return report(out, people=PEOPLE, province=44, month="2025-03", console=Console(file=io.StringIO()))


def sums(result: Reported) -> dict[str, dict[str, str]]:
    with result.files["summary"].open(encoding="utf-8", newline="") as file:
        return {f"{row['section']}:{row['scheme']}:{row['item']}": row for row in csv.DictReader(file)}


def total(path: Path, column: str, **only: object) -> int:
    table = pq.read_table(path)
    for name, value in only.items():
        table = table.filter(pc.equal(table[name], value))
    return sum(table[column].drop_null().to_pylist())  # whole numbers of Python: exact whatever their size


# -- the sums --------------------------------------------------------------------------------------


def test_every_sum_of_contributions_is_the_sum_of_the_files(made: tuple[Reported, str]) -> None:
    result, _ = made
    files, rows = result.files, sums(result)
    lines = {key: row for key, row in rows.items() if row["section"] == "contributions"}
    assert len(lines) == 11
    for key, row in lines.items():
        rule = key.partition(":")[2].partition(":")[2].removeprefix("flexible:")
        who = {} if row["scheme"] == "resident_pension" else {"participation": 2 if ":flexible:" in key else 1}
        file = files["resident_contributions" if row["scheme"] == "resident_pension" else "contributions"]
        assert int(row["amount_fen"]) == total(file, rule, **who), key


def test_what_is_held_and_drawn_is_the_sum_of_the_files(made: tuple[Reported, str]) -> None:
    result, _ = made
    files, rows = result.files, sums(result)
    for kind, code in (("employee_retiree", 3), ("resident_pensioner", 5)):
        scheme = "employee_pension" if code == 3 else "resident_pension"
        row = rows[f"benefits:{scheme}:in_payment:{kind}"]
        assert int(row["amount_fen"]) == total(files["pensions"], "pension_in_payment", participation=code) > 0
    for column, scheme in (("account_balance", "employee_pension"), ("resident_account_balance", "resident_pension")):
        assert int(rows[f"accounts:{scheme}:{column}"]["amount_fen"]) == total(files["population"], column) > 0


def test_new_awards_are_of_those_who_may_claim(made: tuple[Reported, str]) -> None:
    result, _ = made
    table = pq.read_table(result.files["new_awards"])
    may = pc.fill_null(table["employee_pension.may_claim_pension"], False)
    row = sums(result)["benefits:employee_pension:new:awards"]
    granted = table.filter(may)["employee_pension.monthly_pension"].to_pylist()
    assert int(row["people"]) == len(granted) > 0
    assert int(row["amount_fen"]) == sum(granted)
    assert len(granted) < len(table), "some who reach the month have too few months"


def test_the_fund_is_what_comes_in_less_what_goes_out(made: tuple[Reported, str]) -> None:
    rows = sums(made[0])
    parts = [r for r in rows.values() if r["section"] == "contributions" and r["scheme"] == "employee_pension"]
    fund = {item: int(rows[f"fund:employee_pension:{item}"]["amount_fen"]) for item in ("in", "out", "in_minus_out")}
    assert fund["in"] == sum(int(r["amount_fen"]) for r in parts)
    assert fund["out"] == int(rows["benefits:employee_pension:in_payment:employee_retiree"]["amount_fen"])
    assert fund["in_minus_out"] == fund["in"] - fund["out"]


def test_people_add_up_and_heads_are_rounded_half_up(made: tuple[Reported, str]) -> None:
    rows = sums(made[0])
    people = {r["item"]: int(r["people"]) for r in rows.values() if r["section"] == "people"}
    assert people.pop("all") == PEOPLE == sum(people.values())
    for row in rows.values():
        if row["per_head_fen"]:
            exact = Fraction(int(row["amount_fen"]), int(row["people"]))
            assert Fraction(-1, 2) <= exact - int(row["per_head_fen"]) < Fraction(1, 2), row


def test_the_citizen_is_explained_to_the_same_fen(made: tuple[Reported, str]) -> None:
    citizen = made[0].citizen
    assert citizen is not None
    assert citizen.agrees
    assert citizen.explanation.find("transitional_pension").exact > 0


def test_a_complete_province_refuses_nobody(made: tuple[Reported, str]) -> None:
    result, said = made
    assert result.refused == []
    assert not any(line.estimate for line in result.lines)
    assert "33 of 37 sheets reproduced to the fen; 4 differ as stated" in said
    for path in result.files.values():
        assert path.is_file()
        assert str(path) in said.replace("\n", "")


# -- what a province lacks -------------------------------------------------------------------------


def test_what_is_lacking_is_refused_by_reason_and_kept(lacking: Reported) -> None:
    reasons = {reason: rows for _, _, reason, rows, _ in lacking.refused}
    employees = next(line.people for line in lacking.lines if line.item == "employee")
    assert reasons["missing parameter: medical.local_employer_rate"] == employees
    table = pq.read_table(lacking.files["contributions"])
    mine = table.filter(pc.equal(table["participation"], 1))
    assert len(mine) == employees
    assert mine["medical.employer_contribution"].null_count == employees
    assert set(mine["medical_employers_status"].to_pylist()) == {"missing parameter: medical.local_employer_rate"}
    assert set(mine["status"].to_pylist()) == {"ok"}, "one missing rate does not take the other amounts along"


def test_a_sum_of_nothing_is_empty_and_the_estimate_is_marked(lacking: Reported) -> None:
    rows = sums(lacking)
    refused = rows["contributions:medical:medical.employer_contribution"]
    assert (refused["people"], refused["amount_fen"]) == ("0", "")
    estimate = rows["contributions:medical:medical.employer_contribution_at_guideline"]
    assert estimate["estimate"] == "yes"
    assert estimate["people"] == refused["refused"]
    assert rows["fund:medical:in"]["estimate"] == "yes"


def test_what_cannot_be_known_is_empty_and_never_zero(tmp_path: Path) -> None:
    result = report(
        tmp_path, people=5_000, province=54, console=Console(file=io.StringIO())
    )  # Tibet: no base published
    rows = sums(result)
    for item in ("in", "in_minus_out"):
        assert rows[f"fund:employee_pension:{item}"]["amount_fen"] == ""
    people = {row["item"]: int(row["people"]) for row in rows.values() if row["section"] == "people"}
    assert int(rows["fund:employee_pension:in"]["refused"]) == people["employee"] + people["flexible"]
    assert int(rows["fund:employee_pension:out"]["amount_fen"]) > 0
    assert "refused, unknown" in result.page.read_text(encoding="utf-8")


def test_a_single_person_is_a_population(tmp_path: Path) -> None:
    result = report(tmp_path, people=1, console=Console(file=io.StringIO()))
    assert result.citizen is None
    assert Page(result.page.read_text(encoding="utf-8")).problems == []


# -- again, and wrong ------------------------------------------------------------------------------


def test_an_identical_population_is_used_again_and_another_is_made(tmp_path: Path) -> None:
    told: list[int] = []

    def run(people: int, seed: int = 1) -> bytes:
        quiet = Console(file=io.StringIO())
        result = report(tmp_path, people, progress=lambda done, _: told.append(done), console=quiet, seed=seed)
        return result.files["summary"].read_bytes()

    first = run(3_000)
    assert told[-1] == 3_000
    told.clear()
    assert run(3_000) == first
    assert told == []
    assert run(3_000, seed=2) != first
    assert told[-1] == 3_000


def test_an_unknown_province_or_month_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(BookError, match="province 99"):
        report(tmp_path / "out", people=100, province=99)
    with pytest.raises(BookError, match="YYYY-MM"):
        report(tmp_path / "out", people=100, month="July")
    assert not (tmp_path / "out").exists()


# -- the page --------------------------------------------------------------------------------------

VOID = {"meta", "br"}


class Page(HTMLParser):
    """Elements of the page; ``problems`` holds tags that do not close as they opened."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.problems: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.feed(text)
        self.problems += [f"<{tag}> is never closed" for tag in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {k: v or "" for k, v in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {k: v or "" for k, v in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}> at line {self.getpos()[0]}")

    def having(self, tag: str) -> Iterator[dict[str, str]]:
        return (attrs for name, attrs in self.elements if name == tag)


@pytest.fixture(scope="module", params=["complete", "lacking"])
def page(request: pytest.FixtureRequest, made: tuple[Reported, str], lacking: Reported) -> Path:
    return (made[0] if request.param == "complete" else lacking).page


def test_the_page_is_well_formed_and_needs_no_network(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    parsed = Page(text)
    assert parsed.problems == []
    links = [v for _, attrs in parsed.elements for k, v in attrs.items() if k in ("src", "href", "xlink:href")]
    assert links
    assert all(link.startswith("#") for link in links)
    assert "url(" not in text
    assert "@import" not in text
    assert not list(parsed.having("script"))
    assert "$" not in re.sub(r"<code>.*?</code>", "", text, flags=re.DOTALL), "a place of the template is left"


def test_every_chart_is_there_with_words_and_numbers(page: Path) -> None:
    parsed = Page(page.read_text(encoding="utf-8"))
    figures = [attrs["id"] for attrs in parsed.having("figure")]
    assert figures == [f"chart-{name}" for name in CHARTS]
    labelled = {attrs["aria-labelledby"] for attrs in parsed.having("svg")}
    titles = {attrs["id"] for attrs in parsed.having("title") if "id" in attrs}
    assert labelled == titles == {f"t-{name}" for name in CHARTS}
    ids = [attrs["id"] for _, attrs in parsed.elements if "id" in attrs]
    assert len(ids) == len(set(ids)), "an id is used twice"
    assert all(attrs.get("scope") for attrs in parsed.having("th"))


def test_the_page_says_what_is_assumed_and_what_was_refused(lacking: Reported) -> None:
    text = lacking.page.read_text(encoding="utf-8")
    assert "missing parameter: medical.local_employer_rate" in text
    assert "unemployment.local_employer_rate[44]" in text
    assert text.count('class="tree"') == 2


def test_a_browser_shows_the_page_without_complaint(page: Path, tmp_path: Path) -> None:
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        pytest.skip("no Chromium on this machine")
    shot = tmp_path / "page.png"
    flags = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    told = ["--enable-logging=stderr", "--window-size=390,844", f"--screenshot={shot}", page.as_uri()]
    done = subprocess.run([browser, *flags, *told], capture_output=True, text=True, timeout=120, check=True)
    assert "CONSOLE" not in done.stderr
    assert shot.stat().st_size > 10_000
