"""The database on the command line: what it may not do is told in a line."""

from __future__ import annotations

import psycopg
import pytest
from django.db import DatabaseError
from outcome import Shebao


def test_a_login_that_may_not_migrate_is_told_so(shebao: Shebao, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> None:
        raise DatabaseError from psycopg.errors.InsufficientPrivilege()

    monkeypatch.setattr("shebao.books.migrate", refused)
    told = shebao("db", "migrate")
    assert (told.code, told.err) == (2, "shebao: this login may not migrate: the tables are another's\n")
    assert shebao("db", "migrate", "--lang", "zh").err.startswith("shebao: 无权迁移，须用建库账号（")
