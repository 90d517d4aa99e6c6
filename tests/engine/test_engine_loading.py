"""A book is the law as it stood when it was read."""

from __future__ import annotations

import inspect
from pathlib import Path

from lawmaking import MakeLaw

from shebao.engine import Rulebook

RULE = (
    "x = fact(Yuan, 0, 10_000, label='额')\n@rule(cite='一', label='额')\ndef r(x) -> Yuan:\n    return to_fen(x * 2)\n"
)


def _file(book: Rulebook) -> Path:
    return Path(inspect.getfile(book.rule("r").variants[0].fn))


def test_a_file_changed_after_it_was_read_changes_nothing(make_law: MakeLaw) -> None:
    same, book = make_law(RULE), make_law(RULE)
    file = _file(book)
    file.write_text(file.read_text(encoding="utf-8").replace("x * 2", "x * 3"), encoding="utf-8")
    assert book.fingerprint == same.fingerprint
    assert book.rule("r").variants[0].formula == "to_fen(x * 2)"
    assert book.at("2025-01").explain("r", {"x": 5}).exact == 10


def test_a_file_that_is_gone_after_it_was_read_changes_nothing(make_law: MakeLaw) -> None:
    same, book = make_law(RULE), make_law(RULE)
    _file(book).unlink()
    assert book.fingerprint == same.fingerprint
    assert book.at("2025-01").explain("r", {"x": 5}).exact == 10


def test_the_fingerprint_tells_laws_apart(make_law: MakeLaw) -> None:
    assert make_law(RULE).fingerprint != make_law(RULE.replace("x * 2", "x * 3")).fingerprint
