"""What all tests share: one rulebook, and how hard hypothesis looks.

`HYPOTHESIS_PROFILE` chooses: `default`, `ci` (the same examples every time), `deep` (before a release).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from shebao.engine import Rulebook

# No deadlines: the first example may compile, and machines differ.
settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("default"), derandomize=True, print_blob=True)
settings.register_profile("deep", settings.get_profile("default"), max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "default"))


@pytest.fixture(scope="session")
def book() -> Rulebook:
    """The rulebook of China."""
    from shebao.law import rulebook

    return rulebook()
