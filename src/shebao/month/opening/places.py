"""Offices of the five levels, and where people and employers are put."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shebao.books import BooksError
from shebao.month.opening.sources import Division, assumed, divisions

#: area, level, name, area of the office above
Office = tuple[int, int, str, int | None]


@dataclass(frozen=True)
class Places:
    """The offices of a province, those above first; towns and villages by area, and what a county is called."""

    offices: list[Office]
    towns: np.ndarray
    villages: np.ndarray
    county_names: dict[int, str]

    def county_of(self, area: int) -> str:
        """The name of the county an area lies in."""
        return self.county_names[area // 1_000_000]


def places(region: int) -> Places:
    """The offices of a province; ``BooksError`` if its divisions are not known."""
    known = divisions(region)
    if not known:
        raise BooksError(f"the divisions of province {region} are not known 无该省行政区划")
    upper = [known[0], *_cities(known), *_counties(known)]
    offices: list[Office] = [(d.code * 10**6, d.level, d.name, d.parent * 10**6 or None) for d in upper]
    below, towns, villages = assumed("places_below_county"), [], []
    for county in (d for d in upper if d.level == 3):
        for t in range(1, below["towns"] + 1):
            town = county.code * 10**6 + t * 1000
            towns.append(town)
            offices.append((town, 4, f"{county.name}第{t}街道", county.code * 10**6))
            for v in range(1, below["villages"] + 1):
                villages.append(town + v)
                offices.append((town + v, 5, f"{county.name}第{t}街道第{v}社区", town))
    names = {d.code: d.name for d in upper if d.level == 3}
    return Places(offices, np.array(towns), np.array(villages), names)


def _cities(known: list[Division]) -> list[Division]:
    """Cities, and for counties straight under the province the group their codes put them in."""
    cities = {d.code: d for d in known if d.level == 2}
    for county in (d for d in known if d.level == 3):
        code = county.code // 100 * 100
        cities.setdefault(code, Division(code, f"{known[0].name}直辖", 2, known[0].code))
    return sorted(cities.values())


def _counties(known: list[Division]) -> list[Division]:
    """Counties under their cities; a city without counties gets one office for its towns."""
    counties = [d._replace(parent=d.code // 100 * 100) for d in known if d.level == 3]
    some = {d.parent for d in counties}
    bare = [d for d in known if d.level == 2 and d.code not in some]
    return sorted([*counties, *(Division(d.code + 99, f"{d.name}直辖镇街", 3, d.code) for d in bare)])
