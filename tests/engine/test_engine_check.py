"""``check`` holds the readings against each other: it finds a planted difference and passes a sound law."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from lawmaking import MakeLaw

from shebao.engine import Rulebook, ym
from shebao.engine.check import check
from shebao.engine.emit import Emitter
from shebao.engine.integers import ONE, Q, floordiv, number, q_add, quotient, rounded


def test_the_small_law_passes(tiny: Rulebook) -> None:
    report = check(tiny, people=80)
    assert report.differences == []
    assert report.ok
    assert report.people >= 80 * report.rules / 2
    assert report.computed > report.people / 10
    assert list(report.unstored) == ["extra.share"]
    assert [name.partition(" at ")[0] for name in report.unmet] == ["extra.share"]
    assert report.variants_met == report.variants - 1


def test_a_rounding_that_differs_is_found(tiny: Rulebook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shebao.engine.lower.rounded", lambda q, _, places: rounded(q, "truncate", places))
    report = check(tiny, rules=["scheme.basic"], people=100)
    assert not report.ok
    assert report.differences[0].startswith("scheme.basic at ")
    assert "explained ('ok', " in report.differences[0]


def test_a_rounding_that_differs_for_negative_amounts_only_is_found(
    tiny: Rulebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half up toward the greater number, as many a program rounds."""

    def upward(amount: Q, mode: str, places: int) -> Q:
        unit = Fraction(1, 10**places)
        n, d = quotient(q_add(Q(amount.coef / unit, amount.num, amount.den), number(Fraction(1, 2))))
        return Q(unit, floordiv(n, d), ONE)

    monkeypatch.setattr("shebao.engine.lower.rounded", upward)
    assert check(tiny, rules=["scheme.basic"], people=100).ok
    assert not check(tiny, rules=["scheme.net"], people=300).ok


@pytest.mark.parametrize("wrong", [1, -1])
def test_a_variant_off_by_a_month_is_found(tiny: Rulebook, monkeypatch: pytest.MonkeyPatch, wrong: int) -> None:
    right = Emitter.covers

    def covers(self: Any, rule: Any, variant: Any) -> str:
        text = right(self, rule, variant)
        return text.replace(str(ym(2014, 1)), str(ym(2014, 1) + wrong)).replace(
            str(ym(2013, 12)), str(ym(2013, 12) + wrong)
        )

    monkeypatch.setattr(Emitter, "covers", covers)
    assert not check(tiny, rules=["scheme.wage"], people=300).ok


def test_a_refusal_on_one_side_only_is_found(make_law: MakeLaw, monkeypatch: pytest.MonkeyPatch) -> None:
    book = make_law(
        "x = fact(Count, 0, 10, label='数')\n@rule(cite='一', label='规')\ndef r(x) -> Count:\n    return x\n"
    )
    assert check(book, people=200).ok
    monkeypatch.setattr("shebao.engine.emit.bounds", lambda node: (node.low + 1, node.high, node.scale))
    assert not check(book, people=400).ok


def test_the_same_seed_draws_the_same_people(tiny: Rulebook) -> None:
    first, second = (check(tiny, rules=["scheme.local"], people=60, seed=5) for _ in range(2))
    assert first == second


def test_progress_is_told(tiny: Rulebook) -> None:
    told: list[tuple[int, int]] = []
    check(tiny, rules=["scheme.ratio", "scheme.age"], people=10, progress=lambda done, all_: told.append((done, all_)))
    assert told == [(1, 2), (2, 2)]
