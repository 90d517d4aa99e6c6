"""A population gets what each of its people gets alone; and the report says who has not claimed."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.parquet as pq
import pytest

from shebao.engine import BookError, Rulebook
from shebao.engine.book import Fact
from shebao.engine.units import parse_month, show_month
from shebao.entitled import Catalogue, entitled, load_catalogue
from shebao.entitled.people import entitled_people

MONTH = "2025-07"


@pytest.fixture(scope="module")
def catalogue(book: Rulebook) -> Catalogue:
    return load_catalogue(book)


def people(count: int) -> list[dict[str, Any]]:
    """Made-up people of three provinces, old and young, some facts of whom are empty."""
    draw = random.Random(5)
    made = []
    for _ in range(count):
        made.append(
            {
                "region": draw.choice([34, 44, 51]),
                "birth_month": parse_month(f"{draw.randint(1955, 2000)}-{draw.randint(1, 12):02d}"),
                "sex": "male",
                "category": "men60",
                "contribution_months": draw.choice([None, 0, 100, 181, 300, 400]),
                "average_index": draw.choice([6_000, 8_000, 12_000]),
                "account_balance": draw.randint(0, 20_000_000),
                "deemed_months": 0,
                "pension_in_payment": draw.choice([0, 0, 300_000]),
                "resident_contribution_years": draw.choice([0, 150_000, 200_000]),
                "resident_account_balance": draw.randint(0, 3_000_000),
                "scheme_start_month": parse_month("2012-01"),
                "unemployment_months_paid": draw.choice([0, 7, 30, 130]),
                "involuntary": draw.random() < 0.7,
                "registered_and_seeking": draw.random() < 0.7,
                "registration_month": parse_month("2025-05"),
            }
        )
    return made


UNITS = {
    "average_index": ("Index", 10_000),
    "account_balance": ("Yuan", 100),
    "pension_in_payment": ("YuanPerMonth", 100),
    "resident_contribution_years": ("Years", 10_000),
    "resident_account_balance": ("Yuan", 100),
}
MONTHS = ("birth_month", "scheme_start_month", "registration_month")


def as_written(person: dict[str, Any]) -> dict[str, Any]:
    """A row as its facts would be given for one person; what is empty is not given."""
    facts = {}
    for name, value in person.items():
        if value is None:
            continue
        scale = UNITS.get(name, ("", 1))[1]
        facts[name] = f"{value}/{scale}" if scale > 1 else show_month(value) if name in MONTHS else value
    return facts


def written(path: Path, rows: list[dict[str, Any]]) -> Path:
    table = pa.Table.from_pylist(rows)
    fields = []
    for field in table.schema:
        if field.name in UNITS:
            unit, scale = UNITS[field.name]
            field = field.with_metadata({"shebao.unit": unit, "shebao.scale": str(scale)})
        fields.append(field)
    pq.write_table(table.cast(pa.schema(fields)), path)
    return path


def test_a_population_gets_what_each_person_gets_alone(book: Rulebook, catalogue: Catalogue, tmp_path: Path) -> None:
    rows, law = people(150), book.at(MONTH)
    src = written(tmp_path / "people.parquet", rows)
    report = entitled_people(law, src, tmp_path / "claims.parquet", catalogue=catalogue, threads=1)
    found: dict[int, dict[str, Any]] = {}
    for claim in pq.read_table(tmp_path / "claims.parquet").to_pylist():
        found.setdefault(claim["row"], {})[claim["benefit"]] = claim
    judged = set(catalogue.benefits) - set(report.lacking)
    assert {"employee_pension", "resident_pension", "unemployment_benefit"} <= judged
    for number, person in enumerate(rows, 1):
        alone = entitled(law, as_written(person), catalogue)
        due = [f for f in alone.of("entitled", "excluded") if f.benefit.id in judged]
        claims = found.pop(number, {})
        assert set(claims) == {f.benefit.id for f in due}, person
        for finding in due:
            claim = claims[finding.benefit.id]
            amount = None if finding.amount is None else int(finding.amount * 100)
            assert (claim["amount"], claim["gives_way_to"] or "") == (amount, finding.gives_way_to), person
            assert claim["drawn"] == finding.drawn
    assert not found
    assert report.sums["unemployment_benefit"].people > 10, "the sample has jobless people"
    assert report.sums["resident_pension"].gives_way > 0, "and some who may draw two pensions"


def value(fact: Fact, draw: random.Random) -> int:
    """A value of a fact as it is stored, where people's mostly are."""
    if fact.unit.kind == "region":
        return draw.choice([31, 34, 44, 51])
    if fact.values or fact.unit.kind == "yes_no":
        return draw.randrange(len(fact.values) or 2)
    low, high = int(fact.low * fact.scale), int(fact.high * fact.scale)
    if fact.unit.kind == "month":
        first, last = (1950, 2008) if fact.name == "birth_month" else (2024, 2025)
        drawn = draw.randrange(first * 12, last * 12 + 12)
    else:
        drawn = int(draw.lognormvariate(0, 1) * (5_000 if fact.unit.kind == "money" else 20) * fact.scale)
    return min(max(drawn, low), high)


