"""The small law, a maker of smaller ones, and a kernel cache of the tests' own."""

from __future__ import annotations

import importlib
import itertools
import sys
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from lawmaking import MakeLaw, tiny_book

from shebao.engine import Rulebook, load
from shebao.engine.rulebook import Law

HEAD = "from shebao.engine import *\n"
ROOT = "from shebao.engine import Room\nROOM = Room(label='法', modules=['rules'])\n"


@pytest.fixture(scope="session", autouse=True)
def kernel_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """No test meets a kernel of an earlier run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHEBAO_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        patch.delenv("SHEBAO_NOJIT", raising=False)
        yield tmp_path_factory.getbasetemp()


@pytest.fixture(scope="session")
def tiny() -> Rulebook:
    """The law in ``tinylaw/``."""
    return tiny_book()


@pytest.fixture(scope="session")
def law(tiny: Rulebook) -> Law:
    """The small law of March 2025."""
    return tiny.at("2025-03")


@pytest.fixture(scope="session")
def make_law(tmp_path_factory: pytest.TempPathFactory) -> MakeLaw:
    """``make_law(rules, parameters, files)``: a package of one module ``rules.py`` and one ``p.yaml``, loaded.

    ``files`` adds or replaces files by path; every ``.py`` but ``__init__.py`` has the words of the language imported.
    """
    folder = tmp_path_factory.mktemp("laws")
    sys.path.insert(0, str(folder))
    numbers = itertools.count()

    def make(rules: str = "", parameters: str = "", files: Mapping[str, str] | None = None) -> Rulebook:
        package = f"made_law_{next(numbers)}"
        written = {"__init__.py": ROOT, "rules.py": rules, "p.yaml": parameters, **(files or {})}
        for name, text in written.items():
            path = folder / package / name
            path.parent.mkdir(parents=True, exist_ok=True)
            head = HEAD if name.endswith(".py") and path.name != "__init__.py" and "from shebao" not in text else ""
            path.write_text(head + textwrap.dedent(text), encoding="utf-8")
        importlib.invalidate_caches()
        return load(package)

    return make
