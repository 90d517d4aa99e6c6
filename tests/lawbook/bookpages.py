"""Pages of the book read back, and a small law whose every word is hostile."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from shebao.engine import Rulebook
from shebao.law.cases import Case
from shebao.lawbook.site import write

VOID = {"meta", "link", "input", "br", "hr", "img"}

EVIL = "<script>alert(1)</script> & \"'<img src=x onerror=alert(1)>"

ROOM = """
from shebao.engine import Room
ROOM = Room(label=EVIL, modules=["rules"])
"""
RULES = """
from shebao.engine import Ratio, Region, Year, Yuan, YuanPerMonth, YesNo, choice, fact, rule, to_fen
region = fact(Region, label=EVIL)
wage = fact(YuanPerMonth, 0, 100_000, label="工资")
kind = choice("a<b", "c&d", label=EVIL)
account_year = fact(Year, 1990, 2100, label="年度")

@rule(cite=EVIL, label=EVIL)
def due(wage, rate, kind) -> YuanPerMonth:
    \"\"\"<script>alert(1)</script> & `wage` <b>bold</b>\"\"\"
    return to_fen(wage * rate) if kind == "a<b" and wage < 3 else 0

@rule(cite="x", label="本地", region=44)
def local(wage, local_rate, region) -> YuanPerMonth:
    \"\"\"Only Guangdong asks for the local rate.\"\"\"
    return to_fen(wage * local_rate[region])

@rule(cite="x", label="两地")
def spot(region, wage, spot_rate) -> Ratio:
    \"\"\"Guangdong, and Beijing where the wage is high.\"\"\"
    return spot_rate[region] if region == 44 or (wage > 3 and region == 11) else 0

@rule(cite="x", label="旧率")
def old(account_year, region, old_rate, new_rate) -> Ratio:
    \"\"\"The province's rate before 2016, the nation's since.\"\"\"
    if account_year < 2016:
        return old_rate[region, account_year]
    return new_rate[account_year]
"""
PARAMETERS = """
rate:
  label: EVIL
  unit: Ratio
  values:
    - {from: 2020-01, value: 8%, source: EVIL, certainty: assumed, note: EVIL}
    - {from: 2022-01, value: 9%, source: 文件, certainty: official}
local_rate:
  label: 本地比例
  unit: Ratio
  keys: [region]
  values:
    - {from: 2015-01, source: 文件, certainty: official, value: {11: 1%}}
spot_rate:
  label: 两地比例
  unit: Ratio
  keys: [region]
  values:
    - {source: 文件, certainty: official, value: {44: 1%}}
old_rate:
  label: 旧记账利率
  unit: Ratio
  keys: [region, year]
  values:
    - {source: 文件, certainty: reported, value: {44: {2013: 1%, 2014: 2%, 2018: 3%}}}
new_rate:
  label: 记账利率
  unit: Ratio
  keys: [year]
  values:
    - {source: 文件, certainty: official, value: {2016: 8%}}
"""
README = """# Evil <script>alert(1)</script>

<img src=x onerror=alert(1)> and [a link](javascript:alert(1)), [another](../../secret.md), `wage`.
"""


@dataclass
class Read(HTMLParser):
    """A page as its reader meets it: anchors, links, elements, text; and whether every element is closed."""

    anchors: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    elements: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    text: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    _open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        for name, value in attrs:
            if name == "id":
                self.anchors.append(value or "")
            elif name == "href":
                self.links.append(value or "")
            elif name == "src":
                self.scripts.append(value or "")
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"</{tag}> at line {self.getpos()[0]} closes nothing")

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(file: Path) -> Read:
    """A page read back."""
    page = Read()
    page.feed(file.read_text("utf-8"))
    page.close()
    page.faults += [f"<{tag}> is never closed" for tag in page._open]
    return page


@dataclass(frozen=True)
class Site:
    """A written book with every page read back, by ``zh/index.html``."""

    folder: Path
    book: Rulebook
    cases: list[Case]
    pages: dict[str, Read]


def written(folder: Path, book: Rulebook, cases: list[Case]) -> Site:
    write(book, cases, folder)
    pages = {str(f.relative_to(folder)): read(f) for f in sorted(folder.rglob("*.html"))}
    return Site(folder, book, cases, pages)