def shown(fact: Fact, stored: int) -> object:
    """A stored value as a person writes it."""
    if fact.values:
        return fact.values[stored]
    if fact.unit.kind == "month":
        return show_month(stored)
    if fact.unit.kind == "yes_no":
        return bool(stored)
    return stored if fact.scale == 1 else f"{stored}/{fact.scale}"


def every_fact(book: Rulebook, catalogue: Catalogue, count: int) -> tuple[list[Fact], list[dict[str, int | None]]]:
    """People with a cell for every fact, of whom the schemes know much or nothing."""
    rooms = {rule.rpartition(".")[0] for benefit in catalogue.benefits.values() for rule in benefit.rules} | {""}
    again = {name for group in catalogue.same for name in group[1:]}
    facts = [f for f in book.facts() if f.room in rooms and not f.over and f.full_name not in {"month", *again}]
    draw = random.Random(11)
    made = []
    for _ in range(count):
        known = {room: not room or draw.random() < 0.4 for room in sorted(rooms)}
        made.append({f.full_name: value(f, draw) if known[f.room] and draw.random() < 0.9 else None for f in facts})
    return facts, made


def test_every_benefit_of_people_of_whom_much_is_known(book: Rulebook, catalogue: Catalogue, tmp_path: Path) -> None:
    """One refused benefit stops no other; what is empty is not given, and presumed where the law presumes it."""
    facts, rows = every_fact(book, catalogue, 60)
    fields = []
    for fact in facts:
        notes = {"shebao.unit": fact.unit.name, "shebao.scale": str(fact.scale)}
        notes |= {"shebao.values": ",".join(fact.values)} if fact.values else {}
        fields.append(pa.field(fact.full_name, pa.int64(), metadata=notes))
    pq.write_table(pa.Table.from_pylist(rows, pa.schema(fields)), tmp_path / "people.parquet")
    law = book.at(MONTH)
    report = entitled_people(law, tmp_path / "people.parquet", tmp_path / "claims.parquet", catalogue=catalogue)
    judged = set(catalogue.benefits) - set(report.lacking)
    assert len(judged) > 100
    found: dict[int, dict[str, Any]] = {n: {} for n in range(1, len(rows) + 1)}
    for claim in pq.read_table(tmp_path / "claims.parquet").to_pylist():
        found[claim["row"]][claim["benefit"]] = (claim["amount"], claim["gives_way_to"] or "", claim["drawn"])
    unknown: dict[str, int] = {}
    for number, row in enumerate(rows, 1):
        person = {f.full_name: shown(f, stored) for f in facts if (stored := row[f.full_name]) is not None}
        alone = entitled(law, person, catalogue)
        assert found[number] == {
            f.benefit.id: (None if f.amount is None else int(f.amount * 100), f.gives_way_to, f.drawn)
            for f in alone.of("entitled", "excluded")
            if f.benefit.id in judged
        }
        for finding in alone.of("unknown", "no_rule"):
            if finding.benefit.id in judged:
                unknown[finding.benefit.id] = unknown.get(finding.benefit.id, 0) + 1
    assert {name: why.total() for name, why in report.not_judged.items()} == unknown
    assert len({name for claims in found.values() for name in claims}) > 50, "most benefits are claimed by somebody"


def test_households_bring_their_members(book: Rulebook, catalogue: Catalogue, tmp_path: Path) -> None:
    member = pa.struct([pa.field("member_income", pa.int64(), metadata={"shebao.unit": "YuanPerMonth"})])
    members = [[{"member_income": 0}, {"member_income": 90_000}], None, [{"member_income": 500_000}]]
    table = pa.table(
        {
            "social_assistance.household_members": pa.array(members, pa.list_(member)),
            "social_assistance.dibao_standard": pa.array(["820", "820", "820"]),
            "property_within_limits": [True, True, True],
        }
    )
    pq.write_table(table, tmp_path / "people.parquet")
    report = entitled_people(
        book.at(MONTH), tmp_path / "people.parquet", tmp_path / "claims.parquet", catalogue=catalogue
    )
    (claim,) = pq.read_table(tmp_path / "claims.parquet").to_pylist()
    assert (claim["row"], claim["benefit"], claim["amount"]) == (1, "dibao", 2 * 82_000 - 90_000)
    assert "dibao" not in report.not_judged, "who brings no household is not asked about it"


def test_one_column_answers_what_several_schemes_ask(book: Rulebook, catalogue: Catalogue, tmp_path: Path) -> None:
    rows = [{"region": 44, "on_dibao": True, "social_assistance.disability_grade": 1, "needs_long_term_care": True}]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "people.parquet")
    report = entitled_people(
        book.at(MONTH), tmp_path / "people.parquet", tmp_path / "claims.parquet", catalogue=catalogue
    )
    assert report.sums["disability_living"].people == 1
    assert report.sums["disability_nursing"].people == 1


