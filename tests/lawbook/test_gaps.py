"""What is missing or assumed, and where: counted from the tables and from who asks."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from bookpages import Site, read

from shebao.engine import Rulebook
from shebao.law import rulebook
from shebao.law.regions import ALL, GUANGDONG, JIANGSU
from shebao.lawbook.gaps import NATION, Cell, gaps, lines, newest_year
from shebao.lawbook.gapspage import alone, as_json, as_markdown
from shebao.lawbook.pictures import TILES
from shebao.lawbook.shelf import Library, Shelf


@pytest.fixture(scope="module")
def cells() -> list[Cell]:
    return gaps(rulebook())


def of(cells: list[Cell], parameter: str) -> dict[tuple[int, int | None], str]:
    return {(cell.region, cell.year): cell.status for cell in cells if cell.parameter == parameter}


def test_every_province_has_one_tile() -> None:
    assert set(TILES) == set(ALL)
    assert len(set(TILES.values())) == len(ALL)


def test_a_table_of_provinces_and_years(cells: list[Cell]) -> None:
    table = next(p for p in rulebook().parameters() if p.full_name == "employee_pension.published_base_wage")
    held = {entry.key: entry.certainty for entry in table.entries}
    years = range(min(int(year) for _, year in held), newest_year(rulebook()) + 1)
    expected = {(region, year): held.get((region, year), "missing") for region in ALL for year in years}
    assert of(cells, table.full_name) == expected


def test_a_dated_table_that_two_provinces_use(cells: list[Cell]) -> None:
    table = next(p for p in rulebook().parameters() if p.full_name == "employee_pension.new_method_share")
    found = of(cells, table.full_name)
    assert {region for region, _ in found} == {JIANGSU, GUANGDONG}
    for (region, year), status in found.items():
        inside = [
            e.certainty
            for e in table.resolved()
            if e.key == (region,) and e.since <= (year or 0) * 12 + 11 and e.until >= (year or 0) * 12
        ]
        assert status == max(inside or ["missing"], key=("official", "reported", "assumed", "missing").index)


def test_every_assumed_value_is_in_an_open_cell(cells: list[Cell]) -> None:
    doubtful = {p.full_name for p in rulebook().parameters() if any(e.certainty == "assumed" for e in p.entries)}
    assert doubtful <= {cell.parameter for cell in cells if cell.open}


def test_only_who_asks_can_miss(evil_law: Rulebook) -> None:
    found = gaps(evil_law)
    missing = {region for (region, _), status in of(found, "local_rate").items() if status == "missing"}
    assert missing == {GUANGDONG}
    assert of(found, "local_rate")[11, 2018] == "official"


def test_a_condition_on_the_year_ends_the_asking(evil_law: Rulebook) -> None:
    found = of(gaps(evil_law), "old_rate")
    assert found[GUANGDONG, 2015] == "missing"
    assert found[GUANGDONG, 2014] == "reported"
    assert found[11, 2015] == "missing"
    assert (11, 2016) not in found
    assert found[GUANGDONG, 2018] == "reported"  # a value nobody asks for is still a value


def test_a_condition_on_the_province_ends_the_asking(evil_law: Rulebook) -> None:
    assert of(gaps(evil_law), "spot_rate") == {(11, None): "missing", (GUANGDONG, None): "official"}


def test_the_nations_parameters_stand_apart(evil_law: Rulebook) -> None:
    assert of(gaps(evil_law), "rate") == {(NATION, 2020): "assumed", (NATION, 2022): "official"}
    assert of(gaps(evil_law), "new_rate") == {
        (NATION, 2016): "official",
        (NATION, 2017): "missing",
        (NATION, 2018): "missing",
    }


def test_the_lines_say_what_the_cells_say(cells: list[Cell]) -> None:
    told = Counter[str]()
    for _, status, regions, years in lines(cells):
        told[status] += len(regions) * max(1, len(years))
    assert told == Counter(cell.status for cell in cells if cell.open)


def test_the_gaps_for_programs(cells: list[Cell]) -> None:
    rows = json.loads(as_json(cells))
    assert len(rows) == sum(cell.open for cell in cells)
    assert {row["status"] for row in rows} == {"assumed", "missing"}
    page = as_markdown(rulebook(), cells, "en")
    assert all(line.count(" | ") == 4 for line in page.splitlines() if line.startswith("| `"))


def test_the_page_of_its_own_needs_no_other_file(site: Site, cells: list[Cell], tmp_path) -> None:
    file = tmp_path / "gaps.html"
    file.write_text(alone(Shelf(Library(site.book, site.cases), "zh", ("zh",)), cells), encoding="utf-8")
    page = read(file)
    assert not page.faults
    assert not page.links
    assert not page.scripts
