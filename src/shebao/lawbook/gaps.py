"""Where the rulebook still needs help: values that are missing or assumed, by parameter, province and year.

A *cell* is one parameter in one province (0: the whole nation) and one year (None: a table without dates). Its status
is that of its least certain value, or ``missing`` where rules in force may ask for it and there is none. Which
provinces and years may ask is read off the rules: a table that only Guangdong's reading of a rule uses is missing
nowhere else, and one that is read only under a condition on the year is asked for in no other year. Years before a
table's first value, and after the newest year any provincial table has, are not asked for; a table without any value
is asked for that newest year alone.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from shebao.engine.book import Book, Rule, Variant, uses
from shebao.engine.parameters import CERTAINTIES, FOREVER, Entry, Parameter
from shebao.law.regions import ALL
from shebao.lawbook.guards import Reading, readings

NATION = 0  # the region of a parameter that is the same everywhere
STATUSES = (*CERTAINTIES, "missing")


@dataclass(frozen=True)
class Cell:
    """One parameter, province and year with its status (``official``, ``reported``, ``assumed``, ``missing``)."""

    parameter: str
    room: str
    region: int
    year: int | None
    status: str

    @property
    def open(self) -> bool:
        """Whether somebody can help here."""
        return self.status in ("assumed", "missing")


@dataclass(frozen=True)
class Demand:
    """One reading of a rule that uses a parameter: the provinces that may ask it, and from which year to which."""

    regions: frozenset[int]
    first: int
    last: int
    keys: tuple[str, ...] = ()
    readings: tuple[Reading, ...] = ()  # none: read without keys

    def asks(self, region: int, year: int | None) -> bool:
        """Whether it may ask for a province's value of a year."""
        in_time = year is None or self.first <= year <= self.last
        if not in_time or (region != NATION and region not in self.regions):
            return False
        known = {k: part for k, key in enumerate(self.keys) if (part := {"region": region, "year": year}.get(key))}
        return not self.readings or any(reading.reached(known) for reading in self.readings)


def gaps(book: Book) -> list[Cell]:
    """Every cell of every parameter, in the book's order; ``cell.open`` are the gaps."""
    newest = newest_year(book)
    demands = _demands(book)
    return [cell for p in book.parameters() for cell in _cells(p, demands.get(p.full_name, []), newest)]


def newest_year(book: Book) -> int:
    """The newest year any table of provinces and years has a value for; 0 if there is none."""
    tables = (p for p in book.parameters() if {"region", "year"} <= set(p.keys))
    return max((int(entry.key[p.keys.index("year")]) for p in tables for entry in p.entries), default=0)


def _cells(parameter: Parameter, demands: list[Demand], newest: int) -> Iterator[Cell]:
    held: dict[tuple[int, int | None], list[str]] = defaultdict(list)
    for entry in parameter.resolved():
        for year in _years(parameter, entry, newest):
            held[_region(parameter, entry), year].append(entry.certainty)
    for region, year in sorted({*held, *_asked(parameter, demands, held, newest)}, key=_order):
        status = max(held.get((region, year), ["missing"]), key=STATUSES.index)
        yield Cell(parameter.full_name, parameter.room, region, year, status)


def _order(place: tuple[int, int | None]) -> tuple[int, int]:
    return place[0], place[1] or 0


def _region(parameter: Parameter, entry: Entry) -> int:
    return int(entry.key[parameter.keys.index("region")]) if "region" in parameter.keys else NATION


def _years(parameter: Parameter, entry: Entry, newest: int) -> Iterable[int | None]:
    """The years an entry speaks for: its key, or for provinces those it is in force in, or the one it begins in."""
    if "year" in parameter.keys:
        return [int(entry.key[parameter.keys.index("year")])]
    if not parameter.dated:
        return [None]
    first = entry.since // 12 if entry.since > -FOREVER else _first(parameter, newest)
    if "region" not in parameter.keys:
        return [first]
    return range(first, max(first, min(entry.until // 12, newest)) + 1)


def _first(parameter: Parameter, newest: int) -> int:
    """The first year any dated value of a parameter begins in."""
    return min((e.since // 12 for e in parameter.entries if e.since > -FOREVER), default=newest)


def _asked(
    parameter: Parameter, demands: list[Demand], held: Mapping[tuple[int, int | None], list[str]], newest: int
) -> Iterator[tuple[int, int | None]]:
    """The cells some rule may ask for."""
    known = [year for _, year in held if year is not None]
    years: Iterable[int | None]
    if "year" in parameter.keys or (parameter.dated and "region" in parameter.keys):
        years = range(min(known, default=newest), newest + 1)
    elif held:
        years = [] if "region" not in parameter.keys else [None]
    else:
        years = [None]
    regions = ALL if "region" in parameter.keys else (NATION,)
    for region in regions:
        for year in years:
            if any(demand.asks(region, year) for demand in demands):
                yield region, year


# -- who asks ----------------------------------------------------------------------------------------


def _demands(book: Book) -> dict[str, list[Demand]]:
    """Full name of a parameter → the readings that use it."""
    reach = _reach(book)
    found: dict[str, list[Demand]] = defaultdict(list)
    for rule in book.rules():
        for variant in rule.variants:
            regions = reach[rule.full_name] & _places(variant)
            for arg, used in zip(variant.args, book.wires(rule, variant), strict=True):
                node = book.nodes.get(used)
                if isinstance(node, Parameter):
                    places = tuple(readings(variant, arg)) if node.keys else ()
                    found[used].append(Demand(regions, variant.since // 12, variant.until // 12, node.keys, places))
    return found


def _places(variant: Variant) -> frozenset[int]:
    return frozenset(ALL) if variant.region is None else variant.region


def _reach(book: Book) -> dict[str, frozenset[int]]:
    """Full name of a rule → the provinces in which anything asks for it; one that no rule uses is asked everywhere."""
    above: dict[str, list[tuple[Rule, Variant | None]]] = defaultdict(list)
    for rule in book.rules():
        direct = {u for v in rule.variants for u in book.wires(rule, v)}
        for variant in rule.variants:
            for used in set(book.wires(rule, variant)) - {"before"}:
                above[used].append((rule, variant))
        for used in uses(book, rule) - direct:  # its date, its province, its first state
            above[used].append((rule, None))
    found: dict[str, frozenset[int]] = {}

    def of(name: str) -> frozenset[int]:
        if name not in found:
            users = above.get(name, [])
            parts = [of(rule.full_name) & (_places(v) if v else frozenset(ALL)) for rule, v in users]
            found[name] = frozenset().union(*parts) if users else frozenset(ALL)
        return found[name]

    return {rule.full_name: of(rule.full_name) for rule in book.rules()}


# -- summaries ---------------------------------------------------------------------------------------


def counts(cells: Iterable[Cell]) -> dict[int, Counter[str]]:
    """Region → how many cells have each status."""
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for cell in cells:
        found[cell.region][cell.status] += 1
    return found


def lines(cells: Iterable[Cell]) -> list[tuple[str, str, tuple[int, ...], tuple[int, ...]]]:
    """Open cells as few lines as they need: parameter, status, regions that lack the same years, those years."""
    years: dict[tuple[str, str, int], list[int]] = {}
    for cell in cells:
        if cell.open:
            years.setdefault((cell.parameter, cell.status, cell.region), []).extend([cell.year] if cell.year else [])
    found: dict[tuple[str, str, tuple[int, ...]], list[int]] = {}
    for (name, status, region), lacked in years.items():
        found.setdefault((name, status, tuple(lacked)), []).append(region)
    return [(name, status, tuple(regions), lacked) for (name, status, lacked), regions in found.items()]
