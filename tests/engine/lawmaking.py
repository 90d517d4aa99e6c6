"""The small law of the tests, and the type of the fixture that makes smaller ones."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from pathlib import Path

from shebao.engine import Rulebook, load

HERE = str(Path(__file__).parent)

MakeLaw = Callable[..., Rulebook]


@functools.cache
def tiny_book() -> Rulebook:
    """The law in ``tinylaw/``."""
    if HERE not in sys.path:
        sys.path.insert(0, HERE)
    return load("tinylaw")
