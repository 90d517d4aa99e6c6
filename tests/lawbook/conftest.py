"""The book of the real law, and of a hostile one, each written once."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator

import pytest
from bookpages import EVIL, PARAMETERS, README, ROOM, RULES, Site, written

from shebao.engine import Rulebook, load
from shebao.law import rulebook
from shebao.law.cases import Case, load_cases


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The book of the real law."""
    return written(tmp_path_factory.mktemp("book"), rulebook(), load_cases())


@pytest.fixture(scope="session")
def evil_law(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rulebook]:
    """A law of one room whose labels, documents, notes and README try to break out of the page."""
    package = tmp_path_factory.mktemp("laws") / "evil_law"
    package.mkdir()
    (package / "__init__.py").write_text(ROOM.replace("EVIL", repr(EVIL)), encoding="utf-8")
    (package / "rules.py").write_text(RULES.replace("EVIL", repr(EVIL)), encoding="utf-8")
    quoted = "'" + EVIL.replace("'", "''") + "'"
    (package / "p.yaml").write_text(PARAMETERS.replace("EVIL", quoted), encoding="utf-8")
    (package / "README.md").write_text(README, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(package.parent))
        importlib.invalidate_caches()
        yield load("evil_law")
        sys.modules.pop("evil_law", None)


@pytest.fixture(scope="session")
def evil_site(evil_law: Rulebook, tmp_path_factory: pytest.TempPathFactory) -> Site:
    facts = {"wage": "2", "kind": "a<b", "region": "44"}
    case = Case("E<1>", EVIL, "2025-03", "", EVIL, "assumed", facts, {"due": "0.18", "local": "1"}, file="cases.yaml")
    return written(tmp_path_factory.mktemp("evil"), evil_law, [case])