def test_a_column_that_means_two_facts_is_refused(book: Rulebook, catalogue: Catalogue, tmp_path: Path) -> None:
    """The grade of a disabled person's card is not the grade of an injury at work."""
    pq.write_table(pa.table({"region": [44], "disability_grade": [1]}), tmp_path / "people.parquet")
    with pytest.raises(BookError, match=r"'disability_grade' stands for .*; write the full name"):
        entitled_people(book.at(MONTH), tmp_path / "people.parquet", tmp_path / "claims.parquet", catalogue=catalogue)


def test_who_draws_is_not_known_where_the_cell_is_empty(book: Rulebook, catalogue: Catalogue, tmp_path: Path) -> None:
    person = dict(people(1)[0], birth_month=parse_month("1960-01"), contribution_months=400)
    rows = [dict(person, pension_in_payment=drawn) for drawn in (None, 0, 300_000)]
    src = written(tmp_path / "people.parquet", rows)
    report = entitled_people(book.at(MONTH), src, tmp_path / "claims.parquet", catalogue=catalogue)
    pensions = report.sums["employee_pension"]
    assert (pensions.people, pensions.drawn, pensions.not_drawn) == (3, 1, 1)


def test_the_report_counts_who_has_not_claimed(book: Rulebook, catalogue: Catalogue, tmp_path: Path) -> None:
    person = dict(
        people(1)[0],
        region=34,
        birth_month=parse_month("1960-01"),
        contribution_months=0,
        pension_in_payment=0,
        resident_contribution_years=150_000,
    )
    rows = [dict(person, drawn_resident_pension=drawn) for drawn in (True, False, False)]
    rows.append(dict(person, region=44, drawn_resident_pension=False))
    src = written(tmp_path / "people.parquet", rows)
    out = tmp_path / "claims.parquet"
    report = entitled_people(book.at(MONTH), src, out, catalogue=catalogue)
    everywhere, anhui = report.sums["resident_pension"], report.by_region["resident_pension", 34]
    assert (everywhere.people, everywhere.drawn, everywhere.not_drawn) == (4, 1, 3)
    assert (anhui.people, anhui.not_drawn) == (3, 2)
    assert 3 * anhui.fen_not_drawn == 2 * anhui.fen > 0
    one = entitled_people(book.at(MONTH), src, out, region=34, catalogue=catalogue, overwrite=True)
    assert one.sums["resident_pension"].people == one.rows == 3
    assert {claim["row"] for claim in pq.read_table(out).to_pylist()} == {1, 2, 3}


def test_a_row_that_cannot_be_judged_is_counted_with_its_reason(
    book: Rulebook, catalogue: Catalogue, tmp_path: Path
) -> None:
    rows = people(20)
    for person in rows:
        person |= {"contribution_months": None, "birth_month": parse_month("1960-01")}
    rows[0]["contribution_months"] = 400
    src = written(tmp_path / "people.parquet", rows)
    report = entitled_people(book.at(MONTH), src, tmp_path / "claims.csv", catalogue=catalogue)
    assert report.not_judged["employee_pension"] == {"null: employee_pension.contribution_months": 19}
    assert "resident_pension" not in report.not_judged, "an empty fact of one benefit does not stop another"
    assert "unemployment.involuntary" not in str(report.lacking)


def test_csv_in_and_out_says_the_same(book: Rulebook, catalogue: Catalogue, tmp_path: Path) -> None:
    src, out = tmp_path / "people.csv", tmp_path / "claims.csv"
    src.write_text(
        "name,region,birth_month,resident_contribution_years,resident_account_balance,scheme_start_month\n"
        "甲,34,1960-01,15,13900,2012-01\n乙,34,1990-01,1,1000,2012-01\n",
        encoding="utf-8",
    )
    report = entitled_people(book.at(MONTH), src, out, keep=["name"], catalogue=catalogue)
    assert report.rows == 2
    claims = pcsv.read_csv(out, convert_options=pcsv.ConvertOptions(column_types={"amount": pa.string()})).to_pylist()
    facts = {
        "region": 34,
        "birth_month": "1960-01",
        "resident_contribution_years": 15,
        "resident_account_balance": 13900,
        "scheme_start_month": "2012-01",
    }
    amount = book.at(MONTH).explain("resident_pension.monthly_pension", facts).value
    assert [(c["name"], c["benefit"], c["amount"]) for c in claims] == [("甲", "resident_pension", amount)]


def test_nothing_is_written_where_the_request_is_wrong(book: Rulebook, catalogue: Catalogue, tmp_path: Path) -> None:
    src, out = written(tmp_path / "people.parquet", people(2)), tmp_path / "claims.parquet"
    with pytest.raises(BookError, match="no column 'nmae' to keep"):
        entitled_people(book.at(MONTH), src, out, keep=["nmae"], catalogue=catalogue)
    with pytest.raises(BookError, match="both input and output"):
        entitled_people(book.at(MONTH), src, src, catalogue=catalogue)
    odd = written(tmp_path / "odd.parquet", [dict(people(1)[0], drawn_unemployment_benefit="maybe")])
    with pytest.raises(BookError, match="texts other than yes and no"):
        entitled_people(book.at(MONTH), odd, out, catalogue=catalogue)
    assert not out.exists()
